/* decl: sizes and conditions of annotations. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

struct reading {
    struct fc__parser *parser;
    const struct fc__size_place *place;
    unsigned terms;
};

static struct fc__expr *read_choice(struct reading *reading);

static struct fc__expr *new_expr(struct reading *reading, enum fc__expr_kind kind) {
    if (++reading->terms > FC__DECL_SIZE_TERMS_MAX) {
        fc__decl_fail(&reading->parser->lexer, FC_EPARSE, &reading->parser->token.place,
                      "a size of more than %d numbers, names and operators", FC__DECL_SIZE_TERMS_MAX);
        return NULL;
    }
    struct fc__expr *expr = fc__decl_keep(reading->parser, sizeof *expr);
    if (expr != NULL) {
        expr->kind = kind;
    }
    return expr;
}

static struct fc__expr *join(struct reading *reading, enum fc__expr_kind kind, const struct fc__expr *left,
                             const struct fc__expr *right) {
    struct fc__expr *expr = new_expr(reading, kind);
    if (expr != NULL) {
        expr->left = left;
        expr->right = right;
    }
    return expr;
}

static struct fc__expr *fail_operand(struct reading *reading) {
    fc__decl_fail_found(reading->parser, reading->place->of_member ? "a number or the name of a member"
                                                                   : "a number or the name of a parameter");
    return NULL;
}

/* -- Operands ------------------------------------------------------------------------------------------------------ */

static struct fc__expr *read_number(struct reading *reading, bool is_negative) {
    struct fc__parser *parser = reading->parser;
    struct fc__token token = parser->token;
    if (token.value > INT64_MAX) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, &token.place, "the size is too large");
        return NULL;
    }
    struct fc__expr *expr = new_expr(reading, FC__EXPR_CONSTANT);
    if (expr == NULL || !fc__decl_advance(parser)) {
        return NULL;
    }
    expr->value = is_negative ? -(int64_t)token.value : (int64_t)token.value;
    return expr;
}

/* One -> or . behind a name, with the member. */
static struct fc__pending_hop *read_hop(struct reading *reading, const struct fc__expr *left) {
    struct fc__parser *parser = reading->parser;
    struct fc__pending_hop *hop = fc__decl_scratch(parser, sizeof *hop);
    struct fc__expr *expr = new_expr(reading, parser->token.kind == '.' ? FC__EXPR_DOT : FC__EXPR_ARROW);
    if (hop == NULL || expr == NULL || !fc__decl_advance(parser)) {
        return NULL;
    }
    if (!fc__decl_is_identifier(&parser->token)) {
        fc__decl_fail_found(parser, "the name of a member");
        return NULL;
    }
    *hop = (struct fc__pending_hop){.expr = expr, .name = parser->token.name, .place = parser->token.place};
    expr->left = left;
    return fc__decl_advance(parser) ? hop : NULL;
}

/* A parameter or member may be declared behind the annotation that names it, so names wait until all are known. */
static struct fc__expr *read_path(struct reading *reading, enum fc__size_want want) {
    struct fc__parser *parser = reading->parser;
    struct fc__token token = parser->token;
    bool of_member = reading->place->of_member;
    if (!fc__decl_is_identifier(&token)) {
        return fail_operand(reading);
    }
    struct fc__pending_name *pending = fc__decl_scratch(parser, sizeof *pending);
    struct fc__expr *expr = new_expr(reading, of_member ? FC__EXPR_MEMBER : FC__EXPR_PARAM);
    if (pending == NULL || expr == NULL || !fc__decl_advance(parser)) {
        return NULL;
    }
    *pending = (struct fc__pending_name){.expr = expr,
                                         .name = token.name,
                                         .place = token.place,
                                         .want = want,
                                         .annotation = reading->place->annotation,
                                         .is_capacity = reading->place->is_capacity};
    fc__decl_join_pending(reading->place->pending, &(struct fc__pending){.first = pending, .last = pending});
    for (struct fc__pending_hop **next = &pending->hops;
         parser->token.kind == '.' || parser->token.kind == FC__TOKEN_ARROW; next = &(*next)->next) {
        *next = read_hop(reading, expr);
        if (*next == NULL) {
            return NULL;
        }
        expr = (*next)->expr;
    }
    if (want == FC__WANT_POINTER_TO_INTEGER && expr->kind == FC__EXPR_PARAM) {
        expr->kind = FC__EXPR_DEREF;
        return expr;
    }
    return want == FC__WANT_POINTER_TO_INTEGER ? join(reading, FC__EXPR_MEMBER_DEREF, expr, NULL)
           : want == FC__WANT_STRING           ? join(reading, FC__EXPR_STRLEN, expr, NULL)
                                               : expr;
}

static struct fc__expr *read_indirection(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (!fc__decl_advance(parser)) {
        return NULL;
    }
    if (parser->token.kind != FC__TOKEN_NAME) {
        fc__decl_fail_found(parser, reading->place->of_member ? "the name of a member after '*'"
                                                              : "the name of a parameter after '*'");
        return NULL;
    }
    return read_path(reading, FC__WANT_POINTER_TO_INTEGER);
}

static struct fc__expr *read_strlen(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (!fc__decl_advance(parser) || !fc__decl_expect(parser, '(', "after 'strlen'")) {
        return NULL;
    }
    struct fc__expr *expr = read_path(reading, FC__WANT_STRING);
    return expr != NULL && fc__decl_expect(parser, ')', "after the string") ? expr : NULL;
}

static struct fc__expr *read_measure(struct reading *reading, enum fc__word_kind word) {
    struct fc__parser *parser = reading->parser;
    struct fc__constant constant = {.value = 0};
    struct fc__place place = parser->token.place;
    struct fc__expr *expr = new_expr(reading, FC__EXPR_CONSTANT);
    if (expr == NULL || !fc__decl_enter(parser) || !fc__decl_advance(parser) ||
        !fc__decl_read_measure(parser, word, &place, &constant) || !fc__decl_require_constant(parser, &constant)) {
        return NULL;
    }
    fc__decl_leave(parser);
    expr->value = constant.value;
    return expr;
}

static struct fc__expr *read_result(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__size_place *place = reading->place;
    bool is_of_result = place->annotation->uses == FC__ANNOTATES_RESULT;
    if (place->of_member || place->is_capacity || is_of_result) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place,
                      place->of_member ? "a member knows no 'return'"
                      : is_of_result   ? "this describes what is returned, and cannot name it"
                                       : "the size is read before the call, and 'return' is known after it");
        return NULL;
    }
    struct fc__expr *expr = new_expr(reading, FC__EXPR_RESULT);
    return expr != NULL && fc__decl_advance(parser) ? expr : NULL;
}

static struct fc__expr *read_name(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__name *name = parser->token.name;
    enum fc__word_kind word = fc__decl_word_kind(&parser->token);
    if (word >= FC__WORD_SIZEOF && word <= FC__WORD_OFFSETOF) {
        return read_measure(reading, word);
    }
    if (word == FC__WORD_STATEMENT && name->len == 6 && memcmp(name->text, "return", 6) == 0) {
        return read_result(reading);
    }
    if (name->len == 6 && memcmp(name->text, "strlen", 6) == 0) {
        const struct fc__token *ahead = fc__decl_peek(parser);
        if (ahead == NULL || ahead->kind == '(') {
            return ahead == NULL ? NULL : read_strlen(reading);
        }
    }
    return read_path(reading, FC__WANT_INTEGER);
}

/* -- Operators ----------------------------------------------------------------------------------------------------- */

static const struct {
    int token, precedence;
    enum fc__expr_kind kind;
} operators[] = {
    {FC__TOKEN_OR, 1, FC__EXPR_OR},
    {FC__TOKEN_AND, 2, FC__EXPR_AND},
    {'&', 3, FC__EXPR_BIT_AND},
    {FC__TOKEN_EQUAL, 4, FC__EXPR_EQ},
    {FC__TOKEN_NOT_EQUAL, 4, FC__EXPR_NE},
    {'<', 5, FC__EXPR_LT},
    {FC__TOKEN_LESS_EQUAL, 5, FC__EXPR_LE},
    {'>', 5, FC__EXPR_GT},
    {FC__TOKEN_GREATER_EQUAL, 5, FC__EXPR_GE},
    {'+', 6, FC__EXPR_ADD},
    {'-', 6, FC__EXPR_SUB},
    {'*', 7, FC__EXPR_MUL},
    {'/', 7, FC__EXPR_DIV},
};

/* The index of its row, or -1. */
static int find_operator(int token) {
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (operators[i].token == token) {
            return (int)i;
        }
    }
    return -1;
}

static struct fc__expr *read_unary(struct reading *reading);

/* Behind the '(' of a cast. Values are exact here, so that only a constant is changed by one. */
static struct fc__expr *read_cast(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__place place = parser->token.place;
    const struct fc__type *type;
    if (!fc__decl_read_type_name(parser, &type) || !fc__decl_expect(parser, ')', "after the type of a cast")) {
        return NULL;
    }
    if (!fc__decl_type_is_integer(type) && type->kind != FC__TYPE_POINTER) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "a cast in a size is one to an integer");
        return NULL;
    }
    struct fc__expr *expr = read_unary(reading);
    if (expr != NULL && expr->kind == FC__EXPR_CONSTANT && type->kind != FC__TYPE_POINTER) {
        struct fc__constant constant = {.value = expr->value, .is_wide = true};
        fc__decl_cast(parser, &constant, type, &place);
        expr->value = constant.value;
    }
    return expr;
}

static struct fc__expr *read_parenthesis(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser)) {
        return NULL;
    }
    struct fc__expr *expr = NULL;
    if (fc__decl_starts_type(&parser->token)) {
        expr = read_cast(reading);
    } else {
        expr = read_choice(reading);
        if (expr == NULL || !fc__decl_expect(parser, ')', "after the size")) {
            return NULL;
        }
    }
    fc__decl_leave(parser);
    return expr;
}

static struct fc__expr *read_not(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser)) {
        return NULL;
    }
    struct fc__expr *expr = read_unary(reading);
    fc__decl_leave(parser);
    return expr == NULL ? NULL : join(reading, FC__EXPR_NOT, expr, NULL);
}

static struct fc__expr *read_unary(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__token *ahead;
    switch (parser->token.kind) {
    case FC__TOKEN_INTEGER:
        return read_number(reading, false);
    case FC__TOKEN_NAME:
        return read_name(reading);
    case '*':
        return read_indirection(reading);
    case '(':
        return read_parenthesis(reading);
    case '!':
        return read_not(reading);
    case '-':
        ahead = fc__decl_peek(parser);
        if (ahead == NULL || ahead->kind != FC__TOKEN_INTEGER || reading->place->is_capacity) {
            return ahead == NULL ? NULL : fail_operand(reading);
        }
        return fc__decl_advance(parser) ? read_number(reading, true) : NULL;
    default:
        return fail_operand(reading);
    }
}

/* Operators that bind at least as tightly as `least`; the recursion is no deeper than there are precedences. */
static struct fc__expr *read_binary(struct reading *reading, int least) {
    struct fc__parser *parser = reading->parser;
    struct fc__expr *left = read_unary(reading);
    for (int i = find_operator(parser->token.kind); left != NULL && i >= 0 && operators[i].precedence >= least;
         i = find_operator(parser->token.kind)) {
        if (!fc__decl_advance(parser)) {
            return NULL;
        }
        struct fc__place place = parser->token.place;
        struct fc__expr *right = read_binary(reading, operators[i].precedence + 1);
        if (right == NULL) {
            return NULL;
        }
        if (operators[i].kind == FC__EXPR_DIV && right->kind == FC__EXPR_CONSTANT && right->value == 0) {
            fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "a division by zero");
            return NULL;
        }
        left = join(reading, operators[i].kind, left, right);
    }
    return left;
}

/* condition ? size : size; the last one may be such a thing again. */
static struct fc__expr *read_choice(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__expr *expr = read_binary(reading, 1);
    if (expr == NULL || parser->token.kind != '?') {
        return expr;
    }
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser)) {
        return NULL;
    }
    struct fc__expr *first = read_binary(reading, 1);
    struct fc__expr *second =
        first != NULL && fc__decl_expect(parser, ':', "after the size") ? read_choice(reading) : NULL;
    struct fc__expr *both = second != NULL ? join(reading, FC__EXPR_ALTERNATIVES, first, second) : NULL;
    fc__decl_leave(parser);
    return both != NULL ? join(reading, FC__EXPR_CHOICE, expr, both) : NULL;
}

const struct fc__expr *fc__decl_read_size(struct fc__parser *parser, const struct fc__size_place *place) {
    struct reading reading = {.parser = parser, .place = place};
    return read_choice(&reading);
}

const struct fc__expr *fc__decl_read_constant_expr(struct fc__parser *parser) {
    struct fc__constant constant;
    const struct fc__name *name = parser->token.kind == FC__TOKEN_NAME ? parser->token.name : NULL;
    struct fc__expr *expr = fc__decl_keep(parser, sizeof *expr);
    bool is_null = name != NULL && name->symbol == NULL && name->len == 4 && memcmp(name->text, "NULL", 4) == 0;
    if (expr == NULL) {
        return NULL;
    }
    expr->kind = FC__EXPR_CONSTANT;
    if (is_null) {
        return fc__decl_advance(parser) ? expr : NULL;
    }
    if (!fc__decl_read_constant(parser, &constant)) {
        return NULL;
    }
    if (!fc__decl_is_known_pointer(&constant) && !fc__decl_require_constant(parser, &constant)) {
        return NULL;
    }
    expr->value = constant.value;
    return expr;
}
