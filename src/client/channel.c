/* client: channels, one for each calling thread and session. */
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Scratch beyond the channel's own block that a channel keeps between calls; anything larger goes back after each. */
#define KEPT_BYTES_MAX (UINT64_C(8) << 20)
/* How long a thread's end may wait for that of its thread in the host. */
#define END_LIMIT_NS UINT64_C(1000000000)
enum { ATTACH_ATTEMPTS = 3 };

/* -- making and serving -------------------------------------------------------------------------------------------- */

void fc__channel_free(struct fc__channel *channel) {
    for (uint32_t i = 0; i < channel->extra_count; i++) {
        fc__window_give(channel->session, channel->extra[i]);
    }
    fc__window_give(channel->session, channel->kept);
    fc__window_give(channel->session, channel->block);
    fc__returned_done(&channel->returned);
    fc__returned_done(&channel->returned_outside);
    fc__texts_done(&channel->texts);
    fc__objects_done(&channel->objects);
    fc__channel_close_bells(channel);
    free(channel->extra);
    free(channel);
}

static void unlink_and_free(struct fc_session *session, struct fc__channel *channel) {
    pthread_mutex_lock(&session->channels_lock);
    for (struct fc__channel **link = &session->channels; *link != NULL; link = &(*link)->next_in_session) {
        if (*link == channel) {
            *link = channel->next_in_session;
            break;
        }
    }
    pthread_mutex_unlock(&session->channels_lock);
    fc__channel_free(channel);
}

/* The host's thread is idle, and answers before it ends: the block is then nobody's. One that does not answer may do so
 * later, as when it was stopped: its channel stays until the session is closed. */
static bool end_host_thread(struct fc__channel *channel) {
    return channel->generation == 0 || !channel->is_announced ||
           !fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_END) ||
           fc__wire_is_mine(fc__wire_wait(channel->line, 0, &channel->waiter, fc__os_now_ns() + END_LIMIT_NS), 0);
}

void fc__channel_end(struct fc_session *session, void *data) {
    struct fc__channel *channel = data, *spare = channel->spare;
    channel->spare = NULL;
    if (spare != NULL && end_host_thread(spare)) {
        unlink_and_free(session, spare);
    }
    if (end_host_thread(channel)) {
        unlink_and_free(session, channel);
    }
}

static struct fc__channel *channel_bare(struct fc_session *session) {
    struct fc__channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL) {
        return NULL;
    }
    channel->session = channel->texts.session = session;
    channel->owner = pthread_self();
    channel->limit_ns = session->options.deadline_ms * UINT64_C(1000000);
    channel->block = fc__window_take(session, FC__WIRE_CHANNEL_BYTES + FC__CHANNEL_PLACES_BYTES);
    if (channel->block == NULL) {
        free(channel);
        return NULL;
    }
    channel->line = (struct fc_wire_line *)(uintptr_t)fc__span_base(channel->block);
    fc__wire_waiter_init(&channel->waiter, session->options.spin_us, fc__remote_quota_is_scarce());
    return channel;
}

static void link_channel(struct fc__channel *channel) {
    struct fc_session *session = channel->session;
    pthread_mutex_lock(&session->channels_lock);
    channel->next_in_session = session->channels;
    session->channels = channel;
    pthread_mutex_unlock(&session->channels_lock);
}

struct fc__channel *fc__channel_new(struct fc_session *session, bool is_dispatcher, struct fc__error *err) {
    struct fc__channel *channel = channel_bare(session);
    /* No signal handler runs in a dispatcher's thread. */
    struct fc__channel *spare = channel != NULL && !is_dispatcher ? channel_bare(session) : NULL;
    if (channel == NULL || (spare == NULL && !is_dispatcher)) {
        goto no_memory;
    }
    channel->is_dispatcher = is_dispatcher;
    if (!channel->waiter.cpus_are_scarce) {
        unsigned char *const places = (unsigned char *)channel->line;
        channel->line = (struct fc_wire_line *)(void *)(places + fc__channel_nearest(places));
    }
    channel->spare = spare;
    if (spare != NULL) {
        spare->is_spare = true;
    }
    if (!fc__thread_remember(channel)) {
        goto no_memory;
    }
    link_channel(channel);
    if (spare != NULL) {
        link_channel(spare);
    }
    return channel;
no_memory:
    if (spare != NULL) {
        fc__channel_free(spare);
    }
    if (channel != NULL) {
        fc__channel_free(channel);
    }
    fc__error_set(err, FC_ENOMEM,
                  "no memory for another channel: each thread that calls needs %u KiB that both sides see",
                  2 * (FC__WIRE_CHANNEL_BYTES + FC__CHANNEL_PLACES_BYTES) / 1024);
    return NULL;
}

void fc__channel_reset(struct fc__channel *channel) {
    fc__wire_reset(channel->line, &channel->waiter, 0);
}

void fc__channel_served_locked(struct fc__channel *channel, uint32_t generation) {
    struct fc__channel *spare = channel->spare;
    channel->generation = generation;
    channel->is_announced = true;
    if (spare != NULL) { /* readied here, where locks may be taken; announced when it is used */
        fc__channel_reset(spare);
        spare->is_announced = false;
        spare->generation = generation;
    }
}

/* -- bells --------------------------------------------------------------------------------------------------------- */

/* A host that is gone may linger, and a forked child has its parent's: two that wait at one bell take each other's
 * rings. */
static int renew_bells(struct fc__channel *channel) {
    int fresh[2] = {-1, -1};
    int rc = fc__os_bell_new_pipe(&fresh[0]);
    rc = rc == 0 ? fc__os_bell_new_pipe(&fresh[1]) : rc;
    if (rc != 0) {
        fc__os_close(&fresh[0]);
        return rc;
    }
    pthread_mutex_lock(&channel->session->channels_lock); /* others ring the first when the host dies */
    int old[2] = {channel->waiter.bell_wait, channel->waiter.bell_ring};
    channel->waiter.bell_wait = fresh[0];
    channel->waiter.bell_ring = fresh[1];
    pthread_mutex_unlock(&channel->session->channels_lock);
    fc__os_close(&old[0]);
    fc__os_close(&old[1]);
    return 0;
}

int fc__channel_renew_bells(struct fc__channel *channel, struct fc__error *err) {
    if (!channel->session->callee->is_windows) {
        return FC_OK;
    }
    int rc = renew_bells(channel);
    rc = rc == 0 && channel->spare != NULL ? renew_bells(channel->spare) : rc;
    return rc == 0 ? FC_OK : fc__error_set(err, FC_ESYS, "cannot make the pipes of a channel: %s", strerror(-rc));
}

void fc__channel_close_bells(struct fc__channel *channel) {
    fc__os_close(&channel->waiter.bell_wait);
    fc__os_close(&channel->waiter.bell_ring);
}

struct fc_wire_control fc__channel_announcement(const struct fc__channel *channel, enum fc__wire_control_kind kind) {
    const struct fc__wire_waiter *waiter = &channel->waiter;
    struct fc_wire_control message = {.kind = kind, .address = (uintptr_t)channel->line};
    if (waiter->bell_wait >= 0) { /* what one side rings is what the other waits at */
        message.size_bytes = (uint32_t)waiter->bell_ring | (uint64_t)(uint32_t)waiter->bell_wait << 32;
    }
    return message;
}

int fc__channel_attach(struct fc__channel *channel, uint32_t generation, struct fc__error *err) {
    struct fc_session *session = channel->session;
    int rc = fc__channel_renew_bells(channel, err);
    if (rc != FC_OK) {
        return rc;
    }
    const struct fc_wire_control message = fc__channel_announcement(channel, FC__WIRE_CONTROL_CHANNEL);
    /* Under the lock, so that a host that dies meanwhile either finds the channel or is found dead. */
    pthread_mutex_lock(&session->channels_lock);
    bool is_lost = session->remote.lost_generation == generation;
    if (!is_lost) {
        fc__channel_reset(channel);
        fc__channel_served_locked(channel, generation);
    }
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_lock(&session->control_lock);
    rc = is_lost ? -EPIPE : fc__os_control_send(session->remote.control_fd, &message, sizeof message, -1);
    pthread_mutex_unlock(&session->control_lock);
    if (rc != 0) {
        channel->generation = 0;
        return fc__remote_death_error(session, channel, generation, NULL, err);
    }
    return FC_OK;
}

/* The thread's channel is in flight: this is a signal handler, which may take no lock and no memory. */
static int enter_spare(struct fc__channel *interrupted, struct fc__channel **ret_channel, struct fc__error *err) {
    struct fc__channel *spare = interrupted->spare;
    const struct fc__remote *remote = &interrupted->session->remote;
    if (spare == NULL || atomic_load_explicit(&spare->is_busy, memory_order_relaxed)) {
        return fc__error_set(err, FC_EBUSY,
                             "this thread is already in a call of this session, and a signal handler of it in another");
    }
    if (spare->generation == 0 || spare->generation != atomic_load(&remote->generation) ||
        !atomic_load(&remote->is_up) ||
        (atomic_load_explicit(&spare->line->turn, memory_order_relaxed) & FC__WIRE_DEAD) != 0) {
        return fc__error_set(err, FC_EBUSY,
                             "this thread is in a call of this session whose host is being started or has died, so "
                             "that a signal handler cannot call");
    }
    atomic_store_explicit(&spare->is_busy, true, memory_order_relaxed);
    int rc = spare->is_announced ? 0 : fc__remote_announce_now(spare);
    if (rc != 0) {
        atomic_store_explicit(&spare->is_busy, false, memory_order_release);
        return fc__error_set(err, FC_EBUSY, "the host cannot be asked for a thread in a signal handler at this moment");
    }
    spare->is_announced = true;
    *ret_channel = spare;
    return FC_OK;
}

int fc__channel_enter_locked(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err) {
    if (session->is_closing) {
        return fc__error_set(err, FC_ECLOSED, "the session is being closed");
    }
    struct fc__channel *channel = fc__thread_find(session);
    if (channel == NULL) {
        channel = fc__channel_new(session, false, err);
        if (channel == NULL) {
            return FC_ENOMEM;
        }
    }
    if (atomic_load_explicit(&channel->is_busy, memory_order_relaxed)) {
        return fc__error_set(err, FC_EBUSY,
                             "this thread is already in a call of this session (a signal handler? It can only call)");
    }
    atomic_store_explicit(&channel->is_busy, true,
                          memory_order_relaxed); /* so that closing can end the waits in here */
    int rc = FC_OK;
    for (int attempt = 0; attempt < ATTACH_ATTEMPTS; attempt++) { /* a host may die before it hears of the channel */
        rc = fc__remote_ensure_locked(session, channel, err);
        uint32_t generation = atomic_load(&session->remote.generation);
        if (rc != FC_OK || channel->generation == generation) {
            break;
        }
        rc = fc__channel_attach(channel, generation, err);
        if (rc != FC_EDIED) {
            break;
        }
    }
    if (rc != FC_OK) {
        atomic_store_explicit(&channel->is_busy, false, memory_order_release);
        return session->is_closing ? fc__error_set(err, FC_ECLOSED, "the session was closed") : rc;
    }
    *ret_channel = channel;
    return FC_OK;
}

/* The same if that takes no more than a look: NULL otherwise. */
static struct fc__channel *enter_ready(struct fc_session *session, struct fc__channel *channel) {
    if (channel->generation != 0 &&
        channel->generation == atomic_load_explicit(&session->remote.generation, memory_order_relaxed) &&
        (atomic_load_explicit(&channel->line->turn, memory_order_relaxed) & FC__WIRE_DEAD) == 0) {
        atomic_store_explicit(&channel->is_busy, true, memory_order_relaxed);
        return channel;
    }
    return NULL;
}

int fc__channel_enter(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err) {
    struct fc__channel *channel = fc__thread_find(session);
    if (channel != NULL && atomic_load_explicit(&channel->is_busy, memory_order_relaxed)) {
        return enter_spare(channel, ret_channel, err);
    }
    struct fc__channel *ready = channel != NULL ? enter_ready(session, channel) : NULL;
    if (ready != NULL) {
        *ret_channel = ready;
        return FC_OK;
    }
    if (fc__session_is_locked_here()) {
        return fc__error_set(err, FC_EBUSY, "this thread is in a call that is not under way yet (a signal handler?)");
    }
    fc__session_lock(session);
    int rc = fc__channel_enter_locked(session, ret_channel, err);
    fc__session_unlock(session);
    return rc;
}

/* -- scratch ------------------------------------------------------------------------------------------------------- */

int fc__channel_scratch(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err) {
    unsigned char *const end = (unsigned char *)channel->line + FC__WIRE_MARKS_OFFSET;
    unsigned char *const first = (unsigned char *)channel->line + FC__CHANNEL_SCRATCH_OFFSET;
    unsigned char *const at = channel->mark != NULL && channel->mark > first ? channel->mark : first;
    const uint64_t rounded = (size + 15) & ~UINT64_C(15);
    if (rounded >= size && rounded <= (uint64_t)(end - at)) {
        *ret_memory = at;
        channel->mark = at + rounded;
        return FC_OK;
    }
    return fc__channel_grow(channel, rounded >= size ? rounded : size, ret_memory, err);
}

int fc__channel_grow(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err) {
    if (channel->is_spare) {
        return fc__error_set(err, FC_EBUSY,
                             "a call of a signal handler that interrupted another call has room for %u KiB only",
                             (FC__WIRE_MARKS_OFFSET - FC__CHANNEL_SCRATCH_OFFSET) / 1024);
    }
    channel->wanted += size;
    if (size <= (uint64_t)(channel->kept_end - channel->next)) {
        *ret_memory = channel->next;
        channel->next += size;
        return FC_OK;
    }
    if (channel->extra_count == channel->extra_capacity) {
        uint32_t capacity = channel->extra_capacity + 8;
        struct fc__span **extra = realloc(channel->extra, capacity * sizeof *extra);
        if (extra == NULL) {
            return fc__error_set(err, FC_ENOMEM, "out of memory");
        }
        channel->extra = extra;
        channel->extra_capacity = capacity;
    }
    struct fc__span *span = fc__window_take(channel->session, size);
    if (span == NULL) {
        return fc__error_set(
            err, FC_ENOMEM,
            "a buffer of %llu bytes finds no room that is free on both sides (%s has 4 GiB of addresses in all)",
            (unsigned long long)size, channel->session->callee->name);
    }
    channel->extra[channel->extra_count++] = span;
    *ret_memory = (unsigned char *)(uintptr_t)fc__span_base(span);
    return FC_OK;
}

void *fc__channel_private(struct fc__channel *channel, uint64_t size) {
    channel->wanted += channel->wanted == 0; /* it is settled when the channel is left */
    return fc__texts_take(&channel->texts, size, !channel->is_spare);
}

/* After a call that needed more than there was: gives the pieces back, and keeps one that would have done. */
void fc__channel_settle_scratch(struct fc__channel *channel) {
    for (uint32_t i = 0; i < channel->extra_count; i++) {
        fc__window_give(channel->session, channel->extra[i]);
    }
    if (channel->extra_count > 0 && channel->wanted <= KEPT_BYTES_MAX) {
        fc__window_give(channel->session, channel->kept);
        channel->kept = fc__window_take(channel->session, channel->wanted);
    }
    channel->extra_count = 0;
    if (channel->kept != NULL) {
        channel->next = (unsigned char *)(uintptr_t)fc__span_base(channel->kept);
        channel->kept_end = channel->next + fc__span_bytes(channel->kept);
    } else {
        channel->next = channel->kept_end = NULL;
    }
    fc__returned_forget(&channel->returned);
    fc__texts_release(&channel->texts, (struct fc__texts_mark){0});
    channel->wanted = 0;
}

/* -- asking -------------------------------------------------------------------------------------------------------- */

void fc__channel_lose_host(struct fc__channel *channel, const char *cause) {
    const int errno_before = errno;
    if (channel->is_spare) {
        /* What this thread does next must not reach it any more; others hear of it from the watching thread. */
        struct fc__channel *interrupted = fc__thread_find(channel->session);
        fc__remote_kill_now(channel);
        fc__wire_kill(channel->line, &channel->waiter);
        if (interrupted != NULL) {
            fc__wire_kill(interrupted->line, &interrupted->waiter);
        }
    } else {
        fc__remote_lost(channel->session, channel->generation, cause);
    }
    errno = errno_before;
}

static int overdue(struct fc__channel *channel, struct fc__error *err) {
    fc__channel_lose_host(channel, "it was ended because a call exceeded its deadline");
    return fc__error_set(err, FC_ETIMEDOUT,
                         "no answer within %u ms; the host was ended, since a running function cannot be taken back",
                         channel->session->options.deadline_ms);
}

void fc__channel_release(struct fc__channel *channel, const struct fc__scratch_mark *mark) {
    while (channel->extra_count > mark->extra_count) {
        fc__window_give(channel->session, channel->extra[--channel->extra_count]);
    }
    channel->mark = mark->mark;
    channel->next = mark->next;
    channel->wanted = mark->wanted | (channel->returned.all != NULL);
    fc__texts_release(&channel->texts, mark->texts);
}

void fc__channel_cross_begin(struct fc__channel *channel, struct fc__crossing *crossing) {
    *crossing = (struct fc__crossing){.depth = channel->depth,
                                      .object_count = channel->objects.count,
                                      .is_exposed = channel->is_exposed,
                                      .scratch = fc__channel_mark(channel),
                                      .outer = channel->crossing};
    channel->crossing = crossing;
}

void fc__channel_cross_end(struct fc__channel *channel) {
    const struct fc__crossing *crossing = channel->crossing;
    if (channel->depth != 0) {
        fc__channel_release(channel, &crossing->scratch);
    } else {
        channel->mark = crossing->scratch.mark; /* the rest is settled when the channel is left */
    }
    channel->is_exposed = crossing->is_exposed;
    channel->objects.count = crossing->object_count;
    channel->crossing = crossing->outer;
}

/* These run code of the library: calls, constructors, destructors, and the resolvers of indirect functions. */
static bool may_call_back(enum fc__wire_op op) {
    return op == FC__WIRE_OP_CALL || op == FC__WIRE_OP_OPEN || op == FC__WIRE_OP_CLOSE || op == FC__WIRE_OP_SYMBOL;
}

/* `is_late`: the deadline has passed, whatever came. */
static __attribute__((noinline)) int no_answer(struct fc__channel *channel, uint32_t turn, bool is_late,
                                               struct fc__error *err) {
    err = err != NULL ? err : fc__error_here();
    fc__channel_forget_failure(channel);
    if (!is_late && (turn & FC__WIRE_DEAD) != 0) {
        return FC_EDIED;
    }
    if (is_late || (turn & FC__WIRE_HOST) != 0) {
        return overdue(channel, err);
    }
    const uint32_t answer = FC__WIRE_OP(turn);
    if (answer == FC__WIRE_OP_FAILED || answer == FC__WIRE_OP_UNSERVED) {
        char text[FC__WIRE_TEXT_BYTES];
        memcpy(text, fc__wire_text(channel->line), sizeof text);
        text[sizeof text - 1] = '\0';
        if (answer == FC__WIRE_OP_UNSERVED && channel->is_spare) {
            channel->is_announced = false;
        } else if (answer == FC__WIRE_OP_UNSERVED) {
            channel->generation = 0; /* asked for anew by the next call */
        }
        return fc__error_set(err, answer == FC__WIRE_OP_UNSERVED ? FC_ENOMEM : FC_ELOAD, "%s", text);
    }
    fc__channel_lose_host(channel, "it was ended because it broke the protocol");
    return fc__error_set(err, FC_EPROTO,
                         "the host answered with something that is no answer (0x%x) and was ended; the library may "
                         "have written over memory",
                         turn);
}

int fc__channel_not_done(struct fc__channel *channel, enum fc__wire_op op, uint32_t turn, uint64_t deadline_ns,
                         struct fc__error *err) {
    bool is_late = false;
    if (fc__channel_is_upcall(turn) && may_call_back(op)) {
        int rc = fc__channel_serve_upcalls(channel, &deadline_ns, &turn);
        if (rc == FC_OK && turn == (uint32_t)FC__WIRE_OP_DONE << 8) {
            return FC_OK;
        }
        if (rc != FC_OK && rc != FC_EPROTO) {
            fc__channel_forget_failure(channel);
            return rc;
        }
        is_late = rc == FC_OK && deadline_ns != 0 && fc__os_now_ns() >= deadline_ns;
    }
    return no_answer(channel, turn, is_late, err);
}

int fc__channel_copy(struct fc__channel *channel, uint64_t from, uint64_t to, uint64_t size, struct fc__error *err) {
    bool sent;
    channel->line->value = from;
    channel->line->words[0] = to;
    channel->line->words[1] = size;
    return fc__channel_transact(channel, FC__WIRE_OP_READ, &sent, err);
}

int fc__channel_merge(struct fc__channel *channel, uint64_t from, uint64_t before, uint64_t to, uint64_t size,
                      struct fc__error *err) {
    bool sent;
    channel->line->value = from;
    channel->line->words[0] = to;
    channel->line->words[1] = size;
    channel->line->words[2] = before;
    return fc__channel_transact(channel, FC__WIRE_OP_MERGE, &sent, err);
}

int fc__channel_fetch(struct fc__channel *channel, uint64_t from, uint64_t size, unsigned char **ret_copy,
                      struct fc__error *err) {
    enum { STEP = 1 << 20 };
    unsigned char *memory = NULL;
    int rc = FC_OK;
    if (size > STEP) {
        struct fc__scratch_mark mark = fc__channel_mark(channel);
        rc = fc__channel_scratch(channel, STEP, &memory, err);
        for (uint64_t left = size, bytes; rc == FC_OK && left > 0; left -= bytes) { /* the end is missing first */
            bytes = left < STEP ? left : STEP;
            rc = fc__channel_copy(channel, from + left - bytes, (uintptr_t)memory, bytes, err);
        }
        fc__channel_release(channel, &mark);
    }
    rc = rc == FC_OK ? fc__channel_scratch(channel, size, &memory, err) : rc;
    rc = rc == FC_OK ? fc__channel_copy(channel, from, (uintptr_t)memory, size, err) : rc;
    if (rc == FC_OK) {
        *ret_copy = memory;
    }
    return rc;
}

int fc__channel_request(struct fc__channel *channel, enum fc__wire_op op, uint64_t value, const char *text,
                        uint64_t *ret_value, char *ret_text, size_t text_size, struct fc__error *err) {
    size_t len = strlen(text);
    if (len >= FC__WIRE_TEXT_BYTES) {
        return fc__error_set(err, FC_EINVAL, "a name of %zu bytes is too long", len);
    }
    channel->line->value = value;
    memcpy(fc__wire_text(channel->line), text, len + 1);
    bool sent;
    int rc = fc__channel_transact(channel, op, &sent, err);
    if (rc == FC_EDIED) {
        return fc__remote_death_error(channel->session, channel, channel->generation, NULL, err);
    }
    fc__channel_log_upcall_failure(channel);
    if (rc == FC_OK && ret_value != NULL) {
        *ret_value = channel->line->value;
    }
    if (rc == FC_OK && ret_text != NULL) {
        size_t limit = text_size < FC__WIRE_TEXT_BYTES ? text_size : FC__WIRE_TEXT_BYTES;
        memcpy(ret_text, fc__wire_text(channel->line), limit);
        ret_text[limit - 1] = '\0';
    }
    return rc;
}
