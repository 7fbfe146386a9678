/* bench: calls measured beside floors in the same run (docs/performance.md says what the numbers mean).
 *
 * Each group of cases runs in a forked process of its own, so that none sees another's sessions, memory or CPU mask.
 * A case is compared with its floor in alternating slices: floor, case, floor, case; the ratio is the median of the
 * slices' ratios, because what a floor costs drifts by a third on shared machines.
 *
 * Runs in: the caller.  Threads: a group's first thread, unless said.
 * Does not: assert anything about time. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farcall/farcall.h"

#define BENCH_SLICES 15u /* never fewer */

#if defined(__x86_64__)
#define BENCH_OTHER_TARGET "i386-linux"
#else
#define BENCH_OTHER_TARGET "x86_64-linux"
#endif

struct bench_config {
    unsigned slices;
    double scale;          /* of the slices' lengths: 1, or less for --quick */
    char folder[PATH_MAX]; /* of this program; the other width's programs lie in ../<target> */
    int cpus[2];           /* the first two allowed; equal if there is one */
    int report_fd;         /* where a group's results go; -1 in the first process */
};
extern struct bench_config bench;

/* -- measure.c ----------------------------------------------------------------------------------------------------- */

/* Ends the group: something could not be run. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the group if a call of the library or of the system failed. */
void bench_check(int rc, const char *what);
void bench_check_errno(bool ok, const char *what);

/* Zeroed memory; ends the group if there is none. */
void *bench_alloc(size_t bytes) __attribute__((returns_nonnull));

uint64_t bench_now_ns(void);
void bench_sleep_until(uint64_t at_ns);
void bench_spin_for(uint64_t ns);
uint64_t bench_thread_cpu_ns(void);
uint64_t bench_process_cpu_ns(void);
/* Of another process, all its threads. */
uint64_t bench_cpu_ns_of(int pid);

/* The value below which `percent` of them lie. Sorts. */
double bench_percentile(double *values, size_t count, double percent);
double bench_median(double *values, size_t count);

bool bench_has_two_cpus(void);
/* Pins the calling thread to a CPU; -1: to all that were allowed at the start. */
void bench_pin_self(int cpu);
/* The same for all threads of a process. */
void bench_pin_process(int pid, int cpu);

/* Something that can be done many times. `begin` and `end` frame a slice, outside the measured time; either may be
 * NULL. */
struct bench_op {
    void (*run)(void *context);
    void (*begin)(void *context);
    void (*end)(void *context);
    void *context;
};

/* Nanoseconds for one run, over one slice. */
double bench_slice_ns(const struct bench_op *op, double slice_ms);

struct bench_pair {
    double floor, value; /* medians of the slices */
    double ratio;        /* median of the slices' ratios */
    double difference;   /* median of the slices' differences */
};
struct bench_pair bench_compare(const struct bench_op *floor, const struct bench_op *subject, double slice_ms);
/* The same from slices already taken. */
struct bench_pair bench_pair_of(const double *floors, const double *values, size_t count);

/* -- result.c ------------------------------------------------------------------------------------------------------ */

enum {
    BENCH_NAME_BYTES = 64,
    BENCH_METRIC_BYTES = 32,
    BENCH_UNIT_BYTES = 32,
    BENCH_TARGET_BYTES = 64,
    BENCH_RESULTS_MAX = 256
};

struct bench_result {
    char name[BENCH_NAME_BYTES], metric[BENCH_METRIC_BYTES], unit[BENCH_UNIT_BYTES];
    char target[BENCH_TARGET_BYTES]; /* "" for what is only told */
    double value, floor, ratio;      /* NAN: none */
};

/* From a group: sends one result to the first process. */
void bench_report(const char *name, const char *metric, double value, const char *unit, double floor, double ratio,
                  const char *target);
/* The usual one: a compared time, given in ns and told in `unit` ("ns", "us" or "ms"). */
void bench_report_pair(const char *name, const char *metric, struct bench_pair pair, const char *unit,
                       const char *target);

/* One result as a line of text. */
void bench_result_print(int fd, const struct bench_result *result);
bool bench_result_parse(char *line, struct bench_result *ret_result);

void bench_table(const struct bench_result *results, size_t count);
bool bench_json(const char *path, const struct bench_result *results, size_t count);

/* -- floors.c ------------------------------------------------------------------------------------------------------ */

struct bench_peer;
struct peer_slot;
struct peer_shared;

/* Starts the peer with so many slots, all idle. */
struct bench_peer *bench_peer_start(unsigned slots);
void bench_peer_stop(struct bench_peer *peer);
int bench_peer_pid(const struct bench_peer *peer);
struct peer_slot *bench_peer_slot(struct bench_peer *peer, unsigned index);
/* A slot's thread enters a mode (enum peer_mode), or leaves it. */
void bench_peer_enter(struct bench_peer *peer, unsigned index, unsigned mode);
void bench_peer_leave(struct bench_peer *peer, unsigned index);

/* One exchange with a slot that is in the right mode. */
void bench_exchange_line(struct peer_slot *slot);
void bench_exchange_futex(struct peer_slot *slot);
/* One over pipes, or over a socket that is both. */
void bench_exchange_message(int out, int in);
/* Has a peer in PEER_SORT sort ints with `compare`, which runs here. They are copied to the peer and back. */
void bench_exchange_sort(struct bench_peer *peer, int *numbers, size_t count,
                         int (*compare)(const void *left, const void *right));

/* A floor as an op. Both CPUs -1: wherever the scheduler likes. */
struct bench_floor {
    struct bench_peer *peer;
    unsigned mode;
    int caller_cpu, peer_cpu;
    unsigned char *in, *out; /* of PEER_PASS and PEER_LINES: the caller's blocks */
};
struct bench_op bench_floor_op(struct bench_floor *floor);

/* Time from fork to the byte that a program of the other width answers, once. Not stopped by the program's end. */
double bench_exec_once_ns(void);

/* -- session.c ----------------------------------------------------------------------------------------------------- */

enum { BENCH_SPIN_DEFAULT = -1 };

/* Where the two sides run during a slice. A thread that may run on one CPU only never spins; so what is to spin is
 * brought to its CPU at the beginning of a slice, and then left free. */
enum bench_placement { BENCH_ANYWHERE, BENCH_PLACED, BENCH_PINNED };

/* A session with the test library, and its functions. */
struct bench_session {
    struct fc_library *library;
    struct fc_session *session;
    struct fc_function *add, *add10, *pass, *touch;
    int host_pid;
    enum bench_placement placement;
    int caller_cpu, host_cpu;
};
void bench_session_open(struct bench_session *session, int spin_us);
void bench_session_close(struct bench_session *session);
/* Stops the host in the sense of SIGSTOP, so that one which spins does not disturb what else is measured. */
void bench_session_rest(const struct bench_session *session);
void bench_session_resume(const struct bench_session *session);
/* The path of the test library. */
const char *bench_library_path(void);

/* Add(int, int) and the sum of ten ints; the result is checked. */
void bench_call_add(void *session);
void bench_call_add10(void *session);
struct bench_op bench_add_op(struct bench_session *session);

/* -- the groups ---------------------------------------------------------------------------------------------------- */

void bench_group_call_add_awake(void);
void bench_group_add_asleep(void);
void bench_group_arrivals(void);
void bench_group_bytes(void);
void bench_group_callbacks(void);
void bench_group_declarations(void);
void bench_group_images(void);
void bench_group_payloads(void);
void bench_group_proxies(void);
void bench_group_proxy_add(void);
void bench_group_first_call(void);
void bench_group_idle(void);
void bench_group_threads(void);
void bench_group_windows(void);
void bench_group_floors(void);

#endif
