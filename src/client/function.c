/* client: functions, from the prototype to the call. */
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SEND_ATTEMPTS = 3 };

/* -- binding ------------------------------------------------------------------------------------------------------- */

void fc__function_free(struct fc_function *function) {
    fc__variants_free(function->variants);
    fc_declarations_free(function->declarations);
    free(function->text);
    fc__plan_free(function->plan);
    free(function);
}

/* The caller's function jumped out of one that the library called while the name was looked up. */
static void drop_new(void *function) {
    if (function != NULL) {
        fc__function_free(function);
    }
}

/* Looks the function up in the present host. */
static int resolve_locked(struct fc_function *function, bool is_new, struct fc__channel *channel,
                          struct fc__error *err) {
    const uint32_t generation = channel->generation;
    uint64_t address;
    char made[FC__PLAN_NAME_MAX];
    const char *name;
    int rc = FC_ELOAD;
    for (unsigned i = 0; rc == FC_ELOAD && (name = fc__plan_export(function->plan, i, made)) != NULL; i++) {
        rc = fc__session_request(channel, FC__WIRE_OP_SYMBOL, function->library->handle, name, &address, NULL, 0,
                                 drop_new, is_new ? function : NULL, err);
    }
    if (rc == FC_ELOAD) {
        return fc__explain_symbol(function->library, function->plan, err);
    }
    if (rc == FC_OK) {
        atomic_store_explicit(&function->address, address, memory_order_relaxed);
        atomic_store_explicit(&function->generation, generation, memory_order_release);
        atomic_store(&function->short_generation, generation);
        if (atomic_load(&function->is_until)) {
            atomic_store(&function->short_generation, 0);
        }
    }
    return rc;
}

static void end_lives(struct fc_function *function) {
    atomic_store(&function->is_until, true);
    atomic_store(&function->short_generation, 0);
}

/* What the declaration says of when lives end: functions that are bound already may end them, too. */
static void learn_untils_locked(struct fc_function *function, const struct fc__plan *plan) {
    struct fc_session *session = function->session;
    for (const struct fc__shape_until *until = plan->shapes->untils; until != NULL; until = until->next) {
        fc__book_until(&session->book, until->name); /* without memory, nothing more can be kept either */
        for (const struct fc_library *library = session->libraries; library != NULL; library = library->next) {
            for (struct fc_function *other = library->functions; other != NULL; other = other->next) {
                if (strcmp(other->plan->name, until->name) == 0) {
                    end_lives(other);
                }
            }
        }
    }
    if (fc__book_is_until(&session->book, function->plan->name)) {
        end_lives(function);
    }
}

static void adopt(struct fc_function *function) {
    struct fc_library *library = function->library;
    pthread_mutex_lock(&library->session->channels_lock);
    learn_untils_locked(function, function->plan);
    for (const struct fc__plan *row = function->plan->rows; row != NULL; row = row->next_row) {
        learn_untils_locked(function, row);
    }
    function->next = library->functions;
    library->functions = function;
    pthread_mutex_unlock(&library->session->channels_lock);
}

/* A new function becomes one of its library's if it is there. */
static int resolve(struct fc_function *function, bool is_new, struct fc__error *err) {
    struct fc_session *session = function->library->session;
    struct fc__channel *channel;
    int rc = FC_EDIED;
    fc__session_lock(session);
    for (int attempt = 0; rc == FC_EDIED && attempt < SEND_ATTEMPTS;
         attempt++) { /* to look something up twice does no harm */
        rc = fc__channel_enter_locked(session, &channel, err);
        if (rc != FC_OK) {
            break;
        }
        rc = resolve_locked(function, is_new, channel, err);
        fc__channel_leave(channel);
    }
    if (rc == FC_OK && is_new) {
        adopt(function);
    }
    fc__session_unlock(session);
    return rc;
}

int fc__function_resolve(struct fc_function *function, struct fc__error *err) {
    return resolve(function, false, err);
}

int fc__function_find(struct fc_function *function, struct fc_library *library, struct fc__error *err) {
    function->library = library;
    function->session = library->session;
    function->session_id = library->session->id;
    if (!function->session->is_direct) {
        return resolve(function, true, err);
    }
    int rc = fc__direct_resolve(function, err);
    if (rc == FC_OK) {
        adopt(function);
    }
    return rc;
}

int fc_bind(struct fc_library *library, const char *prototype, struct fc_function **ret_function) {
    struct fc__error *err = fc__error_here();
    if (library == NULL || prototype == NULL) {
        return fc__error_set(err, FC_EINVAL, "fc_bind needs a library and a prototype");
    }
    struct fc_function *function = calloc(1, sizeof *function);
    int rc = function != NULL ? fc__function_plan(function, library, prototype, err)
                              : fc__error_set(err, FC_ENOMEM, "out of memory");
    rc = rc == FC_OK ? fc__function_find(function, library, err) : rc;
    if (rc != FC_OK) {
        if (function != NULL) {
            fc__function_free(function);
        }
        return rc;
    }
    *ret_function = function;
    return FC_OK;
}

/* -- what marshalling needs of a session --------------------------------------------------------------------------- */

static int op_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    struct fc__marshal *marshal = context;
    return fc__channel_grow(marshal->owner, size, ret_memory, marshal->err);
}

/* What takes a lock or memory is not for signal handlers that interrupt a call. */
static int in_handler(const struct fc__marshal *marshal, const char *what) {
    return fc__error_set(marshal->err, FC_EBUSY,
                         "this thread is already in a call of this session (a signal handler?), and in that state %s "
                         "cannot be called: it %s",
                         marshal->plan->name, what);
}

bool fc__op_is_shared(void *context, uint64_t address, uint64_t size) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    return fc__window_contains(&channel->session->window, address, size);
}

int fc__op_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    if (channel->is_spare && fc__book_needs_lock(channel->session, pointer)) {
        return in_handler(marshal, "passes a pointer that needs a stand-in");
    }
    return fc__book_narrow(channel->session, pointer, ret_narrow, marshal->err);
}

int fc__op_widen(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    if (channel->is_spare && fc__book_is_token(channel->session, narrow)) {
        return in_handler(marshal, "receives a pointer's stand-in");
    }
    return fc__book_widen(channel->session, narrow, ret_pointer, marshal->err);
}

bool fc__op_is_dead(void *context, uint64_t pointer) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    return fc__callee_heap_is_dead(&channel->session->window, pointer);
}

bool fc__op_is_allocated(void *context, uint64_t pointer) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    return fc__callee_heap_holds(&channel->session->window, pointer);
}

/* What the library allocated is where it is, for as long as the library keeps it. The guard behind it ends what has
 * no end. */
static int string_in_place(const struct fc__marshal *marshal, uint64_t address, const char **ret_string) {
    const struct fc__channel *channel = marshal->owner;
    const struct fc__window *window = &channel->session->window;
    if (!fc__callee_heap_holds(window, address) && !fc__callee_heap_is_dead(window, address)) {
        return fc__error_set(marshal->err, FC_EPROTO,
                             "the host says that the result of %s lies in its heap, which it does not",
                             marshal->plan->name);
    }
    *ret_string = (const char *)(uintptr_t)address;
    return FC_OK;
}

static int died(struct fc__marshal *marshal, int rc) {
    struct fc__channel *channel = marshal->owner;
    return rc == FC_EDIED
               ? fc__remote_death_error(channel->session, channel, channel->generation, marshal, marshal->err)
               : rc;
}

/* Strings longer than the gather area are fetched with a second request. */
static int op_string(void *context, uint64_t address, uint64_t len, const char **ret_string) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    const char *text = (const char *)channel->line + FC__FRAME_GATHER_OFFSET;
    len = channel->session->callee->is_windows ? (uint32_t)len : len; /* above it is GetLastError */
    if (len == FC__FRAME_GATHER_IN_PLACE) {
        return string_in_place(marshal, address, ret_string);
    }
    if (len >= FC__FRAME_GATHER_BYTES) {
        unsigned char *memory = NULL;
        if (len > UINT32_MAX) {
            return fc__error_set(marshal->err, FC_EPROTO, "the host says that %s returned a string of %llu bytes",
                                 marshal->plan->name, (unsigned long long)len);
        }
        int rc = died(marshal, fc__channel_fetch(channel, address, len, &memory, marshal->err));
        if (rc != FC_OK) {
            return rc;
        }
        text = (const char *)memory;
    }
    return fc__book_string(&channel->session->book, address, text, len, ret_string, marshal->err);
}

static int op_text(void *context, uint64_t address, const char **ret_string) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    bool sent;
    if (fc__callee_heap_holds(&channel->session->window, address)) {
        *ret_string = (const char *)(uintptr_t)address;
        return FC_OK;
    }
    channel->line->value = address;
    int rc = died(marshal, fc__channel_transact(channel, FC__WIRE_OP_STRING, &sent, marshal->err));
    return rc == FC_OK ? op_string(context, address, channel->line->words[0], ret_string) : rc;
}

static int op_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    unsigned char *memory = NULL;
    int rc = died(marshal, fc__channel_fetch(channel, address, size, &memory, marshal->err));
    *ret_copy = memory;
    return rc;
}

static int op_hold(void *context, uint64_t address, uint64_t size, bool outlives, void **ret_memory) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    if (!outlives) {
        *ret_memory = fc__channel_private(channel, size);
        return *ret_memory != NULL
                   ? (memset(*ret_memory, 0, (size_t)size), FC_OK)
                   : fc__error_set(marshal->err, FC_ENOMEM, "out of memory for a call of %s", marshal->plan->name);
    }
    return fc__book_hold(&channel->session->book, address, size, ret_memory, marshal->err);
}

int fc__op_callback(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_callee) {
    struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    if (channel->is_spare) {
        return in_handler(marshal, "passes a function");
    }
    uint64_t outers[FC__OUTERS_MAX];
    for (uint32_t i = 0; i < callback->outers.count; i++) {
        outers[i] = marshal->slots[callback->outers.params[i]];
    }
    /* Only calls return, and say then what the library keeps. */
    const bool ends = marshal->ops == &fc__function_ops && (callback->is_once || callback->until != NULL);
    struct fc__function_key key = {function, callback, outers,
                                   !ends               ? FC__CLAIM_ALWAYS
                                   : callback->is_once ? FC__CLAIM_ONCE
                                                       : FC__CLAIM_UNTIL};
    uint32_t id = UINT32_MAX;
    int rc = fc__callbacks_address(marshal->owner, &key, ret_callee, &id, marshal->err);
    return rc == FC_OK && key.claim == FC__CLAIM_UNTIL && id != UINT32_MAX
               ? fc__lasting_claim(marshal, id, callback->until)
               : rc;
}

/* A function of the callee's own is one that can be called here; of a type that cannot be called from here it crosses
 * as an opaque pointer, good for giving it back. */
int fc__op_function(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_caller) {
    struct fc__marshal *marshal = context;
    const struct fc__plan *plan = marshal->plan;
    uint32_t narrow = 0;
    const struct fc__channel *channel = marshal->owner;
    if (channel->is_spare) {
        return in_handler(marshal, "is given a function");
    }
    if (fc__callbacks_function(marshal->owner, function, ret_caller)) {
        return FC_OK;
    }
    if (callback->is_callable) {
        return fc__callbacks_thunk(marshal->owner, callback, function, ret_caller, marshal->err);
    }
    *ret_caller = function;
    int rc = FC_OK;
    if (plan->caller->pointer_bytes > plan->callee->pointer_bytes) {
        rc = fc__op_widen(context, (uint32_t)function, ret_caller);
    } else if (plan->caller->pointer_bytes < plan->callee->pointer_bytes) {
        rc = fc__op_narrow(context, function, &narrow);
        *ret_caller = narrow;
    }
    return rc == FC_OK ? fc__callbacks_remember(marshal->owner, *ret_caller, function, marshal->err) : rc;
}

static int op_copy(void *context, uint64_t from, uint64_t to, uint64_t size) {
    struct fc__marshal *marshal = context;
    return died(marshal, fc__channel_copy(marshal->owner, from, to, size, marshal->err));
}

static int op_merge(void *context, uint64_t from, uint64_t before, uint64_t to, uint64_t size) {
    struct fc__marshal *marshal = context;
    return died(marshal, fc__channel_merge(marshal->owner, from, before, to, size, marshal->err));
}

const struct fc__marshal_ops fc__function_ops = {.stand_in = fc__op_stand_in,
                                                 .lasting = fc__op_lasting,
                                                 .pin = fc__op_pin,
                                                 .unpin = fc__op_unpin,
                                                 .keep = fc__op_keep,
                                                 .took = fc__op_took,
                                                 .copy = op_copy,
                                                 .merge = op_merge,
                                                 .grow = op_grow,
                                                 .path = fc__op_path,
                                                 .narrow_path = fc__op_narrow_path,
                                                 .is_shared = fc__op_is_shared,
                                                 .narrow = fc__op_narrow,
                                                 .widen = fc__op_widen,
                                                 .is_dead = fc__op_is_dead,
                                                 .is_allocated = fc__op_is_allocated,
                                                 .callback = fc__op_callback,
                                                 .function = fc__op_function,
                                                 .string = op_string,
                                                 .text = op_text,
                                                 .fetch = op_fetch,
                                                 .hold = op_hold};

/* -- calling ------------------------------------------------------------------------------------------------------- */

/* Where the call's data may lie: behind that of the calls that this one is nested in. */
static void choose_scratch(struct fc__channel *channel, struct fc__marshal *marshal) {
    unsigned char *const start = (unsigned char *)channel->line;
    const struct fc__plan *plan = marshal->plan;
    marshal->keeps_off_line =
        plan->takes_functions || atomic_load_explicit(&channel->session->callbacks.is_used, memory_order_relaxed);
    /* What the callee may write to keeps off the first line, where the caller watches the turn. */
    uint32_t offset = FC__FRAME_WORDS_OFFSET + plan->words_bytes;
    offset = offset < FC__WIRE_LINE_BYTES ? FC__WIRE_LINE_BYTES : (offset + 15) & ~15u;
    offset = plan->result_string || plan->asks || marshal->keeps_off_line ? FC__CHANNEL_SCRATCH_OFFSET : offset;
    marshal->scratch = channel->mark != NULL && channel->mark > start + offset ? channel->mark : start + offset;
    marshal->scratch_end = start + FC__WIRE_MARKS_OFFSET;
}

/* By words, if there are few: see fc__payload_send_text. */
static inline void put_words(struct fc_wire_line *line, const struct fc__wire_waiter *waiter,
                             const unsigned char *image, uint32_t bytes) {
    enum { FEW_BYTES = 256 };
    if (bytes > FEW_BYTES) {
        memcpy(line->words, image, bytes);
        return;
    }
    volatile uint64_t *const words = (uint64_t *)(void *)((char *)line + FC__FRAME_WORDS_OFFSET); /* and on */
    for (uint32_t i = 0; i < bytes; i += sizeof *words) { /* the image has room for a whole last one */
        uint64_t word;
        memcpy(&word, image + i, sizeof word);
        words[i / sizeof word] = word;
    }
    fc__wire_release_more(line, waiter, FC__FRAME_WORDS_OFFSET + bytes);
}

static int send(struct fc_function *function, struct fc__channel *channel, struct fc__marshal *marshal, bool *ret_sent,
                struct fc__answer *ret_answer, int *ret_errno) {
    struct fc_wire_line *line = channel->line;
    int rc = fc__marshal_send(marshal);
    if (rc != FC_OK) {
        return rc;
    }
    channel->crossing->marshal = marshal;
    channel->mark = marshal->scratch;
    channel->is_exposed = !marshal->keeps_off_line;
    line->info = marshal->plan->info | (channel->is_exposed ? FC__FRAME_HAS_DATA : 0);
    line->value = atomic_load_explicit(&function->address, memory_order_relaxed);
    put_words(line, &channel->waiter, marshal->image, marshal->image_bytes);
    rc = fc__channel_transact(channel, FC__WIRE_OP_CALL, ret_sent, marshal->err);
    if (rc == FC_OK) {
        ret_answer->value = line->value;
        ret_answer->second = line->words[0];
        if (__builtin_expect(FC__FRAME_RESULT(marshal->plan->info) == FC__FRAME_RESULT_X87_PAIR, 0)) {
            memcpy(ret_answer->others, &line->words[1], sizeof ret_answer->others);
        }
        *ret_errno = fc__channel_errno(channel, (int)line->info, false);
    }
    return rc;
}

/* Fills the channel, crosses, and takes what came back. *ret_sent false: the host was found dead before anything
 * reached it. */
static int cross(struct fc_function *function, struct fc__channel *channel, struct fc__marshal *marshal, bool *ret_sent,
                 void *ret_result, int *ret_errno) {
    struct fc__crossing crossing;
    struct fc__answer answer;
    const uint32_t generation = channel->generation;
    *ret_sent = true;
    marshal->owner = channel;
    marshal->objects = &channel->objects;
    marshal->context = marshal;
    marshal->line = (uintptr_t)channel->line;
    if (__builtin_expect(channel->is_spare, 0) && (marshal->plan->result_string || marshal->plan->is_deep)) {
        return in_handler(marshal, "returns a string, or takes or returns structs");
    }
    const bool is_until = atomic_load_explicit(&function->is_until, memory_order_relaxed);
    if (__builtin_expect(channel->is_spare && is_until, 0)) {
        return in_handler(marshal, "ends the life of what the library keeps");
    }
    fc__channel_cross_begin(channel, &crossing);
    choose_scratch(channel, marshal);
    int rc = __builtin_expect(marshal->passed != NULL, 0) ? fc__variadic_end_texts(marshal->passed, channel) : FC_OK;
    if (__builtin_expect(rc != FC_OK, 0)) {
        fc__channel_cross_end(channel);
        return rc;
    }
    rc = send(function, channel, marshal, ret_sent, &answer, ret_errno);
    if (rc == FC_OK) {
        struct fc__error *const err = marshal->err;
        const int failure = fc__channel_upcall_failure(channel, err);
        marshal->err = failure != FC_OK ? &marshal->later : err;
        rc = fc__marshal_receive(marshal, &answer, failure == FC_OK ? ret_result : NULL);
        if (__builtin_expect(is_until, 0)) { /* what this very call has kept is not over */
            int ended = fc__lasting_end(marshal);
            rc = rc == FC_OK ? ended : rc;
        }
        if (__builtin_expect(marshal->kept != NULL, 0)) {
            fc__lasting_settle(marshal, !marshal->has_failed, rc == FC_OK && failure == FC_OK ? ret_result : NULL);
        }
        if (__builtin_expect(atomic_load_explicit(&channel->session->book.written_count, memory_order_relaxed) != 0,
                             0)) {
            int brought = fc__lasting_bring_back(marshal);
            rc = rc == FC_OK ? brought : rc;
        }
        marshal->err = err;
        rc = failure != FC_OK ? failure : rc;
        if (__builtin_expect(channel->session->callee->is_windows, 0)) {
            channel->line->words[0] = answer.second; /* GetLastError: what was asked after the call lay over it */
        }
    } else {
        if (__builtin_expect(marshal->kept != NULL, 0)) {
            fc__lasting_settle(marshal, false, NULL);
        }
        if (rc == FC_EDIED) {
            rc = fc__remote_death_error(channel->session, channel, generation, marshal, marshal->err);
        }
    }
    fc__channel_cross_end(channel);
    return rc;
}

/* The same of a call that passes or returns descriptors. */
static __attribute__((noinline)) int cross_with_descriptors(struct fc_function *function, struct fc__channel *channel,
                                                            struct fc__marshal *marshal, bool *ret_sent,
                                                            void *ret_result, int *ret_errno) {
    const struct fc__plan *plan = marshal->plan;
    const bool returns = plan->result_descriptor != FC__DESCRIPTOR_NONE;
    struct fc__descriptors lent;
    uint64_t result = 0;
    *ret_sent = true;
    if (channel->is_spare) {
        return in_handler(marshal, "passes or returns a descriptor");
    }
    marshal->is_answered = marshal->has_failed = false;
    int rc = fc__descriptors_send(channel, marshal, function->library->handle, &lent);
    if (rc == FC_OK) {
        rc = cross(function, channel, marshal, ret_sent, returns ? &result : ret_result, ret_errno);
    } else if (rc == FC_EDIED) {
        *ret_sent = false;
        rc = fc__remote_death_error(channel->session, channel, channel->generation, marshal, marshal->err);
    }
    if (rc == FC_OK && returns) {
        rc = fc__descriptors_result(channel, marshal, &lent, &result);
    }
    if (rc == FC_OK && returns && ret_result != NULL) {
        fc__marshal_store(ret_result, result, plan->result.caller_bytes);
    }
    fc__descriptors_end(channel, marshal, &lent, marshal->is_answered && !marshal->has_failed);
    return rc;
}

int fc__function_call(struct fc_function *function, struct fc__marshal *marshal, void *ret_result) {
    struct fc_session *session = function->session;
    if (session->is_direct) {
        return fc__direct_call(function, marshal, ret_result);
    }
    const int errno_before = errno;
    int library_errno = 0;
    int rc = FC_EDIED;
    bool is_called = false;
    for (int attempt = 0; attempt < SEND_ATTEMPTS; attempt++) {
        struct fc__channel *channel;
        bool sent;
        rc = fc__channel_enter(session, &channel, marshal->err);
        if (rc != FC_OK) {
            break;
        }
        if (__builtin_expect(atomic_load_explicit(&function->generation, memory_order_acquire) != channel->generation,
                             0)) {
            const bool is_spare = channel->is_spare;
            fc__channel_leave(channel);
            if (function->library == NULL) { /* a function pointer, which means nothing to another host */
                rc = fc__error_set(marshal->err, FC_EDIED, "a function pointer is that of a host which is gone");
                break;
            }
            if (is_spare) {
                rc = in_handler(marshal, "was not called in the present host before");
                break;
            }
            rc = resolve(function, false, marshal->err);
            if (rc != FC_OK) {
                break;
            }
            is_called = false;
            continue;
        }
        is_called = true;
        const bool has_descriptors =
            marshal->plan->descriptors != 0 || marshal->plan->result_descriptor != FC__DESCRIPTOR_NONE;
        rc = __builtin_expect(has_descriptors, 0)
                 ? cross_with_descriptors(function, channel, marshal, &sent, ret_result, &library_errno)
                 : cross(function, channel, marshal, &sent, ret_result, &library_errno);
        const bool again = rc == FC_EDIED && !sent;
        fc__channel_leave(channel);
        if (!again) {
            break;
        }
    }
    if (rc == FC_OK && !is_called) { /* it was only looked up, again and again */
        rc = fc__error_set(
            marshal->err, FC_EDIED,
            "the host (%s) died each time before `%s` could be called. The next call starts a fresh host.",
            session->callee->name, function->plan->name);
    }
    errno = library_errno != 0 ? library_errno : errno_before;
    return rc;
}

void fc__failing_store(const struct fc__failing *failing, void *ret_result) {
    if (failing->is_said) {
        if (ret_result != NULL) {
            memset(ret_result, 0, (size_t)failing->bytes);
            memcpy(ret_result, &failing->value, failing->bytes <= 8 ? (size_t)failing->bytes : 0);
        }
        errno = EIO;
    }
}
