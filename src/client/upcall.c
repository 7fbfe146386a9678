/* client: upcalls as they come over a channel: the caller's function runs, and its answer goes back. */
#include "client/upcall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How long a jump out of an upcall waits for the host's thread to follow. */
#define UNWIND_LIMIT_NS UINT64_C(10000000000)

/* Words of the library for the log. In a signal handler there is none. */
static __attribute__((noinline)) int take_words(struct fc__channel *channel) {
    const int errno_before = errno;
    char piece[FC__FRAME_LINE_BYTES + 1];
    memcpy(piece, channel->line->words, FC__FRAME_LINE_BYTES);
    piece[FC__FRAME_LINE_BYTES] = '\0';
    const size_t len = strlen(piece), room = sizeof channel->said - 1 - channel->said_len;
    memcpy(channel->said + channel->said_len, piece, len < room ? len : room);
    channel->said_len += len < room ? len : room;
    if (len < FC__FRAME_LINE_BYTES) {
        while (channel->said_len > 0 && strchr("\r\n", channel->said[channel->said_len - 1]) != NULL) {
            channel->said_len--;
        }
        channel->said[channel->said_len] = '\0';
        channel->said_len = 0;
        if (!channel->is_spare) {
            fc__session_log(channel->session, "a library says: %s", channel->said);
        }
    }
    errno = errno_before;
    return FC_OK;
}

static inline int run_entry(struct fc__channel *channel, const struct fc__callback_entry *entry, uint32_t which,
                            struct fc__own *owns) {
    const struct fc__callback *callback = entry->callback;
    if (callback->takes_numbers &&
        __builtin_expect(!channel->is_exposed, 1)) { /* else calls of the function's need room */
        return fc__upcall_run_numbers(channel, entry);
    }
    /* What outlives calls stands for something else on this side. */
    const bool has_lasting = atomic_load_explicit(&channel->session->book.lasting_count, memory_order_relaxed) != 0;
    const bool is_light = callback->lights != NULL && !channel->is_exposed && !has_lasting;
    const int rc = __builtin_expect(is_light, 1) ? fc__upcall_run_short(channel, entry, which, owns) : FC__UPCALL_LONG;
    return __builtin_expect(rc == FC__UPCALL_LONG, 0) ? fc__upcall_run_long(channel, entry, which) : rc;
}

/* What the host calls. It calls mostly what it has called before: an entry stays where it is. */
static inline const struct fc__callback_entry *find_entry(struct fc__channel *channel, uint64_t id) {
    const struct fc__callback_entry *entry = channel->called;
    if (__builtin_expect(entry == NULL || channel->called_id != id || !fc__callback_is_live(entry, channel->generation),
                         0)) {
        entry = channel->called = fc__callbacks_find(channel, id);
        channel->called_id = id;
    }
    return entry;
}

/* The upcalls of a call: how its channel is before and after each. */
struct upcalls_in_progress {
    struct fc__channel *channel;
    uint32_t generation, depth;
    struct fc__scratch_mark mark;
    struct fc__own owns[FC__UPCALL_OWNS];
};

static inline int run_and_answer(struct fc__channel *channel, struct fc__own *owns) {
    const uint64_t value = channel->line->value;
    const uint64_t id = value & ~FC__FRAME_GATHERED_VALUE(0, UINT32_MAX);
    const struct fc__callback_entry *entry = find_entry(channel, id);
    if (__builtin_expect(entry == NULL, 0)) {
        return id == FC__WIRE_UPCALL_LOG ? take_words(channel) : FC_EPROTO;
    }
    int rc = run_entry(channel, entry, FC__FRAME_GATHERED(value), owns);
    if (__builtin_expect(atomic_load_explicit(&entry->once, memory_order_relaxed) != 0, 0) && !channel->is_spare) {
        fc__callbacks_let_go(channel->session, (uint32_t)id, true);
    }
    return rc;
}

/* -- the way there and back ---------------------------------------------------------------------------------------- */

void fc__channel_forget_failure(struct fc__channel *channel) {
    if (channel->failure_depth >= channel->depth) {
        channel->upcall_failure = FC_OK;
    }
}

/* The caller's function jumped out of the upcall, over the call that it came from, or ended its thread: so does the
 * host's thread. */
static void leave_call(void *data) {
    const struct upcalls_in_progress *upcalls = data;
    struct fc__channel *channel = upcalls->channel;
    if (fc__upcall_depth(channel) == upcalls->depth) { /* in none of them */
        return;
    }
    atomic_store_explicit(&channel->is_busy, true, memory_order_release);
    fc__upcall_set_depth(channel, upcalls->depth);
    fc__channel_release(channel, &upcalls->mark);
    if (channel->crossing != NULL && channel->crossing->depth == upcalls->depth) {
        fc__channel_cross_end(channel);
    }
    fc__channel_forget_failure(channel);
    if (channel->generation == upcalls->generation &&
        fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_UNWIND) &&
        FC__WIRE_OP(fc__wire_wait(channel->line, 0, &channel->waiter, fc__os_now_ns() + UNWIND_LIMIT_NS)) !=
            FC__WIRE_OP_DONE) {
        fc__channel_lose_host(channel, "it was ended because a function of the caller left it by a jump or ended its "
                                       "thread, where the library's code cannot be left");
    }
    fc__channel_leave(channel);
}

FC__OS_ESCAPES int fc__channel_serve_upcalls(struct fc__channel *channel, uint64_t *inout_deadline_ns,
                                             uint32_t *ret_turn) {
    struct upcalls_in_progress upcalls; /* not cleared: that takes longer than some upcalls */
    upcalls.channel = channel;
    upcalls.generation = channel->generation;
    upcalls.depth = fc__upcall_depth(channel);
    upcalls.mark = fc__channel_mark(channel);
    for (unsigned i = 0; i < FC__UPCALL_OWNS; i++) {
        upcalls.owns[i].bytes = 0;
    }
    struct fc__os_escape escape;
    enum fc__wire_awaited awaited = FC__WIRE_AWAITED_REST;
    int rc;
    fc__os_escape_push(&escape, leave_call, &upcalls);
    do {
        rc = run_and_answer(channel, upcalls.owns);
        if (rc == FC_OK && !fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_RETURN)) {
            rc = FC_EDIED;
        }
        if (rc != FC_OK || ret_turn == NULL) {
            break;
        }
        if (*inout_deadline_ns != 0) {
            *inout_deadline_ns += channel->in_functions_ns;
        }
        *ret_turn = fc__wire_wait_for(channel->line, 0, &channel->waiter, *inout_deadline_ns, awaited);
        awaited = FC__WIRE_AWAITED_MORE;
    } while (fc__channel_is_upcall(*ret_turn) && (*inout_deadline_ns == 0 || fc__os_now_ns() < *inout_deadline_ns));
    fc__os_escape_pop(&escape);
    return rc;
}

int fc__channel_upcall_failure(struct fc__channel *channel, struct fc__error *err) {
    const int failure = channel->upcall_failure;
    if (failure == FC_OK || channel->failure_depth != channel->depth) {
        return FC_OK;
    }
    channel->upcall_failure = FC_OK;
    return fc__error_set(err, failure, "in an upcall: %s", channel->upcall_text);
}

void fc__channel_log_upcall_failure(struct fc__channel *channel) {
    if (channel->upcall_failure != FC_OK && channel->failure_depth == channel->depth) {
        channel->upcall_failure = FC_OK;
        fc__session_log(channel->session, "in an upcall: %s", channel->upcall_text);
    }
}
