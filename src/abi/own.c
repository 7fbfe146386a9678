#include "abi/own.h"

#include "abi/object_parts.h"

/* What is empty is where it begins. */
static bool is_in(uint64_t there, uint64_t base, uint64_t bytes) {
    return there - base < bytes || (bytes == 0 && there == base);
}

static bool find_object(struct fc__marshal *m, uint64_t there, struct fc__own *ret_own) {
    for (uint32_t i = m->objects->count; i > m->first_object; i--) {
        struct fc__object *object = &m->objects->list[i - 1];
        if (!object->is_theirs && object->shape->is_plain && object->here != object->there &&
            object->bytes[FC__HERE] == object->bytes[FC__THERE] &&
            is_in(there, object->there, object->bytes[FC__THERE])) {
            *ret_own = (struct fc__own){.there = object->there,
                                        .bytes = object->bytes[FC__THERE],
                                        .here = object->here,
                                        .writes = object->writes};
            object->before = NULL;
            return true;
        }
    }
    return false;
}

bool fc__own_find(struct fc__marshal *m, uint64_t there, struct fc__own *ret_own) {
    const struct fc__plan *plan = m->plan;
    if (m->is_deep) {
        return find_object(m, there, ret_own);
    }
    for (uint32_t i = 0; !plan->is_scalar && i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        const bool is_data =
            step->kind == FC__STEP_STRING || (step->kind == FC__STEP_BUFFER && !fc__value_is_converted(&step->value));
        if (is_data && m->sent[i].callee != 0 && m->sent[i].callee != m->slots[i] &&
            is_in(there, m->sent[i].callee, m->sent[i].bytes)) {
            *ret_own = (struct fc__own){.there = m->sent[i].callee,
                                        .bytes = m->sent[i].bytes,
                                        .here = m->slots[i],
                                        .writes = step->kind == FC__STEP_BUFFER && step->writes};
            m->sent[i].before = NULL;
            return true;
        }
    }
    return false;
}

static bool place_record(const struct fc__object *outer, const struct fc__object *object, uint64_t *ret_here) {
    const uint64_t offset = object->there - outer->there;
    uint64_t start;
    const bool is_in_it =
        !outer->is_theirs && !outer->is_lasting && is_in(object->there, outer->there, outer->bytes[FC__THERE]) &&
        object->bytes[FC__THERE] <= outer->bytes[FC__THERE] - offset && outer->shape->text == FC__TEXT_NONE &&
        !fc__object_is_in_union(outer, offset) && fc__object_begins(outer, offset, object->shape) &&
        fc__object_offset(outer, FC__THERE, offset, &start);
    if (!is_in_it || start + object->bytes[FC__HERE] > outer->bytes[FC__HERE]) {
        return false;
    }
    *ret_here = outer->here + start;
    return true;
}

bool fc__own_place(struct fc__marshal *m, const struct fc__object *object, struct fc__own *ret_own) {
    const uint64_t bytes = object->bytes[FC__THERE];
    struct fc__own own;
    if (object->shape->is_plain && object->bytes[FC__HERE] == bytes && fc__own_find(m, object->there, &own) &&
        bytes <= own.bytes - (object->there - own.there)) {
        const uint64_t offset = object->there - own.there;
        *ret_own =
            (struct fc__own){.there = object->there, .bytes = bytes, .here = own.here + offset, .writes = own.writes};
        return true;
    }
    for (uint32_t i = m->objects->count; m->is_deep && object->shape->text == FC__TEXT_NONE && i > m->first_object;
         i--) {
        struct fc__object *outer = &m->objects->list[i - 1];
        uint64_t here;
        if (place_record(outer, object, &here)) {
            *ret_own = (struct fc__own){.there = object->there, .bytes = bytes, .here = here, .writes = outer->writes};
            outer->before = NULL;
            return true;
        }
    }
    return false;
}
