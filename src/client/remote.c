/* client: the session's host: starting it, noticing its end, saying why. */
#include "client/client.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_ATTEMPTS = 5, END_LIMIT_MS = 5000, END_STEP_MS = 10, HANGUP_LIMIT_MS = 2000, DEATH_LIMIT_MS = 1000 };

/* -- its end ------------------------------------------------------------------------------------------------------- */

void fc__remote_lost(struct fc_session *session, uint32_t generation, const char *cause) {
    struct fc__remote *remote = &session->remote;
    pthread_mutex_lock(&session->channels_lock);
    if (generation == 0 || remote->lost_generation >= generation) {
        pthread_mutex_unlock(&session->channels_lock);
        return;
    }
    remote->report = (struct fc_wire_report){0};
    if (cause != NULL) {
        fc__os_process_kill(&remote->process);
        snprintf(remote->cause, sizeof remote->cause, "%s", cause);
    } else {
        remote->report = fc__window_header(&session->window)->report; /* the host's word, copied once */
        remote->report.module[sizeof remote->report.module - 1] = '\0';
        const int status = fc__os_process_status(&remote->process); /* in any case: it may be ours to reap */
        fc__end_describe(&remote->report, status, session->callee, remote->cause, sizeof remote->cause);
    }
    remote->lost_generation = generation;
    atomic_store(&remote->is_up, false);
    for (struct fc__channel *channel = session->channels; channel != NULL; channel = channel->next_in_session) {
        if (channel->generation == generation) {
            fc__wire_kill(channel->line, &channel->waiter);
        }
    }
    int pid = remote->process.pid;
    char text[sizeof remote->cause];
    memcpy(text, remote->cause, sizeof text);
    pthread_mutex_unlock(&session->channels_lock);
    fc__prints_read(session, true);
    fc__session_log(session, "host %d (%s) is gone: %s", pid, session->callee->name, text);
}

/* The argument whose stand-in the library looked through, if that is what happened. */
static void explain_token(struct fc_session *session, const struct fc__marshal *marshal, uint64_t fault_address,
                          struct fc__error *err) {
    const struct fc__window *window = &session->window;
    uint64_t pointer;
    struct fc__error ignored;
    if (fault_address - window->token_base >= window->token_bytes ||
        fc__book_widen(session, (uint32_t)fault_address, &pointer, &ignored) != FC_OK) {
        return;
    }
    const char *name = NULL, *type = "";
    uint64_t nearest = 0;
    for (uint32_t i = 0; marshal != NULL && i < marshal->plan->count; i++) {
        const struct fc__step *step = &marshal->plan->steps[i];
        uint32_t token = 0;
        if (step->kind == FC__STEP_VALUE && step->value.kind == FC__VALUE_POINTER &&
            fc__book_narrow(session, marshal->slots[i], &token, &ignored) == FC_OK &&
            token - window->token_base < window->token_bytes && token <= fault_address && token >= nearest) {
            nearest = token;
            name = step->name;
            type = marshal->plan->types[i];
        }
    }
    fc__error_add(
        err, "\nThat address stands for a pointer of the caller, passed as opaque: the library looked through it.");
    if (name != NULL && strcmp(type, "FILE *") == 0) {
        fc__error_add(err,
                      " Argument `%s` is a FILE, which only the C library that opened it can use: give the library the "
                      "file's name, or its descriptor, by another function.",
                      name);
    } else if (name != NULL) {
        fc__error_add(err, " Say what argument `%s` points to with an annotation (docs/annotations.md).", name);
    }
}

/* -- in signal handlers, which wait for no lock -------------------------------------------------------------------- */

/* What a handler uses of the host stays as it is while it is counted: see fc__remote_close_connection. */
static bool begin_hurry(struct fc__remote *remote, const struct fc__channel *channel) {
    atomic_fetch_add(&remote->hurried, 1);
    return atomic_load(&remote->is_up) && atomic_load(&remote->generation) == channel->generation;
}

int fc__remote_announce_now(const struct fc__channel *channel) {
    struct fc__remote *remote = &channel->session->remote;
    const struct fc_wire_control message = fc__channel_announcement(channel, FC__WIRE_CONTROL_CHANNEL);
    int rc = -EPIPE;
    if (begin_hurry(remote, channel)) {
        const int fd = atomic_load(&remote->control_fd);
        /* Of a later host, which has begun to start meanwhile? */
        rc = fd >= 0 && atomic_load(&remote->generation) == channel->generation
                 ? fc__os_control_send_now(fd, &message, sizeof message)
                 : rc;
    }
    atomic_fetch_sub(&remote->hurried, 1);
    return rc;
}

void fc__remote_kill_now(const struct fc__channel *channel) {
    struct fc__remote *remote = &channel->session->remote;
    if (begin_hurry(remote, channel)) {
        fc__os_process_kill(&remote->process);
    }
    atomic_fetch_sub(&remote->hurried, 1);
}

void fc__remote_close_connection(struct fc_session *session) {
    struct fc__remote *remote = &session->remote;
    int fd = atomic_exchange(&remote->control_fd, -1);
    while (atomic_load(&remote->hurried) != 0) {
        fc__os_sleep_us(100);
    }
    fc__os_close(&fd);
    fc__os_close(&remote->reply_fd);
    fc__os_close(&remote->guardian_fd);
    fc__os_close(&remote->bell_fd);
    fc__prints_set(&remote->prints, -1);
}

/* -- death --------------------------------------------------------------------------------------------------------- */

/* Whoever finds the host dead first, the watching thread or a caller, establishes why. */
static void notice_death(struct fc_session *session, uint32_t generation, unsigned patience_ms) {
    for (unsigned waited_ms = 0;; waited_ms++) {
        pthread_mutex_lock(&session->channels_lock);
        bool is_known = session->is_closing || session->remote.lost_generation >= generation ||
                        atomic_load(&session->remote.generation) != generation;
        bool is_over = !is_known && fc__os_process_ended(&session->remote.process, 0);
        pthread_mutex_unlock(&session->channels_lock);
        if (is_over) {
            fc__remote_lost(session, generation, NULL);
        }
        if (is_known || is_over || waited_ms >= patience_ms) {
            return;
        }
        fc__os_sleep_us(1000);
    }
}

static int death_error(struct fc_session *session, const struct fc__channel *channel, uint32_t generation,
                       const struct fc__marshal *marshal, struct fc__error *err) {
    const char *function = marshal != NULL ? marshal->plan->name : NULL;
    if (channel->is_spare) { /* in a signal handler: what is known without a lock */
        return session->is_closing ? fc__error_set(err, FC_ECLOSED, "the session was closed")
                                   : fc__error_set(err, FC_EDIED, "the host (%s) died in the call of a signal handler",
                                                   session->callee->name);
    }
    notice_death(session, generation, DEATH_LIMIT_MS);
    if (!session->is_closing && generation == atomic_load(&session->remote.generation)) {
        /* Still alive: then it was the host that said so, and its word is of no use. */
        fc__remote_lost(session, generation, "it was ended because it broke the protocol");
    }
    pthread_mutex_lock(&session->channels_lock);
    struct fc_wire_report report = session->remote.report;
    char cause[sizeof session->remote.cause] = "unknown";
    if (session->remote.lost_generation == generation) {
        memcpy(cause, session->remote.cause, sizeof cause);
    }
    bool is_closing = session->is_closing;
    pthread_mutex_unlock(&session->channels_lock);
    if (is_closing) {
        return fc__error_set(err, FC_ECLOSED, "the session was closed%s%s",
                             function != NULL ? " during the call of " : "", function != NULL ? function : "");
    }
    bool is_mine = report.line == (uintptr_t)channel->line;
    fc__error_set(err, FC_EDIED, "the host (%s) died%s%s%s: %s.", session->callee->name,
                  function != NULL ? " in the call of `" : "", function != NULL ? function : "",
                  function != NULL ? "`" : "", cause);
    if (report.end != FC__WIRE_END_UNKNOWN && report.line != 0 && !is_mine) {
        fc__error_add(err, " It happened in another thread's call.");
    }
    fc__error_add(err, " The next call starts a fresh host.");
    if (is_mine && (report.end == FC__WIRE_END_SIGNAL || report.end == FC__WIRE_END_EXCEPTION)) {
        explain_token(session, marshal, report.fault_address, err);
    }
    return FC_EDIED;
}

int fc__remote_death_error(struct fc_session *session, const struct fc__channel *channel, uint32_t generation,
                           const struct fc__marshal *marshal, struct fc__error *err) {
    const int errno_before = errno;
    int rc = death_error(session, channel, generation, marshal, err);
    errno = errno_before;
    return rc;
}

/* -- starting ------------------------------------------------------------------------------------------------------ */

/* A host below a guardian ends after it, and until then looks at the memory that they shared. What it sends on is closed
 * once none of its threads runs any more. */
static void wait_for_hangup(int fd) {
    struct fc_wire_control late;
    for (int rc = 0; fd >= 0 && (rc == 0 || rc == -EPROTO);) {
        rc = fc__os_control_receive(fd, &late, sizeof late, NULL, HANGUP_LIMIT_MS);
    }
}

static void put_away_locked(struct fc_session *session) {
    struct fc__remote *remote = &session->remote;
    fc__registry_unwatch(session);
    if (remote->process.pid > 0) {
        /* Its memory is about to be another host's. */
        fc__os_process_kill(&remote->process);
        fc__os_process_ended(&remote->process, END_LIMIT_MS);
        wait_for_hangup(remote->reply_fd);
        fc__os_process_status(&remote->process); /* reaps it where this process is init or a subreaper */
    }
    pthread_mutex_lock(&session->control_lock);
    pthread_mutex_lock(&session->channels_lock);
    fc__remote_close_connection(session);
    fc__os_process_done(&remote->process);
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_unlock(&session->control_lock);
}

static unsigned cpu_quota;
static void read_cpu_quota(void) {
    cpu_quota = fc__os_cpus_quota();
}

bool fc__remote_quota_is_scarce(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_cpu_quota);
    return cpu_quota < 2;
}

static int start_once(struct fc_session *session, struct fc__channel *channel, unsigned attempt, struct fc__error *err,
                      bool *ret_again) {
    struct fc__remote *remote = &session->remote;
    struct fc__started started;
    int rc = fc__callee_heap_renew(session, attempt, err);
    rc = rc == FC_OK ? fc__start_host(session, channel, &started, ret_again, err) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    struct fc__os_middle middle;
    fc__os_spawn_settle(&started.process, &middle);
    fc__prints_set(&remote->prints, started.prints_fd);
    session->window.callee_heap.is_used = true;
    pthread_mutex_lock(&session->channels_lock);
    remote->process = started.process;
    uint32_t generation = atomic_load(&remote->generation) + 1;
    atomic_store(&remote->generation, generation);
    fc__channel_served_locked(channel, generation);
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_lock(&session->control_lock);
    remote->control_fd = started.control_fd;
    remote->reply_fd = started.reply_fd;
    remote->guardian_fd = started.guardian_fd;
    pthread_mutex_unlock(&session->control_lock);
    rc = fc__registry_watch(session);
    if (rc == 0) {
        fc__registry_reap(&middle);
    } else {
        fc__os_spawn_reap(&middle);
    }
    rc = rc == 0 ? fc__window_map_all(session) : rc;
    if (rc != 0) {
        fc__remote_lost(session, generation, "it could not be given the session's memory");
        put_away_locked(session);
        *ret_again = rc == -EEXIST || rc == -EPIPE; /* another start has another layout; or it was killed just now */
        return fc__error_set(err, FC_ESTART, "the host started, but cannot see the session's memory: %s",
                             strerror(-rc));
    }
    fc__session_log(session, "host %d (%s) started: %s", started.process.pid, session->callee->name,
                    session->host_path);
    return FC_OK;
}

/* Opens what was open in the host before. */
static int reopen_libraries(struct fc_session *session, struct fc__channel *channel, struct fc__error *err) {
    for (struct fc_library *library = session->libraries; library != NULL; library = library->next) {
        char name[FC__WIRE_TEXT_BYTES];
        int rc = fc__library_name(library, name, sizeof name, err);
        rc = rc == FC_OK ? fc__channel_request(channel, FC__WIRE_OP_OPEN, 0, name, &library->handle, NULL, 0, err) : rc;
        library->generation = channel->generation;
        if (rc != FC_OK) {
            fc__error_add(err, "\n(while a fresh host opened %s again)", library->name);
            return rc;
        }
    }
    return FC_OK;
}

int fc__remote_ensure_locked(struct fc_session *session, struct fc__channel *channel, struct fc__error *err) {
    struct fc__remote *remote = &session->remote;
    if (atomic_load(&remote->is_up)) {
        notice_death(session, atomic_load(&remote->generation), 0);
    }
    if (atomic_load(&remote->is_up)) {
        return FC_OK;
    }
    put_away_locked(session);
    fc__book_forget_strings(&session->book);
    int rc = fc__window_republish(&session->window);
    if (rc != 0) {
        return fc__error_set(err, FC_ENOMEM, "a forked child cannot make the session's memory its own: %s",
                             strerror(-rc));
    }
    bool again = true;
    for (unsigned attempt = 0; again && attempt < START_ATTEMPTS; attempt++) {
        again = false;
        rc = start_once(session, channel, attempt, err, &again);
    }
    if (rc == FC_OK && session->libraries != NULL) {
        rc = reopen_libraries(session, channel, err);
        if (rc != FC_OK && rc != FC_EDIED) {
            fc__remote_lost(session, channel->generation, "it could not open the session's libraries again");
        }
    }
    return rc;
}

/* What it prints at its end may be more than waits for a reader. */
static bool ended_in_order(struct fc_session *session) {
    const int step_ms = session->options.log != NULL ? END_STEP_MS : END_LIMIT_MS;
    bool has_ended = false;
    for (int waited_ms = 0; !has_ended && waited_ms < END_LIMIT_MS; waited_ms += step_ms) {
        has_ended = fc__os_process_ended(&session->remote.process, step_ms);
        fc__prints_read(session, has_ended);
    }
    return has_ended;
}

void fc__remote_end_locked(struct fc_session *session, bool orderly) {
    struct fc__remote *remote = &session->remote;
    fc__registry_unwatch(session);
    if (orderly && atomic_load(&remote->is_up)) {
        struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_EXIT};
        if (fc__os_control_send(remote->control_fd, &message, sizeof message, -1) == 0 && ended_in_order(session)) {
            fc__session_log(session, "host %d (%s) ended", remote->process.pid, session->callee->name);
        }
    }
    atomic_store(&remote->is_up, false);
    put_away_locked(session);
}

int fc__remote_request(struct fc_session *session, struct fc_wire_control *inout_message, int fd) {
    return fc__remote_exchange(session, atomic_load(&session->remote.generation), inout_message, fd, NULL);
}

int fc__remote_reply_fd(const struct fc__remote *remote) {
    return remote->reply_fd >= 0 ? remote->reply_fd : atomic_load(&remote->control_fd);
}

static int ask(int to, int from, const struct fc_wire_control *message, int fd, struct fc_wire_control *ret_reply,
               int *ret_fd) {
    if (to < 0) {
        return -EPIPE;
    }
    /* What lies there already is no reply to this. */
    for (int old = 0; old == 0 || old == -EPROTO;) {
        old = fc__os_control_receive(from, ret_reply, sizeof *ret_reply, NULL, 0);
    }
    int rc = fc__os_control_send(to, message, sizeof *message, fd);
    return rc == 0 ? fc__os_control_receive(from, ret_reply, sizeof *ret_reply, ret_fd, FC__CONNECT_LIMIT_MS) : rc;
}

int fc__remote_exchange(struct fc_session *session, uint32_t generation, struct fc_wire_control *inout_message, int fd,
                        int *ret_fd) {
    struct fc_wire_control reply;
    const struct fc__remote *remote = &session->remote;
    const bool is_windows = session->callee->is_windows;
    bool is_hosts = true;
    if (is_windows) { /* it opens what it needs by its number here */
        inout_message->status = fd;
        fd = -1;
    }
    pthread_mutex_lock(&session->control_lock);
    int rc = atomic_load(&remote->generation) == generation
                 ? ask(remote->control_fd, fc__remote_reply_fd(remote), inout_message, fd, &reply, ret_fd)
                 : -EPIPE;
    if (rc == 0 && is_windows && ret_fd != NULL && reply.kind == FC__WIRE_CONTROL_DONE) {
        /* What a Windows program says of its own descriptor its guardian understands. */
        const struct fc_wire_control wanted = {
            .kind = FC__WIRE_CONTROL_FETCH, .address = reply.address, .size_bytes = reply.size_bytes};
        is_hosts = false;
        rc = ask(remote->guardian_fd, remote->guardian_fd, &wanted, -1, &reply, ret_fd);
    }
    pthread_mutex_unlock(&session->control_lock);
    if (rc == -ETIMEDOUT || rc == -EPROTO) {
        fc__remote_lost(session, generation, "it was ended because it did not answer a request");
    }
    if (rc != 0) {
        return rc;
    }
    if (reply.kind != FC__WIRE_CONTROL_DONE) {
        if (ret_fd != NULL) {
            fc__os_close(ret_fd);
        }
        const bool is_errno = reply.kind == FC__WIRE_CONTROL_FAILED && reply.status < 0 && reply.status > -4096;
        return !is_errno ? -EPROTO : is_hosts ? -fc__errno_other(session, -reply.status, false) : reply.status;
    }
    *inout_message = reply;
    return 0;
}
