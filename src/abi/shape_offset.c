#include "abi/shape.h"

bool fc__shape_offset(const struct fc__shape *shape, enum fc__side from, uint64_t offset, uint64_t *ret_offset) {
    const enum fc__side to = from == FC__HERE ? FC__THERE : FC__HERE;
    if (offset == 0 || shape->is_plain) {
        *ret_offset = offset;
        return true;
    }
    if (offset == shape->size[from]) {
        *ret_offset = shape->size[to];
        return true;
    }
    uint64_t inner = 0;
    if (shape->kind == FC__SHAPE_ARRAY && shape->element->size[from] != 0) {
        const uint64_t size = shape->element->size[from];
        *ret_offset = offset / size * shape->element->size[to];
        bool ok = offset / size < shape->count[to] && fc__shape_offset(shape->element, from, offset % size, &inner);
        *ret_offset += inner;
        return ok;
    }
    for (uint32_t i = 0; shape->kind == FC__SHAPE_STRUCT && i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        const bool reaches = !field->is_local && field->bit_width == 0 && offset >= field->offset[from];
        if (reaches && (field->is_flexible || offset - field->offset[from] < field->shape->size[from])) {
            const uint64_t size = field->shape->size[from], at = offset - field->offset[from];
            const uint64_t index = field->is_flexible && size != 0 ? at / size : 0;
            bool ok = fc__shape_offset(field->shape, from, at - index * size, &inner);
            *ret_offset = field->offset[to] + index * field->shape->size[to] + inner;
            return ok;
        }
    }
    return false;
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

/* The part of a shape that the byte at *offset lies in, which is then counted from its beginning; NULL: none is
 * known. */
static const struct fc__shape *part_at(const struct fc__shape *shape, enum fc__side side, uint64_t *offset) {
    if (shape->kind == FC__SHAPE_ARRAY && shape->element->size[side] != 0) {
        *offset %= shape->element->size[side];
        return shape->element;
    }
    for (uint32_t i = 0; shape->kind == FC__SHAPE_STRUCT && i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        if (field->is_local || field->bit_width != 0 || *offset < field->offset[side]) {
            continue;
        }
        const uint64_t size = field->shape->size[side], at = *offset - field->offset[side];
        if (size != 0 && (field->is_flexible || at < size)) {
            *offset = at % size;
            return field->shape;
        }
    }
    return NULL;
}

bool fc__shape_begins(const struct fc__shape *shape, enum fc__side side, uint64_t offset,
                      const struct fc__shape *inner) {
    while (shape != NULL && !(offset == 0 && is_alike(shape, inner))) {
        shape = part_at(shape, side, &offset);
    }
    return shape != NULL;
}
