/* What may happen while the library is in a function of the caller's: jumps, ends, forks, signals, deaths. */
#include "call.h"

#include "sessions.h"

#include "client/client.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <sys/mman.h>
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

enum { MUCH_BYTES = 1 << 20 };
static struct fc_function *with_bytes_within;
static int pass_a_lot(int a) {
    static unsigned char *much;
    much = much != NULL ? much : malloc(MUCH_BYTES);
    int length = 0;
    require(fc_call(with_bytes_within, &length, much) == FC_OK);
    require(call_shared_bytes() < 32 * MUCH_BYTES); /* the call around is not over yet */
    return a;
}

TEST(callbacks_give_back_what_their_calls_needed) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        with_bytes_within = call_bind(library, "int call_kept(_In_reads_(1048576) const unsigned char *much)");
        assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, NULL));
        assert_ok(fc_call(times, NULL, pass_a_lot, (int)rounds(300)));
        fc_library_close(library);
    }
}

static int nap(int a) {
    sleep_us(700000);
    return a;
}

TEST(callbacks_take_no_time_of_the_deadline) {
    need_host();
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    must(fc_options_set_deadline_ms(options, 2000)); /* less than three naps, and much more than the rest */
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

/* Begun anew by each handler: however long one takes, the interrupted call goes on in between. */
static volatile sig_atomic_t is_alarming;
static void next_alarm(void) {
    const struct itimerval once = {.it_value = {.tv_usec = is_alarming ? 700 : 0}};
    require(setitimer(ITIMER_REAL, &once, NULL) == 0);
}
static void call_at_alarm(int number) {
    const int saved = errno;
    int result = 0;
    (void)number;
    require(fc_call(nested_times, &result, NULL, 0) == FC_OK);
    next_alarm();
    errno = saved;
}

TEST(callbacks_are_not_disturbed_by_signal_handlers) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "callbacks");
    nested_times = call_bind(library, "int call_times(int (*function)(int index), int times)");
    struct sigaction action = {.sa_handler = call_at_alarm, .sa_flags = SA_RESTART};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    is_alarming = true;
    next_alarm();
    for (unsigned i = 0; i < rounds(2000); i++) {
        int result = 0;
        assert_ok(fc_call(nested_times, &result, is_even, 200));
        assert_int_equal(result, 100);
    }
    is_alarming = false;
    next_alarm();
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

/* -- how long a function is wanted --------------------------------------------------------------------------------- */

/* As many functions as one likes: each its own code. */
#define SOME_FUNCTIONS 4
static int add_0(int a) {
    return a;
}
static int add_1(int a) {
    return a + 1;
}
static int add_2(int a) {
    return a + 2;
}
static int add_3(int a) {
    return a + 3;
}
static int (*const adders[SOME_FUNCTIONS])(int) = {add_0, add_1, add_2, add_3};

/* Functions that are made while the test runs: as many as there are numbers, each at an address of its own. They are
 * called by a trampoline that a library of the other bitness has for them. */
enum { MADE_BYTES = 16, MADE_FUNCTIONS = 100000 };
typedef int (*made_function)(int);
static unsigned char *made_memory;
static made_function made(int number) {
    return (made_function)(uintptr_t)(made_memory + (size_t)number * MADE_BYTES);
}
static void make_functions(void) {
    const size_t size = (size_t)MADE_FUNCTIONS * MADE_BYTES;
    made_memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(made_memory != MAP_FAILED);
    for (int i = 0; i < MADE_FUNCTIONS; i++) { /* mov eax, i; ret */
        unsigned char *code = made_memory + (size_t)i * MADE_BYTES;
        code[0] = 0xb8;
        memcpy(code + 1, &i, sizeof i);
        code[5] = 0xc3;
    }
    assert_int_equal(mprotect(made_memory, size, PROT_READ | PROT_EXEC), 0);
}
static void unmake_functions(void) {
    munmap(made_memory, (size_t)MADE_FUNCTIONS * MADE_BYTES);
}

TEST(callbacks_of_one_call_make_room_for_others) {
    make_functions();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *set = call_bind(library, "void set_once(_Fc_callback_once_ int (*function)(int a))");
        struct fc_function *call = call_bind(library, "int call_once(int a)");
        const int count = (int)call_scaled(MADE_FUNCTIONS);
        for (int i = 0; i < count; i++) {
            int result = -1;
            assert_ok(fc_call(set, NULL, made(i)));
            assert_ok(fc_call(call, &result, i));
            assert_int_equal(result, i);
        }
        assert_true(fc_library_session(library)->is_direct ||
                    atomic_load(&fc_library_session(library)->callbacks.count) <= 1);
        fc_library_close(library);
    }
    unmake_functions();
}

TEST(callbacks_until_a_function_is_called_make_room_for_others) {
    make_functions();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *set = call_bind(library, "struct owner; size_t owner_set(struct owner *owner, "
                                                     "_Fc_callback_until_(owner_clear) int (*function)(int a))");
        struct fc_function *call = call_bind(library, "struct owner; int owner_call(struct owner *owner, int a)");
        struct fc_function *clear = call_bind(library, "struct owner; void owner_clear(struct owner *owner)");
        void *owners[2];
        for (int i = 0; i < 2; i++) {
            assert_ok(fc_call(call_bind(library, "struct owner; struct owner *owner_new(void)"), &owners[i]));
        }
        const int count = (int)call_scaled(MADE_FUNCTIONS);
        size_t stays = 0, at = 0, again = 0;
        assert_ok(fc_call(set, &stays, owners[1], adders[3]));
        for (int i = 0; i < count; i++) {
            int result = -1;
            assert_ok(fc_call(set, &at, owners[0], made(i)));
            assert_ok(fc_call(set, &again, owners[0], made(i))); /* the same one */
            assert_int_equal(at, again);
            assert_int_not_equal(at, stays);
            assert_ok(fc_call(call, &result, owners[0], i));
            assert_int_equal(result, i);
            assert_ok(fc_call(clear, NULL, owners[0]));
        }
        int result = 0;
        assert_ok(fc_call(call, &result, owners[1], 4));
        assert_int_equal(result, 7);
        assert_true(fc_library_session(library)->is_direct ||
                    atomic_load(&fc_library_session(library)->callbacks.count) <= 2);
        fc_library_close(library);
    }
    unmake_functions();
}

/* Wanted for ever by one, and for a while by others. */
TEST(callbacks_stay_as_long_as_anybody_wants_them) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *once = call_bind(library, "void set_once(_Fc_callback_once_ int (*function)(int a))");
        struct fc_function *call_once = call_bind(library, "int call_once(int a)");
        struct fc_function *same =
            call_bind(library, "_Bool are_same(_Fc_callback_once_ int (*first)(int a), int (*second)(int a))");
        bool is_same = false;
        int result = 0;
        for (int i = 0; i < SOME_FUNCTIONS; i++) {
            assert_ok(fc_call(once, NULL, adders[i]));
        }
        assert_ok(fc_call(call_once, &result, 1));
        assert_int_equal(result, 4);
        assert_ok(fc_call(same, &is_same, adders[2], adders[2]));
        assert_true(is_same);
        assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, adders[1]));
        for (int i = 0; i < 3; i++) {
            assert_ok(fc_call(once, NULL, adders[1]));
            assert_ok(fc_call(call_once, &result, 10));
            assert_int_equal(result, 11);
            assert_ok(fc_call(call_bind(library, "int call_kept(int a)"), &result, 20));
            assert_int_equal(result, 21);
        }
        fc_library_close(library);
    }
}

/* -- sizes of the function around ---------------------------------------------------------------------------------- */

static unsigned seen_size;
static int sum_both(const void *left, const void *right) {
    int sum = 0;
    for (unsigned i = 0; i < seen_size; i++) {
        sum += ((const unsigned char *)left)[i] * 3 + ((const unsigned char *)right)[i];
    }
    return sum;
}

TEST(callbacks_have_the_sizes_of_the_call_that_passed_them) {
    unsigned char bytes[512];
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 7);
    }
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *function = call_bind(
            library, "int compare_kept_bytes(_In_reads_bytes_(size * 2) const void *memory, unsigned size, int "
                     "(*compare)(_In_reads_bytes_(size) const void *left, _In_reads_bytes_(size) const void *right))");
        for (unsigned round = 0; round < 300; round++) {
            int result = 0;
            seen_size = round % 100 + 1;
            assert_ok(fc_call(function, &result, bytes, seen_size, sum_both));
            assert_int_equal(result, sum_both(bytes, bytes + seen_size));
        }
        assert_true(fc_library_session(library)->is_direct ||
                    atomic_load(&fc_library_session(library)->callbacks.count) <= 100);
        fc_library_close(library);
    }
}
