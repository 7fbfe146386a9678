/* decl: the token in hand; errors at it; what is skipped. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

bool fc__decl_advance(struct fc__parser *parser) {
    parser->used_to = parser->token.end;
    if (parser->has_ahead) {
        parser->token = parser->ahead;
        parser->has_ahead = false;
        return true;
    }
    return fc__decl_lex(&parser->lexer, &parser->token);
}

const struct fc__token *fc__decl_peek(struct fc__parser *parser) {
    if (!parser->has_ahead) {
        if (!fc__decl_lex(&parser->lexer, &parser->ahead)) {
            return NULL;
        }
        parser->has_ahead = true;
    }
    return &parser->ahead;
}

/* gcc's word for a floating type, such as _Float32, of which the C library makes a typedef for clang. */
bool fc__decl_is_float_name(const struct fc__name *name) {
    static const char start[] = "_Float";
    return name->word != NULL && name->len >= sizeof start && memcmp(name->text, start, sizeof start - 1) == 0;
}

enum fc__word_kind fc__decl_word_kind(const struct fc__token *token) {
    if (token->kind != FC__TOKEN_NAME || token->name->word == NULL) {
        return FC__WORD_NONE;
    }
    enum fc__word_kind kind = token->name->word->kind;
    bool is_redeclared = token->name->symbol != NULL && (kind == FC__WORD_TYPE || kind == FC__WORD_TYPE_REFUSED ||
                                                         fc__decl_is_float_name(token->name));
    return is_redeclared ? FC__WORD_NONE : kind;
}

bool fc__decl_is_identifier(const struct fc__token *token) {
    return token->kind == FC__TOKEN_NAME && (token->name->word == NULL || token->name->word->kind == FC__WORD_TYPE ||
                                             token->name->word->kind == FC__WORD_TYPE_REFUSED);
}

bool fc__decl_is_known_type(const struct fc__token *token) {
    enum fc__word_kind kind = fc__decl_word_kind(token);
    if (kind == FC__WORD_TYPE || kind == FC__WORD_TYPE_REFUSED || token->kind != FC__TOKEN_NAME) {
        return token->kind == FC__TOKEN_NAME;
    }
    const struct fc__symbol *symbol = token->name->symbol;
    return symbol != NULL ? symbol->kind == FC__SYMBOL_TYPEDEF : token->name->windows != NULL;
}

bool fc__decl_starts_type(const struct fc__token *token) {
    enum fc__word_kind kind = fc__decl_word_kind(token);
    return (kind > FC__WORD_NONE && kind <= FC__WORD_EXTENSION) || fc__decl_is_known_type(token);
}

/* -- Messages ------------------------------------------------------------------------------------------------------ */

/* The token as the text has it. */
static const char *describe(const struct fc__parser *parser, const struct fc__token *token, char *buffer, size_t size) {
    uint32_t len = token->end - token->place.offset;
    const char *text = parser->lexer.text + token->place.offset;
    if (token->kind == FC__TOKEN_END) {
        return "the end of the text";
    }
    if (token->kind == FC__TOKEN_STRING) {
        return "a string";
    }
    if (token->kind == FC__TOKEN_NAME) {
        snprintf(buffer, size, "'%.*s'", FC__NAME_ARGS(token->name));
    } else if (len <= 40 && memchr(text, '\n', len) == NULL) {
        snprintf(buffer, size, "'%.*s'", (int)len, text);
    } else {
        return "a number";
    }
    return buffer;
}

bool fc__decl_fail_found(struct fc__parser *parser, const char *what) {
    char found[100];
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "expected %s, found %s", what,
                         describe(parser, &parser->token, found, sizeof found));
}

bool fc__decl_expect(struct fc__parser *parser, int kind, const char *where) {
    if (parser->token.kind != kind) {
        char what[100];
        snprintf(what, sizeof what, "'%c' %s", kind, where);
        return fc__decl_fail_found(parser, what);
    }
    return fc__decl_advance(parser);
}

/* -- Limits and memory --------------------------------------------------------------------------------------------- */

bool fc__decl_enter(struct fc__parser *parser) {
    if (parser->depth == FC__DECL_DEPTH_MAX) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "nested deeper than %d levels",
                             FC__DECL_DEPTH_MAX);
    }
    parser->depth++;
    return true;
}

void fc__decl_leave(struct fc__parser *parser) {
    parser->depth--;
}

static void *alloc(struct fc__parser *parser, struct fc__arena *arena, size_t size_bytes) {
    void *memory = fc__arena_alloc(arena, size_bytes);
    if (memory == NULL) {
        fc__decl_fail_memory(&parser->lexer);
    }
    return memory;
}

void *fc__decl_temporary(struct fc__parser *parser, size_t size_bytes) {
    return alloc(parser, &parser->temporary, size_bytes);
}

void *fc__decl_scratch(struct fc__parser *parser, size_t size_bytes) {
    return alloc(parser, &parser->scratch, size_bytes);
}

void *fc__decl_keep(struct fc__parser *parser, size_t size_bytes) {
    return alloc(parser, &parser->unit->arena, size_bytes);
}

const char *fc__decl_keep_name(struct fc__parser *parser, struct fc__name *name) {
    if (name->kept == NULL) {
        name->kept = fc__arena_copy(&parser->unit->arena, name->text, name->len);
        if (name->kept == NULL) {
            fc__decl_fail_memory(&parser->lexer);
        }
    }
    return name->kept;
}

/* -- What is skipped ----------------------------------------------------------------------------------------------- */

static int closing(int bracket) {
    return bracket == '(' ? ')' : bracket == '[' ? ']' : bracket == '{' ? '}' : 0;
}

struct open_bracket {
    int closing;
    struct fc__place place;
    struct open_bracket *outer;
};

/* Brackets may nest here as deep as the text likes: a body's initializers are not ours to judge. */
bool fc__decl_watch_brackets(struct fc__parser *parser, fc__decl_watch *watch, void *context) {
    struct open_bracket *open = NULL;
    struct open_bracket *unused = NULL;
    unsigned depth = 0;
    do {
        int kind = parser->token.kind;
        if (closing(kind) != 0) {
            struct open_bracket *bracket = unused != NULL ? unused : fc__decl_temporary(parser, sizeof *bracket);
            if (bracket == NULL) {
                return false;
            }
            unused = unused != NULL ? unused->outer : NULL;
            *bracket = (struct open_bracket){closing(kind), parser->token.place, open};
            open = bracket;
            depth++;
        } else if (kind == ')' || kind == ']' || kind == '}' || kind == FC__TOKEN_END) {
            if (kind != open->closing) {
                char what[100];
                snprintf(what, sizeof what, "'%c' to close the bracket in line %u, column %u", open->closing,
                         (unsigned)open->place.line, (unsigned)open->place.column);
                return fc__decl_fail_found(parser, what);
            }
            struct open_bracket *bracket = open;
            open = bracket->outer;
            bracket->outer = unused;
            unused = bracket;
            depth--;
        } else if (watch != NULL && !watch(parser, context, depth)) {
            return false;
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    } while (open != NULL);
    return true;
}

bool fc__decl_skip_brackets(struct fc__parser *parser) {
    return fc__decl_watch_brackets(parser, NULL, NULL);
}

/* The string in hand, without its quotes, behind what is in the buffer already. */
static bool add_to_label(struct fc__parser *parser, char *buffer, size_t size) {
    const struct fc__token *token = &parser->token;
    const char *text = parser->lexer.text + token->place.offset;
    const size_t len = token->end - token->place.offset, before = strlen(buffer);
    if (text[0] != '"' || len - 2 >= size - before || memchr(text, '\\', len) != NULL) {
        return fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &token->place,
                             "the name of a symbol is a plain string of at most %zu bytes", size - 1);
    }
    memcpy(buffer + before, text + 1, len - 2);
    buffer[before + len - 2] = '\0';
    return fc__decl_advance(parser);
}

bool fc__decl_read_asm_label(struct fc__parser *parser, const char **ret_label) {
    char buffer[FC__DECL_LABEL_MAX + 1] = "";
    if (fc__decl_word_kind(&parser->token) != FC__WORD_ASM) {
        return true;
    }
    if (!fc__decl_advance(parser) || !fc__decl_expect(parser, '(', "after 'asm'")) {
        return false;
    }
    if (parser->token.kind != FC__TOKEN_STRING) {
        return fc__decl_fail_found(parser, "the name of a symbol");
    }
    while (parser->token.kind == FC__TOKEN_STRING) {
        if (!add_to_label(parser, buffer, sizeof buffer)) {
            return false;
        }
    }
    char *label = fc__decl_keep(parser, strlen(buffer) + 1);
    if (label == NULL) {
        return false;
    }
    *ret_label = strcpy(label, buffer);
    return fc__decl_expect(parser, ')', "after the name of a symbol");
}

bool fc__decl_skip_asm(struct fc__parser *parser) {
    if (fc__decl_word_kind(&parser->token) != FC__WORD_ASM) {
        return true;
    }
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (fc__decl_word_kind(&parser->token) == FC__WORD_VOLATILE && !fc__decl_advance(parser)) {
        return false;
    }
    if (parser->token.kind != '(') {
        return fc__decl_fail_found(parser, "'(' after 'asm'");
    }
    return fc__decl_skip_brackets(parser);
}
