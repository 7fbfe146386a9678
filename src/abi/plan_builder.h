/* abi: what the parts of the building of a plan share: the function as it is called (plan_function), its parameters
 * (plan_params: all rules on pointers of docs/annotations.md), its result (plan_result), and the whole (plan).
 * Runs in: the caller.  Threads: a builder belongs to one.
 * Does not: concern anyone else. */
#ifndef FC_ABI_PLAN_BUILDER_H
#define FC_ABI_PLAN_BUILDER_H

#include "abi/plan.h"

struct fc__builder {
    struct fc__plan *plan;
    struct fc__shapes *shapes;
    const struct fc__decl *decl;     /* here */
    const char *label;               /* there; NULL if it has none */
    const struct fc__type *types[2]; /* of the function, on either side */
    struct fc__error *err;
    bool is_upcall;        /* the function is the caller's */
    const char *passed;    /* kinds of what follows the parameters; NULL: those alone */
    uint32_t first_listed; /* from here on they are in a list */
    struct fc__places places, list;
};

/* FC_EUNSUPPORTED: `what` of the function has that type, and `why` it cannot, unless its declaration says why. */
int fc__builder_refuses(struct fc__builder *b, const char *what, const struct fc__type *type, const char *why);
/* False: such a pair has no value that both sides know. */
bool fc__builder_value(struct fc__builder *b, const struct fc__type *here, const struct fc__type *there, bool is_opaque,
                       struct fc__value *ret_value);
bool fc__builder_is_byte(const struct fc__builder *b, const struct fc__type *type);

/* The types as they are called: with what a format says, and as annotations see them. The plan's calling convention,
 * and what it says of the format. */
int fc__builder_function(struct fc__builder *b);

/* One parameter's step. Where the argument lies in the frame is known when all are counted. */
int fc__builder_param(struct fc__builder *b, uint32_t index, struct fc__step *step, struct fc__fetched *fetch,
                      struct fc__place *ret_place);
/* Whose the objects are that the callee keeps: the first argument that is a handle, or a pinned object. */
uint32_t fc__builder_handle(const struct fc__step *steps, uint32_t count);

int fc__builder_result_whole(struct fc__builder *b, const struct fc__type *type, uint32_t *ret_class,
                             uint32_t *ret_flags);
int fc__builder_result(struct fc__builder *b, uint32_t *ret_class, uint32_t *ret_flags);
/* What a call that failed is to return. */
int fc__builder_failure(struct fc__builder *b);

#endif
