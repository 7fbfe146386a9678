/* client: sessions and libraries. */
#include "client/client.h"
#include "client/windows.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct fc__error *err) {
    return fc__error_set(err, FC_ENOMEM, "out of memory");
}

/* How many of these locks the thread holds or waits for: a signal handler that calls must not wait for its own
 * thread. */
static _Thread_local volatile int locks;

bool fc__session_is_locked_here(void) {
    return locks != 0;
}

void fc__session_lock(struct fc_session *session) {
    locks = locks + 1;
    atomic_fetch_add(&session->visitors, 1);
    pthread_mutex_lock(&session->lock);
}

void fc__session_unlock(struct fc_session *session) {
    pthread_mutex_unlock(&session->lock);
    atomic_fetch_sub(&session->visitors, 1); /* the last touch: a session that is being closed may go now */
    locks = locks - 1;
}

/* -- requests without the lock ------------------------------------------------------------------------------------- */

struct away {
    struct fc_session *session;
    void (*jumped)(void *data);
    void *data;
};

static void jumped_away(void *data) {
    const struct away *away = data;
    away->jumped(away->data);
    atomic_fetch_sub(&away->session->visitors, 1);
}

FC__OS_ESCAPES int fc__session_request(struct fc__channel *channel, enum fc__wire_op op, uint64_t value,
                                       const char *text, uint64_t *ret_value, char *ret_text, size_t text_size,
                                       void (*jumped)(void *data), void *data, struct fc__error *err) {
    struct fc_session *session = channel->session;
    struct away away = {.session = session, .jumped = jumped, .data = data};
    struct fc__os_escape escape;
    const unsigned forks = fc__registry_forks();
    pthread_mutex_unlock(&session->lock);
    locks = locks - 1;
    fc__os_escape_push(&escape, jumped_away, &away);
    int rc = fc__channel_request(channel, op, value, text, ret_value, ret_text, text_size, err);
    fc__os_escape_pop(&escape);
    if (fc__registry_forks() != forks) { /* the child has no visitors yet */
        atomic_fetch_add(&session->visitors, 1);
    }
    locks = locks + 1;
    pthread_mutex_lock(&session->lock);
    return rc;
}

/* -- sessions ------------------------------------------------------------------------------------------------------ */

void *fc__session_take(struct fc_session *session, size_t bytes) {
    pthread_mutex_lock(&session->pool_lock);
    void *memory = fc__pool_take(&session->pool, bytes);
    pthread_mutex_unlock(&session->pool_lock);
    return memory;
}

void fc__session_give(struct fc_session *session, void *memory) {
    pthread_mutex_lock(&session->pool_lock);
    fc__pool_give(&session->pool, memory);
    pthread_mutex_unlock(&session->pool_lock);
}

static void session_free(struct fc_session *session) {
    while (session->channels != NULL) {
        struct fc__channel *channel = session->channels;
        session->channels = channel->next_in_session;
        fc__channel_free(channel);
    }
    fc__heap_done(&session->window);
    fc__window_done(&session->window);
    fc__book_free_lasting(session);
    fc__book_done(&session->book);
    fc__callbacks_done(&session->callbacks);
    fc__direct_done(&session->direct);
    fc__options_done(&session->options);
    free(session->host_path);
    free(session->prefix);
    pthread_mutex_destroy(&session->window.lock);
    fc__descriptors_done(session);
    pthread_mutex_destroy(&session->channels_lock);
    pthread_mutex_destroy(&session->control_lock);
    pthread_mutex_destroy(&session->lock);
    fc__pool_done(&session->pool);
    pthread_mutex_destroy(&session->pool_lock);
    free(session);
}

/* What is shared with a host. */
static int memory_new(struct fc_session *session, struct fc__error *err) {
    return fc__heap_init(&session->window) == 0 ? fc__window_init(session, (unsigned)session->id, err) : no_memory(err);
}

static int session_new(const struct fc_options *options, const struct fc__target *callee, bool is_direct,
                       struct fc_session **ret_session, struct fc__error *err) {
    struct fc_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        return no_memory(err);
    }
    pthread_mutex_init(&session->lock, NULL);
    pthread_mutex_init(&session->control_lock, NULL);
    pthread_mutex_init(&session->channels_lock, NULL);
    pthread_mutex_init(&session->window.lock, NULL);
    pthread_mutex_init(&session->pool_lock, NULL);
    session->is_direct = is_direct;
    fc__book_init(&session->book);
    fc__callbacks_init(&session->callbacks);
    fc__direct_init(&session->direct);
    session->id = fc__registry_number();
    session->callee = callee;
    session->remote.control_fd = session->remote.reply_fd = session->remote.guardian_fd = session->remote.bell_fd = -1;
    session->remote.prints.fd = -1;
    session->remote.process.pidfd = -1;
    session->remote.process.stderr_fd = -1;
    int rc = fc__options_copy(options, &session->options);
    rc = rc == FC_OK && !is_direct ? memory_new(session, err) : rc;
    if (rc != FC_OK) {
        session_free(session);
        return rc;
    }
    fc__registry_add(session);
    *ret_session = session;
    return FC_OK;
}

static int session_open(const struct fc_options *options, const struct fc__target *callee,
                        struct fc_session **ret_session, struct fc__error *err) {
    struct fc_session *session = NULL;
    struct fc__channel *channel;
    bool is_direct = false;
    int rc = fc__direct_choose(options, callee, &is_direct, err);
    rc = rc == FC_OK ? session_new(options, callee, is_direct, &session, err) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    if (is_direct) {
        fc__session_log(session, "no host: libraries (%s) are loaded into this process", callee->name);
        *ret_session = session;
        return FC_OK;
    }
    rc = fc__channel_enter(session, &channel, err);
    if (rc != FC_OK) {
        fc_session_close(session);
        return rc;
    }
    fc__channel_leave(channel);
    *ret_session = session;
    return FC_OK;
}

/* The one that the options name; for a direct session it need not be said. NULL if nothing says it. */
static const struct fc__target *find_target(const struct fc_options *options) {
    if (options != NULL && options->target != NULL) {
        return fc__target_find(options->target); /* there is one, or the option would not have been set */
    }
    return options != NULL && options->backend == FC__BACKEND_DIRECT ? fc__target_native() : NULL;
}

int fc_session_open(const struct fc_options *options, struct fc_session **ret_session) {
    struct fc__error *err = fc__error_here();
    const struct fc__target *callee = find_target(options);
    if (callee == NULL) {
        return fc__error_set(
            err, FC_ETARGET,
            "a session needs to know its target: fc_options_set_target(options, \"i386-linux\"), for example");
    }
    return session_open(options, callee, ret_session, err);
}

/* Other threads' calls return FC_ECLOSED; waits until they have left, and functions that the library called too. True
 * if there were none. Whatever they wait for, an answer, a host that starts or a library that opens, they wait for on
 * their channel; and dispatchers for the next upcall. */
static bool drain(struct fc_session *session) {
    bool was_idle = true;
    atomic_store(&session->is_closing, true);
    for (;;) {
        bool is_idle = atomic_load(&session->visitors) == 0;
        pthread_mutex_lock(&session->channels_lock);
        for (struct fc__channel *channel = session->channels; channel != NULL; channel = channel->next_in_session) {
            if (atomic_load_explicit(&channel->is_busy, memory_order_acquire) || atomic_load(&channel->depth) != 0) {
                is_idle = false;
                fc__wire_kill(channel->line, &channel->waiter);
            } else if (channel->is_dispatcher) {
                fc__wire_kill(channel->line, &channel->waiter);
            }
        }
        pthread_mutex_unlock(&session->channels_lock);
        if (is_idle) {
            return was_idle;
        }
        was_idle = false;
        fc__os_sleep_us(200);
    }
}

bool fc__session_is_idle(struct fc_session *session) {
    bool is_idle = atomic_load(&session->visitors) == 0;
    pthread_mutex_lock(&session->channels_lock);
    for (struct fc__channel *channel = session->channels; channel != NULL; channel = channel->next_in_session) {
        is_idle = is_idle && !atomic_load(&channel->is_busy) && atomic_load(&channel->depth) == 0;
    }
    pthread_mutex_unlock(&session->channels_lock);
    return is_idle;
}

void fc_session_close(struct fc_session *session) {
    if (session == NULL || fc__thread_is_in_upcall(session)) {
        return;
    }
    if (fc__direct_is_in_call(session)) {
        return;
    }
    bool orderly = drain(session);
    fc__registry_unwatch(session);
    fc__registry_remove(session);
    fc__direct_end(session);
    pthread_mutex_lock(&session->lock);
    fc__remote_end_locked(session, orderly);
    pthread_mutex_unlock(&session->lock);
    fc__dispatch_end(session);
    while (session->libraries != NULL) {
        struct fc_library *library = session->libraries;
        session->libraries = library->next;
        fc__library_free(library);
    }
    session_free(session);
}

int fc_session_host_pid(struct fc_session *session) {
    pthread_mutex_lock(&session->channels_lock);
    int pid = atomic_load(&session->remote.is_up) ? session->remote.process.pid : 0;
    pthread_mutex_unlock(&session->channels_lock);
    return pid;
}

const char *fc_session_backend(const struct fc_session *session) {
    return session->is_direct ? "direct" : "process";
}

const char *fc_session_target(const struct fc_session *session) {
    return session->callee->name;
}

/* -- libraries ----------------------------------------------------------------------------------------------------- */

void fc__library_free(struct fc_library *library) {
    while (library->functions != NULL) {
        struct fc_function *function = library->functions;
        library->functions = function->next;
        fc__function_free(function);
    }
    fc_declarations_free(library->declarations);
    free(library->name);
    free(library->path);
    free(library);
}

static void drop_library(void *library) {
    fc__library_free(library);
}

int fc__library_name(const struct fc_library *library, char *ret_name, size_t size, struct fc__error *err) {
    const struct fc_session *session = library->session;
    int rc = 0;
    if (session->callee->is_windows && strchr(library->name, '/') != NULL) {
        rc = fc__windows_path_from(session->prefix, library->name, ret_name, size);
    } else {
        rc = (size_t)snprintf(ret_name, size, "%s", library->name) < size ? 0 : -ENAMETOOLONG;
    }
    if (rc == -ENAMETOOLONG) {
        return fc__error_set(err, FC_EINVAL, "a name of %zu bytes is too long", strlen(library->name));
    }
    return rc == 0 ? FC_OK : fc__error_set(err, FC_ENOENT, "%s: %s", library->name, strerror(-rc));
}

/* Where the host found it, as this system calls it. */
static int keep_path(struct fc_library *library, const char *path, struct fc__error *err) {
    char found[PATH_MAX];
    if (library->session->callee->is_windows &&
        fc__windows_path_to(library->session->prefix, path, found, sizeof found) == 0) {
        path = found;
    }
    free(library->path);
    library->path = strdup(path[0] != '\0' ? path : library->name);
    return library->path != NULL ? FC_OK : no_memory(err);
}

/* Again if the host is another's by then: what libraries the session had when it started did not include this one. */
static int open_in_host(struct fc_session *session, struct fc_library *library, struct fc__error *err) {
    char path[FC__WIRE_TEXT_BYTES], name[FC__WIRE_TEXT_BYTES];
    struct fc__channel *channel;
    int rc = FC_OK;
    do {
        rc = fc__channel_enter_locked(session, &channel, err);
        if (rc != FC_OK) {
            return rc;
        }
        library->generation = channel->generation;
        rc = fc__library_name(library, name, sizeof name, err);
        rc = rc == FC_OK ? fc__session_request(channel, FC__WIRE_OP_OPEN, 0, name, &library->handle, path, sizeof path,
                                               drop_library, library, err)
                         : rc;
        if (rc == FC_OK) {
            rc = keep_path(library, path, err);
        } else if (rc == FC_ELOAD) {
            char *text = strdup(err->text);
            rc = text != NULL ? fc__explain_open(library->name, session->callee, text, err) : no_memory(err);
            free(text);
        }
        fc__channel_leave(channel);
    } while (rc == FC_OK && atomic_load(&session->remote.generation) != library->generation);
    return rc;
}

static void append(struct fc_library *library) {
    struct fc_session *session = library->session;
    pthread_mutex_lock(&session->channels_lock);
    library->next = NULL;
    struct fc_library **end = &session->libraries; /* opened again in the order of opening */
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = library;
    pthread_mutex_unlock(&session->channels_lock);
}

static void take_out(struct fc_library *library) {
    struct fc_session *session = library->session;
    pthread_mutex_lock(&session->channels_lock);
    for (struct fc_library **link = &session->libraries; *link != NULL; link = &(*link)->next) {
        if (*link == library) {
            *link = library->next;
            break;
        }
    }
    pthread_mutex_unlock(&session->channels_lock);
}

/* A library of this process is opened without the lock: its constructors may call this program. */
static int open_and_append(struct fc_library *library, struct fc__error *err) {
    struct fc_session *session = library->session;
    int rc = FC_OK;
    if (session->is_direct) {
        rc = fc__direct_open(library, err);
        if (rc == FC_OK) {
            append(library);
        }
        return rc;
    }
    fc__session_lock(session);
    rc = open_in_host(session, library, err);
    if (rc == FC_OK) {
        append(library);
    }
    fc__session_unlock(session);
    return rc;
}

static int library_open(struct fc_session *session, const char *name, bool is_checked, struct fc_library **ret_library,
                        struct fc__error *err) {
    if (session == NULL || name == NULL || name[0] == '\0') {
        return fc__error_set(err, FC_EINVAL, "fc_library_open needs a session and a name");
    }
    struct fc_library *library = calloc(1, sizeof *library);
    if (library == NULL) {
        return no_memory(err);
    }
    library->session = session;
    int rc = FC_OK;
    char found[PATH_MAX];
    if (strchr(name, '/') != NULL) {
        name = fc__windows_library(name, NULL, found);
        rc = is_checked ? FC_OK : fc__explain_file(name, session->callee, err);
        if (rc == FC_ETARGET && session->is_direct) {
            fc__error_add(err, ". This one is direct, within the caller's process; the other's backend is \"process\" "
                               "or \"auto\"");
        }
        /* Absolute: it is opened again after a death, perhaps from another working directory. */
        library->name = rc == FC_OK ? realpath(name, NULL) : NULL;
    } else {
        library->name = strdup(name);
    }
    if (rc == FC_OK && library->name == NULL) {
        rc = fc__error_set(err, errno == ENOMEM ? FC_ENOMEM : FC_ENOENT, "%s: %s", name, strerror(errno));
    }
    rc = rc == FC_OK ? open_and_append(library, err) : rc;
    if (rc != FC_OK) {
        fc__library_free(library);
        return rc;
    }
    *ret_library = library;
    return FC_OK;
}

int fc_library_open(struct fc_session *session, const char *name, struct fc_library **ret_library) {
    return library_open(session, name, false, ret_library, fc__error_here());
}

int fc_open(const char *name, const struct fc_options *options, struct fc_library **ret_library) {
    struct fc__error *err = fc__error_here();
    if (name == NULL || name[0] == '\0') {
        return fc__error_set(err, FC_EINVAL, "fc_open needs the name of a library");
    }
    const struct fc__target *callee = find_target(options);
    char found[PATH_MAX];
    if (callee == NULL) {
        name = fc__windows_library(name, options != NULL ? options->library_path : NULL, found);
    }
    if (callee == NULL && strchr(name, '/') == NULL) {
        return fc__error_set(err, FC_ETARGET,
                             "%s is a name, not a path, so nothing says which bitness is meant: set a target "
                             "(fc_options_set_target, --target), or give the file's path",
                             name);
    }
    bool is_checked = callee == NULL;
    int rc = is_checked ? fc__explain_target(name, &callee, err) : FC_OK;
    struct fc_session *session = NULL;
    rc = rc == FC_OK ? session_open(options, callee, &session, err) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    struct fc_library *library;
    rc = library_open(session, name, is_checked, &library, err);
    if (rc != FC_OK) {
        fc_session_close(session);
        return rc;
    }
    library->owns_session = true;
    *ret_library = library;
    return FC_OK;
}

void fc_library_close(struct fc_library *library) {
    if (library == NULL) {
        return;
    }
    struct fc_session *session = library->session;
    if (library->owns_session) {
        fc_session_close(session);
        return;
    }
    struct fc__error ignored;
    struct fc__channel *channel;
    if (session->is_direct) {
        take_out(library);
        fc__direct_close(library);
        fc__library_free(library);
        return;
    }
    fc__session_lock(session);
    take_out(library);
    /* A host that is gone has closed everything already. */
    if (atomic_load(&session->remote.is_up) && fc__channel_enter_locked(session, &channel, &ignored) == FC_OK) {
        if (channel->generation == library->generation) {
            fc__session_request(channel, FC__WIRE_OP_CLOSE, library->handle, "", NULL, NULL, 0, drop_library, library,
                                &ignored);
        }
        fc__channel_leave(channel);
    }
    fc__session_unlock(session);
    fc__library_free(library);
}

struct fc_session *fc_library_session(struct fc_library *library) {
    return library->session;
}
