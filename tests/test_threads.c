/* Many threads of the caller: each has its own in the host, and leaves nothing behind. */
#include "sessions.h"

#include <stdatomic.h>
#include <sys/syscall.h>

enum { THREADS = 64, CALLS_IN_A_ROW = 1000 };

/* -- 64 threads ---------------------------------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    struct fc_function *add, *thread_id, *count_in_thread;
    uint64_t until_ns;
    uint64_t calls;
    int host_thread;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    uint32_t random = (uint32_t)(uintptr_t)worker | 1;
    int count = 0;
    must(fc_call(worker->thread_id, &worker->host_thread));
    while (now_ns() < worker->until_ns) {
        for (int i = 0; i < CALLS_IN_A_ROW; i++, worker->calls++) {
            int a = (int)(next_random(&random) >> 2), b = (int)(next_random(&random) >> 2), sum;
            must(fc_call(worker->add, &sum, a, b));
            require(sum == a + b);
        }
        int now_count, host_thread;
        must(fc_call(worker->count_in_thread, &now_count));
        must(fc_call(worker->thread_id, &host_thread));
        require(now_count == ++count); /* thread-local in the library, and nobody else's */
        require(host_thread == worker->host_thread);
    }
    return NULL;
}

TEST(threads_64_for_ten_seconds_have_host_threads_and_state_of_their_own) {
    struct fc_library *library = open_other("process", NULL);
    struct worker workers[THREADS];
    uint64_t until_ns = now_ns() + UINT64_C(10000000000), calls = 0;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.add = bind(library, "int add(int a, int b)"),
                                     .thread_id = bind(library, "int thread_id(void)"),
                                     .count_in_thread = bind(library, "int count_in_thread(void)"),
                                     .until_ns = until_ns};
        workers[i].thread = start_thread(work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        join(workers[i].thread);
        require(workers[i].calls > 0);
        calls += workers[i].calls;
        for (int j = 0; j < i; j++) {
            require(workers[i].host_thread != workers[j].host_thread);
        }
    }
    printf("%llu calls\n", (unsigned long long)calls);
    fc_library_close(library);
}

/* -- threads that come and go -------------------------------------------------------------------------------------- */

static void *call_once(void *argument) {
    int sum;
    must(fc_call(argument, &sum, 40, 2));
    require(sum == 42);
    return NULL;
}

TEST(threads_that_end_give_everything_back) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *add = bind(library, "int add(int a, int b)");
    join(start_thread(call_once, add));
    const unsigned before = count_threads(host_pid(library)), mappings = count_mappings(),
                   descriptors = count_descriptors();
    const unsigned count = rounds(1000); /* the window's first 16 MiB hold no 256 channels */
    for (unsigned i = 0; i < count; i++) {
        join(start_thread(call_once, add));
        if (i % 100 == 0) {
            wait_for_threads_of(host_pid(library), before + 8); /* a thread ends just after its last answer */
        }
    }
    assert_true(count_mappings() <= mappings);
    assert_int_equal(count_descriptors(), descriptors);
    wait_for_threads_of(host_pid(library), before);
    fc_library_close(library);
}

/* -- closing while others call ------------------------------------------------------------------------------------- */

/* In memory that the library sees too: the threads that are inside wait_at_gate, which stays closed. */
struct gate {
    _Atomic int inside, open;
};
static const char wait_prototype[] = "int wait_at_gate(_Fc_opaque_ void *gate)";

struct closing {
    struct fc_session *session;
    const char *path;
    struct gate *gate;
};

static void wait_for_all(const struct gate *gate, int count) {
    while (atomic_load(&gate->inside) != count) {
        sleep_us(500);
    }
}

static void *wait_until_closed(void *argument) {
    struct closing *closing = argument;
    struct fc_library *library;
    must(fc_library_open(closing->session, closing->path, &library));
    must_fail(fc_call(bind(library, wait_prototype), NULL, closing->gate), FC_ECLOSED,
              "during the call of wait_at_gate");
    return NULL;
}

static struct closing open_to_close(void) {
    struct closing closing = {.session = open_session(), .path = harness_library(HARNESS_OTHER_TARGET, "process")};
    closing.gate = fc_alloc(closing.session, sizeof *closing.gate);
    require(closing.gate != NULL);
    return closing;
}

TEST(threads_in_a_call_are_told_that_the_session_was_closed) {
    for (unsigned round = 0; round < rounds(20); round++) {
        struct closing closing = open_to_close();
        pthread_t threads[8];
        for (int i = 0; i < 8; i++) {
            threads[i] = start_thread(wait_until_closed, &closing);
        }
        wait_for_all(closing.gate, 8);
        fc_session_close(closing.session);
        for (int i = 0; i < 8; i++) {
            join(threads[i]);
        }
    }
}

/* The host is dead: some of the threads find it out while the session is being closed, and start another for
 * nothing. */
static void *die_until_closed(void *argument) {
    struct closing *closing = argument;
    struct fc_library *library;
    must(fc_library_open(closing->session, closing->path, &library));
    struct fc_function *waiting = bind(library, wait_prototype);
    int rc = FC_EDIED;
    for (int deaths = 0; rc == FC_EDIED && deaths < 2; deaths++) {
        rc = fc_call(waiting, NULL, closing->gate);
    }
    require(rc == FC_ECLOSED || rc == FC_EDIED);
    return NULL;
}

TEST(threads_that_lose_their_host_are_told_that_the_session_was_closed) {
    for (unsigned round = 0; round < rounds(20); round++) {
        struct closing closing = open_to_close();
        pthread_t threads[8];
        for (int i = 0; i < 8; i++) {
            threads[i] = start_thread(die_until_closed, &closing);
        }
        wait_for_all(closing.gate, 8);
        atomic_store(&closing.gate->inside, 0);
        kill(fc_session_host_pid(closing.session), SIGKILL);
        wait_for_all(closing.gate, 8);
        fc_session_close(closing.session);
        for (int i = 0; i < 8; i++) {
            join(threads[i]);
        }
    }
}

/* -- several sessions ---------------------------------------------------------------------------------------------- */

TEST(threads_may_use_several_sessions_at_once) {
    enum { SESSIONS = 12 };
    struct fc_library *libraries[SESSIONS];
    struct fc_function *count_in_thread[SESSIONS];
    for (int i = 0; i < SESSIONS; i++) {
        libraries[i] = open_other("process", NULL);
        count_in_thread[i] = bind(libraries[i], "int count_in_thread(void)");
        for (int j = 0; j < i; j++) {
            require(host_pid(libraries[i]) != host_pid(libraries[j]));
        }
    }
    for (int round = 1; round <= 50; round++) {
        for (int i = 0; i < SESSIONS; i++) {
            int count;
            must(fc_call(count_in_thread[i], &count));
            require(count == round);
        }
    }
    for (int i = 0; i < SESSIONS; i++) {
        fc_library_close(libraries[i]);
    }
}

TEST(threads_open_and_close_sessions_in_a_row) {
    const unsigned count = rounds(200);
    unsigned mappings = 0, descriptors = 0;
    for (unsigned i = 0; i < count; i++) {
        struct fc_library *library = open_other("process", NULL);
        int sum;
        must(fc_call(bind(library, "int add(int a, int b)"), &sum, (int)i, 2));
        require(sum == (int)i + 2);
        join(start_thread(call_once, bind(library, "int add(int a, int b)")));
        fc_library_close(library);
        if (i < 3) { /* stacks and arenas that are kept for later */
            mappings = count_mappings();
            descriptors = count_descriptors();
        }
    }
    assert_true(count_mappings() <= mappings + 2);
    assert_int_equal(count_descriptors(), descriptors);
}

static void *open_and_close(void *argument) {
    for (unsigned i = 0; i < *(const unsigned *)argument; i++) {
        struct fc_library *library = open_other("process", NULL);
        int sum;
        must(fc_call(bind(library, "int add(int a, int b)"), &sum, 40, 2));
        require(sum == 42);
        fc_library_close(library);
    }
    return NULL;
}

TEST(threads_open_and_close_sessions_beside_each_other) {
    pthread_t threads[8];
    unsigned count = rounds(25);
    for (int i = 0; i < 8; i++) {
        threads[i] = start_thread(open_and_close, &count);
    }
    for (int i = 0; i < 8; i++) {
        join(threads[i]);
    }
    wait_for_threads_of(getpid(), UNDER_TSAN ? 2 : 1); /* the watching thread goes with the last session */
}

/* A thread that used sessions which are gone ends like any other, and can use another at the same address. */
static void *use_each_in_turn(void *argument) {
    (void)argument;
    for (int i = 0; i < 10; i++) {
        struct fc_library *first = open_other("process", NULL), *second = open_other("process", NULL);
        for (int round = 1; round <= 3; round++) {
            int count;
            must(fc_call(bind(first, "int count_in_thread(void)"), &count));
            require(count == round);
            must(fc_call(bind(second, "int count_in_thread(void)"), &count));
            require(count == round);
        }
        fc_library_close(first);
        fc_library_close(second);
    }
    return NULL;
}

TEST(threads_outlive_sessions) {
    join(start_thread(use_each_in_turn, NULL));
}

/* -- fork ---------------------------------------------------------------------------------------------------------- */

static void *call_until_told(void *argument) {
    struct worker *worker = argument;
    while (now_ns() < worker->until_ns) {
        int sum;
        must(fc_call(worker->add, &sum, 40, 2));
        require(sum == 42);
    }
    return NULL;
}

/* The child calls at once, finds its copy of the shared memory, and has a host of its own. */
static void live_as_child(struct fc_library *library, struct fc_function *add, char *memory, int parents_host) {
    int sum;
    require(strcmp(memory, "before the fork") == 0);
    strcpy(memory, "the child's");
    must(fc_call(add, &sum, 40, 2));
    require(sum == 42);
    require(host_pid(library) != parents_host && host_pid(library) > 0);
    require(strcmp(memory, "the child's") == 0);
    char *more = fc_alloc(fc_library_session(library), 100000);
    require(more != NULL && more[0] == 0 && more[99999] == 0);
    must(fc_free(fc_library_session(library), memory));
    fc_library_close(library);
}

TEST(threads_may_fork_while_others_call) {
    need_allocator_after_fork();
    need_threads_after_fork();
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *add = bind(library, "int add(int a, int b)");
    struct worker workers[4];
    const int host = host_pid(library);
    char *memory = fc_alloc(fc_library_session(library), 64);
    strcpy(memory, "before the fork");
    for (int i = 0; i < 4; i++) {
        workers[i] = (struct worker){.add = add, .until_ns = now_ns() + UINT64_C(2000000000)};
        workers[i].thread = start_thread(call_until_told, &workers[i]);
    }
    for (unsigned i = 0; i < rounds(20); i++) {
        fflush(NULL);
        pid_t child = fork();
        require(child >= 0);
        if (child == 0) {
            if (i % 2 == 0) {
                live_as_child(library, add, memory, host);
            }
            _exit(0); /* every other child never calls */
        }
        must_succeed(child);
        require(strcmp(memory, "before the fork") == 0);
        require(host_pid(library) == host);
    }
    for (int i = 0; i < 4; i++) {
        join(workers[i].thread);
    }
    fc_library_close(library);
}

TEST(threads_own_calls_go_on_after_a_fork_of_theirs) {
    need_threads_after_fork();
    need_allocator_after_fork(); /* the watching thread may still be busy with the host's start */
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *count_in_thread = bind(library, "int count_in_thread(void)");
    for (int i = 1; i <= 10; i++) {
        int count;
        must(fc_call(count_in_thread, &count));
        require(count == i);
        fflush(NULL);
        pid_t child = fork();
        require(child >= 0);
        if (child == 0) {
            must(fc_call(count_in_thread, &count));
            require(count == 1); /* a fresh library */
            pid_t grandchild = fork();
            if (grandchild == 0) {
                must(fc_call(count_in_thread, &count));
                require(count == 1);
                fc_library_close(library);
                _exit(0);
            }
            must_succeed(grandchild);
            must(fc_call(count_in_thread, &count));
            require(count == 2);
            fc_library_close(library);
            _exit(0);
        }
        must_succeed(child);
    }
    fc_library_close(library);
}

static void fill(char *memory, size_t size, const char *text) {
    memset(memory, text[0], size);
}

/* What the parent writes after the fork is its own, in memory that the child has not touched yet. */
TEST(threads_fork_children_whose_memory_is_of_that_moment) {
    need_threads_after_fork();
    enum { SMALL = 100, LARGE = 3 << 20 };
    struct fc_library *library = open_other("process", NULL);
    struct fc_session *session = fc_library_session(library);
    char *small = fc_alloc(session, SMALL), *large = fc_alloc(session, LARGE), *untouched = fc_alloc(session, LARGE);
    int go[2];
    require(pipe(go) == 0 && small != NULL && large != NULL && untouched != NULL);
    fill(small, SMALL, "before");
    fill(large, LARGE, "before");
    fflush(NULL);
    pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        require(hear(go[0]) == 1);
        for (size_t i = 0; i < LARGE; i++) {
            require(large[i] == 'b' && untouched[i] == 0);
        }
        for (size_t i = 0; i < SMALL; i++) {
            require(small[i] == 'b');
        }
        fill(large, LARGE, "child");
        fflush(NULL);
        pid_t grandchild = fork(); /* before the child's own first call */
        if (grandchild == 0) {
            require(large[0] == 'c' && large[LARGE - 1] == 'c' && small[0] == 'b');
            int sum;
            must(fc_call(bind(library, "int add(int a, int b)"), &sum, 40, 2));
            require(sum == 42 && large[0] == 'c' && large[LARGE - 1] == 'c' && small[0] == 'b' &&
                    untouched[LARGE - 1] == 0);
            fc_library_close(library);
            _exit(0);
        }
        must_succeed(grandchild);
        int sum;
        must(fc_call(bind(library, "int add(int a, int b)"), &sum, 40, 2));
        require(sum == 42 && large[0] == 'c' && large[LARGE - 1] == 'c' && small[0] == 'b' &&
                untouched[LARGE - 1] == 0);
        must(fc_call(bind(library, "int write_in_child(_Inout_updates_(count) unsigned char *data, int count)"), &sum,
                     (unsigned char *)large, LARGE));
        require(sum == 'c'); /* the host sees it too */
        fc_library_close(library);
        _exit(0);
    }
    fill(small, SMALL, "after");
    fill(large, LARGE, "after");
    fill(untouched, LARGE, "after");
    tell(go[1], 1);
    must_succeed(child);
    require(small[0] == 'a' && large[0] == 'a' && large[LARGE - 1] == 'a' && untouched[0] == 'a');
    close(go[0]);
    close(go[1]);
    fc_library_close(library);
}

struct forker {
    struct fc_library *library;
    struct fc_function *count_in_thread, *add;
    int host;
};

static void *fork_from_here(void *argument) {
    struct forker *forker = argument;
    for (int i = 1; i <= 5; i++) {
        int count;
        must(fc_call(forker->count_in_thread, &count));
        require(count == i);
        fflush(NULL);
        pid_t child = fork();
        require(child >= 0);
        if (child == 0) {
            must(fc_call(forker->count_in_thread, &count));
            require(count == 1);
            join(start_thread(call_once, forker->add)); /* and it can have threads of its own */
            require(host_pid(forker->library) != forker->host);
            fc_library_close(forker->library);
            _exit(0);
        }
        must_succeed(child);
        require(host_pid(forker->library) == forker->host);
    }
    return NULL;
}

TEST(threads_other_than_the_first_may_fork) {
    need_allocator_after_fork();
    need_threads_after_fork();
    struct fc_library *library = open_other("process", NULL);
    struct forker forker = {.library = library,
                            .count_in_thread = bind(library, "int count_in_thread(void)"),
                            .add = bind(library, "int add(int a, int b)"),
                            .host = host_pid(library)};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        threads[i] = start_thread(fork_from_here, &forker);
    }
    for (int i = 0; i < 2; i++) {
        join(threads[i]);
    }
    call_once(forker.add);
    fc_library_close(library);
}

/* A child that nothing of this library was told of (the bare system call) and that only ends. */
TEST(threads_of_a_parent_do_not_notice_children_that_only_end) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *add = bind(library, "int add(int a, int b)");
    const int host = host_pid(library);
    for (unsigned i = 0; i < rounds(50); i++) {
        fflush(NULL);
        pid_t child = i % 2 == 0 ? fork() : (pid_t)syscall(SYS_fork);
        if (child == 0) {
            _exit(0);
        }
        must_succeed(child);
        call_once(add);
        require(host_pid(library) == host);
    }
    fc_library_close(library);
}
