/* client: segments of windows that nothing is in use of, kept for the next call that is as large: some where they are,
 * in the caller and in the host, others only in the caller, on a shelf. A host has to be asked for those again, but its
 * library has the addresses meanwhile; and another session that finds none has them, too. None has pages. */
#include "client/window_parts.h"

/* Of all sessions. Address space is dear in 32-bit callers. */
#define IN_PLACE_BYTES_MAX (4 * FC__WINDOW_FURTHER_BYTES)
#define BYTES_MAX ((sizeof(void *) == 8 ? UINT64_C(2048) : UINT64_C(256)) << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fc__segment *shelf;
static uint64_t in_place_bytes, shelf_bytes;

bool fc__spares_stay(struct fc__segment *segment) {
    pthread_mutex_lock(&lock);
    const uint64_t bytes = in_place_bytes + segment->size_bytes;
    segment->is_spare = bytes <= IN_PLACE_BYTES_MAX && bytes + shelf_bytes <= BYTES_MAX;
    in_place_bytes += segment->is_spare ? segment->size_bytes : 0;
    pthread_mutex_unlock(&lock);
    return segment->is_spare;
}

void fc__spares_use(struct fc__segment *segment) {
    if (segment->is_spare) {
        pthread_mutex_lock(&lock);
        in_place_bytes -= segment->size_bytes;
        segment->is_spare = false;
        pthread_mutex_unlock(&lock);
    }
}

void fc__spares_shelve(const struct fc__window *window, struct fc__segment *segment) {
    fc__os_memory_dump(segment->base, segment->size_bytes, false);
    pthread_mutex_lock(&lock);
    const bool is_kept = in_place_bytes + shelf_bytes + segment->size_bytes <= BYTES_MAX;
    if (is_kept) {
        segment->shelved_by = window;
        segment->next_on_shelf = shelf;
        shelf = segment;
        shelf_bytes += segment->size_bytes;
    }
    pthread_mutex_unlock(&lock);
    if (!is_kept) {
        fc__segment_free(segment);
    }
}

static struct fc__segment *unlink_locked(struct fc__segment **link) {
    struct fc__segment *segment = *link;
    *link = segment->next_on_shelf;
    shelf_bytes -= segment->size_bytes;
    return segment;
}

struct fc__segment *fc__spares_take(const struct fc__window *window, uint64_t need_bytes) {
    struct fc__segment **best = NULL;
    pthread_mutex_lock(&lock);
    for (struct fc__segment **link = &shelf; *link != NULL; link = &(*link)->next_on_shelf) {
        if ((*link)->shelved_by == window && fc__segment_usable(*link) >= need_bytes &&
            (best == NULL || (*link)->size_bytes < (*best)->size_bytes)) {
            best = link;
        }
    }
    struct fc__segment *segment = best != NULL ? unlink_locked(best) : NULL;
    pthread_mutex_unlock(&lock);
    if (segment != NULL) {
        fc__os_memory_dump(segment->base, segment->size_bytes, true);
    }
    return segment;
}

static bool drop_locked(const struct fc__window *window) {
    bool any = false;
    for (struct fc__segment **link = &shelf; *link != NULL;) {
        if (window == NULL || (*link)->shelved_by == window) {
            fc__segment_free(unlink_locked(link));
            any = true;
        } else {
            link = &(*link)->next_on_shelf;
        }
    }
    return any;
}

bool fc__spares_drop(const struct fc__window *window) {
    pthread_mutex_lock(&lock);
    const bool any = drop_locked(window);
    pthread_mutex_unlock(&lock);
    return any;
}

void fc__spares_before_fork(void) {
    pthread_mutex_lock(&lock);
}

void fc__spares_after_fork(bool is_child) {
    if (is_child) { /* the parent goes on writing there */
        drop_locked(NULL);
    }
    pthread_mutex_unlock(&lock);
}
