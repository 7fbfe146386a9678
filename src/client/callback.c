/* client: the caller's functions that the callee calls. Each has a number and, in the present host, a trampoline. */
#include "client/client.h"

#include "abi/upcall.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fc__callback_entry {
    uint64_t function;
    struct fc__callback *callback;
    uint32_t generation; /* of the host that the address is good for; 0: none */
    uint64_t address;
};

enum { FIRST_CAPACITY = 16 };

void fc__callbacks_init(struct fc__callbacks *callbacks) {
    pthread_mutex_init(&callbacks->lock, NULL);
}

void fc__callbacks_done(struct fc__callbacks *callbacks) {
    for (uint32_t i = 0; i < callbacks->count; i++) {
        fc__callback_drop(callbacks->entries[i].callback);
    }
    free(callbacks->entries);
    free(callbacks->slots);
    pthread_mutex_destroy(&callbacks->lock);
}

/* -- registering ------------------------------------------------------------------------------------------------------ */

static uint32_t *slot_locked(struct fc__callbacks *callbacks, uint64_t function, const struct fc__callback *callback) {
    const uint64_t key = function * UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = (uint32_t)(key >> 32);; i++) {
        uint32_t *slot = &callbacks->slots[i & (callbacks->capacity * 2 - 1)];
        const struct fc__callback_entry *entry = *slot != 0 ? &callbacks->entries[*slot - 1] : NULL;
        if (entry == NULL || (entry->function == function &&
                              (entry->callback == callback || fc__callback_equals(entry->callback, callback)))) {
            return slot;
        }
    }
}

static bool make_room_locked(struct fc__callbacks *callbacks) {
    if (callbacks->count < callbacks->capacity) {
        return true;
    }
    const uint32_t capacity = callbacks->capacity != 0 ? callbacks->capacity * 2 : FIRST_CAPACITY;
    struct fc__callback_entry *entries = realloc(callbacks->entries, capacity * sizeof *entries);
    callbacks->entries = entries != NULL ? entries : callbacks->entries;
    uint32_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
    if (entries == NULL || slots == NULL) {
        free(slots);
        return false;
    }
    free(callbacks->slots);
    callbacks->slots = slots;
    callbacks->capacity = capacity;
    for (uint32_t i = 0; i < callbacks->count; i++) {
        *slot_locked(callbacks, entries[i].function, entries[i].callback) = i + 1;
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
        callbacks->entries[callbacks->count] =
            (struct fc__callback_entry){.function = function, .callback = fc__callback_keep(callback)};
        *slot = ++callbacks->count;
    }
    *ret_id = *slot - 1;
    return FC_OK;
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
    int rc = number_locked(callbacks, callback, function, &id);
    if (rc == FC_OK && callbacks->entries[id].generation == channel->generation) {
        address = callbacks->entries[id].address;
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
            struct fc__callback_entry *entry = &callbacks->entries[id];
            if (entry->generation == channel->generation) {
                address = entry->address;
            } else {
                entry->address = address;
                entry->generation = channel->generation;
            }
            pthread_mutex_unlock(&callbacks->lock);
        }
    }
    *ret_address = address;
    return rc;
}

/* -- upcalls ---------------------------------------------------------------------------------------------------------- */

static int op_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    return fc__book_narrow(channel->session, pointer, ret_narrow, marshal->err);
}

static int op_widen(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    return fc__book_widen(channel->session, narrow, ret_pointer, marshal->err);
}

static bool op_is_shared(void *context, uint64_t address, uint64_t size) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    return fc__window_contains(&channel->session->window, address, size);
}

static const struct fc__marshal_ops marshal_ops = {.is_shared = op_is_shared, .narrow = op_narrow, .widen = op_widen};

/* Has the host copy memory; one of the two addresses is scratch. */
static int copy(struct fc__marshal *marshal, uint64_t from, uint64_t to, uint64_t size) {
    struct fc__channel *channel = marshal->owner;
    bool sent;
    channel->line->value = from;
    channel->line->words[0] = to;
    channel->line->words[1] = size;
    return fc__channel_transact(channel, FC__WIRE_OP_READ, &sent, marshal->err);
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

static const struct fc__upcall_ops upcall_ops = {.fetch = op_fetch, .give_back = op_give_back, .text = op_text};

/* The number is the host's word: NULL if it stands for nothing. The callback is kept. */
static struct fc__callback *find(struct fc__channel *channel, uint64_t id, uint64_t *ret_function) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    struct fc__callback *callback = NULL;
    pthread_mutex_lock(&callbacks->lock);
    if (id < callbacks->count && callbacks->entries[id].generation == channel->generation) {
        callback = fc__callback_keep(callbacks->entries[id].callback);
        *ret_function = callbacks->entries[id].function;
    }
    pthread_mutex_unlock(&callbacks->lock);
    return callback;
}

static int run(struct fc__channel *channel, struct fc__callback *callback, uint64_t function,
               struct fc__answer *ret_answer) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8];
    struct fc__error err;
    struct fc__upcall upcall; /* not cleared: large, and written as it is used */
    memcpy(words, channel->line->words, callback->there->words_bytes);
    upcall.ops = &upcall_ops;
    upcall.callback = callback;
    upcall.function = function;
    upcall.marshal.ops = &marshal_ops;
    upcall.marshal.err = &err;
    upcall.marshal.owner = channel;
    upcall.marshal.context = &upcall.marshal;
    int rc = fc__upcall_run(&upcall, words, ret_answer);
    if (rc != FC_OK && channel->upcall_failure == FC_OK && rc != FC_EDIED) {
        channel->upcall_failure = rc;
        channel->failure_depth = channel->depth - 1; /* the call that this upcall belongs to */
        snprintf(channel->upcall_text, sizeof channel->upcall_text, "%s", err.text);
    }
    return rc;
}

bool fc__callbacks_serve(struct fc__channel *channel) {
    unsigned char kept[FC__FRAME_GATHER_OFFSET + FC__FRAME_GATHER_BYTES - FC__FRAME_WORDS_OFFSET];
    uint64_t function = 0;
    struct fc__callback *callback = find(channel, channel->line->value, &function);
    if (callback == NULL) {
        return false;
    }
    /* A call that was sent before the session had callbacks may have data where the next ones write. */
    const bool is_exposed = channel->is_exposed;
    const uint32_t generation = channel->generation;
    unsigned char *const mark = channel->mark;
    if (is_exposed) {
        memcpy(kept, channel->line->words, sizeof kept);
    }
    struct fc__answer answer;
    channel->depth++;
    run(channel, callback, function, &answer);
    channel->depth--;
    channel->mark = mark;
    channel->is_exposed = is_exposed;
    fc__callback_drop(callback);
    if (channel->generation != generation) {
        return true; /* that host is gone, and the line is another's: the caller of this sees it */
    }
    if (is_exposed) {
        memcpy(channel->line->words, kept, sizeof kept);
    }
    channel->line->value = answer.value;
    channel->line->words[0] = answer.second;
    return true;
}
