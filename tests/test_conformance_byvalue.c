/* Conformance: structs and unions by value, of every size and class. */
#define CONFORMANCE_TEST "byvalue"
#include "conformance/cases.h"

#include "conformance/byvalue.h"

#define BYTES_CASE(n)                                                                                                  \
    CASE(struct_by_value_of_##n##_bytes) {                                                                             \
        struct bytes_##n value;                                                                                        \
        for (int i = 0; i < n; i++) {                                                                                  \
            RANDOM(value.bytes[i]);                                                                                    \
        }                                                                                                              \
        const struct bytes_##n turned = CALL(rotate_bytes_##n, value, any_int());                                      \
        SEE_BYTES(turned.bytes, n);                                                                                    \
    }
BYVALUE_SIZES(BYTES_CASE)

/* A struct of one, two, three or four members through one function. */
#define CASE_1(name, type, function)                                                                                   \
    CASE(name) {                                                                                                       \
        struct type value;                                                                                             \
        RANDOM(value.a);                                                                                               \
        value = CALL(function, value);                                                                                 \
        SEE(value.a);                                                                                                  \
    }
#define CASE_2(name, type, function)                                                                                   \
    CASE(name) {                                                                                                       \
        struct type value;                                                                                             \
        RANDOM(value.a);                                                                                               \
        RANDOM(value.b);                                                                                               \
        value = CALL(function, value);                                                                                 \
        SEE(value.a);                                                                                                  \
        SEE(value.b);                                                                                                  \
    }
#define CASE_3(name, type, function)                                                                                   \
    CASE(name) {                                                                                                       \
        struct type value;                                                                                             \
        RANDOM(value.a);                                                                                               \
        RANDOM(value.b);                                                                                               \
        RANDOM(value.c);                                                                                               \
        value = CALL(function, value);                                                                                 \
        SEE(value.a);                                                                                                  \
        SEE(value.b);                                                                                                  \
        SEE(value.c);                                                                                                  \
    }
#define CASE_4(name, type, function)                                                                                   \
    CASE(name) {                                                                                                       \
        struct type value;                                                                                             \
        RANDOM(value.a);                                                                                               \
        RANDOM(value.b);                                                                                               \
        RANDOM(value.c);                                                                                               \
        RANDOM(value.d);                                                                                               \
        value = CALL(function, value);                                                                                 \
        SEE(value.a);                                                                                                  \
        SEE(value.b);                                                                                                  \
        SEE(value.c);                                                                                                  \
        SEE(value.d);                                                                                                  \
    }
CASE_1(struct_of_a_float, only_float, bump_only_float)
CASE_1(struct_of_a_double, only_double, bump_only_double)
CASE_2(struct_of_two_floats, two_floats, swap_two_floats)
CASE_3(struct_of_three_floats, three_floats, turn_three_floats)
CASE_2(struct_of_two_doubles, two_doubles, swap_two_doubles)
CASE_3(struct_of_three_doubles, three_doubles, turn_three_doubles)
CASE_2(struct_of_int_and_float, int_and_float, bump_int_and_float)
CASE_2(struct_of_float_and_int, float_and_int, bump_float_and_int)
CASE_2(struct_of_double_and_int, double_and_int, bump_double_and_int)
CASE_2(struct_of_int_and_double, int_and_double, bump_int_and_double)
CASE_2(struct_of_two_ints, two_ints, swap_two_ints)
CASE_3(struct_of_three_ints, three_ints, turn_three_ints)
CASE_4(struct_of_four_ints, four_ints, turn_four_ints)
CASE_2(struct_of_two_long_longs, two_long_longs, swap_two_long_longs)
CASE_4(struct_of_chars_and_double, chars_and_double, bump_chars_and_double)
CASE_1(struct_of_a_long, only_long, bump_only_long)
CASE_2(struct_of_two_longs, two_longs, swap_two_longs)
CASE_1(struct_of_a_long_double, only_long_double, bump_only_long_double)
CASE_2(struct_of_bool_and_short, with_bool_and_short, bump_bool_and_short)

CASE(struct_of_an_array_of_floats) {
    struct four_floats value;
    for (int i = 0; i < 4; i++) {
        RANDOM(value.a[i]);
    }
    value = CALL(turn_four_floats, value);
    SEE_EACH(value.a, 4);
}

CASE(struct_with_bit_fields_by_value) {
    struct with_bits value = {.a = any_of(0, 31), .b = any_of(0, 2047), .c = any_of(-32768, 32767), .d = any_float()};
    value = CALL(bump_with_bits, value);
    SEE((int)value.a);
    SEE((int)value.b);
    SEE((int)value.c);
    SEE(value.d);
}

CASE(union_of_int_and_float_by_value) {
    union int_or_float value;
    const bool is_float = any_bool();
    if (is_float) {
        value.f = any_float();
    } else {
        value.i = any_int();
    }
    value = CALL(bump_int_or_float, value, is_float);
    SEE(value.i);
}

CASE(union_of_bytes_and_double_by_value) {
    union bytes_or_double value = {.d = any_double()};
    value = CALL(turn_bytes_or_double, value);
    SEE_BYTES(value.bytes, 8);
}

CASE(nested_struct_by_value) {
    struct place value = {.at = {any_float(), any_float()}, .in = {ANY(short), any_bool()}};
    value = CALL(move_place, value, any_float(), any_float());
    SEE(value.at.x);
    SEE(value.at.y);
    SEE(value.in.floor);
    SEE(value.in.indoors);
}

CASE(four_points_by_value) {
    struct quad quad = CALL(quad_of, any_double(), any_double(), any_double());
    for (int i = 0; i < 4; i++) {
        SEE(quad.corners[i].x);
        SEE(quad.corners[i].y);
        quad.corners[i].x += any_of(0, 100);
    }
    SEE(CALL(area_of_quad, quad));
}

CASE(struct_of_pointer_and_size_by_value) {
    char data[100];
    const struct span span = {data, (size_t)any_of(0, 100)}, shorter = CALL(shorten_span, span, (size_t)any_of(0, 100));
    SEE(shorter.start == data);
    SEE(shorter.len);
}

CASE(structs_when_integer_registers_run_out) {
    const struct two_long_longs f = {ANY(long long), ANY(long long)};
    const struct two_ints h = {any_int(), any_int()};
    SEE(CALL(structs_behind_ints, any_int(), any_int(), any_int(), any_int(), any_int(), f, any_int(), h, any_int()));
}

CASE(structs_when_float_registers_run_out) {
    const struct two_doubles h = {any_double(), any_double()};
    const struct only_double i = {any_double()};
    SEE(CALL(structs_behind_doubles, any_double(), any_double(), any_double(), any_double(), any_double(), any_double(),
             any_double(), h, i, any_double()));
}

CASE(many_structs_in_one_call) {
    const struct int_and_double a = {any_int(), any_double()};
    const struct two_floats b = {any_float(), any_float()};
    const struct double_and_int c = {any_double(), any_int()};
    const struct three_doubles d = {any_double(), any_double(), any_double()};
    const struct int_and_float e = {any_int(), any_float()};
    const struct two_doubles f = {any_double(), any_double()};
    const struct only_long g = {any_int()};
    SEE(CALL(many_structs, a, b, c, d, e, f, g));
}

CASE(large_struct_returned_beside_arguments) {
    const struct three_ints c = {any_int(), any_int(), any_int()};
    const struct three_doubles result = CALL(hidden_result, any_int(), any_double(), c, (long)any_int());
    SEE(result.a);
    SEE(result.b);
    SEE(result.c);
}
