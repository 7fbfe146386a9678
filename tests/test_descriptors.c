/* Descriptors cross from process to process: arguments, results, those that change hands. */
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define WRITE "int write_text(_Fc_fd_ int fd, _In_z_ const char *text)"
#define OPEN "_Fc_fd_given_ int open_text(_In_z_ const char *text, int is_inherited)"

static void make_pipe(int ends[2]) {
    require(pipe2(ends, O_CLOEXEC) == 0);
}
/* What is in the pipe, up to the end: nobody else may be able to write to it. */
static const char *drain(int fd) {
    static char text[200];
    ssize_t got;
    size_t used = 0;
    while ((got = read(fd, text + used, sizeof text - 1 - used)) > 0) {
        used += (size_t)got;
    }
    text[used] = '\0';
    close(fd);
    return text;
}
static int call_int(struct fc_function *function) {
    int result = -77;
    assert_ok(fc_call(function, &result));
    return result;
}
static bool is_open_here(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}

TEST(descriptor_of_the_caller_is_lent_for_the_call) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *write_text = call_bind(library, WRITE), *count = call_bind(library, "int count_open(void)");
        int ends[2], result = 0;
        make_pipe(ends);
        const int before = call_int(count);
        const char *text = "array";
        int *fd = &ends[1];
        for (int i = 0; i < 3; i++) {
            assert_ok(fc_call(write_text, &result, ends[1], "call "));
            assert_int_equal(result, 5);
        }
        assert_ok(fc_call(write_text, NULL, ends[1], "none "));
        assert_ok(fc_call_array(write_text, &result, 2, (void *[]){fd, &text}));
        assert_int_equal(result, 5);
        assert_int_equal(call_int(count), before);
        assert_true(is_open_here(ends[1]));
        close(ends[1]);
        assert_string_equal(drain(ends[0]), "call call call none array");
        fc_library_close(library);
    }
}

TEST(numbers_that_are_no_descriptors_pass) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *same = call_bind(library, "int same_number(_Fc_fd_ int fd)");
        struct fc_function *three = call_bind(library, "int add_three(_Fc_fd_ int a, _Fc_fd_ int b, _Fc_fd_ int c,"
                                                       "_Out_writes_all_(3) long long *numbers)");
        int ends[2], result = 0;
        long long numbers[3] = {0};
        make_pipe(ends);
        assert_ok(fc_call(same, &result, -1));
        assert_int_equal(result, -1);
        assert_ok(fc_call(same, &result, AT_FDCWD));
        assert_int_equal(result, AT_FDCWD);
        assert_ok(fc_call(same, &result, 250)); /* not open here: nor is it there */
        assert_int_equal(result, -1);
        assert_ok(fc_call(three, &result, ends[0], -5, ends[1], numbers));
        assert_true(numbers[0] > 2 && numbers[1] == -5 && numbers[2] > 2 && numbers[0] != numbers[2]);
        assert_int_equal(result, 3);
        close(ends[0]);
        close(ends[1]);
        fc_library_close(library);
    }
}

TEST(descriptor_keeps_whether_programs_inherit_it) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *is_inherited = call_bind(library, "int is_inherited(_Fc_fd_ int fd)");
        struct fc_function *open_text = call_bind(library, OPEN);
        int ends[2], result = -1;
        make_pipe(ends);
        for (int inherited = 0; inherited < 2; inherited++) {
            int fd = -1;
            require(fcntl(ends[0], F_SETFD, inherited ? 0 : FD_CLOEXEC) == 0);
            assert_ok(fc_call(is_inherited, &result, ends[0]));
            assert_int_equal(result, inherited);
            assert_ok(fc_call(open_text, &fd, "text", inherited));
            assert_int_equal((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0, inherited);
            close(fd);
        }
        close(ends[0]);
        close(ends[1]);
        fc_library_close(library);
    }
}

TEST(descriptor_that_is_given_is_the_librarys_to_close) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *keep = call_bind(library, "_Success_(return != 0) int keep(_Fc_fd_given_ int fd, int may)");
        struct fc_function *count = call_bind(library, "int count_open(void)");
        const int before = call_int(count);
        int ends[2], result = -1;
        make_pipe(ends);
        assert_ok(fc_call(keep, &result, ends[1], 0));
        assert_int_equal(result, 0);
        assert_true(is_open_here(ends[1]));
        assert_int_equal(call_int(count), before);
        assert_ok(fc_call(keep, &result, ends[1], 1));
        assert_int_equal(result, 1);
        assert_false(is_open_here(ends[1]));
        assert_int_equal(call_int(count), before + 1);
        assert_ok(fc_call(call_bind(library, "int write_kept(const char *text)"), &result, "kept"));
        assert_int_equal(call_int(call_bind(library, "int close_kept(void)")), 0);
        assert_string_equal(drain(ends[0]), "kept");
        fc_library_close(library);
    }
}

TEST(descriptor_that_comes_out_is_the_callers_to_close) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *open_text = call_bind(library, OPEN), *count = call_bind(library, "int count_open(void)");
        const int before = call_int(count);
        int fd = -2;
        for (int i = 0; i < 3; i++) {
            assert_ok(fc_call(open_text, &fd, "out of the library", 0));
            assert_string_equal(drain(fd), "out of the library");
        }
        errno = 0;
        assert_ok(fc_call(open_text, &fd, "", 0));
        assert_int_equal(fd, -1);
        assert_int_equal(errno, ENOENT);
        assert_int_equal(call_int(count), before);
        fc_library_close(library);
    }
}

TEST(descriptor_that_the_library_keeps_has_one_number_here) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *replace = call_bind(library, "_Fc_fd_ int replace_kept(const char *text)");
        struct fc_function *get = call_bind(library, "_Fc_fd_ int get_kept(void)");
        char text[10] = "";
        assert_int_equal(call_int(get), -1);
        int first = -1, second = -1;
        assert_ok(fc_call(replace, &first, "one"));
        assert_true(is_open_here(first));
        for (int i = 0; i < 3; i++) {
            assert_int_equal(call_int(get), first);
        }
        assert_int_equal(read(first, text, sizeof text), 3);
        assert_ok(fc_call(replace, &second, "second"));
        assert_int_equal(second, first);
        assert_int_equal(read(first, text, sizeof text), 6);
        assert_memory_equal(text, "second", 6);
        assert_int_equal(call_int(call_bind(library, "_Fc_fd_ int return_no_descriptor(void)")), -1);
        fc_library_close(library);
        assert_false(is_open_here(first));
    }
}

TEST(descriptor_that_comes_back_is_the_callers_own) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *same = call_bind(library, "_Fc_fd_ int same_number(_Fc_fd_ int fd)");
        int ends[2], result = -1;
        make_pipe(ends);
        assert_ok(fc_call(same, &result, ends[1]));
        assert_int_equal(result, ends[1]);
        close(ends[0]);
        close(ends[1]);
        fc_library_close(library);
    }
}

TEST(descriptors_of_a_host_that_died) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *die = call_bind(library, "void die(_Fc_fd_given_ int fd)");
        struct fc_function *write_text = call_bind(library, WRITE);
        int ends[2], result = -1;
        make_pipe(ends);
        assert_error(fc_call(die, NULL, ends[1]), FC_EDIED, "exit(7)");
        assert_true(is_open_here(ends[1])); /* nobody has it */
        assert_ok(fc_call(write_text, &result, ends[1], "again"));
        close(ends[1]);
        assert_string_equal(drain(ends[0]), "again");
        fc_library_close(library);
    }
}
