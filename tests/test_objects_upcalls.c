/* What a callee can do with the objects of an upcall, as test_objects.c says. */
#include "desk.h"

static int sums, sum_of_first, sum_of_second;
static void add_up(const long *first, int first_count, const long *second, int second_count) {
    sums++;
    sum_of_first = sum_of_second = 0;
    for (int i = 0; i < first_count; i++) {
        sum_of_first += (int)first[i];
    }
    for (int i = 0; i < second_count; i++) {
        sum_of_second += (int)second[i];
    }
}

/* An upcall whose words are `count` values, as the callee's target has them in a row. */
static int upcall(struct desk *desk, const void *function, unsigned count, const uint64_t *values) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8] = {0};
    const struct fc__callback *callback = desk->plan->steps[0].callback;
    struct fc__answer answer;
    assert_null(callback->refused);
    for (unsigned i = 0; i < count; i++) {
        memcpy(words + callback->there->steps[i].offset, &values[i], callback->there->callee->word_bytes);
    }
    desk->upcall.callback = callback;
    desk->upcall.function = (uintptr_t)function;
    return fc__upcall_run(&desk->upcall, words, &answer);
}

#define ADDER(qualifier_)                                                                                              \
    "void f(void (*add)(_In_reads_(n) " qualifier_ "long *first, int n, _In_reads_(m) " qualifier_                     \
    "long *second, int m))"

TEST(upcalls_tell_adjacent_objects_from_one) {
    struct desk *desk = desk_new(ADDER("const "));
    fill_remote(desk, 8);
    const uint64_t values[] = {REMOTE, 2, REMOTE + 2 * word_bytes(desk), 3};
    assert_int_equal(upcall(desk, (const void *)add_up, 4, values), FC_OK);
    assert_int_equal(sum_of_first, 1 + 2);
    assert_int_equal(sum_of_second, 3 + 4 + 5);
    desk_free(desk);
}

TEST(upcalls_see_all_of_an_object_that_begins_like_a_smaller_one) {
    struct desk *desk = desk_new(ADDER("const "));
    fill_remote(desk, 8);
    for (unsigned skipped = 0; skipped < 2; skipped++) {
        const uint64_t values[] = {REMOTE + skipped * word_bytes(desk), 2, REMOTE, 8};
        assert_int_equal(upcall(desk, (const void *)add_up, 4, values), FC_OK);
        assert_int_equal(sum_of_first, skipped == 0 ? 1 + 2 : 2 + 3);
        assert_int_equal(sum_of_second, 36);
    }
    desk_free(desk);
}

static void change(long *first, int first_count, long *second, int second_count) {
    sums++;
    for (int i = 0; i < first_count; i++) {
        first[i] = 0;
    }
    for (int i = 0; i < second_count; i++) {
        second[i] = 0;
    }
}

TEST(upcalls_refuse_objects_that_are_written_to_in_two_pieces) {
    struct desk *desk = desk_new("void f(void (*change)(_Inout_updates_(n) long *first, int n, "
                                 "_Inout_updates_(m) long *second, int m))");
    fill_remote(desk, 8);
    sums = 0;
    for (unsigned skipped = 0; skipped < 2; skipped++) {
        const uint64_t values[] = {REMOTE + skipped * word_bytes(desk), 2, REMOTE, 8};
        assert_int_equal(upcall(desk, (const void *)change, 4, values), FC_EUNSUPPORTED);
    }
    assert_int_equal(sums, 0);
    const uint64_t inner[] = {REMOTE, 8, REMOTE + word_bytes(desk), 2};
    assert_int_equal(upcall(desk, (const void *)change, 4, inner), FC_OK);
    assert_int_equal(sums, 1);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(load_word(desk, desk->remote + i * word_bytes(desk)), 0);
    }
    desk_free(desk);
}

static size_t length;
static void measure(const short *values, int count, const char *text) {
    (void)values, (void)count;
    length = strlen(text);
}

TEST(upcalls_find_the_end_of_strings_that_lie_in_something_else) {
    struct desk *desk =
        desk_new("void f(void (*measure)(_In_reads_(n) const short *values, int n, _In_z_ const char *text))");
    memset(desk->remote, 'x', 100);
    const uint64_t values[] = {REMOTE, 2, REMOTE + 1};
    assert_int_equal(upcall(desk, (const void *)measure, 3, values), FC_OK);
    assert_int_equal(length, 99);
    desk_free(desk);
}

struct named {
    const char *name;
    long value;
};
static void see_named(const struct named *named, long *values, int count) {
    (void)named;
    for (int i = 0; i < count; i++) {
        values[i] = 1;
    }
}

TEST(upcalls_do_not_take_pointers_for_numbers) {
    struct desk *desk =
        desk_new("struct named { _Field_z_ const char *name; long value; }; "
                 "void f(void (*see)(_In_ const struct named *named, _Inout_updates_(n) long *values, int n))");
    memcpy(desk->remote + 100, "name", 5);
    store_word(desk, desk->remote, REMOTE + 100);
    const uint64_t inside[] = {REMOTE, REMOTE + word_bytes(desk), 1};
    assert_int_equal(upcall(desk, (const void *)see_named, 3, inside), FC_OK);
    assert_int_equal(load_word(desk, desk->remote + word_bytes(desk)), 1);
    assert_int_equal(load_word(desk, desk->remote), REMOTE + 100);
    const uint64_t over[] = {REMOTE, REMOTE, 2};
    assert_int_equal(upcall(desk, (const void *)see_named, 3, over), FC_EUNSUPPORTED);
    desk_free(desk);
}
