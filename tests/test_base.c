#include "harness.h"

#include "base/arena.h"
#include "base/change.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/unicode.h"

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

TEST(arena_gives_back_what_came_behind_a_mark) {
    struct fc__arena arena = {0};
    enum { LARGE = 1 << 20 };
    unsigned char *first = fc__arena_alloc(&arena, 100);
    memset(first, 0x55, 100);
    for (int i = 0; i < 3; i++) {
        const struct fc__arena mark = fc__arena_mark(&arena);
        for (size_t size = 1; size <= LARGE; size *= 4) {
            unsigned char *memory = fc__arena_alloc(&arena, size);
            assert_non_null(memory);
            assert_int_equal(memory[0] | memory[size / 2] | memory[size - 1], 0);
            memset(memory, 0xff, size);
        }
        fc__arena_release(&arena, &mark);
        assert_memory_equal(&arena, &mark, sizeof mark);
        for (int k = 0; k < 100; k++) {
            assert_int_equal(first[k], 0x55);
        }
    }
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

/* -- unicode ------------------------------------------------------------------------------------------------------- */

static unsigned put(uint32_t character, unsigned unit_bytes, unsigned char *ret_bytes) {
    uint32_t units[FC__UNICODE_UNITS_MAX];
    const unsigned count = fc__unicode_put(character, unit_bytes, units);
    for (unsigned i = 0; i < count; i++) {
        memcpy(ret_bytes + (size_t)i * unit_bytes, &units[i], unit_bytes);
    }
    return count;
}

/* Every character, surrogates among them, is itself again, in as many units as the standard says. */
TEST(unicode_is_itself_again) {
    for (uint32_t character = 0; character <= FC__UNICODE_LAST; character++) {
        for (unsigned unit_bytes = 1; unit_bytes <= 4; unit_bytes *= 2) {
            unsigned char bytes[16];
            uint64_t at = 0;
            uint32_t again = 0xdead0000;
            const unsigned count = put(character, unit_bytes, bytes);
            const unsigned expected = unit_bytes == 1   ? (character < 0x80      ? 1
                                                           : character < 0x800   ? 2
                                                           : character < 0x10000 ? 3
                                                                                 : 4)
                                      : unit_bytes == 2 ? (character < 0x10000 ? 1 : 2)
                                                        : 1;
            if (count != expected || !fc__unicode_get(bytes, unit_bytes, count, &at, &again) || again != character ||
                at != count) {
                fail_msg("U+%04x in units of %u bytes: %u of them, U+%04x", character, unit_bytes, count, again);
            }
        }
    }
    unsigned char bytes[16];
    assert_int_equal(put(FC__UNICODE_LAST + 1, 1, bytes), 0);
    assert_int_equal(put(FC__UNICODE_LAST + 1, 2, bytes), 0);
    assert_int_equal(put(UINT32_MAX, 4, bytes), 1);
    assert_int_equal(put(0x1f600, 1, bytes), 4);
    assert_memory_equal(bytes, "\xf0\x9f\x98\x80", 4);
    assert_int_equal(put(0x1f600, 2, bytes), 2);
    assert_memory_equal(bytes, "\x3d\xd8\x00\xde", 4);
}

/* Each sequence of two bytes, and of three that begin as such: UTF-8 is what put() makes, and nothing else. */
TEST(unicode_takes_no_other_utf8) {
    for (uint32_t bits = 0; bits < 1 << 24; bits++) {
        const unsigned char bytes[3] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8), (unsigned char)bits};
        unsigned char again[16];
        uint64_t at = 0;
        uint32_t character = 0;
        if (fc__unicode_get(bytes, 1, sizeof bytes, &at, &character) &&
            (at > 3 || put(character, 1, again) != at || memcmp(bytes, again, (size_t)at) != 0)) {
            fail_msg("%02x %02x %02x is taken as U+%04x", bytes[0], bytes[1], bytes[2], character);
        }
    }
    static const char *const wrong[] = {"\xf4\x90\x80\x80", "\xf0\x8f\xbf\xbf", "\xf8\x88\x80\x80", "\xff"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t at = 0;
        uint32_t character;
        assert_false(fc__unicode_get(wrong[i], 1, strlen(wrong[i]), &at, &character));
        assert_int_equal(at, 0);
    }
}

/* Nothing is read behind the end. */
TEST(unicode_stops_at_the_end) {
    uint64_t at = 0;
    uint32_t character = 0;
    assert_false(fc__unicode_get("\xf0\x9f\x98\x80", 1, 3, &at, &character));
    assert_true(fc__unicode_get(u"\xd83d\xde00", 2, 1, &at, &character));
    assert_int_equal(character, 0xd83d);
    at = 0;
    assert_true(fc__unicode_get(u"\xd83d\xde00", 2, 2, &at, &character));
    assert_int_equal(character, 0x1f600);
    assert_int_equal(at, 2);
}

/* -- change -------------------------------------------------------------------------------------------------------- */

enum { CHANGE_BYTES = 1300 };
static unsigned char changed_from[CHANGE_BYTES], changed_before[CHANGE_BYTES], changed_to[CHANGE_BYTES];

static void fill_changed(unsigned seed, unsigned every) {
    for (unsigned i = 0; i < CHANGE_BYTES; i++) {
        seed = seed * 1103515245u + 12345u;
        changed_before[i] = (unsigned char)(seed >> 16);
        changed_from[i] = (unsigned char)(changed_before[i] + ((seed >> 24) % every == 0 ? 1 + (seed >> 28) : 0));
        changed_to[i] = (unsigned char)~changed_before[i];
    }
}

TEST(change_copy_writes_the_bytes_that_are_others_and_no_more) {
    for (unsigned size = 0; size < CHANGE_BYTES; size += 1 + size / 9) {
        for (unsigned every = 1; every <= 40; every += 3) {
            unsigned char should_be[CHANGE_BYTES];
            fill_changed(size + every, every);
            memcpy(should_be, changed_to, sizeof should_be);
            for (unsigned i = 0; i < size; i++) {
                should_be[i] = changed_from[i] != changed_before[i] ? changed_from[i] : should_be[i];
            }
            fc__change_copy(changed_to, changed_from, changed_before, size);
            assert_memory_equal(changed_to, should_be, sizeof should_be);
            fill_changed(size + every, every);
            fc__change_take(changed_to, changed_from, changed_before, size);
            assert_memory_equal(changed_to, should_be, sizeof should_be);
            assert_memory_equal(changed_before, changed_from, size);
        }
    }
}

TEST(change_copy_of_what_is_not_known_copies_all) {
    fill_changed(1, 3);
    fc__change_copy(changed_to, changed_from, NULL, CHANGE_BYTES - 5);
    assert_memory_equal(changed_to, changed_from, CHANGE_BYTES - 5);
    assert_int_equal(changed_to[CHANGE_BYTES - 5], (unsigned char)~changed_before[CHANGE_BYTES - 5]);
}

TEST(change_put_writes_the_bytes_of_a_word_that_are_others) {
    for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
        for (unsigned others = 0; others < 1u << bytes; others++) {
            const uint64_t before = UINT64_C(0x8001ff007f80fe01) >> (64 - 8 * bytes);
            uint64_t word = before;
            unsigned char to[9], should_be[9];
            memset(to, 0x55, sizeof to);
            memset(should_be, 0x55, sizeof should_be);
            for (unsigned i = 0; i < bytes; i++) {
                word ^= (others >> i & 1) != 0 ? UINT64_C(0x81) << (8 * i) : 0;
                should_be[i] = (unsigned char)((others >> i & 1) != 0 ? word >> (8 * i) : 0x55);
            }
            fc__change_put(to, word, before, bytes);
            assert_memory_equal(to, should_be, sizeof to);
        }
    }
}
