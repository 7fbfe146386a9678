/* bench: calls of a Windows library, in a host under Wine, against those of a library of this system. */
#include "bench.h"

#include "client/wine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *windows_path(const char *name) {
    static char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/../i386-windows/%s", bench.folder, name);
    return path;
}

/* The guardian stands for the host; what calls run in is its child. */
static int child_of(int pid) {
    char path[64];
    int child = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "re");
    bench_check_errno(file != NULL && fscanf(file, "%d", &child) == 1, path);
    fclose(file);
    return child;
}

static void open_windows(struct bench_session *session, int spin_us) {
    struct fc_options *options = fc_options_new();
    bench_check_errno(options != NULL, "fc_options_new");
    if (spin_us != BENCH_SPIN_DEFAULT) {
        bench_check(fc_options_set_spin_us(options, (uint32_t)spin_us), "fc_options_set_spin_us");
    }
    *session = (struct bench_session){.placement = BENCH_ANYWHERE};
    bench_check(fc_open(windows_path("benchlib.dll"), options, &session->library), "fc_open");
    fc_options_free(options);
    session->session = fc_library_session(session->library);
    session->host_pid = child_of(fc_session_host_pid(session->session));
    bench_check(fc_bind(session->library, "int Add(int left, int right)", &session->add), "fc_bind Add");
}

static void place(struct bench_session *session, enum bench_placement placement, int host_cpu) {
    session->placement = placement;
    session->caller_cpu = bench.cpus[0];
    session->host_cpu = host_cpu;
}

/* One of the two hosts spins for a while after each slice, but only as long as any host does. */
static void compare_awake(void) {
    struct bench_session here, there;
    bench_session_open(&here, BENCH_SPIN_DEFAULT);
    open_windows(&there, BENCH_SPIN_DEFAULT);
    place(&here, BENCH_PLACED, bench.cpus[1]);
    place(&there, BENCH_PLACED, bench.cpus[1]);
    const struct bench_op floor = bench_add_op(&here), add = bench_add_op(&there);
    bench_report_pair("windows_add_awake", "time", bench_compare(&floor, &add, 40), "ns", "<= 1.2 x Linux");
    bench_session_close(&there);
    bench_session_close(&here);
}

/* A Windows program that answers over pipes. */
struct pipes {
    int pid, out, in;
    int caller_cpu, peer_cpu;
};

/* Starts the Windows program in the way of a host, by Wine's loader, with pipes for input and output; -1: nothing to
 * read. */
static pid_t start_peer(const struct fc__wine *wine, char *argument, int in, int out) {
    char *const arguments[] = {(char *)(uintptr_t)wine->loader, (char *)(uintptr_t)windows_path("peer.exe"), argument,
                               NULL};
    const pid_t pid = fork();
    bench_check_errno(pid >= 0, "fork");
    if (pid == 0) {
        if (in >= 0) {
            dup2(in, STDIN_FILENO);
        }
        dup2(out, STDOUT_FILENO);
        execve(wine->loader, arguments, wine->environment);
        _exit(127);
    }
    return pid;
}

static void pipes_start(struct pipes *pipes, const struct fc__wine *wine) {
    int to[2], from[2];
    bench_check_errno(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe2");
    pipes->pid = start_peer(wine, NULL, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    pipes->out = to[1];
    pipes->in = from[0];
    bench_exchange_message(pipes->out, pipes->in);
}

static void pipes_stop(const struct pipes *pipes) {
    close(pipes->out);
    close(pipes->in);
    waitpid(pipes->pid, NULL, 0);
}

static void pipes_begin(void *context) {
    const struct pipes *pipes = context;
    bench_pin_self(pipes->caller_cpu);
    bench_pin_process(pipes->pid, pipes->peer_cpu);
}

static void pipes_run(void *context) {
    const struct pipes *pipes = context;
    bench_exchange_message(pipes->out, pipes->in);
}

static void pipes_end(void *context) {
    (void)context;
    bench_pin_self(-1);
}

static void compare_asleep(const struct fc__wine *wine, const char *name, int host_cpu) {
    struct bench_session session;
    struct pipes pipes = {.caller_cpu = bench.cpus[0], .peer_cpu = host_cpu};
    open_windows(&session, 0);
    place(&session, BENCH_PINNED, host_cpu);
    pipes_start(&pipes, wine);
    const struct bench_op floor = {.run = pipes_run, .begin = pipes_begin, .end = pipes_end, .context = &pipes};
    const struct bench_op add = bench_add_op(&session);
    bench_report_pair(name, "time", bench_compare(&floor, &add, 40), "us", "<= 1.3 x pipes");
    pipes_stop(&pipes);
    bench_session_close(&session);
}

/* -- starting ------------------------------------------------------------------------------------------------------ */

static double open_once_ns(void) {
    struct bench_session session;
    const uint64_t start = bench_now_ns();
    open_windows(&session, BENCH_SPIN_DEFAULT);
    bench_call_add(&session);
    const uint64_t end = bench_now_ns();
    bench_session_close(&session);
    return (double)(end - start);
}

static double answer_once_ns(const struct fc__wine *wine) {
    int ends[2];
    char byte;
    const uint64_t start = bench_now_ns();
    bench_check_errno(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
    const pid_t pid = start_peer(wine, (char[]){"answer"}, -1, ends[1]);
    close(ends[1]);
    const ssize_t len = read(ends[0], &byte, 1);
    const uint64_t end = bench_now_ns();
    close(ends[0]);
    waitpid(pid, NULL, 0);
    if (len != 1) {
        bench_die("peer.exe did not answer");
    }
    return (double)(end - start);
}

/* While another host keeps wineserver awake. */
static void compare_starts(const struct fc__wine *wine) {
    struct bench_session awake;
    double *floors = bench_alloc(bench.slices * sizeof *floors), *values = bench_alloc(bench.slices * sizeof *values);
    open_windows(&awake, 0);
    for (unsigned i = 0; i < bench.slices; i++) {
        floors[i] = answer_once_ns(wine);
        values[i] = open_once_ns();
    }
    bench_report_pair("windows_first_call", "time", bench_pair_of(floors, values, bench.slices), "ms", "<= 2 x peer");
    bench_session_close(&awake);
    free(floors);
    free(values);
}

/* No prefix yet, and so no wineserver. */
static void report_first_use(void) {
    char folder[] = "/tmp/farcall-bench-XXXXXX", command[64];
    bench_check_errno(mkdtemp(folder) != NULL && setenv("XDG_CACHE_HOME", folder, 1) == 0, "mkdtemp");
    bench_report("windows_first_use", "time", open_once_ns() / 1e6, "ms", NAN, NAN, "< 1000 ms");
    snprintf(command, sizeof command, "rm -rf %s", folder);
    bench_check_errno(system(command) == 0, "rm"); /* NOLINT(cert-env33-c): our own folder */
}

void bench_group_windows(void) {
    struct fc__wine wine = {0};
    struct fc__error err;
    if (access(windows_path("benchlib.dll"), R_OK) != 0) {
        fputs("bench: windows needs mingw-w64 (tools/setup.sh): left out\n", stderr);
        return;
    }
    bench_check(fc__wine_prepare(fc__target_find("i386-windows"), environ, &wine, &err), "fc__wine_prepare");
    if (bench_has_two_cpus()) {
        compare_awake();
        compare_asleep(&wine, "windows_add_asleep_two_cpus", bench.cpus[1]);
    }
    compare_asleep(&wine, "windows_add_asleep_one_cpu", bench.cpus[0]);
    compare_starts(&wine);
    fc__wine_done(&wine);
    report_first_use();
}
