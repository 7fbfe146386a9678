/* host: a process that a library forks. It may read what it was given, but no longer speaks for this host. */
#include "host/heap.h"
#include "host/host.h"
#include "host/linux/system.h"

#include "os/os.h"

#include <pthread.h>

static void before_fork(void) {
    fc__host_memory_hold();
    fc__host_heap_before_fork();
}
static void after_fork_in_parent(void) {
    fc__host_heap_after_fork_in_parent();
    fc__host_memory_release();
}

static void after_fork_in_child(void) {
    fc__host_heap_after_fork_in_child(); /* before anything is written to it */
    fc__host_memory_each_held(fc__os_memory_privatise);
    fc__os_close(&fc__host.control_fd);
    fc__os_close(&fc__host_caller_fd);
    fc__host_foreign_forked();
    fc__host.is_forked = true;
    fc__host_memory_release();
}

void fc__host_fork_install(void) {
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}
