#include "harness.h"

#include "base/arena.h"
#include "base/checked.h"
#include "base/error.h"

#include <string.h>

/* -- arena -------------------------------------------------------------------------------------------------------- */

TEST(arena_memory_is_zeroed_aligned_and_apart) {
    struct fc__arena arena = {0};
    unsigned char *memory[500];
    for (size_t i = 0; i < 500; i++) {
        memory[i] = fc__arena_alloc(&arena, i + 1);
        assert_non_null(memory[i]);
        assert_int_equal((uintptr_t)memory[i] % 16, 0);
        for (size_t k = 0; k <= i; k++) {
            assert_int_equal(memory[i][k], 0);
        }
        memset(memory[i], (int)(i % 255 + 1), i + 1);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t k = 0; k <= i; k++) {
            assert_int_equal(memory[i][k], i % 255 + 1);
        }
    }
    fc__arena_done(&arena);
}

TEST(arena_serves_what_is_larger_than_a_block) {
    struct fc__arena arena = {0};
    enum { LARGE = 1 << 20 };
    unsigned char *small = fc__arena_alloc(&arena, 1);
    unsigned char *large = fc__arena_alloc(&arena, LARGE);
    assert_non_null(small);
    assert_non_null(large);
    assert_int_equal(large[0], 0);
    assert_int_equal(large[LARGE - 1], 0);
    memset(large, 0xff, LARGE);
    assert_int_equal(*small, 0);
    fc__arena_done(&arena);
}

TEST(arena_refuses_sizes_that_overflow) {
    struct fc__arena arena = {0};
    assert_null(fc__arena_alloc(&arena, SIZE_MAX));
    assert_null(fc__arena_alloc(&arena, SIZE_MAX - 15));
    assert_null(fc__arena_alloc(&arena, SIZE_MAX / 2 + 1));
    assert_non_null(fc__arena_alloc(&arena, 1));
    fc__arena_done(&arena);
}

TEST(arena_copy_ends_in_nul) {
    struct fc__arena arena = {0};
    const char text[] = {'a', 'b', 'c', 'd'};
    assert_string_equal(fc__arena_copy(&arena, text, 3), "abc");
    assert_string_equal(fc__arena_copy(&arena, text, 0), "");
    assert_string_equal(fc__arena_copy(&arena, NULL, 0), "");
    fc__arena_done(&arena);
}

TEST(arena_can_be_used_again_after_done) {
    struct fc__arena arena = {0};
    fc__arena_done(&arena);
    assert_non_null(fc__arena_alloc(&arena, 100));
    fc__arena_done(&arena);
    assert_string_equal(fc__arena_copy(&arena, "again", 5), "again");
    fc__arena_done(&arena);
    fc__arena_done(&arena);
}

/* -- error text --------------------------------------------------------------------------------------------------- */

static char long_text[2 * FC__ERROR_TEXT_MAX];

static void fill_long_text(size_t len) {
    memset(long_text, 'x', len);
    long_text[len] = '\0';
}

TEST(error_set_returns_the_code_and_replaces_the_text) {
    static struct fc__error err;
    assert_int_equal(fc__error_set(&err, FC_EINVAL, "first %d", 1), FC_EINVAL);
    assert_int_equal(fc__error_set(&err, FC_ERANGE, "%s", "second"), FC_ERANGE);
    assert_int_equal(err.code, FC_ERANGE);
    assert_string_equal(err.text, "second");
}

TEST(error_add_appends_and_keeps_the_code) {
    static struct fc__error err;
    fc__error_set(&err, FC_EPARSE, "line 1");
    fc__error_add(&err, "\nline %d", 2);
    fc__error_add(&err, "%s", "");
    assert_int_equal(err.code, FC_EPARSE);
    assert_string_equal(err.text, "line 1\nline 2");
}

TEST(error_text_that_just_fits_is_whole) {
    static struct fc__error err;
    fill_long_text(FC__ERROR_TEXT_MAX - 1);
    fc__error_set(&err, FC_EINVAL, "%s", long_text);
    assert_string_equal(err.text, long_text);
}

TEST(error_text_too_long_ends_in_dots) {
    static struct fc__error err;
    fill_long_text(FC__ERROR_TEXT_MAX);
    fc__error_set(&err, FC_EINVAL, "%s", long_text);
    assert_int_equal(strlen(err.text), FC__ERROR_TEXT_MAX - 1);
    assert_string_equal(err.text + FC__ERROR_TEXT_MAX - 5, "x...");
}

TEST(error_text_that_grows_too_long_ends_in_dots) {
    static struct fc__error err;
    fill_long_text(FC__ERROR_TEXT_MAX - 3);
    fc__error_set(&err, FC_EINVAL, "%s", long_text);
    fc__error_add(&err, "12");
    assert_string_equal(err.text + FC__ERROR_TEXT_MAX - 4, "x12");
    fc__error_add(&err, "3");
    assert_int_equal(strlen(err.text), FC__ERROR_TEXT_MAX - 1);
    assert_string_equal(err.text + FC__ERROR_TEXT_MAX - 5, "x...");
    fc__error_add(&err, "more");
    assert_int_equal(strlen(err.text), FC__ERROR_TEXT_MAX - 1);
    assert_string_equal(err.text + FC__ERROR_TEXT_MAX - 5, "x...");
}

/* -- checked arithmetic ------------------------------------------------------------------------------------------- */

TEST(checked_unsigned_arithmetic_says_when_it_overflows) {
    uint64_t result = 0;
    assert_true(fc__add_u64(UINT64_MAX - 1, 1, &result));
    assert_true(result == UINT64_MAX);
    assert_false(fc__add_u64(UINT64_MAX, 1, &result));
    assert_true(fc__mul_u64(UINT32_MAX, UINT32_MAX, &result));
    assert_true(result == UINT64_C(0xfffffffe00000001));
    assert_false(fc__mul_u64(UINT64_C(1) << 32, UINT64_C(1) << 32, &result));
    assert_true(fc__mul_u64(UINT64_MAX, 0, &result));
    assert_true(result == 0);
}

TEST(checked_signed_arithmetic_says_when_it_overflows) {
    int64_t result = 0;
    assert_true(fc__add_i64(INT64_MAX, INT64_MIN, &result));
    assert_true(result == -1);
    assert_false(fc__add_i64(INT64_MAX, 1, &result));
    assert_false(fc__add_i64(INT64_MIN, -1, &result));
    assert_true(fc__sub_i64(-1, INT64_MAX, &result));
    assert_true(result == INT64_MIN);
    assert_false(fc__sub_i64(0, INT64_MIN, &result));
    assert_true(fc__mul_i64(INT64_MIN / 2, 2, &result));
    assert_true(result == INT64_MIN);
    assert_false(fc__mul_i64(INT64_MIN, -1, &result));
}

TEST(checked_range_lies_within_its_whole) {
    assert_true(fc__range_within(0, 0, 0));
    assert_true(fc__range_within(0, 10, 10));
    assert_true(fc__range_within(10, 0, 10));
    assert_true(fc__range_within(3, 7, 10));
    assert_false(fc__range_within(3, 8, 10));
    assert_false(fc__range_within(11, 0, 10));
    assert_false(fc__range_within(1, UINT64_MAX, 10));
    assert_false(fc__range_within(UINT64_MAX, 1, UINT64_MAX));
    assert_true(fc__range_within(UINT64_MAX, 0, UINT64_MAX));
}
