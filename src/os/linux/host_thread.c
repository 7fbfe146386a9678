/* os: threads of a host, and what is done when they end. */
#include "os/os.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
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

/* A fault is nobody else's. */
static void block_signals(sigset_t *ret_before) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT};
    sigset_t blocked;
    sigfillset(&blocked);
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        sigdelset(&blocked, faults[i]);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, ret_before);
}

void fc__os_thread_hold(struct fc__os_held *ret_held) {
    sigset_t before;
    block_signals(&before);
    memcpy(&ret_held->signals, &before, sizeof ret_held->signals); /* all that there are */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ret_held->cancelling);
}

void fc__os_thread_release(const struct fc__os_held *held) {
    sigset_t before;
    sigemptyset(&before);
    memcpy(&before, &held->signals, sizeof held->signals);
    pthread_setcancelstate(held->cancelling, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static sigset_t signals_before;
static _Atomic bool signals_are_elsewhere;

void fc__os_signals_begin_here(void) {
    if (atomic_load(&signals_are_elsewhere)) {
        pthread_sigmask(SIG_SETMASK, &signals_before, NULL);
    }
}

static void *take_signals(void *unused) {
    fc__os_signals_begin_here();
    while (pause() != 0) {
    }
    return unused;
}

void fc__os_signals_begin_elsewhere(void) {
    if (!atomic_load(&signals_are_elsewhere)) {
        block_signals(&signals_before);
        atomic_store(&signals_are_elsewhere, true);
        fc__os_thread_detached(take_signals, NULL); /* without it, those that serve have to do */
    }
}

void fc__os_signals_end_elsewhere(void) {
    fc__os_signals_begin_here();
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
