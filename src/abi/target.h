/* abi: targets as data, one row each: those that code is made for, and those of which only layouts and conventions are
 * known.
 * Runs in: the caller.  Threads: constant.
 * Does not: decide how a call is made (plan). */
#ifndef FC_ABI_TARGET_H
#define FC_ABI_TARGET_H

#include "decl/decl.h"

#include <stdbool.h>
#include <stdint.h>

/* How values are passed by value and returned; places.h has the conventions of each. */
enum fc__convention {
    FC__CONVENTION_I386_CDECL,  /* System V i386 psABI 2.2 */
    FC__CONVENTION_X86_64_SYSV, /* System V x86-64 psABI 3.2 */
    FC__CONVENTION_I386_MS,     /* Microsoft, "Argument Passing and Naming Conventions" */
    FC__CONVENTION_X86_64_MS,   /* Microsoft, "x64 calling convention" */
};

struct fc__target {
    const char *name; /* "i386-linux" */
    const char *host; /* the name of the target whose host calls for it: its own, but for variants */
    bool is_gnu;      /* of Windows: as GCC has it, not Microsoft */
    uint8_t pointer_bytes;
    uint8_t word_bytes; /* of a frame */
    enum fc__convention convention;
    bool is_windows; /* its hosts are Windows programs */
    bool char_is_signed;
    uint8_t bytes[FC__SCALAR_COUNT];                /* 0: the target has none such */
    uint8_t alignments[FC__SCALAR_COUNT];           /* bytes, of a member: _Alignof */
    uint8_t preferred_alignments[FC__SCALAR_COUNT]; /* bytes, of a variable: __alignof__ */
    enum fc__record_rules records;                  /* never FC__RECORD_OF_TARGET */
};

/* NULL if there is none of that name. */
const struct fc__target *fc__target_find(const char *name);
/* The target this code is compiled for. */
const struct fc__target *fc__target_native(void);
/* The i-th target; NULL past the end. */
const struct fc__target *fc__target_at(unsigned index);

bool fc__scalar_is_signed(const struct fc__target *target, enum fc__scalar scalar);
bool fc__scalar_is_float(enum fc__scalar scalar);
/* Of a complex number that can be passed: what its two parts are. False if it is none. */
bool fc__scalar_part(enum fc__scalar scalar, enum fc__scalar *ret_part);
/* Sizes follow a rule of their own: values in the top page, such as (size_t)-1, stay what they are at every width. */
bool fc__scalar_is_size(enum fc__scalar scalar);
const char *fc__scalar_name(enum fc__scalar scalar);

#endif
