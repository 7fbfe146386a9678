/* Signal handlers that call while they interrupt a call of the same thread and session. */
#include "call.h"

#include "sessions.h"

#include <stdatomic.h>
#include <sys/time.h>

static struct fc_function *adding, *measuring, *summing, *greeting, *waiting, *calling_back, *formatting;

/* What the handler's calls came to. A handler fails a test by what it counts. */
static _Atomic int calls, wrong, busy, others;

/* The timer is begun anew by each handler: however long one takes, the interrupted call goes on in between. */
static volatile sig_atomic_t alarm_us; /* 0: no more */
static void next_alarm(void) {
    const struct itimerval once = {.it_value = {.tv_usec = alarm_us}};
    require(setitimer(ITIMER_REAL, &once, NULL) == 0);
}

static bool succeeds(int rc) {
    calls += rc == FC_OK;
    busy += rc == FC_EBUSY;
    others += rc != FC_OK && rc != FC_EBUSY;
    return rc == FC_OK;
}

static void call_at_signal(int number) {
    static unsigned char bytes[40000];
    const int saved = errno;
    int sum = 0, length = 0;
    unsigned long total = 1;
    (void)number;
    wrong += succeeds(fc_call(adding, &sum, 40, 2)) && !(sum == 42);
    wrong += succeeds(fc_call(measuring, &length, "a text")) && !(length == 6);
    wrong += succeeds(fc_call(summing, &total, bytes, sizeof bytes)) && !(total == 0);
    wrong += succeeds(fc_call(formatting, &length, "%.3s %.*s", "abcdef", 4, "bcdefg")) && !(length == 8);
    next_alarm();
    errno = saved;
}

static void handle(int number, void (*handler)(int number)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    require(sigaction(number, &action, NULL) == 0);
}

static void begin_alarms(int us) {
    calls = wrong = busy = others = 0;
    alarm_us = us;
    next_alarm();
}
static void end_alarms(void) {
    alarm_us = 0;
    next_alarm();
}

static struct fc_library *open_for_signals(const char *target) {
    struct fc_library *library = call_open(target, "signals");
    adding = call_bind(library, "int add(int a, int b)");
    measuring = call_bind(library, "int length_of(const char *text)");
    summing = call_bind(library, "unsigned long sum_of(_In_reads_(count) const unsigned char *bytes, unsigned count)");
    greeting = call_bind(library, "const char *greeting(void)");
    waiting = call_bind(library, "int wait_us(unsigned us)");
    calling_back = call_bind(library, "int call_times(int (*function)(int index), int times)");
    formatting = call_bind(library, "int length_of_format(_Printf_format_string_ const char *format, ...)");
    return library;
}

static int is_even(int index) {
    return index % 2 == 0;
}

static void call_everything(unsigned times) {
    static unsigned char many[100000];
    memset(many, 1, sizeof many);
    for (unsigned i = 0; i < times; i++) {
        int sum = 0, length = 0;
        unsigned long total = 0;
        const char *text = NULL;
        must(fc_call(adding, &sum, (int)i, 1));
        require(sum == (int)i + 1);
        must(fc_call(measuring, &length, "another text"));
        require(length == 12);
        must(fc_call(summing, &total, many, (unsigned)sizeof many));
        require(total == sizeof many);
        must(fc_call(formatting, &length, "%.3s %.*s", "abcdef", 996, (const char *)many));
        require(length == 1000);
        must(fc_call(greeting, &text));
        require(strcmp(text, "good day") == 0);
        must(fc_call(calling_back, &sum, is_even, 10));
        require(sum == 5);
    }
}

TEST(signals_may_come_at_any_moment_of_calls) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_signals(target);
        const int host = host_pid(library);
        call_everything(1);
        handle(SIGALRM, call_at_signal);
        begin_alarms(UNDER_SANITIZER || under_valgrind() ? 5000 : 700);
        for (int round = 0; round < 1000 && (calls < (int)rounds(3000) || round == 0); round++) {
            call_everything(rounds(200));
        }
        end_alarms();
        assert_true(calls > 0);
        assert_int_equal(wrong, 0);
        assert_int_equal(busy, 0);
        assert_int_equal(others, 0);
        assert_int_equal(host_pid(library), host);
        fc_library_close(library);
    }
}

/* The call that is interrupted waits in the library, so each of the handler's comes while it is in flight. */
TEST(signals_interrupt_a_call_in_flight) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_signals(target);
        int result = 0;
        handle(SIGALRM, call_at_signal);
        begin_alarms(2000);
        while (calls < 30) {
            assert_ok(fc_call(waiting, &result, 20000u));
            assert_int_equal(result, 20000);
        }
        end_alarms();
        assert_int_equal(wrong, 0);
        assert_int_equal(busy, 0);
        assert_int_equal(others, 0);
        fc_library_close(library);
    }
}

/* In several threads at once, each of which has called before. */
static _Atomic bool is_over;
static _Atomic unsigned have_called;
static void *call_until_over(void *unused) {
    for (bool is_first = true; !atomic_load(&is_over); is_first = false) {
        int result = 0;
        must(fc_call(waiting, &result, 500u));
        must(fc_call(adding, &result, 1, 2));
        require(result == 3);
        atomic_fetch_add(&have_called, is_first);
    }
    return unused;
}

TEST(signals_interrupt_several_threads) {
    struct fc_library *library = open_for_signals(HARNESS_OTHER_TARGET);
    pthread_t threads[4];
    atomic_store(&is_over, false);
    atomic_store(&have_called, 0);
    handle(SIGUSR1, call_at_signal);
    calls = wrong = busy = others = 0;
    for (int i = 0; i < 4; i++) {
        threads[i] = start_thread(call_until_over, NULL);
    }
    while (atomic_load(&have_called) < 4) {
        sleep_us(200);
    }
    for (unsigned i = 0; i < rounds(400); i++) {
        require(pthread_kill(threads[i % 4], SIGUSR1) == 0);
        sleep_us(200);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < 4; i++) {
        join(threads[i]);
    }
    assert_true(calls > 0);
    assert_int_equal(wrong + others, 0);
    fc_library_close(library);
}

/* What would need a lock or memory is refused, and says so. */
static char refused[4][512];
static char unended[5000];
static void call_what_is_refused(int number) {
    const char *text = NULL;
    int result = 0;
    static unsigned char much[1 << 20];
    unsigned long total = 0;
    (void)number;
    const int rc = fc_call(greeting, &text);
    if (rc == FC_OK) { /* before the call that it is to interrupt */
        return;
    }
    others += rc != FC_EBUSY;
    snprintf(refused[0], sizeof refused[0], "%s", fc_error_text());
    others += fc_call(calling_back, &result, is_even, 3) != FC_EBUSY;
    snprintf(refused[1], sizeof refused[1], "%s", fc_error_text());
    others += fc_call(summing, &total, much, (unsigned)sizeof much) != FC_EBUSY;
    snprintf(refused[2], sizeof refused[2], "%s", fc_error_text());
    others += fc_call(formatting, &result, "%.3s %.*s", "", (int)sizeof unended, unended) != FC_EBUSY;
    snprintf(refused[3], sizeof refused[3], "%s", fc_error_text());
    calls++;
}

TEST(signals_are_told_what_they_cannot_call) {
    struct fc_library *library = open_for_signals(HARNESS_OTHER_TARGET);
    int result = 0;
    memset(unended, 'u', sizeof unended);
    call_everything(1);
    handle(SIGALRM, call_what_is_refused);
    const struct itimerval once = {.it_value = {.tv_usec = 30000}};
    calls = others = 0;
    while (calls == 0) {
        require(setitimer(ITIMER_REAL, &once, NULL) == 0);
        assert_ok(fc_call(waiting, &result, 200000u));
    }
    assert_int_equal(others, 0);
    assert_non_null(strstr(refused[0], "returns a string"));
    assert_non_null(strstr(refused[1], "passes a function"));
    assert_non_null(strstr(refused[2], "room for"));
    assert_non_null(strstr(refused[3], "strings without an end can have 4096 bytes"));
    call_everything(1);
    fc_library_close(library);
}

/* Its handlers run when the thread is in no system call of the program's. */
static void need_signals_at_once(void) {
    if (UNDER_TSAN) {
        skip_because("ThreadSanitizer delays signal handlers; the other builds run this");
    }
}

/* A handler that interrupts a handler finds the spare channel in use. Two signals that come at once are none within the
 * other. */
static void call_within(int number) {
    int sum = 0;
    (void)number;
    busy += fc_call(adding, &sum, 1, 1) == FC_EBUSY;
}
static void wait_in_handler(int number) {
    int result = 0;
    (void)number;
    fc_call(waiting, &result, 100000u);
}

TEST(signals_within_signals_are_busy) {
    need_signals_at_once();
    struct fc_library *library = open_for_signals(HARNESS_OTHER_TARGET);
    int result = 0;
    handle(SIGALRM, wait_in_handler);
    handle(SIGUSR1, call_within);
    calls = busy = others = 0;
    const struct itimerval once = {.it_value = {.tv_usec = 20000}};
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {.it_interval = {.tv_nsec = 7300000}, .it_value = {.tv_nsec = 7300000}}, never = {0};
    require(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    while (busy == 0) {
        require(setitimer(ITIMER_REAL, &once, NULL) == 0);
        require(timer_settime(timer, 0, &often, NULL) == 0);
        assert_ok(fc_call(waiting, &result, 100000u));
        require(timer_settime(timer, 0, &never, NULL) == 0);
    }
    require(timer_delete(timer) == 0);
    fc_library_close(library);
}

/* Functions that the library calls from a handler's call run in the handler. */
static struct fc_function *calling_kept;
static void call_kept_at_signal(int number) {
    int result = 0;
    (void)number;
    wrong += succeeds(fc_call(calling_kept, &result, 20)) && !(result == 42);
    next_alarm();
}
static int call_in_turn(int a) {
    int sum = 0;
    require(fc_call(adding, &sum, a, a + 2) == FC_OK);
    return sum;
}

TEST(signals_lead_to_callbacks) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_signals(target);
        int result = 0;
        calling_kept = call_bind(library, "int call_kept(int a)");
        assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, call_in_turn));
        handle(SIGALRM, call_kept_at_signal);
        begin_alarms(2000);
        while (calls < 30) {
            assert_ok(fc_call(waiting, &result, 20000u));
        }
        end_alarms();
        assert_int_equal(wrong + busy + others, 0);
        fc_library_close(library);
    }
}

/* Deadlines and deaths in a handler's call. */
static volatile sig_atomic_t handler_rc;
static void wait_too_long(int number) {
    int result = 0;
    (void)number;
    handler_rc = fc_call(waiting, &result, 10000000u);
    calls++;
}

TEST(signals_may_exceed_the_deadline) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    int result = 0;
    must(fc_options_set_deadline_ms(options, 2000));
    must(fc_open(harness_library(HARNESS_OTHER_TARGET, "signals"), options, &library));
    waiting = call_bind(library, "int wait_us(unsigned us)");
    adding = call_bind(library, "int add(int a, int b)");
    const int host = host_pid(library);
    handle(SIGALRM, wait_too_long);
    const struct itimerval once = {.it_value = {.tv_usec = 50000}};
    calls = 0;
    require(setitimer(ITIMER_REAL, &once, NULL) == 0);
    int rc = fc_call(waiting, &result, 200000u);
    require(calls == 1);
    assert_int_equal(handler_rc, FC_ETIMEDOUT);
    assert_true(rc == FC_EDIED || rc == FC_ETIMEDOUT || rc == FC_OK); /* it may have been answered by then */
    assert_true(process_ends(host));
    must(fc_call(adding, &result, 40, 2));
    assert_int_equal(result, 42);
    fc_library_close(library);
    fc_options_free(options);
}

static struct fc_function *dying;
static void die_in_handler(int number) {
    (void)number;
    handler_rc = fc_call(dying, NULL);
    calls++;
}

TEST(signals_may_lose_the_host) {
    need_signals_at_once();
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_for_signals(target);
        int result = 0;
        handle(SIGALRM, die_in_handler);
        const struct itimerval once = {.it_value = {.tv_usec = 20000}};
        for (int i = 0; i < 3; i++) {
            calls = 0;
            dying = call_bind(library, "void die(void)"); /* in the present host */
            require(setitimer(ITIMER_REAL, &once, NULL) == 0);
            int rc = fc_call(waiting, &result, 300000u);
            require(calls == 1);
            assert_int_equal(handler_rc, FC_EDIED);
            assert_true(rc == FC_EDIED || rc == FC_OK); /* begun only after the signal, on a fresh host */
            must(fc_call(adding, &result, 40, 2));
            assert_int_equal(result, 42);
            must(fc_call(waiting, &result, 0u));
        }
        fc_library_close(library);
    }
}
