/* Conformance: strings of wchar_t. The library's have 16 bits on Windows, so characters beyond the first 65536 are two
 * there; a half of such a pair is one, alone. */
#define CONFORMANCE_TEST "wide"
#include "conformance/cases.h"

#include "conformance/wide.h"

/* Characters of up to 21 bits, of which every third may have more than 16; no two of them side by side. */
static wchar_t *any_wide(int max) {
    const int len = any_of(0, max);
    wchar_t *text = SCRATCH(wchar_t, len + 1);
    for (int i = 0; i < len; i++) {
        text[i] = (wchar_t)any_of(1, i % 3 == 0 ? 0x10ffff : 127);
    }
    text[len] = 0;
    return text;
}
/* As many units on both sides. */
static wchar_t *any_short_wide(int max) {
    wchar_t *text = any_wide(max);
    for (wchar_t *at = text; *at != 0; at++) {
        *at = *at >= 0xd800 ? 0x65e5 : *at;
    }
    return text;
}
static const wchar_t beyond[] = {'a', 0x110000, 0};
static bool is_narrow(void) {
    return case_is_for_windows();
}

/* -- in and out ---------------------------------------------------------------------------------------------------- */

CASE(wide_string_of_any_length) {
    SEE(CALL(sum_wide, any_wide(700)));
    SEE(CALL(sum_wide, L"Gr\u00f6\u00dfe"));
    SEE(CALL(sum_wide, (const wchar_t *)NULL));
}

CASE(wide_string_with_halves_of_pairs) {
    static const wchar_t text[] = {0xd800, 'a', 0xdfff, 0xdbff, 0xffff, 0x10ffff, 0xdc00, 0xd801, 0x10000, 0};
    SEE(CALL(sum_wide, (const wchar_t *)text));
}

CASE(wide_string_beyond_the_last_character) {
    SEE(CALL(sum_wide, L"\U0010ffff"));
    CALL_FAILS(is_narrow(), FC_ERANGE, sum_wide, (const wchar_t *)beyond);
}

CASE(wide_string_up_to_a_zero_or_a_bound) {
    wchar_t *const text = any_short_wide(40);
    SEE(CALL(sum_bounded_wide, (const wchar_t *)text, (size_t)any_of(0, 40)));
    SEE(CALL(sum_bounded_wide, (const wchar_t *)any_wide(40), (size_t)1000));
    CALL_FAILS(is_narrow(), FC_ERANGE, sum_bounded_wide, L"\U0001f600\U0001f600", (size_t)2);
}

CASE(wide_string_out_into_a_buffer) {
    wchar_t upper[150];
    wmemset(upper, L'#', 150);
    SEE(CALL(copy_wide_upper, any_short_wide(60), upper, (size_t)any_of(1, 49)));
    SEE_BYTES(upper, sizeof upper);
    SEE(CALL(copy_wide_upper, any_wide(70), upper, (size_t)149));
    SEE_BYTES(upper, sizeof upper);
}

CASE(wide_string_changed_in_place) {
    wchar_t *const text = any_wide(100);
    CALL_VOID(upper_wide, text);
    SEE(text);
}

CASE(wide_string_made_longer) {
    wchar_t text[300];
    wmemset(text, L'#', 300);
    wcscpy(text, any_wide(70));
    SEE(CALL(append_wide, text, (size_t)299, any_wide(70)));
    SEE_BYTES(text, sizeof text);
    SEE(CALL(append_wide, text, (size_t)299, any_short_wide(5)));
    SEE_BYTES(text, sizeof text);
    SEE(CALL(append_wide, text, (size_t)299, any_short_wide(5)));
    SEE_BYTES(text, sizeof text);
}

/* -- returned ------------------------------------------------------------------------------------------------------ */

CASE(wide_string_returned) {
    const int index = any_of(0, 3);
    const wchar_t *const text = CALL(constant_wide, index);
    SEE(text);
    SEE(CALL(constant_wide, index) == text);
    SEE(CALL(sum_wide, text));
}

CASE(wide_string_made_by_the_library) {
    wchar_t *const first = CALL(wide_of, any_of(1, 1 << 30)), *const second = CALL(wide_of, any_of(1, 1 << 30));
    SEE(first);
    SEE(second);
    SEE(CALL(free_wide, first));
    SEE(CALL(free_wide, second));
}

CASE(pointer_into_a_wide_argument_returned) {
    wchar_t *const text = any_wide(80);
    const wchar_t *const found = CALL(find_wide, text, (wchar_t)any_of(1, 127));
    SEE(found == NULL ? -1 : found - text);
}

CASE(wide_string_comes_out_through_a_pointer) {
    const wchar_t *name = NULL;
    SEE(CALL(name_of_wide, any_of(0, 3), &name));
    SEE(name);
}

/* -- lists --------------------------------------------------------------------------------------------------------- */

CASE(list_of_wide_strings) {
    const wchar_t *list[11];
    const int count = any_of(0, 10);
    for (int i = 0; i < count; i++) {
        list[i] = i == 5 ? list[2] : any_wide(20);
    }
    list[count] = NULL;
    SEE(CALL(sum_wide_list, (const wchar_t *const *)list, count));
    SEE(CALL(sum_wide_null_ended_list, (const wchar_t *const *)list));
}

CASE(wide_strings_one_behind_the_other) {
    SEE(CALL(sum_wide_block, L"one\0tw\U0001f600o\0\U0001f601\0"));
    SEE(CALL(sum_wide_block, L"\0"));
}

/* -- in structs ---------------------------------------------------------------------------------------------------- */

static struct wide_label any_label(void) {
    struct wide_label label = {.number = (short)any_of(0, 1000), .more = any_wide(30)};
    wcsncpy(label.text, any_wide(5), 8);
    return label;
}

CASE(wide_strings_in_a_struct) {
    const struct wide_label label = any_label();
    SEE(CALL(sum_wide_label, &label));
}

CASE(wide_string_in_a_struct_is_written) {
    struct wide_label label = any_label();
    CALL_VOID(fill_wide_label, &label, any_of(0, 3));
    SEE(label.text);
    SEE(label.number);
    SEE(label.more);
}

CASE(wide_strings_in_a_struct_by_value) {
    const struct wide_label label = CALL(wide_label_of, any_label(), any_of(0, 3));
    SEE(label.text);
    SEE(label.number);
    SEE(label.more);
}

CASE(wide_array_in_a_struct_is_not_long_enough) {
    struct wide_label label = {.more = L""};
    wmemset(label.text, 0x1f600, 7);
    CALL_FAILS(is_narrow(), FC_ERANGE, sum_wide_label, (const struct wide_label *)&label);
    label.text[3] = 0;
    SEE(CALL(sum_wide_label, (const struct wide_label *)&label));
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

static int see_word(void *user, const wchar_t *word) {
    SEE(word);
    return (int)wcslen(word) + *(int *)user;
}
CASE(callback_is_given_wide_strings) {
    int more = any_of(0, 9);
    SEE(CALL(each_wide_word, L"one \U0001f600two\U0001f601  \u65e5", see_word, (void *)&more));
}

static int fill_name(void *user, wchar_t *name, int size) {
    wcsncpy(name, user, (size_t)size);
    return size;
}
CASE(callback_fills_a_wide_buffer) {
    SEE(CALL(ask_wide, fill_name, (void *)any_wide(30)));
}

static const wchar_t *return_name(void *user) {
    return user;
}
CASE(callback_returns_a_wide_string) {
    SEE(CALL(ask_wide_result, return_name, (void *)any_wide(30)));
}
