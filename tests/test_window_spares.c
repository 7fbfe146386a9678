/* What a window keeps for the next large call: addresses, which it gives up when someone else wants them. */
#include "call.h"
#include "sessions.h"
#include "windows.h"

#include "client/client.h"

#define MIB ((size_t)1 << 20)

/* As large as a 32-bit caller's share is; AddressSanitizer takes most of what lies below 4 GiB. */
#define LARGE_BYTES (sizeof(void *) == 8 && !UNDER_SANITIZER ? 900 * MIB : 60 * MIB)
#define BLOCK_BYTES (sizeof(void *) == 8 ? 256 * MIB : 64 * MIB) /* of which one stays in its host */
enum { BLOCKS_MAX = 64 };

static struct fc_session *open_heap(const char *target, struct fc_library **ret_library) {
    *ret_library = call_open(target, "heap");
    return fc_library_session(*ret_library);
}

static void must_reach(struct fc_library *library, unsigned char *memory) {
    unsigned sum = 0;
    memcpy(memory, "abc", 3);
    must(fc_call(bind(library, "unsigned sum(_In_reads_bytes_(size) const void *memory, unsigned size)"), &sum, memory,
                 3u));
    assert_int_equal(sum, 'a' + 'b' + 'c');
}

static unsigned take_all(struct fc_session *session, void *ret_blocks[BLOCKS_MAX]) {
    unsigned count = 0;
    while (count < BLOCKS_MAX && (ret_blocks[count] = fc_alloc(session, BLOCK_BYTES)) != NULL) {
        count++;
    }
    return count;
}

static void give_all(struct fc_session *session, void *const *blocks, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        must(fc_free(session, blocks[i]));
    }
}

/* What is taken anew lies where it lay, and had no pages meanwhile. */
TEST(spares_are_used_again) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = open_heap(target, &library);
        void *first = NULL, *second = NULL;
        unsigned mappings = 0;
        for (int round = 0; round < 3; round++) {
            void *const memory = fc_alloc(session, LARGE_BYTES), *const other = fc_alloc(session, LARGE_BYTES);
            require(memory != NULL && other != NULL);
            assert_true(round == 0 || (memory == first && other == second) || (memory == second && other == first));
            first = memory;
            second = other;
            must_reach(library, memory);
            must_reach(library, other);
            mappings = round == 0 ? call_mappings("memfd:farcall ") : mappings;
            must(fc_free(session, memory));
            must(fc_free(session, other));
            assert_true(call_shared_bytes() < MIB);
            assert_int_equal(call_mappings("memfd:farcall "), mappings);
        }
        fc_library_close(library);
        assert_int_equal(call_mappings("memfd:farcall "), 0);
    }
}

/* Small blocks are cleared by hand, which leaves them. */
TEST(spares_have_no_pages) {
    enum { SMALL = 2048, COUNT = 30 << 9 };
    struct fc_library *library;
    struct fc_session *session = open_heap(HARNESS_OTHER_TARGET, &library);
    void **blocks = calloc(COUNT, sizeof *blocks);
    require(blocks != NULL);
    for (unsigned i = 0; i < COUNT; i++) {
        blocks[i] = fc_alloc(session, SMALL);
        require(blocks[i] != NULL);
        memset(blocks[i], 1, SMALL);
    }
    assert_true(call_shared_bytes() > 28 * MIB);
    give_all(session, blocks, COUNT);
    assert_true(call_shared_bytes() < 17 * MIB); /* of the first memory, pages stay */
    free(blocks);
    fc_library_close(library);
}

/* Bytes of memory that both sides see which core dumps of this process would have. */
static uint64_t dumped_bytes(void) {
    char line[512], flags[256];
    unsigned long long from, to, size = 0, bytes = 0;
    bool is_shared = false;
    FILE *maps = fopen("/proc/self/smaps", "re");
    require(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
            size = to - from;
            is_shared = strstr(line, "memfd:farcall ") != NULL;
        } else if (is_shared && sscanf(line, "VmFlags: %255[^\n]", flags) == 1) {
            bytes += strstr(flags, " dd") == NULL ? size : 0;
        }
    }
    fclose(maps);
    return bytes;
}

/* They would have all of them filled. */
TEST(spares_are_left_out_of_core_dumps) {
    struct fc_library *library;
    struct fc_session *session = open_heap(HARNESS_OTHER_TARGET, &library);
    const uint64_t before = dumped_bytes();
    for (int round = 0; round < 2; round++) {
        void *const memory = fc_alloc(session, LARGE_BYTES), *const other = fc_alloc(session, LARGE_BYTES);
        require(memory != NULL && other != NULL);
        assert_true(dumped_bytes() >= before + 2 * LARGE_BYTES);
        must(fc_free(session, memory));
        must(fc_free(session, other));
        assert_true(dumped_bytes() <= before + (sizeof(void *) == 8 ? 257 : 65) * MIB);
    }
    fc_library_close(library);
}

/* The library gets as much as if there had been no such calls. */
TEST(spares_leave_the_host_its_addresses) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = open_heap(target, &library);
        const size_t wanted = UNDER_SANITIZER ? 256 * MIB : 1024 * MIB;
        void *const memory = fc_alloc(session, LARGE_BYTES), *const other = fc_alloc(session, LARGE_BYTES);
        require(memory != NULL && other != NULL);
        must(fc_free(session, memory));
        must(fc_free(session, other));
        void *own[2] = {NULL, NULL};
        for (int i = 0; i < 2; i++) {
            must(fc_call(bind(library, "_Fc_opaque_ void *malloc(size_t size)"), &own[i], wanted));
            assert_non_null(own[i]);
        }
        struct fc_function *release = bind(library, "void free(_Fc_opaque_ void *memory)");
        must(fc_call(release, NULL, own[0]));
        unsigned char *const again = fc_alloc(session, LARGE_BYTES); /* the other may lie where a spare one did */
        assert_non_null(again);
        must_reach(library, again);
        must(fc_free(session, again));
        must(fc_call(release, NULL, own[1]));
        fc_library_close(library);
    }
}

TEST(spares_are_given_up_for_another_session) {
    struct fc_library *library, *other;
    struct fc_session *session = open_heap(HARNESS_OTHER_TARGET, &library);
    struct fc_session *next = open_heap(HARNESS_OTHER_TARGET, &other);
    void *blocks[BLOCKS_MAX];
    for (int round = 0; round < 3; round++) {
        const unsigned count = take_all(session, blocks);
        assert_in_range(count, 1, BLOCKS_MAX - 1);
        give_all(session, blocks, count);
        const unsigned count_of_next = take_all(next, blocks);
        must_reach(other, blocks[0]);
        give_all(next, blocks, count_of_next);
        assert_true(count_of_next + 1 >= count); /* one stays in the host that it was made in */
    }
    fc_library_close(library);
    struct fc_library *third = call_open(HARNESS_OTHER_TARGET, "heap"); /* its heap wants room, too */
    must_reach(other, fc_alloc(next, 100));
    fc_library_close(third);
    fc_library_close(other);
    assert_int_equal(call_mappings("memfd:farcall "), 0);
}

TEST(spares_outlive_the_host) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = open_heap(target, &library);
        void *memory = fc_alloc(session, LARGE_BYTES), *const small = fc_alloc(session, 20 * MIB);
        require(memory != NULL && small != NULL);
        must(fc_free(session, memory));
        must(fc_free(session, small));
        for (int round = 0; round < 3; round++) {
            must_fail(fc_call(bind(library, "void abort(void)"), NULL), FC_EDIED, "SIGABRT");
            unsigned char *const early = round % 2 == 0 ? fc_alloc(session, LARGE_BYTES) : NULL;
            void *const again = fc_alloc(session, 20 * MIB);
            assert_true(early == NULL || early == memory);
            require(again != NULL);
            must_reach(library, again);
            if (early != NULL) {
                must_reach(library, early);
                must(fc_free(session, early));
            }
            must(fc_free(session, again));
        }
        fc_library_close(library);
    }
}

/* Windows programs have little room: all that one could map stays, and the next one maps it where it lies. */
TEST(spares_outlive_a_windows_host) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_with(library_path(target, "subject"), target, UINT32_MAX);
        struct fc_session *session = fc_library_session(library);
        struct fc_function *reverse =
            call_bind(library, "void reverse(_Inout_updates_(count) unsigned char *bytes, size_t count)");
        const size_t bytes = sizeof(void *) == 8 ? 90 * MIB : 40 * MIB;
        void *known[2] = {NULL, NULL};
        for (int round = 0; round < 3; round++) {
            unsigned char *blocks[2];
            for (int i = 0; i < 2; i++) {
                blocks[i] = fc_alloc(session, bytes);
                require(blocks[i] != NULL);
                assert_true(round == 0 || blocks[i] == known[0] || blocks[i] == known[1]);
                memcpy(blocks[i], "abc", 3);
                must(fc_call(reverse, NULL, blocks[i], (size_t)3));
                assert_memory_equal(blocks[i], "cba", 3);
            }
            for (int i = 0; i < 2; i++) {
                known[i] = blocks[i];
                must(fc_free(session, blocks[i]));
            }
            kill_host(library);
            if (round == 0) { /* then it is asked for them when it is up, else when it starts */
                must(fc_call(call_bind(library, "int add(int a, int b)"), NULL, 1, 2));
            }
        }
        fc_library_close(library);
    }
}

struct forked {
    struct fc_library *library;
    _Atomic int *is_seen; /* shared with the child */
};

static unsigned char *take_marked(struct fc_library *library, unsigned char mark) {
    unsigned char *const memory = fc_alloc(fc_library_session(library), LARGE_BYTES);
    require(memory != NULL);
    require(memory[0] == 0 && memory[LARGE_BYTES - 1] == 0);
    must_reach(library, memory);
    memory[LARGE_BYTES - 1] = mark;
    return memory;
}

static void take_in_child(void *data, int pipe_fd) {
    const struct forked *forked = data;
    const unsigned char *const first = take_marked(forked->library, 'c'), *const second =
                                                                              take_marked(forked->library, 'd');
    tell(pipe_fd, 1);
    while (atomic_load(forked->is_seen) == 0) {
        sleep_us(100);
    }
    require(first[LARGE_BYTES - 1] == 'c' && second[LARGE_BYTES - 1] == 'd');
    fc_library_close(forked->library);
}

/* At the same place, maybe, but not the same memory. */
TEST(spares_of_a_forked_child_are_its_own) {
    need_threads_after_fork();
    struct forked forked = {.is_seen = shared_memory(sizeof(int))};
    struct fc_session *session = open_heap(HARNESS_OTHER_TARGET, &forked.library);
    unsigned char *first = take_marked(forked.library, 'p'), *second = take_marked(forked.library, 'q');
    must(fc_free(session, first));
    must(fc_free(session, second));
    int pipe_fd;
    const pid_t child = start_caller(take_in_child, &forked, &pipe_fd);
    assert_int_equal(hear(pipe_fd), 1);
    first = take_marked(forked.library, 'p');
    second = take_marked(forked.library, 'q');
    atomic_store(forked.is_seen, 1);
    must_succeed(child);
    close(pipe_fd);
    assert_int_equal(first[LARGE_BYTES - 1], 'p');
    assert_int_equal(second[LARGE_BYTES - 1], 'q');
    fc_library_close(forked.library);
    munmap((void *)forked.is_seen, sizeof(int));
}

/* Sessions that take and give at once, some of which have to give up what others kept. */
static void *churn(void *data) {
    struct fc_session *session = data;
    uint32_t random = (uint32_t)(uintptr_t)&random | 1;
    for (unsigned round = rounds(300); round > 0; round--) {
        void *blocks[3];
        for (int i = 0; i < 3; i++) {
            blocks[i] = fc_alloc(session, LARGE_BYTES / (1 + next_random(&random) % 8));
            require(blocks[i] == NULL || *(unsigned char *)blocks[i] == 0);
            memset(blocks[i] != NULL ? blocks[i] : &random, 1, blocks[i] != NULL ? 1 : 0);
        }
        for (int i = 0; i < 3; i++) {
            must(fc_free(session, blocks[i]));
        }
    }
    return NULL;
}

TEST(spares_are_shared_out_among_threads) {
    enum { SESSIONS = 2, THREADS = 4 };
    struct fc_library *libraries[SESSIONS];
    pthread_t threads[THREADS];
    for (int i = 0; i < SESSIONS; i++) {
        libraries[i] = call_open(call_targets[i], "heap");
    }
    for (int i = 0; i < THREADS; i++) {
        require(pthread_create(&threads[i], NULL, churn, fc_library_session(libraries[i % SESSIONS])) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < SESSIONS; i++) {
        unsigned char *const memory = fc_alloc(fc_library_session(libraries[i]), LARGE_BYTES);
        require(memory != NULL);
        must_reach(libraries[i], memory);
        fc_library_close(libraries[i]);
    }
    assert_int_equal(call_mappings("memfd:farcall "), 0);
}
