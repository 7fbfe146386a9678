/* client: the entries of the address book's objects that outlive calls, and the trees that they are found in. */
#include "client/lasting.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* -- trees by address, of objects that do not overlap -------------------------------------------------------------- */

static int compare_ranges(uint64_t left, uint64_t left_bytes, uint64_t right, uint64_t right_bytes) {
    return left + (left_bytes != 0 ? left_bytes : 1) <= right     ? -1
           : right + (right_bytes != 0 ? right_bytes : 1) <= left ? 1
                                                                  : 0;
}

static int compare_here(const void *left, const void *right) {
    const struct fc__lasting *a = &((const struct fc__book_lasting *)left)->is;
    const struct fc__lasting *b = &((const struct fc__book_lasting *)right)->is;
    return compare_ranges(a->here, a->bytes[FC__HERE], b->here, b->bytes[FC__HERE]);
}

static int compare_there(const void *left, const void *right) {
    const struct fc__lasting *a = &((const struct fc__book_lasting *)left)->is;
    const struct fc__lasting *b = &((const struct fc__book_lasting *)right)->is;
    return compare_ranges(a->there, a->bytes[FC__THERE], b->there, b->bytes[FC__THERE]);
}

int fc__lasting_compare_kept(const void *left, const void *right) {
    const struct fc__book_lasting *a = left, *b = right;
    int order = strcmp(a->until, b->until);
    if (order == 0 && a->owner != b->owner) {
        order = a->owner < b->owner ? -1 : 1;
    }
    if (order != 0 || a->is_any || b->is_any) {
        return order;
    }
    if (a->is_claim != b->is_claim) {
        return a->is_claim ? 1 : -1;
    }
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        if (a->is.bytes[side] != b->is.bytes[side]) {
            return a->is.bytes[side] < b->is.bytes[side] ? -1 : 1;
        }
    }
    return a->is.here == b->is.here ? 0 : a->is.here < b->is.here ? -1 : 1;
}

static void **tree_of(struct fc__book *book, enum fc__side side) {
    return side == FC__HERE ? &book->by_here : &book->by_there;
}

struct fc__book_lasting *fc__lasting_at_locked(struct fc__book *book, enum fc__side side, uint64_t address,
                                               uint64_t bytes) {
    struct fc__book_lasting key = {.is = {.here = address, .there = address, .bytes = {bytes, bytes}}};
    void *found = tfind(&key, tree_of(book, side), side == FC__HERE ? compare_here : compare_there);
    return found != NULL ? *(struct fc__book_lasting **)found : NULL;
}

static void remove_locked(struct fc__book *book, struct fc__book_lasting *entry, enum fc__side side) {
    if (fc__lasting_at_locked(book, side, side == FC__HERE ? entry->is.here : entry->is.there, 1) == entry) {
        tdelete(entry, tree_of(book, side), side == FC__HERE ? compare_here : compare_there);
    }
}

bool fc__lasting_insert_locked(struct fc__book *book, struct fc__book_lasting *entry, enum fc__side side) {
    const uint64_t address = side == FC__HERE ? entry->is.here : entry->is.there;
    struct fc__book_lasting *other;
    while ((other = fc__lasting_at_locked(book, side, address, entry->is.bytes[side])) != NULL) {
        tdelete(other, tree_of(book, side), side == FC__HERE ? compare_here : compare_there);
    }
    return tsearch(entry, tree_of(book, side), side == FC__HERE ? compare_here : compare_there) != NULL;
}

/* -- entries ------------------------------------------------------------------------------------------------------- */

void fc__lasting_link_locked(struct fc__book *book, struct fc__book_lasting *entry) {
    entry->next = book->lasting;
    if (entry->next != NULL) {
        entry->next->before = entry;
    }
    book->lasting = entry;
    atomic_fetch_add_explicit(&book->written_count, fc__lasting_is_written(entry), memory_order_relaxed);
    atomic_fetch_add_explicit(&book->lasting_count, !entry->is_claim, memory_order_relaxed);
}

void fc__lasting_unlink_locked(struct fc__book *book, struct fc__book_lasting *entry) {
    if (!entry->is_claim) {
        remove_locked(book, entry, FC__HERE);
        remove_locked(book, entry, FC__THERE);
    }
    if (entry->until != NULL && entry->is_settled) {
        tdelete(entry, &book->kept, fc__lasting_compare_kept);
    }
    *(entry->before != NULL ? &entry->before->next : &book->lasting) = entry->next;
    if (entry->next != NULL) {
        entry->next->before = entry->before;
    }
    atomic_fetch_sub_explicit(&book->written_count, fc__lasting_is_written(entry), memory_order_relaxed);
    atomic_fetch_sub_explicit(&book->lasting_count, !entry->is_claim, memory_order_relaxed);
}

void fc__lasting_free(struct fc_session *session, struct fc__book_lasting *entry) {
    if (entry->is_claim) {
        fc__callbacks_let_go(session, (uint32_t)entry->is.here, false);
    }
    if (entry->block != NULL) {
        fc_free(session, entry->block);
    }
    fc__shapes_drop(entry->shapes);
    free(entry->until);
    free(entry->seen);
    free(entry);
}

struct fc__book_lasting *fc__lasting_new(const struct fc__marshal *marshal, enum fc__life life,
                                         const struct fc__object *object) {
    const struct fc__channel *channel = marshal->owner;
    struct fc__book_lasting *entry = calloc(1, sizeof *entry);
    if (entry != NULL) {
        entry->is = (struct fc__lasting){.life = life,
                                         .writes = object->writes,
                                         .is_handle = object->is_handle,
                                         .here = object->here,
                                         .there = object->there,
                                         .bytes = {object->bytes[FC__HERE], object->bytes[FC__THERE]},
                                         .count = object->count,
                                         .shape = object->shape};
        entry->shapes = fc__shapes_keep(marshal->plan->made_of);
        entry->generation = channel->generation;
    }
    return entry;
}

struct fc__book_lasting *fc__lasting_new_memory(const struct fc__marshal *marshal, enum fc__life life,
                                                const struct fc__object *object) {
    const struct fc__channel *channel = marshal->owner;
    const uint64_t alignment = object->shape->alignment[FC__THERE] > 16 ? object->shape->alignment[FC__THERE] : 16;
    const uint64_t size = object->bytes[FC__THERE] + alignment + 1; /* its end is not the beginning of another */
    void *block = size < SIZE_MAX ? fc_alloc(channel->session, (size_t)size) : NULL;
    struct fc__book_lasting *entry = block != NULL ? fc__lasting_new(marshal, life, object) : NULL;
    if (entry == NULL) {
        fc__error_set(marshal->err, FC_ENOMEM,
                      "out of memory for what the library keeps: %" PRIu64 " bytes for an argument of %s",
                      object->bytes[FC__THERE], marshal->plan->name);
        fc_free(channel->session, block);
        return NULL;
    }
    memset(block, 0, (size_t)size);
    entry->block = block;
    entry->is.there = ((uintptr_t)block + alignment - 1) / alignment * alignment;
    return entry;
}

void fc__book_free_lasting(struct fc_session *session) {
    struct fc__book *book = &session->book;
    while (book->lasting != NULL) {
        struct fc__book_lasting *entry = book->lasting;
        fc__lasting_unlink_locked(book, entry);
        entry->block = NULL; /* it goes with the window */
        fc__lasting_free(session, entry);
    }
}
