/* The harness must see what a test leaves behind. Each case plays a test in a forked child, which leaks on purpose. */
#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many leaks are found after `body` in a process of its own, whose complaints are not shown. */
static int leaks_after(void (*body)(void)) {
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) {
            _exit(99);
        }
        harness_leaks_begin();
        body();
        _exit(harness_leaks_end());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void leave_nothing(void) {
    int fd = open("/dev/null", O_RDONLY);
    close(fd);
}

static void leave_descriptor(void) {
    require(open("/dev/null", O_RDONLY) >= 0);
}

static void close_descriptor_of_another(void) {
    close(STDIN_FILENO);
}

static void replace_descriptor(void) {
    int fd = open("/dev/zero", O_RDONLY);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static void leave_zombie(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    siginfo_t info;
    require(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
}

static void leave_running_child(void) {
    pid_t tested = getpid();
    if (fork() == 0) {
        while (getppid() == tested) {
            usleep(10000);
        }
        _exit(0);
    }
}

/* A process that looks like a host of this one to a reader of /proc, and is no child of it: `cat` under a host's name,
 * reading a FIFO whose path ends in `argument`. Stays until `end_false_host`. */
static char fifo_folder[] = "/tmp/farcall-harness-XXXXXX";
static char fifo_path[sizeof fifo_folder + 64];
static int fifo_fd;

static void start_false_host(const char *argument) {
    require(mkdtemp(fifo_folder) != NULL);
    snprintf(fifo_path, sizeof fifo_path, "%s/%s", fifo_folder, argument);
    require(mkfifo(fifo_path, 0600) == 0);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            execl("/bin/cat", "/somewhere/farcall-host", fifo_path, (char *)NULL);
        }
        _exit(0);
    }
    require(waitpid(middle, NULL, 0) == middle);
    fifo_fd = open(fifo_path, O_WRONLY); /* waits until cat opens it, and so has been executed */
    require(fifo_fd >= 0);
}

static void end_false_host(void) {
    close(fifo_fd); /* ends cat */
    unlink(fifo_path);
    rmdir(fifo_folder);
}

static int leaks_beside_false_host(const char *format) {
    char argument[64];
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) {
            _exit(99);
        }
        snprintf(argument, sizeof argument, format, (int)getpid());
        start_false_host(argument);
        harness_leaks_begin();
        int leaks = harness_leaks_end();
        end_false_host();
        _exit(leaks);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(harness_accepts_a_test_that_leaves_nothing) {
    assert_int_equal(leaks_after(leave_nothing), 0);
}

TEST(harness_finds_an_open_descriptor) {
    assert_int_equal(leaks_after(leave_descriptor), 1);
}

TEST(harness_finds_a_closed_descriptor) {
    assert_int_equal(leaks_after(close_descriptor_of_another), 1);
}

TEST(harness_finds_a_replaced_descriptor) {
    assert_int_equal(leaks_after(replace_descriptor), 2);
}

TEST(harness_finds_a_zombie) {
    assert_int_equal(leaks_after(leave_zombie), 1);
}

TEST(harness_finds_a_running_child) {
    assert_int_equal(leaks_after(leave_running_child), 1);
}

TEST(harness_finds_a_host_of_this_process) {
    assert_int_equal(leaks_beside_false_host("caller=%d"), 1);
}

TEST(harness_ignores_hosts_of_others) {
    assert_int_equal(leaks_beside_false_host("caller=%d0"), 0);
}
