/* client: upcalls as they come over a channel: the caller's function runs, and its answer goes back. */
#include "client/client.h"

#include "abi/upcall.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* How long a jump out of an upcall waits for the host's thread to follow. */
#define UNWIND_LIMIT_NS UINT64_C(10000000000)

/* What an upcall runs in; the marshal is its context. */
struct upcall {
    struct fc__upcall abi;
    uint32_t generation;
    uint64_t entered_ns;
    int errno_before, error; /* the caller's own; the library's, and then as the function left it */
    const void *entry;
    struct fc__returned *returned; /* memory for what it returned or gave; NULL: to be begun */
    uint64_t given;                /* that */
    bool is_given;
};
_Static_assert(offsetof(struct upcall, abi.marshal) == 0, "the context is the whole");

/* The host that made the upcall is there no more, or is that of the process that this one was forked from (where no
 * channel has a host at first, and its next one another number): nothing can be asked of it, nor answered. */
static bool is_over(const struct fc__marshal *marshal) {
    const struct upcall *upcall = (const struct upcall *)(const void *)marshal;
    const struct fc__channel *channel = marshal->owner;
    return channel->generation != upcall->generation;
}

/* Only its thread writes it: no need for a locked instruction. */
static inline uint32_t depth_of(const struct fc__channel *channel) {
    return atomic_load_explicit(&channel->depth, memory_order_relaxed);
}

static inline void set_depth(struct fc__channel *channel, uint32_t depth) {
    atomic_store_explicit(&channel->depth, depth, memory_order_release);
}

/* Around the caller's function, which finds errno as the library has it; returns what `leave` wants. */
static inline uint64_t enter(struct fc__channel *channel, int error, int *ret_errno_before) {
    const uint64_t entered_ns = channel->limit_ns != 0 ? fc__os_now_ns() : 0;
    /* First, so that the session is not taken for idle in between. */
    set_depth(channel, depth_of(channel) + 1);
    atomic_store_explicit(&channel->is_busy, false, memory_order_release); /* the function may call */
    *ret_errno_before = errno;
    errno = fc__channel_errno(channel, error, false);
    return entered_ns;
}

/* Returns errno as the function left it. */
static inline int leave(struct fc__channel *channel, uint64_t entered_ns, int errno_before) {
    const int error = fc__channel_errno(channel, errno, true);
    errno = errno_before;
    atomic_store_explicit(&channel->is_busy, true, memory_order_release);
    set_depth(channel, depth_of(channel) - 1);
    if (__builtin_expect(entered_ns != 0, 0)) {
        channel->in_functions_ns = fc__os_now_ns() - entered_ns;
    }
    return error;
}

static void op_enter(void *context) {
    struct upcall *upcall = context;
    upcall->entered_ns = enter(upcall->abi.marshal.owner, upcall->error, &upcall->errno_before);
}

static int op_leave(void *context) {
    struct upcall *upcall = context;
    upcall->error = leave(upcall->abi.marshal.owner, upcall->entered_ns, upcall->errno_before);
    return is_over(&upcall->abi.marshal) ? FC_EDIED : FC_OK;
}

static int copy(struct fc__marshal *marshal, uint64_t from, uint64_t to, uint64_t size) {
    return is_over(marshal) ? FC_EDIED : fc__channel_copy(marshal->owner, from, to, size, marshal->err);
}

static int op_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    struct fc__marshal *marshal = context;
    unsigned char *memory = NULL;
    int rc = is_over(marshal) ? FC_EDIED : fc__channel_fetch(marshal->owner, address, size, &memory, marshal->err);
    *ret_copy = memory;
    return rc;
}

static int op_give_back(void *context, uint64_t address, uint64_t size, void *memory) {
    return copy(context, (uintptr_t)memory, address, size);
}

static int op_merge(void *context, uint64_t from, uint64_t before, uint64_t to, uint64_t size) {
    struct fc__marshal *marshal = context;
    return is_over(marshal) ? FC_EDIED : fc__channel_merge(marshal->owner, from, before, to, size, marshal->err);
}

static bool op_lend(void *context, uint64_t size, unsigned char **ret_memory) {
    struct fc__marshal *marshal = context;
    return !is_over(marshal) && fc__channel_scratch(marshal->owner, size, ret_memory, &marshal->later) == FC_OK;
}

/* The function reads a copy that the host cannot change: it believes the NUL. */
static int op_text(void *context, uint64_t address, const char **ret_copy) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    const char *shared = (const char *)channel->line + FC__FRAME_GATHER_OFFSET;
    bool sent;
    if (fc__callee_heap_holds(&channel->session->window, address)) {
        *ret_copy = (const char *)(uintptr_t)address;
        return FC_OK;
    }
    channel->line->value = address;
    int rc = fc__channel_transact(channel, FC__WIRE_OP_STRING, &sent, marshal->err);
    const uint64_t len = channel->line->words[0];
    if (rc != FC_OK) {
        return rc;
    }
    if (len >= UINT32_MAX) {
        return fc__error_set(marshal->err, FC_EPROTO, "the host says that a string of %s is %" PRIu64 " bytes long",
                             marshal->plan->name, len);
    }
    if (len >= FC__FRAME_GATHER_BYTES) {
        void *memory = NULL;
        rc = op_fetch(marshal, address, len, &memory);
        shared = memory;
    }
    if (rc != FC_OK) {
        return rc;
    }
    char *text = fc__texts_take(&channel->texts, len + 1, !channel->is_spare);
    if (text == NULL) {
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory for a string of %" PRIu64 " bytes", len);
    }
    memcpy(text, shared, (size_t)len);
    text[len] = '\0';
    *ret_copy = text;
    return FC_OK;
}

static int op_narrow_path(void *context, enum fc__side to, char *inout_path, size_t size, bool *ret_has_form) {
    return is_over(context) ? FC_EDIED : fc__op_narrow_path(context, to, inout_path, size, ret_has_form);
}

static int op_hold(void *context, uint64_t address, uint64_t size, bool outlives, void **ret_memory) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    if (outlives) {
        return fc__book_hold(&channel->session->book, address, size, ret_memory, marshal->err);
    }
    /* The end of one must not be the beginning of another, nor two empty ones one: pointers to them go back. */
    *ret_memory = size < UINT64_MAX ? fc__texts_take(&channel->texts, size + 1, !channel->is_spare) : NULL;
    if (*ret_memory == NULL) {
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory for what a function of the caller is given");
    }
    memset(*ret_memory, 0, (size_t)size);
    return FC_OK;
}

static void op_give(void *context, uint64_t here, bool is_given) {
    struct upcall *upcall = context;
    upcall->given = here;
    upcall->is_given = is_given;
    if (!fc__returned_is_outside(upcall->abi.marshal.owner)) {
        upcall->returned = NULL;
    }
}

/* For what the function returned. */
static int op_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    struct upcall *upcall = context;
    struct fc__marshal *marshal = &upcall->abi.marshal;
    struct fc__channel *channel = marshal->owner;
    if (channel->is_spare) {
        return fc__error_set(marshal->err, FC_EBUSY,
                             "this thread is already in a call of this session (a signal handler?), and in that state "
                             "functions cannot return pointers to what the library does not have");
    }
    if (upcall->returned == NULL) {
        upcall->returned = fc__returned_begin(channel, upcall->entry, upcall->given, upcall->is_given);
    }
    unsigned char *memory = upcall->returned != NULL ? fc__returned_take(upcall->returned, size) : NULL;
    if (memory == NULL) {
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory for what a function of the caller returned");
    }
    *ret_memory = memory;
    return FC_OK;
}

static const struct fc__marshal_ops marshal_ops = {.grow = op_grow,
                                                   .give = op_give,
                                                   .stand_in = fc__op_stand_in,
                                                   .lasting = fc__op_lasting,
                                                   .pin = fc__op_pin,
                                                   .unpin = fc__op_unpin,
                                                   .took = fc__op_took,
                                                   .let_go = fc__op_let_go,
                                                   .path = fc__op_path,
                                                   .narrow_path = op_narrow_path,
                                                   .is_shared = fc__op_is_shared,
                                                   .narrow = fc__op_narrow,
                                                   .widen = fc__op_widen,
                                                   .is_dead = fc__op_is_dead,
                                                   .is_allocated = fc__op_is_allocated,
                                                   .callback = fc__op_callback,
                                                   .function = fc__op_function,
                                                   .text = op_text,
                                                   .fetch = op_fetch,
                                                   .give_back = op_give_back,
                                                   .merge = op_merge,
                                                   .lend = op_lend,
                                                   .hold = op_hold};
static const struct fc__upcall_ops upcall_ops = {.enter = op_enter, .leave = op_leave};

static int run(struct fc__channel *channel, const struct fc__callback_entry *entry, struct fc__answer *ret_answer,
               int *ret_errno) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8];
    struct fc__error err;
    struct upcall upcall; /* not cleared: large, and written as it is used */
    memcpy(words, channel->line->words, entry->callback->there->words_bytes);
    upcall.generation = channel->generation;
    upcall.error = (int)channel->line->info;
    upcall.entry = entry;
    upcall.returned = NULL;
    upcall.abi.ops = &upcall_ops;
    upcall.abi.callback = entry->callback;
    upcall.abi.function = entry->function;
    upcall.abi.marshal.ops = &marshal_ops;
    upcall.abi.marshal.outers = entry->outers;
    upcall.abi.marshal.err = &err;
    upcall.abi.marshal.owner = channel;
    upcall.abi.marshal.objects = &channel->objects;
    upcall.abi.marshal.context = &upcall;
    int rc = fc__upcall_run(&upcall.abi, words, ret_answer);
    *ret_errno = upcall.error;
    if (is_over(&upcall.abi.marshal)) {
        return FC_EDIED;
    }
    if (rc != FC_OK && rc != FC_EDIED && channel->upcall_failure == FC_OK) {
        channel->upcall_failure = rc;
        channel->failure_depth = channel->depth; /* the call that this upcall belongs to */
        snprintf(channel->upcall_text, sizeof channel->upcall_text, "%s", err.text);
    }
    return rc == FC_EDIED ? rc : FC_OK;
}

/* A call that was sent before the session had callbacks may have data where the next ones write. */
static __attribute__((noinline)) int run_exposed(struct fc__channel *channel, const struct fc__callback_entry *entry,
                                                 struct fc__answer *ret_answer, int *ret_errno) {
    unsigned char kept[FC__CHANNEL_SCRATCH_OFFSET - FC__FRAME_WORDS_OFFSET];
    memcpy(kept, channel->line->words, sizeof kept);
    int rc = run(channel, entry, ret_answer, ret_errno);
    channel->is_exposed = true;
    if (rc == FC_OK) {
        memcpy(channel->line->words, kept, sizeof kept);
    }
    return rc;
}

static bool light_is_shared(const void *context, uint64_t address, uint64_t size) {
    const struct fc__channel *channel = context;
    return fc__window_contains(&channel->session->window, address, size);
}

/* A pointer that stands for no other, and does not lie in the top page: nothing of it changes. */
static bool light_is_itself(const void *context, uint64_t pointer) {
    const struct fc__channel *channel = context;
    const struct fc__window *window = &channel->session->window;
    return pointer < UINT32_C(0xfffff000) && pointer - window->token_base >= window->token_bytes;
}

/* Nothing but bytes: straight from the line, and back. FC__HEAVY if it takes more. */
enum { FC__HEAVY = 1 };
static inline int run_light(struct fc__channel *channel, const struct fc__callback_entry *entry) {
    const struct fc__callback *callback = entry->callback;
    const struct fc__range *first = &channel->session->window.ranges[0]; /* which stays as long as the session */
    const uint64_t base = atomic_load_explicit(&first->base, memory_order_relaxed);
    const struct fc__light_sight sight = {.base = base,
                                          .bytes = atomic_load_explicit(&first->end, memory_order_relaxed) - base,
                                          .is_shared = light_is_shared,
                                          .is_itself = light_is_itself,
                                          .context = channel};
    const uint32_t generation = channel->generation;
    struct fc_wire_line *const line = channel->line;
    struct fc__light_frame frame; /* not cleared: only what is written is read */
    uint64_t results[FC__FRAME_RESULTS];
    if (!fc__upcall_light(callback, (const unsigned char *)line->words, &frame, sight)) {
        return FC__HEAVY;
    }
    const uint64_t function = atomic_load_explicit(&entry->function, memory_order_relaxed);
    memcpy(frame.bytes + FC__FRAME_TARGET_OFFSET, &function, sizeof function);
    int errno_before;
    const uint64_t entered_ns = enter(channel, (int)line->info, &errno_before);
    fc__frame_invoke(frame.bytes, callback->here.info, results);
    const int error = leave(channel, entered_ns, errno_before);
    if (__builtin_expect(channel->generation != generation, 0)) {
        return FC_EDIED;
    }
    const struct fc__value *type = &callback->there->result;
    line->info = (uint32_t)error;
    line->value = type->kind != FC__VALUE_VOID ? fc__value_extend(results[0], type->caller_bytes, type->is_signed) : 0;
    line->words[0] = 0;
    return FC_OK;
}

static __attribute__((noinline)) int run_heavy(struct fc__channel *channel, const struct fc__callback_entry *entry) {
    struct fc__answer answer;
    int error = 0;
    const int errno_before = errno;
    struct fc__scratch_mark mark = fc__channel_mark(channel);
    int rc = channel->is_exposed ? run_exposed(channel, entry, &answer, &error) : run(channel, entry, &answer, &error);
    fc__channel_release(channel, &mark);
    errno = errno_before; /* memory and functions were looked for, perhaps */
    if (rc == FC_OK) {
        channel->line->value = answer.value;
        channel->line->words[0] = answer.second;
        memcpy(&channel->line->words[1], answer.others, sizeof answer.others);
        channel->line->info = (uint32_t)error;
    }
    return rc;
}

static inline int run_entry(struct fc__channel *channel, const struct fc__callback_entry *entry) {
    /* What outlives calls stands for something else on this side. */
    const bool has_lasting = atomic_load_explicit(&channel->session->book.lasting_count, memory_order_relaxed) != 0;
    const bool is_light = entry->callback->lights != NULL && !channel->is_exposed && !has_lasting;
    const int rc = __builtin_expect(is_light, 1) ? run_light(channel, entry) : FC__HEAVY;
    return __builtin_expect(rc == FC__HEAVY, 0) ? run_heavy(channel, entry) : rc;
}

/* Words of the library for the log. In a signal handler there is none. */
static __attribute__((noinline)) int take_words(struct fc__channel *channel) {
    const int errno_before = errno;
    char piece[FC__FRAME_LINE_BYTES + 1];
    memcpy(piece, channel->line->words, FC__FRAME_LINE_BYTES);
    piece[FC__FRAME_LINE_BYTES] = '\0';
    const size_t len = strlen(piece), room = sizeof channel->said - 1 - channel->said_len;
    memcpy(channel->said + channel->said_len, piece, len < room ? len : room);
    channel->said_len += len < room ? len : room;
    if (len < FC__FRAME_LINE_BYTES) {
        while (channel->said_len > 0 && strchr("\r\n", channel->said[channel->said_len - 1]) != NULL) {
            channel->said_len--;
        }
        channel->said[channel->said_len] = '\0';
        channel->said_len = 0;
        if (!channel->is_spare) {
            fc__session_log(channel->session, "a library says: %s", channel->said);
        }
    }
    errno = errno_before;
    return FC_OK;
}

/* The upcalls of a call: how its channel is before and after each; and whose the last one was. */
struct upcalls_in_progress {
    struct fc__channel *channel;
    uint32_t generation, depth;
    struct fc__scratch_mark mark;
    uint64_t id;
    const struct fc__callback_entry *entry; /* NULL: of none yet */
};

static inline int run_and_answer(struct upcalls_in_progress *upcalls) {
    struct fc__channel *channel = upcalls->channel;
    const uint64_t id = channel->line->value;
    if (__builtin_expect(upcalls->entry == NULL || id != upcalls->id ||
                             !fc__callback_is_live(upcalls->entry, channel->generation),
                         0)) {
        upcalls->id = id;
        upcalls->entry = fc__callbacks_find(channel, id);
    }
    const struct fc__callback_entry *entry = upcalls->entry;
    if (__builtin_expect(entry == NULL, 0)) {
        return id == FC__WIRE_UPCALL_LOG ? take_words(channel) : FC_EPROTO;
    }
    int rc = run_entry(channel, entry);
    if (__builtin_expect(atomic_load_explicit(&entry->once, memory_order_relaxed) != 0, 0) && !channel->is_spare) {
        fc__callbacks_let_go(channel->session, (uint32_t)id, true);
    }
    return rc;
}

/* -- the way there and back ---------------------------------------------------------------------------------------- */

void fc__channel_forget_failure(struct fc__channel *channel) {
    if (channel->failure_depth >= channel->depth) {
        channel->upcall_failure = FC_OK;
    }
}

/* The caller's function jumped out of the upcall, over the call that it came from, or ended its thread: so does the
 * host's thread. */
static void leave_call(void *data) {
    const struct upcalls_in_progress *upcalls = data;
    struct fc__channel *channel = upcalls->channel;
    if (depth_of(channel) == upcalls->depth) { /* in none of them */
        return;
    }
    atomic_store_explicit(&channel->is_busy, true, memory_order_release);
    set_depth(channel, upcalls->depth);
    fc__channel_release(channel, &upcalls->mark);
    if (channel->crossing != NULL && channel->crossing->depth == upcalls->depth) {
        fc__channel_cross_end(channel);
    }
    fc__channel_forget_failure(channel);
    if (channel->generation == upcalls->generation &&
        fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_UNWIND) &&
        FC__WIRE_OP(fc__wire_wait(channel->line, 0, &channel->waiter, fc__os_now_ns() + UNWIND_LIMIT_NS)) !=
            FC__WIRE_OP_DONE) {
        fc__channel_lose_host(channel, "it was ended because a function of the caller left it by a jump or ended its "
                                       "thread, where the library's code cannot be left");
    }
    fc__channel_leave(channel);
}

FC__OS_ESCAPES int fc__channel_serve_upcalls(struct fc__channel *channel, uint64_t *inout_deadline_ns,
                                             uint32_t *ret_turn) {
    struct upcalls_in_progress upcalls = {.channel = channel,
                                          .generation = channel->generation,
                                          .depth = depth_of(channel),
                                          .mark = fc__channel_mark(channel)};
    struct fc__os_escape escape;
    enum fc__wire_awaited awaited = FC__WIRE_AWAITED_REST;
    int rc;
    fc__os_escape_push(&escape, leave_call, &upcalls);
    do {
        rc = run_and_answer(&upcalls);
        if (rc == FC_OK && !fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_RETURN)) {
            rc = FC_EDIED;
        }
        if (rc != FC_OK || ret_turn == NULL) {
            break;
        }
        if (*inout_deadline_ns != 0) {
            *inout_deadline_ns += channel->in_functions_ns;
        }
        *ret_turn = fc__wire_wait_for(channel->line, 0, &channel->waiter, *inout_deadline_ns, awaited);
        awaited = FC__WIRE_AWAITED_MORE;
    } while (fc__channel_is_upcall(*ret_turn) && (*inout_deadline_ns == 0 || fc__os_now_ns() < *inout_deadline_ns));
    fc__os_escape_pop(&escape);
    return rc;
}

int fc__channel_upcall_failure(struct fc__channel *channel, struct fc__error *err) {
    const int failure = channel->upcall_failure;
    if (failure == FC_OK || channel->failure_depth != channel->depth) {
        return FC_OK;
    }
    channel->upcall_failure = FC_OK;
    return fc__error_set(err, failure, "in an upcall: %s", channel->upcall_text);
}

void fc__channel_log_upcall_failure(struct fc__channel *channel) {
    if (channel->upcall_failure != FC_OK && channel->failure_depth == channel->depth) {
        channel->upcall_failure = FC_OK;
        fc__session_log(channel->session, "in an upcall: %s", channel->upcall_text);
    }
}
