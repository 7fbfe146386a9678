/* abi: runs a callback's plans over the frame of an upcall: the callee's arguments in, the caller's function's result out.
 * Runs in: the caller.  Threads: one upcall belongs to one thread.
 * Does not: wait, know channels, or believe a length or an address that the callee produced. */
#ifndef FC_ABI_UPCALL_H
#define FC_ABI_UPCALL_H

#include "abi/marshal.h"

/* What an upcall needs of its session beyond marshalling. `context` is that of the marshal. */
struct fc__upcall_ops {
    /* Just before and just after the caller's function runs; not after one that leaves by a jump. */
    void (*enter)(void *context);
    int (*leave)(void *context);
};

struct fc__upcall {
    struct fc__marshal marshal; /* plan, ops, context and err set by the session */
    const struct fc__upcall_ops *ops;
    const struct fc__callback *callback;
    uint64_t function; /* the caller's */
};

/* `words`: the frame's, copied out of the channel. *ret_answer: the function's result for the callee. An argument or a
 * result that does not fit is an error; the function is then not called, or its result is 0. */
int fc__upcall_run(struct fc__upcall *upcall, const unsigned char *words, struct fc__answer *ret_answer);

#endif
