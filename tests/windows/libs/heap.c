/* A Windows library that allocates: by its C runtime, from the process's heap and from one of its own. */
#include <windows.h>

#include <malloc.h>
#include <process.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API __declspec(dllexport)

API unsigned long long address_of(const void *memory) {
    return (uintptr_t)memory;
}
API unsigned byte_at(const unsigned char *memory, unsigned offset) {
    return memory[offset];
}
API void release(void *memory) {
    free(memory);
}

API char *copied(const char *text) {
    return strdup(text);
}
struct point {
    int x, y;
    char *name;
};
API struct point *point_new(int x, int y, const char *name) {
    struct point *point = malloc(sizeof *point);
    *point = (struct point){x, y, strdup(name)};
    return point;
}
API void point_free(struct point *point) {
    free(point->name);
    free(point);
}
API void *filled(unsigned size, int byte) {
    void *memory = malloc(size);
    return memory != NULL ? memset(memory, byte, size) : NULL;
}

/* By each of the ways there are. */
API void *allocated(int way, unsigned size) {
    static HANDLE own;
    void *(WINAPI * looked_up)(HANDLE heap, DWORD flags, SIZE_T size);
    FARPROC found;
    own = own == NULL ? HeapCreate(0, 0, 0) : own;
    switch (way) {
    case 0:
        return malloc(size);
    case 1:
        return calloc(1, size);
    case 2:
        return realloc(NULL, size);
    case 3:
        return HeapAlloc(GetProcessHeap(), 0, size);
    case 4:
        found = GetProcAddress(GetModuleHandleA("kernel32.dll"), "HeapAlloc");
        memcpy(&looked_up, &found, sizeof found);
        return looked_up(GetProcessHeap(), 0, size);
    case 5:
        found = GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlAllocateHeap");
        memcpy(&looked_up, &found, sizeof found);
        return looked_up(GetProcessHeap(), 0, size);
    case 6:
        return HeapAlloc(own, 0, size); /* which ends with the heap */
    case 7:
        return LocalAlloc(LMEM_FIXED, size);
    default:
        return NULL;
    }
}
API int freed(int way, void *memory) {
    if (way <= 2) {
        free(memory);
        return 1;
    }
    return way <= 5 ? HeapFree(GetProcessHeap(), 0, memory) : way == 7 ? LocalFree(memory) == NULL : 1;
}
/* Of a library that is loaded only now. */
API void *late(const char *library, const char *allocator, unsigned size) {
    void *(*allocate)(size_t bytes);
    const HMODULE module = LoadLibraryA(library);
    const FARPROC found = module != NULL ? GetProcAddress(module, allocator) : NULL;
    memcpy(&allocate, &found, sizeof found);
    return found != NULL ? allocate(size) : NULL;
}

/* -- what HeapAlloc and its like promise; 0, or the number of the line where they do not keep it ---------------------- */

#define MUST(what)                                                                                                     \
    if (!(what)) {                                                                                                     \
        return __LINE__;                                                                                               \
    }

static int is_all(const unsigned char *memory, size_t from, size_t to, int byte) {
    while (from < to && memory[from] == byte) {
        from++;
    }
    return from >= to;
}

static const size_t sizes[] = {0,    1,    7,    8,     15,    16,    17,     31,     32,   33,
                               100,  128,  129,  500,   1000,  2047,  4095,   4096,   4097, 8191,
                               8192, 8193, 9000, 20000, 65536, 65537, 300000, 1000003};
enum { SIZES = sizeof sizes / sizeof *sizes };

static int check_pair(HANDLE heap, size_t first, size_t second) {
    unsigned char *memory = HeapAlloc(heap, 0, first);
    MUST(memory != NULL && (uintptr_t)memory % (2 * sizeof(void *)) == 0);
    MUST(HeapSize(heap, 0, memory) == first && HeapValidate(heap, 0, memory));
    memset(memory, 0x5a, first);
    unsigned char *moved = HeapReAlloc(heap, HEAP_ZERO_MEMORY, memory, second);
    MUST(moved != NULL && (uintptr_t)moved % (2 * sizeof(void *)) == 0);
    MUST(HeapSize(heap, 0, moved) == second && HeapValidate(heap, 0, moved));
    MUST(is_all(moved, 0, first < second ? first : second, 0x5a) && is_all(moved, first, second, 0));
    memset(moved, 0xa5, second);
    unsigned char *shorter = HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, moved, second / 2);
    MUST(shorter == moved && HeapSize(heap, 0, moved) == second / 2 && is_all(moved, 0, second / 2, 0xa5));
    unsigned char *same = HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY | HEAP_ZERO_MEMORY, moved, second);
    MUST(same == NULL || (same == moved && is_all(moved, second / 2, second, 0)));
    MUST(HeapSize(heap, 0, moved) == (same != NULL ? second : second / 2));
    MUST(HeapFree(heap, 0, moved));
    return 0;
}

static int check_heap(HANDLE heap) {
    for (unsigned i = 0; i < SIZES; i++) {
        unsigned char *zeros = HeapAlloc(heap, HEAP_ZERO_MEMORY, sizes[i]);
        MUST(zeros != NULL && is_all(zeros, 0, sizes[i], 0));
        memset(zeros, 0xff, sizes[i]);
        MUST(HeapFree(heap, 0, zeros));
        for (unsigned k = 0; k < SIZES; k++) {
            const int line = check_pair(heap, sizes[i], sizes[k]);
            MUST(line == 0 ||
                 (fprintf(stderr, "%u to %u: line %d\n", (unsigned)sizes[i], (unsigned)sizes[k], line), 0));
        }
    }
    MUST(HeapFree(heap, 0, NULL) && HeapValidate(heap, 0, NULL));
    MUST(HeapAlloc(heap, 0, (SIZE_T)-1 / 2) == NULL);
    unsigned char *block = HeapAlloc(heap, 0, 40);
    MUST(HeapReAlloc(heap, 0, block, (SIZE_T)-1 / 2) == NULL && HeapSize(heap, 0, block) == 40);
    MUST(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 1 << 20) == NULL && HeapSize(heap, 0, block) == 40);
    MUST(HeapFree(heap, 0, block));
    return 0;
}

API int keeps_promises(void) {
    const int line = check_heap(GetProcessHeap());
    MUST(line == 0);
    char *text = strdup("0123456789");
    MUST(_msize(text) == 11);
    text = realloc(text, 5000);
    MUST(_msize(text) == 5000 && memcmp(text, "0123456789", 11) == 0);
    MUST(_expand(text, 4000) == text && _msize(text) == 4000);
    free(text);
    char *aligned = _aligned_malloc(1000, 256);
    MUST((uintptr_t)aligned % 256 == 0);
    _aligned_free(aligned);
    /* What is allocated by one name may be freed by another. */
    MUST(LocalFree(HeapAlloc(GetProcessHeap(), 0, 100)) == NULL);
    MUST(HeapFree(GetProcessHeap(), 0, LocalAlloc(LMEM_FIXED, 100)));
    HANDLE own = HeapCreate(0, 0, 0);
    const int own_line = check_heap(own);
    MUST(own_line == 0);
    for (int i = 0; i < 1000; i++) {
        MUST(HeapAlloc(own, 0, 1000) != NULL);
    }
    MUST(HeapDestroy(own)); /* with all that is in it */
    return _heapchk() == _HEAPOK ? 0 : __LINE__;
}

API void twice_freed(void) {
    void *volatile memory = malloc(48);
    free(memory);
    free(memory);
}

/* -- many threads -------------------------------------------------------------------------------------------------- */

enum { LIVE = 64 };
static unsigned churn_rounds;
static LONG wrong;

static unsigned __stdcall churn_thread(void *argument) {
    unsigned char *live[LIVE] = {0};
    size_t lens[LIVE] = {0};
    unsigned random = (unsigned)(uintptr_t)argument * 2654435761u + 1;
    for (unsigned i = 0; i < churn_rounds; i++) {
        random = random * 1664525u + 1013904223u;
        const unsigned at = random >> 8 & (LIVE - 1);
        const size_t size = (random >> 16) % ((random >> 14 & 15) == 0 ? 60000 : 600);
        if (live[at] != NULL && !is_all(live[at], 0, lens[at], (int)at)) {
            InterlockedIncrement(&wrong);
        }
        if ((random & 3) == 0) {
            free(live[at]);
            live[at] = NULL;
            lens[at] = 0;
            continue;
        }
        live[at] = realloc(live[at], size + 1);
        lens[at] = size + 1;
        memset(live[at], (int)at, lens[at]);
    }
    for (unsigned i = 0; i < LIVE; i++) {
        free(live[i]);
    }
    return 0;
}

/* How many blocks were not what had been written to them. */
API int churn(unsigned threads, unsigned rounds) {
    HANDLE handles[16] = {0};
    churn_rounds = rounds;
    wrong = 0;
    for (unsigned i = 0; i < threads; i++) {
        handles[i] = (HANDLE)_beginthreadex(NULL, 0, churn_thread, (void *)(uintptr_t)(i + 1), 0, NULL);
    }
    WaitForMultipleObjects(threads, handles, TRUE, INFINITE);
    for (unsigned i = 0; i < threads; i++) {
        CloseHandle(handles[i]);
    }
    return wrong;
}
