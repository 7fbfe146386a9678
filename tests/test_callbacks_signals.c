/* Functions of the caller's that signal handlers of the library call. */
#include "call.h"

#include "sessions.h"

#include <stdatomic.h>

static _Atomic int told, wrong;
static struct fc_function *adding;

static int count_up(int number) {
    (void)number;
    return atomic_fetch_add(&told, 1);
}
static int add_meanwhile(int number) {
    int sum = 0;
    atomic_fetch_add(&wrong, fc_call(adding, &sum, number, 2) != FC_OK || sum != number + 2);
    return count_up(number);
}

static int add_meanwhile_and_double(int number) {
    int sum = 0;
    atomic_fetch_add(&wrong, fc_call(adding, &sum, number, 2) != FC_OK || sum != number + 2);
    return number * 2;
}

static struct fc_library *open_for_handlers(const char *target) {
    struct fc_library *library = call_open(target, "handlers");
    adding = call_bind(library, "int add(int a, int b)");
    told = wrong = 0;
    return library;
}

TEST(callbacks_in_a_handler_that_the_library_raises) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_handlers(target);
        int times = 0;
        struct fc_function *raising = call_bind(library, "int raise_times(int (*function)(int number), int times)");
        assert_ok(fc_call(raising, &times, add_meanwhile, 100));
        assert_int_equal(times, 100);
        assert_int_equal(told, 100);
        assert_int_equal(wrong, 0);
        fc_library_close(library);
    }
}

TEST(callbacks_in_a_handler_that_interrupts_a_call) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_handlers(target);
        unsigned result = 0;
        struct fc_function *computing =
            call_bind(library, "unsigned compute_until(int (*function)(int number), int times)");
        assert_ok(fc_call(computing, &result, add_meanwhile, 20));
        assert_true(result != 0 && told > 0);
        assert_int_equal(wrong, 0);
        fc_library_close(library);
    }
}

TEST(callbacks_in_a_handler_that_interrupts_whatever_the_host_does) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_handlers(target);
        int tellings = 0;
        assert_ok(fc_call(call_bind(library, "void begin_alarms(int (*function)(int number), int us)"), NULL, count_up,
                          1000));
        while (told < 50) { /* none in flight */
            sleep_us(1000);
        }
        for (int i = 0; told < 500; i++) {
            int sum = 0;
            assert_ok(fc_call(adding, &sum, i, 1));
            assert_int_equal(sum, i + 1);
        }
        assert_ok(fc_call(call_bind(library, "int end_alarms(void)"), &tellings));
        assert_true(tellings >= 500);
        fc_library_close(library);
    }
}

/* Where a handler has interrupted what is not the library's, there is nothing to go back to. */
static int end_this_thread(int number) {
    (void)number;
    told++;
    pthread_exit(NULL);
}

TEST(callbacks_in_a_handler_whose_thread_is_ended_end_the_host) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_handlers(target);
        int rc = -1, sum = 0;
        assert_ok(fc_call(call_bind(library, "int begin_alarms_here(int (*function)(int number), int us)"), &rc,
                          end_this_thread, 20000));
        const int host = host_pid(library);
        assert_true(process_ends(host));
        assert_int_equal(told, 1);
        assert_ok(fc_call(call_bind(library, "int add(int a, int b)"), &sum, 40, 2));
        assert_int_equal(sum, 42);
        fc_library_close(library);
    }
}

/* The thread of the host that serves this one, wherever it is: idle, in calls, waiting for what a function answers. */
static int take_a_while(int number) {
    sleep_us(100);
    return number * 2;
}
static void check_one_of_each(struct fc_function *summing, struct fc_function *applying, int i) {
    int sum = 0;
    assert_ok(fc_call(adding, &sum, i, 1));
    assert_int_equal(sum, i + 1);
    assert_ok(fc_call(summing, &sum, "ab", i, 2.0, 3LL));
    assert_int_equal(sum, 'a' + 'b' + i + 5);
    assert_ok(fc_call(applying, &sum, i % 16 == 0 ? take_a_while : add_meanwhile_and_double, i));
    assert_int_equal(sum, i * 2 + 1);
}

TEST(callbacks_in_a_handler_that_interrupts_the_thread_that_serves) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_handlers(target);
        int rc = -1, tellings = 0;
        struct fc_function *summing =
            call_bind(library, "int sum_of_text(_In_z_ const char *text, int a, double b, long long c)");
        struct fc_function *applying = call_bind(library, "int apply(int (*function)(int number), int a)");
        assert_ok(fc_call(call_bind(library, "int begin_alarms_here(int (*function)(int number), int us)"), &rc,
                          add_meanwhile, 200));
        assert_int_equal(rc, 0);
        while (told < 50) { /* none in flight */
            sleep_us(1000);
        }
        for (int i = 0; told < 2000; i++) {
            check_one_of_each(summing, applying, i);
        }
        assert_ok(fc_call(call_bind(library, "int end_alarms_here(void)"), &tellings));
        assert_true(tellings >= 2000);
        assert_int_equal(wrong, 0);
        fc_library_close(library);
    }
}

/* While the host's loader is at work, too: what it was asked, and what it has found, lies where upcalls do not write. */
TEST(callbacks_in_a_handler_that_interrupts_the_loader) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_handlers(target);
        int rc = -1;
        assert_ok(fc_call(call_bind(library, "int begin_alarms_here(int (*function)(int number), int us)"), &rc,
                          add_meanwhile, 200));
        assert_int_equal(rc, 0);
        const int host = host_pid(library);
        for (int i = 0; told < 3000; i++) {
            struct fc_library *again = NULL;
            int sum = 0;
            assert_ok(fc_library_open(fc_library_session(library), harness_library(target, "handlers"), &again));
            assert_ok(fc_call(call_bind(again, "int add(int a, int b)"), &sum, i, 1));
            assert_int_equal(sum, i + 1);
            fc_library_close(again);
        }
        assert_int_equal(host_pid(library), host);
        assert_int_equal(wrong, 0);
        fc_library_close(library);
    }
}
