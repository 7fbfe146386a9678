/* os: processes that are not our children. */
#include "os/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/pidfd.h of Linux 6.15, which Debian 12 does not have yet. */
struct pidfd_exit_info {
    uint64_t mask;
    uint64_t cgroupid;
    uint32_t ids[11];
    int32_t exit_code;
};
#define PIDFD_GET_EXIT_INFO _IOWR(0xFF, 11, struct pidfd_exit_info)
#define PIDFD_EXIT_INFO_MASK (UINT64_C(1) << 3)
_Static_assert(sizeof(struct pidfd_exit_info) == 64, "struct pidfd_info, first published size");

void fc__os_process_kill(const struct fc__os_process *process) {
    int saved = errno;
    if (process->pidfd >= 0) {
        syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
    } else if (process->pid > 0) {
        kill(process->pid, SIGKILL);
    }
    errno = saved;
}

/* Without pidfds: it is not there, or only waits for its parent to look at it. */
static bool has_no_life(int pid) {
    char path[32], stat[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, stat, sizeof stat - 1) : -1;
    fc__os_close(&fd);
    if (len <= 0) {
        return true;
    }
    stat[len] = '\0';
    const char *state = strrchr(stat, ')'); /* the name before it may hold anything */
    return state == NULL || strchr("ZXx", state[2]) != NULL;
}

bool fc__os_process_ended(const struct fc__os_process *process, int timeout_ms) {
    if (process->pidfd >= 0) {
        struct pollfd watched = {.fd = process->pidfd, .events = POLLIN};
        int rc;
        do {
            rc = poll(&watched, 1, timeout_ms);
        } while (rc < 0 && errno == EINTR);
        return rc > 0;
    }
    for (int waited_ms = 0;; waited_ms += 2) {
        if (process->pid <= 0 || has_no_life(process->pid)) {
            return true;
        }
        if (waited_ms >= timeout_ms) {
            return false;
        }
        usleep(2000);
    }
}

/* The program is ours to reap where we are init or a subreaper, as in many containers. By its pidfd where there are
 * such: its number may be another child's by now. */
static bool reap(const struct fc__os_process *process, int *ret_status) {
    siginfo_t waited = {0};
    const int how = WEXITED | WNOHANG | __WALL;
    int rc = process->pidfd >= 0 ? waitid((idtype_t)P_PIDFD, (id_t)process->pidfd, &waited, how) : -1;
    if (rc != 0 && process->pid > 0 && (process->pidfd < 0 || errno == EINVAL)) { /* EINVAL: before Linux 5.4 */
        rc = waitid(P_PID, (id_t)process->pid, &waited, how);
    }
    if (rc != 0 || waited.si_pid == 0) {
        return false;
    }
    *ret_status = waited.si_code == CLD_EXITED ? waited.si_status << 8 : waited.si_status;
    return true;
}

int fc__os_process_status(const struct fc__os_process *process) {
    int saved = errno;
    int status = -1;
    struct pidfd_exit_info info = {.mask = PIDFD_EXIT_INFO_MASK};
    bool reaped = process->middle_pid == 0 && reap(process, &status);
    if (!reaped && process->pidfd >= 0 && ioctl(process->pidfd, PIDFD_GET_EXIT_INFO, &info) == 0 &&
        (info.mask & PIDFD_EXIT_INFO_MASK) != 0) {
        status = info.exit_code;
    }
    errno = saved;
    return status;
}

void fc__os_process_done(struct fc__os_process *process) {
    fc__os_close(&process->pidfd);
    process->pid = 0;
}

int fc__os_process_watchable(int pid, int *ret_pidfd) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    fd = fc__os_off_standard(fd < 0 ? -errno : fd);
    if (fd < 0) {
        return fd;
    }
    *ret_pidfd = fd;
    return 0;
}

const char *fc__os_signal_name(int signal, char *buffer, size_t size) {
    const char *name = sigabbrev_np(signal);
    if (name != NULL) {
        snprintf(buffer, size, "SIG%s", name);
    } else {
        snprintf(buffer, size, "signal %d", signal);
    }
    return buffer;
}

static bool is_program(const void *base) {
    Dl_info info;
    return dladdr((const void *)getauxval(AT_PHDR), &info) != 0 && info.dli_fbase == base;
}

int fc__os_module_path(const void *address, char *buffer, size_t size) {
    Dl_info info;
    if (dladdr(address, &info) == 0 || info.dli_fname == NULL) {
        return -ENOENT;
    }
    /* The main program's name is argv[0], which need not be a path, nor one from where the program is by now. */
    char resolved[4096];
    const char *path = info.dli_fname;
    if (strchr(path, '/') == NULL || (path[0] != '/' && is_program(info.dli_fbase))) {
        ssize_t len = readlink("/proc/self/exe", resolved, sizeof resolved - 1);
        if (len <= 0) {
            return -ENOENT;
        }
        resolved[len] = '\0';
        path = resolved;
    }
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return -errno;
    }
    int rc = strlen(real) < size ? 0 : -ENAMETOOLONG;
    if (rc == 0) {
        memcpy(buffer, real, strlen(real) + 1);
    }
    free(real);
    return rc;
}
