/* decl: the text, its declarations, and what they add to the unit. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

/* -- What is declared ---------------------------------------------------------------------------------------------- */

static bool add_decl(struct fc__parser *parser, const struct fc__specifiers *specifiers,
                     const struct fc__declarator *declarator) {
    struct fc__symbol *symbol = fc__decl_declare(parser, FC__SYMBOL_ORDINARY, declarator->name, &declarator->place);
    struct fc__decl *decl = symbol == NULL ? NULL : fc__decl_keep(parser, sizeof *decl);
    if (decl == NULL) {
        return false;
    }
    const struct fc__type *type = declarator->type;
    decl->name = fc__decl_keep_name(parser, declarator->name);
    if (decl->name != NULL && symbol->type != NULL) {
        type = fc__decl_amend_function(parser, decl->name, symbol->type, type, &declarator->place);
    }
    if (decl->name == NULL || type == NULL) {
        return false;
    }
    bool is_less = symbol->type != NULL && declarator->type->kind == FC__TYPE_ARRAY &&
                   declarator->type->length_kind == FC__LENGTH_MISSING; /* extern int x[3], x[]; */
    symbol->type = is_less ? symbol->type : type;
    symbol->label = declarator->label != NULL ? declarator->label : symbol->label;
    decl->label = symbol->label;
    symbol->is_synced |= specifiers->annotated.own.first != NULL;
    decl->is_synced = symbol->is_synced;
    decl->kind = type->kind == FC__TYPE_FUNCTION ? FC__DECL_FUNCTION : FC__DECL_VARIABLE;
    decl->type = type;
    decl->file = declarator->place.file;
    decl->line = declarator->place.line;
    decl->column = declarator->place.column;
    decl->is_static = specifiers->storage == FC__WORD_STATIC;
    decl->is_inline = specifiers->is_inline;
    if (decl->kind == FC__DECL_FUNCTION) {
        fc__decl_set_function(decl, type);
        decl->row_before = type->when != NULL ? fc__decl_last_row(parser, decl->name) : NULL;
    }
    *parser->next_decl = decl;
    parser->next_decl = &decl->next;
    parser->unit->last = parser->last_decl = decl;
    return true;
}

/* An alignment that a typedef asks for is that of the type of this name, even if it is less than the type's own. */
static bool declare_typedef(struct fc__parser *parser, const struct fc__declarator *declarator) {
    const struct fc__attributes *attributes = &declarator->attributes;
    struct fc__type aligned = *declarator->type;
    aligned.alignment_unknown = attributes->alignment_unknown;
    if (attributes->alignment_bytes != 0) {
        aligned.alignment_bytes = attributes->alignment_bytes;
    }
    bool is_same = attributes->alignment_bytes == 0 && attributes->alignment_unknown == NULL;
    return fc__decl_declare_typedef(parser, declarator->name, is_same ? declarator->type : &aligned,
                                    &declarator->place);
}

static bool declare(struct fc__parser *parser, struct fc__specifiers *specifiers, struct fc__declarator *declarator) {
    bool is_typedef = specifiers->storage == FC__WORD_TYPEDEF;
    struct fc__annotated *annotated = &specifiers->annotated;
    if (!fc__decl_check_variable(parser, annotated, is_typedef, declarator->name, declarator->type)) {
        return false;
    }
    declarator->type = is_typedef ? fc__decl_settle_typedef(parser, annotated, declarator->name, declarator->type)
                                  : fc__decl_settle_function(parser, annotated, FC__ANNOTATED_DECLARATION,
                                                             declarator->name, declarator->type);
    if (declarator->type == NULL) {
        return false;
    }
    if (is_typedef) {
        return declare_typedef(parser, declarator);
    }
    if (declarator->type->kind == FC__TYPE_VOID) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &declarator->place, "the variable '%.*s' cannot be void",
                             FC__NAME_ARGS(declarator->name));
    }
    return add_decl(parser, specifiers, declarator);
}

/* -- What may follow ----------------------------------------------------------------------------------------------- */

/* Labels and attributes in any order. */
static bool read_trailer(struct fc__parser *parser, const struct fc__specifiers *specifiers,
                         struct fc__declarator *declarator) {
    enum fc__word_kind kind;
    do {
        if (!fc__decl_read_asm_label(parser, &declarator->label) ||
            !fc__decl_read_attributes(parser, &declarator->attributes)) {
            return false;
        }
        kind = fc__decl_word_kind(&parser->token);
    } while (kind == FC__WORD_ASM);
    fc__decl_join_attributes(&declarator->attributes, &specifiers->attributes);
    declarator->type = fc__decl_attributed_type(parser, declarator->type, &declarator->attributes);
    return declarator->type != NULL;
}

static bool fail_end(struct fc__parser *parser, const struct fc__declarator *declarator) {
    char what[160];
    snprintf(what, sizeof what, "',' or ';' after the declaration of '%.*s'", FC__NAME_ARGS(declarator->name));
    return fc__decl_fail_found(parser, what);
}

static bool may_follow(int kind) {
    return kind == '{' || kind == '=' || kind == ',' || kind == ';' || kind == FC__TOKEN_END;
}

/* Behind '=': of how to pass a variable its value says no more than how many elements an array has. */
static bool read_value(struct fc__parser *parser, const struct fc__declarator *declarator) {
    const struct fc__type *type = declarator->type;
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (type->kind != FC__TYPE_ARRAY || type->length_kind != FC__LENGTH_MISSING) {
        return fc__decl_skip_initializer(parser);
    }
    if (!fc__decl_read_array_value(parser, type, &declarator->place, &type)) {
        return false;
    }
    parser->last_decl->type = type;
    declarator->name->symbol->type = type;
    return true;
}

/* The same of __auto_type, where it says all. */
static bool read_auto(struct fc__parser *parser, const struct fc__specifiers *specifiers,
                      struct fc__declarator *declarator) {
    if (declarator->type != specifiers->type) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &declarator->place,
                             "'__auto_type' is the whole type of a name");
    }
    declarator->type = fc__decl_read_auto_value(parser, &declarator->place, specifiers->type->is_const);
    return declarator->type != NULL;
}

/* One name of a declaration; *ret_is_last: the declaration ends with it. */
static bool read_init_declarator(struct fc__parser *parser, struct fc__specifiers *specifiers, bool is_first,
                                 bool *ret_is_last) {
    struct fc__declarator declarator;
    if (!fc__decl_read_declarator(parser, specifiers->type, FC__NAMING_REQUIRED, FC__DECLARATOR_OBJECT, &declarator) ||
        !read_trailer(parser, specifiers, &declarator)) {
        return false;
    }
    if (specifiers->is_auto && !read_auto(parser, specifiers, &declarator)) {
        return false;
    }
    bool is_function = declarator.type->kind == FC__TYPE_FUNCTION;
    if (!may_follow(parser->token.kind)) { /* nothing is declared by what is not read to its end */
        return fail_end(parser, &declarator);
    }
    if (!declare(parser, specifiers, &declarator)) {
        return false;
    }
    *ret_is_last = true;
    if (parser->token.kind == '{' && is_function && is_first && specifiers->storage != FC__WORD_TYPEDEF) {
        return fc__decl_skip_brackets(parser);
    }
    if (parser->token.kind == '=' && !is_function && specifiers->storage != FC__WORD_TYPEDEF &&
        !read_value(parser, &declarator)) {
        return false;
    }
    if (parser->token.kind == ',') {
        *ret_is_last = false;
        return fc__decl_advance(parser);
    }
    if (parser->token.kind == FC__TOKEN_END) {
        return true;
    }
    return parser->token.kind == ';' ? fc__decl_advance(parser) : fail_end(parser, &declarator);
}

/* -- The text ------------------------------------------------------------------------------------------------------ */

static bool read_declaration(struct fc__parser *parser) {
    struct fc__specifiers specifiers;
    enum fc__word_kind kind = fc__decl_word_kind(&parser->token);
    if (parser->token.kind == ';') {
        return fc__decl_advance(parser);
    }
    if (kind == FC__WORD_STATIC_ASSERT) {
        return fc__decl_read_static_assert(parser);
    }
    if (kind == FC__WORD_ASM) {
        return fc__decl_skip_asm(parser) && fc__decl_expect(parser, ';', "after 'asm'");
    }
    if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_DECLARATION, &specifiers)) {
        return false;
    }
    if ((specifiers.storage != FC__WORD_TYPEDEF || parser->token.kind == ';') && !fc__decl_settle_body(parser)) {
        return false;
    }
    if (specifiers.is_tag && parser->token.kind == FC__TOKEN_END) {
        return true;
    }
    if (specifiers.is_tag && parser->token.kind == ';') {
        return fc__decl_advance(parser);
    }
    for (bool is_first = true, is_last = false; !is_last; is_first = false) {
        if (!read_init_declarator(parser, &specifiers, is_first, &is_last)) {
            return false;
        }
        fc__arena_done(&parser->temporary);
    }
    return true;
}

static bool long_is_narrow(const struct fc__decl_target *target) {
    struct fc__type type = {.kind = FC__TYPE_SCALAR, .scalar = FC__SCALAR_LONG};
    struct fc__extent_of_type extent;
    struct fc__error err;
    return target->extent(target->context, &type, &extent, &err) == FC_OK && extent.size_bytes == 4;
}

static bool read_text(struct fc__parser *parser, const char *text, size_t len, const char *source_name,
                      struct fc__error *err) {
    if (!fc__decl_lexer_init(&parser->lexer, text, len, source_name, &parser->scratch, &parser->unit->arena, err)) {
        return false;
    }
    parser->lexer.is_windows = parser->target != NULL && parser->target->is_windows;
    if (!fc__decl_restore_scope(parser)) {
        return false;
    }
    parser->lexer.is_long_narrow = parser->target != NULL && long_is_narrow(parser->target);
    if (!fc__decl_advance(parser)) {
        return false;
    }
    while (parser->token.kind != FC__TOKEN_END) {
        struct fc__mark mark;
        fc__decl_mark(parser, &mark);
        if (!read_declaration(parser) && !fc__decl_skip_declaration(parser, &mark)) {
            return false;
        }
        fc__arena_done(&parser->temporary);
    }
    return fc__decl_resolve_late(parser);
}

int fc__decl_parse(const char *text, size_t len, const char *source_name, struct fc__unit *ret_unit,
                   struct fc__error *err) {
    return fc__decl_parse_for(text, len, source_name, NULL, ret_unit, err);
}

/* Reads into the unit, which may be empty. */
static int parse_into(struct fc__unit *unit, bool is_more, const char *text, size_t len, const char *source_name,
                      const struct fc__decl_target *target, int (*then)(void *data), void *data,
                      struct fc__error *err) {
    struct fc__parser parser = {.unit = unit, .target = target, .is_more = is_more};
    struct fc__error own = {.code = FC_OK}; /* what is left out is no error of the caller's */
    if (len > FC__DECL_SOURCE_MAX) {
        return fc__error_set(err, FC_EPARSE, "%.1000s: a text of more than %u bytes", source_name, FC__DECL_SOURCE_MAX);
    }
    const struct fc__arena mark = fc__arena_mark(&unit->arena);
    int rc = read_text(&parser, text, len, source_name, &own) ? FC_OK : own.code;
    if (rc != FC_OK) {
        *err = own;
    }
    rc = rc == FC_OK && then != NULL ? then(data) : rc;
    if (rc != FC_OK) {
        fc__decl_undo_changes(&parser, NULL);
        fc__arena_release(&unit->arena, &mark); /* where nothing of the unit leads any more */
    }
    fc__arena_done(&parser.temporary);
    fc__arena_done(&parser.scratch);
    return rc;
}

int fc__decl_parse_for(const char *text, size_t len, const char *source_name, const struct fc__decl_target *target,
                       struct fc__unit *ret_unit, struct fc__error *err) {
    struct fc__unit unit = {.source_name = source_name};
    int rc = parse_into(&unit, false, text, len, source_name, target, NULL, NULL, err);
    if (rc != FC_OK) {
        fc__arena_done(&unit.arena);
        return rc;
    }
    *ret_unit = unit;
    return FC_OK;
}

int fc__decl_parse_more(struct fc__unit *unit, const char *text, size_t len, const char *source_name,
                        const struct fc__decl_target *target, struct fc__error *err) {
    return parse_into(unit, true, text, len, source_name, target, NULL, NULL, err);
}

int fc__decl_parse_more_then(struct fc__unit *unit, const char *text, size_t len, const char *source_name,
                             const struct fc__decl_target *target, int (*then)(void *data), void *data,
                             struct fc__error *err) {
    return parse_into(unit, true, text, len, source_name, target, then, data, err);
}

void fc__decl_unit_done(struct fc__unit *unit) {
    fc__arena_done(&unit->arena);
    unit->first = unit->last = NULL;
    unit->bodies = NULL;
    unit->typedefs = NULL;
    unit->enumerators = NULL;
}
