/* Conformance: strings, buffers and structs of functions of the caller's that the library calls. */
#define CONFORMANCE_TEST "callbacks_data"
#include "conformance/cases.h"

#include "conformance/callbacks.h"

/* -- strings, buffers, outputs ------------------------------------------------------------------------------------- */

static int see_word(void *user, const char *word, int at) {
    SEE(word);
    SEE(at);
    return ++*(int *)user;
}
CASE(callback_with_strings) {
    int count = 0;
    SEE(CALL(each_word, any_text(100), see_word, (void *)&count));
    SEE(count);
}

static size_t see_length(const char *text) {
    SEE(text);
    return text == NULL ? 99 : strlen(text);
}
CASE(callback_with_an_argument_of_the_call) {
    char *const text = any_text(50);
    SEE(CALL(length_by_callback, see_length, any_bool() ? text : NULL));
}

static const char *name_by_index(int index) {
    static const char *const names[] = {"null", "one", NULL, "", "four"};
    SEE(index);
    return names[index % 5];
}
CASE(callback_returns_a_string) {
    SEE(CALL(sum_texts_returned, name_by_index, any_of(0, 12)));
}

static char *made_names[100];
static const char *made_name(int index) {
    return made_names[index];
}
CASE(callback_returns_many_strings_that_all_stay) {
    for (int i = 0; i < 100; i++) {
        made_names[i] = any_text(any_of(0, 20) == 0 ? 5000 : 40);
    }
    SEE(CALL(sum_texts_at_the_end, made_name, any_of(0, 100)));
    SEE(CALL(sum_texts_at_the_end, made_name, any_of(0, 100)));
}

static struct ticket tickets[4];
static const struct ticket *next_ticket(int index) {
    SEE(index);
    return index % 5 == 4 ? NULL : &tickets[index % 5];
}
CASE(callback_returns_structs_that_lead_on) {
    static long more[20];
    for (int i = 0; i < 20; i++) {
        more[i] = any_int();
    }
    for (int i = 0; i < 4; i++) {
        tickets[i] = (struct ticket){
            (short)any_of(0, 9), any_of(0, 4) == 0 ? NULL : any_text(30), {any_int(), any_int()}, more + any_of(0, 10)};
    }
    SEE(CALL(sum_tickets, next_ticket, any_of(0, 12)));
}

static const long *row_of_longs(int index, int count) {
    static long rows[3][50];
    for (int i = 0; i < count; i++) {
        rows[index % 3][i] = index * 7 - i * i;
    }
    return rows[index % 3];
}
CASE(callback_returns_buffers) {
    SEE(CALL(sum_rows, row_of_longs, any_of(0, 9), any_of(0, 50)));
}

static const char *own_text;
static const char *text_from(const char *text, int from) {
    SEE(text);
    return from < 0 ? "elsewhere" : from > 50 ? NULL : from % 2 == 0 ? text + from : own_text + from;
}
CASE(callback_returns_what_it_was_given) {
    own_text = any_text(30);
    const int from = any_of(-1, (int)strlen(own_text));
    SEE(CALL(place_of_returned, own_text, text_from, any_of(0, 9) == 0 ? 60 : from));
}

static int fold_some(int sum, const void *data, size_t size) {
    SEE(sum);
    SEE_BYTES(data, size);
    return (sum ^ (int)size) + 1;
}
CASE(callback_with_buffers) {
    SEE(CALL(fold_bytes, fold_some, any_of(0, 5), any_of(0, 3000)));
}

static int fill_some(char *buffer, int size) {
    SEE(size);
    for (int i = 0; i < size / 2; i++) {
        buffer[i] = (char)(i * 5);
    }
    return size / 2;
}
CASE(callback_fills_a_buffer) {
    SEE(CALL(fill_by_callback, fill_some, any_of(0, 500)));
}

static int answer_number(int index, double *number) {
    *number = index * 1.5;
    return index % 3;
}
static int edit_line(char *text, struct line *line, char *constant) {
    text[0] = 'n';
    text[4] = '\0'; /* shorter */
    line->text[5] = '!';
    line->number += 3;
    SEE_BYTES(line->seen, 8); /* with what was changed */
    SEE_BYTES(line->seen_again, 8);
    SEE_BYTES(line->rest, 3);
    return constant[0];
}
CASE(callback_changes_strings_of_the_library) {
    SEE(CALL(edit_lines, edit_line));
}

static int edit_word(const char *last, char *row, int size, const char *first, const char *second) {
    row[1] = 'o';
    row[7] = (char)('0' + size % 10);
    SEE_BYTES(last, 5);
    SEE_BYTES(first, 6);
    SEE_BYTES(second, 7);
    return (int)(second - first);
}
CASE(callback_sees_strings_in_what_it_changes) {
    SEE(CALL(edit_words, edit_word));
}

static int edit_seen(const char *seen, char *text, const char *again, const char *rest, struct banner *banner) {
    text[1] ^= 1;
    banner->text[2] ^= 2;
    SEE(seen == text);
    SEE(again == text);
    SEE(rest - text);
    SEE(banner->seen == text);
    SEE(banner->text == text);
    SEE(banner->rest == rest);
    SEE(seen);
    SEE(rest);
    return text[1];
}
CASE(callback_changes_a_text_that_it_sees_before) {
    char text[40];
    snprintf(text, sizeof text, "%s and more", any_text(20));
    SEE(CALL(edit_banner, (char *)text, any_of(0, 3), edit_seen));
    SEE((const char *)text);
}

static int edit_last(struct banner *banner, char *text, const char *rest) {
    text[1] ^= 1;
    banner->text[2] ^= 2;
    SEE(banner->seen == rest);
    SEE(banner->rest == text);
    SEE(banner->text == text);
    SEE(rest - text);
    SEE(banner->seen);
    SEE(rest);
    return text[2];
}
CASE(callback_changes_a_text_that_a_struct_has) {
    char text[40];
    snprintf(text, sizeof text, "%s and more", any_text(20));
    SEE(CALL(edit_banner_last, (char *)text, any_of(0, 3), edit_last));
    SEE((const char *)text);
}

CASE(callback_with_an_output) {
    SEE(CALL(ask_for_number, answer_number, any_of(0, 20)));
}

static void bump_value(long *value, int *step) {
    SEE(*value);
    SEE(*step);
    *value += *step;
    *step *= -2;
}
CASE(callback_with_inputs_that_are_outputs) {
    SEE(CALL(bump_by_callback, bump_value, (long)any_of(-100000, 100000)));
}

static void line_up(long *values, int count) {
    SEE(count);
    for (int i = 0; i < count; i++) {
        values[i] = i * 3 - count;
    }
}
CASE(callback_fills_an_array_of_longs) {
    SEE(CALL(line_up_longs, line_up, any_of(0, 50)));
}

static size_t sorted_size;
static int by_first_byte(const void *left, const void *right) {
    SEE_BYTES(left, sorted_size);
    SEE_BYTES(right, sorted_size);
    return *(const unsigned char *)left - *(const unsigned char *)right;
}
CASE(sort_of_bytes_with_a_callback) {
    const size_t size = (size_t)any_of(1, 16), count = (size_t)any_of(0, 20);
    unsigned char bytes[321];
    for (int i = 0; i < 321; i++) {
        RANDOM(bytes[i]);
    }
    sorted_size = size;
    CALL_VOID(sort_with, (void *)bytes, count, size, by_first_byte);
    SEE_BYTES(bytes, sizeof bytes);
}

static int by_value(const int *left, const int *right) {
    SEE(*left);
    return (*left > *right) - (*left < *right);
}
CASE(sort_of_ints_with_a_callback) {
    int values[20];
    const size_t count = (size_t)any_of(0, 20);
    for (int i = 0; i < 20; i++) {
        RANDOM(values[i]);
    }
    CALL_VOID(sort_ints_with, values, count, by_value);
    SEE_EACH(values, 20);
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

static void see_event(const struct event *event) {
    SEE(event->type);
    SEE(event->time);
    SEE(event->position[0]);
    SEE(event->position[1]);
    SEE_BYTES(event->text, sizeof event->text);
}
static int take_event(const struct event *event) {
    see_event(event);
    return event->type + (int)event->position[1];
}
CASE(callback_with_a_struct) {
    SEE(CALL(send_event, take_event, (short)any_of(0, 1000), (long)any_of(0, 1000000)));
}

static void change_one(struct event *event) {
    see_event(event);
    event->time ^= 0x1234567890;
    event->position[0] ^= 1;
    event->text[0] ^= 2;
}
CASE(callback_with_a_struct_in_and_out) {
    struct event event = {ANY(short), ANY(long long), {any_int(), any_int()}, "text"};
    SEE(CALL(change_event, change_one, &event));
    see_event(&event);
}

static int look_at_texts(const struct passage *passage) {
    SEE(passage->whole);
    SEE(passage->again == passage->whole);
    return (int)(passage->rest - passage->whole);
}
CASE(callback_with_pointers_into_one_text) {
    SEE(CALL(look_at_passage, look_at_texts, any_text(60)));
}

static void change_buffers(struct parcel *parcel) {
    for (int i = 0; i < parcel->count; i++) {
        SEE(parcel->first[i]);
        parcel->third[i] += 3;
    }
    for (int i = 0; i < parcel->more; i++) {
        parcel->second[i] ^= 5;
    }
}
CASE(callback_with_empty_buffers_in_a_struct) {
    const int count = any_of(0, 1) * 2, more = any_of(0, 1) * 3;
    long *const values = SCRATCH(long, 9);
    struct parcel parcel = {(short)count, (short)more, values, values + 3, values + 6};
    for (int i = 0; i < 9; i++) {
        values[i] = any_int();
    }
    SEE(CALL(change_parcel, change_buffers, &parcel));
    SEE(parcel.first - values);
    SEE(parcel.second - values);
    SEE(parcel.third - values);
    SEE_EACH(values, 9);
}

static int make_one(struct event *event) {
    static const struct event made = {3, 5000000000, {-7, 9}, "made"};
    *event = made;
    return 4;
}
CASE(callback_with_a_struct_out) {
    SEE(CALL(make_event, make_one, any_of(0, 5)));
}

static struct vector_2 scale(struct vector_2 value, double by) {
    SEE(value.x);
    SEE(value.y);
    SEE(by);
    return (struct vector_2){value.x * by, value.y + by};
}
CASE(callback_with_structs_by_value) {
    const struct vector_2 value = {any_double(), any_double()}, mapped = CALL(map_vector, scale, value);
    SEE(mapped.x);
    SEE(mapped.y);
}

static long long see_corners(struct corners corners, char kind) {
    SEE(corners.a);
    SEE(corners.b);
    SEE(corners.c);
    SEE(kind);
    return (long long)corners.a * 3;
}
CASE(callback_with_a_struct_of_three_ints_by_value) {
    SEE(CALL(map_corners, see_corners, any_int()));
}

static double at_point(const struct vector_2 *point) {
    return point->x * 2 + point->y;
}
CASE(struct_and_callback_with_a_struct) {
    const struct vector_2 range = {any_double(), any_double()};
    SEE(CALL(integrate, &range, at_point, any_of(0, 20)));
}
