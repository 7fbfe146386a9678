/* tests: a conformance case is written once, and runs directly and through farcall, with the same random values.
 *
 *     CASE(divide_has_two_outputs) {
 *         int quotient = 0, remainder = 0;
 *         SEE(CALL(divide, any_int(), any_small(), &quotient, &remainder));
 *         SEE(quotient);
 *         SEE(remainder);
 *     }
 *
 * What it SEEs must be the same each time: of the library of this program's own bitness, loaded into it, without
 * optimisation and with it, and of both through farcall: those of the other bitness in a host, those of its own in a
 * host and in a direct session. Every run goes through the same rounds in the same order, so the library may remember
 * things. Arguments of CALL must have the very types of the parameters (a cast does it); each call checks their sizes.
 * What cannot pass yet is listed in not_yet.h; it is called directly all the same. */
#ifndef FC_TESTS_CONFORMANCE_CASES_H
#define FC_TESTS_CONFORMANCE_CASES_H

#include "conformance/calls.h"
#include "conformance/not_yet.h"

#include <sys/wait.h>

/* -- all runs of a case -------------------------------------------------------------------------------------------- */

static const char *const case_builds[] = {"conformance_o0", "conformance_o2"};

static UNUSED_HERE struct run *case_direct(const char *build) {
    struct run *run = calloc(1, sizeof *run);
    require(run != NULL);
    snprintf(run->name, sizeof run->name, "%s, called directly", build);
    run->target = HARNESS_OWN_TARGET;
    run->direct = dlopen(harness_library(HARNESS_OWN_TARGET, build), RTLD_NOW | RTLD_LOCAL);
    if (run->direct == NULL) {
        fail_msg("%s", dlerror());
    }
    return run;
}
/* The ways through farcall. */
struct case_way {
    const char *name, *target, *backend;
    bool is_direct;
};
static const struct case_way case_ways_here[] = {
    {HARNESS_OTHER_TARGET, HARNESS_OTHER_TARGET, "process", false},
    {HARNESS_OWN_TARGET, HARNESS_OWN_TARGET, "process", false},
    {"direct", HARNESS_OWN_TARGET, "direct", true},
    {NULL, NULL, NULL, false},
};
/* As clang made the library for Microsoft's targets, and as gcc did for mingw's. */
static const struct case_way case_ways_to_windows[] = {
    {"i386-windows", "i386-windows", "process", false},
    {"x86_64-windows", "x86_64-windows", "process", false},
    {"i386-windows-gnu", "i386-windows-gnu", "process", false},
    {"x86_64-windows-gnu", "x86_64-windows-gnu", "process", false},
    {NULL, NULL, NULL, false},
};
static UNUSED_HERE bool case_is_for_windows(void) {
    const char *what = getenv("FARCALL_TEST_CONFORMANCE");
    return what != NULL && strcmp(what, "windows") == 0;
}
/* Hosts for Windows take long to start, so there is one for each: clang's libraries are optimised, gcc's are not. */
static UNUSED_HERE const char *case_windows_build(const struct case_way *way) {
    return case_builds[strstr(way->target, "-gnu") == NULL];
}
/* False if Wine or one of the compilers is not there: the way is none then. */
static UNUSED_HERE bool case_has_way(const struct case_way *way) {
    return !case_is_for_windows() || access(harness_library(way->target, case_windows_build(way)), R_OK) == 0;
}

/* What the runs of this moment are compared with, the direct one among them; NULL: direct ones. */
static const struct case_way *way_now;
static UNUSED_HERE bool is_to_windows(void) {
    return way_now != NULL && case_is_for_windows();
}
static UNUSED_HERE bool is_to_msvc(void) {
    return is_to_windows() && strstr(way_now->target, "-gnu") == NULL;
}

static UNUSED_HERE struct run *case_through(const struct case_way *way, const char *build) {
    struct run *run = calloc(1, sizeof *run);
    struct fc_options *options = fc_options_new();
    char name[64];
    require(run != NULL && options != NULL);
    snprintf(run->name, sizeof run->name, "%s of %s, through farcall", build, way->name);
    snprintf(name, sizeof name, "%s%s", build, way->is_direct ? "_again" : "");
    run->target = way->target;
    assert_ok(fc_options_set_backend(options, way->backend));
    assert_ok(fc_options_set_target(options, way->target));
    assert_ok(fc_open(harness_library(way->target, name), options, &run->library));
    case_declare(run->library, way->target);
    fc_options_free(options);
    return run;
}
static UNUSED_HERE void case_end(struct run *run) {
    if (run->direct != NULL) {
        dlclose(run->direct);
    }
    fc_library_close(run->library);
    free(run);
}

/* One round of one run; what it saw is in it. */
static UNUSED_HERE bool case_round(struct run *run, void (*body)(void), unsigned round) {
    now = run;
    run->random = UINT64_C(0x9e3779b97f4a7c15) * (round + 1);
    run->seen_count = 0;
    run->scratch_used = 0;
    run->by_array = round % 2 != 0;
    any_bits();
    if (setjmp(run->out) == 0) {
        body();
    }
    return !run->has_failed;
}

/* Where the two differ, if they do, as text. */
static UNUSED_HERE bool case_same(const struct run *first, struct run *run, unsigned round) {
    for (size_t i = 0; i < first->seen_count || i < run->seen_count; i++) {
        const struct seen none = {"nothing", 0}, *a = i < first->seen_count ? &first->seen[i] : &none,
                          *b = i < run->seen_count ? &run->seen[i] : &none;
        if (a->value != b->value || a->what != b->what) {
            snprintf(run->failure, sizeof run->failure, "round %u, sight %zu: `%s` is %#llx; of %s `%s` is %#llx",
                     round, i, b->what, (unsigned long long)b->value, first->name, a->what,
                     (unsigned long long)a->value);
            return false;
        }
    }
    return true;
}

/* The runs, beside a direct one that they must equal. False, and says where, if one does not. */
static UNUSED_HERE bool case_compare(struct run **runs, size_t count, void (*body)(void), unsigned rounds) {
    struct run *first = case_direct(case_builds[0]);
    bool is_same = true;
    size_t seen = 0;
    for (unsigned round = 0; is_same && round < rounds; round++) {
        if (!case_round(first, body, round)) {
            fail_msg("%s: %s", first->name, first->failure);
        }
        seen += first->seen_count;
        for (size_t i = 0; is_same && i < count; i++) {
            is_same = case_round(runs[i], body, round) && case_same(first, runs[i], round);
            if (!is_same) {
                print_error("%s: %s\n", runs[i]->name, runs[i]->failure);
            }
        }
    }
    if (is_same && seen == 0) {
        print_error("the case sees nothing\n");
        is_same = false;
    }
    case_end(first);
    return is_same;
}

static UNUSED_HERE bool case_compare_windows(const struct case_way *way, void (*body)(void), unsigned rounds) {
    struct run *run = case_through(way, case_windows_build(way));
    const bool is_same = case_compare(&run, 1, body, rounds > 20 ? 20 : rounds);
    case_end(run);
    return is_same;
}

static UNUSED_HERE bool case_compare_way(const struct case_way *way, void (*body)(void), unsigned rounds) {
    way_now = way;
    if (case_is_for_windows()) {
        return case_compare_windows(way, body, rounds);
    }
    struct run *runs[] = {case_through(way, case_builds[0]), case_through(way, case_builds[1])};
    const bool is_same = case_compare(runs, 2, body, rounds);
    case_end(runs[0]);
    case_end(runs[1]);
    return is_same;
}

static UNUSED_HERE bool not_yet_is_for(const struct not_yet *row, const struct case_way *way) {
    const bool from_64 = sizeof(long) == 8, to_64 = strncmp(way->target, "x86_64", 6) == 0;
    const bool is_gnu = strstr(way->target, "-gnu") != NULL;
    const enum not_yet_where where = way->is_direct ? NOT_YET_DIRECT
                                     : case_is_for_windows()
                                         ? (is_gnu ? (to_64 ? NOT_YET_TO_MINGW_64 : NOT_YET_TO_MINGW_32)
                                                   : (to_64 ? NOT_YET_TO_MSVC_64 : NOT_YET_TO_MSVC_32))
                                     : from_64 ? (to_64 ? NOT_YET_64_TO_64 : NOT_YET_64_TO_32)
                                               : (to_64 ? NOT_YET_32_TO_64 : NOT_YET_32_TO_32);
    return (row->where & where) != 0;
}

/* In a process of its own, since nobody knows how it fails. */
static UNUSED_HERE bool case_fails(const struct case_way *way, void (*body)(void), unsigned rounds) {
    fflush(NULL);
    const pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        alarm(60);
        const bool is_same = case_compare_way(way, body, rounds);
        fflush(NULL);
        _exit(is_same ? 0 : 1);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        require(errno == EINTR);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == CASE_EXIT_WRONG) {
        fail_msg("the case is wrong");
    }
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static UNUSED_HERE void case_run(const char *name, void (*body)(void), unsigned rounds) {
    const struct not_yet *row = NULL;
    for (const struct not_yet *at = not_yet; at->name != NULL; at++) {
        row = strcmp(at->test, CONFORMANCE_TEST) == 0 && strcmp(at->name, name) == 0 ? at : row;
    }
    rounds = rounds > 20 ? call_scaled(rounds) : rounds;
    struct run *direct = case_direct(case_builds[1]);
    bool is_same = case_compare(&direct, 1, body, rounds);
    case_end(direct);
    const struct case_way *way = case_is_for_windows() ? case_ways_to_windows : case_ways_here;
    for (bool has_any = false; way->name != NULL || !has_any; way++) {
        if (way->name == NULL) {
            skip_because("there is no conformance library for Windows: a compiler is missing (tools/setup.sh)");
        }
        if (!case_has_way(way)) {
            continue;
        }
        has_any = true;
        if (row == NULL || !not_yet_is_for(row, way)) {
            is_same = case_compare_way(way, body, rounds) && is_same;
        } else if (!case_fails(way, body, rounds)) {
            print_error("%s passes with %s now: its row in tests/conformance/not_yet.h must go\n", name, way->name);
            is_same = false;
        }
    }
    assert_true(is_same);
    if (row != NULL) {
        skip_because("not yet: %s", row->why);
    }
}

/* Each case's name, to be asked whether rows of not_yet.h have one. */
static struct case_name {
    const char *name;
    struct case_name *next;
} * case_names;

enum { CASE_ROUNDS = 200 };
#define CASE_TIMES(name_, rounds_)                                                                                     \
    static void case_##name_(void);                                                                                    \
    TEST(name_) {                                                                                                      \
        case_run(#name_, case_##name_, (rounds_));                                                                     \
    }                                                                                                                  \
    __attribute__((constructor)) static void case_note_##name_(void) {                                                 \
        static struct case_name name = {#name_, NULL};                                                                 \
        name.next = case_names;                                                                                        \
        case_names = &name;                                                                                            \
    }                                                                                                                  \
    static void case_##name_(void)
#define CASE(name) CASE_TIMES(name, CASE_ROUNDS)

TEST(what_cannot_pass_yet_is_listed_by_names_of_cases) {
    unsigned rows = 0;
    for (const struct not_yet *row = not_yet; row->name != NULL; row++) {
        const struct case_name *name = case_names;
        while (strcmp(row->test, CONFORMANCE_TEST) == 0 && name != NULL && strcmp(name->name, row->name) != 0) {
            name = name->next;
        }
        if (name == NULL) {
            fail_msg("not_yet.h names `%s`, which is no case", row->name);
        }
        if (strcmp(row->test, CONFORMANCE_TEST) == 0) {
            print_message("not yet: %s: %s\n", row->name, row->why);
            rows++;
        }
    }
    print_message("%u cases of " CONFORMANCE_TEST " cannot pass yet\n", rows);
}

#endif
