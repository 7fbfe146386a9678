/* client: paths of this system and those that programs of a Wine prefix have for the same files. A prefix has drives:
 * links in its folder `dosdevices`, named by letter. Windows names differ from ours in case, too. */
#include "client/windows.h"

#include "os/os.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* -- to Windows ---------------------------------------------------------------------------------------------------- */

/* The folder that a drive is; "" if the prefix has no such drive. */
static void drive_folder(const char *prefix, char letter, char ret_folder[PATH_MAX]) {
    char link[PATH_MAX];
    if ((size_t)snprintf(link, sizeof link, "%s/dosdevices/%c:", prefix, letter) >= sizeof link ||
        realpath(link, ret_folder) == NULL) {
        ret_folder[0] = '\0';
    }
}

/* How much of an absolute path the folder is, if it lies above it: the bytes before the rest, which begins with '/'. */
static bool lies_above(const char *folder, const char *path, size_t *ret_len) {
    const size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    *ret_len = len;
    return folder[0] != '\0' && strncmp(folder, path, len) == 0 && path[len] == '/';
}

/* `whole` begins with '/'. */
static int from_whole(const char *prefix, const char *whole, bool is_verbatim, char *ret_path, size_t size) {
    char folder[PATH_MAX];
    char best_letter = '\0';
    size_t best = 0, len;
    for (char letter = 'a'; letter <= 'z' && !is_verbatim; letter++) {
        drive_folder(prefix, letter, folder);
        if (lies_above(folder, whole, &len) && (best_letter == '\0' || len > best)) {
            best_letter = letter;
            best = len;
        }
    }
    int used = best_letter != '\0' ? snprintf(ret_path, size, "%c:%s", toupper(best_letter), whole + best)
                                   : snprintf(ret_path, size, "\\\\?\\unix%s", whole);
    for (char *slash = ret_path; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\\';
    }
    return used < 0 || (size_t)used >= size ? -ENAMETOOLONG : 0;
}

int fc__windows_path_from(const char *prefix, const char *path, char *ret_path, size_t size) {
    char whole[PATH_MAX];
    return realpath(path, whole) != NULL ? from_whole(prefix, whole, false, ret_path, size) : -errno;
}

static bool is_separator(char letter) {
    return letter == '/' || letter == '\\';
}

/* Behind "X:", or "\" or "//" at the beginning: a path that is Windows' already. */
static bool is_windows_path(const char *path) {
    return (isalpha((unsigned char)path[0]) && path[1] == ':' && (path[2] == '\0' || is_separator(path[2]))) ||
           path[0] == '\\';
}

/* Appends one name; ".." takes one away, as the folder is what it is and not what a link to it is called. */
static bool append_name(char whole[PATH_MAX], const char *name, size_t len) {
    char resolved[PATH_MAX];
    if (len == 0 || (len == 1 && name[0] == '.')) {
        return true;
    }
    if (len == 2 && memcmp(name, "..", 2) == 0) {
        if (whole[0] != '\0' && realpath(whole, resolved) != NULL) {
            memcpy(whole, resolved, sizeof resolved);
        }
        char *last = strrchr(whole, '/');
        if (last != NULL) {
            *last = '\0';
        }
        return true;
    }
    const size_t used = strlen(whole);
    return (size_t)snprintf(whole + used, PATH_MAX - used, "/%.*s", (int)len, name) < PATH_MAX - used;
}

static bool append_names(char whole[PATH_MAX], const char *names) {
    bool ok = true;
    while (ok && *names != '\0') {
        const size_t len = strcspn(names, "/");
        ok = append_name(whole, names, len);
        names += len + (names[len] == '/');
    }
    return ok;
}

/* Names that Windows makes others of: it takes dots and spaces off their end. Nor does it take long paths. */
static bool needs_verbatim(const char *whole) {
    enum { WINDOWS_PATH_MAX = 260 };
    const size_t len = strlen(whole);
    for (size_t i = 1; i <= len; i++) {
        if ((whole[i] == '/' || whole[i] == '\0') && (whole[i - 1] == '.' || whole[i - 1] == ' ')) {
            return true;
        }
    }
    return len + sizeof "Z:" > WINDOWS_PATH_MAX;
}

int fc__windows_path_of(const char *prefix, const char *folder, const char *path, char *ret_path, size_t size) {
    char whole[PATH_MAX] = "", current[PATH_MAX] = "";
    if (is_windows_path(path)) {
        return (size_t)snprintf(ret_path, size, "%s", path) < size ? 0 : -ENAMETOOLONG;
    }
    if (strchr(path, '\\') != NULL) {
        return -EINVAL;
    }
    if (path[0] != '/' && (folder == NULL || folder[0] != '/') && getcwd(current, sizeof current) == NULL) {
        return -errno;
    }
    const bool ok = path[0] == '/' || (append_names(whole, current) && (folder == NULL || append_names(whole, folder)));
    if (!ok || !append_names(whole, path)) {
        return -ENAMETOOLONG;
    }
    const size_t used = strlen(whole);
    if ((used == 0 || path[strlen(path) - 1] == '/') && used + 1 < sizeof whole) {
        memcpy(whole + used, "/", 2);
    }
    return from_whole(prefix, whole, needs_verbatim(whole), ret_path, size);
}

/* -- from Windows -------------------------------------------------------------------------------------------------- */

/* Finds an entry of the folder whose name differs in case at most; appends it. */
static bool append_entry(char path[PATH_MAX], const char *name, size_t len) {
    char exact[PATH_MAX];
    const size_t used = strlen(path);
    if ((size_t)snprintf(exact, sizeof exact, "%s/%.*s", path, (int)len, name) >= sizeof exact) {
        return false;
    }
    if (fc__os_file_exists(exact)) {
        memcpy(path, exact, sizeof exact);
        return true;
    }
    DIR *folder = opendir(used != 0 ? path : "/");
    bool found = false;
    for (const struct dirent *entry; folder != NULL && !found && (entry = readdir(folder)) != NULL;) {
        found = strlen(entry->d_name) == len && strncasecmp(entry->d_name, name, len) == 0;
        if (found) {
            memcpy(path + used, "/", 1);
            memcpy(path + used + 1, entry->d_name, len + 1);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return found;
}

/* `rest`, with separators of either kind, below the folder in `path`. */
static int walk(char path[PATH_MAX], const char *rest) {
    if (strcmp(path, "/") == 0) {
        path[0] = '\0';
    }
    for (size_t len; *(rest += strspn(rest, "/\\")) != '\0'; rest += len) {
        len = strcspn(rest, "/\\");
        if ((len != 1 || rest[0] != '.') && !append_entry(path, rest, len)) {
            return -ENOENT;
        }
    }
    return 0;
}

static const char unix_root[] = "\\\\?\\unix\\";

int fc__windows_path_to(const char *prefix, const char *windows_path, char *ret_path, size_t size) {
    char path[PATH_MAX] = "";
    int rc = -ENOENT;
    if (strncasecmp(windows_path, unix_root, sizeof unix_root - 1) == 0) {
        rc = walk(path, windows_path + sizeof unix_root - 1);
    } else if (isalpha((unsigned char)windows_path[0]) && windows_path[1] == ':') {
        drive_folder(prefix, (char)tolower((unsigned char)windows_path[0]), path);
        rc = path[0] != '\0' ? walk(path, windows_path + 2) : -ENOENT;
    }
    return rc != 0 ? rc : (size_t)snprintf(ret_path, size, "%s", path) < size ? 0 : -ENAMETOOLONG;
}

/* As far as the names are there they are written as they are there; what comes behind is written as it is. */
static int walk_on(char path[PATH_MAX], const char *rest) {
    bool ok = true, is_there = true;
    if (strcmp(path, "/") == 0) {
        path[0] = '\0';
    }
    for (size_t len; ok && *(rest += strspn(rest, "/\\")) != '\0'; rest += len) {
        len = strcspn(rest, "/\\");
        is_there = is_there && append_entry(path, rest, len);
        ok = is_there || append_name(path, rest, len);
        if (ok && rest[len] != '\0' && rest[len + strspn(rest + len, "/\\")] == '\0') { /* a folder, and said to be */
            ok = strlen(path) + 1 < PATH_MAX;
            strncat(path, "/", PATH_MAX - strlen(path) - 1);
        }
    }
    if (path[0] == '\0') {
        memcpy(path, "/", 2);
    }
    return ok ? 0 : -ENAMETOOLONG;
}

int fc__windows_path_back(const char *prefix, const char *windows_path, char *ret_path, size_t size) {
    static const char verbatim[] = "\\\\?\\";
    const char *path = windows_path;
    char found[PATH_MAX] = "";
    const bool is_unix = strncasecmp(path, unix_root, sizeof unix_root - 1) == 0;
    if (!is_unix && strncmp(path, verbatim, sizeof verbatim - 1) == 0) {
        path += sizeof verbatim - 1;
    }
    if (!is_unix && isalpha((unsigned char)path[0]) && path[1] == ':' && is_separator(path[2])) {
        drive_folder(prefix, (char)tolower((unsigned char)path[0]), found);
    }
    if (!is_unix && found[0] == '\0') {
        return (size_t)snprintf(ret_path, size, "%s", windows_path) < size ? 0 : -ENAMETOOLONG;
    }
    int rc = walk_on(found, path + (is_unix ? sizeof unix_root - 1 : 2));
    return rc != 0 ? rc : (size_t)snprintf(ret_path, size, "%s", found) < size ? 0 : -ENAMETOOLONG;
}

static bool find(const char *folder, size_t len, const char *name, char ret_path[PATH_MAX]) {
    char from[PATH_MAX];
    return (size_t)snprintf(from, sizeof from, "%.*s", len != 0 ? (int)len : 1, len != 0 ? folder : ".") <
               sizeof from &&
           realpath(from, ret_path) != NULL && walk(ret_path, name) == 0;
}

const char *fc__windows_library(const char *name, const char *folders, char ret_path[PATH_MAX]) {
    const size_t len = strlen(name);
    if (len < 4 || strcasecmp(name + len - 4, ".dll") != 0) {
        return name;
    }
    if (strchr(name, '/') != NULL) {
        return !fc__os_file_exists(name) && find("/", name[0] == '/', name, ret_path) ? ret_path : name;
    }
    bool is_found = find(".", 1, name, ret_path);
    for (const char *folder = folders; folder != NULL && !is_found; folder = *folder != '\0' ? folder + 1 : NULL) {
        const size_t folder_len = strcspn(folder, ":");
        is_found = find(folder, folder_len, name, ret_path);
        folder += folder_len;
    }
    return is_found ? ret_path : name;
}
