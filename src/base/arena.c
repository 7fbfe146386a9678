#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, BLOCK_BYTES = 4000 };

struct fc__arena_block {
    struct fc__arena_block *next;
    _Alignas(16) char data[];
};

void *fc__arena_alloc(struct fc__arena *arena, size_t size_bytes) {
    if (size_bytes > (size_t)-1 / 2) {
        return NULL;
    }
    size_t need = size_bytes != 0 ? (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    if (need > (size_t)(arena->end - arena->next)) {
        size_t room = need > BLOCK_BYTES ? need : BLOCK_BYTES;
        struct fc__arena_block *block = malloc(sizeof *block + room);
        if (block == NULL) {
            return NULL;
        }
        block->next = arena->blocks;
        arena->blocks = block;
        arena->next = block->data;
        arena->end = block->data + room;
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

void fc__arena_done(struct fc__arena *arena) {
    while (arena->blocks != NULL) {
        struct fc__arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->next = arena->end = NULL;
}
