/* decl: C declarations and their annotations, read into a type graph.
 * Runs in: the caller.  Threads: a unit is built by one thread and immutable afterwards, then shareable.
 * Does not: know widths or layouts (abi), open files, or decide what can be passed (abi plan).
 *
 * Limits: the FC__DECL_*_MAX below; beyond them a declaration is refused with FC_EPARSE, naming the limit. So a reader
 * of the graph may recurse over types and expressions without a limit of its own. */
#ifndef FC_DECL_DECL_H
#define FC_DECL_DECL_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define FC__DECL_SOURCE_MAX (16u << 20) /* bytes of source text */
#define FC__DECL_DEPTH_MAX 64           /* nested declarators, bodies, parentheses; levels of a type */
#define FC__DECL_PARAMS_MAX 127         /* parameters of a function: C11 5.2.4.1 */
#define FC__DECL_SIZE_TERMS_MAX 64      /* numbers, names and operators in one size expression */

/* Scalars are named by what the source says; a target's table gives each its width (abi). Names such as size_t keep
 * their identity, because range rules depend on it. */
enum fc__scalar {
    FC__SCALAR_BOOL,
    FC__SCALAR_CHAR,
    FC__SCALAR_SCHAR,
    FC__SCALAR_UCHAR,
    FC__SCALAR_SHORT,
    FC__SCALAR_USHORT,
    FC__SCALAR_INT,
    FC__SCALAR_UINT,
    FC__SCALAR_LONG,
    FC__SCALAR_ULONG,
    FC__SCALAR_LLONG,
    FC__SCALAR_ULLONG,
    FC__SCALAR_I8,
    FC__SCALAR_U8,
    FC__SCALAR_I16,
    FC__SCALAR_U16,
    FC__SCALAR_I32,
    FC__SCALAR_U32,
    FC__SCALAR_I64,
    FC__SCALAR_U64,
    FC__SCALAR_SIZE,    /* size_t */
    FC__SCALAR_SSIZE,   /* ssize_t */
    FC__SCALAR_PTRDIFF, /* ptrdiff_t */
    FC__SCALAR_INTPTR,
    FC__SCALAR_UINTPTR,
    FC__SCALAR_FLOAT,
    FC__SCALAR_DOUBLE,
    FC__SCALAR_LDOUBLE,
    FC__SCALAR_COUNT
};

enum fc__type_kind {
    FC__TYPE_VOID,
    FC__TYPE_SCALAR,
    FC__TYPE_ENUM,     /* to = NULL; passed as int */
    FC__TYPE_POINTER,  /* to */
    FC__TYPE_ARRAY,    /* to, length (0: unknown) */
    FC__TYPE_STRUCT,   /* tag */
    FC__TYPE_UNION,    /* tag */
    FC__TYPE_FUNCTION, /* to = result, params */
};

struct fc__type {
    enum fc__type_kind kind;
    enum fc__scalar scalar;
    bool is_const;
    bool is_complete;          /* struct and union: a body was seen */
    const char *tag;           /* struct, union, enum: NULL if anonymous */
    const char *spelling;      /* the typedef's name if one was used, else NULL */
    const struct fc__type *to; /* pointee, element, result */
    uint64_t length;           /* array */
    uint32_t param_count;      /* function */
    bool is_variadic;          /* function */
    const struct fc__param *params;
    uint32_t depth;  /* 0, or for pointer, array, function: one more than their deepest part */
    uint32_t tag_id; /* struct, union, enum: the same number in each type of one tag or body, else 0 */
};

/* Size expressions of annotations: over parameters, evaluated in the caller. */
enum fc__expr_kind {
    FC__EXPR_CONSTANT, /* value */
    FC__EXPR_PARAM,    /* param: its value */
    FC__EXPR_DEREF,    /* param: what the parameter points at */
    FC__EXPR_ADD,
    FC__EXPR_SUB,
    FC__EXPR_MUL,
    FC__EXPR_DIV,
};
struct fc__expr {
    enum fc__expr_kind kind;
    int64_t value;
    uint32_t param; /* index into the function's parameters */
    const struct fc__expr *left, *right;
};

/* What an annotation says of a pointer. Names follow Microsoft SAL 2. */
enum fc__direction {
    FC__DIRECTION_NONE, /* not annotated */
    FC__DIRECTION_IN,
    FC__DIRECTION_OUT,
    FC__DIRECTION_INOUT,
};
enum fc__extent {
    FC__EXTENT_NONE,     /* not said */
    FC__EXTENT_ONE,      /* _In_, _Out_, _Inout_ on a pointer: one object */
    FC__EXTENT_ELEMENTS, /* _reads_, _writes_, _updates_: `capacity` elements */
    FC__EXTENT_BYTES,    /* _reads_bytes_ ... : `capacity` bytes */
    FC__EXTENT_STRING,   /* _In_z_, _Ret_z_: ended by a zero element */
};
struct fc__annotation {
    enum fc__direction direction;
    enum fc__extent extent;
    bool is_optional; /* the _opt_ forms: NULL is allowed */
    bool is_opaque;   /* _Fc_opaque_: only one side looks through it; beside an extent: through what it points to */
    bool is_all;      /* _Out_writes_all_: every element is written */
    bool is_outptr;   /* _Outptr_: *p receives a pointer */
    bool is_result_optional;         /* _Outptr_result_maybenull_: the pointer received may be NULL */
    const struct fc__expr *capacity; /* elements or bytes, by extent */
    const struct fc__expr *valid;    /* _to_ forms: how many are valid after the call; else NULL */
    const char *text;                /* as written, for messages; NULL if none */
    uint32_t line, column;           /* 1-based place of the first annotation */
};

struct fc__param {
    const char *name;            /* NULL if unnamed */
    const struct fc__type *type; /* arrays and functions already adjusted to pointers */
    struct fc__annotation annotation;
    uint32_t line, column;
    bool is_array;         /* written as an array: name[array_length], name[static array_length], name[] */
    bool is_static_array;  /* [static n]: at least array_length elements */
    uint64_t array_length; /* 0: not said, or not a constant */
};

enum fc__decl_kind { FC__DECL_FUNCTION, FC__DECL_VARIABLE };
struct fc__decl {
    enum fc__decl_kind kind;
    const char *name;
    const struct fc__type *type;
    struct fc__annotation result; /* _Ret_z_ and the like */
    uint32_t line, column;
    const char *file; /* the source name, or what a # 12 "file.h" marker said */
    bool is_static, is_inline;
    const struct fc__decl *next; /* in source order */
};

struct fc__unit {
    struct fc__arena arena; /* owns everything the unit points to */
    const char *source_name;
    const struct fc__decl *first, *last;
};

/* Reads declarations; a text without any is legal, and a final ';' may be missing. `source_name` is what messages call
 * the text ("prototype", a file name) and must outlive the unit; the text itself need not. On failure `ret_unit` is
 * untouched, nothing is left to free, and `err` holds FC_EPARSE, FC_EUNSUPPORTED or FC_ENOMEM with
 *     NAME:LINE:COLUMN: MESSAGE
 *     the source line
 *         ^
 * (FC_ENOMEM, and a text beyond FC__DECL_SOURCE_MAX: the name and the message only).
 * Grammar: C11 6.7 (declarations); annotations: Microsoft SAL 2, docs/annotations.md. */
int fc__decl_parse(const char *text, size_t len, const char *source_name, struct fc__unit *ret_unit,
                   struct fc__error *err);
void fc__decl_unit_done(struct fc__unit *unit);

/* The type written as C, such as "const unsigned char *", into `buffer`; always NUL-terminated. Returns `buffer`. */
const char *fc__decl_type_text(const struct fc__type *type, char *buffer, size_t size);

#endif
