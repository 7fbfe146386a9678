/* base: the public functions that every part of the library shares.
 * Runs in: the caller.  Threads: any. */
#include "base/error.h"

#ifndef FARCALL_VERSION
#error "the build defines FARCALL_VERSION"
#endif

const char *fc_version(void) {
    return FARCALL_VERSION;
}

const char *fc_strerror(int error) {
    switch (error) {
    case FC_OK:
        return "success";
#define ERROR_CASE(name, value, meaning)                                                                               \
    case name:                                                                                                         \
        return meaning;
        FC_ERRORS(ERROR_CASE)
#undef ERROR_CASE
    default:
        return "unknown error";
    }
}

const char *fc_error_text(void) {
    return fc__error_here()->text;
}
