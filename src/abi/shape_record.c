#include "abi/shape_parts.h"

#include "abi/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int pair_members(const struct fc__body *here, const struct fc__body *there, uint32_t *ret_pairs) {
    for (uint32_t i = 0; i < here->member_count; i++) {
        const char *name = here->members[i].name;
        uint32_t found = UINT32_MAX;
        if (i < there->member_count &&
            (name == NULL ? there->members[i].name == NULL
                          : there->members[i].name != NULL && strcmp(name, there->members[i].name) == 0)) {
            found = i;
        }
        for (uint32_t j = 0; name != NULL && found == UINT32_MAX && j < there->member_count; j++) {
            if (there->members[j].name != NULL && strcmp(name, there->members[j].name) == 0) {
                found = j;
            }
        }
        ret_pairs[i] = found;
    }
    return FC_OK;
}

/* Whether the library's has members that the caller's has not: they are zero in what the caller sends. */
static bool has_more_there(const struct fc__body *there, const uint32_t *pairs, uint32_t count) {
    for (uint32_t j = 0; j < there->member_count; j++) {
        bool is_paired = there->members[j].name == NULL && there->members[j].type->kind != FC__TYPE_STRUCT &&
                         there->members[j].type->kind != FC__TYPE_UNION; /* padding with a width */
        for (uint32_t i = 0; !is_paired && i < count; i++) {
            is_paired = pairs[i] == j;
        }
        if (!is_paired) {
            return true;
        }
    }
    return false;
}

static bool integer_member_beside(const struct fc__body *body) {
    for (uint32_t i = 0; i < body->member_count; i++) {
        if (fc__shape_is_integer(body->members[i].type)) {
            return true;
        }
    }
    return false;
}

/* A pointer in a struct, without an annotation that says what it points to: the defaults of parameters. */
static struct fc__annotation default_note(const struct fc__type *type, const struct fc__annotation *note,
                                          const struct fc__body *in) {
    struct fc__annotation used = *note;
    if (used.extent == FC__EXTENT_NONE && !used.is_opaque && type->kind == FC__TYPE_POINTER &&
        fc__shape_is_char(type->to) && type->to->is_const && !integer_member_beside(in)) {
        used.extent = FC__EXTENT_STRING;
    }
    return used;
}

static int flexible_count(struct fc__shapes *shapes, const char *what, const struct fc__annotation *note,
                          const struct fc__shape *element, struct fc__shape_field *field, struct fc__error *err) {
    if (note->capacity == NULL || note->extent == FC__EXTENT_NONE ||
        (note->extent == FC__EXTENT_BYTES && !(element->is_plain && element->size[FC__HERE] == 1))) {
        return fc__error_set(err, FC_EANNOTATION,
                             "%s is an array without a length. Write before it _Field_size_(n), n being how many "
                             "elements there are, or _Fc_local_. See docs/annotations.md.",
                             what);
    }
    field->is_flexible = true;
    return fc__shape_size(shapes, note->capacity, NULL, &field->count, err);
}

static const struct fc__type *element_of(const struct fc__type *type) {
    while (type->kind == FC__TYPE_ARRAY) {
        type = type->to;
    }
    return type;
}

/* Of an array of pointers, what is said of how many there are is not said of what they point to. */
static struct fc__annotation element_note(const struct fc__type *type, const struct fc__annotation *note) {
    const struct fc__type *const element = element_of(type);
    const bool is_of_pointers = type->kind == FC__TYPE_ARRAY && element->kind == FC__TYPE_POINTER;
    return is_of_pointers && (note->capacity != NULL || note->inner != NULL || note->extent == FC__EXTENT_LIST)
               ? fc__shape_inner(element, note)
               : *note;
}

/* An array of which only so many elements are used; those behind them may be anything. */
static int used_count(struct fc__shapes *shapes, const struct fc__annotation *note, struct fc__shape_field *field,
                      struct fc__error *err) {
    const struct fc__shape *const array = field->shape;
    const bool is_counted = array->kind == FC__SHAPE_ARRAY && !array->is_plain && array->text == FC__TEXT_NONE &&
                            note->capacity != NULL && note->extent == FC__EXTENT_ELEMENTS;
    return is_counted ? fc__shape_size(shapes, note->capacity, NULL, &field->count, err) : FC_OK;
}

static int field_of(struct fc__shapes *shapes, const struct fc__body *const bodies[2],
                    const struct fc__layout *const layouts[2], uint32_t index, uint32_t other,
                    struct fc__shape_field *field, struct fc__error *err) {
    const struct fc__member *mine = &bodies[FC__HERE]->members[index], *theirs = &bodies[FC__THERE]->members[other];
    const struct fc__type *const my_type = fc__shape_seen(shapes, FC__HERE, mine->type, &mine->annotation);
    const struct fc__type *const their_type = fc__shape_seen(shapes, FC__THERE, theirs->type, &theirs->annotation);
    if (my_type == NULL || their_type == NULL) {
        return fc__shape_out_of_memory(err);
    }
    const struct fc__annotation note = default_note(my_type, &mine->annotation, bodies[FC__HERE]);
    const struct fc__field *places[2] = {&layouts[FC__HERE]->fields[index], &layouts[FC__THERE]->fields[other]};
    char what[FC__SHAPE_WHAT_MAX];
    snprintf(what, sizeof what, "member `%.80s` of `%s %.80s`", mine->name != NULL ? mine->name : "(unnamed)",
             bodies[FC__HERE]->kind == FC__TYPE_UNION ? "union" : "struct",
             bodies[FC__HERE]->tag != NULL ? bodies[FC__HERE]->tag : "(anonymous)");
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        field->offset[side] = places[side]->offset_bytes;
        field->bit_offset[side] = places[side]->bit_offset;
        field->storage_bytes[side] = places[side]->storage_bytes;
    }
    field->name = mine->name != NULL ? fc__arena_copy(&shapes->arena, mine->name, strlen(mine->name)) : "";
    if (field->name == NULL) {
        return fc__shape_out_of_memory(err);
    }
    field->is_local = note.is_local;
    field->is_output = note.is_written;
    if (field->is_local) {
        return FC_OK;
    }
    if (mine->is_bitfield != theirs->is_bitfield || mine->width_bits != theirs->width_bits) {
        return fc__error_set(err, FC_EUNSUPPORTED, "%s is a bit-field of another width in the other target", what);
    }
    field->bit_width = places[FC__HERE]->bit_width;
    int rc = fc__shape_size(shapes, note.when, NULL, &field->when, err);
    if (rc == FC_OK && my_type->kind == FC__TYPE_ARRAY && their_type->kind == FC__TYPE_ARRAY &&
        my_type->length_kind != FC__LENGTH_KNOWN) {
        rc = fc__shape_of(shapes, what, my_type->to, their_type->to, &note, &field->shape, err);
        return rc == FC_OK ? flexible_count(shapes, what, &note, field->shape, field, err) : rc;
    }
    struct fc__shape *shape = NULL;
    const struct fc__annotation each = element_note(my_type, &note);
    rc = rc == FC_OK ? fc__shape_of(shapes, what, my_type, their_type, &each, (const struct fc__shape **)&shape, err)
                     : rc;
    if (rc == FC_EANNOTATION && my_type->kind == FC__TYPE_ARRAY && element_of(my_type)->kind == FC__TYPE_POINTER) {
        fc__error_add(err, " What each pointer of an array leads to is said by _At_(*%.80s, ...).", mine->name);
    }
    field->shape = shape;
    rc = rc == FC_OK ? used_count(shapes, &note, field, err) : rc;
    if (rc == FC_OK && (note.sizeof_type != NULL || note.replace_from != NULL || note.is_bits) &&
        shape->kind == FC__SHAPE_VALUE) {
        rc = fc__shape_exchange(shapes, what, &note, &theirs->annotation, &shape->value, err);
        shape->is_plain = false; /* it is this member's own */
    }
    return rc;
}

static bool field_is_plain(const struct fc__shape_field *field) {
    return !field->is_local && !field->is_flexible && field->shape->is_plain &&
           field->offset[FC__HERE] == field->offset[FC__THERE] &&
           field->bit_offset[FC__HERE] == field->bit_offset[FC__THERE];
}

/* Which of a union's members counts must be said, unless it makes no difference. */
static int check_union(const struct fc__shape *shape, struct fc__error *err) {
    bool is_said = false;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        is_said = is_said || shape->fields[i].when != NULL;
    }
    if (shape->is_plain || is_said) {
        return FC_OK;
    }
    return fc__error_set(err, FC_EANNOTATION,
                         "`%s` differs between the two sides, so it must be known which of its members counts. Write "
                         "before each _Fc_union_(condition), such as _Fc_union_(kind == 1), or _Fc_local_. See "
                         "docs/annotations.md.",
                         shape->type_name);
}

static int record_fields(struct fc__shapes *shapes, const struct fc__body *const bodies[2], struct fc__shape *shape,
                         struct fc__error *err) {
    const struct fc__layout *layouts[2];
    const uint32_t count = bodies[FC__HERE]->member_count;
    struct fc__shape_field *fields = fc__arena_alloc(&shapes->arena, (count + 1) * sizeof *fields);
    uint32_t *pairs = fc__arena_alloc(&shapes->arena, (count + 1) * sizeof *pairs);
    if (fields == NULL || pairs == NULL) {
        return fc__shape_out_of_memory(err);
    }
    int rc = FC_OK;
    for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
        rc = fc__layout_of_body(shapes->layouts[side], bodies[side], &layouts[side], err);
        if (rc == FC_OK) {
            shape->size[side] = layouts[side]->size_bytes;
            shape->alignment[side] = layouts[side]->alignment_bytes;
        }
    }
    if (rc != FC_OK) {
        return rc;
    }
    shape->fields = fields;
    pair_members(bodies[FC__HERE], bodies[FC__THERE], pairs);
    shape->has_more_there = has_more_there(bodies[FC__THERE], pairs, count);
    bool is_plain = shape->size[FC__HERE] == shape->size[FC__THERE] && !shape->has_more_there;
    bool follows = false, has_union = shape->kind == FC__SHAPE_UNION;
    /* So it does, if a member leads to what has this one in it: there is a pointer between. And it may have a union. */
    shape->follows = shape->has_union = true;
    for (uint32_t i = 0; rc == FC_OK && i < count; i++) {
        const struct fc__member *member = &bodies[FC__HERE]->members[i];
        struct fc__shape_field *field = &fields[shape->field_count];
        if (member->is_bitfield && member->name == NULL) {
            continue; /* only says where the next one is; `: 0` may stand where another member begins, or at the end */
        }
        shape->field_count++;
        if (pairs[i] == UINT32_MAX) {
            if (!member->annotation.is_local) {
                return fc__error_set(err, FC_EANNOTATION,
                                     "`%s` has a member `%.80s` for %s, but not for %s. Write _Fc_local_ before it if "
                                     "it is to stay with the caller.",
                                     shape->type_name, member->name != NULL ? member->name : "(unnamed)",
                                     shapes->layouts[FC__HERE]->target->name, shapes->layouts[FC__THERE]->target->name);
            }
            field->name = "";
            field->is_local = true;
            is_plain = false;
            continue;
        }
        rc = field_of(shapes, bodies, layouts, i, pairs[i], field, err);
        if (rc == FC_OK) {
            is_plain = is_plain && field_is_plain(field);
            follows = follows || (!field->is_local && field->shape->follows);
            has_union = has_union || (!field->is_local && field->shape->has_union);
        }
    }
    shape->is_plain = is_plain;
    shape->follows = follows;
    shape->has_union = has_union && !is_plain;
    return rc;
}

/* A half-made shape is nobody's, nor is what was made since and may lead to it. */
static void forget(struct fc__shapes *shapes, const struct fc__shape_memo *memo, const struct fc__callback *before) {
    shapes->memo = memo->next;
    for (struct fc__callback *callback = shapes->callbacks; callback != before; callback = callback->next) {
        callback->type = NULL;
    }
}

int fc__shape_record(struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                     const struct fc__shape **ret_shape, struct fc__error *err) {
    for (const struct fc__shape_memo *memo = shapes->memo; memo != NULL; memo = memo->next) {
        if (memo->here == here->body && memo->there == there->body) {
            *ret_shape = memo->shape;
            return FC_OK;
        }
    }
    struct fc__shape_memo *memo = fc__arena_alloc(&shapes->arena, sizeof *memo);
    struct fc__shape *shape =
        fc__shape_new(shapes, here->kind == FC__TYPE_STRUCT ? FC__SHAPE_STRUCT : FC__SHAPE_UNION, here);
    if (memo == NULL || shape == NULL) {
        return fc__shape_out_of_memory(err);
    }
    shape->record = here->body;
    *memo = (struct fc__shape_memo){.here = here->body, .there = there->body, .shape = shape, .next = shapes->memo};
    shapes->memo = memo;
    const struct fc__body *const bodies[2] = {here->body, there->body};
    const struct fc__callback *const callbacks = shapes->callbacks;
    int rc = record_fields(shapes, bodies, shape, err);
    if (rc == FC_OK && shape->kind == FC__SHAPE_UNION) {
        rc = check_union(shape, err);
    }
    if (rc != FC_OK) {
        forget(shapes, memo, callbacks);
        return rc;
    }
    *ret_shape = shape;
    return FC_OK;
}
