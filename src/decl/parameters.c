/* decl: parameter lists, C11 6.7.6.3, and those of old definitions, 6.9.1. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

struct entry {
    struct fc__param param;
    struct fc__said said;
    struct fc__token token; /* old style: the name in the list */
    struct entry *next;
};

/* A parameter list while it is read. */
struct reading {
    struct fc__parser *parser;
    struct entry *first, *last;
    uint32_t count, fixed_count;
    bool is_variadic;
};

/* -- One parameter ------------------------------------------------------------------------------------------------- */

static const char *describe(const struct fc__param *param, uint32_t index, char *buffer, size_t size) {
    if (param->name != NULL) {
        snprintf(buffer, size, "parameter '%.80s'", param->name);
    } else {
        snprintf(buffer, size, "parameter %u", (unsigned)index + 1);
    }
    return buffer;
}

/* C11 6.7.6.3p7 and p8: arrays and functions are passed as pointers. */
static bool adjust(struct fc__parser *parser, const struct fc__declarator *declarator, struct fc__param *param) {
    const struct fc__type *type = declarator->type;
    struct fc__type pointer = {.kind = FC__TYPE_POINTER, .to = type};
    param->type = type;
    if (type->kind == FC__TYPE_ARRAY) {
        pointer.to = fc__decl_flatten(type->to);
        pointer.is_const = declarator->is_const_array;
        param->is_array = true;
        param->is_static_array = declarator->is_static_array && pointer.to == type->to;
        param->array_length = pointer.to == type->to ? type->length : 0; /* else it counts rows */
    } else if (type->kind != FC__TYPE_FUNCTION) {
        return true;
    }
    param->type = fc__decl_type_derived(parser, &pointer, &declarator->place);
    return param->type != NULL;
}

static bool name_parameter(struct fc__parser *parser, const struct fc__declarator *declarator, struct fc__param *param,
                           uint32_t index) {
    if (declarator->name == NULL) {
        return true;
    }
    struct fc__symbol *symbol = fc__decl_declare(parser, FC__SYMBOL_PARAMETER, declarator->name, &declarator->place);
    if (symbol == NULL) {
        return false;
    }
    symbol->index = index;
    symbol->type = param->type;
    param->name = fc__decl_keep_name(parser, declarator->name);
    return param->name != NULL;
}

static struct entry *new_entry(struct reading *reading) {
    struct entry *entry = fc__decl_temporary(reading->parser, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    if (reading->first == NULL) {
        reading->first = entry;
    } else {
        reading->last->next = entry;
    }
    reading->last = entry;
    return entry;
}

static bool read_declarator(struct fc__parser *parser, const struct fc__specifiers *specifiers,
                            struct fc__declarator *ret_declarator) {
    if (!fc__decl_read_declarator(parser, specifiers->type, FC__NAMING_OPTIONAL, FC__DECLARATOR_PARAMETER,
                                  ret_declarator) ||
        !fc__decl_skip_asm(parser) || !fc__decl_read_attributes(parser, &ret_declarator->attributes)) {
        return false;
    }
    fc__decl_join_attributes(&ret_declarator->attributes, &specifiers->attributes);
    ret_declarator->type = fc__decl_attributed_type(parser, ret_declarator->type, &ret_declarator->attributes);
    return ret_declarator->type != NULL;
}

/* True at a name where a parameter's type should be. */
static bool is_untyped(const struct fc__parser *parser) {
    return fc__decl_is_identifier(&parser->token) && !fc__decl_is_known_type(&parser->token) &&
           !fc__decl_is_annotation(&parser->token);
}

/* `is_name`: what follows it lets it be one, rather than a type. */
static bool fail_untyped(struct fc__parser *parser, const struct fc__token *token, bool is_name) {
    return is_name && !fc__decl_suggests_type(parser, token->name)
               ? fc__decl_fail(&parser->lexer, FC_EPARSE, &token->place,
                               "'%.*s' has no type, and is none that is known", FC__NAME_ARGS(token->name))
               : fc__decl_fail_unknown_type(parser, token);
}

/* *ret_is_void: it is the void of `f(void)`. */
static bool read_parameter(struct reading *reading, bool *ret_is_void) {
    struct fc__parser *parser = reading->parser;
    struct fc__specifiers specifiers;
    struct fc__declarator declarator;
    struct fc__place place = parser->token.place;
    if (reading->count == FC__DECL_PARAMS_MAX) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "more than %d parameters", FC__DECL_PARAMS_MAX);
    }
    if (is_untyped(parser)) {
        const struct fc__token token = parser->token;
        const struct fc__token *ahead = fc__decl_peek(parser);
        return ahead != NULL && fail_untyped(parser, &token, ahead->kind == ',' || ahead->kind == ')');
    }
    if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_PARAMETER, &specifiers)) {
        return false;
    }
    if (specifiers.storage != FC__WORD_NONE && specifiers.storage != FC__WORD_REGISTER) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &specifiers.storage_place,
                             "a parameter has no storage class but 'register'");
    }
    if (!read_declarator(parser, &specifiers, &declarator)) {
        return false;
    }
    if (declarator.type->kind == FC__TYPE_VOID) {
        *ret_is_void = declarator.name == NULL && !declarator.type->is_const && reading->count == 0 &&
                       parser->token.kind == ')' && specifiers.annotated.own.first == NULL;
        return *ret_is_void || fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "a parameter cannot be void");
    }
    declarator.type = fc__decl_settle_function(parser, &specifiers.annotated, FC__ANNOTATED_PARAMETER, declarator.name,
                                               declarator.type);
    struct entry *entry = declarator.type == NULL ? NULL : new_entry(reading);
    if (entry == NULL) {
        return false;
    }
    struct fc__param *param = &entry->param;
    param->line = declarator.place.line;
    param->column = declarator.place.column;
    if (declarator.name == NULL) {
        param->line = place.line;
        param->column = place.column;
    }
    entry->said = specifiers.annotated.own;
    if (entry->said.named != NULL && entry->said.named != declarator.name) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &entry->said.named_place,
                             "'_At_' stands before the parameter it is about, and '%.*s' is another name",
                             FC__NAME_ARGS(entry->said.named));
    }
    fc__decl_join_pending(&parser->scope->pending, &entry->said.pending);
    return adjust(parser, &declarator, param) && name_parameter(parser, &declarator, param, reading->count++);
}

/* -- Old style ----------------------------------------------------------------------------------------------------- */

/* The names of `int f(a, b) int a, *b; { ... }`, from the first one to behind the ')'. */
static bool read_names(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__token first = parser->token;
    while (fc__decl_is_identifier(&parser->token) && reading->count < FC__DECL_PARAMS_MAX) {
        struct entry *entry = new_entry(reading);
        if (entry == NULL) {
            return false;
        }
        entry->token = parser->token;
        reading->count++;
        if (!fc__decl_advance(parser)) {
            return false;
        }
        if (parser->token.kind == ')') {
            return fc__decl_advance(parser) && (parser->token.kind == '{' || fc__decl_starts_type(&parser->token) ||
                                                fail_untyped(parser, &first, true));
        }
        if (parser->token.kind != ',') {
            break;
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
    return fail_untyped(parser, &first, false);
}

/* C11 6.5.2.2p6: such a function is given what is shorter than int as one, and float as double. */
static bool promote(struct fc__parser *parser, struct fc__param *param) {
    const enum fc__scalar scalar = param->type->scalar;
    const bool is_short = scalar <= FC__SCALAR_USHORT || (scalar >= FC__SCALAR_I8 && scalar <= FC__SCALAR_U16);
    if (param->type->kind == FC__TYPE_SCALAR && (is_short || scalar == FC__SCALAR_FLOAT)) {
        param->type = fc__decl_type_scalar(parser, is_short ? FC__SCALAR_INT : FC__SCALAR_DOUBLE);
    }
    return param->type != NULL;
}

/* One declarator of the declarations behind the names. */
static bool read_named(struct reading *reading, const struct fc__specifiers *specifiers) {
    struct fc__parser *parser = reading->parser;
    struct fc__declarator declarator;
    uint32_t index = 0;
    if (!read_declarator(parser, specifiers, &declarator)) {
        return false;
    }
    struct entry *entry = reading->first;
    while (entry != NULL && entry->token.name != declarator.name) {
        entry = entry->next;
        index++;
    }
    if (entry == NULL || declarator.type->kind == FC__TYPE_VOID) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &declarator.place,
                             entry == NULL ? "this is none of the parameters" : "a parameter cannot be void");
    }
    entry->param.line = entry->token.place.line;
    entry->param.column = entry->token.place.column;
    return adjust(parser, &declarator, &entry->param) && promote(parser, &entry->param) &&
           name_parameter(parser, &declarator, &entry->param, index);
}

static bool read_old_style(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (!read_names(reading)) {
        return false;
    }
    while (parser->token.kind != '{') {
        struct fc__specifiers specifiers;
        if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_NOTHING, &specifiers) ||
            !read_named(reading, &specifiers)) {
            return false;
        }
        while (parser->token.kind == ',') {
            if (!fc__decl_advance(parser) || !read_named(reading, &specifiers)) {
                return false;
            }
        }
        if (!fc__decl_expect(parser, ';', "after the parameter")) {
            return false;
        }
    }
    for (const struct entry *entry = reading->first; entry != NULL; entry = entry->next) {
        if (entry->param.type == NULL) {
            return fail_untyped(parser, &entry->token, true);
        }
    }
    return true;
}

/* -- The list ------------------------------------------------------------------------------------------------------ */

/* The parameters, moved to the unit; NULL on an error, or if there are none. */
static struct fc__param *keep(struct reading *reading) {
    struct fc__param *params = fc__decl_keep(reading->parser, reading->count * sizeof *params);
    uint32_t i = 0;
    for (const struct entry *entry = reading->first; params != NULL && entry != NULL; entry = entry->next) {
        params[i++] = entry->param;
    }
    return params;
}

static bool annotate(struct reading *reading, struct fc__param *params) {
    struct fc__parser *parser = reading->parser;
    char what[100];
    uint32_t i = 0;
    for (struct entry *entry = reading->first; entry != NULL; entry = entry->next, i++) {
        if (entry->said.first == NULL) {
            continue;
        }
        describe(&params[i], i, what, sizeof what);
        if (!fc__decl_settle(parser, &entry->said, FC__ANNOTATED_PARAMETER, what, params[i].type,
                             &params[i].annotation)) {
            return false;
        }
    }
    struct fc__pending *around = parser->scope->is_callback ? &parser->scope->outer->pending : NULL;
    return fc__decl_resolve_sizes(parser, &parser->scope->pending, params, reading->count, around);
}

/* Beyond C, what one call passes in the place of the `...` may stand behind it. */
static bool read_ellipsis(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (reading->is_variadic) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "there is a '...' already");
    }
    reading->is_variadic = true;
    reading->fixed_count = reading->count;
    return fc__decl_advance(parser) && (parser->token.kind == ')' || parser->token.kind == ',' ||
                                        fc__decl_fail_found(parser, "')' or ',' after '...'"));
}

static bool read_list(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    bool is_void = false;
    if (parser->token.kind == ')') {
        return true;
    }
    for (;;) {
        if (parser->token.kind == FC__TOKEN_ELLIPSIS ? !read_ellipsis(reading) : !read_parameter(reading, &is_void)) {
            return false;
        }
        if (parser->token.kind == ')') {
            return true;
        }
        if (parser->token.kind != ',') {
            return fc__decl_fail_found(parser, "',' or ')' after the parameter");
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
}

bool fc__decl_read_parameters(struct fc__parser *parser, struct fc__parameters *ret_parameters) {
    struct reading reading = {.parser = parser};
    struct fc__scope scope;
    struct fc__param *params = NULL;
    struct fc__open_body *open_body = parser->open_body;
    if (!fc__decl_enter(parser)) {
        return false;
    }
    parser->open_body = NULL; /* a body in here lies in no other one */
    fc__decl_open_scope(parser, &scope);
    scope.is_callback = scope.outer != NULL && open_body == NULL;
    const bool is_old_style = is_untyped(parser);
    bool is_read = is_old_style ? read_old_style(&reading) : read_list(&reading);
    if (is_read && reading.count > 0) {
        params = keep(&reading);
        is_read = params != NULL && annotate(&reading, params);
    }
    fc__decl_close_scope(parser);
    fc__decl_leave(parser);
    parser->open_body = open_body;
    *ret_parameters = (struct fc__parameters){.params = params,
                                              .count = reading.count,
                                              .fixed_count = reading.fixed_count,
                                              .is_variadic = reading.is_variadic};
    return is_read && (is_old_style || fc__decl_expect(parser, ')', "after the parameters"));
}
