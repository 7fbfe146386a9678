/* os: what a descriptor is beside its number. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int fc__os_fd_is_inherited(int fd) {
    const int flags = fcntl(fd, F_GETFD);
    return flags < 0 ? -errno : (flags & FD_CLOEXEC) == 0;
}

int fc__os_fd_describe(int fd, struct fc__os_fd *ret_description) {
    const int inherited = fc__os_fd_is_inherited(fd), flags = fcntl(fd, F_GETFL);
    struct stat status;
    if (inherited < 0 || flags < 0 || fstat(fd, &status) != 0) {
        return -errno;
    }
    const int mode = flags & O_ACCMODE;
    const off_t position = S_ISREG(status.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    *ret_description = (struct fc__os_fd){.is_inherited = inherited != 0,
                                          .is_read = mode != O_WRONLY,
                                          .is_written = mode != O_RDONLY,
                                          .appends = (flags & O_APPEND) != 0,
                                          .is_socket = S_ISSOCK(status.st_mode),
                                          .position = position};
    return 0;
}

void fc__os_fd_seek(int fd, int64_t position) {
    lseek(fd, (off_t)position, SEEK_SET);
}

int fc__os_fd_set_inherited(int fd, bool is_inherited) {
    return fcntl(fd, F_SETFD, is_inherited ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

int fc__os_fd_replace(int from, int to) {
    const int inherited = fc__os_fd_is_inherited(from);
    return inherited < 0 ? inherited : dup3(from, to, inherited ? 0 : O_CLOEXEC) < 0 ? -errno : 0;
}
