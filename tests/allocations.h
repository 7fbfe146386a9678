/* tests: counts what this program allocates: malloc and its family are its own, and so is mmap. Of one file. */
#ifndef FC_TESTS_ALLOCATIONS_H
#define FC_TESTS_ALLOCATIONS_H

#include "call.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static _Atomic unsigned allocations;

/* Under instruments malloc is theirs. */
static inline UNUSED_HERE void need_allocations(void) {
    if (CALL_IS_SANITIZED || call_under_valgrind()) {
        skip_because("malloc is the instrument's");
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* Seen by the C library, too: for strdup and the like. */
#define REPLACES __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
REPLACES void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}
REPLACES void *calloc(size_t nmemb, size_t size) {
    allocations++;
    return __libc_calloc(nmemb, size);
}
REPLACES void *realloc(void *ptr, size_t size) {
    allocations++;
    return __libc_realloc(ptr, size);
}
REPLACES void *aligned_alloc(size_t alignment, size_t size) {
    allocations++;
    return __libc_memalign(alignment, size);
}
/* With 64 bits for offsets, at both widths. */
REPLACES void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset) {
    allocations++;
#ifdef __i386__
    return (void *)syscall(SYS_mmap2, addr, len, prot, flags, fd, (long)(offset / 4096));
#else
    return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
#endif
}
#endif

#endif
