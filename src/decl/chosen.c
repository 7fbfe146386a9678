/* decl: expressions that ask what type another has: _Generic, C11 6.5.1.1, and GNU C's __builtin_types_compatible_p. */
#include "decl/parser.h"

/* -- The same type ------------------------------------------------------------------------------------------------- */

static bool is_long_wide(struct fc__parser *parser) {
    return fc__decl_is_wide_scalar(parser, FC__SCALAR_LONG);
}

/* What the C library's types are on the target. */
static enum fc__scalar plain_scalar(struct fc__parser *parser, enum fc__scalar scalar) {
    bool is_unsigned = fc__decl_scalar_is_unsigned(scalar);
    switch (scalar) {
    case FC__SCALAR_I8:
        return FC__SCALAR_SCHAR;
    case FC__SCALAR_U8:
        return FC__SCALAR_UCHAR;
    case FC__SCALAR_I16:
        return FC__SCALAR_SHORT;
    case FC__SCALAR_U16:
        return FC__SCALAR_USHORT;
    case FC__SCALAR_I32:
        return FC__SCALAR_INT;
    case FC__SCALAR_U32:
        return FC__SCALAR_UINT;
    case FC__SCALAR_WCHAR: /* as gcc has it */
        return parser->lexer.is_windows ? FC__SCALAR_USHORT : is_long_wide(parser) ? FC__SCALAR_INT : FC__SCALAR_LONG;
    case FC__SCALAR_SIZE:
    case FC__SCALAR_SSIZE:
    case FC__SCALAR_PTRDIFF:
    case FC__SCALAR_INTPTR:
    case FC__SCALAR_UINTPTR:
        if (!fc__decl_is_wide_scalar(parser, scalar)) {
            return is_unsigned ? FC__SCALAR_UINT : FC__SCALAR_INT;
        }
        /* fall through */
    case FC__SCALAR_I64:
    case FC__SCALAR_U64:
        return is_long_wide(parser) ? (is_unsigned ? FC__SCALAR_ULONG : FC__SCALAR_LONG)
                                    : (is_unsigned ? FC__SCALAR_ULLONG : FC__SCALAR_LLONG);
    default:
        return scalar;
    }
}

unsigned fc__decl_longs(struct fc__parser *parser, enum fc__scalar scalar) {
    switch (plain_scalar(parser, scalar)) {
    case FC__SCALAR_LONG:
    case FC__SCALAR_ULONG:
        return 1;
    case FC__SCALAR_LLONG:
    case FC__SCALAR_ULLONG:
        return 2;
    default:
        return 0;
    }
}

/* C11 6.7.2.2p4: an enum is compatible with one integer, not with another enum. */
static bool is_enum_as(struct fc__parser *parser, const struct fc__type *a, const struct fc__type *b) {
    return a->kind == FC__TYPE_ENUM && b->kind == FC__TYPE_SCALAR && a->is_atomic == b->is_atomic &&
           a->body->is_complete && plain_scalar(parser, a->body->scalar) == plain_scalar(parser, b->scalar);
}

/* `budget` bounds the work, as in types.c. */
static bool are_same(struct fc__parser *parser, const struct fc__type *a, const struct fc__type *b, bool has_const,
                     unsigned *budget) {
    if (a == b || *budget == 0) {
        return true;
    }
    --*budget;
    if (is_enum_as(parser, a, b) || is_enum_as(parser, b, a)) {
        return !has_const || a->is_const == b->is_const;
    }
    bool is_sized = a->length_kind == FC__LENGTH_KNOWN && b->length_kind == FC__LENGTH_KNOWN;
    if (a->kind != b->kind || (has_const && a->is_const != b->is_const) || a->is_atomic != b->is_atomic ||
        plain_scalar(parser, a->scalar) != plain_scalar(parser, b->scalar) || a->body != b->body ||
        ((a->kind != FC__TYPE_ARRAY || is_sized) && a->length != b->length) || a->param_count != b->param_count ||
        a->is_variadic != b->is_variadic || a->convention != b->convention) {
        return false;
    }
    for (uint32_t i = 0; i < a->param_count; i++) {
        if (!are_same(parser, a->params[i].type, b->params[i].type, false, budget)) {
            return false;
        }
    }
    return a->to == NULL || are_same(parser, a->to, b->to, true, budget);
}

static bool is_same(struct fc__parser *parser, const struct fc__type *a, const struct fc__type *b, bool has_const) {
    unsigned budget = 10000;
    return are_same(parser, a, b, has_const, &budget);
}

/* -- The type of an operand ---------------------------------------------------------------------------------------- */

bool fc__decl_type_of(struct fc__parser *parser, const struct fc__constant *operand, const struct fc__type **ret_type) {
    *ret_type = operand->type;
    if (operand->type != NULL || operand->unknown != NULL) {
        return true;
    }
    *ret_type = operand->cast;
    if (operand->cast == NULL) {
        const unsigned longs = operand->longs != 0    ? operand->longs
                               : !operand->is_wide    ? 0
                               : is_long_wide(parser) ? 1
                                                      : 2;
        static const enum fc__scalar scalars[3][2] = {{FC__SCALAR_INT, FC__SCALAR_UINT},
                                                      {FC__SCALAR_LONG, FC__SCALAR_ULONG},
                                                      {FC__SCALAR_LLONG, FC__SCALAR_ULLONG}};
        *ret_type = fc__decl_type_scalar(parser, scalars[longs][operand->is_unsigned]);
    }
    return *ret_type != NULL;
}

/* C11 6.3.2.1 */
bool fc__decl_read_value_type(struct fc__parser *parser, const struct fc__type **ret_type) {
    struct fc__constant operand;
    struct fc__place place = parser->token.place;
    if (!fc__decl_read_constant(parser, &operand) || !fc__decl_type_of(parser, &operand, ret_type)) {
        return false;
    }
    const struct fc__type *type = *ret_type;
    if (type != NULL && (type->kind == FC__TYPE_ARRAY || type->kind == FC__TYPE_FUNCTION)) {
        const struct fc__type pointer = {.kind = FC__TYPE_POINTER,
                                         .to = type->kind == FC__TYPE_ARRAY ? type->to : type};
        *ret_type = fc__decl_type_derived(parser, &pointer, &place);
    }
    return type == NULL || *ret_type != NULL;
}

/* -- Choosing ------------------------------------------------------------------------------------------------------ */

static bool is_default(const struct fc__token *token) {
    return token->kind == FC__TOKEN_NAME && fc__decl_word_kind(token) == FC__WORD_STATEMENT;
}

/* At `type: expression` or `default: expression`. */
static bool read_association(struct fc__parser *parser, const struct fc__type *asked, struct fc__constant *chosen,
                             bool *is_chosen) {
    const struct fc__type *type = NULL;
    struct fc__constant constant;
    bool is_read = is_default(&parser->token) ? fc__decl_advance(parser) : fc__decl_read_type_name(parser, &type);
    if (!is_read || !fc__decl_expect(parser, ':', "after the type") || !fc__decl_read_constant(parser, &constant)) {
        return false;
    }
    bool is_match = type != NULL && type->is_const == false && asked != NULL && is_same(parser, asked, type, false);
    if (!*is_chosen && (is_match || type == NULL)) {
        *chosen = constant;
    }
    *is_chosen |= is_match;
    return true;
}

static bool read_generic(struct fc__parser *parser, const struct fc__place *place, struct fc__constant *constant) {
    const struct fc__type *asked;
    bool is_chosen = false;
    fc__decl_make_unknown(constant, FC_EPARSE, place, "no type of this '_Generic' is that of its operand");
    if (!fc__decl_expect(parser, '(', "after '_Generic'") || !fc__decl_read_value_type(parser, &asked)) {
        return false;
    }
    while (parser->token.kind == ',') {
        if (!fc__decl_advance(parser) || !read_association(parser, asked, constant, &is_chosen)) {
            return false;
        }
    }
    if (asked == NULL) {
        *constant = (struct fc__constant){.value = 0};
        fc__decl_make_unknown(constant, FC_EPARSE, place, "nobody knows the type of this operand of '_Generic'");
    }
    return fc__decl_expect(parser, ')', "after what '_Generic' chooses from");
}

static bool read_compatible(struct fc__parser *parser, struct fc__constant *constant) {
    const struct fc__type *first;
    const struct fc__type *second;
    if (!fc__decl_expect(parser, '(', "after '__builtin_types_compatible_p'") ||
        !fc__decl_read_type_name(parser, &first) || !fc__decl_expect(parser, ',', "after the type") ||
        !fc__decl_read_type_name(parser, &second) || !fc__decl_expect(parser, ')', "after the type")) {
        return false;
    }
    constant->value = is_same(parser, first, second, false);
    return true;
}

bool fc__decl_read_choice(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    enum fc__word_kind word = fc__decl_word_kind(&parser->token);
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser)) {
        return false;
    }
    bool is_read;
    if (parser->target == NULL && parser->token.kind == '(') {
        fc__decl_make_unknown(constant, FC_EUNSUPPORTED, &place,
                              "this depends on the target, and is not supported here");
        is_read = fc__decl_skip_brackets(parser);
    } else {
        is_read = word == FC__WORD_GENERIC ? read_generic(parser, &place, constant) : read_compatible(parser, constant);
    }
    fc__decl_leave(parser);
    return is_read;
}
