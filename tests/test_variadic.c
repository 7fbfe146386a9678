/* Variadic functions: with types written out, as a format says, and with a list. */
#include "call.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <wchar.h>

/* -- types written out --------------------------------------------------------------------------------------------- */

struct pair {
    int a;
    double b;
};

TEST(variadic_arguments_of_every_kind_behind_the_dots) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *sum = call_bind(
            library,
            "struct pair { int a; double b; };"
            "double sum_of(_In_z_ const char *types, ..., int, long, long long, double, long double,"
            "              _In_z_ const char *text, struct pair, double, double, double, double, double, double, "
            "double, double, int, struct pair)");
        const struct pair one = {3, 0.5}, two = {40, 0.25};
        double result = 0;
        assert_ok(fc_call(sum, &result, "ilqdDsPddddddddiP", 1, 2L, 3LL, 4.5, 5.25L, "sixsix", one, 1.0, 2.0, 3.0, 4.0,
                          5.0, 6.0, 7.0, 8.0, 9, two));
        assert_true(result == 1 + 2 + 3 + 4.5 + 5.25 + 6 + 3.5 + 36 + 9 + 40.25);
        fc_library_close(library);
    }
}

static int add_one(int value) {
    return value + 1;
}
TEST(variadic_outputs_and_callbacks_behind_the_dots) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *sum =
            call_bind(library, "double sum_of(_In_z_ const char *types, ..., _Out_ int *out, int (*function)(int))");
        int out = 0;
        double result = 0;
        assert_ok(fc_call(sum, &result, "oc", &out, add_one));
        assert_int_equal(out, 77);
        assert_true(result == 6);
        fc_library_close(library);
    }
}

TEST(variadic_function_bound_once_for_each_selector) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *ints = call_bind(library, "long long configure(int what, ..., int, int)");
        struct fc_function *text = call_bind(library, "long long configure(int what, ..., _In_z_ const char *)");
        struct fc_function *out = call_bind(library, "long long configure(int what, ..., _Out_ long *value)");
        struct fc_function *nothing = call_bind(library, "long long configure(int what)");
        long long answer = 0;
        long value = 0;
        assert_ok(fc_call(ints, &answer, 1, INT_MAX - 5, 5));
        assert_int_equal(answer, INT_MAX);
        assert_ok(fc_call(text, &answer, 2, "four"));
        assert_int_equal(answer, 4);
        assert_ok(fc_call(out, &answer, 3, &value));
        assert_int_equal(answer, 0);
        assert_int_equal(value, 12345);
        assert_ok(fc_call(nothing, &answer, 4));
        assert_int_equal(answer, -1);
        fc_library_close(library);
    }
}

static double add_up(const char *types, ...) {
    double sum = 0;
    va_list list;
    va_start(list, types);
    for (; *types != '\0'; types++) {
        sum += *types == 'i'   ? va_arg(list, int)
               : *types == 'q' ? (double)va_arg(list, long long)
               : *types == 'd' ? va_arg(list, double)
               : *types == 'D' ? (double)va_arg(list, long double)
                               : (double)strlen(va_arg(list, const char *));
    }
    va_end(list);
    return sum;
}

TEST(variadic_functions_of_the_caller_are_called_back) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *tell =
            call_bind(library, "double tell(double (*told)(_In_z_ const char *types, ..., int, double, long long, "
                               "long double, _In_z_ const char *), int a)");
        double sum = 0;
        assert_ok(fc_call(tell, &sum, add_up, -3));
        assert_true(sum == (-3 + 0.5 + 5000000000.0 + 0.25 + 4) * 2);
        fc_library_close(library);
    }
}

#define CONFIGURE_ROWS                                                                                                 \
    "_Fc_when_(what == 1) _Fc_fails_with_(-5) long long configure(int what, ..., int, int);"                           \
    "_Fc_when_(what == 2) long long configure(int what, ..., _In_z_ const char *);"                                    \
    "_Fc_when_(what == 3) long long configure(int what, ..., _Out_ long *value);"                                      \
    "_Fc_when_(what >= 4 && what < 10) _Fc_fails_with_(-5) long long configure(int what);"

TEST(variadic_rows_are_chosen_by_their_conditions) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *configure = call_bind(library, CONFIGURE_ROWS);
        long long answer = 0;
        long value = 0;
        for (int round = 0; round < 3; round++) {
            assert_ok(fc_call(configure, &answer, 1, INT_MAX - 5, 5));
            assert_int_equal(answer, INT_MAX);
            assert_ok(fc_call(configure, &answer, 2, "four"));
            assert_int_equal(answer, 4);
            assert_ok(fc_call(configure, &answer, 3, &value));
            assert_int_equal(answer, 0);
            assert_int_equal(value, 12345);
            value = round;
            assert_ok(fc_call(configure, &answer, 4));
            assert_int_equal(answer, -1);
        }
        assert_error(fc_call(configure, &answer, 11), FC_EINVAL, "no declaration of configure is for these arguments");
        assert_int_equal(answer, -5);
        fc_library_close(library);
    }
}

TEST(variadic_rows_through_an_array) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *configure = call_bind(library, CONFIGURE_ROWS);
        int what = 1, left = 40, right = 2;
        const char *text = "seven";
        void *const numbers[] = {&what, &left, &right};
        long long answer = 0;
        assert_ok(fc_call_array(configure, &answer, 3, numbers));
        assert_int_equal(answer, 42);
        assert_error(fc_call_array(configure, &answer, 2, numbers), FC_EARGS, "configure takes 3 arguments by these");
        what = 2;
        void *const texts[] = {&what, &text};
        assert_ok(fc_call_array(configure, &answer, 2, texts));
        assert_int_equal(answer, 5);
        assert_error(fc_call_array(configure, &answer, 0, NULL), FC_EARGS, "at least 1 argument");
        fc_library_close(library);
    }
}

/* The last one declared, so that a general one may come first. */
TEST(variadic_rows_that_hold_at_once) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *configure = call_bind(library, "_Fc_when_(1) long long configure(int what);"
                                                           "_Fc_when_(what == 2) long long configure(int what, ..., "
                                                           "const char *);");
        long long answer = 0;
        assert_ok(fc_call(configure, &answer, 4));
        assert_int_equal(answer, -1);
        assert_ok(fc_call(configure, &answer, 2, "four"));
        assert_int_equal(answer, 4);
        fc_library_close(library);
    }
}

TEST(variadic_types_that_c_never_passes_are_refused) {
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "variadic");
    struct fc_function *function = NULL;
    assert_error(fc_bind(library, "long long configure(int what, ...)", &function), FC_EUNSUPPORTED,
                 "Write behind the `...` what a call passes there");
    assert_error(fc_bind(library, "long long configure(int what, ..., float)", &function), FC_EUNSUPPORTED,
                 "which C passes there as double");
    assert_error(fc_bind(library, "long long configure(int what, ..., int, short)", &function), FC_EUNSUPPORTED,
                 "parameter 3 of configure");
    assert_error(fc_bind(library, "long long configure(int what, ..., void *)", &function), FC_EANNOTATION,
                 "does not say what it points to");
    fc_library_close(library);
}

/* -- as a format says ---------------------------------------------------------------------------------------------- */

#define PUT_TEXT                                                                                                       \
    "int put_text(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, ...)"
#define PUT_LIST                                                                                                       \
    "typedef __builtin_va_list va_list; int put_list(_Out_writes_(size) char *to, size_t size, "                       \
    "_Printf_format_string_ const char *format, va_list list)"

static struct fc_function *put_text, *put_list;

__attribute__((format(printf, 1, 2))) static void assert_same(const char *format, ...) {
    char expected[2000], text[2000];
    va_list list;
    int result = -1;
    va_start(list, format);
    const int length = vsnprintf(expected, sizeof expected, format, list);
    va_end(list);
    memset(text, 'x', sizeof text);
    va_start(list, format);
    assert_ok(fc_call(put_list, &result, text, sizeof text, format, list));
    va_end(list);
    assert_int_equal(result, length);
    assert_string_equal(text, expected);
    /* The same list again, which a call leaves as it was given; and through an array. */
    va_list *passed = &list;
    const size_t size = sizeof text;
    char *to = text;
    va_start(list, format);
    memset(text, 'x', sizeof text);
    assert_ok(fc_call_array(put_list, &result, 4, (void *const[]){&to, (void *)&size, (void *)&format, passed}));
    va_end(list);
    assert_int_equal(result, length);
    assert_string_equal(text, expected);
}

#define SAME(...)                                                                                                      \
    do {                                                                                                               \
        char expected_[2000], text_[2000] = "";                                                                        \
        int result_ = -1;                                                                                              \
        const int length_ = snprintf(expected_, sizeof expected_, __VA_ARGS__);                                        \
        assert_ok(fc_call(put_text, &result_, text_, sizeof text_, __VA_ARGS__));                                      \
        assert_int_equal(result_, length_);                                                                            \
        assert_string_equal(text_, expected_);                                                                         \
        assert_same(__VA_ARGS__);                                                                                      \
    } while (0)

TEST(variadic_formats_of_every_conversion) {
    static const char unended[4] = {'a', 'b', 'c', 'd'};
    static const wchar_t wide_unended[2] = {L'u', L'v'};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        put_text = call_bind(library, PUT_TEXT);
        put_list = call_bind(library, PUT_LIST);
        for (int round = 0; round < 2; round++) { /* the second finds all plans made */
            SAME("%s", "nothing else");
            SAME("%d %i %u %o %x %X %c%%", -1, INT_MIN, UINT_MAX, 8u, 255u, 0xabcu, 'c');
            SAME("%hhd %hd %hhu %hu", -3, -300, 200, 60000);
            SAME("%ld %li %lu %lx", -5L, (long)INT_MAX, 7UL, 0xfffful);
            SAME("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, 0x123456789abcdefULL);
            SAME("%jd %ju %zu %zd %td", (intmax_t)-7, (uintmax_t)8, (size_t)9, (ssize_t)-10, (ptrdiff_t)11);
            SAME("%f %.3e %g %a %G", 1.5, -2.25e100, 1e-5, 3.0, 0.0);
            SAME("%Lf %.20Lg", 1.25L, 3.14159265358979323846L);
            SAME("%s|%10s|%-10s|%.2s|%.0s|", "one", "two", "three", "four", "five");
            SAME("%.4s|%.*s|%.*s|%*d|", unended, 3, unended, -1, "whole", 7, 42);
            SAME("%ls|%.2ls|%lc", L"wide", wide_unended, (wint_t)L'w');
            SAME("%d%d%d%d%d%d%d%d%f%f%f%f%f%f%f%f%f%f%d%s", 1, 2, 3, 4, 5, 6, 7, 8, 1., 2., 3., 4., 5., 6., 7., 8., 9.,
                 10., 9, "end");
            SAME("%d %Lf %d %Lf %s", 1, 2.5L, 3, 4.5L, "long doubles between");
            SAME("%+d % d %05d %-5d| %#x %'d", 1, 2, 3, 4, 5u, 6);
        }
        fc_library_close(library);
    }
}

TEST(variadic_formats_count_through_pointers) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *put = call_bind(library, PUT_TEXT);
        char text[100] = "";
        int result = 0, count = -1;
        long wide = -1;
        short narrow = -1;
        assert_ok(fc_call(put, &result, text, sizeof text, "abc%ndef%ln%hn", &count, &wide, &narrow));
        assert_string_equal(text, "abcdef");
        assert_int_equal(count, 3);
        assert_int_equal(wide, 6);
        assert_int_equal(narrow, 6);
        fc_library_close(library);
    }
}

TEST(variadic_formats_through_an_array) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *put = call_bind(library, PUT_TEXT);
        char text[100] = "", *to = text;
        size_t size = sizeof text;
        const char *format = "%s %d %.2f", *word = "word";
        int number = 5, result = 0;
        double fraction = 0.5;
        void *const arguments[] = {&to, &size, &format, &word, &number, &fraction};
        assert_ok(fc_call_array(put, &result, 6, arguments));
        assert_string_equal(text, "word 5 0.50");
        assert_error(fc_call_array(put, &result, 5, arguments), FC_EARGS, "takes 6 arguments by this format, not 5");
        assert_error(fc_call_array(put, &result, 2, arguments), FC_EARGS, "takes at least 3 arguments, not 2");
        fc_library_close(library);
    }
}

TEST(variadic_formats_that_cannot_be_obeyed_send_nothing) {
    static const struct {
        const char *format, *words;
    } rows[] = {{"%d %y", "conversion 2 of the format of put_text, `%y`, is unknown"},
                {"%", "is cut off by the end of the format"},
                {"%d%5.", "is cut off by the end of the format"},
                {"%1$d", "names its argument by a number"},
                {"%m", "is about the caller's errno"},
                {"%hf", "has a length that is none of numbers with a point"},
                {"%!d", "is unknown"},
                {"%99999999999d", "has a number that is too large"}};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *put = call_bind(library, PUT_TEXT);
        char text[10] = "before";
        int result = 55;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            assert_error(fc_call(put, &result, text, sizeof text, rows[i].format, 1, 2, 3), FC_EINVAL, rows[i].words);
        }
        assert_int_equal(result, 55);
        assert_string_equal(text, "before");
        assert_int_equal(call_count(library), 0);
        fc_library_close(library);
    }
}

TEST(variadic_formats_pass_only_what_fits) {
    if (sizeof(long) == 4 || call_is_direct()) {
        skip_because("the caller's long is no wider than the library's");
    }
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "variadic");
    struct fc_function *put = call_bind(library, PUT_TEXT);
    char text[10] = "";
    int result = 0;
    assert_error(fc_call(put, &result, text, sizeof text, "%d %ld", 1, LONG_MAX), FC_ERANGE, "does not fit `long`");
    assert_int_equal(call_count(library), 0);
    fc_library_close(library);
}

TEST(variadic_formats_have_conversions_of_the_librarys_own) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *make = call_bind(
            library,
            "_Ret_z_ char *make_text(_Printf_format_string_ _Fc_conversions_(qs, zp) const char *format, ...)");
        const char *text = NULL;
        assert_ok(fc_call(make, &text, "%q and %z, %d%q", "one", (void *)&text, 5, ""));
        assert_string_equal(text, "'one' and 1, 5''");
        assert_error(fc_call(make, &text, "%w", "one"), FC_EINVAL, "_Fc_conversions_ declares");
        fc_library_close(library);
    }
}

/* More rows of kinds than are kept. */
TEST(variadic_formats_without_end_are_not_all_kept) {
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "variadic");
    struct fc_function *put = call_bind(library, PUT_TEXT);
    for (unsigned i = 0; i < call_scaled(1100); i++) {
        char format[64] = "", text[200] = "", expected[200] = "";
        int result = 0;
        for (unsigned bit = 0; bit < 11; bit++) {
            strcat(format, (i >> bit & 1) != 0 ? "%u" : "%d");
        }
        snprintf(expected, sizeof expected, "1234567891011");
        assert_ok(fc_call(put, &result, text, sizeof text, format, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        assert_string_equal(text, expected);
    }
    fc_library_close(library);
}
