/* client: blocks of private memory that are used again, whatever their sizes.
 * Runs in: the caller.  Threads: one at a time; locking is the user's.
 * Does not: give memory that the host sees (window), or memory that is freed all at once (arena).
 *
 * Sizes are rounded up to one of four for each doubling, and a block that is given back is there for the next one of its
 * size: so there are never more than were in use at once. The pages of large ones go back to the system meanwhile. */
#ifndef FC_CLIENT_POOL_H
#define FC_CLIENT_POOL_H

#include <stddef.h>
#include <stdint.h>

enum {
    FC__POOL_LEAST_SHIFT = 6, /* the smallest block's size, and the largest one's */
    FC__POOL_MOST_SHIFT = sizeof(void *) == 8 ? 46 : 30,
    FC__POOL_CLASSES = (FC__POOL_MOST_SHIFT - FC__POOL_LEAST_SHIFT) * 4 + 1,
};

struct fc__pool_block;
struct fc__pool { /* a zeroed one is empty */
    struct fc__pool_block *free[FC__POOL_CLASSES];
    size_t free_bytes;     /* of all of them */
    size_t resident_bytes; /* of those that have their pages */
};

/* Not zeroed, 16-byte aligned; NULL when out of memory. */
void *fc__pool_take(struct fc__pool *pool, size_t bytes);
/* NULL is nothing. */
void fc__pool_give(struct fc__pool *pool, void *memory);
/* How many bytes there are, which may be more than were asked for. */
size_t fc__pool_size(const void *memory);
/* Frees what was given back. What is in use is still to be given: it stays until the next _done. */
void fc__pool_done(struct fc__pool *pool);

#endif
