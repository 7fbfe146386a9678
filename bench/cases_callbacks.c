/* bench: calls that call back. */
#include "bench.h"

#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

enum { NUMBERS = 10000 };

static int add_one(int value) {
    return value + 1;
}

struct round_trip {
    struct bench_session *session;
    struct fc_function *call_kept;
};

static void place(void *context) {
    const struct round_trip *trip = context;
    const struct bench_op add = bench_add_op(trip->session);
    add.begin(add.context);
}

static void call_back_once(void *context) {
    const struct round_trip *trip = context;
    int result = 0;
    int rc = fc_call(trip->call_kept, &result, 41);
    if (rc != FC_OK || result != 42) {
        bench_die("call_kept: %s, %d", fc_strerror(rc), result);
    }
}

static void compare_round_trip(struct bench_session *session) {
    struct round_trip trip = {.session = session};
    struct fc_function *keep;
    bench_check(fc_bind(session->library, "void keep(int (*function)(int value))", &keep), "fc_bind keep");
    bench_check(fc_bind(session->library, "int call_kept(int value)", &trip.call_kept), "fc_bind call_kept");
    bench_check(fc_call(keep, NULL, add_one), "keep");
    const struct bench_op floor = bench_add_op(session);
    const struct bench_op subject = {.run = call_back_once, .begin = place, .context = &trip};
    bench_report_pair("callback_round_trip", "time", bench_compare(&floor, &subject, 40), "ns", "<= 2.2 x Add");
}

/* -- qsort --------------------------------------------------------------------------------------------------------- */

static unsigned long comparisons;
static int compare_ints(const void *left, const void *right) {
    int a, b;
    comparisons++;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

static void shuffle(int *numbers) {
    unsigned random = 1;
    for (int i = 0; i < NUMBERS; i++) {
        random = random * 1103515245u + 12345u;
        numbers[i] = (int)random;
    }
    comparisons = 0;
}

static double sort_ns_per_comparison(struct fc_function *sort, int *numbers) {
    shuffle(numbers);
    const uint64_t start = bench_now_ns();
    bench_check(fc_call(sort, NULL, numbers, (unsigned)NUMBERS, compare_ints), "sort");
    return (double)(bench_now_ns() - start) / (double)comparisons;
}

/* The same done by the peer, with the bare line: what the sorting costs that is no exchange, and the lines of the
 * array, which the peer writes and the comparator reads. */
static double floor_ns_per_comparison(struct bench_floor *floor, int *numbers) {
    const struct bench_op op = bench_floor_op(floor);
    op.begin(op.context);
    shuffle(numbers);
    const uint64_t start = bench_now_ns();
    bench_exchange_sort(floor->peer, numbers, NUMBERS, compare_ints);
    const double result = (double)(bench_now_ns() - start) / (double)comparisons;
    op.end(op.context);
    return result;
}

static void compare_sort(struct bench_session *session) {
    struct round_trip trip = {.session = session};
    struct fc_function *sort;
    bench_check(fc_bind(session->library,
                        "void sort(_Inout_updates_(count) int *numbers, unsigned count, int "
                        "(*compare)(_In_reads_bytes_(4) const void *left, _In_reads_bytes_(4) const void *right))",
                        &sort),
                "fc_bind sort");
    struct bench_peer *peer = bench_peer_start(1);
    struct bench_floor line = {.peer = peer, .mode = PEER_LINE, .caller_cpu = bench.cpus[0], .peer_cpu = bench.cpus[1]};
    struct bench_floor raw = line;
    raw.mode = PEER_SORT;
    const struct bench_op floor = bench_floor_op(&line);
    int *numbers = bench_alloc(NUMBERS * sizeof *numbers);
    double *floors = bench_alloc(bench.slices * sizeof *floors), *raws = bench_alloc(bench.slices * sizeof *raws);
    double *values = bench_alloc(bench.slices * sizeof *values);
    for (unsigned i = 0; i < bench.slices; i++) {
        floors[i] = bench_slice_ns(&floor, 20);
        raws[i] = floor_ns_per_comparison(&raw, numbers);
        place(&trip);
        values[i] = sort_ns_per_comparison(sort, numbers);
    }
    bench_report_pair("qsort_comparison", "time", bench_pair_of(floors, values, bench.slices), "ns", "<= 1.6 x line");
    bench_report_pair("qsort_comparison_raw", "time", bench_pair_of(raws, values, bench.slices), "ns",
                      "floor: a raw sort");
    free(floors);
    free(raws);
    free(values);
    free(numbers);
    bench_peer_stop(peer);
}

void bench_group_callbacks(void) {
    if (!bench_has_two_cpus()) {
        fputs("bench: callbacks need two CPUs: left out\n", stderr);
        return;
    }
    struct bench_session session;
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    session.placement = BENCH_PLACED;
    session.caller_cpu = bench.cpus[0];
    session.host_cpu = bench.cpus[1];
    compare_round_trip(&session);
    compare_sort(&session);
    bench_session_close(&session);
}
