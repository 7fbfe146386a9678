#include "base/arena.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What is made again and again, plans of calls for one, finds its blocks here: a few, for all threads. */
enum { ALIGNMENT = 16, BLOCK_BYTES = 4000, SPARE_MAX = 32 };
#ifdef __SANITIZE_ADDRESS__ /* which is to see what is freed */
enum { SPARE_BYTES_MAX = 0 };
#else
enum { SPARE_BYTES_MAX = 16384 };
#endif

struct fc__arena_block {
    struct fc__arena_block *next;
    size_t room;
    _Alignas(16) char data[];
};
static struct fc__arena_block *_Atomic spare[SPARE_MAX];

static void discard(struct fc__arena_block *block) {
    for (unsigned i = 0; block->room <= SPARE_BYTES_MAX && i < SPARE_MAX; i++) {
        struct fc__arena_block *none = NULL;
        if (atomic_load_explicit(&spare[i], memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong(&spare[i], &none, block)) {
            return;
        }
    }
    free(block);
}

static struct fc__arena_block *block_new(size_t room) {
    for (unsigned i = 0; room <= SPARE_BYTES_MAX && i < SPARE_MAX; i++) {
        struct fc__arena_block *block = atomic_load_explicit(&spare[i], memory_order_relaxed);
        block = block != NULL ? atomic_exchange(&spare[i], NULL) : NULL;
        if (block != NULL && block->room >= room) {
            return block;
        }
        if (block != NULL) {
            discard(block);
        }
    }
    struct fc__arena_block *block = malloc(sizeof *block + room);
    if (block != NULL) {
        block->room = room;
    }
    return block;
}

/* A program may load and unload the library again and again. */
static __attribute__((destructor)) void discard_spare(void) {
    for (unsigned i = 0; i < SPARE_MAX; i++) {
        free(atomic_exchange(&spare[i], NULL));
    }
}

void *fc__arena_alloc(struct fc__arena *arena, size_t size_bytes) {
    if (size_bytes > (size_t)-1 / 2) {
        return NULL;
    }
    size_t need = size_bytes != 0 ? (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    if (need > (size_t)(arena->end - arena->next)) {
        size_t room = need > BLOCK_BYTES ? need : BLOCK_BYTES;
        struct fc__arena_block *block = block_new(room);
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
    if (SPARE_BYTES_MAX == 0) { /* what is given back is whole blocks */
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
