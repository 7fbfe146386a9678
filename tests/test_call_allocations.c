/* Calls allocate nothing once they have been made a first time: malloc and its family are this program's. */
#include "call.h"
#include "libs/payloads.h"

#include <stdatomic.h>

static _Atomic unsigned allocations;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
    allocations++;
    return __libc_realloc(memory, size);
}
#endif

/* Kinds of calls; each is made of one library. */
enum { SCALARS, STRUCT, STRUCT_BY_ARRAY, TWO_WAYS, STRING, LONG_STRING, STRING_BACK, CALLBACK, KINDS };

static int on_call(int value) {
    return value + 1;
}

static const char *const prototypes[KINDS] = {
    [SCALARS] = "int calls_made(void)",
    [STRUCT] = MIXED "long mixed_change(_Inout_opt_ struct mixed *mixed)",
    [STRUCT_BY_ARRAY] = MIXED "long mixed_change(_Inout_opt_ struct mixed *mixed)",
    [TWO_WAYS] = MIXED "int mixed_calls_back(_Inout_ struct mixed *mixed)",
    [STRING] = "unsigned text_sum(_In_opt_z_ const char *text)",
    [LONG_STRING] = "unsigned text_sum(_In_opt_z_ const char *text)",
    [STRING_BACK] = "const char *text_made(int which)",
    [CALLBACK] = "void keep(int (*function)(int value))",
};

static void call(int kind, struct fc_function *function, const char *long_text) {
    static struct mixed mixed;
    struct mixed *const pointer = &mixed;
    void *const arguments[] = {(void *)&pointer};
    const char *text;
    long number;
    switch (kind) {
    case SCALARS:
        assert_ok(fc_call(function, &number));
        break;
    case STRUCT:
    case TWO_WAYS:
        assert_ok(fc_call(function, &number, &mixed));
        break;
    case STRUCT_BY_ARRAY:
        assert_ok(fc_call_array(function, &number, 1, arguments));
        break;
    case STRING:
        assert_ok(fc_call(function, &number, "short"));
        break;
    case LONG_STRING:
        assert_ok(fc_call(function, &number, long_text));
        break;
    case STRING_BACK:
        assert_ok(fc_call(function, &text, 1));
        assert_ok(fc_call(function, &text, 2));
        assert_string_equal(text, "static");
        break;
    default:
        assert_ok(fc_call(function, NULL, on_call));
        break;
    }
}

TEST(call_allocates_nothing_once_it_was_made) {
    enum { ROUNDS = 50 };
    static char long_text[30000];
    memset(long_text, 'x', sizeof long_text - 1);
    if (CALL_IS_SANITIZED || call_under_valgrind()) {
        skip_because("malloc is the instrument's");
    }
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *functions[KINDS];
        for (int kind = 0; kind < KINDS; kind++) {
            functions[kind] = call_bind(library, prototypes[kind]);
        }
        call(CALLBACK, functions[CALLBACK], long_text);
        const unsigned before_any = allocations;
        for (int kind = 0; kind < KINDS; kind++) {
            call(kind, functions[kind], long_text);
            call(kind, functions[kind], long_text);
            const unsigned before = allocations;
            for (int i = 0; i < ROUNDS; i++) {
                call(kind, functions[kind], long_text);
            }
            if (allocations != before) {
                fail_msg("%u allocations in %d calls of `%s`", allocations - before, ROUNDS, prototypes[kind]);
            }
        }
        void *volatile memory = malloc(1); /* they are counted at all */
        free(memory);
        assert_true(allocations > before_any);
        fc_library_close(library);
    }
}
