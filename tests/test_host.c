/* The host as a process among processes: whom it lives and dies with, what it shares with its caller, and what it keeps
 * from it. */
#include "sessions.h"

#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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

static void begin_and_open(void *argument, int pipe_fd) {
    (void)argument;
    tell(pipe_fd, 0);
    open_other("process", NULL);
    pause();
}

/* Nor is the go-between of its start left, which has the caller's descriptors. */
TEST(nobody_is_left_of_a_caller_that_is_killed_while_it_starts_a_host) {
    enum { ROUNDS = 200, STEP_US = 5 };
    for (unsigned i = 0; i < rounds(ROUNDS); i++) {
        int fd;
        char byte;
        pid_t caller = start_caller(begin_and_open, NULL, &fd);
        struct pollfd pipe = {.fd = fd, .events = POLLIN};
        hear(fd);
        sleep_us(i * STEP_US);
        assert_int_equal(kill(caller, SIGKILL), 0);
        assert_int_equal(waitpid(caller, NULL, 0), caller);
        assert_int_equal(poll(&pipe, 1, PATIENCE_MS), 1);
        assert_int_equal(read(fd, &byte, 1), 0);
        close(fd);
    }
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

/* -- it is nobody's child ------------------------------------------------------------------------------------------ */

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

/* -- signals ------------------------------------------------------------------------------------------------------- */

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
    assert_int_not_equal(getsid(host_pid(library)), getsid(0)); /* so it may read the terminal, and is never hung up */
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
    /* A library may read from the terminal; stopping it as a job in the background would stop the caller for ever. */
    int error = -1;
    printf("reading\n");
    fflush(stdout);
    must(fc_call(bind(library, "int read_terminal(void)"), &error));
    require(error == 0);
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
    bool interrupted = false, typed = false;
    for (ssize_t len; used < sizeof said - 1 && (len = read(master, said + used, sizeof said - 1 - used)) > 0;) {
        used += (size_t)len;
        said[used] = '\0';
        if (!interrupted && strstr(said, "ready") != NULL) {
            assert_int_equal(write(master, "\003", 1), 1);
            interrupted = true;
        }
        if (!typed && strstr(said, "reading") != NULL) {
            assert_int_equal(write(master, "y\n", 2), 2);
            typed = true;
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

/* -- what it shares with its caller -------------------------------------------------------------------------------- */

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
    assert_true(call_int(library, "open_descriptors") <= 7); /* three standard ones, connection, memory, caller, heap */
    fc_library_close(library);
    for (int i = 0; i < 3; i++) {
        close(extra[i]);
    }
    close(high);
}

/* -- threads ------------------------------------------------------------------------------------------------------- */

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
    /* A host that spun would never give up its CPU by itself. One that sleeps does so in most calls, but not where the
     * caller that it woke has its CPU, and asks again, before it comes to sleep. */
    const int calls = (int)rounds(2000);
    int slept = 0;
    for (int round = 0; round < 5 && slept <= calls / 4; round++) {
        const int switches = call_int(library, "voluntary_switches");
        for (int i = 0; i < calls; i++) {
            int sum = 0;
            must(fc_call(adding, &sum, i, 1));
            assert_int_equal(sum, i + 1);
        }
        slept += call_int(library, "voluntary_switches") - switches;
    }
    assert_true(slept > calls / 4);
    fc_library_close(library);
    fc_options_free(options);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

/* -- callers that are parents of the parentless -------------------------------------------------------------------- */

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
