/* os: threads of a host, and what is done when they end. */
#include "os/os.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

int fc__os_thread_detached(void *(*run)(void *argument), void *argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return -error;
}

_Noreturn void fc__os_thread_exit(void) {
    pthread_exit(NULL);
}

bool fc__os_thread_is_first(void) {
    return getpid() == (pid_t)syscall(SYS_gettid);
}

int fc__os_thread_hold(void) {
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

void fc__os_thread_release(int held) {
    pthread_setcancelstate(held, NULL);
}

int fc__os_ending_new(void (*act)(void *data), unsigned *ret_ending) {
    return -pthread_key_create(ret_ending, act);
}

void fc__os_ending_set(unsigned ending, void *data) {
    pthread_setspecific(ending, data);
}

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct fc__os_lock), "room for the system's; zeros initialise it");

void fc__os_lock(struct fc__os_lock *lock) {
    pthread_mutex_lock((pthread_mutex_t *)(void *)lock->system);
}

void fc__os_unlock(struct fc__os_lock *lock) {
    pthread_mutex_unlock((pthread_mutex_t *)(void *)lock->system);
}

_Noreturn void fc__os_exit_now(int status) {
    syscall(SYS_exit_group, status);
    __builtin_unreachable();
}
