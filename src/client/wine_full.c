/* client: what is said of Wine, and the full prefix: one that wineboot has filled, with a registry in which Wine's own
 * COM classes are. It takes Wine half a minute and more than a gigabyte, so it is made on request only. */
#include "client/client.h"
#include "client/wine.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_MS = 600000, OPEN_FOLDERS = 16, WORDS_BYTES = 1024 };

static int prepare(const struct fc_options *options, const char *target, struct fc__wine *ret_wine,
                   struct fc__error *err) {
    static const struct fc_options none;
    char **environment = fc__options_environment(options != NULL ? options : &none);
    if (environment == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    int rc = fc__wine_prepare(fc__target_find(target), environment, ret_wine, err);
    free(environment); /* whose strings are the options' own, or this process's */
    return rc;
}

int fc_wine_describe(const struct fc_options *options, char *ret_text, size_t size) {
    struct fc__error *err = fc__error_here();
    const char *target = options != NULL ? options->target : NULL;
    if (target == NULL || strstr(target, "-windows") == NULL || ret_text == NULL || size == 0) {
        return fc__error_set(err, FC_EINVAL,
                             "fc_wine_describe wants the target i386-windows or x86_64-windows, and a "
                             "place for the text");
    }
    struct fc__wine wine;
    int rc = prepare(options, target, &wine, err);
    if (rc == FC_OK) {
        snprintf(ret_text, size, "Wine %s (%s), %s prefix %s", wine.version, wine.loader,
                 !wine.is_private ? "the caller's"
                 : wine.is_full   ? "full"
                                  : "thin",
                 wine.prefix);
        fc__wine_done(&wine);
    }
    return rc;
}

/* -- the full prefix ----------------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind, (void)where;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

/* Links are removed, not followed: one leads to the root of this system. */
static void remove_tree(const char *path) {
    nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

/* The host's, but with the new prefix and without a display: what Wine shows while it works, nobody asked for. */
static const char **boot_environment(char *const *from, const char *variable) {
    size_t count = 0, kept = 0;
    while (from[count] != NULL) {
        count++;
    }
    const char **list = malloc((count + 2) * sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (strncmp(from[i], "WINEPREFIX=", 11) != 0 && strncmp(from[i], "DISPLAY=", 8) != 0) {
            list[kept++] = from[i];
        }
    }
    list[kept++] = variable;
    list[kept] = NULL;
    return list;
}

static int boot(const struct fc__wine *wine, const char *prefix, struct fc__error *err) {
    char variable[PATH_MAX + 16], words[WORDS_BYTES];
    snprintf(variable, sizeof variable, "WINEPREFIX=%s", prefix);
    const char **environment = boot_environment(wine->environment, variable);
    if (environment == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    const char *arguments[] = {wine->loader, "wineboot", "--init", NULL};
    struct fc__os_spawn spawn = {.path = wine->loader, .arguments = arguments, .environment = environment};
    struct fc__os_process process;
    int rc = fc__os_spawn(&spawn, &process);
    free(environment);
    if (rc != 0) {
        return fc__error_set(err, FC_ESTART, "cannot start %s: %s", wine->loader, strerror(-rc));
    }
    fc__os_process_ended(&process, LIMIT_MS);
    int status = fc__os_spawn_failed(&process, words, sizeof words);
    if (status != 0) {
        fc__error_set(err, FC_ESTART, "%s wineboot --init, which was to fill the prefix %s, ", wine->loader, prefix);
        if (status < 0) {
            fc__error_add(err, "did not end within %d s", LIMIT_MS / 1000);
        } else {
            fc__error_add(err, WIFEXITED(status) ? "ended with exit status %d" : "was ended by signal %d",
                          WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        }
        fc__error_add(err, "%s%s", words[0] != '\0' ? ". It printed:\n" : "", words);
        return FC_ESTART;
    }
    char inside[PATH_MAX + 64];
    snprintf(inside, sizeof inside, "%s/drive_c/windows/system32/kernel32.dll", prefix);
    return fc__os_file_exists(inside)
               ? FC_OK
               : fc__error_set(err, FC_ESTART, "%s wineboot --init ended, but did not fill the prefix %s", wine->loader,
                               prefix);
}

/* Wine's server finds its prefix by what it is, not by its name, so it may be running while the name changes. */
static int fill_locked(const struct fc__wine *wine, const char *full, struct fc__error *err) {
    char temporary[PATH_MAX];
    if (fc__os_file_exists(full)) {
        return FC_OK; /* another process was faster */
    }
    if (snprintf(temporary, sizeof temporary, "%s.new", full) >= (int)sizeof temporary) {
        return fc__error_set(err, FC_EINVAL, "the path %s is too long", full);
    }
    remove_tree(temporary); /* what one that was ended has left */
    int rc = boot(wine, temporary, err);
    if (rc == FC_OK && rename(temporary, full) != 0) {
        rc = fc__error_set(err, FC_ESYS, "cannot give the prefix its name, %s: %s", full, strerror(errno));
    }
    if (rc != FC_OK) {
        remove_tree(temporary);
    }
    return rc;
}

static int fill(const struct fc__wine *wine, struct fc__error *err) {
    char full[PATH_MAX], lock[PATH_MAX];
    if (!wine->is_private) {
        return fc__error_set(
            err, FC_EINVAL, "WINEPREFIX is set to %s, and hosts use that: unset it for a private prefix", wine->prefix);
    }
    if (wine->is_full) {
        return FC_OK;
    }
    if (snprintf(full, sizeof full, "%s-full", wine->prefix) >= (int)sizeof full ||
        snprintf(lock, sizeof lock, "%s.lock", full) >= (int)sizeof lock) {
        return fc__error_set(err, FC_EINVAL, "the path %s is too long", wine->prefix);
    }
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        int rc = fc__error_set(err, FC_ESYS, "cannot lock %s: %s", lock, strerror(errno));
        fc__os_close(&fd);
        return rc;
    }
    int rc = fill_locked(wine, full, err);
    fc__os_close(&fd);
    return rc;
}

int fc_wine_fill_prefix(const struct fc_options *options) {
    struct fc__error *err = fc__error_here();
    struct fc__wine wine;
    int rc = prepare(options, "x86_64-windows", &wine, err);
    rc = rc == FC_ESTART ? prepare(options, "i386-windows", &wine, err) : rc;
    if (rc == FC_OK) {
        rc = fill(&wine, err);
        fc__wine_done(&wine);
    }
    return rc;
}
