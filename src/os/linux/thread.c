/* os: threads of the library's own. */
#include "os/os.h"

#include <pthread.h>
#include <signal.h>

_Static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "a thread's name fits");

int fc__os_thread_start(void *(*run)(void *argument), void *argument, size_t stack_bytes, uint64_t *ret_thread) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, old;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* the program's signals are for its own threads */
    int error = pthread_create(&thread, &attributes, run, argument);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    if (error == 0) {
        *ret_thread = (uint64_t)thread;
    }
    return -error;
}

void fc__os_thread_join(uint64_t thread) {
    pthread_join((pthread_t)thread, NULL);
}

bool fc__os_thread_joined(uint64_t thread) {
    return pthread_tryjoin_np((pthread_t)thread, NULL) == 0;
}
