#include "base/arena.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What is made again and again, plans of calls for one, finds its blocks here: some of each size, for all threads. */
enum { ALIGNMENT = 16, SMALL_BLOCKS = 8 /* in an arena; then it takes large ones */ };
enum { SMALL, MIDDLE, LARGE, SIZES, SPARE_MAX = 32 };
static const struct {
    size_t room;
    unsigned spare_max;
} sizes[SIZES] = {{4000, SPARE_MAX}, {16000, SPARE_MAX / 2}, {64000, SPARE_MAX / 2}};

struct fc__arena_block {
    struct fc__arena_block *next;
    size_t room;
    _Alignas(16) char data[];
};
static struct fc__arena_block *_Atomic spare[SIZES][SPARE_MAX];

/* SIZES: larger than any. */
static unsigned size_of(size_t room) {
    unsigned size = 0;
    while (size < SIZES && room > sizes[size].room) {
        size++;
    }
    return size;
}

static unsigned spare_max(unsigned size) {
#ifdef __SANITIZE_ADDRESS__ /* which is to see what is freed */
    (void)size;
    return 0;
#else
    return size < SIZES ? sizes[size].spare_max : 0;
#endif
}

static void discard(struct fc__arena_block *block) {
    const unsigned size = size_of(block->room);
    for (unsigned i = 0; i < spare_max(size); i++) {
        struct fc__arena_block *none = NULL;
        if (atomic_load_explicit(&spare[size][i], memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong(&spare[size][i], &none, block)) {
            return;
        }
    }
    free(block);
}

static struct fc__arena_block *block_new(unsigned size, size_t room) {
    for (unsigned i = 0; i < spare_max(size); i++) {
        struct fc__arena_block *block = atomic_load_explicit(&spare[size][i], memory_order_relaxed);
        block = block != NULL ? atomic_exchange(&spare[size][i], NULL) : NULL;
        if (block != NULL) {
            return block;
        }
    }
    room = size < SIZES ? sizes[size].room : room;
    struct fc__arena_block *block = malloc(sizeof *block + room);
    if (block != NULL) {
        block->room = room;
    }
    return block;
}

static unsigned size_of_next(const struct fc__arena *arena, size_t need) {
    unsigned count = 0, size = size_of(need);
    for (const struct fc__arena_block *block = arena->blocks; block != NULL && count < SMALL_BLOCKS;
         block = block->next) {
        count++;
    }
    return count == SMALL_BLOCKS && size < LARGE ? LARGE : size;
}

/* A program may load and unload the library again and again. */
static __attribute__((destructor)) void discard_spare(void) {
    for (unsigned size = 0; size < SIZES; size++) {
        for (unsigned i = 0; i < SPARE_MAX; i++) {
            free(atomic_exchange(&spare[size][i], NULL));
        }
    }
}

void *fc__arena_alloc(struct fc__arena *arena, size_t size_bytes) {
    if (size_bytes > (size_t)-1 / 2) {
        return NULL;
    }
    size_t need = size_bytes != 0 ? (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    if (need > (size_t)(arena->end - arena->next)) {
        struct fc__arena_block *block = block_new(size_of_next(arena, need), need);
        if (block == NULL) {
            return NULL;
        }
        block->next = arena->blocks;
        arena->blocks = block;
        arena->next = block->data;
        arena->end = block->data + block->room;
    }
    void *memory = arena->next;
    arena->next += need;
    return memset(memory, 0, need);
}

char *fc__arena_copy(struct fc__arena *arena, const char *text, size_t len) {
    char *copy = fc__arena_alloc(arena, len + 1);
    if (copy != NULL && len > 0) {
        memcpy(copy, text, len);
    }
    return copy;
}

struct fc__arena fc__arena_mark(struct fc__arena *arena) {
    const struct fc__arena mark = *arena;
    if (spare_max(SMALL) == 0) { /* what is given back is whole blocks */
        arena->next = arena->end = NULL;
    }
    return mark;
}

void fc__arena_release(struct fc__arena *arena, const struct fc__arena *mark) {
    while (arena->blocks != mark->blocks) {
        struct fc__arena_block *next = arena->blocks->next;
        discard(arena->blocks);
        arena->blocks = next;
    }
    *arena = *mark;
}

void fc__arena_done(struct fc__arena *arena) {
    fc__arena_release(arena, &(const struct fc__arena){.blocks = NULL});
}
