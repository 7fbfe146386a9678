#include "base/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fc__lines_init(struct fc__lines *lines, unsigned width, char *buffer, size_t size) {
    *lines = (struct fc__lines){.size = size, .width = width};
    lines->buffer = buffer;
}

static void put_bytes(struct fc__lines *lines, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (lines->used + 1 < lines->size) {
            lines->buffer[lines->used] = bytes[i];
        }
        lines->used++;
        lines->column += ((unsigned char)bytes[i] & 0xc0) != 0x80; /* one for each character of UTF-8 */
    }
}

static void indent(struct fc__lines *lines) {
    while (lines->column < FC__LINES_LABEL_COLUMNS) {
        put_bytes(lines, " ", 1);
    }
}

static size_t columns_of(const char *bytes, size_t len) {
    size_t columns = 0;
    for (size_t i = 0; i < len; i++) {
        columns += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    }
    return columns;
}

static void put_word(struct fc__lines *lines) {
    if (!lines->is_fresh && lines->column + 1 + columns_of(lines->word, lines->word_len) > lines->width) {
        fc__lines_blank(lines);
        indent(lines);
    } else if (!lines->is_fresh) {
        put_bytes(lines, " ", 1);
    }
    lines->is_fresh = false;
    put_bytes(lines, lines->word, lines->word_len);
    lines->word_len = 0;
}

static void end_word(struct fc__lines *lines) {
    if (lines->word_len != 0) {
        put_word(lines);
    }
    lines->is_long_word = false;
}

void fc__lines_begin(struct fc__lines *lines, const char *label) {
    if (label[0] != '\0') {
        put_bytes(lines, "  ", 2);
        put_bytes(lines, label, strlen(label));
        indent(lines);
    }
    lines->is_fresh = true;
}

void fc__lines_put(struct fc__lines *lines, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            end_word(lines);
        } else if (lines->is_long_word) {
            put_bytes(lines, text, 1);
        } else {
            lines->word[lines->word_len++] = *text;
            if (lines->word_len == sizeof lines->word) {
                put_word(lines);
                lines->is_long_word = true;
            }
        }
    }
}

void fc__lines_putf(struct fc__lines *lines, const char *format, ...) {
    char text[128];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fc__lines_put(lines, text);
}

void fc__lines_end(struct fc__lines *lines) {
    end_word(lines);
    fc__lines_blank(lines);
}

void fc__lines_blank(struct fc__lines *lines) {
    put_bytes(lines, "\n", 1);
    lines->column = 0;
}

size_t fc__lines_done(struct fc__lines *lines) {
    if (lines->size != 0) {
        lines->buffer[lines->used < lines->size ? lines->used : lines->size - 1] = '\0';
    }
    return lines->used;
}
