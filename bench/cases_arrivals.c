/* bench: calls that arrive at a pace, under three waiting policies: how long one takes, and what both sides' CPUs pay.
 *
 * A call's latency is from its beginning to its result. Its CPU time in the caller is the thread's CPU clock across the
 * call, less what reading that clock twice costs; the wait for the next arrival is thus not in it. The host's is its
 * process's CPU clock over the slice, divided by the calls: what it does between calls is in it. The caller sleeps
 * until the next arrival, and for the shortest gap watches the clock. */
#include "bench.h"

#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

enum { POLICY_FUTEX_FLOOR, POLICY_DEFAULT, POLICY_NO_SPIN, POLICY_ALL_SPIN, POLICIES, SHORTEST_SLEEP_NS = 50000 };

struct policy {
    const char *name;
    struct bench_session session;
    struct bench_op op;
    int other_pid;
    bool rests; /* would spin during the slices of others */
    double *latencies_us;
    size_t count;
    double *slice_p50_us, *caller_cpu_us, *host_cpu_us; /* by slice */
};

struct pace {
    const char *name;
    uint64_t gap_ns;
    unsigned calls, warm_calls; /* in a slice */
};
static const struct pace paces[] = {
    {"10us", 10000, 4000, 500}, {"100us", 100000, 500, 50}, {"1ms", 1000000, 80, 10}, {"10ms", 10000000, 12, 4}};

static double clock_cost_ns;

static void calibrate(void) {
    enum { READS = 2000 };
    double costs[READS];
    for (int i = 0; i < READS; i++) {
        const uint64_t before = bench_thread_cpu_ns();
        costs[i] = (double)(bench_thread_cpu_ns() - before);
    }
    clock_cost_ns = bench_median(costs, READS);
}

static void wait_for_arrival(uint64_t at_ns, uint64_t gap_ns) {
    if (gap_ns >= SHORTEST_SLEEP_NS) {
        bench_sleep_until(at_ns);
        return;
    }
    while (bench_now_ns() < at_ns) {
        __builtin_ia32_pause();
    }
}

/* Calls at their times; one that is late because the call before it took longer than the gap begins at once.
 * Returns the caller's CPU time in calls. */
static double call_at_pace(const struct bench_op *op, uint64_t gap_ns, unsigned calls, double *ret_latencies_us) {
    double cpu_ns = 0;
    uint64_t next = bench_now_ns();
    for (unsigned i = 0; i < calls; i++) {
        next += gap_ns;
        wait_for_arrival(next, gap_ns);
        const uint64_t cpu_before = bench_thread_cpu_ns(), before = bench_now_ns();
        op->run(op->context);
        const uint64_t after = bench_now_ns();
        cpu_ns += (double)(bench_thread_cpu_ns() - cpu_before) - clock_cost_ns;
        ret_latencies_us[i] = (double)(after - before) / 1e3;
        next = after > next + gap_ns ? after : next;
    }
    return cpu_ns;
}

static void slice(struct policy *policy, const struct pace *pace, unsigned calls, unsigned index) {
    double *latencies = policy->latencies_us + policy->count;
    if (policy->rests) {
        bench_session_resume(&policy->session);
    }
    if (policy->op.begin != NULL) {
        policy->op.begin(policy->op.context);
    }
    call_at_pace(&policy->op, pace->gap_ns, pace->warm_calls, latencies);
    const uint64_t other_before = bench_cpu_ns_of(policy->other_pid);
    double caller_ns = call_at_pace(&policy->op, pace->gap_ns, calls, latencies);
    const uint64_t other_ns = bench_cpu_ns_of(policy->other_pid) - other_before;
    if (policy->op.end != NULL) {
        policy->op.end(policy->op.context);
    }
    if (policy->rests) {
        bench_session_rest(&policy->session);
    }
    policy->caller_cpu_us[index] = caller_ns / calls / 1e3;
    policy->host_cpu_us[index] = (double)other_ns / calls / 1e3;
    policy->slice_p50_us[index] = bench_median(latencies, calls);
    policy->count += calls;
}

static void report(const struct pace *pace, struct policy *floor, struct policy *policy) {
    char name[BENCH_NAME_BYTES];
    snprintf(name, sizeof name, "every_%s_%s", pace->name, policy->name);
    static const struct {
        const char *name;
        double percent;
    } percentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}};
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        double ratio = i == 0 ? bench_pair_of(floor->slice_p50_us, policy->slice_p50_us, bench.slices).ratio : NAN;
        bench_report(name, percentiles[i].name,
                     bench_percentile(policy->latencies_us, policy->count, percentiles[i].percent), "us",
                     bench_percentile(floor->latencies_us, floor->count, percentiles[i].percent), ratio, "");
    }
    bench_report(name, "caller_cpu", bench_pair_of(floor->caller_cpu_us, policy->caller_cpu_us, bench.slices).value,
                 "us/call", bench_pair_of(floor->caller_cpu_us, policy->caller_cpu_us, bench.slices).floor, NAN, "");
    bench_report(name, "host_cpu", bench_pair_of(floor->host_cpu_us, policy->host_cpu_us, bench.slices).value,
                 "us/call", bench_pair_of(floor->host_cpu_us, policy->host_cpu_us, bench.slices).floor, NAN, "");
}

static double *numbers(size_t count) {
    double *memory = bench_alloc(count * sizeof *memory);
    return memory;
}

static void at_pace(const struct pace *pace, struct policy *policies) {
    unsigned calls = (unsigned)(pace->calls * bench.scale);
    calls = calls > 0 ? calls : 1;
    const size_t most = (size_t)bench.slices * calls + pace->warm_calls;
    for (int i = 0; i < POLICIES; i++) {
        struct policy *policy = &policies[i];
        policy->count = 0;
        policy->latencies_us = numbers(most);
        policy->slice_p50_us = numbers(bench.slices);
        policy->caller_cpu_us = numbers(bench.slices);
        policy->host_cpu_us = numbers(bench.slices);
    }
    for (unsigned index = 0; index < bench.slices; index++) {
        for (int i = 0; i < POLICIES; i++) {
            slice(&policies[i], pace, calls, index);
        }
    }
    for (int i = POLICY_FUTEX_FLOOR + 1; i < POLICIES; i++) {
        report(pace, &policies[POLICY_FUTEX_FLOOR], &policies[i]);
    }
    for (int i = 0; i < POLICIES; i++) {
        free(policies[i].latencies_us);
        free(policies[i].slice_p50_us);
        free(policies[i].caller_cpu_us);
        free(policies[i].host_cpu_us);
    }
}

static void open_policy(struct policy *policy, const char *name, int spin_us, bool rests) {
    policy->name = name;
    policy->rests = rests;
    bench_session_open(&policy->session, spin_us);
    policy->op = bench_add_op(&policy->session);
    policy->other_pid = policy->session.host_pid;
    if (rests) {
        bench_session_rest(&policy->session);
    }
}

void bench_group_arrivals(void) {
    struct policy *policies = bench_alloc(POLICIES * sizeof *policies);
    bench_check_errno(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0) == 0, "PR_SET_TIMERSLACK");
    calibrate();
    struct bench_floor futex = {.peer = bench_peer_start(1), .mode = PEER_FUTEX, .caller_cpu = -1, .peer_cpu = -1};
    policies[POLICY_FUTEX_FLOOR] =
        (struct policy){.name = "floor", .op = bench_floor_op(&futex), .other_pid = bench_peer_pid(futex.peer)};
    open_policy(&policies[POLICY_DEFAULT], "default", BENCH_SPIN_DEFAULT, false);
    open_policy(&policies[POLICY_NO_SPIN], "no_spin", 0, false);
    open_policy(&policies[POLICY_ALL_SPIN], "all_spin", 1000000, true);
    for (size_t i = 0; i < sizeof paces / sizeof paces[0]; i++) {
        at_pace(&paces[i], policies);
    }
    bench_session_resume(&policies[POLICY_ALL_SPIN].session);
    for (int i = POLICY_FUTEX_FLOOR + 1; i < POLICIES; i++) {
        bench_session_close(&policies[i].session);
    }
    bench_peer_stop(futex.peer);
    free(policies);
}
