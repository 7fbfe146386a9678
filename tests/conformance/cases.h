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
 * host and in a direct session. Every run goes through the same rounds in the same order, so the library may remember things.
 * Arguments of CALL must have the very types of the parameters (a cast does it); each call checks their sizes.
 * What cannot pass yet is listed in not_yet.h; it is called directly all the same. */
#ifndef FC_TESTS_CONFORMANCE_CASES_H
#define FC_TESTS_CONFORMANCE_CASES_H

#include "call.h"
#include "conformance/not_yet.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/wait.h>
#include <wchar.h>

/* Values are squeezed into types on purpose. */
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wfloat-equal"

/* -- one run of a case ------------------------------------------------------------------------------------------------ */

enum { SEEN_MAX = 16384, BOUND_MAX = 24, SCRATCH_BYTES = 4 << 20 };

struct seen {
    const char *what;
    uint64_t value;
};
struct bound {
    const char *name;
    struct fc_function *function;
};
struct run {
    char name[64];
    void *direct;               /* from dlopen; NULL: through farcall */
    struct fc_library *library; /* NULL: direct */
    const char *target;
    struct bound bound[BOUND_MAX];
    size_t bound_count;
    uint64_t random;
    struct seen seen[SEEN_MAX];
    size_t seen_count;
    bool by_array; /* with fc_call_array */
    bool has_failed;
    char failure[2048];
    jmp_buf out;
    size_t scratch_used;
    _Alignas(16) char scratch[SCRATCH_BYTES];
};
static struct run *now; /* the one that runs */

/* The run cannot go on: what it said is its failure. */
_Noreturn static UNUSED_HERE void give_up(const char *what, const char *why) {
    snprintf(now->failure, sizeof now->failure, "%s: %s", what, why);
    now->has_failed = true;
    longjmp(now->out, 1);
}

/* Memory until the end of the round, filled with 0xa5. */
static UNUSED_HERE void *scratch(size_t size) {
    size = (size + 15) / 16 * 16;
    require(size <= SCRATCH_BYTES - now->scratch_used);
    void *memory = now->scratch + now->scratch_used;
    now->scratch_used += size;
    return memset(memory, 0xa5, size);
}
#define SCRATCH(type, count) ((type *)scratch(sizeof(type) * (size_t)(count)))

/* -- random values: such as each side's type can hold ------------------------------------------------------------------- */

static UNUSED_HERE uint64_t any_bits(void) {
    now->random ^= now->random >> 12;
    now->random ^= now->random << 25;
    now->random ^= now->random >> 27;
    return now->random * UINT64_C(0x2545f4914f6cdd1d);
}
/* low <= value <= high */
static UNUSED_HERE int any_of(int low, int high) {
    return (int)(low + (int64_t)(any_bits() % (uint64_t)((int64_t)high - low + 1)));
}
/* 30 bits and a sign: may be negated, doubled or given to a long. Of any length. */
static UNUSED_HERE int any_int(void) {
    const uint64_t bits = any_bits();
    const int value = (int)(bits >> 34) >> (bits & 31);
    return (bits >> 5) % 2 == 0 ? value : -value;
}
/* Eighths, whose sums and products are exact. */
static UNUSED_HERE double any_double(void) {
    return any_of(-(1 << 20), 1 << 20) / 8.0;
}
static UNUSED_HERE float any_float(void) {
    return (float)any_of(-(1 << 10), 1 << 10) / 8;
}
static UNUSED_HERE bool any_bool(void) {
    return any_bits() >> 63 != 0;
}
#define ANY(type)                                                                                                      \
    ((type) _Generic((type)0, float                                                                                    \
                     : any_float(), double                                                                             \
                     : any_double(), long double                                                                       \
                     : any_double(), bool                                                                              \
                     : any_bool(), long                                                                                \
                     : any_int(), unsigned long                                                                        \
                     : any_bits() >> 33, int                                                                           \
                     : any_int(), unsigned                                                                             \
                     : any_bits() >> 33, default                                                                       \
                     : any_bits()))
/* Gives the object a random value of its type. */
#define RANDOM(object) ((object) = ANY(__typeof__(object)))

/* Letters, no more than `max`; of any length. */
static UNUSED_HERE char *any_text(int max) {
    const int len = any_of(0, any_of(0, max));
    char *text = scratch((size_t)len + 1);
    for (int i = 0; i < len; i++) {
        text[i] = "abcdefghij klmnopqrstuvwxyzABCDE,.\xc3"[any_of(0, 34)];
    }
    text[len] = '\0';
    return text;
}

/* -- what is seen --------------------------------------------------------------------------------------------------------- */

static UNUSED_HERE void see(const char *what, uint64_t value) {
    if (now->seen_count == SEEN_MAX) {
        give_up(what, "more is seen than there is room for");
    }
    now->seen[now->seen_count++] = (struct seen){what, value};
}
static UNUSED_HERE void see_integer(const char *what, unsigned long long value) {
    see(what, value);
}
static UNUSED_HERE void see_double(const char *what, double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    see(what, value != value ? UINT64_C(0x7ff8000000000000) : bits);
}
static UNUSED_HERE void see_long_double(const char *what, long double value) {
    unsigned char bytes[sizeof value] = {0};
    uint64_t mantissa = 0;
    uint16_t exponent = 0;
    memcpy(bytes, &value, sizeof value);
    memcpy(&mantissa, bytes, 8);
    memcpy(&exponent, bytes + 8, 2);
    see(what, value != value ? 1 : mantissa);
    see(what, value != value ? 1 : exponent);
}
static UNUSED_HERE void see_bytes(const char *what, const void *data, size_t size) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        sum = (sum ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
    }
    see(what, size);
    see(what, sum);
}
static UNUSED_HERE void see_text(const char *what, const char *text) {
    see(what, text != NULL);
    if (text != NULL) {
        see_bytes(what, text, strlen(text));
    }
}
static UNUSED_HERE void see_wide(const char *what, const wchar_t *text) {
    see(what, text != NULL);
    if (text != NULL) {
        see_bytes(what, text, wcslen(text) * sizeof *text);
    }
}
#define SEE(value)                                                                                                     \
    _Generic((value), float                                                                                            \
             : see_double, double                                                                                      \
             : see_double, long double                                                                                 \
             : see_long_double, char *                                                                                 \
             : see_text, const char *                                                                                  \
             : see_text, wchar_t *                                                                                     \
             : see_wide, const wchar_t *                                                                               \
             : see_wide, default                                                                                       \
             : see_integer)(#value, (value))
#define SEE_BYTES(data, size) see_bytes(#data, (data), (size))
/* Each of an array's elements. */
#define SEE_EACH(array, count)                                                                                         \
    do {                                                                                                               \
        for (size_t each_ = 0; each_ < (size_t)(count); each_++) {                                                     \
            SEE((array)[each_]);                                                                                       \
        }                                                                                                              \
    } while (0)

/* -- calling -------------------------------------------------------------------------------------------------------------- */

/* The library's header as a compiler for that target sees it. To be freed. */
static UNUSED_HERE char *case_header(const char *target) {
    char path[4096];
    snprintf(path, sizeof path, "%s", harness_library(target, "conformance"));
    char *end = strstr(path, "libconformance.so");
    require(end != NULL);
    snprintf(end, sizeof path - (size_t)(end - path), "conformance.i");
    FILE *file = fopen(path, "re");
    require(file != NULL);
    char *text = NULL;
    size_t used = 0, size = 0;
    do {
        size += 65536;
        text = realloc(text, size + 1);
        require(text != NULL);
        used += fread(text + used, 1, size - used, file);
    } while (used == size);
    text[used] = '\0';
    fclose(file);
    return text;
}

/* The library is told of the whole header, for both sides. */
static UNUSED_HERE void case_declare(struct fc_library *library, const char *target) {
    struct fc_declarations *declarations = NULL;
    char *here = case_header(HARNESS_OWN_TARGET), *there = case_header(target);
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, "conformance.i", here, there));
    assert_ok(fc_library_declare(library, declarations));
    fc_declarations_free(declarations);
    free(here);
    free(there);
}

static UNUSED_HERE void *case_symbol(const char *name) {
    void *symbol = dlsym(now->direct, name);
    if (symbol == NULL) {
        give_up(name, "the library does not export it");
    }
    return symbol;
}

static UNUSED_HERE struct fc_function *case_function(const char *name) {
    for (size_t i = 0; i < now->bound_count; i++) {
        if (strcmp(now->bound[i].name, name) == 0) {
            return now->bound[i].function;
        }
    }
    struct fc_function *function = NULL;
    if (fc_bind(now->library, name, &function) != FC_OK) {
        give_up(name, fc_error_text());
    }
    require(now->bound_count < BOUND_MAX);
    now->bound[now->bound_count++] = (struct bound){name, function};
    return function;
}

/* The case itself is wrong; that is no failure that not_yet.h could promise. */
enum { CASE_EXIT_WRONG = 3 };
_Noreturn static UNUSED_HERE void case_is_wrong(const char *name, size_t index, size_t is, size_t should_be) {
    fprintf(stderr, "the case passes %zu as the size of argument %zu of %s; its prototype says %zu\n", is, index, name,
            should_be);
    fflush(NULL);
    _exit(CASE_EXIT_WRONG);
}

/* The call's arguments are read as the prototype says, so they must be what it says. */
static UNUSED_HERE struct fc_function *case_checked_function(const char *name, size_t count, const size_t *sizes) {
    struct fc_function *function = case_function(name);
    for (size_t i = 0; i < count || i < fc_function_parameter_count(function); i++) {
        const size_t is = i < count ? sizes[i] : 0, should_be = fc_parameter_size(function, i);
        if (is != should_be) {
            case_is_wrong(name, i, is, should_be);
        }
    }
    return function;
}

#define CASE_COUNT_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, n, ...) n
#define CASE_COUNT(...) CASE_COUNT_(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define CASE_PASTE_(a, b) a##b
#define CASE_PASTE(a, b) CASE_PASTE_(a, b)
/* CASE_EACH(M, list...): M(n, first) ... M(1, last), without anything in between. */
#define CASE_EACH(M, ...) __VA_OPT__(CASE_PASTE(CASE_EACH_, CASE_COUNT(__VA_ARGS__))(M, __VA_ARGS__))
#define CASE_EACH_1(M, a) M(1, a)
#define CASE_EACH_2(M, a, ...) M(2, a) CASE_EACH_1(M, __VA_ARGS__)
#define CASE_EACH_3(M, a, ...) M(3, a) CASE_EACH_2(M, __VA_ARGS__)
#define CASE_EACH_4(M, a, ...) M(4, a) CASE_EACH_3(M, __VA_ARGS__)
#define CASE_EACH_5(M, a, ...) M(5, a) CASE_EACH_4(M, __VA_ARGS__)
#define CASE_EACH_6(M, a, ...) M(6, a) CASE_EACH_5(M, __VA_ARGS__)
#define CASE_EACH_7(M, a, ...) M(7, a) CASE_EACH_6(M, __VA_ARGS__)
#define CASE_EACH_8(M, a, ...) M(8, a) CASE_EACH_7(M, __VA_ARGS__)
#define CASE_EACH_9(M, a, ...) M(9, a) CASE_EACH_8(M, __VA_ARGS__)
#define CASE_EACH_10(M, a, ...) M(10, a) CASE_EACH_9(M, __VA_ARGS__)
#define CASE_EACH_11(M, a, ...) M(11, a) CASE_EACH_10(M, __VA_ARGS__)
#define CASE_EACH_12(M, a, ...) M(12, a) CASE_EACH_11(M, __VA_ARGS__)
#define CASE_LET(n, value) __auto_type arg##n##_ = (value);
#define CASE_SIZE(n, value) , sizeof arg##n##_
#define CASE_ADDRESS(n, value) , (void *)&arg##n##_
#define CASE_VALUE(n, value) , arg##n##_
#define CASE_REST_(first, ...) __VA_ARGS__
#define CASE_REST(...) CASE_REST_(__VA_ARGS__)
#define CASE_VALUES(...) CASE_REST(0 CASE_EACH(CASE_VALUE, __VA_ARGS__))

/* The result code of a call whose result goes to *result_at; FC_OK of a direct one. */
#define CASE_CALL_THROUGH(result_at, name, ...)                                                                        \
    ({                                                                                                                 \
        const size_t sizes_[] = {0 CASE_EACH(CASE_SIZE, __VA_ARGS__)};                                                 \
        void *const addresses_[] = {NULL CASE_EACH(CASE_ADDRESS, __VA_ARGS__)};                                        \
        const size_t count_ = sizeof sizes_ / sizeof sizes_[0] - 1;                                                    \
        struct fc_function *function_ = case_checked_function(#name, count_, sizes_ + 1);                              \
        now->by_array ? fc_call_array(function_, (result_at), count_, addresses_ + 1)                                  \
                      : fc_call(function_, (result_at)CASE_EACH(CASE_VALUE, __VA_ARGS__));                             \
    })
#define CASE_MUST(name, result)                                                                                        \
    do {                                                                                                               \
        if ((result) != FC_OK) {                                                                                       \
            give_up(#name, fc_error_text());                                                                           \
        }                                                                                                              \
    } while (0)

/* Its result, of a function that has one. */
#define CALL(name, ...)                                                                                                \
    ({                                                                                                                 \
        CASE_EACH(CASE_LET, __VA_ARGS__)                                                                               \
        __typeof__(name(CASE_VALUES(__VA_ARGS__))) result_;                                                            \
        if (now->direct != NULL) {                                                                                     \
            result_ = ((__typeof__(&name))case_symbol(#name))(CASE_VALUES(__VA_ARGS__));                               \
        } else {                                                                                                       \
            memset((void *)&result_, 0, sizeof result_);                                                               \
            CASE_MUST(name, CASE_CALL_THROUGH(&result_, name, __VA_ARGS__));                                           \
        }                                                                                                              \
        result_;                                                                                                       \
    })
#define CALL_VOID(name, ...)                                                                                           \
    do {                                                                                                               \
        CASE_EACH(CASE_LET, __VA_ARGS__)                                                                               \
        if (now->direct != NULL) {                                                                                     \
            ((__typeof__(&name))case_symbol(#name))(CASE_VALUES(__VA_ARGS__));                                         \
        } else {                                                                                                       \
            CASE_MUST(name, CASE_CALL_THROUGH(NULL, name, __VA_ARGS__));                                               \
        }                                                                                                              \
    } while (0)
/* Of a function with `...`: by a prototype with the types of what stands there, or by its name if a format says so. */
#define CALL_VARIADIC(name, prototype, ...)                                                                            \
    ({                                                                                                                 \
        __typeof__(name(__VA_ARGS__)) result_;                                                                         \
        if (now->direct != NULL) {                                                                                     \
            result_ = ((__typeof__(&name))case_symbol(#name))(__VA_ARGS__);                                            \
        } else {                                                                                                       \
            memset((void *)&result_, 0, sizeof result_);                                                               \
            CASE_MUST(name, fc_call(case_function(prototype), &result_, __VA_ARGS__));                                 \
        }                                                                                                              \
        result_;                                                                                                       \
    })
/* Through farcall the call must fail with the code if `fails`; directly nothing is done. Then nothing is to be seen. */
#define CALL_FAILS(fails, code, name, ...)                                                                             \
    do {                                                                                                               \
        if (now->direct == NULL && (fails)) {                                                                          \
            CASE_EACH(CASE_LET, __VA_ARGS__)                                                                           \
            uint64_t result_[4];                                                                                       \
            memset(result_, 0x77, sizeof result_);                                                                     \
            const int code_ = CASE_CALL_THROUGH(result_, name, __VA_ARGS__);                                           \
            if (code_ != (code)) {                                                                                     \
                give_up(#name, code_ == FC_OK ? "succeeded with what does not fit" : fc_error_text());                 \
            }                                                                                                          \
            for (int i_ = 0; i_ < 32; i_++) {                                                                          \
                require(((unsigned char *)result_)[i_] == 0x77);                                                       \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* An exported variable: the value, and giving it one. */
static UNUSED_HERE struct fc_variable *case_variable(const char *name) {
    struct fc_variable *variable = NULL;
    if (fc_variable_bind(now->library, name, &variable) != FC_OK) {
        give_up(name, fc_error_text());
    }
    return variable;
}
#define READ_VARIABLE(name)                                                                                            \
    ({                                                                                                                 \
        __typeof__(name) value_;                                                                                       \
        if (now->direct != NULL) {                                                                                     \
            memcpy((void *)&value_, case_symbol(#name), sizeof value_);                                                \
        } else {                                                                                                       \
            CASE_MUST(name, fc_variable_read(case_variable(#name), (void *)&value_));                                  \
        }                                                                                                              \
        value_;                                                                                                        \
    })
#define WRITE_VARIABLE(name, ...)                                                                                      \
    do {                                                                                                               \
        const __typeof__(name) value_ = __VA_ARGS__;                                                                   \
        if (now->direct != NULL) {                                                                                     \
            memcpy(case_symbol(#name), (const void *)&value_, sizeof value_);                                          \
        } else {                                                                                                       \
            CASE_MUST(name, fc_variable_write(case_variable(#name), (const void *)&value_));                           \
        }                                                                                                              \
    } while (0)

/* The caller's long has more bits than the library's, and the other way round. */
static UNUSED_HERE bool long_shrinks(void) {
    return sizeof(long) == 8 && strcmp(now->target, "i386-linux") == 0;
}
static UNUSED_HERE bool long_grows(void) {
    return sizeof(long) == 4 && strcmp(now->target, "x86_64-linux") == 0;
}

/* -- all runs of a case ----------------------------------------------------------------------------------------------------- */

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
static const struct case_way case_ways[] = {
    {HARNESS_OTHER_TARGET, HARNESS_OTHER_TARGET, "process", false},
    {HARNESS_OWN_TARGET, HARNESS_OWN_TARGET, "process", false},
    {"direct", HARNESS_OWN_TARGET, "direct", true},
};
enum { CASE_WAYS = sizeof case_ways / sizeof case_ways[0] };

static UNUSED_HERE struct run *case_through(const struct case_way *way, const char *build) {
    struct run *run = calloc(1, sizeof *run);
    struct fc_options *options = fc_options_new();
    char name[64];
    require(run != NULL && options != NULL);
    snprintf(run->name, sizeof run->name, "%s of %s, through farcall", build, way->name);
    snprintf(name, sizeof name, "%s%s", build, way->is_direct ? "_again" : "");
    run->target = way->target;
    assert_ok(fc_options_set_backend(options, way->backend));
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

static UNUSED_HERE bool case_compare_way(const struct case_way *way, void (*body)(void), unsigned rounds) {
    struct run *runs[] = {case_through(way, case_builds[0]), case_through(way, case_builds[1])};
    const bool is_same = case_compare(runs, 2, body, rounds);
    case_end(runs[0]);
    case_end(runs[1]);
    return is_same;
}

static UNUSED_HERE bool not_yet_is_for(const struct not_yet *row, const struct case_way *way) {
    const bool from_64 = sizeof(long) == 8, to_64 = strcmp(way->target, "x86_64-linux") == 0;
    const enum not_yet_where where = way->is_direct ? NOT_YET_DIRECT
                                     : from_64      ? (to_64 ? NOT_YET_64_TO_64 : NOT_YET_64_TO_32)
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
    for (const struct case_way *way = case_ways; way < case_ways + CASE_WAYS; way++) {
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
