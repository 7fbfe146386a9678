/* How much a call needs makes no difference: once one like it was made, the next takes no memory. */
#include "allocation_cycles.h"

#include <stdio.h>

enum { WARM = 3, ROUNDS = 10, TEXT_BYTES = 3 << 20, UNENDED_BYTES = 2 << 20 };

static int number;
static long sum;
static char *unended; /* without a NUL in all of its bytes */

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
static void reports(struct fc_function *const *f) {
    assert_ok(fc_call(f[0], &sum, on_report, 10));
    assert_int_equal(sum, 45 + 10);
    assert_ok(fc_call(f[0], &sum, on_report, 40000));
    assert_int_equal(sum, 40000L * 39999 / 2 + 40000);
}

static void made_report(struct fc_function *const *f) {
    struct report *report = NULL;
    assert_ok(fc_call(f[0], &report, 7));
    assert_int_equal(report->count, 7);
    assert_int_equal(report->title[1999], 't');
    assert_int_equal(report->lines[6], 60);
}

static long on_text(const char *text) {
    const size_t length = strlen(text);
    return text[0] == 'x' && text[length - 1] == 'x' ? (long)length : -1;
}
static void long_text(struct fc_function *const *f) {
    assert_ok(fc_call(f[0], &sum, on_text, (long)TEXT_BYTES));
    assert_int_equal(sum, TEXT_BYTES);
}

/* -- formats ------------------------------------------------------------------------------------------------------- */

#define PUT_TEXT                                                                                                       \
    "int put_text(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, ...)"
#define PUT_LIST                                                                                                       \
    "typedef __builtin_va_list va_list; int put_list(_Out_writes_(size) char *to, size_t size, "                       \
    "_Printf_format_string_ const char *format, va_list list)"

static void unended_strings(struct fc_function *const *f) {
    char to[20];
    assert_ok(fc_call(f[0], &number, to, sizeof to, "%.5000s %.*s", unended, (int)UNENDED_BYTES, unended));
    assert_int_equal(number, 5000 + 1 + UNENDED_BYTES);
    assert_string_equal(to, "uuuuuuuuuuuuuuuuuuu");
    assert_ok(cycle_pass_list(f[1], &number, "%.*s", (int)UNENDED_BYTES, unended));
    assert_int_equal(number, UNENDED_BYTES);
}

/* What they write to is a struct: one that the header has, or one that comes with the prototype. */
#define ROOM "struct room { char bytes[200]; };"
#define PUT_ROOM "int put_text(_Out_ struct room *to, size_t size, _Printf_format_string_ const char *format, ...)"
#define PUT_OWN                                                                                                        \
    "struct own { char bytes[200]; }; int put_own(_Out_ struct own *to, size_t size, "                                 \
    "_Printf_format_string_ const char *format, ...) __asm__(\"put_text\")"

/* A header of a thousand functions. */
#define ONE(name) "int other_" #name "(int left, const char *right);"
#define TEN(name)                                                                                                      \
    ONE(name##0)                                                                                                       \
    ONE(name##1) ONE(name##2) ONE(name##3) ONE(name##4) ONE(name##5) ONE(name##6) ONE(name##7) ONE(name##8) ONE(name##9)
#define HUNDRED(name)                                                                                                  \
    TEN(name##0)                                                                                                       \
    TEN(name##1) TEN(name##2) TEN(name##3) TEN(name##4) TEN(name##5) TEN(name##6) TEN(name##7) TEN(name##8) TEN(name##9)
#define THOUSAND                                                                                                       \
    HUNDRED(a) HUNDRED(b) HUNDRED(c) HUNDRED(d) HUNDRED(e) HUNDRED(f) HUNDRED(g) HUNDRED(h) HUNDRED(i) HUNDRED(j)

/* More kinds of arguments than there are plans kept of. */
static void many_kinds_of(struct fc_function *f) {
    enum { KINDS = 1200, CONVERSIONS = 6 };
    static const char *const conversions[] = {"%d", "%ld", "%g", "%llx"};
    for (unsigned which = 0; which < KINDS; which++) {
        char format[50] = "", to[200];
        for (unsigned digit = 0, rest = which; digit < CONVERSIONS; digit++, rest /= 4) {
            strcat(format, conversions[rest % 4]);
        }
        /* As many bytes as the longest of them, wherever the arguments are taken from. */
        assert_ok(
            fc_call(f, &number, to, sizeof to, format, 0LL, 0LL, 0LL, 0LL, 0LL, 0LL, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
        assert_true(number >= CONVERSIONS);
    }
}
static void many_kinds(struct fc_function *const *f) {
    for (unsigned i = 0; i < CYCLE_FUNCTIONS_MAX && f[i] != NULL; i++) {
        many_kinds_of(f[i]);
    }
}

/* -- results ------------------------------------------------------------------------------------------------------- */

struct block {
    int numbers[20000];
};
#define BLOCK "struct block { int numbers[20000]; };"

static struct fc_function *block_make;
static int on_seed(int seed) {
    struct block block;
    assert_ok(fc_call(block_make, &block, seed));
    return block.numbers[1];
}
static void large_results(struct fc_function *const *f) {
    static struct block block;
    assert_ok(fc_call(f[0], &block, 5));
    assert_int_equal(block.numbers[19999], 5 + 19999);
    assert_ok(fc_call(f[0], NULL, 5));
    block_make = f[0];
    assert_ok(fc_call(f[1], &number, 5, on_seed));
    assert_int_equal(number, 5 + 19999 + 6);
}

static const struct cycle cycles[] = {
    {"sizes", reports, {REPORT "long with_report(long (*read)(_Inout_ struct report *report), int count)"}},
    {"sizes", made_report, {REPORT "_Ret_valid_ struct report *report_make(int count)"}},
    {"sizes", long_text, {"long with_text(long (*read)(_In_z_ const char *text), long length)"}},
    {"variadic", unended_strings, {PUT_TEXT, PUT_LIST}},
    {"variadic", many_kinds, {PUT_TEXT}},
    {"variadic", many_kinds, {"put_text", PUT_TEXT ";", PUT_TEXT}},
    {"variadic", many_kinds, {"put_text", THOUSAND PUT_TEXT ";", PUT_TEXT}},
    {"variadic", many_kinds, {"put_text", ROOM PUT_ROOM ";", PUT_ROOM, PUT_OWN}},
    {"sizes",
     large_results,
     {BLOCK "struct block block_make(int seed)", "int block_of(int seed, int (*next)(int seed))"}},
};

TEST(calls_allocate_nothing_once_one_of_their_size_was_made) {
    need_allocations();
    unended = malloc(UNENDED_BYTES);
    require(unended != NULL);
    memset(unended, 'u', UNENDED_BYTES);
    const unsigned failures = cycles_that_allocate(cycles, sizeof cycles / sizeof cycles[0], WARM, ROUNDS);
    free(unended);
    assert_int_equal(failures, 0);
}
