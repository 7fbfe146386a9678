/* Libraries that write to everything they can reach (tests/libs/hostile.c). The caller gets errors, or wrong results
 * from who insists on giving them; it never crashes, never waits beyond its deadline, and its next host is as good as
 * new. */
#include "sessions.h"

#include <limits.h>
#include <stdatomic.h>

struct stage {
    struct fc_options *options;
    struct fc_session *session;
    struct fc_library *library;
    struct fc_function *adding, *measure, *greeting, *absurd;
};

static struct stage stage_open(uint32_t deadline_ms) {
    struct stage stage = {.options = fc_options_new()};
    must(fc_options_set_deadline_ms(stage.options, under_valgrind() ? deadline_ms * 3 : deadline_ms));
    stage.library = open_other("hostile", stage.options);
    stage.session = fc_library_session(stage.library);
    stage.adding = bind(stage.library, "int add(int a, int b)");
    stage.measure = bind(stage.library, "int length_of(const char *text)");
    stage.greeting = bind(stage.library, "const char *greeting(void)");
    stage.absurd =
        bind(stage.library,
             "long absurd_lengths(_Out_writes_to_(capacity, *len) unsigned char *buffer, unsigned long capacity, "
             "_Out_ unsigned long *len)");
    return stage;
}

static void stage_close(struct stage *stage) {
    fc_library_close(stage->library);
    fc_options_free(stage->options);
}

static bool is_honest_error(int rc) {
    return rc == FC_EDIED || rc == FC_ETIMEDOUT || rc == FC_EPROTO || rc == FC_ERANGE || rc == FC_ENOMEM ||
           rc == FC_ELOAD || rc == FC_ESYMBOL || rc == FC_ESTART;
}

/* Everything works, on whatever host is there now. */
static void must_be_well(struct stage *stage) {
    int sum = 0, len = 0;
    const char *text = NULL;
    must(fc_call(stage->adding, &sum, 40, 2));
    assert_int_equal(sum, 42);
    must(fc_call(stage->measure, &len, "four"));
    assert_int_equal(len, 4);
    must(fc_call(stage->greeting, &text));
    assert_string_equal(text, "good day");
}

/* Kills the host, if it is not dead already. */
static void lose_host(const struct stage *stage) {
    const int host = host_pid(stage->library);
    if (host > 0) {
        kill(host, SIGKILL);
    }
    for (int waited_ms = 0; host > 0 && host_pid(stage->library) == host; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
}

/* The same once what is wrong with the present host has come out, which takes a call or two. */
static void must_recover(struct stage *stage) {
    for (int i = 0; i < 4; i++) {
        int sum = 0;
        int rc = fc_call(stage->adding, &sum, 40, 2);
        require(rc == FC_OK || is_honest_error(rc));
    }
    lose_host(stage);
    must_be_well(stage);
}

/* -- answers ------------------------------------------------------------------------------------------------------- */

TEST(hostile_turn_words_are_errors) {
    static const struct {
        unsigned turn;
        int rc;
        const char *said;
    } cases[] = {
        {0x0, FC_EPROTO, "no answer"},                /* nothing */
        {0x100, FC_EPROTO, "no answer"},              /* a question instead */
        {0xff00, FC_EPROTO, "no answer"},             /* unknown */
        {0xdead2000, FC_EPROTO, "no answer"},         /* done, with more than the protocol has */
        {0x2008, FC_EPROTO, "no answer"},             /* done, with reserved bits */
        {0x2004, FC_EDIED, "broke the protocol"},     /* dead, which is not its to say */
        {0xffffffff, FC_EDIED, "broke the protocol"}, /* everything */
        {0x2001, FC_ETIMEDOUT, "no answer within"},   /* done, but still its turn */
    };
    struct stage stage = stage_open(2000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fc_function *answer = bind(stage.library, "int answer_turn(unsigned turn)");
        const int host = host_pid(stage.library);
        must_fail(fc_call(answer, NULL, cases[i].turn), cases[i].rc, cases[i].said);
        must_be_well(&stage);
        assert_int_not_equal(host_pid(stage.library), host);
        assert_true(process_ends(host));
    }
    stage_close(&stage);
}

TEST(hostile_answers_before_their_time) {
    struct stage stage = stage_open(2000);
    struct fc_function *twice = bind(stage.library, "int answer_twice(int value)");
    for (int round = 0; round < 5; round++) {
        int value = 0;
        must(fc_call(twice, &value, 7));
        assert_int_equal(value, 7);
        for (int i = 0; i < 20; i++) {
            int rc = fc_call(stage.adding, &value, i, i);
            require(rc == FC_OK || is_honest_error(rc)); /* answers may be one late */
        }
        must_recover(&stage);
    }
    stage_close(&stage);
}

TEST(hostile_string_lengths_are_not_believed) {
    static const unsigned long long lengths[] = {
        0,          1,          2047,       2048,      1u << 30,        UINT32_MAX - 65536, UINT32_MAX - 15,
        UINT32_MAX, 1ULL << 32, 1ULL << 48, INT64_MAX, UINT64_MAX - 15, UINT64_MAX};
    struct stage stage = stage_open(2000);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (int kind = 0; kind < 3; kind++) {
            const char *text = NULL;
            struct fc_function *answer =
                bind(stage.library, "const char *answer_string(unsigned long long len, int address_kind)");
            int rc = fc_call(answer, &text, lengths[i], kind);
            require(rc == FC_OK || is_honest_error(rc));
            if (rc == FC_OK && text != NULL) {
                require(strlen(text) <= lengths[i]);
            }
            if (rc == FC_OK && i + (size_t)kind != 0) { /* its thread never comes back */
                lose_host(&stage);
            }
            int sum = 0;
            rc = fc_call(stage.adding, &sum, 1, 2); /* else this one times out */
            require(rc == FC_OK || is_honest_error(rc));
        }
        must_recover(&stage);
    }
    stage_close(&stage);
}

TEST(hostile_texts_without_end_are_cut) {
    struct stage stage = stage_open(2000);
    int rc = fc_call(bind(stage.library, "int answer_endless_text(void)"), NULL);
    assert_true(is_honest_error(rc));
    assert_true(strlen(fc_error_text()) < 8192);
    must_recover(&stage);
    stage_close(&stage);
}

TEST(hostile_lengths_of_outputs_are_not_believed) {
    struct stage stage = stage_open(2000);
    struct {
        unsigned char before[64], buffer[256], after[64];
    } memory;
    memset(&memory, 0xcc, sizeof memory);
    for (int in_place = 0; in_place < 2; in_place++) {
        unsigned char *shared = fc_alloc(stage.session, 256);
        unsigned long *len = in_place ? fc_alloc(stage.session, sizeof *len) : (unsigned long[1]){7};
        long result = 0;
        assert_non_null(shared);
        assert_non_null(len);
        int rc = fc_call(stage.absurd, &result, in_place ? shared : memory.buffer, 256ul, len);
        require(rc == FC_OK || rc == FC_ERANGE);
        for (size_t i = 0; i < sizeof memory.before; i++) {
            assert_int_equal(memory.before[i], 0xcc);
            assert_int_equal(memory.after[i], 0xcc);
        }
        for (size_t i = 0; i < 256 && rc == FC_OK; i++) {
            assert_int_equal(in_place ? shared[i] : memory.buffer[i], 0x11);
        }
        must_be_well(&stage);
    }
    stage_close(&stage);
}

TEST(hostile_word_that_changes_for_ever_does_not_outlast_the_deadline) {
    struct stage stage = stage_open(2000);
    must_fail(fc_call(bind(stage.library, "int change_turn_for_ever(void)"), NULL), FC_ETIMEDOUT, "no answer within");
    must_be_well(&stage);
    stage_close(&stage);
}

TEST(hostile_declaration_of_death_ends_only_the_host) {
    struct stage stage = stage_open(2000);
    struct fc_function *declare = bind(stage.library, "int declare_dead(void)");
    for (int i = 0; i < 3; i++) {
        const int host = host_pid(stage.library);
        int rc = fc_call(declare, NULL);
        require(rc == FC_OK || is_honest_error(rc));
        must_be_well(&stage);
        assert_true(process_ends(host));
    }
    stage_close(&stage);
}

/* -- memory -------------------------------------------------------------------------------------------------------- */

TEST(hostile_hands_cannot_take_the_memory_away) {
    static const char *const prototypes[] = {"int truncate_window(void)", "int extend_window(void)",
                                             "int seal_window(void)"};
    struct stage stage = stage_open(2000);
    unsigned char *memory = fc_alloc(stage.session, 100000);
    assert_non_null(memory);
    for (size_t i = 0; i < sizeof prototypes / sizeof *prototypes; i++) {
        int error = 0;
        must(fc_call(bind(stage.library, prototypes[i]), &error));
        assert_int_equal(error, EPERM);
        memset(memory, (int)i, 100000);
        must_be_well(&stage);
    }
    /* Its contents it can. */
    int rc = fc_call(bind(stage.library, "int punch_window(void)"), NULL);
    require(rc == FC_OK || is_honest_error(rc));
    assert_int_equal(memory[99999], 0);
    memset(memory, 1, 100000);
    must_recover(&stage);
    assert_int_equal(fc_free(stage.session, memory), FC_OK);
    stage_close(&stage);
}

TEST(hostile_hands_can_only_unmap_their_own) {
    static const char *const prototypes[] = {"int unmap_window(void)", "int protect_window(void)"};
    struct stage stage = stage_open(2000);
    unsigned char *memory = fc_alloc(stage.session, 100000);
    for (size_t i = 0; i < sizeof prototypes / sizeof *prototypes; i++) {
        int rc = fc_call(bind(stage.library, prototypes[i]), NULL);
        assert_int_equal(rc, FC_EDIED);
        memset(memory, (int)i, 100000);
        must_be_well(&stage);
    }
    stage_close(&stage);
}

TEST(hostile_hands_on_the_header_hurt_no_later_host) {
    struct stage stage = stage_open(2000);
    must(fc_call(bind(stage.library, "int destroy_header(void)"), NULL));
    must_recover(&stage);
    stage_close(&stage);
}

TEST(hostile_hands_on_a_string_cannot_lead_its_reader_astray) {
    struct stage stage = stage_open(5000);
    struct fc_function *fill = bind(stage.library, "int fill_without_nul(_Fc_opaque_ char *at)");
    for (int round = 0; round < 2; round++) {
        /* The last memory of the first segment, and of a further one. */
        char *text = fc_alloc(stage.session, round == 0 ? 4096 : 20 << 20);
        assert_non_null(text);
        strcpy(text, "harmless");
        int filled = 0;
        int rc = fc_call(fill, &filled, text);
        require(rc == FC_OK || is_honest_error(rc));
        int len = 0;
        rc = fc_call(stage.measure, &len, text);
        require(rc == FC_OK || is_honest_error(rc));
        must_recover(&stage);
    }
    stage_close(&stage);
}

/* -- the connection ------------------------------------------------------------------------------------------------ */

static void must_grow(struct stage *stage, size_t size_bytes) {
    unsigned char *memory = fc_alloc(stage->session, size_bytes);
    if (memory != NULL) {
        memset(memory, 0x77, size_bytes);
        assert_int_equal(fc_free(stage->session, memory), FC_OK);
    }
}

static void *add_in_new_thread(void *argument) {
    struct stage *stage = argument;
    int sum = 0;
    int rc = fc_call(stage->adding, &sum, 1, 2);
    require(rc == FC_OK ? sum == 3 : is_honest_error(rc));
    return NULL;
}

static struct fc_function *filling;
static int hear_and_fill(const char *text) {
    int filled = -1;
    const size_t length = strlen(text);
    must(fc_call(filling, &filled, text));
    require(filled == 0); /* not there */
    require(strlen(text) == length);
    return (int)length;
}

TEST(hostile_hands_cannot_reach_the_texts_of_callbacks) {
    struct stage stage = stage_open(5000);
    int right = 0;
    filling = bind(stage.library, "int fill_without_nul(_Fc_opaque_ const char *at)");
    for (int i = 0; i < 3; i++) {
        must(fc_call(bind(stage.library, "int tell(int (*hear)(_In_z_ const char *text))"), &right, hear_and_fill));
        assert_int_equal(right, 1);
    }
    stage_close(&stage);
}

static int hear_gathered(const char *text, const int *number, const char *more) {
    const size_t len = (text != NULL ? strlen(text) : 0) + (more != NULL ? strlen(more) : 0);
    require(len <= 512);
    return (number != NULL ? *number & 0xff : 0) + (int)len;
}

TEST(hostile_words_about_what_comes_with_an_upcall_are_not_believed) {
    struct stage stage = stage_open(2000);
    for (int where = 0; where < 4; where++) {
        for (int has_end = 0; has_end < 2; has_end++) {
            int heard = 0;
            struct fc_function *lie =
                bind(stage.library, "int lie_about_gathers(int (*hear)(_In_opt_z_ const char *text, _In_opt_ const int "
                                    "*number, _In_opt_z_ const char *more), int where, int has_end)");
            const int rc = fc_call(lie, &heard, hear_gathered, where, has_end);
            require(rc == FC_OK || is_honest_error(rc));
            must_recover(&stage);
        }
    }
    stage_close(&stage);
}

TEST(hostile_demands_for_dispatchers_end_at_a_limit) {
    struct stage stage = stage_open(20000);
    struct fc_function *demand = bind(stage.library, "int demand_dispatchers(unsigned count)");
    int bells = 0;
    filling = bind(stage.library, "int fill_without_nul(_Fc_opaque_ const char *at)");
    const unsigned before = count_threads(getpid());
    must(fc_call(bind(stage.library, "int tell(int (*hear)(_In_z_ const char *text))"), NULL, hear_and_fill));
    assert_int_equal(count_threads(getpid()), before); /* none without need */
    for (int waited_ms = 0; bells == 0; waited_ms++) { /* the host may hear of its bell a little later */
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
        must(fc_call(demand, &bells, 0u));
    }
    assert_int_equal(bells, 1);
    must(fc_call(demand, &bells, 7u));
    for (int waited_ms = 0; count_threads(getpid()) < before + 7; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
    for (unsigned i = 0; i < 20; i++) {
        must(fc_call(demand, &bells, UINT_MAX - i));
        sleep_us(1000);
    }
    must_be_well(&stage);
    assert_true(count_threads(getpid()) <= before + 256);
    kill_host(stage.library);
    must_be_well(&stage);
    stage_close(&stage);
    wait_for_threads_of(getpid(), before - 1);
}

TEST(hostile_messages_are_no_replies) {
    struct stage stage = stage_open(2000);
    must(fc_call(bind(stage.library, "int flood_control(int count)"), NULL, 100));
    must_grow(&stage, 100 << 20);
    join(start_thread(add_in_new_thread, &stage));
    must_be_well(&stage);
    must_grow(&stage, 100 << 20);
    must_recover(&stage);
    stage_close(&stage);
}

TEST(hostile_hands_on_the_connection_end_the_host) {
    static const char *const prototypes[] = {"int close_control(void)", "int replace_control(void)"};
    struct stage stage = stage_open(2000);
    for (size_t i = 0; i < sizeof prototypes / sizeof *prototypes; i++) {
        must(fc_call(bind(stage.library, prototypes[i]), NULL));
        join(start_thread(add_in_new_thread, &stage));
        must_grow(&stage, 100 << 20);
        must_be_well(&stage);
        join(start_thread(add_in_new_thread, &stage));
    }
    stage_close(&stage);
}

/* -- everything at once -------------------------------------------------------------------------------------------- */

static unsigned call_anything(struct stage *stage, uint32_t *random, unsigned char *shared) {
    unsigned char buffer[300];
    unsigned long len = 0;
    char text[64] = "some text";
    const char *returned = NULL;
    int number = 0, rc;
    switch (next_random(random) % 6) {
    case 0:
        rc = fc_call(stage->adding, &number, 1, 2);
        break;
    case 1:
        rc = fc_call(stage->measure, &number, text);
        break;
    case 2:
        rc = fc_call(stage->greeting, &returned);
        if (rc == FC_OK && returned != NULL) {
            number = (int)strlen(returned);
        }
        break;
    case 3:
        rc = fc_call(stage->absurd, NULL, buffer, (unsigned long)(next_random(random) % sizeof buffer), &len);
        break;
    case 4:
        rc = fc_call(stage->absurd, NULL, shared, 3000ul, (unsigned long *)(void *)(shared + 4096 - sizeof len));
        break;
    default:
        rc = fc_call(stage->measure, &number, (char *)shared);
        break;
    }
    require(rc == FC_OK || is_honest_error(rc));
    return rc == FC_OK;
}

struct rival {
    struct stage *stage;
    unsigned char *shared;
    uint32_t random;
    _Atomic bool *is_over;
};
static void *call_beside(void *argument) {
    struct rival *rival = argument;
    while (!atomic_load(rival->is_over)) {
        call_anything(rival->stage, &rival->random, rival->shared);
    }
    return NULL;
}

/* Until as many calls were made and hosts ended by it. */
static void scribble(int pause_us, unsigned calls_wanted, unsigned hosts_wanted) {
    struct stage stage = stage_open(1000);
    struct fc_function *begin = bind(stage.library, "int scribble_begin(int seed, int pause_us)");
    unsigned char *shared = fc_alloc(stage.session, 4096);
    _Atomic bool is_over = false;
    struct rival rival = {.stage = &stage, .shared = shared, .random = 77, .is_over = &is_over};
    pthread_t beside = start_thread(call_beside, &rival);
    uint32_t random = 4711;
    unsigned calls = 0, successes = 0, hosts = 0;
    int host = 0;
    for (; calls < calls_wanted || hosts < hosts_wanted; calls++) {
        const int present = host_pid(stage.library);
        if (host != present) { /* a fresh host knows nothing of it yet */
            int rc = fc_call(begin, NULL, (int)calls + 1, pause_us);
            require(rc == FC_OK || is_honest_error(rc));
            host = rc == FC_OK ? present : 0;
            hosts += rc == FC_OK;
        }
        successes += call_anything(&stage, &random, shared);
        if (calls % 16 == 0) {
            void *more = fc_alloc(stage.session, 1000 + next_random(&random) % 100000);
            require(more == NULL || fc_free(stage.session, more) == FC_OK);
        }
    }
    atomic_store(&is_over, true);
    join(beside);
    printf("%u calls, %u of them successful, about %u hosts\n", calls, successes, hosts);
    must_recover(&stage);
    assert_int_equal(fc_free(stage.session, shared), FC_OK);
    stage_close(&stage);
}

TEST(hostile_scribbling_over_all_memory_without_pause) {
    scribble(0, rounds(5000), rounds(100));
}
TEST(hostile_scribbling_over_all_memory_now_and_then) {
    scribble(100, rounds(20000), rounds(50));
}
