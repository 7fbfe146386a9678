/* tests: programs, each of which writes down what it sees of a real library; called through farcall it sees what it does
 * when the library is called directly. */
#ifndef FC_TESTS_NOTES_H
#define FC_TESTS_NOTES_H

#include "real.h"

#include <stdarg.h>

enum { NOTES_BYTES = 8192 };

static char notes[NOTES_BYTES]; /* what a program saw */
static struct real *in_use;     /* what it calls, and what is called back */

static UNUSED_HERE __attribute__((format(printf, 1, 2))) void note(const char *format, ...) {
    const size_t used = strlen(notes);
    va_list list;
    va_start(list, format);
    require((size_t)vsnprintf(notes + used, sizeof notes - used, format, list) < sizeof notes - used);
    va_end(list);
}

static UNUSED_HERE void compare_notes(void (*program)(struct real *lib), const char *library, const char *header,
                                      const char *flags) {
    char expected[NOTES_BYTES];
    in_use = real_native(library);
    notes[0] = '\0';
    program(in_use);
    real_close(in_use);
    memcpy(expected, notes, sizeof expected);
    assert_true(strlen(expected) > 20);
    for (EACH_REAL_TARGET(target)) {
        in_use = real_open(target, library, header, header, flags);
        notes[0] = '\0';
        program(in_use);
        assert_string_equal(notes, expected);
        real_close(in_use);
    }
}

#endif
