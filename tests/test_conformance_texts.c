/* Conformance: strings in, out, returned, in lists and in structs; narrow and UTF-16. */
#define CONFORMANCE_TEST "texts"
#include "conformance/cases.h"

#include "conformance/texts.h"

static const char *any_text_or_null(int max) {
    const char *text = any_text(max);
    return any_of(0, 3) == 0 ? NULL : text;
}
/* `count` texts and a NULL one. */
static const char **any_list(int count, int max) {
    const char **list = SCRATCH(const char *, count + 1);
    for (int i = 0; i < count; i++) {
        list[i] = any_text(max);
    }
    list[count] = NULL;
    return list;
}

/* -- in ------------------------------------------------------------------------------------------------------------ */

CASE(string_nullterminated_of_any_length) {
    SEE(CALL(sum_text, any_text(5000)));
    SEE(CALL(sum_text, ""));
    SEE(CALL(sum_text, "Gr\xc3\xb6\xc3\x9f"
                       "e \xe6\x97\xa5\xe6\x9c\xac"));
}

CASE(string_may_be_null) {
    SEE(CALL(sum_text, (const char *)NULL));
    SEE(CALL(sum_five_texts, any_text_or_null(9), any_text_or_null(200), any_text_or_null(30), any_text_or_null(9),
             any_text_or_null(3000)));
}

CASE(string_with_an_integer_behind_it) {
    SEE(CALL(count_letter, any_text(300), (char)'a'));
}

CASE(two_strings) {
    char *const left = any_text(5), *const right = any_text(5);
    SEE(CALL(compare_texts, left, right));
    SEE(CALL(compare_texts, left, left));
}

CASE(string_of_computed_length) {
    char *const text = any_text(100);
    SEE(CALL(sum_counted_text, text, (size_t)(strlen(text) / 2)));
    SEE(CALL(sum_counted_text, "with\0a zero", (size_t)11));
    SEE(CALL(sum_counted_text, (const char *)NULL, (size_t)0));
}

CASE(string_of_unsigned_chars) {
    SEE(CALL(sum_unsigned_text, (const unsigned char *)any_text(100)));
}

/* -- in, out and back ---------------------------------------------------------------------------------------------- */

CASE(string_changed_in_place) {
    char *const text = any_text(100);
    const size_t size = strlen(text) + 1;
    CALL_VOID(reverse_text, text, size);
    SEE(text);
}

CASE(string_out_into_a_buffer) {
    char upper[41];
    memset(upper, '#', sizeof upper);
    SEE(CALL(copy_upper, any_text(60), upper, (size_t)any_of(1, 40)));
    SEE_BYTES(upper, sizeof upper);
}

CASE(string_out_with_its_length) {
    char *const left = any_text(20), *const right = any_text(20);
    char both[64] = "";
    SEE(CALL(join_texts, left, right, both, (size_t)any_of(1, 60)));
    SEE(both);
}

CASE(string_whose_length_comes_back) {
    char *const text = any_text(60);
    int len = (int)strlen(text);
    CALL_VOID(replace_letter, text, &len, (char)'a', (char)(any_bool() ? 'z' : '\0'));
    SEE(len);
    SEE_BYTES(text, (size_t)len);
}

CASE(string_of_fixed_length) {
    char text[17];
    memset(text, '#', sizeof text);
    CALL_VOID(fill_fixed_text, text, any_int());
    SEE_BYTES(text, sizeof text);
}

CASE(several_strings_by_reference) {
    char *const left = any_text(30), *const right = any_text(30);
    const int left_size = (int)strlen(left) + 1, right_size = (int)strlen(right) + 1;
    SEE(CALL(swap_two_texts, left, left_size, right, right_size));
    SEE_BYTES(left, (size_t)left_size);
    SEE_BYTES(right, (size_t)right_size);
}

/* -- returned ------------------------------------------------------------------------------------------------------ */

CASE(constant_string_returned) {
    SEE(CALL(constant_text, any_of(0, 4)));
}

CASE(same_string_returned_again_and_again) {
    const char *const first = CALL(constant_text, 2), *const second = CALL(constant_text, 2);
    SEE(first == second);
    SEE(first);
}

CASE(string_or_null_returned) {
    static const char *const keys[] = {"one", "two", "three", "none", "more", ""};
    SEE(CALL(find_in_table, keys[any_of(0, 5)]));
}

CASE(string_in_static_storage_changes_with_each_call) {
    const char *const first = CALL(static_text_of, any_int());
    SEE(first);
    const char *const second = CALL(static_text_of, any_int());
    SEE(second);
    SEE(first == second);
    SEE(first);
}

CASE(argument_itself_returned) {
    char *const text = any_text(50);
    SEE(CALL(same_text_again, text) == text);
}

/* -- pointers into an argument ------------------------------------------------------------------------------------- */

CASE(pointer_into_an_argument_returned) {
    char *const text = any_text(100);
    const char *const found = CALL(find_letter, text, any_bool() ? 'e' : 'Q');
    SEE(found == NULL);
    SEE(found == NULL ? -1 : found - text);
    SEE(found);
}

CASE(pointer_behind_a_number_comes_out) {
    char text[40];
    const char *end = NULL;
    snprintf(text, sizeof text, "  %d%s", any_int(), any_bool() ? " rest" : "");
    SEE(CALL(parse_number, text, &end));
    SEE(end - text);
    SEE(end);
}

CASE(pointer_to_the_end_of_an_argument_returned) {
    char *const text = any_text(100);
    SEE(CALL(end_of_text, text) - text);
}

/* -- T ** ---------------------------------------------------------------------------------------------------------- */

CASE(string_comes_out_through_a_pointer) {
    const char *name = "kept";
    SEE(CALL(name_of_month, any_of(0, 4), &name));
    SEE(name);
}

CASE(constant_string_replaces_the_callers) {
    const char *word = any_text(10);
    for (int i = 0; i <= 3; i++) {
        SEE(CALL(next_word, &word, i));
        SEE(word);
    }
}

/* -- UTF-16 -------------------------------------------------------------------------------------------------------- */

CASE(utf16_string_in) {
    const int len = any_of(0, 300);
    uint16_t *const units = SCRATCH(uint16_t, len + 1);
    for (int i = 0; i < len; i++) {
        units[i] = (uint16_t)any_of(1, 0xffff);
    }
    units[len] = 0;
    SEE(CALL(sum_utf16, units));
    SEE(CALL(sum_utf16, (const uint16_t *)NULL));
}

CASE(utf16_string_out) {
    uint16_t units[64] = {0};
    SEE(CALL(utf16_of_utf8,
             "Gr\xc3\xb6\xc3\x9f"
             "en in Z\xc3\xbcrich",
             units, (size_t)any_of(1, 64)));
    SEE_EACH(units, 64);
}

/* -- lists --------------------------------------------------------------------------------------------------------- */

CASE(list_of_strings_ended_by_null) {
    SEE(CALL(sum_null_ended_list, (const char *const *)any_list(any_of(0, 40), 30)));
    SEE(CALL(sum_null_ended_list, (const char *const *)NULL));
}

CASE(list_of_strings_with_a_count) {
    const int count = any_of(0, 40);
    const char **const list = any_list(count, 30);
    if (count > 3) {
        list[2] = NULL;
        list[3] = list[0];
    }
    SEE(CALL(sum_counted_list, (const char *const *)list, count));
}

CASE(list_of_strings_that_may_be_written) {
    SEE(CALL(longest_of_list, (char **)any_list(any_of(1, 10), 50)));
}

CASE(block_of_strings_in_one_buffer) {
    static const char block[] = "NAME=value\0OTHER=\0THIRD=3\0";
    SEE(CALL(sum_block_of_texts, block, sizeof block));
    SEE(CALL(sum_block_of_texts, block, (size_t)any_of(0, 1) * 11));
}

CASE(list_of_strings_sorted_by_its_pointers) {
    const int count = any_of(0, 12);
    const char **const list = any_list(count, 6);
    const char *before[13];
    memcpy(before, list, sizeof *list * (size_t)(count + 1));
    SEE(CALL(sort_list, list, count));
    for (int i = 0; i < count; i++) {
        SEE(list[i]);
        int from = 0;
        while (from < count && before[from] != list[i]) {
            from++;
        }
        SEE(from);
    }
}

/* -- in structs ---------------------------------------------------------------------------------------------------- */

CASE(strings_in_a_struct_by_pointer_and_by_value) {
    struct label label = {.number = any_int(), .text = any_text_or_null(60)};
    snprintf(label.unit, sizeof label.unit, "%s", any_text(10));
    SEE(CALL(sum_label, &label));
}

CASE(string_in_a_struct_is_written) {
    const char *const text = any_text_or_null(60);
    struct label label = {.number = any_int(), .text = text, .unit = "before"};
    CALL_VOID(fill_label_unit, &label, any_of(0, 999));
    SEE(label.number);
    SEE(label.text == text);
    SEE(label.unit);
}

CASE(lists_of_strings_in_a_struct) {
    const int count = any_of(0, 8);
    const struct menu menu = {.count = count, .titles = any_list(count, 20), .groups = any_list(any_of(0, 5), 20)};
    SEE(CALL(sum_menu, &menu));
}

/* -- the library's own name ---------------------------------------------------------------------------------------- */

TEST(library_in_a_folder_with_any_name) {
    char folder[] = "/tmp/farcall-Gr\xc3\xb6\xc3\x9f"
                    "e \xe6\x97\xa5\xe6\x9c\xac-XXXXXX",
         path[128];
    require(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/%s", folder, "the library.so");
    for (EACH_TARGET(target)) {
        struct fc_library *library = NULL;
        unsigned long long sum = 0, same = 0;
        require(symlink(harness_library(target, case_builds[0]), path) == 0);
        assert_ok(fc_open(path, NULL, &library));
        struct fc_function *function = call_bind(library, "unsigned long long sum_text(_In_opt_z_ const char *text)");
        assert_ok(fc_call(function, &sum, path));
        fc_library_close(library);
        library = call_open(target, case_builds[0]);
        function = call_bind(library, "unsigned long long sum_text(_In_opt_z_ const char *text)");
        assert_ok(fc_call(function, &same, path));
        fc_library_close(library);
        assert_int_equal(sum, same);
        unlink(path);
    }
    rmdir(folder);
}
