/* client: the address book's objects that outlive calls: what the library remembers by its address, what it keeps until a
 * function is called, and its own objects that the caller has a copy of. */
#include "client/client.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct fc__book_lasting {
    struct fc__lasting is;
    struct fc__shapes *shapes; /* keeps is.shape */
    uint32_t generation;       /* of the host that has it */
    void *block;               /* fc_alloc's, around is.there; NULL: the library's own */
    char *until;               /* kept */
    void *seen;                /* kept, written: the callee's bytes when they were last copied back */
    uint64_t owner;            /* kept: the handle it belongs to; 0: any */
    bool is_given;             /* kept: until a function that was passed with it is called with it */
    bool is_in_call;           /* kept: the call that it was passed in has not returned */
    bool is_over;              /* kept: and it is out of the book already */
    bool is_settled;           /* kept: the call that it was passed in returned */
    bool is_any;               /* a key: of whatever address */
    bool is_claim;             /* no object: what stands for a function of the caller, is.here its number */
    struct fc__book_lasting *next, *before; /* all of them */
    struct fc__book_lasting *next_new;      /* kept in the same call */
};

/* -- trees by address, of objects that do not overlap ------------------------------------------------------------------------ */

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

/* What is kept, by what ends it. */
static int compare_kept(const void *left, const void *right) {
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

static struct fc__book_lasting *at_locked(struct fc__book *book, enum fc__side side, uint64_t address, uint64_t bytes) {
    struct fc__book_lasting key = {.is = {.here = address, .there = address, .bytes = {bytes, bytes}}};
    void *found = tfind(&key, tree_of(book, side), side == FC__HERE ? compare_here : compare_there);
    return found != NULL ? *(struct fc__book_lasting **)found : NULL;
}

static void remove_locked(struct fc__book *book, struct fc__book_lasting *entry, enum fc__side side) {
    if (at_locked(book, side, side == FC__HERE ? entry->is.here : entry->is.there, 1) == entry) {
        tdelete(entry, tree_of(book, side), side == FC__HERE ? compare_here : compare_there);
    }
}

/* False when out of memory. What it overlaps is over: its memory has become other memory. */
static bool insert_locked(struct fc__book *book, struct fc__book_lasting *entry, enum fc__side side) {
    const uint64_t address = side == FC__HERE ? entry->is.here : entry->is.there;
    struct fc__book_lasting *other;
    while ((other = at_locked(book, side, address, entry->is.bytes[side])) != NULL) {
        tdelete(other, tree_of(book, side), side == FC__HERE ? compare_here : compare_there);
    }
    return tsearch(entry, tree_of(book, side), side == FC__HERE ? compare_here : compare_there) != NULL;
}

/* -- entries --------------------------------------------------------------------------------------------------------------- */

static unsigned is_written(const struct fc__book_lasting *entry) {
    return entry->until != NULL && entry->is.writes;
}

static void link_locked(struct fc__book *book, struct fc__book_lasting *entry) {
    entry->next = book->lasting;
    if (entry->next != NULL) {
        entry->next->before = entry;
    }
    book->lasting = entry;
    atomic_fetch_add_explicit(&book->written_count, is_written(entry), memory_order_relaxed);
    atomic_fetch_add_explicit(&book->lasting_count, !entry->is_claim, memory_order_relaxed);
}

static void unlink_locked(struct fc__book *book, struct fc__book_lasting *entry) {
    if (!entry->is_claim) {
        remove_locked(book, entry, FC__HERE);
        remove_locked(book, entry, FC__THERE);
    }
    if (entry->until != NULL && entry->is_settled) {
        tdelete(entry, &book->kept, compare_kept);
    }
    *(entry->before != NULL ? &entry->before->next : &book->lasting) = entry->next;
    if (entry->next != NULL) {
        entry->next->before = entry->before;
    }
    atomic_fetch_sub_explicit(&book->written_count, is_written(entry), memory_order_relaxed);
    atomic_fetch_sub_explicit(&book->lasting_count, !entry->is_claim, memory_order_relaxed);
}

/* Out of the book already. */
static void entry_free(struct fc_session *session, struct fc__book_lasting *entry) {
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

static struct fc__book_lasting *entry_new(const struct fc__marshal *marshal, enum fc__life life,
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

/* With memory of the window, zeroed, for the callee to have it in. */
static struct fc__book_lasting *entry_with_memory(const struct fc__marshal *marshal, enum fc__life life,
                                                  const struct fc__object *object) {
    const struct fc__channel *channel = marshal->owner;
    const uint64_t alignment = object->shape->alignment[FC__THERE] > 16 ? object->shape->alignment[FC__THERE] : 16;
    const uint64_t size = object->bytes[FC__THERE] + alignment + 1; /* its end is not the beginning of another */
    void *block = size < SIZE_MAX ? fc_alloc(channel->session, (size_t)size) : NULL;
    struct fc__book_lasting *entry = block != NULL ? entry_new(marshal, life, object) : NULL;
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
        unlink_locked(book, entry);
        entry->block = NULL; /* it goes with the window */
        entry_free(session, entry);
    }
}

/* -- looking up -------------------------------------------------------------------------------------------------------------- */

static bool is_empty(const struct fc__book *book) {
    return atomic_load_explicit(&book->lasting_count, memory_order_relaxed) == 0;
}

/* The object that holds the address, or ends there. */
static struct fc__book_lasting *holding_locked(struct fc__book *book, enum fc__side side, uint64_t address) {
    struct fc__book_lasting *entry = at_locked(book, side, address, 1);
    return entry != NULL || address == 0 ? entry : at_locked(book, side, address - 1, 1);
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
    if (is_empty(book)) {
        return false;
    }
    pthread_mutex_lock(&book->lock);
    bool found = look_locked(channel, from, address, bytes, ret_lasting);
    pthread_mutex_unlock(&book->lock);
    return found;
}

/* A handle that is a copy of the library's object stands for that; one that the library has a shadow of, for the shadow,
 * and the other way round. */
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
    if (found && lasting.is_gone && lasting.life == FC__LIFE_TAKEN &&
        address < lasting.here + lasting.bytes[FC__HERE]) {
        return fc__error_set(marshal->err, FC_EINVAL,
                             "an argument of %s is the copy of an object that the library had in a host that died. It "
                             "is gone with that host; have the library make it anew",
                             marshal->plan->name);
    }
    const bool is_inside = found && (from == FC__THERE || address < lasting.here + lasting.bytes[FC__HERE]);
    const bool is_callers = lasting.life != FC__LIFE_TAKEN || (lasting.is_handle && address == lasting.there);
    const bool applies = is_inside && !lasting.is_gone && (from == FC__HERE || is_callers);
    *ret_address = applies ? lasting.mapped : address;
    return FC_OK;
}

/* -- pinned ---------------------------------------------------------------------------------------------------------------- */

/* The shadow of exactly that object; of a host before, too. */
static struct fc__book_lasting *shadow_locked(struct fc__book *book, const struct fc__object *object) {
    struct fc__book_lasting *entry = at_locked(book, FC__HERE, object->here, 1);
    return entry != NULL && entry->is.life == FC__LIFE_PINNED && entry->is.here == object->here ? entry : NULL;
}

/* The copy of the library's object that stands for it until this is said to be over. */
static struct fc__book_lasting *handle_locked(struct fc__book *book, uint64_t here) {
    struct fc__book_lasting *entry = at_locked(book, FC__HERE, here, 1);
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
            unlink_locked(book, entry);
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
        entry_free(session, old);
    }
    if (entry != NULL || !begins) {
        return entry != NULL ? FC_OK : not_begun(marshal, object, was_there);
    }
    entry = entry_with_memory(marshal, FC__LIFE_PINNED, object);
    if (entry == NULL) {
        return FC_ENOMEM;
    }
    pthread_mutex_lock(&book->lock);
    link_locked(book, entry);
    const bool ok = insert_locked(book, entry, FC__HERE) && insert_locked(book, entry, FC__THERE);
    *ret_there = entry->is.there;
    if (!ok) {
        unlink_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    if (!ok) {
        entry_free(session, entry);
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
    }
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
        unlink_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    if (entry != NULL) {
        entry_free(channel->session, entry);
    }
}

/* -- the library's, of which the caller has a copy ---------------------------------------------------------------------------- */

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
    struct fc__book_lasting *entry = at_locked(book, FC__HERE, object->here, 1);
    if (entry != NULL && stands_for(entry, channel->generation, object)) { /* the same as the last time, or a part */
        entry->is.is_handle |= object->is_handle;
        *ret_pristine = entry->is.pristine;
        pthread_mutex_unlock(&book->lock);
        return FC_OK;
    }
    if (entry != NULL) {
        unlink_locked(book, entry);
        fc__shapes_drop(entry->shapes);
        free(entry);
    }
    entry = entry_new(marshal, FC__LIFE_TAKEN, object);
    if (entry != NULL) {
        entry->is.pristine = fc__book_pristine(object->here);
        link_locked(book, entry);
        if (!insert_locked(book, entry, FC__HERE) || !insert_locked(book, entry, FC__THERE)) {
            unlink_locked(book, entry);
            fc__shapes_drop(entry->shapes);
            free(entry);
            entry = NULL;
        }
    }
    pthread_mutex_unlock(&book->lock);
    if (entry == NULL) {
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
    }
    *ret_pristine = entry->is.pristine;
    return FC_OK;
}

/* -- kept ------------------------------------------------------------------------------------------------------------------ */

static uint64_t owner_of(const struct fc__marshal *marshal) {
    return marshal->plan->handle != UINT32_MAX ? marshal->slots[marshal->plan->handle] : 0;
}

int fc__op_keep(void *context, const struct fc__object *object, const char *until, uint64_t *ret_there) {
    struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc_session *session = channel->session;
    struct fc__book *book = &session->book;
    struct fc__book_lasting key = {
        .is = {.here = object->here, .bytes = {object->bytes[FC__HERE], object->bytes[FC__THERE]}},
        .owner = owner_of(marshal)};
    key.until = strdup(until);
    pthread_mutex_lock(&book->lock);
    void *found = key.until != NULL && !object->is_given ? tfind(&key, &book->kept, compare_kept) : NULL;
    struct fc__book_lasting *entry = found != NULL ? *(struct fc__book_lasting **)found : NULL;
    const bool is_known = entry != NULL && entry->generation == channel->generation;
    struct fc__book_lasting *const old = is_known ? NULL : entry; /* that of a host which died */
    *ret_there = is_known ? entry->is.there : 0;
    if (old != NULL) {
        unlink_locked(book, old);
    }
    pthread_mutex_unlock(&book->lock);
    if (old != NULL) {
        entry_free(session, old);
    }
    if (is_known || key.until == NULL) {
        const bool is_lost = key.until == NULL;
        free(key.until);
        return is_lost ? fc__error_set(marshal->err, FC_ENOMEM, "out of memory") : FC_OK;
    }
    entry = entry_with_memory(marshal, FC__LIFE_KEPT, object);
    if (entry == NULL) {
        free(key.until);
        return FC_ENOMEM;
    }
    entry->until = key.until;
    entry->owner = key.owner;
    pthread_mutex_lock(&book->lock);
    link_locked(book, entry);
    const bool ok = insert_locked(book, entry, FC__THERE);
    if (!ok) {
        unlink_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    if (!ok) {
        entry_free(session, entry);
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
    }
    entry->is_given = object->is_given;
    entry->is_in_call = true;
    entry->next_new = marshal->kept;
    marshal->kept = entry;
    *ret_there = entry->is.there;
    return FC_OK;
}

int fc__lasting_claim(struct fc__marshal *marshal, uint32_t id, const char *until) {
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    struct fc__book_lasting *entry = calloc(1, sizeof *entry);
    char *name = strdup(until);
    if (entry == NULL || name == NULL) {
        free(entry);
        free(name);
        fc__callbacks_let_go(channel->session, id, false);
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory");
    }
    *entry = (struct fc__book_lasting){.is = {.life = FC__LIFE_KEPT, .here = id},
                                       .is_claim = true,
                                       .until = name,
                                       .owner = owner_of(marshal),
                                       .generation = channel->generation,
                                       .next_new = marshal->kept};
    pthread_mutex_lock(&book->lock);
    link_locked(book, entry);
    pthread_mutex_unlock(&book->lock);
    marshal->kept = entry;
    return FC_OK;
}

/* Whether the callee wrote to it since. What it left alone may be other memory here by now. */
static bool is_changed(struct fc__book_lasting *entry) {
    const void *there = (const void *)(uintptr_t)entry->is.there;
    const size_t size = (size_t)entry->is.bytes[FC__THERE];
    const bool is_new = entry->seen == NULL || memcmp(entry->seen, there, size) != 0;
    entry->seen = entry->seen != NULL ? entry->seen : malloc(size + 1);
    if (is_new && entry->seen != NULL) {
        memcpy(entry->seen, there, size);
    }
    return is_new;
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
            entry_free(channel->session, entry);
            continue;
        }
        pthread_mutex_lock(&book->lock);
        entry->is_in_call = false;
        entry->owner = plan->handle == UINT32_MAX ? returned : entry->owner;
        void *place = is_kept && !entry->is_given ? tsearch(entry, &book->kept, compare_kept) : NULL;
        entry->is_settled = place != NULL && *(struct fc__book_lasting **)place == entry;
        (void)(entry->is_settled && is_written(entry) && is_changed(entry)); /* what it wrote in this call is here */
        const bool is_over = !is_kept || (entry->is_claim && !entry->is_settled);
        if (is_over) {
            unlink_locked(book, entry);
        } /* memory that is like another, or finds none, stays until the session is closed */
        pthread_mutex_unlock(&book->lock);
        if (is_over) {
            entry_free(channel->session, entry);
        }
    }
    marshal->kept = NULL;
}

void fc__op_let_go(void *context, uint64_t there) {
    const struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = at_locked(book, FC__THERE, there, 1);
    entry = entry != NULL && entry->is_given && entry->is.there == there ? entry : NULL;
    if (entry != NULL) {
        unlink_locked(book, entry);
        entry->is_over = entry->is_in_call;
    }
    const bool is_free = entry != NULL && !entry->is_over;
    pthread_mutex_unlock(&book->lock);
    if (is_free) {
        entry_free(channel->session, entry);
    }
}

static struct fc__book_lasting *take_ended(struct fc__book *book, const char *until, uint64_t owner) {
    char name[FC__ERROR_TEXT_MAX];
    struct fc__book_lasting key = {.owner = owner, .is_any = true, .until = name};
    struct fc__book_lasting *entry = NULL;
    if (strlen(until) >= sizeof name) {
        return NULL;
    }
    memcpy(name, until, strlen(until) + 1);
    pthread_mutex_lock(&book->lock);
    void *found = tfind(&key, &book->kept, compare_kept);
    if (found != NULL) {
        entry = *(struct fc__book_lasting **)found;
        unlink_locked(book, entry);
    }
    pthread_mutex_unlock(&book->lock);
    return entry;
}

int fc__lasting_end(struct fc__marshal *marshal) {
    const struct fc__channel *channel = marshal->owner;
    struct fc__book *book = &channel->session->book;
    const uint64_t owners[2] = {owner_of(marshal), 0};
    int first = FC_OK;
    for (int i = 0; i < 2; i++) {
        struct fc__book_lasting *entry;
        while ((entry = take_ended(book, marshal->plan->name, owners[i])) != NULL) {
            int rc =
                !entry->is_claim && entry->is.writes && entry->generation == channel->generation && is_changed(entry)
                    ? fc__object_return(marshal, &entry->is)
                    : FC_OK;
            first = first == FC_OK ? rc : first;
            entry_free(channel->session, entry);
        }
    }
    return first;
}

/* What the handle has of it, one after the other: the book is not locked while they are copied. */
static bool written_at(struct fc__channel *channel, uint64_t owner, unsigned index, struct fc__lasting *ret_lasting,
                       bool *ret_changed) {
    struct fc__book *book = &channel->session->book;
    pthread_mutex_lock(&book->lock);
    struct fc__book_lasting *entry = book->lasting;
    for (; entry != NULL; entry = entry->next) {
        if (is_written(entry) && entry->is_settled && entry->owner == owner &&
            entry->generation == channel->generation && index-- == 0) {
            *ret_lasting = entry->is;
            *ret_changed = is_changed(entry);
            break;
        }
    }
    pthread_mutex_unlock(&book->lock);
    return entry != NULL;
}

int fc__lasting_bring_back(struct fc__marshal *marshal) {
    const uint64_t owner = owner_of(marshal);
    struct fc__lasting lasting;
    bool is_new;
    int first = FC_OK;
    for (unsigned i = 0; owner != 0 && written_at(marshal->owner, owner, i, &lasting, &is_new); i++) {
        int rc = is_new ? fc__object_return(marshal, &lasting) : FC_OK;
        first = first == FC_OK ? rc : first;
    }
    return first;
}

/* -- which functions end something --------------------------------------------------------------------------------------------- */

/* A name that a declaration said. */
struct fc__book_until {
    struct fc__book_until *next;
    char name[];
};

static bool is_until_locked(const struct fc__book *book, const char *name) {
    for (const struct fc__book_until *until = book->untils; until != NULL; until = until->next) {
        if (strcmp(until->name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool fc__book_is_until(struct fc__book *book, const char *name) {
    pthread_mutex_lock(&book->lock);
    const bool is_one = is_until_locked(book, name);
    pthread_mutex_unlock(&book->lock);
    return is_one;
}

bool fc__book_add_until(struct fc__book *book, const char *name) {
    const size_t size = strlen(name) + 1;
    struct fc__book_until *until = malloc(sizeof *until + size);
    if (until == NULL) {
        return false;
    }
    memcpy(until->name, name, size);
    pthread_mutex_lock(&book->lock);
    const bool is_new = !is_until_locked(book, name);
    if (is_new) {
        until->next = book->untils;
        book->untils = until;
    }
    pthread_mutex_unlock(&book->lock);
    if (!is_new) {
        free(until);
    }
    return true;
}

void fc__book_free_untils(struct fc__book *book) {
    while (book->untils != NULL) {
        struct fc__book_until *next = book->untils->next;
        free(book->untils);
        book->untils = next;
    }
}
