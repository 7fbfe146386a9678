/* os: bells. The watching thread sees edges only, so that nothing has to be read, which could be made to wait. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int fc__os_bell_new(int *ret_watched, int *ret_rung) {
    int watched = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watched = fc__os_off_standard(watched < 0 ? -errno : watched);
    if (watched < 0) {
        return watched;
    }
    int rung = fcntl(watched, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (rung < 0) {
        int rc = -errno;
        fc__os_close(&watched);
        return rc;
    }
    *ret_watched = watched;
    *ret_rung = rung;
    return 0;
}

/* Opened for both directions, it never ends and raises no SIGPIPE, whoever else comes and goes. */
int fc__os_bell_new_pipe(int *ret_fd) {
    int ends[2];
    char path[32];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return -errno;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    fd = fd < 0 ? -errno : fd;
    close(ends[0]);
    close(ends[1]);
    fd = fc__os_off_standard(fd);
    if (fd < 0) {
        return fd;
    }
    *ret_fd = fd;
    return 0;
}

void fc__os_bell_clear(int fd) {
    char rings[4096];
    const int saved = errno;
    while (read(fd, rings, sizeof rings) < 0 && errno == EINTR) {
    }
    errno = saved;
}

int fc__os_bell_wait(int fd, uint64_t deadline_ns) {
    const int saved = errno;
    struct pollfd bell = {.fd = fd, .events = POLLIN};
    const uint64_t now_ns = deadline_ns != 0 ? fc__os_now_ns() : 0;
    const uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    const struct timespec left = {.tv_sec = (time_t)(left_ns / 1000000000u), .tv_nsec = (long)(left_ns % 1000000000u)};
    char rings[64];
    const int ready = ppoll(&bell, 1, deadline_ns != 0 ? &left : NULL, NULL);
    while (ready > 0 && read(fd, rings, sizeof rings) < 0 && errno == EINTR) {
    }
    errno = saved;
    return ready == 0 ? -ETIMEDOUT : 0;
}

int fc__os_bell_ring(int fd) {
    const uint64_t one = 1;
    const int saved = errno;
    ssize_t len;
    do {
        len = write(fd, &one, sizeof one);
    } while (len < 0 && errno == EINTR);
    const int rc = len < 0 && errno != EAGAIN ? -errno : 0;
    errno = saved;
    return rc;
}
