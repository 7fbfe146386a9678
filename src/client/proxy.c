/* client: what generated proxies ask for (<farcall/proxy.h>): their libraries are opened when they are first called. */
#include "client/client.h"

#include <errno.h>
#include <farcall/proxy.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Proxies whose libraries share a host. */
struct group {
    struct group *next;
    struct fc_session *session;
    unsigned users;
    const struct fc__target *target;
    char name[];
};

/* Held while a library is opened, so that no other thread opens it too; not over fork: the child makes it anew, and
 * opens what was not open yet. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct group *groups;
static _Thread_local volatile int openings; /* in this thread, which must not wait for itself */

static struct {
    fc_proxy_failure_fn *_Atomic call;
    void *_Atomic data;
} handler;

/* -- fork ---------------------------------------------------------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void after_fork_in_child(void) {
    if (openings == 0) { /* else it is this thread's own */
        pthread_mutex_init(&lock, NULL);
    }
}

static void install(void) {
    pthread_atfork(NULL, NULL, after_fork_in_child);
}

/* -- finding the library ------------------------------------------------------------------------------------------- */

/* farcall/FILE beside the proxy's own file. */
static bool find_beside(const struct fc_proxy *proxy, char path[PATH_MAX]) {
    char module[PATH_MAX];
    if (fc__os_module_path(proxy, module, sizeof module) != 0) {
        return false;
    }
    *strrchr(module, '/') = '\0';
    const int len = snprintf(path, PATH_MAX, "%s/farcall/%s", module, proxy->file);
    return len > 0 && len < PATH_MAX && fc__os_file_exists(path);
}

static int find_file(const struct fc_proxy *proxy, char path[PATH_MAX], struct fc__error *err) {
    const char *named = secure_getenv(proxy->variable);
    if (named != NULL && named[0] != '\0') {
        if (strchr(named, '/') == NULL || strlen(named) >= PATH_MAX) {
            return fc__error_set(err, FC_EINVAL,
                                 "%s=%.200s is no path. Set it to one with a slash in it, such as ./libname.so",
                                 proxy->variable, named);
        }
        memcpy(path, named, strlen(named) + 1);
        return FC_OK;
    }
    if (find_beside(proxy, path)) {
        return FC_OK;
    }
    if (proxy->path != NULL && fc__os_file_exists(proxy->path) && strlen(proxy->path) < PATH_MAX) {
        memcpy(path, proxy->path, strlen(proxy->path) + 1);
        return FC_OK;
    }
    return fc__error_set(
        err, FC_ENOENT,
        "there is no %s for %s: no farcall/%s beside the proxy%s%s. Put it there, or set %s to its path", proxy->file,
        proxy->target, proxy->file, proxy->path != NULL ? ", and no " : "", proxy->path != NULL ? proxy->path : "",
        proxy->variable);
}

/* What the environment says, else what the proxy was made with. */
static int find_deadline(const struct fc_proxy *proxy, uint32_t *ret_ms, struct fc__error *err) {
    const char *text = secure_getenv(proxy->deadline_variable);
    *ret_ms = proxy->deadline_ms;
    if (text == NULL || text[0] == '\0') {
        return FC_OK;
    }
    char *end;
    const unsigned long long ms = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || ms > UINT32_MAX) {
        return fc__error_set(
            err, FC_EINVAL,
            "%s=%.200s is no number of milliseconds. Set it to one from 0, for no deadline, to %" PRIu32,
            proxy->deadline_variable, text, UINT32_MAX);
    }
    *ret_ms = (uint32_t)ms;
    return FC_OK;
}

/* -- opening ------------------------------------------------------------------------------------------------------- */

/* What the library needs is looked for beside it. */
static int session_open(const struct fc_proxy *proxy, const char *path, uint32_t deadline_ms,
                        struct fc_session **ret_session) {
    struct fc_options *options = fc_options_new();
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    int rc = options != NULL ? fc_options_set_target(options, proxy->target) : FC_ENOMEM;
    rc = rc == FC_OK ? fc_options_set_library_path(options, folder) : rc;
    rc = rc == FC_OK ? fc_options_set_deadline_ms(options, deadline_ms) : rc;
    rc = rc == FC_OK ? fc_session_open(options, ret_session) : rc;
    fc_options_free(options);
    return rc;
}

static struct group *group_of_locked(const struct fc_proxy *proxy) {
    for (struct group *group = groups; group != NULL && proxy->group != NULL; group = group->next) {
        if (strcmp(group->name, proxy->group) == 0 && strcmp(group->target->name, proxy->target) == 0) {
            return group;
        }
    }
    return NULL;
}

/* One for each proxy that names none. The first proxy of a group has made its session, with its own deadline. */
static int join_locked(const struct fc_proxy *proxy, const char *path, uint32_t deadline_ms, struct group **ret_group) {
    struct group *group = group_of_locked(proxy);
    int rc = FC_OK;
    if (group == NULL) {
        const char *name = proxy->group != NULL ? proxy->group : "";
        group = calloc(1, sizeof *group + strlen(name) + 1);
        rc = group != NULL ? session_open(proxy, path, deadline_ms, &group->session)
                           : fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory");
        if (rc != FC_OK) {
            free(group);
            return rc;
        }
        memcpy(group->name, name, strlen(name) + 1);
        group->target = fc__target_find(proxy->target);
        group->next = groups;
        groups = group;
    }
    group->users++;
    *ret_group = group;
    return FC_OK;
}

static void leave_locked(struct fc_session *session) {
    for (struct group **link = &groups; *link != NULL; link = &(*link)->next) {
        struct group *group = *link;
        if (group->session == session) {
            if (--group->users == 0) {
                *link = group->next;
                free(group);
                fc_session_close(session);
            }
            return;
        }
    }
}

static int declare(const struct fc_proxy *proxy, struct fc_library *library) {
    struct fc_declarations *declarations = NULL;
    int rc = fc_declarations_new(proxy->target, &declarations);
    for (size_t i = 0; rc == FC_OK && i < proxy->text_count; i++) {
        const struct fc_proxy_text *text = &proxy->texts[i];
        rc = text->caller != text->callee ? fc_declarations_read(declarations, text->name, text->caller, text->callee)
                                          : fc_declarations_amend(declarations, text->name, text->caller);
    }
    rc = rc == FC_OK ? fc_library_declare(library, declarations) : rc;
    fc_declarations_free(declarations);
    return rc;
}

static int bind(struct fc_proxy *proxy, struct fc_library *library, size_t index) {
    struct fc_function *function = NULL, *none = NULL;
    int rc = fc_bind(library, proxy->exports[index].name, &function);
    if (rc == FC_OK) { /* of two threads the first; what the other bound goes with the library */
        __atomic_compare_exchange_n(&proxy->functions[index], &none, function, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE);
    }
    return rc;
}

static int open_locked(struct fc_proxy *proxy) {
    struct fc__error *err = fc__error_here();
    char path[PATH_MAX];
    uint32_t deadline_ms = 0;
    struct group *group = NULL;
    struct fc_library *library = NULL;
    if (proxy->version != FC_PROXY_VERSION) {
        return fc__error_set(err, FC_EINVAL,
                             "this proxy is of version %u, and farcall %s takes those of version %d: generate it anew",
                             proxy->version, fc_version(), FC_PROXY_VERSION);
    }
    int rc = find_file(proxy, path, err);
    rc = rc == FC_OK ? fc__proxy_check(proxy, path, err) : rc;
    rc = rc == FC_OK ? find_deadline(proxy, &deadline_ms, err) : rc;
    rc = rc == FC_OK ? join_locked(proxy, path, deadline_ms, &group) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    rc = fc_library_open(group->session, path, &library);
    rc = rc == FC_OK ? declare(proxy, library) : rc;
    for (size_t i = 0; rc == FC_OK && i < proxy->export_count; i++) {
        if ((proxy->exports[i].flags & FC_PROXY_AT_ONCE) != 0) {
            (void)bind(proxy, library, i); /* its first call says what failed */
        }
    }
    if (rc != FC_OK) {
        memset(proxy->functions, 0, proxy->export_count * sizeof(struct fc_function *));
        fc_library_close(library);
        leave_locked(group->session);
        return rc;
    }
    __atomic_store_n(&proxy->library, library, __ATOMIC_RELEASE);
    return FC_OK;
}

static int ensure_open(struct fc_proxy *proxy) {
    pthread_once(&once, install);
    if (openings != 0) {
        return fc__error_set(fc__error_here(), FC_EBUSY,
                             "this thread is opening a library at this moment (a signal handler?), and the first call "
                             "of a function opens or looks up more");
    }
    openings = openings + 1;
    pthread_mutex_lock(&lock);
    int rc = __atomic_load_n(&proxy->library, __ATOMIC_ACQUIRE) == NULL ? open_locked(proxy) : FC_OK;
    pthread_mutex_unlock(&lock);
    openings = openings - 1;
    return rc;
}

bool fc__proxy_is_open(struct fc_proxy *proxy) {
    return __atomic_load_n(&proxy->library, __ATOMIC_ACQUIRE) != NULL || ensure_open(proxy) == FC_OK;
}

struct fc_function *fc_proxy_bind(struct fc_proxy *proxy, size_t index) {
    const struct fc_proxy_export *export = &proxy->exports[index];
    const int errno_before = errno;
    int rc = FC_OK;
    if (export->refused != NULL) {
        rc = fc__error_set(fc__error_here(), FC_EUNSUPPORTED, "it cannot be called through this proxy: %s",
                           export->refused);
    } else if (__atomic_load_n(&proxy->library, __ATOMIC_ACQUIRE) == NULL) {
        rc = ensure_open(proxy);
    }
    if (rc == FC_OK && __atomic_load_n(&proxy->functions[index], __ATOMIC_ACQUIRE) == NULL) {
        rc = bind(proxy, __atomic_load_n(&proxy->library, __ATOMIC_ACQUIRE), index);
    }
    errno = errno_before;
    return rc == FC_OK ? __atomic_load_n(&proxy->functions[index], __ATOMIC_ACQUIRE) : NULL;
}

void fc_proxy_close(struct fc_proxy *proxy) {
    if (__atomic_load_n(&proxy->library, __ATOMIC_ACQUIRE) == NULL || openings != 0) {
        return;
    }
    if (pthread_mutex_trylock(&lock) != 0) {
        return; /* some thread is opening one: the program does not wait for it to end */
    }
    struct fc_library *library = proxy->library;
    struct fc_session *session = library != NULL ? fc_library_session(library) : NULL;
    if (session != NULL && fc__session_is_idle(session)) {
        memset(proxy->functions, 0, proxy->export_count * sizeof(struct fc_function *));
        for (size_t i = 0; i < proxy->variable_count; i++) {
            proxy->variables[i].variable = NULL;
        }
        __atomic_store_n(&proxy->library, NULL, __ATOMIC_RELEASE);
        fc_library_close(library);
        leave_locked(session);
    }
    pthread_mutex_unlock(&lock);
}

int fc_proxy_call_format(struct fc_function *function, void *ret_result, void *const *arguments, va_list *rest) {
    struct fc__marshal marshal; /* not cleared: large, and written as it is used */
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.passed = NULL;
    marshal.err = fc__error_here();
    return fc__variadic_rest(function, &marshal, ret_result, arguments, rest);
}

/* -- failure ------------------------------------------------------------------------------------------------------- */

void fc_proxy_on_failure(fc_proxy_failure_fn *call, void *user_data) {
    atomic_store(&handler.data, user_data);
    atomic_store(&handler.call, call);
}

static int errno_of(int error) {
    switch (error) {
    case FC_EINVAL:
        return EINVAL;
    case FC_ENOMEM:
        return ENOMEM;
    case FC_ENOENT:
        return ENOENT;
    case FC_ERANGE:
        return ERANGE;
    case FC_ETIMEDOUT:
        return ETIMEDOUT;
    case FC_EBUSY:
        return EBUSY;
    case FC_EUNSUPPORTED:
        return ENOSYS;
    default:
        return EIO;
    }
}

bool fc_proxy_failed(struct fc_proxy *proxy, size_t index, void *ret_result, size_t result_bytes) {
    const struct fc_proxy_export *export = &proxy->exports[index];
    struct fc__error *err = fc__error_here();
    const int code = err->code;
    char text[FC__ERROR_TEXT_MAX];
    memcpy(text, err->text, sizeof text);
    fc_proxy_failure_fn *call = atomic_load(&handler.call);
    if (call != NULL) {
        const struct fc_proxy_failure failure = {proxy->name, export->name, code, text};
        call(atomic_load(&handler.data), &failure);
    }
    fc__error_set(err, code, "%s: %s: %s", proxy->name, export->name, text);
    const bool fails = (export->flags & FC_PROXY_FAILS) != 0;
    if (export->refused != NULL || (!fails && call == NULL)) {
        if (export->refused == NULL && __atomic_load_n(&proxy->library, __ATOMIC_ACQUIRE) != NULL) {
            fc__error_add(err,
                          "\nWrite _Fc_fails_with_(value) before %s in a sidecar to have it return that instead of "
                          "aborting the program.",
                          export->name);
        }
        return false;
    }
    if (ret_result != NULL) {
        memset(ret_result, 0, result_bytes);
        memcpy(ret_result, &export->fails_with, fails && result_bytes <= 8 ? result_bytes : 0);
    }
    errno = errno_of(code);
    return true;
}
