/* Many threads of the caller: each has its own in the host, and leaves nothing behind. */
#include "sessions.h"

#include <stdatomic.h>

enum { THREADS = 64, CALLS_IN_A_ROW = 1000 };

/* -- 64 threads ------------------------------------------------------------------------------------------------------- */

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

/* -- threads that come and go ------------------------------------------------------------------------------------------ */

static void *call_once(void *argument) {
    int sum;
    must(fc_call(argument, &sum, 40, 2));
    require(sum == 42);
    return NULL;
}

TEST(threads_that_end_give_everything_back) {
    struct fc_library *library = open_other("process", NULL);
    struct fc_function *add = bind(library, "int add(int a, int b)");
    const unsigned before = count_threads(host_pid(library));
    const unsigned count = rounds(1000); /* the window's first 16 MiB hold no 256 channels */
    for (unsigned i = 0; i < count; i++) {
        join(start_thread(call_once, add));
    }
    for (int waited_ms = 0; count_threads(host_pid(library)) > before; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
    fc_library_close(library);
}

/* -- closing while others call -------------------------------------------------------------------------------------------- */

struct caller {
    pthread_t thread;
    struct fc_function *nap;
    _Atomic bool *is_ready;
};

static void *nap_until_closed(void *argument) {
    struct caller *caller = argument;
    int result;
    atomic_store(caller->is_ready, true);
    must_fail(fc_call(caller->nap, &result, 600000000), FC_ECLOSED, "closed");
    return NULL;
}

TEST(threads_in_a_call_are_told_that_the_session_was_closed) {
    struct fc_library *library = open_other("process", NULL);
    struct caller callers[8];
    _Atomic bool is_ready[8] = {false};
    for (int i = 0; i < 8; i++) {
        callers[i] = (struct caller){.nap = bind(library, "int nap_us(int us)"), .is_ready = &is_ready[i]};
        callers[i].thread = start_thread(nap_until_closed, &callers[i]);
    }
    for (int i = 0; i < 8; i++) {
        while (!atomic_load(&is_ready[i])) {
            sleep_us(1000);
        }
    }
    while (count_threads(host_pid(library)) < 10) { /* main, this thread's, theirs */
        sleep_us(1000);
    }
    sleep_us(50000);
    fc_library_close(library);
    for (int i = 0; i < 8; i++) {
        join(callers[i].thread);
    }
}

/* -- several sessions -------------------------------------------------------------------------------------------------------- */

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
    for (unsigned i = 0; i < count; i++) {
        struct fc_library *library = open_other("process", NULL);
        int sum;
        must(fc_call(bind(library, "int add(int a, int b)"), &sum, (int)i, 2));
        require(sum == (int)i + 2);
        fc_library_close(library);
    }
}

/* -- fork ----------------------------------------------------------------------------------------------------------------------- */

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
