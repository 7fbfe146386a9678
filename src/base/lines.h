/* base: text in lines of limited width, written into a caller's buffer.
 * Runs in: the caller.  Threads: one at a time.
 * Does not: allocate, break words, or know what columns a character takes (each takes one). */
#ifndef FC_BASE_LINES_H
#define FC_BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { FC__LINES_WORD_MAX = 128, FC__LINES_LABEL_COLUMNS = 14 };

/* Counts all, writes what there is room for. A word waits until it is known whether it fits into the line. */
struct fc__lines {
    char *buffer;
    size_t size, used; /* bytes: of the buffer, and of the whole text so far */
    unsigned width, column;
    bool is_fresh; /* the line needs no space before its next word */
    char word[FC__LINES_WORD_MAX];
    size_t word_len;
    bool is_long_word; /* its beginning is written already, since it fits no line */
};

/* `width` in columns, less than FC__LINES_WORD_MAX. `buffer` may be NULL if `size` is 0. */
void fc__lines_init(struct fc__lines *lines, unsigned width, char *buffer, size_t size);
/* Begins a line: with "  LABEL" and what follows in column FC__LINES_LABEL_COLUMNS, or with nothing if it is "". Where
 * it does not fit it goes on in that column of the next line. */
void fc__lines_begin(struct fc__lines *lines, const char *label);
/* Words separated by spaces; one word may come in parts. */
void fc__lines_put(struct fc__lines *lines, const char *text);
/* The same for numbers and short words: 127 bytes at most. */
void fc__lines_putf(struct fc__lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fc__lines_end(struct fc__lines *lines);
/* An empty line, between two. */
void fc__lines_blank(struct fc__lines *lines);
/* Ends the text with a NUL if `size` is not 0, cutting it there if need be, and returns its whole length without it. */
size_t fc__lines_done(struct fc__lines *lines);

#endif
