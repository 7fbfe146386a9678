/* client: the window over a fork: what the child is to have of it is copied, and becomes its own. */
#include "client/window_parts.h"

#include <string.h>

/* The next kept span after `span`; the first if that is NULL. */
static struct fc__span *next_kept(const struct fc__window *window, const struct fc__span *span) {
    unsigned i = span != NULL ? span->segment->index : 0;
    struct fc__span *next = span != NULL ? span->after : window->segments[0]->first;
    for (;;) {
        for (; next != NULL; next = next->after) {
            if (next->is_kept) {
                return next;
            }
        }
        do {
            i++;
        } while (i < window->count && window->segments[i] == NULL);
        if (i >= window->count) {
            return NULL;
        }
        next = window->segments[i]->first;
    }
}

/* Without room for the copy the child's memory is that of the file, copied on its first write, and may show what the
 * parent writes before that. */
void fc__window_snapshot_locked(struct fc__window *window) {
    uint64_t size_bytes = 0;
    if (window->is_private) { /* the system copies it */
        return;
    }
    for (struct fc__span *span = NULL; (span = next_kept(window, span)) != NULL;) {
        size_bytes += fc__span_bytes(span);
    }
    unsigned char *snapshot = size_bytes != 0 ? fc__os_memory_private(size_bytes) : NULL;
    uint64_t at = 0;
    for (struct fc__span *span = NULL; snapshot != NULL && (span = next_kept(window, span)) != NULL;
         at += fc__span_bytes(span)) {
        fc__os_memory_copy(span->segment->fd, (uint64_t)span->first * PAGE, fc__span_bytes(span), snapshot + at);
    }
    window->snapshot = snapshot;
    window->snapshot_bytes = size_bytes;
}

void fc__window_drop_snapshot_locked(struct fc__window *window) {
    if (window->snapshot != NULL) {
        fc__os_memory_unmap((uintptr_t)window->snapshot, window->snapshot_bytes);
        window->snapshot = NULL;
    }
}

void fc__window_privatise(struct fc__window *window) {
    for (unsigned i = 0; i < window->count && !window->is_private; i++) {
        if (window->segments[i] != NULL) {
            fc__os_memory_privatise(window->segments[i]->fd, window->segments[i]->base,
                                    fc__segment_usable(window->segments[i]));
        }
    }
    uint64_t at = 0;
    for (struct fc__span *span = NULL; window->snapshot != NULL && (span = next_kept(window, span)) != NULL;
         at += fc__span_bytes(span)) {
        fc__os_memory_move(window->snapshot + at, fc__span_base(span), fc__span_bytes(span));
    }
    window->snapshot = NULL;
    window->is_private = true;
    fc__callee_heap_leave(&window->callee_heap);
}

static int republish_segment(struct fc__segment *segment) {
    int fd = -1;
    uint64_t copy = 0;
    int rc = fc__os_memory_new(segment->size_bytes, &fd);
    rc = rc == 0 ? fc__os_memory_map_low(fd, segment->size_bytes, 0, &copy) : rc;
    if (rc != 0) {
        fc__os_close(&fd);
        return rc;
    }
    for (const struct fc__span *span = segment->first; span != NULL; span = span->after) {
        if (span->is_used) {
            memcpy((void *)(uintptr_t)(copy + (uint64_t)span->first * PAGE),
                   (const void *)(uintptr_t)fc__span_base(span), (size_t)fc__span_bytes(span));
        }
    }
    fc__os_memory_unmap(copy, segment->size_bytes);
    rc = fc__os_memory_replace(fd, segment->base, fc__segment_usable(segment));
    if (rc != 0) {
        fc__os_close(&fd);
        return rc;
    }
    fc__os_close(&segment->fd);
    segment->fd = fd;
    return 0;
}

int fc__window_republish_locked(struct fc__window *window) {
    int rc = 0;
    for (unsigned i = 0; window->is_private && i < window->count && rc == 0; i++) {
        rc = window->segments[i] != NULL ? republish_segment(window->segments[i]) : 0;
    }
    window->is_private = window->is_private && rc != 0;
    return rc;
}

int fc__window_republish(struct fc__window *window) {
    pthread_mutex_lock(&window->lock);
    int rc = fc__window_republish_locked(window);
    pthread_mutex_unlock(&window->lock);
    return rc;
}
