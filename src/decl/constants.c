/* decl: constant expressions, C11 6.6. */
#include "decl/characters.h"
#include "decl/parser.h"

/* Values are those of C on every target of this program: int has 32 bits and long long 64. What depends on the target
 * (sizeof) has no value unless one was given; that is an error only where a value is needed. */

/* Cuts the value to the width of its type. */
static void wrap(struct fc__constant *constant) {
    if (!constant->is_wide) {
        constant->value =
            constant->is_unsigned ? (int64_t)(uint32_t)constant->value : (int64_t)(int32_t)constant->value;
    }
}

/* -- Operands ------------------------------------------------------------------------------------------------------ */

static bool read_name(struct fc__parser *parser, struct fc__constant *constant) {
    const struct fc__symbol *symbol = parser->token.name->symbol;
    if (!fc__decl_is_identifier(&parser->token)) {
        return fc__decl_fail_found(parser, "an expression");
    }
    if (symbol != NULL && symbol->kind == FC__SYMBOL_ENUMERATOR) {
        constant->value = symbol->value;
        constant->is_unsigned = symbol->is_unsigned;
        constant->is_wide = symbol->is_wide;
    } else {
        fc__decl_make_unknown(constant, FC_EPARSE, &parser->token.place, "this is not a constant");
        constant->type = symbol != NULL ? symbol->type : NULL;
        constant->is_variable = symbol != NULL;
    }
    return fc__decl_advance(parser);
}

/* At sizeof and its like. */
static bool read_measure(struct fc__parser *parser, enum fc__word_kind word, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser) ||
        !fc__decl_read_measure(parser, word, &place, constant)) {
        return false;
    }
    fc__decl_leave(parser);
    return true;
}

/* What a cast makes of a value: cut to so many bits; 0 is no integer. */
static const struct {
    unsigned bits;
    bool is_unsigned;
} casts[FC__SCALAR_COUNT] = {
    [FC__SCALAR_BOOL] = {1, true},     [FC__SCALAR_CHAR] = {8, false},     [FC__SCALAR_SCHAR] = {8, false},
    [FC__SCALAR_UCHAR] = {8, true},    [FC__SCALAR_SHORT] = {16, false},   [FC__SCALAR_USHORT] = {16, true},
    [FC__SCALAR_INT] = {32, false},    [FC__SCALAR_UINT] = {32, true},     [FC__SCALAR_LONG] = {64, false},
    [FC__SCALAR_ULONG] = {64, true},   [FC__SCALAR_LLONG] = {64, false},   [FC__SCALAR_ULLONG] = {64, true},
    [FC__SCALAR_I8] = {8, false},      [FC__SCALAR_U8] = {8, true},        [FC__SCALAR_I16] = {16, false},
    [FC__SCALAR_U16] = {16, true},     [FC__SCALAR_I32] = {32, false},     [FC__SCALAR_U32] = {32, true},
    [FC__SCALAR_I64] = {64, false},    [FC__SCALAR_U64] = {64, true},      [FC__SCALAR_SIZE] = {64, true},
    [FC__SCALAR_SSIZE] = {64, false},  [FC__SCALAR_PTRDIFF] = {64, false}, [FC__SCALAR_INTPTR] = {64, false},
    [FC__SCALAR_UINTPTR] = {64, true}, [FC__SCALAR_WCHAR] = {32, false},
};

bool fc__decl_is_wide_scalar(struct fc__parser *parser, enum fc__scalar scalar) {
    struct fc__extent_of_type extent;
    struct fc__error err;
    struct fc__type type = {.kind = FC__TYPE_SCALAR, .scalar = scalar};
    return parser->target == NULL || parser->target->extent(parser->target->context, &type, &extent, &err) != FC_OK ||
           extent.size_bytes == 8;
}

void fc__decl_cast(struct fc__parser *parser, struct fc__constant *constant, const struct fc__type *type,
                   const struct fc__place *place) {
    enum fc__scalar scalar = type->kind == FC__TYPE_ENUM ? type->body->scalar : type->scalar;
    unsigned bits = type->kind == FC__TYPE_ENUM || type->kind == FC__TYPE_SCALAR ? casts[scalar].bits : 0;
    bool is_unsigned = casts[scalar].is_unsigned;
    uint64_t value = (uint64_t)constant->value;
    if (type->kind == FC__TYPE_POINTER) { /* of use for what it points to, as in ((struct s *)0)->member */
        bool has_address = constant->unknown == NULL || fc__decl_is_known_pointer(constant);
        fc__decl_make_unknown(constant, FC_EPARSE, place, "a constant of this type has no use here");
        constant->type = type;
        constant->address = has_address ? FC__ADDRESS_VALUE : FC__ADDRESS_NONE;
        return;
    }
    if (bits != 0 && fc__decl_is_known_pointer(constant)) {
        constant->unknown = NULL; /* an address is a number */
    }
    constant->type = constant->unknown != NULL ? type : NULL;
    constant->address = FC__ADDRESS_NONE;
    if (bits == 64 && !fc__decl_is_wide_scalar(parser, scalar)) {
        bits = 32;
    }
    if (scalar == FC__SCALAR_WCHAR && parser->lexer.is_windows) {
        bits = 16;
        is_unsigned = true;
    }
    if (bits == 0) {
        fc__decl_make_unknown(constant, FC_EPARSE, place, "a constant of this type has no use here");
        return;
    }
    if (bits == 1) {
        value = value != 0;
    } else if (bits < 64) {
        uint64_t sign = is_unsigned ? 0 : (uint64_t)1 << (bits - 1);
        value = ((value & (((uint64_t)1 << bits) - 1)) ^ sign) - sign;
    }
    constant->value = (int64_t)value;
    constant->is_wide = bits == 64;
    constant->is_unsigned = is_unsigned && bits >= 32; /* what is narrower than int becomes one */
    constant->longs = fc__decl_longs(parser, scalar);
    constant->cast = type;
}

/* Of a hexadecimal one, of what is behind its 0x; `exponent` counts bits. */
static bool hexadecimal_part(const char *text, const char *end, uint64_t *ret_value) {
    uint64_t value = 0;
    int exponent = 0, written = 0;
    bool is_fraction = false;
    for (; text < end && (fc__decl_hex_digit(*text) < 16 || *text == '.'); text++) {
        is_fraction |= *text == '.';
        if (*text != '.') {
            value = value << 4 | (uint64_t)fc__decl_hex_digit(*text);
            exponent -= is_fraction ? 4 : 0;
        }
        if (value >> 52 != 0 || exponent < -1000) { /* more than a double has */
            return false;
        }
    }
    text += text < end; /* the p */
    bool is_negative = text < end && *text == '-';
    text += text < end && (*text == '-' || *text == '+');
    for (; text < end && fc__decl_is_digit(*text) && written < 1000; text++) {
        written = written * 10 + (*text - '0');
    }
    exponent += is_negative ? -written : written;
    for (; exponent < 0 && value != 0; exponent++) {
        value >>= 1;
    }
    for (; exponent > 0 && value != 0 && value <= INT64_MAX / 2; exponent--) {
        value <<= 1;
    }
    *ret_value = value;
    return value == 0 || exponent == 0;
}

/* The integer part of a floating constant in hand, C11 6.6p6: of a decimal one of few digits, which as a double lies on
 * the same side of every integer. */
static bool integer_part(const struct fc__parser *parser, uint64_t *ret_value) {
    enum { DIGITS_MAX = 15 };
    const char *text = parser->lexer.text + parser->token.place.offset;
    const char *const end = parser->lexer.text + parser->token.end;
    uint64_t value = 0;
    int digits = 0, exponent = 0, written = 0;
    bool is_fraction = false, is_negative = false;
    if (end - text > 2 && (text[1] == 'x' || text[1] == 'X')) {
        return hexadecimal_part(text + 2, end, ret_value);
    }
    for (; text < end && (fc__decl_is_digit(*text) || *text == '.'); text++) {
        is_fraction |= *text == '.';
        if (*text != '.') {
            value = value * 10 + (uint64_t)(*text - '0');
            digits += value != 0;
            exponent -= is_fraction;
        }
        if (digits > DIGITS_MAX) {
            return false;
        }
    }
    if (text < end && (*text == 'e' || *text == 'E')) {
        text++;
        is_negative = *text == '-';
        text += *text == '-' || *text == '+';
        for (; text < end && fc__decl_is_digit(*text) && written < 1000; text++) {
            written = written * 10 + (*text - '0');
        }
    } else if (text < end && *text != 'f' && *text != 'F' && *text != 'l' && *text != 'L') {
        return false; /* a line goes on within */
    }
    exponent += is_negative ? -written : written;
    for (; exponent < 0 && value != 0; exponent++) {
        value /= 10;
    }
    for (; exponent > 0 && value != 0 && value <= INT64_MAX / 10; exponent--) {
        value *= 10;
    }
    *ret_value = value;
    return value == 0 || exponent == 0;
}

static bool read_cast(struct fc__parser *parser, struct fc__constant *constant, const struct fc__place *place) {
    const struct fc__type *type;
    uint64_t value;
    if (!fc__decl_enter(parser) || !fc__decl_read_type_name(parser, &type) ||
        !fc__decl_expect(parser, ')', "after the type of a cast")) {
        return false;
    }
    if (parser->token.kind == '{') {
        fc__decl_leave(parser);
        return fc__decl_read_literal(parser, type, constant);
    }
    if (parser->token.kind == FC__TOKEN_FLOATING && integer_part(parser, &value)) {
        *constant = (struct fc__constant){.value = (int64_t)value, .is_wide = true};
        if (!fc__decl_advance(parser)) {
            return false;
        }
    } else if (!fc__decl_read_unary(parser, constant)) {
        return false;
    }
    fc__decl_leave(parser);
    fc__decl_cast(parser, constant, type, place);
    return true;
}

static bool read_parenthesis(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    if (!fc__decl_advance(parser)) {
        return false;
    }
    return fc__decl_starts_type(&parser->token) && fc__decl_word_kind(&parser->token) != FC__WORD_EXTENSION
               ? read_cast(parser, constant, &place)
               : fc__decl_read_constant(parser, constant) && fc__decl_expect(parser, ')', "after the expression") &&
                     fc__decl_read_postfix(parser, constant);
}

/* Of what an operator makes of an operand without a value, nothing is known. */
static void forget_type(struct fc__constant *constant) {
    constant->type = constant->cast = NULL;
    constant->address = FC__ADDRESS_NONE;
}

static bool read_prefixed(struct fc__parser *parser, struct fc__constant *constant) {
    int op = parser->token.kind;
    struct fc__place place = parser->token.place;
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser) || !fc__decl_read_unary(parser, constant)) {
        return false;
    }
    fc__decl_leave(parser);
    if (op == '*' || op == '&') {
        return fc__decl_apply_indirection(parser, op == '&', &place, constant);
    }
    forget_type(constant);
    if (op == '-') {
        constant->value = (int64_t)(0 - (uint64_t)constant->value);
    } else if (op == '~') {
        constant->value = ~constant->value;
    } else if (op == '!') {
        constant->value = constant->value == 0;
        constant->is_unsigned = constant->is_wide = false;
        constant->longs = 0;
    }
    wrap(constant);
    return true;
}

/* Of which only the type is known. */
static bool read_floating(struct fc__parser *parser, struct fc__constant *constant) {
    const char last = parser->lexer.text[parser->token.end - 1];
    fc__decl_make_unknown(constant, FC_EPARSE, &parser->token.place, "an integer is expected, not a floating constant");
    constant->type = fc__decl_type_scalar(parser, last == 'f' || last == 'F'   ? FC__SCALAR_FLOAT
                                                  : last == 'l' || last == 'L' ? FC__SCALAR_LDOUBLE
                                                                               : FC__SCALAR_DOUBLE);
    return constant->type != NULL && fc__decl_advance(parser);
}

/* At a number, or a character, which with a prefix is of a type of its own: C11 6.4.4.4. */
static bool read_integer(struct fc__parser *parser, struct fc__constant *constant) {
    const struct fc__token *token = &parser->token;
    constant->value = (int64_t)token->value;
    constant->is_unsigned = token->is_unsigned;
    constant->is_wide = token->is_wide;
    constant->longs = token->longs;
    if (token->prefix != '\0') {
        constant->cast = fc__decl_character_type(parser, token->prefix);
        if (constant->cast == NULL) {
            return false;
        }
        constant->longs = fc__decl_longs(parser, constant->cast->scalar);
    }
    return fc__decl_advance(parser);
}

/* At __extension__, which says nothing. */
static bool read_extension(struct fc__parser *parser, struct fc__constant *constant) {
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser) || !fc__decl_read_unary(parser, constant)) {
        return false;
    }
    fc__decl_leave(parser);
    return true;
}

bool fc__decl_read_unary(struct fc__parser *parser, struct fc__constant *ret_constant) {
    const struct fc__token *token = &parser->token;
    enum fc__word_kind word;
    *ret_constant = (struct fc__constant){.value = 0};
    switch (token->kind) {
    case FC__TOKEN_INTEGER:
        return read_integer(parser, ret_constant);
    case FC__TOKEN_FLOATING:
        return read_floating(parser, ret_constant);
    case FC__TOKEN_NAME:
        word = fc__decl_word_kind(token);
        return word == FC__WORD_EXTENSION                             ? read_extension(parser, ret_constant)
               : word >= FC__WORD_SIZEOF && word <= FC__WORD_OFFSETOF ? read_measure(parser, word, ret_constant)
               : word == FC__WORD_GENERIC || word == FC__WORD_TYPES_COMPATIBLE
                   ? fc__decl_read_choice(parser, ret_constant) && fc__decl_read_postfix(parser, ret_constant)
                   : read_name(parser, ret_constant) && fc__decl_read_postfix(parser, ret_constant);
    case FC__TOKEN_STRING:
        return fc__decl_read_string(parser, ret_constant) && fc__decl_read_postfix(parser, ret_constant);
    case '(':
        return read_parenthesis(parser, ret_constant);
    case '-':
    case '+':
    case '~':
    case '!':
    case '*':
    case '&':
        return read_prefixed(parser, ret_constant);
    default:
        return fc__decl_fail_found(parser, "an expression");
    }
}

/* -- Operators ----------------------------------------------------------------------------------------------------- */

static int precedence(int op) {
    switch (op) {
    case FC__TOKEN_OR:
        return 1;
    case FC__TOKEN_AND:
        return 2;
    case '|':
        return 3;
    case '^':
        return 4;
    case '&':
        return 5;
    case FC__TOKEN_EQUAL:
    case FC__TOKEN_NOT_EQUAL:
        return 6;
    case '<':
    case '>':
    case FC__TOKEN_LESS_EQUAL:
    case FC__TOKEN_GREATER_EQUAL:
        return 7;
    case FC__TOKEN_SHIFT_LEFT:
    case FC__TOKEN_SHIFT_RIGHT:
        return 8;
    case '+':
    case '-':
        return 9;
    case '*':
    case '/':
    case '%':
        return 10;
    default:
        return 0;
    }
}

static void shift(struct fc__constant *left, const struct fc__constant *right, bool is_left,
                  const struct fc__place *place) {
    uint64_t width = left->is_wide ? 64 : 32;
    if ((uint64_t)right->value >= width) {
        fc__decl_make_unknown(left, FC_EPARSE, place, "shifted by a negative number of bits, or by too many");
    } else if (is_left) {
        left->value = (int64_t)((uint64_t)left->value << right->value);
    } else if (left->is_unsigned) {
        left->value = (int64_t)((uint64_t)left->value >> right->value);
    } else {
        left->value = left->value >> right->value; /* arithmetic, as gcc and clang have it */
    }
    wrap(left);
}

static void divide(struct fc__constant *left, const struct fc__constant *right, bool is_remainder,
                   const struct fc__place *place) {
    uint64_t a = (uint64_t)left->value;
    uint64_t b = (uint64_t)right->value;
    if (b == 0) {
        fc__decl_make_unknown(left, FC_EPARSE, place, "a division by zero");
    } else if (left->is_unsigned) {
        left->value = (int64_t)(is_remainder ? a % b : a / b);
    } else if (right->value == -1) { /* INT64_MIN / -1 would trap */
        left->value = is_remainder ? 0 : (int64_t)(0 - a);
    } else {
        left->value = is_remainder ? left->value % right->value : left->value / right->value;
    }
}

static bool is_less(const struct fc__constant *a, const struct fc__constant *b) {
    return a->is_unsigned ? (uint64_t)a->value < (uint64_t)b->value : a->value < b->value;
}

/* The usual arithmetic conversions of C11 6.3.1.8. */
static void convert_both(struct fc__constant *left, struct fc__constant *right) {
    bool is_wide = left->is_wide || right->is_wide;
    bool is_unsigned =
        (left->is_unsigned && left->is_wide == is_wide) || (right->is_unsigned && right->is_wide == is_wide);
    const unsigned longs = left->is_wide == is_wide ? left->longs : 0; /* of a narrow long, nothing */
    const unsigned other_longs = right->is_wide == is_wide ? right->longs : 0;
    left->is_wide = right->is_wide = is_wide;
    left->longs = right->longs = longs > other_longs ? longs : other_longs;
    left->is_unsigned = right->is_unsigned = is_unsigned;
    wrap(left);
    wrap(right);
}

static void apply(struct fc__constant *left, struct fc__constant right, int op, const struct fc__place *place) {
    uint64_t a;
    uint64_t b;
    if (op == FC__TOKEN_SHIFT_LEFT || op == FC__TOKEN_SHIFT_RIGHT) {
        shift(left, &right, op == FC__TOKEN_SHIFT_LEFT, place);
        return;
    }
    convert_both(left, &right);
    a = (uint64_t)left->value;
    b = (uint64_t)right.value;
    bool is_truth = true;
    switch (op) {
    case FC__TOKEN_OR:
        left->value = a != 0 || b != 0;
        break;
    case FC__TOKEN_AND:
        left->value = a != 0 && b != 0;
        break;
    case FC__TOKEN_EQUAL:
        left->value = a == b;
        break;
    case FC__TOKEN_NOT_EQUAL:
        left->value = a != b;
        break;
    case '<':
        left->value = is_less(left, &right);
        break;
    case '>':
        left->value = is_less(&right, left);
        break;
    case FC__TOKEN_LESS_EQUAL:
        left->value = !is_less(&right, left);
        break;
    case FC__TOKEN_GREATER_EQUAL:
        left->value = !is_less(left, &right);
        break;
    default:
        is_truth = false;
        break;
    }
    if (is_truth) {
        left->is_unsigned = left->is_wide = false;
        left->longs = 0;
        return;
    }
    switch (op) {
    case '|':
        left->value = (int64_t)(a | b);
        break;
    case '^':
        left->value = (int64_t)(a ^ b);
        break;
    case '&':
        left->value = (int64_t)(a & b);
        break;
    case '+':
        left->value = (int64_t)(a + b);
        break;
    case '-':
        left->value = (int64_t)(a - b);
        break;
    case '*':
        left->value = (int64_t)(a * b);
        break;
    default:
        divide(left, &right, op == '%', place);
        break;
    }
    wrap(left);
}

/* Operators that bind at least as tightly as `least`; the recursion is no deeper than there are precedences. */
static bool read_binary(struct fc__parser *parser, int least, struct fc__constant *ret_constant) {
    if (!fc__decl_read_unary(parser, ret_constant)) {
        return false;
    }
    for (int found = precedence(parser->token.kind); found >= least; found = precedence(parser->token.kind)) {
        struct fc__constant right;
        struct fc__place place = parser->token.place;
        int op = parser->token.kind;
        if (!fc__decl_advance(parser) || !read_binary(parser, found + 1, &right)) {
            return false;
        }
        forget_type(ret_constant);
        /* what is not evaluated need not have a value */
        bool is_settled = ret_constant->unknown == NULL && ((op == FC__TOKEN_AND && ret_constant->value == 0) ||
                                                            (op == FC__TOKEN_OR && ret_constant->value != 0));
        if (right.unknown != NULL && !is_settled) {
            fc__decl_make_unknown(ret_constant, right.unknown_code, &right.unknown_place, right.unknown);
        }
        ret_constant->is_variable |= right.is_variable;
        apply(ret_constant, right, op, &place);
    }
    return true;
}

bool fc__decl_read_constant(struct fc__parser *parser, struct fc__constant *ret_constant) {
    if (!fc__decl_enter(parser) || !read_binary(parser, 1, ret_constant)) {
        return false;
    }
    if (parser->token.kind == '?') {
        struct fc__constant condition = *ret_constant;
        struct fc__constant chosen;
        struct fc__constant other;
        if (!fc__decl_advance(parser)) {
            return false;
        }
        if (parser->token.kind == ':') { /* GNU C: the condition itself */
            chosen = condition;
        } else if (!fc__decl_read_constant(parser, &chosen)) {
            return false;
        }
        if (!fc__decl_expect(parser, ':', "of the conditional expression") || !fc__decl_read_constant(parser, &other)) {
            return false;
        }
        struct fc__constant unused = condition.value != 0 ? other : chosen;
        *ret_constant = condition.value != 0 ? chosen : other;
        forget_type(ret_constant);
        convert_both(ret_constant, &unused);
        ret_constant->is_variable = condition.is_variable || chosen.is_variable || other.is_variable;
        if (condition.unknown != NULL) {
            fc__decl_make_unknown(ret_constant, condition.unknown_code, &condition.unknown_place, condition.unknown);
        }
    }
    fc__decl_leave(parser);
    return true;
}

bool fc__decl_require_constant(struct fc__parser *parser, const struct fc__constant *constant) {
    return constant->unknown == NULL ||
           fc__decl_fail(&parser->lexer, constant->unknown_code, &constant->unknown_place, "%s", constant->unknown);
}
