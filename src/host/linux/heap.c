/* host: malloc and its family, which stand in front of libc's for every library, and libc's own calls. */
#include "host/heap_blocks.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define BLOCK_ALIGN ((size_t)16)

/* libc's own, for what was allocated before there was a heap, and what does not fit in it. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *memory);

static bool is_on;

_Noreturn void fc__host_heap_misused(const char *what) {
    if (write(STDERR_FILENO, what, strlen(what)) >= 0 && write(STDERR_FILENO, "\n", 1) >= 0) {
        /* said */
    }
    abort();
}

/* -- each thread's cache ------------------------------------------------------------------------------------------- */

enum { CACHED_MAX = 32, CACHED_MIN = 4, CACHED_BYTES = 16384 }; /* of one class */

static _Thread_local struct cache {
    enum { NEW, IN_USE, GONE } state;
    uint8_t counts[FC__SLAB_CLASSES];
    void *blocks[FC__SLAB_CLASSES][CACHED_MAX];
} cache;
static pthread_key_t cache_key;
static bool has_key;

static unsigned cached_most(unsigned class_index) {
    const size_t count = CACHED_BYTES / fc__slabs_size(class_index);
    return count > CACHED_MAX ? CACHED_MAX : count < CACHED_MIN ? CACHED_MIN : (unsigned)count;
}

/* When the thread ends; what it frees after this goes to the slabs at once. */
static void cache_end(void *unused) {
    (void)unused;
    cache.state = GONE;
    for (unsigned i = 0; i < FC__SLAB_CLASSES; i++) {
        fc__slabs_give(i, cache.blocks[i], cache.counts[i]);
        cache.counts[i] = 0;
    }
}

static bool cache_begin(void) {
    if (cache.state == NEW && has_key) {
        cache.state = IN_USE; /* first: the next line may allocate */
        if (pthread_setspecific(cache_key, &cache) != 0) {
            cache.state = GONE;
        }
    }
    return cache.state == IN_USE;
}

static void *take_block(unsigned class_index) {
    void *block = NULL;
    if (cache.state != IN_USE && !cache_begin()) {
        return fc__slabs_take(class_index, &block, 1) != 0 ? block : NULL;
    }
    unsigned count = cache.counts[class_index];
    if (count == 0) {
        count = fc__slabs_take(class_index, cache.blocks[class_index], cached_most(class_index) / 2);
        if (count == 0) {
            return NULL;
        }
    }
    cache.counts[class_index] = (uint8_t)--count;
    return cache.blocks[class_index][count];
}

static void give_block(unsigned class_index, void *block) {
    if (cache.state != IN_USE && !cache_begin()) {
        fc__slabs_give(class_index, &block, 1);
        return;
    }
    void **const blocks = cache.blocks[class_index];
    unsigned count = cache.counts[class_index];
    if (count != 0 && blocks[count - 1] == block) {
        fc__host_heap_misused("free(): double free detected");
    }
    const unsigned most = cached_most(class_index);
    if (count == most) { /* the oldest half goes back */
        const unsigned half = most / 2;
        fc__slabs_give(class_index, blocks, half);
        count -= half;
        memmove(blocks, blocks + half, count * sizeof *blocks);
    }
    blocks[count] = block;
    cache.counts[class_index] = (uint8_t)(count + 1);
}

static void *take_aligned(size_t align, size_t size) {
    bool is_zero;
    size = size != 0 ? size : 1;
    if (align > fc__heap_area.size_bytes) {
        return NULL;
    }
    if (align <= FC__OS_PAGE_BYTES) { /* slabs begin with a page, so blocks are as aligned as their size */
        for (unsigned i = size <= FC__SLAB_SIZE_MAX ? fc__slabs_class(size) : FC__SLAB_CLASSES; i < FC__SLAB_CLASSES;
             i++) {
            if (fc__slabs_size(i) % align == 0) {
                return take_block(i);
            }
        }
        align = FC__OS_PAGE_BYTES;
    }
    struct fc__page *run = fc__pages_take(pages_for(size), (uint32_t)(align / FC__OS_PAGE_BYTES), &is_zero);
    return run != NULL ? fc__heap_memory_of(run) : NULL;
}

/* -- malloc and its family ----------------------------------------------------------------------------------------- */

static void *no_memory(void) {
    errno = ENOMEM;
    return NULL;
}

EXPORTED void *malloc(size_t size) {
    bool is_zero;
    if (__builtin_expect(size > PTRDIFF_MAX, 0)) {
        return no_memory();
    }
    void *memory = is_on ? take(size, &is_zero) : NULL;
    return memory != NULL ? memory : __libc_malloc(size);
}

EXPORTED void free(void *ptr) {
    if (fc__heap_holds(ptr)) {
        give(ptr);
    } else {
        __libc_free(ptr);
    }
}

EXPORTED void *calloc(size_t nmemb, size_t size) {
    bool is_zero;
    size_t bytes;
    if (__builtin_mul_overflow(nmemb, size, &bytes) || bytes > PTRDIFF_MAX) {
        return no_memory();
    }
    void *memory = is_on ? take(bytes, &is_zero) : NULL;
    if (memory == NULL) {
        return __libc_calloc(nmemb, size);
    }
    return is_zero ? memory : memset(memory, 0, bytes);
}

EXPORTED void *realloc(void *ptr, size_t size) {
    if (ptr == NULL) {
        return malloc(size);
    }
    if (!fc__heap_holds(ptr)) {
        return __libc_realloc(ptr, size);
    }
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    const size_t had = size_of(ptr);
    if (resize_in_place(ptr, size)) {
        return ptr;
    }
    void *moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, ptr, had < size ? had : size);
        free(ptr);
    }
    return moved;
}

EXPORTED void *reallocarray(void *ptr, size_t nmemb, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(nmemb, size, &bytes) ? no_memory() : realloc(ptr, bytes);
}

static bool is_power_of_2(size_t number) {
    return number != 0 && (number & (number - 1)) == 0;
}

EXPORTED void *memalign(size_t alignment, size_t size) {
    while (!is_power_of_2(alignment)) { /* as libc does: the next one */
        if (alignment > SIZE_MAX / 2) {
            errno = EINVAL;
            return NULL;
        }
        alignment = alignment == 0 ? 1 : (alignment | (alignment - 1)) + 1;
    }
    if (size > PTRDIFF_MAX || alignment > PTRDIFF_MAX - size) {
        return no_memory();
    }
    if (alignment <= BLOCK_ALIGN) {
        return malloc(size);
    }
    void *memory = is_on ? take_aligned(alignment, size) : NULL;
    return memory != NULL ? memory : __libc_memalign(alignment, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

EXPORTED int posix_memalign(void **memptr, size_t alignment, size_t size) {
    if (!is_power_of_2(alignment) || alignment % sizeof(void *) != 0) {
        return EINVAL;
    }
    const int errno_before = errno;
    void *memory = memalign(alignment, size);
    errno = errno_before;
    if (memory == NULL) {
        return ENOMEM;
    }
    *memptr = memory;
    return 0;
}

EXPORTED void *valloc(size_t size) {
    return memalign(FC__OS_PAGE_BYTES, size);
}

EXPORTED void *pvalloc(size_t size) {
    return size > PTRDIFF_MAX
               ? no_memory()
               : memalign(FC__OS_PAGE_BYTES, (size + FC__OS_PAGE_BYTES - 1) / FC__OS_PAGE_BYTES * FC__OS_PAGE_BYTES);
}

EXPORTED size_t malloc_usable_size(void *ptr) {
    static size_t (*_Atomic of_libc)(void *ptr);
    if (ptr == NULL) {
        return 0;
    }
    if (fc__heap_holds(ptr)) {
        return size_of(ptr);
    }
    if (of_libc == NULL) {
        void *found = dlsym(RTLD_NEXT, "malloc_usable_size");
        size_t (*function)(void *);
        memcpy(&function, &found, sizeof function);
        of_libc = function;
    }
    return of_libc(ptr);
}

/* -- beginning, and fork ------------------------------------------------------------------------------------------- */

static int heap_fd = -1;
static void *snapshot;
static uint64_t snapshot_bytes;
static int cancel_state;

int fc__host_heap_begin(int fd, uint64_t base, uint64_t size_bytes) {
    fc__slabs_init();
    int rc = fc__pages_init(base, size_bytes);
    if (rc == 0) {
        has_key = pthread_key_create(&cache_key, cache_end) == 0;
        heap_fd = fd;
        is_on = true;
    }
    return rc;
}

/* A private mapping alone would not do: where the child has not written it shows what the parent writes. So the child
 * gets a copy of what there was; the mapping only where there is no room for one. */
void fc__host_heap_before_fork(void) {
    if (!is_on) {
        return;
    }
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    fc__slabs_lock();
    fc__pages_lock();
    cancel_state = state;
    snapshot_bytes = heap_fd >= 0 ? fc__pages_reach() : 0;
    snapshot = snapshot_bytes != 0 ? fc__os_memory_private(snapshot_bytes) : NULL;
    if (snapshot != NULL && fc__os_memory_copy(heap_fd, 0, snapshot_bytes, snapshot) != 0) {
        fc__os_memory_unmap((uintptr_t)snapshot, snapshot_bytes);
        snapshot = NULL;
    }
}

static void after_fork(void) {
    const int state = cancel_state;
    snapshot = NULL;
    fc__pages_unlock();
    fc__slabs_unlock();
    pthread_setcancelstate(state, NULL);
}

void fc__host_heap_after_fork_in_parent(void) {
    if (is_on) {
        if (snapshot != NULL) {
            fc__os_memory_unmap((uintptr_t)snapshot, snapshot_bytes);
        }
        after_fork();
    }
}

void fc__host_heap_after_fork_in_child(void) {
    if (!is_on) {
        return;
    }
    const uint64_t base = fc__heap_area.base, size_bytes = fc__heap_area.size_bytes;
    if (snapshot != NULL) {
        fc__os_memory_move(snapshot, base, snapshot_bytes);
        fc__os_memory_renew(base + snapshot_bytes, size_bytes - snapshot_bytes);
    } else if (heap_fd >= 0) {
        fc__os_memory_privatise(heap_fd, base, size_bytes);
    }
    fc__pages_privatise(snapshot != NULL);
    fc__os_close(&heap_fd);
    after_fork();
}
