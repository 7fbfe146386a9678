/* host: the heap of the libraries: malloc and its family, out of memory that the caller maps at the same address.
 *   heap_pages.c    runs of pages, and what is given back to the system
 *   heap_slabs.c    small blocks: slabs of one size each
 *   heap_blocks.h   blocks of any size
 *   linux/heap.c    malloc and its family, each thread's cache, and fork
 *   windows/heap.c  HeapAlloc and its family, which C runtimes there are made of
 * Runs in: the host, and what a library forks.  Threads: any.
 * Does not: keep records in the memory that it gives out, or move what it gave. What does not fit goes to the system's
 * own heap, whose memory the caller does not see; so does everything where there is no such memory. */
#ifndef FC_HOST_HEAP_H
#define FC_HOST_HEAP_H

#include "os/os.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fc__page_kind {
    FC__PAGE_INSIDE = 0, /* neither first nor last of its run */
    FC__PAGE_FREE,       /* first of a free run */
    FC__PAGE_FREE_END,   /* last of one; `first` says where it begins */
    FC__PAGE_RUN,        /* first of a run in use */
    FC__PAGE_RUN_END,
    FC__PAGE_SLAB,      /* first of a slab */
    FC__PAGE_SLAB_PART, /* any other of its pages */
};
enum { FC__SLAB_BLOCKS_MAX = 256 };

/* One for each page, in memory that only the host has. */
struct fc__page {
    uint8_t kind, class_index;
    uint16_t used;                            /* SLAB: blocks */
    uint32_t first;                           /* page number */
    uint32_t count;                           /* of pages; at the first one */
    bool is_dirty;                            /* FREE: was used since it was zero */
    struct fc__page *before, *after;          /* FREE: in its bin. SLAB: of those with room */
    uint32_t taken[FC__SLAB_BLOCKS_MAX / 32]; /* SLAB: a bit for each block */
};

/* The memory, and a record for each of its pages; empty until there is one. */
struct fc__heap_area {
    uintptr_t base;
    size_t size_bytes;
    struct fc__page *pages;
};
extern struct fc__heap_area fc__heap_area;

static inline bool fc__heap_holds(const void *memory) {
    return (uintptr_t)memory - fc__heap_area.base < fc__heap_area.size_bytes;
}
static inline struct fc__page *fc__heap_page_of(const void *memory) {
    return &fc__heap_area.pages[((uintptr_t)memory - fc__heap_area.base) / FC__OS_PAGE_BYTES];
}
static inline void *fc__heap_memory_of(const struct fc__page *page) {
    return (void *)(fc__heap_area.base + (size_t)(page - fc__heap_area.pages) * FC__OS_PAGE_BYTES);
}

/* -- heap_pages.c -------------------------------------------------------------------------------------------------- */

/* Makes [base, base + size) the area. The memory is zero. */
int fc__pages_init(uint64_t base, uint64_t size_bytes);
/* A run of `count` pages, its address a multiple of `align` pages; NULL if there is none. *ret_is_zero: all of it
 * is. */
struct fc__page *fc__pages_take(uint32_t count, uint32_t align, bool *ret_is_zero);
void fc__pages_give(struct fc__page *run);
/* Makes a run in use longer or shorter where it stands. False if it cannot. */
bool fc__pages_resize(struct fc__page *run, uint32_t count);
/* Bytes from the beginning of the area that were ever given out. */
uint64_t fc__pages_reach(void);
void fc__pages_lock(void);
void fc__pages_unlock(void);
/* The area is this process's own from now on; whole: it is memory without a file behind it. */
void fc__pages_privatise(bool is_whole);

/* -- heap_slabs.c -------------------------------------------------------------------------------------------------- */

#define FC__SLAB_SIZE_MAX ((size_t)8192)
enum { FC__SLAB_CLASSES = 32 };
void fc__slabs_init(void);
/* For sizes of 1 to FC__SLAB_SIZE_MAX. */
unsigned fc__slabs_class(size_t size);
size_t fc__slabs_size(unsigned class_index);
/* Up to `count` blocks of a class; how many there were. */
unsigned fc__slabs_take(unsigned class_index, void **ret_blocks, unsigned count);
void fc__slabs_give(unsigned class_index, void *const *blocks, unsigned count);
/* The class of the block at `memory`, which lies in a page of a slab. Ends the process if no block begins there. */
unsigned fc__slabs_class_of(const struct fc__page *page, const void *memory);
/* True if a block in use begins there. */
bool fc__slabs_hold(const struct fc__page *page, const void *memory);
void fc__slabs_lock(void);
void fc__slabs_unlock(void);

/* -- heap.c -------------------------------------------------------------------------------------------------------- */

/* The mapped memory of descriptor `fd` becomes the heap. */
int fc__host_heap_begin(int fd, uint64_t base, uint64_t size_bytes);
/* Over a fork: the child has a copy of its own. */
void fc__host_heap_before_fork(void);
void fc__host_heap_after_fork_in_parent(void);
void fc__host_heap_after_fork_in_child(void);
/* As libc's malloc does where its records and a library's pointer disagree. */
_Noreturn void fc__host_heap_misused(const char *what);

#endif
