/* decl: parameter lists, C11 6.7.6.3. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

struct entry {
    struct fc__param param;
    struct fc__said said;
    struct entry *next;
};

/* A parameter list while it is read. */
struct reading {
    struct fc__parser *parser;
    struct entry *first, *last;
    uint32_t count, fixed_count;
    bool is_variadic;
};

/* -- Old style ----------------------------------------------------------------------------------------------------- */

/* True if only names stand up to the ')', as in `int f(a, b) int a, b;`. Uses them, as the text is refused anyway. */
static bool is_name_list(struct fc__parser *parser, bool *ret_is_followed) {
    bool wants_comma = false;
    while (parser->token.kind != ')' || !wants_comma) {
        bool is_expected = wants_comma ? parser->token.kind == ',' : fc__decl_is_identifier(&parser->token);
        if (!is_expected || !fc__decl_advance(parser)) {
            return false;
        }
        wants_comma = !wants_comma;
    }
    *ret_is_followed = fc__decl_advance(parser) && (fc__decl_starts_type(&parser->token) || parser->token.kind == '{');
    return true;
}

/* At a name where a parameter's type should be. */
static bool fail_untyped(struct fc__parser *parser) {
    struct fc__token token = parser->token;
    bool is_followed = false;
    bool is_old_style = is_name_list(parser, &is_followed);
    if (!is_old_style || (!is_followed && fc__decl_suggests_type(parser, token.name))) {
        return fc__decl_fail_unknown_type(parser, &token);
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &token.place,
                         "'%.*s' has no type: a K&R parameter list is not supported, write the types into it",
                         FC__NAME_ARGS(token.name));
}

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
        pointer.to = type->to;
        pointer.is_const = declarator->is_const_array;
        param->is_array = true;
        param->is_static_array = declarator->is_static_array;
        param->array_length = type->length;
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

/* *ret_is_void: it is the void of `f(void)`. */
static bool read_parameter(struct reading *reading, bool *ret_is_void) {
    struct fc__parser *parser = reading->parser;
    struct fc__specifiers specifiers;
    struct fc__declarator declarator;
    struct fc__place place = parser->token.place;
    if (reading->count == FC__DECL_PARAMS_MAX) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "more than %d parameters", FC__DECL_PARAMS_MAX);
    }
    if (fc__decl_is_identifier(&parser->token) && !fc__decl_is_known_type(&parser->token) &&
        !fc__decl_is_annotation(&parser->token)) {
        return fail_untyped(parser);
    }
    if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_PARAMETER, &specifiers)) {
        return false;
    }
    if (specifiers.storage != FC__WORD_NONE && specifiers.storage != FC__WORD_REGISTER) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &specifiers.storage_place,
                             "a parameter has no storage class but 'register'");
    }
    if (!fc__decl_read_declarator(parser, specifiers.type, FC__NAMING_OPTIONAL, FC__DECLARATOR_PARAMETER,
                                  &declarator) ||
        !fc__decl_skip_asm_label(parser) || !fc__decl_read_attributes(parser, &declarator.attributes)) {
        return false;
    }
    fc__decl_join_attributes(&declarator.attributes, &specifiers.attributes);
    declarator.type = fc__decl_attributed_type(parser, declarator.type, &declarator.attributes);
    if (declarator.type == NULL) {
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
    if (reading->count == 0) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'...' needs a parameter before it");
    }
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
    bool is_read = read_list(&reading);
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
    return is_read && fc__decl_expect(parser, ')', "after the parameters");
}
