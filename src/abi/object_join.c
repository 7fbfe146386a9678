/* abi: memory of the library's that a function of the caller's is given through several pointers, which share a part of
 * it. Once that is found out, what the function is given is taken anew, beginning with all of it as one object. */
#include "abi/object_parts.h"

bool fc__object_is_in_place(const struct fc__object *object) {
    return object->local != NULL && object->local == (const unsigned char *)(uintptr_t)object->here;
}

static bool meets(const struct fc__object *one, const struct fc__object *other) {
    return other->there < one->there + one->bytes[FC__THERE] && other->there + other->bytes[FC__THERE] > one->there;
}

bool fc__object_meets_no_copy(const struct fc__marshal *m, const struct fc__object *object) {
    for (uint32_t i = m->first_object; i < m->objects->count; i++) {
        if (meets(object, &m->objects->list[i]) && !fc__object_is_in_place(&m->objects->list[i])) {
            return false;
        }
    }
    return true;
}

int fc__object_join_theirs(struct fc__marshal *m, const struct fc__object *object) {
    struct fc__joined whole = {object->there, object->there + object->bytes[FC__THERE], 1};
    bool is_plain = m->may_join && object->shape->is_plain && !object->outlives;
    for (uint32_t i = m->first_object; is_plain && i < m->objects->count; i++) {
        const struct fc__object *other = &m->objects->list[i];
        const uint64_t end = other->there + other->bytes[FC__THERE];
        if (other->there < whole.to && end > whole.from) {
            is_plain = other->shape->is_plain && other->is_theirs && !other->is_lasting && !other->outlives;
            whole.from = other->there < whole.from ? other->there : whole.from;
            whole.to = end > whole.to ? end : whole.to;
        }
    }
    /* One such piece is as many as there may be. */
    const uint64_t had = m->joined.to - m->joined.from;
    if (!is_plain || (had != 0 && (whole.from > m->joined.from || whole.to < m->joined.to)) ||
        whole.to - whole.from == had) {
        return fc__object_overlaps(m, object->index);
    }
    m->joined = whole;
    return FC__JOIN;
}

int fc__object_add_in_place(struct fc__marshal *m, const struct fc__object *object) {
    struct fc__object noted = *object;
    noted.here = object->there;
    noted.local = (unsigned char *)(uintptr_t)object->there;
    noted.is_filled = true;
    noted.writes = false; /* nothing is copied */
    return fc__objects_add(m, &noted);
}

int fc__objects_begin_joined_theirs(struct fc__marshal *m) {
    const uint64_t bytes = m->joined.to - m->joined.from;
    struct fc__object object = {.there = m->joined.from,
                                .bytes = {bytes, bytes},
                                .count = bytes,
                                .shape = &fc__shape_byte,
                                .reads = true,
                                .writes = true,
                                .is_theirs = true,
                                .is_fetched = true};
    void *copy = NULL, *memory = NULL;
    if (m->ops->is_shared(m->context, object.there, bytes)) {
        object.is_fetched = false;
        object.local = (unsigned char *)(uintptr_t)object.there;
        return fc__object_find_own(m, &object) ? fc__objects_add(m, &object) : fc__object_add_in_place(m, &object);
    }
    int rc = m->ops->fetch(m->context, object.there, bytes, &copy);
    rc = rc == FC_OK ? m->ops->hold(m->context, object.there, bytes, false, &memory) : rc;
    object.local = copy;
    object.here = (uintptr_t)memory;
    return rc == FC_OK ? fc__objects_add(m, &object) : rc;
}
