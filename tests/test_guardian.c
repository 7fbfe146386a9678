/* The guardian of hosts that another program executes, with programs of this system in their place. */
#include "sessions.h"

#include "os/os.h"
#include "wire/message.h"

#include <limits.h>
#include <sys/mman.h>

/* -- programs in the place of a host ------------------------------------------------------------------------------- */

/* This program once more. It leaves a process behind, and ends when it has told its number. */
static void leave_process(bool sees_memory) {
    int fd = (int)strtol(getenv("GUARDIAN_TEST_MEMORY"), NULL, 10);
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/fd/%d", getenv("GUARDIAN_TEST_CALLER"), fd);
    fd = open(path, O_RDWR | O_CLOEXEC);
    require(fd >= 0);
    if (sees_memory) {
        require(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    }
    close(fd);
    pid_t left = fork();
    require(left >= 0);
    if (left == 0) {
        for (;;) {
            pause();
        }
    }
    tell(STDOUT_FILENO, (int)left);
    _exit(0);
}

__attribute__((constructor)) static void be_host(void) {
    const char *role = getenv("GUARDIAN_TEST_ROLE");
    if (role != NULL) {
        leave_process(strcmp(role, "sees memory") == 0);
    }
}

/* -- starting ------------------------------------------------------------------------------------------------------ */

struct guarded {
    struct fc__os_process process;
    _Atomic uint32_t died;
};

/* `arguments` is the program to guard and its own, ended by NULL. What is -1 the guardian does without. */
static void start_guarded(const char *const *arguments, int control_fd, int memory_fd, int caller_fd,
                          struct guarded *ret_guarded) {
    char path[PATH_MAX], caller[32];
    const char *all[8] = {"farcall-guardian", caller};
    snprintf(path, sizeof path, "%s/libexec/farcall/%s/farcall-guardian", getenv("FARCALL_TEST_BUILD"),
             HARNESS_OWN_TARGET);
    snprintf(caller, sizeof caller, "caller=%d", (int)getpid());
    for (size_t i = 0; arguments[i] != NULL; i++) {
        require(i + 3 < sizeof all / sizeof *all);
        all[i + 2] = arguments[i];
    }
    struct fc__os_spawn spawn = {.path = path,
                                 .arguments = all,
                                 .environment = (const char *const *)environ,
                                 .fds = {control_fd, memory_fd, caller_fd, -1},
                                 .fd_count = 4,
                                 .died_word = &ret_guarded->died,
                                 .died_value = 1};
    atomic_store(&ret_guarded->died, 0);
    require(fc__os_spawn(&spawn, &ret_guarded->process) == 0);
}

static void start_shell(const char *script, int control_fd, struct guarded *ret_guarded) {
    const char *arguments[] = {"/bin/sh", "-c", script, NULL};
    int caller_fd = -1;
    fc__os_process_watchable(getpid(), &caller_fd);
    start_guarded(arguments, control_fd, -1, caller_fd, ret_guarded);
    fc__os_close(&caller_fd);
}

static int failed_start(const char *script, char *ret_words, size_t size) {
    struct guarded guarded;
    start_shell(script, -1, &guarded);
    require(fc__os_process_ended(&guarded.process, PATIENCE_MS));
    return fc__os_spawn_failed(&guarded.process, ret_words, size);
}

/* The caller goes on, and the guardian knows: it has the real stderr. */
static void settle(struct guarded *guarded) {
    struct fc__os_middle middle;
    fc__os_spawn_settle(&guarded->process, &middle);
    fc__os_spawn_reap(&middle);
    char path[64], what[128] = "memfd";
    snprintf(path, sizeof path, "/proc/%d/fd/2", guarded->process.pid);
    for (int waited_ms = 0; strstr(what, "memfd") != NULL; waited_ms += 2) {
        ssize_t len = readlink(path, what, sizeof what - 1);
        what[len > 0 ? len : 0] = '\0';
        require(waited_ms < PATIENCE_MS);
        sleep_us(2000);
    }
}

/* -- tests --------------------------------------------------------------------------------------------------------- */

TEST(guardian_ends_as_its_host_ends) {
    char words[256];
    assert_int_equal(failed_start("echo the licence has expired >&2; exit 7", words, sizeof words), 7 << 8);
    assert_string_equal(words, "the licence has expired\n");
    assert_int_equal(failed_start("exit 0", words, sizeof words), 0);
    assert_string_equal(words, "");
    assert_int_equal(failed_start("kill -KILL $$", words, sizeof words), SIGKILL);
    assert_int_equal(failed_start("ulimit -c 0; kill -SEGV $$", words, sizeof words), SIGSEGV);
}

TEST(guardian_says_what_it_cannot_execute) {
    const char *arguments[] = {"/no/such/loader", "host.exe", NULL};
    struct guarded guarded;
    char words[256];
    start_guarded(arguments, -1, -1, -1, &guarded);
    assert_true(fc__os_process_ended(&guarded.process, PATIENCE_MS));
    assert_int_equal(fc__os_spawn_failed(&guarded.process, words, sizeof words), FC__WIRE_EXIT_SYSTEM << 8);
    assert_string_equal(words, "farcall-guardian: /no/such/loader: No such file or directory\n");
}

TEST(guardian_started_by_hand_says_so) {
    char command[PATH_MAX + 64], line[256] = "";
    snprintf(command, sizeof command, "'%s/libexec/farcall/%s/farcall-guardian' 2>&1 >/dev/null",
             getenv("FARCALL_TEST_BUILD"), HARNESS_OWN_TARGET);
    FILE *output = popen(command, "re");
    assert_non_null(output);
    assert_non_null(fgets(line, sizeof line, output));
    assert_non_null(strstr(line, "started by a libfarcall of its own version"));
    assert_int_equal(pclose(output), FC__WIRE_EXIT_USAGE << 8);
}

static void print_before_and_after(void *argument, int pipe_fd) {
    int go[2];
    (void)argument;
    require(pipe(go) == 0);
    require(dup2(go[0], STDIN_FILENO) == STDIN_FILENO && dup2(pipe_fd, STDERR_FILENO) == STDERR_FILENO);
    struct guarded guarded;
    start_shell("echo before >&2; read line; echo after >&2; kill -KILL $$", -1, &guarded);
    for (char byte = 0; pread(guarded.process.stderr_fd, &byte, 1, 0) != 1;) {
        sleep_us(1000); /* until it is written, to where a failed start would look for it */
    }
    settle(&guarded);
    require(write(go[1], "go\n", 3) == 3);
    require(fc__os_process_ended(&guarded.process, PATIENCE_MS));
    fc__os_process_done(&guarded.process);
}

TEST(guardian_passes_on_what_is_printed_once_the_host_is_up) {
    int fd;
    pid_t caller = start_caller(print_before_and_after, NULL, &fd);
    assert_string_equal(read_all(fd), "after\n");
    must_succeed(caller);
    close(fd);
}

/* A caller of a host that heeds nothing, and that ends in one of several ways. */
enum { KILLS_GUARDIAN, IS_KILLED, HANGS_UP, IS_KILLED_WITH_A_FORK, WAYS };
static void start_and_end(void *argument, int pipe_fd) {
    const int way = *(const int *)argument;
    int control[2] = {-1, -1};
    struct guarded guarded;
    char line[32] = "";
    int said[2];
    require(pipe2(control, O_CLOEXEC) == 0 && pipe2(said, O_CLOEXEC) == 0);
    require(dup2(said[1], STDOUT_FILENO) == STDOUT_FILENO);
    start_shell("trap '' INT TERM HUP PIPE; echo $$; kill -STOP $$", control[0], &guarded);
    close(control[0]);
    require(read(said[0], line, sizeof line - 1) > 0);
    settle(&guarded);
    const int host = atoi(line);
    while (process_state(host) != 'T') {
        sleep_us(1000);
    }
    tell(pipe_fd, host);
    if (way == KILLS_GUARDIAN) {
        fc__os_process_kill(&guarded.process);
        require(fc__os_process_ended(&guarded.process, PATIENCE_MS));
        fc__os_process_done(&guarded.process);
        return;
    }
    if (way == HANGS_UP) {
        close(control[1]);
        require(fc__os_process_ended(&guarded.process, PATIENCE_MS));
        fc__os_process_done(&guarded.process);
        return;
    }
    if (way == IS_KILLED_WITH_A_FORK) {
        pid_t child = fork();
        if (child == 0) { /* keeps all descriptors, the control connection too */
            pause();
        }
        tell(pipe_fd, (int)child);
    }
    kill(getpid(), SIGKILL);
}

TEST(guardian_leaves_no_host_behind) {
    for (int way = 0; way < WAYS; way++) {
        int fd, status;
        pid_t caller = start_caller(start_and_end, &way, &fd);
        int host = hear(fd);
        if (!process_ends(host)) {
            kill(host, SIGKILL);
            fail_msg("way %d: the host lives on", way);
        }
        assert_int_equal(waitpid(caller, &status, 0), caller);
        if (way == IS_KILLED_WITH_A_FORK) {
            kill(hear(fd), SIGKILL);
        }
        close(fd);
    }
}

static int start_leaving(const char *role) {
    char number[16], memory[16], self[PATH_MAX] = "";
    int ends[2], memory_fd;
    struct guarded guarded;
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fc__os_memory_new(4096, &memory_fd), 0);
    snprintf(number, sizeof number, "%d", (int)getpid());
    snprintf(memory, sizeof memory, "%d", memory_fd);
    setenv("GUARDIAN_TEST_CALLER", number, 1);
    setenv("GUARDIAN_TEST_MEMORY", memory, 1);
    setenv("GUARDIAN_TEST_ROLE", role, 1);
    int real_stdout = dup(STDOUT_FILENO);
    fflush(stdout);
    dup2(ends[1], STDOUT_FILENO);
    const char *arguments[] = {self, NULL};
    start_guarded(arguments, -1, memory_fd, -1, &guarded);
    dup2(real_stdout, STDOUT_FILENO);
    close(real_stdout);
    unsetenv("GUARDIAN_TEST_ROLE");
    int left = hear(ends[0]);
    char words[256];
    assert_true(fc__os_process_ended(&guarded.process, PATIENCE_MS));
    int status = fc__os_spawn_failed(&guarded.process, words, sizeof words);
    assert_string_equal(words, "");
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    close(memory_fd);
    return left;
}

TEST(guardian_ends_what_sees_the_memory_and_nothing_else) {
    assert_false(process_lives(start_leaving("sees memory")));
    int left = start_leaving("does not");
    assert_true(process_lives(left));
    kill(left, SIGKILL);
    assert_true(process_ends(left));
}
