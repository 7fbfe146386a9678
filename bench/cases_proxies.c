/* bench: libraries of the other width through proxies, which `farcall proxy` makes here: a scalar function against the
 * line, and work of real libraries against the same program of the library's own width. */
#include "bench.h"

#include "peer.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/farcall-bench-XXXXXX";

/* Its exit status; what it printed, if that is a number. */
static int run_for(const char *command, double *ret_number) {
    FILE *output = popen(command, "r"); /* NOLINT(cert-env33-c): programs of this build, and a compiler */
    bench_check_errno(output != NULL, "popen");
    if (ret_number != NULL && fscanf(output, "%lf", ret_number) != 1) { /* NOLINT(cert-err34-c) */
        *ret_number = 0;
    }
    return pclose(output);
}

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...) {
    char command[4 * PATH_MAX];
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    if (run_for(command, NULL) != 0) {
        bench_die("failed: %s", command);
    }
}

/* -- a scalar function --------------------------------------------------------------------------------------------- */

struct proxied {
    int (*add)(int left, int right);
    int host_pid;
};

static void call_add(void *context) {
    const struct proxied *proxied = context;
    if (proxied->add(3, 4) != 7) {
        bench_die("Add through a proxy");
    }
}

static void place(void *context) {
    const struct proxied *proxied = context;
    bench_pin_self(bench.cpus[0]);
    bench_pin_process(proxied->host_pid, bench.cpus[1]);
    for (int i = 0; i < 10; i++) {
        call_add(context);
    }
    bench_pin_process(proxied->host_pid, -1);
    bench_pin_self(-1);
}

void bench_group_proxy_add(void) {
    char path[PATH_MAX + 64];
    if (!bench_has_two_cpus()) {
        fputs("bench: proxy_add_awake needs two CPUs: left out\n", stderr);
        return;
    }
    bench_check_errno(mkdtemp(folder) != NULL, "mkdtemp");
    run("echo 'int Add(int left, int right); int process(void);' >%s/add.h", folder);
    run("'%s/../../bin/farcall' proxy '%s' --header %s/add.h -o %s >%s/table", bench.folder, bench_library_path(),
        folder, folder, folder);
    snprintf(path, sizeof path, "%s/libbenchlib.so", folder);
    void *library = dlopen(path, RTLD_NOW);
    struct proxied proxied = {0};
    int (*process)(void) = NULL;
    if (library == NULL || (*(void **)&proxied.add = dlsym(library, "Add")) == NULL ||
        (*(void **)&process = dlsym(library, "process")) == NULL) {
        bench_die("%s", dlerror());
    }
    proxied.host_pid = process();
    struct bench_peer *peer = bench_peer_start(1);
    struct bench_floor line = {.peer = peer, .mode = PEER_LINE, .caller_cpu = bench.cpus[0], .peer_cpu = bench.cpus[1]};
    const struct bench_op floor = bench_floor_op(&line);
    const struct bench_op add = {.run = call_add, .begin = place, .context = &proxied};
    bench_report_pair("proxy_add_awake", "time", bench_compare(&floor, &add, 40), "ns", "<= 1.3 x line");
    bench_peer_stop(peer);
    dlclose(library);
    run("rm -rf %s", folder);
}

/* -- work ---------------------------------------------------------------------------------------------------------- */

static double work(const char *target, const char *name, const char *library, unsigned amount) {
    char command[4 * PATH_MAX];
    double ns = 0;
    snprintf(command, sizeof command, "'%s/../%s/workload' %s '%s' %u", bench.folder, target, name, library, amount);
    if (run_for(command, &ns) != 0 || ns <= 0) {
        bench_die("failed: %s", command);
    }
    return ns;
}

/* The library is where Debian has it for that width. What takes seconds is done in parts, so that the slices alternate
 * faster than the machine changes. */
static void compare_work(const char *name, const char *file, const char *case_name, unsigned amount, unsigned parts,
                         const char *aim) {
    const char *caller = sizeof(void *) == 8 ? "x86_64-linux" : "i386-linux";
    char native[PATH_MAX], proxy[PATH_MAX];
    snprintf(native, sizeof native, "/usr/lib/%s-gnu/%s", BENCH_OTHER_TARGET, file);
    snprintf(proxy, sizeof proxy, "%s/%s", folder, file);
    FILE *present = fopen(native, "re");
    if (present == NULL) {
        fprintf(stderr, "bench: %s: there is no %s: left out\n", case_name, native);
        return;
    }
    fclose(present);
    run("'%s/../../bin/farcall' proxy --preset %s '%s' -o %s >%s/table", bench.folder, name, native, folder, folder);
    const unsigned scaled = (unsigned)(amount * bench.scale / parts);
    double *floors = bench_alloc(bench.slices * sizeof *floors), *values = bench_alloc(bench.slices * sizeof *values);
    for (unsigned i = 0; i < bench.slices; i++) {
        floors[i] = work(BENCH_OTHER_TARGET, name, native, scaled) * parts;
        values[i] = work(caller, name, proxy, scaled) * parts;
    }
    bench_report_pair(case_name, "time", bench_pair_of(floors, values, bench.slices), "ms", aim);
    free(floors);
    free(values);
}

void bench_group_proxies(void) {
    bench_check_errno(mkdtemp(folder) != NULL, "mkdtemp");
    compare_work("zlib", "libz.so.1", "proxy_zlib_64MiB", 64, 8, "<= 1.1 x native");
    compare_work("sqlite3", "libsqlite3.so.0", "proxy_sqlite_100000", 100000, 1, "");
    run("rm -rf %s", folder);
}
