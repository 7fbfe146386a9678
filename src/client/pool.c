/* client: blocks of private memory that are used again, in a list for each size. */
#include "client/pool.h"

#include "os/os.h"

#include <stdbool.h>
#include <stdlib.h>

#define MIB ((size_t)1 << 20)
#define LARGE_BYTES MIB                                       /* more than that has no pages while it lies here */
#define RESIDENT_BYTES_MAX (8 * MIB)                          /* nor has what would make it more than so many in all, */
#define PAGES_BYTES_MIN (4 * (size_t)FC__OS_PAGE_BYTES)       /* if it is as large as this */
#define BYTES_MAX (sizeof(void *) == 8 ? SIZE_MAX : 64 * MIB) /* addresses are dear in 32-bit callers */

struct fc__pool_block {
    struct fc__pool_block *next;
    uint32_t class_index;
    bool is_resident;
    _Alignas(16) unsigned char memory[];
};

static unsigned class_of(size_t bytes) {
    if (bytes <= (size_t)1 << FC__POOL_LEAST_SHIFT) {
        return 0;
    }
    const uint64_t last = bytes - 1;
    const unsigned log = 63u - (unsigned)__builtin_clzll(last);
    return (log - FC__POOL_LEAST_SHIFT) * 4 + (unsigned)((last - (UINT64_C(1) << log)) >> (log - 2)) + 1;
}

static size_t size_of(unsigned class_index) {
    const size_t doubling = ((size_t)1 << FC__POOL_LEAST_SHIFT) << (class_index + 3) / 4;
    return class_index % 4 == 0 ? doubling : doubling / 8 * (4 + class_index % 4);
}

static struct fc__pool_block *block_of(void *memory) {
    return (struct fc__pool_block *)(void *)((unsigned char *)memory - offsetof(struct fc__pool_block, memory));
}

size_t fc__pool_size(const void *memory) {
    return size_of(block_of((void *)(uintptr_t)memory)->class_index);
}

void *fc__pool_take(struct fc__pool *pool, size_t bytes) {
    if (bytes > (size_t)1 << FC__POOL_MOST_SHIFT) {
        return NULL;
    }
    const unsigned class_index = class_of(bytes);
    const size_t size = size_of(class_index);
    struct fc__pool_block *block = pool->free[class_index];
    if (block == NULL) {
        block = malloc(sizeof *block + size);
        if (block == NULL) {
            return NULL;
        }
        block->class_index = class_index;
        return block->memory;
    }
    pool->free[class_index] = block->next;
    pool->free_bytes -= size;
    pool->resident_bytes -= block->is_resident ? size : 0;
    return block->memory;
}

/* Whole pages of it only: the first has the record, or what lies before. */
static bool discard(struct fc__pool_block *block, size_t size) {
    const uintptr_t page = FC__OS_PAGE_BYTES;
    const uintptr_t from = ((uintptr_t)block->memory + page - 1) / page * page;
    const uintptr_t to = ((uintptr_t)block->memory + size) / page * page;
    return fc__os_memory_clear(from, to - from, true) == 0;
}

void fc__pool_give(struct fc__pool *pool, void *memory) {
    if (memory == NULL) {
        return;
    }
    struct fc__pool_block *block = block_of(memory);
    const size_t size = size_of(block->class_index);
    if (size > BYTES_MAX || pool->free_bytes > BYTES_MAX - size) {
        free(block);
        return;
    }
    const bool is_much = size > LARGE_BYTES || pool->resident_bytes + size > RESIDENT_BYTES_MAX;
    block->is_resident = !is_much || size < PAGES_BYTES_MIN || !discard(block, size);
    block->next = pool->free[block->class_index];
    pool->free[block->class_index] = block;
    pool->free_bytes += size;
    pool->resident_bytes += block->is_resident ? size : 0;
}

void fc__pool_done(struct fc__pool *pool) {
    for (unsigned i = 0; i < FC__POOL_CLASSES; i++) {
        while (pool->free[i] != NULL) {
            struct fc__pool_block *block = pool->free[i];
            pool->free[i] = block->next;
            free(block);
        }
    }
    pool->free_bytes = pool->resident_bytes = 0;
}
