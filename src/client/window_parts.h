/* client: what the window's parts share: giving out its pages (window.c), growing (window_grow.c), keeping what is not
 * in use (window_spares.c), and what a forked child has of it (window_fork.c).
 * Runs in: the caller.  Threads: under the window's lock, unless said.
 * Does not: concern anyone else. */
#ifndef FC_CLIENT_WINDOW_PARTS_H
#define FC_CLIENT_WINDOW_PARTS_H

#include "client/client.h"

#define PAGE FC__OS_PAGE_BYTES
/* What the window grows by, at least, with a guard behind it. */
#define FC__WINDOW_FURTHER_BYTES (((sizeof(void *) == 8 ? UINT64_C(64) : UINT64_C(16)) << 20) + 0x10000)

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
    const struct fc__window *shelved_by; /* of what is in no window */
    struct fc__segment *next_on_shelf;
};

/* The last page of a segment is a guard in the caller: a string that lost its NUL ends there at the latest. */
static inline uint64_t fc__segment_usable(const struct fc__segment *segment) {
    return segment->size_bytes - PAGE;
}

enum { FC__WINDOW_PLACE_ATTEMPTS = 48 };

/* window.c: a segment of no window, of memory that is mapped already; NULL when out of memory. It becomes the window's. */
struct fc__segment *fc__segment_new(uint64_t size_bytes, int fd, uint64_t base);
void fc__segment_free(struct fc__segment *segment);
void fc__window_publish_locked(struct fc__window *window, struct fc__segment *segment);

/* window_grow.c: a segment that has the room in one piece, a spare one or another; NULL if there is none. */
struct fc__segment *fc__window_segment_locked(struct fc_session *session, uint64_t need_bytes);
/* Nothing is in use of it any more: it may leave the window. */
void fc__window_spare_locked(struct fc_session *session, struct fc__segment *segment);

/* -- window_spares.c: what windows keep, all of them. Has a lock of its own ---------------------------------------- */

/* The segment becomes a spare one where it is. False if there are too many bytes of those. */
bool fc__spares_stay(struct fc__segment *segment);
/* It is none any more, if it was. */
void fc__spares_use(struct fc__segment *segment);
/* Keeps a segment that has left its window, and its host; or frees it, if there are too many bytes. */
void fc__spares_shelve(const struct fc__window *window, struct fc__segment *segment);
/* The smallest of those that the window has shelved and that has room for so much; NULL if there is none. */
struct fc__segment *fc__spares_take(const struct fc__window *window, uint64_t need_bytes);
/* Frees those that the window has shelved, all windows if it is NULL. False if there were none. */
bool fc__spares_drop(const struct fc__window *window);

/* window_fork.c: where the window is a forked child's, and private, makes it shareable. */
int fc__window_republish_locked(struct fc__window *window);

#endif
