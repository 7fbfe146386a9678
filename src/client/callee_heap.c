/* client: the host's heap as the caller sees it: memory in which the host's malloc allocates, mapped at the same
 * address. What a library allocates is so read and written in place. Each host gets memory of its own, at another place
 * than those before it: a pointer into the heap of a host that died means nothing to the next one, and is known by
 * where it points. The memory of dead hosts stays readable for a while, then its addresses are free again. */
#include "client/client.h"

#include <errno.h>
#include <string.h>

#define PAGE FC__OS_PAGE_BYTES
#define MIB (UINT64_C(1) << 20)
/* Address space below 4 GiB is what all sessions of the process share, and dear in 32-bit ones. It is all that a heap
 * takes before it is used. */
#define BYTES_MAX ((sizeof(void *) == 8 ? 512 : 128) * MIB)
#define BYTES_MAX_OF_WINDOWS_32 (128 * MIB)
#define BYTES_MIN (2 * MIB)
#define BYTES_OF_ALL ((sizeof(void *) == 8 ? 1280 : 384) * MIB)
#define DEAD_BYTES_MAX (64 * MIB) /* of a session's dead heaps, beside the latest */

static _Atomic uint64_t mapped_bytes; /* of all heaps in this process */

/* -- ranges, for readers without a lock ---------------------------------------------------------------------------- */

static void range_set(struct fc__range *range, uint64_t base, uint64_t end) {
    atomic_store_explicit(&range->end, 0, memory_order_release);
    atomic_store_explicit(&range->base, (uintptr_t)base, memory_order_release);
    atomic_store_explicit(&range->end, (uintptr_t)end, memory_order_release);
}

bool fc__callee_heap_is_dead(const struct fc__window *window, uint64_t address) {
    const bool any = atomic_load_explicit(&window->callee_heap.has_dead, memory_order_relaxed);
    for (unsigned i = 0; any && i < FC__WIRE_DEAD_HEAPS; i++) {
        if (fc__range_holds(&window->callee_heap.dead[i], address, 0)) {
            return true;
        }
    }
    return false;
}

/* -- dead ones ----------------------------------------------------------------------------------------------------- */

static void forget_dead(struct fc__range *range) {
    const uint64_t base = range->base, end = range->end;
    if (end != 0) {
        range_set(range, 0, 0);
        fc__os_memory_unmap(base, end + PAGE - base);
        atomic_fetch_sub(&mapped_bytes, end + PAGE - base);
    }
}

/* The oldest go first: `next_dead` is the oldest's place, and that of the one to come. */
static void limit_dead(struct fc__callee_heap *heap) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < FC__WIRE_DEAD_HEAPS; i++) { /* from the latest back */
        struct fc__range *range = &heap->dead[(heap->next_dead + FC__WIRE_DEAD_HEAPS - 1 - i) % FC__WIRE_DEAD_HEAPS];
        bytes += i != 0 ? range->end - range->base : 0;
        if (bytes > DEAD_BYTES_MAX) {
            forget_dead(range);
        }
    }
}

static void drop(struct fc__callee_heap *heap) {
    range_set(&heap->live, 0, 0);
    fc__os_memory_unmap(heap->base, heap->size_bytes);
    fc__os_close(&heap->fd);
    atomic_fetch_sub(&mapped_bytes, heap->size_bytes);
    heap->size_bytes = 0;
}

/* Its host is gone, or is another process's. What was used of it stays mapped, with a guard behind it. */
static void retire(struct fc__callee_heap *heap) {
    struct fc__range *range = &heap->dead[heap->next_dead];
    uint64_t bytes = fc__os_memory_end_of_data(heap->fd, heap->size_bytes) + MIB; /* the last page may be untouched */
    bytes = bytes / MIB * MIB + MIB;
    bytes = bytes < heap->size_bytes ? bytes : heap->size_bytes;
    if (fc__os_memory_privatise(heap->fd, heap->base, bytes - PAGE) != 0 ||
        fc__os_memory_guard(heap->base + bytes - PAGE) != 0) {
        drop(heap);
        return;
    }
    forget_dead(range);
    heap->next_dead = (heap->next_dead + 1) % FC__WIRE_DEAD_HEAPS;
    range_set(&heap->live, 0, 0);
    range_set(range, heap->base, heap->base + bytes - PAGE);
    atomic_store(&heap->has_dead, true);
    fc__os_memory_unmap(heap->base + bytes, heap->size_bytes - bytes);
    fc__os_close(&heap->fd);
    atomic_fetch_sub(&mapped_bytes, heap->size_bytes - bytes);
    heap->size_bytes = 0;
    limit_dead(heap);
}

/* -- making -------------------------------------------------------------------------------------------------------- */

static uint64_t first_size(const struct fc_session *session, unsigned attempt) {
    const uint64_t used = atomic_load(&mapped_bytes);
    /* Two fifths of what is left, so that the first gets the most and there is always a next. */
    const uint64_t part = used < BYTES_OF_ALL ? (BYTES_OF_ALL - used) / 5 * 2 : 0;
    const bool is_small = session->callee->is_windows && session->callee->pointer_bytes == 4;
    uint64_t size = is_small ? BYTES_MAX_OF_WINDOWS_32 : BYTES_MAX;
    while (size > part + part / 8 && size > BYTES_MIN) { /* dead heaps take a little */
        size /= 2;
    }
    size >>= attempt; /* the host may be the side without room */
    return size > BYTES_MIN ? size : BYTES_MIN;
}

static int make(const struct fc_session *session, struct fc__callee_heap *heap, uint64_t size_bytes) {
    int fd = -1;
    uint64_t base = 0;
    int rc = fc__os_memory_new(size_bytes, &fd);
    rc = rc == 0 ? fc__window_map_low(session, fd, size_bytes, heap->place++, &base) : rc;
    if (rc == 0 && (rc = fc__os_memory_guard(base + size_bytes - PAGE)) != 0) {
        fc__os_memory_unmap(base, size_bytes);
    }
    if (rc != 0) {
        fc__os_close(&fd);
        return rc;
    }
    fc__os_memory_dump(base, size_bytes, false);
    heap->fd = fd;
    heap->base = base;
    heap->size_bytes = size_bytes;
    heap->is_used = false;
    atomic_fetch_add(&mapped_bytes, size_bytes);
    range_set(&heap->live, base, base + size_bytes - PAGE);
    return 0;
}

int fc__callee_heap_renew(struct fc_session *session, unsigned attempt, struct fc__error *err) {
    struct fc__callee_heap *heap = &session->window.callee_heap;
    int rc = 0;
    pthread_mutex_lock(&session->window.lock);
    if (heap->size_bytes != 0 && heap->is_used) {
        retire(heap);
    } else if (heap->size_bytes != 0) {
        drop(heap);
    }
    if (!session->options.is_hostile) {
        uint64_t size_bytes = first_size(session, attempt);
        while ((rc = make(session, heap, size_bytes)) != 0 && size_bytes > BYTES_MIN) {
            size_bytes /= 2;
        }
    }
    pthread_mutex_unlock(&session->window.lock);
    return rc == 0 ? FC_OK
                   : fc__error_set(err, FC_ENOMEM,
                                   "cannot make the memory for the host's heap: %s. Other sessions of "
                                   "this process take room below 4 GiB; a session that is set hostile "
                                   "needs none for a heap",
                                   strerror(-rc));
}

void fc__callee_heap_describe(const struct fc__callee_heap *heap, struct fc_wire_header *header) {
    header->heap_base = heap->size_bytes != 0 ? heap->base : 0;
    header->heap_bytes = heap->size_bytes;
    for (unsigned i = 0; i < FC__WIRE_DEAD_HEAPS; i++) {
        const struct fc__range *range = &heap->dead[i];
        header->dead_heaps[i].base = range->base;
        header->dead_heaps[i].size_bytes = range->end != 0 ? range->end + PAGE - range->base : 0;
    }
}

void fc__callee_heap_leave(struct fc__callee_heap *heap) {
    if (heap->size_bytes != 0) {
        retire(heap);
    }
}

void fc__callee_heap_done(struct fc__callee_heap *heap) {
    if (heap->size_bytes != 0) {
        drop(heap);
    }
    for (unsigned i = 0; i < FC__WIRE_DEAD_HEAPS; i++) {
        forget_dead(&heap->dead[i]);
    }
}
