/* Windows libraries, called from here: hosts under Wine, for both bitnesses. */
#include "sessions.h"
#include "windows.h"

#include <limits.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/mman.h>

static struct fc_library *open_subject(const char *target) {
    return open_with(library_path(target, "subject"), target, UINT32_MAX);
}

static int call_add(struct fc_library *library, int a, int b) {
    int result = 0;
    assert_ok(fc_call(call_bind(library, "int add(int a, int b)"), &result, a, b));
    return result;
}

/* -- values -------------------------------------------------------------------------------------------------------- */

TEST(windows_values_come_and_go) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        long long wide = 0;
        double scaled = 0;
        unsigned long value = 0;
        int bytes = 0;
        assert_int_equal(call_add(library, 40, 2), 42);
        assert_ok(fc_call(call_bind(library, "long long add_wide(long long a, unsigned char b, long long c)"), &wide,
                          1LL << 40, 200, -1LL));
        assert_true(wide == (1LL << 40) + 199);
        assert_ok(
            fc_call(call_bind(library, "double scale(float factor, double value, int shift)"), &scaled, 1.5, 3.0, -2));
        assert_true(scaled == 2.5);
        assert_ok(
            fc_call(call_bind(library, "unsigned long __stdcall as_long(unsigned long value)"), &value, 0xfffffffful));
        assert_true(value == 0xffffffffu);
        assert_ok(fc_call(call_bind(library, "int pointer_bytes(void)"), &bytes));
        assert_int_equal(bytes, strcmp(target, "i386-windows") == 0 ? 4 : 8);
        fc_library_close(library);
    }
}

#if ULONG_MAX > UINT32_MAX
TEST(windows_long_has_32_bits) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        unsigned long value = 0;
        assert_error(
            fc_call(call_bind(library, "unsigned long __stdcall as_long(unsigned long value)"), &value, 1ul << 32),
            FC_ERANGE, "value");
        fc_library_close(library);
    }
}
#endif

/* -- what pointers point to ---------------------------------------------------------------------------------------- */

TEST(windows_texts_and_buffers) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        size_t length = 0;
        const char *text = NULL;
        char out[64];
        int count = 0, values[1000];
        long long total = 0;
        assert_ok(fc_call(call_bind(library, "size_t length_of(const char *text)"), &length, "hello"));
        assert_int_equal(length, 5);
        assert_ok(fc_call(call_bind(library, "size_t length_of(const char *text)"), &length, NULL));
        assert_true(length == SIZE_MAX);
        struct fc_function *fixed = call_bind(library, "const char *fixed_text(int is_there)");
        assert_ok(fc_call(fixed, &text, 1));
        assert_string_equal(text, "a text of the library's own");
        assert_ok(fc_call(fixed, &text, 0));
        assert_null(text);
        assert_ok(fc_call(call_bind(library, "const char *long_text(size_t length)"), &text, (size_t)100000));
        assert_int_equal(strlen(text), 100000);
        assert_ok(
            fc_call(call_bind(library, "int join(_In_z_ const char *a, _In_z_ const char *b, _Out_writes_z_(size) char "
                                       "*out, size_t size)"),
                    &count, "far", "call", out, sizeof out));
        assert_int_equal(count, 8);
        assert_string_equal(out, "far call");
        for (int i = 0; i < 1000; i++) {
            values[i] = i;
        }
        assert_ok(fc_call(call_bind(library, "long long sum(_In_reads_(count) const int *values, size_t count)"),
                          &total, values, (size_t)1000));
        assert_int_equal(total, 499500);
        fc_library_close(library);
    }
}

/* More than the window has at first. */
TEST(windows_large_buffers_have_room_and_huge_ones_are_refused) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        struct fc_function *reverse = call_bind(library, "void reverse(_Inout_updates_(count) unsigned char *bytes, "
                                                         "size_t count)");
        const size_t size = (size_t)40 << 20;
        unsigned char *bytes = malloc(size);
        require(bytes != NULL);
        for (int round = 0; round < 2; round++) {
            memset(bytes, 1, size);
            bytes[0] = 42;
            assert_ok(fc_call(reverse, NULL, bytes, size));
            assert_int_equal(bytes[0], 1);
            assert_int_equal(bytes[size - 1], 42);
        }
        free(bytes);
        void *huge = mmap(NULL, (size_t)300 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        require(huge != MAP_FAILED);
        assert_error(fc_call(reverse, NULL, huge, (size_t)300 << 20), FC_ENOMEM, "no room");
        munmap(huge, (size_t)300 << 20);
        assert_int_equal(call_add(library, 1, 2), 3);
        fc_library_close(library);
    }
}

struct point {
    short kind;
    double x;
    long y;
    const char *name;
};
struct pair {
    int a, b;
};
struct large {
    long long values[4];
};

TEST(windows_structs_are_laid_out_anew) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        struct point point = {.kind = 3, .x = 1.5, .y = -7, .name = "four"};
        double result = 0;
        assert_ok(
            fc_call(call_bind(library, "struct point { short kind; double x; long y; _Field_z_ const char *name; }; "
                                       "double move_point(_Inout_ struct point *point, double by)"),
                    &result, &point, 2.0));
        assert_true(result == 3.5 - 8 + 3 + 4);
        assert_true(point.x == 3.5 && point.y == -8 && point.kind == 3);
        assert_string_equal(point.name, "four");
        struct pair pair = {1, 2}, turned = {0, 0};
        assert_ok(fc_call(call_bind(library, "struct pair { int a, b; }; struct pair swapped(struct pair pair)"),
                          &turned, pair));
        assert_int_equal(turned.a, 2);
        assert_int_equal(turned.b, 1);
        struct large large = {{1, 2, 3, 1LL << 40}}, twice;
        assert_ok(fc_call(call_bind(library, "struct large { long long values[4]; }; "
                                             "struct large doubled(struct large large)"),
                          &twice, large));
        assert_true(twice.values[0] == 2 && twice.values[2] == 6 && twice.values[3] == 1LL << 41);
        fc_library_close(library);
    }
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

static struct fc_library *present;
static _Atomic int visits;

static int visit(int index, void *data) {
    require(data == (void *)(uintptr_t)0x1230);
    visits++;
    return index;
}
static int visit_and_call(int index, void *data) {
    (void)data;
    return add(present, index, 1);
}
static int visit_plainly(const char *name, double value) {
    require(strcmp(name, "item") == 0);
    return (int)(value * 2);
}
static const char visit_all_prototype[] = "typedef int (__stdcall *visitor)(int index, _Fc_opaque_ void *data); "
                                          "int visit_all(int count, visitor visit, _Fc_opaque_ void *data)";

TEST(windows_functions_call_back) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = present = open_subject(target);
        struct fc_function *visit_all = call_bind(library, visit_all_prototype);
        int total = 0;
        visits = 0;
        assert_ok(fc_call(visit_all, &total, 10, visit, (void *)(uintptr_t)0x1230));
        assert_int_equal(total, 45);
        assert_int_equal(visits, 10);
        assert_ok(fc_call(visit_all, &total, 10, visit_and_call, NULL));
        assert_int_equal(total, 55);
        assert_ok(fc_call(call_bind(library, "typedef int plain_visitor(const char *name, double value); "
                                             "int visit_plainly(plain_visitor *visit, int count)"),
                          &total, visit_plainly, 5));
        assert_int_equal(total, 10);
        fc_library_close(library);
    }
}

static jmp_buf back;
static int visit_and_jump(int index, void *data) {
    (void)data;
    if (index == 3) {
        longjmp(back, 1);
    }
    return index;
}

static void leave_by_a_jump(struct fc_function *visit_all) {
    if (setjmp(back) == 0) {
        fc_call(visit_all, NULL, 10, visit_and_jump, NULL);
        fail_msg("the function did not jump");
    }
}

TEST(windows_calls_may_be_left_by_a_jump) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        leave_by_a_jump(call_bind(library, visit_all_prototype));
        assert_int_equal(call_add(library, 40, 2), 42);
        fc_library_close(library);
    }
}

static int visit_in_thread(int index, void *data) {
    (void)data;
    return index;
}

TEST(windows_threads_of_the_library_call_back) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        struct fc_function *in_threads =
            call_bind(library, "typedef int (__stdcall *visitor)(int index, _Fc_opaque_ void *data); "
                               "int visit_in_threads(visitor visit, int threads, int rounds)");
        int total = 0;
        for (int round = 0; round < 3; round++) {
            assert_ok(fc_call(in_threads, &total, visit_in_thread, 5, 20));
            assert_int_equal(total, 5 * 190);
        }
        fc_library_close(library);
    }
}

/* -- threads and sessions ------------------------------------------------------------------------------------------ */

static void *call_often(void *library) {
    struct fc_function *function = bind(library, "int add(int a, int b)");
    struct fc_function *number = bind(library, "int thread_number(void)");
    int first = 0;
    must(fc_call(number, &first));
    for (int i = 0; i < 500; i++) {
        int result = 0, now = 0;
        must(fc_call(function, &result, i, 1));
        require(result == i + 1);
        if (i % 50 == 0) {
            must(fc_call(number, &now));
            require(now == first);
        }
    }
    return NULL;
}

static void call_from_threads(uint32_t spin_us) {
    for (EACH_WINDOWS_TARGET(target)) {
        enum { THREADS = 6 };
        struct fc_library *library = open_with(library_path(target, "subject"), target, spin_us);
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            threads[i] = start_thread(call_often, library);
        }
        for (int i = 0; i < THREADS; i++) {
            join(threads[i]);
        }
        fc_library_close(library);
    }
}

TEST(windows_threads_call) {
    call_from_threads(UINT32_MAX);
}
/* Each turn is slept for, at a bell. */
TEST(windows_threads_call_without_spinning) {
    call_from_threads(0);
}

TEST(windows_sessions_and_libraries_are_separate) {
    struct fc_library *first = open_subject("i386-windows"), *second = open_subject("i386-windows");
    struct fc_library *wide = open_subject("x86_64-windows"), *own = NULL, *add = NULL, *system = NULL;
    int numbers[2] = {0, 0}, result = 0;
    unsigned sum = 0;
    assert_ok(fc_call(call_bind(first, "int process_number(void)"), &numbers[0]));
    assert_ok(fc_call(call_bind(second, "int process_number(void)"), &numbers[1]));
    assert_int_not_equal(numbers[0], numbers[1]);
    assert_ok(fc_library_open(fc_library_session(first), library_path("i386-windows", "NativeLibrary"), &add));
    assert_ok(fc_call(call_bind(add, "unsigned __stdcall Add(unsigned a, unsigned b)"), &sum, 40u, 2u));
    assert_int_equal(sum, 42);
    assert_ok(fc_library_open(fc_library_session(first), "msvcrt.dll", &system));
    assert_ok(fc_call(call_bind(system, "int abs(int number)"), &result, -42));
    assert_int_equal(result, 42);
    assert_ok(fc_open(harness_library(HARNESS_OTHER_TARGET, "process"), NULL, &own));
    assert_int_equal(call_add(own, 1, 2), 3);
    assert_int_equal(call_add(wide, 1, 2), 3);
    fc_library_close(system);
    fc_library_close(add);
    assert_int_equal(call_add(first, 1, 2), 3);
    fc_library_close(first);
    assert_int_equal(call_add(second, 1, 2), 3);
    fc_library_close(second);
    fc_library_close(wide);
    fc_library_close(own);
}

/* -- libraries by name --------------------------------------------------------------------------------------------- */

TEST(windows_libraries_are_found_as_windows_finds_them) {
    char folder[PATH_MAX], path[PATH_MAX + 32];
    struct fc_library *library = open_with(library_path("i386-windows", "NativeLibrary"), "i386-windows", UINT32_MAX);
    unsigned sum = 0;
    fc_library_close(library);
    snprintf(folder, sizeof folder, "%s/i386-windows", getenv("FARCALL_TEST_LIBS"));
    snprintf(path, sizeof path, "%s/nativelibrary.DLL", folder);
    assert_ok(fc_open(path, NULL, &library)); /* case does not matter, and the file says the bitness */
    assert_string_equal(fc_session_target(fc_library_session(library)), "i386-windows");
    assert_ok(fc_call(call_bind(library, "unsigned __stdcall Add(unsigned a, unsigned b)"), &sum, 40u, 2u));
    assert_int_equal(sum, 42);
    fc_library_close(library);
    require(chdir(folder) == 0);
    assert_ok(fc_open("NativeLibrary.dll", NULL, &library));
    fc_library_close(library);
    require(chdir("/") == 0);
    assert_error(fc_open("NativeLibrary.dll", NULL, &library), FC_ETARGET, "not a path");
    struct fc_options *options = fc_options_new();
    assert_ok(fc_options_set_library_path(options, folder));
    assert_ok(fc_open("NativeLibrary.dll", options, &library));
    fc_library_close(library);
    assert_ok(fc_options_set_target(options, "i386-windows"));
    assert_ok(fc_open("NativeLibrary", options, &library)); /* the host's loader searches there, too */
    fc_library_close(library);
    fc_options_free(options);
}

TEST(windows_libraries_that_cannot_be_opened_are_explained) {
    struct fc_library *library = open_subject("i386-windows"), *other = NULL;
    struct fc_session *session = fc_library_session(library);
    assert_error(fc_library_open(session, library_path("x86_64-windows", "subject"), &other), FC_ETARGET,
                 "x86_64-windows");
    assert_error(fc_library_open(session, "no-such-library.dll", &other), FC_ENOENT, "no-such-library.dll");
    assert_error(fc_library_open(session, "/no/such/library.dll", &other), FC_ENOENT, "/no/such/library.dll");
    struct fc_function *function;
    assert_error(fc_bind(library, "int ad(int a, int b)", &function), FC_ESYMBOL, "add");
    assert_int_equal(call_add(library, 1, 2), 3);
    fc_library_close(library);
}

/* -- errors -------------------------------------------------------------------------------------------------------- */

TEST(windows_errno_and_last_error_come_back) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        struct fc_function *fails = call_bind(library, "int fails(int error, unsigned long last_error)");
        errno = 0;
        assert_ok(fc_call(fails, NULL, 22, 1234ul));
        assert_int_equal(errno, EINVAL);
        assert_int_equal(fc_session_windows_error(fc_library_session(library)), 1234);
        errno = 0;
        assert_ok(fc_call(fails, NULL, 41, 0ul)); /* numbers that differ */
        assert_int_equal(errno, ENOTEMPTY);
        errno = 0;
        assert_ok(fc_call(call_bind(library, "int opens_nothing(void)"), NULL));
        assert_int_equal(errno, ENOENT);
        errno = EAGAIN;
        assert_int_equal(call_add(library, 1, 2), 3);
        assert_int_equal(errno, EAGAIN);
        fc_library_close(library);
    }
}

/* -- ends ---------------------------------------------------------------------------------------------------------- */

TEST(windows_crashes_are_explained) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        must_end(library, "int writes_to(int address)", 0x10, "STATUS_ACCESS_VIOLATION at address 0x10, in ");
        must_fail(fc_call(bind(library, "int writes_to(int address)"), NULL, 0x20), FC_EDIED, "subject.dll+0x");
        must_end(library, "int divides(int by)", 0, "STATUS_INTEGER_DIVIDE_BY_ZERO");
        must_end(library, "int recurses(int depth)", INT_MAX, "STATUS_STACK_OVERFLOW");
        must_end(library, "void throws(int code)", 0x1234, "exception 0x00001234");
        fc_library_close(library);
    }
}

TEST(windows_libraries_that_end_the_host_are_explained) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        must_end(library, "void exits(int status)", 7, "(7)");
        must_end(library, "void ends_process(int status)", 8, "(8)");
        must_end(library, "void ends_thread(int status)", 9, "ExitThread");
        fc_library_close(library);
    }
}

static const char sleeps_told_prototype[] = "typedef int (__stdcall *visitor)(int index, _Fc_opaque_ void *data); "
                                            "int sleeps_told(visitor tell, unsigned long ms)";
static _Atomic bool is_asleep;
static int fall_asleep(int index, void *data) {
    (void)index, (void)data;
    is_asleep = true;
    return 0;
}
static void wait_until_asleep(void) {
    while (!is_asleep) {
        sleep_us(1000);
    }
}

static void *sleep_in_library(void *library) {
    must_fail(fc_call(bind(library, sleeps_told_prototype), NULL, fall_asleep, 60000ul), FC_EDIED, "died");
    return NULL;
}

TEST(windows_host_is_killed_and_started_afresh) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_subject(target);
        for (int round = 0; round < 2; round++) {
            kill_host(library);
            assert_int_equal(call_add(library, 40, 2), 42);
        }
        is_asleep = false;
        pthread_t thread = start_thread(sleep_in_library, library);
        wait_until_asleep();
        kill_host(library);
        join(thread);
        assert_int_equal(call_add(library, 40, 2), 42);
        fc_library_close(library);
    }
}

TEST(windows_call_beyond_its_deadline_ends_the_host) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library = open_subject("i386-windows");
    fc_library_close(library);
    assert_ok(fc_options_set_deadline_ms(options, 200));
    assert_ok(fc_open(library_path("i386-windows", "subject"), options, &library));
    assert_error(fc_call(call_bind(library, "int sleeps(unsigned long ms)"), NULL, 60000ul), FC_ETIMEDOUT, "200 ms");
    assert_int_equal(call_add(library, 40, 2), 42);
    fc_library_close(library);
    fc_options_free(options);
}

static void *close_session(void *session) {
    wait_until_asleep();
    fc_session_close(session);
    return NULL;
}

TEST(windows_session_is_closed_during_a_call) {
    struct fc_library *library = open_subject("x86_64-windows");
    struct fc_function *sleeps = call_bind(library, sleeps_told_prototype);
    pthread_t thread = start_thread(close_session, fc_library_session(library));
    assert_error(fc_call(sleeps, NULL, fall_asleep, 60000ul), FC_ECLOSED, "closed");
    join(thread);
}

/* -- fork and signals ---------------------------------------------------------------------------------------------- */

TEST(windows_forked_child_has_a_host_of_its_own) {
    need_threads_after_fork();
    struct fc_library *library = open_with(library_path("i386-windows", "subject"), "i386-windows", 0);
    assert_int_equal(call_add(library, 1, 2), 3);
    pid_t child = fork();
    require(child >= 0);
    for (int i = 0; i < 100; i++) {
        require(add(library, i, 1) == i + 1);
    }
    if (child == 0) {
        fc_library_close(library);
        _exit(0);
    }
    must_succeed(child);
    fc_library_close(library);
}

static struct fc_function *handlers_function;
static _Atomic int handled;
static void handle(int number) {
    int result = 0;
    const int saved = errno;
    (void)number;
    if (fc_call(handlers_function, &result, 40, 2) == FC_OK && result == 42) {
        handled++;
    }
    errno = saved;
}
static void *interrupt(void *thread) {
    for (int i = 0; i < 5; i++) {
        sleep_us(30000);
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
    }
    return NULL;
}

TEST(windows_signal_handlers_call) {
    struct fc_library *library = open_subject("i386-windows");
    struct fc_function *sleeps = call_bind(library, "int sleeps(unsigned long ms)");
    pthread_t self = pthread_self();
    handlers_function = call_bind(library, "int add(int a, int b)");
    assert_int_equal(call_add(library, 1, 2), 3);
    signal(SIGUSR1, handle);
    pthread_t thread = start_thread(interrupt, &self);
    while (handled == 0) {
        assert_ok(fc_call(sleeps, NULL, 20ul));
    }
    join(thread);
    signal(SIGUSR1, SIG_DFL);
    fc_library_close(library);
}

/* -- where memory lies --------------------------------------------------------------------------------------------- */

/* Each session's window begins at another place. */
TEST(windows_sessions_come_up_wherever_their_memory_lies) {
    for (EACH_WINDOWS_TARGET(target)) {
        for (int i = 0; i < 17; i++) {
            struct fc_library *library = open_subject(target);
            assert_int_equal(call_add(library, i, 1), i + 1);
            fc_library_close(library);
        }
    }
}
