/* abi: a va_list of either side.
 * Runs in: the caller.  Threads: plain values.
 * Does not: know what is in one (format). */
#ifndef FC_ABI_LIST_H
#define FC_ABI_LIST_H

#include "abi/target.h"

#include <string.h>

/* System V psABI x86-64, 3.5.7: where the next arguments lie, those in registers in memory, too. Elsewhere it is the
 * address of the next one. */
struct __attribute__((may_alias)) fc__sysv_list {
    uint32_t integers_offset, vectors_offset; /* in `saved` */
    uint64_t overflow, saved;
};
enum { FC__SYSV_INTEGERS_END = 48, FC__SYSV_VECTORS_END = 176, FC__SYSV_LIST_BYTES = 32 };

/* What a list begins with whose arguments follow each other behind it. */
static inline unsigned fc__list_head_bytes(const struct fc__target *target) {
    return target->convention == FC__CONVENTION_X86_64_SYSV ? FC__SYSV_LIST_BYTES : 0;
}

/* Writes that to `local`, which the target has at `address`. */
static inline void fc__list_begin(const struct fc__target *target, uint64_t address, unsigned char *local) {
    const struct fc__sysv_list list = {.integers_offset = FC__SYSV_INTEGERS_END,
                                       .vectors_offset = FC__SYSV_VECTORS_END,
                                       .overflow = address + FC__SYSV_LIST_BYTES};
    if (fc__list_head_bytes(target) != 0) {
        memcpy(local, &list, sizeof list);
    }
}

#endif
