/* proxy: the source of a library with the exports of another one, which it calls in a host (<farcall/proxy.h>).
 * Runs in: the caller, at generation.  Threads: one at a time.
 * Does not: open files, run compilers (the command does), or call the library. */
#ifndef FC_PROXY_PROXY_H
#define FC_PROXY_PROXY_H

#include "base/error.h"

#include <farcall/proxy.h>
#include <stdio.h>

/* What a proxy is made from. Everything stays where it is until the proxy is freed. */
struct fc__proxy_request {
    const void *library; /* the bytes of its file */
    size_t library_bytes;
    const char *name;   /* of the file, for a library without a soname */
    const char *soname; /* of the proxy; NULL: the library's own name, of "zlib1.dll" "libzlib1.so" */
    const char *path;   /* to be remembered; or NULL */
    const char *caller; /* the proxy's own target */
    const char *group;  /* or NULL */
    uint32_t deadline_ms;
    const struct fc_proxy_text *texts;
    size_t text_count;
    const void *user; /* the bytes of a program or library whose imports count; or NULL */
    size_t user_bytes;
};

struct fc__proxy;
/* Errors: FC_EFORMAT, FC_ETARGET (of the library; of the caller), FC_EPARSE and FC_EUNSUPPORTED (of the texts),
 * FC_ENOMEM. */
int fc__proxy_new(const struct fc__proxy_request *request, struct fc__proxy **ret_proxy, struct fc__error *err);
void fc__proxy_free(struct fc__proxy *proxy);

/* The proxy's own name. */
const char *fc__proxy_name(const struct fc__proxy *proxy);
/* Exports that are not bridged: of those that are declared, or of those that the user imports if there is one. */
size_t fc__proxy_gaps(const struct fc__proxy *proxy);
/* Exports that the user imports. */
size_t fc__proxy_used(const struct fc__proxy *proxy);
/* False: the exports have no versions, and need no script. */
bool fc__proxy_has_versions(const struct fc__proxy *proxy);

/* Each export, and what became of it, for a person to read. FC_ENOMEM. */
int fc__proxy_write_table(const struct fc__proxy *proxy, FILE *out, struct fc__error *err);
/* The C source, and the linker's version script. FC_ENOMEM. */
int fc__proxy_write_source(const struct fc__proxy *proxy, FILE *out, struct fc__error *err);
void fc__proxy_write_script(const struct fc__proxy *proxy, FILE *out);

#endif
