/* Conformance: functions of the caller's that are given, and return, whatever a call is and does. */
#define CONFORMANCE_TEST "upcalls"
#include "conformance/cases.h"

#include "conformance/points.h"
#include "conformance/upcalls.h"

/* -- by value ------------------------------------------------------------------------------------------------------ */

static struct one_byte map_byte(struct one_byte value) {
    SEE(value.value);
    return (struct one_byte){(unsigned char)(value.value * 3)};
}
CASE(callback_with_a_struct_of_1_byte) {
    SEE(CALL(map_one_byte, map_byte, any_int()).value);
}

static struct three_shorts map_shorts(struct three_shorts value) {
    SEE_EACH(value.values, 3);
    return (struct three_shorts){{value.values[2], value.values[0], -1}};
}
CASE(callback_with_a_struct_of_6_bytes) {
    const struct three_shorts mapped = CALL(map_three_shorts, map_shorts, any_int());
    SEE_EACH(mapped.values, 3);
}

static struct long_and_short map_long(struct long_and_short value) {
    SEE(value.wide);
    SEE(value.narrow);
    return (struct long_and_short){value.wide / 2, (short)~value.narrow};
}
CASE(callback_with_a_struct_of_another_size_there) {
    const struct long_and_short mapped = CALL(map_long_and_short, map_long, any_int());
    SEE(mapped.wide);
    SEE(mapped.narrow);
}

static struct longs_and_double map_longs(int times, struct longs_and_double value) {
    SEE(times);
    SEE_EACH(value.values, 5);
    SEE(value.weight);
    value.values[times] = times - value.values[4] / 2;
    value.weight *= 2;
    return value;
}
CASE(callback_with_a_struct_in_memory) {
    const struct longs_and_double mapped = CALL(map_longs_and_double, map_longs, any_int());
    SEE_EACH(mapped.values, 5);
    SEE(mapped.weight);
}

static struct time_and_size map_time(struct time_and_size value) {
    SEE(value.time);
    SEE(value.size + 1 == 0);
    return (struct time_and_size){-value.time, (size_t)-2};
}
CASE(callback_with_a_struct_of_time_and_size) {
    const struct time_and_size mapped = CALL(map_time_and_size, map_time, any_int());
    SEE(mapped.time);
    SEE(mapped.size + 2 == 0);
}

static struct of_long_double map_real(struct of_long_double value) {
    SEE(value.value);
    return (struct of_long_double){value.value * 2};
}
CASE(callback_with_a_struct_of_a_long_double) {
    SEE(CALL(map_of_long_double, map_real, any_int()).value);
}

static union int_or_float map_either(union int_or_float value, int is_real) {
    if (is_real) {
        SEE(value.real);
        value.real *= 4;
    } else {
        SEE(value.word);
        value.word /= 3;
    }
    return value;
}
CASE(callback_with_a_union_by_value) {
    SEE(CALL(map_int_or_float, map_either, any_int()).real);
}

static struct bits_only map_fields(struct bits_only value) {
    SEE((int)value.kind);
    SEE((int)value.length);
    return (struct bits_only){.kind = value.length & 15, .length = value.kind * 100u};
}
CASE(callback_with_bit_fields_by_value) {
    const struct bits_only mapped = CALL(map_bits, map_fields, any_of(0, 1 << 20));
    SEE((int)mapped.kind);
    SEE((int)mapped.length);
}

static struct named name_another(struct named value) {
    static const long own_pair[] = {5, -6};
    SEE(value.id);
    SEE(value.name);
    SEE_EACH(value.pair, 2);
    return value.id % 3 == 0 ? (struct named){value.id + 1, "of the caller", own_pair}
                             : (struct named){value.id + 1, value.name, value.pair};
}
CASE(callback_with_a_struct_by_value_that_leads_on) {
    SEE(CALL(sum_named, name_another, any_text(20), (long)any_of(0, 9)));
}

static const struct quote *quote_some(const char *text, int count, const long *values, const struct point *at) {
    static const long own_values[] = {5, 6, 7};
    static struct quote quote;
    static struct point own_point;
    SEE(text);
    SEE_EACH(values, count);
    own_point = (struct point){at->x * 2, 1};
    quote.text = count == 1 ? "of the caller" : text;
    quote.count = count;
    quote.values = count == 2 ? own_values : values;
    quote.at = count == 3 ? NULL : count == 2 ? &own_point : at;
    return &quote;
}
CASE(callback_returns_structs_that_lead_to_what_it_was_given) {
    SEE(CALL(sum_quotes, quote_some, any_text(40), any_of(0, 12)));
}

/* -- members of every kind ----------------------------------------------------------------------------------------- */

static void turn_bits(struct bits *bits) {
    SEE((int)bits->a);
    SEE((int)bits->b);
    SEE((int)bits->c);
    SEE((long long)bits->e);
    SEE((int)bits->f);
    SEE((int)bits->h);
    bits->a ^= 5;
    bits->b = 7;
    bits->e = ~bits->e;
    bits->g = !bits->g;
    bits->h = -bits->h;
}
CASE(callback_with_bit_fields) {
    SEE(CALL(change_bits, turn_bits, any_of(0, 1000000)));
}

static void turn_packet(struct packet *packet) {
    SEE(packet->type);
    for (int i = 0; i < packet->count; i++) {
        SEE(packet->values[i]);
        packet->values[i] -= i;
    }
    packet->type++;
}
CASE(callback_with_a_flexible_array) {
    SEE(CALL(change_packet, turn_packet, any_of(0, 30)));
}

static void turn_variants(struct variant *values, int count) {
    for (int i = 0; i < count; i++) {
        SEE(values[i].kind);
        switch (values[i].kind) {
        case VARIANT_INT:
            values[i].kind = VARIANT_LONG;
            values[i].as.l = -7;
            break;
        case VARIANT_LONG:
            SEE(values[i].as.l);
            values[i].as.l /= 2;
            break;
        case VARIANT_DOUBLE:
            SEE(values[i].as.d);
            values[i].as.d *= 2;
            break;
        case VARIANT_TEXT:
            SEE(values[i].as.text);
            break;
        case VARIANT_INTS:
            SEE_EACH(values[i].as.ints, values[i].count);
            values[i].as.ints[2] ^= 1;
            break;
        case VARIANT_PAIR:
            SEE(values[i].as.pair.first);
            values[i].as.pair.second ^= 3;
            break;
        default:
            break;
        }
    }
}
CASE(callback_with_an_array_of_unions_with_selectors) {
    SEE(CALL(change_variants, turn_variants, any_int()));
}

static void make_one_kind(struct variant *value, int kind) {
    static int ints[] = {4, 5, 6};
    *value = (struct variant){.kind = (enum variant_kind)kind, .count = 3};
    switch (kind) {
    case VARIANT_LONG:
        value->as.l = -1234567;
        break;
    case VARIANT_DOUBLE:
        value->as.d = 0.125;
        break;
    case VARIANT_PAIR:
        value->as.pair.first = 3;
        value->as.pair.second = -4;
        break;
    case VARIANT_INTS:
        value->as.ints = ints;
        break;
    case VARIANT_TEXT:
        value->as.text = "of the caller";
        break;
    default:
        value->as.i = 77;
    }
}
/* What a struct of the library's is made to lead to may be wanted for ever: it must be memory that both sides see. */
CASE(callback_makes_a_union_with_a_selector) {
    const int kind = any_of(VARIANT_NONE, VARIANT_PAIR);
    if (kind == VARIANT_TEXT || kind == VARIANT_INTS) {
        CALL_FAILS(way_now != NULL && !way_now->is_direct, FC_EUNSUPPORTED, ask_for_variant, make_one_kind, kind);
    } else {
        SEE(CALL(ask_for_variant, make_one_kind, kind));
    }
    SEE(kind);
}

static int turn_drawing(struct drawing *drawing) {
    SEE(drawing->id);
    see_segment(&drawing->outline[0]);
    see_segment(&drawing->outline[1]);
    SEE(drawing->view.scale);
    SEE_EACH(&drawing->grid[0][0], 6);
    SEE(drawing->precise);
    drawing->outline[1].kind = 'z';
    drawing->outline[0].length /= 2;
    drawing->view.origin.y = 9;
    drawing->grid[0][1] = -8;
    drawing->name[10] = 'n';
    drawing->flags[4] = true;
    drawing->precise *= 2;
    return drawing->id / 3;
}
CASE(callback_with_nested_structs_and_arrays) {
    SEE(CALL(change_drawing, turn_drawing, any_int()));
}

static int turn_events(struct event *events, int count) {
    for (int i = 0; i < count; i++) {
        SEE(events[i].time);
        SEE(events[i].position[1]);
        SEE(events[i].text);
        events[i].time -= i;
        events[i].position[1] = events[i].position[0] * 2;
        events[i].text[8] = (char)i;
    }
    return count * 2;
}
CASE(callback_with_an_array_of_structs) {
    SEE(CALL(change_events, turn_events, any_of(0, 20)));
}

static int look_at_scene(const struct scene *scene) {
    see_segment(scene->first);
    SEE(scene->second == scene->first);
    SEE(scene->second == NULL);
    for (int i = 0; i < scene->count; i++) {
        SEE_EACH(scene->vectors[i].values, scene->vectors[i].count);
    }
    return scene->count > 2 ? (int)(scene->vectors[2].values - scene->vectors[0].values) : -1;
}
CASE(callback_with_structs_behind_a_struct) {
    SEE(CALL(show_scene, look_at_scene, any_int()));
}

/* -- what leads on ------------------------------------------------------------------------------------------------- */

static int walk_on(struct node *first) {
    int count = 0;
    for (; first != NULL; first = first->next, count++) {
        SEE(first->value);
        first->value ^= count + 1;
        if (count == 3 && first->next != NULL) {
            first->next = first->next->next; /* the list loses one */
        }
    }
    return count;
}
CASE(callback_with_a_linked_list) {
    SEE(CALL(walk_nodes, walk_on, any_of(0, 30)));
}

static int walk_around(const struct node *first) {
    int count = 0;
    const struct node *at = first;
    do {
        SEE(at->value);
        at = at->next;
        count++;
    } while (at != first);
    return count;
}
CASE(callback_with_a_circular_list) {
    SEE(CALL(walk_ring, walk_around, any_of(1, 30)));
}

static int change_each(struct point **points, int count) {
    for (int i = 0; i < count; i++) {
        SEE(points[i] == NULL);
        SEE(i >= 3 && points[i] == points[i - 3]);
        if (points[i] != NULL) {
            SEE(points[i]->x);
            points[i]->y += points[i]->x++;
        }
    }
    return count;
}
CASE(callback_with_an_array_of_pointers_to_structs) {
    SEE(CALL(change_pointed, change_each, any_of(0, 12)));
}

static int look_at_grid(const int grid[2][3]) {
    SEE_EACH(&grid[0][0], 6);
    return grid[1][2] ^ grid[0][0];
}
CASE(callback_with_a_two_dimensional_array) {
    SEE(CALL(show_grid, look_at_grid, any_int()));
}

static int change_both(struct point *a, struct point *b) {
    SEE(a == b);
    a->x += 1;
    b->x += 2;
    b->y ^= 4;
    return a->x % 100;
}
CASE(callback_with_two_pointers_to_one_struct) {
    SEE(CALL(change_two, change_both, any_of(0, 1000000)));
}

/* -- lists of strings ---------------------------------------------------------------------------------------------- */

static int look_at_row(void *user, int count, char **values, char **names) {
    int named = 0;
    for (int i = 0; i < count; i++) {
        SEE(values[i]);
    }
    for (; names[named] != NULL; named++) {
        SEE(names[named]);
    }
    return *(int *)user + named * 10 + count;
}
CASE(callback_with_lists_of_strings) {
    int user = any_of(0, 1000);
    SEE(CALL(show_row, look_at_row, (void *)&user, any_of(0, 10)));
}

static const uint16_t *look_at_utf16(const uint16_t *text) {
    static const uint16_t own[] = {'o', 'w', 0xe4, 0};
    for (int i = 0; text[i] != 0; i++) {
        SEE(text[i]);
    }
    return text[0] % 3 == 0 ? text : text[0] % 3 == 1 ? own : NULL;
}
CASE(callback_with_strings_of_utf16) {
    SEE(CALL(show_utf16, look_at_utf16, any_of(0, 1000000)));
}

/* -- pointers to pointers ------------------------------------------------------------------------------------------ */

static int find_text(int key, const char **text) {
    static const char *const texts[] = {"zero", NULL, "two", ""};
    *text = texts[key % 4];
    return key % 4;
}
CASE(callback_gives_strings_through_a_pointer) {
    SEE(CALL(look_up, find_text, any_of(0, 20)));
}

static void give_longs(int *count, const long **values) {
    static long longs[50];
    static int given;
    given = (given + 7) % 50;
    for (int i = 0; i < given; i++) {
        longs[i] = i * given - 100;
    }
    *count = given;
    *values = longs;
}
CASE(callback_gives_a_buffer_through_a_pointer) {
    SEE(CALL(ask_for_longs, give_longs, 50)); /* as many times as it takes to begin anew */
}

static int find_ticket(int key, struct ticket **ticket) {
    static struct ticket found[3];
    static long more[] = {11, -22, 33, -44, 55, -66};
    found[key % 3] = (struct ticket){(short)(key % 4), key % 5 == 0 ? NULL : "ticket", {key, -key}, more + key % 3};
    *ticket = key % 4 == 3 ? NULL : &found[key % 3];
    return key;
}
CASE(callback_gives_structs_that_lead_on_through_a_pointer) {
    SEE(CALL(look_up_tickets, find_ticket, any_of(0, 20)));
}

static int give_point(int key, struct point **point) {
    static struct point points[3];
    points[key % 3] = (struct point){key * 3, -key};
    *point = key % 4 == 2 ? NULL : &points[key % 3];
    return key;
}
CASE(callback_gives_a_struct_through_a_pointer) {
    SEE(CALL(ask_for_point, give_point, any_of(0, 20)));
}

/* -- functions ----------------------------------------------------------------------------------------------------- */

static int add_seven(int value) {
    SEE(value);
    return value + 7;
}
static int halve(int value) {
    SEE(value);
    return value / 2;
}
static unary_function *choose_one(int which) {
    return which == 0 ? add_seven : which == 3 ? NULL : halve;
}
CASE(callback_returns_a_function) {
    SEE(CALL(choose_function, choose_one, any_of(0, 1000000)));
}

static int use_table(const struct operations *operations) {
    char buffer[20];
    const int handle = operations->open(5);
    const long got = operations->read(handle, buffer, 7);
    SEE(handle);
    SEE_BYTES(buffer, (size_t)got);
    operations->close(handle + 1);
    return (int)got;
}
CASE(callback_is_given_a_table_of_functions) {
    SEE(CALL(show_operations, use_table, any_of(0, 1000)));
}

CASE(table_of_functions_returned) {
    const struct operations *const operations = CALL(operations_of_library);
    SEE(use_table(operations));
    SEE(CALL(use_operations, operations, 4)); /* given back: its own functions again */
}

CASE(function_pointer_comes_out_through_a_pointer) {
    unary_function *function = add_seven;
    SEE(CALL(function_through_a_pointer, any_of(0, 3), &function));
    SEE(function == NULL ? -1 : function(any_of(0, 1000)));
}

static int add_to_it(void *user, int value) {
    SEE(value);
    return value + ++*(int *)user;
}
CASE(callback_in_a_struct_by_value) {
    int count = any_of(0, 100);
    const struct handler handler = {any_of(0, 100), any_of(0, 5) == 0 ? NULL : add_to_it, &count};
    SEE(CALL(run_handler_by_value, handler, any_of(0, 1000000)));
    SEE(count);
}
CASE(struct_with_a_function_comes_back_by_value) {
    int count = 5;
    const struct handler handler = {any_of(0, 100), any_bool() ? NULL : add_to_it, &count},
                         same = CALL(same_handler, handler);
    SEE(same.id);
    SEE(same.handle == handler.handle);
    SEE(same.user == handler.user);
}
