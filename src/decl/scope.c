/* decl: what names and tags stand for, C11 6.2.1 to 6.2.3. */
#include "decl/parser.h"
#include "decl/suggest.h"

#include <string.h>

enum { FIRST_TAGS = 64 };

void fc__decl_open_scope(struct fc__parser *parser, struct fc__scope *scope) {
    *scope = (struct fc__scope){.outer = parser->scope};
    parser->scope = scope;
}

void fc__decl_close_scope(struct fc__parser *parser) {
    for (struct fc__symbol *symbol = parser->scope->symbols; symbol != NULL; symbol = symbol->next_in_scope) {
        symbol->name->symbol = symbol->hidden;
    }
    parser->scope = parser->scope->outer;
}

static const char *symbol_noun(enum fc__symbol_kind kind) {
    switch (kind) {
    case FC__SYMBOL_TYPEDEF:
        return "a type";
    case FC__SYMBOL_ENUMERATOR:
        return "an enumerator";
    case FC__SYMBOL_PARAMETER:
        return "a parameter";
    case FC__SYMBOL_ORDINARY:
        break;
    }
    return "a function or variable";
}

struct fc__symbol *fc__decl_declare(struct fc__parser *parser, enum fc__symbol_kind kind, struct fc__name *name,
                                    const struct fc__place *place) {
    struct fc__symbol *hidden = name->symbol;
    if (hidden != NULL && hidden->scope == parser->scope && !hidden->is_replaceable) {
        if (hidden->kind == kind && (kind == FC__SYMBOL_ORDINARY || kind == FC__SYMBOL_TYPEDEF)) {
            return hidden;
        }
        fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%.*s' is already the name of %s", FC__NAME_ARGS(name),
                      symbol_noun(hidden->kind));
        return NULL;
    }
    struct fc__symbol *symbol =
        parser->scope == NULL ? fc__decl_scratch(parser, sizeof *symbol) : fc__decl_temporary(parser, sizeof *symbol);
    if (symbol == NULL) {
        return NULL;
    }
    *symbol = (struct fc__symbol){.kind = kind, .name = name, .scope = parser->scope, .hidden = hidden};
    if (parser->scope != NULL) {
        symbol->next_in_scope = parser->scope->symbols;
        parser->scope->symbols = symbol;
    }
    name->symbol = symbol;
    return symbol;
}

/* -- Typedefs ------------------------------------------------------------------------------------------------------ */

/* `typedef unsigned long size_t;` says what every target's table says already. The name keeps its identity, since
 * range rules depend on it; a `bool` that is no _Bool is an ordinary type of that name, and so is a `wchar_t`. */
static bool identity(struct fc__parser *parser, const struct fc__name *name, const struct fc__type **type,
                     const struct fc__place *place) {
    if (name->word == NULL || name->word->kind != FC__WORD_TYPE) {
        return true;
    }
    enum fc__scalar scalar = name->word->scalar;
    bool is_bool = (*type)->kind == FC__TYPE_SCALAR && (*type)->scalar == FC__SCALAR_BOOL;
    if (scalar == FC__SCALAR_BOOL || scalar == FC__SCALAR_WCHAR) {
        return true;
    }
    bool is_right = (*type)->kind == FC__TYPE_SCALAR && fc__decl_type_is_integer(*type) && !is_bool &&
                    fc__decl_scalar_is_unsigned((*type)->scalar) == fc__decl_scalar_is_unsigned(scalar);
    if (!is_right) {
        char text[100];
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%.*s' must be %s integer, not '%s'",
                             FC__NAME_ARGS(name), fc__decl_scalar_is_unsigned(scalar) ? "an unsigned" : "a signed",
                             fc__decl_type_text(*type, text, sizeof text));
    }
    *type = fc__decl_type_scalar(parser, scalar);
    return *type != NULL;
}

static bool fail_other_typedef(struct fc__parser *parser, const struct fc__symbol *symbol, const struct fc__type *type,
                               const struct fc__place *place) {
    char was_text[100];
    char is_text[100];
    struct fc__type was = *symbol->type;
    was.spelling = NULL;
    return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%.*s' is already a typedef of '%s', not of '%s'",
                         FC__NAME_ARGS(symbol->name), fc__decl_type_text(&was, was_text, sizeof was_text),
                         fc__decl_type_text(type, is_text, sizeof is_text));
}

bool fc__decl_declare_typedef(struct fc__parser *parser, struct fc__name *name, const struct fc__type *type,
                              const struct fc__place *place) {
    if (!identity(parser, name, &type, place)) {
        return false;
    }
    struct fc__symbol *symbol = fc__decl_declare(parser, FC__SYMBOL_TYPEDEF, name, place);
    if (symbol == NULL) {
        return false;
    }
    if (symbol->type != NULL && parser->unsettled != NULL && type->body == parser->unsettled->body) {
        return fc__decl_is_repeatable(parser, symbol->type) ? fc__decl_amend_record(parser, symbol->type)
                                                            : fail_other_typedef(parser, symbol, type, place);
    }
    if (!fc__decl_settle_body(parser)) {
        name->symbol = symbol->type != NULL ? symbol : NULL; /* it is the file's: nothing is hidden */
        return false;
    }
    if (symbol->type != NULL) {
        bool is_same =
            parser->is_more ? fc__decl_types_compatible(symbol->type, type) : fc__decl_types_equal(symbol->type, type);
        return is_same ? fc__decl_amend_typedef(parser, symbol->type, type, place)
                       : fail_other_typedef(parser, symbol, type, place);
    }
    const char *spelling = fc__decl_keep_name(parser, name);
    struct fc__typedef *entry = fc__decl_keep(parser, sizeof *entry);
    symbol->type = spelling == NULL ? NULL : fc__decl_type_named(parser, type, spelling);
    if (symbol->type == NULL || entry == NULL) {
        return false;
    }
    symbol->is_replaceable = parser->is_replaceable;
    *entry = (struct fc__typedef){.name = spelling, .type = symbol->type, .is_replaceable = parser->is_replaceable};
    *parser->next_typedef = entry;
    parser->next_typedef = &entry->next;
    return true;
}

/* -- Tags ---------------------------------------------------------------------------------------------------------- */

static bool grow_tags(struct fc__parser *parser) {
    uint32_t room = parser->tag_room == 0 ? FIRST_TAGS : parser->tag_room * 2;
    struct fc__tag **tags = fc__decl_scratch(parser, room * sizeof *tags);
    if (tags == NULL) {
        return false;
    }
    if (parser->tag_count > 0) {
        memcpy(tags, parser->tags, parser->tag_count * sizeof *tags);
    }
    parser->tags = tags;
    parser->tag_room = room;
    return true;
}

static bool add_tag(struct fc__parser *parser, struct fc__tag *tag) {
    if (parser->tag_count == parser->tag_room && !grow_tags(parser)) {
        return false;
    }
    parser->tags[parser->tag_count++] = tag;
    return true;
}

bool fc__decl_restore_ids(struct fc__parser *parser, uint32_t count) {
    while (parser->tag_count < count) {
        if (!add_tag(parser, NULL)) {
            return false;
        }
    }
    return true;
}

/* Bodies come in the order of their ids, of which some may be missing. */
struct fc__tag *fc__decl_restore_tag(struct fc__parser *parser, struct fc__body *body) {
    struct fc__tag *tag = fc__decl_scratch(parser, sizeof *tag);
    if (tag == NULL) {
        return NULL;
    }
    *tag = (struct fc__tag){.body = body, .has_body = body->is_complete};
    return fc__decl_restore_ids(parser, body->id - 1) && add_tag(parser, tag) ? tag : NULL;
}

static struct fc__tag *new_tag(struct fc__parser *parser, enum fc__type_kind kind, struct fc__name *name,
                               const struct fc__place *place) {
    struct fc__tag *tag = fc__decl_scratch(parser, sizeof *tag);
    struct fc__body *body = fc__decl_keep(parser, sizeof *body);
    if (tag == NULL || body == NULL) {
        return NULL;
    }
    *tag = (struct fc__tag){.body = body};
    *body = (struct fc__body){.kind = kind,
                              .id = parser->tag_count + 1,
                              .scalar = FC__SCALAR_INT,
                              .file = place->file,
                              .line = place->line,
                              .column = place->column};
    if (name != NULL) {
        body->tag = fc__decl_keep_name(parser, name);
        if (body->tag == NULL) {
            return NULL;
        }
        name->tag = tag;
    }
    if (name != NULL || parser->repetition == 0) { /* else it only repeats one */
        *parser->next_body = body;
        parser->next_body = &body->next;
    }
    parser->unit->body_count = body->id;
    return add_tag(parser, tag) ? tag : NULL;
}

const char *fc__decl_tag_noun(enum fc__type_kind kind) {
    return kind == FC__TYPE_STRUCT ? "struct" : kind == FC__TYPE_UNION ? "union" : "enum";
}

/* Tags have the whole text as their scope: C would end that of a tag first named in a parameter list there, which no
 * header wants. */
struct fc__tag *fc__decl_find_tag(struct fc__parser *parser, enum fc__type_kind kind, struct fc__name *name,
                                  const struct fc__place *place) {
    if (name == NULL || name->tag == NULL) {
        return new_tag(parser, kind, name, place);
    }
    if (name->tag->body->kind != kind) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s %.*s' was first declared as '%s %.*s'",
                      fc__decl_tag_noun(kind), FC__NAME_ARGS(name), fc__decl_tag_noun(name->tag->body->kind),
                      FC__NAME_ARGS(name));
        return NULL;
    }
    return name->tag;
}

/* -- Unknown names ------------------------------------------------------------------------------------------------- */

static bool is_type_word(enum fc__word_kind kind) {
    return (kind >= FC__WORD_CONST && kind <= FC__WORD_ENUM) || kind == FC__WORD_TYPE;
}

static void suggest_types(struct fc__parser *parser, const struct fc__name *name, struct fc__suggestion *suggestion) {
    const struct fc__word *word;
    fc__decl_suggest_init(suggestion, name->text, name->len);
    for (size_t i = 0; (word = fc__decl_word_at(i)) != NULL; i++) {
        if (is_type_word(word->kind)) {
            fc__decl_suggest_offer(suggestion, word->text, strlen(word->text));
        }
    }
    for (uint32_t slot = 0; slot < parser->lexer.name_slots; slot++) {
        for (const struct fc__name *known = parser->lexer.names[slot]; known != NULL; known = known->chain) {
            if (known->symbol != NULL && known->symbol->kind == FC__SYMBOL_TYPEDEF) {
                fc__decl_suggest_offer(suggestion, known->text, known->len);
            }
        }
    }
}

bool fc__decl_suggests_type(struct fc__parser *parser, const struct fc__name *name) {
    struct fc__suggestion suggestion;
    suggest_types(parser, name, &suggestion);
    return name->tag != NULL || suggestion.best != NULL;
}

/* Short names that C libraries define for themselves: the nearest known name would lose the sign. */
static const char *meant_by(const struct fc__name *name) {
    static const struct {
        const char *text, *meant;
    } rows[] = {
        {"uchar", "unsigned char"}, {"ushort", "unsigned short"}, {"uint", "unsigned int"},
        {"ulong", "unsigned long"}, {"byte", "unsigned char"},    {"BYTE", "unsigned char"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strlen(rows[i].text) == name->len && memcmp(rows[i].text, name->text, name->len) == 0) {
            return rows[i].meant;
        }
    }
    return NULL;
}

bool fc__decl_fail_unknown_type(struct fc__parser *parser, const struct fc__token *token) {
    const struct fc__name *name = token->name;
    struct fc__suggestion suggestion;
    char text[FC__SUGGEST_TEXT_MAX];
    if (name->tag != NULL) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &token->place,
                             "unknown type name '%.*s'; did you mean '%s %.*s'?", FC__NAME_ARGS(name),
                             fc__decl_tag_noun(name->tag->body->kind), FC__NAME_ARGS(name));
    }
    suggest_types(parser, name, &suggestion);
    const char *meant = meant_by(name);
    if (meant != NULL && suggestion.best_distance > 0) {
        suggestion.best = meant;
        suggestion.best_len = strlen(meant);
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &token->place, "unknown type name '%.*s'%s", FC__NAME_ARGS(name),
                         fc__decl_suggest_text(&suggestion, text));
}
