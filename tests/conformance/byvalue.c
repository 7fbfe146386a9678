#include "byvalue.h"

#include "mix.h"

#define DEFINE(n)                                                                                                      \
    struct bytes_##n rotate_bytes_##n(struct bytes_##n value, int by) {                                                \
        struct bytes_##n turned;                                                                                       \
        for (int i = 0; i < n; i++) {                                                                                  \
            turned.bytes[(i + 1) % n] = (unsigned char)(value.bytes[i] + by + i);                                      \
        }                                                                                                              \
        return turned;                                                                                                 \
    }
BYVALUE_SIZES(DEFINE)

struct only_float bump_only_float(struct only_float value) {
    value.a += 1;
    return value;
}
struct only_double bump_only_double(struct only_double value) {
    value.a += 2;
    return value;
}
struct two_floats swap_two_floats(struct two_floats value) {
    return (struct two_floats){value.b, value.a + 1};
}
struct three_floats turn_three_floats(struct three_floats value) {
    return (struct three_floats){value.b, value.c, value.a + 1};
}
struct four_floats turn_four_floats(struct four_floats value) {
    return (struct four_floats){{value.a[1], value.a[2], value.a[3], value.a[0] + 1}};
}
struct two_doubles swap_two_doubles(struct two_doubles value) {
    return (struct two_doubles){value.b, value.a + 1};
}
struct three_doubles turn_three_doubles(struct three_doubles value) {
    return (struct three_doubles){value.b, value.c, value.a + 1};
}
struct int_and_float bump_int_and_float(struct int_and_float value) {
    return (struct int_and_float){value.a ^ 1, value.b + 2};
}
struct float_and_int bump_float_and_int(struct float_and_int value) {
    return (struct float_and_int){value.a + 1, value.b ^ 2};
}
struct double_and_int bump_double_and_int(struct double_and_int value) {
    return (struct double_and_int){value.a + 1, value.b ^ 2};
}
struct int_and_double bump_int_and_double(struct int_and_double value) {
    return (struct int_and_double){value.a ^ 1, value.b + 2};
}
struct two_ints swap_two_ints(struct two_ints value) {
    return (struct two_ints){value.b, value.a ^ 1};
}
struct three_ints turn_three_ints(struct three_ints value) {
    return (struct three_ints){value.b, value.c, value.a ^ 1};
}
struct four_ints turn_four_ints(struct four_ints value) {
    return (struct four_ints){value.b, value.c, value.d, value.a ^ 1};
}
struct two_long_longs swap_two_long_longs(struct two_long_longs value) {
    return (struct two_long_longs){value.b, value.a ^ 1};
}
struct chars_and_double bump_chars_and_double(struct chars_and_double value) {
    return (struct chars_and_double){value.b, value.c, value.a, value.d * 2};
}
struct only_long bump_only_long(struct only_long value) {
    return (struct only_long){value.a ^ 1};
}
struct two_longs swap_two_longs(struct two_longs value) {
    return (struct two_longs){value.b, value.a ^ 1};
}
struct only_long_double bump_only_long_double(struct only_long_double value) {
    return (struct only_long_double){value.a * 2};
}
struct with_bits bump_with_bits(struct with_bits value) {
    value.a ^= 1;
    value.b ^= 2;
    value.c ^= 3;
    value.d += 4;
    return value;
}
struct with_bool_and_short bump_bool_and_short(struct with_bool_and_short value) {
    return (struct with_bool_and_short){!value.a, (short)(value.b ^ 1)};
}
union int_or_float bump_int_or_float(union int_or_float value, bool is_float) {
    if (is_float) {
        value.f += 1;
    } else {
        value.i ^= 1;
    }
    return value;
}
union bytes_or_double turn_bytes_or_double(union bytes_or_double value) {
    unsigned char first = value.bytes[0];
    memmove(value.bytes, value.bytes + 1, 7);
    value.bytes[7] = first;
    return value;
}
struct place move_place(struct place value, float x, float y) {
    value.at.x += x;
    value.at.y -= y;
    value.in.floor ^= 1;
    value.in.indoors = !value.in.indoors;
    return value;
}
double area_of_quad(struct quad quad) {
    double twice = 0;
    for (int i = 0; i < 4; i++) {
        const struct corner *a = &quad.corners[i], *b = &quad.corners[(i + 1) % 4];
        twice += a->x * b->y - b->x * a->y;
    }
    return twice / 2;
}
struct quad quad_of(double x, double y, double size) {
    return (struct quad){{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}}};
}
struct span shorten_span(struct span span, size_t by) {
    return (struct span){span.start, span.len > by ? span.len - by : 0};
}

unsigned long long structs_behind_ints(int a, int b, int c, int d, int e, struct two_long_longs f, int g,
                                       struct two_ints h, int i) {
    unsigned long long sum =
        mix(mix(mix(mix(mix(1, (unsigned)a), (unsigned)b), (unsigned)c), (unsigned)d), (unsigned)e);
    sum = mix(mix(mix(sum, (unsigned long long)f.a), (unsigned long long)f.b), (unsigned)g);
    return mix(mix(mix(sum, (unsigned)h.a), (unsigned)h.b), (unsigned)i);
}
double structs_behind_doubles(double a, double b, double c, double d, double e, double f, double g,
                              struct two_doubles h, struct only_double i, double j) {
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h.a * 8 + h.b * 9 + i.a * 10 + j * 11;
}
double many_structs(struct int_and_double a, struct two_floats b, struct double_and_int c, struct three_doubles d,
                    struct int_and_float e, struct two_doubles f, struct only_long g) {
    double sum = a.a + a.b * 2 + (double)b.a * 3 + (double)b.b * 4 + c.a * 5 + c.b * 6.0 + d.a * 7 + d.b * 8 + d.c * 9;
    return sum + e.a * 10.0 + (double)e.b * 11 + f.a * 12 + f.b * 13 + (double)g.a * 14;
}
struct three_doubles hidden_result(int a, double b, struct three_ints c, long d) {
    return (struct three_doubles){a + b, (double)c.a + c.b * 2.0, (double)c.c + (double)d * 2};
}
