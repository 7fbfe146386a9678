#include "harness.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SKIPPED = 77 };

static struct harness_test *first_test;
static struct harness_test **last_link = &first_test;
static const struct harness_test *running;

void harness_register(struct harness_test *test) {
    *last_link = test;
    last_link = &test->next;
}

_Noreturn void harness_skip(const char *file, int line, const char *format, ...) {
    va_list list;
    fflush(stdout);
    fprintf(stderr, "SKIPPED %s: ", running != NULL ? running->name : "?");
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, " (%s:%d)\n", file, line);
    fflush(stderr);
    _exit(EXIT_SKIPPED); /* not exit: a leak report of what the test holds just now would change the status */
}

_Noreturn void harness_abort(const char *file, int line, const char *condition) {
    fflush(stdout);
    fprintf(stderr, "%s:%d: requirement failed: %s\n", file, line, condition);
    fflush(stderr);
    abort();
}

/* -- Paths -------------------------------------------------------------------------------------------------------- */

static char *next_path_buffer(void) {
    static __thread char buffers[8][PATH_MAX];
    static __thread unsigned next;
    return buffers[next++ % 8];
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        fail_msg("%s is not set", name);
    }
    return value;
}

const char *harness_library(const char *target, const char *name) {
    char *path = next_path_buffer();
    const bool is_windows = strstr(target, "-windows") != NULL;
    snprintf(path, PATH_MAX, "%s/%s/%s%s%s", variable("FARCALL_TEST_LIBS"), target, is_windows ? "" : "lib", name,
             is_windows ? ".dll" : ".so");
    return path;
}

const char *harness_source(const char *path) {
    char *whole = next_path_buffer();
    snprintf(whole, PATH_MAX, "%s/%s", variable("FARCALL_TEST_SOURCE"), path);
    return whole;
}

static void set_default(const char *name, const char *folder, const char *below) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s%s", folder, below);
    setenv(name, path, 0);
}

/* What ctest sets, for a program started by hand: it lies in <build>/tests. */
static void set_default_environment(void) {
    char build[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", build, sizeof build - 1);
    if (len <= 0) {
        return;
    }
    build[len] = '\0';
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(build, '/');
        if (slash == NULL) {
            return;
        }
        *slash = '\0';
    }
    set_default("FARCALL_TEST_BUILD", build, "");
    set_default("FARCALL_TEST_LIBS", build, "/testlibs");
    set_default("FARCALL_BIN", build, "/bin/farcall");
    set_default("FARCALL_TEST_SOURCE", HARNESS_SOURCE_DIR, "");
}

/* -- One test ----------------------------------------------------------------------------------------------------- */

/* cmocka turns these into a failed test without a trace. A crash must stay a crash, to be seen by ctest, a debugger
 * and the sanitizers, so their dispositions from before are put back inside the test. */
static const int crash_signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS};
enum { CRASH_SIGNALS = sizeof crash_signals / sizeof crash_signals[0] };
static struct sigaction crash_actions[CRASH_SIGNALS];

static void run_body(void **state) {
    (void)state;
    for (size_t i = 0; i < CRASH_SIGNALS; i++) {
        sigaction(crash_signals[i], &crash_actions[i], NULL);
    }
    running->body();
}

static int run_here(const struct harness_test *test) {
    const struct CMUnitTest unit = {.name = test->name, .test_func = run_body};
    running = test;
    for (size_t i = 0; i < CRASH_SIGNALS; i++) {
        sigaction(crash_signals[i], NULL, &crash_actions[i]);
    }
    fflush(stdout);
    harness_leaks_begin();
    int failures = _cmocka_run_group_tests(test->name, &unit, 1, NULL, NULL);
    if (failures == 0) {
        failures = harness_leaks_end();
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILED;
}

/* -- All tests ---------------------------------------------------------------------------------------------------- */

static int run_in_child(const struct harness_test *test) {
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return EXIT_FAILED;
    }
    if (child == 0) {
        exit(run_here(test));
    }
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            perror("waitpid");
            return EXIT_FAILED;
        }
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "%s: killed by signal %d (%s)\n", test->name, WTERMSIG(status), strsignal(WTERMSIG(status)));
        return EXIT_FAILED;
    }
    return WEXITSTATUS(status);
}

static int run_all(void) {
    unsigned passed = 0, failed = 0, skipped = 0;
    for (const struct harness_test *test = first_test; test != NULL; test = test->next) {
        switch (run_in_child(test)) {
        case EXIT_SUCCESS:
            passed++;
            break;
        case EXIT_SKIPPED:
            skipped++;
            break;
        default:
            failed++;
            printf("FAILED %s\n", test->name);
        }
    }
    printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILED;
}

int main(int argc, char **argv) {
    set_default_environment();
    if (argc == 1) {
        return run_all();
    }
    bool list = strcmp(argv[1], "--list") == 0;
    for (const struct harness_test *test = first_test; test != NULL; test = test->next) {
        if (list) {
            puts(test->name);
        } else if (strcmp(argv[1], test->name) == 0) {
            return run_here(test);
        }
    }
    if (list) {
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "%s: no test is named '%s'; --list shows them\n", argv[0], argv[1]);
    return EXIT_USAGE;
}
