/* abi: pointers of the callee's into unions of the caller's. They wait until all that a call brings is here: only then is it
 * known which member counts, and so where they lead. */
#include "abi/object_parts.h"

#include "base/change.h"

#include <stdlib.h>

/* A pointer of the callee's, and where the caller is to find it. */
struct fc__waiting {
    uint64_t there;
    unsigned char *to;
    const struct fc__shape *shape; /* of the pointer; a value if it is opaque */
    struct fc__object object;      /* what it leads to, unless that is the caller's */
    struct fc__spot spot;
};

bool fc__object_must_wait(const struct fc__walk *w, uint64_t there) {
    const struct fc__marshal *m = w->m;
    if (w->to == FC__THERE || w->is_numbers || there == 0 || !m->is_deep || !m->objects->has_union) {
        return false;
    }
    const struct fc__object *object = fc__objects_at(m, FC__THERE, there, false);
    return object != NULL && fc__object_is_in_union(object, there - object->there);
}

static struct fc__waiting *add(struct fc__marshal *m) {
    enum { FIRST_CAPACITY = 4 };
    struct fc__objects *objects = m->objects;
    if (objects->waiting_count == objects->waiting_capacity) {
        const uint32_t capacity = objects->waiting_capacity != 0 ? objects->waiting_capacity * 2 : FIRST_CAPACITY;
        struct fc__waiting *fresh =
            capacity > objects->waiting_capacity ? realloc(objects->waiting, capacity * sizeof *fresh) : NULL;
        if (fresh == NULL) {
            fc__error_set(m->err, FC_ENOMEM, "out of memory for what %s hands back", m->plan->name);
            return NULL;
        }
        objects->waiting = fresh;
        objects->waiting_capacity = capacity;
    }
    return &objects->waiting[objects->waiting_count++];
}

int fc__object_wait(const struct fc__walk *w, const struct fc__shape *shape, const struct fc__scope *scope,
                    uint64_t there, unsigned char *to) {
    struct fc__marshal *m = w->m;
    const struct fc__object *into = fc__objects_at(m, FC__THERE, there, false);
    struct fc__object object = {.there = there};
    int rc = FC_OK;
    if (shape->kind == FC__SHAPE_POINTER && into != NULL && into->is_theirs) { /* the sizes' members are here now */
        object = fc__object_of_theirs(m, w->spot.index, &shape->pointee, there);
        rc = fc__object_measure_theirs(m, w->spot.index, &shape->pointee, scope, &object);
    }
    struct fc__waiting *waiting = rc == FC_OK ? add(m) : NULL;
    if (waiting == NULL) {
        return rc != FC_OK ? rc : FC_ENOMEM;
    }
    *waiting = (struct fc__waiting){.there = there, .shape = shape, .object = object, .spot = w->spot};
    waiting->to = to;
    return FC_OK;
}

static int no_place(struct fc__marshal *m, const struct fc__waiting *waiting) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EUNSUPPORTED,
                         "%s of %s leads into a union, to a place where none of its members that counts, going by "
                         "_Fc_union_, has anything of that type: so it has no address on this side",
                         fc__spot_text(m, &waiting->spot, what), m->plan->name);
}

/* An address into what is the caller's: into the member that counts, or else, where nothing is followed, into whichever
 * has the place. */
static bool own_place(const struct fc__marshal *m, const struct fc__object *into, const struct fc__waiting *waiting,
                      uint64_t *ret_here) {
    const uint64_t offset = waiting->there - into->there;
    const bool is_opaque = waiting->shape->kind == FC__SHAPE_VALUE;
    uint64_t place;
    if (is_opaque ? fc__object_find(m, FC__THERE, waiting->there, ret_here)
                  : fc__object_take_back(m, waiting->shape->pointee.shape, waiting->there, ret_here)) {
        return true;
    }
    if ((!is_opaque && waiting->shape->pointee.shape->follows) ||
        !fc__object_offset_any(into, FC__THERE, offset, &place)) {
        return false;
    }
    *ret_here = into->here + place;
    return true;
}

static int end_one(struct fc__marshal *m, struct fc__waiting *waiting) {
    const struct fc__object *into = fc__objects_at(m, FC__THERE, waiting->there, false);
    const bool is_own = into != NULL && !into->is_theirs;
    uint64_t here = 0;
    int rc = FC_OK;
    if (is_own) {
        rc = own_place(m, into, waiting, &here) ? FC_OK : no_place(m, waiting);
    } else if (waiting->shape->kind == FC__SHAPE_VALUE) {
        rc = fc__value_to_caller(m, &waiting->spot, &waiting->shape->value, waiting->there, &here);
    } else {
        rc = fc__object_take_measured(m, &waiting->object, &here);
    }
    if (rc == FC_OK) {
        fc__change_copy(waiting->to, (const unsigned char *)&here, NULL, waiting->shape->size[FC__HERE]);
    }
    return rc;
}

int fc__objects_end_waiting(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    struct fc__error *const err = m->err;
    int first = FC_OK;
    for (uint32_t i = 0; i < objects->waiting_count; i++) {
        struct fc__waiting waiting = objects->waiting[i];
        fc__marshal_note(m, end_one(m, &waiting), &first);
    }
    objects->waiting_count = 0;
    for (uint32_t i = m->first_object; i < objects->count; i++) { /* what was noted of them as they are, was too soon */
        const struct fc__object *object = &objects->list[i];
        if (object->pristine != NULL && (object->is_filled || object->is_back) && object->shape->follows) {
            fc__change_copy(object->pristine, (const unsigned char *)(uintptr_t)object->here, NULL,
                            object->bytes[FC__HERE]);
        }
    }
    m->err = err;
    return first;
}
