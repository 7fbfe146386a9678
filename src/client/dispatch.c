/* client: dispatchers, threads that run the caller's functions for threads that the library made itself. The host asks
 * for them with a bell, and uses each again and again; the caller decides how many there are. */
#include "client/client.h"

#include <stdlib.h>

/* Threads of a library have stacks of this size where nothing is said; address space is dear in 32-bit callers. */
#define STACK_BYTES (sizeof(void *) == 8 ? (size_t)8 << 20 : (size_t)1 << 20)

struct fc__dispatcher {
    struct fc_session *session;
    struct fc__channel *channel; /* NULL before there is one */
    uint32_t generation;         /* of the host that it works for */
    unsigned forks;
    uint64_t thread;
    bool is_over; /* under channels_lock: it only has to be joined */
    struct fc__dispatcher *next;
};

static _Thread_local struct fc__dispatcher *this_thread;

/* -- the thread ---------------------------------------------------------------------------------------------------- */

/* Hands the channel to the host, which begins: as if an upcall had been answered. */
static bool offer(struct fc__dispatcher *self) {
    struct fc_session *session = self->session;
    const struct fc_wire_control message = fc__channel_announcement(self->channel, FC__WIRE_CONTROL_DISPATCHER);
    pthread_mutex_lock(&session->channels_lock);
    bool is_wanted = !session->is_closing && session->remote.lost_generation < self->generation &&
                     atomic_load(&session->remote.generation) == self->generation;
    if (is_wanted) { /* from here on, the host's death ends the wait */
        fc__wire_reset(self->channel->line, &self->channel->waiter, FC__WIRE_HOST | (uint32_t)FC__WIRE_OP_RETURN << 8);
        self->channel->generation = self->generation;
    }
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_lock(&session->control_lock);
    is_wanted = is_wanted && atomic_load(&session->remote.generation) == self->generation &&
                fc__os_control_send(session->remote.control_fd, &message, sizeof message, -1) == 0;
    pthread_mutex_unlock(&session->control_lock);
    return is_wanted;
}

static void dispatch(struct fc__dispatcher *self) {
    struct fc__channel *channel = fc__channel_new(self->session, true, fc__error_here());
    self->channel = channel;
    if (channel == NULL || fc__channel_renew_bells(channel, fc__error_here()) != FC_OK || !offer(self)) {
        return;
    }
    for (;;) {
        const uint32_t turn = fc__wire_wait(channel->line, 0, &channel->waiter, 0);
        if (!fc__channel_is_upcall(turn)) {
            if ((turn & FC__WIRE_DEAD) == 0 && FC__WIRE_OP(turn) != FC__WIRE_OP_LEAVE) {
                fc__channel_lose_host(channel, "it was ended because it broke the protocol");
            }
            return;
        }
        atomic_store_explicit(&channel->is_busy, true, memory_order_relaxed);
        int rc = fc__channel_serve_upcalls(channel, NULL, NULL);
        if (rc == FC_EPROTO) {
            fc__channel_lose_host(channel, "it was ended because it broke the protocol");
        }
        fc__channel_log_upcall_failure(channel);
        fc__channel_leave(channel);
        if (rc != FC_OK) {
            return;
        }
    }
}

/* Also when the caller's function ends the thread. */
static void leave(void *data) {
    struct fc__dispatcher *self = data;
    struct fc_session *session = self->session;
    this_thread = NULL;
    if (fc__registry_forks() != self->forks) { /* the child that it forked has no such thread */
        free(self);
        return;
    }
    pthread_mutex_lock(&session->channels_lock);
    if (self->channel != NULL && self->channel->generation == self->generation) {
        self->channel->generation = 0; /* nobody serves it */
    }
    if (self->channel == NULL && session->dispatchers.generation == self->generation) {
        session->dispatchers.granted--; /* to be tried again */
    }
    session->dispatchers.count--;
    self->is_over = true;
    pthread_mutex_unlock(&session->channels_lock);
}

static FC__OS_ESCAPES void *run(void *argument) {
    struct fc__dispatcher *self = argument;
    struct fc__os_escape escape;
    this_thread = self;
    fc__os_escape_push(&escape, leave, self);
    dispatch(self);
    fc__os_escape_pop(&escape);
    leave(self);
    return NULL;
}

/* -- from outside -------------------------------------------------------------------------------------------------- */

static bool start_locked(struct fc_session *session, uint32_t generation) {
    struct fc__dispatcher *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        return false;
    }
    fresh->session = session;
    fresh->generation = generation;
    fresh->forks = fc__registry_forks();
    if (fc__os_thread_start(run, fresh, STACK_BYTES, &fresh->thread) != 0) {
        free(fresh);
        return false;
    }
    fresh->next = session->dispatchers.first;
    session->dispatchers.first = fresh;
    session->dispatchers.count++;
    return true;
}

static void join_ended_locked(struct fc_session *session) {
    for (struct fc__dispatcher **link = &session->dispatchers.first; *link != NULL;) {
        struct fc__dispatcher *one = *link;
        if (one->is_over && fc__os_thread_joined(one->thread)) {
            *link = one->next;
            free(one);
        } else {
            link = &one->next;
        }
    }
}

/* What cannot be made now is asked for again: the host's threads ring as long as they wait. */
void fc__dispatch_rang(struct fc_session *session, uint32_t generation) {
    struct fc__dispatchers *all = &session->dispatchers;
    pthread_mutex_lock(&session->channels_lock);
    join_ended_locked(session);
    if (session->callee->is_windows && session->remote.bell_fd >= 0) {
        fc__os_bell_clear(session->remote.bell_fd);
    }
    if (session->is_closing || session->remote.lost_generation >= generation ||
        atomic_load(&session->remote.generation) != generation) {
        pthread_mutex_unlock(&session->channels_lock);
        return;
    }
    if (all->generation != generation) {
        all->generation = generation;
        all->granted = 0;
    }
    /* The host's word: what it says too much goes no further than the limit. */
    const uint32_t wanted = atomic_load(&fc__window_header(&session->window)->dispatchers_wanted);
    while (all->granted != wanted && all->count < FC__WIRE_DISPATCHERS_MAX && start_locked(session, generation)) {
        all->granted++;
    }
    pthread_mutex_unlock(&session->channels_lock);
}

/* Keeps the bell if the host is still that of the generation. */
static bool keep_bell(struct fc_session *session, uint32_t generation, int bell_fd) {
    pthread_mutex_lock(&session->channels_lock);
    join_ended_locked(session);
    const bool is_present =
        atomic_load(&session->remote.generation) == generation && session->remote.lost_generation < generation;
    if (is_present) {
        session->remote.bell_fd = bell_fd;
    }
    pthread_mutex_unlock(&session->channels_lock);
    return is_present;
}

void fc__dispatch_prepare(struct fc_session *session, uint32_t generation) {
    _Atomic uint32_t *const latest = &session->dispatchers.bell_generation;
    uint32_t before = atomic_load(latest);
    do {
        if (before >= generation) {
            return;
        }
    } while (!atomic_compare_exchange_weak(latest, &before, generation));
    int watched = -1, rung = -1;
    int rc = session->callee->is_windows ? fc__os_bell_new_pipe(&watched) : fc__os_bell_new(&watched, &rung);
    if (rc == 0 && !keep_bell(session, generation, watched)) {
        fc__os_close(&watched);
        fc__os_close(&rung);
        return;
    }
    rc = rc == 0 ? fc__registry_watch_bell(session, generation) : rc;
    if (rc != 0) { /* then it knows that there is none */
        fc__os_close(&rung);
    }
    const struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_BELL, .status = rc == 0 ? watched : -1};
    pthread_mutex_lock(&session->control_lock);
    if (atomic_load(&session->remote.generation) == generation) {
        fc__os_control_send(session->remote.control_fd, &message, sizeof message, rung);
    }
    pthread_mutex_unlock(&session->control_lock);
    fc__os_close(&rung);
}

void fc__dispatch_end(struct fc_session *session) {
    struct fc__dispatcher *one = session->dispatchers.first;
    while (one != NULL) { /* the session is closed: nobody adds any */
        struct fc__dispatcher *next = one->next;
        fc__os_thread_join(one->thread);
        free(one);
        one = next;
    }
    session->dispatchers.first = NULL;
}

void fc__dispatch_forget(struct fc_session *session) {
    struct fc__dispatcher *one = session->dispatchers.first;
    while (one != NULL) {
        struct fc__dispatcher *next = one->next;
        if (one != this_thread) {
            free(one);
        }
        one = next;
    }
    session->dispatchers.first = NULL;
    session->dispatchers.count = 0;
}
