/* One wait on the turn word: how it ends by death and by deadline, and what the waiter learns of it. */
#include "sessions.h"

#include "os/os.h"
#include "wire/channel.h"

#define SPIN_US 50u
#define ASK FC__WIRE_OP_CALL
#define ANSWER FC__WIRE_OP_DONE

struct table {
    union {
        struct fc_wire_line line;
        unsigned char channel[FC__WIRE_CHANNEL_BYTES];
    };
    _Atomic bool is_over;
};

static struct table *table_new(void) {
    return shared_memory(sizeof(struct table));
}

static void table_free(struct table *table) {
    require(munmap(table, sizeof *table) == 0);
}

/* -- death --------------------------------------------------------------------------------------------------------- */

struct late {
    struct fc_wire_line *line;
    unsigned us;
    uint32_t turn;       /* to pass; 0: kill */
    bool once_it_sleeps; /* the time begins when the other side has gone to sleep */
};

static void *act_late(void *argument) {
    const struct late *late = argument;
    while (late->once_it_sleeps && (atomic_load(fc__wire_marks(late->line)) & FC__WIRE_SLEEPER(0)) == 0) {
        sleep_us(50);
    }
    sleep_us(late->us);
    if (late->turn != 0) {
        require(fc__wire_pass(late->line, NULL, late->turn & FC__WIRE_HOST, (enum fc__wire_op)FC__WIRE_OP(late->turn)));
    } else {
        fc__wire_kill(late->line, NULL);
    }
    return NULL;
}

/* Waits as the caller for a turn that comes, or a death, `us` from now. */
static uint32_t wait_for(struct late late, struct fc__wire_waiter *waiter, uint64_t deadline_ns) {
    pthread_t thread = start_thread(act_late, &late);
    uint32_t turn = fc__wire_wait(late.line, 0, waiter, deadline_ns);
    join(thread);
    return turn;
}

static void kill_waiter(uint32_t spin_us, bool once_it_sleeps) {
    struct table *table = table_new();
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, spin_us, false);
    assert_true(fc__wire_pass(&table->line, NULL, FC__WIRE_HOST, ASK));
    uint32_t turn =
        wait_for((struct late){.line = &table->line, .us = 3000, .once_it_sleeps = once_it_sleeps}, &waiter, 0);
    assert_true((turn & FC__WIRE_DEAD) != 0);
    /* It is final: neither side can pass, wait or revive it. */
    for (int i = 0; i < 3; i++) {
        assert_false(fc__wire_pass(&table->line, NULL, FC__WIRE_HOST, ASK));
        assert_true((fc__wire_wait(&table->line, FC__WIRE_HOST, &waiter, 0) & FC__WIRE_DEAD) != 0);
        assert_true((fc__wire_wait(&table->line, 0, &waiter, 0) & FC__WIRE_DEAD) != 0);
        assert_false(fc__wire_pass(&table->line, NULL, 0, ANSWER));
        assert_true((fc__wire_wait(&table->line, 0, &waiter, 0) & FC__WIRE_DEAD) != 0);
    }
    table_free(table);
}

TEST(channel_kill_wakes_a_sleeping_waiter) {
    kill_waiter(0, true);
}
TEST(channel_kill_ends_a_spinning_wait) {
    kill_waiter(1000000, false);
}

static void *wait_as_host(void *argument) {
    struct table *table = argument;
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, 0, false);
    return (void *)(uintptr_t)(fc__wire_wait(&table->line, FC__WIRE_HOST, &waiter, 0) & FC__WIRE_DEAD);
}

TEST(channel_kill_wakes_both_sides) {
    struct table *table = table_new();
    void *was_dead = NULL;
    pthread_t host = start_thread(wait_as_host, table);
    sleep_us(3000);
    fc__wire_kill(&table->line, NULL);
    assert_int_equal(pthread_join(host, &was_dead), 0);
    assert_non_null(was_dead);
    table_free(table);
}

/* Many lines die while their waiters go to sleep or wake: each waiter returns. */
static void *kill_soon(void *line) {
    uint32_t random = (uint32_t)(uintptr_t)line | 1;
    for (unsigned spins = next_random(&random) % 3000; spins > 0; spins--) {
        fc__os_relax();
    }
    fc__wire_kill(line, NULL);
    return NULL;
}
TEST(channel_kill_is_never_missed) {
    enum { LINES = 64 };
    struct table *tables = shared_memory(LINES * sizeof *tables);
    for (unsigned round = 0; round < rounds(50); round++) {
        for (int i = 0; i < LINES; i++) {
            struct fc__wire_waiter waiter;
            struct fc_wire_line *line = &tables[i].line;
            fc__wire_waiter_init(&waiter, i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : SPIN_US, false);
            fc__wire_reset(line, &waiter, 0);
            require(fc__wire_pass(line, NULL, FC__WIRE_HOST, ASK));
            pthread_t killer = start_thread(kill_soon, line);
            assert_true((fc__wire_wait(line, 0, &waiter, 0) & FC__WIRE_DEAD) != 0);
            join(killer);
        }
    }
    require(munmap(tables, LINES * sizeof *tables) == 0);
}

/* -- deadlines ----------------------------------------------------------------------------------------------------- */

TEST(channel_deadline_returns_the_turn_of_the_other_side) {
    static const uint32_t spins_us[] = {0, SPIN_US, 20000};
    struct table *table = table_new();
    assert_true(fc__wire_pass(&table->line, NULL, FC__WIRE_HOST, ASK));
    for (size_t i = 0; i < sizeof spins_us / sizeof *spins_us; i++) {
        struct fc__wire_waiter waiter;
        fc__wire_waiter_init(&waiter, spins_us[i], false);
        const uint64_t deadline_ns = now_ns() + 5000000;
        uint32_t turn = fc__wire_wait(&table->line, 0, &waiter, deadline_ns);
        assert_true(now_ns() >= deadline_ns);
        assert_int_equal(turn & (FC__WIRE_HOST | FC__WIRE_DEAD), FC__WIRE_HOST);
        turn = fc__wire_wait(&table->line, 0, &waiter, 1); /* long past */
        assert_int_equal(turn & (FC__WIRE_HOST | FC__WIRE_DEAD), FC__WIRE_HOST);
    }
    /* The channel is as good as before. */
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, SPIN_US, false);
    struct late late = {.line = &table->line, .us = 2000, .turn = (uint32_t)ANSWER << 8};
    assert_int_equal(FC__WIRE_OP(wait_for(late, &waiter, now_ns() + UINT64_C(20000000000))), ANSWER);
    table_free(table);
}

static void *change_for_ever(void *argument) {
    struct table *table = argument;
    for (uint32_t i = 0; !atomic_load(&table->is_over); i++) {
        atomic_store(&table->line.turn, FC__WIRE_HOST | (i & 0xff) << 8);
    }
    return NULL;
}

/* A host that writes to the turn word all the time, without ever giving it up. */
TEST(channel_deadline_holds_while_the_word_keeps_changing) {
    struct table *table = table_new();
    for (int spins = 0; spins < 2; spins++) {
        struct fc__wire_waiter waiter;
        atomic_store(&table->line.turn, FC__WIRE_HOST);
        atomic_store(&table->is_over, false);
        pthread_t host = start_thread(change_for_ever, table);
        fc__wire_waiter_init(&waiter, spins == 0 ? 0 : SPIN_US, false);
        uint32_t turn = fc__wire_wait(&table->line, 0, &waiter, now_ns() + 20000000);
        assert_int_equal(turn & FC__WIRE_HOST, FC__WIRE_HOST);
        atomic_store(&table->is_over, true);
        join(host);
    }
    table_free(table);
}

/* -- the waiter's memory ------------------------------------------------------------------------------------------- */

TEST(channel_waiter_takes_a_turn_that_is_already_there_without_sleeping) {
    static const uint32_t spins_us[] = {0, SPIN_US};
    for (size_t i = 0; i < 2; i++) {
        struct table *table = table_new();
        struct fc__wire_waiter waiter;
        fc__wire_waiter_init(&waiter, spins_us[i], false);
        atomic_store(&table->line.turn, (uint32_t)ANSWER << 8);
        for (int n = 0; n < 1000; n++) {
            assert_int_equal(fc__wire_wait(&table->line, 0, &waiter, 0), (uint32_t)ANSWER << 8);
        }
        assert_int_equal(waiter.sleeps, 0);
        assert_int_equal(waiter.doubt, 0);
        table_free(table);
    }
}

/* Answers that take longer than the spin make it sleep at once, until one comes that a spin would have met. */
TEST(channel_waiter_stops_spinning_for_long_answers_and_begins_again) {
    cpu_set_t allowed;
    require(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    if (CPU_COUNT(&allowed) < 2) {
        skip_because("with one CPU nothing spins");
    }
    struct table *table = table_new();
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, SPIN_US, false);
    assert_false(waiter.cpus_are_scarce);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(fc__wire_pass(&table->line, NULL, FC__WIRE_HOST, ASK));
        wait_for((struct late){.line = &table->line, .us = 5000, .turn = (uint32_t)ANSWER << 8, .once_it_sleeps = true},
                 &waiter, 0);
        assert_int_equal(waiter.sleeps, i + 1);
        assert_int_equal(waiter.doubt, i < 3 ? i + 1 : 3); /* from the fourth on it does not spin */
        assert_int_equal(waiter.pause, i < 2 ? 0 : 8 - (i - 2));
    }
    waiter.spin_ns =
        1000000000; /* now the same answer counts as quick, unless something else took this CPU meanwhile */
    for (unsigned i = 0; i < 500 && waiter.successes == 0; i++) {
        waiter.limit_ns = waiter.spin_ns;
        waiter.pause = 0;
        assert_true(fc__wire_pass(&table->line, NULL, FC__WIRE_HOST, ASK));
        wait_for((struct late){.line = &table->line, .us = 200, .turn = (uint32_t)ANSWER << 8}, &waiter, 0);
    }
    assert_int_equal(waiter.successes, 1);
    table_free(table);
}

TEST(channel_waiter_never_spins_when_told_so) {
    struct table *table = table_new();
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, 0, false);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(fc__wire_pass(&table->line, NULL, FC__WIRE_HOST, ASK));
        wait_for((struct late){.line = &table->line, .us = 1000, .turn = (uint32_t)ANSWER << 8, .once_it_sleeps = true},
                 &waiter, 0);
        assert_int_equal(waiter.sleeps, i + 1);
        assert_int_equal(waiter.doubt, 0);
    }
    table_free(table);
}

static void *wait_with_changing_cpus(void *argument) {
    struct table *table = argument;
    cpu_set_t all, one;
    struct fc__wire_waiter waiter;
    require(sched_getaffinity(0, sizeof all, &all) == 0);
    fc__wire_waiter_init(&waiter, SPIN_US, false);
    require(waiter.cpus_are_scarce == (CPU_COUNT(&all) < 2));
    one = first_cpu_of(&all);
    for (int narrow = 1; narrow >= 0; narrow--) {
        require(sched_setaffinity(0, sizeof one, narrow ? &one : &all) == 0);
        for (int i = 0; i < 256; i++) {
            fc__wire_wait(&table->line, 0, &waiter, 1); /* long past: sleeps for no time */
        }
        require(waiter.cpus_are_scarce == (narrow || CPU_COUNT(&all) < 2));
    }
    /* One CPU is enough for who does not share it. */
    require(sched_setaffinity(0, sizeof one, &one) == 0);
    for (uint32_t apart = 0; apart < 2; apart++) {
        atomic_store(fc__wire_cpu(&table->line, FC__WIRE_HOST), fc__os_cpu() + 1 + apart);
        for (int i = 0; i < 256; i++) {
            fc__wire_wait(&table->line, 0, &waiter, 1);
        }
        require(waiter.cpus_are_scarce == (apart == 0));
    }
    return NULL;
}

TEST(channel_waiter_notices_that_its_cpus_change) {
    struct table *table = table_new();
    atomic_store(&table->line.turn, FC__WIRE_HOST);
    join(start_thread(wait_with_changing_cpus, table));
    table_free(table);
}

/* -- where the other side is --------------------------------------------------------------------------------------- */

enum { LONG_PAUSE = 1000000, TURNS_MAX = 100000 };

struct pair {
    struct table *table;
    struct fc__wire_waiter waiters[2];
    cpu_set_t cpus[2]; /* on which each side is */
};

static void begin_pause(struct pair *pair, int side, bool may_move) {
    struct fc__wire_waiter *waiter = &pair->waiters[side];
    fc__wire_waiter_init(waiter, 20 * 1000,
                         false); /* that more CPUs are allowed, it still believes when there is one */
    waiter->pause = LONG_PAUSE;
    waiter->doubt = 10;
    waiter->may_move = may_move;
    require(sched_setaffinity(0, sizeof pair->cpus[side], &pair->cpus[side]) == 0);
}

/* Still: one that has ended may be followed by another, but not by one that long. */
static bool is_paused(const struct pair *pair, int side) {
    return pair->waiters[side].pause > LONG_PAUSE / 2;
}

static void *answer_from_its_cpu(void *argument) {
    struct pair *pair = argument;
    struct fc_wire_line *line = &pair->table->line;
    begin_pause(pair, 1, true);
    while (FC__WIRE_OP(fc__wire_wait(line, FC__WIRE_HOST, &pair->waiters[1], 0)) != FC__WIRE_OP_END) {
        require(fc__wire_pass(line, &pair->waiters[1], 0, ANSWER));
    }
    return NULL;
}

static void *ask_from_its_cpu(void *argument) {
    struct pair *pair = argument;
    struct fc_wire_line *line = &pair->table->line;
    begin_pause(pair, 0, false);
    /* Both may spin as long as nobody has counted CPUs again. The other waiter may be looked at with its answer. */
    int turns = 0;
    do {
        require(fc__wire_pass(line, &pair->waiters[0], FC__WIRE_HOST, ASK));
        fc__wire_wait(line, 0, &pair->waiters[0], 0);
    } while (++turns < TURNS_MAX && (is_paused(pair, 0) || is_paused(pair, 1)) && !pair->waiters[0].cpus_are_scarce &&
             !pair->waiters[1].cpus_are_scarce);
    require(fc__wire_pass(line, &pair->waiters[0], FC__WIRE_HOST, FC__WIRE_OP_END));
    return NULL;
}

static void play_paused(struct pair *pair) {
    pair->table = table_new();
    pthread_t host = start_thread(answer_from_its_cpu, pair);
    join(start_thread(ask_from_its_cpu, pair));
    join(host);
    table_free(pair->table);
}

TEST(channel_pause_ends_when_the_other_side_wakes_up_elsewhere) {
    struct pair pair = {0};
    cpu_set_t allowed;
    require(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    if (CPU_COUNT(&allowed) < 2) {
        skip_because("with one CPU nobody is elsewhere");
    }
    pair.cpus[0] = first_cpu_of(&allowed);
    CPU_XOR(&allowed, &allowed, &pair.cpus[0]);
    pair.cpus[1] = first_cpu_of(&allowed);
    play_paused(&pair);
    assert_false(is_paused(&pair, 0));
    assert_false(is_paused(&pair, 1));
}

TEST(channel_pause_on_one_cpu_ends_only_for_who_may_leave_it) {
    struct pair pair = {0};
    cpu_set_t allowed;
    require(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
    if (CPU_COUNT(&allowed) < 2) {
        skip_because("with one CPU nobody spins");
    }
    pair.cpus[0] = pair.cpus[1] = first_cpu_of(&allowed);
    play_paused(&pair);
    assert_true(is_paused(&pair, 0));
    assert_int_equal(pair.waiters[0].doubt, 10);
    assert_false(is_paused(&pair, 1));
}
