/* client: the long way of an upcall: what it brings is marshalled, and so is what goes back. */
#include "client/upcall.h"

#include "abi/upcall.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

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
    struct gathered { /* what came with the frame, copied out of the line once */
        uint64_t address;
        uint32_t at, bytes; /* 0 bytes: nothing did */
        bool is_text;
    } gathered[FC__GATHERS_MAX];
    unsigned char bytes[FC__FRAME_GATHERED_BYTES];
};
_Static_assert(offsetof(struct upcall, abi.marshal) == 0, "the context is the whole");

/* The host that made the upcall is there no more, or is that of the process that this one was forked from (where no
 * channel has a host at first, and its next one another number): nothing can be asked of it, nor answered. */
static bool is_over(const struct fc__marshal *marshal) {
    const struct upcall *upcall = (const struct upcall *)(const void *)marshal;
    const struct fc__channel *channel = marshal->owner;
    return channel->generation != upcall->generation;
}

static void op_enter(void *context) {
    struct upcall *upcall = context;
    upcall->entered_ns = fc__upcall_enter(upcall->abi.marshal.owner, upcall->error, &upcall->errno_before);
}

static int op_leave(void *context) {
    struct upcall *upcall = context;
    upcall->error = fc__upcall_leave(upcall->abi.marshal.owner, upcall->entered_ns, upcall->errno_before);
    return is_over(&upcall->abi.marshal) ? FC_EDIED : FC_OK;
}

static int copy(struct fc__marshal *marshal, uint64_t from, uint64_t to, uint64_t size) {
    return is_over(marshal) ? FC_EDIED : fc__channel_copy(marshal->owner, from, to, size, marshal->err);
}

static const struct gathered *find_gathered(const struct upcall *upcall, uint64_t address, uint64_t size,
                                            bool is_text) {
    for (uint32_t i = 0; i < FC__GATHERS_MAX; i++) {
        const struct gathered *gathered = &upcall->gathered[i];
        const uint64_t offset = address - gathered->address;
        if (gathered->bytes != 0 && offset < gathered->bytes && size <= gathered->bytes - offset &&
            (gathered->is_text || !is_text)) {
            return gathered;
        }
    }
    return NULL;
}

static int op_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    struct fc__marshal *marshal = context;
    const struct upcall *upcall = context;
    unsigned char *memory = NULL;
    const struct gathered *gathered = find_gathered(upcall, address, size, false);
    int rc = is_over(marshal)   ? FC_EDIED
             : gathered != NULL ? fc__channel_scratch(marshal->owner, size, &memory, marshal->err)
                                : fc__channel_fetch(marshal->owner, address, size, &memory, marshal->err);
    if (rc == FC_OK && gathered != NULL) {
        memcpy(memory, upcall->bytes + gathered->at + (address - gathered->address), (size_t)size);
    }
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
    const struct upcall *upcall = context;
    const struct gathered *gathered = find_gathered(upcall, address, 1, true);
    if (gathered != NULL) {
        *ret_copy = (const char *)upcall->bytes + gathered->at + (address - gathered->address);
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

static bool op_own(void *context, const struct fc__object *object, struct fc__own *ret_own) {
    const struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    for (const struct fc__crossing *crossing = channel->crossing; crossing != NULL; crossing = crossing->outer) {
        if (crossing->marshal != NULL && fc__own_place(crossing->marshal, object, ret_own)) {
            return true;
        }
    }
    return false;
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
                                                   .own = op_own,
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

static void copy_gathered(struct upcall *upcall, struct fc__channel *channel, const struct fc__callback_entry *entry,
                          uint32_t which, const unsigned char *words) {
    const unsigned pointer_bytes = entry->callback->there->callee->pointer_bytes;
    uint32_t at = 0;
    for (uint32_t i = 0; i < FC__GATHERS_MAX; i++) {
        const struct fc__gather *gather = &entry->gathered.gathers.each[i];
        struct gathered *gathered = &upcall->gathered[i];
        const unsigned char *from = fc__upcall_gathered(channel, entry, which, i, &gathered->bytes);
        gathered->bytes = from != NULL && gathered->bytes <= sizeof upcall->bytes - at ? gathered->bytes : 0;
        if (gathered->bytes != 0) {
            gathered->address = fc__value_load(words + gather->offset, pointer_bytes, false);
            gathered->is_text = gather->size_bytes == FC__GATHER_TEXT;
            gathered->at = at;
            memcpy(upcall->bytes + at, from, gathered->bytes);
            if (gathered->is_text) { /* which the host may have changed meanwhile */
                upcall->bytes[at + gathered->bytes - 1] = '\0';
            }
            at += gathered->bytes;
        }
    }
}

static int run(struct fc__channel *channel, const struct fc__callback_entry *entry, uint32_t which,
               struct fc__answer *ret_answer, int *ret_errno) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8];
    struct fc__error err;
    struct upcall upcall; /* not cleared: large, and written as it is used */
    upcall.abi.function = atomic_load_explicit(&entry->function, memory_order_relaxed);
    if (__builtin_expect(upcall.abi.function == 0, 0)) { /* let go meanwhile, in another thread */
        return FC_EPROTO;
    }
    memcpy(words, channel->line->words, entry->callback->there->words_bytes);
    copy_gathered(&upcall, channel, entry, which, words);
    upcall.generation = channel->generation;
    upcall.error = (int)channel->line->info;
    upcall.entry = entry;
    upcall.returned = NULL;
    upcall.abi.ops = &upcall_ops;
    upcall.abi.callback = entry->callback;
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
static int run_exposed(struct fc__channel *channel, const struct fc__callback_entry *entry,
                       struct fc__answer *ret_answer, int *ret_errno) {
    unsigned char kept[FC__CHANNEL_SCRATCH_OFFSET - FC__FRAME_WORDS_OFFSET];
    memcpy(kept, channel->line->words, sizeof kept);
    int rc = run(channel, entry, 0, ret_answer, ret_errno);
    channel->is_exposed = true;
    if (rc == FC_OK) {
        memcpy(channel->line->words, kept, sizeof kept);
    }
    return rc;
}

int fc__upcall_run_long(struct fc__channel *channel, const struct fc__callback_entry *entry, uint32_t which) {
    struct fc__answer answer;
    int error = 0;
    const int errno_before = errno;
    struct fc__scratch_mark mark = fc__channel_mark(channel);
    int rc = channel->is_exposed ? run_exposed(channel, entry, &answer, &error)
                                 : run(channel, entry, which, &answer, &error);
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
