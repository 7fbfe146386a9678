#include "abi/object_parts.h"

#include "base/change.h"

#include <string.h>

uint64_t fc__object_address(const struct fc__object *object, enum fc__side side) {
    return side == FC__HERE ? object->here : object->there;
}

/* `here`: the first element; NULL: see fc__shape_offset. */
static bool offset_of(const struct fc__shape *shape, uint64_t count, enum fc__side side, uint64_t offset, uint64_t here,
                      uint64_t *ret_offset) {
    const enum fc__side other = side == FC__HERE ? FC__THERE : FC__HERE;
    const uint64_t size = shape->size[side];
    const unsigned char *element = (const unsigned char *)(uintptr_t)here;
    uint64_t inner = 0;
    if (shape->text != FC__TEXT_NONE) { /* only who has the text can say more */
        *ret_offset = 0;
        return offset == 0;
    }
    if (shape->is_plain || size == 0 || count <= 1) {
        return fc__shape_offset(shape, side, offset, element, ret_offset) || (*ret_offset = 0, false);
    }
    element += here != 0 && offset / size < count ? offset / size * shape->size[FC__HERE] : 0;
    bool ok = fc__shape_offset(shape, side, offset % size, element, &inner);
    *ret_offset = offset / size * shape->size[other] + inner;
    return ok;
}

bool fc__object_offset(const struct fc__object *object, enum fc__side side, uint64_t offset, uint64_t *ret_offset) {
    return object->shape->text != FC__TEXT_NONE
               ? fc__object_text_offset(object, side, offset, ret_offset)
               : offset_of(object->shape, object->count, side, offset, object->here, ret_offset);
}

bool fc__object_offset_any(const struct fc__object *object, enum fc__side side, uint64_t offset, uint64_t *ret_offset) {
    return offset_of(object->shape, object->count, side, offset, 0, ret_offset);
}

static uint64_t in_element(const struct fc__object *object, uint64_t offset) {
    const uint64_t size = object->shape->size[FC__THERE];
    return object->count > 1 && size != 0 ? offset % size : offset;
}

bool fc__object_begins(const struct fc__object *object, uint64_t offset, const struct fc__shape *shape) {
    const uint64_t at = in_element(object, offset), before = offset - at, size = object->shape->size[FC__THERE];
    const uint64_t here = object->here + (before != 0 ? before / size * object->shape->size[FC__HERE] : 0);
    return fc__shape_begins(object->shape, FC__THERE, at, (const unsigned char *)(uintptr_t)here, shape);
}

bool fc__object_is_in_union(const struct fc__object *object, uint64_t offset) {
    return object->shape->has_union && fc__shape_is_in_union(object->shape, FC__THERE, in_element(object, offset));
}

bool fc__lasting_maps(const struct fc__lasting *lasting, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                      uint64_t *ret_address) {
    const enum fc__side to = from == FC__HERE ? FC__THERE : FC__HERE;
    const uint64_t offset = address - (from == FC__HERE ? lasting->here : lasting->there);
    const uint64_t base = to == FC__HERE ? lasting->here : lasting->there;
    const uint64_t here = lasting->life != FC__LIFE_KEPT ? lasting->here : 0; /* kept: the caller's may be gone */
    uint64_t start = 0, end = 0;
    if (offset > lasting->bytes[from] || !offset_of(lasting->shape, lasting->count, from, offset, here, &start)) {
        return false;
    }
    *ret_address = base + start;
    return bytes == NULL || (offset == 0 && bytes[from] == lasting->bytes[from] && bytes[to] == lasting->bytes[to]) ||
           (bytes[from] <= lasting->bytes[from] - offset &&
            offset_of(lasting->shape, lasting->count, from, offset + bytes[from], here, &end) &&
            end - start == bytes[to]);
}

bool fc__object_find(const struct fc__marshal *m, enum fc__side from, uint64_t address, uint64_t *ret_address) {
    const struct fc__object *object = fc__objects_at(m, from, address, true);
    uint64_t offset;
    if (object == NULL || !fc__object_offset(object, from, address - fc__object_address(object, from), &offset)) {
        return false;
    }
    *ret_address = fc__object_address(object, from == FC__HERE ? FC__THERE : FC__HERE) + offset;
    return true;
}

bool fc__object_find_any(const struct fc__marshal *m, enum fc__side from, uint64_t address, uint64_t *ret_address) {
    if (fc__object_find(m, from, address, ret_address)) {
        return true;
    }
    for (uint32_t i = m->first_object; i > 0; i--) {
        const struct fc__object *object = &m->objects->list[i - 1];
        uint64_t offset = address - fc__object_address(object, from);
        if (offset < object->bytes[from] && fc__object_offset(object, from, offset, &offset)) {
            *ret_address = fc__object_address(object, from == FC__HERE ? FC__THERE : FC__HERE) + offset;
            return true;
        }
    }
    return false;
}

bool fc__object_room(const struct fc__marshal *m, enum fc__side side, uint64_t address, uint64_t *ret_bytes) {
    const struct fc__object *object = fc__objects_at(m, side, address, false);
    if (object == NULL) {
        return false;
    }
    *ret_bytes = object->bytes[side] - (address - fc__object_address(object, side));
    return true;
}

/* -- how large ----------------------------------------------------------------------------------------------------- */

/* What an upcall is given of an object that a call around it has sent. */
static unsigned char *sent_before(const struct fc__marshal *m, const struct fc__object *object) {
    for (uint32_t i = object->is_lasting ? m->first_object : 0; i > 0; i--) {
        const struct fc__object *outer = &m->objects->list[i - 1];
        if (!outer->is_theirs && outer->there == object->there && outer->bytes[FC__THERE] == object->bytes[FC__THERE]) {
            return outer->before;
        }
    }
    return NULL;
}

/* What the side that it comes from was handed, or knew: NULL if all of it is new to the other. */
static unsigned char *before_of(const struct fc__marshal *m, const struct fc__object *object, enum fc__side to_side) {
    const bool goes_back = object->is_theirs == (to_side == FC__THERE);
    return goes_back                                  ? object->before
           : object->is_theirs                        ? sent_before(m, object)
           : object->is_lasting && !object->is_output ? object->pristine
                                                      : NULL;
}

static int transfer(struct fc__marshal *m, const struct fc__object *object, enum fc__side to_side, uint64_t count) {
    const struct fc__scope scope = {.record = object->record, .key = object->record_key};
    unsigned char *const here = (unsigned char *)(uintptr_t)object->here;
    struct fc__walk w = {.m = m,
                         .from = to_side == FC__HERE ? FC__THERE : FC__HERE,
                         .to = to_side,
                         .start = to_side == FC__HERE ? object->local : here,
                         .before = before_of(m, object, to_side),
                         .to_start = to_side == FC__HERE ? here : object->local,
                         .known = to_side == FC__HERE ? object->pristine : NULL,
                         .outer = &scope,
                         .is_output = object->is_output,
                         .is_unfollowed = object->is_unfollowed,
                         .is_lasting = object->is_lasting,
                         .spot = {.what = to_side == FC__HERE ? FC__SPOT_OUTPUT : FC__SPOT_ARGUMENT,
                                  .index = object->index,
                                  .is_inner = true}};
    w.is_cut = to_side == FC__HERE && !object->is_theirs; /* functions that need more room report it so */
    w.end[FC__HERE] = here + object->bytes[FC__HERE];
    w.end[FC__THERE] = object->local + object->bytes[FC__THERE];
    if (object->shape->is_plain) { /* counted in bytes, perhaps */
        const uint64_t bytes = object->count != 0 ? object->bytes[FC__HERE] / object->count * count : 0;
        if (w.known != NULL) {
            fc__change_take(here, object->local, w.known, bytes);
        } else if (to_side == FC__HERE || w.before != NULL) {
            fc__change_copy(to_side == FC__HERE ? here : object->local, w.start, w.before, bytes);
        } else {
            memcpy(object->local, here, (size_t)bytes);
        }
        return FC_OK;
    }
    if (to_side == FC__THERE && !object->is_theirs && !object->is_lasting) {
        memset(object->local, 0, (size_t)object->bytes[FC__THERE]); /* what is between the members */
    }
    if (object->shape->text != FC__TEXT_NONE) {
        return fc__object_text_transfer(&w, object, count);
    }
    return to_side == FC__HERE ? fc__convert_elements(&w, object->shape, count, object->local, here, &scope)
                               : fc__convert_elements(&w, object->shape, count, here, object->local, &scope);
}

/* The conversion of other objects notes what is known of them. */
static void note_text(const struct fc__object *object) {
    if (object->pristine != NULL && object->shape->text != FC__TEXT_NONE) {
        fc__change_copy(object->pristine, (const void *)(uintptr_t)object->here, NULL, object->bytes[FC__HERE]);
    }
}

/* The library's own object, of which the caller has a copy: what the caller did not touch is left alone, since the
 * library may have changed it since. */
static int fill_theirs(struct fc__marshal *m, const struct fc__object *object) {
    const void *const here = (const void *)(uintptr_t)object->here;
    const uint64_t size = object->bytes[FC__THERE], local = (uintptr_t)object->local;
    if (object->pristine != NULL && memcmp(here, object->pristine, (size_t)object->bytes[FC__HERE]) == 0) {
        return FC_OK;
    }
    int rc = object->is_remote ? m->ops->copy(m->context, object->there, local, size) : FC_OK;
    const unsigned char *before = rc == FC_OK && object->is_remote ? fc__marshal_keep(m, object->local, size) : NULL;
    rc = rc == FC_OK ? transfer(m, object, FC__THERE, object->count) : rc;
    if (rc == FC_OK && object->is_remote) {
        rc = before != NULL ? m->ops->merge(m->context, local, (uintptr_t)before, object->there, size)
                            : m->ops->copy(m->context, local, object->there, size);
    }
    if (rc == FC_OK && object->pristine != NULL) {
        fc__change_copy(object->pristine, here, NULL, object->bytes[FC__HERE]);
    }
    return rc;
}

static int fill(struct fc__marshal *m, const struct fc__object *object) {
    unsigned char *const here = (unsigned char *)(uintptr_t)object->here;
    if (!object->is_theirs) {
        return object->pristine != NULL || object->is_remote ? fill_theirs(m, object)
                                                             : transfer(m, object, FC__THERE, object->count);
    }
    const bool outlives = m->outlives;
    m->outlives = object->outlives;
    int rc = transfer(m, object, FC__HERE, object->count);
    m->outlives = outlives;
    if (object->is_ended && object->count != 0) { /* whatever the host did meanwhile */
        const uint64_t unit = object->shape->size[FC__HERE];
        memset(here + object->bytes[FC__HERE] - unit, 0, (size_t)unit);
    }
    note_text(object);
    return rc;
}

static int fill_all(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    bool again = true;
    while (again) { /* what was filled may turn out to be read as well */
        again = false;
        for (uint32_t i = m->first_object; i < objects->count; i++) {
            struct fc__object *object = &objects->list[i];
            if (object->is_filled) {
                continue;
            }
            again = true;
            object->is_filled = true;
            const struct fc__object copy = *object;
            int rc = copy.reads ? fill(m, &copy) : FC_OK;
            if (rc != FC_OK) {
                return rc;
            }
        }
    }
    return FC_OK;
}

int fc__objects_fill(struct fc__marshal *m) {
    int rc = fill_all(m);
    while (m->objects->waiting_count != 0) { /* and what these lead to is filled, too */
        int own = fc__objects_end_waiting(m);
        own = own == FC_OK && rc == FC_OK ? fill_all(m) : own;
        rc = rc == FC_OK ? own : rc;
    }
    return rc;
}

void fc__objects_keep(struct fc__marshal *m) {
    for (uint32_t i = m->first_object; i < m->objects->count; i++) {
        struct fc__object *object = &m->objects->list[i];
        const bool is_new = object->pristine == NULL && object->copied_from == 0;
        if (object->is_theirs != m->is_upcall || !object->reads || !object->writes || fc__object_is_in_place(object)) {
            continue;
        }
        if (object->is_theirs) {
            object->before = fc__marshal_keep(m, (const void *)(uintptr_t)object->here, object->bytes[FC__HERE]);
        } else if (is_new) { /* else is known how both had it */
            object->before = fc__marshal_keep(m, object->local, object->bytes[FC__THERE]);
        }
    }
}

static int bring_back(struct fc__marshal *m, const struct fc__object *object, uint64_t count) {
    void *const here = (void *)(uintptr_t)object->here;
    int rc = object->is_remote
                 ? m->ops->copy(m->context, object->there, (uintptr_t)object->local, object->bytes[FC__THERE])
                 : FC_OK;
    if (object->copied_from != 0) { /* what stayed on this side was not copied there */
        memcpy(here, (const void *)(uintptr_t)object->copied_from, (size_t)object->bytes[FC__HERE]);
    }
    rc = rc == FC_OK ? transfer(m, object, FC__HERE, count) : rc;
    note_text(object);
    return rc;
}

int fc__object_return(struct fc__marshal *m, const struct fc__lasting *lasting, unsigned char *before) {
    const struct fc__object object = {.here = lasting->here,
                                      .there = lasting->there,
                                      .bytes = {lasting->bytes[FC__HERE], lasting->bytes[FC__THERE]},
                                      .count = lasting->count,
                                      .shape = lasting->shape,
                                      .local = (unsigned char *)(uintptr_t)lasting->there,
                                      .before = before};
    m->is_deep = true;
    m->first_object = m->objects->count;
    int rc = transfer(m, &object, FC__HERE, object.count);
    rc = rc == FC_OK ? fc__objects_fill(m) : rc;
    fc__marshal_forget(m);
    return rc;
}

/* The order in which objects come back: first those that hold lengths, then those with pointers to what has such a
 * length. Late ones are not there where the callee says that it failed, and last come those of a length that it
 * decides. */
enum { RANK_LATE = 3, RANKS = 6 };
static int rank_of(const struct fc__object *object) {
    const bool is_late = object->valid != NULL || object->copied_from != 0 || (!object->reads && !object->is_lasting);
    return (is_late ? RANK_LATE : 0) + (object->valid != NULL ? 2 : object->shape->follows ? 1 : 0);
}

int fc__object_settle(struct fc__marshal *m, uint64_t here) {
    enum { DEPTH_MAX = 16 };
    struct fc__object *object = fc__objects_at(m, FC__HERE, here, false);
    if (object == NULL || !(object->is_theirs ? object->reads && !object->is_filled
                                              : object->writes && !object->is_back && rank_of(object) < RANK_LATE)) {
        return FC_OK;
    }
    if (m->settling == DEPTH_MAX) {
        return fc__error_set(m->err, FC_EUNSUPPORTED,
                             "a size of %s depends on a size that depends on another, and so on", m->plan->name);
    }
    object->is_filled = object->is_back = true;
    const struct fc__object copy = *object;
    m->settling++;
    int rc = copy.is_theirs ? fill(m, &copy) : bring_back(m, &copy, copy.count);
    m->settling--;
    return rc;
}

int fc__objects_bring_back(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    struct fc__error *const err = m->err;
    int first = FC_OK;
    const uint32_t sent = objects->count;
    for (int rank = 0; rank < RANKS; rank++) {
        if (rank == RANK_LATE) {
            fc__marshal_note(m, fc__marshal_judge(m, first), &first);
        }
        for (uint32_t i = m->first_object; i < sent; i++) {
            const struct fc__object copy = objects->list[i];
            uint64_t count = copy.count;
            if (!copy.writes || copy.is_theirs || copy.is_back || rank_of(&copy) != rank ||
                (rank >= RANK_LATE && m->has_failed)) {
                continue;
            }
            objects->list[i].is_back = true;
            const struct fc__scope scope = {.record = copy.record, .key = copy.record_key};
            int rc = fc__size_valid(m, &scope, copy.valid, copy.count, &count);
            rc = rc == FC_OK ? bring_back(m, &copy, count) : rc;
            fc__marshal_note(m, rc, &first);
        }
    }
    m->err = err;
    return first;
}

/* What only the callee sees: it copies what is changed itself. */
static int give_back_fetched(struct fc__marshal *m, const struct fc__object *object) {
    const uint64_t size = object->bytes[FC__THERE];
    unsigned char *before = NULL;
    if (object->shape->is_plain &&
        fc__change_is_none((const void *)(uintptr_t)object->here, object->before, object->bytes[FC__HERE])) {
        return FC_OK;
    }
    if (m->ops->lend(m->context, size, &before)) {
        memcpy(before, object->local, (size_t)size);
    }
    int rc = transfer(m, object, FC__THERE, object->count);
    if (rc != FC_OK || fc__change_is_none(object->local, before, size)) {
        return rc;
    }
    return before != NULL ? m->ops->merge(m->context, (uintptr_t)object->local, (uintptr_t)before, object->there, size)
                          : m->ops->give_back(m->context, object->there, size, object->local);
}

int fc__objects_give_back(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    for (uint32_t i = m->first_object; i < objects->count; i++) {
        const struct fc__object copy = objects->list[i];
        if (!copy.writes || !copy.is_theirs || fc__object_is_in_place(&copy) ||
            (copy.is_lasting && m->plan->ends && !m->has_failed)) { /* which may be gone here */
            continue;
        }
        int rc = copy.is_fetched ? give_back_fetched(m, &copy) : transfer(m, &copy, FC__THERE, copy.count);
        if (rc != FC_OK) {
            return rc;
        }
    }
    return FC_OK;
}
