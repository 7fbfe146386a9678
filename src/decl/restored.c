/* decl: what is in scope where a further text of a unit begins: all that the unit has. */
#include "decl/parser.h"

#include <string.h>

static struct fc__name *restore_name(struct fc__parser *parser, const char *text) {
    struct fc__name *name = fc__decl_intern(&parser->lexer, text, (uint32_t)strlen(text));
    if (name != NULL) {
        name->kept = text;
    }
    return name;
}

/* NULL on an error. */
static struct fc__symbol *restore_symbol(struct fc__parser *parser, enum fc__symbol_kind kind, const char *text) {
    struct fc__name *name = restore_name(parser, text);
    if (name != NULL && name->symbol == NULL) {
        name->symbol = fc__decl_scratch(parser, sizeof *name->symbol);
        if (name->symbol != NULL) {
            *name->symbol = (struct fc__symbol){.kind = kind, .name = name};
        }
    }
    return name == NULL ? NULL : name->symbol;
}

static bool restore_tags(struct fc__parser *parser) {
    for (const struct fc__body *body = parser->unit->bodies; body != NULL; body = body->next) {
        struct fc__tag *tag = fc__decl_restore_tag(parser, (struct fc__body *)body);
        struct fc__name *name = tag == NULL || body->tag == NULL ? NULL : restore_name(parser, body->tag);
        if (tag == NULL || (body->tag != NULL && name == NULL)) {
            return false;
        }
        if (name != NULL) {
            name->tag = tag;
        }
    }
    return true;
}

static bool restore_symbols(struct fc__parser *parser) {
    const struct fc__unit *unit = parser->unit;
    struct fc__symbol *symbol;
    for (const struct fc__typedef *entry = unit->typedefs; entry != NULL; entry = entry->next) {
        symbol = restore_symbol(parser, FC__SYMBOL_TYPEDEF, entry->name);
        if (symbol == NULL) {
            return false;
        }
        symbol->type = entry->type;
        symbol->is_replaceable = entry->is_replaceable;
    }
    for (const struct fc__enumerator *entry = unit->enumerators; entry != NULL; entry = entry->next) {
        symbol = restore_symbol(parser, FC__SYMBOL_ENUMERATOR, entry->name);
        if (symbol == NULL) {
            return false;
        }
        symbol->value = entry->value;
        symbol->is_unsigned = entry->is_unsigned;
        symbol->is_wide = entry->is_wide;
    }
    for (const struct fc__decl *decl = unit->first; decl != NULL; decl = decl->next) {
        symbol = restore_symbol(parser, FC__SYMBOL_ORDINARY, decl->name);
        if (symbol == NULL) {
            return false;
        }
        symbol->type = decl->type;
        symbol->label = decl->label;
        symbol->is_synced = decl->is_synced;
    }
    return true;
}

/* Where the next ones are linked; what stands there now comes back if the text is refused. */
static bool find_ends(struct fc__parser *parser) {
    struct fc__unit *unit = parser->unit;
    parser->next_decl = &unit->first;
    parser->next_typedef = &unit->typedefs;
    parser->next_body = &unit->bodies;
    parser->next_enumerator = &unit->enumerators;
    parser->next_skipped = &unit->skipped;
    while (*parser->next_decl != NULL) {
        parser->next_decl = (const struct fc__decl **)&(*parser->next_decl)->next;
    }
    while (*parser->next_typedef != NULL) {
        parser->next_typedef = (const struct fc__typedef **)&(*parser->next_typedef)->next;
    }
    while (*parser->next_body != NULL) {
        parser->next_body = (const struct fc__body **)&(*parser->next_body)->next;
    }
    while (*parser->next_enumerator != NULL) {
        parser->next_enumerator = (const struct fc__enumerator **)&(*parser->next_enumerator)->next;
    }
    while (*parser->next_skipped != NULL) {
        parser->next_skipped = (const struct fc__skipped **)&(*parser->next_skipped)->next;
    }
    return fc__decl_note_change(parser, &unit->last, sizeof unit->last) &&
           fc__decl_note_change(parser, &unit->body_count, sizeof unit->body_count) &&
           fc__decl_note_change(parser, parser->next_decl, sizeof *parser->next_decl) &&
           fc__decl_note_change(parser, parser->next_typedef, sizeof *parser->next_typedef) &&
           fc__decl_note_change(parser, parser->next_body, sizeof *parser->next_body) &&
           fc__decl_note_change(parser, parser->next_enumerator, sizeof *parser->next_enumerator) &&
           fc__decl_note_change(parser, parser->next_skipped, sizeof *parser->next_skipped);
}

bool fc__decl_restore_scope(struct fc__parser *parser) {
    return find_ends(parser) && restore_tags(parser) && fc__decl_restore_ids(parser, parser->unit->body_count) &&
           restore_symbols(parser);
}
