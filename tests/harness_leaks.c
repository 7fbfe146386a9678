#include "harness.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 1024, HOST_GRACE_MS = 10000, HOST_POLL_MS = 5 };

/* -- Descriptors -------------------------------------------------------------------------------------------------- */

struct descriptor {
    int fd;
    char what[200]; /* as /proc names it, "socket:[4711]" */
};
struct snapshot {
    size_t count;
    struct descriptor descriptors[DESCRIPTORS_MAX];
};
static struct snapshot before, after;

static void take_snapshot(struct snapshot *snapshot) {
    snapshot->count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL && snapshot->count < DESCRIPTORS_MAX;) {
        struct descriptor *descriptor = &snapshot->descriptors[snapshot->count];
        if (!isdigit((unsigned char)entry->d_name[0])) {
            continue;
        }
        descriptor->fd = (int)strtol(entry->d_name, NULL, 10);
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, descriptor->what, sizeof descriptor->what - 1);
        if (descriptor->fd == dirfd(dir) || len < 0) {
            continue;
        }
        descriptor->what[len] = '\0';
        snapshot->count++;
    }
    closedir(dir);
}

static bool contains(const struct snapshot *snapshot, const struct descriptor *wanted) {
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct descriptor *descriptor = &snapshot->descriptors[i];
        if (descriptor->fd == wanted->fd && strcmp(descriptor->what, wanted->what) == 0) {
            return true;
        }
    }
    return false;
}

static int report_missing(const struct snapshot *from, const struct snapshot *in, const char *complaint) {
    int count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (!contains(in, &from->descriptors[i])) {
            fprintf(stderr, "LEAK: descriptor %d (%s) %s\n", from->descriptors[i].fd, from->descriptors[i].what,
                    complaint);
            count++;
        }
    }
    return count;
}

static int check_descriptors(void) {
    take_snapshot(&after);
    return report_missing(&after, &before, "was left open") + report_missing(&before, &after, "was closed");
}

/* -- Processes ---------------------------------------------------------------------------------------------------- */

/* The arguments of a process: argv[0] and, if there is one, argv[1], both ended by NUL within `buffer`. */
static bool read_arguments(const char *pid, char *buffer, size_t size, const char **ret_first,
                           const char **ret_second) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, buffer, size - 2);
    close(fd);
    if (len <= 0) {
        return false; /* gone, a zombie, or a kernel thread */
    }
    buffer[len] = buffer[len + 1] = '\0';
    *ret_first = buffer;
    *ret_second = buffer + strlen(buffer) + 1 <= buffer + len ? buffer + strlen(buffer) + 1 : "";
    return true;
}

static bool names_this_caller(const char *text) {
    static const char key[] = "caller=";
    const char *found = strstr(text, key);
    return found != NULL && strtol(found + sizeof key - 1, NULL, 10) == getpid();
}

/* Hosts, by argv[0]: those under Wine show their command line there. */
static bool is_host(const char *program) {
    static const char *const names[] = {"farcall-host", "farcall-guardian", "farcall-host.exe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t len = strlen(program), name_len = strlen(names[i]);
        const char *end = len >= name_len ? program + len - name_len : "";
        if (strcmp(end, names[i]) == 0 && (end == program || end[-1] == '/' || end[-1] == '\\')) {
            return true;
        }
    }
    return false;
}

/* Hosts and guardians that were started for this one. Prints them if `complain`. */
static int count_hosts(bool complain) {
    int count = 0;
    DIR *dir = opendir("/proc");
    if (dir == NULL) {
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char buffer[4096];
        const char *program, *argument;
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            !read_arguments(entry->d_name, buffer, sizeof buffer, &program, &argument)) {
            continue;
        }
        if (is_host(program) && names_this_caller(argument)) {
            count++;
            if (complain) {
                fprintf(stderr, "LEAK: process %s still runs: %s %s\n", entry->d_name, program, argument);
            }
        }
    }
    closedir(dir);
    return count;
}

static int check_hosts(void) {
    for (int waited_ms = 0; waited_ms < HOST_GRACE_MS && count_hosts(false) > 0; waited_ms += HOST_POLL_MS) {
        nanosleep(&(struct timespec){.tv_nsec = HOST_POLL_MS * 1000000L}, NULL);
    }
    return count_hosts(true);
}

static int check_children(void) {
    int status;
    pid_t child = waitpid(-1, &status, WNOHANG | __WALL);
    if (child < 0 && errno == ECHILD) {
        return 0;
    }
    if (child > 0) {
        fprintf(stderr, "LEAK: child process %d ended and was not waited for\n", (int)child);
    } else {
        fprintf(stderr, "LEAK: a child process still runs\n");
    }
    return 1;
}

/* ----------------------------------------------------------------------------------------------------------------- */

void harness_leaks_begin(void) {
    take_snapshot(&before);
}

int harness_leaks_end(void) {
    /* Hosts first: while one lives, the descriptors that belong to it may too. */
    int hosts = check_hosts();
    return hosts + check_children() + check_descriptors();
}
