/* client: finding Wine, and what a host needs to run under it. */
#include "client/wine.h"
#include "os/os.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NARROW, WIDE, WIDTHS };
static const char *const architectures[WIDTHS] = {"i386", "x86_64"};

/* One Wine, as it is installed. */
struct installation {
    char loaders[WIDTHS][PATH_MAX];
    char windows[WIDTHS][PATH_MAX]; /* the folders of its Windows libraries */
    char unix_library[PATH_MAX];    /* one of those for this system */
};

static const char *value_of(char *const *environment, const char *name) {
    const size_t len = strlen(name);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=' && (*environment)[len + 1] != '\0') {
            return *environment + len + 1;
        }
    }
    return NULL;
}

/* -- finding it ---------------------------------------------------------------------------------------------------- */

/* WIDTHS if it is no program; the `wine` in the search path is a script on some systems. */
static unsigned width_of(const char *path) {
    unsigned char ident[EI_NIDENT] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, ident, sizeof ident) : -1;
    fc__os_close(&fd);
    if (len != sizeof ident || memcmp(ident, ELFMAG, SELFMAG) != 0 || !fc__os_file_executable(path)) {
        return WIDTHS;
    }
    return ident[EI_CLASS] == ELFCLASS64 ? WIDE : NARROW;
}

static bool join(char ret_path[PATH_MAX], const char *folder, const char *name, const char *rest) {
    return snprintf(ret_path, PATH_MAX, "%s/%s%s", folder, name, rest) < PATH_MAX;
}

/* The folder of a width's Windows libraries, of Wine's own that lie in `libraries`. */
static bool find_windows(const char *libraries, unsigned width, char ret_path[PATH_MAX]) {
    char file[PATH_MAX];
    char rest[32];
    snprintf(rest, sizeof rest, "/%s-windows", architectures[width]);
    if (join(file, libraries, rest + 1, "/ntdll.dll") && fc__os_file_exists(file)) {
        return join(ret_path, libraries, rest + 1, "");
    }
    return false;
}

/* Where Wine's libraries lie, as seen from the folder of its loader. */
static bool find_libraries(struct installation *wine, const char *folder, unsigned width, char ret_path[PATH_MAX]) {
    static const char *const places[][WIDTHS] = {
        {"../lib/wine", "../lib64/wine"},
        {"../lib32/wine", "../lib/wine"},
        {"../lib/i386-linux-gnu/wine", "../lib/x86_64-linux-gnu/wine"},
        {"../i386-linux-gnu/wine", "../x86_64-linux-gnu/wine"},
        {"../wine", "../wine"},
        {".", "."},
    };
    char beside[PATH_MAX], file[PATH_MAX], rest[48];
    snprintf(rest, sizeof rest, "/%s-unix/ntdll.so", architectures[width]);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (join(beside, folder, places[i][width], rest) && fc__os_file_exists(beside) &&
            realpath(beside, file) != NULL) {
            memcpy(wine->unix_library, file, sizeof file);
            *strrchr(file, '/') = '\0';
            *strrchr(file, '/') = '\0';
            memcpy(ret_path, file, sizeof file);
            return true;
        }
    }
    return false;
}

static void take_loader(struct installation *wine, const char *path) {
    char loader[PATH_MAX], folder[PATH_MAX], libraries[PATH_MAX];
    const unsigned width = width_of(path);
    if (width == WIDTHS || wine->loaders[width][0] != '\0' || realpath(path, loader) == NULL) {
        return;
    }
    memcpy(folder, loader, sizeof folder);
    *strrchr(folder, '/') = '\0';
    if (!find_libraries(wine, folder, width, libraries) || !find_windows(libraries, width, wine->windows[width])) {
        return;
    }
    memcpy(wine->loaders[width], loader, sizeof loader);
    /* Wine's new WoW64: one program, which runs both. */
    if (width == WIDE && wine->windows[NARROW][0] == '\0' && find_windows(libraries, NARROW, wine->windows[NARROW])) {
        memcpy(wine->loaders[NARROW], loader, sizeof loader);
    }
}

/* True if it has a loader for the width. What was found before of a Wine that has not is forgotten, but for
 * `inout_other`: a loader of the other width. */
static bool search_folder(struct installation *wine, const char *folder, size_t len, unsigned width,
                          char inout_other[PATH_MAX]) {
    static const char *const names[] = {"wine", "wine32", "wine64"};
    memset(wine, 0, sizeof *wine);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];
        if (len != 0 && snprintf(path, sizeof path, "%.*s/%s", (int)len, folder, names[i]) < (int)sizeof path) {
            take_loader(wine, path);
        }
    }
    if (wine->loaders[width][0] == '\0' && wine->loaders[!width][0] != '\0' && inout_other[0] == '\0') {
        memcpy(inout_other, wine->loaders[!width], PATH_MAX);
    }
    return wine->loaders[width][0] != '\0';
}

/* In the folder of $WINELOADER if it is set, else in those of the search path and where distributions have it. */
static bool search(char *const *environment, const char *named, unsigned width, struct installation *wine,
                   char ret_other[PATH_MAX]) {
    static const char *const patterns[] = {"/usr/lib/wine",  "/usr/lib64/wine", "/usr/bin",
                                           "/usr/local/bin", "/opt/wine*/bin",  "/usr/lib/wine-*/bin"};
    ret_other[0] = '\0';
    if (named != NULL) {
        return search_folder(wine, named, (size_t)(strrchr(named, '/') - named), width, ret_other);
    }
    bool found = false;
    const char *folders = value_of(environment, "PATH");
    while (folders != NULL && *folders != '\0' && !found) {
        const size_t len = strcspn(folders, ":");
        found = search_folder(wine, folders, len, width, ret_other);
        folders += len + (folders[len] == ':');
    }
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && !found; i++) {
        glob_t matches = {0};
        if (glob(patterns[i], 0, NULL, &matches) == 0) {
            for (size_t j = 0; j < matches.gl_pathc && !found; j++) {
                found = search_folder(wine, matches.gl_pathv[j], strlen(matches.gl_pathv[j]), width, ret_other);
            }
        }
        globfree(&matches);
    }
    return found;
}

static int explain_missing(const struct fc__target *callee, const char *named, unsigned width, const char *other,
                           struct fc__error *err) {
    if (other[0] != '\0') {
        fc__error_set(err, FC_ESTART,
                      "the Wine here (%s) runs %s-bit Windows programs only, and the host for %s is a %s-bit one",
                      other, width == NARROW ? "64" : "32", callee->name, width == NARROW ? "32" : "64");
    } else if (named != NULL) {
        fc__error_set(err, FC_ESTART, "hosts for %s run under Wine, and WINELOADER names none: %s", callee->name,
                      named);
    } else {
        fc__error_set(err, FC_ESTART,
                      "hosts for %s run under Wine, and there is none, neither in $PATH nor in the usual places",
                      callee->name);
    }
    fc__error_add(err, ". On Debian: %s. Where Wine is somewhere else, set WINELOADER to its program",
                  width == NARROW ? "dpkg --add-architecture i386 && apt-get update && apt-get install wine32:i386"
                                  : "apt-get install wine64");
    return FC_ESTART;
}

/* -- the prefix ---------------------------------------------------------------------------------------------------- */

/* "wine-8.0 (Debian ...)" stands in its library. A search for the dash takes a tenth of the time that one for the whole
 * takes. */
static void read_version(const char *unix_library, char *ret_version, size_t size) {
    static const char before[] = "\0wine"; /* a string begins so */
    enum { BEFORE = sizeof before - 1 };
    const void *data;
    size_t len;
    snprintf(ret_version, size, "unknown");
    if (fc__os_file_map(unix_library, &data, &len) != 0) {
        return;
    }
    const char *const begin = data, *const end = begin + len;
    for (const char *dash = begin; (dash = memchr(dash, '-', (size_t)(end - dash))) != NULL;) {
        const char *const at = dash++;
        if (at - begin < BEFORE || memcmp(at - BEFORE, before, BEFORE) != 0 || dash == end || *dash < '0' ||
            *dash > '9') {
            continue;
        }
        size_t used = 0;
        while (dash + used < end && used < size - 1 &&
               (isalnum((unsigned char)dash[used]) || strchr(".-", dash[used]) != NULL) && dash[used] != '\0') {
            used++;
        }
        memcpy(ret_version, dash, used);
        ret_version[used] = '\0';
        break;
    }
    fc__os_file_unmap(data, len);
}

/* FNV-1a */
static uint32_t hash_of(const char *text, uint32_t hash) {
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    }
    return hash;
}

static int cache_folder(char *const *environment, char ret_path[PATH_MAX], struct fc__error *err) {
    const char *cache = value_of(environment, "XDG_CACHE_HOME");
    const char *home = value_of(environment, "HOME");
    char path[PATH_MAX] = "";
    if (cache != NULL && cache[0] == '/') {
        snprintf(path, sizeof path, "%s", cache);
    } else if (home != NULL && home[0] == '/') {
        snprintf(path, sizeof path, "%s/.cache", home);
    } else {
        return fc__error_set(err, FC_ESTART,
                             "there is no place for Wine's prefix, which is a folder: set HOME, "
                             "XDG_CACHE_HOME, or WINEPREFIX to one that you have");
    }
    if (!join(ret_path, path, "farcall", "")) {
        return fc__error_set(err, FC_ESTART, "cannot make Wine's prefix: the path %s is too long", path);
    }
    for (char *slash = ret_path; access(ret_path, F_OK) != 0 && (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = '\0';
        mkdir(ret_path, 0700); /* what fails is found below */
        *slash = '/';
    }
    if (mkdir(ret_path, 0700) != 0 && errno != EEXIST) {
        return fc__error_set(err, FC_ESTART,
                             "cannot make the folder %s for Wine's prefix: %s. Set XDG_CACHE_HOME to "
                             "another place for it, or WINEPREFIX to a prefix that you have",
                             ret_path, strerror(errno));
    }
    return FC_OK;
}

static int private_prefix(const struct installation *wine, char *const *environment, struct fc__wine *ret_wine,
                          struct fc__error *err) {
    char cache[PATH_MAX], full[PATH_MAX];
    int rc = cache_folder(environment, cache, err);
    if (rc != FC_OK) {
        return rc;
    }
    const uint32_t id = hash_of(wine->windows[WIDE], hash_of(wine->windows[NARROW], 2166136261u) * 16777619u);
    if (snprintf(ret_wine->prefix, PATH_MAX, "%s/wine-%s-%08x", cache, ret_wine->version, (unsigned)id) >= PATH_MAX ||
        snprintf(full, sizeof full, "%s-full", ret_wine->prefix) >= PATH_MAX) {
        return fc__error_set(err, FC_ESTART, "cannot make Wine's prefix: the path %s is too long", cache);
    }
    ret_wine->is_private = true;
    ret_wine->is_full = fc__os_file_exists(full);
    if (ret_wine->is_full) {
        memcpy(ret_wine->prefix, full, sizeof full);
        return FC_OK;
    }
    const char *const folders[] = {wine->windows[NARROW], wine->windows[WIDE]};
    rc = fc__wine_thin_prefix(ret_wine->prefix, folders);
    return rc == 0 ? FC_OK
                   : fc__error_set(err, FC_ESTART,
                                   "cannot make Wine's prefix %s: %s. Set XDG_CACHE_HOME to another "
                                   "place for it, or WINEPREFIX to a prefix that you have",
                                   ret_wine->prefix, strerror(-rc));
}

/* The caller's own. Wine would make one that is not there, but take longer than a host may. */
static int own_prefix(const char *prefix, struct fc__wine *ret_wine, struct fc__error *err) {
    char inside[PATH_MAX];
    if (!join(inside, prefix, "dosdevices", "") || !fc__os_file_exists(inside)) {
        return fc__error_set(err, FC_ESTART,
                             "WINEPREFIX is %s, which is no prefix of Wine's: there are no dosdevices in "
                             "it. Make it one with the command wineboot, or unset WINEPREFIX to use a "
                             "private one",
                             prefix);
    }
    snprintf(ret_wine->prefix, sizeof ret_wine->prefix, "%s", prefix);
    return FC_OK;
}

/* -- the environment ----------------------------------------------------------------------------------------------- */

static bool is_replaced(const char *variable, bool is_private) {
    static const char *const names[] = {"WINEPREFIX=", "WINEDLLOVERRIDES=", "WINELOADER=", "WINEARCH="};
    for (size_t i = 0; i < sizeof names / sizeof *names - !is_private; i++) {
        if (strncmp(variable, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

static char **make_environment(char *const *from, const struct installation *wine, const struct fc__wine *prepared) {
    enum { ADDED = 4 };
    const char *overrides = value_of(from, "WINEDLLOVERRIDES");
    size_t count = 0;
    while (from[count] != NULL) {
        count++;
    }
    const size_t text_bytes = strlen(prepared->prefix) + (overrides != NULL ? strlen(overrides) : 0) + 256;
    char **list = malloc((count + ADDED + 1) * sizeof *list + text_bytes);
    if (list == NULL) {
        return NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_replaced(from[i], prepared->is_private)) {
            list[kept++] = from[i];
        }
    }
    char *text = (char *)(list + count + ADDED + 1), *end = text + text_bytes;
    list[kept++] = text;
    text += snprintf(text, (size_t)(end - text), "WINEPREFIX=%s", prepared->prefix) + 1;
    /* No debugger in the place of a crash; and no dialogs that offer to download what a private prefix has not. */
    list[kept++] = text;
    text +=
        snprintf(text, (size_t)(end - text), "WINEDLLOVERRIDES=%s%swinedbg.exe=d%s", overrides != NULL ? overrides : "",
                 overrides != NULL ? ";" : "", prepared->is_private ? ";mscoree=d;mshtml=d" : "") +
        1;
    if (prepared->is_private) {
        list[kept++] = wine->windows[WIDE][0] != '\0' ? "WINEARCH=win64" : "WINEARCH=win32";
    }
    if (value_of(from, "WINEDEBUG") == NULL) {
        list[kept++] = "WINEDEBUG=-all";
    }
    list[kept] = NULL;
    return list;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static int prepare(struct installation *wine, const struct fc__target *callee, char *const *environment,
                   struct fc__wine *ret_wine, struct fc__error *err) {
    const unsigned width = callee->pointer_bytes == 4 ? NARROW : WIDE;
    char other[PATH_MAX];
    const char *named = value_of(environment, "WINELOADER");
    named = named != NULL && strchr(named, '/') != NULL ? named : NULL;
    if (getauxval(AT_SECURE) != 0) { /* whoever started this program could have it execute anything */
        return fc__error_set(err, FC_ESTART, "a program with rights that its user has not starts no host for %s",
                             callee->name);
    }
    if (!search(environment, named, width, wine, other)) {
        return explain_missing(callee, named, width, other, err);
    }
    memcpy(ret_wine->loader, wine->loaders[width], sizeof ret_wine->loader);
    read_version(wine->unix_library, ret_wine->version, sizeof ret_wine->version);
    const char *own = value_of(environment, "WINEPREFIX");
    int rc = own != NULL ? own_prefix(own, ret_wine, err) : private_prefix(wine, environment, ret_wine, err);
    if (rc == FC_OK && (ret_wine->environment = make_environment(environment, wine, ret_wine)) == NULL) {
        rc = fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    return rc;
}

int fc__wine_prepare(const struct fc__target *callee, char *const *environment, struct fc__wine *ret_wine,
                     struct fc__error *err) {
    struct installation *wine = malloc(sizeof *wine); /* too much for a small thread's stack */
    struct fc__wine *prepared = calloc(1, sizeof *prepared);
    int rc = wine != NULL && prepared != NULL ? prepare(wine, callee, environment, prepared, err)
                                              : fc__error_set(err, FC_ENOMEM, "out of memory");
    if (rc == FC_OK) {
        *ret_wine = *prepared;
    }
    free(prepared);
    free(wine);
    return rc;
}

void fc__wine_done(struct fc__wine *wine) {
    free(wine->environment);
    wine->environment = NULL;
}
