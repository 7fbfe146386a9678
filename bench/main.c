/* bench: runs the groups, each in a process of its own, and tells the results.
 *   bench [--json FILE] [--only GROUP] [--quick] [--list]
 * Exit status 1 if something could not be run; what was measured is never a failure. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUICK_SCALE 0.2
/* Where the memory of a line lies decides how far it is from either CPU, and so by a third what an exchange takes; it
 * stays there as long as the process. */
#define FRESH 5u

static void run_reverse(void);

static const struct {
    const char *name;
    void (*run)(void);
    const char *what;
    unsigned processes; /* to share the time; the results are the medians of theirs */
} groups[] = {
    {"call_add_awake", bench_group_call_add_awake, "one call while both sides are awake", FRESH},
    {"add_asleep", bench_group_add_asleep, "one call while the host sleeps", 1},
    {"arrivals", bench_group_arrivals, "calls every 10 us to 10 ms, under three waiting policies", 1},
    {"callbacks", bench_group_callbacks, "calls that call back, once and often", FRESH},
    {"payloads", bench_group_payloads, "structs and strings, against Add", FRESH},
    {"bytes", bench_group_bytes, "1 MiB in and out, copied and in shared memory", 1},
    {"proxy_add", bench_group_proxy_add, "one call through a proxy, while both sides are awake", FRESH},
    {"proxies", bench_group_proxies, "the work of libraries through proxies", 1},
    {"first_call", bench_group_first_call, "from nothing to the first result", 1},
    {"idle", bench_group_idle, "memory and CPU time of an idle session", 1},
    {"threads", bench_group_threads, "1 to 32 threads calling at once", 1},
    {"windows", bench_group_windows, "a Windows library under Wine, against one of this system", 1},
    {"declarations", bench_group_declarations, "a real header: reading it, and compiling all of its functions", 1},
    {"images", bench_group_images, "headers of many PE images, as inspect reads them, and an audit", 1},
    {"reverse", run_reverse, "a caller of the other width", 1},
    {"floors", bench_group_floors, "the floors by themselves", 1},
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static struct bench_result results[BENCH_RESULTS_MAX];
static size_t result_count;

/* -- groups -------------------------------------------------------------------------------------------------------- */

/* Reads what the process reports until it ends. */
static bool gather(int fd, int pid) {
    FILE *reports = fdopen(fd, "r");
    bench_check_errno(reports != NULL, "fdopen");
    char line[512];
    while (fgets(line, sizeof line, reports) != NULL && result_count < BENCH_RESULTS_MAX) {
        result_count += bench_result_parse(line, &results[result_count]);
    }
    fclose(reports);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static bool run_process(size_t index) {
    int ends[2];
    bench_check_errno(pipe(ends) == 0, "pipe");
    fflush(NULL);
    const int pid = fork();
    bench_check_errno(pid >= 0, "fork");
    if (pid == 0) {
        close(ends[0]);
        bench.report_fd = ends[1];
        bench.scale /= groups[index].processes;
        groups[index].run();
        exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    return gather(ends[0], pid);
}

/* Of the results from `first` on, as many each time and in the same order, the medians. */
static bool merge(size_t first, size_t times) {
    double numbers[3][FRESH];
    const size_t each = (result_count - first) / times;
    for (size_t i = first; i < result_count; i++) {
        if (strcmp(results[i].name, results[first + (i - first) % each].name) != 0) {
            return false;
        }
    }
    for (size_t i = first; i < first + each; i++) {
        for (size_t k = 0; k < times; k++) {
            numbers[0][k] = results[i + k * each].value;
            numbers[1][k] = results[i + k * each].floor;
            numbers[2][k] = results[i + k * each].ratio;
        }
        results[i].value = bench_median(numbers[0], times);
        results[i].floor = bench_median(numbers[1], times);
        results[i].ratio = bench_median(numbers[2], times);
    }
    result_count = first + each;
    return true;
}

static bool run_group(size_t index) {
    const size_t first = result_count;
    for (unsigned i = 0; i < groups[index].processes; i++) {
        if (!run_process(index)) {
            return false;
        }
    }
    return merge(first, groups[index].processes);
}

/* The first group of this program's other width, run by it; its results under other names. */
static void run_reverse(void) {
    char path[PATH_MAX + 64], scale[32];
    snprintf(path, sizeof path, "%s/../" BENCH_OTHER_TARGET "/bench", bench.folder);
    snprintf(scale, sizeof scale, "%g", bench.scale);
    int ends[2];
    bench_check_errno(pipe(ends) == 0, "pipe");
    const int pid = fork();
    bench_check_errno(pid >= 0, "fork");
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execl(path, path, "--report", scale, "--only", groups[0].name, (char *)NULL);
        perror(path);
        _exit(127);
    }
    close(ends[1]);
    const size_t first_new = result_count; /* gather adds to what this program has reported already */
    if (!gather(ends[0], pid)) {
        bench_die("%s failed", path);
    }
    for (size_t i = first_new; i < result_count; i++) {
        char name[BENCH_NAME_BYTES];
        snprintf(name, sizeof name, "reverse_%.48s", results[i].name);
        bench_report(name, results[i].metric, results[i].value, results[i].unit, results[i].floor, results[i].ratio,
                     "");
    }
}

/* -- main ---------------------------------------------------------------------------------------------------------- */

static void find_folder(void) {
    ssize_t len = readlink("/proc/self/exe", bench.folder, sizeof bench.folder - 1);
    bench_check_errno(len > 0, "/proc/self/exe");
    bench.folder[len] = '\0';
    *strrchr(bench.folder, '/') = '\0';
}

static _Noreturn void usage(int status) {
    fputs("usage: bench [--json FILE] [--only GROUP] [--quick] [--list]\n", status == EXIT_SUCCESS ? stdout : stderr);
    exit(status);
}

int main(int argc, char **argv) {
    const char *json = NULL, *only = NULL;
    bool reports = false;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--quick") == 0) {
            bench.scale = QUICK_SCALE;
        } else if (strcmp(argv[i], "--list") == 0) {
            for (size_t g = 0; g < GROUPS; g++) {
                printf("%-16s %s\n", groups[g].name, groups[g].what);
            }
            return EXIT_SUCCESS;
        } else if (strcmp(argv[i], "--json") == 0 && value != NULL) {
            json = value;
            i++;
        } else if (strcmp(argv[i], "--only") == 0 && value != NULL) {
            only = value;
            i++;
        } else if (strcmp(argv[i], "--report") == 0 && value != NULL) { /* for run_reverse */
            reports = true;
            bench.scale = strtod(value, NULL);
            i++;
        } else {
            usage(strcmp(argv[i], "--help") == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
        }
    }
    find_folder();
    bool ok = true;
    size_t matched = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        if (only == NULL || strcmp(groups[i].name, only) == 0) {
            matched++;
            if (!run_group(i)) {
                fprintf(stderr, "bench: %s failed\n", groups[i].name);
                ok = false;
            }
        }
    }
    if (matched == 0) {
        fprintf(stderr, "bench: no group is called %s; see --list\n", only);
        return EXIT_FAILURE;
    }
    if (reports) {
        for (size_t i = 0; i < result_count; i++) {
            bench_result_print(STDOUT_FILENO, &results[i]);
        }
        return ok ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    bench_table(results, result_count);
    if (json != NULL && !bench_json(json, results, result_count)) {
        fprintf(stderr, "bench: %s: %s\n", json, strerror(errno));
        ok = false;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
