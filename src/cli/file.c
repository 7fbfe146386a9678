/* cli: regular files, mapped. */
#include "cli/cli.h"

#include <errno.h>
#include <farcall/farcall.h>
#include <farcall/image.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *type_name(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    case S_IFCHR:
    case S_IFBLK:
        return "a device";
    default:
        return "something else";
    }
}

/* What stops us from opening a socket is ENXIO, which would explain nothing. */
static int open_error(const char *path, int error) {
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        cli_error("%s: is %s, not a regular file", path, type_name(status.st_mode));
    } else {
        cli_error("%s: %s", path, strerror(error));
    }
    return CLI_FAILED;
}

static void on_bus_error(int signal) {
    static const char text[] = "farcall: a file became shorter while it was being read\n";
    (void)signal;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(CLI_FAILED);
}

static int map(const char *path, int fd, struct cli_file *ret_file) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        cli_error("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    if (!S_ISREG(status.st_mode)) {
        cli_error("%s: is %s, not a regular file", path, type_name(status.st_mode));
        return CLI_FAILED;
    }
    struct cli_file file = {.len_bytes = (size_t)status.st_size};
    if ((uintmax_t)file.len_bytes != (uintmax_t)status.st_size) {
        cli_error("%s: %s", path, strerror(EFBIG));
        return CLI_FAILED;
    }
    if (file.len_bytes > 0) {
        file.data = mmap(NULL, file.len_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file.data == MAP_FAILED) {
            cli_error("%s: %s", path, strerror(errno));
            return CLI_FAILED;
        }
    }
    *ret_file = file;
    return CLI_OK;
}

int cli_file_open(const char *path, struct cli_file *ret_file) {
    if (path[0] == '\0') {
        cli_error("a file's name is empty; is it from a variable that is not set?");
        return CLI_FAILED;
    }
    /* Opening a FIFO for reading waits for a writer unless told not to; a terminal must not become ours. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return open_error(path, errno);
    }
    struct sigaction action = {.sa_handler = on_bus_error};
    sigaction(SIGBUS, &action, NULL);
    int result = map(path, fd, ret_file);
    close(fd);
    return result;
}

void cli_file_close(struct cli_file *file) {
    if (file->data != NULL) {
        munmap(file->data, file->len_bytes);
    }
    *file = (struct cli_file){0};
}

int cli_file_target(const char *verb, const char *path, const struct cli_file *file, const char **ret_target) {
    struct fc_image *image = NULL;
    int rc = fc_image_open(file->data, file->len_bytes, &image);
    const char *target = rc == FC_OK ? fc_image_target(image) : NULL;
    if (rc != FC_OK) {
        cli_error("%s: %s: %s", verb, path, fc_error_text());
    } else if (target == NULL) {
        const char *problem = fc_image_target_problem(image);
        cli_error("%s: %s is no library that a host can load: %s%s%s", verb, path,
                  fc_format_name(fc_image_format(image)), problem != NULL ? ", " : "", problem != NULL ? problem : "");
    } else {
        *ret_target = target; /* a name of the library's tables */
    }
    fc_image_close(image);
    return target != NULL ? CLI_OK : CLI_FAILED;
}
