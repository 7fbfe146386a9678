/* decl: the text character by character: lines, columns, words. */
#include "decl/characters.h"

#include <string.h>

size_t fc__decl_utf8_len(const char *text, size_t len, uint32_t *ret_code_point) {
    const unsigned char *byte = (const unsigned char *)text;
    uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = byte[0] < 0x80 ? 1 : byte[0] >= 0xF0 ? 4 : byte[0] >= 0xE0 ? 3 : 2;
    uint32_t code_point = need == 1 ? byte[0] : byte[0] & (0xFFu >> (need + 1));
    if ((byte[0] >= 0x80 && byte[0] < 0xC2) || byte[0] > 0xF4 || need > len) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if ((byte[i] & 0xC0) != 0x80) {
            return 0;
        }
        code_point = code_point << 6 | (byte[i] & 0x3Fu);
    }
    if (code_point < least[need] || (code_point >= 0xD800 && code_point < 0xE000) || code_point > 0x10FFFF) {
        return 0;
    }
    *ret_code_point = code_point;
    return need;
}

void fc__decl_begin_line(struct fc__lexer *lexer) {
    lexer->line++;
    lexer->counted_at = lexer->at;
    lexer->column = 1;
}

int fc__decl_current(struct fc__lexer *lexer) {
    while (lexer->at < lexer->len && lexer->text[lexer->at] == '\\') {
        uint32_t next = lexer->at + 1;
        if (next < lexer->len && lexer->text[next] == '\r') {
            next++;
        }
        if (next >= lexer->len || lexer->text[next] != '\n') {
            break;
        }
        lexer->at = next + 1;
        fc__decl_begin_line(lexer);
    }
    return lexer->at < lexer->len ? (unsigned char)lexer->text[lexer->at] : FC__DECL_END_OF_TEXT;
}

/* Every column is counted once, however long the line is. */
struct fc__place fc__decl_place_here(struct fc__lexer *lexer) {
    for (; lexer->counted_at < lexer->at; lexer->counted_at++) {
        if (((unsigned char)lexer->text[lexer->counted_at] & 0xC0) != 0x80) {
            lexer->column++;
        }
    }
    return (struct fc__place){.offset = lexer->at, .line = lexer->line, .column = lexer->column, .file = lexer->file};
}

bool fc__decl_fail_here(struct fc__lexer *lexer, const char *message) {
    struct fc__place place = fc__decl_place_here(lexer);
    return fc__decl_fail(lexer, FC_EPARSE, &place, "%s", message);
}

bool fc__decl_fail_character(struct fc__lexer *lexer) {
    struct fc__place place = fc__decl_place_here(lexer);
    const char *text = lexer->text + lexer->at;
    size_t left = lexer->len - lexer->at;
    uint32_t code_point;
    if (lexer->at == 0 && left >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        return fc__decl_fail(lexer, FC_EPARSE, &place, "the text is UTF-16; UTF-8 is expected");
    }
    if (*text == '\0') {
        return fc__decl_fail(lexer, FC_EPARSE, &place, "the text contains a NUL byte");
    }
    size_t size = fc__decl_utf8_len(text, left, &code_point);
    if (size == 0) {
        return fc__decl_fail(lexer, FC_EPARSE, &place, "the byte 0x%02X is not UTF-8", (unsigned char)*text);
    }
    if (code_point <= ' ' || code_point == 0x7F) {
        return fc__decl_fail(lexer, FC_EPARSE, &place, "the control character 0x%02X has no meaning in C",
                             (unsigned)code_point);
    }
    return fc__decl_fail(lexer, FC_EPARSE, &place, "the character '%.*s' (U+%04X) has no meaning here", (int)size, text,
                         (unsigned)code_point);
}

bool fc__decl_skip_line(struct fc__lexer *lexer) {
    for (int c = fc__decl_current(lexer); c != FC__DECL_END_OF_TEXT && c != '\n'; c = fc__decl_current(lexer)) {
        if (c == 0) {
            return fc__decl_fail_character(lexer);
        }
        lexer->at++;
    }
    return true;
}

bool fc__decl_read_word(struct fc__lexer *lexer, bool is_number, const char **ret_text, uint32_t *ret_len) {
    uint32_t start = lexer->at;
    uint32_t len = 0;
    int previous = 0;
    for (int c = fc__decl_current(lexer);; c = fc__decl_current(lexer)) {
        bool is_sign =
            (c == '+' || c == '-') && (previous == 'e' || previous == 'E' || previous == 'p' || previous == 'P');
        if (!fc__decl_is_letter(c) && !fc__decl_is_digit(c) && !(is_number && (c == '.' || is_sign))) {
            break;
        }
        previous = c;
        lexer->at++;
        len++;
    }
    *ret_text = lexer->text + start;
    *ret_len = len;
    if (lexer->at - start != len) { /* line continuations within */
        char *copy = fc__arena_alloc(lexer->scratch, len + 1);
        if (copy == NULL) {
            return fc__decl_fail_memory(lexer);
        }
        *ret_text = copy;
        for (uint32_t i = start; i < lexer->at; i++) {
            char c = lexer->text[i];
            if (c != '\\' && c != '\r' && c != '\n') {
                *copy++ = c;
            }
        }
    }
    return true;
}
