/* Single values to the callee and back: every type, its limits, and what does not fit. */
#include "call.h"
#include "libs/scalars.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>

#define TOP_PAGE UINT64_C(4096)

/* -- integers: what must happen, told a second time ---------------------------------------------------------------- */

struct integer {
    const char *name, *type;
    unsigned bytes; /* here */
    bool is_signed;
    bool is_wide; /* as wide as a pointer */
    bool is_size; /* the top page stays the top page */
    /* Calls `function` with the low bytes of `value` as this type, or for a result of this type. */
    int (*call_with)(struct fc_function *function, void *ret_result, uint64_t value);
    int (*call_for)(struct fc_function *function, uint64_t *ret_value, long long argument);
    int (*echo)(struct fc_function *function, uint64_t *ret_value, uint64_t value);
};

#define INTEGER_CALLS(name, type)                                                                                      \
    static int call_with_##name(struct fc_function *function, void *ret_result, uint64_t value) {                      \
        return fc_call(function, ret_result, (type)value);                                                             \
    }                                                                                                                  \
    static int call_for_##name(struct fc_function *function, uint64_t *ret_value, long long argument) {                \
        struct {                                                                                                       \
            type before, result, behind;                                                                               \
        } here = {(type)0x5a, (type)0x33, (type)0x5a};                                                                 \
        int result = fc_call(function, &here.result, argument);                                                        \
        assert_true(here.before == (type)0x5a && here.behind == (type)0x5a);                                           \
        assert_true(result == FC_OK || here.result == (type)0x33);                                                     \
        *ret_value = (uint64_t)(long long)here.result;                                                                 \
        return result;                                                                                                 \
    }                                                                                                                  \
    static int echo_##name(struct fc_function *function, uint64_t *ret_value, uint64_t value) {                        \
        type result = 0;                                                                                               \
        int error = fc_call(function, &result, (type)value);                                                           \
        *ret_value = (uint64_t)(long long)result;                                                                      \
        return error;                                                                                                  \
    }
SCALARS_INTEGERS(INTEGER_CALLS)

static bool is_one_of(const char *type, const char *list) {
    const char *found = strstr(list, type);
    return found != NULL && found[strlen(type)] == ';' && (found == list || found[-1] == ';');
}

#define INTEGER_ROW(name, type)                                                                                        \
    {#name, #type, sizeof(type), (type)-1 < (type)1, false, false, call_with_##name, call_for_##name, echo_##name},
static struct integer integers[] = {SCALARS_INTEGERS(INTEGER_ROW)};
enum { INTEGERS = sizeof integers / sizeof integers[0] };

static void fill_rows(void) {
    for (size_t i = 0; i < INTEGERS; i++) {
        const char *type = integers[i].type;
        integers[i].is_wide = is_one_of(type, "long;unsigned long;size_t;ssize_t;ptrdiff_t;intptr_t;uintptr_t;");
        integers[i].is_size = is_one_of(type, "size_t;uintptr_t;");
    }
}

static unsigned bytes_there(const struct integer *row, const char *target) {
    return row->is_wide ? call_pointer_bytes(target) : row->bytes;
}

/* The low bytes of a number, as a value of so many. */
static uint64_t cut(uint64_t value, unsigned bytes, bool is_signed) {
    if (bytes == 8) {
        return value;
    }
    uint64_t low = value & ((UINT64_C(1) << bytes * 8) - 1);
    bool is_negative = is_signed && low >> (bytes * 8 - 1) != 0;
    return is_negative ? low - (UINT64_C(1) << bytes * 8) : low;
}

/* What becomes of a value on its way from a type of `from` bytes to one of `to`. False if it must not go. */
static bool crosses(const struct integer *row, uint64_t value, unsigned from, unsigned to, uint64_t *ret_value) {
    if (row->is_size && from == 8 && to == 4 && value > UINT64_MAX - TOP_PAGE) {
        *ret_value = value & UINT32_MAX;
        return true;
    }
    if (row->is_size && from == 4 && to == 8 && value > UINT32_MAX - TOP_PAGE) {
        *ret_value = value + (UINT64_MAX - UINT32_MAX);
        return true;
    }
    *ret_value = value;
    return from <= to || cut(value, to, row->is_signed) == value;
}

static size_t interesting_values(uint64_t *values) {
    static const uint64_t points[] = {0,
                                      UINT64_C(1) << 7,
                                      UINT64_C(1) << 8,
                                      UINT64_C(1) << 15,
                                      UINT64_C(1) << 16,
                                      UINT64_C(1) << 31,
                                      UINT64_C(1) << 32,
                                      UINT64_C(1) << 63,
                                      (UINT64_C(1) << 32) - TOP_PAGE,
                                      (UINT64_C(1) << 32) + TOP_PAGE,
                                      UINT64_C(0) - TOP_PAGE,
                                      UINT64_C(0) - 2 * TOP_PAGE,
                                      UINT64_C(0) - (UINT64_C(1) << 31),
                                      UINT64_C(0) - (UINT64_C(1) << 32),
                                      UINT64_C(0x0123456789abcdef),
                                      UINT64_C(0xfedcba9876543210)};
    size_t count = 0;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        for (uint64_t shift = 0; shift < 3; shift++) {
            values[count++] = points[i] + shift - 1;
        }
    }
    for (unsigned i = 0; i < call_scaled(50); i++) {
        values[count++] = call_random_length();
    }
    return count;
}

enum { VALUES_MAX = 128 };

static struct fc_function *bind_for(struct fc_library *library, const char *format, const struct integer *row) {
    char prototype[200];
    snprintf(prototype, sizeof prototype, format, row->type, row->name);
    return call_bind(library, prototype);
}

/* Arguments: seen_NAME says what arrived. */
static void check_arguments(struct fc_library *library, const char *target, const struct integer *row) {
    uint64_t values[VALUES_MAX];
    const size_t count = interesting_values(values);
    char prototype[200];
    snprintf(prototype, sizeof prototype, "long long seen_%s(%s value)", row->name, row->type);
    struct fc_function *seen = call_bind(library, prototype);
    int calls = call_count(library);
    for (size_t i = 0; i < count; i++) {
        uint64_t value = cut(values[i], row->bytes, row->is_signed), wanted;
        long long result = 12345;
        bool goes = crosses(row, value, row->bytes, bytes_there(row, target), &wanted);
        int error = row->call_with(seen, &result, value);
        assert_int_equal(error, goes ? FC_OK : FC_ERANGE);
        assert_int_equal(result, goes ? (long long)wanted : 12345);
        calls += goes;
        if (!goes) {
            char number[32];
            snprintf(number, sizeof number, row->is_signed ? "%lld" : "%llu", (long long)value);
            assert_error_text(number);
            assert_error_text("argument `value` of seen_");
            assert_error_text(row->type);
            assert_error_text(target);
            assert_error_text("nothing was sent");
        }
        /* The same by an array. */
        uint64_t storage = value;
        void *const arguments[] = {&storage};
        result = 12345;
        assert_int_equal(fc_call_array(seen, &result, 1, arguments), error);
        assert_int_equal(result, goes ? (long long)wanted : 12345);
        calls += goes;
    }
    assert_int_equal(call_count(library), calls);
}

/* Results: make_NAME returns the low bytes of a long long. */
static void check_results(struct fc_library *library, const char *target, const struct integer *row) {
    uint64_t values[VALUES_MAX];
    const size_t count = interesting_values(values);
    const unsigned there = bytes_there(row, target);
    struct fc_function *make = bind_for(library, "%s make_%s(long long value)", row);
    int calls = call_count(library);
    for (size_t i = 0; i < count; i++) {
        uint64_t made = cut(values[i], there, row->is_signed), wanted, result;
        bool comes = crosses(row, made, there, row->bytes, &wanted);
        int error = row->call_for(make, &result, (long long)values[i]);
        assert_int_equal(error, comes ? FC_OK : FC_ERANGE);
        if (comes) {
            assert_int_equal(result, cut(wanted, row->bytes, row->is_signed));
        } else {
            assert_error_text("the result of make_");
            assert_error_text(HARNESS_OWN_TARGET);
            assert_error_text("the call was made");
        }
    }
    assert_int_equal(call_count(library), calls + (int)count);
}

static void check_echoes(struct fc_library *library, const char *target, const struct integer *row) {
    uint64_t values[VALUES_MAX];
    const size_t count = interesting_values(values);
    struct fc_function *echo = bind_for(library, "%1$s echo_%2$s(%1$s value)", row);
    for (size_t i = 0; i < count; i++) {
        uint64_t value = cut(values[i], row->bytes, row->is_signed), arrived, back, result;
        if (!crosses(row, value, row->bytes, bytes_there(row, target), &arrived) ||
            !crosses(row, arrived, bytes_there(row, target), row->bytes, &back)) {
            continue;
        }
        assert_ok(row->echo(echo, &result, value));
        assert_int_equal(result, cut(back, row->bytes, row->is_signed));
    }
}

static void check_integers(void (*check)(struct fc_library *, const char *, const struct integer *)) {
    fill_rows();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        for (size_t i = 0; i < INTEGERS; i++) {
            check(library, target, &integers[i]);
        }
        fc_library_close(library);
    }
}

TEST(call_passes_integers_of_every_type) {
    check_integers(check_arguments);
}

TEST(call_returns_integers_of_every_type) {
    check_integers(check_results);
}

TEST(call_echoes_integers_of_every_type) {
    check_integers(check_echoes);
}

/* Sizes of the top page, such as error codes, stay what they are; other unsigned values only grow zeros. */
TEST(call_keeps_what_sizes_and_longs_mean) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    size_t size = 0;
    assert_ok(fc_call(call_bind(library, "size_t echo_size(size_t value)"), &size, (size_t)-1));
    assert_true(size == (size_t)-1);
    assert_ok(fc_call(call_bind(library, "size_t make_size(long long value)"), &size, -20LL));
    assert_true(size == (size_t)-20);
    ssize_t signed_size = 0;
    assert_ok(fc_call(call_bind(library, "ssize_t make_ssize(long long value)"), &signed_size, -1LL));
    assert_true(signed_size == -1);
    long number = 0;
    assert_ok(fc_call(call_bind(library, "long make_long(long long value)"), &number, -1LL));
    assert_true(number == -1);
    unsigned long check = 0;
    struct fc_function *make = call_bind(library, "unsigned long make_ulong(long long value)");
    assert_ok(fc_call(make, &check, 0xffffffffLL));
    assert_true(check == 0xffffffffUL); /* and not -1 */
    assert_ok(fc_call(call_bind(library, "unsigned long echo_ulong(unsigned long value)"), &check, 0xffffffffUL));
    assert_true(check == 0xffffffffUL);
    fc_library_close(library);
}

/* Callees may rely on narrow arguments being extended to a word. */
TEST(call_extends_narrow_arguments) {
    static const struct {
        const char *type;
        int value;
        unsigned word;
    } rows[] = {{"signed char", -1, 0xffffffff},
                {"signed char", 127, 127},
                {"unsigned char", 255, 255},
                {"short", -2, 0xfffffffe},
                {"unsigned short", 65535, 65535},
                {"bool", 1, 1},
                {"bool", 256, 1},
                {"char", -128, 0xffffff80}};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            char prototype[100];
            unsigned word = 0;
            snprintf(prototype, sizeof prototype, "unsigned raw_word(%s value)", rows[i].type);
            assert_ok(fc_call(call_bind(library, prototype), &word, rows[i].value));
            assert_int_equal(word, rows[i].word);
        }
        fc_library_close(library);
    }
}

TEST(call_passes_bool_and_enum) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *echo = call_bind(library, "bool echo_bool(bool value)");
        struct fc_function *make = call_bind(library, "_Bool make_bool(long long value)");
        for (int i = 0; i < 2; i++) {
            bool result = i == 0;
            assert_ok(fc_call(echo, &result, i));
            assert_int_equal(result, i);
            result = i == 0;
            assert_ok(fc_call(make, &result, i * 256LL)); /* a truth whose low byte is 0 */
            assert_int_equal(result, i);
        }
        struct fc_function *color = call_bind(
            library, "enum color { RED = -1, GREEN, BLUE = 1000000 }; enum color echo_enum(enum color value)");
        const int colors[] = {-1, 0, 1000000, INT_MIN, INT_MAX};
        for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++) {
            int result = 5;
            assert_ok(fc_call(color, &result, colors[i]));
            assert_int_equal(result, colors[i]);
        }
        fc_library_close(library);
    }
}

/* -- floats -------------------------------------------------------------------------------------------------------- */

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Signalling NaNs become quiet ones when x87 registers carry them, in one process too. Valgrind's keep no payload. */
static uint64_t quiet(uint64_t bits) {
    bool is_nan = (bits & ~(UINT64_C(1) << 63)) > UINT64_C(0x7ff0000000000000);
    return !is_nan ? bits : call_under_valgrind() ? UINT64_C(0x7ff8000000000000) : bits | UINT64_C(0x0008000000000000);
}

static uint32_t quiet_float(uint32_t bits) {
    bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
    return !is_nan ? bits : call_under_valgrind() ? 0x7fc00000 : bits | 0x00400000;
}

TEST(call_passes_doubles_bit_by_bit) {
    static const uint64_t special[] = {0,
                                       UINT64_C(0x8000000000000000),  /* -0.0 */
                                       1,                             /* the smallest denormal */
                                       UINT64_C(0x800fffffffffffff),  /* the largest, negative */
                                       UINT64_C(0x0010000000000000),  /* DBL_MIN */
                                       UINT64_C(0x7fefffffffffffff),  /* DBL_MAX */
                                       UINT64_C(0xffefffffffffffff),  /* -DBL_MAX */
                                       UINT64_C(0x7ff0000000000000),  /* infinity */
                                       UINT64_C(0xfff0000000000000),  /* -infinity */
                                       UINT64_C(0x7ff8000000000000),  /* NaN */
                                       UINT64_C(0xfff8000000abcdef),  /* a negative one with a payload */
                                       UINT64_C(0x3ff0000000000001)}; /* the next after 1 */
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *echo = call_bind(library, "double echo_double(double value)");
        struct fc_function *seen = call_bind(library, "uint64_t bits_of_double(double value)");
        struct fc_function *make = call_bind(library, "double double_of_bits(uint64_t number)");
        for (unsigned i = 0; i < sizeof special / sizeof special[0] + call_scaled(100); i++) {
            bool is_special = i < sizeof special / sizeof special[0];
            uint64_t bits = quiet(is_special ? special[i] : call_random()), arrived = 0;
            double value = double_of(bits), result = 0;
            assert_ok(fc_call(seen, &arrived, value));
            assert_int_equal(quiet(arrived), bits);
            assert_ok(fc_call(echo, &result, value));
            assert_int_equal(quiet(bits_of(result)), bits);
            assert_ok(fc_call(make, &result, bits));
            assert_int_equal(quiet(bits_of(result)), bits);
            void *const arguments[] = {&value};
            result = 0;
            assert_ok(fc_call_array(echo, &result, 1, arguments));
            assert_int_equal(quiet(bits_of(result)), bits);
        }
        fc_library_close(library);
    }
}

TEST(call_passes_floats_bit_by_bit) {
    static const uint32_t special[] = {0,          0x80000000, 1,          0x807fffff, 0x00800000, 0x7f7fffff,
                                       0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc0abcd, 0x3f800001};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *echo = call_bind(library, "float echo_float(float value)");
        struct fc_function *seen = call_bind(library, "uint32_t bits_of_float(float value)");
        struct fc_function *make = call_bind(library, "float float_of_bits(uint32_t number)");
        for (unsigned i = 0; i < sizeof special / sizeof special[0] + call_scaled(100); i++) {
            bool is_special = i < sizeof special / sizeof special[0];
            uint32_t bits = quiet_float(is_special ? special[i] : (uint32_t)call_random()), arrived = 0, back;
            float value = float_of(bits), result = 0;
            assert_ok(fc_call(seen, &arrived, (double)value));
            assert_int_equal(quiet_float(arrived), bits);
            assert_ok(fc_call(echo, &result, (double)value));
            memcpy(&back, &result, sizeof back);
            assert_int_equal(quiet_float(back), bits);
            assert_ok(fc_call(make, &result, bits));
            memcpy(&back, &result, sizeof back);
            assert_int_equal(quiet_float(back), bits);
            void *const arguments[] = {&value};
            assert_ok(fc_call_array(seen, &arrived, 1, arguments));
            assert_int_equal(quiet_float(arrived), bits);
        }
        fc_library_close(library);
    }
}

/* -- errno --------------------------------------------------------------------------------------------------------- */

TEST(call_carries_errno_back) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *set = call_bind(library, "int set_errno(int value)");
        int before = -1;
        errno = E2BIG;
        assert_ok(fc_call(set, &before, ENOSPC));
        assert_int_equal(errno, ENOSPC);
        assert_int_equal(before, 0); /* the callee finds 0, whatever it was here and there */
        errno = E2BIG;
        assert_ok(fc_call(set, &before, 0)); /* a zero is no news */
        assert_int_equal(errno, E2BIG);
        assert_int_equal(before, 0);
        assert_ok(fc_call(set, &before, -1));
        assert_int_equal(errno, E2BIG);
        assert_ok(fc_call(set, &before, 4095));
        assert_int_equal(errno, 4095);
        fc_library_close(library);
    }
}

TEST(call_leaves_errno_alone_when_nothing_was_sent) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    struct fc_function *function = call_bind(library, "int set_errno(_In_ const int *value)");
    char buffer[8] = "";
    errno = EDOM;
    assert_int_equal(fc_call_array(function, NULL, 0, NULL), FC_EARGS);
    assert_int_equal(errno, EDOM);
    function = call_bind(library, "int Add(_In_reads_(b) const char *a, int b)");
    assert_int_equal(fc_call(function, NULL, buffer, -1), FC_EINVAL);
    assert_int_equal(errno, EDOM);
    fc_library_close(library);
}

/* -- results that nobody wants, and many functions at once --------------------------------------------------------- */

TEST(call_needs_no_place_for_the_result) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        int calls = call_count(library);
        assert_ok(fc_call(call_bind(library, "int echo_int(int value)"), NULL, 5));
        assert_ok(fc_call(call_bind(library, "double echo_double(double value)"), NULL, 5.0));
        assert_ok(fc_call(call_bind(library, "const char *static_text(void)"), NULL));
        assert_ok(fc_call(call_bind(library, "void nothing(void)"), NULL));
        int untouched = 77;
        assert_ok(fc_call(call_bind(library, "void nothing(void)"), &untouched));
        assert_int_equal(untouched, 77);
        assert_int_equal(call_count(library), calls + 3);
        fc_library_close(library);
    }
}

/* A result that nobody wants is not looked at, so it cannot be out of range. */
TEST(call_ignores_the_range_of_an_unwanted_result) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    assert_ok(fc_call(call_bind(library, "long make_long(long long value)"), NULL, 1LL << 40));
    fc_library_close(library);
}

TEST(call_interleaves_sixteen_functions) {
    enum { FUNCTIONS = 16 };
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *functions[FUNCTIONS];
        fill_rows();
        for (size_t i = 0; i < FUNCTIONS; i++) {
            functions[i] = bind_for(library, "%1$s echo_%2$s(%1$s value)", &integers[i]);
        }
        for (unsigned round = 0; round < call_scaled(3000); round++) {
            size_t i = call_random() % FUNCTIONS;
            uint64_t value = cut(call_random() & 0x7fffffff, integers[i].bytes, integers[i].is_signed), result;
            assert_ok(integers[i].echo(functions[i], &result, value));
            assert_int_equal(result, value);
        }
        fc_library_close(library);
    }
}

/* -- what a callee may do to the machine --------------------------------------------------------------------------- */

TEST(call_survives_what_a_callee_does_to_registers) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *clobber = call_bind(library, "int clobber(int value)");
        struct fc_function *set_flag = call_bind(library, "int leave_direction_flag_set(int value)");
        struct fc_function *text = call_bind(library, "const char *long_text(unsigned length)");
        for (int i = 0; i < 10; i++) {
            int result = 0;
            const char *string = NULL;
            assert_ok(fc_call(clobber, &result, i));
            assert_int_equal(result, i);
            assert_ok(fc_call(set_flag, &result, -i));
            assert_int_equal(result, -i);
            assert_ok(fc_call(text, &string, 100u)); /* string instructions go forward */
            assert_int_equal(strlen(string), 100);
        }
        fc_library_close(library);
    }
}

TEST(call_runs_in_another_process_of_the_right_bitness) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        int pid = 0;
        unsigned bits = 0;
        assert_ok(fc_call(call_bind(library, "int process(void)"), &pid));
        assert_int_equal(pid, fc_session_host_pid(fc_library_session(library)));
        assert_int_not_equal(pid, getpid());
        assert_ok(fc_call(call_bind(library, "unsigned bits(void)"), &bits));
        assert_int_equal(bits, call_pointer_bytes(target) * 8);
        fc_library_close(library);
    }
}
