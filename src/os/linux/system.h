/* os: what hot paths ask of Linux, without a call. */
#ifndef FC_OS_LINUX_SYSTEM_H
#define FC_OS_LINUX_SYSTEM_H

#include <errno.h>
#include <stdint.h>

/* Where libraries leave the number of their last error, in the calling thread. */
struct fc__os_errors {
    int *number;
};
static inline void fc__os_errors_find(struct fc__os_errors *ret_errors) {
    ret_errors->number = &errno;
}
static inline void fc__os_errors_clear(struct fc__os_errors *errors) {
    *errors->number = 0;
}
static inline uint32_t fc__os_errors_get(const struct fc__os_errors *errors) {
    return (uint32_t)*errors->number;
}
/* What a function called back leaves, in place of what it found. */
static inline void fc__os_errors_set(const struct fc__os_errors *errors, uint32_t found, uint32_t left) {
    (void)found;
    *errors->number = (int)left;
}
/* The system's own error beside it has room in the upper half of a call's result 1, where there is one. */
static inline uint64_t fc__os_errors_beside(const struct fc__os_errors *errors, uint64_t result) {
    (void)errors;
    return result;
}
/* A system whose own calls change that: what it was, and back. */
static inline uint32_t fc__os_errors_keep(const struct fc__os_errors *errors) {
    (void)errors;
    return 0;
}
static inline void fc__os_errors_restore(const struct fc__os_errors *errors, uint32_t kept) {
    (void)errors;
    (void)kept;
}

/* What a thread leaves behind when it jumps out of frames, beside its registers: nothing. */
static inline void *fc__os_frames_here(void) {
    return NULL;
}
static inline void fc__os_frames_back(void *here) {
    (void)here;
}

#endif
