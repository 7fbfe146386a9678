/* decl: an error with its place: NAME:LINE:COLUMN: MESSAGE, the source line, and a caret below what is wrong. */
#include "decl/lexer.h"

#include <stdio.h>
#include <string.h>

/* Bytes that continue no character count as none; so the bytes shown are limited too. */
enum { MESSAGE_MAX = 1024, SHOWN_COLUMNS = 100, SHOWN_BEFORE = 60, SHOWN_BYTES = 4 * SHOWN_COLUMNS };

struct view {
    const char *text;
    uint32_t begin, end; /* the line, or the part of a long one that is shown */
    bool is_cut_before, is_cut_behind;
};

static bool is_character_start(char byte) {
    return ((unsigned char)byte & 0xC0) != 0x80;
}

static uint32_t step_back(const char *text, uint32_t at, uint32_t limit, unsigned characters) {
    for (; at > limit && characters > 0; characters--) {
        do {
            at--;
        } while (at > limit && !is_character_start(text[at]));
    }
    return at;
}

static uint32_t step_forward(const char *text, uint32_t at, uint32_t limit, unsigned characters) {
    for (; at < limit && characters > 0; characters--) {
        do {
            at++;
        } while (at < limit && !is_character_start(text[at]));
    }
    return at;
}

static struct view view_line(const struct fc__lexer *lexer, uint32_t at) {
    uint32_t begin = at;
    uint32_t end = at;
    while (begin > 0 && lexer->text[begin - 1] != '\n') {
        begin--;
    }
    while (end < lexer->len && lexer->text[end] != '\n') {
        end++;
    }
    if (end > begin && lexer->text[end - 1] == '\r') {
        end--;
    }
    if (begin == 0 && end >= 3 && memcmp(lexer->text, "\xEF\xBB\xBF", 3) == 0) {
        begin = 3;
    }
    struct view view = {.text = lexer->text, .begin = begin, .end = end};
    if (step_forward(lexer->text, begin, end, SHOWN_COLUMNS) < end) {
        view.begin = step_back(lexer->text, at, begin, SHOWN_BEFORE);
        view.end = step_forward(lexer->text, view.begin, end, SHOWN_COLUMNS);
        view.begin = step_back(lexer->text, view.end, begin, SHOWN_COLUMNS);
    }
    if (view.end - view.begin > SHOWN_BYTES) {
        view.begin = at - view.begin > SHOWN_BYTES / 2 ? at - SHOWN_BYTES / 2 : view.begin;
        view.end = view.end - view.begin > SHOWN_BYTES ? view.begin + SHOWN_BYTES : view.end;
    }
    view.is_cut_before = view.begin > begin;
    view.is_cut_behind = view.end < end;
    return view;
}

/* The line, and blanks up to the caret: a tab below a tab, so that they align however wide a tab is. */
static void render(const struct view *view, uint32_t at, char *line, char *blanks) {
    if (view->is_cut_before) {
        line = (char *)memcpy(line, "...", 3) + 3;
        blanks = (char *)memcpy(blanks, "   ", 3) + 3;
    }
    for (uint32_t i = view->begin; i < view->end;) {
        uint32_t code_point;
        size_t size = fc__decl_utf8_len(view->text + i, view->end - i, &code_point);
        bool is_blank = size == 1 && view->text[i] == '\t';
        if (i < at) {
            *blanks++ = is_blank ? '\t' : ' ';
        }
        if (size == 0 || (code_point < ' ' && !is_blank) || code_point == 0x7F) {
            *line++ = '?';
            i++;
        } else {
            line = (char *)memcpy(line, view->text + i, size) + size;
            i += (uint32_t)size;
        }
    }
    if (view->is_cut_behind) {
        line = (char *)memcpy(line, "...", 3) + 3;
    }
    *line = *blanks = '\0';
}

bool fc__decl_fail(struct fc__lexer *lexer, int code, const struct fc__place *place, const char *format, ...) {
    char message[MESSAGE_MAX];
    char line[SHOWN_BYTES + 8];
    char blanks[SHOWN_BYTES + 8];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    struct view view = view_line(lexer, place->offset);
    render(&view, place->offset, line, blanks);
    fc__error_set(lexer->err, code, "%.1000s:%u:%u: %s\n%s\n%s^", place->file, (unsigned)place->line,
                  (unsigned)place->column, message, line, blanks);
    return false;
}

bool fc__decl_fail_memory(struct fc__lexer *lexer) {
    fc__error_set(lexer->err, FC_ENOMEM, "%.1000s: out of memory while reading the declarations", lexer->source_name);
    return false;
}
