/* client: the short way of calls for generated code, which writes the line itself (<farcall/proxy.h>). */
#include "client/client.h"

#include <errno.h>
#include <farcall/proxy.h>

_Static_assert(sizeof(struct fc_proxy_line) == sizeof(struct fc_wire_line) &&
                   offsetof(struct fc_proxy_line, words) == offsetof(struct fc_wire_line, words),
               "what generated code knows of the wire");

struct fc_proxy_lane fc_proxy_begin(struct fc_function *function, uint32_t info) {
    static const struct fc_proxy_lane none = {NULL, NULL};
    const struct fc__recent recent = fc__recent_read(&fc__channel_recent);
    struct fc__channel *channel = recent.channel;
    if (function == NULL || recent.session_id != function->session_id ||
        atomic_load_explicit(&channel->is_busy, memory_order_relaxed) || function->plan->info != info ||
        !function->plan->is_short) {
        return none;
    }
    struct fc_wire_line *line = channel->line;
    fc__wire_claim(line);
    atomic_store_explicit(&channel->is_busy, true, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst); /* a signal handler that calls sees that first */
    if (atomic_load_explicit(&function->short_generation, memory_order_acquire) != channel->generation) {
        atomic_store_explicit(&channel->is_busy, false, memory_order_relaxed);
        return none;
    }
    line->info = info;
    line->value = atomic_load_explicit(&function->address, memory_order_relaxed);
    return (struct fc_proxy_lane){(struct fc_proxy_line *)(void *)line, channel};
}

int fc_proxy_end(struct fc_function *function, struct fc_proxy_lane lane, uint64_t *ret_value) {
    struct fc__channel *channel = lane.channel;
    const struct fc_wire_line *line = channel->line;
    const uint32_t generation = channel->generation;
    bool sent;
    int rc = fc__channel_transact(channel, FC__WIRE_OP_CALL, &sent, NULL);
    if (__builtin_expect(rc == FC_OK, 1)) {
        const int error = (int)line->info;
        if (__builtin_expect(error != 0, 0)) {
            errno = fc__channel_errno(channel, error, false);
        }
        if (__builtin_expect(channel->upcall_failure != FC_OK, 0)) {
            rc = fc__channel_upcall_failure(channel, fc__error_here());
        }
        if (__builtin_expect(rc == FC_OK, 1)) {
            *ret_value = line->value;
        }
    } else if (!sent) {
        rc = FC_PROXY_AGAIN;
    } else if (rc == FC_EDIED) {
        rc = fc__call_died(function, channel, generation);
    }
    fc__channel_leave(channel);
    return rc;
}
