/* guardian: the process of this system that a host for another one runs under, as the hosts for Windows do under Wine.
 * To the caller it is the host: it is what the caller starts, watches and kills, and it ends as the host ends. The host
 * is killed when the guardian is, and when the caller ends, whatever state it is in: a stopped one, one that spins with
 * the loader's lock, one whose wineserver has gone.
 * Runs in: a process of its own, started by os/linux/spawn.c in the place of a host.  Threads: one.
 * Does not: keep the session's memory; end what the host leaves behind, such as Wine's own programs, unless it sees the
 * session's memory. */
#include "guardian/guardian.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLER_CHECK_MS = 100, LAST_WORDS_MS = 200 };

/* Sent when the go-between of the start ends: the caller has settled, the host is up. */
#define SETTLED SIGUSR1

static struct fc__os_process caller = {.pidfd = -1};
static struct stat memory; /* the session's; st_ino 0: unknown */
static pid_t host_pid;
static int signals_fd, control_fd;

/* What the host prints on stderr: kept for the caller to read if the start fails, and afterwards passed on. */
static struct {
    int fd;
    size_t len, done;
    char bytes[4096]; /* PIPE_BUF: so much a pipe that is ready takes without waiting */
} words;

static _Noreturn void cannot_start(int status, const char *what, const char *why) {
    dprintf(STDERR_FILENO, "farcall-guardian: %s%s%s\n", what, why != NULL ? ": " : "", why != NULL ? why : "");
    _exit(status);
}

/* -- start --------------------------------------------------------------------------------------------------------- */

/* -1 if the caller has none such to give. */
static int private_fd(int fd) {
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

/* Wine's own programs would inherit the memory, and keep it for as long as they run. */
static void take_descriptors(void) {
    int memory_fd = FC__WIRE_FD_MEMORY, heap_fd = FC__WIRE_FD_HEAP;
    if (fstat(memory_fd, &memory) != 0) {
        memory.st_ino = 0;
    }
    fc__os_close(&memory_fd);
    fc__os_close(&heap_fd);
    control_fd = private_fd(FC__WIRE_FD_CONTROL);
    private_fd(FC__WIRE_FD_STDERR);
    caller.pidfd = private_fd(FC__WIRE_FD_CALLER);
    if (caller.pidfd < 0 && fc__os_process_watchable(caller.pid, &caller.pidfd) != 0) {
        caller.pidfd = -1; /* then it is looked for now and then */
    }
}

static void take_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SETTLED);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signals_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_fd < 0 || prctl(PR_SET_PDEATHSIG, SETTLED, 0, 0, 0) != 0 ||
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot watch its processes", strerror(errno));
    }
}

static _Noreturn void become_host(char **arguments, pid_t guardian_pid) {
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != guardian_pid) {
        _exit(FC__WIRE_EXIT_SYSTEM); /* it has ended already */
    }
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(arguments[0], arguments);
    cannot_start(FC__WIRE_EXIT_SYSTEM, arguments[0], strerror(errno));
}

static void start_host(char **arguments) {
    const pid_t guardian_pid = getpid();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot make a pipe", strerror(errno));
    }
    host_pid = fork();
    if (host_pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        become_host(arguments, guardian_pid);
    }
    if (host_pid < 0) {
        cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot start a process", strerror(errno));
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    words.fd = ends[0];
}

/* -- what the host prints ------------------------------------------------------------------------------------------ */

static void read_words(void) {
    ssize_t len = read(words.fd, words.bytes, sizeof words.bytes);
    words.len = len > 0 ? (size_t)len : 0;
    words.done = 0;
    if (len == 0) {
        fc__os_close(&words.fd);
    }
}

/* As many as there is room for: a guardian that waited for somebody to read would not see the caller end. */
static void write_words(void) {
    struct iovec rest = {.iov_base = words.bytes + words.done, .iov_len = words.len - words.done};
    ssize_t len = pwritev2(STDERR_FILENO, &rest, 1, -1, RWF_NOWAIT);
    if (len < 0 && errno != EAGAIN && errno != EINTR) { /* files and terminals know no NOWAIT */
        len = write(STDERR_FILENO, rest.iov_base, rest.iov_len);
    }
    words.done += len > 0 ? (size_t)len : 0;
    if (words.done == words.len || (len < 0 && errno != EAGAIN && errno != EINTR)) {
        words.len = words.done = 0; /* written, or nobody will ever read it */
    }
}

static struct pollfd words_poll(void) {
    return words.len != 0 ? (struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}
                          : (struct pollfd){.fd = words.fd, .events = POLLIN};
}

static void pass_words(void) {
    if (words.len != 0) {
        write_words();
    } else {
        read_words();
    }
}

/* Wine's own programs may still have the pipe open, so its end is not waited for. */
static void pass_last_words(void) {
    for (;;) {
        struct pollfd watched = words_poll();
        if (poll(&watched, 1, words.len != 0 ? LAST_WORDS_MS : 0) <= 0) {
            return;
        }
        pass_words();
    }
}

/* Until here stderr was a file that the caller reads if the start fails. */
static void settle(void) {
    prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); /* who took over from the go-between may end, too */
    if (dup3(FC__WIRE_FD_STDERR, STDERR_FILENO, O_CLOEXEC) < 0) {
        close(STDERR_FILENO);
    }
    close(FC__WIRE_FD_STDERR);
}

/* -- the end ------------------------------------------------------------------------------------------------------- */

static bool sees_memory(pid_t pid) {
    char path[32], line[512];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = memory.st_ino != 0 ? fopen(path, "re") : NULL;
    while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL) {
        unsigned major_number, minor_number;
        uint64_t inode;
        found = sscanf(line, "%*s %*s %*s %x:%x %" SCNu64, &major_number, &minor_number, &inode) == 3 &&
                inode == memory.st_ino && major_number == major(memory.st_dev) && minor_number == minor(memory.st_dev);
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return found;
}

/* One of the processes that have become ours with the host's end and see the session's memory; 0 if there is none. */
static pid_t next_heir(void) {
    FILE *children = fopen("/proc/thread-self/children", "re");
    int pid, found = 0;
    while (children != NULL && found == 0 && fscanf(children, "%d", &pid) == 1) {
        found = sees_memory(pid) ? pid : 0;
    }
    if (children != NULL) {
        fclose(children);
    }
    return found;
}

static void kill_and_reap(pid_t pid, int *ret_status) {
    kill(pid, SIGKILL);
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR) {
    }
}

static _Noreturn void end_as(int status) {
    int ignored;
    for (pid_t heir; (heir = next_heir()) != 0;) {
        kill_and_reap(heir, &ignored);
    }
    pass_last_words();
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, number);
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* the host's core is enough */
        signal(number, SIG_DFL);
        sigprocmask(SIG_UNBLOCK, &one, NULL);
        kill(getpid(), number);
    }
    _exit(WEXITSTATUS(status));
}

static _Noreturn void end_with_caller(void) {
    int status = 0;
    kill_and_reap(host_pid, &status);
    end_as(0);
}

/* -- between ------------------------------------------------------------------------------------------------------- */

static void reap(void) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == host_pid) {
            end_as(status);
        }
    }
}

static void take_signal(void) {
    struct signalfd_siginfo signal_info;
    if (read(signals_fd, &signal_info, sizeof signal_info) != sizeof signal_info) {
        return;
    }
    if (signal_info.ssi_signo == SETTLED) {
        settle();
    } else {
        reap();
    }
}

static void obey(void) {
    struct fc_wire_control message;
    if (fc__os_control_receive(control_fd, &message, sizeof message, NULL, 0) == 0) {
        fc__guardian_fetch(control_fd, host_pid, &message);
    }
}

static void watch(void) {
    /* The connection hangs up, too, where the caller executes another program. */
    struct pollfd watched[] = {{.fd = signals_fd, .events = POLLIN},
                               words_poll(),
                               {.fd = control_fd, .events = POLLIN},
                               {.fd = caller.pidfd, .events = POLLIN}};
    const int count = poll(watched, 4, caller.pidfd >= 0 ? -1 : CALLER_CHECK_MS);
    if (count < 0) {
        return;
    }
    if (watched[0].revents != 0) { /* before anything ends: last words go where the session is settled to send them */
        take_signal();
    }
    if ((watched[2].revents & ~POLLIN) != 0 || fc__os_process_ended(&caller, 0)) {
        end_with_caller();
    }
    if (watched[2].revents != 0) {
        obey();
    }
    if (watched[1].revents != 0) {
        pass_words();
    }
}

int main(int argc, char **argv) {
    static const char key[] = "caller=";
    if (argc < 3 || strncmp(argv[1], key, sizeof key - 1) != 0 || (caller.pid = atoi(argv[1] + sizeof key - 1)) <= 0) {
        cannot_start(FC__WIRE_EXIT_USAGE, "this program is started by a libfarcall of its own version, not by hand",
                     NULL);
    }
    take_descriptors();
    take_signals();
    start_host(argv + 2);
    for (;;) {
        watch();
    }
}
