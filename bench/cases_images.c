/* bench: the headers of many binaries, as `farcall inspect` reads them for its table; beside what the system takes to map
 * the files and touch their first pages, and beside pefile and pev; and the audit of a large application. */
#include "bench.h"

#include <farcall/audit.h>
#include <fcntl.h>
#include <fts.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES_MAX = 3000, STARTED = 100 };

struct files {
    char *paths[FILES_MAX];
    size_t count;
    bool is_reading; /* else only mapped and touched */
};

static void find_files(struct files *files, char *const *folders) {
    FTS *tree = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; tree != NULL && files->count < FILES_MAX && (entry = fts_read(tree)) != NULL;) {
        const char *dot = strrchr(entry->fts_name, '.');
        if (entry->fts_info == FTS_F && dot != NULL && (strcmp(dot, ".dll") == 0 || strcmp(dot, ".exe") == 0)) {
            files->paths[files->count++] = strdup(entry->fts_path);
        }
    }
    if (tree != NULL) {
        fts_close(tree);
    }
}

static volatile unsigned touched;

static void look_at(const char *path, bool is_reading) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bench_check_errno(fd >= 0 && fstat(fd, &status) == 0, path);
    size_t len = (size_t)status.st_size;
    unsigned char *data = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    bench_check_errno(data != MAP_FAILED, path);
    struct fc_image *image;
    touched += data[0];
    if (is_reading && fc_image_open(data, len, &image) == FC_OK) {
        touched += fc_image_is_neutral(image);
        fc_image_close(image);
    }
    munmap(data, len);
    close(fd);
}

static void look_at_all(void *context) {
    struct files *files = context;
    for (size_t i = 0; i < files->count; i++) {
        look_at(files->paths[i], files->is_reading);
    }
}

/* Nanoseconds that pefile's fast mode takes for the same files, in an interpreter that has started; NAN if there is
 * none. */
static double pefile_ns(const struct files *files) {
    char list[] = "/tmp/farcall-bench-XXXXXX", command[512];
    int fd = mkstemp(list);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    bench_check_errno(out != NULL, list);
    for (size_t i = 0; i < files->count; i++) {
        fprintf(out, "%s\n", files->paths[i]);
    }
    fclose(out);
    snprintf(command, sizeof command,
             "/usr/bin/python3 -c 'import pefile, time\n"
             "paths = open(\"%s\").read().split(\"\\n\")[:-1]\n"
             "start = time.time()\n"
             "for path in paths: pefile.PE(path, fast_load=True).close()\n"
             "print(time.time() - start)' 2>/dev/null",
             list);
    FILE *answer = popen(command, "r"); /* NOLINT(cert-env33-c): another program to compare with */
    double seconds = NAN;
    if (answer == NULL || fscanf(answer, "%lf", &seconds) != 1) { /* NOLINT(cert-err34-c) */
        seconds = NAN;
    }
    if (answer != NULL) {
        pclose(answer);
    }
    unlink(list);
    return seconds * 1e9;
}

/* Nanoseconds that a program takes for one file, in a process of its own, over some of the files; NAN if it cannot be
 * started. */
static double process_ns(const struct files *files, const char *program, const char *option) {
    posix_spawn_file_actions_t actions;
    uint64_t start = bench_now_ns();
    size_t count = files->count < STARTED ? files->count : STARTED;
    bool is_there = true;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (size_t i = 0; i < count && is_there; i++) {
        const char *argv[] = {program, option, files->paths[i * files->count / count], NULL};
        pid_t child;
        is_there = posix_spawnp(&child, program, &actions, NULL, (char **)(uintptr_t)argv, environ) == 0 &&
                   waitpid(child, NULL, 0) == child;
    }
    posix_spawn_file_actions_destroy(&actions);
    return is_there ? (double)(bench_now_ns() - start) / (double)count : NAN;
}

static void free_files(struct files *files) {
    for (size_t i = 0; i < files->count; i++) {
        free(files->paths[i]);
    }
}

/* -- Audits --------------------------------------------------------------------------------------------------------- */

struct mapping {
    void *data;
    size_t len;
};

static bool open_file(void *user_data, const char *path, const void **ret_data, size_t *ret_len, void **ret_handle) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    (void)user_data;
    if (fd < 0) {
        return false;
    }
    bench_check_errno(fstat(fd, &status) == 0 && status.st_size > 0, path);
    struct mapping *mapping = bench_alloc(sizeof *mapping);
    mapping->len = (size_t)status.st_size;
    mapping->data = mmap(NULL, mapping->len, PROT_READ, MAP_PRIVATE, fd, 0);
    bench_check_errno(mapping->data != MAP_FAILED, path);
    close(fd);
    *ret_data = mapping->data;
    *ret_len = mapping->len;
    *ret_handle = mapping;
    return true;
}

static void close_file(void *user_data, void *handle) {
    struct mapping *mapping = handle;
    (void)user_data;
    munmap(mapping->data, mapping->len);
    free(mapping);
}

static void audit_all(void *context) {
    const struct files *files = context;
    const struct fc_audit_files from = {.open = open_file, .close = close_file};
    struct fc_audit *audit;
    bench_check(fc_audit_new(&from, &audit), "fc_audit_new");
    for (size_t i = 0; i < files->count; i++) {
        bench_check(fc_audit_add(audit, files->paths[i]), files->paths[i]);
    }
    bench_check(fc_audit_run(audit), "fc_audit_run");
    fc_audit_free(audit);
}

/* FARCALL_BENCH_MONO is another folder of Mono's, for a machine that has only a part of it. */
static void bench_audit(void) {
    static struct files mono;
    char *other = getenv("FARCALL_BENCH_MONO");
    find_files(&mono, (char *[]){other != NULL ? other : (char[]){"/usr/lib/mono"}, NULL});
    if (mono.count == 0) {
        fprintf(stderr, "bench: images: no Mono on this machine\n");
        return;
    }
    struct bench_op floor = {.run = look_at_all, .context = &mono};
    struct bench_op subject = {.run = audit_all, .context = &mono};
    struct bench_pair pair = bench_compare(&floor, &subject, 20 * bench.scale);
    bench_report("audit_mono", "the tree", pair.value / 1e9, "s", pair.floor / 1e9, pair.ratio, "under 2 s");
    bench_report("audit_mono", "files", (double)mono.count, "files", NAN, NAN, "");
    free_files(&mono);
}

void bench_group_images(void) {
    static struct files mapped, read_too;
    find_files(&mapped, (char *[]){"/usr/lib/mono", "/usr/lib/x86_64-linux-gnu/wine", "/usr/lib/i386-linux-gnu/wine",
                                   "/usr/i686-w64-mingw32", "/usr/x86_64-w64-mingw32", NULL});
    bench_audit();
    if (mapped.count == 0) {
        fprintf(stderr, "bench: images: no PE images on this machine\n");
        return;
    }
    read_too = mapped;
    read_too.is_reading = true;
    struct bench_op floor = {.run = look_at_all, .context = &mapped};
    struct bench_op subject = {.run = look_at_all, .context = &read_too};
    struct bench_pair pair = bench_compare(&floor, &subject, 20 * bench.scale);
    double count = (double)mapped.count, other = pefile_ns(&mapped);
    bench_report("image_headers", "one file", pair.value / count / 1e3, "us", pair.floor / count / 1e3, pair.ratio, "");
    bench_report("image_headers", "files", count, "files", NAN, NAN, "");
    bench_report("image_headers", "pefile, one file", other / count / 1e3, "us", NAN, other / pair.value,
                 ">= 20 times");
    double readpe = process_ns(&mapped, "readpe", "-H") - process_ns(&mapped, "true", "-H");
    bench_report("image_headers", "readpe, without its start", readpe / 1e3, "us", NAN, readpe / (pair.value / count),
                 ">= 3 times");
    free_files(&mapped);
}
