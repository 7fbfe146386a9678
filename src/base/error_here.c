/* base: each thread's own error. On the heap: thread-local memory of a library that is loaded into a running program,
 * as bindings and proxies load this one, is too scarce for a text. */
#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

static _Thread_local struct fc__error *here;
static struct fc__error nobodys; /* when out of memory */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void thread_ends(void *error) {
    here = NULL;
    free(error);
}

static void make_key(void) {
    has_key = pthread_key_create(&key, thread_ends) == 0;
}

/* The library may be unloaded before the threads that used it end. */
__attribute__((destructor)) static void delete_key(void) {
    if (has_key) {
        pthread_key_delete(key);
    }
}

/* A signal handler may do the same while this runs: the first that is finished is the thread's. */
static struct fc__error *make(void) {
    pthread_once(&once, make_key);
    struct fc__error *made = has_key ? calloc(1, sizeof *made) : NULL, *already = NULL;
    if (made == NULL) {
        return &nobodys;
    }
    if (!__atomic_compare_exchange_n(&here, &already, made, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        free(made);
        return already;
    }
    if (pthread_setspecific(key, made) != 0) {
        here = NULL;
        free(made);
        return &nobodys;
    }
    return made;
}

/* A thread that calls in a signal handler has called before, and so has one. */
struct fc__error *fc__error_here(void) {
    return here != NULL ? here : make();
}
