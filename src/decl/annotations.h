/* decl: the annotations that are understood, and what each says.
 * Runs in: the caller.  Threads: the table is constant.
 * Does not: decide which pointers need one (abi plan). Meaning: Microsoft SAL 2; in our words, docs/annotations.md. */
#ifndef FC_DECL_ANNOTATIONS_H
#define FC_DECL_ANNOTATIONS_H

#include "decl/lexer.h"

/* What a word may stand before, as a set. */
#define FC__ANNOTATES_PARAMETER 1u
#define FC__ANNOTATES_MEMBER 2u
#define FC__ANNOTATES_RESULT 4u
#define FC__ANNOTATES_FUNCTION 8u /* the function itself */
#define FC__ANNOTATES_TYPEDEF 16u
#define FC__ANNOTATES_VARIABLE 32u

/* What a word speaks of. Two that speak of the same contradict each other. */
enum fc__annotation_subject {
    FC__SUBJECT_NOTHING, /* it means nothing here */
    FC__SUBJECT_EXTENT,  /* direction and extent */
    FC__SUBJECT_END,     /* how what lies there ends */
    FC__SUBJECT_INNER,   /* how what the elements point to ends */
    FC__SUBJECT_ABSENCE, /* whether it may be NULL */
    FC__SUBJECT_OPAQUE,
    FC__SUBJECT_RESERVED,
    FC__SUBJECT_PINNED,
    FC__SUBJECT_BASE,
    FC__SUBJECT_LOCAL,
    FC__SUBJECT_KEPT,
    FC__SUBJECT_COPY,
    FC__SUBJECT_VIEW,
    FC__SUBJECT_WRITTEN,
    FC__SUBJECT_SIZEOF,
    FC__SUBJECT_REPLACE,
    FC__SUBJECT_BITS,
    FC__SUBJECT_UNION,
    FC__SUBJECT_FD,
    FC__SUBJECT_PATH,
    FC__SUBJECT_UTF8,
    FC__SUBJECT_CALLBACK,
    FC__SUBJECT_FORMAT,
    FC__SUBJECT_CONVERSIONS,
    FC__SUBJECT_SUCCESS,
    FC__SUBJECT_WHEN,
    FC__SUBJECT_FAILURE,
    FC__SUBJECT_LIFE,
    FC__SUBJECT_SYNC,
};

enum fc__annotation_arguments {
    FC__ARGUMENTS_NONE,
    FC__ARGUMENTS_SIZE,       /* (n): the capacity */
    FC__ARGUMENTS_SIZES,      /* (n, m): and what is valid after the call */
    FC__ARGUMENTS_OUTER_SIZE, /* (n): of what the pointer that comes out points to */
    FC__ARGUMENTS_CONDITION,
    FC__ARGUMENTS_FUNCTION, /* the name of one; COPY: of a parameter */
    FC__ARGUMENTS_TYPE,
    FC__ARGUMENTS_CONSTANT,
    FC__ARGUMENTS_CONSTANTS, /* two */
    FC__ARGUMENTS_INNER,     /* (*name, word): the word is of what the parameter or member points to */
    FC__ARGUMENTS_LETTERS,   /* pairs of them */
    FC__ARGUMENTS_SKIPPED,
};

struct fc__annotation_word {
    const char *text;
    unsigned uses; /* FC__ANNOTATES_* */
    enum fc__annotation_subject subject;
    enum fc__direction direction;
    enum fc__extent extent;
    enum fc__annotation_arguments arguments;
    unsigned flags; /* FC__ANNOTATION_* below */
};

#define FC__ANNOTATION_OPTIONAL 0x1u
#define FC__ANNOTATION_ALL 0x2u
#define FC__ANNOTATION_OUTPTR 0x4u
#define FC__ANNOTATION_RESULT_OPTIONAL 0x8u
#define FC__ANNOTATION_RESULT_STRING 0x10u
#define FC__ANNOTATION_RESULT_BYTES 0x20u
#define FC__ANNOTATION_TERMINATED 0x40u
#define FC__ANNOTATION_BOUNDED 0x80u
#define FC__ANNOTATION_AFTER 0x100u  /* its size is read after the call */
#define FC__ANNOTATION_LIST 0x200u   /* END: _NullNull_terminated_ */
#define FC__ANNOTATION_AT_END 0x400u /* END: only after the call */
#define FC__ANNOTATION_NOT_NULL 0x800u
#define FC__ANNOTATION_ONCE 0x1000u   /* CALLBACK */
#define FC__ANNOTATION_BEGINS 0x2000u /* LIFE */
#define FC__ANNOTATION_GIVEN 0x4000u  /* FD */

/* NULL if it is not understood. */
const struct fc__annotation_word *fc__decl_annotation_word(const char *text, size_t len);
/* Row by row, NULL at the end; for suggestions. */
const struct fc__annotation_word *fc__decl_annotation_word_at(size_t index);

#endif
