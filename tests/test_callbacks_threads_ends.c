/* Threads that the library made, when something ends: the host, they themselves, the session; and while libraries come and
 * go. */
#include "own_threads.h"

#include <setjmp.h>
#include <stdatomic.h>

/* For callbacks that call. */
static struct fc_library *present;
static struct fc_function *this_thread;
static pthread_barrier_t everybody;

/* -- deaths -------------------------------------------------------------------------------------------------------- */

static atomic_int survivors;
static int kill_when_all_are_there(int index, int round, int thread) {
    (void)round;
    (void)thread;
    pthread_barrier_wait(&everybody);
    if (index == 0) {
        const int host = host_pid(present);
        require(kill(host, SIGKILL) == 0);
        require(process_ends(host));
    }
    pthread_barrier_wait(&everybody);
    int there = 0; /* a fresh host, or this one's death */
    int rc = fc_call(this_thread, &there);
    if (rc != FC_OK && rc != FC_EDIED) {
        fprintf(stderr, "rc %d: %s\n", rc, fc_error_text());
    }
    require(rc == FC_OK || rc == FC_EDIED);
    atomic_fetch_add(&survivors, 1);
    return 0;
}

TEST(callbacks_threads_survive_the_death_of_the_host) {
    for (EACH_TARGET(target)) {
        present = call_open(target, "own_threads");
        this_thread = call_bind(present, "int this_thread(void)");
        struct fc_function *run = call_bind(present, run_threads_prototype);
        const unsigned threads = count_threads(getpid());
        pthread_barrier_init(&everybody, NULL, 8);
        for (unsigned i = 0; i < rounds(10); i++) {
            int sum = 0;
            atomic_store(&survivors, 0);
            must_fail(fc_call(run, &sum, kill_when_all_are_there, 8, 1), FC_EDIED, "killed");
            assert_ok(fc_call(run, &sum, sum_of_all, 8, 3));
            assert_int_equal(sum, expected_sum(8, 3));
            while (atomic_load(&survivors) < 8) { /* they may still call: not in a session that is being closed */
                sleep_us(500);
            }
        }
        wait_for_threads(threads + 8); /* that many wait for more in the present host */
        fc_library_close(present);
        pthread_barrier_destroy(&everybody);
        wait_for_threads(threads - 1);
    }
}

static void call_a_function_that_ends_its_thread(void) {
    int rc = fc_call(call_bind(present, "void end_this_thread(void)"), NULL);
    require(rc == FC_EDIED || rc == FC_ECLOSED); /* the other thread may be told first */
}

TEST(callbacks_threads_that_the_library_ends_in_a_call_are_explained) {
    for (EACH_TARGET(target)) {
        present = call_open(target, "own_threads");
        struct fc_function *run = call_bind(present, "void run_in_thread(void (*function)(void))");
        must_fail(fc_call(run, NULL, call_a_function_that_ends_its_thread), FC_EDIED, "pthread_exit");
        fc_library_close(present);
    }
}

/* -- ends ---------------------------------------------------------------------------------------------------------- */

TEST(callbacks_threads_that_end_give_everything_back) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        struct fc_function *row = call_bind(library, run_in_a_row_prototype);
        struct fc_function *step = call_bind(library, run_in_step_prototype);
        int sum = 0;
        assert_ok(fc_call(row, &sum, sum_of_all, 2));
        const unsigned threads = count_threads(getpid());
        const unsigned there = count_threads(host_pid(library));
        for (unsigned i = 0; i < rounds(10); i++) {
            assert_ok(fc_call(row, &sum, sum_of_all, 50));
            assert_ok(fc_call(step, &sum, sum_of_all, 30, 2));
        }
        wait_for_threads(threads + 5); /* some are kept for those to come */
        wait_for_threads_of(host_pid(library), there + 1);
        fc_library_close(library);
    }
}

static int end_this_thread(int a) {
    (void)a;
    pthread_exit(NULL);
}
static int add_one(int a) {
    return a + 1;
}

TEST(callbacks_threads_end_with_the_function_that_ends_its_own) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        struct fc_function *outlives = call_bind(library, "int outlives(int (*function)(int a))");
        const int host = host_pid(library);
        for (int i = 0; i < 20; i++) {
            int result = 0;
            assert_ok(fc_call(outlives, &result, add_one));
            assert_int_equal(result, 1);
            assert_ok(fc_call(outlives, &result, end_this_thread));
            assert_int_equal(result, 0);
        }
        assert_int_equal(host_pid(library), host);
        fc_library_close(library);
    }
}

static _Atomic int ends;
static int count_end(int round) {
    atomic_fetch_add(&ends, round < 0 ? 1000 : 1);
    return 0;
}

TEST(callbacks_threads_call_back_in_their_destructors) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        const int times = (int)rounds(100);
        atomic_store(&ends, 0);
        assert_ok(fc_call(call_bind(library, "void run_to_the_end(int (*function)(int round), int times)"), NULL,
                          count_end, times));
        assert_int_equal(atomic_load(&ends) / 1000, times);
        assert_true(atomic_load(&ends) % 1000 >= times); /* as many rounds as the system makes */
        wait_for_threads(2 + 16);
        fc_library_close(library);
    }
}

/* -- opening, looking up, closing ---------------------------------------------------------------------------------- */

static _Atomic int seen[8];
static struct fc_library *inner;
static void *call_this_thread(void *argument) {
    int there = 0;
    must(fc_call(this_thread, &there));
    return argument;
}
/* What needs the session's lock, in whichever thread this is. Only the one that opens may look names up: the system's
 * loader has a lock of its own. */
static int see(int a) {
    int there = 0;
    require(a >= 0 && a < 8);
    atomic_fetch_add(&seen[a], 1);
    join(start_thread(call_this_thread, NULL));
    must(fc_call(this_thread, &there));
    if (a == 1) {
        struct fc_function *bound = NULL;
        must(fc_bind(present, "int this_thread(void)", &bound));
        must(fc_call(bound, &there));
        must(fc_library_open(fc_library_session(present), harness_library(HARNESS_OTHER_TARGET, "basic"), &inner));
    }
    return a;
}

TEST(callbacks_threads_and_others_come_while_a_library_is_opened_and_closed) {
    struct fc_library *early;
    present = call_open(HARNESS_OTHER_TARGET, "own_threads");
    struct fc_session *session = fc_library_session(present);
    this_thread = call_bind(present, "int this_thread(void)");
    struct fc_function *keep = call_bind(present, "void keep(int (*function)(int a))");
    for (int i = 0; i < 3; i++) {
        int result = 0;
        for (size_t j = 0; j < sizeof seen / sizeof *seen; j++) {
            atomic_store(&seen[j], 0);
        }
        assert_ok(fc_call(keep, NULL, see));
        assert_ok(fc_library_open(session, harness_library(HARNESS_OTHER_TARGET, "calls_early"), &early));
        assert_int_equal(seen[1], 1);
        assert_int_equal(seen[2], 1);
        struct fc_function *chosen = call_bind(early, "int chosen(void)");
        assert_true(seen[3] >= 1);
        assert_ok(fc_call(chosen, &result));
        assert_int_equal(result, 42);
        fc_library_close(early);
        assert_int_equal(seen[4], 1);
        assert_ok(fc_call(keep, NULL, NULL));
        fc_library_close(inner);
    }
    fc_library_close(present);
}

static jmp_buf outside;
static int jump_out_at(int a) {
    if (a == 1) {
        longjmp(outside, 1);
    }
    return a;
}

static __attribute__((noinline)) bool jumped_out_of_opening(struct fc_session *session) {
    if (setjmp(outside) == 0) {
        struct fc_library *early;
        fc_library_open(session, harness_library(HARNESS_OTHER_TARGET, "calls_early"), &early);
        return false;
    }
    return true;
}

/* The loader would stay locked: the host ends, and the session goes on in another. */
TEST(callbacks_threads_cannot_leave_the_loader_by_a_jump) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "own_threads");
    struct fc_function *keep = call_bind(library, "void keep(int (*function)(int a))");
    struct fc_function *that_thread = call_bind(library, "int this_thread(void)");
    for (int i = 0; i < 3; i++) {
        int there = 0;
        assert_ok(fc_call(keep, NULL, jump_out_at));
        const int host = host_pid(library);
        assert_true(jumped_out_of_opening(fc_library_session(library)));
        assert_ok(fc_call(that_thread, &there));
        assert_int_not_equal(host_pid(library), host);
    }
    fc_library_close(library);
}

/* Destructors that run when the host ends find nobody to call. */
TEST(callbacks_threads_and_others_end_with_the_session) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "own_threads");
        assert_ok(fc_call(call_bind(library, "void keep(int (*function)(int a))"), NULL, add_one));
        fc_library_close(library);
    }
}
