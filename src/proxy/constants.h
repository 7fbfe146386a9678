/* proxy: constants that lead to other constants, or that the two sides lay out differently: each is written anew for the
 * caller when the proxy is made. */
#ifndef FC_PROXY_CONSTANTS_H
#define FC_PROXY_CONSTANTS_H

#include "proxy/exports.h"

/* So much of them, as the caller has them, for one variable: of tables that lead into each other there is no end. */
#define FC__PROXY_CONSTANT_BYTES_MAX (16u << 20)

/* A pointer in one: to another, or into what the proxy exports. */
struct fc__proxy_pointer {
    uint64_t offset, there; /* in the caller's constant, and in the library's */
    struct fc__proxy_constant *to;
    const struct fc__proxy_export *into; /* to NULL */
    uint64_t into_offset;                /* as the library has it */
    struct fc__proxy_pointer *next;      /* in their order */
};

/* Elements that lie one behind the other, and what becomes of them here. The first is the variable itself. */
struct fc__proxy_constant {
    uint64_t address; /* in the library */
    const struct fc__shape *element;
    uint64_t count;
    const char *name; /* for messages: "names[3]" */
    size_t number;    /* among those of the variable */
    bool has_piece;   /* in the proxy's table of what its constants were made from, */
    size_t piece;     /* as this entry */
    bool is_text;
    uint32_t alignment;
    uint64_t size;        /* at least 1 */
    unsigned char *bytes; /* with zeros where the pointers are */
    struct fc__proxy_pointer *pointers;
    struct fc__proxy_constant *next, *same_bucket;
};

/* Finds what the variable leads to, into export->constants. FC_EUNSUPPORTED, FC_ERANGE and others: why it cannot be
 * had, unless it is FC_ENOMEM. */
int fc__proxy_read_constants(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err);
/* True if the loader writes to any of these bytes. */
bool fc__proxy_is_relocated(const struct fc__proxy *proxy, uint64_t address, uint64_t size);
/* Once all exports are judged: false if something that it points into is not there. */
bool fc__proxy_is_linked(const struct fc__proxy_export *export);

/* The types of a variable's constants, and all but the first. */
void fc__proxy_write_constants(FILE *out, const struct fc__proxy *proxy, const struct fc__proxy_export *export);
/* snapshot.c: the bytes of the library that they were made from, by which the proxy tells another library. */
void fc__proxy_write_snapshot(FILE *out, const struct fc__proxy *proxy);

/* The initialiser of one, whose type is `struct cEXPORT_NUMBER`. */
void fc__proxy_write_constant(FILE *out, const struct fc__proxy *proxy, const struct fc__proxy_export *export,
                              const struct fc__proxy_constant *constant);

#endif
