/* proxy: the exports of the library, and what is to become of each. */
#ifndef FC_PROXY_EXPORTS_H
#define FC_PROXY_EXPORTS_H

#include "abi/declarations.h"
#include "image/pointers.h"
#include "proxy/proxy.h"

enum fc__proxy_state {
    FC__PROXY_BRIDGED,
    FC__PROXY_REFUSED,    /* declared, but `why` */
    FC__PROXY_UNDECLARED, /* no text declares it */
};

struct fc__proxy_export {
    struct fc_export symbol;
    enum fc__proxy_state state;
    const char *declaration;                /* variable: as it is bound; its name alone, if that has a length */
    struct fc__plan *plan;                  /* function: bridged, and no alias */
    const char *why;                        /* refused */
    const struct fc__proxy_export *same_as; /* alias: the export that is called in its place; else NULL */
    bool is_data;
    bool is_odd;                          /* no name that can be written: nothing stands for it */
    struct fc__proxy_constant *constants; /* variable: the first of what it is written anew from; NULL: it is `value` */
    const unsigned char *value;           /* variable: bridged: in the library's file; NULL: it begins as zeros */
    bool is_old;                          /* a version of the name that is found only when asked for */
    bool is_used;                         /* the user imports it */
};

struct fc__proxy {
    struct fc__proxy_request request;
    const struct fc__target *caller, *callee;
    struct fc_image *image;
    struct fc__declarations declarations;
    struct fc__arena arena;
    const char *name, *file;          /* the proxy's own; the library's */
    struct fc__proxy_export *exports; /* in the order of the file */
    size_t count, capacity;
    struct fc__image_pointers pointers;
    uint64_t hash;
    bool has_versions;
    bool has_variables; /* that may change */
};

#endif
