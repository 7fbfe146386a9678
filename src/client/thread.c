/* client: which channels the calling thread has, one for each session that it used; and their end with the thread. What
 * a signal handler may ask while it interrupts any of this is found without a lock, and whole. */
#include "client/client.h"

#include <stdlib.h>
#include <string.h>

struct thread {
    struct fc__recent *entries; /* replaced as a whole: see fc__thread_remember */
    unsigned count, capacity;
    struct thread *before, *after; /* of all threads */
};
_Thread_local struct fc__recent fc__channel_recent __attribute__((tls_model("initial-exec")));
static _Thread_local struct thread *thread_channels;
static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER; /* taken last */
static struct thread *threads;

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

void fc__threads_before_fork(void) {
    pthread_mutex_lock(&threads_lock);
}
void fc__threads_after_fork_in_parent(void) {
    pthread_mutex_unlock(&threads_lock);
}

void fc__threads_after_fork_in_child(void) {
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
        fc__registry_with(thread->entries[i].session_id, fc__channel_end, thread->entries[i].channel);
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

struct fc__channel *fc__thread_find(const struct fc_session *session) {
    const struct fc__recent recent = fc__recent_read(&fc__channel_recent);
    if (recent.session_id == session->id) {
        return recent.channel;
    }
    const struct thread *thread = thread_channels;
    for (unsigned i = 0; thread != NULL && i < thread->count; i++) {
        const struct fc__recent entry = fc__recent_read(&thread->entries[i]);
        if (entry.session_id == session->id) {
            fc__recent_write(&fc__channel_recent, entry);
            return entry.channel;
        }
    }
    return NULL;
}

bool fc__thread_is_in_upcall(const struct fc_session *session) {
    const struct fc__channel *channel = fc__thread_find(session);
    return channel != NULL && (channel->depth != 0 || (channel->spare != NULL && channel->spare->depth != 0));
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
            fc__recent_write(&thread->entries[kept++], thread->entries[i]);
        }
    }
    thread->count = kept;
}

/* The old entries are there until the new ones are: a signal handler may look at either. */
static bool grow(struct thread *thread) {
    const unsigned capacity = thread->capacity != 0 ? thread->capacity * 2 : 4;
    struct fc__recent *entries = calloc(capacity, sizeof *entries), *old = thread->entries;
    if (entries == NULL) {
        return false;
    }
    if (thread->count != 0) {
        memcpy(entries, old, thread->count * sizeof *entries);
    }
    pthread_mutex_lock(&threads_lock); /* a forked child frees the entries: they are never gone but still pointed to */
    thread->entries = entries;
    atomic_signal_fence(memory_order_seq_cst);
    free(old);
    pthread_mutex_unlock(&threads_lock);
    thread->capacity = capacity;
    return true;
}

bool fc__thread_remember(struct fc__channel *channel) {
    pthread_once(&once, make_key);
    if (thread_channels == NULL && has_key) {
        thread_channels = thread_new();
    }
    struct thread *thread = thread_channels;
    if (thread == NULL) {
        return false;
    }
    if (thread->count == thread->capacity) {
        forget_closed(thread);
    }
    if (thread->count == thread->capacity && !grow(thread)) {
        return false;
    }
    const struct fc__recent entry = {.session_id = channel->session->id, .channel = channel};
    fc__recent_write(&thread->entries[thread->count], entry);
    atomic_signal_fence(memory_order_seq_cst);
    thread->count++;
    fc__recent_write(&fc__channel_recent, entry);
    return true;
}
