/* client: how the window grows, and what becomes of a segment that nothing is in use of. What is mapped, is so on both
 * sides. */
#include "client/window_parts.h"

#include <errno.h>

#define MIB (UINT64_C(1) << 20)
/* A 32-bit Windows program has 2 GiB of addresses, and much of that is taken. */
#define LIMIT_OF_WINDOWS (2048 * MIB)
#define BYTES_MAX_OF_WINDOWS (256 * MIB)
enum { PLACES_OF_WINDOWS = 8 };

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

/* What Wine's own programs have somewhere above is not known here: attempts begin in the lower half. */
static int map_low(const struct fc_session *session, int fd, uint64_t size_bytes, unsigned attempt,
                   uint64_t *ret_base) {
    return session->callee->is_windows
               ? fc__os_memory_map_below(LIMIT_OF_WINDOWS, fd, size_bytes, attempt % PLACES_OF_WINDOWS, ret_base)
               : fc__os_memory_map_low(fd, size_bytes, attempt, ret_base);
}

int fc__window_map_low(const struct fc_session *session, int fd, uint64_t size_bytes, unsigned attempt,
                       uint64_t *ret_base) {
    int rc = map_low(session, fd, size_bytes, attempt, ret_base);
    if (rc == -ENOMEM && fc__spares_drop(NULL)) { /* they are kept for want of a better use */
        rc = map_low(session, fd, size_bytes, attempt, ret_base);
    }
    return rc;
}

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

static bool map_here(int fd, uint64_t base, uint64_t size_bytes) {
    return fc__os_memory_map(fd, base, size_bytes) == 0 ||
           (fc__spares_drop(NULL) && fc__os_memory_map(fd, base, size_bytes) == 0);
}

/* Maps at a place of the caller's choice, then asks the host to follow; or the other way round where the host is the
 * side with less room. */
static int map_on_both(struct fc_session *session, int fd, uint64_t size_bytes, uint64_t *ret_base) {
    int rc = -ENOMEM;
    for (unsigned attempt = 0; attempt < FC__WINDOW_PLACE_ATTEMPTS; attempt++) {
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
        if (base != 0 && base <= UINT32_MAX - size_bytes && map_here(fd, base, size_bytes)) {
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

static bool has_room_locked(const struct fc_session *session, uint64_t size_bytes) {
    return size_bytes <= room_locked(session) && !is_full_locked(&session->window);
}

/* Out of the window, and of the host. */
static void shelve_locked(struct fc_session *session, struct fc__segment *segment) {
    withdraw_locked(&session->window, segment);
    if (is_up(session)) {
        request_unmap(session, segment->base);
    }
    fc__spares_use(segment);
    if (session->window.is_private) { /* it may have pages, and is not shareable */
        fc__segment_free(segment);
    } else {
        fc__spares_shelve(&session->window, segment);
    }
}

static void shelve_spares_locked(struct fc_session *session) {
    struct fc__window *window = &session->window;
    for (unsigned i = 1; i < window->count; i++) {
        if (window->segments[i] != NULL && window->segments[i]->is_spare) {
            shelve_locked(session, window->segments[i]);
        }
    }
}

/* The smallest that has the room. */
static struct fc__segment *find_spare_locked(const struct fc__window *window, uint64_t need_bytes) {
    struct fc__segment *best = NULL;
    for (unsigned i = 1; i < window->count; i++) {
        struct fc__segment *segment = window->segments[i];
        if (segment != NULL && segment->is_spare && fc__segment_usable(segment) >= need_bytes &&
            (best == NULL || segment->size_bytes < best->size_bytes)) {
            best = segment;
        }
    }
    return best;
}

/* From the shelf, if the host has still, or again, room where it lies. */
static struct fc__segment *attach_locked(struct fc_session *session, uint64_t need_bytes) {
    struct fc__segment *segment;
    while ((segment = fc__spares_take(&session->window, need_bytes)) != NULL) {
        uint64_t base = segment->base;
        if (!has_room_locked(session, segment->size_bytes)) {
            shelve_spares_locked(session);
        }
        int rc = has_room_locked(session, segment->size_bytes) ? 0 : -ENOMEM;
        if (rc == 0 && is_up(session)) {
            rc = request_map(session, segment->fd, segment->size_bytes, &base);
            rc = rc == -EPIPE || !is_up(session) ? 0 : rc; /* it has gone: the next one follows when it starts */
        }
        if (rc == 0) {
            fc__window_publish_locked(&session->window, segment);
            return segment;
        }
        fc__segment_free(segment);
    }
    return NULL;
}

/* A new one takes the place of all spare ones, none of which is large enough: so what calls of different sizes need
 * comes to rest with a few large ones. */
static struct fc__segment *grow_locked(struct fc_session *session, uint64_t need_bytes) {
    uint64_t sizes[] = {need_bytes + PAGE > FC__WINDOW_FURTHER_BYTES ? need_bytes + PAGE : FC__WINDOW_FURTHER_BYTES,
                        need_bytes + PAGE};
    shelve_spares_locked(session);
    fc__spares_drop(&session->window);
    for (int i = 0; i < 2; i++) {
        int fd = -1;
        uint64_t base = 0;
        uint64_t size_bytes = (sizes[i] + 0xffff) & ~UINT64_C(0xffff);
        if (!has_room_locked(session, size_bytes)) {
            continue;
        }
        if (fc__os_memory_new(size_bytes, &fd) != 0) {
            return NULL;
        }
        if (map_on_both(session, fd, size_bytes, &base) == 0) {
            struct fc__segment *segment = fc__segment_new(size_bytes, fd, base);
            if (segment != NULL) {
                fc__window_publish_locked(&session->window, segment);
                return segment;
            }
            fc__os_memory_unmap(base, size_bytes);
        }
        fc__os_close(&fd);
    }
    return NULL;
}

struct fc__segment *fc__window_segment_locked(struct fc_session *session, uint64_t need_bytes) {
    struct fc__segment *segment = find_spare_locked(&session->window, need_bytes);
    segment = segment != NULL ? segment : attach_locked(session, need_bytes);
    return segment != NULL ? segment : grow_locked(session, need_bytes);
}

void fc__window_spare_locked(struct fc_session *session, struct fc__segment *segment) {
    if (!session->window.is_private) {
        fc__os_memory_discard(segment->fd, 0, fc__segment_usable(segment)); /* what was cleared by hand, too */
    }
    if (!fc__spares_stay(segment)) {
        shelve_locked(session, segment);
    }
}

int fc__window_map_all(struct fc_session *session) {
    struct fc__window *window = &session->window;
    int rc = 0;
    pthread_mutex_lock(&window->lock);
    shelve_spares_locked(session); /* the host is asked for them when they are wanted */
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
