/* abi: formats in the manner of printf, and what they say is passed, to a function of the library's or of the caller's.
 * Runs in: the caller.  Threads: any; nothing is kept.
 * Does not: print, or look at what is passed. */
#ifndef FC_ABI_FORMAT_H
#define FC_ABI_FORMAT_H

#include "abi/frame.h"
#include "base/error.h"
#include "decl/decl.h"

/* Of a format's arguments, behind the `fixed_count` parameters of the function. */
struct fc__format {
    uint32_t fixed_count, count;
    char kinds[FC__FRAME_ARGUMENTS_MAX + 1]; /* one letter for each, ended by NUL: fc__format_kind */
    uint32_t cut_count;
    /* Strings of which only so much is read that a NUL may be missing. */
    struct fc__format_cut {
        uint8_t index;  /* of the argument, among all of the call */
        bool is_passed; /* the limit is the argument before it; negative: none */
        bool is_wide;
        bool is_characters; /* of UTF-8, not bytes: SQLite's flag `!` */
        uint64_t limit;     /* elements, or characters */
    } cuts[FC__FRAME_ARGUMENTS_MAX];
};

/* Whose the function is that gets the format. */
enum fc__format_for { FC__FORMAT_FOR_CALLEE, FC__FORMAT_FOR_CALLER };

/* `own`: conversions that the library adds, pairs of letters of which the second is one of printf's; NULL for none.
 * FC_EINVAL: a conversion that is unknown or cannot be passed, which is named. */
int fc__format_read(const char *format, const char *own, const char *function, uint32_t fixed_count,
                    enum fc__format_for whose, struct fc__format *ret_format, struct fc__error *err);

/* All letters of what a format can pass to a function of the caller's. */
extern const char fc__format_kinds[];

/* What an argument of a kind is; the same for every target. NULL for a letter that is none. */
const struct fc__param *fc__format_kind(char letter);

#endif
