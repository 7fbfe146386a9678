/* host: the heap's pages. Free runs are kept by length; used ones and untouched (zero) ones apart, so that used memory
 * is used again first, and what is zero is known to be. Beyond a measure, used memory goes back to the system. */
#include "host/heap.h"

#include <errno.h>

enum {
    EXACT = 32, /* bins for each length up to this; four for each doubling beyond */
    BINS = EXACT + 4 * 20,
    LOOKS = 32,             /* at runs that may be too short, before longer ones are cut */
    DIRTY_PAGES_MIN = 1024, /* kept in any case */
    DIRTY_PART = 8,         /* of what is in use */
    LONG_PAGES_MIN = 256,   /* runs that are kept the next time if they are wanted again */
    LONG_PAGES_MAX = 8192,
    DUMP_BYTES = 4 << 20, /* core dumps learn of the area in these steps */
};

struct fc__heap_area fc__heap_area;

static struct fc__os_lock lock;
static struct fc__page *bins[2][BINS]; /* untouched, dirty */
static uint64_t filled[2][(BINS + 63) / 64];
static uint32_t page_count, used_pages, dirty_pages;
static uint32_t dirty_min = DIRTY_PAGES_MIN, longest_purged;
static uint64_t reach_bytes, dumped_bytes;
static bool is_private, keeps_dirty;

static uint32_t number_of(const struct fc__page *page) {
    return (uint32_t)(page - fc__heap_area.pages);
}

static unsigned bin_of(uint32_t count) {
    if (count <= EXACT) {
        return count - 1;
    }
    const unsigned log = 31u - (unsigned)__builtin_clz(count - 1);
    return EXACT + (log - 5) * 4 + (unsigned)((count - 1 - (UINT32_C(1) << log)) >> (log - 2));
}

static void put_in_bin(struct fc__page *run) {
    const unsigned bin = bin_of(run->count);
    struct fc__page **head = &bins[run->is_dirty][bin];
    run->before = NULL;
    run->after = *head;
    if (*head != NULL) {
        (*head)->before = run;
    }
    *head = run;
    filled[run->is_dirty][bin / 64] |= UINT64_C(1) << bin % 64;
    dirty_pages += run->is_dirty ? run->count : 0;
}

static void take_from_bin(struct fc__page *run) {
    const unsigned bin = bin_of(run->count);
    if (run->before != NULL) {
        run->before->after = run->after;
    } else {
        bins[run->is_dirty][bin] = run->after;
    }
    if (run->after != NULL) {
        run->after->before = run->before;
    }
    if (bins[run->is_dirty][bin] == NULL) {
        filled[run->is_dirty][bin / 64] &= ~(UINT64_C(1) << bin % 64);
    }
    dirty_pages -= run->is_dirty ? run->count : 0;
}

/* Writes both ends of a run, the first one last: a run of one page is both. */
static void mark(struct fc__page *first, uint32_t count, enum fc__page_kind kind, enum fc__page_kind end_kind) {
    struct fc__page *last = first + count - 1;
    last->kind = (uint8_t)end_kind;
    last->first = number_of(first);
    first->kind = (uint8_t)kind;
    first->first = number_of(first);
    first->count = count;
}

/* Joins the run, which is in no bin, with its free neighbours that are as dirty as it is. */
static void put_free(struct fc__page *run, uint32_t count, bool is_dirty) {
    struct fc__page *next = run + count;
    if (number_of(next) < page_count && next->kind == FC__PAGE_FREE && next->is_dirty == is_dirty) {
        take_from_bin(next);
        run[count - 1].kind = next->kind = FC__PAGE_INSIDE;
        count += next->count;
    }
    struct fc__page *before = run - 1;
    if (run != fc__heap_area.pages && (before->kind == FC__PAGE_FREE_END || before->kind == FC__PAGE_FREE)) {
        struct fc__page *first = &fc__heap_area.pages[before->first];
        if (first->is_dirty == is_dirty) {
            take_from_bin(first);
            if (before != first) {
                before->kind = FC__PAGE_INSIDE;
            }
            run->kind = FC__PAGE_INSIDE;
            count += first->count;
            run = first;
        }
    }
    mark(run, count, FC__PAGE_FREE, FC__PAGE_FREE_END);
    run->is_dirty = is_dirty;
    put_in_bin(run);
}

/* Gives the pages of a dirty run back. False if the system does not take them. */
static bool purge(struct fc__page *run) {
    const uint32_t count = run->count;
    if (fc__os_memory_clear((uintptr_t)fc__heap_memory_of(run), (uint64_t)count * FC__OS_PAGE_BYTES, is_private) != 0) {
        return false;
    }
    longest_purged = count > longest_purged ? count : longest_purged;
    take_from_bin(run);
    put_free(run, count, false);
    return true;
}

/* Long runs first: they cost least for what they give. */
static void purge_until(uint32_t most) {
    for (unsigned bin = BINS; bin-- > 0 && dirty_pages > most;) {
        while (bins[1][bin] != NULL && dirty_pages > most) {
            if (!purge(bins[1][bin])) {
                keeps_dirty = true;
                return;
            }
        }
    }
}

static struct fc__page *find_in_bins(bool is_dirty, uint32_t count) {
    const unsigned own = bin_of(count);
    struct fc__page *run = bins[is_dirty][own];
    for (unsigned looks = 0; run != NULL && looks < LOOKS; looks++, run = run->after) {
        if (run->count >= count) {
            return run;
        }
    }
    for (unsigned bin = own + 1; bin < BINS; bin = (bin / 64 + 1) * 64) { /* any of those has room */
        const uint64_t rest = filled[is_dirty][bin / 64] >> bin % 64;
        if (rest != 0) {
            return bins[is_dirty][bin + (unsigned)__builtin_ctzll(rest)];
        }
    }
    while (run != NULL && run->count < count) {
        run = run->after;
    }
    return run;
}

static struct fc__page *find(uint32_t count) {
    struct fc__page *run = find_in_bins(true, count);
    return run != NULL ? run : find_in_bins(false, count);
}

static void reached(const struct fc__page *end) {
    const uint64_t bytes = (uint64_t)number_of(end) * FC__OS_PAGE_BYTES;
    reach_bytes = bytes > reach_bytes ? bytes : reach_bytes;
    if (reach_bytes > dumped_bytes) {
        uint64_t to = (reach_bytes + DUMP_BYTES - 1) / DUMP_BYTES * DUMP_BYTES;
        to = to < fc__heap_area.size_bytes ? to : fc__heap_area.size_bytes;
        fc__os_memory_dump(fc__heap_area.base + dumped_bytes, to - dumped_bytes, true);
        dumped_bytes = to;
    }
}

/* Takes `count` pages out of a free run, `skip` pages behind its beginning. */
static struct fc__page *cut(struct fc__page *run, uint32_t skip, uint32_t count) {
    const uint32_t rest = run->count - skip - count;
    const bool is_dirty = run->is_dirty;
    struct fc__page *taken = run + skip;
    take_from_bin(run);
    mark(taken, count, FC__PAGE_RUN, FC__PAGE_RUN_END);
    if (skip != 0) {
        put_free(run, skip, is_dirty);
    }
    if (rest != 0) {
        put_free(taken + count, rest, is_dirty);
    }
    used_pages += count;
    reached(taken + count);
    return taken;
}

/* A buffer that comes and goes would cost a fault for each of its pages each time. */
static void learn(uint32_t count) {
    if (count >= LONG_PAGES_MIN && count <= LONG_PAGES_MAX && count <= longest_purged) {
        const uint32_t wanted = DIRTY_PAGES_MIN + count + count / 4;
        dirty_min = wanted > dirty_min ? wanted : dirty_min;
    }
}

static uint32_t pages_to(const struct fc__page *run, uint32_t align) {
    const uint64_t at = fc__heap_area.base / FC__OS_PAGE_BYTES + number_of(run);
    return (uint32_t)((align - at % align) % align);
}

struct fc__page *fc__pages_take(uint32_t count, uint32_t align, bool *ret_is_zero) {
    const uint64_t need = (uint64_t)count + align - 1;
    if (need > page_count) {
        return NULL;
    }
    const uint32_t wanted = (uint32_t)need;
    fc__os_lock(&lock);
    struct fc__page *run = find(wanted);
    if (run == NULL && dirty_pages != 0 && !keeps_dirty) { /* together they may be enough */
        purge_until(0);
        run = find(wanted);
    }
    if (run != NULL) {
        *ret_is_zero = !run->is_dirty;
        if (!run->is_dirty) {
            learn(count);
        }
        run = cut(run, pages_to(run, align), count);
    }
    fc__os_unlock(&lock);
    return run;
}

static void settle_dirty(void) {
    const uint32_t most = dirty_min + used_pages / DIRTY_PART;
    if (dirty_pages > most && !keeps_dirty) {
        purge_until(most / 2);
    }
}

void fc__pages_give(struct fc__page *run) {
    fc__os_lock(&lock);
    used_pages -= run->count;
    put_free(run, run->count, true);
    settle_dirty();
    fc__os_unlock(&lock);
}

static bool lengthen(struct fc__page *run, uint32_t count) {
    const uint32_t more = count - run->count;
    struct fc__page *next = run + run->count;
    if (number_of(next) >= page_count || next->kind != FC__PAGE_FREE || next->count < more) {
        return false;
    }
    cut(next, 0, more);
    run[run->count - 1].kind = next->kind = FC__PAGE_INSIDE;
    mark(run, count, FC__PAGE_RUN, FC__PAGE_RUN_END);
    return true;
}

static void shorten(struct fc__page *run, uint32_t count) {
    const uint32_t rest = run->count - count;
    mark(run, count, FC__PAGE_RUN, FC__PAGE_RUN_END);
    used_pages -= rest;
    put_free(run + count, rest, true);
    settle_dirty();
}

bool fc__pages_resize(struct fc__page *run, uint32_t count) {
    bool ok = true;
    fc__os_lock(&lock);
    if (count > run->count) {
        ok = lengthen(run, count);
    } else if (count < run->count) {
        shorten(run, count);
    }
    fc__os_unlock(&lock);
    return ok;
}

uint64_t fc__pages_reach(void) {
    return reach_bytes;
}
void fc__pages_lock(void) {
    fc__os_lock(&lock);
}
void fc__pages_unlock(void) {
    fc__os_unlock(&lock);
}
void fc__pages_privatise(bool is_whole) {
    is_private = true;
    keeps_dirty = keeps_dirty || !is_whole;
}

int fc__pages_init(uint64_t base, uint64_t size_bytes) {
    page_count = (uint32_t)(size_bytes / FC__OS_PAGE_BYTES);
    struct fc__page *pages = fc__os_memory_private((uint64_t)page_count * sizeof *pages);
    if (pages == NULL) {
        return -ENOMEM;
    }
    fc__os_memory_dump(base, size_bytes, false);
    fc__heap_area = (struct fc__heap_area){.base = (uintptr_t)base, .size_bytes = (size_t)size_bytes, .pages = pages};
    put_free(pages, page_count, false);
    return 0;
}
