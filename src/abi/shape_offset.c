#include "abi/shape.h"

/* What lies at an offset of a shape, and where on either side that begins. */
struct part {
    const struct fc__shape *shape;
    uint64_t offset[2];
};

static struct part element_at(const struct fc__shape *element, uint64_t index, const uint64_t first[2]) {
    return (struct part){
        element,
        {first[FC__HERE] + index * element->size[FC__HERE], first[FC__THERE] + index * element->size[FC__THERE]}};
}

/* The member that the offset is in, else one that ends there. */
static bool member_at(const struct fc__shape *shape, enum fc__side side, uint64_t offset, struct part *ret_part) {
    bool is_end = false;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        if (field->is_local || field->bit_width != 0 || offset < field->offset[side]) {
            continue;
        }
        const uint64_t size = field->shape->size[side], at = offset - field->offset[side];
        if (at < size || (field->is_flexible && size != 0)) {
            *ret_part = element_at(field->shape, at / size, field->offset);
            return true;
        }
        if (at == size) {
            *ret_part = element_at(field->shape, 0, field->offset);
            is_end = true;
        }
    }
    return is_end;
}

/* The same of a union: in the member that counts, as its condition says. */
static bool counting_at(const struct fc__shape *shape, enum fc__side side, uint64_t offset,
                        const struct fc__scope *scope, struct part *ret_part) {
    for (uint32_t i = 0; scope->record != NULL && i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        int64_t is_it = 0;
        if (field->when != NULL && !fc__size_of_members(scope, field->when, &is_it)) {
            return false;
        }
        if (is_it != 0) {
            const bool is_in_it = !field->is_local && field->bit_width == 0 && offset >= field->offset[side] &&
                                  offset - field->offset[side] <= field->shape->size[side];
            if (is_in_it) {
                *ret_part = element_at(field->shape, 0, field->offset);
            }
            return is_in_it;
        }
    }
    return false;
}

static bool part_at(const struct fc__shape *shape, enum fc__side side, uint64_t offset, const struct fc__scope *scope,
                    struct part *ret_part) {
    static const uint64_t start[2] = {0, 0};
    if (shape->kind == FC__SHAPE_ARRAY && shape->element->size[side] != 0) {
        const uint64_t index = offset / shape->element->size[side];
        *ret_part = element_at(shape->element, index, start);
        return index < shape->count[FC__HERE] && index < shape->count[FC__THERE];
    }
    return shape->kind == FC__SHAPE_STRUCT  ? member_at(shape, side, offset, ret_part)
           : shape->kind == FC__SHAPE_UNION ? counting_at(shape, side, offset, scope, ret_part)
                                            : false;
}

static bool offset_in(const struct fc__shape *shape, enum fc__side from, uint64_t offset, const unsigned char *here,
                      const struct fc__scope *outer, uint64_t *ret_offset);

/* Where nobody knows which member counts: all that reach so far have the place at one offset. */
static bool offset_in_any(const struct fc__shape *shape, enum fc__side from, uint64_t offset, uint64_t *ret_offset) {
    const enum fc__side to = from == FC__HERE ? FC__THERE : FC__HERE;
    bool is_known = false;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        uint64_t inner;
        if (field->is_local || field->bit_width != 0 || offset - field->offset[from] > field->shape->size[from] ||
            !offset_in(field->shape, from, offset - field->offset[from], NULL, NULL, &inner)) {
            continue;
        }
        inner += field->offset[to];
        if (is_known && inner != *ret_offset) {
            return false;
        }
        *ret_offset = inner;
        is_known = true;
    }
    return is_known;
}

static const unsigned char *behind(const unsigned char *here, uint64_t offset) {
    return here != NULL ? here + offset : NULL;
}

static bool offset_in(const struct fc__shape *shape, enum fc__side from, uint64_t offset, const unsigned char *here,
                      const struct fc__scope *outer, uint64_t *ret_offset) {
    const enum fc__side to = from == FC__HERE ? FC__THERE : FC__HERE;
    const struct fc__scope scope = {.record = here, .key = shape->record, .outer = outer};
    struct part part;
    uint64_t inner = 0;
    if (offset == 0 || shape->is_plain || offset == shape->size[from]) {
        *ret_offset = offset == shape->size[from] ? shape->size[to] : offset;
        return true;
    }
    if (shape->kind == FC__SHAPE_UNION && here == NULL) {
        return offset_in_any(shape, from, offset, ret_offset);
    }
    if (!part_at(shape, from, offset, &scope, &part)) {
        return false;
    }
    bool ok =
        offset_in(part.shape, from, offset - part.offset[from], behind(here, part.offset[FC__HERE]), &scope, &inner);
    *ret_offset = part.offset[to] + inner;
    return ok;
}

bool fc__shape_offset(const struct fc__shape *shape, enum fc__side from, uint64_t offset, const unsigned char *here,
                      uint64_t *ret_offset) {
    return offset_in(shape, from, offset, here, NULL, ret_offset);
}

static bool is_alike(const struct fc__shape *one, const struct fc__shape *other) {
    if (one == other || one->kind != other->kind) {
        return one == other;
    }
    switch (one->kind) {
    case FC__SHAPE_VALUE:
        return one->value.kind == other->value.kind && one->text == other->text &&
               one->size[FC__HERE] == other->size[FC__HERE] && one->size[FC__THERE] == other->size[FC__THERE];
    case FC__SHAPE_POINTER:
        return is_alike(one->pointee.shape, other->pointee.shape);
    case FC__SHAPE_FUNCTION:
        return one->callback == other->callback;
    case FC__SHAPE_ARRAY:
        return one->count[FC__HERE] == other->count[FC__HERE] && is_alike(one->element, other->element);
    default:
        return false; /* of each there is one shape */
    }
}

static bool begins_in(const struct fc__shape *shape, enum fc__side side, uint64_t offset, const unsigned char *here,
                      const struct fc__scope *outer, const struct fc__shape *inner) {
    const struct fc__scope scope = {.record = here, .key = shape->record, .outer = outer};
    struct part part;
    return (offset == 0 && is_alike(shape, inner)) || (part_at(shape, side, offset, &scope, &part) &&
                                                       begins_in(part.shape, side, offset - part.offset[side],
                                                                 behind(here, part.offset[FC__HERE]), &scope, inner));
}

bool fc__shape_begins(const struct fc__shape *shape, enum fc__side side, uint64_t offset, const unsigned char *here,
                      const struct fc__shape *inner) {
    return begins_in(shape, side, offset, here, NULL, inner);
}

bool fc__shape_is_in_union(const struct fc__shape *shape, enum fc__side side, uint64_t offset) {
    const struct fc__scope nobody = {.record = NULL};
    struct part part = {.shape = shape};
    while (part.shape->has_union && part.shape->kind != FC__SHAPE_UNION &&
           part_at(part.shape, side, offset, &nobody, &part)) {
        offset -= part.offset[side];
    }
    return part.shape->has_union && part.shape->kind == FC__SHAPE_UNION;
}
