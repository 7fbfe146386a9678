/* host: blocks of the heap of any size: small ones in slabs, others of whole pages. For each system's heap.c, which
 * says how small ones are had. */
#ifndef FC_HOST_HEAP_BLOCKS_H
#define FC_HOST_HEAP_BLOCKS_H

#include "host/heap.h"

/* A block of a slab; NULL where the heap has no room. */
static void *take_block(unsigned class_index);
static void give_block(unsigned class_index, void *block);

/* More than there ever are of what is too much. */
static inline uint32_t pages_for(size_t size) {
    const uint64_t count = (uint64_t)size / FC__OS_PAGE_BYTES + (size % FC__OS_PAGE_BYTES != 0);
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

/* NULL where the heap has no room. */
static inline void *take(size_t size, bool *ret_is_zero) {
    *ret_is_zero = false;
    if (size <= FC__SLAB_SIZE_MAX) {
        return take_block(fc__slabs_class(size != 0 ? size : 1));
    }
    struct fc__page *run = fc__pages_take(pages_for(size), 1, ret_is_zero);
    return run != NULL ? fc__heap_memory_of(run) : NULL;
}

static inline bool is_run(const struct fc__page *page, const void *memory) {
    return page->kind == FC__PAGE_RUN && (uintptr_t)memory % FC__OS_PAGE_BYTES == 0;
}
static inline bool is_in_slab(const struct fc__page *page) {
    return page->kind == FC__PAGE_SLAB || page->kind == FC__PAGE_SLAB_PART;
}

static inline void give(void *memory) {
    struct fc__page *page = fc__heap_page_of(memory);
    if (is_in_slab(page)) {
        give_block(fc__slabs_class_of(page, memory), memory);
    } else if (is_run(page, memory)) {
        fc__pages_give(page);
    } else {
        fc__host_heap_misused("free(): invalid pointer");
    }
}

/* What the block has room for. */
static inline size_t size_of(const void *memory) {
    const struct fc__page *page = fc__heap_page_of(memory);
    if (is_in_slab(page)) {
        return fc__slabs_size(fc__slabs_class_of(page, memory));
    }
    if (!is_run(page, memory)) {
        fc__host_heap_misused("realloc(): invalid pointer");
    }
    return (size_t)page->count * FC__OS_PAGE_BYTES;
}

/* False if it cannot be longer or shorter where it stands. */
static inline bool resize_in_place(void *memory, size_t size) {
    struct fc__page *page = fc__heap_page_of(memory);
    if (is_in_slab(page)) {
        return size <= FC__SLAB_SIZE_MAX && fc__slabs_class(size) == fc__slabs_class_of(page, memory);
    }
    return size > FC__SLAB_SIZE_MAX && fc__pages_resize(page, pages_for(size));
}

#endif
