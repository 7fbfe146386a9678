/* Strings to the callee and back. */
#include "call.h"

#include <signal.h>

static unsigned checksum_of(const char *text) {
    unsigned sum = 1;
    while (*text != '\0') {
        sum = sum * 31 + (unsigned char)*text++;
    }
    return sum;
}

static char *new_text(size_t length) {
    char *text = malloc(length + 1);
    assert_non_null(text);
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)(1 + (i * 7 + length) % 255);
    }
    text[length] = '\0';
    return text;
}

/* -- to the callee ------------------------------------------------------------------------------------------------- */

TEST(call_passes_strings_of_any_length) {
    /* Around what fits into the first line, a channel and a first segment of shared memory; and everything up to
     * 100. */
    static const unsigned lengths[] = {2047,  2048,  2049,  4095,  4096,    5000,    10000,
                                       65400, 65472, 65535, 65536, 1 << 20, 3 << 20, 20 << 20};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *length_of = call_bind(library, "long long length_of(const char *text)");
        struct fc_function *sum_of = call_bind(library, "unsigned checksum_of(_In_z_ const char *text)");
        for (unsigned i = 0; i < 100 + sizeof lengths / sizeof lengths[0]; i++) {
            unsigned length = i < 100 ? i : (unsigned)call_scaled_size(lengths[i - 100]);
            char *text = new_text(length);
            long long arrived = -2;
            unsigned sum = 0;
            assert_ok(fc_call(length_of, &arrived, text));
            assert_int_equal(arrived, length);
            assert_ok(fc_call(sum_of, &sum, text));
            assert_int_equal(sum, checksum_of(text));
            free(text);
        }
        fc_library_close(library);
    }
}

TEST(call_passes_null_for_a_string) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        long long arrived = -2;
        assert_ok(fc_call(call_bind(library, "long long length_of(const char *text)"), &arrived, NULL));
        assert_int_equal(arrived, -1);
        arrived = -2;
        assert_ok(
            fc_call(call_bind(library, "long long length_of(_In_opt_z_ const unsigned char *text)"), &arrived, NULL));
        assert_int_equal(arrived, -1);
        fc_library_close(library);
    }
}

TEST(call_passes_several_strings) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *compare = call_bind(library, "int compare_lengths(const char *a, const char *b)");
        for (size_t a = 0; a < 60; a += 3) {
            for (size_t b = 0; b < 60; b += 7) {
                char *first = new_text(a), *second = new_text(b);
                int result = 0;
                assert_ok(fc_call(compare, &result, first, second));
                assert_int_equal(result, (int)a - (int)b);
                assert_ok(fc_call(compare, &result, first, first));
                assert_int_equal(result, 0);
                free(first);
                free(second);
            }
        }
        fc_library_close(library);
    }
}

/* A string in memory that both sides see is passed as it is. */
TEST(call_passes_shared_strings_in_place) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        char *text = fc_alloc(fc_library_session(library), 100), *back = NULL;
        assert_non_null(text);
        memcpy(text, "shared", 7);
        assert_ok(fc_call(call_bind(library, "_Fc_opaque_ char *same_text(_In_z_ const char *text)"), &back, text));
        assert_ptr_equal(back, text);
        fc_library_close(library);
    }
}

/* -- back ---------------------------------------------------------------------------------------------------------- */

TEST(call_returns_strings) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        const char *text = NULL;
        assert_ok(fc_call(call_bind(library, "const char *static_text(void)"), &text));
        assert_string_equal(text, "a static string");
        const char *again = NULL;
        assert_ok(fc_call(call_bind(library, "const char *static_text(void)"), &again));
        assert_ptr_equal(again, text);
        assert_ok(fc_call(call_bind(library, "const char *empty_text(void)"), &text));
        assert_string_equal(text, "");
        assert_ok(fc_call(call_bind(library, "const char *no_text(void)"), &text));
        assert_null(text);
        assert_ok(fc_call(call_bind(library, "_Ret_maybenull_z_ char *no_text(void)"), &text));
        assert_null(text);
        const unsigned char *bytes = NULL;
        assert_ok(fc_call(call_bind(library, "_Ret_z_ const unsigned char *byte_text(void)"), &bytes));
        assert_string_equal((const char *)bytes, "\xc3\xa4\xff");
        struct fc_function *heap_text = call_bind(library, "_Ret_z_ char *heap_text(int number)");
        assert_ok(fc_call(heap_text, &text, 1));
        assert_ok(fc_call(heap_text, &again, 2));
        assert_string_equal(text, "number 1");
        assert_string_equal(again, "number 2");
        assert_ok(fc_call(call_bind(library, "const char *same_text(const char *text)"), &text, "there and back"));
        assert_string_equal(text, "there and back");
        fc_library_close(library);
    }
}

/* As natively, where the pointer is the library's own buffer. */
TEST(call_updates_a_string_that_changed_in_place) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *counting = call_bind(library, "const char *counting_text(int number)");
        const char *first = NULL, *second = NULL;
        assert_ok(fc_call(counting, &first, 12345));
        assert_string_equal(first, "12345");
        for (int number = -20; number < 2000; number += 101) {
            char wanted[16];
            snprintf(wanted, sizeof wanted, "%d", number);
            assert_ok(fc_call(counting, &second, number));
            assert_ptr_equal(second, first);
            assert_string_equal(first, wanted);
        }
        fc_library_close(library);
    }
}

/* Up to 2047 bytes come with the answer, more in a second request. */
TEST(call_returns_strings_of_any_length) {
    static const unsigned lengths[] = {0,    1,    15,    16,    17,      2046,     2047,     2048,
                                       2049, 5000, 65535, 65536, 1 << 20, 10 << 20, 40 << 20, 3};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *long_text = call_bind(library, "const char *long_text(unsigned length)");
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            const unsigned length = (unsigned)call_scaled_size(lengths[i]);
            const char *text = NULL;
            assert_ok(fc_call(long_text, &text, length));
            assert_int_equal(strlen(text), length);
            for (unsigned at = 0; at < length; at++) {
                if (text[at] != (char)('a' + at % 26)) {
                    fail_msg("%u bytes: wrong at %u", length, at);
                }
            }
        }
        fc_library_close(library);
    }
}

/* What the caller may still hold stays as it was. */
/* What a library allocates is seen in place, unless its session is hostile. */
static struct fc_library *open_hostile(const char *target, const char *name) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library = NULL;
    assert_non_null(options);
    assert_ok(fc_options_set_hostile(options, true));
    assert_ok(fc_open(harness_library(target, name), options, &library));
    fc_options_free(options);
    return library;
}

TEST(call_copies_a_string_anew_when_it_does_not_fit) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_hostile(target, "basic");
        struct fc_function *long_text = call_bind(library, "const char *long_text(unsigned length)");
        const char *small = NULL, *large = NULL, *again = NULL;
        assert_ok(fc_call(long_text, &small, 3u));
        assert_ok(fc_call(long_text, &large, 100u));
        assert_string_equal(small, "abc");
        assert_ok(fc_call(long_text, &again, 5u));
        assert_ptr_equal(again, large);
        assert_string_equal(again, "abcde");
        assert_string_equal(small, "abc");
        fc_library_close(library);
    }
}

TEST(call_gives_scratch_of_long_strings_back) {
    struct fc_library *library = open_hostile(HARNESS_OTHER_TARGET, "basic");
    struct fc_function *long_text = call_bind(library, "const char *long_text(unsigned length)");
    const char *text = NULL;
    assert_ok(fc_call(long_text, &text, 30u << 20));
    assert_int_equal(strlen(text), 30u << 20);
    assert_true(call_shared_bytes() < 1 << 20);
    fc_library_close(library);
}

TEST(call_keeps_returned_strings_beyond_the_death_of_a_host) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    struct fc_function *static_text = call_bind(library, "const char *static_text(void)");
    const char *text = NULL, *after = NULL;
    assert_ok(fc_call(static_text, &text));
    assert_int_equal(kill(fc_session_host_pid(fc_library_session(library)), SIGKILL), 0);
    int result;
    while ((result = fc_call(static_text, &after)) == FC_EDIED) {
    }
    assert_ok(result);
    assert_string_equal(text, "a static string");
    assert_string_equal(after, "a static string");
    fc_library_close(library);
}
