/* What is large, or there are many of, takes memory the first times only, too: what libraries keep, what callbacks
 * return, and what calls need of the window. */
#include "allocation_cycles.h"

#include "client/client.h"

#define MIB ((size_t)1 << 20)
/* What a window grows by: more than that was made for one call. */
#define STEP (sizeof(void *) == 8 ? 64 * MIB : 16 * MIB)

enum { TEXTS = 3000, NUMBERS = 400000, SHELVES = 8, FEW_NUMBERS = 50000 };

static int number;
static unsigned char *buffer;

/* -- what is kept -------------------------------------------------------------------------------------------------- */

/* In turn of one length and another. */
static void large_numbers(struct fc_function *const *f) {
    static long numbers[NUMBERS];
    static unsigned turn;
    const int count = turn++ % 2 == 0 ? NUMBERS : NUMBERS / 3;
    void *shelf = NULL;
    assert_ok(fc_call(f[0], &shelf));
    numbers[count - 1] = 5;
    assert_ok(fc_call(f[1], &number, shelf, numbers, count));
    assert_ok(fc_call(f[3], &number, shelf, 1));
    assert_int_equal(numbers[count - 1], 6);
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
      "int shelf_drop(struct shelf *shelf)", "int shelf_add(struct shelf *shelf, int by)"}},
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
    enum { WARM = 3, ROUNDS = 3 };
    need_allocations();
    assert_int_equal(cycles_that_allocate(data, sizeof data / sizeof data[0], WARM, ROUNDS), 0);
}

/* -- what calls need of the window --------------------------------------------------------------------------------- */

static void calls_beyond_a_step(struct fc_function *const *f) {
    const size_t size = STEP + 2 * MIB;
    unsigned ends = 0;
    buffer[0] = 3;
    buffer[size - 1] = 4;
    assert_ok(fc_call(f[0], &ends, buffer, (unsigned long long)size));
    assert_int_equal(ends, 3 * 256 + 4);
}

static void calls_of_two_steps(struct fc_function *const *f) {
    assert_ok(fc_call(f[0], NULL, buffer, buffer + STEP * 5 / 8, STEP * 5 / 8));
}

static void take(struct fc_session *session, size_t first, size_t second) {
    void *const memory = fc_alloc(session, first), *const other = second != 0 ? fc_alloc(session, second) : NULL;
    assert_non_null(memory);
    assert_true(second == 0 || other != NULL);
    assert_ok(fc_free(session, memory));
    assert_ok(fc_free(session, other));
}

/* In turn, each of which begins without what the others need. */
static void sizes_in_turn(struct fc_function *const *f) {
    take(f[0]->session, STEP * 3 / 4, STEP * 3 / 4);
    take(f[0]->session, STEP * 3 / 2, 0);
    take(f[0]->session, STEP * 7 / 8, STEP * 3 / 2);
}

/* More than stay in the host. */
static void many_steps(struct fc_function *const *f) {
    enum { MANY = 6 };
    void *memory[MANY];
    for (int i = 0; i < MANY; i++) {
        memory[i] = fc_alloc(f[0]->session, STEP - MIB);
        assert_non_null(memory[i]);
    }
    assert_ok(fc_call(f[0], NULL, memory[MANY - 1], memory[0], (size_t)1000));
    for (int i = 0; i < MANY; i++) {
        assert_ok(fc_free(f[0]->session, memory[i]));
    }
}

#define COPY "void copy(_Out_writes_bytes_all_(size) void *to, _In_reads_bytes_(size) const void *from, size_t size)"
static const struct cycle sizes[] = {
    {"buffers",
     calls_beyond_a_step,
     {"unsigned first_and_last(_In_reads_(size) const unsigned char *data, unsigned long long size)"}},
    {"buffers", calls_of_two_steps, {COPY}},
    {"buffers", sizes_in_turn, {COPY}},
    {"buffers", many_steps, {COPY}},
};

TEST(large_calls_allocate_nothing_once_they_were_made) {
    enum { WARM = 2, ROUNDS = 2 };
    need_allocations();
    need_host();
    buffer = calloc(1, STEP * 5 / 4);
    require(buffer != NULL);
    const unsigned failures = cycles_that_allocate(sizes, sizeof sizes / sizeof sizes[0], WARM, ROUNDS);
    free(buffer);
    assert_int_equal(failures, 0);
}
