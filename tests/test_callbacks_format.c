/* Functions of the caller's that are told what a format says. */
#include "call.h"
#include "libs/reports.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define REPORT "typedef int report(_Fc_opaque_ void *data, _Printf_format_string_ const char *format, ...);"
#define REPORT_ATTRIBUTE                                                                                               \
    "typedef int report(_Fc_opaque_ void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));"
#define LIST                                                                                                           \
    "typedef __builtin_va_list va_list; "                                                                              \
    "typedef int report_list(_Fc_opaque_ void *data, _Printf_format_string_ const char *format, va_list list);"
#define LIST_ATTRIBUTE                                                                                                 \
    "typedef __builtin_va_list va_list; typedef int report_list(_Fc_opaque_ void *data, const char *format, va_list "  \
    "list) __attribute__((__format__(__printf__, 2, 0)));"

enum { TEXT_BYTES = 10000 };
static char text[TEXT_BYTES];
static int calls;

static int on_report(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int on_report(void *data, const char *format, ...) {
    va_list list;
    assert_ptr_equal(data, text);
    calls++;
    va_start(list, format);
    const int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return length;
}

static int on_list(void *data, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
static int on_list(void *data, const char *format, va_list list) {
    va_list again;
    char twice[TEXT_BYTES];
    assert_ptr_equal(data, text);
    calls++;
    va_copy(again, list);
    const int length = vsnprintf(text, sizeof text, format, list);
    assert_int_equal(vsnprintf(twice, sizeof twice, format, again), length);
    assert_string_equal(twice, text);
    va_end(again);
    return length;
}

static int expect(int which, char *to) {
    static char lengthy[9001];
    memset(lengthy, 'q', sizeof lengthy - 1);
    const struct report_texts all = {.unended = "abcd",
                                     .at_the_end = "xyz",
                                     .allocated = "from the heap",
                                     .lengthy = lengthy,
                                     .wide_unended = L"uv"};
    const struct report_texts *volatile at = &all; /* else the compiler sees the NULL among them */
    const struct report_texts *const t = at;
    switch (which) {
#define ROW(number, name, ...)                                                                                         \
    case number:                                                                                                       \
        return snprintf(to, TEXT_BYTES, __VA_ARGS__);
        REPORT_ROWS(ROW, t)
#undef ROW
    default:
        return -1;
    }
}

static void assert_rows(const char *target, const char *prototype, void (*function)(void)) {
    static char expected[TEXT_BYTES];
    struct fc_library *library = call_open(target, "reports");
    struct fc_function *report = call_bind(library, prototype);
    for (int round = 0; round < 2; round++) {
        for (int which = 0; which < REPORT_ROW_COUNT; which++) {
            int length = -1;
            calls = 0;
            memset(text, 0, sizeof text);
            assert_ok(fc_call(report, &length, function, text, which));
            assert_int_equal(calls, 1);
            assert_int_equal(length, expect(which, expected));
            assert_string_equal(text, expected);
        }
    }
    fc_library_close(library);
}

TEST(callbacks_are_told_what_a_format_says) {
    for (EACH_TARGET(target)) {
        assert_rows(target, REPORT "int report_row(report *to, _Fc_opaque_ void *data, int which)",
                    (void (*)(void))on_report);
    }
}

TEST(callbacks_are_given_a_list_of_what_a_format_says) {
    for (EACH_TARGET(target)) {
        assert_rows(target, LIST "int report_row_list(report_list *to, _Fc_opaque_ void *data, int which)",
                    (void (*)(void))on_list);
    }
}

TEST(callbacks_by_the_attribute_that_compilers_read) {
    for (EACH_TARGET(target)) {
        assert_rows(target, REPORT_ATTRIBUTE "int report_row(report *to, _Fc_opaque_ void *data, int which)",
                    (void (*)(void))on_report);
        assert_rows(target, LIST_ATTRIBUTE "int report_row_list(report_list *to, _Fc_opaque_ void *data, int which)",
                    (void (*)(void))on_list);
    }
}

TEST(callbacks_are_given_the_rest_of_a_list) {
    static const int skipped[] = {1, 4, 5};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *rest =
            call_bind(library, LIST "int report_rest(report_list *to, _Fc_opaque_ void *data, int skipped)");
        for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++) {
            int length = -1;
            assert_ok(fc_call(rest, &length, on_list, text, skipped[i]));
            assert_string_equal(text, "2 3.500000 4.500000 five");
            assert_int_equal(length, 24);
        }
        fc_library_close(library);
    }
}

struct report_large {
    long numbers[4];
};
static struct report_large on_among(char a, double b, struct report_large c, long long d, float e, const char *format,
                                    ...) {
    va_list list;
    assert_true(a == 'a' && b == 0.5 && d == 5000000000LL && e == 0.25F);
    assert_true(c.numbers[0] == 10 && c.numbers[3] == 40);
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    c.numbers[1] = 2;
    return c;
}

TEST(callbacks_take_any_parameters_before_a_format) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *among = call_bind(
            library, "struct report_large { long numbers[4]; }; struct report_large report_among("
                     "struct report_large (*to)(char a, double b, struct report_large c, long long d, float e, "
                     "_Printf_format_string_ const char *format, ...))");
        struct report_large large = {{0}};
        assert_ok(fc_call(among, &large, on_among));
        assert_string_equal(text, "7 8.500000 nine");
        assert_true(large.numbers[0] == 10 && large.numbers[1] == 2 && large.numbers[3] == 40);
        fc_library_close(library);
    }
}

static int on_sum(const int *numbers, const char *format, ...) {
    va_list list;
    int sum = 0;
    va_start(list, format);
    const int count = va_arg(list, int);
    assert_string_equal(va_arg(list, const char *), "these");
    va_end(list);
    for (int i = 0; i < count; i++) {
        sum += numbers[i];
    }
    return sum;
}

/* A size before the format is that of the call. */
TEST(callbacks_with_a_format_and_a_size_of_the_function_around_them) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *report =
            call_bind(library, "int report_sum(int (*to)(_In_reads_(count) const int *numbers, _Printf_format_string_ "
                               "const char *format, ...), int count, int start)");
        int sum = 0;
        for (int count = 1; count < 16; count += 7) {
            assert_ok(fc_call(report, &sum, on_sum, count, 100));
            assert_int_equal(sum, count * 100 + count * (count - 1) / 2);
        }
        fc_library_close(library);
    }
}

/* The function is not called, and the call says why. */
TEST(callbacks_with_formats_that_cannot_be_obeyed) {
    static const struct {
        const char *format, *words;
    } rows[] = {
        {"%d %y", "conversion 2 of the format of parameter `to` of report_this, `%y`, is unknown"},
        {"%", "is cut off by the end of the format"},
        {"%1$d", "names its argument by a number"},
        {"%d%n", "conversion 2 of the format of parameter `to` of report_this, `%n`, has the function write"},
        {"%hf", "has a length that is none of numbers with a point"},
        {"%99999999999d", "has a number that is too large"},
    };
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *report =
            call_bind(library, REPORT
                      "int report_this(report *to, _Fc_opaque_ void *data, _In_z_ const char *format, int a, int b)");
        int result = 55;
        calls = 0;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            assert_error(fc_call(report, &result, on_report, text, rows[i].format, 1, 2), FC_EINVAL, rows[i].words);
            assert_error_text("the function was not called");
        }
        assert_int_equal(result, 55);
        assert_int_equal(calls, 0);
        assert_ok(fc_call(report, &result, on_report, text, "%d-%d", 1, 2));
        assert_string_equal(text, "1-2");
        fc_library_close(library);
    }
}

static int on_numbers(void *data, const char *format, ...) {
    va_list list;
    assert_ptr_equal(data, text);
    assert_string_equal(format, "%q%w");
    va_start(list, format);
    const int sum = va_arg(list, int) + va_arg(list, int);
    va_end(list);
    return sum;
}

TEST(callbacks_have_conversions_of_the_librarys_own) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *report =
            call_bind(library, "int report_this(int (*to)(_Fc_opaque_ void *data, _Printf_format_string_ "
                               "_Fc_conversions_(qd, wx) const char *format, ...), _Fc_opaque_ void *data, "
                               "_In_z_ const char *format, int a, int b)");
        int result = 0;
        assert_ok(fc_call(report, &result, on_numbers, text, "%q%w", 40, 2));
        assert_int_equal(result, 42);
        fc_library_close(library);
    }
}

static int on_characters(void *data, const char *format, ...) {
    va_list list;
    assert_ptr_equal(data, text);
    va_start(list, format);
    const char *const characters = va_arg(list, const char *);
    va_end(list);
    assert_true(strncmp("\u00e4\u00f6z", characters, strlen(characters)) == 0);
    return (int)strlen(characters);
}

/* With `!`, a precision is of characters, and no more is looked at. */
TEST(callbacks_have_texts_of_so_many_characters) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *report =
            call_bind(library, "int report_characters(int (*to)(_Fc_opaque_ void *data, _Printf_format_string_ "
                               "_Fc_conversions_(Ts) const char *format, ...), _Fc_opaque_ void *data, "
                               "_In_z_ const char *format)");
        static const struct {
            const char *format;
            int bytes;
        } rows[] = {{"%!.2T", 4}, {"%!.1T", 2}, {"%!.0T", 0}, {"%.3T", 3}, {"%.5T", 5}};
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            int result = -1;
            assert_ok(fc_call(report, &result, on_characters, text, rows[i].format));
            assert_int_equal(result, rows[i].bytes);
        }
        fc_library_close(library);
    }
}

static int on_null(void *data, const char *format, ...) {
    return data == text && format == NULL ? 77 : 0;
}

TEST(callbacks_with_a_format_of_null) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *report = call_bind(
            library,
            REPORT "int report_this(report *to, _Fc_opaque_ void *data, _In_opt_z_ const char *format, int a, int b)");
        int result = 0;
        assert_ok(fc_call(report, &result, on_null, text, NULL, 1, 2));
        assert_int_equal(result, 77);
        fc_library_close(library);
    }
}

TEST(callbacks_are_told_only_what_fits) {
    need_host();
    if (sizeof(long) == 8) {
        skip_because("the caller's long is as wide as any library's");
    }
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "reports");
    struct fc_function *report =
        call_bind(library, REPORT "int report_long(report *to, _Fc_opaque_ void *data, long long number)");
    int result = 0;
    assert_error(fc_call(report, &result, on_report, text, 5000000000LL), FC_ERANGE, "does not fit `long`");
    assert_ok(fc_call(report, &result, on_report, text, -5LL));
    assert_string_equal(text, "-5");
    fc_library_close(library);
}

TEST(callbacks_with_a_format_find_the_librarys_errno) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *report =
            call_bind(library, REPORT "int report_error(report *to, _Fc_opaque_ void *data, int error)");
        char expected[200];
        int result = 0;
        assert_ok(fc_call(report, &result, on_report, text, EXDEV));
        snprintf(expected, sizeof expected, "%d: %s", EXDEV, strerror(EXDEV));
        assert_string_equal(text, expected);
        assert_int_equal(result, (int)strlen(expected));
        fc_library_close(library);
    }
}

TEST(callbacks_with_a_format_are_called_later_and_from_threads) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        struct fc_function *keep = call_bind(library, REPORT "void report_keep(report *to, _Fc_opaque_ void *data)");
        int sum = 0;
        calls = 0;
        assert_ok(fc_call(keep, NULL, on_report, text));
        assert_ok(fc_call(call_bind(library, "int report_kept(int count)"), &sum, 5));
        assert_int_equal(sum, 5 * 12);
        assert_ok(fc_call(call_bind(library, "int report_from_thread(int count)"), &sum, 7));
        assert_int_equal(sum, 7 * 12);
        assert_string_equal(text, "6 of 7: kept");
        assert_int_equal(calls, 12);
        fc_library_close(library);
    }
}

/* What was looked at is what the function gets, whatever becomes of the library's own since. */
static int on_changing(void *data, const char *format, ...) {
    va_list list;
    assert_ptr_not_equal(data, format);
    strcpy(data, "%s and %s"); /* in the library's heap, which both sides see */
    va_start(list, format);
    const int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return length;
}

TEST(callbacks_with_a_format_that_the_library_changes_meanwhile) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "reports");
        int length = 0;
        assert_ok(fc_call(call_bind(library, REPORT "int report_own(report *to)"), &length, on_changing));
        assert_string_equal(text, "1 and 2");
        assert_int_equal(length, 7);
        fc_library_close(library);
    }
}

/* It is the host that finds nothing there, and ends. */
TEST(callbacks_with_formats_that_lead_nowhere_end_the_host) {
    need_host();
    for (EACH_TARGET(target)) {
        for (int which = 0; which < 4; which++) {
            struct fc_library *library = call_open(target, "reports");
            struct fc_function *astray = call_bind(
                library, REPORT LIST "int report_astray(report *to, report_list *list, _Fc_opaque_ void *data, "
                                     "int which)");
            int result = 55;
            calls = 0;
            assert_error(fc_call(astray, &result, on_report, on_list, text, which), FC_EDIED, "SIGSEGV");
            assert_int_equal(result, 55);
            assert_int_equal(calls, 0);
            fc_library_close(library);
        }
    }
}

/* A library that others see nothing of in common memory. */
TEST(callbacks_with_a_format_of_a_hostile_session) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_options *options = fc_options_new();
        struct fc_library *library = NULL;
        char expected[TEXT_BYTES];
        assert_ok(fc_options_set_hostile(options, true));
        assert_ok(fc_open(harness_library(target, "reports"), options, &library));
        fc_options_free(options);
        struct fc_function *report =
            call_bind(library, REPORT "int report_row(report *to, _Fc_opaque_ void *data, int which)");
        for (int which = 0; which < REPORT_ROW_COUNT; which++) {
            int length = -1;
            assert_ok(fc_call(report, &length, on_report, text, which));
            assert_int_equal(length, expect(which, expected));
            assert_string_equal(text, expected);
        }
        fc_library_close(library);
    }
}
