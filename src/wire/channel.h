/* wire: a channel, one lane of memory between one caller thread and one host thread (docs/protocol.md is normative).
 * Runs in: both processes.  Threads: the side that has the turn owns every byte of the channel but the turn word.
 * Does not: interpret arguments (abi) or decide restarts (client).
 *
 *   offset  0  turn     the word that passes the channel from side to side
 *           4  info     call: shape of the frame (abi/frame.h); answer: errno
 *           8  value    call: address of the function; answer: result 0
 *          16  words    call: argument words, running on into the next lines; answer: results 1, 2
 *          64  the next lines: the rest of the words, then what pointers point to
 *       65472  marks    who sleeps, and whether the channel is dead; a line that hardly ever changes
 *       65476  cpus     where each side woke up, or woke the other, last: the caller, the host
 *       65488  rung     when each was rung last: the caller, the host
 */
#ifndef FC_WIRE_CHANNEL_H
#define FC_WIRE_CHANNEL_H

#include "wire/trial.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FC__WIRE_LINE_BYTES 64u
#define FC__WIRE_FIRST_LOOKS 128      /* at the turn, before the clock is asked for the first time */
#define FC__WIRE_CHANNEL_BYTES 65536u /* the line, its continuation, scratch, and the marks */
#define FC__WIRE_MARKS_OFFSET (FC__WIRE_CHANNEL_BYTES - FC__WIRE_LINE_BYTES)

struct fc_wire_line {
    _Atomic uint32_t turn;
    uint32_t info;
    uint64_t value;
    uint64_t words[6];
};
_Static_assert(sizeof(struct fc_wire_line) == FC__WIRE_LINE_BYTES, "a small call is one cache line");
_Static_assert(offsetof(struct fc_wire_line, words) == 16, "see abi/frame.h");

/* The turn word: who owns the line, what is asked or answered, and how the side that passed it will go to sleep. */
#define FC__WIRE_HOST 0x1u   /* the host's turn; clear: the caller's */
#define FC__WIRE_FENCES 0x2u /* a promise of who passed it: fc__os_fence between its mark and its sleep */
#define FC__WIRE_DEAD 0x4u   /* set by the caller's process only: no host serves this channel; final */
#define FC__WIRE_OP(turn) (((turn) >> 8) & 0xffu)
#define FC__WIRE_NEAR                                                                                                  \
    0x10000u /* of the caller: the sides share a cache, so it seems; let the host pass and wait like that */

/* The marks; of a dead channel FC__WIRE_DEAD as well, set before it is in the turn word. */
#define FC__WIRE_SLEEPER(side) ((side) == FC__WIRE_HOST ? 0x2u : 0x1u) /* it sleeps on the turn word, or is about to */

enum fc__wire_op {
    /* asked by the caller */
    FC__WIRE_OP_CALL = 1,   /* a frame */
    FC__WIRE_OP_HELLO = 2,  /* nothing; the greeting of a host that starts */
    FC__WIRE_OP_OPEN = 3,   /* text: name of a library -> value: handle; text: its path */
    FC__WIRE_OP_SYMBOL = 4, /* value: handle; text: name -> value: address */
    FC__WIRE_OP_CLOSE = 5,  /* value: handle */
    FC__WIRE_OP_READ = 6,   /* value: address, words[0]: to, words[1]: bytes; both in the host's view */
    FC__WIRE_OP_END = 7,    /* the thread ends after answering */
    FC__WIRE_OP_RETURN = 8, /* of an upcall. value, words[0]: its results */
    FC__WIRE_OP_STRING = 9, /* value: address of a string -> where results are gathered, and words[0]: its length */
    FC__WIRE_OP_TRAMPOLINE = 10, /* value: id, words[0]: shape of the upcall's frame -> value: address */
    FC__WIRE_OP_UNWIND =
        11, /* instead of RETURN: abandon the call that the upcall came from; that call's answer follows */
    FC__WIRE_OP_PATH =
        12, /* text: a path of the host's system, of UTF-8; value 1: as its functions of `char` take it, 0:
                            * of those, as UTF-8 -> value: 1, or 0 if there is no such; text: that */
    FC__WIRE_OP_MERGE = 13, /* as READ, but only those bytes that are not as at words[2] */
    /* answered by the host */
    FC__WIRE_OP_DONE = 32,
    FC__WIRE_OP_FAILED = 33,   /* text: why */
    FC__WIRE_OP_UPCALL = 35,   /* no answer yet: a frame for the caller, whose function is value; then RETURN */
    FC__WIRE_OP_UNSERVED = 34, /* text: why no thread serves the channel; ask for one again */
    FC__WIRE_OP_LEAVE = 36,    /* of a dispatcher's channel, between upcalls: it is not needed any more */
};

/* The upcall that is none of a function: words of the library for the caller's log. A piece lies in the line's words, at
 * most 48 bytes; the last one has a NUL. */
#define FC__WIRE_UPCALL_LOG (UINT64_C(1) << 32)

/* Texts lie here in a channel, NUL-terminated, the NUL within the limit. */
#define FC__WIRE_TEXT_OFFSET 64u
#define FC__WIRE_TEXT_BYTES 8192u

/* What a side waits for. */
enum fc__wire_awaited {
    FC__WIRE_AWAITED_ANSWER, /* the caller's side, of what it asked */
    FC__WIRE_AWAITED_CALL,   /* the host's, the next one */
    FC__WIRE_AWAITED_RETURN, /* the host's, of an upcall */
    FC__WIRE_AWAITED_REST,   /* the caller's, after it has answered the first upcall of a call: the answer is near */
    FC__WIRE_AWAITED_MORE,   /* the caller's, after it has answered another: the library does some work in between */
    FC__WIRE_AWAITED_COUNT,
};

/* How one side waits on its channels; private to the side, one for each channel. */
struct fc__wire_waiter {
    uint32_t spin_ns;     /* the longest spin for a side that is awake; 0: never */
    uint32_t wakeup_ns;   /* how long a wake-up takes lately */
    bool quota_is_scarce; /* the cgroup allows at most one CPU's time */
    bool cpus_are_scarce; /* that, or the affinity allows but one CPU, which is not this side's alone */
    uint32_t limit_ns;    /* of the next spin for a side that is awake: what lately sufficed, with room */
    uint32_t doubt;       /* grows with spins in vain; exponent of the pause */
    uint32_t pause;       /* waits still to go without a spin */
    uint32_t successes;   /* in a row */
    uint32_t sleeps;      /* for looking at the CPU mask now and then */
    uint32_t together;    /* answers in a pause that came soon, from the same CPU */
    uint32_t together_max;
    bool woke;          /* the other side slept when the line was passed to it, and has not answered yet */
    bool slept;         /* in the last wait; the other side may still be busy waking this one */
    bool is_cold;       /* one of these, on CPUs apart: the answer has to wait for a wake-up, or for the rest of one */
    bool shares_cpu;    /* with the other side, it seems */
    bool may_move;      /* this thread is ours to move to another CPU */
    bool is_settled;    /* the other side answers at once: a wait begins with looks, and they change nothing here */
    uint32_t fences;    /* passed with the turn: FC__WIRE_FENCES if this side promises it for its next wait, or 0 */
    uint32_t may_trust; /* FC__WIRE_FENCES if the other side's fence reaches this process, or 0 */
    uint32_t trusts;    /* the other side has promised it, and is believed */
    bool wrote_much;    /* the host, to the line: beyond the words of an answer, for the turn that it passes next */
    uint32_t near;      /* FC__WIRE_NEAR or 0, by the caller's trials */
    struct fc__wire_trial trial;
    /* Before the first look, if not near. The line's way to the other side and back takes longer, and who looks takes it
     * away from the side that is writing it. */
    uint8_t pauses[FC__WIRE_AWAITED_COUNT];
    /* Descriptors at which this side sleeps, and wakes the other, where the two systems know no word to sleep on; -1:
     * they sleep on the turn word. */
    int bell_wait, bell_ring;
};

void fc__wire_waiter_init(struct fc__wire_waiter *waiter, uint32_t spin_us, bool quota_is_scarce);

static inline _Atomic uint32_t *fc__wire_marks(struct fc_wire_line *line) {
    return (_Atomic uint32_t *)(void *)((char *)line + FC__WIRE_MARKS_OFFSET);
}

/* Where a side that wakes up, or wakes the other, says on which CPU it is: fc__os_cpu and 1; 0: unknown. */
static inline _Atomic uint32_t *fc__wire_cpu(struct fc_wire_line *line, uint32_t side) {
    return fc__wire_marks(line) + (side == FC__WIRE_HOST ? 2 : 1);
}

/* When that side was rung last, in ticks of the processors' clock. */
static inline _Atomic uint64_t *fc__wire_rung(struct fc_wire_line *line, uint32_t side) {
    return (_Atomic uint64_t *)(void *)(fc__wire_marks(line) + 4) + (side == FC__WIRE_HOST ? 1 : 0);
}

/* Readies the channel for a new host: nothing is marked, and what the last one promised is void. */
void fc__wire_reset(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint32_t turn);

/* What remains to be done when the turn was passed while a sleeper or death was marked: see fc__wire_pass. */
bool fc__wire_passed_marked(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint32_t marks);

/* Of bytes that were written for the other side: let them leave this processor's own cache, so that it finds them sooner,
 * and a look that comes too early costs less. A hint; processors without it take it for a no-op (Intel SDM, CLDEMOTE). */
static inline void fc__wire_release(const void *line) {
    __asm__ volatile("cldemote %0" : : "m"(*(const char *)line));
}

/* The same for what runs on behind the line, up to that many bytes of the channel, before the turn is passed. */
static inline void fc__wire_release_more(const struct fc_wire_line *line, const struct fc__wire_waiter *waiter,
                                         uint32_t bytes) {
    if (waiter->near != 0) {
        return;
    }
    for (uint32_t at = FC__WIRE_LINE_BYTES; at < bytes; at += FC__WIRE_LINE_BYTES) {
        fc__wire_release((const char *)line + at);
    }
}

/* Of this processor, full: what was written before is in its cache, and is seen. (ThreadSanitizer knows no C11 fence.) */
static inline void fc__wire_fence(void) {
#ifdef __x86_64__
    __asm__ volatile("lock; orl $0, (%%rsp)" : : : "memory", "cc");
#else
    __asm__ volatile("lock; orl $0, (%%esp)" : : : "memory", "cc");
#endif
}

/* Hands the line to the other side, waking it if it sleeps. False if the channel is dead; it stays so. `waiter` is that
 * of the next wait, NULL if there is none and the channel has no bells. */
static inline bool fc__wire_pass(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint32_t to,
                                 enum fc__wire_op op) {
    const uint32_t turn = to | (uint32_t)op << 8 | (waiter != NULL ? waiter->fences | waiter->near : 0);
    const bool leaves = waiter == NULL || waiter->near == 0;
    /* The turn is written, and then the marks are looked at; who goes to sleep marks that, and then looks at the turn.
     * With a fence between the two on either side, one sees the other. The sleeper's may be on this processor, too. */
    atomic_store_explicit(&line->turn, turn, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    /* With one here, too, all that was written is in this processor's cache when the line leaves it: what comes later has
     * to get it back. The caller has time for that, the host only where it wrote much. */
    const bool drains = leaves && (to == FC__WIRE_HOST || (waiter != NULL && waiter->wrote_much));
    if (drains || waiter == NULL || waiter->trusts == 0) {
        fc__wire_fence();
    }
    if (leaves) {
        fc__wire_release(line);
    }
    const uint32_t marks = atomic_load_explicit(fc__wire_marks(line), memory_order_seq_cst);
    return __builtin_expect((marks & (FC__WIRE_SLEEPER(to) | FC__WIRE_DEAD)) == 0, 1) ||
           fc__wire_passed_marked(line, waiter, marks);
}

static inline bool fc__wire_is_mine(uint32_t turn, uint32_t me) {
    return (turn & FC__WIRE_HOST) == me || (turn & FC__WIRE_DEAD) != 0;
}

/* Looks at the turn up to `looks` times. */
static inline bool fc__wire_look(struct fc_wire_line *line, uint32_t me, int looks, uint32_t *ret_turn) {
    for (int i = 0; i < looks; i++) {
        uint32_t turn = atomic_load_explicit(&line->turn, memory_order_acquire);
        if (fc__wire_is_mine(turn, me)) {
            *ret_turn = turn;
            return true;
        }
        __builtin_ia32_pause();
    }
    return false;
}

/* Asks for the line's bytes to write to, so that they are on their way while a call or an answer is prepared. */
static inline void fc__wire_claim(struct fc_wire_line *line) {
    __asm__ volatile("prefetchw %0" : : "m"(*line));
}

/* The same for what runs on behind the line, up to that many bytes of the channel. */
static inline void fc__wire_claim_more(struct fc_wire_line *line, uint32_t bytes) {
    for (uint32_t at = FC__WIRE_LINE_BYTES; at < bytes; at += FC__WIRE_LINE_BYTES) {
        __asm__ volatile("prefetchw %0" : : "m"(*((const char *)line + at)));
    }
}

/* The turn word as the side that waited for it sees it. It is going to write: an answer, or another call, perhaps. */
static inline uint32_t fc__wire_received(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                                         uint32_t turn) {
    fc__wire_claim(line);
    waiter->trusts = turn & waiter->may_trust;
    if (me == FC__WIRE_HOST) {
        waiter->near = turn & FC__WIRE_NEAR;
    }
    return turn & ~(FC__WIRE_FENCES | FC__WIRE_NEAR);
}

/* Looks at the turn for the time in which one comes that is near. */
static inline bool fc__wire_look_soon(struct fc_wire_line *line, uint32_t me, const struct fc__wire_waiter *waiter,
                                      enum fc__wire_awaited awaited, uint32_t *ret_turn) {
    for (uint32_t i = waiter->near != 0 ? 0 : waiter->pauses[awaited]; i > 0; i--) {
        __builtin_ia32_pause();
    }
    return fc__wire_look(line, me, FC__WIRE_FIRST_LOOKS, ret_turn);
}

/* The general form of fc__wire_wait. */
uint32_t fc__wire_wait_as_learned(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                                  uint64_t deadline_ns);
/* The same of a wait that belongs to a trial. The caller's. */
uint32_t fc__wire_wait_on_trial(struct fc_wire_line *line, struct fc__wire_waiter *waiter, uint64_t deadline_ns,
                                enum fc__wire_awaited awaited);

/* fc__wire_wait for what is known to be near, or not so near. */
static inline uint32_t fc__wire_wait_for(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                                         uint64_t deadline_ns, enum fc__wire_awaited awaited) {
    if (__builtin_expect(waiter->is_settled, 1)) {
        uint32_t turn;
        if (me != FC__WIRE_HOST && fc__wire_trial_is_on(&waiter->trial)) {
            return fc__wire_wait_on_trial(line, waiter, deadline_ns, awaited);
        }
        if (fc__wire_look_soon(line, me, waiter, awaited, &turn)) {
            return fc__wire_received(line, me, waiter, turn);
        }
    }
    return fc__wire_wait_as_learned(line, me, waiter, deadline_ns);
}

/* Waits until the line is `me`'s (FC__WIRE_HOST or 0) or dead, or until the deadline (fc__os_now_ns; 0: none).
 * Returns the turn word; after the deadline, a word that is still the other side's. */
static inline uint32_t fc__wire_wait(struct fc_wire_line *line, uint32_t me, struct fc__wire_waiter *waiter,
                                     uint64_t deadline_ns) {
    return fc__wire_wait_for(line, me, waiter, deadline_ns,
                             me == FC__WIRE_HOST ? FC__WIRE_AWAITED_CALL : FC__WIRE_AWAITED_ANSWER);
}

/* Marks the channel dead and wakes who waits, the caller, whose `waiter` this is; NULL: it has no bells. */
void fc__wire_kill(struct fc_wire_line *line, const struct fc__wire_waiter *waiter);

static inline char *fc__wire_text(struct fc_wire_line *line) {
    return (char *)line + FC__WIRE_TEXT_OFFSET;
}

#endif
