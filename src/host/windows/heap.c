/* host: HeapAlloc and its family, which libraries and C runtimes call in place of the system's. What C runtimes
 * allocate, and what is allocated from the process's heap, comes from the memory that the caller sees. A block is known
 * by its address; those of the system's heaps, and heaps that a library makes for itself, are the system's affair. */
#include "host/heap_blocks.h"
#include "host/windows/fronts.h"
#include "host/windows/system.h"

#include <string.h>

enum { BLOCK_ALIGN = 16 };

/* For each place where a block may begin, how much of the block there was not asked for: libraries are told its size to
 * the byte. */
static uint16_t *unused;

/* The system's own, in no header; by these names nothing is put in front of them. */
void *NTAPI RtlAllocateHeap(HANDLE heap, ULONG flags, SIZE_T size);
void *NTAPI RtlReAllocateHeap(HANDLE heap, ULONG flags, void *memory, SIZE_T size);
BOOLEAN NTAPI RtlFreeHeap(HANDLE heap, ULONG flags, void *memory);
SIZE_T NTAPI RtlSizeHeap(HANDLE heap, ULONG flags, const void *memory);
BOOLEAN NTAPI RtlValidateHeap(HANDLE heap, ULONG flags, const void *memory);
/* Threads have been ended, and the heap's locks may be held for ever. */
BOOLEAN NTAPI RtlDllShutdownInProgress(void);

_Noreturn void fc__host_heap_misused(const char *what) {
    (void)what;
    fc__host_report_heap();
}

static void *take_block(unsigned class_index) {
    void *block = NULL;
    return fc__slabs_take(class_index, &block, 1) != 0 ? block : NULL;
}

static void give_block(unsigned class_index, void *block) {
    fc__slabs_give(class_index, &block, 1);
}

static uint16_t *unused_of(const void *memory) {
    return &unused[((uintptr_t)memory - fc__heap_area.base) / BLOCK_ALIGN];
}

static size_t asked_size(const void *memory) {
    return size_of(memory) - *unused_of(memory);
}

static void note_size(const void *memory, size_t size) {
    *unused_of(memory) = (uint16_t)(size_of(memory) - size);
}

void *WINAPI fc__host_heap_alloc_for_runtime(HANDLE heap, DWORD flags, SIZE_T size) {
    bool is_zero;
    void *memory = unused != NULL && !RtlDllShutdownInProgress() ? take(size, &is_zero) : NULL;
    if (memory == NULL) {
        return RtlAllocateHeap(heap, flags, size);
    }
    note_size(memory, size);
    if ((flags & HEAP_ZERO_MEMORY) != 0 && !is_zero) {
        memset(memory, 0, size);
    }
    return memory;
}

void *WINAPI fc__host_heap_alloc(HANDLE heap, DWORD flags, SIZE_T size) {
    return heap == GetProcessHeap() ? fc__host_heap_alloc_for_runtime(heap, flags, size)
                                    : RtlAllocateHeap(heap, flags, size);
}

BOOL WINAPI fc__host_heap_free(HANDLE heap, DWORD flags, void *memory) {
    if (!fc__heap_holds(memory)) {
        return RtlFreeHeap(heap, flags, memory);
    }
    if (!RtlDllShutdownInProgress()) {
        give(memory);
    }
    return TRUE;
}

/* Where it stands; if it must stay there, shorter is always possible. */
static bool resize(void *memory, SIZE_T size, bool must_stay) {
    struct fc__page *page = fc__heap_page_of(memory);
    const size_t room = size_of(memory);
    if (RtlDllShutdownInProgress()) {
        return false;
    }
    return resize_in_place(memory, size) ||
           (must_stay && size <= room && (is_in_slab(page) || fc__pages_resize(page, pages_for(size != 0 ? size : 1))));
}

void *WINAPI fc__host_heap_realloc(HANDLE heap, DWORD flags, void *memory, SIZE_T size) {
    if (!fc__heap_holds(memory)) {
        return RtlReAllocateHeap(heap, flags, memory, size);
    }
    const size_t had = asked_size(memory), kept = had < size ? had : size;
    const bool must_stay = (flags & HEAP_REALLOC_IN_PLACE_ONLY) != 0;
    void *moved = memory;
    if (resize(memory, size, must_stay)) {
        note_size(memory, size);
    } else if (must_stay) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    } else {
        moved = fc__host_heap_alloc_for_runtime(heap, flags & ~(DWORD)HEAP_ZERO_MEMORY, size);
        if (moved == NULL) {
            return NULL;
        }
        memcpy(moved, memory, kept);
        fc__host_heap_free(heap, 0, memory);
    }
    if ((flags & HEAP_ZERO_MEMORY) != 0) {
        memset((char *)moved + kept, 0, size - kept);
    }
    return moved;
}

SIZE_T WINAPI fc__host_heap_size(HANDLE heap, DWORD flags, const void *memory) {
    return fc__heap_holds(memory) ? asked_size(memory) : RtlSizeHeap(heap, flags, memory);
}

BOOL WINAPI fc__host_heap_validate(HANDLE heap, DWORD flags, const void *memory) {
    if (!fc__heap_holds(memory)) {
        return RtlValidateHeap(heap, flags, memory);
    }
    const struct fc__page *page = fc__heap_page_of(memory);
    return is_in_slab(page) ? fc__slabs_hold(page, memory) : is_run(page, memory);
}

int fc__host_heap_begin(int fd, uint64_t base, uint64_t size_bytes) {
    fc__os_close(&fd); /* the mapping keeps it */
    uint16_t *records = fc__os_memory_private(size_bytes / BLOCK_ALIGN * sizeof *records);
    if (records == NULL) {
        return -1;
    }
    fc__slabs_init();
    int rc = fc__pages_init(base, size_bytes);
    unused = rc == 0 ? records : NULL;
    return rc;
}
