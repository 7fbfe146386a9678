/* Conformance: structs by pointer, with every kind of member that is no pointer. */
#define CONFORMANCE_TEST "structs"
#include "conformance/cases.h"

#include "conformance/points.h"

/* Members that are written down so are seen one by one: padding is nobody's. */
#define PRIMITIVES(X) X(c) X(d) X(s) X(ll) X(b) X(i) X(f) X(uc) X(ull) X(us)
static struct primitives any_primitives(void) {
    struct primitives value;
#define X(member) RANDOM(value.member);
    PRIMITIVES(X)
#undef X
    return value;
}
static void see_primitives(const struct primitives *value) {
#define X(member) SEE(value->member);
    PRIMITIVES(X)
#undef X
}
static struct primitives *any_primitives_array(int count) {
    struct primitives *values = SCRATCH(struct primitives, count + 1);
    for (int i = 0; i < count; i++) {
        values[i] = any_primitives();
    }
    return values;
}

CASE(primitive_struct_pointer_in) {
    const struct primitives value = any_primitives();
    SEE(CALL(sum_primitives, &value));
}

CASE(primitive_struct_pointer_out) {
    struct primitives value = any_primitives();
    CALL_VOID(fill_primitives, &value, any_of(0, 10000000));
    see_primitives(&value);
}

CASE(primitive_struct_pointer_in_and_out) {
    struct primitives value = any_primitives();
    CALL_VOID(bump_primitives, &value);
    see_primitives(&value);
}

CASE(primitive_struct_array_in) {
    const int count = any_of(0, 30);
    SEE(CALL(sum_primitives_array, (const struct primitives *)any_primitives_array(count), count));
}

CASE(primitive_struct_array_out) {
    const int count = any_of(0, 30);
    struct primitives *const values = any_primitives_array(count);
    CALL_VOID(fill_primitives_array, values, count, any_of(0, 10000000));
    for (int i = 0; i < count; i++) {
        see_primitives(&values[i]);
    }
}

CASE(primitive_struct_array_in_and_out) {
    const int count = any_of(0, 30);
    struct primitives *const values = any_primitives_array(count);
    CALL_VOID(bump_primitives_array, values, count);
    for (int i = 0; i < count; i++) {
        see_primitives(&values[i]);
    }
}

CASE(primitive_struct_array_out_with_its_count) {
    const int capacity = any_of(0, 30);
    struct primitives *const values = any_primitives_array(capacity);
    int count = -1;
    SEE(CALL(some_primitives, values, capacity, &count));
    SEE(count);
    for (int i = 0; i < count; i++) {
        see_primitives(&values[i]);
    }
}

CASE(struct_pointer_may_be_null) {
    SEE(CALL(sum_primitives_if_any, (const struct primitives *)NULL));
}

/* -- widths -------------------------------------------------------------------------------------------------------- */

#define WIDTHS(X)                                                                                                      \
    X(before) X(l) X(ul) X(size) X(between) X(difference) X(time) X(table[0]) X(table[1]) X(table[2]) X(after)
static struct widths any_widths(void) {
    struct widths value;
#define X(member) RANDOM(value.member);
    WIDTHS(X)
#undef X
    value.size /= 2;
    return value;
}
static void see_widths(const struct widths *value) {
#define X(member) SEE(value->member);
    WIDTHS(X)
#undef X
}

CASE(struct_with_longs_sizes_and_times_in) {
    const struct widths value = any_widths();
    SEE(CALL(sum_widths, &value));
}

CASE(struct_with_longs_sizes_and_times_in_and_out) {
    struct widths value = any_widths();
    CALL_VOID(bump_widths, &value);
    see_widths(&value);
}

CASE(struct_with_negative_sizes_out) {
    struct widths value = any_widths();
    CALL_VOID(fill_widths, &value, any_of(0, 100000));
    see_widths(&value);
}

CASE(struct_array_with_longs) {
    const size_t count = (size_t)any_of(0, 20);
    struct widths *const values = SCRATCH(struct widths, count + 1);
    for (size_t i = 0; i < count; i++) {
        values[i] = any_widths();
    }
    SEE(CALL(sum_widths_array, (const struct widths *)values, count));
    CALL_VOID(bump_widths_array, values, count);
    for (size_t i = 0; i < count; i++) {
        see_widths(&values[i]);
    }
}

CASE_TIMES(member_beyond_the_range_is_an_error, 10) {
    struct widths value = any_widths();
    SEE(CALL(sum_widths, (const struct widths *)&value));
    value.table[1] = (long)((uint64_t)any_of(2, 1000) << (sizeof(long) * 8 - 12));
    CALL_FAILS(long_shrinks(), FC_ERANGE, sum_widths, (const struct widths *)&value);
    CALL_FAILS(long_grows(), FC_ERANGE, set_wide_member, &value, (long long)any_of(1, 1000) << 40);
}

/* -- alignment and padding ----------------------------------------------------------------------------------------- */

CASE(padding_before_and_after_64_bits) {
    struct padded_before before = {any_int(), ANY(long long)};
    struct padded_after after = {ANY(long long), any_int()};
    struct padded_array array = {.a = ANY(char), .c = ANY(char), .d = {any_double(), any_double()}};
    for (int i = 0; i < 3; i++) {
        RANDOM(array.b[i]);
    }
    SEE(CALL(sum_padded, (const struct padded_before *)&before, (const struct padded_after *)&after,
             (const struct padded_array *)&array));
    CALL_VOID(bump_padded, &before, &after, &array);
    SEE(before.a);
    SEE(before.b);
    SEE(after.a);
    SEE(after.b);
    SEE(array.a);
    SEE_EACH(array.b, 3);
    SEE(array.c);
    SEE_EACH(array.d, 2);
}

CASE(padding_between_elements_of_arrays) {
    struct padded_before before[9];
    struct padded_after after[9];
    const int count = any_of(0, 9);
    for (int i = 0; i < count; i++) {
        before[i] = (struct padded_before){any_int(), ANY(long long)};
        after[i] = (struct padded_after){ANY(long long), any_int()};
    }
    SEE(CALL(sum_padded_arrays, (const struct padded_before *)before, (const struct padded_after *)after, count));
}

CASE(alignment_asked_for) {
    struct aligned_8 value = {ANY(char), ANY(long long), any_int()};
    struct aligned_whole wholes[2] = {{any_of(0, 1000), ANY(char)}, {any_of(0, 1000), ANY(char)}};
    CALL_VOID(bump_aligned, &value, wholes);
    SEE(value.a);
    SEE(value.b);
    SEE(value.c);
    for (int i = 0; i < 2; i++) {
        SEE(wholes[i].a);
        SEE(wholes[i].b);
    }
}

CASE(packed_structs) {
    struct packed_tight tight = {ANY(char), any_int(), ANY(long long), ANY(short)};
    struct packed_by_two twos[3];
    for (int i = 0; i < 3; i++) {
        twos[i] = (struct packed_by_two){ANY(char), any_int(), any_double(), ANY(char)};
    }
    SEE(CALL(sum_packed, (const struct packed_tight *)&tight, (const struct packed_by_two *)&twos[1]));
    CALL_VOID(bump_packed, &tight, twos);
    SEE_BYTES(&tight, sizeof tight);
    for (int i = 0; i < 3; i++) {
        SEE(twos[i].a);
        SEE(twos[i].b);
        SEE(twos[i].c);
        SEE(twos[i].d);
    }
}

/* -- nested, and arrays within ------------------------------------------------------------------------------------- */

CASE(nested_structs) {
    struct segment segment = any_segment();
    SEE(CALL(sum_segment, (const struct segment *)&segment));
    CALL_VOID(turn_segment, &segment);
    see_segment(&segment);
}

CASE(nested_structs_and_arrays_of_every_kind) {
    struct drawing drawing = {.id = ANY(short), .view = {.scale = any_double()}, .precise = any_double()};
    drawing.outline[0] = any_segment();
    drawing.outline[1] = any_segment();
    drawing.view.origin = any_point();
    for (int i = 0; i < 6; i++) {
        drawing.grid[i / 3][i % 3] = any_int();
    }
    for (int i = 0; i < 11; i++) {
        RANDOM(drawing.name[i]);
    }
    for (int i = 0; i < 5; i++) {
        RANDOM(drawing.flags[i]);
    }
    SEE(CALL(sum_drawing, (const struct drawing *)&drawing));
    CALL_VOID(bump_drawing, &drawing);
    SEE(drawing.id);
    see_segment(&drawing.outline[0]);
    see_segment(&drawing.outline[1]);
    SEE(drawing.view.scale);
    SEE(drawing.view.origin.x);
    SEE(drawing.view.origin.y);
    SEE_EACH(&drawing.grid[0][0], 6);
    SEE_BYTES(drawing.name, 11);
    SEE_EACH(drawing.flags, 5);
    SEE(drawing.precise);
}

CASE(n_points_by_pointer) {
    struct point points[20];
    const int count = any_of(0, 20);
    for (int i = 0; i < count; i++) {
        points[i] = any_point();
    }
    const struct point by = any_point();
    CALL_VOID(move_points, points, count, &by);
    for (int i = 0; i < count; i++) {
        SEE(points[i].x);
        SEE(points[i].y);
    }
}

CASE(struct_in_and_another_out) {
    const struct point from = any_point();
    struct point to;
    CALL_VOID(mirror_point, &from, &to);
    SEE(to.x);
    SEE(to.y);
}

/* -- bit-fields ---------------------------------------------------------------------------------------------------- */

CASE(bit_fields) {
    struct bits bits = {.a = any_of(0, 7), .b = any_of(-16, 15), .c = any_of(0, 0xffffff), .d = any_of(0, 1)};
    bits.e = any_bits() >> 24;
    bits.f = any_of(-256, 255);
    bits.g = any_bool();
    bits.h = any_of(-(1 << 19), (1 << 19) - 1);
    SEE(CALL(sum_bits, (const struct bits *)&bits));
    CALL_VOID(bump_bits, &bits);
    SEE((int)bits.a);
    SEE((int)bits.b);
    SEE((int)bits.c);
    SEE((int)bits.d);
    SEE((long long)bits.e);
    SEE((int)bits.f);
    SEE((int)bits.g);
    SEE((int)bits.h);
}

CASE(bit_fields_in_an_array_of_structs) {
    struct bits_only bits[9] = {0};
    const int count = any_of(0, 9);
    for (int i = 0; i < count; i++) {
        bits[i].kind = any_of(0, 15);
        bits[i].length = any_of(0, 4095);
    }
    CALL_VOID(bump_bits_array, bits, count);
    for (int i = 0; i < count; i++) {
        SEE((int)bits[i].kind);
        SEE((int)bits[i].length);
    }
}

CASE(bit_fields_without_a_name_between_members) {
    const int count = any_of(0, 6);
    struct bits_between *const bits = SCRATCH(struct bits_between, count);
    const unsigned char *const behind = SCRATCH(unsigned char, 16);
    for (int i = 0; i < count; i++) {
        RANDOM(bits[i].before);
        bits[i].a = any_of(0, 7);
        RANDOM(bits[i].after);
        bits[i].b = any_of(0, 63);
    }
    CALL_VOID(bump_bits_between, bits, count);
    for (int i = 0; i < count; i++) {
        SEE(bits[i].before);
        SEE((int)bits[i].a);
        SEE(bits[i].after);
        SEE((int)bits[i].b);
    }
    SEE_BYTES(behind, 16);
}

/* -- flexible arrays ----------------------------------------------------------------------------------------------- */

CASE(flexible_array_of_longs) {
    const int count = any_of(0, 30);
    struct packet *const packet = scratch(sizeof *packet + sizeof(long) * (size_t)count);
    packet->type = ANY(short);
    packet->count = count;
    for (int i = 0; i < count; i++) {
        packet->values[i] = any_int();
    }
    SEE(CALL(sum_packet, (const struct packet *)packet));
    CALL_VOID(bump_packet, packet);
    SEE(packet->type);
    SEE(packet->count);
    SEE_EACH(packet->values, count);
}

CASE(flexible_array_of_chars) {
    char *const text = any_text(100);
    struct message *const message = scratch(sizeof *message + strlen(text));
    message->len = (unsigned)strlen(text);
    memcpy(message->text, text, strlen(text));
    SEE(CALL(sum_message, (const struct message *)message));
}

/* -- names for types ----------------------------------------------------------------------------------------------- */

CASE(custom_types_and_enums_in_a_struct) {
    custom value = {any_int(), any_bool() ? NEGATIVE : POSITIVE, any_bool() ? PEAR : PLUM, any_bool(), L'w'};
    SEE(CALL(weigh_custom, (const custom *)&value));
    CALL_VOID(bump_custom, &value);
    SEE(value.value);
    SEE(value.sign);
    SEE(value.fruit);
    SEE(value.ripe);
    SEE(value.initial);
}

/* -- layouts that differ by name ----------------------------------------------------------------------------------- */

CASE(members_in_another_order) {
    struct reordered value = {.a = any_int(), .b = any_double(), .c = ANY(short)};
    SEE(CALL(sum_reordered, (const struct reordered *)&value));
    CALL_VOID(bump_reordered, &value);
    SEE(value.a);
    SEE(value.b);
    SEE(value.c);
}

CASE(members_of_another_size_and_missing) {
    const struct resized value = {.a = ANY(char), .b = ANY(short), .values = {any_int(), any_int()}, .c = any_float()};
    SEE(CALL(sum_resized, &value));
}
