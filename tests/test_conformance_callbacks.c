/* Conformance: functions of the caller's that the library calls. What they are given is seen, in the order of calls. */
#define CONFORMANCE_TEST "callbacks"
#include "conformance/cases.h"

#include "conformance/callbacks.h"

/* -- plain values -------------------------------------------------------------------------------------------------- */

static int see_two(int a, int b) {
    SEE(a);
    SEE(b);
    return a / 2 - b / 3;
}
CASE(callback_simple) {
    SEE(CALL(call_int, see_two, any_int(), any_int()));
}
CASE(callback_optional) {
    SEE(CALL(call_if_any, any_bool() ? see_two : NULL, any_int()));
}

static void see_call(void) {
    SEE(1);
}
CASE(callback_without_arguments_or_result) {
    CALL_VOID(call_void, see_call, any_of(0, 9));
}

/* One for each type: what comes in is seen, and something else goes out. */
#define ONE_CASE(name, type, value, result)                                                                            \
    static type take_##name(type a) {                                                                                  \
        SEE(a);                                                                                                        \
        return (type)(result);                                                                                         \
    }                                                                                                                  \
    CASE(callback_with_##name) {                                                                                       \
        SEE(CALL(call_##name, take_##name, (type)(value)));                                                            \
    }
ONE_CASE(char, signed char, any_bits(), a + 1)
ONE_CASE(uchar, unsigned char, any_bits(), a + 1)
ONE_CASE(short, short, any_bits(), a + 1)
ONE_CASE(ushort, unsigned short, any_bits(), a + 1)
ONE_CASE(long, long, any_int(), -a)
ONE_CASE(ulong, unsigned long, any_bits() >> 33, a / 3)
ONE_CASE(long_long, long long, any_bits(), ~a)
ONE_CASE(ulong_long, unsigned long long, any_bits(), ~a)
ONE_CASE(size, size_t, any_of(0, 1 << 30), a / 3)
ONE_CASE(float, float, any_float(), a * 2)
ONE_CASE(double, double, any_double(), a * 2)
ONE_CASE(long_double, long double, any_double(), a * 2)

static enum answer take_enum(enum answer a) {
    SEE(a);
    return a == NO ? YES : a == YES ? MAYBE : NO;
}
CASE(callback_with_enum) {
    static const enum answer answers[] = {NO, YES, MAYBE};
    SEE(CALL(call_enum, take_enum, answers[any_of(0, 2)]));
}

static bool take_bools(bool a, bool b) {
    SEE(a);
    SEE(b);
    return a && !b;
}
CASE(callback_with_bool) {
    SEE(CALL(call_bool, take_bools, any_bool()));
}

static int see_sign(int a, int b) {
    SEE(a < 0);
    SEE(b < 0);
    return -1;
}
static size_t negative_size(size_t a) {
    SEE(a + 1);
    return (size_t)-2;
}
CASE(callback_preserves_signs) {
    SEE(CALL(call_int, see_sign, -1, INT32_MIN));
    SEE(CALL(call_size, negative_size, (size_t)-1));
    SEE(CALL(call_char, take_char, (signed char)-128));
    SEE(CALL(call_short, take_short, (short)-32768));
}

static long see_nine(long a, long b, long c, long d, long e, long f, long g, long h, long i) {
    const long all[] = {a, b, c, d, e, f, g, h, i};
    SEE_EACH(all, 9);
    return a / 2 + i / 3;
}
CASE(callback_with_nine_longs) {
    SEE(CALL(call_nine_longs, see_nine, (long)any_of(0, 1000000)));
}

static long long see_ten(long long a, long long b, long long c, long long d, long long e, long long f, long long g,
                         long long h, long long i, long long j) {
    const long long all[] = {a, b, c, d, e, f, g, h, i, j};
    SEE_EACH(all, 10);
    return a ^ j;
}
CASE(callback_with_ten_long_longs) {
    SEE(CALL(call_ten_long_longs, see_ten, ANY(long long)));
}

static int see_eleven(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k) {
    const int all[] = {a, b, c, d, e, f, g, h, i, j, k};
    SEE_EACH(all, 11);
    return a ^ k;
}
CASE(callback_with_eleven_ints) {
    SEE(CALL(call_eleven_ints, see_eleven, any_int()));
}

static double see_mixed(char a, double b, short c, float d, long long e, bool f, double g, unsigned h, float i, long j,
                        double k) {
    SEE(a);
    SEE(b);
    SEE(c);
    SEE(d);
    SEE(e);
    SEE(f);
    SEE(g);
    SEE(h);
    SEE(i);
    SEE(j);
    SEE(k);
    return b + g;
}
CASE(callback_with_many_types) {
    SEE(CALL(call_mixed, see_mixed, any_of(-100000, 100000)));
}

/* -- user data ----------------------------------------------------------------------------------------------------- */

static int add_to_user(void *user, int index) {
    SEE(index);
    *(long long *)user += index;
    return index < 30 ? index * 2 : -5;
}
CASE(callback_with_user_data) {
    long long sum = any_int();
    SEE(CALL(visit_all, add_to_user, (void *)&sum, any_of(0, 40)));
    SEE(sum);
}

static int see_null_user(void *user, int index) {
    SEE(user == NULL);
    return index;
}
CASE(callback_with_user_data_null) {
    SEE(CALL(visit_all, see_null_user, (void *)NULL, 3));
}

static void *element_of(void *user, int index) {
    return index < 0 ? NULL : (int *)user + index;
}
CASE(callback_returns_a_pointer_of_the_callers) {
    int table[10];
    const int index = any_of(-1, 9);
    int *const found = CALL(call_for_pointer, element_of, (void *)table, index);
    SEE(found == NULL ? -1 : found - table);
}

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

/* -- in structs and arrays ----------------------------------------------------------------------------------------- */

static int handle_value(void *user, int value) {
    SEE(value);
    *(int *)user += 1;
    return value ^ *(int *)user;
}
CASE(callback_in_a_struct) {
    int count = any_of(0, 100);
    const struct handler handler = {any_of(0, 100), any_of(0, 5) == 0 ? NULL : handle_value, &count};
    SEE(CALL(run_handler, &handler, any_of(0, 1000000)));
    SEE(count);
}

CASE(callbacks_in_an_array_of_structs) {
    int counts[5] = {0};
    struct handler handlers[5];
    for (int i = 0; i < 5; i++) {
        handlers[i] = (struct handler){i, any_of(0, 5) == 0 ? NULL : handle_value, &counts[i]};
    }
    SEE(CALL(run_handlers, (const struct handler *)handlers, any_of(0, 5), any_of(0, 1000000)));
    SEE_EACH(counts, 5);
}

static int open_one(int mode) {
    SEE(mode);
    return mode + 1;
}
static long read_one(int handle, char *buffer, long size) {
    SEE(handle);
    SEE(size);
    memset(buffer, handle, 20);
    return 20;
}
static void close_one(int handle) {
    SEE(handle);
}
CASE(callbacks_as_a_table_of_operations) {
    const struct operations operations = {open_one, read_one, close_one};
    SEE(CALL(use_operations, &operations, any_of(0, 100)));
}

static int plus_one(int value) {
    SEE(value);
    return value + 1;
}
static int times_three(int value) {
    SEE(value);
    return value * 3;
}
CASE(array_of_function_pointers) {
    unary_function *functions[6];
    const int count = any_of(0, 6);
    for (int i = 0; i < 6; i++) {
        const int which = any_of(0, 2);
        functions[i] = which == 0 ? NULL : which == 1 ? plus_one : times_three;
    }
    SEE(CALL(apply_in_turn, (unary_function *const *)functions, count, any_of(-1000, 1000)));
}

/* -- kept ---------------------------------------------------------------------------------------------------------- */

CASE(callback_set_once_and_called_later) {
    SEE(CALL(call_handler, 5));
    CALL_VOID(set_handler, plus_one);
    SEE(CALL(call_handler, any_of(0, 1000)));
    SEE(CALL(call_handler, any_of(0, 1000)));
    CALL_VOID(set_handler, times_three);
    SEE(CALL(call_handler, any_of(0, 1000)));
    CALL_VOID(set_handler, (unary_function *)NULL);
    SEE(CALL(call_handler, 5));
}

static void listen(void *user, int value) {
    SEE(value);
    SEE(*(int *)user);
}
static void listen_also(void *user, int value) {
    SEE(value - *(int *)user);
}
CASE(callbacks_registered_and_unregistered) {
    static int users[3] = {1, 2, 3};
    SEE(CALL(add_listener, listen, (void *)&users[0]));
    SEE(CALL(add_listener, listen_also, (void *)&users[1]));
    SEE(CALL(add_listener, listen, (void *)&users[2]));
    SEE(CALL(tell_listeners, any_int()));
    SEE(CALL(remove_listener, listen, (void *)&users[0]));
    SEE(CALL(remove_listener, listen, (void *)&users[1]));
    SEE(CALL(tell_listeners, any_int()));
    SEE(CALL(remove_listener, listen_also, (void *)&users[1]));
    SEE(CALL(remove_listener, listen, (void *)&users[2]));
    SEE(CALL(tell_listeners, any_int()));
}

CASE(same_function_is_the_same_pointer) {
    SEE(CALL(is_same_function, plus_one, plus_one));
    SEE(CALL(is_same_function, plus_one, times_three));
    SEE(CALL(is_same_function, plus_one, (unary_function *)NULL));
}

CASE(same_function_registered_twice) {
    SEE(CALL(register_twice, plus_one, plus_one, any_of(0, 1000)));
    SEE(CALL(register_twice, plus_one, times_three, any_of(0, 1000)));
}

CASE(slots_of_callbacks_are_used_again) {
    static unary_function *const functions[] = {plus_one, times_three};
    for (int i = 0; i < 20; i++) {
        CALL_VOID(set_handler, functions[i % 2]);
        SEE(CALL(call_handler, i));
    }
    CALL_VOID(set_handler, (unary_function *)NULL);
}

/* -- functions that come out --------------------------------------------------------------------------------------- */

CASE(function_pointer_returned) {
    const int index = any_of(0, 2);
    unary_function *const function = CALL(function_of_library, index);
    SEE(function == NULL);
    SEE(function == NULL ? 0 : function(any_of(0, 1000)));
}

CASE(function_of_the_library_given_back) {
    unary_function *const function = CALL(function_of_library, any_of(0, 2));
    SEE(CALL(call_given, function, any_of(0, 1000)));
}

CASE(function_of_the_caller_comes_back_as_itself) {
    SEE(CALL(same_function_again, plus_one) == plus_one);
    SEE(CALL(same_function_again, (unary_function *)NULL) == NULL);
}

static int run_inner(unary_function *inner, int value) {
    SEE(value);
    return inner(value) + inner(1);
}
CASE(callback_is_given_a_function_of_the_library) {
    SEE(CALL(call_back_with_function, run_inner, any_of(0, 1000)));
}

/* -- nested, and often --------------------------------------------------------------------------------------------- */

static int go_deeper(int level) {
    SEE(level);
    return CALL(descend, go_deeper, level);
}
CASE_TIMES(callbacks_nested_100_deep, 5) {
    SEE(CALL(descend, go_deeper, 100));
}

static int f4(int value) {
    SEE(value);
    return value * 2;
}
static int f2(int value) {
    SEE(value);
    return CALL(nested_3, f4, value) + 1;
}
CASE(f1_to_f4_call_each_other) {
    SEE(CALL(nested_1, f2, any_of(0, 1000000)));
}

static int call_plain_inside(int value) {
    return CALL(call_int, see_two, value, 1);
}
CASE(callback_calls_the_library) {
    SEE(CALL(call_given, call_plain_inside, any_of(0, 1000000)));
}

static int index_seen(int index) {
    return index * 17;
}
CASE_TIMES(five_thousand_crossing_calls, 2) {
    SEE(CALL(cross_often, index_seen, 5000));
}

static long long sum_up(long long sum, int index) {
    return sum + index * 1000003LL;
}
CASE_TIMES(five_thousand_callbacks_in_a_loop, 2) {
    SEE(CALL(add_5000, sum_up));
}

static int set_error(int value) {
    errno = value;
    return value + 1;
}
CASE(errno_of_a_callback_is_the_librarys) {
    /* Beyond these, Microsoft's C libraries have numbers of their own (test_windows_host.c). */
    SEE(CALL(errno_through, set_error, any_of(1, case_is_for_windows() ? 25 : 100)));
}
