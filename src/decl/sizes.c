/* decl: size expressions of annotations. */
#include "decl/parser.h"
#include "decl/suggest.h"

#include <stdio.h>
#include <string.h>

struct reading {
    struct fc__parser *parser;
    const struct fc__annotation_word *annotation;
    bool is_capacity;
    unsigned terms;
};

static struct fc__expr *read_sum(struct reading *reading);

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

static struct fc__expr *read_number(struct reading *reading) {
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
    expr->value = (int64_t)token.value;
    return expr;
}

/* A parameter may be declared behind the annotation that names it, so names wait for the end of the list. */
static struct fc__expr *read_name(struct reading *reading, enum fc__expr_kind kind) {
    struct fc__parser *parser = reading->parser;
    struct fc__token token = parser->token;
    if (token.name->word != NULL && token.name->word->kind >= FC__WORD_SIZEOF &&
        token.name->word->kind <= FC__WORD_STATEMENT) {
        fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &token.place, "'%.*s' in a size is not supported",
                      FC__NAME_ARGS(token.name));
        return NULL;
    }
    if (!fc__decl_is_identifier(&token)) {
        fc__decl_fail_found(parser, "a number or the name of a parameter");
        return NULL;
    }
    struct fc__pending_name *pending = fc__decl_temporary(parser, sizeof *pending);
    struct fc__expr *expr = new_expr(reading, kind);
    if (pending == NULL || expr == NULL || !fc__decl_advance(parser)) {
        return NULL;
    }
    *pending = (struct fc__pending_name){.expr = expr,
                                         .name = token.name,
                                         .place = token.place,
                                         .annotation = reading->annotation,
                                         .is_capacity = reading->is_capacity};
    struct fc__scope *scope = parser->scope;
    if (scope->last_pending == NULL) {
        scope->first_pending = pending;
    } else {
        scope->last_pending->next = pending;
    }
    scope->last_pending = pending;
    return expr;
}

static struct fc__expr *read_operand(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__expr *expr;
    switch (parser->token.kind) {
    case FC__TOKEN_INTEGER:
        return read_number(reading);
    case FC__TOKEN_NAME:
        return read_name(reading, FC__EXPR_PARAM);
    case '*':
        if (!fc__decl_advance(parser)) {
            return NULL;
        }
        if (parser->token.kind != FC__TOKEN_NAME) {
            fc__decl_fail_found(parser, "the name of a parameter after '*'");
            return NULL;
        }
        return read_name(reading, FC__EXPR_DEREF);
    case '(':
        if (!fc__decl_enter(parser) || !fc__decl_advance(parser)) {
            return NULL;
        }
        expr = read_sum(reading);
        fc__decl_leave(parser);
        return expr != NULL && fc__decl_expect(parser, ')', "after the size") ? expr : NULL;
    default:
        fc__decl_fail_found(parser, "a number or the name of a parameter");
        return NULL;
    }
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

static struct fc__expr *read_product(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__expr *left = read_operand(reading);
    while (left != NULL && (parser->token.kind == '*' || parser->token.kind == '/')) {
        bool is_division = parser->token.kind == '/';
        if (!fc__decl_advance(parser)) {
            return NULL;
        }
        struct fc__place place = parser->token.place;
        struct fc__expr *right = read_operand(reading);
        if (right == NULL) {
            return NULL;
        }
        if (is_division && right->kind == FC__EXPR_CONSTANT && right->value == 0) {
            fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "a division by zero");
            return NULL;
        }
        left = join(reading, is_division ? FC__EXPR_DIV : FC__EXPR_MUL, left, right);
    }
    return left;
}

static struct fc__expr *read_sum(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__expr *left = read_product(reading);
    while (left != NULL && (parser->token.kind == '+' || parser->token.kind == '-')) {
        enum fc__expr_kind kind = parser->token.kind == '+' ? FC__EXPR_ADD : FC__EXPR_SUB;
        struct fc__expr *right = fc__decl_advance(parser) ? read_product(reading) : NULL;
        left = right == NULL ? NULL : join(reading, kind, left, right);
    }
    return left;
}

const struct fc__expr *fc__decl_read_size(struct fc__parser *parser, const struct fc__annotation_word *annotation,
                                          bool is_capacity) {
    struct reading reading = {.parser = parser, .annotation = annotation, .is_capacity = is_capacity};
    return read_sum(&reading);
}

/* -- Names --------------------------------------------------------------------------------------------------------- */

static bool fail_unknown(struct fc__parser *parser, const struct fc__pending_name *pending,
                         const struct fc__param *params, uint32_t count) {
    struct fc__suggestion suggestion;
    char text[FC__SUGGEST_TEXT_MAX];
    fc__decl_suggest_init(&suggestion, pending->name->text, pending->name->len);
    for (uint32_t i = 0; i < count; i++) {
        if (params[i].name != NULL) {
            fc__decl_suggest_offer(&suggestion, params[i].name, strlen(params[i].name));
        }
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place, "'%s' names '%.*s', which is no parameter%s",
                         pending->annotation->text, FC__NAME_ARGS(pending->name),
                         fc__decl_suggest_text(&suggestion, text));
}

static bool check_type(struct fc__parser *parser, const struct fc__pending_name *pending,
                       const struct fc__param *param) {
    const struct fc__type *type = param->type;
    bool is_deref = pending->expr->kind == FC__EXPR_DEREF;
    bool is_pointer = type->kind == FC__TYPE_POINTER;
    bool is_pointer_to_integer = is_pointer && fc__decl_type_is_integer(type->to);
    char text[100];
    char hint[120] = "";
    if (is_deref ? is_pointer_to_integer : fc__decl_type_is_integer(type)) {
        return true;
    }
    if (is_deref && fc__decl_type_is_integer(type)) {
        snprintf(hint, sizeof hint, ": write '%.*s'", FC__NAME_ARGS(pending->name));
    } else if (!is_deref && is_pointer_to_integer) {
        snprintf(hint, sizeof hint, ": write '*%.*s'", FC__NAME_ARGS(pending->name));
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place, "the size needs %s, and '%.*s' is '%s'%s",
                         is_deref ? "a pointer to an integer" : "an integer", FC__NAME_ARGS(pending->name),
                         fc__decl_type_text(type, text, sizeof text), hint);
}

static bool resolve(struct fc__parser *parser, const struct fc__pending_name *pending, const struct fc__param *params,
                    uint32_t count) {
    const struct fc__symbol *symbol = pending->name->symbol;
    struct fc__expr *expr = pending->expr;
    if (symbol != NULL && symbol->kind == FC__SYMBOL_ENUMERATOR && expr->kind == FC__EXPR_PARAM) {
        expr->kind = FC__EXPR_CONSTANT;
        expr->value = symbol->value;
        return true;
    }
    if (symbol == NULL || symbol->kind != FC__SYMBOL_PARAMETER || symbol->scope != parser->scope) {
        return fail_unknown(parser, pending, params, count);
    }
    const struct fc__param *param = &params[symbol->index];
    expr->param = symbol->index;
    if (!check_type(parser, pending, param)) {
        return false;
    }
    bool is_written_only = param->annotation.direction == FC__DIRECTION_OUT;
    if (expr->kind == FC__EXPR_DEREF && pending->is_capacity && is_written_only) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place,
                             "the size is read before the call, and '%.*s' is '_Out_': make it '_Inout_'",
                             FC__NAME_ARGS(pending->name));
    }
    return true;
}

bool fc__decl_resolve_sizes(struct fc__parser *parser, const struct fc__param *params, uint32_t count) {
    for (const struct fc__pending_name *pending = parser->scope->first_pending; pending != NULL;
         pending = pending->next) {
        if (!resolve(parser, pending, params, count)) {
            return false;
        }
    }
    return true;
}
