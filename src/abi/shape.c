#include "abi/shape_parts.h"

#include "abi/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct fc__shapes *fc__shapes_new(struct fc__layouts *here, struct fc__layouts *there) {
    struct fc__arena arena = {0};
    struct fc__shapes *shapes = fc__arena_alloc(&arena, sizeof *shapes);
    if (shapes != NULL) {
        shapes->arena = arena;
        atomic_init(&shapes->references, 1);
        shapes->layouts[FC__HERE] = here;
        shapes->layouts[FC__THERE] = there;
    }
    return shapes;
}

void fc__shapes_built(struct fc__shapes *shapes) {
    shapes->layouts[FC__HERE] = shapes->layouts[FC__THERE] = NULL;
    shapes->memo = NULL;
    for (struct fc__callback *callback = shapes->callbacks; callback != NULL; callback = callback->next) {
        callback->type = NULL;
    }
}

struct fc__shapes *fc__shapes_keep(struct fc__shapes *shapes) {
    atomic_fetch_add(&shapes->references, 1);
    return shapes;
}

void fc__shapes_drop(struct fc__shapes *shapes) {
    if (shapes != NULL && atomic_fetch_sub(&shapes->references, 1) == 1) {
        fc__callbacks_free(shapes->callbacks);
        struct fc__arena arena = shapes->arena; /* where they are themselves */
        fc__arena_done(&arena);
    }
}

/* -- types --------------------------------------------------------------------------------------------------------- */

bool fc__shape_is_integer(const struct fc__type *type) {
    return fc__shape_is_scalar(type) && !(type->kind == FC__TYPE_SCALAR && fc__scalar_is_float(type->scalar));
}

bool fc__shape_is_char(const struct fc__type *type) {
    return type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_CHAR;
}

bool fc__shape_is_record(const struct fc__type *type) {
    return type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION;
}

/* A FILE is its C library's: headers have a body for it (glibc's, mingw's), which means nothing to another one. */
static bool is_stream(const struct fc__body *body) {
    return body->tag != NULL && (strcmp(body->tag, "_IO_FILE") == 0 || strcmp(body->tag, "_iobuf") == 0);
}

bool fc__shape_is_opaque_pointer(const struct fc__type *type) {
    return type->kind == FC__TYPE_POINTER &&
           (type->is_opaque ||
            (fc__shape_is_record(type->to) && (!type->to->body->is_complete || is_stream(type->to->body))));
}

bool fc__shape_is_complex(const struct fc__type *type) {
    enum fc__scalar part;
    return type->kind == FC__TYPE_SCALAR && !type->is_atomic && fc__scalar_part(type->scalar, &part);
}

bool fc__shape_is_scalar(const struct fc__type *type) {
    return (type->kind == FC__TYPE_ENUM || type->kind == FC__TYPE_SCALAR) && fc__decl_refusal(type) == NULL &&
           !fc__shape_is_complex(type);
}

static enum fc__scalar scalar_of(const struct fc__type *type) {
    return type->kind == FC__TYPE_ENUM ? type->body->scalar : type->scalar;
}

bool fc__shape_value(const struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                     bool is_opaque, struct fc__value *ret_value) {
    const struct fc__target *caller = shapes->layouts[FC__HERE]->target, *callee = shapes->layouts[FC__THERE]->target;
    struct fc__value value = {0};
    if (here->kind == FC__TYPE_POINTER && (is_opaque || fc__shape_is_opaque_pointer(here))) {
        value.kind = FC__VALUE_POINTER;
        value.caller_bytes = caller->pointer_bytes;
        value.callee_bytes = callee->pointer_bytes;
        value.type_name = "pointer";
        *ret_value = value;
        return there->kind == FC__TYPE_POINTER;
    }
    if (!fc__shape_is_scalar(here) || !fc__shape_is_scalar(there)) {
        return false;
    }
    const enum fc__scalar mine = scalar_of(here), theirs = scalar_of(there);
    if (fc__scalar_is_float(mine) != fc__scalar_is_float(theirs) ||
        (mine == FC__SCALAR_LDOUBLE) != (theirs == FC__SCALAR_LDOUBLE)) {
        return false;
    }
    value.caller_bytes = caller->bytes[mine];
    value.callee_bytes = callee->bytes[theirs];
    value.is_signed = value.callee_bytes < value.caller_bytes /* what fits is for the narrower one to say */
                          ? fc__scalar_is_signed(callee, theirs)
                          : fc__scalar_is_signed(caller, mine);
    value.is_size = fc__scalar_is_size(mine) || fc__scalar_is_size(theirs);
    value.is_bool = mine == FC__SCALAR_BOOL;
    value.is_char = mine == FC__SCALAR_CHAR;
    value.is_float = fc__scalar_is_float(mine);
    value.type_name = fc__scalar_name(mine);
    value.kind = mine == FC__SCALAR_LDOUBLE                 ? FC__VALUE_LONG_DOUBLE
                 : value.is_float                           ? FC__VALUE_FLOAT
                 : value.caller_bytes == value.callee_bytes ? FC__VALUE_RAW
                                                            : FC__VALUE_INTEGER;
    *ret_value = value;
    return !value.is_float || value.kind == FC__VALUE_LONG_DOUBLE || value.caller_bytes == value.callee_bytes;
}

int fc__shape_out_of_memory(struct fc__error *err) {
    return fc__error_set(err, FC_ENOMEM, "out of memory");
}

int fc__shape_refuses(const char *what, const struct fc__type *type, const char *why, struct fc__error *err) {
    char text[256];
    const char *refusal = fc__decl_refusal(type);
    return fc__error_set(err, FC_EUNSUPPORTED, "%s has the type `%s`: %s", what,
                         fc__decl_type_text(type, text, sizeof text), refusal != NULL ? refusal : why);
}

/* -- numbers that differ ------------------------------------------------------------------------------------------- */

/* A constant as a number of `bytes` has it, extended to 64 bits. */
static uint64_t constant_as(const struct fc__expr *expr, unsigned bytes, bool is_signed) {
    const unsigned unused = 64 - bytes * 8;
    const uint64_t high = (uint64_t)expr->value << unused;
    return is_signed ? (uint64_t)((int64_t)high >> unused) : high >> unused;
}

int fc__shape_exchange(struct fc__shapes *shapes, const char *what, const struct fc__annotation *here,
                       const struct fc__annotation *there, struct fc__value *inout_value, struct fc__error *err) {
    struct fc__exchange made = {.kind = FC__EXCHANGE_LOCAL};
    const bool is_number = inout_value->kind == FC__VALUE_RAW || inout_value->kind == FC__VALUE_INTEGER;
    if (here->sizeof_type != NULL && there->sizeof_type != NULL) {
        struct fc__extent_of_type extents[2];
        int rc = fc__layout_extent(shapes->layouts[FC__HERE], here->sizeof_type, &extents[FC__HERE], err);
        rc = rc == FC_OK ? fc__layout_extent(shapes->layouts[FC__THERE], there->sizeof_type, &extents[FC__THERE], err)
                         : rc;
        if (rc != FC_OK) {
            return rc;
        }
        made.kind = FC__EXCHANGE_SIZEOF;
        made.here = extents[FC__HERE].size_bytes;
        made.there = extents[FC__THERE].size_bytes;
    } else if (here->replace_from != NULL) {
        made.kind = FC__EXCHANGE_REPLACE;
        made.here = constant_as(here->replace_from, inout_value->caller_bytes, inout_value->is_signed);
        made.there = constant_as(here->replace_to, inout_value->callee_bytes, inout_value->is_signed);
    } else if (here->is_bits) {
        made.kind = FC__EXCHANGE_BITS;
    } else if (!here->is_local) {
        return FC_OK;
    }
    if (inout_value->is_float || (!is_number && inout_value->kind != FC__VALUE_POINTER)) {
        return fc__error_set(err, FC_EUNSUPPORTED, "%s is annotated with `%.100s`, which is for integers and pointers",
                             what, here->text);
    }
    struct fc__exchange *exchange = fc__arena_alloc(&shapes->arena, sizeof *exchange);
    made.text = fc__arena_copy(&shapes->arena, here->text, strlen(here->text));
    if (exchange == NULL || made.text == NULL) {
        return fc__shape_out_of_memory(err);
    }
    *exchange = made;
    inout_value->exchange = exchange;
    inout_value->kind = is_number ? FC__VALUE_INTEGER : inout_value->kind; /* it is not the same bytes any more */
    return FC_OK;
}

/* -- sizes --------------------------------------------------------------------------------------------------------- */

static int size_of_member(struct fc__shapes *shapes, const struct fc__expr *expr, struct fc__size *size,
                          struct fc__error *err) {
    const struct fc__layout *layout;
    const struct fc__member *member = &expr->body->members[expr->member];
    struct fc__layouts *layouts = shapes->layouts[FC__HERE];
    int rc = fc__layout_of_body(layouts, expr->body, &layout, err);
    if (rc != FC_OK) {
        return rc;
    }
    const struct fc__field *field = &layout->fields[expr->member];
    struct fc__extent_of_type extent = {0};
    size->offset = field->offset_bytes;
    size->bit_offset = field->bit_offset;
    size->bit_width = field->bit_width;
    size->record = expr->body;
    if (member->type->kind == FC__TYPE_SCALAR || member->type->kind == FC__TYPE_ENUM ||
        member->type->kind == FC__TYPE_POINTER) {
        rc = fc__layout_extent(layouts, member->type, &extent, err);
        size->bytes = (uint8_t)(extent.size_bytes <= 8 ? extent.size_bytes : 0);
        size->is_signed =
            fc__shape_is_integer(member->type) && fc__scalar_is_signed(layouts->target, scalar_of(member->type));
    }
    size->name = member->name != NULL ? fc__arena_copy(&shapes->arena, member->name, strlen(member->name)) : "";
    return rc == FC_OK && size->name == NULL ? fc__shape_out_of_memory(err) : rc;
}

/* The type that an expression's left side has; NULL if that is not known. */
static const struct fc__type *type_of(const struct fc__expr *expr, const struct fc__type *function) {
    switch (expr->kind) {
    case FC__EXPR_PARAM:
        return function != NULL ? function->params[expr->param].type : NULL;
    case FC__EXPR_MEMBER:
    case FC__EXPR_ARROW:
    case FC__EXPR_DOT:
        return expr->body->members[expr->member].type;
    default:
        return NULL;
    }
}

static int size_of_outer(struct fc__shapes *shapes, const struct fc__expr *expr, struct fc__size *size,
                         struct fc__error *err) {
    struct fc__outers *outers = &shapes->outers;
    uint32_t at = 0;
    while (at < outers->count && outers->params[at] != expr->param) {
        at++;
    }
    if (at == FC__OUTERS_MAX) {
        return fc__error_set(err, FC_EUNSUPPORTED, "its sizes name more than %d parameters of the function around it",
                             FC__OUTERS_MAX);
    }
    outers->params[at] = expr->param;
    outers->count = at == outers->count ? at + 1 : outers->count;
    size->param = at;
    size->name = fc__arena_copy(&shapes->arena, expr->name, strlen(expr->name));
    return size->name != NULL ? FC_OK : fc__shape_out_of_memory(err);
}

int fc__shape_size(struct fc__shapes *shapes, const struct fc__expr *expr, const struct fc__type *function,
                   const struct fc__size **ret_size, struct fc__error *err) {
    *ret_size = NULL;
    if (expr == NULL) {
        return FC_OK;
    }
    struct fc__size *size = fc__arena_alloc(&shapes->arena, sizeof *size);
    int rc = size != NULL ? FC_OK : fc__shape_out_of_memory(err);
    if (rc != FC_OK) {
        return rc;
    }
    *size = (struct fc__size){.kind = expr->kind, .value = expr->value, .param = expr->param};
    if (expr->kind == FC__EXPR_MEMBER || expr->kind == FC__EXPR_ARROW || expr->kind == FC__EXPR_DOT) {
        if (!expr->body->is_complete) {
            return fc__error_set(err, FC_EUNSUPPORTED, "a size names a member of `struct %s`, which has no body here",
                                 expr->body->tag != NULL ? expr->body->tag : "");
        }
        rc = size_of_member(shapes, expr, size, err);
    } else if (expr->kind == FC__EXPR_OUTER) {
        rc = size_of_outer(shapes, expr, size, err);
    } else if (expr->kind == FC__EXPR_MEMBER_DEREF || expr->kind == FC__EXPR_DEREF) {
        const struct fc__type *pointer = expr->kind == FC__EXPR_DEREF
                                             ? (function != NULL ? function->params[expr->param].type : NULL)
                                             : type_of(expr->left, function);
        struct fc__value value;
        if (pointer == NULL || pointer->kind != FC__TYPE_POINTER || !fc__shape_is_integer(pointer->to) ||
            !fc__shape_value(shapes, pointer->to, pointer->to, false, &value)) {
            return fc__error_set(err, FC_EUNSUPPORTED, "a size looks through what is no pointer to an integer");
        }
        size->bytes = value.caller_bytes;
        size->is_signed = value.is_signed;
    }
    if (expr->kind == FC__EXPR_STRLEN) {
        const struct fc__type *text = type_of(expr->left, function);
        struct fc__value unit;
        size->bytes = text != NULL && text->to != NULL && fc__shape_value(shapes, text->to, text->to, false, &unit)
                          ? unit.caller_bytes
                          : 1;
    }
    rc = rc == FC_OK ? fc__shape_size(shapes, expr->left, function, &size->left, err) : rc;
    rc = rc == FC_OK ? fc__shape_size(shapes, expr->right, function, &size->right, err) : rc;
    *ret_size = size;
    return rc;
}

/* -- building ------------------------------------------------------------------------------------------------------ */

int fc__shape_extent(struct fc__shapes *shapes, const struct fc__type *const types[2], struct fc__shape *shape,
                     struct fc__error *err) {
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        struct fc__extent_of_type extent;
        int rc = fc__layout_extent(shapes->layouts[side], types[side], &extent, err);
        if (rc != FC_OK) {
            return rc;
        }
        shape->size[side] = extent.size_bytes;
        shape->alignment[side] = extent.alignment_bytes;
    }
    return FC_OK;
}

struct fc__shape *fc__shape_new(struct fc__shapes *shapes, enum fc__shape_kind kind, const struct fc__type *type) {
    struct fc__shape *shape = fc__arena_alloc(&shapes->arena, sizeof *shape);
    char text[256];
    if (shape != NULL) {
        fc__decl_type_text(type, text, sizeof text);
        shape->kind = kind;
        shape->type_name = fc__arena_copy(&shapes->arena, text, strlen(text));
        shape = shape->type_name != NULL ? shape : NULL;
    }
    return shape;
}

static int array_shape(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                       const struct fc__type *there, const struct fc__annotation *note,
                       const struct fc__shape **ret_shape, struct fc__error *err) {
    struct fc__shape *shape = fc__shape_new(shapes, FC__SHAPE_ARRAY, here);
    if (shape == NULL) {
        return fc__shape_out_of_memory(err);
    }
    if (here->length_kind != FC__LENGTH_KNOWN || there->length_kind != FC__LENGTH_KNOWN) {
        return fc__shape_refuses(what, here, "an array without a length can only be the last member of a struct", err);
    }
    int rc = fc__shape_of(shapes, what, here->to, there->to, note, &shape->element, err);
    if (rc != FC_OK) {
        return rc;
    }
    shape->count[FC__HERE] = here->length;
    shape->count[FC__THERE] = there->length;
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        shape->size[side] = shape->count[side] * shape->element->size[side]; /* layouts bound both */
        shape->alignment[side] = shape->element->alignment[side];
    }
    shape->is_plain = shape->element->is_plain && here->length == there->length;
    shape->follows = shape->element->follows;
    shape->has_union = shape->element->has_union;
    shape->text = fc__shape_is_text_array(shapes, here->to, there->to, shape->element) ? FC__TEXT_ENDED : FC__TEXT_NONE;
    *ret_shape = shape;
    return FC_OK;
}

/* C11 6.2.5p13: as an array of its two parts. */
static int complex_shape(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                         const struct fc__type *there, const struct fc__shape **ret_shape, struct fc__error *err) {
    struct fc__type parts[2] = {{.kind = FC__TYPE_SCALAR}, {.kind = FC__TYPE_SCALAR}};
    struct fc__type pairs[2] = {*here, *there};
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        fc__scalar_part(pairs[side].scalar, &parts[side].scalar);
        pairs[side] = (struct fc__type){
            .kind = FC__TYPE_ARRAY, .to = &parts[side], .length_kind = FC__LENGTH_KNOWN, .length = 2, .depth = 1};
    }
    return array_shape(shapes, what, &pairs[FC__HERE], &pairs[FC__THERE], NULL, ret_shape, err);
}

static bool value_is_plain(const struct fc__value *value) {
    return value->caller_bytes == value->callee_bytes &&
           (value->kind != FC__VALUE_POINTER && value->kind != FC__VALUE_INTEGER);
}

static int function_shape(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                          const struct fc__type *there, const struct fc__annotation *note, struct fc__shape *shape,
                          struct fc__error *err) {
    shape->kind = FC__SHAPE_FUNCTION;
    shape->follows = true;
    return fc__callback_of(shapes, here->to, there->to, note, what, &shape->callback, err);
}

static int needs_annotation(const char *what, const struct fc__type *type, struct fc__error *err) {
    char text[256];
    return fc__error_set(
        err, FC_EANNOTATION,
        "%s is `%s`, which does not say what it points to. Write before it _Field_size_(n), n being 1 for one value, "
        "_Field_size_bytes_(n) or _Field_z_; _Fc_opaque_ if only one side ever looks through it; or "
        "_Fc_local_ if the library is to find NULL there. See docs/annotations.md.",
        what, fc__decl_type_text(type, text, sizeof text));
}

static int pointer_shape(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                         const struct fc__type *there, const struct fc__annotation *note,
                         const struct fc__type *function, const struct fc__shape **ret_shape, struct fc__error *err) {
    struct fc__shape *shape = fc__shape_new(shapes, FC__SHAPE_POINTER, here);
    const struct fc__type *const types[2] = {here, there};
    int rc = shape != NULL ? fc__shape_extent(shapes, types, shape, err) : fc__shape_out_of_memory(err);
    *ret_shape = shape;
    if (rc != FC_OK) {
        return rc;
    }
    if (here->to->kind == FC__TYPE_FUNCTION && there->to->kind == FC__TYPE_FUNCTION && !note->is_opaque) {
        return function_shape(shapes, what, here, there, note, shape, err);
    }
    if (fc__shape_value(shapes, here, there, note->is_opaque, &shape->value)) {
        shape->kind = FC__SHAPE_VALUE;
        return FC_OK;
    }
    if (note->extent == FC__EXTENT_NONE) {
        return needs_annotation(what, here, err);
    }
    shape->follows = true;
    rc = fc__shape_pointee(shapes, what, here, there, note, function, &shape->pointee, err);
    if (note->direction == FC__DIRECTION_NONE) {
        shape->pointee.reads = true;
        shape->pointee.writes = !here->to->is_const;
    }
    return rc;
}

int fc__shape_of(struct fc__shapes *shapes, const char *what, const struct fc__type *here, const struct fc__type *there,
                 const struct fc__annotation *note, const struct fc__shape **ret_shape, struct fc__error *err) {
    static const struct fc__annotation none;
    const struct fc__type *const types[2] = {here, there};
    note = note != NULL ? note : &none;
    if (here->kind != there->kind && !(fc__shape_is_scalar(here) && fc__shape_is_scalar(there))) {
        return fc__shape_refuses(what, here, "the other target has another kind of type there", err);
    }
    switch (here->kind) {
    case FC__TYPE_STRUCT:
    case FC__TYPE_UNION:
        if (!here->body->is_complete || !there->body->is_complete) {
            return fc__shape_refuses(what, here, "nothing here says what is in it", err);
        }
        return fc__shape_record(shapes, here, there, ret_shape, err);
    case FC__TYPE_ARRAY:
        return array_shape(shapes, what, here, there, note, ret_shape, err);
    case FC__TYPE_POINTER:
        return pointer_shape(shapes, what, here, there, note, NULL, ret_shape, err);
    default:
        break;
    }
    struct fc__value value;
    if (fc__shape_is_complex(here) && fc__shape_is_complex(there)) {
        return complex_shape(shapes, what, here, there, ret_shape, err);
    }
    if (!fc__shape_value(shapes, here, there, false, &value)) {
        return fc__shape_refuses(what, here, "values of this type cannot be passed", err);
    }
    struct fc__shape *shape = fc__shape_new(shapes, FC__SHAPE_VALUE, here);
    int rc = shape != NULL ? fc__shape_extent(shapes, types, shape, err) : fc__shape_out_of_memory(err);
    if (rc == FC_OK) {
        shape->value = value;
        shape->is_plain = value_is_plain(&value);
    }
    *ret_shape = shape;
    return rc;
}

/* -- pointees ------------------------------------------------------------------------------------------------------ */

const struct fc__shape fc__shape_byte = {
    .kind = FC__SHAPE_VALUE,
    .is_plain = true,
    .size = {1, 1},
    .alignment = {1, 1},
    .value = {.kind = FC__VALUE_RAW, .caller_bytes = 1, .callee_bytes = 1, .type_name = "byte"},
    .type_name = "byte",
};

struct fc__annotation fc__shape_inner(const struct fc__type *pointer, const struct fc__annotation *outer) {
    if (outer->inner != NULL) {
        return *outer->inner;
    }
    struct fc__annotation inner = {
        .is_opaque = outer->is_opaque, .is_pinned = outer->is_outptr && outer->is_pinned, .is_path = outer->is_path};
    const struct fc__type *to = pointer->to;
    const bool is_text = to->kind == FC__TYPE_SCALAR && (to->scalar == FC__SCALAR_CHAR);
    if (outer->is_result_string || (!outer->is_outptr && is_text && to->is_const) ||
        (outer->extent == FC__EXTENT_LIST && is_text)) {
        inner.extent = FC__EXTENT_STRING;
    } else if (outer->result_capacity != NULL) {
        inner.extent = outer->result_counts_bytes ? FC__EXTENT_BYTES : FC__EXTENT_ELEMENTS;
        inner.capacity = outer->result_capacity;
    } else if (fc__shape_is_record(to) && to->body->is_complete) {
        inner.extent = FC__EXTENT_ONE;
    } else if (outer->is_outptr && to->kind != FC__TYPE_FUNCTION) {
        inner.is_opaque = true;
    }
    return inner;
}

static int string_element(const char *what, const struct fc__type *here, const struct fc__pointee *pointee,
                          struct fc__error *err) {
    const struct fc__shape *shape = pointee->shape;
    if (shape->kind == FC__SHAPE_STRUCT && pointee->extent == FC__EXTENT_STRING) {
        return FC_OK; /* up to one of which all is zero */
    }
    if (shape->text == FC__TEXT_NONE &&
        (shape->kind != FC__SHAPE_VALUE || shape->value.kind != FC__VALUE_RAW || shape->size[FC__HERE] > 4)) {
        return fc__shape_refuses(what, here, "only strings of characters can be passed", err);
    }
    return FC_OK;
}

int fc__shape_until(struct fc__shapes *shapes, const char *name, const char **ret_name, struct fc__error *err) {
    struct fc__shape_until *until = fc__arena_alloc(&shapes->arena, sizeof *until);
    const char *copy = fc__arena_copy(&shapes->arena, name, strlen(name));
    if (until == NULL || copy == NULL) {
        return fc__shape_out_of_memory(err);
    }
    *until = (struct fc__shape_until){.name = copy, .next = shapes->untils};
    shapes->untils = until;
    *ret_name = copy;
    return FC_OK;
}

int fc__shape_pointee(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                      const struct fc__type *there, const struct fc__annotation *note, const struct fc__type *function,
                      struct fc__pointee *ret_pointee, struct fc__error *err) {
    const struct fc__type *to = here->to;
    struct fc__pointee pointee = {.extent = note->extent != FC__EXTENT_NONE ? note->extent : FC__EXTENT_ONE,
                                  .shape = &fc__shape_byte};
    int rc = FC_OK;
    if (to->kind == FC__TYPE_VOID) {
        if (note->extent != FC__EXTENT_BYTES && note->extent != FC__EXTENT_ELEMENTS) {
            return fc__shape_refuses(what, here, "`void` has no size: write how many bytes there are", err);
        }
    } else if (to->kind == FC__TYPE_POINTER) {
        const struct fc__annotation inner = fc__shape_inner(to, note);
        to = fc__shape_seen(shapes, FC__HERE, to, &inner);
        rc = to != NULL ? pointer_shape(shapes, what, to, there->to, &inner, function, &pointee.shape, err)
                        : fc__shape_out_of_memory(err);
    } else {
        rc = fc__shape_of(shapes, what, to, there->to, NULL, &pointee.shape, err);
    }
    rc = rc == FC_OK && note->kept_until != NULL ? fc__shape_until(shapes, note->kept_until, &pointee.kept_until, err)
                                                 : rc;
    pointee.is_pinned = note->is_pinned && !note->is_outptr;
    pointee.is_bounded = note->is_bounded;
    rc = rc == FC_OK ? fc__shape_see_text(shapes, what, here, there, note, &pointee, err) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    if (pointee.extent == FC__EXTENT_STRING || (pointee.extent == FC__EXTENT_LIST && to->kind != FC__TYPE_POINTER)) {
        rc = string_element(what, here, &pointee, err);
    }
    if (rc == FC_OK && pointee.extent == FC__EXTENT_BYTES && !pointee.shape->is_plain) {
        return fc__shape_refuses(what, here, "its elements differ between the two sides, so count elements, not bytes",
                                 err);
    }
    pointee.reads = note->direction != FC__DIRECTION_OUT || (!note->is_all && note->valid == NULL);
    pointee.writes = note->direction == FC__DIRECTION_OUT || note->direction == FC__DIRECTION_INOUT;
    pointee.is_output = note->direction == FC__DIRECTION_OUT;
    rc = rc == FC_OK ? fc__shape_size(shapes, note->capacity, function, &pointee.capacity, err) : rc;
    rc = rc == FC_OK ? fc__shape_size(shapes, note->valid, function, &pointee.valid, err) : rc;
    *ret_pointee = pointee;
    return rc;
}
