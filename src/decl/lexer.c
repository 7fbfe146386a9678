/* decl: tokens, names, and the lines that a preprocessor leaves, C11 6.4 and 6.10.4. */
#include "decl/lexer.h"

#include "decl/annotations.h"

#include <string.h>

enum { FIRST_SLOTS = 256, END_OF_TEXT = -1, MARKER_LINE_MAX = 2147483647 };

/* -- Characters ---------------------------------------------------------------------------------------------------- */

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static int hex_digit(int c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

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

static void begin_line(struct fc__lexer *lexer) {
    lexer->line++;
    lexer->counted_at = lexer->at;
    lexer->column = 1;
}

/* The character at `at`, after any line continuations. */
static int current(struct fc__lexer *lexer) {
    while (lexer->at < lexer->len && lexer->text[lexer->at] == '\\') {
        uint32_t next = lexer->at + 1;
        if (next < lexer->len && lexer->text[next] == '\r') {
            next++;
        }
        if (next >= lexer->len || lexer->text[next] != '\n') {
            break;
        }
        lexer->at = next + 1;
        begin_line(lexer);
    }
    return lexer->at < lexer->len ? (unsigned char)lexer->text[lexer->at] : END_OF_TEXT;
}

/* Every column is counted once, however long the line is. */
static struct fc__place place_here(struct fc__lexer *lexer) {
    for (; lexer->counted_at < lexer->at; lexer->counted_at++) {
        if (((unsigned char)lexer->text[lexer->counted_at] & 0xC0) != 0x80) {
            lexer->column++;
        }
    }
    return (struct fc__place){.offset = lexer->at, .line = lexer->line, .column = lexer->column, .file = lexer->file};
}

static bool fail_here(struct fc__lexer *lexer, const char *message) {
    struct fc__place place = place_here(lexer);
    return fc__decl_fail(lexer, FC_EPARSE, &place, "%s", message);
}

/* A character that no token begins with, or that is no character at all. */
static bool fail_character(struct fc__lexer *lexer) {
    struct fc__place place = place_here(lexer);
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
    name->is_annotation = has_annotation_form(text, len);
    name->annotation = name->is_annotation ? fc__decl_annotation_word(text, len) : NULL;
    name->chain = lexer->names[hash & (lexer->name_slots - 1)];
    lexer->names[hash & (lexer->name_slots - 1)] = name;
    lexer->name_count++;
    return name;
}

/* Reads an identifier, or a number as C11 6.4.8 has it, into one piece. */
static bool read_word(struct fc__lexer *lexer, bool is_number, const char **ret_text, uint32_t *ret_len) {
    uint32_t start = lexer->at;
    uint32_t len = 0;
    int previous = 0;
    for (int c = current(lexer);; c = current(lexer)) {
        bool is_sign =
            (c == '+' || c == '-') && (previous == 'e' || previous == 'E' || previous == 'p' || previous == 'P');
        if (!is_letter(c) && !is_digit(c) && !(is_number && (c == '.' || is_sign))) {
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
    bool has_long = false;
    bool is_long_wide = !lexer->is_long_narrow;
    for (uint32_t i = 0; i < len; i++) {
        if ((text[i] == 'u' || text[i] == 'U') && !token->is_unsigned) {
            token->is_unsigned = true;
        } else if ((text[i] == 'l' || text[i] == 'L') && !has_long) {
            has_long = true;
            if (i + 1 < len && text[i + 1] == text[i]) {
                is_long_wide = true;
                i++;
            }
        } else {
            return false;
        }
    }
    token->is_wide = has_long && is_long_wide;
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
    for (; at < len && hex_digit(text[at]) < (int)base; at++) {
        if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)hex_digit(text[at]), &value)) {
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
    if (!read_word(lexer, true, &text, &len)) {
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
    int c = current(lexer);
    unsigned value = 0;
    if (c == 'x') {
        lexer->at++;
        for (c = current(lexer); hex_digit(c) < 16; c = current(lexer)) {
            value = value << 4 | (unsigned)hex_digit(c);
            lexer->at++;
        }
        return value;
    }
    if (hex_digit(c) < 8) {
        for (int i = 0; i < 3 && hex_digit(c) < 8; i++, c = current(lexer)) {
            value = value << 3 | (unsigned)hex_digit(c);
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
    uint32_t value = 0;
    uint32_t count = 0;
    uint32_t code_point;
    lexer->at++;
    for (int c = current(lexer); c != quote; c = current(lexer)) {
        if (c == END_OF_TEXT || c == '\n') {
            return fc__decl_fail(lexer, FC_EPARSE, &token->place, "the closing %c is missing", quote);
        }
        size_t size = fc__decl_utf8_len(lexer->text + lexer->at, lexer->len - lexer->at, &code_point);
        if (c == 0 || size == 0) {
            return fail_character(lexer);
        }
        lexer->at += (uint32_t)size;
        value = value << 8 | ((c == '\\' ? read_escape(lexer) : (unsigned)c) & 0xFF);
        count++;
    }
    lexer->at++;
    token->kind = FC__TOKEN_STRING;
    if (quote == '\'') {
        if (count == 0) {
            return fc__decl_fail(lexer, FC_EPARSE, &token->place, "an empty character constant");
        }
        token->kind = FC__TOKEN_INTEGER;
        token->value = (uint64_t)(count == 1 ? (int64_t)(int8_t)value : (int64_t)(int32_t)value);
    }
    return true;
}

/* -- Lines that begin with # --------------------------------------------------------------------------------------- */

static void skip_blanks(struct fc__lexer *lexer) {
    for (int c = current(lexer); c == ' ' || c == '\t'; c = current(lexer)) {
        lexer->at++;
    }
}

static bool skip_line(struct fc__lexer *lexer) {
    for (int c = current(lexer); c != END_OF_TEXT && c != '\n'; c = current(lexer)) {
        if (c == 0) {
            return fail_character(lexer);
        }
        lexer->at++;
    }
    return true;
}

/* The file name of a marker, in quotes, with the escapes that preprocessors write. */
static bool read_marker_file(struct fc__lexer *lexer) {
    uint32_t start = ++lexer->at;
    for (int c = current(lexer); c != END_OF_TEXT && c != '\n' && c != '"'; c = current(lexer)) {
        lexer->at += c == '\\' && lexer->at + 1 < lexer->len ? 2 : 1;
    }
    if (current(lexer) != '"') {
        return fail_here(lexer, "the closing \" of the file name is missing");
    }
    uint32_t end = lexer->at;
    uint32_t len = 0;
    char *file = fc__arena_alloc(lexer->kept, end - start + 1);
    if (file == NULL) {
        return fc__decl_fail_memory(lexer);
    }
    for (uint32_t i = start; i < end; len++) {
        uint32_t code_point;
        i += lexer->text[i] == '\\' && i + 1 < end;
        size_t size = fc__decl_utf8_len(lexer->text + i, end - i, &code_point);
        file[len] = lexer->text[i++];
        if (size == 0 || code_point < ' ') {
            file[len] = '?';
        }
        for (size_t rest = 1; rest < size; rest++) {
            file[++len] = lexer->text[i++];
        }
    }
    lexer->file = file;
    return true;
}

/* # 12 "file.h" 1 3, and #line 12 "file.h": the next line is line 12 of file.h. */
static bool read_marker(struct fc__lexer *lexer) {
    uint64_t line = 0;
    if (!is_digit(current(lexer))) {
        return fail_here(lexer, "a line number is expected in this line marker");
    }
    for (int c = current(lexer); is_digit(c); c = current(lexer)) {
        line = line * 10 + (unsigned)(c - '0');
        if (line > MARKER_LINE_MAX) {
            return fail_here(lexer, "the line number of this line marker is too large");
        }
        lexer->at++;
    }
    skip_blanks(lexer);
    if (current(lexer) == '"' && !read_marker_file(lexer)) {
        return false;
    }
    if (!skip_line(lexer)) {
        return false;
    }
    lexer->line = line > 0 ? (uint32_t)line : 1; /* gcc begins with line 0 */
    if (lexer->at < lexer->len) {
        lexer->at++;
        lexer->line--;
        begin_line(lexer);
    }
    return true;
}

/* What stands in the parentheses of #pragma pack, comma by comma. */
struct pack_words {
    bool is_push, is_pop;
    const struct fc__name *name;
    bool has_bytes;
    uint64_t bytes;
};

static bool fail_pack(struct fc__lexer *lexer) {
    return fail_here(lexer, "'#pragma pack' takes (), (n), (push), (push, n), (pop) or a name beside them; n is 1, 2, "
                            "4, 8 or 16");
}

static bool read_pack_word(struct fc__lexer *lexer, bool is_first, struct pack_words *words) {
    const char *text;
    uint32_t len;
    bool is_number = is_digit(current(lexer));
    if ((!is_number && !is_letter(current(lexer))) || !read_word(lexer, is_number, &text, &len)) {
        return fail_pack(lexer);
    }
    if (is_number) {
        bool is_one_of =
            !words->has_bytes && (len == 1 ? strchr("01248", text[0]) != NULL : len == 2 && memcmp(text, "16", 2) == 0);
        words->has_bytes = true;
        words->bytes = len == 2 ? 16 : (uint64_t)hex_digit(text[0]);
        return is_one_of || fail_pack(lexer);
    }
    if (is_first && len == 4 && memcmp(text, "push", 4) == 0) {
        words->is_push = true;
    } else if (is_first && len == 3 && memcmp(text, "pop", 3) == 0) {
        words->is_pop = true;
    } else if (words->name == NULL && !words->has_bytes) {
        words->name = fc__decl_intern(lexer, text, len);
        return words->name != NULL;
    } else {
        return fail_pack(lexer);
    }
    return true;
}

static bool apply_pack(struct fc__lexer *lexer, const struct pack_words *words) {
    if (words->is_push) {
        if (lexer->pack_count == FC__DECL_PACKS_MAX) {
            struct fc__place place = place_here(lexer);
            return fc__decl_fail(lexer, FC_EPARSE, &place, "more than %d nested '#pragma pack(push)'",
                                 FC__DECL_PACKS_MAX);
        }
        lexer->packs[lexer->pack_count++] = (struct fc__pack){lexer->pack_bytes, words->name};
    } else if (words->is_pop) {
        unsigned to = lexer->pack_count;
        while (to > 0 && words->name != NULL && lexer->packs[to - 1].name != words->name) {
            to--;
        }
        if (to > 0) { /* compilers warn of a pop without a push, and go on */
            lexer->pack_count = to - 1;
            lexer->pack_bytes = lexer->packs[to - 1].bytes;
        }
    } else if (words->name != NULL) {
        return words->name->len == 4 && memcmp(words->name->text, "show", 4) == 0 ? true : fail_pack(lexer);
    } else {
        lexer->pack_bytes = 0;
    }
    if (words->has_bytes) {
        lexer->pack_bytes = (uint8_t)words->bytes;
    }
    return true;
}

/* Behind the word `pack`. */
static bool read_pack(struct fc__lexer *lexer) {
    struct pack_words words = {.is_push = false};
    skip_blanks(lexer);
    if (current(lexer) != '(') {
        return fail_pack(lexer);
    }
    lexer->at++;
    skip_blanks(lexer);
    for (bool is_first = true; current(lexer) != ')'; is_first = false) {
        if (!read_pack_word(lexer, is_first, &words)) {
            return false;
        }
        skip_blanks(lexer);
        if (current(lexer) == ',') {
            lexer->at++;
            skip_blanks(lexer);
        } else if (current(lexer) != ')') {
            return fail_pack(lexer);
        }
    }
    return apply_pack(lexer, &words) && skip_line(lexer);
}

/* Behind the word `pragma`; only pack says something of what is declared. */
static bool read_pragma(struct fc__lexer *lexer) {
    const char *text;
    uint32_t len;
    skip_blanks(lexer);
    if (!read_word(lexer, false, &text, &len)) {
        return false;
    }
    return len == 4 && memcmp(text, "pack", 4) == 0 ? read_pack(lexer) : skip_line(lexer);
}

/* Of the directives, a preprocessor leaves only these: markers, #pragma and #ident. */
static bool read_directive(struct fc__lexer *lexer) {
    struct fc__place place = place_here(lexer);
    const char *text;
    uint32_t len;
    lexer->at++;
    skip_blanks(lexer);
    int c = current(lexer);
    if (is_digit(c)) {
        return read_marker(lexer);
    }
    if (!read_word(lexer, false, &text, &len)) {
        return false;
    }
    if (len == 4 && memcmp(text, "line", 4) == 0) {
        skip_blanks(lexer);
        return read_marker(lexer);
    }
    if (len == 6 && memcmp(text, "pragma", 6) == 0) {
        return read_pragma(lexer);
    }
    if ((len == 5 && memcmp(text, "ident", 5) == 0) || (len == 0 && (c == '\n' || c == '\r' || c == END_OF_TEXT))) {
        return skip_line(lexer);
    }
    return fc__decl_fail(lexer, FC_EPARSE, &place, "'#%.*s': the text must be preprocessed first, as by 'cc -E'",
                         (int)(len > 40 ? 40 : len), text);
}

/* -- Tokens -------------------------------------------------------------------------------------------------------- */

/* At the '/' of a comment. Bytes that are not UTF-8 are tolerated here: old headers have them. */
static bool skip_comment(struct fc__lexer *lexer, bool is_line_comment) {
    struct fc__place place = place_here(lexer);
    lexer->at++;
    (void)current(lexer);
    lexer->at++;
    if (is_line_comment) {
        return skip_line(lexer);
    }
    int previous = 0;
    for (int c = current(lexer); !(previous == '*' && c == '/'); c = current(lexer)) {
        if (c == END_OF_TEXT) {
            return fc__decl_fail(lexer, FC_EPARSE, &place, "this comment does not end");
        }
        if (c == 0) {
            return fail_character(lexer);
        }
        previous = c;
        lexer->at++;
        if (c == '\n') {
            begin_line(lexer);
        }
    }
    lexer->at++;
    return true;
}

/* The character behind the one at `at`, without moving. */
static int following(struct fc__lexer *lexer) {
    struct fc__lexer ahead = *lexer;
    ahead.at++;
    return current(&ahead);
}

/* Blanks, comments and directives. */
static bool skip_space(struct fc__lexer *lexer) {
    for (int c = current(lexer);; c = current(lexer)) {
        int next = c == '/' ? following(lexer) : 0;
        if (c == '\n') {
            lexer->at++;
            begin_line(lexer);
            lexer->is_line_start = true;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f') {
            lexer->at++;
        } else if (c == '/' && (next == '*' || next == '/')) {
            if (!skip_comment(lexer, next == '/')) {
                return false;
            }
        } else if (c == '#' && lexer->is_line_start) {
            if (!read_directive(lexer)) {
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
        {'<', '<', FC__TOKEN_SHIFT_LEFT},    {'>', '>', FC__TOKEN_SHIFT_RIGHT}, {'<', '=', FC__TOKEN_LESS_EQUAL},
        {'>', '=', FC__TOKEN_GREATER_EQUAL}, {'=', '=', FC__TOKEN_EQUAL},       {'!', '=', FC__TOKEN_NOT_EQUAL},
        {'&', '&', FC__TOKEN_AND},           {'|', '|', FC__TOKEN_OR},          {'-', '>', FC__TOKEN_ARROW},
    };
    if (c == 0 || c > '~' || strchr("()[]{};,*=:.&|^~!?<>+-/%", c) == NULL) {
        return fail_character(lexer);
    }
    token->kind = c;
    lexer->at++;
    int next = current(lexer);
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
        (void)current(lexer);
        lexer->at++;
    }
    return true;
}

/* L, u, U and u8 before a quote belong to the literal. */
static bool is_literal_prefix(const char *text, uint32_t len) {
    return (len == 1 && strchr("LuU", text[0]) != NULL) || (len == 2 && text[0] == 'u' && text[1] == '8');
}

bool fc__decl_lex(struct fc__lexer *lexer, struct fc__token *ret_token) {
    struct fc__place behind_last = place_here(lexer);
    if (!skip_space(lexer)) {
        return false;
    }
    int c = current(lexer);
    *ret_token = (struct fc__token){
        .kind = FC__TOKEN_END, .place = behind_last, .end = lexer->at, .pack_bytes = lexer->pack_bytes};
    if (c == END_OF_TEXT) {
        return true;
    }
    lexer->is_line_start = false;
    ret_token->place = place_here(lexer);
    bool is_right = true;
    if (is_letter(c)) {
        const char *text;
        uint32_t len;
        if (!read_word(lexer, false, &text, &len)) {
            return false;
        }
        int next = current(lexer);
        if ((next == '\'' || next == '"') && is_literal_prefix(text, len)) {
            is_right = read_quoted(lexer, next, ret_token);
        } else {
            ret_token->kind = FC__TOKEN_NAME;
            ret_token->name = fc__decl_intern(lexer, text, len);
            is_right = ret_token->name != NULL;
        }
    } else if (is_digit(c) || (c == '.' && is_digit(following(lexer)))) {
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
