/* abi: what of the callee's memory a call in flight has put there as the copy of the caller's own. A pointer into it, in
 * an upcall, is one into the caller's.
 * Runs in: the caller.  Threads: as the marshal's.
 * Does not: copy. */
#ifndef FC_ABI_OWN_H
#define FC_ABI_OWN_H

#include "abi/marshal.h"

/* Bytes that are the same on both sides, from `there` on, and where they came from. */
struct fc__own {
    uint64_t there, bytes;
    uint64_t here;
    bool writes; /* the callee may write to it, and so the caller's is no constant */
};

/* What call `marshal`, which is in flight, has sent that holds `there`; false if nothing does, or nothing whose bytes
 * are the same. As upcalls write to the caller's, all of it that is different comes back then, and not only what the
 * callee changed: to note how it was left would touch as much memory again in each upcall. */
bool fc__own_find(struct fc__marshal *marshal, uint64_t there, struct fc__own *ret_own);
/* The same of what the callee's `object` is, by its address, shape and bytes: all of it, and in what is no choice of a
 * union. */
bool fc__own_place(struct fc__marshal *marshal, const struct fc__object *object, struct fc__own *ret_own);

#endif
