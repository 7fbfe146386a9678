/* client: what the library keeps until a function is called, and which functions those are. */
#include "client/lasting.h"

#include "base/change.h"

#include <stdlib.h>
#include <string.h>

/* -- kept ---------------------------------------------------------------------------------------------------------- */

static uint64_t owner_of(const struct fc__marshal *marshal) {
    return marshal->plan->handle != UINT32_MAX ? marshal->slots[marshal->plan->handle] : 0;
}

int fc__op_keep(void *context, const struct fc__object *object, const char *until, uint64_t *ret_there) {
    struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc_session *session = channel->session;
    struct fc__book *book = &session->book;
    const struct fc__book_lasting key = {
        .is = {.here = object->here, .bytes = {object->bytes[FC__HERE], object->bytes[FC__THERE]}},
        .until = fc__book_until(book, until),
        .owner = owner_of(marshal)};
    if (key.until == NULL) {
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
    }
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = object->is_given ? NULL : fc__lasting_kept_locked(book, &key);
    const bool is_known = entry != NULL && entry->generation == channel->generation;
    struct fc__book_lasting *const old = is_known ? NULL : entry; /* that of a host which died */
    *ret_there = is_known ? entry->is.there : 0;
    if (old != NULL) {
        fc__lasting_unlink_locked(book, old);
    }
    pthread_mutex_unlock(&book->lock);
    if (old != NULL) {
        fc__lasting_free(session, old);
    }
    entry = is_known ? NULL : fc__lasting_new_memory(marshal, FC__LIFE_KEPT, object);
    if (entry == NULL) {
        return is_known ? FC_OK : FC_ENOMEM;
    }
    entry->until = key.until;
    entry->owner = key.owner;
    entry->is_given = object->is_given;
    entry->is_in_call = true;
    entry->next_new = marshal->kept;
    marshal->kept = entry;
    *ret_there = entry->is.there;
    pthread_mutex_lock(&book->lock);
    fc__lasting_link_locked(book, entry);
    fc__lasting_insert_locked(book, entry, FC__THERE);
    pthread_mutex_unlock(&book->lock);
    return FC_OK;
}

int fc__lasting_claim(struct fc__marshal *marshal, uint32_t id, const char *until) {
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    const char *name = fc__book_until(book, until);
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = name != NULL ? fc__lasting_take_locked(book) : NULL;
    if (entry != NULL) {
        entry->is.life = FC__LIFE_KEPT;
        entry->is.here = id;
        entry->is_claim = true;
        entry->until = name;
        entry->owner = owner_of(marshal);
        entry->generation = channel->generation;
        entry->next_new = marshal->kept;
        fc__lasting_link_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    if (entry == NULL) {
        fc__callbacks_let_go(channel->session, id, false);
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
    }
    marshal->kept = entry;
    return FC_OK;
}

static size_t size_of(const struct fc__book_lasting *entry) {
    return (size_t)entry->is.bytes[FC__THERE];
}

/* What the callee wrote is here: what it has now is what the next change is seen by. */
static void see_locked(struct fc_session *session, struct fc__book_lasting *entry) {
    const size_t size = size_of(entry);
    if (entry->seen == NULL && size != 0) {
        entry->seen = fc__session_take(session, size);
    }
    if (entry->seen != NULL) {
        memcpy(entry->seen, (const void *)(uintptr_t)entry->is.there, size);
    }
}

/* Whether the callee wrote to it since. What it left alone may be other memory here by now. */
static bool is_changed(const struct fc__book_lasting *entry) {
    const void *there = (const void *)(uintptr_t)entry->is.there;
    const size_t size = size_of(entry);
    return size != 0 && (entry->seen == NULL || !fc__change_is_none(there, entry->seen, size));
}

/* How it was, until the channel's texts are released; NULL if nobody knows. */
static unsigned char *seen_before(struct fc__channel *channel, const struct fc__book_lasting *entry) {
    const size_t size = size_of(entry);
    char *before = entry->seen != NULL ? fc__texts_take(&channel->texts, size, !channel->is_spare) : NULL;
    return before != NULL ? memcpy(before, entry->seen, size) : NULL;
}

void fc__lasting_settle(struct fc__marshal *marshal, bool is_kept, const void *result) {
    const struct fc__channel *channel = marshal->owner;
    const struct fc__plan *plan = marshal->plan;
    struct fc__book *book = &channel->session->book;
    uint64_t returned = 0;
    if (result != NULL && plan->result.kind == FC__VALUE_POINTER && !plan->result_points && !plan->result_string) {
        memcpy(&returned, result, plan->result.caller_bytes);
    }
    for (struct fc__book_lasting *entry = marshal->kept, *next; entry != NULL; entry = next) {
        next = entry->next_new;
        if (entry->is_over) {
            fc__lasting_free(channel->session, entry);
            continue;
        }
        pthread_mutex_lock(&book->lock);
        entry->is_in_call = false;
        entry->owner = plan->handle == UINT32_MAX ? returned : entry->owner;
        entry->is_settled = is_kept && !entry->is_given && fc__lasting_add_kept_locked(book, entry);
        if (entry->is_settled && fc__lasting_is_written(entry)) {
            see_locked(channel->session, entry);
        }
        const bool is_over = !is_kept || (entry->is_claim && !entry->is_settled);
        if (is_over) {
            fc__lasting_unlink_locked(book, entry);
        } /* memory that is like another, or finds none, stays until the session is closed */
        pthread_mutex_unlock(&book->lock);
        if (is_over) {
            fc__lasting_free(channel->session, entry);
        }
    }
    marshal->kept = NULL;
}

void fc__op_let_go(void *context, uint64_t there) {
    const struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = fc__lasting_at_locked(book, FC__THERE, there, 1);
    entry = entry != NULL && entry->is_given && entry->is.there == there ? entry : NULL;
    if (entry != NULL) {
        fc__lasting_unlink_locked(book, entry);
        entry->is_over = entry->is_in_call;
    }
    const bool is_free = entry != NULL && !entry->is_over;
    pthread_mutex_unlock(&book->lock);
    if (is_free) {
        fc__lasting_free(channel->session, entry);
    }
}

static struct fc__book_lasting *take_ended(struct fc__book *book, const char *until, uint64_t owner) {
    const struct fc__book_lasting key = {.owner = owner, .is_any = true, .until = until};
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = fc__lasting_kept_locked(book, &key);
    if (entry != NULL) {
        fc__lasting_unlink_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    return entry;
}

int fc__lasting_end(struct fc__marshal *marshal) {
    struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    const uint64_t owners[2] = {owner_of(marshal), 0};
    int first = FC_OK;
    for (int i = 0; i < 2; i++) {
        struct fc__book_lasting *entry;
        while ((entry = take_ended(book, marshal->plan->name, owners[i])) != NULL) {
            const bool is_back =
                !entry->is_claim && entry->is.writes && entry->generation == channel->generation && is_changed(entry);
            int rc = is_back ? fc__object_return(marshal, &entry->is, entry->seen) : FC_OK;
            first = first == FC_OK ? rc : first;
            fc__lasting_free(channel->session, entry);
        }
    }
    return first;
}

/* What the handle has of it, one after the other: the book is not locked while they are copied. */
static bool written_at(struct fc__channel *channel, uint64_t owner, unsigned index, struct fc__lasting *ret_lasting,
                       bool *ret_changed, unsigned char **ret_before) {
    struct fc__book *book = &channel->session->book;
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = book->lasting;
    for (; entry != NULL; entry = entry->next) {
        if (fc__lasting_is_written(entry) && entry->is_settled && entry->owner == owner &&
            entry->generation == channel->generation && index-- == 0) {
            *ret_lasting = entry->is;
            *ret_changed = is_changed(entry);
            if (*ret_changed) {
                *ret_before = seen_before(channel, entry);
                see_locked(channel->session, entry);
            }
            break;
        }
    }
    pthread_mutex_unlock(&book->lock);
    return entry != NULL;
}

int fc__lasting_bring_back(struct fc__marshal *marshal) {
    struct fc__channel *channel = marshal->owner;
    const struct fc__texts_mark mark = channel->texts.top;
    const uint64_t owner = owner_of(marshal);
    struct fc__lasting lasting;
    bool is_new;
    unsigned char *before = NULL;
    int first = FC_OK;
    for (unsigned i = 0; owner != 0 && written_at(channel, owner, i, &lasting, &is_new, &before); i++) {
        int rc = is_new ? fc__object_return(marshal, &lasting, before) : FC_OK;
        first = first == FC_OK ? rc : first;
        fc__texts_release(&channel->texts, mark);
    }
    return first;
}

/* -- which functions end something --------------------------------------------------------------------------------- */

/* A name that a declaration said. */
struct fc__book_until {
    struct fc__book_until *next;
    char name[];
};

static const char *until_locked(const struct fc__book *book, const char *name) {
    const struct fc__book_until *until = book->untils;
    while (until != NULL && strcmp(until->name, name) != 0) {
        until = until->next;
    }
    return until != NULL ? until->name : NULL;
}

bool fc__book_is_until(struct fc__book *book, const char *name) {
    pthread_mutex_lock(&book->lock);
    const bool is_one = until_locked(book, name) != NULL;
    pthread_mutex_unlock(&book->lock);
    return is_one;
}

const char *fc__book_until(struct fc__book *book, const char *name) {
    pthread_mutex_lock(&book->lock);
    const char *known = until_locked(book, name);
    const size_t size = known == NULL ? strlen(name) + 1 : 0;
    struct fc__book_until *until = known == NULL ? malloc(sizeof *until + size) : NULL;
    if (until != NULL) {
        memcpy(until->name, name, size);
        until->next = book->untils;
        book->untils = until;
        known = until->name;
    }
    pthread_mutex_unlock(&book->lock);
    return known;
}

void fc__book_free_untils(struct fc__book *book) {
    while (book->untils != NULL) {
        struct fc__book_until *next = book->untils->next;
        free(book->untils);
        book->untils = next;
    }
}
