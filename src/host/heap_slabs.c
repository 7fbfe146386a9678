/* host: small blocks of the heap. A slab is a run of pages cut into blocks of one size; which of them are taken is said
 * outside of it, so what a library writes to freed blocks harms nobody but itself. */
#include "host/heap.h"

#include <string.h>

/* Sizes are multiples of 16 up to 128, then four for each doubling. */
enum { EVEN = 8, EVEN_STEP = 16, SLAB_PAGES_MAX = 16, BLOCKS_WANTED = 8, WASTE_PART = 16 };

static struct class {
    struct fc__os_lock lock;
    struct fc__page *with_room;
    uint32_t size, blocks, pages;
} classes[FC__SLAB_CLASSES];

unsigned fc__slabs_class(size_t size) {
    if (size <= (size_t)EVEN * EVEN_STEP) {
        return (unsigned)((size - 1) / EVEN_STEP);
    }
    const unsigned log = 31u - (unsigned)__builtin_clz((unsigned)size - 1);
    return EVEN + (log - 7) * 4 + (unsigned)((size - 1 - ((size_t)1 << log)) >> (log - 2));
}

size_t fc__slabs_size(unsigned class_index) {
    return classes[class_index].size;
}

static uint32_t size_of(unsigned class_index) {
    if (class_index < EVEN) {
        return (class_index + 1) * EVEN_STEP;
    }
    const unsigned log = (class_index - EVEN) / 4 + 7;
    return (UINT32_C(1) << log) + ((class_index - EVEN) % 4 + 1) * (UINT32_C(1) << (log - 2));
}

void fc__slabs_init(void) {
    for (unsigned i = 0; i < FC__SLAB_CLASSES; i++) {
        struct class *class = &classes[i];
        class->size = size_of(i);
        for (class->pages = 1; class->pages < SLAB_PAGES_MAX; class->pages++) {
            const uint32_t bytes = class->pages * FC__OS_PAGE_BYTES;
            if (bytes / class->size >= BLOCKS_WANTED && bytes % class->size <= bytes / WASTE_PART) {
                break;
            }
        }
        class->blocks = class->pages * FC__OS_PAGE_BYTES / class->size;
    }
}

static void link_room(struct class *class, struct fc__page *slab) {
    slab->before = NULL;
    slab->after = class->with_room;
    if (slab->after != NULL) {
        slab->after->before = slab;
    }
    class->with_room = slab;
}

static void unlink_room(struct class *class, struct fc__page *slab) {
    if (slab->before != NULL) {
        slab->before->after = slab->after;
    } else {
        class->with_room = slab->after;
    }
    if (slab->after != NULL) {
        slab->after->before = slab->before;
    }
}

static struct fc__page *slab_new(struct class *class) {
    bool is_zero;
    struct fc__page *slab = fc__pages_take(class->pages, 1, &is_zero);
    if (slab == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < class->pages; i++) {
        slab[i].kind = i == 0 ? FC__PAGE_SLAB : FC__PAGE_SLAB_PART;
        slab[i].first = slab->first;
    }
    slab->class_index = (uint8_t)(class - classes);
    slab->used = 0;
    memset(slab->taken, 0, sizeof slab->taken);
    for (uint32_t i = class->blocks; i < FC__SLAB_BLOCKS_MAX; i++) { /* there are no such blocks */
        slab->taken[i / 32] |= UINT32_C(1) << i % 32;
    }
    link_room(class, slab);
    return slab;
}

static void slab_free(struct class *class, struct fc__page *slab) {
    unlink_room(class, slab);
    for (uint32_t i = 0; i < class->pages; i++) {
        slab[i].kind = FC__PAGE_INSIDE;
    }
    fc__pages_give(slab);
}

static unsigned take_from(struct class *class, struct fc__page *slab, void **ret_blocks, unsigned count) {
    unsigned got = 0;
    for (unsigned word = 0; got < count && word < FC__SLAB_BLOCKS_MAX / 32; word++) {
        while (got < count && slab->taken[word] != UINT32_MAX) {
            const unsigned bit = (unsigned)__builtin_ctz(~slab->taken[word]);
            slab->taken[word] |= UINT32_C(1) << bit;
            ret_blocks[got++] = (char *)fc__heap_memory_of(slab) + (size_t)(word * 32 + bit) * class->size;
        }
    }
    slab->used = (uint16_t)(slab->used + got);
    if (slab->used == class->blocks) {
        unlink_room(class, slab);
    }
    return got;
}

unsigned fc__slabs_take(unsigned class_index, void **ret_blocks, unsigned count) {
    struct class *class = &classes[class_index];
    unsigned got = 0;
    fc__os_lock(&class->lock);
    while (got < count) {
        struct fc__page *slab = class->with_room;
        /* A new slab only for what is needed now. */
        slab = slab == NULL && got == 0 ? slab_new(class) : slab;
        if (slab == NULL) {
            break;
        }
        got += take_from(class, slab, ret_blocks + got, count - got);
    }
    fc__os_unlock(&class->lock);
    return got;
}

static struct fc__page *slab_of(const struct fc__page *page) {
    return &fc__heap_area.pages[page->first];
}

static uint32_t offset_in(const struct fc__page *slab, const void *memory) {
    return (uint32_t)((uintptr_t)memory - (uintptr_t)fc__heap_memory_of(slab));
}

static void give(struct class *class, void *memory) {
    struct fc__page *slab = slab_of(fc__heap_page_of(memory));
    const uint32_t index = offset_in(slab, memory) / class->size, bit = UINT32_C(1) << index % 32;
    if ((slab->taken[index / 32] & bit) == 0) {
        fc__host_heap_misused("free(): double free detected");
    }
    slab->taken[index / 32] &= ~bit;
    if (slab->used-- == class->blocks) {
        link_room(class, slab);
    }
    /* One empty slab stays, so that a block which comes and goes costs no pages. */
    if (slab->used == 0 && (slab->before != NULL || slab->after != NULL)) {
        slab_free(class, slab);
    }
}

void fc__slabs_give(unsigned class_index, void *const *blocks, unsigned count) {
    struct class *class = &classes[class_index];
    fc__os_lock(&class->lock);
    for (unsigned i = 0; i < count; i++) {
        give(class, blocks[i]);
    }
    fc__os_unlock(&class->lock);
}

/* Of the block that begins there; what no block has if none does. */
static uint32_t index_of(const struct class *class, const struct fc__page *slab, const void *memory) {
    const uint32_t offset = offset_in(slab, memory);
    return offset % class->size == 0 ? offset / class->size : UINT32_MAX;
}

unsigned fc__slabs_class_of(const struct fc__page *page, const void *memory) {
    const struct fc__page *slab = slab_of(page);
    const struct class *class = &classes[slab->class_index];
    if (index_of(class, slab, memory) >= class->blocks) {
        fc__host_heap_misused("free(): invalid pointer");
    }
    return slab->class_index;
}

bool fc__slabs_hold(const struct fc__page *page, const void *memory) {
    const struct fc__page *slab = slab_of(page);
    const struct class *class = &classes[slab->class_index];
    const uint32_t index = index_of(class, slab, memory);
    return index < class->blocks && (slab->taken[index / 32] >> index % 32 & 1) != 0;
}

void fc__slabs_lock(void) {
    for (unsigned i = 0; i < FC__SLAB_CLASSES; i++) {
        fc__os_lock(&classes[i].lock);
    }
}
void fc__slabs_unlock(void) {
    for (unsigned i = FC__SLAB_CLASSES; i-- > 0;) {
        fc__os_unlock(&classes[i].lock);
    }
}
