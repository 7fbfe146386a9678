/* bench: what a session costs: its start, and its being there. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- first call from nothing --------------------------------------------------------------------------------------- */

static double first_call_once_ns(void) {
    struct fc_library *library;
    struct fc_function *add;
    int sum = 0;
    const uint64_t start = bench_now_ns();
    bench_check(fc_open(bench_library_path(), NULL, &library), "fc_open");
    bench_check(fc_bind(library, "int Add(int left, int right)", &add), "fc_bind");
    bench_check(fc_call(add, &sum, 3, 4), "fc_call");
    const uint64_t end = bench_now_ns();
    fc_library_close(library);
    if (sum != 7) {
        bench_die("Add: %d", sum);
    }
    return (double)(end - start);
}

void bench_group_first_call(void) {
    const unsigned count = bench.slices * (bench.scale < 1 ? 1 : 5);
    double *floors = bench_alloc(count * sizeof *floors), *values = bench_alloc(count * sizeof *values);
    bench_exec_once_ns();
    first_call_once_ns();
    for (unsigned i = 0; i < count; i++) {
        floors[i] = bench_exec_once_ns();
        values[i] = first_call_once_ns();
    }
    bench_report_pair("first_call", "time", bench_pair_of(floors, values, count), "us", "<= 2 x exec");
    free(floors);
    free(values);
}

/* -- an idle session ----------------------------------------------------------------------------------------------- */

/* KiB of a process that are its own or its share of memory that several map: /proc/<pid>/smaps_rollup, "Pss_Anon" and
 * "Pss_Shmem" (which counts a memfd's page once over all that map it); "Pss_File" is text and data of programs. */
struct memory {
    double anonymous, shared, file;
};

static double field(const char *text, const char *name) {
    const char *at = strstr(text, name);
    if (at == NULL) {
        bench_die("smaps_rollup has no %s", name);
    }
    return strtod(at + strlen(name), NULL);
}

static struct memory memory_of(const char *process) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%s/smaps_rollup", process);
    FILE *file = fopen(path, "r");
    bench_check_errno(file != NULL, path);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    return (struct memory){field(text, "Pss_Anon:"), field(text, "Pss_Shmem:"), field(text, "Pss_File:")};
}

static void report_memory(struct memory before, const struct bench_session *session) {
    char pid[16];
    snprintf(pid, sizeof pid, "%d", session->host_pid);
    struct memory after = memory_of("self"), host = memory_of(pid);
    double caller = after.anonymous - before.anonymous + after.shared - before.shared;
    bench_report("idle_session_memory", "both", caller + host.anonymous + host.shared, "KiB", NAN, NAN, "<= 2048 KiB");
    bench_report("idle_session_memory", "caller", caller, "KiB", NAN, NAN, "");
    bench_report("idle_session_memory", "host", host.anonymous + host.shared, "KiB", NAN, NAN, "");
    bench_report("idle_session_memory", "host_files", host.file, "KiB", NAN, NAN, "");
}

static void report_idle_cpu(const struct bench_session *session) {
    enum { IDLE_NS = 2000000000 };
    bench_sleep_until(bench_now_ns() + 100000000);
    const uint64_t caller_before = bench_process_cpu_ns(), host_before = bench_cpu_ns_of(session->host_pid);
    bench_sleep_until(bench_now_ns() + IDLE_NS);
    const double caller_ns = (double)(bench_process_cpu_ns() - caller_before);
    const double host_ns = (double)(bench_cpu_ns_of(session->host_pid) - host_before);
    bench_report("idle_session_cpu", "both", (caller_ns + host_ns) / 1e6, "ms in 2 s", NAN, NAN, "about 0");
    bench_report("idle_session_cpu", "host", host_ns / 1e6, "ms in 2 s", NAN, NAN, "");
}

void bench_group_idle(void) {
    struct bench_session session;
    fc_error_text(); /* what the library needs once per process is not the session's */
    memory_of("self");
    const struct memory before = memory_of("self");
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    for (int i = 0; i < 10; i++) {
        bench_call_add(&session);
        bench_sleep_until(bench_now_ns() + 1000000);
    }
    bench_sleep_until(bench_now_ns() + 100000000);
    report_memory(before, &session);
    report_idle_cpu(&session);
    bench_session_close(&session);
}
