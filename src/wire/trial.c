/* wire: which of two ways to wait is faster. */
#include "wire/trial.h"

enum {
    PAIRS = 16,
    WAITS_PER_TRY = 2, /* of which the second is timed: in the first the other side still waits in the way of before */
    WAITS_PER_PAIR = 2 * WAITS_PER_TRY,
    PAIRS_TO_WIN = 12,
    CLEARLY = 8, /* by an eighth */
    WAITS_BETWEEN = 8192,
    WAITS_TO_REPEAT = 64,
    NEAR_FIRST = 0x9a5c, /* the pairs in which the near way is tried first: every other call may be a longer one */
};

static bool is_near_at(unsigned wait) {
    const bool is_first = wait % WAITS_PER_PAIR < WAITS_PER_TRY;
    return is_first == ((NEAR_FIRST >> wait / WAITS_PER_PAIR & 1) != 0);
}

static bool is_clearly_less(uint64_t ticks, uint64_t than) {
    return than != UINT64_MAX && ticks < than - than / CLEARLY;
}

static void compare(struct fc__wire_trial *trial, bool is_near, uint64_t ticks) {
    const uint64_t near_ticks = is_near ? ticks : trial->first_ticks;
    const uint64_t far_ticks = is_near ? trial->first_ticks : ticks;
    trial->near_won += is_clearly_less(near_ticks, far_ticks);
    trial->far_won += is_clearly_less(far_ticks, near_ticks);
}

/* Two trials have to agree on a change. */
static bool end(struct fc__wire_trial *trial) {
    const bool is_other = (trial->is_near ? trial->far_won : trial->near_won) >= PAIRS_TO_WIN;
    const bool changes = is_other && trial->is_doubted;
    *trial = (struct fc__wire_trial){.waits_left = is_other && !changes ? WAITS_TO_REPEAT : WAITS_BETWEEN,
                                     .is_near = trial->is_near != changes,
                                     .is_doubted = is_other && !changes};
    return trial->is_near;
}

bool fc__wire_trial_next(struct fc__wire_trial *trial, uint64_t ticks) {
    const unsigned done = trial->waits++; /* of the trial, which began when a wait had begun already */
    if (done != 0 && done % WAITS_PER_TRY == 0) {
        if (done % WAITS_PER_PAIR != 0) {
            trial->first_ticks = ticks;
        } else {
            compare(trial, is_near_at(done - 1), ticks);
        }
    }
    return done < PAIRS * WAITS_PER_PAIR ? is_near_at(done) : end(trial);
}
