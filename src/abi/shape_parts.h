/* abi: what the parts of the building of shapes share: any type (shape), structs and unions (shape_record).
 * Runs in: the caller.  Threads: as shape.h.
 * Does not: concern anyone else. */
#ifndef FC_ABI_SHAPE_PARTS_H
#define FC_ABI_SHAPE_PARTS_H

#include "abi/shape.h"

/* A struct or union that was compiled, or is being compiled: types refer to themselves. */
struct fc__shape_memo {
    const struct fc__body *here, *there;
    struct fc__shape *shape;
    struct fc__shape_memo *next;
};

enum { FC__SHAPE_WHAT_MAX = 200 }; /* bytes of the text that names a member */

struct fc__shape *fc__shape_new(struct fc__shapes *shapes, enum fc__shape_kind kind, const struct fc__type *type);
int fc__shape_record(struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                     const struct fc__shape **ret_shape, struct fc__error *err);
int fc__shape_extent(struct fc__shapes *shapes, const struct fc__type *const types[2], struct fc__shape *shape,
                     struct fc__error *err);
bool fc__shape_is_scalar(const struct fc__type *type);
/* What is said of the pointers that a parameter or member points to, or is an array of, or that come out of it. */
struct fc__annotation fc__shape_inner(const struct fc__type *pointer, const struct fc__annotation *outer);

/* shape_text.c. Of an array in a struct nothing says that it is a text: whether it can be nothing else. */
bool fc__shape_is_text_array(const struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                             const struct fc__shape *element);
/* Makes a text of what is pointed to if it is one: if a zero ends it, or it is an output of UTF-8. FC_EUNSUPPORTED: it
 * has to be one, and cannot. */
int fc__shape_see_text(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                       const struct fc__type *there, const struct fc__annotation *note, struct fc__pointee *pointee,
                       struct fc__error *err);

int fc__shape_out_of_memory(struct fc__error *err);
/* FC_EUNSUPPORTED: `what` has that type, and `why` it cannot, unless its declaration says why. */
int fc__shape_refuses(const char *what, const struct fc__type *type, const char *why, struct fc__error *err);

#endif
