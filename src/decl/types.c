/* decl: making types, and comparing them. */
#include "decl/parser.h"

#include <string.h>

static struct fc__type *new_type(struct fc__parser *parser, const struct fc__type *like) {
    struct fc__type *type = fc__decl_keep(parser, sizeof *type);
    if (type == NULL) {
        return NULL;
    }
    *type = *like;
    return type;
}

/* The types without a name are made once each. */
static const struct fc__type *shared_type(struct fc__parser *parser, const struct fc__type **slot,
                                          const struct fc__type *like) {
    if (*slot == NULL) {
        *slot = new_type(parser, like);
    }
    return *slot;
}

const struct fc__type *fc__decl_type_void(struct fc__parser *parser) {
    return shared_type(parser, &parser->voids[0], &(struct fc__type){.kind = FC__TYPE_VOID});
}

const struct fc__type *fc__decl_type_scalar(struct fc__parser *parser, enum fc__scalar scalar) {
    return shared_type(parser, &parser->scalars[scalar][0],
                       &(struct fc__type){.kind = FC__TYPE_SCALAR, .scalar = scalar});
}

const struct fc__type *fc__decl_type_tag(struct fc__parser *parser, struct fc__tag *tag) {
    struct fc__type like = {.kind = tag->body->kind, .body = tag->body};
    return shared_type(parser, &tag->plain[0], &like);
}

/* Where the const form of a type without a name is kept; not for types that are derived. */
static const struct fc__type **const_slot(struct fc__parser *parser, const struct fc__type *type) {
    switch (type->kind) {
    case FC__TYPE_VOID:
        return &parser->voids[1];
    case FC__TYPE_SCALAR:
        return &parser->scalars[type->scalar][1];
    default:
        return &parser->tags[type->body->id - 1]->plain[1];
    }
}

/* An array is const in its elements; a function cannot be const, and C11 6.7.3p9 leaves open what it then is. */
const struct fc__type *fc__decl_type_const(struct fc__parser *parser, const struct fc__type *type) {
    if (type->is_const || type->kind == FC__TYPE_FUNCTION) {
        return type;
    }
    struct fc__type like = *type;
    if (type->kind == FC__TYPE_ARRAY) {
        like.to = fc__decl_type_const(parser, type->to);
        if (like.to == type->to) {
            return type;
        }
        return like.to == NULL ? NULL : new_type(parser, &like);
    }
    like.is_const = true;
    if (type->spelling != NULL || type->to != NULL || type->is_atomic) {
        return new_type(parser, &like);
    }
    return shared_type(parser, const_slot(parser, type), &like);
}

const struct fc__type *fc__decl_type_atomic(struct fc__parser *parser, const struct fc__type *type,
                                            const struct fc__place *place) {
    struct fc__type like = *type;
    char text[100];
    if (type->kind == FC__TYPE_ARRAY || type->kind == FC__TYPE_FUNCTION || type->kind == FC__TYPE_VOID) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s' cannot be atomic",
                      fc__decl_type_text(type, text, sizeof text));
        return NULL;
    }
    like.is_atomic = true;
    return new_type(parser, &like);
}

const struct fc__type *fc__decl_type_named(struct fc__parser *parser, const struct fc__type *type,
                                           const char *spelling) {
    struct fc__type like = *type;
    like.spelling = spelling;
    return new_type(parser, &like);
}

const struct fc__type *fc__decl_type_derived(struct fc__parser *parser, const struct fc__type *like,
                                             const struct fc__place *place) {
    struct fc__type type = *like;
    uint32_t deepest = type.to->depth;
    for (uint32_t i = 0; i < type.param_count; i++) {
        deepest = type.params[i].type->depth > deepest ? type.params[i].type->depth : deepest;
    }
    if (deepest == FC__DECL_DEPTH_MAX) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, place, "a type of more than %d levels", FC__DECL_DEPTH_MAX);
        return NULL;
    }
    type.depth = deepest + 1;
    return new_type(parser, &type);
}

bool fc__decl_type_is_integer(const struct fc__type *type) {
    return type->kind == FC__TYPE_ENUM || (type->kind == FC__TYPE_SCALAR && type->scalar < FC__SCALAR_FLOAT);
}

bool fc__decl_scalar_is_unsigned(enum fc__scalar scalar) {
    switch (scalar) {
    case FC__SCALAR_BOOL:
    case FC__SCALAR_UCHAR:
    case FC__SCALAR_USHORT:
    case FC__SCALAR_UINT:
    case FC__SCALAR_ULONG:
    case FC__SCALAR_ULLONG:
    case FC__SCALAR_U8:
    case FC__SCALAR_U16:
    case FC__SCALAR_U32:
    case FC__SCALAR_U64:
    case FC__SCALAR_U128:
    case FC__SCALAR_SIZE:
    case FC__SCALAR_UINTPTR:
        return true;
    default:
        return false;
    }
}

/* What to do where there is no type of C's that goes the same way. */
#define INSTEAD                                                                                                        \
    " cannot be passed; declare their bytes where a pointer leads to them (`_Alignas(16) char x[16]`), and call a "    \
    "function of your own, which takes such a pointer, where they are values"

static const char *scalar_refusal(enum fc__scalar scalar) {
    switch (scalar) {
    case FC__SCALAR_I128:
    case FC__SCALAR_U128:
        return "128-bit integers cannot be passed; declare what goes the same way on Linux, "
               "`struct { _Alignas(16) uint64_t low; uint64_t high; }`";
    case FC__SCALAR_FLOAT16:
    case FC__SCALAR_FP16:
    case FC__SCALAR_BFLOAT16:
    case FC__SCALAR_FLOAT128:
        return "floating types other than float, double and long double" INSTEAD;
    case FC__SCALAR_DECIMAL32:
    case FC__SCALAR_DECIMAL64:
    case FC__SCALAR_DECIMAL128:
        return "decimal floating types" INSTEAD;
    case FC__SCALAR_CFLOAT16:
    case FC__SCALAR_CFLOAT128:
        return "complex types of other parts than float, double and long double" INSTEAD;
    case FC__SCALAR_VA_LIST:
    case FC__SCALAR_MS_VA_LIST:
    case FC__SCALAR_SYSV_VA_LIST:
        return "only _Printf_format_string_ says what is in a va_list, and only behind the other parameters";
    default:
        return NULL;
    }
}

const char *fc__decl_refusal(const struct fc__type *type) {
    if (type->is_atomic) {
        return "atomic types cannot be passed: they are only so in memory that both sides see";
    }
    switch (type->kind) {
    case FC__TYPE_SCALAR:
        return scalar_refusal(type->scalar);
    case FC__TYPE_VECTOR:
        return "vector types" INSTEAD;
    case FC__TYPE_ENUM:
        return type->body->unknown;
    default:
        return NULL;
    }
}

/* `budget` bounds the work: parameter types can share their parts so that a walk of all of them would not end. */
static bool are_equal(const struct fc__type *a, const struct fc__type *b, unsigned *budget) {
    if (a == b || *budget == 0) {
        return true;
    }
    --*budget;
    if (a->kind != b->kind || a->is_const != b->is_const || a->is_atomic != b->is_atomic || a->scalar != b->scalar ||
        a->body != b->body || a->length != b->length || a->param_count != b->param_count ||
        a->is_variadic != b->is_variadic || a->fixed_count != b->fixed_count || a->convention != b->convention) {
        return false;
    }
    for (uint32_t i = 0; i < a->param_count; i++) {
        if (!are_equal(a->params[i].type, b->params[i].type, budget)) {
            return false;
        }
    }
    return a->to == NULL || are_equal(a->to, b->to, budget);
}

bool fc__decl_types_equal(const struct fc__type *a, const struct fc__type *b) {
    unsigned budget = 10000;
    return are_equal(a, b, &budget);
}
