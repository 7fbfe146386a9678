/* abi: what the parts of marshalling share: the call as a whole (marshal), buffers and strings of which each is by
 * itself (buffer), and what functions return (result).
 * Runs in: the caller.  Threads: as marshal.h.
 * Does not: concern anyone else. */
#ifndef FC_ABI_MARSHAL_PARTS_H
#define FC_ABI_MARSHAL_PARTS_H

#include "abi/marshal.h"
#include "abi/value.h"

/* buffer.c. The callee's address for what argument `index` points to, which is copied there; FC__MET: another argument
 * points to the same, or to a part of it, so that it has to be one object there. */
enum { FC__MET = 1 };
int fc__buffer_send(struct fc__marshal *m, uint32_t index, uint64_t *ret_word);
int fc__buffer_send_string(struct fc__marshal *m, uint32_t index, uint64_t *ret_word);
/* What the callee wrote to it. */
int fc__buffer_receive(struct fc__marshal *m, uint32_t index);

/* result.c */
int fc__result_receive(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result);

#endif
