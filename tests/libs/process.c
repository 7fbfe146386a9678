/* What a library can do to the process that it lives in, without meaning harm. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- who it is ----------------------------------------------------------------------------------------------------- */

int process_id(void) {
    return (int)getpid();
}
int process_group(void) {
    return (int)getpgrp();
}
int thread_id(void) {
    return (int)syscall(SYS_gettid);
}
int add(int a, int b) {
    return a + b;
}

static __thread int thread_count;
int count_in_thread(void) {
    return ++thread_count;
}

/* 1 where the signal has its default disposition and is not blocked. */
int signal_is_default(int number) {
    struct sigaction action;
    sigset_t blocked;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_DFL &&
           pthread_sigmask(SIG_BLOCK, NULL, &blocked) == 0 && !sigismember(&blocked, number);
}
int signal_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* How often this thread went to sleep of its own accord. */
int voluntary_switches(void) {
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? (int)usage.ru_nvcsw : -1;
}

/* -- what it shares with its caller -------------------------------------------------------------------------------- */

const char *working_directory(void) {
    static char path[4096];
    return getcwd(path, sizeof path);
}
int change_directory(const char *path) {
    return chdir(path);
}
int change_umask(int mask) {
    return (int)umask((mode_t)mask);
}
const char *environment(const char *name) {
    return getenv(name);
}

int environment_count(void) {
    int count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    return count;
}

int descriptor_is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

/* -- printing ------------------------------------------------------------------------------------------------------ */

int print(const char *text) {
    return fputs(text, stdout);
}
int print_error(const char *text) {
    return fputs(text, stderr);
}
int read_input(void) {
    return getchar();
}
/* As a terminal's reader sees it: the errno, or 0. */
int read_terminal(void) {
    char byte;
    return read(STDIN_FILENO, &byte, 1) < 0 ? errno : 0;
}

/* -- ending -------------------------------------------------------------------------------------------------------- */

void end_exit(int status) {
    exit(status);
}
void end_at_once(int status) {
    _exit(status);
}
void end_at_once_c99(int status) {
    _Exit(status);
}
void end_quick(int status) {
    quick_exit(status);
}
void end_abort(void) {
    abort();
}
void end_raise(int number) {
    raise(number);
}
void end_kill(int number) {
    kill(getpid(), number);
    for (;;) {
        pause(); /* any thread may take it */
    }
}
void end_system_call(int status) {
    syscall(SYS_exit_group, status);
}
void end_thread(void) {
    pthread_exit(NULL);
}

static char ending_path[4096];
static void note_ending(const char *what) {
    if (ending_path[0] != '\0') {
        int fd = open(ending_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        ssize_t len = write(fd, what, strlen(what));
        close(fd);
        (void)len;
    }
}
static void note_atexit(void) {
    note_ending("atexit\n");
}
__attribute__((destructor)) static void note_destructor(void) {
    note_ending("destructor\n");
}

/* At the end of the process two lines are appended to the file. */
int note_end(const char *path) {
    snprintf(ending_path, sizeof ending_path, "%s", path);
    return atexit(note_atexit);
}

static void note_quick(void) {
    note_ending("quick\n");
}
int note_quick_end(const char *path) {
    snprintf(ending_path, sizeof ending_path, "%s", path);
    return at_quick_exit(note_quick);
}

/* -- starting others ----------------------------------------------------------------------------------------------- */

/* The sum of the bytes, computed in a forked child, and what the child cannot see: -1 on failure. */
int sum_in_child(const unsigned char *data, int count) {
    int ends[2], sum = -1;
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        int here = 0;
        for (int i = 0; i < count; i++) {
            here += data[i];
        }
        ssize_t len = write(ends[1], &here, sizeof here);
        _exit(len != (ssize_t)sizeof here);
    }
    close(ends[1]);
    int status = 0;
    if (read(ends[0], &sum, sizeof sum) != (ssize_t)sizeof sum || waitpid(child, &status, 0) != child || status != 0) {
        sum = -1;
    }
    close(ends[0]);
    return sum;
}

/* A child writes over the buffer; returns the first byte that this process sees afterwards. */
int write_in_child(unsigned char *data, int count) {
    pid_t child = fork();
    if (child == 0) {
        memset(data, 0xee, (size_t)count);
        _exit(0);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && status == 0 ? data[0] : -1;
}

/* The child ends by a signal of its own; returns which. `how`: 0 fork, 1 the bare system call. */
int crash_in_child(int how) {
    volatile int *volatile nowhere = NULL;
    pid_t child = how == 0 ? fork() : (pid_t)syscall(SYS_fork);
    if (child == 0) {
        *nowhere = 1;
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

/* The child ends by exit or _exit. `how`: 0 exit after fork, 1 _exit after fork, 2 _exit after vfork. */
int exit_in_child(int how, int status_wanted) {
    pid_t child = how == 2 ? vfork() : fork();
    if (child == 0) {
        if (how == 0) {
            exit(status_wanted);
        }
        _exit(status_wanted);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A child that stays until it is killed; its process id. It is no zombie of this process afterwards. */
int start_child(void) {
    int ends[2], pid = -1;
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t middle = fork();
    if (middle == 0) {
        pid = (int)fork();
        if (pid == 0) {
            close(ends[0]);
            close(ends[1]);
            for (;;) {
                pause();
            }
        }
        ssize_t len = write(ends[1], &pid, sizeof pid);
        _exit(len != (ssize_t)sizeof pid);
    }
    close(ends[1]);
    if (read(ends[0], &pid, sizeof pid) != (ssize_t)sizeof pid) {
        pid = -1;
    }
    close(ends[0]);
    waitpid(middle, NULL, 0);
    return pid;
}

int run_command(const char *command) {
    return system(command);
}

/* -- resources ----------------------------------------------------------------------------------------------------- */

int close_descriptors(int first) {
    return (int)syscall(SYS_close_range, first, ~0u, 0);
}

/* No more address space, and so no more threads; 0 lifts the limit. */
int limit_memory(int on) {
    static struct rlimit before;
    struct rlimit limit;
    if (on) {
        if (getrlimit(RLIMIT_AS, &before) != 0) {
            return errno;
        }
        limit = before;
        limit.rlim_cur = 1 << 20;
    } else {
        limit = before;
    }
    return setrlimit(RLIMIT_AS, &limit) == 0 ? 0 : errno;
}

int open_descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 4096; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

/* -- taking time --------------------------------------------------------------------------------------------------- */

int nap_us(int us) {
    usleep((useconds_t)us);
    return us;
}

/* Shared with the caller: how many threads are inside, and whether they may go. */
struct gate {
    int inside, open;
};
int wait_at_gate(struct gate *gate) {
    __atomic_add_fetch(&gate->inside, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate->open, __ATOMIC_SEQ_CST) == 0) {
        usleep(500);
    }
    return __atomic_sub_fetch(&gate->inside, 1, __ATOMIC_SEQ_CST);
}
