/* The host for Windows: exceptions, ends, threads and callbacks of libraries that know nothing of it. */
#include "call.h"

#include "said.h"
#include "sessions.h"
#include "windows.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdatomic.h>

#define VISITOR "typedef int visitor(int index); "

static struct fc_library *open_hosted(const char *target) {
    return open_with(library_path(target, "hosted"), target, UINT32_MAX);
}

/* -- the system's libraries ---------------------------------------------------------------------------------------- */

static _Atomic int compared;
static int compare(const void *a, const void *b) {
    const int first = *(const int *)a, second = *(const int *)b;
    compared++;
    return (first > second) - (first < second);
}

TEST(windows_host_sorts_with_the_callers_comparator) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_with("msvcrt.dll", target, UINT32_MAX);
        struct fc_function *sort =
            call_bind(library, "typedef int comparator(_In_reads_bytes_(4) const void *a, _In_reads_bytes_(4) const "
                               "void *b); void qsort(_Inout_updates_bytes_(count * size) void *base, size_t count, "
                               "size_t size, comparator *compare)");
        int numbers[500];
        for (int i = 0; i < 500; i++) {
            numbers[i] = (int)(call_random() % 10000) - 5000;
        }
        compared = 0;
        assert_ok(fc_call(sort, NULL, numbers, (size_t)500, sizeof *numbers, compare));
        for (int i = 1; i < 500; i++) {
            assert_true(numbers[i - 1] <= numbers[i]);
        }
        assert_true(compared >= 499);
        fc_library_close(library);
    }
}

/* -- exceptions ---------------------------------------------------------------------------------------------------- */

TEST(windows_host_leaves_exceptions_to_those_who_handle_them) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        int result = 77;
        assert_ok(fc_call(call_bind(library, "int is_readable(_Fc_opaque_ void *address)"), &result, (void *)16));
        assert_int_equal(result, 0);
        assert_ok(fc_call(call_bind(library, "int handles_its_own(void)"), &result));
        assert_int_equal(result, 1);
        assert_int_equal(add(library, 40, 2), 42);
        fc_library_close(library);
    }
}

static void writes_nowhere(struct fc_library *library) {
    must_fail(fc_call(bind(library, "int writes_to(int address, int depth)"), NULL, 0x10, 5), FC_EDIED,
              "STATUS_ACCESS_VIOLATION at address 0x10, in ");
    assert_non_null(strstr(fc_error_text(), "hosted.dll+0x"));
    assert_int_equal(add(library, 20, 22), 42);
}

/* Though the library put a handler of its own in front of the host's, which says nothing. */
TEST(windows_host_reports_crashes_whatever_handler_the_library_has_set) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        writes_nowhere(library);
        must_end(library, "void crashes_in_a_thread(int address)", 0x20,
                 "STATUS_ACCESS_VIOLATION at address 0x20, in ");
        fc_library_close(library);
    }
}

static jmp_buf back;
static int jump(int index) {
    longjmp(back, index);
}

static void leave_by_a_jump(struct fc_function *visit_guarded) {
    if (setjmp(back) == 0) {
        fc_call(visit_guarded, NULL, jump, 1);
        fail_msg("the function did not jump");
    }
}

/* The handlers of what was jumped out of are not asked any more. */
TEST(windows_host_reports_crashes_after_a_jump_out_of_a_callback) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        struct fc_function *visit_guarded = call_bind(library, VISITOR "int visit_guarded(visitor *visit, int index)");
        for (int round = 0; round < 3; round++) {
            leave_by_a_jump(visit_guarded);
            assert_int_equal(add(library, 1, 2), 3);
        }
        writes_nowhere(library);
        fc_library_close(library);
    }
}

/* -- ends ---------------------------------------------------------------------------------------------------------- */

TEST(windows_host_reports_how_a_library_ends_it) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        must_end(library, "void aborts(int unused)", 0, "(3)"); /* as the runtime ends what aborts */
        must_end(library, "void terminates(int status)", 9, "(9)");
        must_end(library, "void ends_this_thread(int status)", 0, "ExitThread");
        fc_library_close(library);
    }
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

static int found_error, error_to_leave;
static int take_error(int index) {
    (void)index;
    found_error = errno;
    errno = error_to_leave;
    return 0;
}

TEST(windows_host_keeps_errors_over_callbacks) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        struct fc_function *visit =
            call_bind(library, VISITOR "int visit_with_errors(visitor *visit, int error, unsigned long last_error, "
                                       "_Out_ unsigned long *ret_last_error)");
        unsigned long last_error = 0;
        int left = 0;
        error_to_leave = EBUSY;
        assert_ok(fc_call(visit, &left, take_error, 22, 1234ul, &last_error));
        assert_int_equal(found_error, EINVAL);
        assert_int_equal(left, 16); /* EBUSY there */
        assert_int_equal(last_error, 1234);
        error_to_leave = ELOOP;
        assert_ok(fc_call(visit, &left, take_error, 138, 1234ul, &last_error)); /* whose number is another */
        assert_int_equal(found_error, ETIMEDOUT);
        assert_int_equal(left, 114);
        fc_library_close(library);
    }
}

/* More functions than there are trampolines on a page. */
#define ONE(n)                                                                                                         \
    static int visit_##n(int index) {                                                                                  \
        return index == 1##n - 1000 ? 1 : 1000;                                                                        \
    }
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
#define HUNDRED(n) TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)
HUNDRED(0)
HUNDRED(1)
HUNDRED(2)
#undef ONE
#define ONE(n) visit_##n,
static int (*const visits[])(int index) = {HUNDRED(0) HUNDRED(1) HUNDRED(2)};

TEST(windows_host_has_as_many_trampolines_as_are_wanted) {
    enum { COUNT = sizeof visits / sizeof *visits };
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        struct fc_function *keep = call_bind(library, VISITOR "void keep(int slot, visitor *visit)");
        int total = 0;
        for (int i = 0; i < COUNT; i++) {
            assert_ok(fc_call(keep, NULL, i, visits[i]));
        }
        assert_ok(fc_call(call_bind(library, "int call_kept(int count)"), &total, COUNT));
        assert_int_equal(total, COUNT);
        fc_library_close(library);
    }
}

static _Atomic int in_threads;
static int count_visit(int index) {
    in_threads++;
    return index;
}

/* Each gives back what it had of the caller when it ends, or there would soon be no more. */
TEST(windows_host_serves_threads_that_come_and_go) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        in_threads = 0;
        assert_ok(fc_call(call_bind(library, VISITOR "void visit_in_many(visitor *visit, int count)"), NULL,
                          count_visit, 300));
        assert_int_equal(in_threads, 300);
        fc_library_close(library);
    }
}

/* -- words --------------------------------------------------------------------------------------------------------- */

static struct said said = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void forget(void) {
    pthread_mutex_lock(&said.lock);
    said.len = 0;
    pthread_mutex_unlock(&said.lock);
}

static struct fc_library *open_with_log(const char *target) {
    struct fc_library *library;
    struct fc_options *options = fc_options_new();
    fc_library_close(open_hosted(target)); /* skips where there is no Wine */
    forget();
    assert_ok(fc_options_set_target(options, target));
    assert_ok(fc_options_set_log(options, note, &said));
    assert_ok(fc_open(library_path(target, "hosted"), options, &library));
    fc_options_free(options);
    return library;
}

TEST(windows_host_passes_debug_strings_to_the_log) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_with_log(target);
        struct fc_function *debug = call_bind(library, "int debugs(_In_z_ const char *text, int is_wide)");
        struct fc_function *visit =
            call_bind(library, VISITOR "int debugs_in_a_thread(visitor *visit, _In_z_ const char *text)");
        const char text[] = "a text of more than the forty-eight bytes that go over at once, and a bit";
        char line[sizeof text + 32];
        int result = 0;
        snprintf(line, sizeof line, "a library says: %s\n", text);
        for (int is_wide = 0; is_wide < 2; is_wide++) {
            forget();
            assert_ok(fc_call(debug, &result, text, is_wide));
            assert_int_equal(result, (int)strlen(text)); /* what lay in the line was the call's */
            assert_true(has_said(&said, line));
            assert_ok(fc_call(debug, &result, "short\r\n", is_wide));
            assert_true(has_said(&said, "a library says: short\n"));
        }
        forget();
        assert_ok(fc_call(visit, &result, count_visit, text));
        assert_true(has_said(&said, line));
        fc_library_close(library);
    }
}

/* What is read from the descriptor's other end, until the text has come. */
static void expect(int fd, const char *text) {
    char got[256];
    size_t len = 0;
    while (memmem(got, len, text, strlen(text)) == NULL) {
        const ssize_t more = read(fd, got + len, sizeof got - len);
        require(more > 0);
        len += (size_t)more;
    }
}

TEST(windows_host_prints_where_the_caller_does) {
    int out[2], err[2];
    fc_library_close(open_hosted("i386-windows")); /* skips where there is no Wine */
    require(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
    const int old_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10), old_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    fflush(stdout);
    require(dup2(out[1], STDOUT_FILENO) >= 0 && dup2(err[1], STDERR_FILENO) >= 0);
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_hosted(target);
        assert_ok(fc_call(call_bind(library, "int prints(_In_z_ const char *text)"), NULL, target));
        expect(out[0], target); /* though the session goes on */
        expect(err[0], target);
        fc_library_close(library);
    }
    for (EACH_WINDOWS_TARGET(target)) { /* a runtime with streams of another kind */
        struct fc_library *library = open_with("ucrtbase.dll", target, UINT32_MAX);
        assert_ok(fc_call(call_bind(library, "int puts(_In_z_ const char *text)"), NULL, target));
        expect(out[0], target);
        fc_library_close(library);
    }
    require(dup2(old_out, STDOUT_FILENO) >= 0 && dup2(old_err, STDERR_FILENO) >= 0);
    for (int i = 0; i < 2; i++) {
        close(out[i]);
        close(err[i]);
    }
    close(old_out);
    close(old_err);
}

/* -- opening ------------------------------------------------------------------------------------------------------- */

/* A copy of the library that needs another one in place of the runtime. */
static void write_needy(const char *target, const char *needed, const char *path) {
    const char runtime[] = "msvcrt.dll";
    FILE *from = fopen(library_path(target, "hosted"), "re"), *to = fopen(path, "we");
    static char data[4 << 20];
    require(from != NULL && to != NULL);
    const size_t len = fread(data, 1, sizeof data, from);
    char *name = memmem(data, len, runtime, sizeof runtime);
    require(name != NULL && strlen(needed) == strlen(runtime));
    memcpy(name, needed, strlen(needed));
    require(fwrite(data, 1, len, to) == len);
    fclose(from);
    fclose(to);
}

TEST(windows_host_names_what_a_library_needs_and_does_not_find) {
    for (EACH_WINDOWS_TARGET(target)) {
        char folder[64], path[80];
        struct fc_library *library = open_hosted(target), *needy = NULL;
        make_folder(folder, sizeof folder);
        snprintf(path, sizeof path, "%s/needy.dll", folder);
        write_needy(target, "absent.dll", path);
        assert_error(fc_library_open(fc_library_session(library), path, &needy), FC_EDEPENDENCY, "absent.dll");
        assert_int_equal(add(library, 40, 2), 42);
        require(unlink(path) == 0 && rmdir(folder) == 0);
        fc_library_close(library);
    }
}
