/* Functions of the library that the caller calls by pointer. */
#include "call.h"
#include "libs/thunks.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>

#define TABLE                                                                                                          \
    "struct small { int a, b; }; struct mixed { double a; int b; }; struct turned { int a; double b; };"               \
    "struct doubles { double a, b; }; struct large { long a; double b; char text[20]; };"                              \
    "struct table {"                                                                                                   \
    "    int (*add)(int a, int b);"                                                                                    \
    "    long long (*wide)(long long a, signed char b, unsigned short c);"                                             \
    "    float (*half)(float a);"                                                                                      \
    "    double (*many)(double a, double b, double c, double d, double e, double f, double g, double h, double i,"     \
    "                   int j, int k, int l, int m, int n, int o, int p);"                                             \
    "    long double (*precise)(int a, long double b);"                                                                \
    "    _Bool (*is_odd)(unsigned char a);"                                                                            \
    "    struct small (*make_small)(int a);"                                                                           \
    "    struct mixed (*make_mixed)(struct turned from);"                                                              \
    "    struct turned (*make_turned)(struct mixed from);"                                                             \
    "    struct doubles (*make_doubles)(struct doubles a, struct doubles b);"                                          \
    "    struct large (*make_large)(struct large from, int by);"                                                       \
    "    const char *(*name_of)(int a);"                                                                               \
    "    size_t (*copy_text)(_Out_writes_z_(size) char *to, size_t size, _In_z_ const char *from);"                    \
    "    void (*count_up)(_Inout_ int *value);"                                                                        \
    "    int (*fail_with)(int number);"                                                                                \
    "    int (*apply)(int (*function)(int), int value);"                                                               \
    "    void (*end_it)(void);"                                                                                        \
    "    long (*shrink)(long value);"                                                                                  \
    "    _Fc_opaque_ void *none;"                                                                                      \
    "};"

static int times_seven(int value) {
    return value * 7;
}

static void use_table(const struct table *table) {
    assert_int_equal(table->add(2, 3), 5);
    assert_int_equal(table->add(INT_MAX, INT_MIN), -1);
    assert_true(table->wide(LLONG_MAX / 100, -100, 65535) == LLONG_MAX / 100 * -100 + 65535);
    assert_true(table->half(3.0f) == 1.5f);
    assert_true(table->many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16) == 136);
    assert_true(table->precise(3, 1.0L / 3) == 3 * (1.0L / 3));
    assert_true(table->is_odd(255) && !table->is_odd(254));
    const struct small small = table->make_small(9);
    assert_true(small.a == 9 && small.b == -9);
    const struct mixed mixed = table->make_mixed((struct turned){4, 0.5});
    assert_true(mixed.a == 0.5 && mixed.b == 4);
    const struct turned turned = table->make_turned((struct mixed){0.25, 5});
    assert_true(turned.a == 5 && turned.b == 0.25);
    const struct doubles doubles = table->make_doubles((struct doubles){1, 2}, (struct doubles){3, 4});
    assert_true(doubles.a == 4 && doubles.b == 6);
    const struct large large = table->make_large((struct large){1, 2.5, "abc"}, 10);
    assert_true(large.a == 11 && large.b == 12.5);
    assert_string_equal(large.text, "bbc");
    assert_string_equal(table->name_of(1), "one");
    char text[8] = "";
    assert_int_equal(table->copy_text(text, sizeof text, "longer than that"), 7);
    assert_string_equal(text, "longer ");
    int value = 41;
    table->count_up(&value);
    assert_int_equal(value, 42);
    errno = 0;
    assert_int_equal(table->fail_with(ENOENT), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(table->apply(times_seven, 6), 42);
    assert_null(table->none);
}

static const struct table *open_table(const char *target, struct fc_library **ret_library) {
    const struct table *table = NULL;
    *ret_library = call_open(target, "thunks");
    assert_ok(fc_call(call_bind(*ret_library, TABLE "_Ret_valid_ const struct table *functions(void)"), &table));
    return table;
}

TEST(thunks_of_every_kind) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        const struct table *table = open_table(target, &library);
        struct table copy;
        use_table(table);
        assert_ok(fc_call(call_bind(library, TABLE "void functions_out(_Out_ struct table *to)"), NULL, &copy));
        assert_true(copy.add == table->add && copy.many == table->many);
        use_table(&copy);
        fc_library_close(library);
    }
}

static void *use_in_a_thread(void *table) {
    use_table(table);
    return NULL;
}
TEST(thunks_are_called_in_any_thread) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        const struct table *table = open_table(target, &library);
        pthread_t threads[3];
        for (unsigned i = 0; i < 3; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, use_in_a_thread, (void *)table), 0);
        }
        for (unsigned i = 0; i < 3; i++) {
            pthread_join(threads[i], NULL);
        }
        fc_library_close(library);
    }
}

typedef int add_function(int a, int b);
#define ADD "typedef int add_function(int a, int b);"
TEST(thunks_are_the_librarys_own_functions_again) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "thunks");
        struct fc_function *is_add = call_bind(library, ADD "int is_add(add_function *function)");
        struct fc_function *function_add = call_bind(library, ADD "add_function *function_add(void)");
        add_function *add = NULL, *again = NULL, *out = NULL;
        int result = 0;
        assert_int_equal(fc_parameter_class(function_add, FC_RESULT), FC_CLASS_CALLBACK);
        assert_ok(fc_call(function_add, &add));
        assert_int_equal(add(40, 2), 42);
        assert_ok(fc_call(is_add, &result, add));
        assert_int_equal(result, 1);
        assert_ok(fc_call(function_add, &again));
        assert_true(add == again);
        assert_ok(fc_call(call_bind(library, ADD "void add_out(_Out_ add_function **to)"), NULL, &out));
        assert_true(add == out);
        out = NULL;
        assert_ok(fc_call(call_bind(library, ADD "void add_out(_Outptr_ add_function **to)"), NULL, &out));
        assert_true(add == out);
        fc_library_close(library);
    }
}

TEST(thunks_that_cannot_call_return_zero_and_say_so) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        const struct table table = *open_table(target, &library);
        errno = 0;
        if (sizeof(long) == 8 && strcmp(target, "i386-linux") == 0) {
            assert_int_equal(table.shrink(LONG_MAX), 0);
            assert_int_equal(errno, EIO);
            assert_error_text("does not fit `long`");
        }
        errno = 0;
        table.end_it();
        assert_int_equal(errno, EIO);
        assert_error_text("died");
        errno = 0;
        assert_int_equal(table.add(2, 3), 0); /* its host is gone */
        assert_int_equal(errno, EIO);
        assert_error_text("that of a host which is gone");
        int result = 0;
        assert_error(fc_call(call_bind(library, ADD "int is_add(add_function *function)"), &result, table.add),
                     FC_EINVAL, "that of a host which is gone");
        fc_library_close(library);
        errno = 0;
        assert_int_equal(table.add(2, 3), 0);
        assert_int_equal(errno, EIO);
        assert_error_text("after its session was closed");
    }
}

/* More than fill a page, of sessions one after the other. */
TEST(thunks_of_closed_sessions_are_used_again) {
    need_host();
    for (unsigned i = 0; i < call_scaled(100); i++) {
        struct fc_library *library;
        const struct table *table = open_table(HARNESS_OWN_TARGET, &library);
        assert_int_equal(table->add((int)i, 1), (int)i + 1);
        fc_library_close(library);
    }
}
