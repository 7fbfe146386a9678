/* client: what is different with hosts that are Windows programs, started under Wine (wine.h) below a guardian. They
 * open the session's memory and pipes by their numbers in this process. */
#ifndef FC_CLIENT_WINDOWS_H
#define FC_CLIENT_WINDOWS_H

#include "client/wine.h"
#include "wire/message.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct fc_session;
struct fc__channel;

/* -- windows.c: starting one --------------------------------------------------------------------------------------- */

enum { FC__WINDOWS_ARGUMENTS = 13 };
struct fc__windows_start {
    char guardian[PATH_MAX];
    char control[48], shared[32], bells[48], heap[32];
    char **environment; /* one block */
    struct fc__wine wine;
};
/* `inout_arguments` are those of a host, ended by NULL; they become the guardian's. */
int fc__windows_start(struct fc_session *session, const struct fc__channel *channel, char *const *environment,
                      int control_fd, int reply_fd, struct fc__windows_start *ret_start, const char **inout_arguments,
                      struct fc__error *err);
void fc__windows_start_done(struct fc__windows_start *start);

/* -- windows_path.c: one file's names on both sides ---------------------------------------------------------------- */

enum { FC__WINDOWS_PATH_BYTES = PATH_MAX + 16 };
/* What programs of the prefix call an existing file or folder. -errno. */
int fc__windows_path_from(const char *prefix, const char *path, char *ret_path, size_t size);
/* What this system calls what they call so. -ENOENT if there is no such file. */
int fc__windows_path_to(const char *prefix, const char *windows_path, char *ret_path, size_t size);
/* A name that ends in .dll, as Windows understands it: case does not matter, and one without a path is looked for in the
 * current folder and in `folders` (separated by ':'; NULL: none). The file's path, or `name` if there is none. */
const char *fc__windows_library(const char *name, const char *folders, char ret_path[PATH_MAX]);

#endif
