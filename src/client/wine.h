/* client: Wine, under which the hosts for Windows run here: the loader that executes them, and the prefix, the folder
 * that is their Windows.
 * Runs in: the caller.  Threads: any.
 * Does not: start a host (remote), or ever run wineboot in the private prefix, whose folders are links into Wine's own.
 *
 * The caller's WINEPREFIX is used as it is. Without one the prefix is a private one below $XDG_CACHE_HOME/farcall or
 * ~/.cache/farcall, made when there is none: `wine-VERSION-ID`, or `wine-VERSION-ID-full` where somebody had that made
 * (farcall-doctor(1)). The ID is that of Wine's folders, so each Wine has its own. */
#ifndef FC_CLIENT_WINE_H
#define FC_CLIENT_WINE_H

#include "abi/target.h"
#include "base/error.h"

#include <limits.h>
#include <stdbool.h>

struct fc__wine {
    char loader[PATH_MAX]; /* a program of this system that executes those of the callee's target */
    char prefix[PATH_MAX]; /* a folder with drive_c and dosdevices */
    char version[64];      /* "8.0" */
    bool is_private;       /* the prefix is one of ours */
    bool is_full;          /* and wineboot has filled it */
    char **environment;    /* the host's, with all that Wine needs in it; one block */
};

/* Finds Wine for the callee's target, `environment` being what the host would be started with, and makes the prefix if
 * there is none. Takes 0.1 ms, or 20 ms once. FC_ESTART with what to install or to set, FC_ENOMEM. */
int fc__wine_prepare(const struct fc__target *callee, char *const *environment, struct fc__wine *ret_wine,
                     struct fc__error *err);
void fc__wine_done(struct fc__wine *wine);

/* A thin prefix (client/wine_prefix.c): links into Wine's folders, so that it takes no room and no time. `folders` are
 * those of the 32-bit and the 64-bit libraries, "" where there are none. Makes what is missing of it, in any number of
 * processes at once. 0 or -errno. */
int fc__wine_thin_prefix(const char *prefix, const char *const folders[2]);

#endif
