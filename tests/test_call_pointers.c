/* Opaque pointers: one side's, which the other only keeps and gives back. */
#include "call.h"

#include <signal.h>

#define POINTER(number) ((void *)(uintptr_t)UINT64_C(number))

/* What the callee sees of a pointer. */
static uint64_t seen(struct fc_library *library, void *pointer) {
    uint64_t number = 0;
    assert_ok(fc_call(call_bind(library, "unsigned long long number_of(_Fc_opaque_ void *pointer)"), &number, pointer));
    return number;
}

static void *keep_and_fetch(struct fc_library *library, void *pointer) {
    void *back = POINTER(0x1234);
    assert_ok(fc_call(call_bind(library, "int keep(int slot, _Fc_opaque_ void *pointer)"), NULL, 7, pointer));
    assert_ok(fc_call(call_bind(library, "_Fc_opaque_ void *kept_at(int slot)"), &back, 7));
    return back;
}

/* -- the caller's pointers ----------------------------------------------------------------------------------------- */

static const uint64_t pointers[] = {
    0,
    1,
    0x1000,
    0x08048000,
    0x7fffffff,
    UINT64_C(0x80000000),
    UINT64_C(0xdeadbeef),
    UINT64_C(0xffffefff),
    UINT64_C(0xfffff000),
    UINT64_C(0xffffffff),
#if UINTPTR_MAX > UINT32_MAX
    UINT64_C(0x100000000),
    UINT64_C(0x1deadbeef),
    UINT64_C(0x555555554000),
    UINT64_C(0x7ffff7ffe000),
    UINT64_C(0x7fffffffffff),
    UINT64_C(0x00007fff00000000),
    UINT64_C(0xffff800000000000),
    UINT64_C(0xfffffffffffff000),
    UINT64_C(0xfffffffffffff001),
    UINT64_C(0xffffffffffffefff),
    UINT64_C(0xfffffffffffffffe),
    UINT64_C(0xffffffffffffffff),
#endif
};
enum { POINTERS = sizeof pointers / sizeof pointers[0] };

TEST(call_gives_user_data_back_unchanged) {
    int local = 0;
    static int global;
    void *heap = malloc(1);
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        for (size_t i = 0; i < POINTERS; i++) {
            void *pointer = (void *)(uintptr_t)pointers[i];
            assert_ptr_equal(keep_and_fetch(library, pointer), pointer);
        }
        assert_ptr_equal(keep_and_fetch(library, &local), &local);
        assert_ptr_equal(keep_and_fetch(library, &global), &global);
        assert_ptr_equal(keep_and_fetch(library, heap), heap);
        assert_ptr_equal(keep_and_fetch(library, (void *)(uintptr_t)keep_and_fetch), (void *)(uintptr_t)keep_and_fetch);
        fc_library_close(library);
    }
    free(heap);
}

/* Low pointers and -1 go as they are; what the callee compares with NULL or (void *)-1 means the same there. */
TEST(call_keeps_the_values_that_mean_something) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        uint64_t minus_one = call_pointer_bytes(target) == 8 ? UINT64_MAX : UINT32_MAX;
        assert_int_equal(seen(library, NULL), 0);
        assert_int_equal(seen(library, (void *)-1), minus_one);
        assert_int_equal(seen(library, (void *)-4096), minus_one - 4095);
        assert_int_equal(seen(library, POINTER(0x1234)), 0x1234);
        assert_int_equal(seen(library, POINTER(0x70000000)), 0x70000000);
        void *back = NULL;
        struct fc_function *pointer_of = call_bind(library, "_Fc_opaque_ void *pointer_of(unsigned long long number)");
        assert_ok(fc_call(pointer_of, &back, minus_one));
        assert_ptr_equal(back, (void *)-1);
        assert_ok(fc_call(pointer_of, &back, minus_one - 4095));
        assert_ptr_equal(back, (void *)-4096);
        assert_ok(fc_call(pointer_of, &back, UINT64_C(0)));
        assert_null(back);
        fc_library_close(library);
    }
}

TEST(call_gives_a_pointer_one_stand_in) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *are_equal = call_bind(library, "int are_equal(_Fc_opaque_ void *a, _Fc_opaque_ void *b)");
        for (size_t a = 0; a < POINTERS; a++) {
            for (size_t b = 0; b < POINTERS; b++) {
                int equal = -1;
                void *first = (void *)(uintptr_t)pointers[a], *second = (void *)(uintptr_t)pointers[b];
                assert_ok(fc_call(are_equal, &equal, first, second));
                assert_int_equal(equal, a == b);
            }
        }
        fc_library_close(library);
    }
}

TEST(call_keeps_offsets_within_a_stand_in) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "pointers");
    struct fc_function *plus = call_bind(library, "_Fc_opaque_ void *plus(_Fc_opaque_ void *pointer, int offset)");
    char *local = (char *)&library;
    for (int offset = 0; offset < 16; offset++) {
        void *back = NULL;
        assert_ok(fc_call(plus, &back, local, offset));
        assert_ptr_equal(back, local + offset);
    }
    fc_library_close(library);
}

#if UINTPTR_MAX > UINT32_MAX
/* High pointers become tokens: below 4 GiB, 16 bytes apart. What lies in the range of tokens is no token. */
TEST(call_makes_tokens_of_high_pointers) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "pointers");
    uint64_t first = seen(library, POINTER(0x7fff00000000)), second = seen(library, POINTER(0x7fff00000001));
    assert_true(first > 0xffff && first < UINT32_MAX);
    assert_int_equal(second, first + 16);
    assert_int_equal(seen(library, POINTER(0x7fff00000000)), first);
    /* The caller has a pointer of the same value as a token. */
    void *twin = (void *)(uintptr_t)first;
    assert_int_not_equal(seen(library, twin), first);
    assert_ptr_equal(keep_and_fetch(library, twin), twin);
    assert_ptr_equal(keep_and_fetch(library, POINTER(0x7fff00000000)), POINTER(0x7fff00000000));
    /* The callee makes a pointer up that lies among the tokens. */
    void *back = POINTER(5);
    struct fc_function *pointer_of = call_bind(library, "_Fc_opaque_ void *pointer_of(unsigned long long number)");
    assert_error(fc_call(pointer_of, &back, first + UINT64_C(16000)), FC_EPROTO,
                 "stands for no pointer that it was given");
    assert_ptr_equal(back, POINTER(5));
    fc_library_close(library);
}

TEST(call_keeps_many_tokens) {
    enum { COUNT = 20000, SLOTS = 4096 };
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "pointers");
    struct fc_function *keep = call_bind(library, "int keep(int slot, _Fc_opaque_ void *pointer)");
    struct fc_function *kept_at = call_bind(library, "_Fc_opaque_ void *kept_at(int slot)");
    const unsigned count = call_scaled(COUNT);
    for (unsigned i = 0; i < count; i++) {
        assert_ok(fc_call(keep, NULL, (int)(i % SLOTS),
                          (void *)(uintptr_t)(UINT64_C(0x100000000) + UINT64_C(0x12345678) * i)));
    }
    for (unsigned i = count > SLOTS ? count - SLOTS : 0; i < count; i++) {
        void *back = NULL;
        assert_ok(fc_call(kept_at, &back, (int)(i % SLOTS)));
        assert_int_equal((uintptr_t)back, UINT64_C(0x100000000) + UINT64_C(0x12345678) * i);
    }
    fc_library_close(library);
}

/* The library looks through a pointer that nobody described. */
TEST(call_explains_a_fault_at_a_token) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "pointers");
    struct fc_function *look = call_bind(library, "int look(_Fc_opaque_ const int *pointer)");
    int local = 5, result = 0;
    assert_error(fc_call(look, &result, &local), FC_EDIED, "SIGSEGV");
    assert_error_text("`look`");
    assert_error_text("argument `pointer`");
    assert_error_text("annotation");
    fc_library_close(library);
}
#endif

/* -- the callee's pointers ----------------------------------------------------------------------------------------- */

TEST(call_returns_pointers_of_the_callee) {
    static const uint64_t theirs[] = {0x1000,
                                      0x40000000,
                                      UINT64_C(0xfffeffff),
                                      UINT64_C(0x100000000),
                                      UINT64_C(0x7fffffffe000),
                                      UINT64_C(0xffff800000000000)};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *pointer_of = call_bind(library, "_Fc_opaque_ void *pointer_of(unsigned long long number)");
        struct fc_function *number_of = call_bind(library, "unsigned long long number_of(_Fc_opaque_ void *pointer)");
        void *handles[6];
        for (size_t i = 0; i < 6; i++) {
            uint64_t back = 0, wanted = call_pointer_bytes(target) == 4 ? (uint32_t)theirs[i] : theirs[i];
            assert_ok(fc_call(pointer_of, &handles[i], theirs[i]));
            assert_ok(fc_call(number_of, &back, handles[i]));
            assert_int_equal(back, wanted);
            void *again = NULL;
            assert_ok(fc_call(pointer_of, &again, theirs[i]));
            assert_ptr_equal(again, handles[i]);
        }
        fc_library_close(library);
    }
}

#define THING "struct thing; "

TEST(call_passes_handles_around) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *new = call_bind(library, THING "struct thing *thing_new(int number)");
        struct fc_function *number_of = call_bind(library, THING "int thing_number(const struct thing *thing)");
        struct fc_function *delete =
            call_bind(library, "typedef struct thing thing_t; void thing_free(thing_t *thing)");
        void *things[100];
        for (int i = 0; i < 100; i++) {
            assert_ok(fc_call(new, &things[i], i));
            assert_non_null(things[i]);
        }
        for (int i = 0; i < 100; i++) {
            int number = -5;
            assert_ok(fc_call(number_of, &number, things[i]));
            assert_int_equal(number, i);
            assert_ok(fc_call(delete, NULL, things[i]));
        }
        int number = -5;
        assert_ok(fc_call(number_of, &number, NULL));
        assert_int_equal(number, -1);
        fc_library_close(library);
    }
}

TEST(call_returns_handles_through_parameters) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *open =
            call_bind(library, THING "int thing_open(int number, _Outptr_ struct thing **ret_thing)");
        struct fc_function *number_of = call_bind(library, THING "int thing_number(const struct thing *thing)");
        struct fc_function *close = call_bind(library, THING "void thing_close(_Inout_ struct thing **thing)");
        void *thing = NULL, *kept;
        int result = -1, number = 0;
        assert_ok(fc_call(open, &result, 42, &thing));
        assert_int_equal(result, 0);
        assert_ok(fc_call(number_of, &number, thing));
        assert_int_equal(number, 42);
        /* Not written: it stays, whatever it is. */
        kept = thing;
        assert_ok(fc_call(open, &result, -1, &thing));
        assert_int_equal(result, 1);
        assert_ptr_equal(thing, kept);
        void *low = POINTER(0x1230);
        assert_ok(fc_call(open, &result, -1, &low));
        assert_ptr_equal(low, POINTER(0x1230));
        /* Written as NULL. */
        assert_ok(fc_call(open, &result, 0, &low));
        assert_null(low);
        /* In and out. */
        assert_ok(fc_call(close, NULL, &thing));
        assert_null(thing);
        assert_ok(fc_call(call_bind(library, THING "int thing_open(int number, _Out_ struct thing **ret_thing)"),
                          &result, 43, &thing));
        assert_ok(fc_call(number_of, &number, thing));
        assert_int_equal(number, 43);
        fc_library_close(library);
    }
}

/* What lies in an output before the call may be anything, and is no reason to fail: here, each pointer of the callee's
 * and each stand-in that was ever seen. */
TEST(call_takes_anything_in_an_output) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *open =
            call_bind(library, THING "int thing_open(int number, _Outptr_ struct thing **ret_thing)");
        struct fc_function *pointer_of = call_bind(library, "_Fc_opaque_ void *pointer_of(unsigned long long number)");
        void *stand_in = NULL;
        assert_ok(fc_call(pointer_of, &stand_in, UINT64_C(0x7fffffffe000)));
        uint64_t token = seen(library, (void *)-5000);
        void *const before[] = {stand_in,
                                (char *)stand_in + 3,
                                (char *)stand_in + 0x8000,
                                (void *)(uintptr_t)token,
                                (void *)(uintptr_t)(token + 160),
                                POINTER(0xfffff123)};
        for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
            void *thing = before[i];
            int result = -1;
            assert_ok(fc_call(open, &result, -1, &thing));
            assert_ptr_equal(thing, before[i]);
        }
        fc_library_close(library);
    }
}

TEST(call_passes_arrays_of_handles) {
    enum { COUNT = 10 };
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *make =
            call_bind(library, THING "int things_make(_Out_writes_(count) struct thing **things, int count, int made)");
        struct fc_function *sum =
            call_bind(library, THING "int things_sum(_In_reads_(count) struct thing *const *things, int count)");
        struct fc_function *number_of = call_bind(library, THING "int thing_number(const struct thing *thing)");
        void *things[COUNT];
        for (int i = 0; i < COUNT; i++) {
            things[i] = POINTER(0x4440);
        }
        int result = 0;
        assert_ok(fc_call(make, &result, things, COUNT, 6));
        assert_int_equal(result, 6);
        for (int i = 0; i < COUNT; i++) {
            if (i < 6) {
                assert_ok(fc_call(number_of, &result, things[i]));
                assert_int_equal(result, 100 + i);
            } else {
                assert_ptr_equal(things[i], POINTER(0x4440));
            }
        }
        things[1] = NULL; /* counts as -1 */
        assert_ok(fc_call(sum, &result, things, 4));
        assert_int_equal(result, 100 - 1 + 102 + 103);
        fc_library_close(library);
    }
}

TEST(call_passes_arrays_of_user_data) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *keep =
            call_bind(library, "struct user; int pointers_keep(_In_reads_(count) struct user *const *data, int count)");
        struct fc_function *reverse = call_bind(
            library, "struct user; void pointers_reverse(_Inout_updates_(count) struct user **data, int count)");
        struct fc_function *kept_at = call_bind(library, "_Fc_opaque_ void *kept_at(int slot)");
        void *data[POINTERS];
        for (size_t i = 0; i < POINTERS; i++) {
            data[i] = (void *)(uintptr_t)pointers[i];
        }
        assert_ok(fc_call(keep, NULL, data, (int)POINTERS));
        assert_ok(fc_call(reverse, NULL, data, (int)POINTERS));
        for (size_t i = 0; i < POINTERS; i++) {
            void *back = POINTER(0x4440);
            assert_ok(fc_call(kept_at, &back, (int)i));
            assert_int_equal((uintptr_t)back, (uintptr_t)pointers[i]);
            assert_int_equal((uintptr_t)data[POINTERS - 1 - i], (uintptr_t)pointers[i]);
        }
        fc_library_close(library);
    }
}

/* -- pointers into arguments --------------------------------------------------------------------------------------- */

/* They come back as the argument plus the offset, wherever the callee found it. */
TEST(call_returns_pointers_into_arguments) {
    static const size_t lengths[] = {1, 5, 7, 8, 15, 16, 30, 38, 39, 40, 47, 48, 100, 4096, 70000};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *find = call_bind(library, "_Fc_opaque_ char *find(_In_z_ const char *text, int character)");
        struct fc_function *find_text = call_bind(library, "const char *find(_In_z_ const char *text, int character)");
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            char *text = malloc(lengths[i] + 1), *found = NULL;
            assert_non_null(text);
            memset(text, '.', lengths[i]);
            text[lengths[i] - 1] = 'x';
            text[lengths[i]] = '\0';
            assert_ok(fc_call(find, &found, text, 'x'));
            assert_ptr_equal(found, text + lengths[i] - 1);
            assert_ok(fc_call(find, &found, text, 0));
            assert_ptr_equal(found, text + lengths[i]);
            assert_ok(fc_call(find, &found, text, 'y'));
            assert_null(found);
            assert_ok(fc_call(find_text, &found, text, 'x'));
            assert_ptr_equal(found, text + lengths[i] - 1);
            assert_ok(fc_call(find_text, &found, text, 'y'));
            assert_null(found);
            free(text);
        }
        fc_library_close(library);
    }
}

TEST(call_returns_pointers_into_arguments_through_parameters) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *parse = call_bind(library, "long parse(_In_z_ const char *text, _Outptr_opt_ char **end)");
        char text[] = "123 and more", *end = NULL;
        long number = 0;
        assert_ok(fc_call(parse, &number, text, &end));
        assert_int_equal(number, 123);
        assert_ptr_equal(end, text + 3);
        assert_ok(fc_call(parse, &number, text + 5, &end));
        assert_int_equal(number, 0);
        assert_ptr_equal(end, text + 5);
        assert_ok(fc_call(parse, &number, text, NULL));
        assert_int_equal(number, 123);
        fc_library_close(library);
    }
}

TEST(call_returns_pointers_into_buffers) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *fill = call_bind(library, "_Ret_z_ char *fill(_Out_writes_(size) char *buffer, int size)");
        char buffer[20] = "";
        const char *back = NULL;
        assert_ok(fc_call(fill, &back, buffer, 10));
        assert_ptr_equal(back, buffer);
        assert_string_equal(buffer, "fffffffff");
        /* Elements whose size differs between the sides. */
        struct fc_function *largest =
            call_bind(library, "_Fc_opaque_ long *largest(_Inout_updates_(count) long *values, int count)");
        long values[] = {3, -5, 70, 6}, *found = NULL;
        assert_ok(fc_call(largest, &found, values, 4));
        assert_ptr_equal(found, &values[2]);
        assert_ok(fc_call(largest, &found, values, 2));
        assert_ptr_equal(found, &values[0]);
        /* In memory that both sides see. */
        char *shared = fc_alloc(fc_library_session(library), 20);
        assert_ok(fc_call(fill, &back, shared, 10));
        assert_ptr_equal(back, shared);
        fc_library_close(library);
    }
}

TEST(call_tells_the_end_of_an_argument_from_the_next) {
    static const char a[128], b[128];
    static const int sizes[] = {0, 1, 4, 7, 8, 16, 24, 32, 40, 48, 64, 100};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *end_of =
            call_bind(library, "_Fc_opaque_ const char *end_of(_In_reads_(a_size) const char *a, int a_size, "
                               "_In_reads_(b_size) const char *b, int b_size, int which)");
        for (size_t i = 0; i < (size_t)SIZES * SIZES; i++) {
            const int a_size = sizes[i / SIZES], b_size = sizes[i % SIZES];
            const char *end = NULL;
            assert_ok(fc_call(end_of, &end, a, a_size, b, b_size, 0));
            assert_ptr_equal(end, a + a_size);
            assert_ok(fc_call(end_of, &end, a, a_size, b, b_size, 1));
            assert_ptr_equal(end, b + b_size);
        }
        fc_library_close(library);
    }
}

/* Strings that only the library looks at. */
TEST(call_treats_annotated_strings_as_opaque) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        void *text = NULL;
        int is_text = 0;
        assert_ok(fc_call(call_bind(library, "_Fc_opaque_ const char *as_text(void)"), &text));
        assert_ok(fc_call(call_bind(library, "int is_text(_Fc_opaque_ const char *text)"), &is_text, text));
        assert_int_equal(is_text, 1);
        fc_library_close(library);
    }
}

TEST(call_passes_functions_and_null) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *function = call_bind(library, "int has_callback(int (*callback)(int))");
        int result = -1;
        assert_ok(fc_call(function, &result, NULL));
        assert_int_equal(result, 0);
        assert_ok(fc_call(function, &result, abs));
        assert_int_equal(result, 1);
        fc_library_close(library);
    }
}

/* Handles of a host that died are not the next one's: but the numbers that stand for the caller's pointers stay. */
TEST(call_keeps_user_data_over_the_death_of_a_host) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "pointers");
    uint64_t token = seen(library, &library), again;
    struct fc_function *number_of = call_bind(library, "unsigned long long number_of(_Fc_opaque_ void *pointer)");
    assert_int_equal(kill(fc_session_host_pid(fc_library_session(library)), SIGKILL), 0);
    int result;
    while ((result = fc_call(number_of, &again, &library)) == FC_EDIED) {
    }
    assert_ok(result);
    assert_int_equal(again, token);
    fc_library_close(library);
}
