/* What begins and ends, again and again, takes memory the first times only: records of lives, functions that are
 * registered and let go, what formats say, and calls that need more than their channel has. Not so what is named in
 * docs/architecture.md ("Everything hot is in shared memory"). */
#include "allocation_cycles.h"
#include "libs/reports.h"
#include "meter.h"

#include <errno.h>
#include <stdarg.h>

enum { WARM = 6, ROUNDS = 30, LARGE_BYTES = (16 << 20) - 8192 };

static int number;
static char text[20000];
static char *large;

/* -- lives --------------------------------------------------------------------------------------------------------- */

static void meter_lives(struct fc_function *const *f) {
    static struct meter meter = {.limit = 1000000, .unit = "volts"};
    assert_ok(fc_call(f[0], &number, &meter));
    assert_ok(fc_call(f[1], &number, &meter, 3L));
    assert_ok(fc_call(f[2], &number, &meter));
    assert_int_equal(number, 1);
}

static void shelf_lives(struct fc_function *const *f) {
    struct {
        long id;
        const char *name;
    } label = {7, "a label"};
    void *shelf = NULL;
    assert_ok(fc_call(f[0], &shelf));
    assert_ok(fc_call(f[1], &number, shelf, "is kept"));
    assert_ok(fc_call(f[1], &number, shelf, "so is this"));
    assert_ok(fc_call(f[2], &number, shelf, &label));
    assert_int_equal(number, 7);
    assert_ok(fc_call(f[3], &number, shelf, 2));
    assert_int_equal(number, 7);
    assert_ok(fc_call(f[4], &number, shelf));
    assert_int_equal(number, 3);
}

static void shelf_of_large_texts(struct fc_function *const *f) {
    void *shelf = NULL;
    assert_ok(fc_call(f[0], &shelf));
    assert_ok(fc_call(f[1], &number, shelf, text));
    assert_ok(fc_call(f[1], &number, shelf, large + LARGE_BYTES / 2));
    assert_ok(fc_call(f[2], &number, shelf));
    assert_int_equal(number, 2);
}

static void shelf_of_numbers(struct fc_function *const *f) {
    long numbers[] = {1, 2, 3, 4, 5};
    void *shelf = NULL;
    assert_ok(fc_call(f[0], &shelf));
    assert_ok(fc_call(f[1], &number, shelf, numbers, 5));
    assert_ok(fc_call(f[2], &number, shelf, 10));
    assert_int_equal(numbers[4], 15);
    assert_ok(fc_call(f[3], &number, shelf));
}

static void titles(struct fc_function *const *f) {
    static const char *const names[] = {"a", "bc", "def"};
    static unsigned turn;
    assert_ok(fc_call(f[0], &number, names[turn++ % 3]));
    assert_in_range(number, 0, 3);
}

/* Of the library's own: copies that stand for them. */
static void entries(struct fc_function *const *f) {
    struct {
        long key;
        char *name;
    } *entry = NULL;
    assert_ok(fc_call(f[0], NULL, 5, &entry));
    assert_non_null(entry->name);
    assert_ok(fc_call(f[1], NULL, entry));
}

/* -- functions ----------------------------------------------------------------------------------------------------- */

static int on_number(int value) {
    return value + 1;
}
static int on_other(int value) {
    return value + 2;
}

static void functions_once(struct fc_function *const *f) {
    assert_ok(fc_call(f[0], NULL, on_number));
    assert_ok(fc_call(f[1], &number, 5));
    assert_int_equal(number, 6);
}

static void functions_until(struct fc_function *const *f) {
    static void *owner;
    size_t there;
    if (owner == NULL) {
        assert_ok(fc_call(f[0], &owner));
    }
    assert_ok(fc_call(f[1], &there, owner, on_number));
    assert_ok(fc_call(f[2], &number, owner, 5));
    assert_int_equal(number, 6);
    assert_ok(fc_call(f[3], NULL, owner));
    assert_ok(fc_call(f[1], &there, owner, on_other));
    assert_ok(fc_call(f[2], &number, owner, 5));
    assert_int_equal(number, 7);
    assert_ok(fc_call(f[3], NULL, owner));
}

static int on_report(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int on_report(void *data, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const int length = vsnprintf(data, sizeof text, format, list);
    va_end(list);
    return length;
}
static int on_list(void *data, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
static int on_list(void *data, const char *format, va_list list) {
    return vsnprintf(data, sizeof text, format, list);
}

static void reports(struct fc_function *const *f) {
    for (int which = 0; which < REPORT_ROW_COUNT; which++) {
        assert_ok(fc_call(f[0], &number, on_report, text, which));
        assert_ok(fc_call(f[1], &number, on_list, text, which));
        assert_true(number > 0);
    }
    memset(text, 't', sizeof text - 1);
}

/* -- arguments ----------------------------------------------------------------------------------------------------- */

static void formats(struct fc_function *const *f) {
    static const char unended[4] = {'a', 'b', 'c', 'd'};
    char to[100];
    int count = 0;
    assert_ok(fc_call(f[0], &number, to, sizeof to, "%.4s %.*s %ld%n", unended, 3, unended, 5L, &count));
    assert_string_equal(to, "abcd abc 5");
    assert_int_equal(count, 10);
    assert_ok(cycle_pass_list(f[1], &number, "%.4s %Lf %ls %d", unended, 2.5L, L"wide", 5));
    assert_int_equal(number, 4 + 1 + 8 + 1 + 4 + 1 + 1);
}

static void outputs(struct fc_function *const *f) {
    const char *name = NULL;
    char *made = NULL;
    double *values = NULL;
    assert_ok(fc_call(f[0], &number, 2, &name));
    assert_string_equal(name, "February");
    assert_ok(fc_call(f[1], &number, 3, &made));
    assert_non_null(made);
    assert_ok(fc_call(f[2], NULL, made));
    assert_ok(fc_call(f[3], NULL, 10, &values));
    assert_non_null(values);
    assert_ok(fc_call(f[2], NULL, values));
}

struct variant {
    int kind, count;
    union {
        const char *text;
        int *ints;
        struct {
            short first;
            long second;
        } pair;
    } as;
};
#define VARIANT                                                                                                        \
    "struct variant { int kind; int count; union { _Fc_union_(kind == 1) int i; _Fc_union_(kind == 2) long l; "        \
    "_Fc_union_(kind == 3) double d; _Fc_union_(kind == 4) _Field_z_ const char *text; "                               \
    "_Fc_union_(kind == 5) _Field_size_(count) int *ints; "                                                            \
    "_Fc_union_(kind == 6) struct { short first; long second; } pair; } as; };"

static void unions(struct fc_function *const *f) {
    int ints[] = {1, 2, 3};
    struct variant variants[] = {{4, 0, {.text = "a text"}}, {5, 3, {.ints = ints}}, {6, 0, {.pair = {1, 2}}}};
    unsigned long long sum = 0;
    assert_ok(fc_call(f[0], &sum, variants, 3));
    assert_true(sum != 0);
    assert_ok(fc_call(f[1], NULL, variants, 3));
    assert_ok(fc_call(f[2], NULL, &variants[2]));
}

static void wide_texts(struct fc_function *const *f) {
    static const wchar_t *const list[] = {L"one", L"two", L"three"};
    wchar_t some[] = L"some text";
    unsigned long long sum;
    const wchar_t *constant;
    assert_ok(fc_call(f[0], &sum, some));
    assert_ok(fc_call(f[1], NULL, some));
    assert_ok(fc_call(f[2], &sum, list, 3));
    assert_ok(fc_call(f[3], &constant, 1));
    assert_non_null(constant);
}

static void lists_of_texts(struct fc_function *const *f) {
    const char *list[] = {"one", "two", "three", NULL};
    unsigned long long sum;
    assert_ok(fc_call(f[0], &sum, list));
    assert_ok(fc_call(f[1], &number, list, 3));
    assert_string_equal(list[0], "one");
}

/* More than a channel has, and a little more than the window has at first. */
static void large_arguments(struct fc_function *const *f) {
    unsigned sum = 0;
    assert_ok(fc_call(f[0], &sum, large));
    assert_true(sum != 0);
}

static const struct cycle cycles[] = {
    {"lasting",
     meter_lives,
     {METER "_Fc_begins_ int meter_begin(_Fc_pinned_ _Inout_ struct meter *meter)",
      METER "int meter_add(_Fc_pinned_ _Inout_ struct meter *meter, long by)",
      METER "_Fc_ends_ int meter_end(_Fc_pinned_ _Inout_ struct meter *meter)"}},
    {"lasting",
     shelf_lives,
     {"struct shelf *shelf_new(void)",
      "int shelf_put(struct shelf *shelf, _In_z_ _Fc_kept_until_(shelf_drop) const char *text)",
      "struct label { long id; _Fc_kept_until_(shelf_drop) _Field_z_ const char *name; };"
      "int shelf_label(struct shelf *shelf, _In_ const struct label *label)",
      "int shelf_length(struct shelf *shelf, int index)", "int shelf_drop(struct shelf *shelf)"}},
    {"lasting",
     shelf_of_large_texts,
     {"struct shelf *shelf_new(void)",
      "int shelf_put(struct shelf *shelf, _In_z_ _Fc_kept_until_(shelf_drop) const char *text)",
      "int shelf_drop(struct shelf *shelf)"}},
    {"lasting",
     shelf_of_numbers,
     {"struct shelf *shelf_new(void)",
      "int shelf_numbers(struct shelf *shelf, _Fc_kept_until_(shelf_drop) _Inout_updates_(count) long *numbers, int "
      "count)",
      "int shelf_add(struct shelf *shelf, int by)", "int shelf_drop(struct shelf *shelf)"}},
    {"lasting", titles, {"int set_title(_In_opt_z_ _Fc_kept_until_(set_title) const char *text)"}},
    {"conformance_o2",
     entries,
     {"struct entry { long key; _Field_z_ char *name; }; void make_entry(int seed, _Outptr_ struct entry **entry)",
      "struct entry; void drop_entry(_Fc_opaque_ struct entry *entry)"}},
    {"callbacks", functions_once, {"void set_once(_Fc_callback_once_ int (*function)(int a))", "int call_once(int a)"}},
    {"callbacks",
     functions_until,
     {"struct owner *owner_new(void)",
      "size_t owner_set(struct owner *owner, _Fc_callback_until_(owner_clear) int (*function)(int a))",
      "int owner_call(struct owner *owner, int a)", "void owner_clear(struct owner *owner)"}},
    {"reports",
     reports,
     {"int report_row(int (*to)(_Fc_opaque_ void *data, _Printf_format_string_ const char *format, ...), _Fc_opaque_ "
      "void "
      "*data, int which)",
      "typedef __builtin_va_list va_list; int report_row_list(int (*to)(_Fc_opaque_ void *data, _Printf_format_string_ "
      "const char *format, va_list list), _Fc_opaque_ void *data, int which)"}},
    {"variadic",
     formats,
     {"int put_text(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, ...)",
      "typedef __builtin_va_list va_list; int put_list(_Out_writes_(size) char *to, size_t size, "
      "_Printf_format_string_ "
      "const char *format, va_list list)"}},
    {"conformance_o2",
     outputs,
     {"int name_of_month(int month, _Outptr_result_maybenull_z_ const char **name)",
      "int make_text(int seed, _Outptr_result_z_ char **text)", "void free_memory(_Fc_opaque_ void *memory)",
      "void make_doubles(int count, _Outptr_result_buffer_(count) double **values)"}},
    {"conformance_o2",
     unions,
     {VARIANT "unsigned long long sum_variants(_In_reads_(count) const struct variant *values, int count)",
      VARIANT "void bump_variants(_Inout_updates_(count) struct variant *values, int count)",
      VARIANT "void bump_variant(_Inout_ struct variant *value)"}},
    {"conformance_o2",
     wide_texts,
     {"unsigned long long sum_wide(_In_opt_z_ const wchar_t *text)", "void upper_wide(_Inout_z_ wchar_t *text)",
      "unsigned long long sum_wide_list(_In_reads_(count) _Deref_pre_z_ const wchar_t *const *texts, int count)",
      "_Ret_z_ const wchar_t *constant_wide(int index)"}},
    {"conformance_o2",
     lists_of_texts,
     {"unsigned long long sum_null_ended_list(_In_opt_ _NullNull_terminated_ const char *const *texts)",
      "int sort_list(_Inout_updates_(count) _Deref_pre_z_ const char **texts, int count)"}},
    {"payloads", large_arguments, {"unsigned text_sum(_In_opt_z_ const char *text)"}},
};

TEST(cycles_allocate_nothing_once_they_were_made) {
    need_allocations();
    large = malloc(LARGE_BYTES);
    require(large != NULL);
    memset(large, 'l', LARGE_BYTES - 1);
    large[LARGE_BYTES - 1] = '\0';
    memset(text, 't', sizeof text - 1);
    const unsigned failures = cycles_that_allocate(cycles, sizeof cycles / sizeof cycles[0], WARM, ROUNDS);
    free(large);
    assert_int_equal(failures, 0);
}

/* And the host. What the library allocates is its own affair; this one gives it all back. */
TEST(cycles_allocate_nothing_in_the_host) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "lasting");
        struct fc_function *memory = call_bind(library, "unsigned long long host_memory(void)");
        struct fc_function *functions[CYCLE_FUNCTIONS_MAX] = {NULL};
        unsigned long long before = 0, after = 0;
        for (size_t i = 0; i < sizeof cycles / sizeof cycles[0]; i++) {
            const struct cycle *cycle = &cycles[i];
            if (strcmp(cycle->library, "lasting") != 0 || cycle->run == shelf_of_large_texts) {
                continue;
            }
            cycle_bind(cycle, library, functions);
            for (int round = 0; round < WARM; round++) {
                cycle->run(functions);
                assert_ok(fc_call(memory, &before));
            }
            for (int round = 0; round < ROUNDS; round++) {
                cycle->run(functions);
            }
            assert_ok(fc_call(memory, &after));
            assert_true(after == before);
        }
        fc_library_close(library);
    }
}
