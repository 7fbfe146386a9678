/* The trial of two ways to wait, with times that are made up. */
#include "sessions.h"

#include "wire/trial.h"

#define NEAR_TICKS 100u
#define FAR_TICKS 600u
#define MANY_WAITS 100000u

/* How long a wait takes, the i-th of all, in the near way or not. */
typedef uint64_t (*times)(bool is_near, unsigned i);

struct waits {
    bool is_near;
    unsigned near, far, on_trial;
};

/* As a waiter does it. */
static struct waits wait_often(struct fc__wire_trial *trial, times ticks_of, unsigned waits) {
    struct waits done = {.is_near = trial->is_near};
    for (unsigned i = 0; i < waits; i++) {
        const uint64_t ticks = ticks_of(done.is_near, i);
        *(done.is_near ? &done.near : &done.far) += 1;
        if (fc__wire_trial_is_on(trial)) {
            done.on_trial++;
            done.is_near = fc__wire_trial_next(trial, ticks);
        }
    }
    return done;
}

static uint64_t near_is_faster(bool is_near, unsigned i) {
    (void)i;
    return is_near ? NEAR_TICKS : FAR_TICKS;
}

static uint64_t far_is_faster(bool is_near, unsigned i) {
    (void)i;
    return is_near ? FAR_TICKS : NEAR_TICKS;
}

TEST(trial_finds_the_faster_way_soon) {
    struct fc__wire_trial trial = {0};
    wait_often(&trial, near_is_faster, 500);
    assert_true(trial.is_near);
}

TEST(trial_takes_few_waits) {
    struct fc__wire_trial trial = {0};
    const struct waits near = wait_often(&trial, near_is_faster, MANY_WAITS);
    assert_true(near.on_trial > 0 && near.on_trial < MANY_WAITS / 50);
    assert_true(near.far < MANY_WAITS / 100);
    struct fc__wire_trial other = {0};
    const struct waits far = wait_often(&other, far_is_faster, MANY_WAITS);
    assert_true(far.on_trial > 0 && far.on_trial < MANY_WAITS / 50);
    assert_true(far.near > 0 && far.near < MANY_WAITS / 100);
}

TEST(trial_notices_that_a_thread_has_moved) {
    struct fc__wire_trial trial = {0};
    for (int i = 0; i < 5; i++) {
        wait_often(&trial, near_is_faster, MANY_WAITS);
        assert_true(trial.is_near);
        wait_often(&trial, far_is_faster, MANY_WAITS);
        assert_false(trial.is_near);
    }
}

static unsigned period;
static uint64_t some_calls_are_longer(bool is_near, unsigned i) {
    return (is_near ? NEAR_TICKS : NEAR_TICKS + 5) + (i % period == 0 ? FAR_TICKS : 0);
}

TEST(trial_takes_other_calls_for_no_difference) {
    for (period = 1; period <= 64; period++) {
        struct fc__wire_trial trial = {0};
        const struct waits done = wait_often(&trial, some_calls_are_longer, MANY_WAITS);
        assert_false(trial.is_near);
        assert_true(done.near < MANY_WAITS / 100);
    }
}

/* Waits of anything between the two: of a library that works for a while, or on a busy machine. */
static uint64_t anything(bool is_near, unsigned i) {
    static uint32_t random = 1;
    (void)is_near, (void)i;
    return NEAR_TICKS + next_random(&random) % FAR_TICKS;
}

TEST(trial_takes_noise_for_no_difference) {
    struct fc__wire_trial trial = {0};
    unsigned near = 0;
    for (int i = 0; i < 100; i++) {
        wait_often(&trial, anything, MANY_WAITS);
        near += trial.is_near;
    }
    assert_true(near < 5);
}

static uint64_t unknown(bool is_near, unsigned i) {
    return is_near || i % 3 == 0 ? UINT64_MAX : NEAR_TICKS;
}

TEST(trial_stays_with_what_was_known_where_times_are_not) {
    struct fc__wire_trial trial = {0};
    wait_often(&trial, unknown, MANY_WAITS);
    assert_false(trial.is_near);
    struct fc__wire_trial near = {0};
    wait_often(&near, near_is_faster, MANY_WAITS);
    wait_often(&near, unknown, MANY_WAITS);
    assert_true(near.is_near);
}
