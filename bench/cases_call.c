/* bench: one call at a time, with both sides awake and with the host asleep; and the floors by themselves. */
#include "bench.h"

#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

enum { GAP_NS = 300000 }; /* long enough for the host to fall asleep under the default policy */

/* -- awake --------------------------------------------------------------------------------------------------------- */

void bench_group_call_add_awake(void) {
    if (!bench_has_two_cpus()) {
        fputs("bench: call_add_awake needs two CPUs: left out\n", stderr);
        return;
    }
    struct bench_session session;
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    struct bench_peer *peer = bench_peer_start(1);
    struct bench_floor line = {.peer = peer, .mode = PEER_LINE, .caller_cpu = bench.cpus[0], .peer_cpu = bench.cpus[1]};
    const struct bench_op floor = bench_floor_op(&line);
    const struct bench_op add = bench_add_op(&session);
    struct bench_op add10 = add;
    add10.run = bench_call_add10;
    struct bench_pair free_add = bench_compare(&floor, &add, 40); /* both sides where the scheduler puts them */
    session.placement = BENCH_PLACED;
    session.caller_cpu = bench.cpus[0];
    session.host_cpu = bench.cpus[1];
    bench_report_pair("call_add_awake", "time", bench_compare(&floor, &add, 40), "ns", "<= 1.5 x line");
    bench_report_pair("call_add10_awake", "time", bench_compare(&floor, &add10, 40), "ns", "");
    bench_report_pair("call_add_not_placed", "time", free_add, "ns", "");
    bench_peer_stop(peer);
    bench_session_close(&session);
}

/* -- asleep -------------------------------------------------------------------------------------------------------- */

struct gapped {
    const struct bench_op *op;
    uint64_t in_calls_ns;
    uint64_t calls;
};

static void run_after_gap(void *context) {
    struct gapped *gapped = context;
    bench_spin_for(GAP_NS);
    const uint64_t start = bench_now_ns();
    gapped->op->run(gapped->op->context);
    gapped->in_calls_ns += bench_now_ns() - start;
    gapped->calls++;
}

/* One slice of calls with a computing caller between them; time in calls only. */
static double gapped_slice_ns(const struct bench_op *op) {
    struct gapped gapped = {.op = op};
    const struct bench_op with_gaps = {.run = run_after_gap, .context = &gapped};
    if (op->begin != NULL) {
        op->begin(op->context);
    }
    bench_slice_ns(&with_gaps, 50);
    if (op->end != NULL) {
        op->end(op->context);
    }
    return (double)gapped.in_calls_ns / (double)gapped.calls;
}

static void compare_with_gaps(struct bench_peer *peer) {
    struct bench_session session;
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    struct bench_floor futex = {
        .peer = peer, .mode = PEER_FUTEX, .caller_cpu = bench.cpus[0], .peer_cpu = bench.cpus[1]};
    const struct bench_op floor = bench_floor_op(&futex);
    const struct bench_op add = bench_add_op(&session);
    double *floors = bench_alloc(bench.slices * sizeof *floors), *values = bench_alloc(bench.slices * sizeof *values);
    for (unsigned i = 0; i < bench.slices; i++) {
        floors[i] = gapped_slice_ns(&floor);
        values[i] = gapped_slice_ns(&add);
    }
    bench_report_pair("add_after_gap_two_cpus", "time", bench_pair_of(floors, values, bench.slices), "us",
                      "<= 1.15 x futex");
    free(floors);
    free(values);
    bench_session_close(&session);
}

static void compare_asleep(struct bench_peer *peer, const char *name, int caller_cpu, int other_cpu) {
    struct bench_session session;
    bench_session_open(&session, 0);
    session.placement = BENCH_PINNED;
    session.caller_cpu = caller_cpu;
    session.host_cpu = other_cpu;
    struct bench_floor futex = {.peer = peer, .mode = PEER_FUTEX, .caller_cpu = caller_cpu, .peer_cpu = other_cpu};
    const struct bench_op floor = bench_floor_op(&futex);
    const struct bench_op add = bench_add_op(&session);
    bench_report_pair(name, "time", bench_compare(&floor, &add, 40), "us", "<= 1.15 x futex");
    bench_session_close(&session);
}

/* The session is opened by a thread that may run on one CPU only, under the default policy. */
static void compare_on_one_cpu(struct bench_peer *peer) {
    struct bench_session session;
    bench_pin_self(bench.cpus[0]);
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    session.placement = BENCH_PINNED;
    session.caller_cpu = session.host_cpu = bench.cpus[0];
    struct bench_floor futex = {
        .peer = peer, .mode = PEER_FUTEX, .caller_cpu = bench.cpus[0], .peer_cpu = bench.cpus[0]};
    const struct bench_op floor = bench_floor_op(&futex);
    const struct bench_op add = bench_add_op(&session);
    bench_report_pair("add_default_one_cpu", "time", bench_compare(&floor, &add, 40), "us", "<= 1.15 x futex");
    bench_pin_self(-1);
    bench_session_close(&session);
}

void bench_group_add_asleep(void) {
    struct bench_peer *peer = bench_peer_start(1);
    if (bench_has_two_cpus()) {
        compare_asleep(peer, "add_asleep_two_cpus", bench.cpus[0], bench.cpus[1]);
        compare_with_gaps(peer);
    } else {
        fputs("bench: add_asleep_two_cpus needs two CPUs: left out\n", stderr);
    }
    compare_asleep(peer, "add_asleep_one_cpu", bench.cpus[0], bench.cpus[0]);
    compare_on_one_cpu(peer);
    bench_peer_stop(peer);
}

/* -- floors -------------------------------------------------------------------------------------------------------- */

static void report_floor(const char *name, const struct bench_op *op, double slice_ms, const char *unit,
                         double unit_ns) {
    double *values = bench_alloc(bench.slices * sizeof *values);
    for (unsigned i = 0; i < bench.slices; i++) {
        values[i] = bench_slice_ns(op, slice_ms);
    }
    bench_report(name, "time", bench_median(values, bench.slices) / unit_ns, unit, NAN, NAN, "");
    free(values);
}

struct blocks {
    unsigned char *in, *middle, *end, *out;
};

static void run_memcpy(void *context) {
    struct blocks *blocks = context;
    memcpy(blocks->middle, blocks->in, PEER_BLOCK_BYTES);
    memcpy(blocks->end, blocks->middle, PEER_BLOCK_BYTES);
    memcpy(blocks->out, blocks->end, PEER_BLOCK_BYTES);
    __asm__ volatile("" ::: "memory");
}

void bench_group_floors(void) {
    struct bench_peer *peer = bench_peer_start(1);
    const int first = bench.cpus[0], second = bench.cpus[1];
    const struct {
        const char *name;
        unsigned mode;
        int peer_cpu;
    } exchanges[] = {
        {"floor_line", PEER_LINE, second},
        {"floor_futex_two_cpus", PEER_FUTEX, second},
        {"floor_futex_one_cpu", PEER_FUTEX, first},
        {"floor_socketpair_two_cpus", PEER_SOCKET, second},
        {"floor_socketpair_one_cpu", PEER_SOCKET, first},
        {"floor_pipes_two_cpus", PEER_PIPE, second},
        {"floor_pipes_one_cpu", PEER_PIPE, first},
    };
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        if (exchanges[i].peer_cpu != first || exchanges[i].mode != PEER_LINE) {
            struct bench_floor floor = {
                .peer = peer, .mode = exchanges[i].mode, .caller_cpu = first, .peer_cpu = exchanges[i].peer_cpu};
            const struct bench_op op = bench_floor_op(&floor);
            bool is_line = exchanges[i].mode == PEER_LINE;
            report_floor(exchanges[i].name, &op, 15, is_line ? "ns" : "us", is_line ? 1 : 1e3);
        }
    }
    bench_peer_stop(peer);

    unsigned char *memory = bench_alloc((size_t)4 * PEER_BLOCK_BYTES);
    memset(memory, 1, (size_t)4 * PEER_BLOCK_BYTES);
    struct blocks blocks = {memory, memory + PEER_BLOCK_BYTES, memory + (size_t)2 * PEER_BLOCK_BYTES,
                            memory + (size_t)3 * PEER_BLOCK_BYTES};
    const struct bench_op copies = {.run = run_memcpy, .context = &blocks};
    report_floor("floor_memcpy_3x1MiB", &copies, 15, "us", 1e3);
    free(memory);
}
