/* The turn and the marks as a model: every order in which a pass, a sleep and a kill can interleave on a machine whose
 * processors put stores off until after later loads (x86). One step of the model is one access of src/wire/channel.*. */
#include "harness.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { PASSED = 1, DEAD = 2 };    /* in the turn word */
enum { SLEEPER = 1, KILLED = 2 }; /* in the marks */
enum { SLEEPER_ASLEEP = 3, SLEEPER_AWAKE = 4, KILLER_DONE = 4 };

/* What may differ from the real thing, to see that it matters. */
struct rules {
    bool passer_fences, sleeper_fences, killer_fences, is_killed;
};

struct state {
    uint8_t turn, marks;
    uint8_t is_buffered; /* the passer's store is not in memory yet */
    uint8_t passer, sleeper, killer;
    uint8_t seen_marks;
};

static uint8_t visited[1 << 16];
static unsigned visits, ends, bad_ends;

static unsigned number_of(const struct state *state) {
    return state->turn | state->marks << 2 | state->is_buffered << 4 | state->passer << 5 | state->sleeper << 8 |
           state->killer << 11 | state->seen_marks << 14;
}

static void drain(struct state *state) {
    if (state->is_buffered) {
        state->turn = PASSED;
        state->is_buffered = false;
    }
}

static void wake(struct state *state) {
    if (state->sleeper == SLEEPER_ASLEEP) {
        state->sleeper = 2;
    }
}

/* Each makes one step; false if there is none. */
static bool pass(struct state *state, const struct rules *rules) {
    switch (state->passer) {
    case 0:
        state->is_buffered = true;
        break;
    case 1:
        if (rules->passer_fences) {
            drain(state);
        }
        break;
    case 2:
        state->seen_marks = state->marks;
        break;
    case 3:
        if ((state->seen_marks & KILLED) != 0) {
            drain(state);
            state->turn |= DEAD;
        } else if ((state->seen_marks & SLEEPER) != 0) {
            drain(state); /* a system call */
            wake(state);
        }
        break;
    default:
        return false;
    }
    state->passer++;
    return true;
}

static bool sleep_step(struct state *state, const struct rules *rules) {
    switch (state->sleeper) {
    case 0:
        state->marks |= SLEEPER;
        state->sleeper = rules->sleeper_fences ? 1 : 2;
        return true;
    case 1:
        drain(state);
        state->sleeper = 2;
        return true;
    case 2: /* looks; then sleeps if the word is still the same */
        if (state->turn != 0) {
            state->sleeper = SLEEPER_AWAKE;
            state->marks &= (uint8_t)~SLEEPER;
        } else {
            state->sleeper = SLEEPER_ASLEEP;
        }
        return true;
    default:
        return false;
    }
}

static bool kill_step(struct state *state, const struct rules *rules) {
    switch (rules->is_killed ? state->killer : KILLER_DONE) {
    case 0:
        state->marks |= KILLED;
        break;
    case 1:
        if (rules->killer_fences) {
            drain(state);
        }
        break;
    case 2:
        state->turn |= DEAD;
        break;
    case 3:
        wake(state);
        break;
    default:
        return false;
    }
    state->killer++;
    return true;
}

static bool drain_step(struct state *state, const struct rules *rules) {
    (void)rules;
    const bool was_buffered = state->is_buffered;
    drain(state);
    return was_buffered;
}

static void explore(struct state from, const struct rules *rules) {
    static bool (*const steps[])(struct state *, const struct rules *) = {pass, sleep_step, kill_step, drain_step};
    const unsigned number = number_of(&from);
    require(number < sizeof visited);
    if (visited[number]) {
        return;
    }
    visited[number] = true;
    visits++;
    bool is_end = true;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct state next = from;
        if (steps[i](&next, rules)) {
            is_end = false;
            explore(next, rules);
        }
    }
    if (is_end) {
        ends++;
        bad_ends += from.sleeper != SLEEPER_AWAKE || (rules->is_killed && (from.turn & DEAD) == 0);
    }
}

static bool holds(struct rules rules) {
    memset(visited, 0, sizeof visited);
    visits = ends = bad_ends = 0;
    explore((struct state){0}, &rules);
    printf("%u states, %u ends, %u of them bad\n", visits, ends, bad_ends);
    assert_true(ends > 0);
    return bad_ends == 0;
}

TEST(channel_model_loses_no_wakeup_by_fences_of_who_passes) {
    assert_true(holds((struct rules){.passer_fences = true}));
    assert_true(holds((struct rules){.passer_fences = true, .is_killed = true}));
}

TEST(channel_model_loses_no_wakeup_by_fences_of_who_sleeps) {
    assert_true(holds((struct rules){.sleeper_fences = true}));
    assert_true(holds((struct rules){.sleeper_fences = true, .killer_fences = true, .is_killed = true}));
}

/* Without the one fence a wake-up is lost, without the other a death. */
TEST(channel_model_needs_both_fences) {
    assert_false(holds((struct rules){0}));
    assert_false(holds((struct rules){.sleeper_fences = true, .is_killed = true}));
}
