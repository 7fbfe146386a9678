/* client: what the two ways of an upcall share: the short one, straight from frame to frame (upcall_short.c), and the long one,
 * which marshals (upcall_long.c).
 * Runs in: the caller.  Threads: an upcall belongs to one.
 * Does not: concern anyone else. */
#ifndef FC_CLIENT_UPCALL_H
#define FC_CLIENT_UPCALL_H

#include "abi/own.h"
#include "client/client.h"

#include <errno.h>

/* Only its thread writes it: no need for a locked instruction. */
static inline uint32_t fc__upcall_depth(const struct fc__channel *channel) {
    return atomic_load_explicit(&channel->depth, memory_order_relaxed);
}

static inline void fc__upcall_set_depth(struct fc__channel *channel, uint32_t depth) {
    atomic_store_explicit(&channel->depth, depth, memory_order_release);
}

/* Around the caller's function, which finds errno as the library has it; returns what fc__upcall_leave wants. */
static inline uint64_t fc__upcall_enter(struct fc__channel *channel, int error, int *ret_errno_before) {
    const uint64_t entered_ns = channel->limit_ns != 0 ? fc__os_now_ns() : 0;
    /* First, so that the session is not taken for idle in between. */
    fc__upcall_set_depth(channel, fc__upcall_depth(channel) + 1);
    atomic_store_explicit(&channel->is_busy, false, memory_order_release); /* the function may call */
    *ret_errno_before = errno;
    errno = fc__channel_errno(channel, error, false);
    return entered_ns;
}

/* Returns errno as the function left it. */
static inline int fc__upcall_leave(struct fc__channel *channel, uint64_t entered_ns, int errno_before) {
    const int error = fc__channel_errno(channel, errno, true);
    errno = errno_before;
    atomic_store_explicit(&channel->is_busy, true, memory_order_release);
    fc__upcall_set_depth(channel, fc__upcall_depth(channel) - 1);
    if (__builtin_expect(entered_ns != 0, 0)) {
        channel->in_functions_ns = fc__os_now_ns() - entered_ns;
    }
    return error;
}

/* What came with the frame, in the line: of pointer `index` of those that the trampoline gathers. NULL if nothing did, or
 * what the host says makes no sense. A text has its NUL, or had. `which`: FC__FRAME_GATHERED. */
static inline const unsigned char *fc__upcall_gathered(const struct fc__channel *channel,
                                                       const struct fc__callback_entry *entry, uint32_t which,
                                                       uint32_t index, uint32_t *ret_bytes) {
    const struct fc__gathered_places *places = &entry->gathered;
    const unsigned char *const words = (const unsigned char *)channel->line->words;
    uint32_t at = places->at[index];
    if ((which >> index & 1) == 0) {
        return NULL;
    }
    *ret_bytes = places->gathers.each[index].size_bytes;
    if (__builtin_expect(*ret_bytes <= FC__FRAME_GATHERED_BYTES, 1)) {
        return words + at;
    }
    for (uint32_t i = 0; i <= index && at < places->end; i++) {
        if (places->gathers.each[i].size_bytes != FC__GATHER_TEXT || (which >> i & 1) == 0) {
            continue;
        }
        const uint32_t bytes = (uint32_t)strnlen((const char *)words + at, places->end - at) + 1;
        if (i == index) {
            *ret_bytes = bytes;
            return bytes <= places->end - at ? words + at : NULL;
        }
        at += (bytes + 7) & ~7u;
    }
    return NULL;
}

/* upcall_short.c: FC_OK, FC_EDIED, FC_EPROTO if the function is let go, or FC__UPCALL_LONG if it takes more. `owns`: where pointers into what a call has sent
 * led the last time; 0 bytes: nowhere. */
enum { FC__UPCALL_LONG = 1, FC__UPCALL_OWNS = 2 };
int fc__upcall_run_short(struct fc__channel *channel, const struct fc__callback_entry *entry, uint32_t which,
                         struct fc__own *owns);
/* The same for functions that are only passed numbers; always short. */
int fc__upcall_run_numbers(struct fc__channel *channel, const struct fc__callback_entry *entry);
/* upcall_long.c: FC_OK, with the answer in the line, FC_EDIED, FC_EPROTO as above. */
int fc__upcall_run_long(struct fc__channel *channel, const struct fc__callback_entry *entry, uint32_t which);

#endif
