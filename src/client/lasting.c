/* client: the address book's objects that outlive calls: what the library remembers by its address, and its own objects
 * that the caller has a copy of. What it keeps until a function is called: kept.c. */
#include "client/lasting.h"

#include <string.h>

/* -- looking up ---------------------------------------------------------------------------------------------------- */

static bool is_empty(const struct fc__book *book) {
    return atomic_load_explicit(&book->lasting_count, memory_order_relaxed) == 0;
}

/* The object that holds the address, or ends there. */
static struct fc__book_lasting *holding_locked(struct fc__book *book, enum fc__side side, uint64_t address) {
    struct fc__book_lasting *entry = fc__lasting_at_locked(book, side, address, 1);
    return entry != NULL || address == 0 ? entry : fc__lasting_at_locked(book, side, address - 1, 1);
}

static bool look_locked(struct fc__channel *channel, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                        struct fc__lasting *ret_lasting) {
    struct fc__book_lasting *entry = holding_locked(&channel->session->book, from, address);
    if (entry == NULL || (from == FC__THERE && entry->generation != channel->generation)) {
        return false;
    }
    *ret_lasting = entry->is;
    ret_lasting->is_gone = entry->generation != channel->generation;
    return fc__lasting_maps(&entry->is, from, address, bytes, &ret_lasting->mapped);
}

bool fc__op_lasting(void *context, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                    struct fc__lasting *ret_lasting) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    if (from == FC__THERE && channel->returned.all != NULL && fc__returned_find(channel, address, ret_lasting)) {
        return true;
    }
    if (is_empty(book)) {
        return false;
    }
    pthread_mutex_lock(&book->lock);
    bool found = look_locked(channel, from, address, bytes, ret_lasting);
    pthread_mutex_unlock(&book->lock);
    return found;
}

/* A handle that is a copy of the library's object stands for that; one that the library has a shadow of, for the
 * shadow, and the other way round. */
int fc__op_stand_in(void *context, enum fc__side from, uint64_t address, uint64_t *ret_address) {
    struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    struct fc__lasting lasting;
    if (__builtin_expect(is_empty(book), 1) || address == 0) {
        *ret_address = address;
        return FC_OK;
    }
    if (!channel->is_spare) {
        pthread_mutex_lock(&book->lock);
    } else if (pthread_mutex_trylock(&book->lock) != 0) {
        return fc__error_set(marshal->err, FC_EBUSY,
                             "this thread is already in a call of this session (a signal handler?), and in that state "
                             "%s cannot be given a pointer just now",
                             marshal->plan->name);
    }
    const bool found = look_locked(channel, from, address, NULL, &lasting);
    pthread_mutex_unlock(&book->lock);
    if (!found) {
        *ret_address = address;
        return FC_OK;
    }
    if (lasting.is_gone && lasting.life == FC__LIFE_TAKEN && address < lasting.here + lasting.bytes[FC__HERE]) {
        return fc__error_set(marshal->err, FC_EINVAL,
                             "an argument of %s is the copy of an object that the library had in a host that died. It "
                             "is gone with that host; have the library make it anew",
                             marshal->plan->name);
    }
    const bool is_inside = from == FC__THERE || address < lasting.here + lasting.bytes[FC__HERE];
    const bool is_callers = lasting.life != FC__LIFE_TAKEN || (lasting.is_handle && address == lasting.there);
    const bool applies = is_inside && !lasting.is_gone && (from == FC__HERE || is_callers);
    *ret_address = applies ? lasting.mapped : address;
    return FC_OK;
}

/* -- pinned -------------------------------------------------------------------------------------------------------- */

/* The shadow of exactly that object; of a host before, too. */
static struct fc__book_lasting *shadow_locked(struct fc__book *book, const struct fc__object *object) {
    struct fc__book_lasting *entry = fc__lasting_at_locked(book, FC__HERE, object->here, 1);
    return entry != NULL && entry->is.life == FC__LIFE_PINNED && entry->is.here == object->here ? entry : NULL;
}

/* The copy of the library's object that stands for it until this is said to be over. */
static struct fc__book_lasting *handle_locked(struct fc__book *book, uint64_t here) {
    struct fc__book_lasting *entry = fc__lasting_at_locked(book, FC__HERE, here, 1);
    return entry != NULL && entry->is.is_handle && entry->is.here == here ? entry : NULL;
}

static int not_begun(const struct fc__marshal *marshal, const struct fc__object *object, bool was_there) {
    const char *name = marshal->plan->steps[object->index].name;
    return was_there
               ? fc__error_set(marshal->err, FC_EINVAL,
                               "argument `%.100s` of %s was begun in a host that died, and what the library had of it "
                               "is gone. Begin it anew, with a function annotated with _Fc_begins_",
                               name, marshal->plan->name)
               : fc__error_set(marshal->err, FC_EINVAL,
                               "argument `%.100s` of %s is annotated with _Fc_pinned_, but no function annotated with "
                               "_Fc_begins_ was given this object, or one with _Fc_ends_ was since",
                               name, marshal->plan->name);
}

int fc__op_pin(void *context, const struct fc__object *object, bool begins, uint64_t *ret_there) {
    struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc_session *session = channel->session;
    struct fc__book *book = &session->book;
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = shadow_locked(book, object), *old = NULL;
    const bool was_there = entry != NULL;
    if (entry != NULL &&
        (entry->generation != channel->generation || entry->is.bytes[FC__THERE] != object->bytes[FC__THERE])) {
        if (begins) {
            fc__lasting_unlink_locked(book, entry);
            old = entry;
        }
        entry = NULL;
    }
    if (entry != NULL) {
        *ret_there = entry->is.there;
        if (begins) {
            memset((void *)(uintptr_t)entry->is.there, 0, (size_t)entry->is.bytes[FC__THERE]);
        }
    }
    pthread_mutex_unlock(&book->lock);
    if (old != NULL) {
        fc__lasting_free(session, old);
    }
    if (entry != NULL || !begins) {
        return entry != NULL ? FC_OK : not_begun(marshal, object, was_there);
    }
    entry = fc__lasting_new_memory(marshal, FC__LIFE_PINNED, object);
    if (entry == NULL) {
        return FC_ENOMEM;
    }
    pthread_mutex_lock(&book->lock);
    fc__lasting_link_locked(book, entry);
    fc__lasting_insert_locked(book, entry, FC__HERE);
    fc__lasting_insert_locked(book, entry, FC__THERE);
    *ret_there = entry->is.there;
    pthread_mutex_unlock(&book->lock);
    return FC_OK;
}

void fc__op_unpin(void *context, uint64_t here) {
    struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    const struct fc__object object = {.here = here};
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = shadow_locked(book, &object);
    entry = entry == NULL ? handle_locked(book, here) : entry;
    if (entry != NULL) {
        fc__lasting_unlink_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    if (entry != NULL) {
        fc__lasting_free(channel->session, entry);
    }
}

/* -- the library's, of which the caller has a copy ----------------------------------------------------------------- */

static bool stands_for(const struct fc__book_lasting *entry, uint32_t generation, const struct fc__object *object) {
    uint64_t there;
    return entry->generation == generation && entry->is.here == object->here && entry->is.there == object->there &&
           fc__lasting_maps(&entry->is, FC__HERE, object->here, object->bytes, &there) && there == object->there;
}

int fc__op_took(void *context, const struct fc__object *object, unsigned char **ret_pristine) {
    struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *old = fc__lasting_at_locked(book, FC__HERE, object->here, 1);
    const bool is_known = old != NULL && stands_for(old, channel->generation, object); /* as the last time, or a part */
    struct fc__book_lasting *const entry = is_known ? old : fc__lasting_new_locked(marshal, FC__LIFE_TAKEN, object);
    if (is_known) {
        entry->is.is_handle |= object->is_handle;
    } else if (entry != NULL) {
        if (old != NULL) {
            fc__lasting_unlink_locked(book, old);
        }
        entry->is.pristine = fc__book_pristine(object->here);
        memcpy(entry->is.pristine, (const void *)(uintptr_t)object->here, (size_t)object->bytes[FC__HERE]);
        fc__lasting_link_locked(book, entry);
        fc__lasting_insert_locked(book, entry, FC__HERE);
        fc__lasting_insert_locked(book, entry, FC__THERE);
    }
    *ret_pristine = entry != NULL ? entry->is.pristine : NULL;
    pthread_mutex_unlock(&book->lock);
    if (old != NULL && entry != NULL && !is_known) {
        fc__lasting_free(channel->session, old);
    }
    return entry != NULL ? FC_OK : fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
}
