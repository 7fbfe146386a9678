/* os: time, CPUs and sleeping on a word. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

uint64_t fc__os_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int fc__os_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
    struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000u),
                             .tv_nsec = (long)(deadline_ns % 1000000000u)};
    int saved = errno;
    long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, deadline_ns != 0 ? &until : NULL, NULL,
                      FUTEX_BITSET_MATCH_ANY);
    /* A word that changes all the time is never slept on: the deadline holds all the same. */
    bool is_late =
        rc < 0 && (errno == ETIMEDOUT || (errno == EAGAIN && deadline_ns != 0 && fc__os_now_ns() >= deadline_ns));
    int result = is_late ? -ETIMEDOUT : rc < 0 && errno == EAGAIN ? -EAGAIN : 0;
    errno = saved;
    return result;
}

void fc__os_wake(_Atomic uint32_t *word) {
    int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    errno = saved;
}

void fc__os_wake_one(_Atomic uint32_t *word) {
    int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    errno = saved;
}

unsigned fc__os_cpus_affine(void) {
    cpu_set_t set;
    int saved = errno;
    /* Fails with EINVAL on machines of more than 1024 CPUs, which are not short of them. */
    unsigned count = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : CPU_SETSIZE;
    errno = saved;
    return count > 0 ? count : 1;
}

unsigned fc__os_cpu(void) {
    const int cpu = sched_getcpu();
    return cpu >= 0 ? (unsigned)cpu : UINT_MAX;
}

void fc__os_leave_cpu(void) {
    cpu_set_t allowed, others;
    int saved = errno;
    int cpu = sched_getcpu();
    if (cpu >= 0 && cpu < CPU_SETSIZE && sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        others = allowed;
        CPU_CLR((size_t)cpu, &others);
        if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0) {
            sched_setaffinity(0, sizeof allowed, &allowed);
        }
    }
    errno = saved;
}

void fc__os_sleep_us(unsigned us) {
    struct timespec span = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    int saved = errno;
    nanosleep(&span, NULL);
    errno = saved;
}

static bool read_file(const char *path, char *buffer, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, buffer, size - 1);
    close(fd);
    buffer[len > 0 ? len : 0] = '\0';
    return len > 0;
}

/* The limit that one cgroup folder states, in whole CPUs rounded down; UINT_MAX if none. */
static unsigned folder_quota(const char *folder, bool v2) {
    char path[PATH_MAX + 32], text[128];
    long long quota = -1;
    long long period = 0;
    if (v2) {
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        if (!read_file(path, text, sizeof text) || sscanf(text, "%lld %lld", &quota, &period) != 2) {
            return UINT_MAX;
        }
    } else {
        snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
        if (!read_file(path, text, sizeof text) || sscanf(text, "%lld", &quota) != 1) {
            return UINT_MAX;
        }
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        if (!read_file(path, text, sizeof text) || sscanf(text, "%lld", &period) != 1) {
            return UINT_MAX;
        }
    }
    if (quota <= 0 || period <= 0) {
        return UINT_MAX;
    }
    long long whole = quota / period;
    return whole > 0 ? (unsigned)whole : 1;
}

/* Walks from the process's cgroup up to the root of the hierarchy: each level may limit. (cgroup-v2.rst, "cpu.max";
 * sched-bwc.rst for v1.) */
static unsigned cgroup_quota(void) {
    char table[4096];
    if (!read_file("/proc/self/cgroup", table, sizeof table)) {
        return UINT_MAX;
    }
    unsigned least = UINT_MAX;
    char *rest = NULL;
    for (char *line = strtok_r(table, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *controllers = strchr(line, ':');
        char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL) {
            continue;
        }
        *group++ = '\0';
        controllers++;
        bool v2 = controllers[0] == '\0';
        char named[64];
        snprintf(named, sizeof named, ",%.60s,", controllers);
        if (!v2 && strstr(named, ",cpu,") == NULL) {
            continue;
        }
        const char *roots[] = {v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu",
                               v2 ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup/cpu,cpuacct"};
        for (size_t i = 0; i < 2; i++) {
            char folder[PATH_MAX];
            int len = snprintf(folder, sizeof folder, "%s%s", roots[i], group);
            size_t root_len = strlen(roots[i]);
            while (len > 0 && (size_t)len < sizeof folder) {
                unsigned quota = folder_quota(folder, v2);
                least = quota < least ? quota : least;
                char *slash = strrchr(folder, '/');
                if (slash == NULL || slash < folder + root_len) {
                    break;
                }
                *slash = '\0';
            }
        }
    }
    return least;
}

unsigned fc__os_cpus_quota(void) {
    int saved = errno;
    unsigned quota = cgroup_quota();
    errno = saved;
    return quota;
}
