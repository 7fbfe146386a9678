/* What may happen while the library is in a function of the caller's: jumps, ends, forks, signals, deaths. */
#include "call.h"

#include "sessions.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <sys/time.h>

/* For callbacks that call. */
static struct fc_library *present;
static struct fc_function *nested_times;

static int is_even(int index) {
    return index % 2 == 0;
}
static void do_nothing(void) {}

static jmp_buf outside;
static int jump_out(int a) {
    longjmp(outside, a + 1);
}

/* What longjmp brought back. */
static __attribute__((noinline)) int jumped_out_of(struct fc_function *function, const void *argument) {
    const int jumped = setjmp(outside);
    if (jumped == 0) {
        fc_call(function, NULL, argument, 41);
        fail_msg("came back");
    }
    return jumped;
}

TEST(callbacks_may_jump_out) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        struct fc_function *with = call_bind(library, "int call_kept_with(_In_z_ const char *text, int a)");
        assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, jump_out));
        for (int i = 0; i < 100; i++) {
            int result = 0;
            assert_int_equal(jumped_out_of(times, (const void *)jump_out), 1);
            assert_int_equal(jumped_out_of(with, "text"), 42);
            assert_ok(fc_call(times, &result, is_even, 10));
            assert_int_equal(result, 5);
        }
        fc_library_close(library);
    }
}

static int jump_within(int a) {
    jmp_buf outer;
    volatile int caught = 0;
    memcpy(outer, outside, sizeof outer);
    if (setjmp(outside) == 0) {
        int result;
        fc_call(nested_times, &result, jump_out, 3);
    } else {
        caught = 1;
    }
    memcpy(outside, outer, sizeof outer);
    return a + caught;
}

TEST(callbacks_may_jump_from_an_inner_to_an_outer_one) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        int result = 0;
        nested_times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        for (int i = 0; i < 20; i++) {
            assert_ok(fc_call(nested_times, &result, jump_within, 5));
            assert_int_equal(result, 0 + 1 + 2 + 3 + 4 + 5);
        }
        fc_library_close(library);
    }
}

static int end_this_thread(int a) {
    (void)a;
    pthread_exit(NULL);
}
static void *call_and_end(void *times) {
    fc_call(times, NULL, end_this_thread, 2);
    return times;
}

TEST(callbacks_may_end_their_thread) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        const int host = host_pid(library);
        int result = 0;
        for (int i = 0; i < 20; i++) {
            pthread_t thread = start_thread(call_and_end, times);
            void *ended = times;
            require(pthread_join(thread, &ended) == 0);
            assert_null(ended);
            assert_ok(fc_call(times, &result, is_even, 10));
            assert_int_equal(result, 5);
        }
        assert_int_equal(host_pid(library), host);
        fc_library_close(library);
    }
}

static struct fc_function *with_bytes_within;
static int pass_a_lot(int a) {
    static unsigned char *much;
    much = much != NULL ? much : malloc(1 << 20);
    int length = 0;
    require(fc_call(with_bytes_within, &length, much) == FC_OK);
    return a;
}

TEST(callbacks_give_back_what_their_calls_needed) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        with_bytes_within = call_bind(library, "int call_kept(_In_reads_(1048576) const unsigned char *much)");
        assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, NULL));
        assert_ok(fc_call(times, NULL, pass_a_lot, (int)rounds(6000)));
        fc_library_close(library);
    }
}

static int nap(int a) {
    sleep_us(150000);
    return a;
}

TEST(callbacks_take_no_time_of_the_deadline) {
    need_host();
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    must(fc_options_set_deadline_ms(options, 100));
    assert_ok(fc_open(harness_library(HARNESS_OTHER_TARGET, "callbacks"), options, &library));
    const int host = host_pid(library);
    int result = 0;
    assert_ok(fc_call(call_bind(library, "int call_times(int (*function)(int index), int times)"), &result, nap, 3));
    assert_int_equal(result, 3);
    assert_int_equal(host_pid(library), host);
    fc_library_close(library);
    fc_options_free(options);
}

static atomic_int stage;
static int wait_for_the_end(int a) {
    atomic_store(&stage, 1);
    sleep_us(100000);
    return a;
}
static void *call_and_be_closed(void *times) {
    int rc = fc_call(times, NULL, wait_for_the_end, 2);
    require(rc == FC_ECLOSED || rc == FC_EDIED);
    return NULL;
}

TEST(callbacks_are_waited_for_when_their_session_is_closed) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        atomic_store(&stage, 0);
        pthread_t thread = start_thread(call_and_be_closed, times);
        while (atomic_load(&stage) == 0) {
            sleep_us(500);
        }
        fc_library_close(library);
        join(thread);
    }
}

static pid_t forked;
static int fork_within(int a) {
    fflush(NULL);
    forked = fork();
    return a;
}

/* The child's copy of the call has no host to go on in; its session makes one when it calls. */
TEST(callbacks_that_fork_return_in_the_parent) {
    need_host();
    need_threads_after_fork();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        int result = 0, rc = fc_call(times, &result, fork_within, 1);
        if (forked == 0) {
            require(rc == FC_EDIED);
            require(fc_call(times, &result, is_even, 10) == FC_OK && result == 5);
            fc_library_close(library);
            _exit(0);
        }
        assert_ok(rc);
        must_succeed(forked);
        assert_ok(fc_call(times, &result, is_even, 10));
        assert_int_equal(result, 5);
        fc_library_close(library);
    }
}

static volatile sig_atomic_t alarms;
static void call_at_alarm(int number) {
    int result = 0;
    (void)number;
    alarms += fc_call(nested_times, &result, NULL, 0) == FC_OK;
}

TEST(callbacks_are_not_disturbed_by_signal_handlers) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "callbacks");
    nested_times = call_bind(library, "int call_times(int (*function)(int index), int times)");
    struct sigaction action = {.sa_handler = call_at_alarm, .sa_flags = SA_RESTART};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    const struct itimerval often = {.it_interval = {.tv_usec = 700}, .it_value = {.tv_usec = 700}}, never = {0};
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    for (unsigned i = 0; i < rounds(2000); i++) {
        int result = 0;
        assert_ok(fc_call(nested_times, &result, is_even, 200));
        assert_int_equal(result, 100);
    }
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    fc_library_close(library);
}

static int kill_the_host(int a) {
    const int host = host_pid(present);
    require(kill(host, SIGKILL) == 0);
    require(process_ends(host));
    return a;
}
static int call_after_killing(int a) {
    int result = 0;
    kill_the_host(a);
    while (host_pid(present) != 0) {
        sleep_us(1000);
    }
    require(fc_call(call_bind(present, "int call_kept(int a)"), &result, 1) == FC_OK && result == -1);
    return a;
}

TEST(callbacks_survive_the_death_of_the_host) {
    need_host();
    for (EACH_TARGET(target)) {
        present = call_open(target, "callbacks");
        struct fc_function *times = call_bind(present, "int call_times(int (*function)(int index), int times)");
        int result = 0;
        assert_ok(fc_call(times, &result, is_even, 10));
        must_fail(fc_call(times, &result, kill_the_host, 10), FC_EDIED, "killed");
        assert_ok(fc_call(times, &result, is_even, 10)); /* a trampoline in the fresh host */
        assert_int_equal(result, 5);
        must_fail(fc_call(times, &result, call_after_killing, 10), FC_EDIED, "");
        assert_ok(fc_call(times, &result, is_even, 10));
        assert_int_equal(result, 5);
        fc_library_close(present);
    }
}

TEST(callbacks_of_types_that_cannot_be_are_refused_when_one_is_passed) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "callbacks");
    struct fc_function *run = call_bind(library, "void run(void (*function)(void *data))");
    must_fail(fc_call(run, NULL, do_nothing), FC_EUNSUPPORTED, "can only be NULL");
    assert_non_null(strstr(fc_error_text(), "parameter `data` of parameter `function` of run"));
    struct fc_function *list = call_bind(library, "void run(_Ret_valid_ int *(*function)(void))");
    must_fail(fc_call(list, NULL, do_nothing), FC_EUNSUPPORTED, "returns a pointer to what the caller has");
    fc_library_close(library);
}

static bool closed_nothing;
static void close_the_session(void) {
    fc_library_close(present);
    closed_nothing = true;
}

TEST(callbacks_cannot_close_the_session_they_are_in) {
    present = call_open(HARNESS_OTHER_TARGET, "callbacks");
    struct fc_function *run = call_bind(present, "void run(void (*function)(void))");
    assert_ok(fc_call(run, NULL, close_the_session));
    assert_true(closed_nothing);
    fc_library_close(present);
}
