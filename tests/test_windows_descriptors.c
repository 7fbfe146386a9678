/* Descriptors of the caller become those of a Windows library's C runtime. */
#include "call.h"

#include "windows.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#define WRITE "int write_text(_Fc_fd_ int fd, _In_z_ const char *text)"
#define READ "int read_some(_Fc_fd_ int fd, _Out_writes_bytes_to_opt_(size, return) char *bytes, int size)"
#define GIVE "int write_and_close(_Fc_fd_given_ int fd, _In_z_ const char *text)"

static struct fc_library *open_descriptors(const char *target) {
    return open_with(library_path(target, "descriptors"), target, UINT32_MAX);
}

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
        /* One of the library's, which is closed where it is given away. */
        struct fc_function *opens = call_bind(library, "_Fc_fd_given_ int open_nothing(void)");
        struct fc_function *number = call_bind(library, "int number_of(_Fc_fd_ int fd)");
        assert_ok(fc_call(number, &first, fd));
        for (int i = 0; i < 3; i++) {
            assert_int_equal(fc_call(opens, &result), FC_ESYS);
            assert_error_text("cannot be passed from the host");
        }
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
