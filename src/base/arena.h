/* base: memory that is freed all at once.
 * Runs in: the caller.  Threads: one at a time.
 * Does not: free single objects, but the latest together, or fail loudly: NULL is out of memory. */
#ifndef FC_BASE_ARENA_H
#define FC_BASE_ARENA_H

#include <stddef.h>

struct fc__arena_block;
struct fc__arena {
    struct fc__arena_block *blocks;
    char *next, *end;
};

/* A zeroed struct is an empty arena. */
/* Zeroed memory, 16-byte aligned; NULL when out of memory. */
void *fc__arena_alloc(struct fc__arena *arena, size_t size_bytes);
/* A NUL-terminated copy of `len` bytes; NULL when out of memory. */
char *fc__arena_copy(struct fc__arena *arena, const char *text, size_t len);
/* What is allocated behind a mark can be given back, and all before it stays. A mark is the arena's until it is done, or
 * an earlier mark is given back to. */
struct fc__arena fc__arena_mark(struct fc__arena *arena);
void fc__arena_release(struct fc__arena *arena, const struct fc__arena *mark);
void fc__arena_done(struct fc__arena *arena);

#endif
