/* decl: the text character by character: lines, columns, words. */
#include "decl/characters.h"

#include "base/unicode.h"

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

/* C11 annex D: the first and the last of each range. */
static const uint32_t of_names[][2] = {
    {0xA8, 0xA8},       {0xAA, 0xAA},       {0xAD, 0xAD},       {0xAF, 0xAF},       {0xB2, 0xB5},
    {0xB7, 0xBA},       {0xBC, 0xBE},       {0xC0, 0xD6},       {0xD8, 0xF6},       {0xF8, 0x167F},
    {0x1681, 0x180D},   {0x180F, 0x1FFF},   {0x200B, 0x200D},   {0x202A, 0x202E},   {0x203F, 0x2040},
    {0x2054, 0x2054},   {0x2060, 0x218F},   {0x2460, 0x24FF},   {0x2776, 0x2793},   {0x2C00, 0x2DFF},
    {0x2E80, 0x2FFF},   {0x3004, 0x3007},   {0x3021, 0x302F},   {0x3031, 0xD7FF},   {0xF900, 0xFD3D},
    {0xFD40, 0xFDCF},   {0xFDF0, 0xFE44},   {0xFE47, 0xFFFD},   {0x10000, 0x1FFFD}, {0x20000, 0x2FFFD},
    {0x30000, 0x3FFFD}, {0x40000, 0x4FFFD}, {0x50000, 0x5FFFD}, {0x60000, 0x6FFFD}, {0x70000, 0x7FFFD},
    {0x80000, 0x8FFFD}, {0x90000, 0x9FFFD}, {0xA0000, 0xAFFFD}, {0xB0000, 0xBFFFD}, {0xC0000, 0xCFFFD},
    {0xD0000, 0xDFFFD}, {0xE0000, 0xEFFFD},
};
static const uint32_t not_first[][2] = {{0x300, 0x36F}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}};

static bool is_among(const uint32_t (*ranges)[2], size_t count, uint32_t code_point) {
    for (size_t i = 0; i < count; i++) {
        if (code_point >= ranges[i][0] && code_point <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

uint32_t fc__decl_universal(const struct fc__lexer *lexer, uint32_t *ret_code_point) {
    const char *text = lexer->text + lexer->at;
    uint32_t left = lexer->len - lexer->at;
    uint32_t digits = left < 2 || text[0] != '\\' ? 0 : text[1] == 'u' ? 4 : text[1] == 'U' ? 8 : 0;
    if (digits == 0 || left < 2 + digits) {
        return 0;
    }
    *ret_code_point = 0;
    for (uint32_t i = 2; i < 2 + digits; i++) {
        if (fc__decl_hex_digit(text[i]) > 15) {
            return 0;
        }
        *ret_code_point = *ret_code_point << 4 | (uint32_t)fc__decl_hex_digit(text[i]);
    }
    return 2 + digits;
}

uint32_t fc__decl_letter_len(const struct fc__lexer *lexer, bool is_first, uint32_t *ret_code_point) {
    uint32_t left = lexer->len - lexer->at;
    uint32_t len = fc__decl_universal(lexer, ret_code_point);
    if (len == 0 && left > 0 && (unsigned char)lexer->text[lexer->at] >= 0x80) {
        len = (uint32_t)fc__decl_utf8_len(lexer->text + lexer->at, left, ret_code_point);
    }
    bool is_letter = len != 0 && is_among(of_names, sizeof of_names / sizeof of_names[0], *ret_code_point) &&
                     !(is_first && is_among(not_first, sizeof not_first / sizeof not_first[0], *ret_code_point));
    return is_letter ? len : 0;
}

/* The word that began at `start`, in one piece, and in UTF-8 where the text has \u. */
static const char *copy_word(struct fc__lexer *lexer, const struct fc__lexer *start, uint32_t *ret_len) {
    struct fc__lexer from = *start;
    char *copy = fc__arena_alloc(lexer->scratch, lexer->at - start->at + 1);
    uint32_t len = 0;
    if (copy == NULL) {
        fc__decl_fail_memory(lexer);
        return NULL;
    }
    for (int c = fc__decl_current(&from); from.at < lexer->at; c = fc__decl_current(&from)) {
        uint32_t code_point;
        uint32_t units[FC__UNICODE_UNITS_MAX];
        uint32_t size = fc__decl_universal(&from, &code_point);
        if (size == 0) {
            copy[len++] = (char)c;
            from.at++;
            continue;
        }
        unsigned count = fc__unicode_put(code_point, 1, units);
        for (unsigned i = 0; i < count; i++) {
            copy[len++] = (char)units[i];
        }
        from.at += size;
    }
    *ret_len = len;
    return copy;
}

bool fc__decl_read_word(struct fc__lexer *lexer, bool is_number, const char **ret_text, uint32_t *ret_len) {
    const struct fc__lexer start = *lexer;
    bool is_plain = true; /* the text has it as it is */
    int previous = 0;
    for (int c = fc__decl_current(lexer);; c = fc__decl_current(lexer)) {
        uint32_t code_point;
        uint32_t size = is_number ? 0 : fc__decl_letter_len(lexer, lexer->at == start.at, &code_point);
        bool is_sign =
            (c == '+' || c == '-') && (previous == 'e' || previous == 'E' || previous == 'p' || previous == 'P');
        if (size != 0) {
            is_plain &= c != '\\';
        } else if (!fc__decl_is_letter(c) && !fc__decl_is_digit(c) && !(is_number && (c == '.' || is_sign))) {
            break;
        }
        previous = c;
        lexer->at += size != 0 ? size : 1;
    }
    *ret_text = lexer->text + start.at;
    *ret_len = lexer->at - start.at;
    if (is_plain && memchr(*ret_text, '\\', *ret_len) == NULL) {
        return true;
    }
    *ret_text = copy_word(lexer, &start, ret_len);
    return *ret_text != NULL;
}
