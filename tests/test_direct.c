/* Direct sessions: what they are, what they refuse, and what differs from a host. That calls come to the same is shown
 * by the suites that run with this backend too (call.h). */
#include "call.h"

#include "sessions.h"

#include <dlfcn.h>
#include <limits.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/resource.h>

static struct fc_options *options_with(const char *backend) {
    struct fc_options *options = fc_options_new();
    assert_non_null(options);
    assert_ok(fc_options_set_backend(options, backend));
    return options;
}

/* A library of tests/libs, by the backend. */
static struct fc_library *open_by(const char *backend, const char *target, const char *name) {
    struct fc_options *options = options_with(backend);
    struct fc_library *library = NULL;
    assert_ok(fc_open(harness_library(target, name), options, &library));
    fc_options_free(options);
    return library;
}

static struct fc_library *open_direct(const char *name) {
    return open_by("direct", HARNESS_OWN_TARGET, name);
}

static const char *backend_of(struct fc_library *library) {
    return fc_session_backend(fc_library_session(library));
}

/* -- what it is ---------------------------------------------------------------------------------------------------- */

TEST(direct_calls_run_in_this_thread) {
    const unsigned descriptors = count_descriptors(), threads = count_threads(getpid());
    struct fc_library *library = open_direct("process");
    assert_string_equal(backend_of(library), "direct");
    assert_int_equal(host_pid(library), 0);
    assert_int_equal(call_int(library, "process_id"), getpid());
    assert_int_equal(call_int(library, "thread_id"), gettid());
    assert_int_equal(call_mappings("memfd:farcall"), 0);
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(count_threads(getpid()), threads);
    fc_library_close(library);
    assert_int_equal(call_mappings("libprocess.so"), 0);
}

TEST(direct_is_not_the_default) {
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "process");
    assert_string_equal(backend_of(library), "process");
    assert_int_not_equal(call_int(library, "process_id"), getpid());
    fc_library_close(library);

    struct fc_options *options = options_with("direct");
    assert_error(fc_options_set_backend(options, "gate"), FC_EINVAL,
                 "there is no backend `gate`; the backends are process, direct, auto");
    assert_ok(fc_open(harness_library(HARNESS_OWN_TARGET, "process"), options, &library));
    assert_string_equal(backend_of(library), "direct"); /* what was refused changed nothing */
    fc_library_close(library);
    assert_ok(fc_options_set_backend(options, NULL));
    assert_ok(fc_open(harness_library(HARNESS_OWN_TARGET, "process"), options, &library));
    assert_string_equal(backend_of(library), "process");
    fc_library_close(library);
    fc_options_free(options);
}

TEST(direct_needs_no_target) {
    struct fc_options *options = options_with("direct");
    struct fc_session *session;
    struct fc_library *libc, *basic;
    int result = 0;
    assert_ok(fc_open("libc.so.6", options, &libc));
    assert_ok(fc_call(call_bind(libc, "int getpid(void)"), &result));
    assert_int_equal(result, getpid());
    assert_ok(fc_session_open(options, &session));
    assert_ok(fc_library_open(session, harness_library(HARNESS_OWN_TARGET, "basic"), &basic));
    assert_ok(fc_call(call_bind(basic, "int Add(int a, int b)"), &result, 20, 22));
    assert_int_equal(result, 42);
    fc_session_close(session);
    fc_library_close(libc);
    fc_options_free(options);
}

static void note_line(void *lines, const char *line) {
    snprintf(lines, 256, "%s", line);
}

TEST(direct_auto_takes_what_is_nearest) {
    struct fc_library *own = open_by("auto", HARNESS_OWN_TARGET, "process");
    struct fc_library *other = open_by("auto", HARNESS_OTHER_TARGET, "process");
    assert_string_equal(backend_of(own), "direct");
    assert_string_equal(backend_of(other), "process");
    assert_int_equal(call_int(own, "process_id"), getpid());
    assert_int_equal(call_int(other, "process_id"), host_pid(other));
    fc_library_close(own);
    fc_library_close(other);

    char line[256] = "";
    struct fc_options *options = options_with("auto");
    assert_error(fc_open("libc.so.6", options, &own), FC_ETARGET, "is a name, not a path");
    assert_ok(fc_options_set_log(options, note_line, line));
    assert_ok(fc_options_set_target(options, HARNESS_OWN_TARGET));
    assert_ok(fc_open("libc.so.6", options, &own));
    assert_string_equal(backend_of(own), "direct");
    assert_non_null(strstr(line, "loaded into this process"));
    fc_library_close(own);
    fc_options_free(options);
}

/* -- options ------------------------------------------------------------------------------------------------------- */

static int set_deadline(struct fc_options *options) {
    return fc_options_set_deadline_ms(options, 5000);
}
static int set_hostile(struct fc_options *options) {
    return fc_options_set_hostile(options, true);
}
static int set_environment(struct fc_options *options) {
    static const char *const environment[] = {"PATH=/bin", NULL};
    return fc_options_set_environment(options, environment);
}
static int set_working_directory(struct fc_options *options) {
    return fc_options_set_working_directory(options, "/");
}
static int set_host_path(struct fc_options *options) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/libexec/farcall/%s/farcall-host", getenv("FARCALL_TEST_BUILD"), HARNESS_OWN_TARGET);
    return fc_options_set_host_path(options, path);
}

TEST(direct_refuses_options_that_only_a_host_obeys) {
    static const struct {
        int (*set)(struct fc_options *options);
        const char *name;
    } rows[] = {{set_deadline, "fc_options_set_deadline_ms"},
                {set_hostile, "fc_options_set_hostile"},
                {set_environment, "fc_options_set_environment"},
                {set_working_directory, "fc_options_set_working_directory"},
                {set_host_path, "fc_options_set_host_path"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fc_library *const untouched = (struct fc_library *)(uintptr_t)0x1234, *library = untouched;
        struct fc_options *options = options_with("direct");
        assert_ok(rows[i].set(options));
        assert_error(fc_open(harness_library(HARNESS_OWN_TARGET, "process"), options, &library), FC_EINVAL,
                     rows[i].name);
        assert_ptr_equal(library, untouched);
        /* Where there is a choice, it is made so that they are obeyed. */
        assert_ok(fc_options_set_backend(options, "auto"));
        assert_ok(fc_open(harness_library(HARNESS_OWN_TARGET, "process"), options, &library));
        assert_string_equal(backend_of(library), "process");
        fc_library_close(library);
        fc_options_free(options);
    }
}

TEST(direct_is_of_this_programs_own_target) {
    struct fc_library *const untouched = (struct fc_library *)(uintptr_t)0x1234, *library = untouched;
    struct fc_session *session = (struct fc_session *)(uintptr_t)0x1234;
    struct fc_options *options = options_with("direct");
    const char *path = harness_library(HARNESS_OTHER_TARGET, "basic");
    assert_error(fc_open(path, options, &library), FC_ETARGET, "libbasic.so is a library for " HARNESS_OTHER_TARGET);
    assert_error_text("direct");
    assert_error_text("\"process\" or \"auto\"");
    assert_ok(fc_options_set_target(options, HARNESS_OTHER_TARGET));
    assert_error(fc_open(path, options, &library), FC_ETARGET, "this process, which is " HARNESS_OWN_TARGET);
    assert_error(fc_session_open(options, &session), FC_ETARGET, "\"process\", or \"auto\"");
    assert_ptr_equal(session, (void *)(uintptr_t)0x1234);
    assert_ok(fc_options_set_target(options, HARNESS_OWN_TARGET));
    assert_ok(fc_session_open(options, &session));
    assert_error(fc_library_open(session, path, &library), FC_ETARGET, "libbasic.so is a library for");
    assert_ptr_equal(library, untouched);
    fc_session_close(session);
    fc_options_free(options);
}

/* -- finding ------------------------------------------------------------------------------------------------------- */

TEST(direct_explains_what_it_does_not_find) {
    struct fc_options *options = options_with("direct");
    struct fc_library *const untouched = (struct fc_library *)(uintptr_t)0x1234, *library = untouched;
    struct fc_function *function = NULL;
    assert_error(fc_open("/nowhere/libmissing.so", options, &library), FC_ENOENT, "No such file or directory");
    assert_error(fc_open("libnowhere.so.9", options, &library), FC_ENOENT, "finds no library libnowhere.so.9");
    assert_error_text(HARNESS_OWN_TARGET);
    assert_error(fc_open(harness_library(HARNESS_OWN_TARGET, "undefined"), options, &library), FC_ELOAD,
                 "undefined symbol: defined_nowhere");
    assert_ptr_equal(library, untouched);
    assert_ok(fc_open(harness_library(HARNESS_OWN_TARGET, "basic"), options, &library));
    assert_error(fc_bind(library, "int add(int a, int b)", &function), FC_ESYMBOL, "libbasic.so does not export `add`");
    assert_error_text("`Add`");
    assert_error(fc_bind(library, "int Add(void *a, int b)", &function), FC_EANNOTATION, "_Fc_opaque_");
    assert_null(function);
    fc_library_close(library);
    fc_options_free(options);
}

static char folder[64];

/* A link to a test library in the folder. */
static void link_library(const char *target, const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lib%s.so", folder, name);
    assert_int_equal(symlink(harness_library(target, name), path), 0);
}
static void unlink_library(const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lib%s.so", folder, name);
    assert_int_equal(unlink(path), 0);
}

/* The libraries below testlibs find each other by their RUNPATH; copied elsewhere, they do not. */
static const char *copy_library(const char *name) {
    static char path[PATH_MAX], data[1 << 20];
    snprintf(path, sizeof path, "%s/lib%s.so", folder, name);
    int from = open(harness_library(HARNESS_OWN_TARGET, name), O_RDONLY | O_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    assert_true(from >= 0 && to >= 0);
    ssize_t len = read(from, data, sizeof data);
    assert_true(len > 0 && (size_t)len < sizeof data);
    assert_int_equal(write(to, data, (size_t)len), len);
    close(from);
    close(to);
    return path;
}

TEST(direct_searches_the_library_path) {
    char wrong[64], both[160];
    struct fc_library *library = NULL;
    struct fc_options *options = options_with("direct");
    make_folder(folder, sizeof folder);
    snprintf(wrong, sizeof wrong, "%s", folder);
    link_library(HARNESS_OTHER_TARGET, "needs_gone"); /* passed over */
    make_folder(folder, sizeof folder);
    const char *path = copy_library("needs_gone");
    snprintf(both, sizeof both, "/nowhere:%s::%s", wrong, folder);
    assert_ok(fc_options_set_library_path(options, both));
    assert_error(fc_open("libneeds_gone.so", options, &library), FC_EDEPENDENCY, "libgone.so");
    assert_error(fc_open(path, options, &library), FC_EDEPENDENCY, "libneeds_gone.so needs libgone.so");
    link_library(HARNESS_OWN_TARGET, "gone");
    for (int by_path = 0; by_path < 2; by_path++) {
        int result = 0;
        assert_ok(fc_open(by_path ? path : "libneeds_gone.so", options, &library));
        assert_ok(fc_call(call_bind(library, "int needs_gone(void)"), &result));
        assert_int_equal(result, 1);
        fc_library_close(library);
        assert_int_equal(call_mappings("gone.so"), 0); /* what was loaded for it goes with it */
    }
    assert_ok(fc_open("libc.so.6", options, &library)); /* what is in none of the folders */
    fc_library_close(library);
    unlink_library("gone");
    unlink_library("needs_gone");
    assert_int_equal(rmdir(folder), 0);
    snprintf(folder, sizeof folder, "%s", wrong);
    unlink_library("needs_gone");
    assert_int_equal(rmdir(folder), 0);
    fc_options_free(options);
}

TEST(direct_keeps_symbols_apart) {
    struct fc_library *library = open_direct("basic");
    assert_null(dlsym(RTLD_DEFAULT, "calls_made"));
    fc_library_close(library);
}

/* -- data ---------------------------------------------------------------------------------------------------------- */

TEST(direct_passes_data_in_place) {
    struct fc_library *library = open_direct("buffers");
    struct fc_function *address_of =
        call_bind(library, "unsigned long long address_of(_In_reads_bytes_(size) const void *data, size_t size)");
    struct fc_function *output = call_bind(
        library, "unsigned long long address_of_output(_Out_writes_bytes_all_(size) void *data, size_t size)");
    char local[100] = "";
    unsigned long long there = 0;
    assert_ok(fc_call(address_of, &there, local, sizeof local));
    assert_int_equal(there, (uintptr_t)local);
    assert_ok(fc_call(output, &there, local + 50, (size_t)50));
    assert_int_equal(there, (uintptr_t)local + 50);
    assert_true(local[49] == 0 && local[50] == 0x5a && local[99] == 0x5a);
    fc_library_close(library);
}

TEST(direct_returns_the_librarys_own_strings) {
    struct fc_library *library = open_direct("basic");
    const char *text = NULL;
    Dl_info info;
    assert_ok(fc_call(call_bind(library, "const char *static_text(void)"), &text));
    assert_string_equal(text, "a static string");
    assert_true(dladdr(text, &info) != 0 && strstr(info.dli_fname, "libbasic.so") != NULL);
    fc_library_close(library);
}

TEST(direct_memory_is_freed_once_and_with_its_session) {
    struct fc_library *library = open_direct("basic"), *another = open_direct("basic");
    struct fc_session *session = fc_library_session(library);
    char *blocks[1000], local[32];
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = fc_alloc(session, i);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t at = 0; at < i; at++) {
            assert_int_equal(blocks[i][at], 0);
        }
        memset(blocks[i], 0xdd, i);
    }
    for (size_t i = 0; i < 1000; i += 2) { /* the others go with the session */
        assert_ok(fc_free(session, blocks[i]));
    }
    assert_ok(fc_free(session, NULL));
    char *foreign = fc_alloc(fc_library_session(another), 10);
    char *const wrong[] = {local, blocks[0], blocks[999] + 16, foreign, (char *)-1};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_error(fc_free(session, wrong[i]), FC_EINVAL, "was not returned by fc_alloc in this session");
    }
    if (!CALL_IS_SANITIZED) { /* which takes it for a mistake */
        assert_null(fc_alloc(session, SIZE_MAX - 4096));
        assert_error_text("fc_alloc finds no ");
    }
    fc_library_close(another);
    fc_library_close(library);
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

static struct fc_library *present;
static atomic_int calls;
static _Atomic pthread_t caller;

static int count_call(int a) {
    atomic_fetch_add(&calls, 1);
    caller = pthread_self();
    return a + 1;
}

TEST(direct_callbacks_are_the_functions_themselves) {
    struct fc_library *library = open_direct("callbacks");
    struct fc_function *are_same = call_bind(library, "_Bool are_same(int (*first)(int a), _Fc_opaque_ void *second)");
    bool is_same = false;
    assert_ok(fc_call(are_same, &is_same, count_call, count_call));
    assert_true(is_same);
    assert_ok(fc_call(are_same, &is_same, NULL, count_call));
    assert_false(is_same);
    fc_library_close(library);
}

TEST(direct_callbacks_come_from_any_thread) {
    struct fc_library *library = open_direct("own_threads");
    assert_ok(
        fc_call(call_bind(library, "void run_to_the_end(int (*function)(int round), int times)"), NULL, count_call, 3));
    assert_true(atomic_load(&calls) >= 3); /* and in the destructors of the threads' data */
    assert_false(pthread_equal(caller, pthread_self()));
    fc_library_close(library);
}

static unsigned closings;
static void close_the_session(void) {
    fc_library_close(present);
    closings++;
}
static jmp_buf outside;
static void jump_out(void) {
    longjmp(outside, 1);
}
static __attribute__((noinline)) void jump_out_of(struct fc_function *run) {
    if (setjmp(outside) == 0) {
        fc_call(run, NULL, jump_out);
        fail_msg("came back");
    }
}

TEST(direct_sessions_are_not_closed_from_within) {
    present = open_direct("callbacks");
    struct fc_function *run = call_bind(present, "void run(void (*function)(void))");
    assert_ok(fc_call(run, NULL, close_the_session));
    assert_ok(fc_call(run, NULL, close_the_session));
    assert_int_equal(closings, 2);
    assert_true(call_mappings("libcallbacks.so") > 0);
    jump_out_of(run); /* left, not returned from: the thread is in no call any more */
    fc_library_close(present);
    assert_int_equal(call_mappings("libcallbacks.so"), 0);
}

/* Sessions of both kinds within each other; from the third level on, the thread is in calls of both. */
static struct fc_library *elsewhere;
static struct fc_function *run_there, *run_here;
static unsigned level, deepest;
static void go_deeper(void) {
    const unsigned here = ++level;
    deepest = here > deepest ? here : deepest;
    if (here < 40) {
        must(fc_call(here % 2 == 0 ? run_here : run_there, NULL, go_deeper));
    }
    if (here >= 3) {
        fc_library_close(present);
        fc_library_close(elsewhere);
    }
    level--;
}

TEST(direct_sessions_and_hosts_call_within_each_other) {
    elsewhere = call_open(HARNESS_OTHER_TARGET, "callbacks");
    present = open_direct("callbacks");
    run_there = call_bind(elsewhere, "void run(void (*function)(void))");
    run_here = call_bind(present, "void run(void (*function)(void))");
    for (int round = 0; round < 4; round++) {
        deepest = 0;
        assert_ok(fc_call(round % 2 == 0 ? run_here : run_there, NULL, go_deeper));
        assert_int_equal(deepest, 40);
        assert_int_equal(level, 0);
        jump_out_of(round % 2 == 0 ? run_here : run_there);
    }
    assert_true(call_mappings("libcallbacks.so") > 0);
    fc_library_close(elsewhere);
    fc_library_close(present);
    assert_int_equal(call_mappings("libcallbacks.so"), 0);
}

/* -- the end of libraries ------------------------------------------------------------------------------------------ */

static struct fc_session *ending;
static int last_value;
static void bind_at_the_end(int value) {
    struct fc_library *library;
    must(fc_library_open(ending, harness_library(HARNESS_OWN_TARGET, "basic"), &library));
    must(fc_call(bind(library, "int Add(int a, int b)"), &last_value, value, 41));
    fc_library_close(library);
}

TEST(direct_libraries_may_call_while_they_are_unloaded) {
    struct fc_options *options = options_with("direct");
    for (int how = 0; how < 2; how++) {
        struct fc_library *library;
        last_value = 0;
        assert_ok(fc_session_open(options, &ending));
        assert_ok(fc_library_open(ending, harness_library(HARNESS_OWN_TARGET, "last_words"), &library));
        assert_ok(
            fc_call(call_bind(library, "void set_last_words(void (*function)(int value))"), NULL, bind_at_the_end));
        if (how == 0) {
            fc_library_close(library);
            assert_int_equal(last_value, 42);
        }
        fc_session_close(ending);
        assert_int_equal(last_value, 42);
    }
    fc_options_free(options);
}

static void crash(void *argument, int pipe_fd) {
    (void)argument;
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGTERM, SIG_DFL);
    struct fc_library *library = open_direct("process");
    tell(pipe_fd, add(library, 40, 2));
    fc_call(bind(library, "void end_kill(int number)"), NULL, SIGTERM);
    tell(pipe_fd, 0);
}

TEST(direct_libraries_that_end_their_process_end_this_one) {
    int fd, status = 0;
    pid_t child = start_caller(crash, NULL, &fd);
    assert_int_equal(hear(fd), 42);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    char byte;
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
}

/* -- fork and threads ---------------------------------------------------------------------------------------------- */

static pid_t forked;
static void fork_within(void) {
    fflush(NULL);
    forked = fork();
}

TEST(direct_calls_that_fork_return_in_both_processes) {
    struct fc_library *library = open_direct("callbacks");
    int *shared = fc_alloc(fc_library_session(library), sizeof *shared);
    *shared = 1;
    assert_ok(fc_call(call_bind(library, "void run(void (*function)(void))"), NULL, fork_within));
    int result = 0;
    if (forked == 0) {
        *shared = 2;
        must(fc_call(bind(library, "int call_kept(int a)"), &result, 1));
        require(result == -1 && *shared == 2);
        fc_library_close(library);
        _exit(0);
    }
    must_succeed(forked);
    assert_int_equal(*shared, 1);
    assert_ok(fc_call(call_bind(library, "int call_kept(int a)"), &result, 1));
    assert_int_equal(result, -1);
    fc_library_close(library);
}

static atomic_bool is_over;
static void *call_and_allocate(void *argument) {
    struct fc_library *library = argument;
    struct fc_function *count = bind(library, "int count_in_thread(void)");
    struct fc_session *session = fc_library_session(library);
    int counted = 0;
    for (int i = 1; !atomic_load(&is_over) || i < 1000; i++) {
        int *block = fc_alloc(session, 64);
        require(block != NULL);
        must(fc_call(count, &counted));
        require(counted == i); /* the library's thread-local state is this thread's */
        must(fc_free(session, block));
    }
    return NULL;
}

TEST(direct_sessions_are_whole_after_a_fork_beside_threads) {
    need_allocator_after_fork();
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct fc_library *library = open_direct("process");
    for (int i = 0; i < THREADS; i++) {
        threads[i] = start_thread(call_and_allocate, library);
    }
    for (unsigned i = 0; i < rounds(50); i++) {
        fflush(NULL);
        const pid_t child = fork();
        require(child >= 0);
        if (child == 0) {
            void *block = fc_alloc(fc_library_session(library), 64);
            require(block != NULL && fc_free(fc_library_session(library), block) == FC_OK);
            require(call_int(library, "process_id") == getpid());
            fc_library_close(library);
            _exit(0);
        }
        must_succeed(child);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < THREADS; i++) {
        join(threads[i]);
    }
    fc_library_close(library);
}
