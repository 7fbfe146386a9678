/* tests: conformance cases that cannot pass through farcall yet, and why. A row is a promise that the case fails: one
 * that passes fails its test, until the row is gone. */
#ifndef FC_TESTS_CONFORMANCE_NOT_YET_H
#define FC_TESTS_CONFORMANCE_NOT_YET_H

/* From a caller of that many bits to a library of that many in a host; in a direct session. */
enum not_yet_where {
    NOT_YET_64_TO_64 = 1,
    NOT_YET_64_TO_32 = 2,
    NOT_YET_32_TO_64 = 4,
    NOT_YET_32_TO_32 = 8,
    NOT_YET_DIRECT = 16,
    NOT_YET_TO_MSVC_32 = 32,
    NOT_YET_TO_MSVC_64 = 64,
    NOT_YET_TO_MINGW_32 = 128,
    NOT_YET_TO_MINGW_64 = 256,
    NOT_YET_TO_MSVC = NOT_YET_TO_MSVC_32 | NOT_YET_TO_MSVC_64,
    NOT_YET_TO_MINGW = NOT_YET_TO_MINGW_32 | NOT_YET_TO_MINGW_64,
    NOT_YET_TO_WINDOWS = NOT_YET_TO_MSVC | NOT_YET_TO_MINGW,
    NOT_YET_OTHER_BITNESS = NOT_YET_64_TO_32 | NOT_YET_32_TO_64,
    NOT_YET_TO_64 = NOT_YET_64_TO_64 | NOT_YET_32_TO_64,
    NOT_YET_TO_32 = NOT_YET_64_TO_32 | NOT_YET_32_TO_32,
    NOT_YET_IN_HOSTS = NOT_YET_TO_64 | NOT_YET_TO_32,
    NOT_YET_ANYWHERE = NOT_YET_IN_HOSTS | NOT_YET_DIRECT,
};

struct not_yet {
    const char *test; /* the program: test_conformance_<test> */
    const char *name;
    enum not_yet_where where;
    const char *why;
};

static const struct not_yet not_yet[] = {
    {NULL, NULL, NOT_YET_ANYWHERE, NULL},
};

#endif
