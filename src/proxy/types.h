/* proxy: C types that are passed as a plan's are. */
#ifndef FC_PROXY_TYPES_H
#define FC_PROXY_TYPES_H

#include "abi/plan.h"

#include <stdio.h>

/* What types a function's arguments and result have in its stub: not the header's, but ones that travel in the same
 * places, so that the stub needs no header. Structs have names of their own, `struct pN_aI` and `struct pN_r`. */
void fc__proxy_write_argument(FILE *out, const struct fc__plan *plan, uint32_t argument, size_t number);
void fc__proxy_write_result(FILE *out, const struct fc__plan *plan, size_t number);
/* The bodies of those structs. */
void fc__proxy_write_structs(FILE *out, const struct fc__plan *plan, size_t number);
/* NULL if all of that can be written; else why not. */
const char *fc__proxy_unwritable(const struct fc__plan *plan);

#endif
