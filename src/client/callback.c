/* client: the caller's functions that the callee calls. Each has a number and, in the present host, a trampoline. */
#include "client/client.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    fc__thunks_end(callbacks->thunks);
    pthread_mutex_destroy(&callbacks->lock);
}

/* -- registering --------------------------------------------------------------------------------------------------- */

static uint32_t hash(const struct fc__function_key *key) {
    uint64_t mixed = key->function;
    for (uint32_t i = 0; i < key->callback->outers.count; i++) {
        mixed = mixed * UINT64_C(0x9e3779b97f4a7c15) + key->outers[i];
    }
    return (uint32_t)(mixed * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static struct fc__function_key key_of(const struct fc__callback_entry *entry) {
    return (struct fc__function_key){.function = atomic_load_explicit(&entry->function, memory_order_relaxed),
                                     .callback = entry->callback,
                                     .outers = entry->outers};
}

static bool is_same_type(const struct fc__callback *left, const struct fc__callback *right) {
    return left == right || fc__callback_equals(left, right);
}

static bool has_outers(const struct fc__callback_entry *entry, const struct fc__function_key *key) {
    return memcmp(entry->outers, key->outers, key->callback->outers.count * 8) == 0;
}

static uint32_t *slot_locked(struct fc__callbacks *callbacks, const struct fc__function_key *key) {
    for (uint32_t i = hash(key);; i++) {
        uint32_t *slot = &callbacks->slots[i & (callbacks->slot_count - 1)];
        const struct fc__callback_entry *entry = *slot != 0 ? entry_at(callbacks, *slot - 1) : NULL;
        if (entry == NULL || (entry->function == key->function && is_same_type(entry->callback, key->callback) &&
                              has_outers(entry, key))) {
            return slot;
        }
    }
}

/* Those behind it that would not be found any more move up. */
static void clear_slot_locked(struct fc__callbacks *callbacks, uint32_t *slot) {
    const uint32_t mask = callbacks->slot_count - 1;
    *slot = 0;
    for (uint32_t i = ((uint32_t)(slot - callbacks->slots) + 1) & mask; callbacks->slots[i] != 0; i = (i + 1) & mask) {
        const uint32_t number = callbacks->slots[i];
        const struct fc__function_key key = key_of(entry_at(callbacks, number - 1));
        callbacks->slots[i] = 0;
        *slot_locked(callbacks, &key) = number;
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
        const struct fc__function_key key = key_of(entry);
        if (key.function != 0) {
            *slot_locked(callbacks, &key) = i + 1;
        }
    }
    return true;
}

/* One that was let go, of the same type: what finds it by its number meanwhile, finds nothing else. 0: there is
 * none. */
static uint32_t take_free_locked(struct fc__callbacks *callbacks, const struct fc__function_key *key) {
    for (uint32_t *link = &callbacks->first_free; *link != 0;) {
        struct fc__callback_entry *entry = entry_at(callbacks, *link - 1);
        if (is_same_type(entry->callback, key->callback) && has_outers(entry, key)) {
            const uint32_t number = *link;
            *link = entry->next_free;
            return number;
        }
        link = &entry->next_free;
    }
    return 0;
}

/* The entry's number, from 0. */
static int number_locked(struct fc__callbacks *callbacks, const struct fc__function_key *key, uint32_t *ret_id) {
    if (!make_room_locked(callbacks)) {
        return FC_ENOMEM;
    }
    uint32_t *slot = slot_locked(callbacks, key);
    if (*slot == 0) {
        const uint32_t count = atomic_load(&callbacks->count), number = take_free_locked(callbacks, key);
        const uint32_t id = number != 0 ? number - 1 : count;
        struct fc__callback_entry *entry = entry_at(callbacks, id);
        if (number == 0) {
            fc__shapes_keep(key->callback->shapes);
            entry->callback = key->callback;
        }
        memcpy(entry->outers, key->outers, key->callback->outers.count * 8);
        fc__callback_gathers(entry->callback, entry->outers, &entry->gathered);
        atomic_store(&entry->function, (uintptr_t)key->function);
        *slot = id + 1;
        atomic_store(&callbacks->count, number != 0 ? count : id + 1);
    }
    struct fc__callback_entry *entry = entry_at(callbacks, *slot - 1);
    if (key->claim == FC__CLAIM_ALWAYS) {
        entry->is_always = true;
    } else {
        entry->claims++;
        atomic_fetch_add_explicit(&entry->once, key->claim == FC__CLAIM_ONCE, memory_order_relaxed);
    }
    *ret_id = *slot - 1;
    return FC_OK;
}

void fc__callbacks_let_go(struct fc_session *session, uint32_t id, bool is_once) {
    struct fc__callbacks *callbacks = &session->callbacks;
    pthread_mutex_lock(&callbacks->lock);
    struct fc__callback_entry *entry = entry_at(callbacks, id);
    const bool is_claimed = entry->claims > 0 && (!is_once || atomic_load(&entry->once) > 0);
    if (is_claimed) {
        atomic_fetch_sub(&entry->once, is_once);
        entry->claims--;
    }
    if (is_claimed && entry->claims == 0 && !entry->is_always) {
        const struct fc__function_key key = key_of(entry);
        uint32_t *slot = slot_locked(callbacks, &key);
        clear_slot_locked(callbacks, slot);
        atomic_store(&entry->function, 0);
        entry->next_free = callbacks->first_free;
        callbacks->first_free = id + 1;
    }
    pthread_mutex_unlock(&callbacks->lock);
}

const struct fc__callback_entry *fc__callbacks_find(const struct fc__channel *channel, uint64_t id) {
    const struct fc__callbacks *callbacks = &channel->session->callbacks;
    if (id >= atomic_load_explicit(&callbacks->count, memory_order_acquire)) {
        return NULL;
    }
    const struct fc__callback_entry *entry = entry_at(callbacks, (uint32_t)id);
    return fc__callback_is_live(entry, channel->generation) ? entry : NULL;
}

static struct fc__callee_function *theirs_locked(struct fc__callbacks *callbacks, uint64_t function) {
    for (uint32_t i = 0; i < callbacks->theirs_count; i++) {
        if (callbacks->theirs[i].function == function) {
            return &callbacks->theirs[i];
        }
    }
    return NULL;
}

static int make_trampoline(struct fc__channel *channel, uint32_t id, uint64_t *ret_address, struct fc__error *err) {
    const struct fc__callback_entry *entry = entry_at(&channel->session->callbacks, id);
    struct fc_wire_line *line = channel->line;
    bool sent;
    line->value = id;
    line->words[0] = entry->callback->there->trampoline_info |
                     (entry->gathered.gathers.each[0].size_bytes != 0 ? FC__FRAME_GATHERS : 0);
    memcpy(&line->words[1], &entry->gathered.gathers, sizeof entry->gathered.gathers);
    int rc = fc__channel_transact(channel, FC__WIRE_OP_TRAMPOLINE, &sent, err);
    if (rc == FC_OK) {
        *ret_address = line->value;
    }
    return rc == FC_EDIED ? fc__remote_death_error(channel->session, channel, channel->generation, NULL, err) : rc;
}

int fc__callbacks_address(struct fc__channel *channel, const struct fc__function_key *key, uint64_t *ret_address,
                          uint32_t *ret_id, struct fc__error *err) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    uint32_t id = 0;
    uint64_t address = 0;
    pthread_mutex_lock(&callbacks->lock);
    const struct fc__callee_function *theirs = theirs_locked(callbacks, key->function);
    if (theirs != NULL) {
        const bool is_alive = theirs->generation == channel->generation;
        *ret_address = theirs->address;
        *ret_id = UINT32_MAX;
        pthread_mutex_unlock(&callbacks->lock);
        return is_alive ? FC_OK : fc__error_set(err, FC_EINVAL, "a function pointer is that of a host which is gone");
    }
    int rc = number_locked(callbacks, key, &id);
    if (rc == FC_OK && entry_at(callbacks, id)->generation == channel->generation) {
        address = entry_at(callbacks, id)->address;
    }
    pthread_mutex_unlock(&callbacks->lock);
    if (rc != FC_OK) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    atomic_store_explicit(&callbacks->is_used, true, memory_order_relaxed);
    if (address == 0) {
        fc__dispatch_prepare(channel->session, channel->generation);
        /* Two threads may both make one: then one of them is never used again. */
        rc = make_trampoline(channel, id, &address, err);
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
    *ret_id = id;
    return rc;
}

bool fc__callbacks_function(struct fc__channel *channel, uint64_t address, uint64_t *ret_function) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    bool found = false;
    pthread_mutex_lock(&callbacks->lock);
    for (uint32_t i = atomic_load(&callbacks->count); !found && i > 0; i--) {
        const struct fc__callback_entry *entry = entry_at(callbacks, i - 1);
        found = entry->address == address && entry->generation == channel->generation && entry->function != 0;
        *ret_function = found ? entry->function : 0;
    }
    pthread_mutex_unlock(&callbacks->lock);
    return found;
}

static bool note_locked(struct fc__callbacks *callbacks, const struct fc__callee_function *function) {
    struct fc__callee_function *known = theirs_locked(callbacks, function->function);
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
        *known = *function;
    }
    return known != NULL;
}

int fc__callbacks_remember(struct fc__channel *channel, uint64_t function, uint64_t address, struct fc__error *err) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    pthread_mutex_lock(&callbacks->lock);
    const bool is_noted = note_locked(
        callbacks,
        &(struct fc__callee_function){.function = function, .address = address, .generation = channel->generation});
    pthread_mutex_unlock(&callbacks->lock);
    return is_noted ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
}

int fc__callbacks_thunk(struct fc__channel *channel, struct fc__callback *callback, uint64_t address,
                        uint64_t *ret_function, struct fc__error *err) {
    struct fc__callbacks *callbacks = &channel->session->callbacks;
    struct fc__callee_function made = {.address = address, .generation = channel->generation, .callback = callback};
    pthread_mutex_lock(&callbacks->lock);
    for (uint32_t i = 0; i < callbacks->theirs_count && made.function == 0; i++) {
        const struct fc__callee_function *known = &callbacks->theirs[i];
        if (known->address == address && known->generation == made.generation && known->callback != NULL &&
            (known->callback == callback || fc__callback_equals(known->callback, callback))) {
            made.function = known->function;
        }
    }
    bool ok = made.function != 0;
    if (!ok) {
        made.function = (uintptr_t)fc__thunk_new(channel, callback, address, &callbacks->thunks);
        ok = made.function != 0 && note_locked(callbacks, &made);
    }
    pthread_mutex_unlock(&callbacks->lock);
    *ret_function = made.function;
    return ok ? FC_OK : fc__error_set(err, FC_ENOMEM, "there is no memory for a function that calls the library's");
}
