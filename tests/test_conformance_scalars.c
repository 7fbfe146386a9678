/* Conformance: numbers, names, errno, variables. */
#undef _FILE_OFFSET_BITS /* as the library was built */
#define CONFORMANCE_TEST "scalars"
#include "conformance/cases.h"

#include "conformance/scalars.h"

#include <complex.h>
#include <float.h>
#include <limits.h>
#include <math.h>

/* Limits first, then anything. */
#define INTEGER_CASE(name, type, low, high)                                                                            \
    CASE(name##_at_its_limits_and_between) {                                                                           \
        static const type limits[] = {(low), (high), 0, 1, (type)-1, (type)((high) / 2)};                              \
        const type a = limits[any_of(0, 5)], b = (type)any_bits();                                                     \
        SEE(CALL(thrice_##name, a, b));                                                                                \
        SEE(CALL(thrice_##name, b, a));                                                                                \
    }
INTEGER_CASE(int8, int8_t, INT8_MIN, INT8_MAX)
INTEGER_CASE(uint8, uint8_t, 0, UINT8_MAX)
INTEGER_CASE(int16, int16_t, INT16_MIN, INT16_MAX)
INTEGER_CASE(uint16, uint16_t, 0, UINT16_MAX)
INTEGER_CASE(int32, int32_t, INT32_MIN, INT32_MAX)
INTEGER_CASE(uint32, uint32_t, 0, UINT32_MAX)
INTEGER_CASE(int64, int64_t, INT64_MIN, INT64_MAX)
INTEGER_CASE(uint64, uint64_t, 0, UINT64_MAX)

CASE(char_and_bool_as_such) {
    SEE(CALL(next_letter, (char)any_bits()));
    SEE(CALL(is_one_of_two, any_bool(), any_bool()));
}

/* -- types whose width differs ------------------------------------------------------------------------------------- */

#define WIDTH_CASE(name, type)                                                                                         \
    CASE(name##_within_both_sides) {                                                                                   \
        const type a = ANY(type), b = ANY(type);                                                                       \
        SEE(CALL(less_##name, a, b));                                                                                  \
        SEE(CALL(less_##name, a, (type)(a / 3)));                                                                      \
    }
WIDTH_CASE(long, long)
WIDTH_CASE(ssize, ssize_t)
WIDTH_CASE(ptrdiff, ptrdiff_t)
WIDTH_CASE(intptr, intptr_t)
WIDTH_CASE(time, time_t)
WIDTH_CASE(offset, off_t)

/* What is smaller goes second. */
#define UNSIGNED_WIDTH_CASE(name, type)                                                                                \
    CASE(name##_within_both_sides) {                                                                                   \
        const type a = (type)(any_bits() >> 33);                                                                       \
        SEE(CALL(less_##name, a, (type)(a / 2)));                                                                      \
    }
UNSIGNED_WIDTH_CASE(ulong, unsigned long)
UNSIGNED_WIDTH_CASE(size, size_t)
UNSIGNED_WIDTH_CASE(uintptr, uintptr_t)

CASE(wchar_of_as_many_bits_as_both_sides_have) {
    SEE(CALL(next_wide, (wchar_t)any_of(1, case_is_for_windows() ? 0xfffe : 0x10ffff)));
    CALL_FAILS(case_is_for_windows(), FC_ERANGE, next_wide, (wchar_t)any_of(0x10000, 0x10ffff));
}

CASE(size_in_the_top_page_is_negative_on_both_sides) {
    SEE(CALL(size_of_error, any_of(1, 4095)));
    SEE(CALL(size_of_error, 1));
}

CASE(unsigned_long_is_extended_with_zeros) {
    SEE(CALL(checksum_long, (unsigned)any_bits()));
    SEE(CALL(checksum_long, UINT_MAX));
}

CASE(long_grows_with_its_sign) {
    SEE(CALL(widen_long, (long)any_int()));
    SEE(CALL(widen_long, (long)INT_MIN));
}

CASE_TIMES(argument_beyond_the_range_is_an_error, 20) {
    SEE(long_shrinks() == long_shrinks());
    const long far = (long)((uint64_t)any_of(2, 1000) << (sizeof(long) * 8 - 12));
    CALL_FAILS(long_shrinks(), FC_ERANGE, less_long, far, (long)1);
    CALL_FAILS(long_shrinks(), FC_ERANGE, less_time, (time_t)-far, (time_t)1);
    CALL_FAILS(long_shrinks(), FC_ERANGE, less_offset, (off_t)1, (off_t)far);
    CALL_FAILS(long_shrinks(), FC_ERANGE, less_size, (size_t)far, (size_t)far);
    CALL_FAILS(long_shrinks(), FC_ERANGE, less_ulong, (unsigned long)far, 1UL);
    SEE(CALL(less_long, (long)any_int(), 5L));
}

CASE_TIMES(result_beyond_the_range_is_an_error, 20) {
    const long long far = (long long)any_of(2, 1000) << 40;
    CALL_FAILS(long_grows(), FC_ERANGE, narrow_long, far);
    CALL_FAILS(long_grows(), FC_ERANGE, narrow_long, -far);
    CALL_FAILS(long_grows(), FC_ERANGE, narrow_size, (unsigned long long)far);
    SEE(CALL(narrow_long, (long long)any_int()));
    SEE(CALL(narrow_size, (unsigned long long)any_of(0, INT_MAX)));
}

/* -- floats -------------------------------------------------------------------------------------------------------- */

CASE(float_of_any_value) {
    static const float limits[] = {0.0f, -0.0f, INFINITY, -INFINITY, FLT_MAX, FLT_MIN, 1e-45f, NAN};
    SEE(CALL(scale_float, any_float(), any_float()));
    SEE(CALL(negate_float, limits[any_of(0, 7)]));
}

CASE(double_of_any_value) {
    static const double limits[] = {0.0, -0.0, INFINITY, -INFINITY, DBL_MAX, DBL_MIN, 5e-324, NAN};
    SEE(CALL(scale_double, any_double(), any_double()));
    SEE(CALL(negate_double, limits[any_of(0, 7)]));
}

CASE(long_double_of_any_value_that_a_double_holds) {
    static const long double limits[] = {0.0L, -0.0L, INFINITY, -INFINITY, DBL_MAX, DBL_MIN, 1 + DBL_EPSILON, NAN};
    SEE(CALL(scale_long_double, (long double)any_double(), (long double)any_double()));
    SEE(CALL(negate_long_double, limits[any_of(0, 7)]));
}

/* What computes in a double, as Microsoft's, or in a processor that is set to round to one, as all of Windows is, is
 * asked for nothing but the sign. */
CASE(long_double_keeps_all_its_bits_or_is_rounded) {
    static const long double limits[] = {LDBL_MIN, 1 + LDBL_EPSILON, 1.0L / 3, -1e-4950L, LDBL_MAX};
    const long double value = limits[any_of(0, is_to_msvc() ? 3 : 4)];
    if (!is_to_windows()) {
        SEE(CALL(scale_long_double, (long double)any_double(), 3 + LDBL_EPSILON * 4));
    }
    SEE(CALL(negate_long_double, is_to_msvc() && now->direct != NULL ? (long double)(double)value : value));
    CALL_FAILS(is_to_msvc(), FC_ERANGE, negate_long_double, LDBL_MAX);
    CALL_FAILS(is_to_msvc(), FC_ERANGE, turn_long_complex, 1, CMPLXL(0, -LDBL_MAX));
}

CASE(long_double_that_is_not_written_keeps_its_value) {
    static const long double limits[] = {1 + LDBL_EPSILON, LDBL_MAX, LDBL_MIN, 0.0L};
    long double value = limits[any_of(0, 3)];
    SEE(CALL(find_long_double, any_int(), &value));
    SEE(value);
}

CASE(complex_numbers) {
    const double _Complex value = CMPLX(any_double(), any_double()), turned = CALL(turn_complex, value);
    SEE(creal(turned));
    SEE(cimag(turned));
}

CASE(complex_numbers_of_floats) {
    const float _Complex value = CMPLXF(any_float(), any_float()), turned = CALL(turn_float_complex, value);
    SEE(crealf(turned));
    SEE(cimagf(turned));
}

static float _Complex any_float_complex(void) {
    const float real = any_float();
    return CMPLXF(real, any_float());
}
static double _Complex any_complex(void) {
    const double real = any_double();
    return CMPLX(real, any_double());
}
static long double _Complex any_long_complex(void) {
    static const long double limits[] = {0,        -0.0L,    INFINITY,      DBL_MAX, 1.0L / 8,
                                         LDBL_MAX, LDBL_MIN, -LDBL_EPSILON, 1.0L / 3};
    const int most = is_to_windows() ? 4 : 8; /* they compute in a double */
    const long double real = limits[any_of(0, most)];
    return CMPLXL(real, limits[any_of(0, most)]);
}
#define SEE_COMPLEX(value)                                                                                             \
    do {                                                                                                               \
        const long double _Complex seen_ = (value);                                                                    \
        SEE(creall(seen_));                                                                                            \
        SEE(cimagl(seen_));                                                                                            \
    } while (0)

CASE(complex_numbers_of_long_doubles) {
    SEE_COMPLEX(CALL(turn_long_complex, any_int(), any_long_complex()));
}

CASE(complex_numbers_in_structs) {
    struct waves *const waves = SCRATCH(struct waves, 5);
    for (int i = 0; i < 5; i++) {
        waves[i].name = ANY(char);
        waves[i].low = any_float_complex();
        waves[i].high = any_complex();
        waves[i].whole = any_complex();
    }
    const struct wave last = {any_float_complex(), ANY(short) / 2}, turned = CALL(turn_wave, last);
    SEE_COMPLEX(turned.value);
    SEE(turned.phase);
    SEE_COMPLEX(CALL(sum_waves, (const struct waves *)waves, any_of(0, 5), last));
}

CASE(pointers_to_complex_numbers) {
    double _Complex values[6];
    long double _Complex product = 0;
    const int count = any_of(0, 6);
    for (int i = 0; i < 6; i++) {
        values[i] = any_complex();
    }
    CALL_VOID(turn_each, values, count, &product);
    for (int i = 0; i < 6; i++) {
        SEE_COMPLEX(values[i]);
    }
    SEE_COMPLEX(product);
}

static double _Complex add_turned(double _Complex value, float _Complex by) {
    SEE_COMPLEX(value);
    SEE_COMPLEX(by);
    return CMPLX(creal(value) - cimagf(by), cimag(value) + crealf(by));
}
static long double _Complex turn_back(long double _Complex value) {
    SEE_COMPLEX(value);
    return CMPLXL(cimagl(value), -creall(value));
}
static float _Complex make_short(long double _Complex value) {
    SEE_COMPLEX(value);
    return CMPLXF((float)cimagl(value), (float)creall(value));
}
CASE(callbacks_with_complex_numbers) {
    SEE_COMPLEX(CALL(map_complex, add_turned, any_complex()));
    SEE_COMPLEX(CALL(map_long_complex, turn_back, any_float_complex()));
    SEE_COMPLEX(CALL(map_float_complex, make_short, any_float_complex()));
}

/* -- enums --------------------------------------------------------------------------------------------------------- */

CASE(enums_with_and_without_negative_values) {
    static const enum colour colours[] = {RED, GREEN, BLUE};
    SEE(CALL(next_colour, colours[any_of(0, 2)]));
    SEE(CALL(opposite_level, (enum level)any_of(-7, 7)));
}

/* To Microsoft's compilers each is an int. */
static enum wide any_wide(void) {
    return any_bool() && !is_to_msvc() ? WIDE_HIGH : WIDE_LOW;
}
CASE(enums_of_other_sizes_than_int) {
    static const enum small smalls[] = {SMALL_LOW, SMALL_NONE, SMALL_HIGH};
    const enum wide values[] = {any_wide(), any_wide(), any_wide()};
    enum small one = smalls[any_of(0, 2)];
    SEE(CALL(opposite_small, smalls[any_of(0, 2)], any_of(0, 1)));
    SEE(CALL(step_wide, any_wide(), ANY(char)));
    CALL_FAILS(is_to_msvc(), FC_ERANGE, step_wide, WIDE_HIGH, (char)0);
    const struct enums enums = {one, any_wide(), {smalls[any_of(0, 2)], SMALL_LOW}};
    const struct enums turned = CALL(turn_enums, enums);
    SEE(turned.small);
    SEE(turned.wide);
    SEE(turned.both[0]);
    SEE(turned.both[1]);
    SEE(CALL(sum_enums, (const enum wide *)values, (unsigned char)any_of(0, 3), &one));
    SEE(one);
}

/* -- lists of arguments -------------------------------------------------------------------------------------------- */

CASE(no_arguments) {
    SEE(CALL(without_arguments));
    CALL_VOID(count_a_call);
    SEE(CALL(counted_calls));
}

CASE(ten_arguments_of_ten_types) {
    SEE(CALL(ten_arguments, any_int(), ANY(unsigned char), ANY(short), (long long)any_bits(), any_float(), any_double(),
             any_bool(), (unsigned)any_bits(), ANY(signed char), (unsigned long long)any_bits()));
}

static long small(void) {
    return any_of(-1000000, 1000000);
}
CASE(nine_longs_on_the_stack) {
    SEE(CALL(nine_longs, small(), small(), small(), small(), small(), small(), small(), small(), small()));
}
static long long long_long(void) {
    return (long long)any_bits();
}
CASE(ten_long_longs_on_the_stack) {
    SEE(CALL(ten_long_longs, long_long(), long_long(), long_long(), long_long(), long_long(), long_long(), long_long(),
             long_long(), long_long(), long_long()));
}

CASE(eleven_ints_on_the_stack) {
    SEE(CALL(eleven_ints, any_int(), any_int(), any_int(), any_int(), any_int(), any_int(), any_int(), any_int(),
             any_int(), any_int(), any_int()));
}

CASE(twelve_floats_and_doubles_beyond_the_registers) {
    SEE(CALL(twelve_floats_and_doubles, any_float(), any_double(), any_float(), any_double(), any_float(), any_double(),
             any_float(), any_double(), any_float(), any_double(), any_float(), any_double()));
}

CASE(values_of_64_bits_at_odd_places) {
    SEE(CALL(odd_places_of_64_bits, any_int(), long_long(), any_int(), (unsigned long long)any_bits(), ANY(char),
             any_double()));
}

CASE(long_doubles_between_other_arguments) {
    SEE(CALL(long_doubles_between, any_int(), (long double)any_double(), any_int(), (long double)any_double(),
             any_double()));
}

CASE(function_with_a_long_name) {
    SEE(CALL(
        a_function_with_quite_a_long_name_such_as_generators_make_from_the_names_of_namespaces_classes_methods_and_types_in_other_languages,
        any_int()));
}

/* -- errno --------------------------------------------------------------------------------------------------------- */

CASE(errno_comes_back_if_it_was_set) {
    errno = 0;
    SEE(CALL(set_errno, is_to_windows() ? EDOM : any_of(1, 133))); /* another C library has other numbers */
    SEE(errno);
    SEE(CALL(set_errno_by_name, any_of(0, 10)));
    SEE(errno);
    const int before = errno;
    SEE(CALL(leave_errno, any_int()));
    SEE(errno == before);
}

/* -- `...` --------------------------------------------------------------------------------------------------------- */

CASE(variadic_integers) {
    SEE(CALL_VARIADIC(sum_variadic, "long long sum_variadic(int count)", 0));
    SEE(CALL_VARIADIC(sum_variadic, "long long sum_variadic(int count, ..., long long)", 1, 5LL));
    const long long a = long_long(), b = long_long(), c = long_long();
    SEE(CALL_VARIADIC(sum_variadic,
                      "long long sum_variadic(int count, ..., long long, long long, long long, long long, long long, "
                      "long long)",
                      6, a, b, c, a ^ b, b ^ c, a ^ c));
}

CASE(variadic_doubles) {
    const double a = any_double(), b = any_double();
    SEE(CALL_VARIADIC(sum_variadic_doubles, "double sum_variadic_doubles(int count, ..., double, double)", 2, a, b));
    SEE(CALL_VARIADIC(sum_variadic_doubles,
                      "double sum_variadic_doubles(int count, ..., double, double, double, double, double, double, "
                      "double, double, double, double)",
                      10, a, b, a, b, a, b, a, b, a, b));
}

CASE(variadic_by_format) {
    char text[200];
    const int a = any_int();
    const long b = any_int();
    const double c = any_double();
    char *const d = any_text(20);
    memset(text, 'x', sizeof text);
    SEE(CALL_VARIADIC(format_into, "format_into", text, sizeof text, "%d %ld %.3f %s %lld %c%%", a, b, c, d,
                      (long long)a * b, 'c'));
    SEE(text);
    SEE(CALL_VARIADIC(format_into, "format_into", text, (size_t)5, "%s", d));
    SEE(text);
    SEE(CALL_VARIADIC(format_into, "format_into", text, (size_t)9, "no more"));
    SEE(text);
}

/* -- exported variables -------------------------------------------------------------------------------------------- */

CASE(variables_are_read_and_written) {
    const int before = READ_VARIABLE(shared_counter);
    SEE(before);
    SEE(CALL(bump_shared_counter, 3));
    SEE(READ_VARIABLE(shared_counter));
    WRITE_VARIABLE(shared_counter, before + any_of(0, 1000));
    SEE(CALL(bump_shared_counter, 1));
    const long number = any_int();
    WRITE_VARIABLE(shared_long, number);
    SEE(READ_VARIABLE(shared_long));
    WRITE_VARIABLE(shared_table, {any_double(), any_double(), any_double(), any_double()});
    SEE(CALL(sum_shared_table));
    SEE(READ_VARIABLE(shared_version));
}

CASE(variables_are_seen_by_functions) {
    SEE(CALL(bump_shared_counter, any_of(-5, 5)));
    SEE(CALL(sum_shared_table));
}
