/* os: what hot paths ask of Windows, without a call. */
#ifndef FC_OS_WINDOWS_SYSTEM_H
#define FC_OS_WINDOWS_SYSTEM_H

#include <stdatomic.h>
#include <stdint.h>

/* Where libraries leave the numbers of their last errors, in the calling thread: errno, of each C runtime that they
 * import, and what GetLastError returns. */
enum { FC__OS_RUNTIMES_MAX = 4 };
struct fc__os_errors {
    int *numbers[FC__OS_RUNTIMES_MAX];
    uint32_t count;
    volatile uint32_t *last;
};
/* How many runtimes are known; runtime.c. */
extern _Atomic uint32_t fc__os_runtimes;
void fc__os_errors_find(struct fc__os_errors *ret_errors);
/* `library` is asked for the runtimes that it imports, and is perhaps one itself. What they print is kept back no more,
 * from then on. */
void fc__os_errors_learn(void *library);

static inline void fc__os_errors_clear(struct fc__os_errors *errors) {
    if (__builtin_expect(errors->count != atomic_load_explicit(&fc__os_runtimes, memory_order_acquire), 0)) {
        fc__os_errors_find(errors);
    }
    for (uint32_t i = 0; i < errors->count; i++) {
        *errors->numbers[i] = 0;
    }
    *errors->last = 0;
}
/* The first that there is: which runtime it was that failed is the library's affair. */
static inline uint32_t fc__os_errors_get(const struct fc__os_errors *errors) {
    uint32_t number = 0;
    for (uint32_t i = errors->count; i-- > 0;) {
        number = *errors->numbers[i] != 0 ? (uint32_t)*errors->numbers[i] : number;
    }
    return number;
}
/* What a function called back leaves, in place of what it found. */
static inline void fc__os_errors_set(const struct fc__os_errors *errors, uint32_t found, uint32_t left) {
    for (uint32_t i = 0; i < errors->count && left != found; i++) {
        *errors->numbers[i] = (int)left;
    }
}
/* GetLastError goes into the upper half of a call's result 1, which has no more than 32 bits of its own here. */
static inline uint64_t fc__os_errors_beside(const struct fc__os_errors *errors, uint64_t result) {
    return (uint32_t)result | (uint64_t)*errors->last << 32;
}
/* This side's own calls change that: what it was, and back. */
static inline uint32_t fc__os_errors_keep(const struct fc__os_errors *errors) {
    return *errors->last;
}
static inline void fc__os_errors_restore(const struct fc__os_errors *errors, uint32_t kept) {
    *errors->last = kept;
}

/* Handlers of exceptions are a chain through the frames, whose head is the first word of the thread's block: on i386, and
 * in Wine's own libraries on x86_64, too. What is jumped out of must not stay in it. */
static inline void *fc__os_frames_here(void) {
    void *here;
#ifdef __i386__
    __asm__ volatile("movl %%fs:0, %0" : "=r"(here));
#else
    __asm__ volatile("movq %%gs:0, %0" : "=r"(here));
#endif
    return here;
}
static inline void fc__os_frames_back(void *here) {
#ifdef __i386__
    __asm__ volatile("movl %0, %%fs:0" : : "r"(here) : "memory");
#else
    __asm__ volatile("movq %0, %%gs:0" : : "r"(here) : "memory");
#endif
}

#endif
