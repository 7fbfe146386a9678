/* os: bells. The watching thread sees edges only, so that nothing has to be read, which could be made to wait. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
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
