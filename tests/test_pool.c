/* The pool: what is given back is taken again, whatever its size; large blocks have no pages meanwhile. */
#include "allocations.h"

#include "client/pool.h"

#define MIB ((size_t)1 << 20)
#define SHARED ((size_t)8192) /* bytes at the ends of a block that may lie on pages of others */
enum { BLOCKS = 12 };

static bool is_all(const unsigned char *memory, size_t bytes, unsigned char value) {
    for (size_t i = 0; i < bytes; i++) {
        if (memory[i] != value) {
            return false;
        }
    }
    return true;
}

static unsigned char *take_filled(struct fc__pool *pool, size_t bytes, unsigned char value) {
    unsigned char *memory = fc__pool_take(pool, bytes);
    assert_non_null(memory);
    memset(memory, value, bytes);
    return memory;
}

TEST(pool_gives_room_for_every_size) {
    struct fc__pool pool = {0};
    size_t most = 0;
    for (size_t bytes = 0; bytes < 3 * MIB; bytes += bytes / 100 + 1) {
        unsigned char *memory = take_filled(&pool, bytes, 'x');
        const size_t size = fc__pool_size(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        assert_true(size >= bytes && size >= most);
        assert_true(size <= 64 || size <= bytes + bytes / 4);
        most = size;
        fc__pool_give(&pool, memory);
    }
    assert_null(fc__pool_take(&pool, SIZE_MAX));
    assert_null(fc__pool_take(&pool, ((size_t)1 << FC__POOL_MOST_SHIFT) + 1));
    fc__pool_give(&pool, NULL);
    fc__pool_done(&pool);
}

TEST(pool_blocks_do_not_overlap) {
    struct fc__pool pool = {0};
    unsigned char *blocks[BLOCKS];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i] = take_filled(&pool, 1000 * (i / 3) + 1, (unsigned char)i);
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            assert_true(is_all(blocks[i], 1000 * (i / 3) + 1, (unsigned char)i));
            fc__pool_give(&pool, blocks[i]);
        }
    }
    fc__pool_done(&pool);
}

/* Every size at once, then one after the other: what there is does not become more than was in use. */
TEST(pool_allocates_nothing_once_warm) {
    static const size_t sizes[] = {1, 100, 5000, 70000, 1 << 20, 3 << 20, 5 << 20};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    need_allocations();
    struct fc__pool pool = {0};
    unsigned before = 0;
    for (int round = 0; round < 20; round++) {
        void *blocks[SIZES];
        for (size_t i = 0; i < SIZES; i++) {
            blocks[i] = fc__pool_take(&pool, sizes[i] - (size_t)round % 2);
            assert_non_null(blocks[i]);
        }
        for (size_t i = 0; i < SIZES; i++) {
            fc__pool_give(&pool, blocks[(i + (size_t)round) % SIZES]);
        }
        before = round == 0 ? allocations : before;
    }
    assert_int_equal(allocations, before);
    fc__pool_done(&pool);
}

TEST(pool_gives_the_pages_of_large_blocks_back) {
    struct fc__pool pool = {0};
    unsigned char *memory = take_filled(&pool, 4 * MIB, 'p');
    fc__pool_give(&pool, memory);
    assert_ptr_equal(fc__pool_take(&pool, 4 * MIB), memory);
    assert_true(is_all(memory + SHARED, 4 * MIB - 2 * SHARED, 0));
    fc__pool_give(&pool, memory);
    fc__pool_done(&pool);
}

/* And those of smaller ones, when there are many. */
TEST(pool_keeps_few_pages) {
    enum { MANY = 300 };
    const size_t bytes = 100 << 10;
    struct fc__pool pool = {0};
    static unsigned char *blocks[MANY];
    size_t resident = 0;
    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = take_filled(&pool, bytes, 'r');
    }
    for (size_t i = 0; i < MANY; i++) {
        fc__pool_give(&pool, blocks[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = fc__pool_take(&pool, bytes);
        resident += is_all(blocks[i] + SHARED, bytes - 2 * SHARED, 0) ? 0 : bytes;
    }
    assert_in_range(resident, 1, 8 * MIB);
    for (size_t i = 0; i < MANY; i++) {
        fc__pool_give(&pool, blocks[i]);
    }
    fc__pool_done(&pool);
}

TEST(pool_of_a_32_bit_caller_keeps_few_addresses) {
    enum { MANY = 6 };
    struct fc__pool pool = {0};
    void *blocks[MANY];
    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = fc__pool_take(&pool, 16 * MIB);
        assert_non_null(blocks[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        fc__pool_give(&pool, blocks[i]);
    }
    assert_int_equal(pool.free_bytes, sizeof(void *) == 8 ? (size_t)MANY * 16 * MIB : 64 * MIB);
    fc__pool_done(&pool);
    assert_int_equal(pool.free_bytes, 0);
}
