/* The turn word alone: two sides over one line, without a host. */
#include "sessions.h"

#include "os/os.h"
#include "wire/channel.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
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
        uint64_t rounds, sleeps, late, trusted, near;
        uint32_t doubt, successes;
        long voluntary, involuntary;
    } sides[2];
};

static struct table *table_new(void) {
    return shared_memory(sizeof(struct table));
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
        side->near += waiter.near != 0;
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
        side->near += waiter.near != 0;
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
        printf("%s: %llu rounds, %llu by a plain store, %llu as if near, %llu sleeps, %llu delays, %ld voluntary and "
               "%ld involuntary "
               "switches\n",
               i == 0 ? "caller" : "host", (unsigned long long)side->rounds, (unsigned long long)side->trusted,
               (unsigned long long)side->near, (unsigned long long)side->sleeps, (unsigned long long)side->late,
               side->voluntary, side->involuntary);
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
        /* Both ways of passing it were tried, as long as the sides were awake, and the host did as the caller. */
        enum { AWAKE_ENOUGH = 1000000 };
        const bool is_tried = table->sides[0].near > 0 && table->sides[0].near < table->rounds;
        assert_true(is_tried || table->rounds - table->sides[0].sleeps < AWAKE_ENOUGH ||
                    table->sides[0].trusted < AWAKE_ENOUGH);
        assert_int_equal(table->sides[1].near, table->sides[0].near);
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
    assert_int_equal(fc__os_bell_wait(table->bells[0], 0), 0);
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
    one = first_cpu_of(&before);
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
