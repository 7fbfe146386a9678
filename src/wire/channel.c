/* wire: passing the turn, and waiting for it. docs/performance.md says how the numbers here were chosen. */
#include "wire/channel.h"

#include "os/os.h"

#include <errno.h>

enum {
    FIRST_NS = 2000,         /* about what the first looks take */
    SPINS_PER_CLOCK = 32,    /* looks between two questions */
    PREEMPTED_NS = 30000,    /* a hole this long between two looks: something else runs on this CPU */
    FLOOR_NS = 20000,        /* what a sleep and its wake-up cost in CPU time alone: a shorter limit saves nothing */
    YIELDED_NS = 10000,      /* an answer this soon after the sleep began: the other side needed this CPU */
    DOUBT_FREE = 2,          /* spins in vain that cost no pause: calls come in bursts */
    DOUBT_MAX = 10,          /* at most 2^10 waits without a spin */
    SUCCESSES_TO_TRUST = 16, /* in a row, until doubt is forgotten */
    SUCCESSES_TO_RESUME = 3, /* in a row, until a pause is cut short */
    SLEEPS_PER_CPU_CHECK = 256,
};

void fc__wire_waiter_init(struct fc__wire_waiter *waiter, uint32_t spin_us, bool quota_is_scarce) {
    *waiter = (struct fc__wire_waiter){
        .spin_ns = spin_us * 1000u,
        .limit_ns = spin_us * 1000u,
        .quota_is_scarce = quota_is_scarce,
        .cpus_are_scarce = quota_is_scarce || fc__os_cpus_affine() < 2,
        .bell_wait = -1,
        .bell_ring = -1,
    };
}

/* Who is woken knows by the word whether there was a reason: a bell that rings for nothing does no harm. */
static void wake(struct fc_wire_line *line, int bell_fd) {
    if (bell_fd >= 0) {
        fc__os_bell_ring(bell_fd);
    } else {
        fc__os_wake(&line->turn);
    }
}

void fc__wire_reset(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint32_t turn) {
    waiter->is_settled = false;
    waiter->fences = waiter->may_trust = waiter->trusts = 0;
    atomic_store_explicit(fc__wire_marks(line), 0, memory_order_relaxed);
    atomic_store_explicit(&line->turn, turn, memory_order_release);
}

bool fc__wire_passed_marked(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint32_t marks) {
    if ((marks & FC__WIRE_DEAD) != 0) {
        atomic_fetch_or_explicit(&line->turn, FC__WIRE_DEAD, memory_order_acq_rel);
        return false;
    }
    if (waiter != NULL) {
        waiter->woke = true;
    }
    wake(line, waiter != NULL ? waiter->bell_ring : -1);
    return true;
}

/* A turn that is passed meanwhile by a plain store is in the word after the fence, or its passer sees the mark. */
void fc__wire_kill(struct fc_wire_line *line, const struct fc__wire_waiter *waiter) {
    atomic_fetch_or_explicit(fc__wire_marks(line), FC__WIRE_DEAD, memory_order_seq_cst);
    fc__os_fence();
    atomic_fetch_or_explicit(&line->turn, FC__WIRE_DEAD, memory_order_acq_rel);
    wake(line, waiter != NULL ? waiter->bell_wait : -1);
}

static void spin_paid(struct fc__wire_waiter *waiter, uint32_t elapsed_ns) {
    /* The limit falls slowly and rises at once: one short wait among longer ones says little. */
    uint32_t wanted = elapsed_ns < FLOOR_NS / 4 ? FLOOR_NS : 4 * elapsed_ns;
    uint32_t lower = waiter->limit_ns - waiter->limit_ns / 16;
    waiter->limit_ns = wanted > lower ? (wanted < waiter->spin_ns ? wanted : waiter->spin_ns) : lower;
    if (waiter->doubt != 0 && ++waiter->successes >= SUCCESSES_TO_TRUST) {
        waiter->doubt = waiter->successes = 0;
    }
}

/* `yielded`: the answer came as soon as this thread gave up its CPU. The other side was waiting for that CPU, so a
 * longer spin would have been worse; otherwise it might have been better. */
static void spin_was_in_vain(struct fc__wire_waiter *waiter, bool yielded) {
    const uint32_t doubts = yielded ? 2 : 1;
    waiter->successes = 0;
    if (yielded) {
        waiter->limit_ns /= 2;
    } else {
        waiter->limit_ns = waiter->limit_ns < waiter->spin_ns / 2 ? waiter->limit_ns * 2 + 1 : waiter->spin_ns;
    }
    waiter->doubt = waiter->doubt + doubts < DOUBT_MAX ? waiter->doubt + doubts : DOUBT_MAX;
    waiter->pause = waiter->doubt <= DOUBT_FREE ? 0 : 1u << waiter->doubt;
    waiter->shares_cpu = yielded;
}

/* In a pause, the turn came before there was time to sleep. Some times in a row, and the other side is awake on a CPU
 * of its own; unless it was woken for it, and had this thread's CPU for a while. */
static void would_have_paid(struct fc__wire_waiter *waiter) {
    if (waiter->pause != 0 && !waiter->woke && ++waiter->successes >= SUCCESSES_TO_RESUME) {
        waiter->pause = waiter->successes = 0;
        waiter->doubt = waiter->doubt < DOUBT_FREE ? waiter->doubt : DOUBT_FREE;
    }
}

/* Looks at the turn until it is ours or the spin's time is over. True if it is ours. */
static bool spin(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter, uint64_t deadline_ns,
                 uint32_t *ret_turn) {
    if (fc__wire_look(line, me, FC__WIRE_FIRST_LOOKS, ret_turn)) {
        spin_paid(waiter, FIRST_NS / 4);
        return true;
    }
    if (waiter->limit_ns <= FIRST_NS) {
        return false;
    }
    const uint64_t start = fc__os_now_ns();
    uint64_t last = start;
    for (;;) {
        bool is_mine = fc__wire_look(line, me, SPINS_PER_CLOCK, ret_turn);
        uint64_t now = fc__os_now_ns();
        if (is_mine) {
            spin_paid(waiter, FIRST_NS + (uint32_t)(now - start));
            return true;
        }
        if (now - last > PREEMPTED_NS || now - start > waiter->limit_ns || (deadline_ns != 0 && now >= deadline_ns)) {
            return false;
        }
        last = now;
    }
}

/* Sleeps until the turn is ours or the deadline has passed. *ret_slept: it was not ours before there was time to. */
static uint32_t block(struct fc_wire_line *line, uint32_t me, const struct fc__wire_waiter *waiter,
                      uint64_t deadline_ns, bool *ret_slept) {
    _Atomic uint32_t *const marks = fc__wire_marks(line);
    uint32_t turn;
    int rc = 0;
    *ret_slept = false;
    atomic_fetch_or_explicit(marks, FC__WIRE_SLEEPER(me), memory_order_seq_cst);
    if (waiter->fences != 0) {
        fc__os_fence();
    }
    while (turn = atomic_load_explicit(&line->turn, memory_order_seq_cst),
           !fc__wire_is_mine(turn, me) && rc != -ETIMEDOUT) {
        /* Who finds the sleeper's mark rings, so the bell is as good as the word. */
        rc = waiter->bell_wait >= 0 ? fc__os_bell_wait(waiter->bell_wait, deadline_ns)
                                    : fc__os_wait(&line->turn, turn, deadline_ns);
        *ret_slept = *ret_slept || rc != -EAGAIN;
    }
    atomic_fetch_and_explicit(marks, ~FC__WIRE_SLEEPER(me), memory_order_relaxed);
    return turn;
}

static uint32_t wait_and_learn(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                               uint64_t deadline_ns) {
    const bool may_spin = waiter->spin_ns != 0 && !waiter->cpus_are_scarce;
    const bool spins = may_spin && waiter->pause == 0;
    uint32_t turn;
    bool slept;
    if (spins && waiter->shares_cpu && waiter->may_move) {
        /* The scheduler leaves two threads that wake each other on one CPU, though another be idle. */
        waiter->shares_cpu = false;
        waiter->limit_ns = waiter->spin_ns;
        fc__os_leave_cpu();
    }
    if (spins && spin(line, me, waiter, deadline_ns, &turn)) {
        return turn;
    }
    if (!spins && fc__wire_look(line, me, 1, &turn)) {
        would_have_paid(waiter);
        return turn;
    }
    const bool woke = waiter->woke;
    const uint64_t start = spins || !woke ? fc__os_now_ns() : 0;
    turn = block(line, me, waiter, deadline_ns, &slept);
    if (spins && slept) {
        spin_was_in_vain(waiter, fc__os_now_ns() - start < YIELDED_NS);
    } else if (!spins && (!slept || (may_spin && !woke && fc__os_now_ns() - start < waiter->spin_ns))) {
        would_have_paid(waiter);
    } else if (!spins && waiter->pause != 0) {
        waiter->pause--;
        waiter->successes = 0;
    }
    if (slept && ++waiter->sleeps % SLEEPS_PER_CPU_CHECK == 0) {
        waiter->cpus_are_scarce = waiter->quota_is_scarce || fc__os_cpus_affine() < 2;
    }
    return turn;
}

uint32_t fc__wire_wait_as_learned(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                                  uint64_t deadline_ns) {
    uint32_t turn = wait_and_learn(line, me, waiter, deadline_ns);
    const enum fc__os_fences fences = fc__os_fences_state();
    waiter->woke = false;
    if (!fc__wire_is_mine(turn, me)) { /* what was promised with the turn holds until it comes back */
        return turn;
    }
    waiter->is_settled = waiter->spin_ns != 0 && !waiter->cpus_are_scarce && waiter->pause == 0 && waiter->doubt == 0 &&
                         waiter->limit_ns <= FLOOR_NS && fences != FC__OS_FENCES_SOON;
    waiter->may_trust = fences == FC__OS_FENCES_WORK ? FC__WIRE_FENCES : 0;
    waiter->fences = waiter->is_settled ? waiter->may_trust : 0; /* a sleep that is likely is not made dearer */
    return fc__wire_received(line, waiter, turn);
}
