/* What a library may do to the host that it lives in: end it, print, start processes, close what is not its own, take
 * its time. */
#include "sessions.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* -- a library that ends its process ------------------------------------------------------------------------------- */

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

/* -- what it prints ------------------------------------------------------------------------------------------------ */

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

/* -- a library that starts processes ------------------------------------------------------------------------------- */

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

/* -- a library that closes what is not its own --------------------------------------------------------------------- */

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

/* -- libraries that take long to open ------------------------------------------------------------------------------ */

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
static char until_folder[PATH_MAX], until_path[PATH_MAX + 16], begun_path[PATH_MAX + 32];
static pthread_t begin_slow_opening(struct opening *opening) {
    make_folder(until_folder, sizeof until_folder);
    snprintf(until_path, sizeof until_path, "%s/until", until_folder);
    snprintf(begun_path, sizeof begun_path, "%s.begun", until_path);
    assert_int_equal(mkfifo(until_path, 0600), 0);
    setenv("SLOW_UNTIL", until_path, 1);
    opening->session = open_session();
    pthread_t thread = start_thread(open_slow, opening);
    /* It is inside once the constructor has made the file. */
    for (int waited_ms = 0; access(begun_path, F_OK) != 0; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
    unlink(begun_path);
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
    unlink(until_path);
    rmdir(until_folder);
}

TEST(host_that_is_opening_a_library_does_not_keep_its_caller_from_forking) {
    need_allocator_after_fork();
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
    int fd = open(until_path, O_WRONLY); /* lets the library go on */
    close(fd);
    join(thread);
    assert_int_equal(opening.rc, FC_OK);
    fc_session_close(opening.session);
    unlink(until_path);
    rmdir(until_folder);
}
