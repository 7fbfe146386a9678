/* tests: Windows libraries, in hosts under Wine. */
#ifndef FC_TESTS_WINDOWS_H
#define FC_TESTS_WINDOWS_H

#include "call.h"

#include <limits.h>
#include <unistd.h>

static const char *const windows_targets[] UNUSED_HERE = {"i386-windows", "x86_64-windows"};
#define EACH_WINDOWS_TARGET(target)                                                                                    \
    const char *const *target##_at = windows_targets, *target = *target##_at;                                          \
    target##_at < windows_targets + 2;                                                                                 \
    target##_at++, target = target##_at < windows_targets + 2 ? *target##_at : NULL

/* A library of tests/windows/libs. */
static inline UNUSED_HERE const char *library_path(const char *target, const char *name) {
    static char paths[8][PATH_MAX];
    static unsigned used;
    char *path = paths[used++ % 8];
    snprintf(path, PATH_MAX, "%s/%s/%s.dll", getenv("FARCALL_TEST_LIBS"), target, name);
    if (access(path, R_OK) != 0) {
        skip_because("%s was not built: mingw-w64 is missing (tools/setup.sh)", path);
    }
    return path;
}

/* Skips where there is no Wine; anything else that is amiss fails. */
static inline UNUSED_HERE struct fc_library *open_with(const char *path, const char *target, uint32_t spin_us) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library = NULL;
    assert_non_null(options);
    assert_ok(fc_options_set_target(options, target));
    if (spin_us != UINT32_MAX) {
        assert_ok(fc_options_set_spin_us(options, spin_us));
    }
    int rc = fc_open(path, options, &library);
    if (rc == FC_ESTART && strstr(fc_error_text(), "Wine") != NULL && strstr(fc_error_text(), "install") != NULL) {
        fc_options_free(options);
        skip_because("%s", fc_error_text());
    }
    assert_ok(rc);
    fc_options_free(options);
    return library;
}

#endif
