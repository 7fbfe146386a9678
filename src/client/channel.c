/* client: channels, one for each calling thread and session. */
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Scratch beyond the channel's own block that a channel keeps between calls; anything larger goes back after each. */
#define SPARE_BYTES_MAX (UINT64_C(8) << 20)
/* How long a thread's end may wait for that of its thread in the host. */
#define END_LIMIT_NS UINT64_C(1000000000)
/* How long a jump out of an upcall waits for the host's thread to follow. */
#define UNWIND_LIMIT_NS UINT64_C(10000000000)
enum { ATTACH_ATTEMPTS = 3 };

/* -- the calling thread's channels ------------------------------------------------------------------------------------------ */

struct thread {
    struct fc__recent *entries;
    unsigned count, capacity;
    struct thread *before, *after; /* of all threads */
};
_Thread_local struct fc__recent fc__channel_recent __attribute__((tls_model("initial-exec")));
static _Thread_local struct thread *thread_channels;
static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER; /* taken last */
static struct thread *threads;

static void release(struct fc_session *session, void *data) {
    struct fc__channel *channel = data;
    /* The host's thread is idle, and answers before it ends: the block is then nobody's. One that does not answer may
     * do so later, as when it was stopped: its channel stays until the session is closed. */
    if (channel->generation != 0 && fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_END) &&
        !fc__wire_is_mine(fc__wire_wait(channel->line, 0, &channel->waiter, fc__os_now_ns() + END_LIMIT_NS), 0)) {
        return;
    }
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

static struct thread *thread_new(void) {
    struct thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL || pthread_setspecific(thread_key, thread) != 0) {
        free(thread);
        return NULL;
    }
    pthread_mutex_lock(&threads_lock);
    thread->after = threads;
    if (threads != NULL) {
        threads->before = thread;
    }
    threads = thread;
    pthread_mutex_unlock(&threads_lock);
    return thread;
}

static void thread_free(struct thread *thread) {
    pthread_mutex_lock(&threads_lock);
    if (thread->before != NULL) {
        thread->before->after = thread->after;
    } else {
        threads = thread->after;
    }
    if (thread->after != NULL) {
        thread->after->before = thread->before;
    }
    pthread_mutex_unlock(&threads_lock);
    free(thread->entries);
    free(thread);
}

void fc__channel_before_fork(void) {
    pthread_mutex_lock(&threads_lock);
}
void fc__channel_after_fork_in_parent(void) {
    pthread_mutex_unlock(&threads_lock);
}

void fc__channel_after_fork_in_child(void) {
    pthread_mutex_unlock(&threads_lock);
    for (struct thread *thread = threads, *after; thread != NULL; thread = after) {
        after = thread->after;
        if (thread != thread_channels) {
            thread_free(thread);
        }
    }
}

static void thread_ends(void *value) {
    struct thread *thread = value;
    for (unsigned i = 0; i < thread->count; i++) {
        fc__registry_with(thread->entries[i].session_id, release, thread->entries[i].channel);
    }
    thread_free(thread);
    thread_channels = NULL;
    fc__channel_recent = (struct fc__recent){0};
}

static bool has_key;
static void make_key(void) {
    has_key = pthread_key_create(&thread_key, thread_ends) == 0;
}

/* The library may be unloaded before the threads that used it end. */
__attribute__((destructor)) static void delete_key(void) {
    if (has_key) {
        pthread_key_delete(thread_key);
    }
}

static struct fc__channel *find(const struct fc_session *session) {
    if (fc__channel_recent.session_id == session->id) {
        return fc__channel_recent.channel;
    }
    for (unsigned i = 0; thread_channels != NULL && i < thread_channels->count; i++) {
        if (thread_channels->entries[i].session_id == session->id) {
            fc__channel_recent = thread_channels->entries[i];
            return fc__channel_recent.channel;
        }
    }
    return NULL;
}

bool fc__channel_is_in_upcall(const struct fc_session *session) {
    const struct fc__channel *channel = find(session);
    return channel != NULL && channel->depth != 0;
}

static void still_exists(struct fc_session *session, void *data) {
    (void)session;
    *(bool *)data = true;
}

/* Forgets sessions that were closed, so that a thread which opens many does not gather them. */
static void forget_closed(struct thread *thread) {
    unsigned kept = 0;
    for (unsigned i = 0; i < thread->count; i++) {
        bool exists = false;
        fc__registry_with(thread->entries[i].session_id, still_exists, &exists);
        if (exists) {
            thread->entries[kept++] = thread->entries[i];
        }
    }
    thread->count = kept;
}

static bool remember(struct fc__channel *channel) {
    pthread_once(&once, make_key);
    if (thread_channels == NULL && has_key) {
        thread_channels = thread_new();
    }
    if (thread_channels == NULL) {
        return false;
    }
    struct thread *thread = thread_channels;
    if (thread->count == thread->capacity) {
        forget_closed(thread);
    }
    if (thread->count == thread->capacity) {
        unsigned capacity = thread->capacity != 0 ? thread->capacity * 2 : 4;
        pthread_mutex_lock(
            &threads_lock); /* a forked child frees the entries: they are never gone but still pointed to */
        struct fc__recent *entries = realloc(thread->entries, capacity * sizeof *entries);
        thread->entries = entries != NULL ? entries : thread->entries;
        pthread_mutex_unlock(&threads_lock);
        if (entries == NULL) {
            return false;
        }
        thread->capacity = capacity;
    }
    fc__channel_recent = (struct fc__recent){.session_id = channel->session->id, .channel = channel};
    thread->entries[thread->count++] = fc__channel_recent;
    return true;
}

/* -- making and serving --------------------------------------------------------------------------------------------------------- */

void fc__channel_free(struct fc__channel *channel) {
    for (uint32_t i = 0; i < channel->extra_count; i++) {
        fc__window_give(channel->session, channel->extra[i]);
    }
    fc__window_give(channel->session, channel->spare);
    fc__window_give(channel->session, channel->block);
    fc__objects_done(&channel->objects);
    free(channel->extra);
    free(channel);
}

static struct fc__channel *channel_new(struct fc_session *session, struct fc__error *err) {
    struct fc__channel *channel = calloc(1, sizeof *channel);
    if (channel != NULL) {
        channel->session = session;
        channel->owner = pthread_self();
        channel->limit_ns = session->options.deadline_ms * UINT64_C(1000000);
        channel->block = fc__window_take(session, FC__WIRE_CHANNEL_BYTES);
    }
    if (channel == NULL || channel->block == NULL || !remember(channel)) {
        if (channel != NULL) {
            fc__channel_free(channel);
        }
        fc__error_set(err, FC_ENOMEM,
                      "no memory for another channel: each thread that calls needs %u KiB that both sides see",
                      FC__WIRE_CHANNEL_BYTES / 1024);
        return NULL;
    }
    channel->line = (struct fc_wire_line *)(uintptr_t)fc__span_base(channel->block);
    fc__wire_waiter_init(&channel->waiter, session->options.spin_us, fc__remote_quota_is_scarce());
    pthread_mutex_lock(&session->channels_lock);
    channel->next_in_session = session->channels;
    session->channels = channel;
    pthread_mutex_unlock(&session->channels_lock);
    return channel;
}

void fc__channel_reset(struct fc__channel *channel) {
    atomic_store_explicit(&channel->line->turn, 0, memory_order_release);
}

int fc__channel_attach(struct fc__channel *channel, uint32_t generation, struct fc__error *err) {
    struct fc_session *session = channel->session;
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_CHANNEL, .address = (uintptr_t)channel->line};
    /* Under the lock, so that a host that dies meanwhile either finds the channel or is found dead. */
    pthread_mutex_lock(&session->channels_lock);
    bool is_lost = session->remote.lost_generation == generation;
    if (!is_lost) {
        fc__channel_reset(channel);
        channel->generation = generation;
    }
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_lock(&session->control_lock);
    int rc = is_lost ? -EPIPE : fc__os_control_send(session->remote.control_fd, &message, sizeof message, -1);
    pthread_mutex_unlock(&session->control_lock);
    if (rc != 0) {
        channel->generation = 0;
        return fc__remote_death_error(session, channel, generation, NULL, err);
    }
    return FC_OK;
}

int fc__channel_enter_locked(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err) {
    if (session->is_closing) {
        return fc__error_set(err, FC_ECLOSED, "the session is being closed");
    }
    struct fc__channel *channel = find(session);
    if (channel == NULL) {
        channel = channel_new(session, err);
        if (channel == NULL) {
            return FC_ENOMEM;
        }
    }
    if (atomic_load_explicit(&channel->is_busy, memory_order_relaxed)) {
        return fc__error_set(err, FC_EBUSY, "this thread is already in a call of this session (a signal handler?)");
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
static struct fc__channel *enter_ready(struct fc_session *session) {
    struct fc__channel *channel = find(session);
    if (channel != NULL && !atomic_load_explicit(&channel->is_busy, memory_order_relaxed) && channel->generation != 0 &&
        channel->generation == atomic_load_explicit(&session->remote.generation, memory_order_relaxed) &&
        (atomic_load_explicit(&channel->line->turn, memory_order_relaxed) & FC__WIRE_DEAD) == 0) {
        atomic_store_explicit(&channel->is_busy, true, memory_order_relaxed);
        return channel;
    }
    return NULL;
}

int fc__channel_enter(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err) {
    struct fc__channel *ready = enter_ready(session);
    if (ready != NULL) {
        *ret_channel = ready;
        return FC_OK;
    }
    fc__session_lock(session);
    int rc = fc__channel_enter_locked(session, ret_channel, err);
    fc__session_unlock(session);
    return rc;
}

/* -- scratch ------------------------------------------------------------------------------------------------------------------------ */

int fc__channel_scratch(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err) {
    unsigned char *const end = (unsigned char *)channel->line + FC__WIRE_CHANNEL_BYTES;
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
    channel->wanted += size;
    if (size <= (uint64_t)(channel->spare_end - channel->next)) {
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

/* After a call that needed more than there was: gives the pieces back, and makes one spare that would have done. */
void fc__channel_settle_scratch(struct fc__channel *channel) {
    for (uint32_t i = 0; i < channel->extra_count; i++) {
        fc__window_give(channel->session, channel->extra[i]);
    }
    if (channel->extra_count > 0 && channel->wanted <= SPARE_BYTES_MAX) {
        fc__window_give(channel->session, channel->spare);
        channel->spare = fc__window_take(channel->session, channel->wanted);
    }
    channel->extra_count = 0;
    if (channel->spare != NULL) {
        channel->next = (unsigned char *)(uintptr_t)fc__span_base(channel->spare);
        channel->spare_end = channel->next + fc__span_bytes(channel->spare);
    } else {
        channel->next = channel->spare_end = NULL;
    }
    channel->wanted = 0;
}

/* -- asking --------------------------------------------------------------------------------------------------------------------------- */

static int overdue(struct fc__channel *channel, struct fc__error *err) {
    struct fc_session *session = channel->session;
    fc__remote_lost(session, channel->generation, "it was ended because a call exceeded its deadline");
    return fc__error_set(err, FC_ETIMEDOUT,
                         "no answer within %u ms; the host was ended, since a running function cannot be taken back",
                         session->options.deadline_ms);
}

struct fc__scratch_mark fc__channel_mark(const struct fc__channel *channel) {
    return (struct fc__scratch_mark){
        .mark = channel->mark, .next = channel->next, .extra_count = channel->extra_count, .wanted = channel->wanted};
}

void fc__channel_release(struct fc__channel *channel, const struct fc__scratch_mark *mark) {
    while (channel->extra_count > mark->extra_count) {
        fc__window_give(channel->session, channel->extra[--channel->extra_count]);
    }
    channel->mark = mark->mark;
    channel->next = mark->next;
    channel->wanted = mark->wanted;
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

struct upcall_in_progress {
    struct fc__channel *channel;
    uint32_t generation, depth;
    unsigned forks;
};

static void forget_failure(struct fc__channel *channel) {
    if (channel->failure_depth >= channel->depth) {
        channel->upcall_failure = FC_OK;
    }
}

/* The caller's function jumped out of the upcall, over the call that it came from, or ended its thread: so does the
 * host's thread. */
static void leave_call(void *data) {
    const struct upcall_in_progress *upcall = data;
    struct fc__channel *channel = upcall->channel;
    atomic_store_explicit(&channel->is_busy, true, memory_order_release);
    channel->depth = upcall->depth;
    if (channel->crossing != NULL && channel->crossing->depth == upcall->depth) {
        fc__channel_cross_end(channel);
    }
    forget_failure(channel);
    if (channel->generation == upcall->generation && fc__registry_forks() == upcall->forks &&
        fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_UNWIND) &&
        FC__WIRE_OP(fc__wire_wait(channel->line, 0, &channel->waiter, fc__os_now_ns() + UNWIND_LIMIT_NS)) !=
            FC__WIRE_OP_DONE) {
        fc__remote_lost(channel->session, channel->generation, "it was ended because it did not leave an upcall");
    }
    fc__channel_leave(channel);
}

/* Runs the upcall that has come, and waits for what comes then. */
static FC__OS_ESCAPES int serve_upcall(struct fc__channel *channel, uint64_t *inout_deadline_ns, uint32_t *ret_turn) {
    struct upcall_in_progress upcall = {
        .channel = channel, .generation = channel->generation, .forks = fc__registry_forks(), .depth = channel->depth};
    struct fc__os_escape escape;
    fc__os_escape_push(&escape, leave_call, &upcall);
    int rc = fc__callbacks_serve(channel);
    fc__os_escape_pop(&escape);
    if (rc == FC_OK && !fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_RETURN)) {
        rc = FC_EDIED;
    }
    if (rc != FC_OK) {
        return rc;
    }
    if (*inout_deadline_ns != 0) {
        *inout_deadline_ns += channel->in_functions_ns;
    }
    *ret_turn = fc__wire_wait(channel->line, 0, &channel->waiter, *inout_deadline_ns);
    return FC_OK;
}

int fc__channel_upcall_failure(struct fc__channel *channel, struct fc__error *err) {
    const int failure = channel->upcall_failure;
    if (failure == FC_OK || channel->failure_depth != channel->depth) {
        return FC_OK;
    }
    channel->upcall_failure = FC_OK;
    return fc__error_set(err, failure, "in an upcall: %s", channel->upcall_text);
}

static bool is_upcall(uint32_t turn) {
    return (turn & ~FC__WIRE_SLEEPER) == (uint32_t)FC__WIRE_OP_UPCALL << 8;
}

int fc__channel_not_done(struct fc__channel *channel, enum fc__wire_op op, uint32_t turn, uint64_t deadline_ns,
                         struct fc__error *err) {
    struct fc_session *session = channel->session;
    err = err != NULL ? err : fc__error_here();
    while (op == FC__WIRE_OP_CALL && is_upcall(turn)) {
        int rc = serve_upcall(channel, &deadline_ns, &turn);
        if (rc == FC_EPROTO) {
            break;
        }
        if (rc != FC_OK) {
            forget_failure(channel);
            return rc;
        }
        if ((turn & ~FC__WIRE_SLEEPER) == (uint32_t)FC__WIRE_OP_DONE << 8) {
            return FC_OK;
        }
        if (deadline_ns != 0 && fc__os_now_ns() >= deadline_ns) {
            forget_failure(channel);
            return overdue(channel, err);
        }
    }
    forget_failure(channel);
    if (is_upcall(turn) && (op == FC__WIRE_OP_OPEN || op == FC__WIRE_OP_CLOSE)) {
        fc__remote_lost(session, channel->generation,
                        "it was ended because a library called back too early or too late");
        return fc__error_set(
            err, FC_EUNSUPPORTED,
            "a library called back while it was being opened or closed, which is not supported yet; the "
            "host was ended");
    }
    if ((turn & FC__WIRE_DEAD) != 0) {
        return FC_EDIED;
    }
    if ((turn & FC__WIRE_HOST) != 0) {
        return overdue(channel, err);
    }
    const uint32_t answer = FC__WIRE_OP(turn);
    if (answer == FC__WIRE_OP_FAILED || answer == FC__WIRE_OP_UNSERVED) {
        char text[FC__WIRE_TEXT_BYTES];
        memcpy(text, fc__wire_text(channel->line), sizeof text);
        text[sizeof text - 1] = '\0';
        if (answer == FC__WIRE_OP_UNSERVED) {
            channel->generation = 0; /* asked for anew by the next call */
        }
        return fc__error_set(err, answer == FC__WIRE_OP_UNSERVED ? FC_ENOMEM : FC_ELOAD, "%s", text);
    }
    fc__remote_lost(session, channel->generation, "it was ended because it broke the protocol");
    return fc__error_set(err, FC_EPROTO,
                         "the host answered with something that is no answer (0x%x) and was ended; the library may "
                         "have written over memory",
                         turn);
}

int fc__channel_copy(struct fc__channel *channel, uint64_t from, uint64_t to, uint64_t size, struct fc__error *err) {
    bool sent;
    channel->line->value = from;
    channel->line->words[0] = to;
    channel->line->words[1] = size;
    return fc__channel_transact(channel, FC__WIRE_OP_READ, &sent, err);
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
