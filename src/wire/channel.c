/* wire: passing the turn, and waiting for it. docs/performance.md says how the numbers here were chosen. */
#include "wire/channel.h"

#include "os/os.h"

#include <errno.h>

enum {
    FIRST_NS = 2000,         /* about what the first looks take */
    SPINS_PER_CLOCK = 32,    /* looks between two questions */
    PREEMPTED_NS = 30000,    /* a hole this long between two looks: something else runs on this CPU */
    WAKEUPS_TO_SPIN = 2,     /* for a side that has to wake up first, in wake-ups as they lately were */
    SPINS_TO_WAKE = 10,      /* at most, and in the longest spins for a side that is awake */
    FLOOR_NS = 20000,        /* what a sleep and its wake-up cost in CPU time alone: a shorter limit saves nothing */
    YIELDED_NS = 10000,      /* an answer this soon after the sleep began: the other side needed this CPU */
    DOUBT_FREE = 2,          /* spins in vain that cost no pause: calls come in bursts */
    DOUBT_MAX = 10,          /* at most 2^10 waits without a spin */
    SUCCESSES_TO_TRUST = 16, /* in a row, until doubt is forgotten */
    SUCCESSES_TO_RESUME = 3, /* in a row, until a pause is cut short */
    LONG_SLEEP_NS = 1000000000,
    TOGETHER_TO_MOVE = 8, /* answers on one CPU, until a thread that may leaves it; twice as many each time */
    TOGETHER_MAX = 1024,
    SLEEPS_PER_CPU_CHECK = 256,
    PAUSES_TO_TIME = 128,
    PAUSE_TRIES = 3,
    PAUSES_MAX = 32,
};

/* How long it is until the first look. */
static const uint8_t first_look_ns[FC__WIRE_AWAITED_COUNT] = {
    [FC__WIRE_AWAITED_ANSWER] = 52, [FC__WIRE_AWAITED_CALL] = 52, [FC__WIRE_AWAITED_RETURN] = 78,
    [FC__WIRE_AWAITED_REST] = 39,   [FC__WIRE_AWAITED_MORE] = 78,
};

/* How long one pause takes, in picoseconds: 4 to 60 ns, as the processor has it. */
static uint32_t pause_ps(void) {
    static _Atomic uint32_t known;
    uint32_t ps = atomic_load_explicit(&known, memory_order_relaxed);
    if (ps != 0) {
        return ps;
    }
    ps = UINT32_MAX;
    for (int i = 0; i < PAUSE_TRIES; i++) { /* the shortest: this thread may be preempted */
        const uint64_t start = fc__os_now_ns();
        for (int k = 0; k < PAUSES_TO_TIME; k++) {
            fc__os_relax();
        }
        const uint64_t took_ps = (fc__os_now_ns() - start) * 1000 / PAUSES_TO_TIME;
        ps = took_ps != 0 && took_ps < ps ? (uint32_t)took_ps : ps;
    }
    atomic_store_explicit(&known, ps, memory_order_relaxed);
    return ps;
}

/* As many pauses as last so long, rounded; at least one. */
static uint8_t pauses_of(uint32_t ns) {
    const uint64_t ps = pause_ps(), pauses = (ns * UINT64_C(1000) + ps / 2) / ps;
    return (uint8_t)(pauses == 0 ? 1 : pauses < PAUSES_MAX ? pauses : PAUSES_MAX);
}

void fc__wire_waiter_init(struct fc__wire_waiter *waiter, uint32_t spin_us, bool quota_is_scarce) {
    *waiter = (struct fc__wire_waiter){
        .spin_ns = spin_us * 1000u,
        .limit_ns = spin_us * 1000u,
        .wakeup_ns = spin_us * 1000u,
        .quota_is_scarce = quota_is_scarce,
        .cpus_are_scarce = quota_is_scarce || fc__os_cpus_affine() < 2,
        .together_max = TOGETHER_TO_MOVE,
        .bell_wait = -1,
        .bell_ring = -1,
    };
    for (unsigned i = 0; i < FC__WIRE_AWAITED_COUNT; i++) {
        waiter->pauses[i] = pauses_of(first_look_ns[i]);
    }
}

/* Who is woken knows by the word whether there was a reason: a bell that rings for nothing does no harm. */
static void wake(struct fc_wire_line *line, int bell_fd) {
    if (bell_fd >= 0) {
        fc__os_bell_ring(bell_fd);
    } else {
        fc__os_wake(&line->turn);
    }
}

static void note_cpu(struct fc_wire_line *line, uint32_t me) {
    atomic_store_explicit(fc__wire_cpu(line, me), fc__os_cpu() + 1, memory_order_relaxed);
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
        waiter->is_settled = false;
    }
    /* Who looks at the marks passed the turn, and does not sleep: the mark is the other side's. */
    const uint32_t sleeper = (marks & FC__WIRE_SLEEPER(FC__WIRE_HOST)) != 0 ? FC__WIRE_HOST : 0;
    note_cpu(line, sleeper ^ FC__WIRE_HOST);
    atomic_store_explicit(fc__wire_rung(line, sleeper), __builtin_ia32_rdtsc(), memory_order_relaxed);
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

enum distance { UNKNOWN, TOGETHER, APART };

/* Whether the other side was last seen on `cpu`, on which this one is. */
static enum distance distance_from(struct fc_wire_line *line, uint32_t me, uint32_t cpu) {
    const uint32_t other = atomic_load_explicit(fc__wire_cpu(line, me ^ FC__WIRE_HOST), memory_order_relaxed);
    return other == 0 ? UNKNOWN : other == cpu + 1 ? TOGETHER : APART;
}

static uint32_t spin_limit_ns(const struct fc__wire_waiter *waiter) {
    const uint64_t most = SPINS_TO_WAKE * (uint64_t)waiter->spin_ns;
    const uint64_t wanted = WAKEUPS_TO_SPIN * (uint64_t)waiter->wakeup_ns;
    const uint64_t limit = !waiter->is_cold ? waiter->limit_ns : wanted < waiter->spin_ns ? waiter->spin_ns : wanted;
    return (uint32_t)(limit < most ? limit : most < UINT32_MAX ? most : UINT32_MAX);
}

static void spin_paid(struct fc__wire_waiter *waiter, uint32_t elapsed_ns) {
    /* The limit falls slowly and rises at once: one short wait among longer ones says little. */
    uint32_t wanted = elapsed_ns < FLOOR_NS / 4 ? FLOOR_NS : 4 * elapsed_ns;
    uint32_t lower = waiter->limit_ns - waiter->limit_ns / 16;
    if (!waiter->is_cold) {
        waiter->limit_ns = wanted > lower ? (wanted < waiter->spin_ns ? wanted : waiter->spin_ns) : lower;
    }
    if (waiter->doubt != 0 && ++waiter->successes >= SUCCESSES_TO_TRUST) {
        waiter->doubt = waiter->successes = 0;
        waiter->together_max = TOGETHER_TO_MOVE;
    }
}

/* `yielded`: the answer came as soon as this thread gave up its CPU. The other side was waiting for that CPU, so a
 * longer spin would have been worse; otherwise it might have been better. */
static void spin_was_in_vain(struct fc__wire_waiter *waiter, bool yielded) {
    const uint32_t doubts = yielded ? 2 : 1;
    waiter->successes = 0;
    if (yielded) {
        waiter->limit_ns /= 2;
    } else if (!waiter->is_cold) {
        waiter->limit_ns = waiter->limit_ns < waiter->spin_ns / 2 ? waiter->limit_ns * 2 + 1 : waiter->spin_ns;
    }
    waiter->doubt = waiter->doubt + doubts < DOUBT_MAX ? waiter->doubt + doubts : DOUBT_MAX;
    waiter->pause = waiter->doubt <= DOUBT_FREE ? 0 : 1u << waiter->doubt;
    waiter->shares_cpu = yielded;
}

static void end_pause(struct fc__wire_waiter *waiter) {
    waiter->pause = waiter->successes = waiter->together = 0;
    waiter->doubt = waiter->doubt < DOUBT_FREE ? waiter->doubt : DOUBT_FREE;
}

/* In a pause, the turn came so soon that a spin would have seen it. Some times in a row, and the other side is awake, or
 * wakes up, on a CPU of its own. */
static void would_have_paid(struct fc__wire_waiter *waiter) {
    if (++waiter->successes >= SUCCESSES_TO_RESUME) {
        end_pause(waiter);
    }
}

/* The turn came as soon, but from this CPU. The scheduler leaves two threads that wake each other on one CPU, though
 * another be idle; where it is not, leaving is of no use. */
static void would_have_paid_elsewhere(struct fc__wire_waiter *waiter) {
    waiter->pause--;
    waiter->successes = 0;
    if (waiter->may_move && ++waiter->together >= waiter->together_max) {
        waiter->together_max = waiter->together_max < TOGETHER_MAX ? 2 * waiter->together_max : TOGETHER_MAX;
        waiter->shares_cpu = true;
        end_pause(waiter);
    }
}

/* Looks at the turn until it is ours or the spin's time is over. True if it is ours. */
static bool spin(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter, uint64_t deadline_ns,
                 uint32_t *ret_turn) {
    if (fc__wire_look(line, me, FC__WIRE_FIRST_LOOKS, ret_turn)) {
        spin_paid(waiter, FIRST_NS / 4);
        return true;
    }
    const uint32_t limit_ns = spin_limit_ns(waiter);
    if (limit_ns <= FIRST_NS) {
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
        if (now - last > PREEMPTED_NS || now - start > limit_ns || (deadline_ns != 0 && now >= deadline_ns)) {
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
    note_cpu(line, me);
    return turn;
}

/* One allowed CPU is scarce unless it is this side's alone: each may have been given one of its own. */
static bool are_cpus_scarce(struct fc_wire_line *line, uint32_t me, const struct fc__wire_waiter *waiter) {
    return waiter->quota_is_scarce || (fc__os_cpus_affine() < 2 && distance_from(line, me, fc__os_cpu()) != APART);
}

/* After how many nanoseconds of a sleep the turn was passed, which is what remains when the wake-up is taken off. Two
 * processes may have different clocks, but their ticks are the same. */
static uint64_t passed_after_ns(struct fc_wire_line *line, uint32_t me, uint64_t start_ticks, uint64_t elapsed_ns) {
    const uint64_t ticks = __builtin_ia32_rdtsc() - start_ticks;
    const uint64_t rung = atomic_load_explicit(fc__wire_rung(line, me), memory_order_relaxed) - start_ticks;
    const bool was_rung = rung < ticks;
    return was_rung && elapsed_ns < LONG_SLEEP_NS && ticks < UINT64_MAX / LONG_SLEEP_NS ? elapsed_ns * rung / ticks
                                                                                        : elapsed_ns;
}

/* Like the limit of a spin, it falls slowly and rises at once. */
static void learn_wakeup(struct fc__wire_waiter *waiter, uint64_t wakeup_ns) {
    const uint32_t lower = waiter->wakeup_ns - waiter->wakeup_ns / 8;
    waiter->wakeup_ns = wakeup_ns > lower ? (uint32_t)wakeup_ns : lower;
}

/* Like block. Returns also after how many nanoseconds of the sleep the turn was passed: 0 without one. */
static uint32_t block_and_time(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                               uint64_t deadline_ns, bool *ret_slept, uint64_t *ret_passed_ns) {
    const uint32_t cpu = fc__os_cpu();
    const uint64_t start_ns = fc__os_now_ns(), start_ticks = __builtin_ia32_rdtsc();
    const uint32_t turn = block(line, me, waiter, deadline_ns, ret_slept);
    const uint64_t elapsed_ns = *ret_slept ? fc__os_now_ns() - start_ns : 0;
    const uint64_t passed_ns = *ret_slept ? passed_after_ns(line, me, start_ticks, elapsed_ns) : 0;
    if (passed_ns < elapsed_ns && distance_from(line, me, cpu) == APART) {
        learn_wakeup(waiter, elapsed_ns - passed_ns); /* on one CPU, who rang may have gone on for a while */
    }
    *ret_passed_ns = passed_ns;
    return turn;
}

/* What a wait says that was not over before its spin was, or had none. */
static void learn(struct fc__wire_waiter *waiter, bool spun, bool slept, uint64_t passed_ns, enum distance distance) {
    const bool is_soon = passed_ns < (waiter->is_cold ? spin_limit_ns(waiter) : waiter->spin_ns);
    /* Who was woken, or woke this thread and answers after that, may have had this thread's CPU for it. */
    const bool is_own_cpu = distance == APART || !(waiter->woke || (waiter->slept && slept));
    if (spun && slept) {
        spin_was_in_vain(waiter, passed_ns < YIELDED_NS && distance != APART);
    } else if (waiter->pause != 0 && is_soon && is_own_cpu) {
        would_have_paid(waiter);
    } else if (waiter->pause != 0 && is_soon && distance == TOGETHER) {
        would_have_paid_elsewhere(waiter);
    } else if (waiter->pause != 0) {
        waiter->pause--;
        waiter->successes = waiter->together = 0;
    }
}

static uint32_t wait_and_learn(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                               uint64_t deadline_ns, bool *ret_slept) {
    uint32_t turn;
    *ret_slept = false;
    if (waiter->spin_ns == 0 || waiter->cpus_are_scarce) {
        return fc__wire_look(line, me, 1, &turn) ? turn : block(line, me, waiter, deadline_ns, ret_slept);
    }
    const uint32_t cpu = fc__os_cpu();
    const bool spins = waiter->pause == 0;
    waiter->is_cold = (waiter->woke || waiter->slept) && distance_from(line, me, cpu) == APART;
    if (spins && waiter->shares_cpu && waiter->may_move) {
        waiter->shares_cpu = false;
        waiter->limit_ns = waiter->spin_ns;
        fc__os_leave_cpu();
    }
    if (spins && spin(line, me, waiter, deadline_ns, &turn)) {
        return turn;
    }
    uint64_t passed_ns = 0;
    if (spins || !fc__wire_look(line, me, 1, &turn)) {
        turn = block_and_time(line, me, waiter, deadline_ns, ret_slept, &passed_ns);
    }
    learn(waiter, spins, *ret_slept, passed_ns, distance_from(line, me, cpu));
    return turn;
}

uint32_t fc__wire_wait_as_learned(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                                  uint64_t deadline_ns) {
    bool slept;
    uint32_t turn = wait_and_learn(line, me, waiter, deadline_ns, &slept);
    const enum fc__os_fences fences = fc__os_fences_state();
    waiter->woke = false;
    waiter->slept = slept;
    if (slept && ++waiter->sleeps % SLEEPS_PER_CPU_CHECK == 0) {
        waiter->cpus_are_scarce = are_cpus_scarce(line, me, waiter);
    }
    if (!fc__wire_is_mine(turn, me)) { /* what was promised with the turn holds until it comes back */
        return turn;
    }
    waiter->is_settled = waiter->spin_ns != 0 && !waiter->cpus_are_scarce && waiter->pause == 0 && waiter->doubt == 0 &&
                         !slept && waiter->limit_ns <= FLOOR_NS && fences != FC__OS_FENCES_SOON;
    waiter->may_trust = fences == FC__OS_FENCES_WORK ? FC__WIRE_FENCES : 0;
    waiter->fences = waiter->is_settled ? waiter->may_trust : 0; /* a sleep that is likely is not made dearer */
    return fc__wire_received(line, me, waiter, turn);
}

uint32_t fc__wire_wait_on_trial(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint64_t deadline_ns,
                                enum fc__wire_awaited awaited) {
    uint32_t turn;
    const uint64_t start = __builtin_ia32_rdtsc();
    const bool is_soon = fc__wire_look_soon(line, 0, waiter, awaited, &turn);
    const uint64_t ticks = is_soon ? __builtin_ia32_rdtsc() - start : UINT64_MAX;
    turn = is_soon ? fc__wire_received(line, 0, waiter, turn) : fc__wire_wait_as_learned(line, 0, waiter, deadline_ns);
    waiter->near = fc__wire_trial_next(&waiter->trial, ticks) ? FC__WIRE_NEAR : 0;
    return turn;
}
