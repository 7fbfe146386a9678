/* decl: the text character by character: what reading tokens and reading directives share.
 * Runs in: the caller.  Threads: those of the lexer.
 * Does not: know tokens. */
#ifndef FC_DECL_CHARACTERS_H
#define FC_DECL_CHARACTERS_H

#include "decl/lexer.h"

#define FC__DECL_END_OF_TEXT (-1)

static inline bool fc__decl_is_digit(int c) {
    return c >= '0' && c <= '9';
}

static inline bool fc__decl_is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static inline int fc__decl_hex_digit(int c) {
    if (fc__decl_is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* The character at `at`, behind any line continuations, or FC__DECL_END_OF_TEXT. */
int fc__decl_current(struct fc__lexer *lexer);
struct fc__place fc__decl_place_here(struct fc__lexer *lexer);
/* Behind a newline. */
void fc__decl_begin_line(struct fc__lexer *lexer);
/* To the newline that ends it. */
bool fc__decl_skip_line(struct fc__lexer *lexer);
/* The bytes of a universal character name at `at`, such as \u00E9; 0: there is none. */
uint32_t fc__decl_universal(const struct fc__lexer *lexer, uint32_t *ret_code_point);
/* The same of one that may be part of a name, and of one that the text has itself. */
uint32_t fc__decl_letter_len(const struct fc__lexer *lexer, bool is_first, uint32_t *ret_code_point);
/* Reads an identifier, or a number as C11 6.4.8 has it, into one piece. */
bool fc__decl_read_word(struct fc__lexer *lexer, bool is_number, const char **ret_text, uint32_t *ret_len);
/* Always false. */
bool fc__decl_fail_here(struct fc__lexer *lexer, const char *message);
/* At a character that no token begins with, or that is no character at all. Always false. */
bool fc__decl_fail_character(struct fc__lexer *lexer);

/* -- directives.c -------------------------------------------------------------------------------------------------- */

/* At a # that begins a line. */
bool fc__decl_read_directive(struct fc__lexer *lexer);

#endif
