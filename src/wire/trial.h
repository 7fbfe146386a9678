/* wire: finding out whether the two sides of a channel are near each other, as two threads of one core are, which share
 * its caches. Then it is best to look at the turn at once and to leave the line where it is; anywhere else it is best to
 * do neither (docs/performance.md). A virtual machine does not tell which it is, so both are tried and timed.
 * Runs in: the caller's process.  Threads: the channel's.
 * Does not: look at a clock, or at the line. */
#ifndef FC_WIRE_TRIAL_H
#define FC_WIRE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

/* Some waits as if near and some as if far, in turn, every some thousand waits. Zeroed: the sides are far apart as far
 * as is known, and the first trial is due. */
struct fc__wire_trial {
    uint32_t waits_left; /* until a trial begins; 0: it is going on */
    uint8_t waits;       /* of this trial */
    uint8_t near_won;    /* pairs of waits of which the near one was clearly shorter */
    uint8_t far_won;
    bool is_near;         /* known so far */
    bool is_doubted;      /* by the last trial; the next one decides */
    uint64_t first_ticks; /* how long the first wait of a pair took */
};

/* One more wait: whether it belongs to a trial. */
static inline bool fc__wire_trial_is_on(struct fc__wire_trial *trial) {
    return __builtin_expect(trial->waits_left == 0, 0) || __builtin_expect(--trial->waits_left == 0, 0);
}

/* A wait that belongs to a trial took so long, in any unit; UINT64_MAX: not known. Returns whether to pass the turn and
 * wait for it as if near, the next time and, if the trial is over, until another one begins. */
bool fc__wire_trial_next(struct fc__wire_trial *trial, uint64_t ticks);

#endif
