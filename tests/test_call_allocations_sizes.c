/* How much a call needs makes no difference: once one like it was made, the next takes no memory. */
#include "allocations.h"

#include <stdarg.h>
#include <stdio.h>

enum { WARM = 3, ROUNDS = 10, TEXT_BYTES = 3 << 20, UNENDED_BYTES = 2 << 20 };

static int number;
static long sum;
static char *unended; /* without a NUL in all of its bytes */

static void need_nothing(const char *what, const char *target, void (*run)(struct fc_function *function),
                         struct fc_function *function) {
    for (int round = 0; round < WARM; round++) {
        run(function);
    }
    const unsigned before = allocations;
    for (int round = 0; round < ROUNDS; round++) {
        run(function);
    }
    if (allocations != before) {
        print_error("%u allocations in %d rounds of %s (%s)\n", allocations - before, ROUNDS, what, target);
        fail();
    }
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

struct report {
    int count;
    char title[2000];
    long lines[];
};
#define REPORT "struct report { int count; char title[2000]; _Field_size_(count) long lines[]; };"

static long on_report(struct report *report) {
    long total = 0;
    for (int i = 0; i < report->count; i++) {
        total += report->lines[i]++;
    }
    return report->title[0] == 't' && report->title[1999] == 't' ? total : -1;
}
static void report_of_ten(struct fc_function *function) {
    assert_ok(fc_call(function, &sum, on_report, 10));
    assert_int_equal(sum, 45 + 10);
}
static void report_of_many(struct fc_function *function) {
    assert_ok(fc_call(function, &sum, on_report, 40000));
    assert_int_equal(sum, 40000L * 39999 / 2 + 40000);
}

TEST(structs_that_run_on_behind_their_end_allocate_nothing) {
    need_allocations();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "sizes");
        struct fc_function *function =
            call_bind(library, REPORT "long with_report(long (*read)(_Inout_ struct report *report), int count)");
        need_nothing("a short one", target, report_of_ten, function);
        need_nothing("a long one", target, report_of_many, function);
        fc_library_close(library);
    }
}

static void made_report(struct fc_function *function) {
    struct report *report = NULL;
    assert_ok(fc_call(function, &report, 7));
    assert_int_equal(report->count, 7);
    assert_int_equal(report->title[1999], 't');
    assert_int_equal(report->lines[6], 60);
}

TEST(structs_that_run_on_and_are_returned_allocate_nothing) {
    need_allocations();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "sizes");
        struct fc_function *function = call_bind(library, REPORT "_Ret_valid_ struct report *report_make(int count)");
        need_nothing("one", target, made_report, function);
        fc_library_close(library);
    }
}

static long on_text(const char *text) {
    const size_t length = strlen(text);
    return text[0] == 'x' && text[length - 1] == 'x' ? (long)length : -1;
}
static void long_text(struct fc_function *function) {
    assert_ok(fc_call(function, &sum, on_text, (long)TEXT_BYTES));
    assert_int_equal(sum, TEXT_BYTES);
}

TEST(long_texts_for_functions_allocate_nothing) {
    need_allocations();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "sizes");
        need_nothing("one", target, long_text,
                     call_bind(library, "long with_text(long (*read)(_In_z_ const char *text), long length)"));
        fc_library_close(library);
    }
}

/* -- formats ------------------------------------------------------------------------------------------------------- */

#define PUT_TEXT                                                                                                       \
    "int put_text(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, ...)"

static void unended_strings(struct fc_function *function) {
    char to[20];
    assert_ok(fc_call(function, &number, to, sizeof to, "%.5000s %.*s", unended, (int)UNENDED_BYTES, unended));
    assert_int_equal(number, 5000 + 1 + UNENDED_BYTES);
    assert_string_equal(to, "uuuuuuuuuuuuuuuuuuu");
}

static int pass_list(struct fc_function *function, const char *format, ...) {
    va_list list;
    char to[20];
    va_start(list, format);
    const int rc = fc_call(function, &number, to, sizeof to, format, list);
    va_end(list);
    return rc;
}
static void unended_strings_in_a_list(struct fc_function *function) {
    assert_ok(pass_list(function, "%.*s", (int)UNENDED_BYTES, unended));
    assert_int_equal(number, UNENDED_BYTES);
}

/* More kinds of arguments than there are plans kept of. */
enum { KINDS = 1100, KINDS_EACH_ROUND = 250 };
static void kind(struct fc_function *function, unsigned which) {
    static const char *const conversions[] = {"%d", "%ld", "%g", "%llx"};
    char format[50] = "", to[200];
    for (unsigned digit = 0, rest = which; digit < 6; digit++, rest /= 4) {
        strcat(format, conversions[rest % 4]);
    }
    /* As many bytes as the longest of them, wherever the arguments are taken from. */
    assert_ok(
        fc_call(function, &number, to, sizeof to, format, 0LL, 0LL, 0LL, 0LL, 0LL, 0LL, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
    assert_true(number >= 6);
}
static void kinds_that_are_kept(struct fc_function *function) {
    for (unsigned i = 0; i < KINDS_EACH_ROUND; i++) {
        kind(function, i);
    }
}
static void kinds_that_are_not(struct fc_function *function) {
    for (unsigned i = KINDS; i < KINDS + KINDS_EACH_ROUND; i++) {
        kind(function, i);
    }
}

TEST(formats_allocate_nothing_whatever_they_pass) {
    need_allocations();
    unended = malloc(UNENDED_BYTES);
    require(unended != NULL);
    memset(unended, 'u', UNENDED_BYTES);
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variadic");
        struct fc_function *put_text = call_bind(library, PUT_TEXT);
        need_nothing("strings without an end", target, unended_strings, put_text);
        need_nothing("the same in a list", target, unended_strings_in_a_list,
                     call_bind(library, "typedef __builtin_va_list va_list; int put_list(_Out_writes_(size) char *to, "
                                        "size_t size, _Printf_format_string_ const char *format, va_list list)"));
        for (unsigned i = 0; i < KINDS; i++) {
            kind(put_text, i);
        }
        need_nothing("kinds of arguments", target, kinds_that_are_kept, put_text);
        need_nothing("more kinds of arguments", target, kinds_that_are_not, put_text);
        fc_library_close(library);
    }
    free(unended);
}

/* -- results ------------------------------------------------------------------------------------------------------- */

struct block {
    int numbers[20000];
};
#define BLOCK "struct block { int numbers[20000]; };"

static struct fc_function *block_make;
static void large_result(struct fc_function *function) {
    static struct block block;
    assert_ok(fc_call(function, &block, 5));
    assert_int_equal(block.numbers[19999], 5 + 19999);
    assert_ok(fc_call(function, NULL, 5));
}
static int on_seed(int seed) {
    struct block block;
    assert_ok(fc_call(block_make, &block, seed));
    return block.numbers[1];
}
static void large_result_in_a_call(struct fc_function *function) {
    assert_ok(fc_call(function, &number, 5, on_seed));
    assert_int_equal(number, 5 + 19999 + 6);
}

TEST(large_results_allocate_nothing) {
    need_allocations();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "sizes");
        block_make = call_bind(library, BLOCK "struct block block_make(int seed)");
        need_nothing("one", target, large_result, block_make);
        need_nothing("one in a call", target, large_result_in_a_call,
                     call_bind(library, "int block_of(int seed, int (*next)(int seed))"));
        fc_library_close(library);
    }
}
