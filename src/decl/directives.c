/* decl: the lines that a preprocessor leaves: line markers, #pragma pack, and what is skipped. C11 6.10.4. */
#include "decl/characters.h"

#include <string.h>

enum { MARKER_LINE_MAX = 2147483647 };

static void skip_blanks(struct fc__lexer *lexer) {
    for (int c = fc__decl_current(lexer); c == ' ' || c == '\t'; c = fc__decl_current(lexer)) {
        lexer->at++;
    }
}

/* The file name of a marker, in quotes, with the escapes that preprocessors write. */
static bool read_marker_file(struct fc__lexer *lexer) {
    uint32_t start = ++lexer->at;
    for (int c = fc__decl_current(lexer); c != FC__DECL_END_OF_TEXT && c != '\n' && c != '"';
         c = fc__decl_current(lexer)) {
        lexer->at += c == '\\' && lexer->at + 1 < lexer->len ? 2 : 1;
    }
    if (fc__decl_current(lexer) != '"') {
        return fc__decl_fail_here(lexer, "the closing \" of the file name is missing");
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
    if (!fc__decl_is_digit(fc__decl_current(lexer))) {
        return fc__decl_fail_here(lexer, "a line number is expected in this line marker");
    }
    for (int c = fc__decl_current(lexer); fc__decl_is_digit(c); c = fc__decl_current(lexer)) {
        line = line * 10 + (unsigned)(c - '0');
        if (line > MARKER_LINE_MAX) {
            return fc__decl_fail_here(lexer, "the line number of this line marker is too large");
        }
        lexer->at++;
    }
    skip_blanks(lexer);
    if (fc__decl_current(lexer) == '"' && !read_marker_file(lexer)) {
        return false;
    }
    if (!fc__decl_skip_line(lexer)) {
        return false;
    }
    lexer->line = line > 0 ? (uint32_t)line : 1; /* gcc begins with line 0 */
    if (lexer->at < lexer->len) {
        lexer->at++;
        lexer->line--;
        fc__decl_begin_line(lexer);
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
    return fc__decl_fail_here(
        lexer, "'#pragma pack' takes (), (n), (push), (push, n), (pop) or a name beside them; n is 1, 2, "
               "4, 8 or 16");
}

static bool read_pack_word(struct fc__lexer *lexer, bool is_first, struct pack_words *words) {
    const char *text;
    uint32_t len;
    bool is_number = fc__decl_is_digit(fc__decl_current(lexer));
    if ((!is_number && !fc__decl_is_letter(fc__decl_current(lexer))) ||
        !fc__decl_read_word(lexer, is_number, &text, &len)) {
        return fail_pack(lexer);
    }
    if (is_number) {
        bool is_one_of =
            !words->has_bytes && (len == 1 ? strchr("01248", text[0]) != NULL : len == 2 && memcmp(text, "16", 2) == 0);
        words->has_bytes = true;
        words->bytes = len == 2 ? 16 : (uint64_t)fc__decl_hex_digit(text[0]);
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
            struct fc__place place = fc__decl_place_here(lexer);
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
    if (fc__decl_current(lexer) != '(') {
        return fail_pack(lexer);
    }
    lexer->at++;
    skip_blanks(lexer);
    for (bool is_first = true; fc__decl_current(lexer) != ')'; is_first = false) {
        if (!read_pack_word(lexer, is_first, &words)) {
            return false;
        }
        skip_blanks(lexer);
        if (fc__decl_current(lexer) == ',') {
            lexer->at++;
            skip_blanks(lexer);
        } else if (fc__decl_current(lexer) != ')') {
            return fail_pack(lexer);
        }
    }
    return apply_pack(lexer, &words) && fc__decl_skip_line(lexer);
}

/* Behind the word `pragma`; only pack says something of what is declared. */
static bool read_pragma(struct fc__lexer *lexer) {
    const char *text;
    uint32_t len;
    skip_blanks(lexer);
    if (!fc__decl_read_word(lexer, false, &text, &len)) {
        return false;
    }
    return len == 4 && memcmp(text, "pack", 4) == 0 ? read_pack(lexer) : fc__decl_skip_line(lexer);
}

/* Of the directives, a preprocessor leaves only these: markers, #pragma and #ident. */
bool fc__decl_read_directive(struct fc__lexer *lexer) {
    struct fc__place place = fc__decl_place_here(lexer);
    const char *text;
    uint32_t len;
    lexer->at++;
    skip_blanks(lexer);
    int c = fc__decl_current(lexer);
    if (fc__decl_is_digit(c)) {
        return read_marker(lexer);
    }
    if (!fc__decl_read_word(lexer, false, &text, &len)) {
        return false;
    }
    if (len == 4 && memcmp(text, "line", 4) == 0) {
        skip_blanks(lexer);
        return read_marker(lexer);
    }
    if (len == 6 && memcmp(text, "pragma", 6) == 0) {
        return read_pragma(lexer);
    }
    if ((len == 5 && memcmp(text, "ident", 5) == 0) ||
        (len == 0 && (c == '\n' || c == '\r' || c == FC__DECL_END_OF_TEXT))) {
        return fc__decl_skip_line(lexer);
    }
    return fc__decl_fail(lexer, FC_EPARSE, &place, "'#%.*s': the text must be preprocessed first, as by 'cc -E'",
                         (int)(len > 40 ? 40 : len), text);
}
