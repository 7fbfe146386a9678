/* os: starting a program that is no child of ours.
 *
 * The caller clones a *middle* process that shares its memory (so nothing is copied, however large the caller) and its
 * file-system state; the middle clones the program's process the same way and executes it. Neither sends a signal or
 * can be waited for by the caller's own wait calls: the middle's exit signal is 0, and the program is the middle's
 * child. The middle stays until the program has shown that it is up, so that an early end keeps its status; then it
 * is killed and the program belongs to init (or to the nearest subreaper).
 *
 * Code that runs in the two clones makes raw system calls only: they share this thread's errno and locks. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_BYTES = 32 * 1024, FD_FIRST = 3, CLOSE_BY_HAND = 4096 };

struct shared {
    _Atomic uint32_t stage; /* 0; then STAGE_EXECUTED or STAGE_FAILED */
    int pid, caller_pid;
    int exec_error;              /* errno of the failing step */
    _Atomic uint32_t has_handle; /* the caller holds the program by a pidfd: its number may go */
    _Atomic uint32_t ended;
    int status;
    const struct fc__os_spawn *spawn; /* the caller's, until the program is executed */
    _Atomic uint32_t *died_word;
    uint32_t died_value;
    int died_bell;
    int stderr_fd;
    bool share_directory;
    unsigned char stacks[2][STACK_BYTES] __attribute__((aligned(16)));
};
enum { STAGE_EXECUTED = 1, STAGE_FAILED = 2 };

#define MIDDLE_CHECK_NS UINT64_C(100000000)

/* glibc's clone by the name that sanitizers do not replace: theirs expects threads and forks, and this is neither. */
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

#define NO_SANITIZER __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))

/* Raw system calls return -errno. */
NO_SANITIZER static long raw5(long number, long a, long b, long c, long d, long e) {
    long result;
#if defined(__x86_64__)
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
#elif defined(__i386__)
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
#else
#error "no system call sequence for this processor"
#endif
    return result;
}

NO_SANITIZER static void raw_wake(_Atomic uint32_t *word) {
    raw5(SYS_futex, (long)word, FUTEX_WAKE, 0x7fffffff, 0, 0);
}

/* The middle has its own copy of the caller's dispositions, and the program inherits it: what the caller ignores, the
 * program must not. Above all SIGCHLD, with which the middle would never learn how the program ended. */
NO_SANITIZER static void reset_signals(void) {
    static const unsigned char default_action[64]; /* struct kernel_sigaction, all 0 */
    for (int number = 1; number < _NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP) {
            raw5(SYS_rt_sigaction, number, (long)default_action, 0, 8, 0);
        }
    }
}

/* Places the descriptors: first out of the way of the targets, then onto them. */
NO_SANITIZER static long place_descriptors(const struct shared *shared) {
    const struct fc__os_spawn *spawn = shared->spawn;
    int high[FC__OS_SPAWN_FDS_MAX + 2];
    unsigned count = 0;
    for (; count < spawn->fd_count; count++) {
        high[count] = spawn->fds[count];
    }
    unsigned real_stderr = count++;
    high[real_stderr] = spawn->prints_fd > 0 ? spawn->prints_fd : STDERR_FILENO; /* which the caller may have closed */
    unsigned capture = count++;
    high[capture] = shared->stderr_fd;
    const int clear = FD_FIRST + (int)count;
    for (unsigned i = 0; i < count; i++) {
        long fd = high[i] >= 0 ? raw5(SYS_fcntl, high[i], F_DUPFD, clear, 0, 0) : -1;
        if (fd < 0 && high[i] >= 0 && i != real_stderr) {
            return fd == -EINVAL ? -EMFILE : fd; /* `clear` is beyond the limit */
        }
        high[i] = (int)fd;
    }
    for (unsigned i = 0; i <= real_stderr; i++) {
        int target = FD_FIRST + (int)i;
        long rc = high[i] >= 0 ? raw5(SYS_dup3, high[i], target, 0, 0, 0) : raw5(SYS_close, target, 0, 0, 0, 0);
        if (rc < 0 && high[i] >= 0) {
            return rc == -EBADF ? -EMFILE : rc; /* so is the target */
        }
    }
    long rc = raw5(SYS_dup3, high[capture], STDERR_FILENO, 0, 0, 0);
    if (rc >= 0 && spawn->prints_fd > 0) {
        rc = raw5(SYS_dup3, high[real_stderr], STDOUT_FILENO, 0, 0, 0);
    }
    if (rc < 0) {
        return rc;
    }
    long first = FD_FIRST + (long)spawn->fd_count + 1;
    if (raw5(SYS_close_range, first, (long)(unsigned long)UINT32_MAX, 0, 0, 0) < 0) { /* before Linux 5.9 */
        for (long fd = first; fd < CLOSE_BY_HAND; fd++) {
            raw5(SYS_close, fd, 0, 0, 0, 0);
        }
    }
    return 0;
}

NO_SANITIZER static int run_program(void *argument) {
    struct shared *shared = argument;
    const struct fc__os_spawn *spawn = shared->spawn;
    /* Out of reach of the terminal's signals. A group of its own in the same session would be one in the background:
     * stopped when the library reads the terminal, and sent SIGHUP if it is stopped when the middle process ends. */
    raw5(SYS_setsid, 0, 0, 0, 0, 0);
    long rc = place_descriptors(shared);
    if (rc >= 0 && spawn->working_directory != NULL) {
        rc = raw5(SYS_chdir, (long)spawn->working_directory, 0, 0, 0, 0);
    }
    if (rc >= 0) {
        unsigned long none[64 / sizeof(long)] = {0};
        raw5(SYS_rt_sigprocmask, SIG_SETMASK, (long)none, 0, 8, 0);
        rc = raw5(SYS_execve, (long)spawn->path, (long)spawn->arguments, (long)spawn->environment, 0, 0);
    }
    shared->exec_error = (int)-rc;
    return 127;
}

NO_SANITIZER static int run_middle(void *argument) {
    struct shared *shared = argument;
    /* The program alone may change its directory when it was given one of its own. */
    int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (shared->share_directory ? CLONE_FS : 0);
    raw5(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* it holds copies of the caller's descriptors */
    if (raw5(SYS_getppid, 0, 0, 0, 0, 0) != shared->caller_pid) {
        return 0; /* the caller has ended already: no signal comes any more */
    }
    reset_signals();
    int pid = __clone(run_program, shared->stacks[1] + STACK_BYTES, flags, shared);
    if (pid < 0) {
        shared->exec_error = EAGAIN;
    }
    shared->pid = pid;
    bool failed = shared->exec_error != 0;
    if (!failed) {
        atomic_store(&shared->stage, STAGE_EXECUTED);
        raw_wake(&shared->stage);
    }
    while (!failed && atomic_load(&shared->has_handle) == 0) {
        raw5(SYS_futex, (long)&shared->has_handle, FUTEX_WAIT, 0, 0, 0);
    }
    int status = -1;
    if (pid > 0) {
        while (raw5(SYS_wait4, pid, (long)&status, 0, 0, 0) == -EINTR) {
        }
    }
    if (failed) {
        atomic_store(&shared->stage, STAGE_FAILED);
        raw_wake(&shared->stage);
        return 0;
    }
    shared->status = status;
    atomic_store(&shared->ended, 1);
    if (shared->died_word != NULL) {
        atomic_exchange(shared->died_word, shared->died_value);
        raw_wake(shared->died_word);
        if (shared->died_bell > 0) {
            raw5(SYS_write, shared->died_bell, (long)&shared->died_value, 1, 0, 0);
        }
    }
    return 0;
}

/* Valgrind emulates clone() only where it resembles fork or pthread_create. */
static bool under_valgrind(void) {
    const char *preload = getenv("LD_PRELOAD");
    return preload != NULL && strstr(preload, "vgpreload_") != NULL;
}

void fc__os_spawn_settle(struct fc__os_process *process, struct fc__os_middle *ret_middle) {
    *ret_middle = (struct fc__os_middle){.pid = process->middle_pid, .shared = process->shared};
    if (process->middle_pid > 0) {
        kill(process->middle_pid, SIGKILL);
    }
    process->middle_pid = 0;
    process->shared = NULL;
    fc__os_close(&process->stderr_fd);
}

void fc__os_spawn_reap(struct fc__os_middle *middle) {
    while (middle->pid > 0 && waitpid(middle->pid, NULL, __WALL) < 0 && errno == EINTR) {
    }
    if (middle->shared != NULL) { /* its stack; not before it has ended */
        munmap(middle->shared, sizeof(struct shared));
    }
    *middle = (struct fc__os_middle){0};
}

static void give_up(struct fc__os_process *process) {
    struct fc__os_middle middle;
    fc__os_spawn_settle(process, &middle);
    fc__os_spawn_reap(&middle);
    fc__os_process_done(process);
}

/* Waits until the middle says how far it came; it may also be killed. */
static int await_execution(struct shared *shared, struct fc__os_process *process) {
    while (atomic_load(&shared->stage) == 0) {
        uint64_t now_ns = fc__os_now_ns();
        if (fc__os_wait(&shared->stage, 0, now_ns + MIDDLE_CHECK_NS) == -ETIMEDOUT &&
            atomic_load(&shared->stage) == 0 &&
            waitpid(process->middle_pid, NULL, WNOHANG | __WALL) == process->middle_pid) {
            process->middle_pid = 0;
            return -ECHILD;
        }
    }
    return 0;
}

int fc__os_spawn(const struct fc__os_spawn *spawn, struct fc__os_process *ret_process) {
    if (spawn->fd_count > FC__OS_SPAWN_FDS_MAX) {
        return -EINVAL;
    }
    struct fc__os_process process = {.pidfd = -1, .stderr_fd = -1};
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return -errno;
    }
    process.shared = shared;
    int stderr_fd = memfd_create("farcall-stderr", MFD_CLOEXEC);
    process.stderr_fd = fc__os_off_standard(stderr_fd < 0 ? -errno : stderr_fd);
    if (process.stderr_fd < 0) {
        int rc = process.stderr_fd;
        give_up(&process);
        return rc;
    }
    shared->spawn = spawn;
    shared->died_word = spawn->died_word;
    shared->died_value = spawn->died_value;
    shared->died_bell = spawn->died_bell;
    shared->stderr_fd = process.stderr_fd;
    shared->caller_pid = getpid();
    bool fork_like = under_valgrind();
    shared->share_directory = spawn->working_directory == NULL && !fork_like;

    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int middle = __clone(run_middle, shared->stacks[0] + STACK_BYTES, fork_like ? 0 : CLONE_VM | CLONE_FS, shared);
    int rc = middle < 0 ? -errno : 0;
    if (middle > 0) {
        process.middle_pid = middle;
        rc = await_execution(shared, &process);
        if (atomic_load(&shared->stage) == STAGE_FAILED) {
            rc = -shared->exec_error;
        }
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc == 0) {
        process.pid = shared->pid;
        rc = fc__os_process_watchable(process.pid, &process.pidfd);
        rc = rc == -ENOSYS ? 0 : rc;
        if (rc != 0) {
            kill(process.pid, SIGKILL);
        }
        atomic_store(&shared->has_handle, 1);
        fc__os_wake(&shared->has_handle);
    }
    if (rc != 0) {
        give_up(&process);
        return rc;
    }
    *ret_process = process;
    return 0;
}

int fc__os_spawn_failed(struct fc__os_process *process, char *ret_stderr, size_t size) {
    struct shared *shared = process->shared;
    /* An end that came by itself is on its way to the middle; one that did not come is brought about. */
    int status = -1;
    bool by_itself = fc__os_process_ended(process, 0);
    if (!by_itself) {
        fc__os_process_kill(process);
        fc__os_process_ended(process, 5000);
    } else if (shared != NULL) {
        uint64_t until = fc__os_now_ns() + UINT64_C(5000000000);
        while (atomic_load(&shared->ended) == 0 && fc__os_now_ns() < until) {
            fc__os_wait(&shared->ended, 0, until);
            sched_yield();
        }
        status = atomic_load(&shared->ended) != 0 ? shared->status : -1;
    }
    if (size > 0) {
        ssize_t len = process->stderr_fd >= 0 ? pread(process->stderr_fd, ret_stderr, size - 1, 0) : 0;
        ret_stderr[len > 0 ? len : 0] = '\0';
    }
    give_up(process);
    return status;
}
