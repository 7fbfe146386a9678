/* Hosts that do not start, and what is said of them; callers that have little to start one with. */
#include "sessions.h"

#include <limits.h>
#include <sys/stat.h>

/* -- a host that does not start ------------------------------------------------------------------------------------ */

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

TEST(host_start_that_is_not_there) {
    must_not_start("/no/such/host", FC_ESTART, "No such file or directory");
}

TEST(host_start_that_may_not_be_executed) {
    must_not_start(make_script("#!/bin/sh\n", 0600), FC_ESTART, "Permission denied");
    remove_script();
    must_not_start("/tmp", FC_ESTART, "Permission denied");
}

TEST(host_start_that_is_no_program) {
    must_not_start(make_script("this is no program\n", 0700), FC_ESTART, "does not run");
    remove_script();
}

TEST(host_start_that_fails_at_once) {
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

TEST(host_start_that_prints_without_end_before_it_fails) {
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
TEST(host_start_of_another_version) {
    char text[PATH_MAX + 256];
    snprintf(
        text, sizeof text,
        "#!/bin/sh\nprintf '\\143' | dd of=/proc/self/fd/4 bs=1 seek=4 conv=notrunc 2>/dev/null\nexec '%s' \"$@\"\n",
        real_host(HARNESS_OTHER_TARGET));
    must_not_start(make_script(text, 0700), FC_ESTART, "different versions");
    assert_non_null(strstr(fc_error_text(), "exit status 122"));
    remove_script();
}

TEST(host_start_started_by_hand_says_so) {
    char command[PATH_MAX + 64];
    snprintf(command, sizeof command, "'%s' 2>&1 >/dev/null", real_host(HARNESS_OTHER_TARGET));
    FILE *output = popen(command, "re");
    assert_non_null(output);
    char line[256] = "";
    assert_non_null(fgets(line, sizeof line, output));
    assert_non_null(strstr(line, "started by a libfarcall of its own version"));
    int status = pclose(output);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 120);
}

/* Slow: the limit of 20 seconds is the point. */
TEST(host_start_that_hangs_is_given_up) {
    must_not_start(make_script("#!/bin/sh\necho 'still thinking' >&2\nexec sleep 1000\n", 0700), FC_ESTART,
                   "did not answer within 20 s");
    assert_non_null(strstr(fc_error_text(), "still thinking"));
    remove_script();
}

/* -- callers without standard descriptors -------------------------------------------------------------------------- */

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
