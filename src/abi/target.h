/* abi: targets as data, one row each.
 * Runs in: the caller.  Threads: constant.
 * Does not: decide how a call is made (plan). */
#ifndef FC_ABI_TARGET_H
#define FC_ABI_TARGET_H

#include "decl/decl.h"

#include <stdbool.h>
#include <stdint.h>

enum fc__convention {
    FC__CONVENTION_I386_CDECL,  /* System V i386 psABI 2.2 */
    FC__CONVENTION_X86_64_SYSV, /* System V x86-64 psABI 3.2 */
};

struct fc__target {
    const char *name; /* "i386-linux" */
    uint8_t pointer_bytes;
    uint8_t word_bytes; /* of a frame */
    enum fc__convention convention;
    bool char_is_signed;
    uint8_t bytes[FC__SCALAR_COUNT];
};

/* NULL if there is none of that name. */
const struct fc__target *fc__target_find(const char *name);
/* The target this code is compiled for. */
const struct fc__target *fc__target_native(void);
/* The i-th target; NULL past the end. */
const struct fc__target *fc__target_at(unsigned index);

bool fc__scalar_is_signed(const struct fc__target *target, enum fc__scalar scalar);
bool fc__scalar_is_float(enum fc__scalar scalar);
/* Sizes follow a rule of their own: values in the top page, such as (size_t)-1, stay what they are at every width. */
bool fc__scalar_is_size(enum fc__scalar scalar);
const char *fc__scalar_name(enum fc__scalar scalar);

#endif
