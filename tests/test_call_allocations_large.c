/* What is large, or there are many of, takes memory the first times only, too: what libraries keep, and what callbacks
 * return. */
#include "allocation_cycles.h"

enum { TEXTS = 3000, NUMBERS = 400000, SHELVES = 8, FEW_NUMBERS = 50000 };

static int number;

/* -- what is kept -------------------------------------------------------------------------------------------------- */

/* In turn of one length and another. */
static void large_numbers(struct fc_function *const *f) {
    static long numbers[NUMBERS];
    static unsigned turn;
    const int count = turn++ % 2 == 0 ? NUMBERS : NUMBERS / 3;
    void *shelf = NULL;
    assert_ok(fc_call(f[0], &shelf));
    assert_ok(fc_call(f[1], &number, shelf, numbers, count));
    assert_ok(fc_call(f[2], &number, shelf));
}

static void many_numbers(struct fc_function *const *f) {
    static long numbers[SHELVES][FEW_NUMBERS];
    void *shelves[SHELVES];
    for (int i = 0; i < SHELVES; i++) {
        assert_ok(fc_call(f[0], &shelves[i]));
        assert_ok(fc_call(f[1], &number, shelves[i], numbers[i], FEW_NUMBERS));
    }
    for (int i = 0; i < SHELVES; i++) {
        const long before = numbers[i][FEW_NUMBERS - 1];
        assert_ok(fc_call(f[3], &number, shelves[i], 1));
        assert_int_equal(numbers[i][FEW_NUMBERS - 1], before + 1);
        assert_ok(fc_call(f[2], &number, shelves[i]));
    }
}

/* -- what callbacks return ----------------------------------------------------------------------------------------- */

static const char *on_large(int index) {
    static char texts[3][300000];
    memset(texts[index], 'a' + index, (size_t)index * 100000 + 99999);
    return texts[index];
}

static void large_texts(struct fc_function *const *f) {
    unsigned long long sum = 0;
    assert_ok(fc_call(f[0], &sum, on_large, 3));
    assert_true(sum > 1);
}

static const char *on_many(int index) {
    static char texts[TEXTS][16];
    texts[index][0] = (char)('a' + index % 20);
    return texts[index];
}

static void many_texts(struct fc_function *const *f) {
    unsigned long long sum = 0;
    assert_ok(fc_call(f[0], &sum, on_many, TEXTS));
    assert_true(sum > 1);
}

static const struct cycle data[] = {
    {"lasting",
     large_numbers,
     {"struct shelf *shelf_new(void)",
      "int shelf_numbers(struct shelf *shelf, _Fc_kept_until_(shelf_drop) _Inout_updates_(count) long *numbers, int "
      "count)",
      "int shelf_drop(struct shelf *shelf)"}},
    {"lasting",
     many_numbers,
     {"struct shelf *shelf_new(void)",
      "int shelf_numbers(struct shelf *shelf, _Fc_kept_until_(shelf_drop) _Inout_updates_(count) long *numbers, int "
      "count)",
      "int shelf_drop(struct shelf *shelf)", "int shelf_add(struct shelf *shelf, int by)"}},
    {"conformance_o2",
     large_texts,
     {"unsigned long long sum_texts_at_the_end(_Ret_z_ const char *(*name)(int index), int count)"}},
    {"conformance_o2",
     many_texts,
     {"unsigned long long sum_texts_returned(_Ret_maybenull_z_ const char *(*name)(int index), int count)"}},
};

TEST(large_data_allocates_nothing_once_it_was_there) {
    enum { WARM = 4, ROUNDS = 6 };
    need_allocations();
    assert_int_equal(cycles_that_allocate(data, sizeof data / sizeof data[0], WARM, ROUNDS), 0);
}
