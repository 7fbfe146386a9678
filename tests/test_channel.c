/* The turn word alone: two sides over one line, without a host. */
#include "sessions.h"

#include "os/os.h"
#include "wire/channel.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define SPIN_US 50u
#define ASK FC__WIRE_OP_CALL
#define ANSWER FC__WIRE_OP_DONE

/* Two processes or threads play on it. */
struct table {
    union {
        struct fc_wire_line line;
        unsigned char channel[FC__WIRE_CHANNEL_BYTES];
    };
    uint32_t rounds; /* that the caller's side asks for */
    uint32_t one_in; /* how often a side is late: one round in so many; 0: never */
    uint32_t spin_us;
    bool is_scarce;
    bool has_bells;
    int bells[2]; /* of the caller, of the host; both processes have the descriptors */
    _Atomic bool is_over;
    struct side {
        uint64_t rounds, sleeps, late, trusted;
        uint32_t doubt, successes;
        long voluntary, involuntary;
    } sides[2];
};

static struct table *table_new(void) {
    struct table *table = mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(table != MAP_FAILED);
    return table;
}

static void table_free(struct table *table) {
    require(munmap(table, sizeof *table) == 0);
}

/* Nothing, mostly; else 1 to 200 us, more often short than long, half of them asleep. */
static void be_late_sometimes(const struct table *table, struct side *side, uint32_t *random) {
    if (table->one_in == 0 || next_random(random) % table->one_in != 0) {
        return;
    }
    unsigned us = 1 + next_random(random) % (1 + next_random(random) % 200);
    side->late++;
    if (next_random(random) % 2 == 0) {
        sleep_us(us);
        return;
    }
    for (uint64_t until = now_ns() + us * UINT64_C(1000); now_ns() < until;) {
    }
}

static void count_switches(struct side *side, int sign) {
    struct rusage usage;
    require(getrusage(RUSAGE_THREAD, &usage) == 0);
    side->voluntary += sign * usage.ru_nvcsw;
    side->involuntary += sign * usage.ru_nivcsw;
}

static void waiter_begin(struct fc__wire_waiter *waiter, const struct table *table, int side) {
    fc__wire_waiter_init(waiter, table->spin_us, table->is_scarce);
    if (table->has_bells) {
        waiter->bell_wait = table->bells[side];
        waiter->bell_ring = table->bells[!side];
    }
}

static void note_waiter(struct side *side, const struct fc__wire_waiter *waiter) {
    side->sleeps = waiter->sleeps;
    side->doubt = waiter->doubt;
    side->successes = waiter->successes;
}

static void play_host(struct table *table) {
    struct fc__wire_waiter waiter;
    struct side *side = &table->sides[1];
    uint32_t random = 4711;
    waiter_begin(&waiter, table, 1);
    count_switches(side, -1);
    fc__os_fences_begin();
    for (uint32_t op = ASK; op != FC__WIRE_OP_END; side->rounds++) {
        uint32_t turn = fc__wire_wait(&table->line, FC__WIRE_HOST, &waiter, 0);
        require((turn & FC__WIRE_DEAD) == 0 && (turn & FC__WIRE_HOST) != 0);
        op = FC__WIRE_OP(turn);
        require(op == ASK || op == FC__WIRE_OP_END);
        be_late_sometimes(table, side, &random);
        table->line.value += 1;
        side->trusted += waiter.trusts != 0;
        require(fc__wire_pass(&table->line, &waiter, 0, ANSWER));
    }
    count_switches(side, 1);
    note_waiter(side, &waiter);
}

static void play_caller(struct table *table) {
    struct fc__wire_waiter waiter;
    struct side *side = &table->sides[0];
    uint32_t random = 1234567;
    uint64_t expected = 0;
    waiter_begin(&waiter, table, 0);
    count_switches(side, -1);
    fc__os_fences_begin();
    for (uint32_t round = 1; round <= table->rounds; round++, side->rounds++) {
        table->line.value += 1;
        expected += 2;
        side->trusted += waiter.trusts != 0;
        require(fc__wire_pass(&table->line, &waiter, FC__WIRE_HOST, round < table->rounds ? ASK : FC__WIRE_OP_END));
        require(fc__wire_wait(&table->line, 0, &waiter, 0) == (uint32_t)ANSWER << 8);
        require(table->line.value == expected);
        be_late_sometimes(table, side, &random);
    }
    count_switches(side, 1);
    note_waiter(side, &waiter);
}

static void *play_host_in_thread(void *table) {
    play_host(table);
    return NULL;
}

static void play_in_threads(struct table *table) {
    pthread_t host = start_thread(play_host_in_thread, table);
    play_caller(table);
    join(host);
}

static void play_in_processes(struct table *table) {
    fflush(NULL);
    pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        play_host(table);
        _exit(0);
    }
    play_caller(table);
    must_succeed(child);
}

static void print_counts(const struct table *table) {
    for (int i = 0; i < 2; i++) {
        const struct side *side = &table->sides[i];
        printf("%s: %llu rounds, %llu by a plain store, %llu sleeps, %llu delays, %ld voluntary and %ld involuntary "
               "switches\n",
               i == 0 ? "caller" : "host", (unsigned long long)side->rounds, (unsigned long long)side->trusted,
               (unsigned long long)side->sleeps, (unsigned long long)side->late, side->voluntary, side->involuntary);
    }
}

/* Where one CPU is allowed, nothing is ever settled. */
static bool has_fences(void) {
    fc__os_fences_begin();
    return fc__os_fences_state() == FC__OS_FENCES_WORK && fc__os_cpus_affine() > 1;
}

static void check_counts(const struct table *table) {
    print_counts(table);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(table->sides[i].rounds, table->rounds);
        assert_true(table->sides[i].sleeps > 0); /* both ways of waiting were taken */
        assert_true(table->sides[i].sleeps < table->rounds);
    }
}

/* -- no wake-up is lost -------------------------------------------------------------------------------------------- */

TEST(channel_loses_no_wakeup_in_ten_million_turns_between_processes) {
    struct table *table = table_new();
    table->rounds = rounds(5000000); /* of two turns */
    table->one_in = 1000;
    table->spin_us = SPIN_US;
    play_in_processes(table);
    check_counts(table);
    if (has_fences()) {
        assert_true(table->sides[0].trusted > 0 && table->sides[1].trusted > 0);
    }
    table_free(table);
}

/* As on a system that has no fences on all processors. */
static void have_no_fences(void) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof steps / sizeof *steps, .filter = steps};
    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
    fc__os_fences_begin();
    require(fc__os_fences_state() == FC__OS_FENCES_NONE);
}

TEST(channel_loses_no_wakeup_without_fences) {
    struct table *table = table_new();
    have_no_fences();
    table->rounds = rounds(1000000);
    table->one_in = 200;
    table->spin_us = SPIN_US;
    play_in_processes(table);
    check_counts(table);
    assert_int_equal(table->sides[0].trusted + table->sides[1].trusted, 0);
    table_free(table);
}

TEST(channel_loses_no_wakeup_between_threads) {
    struct table *table = table_new();
    table->rounds = rounds(1000000);
    table->one_in = 200;
    table->spin_us = SPIN_US;
    play_in_threads(table);
    check_counts(table);
    table_free(table);
}

/* Every wait sleeps, or comes just in time not to: the boundary itself. */
TEST(channel_loses_no_wakeup_without_spinning) {
    struct table *table = table_new();
    table->rounds = rounds(100000);
    table->one_in = 50;
    table->spin_us = 0;
    play_in_processes(table);
    check_counts(table);
    table_free(table);
}

/* A spin as short as a turn: sleeping begins about when the turn comes. */
TEST(channel_loses_no_wakeup_at_the_end_of_the_spin) {
    struct table *table = table_new();
    table->rounds = rounds(200000);
    table->one_in = 3;
    table->spin_us = 1;
    play_in_processes(table);
    check_counts(table);
    table_free(table);
}

/* -- sleeping at bells --------------------------------------------------------------------------------------------- */

static struct table *table_with_bells(void) {
    struct table *table = table_new();
    table->has_bells = true;
    require(fc__os_bell_new_pipe(&table->bells[0]) == 0 && fc__os_bell_new_pipe(&table->bells[1]) == 0);
    return table;
}

static void table_with_bells_free(struct table *table) {
    fc__os_close(&table->bells[0]);
    fc__os_close(&table->bells[1]);
    table_free(table);
}

TEST(channel_with_bells_loses_no_wakeup) {
    struct table *table = table_with_bells();
    table->rounds = rounds(300000);
    table->one_in = 50;
    table->spin_us = 1;
    play_in_processes(table);
    check_counts(table);
    table_with_bells_free(table);
}

TEST(channel_with_bells_loses_no_wakeup_without_spinning) {
    struct table *table = table_with_bells();
    table->rounds = rounds(50000);
    play_in_processes(table);
    check_counts(table);
    table_with_bells_free(table);
}

/* Bells may ring for nothing, be full, and stay rung: the word decides. */
TEST(channel_with_bells_believes_the_word) {
    struct table *table = table_with_bells();
    struct fc__wire_waiter waiter;
    waiter_begin(&waiter, table, 0);
    for (int i = 0; i < 20000; i++) { /* more than a pipe holds */
        assert_int_equal(fc__os_bell_ring(table->bells[0]), 0);
    }
    assert_true(fc__wire_pass(&table->line, &waiter, FC__WIRE_HOST, ASK));
    uint32_t turn = fc__wire_wait(&table->line, 0, &waiter, fc__os_now_ns() + 20000000);
    assert_true((turn & FC__WIRE_HOST) != 0);
    assert_int_equal(fc__os_bell_wait(table->bells[0], fc__os_now_ns() + 1), -ETIMEDOUT); /* it took them all */
    fc__wire_kill(&table->line, &waiter);
    assert_int_equal(fc__os_bell_wait(table->bells[0], 0), -EAGAIN);
    assert_true((fc__wire_wait(&table->line, 0, &waiter, 0) & FC__WIRE_DEAD) != 0);
    table_with_bells_free(table);
}

static void *kill_once_it_sleeps(void *argument) {
    struct table *table = argument;
    struct fc__wire_waiter waiter;
    waiter_begin(&waiter, table, 0);
    while ((atomic_load(fc__wire_marks(&table->line)) & FC__WIRE_SLEEPER(0)) == 0) {
        sleep_us(50);
    }
    fc__wire_kill(&table->line, &waiter);
    return NULL;
}

TEST(channel_with_bells_is_woken_by_its_death) {
    struct table *table = table_with_bells();
    struct fc__wire_waiter waiter;
    waiter_begin(&waiter, table, 0);
    assert_true(fc__wire_pass(&table->line, &waiter, FC__WIRE_HOST, ASK));
    pthread_t thread = start_thread(kill_once_it_sleeps, table);
    assert_true((fc__wire_wait(&table->line, 0, &waiter, 0) & FC__WIRE_DEAD) != 0);
    join(thread);
    table_with_bells_free(table);
}

/* -- when not to spin ---------------------------------------------------------------------------------------------- */

static cpu_set_t first_of(const cpu_set_t *cpus) {
    cpu_set_t one;
    CPU_ZERO(&one);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
        if (CPU_ISSET(cpu, cpus)) {
            CPU_SET(cpu, &one);
        }
    }
    return one;
}

/* Each wait gives the CPU away of its own accord, save those that find their turn already there; and a spin would have
 * left its mark on the waiter, at the latest when its time slice ended. */
static void check_no_spin(const struct table *table) {
    print_counts(table);
    assert_true(table->sides[0].sleeps + table->sides[1].sleeps > table->rounds / 10);
    for (int i = 0; i < 2; i++) {
        const struct side *side = &table->sides[i];
        assert_true((uint64_t)side->voluntary >= side->sleeps * 9 / 10);
        assert_int_equal(side->doubt, 0);
        assert_int_equal(side->successes, 0);
    }
}

TEST(channel_does_not_spin_on_one_cpu) {
    cpu_set_t before, one;
    struct table *table = table_new();
    require(sched_getaffinity(0, sizeof before, &before) == 0);
    one = first_of(&before);
    require(sched_setaffinity(0, sizeof one, &one) == 0);
    table->rounds = rounds(20000);
    table->spin_us = 1000000; /* a side that spun would burn its whole time slice for each turn */
    play_in_processes(table);
    check_no_spin(table);
    require(sched_setaffinity(0, sizeof before, &before) == 0);
    table_free(table);
}

TEST(channel_does_not_spin_under_a_quota_of_one_cpu) {
    struct table *table = table_new();
    table->rounds = rounds(5000);
    table->spin_us = 1000000;
    table->is_scarce = true;
    play_in_processes(table);
    check_no_spin(table);
    table_free(table);
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
    struct table *tables =
        mmap(NULL, LINES * sizeof *tables, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(tables != MAP_FAILED);
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
    one = first_of(&all);
    for (int narrow = 1; narrow >= 0; narrow--) {
        require(sched_setaffinity(0, sizeof one, narrow ? &one : &all) == 0);
        for (int i = 0; i < 256; i++) {
            fc__wire_wait(&table->line, 0, &waiter, 1); /* long past: sleeps for no time */
        }
        require(waiter.cpus_are_scarce == (narrow || CPU_COUNT(&all) < 2));
    }
    return NULL;
}

TEST(channel_waiter_notices_that_its_cpus_change) {
    struct table *table = table_new();
    atomic_store(&table->line.turn, FC__WIRE_HOST);
    join(start_thread(wait_with_changing_cpus, table));
    table_free(table);
}
