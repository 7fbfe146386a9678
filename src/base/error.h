/* base: the explanation that travels with an error code.
 * Runs in: both processes.  Threads: a value belongs to one thread.
 * Does not: print, or decide what happens next. */
#ifndef FC_BASE_ERROR_H
#define FC_BASE_ERROR_H

#include <farcall/farcall.h>
#include <stdarg.h>

#define FC__ERROR_TEXT_MAX 4096 /* bytes with the final NUL; longer texts end in "..." */

struct fc__error {
    int code;
    char text[FC__ERROR_TEXT_MAX];
};

/* Writes code and text and returns the code, so that a caller can `return fc__error_set(err, FC_..., ...)`. */
int fc__error_set(struct fc__error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__ /* which sees one file at a time, and would take the code that comes back for any, FC_OK too */
#define fc__error_set(err, code, ...) ((fc__error_set)(err, code, __VA_ARGS__), (code))
#endif

/* Appends to the text of an error already set; for the "what to do" line. */
void fc__error_add(struct fc__error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The calling thread's error, the one that fc_error_text() shows. Only public functions fetch it; internal ones are
 * given their `err`. Never NULL; lives as long as the thread. */
struct fc__error *fc__error_here(void);

#endif
