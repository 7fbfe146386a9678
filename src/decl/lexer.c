/* decl: tokens and names, C11 6.4. */
#include "decl/lexer.h"

#include "base/unicode.h"
#include "decl/annotations.h"
#include "decl/characters.h"

#include <string.h>

enum { FIRST_SLOTS = 256 };

/* -- Names --------------------------------------------------------------------------------------------------------- */

static bool has_annotation_form(const char *text, uint32_t len) {
    return len >= 4 && text[0] == '_' && text[1] >= 'A' && text[1] <= 'Z' && text[len - 1] == '_';
}

static bool grow_names(struct fc__lexer *lexer) {
    uint32_t slots = lexer->name_slots == 0 ? FIRST_SLOTS : lexer->name_slots * 2;
    struct fc__name **names = fc__arena_alloc(lexer->scratch, slots * sizeof *names);
    if (names == NULL) {
        return fc__decl_fail_memory(lexer);
    }
    for (uint32_t i = 0; i < lexer->name_slots; i++) {
        struct fc__name *name = lexer->names[i];
        while (name != NULL) {
            struct fc__name *chain = name->chain;
            name->chain = names[name->hash & (slots - 1)];
            names[name->hash & (slots - 1)] = name;
            name = chain;
        }
    }
    lexer->names = names;
    lexer->name_slots = slots;
    return true;
}

struct fc__name *fc__decl_intern(struct fc__lexer *lexer, const char *text, uint32_t len) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (uint32_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    }
    for (struct fc__name *name = lexer->names[hash & (lexer->name_slots - 1)]; name != NULL; name = name->chain) {
        if (name->hash == hash && name->len == len && memcmp(name->text, text, len) == 0) {
            return name;
        }
    }
    struct fc__name *name = NULL;
    if (lexer->name_count < lexer->name_slots || grow_names(lexer)) {
        name = fc__arena_alloc(lexer->scratch, sizeof *name);
        if (name == NULL) {
            fc__decl_fail_memory(lexer);
        }
    }
    if (name == NULL) {
        return NULL;
    }
    *name = (struct fc__name){.text = text, .len = len, .hash = hash, .word = fc__decl_word(text, len)};
    if (lexer->is_windows) {
        fc__decl_windows_name(name);
    }
    name->is_annotation = has_annotation_form(text, len);
    name->annotation = name->is_annotation ? fc__decl_annotation_word(text, len) : NULL;
    name->chain = lexer->names[hash & (lexer->name_slots - 1)];
    lexer->names[hash & (lexer->name_slots - 1)] = name;
    lexer->name_count++;
    return name;
}

/* -- Literals ------------------------------------------------------------------------------------------------------ */

static bool is_floating(const char *text, uint32_t len) {
    bool is_hex = len > 1 && (text[1] == 'x' || text[1] == 'X');
    for (uint32_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '.' || (is_hex ? c == 'p' || c == 'P' : c == 'e' || c == 'E')) {
            return true;
        }
    }
    return false;
}

/* The suffixes of C11 6.4.4.1: u, l, ll in either order and case. */
static bool read_suffix(const struct fc__lexer *lexer, const char *text, uint32_t len, struct fc__token *token) {
    unsigned longs = 0;
    for (uint32_t i = 0; i < len; i++) {
        if ((text[i] == 'u' || text[i] == 'U') && !token->is_unsigned) {
            token->is_unsigned = true;
        } else if ((text[i] == 'l' || text[i] == 'L') && longs == 0) {
            longs = 1;
            if (i + 1 < len && text[i + 1] == text[i]) {
                longs = 2;
                i++;
            }
        } else {
            return false;
        }
    }
    token->longs = longs;
    token->is_wide = longs == 2 || (longs == 1 && !lexer->is_long_narrow);
    return true;
}

static bool convert_integer(struct fc__lexer *lexer, const char *text, uint32_t len, struct fc__token *token) {
    unsigned base = 10;
    uint32_t at = 0;
    if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        at = 2;
    } else if (len > 2 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B')) {
        base = 2;
        at = 2;
    } else if (text[0] == '0') {
        base = 8;
    }
    uint32_t first = at;
    uint64_t value = 0;
    for (; at < len && fc__decl_hex_digit(text[at]) < (int)base; at++) {
        if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)fc__decl_hex_digit(text[at]), &value)) {
            return fc__decl_fail(lexer, FC_EPARSE, &token->place, "the number '%.*s' does not fit 64 bits",
                                 (int)(len > 40 ? 40 : len), text);
        }
    }
    if (at == first || !read_suffix(lexer, text + at, len - at, token)) {
        return fc__decl_fail(lexer, FC_EPARSE, &token->place, "'%.*s' is not a number", (int)(len > 40 ? 40 : len),
                             text);
    }
    token->value = value;
    if (value > UINT32_MAX || (value > INT32_MAX && base == 10 && !token->is_unsigned)) {
        token->longs = token->longs == 1 && !token->is_wide ? 2 : token->longs; /* a narrow long has no room for it */
        token->is_wide = true;
    }
    if (value > INT64_MAX || (value > INT32_MAX && !token->is_wide)) {
        token->is_unsigned = true;
    }
    return true;
}

static bool read_number(struct fc__lexer *lexer, struct fc__token *token) {
    const char *text;
    uint32_t len;
    if (!fc__decl_read_word(lexer, true, &text, &len)) {
        return false;
    }
    if (is_floating(text, len)) {
        token->kind = FC__TOKEN_FLOATING;
        return true;
    }
    token->kind = FC__TOKEN_INTEGER;
    return convert_integer(lexer, text, len, token);
}

/* What stands behind a backslash. */
static unsigned read_escape(struct fc__lexer *lexer) {
    static const char letters[] = "abtnvfre\\";
    static const char values[] = "\a\b\t\n\v\f\r\033\\";
    int c = fc__decl_current(lexer);
    unsigned value = 0;
    if (c == 'x') {
        lexer->at++;
        for (c = fc__decl_current(lexer); fc__decl_hex_digit(c) < 16; c = fc__decl_current(lexer)) {
            value = value << 4 | (unsigned)fc__decl_hex_digit(c);
            lexer->at++;
        }
        return value;
    }
    if (fc__decl_hex_digit(c) < 8) {
        for (int i = 0; i < 3 && fc__decl_hex_digit(c) < 8; i++, c = fc__decl_current(lexer)) {
            value = value << 3 | (unsigned)fc__decl_hex_digit(c);
            lexer->at++;
        }
        return value;
    }
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    if (c > 0 && c < 0x80 && c != '\n') {
        lexer->at++;
    }
    return letter != NULL ? (unsigned char)values[letter - letters] : (unsigned)c;
}

/* A string or a character constant, from its opening quote on. */
static bool read_quoted(struct fc__lexer *lexer, int quote, struct fc__token *token) {
    uint32_t value = 0, last = 0;
    uint32_t count = 0, bytes = 0;
    uint32_t code_point;
    lexer->at++;
    for (int c = fc__decl_current(lexer); c != quote; c = fc__decl_current(lexer)) {
        if (c == FC__DECL_END_OF_TEXT || c == '\n') {
            return fc__decl_fail(lexer, FC_EPARSE, &token->place, "the closing %c is missing", quote);
        }
        size_t size = fc__decl_utf8_len(lexer->text + lexer->at, lexer->len - lexer->at, &code_point);
        if (c == 0 || size == 0) {
            return fc__decl_fail_character(lexer);
        }
        uint32_t universal = fc__decl_universal(lexer, &last);
        lexer->at += universal != 0 ? universal : (uint32_t)size;
        if (universal != 0) {
            uint32_t units[FC__UNICODE_UNITS_MAX];
            size = fc__unicode_put(last, 1, units);
        } else {
            last = c == '\\' ? read_escape(lexer) : code_point;
            token->long_characters += c != '\\' && code_point > 0xFFFF;
        }
        token->long_characters += universal != 0 && last > 0xFFFF;
        value = value << 8 | ((universal == 0 && c != '\\' ? (unsigned)c : last) & 0xFF);
        count++;
        bytes += (uint32_t)size;
    }
    lexer->at++;
    token->kind = FC__TOKEN_STRING;
    token->value = bytes;
    token->characters = count;
    if (quote == '\'') {
        if (count == 0) {
            return fc__decl_fail(lexer, FC_EPARSE, &token->place, "an empty character constant");
        }
        token->kind = FC__TOKEN_INTEGER;
        token->value = (uint64_t)(count == 1 ? (int64_t)(int8_t)value : (int64_t)(int32_t)value);
        if (token->prefix != '\0') {
            bool is_narrow = token->prefix == 'u' || (token->prefix == 'L' && lexer->is_windows);
            token->is_unsigned = token->prefix == 'U';
            token->value = is_narrow ? last & 0xFFFF : token->prefix == 'U' ? last : (uint64_t)(int64_t)(int32_t)last;
        }
    }
    return true;
}

/* -- Tokens -------------------------------------------------------------------------------------------------------- */

/* At the '/' of a comment. Bytes that are not UTF-8 are tolerated here: old headers have them. */
static bool skip_comment(struct fc__lexer *lexer, bool is_line_comment) {
    struct fc__place place = fc__decl_place_here(lexer);
    lexer->at++;
    (void)fc__decl_current(lexer);
    lexer->at++;
    if (is_line_comment) {
        return fc__decl_skip_line(lexer);
    }
    int previous = 0;
    for (int c = fc__decl_current(lexer); !(previous == '*' && c == '/'); c = fc__decl_current(lexer)) {
        if (c == FC__DECL_END_OF_TEXT) {
            return fc__decl_fail(lexer, FC_EPARSE, &place, "this comment does not end");
        }
        if (c == 0) {
            return fc__decl_fail_character(lexer);
        }
        previous = c;
        lexer->at++;
        if (c == '\n') {
            fc__decl_begin_line(lexer);
        }
    }
    lexer->at++;
    return true;
}

/* The character behind the one at `at`, without moving. */
static int following(struct fc__lexer *lexer) {
    struct fc__lexer ahead = *lexer;
    ahead.at++;
    return fc__decl_current(&ahead);
}

/* Blanks, comments and directives. */
static bool skip_space(struct fc__lexer *lexer) {
    for (int c = fc__decl_current(lexer);; c = fc__decl_current(lexer)) {
        int next = c == '/' ? following(lexer) : 0;
        if (c == '\n') {
            lexer->at++;
            fc__decl_begin_line(lexer);
            lexer->is_line_start = true;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f') {
            lexer->at++;
        } else if (c == '/' && (next == '*' || next == '/')) {
            if (!skip_comment(lexer, next == '/')) {
                return false;
            }
        } else if (c == '#' && lexer->is_line_start) {
            if (!fc__decl_read_directive(lexer)) {
                return false;
            }
        } else {
            return true;
        }
    }
}

static bool read_punctuator(struct fc__lexer *lexer, int c, struct fc__token *token) {
    static const struct {
        char first, second;
        int kind;
    } pairs[] = {
        {'<', '<', FC__TOKEN_SHIFT_LEFT},
        {'>', '>', FC__TOKEN_SHIFT_RIGHT},
        {'<', '=', FC__TOKEN_LESS_EQUAL},
        {'>', '=', FC__TOKEN_GREATER_EQUAL},
        {'=', '=', FC__TOKEN_EQUAL},
        {'!', '=', FC__TOKEN_NOT_EQUAL},
        {'&', '&', FC__TOKEN_AND},
        {'|', '|', FC__TOKEN_OR},
        {'-', '>', FC__TOKEN_ARROW},
        {'<', ':', '['},
        {':', '>', ']'},
        {'<', '%', '{'},
        {'%', '>', '}'}, /* digraphs */
    };
    if (c == 0 || c > '~' || strchr("()[]{};,*=:.&|^~!?<>+-/%", c) == NULL) {
        return fc__decl_fail_character(lexer);
    }
    token->kind = c;
    lexer->at++;
    int next = fc__decl_current(lexer);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].first == c && pairs[i].second == next) {
            token->kind = pairs[i].kind;
            lexer->at++;
            return true;
        }
    }
    if (c == '.' && next == '.' && following(lexer) == '.') {
        token->kind = FC__TOKEN_ELLIPSIS;
        lexer->at++;
        (void)fc__decl_current(lexer);
        lexer->at++;
    }
    return true;
}

/* L, u, U and u8 before a quote belong to the literal. */
static bool is_literal_prefix(const char *text, uint32_t len) {
    return (len == 1 && strchr("LuU", text[0]) != NULL) || (len == 2 && text[0] == 'u' && text[1] == '8');
}

bool fc__decl_lex(struct fc__lexer *lexer, struct fc__token *ret_token) {
    struct fc__place behind_last = fc__decl_place_here(lexer);
    if (!skip_space(lexer)) {
        return false;
    }
    int c = fc__decl_current(lexer);
    *ret_token = (struct fc__token){
        .kind = FC__TOKEN_END, .place = behind_last, .end = lexer->at, .pack_bytes = lexer->pack_bytes};
    if (c == FC__DECL_END_OF_TEXT) {
        return true;
    }
    lexer->is_line_start = false;
    ret_token->place = fc__decl_place_here(lexer);
    bool is_right = true;
    uint32_t code_point;
    if (fc__decl_is_letter(c) || fc__decl_letter_len(lexer, true, &code_point) != 0) {
        const char *text;
        uint32_t len;
        if (!fc__decl_read_word(lexer, false, &text, &len)) {
            return false;
        }
        int next = fc__decl_current(lexer);
        if ((next == '\'' || next == '"') && is_literal_prefix(text, len)) {
            ret_token->prefix = len == 1 ? text[0] : '\0';
            is_right = read_quoted(lexer, next, ret_token);
        } else {
            ret_token->kind = FC__TOKEN_NAME;
            ret_token->name = fc__decl_intern(lexer, text, len);
            is_right = ret_token->name != NULL;
        }
    } else if (fc__decl_is_digit(c) || (c == '.' && fc__decl_is_digit(following(lexer)))) {
        is_right = read_number(lexer, ret_token);
    } else if (c == '\'' || c == '"') {
        is_right = read_quoted(lexer, c, ret_token);
    } else {
        is_right = read_punctuator(lexer, c, ret_token);
    }
    ret_token->end = lexer->at;
    return is_right;
}

bool fc__decl_lexer_init(struct fc__lexer *lexer, const char *text, size_t len, const char *source_name,
                         struct fc__arena *scratch, struct fc__arena *kept, struct fc__error *err) {
    *lexer = (struct fc__lexer){
        .text = text,
        .len = (uint32_t)len,
        .line = 1,
        .file = source_name,
        .column = 1,
        .is_line_start = true,
        .source_name = source_name,
        .err = err,
        .scratch = scratch,
        .kept = kept,
    };
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        lexer->at = lexer->counted_at = 3;
    }
    return grow_names(lexer);
}
