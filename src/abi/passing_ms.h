/* abi: how Microsoft's compilers pass values by value, and return them; passing.h asks here for their targets.
 * Runs in: the caller.  Threads: as passing.h.
 *
 * Rules: Microsoft, "x64 calling convention" and "Argument Passing and Naming Conventions". What they leave open is as
 * clang answers it for the -msvc targets. For the -gnu targets what GCC does otherwise (i386.cc: return_in_memory_32,
 * ix86_return_in_memory, function_arg_advance_32; stor-layout.cc: compute_record_mode). */
#ifndef FC_ABI_PASSING_MS_H
#define FC_ABI_PASSING_MS_H

#include "abi/passing.h"

/* What both files need. FC_EUNSUPPORTED: values of the type are not passed, and `why`. */
int fc__passing_refuses(struct fc__error *err, const struct fc__type *type, const char *why);
static inline bool fc__passing_is_aggregate(const struct fc__type *type) {
    return type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION;
}

/* `type`: without what a typedef asked for; `extent`: its. */
int fc__passing_ms_argument(struct fc__layouts *layouts, const struct fc__type *type,
                            const struct fc__extent_of_type *extent, struct fc__passing *ret_passing,
                            struct fc__error *err);
int fc__passing_ms_result(struct fc__layouts *layouts, const struct fc__type *type,
                          const struct fc__extent_of_type *extent, struct fc__passing *ret_passing,
                          struct fc__error *err);

#endif
