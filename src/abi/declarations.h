/* abi: headers, each read once for the caller's target and once for the callee's, whose declarations are paired by
 * name.
 * Runs in: the caller.  Threads: one at a time; plans made from them are shared freely.
 * Does not: run a preprocessor, or know libraries. */
#ifndef FC_ABI_DECLARATIONS_H
#define FC_ABI_DECLARATIONS_H

#include "abi/plan.h"

struct fc__declarations {
    struct fc__layouts layouts[2]; /* of FC__HERE, FC__THERE */
    struct fc__unit units[2];
    struct fc__arena names;           /* what the texts were called */
    const struct fc__decl **slots[2]; /* hash by name: the last declaration of it. NULL: to be made when it is needed */
    size_t slot_count[2];
    const char **functions; /* the names of those that both sides have, ended by NULL; made with the above */
    size_t function_count;
};

/* Nothing is allocated yet. */
void fc__declarations_init(struct fc__declarations *declarations, const struct fc__target *caller,
                           const struct fc__target *callee);
void fc__declarations_done(struct fc__declarations *declarations);

/* Reads a header: one text as each target's compiler sees it. What was read before is in scope and may be repeated, to
 * annotate it: fc__decl_parse_more. `may_skip`: a declaration that cannot be read is left out. The name is copied. On
 * failure nothing has changed. FC_EPARSE, FC_EUNSUPPORTED, FC_ENOMEM. */
int fc__declarations_read(struct fc__declarations *declarations, const char *name, const char *here, const char *there,
                          bool may_skip, struct fc__error *err);
/* Why the index-th declaration that was left out could not be read; NULL past the last. */
const char *fc__declarations_skipped(const struct fc__declarations *declarations, size_t index);
/* Compiles a declaration: the last one of that name if `text` is a name alone; else the last one of this text, which is
 * read with everything in scope, and forgotten. `kinds` and errors as for fc__plan_parse, and FC_EINVAL (not
 * declared). */
int fc__declarations_plan(struct fc__declarations *declarations, const char *text, const char *kinds,
                          struct fc__plan **ret_plan, struct fc__error *err);
/* True if the text is a name alone, between blanks. */
bool fc__declarations_is_name(const char *text);
/* The name of the index-th function that both sides declare, in the caller's order; NULL past the last, and when out of
 * memory. */
const char *fc__declarations_function(struct fc__declarations *declarations, size_t index);

#endif
