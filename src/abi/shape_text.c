/* abi: which rows of integers are texts, whose units differ in width between the sides. */
#include "abi/shape_parts.h"

/* Behind the last star, char. */
static const struct fc__type *as_utf8(struct fc__shapes *shapes, const struct fc__type *type, bool is_said) {
    static const struct fc__type chars[2] = {{.kind = FC__TYPE_SCALAR, .scalar = FC__SCALAR_CHAR},
                                             {.kind = FC__TYPE_SCALAR, .scalar = FC__SCALAR_CHAR, .is_const = true}};
    is_said = is_said || type->is_utf8;
    if (type->kind != FC__TYPE_POINTER) {
        return is_said && fc__shape_is_integer(type) ? &chars[type->is_const] : type;
    }
    const struct fc__type *to = as_utf8(shapes, type->to, is_said);
    if (to == type->to || to == NULL) {
        return to != NULL ? type : NULL;
    }
    struct fc__type *seen = fc__arena_alloc(&shapes->arena, sizeof *seen);
    if (seen != NULL) {
        *seen = *type;
        seen->to = to;
        seen->spelling = NULL;
    }
    return seen;
}

const struct fc__type *fc__shape_seen(struct fc__shapes *shapes, enum fc__side side, const struct fc__type *type,
                                      const struct fc__annotation *note) {
    if (type->kind != FC__TYPE_POINTER) {
        return type;
    }
    if (note == NULL || note->seen_as == NULL) {
        return side == FC__HERE ? as_utf8(shapes, type, note != NULL && note->is_utf8) : type;
    }
    struct fc__type *seen = fc__arena_alloc(&shapes->arena, 2 * sizeof *seen);
    if (seen != NULL) {
        seen[0] = *type;
        seen[1] = *note->seen_as;
        seen[1].is_const |= type->to->is_const;
        seen[0].to = &seen[1];
    }
    return seen;
}

/* Widths that Unicode has. */
static bool is_unit(const struct fc__type *type) {
    return type->kind == FC__TYPE_SCALAR && fc__shape_is_integer(type) && type->scalar != FC__SCALAR_BOOL;
}

/* Whether rows of one are texts: wide characters, or char here and wide ones there, or the other way round. */
static bool has_text_units(const struct fc__type *here, const struct fc__type *there, const struct fc__shape *shape) {
    const uint64_t mine = shape->size[FC__HERE], theirs = shape->size[FC__THERE];
    return shape->kind == FC__SHAPE_VALUE && is_unit(here) && is_unit(there) && mine != theirs && mine <= 4 &&
           theirs <= 4;
}

bool fc__shape_is_text_array(const struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                             const struct fc__shape *element) {
    const struct fc__type *const types[2] = {here, there};
    bool is_text = has_text_units(here, there, element);
    for (enum fc__side side = FC__HERE; is_text && side <= FC__THERE; side++) {
        const struct fc__target *target = shapes->layouts[side]->target;
        is_text = element->size[side] == 1   ? fc__shape_is_char(types[side])
                  : element->size[side] == 2 ? !fc__scalar_is_signed(target, types[side]->scalar)
                                             : true;
    }
    return is_text;
}

/* The wider one's units are counted, and so many of the narrower one are room for less: only outputs can do with it. */
static bool is_utf8(const struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                    const struct fc__shape *shape) {
    return fc__shape_is_text_array(shapes, here->to, there->to, shape) &&
           (shape->size[FC__HERE] == 1 || shape->size[FC__THERE] == 1);
}

/* Between this system and Windows. */
static bool is_path(const struct fc__shapes *shapes, const struct fc__type *here, const struct fc__annotation *note) {
    return note->is_path && is_unit(here->to) && shapes->layouts[FC__THERE]->target->is_windows &&
           !shapes->layouts[FC__HERE]->target->is_windows;
}

int fc__shape_see_text(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                       const struct fc__type *there, const struct fc__annotation *note, struct fc__pointee *pointee,
                       struct fc__error *err) {
    const bool is_list = pointee->extent == FC__EXTENT_LIST;
    const bool is_ended = pointee->extent == FC__EXTENT_STRING || is_list || note->is_terminated || note->is_bounded;
    const bool is_counted = pointee->extent == FC__EXTENT_ELEMENTS;
    const bool has_path = is_path(shapes, here, note) && !is_list && (is_ended || is_counted);
    const bool has_text = has_text_units(here->to, there->to, pointee->shape) &&
                          (is_ended || (is_counted && is_utf8(shapes, here, there, pointee->shape)));
    if (!has_path && !has_text) {
        return FC_OK;
    }
    if (!is_ended && note->direction != FC__DIRECTION_OUT) {
        return fc__shape_refuses(what, here,
                                 "the other side has another number of units of the same text. Let a NUL end it, as "
                                 "_In_z_, _Inout_updates_z_(n) and the like say",
                                 err);
    }
    struct fc__shape *shape = fc__arena_alloc(&shapes->arena, sizeof *shape);
    if (shape == NULL) {
        return fc__shape_out_of_memory(err);
    }
    *shape = *pointee->shape;
    shape->text = is_list ? FC__TEXT_LIST : FC__TEXT_ENDED;
    shape->is_path = has_path;
    shape->is_plain = false;
    pointee->shape = shape;
    return FC_OK;
}
