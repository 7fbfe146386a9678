/* tests: the calls of a case, directly or through farcall. Part of cases.h. */
#ifndef FC_TESTS_CONFORMANCE_CALLS_H
#define FC_TESTS_CONFORMANCE_CALLS_H

#include "conformance/run.h"

#include <dlfcn.h>
#include <errno.h>

/* -- calling ------------------------------------------------------------------------------------------------------- */

/* The library's header as a compiler for that target sees it. To be freed. */
static UNUSED_HERE char *case_header(const char *target) {
    char path[4096];
    snprintf(path, sizeof path, "%s", harness_library(target, "conformance"));
    char *end = strrchr(path, '/');
    require(end != NULL);
    snprintf(end, sizeof path - (size_t)(end - path), "/conformance.i");
    FILE *file = fopen(path, "re");
    require(file != NULL);
    char *text = call_read(file);
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

#endif
