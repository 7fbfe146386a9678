/* Threads that the library made itself, and that call back: each has a thread of the caller's to run its functions. */
#include "own_threads.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/syscall.h>

static struct fc_function *this_thread; /* for callbacks that call */

static int own_thread(void) {
    return (int)syscall(SYS_gettid);
}

/* -- while a call waits for them ----------------------------------------------------------------------------------- */

TEST(callbacks_threads_of_the_library_call_back) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        struct fc_function *run = call_bind(library, run_threads_prototype);
        const int host = host_pid(library);
        int sum = 0;
        assert_ok(fc_call(run, &sum, sum_of_all, 1, 1));
        assert_int_equal(sum, 0);
        assert_ok(fc_call(run, &sum, sum_of_all, 3, (int)rounds(2000)));
        assert_int_equal(sum, expected_sum(3, (int)rounds(2000)));
        assert_ok(fc_call(call_bind(library, run_in_a_row_prototype), &sum, sum_of_all, (int)rounds(300)));
        assert_int_equal(sum, expected_sum((int)rounds(300), 1));
        assert_int_equal(host_pid(library), host);
        fc_library_close(library);
    }
}

enum { MANY = 64, TIMES = 5 };
static pthread_barrier_t everybody;
static _Thread_local int library_thread;
static _Atomic int distinct;

/* All of them are in here at once. The thread of the caller is the same each time for one of the library. */
static int meet(int index, int round, int thread) {
    int there = 0;
    require(own_thread() != getpid());
    if (round == 0) {
        require(library_thread == 0);
        library_thread = thread;
        atomic_fetch_add(&distinct, 1);
    }
    require(library_thread == thread);
    pthread_barrier_wait(&everybody);
    require(fc_call(this_thread, &there) == FC_OK && there == thread);
    return index * 1000 + round;
}

TEST(callbacks_threads_are_64_at_once_and_each_has_one_here) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        this_thread = call_bind(library, "int this_thread(void)");
        int sum = 0;
        atomic_store(&distinct, 0);
        pthread_barrier_init(&everybody, NULL, MANY);
        assert_ok(fc_call(call_bind(library, run_in_step_prototype), &sum, meet, MANY, TIMES));
        assert_int_equal(sum, expected_sum(MANY, TIMES));
        assert_int_equal(atomic_load(&distinct), MANY);
        fc_library_close(library);
        pthread_barrier_destroy(&everybody);
    }
}

static _Atomic int baton;
static int wait_for_the_other(int index, int round, int thread) {
    (void)thread;
    for (int turns = 0; turns < 10; turns++) {
        while (atomic_load(&baton) % 2 != index) {
            sleep_us(100);
        }
        atomic_fetch_add(&baton, 1);
    }
    return index * 1000 + round;
}

TEST(callbacks_threads_may_wait_for_each_other) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        int sum = 0;
        atomic_store(&baton, 0);
        assert_ok(fc_call(call_bind(library, run_threads_prototype), &sum, wait_for_the_other, 2, 5));
        assert_int_equal(sum, expected_sum(2, 5));
        fc_library_close(library);
    }
}

/* A thread's function calls, and is called back in the same thread, three deep; and another is made within. */
static struct fc_function *run_within, *call_kept;
static int own_depth(int a) {
    int result = 0, there = 0;
    require(fc_call(this_thread, &there) == FC_OK && there == library_thread);
    if (a == 0) {
        return 1;
    }
    require(fc_call(call_kept, &result, a - 1) == FC_OK);
    return result + 1;
}
static int nest(int index, int round, int thread) {
    int depth = 0, sum = 0;
    library_thread = thread;
    require(fc_call(call_kept, &depth, 3) == FC_OK && depth == 4);
    if (index == 0) {
        require(fc_call(run_within, &sum, sum_of_all, 2, 2) == FC_OK && sum == expected_sum(2, 2));
    }
    return index * 1000 + round;
}

TEST(callbacks_threads_nest_calls_in_their_own_thread) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        this_thread = call_bind(library, "int this_thread(void)");
        run_within = call_bind(library, run_threads_prototype);
        call_kept = call_bind(library, "int call_what_is_kept(int a)");
        struct fc_function *keep = call_bind(library, "void keep(int (*function)(int a))");
        int sum = 0;
        assert_ok(fc_call(keep, NULL, own_depth));
        assert_ok(fc_call(call_bind(library, run_in_step_prototype), &sum, nest, 4, 5));
        assert_int_equal(sum, expected_sum(4, 5));
        assert_ok(fc_call(keep, NULL, NULL));
        fc_library_close(library);
    }
}

static int length_of(const char *text) {
    return (int)strlen(text);
}

TEST(callbacks_threads_hear_texts) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        struct fc_function *say = call_bind(library, "int say_from_a_thread(int (*hear)(_In_z_ const char *text))");
        for (int i = 0; i < 3; i++) {
            int right = 0;
            assert_ok(fc_call(say, &right, length_of));
            assert_int_equal(right, 1);
        }
        fc_library_close(library);
    }
}

/* More threads than there may be dispatchers: who has none waits, or takes one that its thread does not need now. */
TEST(callbacks_threads_are_more_than_dispatchers) {
    for (EACH_TARGET(target)) {
        const int count = (int)rounds(300) < 40 ? 40 : (int)rounds(300);
        struct fc_library *library = call_open(target, "own_threads");
        int sum = 0;
        assert_ok(fc_call(call_bind(library, run_in_step_prototype), &sum, sum_of_all, count, 3));
        assert_int_equal(sum, expected_sum(count, 3));
        fc_library_close(library);
    }
}

/* -- without a call ------------------------------------------------------------------------------------------------ */

static _Atomic int ticks;
static int count_tick(int number) {
    atomic_store(&ticks, number + 1);
    return 0;
}
static void wait_for_ticks(int count) {
    for (int waited_ms = 0; atomic_load(&ticks) < count; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
}

TEST(callbacks_threads_go_on_when_no_call_is_made) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        atomic_store(&ticks, 0);
        assert_ok(fc_call(call_bind(library, begin_ticking_prototype), NULL, count_tick, 200u));
        wait_for_ticks(20);
        int counted = 0;
        assert_ok(fc_call(call_bind(library, "int end_ticking(void)"), &counted));
        assert_int_equal(counted, atomic_load(&ticks));
        fc_library_close(library);
    }
}

static atomic_bool is_inside, is_closed, ran_after_close;
static int tick_slowly(int number) {
    atomic_store(&ran_after_close, atomic_load(&ran_after_close) || atomic_load(&is_closed));
    atomic_store(&ticks, number + 1);
    atomic_store(&is_inside, true);
    sleep_us(3000);
    atomic_store(&ran_after_close, atomic_load(&ran_after_close) || atomic_load(&is_closed));
    atomic_store(&is_inside, false);
    return 0;
}

static _Atomic int asked;
static const char *text_for(char *text, int index) {
    const size_t len = index % 4 == 0 ? 9000 : (size_t)index % 7 + 1;
    memset(text, 'a' + index % 26, len);
    text[len] = '\0';
    atomic_fetch_add(&asked, 1);
    return index % 4 == 3 ? NULL : text;
}
static const char *name_asked(int index) {
    static char text[9001];
    return text_for(text, index);
}
static const char *other_asked(int index) {
    static char text[9001];
    return text_for(text, index);
}

/* What a function returned there stays until it returns the next. */
TEST(callbacks_threads_get_texts_when_no_call_is_made) {
    const int times = (int)rounds(2000);
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        struct fc_function *begin = call_bind(library, "typedef _Ret_opt_z_ const char *(*name_of)(int index); "
                                                       "void begin_asking(name_of name, name_of other, int rounds)");
        struct fc_function *end = call_bind(library, "int end_asking(void)");
        int right = 0;
        atomic_store(&asked, 0);
        assert_ok(fc_call(begin, NULL, name_asked, other_asked, times));
        for (int waited_ms = 0; atomic_load(&asked) < 2 * times; waited_ms++) {
            require(waited_ms < PATIENCE_MS);
            sleep_us(1000);
        }
        assert_ok(fc_call(end, &right));
        assert_int_equal(right, times);
        fc_library_close(library);
    }
}

TEST(callbacks_threads_have_returned_when_the_session_is_closed) {
    for (unsigned i = 0; i < rounds(30); i++) {
        struct fc_library *library = call_open(call_targets[i % 2], "own_threads");
        const unsigned before = count_threads(getpid());
        atomic_store(&is_closed, false);
        atomic_store(&ran_after_close, false);
        atomic_store(&ticks, 0);
        atomic_store(&is_inside, false);
        assert_ok(
            fc_call(call_bind(library, begin_ticking_prototype), NULL, i % 3 == 0 ? count_tick : tick_slowly, i * 10));
        wait_for_ticks(2);
        while (i % 3 == 1 && !atomic_load(&is_inside)) {
            sleep_us(100);
        }
        fc_library_close(library);
        atomic_store(&is_closed, true);
        sleep_us(2000);
        assert_false(atomic_load(&is_inside));
        assert_false(atomic_load(&ran_after_close));
        wait_for_threads(before);
    }
}

static struct fc_function *wait_for_ever;
static int wait_in_the_library(int number) {
    if (number == 0) {
        atomic_store(&is_inside, true);
        require(fc_call(wait_for_ever, NULL) == FC_ECLOSED);
        sleep_us(5000);
        atomic_store(&is_inside, false);
    }
    return 0;
}

TEST(callbacks_threads_that_wait_in_the_library_do_not_hold_up_the_close) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        wait_for_ever = call_bind(library, "int wait_for_ever(void)");
        assert_ok(fc_call(call_bind(library, begin_ticking_prototype), NULL, wait_in_the_library, 10u));
        while (!atomic_load(&is_inside)) {
            sleep_us(500);
        }
        fc_library_close(library);
        assert_false(atomic_load(&is_inside));
    }
}

/* -- fork, signals ------------------------------------------------------------------------------------------------- */

TEST(callbacks_threads_of_a_parent_are_not_the_childs) {
    need_threads_after_fork();
    need_allocator_after_fork();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        struct fc_function *run = call_bind(library, run_threads_prototype);
        int sum = 0;
        atomic_store(&ticks, 0);
        assert_ok(fc_call(call_bind(library, begin_ticking_prototype), NULL, count_tick, 500u));
        wait_for_ticks(3);
        for (unsigned i = 0; i < rounds(5); i++) {
            fflush(NULL);
            pid_t child = fork();
            require(child >= 0);
            if (child == 0) {
                atomic_store(&ticks, 0);
                sleep_us(3000);
                require(atomic_load(&ticks) == 0);
                must(fc_call(run, &sum, sum_of_all, 4, 4));
                require(sum == expected_sum(4, 4));
                fc_library_close(library);
                _exit(0);
            }
            must_succeed(child);
        }
        wait_for_ticks(atomic_load(&ticks) + 3);
        assert_ok(fc_call(run, &sum, sum_of_all, 4, 4));
        assert_int_equal(sum, expected_sum(4, 4));
        fc_library_close(library);
    }
}

static int fork_in_it(int index, int round, int thread) {
    (void)round;
    (void)thread;
    if (index == 0) {
        fflush(NULL);
        pid_t child = fork();
        require(child >= 0);
        if (child == 0) {
            int there = 0;
            require(fc_call(this_thread, &there) == FC_OK && there != 0);
            _exit(0);
        }
        must_succeed(child);
    }
    return index;
}

TEST(callbacks_threads_may_fork) {
    need_threads_after_fork();
    need_allocator_after_fork();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        this_thread = call_bind(library, "int this_thread(void)");
        int sum = 0;
        assert_ok(fc_call(call_bind(library, run_threads_prototype), &sum, fork_in_it, 3, 2));
        assert_int_equal(sum, 2 * (1 + 2));
        fc_library_close(library);
    }
}

static int look_at_the_mask(int a) {
    sigset_t mask;
    require(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
    require(sigismember(&mask, SIGALRM) && sigismember(&mask, SIGUSR1) && sigismember(&mask, SIGTERM));
    return a;
}

TEST(callbacks_threads_handle_no_signals) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "own_threads");
    int result = 0;
    assert_ok(fc_call(call_bind(library, "int outlives(int (*function)(int a))"), &result, look_at_the_mask));
    assert_int_equal(result, 1);
    fc_library_close(library);
}

/* -- what fails ---------------------------------------------------------------------------------------------------- */

static char logged[1024];
static void keep_log(void *user_data, const char *line) {
    if (strncmp(line, user_data, strlen(user_data)) == 0) {
        snprintf(logged, sizeof logged, "%s", line);
    }
}
static long exceed(long a) {
    (void)a;
    return LONG_MAX;
}

TEST(callbacks_threads_log_what_does_not_fit) {
    if (sizeof(long) == 4) {
        skip_because("every long of this caller fits every callee");
    }
    static char said[] = "in an upcall: ";
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    must(fc_options_set_log(options, keep_log, said));
    must(fc_open(harness_library(HARNESS_OTHER_TARGET, "own_threads"), options, &library));
    must(fc_call(call_bind(library, "int outlives(long (*function)(long a))"), NULL, exceed));
    fc_library_close(library);
    fc_options_free(options);
    assert_non_null(strstr(logged, "returned from an upcall"));
}

/* -- real libraries ------------------------------------------------------------------------------------------------ */

static void *negate(void *number) {
    require(own_thread() != getpid());
    return (void *)-(intptr_t)number;
}

TEST(callbacks_threads_are_made_by_the_other_libc) {
    for (EACH_TARGET(target)) {
        struct fc_options *options = fc_options_new();
        struct fc_library *libc;
        must(fc_options_set_target(options, target));
        must(fc_open("libc.so.6", options, &libc));
        struct fc_function *create =
            call_bind(libc, "typedef unsigned long pthread_t; int pthread_create(_Out_ pthread_t *thread, "
                            "const union attributes *attributes, struct any *(*start)(struct any *argument), "
                            "struct any *argument)");
        struct fc_function *wait = call_bind(
            libc,
            "typedef unsigned long pthread_t; int pthread_join(pthread_t thread, _Out_ _Fc_opaque_ void **result)");
        unsigned long threads[16];
        for (int i = 0; i < 16; i++) {
            int rc = -1;
            assert_ok(fc_call(create, &rc, &threads[i], NULL, negate, (void *)(intptr_t)(i + 1)));
            assert_int_equal(rc, 0);
        }
        for (int i = 0; i < 16; i++) {
            int rc = -1;
            void *result = NULL;
            assert_ok(fc_call(wait, &rc, threads[i], &result));
            assert_int_equal(rc, 0);
            assert_int_equal((int)(intptr_t)result, -(i + 1));
        }
        fc_library_close(libc);
        fc_options_free(options);
    }
}
