/* Descriptors of the caller become those of a Windows library's C runtime, and the other way round. */
#include "call.h"

#include "windows.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define WRITE "int write_text(_Fc_fd_ int fd, _In_z_ const char *text)"
#define READ "int read_some(_Fc_fd_ int fd, _Out_writes_bytes_to_opt_(size, return) char *bytes, int size)"
#define GIVE "int write_and_close(_Fc_fd_given_ int fd, _In_z_ const char *text)"

static struct fc_library *open_descriptors(const char *target) {
    return open_with(library_path(target, "descriptors"), target, UINT32_MAX);
}

enum { READING = 0, WRITING = 1, BOTH = 2, APPENDING = 8, NOT_INHERITED = 0x80 }; /* the runtime's */
#define OPEN "_Fc_fd_given_ int open_path(_Fc_path_ const char *path, int how)"
#define KEEP "_Fc_fd_ int keep_open(_Fc_path_ const char *path, int how)"

/* Open for reading and writing, or as `flags` say. */
static int make_file(int flags) {
    char path[] = "/tmp/farcall-test-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    require(fd >= 0);
    if (flags != O_RDWR) {
        int other = open(path, flags | O_CLOEXEC);
        require(other >= 0);
        close(fd);
        fd = other;
    }
    unlink(path);
    return fd;
}

static int call_with(struct fc_library *library, const char *prototype, int fd, const char *text) {
    int result = -77;
    assert_ok(fc_call(call_bind(library, prototype), &result, fd, text));
    return result;
}

static void assert_file(int fd, const char *text) {
    char got[100] = "";
    require(pread(fd, got, sizeof got - 1, 0) >= 0);
    assert_string_equal(got, text);
}

TEST(windows_descriptors_of_files_are_used_where_the_caller_is) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        char bytes[10] = "";
        int fd = make_file(O_RDWR), got = 0;
        require(write(fd, "head\n", 5) == 5);
        assert_int_equal(call_with(library, WRITE, fd, "library\n"), 8); /* and no '\r' */
        require(write(fd, "tail", 4) == 4);
        assert_file(fd, "head\nlibrary\ntail");
        require(lseek(fd, 5, SEEK_SET) == 5);
        assert_ok(fc_call(call_bind(library, READ), &got, fd, bytes, 3));
        assert_int_equal(got, 3);
        assert_memory_equal(bytes, "lib", 3);
        require(read(fd, bytes, 2) == 2);
        assert_memory_equal(bytes, "ra", 2);
        /* As it is closed there after each call. */
        struct fc_function *number = call_bind(library, "int number_of(_Fc_fd_ int fd)");
        int first = -1, again = -1;
        assert_ok(fc_call(number, &first, fd));
        for (int i = 0; i < 20; i++) {
            assert_ok(fc_call(number, &again, fd));
            assert_int_equal(again, first);
        }
        close(fd);
        fc_library_close(library);
    }
}

TEST(windows_descriptors_may_do_what_the_caller_may) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        int appending = make_file(O_RDWR | O_APPEND), reading = make_file(O_RDONLY), writing = make_file(O_WRONLY);
        int got = 0;
        char bytes[4];
        require(write(appending, "one", 3) == 3);
        require(lseek(appending, 0, SEEK_SET) == 0);
        assert_int_equal(call_with(library, WRITE, appending, "two"), 3);
        assert_file(appending, "onetwo");
        assert_true(call_with(library, WRITE, reading, "x") < 0);
        assert_ok(fc_call(call_bind(library, READ), &got, writing, bytes, 3));
        assert_true(got < 0);
        close(appending);
        close(reading);
        close(writing);
        fc_library_close(library);
    }
}

TEST(windows_descriptors_that_are_given_are_the_librarys_to_close) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        for (int i = 0; i < 20; i++) {
            int ends[2];
            char bytes[10] = "";
            require(pipe2(ends, O_CLOEXEC) == 0);
            assert_int_equal(call_with(library, GIVE, ends[1], "text"), 4);
            assert_true(fcntl(ends[1], F_GETFD) < 0);
            assert_int_equal(read(ends[0], bytes, sizeof bytes), 4);
            assert_int_equal(read(ends[0], bytes, sizeof bytes), 0);
            assert_string_equal(bytes, "text");
            close(ends[0]);
        }
        fc_library_close(library);
    }
}

TEST(windows_descriptors_that_cannot_be_passed_are_refused) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        const int fd = make_file(O_RDWR);
        int ends[2], result = 0, first = 0, second = 0;
        require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        assert_int_equal(fc_call(call_bind(library, WRITE), &result, ends[0], "text"), FC_ESYS);
        assert_error_text("it is a socket");
        close(ends[0]);
        close(ends[1]);
        /* No descriptor here is none there. */
        assert_ok(fc_call(call_bind(library, "int number_of(_Fc_fd_ int fd)"), &result, 99999));
        assert_int_equal(result, -1);
        /* A pipe of Windows' own, which is closed where it is given away. */
        struct fc_function *opens = call_bind(library, "_Fc_fd_given_ int open_end_of_pipe(void)");
        struct fc_function *number = call_bind(library, "int number_of(_Fc_fd_ int fd)");
        assert_ok(fc_call(number, &first, fd));
        for (int i = 0; i < 3; i++) {
            assert_int_equal(fc_call(opens, &result), FC_ESYS);
            assert_error_text("cannot be passed from the host: it is of a pipe");
        }
        /* No descriptor there is none here. */
        assert_ok(fc_call(call_bind(library, "_Fc_fd_ int same(int fd)"), &result, 77));
        assert_int_equal(result, -1);
        assert_ok(fc_call(number, &second, fd));
        assert_int_equal(first, second);
        /* What comes back as it went is the caller's own. */
        assert_ok(fc_call(call_bind(library, "_Fc_fd_ int same(_Fc_fd_ int fd)"), &result, fd));
        assert_int_equal(result, fd);
        fc_library_close(library);
        /* A library without a runtime. */
        library = open_with("kernel32.dll", target, UINT32_MAX);
        assert_int_equal(fc_call(call_bind(library, "unsigned __stdcall SetHandleCount(_Fc_fd_ int fd)"), &result, fd),
                         FC_ESYS);
        assert_error_text("imports no C runtime");
        close(fd);
        fc_library_close(library);
    }
}

/* -- what the library opened --------------------------------------------------------------------------------------- */

static void make_path(char path[PATH_MAX], const char *text) {
    snprintf(path, PATH_MAX, "/tmp/farcall-test-XXXXXX");
    const int fd = mkostemp(path, O_CLOEXEC);
    require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static int open_there(struct fc_library *library, const char *prototype, const char *path, int how) {
    int fd = -77;
    assert_ok(fc_call(call_bind(library, prototype), &fd, path, how));
    return fd;
}

static int how_open(int fd) {
    return fcntl(fd, F_GETFL) & O_ACCMODE;
}

TEST(windows_descriptors_that_the_library_gives_away_are_the_callers) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        char path[PATH_MAX], bytes[10] = "";
        make_path(path, "text");
        for (int i = 0; i < 3; i++) {
            const int reads = open_there(library, OPEN, path, READING),
                      writes = open_there(library, OPEN, path, WRITING), both = open_there(library, OPEN, path, BOTH);
            assert_int_equal(how_open(reads), O_RDONLY);
            assert_true(how_open(writes) != O_RDONLY); /* Wine opens it for both */
            assert_int_equal(how_open(both), O_RDWR);
            assert_int_equal(read(reads, bytes, sizeof bytes), 4);
            assert_memory_equal(bytes, "text", 4);
            assert_int_equal(write(writes, "next", 4), 4);
            assert_int_equal(read(both, bytes, sizeof bytes), 4);
            assert_memory_equal(bytes, "next", 4);
            require(pwrite(both, "text", 4, 0) == 4);
            close(reads);
            close(writes);
            close(both);
        }
        /* It is closed there: Windows lets nobody delete what is open without leave. */
        int ok = 0;
        struct fc_library *system = open_with("kernel32.dll", target, UINT32_MAX);
        const int last = open_there(library, OPEN, path, BOTH);
        assert_ok(fc_call(call_bind(system, "BOOL __stdcall DeleteFileA(_Fc_path_ LPCSTR path)"), &ok, path));
        fc_library_close(system);
        assert_int_equal(read(last, bytes, sizeof bytes), 4);
        close(last);
        unlink(path);
        assert_int_equal(open_there(library, OPEN, path, READING), -1);
        const int mine = open_there(library, OPEN, "/dev/zero", READING | NOT_INHERITED);
        assert_int_equal(fcntl(mine, F_GETFD), FD_CLOEXEC);
        assert_int_equal(read(mine, bytes, sizeof bytes), sizeof bytes);
        close(mine);
        /* What is no file. */
        const int nothing = open_there(library, "_Fc_fd_given_ int open_nothing(void)", NULL, 0);
        assert_int_equal(read(nothing, bytes, sizeof bytes), 0);
        close(nothing);
        fc_library_close(library);
    }
}

TEST(windows_descriptors_that_the_library_keeps_are_used_by_both) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        struct fc_function *write_it = call_bind(library, "int write_to_kept(_In_z_ const char *text)"),
                           *kept = call_bind(library, "_Fc_fd_ int kept_one(void)");
        char path[PATH_MAX];
        int written = 0, again = -1;
        make_path(path, "");
        const int other = open(path, O_RDONLY | O_CLOEXEC), fd = open_there(library, KEEP, path, BOTH);
        /* Another of the same file is another. */
        const int given = open_there(library, OPEN, path, BOTH);
        assert_int_equal(write(fd, "here ", 5), 5);
        assert_ok(fc_call(write_it, &written, "there "));
        assert_int_equal(write(fd, "here", 4), 4);
        assert_file(other, "here there here");
        assert_ok(fc_call(kept, &again));
        assert_int_equal(again, fd);
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 15);
        assert_int_equal(lseek(given, 0, SEEK_CUR), 0);
        close(given);
        assert_ok(fc_call(call_bind(library, "int close_kept(void)"), &written));
        assert_int_equal(written, 0);
        assert_int_equal(fcntl(fd, F_GETFD), 0);
        close(other);
        unlink(path);
        fc_library_close(library);
        assert_int_equal(fcntl(fd, F_GETFD), -1);
    }
}

TEST(windows_descriptors_that_append_append_here) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        char path[PATH_MAX];
        int written = 0;
        make_path(path, "log: ");
        const int fd = open_there(library, KEEP, path, BOTH | APPENDING);
        assert_int_equal(write(fd, "here ", 5), 5);
        assert_ok(fc_call(call_bind(library, "int write_to_kept(_In_z_ const char *text)"), &written, "there "));
        require(lseek(fd, 0, SEEK_SET) == 0);
        assert_int_equal(write(fd, "here", 4), 4);
        assert_file(fd, "log: here there here");
        unlink(path);
        fc_library_close(library);
    }
}

TEST(windows_descriptors_of_one_file_are_told_apart) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        char path[PATH_MAX], byte;
        make_path(path, "abcdef");
        const int kept = open_there(library, KEEP, path, READING);
        int fds[20];
        for (int i = 0; i < 20; i++) {
            fds[i] = open_there(library, OPEN, path, READING);
        }
        for (int i = 0; i < 20; i++) {
            assert_int_equal(read(fds[i], &byte, 1), 1);
            assert_int_equal(byte, 'a');
            close(fds[i]);
        }
        assert_int_equal(lseek(kept, 0, SEEK_CUR), 0);
        unlink(path);
        fc_library_close(library);
    }
}

/* As in a container whose processes may not look into each other. */
static void forbid_taking(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_getfd, 0, 1), /* the same number at both widths */
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof rules / sizeof *rules, .filter = rules};
    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0);
}

TEST(windows_descriptors_that_cannot_be_taken_are_opened_anew) {
    forbid_taking();
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_descriptors(target);
        char path[PATH_MAX], bytes[10] = "";
        int got = 0;
        make_path(path, "abcdef");
        const int kept = open_there(library, KEEP, path, BOTH | APPENDING);
        assert_int_equal(how_open(kept), O_RDWR);
        assert_true((fcntl(kept, F_GETFL) & O_APPEND) != 0);
        assert_int_equal(read(kept, bytes, 2), 2);
        assert_memory_equal(bytes, "ab", 2);
        require(unlink(path) == 0);
        assert_ok(fc_call(call_bind(library, "int write_to_kept(_In_z_ const char *text)"), &got, "gh"));
        assert_int_equal(lseek(kept, 0, SEEK_CUR), 2);
        assert_ok(fc_call(call_bind(library, "_Fc_fd_ int kept_one(void)"), &got));
        assert_int_equal(got, kept);
        assert_int_equal(lseek(kept, 0, SEEK_CUR), 8); /* where the library is by now, though the file has gone */
        assert_file(kept, "abcdefgh");
        fc_library_close(library);
    }
}
