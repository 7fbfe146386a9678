/* decl: declarations of a header that cannot be read, which are left out and remembered: the others still mean what
 * they say. A text whose brackets do not match has no end of a declaration to go on behind. */
#include "decl/parser.h"

#include <string.h>

void fc__decl_mark(const struct fc__parser *parser, struct fc__mark *ret_mark) {
    ret_mark->lexer = parser->lexer;
    ret_mark->token = parser->token;
    ret_mark->ahead = parser->ahead;
    ret_mark->has_ahead = parser->has_ahead;
    ret_mark->late_names = parser->late_names;
    ret_mark->last_change = parser->last_change;
}

void fc__decl_read_from(struct fc__parser *parser, const struct fc__mark *mark) {
    const struct fc__lexer lexer = parser->lexer;
    parser->lexer = mark->lexer;
    parser->lexer.names = lexer.names;
    parser->lexer.name_slots = lexer.name_slots;
    parser->lexer.name_count = lexer.name_count;
    parser->token = mark->token;
    parser->ahead = mark->ahead;
    parser->has_ahead = mark->has_ahead;
}

/* Back to the declaration's first token. */
static void go_back(struct fc__parser *parser, const struct fc__mark *mark) {
    while (parser->scope != NULL) {
        fc__decl_close_scope(parser);
    }
    fc__decl_undo_changes(parser, mark->last_change);
    fc__decl_read_from(parser, mark);
    parser->late_names = mark->late_names;
    parser->open_body = NULL;
    parser->unsettled = NULL;
    parser->repetition = 0;
    parser->depth = 0;
}

/* Whether a declaration ends with the '}' before the token in hand, as that of a function with its body does. Behind a
 * struct's there may be a name. */
static bool ends_behind_body(const struct fc__token *token) {
    return token->kind == FC__TOKEN_END || fc__decl_starts_type(token) || fc__decl_is_annotation(token);
}

static bool use_declaration(struct fc__parser *parser) {
    for (;;) {
        const int kind = parser->token.kind;
        if (kind == '(' || kind == '[' || kind == '{') {
            if (!fc__decl_skip_brackets(parser)) {
                return false;
            }
            if (kind == '{' && ends_behind_body(&parser->token)) {
                return true;
            }
        } else if (kind == ')' || kind == ']' || kind == '}' || kind == FC__TOKEN_END) {
            return false;
        } else if (!fc__decl_advance(parser)) {
            return false;
        } else if (kind == ';') {
            return true;
        }
    }
}

/* A struct whose body was left out is none without a body: a pointer to it is no handle. So are those within it, whose
 * sizes may name its members; and an enum has some width, which nobody knows. */
static bool spoil_bodies(struct fc__parser *parser) {
    for (uint32_t i = 0; i < parser->tag_count; i++) {
        struct fc__tag *tag = parser->tags[i];
        if (tag == NULL || !tag->has_body || tag->body->is_complete) {
            continue;
        }
        if (!fc__decl_note_change(parser, tag->body, offsetof(struct fc__body, next))) {
            return false;
        }
        tag->body->members = NULL;
        tag->body->member_count = 0;
        tag->body->depth = 1;
        tag->body->unknown = "its declaration could not be read";
        tag->body->is_complete = true;
    }
    return true;
}

static bool remember(struct fc__parser *parser, uint32_t begin, const char *why) {
    struct fc__skipped *skipped = fc__decl_keep(parser, sizeof *skipped);
    if (skipped == NULL) {
        return false;
    }
    skipped->why = fc__arena_copy(&parser->unit->arena, why, strlen(why));
    skipped->text = fc__arena_copy(&parser->unit->arena, parser->lexer.text + begin, parser->used_to - begin);
    if (skipped->why == NULL || skipped->text == NULL) {
        return fc__decl_fail_memory(&parser->lexer);
    }
    *parser->next_skipped = skipped;
    parser->next_skipped = &skipped->next;
    parser->skipped_count++;
    return true;
}

bool fc__decl_skip_declaration(struct fc__parser *parser, const struct fc__mark *mark) {
    struct fc__error *err = parser->lexer.err;
    const struct fc__error why = *err;
    if (parser->target == NULL || !parser->target->may_skip || why.code == FC_ENOMEM ||
        parser->skipped_count == FC__DECL_SKIPPED_MAX) {
        return false;
    }
    go_back(parser, mark);
    if (!use_declaration(parser)) {
        if (err->code != FC_ENOMEM) {
            *err = why;
        }
        return false;
    }
    return spoil_bodies(parser) && remember(parser, mark->token.place.offset, why.text);
}

static bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static bool has_word(const char *text, const char *word, size_t len) {
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += len) {
        if ((at == text || !is_of_name(at[-1])) && !is_of_name(at[len])) {
            return true;
        }
    }
    return false;
}

const struct fc__skipped *fc__decl_find_skipped(const struct fc__unit *unit, const char *name) {
    const size_t len = strlen(name);
    const struct fc__skipped *skipped = unit->skipped;
    while (skipped != NULL && (len == 0 || !has_word(skipped->text, name, len))) {
        skipped = skipped->next;
    }
    return skipped;
}
