/* wire: passing the turn, and waiting for it. docs/performance.md says how the numbers here were chosen. */
#include "wire/channel.h"

#include "os/os.h"

enum {
    FIRST_SPINS = 128,           /* looks before the clock is asked for the first time, about 1 us */
    SPINS_PER_CLOCK = 32,        /* looks between two questions */
    LONG_WAITS_MAX = 3,          /* after as many waits beyond the spin in a row, the next ones sleep at once */
    PREEMPTED_NS = 30000,        /* a hole this long between two looks: something else runs on this CPU */
    YIELDED_NS = 5000,           /* an answer this soon after the sleep began: the other side needed this CPU */
    CONTENTION_MAX = 10,         /* at most 2^10 waits without a spin */
    SLEEPS_PER_CPU_CHECK = 256,
};

void fc__wire_waiter_init(struct fc__wire_waiter *waiter, uint32_t spin_us, bool quota_is_scarce) {
    *waiter = (struct fc__wire_waiter){
        .spin_ns = spin_us * 1000u,
        .quota_is_scarce = quota_is_scarce,
        .cpus_are_scarce = quota_is_scarce || fc__os_cpus_affine() < 2,
    };
}

bool fc__wire_pass(struct fc_wire_line *line, uint32_t to, enum fc__wire_op op) {
    /* acq_rel: what this side wrote is visible before the turn, and a sleep bit is never missed, since setting it and
     * passing the turn are read-modify-writes of one word. */
    uint32_t old = atomic_exchange_explicit(&line->turn, to | (uint32_t)op << 8, memory_order_acq_rel);
    if (__builtin_expect((old & (FC__WIRE_SLEEPER | FC__WIRE_DEAD)) != 0, 0)) {
        if ((old & FC__WIRE_DEAD) != 0) {
            atomic_fetch_or_explicit(&line->turn, FC__WIRE_DEAD, memory_order_acq_rel);
            return false;
        }
        fc__os_wake(&line->turn);
    }
    return true;
}

void fc__wire_kill(struct fc_wire_line *line) {
    atomic_fetch_or_explicit(&line->turn, FC__WIRE_DEAD, memory_order_acq_rel);
    fc__os_wake(&line->turn);
}

/* Looks at the turn until it is ours or the spin's time is over. True if it is ours. */
static bool spin(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter, uint32_t *ret_turn) {
    for (int i = 0; i < FIRST_SPINS; i++) {
        uint32_t turn = atomic_load_explicit(&line->turn, memory_order_acquire);
        if (fc__wire_is_mine(turn, me)) {
            *ret_turn = turn;
            return true;
        }
        fc__os_relax();
    }
    const uint64_t start = fc__os_now_ns();
    uint64_t last = start;
    for (;;) {
        for (int i = 0; i < SPINS_PER_CLOCK; i++) {
            uint32_t turn = atomic_load_explicit(&line->turn, memory_order_acquire);
            if (fc__wire_is_mine(turn, me)) {
                *ret_turn = turn;
                return true;
            }
            fc__os_relax();
        }
        uint64_t now = fc__os_now_ns();
        bool preempted = now - last > PREEMPTED_NS;
        if (preempted) {
            waiter->contention += waiter->contention < CONTENTION_MAX;
            waiter->pause = 1u << waiter->contention;
        }
        if (preempted || now - start > waiter->spin_ns) {
            return false;
        }
        last = now;
    }
}

/* Sleeps until the turn is ours or the deadline has passed. */
static uint32_t block(struct fc_wire_line *line, uint32_t me, uint64_t deadline_ns) {
    uint32_t turn = atomic_load_explicit(&line->turn, memory_order_acquire);
    while (!fc__wire_is_mine(turn, me)) {
        if ((turn & FC__WIRE_SLEEPER) == 0 &&
            !atomic_compare_exchange_weak_explicit(&line->turn, &turn, turn | FC__WIRE_SLEEPER, memory_order_acq_rel, memory_order_acquire)) {
            continue;
        }
        int rc = fc__os_wait(&line->turn, turn | FC__WIRE_SLEEPER, deadline_ns);
        turn = atomic_load_explicit(&line->turn, memory_order_acquire);
        if (rc != 0 && !fc__wire_is_mine(turn, me)) {
            break;
        }
    }
    return turn;
}

uint32_t fc__wire_wait(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter, uint64_t deadline_ns) {
    bool may_spin = waiter->spin_ns != 0 && !waiter->cpus_are_scarce;
    bool spun = false;
    uint32_t turn;
    if (may_spin && waiter->pause == 0 && waiter->long_waits < LONG_WAITS_MAX) {
        if (spin(line, me, waiter, &turn)) {
            waiter->long_waits = 0;
            waiter->contention = 0;
            return turn;
        }
        spun = true;
    } else {
        turn = atomic_load_explicit(&line->turn, memory_order_acquire);
        waiter->pause -= waiter->pause != 0;
        if (fc__wire_is_mine(turn, me)) {
            return turn;
        }
    }
    const uint64_t start = may_spin ? fc__os_now_ns() : 0;
    turn = block(line, me, deadline_ns);
    if (may_spin) {
        uint64_t slept = fc__os_now_ns() - start;
        if (spun && slept < YIELDED_NS) {
            waiter->contention += waiter->contention < CONTENTION_MAX;
            waiter->pause = 1u << waiter->contention;
        }
        if (spun || slept > waiter->spin_ns) {
            waiter->long_waits += waiter->long_waits < LONG_WAITS_MAX;
        } else {
            waiter->long_waits = 0;
        }
    }
    if (++waiter->sleeps % SLEEPS_PER_CPU_CHECK == 0) {
        waiter->cpus_are_scarce = waiter->quota_is_scarce || fc__os_cpus_affine() < 2;
    }
    return turn;
}
