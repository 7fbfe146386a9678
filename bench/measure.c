/* bench: clocks, CPUs and slices. */
#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH_MAX = 256, BATCH_NS = 20000 };

struct bench_config bench = {.slices = BENCH_SLICES, .scale = 1, .report_fd = -1};

void bench_die(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(EXIT_FAILURE);
}

void bench_check(int rc, const char *what) {
    if (rc != FC_OK) {
        bench_die("%s: %s: %s", what, fc_strerror(rc), fc_error_text());
    }
}

void bench_check_errno(bool ok, const char *what) {
    if (!ok) {
        bench_die("%s: %s", what, strerror(errno));
    }
}

void *bench_alloc(size_t bytes) {
    void *memory = calloc(1, bytes);
    bench_check_errno(memory != NULL, "calloc");
    return memory;
}

/* -- clocks -------------------------------------------------------------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    bench_check_errno(clock_gettime(clock, &now) == 0, "clock_gettime");
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t bench_now_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}
uint64_t bench_thread_cpu_ns(void) {
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}
uint64_t bench_process_cpu_ns(void) {
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t bench_cpu_ns_of(int pid) {
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0) {
        bench_die("process %d has no CPU clock: it has ended", pid);
    }
    return clock_ns(clock);
}

void bench_sleep_until(uint64_t at_ns) {
    struct timespec at = {.tv_sec = (time_t)(at_ns / 1000000000u), .tv_nsec = (long)(at_ns % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

void bench_spin_for(uint64_t ns) {
    const uint64_t end = bench_now_ns() + ns;
    while (bench_now_ns() < end) {
        __builtin_ia32_pause();
    }
}

/* -- statistics ---------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *left, const void *right) {
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

double bench_percentile(double *values, size_t count, double percent) {
    if (count == 0) {
        return NAN;
    }
    qsort(values, count, sizeof *values, compare_doubles);
    double at = percent / 100 * (double)(count - 1);
    size_t below = (size_t)at;
    size_t above = below + 1 < count ? below + 1 : below;
    return values[below] + (values[above] - values[below]) * (at - (double)below);
}

double bench_median(double *values, size_t count) {
    return bench_percentile(values, count, 50);
}

struct bench_pair bench_pair_of(const double *floors, const double *values, size_t count) {
    double *sorted = bench_alloc(count * sizeof *sorted);
    struct bench_pair pair;
    memcpy(sorted, floors, count * sizeof *sorted);
    pair.floor = bench_median(sorted, count);
    memcpy(sorted, values, count * sizeof *sorted);
    pair.value = bench_median(sorted, count);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = values[i] / floors[i];
    }
    pair.ratio = bench_median(sorted, count);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = values[i] - floors[i];
    }
    pair.difference = bench_median(sorted, count);
    free(sorted);
    return pair;
}

/* -- CPUs ---------------------------------------------------------------------------------------------------------- */

static cpu_set_t allowed_at_start;

__attribute__((constructor)) static void find_cpus(void) {
    bench_check_errno(sched_getaffinity(0, sizeof allowed_at_start, &allowed_at_start) == 0, "sched_getaffinity");
    int found = 0;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
        if (CPU_ISSET(cpu, &allowed_at_start)) {
            bench.cpus[found++] = (int)cpu;
        }
    }
    if (found == 1) {
        bench.cpus[1] = bench.cpus[0];
    }
}

bool bench_has_two_cpus(void) {
    return bench.cpus[0] != bench.cpus[1];
}

static void pin(int tid, int cpu) {
    cpu_set_t set = allowed_at_start;
    if (cpu >= 0) {
        CPU_ZERO(&set);
        CPU_SET((unsigned)cpu, &set);
    }
    bench_check_errno(sched_setaffinity(tid, sizeof set, &set) == 0, "sched_setaffinity");
}

void bench_pin_self(int cpu) {
    pin(0, cpu);
}

void bench_pin_process(int pid, int cpu) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    bench_check_errno(tasks != NULL, path);
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        int tid = (int)strtol(task->d_name, NULL, 10);
        if (tid > 0) {
            pin(tid, cpu);
        }
    }
    closedir(tasks);
}

/* -- slices -------------------------------------------------------------------------------------------------------- */

static void run_batch(const struct bench_op *op, unsigned batch) {
    for (unsigned i = 0; i < batch; i++) {
        op->run(op->context);
    }
}

/* Runs until the time is over, asking the clock after each batch. */
static double run_for(const struct bench_op *op, uint64_t ns, unsigned *inout_batch) {
    const uint64_t start = bench_now_ns();
    uint64_t before = start, now;
    uint64_t runs = 0;
    do {
        run_batch(op, *inout_batch);
        runs += *inout_batch;
        now = bench_now_ns();
        if (now - before < BATCH_NS && *inout_batch < BATCH_MAX) {
            *inout_batch *= 2;
        }
        before = now;
    } while (now - start < ns);
    return (double)(now - start) / (double)runs;
}

double bench_slice_ns(const struct bench_op *op, double slice_ms) {
    const double slice_ns = slice_ms * 1e6 * bench.scale;
    unsigned batch = 1;
    if (op->begin != NULL) {
        op->begin(op->context);
    }
    run_for(op, (uint64_t)(slice_ns / 8), &batch);
    double result = run_for(op, (uint64_t)slice_ns, &batch);
    if (op->end != NULL) {
        op->end(op->context);
    }
    return result;
}

struct bench_pair bench_compare(const struct bench_op *floor, const struct bench_op *subject, double slice_ms) {
    double *floors = bench_alloc(bench.slices * sizeof *floors);
    double *values = bench_alloc(bench.slices * sizeof *values);
    for (unsigned i = 0; i < bench.slices; i++) {
        floors[i] = bench_slice_ns(floor, slice_ms);
        values[i] = bench_slice_ns(subject, slice_ms);
    }
    struct bench_pair pair = bench_pair_of(floors, values, bench.slices);
    free(floors);
    free(values);
    return pair;
}
