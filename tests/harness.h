/* tests: the harness over cmocka. One TEST is one process, followed by a check for what it left behind.
 *
 *     #include "harness.h"
 *     TEST(channel_wakes_all_waiters_when_host_dies) {
 *         if (...) skip_because("needs two CPUs");
 *         assert_int_equal(fc_call(...), FC_OK);
 *     }
 *
 * Assertions are cmocka's (assert_int_equal, assert_string_equal, assert_memory_equal ...). In a thread other than the
 * test's own, and in anything called back from C code that must not be jumped out of, use `require`.
 *
 * A program of tests is run as
 *     prog            all tests, each in a forked child; ends with "N passed, N failed, N skipped"
 *     prog NAME       one test, in this very process
 *     prog --list     their names
 * Exit status: 0 passed, 1 failed, 77 skipped.
 *
 * After a test that passed, the harness fails it if the open descriptors are not those from before, if a host
 * started for this process still lives ten seconds later, or if a child process is left. */
#ifndef FC_TESTS_HARNESS_H
#define FC_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The target that this program is built for, and the one of the other bitness. */
#ifdef __i386__
#define HARNESS_OWN_TARGET "i386-linux"
#define HARNESS_OTHER_TARGET "x86_64-linux"
#else
#define HARNESS_OWN_TARGET "x86_64-linux"
#define HARNESS_OTHER_TARGET "i386-linux"
#endif

struct harness_test {
    const char *name;
    void (*body)(void);
    struct harness_test *next;
};

/* Defines and registers a test; its body follows. Tests run in the order of their definition. */
#define TEST(name_)                                                                                                    \
    static void name_(void);                                                                                           \
    __attribute__((constructor)) static void harness_register_##name_(void) {                                          \
        static struct harness_test test = {#name_, name_, NULL};                                                       \
        harness_register(&test);                                                                                       \
    }                                                                                                                  \
    static void name_(void)

/* Ends the test as skipped, saying why: a printf format and its arguments. From any thread. */
#define skip_because(...) harness_skip(__FILE__, __LINE__, __VA_ARGS__)

/* Like assert_true, but legal in any thread and in callbacks: a failure prints and aborts the process. */
#define require(condition) ((condition) ? (void)0 : harness_abort(__FILE__, __LINE__, #condition))

/* "$FARCALL_TEST_LIBS/<target>/lib<name>.so", built from tests/libs/<name>.c. Valid until the eighth call after. */
const char *harness_library(const char *target, const char *name);
/* A file below tests/ in the source tree, such as "data/hello.exe". Valid until the eighth call after. */
const char *harness_source(const char *path);

/* For the macros above. */
void harness_register(struct harness_test *test);
_Noreturn void harness_skip(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
_Noreturn void harness_abort(const char *file, int line, const char *condition);

/* harness_leaks.c: what a test may leave behind, which is nothing.
 * `harness_leaks_begin` notes the open descriptors. `harness_leaks_end` prints each thing left since, and returns how
 * many there were. */
void harness_leaks_begin(void);
int harness_leaks_end(void);

#endif
