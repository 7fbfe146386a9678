/* Conformance: arrays of numbers in, out and both ways. */
#define CONFORMANCE_TEST "buffers"
#include "conformance/cases.h"

#include "conformance/buffers.h"

#define ANY_ARRAY(type, count)                                                                                         \
    ({                                                                                                                 \
        type *array_ = SCRATCH(type, (count) + 1), *const end_ = array_ + (size_t)(count);                             \
        for (type *at_ = array_; at_ < end_; at_++) {                                                                  \
            *at_ = ANY(type);                                                                                          \
        }                                                                                                              \
        array_;                                                                                                        \
    })
static int any_count(void) {
    return any_of(0, any_of(0, 3) == 0 ? 700 : 12);
}

/* -- in ------------------------------------------------------------------------------------------------------------ */

CASE(bytes_in) {
    const size_t size = (size_t)any_of(0, 5000);
    SEE(CALL(sum_bytes, ANY_ARRAY(unsigned char, size), size));
    SEE(CALL(sum_bytes, (const void *)NULL, (size_t)3));
}

#define SUM_CASE(name, type, count_type)                                                                               \
    CASE(array_of_##name##_in) {                                                                                       \
        const count_type count = (count_type)any_count();                                                              \
        SEE(CALL(sum_##name, ANY_ARRAY(type, count), count));                                                          \
    }
SUM_CASE(shorts, short, int)
SUM_CASE(ints, int, int)
SUM_CASE(longs, long, int)
SUM_CASE(long_longs, long long, int)
SUM_CASE(sizes, size_t, size_t)
SUM_CASE(bools, bool, int)
SUM_CASE(floats, float, int)
SUM_CASE(doubles, double, int)
SUM_CASE(long_doubles, long double, int)

CASE(array_of_wide_letters_in) {
    const int count = any_count();
    wchar_t *const letters = ANY_ARRAY(wchar_t, count);
    for (int i = 0; i < count && case_is_for_windows(); i++) {
        letters[i] &= 0xffff;
    }
    SEE(CALL(sum_wide_letters, (const wchar_t *)letters, count));
    letters[count / 2] = any_of(0x10000, 0x10ffff);
    CALL_FAILS(case_is_for_windows() && count > 0, FC_ERANGE, sum_wide_letters, (const wchar_t *)letters, count);
}

CASE(null_arrays) {
    SEE(CALL(sum_optional, (const int *)NULL, any_of(0, 9)));
    SEE(CALL(sum_optional, ANY_ARRAY(int, 3), 3));
}

/* -- arrays of arrays ---------------------------------------------------------------------------------------------- */

CASE(two_dimensional_array_in) {
    const int rows = any_of(0, 9);
    SEE(CALL(weigh_matrix, (const int(*)[4])ANY_ARRAY(int, rows * 4), rows));
}

CASE(three_dimensional_array_in) {
    SEE(CALL(weigh_cube, (const short(*)[3][4])ANY_ARRAY(short, 24)));
}

CASE(fixed_array_in_and_another_out) {
    long to[2][3];
    CALL_VOID(transpose, (const long(*)[2])ANY_ARRAY(long, 6), to);
    SEE_EACH(&to[0][0], 6);
}

CASE(array_of_computed_length) {
    const int rows = any_of(0, 9), columns = any_of(0, 9);
    SEE(CALL(weigh_flat_matrix, ANY_ARRAY(double, rows *columns), rows, columns));
    const int first = any_of(-100, 100), last = first + any_of(-1, 20);
    SEE(CALL(sum_window, ANY_ARRAY(unsigned, (last - first + 1) * 2), first, last));
    const size_t size = (size_t)any_of(1, 30), count = (size_t)any_of(0, 9);
    SEE(CALL(sum_records, ANY_ARRAY(char, size *count), size, count));
}

/* -- out ----------------------------------------------------------------------------------------------------------- */

CASE(array_out_in_full) {
    const int count = any_count();
    long long *const squares = SCRATCH(long long, count + 1);
    CALL_VOID(fill_squares, squares, count);
    SEE_EACH(squares, count + 1);
}

CASE(array_out_in_part_keeps_the_rest) {
    const int count = any_count();
    int *const values = SCRATCH(int, count + 1);
    CALL_VOID(fill_some, values, count, any_count());
    SEE_EACH(values, count + 1);
}

CASE(array_out_with_its_count) {
    int primes[30] = {0}, count = -1;
    SEE(CALL(primes_below, any_of(0, 200), primes, any_of(0, 30), &count));
    SEE(count);
    SEE_EACH(primes, count);
}

CASE(array_out_whose_length_goes_both_ways) {
    unsigned char buffer[300] = {0};
    unsigned len = (unsigned)any_of(0, 300);
    SEE(CALL(set_with_length, (void *)buffer, &len));
    SEE(len);
    SEE_BYTES(buffer, len);
}

CASE(array_of_longs_out) {
    const int count = any_count();
    long *const values = SCRATCH(long, count + 1);
    CALL_VOID(fill_longs, values, count, (long)any_of(-1000, 1000));
    SEE_EACH(values, count + 1);
}

CASE(array_of_sizes_out_with_negative_ones) {
    const size_t count = (size_t)any_count();
    size_t *const values = SCRATCH(size_t, count + 1);
    CALL_VOID(fill_sizes, values, count);
    SEE_EACH(values, count + 1);
}

CASE(array_of_bools_out) {
    const int count = any_count();
    bool values[701];
    memset(values, 0, sizeof values);
    CALL_VOID(fill_bools, values, count, any_of(1, 5));
    SEE_EACH(values, count + 1);
}

CASE(array_of_long_doubles_out) {
    const int count = any_count();
    long double *const values = SCRATCH(long double, count + 1);
    CALL_VOID(fill_long_doubles, values, count);
    SEE_EACH(values, count);
}

CASE_TIMES(large_buffer_out_and_in, 3) {
    const size_t size = call_scaled_size(((size_t)1 << 21) + (size_t)any_of(0, 4096));
    unsigned char *const data = scratch(size);
    CALL_VOID(large_pattern, (void *)data, size, (unsigned)any_bits());
    SEE_BYTES(data, size);
    SEE(CALL(sum_bytes, (const void *)data, size));
}

/* -- both ways ----------------------------------------------------------------------------------------------------- */

CASE(array_sorted_in_place) {
    const int count = any_of(0, 40);
    int *const values = ANY_ARRAY(int, count);
    CALL_VOID(bubble_sort, values, count);
    SEE_EACH(values, count + 1);
}

CASE(image_filtered_in_place) {
    const int width = any_of(1, 20), height = any_of(1, 20);
    float *const image = ANY_ARRAY(float, width *height);
    CALL_VOID(smooth, image, width, height);
    SEE_EACH(image, width * height);
}

CASE(doubles_and_longs_changed_in_place) {
    const int count = any_count();
    double *const doubles = ANY_ARRAY(double, count);
    long *const longs = ANY_ARRAY(long, count);
    CALL_VOID(negate_doubles, doubles, count);
    CALL_VOID(negate_longs, longs, count);
    SEE_EACH(doubles, count);
    SEE_EACH(longs, count + 1);
}

CASE(bytes_changed_in_place) {
    const size_t size = (size_t)any_of(0, 9000);
    unsigned char *const data = ANY_ARRAY(unsigned char, size);
    CALL_VOID(invert_bytes, (void *)data, size);
    SEE_BYTES(data, size + 1);
}

CASE(array_that_shrinks) {
    int count = any_count();
    int *const values = ANY_ARRAY(int, count);
    SEE(CALL(remove_negative, values, &count));
    SEE(count);
    SEE_EACH(values, count);
}

/* -- single values by reference ------------------------------------------------------------------------------------ */

CASE(pointers_byref_of_every_type) {
    char a = ANY(char);
    short b = ANY(short);
    int c = any_int();
    long d = any_int();
    long long e = ANY(long long);
    float f = any_float();
    double g = any_double();
    size_t h = (size_t)any_of(0, 1 << 30);
    bool i = any_bool();
    CALL_VOID(bump_each, &a, &b, &c, &d, &e, &f, &g, &h, &i);
    SEE(a);
    SEE(b);
    SEE(c);
    SEE(d);
    SEE(e);
    SEE(f);
    SEE(g);
    SEE(h);
    SEE(i);
}

CASE(two_outputs_of_a_division) {
    int quotient = -1, remainder = -1;
    SEE(CALL(divide, any_int(), any_of(-5, 5), &quotient, &remainder));
    SEE(quotient);
    SEE(remainder);
    double fraction = 0;
    SEE(CALL(split_number, any_double(), &fraction));
    SEE(fraction);
}

CASE(two_values_swapped) {
    int a = any_int(), b = any_int();
    CALL_VOID(swap_ints, &a, &b);
    SEE(a);
    SEE(b);
}

CASE(outputs_that_may_be_null) {
    int twice = 1;
    long square = 2;
    double half = 3;
    const int which = any_of(0, 7);
    SEE(CALL(outputs_if_wanted, any_of(-30000, 30000), which & 1 ? &twice : NULL, which & 2 ? &square : NULL,
             which & 4 ? &half : NULL));
    SEE(twice);
    SEE(square);
    SEE(half);
    bool flag = any_bool();
    SEE(CALL(toggle, any_bool() ? &flag : NULL));
    SEE(flag);
}

/* -- aliases ------------------------------------------------------------------------------------------------------- */

CASE(two_pointers_to_one_int) {
    int a = any_of(0, 1000), b = any_of(0, 1000);
    SEE(CALL(add_and_compare, &a, &a));
    SEE(a);
    SEE(CALL(add_and_compare, &a, &b));
    SEE(a);
    SEE(b);
}

CASE(one_buffer_as_input_and_output) {
    const size_t size = (size_t)any_of(1, 200);
    unsigned char *const data = ANY_ARRAY(unsigned char, size);
    CALL_VOID(shift_bytes, data, (const unsigned char *)data, size);
    SEE_BYTES(data, size);
}

CASE(buffers_that_overlap) {
    const size_t size = (size_t)any_of(10, 200), by = (size_t)any_of(1, 9);
    unsigned char *const data = ANY_ARRAY(unsigned char, size);
    CALL_VOID(shift_bytes, data + by, (const unsigned char *)data, size - by);
    SEE_BYTES(data, size);
    CALL_VOID(shift_bytes, data, (const unsigned char *)data + by, size - by);
    SEE_BYTES(data, size);
}

CASE(buffers_of_a_struct_that_overlap) {
    const size_t size = (size_t)any_of(10, 200), by = (size_t)any_of(1, 9);
    unsigned char *const data = ANY_ARRAY(unsigned char, size);
    struct shift shift = {data + by, data, size - by};
    CALL_VOID(shift_bytes_of, &shift);
    SEE_BYTES(data, size);
    shift.to = data;
    shift.from = data + by;
    CALL_VOID(shift_bytes_of, &shift);
    SEE_BYTES(data, size);
    SEE(shift.to == data && shift.from == data + by);
}

CASE(one_array_as_two_outputs) {
    const int count = any_of(1, 30);
    long long *const values = SCRATCH(long long, count);
    for (int i = 0; i < count; i++) {
        values[i] = any_int();
    }
    SEE(CALL(write_through_both, values, values, count));
    SEE_EACH(values, count);
}

/* -- many ---------------------------------------------------------------------------------------------------------- */

CASE(ten_arguments_arrays_null_and_empty_among_them) {
    const int a = any_of(0, 5);
    const unsigned char c = (unsigned char)any_of(0, 5);
    const unsigned h = (unsigned)any_of(0, 50);
    const int nulls = any_of(0, 7);
    long long *const f = ANY_ARRAY(long long, a);
    const short *const b = ANY_ARRAY(short, a);
    const double *const d = ANY_ARRAY(double, c);
    const void *const data = ANY_ARRAY(char, h);
    unsigned written = 99;
    SEE(CALL(ten_mixed_arrays, a, nulls & 1 ? NULL : b, c, nulls & 2 ? NULL : d, any_text(9), f, any_float(),
             nulls & 4 ? NULL : data, h, &written));
    SEE_EACH(f, a);
    SEE(written);
}

/* As another thread may, to whom the memory belongs by now. */
static int write_meanwhile(void *data) {
    struct led_to *to = data;
    to->values[100] = 7;
    return 1;
}

CASE(buffer_that_is_written_to_here_during_the_call) {
    int values[2000];
    for (int i = 0; i < 2000; i++) {
        values[i] = any_of(0, 100);
    }
    struct led_to to = {2000, values};
    SEE(CALL(visit_beside, &to, write_meanwhile, &to));
    SEE(values[100]);
}

/* Every choice of signs: what says whether a buffer changed must not miss the same change of several words. */
CASE_TIMES(buffers_of_which_only_signs_change, 3) {
    enum { ROWS = 1 << SIGNED_FLOATS };
    struct signed_values *const rows = SCRATCH(struct signed_values, ROWS);
    for (unsigned i = 0; i < ROWS; i++) {
        rows[i] = (struct signed_values){i, ANY_ARRAY(double, SIGNED_DOUBLES), ANY_ARRAY(float, SIGNED_FLOATS)};
    }
    CALL_VOID(negate_some, rows, ROWS);
    for (unsigned i = 0; i < ROWS; i++) {
        SEE_EACH(rows[i].doubles, SIGNED_DOUBLES);
        SEE_EACH(rows[i].floats, SIGNED_FLOATS);
    }
}
