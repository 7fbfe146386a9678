/* Hosts that die: how fast their callers learn of it, what they are told, and that the next call finds a fresh host. */
#include "sessions.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define LIBRARY_PART "libhostile.so+0x"

static int added(struct fc_function *adding, int a, int b) {
    int sum = 0;
    must(fc_call(adding, &sum, a, b));
    return sum;
}

/* -- what is said -------------------------------------------------------------------------------------------------- */

/* The function that the module and offset in the latest error lie in, by the debugger's own reckoning. */
static const char *named_by_addr2line(void) {
    static char name[256];
    char path[PATH_MAX], command[PATH_MAX + 64];
    unsigned long long offset = 0;
    const char *start = strstr(fc_error_text(), ", in /");
    assert_non_null(start);
    assert_int_equal(sscanf(start, ", in %4000[^+]+0x%llx", path, &offset), 2);
    snprintf(command, sizeof command, "addr2line -f -e '%s' 0x%llx 2>&1", path, offset);
    FILE *output = popen(command, "re");
    assert_non_null(output);
    if (fgets(name, sizeof name, output) == NULL || strstr(name, "not found") != NULL) {
        pclose(output);
        skip_because("needs addr2line");
    }
    pclose(output);
    name[strcspn(name, "\n")] = '\0';
    return name;
}

struct crash {
    const char *function, *said;
    bool has_place;
};

static void must_crash(struct fc_library *library, struct fc_function *adding, const struct crash *crash) {
    char prototype[64], in_call[64];
    snprintf(prototype, sizeof prototype, "int %s(void)", crash->function);
    snprintf(in_call, sizeof in_call, "in the call of `%s`", crash->function);
    struct fc_function *function = bind(library, prototype);
    const int before = host_pid(library);
    int result = 4711;
    must_fail(fc_call(function, &result), FC_EDIED, crash->said);
    assert_int_equal(result, 4711);
    assert_non_null(strstr(fc_error_text(), in_call));
    assert_null(strstr(fc_error_text(), "another thread"));
    if (crash->has_place) {
        assert_non_null(strstr(fc_error_text(), LIBRARY_PART));
        assert_string_equal(named_by_addr2line(), crash->function);
    }
    assert_int_equal(added(adding, 40, 2), 42); /* bound in the host before */
    assert_int_not_equal(host_pid(library), before);
    assert_false(process_lives(before));
}

TEST(death_by_a_fault_names_signal_address_and_place) {
    static const struct crash crashes[] = {
        {"crash_null", "SIGSEGV at address 0x0, in ", true},
        {"crash_divide", "SIGFPE at address 0x", true},
        {"crash_illegal", "SIGILL", true},
        {"crash_abort", "SIGABRT", false},
        {"crash_nowhere", "SIGSEGV at address 0x1000, executing 0x1000, which is in no module", false},
    };
    struct fc_library *library = open_other("hostile", NULL);
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        must_crash(library, adding, &crashes[i]);
    }
    fc_library_close(library);
}

TEST(death_by_stack_overflow_is_reported) {
    struct fc_library *library = open_other("hostile", NULL);
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    must_crash(library, adding, &(struct crash){.function = "crash_overflow", .said = "SIGSEGV at address 0x"});
    assert_non_null(strstr(fc_error_text(), LIBRARY_PART));
    fc_library_close(library);
}

TEST(death_of_several_threads_at_once_is_reported_once) {
    struct fc_library *library = open_other("hostile", NULL);
    struct fc_function *crash = bind(library, "int crash_many(int count)");
    for (unsigned i = 0; i < rounds(20); i++) {
        must_fail(fc_call(crash, NULL, 6), FC_EDIED, "SIGSEGV at address 0x0, in ");
    }
    fc_library_close(library);
}

/* A library that took the handlers away: the system tells what it can. */
TEST(death_without_a_report_is_noticed) {
    struct fc_library *library = open_other("hostile", NULL);
    struct fc_function *adding = bind(library, "int add(int a, int b)"), *crash = bind(library, "int crash_null(void)");
    assert_int_equal(call_int(library, "take_signals"), 0);
    must_fail(fc_call(crash, NULL), FC_EDIED, "killed by");
    assert_int_equal(added(adding, 40, 2), 42);
    fc_library_close(library);
}

static void *sleep_until_death(void *function) {
    must_fail(fc_call(function, NULL), FC_EDIED, "SIGSEGV at address 0x0");
    require(strstr(fc_error_text(), "in the call of `sleep_for_ever`") != NULL);
    require(strstr(fc_error_text(), "It happened in another thread's call.") != NULL);
    return NULL;
}

TEST(death_in_another_threads_call_is_explained) {
    enum { SLEEPERS = 4 };
    pthread_t sleepers[SLEEPERS];
    struct fc_library *library = open_other("hostile", NULL);
    struct fc_function *sleeping = bind(library, "int sleep_for_ever(void)"),
                       *crash = bind(library, "int crash_null(void)");
    for (int i = 0; i < SLEEPERS; i++) {
        sleepers[i] = start_thread(sleep_until_death, sleeping);
    }
    struct fc_function *count = bind(library, "int count_sleepers(void)");
    for (int inside = 0; inside < SLEEPERS;) {
        sleep_us(1000);
        must(fc_call(count, &inside));
    }
    must_fail(fc_call(crash, NULL), FC_EDIED, "in the call of `crash_null`");
    assert_null(strstr(fc_error_text(), "another thread"));
    for (int i = 0; i < SLEEPERS; i++) {
        join(sleepers[i]);
    }
    fc_library_close(library);
}

TEST(death_in_a_thread_of_the_library_is_nobodys_call) {
    struct fc_library *library = open_other("hostile", NULL);
    must_fail(fc_call(bind(library, "int crash_own_thread(void)"), NULL), FC_EDIED, "SIGSEGV at address 0x0");
    assert_null(strstr(fc_error_text(), "another thread's call"));
    assert_string_equal(named_by_addr2line(), "crash_null");
    fc_library_close(library);
}

/* The stand-in of a pointer that does not fit is looked through: the argument that lacks an annotation is named. */
TEST(death_at_a_stand_in_names_the_argument) {
    if (sizeof(void *) == 4) {
        skip_because("every pointer of a 32-bit caller fits");
    }
    char one = 1, two = 2;
    struct fc_library *library = open_other("hostile", NULL);
    must_fail(
        fc_call(bind(library, "int look_through(int before, _Fc_opaque_ void *thing, int after)"), NULL, 1, &one, 2),
        FC_EDIED, "Say what argument `thing` points to");
    must_fail(fc_call(bind(library, "int look_through_second(_Fc_opaque_ void *first, _Fc_opaque_ void *second)"), NULL,
                      &one, &two),
              FC_EDIED, "Say what argument `second` points to");
    assert_null(strstr(fc_error_text(), "`first`"));
    must_fail(
        fc_call(bind(library, "typedef struct _IO_FILE FILE; int look_through(int before, FILE *thing, int after)"),
                NULL, 1, stdout, 2),
        FC_EDIED,
        "`thing` is a FILE, which only the C library that opened it can use: give the library the file's name");
    fc_library_close(library);
}

/* Lines come from the calling thread and from the watching one. */
struct log {
    pthread_mutex_t lock;
    unsigned started, died, ended, others;
};
static void write_log(void *user_data, const char *line) {
    struct log *log = user_data;
    require(strchr(line, '\n') == NULL);
    pthread_mutex_lock(&log->lock);
    *(strstr(line, " started: ") != NULL              ? &log->started
      : strstr(line, " is gone: SIGSEGV at ") != NULL ? &log->died
      : strstr(line, " ended") != NULL                ? &log->ended
                                                      : &log->others) += 1;
    pthread_mutex_unlock(&log->lock);
}

TEST(death_is_logged) {
    static struct log log = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct fc_options *options = fc_options_new();
    must(fc_options_set_log(options, write_log, &log));
    struct fc_library *library = open_other("hostile", options);
    struct fc_function *crash = bind(library, "int crash_null(void)");
    must_fail(fc_call(crash, NULL), FC_EDIED, "SIGSEGV");
    assert_int_equal(add(library, 1, 2), 3);
    fc_library_close(library);
    fc_options_free(options);
    assert_int_equal(log.started, 2);
    assert_int_equal(log.died, 1);
    assert_int_equal(log.ended, 1);
    assert_int_equal(log.others, 0);
}

/* -- what is there again ------------------------------------------------------------------------------------------- */

TEST(death_leaves_libraries_functions_and_memory) {
    struct fc_session *session = open_session();
    struct fc_library *hostile, *process;
    must(fc_library_open(session, harness_library(HARNESS_OTHER_TARGET, "hostile"), &hostile));
    must(fc_library_open(session, harness_library(HARNESS_OTHER_TARGET, "process"), &process));
    struct fc_function *adding = bind(hostile, "int add(int a, int b)"),
                       *counting = bind(process, "int count_in_thread(void)");
    struct fc_function *crash = bind(hostile, "int crash_null(void)"),
                       *measure = bind(hostile, "int length_of(const char *text)");
    const char *greeting = NULL;
    must(fc_call(bind(hostile, "const char *greeting(void)"), &greeting));
    char *memory = fc_alloc(session, 1000);
    strcpy(memory, "written before");
    int count = 0, len = 0;
    for (int round = 0; round < 3; round++) {
        must(fc_call(counting, &count));
        assert_int_equal(count, 1); /* loaded afresh */
        must(fc_call(counting, &count));
        assert_int_equal(count, 2);
        must_fail(fc_call(crash, NULL), FC_EDIED, "SIGSEGV");
        assert_int_equal(added(adding, 40, 2), 42);
        must(fc_call(measure, &len, memory));
        assert_int_equal(len, 14);
        assert_string_equal(memory, "written before");
        assert_string_equal(greeting, "good day"); /* returned strings live until the session is closed */
    }
    assert_int_equal(fc_free(session, memory), FC_OK);
    fc_session_close(session);
}

/* -- by surprise --------------------------------------------------------------------------------------------------- */

enum { CALLERS = 8 };

struct storm {
    struct fc_function *adding, *nap;
    _Atomic uint64_t killed_ns; /* when the latest kill() was called */
    _Atomic uint32_t kills;
    _Atomic uint32_t gone; /* as many of the hosts killed are known to be dead */
    _Atomic bool is_over;
    struct storm_caller {
        struct storm *storm;
        uint32_t random;
        _Atomic uint32_t alive_in; /* how many were known to be dead before its latest success began */
        uint32_t died_in;
        uint64_t calls, deaths, worst_ns;
    } callers[CALLERS];
};

static void note_death(struct storm_caller *caller, uint64_t begun_ns) {
    struct storm *storm = caller->storm;
    const uint64_t returned_ns = now_ns(), killed_ns = atomic_load(&storm->killed_ns);
    const uint32_t kills = atomic_load(&storm->kills);
    must_fail(FC_EDIED, FC_EDIED, "died in the call of `");
    must_fail(FC_EDIED, FC_EDIED, "killed by SIGKILL");
    require(caller->died_in != kills); /* once for each kill: the next call succeeds */
    caller->died_in = kills;
    caller->deaths++;
    uint64_t took_ns = returned_ns - (begun_ns > killed_ns ? begun_ns : killed_ns);
    caller->worst_ns = took_ns > caller->worst_ns ? took_ns : caller->worst_ns;
}

static void *call_in_storm(void *argument) {
    struct storm_caller *caller = argument;
    struct storm *storm = caller->storm;
    while (!atomic_load(&storm->is_over)) {
        const uint32_t gone = atomic_load(&storm->gone);
        const uint64_t begun_ns = now_ns();
        int result = 0, expected, rc;
        if (next_random(&caller->random) % 4 == 0) {
            expected = (int)(next_random(&caller->random) % 3000);
            rc = fc_call(storm->nap, &result, expected);
        } else {
            int a = (int)(next_random(&caller->random) % 100000), b = (int)(next_random(&caller->random) % 100000);
            expected = a + b;
            rc = fc_call(storm->adding, &result, a, b);
        }
        caller->calls++;
        if (rc == FC_OK) {
            require(result == expected);
            atomic_store(&caller->alive_in, gone);
        } else {
            must_fail(rc, FC_EDIED, "The next call starts a fresh host.");
            note_death(caller, begun_ns);
        }
    }
    return NULL;
}

static void wait_until_all_live(struct storm *storm) {
    for (int i = 0; i < CALLERS; i++) {
        for (int waited_ms = 0; atomic_load(&storm->callers[i].alive_in) != atomic_load(&storm->kills); waited_ms++) {
            require(waited_ms < PATIENCE_MS);
            sleep_us(200);
        }
    }
}

TEST(death_by_kill_a_thousand_times_under_eight_callers) {
    static struct storm storm;
    pthread_t threads[CALLERS];
    uint32_t random = 20071224;
    struct fc_library *library = open_other("process", NULL);
    storm.adding = bind(library, "int add(int a, int b)");
    storm.nap = bind(library, "int nap_us(int us)");
    for (uint32_t i = 0; i < CALLERS; i++) {
        storm.callers[i].storm = &storm;
        storm.callers[i].random = i + 1;
        atomic_store(&storm.callers[i].alive_in, UINT32_MAX);
        threads[i] = start_thread(call_in_storm, &storm.callers[i]);
    }
    unsigned descriptors = 0, mappings = 0;
    const unsigned warm_up = rounds(50), kills = warm_up + rounds(1000);
    for (unsigned i = 0; i < kills; i++) {
        wait_until_all_live(&storm);
        if (i == warm_up) {
            descriptors = count_descriptors();
            mappings = count_mappings();
        }
        sleep_us(next_random(&random) % 2000);
        const int host = host_pid(library);
        require(host > 0);
        atomic_fetch_add(&storm.kills, 1);
        atomic_store(&storm.killed_ns, now_ns());
        require(kill(host, SIGKILL) == 0);
        for (int waited_ms = 0; host_pid(library) == host; waited_ms++) {
            require(waited_ms < PATIENCE_MS);
            sleep_us(200);
        }
        atomic_fetch_add(&storm.gone, 1);
    }
    wait_until_all_live(&storm);
    const unsigned descriptors_after = count_descriptors(), mappings_after = count_mappings();
    atomic_store(&storm.is_over, true);
    uint64_t calls = 0, deaths = 0, worst_ns = 0;
    for (int i = 0; i < CALLERS; i++) {
        join(threads[i]);
        const struct storm_caller *caller = &storm.callers[i];
        calls += caller->calls;
        deaths += caller->deaths;
        worst_ns = caller->worst_ns > worst_ns ? caller->worst_ns : worst_ns;
    }
    printf("%u kills, %llu calls, %llu died in flight, worst %.1f ms after the kill\n", kills,
           (unsigned long long)calls, (unsigned long long)deaths, (double)worst_ns / 1e6);
    printf("descriptors %u -> %u, mappings %u -> %u\n", descriptors, descriptors_after, mappings, mappings_after);
    assert_true(deaths >= kills);
    assert_int_equal(descriptors_after, descriptors);
    assert_true(mappings_after <= mappings + 4); /* the C library's own arenas come and go */
    fc_library_close(library);
}

/* A host that dies while it starts or opens the libraries again is one more death, not the end of the session. */
struct hunt {
    struct fc_session *session;
    _Atomic bool is_over;
};
static void *kill_whatever_starts(void *argument) {
    struct hunt *hunt = argument;
    uint32_t random = 99;
    while (!atomic_load(&hunt->is_over)) {
        const int host = fc_session_host_pid(hunt->session);
        if (host > 0) {
            sleep_us(next_random(&random) % 300);
            kill(host, SIGKILL);
        }
    }
    return NULL;
}

TEST(death_again_and_again_leaves_the_session_usable) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    struct hunt hunt = {.session = fc_library_session(library)};
    pthread_t killer = start_thread(kill_whatever_starts, &hunt);
    const uint64_t until_ns = now_ns() + UINT64_C(3000000000);
    unsigned successes = 0, deaths = 0;
    while (now_ns() < until_ns) {
        int sum = 0;
        int rc = fc_call(adding, &sum, 1, 2);
        require((rc == FC_OK && sum == 3) || rc == FC_EDIED);
        successes += rc == FC_OK;
        deaths += rc == FC_EDIED;
    }
    atomic_store(&hunt.is_over, true);
    join(killer);
    printf("%u successes, %u deaths\n", successes, deaths);
    int rc = fc_call(adding, NULL, 1, 2); /* the last kill may still be news */
    require(rc == FC_OK || rc == FC_EDIED);
    assert_int_equal(added(adding, 40, 2), 42);
    fc_library_close(library);
}

/* -- deadlines ----------------------------------------------------------------------------------------------------- */

static struct fc_options *with_deadline(uint32_t ms) {
    struct fc_options *options = fc_options_new();
    require(options != NULL);
    must(fc_options_set_deadline_ms(options, under_valgrind() ? ms * 3 : ms));
    return options;
}

static void *call_stopped_host(void *adding) {
    int rc = fc_call(adding, NULL, 1, 2);
    require(rc == FC_ETIMEDOUT || rc == FC_EDIED);
    return NULL;
}

TEST(death_of_a_stopped_host_comes_with_the_deadline) {
    struct fc_options *options = with_deadline(3000);
    struct fc_library *library = open_other("hostile", options);
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    must_fail(fc_call(bind(library, "int sleep_for_ever(void)"), NULL), FC_ETIMEDOUT, "no answer within");
    assert_int_equal(added(adding, 40, 2), 42);

    int host = host_pid(library);
    stop_process(host);
    must_fail(fc_call(adding, NULL, 1, 2), FC_ETIMEDOUT, "no answer within");
    assert_int_equal(added(adding, 40, 2), 42);
    assert_int_not_equal(host_pid(library), host);
    assert_true(process_ends(host));

    host = host_pid(library);
    stop_process(host);
    pthread_t
        threads[2]; /* with channels that the host never got to know, and one call that times out ends the others */
    for (int i = 0; i < 2; i++) {
        threads[i] = start_thread(call_stopped_host, adding);
    }
    for (int i = 0; i < 2; i++) {
        join(threads[i]);
    }
    assert_int_equal(added(adding, 40, 2), 42);
    assert_true(process_ends(host));
    fc_library_close(library);
    fc_options_free(options);
}

static void *add_once(void *adding) {
    require(added(adding, 1, 2) == 3);
    return NULL;
}

struct held {
    struct fc_function *adding;
    _Atomic int stage;
};
static void *add_and_wait(void *argument) {
    struct held *held = argument;
    require(added(held->adding, 1, 2) == 3);
    atomic_store(&held->stage, 1);
    while (atomic_load(&held->stage) != 2) {
        sleep_us(1000);
    }
    return NULL;
}

/* A thread ends while the host is stopped; the host answers late. Its channel must not be another's by then. */
TEST(death_of_a_thread_beside_a_stopped_host) {
    struct fc_library *library = open_other("process", NULL);
    struct held held = {.adding = bind(library, "int add(int a, int b)")};
    pthread_t thread = start_thread(add_and_wait, &held);
    while (atomic_load(&held.stage) != 1) {
        sleep_us(1000);
    }
    const int host = host_pid(library);
    stop_process(host);
    atomic_store(&held.stage, 2);
    join(thread);
    pthread_t late = start_thread(add_once, held.adding);
    sleep_us(20000);
    assert_int_equal(kill(host, SIGCONT), 0);
    join(late);
    for (int i = 0; i < 100; i++) {
        join(start_thread(add_once, held.adding));
        assert_int_equal(added(held.adding, i, 2), i + 2);
    }
    assert_int_equal(host_pid(library), host);
    fc_library_close(library);
}

TEST(death_of_a_stopped_host_comes_with_the_end_of_its_session) {
    struct fc_library *library = open_other("process", NULL);
    const int host = host_pid(library);
    stop_process(host);
    fc_library_close(library);
    assert_true(process_ends(host));
}

/* -- what runs out ------------------------------------------------------------------------------------------------- */

TEST(death_of_no_one_when_descriptors_run_out) {
    struct fc_library *library = NULL;
    const char *path = harness_library(HARNESS_OTHER_TARGET, "process");
    fc_library_close(open_other("process", NULL)); /* what is opened once for all */
    const unsigned before = count_descriptors();
    struct rlimit limit, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    bool succeeded = false;
    for (unsigned room = 0; room < 24 && !succeeded; room++) {
        low = limit;
        low.rlim_cur = before + room;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        int rc = fc_open(path, NULL, &library);
        if (rc == FC_OK) {
            succeeded = true;
            assert_int_equal(add(library, 40, 2), 42);
            fc_library_close(library);
        } else {
            must_fail(rc, rc, under_valgrind() ? "" : "Too many open files"); /* it has limits of its own */
            require(rc == FC_ESYS || rc == FC_ENOMEM || rc == FC_ESTART);
        }
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(count_descriptors(), before);
        assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    }
    assert_true(succeeded);
}

TEST(death_of_no_one_when_descriptors_run_out_for_a_fresh_host) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *adding = bind(library, "int add(int a, int b)");
    struct rlimit limit, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const unsigned before = count_descriptors();
    for (unsigned room = 0; room < 12; room++) {
        kill_host(library);
        low = limit;
        low.rlim_cur = count_descriptors() + room;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
        int sum = 0;
        int rc = fc_call(adding, &sum, 40, 2);
        if (rc != FC_OK) {
            must_fail(rc, rc, "Too many open files");
        }
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(added(adding, 40, 2), 42);
        assert_int_equal(count_descriptors(), before);
    }
    fc_library_close(library);
}

static void *add_without_threads(void *adding) {
    must_fail(fc_call(adding, NULL, 1, 2), FC_ENOMEM, "the host cannot create a thread");
    return NULL;
}

struct unsettled {
    struct fc_function *adding;
    _Atomic int stage;
};

/* Fails once, and succeeds on the same channel when there is room again. */
static void *add_when_possible(void *argument) {
    struct unsettled *unsettled = argument;
    add_without_threads(unsettled->adding);
    atomic_store(&unsettled->stage, 1);
    while (atomic_load(&unsettled->stage) != 2) {
        sleep_us(500);
    }
    require(added(unsettled->adding, 1, 2) == 3);
    return NULL;
}

TEST(death_of_no_one_when_the_host_has_no_more_threads) {
    struct fc_library *library = open_other("process", NULL);
    struct unsettled unsettled = {.adding = bind(library, "int add(int a, int b)")};
    struct fc_function *limiting = bind(library, "int limit_memory(int on)");
    const int host = host_pid(library);
    int rc = -1;
    must(fc_call(limiting, &rc, 1));
    assert_int_equal(rc, 0);
    for (unsigned i = 0; i < rounds(300); i++) {
        join(start_thread(add_without_threads, unsettled.adding));
        assert_int_equal(added(unsettled.adding, (int)i, 1), (int)i + 1); /* the channels that exist go on */
    }
    pthread_t thread = start_thread(add_when_possible, &unsettled);
    while (atomic_load(&unsettled.stage) != 1) {
        sleep_us(500);
    }
    must(fc_call(limiting, &rc, 0));
    atomic_store(&unsettled.stage, 2);
    join(thread);
    join(start_thread(add_once, unsettled.adding));
    assert_int_equal(host_pid(library), host);
    fc_library_close(library);
}
