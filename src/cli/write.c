/* cli: replacing files: a new file beside the old one, on the disk before it takes its name. */
#include "cli/write.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t len) {
    while (len > 0) {
        ssize_t written = write(fd, data, len);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        data += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

/* The owner comes before the mode, as changing it clears set-user-ID. Who may not give files away keeps them. */
static int take_after(const char *model, int fd) {
    struct stat status;
    if (stat(model, &status) != 0) {
        return -1;
    }
    if (fchown(fd, status.st_uid, status.st_gid) != 0 && errno != EPERM) {
        return -1;
    }
    return fchmod(fd, status.st_mode & 07777);
}

static int sync_folder_of(const char *path) {
    char *copy = strdup(path);
    int fd = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int result = fd >= 0 ? fsync(fd) : -1;
    if (fd >= 0) {
        close(fd);
    }
    free(copy);
    return result;
}

static int replace(const char *model, const char *path, const void *data, size_t len) {
    char *temporary;
    if (access(path, F_OK) == 0 && access(path, W_OK) != 0) {
        return -1; /* renaming would not ask */
    }
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        errno = ENOMEM;
        return -1;
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    int result = fd >= 0 && write_all(fd, data, len) == 0 && take_after(model, fd) == 0 && fsync(fd) == 0 ? 0 : -1;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (result == 0 && rename(temporary, path) != 0) {
        error = errno;
        result = -1;
    }
    if (fd >= 0 && result != 0) {
        unlink(temporary);
    }
    free(temporary);
    errno = error;
    return result;
}

int cli_write_like(const char *model, const char *path, const void *data, size_t len) {
    char *real = realpath(path, NULL); /* what a link leads to; NULL for a new file */
    const char *target = real != NULL ? real : path;
    int result = replace(model, target, data, len);
    if (result == 0) {
        sync_folder_of(target); /* some file systems cannot; the file itself is safe */
    } else {
        cli_error("%s: %s", path, strerror(errno));
    }
    free(real);
    return result == 0 ? CLI_OK : CLI_FAILED;
}
