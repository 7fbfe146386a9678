/* os: fences on all processors at once, by membarrier. */
#include "os/os.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int state; /* enum fc__os_fences */

void fc__os_fences_begin(void) {
    const int saved = errno;
    const bool works = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
    atomic_store(&state, works ? FC__OS_FENCES_WORK : FC__OS_FENCES_NONE);
    errno = saved;
}

void fc__os_fences_forget(void) {
    atomic_store(&state, FC__OS_FENCES_SOON);
}

enum fc__os_fences fc__os_fences_state(void) {
    return (enum fc__os_fences)atomic_load_explicit(&state, memory_order_acquire);
}

void fc__os_fence(void) {
    const int saved = errno;
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
    errno = saved;
}
