/* tests: sessions with test libraries, and processes to watch, for the tests of robustness.
 * Everything here may be used in any thread and in forked children: failures print and abort. */
#ifndef FC_TESTS_SESSIONS_H
#define FC_TESTS_SESSIONS_H

#include "harness.h"

#include <farcall/farcall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED_OK __attribute__((unused)) static

/* Zeroed memory that forked children share with their parent. For munmap. */
UNUSED_OK void *shared_memory(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED);
    return memory;
}

/* -- loads --------------------------------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER true
#else
#define UNDER_SANITIZER false
#endif

#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN true
#else
#define UNDER_TSAN false
#endif

/* Its run-time library ends a process that starts a thread after a fork with several threads. */
UNUSED_OK void need_threads_after_fork(void) {
    if (UNDER_TSAN) {
        skip_because("ThreadSanitizer does not support threads in a forked child; the other builds run this");
    }
}

/* For forks while other threads work: in the child, the allocator of GCC's AddressSanitizer may stay locked by one of
 * them for ever. */
UNUSED_OK void need_allocator_after_fork(void) {
#ifdef __SANITIZE_ADDRESS__
    skip_because("AddressSanitizer's allocator does not survive a fork beside threads; the other builds run this");
#endif
}

UNUSED_OK bool under_valgrind(void) {
    const char *preload = getenv("LD_PRELOAD");
    return preload != NULL && strstr(preload, "vgpreload_") != NULL;
}

/* Fewer rounds where everything takes longer. Never 0. */
UNUSED_OK unsigned rounds(unsigned natively) {
    unsigned divisor = under_valgrind() ? 50 : UNDER_SANITIZER ? 5 : 1;
    return natively / divisor + (natively < divisor);
}

UNUSED_OK uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

UNUSED_OK void sleep_us(unsigned us) {
    nanosleep(&(struct timespec){.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000}, NULL);
}

/* A small generator with a state of its own for each thread: xorshift32. The state must not be 0. */
UNUSED_OK uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* -- calls --------------------------------------------------------------------------------------------------------- */

/* Success is required: prints the explanation of a failure and aborts. */
#define must(call_) sessions_must((call_), __FILE__, __LINE__, #call_)
UNUSED_OK void sessions_must(int rc, const char *file, int line, const char *call) {
    if (rc != FC_OK) {
        fprintf(stderr, "%s:%d: %s\n  returned %d (%s): %s\n", file, line, call, rc, fc_strerror(rc), fc_error_text());
        abort();
    }
}

/* A certain error is required, and `part` in its text. */
#define must_fail(call_, code_, part_) sessions_must_fail((call_), (code_), (part_), __FILE__, __LINE__, #call_)
UNUSED_OK void sessions_must_fail(int rc, int code, const char *part, const char *file, int line, const char *call) {
    if (rc != code || strstr(fc_error_text(), part) == NULL) {
        fprintf(stderr, "%s:%d: %s\n  returned %d (%s), not %d with \"%s\": %s\n", file, line, call, rc,
                fc_strerror(rc), code, part, fc_error_text());
        abort();
    }
}

/* A library of tests/libs for the other target, in a session of its own. `options` may be NULL. */
UNUSED_OK struct fc_library *open_other(const char *name, const struct fc_options *options) {
    struct fc_library *library = NULL;
    must(fc_open(harness_library(HARNESS_OTHER_TARGET, name), options, &library));
    return library;
}

UNUSED_OK struct fc_session *open_session(void) {
    struct fc_options *options = fc_options_new();
    struct fc_session *session = NULL;
    require(options != NULL);
    must(fc_options_set_target(options, HARNESS_OTHER_TARGET));
    must(fc_session_open(options, &session));
    fc_options_free(options);
    return session;
}

UNUSED_OK struct fc_function *bind(struct fc_library *library, const char *prototype) {
    struct fc_function *function = NULL;
    must(fc_bind(library, prototype, &function));
    return function;
}

/* `int name(void)`, bound, called and required to succeed. */
UNUSED_OK int call_int(struct fc_library *library, const char *name) {
    char prototype[128];
    int result = 0;
    snprintf(prototype, sizeof prototype, "int %s(void)", name);
    must(fc_call(bind(library, prototype), &result));
    return result;
}

/* `int add(int a, int b)`, as the libraries process and hostile have it. */
UNUSED_OK int add(struct fc_library *library, int a, int b) {
    int sum = 0;
    must(fc_call(bind(library, "int add(int a, int b)"), &sum, a, b));
    return sum;
}

UNUSED_OK int host_pid(struct fc_library *library) {
    return fc_session_host_pid(fc_library_session(library));
}

/* -- processes ----------------------------------------------------------------------------------------------------- */

enum { PATIENCE_MS = 20000 }; /* for what must come, however busy the machine is */

/* The state letter in /proc, or 0 if there is no such process. */
UNUSED_OK char process_state(int pid) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (len <= 0) {
        return 0;
    }
    text[len] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end != NULL ? name_end[2] : '\0';
}

UNUSED_OK bool process_lives(int pid) {
    char state = process_state(pid);
    return state != '\0' && state != 'Z' && state != 'X';
}

/* True once it has ended (it may be a zombie that its parent has not looked at yet). */
UNUSED_OK bool process_ends(int pid) {
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 2) {
        if (!process_lives(pid)) {
            return true;
        }
        sleep_us(2000);
    }
    return false;
}

/* A forked child that runs `body(argument, pipe)` and ends with status 0; what it writes to the pipe can be read from
 * *ret_fd. Fork before any thread is started. */
UNUSED_OK pid_t start_caller(void (*body)(void *argument, int pipe_fd), void *argument, int *ret_fd) {
    int ends[2];
    require(pipe2(ends, O_CLOEXEC) == 0);
    fflush(NULL);
    pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        close(ends[0]);
        body(argument, ends[1]);
        fflush(NULL);
        _exit(0);
    }
    close(ends[1]);
    *ret_fd = ends[0];
    return child;
}

UNUSED_OK void tell(int fd, int number) {
    require(write(fd, &number, sizeof number) == (ssize_t)sizeof number);
}

UNUSED_OK int hear(int fd) {
    int number = 0;
    ssize_t len;
    do {
        len = read(fd, &number, sizeof number);
    } while (len < 0 && errno == EINTR);
    require(len == (ssize_t)sizeof number);
    return number;
}

/* Waits for a child and requires that it ended by itself with status 0. */
UNUSED_OK void must_succeed(pid_t child) {
    int status = 0;
    pid_t waited;
    do {
        waited = waitpid(child, &status, 0);
    } while (waited < 0 && errno == EINTR);
    require(waited == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "the child process ended with status 0x%x\n", (unsigned)status);
        abort();
    }
}

/* Everything up to the end of the pipe, as a string in static storage. */
UNUSED_OK const char *read_all(int fd) {
    static char text[16384];
    size_t used = 0;
    for (ssize_t len; used < sizeof text - 1 && (len = read(fd, text + used, sizeof text - 1 - used)) != 0;) {
        require(len > 0 || errno == EINTR);
        used += len > 0 ? (size_t)len : 0;
    }
    text[used] = '\0';
    return text;
}

/* Stops every thread of a process, and waits until they have. */
UNUSED_OK void stop_process(int pid) {
    require(kill(pid, SIGSTOP) == 0);
    for (int waited_ms = 0;; waited_ms++) {
        char path[64];
        unsigned running = 0;
        snprintf(path, sizeof path, "/proc/%d/task", pid);
        DIR *tasks = opendir(path);
        require(tasks != NULL); /* it lives */
        require(waited_ms < PATIENCE_MS);
        for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
            int task = (int)strtol(entry->d_name, NULL, 10);
            running += task > 0 && process_state(task) != 'T';
        }
        closedir(tasks);
        if (running == 0) {
            return;
        }
        sleep_us(1000);
    }
}

/* Kills the host and waits until the session knows. The next call then goes to a fresh one. */
UNUSED_OK void kill_host(struct fc_library *library) {
    const int host = host_pid(library);
    require(host > 0 && kill(host, SIGKILL) == 0);
    for (int waited_ms = 0; host_pid(library) == host; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
}

/* The host ends in the call of the function, as `explained`, and the next call succeeds. */
UNUSED_OK void must_end(struct fc_library *library, const char *prototype, int argument, const char *explained) {
    must_fail(fc_call(bind(library, prototype), NULL, argument), FC_EDIED, explained);
    assert_non_null(strstr(fc_error_text(), "The next call starts a fresh host."));
    assert_int_equal(add(library, 20, 22), 42);
}

/* -- threads ------------------------------------------------------------------------------------------------------- */

UNUSED_OK pthread_t start_thread(void *(*body)(void *argument), void *argument) {
    pthread_t thread;
    require(pthread_create(&thread, NULL, body, argument) == 0);
    return thread;
}

UNUSED_OK void join(pthread_t thread) {
    require(pthread_join(thread, NULL) == 0);
}

/* -- files --------------------------------------------------------------------------------------------------------- */

/* A new folder in /tmp, for remove_folder. */
UNUSED_OK void make_folder(char *path, size_t size) {
    snprintf(path, size, "%s", "/tmp/farcall-host-XXXXXX");
    require(mkdtemp(path) != NULL);
}

static inline int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind, (void)where;
    return remove(path);
}

/* With all that is in it. */
UNUSED_OK void remove_folder(const char *path) {
    require(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

/* -- what a process holds ------------------------------------------------------------------------------------------ */

/* Mappings of this process; under instruments, which make some of their own, only those of shared memory. */
UNUSED_OK unsigned count_mappings(void) {
    const bool only_shared = UNDER_SANITIZER || under_valgrind();
    char line[4608];
    unsigned count = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    require(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        count += !only_shared || strstr(line, "memfd:farcall") != NULL;
    }
    fclose(maps);
    return count;
}

UNUSED_OK unsigned count_descriptors(void) {
    unsigned count = 0;
    for (int fd = 0; fd < 4096; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

UNUSED_OK unsigned count_threads(int pid) {
    char path[64], line[256];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    require(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Threads:", 8) == 0) {
            count = (unsigned)strtoul(line + 8, NULL, 10);
        }
    }
    fclose(file);
    return count;
}

/* A process counts a thread for a moment after what it did is seen, even after it was joined. */
UNUSED_OK void wait_for_threads_of(int pid, unsigned count) {
    for (int waited_ms = 0; count_threads(pid) > count; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
}

/* -- processors ---------------------------------------------------------------------------------------------------- */

UNUSED_OK cpu_set_t first_cpu_of(const cpu_set_t *cpus) {
    cpu_set_t one;
    CPU_ZERO(&one);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
        if (CPU_ISSET(cpu, cpus)) {
            CPU_SET(cpu, &one);
        }
    }
    return one;
}

#endif
