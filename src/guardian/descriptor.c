/* guardian: descriptors of the host's. A Windows program cannot send any, nor knows their numbers: what a library of it
 * has open it describes, and that is looked for among all that its process has. */
#include "guardian/guardian.h"

#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct match {
    int number; /* -1: none */
    dev_t device;
    unsigned points;        /* for what it has in common with what was described, beside the file's number */
    bool is_ambiguous;      /* another has as many, and is not the same */
    bool is_file_ambiguous; /* nor of the same file */
};

static int mode_of(uint64_t how) {
    const bool is_read = (how & FC__WIRE_LENT_READ) != 0, is_written = (how & FC__WIRE_LENT_WRITTEN) != 0;
    return is_read && is_written ? O_RDWR : is_written ? O_WRONLY : O_RDONLY;
}

/* Wine opens what is only written for reading, too. Where the host uses it at this moment, it has another position by
 * now. */
static unsigned points_of(pid_t host, int number, uint64_t how) {
    char path[48];
    uint64_t position = 0;
    unsigned flags = O_ACCMODE;
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)host, number);
    FILE *info = fopen(path, "re");
    const bool is_known = info != NULL && fscanf(info, "pos: %" SCNu64 " flags: %o", &position, &flags) == 2;
    if (info != NULL) {
        fclose(info);
    }
    const int mode = (int)(flags & O_ACCMODE);
    const bool has_position = (how & FC__WIRE_LENT_HAS_POSITION) != 0;
    const bool is_there = !has_position || position == how >> FC__WIRE_LENT_POSITION_SHIFT;
    return !is_known ? 0 : (mode == mode_of(how) ? 4u : mode == O_RDWR ? 2u : 0u) + (is_there ? 1u : 0u);
}

static void consider(pid_t host, int number, dev_t device, uint64_t how, struct match *best) {
    const unsigned points = points_of(host, number, how);
    if (best->number < 0 || points > best->points) {
        *best = (struct match){.number = number, .device = device, .points = points};
    } else if (points == best->points && syscall(SYS_kcmp, host, host, KCMP_FILE, best->number, number) != 0) {
        best->is_ambiguous = true;
        best->is_file_ambiguous |= device != best->device;
    }
}

static int find(pid_t host, const struct fc_wire_control *wanted, struct match *best) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)host);
    DIR *numbers = opendir(path);
    for (const struct dirent *entry; numbers != NULL && (entry = readdir(numbers)) != NULL;) {
        struct stat status;
        if (entry->d_name[0] != '.' && fstatat(dirfd(numbers), entry->d_name, &status, 0) == 0 &&
            status.st_ino == wanted->address) {
            consider(host, atoi(entry->d_name), status.st_dev, wanted->size_bytes, best);
        }
    }
    if (numbers == NULL) {
        return -errno;
    }
    closedir(numbers);
    return best->number < 0 ? -ENOENT : best->is_file_ambiguous ? -EBUSY : 0;
}

/* The very same open file. Systems that let nobody look into other processes let their parents, mostly. */
static int take(pid_t host, int number) {
    int process = -1;
    const int rc = fc__os_process_watchable(host, &process);
    const int fd = rc == 0 ? (int)syscall(SYS_pidfd_getfd, process, number, 0) : -1;
    fc__os_close(&process);
    return fd;
}

/* The same file, with a position of its own. */
static int open_anew(pid_t host, int number, uint64_t how) {
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)host, number);
    const int fd = open(path, mode_of(how) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    fcntl(fd, F_SETFL, 0);
    if ((how & FC__WIRE_LENT_HAS_POSITION) != 0) {
        fc__os_fd_seek(fd, (int64_t)(how >> FC__WIRE_LENT_POSITION_SHIFT));
    }
    return fd;
}

static int fetch(pid_t host, const struct fc_wire_control *wanted) {
    struct match match = {.number = -1};
    const int rc = find(host, wanted, &match);
    if (rc != 0) {
        return rc;
    }
    int fd = match.is_ambiguous ? -1 : take(host, match.number);
    fd = fd < 0 ? open_anew(host, match.number, wanted->size_bytes) : fd;
    if (fd >= 0 && (wanted->size_bytes & FC__WIRE_LENT_APPENDS) != 0) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_APPEND);
    }
    return fd;
}

void fc__guardian_fetch(int control_fd, pid_t host, const struct fc_wire_control *message) {
    int fd = message->kind == FC__WIRE_CONTROL_FETCH ? fetch(host, message) : -EINVAL;
    const struct fc_wire_control reply = {.kind = fd >= 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED,
                                          .status = fd < 0 ? fd : 0,
                                          .size_bytes = message->size_bytes};
    fc__os_control_send(control_fd, &reply, sizeof reply, fd);
    fc__os_close(&fd);
}
