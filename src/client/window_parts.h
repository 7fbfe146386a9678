/* client: what the window's parts share: giving out its pages (window.c), and what a forked child has of it
 * (window_fork.c).
 * Runs in: the caller.  Threads: under the window's lock.
 * Does not: concern anyone else. */
#ifndef FC_CLIENT_WINDOW_PARTS_H
#define FC_CLIENT_WINDOW_PARTS_H

#include "client/client.h"

#define PAGE FC__OS_PAGE_BYTES

struct fc__span {
    struct fc__segment *segment;
    uint32_t first, count; /* pages */
    bool is_used;
    bool is_kept;                              /* over a fork */
    struct fc__span *before, *after;           /* neighbours in the segment */
    struct fc__span *free_before, *free_after; /* in the segment's list of free spans */
};

struct fc__segment {
    uint64_t base, size_bytes;
    int fd;
    unsigned index;
    bool is_spare;          /* nothing is in use of it, and it stays all the same */
    struct fc__span *first; /* by address */
    struct fc__span *free;
};

/* The last page of a segment is a guard in the caller: a string that lost its NUL ends there at the latest. */
static inline uint64_t fc__segment_usable(const struct fc__segment *segment) {
    return segment->size_bytes - PAGE;
}

/* window_fork.c: where the window is a forked child's, and private, makes it shareable. */
int fc__window_republish_locked(struct fc__window *window);

#endif
