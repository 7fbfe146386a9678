/* client: fc_alloc and fc_free, blocks of the window. Blocks up to half a slab's page share slabs of one size; larger
 * ones are spans. The records are the caller's own, out of the host's reach. */
#include "client/client.h"

#include <stdlib.h>
#include <string.h>

enum { CLASSES = 8, SMALLEST_SHIFT = 4, SLAB_BYTES = 16384, BUCKETS_FIRST = 64 };
#define SMALL_MAX ((size_t)1 << (SMALLEST_SHIFT + CLASSES - 1)) /* 2048 */

/* A slab of small blocks, or one large block. */
struct chunk {
    struct fc__span *span;
    uint64_t base;
    int class_index; /* -1: one large block */
    unsigned used;
    uint32_t taken[SLAB_BYTES / 16 / 32]; /* a bit for each block */
    struct chunk *next_with_room, *before_with_room;
    struct chunk *next_in_bucket;
};

struct fc__heap {
    pthread_mutex_t lock;
    struct chunk *with_room[CLASSES];
    struct chunk **buckets; /* by the base's slab number: slabs are aligned to their size within spans of whole slabs */
    size_t bucket_count, chunk_count;
    struct chunk *spare; /* records of chunks that are none any more, to be used again */
};

static size_t bucket_of(const struct fc__heap *heap, uint64_t page) {
    return (size_t)(page * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (heap->bucket_count - 1);
}

static struct chunk **find_page(struct fc__heap *heap, uint64_t page) {
    struct chunk **link = &heap->buckets[bucket_of(heap, page)];
    while (*link != NULL && (*link)->base / FC__OS_PAGE_BYTES != page) {
        link = &(*link)->next_in_bucket;
    }
    return link;
}

/* The chunk that a block lies in: a block of a slab may lie on any of the slab's pages. */
static struct chunk *find_chunk(struct fc__heap *heap, uint64_t address) {
    for (uint64_t back = 0; back < SLAB_BYTES / FC__OS_PAGE_BYTES; back++) {
        struct chunk *chunk = *find_page(heap, address / FC__OS_PAGE_BYTES - back);
        if (chunk != NULL) {
            return address - chunk->base < fc__span_bytes(chunk->span) ? chunk : NULL;
        }
    }
    return NULL;
}

static void rehash(struct fc__heap *heap) {
    size_t count = heap->bucket_count * 2;
    struct chunk **old = heap->buckets, **fresh = calloc(count, sizeof(struct chunk *));
    size_t old_count = heap->bucket_count;
    if (fresh == NULL) {
        return; /* slower, not wrong */
    }
    heap->buckets = fresh;
    heap->bucket_count = count;
    for (size_t i = 0; i < old_count; i++) {
        while (old[i] != NULL) {
            struct chunk *chunk = old[i];
            old[i] = chunk->next_in_bucket;
            size_t bucket = bucket_of(heap, chunk->base / FC__OS_PAGE_BYTES);
            chunk->next_in_bucket = fresh[bucket];
            fresh[bucket] = chunk;
        }
    }
    free(old);
}

static void chunk_drop(struct fc__heap *heap, struct chunk *chunk) {
    if (chunk != NULL) {
        chunk->next_in_bucket = heap->spare;
        heap->spare = chunk;
    }
}

static struct chunk *chunk_new(struct fc_session *session, struct fc__heap *heap, uint64_t size_bytes,
                               int class_index) {
    struct fc__span *span = fc__window_take(session, size_bytes);
    struct chunk *chunk = heap->spare;
    if (chunk != NULL) {
        heap->spare = chunk->next_in_bucket;
    } else {
        chunk = malloc(sizeof *chunk);
    }
    if (span == NULL || chunk == NULL) {
        fc__window_give(session, span);
        chunk_drop(heap, chunk);
        return NULL;
    }
    if (heap->chunk_count >= heap->bucket_count) {
        rehash(heap);
    }
    heap->chunk_count++;
    fc__span_keep(span);
    *chunk = (struct chunk){.span = span, .base = fc__span_base(span), .class_index = class_index};
    size_t bucket = bucket_of(heap, chunk->base / FC__OS_PAGE_BYTES);
    chunk->next_in_bucket = heap->buckets[bucket];
    heap->buckets[bucket] = chunk;
    return chunk;
}

static void chunk_free(struct fc_session *session, struct fc__heap *heap, struct chunk *chunk) {
    *find_page(heap, chunk->base / FC__OS_PAGE_BYTES) = chunk->next_in_bucket;
    heap->chunk_count--;
    fc__window_give(session, chunk->span);
    chunk_drop(heap, chunk);
}

static void link_room(struct fc__heap *heap, struct chunk *chunk) {
    struct chunk **head = &heap->with_room[chunk->class_index];
    chunk->before_with_room = NULL;
    chunk->next_with_room = *head;
    if (*head != NULL) {
        (*head)->before_with_room = chunk;
    }
    *head = chunk;
}

static void unlink_room(struct fc__heap *heap, struct chunk *chunk) {
    if (chunk->before_with_room != NULL) {
        chunk->before_with_room->next_with_room = chunk->next_with_room;
    } else {
        heap->with_room[chunk->class_index] = chunk->next_with_room;
    }
    if (chunk->next_with_room != NULL) {
        chunk->next_with_room->before_with_room = chunk->before_with_room;
    }
}

static void *take_block(struct fc_session *session, struct fc__heap *heap, int class_index) {
    const size_t block = (size_t)1 << (SMALLEST_SHIFT + class_index);
    const unsigned blocks = (unsigned)(SLAB_BYTES / block);
    struct chunk *chunk = heap->with_room[class_index];
    if (chunk == NULL) {
        chunk = chunk_new(session, heap, SLAB_BYTES, class_index);
        if (chunk == NULL) {
            return NULL;
        }
        link_room(heap, chunk);
    }
    unsigned word = 0;
    while (chunk->taken[word] == UINT32_MAX) {
        word++;
    }
    unsigned bit = (unsigned)__builtin_ctz(~chunk->taken[word]);
    unsigned index = word * 32 + bit;
    chunk->taken[word] |= UINT32_C(1) << bit;
    if (++chunk->used == blocks) {
        unlink_room(heap, chunk);
    }
    return memset((void *)(uintptr_t)(chunk->base + (uint64_t)index * block), 0, block);
}

static bool give_block(struct fc_session *session, struct fc__heap *heap, struct chunk *chunk, uint64_t address) {
    const size_t block = (size_t)1 << (SMALLEST_SHIFT + chunk->class_index);
    const unsigned blocks = (unsigned)(SLAB_BYTES / block);
    uint64_t offset = address - chunk->base;
    unsigned index = (unsigned)(offset / block);
    uint32_t bit = UINT32_C(1) << index % 32;
    if (offset % block != 0 || (chunk->taken[index / 32] & bit) == 0) {
        return false;
    }
    chunk->taken[index / 32] &= ~bit;
    if (chunk->used-- == blocks) {
        link_room(heap, chunk);
    }
    const bool is_last = chunk->before_with_room == NULL && chunk->next_with_room == NULL;
    if (chunk->used == 0 && !is_last) { /* one stays for the next block */
        unlink_room(heap, chunk);
        chunk_free(session, heap, chunk);
    }
    return true;
}

static struct fc__heap *heap_new(void) {
    struct fc__heap *heap = calloc(1, sizeof *heap);
    if (heap != NULL) {
        pthread_mutex_init(&heap->lock, NULL);
        heap->bucket_count = BUCKETS_FIRST;
        heap->buckets = calloc(BUCKETS_FIRST, sizeof(struct chunk *));
    }
    if (heap != NULL && heap->buckets == NULL) {
        free(heap);
        heap = NULL;
    }
    return heap;
}

int fc__heap_init(struct fc__window *window) {
    window->heap = heap_new();
    return window->heap != NULL ? 0 : -1;
}

void fc__heap_done(struct fc__window *window) {
    struct fc__heap *heap = window->heap;
    for (size_t i = 0; heap != NULL && i < heap->bucket_count; i++) {
        while (heap->buckets[i] != NULL) {
            struct chunk *chunk = heap->buckets[i];
            heap->buckets[i] = chunk->next_in_bucket;
            free(chunk); /* its span goes with the window */
        }
    }
    while (heap != NULL && heap->spare != NULL) {
        struct chunk *chunk = heap->spare;
        heap->spare = chunk->next_in_bucket;
        free(chunk);
    }
    if (heap != NULL) {
        pthread_mutex_destroy(&heap->lock);
        free(heap->buckets);
        free(heap);
    }
    window->heap = NULL;
}

void fc__heap_lock(struct fc__window *window) {
    pthread_mutex_lock(&window->heap->lock);
}
void fc__heap_unlock(struct fc__window *window) {
    pthread_mutex_unlock(&window->heap->lock);
}

void *fc_alloc(struct fc_session *session, size_t size_bytes) {
    if (session == NULL) {
        fc__error_set(fc__error_here(), FC_EINVAL, "fc_alloc needs a session");
        return NULL;
    }
    if (session->is_direct) {
        return fc__direct_alloc(&session->direct, size_bytes);
    }
    struct fc__heap *heap = session->window.heap;
    void *memory = NULL;
    pthread_mutex_lock(&heap->lock);
    if (size_bytes <= SMALL_MAX) {
        int class_index = 0;
        while (((size_t)1 << (SMALLEST_SHIFT + class_index)) < size_bytes) {
            class_index++;
        }
        memory = take_block(session, heap, class_index);
    } else {
        struct chunk *chunk = chunk_new(session, heap, size_bytes, -1);
        memory = chunk != NULL ? (void *)(uintptr_t)chunk->base : NULL;
    }
    pthread_mutex_unlock(&heap->lock);
    if (memory == NULL) {
        fc__error_set(fc__error_here(), FC_ENOMEM,
                      "fc_alloc finds no %zu bytes of memory and address space that both sides have free", size_bytes);
    }
    return memory;
}

static bool give(struct fc_session *session, uint64_t address) {
    struct fc__heap *heap = session->window.heap;
    pthread_mutex_lock(&heap->lock);
    struct chunk *chunk = find_chunk(heap, address);
    bool ok = chunk != NULL && (chunk->class_index >= 0 || address == chunk->base);
    if (ok && chunk->class_index >= 0) {
        ok = give_block(session, heap, chunk, address);
    } else if (ok) {
        chunk_free(session, heap, chunk);
    }
    pthread_mutex_unlock(&heap->lock);
    return ok;
}

int fc_free(struct fc_session *session, void *memory) {
    if (memory == NULL) {
        return FC_OK;
    }
    if (session == NULL) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "fc_free needs a session");
    }
    bool ok = session->is_direct ? fc__direct_free(&session->direct, memory) : give(session, (uintptr_t)memory);
    return ok ? FC_OK
              : fc__error_set(fc__error_here(), FC_EINVAL,
                              "fc_free: %p was not returned by fc_alloc in this session, or is free already", memory);
}
