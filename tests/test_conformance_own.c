/* Conformance: functions of the caller's find its own memory behind pointers into what the call was given, as the
 * library has it by then; and copies of what only the library has. */
#define CONFORMANCE_TEST "own"
#include "conformance/cases.h"

#include "conformance/own.h"

/* -- arrays -------------------------------------------------------------------------------------------------------- */

static int own_numbers[60], own_key;

static int compare_by_place(const int *left, const int *right) {
    SEE((int)(left - own_numbers));
    SEE((int)(right - own_numbers));
    SEE(*left);
    SEE(own_numbers[right - own_numbers]);
    return *left < *right ? -1 : *left > *right;
}
CASE(callback_is_given_elements_of_the_callers_own_array) {
    const int count = any_of(0, 12);
    for (int i = 0; i < count; i++) {
        own_numbers[i] = any_int();
    }
    CALL_VOID(own_sort, own_numbers, (unsigned)count, compare_by_place);
    SEE_EACH(own_numbers, count);
}

static unsigned char own_bytes[12 * 40];
static size_t own_size;
static int compare_bytes(const void *left, const void *right) {
    SEE((int)((const unsigned char *)left - own_bytes));
    SEE((int)((const unsigned char *)right - own_bytes));
    SEE_BYTES(left, own_size);
    SEE_BYTES(right, own_size);
    return memcmp(left, right, own_size);
}
CASE(callback_is_given_elements_of_a_size_that_the_call_says) {
    const int count = any_of(0, 12);
    own_size = (size_t)any_of(1, 40);
    for (size_t i = 0; i < (size_t)count * own_size; i++) {
        own_bytes[i] = (unsigned char)any_of(0, 3);
    }
    CALL_VOID(own_sort_bytes, (void *)own_bytes, (size_t)count, own_size, compare_bytes);
    SEE_BYTES(own_bytes, (size_t)count * own_size);
}

static const int constant_table[] = {-90, -7, 0, 1, 5, 6, 70, 800, 9000};
static int compare_with_key(const int *key, const int *probe) {
    SEE(key == &own_key);
    SEE((int)(probe - constant_table));
    SEE(*key);
    SEE(*probe);
    return *key < *probe ? -1 : *key > *probe;
}
CASE(callback_is_given_elements_of_a_constant_array_and_a_key) {
    own_key = any_bool() ? any_of(-100, 10000) : constant_table[any_of(0, 8)];
    SEE(CALL(own_search, &own_key, constant_table, 9u, compare_with_key));
}

static short own_left[8], own_right[8];
static int compare_shorts(const short *left, const short *right) {
    SEE((int)(left - own_left));
    SEE((int)(right - own_right));
    SEE(*left);
    SEE(*right);
    return *left - *right;
}
CASE(callback_is_given_elements_of_two_arrays) {
    for (int i = 0; i < 8; i++) {
        own_left[i] = ANY(short);
        own_right[i] = ANY(short);
    }
    SEE(CALL(own_merge, own_left, (unsigned)any_of(0, 8), own_right, 8u, compare_shorts));
    SEE_EACH(own_right, 8);
}

static struct own_pair own_pairs[20];
static struct own_pair *any_pairs(int count) {
    for (int i = 0; i < count; i++) {
        own_pairs[i] = (struct own_pair){any_int(), ANY(short), ANY(short)};
    }
    return own_pairs;
}
static void change_pair(struct own_pair *pair, unsigned index) {
    SEE((int)(pair - own_pairs));
    SEE(pair->third);
    pair->second = (short)(pair->second * 3 + (short)index);
    own_pairs[index].first ^= 0x55;
}
CASE(callback_changes_elements_of_the_callers_own_array) {
    const int count = any_of(0, 20);
    SEE(CALL(own_visit, any_pairs(count), (unsigned)count, change_pair));
    for (int i = 0; i < count; i++) {
        SEE(own_pairs[i].first);
        SEE(own_pairs[i].second);
        SEE(own_pairs[i].third);
    }
}
CASE(callback_changes_what_the_library_only_reads) {
    const int count = any_of(0, 20);
    SEE(CALL(own_visit_constant, (const struct own_pair *)any_pairs(count), (unsigned)count, change_pair));
    for (int i = 0; i < count; i++) {
        SEE(own_pairs[i].first);
        SEE(own_pairs[i].second);
    }
}

static void make_number(int *number, unsigned index) {
    SEE((int)(number - own_numbers));
    *number = (int)index * 7 - 3;
}
CASE(callback_fills_the_callers_own_array) {
    const int count = any_of(0, 60);
    SEE(CALL(own_fill, own_numbers, (unsigned)count, make_number));
    SEE_EACH(own_numbers, count);
}

static struct own_wide own_wides[9];
static struct own_wide *any_wides(int count) {
    for (int i = 0; i < count; i++) {
        own_wides[i] = (struct own_wide){any_int(), "name", any_double()};
        own_wides[i].name[any_of(0, 4)] = '\0';
    }
    return own_wides;
}
static void change_wide(struct own_wide *wide, unsigned index) {
    SEE((int)(wide - own_wides));
    SEE(wide->wide);
    SEE((const char *)wide->name);
    wide->wide += index;
    wide->name[0] = 'N';
    wide->weight = index;
}
CASE(callback_is_given_structs_of_another_layout_there) {
    const int count = any_of(0, 9);
    SEE(CALL(own_visit_wide, any_wides(count), (unsigned)count, change_wide));
    for (int i = 0; i < count; i++) {
        SEE(own_wides[i].wide);
        SEE((const char *)own_wides[i].name);
        SEE(own_wides[i].weight);
    }
}
static long look_at_wide(const struct own_wide *wide) {
    SEE((int)(wide - own_wides));
    SEE(wide->weight);
    return wide->wide;
}
CASE(callback_looks_at_constant_structs_of_another_layout_there) {
    const int count = any_of(0, 9);
    SEE(CALL(own_look_wide, (const struct own_wide *)any_wides(count), (unsigned)count, look_at_wide));
}

static void see_ends(const int *first, unsigned count, int *last) {
    SEE(first == own_numbers);
    SEE((int)(last - first));
    SEE_EACH(first, count);
    *last ^= 3;
    SEE(first[count - 1]);
}
CASE(callback_is_given_overlapping_parts_of_an_array) {
    const int count = any_of(0, 10);
    for (int i = 0; i < count; i++) {
        own_numbers[i] = any_of(0, 1000);
    }
    SEE(CALL(own_ends, own_numbers, (unsigned)count, see_ends));
    SEE_EACH(own_numbers, count);
}

static int nested_order(const int *left, const int *right) {
    SEE((int)(left - own_numbers));
    SEE((int)(right - own_numbers));
    return *left - *right;
}
static int search_right_in_left(const int *left, const int *right) {
    SEE(CALL(own_search, right, left, 1u, nested_order));
    return *left < *right ? -1 : *left > *right;
}
CASE(callback_of_a_nested_call_is_given_the_same_array) {
    const int count = any_of(0, 6);
    for (int i = 0; i < count; i++) {
        own_numbers[i] = any_of(0, 100);
    }
    CALL_VOID(own_sort, own_numbers, (unsigned)count, search_right_in_left);
    SEE_EACH(own_numbers, count);
}

/* -- texts --------------------------------------------------------------------------------------------------------- */

static char own_text[700];
static void any_words(void) {
    const int len = any_of(0, any_of(0, 4) == 0 ? 690 : 30);
    for (int i = 0; i < len; i++) {
        own_text[i] = any_of(0, 4) == 0 ? ' ' : (char)any_of('a', 'z');
    }
    own_text[len] = '\0';
}
static void see_rest(const char *rest, unsigned len) {
    SEE((int)(rest - own_text));
    SEE(rest);
    SEE(len);
}
CASE(callback_is_given_the_rest_of_the_callers_own_text) {
    any_words();
    SEE(CALL(own_words, (const char *)own_text, see_rest));
}
static void see_word(const char *word) {
    SEE((int)(word - own_text));
    SEE(word);
}
CASE(callback_is_given_words_that_the_library_has_split) {
    any_words();
    SEE(CALL(own_split, own_text, see_word));
    SEE_BYTES(own_text, strlen(own_text));
}

/* -- lists --------------------------------------------------------------------------------------------------------- */

static struct node own_nodes[7];
static int own_count;
static struct node *any_nodes(void) {
    own_count = any_of(1, 7);
    for (int i = 0; i < own_count; i++) {
        own_nodes[i] =
            (struct node){.value = any_of(-10000, 10000), .next = i + 1 < own_count ? &own_nodes[i + 1] : NULL};
    }
    return own_nodes;
}
static int change_node(struct node *node, int index) {
    SEE((int)(node - own_nodes));
    SEE(node->next == (index + 1 < own_count ? &own_nodes[index + 1] : NULL));
    SEE(node->value);
    node->value += 5;
    return index;
}
CASE(callback_is_given_nodes_of_the_callers_own_list) {
    SEE(CALL(own_walk, any_nodes(), change_node));
    for (int i = 0; i < own_count; i++) {
        SEE(own_nodes[i].value);
        SEE(own_nodes[i].next == (i + 1 < own_count ? &own_nodes[i + 1] : NULL));
    }
}
static int look_at_node(const struct node *node) {
    SEE((int)(node - own_nodes));
    SEE(node->value);
    return (int)node->value;
}
CASE(callback_looks_at_nodes_of_the_callers_own_list) {
    SEE(CALL(own_look, (const struct node *)any_nodes(), look_at_node));
}

/* -- the library's own --------------------------------------------------------------------------------------------- */

static void see_event(const struct own_event *event, const char *text, const int *number, const short *shorts) {
    if (event != NULL) {
        SEE(event->code);
        SEE(event->when);
        SEE(event->what);
    }
    SEE(text);
    SEE(number == NULL ? -1 : *number);
    SEE_EACH(shorts, 3);
}
CASE(callback_is_given_what_lies_on_the_librarys_stack) {
    CALL_VOID(own_events, see_event, any_of(0, 1000));
}
static int see_plain_event(const char *text, const struct own_pair *pair, const char *more, const int *number) {
    SEE(text);
    SEE(pair == NULL ? -1 : pair->first);
    SEE(pair == NULL ? -1 : pair->third);
    SEE(more);
    SEE(number == NULL ? -1 : *number);
    return number == NULL ? 11 : *number + 7;
}
CASE(callback_is_given_plain_structs_and_texts_of_any_length) {
    CALL_VOID(own_plain_events, see_plain_event, any_of(0, 1000));
}
static void see_twice(const int *one, const int *other, const char *text, const char *rest) {
    SEE((int)(*one == *other));
    SEE(one == other);
    SEE(*one);
    SEE(*other);
    SEE(text);
    SEE(rest);
    if (rest != NULL && strlen(rest) < 10) {
        SEE((int)(rest - text));
    }
}
CASE(callback_is_given_two_pointers_to_the_same) {
    CALL_VOID(own_twice, see_twice, any_int());
}
static void change_theirs(int *number, struct own_pair *pair) {
    SEE(*number);
    SEE(pair->first);
    *number += pair->third;
    pair->second = (short)(pair->second + 100);
}
CASE(callback_changes_what_lies_on_the_librarys_stack) {
    long long sum;
    CALL_VOID(own_changes, change_theirs, any_of(0, 100000), &sum);
    SEE(sum);
}
