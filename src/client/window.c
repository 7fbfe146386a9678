/* client: the window, memory that caller and host see at one address below 4 GiB. Pages are given out in spans; every
 * record of them is private to the caller, since the host may write anywhere in the window. */
#include "client/window_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define FIRST_BYTES (16 * MIB)
#define TOKEN_BYTES (16 * MIB)
#define FURTHER_BYTES ((sizeof(void *) == 8 ? 64 : 16) * MIB) /* address space is dear in 32-bit callers */
#define SPARE_BYTES_MAX (FURTHER_BYTES + 0x10000)             /* with the guard: larger ones are not kept */
#define SPARE_BYTES_OF_ALL (4 * SPARE_BYTES_MAX)              /* of all sessions */
/* A 32-bit Windows program has 2 GiB of addresses, and much of that is taken. */
#define LIMIT_OF_WINDOWS (2048 * MIB)
#define BYTES_MAX_OF_WINDOWS (256 * MIB)
enum { PLACE_ATTEMPTS = 48, DISCARD_PAGES = 16, PLACES_OF_WINDOWS = 8 };

static _Atomic uint64_t spare_bytes; /* of all sessions */

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

static struct fc__segment *segment_new(uint64_t size_bytes, int fd, uint64_t base) {
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

static void set_spare(struct fc__segment *segment, bool is_spare) {
    if (segment->is_spare != is_spare) {
        segment->is_spare = is_spare;
        atomic_fetch_add(&spare_bytes, is_spare ? segment->size_bytes : -segment->size_bytes);
    }
}

static void segment_free(struct fc__segment *segment) {
    set_spare(segment, false);
    fc__os_memory_unmap(segment->base, segment->size_bytes);
    fc__os_close(&segment->fd);
    for (struct fc__span *span = segment->first; span != NULL;) {
        struct fc__span *after = span->after;
        free(span);
        span = after;
    }
    free(segment);
}

static void publish_locked(struct fc__window *window, struct fc__segment *segment) {
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

static void withdraw_locked(struct fc__window *window, struct fc__segment *segment) {
    atomic_store_explicit(&window->ranges[segment->index].end, 0, memory_order_release);
    window->segments[segment->index] = NULL;
}

static bool is_full_locked(const struct fc__window *window) {
    unsigned used = 0;
    for (unsigned i = 0; i < window->count; i++) {
        used += window->segments[i] != NULL;
    }
    return used == FC__WINDOW_SEGMENTS_MAX;
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

/* What Wine's own programs have somewhere above is not known here: attempts begin in the lower half. */
int fc__window_map_low(const struct fc_session *session, int fd, uint64_t size_bytes, unsigned attempt,
                       uint64_t *ret_base) {
    return session->callee->is_windows
               ? fc__os_memory_map_below(LIMIT_OF_WINDOWS, fd, size_bytes, attempt % PLACES_OF_WINDOWS, ret_base)
               : fc__os_memory_map_low(fd, size_bytes, attempt, ret_base);
}

int fc__window_init(struct fc_session *session, unsigned attempt, struct fc__error *err) {
    struct fc__window *window = &session->window;
    int fd = -1;
    int rc = fc__os_memory_new(FIRST_BYTES, &fd);
    if (rc != 0) {
        return no_memory(err, rc);
    }
    uint64_t base = 0;
    for (unsigned i = 0; i < PLACE_ATTEMPTS; i++) {
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
    struct fc__segment *segment = rc == 0 ? segment_new(FIRST_BYTES, fd, base) : NULL;
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
        segment_free(segment);
        return no_memory(err, -ENOMEM);
    }
    struct fc__span *header = segment->first;
    unlist_free(header);
    *rest = (struct fc__span){.segment = segment, .first = 1, .count = header->count - 1, .before = header};
    header->after = rest;
    header->count = 1;
    list_free(rest);
    publish_locked(window, segment);
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
            segment_free(window->segments[i]);
        }
    }
    while (window->spare != NULL) {
        struct fc__span *span = window->spare;
        window->spare = span->after;
        free(span);
    }
}

/* -- growing ------------------------------------------------------------------------------------------------------- */

static int request_map(struct fc_session *session, int fd, uint64_t size_bytes, uint64_t *inout_base) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_MAP, .address = *inout_base, .size_bytes = size_bytes};
    int rc = fc__remote_request(session, &message, fd);
    if (rc == 0 && *inout_base != 0 && message.address != *inout_base) {
        return -EPROTO;
    }
    if (rc == 0) {
        *inout_base = message.address;
    }
    return rc;
}

static void request_unmap(struct fc_session *session, uint64_t base) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_UNMAP, .address = base};
    fc__remote_request(session, &message, -1);
}

static bool is_up(struct fc_session *session) {
    return atomic_load(&session->remote.is_up);
}

/* Maps at a place of the caller's choice, then asks the host to follow; or the other way round where the host is the
 * side with less room. */
static int map_on_both(struct fc_session *session, int fd, uint64_t size_bytes, uint64_t *ret_base) {
    int rc = -ENOMEM;
    for (unsigned attempt = 0; attempt < PLACE_ATTEMPTS; attempt++) {
        uint64_t base = 0;
        rc = fc__window_map_low(session, fd, size_bytes, attempt, &base);
        if (rc != 0) {
            return rc;
        }
        if (!is_up(session)) {
            *ret_base = base;
            return 0;
        }
        rc = request_map(session, fd, size_bytes, &base);
        if (rc == 0 || rc == -EPIPE ||
            !is_up(session)) { /* a host that has gone meanwhile: the next one follows when it starts */
            *ret_base = base;
            return 0;
        }
        fc__os_memory_unmap(base, size_bytes);
        if (rc != -EEXIST && rc != -ENOMEM) {
            return rc;
        }
        base = 0;
        rc = request_map(session, fd, size_bytes, &base);
        if (rc != 0) {
            return rc; /* the host has no such room anywhere */
        }
        if (base != 0 && base <= UINT32_MAX - size_bytes && fc__os_memory_map(fd, base, size_bytes) == 0) {
            *ret_base = base;
            return 0;
        }
        request_unmap(session, base);
        rc = -ENOMEM;
    }
    return rc;
}

static uint64_t room_locked(const struct fc_session *session) {
    uint64_t used = session->window.token_bytes;
    for (unsigned i = 0; i < session->window.count; i++) {
        used += session->window.segments[i] != NULL ? session->window.segments[i]->size_bytes : 0;
    }
    return !session->callee->is_windows ? UINT64_MAX : used < BYTES_MAX_OF_WINDOWS ? BYTES_MAX_OF_WINDOWS - used : 0;
}

static void remove_locked(struct fc_session *session, struct fc__segment *segment) {
    withdraw_locked(&session->window, segment);
    if (is_up(session)) {
        request_unmap(session, segment->base);
    }
    segment_free(segment);
}

static struct fc__segment *find_spare_locked(const struct fc__window *window) {
    for (unsigned i = 1; i < window->count; i++) {
        if (window->segments[i] != NULL && window->segments[i]->is_spare) {
            return window->segments[i];
        }
    }
    return NULL;
}

static struct fc__segment *grow_locked(struct fc_session *session, uint64_t need_bytes) {
    uint64_t sizes[] = {need_bytes > FURTHER_BYTES ? need_bytes : FURTHER_BYTES, need_bytes};
    struct fc__segment *spare = find_spare_locked(&session->window);
    if (spare != NULL) { /* it is not large enough, or it would have been taken */
        remove_locked(session, spare);
    }
    if (is_full_locked(&session->window)) {
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        int fd = -1;
        uint64_t base = 0;
        uint64_t size_bytes = (sizes[i] + PAGE + 0xffff) & ~UINT64_C(0xffff);
        if (size_bytes > room_locked(session)) {
            continue;
        }
        if (fc__os_memory_new(size_bytes, &fd) != 0) {
            return NULL;
        }
        if (map_on_both(session, fd, size_bytes, &base) == 0) {
            struct fc__segment *segment = segment_new(size_bytes, fd, base);
            if (segment != NULL) {
                publish_locked(&session->window, segment);
                return segment;
            }
            fc__os_memory_unmap(base, size_bytes);
        }
        fc__os_close(&fd);
    }
    return NULL;
}

int fc__window_map_all(struct fc_session *session) {
    struct fc__window *window = &session->window;
    int rc = 0;
    pthread_mutex_lock(&window->lock);
    for (unsigned i = 1; i < window->count && rc == 0; i++) {
        if (window->segments[i] != NULL) {
            uint64_t base = window->segments[i]->base;
            rc = request_map(session, window->segments[i]->fd, window->segments[i]->size_bytes, &base);
        }
    }
    pthread_mutex_lock(&session->channels_lock);
    bool is_lost = session->remote.lost_generation == atomic_load(&session->remote.generation);
    if (rc == 0 && !is_lost) {
        atomic_store(&session->remote.is_up, true); /* from here on, new segments are announced as they come */
    }
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_unlock(&window->lock);
    return is_lost ? -EPIPE : rc;
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
        set_spare(segment, false);
        return span;
    }
    return NULL;
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
    struct fc__span *span = NULL;
    const bool is_whole = fc__window_republish_locked(window) == 0;
    for (unsigned i = 0; is_whole && i < window->count && span == NULL; i++) {
        span = window->segments[i] != NULL ? take_in_segment(window, window->segments[i], pages) : NULL;
    }
    if (is_whole && span == NULL) {
        struct fc__segment *segment = grow_locked(session, (uint64_t)pages * PAGE);
        span = segment != NULL ? take_in_segment(window, segment, pages) : NULL;
    }
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
    const bool is_over = segment->index != 0 && span->count == fc__segment_usable(segment) / PAGE;
    if (is_over && segment->size_bytes <= SPARE_BYTES_MAX && find_spare_locked(window) == NULL &&
        atomic_load(&spare_bytes) + segment->size_bytes <= SPARE_BYTES_OF_ALL) {
        set_spare(segment, true); /* the next call that is as large finds it; it has no pages any more */
    } else if (is_over) {
        remove_locked(session, segment);
    }
    pthread_mutex_unlock(&window->lock);
}
