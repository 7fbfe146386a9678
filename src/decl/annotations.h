/* decl: the annotations that are understood, and what each says.
 * Runs in: the caller.  Threads: the table is constant.
 * Does not: decide which pointers need one (abi plan). Meaning: Microsoft SAL 2; in our words, docs/annotations.md. */
#ifndef FC_DECL_ANNOTATIONS_H
#define FC_DECL_ANNOTATIONS_H

#include "decl/lexer.h"

enum fc__annotation_use {
    FC__ANNOTATION_PARAMETER,
    FC__ANNOTATION_RESULT,
    FC__ANNOTATION_EITHER,
    FC__ANNOTATION_IGNORED, /* before a function; means nothing here */
};

struct fc__annotation_word {
    const char *text;
    enum fc__annotation_use use;
    enum fc__direction direction;
    enum fc__extent extent;
    unsigned argument_count; /* sizes; for an ignored one 1 means an argument that is skipped */
    unsigned flags;          /* FC__ANNOTATION_* below */
};

#define FC__ANNOTATION_OPTIONAL 1u
#define FC__ANNOTATION_OPAQUE 2u
#define FC__ANNOTATION_ALL 4u
#define FC__ANNOTATION_OUTPTR 8u
#define FC__ANNOTATION_RESULT_OPTIONAL 16u

/* NULL if it is not understood. */
const struct fc__annotation_word *fc__decl_annotation_word(const char *text, size_t len);
/* Row by row, NULL at the end; for suggestions. */
const struct fc__annotation_word *fc__decl_annotation_word_at(size_t index);

#endif
