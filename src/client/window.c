/* client: the window, memory that caller and host see at one address below 4 GiB. Pages are given out in spans; every
 * record of them is private to the caller, since the host may write anywhere in the window. */
#include "client/window_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define FIRST_BYTES (16 * MIB)
#define TOKEN_BYTES (16 * MIB)
enum { DISCARD_PAGES = 16 };

uint64_t fc__span_base(const struct fc__span *span) {
    return span->segment->base + (uint64_t)span->first * PAGE;
}
uint64_t fc__span_bytes(const struct fc__span *span) {
    return (uint64_t)span->count * PAGE;
}
void fc__span_keep(struct fc__span *span) {
    span->is_kept = true;
}

static void list_free(struct fc__span *span) {
    struct fc__segment *segment = span->segment;
    span->is_used = false;
    span->is_kept = false;
    span->free_before = NULL;
    span->free_after = segment->free;
    if (segment->free != NULL) {
        segment->free->free_before = span;
    }
    segment->free = span;
}

static void unlist_free(struct fc__span *span) {
    if (span->free_before != NULL) {
        span->free_before->free_after = span->free_after;
    } else {
        span->segment->free = span->free_after;
    }
    if (span->free_after != NULL) {
        span->free_after->free_before = span->free_before;
    }
    span->is_used = true;
}

struct fc__segment *fc__segment_new(uint64_t size_bytes, int fd, uint64_t base) {
    struct fc__segment *segment = calloc(1, sizeof *segment);
    struct fc__span *whole = calloc(1, sizeof *whole);
    if (segment == NULL || whole == NULL || fc__os_memory_guard(base + size_bytes - PAGE) != 0) {
        free(segment);
        free(whole);
        return NULL;
    }
    *segment = (struct fc__segment){.base = base, .size_bytes = size_bytes, .fd = fd, .first = whole};
    *whole = (struct fc__span){.segment = segment, .count = (uint32_t)(fc__segment_usable(segment) / PAGE)};
    list_free(whole);
    return segment;
}

void fc__segment_free(struct fc__segment *segment) {
    fc__os_memory_unmap(segment->base, segment->size_bytes);
    fc__os_close(&segment->fd);
    for (struct fc__span *span = segment->first; span != NULL;) {
        struct fc__span *after = span->after;
        free(span);
        span = after;
    }
    free(segment);
}

void fc__window_publish_locked(struct fc__window *window, struct fc__segment *segment) {
    unsigned i = 0;
    while (i < window->count && window->segments[i] != NULL) {
        i++;
    }
    window->segments[i] = segment;
    window->count += i == window->count;
    segment->index = i;
    atomic_store_explicit(&window->ranges[i].base, (uintptr_t)segment->base, memory_order_release);
    atomic_store_explicit(&window->ranges[i].end, (uintptr_t)(segment->base + fc__segment_usable(segment)),
                          memory_order_release);
}

bool fc__window_contains(const struct fc__window *window, uint64_t address, uint64_t size) {
    for (unsigned i = 0; i < window->count; i++) { /* it only grows */
        if (fc__range_holds(&window->ranges[i], address, size)) {
            return true;
        }
    }
    return fc__range_holds(&window->callee_heap.live, address, size);
}

struct fc_wire_header *fc__window_header(const struct fc__window *window) {
    return (struct fc_wire_header *)(uintptr_t)window->segments[0]->base;
}

int fc__window_fd(const struct fc__window *window) {
    return window->segments[0]->fd;
}

static int no_memory(struct fc__error *err, int rc) {
    return fc__error_set(err, FC_ENOMEM, "cannot make the memory that caller and host share: %s", strerror(-rc));
}

int fc__window_init(struct fc_session *session, unsigned attempt, struct fc__error *err) {
    struct fc__window *window = &session->window;
    int fd = -1;
    int rc = fc__os_memory_new(FIRST_BYTES, &fd);
    if (rc != 0) {
        return no_memory(err, rc);
    }
    uint64_t base = 0;
    for (unsigned i = 0; i < FC__WINDOW_PLACE_ATTEMPTS; i++) {
        rc = fc__window_map_low(session, fd, FIRST_BYTES + TOKEN_BYTES, attempt + i, &base); /* where both have room */
        if (rc == 0) {
            fc__os_memory_unmap(base + FIRST_BYTES, TOKEN_BYTES);
            rc = fc__os_memory_reserve(base + FIRST_BYTES, TOKEN_BYTES);
            if (rc == 0) {
                break;
            }
            fc__os_memory_unmap(base, FIRST_BYTES);
        }
    }
    struct fc__segment *segment = rc == 0 ? fc__segment_new(FIRST_BYTES, fd, base) : NULL;
    if (segment == NULL) {
        if (rc == 0) {
            fc__os_memory_unmap(base, FIRST_BYTES + TOKEN_BYTES);
        }
        fc__os_close(&fd);
        return no_memory(err, rc == 0 ? -ENOMEM : rc);
    }
    window->token_base = base + FIRST_BYTES;
    window->token_bytes = TOKEN_BYTES;
    /* The first page is the header; its span is never given back. */
    struct fc__span *rest = calloc(1, sizeof *rest);
    if (rest == NULL) {
        fc__segment_free(segment);
        return no_memory(err, -ENOMEM);
    }
    struct fc__span *header = segment->first;
    unlist_free(header);
    *rest = (struct fc__span){.segment = segment, .first = 1, .count = header->count - 1, .before = header};
    header->after = rest;
    header->count = 1;
    list_free(rest);
    fc__window_publish_locked(window, segment);
    return FC_OK;
}

struct fc_wire_header fc__window_describe(const struct fc__window *window) {
    struct fc_wire_header header = {
        .magic = FC__WIRE_MAGIC,
        .version = FC__WIRE_VERSION,
        .memory_base = window->segments[0]->base,
        .memory_bytes = window->segments[0]->size_bytes,
        .token_base = window->token_base,
        .token_bytes = window->token_bytes,
    };
    fc__callee_heap_describe(&window->callee_heap, &header);
    return header;
}

void fc__window_done(struct fc__window *window) {
    fc__callee_heap_done(&window->callee_heap);
    if (window->token_bytes != 0) {
        fc__os_memory_unmap(window->token_base, window->token_bytes);
    }
    for (unsigned i = 0; i < window->count; i++) {
        if (window->segments[i] != NULL) {
            fc__spares_use(window->segments[i]);
            fc__segment_free(window->segments[i]);
        }
    }
    fc__spares_drop(window);
    while (window->spare != NULL) {
        struct fc__span *span = window->spare;
        window->spare = span->after;
        free(span);
    }
}

/* -- spans --------------------------------------------------------------------------------------------------------- */

static struct fc__span *new_span_locked(struct fc__window *window) {
    struct fc__span *span = window->spare;
    if (span == NULL) {
        return malloc(sizeof *span);
    }
    window->spare = span->after;
    return span;
}

static struct fc__span *take_in_segment(struct fc__window *window, struct fc__segment *segment, uint32_t pages) {
    for (struct fc__span *span = segment->free; span != NULL; span = span->free_after) {
        if (span->count < pages) {
            continue;
        }
        if (span->count > pages) {
            struct fc__span *rest = new_span_locked(window);
            if (rest == NULL) {
                return NULL;
            }
            *rest = (struct fc__span){.segment = segment,
                                      .first = span->first + pages,
                                      .count = span->count - pages,
                                      .before = span,
                                      .after = span->after};
            if (span->after != NULL) {
                span->after->before = rest;
            }
            span->after = rest;
            span->count = pages;
            list_free(rest);
        }
        unlist_free(span);
        fc__spares_use(segment);
        return span;
    }
    return NULL;
}

static struct fc__span *take_locked(struct fc_session *session, uint32_t pages) {
    struct fc__window *window = &session->window;
    struct fc__span *span = NULL;
    for (unsigned i = 0; i < window->count && span == NULL; i++) {
        struct fc__segment *segment = window->segments[i];
        span = segment != NULL && !segment->is_spare ? take_in_segment(window, segment, pages) : NULL;
    }
    if (span == NULL) {
        struct fc__segment *segment = fc__window_segment_locked(session, (uint64_t)pages * PAGE);
        span = segment != NULL ? take_in_segment(window, segment, pages) : NULL;
    }
    return span;
}

struct fc__span *fc__window_take(struct fc_session *session, uint64_t size_bytes) {
    struct fc__window *window = &session->window;
    if (size_bytes > UINT32_MAX - 0x10000) {
        return NULL;
    }
    uint32_t pages = (uint32_t)((size_bytes + PAGE - 1) / PAGE);
    pages += pages == 0;
    const int errno_before = errno; /* addresses are tried, in the middle of calls */
    pthread_mutex_lock(&window->lock);
    struct fc__span *span = fc__window_republish_locked(window) == 0 ? take_locked(session, pages) : NULL;
    pthread_mutex_unlock(&window->lock);
    errno = errno_before;
    return span;
}

/* Spans are given out zeroed: large ones by returning their pages to the system, small ones by hand. */
static void clear(const struct fc__span *span) {
    if (span->count >= DISCARD_PAGES) {
        fc__os_memory_discard(span->segment->fd, (uint64_t)span->first * PAGE, fc__span_bytes(span));
    } else {
        memset((void *)(uintptr_t)fc__span_base(span), 0, (size_t)fc__span_bytes(span));
    }
}

static void merge_with_next_locked(struct fc__window *window, struct fc__span *span) {
    struct fc__span *next = span->after;
    if (next != NULL && !next->is_used) {
        unlist_free(next);
        span->count += next->count;
        span->after = next->after;
        if (next->after != NULL) {
            next->after->before = span;
        }
        next->after = window->spare;
        window->spare = next;
    }
}

void fc__window_give(struct fc_session *session, struct fc__span *span) {
    if (span == NULL) {
        return;
    }
    struct fc__window *window = &session->window;
    pthread_mutex_lock(&window->lock);
    struct fc__segment *segment = span->segment;
    if (!window->is_private) { /* of a forked child's memory, only what is in use becomes its own */
        clear(span);
    }
    list_free(span);
    merge_with_next_locked(window, span);
    if (span->before != NULL && !span->before->is_used) {
        struct fc__span *before = span->before;
        merge_with_next_locked(window, before);
        span = before;
    }
    if (segment->index != 0 && span->count == fc__segment_usable(segment) / PAGE) {
        if (!window->is_private) {
            fc__os_memory_discard(segment->fd, 0, fc__segment_usable(segment)); /* what was cleared by hand, too */
        }
        fc__window_spare_locked(session, segment);
    }
    pthread_mutex_unlock(&window->lock);
}
