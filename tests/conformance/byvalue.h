/* conformance: structs and unions by value, as parameters and results, of every size and class. */
#ifndef CONFORMANCE_BYVALUE_H
#define CONFORMANCE_BYVALUE_H

#include "sal.h"

#include <stdbool.h>
#include <stddef.h>

/* The struct with its bytes moved by one place, and changed by `by`. */
#define BYVALUE_SIZES(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(12) X(15) X(16) X(17) X(24) X(32) X(100)
#define BYVALUE_DECLARE(n)                                                                                             \
    struct bytes_##n {                                                                                                 \
        unsigned char bytes[n];                                                                                        \
    };                                                                                                                 \
    struct bytes_##n rotate_bytes_##n(struct bytes_##n value, int by);
BYVALUE_SIZES(BYVALUE_DECLARE)

struct only_float {
    float a;
};
struct only_double {
    double a;
};
struct two_floats {
    float a, b;
};
struct three_floats {
    float a, b, c;
};
struct four_floats {
    float a[4];
};
struct two_doubles {
    double a, b;
};
struct three_doubles {
    double a, b, c;
};
struct int_and_float {
    int a;
    float b;
};
struct float_and_int {
    float a;
    int b;
};
struct double_and_int {
    double a;
    int b;
};
struct int_and_double {
    int a;
    double b;
};
struct two_ints {
    int a, b;
};
struct three_ints {
    int a, b, c;
};
struct four_ints {
    int a, b, c, d;
};
struct two_long_longs {
    long long a, b;
};
struct chars_and_double {
    char a, b, c;
    double d;
};
struct only_long {
    long a;
};
struct two_longs {
    long a, b;
};
struct only_long_double {
    long double a;
};
struct with_bits {
    unsigned a : 5, b : 11;
    signed c : 16;
    float d;
};
struct with_bool_and_short {
    bool a;
    short b;
};
union int_or_float {
    int i;
    float f;
};
union bytes_or_double {
    unsigned char bytes[8];
    double d;
};
struct place {
    struct {
        float x, y;
    } at;
    struct {
        short floor;
        bool indoors;
    } in;
};
struct corner {
    double x, y;
};
struct quad {
    struct corner corners[4];
};
struct span {
    _Fc_opaque_ void *start;
    size_t len;
};

struct only_float bump_only_float(struct only_float value);
struct only_double bump_only_double(struct only_double value);
struct two_floats swap_two_floats(struct two_floats value);
struct three_floats turn_three_floats(struct three_floats value);
struct four_floats turn_four_floats(struct four_floats value);
struct two_doubles swap_two_doubles(struct two_doubles value);
struct three_doubles turn_three_doubles(struct three_doubles value);
struct int_and_float bump_int_and_float(struct int_and_float value);
struct float_and_int bump_float_and_int(struct float_and_int value);
struct double_and_int bump_double_and_int(struct double_and_int value);
struct int_and_double bump_int_and_double(struct int_and_double value);
struct two_ints swap_two_ints(struct two_ints value);
struct three_ints turn_three_ints(struct three_ints value);
struct four_ints turn_four_ints(struct four_ints value);
struct two_long_longs swap_two_long_longs(struct two_long_longs value);
struct chars_and_double bump_chars_and_double(struct chars_and_double value);
struct only_long bump_only_long(struct only_long value);
struct two_longs swap_two_longs(struct two_longs value);
struct only_long_double bump_only_long_double(struct only_long_double value);
struct with_bits bump_with_bits(struct with_bits value);
struct with_bool_and_short bump_bool_and_short(struct with_bool_and_short value);
union int_or_float bump_int_or_float(union int_or_float value, bool is_float);
union bytes_or_double turn_bytes_or_double(union bytes_or_double value);
struct place move_place(struct place value, float x, float y);
double area_of_quad(struct quad quad);
struct quad quad_of(double x, double y, double size);
struct span shorten_span(struct span span, size_t by);

/* Beside other arguments, until registers run out. */
unsigned long long structs_behind_ints(int a, int b, int c, int d, int e, struct two_long_longs f, int g,
                                       struct two_ints h, int i);
double structs_behind_doubles(double a, double b, double c, double d, double e, double f, double g,
                              struct two_doubles h, struct only_double i, double j);
double many_structs(struct int_and_double a, struct two_floats b, struct double_and_int c, struct three_doubles d,
                    struct int_and_float e, struct two_doubles f, struct only_long g);
struct three_doubles hidden_result(int a, double b, struct three_ints c, long d);

#endif
