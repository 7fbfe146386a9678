/* client: the thin prefix. Wine starts in one without filling it, because its time stamp says "disable".
 *
 * Each part of it appears whole or not at all, and nothing starts before all are there; so it does not matter how many
 * processes make it at once, or where one of them was killed. */
#include "client/wine.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 3 };

/* A name beside `path` that nobody else uses. */
static int name_beside(const char *path, const char *why, char ret_path[PATH_MAX]) {
    static atomic_uint number;
    const int len = snprintf(ret_path, PATH_MAX, "%s.%s-%d-%u", path, why, (int)getpid(), atomic_fetch_add(&number, 1));
    return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int rename_to(const char *temporary, const char *path) {
    int rc = rename(temporary, path) == 0 ? 0 : -errno;
    if (rc != 0) {
        unlink(temporary);
    }
    return rc;
}

static int have_folder(const char *path) {
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : -errno;
}

static bool is_link_to(const char *path, const char *target) {
    char now[PATH_MAX];
    const ssize_t len = readlink(path, now, sizeof now);
    return len >= 0 && (size_t)len == strlen(target) && memcmp(now, target, (size_t)len) == 0;
}

/* In the place of nothing it needs no other name, which who is killed would leave; in that of something else it does. */
static int have_link(const char *path, const char *target) {
    char temporary[PATH_MAX];
    if (is_link_to(path, target) || symlink(target, path) == 0) {
        return 0;
    }
    if (errno != EEXIST) {
        return -errno;
    }
    if (is_link_to(path, target)) { /* by now */
        return 0;
    }
    int rc = name_beside(path, "new", temporary);
    rc = rc == 0 && symlink(target, temporary) != 0 ? -errno : rc;
    return rc == 0 ? rename_to(temporary, path) : rc;
}

static int write_all(int fd, const char *text) {
    const ssize_t len = write(fd, text, strlen(text));
    return len < 0 ? -errno : (size_t)len != strlen(text) ? -ENOSPC : 0;
}

/* Likewise: a file without a name gets one when it is whole, where there is none and the file system can do so. */
static bool make_file(const char *path, const char *text) {
    char folder[PATH_MAX], nameless[64];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    snprintf(nameless, sizeof nameless, "/proc/self/fd/%d", fd);
    const bool is_made =
        fd >= 0 && write_all(fd, text) == 0 && linkat(AT_FDCWD, nameless, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
    fc__os_close(&fd);
    return is_made;
}

static bool is_file_of(const char *path, const char *text) {
    char now[32];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = fd >= 0 ? read(fd, now, sizeof now) : -1;
    fc__os_close(&fd);
    return len >= 0 && (size_t)len == strlen(text) && memcmp(now, text, (size_t)len) == 0;
}

static int have_file(const char *path, const char *text) {
    char temporary[PATH_MAX];
    if (is_file_of(path, text) || make_file(path, text) || is_file_of(path, text)) {
        return 0;
    }
    int rc = name_beside(path, "new", temporary);
    int fd = rc == 0 ? open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    if (fd < 0) {
        return rc == 0 ? -errno : rc;
    }
    rc = write_all(fd, text);
    fc__os_close(&fd);
    if (rc != 0) {
        unlink(temporary);
    }
    return rc == 0 ? rename_to(temporary, path) : rc;
}

static int make(const char *prefix, const char *const folders[2]) {
    enum { FOLDER, FILE_OF, LINK_TO };
    const bool is_wide = folders[1][0] != '\0';
    const struct {
        int kind;
        const char *name, *what;
    } parts[] = {
        {FOLDER, "", NULL},
        {FILE_OF, "/.update-timestamp", "disable\n"},
        {FOLDER, "/dosdevices", NULL},
        {LINK_TO, "/dosdevices/c:", "../drive_c"},
        {LINK_TO, "/dosdevices/z:", "/"},
        {FOLDER, "/drive_c", NULL},
        {FOLDER, "/drive_c/windows", NULL},
        {LINK_TO, "/drive_c/windows/system32", folders[is_wide]},
        {LINK_TO, "/drive_c/windows/syswow64", is_wide ? folders[0] : ""},
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && rc == 0; i++) {
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%s%s", prefix, parts[i].name) >= (int)sizeof path) {
            return -ENAMETOOLONG;
        }
        switch (parts[i].kind) {
        case FOLDER:
            rc = have_folder(path);
            break;
        case FILE_OF:
            rc = have_file(path, parts[i].what);
            break;
        default:
            rc = parts[i].what[0] != '\0' ? have_link(path, parts[i].what) : 0;
        }
    }
    return rc;
}

int fc__wine_thin_prefix(const char *prefix, const char *const folders[2]) {
    int rc = make(prefix, folders);
    for (int i = 1; i < TRIES && (rc == -EISDIR || rc == -ENOTDIR || rc == -EEXIST || rc == -ENOENT); i++) {
        /* Something stands in its place. It may be worth something to somebody. */
        char aside[PATH_MAX];
        if (rc != -ENOENT && name_beside(prefix, "broken", aside) == 0) {
            rename(prefix, aside);
        }
        rc = make(prefix, folders);
    }
    return rc;
}
