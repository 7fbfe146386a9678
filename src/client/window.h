/* client: memory that both sides see at one address. Part of client.h, which says the order of locks. */
#ifndef FC_CLIENT_WINDOW_H
#define FC_CLIENT_WINDOW_H

#include "base/error.h"
#include "wire/message.h"

#include <pthread.h>
#include <stdatomic.h>

struct fc_session;

/* -- window.c: memory at one address on both sides ----------------------------------------------------------------- */

/* Addresses, for readers without a lock: 0, 0 is an empty one. An entry that changes during a call cannot hold anything
 * of that call's: it is looked at twice, so that the base of one never meets the end of another. */
struct fc__range {
    _Atomic uintptr_t base, end;
};
static inline bool fc__range_holds(const struct fc__range *range, uint64_t address, uint64_t size) {
    uintptr_t end = atomic_load_explicit(&range->end, memory_order_acquire);
    uintptr_t base = atomic_load_explicit(&range->base, memory_order_acquire);
    return address >= base && address < end && size <= end - address &&
           atomic_load_explicit(&range->end, memory_order_relaxed) == end;
}

/* callee_heap.c: the memory of the present host's malloc, and of those that died. Changes under window.lock. */
struct fc__callee_heap {
    int fd;
    uint64_t base, size_bytes; /* mapped, with a guard at the end; 0 bytes: there is none */
    bool is_used;              /* a host has come up with it */
    unsigned place;            /* varies it */
    unsigned next_dead;
    _Atomic bool has_dead;
    struct fc__range live, dead[FC__WIRE_DEAD_HEAPS];
};

enum { FC__WINDOW_SEGMENTS_MAX = 128 };
struct fc__span; /* a run of pages in use */

struct fc__window {
    pthread_mutex_t lock;
    struct fc__segment *segments[FC__WINDOW_SEGMENTS_MAX]; /* the first is never given back */
    _Atomic unsigned count;
    struct fc__range ranges[FC__WINDOW_SEGMENTS_MAX]; /* the same */
    struct fc__callee_heap callee_heap;
    uint64_t token_base, token_bytes;
    bool is_private;         /* a forked child's, not yet its own */
    unsigned char *snapshot; /* over a fork: what the child is to find in fc_alloc's memory */
    uint64_t snapshot_bytes;
    struct fc__heap *heap;  /* fc_alloc's small blocks */
    struct fc__span *spare; /* records of spans that are none any more, to be used again */
};

/* Makes the first segment and the token range. `attempt` varies the place. */
int fc__window_init(struct fc_session *session, unsigned attempt, struct fc__error *err);
void fc__window_done(struct fc__window *window);
struct fc_wire_header *fc__window_header(const struct fc__window *window);
/* What the header is to say, from the caller's own records: the one in memory is only as true as the last host was. */
struct fc_wire_header fc__window_describe(const struct fc__window *window);
int fc__window_fd(const struct fc__window *window);
bool fc__window_contains(const struct fc__window *window, uint64_t address, uint64_t size);
/* Maps shared memory where the session's hosts have room too: below 4 GiB; with Windows below 2. */
int fc__window_map_low(const struct fc_session *session, int fd, uint64_t size_bytes, unsigned attempt,
                       uint64_t *ret_base);
/* Zeroed pages; NULL when there is no room on both sides. */
struct fc__span *fc__window_take(struct fc_session *session, uint64_t size_bytes);
void fc__window_give(struct fc_session *session, struct fc__span *span);
uint64_t fc__span_base(const struct fc__span *span);
uint64_t fc__span_bytes(const struct fc__span *span);
/* Maps every further segment that is in use in a host that has just come up. */
int fc__window_map_all(struct fc_session *session);
/* The pages are fc_alloc's: a forked child has them too. */
void fc__span_keep(struct fc__span *span);
/* Fork: before it, what is to be kept is copied, since the parent goes on writing; the parent drops the copy, the child
 * puts it in place. There the window is readable and private until, before the child's own host starts, it becomes
 * shareable. */
void fc__window_snapshot_locked(struct fc__window *window);
void fc__window_drop_snapshot_locked(struct fc__window *window);
void fc__window_privatise(struct fc__window *window);
int fc__window_republish(struct fc__window *window);
/* window_spares.c: what all sessions keep. The child drops it. */
void fc__spares_before_fork(void);
void fc__spares_after_fork(bool is_child);

/* -- callee_heap.c: what the library allocates --------------------------------------------------------------------- */

/* Before each attempt to start a host: memory for its heap, unless the session is hostile. */
int fc__callee_heap_renew(struct fc_session *session, unsigned attempt, struct fc__error *err);
/* In a forked child: the host is the parent's. */
void fc__callee_heap_leave(struct fc__callee_heap *heap);
void fc__callee_heap_done(struct fc__callee_heap *heap);
void fc__callee_heap_describe(const struct fc__callee_heap *heap, struct fc_wire_header *header);
/* True for addresses that the present host allocates at, or one that died did. */
static inline bool fc__callee_heap_holds(const struct fc__window *window, uint64_t address) {
    return fc__range_holds(&window->callee_heap.live, address, 0);
}
bool fc__callee_heap_is_dead(const struct fc__window *window, uint64_t address);

/* -- heap.c: fc_alloc ---------------------------------------------------------------------------------------------- */

int fc__heap_init(struct fc__window *window);
void fc__heap_done(struct fc__window *window);
/* For fork; the heap's lock comes before the window's. */
void fc__heap_lock(struct fc__window *window);
void fc__heap_unlock(struct fc__window *window);

#endif
