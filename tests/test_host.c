/* The host as a process among processes: whom it lives and dies with, what it shares with its caller, what a library may
 * do to it, and what is said when it does not start. */
#include "sessions.h"

#include <limits.h>
#include <pty.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int add(struct fc_library *library, int a, int b) {
    int sum = 0;
    must(fc_call(bind(library, "int add(int a, int b)"), &sum, a, b));
    return sum;
}

static const char *call_text(struct fc_library *library, const char *prototype, const char *argument) {
    const char *text = NULL;
    must(fc_call(bind(library, prototype), &text, argument));
    return text;
}

/* -- it ends with its caller --------------------------------------------------------------------------------------- */

static void open_and_wait(void *argument, int pipe_fd) {
    (void)argument;
    tell(pipe_fd, host_pid(open_other("process", NULL)));
    for (;;) {
        pause();
    }
}

TEST(host_ends_when_its_caller_is_killed) {
    int fd;
    pid_t caller = start_caller(open_and_wait, NULL, &fd);
    int host = hear(fd);
    assert_true(process_lives(host));
    assert_int_equal(kill(caller, SIGKILL), 0);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    assert_true(process_ends(host));
    close(fd);
}

static void *call_for_ever(void *library) {
    fc_call(bind(library, "int nap_us(int us)"), NULL, 100000000);
    return NULL;
}

static void open_call_and_wait(void *argument, int pipe_fd) {
    (void)argument;
    struct fc_library *library = open_other("process", NULL);
    start_thread(call_for_ever, library);
    tell(pipe_fd, host_pid(library));
    pause();
}

TEST(host_ends_in_the_middle_of_a_call_when_its_caller_is_killed) {
    int fd;
    pid_t caller = start_caller(open_call_and_wait, NULL, &fd);
    int host = hear(fd);
    assert_int_equal(kill(caller, SIGKILL), 0);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    assert_true(process_ends(host));
    close(fd);
}

static void open_and_exit(void *argument, int pipe_fd) {
    (void)argument;
    tell(pipe_fd, host_pid(open_other("process", NULL)));
    _exit(0);
}

TEST(host_ends_when_its_caller_exits_without_closing) {
    int fd;
    pid_t caller = start_caller(open_and_exit, NULL, &fd);
    int host = hear(fd);
    must_succeed(caller);
    assert_true(process_ends(host));
    close(fd);
}

/* Children that know nothing of this library, made by the bare system call, keep every descriptor. */
static void fork_and_wait(void *argument, int pipe_fd) {
    (void)argument;
    struct fc_library *library = open_other("process", NULL);
    pid_t child = (pid_t)syscall(SYS_fork);
    if (child == 0) {
        for (;;) {
            syscall(SYS_pause);
        }
    }
    tell(pipe_fd, host_pid(library));
    tell(pipe_fd, (int)child);
    pause();
}

TEST(host_is_not_kept_by_forked_children_of_its_caller) {
    int fd;
    pid_t caller = start_caller(fork_and_wait, NULL, &fd);
    int host = hear(fd), child = hear(fd);
    assert_int_equal(kill(caller, SIGKILL), 0);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    assert_true(process_ends(host));
    assert_true(process_lives(child));
    kill(child, SIGKILL);
    close(fd);
}

static void open_and_execute(void *argument, int pipe_fd) {
    (void)argument;
    tell(pipe_fd, host_pid(open_other("process", NULL)));
    execl("/bin/sleep", "sleep", "1000", (char *)NULL);
}

TEST(host_ends_when_its_caller_executes_another_program) {
    int fd;
    pid_t caller = start_caller(open_and_execute, NULL, &fd);
    int host = hear(fd);
    assert_true(process_ends(host));
    assert_true(process_lives(caller));
    assert_int_equal(kill(caller, SIGKILL), 0);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    close(fd);
}

static void *open_in_thread(void *argument) {
    *(struct fc_library **)argument = open_other("process", NULL);
    return NULL;
}

TEST(host_survives_the_thread_that_started_it) {
    struct fc_library *library = NULL;
    join(start_thread(open_in_thread, &library));
    int host = host_pid(library);
    sleep_us(50000); /* a parent-death signal would have come by now */
    assert_true(process_lives(host));
    assert_int_equal(add(library, 40, 2), 42);
    assert_int_equal(call_int(library, "process_id"), host);
    assert_int_equal(host_pid(library), host);
    fc_library_close(library);
}

/* -- it is nobody's child ------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t child_signals;
static void count_child_signal(int number) {
    (void)number;
    child_signals++;
}

static void must_have_no_children(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(wait(NULL), -1);
    assert_int_equal(errno, ECHILD);
}

TEST(host_is_never_seen_by_wait_and_raises_no_sigchld) {
    struct sigaction action = {.sa_handler = count_child_signal};
    assert_int_equal(sigaction(SIGCHLD, &action, NULL), 0);
    for (int round = 0; round < 3; round++) {
        struct fc_library *library = open_other("process", NULL);
        must_have_no_children();
        assert_int_equal(add(library, 1, 2), 3);
        kill_host(library);
        must_have_no_children();
        assert_int_equal(add(library, 1, 2), 3);
        must_have_no_children();
        fc_library_close(library);
        must_have_no_children();
    }
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    must(fc_options_set_host_path(options, "/bin/false"));
    must_fail(fc_open(harness_library(HARNESS_OTHER_TARGET, "process"), options, &library), FC_ESTART, "exit status 1");
    must_have_no_children();
    fc_options_free(options);
    assert_int_equal(child_signals, 0);
}

/* The caller's own children are still its own to wait for. */
TEST(host_leaves_the_children_of_its_caller_alone) {
    struct fc_library *library = open_other("process", NULL);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        _exit(33);
    }
    assert_int_equal(add(library, 1, 2), 3);
    fc_library_close(library);
    int status = 0;
    assert_int_equal(waitpid(-1, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 33);
}

/* -- signals ------------------------------------------------------------------------------------------------------------ */

TEST(host_starts_with_signals_at_their_defaults) {
    sigset_t blocked, before;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGCHLD);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *is_ignored = bind(library, "int signal_is_ignored(int number)");
    struct fc_function *is_default = bind(library, "int signal_is_default(int number)");
    static const int numbers[] = {SIGPIPE, SIGHUP, SIGUSR1, SIGINT, SIGALRM};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int ignored = -1;
        must(fc_call(is_ignored, &ignored, numbers[i]));
        assert_int_equal(ignored, 0);
    }
    int is_so = 0;
    must(fc_call(is_default, &is_so, SIGCHLD));
    assert_int_equal(is_so, 1);
    /* So a library can wait for what it starts. */
    int status = -1;
    must(fc_call(bind(library, "int run_command(const char *command)"), &status, "exit 5"));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    fc_library_close(library);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

TEST(host_that_fails_to_start_is_explained_to_a_caller_that_ignores_sigchld) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    signal(SIGCHLD, SIG_IGN);
    must(fc_options_set_host_path(options, "/bin/false"));
    must_fail(fc_open(harness_library(HARNESS_OTHER_TARGET, "process"), options, &library), FC_ESTART, "exit status 1");
    fc_options_free(options);
}

TEST(host_has_a_process_group_of_its_own) {
    struct fc_library *library = open_other("process", NULL);
    assert_int_equal(call_int(library, "process_group"), host_pid(library));
    assert_int_not_equal(call_int(library, "process_group"), getpgrp());
    fc_library_close(library);
}

static volatile sig_atomic_t interrupts;
static void count_interrupt(int number) {
    (void)number;
    interrupts++;
}

/* In the foreground of a terminal: what Ctrl-C interrupts is the caller, and only that. */
static void call_at_terminal(void) {
    struct sigaction action = {.sa_handler = count_interrupt};
    require(sigaction(SIGINT, &action, NULL) == 0);
    struct fc_library *library = open_other("process", NULL);
    const int host = host_pid(library);
    printf("ready\n");
    fflush(stdout);
    while (interrupts == 0) {
        int rc = fc_call(bind(library, "int nap_us(int us)"), NULL, 1000);
        must(rc);
    }
    require(process_lives(host));
    require(call_int(library, "process_id") == host);
    /* A library that reads from the terminal gets an error: stopping it would stop the caller for ever. */
    int error = 0;
    must(fc_call(bind(library, "int read_terminal(void)"), &error));
    require(error == EIO);
    fc_library_close(library);
    printf("done\n");
    fflush(stdout);
}

static void play_at_terminal(bool as_subreaper) {
    int master;
    fflush(NULL);
    pid_t caller = forkpty(&master, NULL, NULL, NULL);
    require(caller >= 0);
    if (caller == 0) {
        require(!as_subreaper || prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
        call_at_terminal();
        _exit(0);
    }
    char said[4096] = "";
    size_t used = 0;
    bool interrupted = false;
    for (ssize_t len; used < sizeof said - 1 && (len = read(master, said + used, sizeof said - 1 - used)) > 0;) {
        used += (size_t)len;
        said[used] = '\0';
        if (!interrupted && strstr(said, "ready") != NULL) {
            assert_int_equal(write(master, "\003", 1), 1);
            interrupted = true;
        }
    }
    int status;
    assert_int_equal(waitpid(caller, &status, 0), caller);
    close(master);
    if (status != 0 || strstr(said, "done") == NULL) {
        fail_msg("status 0x%x, said: %s", (unsigned)status, said);
    }
}

TEST(host_is_not_interrupted_from_the_terminal) {
    play_at_terminal(false);
}
TEST(host_is_not_stopped_by_the_terminal_where_its_caller_is_its_parent) {
    play_at_terminal(true);
}

/* -- what it shares with its caller -------------------------------------------------------------------------------------- */

static void make_folder(char *path, size_t size) {
    snprintf(path, size, "%s", "/tmp/farcall-host-XXXXXX");
    assert_non_null(mkdtemp(path));
}

TEST(host_shares_the_working_directory_and_the_umask) {
    char folder[PATH_MAX], here[PATH_MAX];
    make_folder(folder, sizeof folder);
    struct fc_library *library = open_other("process", NULL);
    assert_non_null(getcwd(here, sizeof here));
    if (under_valgrind()) {
        fc_library_close(library);
        rmdir(folder);
        skip_because("valgrind's clone() shares nothing");
    }
    assert_string_equal(call_text(library, "const char *working_directory(void)", NULL), here);
    assert_int_equal(chdir(folder), 0);
    assert_string_equal(call_text(library, "const char *working_directory(void)", NULL), folder);
    int rc = -1;
    must(fc_call(bind(library, "int change_directory(const char *path)"), &rc, "/"));
    assert_int_equal(rc, 0);
    char now[PATH_MAX];
    assert_non_null(getcwd(now, sizeof now));
    assert_string_equal(now, "/");
    struct fc_function *change_umask = bind(library, "int change_umask(int mask)");
    mode_t before = umask(0137);
    int theirs = 0;
    must(fc_call(change_umask, &theirs, 0071));
    assert_int_equal(theirs, 0137);
    assert_int_equal(umask(before), 0071);
    assert_int_equal(chdir(here), 0);
    /* A fresh host shares them too. */
    kill_host(library);
    assert_int_equal(chdir(folder), 0);
    assert_string_equal(call_text(library, "const char *working_directory(void)", NULL), folder);
    assert_int_equal(chdir(here), 0);
    rmdir(folder);
    fc_library_close(library);
}

TEST(host_with_a_working_directory_of_its_own_shares_none) {
    char folder[PATH_MAX], here[PATH_MAX], now[PATH_MAX];
    struct fc_options *options = fc_options_new();
    make_folder(folder, sizeof folder);
    assert_non_null(getcwd(here, sizeof here));
    must(fc_options_set_working_directory(options, folder));
    struct fc_library *library = open_other("process", options);
    assert_string_equal(call_text(library, "const char *working_directory(void)", NULL), folder);
    must(fc_call(bind(library, "int change_directory(const char *path)"), NULL, "/"));
    assert_non_null(getcwd(now, sizeof now));
    assert_string_equal(now, here);
    assert_int_equal(chdir("/tmp"), 0);
    assert_string_equal(call_text(library, "const char *working_directory(void)", NULL), "/");
    assert_int_equal(chdir(here), 0);
    fc_library_close(library);
    must(fc_options_set_working_directory(options, "/no/such/folder"));
    must_fail(fc_open(harness_library(HARNESS_OTHER_TARGET, "process"), options, &library), FC_ESTART,
              "/no/such/folder");
    fc_options_free(options);
    rmdir(folder);
}

TEST(host_is_started_without_what_the_loader_would_obey) {
    setenv("LD_LIBRARY_PATH", "/nowhere", 1);
    setenv("LD_AUDIT", "/nowhere/audit.so", 1);
    bool has_preload = getenv("LD_PRELOAD") != NULL; /* an instrument's */
    if (!has_preload) {
        setenv("LD_PRELOAD", "/nowhere/preload.so", 1);
    }
    setenv("FARCALL_TEST_KEPT", "kept", 1);
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *environment = bind(library, "const char *environment(const char *name)");
    static const char *const scrubbed[] = {"LD_LIBRARY_PATH", "LD_AUDIT", "LD_PRELOAD"};
    const char *value = "untouched";
    for (size_t i = 0; i < 3; i++) {
        must(fc_call(environment, &value, scrubbed[i]));
        assert_null(value);
    }
    must(fc_call(environment, &value, "FARCALL_TEST_KEPT"));
    assert_string_equal(value, "kept");
    fc_library_close(library);
    unsetenv("LD_LIBRARY_PATH");
    unsetenv("LD_AUDIT");
    if (!has_preload) {
        unsetenv("LD_PRELOAD");
    }
}

TEST(host_is_given_the_environment_and_library_path_of_the_options) {
    static const char *const variables[] = {"ONE=1", "LD_PRELOAD=/nowhere/preload.so", "LD_LIBRARY_PATH=/nowhere",
                                            "TWO=", NULL};
    char path[PATH_MAX];
    struct fc_options *options = fc_options_new();
    snprintf(path, sizeof path, "/nowhere:%s", harness_library(HARNESS_OTHER_TARGET, "process"));
    *strrchr(path, '/') = '\0';
    must(fc_options_set_target(options, HARNESS_OTHER_TARGET));
    must(fc_options_set_environment(options, variables));
    must(fc_options_set_library_path(options, path));
    struct fc_library *library;
    must(fc_open("libprocess.so", options, &library)); /* found by the library path alone */
    struct fc_function *environment = bind(library, "const char *environment(const char *name)");
    const char *value = NULL;
    assert_int_equal(call_int(library, "environment_count"), 3);
    must(fc_call(environment, &value, "ONE"));
    assert_string_equal(value, "1");
    must(fc_call(environment, &value, "TWO"));
    assert_string_equal(value, "");
    must(fc_call(environment, &value, "LD_LIBRARY_PATH"));
    assert_string_equal(value, path);
    must(fc_call(environment, &value, "PATH"));
    assert_null(value);
    fc_library_close(library);
    fc_options_free(options);
}

TEST(host_holds_only_descriptors_of_its_own) {
    int extra[3];
    for (int i = 0; i < 3; i++) {
        extra[i] = open("/dev/null", O_RDONLY); /* without FD_CLOEXEC, as careless programs have them */
        assert_true(extra[i] > 2);
    }
    int high = fcntl(extra[0], F_DUPFD, 700);
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *is_open = bind(library, "int descriptor_is_open(int fd)");
    int answer = 1;
    must(fc_call(is_open, &answer, high));
    assert_int_equal(answer, 0);
    assert_true(call_int(library, "open_descriptors") <= 6); /* three standard ones, connection, memory, caller */
    fc_library_close(library);
    for (int i = 0; i < 3; i++) {
        close(extra[i]);
    }
    close(high);
}

/* -- a library that ends its process ----------------------------------------------------------------------------------------- */

static void must_end(struct fc_library *library, const char *prototype, int argument, const char *explained) {
    must_fail(fc_call(bind(library, prototype), NULL, argument), FC_EDIED, explained);
    assert_non_null(strstr(fc_error_text(), "The next call starts a fresh host."));
    assert_int_equal(add(library, 20, 22), 42);
}

TEST(host_ended_by_its_library_is_named) {
    struct fc_library *library = open_other("process", NULL);
    must_end(library, "void end_exit(int status)", 3, "called exit(3)");
    must_end(library, "void end_exit(int status)", 0, "called exit(0)");
    must_end(library, "void end_at_once(int status)", 4, "exit(4)");
    must_end(library, "void end_at_once_c99(int status)", 5, "exit(5)");
    must_end(library, "void end_quick(int status)", 6, "exit(6)");
    must_end(library, "void end_abort(void)", 0, "SIGABRT");
    must_end(library, "void end_raise(int number)", SIGTERM, "SIGTERM");
    must_end(library, "void end_kill(int number)", SIGHUP, "SIGHUP");
    must_end(library, "void end_kill(int number)", SIGUSR1, "SIGUSR1");
    must_end(library, "void end_kill(int number)", SIGKILL, "SIGKILL");
    must_end(library, "void end_raise(int number)", SIGRTMIN, "signal");
    must_end(library, "void end_thread(void)", 0, "pthread_exit");
    must_fail(fc_call(bind(library, "void end_exit(int status)"), NULL, 9), FC_EDIED, "in the call of `end_exit`");
    fc_library_close(library);
}

TEST(host_ended_by_a_bare_system_call_is_noticed) {
    struct fc_library *library = open_other("process", NULL);
    must_fail(fc_call(bind(library, "void end_system_call(int status)"), NULL, 9), FC_EDIED, "died");
    assert_int_equal(add(library, 20, 22), 42);
    fc_library_close(library);
}

static void read_file(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, size - 1) : 0;
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
}

TEST(host_ends_as_a_program_does) {
    char folder[PATH_MAX], path[PATH_MAX + 16], text[256];
    make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/ending", folder);
    struct fc_library *library = open_other("process", NULL);
    must(fc_call(bind(library, "int note_end(const char *path)"), NULL, path));
    read_file(path, text, sizeof text);
    assert_string_equal(text, "");
    fc_library_close(library); /* its session is closed with it */
    read_file(path, text, sizeof text);
    assert_string_equal(text, "atexit\ndestructor\n");
    unlink(path);

    library = open_other("process", NULL);
    must(fc_call(bind(library, "int note_end(const char *path)"), NULL, path));
    must_end(library, "void end_exit(int status)", 3, "called exit(3)");
    read_file(path, text, sizeof text);
    assert_string_equal(text, "atexit\ndestructor\n");
    unlink(path);
    must(fc_call(bind(library, "int note_quick_end(const char *path)"), NULL, path));
    must_end(library, "void end_quick(int status)", 6, "exit(6)");
    read_file(path, text, sizeof text);
    assert_string_equal(text, "quick\n");
    unlink(path);
    fc_library_close(library);
    rmdir(folder);
}

/* -- what it prints ---------------------------------------------------------------------------------------------------------- */

static void print_lines(void *argument, int pipe_fd) {
    (void)argument;
    require(dup2(pipe_fd, STDOUT_FILENO) >= 0 && dup2(pipe_fd, STDERR_FILENO) >= 0);
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *print = bind(library, "int print(const char *text)");
    struct fc_function *complain = bind(library, "int print_error(const char *text)");
    require(write(STDOUT_FILENO, "caller 1\n", 9) == 9);
    must(fc_call(print, NULL, "library 1\n"));
    require(write(STDOUT_FILENO, "caller 2\n", 9) == 9);
    must(fc_call(complain, NULL, "library 2\n"));
    require(write(STDOUT_FILENO, "caller 3\n", 9) == 9);
    must(fc_call(print, NULL, "library 3\nend")); /* no newline: stays in the buffer until the end */
    require(write(STDOUT_FILENO, "caller 4\n", 9) == 9);
    fc_library_close(library);
    require(write(STDOUT_FILENO, "\ncaller 5\n", 10) == 10);
}

TEST(host_prints_in_the_order_of_calls) {
    int fd;
    pid_t caller = start_caller(print_lines, NULL, &fd);
    assert_string_equal(read_all(fd),
                        "caller 1\nlibrary 1\ncaller 2\nlibrary 2\ncaller 3\nlibrary 3\ncaller 4\nend\ncaller 5\n");
    must_succeed(caller);
    close(fd);
}

/* -- a library that starts processes -------------------------------------------------------------------------------------------- */

TEST(host_forked_by_its_library_lends_the_arguments_but_not_the_session) {
    struct fc_library *library = open_other("process", NULL);
    const int host = host_pid(library);
    unsigned char data[20000];
    int sum = 0, expected = 0;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (unsigned char)(i * 7);
        expected += data[i];
    }
    must(fc_call(bind(library, "int sum_in_child(_In_reads_(count) const unsigned char *data, int count)"), &sum, data,
                 (int)sizeof data));
    assert_int_equal(sum, expected);
    unsigned char *shared = fc_alloc(fc_library_session(library), 4096);
    assert_non_null(shared);
    memset(shared, 0x55, 4096);
    must(fc_call(bind(library, "int write_in_child(_Inout_updates_(count) unsigned char *data, int count)"), &sum,
                 shared, 4096));
    assert_int_equal(sum, 0x55); /* what a child of the host writes is its own */
    assert_int_equal(shared[100], 0x55);

    /* How children end is no news of the host. */
    struct fc_function *crash = bind(library, "int crash_in_child(int how)");
    struct fc_function *leave = bind(library, "int exit_in_child(int how, int status)");
    for (int how = 0; how < 2; how++) {
        must(fc_call(crash, &sum, how));
        assert_int_equal(sum, SIGSEGV);
    }
    for (int how = 0; how < 3; how++) {
        must(fc_call(leave, &sum, how, 40 + how));
        assert_int_equal(sum, 40 + how);
    }
    assert_int_equal(call_int(library, "process_id"), host);
    must_end(library, "void end_raise(int number)", SIGTERM, "SIGTERM");
    fc_library_close(library);
}

TEST(host_may_end_before_its_children) {
    struct fc_library *library = open_other("process", NULL);
    const int child = call_int(library, "start_child");
    const int host = host_pid(library);
    assert_true(process_lives(child));
    assert_int_equal(add(library, 1, 2), 3);
    must_end(library, "void end_exit(int status)", 3, "called exit(3)"); /* noticed, though the child lives */
    const int second = call_int(library, "start_child");
    fc_library_close(library);
    assert_true(process_lives(child));
    assert_true(process_lives(second));
    assert_false(process_lives(host));
    kill(child, SIGKILL);
    kill(second, SIGKILL);
    assert_true(process_ends(child));
    assert_true(process_ends(second));
}

/* Nor do they keep the session: what they inherit speaks for nobody. */
TEST(host_ends_with_its_caller_though_its_children_live) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t caller = fork();
    if (caller == 0) {
        struct fc_library *library = open_other("process", NULL);
        tell(fds[1], host_pid(library));
        tell(fds[1], call_int(library, "start_child"));
        pause();
    }
    int host = hear(fds[0]), child = hear(fds[0]);
    kill(caller, SIGKILL);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    assert_true(process_ends(host));
    assert_true(process_lives(child));
    kill(child, SIGKILL);
    close(fds[0]);
    close(fds[1]);
}

TEST(host_whose_library_runs_commands) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *run = bind(library, "int run_command(const char *command)");
    int status = -1;
    for (int i = 0; i < 3; i++) {
        must(fc_call(run, &status, i == 0 ? "exit 7" : i == 1 ? "kill -TERM $$" : "test ! -e /proc/self/fd/3"));
        assert_int_equal(status, i == 0 ? 7 << 8 : i == 1 ? SIGTERM : 0);
    }
    assert_int_equal(add(library, 1, 2), 3);
    fc_library_close(library);
}

/* -- a library that closes what is not its own --------------------------------------------------------------------------------- */

/* A result, or the true reason why there is none. */
static void *add_if_possible(void *adding) {
    int sum = 0;
    int rc = fc_call(adding, &sum, 1, 2);
    if (rc != FC_OK) {
        must_fail(rc, FC_EDIED, "the library closed the host's descriptors");
    } else {
        require(sum == 3);
    }
    return NULL;
}

TEST(host_whose_library_closes_every_descriptor_does_not_hurt_its_caller) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *close_all = bind(library, "int close_descriptors(int first)");
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    struct fc_session *session = fc_library_session(library);
    for (int round = 0; round < 3; round++) {
        add_if_possible(adding); /* a fresh host, after the first round */
        int host = host_pid(library);
        must(fc_call(close_all, NULL, 3));
        add_if_possible(
            adding); /* a channel that is there needs no descriptor; a new one does, and so does new memory */
        if (round == 2) {
            assert_non_null(fc_alloc(session, 200 << 20)); /* of the session, not of the host */
        } else {
            join(start_thread(add_if_possible, adding));
        }
        assert_true(process_ends(host));
        add_if_possible(adding);
        add_if_possible(adding);
        assert_int_equal(add(library, 1, 2), 3);
        join(start_thread(add_if_possible, adding));
    }
    fc_library_close(library);
}

TEST(host_without_descriptors_still_ends_with_its_session) {
    struct fc_library *library = open_other("process", NULL);
    int host = host_pid(library);
    must(fc_call(bind(library, "int close_descriptors(int first)"), NULL, 0));
    fc_library_close(library);
    assert_false(process_lives(host));
}

/* -- threads -------------------------------------------------------------------------------------------------------------------- */

static void *count_thrice(void *library) {
    struct fc_function *count = bind(library, "int count_in_thread(void)");
    for (int i = 1; i <= 3; i++) {
        int counted = 0;
        must(fc_call(count, &counted));
        require(counted == i);
    }
    return NULL;
}

TEST(host_keeps_the_state_of_threads_apart) {
    struct fc_library *library = open_other("process", NULL);
    pthread_t threads[4];
    count_thrice(library);
    for (int i = 0; i < 4; i++) {
        threads[i] = start_thread(count_thrice, library);
    }
    for (int i = 0; i < 4; i++) {
        join(threads[i]);
    }
    assert_int_equal(call_int(library, "count_in_thread"), 4);
    fc_library_close(library);
}

TEST(host_on_one_cpu_sleeps_instead_of_spinning) {
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    for (unsigned cpu = 0; CPU_COUNT(&one) == 0; cpu++) {
        if (CPU_ISSET(cpu, &before)) {
            CPU_SET(cpu, &one);
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    struct fc_options *options = fc_options_new();
    must(fc_options_set_spin_us(options, 1000000));
    struct fc_library *library = open_other("process", options);
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    const int calls = (int)rounds(2000), switches = call_int(library, "voluntary_switches");
    for (int i = 0; i < calls; i++) {
        int sum = 0;
        must(fc_call(adding, &sum, i, 1));
        assert_int_equal(sum, i + 1);
    }
    assert_true(call_int(library, "voluntary_switches") - switches > calls / 4);
    fc_library_close(library);
    fc_options_free(options);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

/* -- callers that are parents of the parentless ------------------------------------------------------------------------------------ */

static void die_and_close(struct fc_library *library) {
    int host = host_pid(library);
    must_end(library, "void end_raise(int number)", SIGRTMIN + 1, "signal 35");
    require(process_state(host) == '\0'); /* no zombie is left */
    must_end(library, "void end_raise(int number)", SIGTERM, "SIGTERM");
    fc_library_close(library);
    require(waitpid(-1, NULL, WNOHANG | __WALL) == -1 && errno == ECHILD);
}

static void call_as_subreaper(void *argument, int pipe_fd) {
    (void)argument, (void)pipe_fd;
    require(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    die_and_close(open_other("process", NULL));
}

TEST(host_leaves_no_zombie_to_a_subreaper) {
    int fd;
    must_succeed(start_caller(call_as_subreaper, NULL, &fd));
    close(fd);
}

static void call_as_init(void *argument, int pipe_fd) {
    (void)argument, (void)pipe_fd;
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) {
        _exit(0);
    }
    pid_t init = fork();
    if (init == 0) {
        require(getpid() == 1);
        if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("proc", "/proc", "proc", 0, NULL) != 0) {
            _exit(0);
        }
        tell(pipe_fd, 1);
        struct fc_library *library = open_other("process", NULL);
        require(host_pid(library) != 0);
        die_and_close(library);
        _exit(0);
    }
    must_succeed(init);
}

TEST(host_leaves_no_zombie_to_the_first_process_of_a_container) {
    int fd, ran = 0;
    must_succeed(start_caller(call_as_init, NULL, &fd));
    ssize_t len = read(fd, &ran, sizeof ran);
    close(fd);
    if (len == 0) {
        skip_because("a process-id namespace needs privileges");
    }
}

/* -- a host that does not start ------------------------------------------------------------------------------------------------------ */

static void must_not_start(const char *host_path, int code, const char *explained) {
    struct fc_options *options = fc_options_new();
    struct fc_session *session = (struct fc_session *)(uintptr_t)0x1234;
    must(fc_options_set_target(options, HARNESS_OTHER_TARGET));
    must(fc_options_set_host_path(options, host_path));
    must_fail(fc_session_open(options, &session), code, explained);
    assert_ptr_equal(session, (void *)(uintptr_t)0x1234);
    assert_non_null(strstr(fc_error_text(), host_path));
    fc_options_free(options);
}

/* An executable script in a folder of its own; remove_script ends both. */
static char script_folder[PATH_MAX], script_path[PATH_MAX + 16];
static const char *make_script(const char *text, mode_t mode) {
    make_folder(script_folder, sizeof script_folder);
    snprintf(script_path, sizeof script_path, "%s/host", script_folder);
    int fd = open(script_path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return script_path;
}
static void remove_script(void) {
    unlink(script_path);
    rmdir(script_folder);
}

TEST(host_program_that_is_not_there) {
    must_not_start("/no/such/host", FC_ESTART, "No such file or directory");
}

TEST(host_program_that_may_not_be_executed) {
    must_not_start(make_script("#!/bin/sh\n", 0600), FC_ESTART, "Permission denied");
    remove_script();
    must_not_start("/tmp", FC_ESTART, "Permission denied");
}

TEST(host_program_that_is_no_program) {
    must_not_start(make_script("this is no program\n", 0700), FC_ESTART, "does not run");
    remove_script();
}

TEST(host_program_that_fails_at_once) {
    must_not_start(make_script("#!/bin/sh\necho 'the licence has expired' >&2\nexit 7\n", 0700), FC_ESTART,
                   "exit status 7");
    assert_non_null(strstr(fc_error_text(), "the licence has expired"));
    remove_script();
    must_not_start(make_script("#!/bin/sh\nkill -SEGV $$\n", 0700), FC_ESTART, "SIGSEGV");
    remove_script();
    must_not_start(make_script("#!/bin/sh\nkill -KILL $$\n", 0700), FC_ESTART, "SIGKILL");
    remove_script();
    must_not_start(make_script("#!/bin/sh\nexit 0\n", 0700), FC_ESTART, "exit status 0");
    remove_script();
}

TEST(host_program_that_prints_without_end_before_it_fails) {
    must_not_start(
        make_script("#!/bin/sh\ni=0\nwhile [ $i -lt 5000 ]; do echo 0123456789012345678901234567890123456789 >&2; "
                    "i=$((i+1)); done\nexit 7\n",
                    0700),
        FC_ESTART, "exit status 7");
    remove_script();
}

static const char *real_host(const char *target) {
    static char path[PATH_MAX];
    const char *build = getenv("FARCALL_TEST_BUILD");
    assert_non_null(build);
    snprintf(path, sizeof path, "%s/libexec/farcall/%s/farcall-host", build, target);
    return path;
}

/* The version in the shared memory, which a host compares with its own, is changed before the real host sees it. */
TEST(host_program_of_another_version) {
    char text[PATH_MAX + 256];
    snprintf(text, sizeof text,
             "#!/bin/sh\nprintf '\\143' | dd of=/proc/self/fd/4 bs=1 seek=4 conv=notrunc 2>/dev/null\nexec %s \"$@\"\n",
             real_host(HARNESS_OTHER_TARGET));
    must_not_start(make_script(text, 0700), FC_ESTART, "different versions");
    assert_non_null(strstr(fc_error_text(), "exit status 122"));
    remove_script();
}

TEST(host_program_started_by_hand_says_so) {
    char command[PATH_MAX + 64];
    snprintf(command, sizeof command, "%s 2>&1 >/dev/null", real_host(HARNESS_OTHER_TARGET));
    FILE *output = popen(command, "re");
    assert_non_null(output);
    char line[256] = "";
    assert_non_null(fgets(line, sizeof line, output));
    assert_non_null(strstr(line, "started by libfarcall"));
    int status = pclose(output);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 120);
}

/* Slow: the limit of 20 seconds is the point. */
TEST(host_program_that_hangs_is_given_up) {
    must_not_start(make_script("#!/bin/sh\necho 'still thinking' >&2\nexec sleep 1000\n", 0700), FC_ESTART,
                   "did not answer within 20 s");
    assert_non_null(strstr(fc_error_text(), "still thinking"));
    remove_script();
}

/* -- callers without standard descriptors --------------------------------------------------------------------------------------------- */

static void call_without_standard(void *argument, int pipe_fd) {
    const int closed = *(const int *)argument; /* a bit for each */
    int out = fcntl(pipe_fd, F_DUPFD_CLOEXEC, 100);
    close(pipe_fd);
    for (int fd = 0; fd < 3; fd++) {
        if ((closed >> fd & 1) != 0) {
            close(fd);
        }
    }
    struct fc_library *library;
    int rc = fc_open(harness_library(HARNESS_OTHER_TARGET, "process"), NULL, &library);
    int sum = 0;
    struct fc_function *adding = NULL;
    if (rc == FC_OK) {
        adding = bind(library, "int add(int a, int b)");
        rc = fc_call(adding, &sum, 40, 2);
    }
    int rc_print = rc == FC_OK ? fc_call(bind(library, "int print_error(const char *text)"), NULL, "library\n") : rc;
    for (int fd = 0; rc == FC_OK && fd < 3; fd++) {
        int is_open = -1;
        rc = fc_call(bind(library, "int descriptor_is_open(int fd)"), &is_open, fd);
        tell(out, is_open);
    }
    tell(out, rc == FC_OK && rc_print == FC_OK ? sum : rc);
    /* What the caller closed is still its own to open: nothing of ours took the place. */
    for (int fd = 0; fd < 3; fd++) {
        tell(out, (closed >> fd & 1) == 0 ? 0 : open("/dev/null", O_RDWR) != fd);
    }
    if (rc == FC_OK) {
        kill_host(library);
        rc = fc_call(adding, &sum, 40, 2);
        tell(out, rc == FC_OK ? sum : rc);
        fc_library_close(library);
    }
}

TEST(host_of_a_caller_without_standard_descriptors) {
    for (int closed = 1; closed < 8; closed++) {
        int fd;
        pid_t caller = start_caller(call_without_standard, &closed, &fd);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(hear(fd), (closed >> i & 1) == 0);
        }
        assert_int_equal(hear(fd), 42);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(hear(fd), 0);
        }
        assert_int_equal(hear(fd), 42);
        must_succeed(caller);
        close(fd);
    }
}

/* -- libraries that take long to open --------------------------------------------------------------------------------------------------- */

struct opening {
    struct fc_session *session;
    int rc;
    _Atomic bool is_over;
};

static void *open_slow(void *argument) {
    struct opening *opening = argument;
    struct fc_library *library;
    opening->rc = fc_library_open(opening->session, harness_library(HARNESS_OTHER_TARGET, "slow"), &library);
    atomic_store(&opening->is_over, true);
    return NULL;
}

/* A session whose host reads SLOW_UNTIL, and a thread that has begun to open the library which waits for it. */
static pthread_t begin_slow_opening(struct opening *opening) {
    make_folder(script_folder, sizeof script_folder);
    snprintf(script_path, sizeof script_path, "%s/until", script_folder);
    assert_int_equal(mkfifo(script_path, 0600), 0);
    setenv("SLOW_UNTIL", script_path, 1);
    opening->session = open_session();
    pthread_t thread = start_thread(open_slow, opening);
    /* It is inside once the FIFO has a reader waiting: opening it for writing without blocking fails until then. */
    sleep_us(50000);
    return thread;
}

TEST(host_that_is_opening_a_library_does_not_keep_its_session_from_closing) {
    struct opening opening = {0};
    pthread_t thread = begin_slow_opening(&opening);
    int host = fc_session_host_pid(opening.session);
    fc_session_close(opening.session);
    join(thread);
    assert_int_equal(opening.rc, FC_ECLOSED);
    assert_true(process_ends(host));
    remove_script();
}

TEST(host_that_is_opening_a_library_does_not_keep_its_caller_from_forking) {
    need_threads_after_fork();
    if (under_valgrind()) {
        skip_because("what the other thread was opening is lost in the child, and valgrind says so");
    }
    struct opening opening = {0};
    pthread_t thread = begin_slow_opening(&opening);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        /* What was in flight here is not; the session is as usable as ever. */
        unsetenv("SLOW_UNTIL");
        struct fc_library *library = NULL;
        must(fc_library_open(opening.session, harness_library(HARNESS_OTHER_TARGET, "process"), &library));
        require(add(library, 1, 2) == 3);
        fc_session_close(opening.session);
        _exit(0);
    }
    assert_false(atomic_load(&opening.is_over));
    must_succeed(child);
    int fd = open(script_path, O_WRONLY); /* lets the library go on */
    close(fd);
    join(thread);
    assert_int_equal(opening.rc, FC_OK);
    fc_session_close(opening.session);
    remove_script();
}
