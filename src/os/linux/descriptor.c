/* os: what a descriptor is beside its number. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fc__os_fd_is_inherited(int fd) {
    const int flags = fcntl(fd, F_GETFD);
    return flags < 0 ? -errno : (flags & FD_CLOEXEC) == 0;
}

int fc__os_fd_set_inherited(int fd, bool is_inherited) {
    return fcntl(fd, F_SETFD, is_inherited ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

int fc__os_fd_replace(int from, int to) {
    const int inherited = fc__os_fd_is_inherited(from);
    return inherited < 0 ? inherited : dup3(from, to, inherited ? 0 : O_CLOEXEC) < 0 ? -errno : 0;
}
