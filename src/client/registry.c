/* client: all sessions of this process, the thread that watches their hosts, and what fork does to both. */
#include "client/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct fc_session *sessions;
static struct fc__os_watch *watch;
static _Atomic uint64_t last_number;

uint64_t fc__registry_number(void) {
    return atomic_fetch_add(&last_number, 1) + 1;
}

/* -- fork -------------------------------------------------------------------------------------------------------------
 * Every
 * lock is held over the fork, so the child finds all of it whole; except session.lock, which may be held for as long as
 * a library's constructor runs, and is made anew in the child. What changes under it alone (a host's start, a library's
 * handle) the child does anew as well. */

static _Atomic unsigned forks;
unsigned fc__registry_forks(void) {
    return atomic_load_explicit(&forks, memory_order_relaxed);
}

static void before_fork(void) {
    fc__declarations_before_fork();
    pthread_mutex_lock(&lock);
    for (struct fc_session *session = sessions; session != NULL; session = session->next) {
        if (session->is_direct) {
            pthread_mutex_lock(&session->direct.lock);
        } else {
            fc__heap_lock(&session->window);
        }
        pthread_mutex_lock(&session->window.lock);
        pthread_mutex_lock(&session->control_lock);
        pthread_mutex_lock(&session->channels_lock);
        pthread_mutex_lock(&session->book.lock);
        pthread_mutex_lock(&session->callbacks.lock);
        pthread_mutex_lock(&session->pool_lock);
        if (!session->is_direct) {
            fc__window_snapshot_locked(&session->window);
        }
    }
    fc__spares_before_fork();
    fc__thunks_before_fork();
    fc__threads_before_fork();
}

static void unlock_session(struct fc_session *session) {
    pthread_mutex_unlock(&session->pool_lock);
    pthread_mutex_unlock(&session->callbacks.lock);
    pthread_mutex_unlock(&session->book.lock);
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_unlock(&session->control_lock);
    pthread_mutex_unlock(&session->window.lock);
    if (session->is_direct) {
        pthread_mutex_unlock(&session->direct.lock);
    } else {
        fc__heap_unlock(&session->window);
    }
}

static void after_fork_in_parent(void) {
    fc__threads_after_fork_in_parent();
    fc__thunks_after_fork();
    fc__spares_after_fork(false);
    for (struct fc_session *session = sessions; session != NULL; session = session->next) {
        fc__window_drop_snapshot_locked(&session->window);
        unlock_session(session);
    }
    pthread_mutex_unlock(&lock);
    fc__declarations_after_fork();
}

/* The parent's hosts are none of ours; each session gets its own with its next call. */
static void after_fork_in_child(void) {
    atomic_fetch_add(&forks, 1);
    fc__os_fences_forget();
    fc__threads_after_fork_in_child();
    fc__thunks_after_fork();
    fc__spares_after_fork(true);
    if (watch != NULL) {
        fc__os_watch_abandon(watch);
        watch = NULL;
    }
    for (struct fc_session *session = sessions; session != NULL; session = session->next) {
        unlock_session(session);
        pthread_mutex_init(&session->lock, NULL);
        atomic_store(&session->visitors, 0);
        fc__window_privatise(&session->window);
        atomic_store(&session->remote.hurried, 0);
        atomic_store(&session->remote.prints.is_read, false);
        fc__remote_close_connection(session);
        fc__os_process_done(&session->remote.process);
        fc__dispatch_forget(session);
        session->remote.key = 0;
        atomic_store(&session->pins, 0);
        atomic_store(&session->remote.is_up, false);
        struct fc__channel **link = &session->channels;
        while (*link != NULL) {
            struct fc__channel *channel = *link;
            channel->generation = 0;
            if (pthread_equal(channel->owner, pthread_self())) {
                link = &channel->next_in_session;
                fc__channel_close_bells(channel);
            } else {
                *link = channel->next_in_session;
                fc__channel_free(channel);
            }
        }
    }
    pthread_mutex_unlock(&lock);
    fc__declarations_after_fork();
}

static void install(void) {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* -- the list ------------------------------------------------------------------------------------------------------ */

void fc__registry_add(struct fc_session *session) {
    pthread_once(&once, install);
    pthread_mutex_lock(&lock);
    session->next = sessions;
    sessions = session;
    pthread_mutex_unlock(&lock);
}

void fc__registry_remove(struct fc_session *session) {
    struct fc__os_watch *unused = NULL;
    pthread_mutex_lock(&lock);
    for (struct fc_session **link = &sessions; *link != NULL; link = &(*link)->next) {
        if (*link == session) {
            *link = session->next;
            break;
        }
    }
    if (sessions == NULL) {
        unused = watch;
        watch = NULL;
    }
    pthread_mutex_unlock(&lock);
    for (uint32_t pins; (pins = atomic_load(&session->pins)) != 0;) {
        fc__os_wait(&session->pins, pins, 0);
    }
    if (unused != NULL) {
        fc__os_watch_free(unused); /* without the lock, which its thread may be waiting for */
    }
}

static void unpin(struct fc_session *session) {
    _Atomic uint32_t *pins = &session->pins;
    atomic_fetch_sub(pins, 1); /* from here on the session may be gone; waking what is no futex any more does no harm */
    fc__os_wake(pins);
}

void fc__registry_with(uint64_t session_id, void (*act)(struct fc_session *session, void *data), void *data) {
    pthread_mutex_lock(&lock);
    struct fc_session *session = sessions;
    while (session != NULL && session->id != session_id) {
        session = session->next;
    }
    if (session != NULL) {
        atomic_fetch_add(&session->pins, 1);
    }
    pthread_mutex_unlock(&lock);
    if (session != NULL) {
        act(session, data);
        unpin(session);
    }
}

/* -- watching ------------------------------------------------------------------------------------------------------ */

/* Calls `act` without the lock: it may take its time, or fork. */
static void with_host(uint64_t key, void (*act)(struct fc_session *session, uint32_t generation)) {
    uint32_t generation = 0;
    pthread_mutex_lock(&lock);
    struct fc_session *session = sessions;
    while (session != NULL && session->remote.key != key) {
        session = session->next;
    }
    if (session != NULL) {
        generation = atomic_load(&session->remote.generation);
        atomic_fetch_add(&session->pins, 1);
    }
    pthread_mutex_unlock(&lock);
    if (session != NULL) {
        act(session, generation);
        unpin(session);
    }
}

static void lost(struct fc_session *session, uint32_t generation) {
    fc__remote_lost(session, generation, NULL); /* calls the owner's log function */
}

static void host_ended(uint64_t key) {
    with_host(key, lost);
}

/* A host that prints is a bell of another key. */
#define KEY_PRINTS (UINT64_C(1) << 62)

static void printed(struct fc_session *session, uint32_t generation) {
    (void)generation;
    if (fc__prints_read(session, false) == FC__PRINTS_NONE) {
        return;
    }
    pthread_mutex_lock(&lock);
    if (watch != NULL && session->remote.key != 0) {
        fc__os_watch_again(watch, session->remote.prints.fd, session->remote.key | KEY_PRINTS);
    }
    pthread_mutex_unlock(&lock);
}

static void bell_rang(uint64_t key) {
    with_host(key & ~KEY_PRINTS, (key & KEY_PRINTS) != 0 ? printed : fc__dispatch_rang);
}

int fc__registry_prepare(void) {
    pthread_mutex_lock(&lock);
    int rc = watch == NULL ? fc__os_watch_new(host_ended, bell_rang, &watch) : 0;
    pthread_mutex_unlock(&lock);
    return rc;
}

void fc__registry_reap(const struct fc__os_middle *middle) {
    pthread_mutex_lock(&lock);
    fc__os_watch_reap(watch, middle);
    pthread_mutex_unlock(&lock);
}

int fc__registry_watch(struct fc_session *session) {
    pthread_mutex_lock(&lock);
    session->remote.key = fc__registry_number();
    int rc = watch == NULL ? fc__os_watch_new(host_ended, bell_rang, &watch) : 0;
    rc = rc == 0 ? fc__os_watch_add(watch, &session->remote.process, fc__remote_reply_fd(&session->remote),
                                    session->remote.key)
                 : rc;
    if (rc == 0 && session->remote.prints.fd >= 0) {
        rc = fc__os_watch_add_bell(watch, session->remote.prints.fd, session->remote.key | KEY_PRINTS);
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

int fc__registry_watch_bell(struct fc_session *session, uint32_t generation) {
    int rc = -EPIPE;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&session->channels_lock);
    if (watch != NULL && session->remote.key != 0 && session->remote.bell_fd >= 0 &&
        atomic_load(&session->remote.generation) == generation) {
        rc = fc__os_watch_add_bell(watch, session->remote.bell_fd, session->remote.key);
    }
    pthread_mutex_unlock(&session->channels_lock);
    pthread_mutex_unlock(&lock);
    return rc;
}

void fc__registry_unwatch(struct fc_session *session) {
    pthread_mutex_lock(&lock);
    if (watch != NULL && session->remote.key != 0) {
        fc__os_watch_remove(watch, &session->remote.process, fc__remote_reply_fd(&session->remote));
        pthread_mutex_lock(&session->channels_lock);
        if (session->remote.bell_fd >= 0) {
            fc__os_watch_remove_bell(watch, session->remote.bell_fd);
        }
        if (session->remote.prints.fd >= 0) {
            fc__os_watch_remove_bell(watch, session->remote.prints.fd);
        }
        pthread_mutex_unlock(&session->channels_lock);
    }
    session->remote.key = 0;
    pthread_mutex_unlock(&lock);
}

void fc__session_log(struct fc_session *session, const char *format, ...) {
    if (session->options.log != NULL) {
        char line[1280];
        va_list list;
        va_start(list, format);
        vsnprintf(line, sizeof line, format, list);
        va_end(list);
        session->options.log(session->options.log_data, line);
    }
}
