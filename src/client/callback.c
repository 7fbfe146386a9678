/* client: the caller's functions that the callee calls. Each has a number and, in the present host, a trampoline. */
#include "client/client.h"

#include "abi/upcall.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Once there, an entry stays where it is until the session ends, so upcalls find it without a lock. */
struct fc__callback_entry {
    uint64_t function;
    struct fc__callback *callback;
    _Atomic uint32_t generation; /* of the host that the address is good for; 0: none */
    uint64_t address;
};

/* Chunk n has twice as many entries as chunk n - 1. */
enum { FIRST_ENTRIES = 16 };

static struct fc__callback_entry *entry_at(const struct fc__callbacks *callbacks, uint32_t id) {
    const unsigned chunk = 31u - (unsigned)__builtin_clz(id / FIRST_ENTRIES + 1);
    return &callbacks->chunks[chunk][id - (FIRST_ENTRIES * ((1u << chunk) - 1))];
}

void fc__callbacks_init(struct fc__callbacks *callbacks) {
    pthread_mutex_init(&callbacks->lock, NULL);
}

void fc__callbacks_done(struct fc__callbacks *callbacks) {
    const uint32_t count = atomic_load(&callbacks->count);
    for (uint32_t i = 0; i < count; i++) {
        fc__shapes_drop(entry_at(callbacks, i)->callback->shapes);
    }
    for (unsigned i = 0; i < FC__CALLBACK_CHUNKS; i++) {
        free(callbacks->chunks[i]);
    }
    free(callbacks->slots);
    free(callbacks->theirs);
    pthread_mutex_destroy(&callbacks->lock);
}

/* -- registering ------------------------------------------------------------------------------------------------------ */

static uint32_t *slot_locked(struct fc__callbacks *callbacks, uint64_t function, const struct fc__callback *callback) {
    const uint64_t key = function * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = (uint32_t)(key >> 32);; i++) {
        uint32_t *slot = &callbacks->slots[i & (callbacks->slot_count - 1)];
        const struct fc__callback_entry *entry = *slot != 0 ? entry_at(callbacks, *slot - 1) : NULL;
        if (entry == NULL || (entry->function == function &&
                              (entry->callback == callback || fc__callback_equals(entry->callback, callback)))) {
            return slot;
        }
    }
}

/* For one more entry: half of the slots stay free. */
static bool make_room_locked(struct fc__callbacks *callbacks) {
    const uint32_t count = atomic_load(&callbacks->count);
    if (count < callbacks->slot_count / 2) {
        return true;
    }
    const unsigned chunk = callbacks->chunk_count;
    if (chunk == FC__CALLBACK_CHUNKS) {
        return false;
    }
    struct fc__callback_entry *entries = calloc((size_t)FIRST_ENTRIES << chunk, sizeof *entries);
    const uint32_t slot_count = callbacks->slot_count != 0 ? callbacks->slot_count * 2 : FIRST_ENTRIES * 2;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (entries == NULL || slots == NULL) {
        free(entries);
        free(slots);
        return false;
    }
    free(callbacks->slots);
    callbacks->slots = slots;
    callbacks->slot_count = slot_count;
    callbacks->chunks[callbacks->chunk_count++] = entries;
    for (uint32_t i = 0; i < count; i++) {
        const struct fc__callback_entry *entry = entry_at(callbacks, i);
        *slot_locked(callbacks, entry->function, entry->callback) = i + 1;
    }
    return true;
}

/* The entry's number, from 0. */
static int number_locked(struct fc__callbacks *callbacks, struct fc__callback *callback, uint64_t function,
                         uint32_t *ret_id) {
    if (!make_room_locked(callbacks)) {
        return FC_ENOMEM;
    }
    uint32_t *slot = slot_locked(callbacks, function, callback);
    if (*slot == 0) {
        const uint32_t id = atomic_load(&callbacks->count);
        struct fc__callback_entry *entry = entry_at(callbacks, id);
        entry->function = function;
        fc__shapes_keep(callback->shapes);
        entry->callback = callback;
        *slot = id + 1;
        atomic_store(&callbacks->count, id + 1);
    }
    *ret_id = *slot - 1;
    return FC_OK;
}

static struct fc__callee_function *theirs_locked(struct fc__callbacks *callbacks, uint64_t function) {
    for (uint32_t i = 0; i < callbacks->theirs_count; i++) {
        if (callbacks->theirs[i].function == function) {
            return &callbacks->theirs[i];
        }
    }
    return NULL;
}

static int make_trampoline(struct fc__channel *channel, uint32_t id, uint32_t info, uint64_t *ret_address,
                           struct fc__error *err) {
    struct fc_wire_line *line = channel->line;
    bool sent;
    line->value = id;
    line->words[0] = info;
    int rc = fc__channel_transact(channel, FC__WIRE_OP_TRAMPOLINE, &sent, err);
    if (rc == FC_OK) {
        *ret_address = line->value;
    }
    return rc == FC_EDIED ? fc__remote_death_error(channel->session, channel, channel->generation, NULL, err) : rc;
}

int fc__callbacks_address(struct fc__channel *channel, struct fc__callback *callback, uint64_t function,
                          uint64_t *ret_address, struct fc__error *err) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    uint32_t id = 0;
    uint64_t address = 0;
    pthread_mutex_lock(&callbacks->lock);
    const struct fc__callee_function *theirs = theirs_locked(callbacks, function);
    if (theirs != NULL) {
        const bool is_alive = theirs->generation == channel->generation;
        *ret_address = theirs->address;
        pthread_mutex_unlock(&callbacks->lock);
        return is_alive ? FC_OK : fc__error_set(err, FC_EDIED, "a function pointer is that of a host which is gone");
    }
    int rc = number_locked(callbacks, callback, function, &id);
    if (rc == FC_OK && entry_at(callbacks, id)->generation == channel->generation) {
        address = entry_at(callbacks, id)->address;
    }
    pthread_mutex_unlock(&callbacks->lock);
    if (rc != FC_OK) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    atomic_store_explicit(&callbacks->is_used, true, memory_order_relaxed);
    if (address == 0) { /* two threads may both make one: then one of them is never used again */
        rc = make_trampoline(channel, id, callback->there->info, &address, err);
        if (rc == FC_OK) {
            pthread_mutex_lock(&callbacks->lock);
            struct fc__callback_entry *entry = entry_at(callbacks, id);
            if (entry->generation == channel->generation) {
                address = entry->address;
            } else if (entry->generation < channel->generation) { /* else another thread is a host ahead */
                entry->address = address;
                entry->generation = channel->generation;
            }
            pthread_mutex_unlock(&callbacks->lock);
        }
    }
    *ret_address = address;
    return rc;
}

bool fc__callbacks_function(struct fc__channel *channel, uint64_t address, uint64_t *ret_function) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    bool found = false;
    pthread_mutex_lock(&callbacks->lock);
    for (uint32_t i = atomic_load(&callbacks->count); !found && i > 0; i--) {
        const struct fc__callback_entry *entry = entry_at(callbacks, i - 1);
        found = entry->address == address && entry->generation == channel->generation;
        *ret_function = found ? entry->function : 0;
    }
    pthread_mutex_unlock(&callbacks->lock);
    return found;
}

int fc__callbacks_remember(struct fc__channel *channel, uint64_t function, uint64_t address, struct fc__error *err) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    pthread_mutex_lock(&callbacks->lock);
    struct fc__callee_function *known = theirs_locked(callbacks, function);
    if (known == NULL && callbacks->theirs_count == callbacks->theirs_capacity) {
        const uint32_t capacity = callbacks->theirs_capacity * 2 + 8;
        struct fc__callee_function *theirs = realloc(callbacks->theirs, capacity * sizeof *theirs);
        if (theirs != NULL) {
            callbacks->theirs = theirs;
            callbacks->theirs_capacity = capacity;
        }
    }
    if (known == NULL && callbacks->theirs_count < callbacks->theirs_capacity) {
        known = &callbacks->theirs[callbacks->theirs_count++];
    }
    if (known != NULL) {
        *known = (struct fc__callee_function){function, address, channel->generation};
    }
    pthread_mutex_unlock(&callbacks->lock);
    return known != NULL ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
}

/* -- upcalls ---------------------------------------------------------------------------------------------------------- */

/* What an upcall runs in; the marshal is its context. */
struct upcall {
    struct fc__upcall abi;
    uint32_t generation;
    unsigned forks;
    uint64_t entered_ns;
};
_Static_assert(offsetof(struct upcall, abi.marshal) == 0, "the context is the whole");

/* The host that made the upcall is there no more, or is that of the process that this one was forked from: nothing can be
 * asked of it, nor answered. */
static bool is_over(const struct fc__marshal *marshal) {
    const struct upcall *upcall = (const struct upcall *)(const void *)marshal;
    const struct fc__channel *channel = marshal->owner;
    return channel->generation != upcall->generation || fc__registry_forks() != upcall->forks;
}

static void op_enter(void *context) {
    struct upcall *upcall = context;
    struct fc__channel *channel = upcall->abi.marshal.owner;
    upcall->entered_ns = channel->limit_ns != 0 ? fc__os_now_ns() : 0;
    channel->depth++; /* first, so that the session is not taken for idle in between */
    atomic_store_explicit(&channel->is_busy, false, memory_order_release); /* the function may call */
}

static int op_leave(void *context) {
    const struct upcall *upcall = context;
    struct fc__channel *channel = upcall->abi.marshal.owner;
    atomic_store_explicit(&channel->is_busy, true, memory_order_release);
    channel->depth--;
    channel->in_functions_ns = upcall->entered_ns != 0 ? fc__os_now_ns() - upcall->entered_ns : 0;
    return is_over(&upcall->abi.marshal) ? FC_EDIED : FC_OK;
}

static int copy(struct fc__marshal *marshal, uint64_t from, uint64_t to, uint64_t size) {
    return is_over(marshal) ? FC_EDIED : fc__channel_copy(marshal->owner, from, to, size, marshal->err);
}

static int op_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    struct fc__marshal *marshal = context;
    unsigned char *memory = NULL;
    int rc = fc__channel_scratch(marshal->owner, size, &memory, marshal->err);
    *ret_copy = memory;
    return rc == FC_OK ? copy(marshal, address, (uintptr_t)memory, size) : rc;
}

static int op_give_back(void *context, uint64_t address, uint64_t size, void *memory) {
    return copy(context, (uintptr_t)memory, address, size);
}

static int op_text(void *context, uint64_t address, const char **ret_copy) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    unsigned char *memory = NULL;
    bool sent;
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
    rc = fc__channel_scratch(channel, len + 1, &memory, marshal->err);
    if (rc == FC_OK && len < FC__FRAME_GATHER_BYTES) {
        memcpy(memory, (const char *)channel->line + FC__FRAME_GATHER_OFFSET, (size_t)len);
    } else if (rc == FC_OK) {
        rc = copy(marshal, address, (uintptr_t)memory, len);
    }
    if (rc == FC_OK) {
        memory[len] = '\0';
        *ret_copy = (const char *)memory;
    }
    return rc;
}

static int op_hold(void *context, uint64_t address, uint64_t size, void **ret_memory) {
    struct fc__marshal *marshal = context;
    unsigned char *memory = NULL;
    (void)address;
    int rc = fc__channel_scratch(marshal->owner, size, &memory, marshal->err);
    if (rc == FC_OK) {
        memset(memory, 0, (size_t)size);
    }
    *ret_memory = memory;
    return rc;
}

static const struct fc__marshal_ops marshal_ops = {.is_shared = fc__op_is_shared,
                                                   .narrow = fc__op_narrow,
                                                   .widen = fc__op_widen,
                                                   .callback = fc__op_callback,
                                                   .function = fc__op_function,
                                                   .text = op_text,
                                                   .fetch = op_fetch,
                                                   .give_back = op_give_back,
                                                   .hold = op_hold};
static const struct fc__upcall_ops upcall_ops = {.enter = op_enter, .leave = op_leave};

/* The number is the host's word: NULL if it stands for nothing. */
static const struct fc__callback_entry *find(const struct fc__channel *channel, uint64_t id) {
    const struct fc__callbacks *callbacks = &channel->session->callbacks;
    if (id >= atomic_load_explicit(&callbacks->count, memory_order_acquire)) {
        return NULL;
    }
    const struct fc__callback_entry *entry = entry_at(callbacks, (uint32_t)id);
    return atomic_load_explicit(&entry->generation, memory_order_acquire) == channel->generation ? entry : NULL;
}

static int run(struct fc__channel *channel, const struct fc__callback_entry *entry, struct fc__answer *ret_answer) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8];
    struct fc__error err;
    struct upcall upcall; /* not cleared: large, and written as it is used */
    memcpy(words, channel->line->words, entry->callback->there->words_bytes);
    fc__wire_claim(channel->line);
    upcall.generation = channel->generation;
    upcall.forks = fc__registry_forks();
    upcall.abi.ops = &upcall_ops;
    upcall.abi.callback = entry->callback;
    upcall.abi.function = entry->function;
    upcall.abi.marshal.ops = &marshal_ops;
    upcall.abi.marshal.err = &err;
    upcall.abi.marshal.owner = channel;
    upcall.abi.marshal.objects = &channel->objects;
    upcall.abi.marshal.context = &upcall;
    int rc = fc__upcall_run(&upcall.abi, words, ret_answer);
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

int fc__callbacks_serve(struct fc__channel *channel) {
    unsigned char kept[FC__FRAME_GATHER_OFFSET + FC__FRAME_GATHER_BYTES - FC__FRAME_WORDS_OFFSET];
    const struct fc__callback_entry *entry = find(channel, channel->line->value);
    if (entry == NULL) {
        return FC_EPROTO;
    }
    /* A call that was sent before the session had callbacks may have data where the next ones write. */
    const bool is_exposed = channel->is_exposed;
    if (is_exposed) {
        memcpy(kept, channel->line->words, sizeof kept);
    }
    struct fc__scratch_mark mark = fc__channel_mark(channel);
    struct fc__answer answer;
    int rc = run(channel, entry, &answer);
    fc__channel_release(channel, &mark);
    channel->is_exposed = is_exposed;
    if (rc != FC_OK) {
        return rc;
    }
    if (is_exposed) {
        memcpy(channel->line->words, kept, sizeof kept);
    }
    channel->line->value = answer.value;
    channel->line->words[0] = answer.second;
    return FC_OK;
}
