/* decl: C declarations and their annotations, read into a type graph.
 * Runs in: the caller.  Threads: a unit is built by one thread and immutable afterwards, then shareable.
 * Does not: know widths or layouts (abi), open files, or decide what can be passed (abi plan).
 *
 * Limits: the FC__DECL_*_MAX below; beyond them a declaration is refused with FC_EPARSE, naming the limit. So a reader
 * of the graph may recurse over types, expressions, and members that lie within their struct or union without a limit
 * of its own. Through pointers a struct can reach itself: a reader that follows them into members must end by
 * itself. */
#ifndef FC_DECL_DECL_H
#define FC_DECL_DECL_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define FC__DECL_SOURCE_MAX (16u << 20)   /* bytes of source text */
#define FC__DECL_DEPTH_MAX 64             /* nested declarators, bodies, parentheses; levels of a type */
#define FC__DECL_PARAMS_MAX 127           /* parameters of a function: C11 5.2.4.1 */
#define FC__DECL_SIZE_TERMS_MAX 64        /* numbers, names and operators in one size expression */
#define FC__DECL_MEMBERS_MAX 65535        /* members of one struct or union */
#define FC__DECL_SKIPPED_MAX 1000         /* declarations of one text that are left out */
#define FC__DECL_LABEL_MAX 500            /* bytes of an asm label */
#define FC__DECL_PACKS_MAX 64             /* nested #pragma pack(push) */
#define FC__DECL_ALIGNMENT_MAX (1u << 28) /* bytes, of aligned(n) and _Alignas(n) */

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
    FC__SCALAR_WCHAR, /* wchar_t */
    FC__SCALAR_FLOAT,
    FC__SCALAR_DOUBLE,
    FC__SCALAR_LDOUBLE,
    FC__SCALAR_CFLOAT, /* float _Complex */
    FC__SCALAR_CDOUBLE,
    FC__SCALAR_CLDOUBLE,
    /* From here on: known, so that what contains them can be read and laid out, but not passed (fc__decl_refusal). */
    FC__SCALAR_I128, /* __int128 */
    FC__SCALAR_U128,
    FC__SCALAR_FLOAT16,  /* _Float16 */
    FC__SCALAR_FP16,     /* __fp16 */
    FC__SCALAR_BFLOAT16, /* __bf16 */
    FC__SCALAR_FLOAT128, /* _Float128, __float128 */
    FC__SCALAR_DECIMAL32,
    FC__SCALAR_DECIMAL64,
    FC__SCALAR_DECIMAL128,
    FC__SCALAR_CFLOAT16,
    FC__SCALAR_CFLOAT128,
    FC__SCALAR_VA_LIST,    /* __builtin_va_list */
    FC__SCALAR_MS_VA_LIST, /* __builtin_ms_va_list */
    FC__SCALAR_SYSV_VA_LIST,
    FC__SCALAR_COUNT
};

enum fc__type_kind {
    FC__TYPE_VOID,
    FC__TYPE_SCALAR,
    FC__TYPE_ENUM,     /* body; passed as int */
    FC__TYPE_POINTER,  /* to */
    FC__TYPE_ARRAY,    /* to, length_kind, length */
    FC__TYPE_STRUCT,   /* body */
    FC__TYPE_UNION,    /* body */
    FC__TYPE_FUNCTION, /* to = result, params */
    FC__TYPE_VECTOR,   /* to = element, length in bytes: vector_size */
};

/* What is known of an array's length. */
enum fc__length {
    FC__LENGTH_MISSING, /* [] */
    FC__LENGTH_KNOWN,   /* `length` elements; GNU C allows 0 */
    FC__LENGTH_VARIES,  /* an expression without a value: it depends on the target, and none was given, or on a name */
};

struct fc__type {
    enum fc__type_kind kind;
    enum fc__scalar scalar;
    bool is_const;
    const struct fc__body *body;   /* struct, union, enum: one record for all types of one tag, never NULL */
    const char *spelling;          /* the typedef's name if one was used, else NULL */
    const struct fc__type *to;     /* pointee, element, result */
    enum fc__length length_kind;   /* array */
    uint64_t length;               /* array: 0 unless it is known */
    uint32_t alignment_bytes;      /* what a typedef's aligned(n) asked for, in place of the type's own; else 0 */
    const char *alignment_unknown; /* why what it asked for has no value; else NULL */
    uint32_t param_count;          /* function */
    bool is_variadic;              /* function */
    uint32_t fixed_count; /* variadic: how many of the parameters stand before the `...`; the others are of one call */
    const char *convention; /* function: the attribute's name if it is not called as C is, else NULL */
    const struct fc__param *params;
    uint32_t depth; /* 0, or for pointer, array, function, vector: one more than their deepest part */
    bool is_atomic; /* _Atomic */
    bool is_opaque; /* pointer: a typedef's _Fc_opaque_ says that only one side looks through it */
    bool is_utf8;   /* pointer: a typedef's _Fc_utf8_ says that the caller's is one to char */
    /* function: what stood before it, or before the pointer to it */
    const struct fc__annotation *result; /* NULL if nothing is said of it */
    const struct fc__expr *success, *fails_with;
    const struct fc__expr *when;  /* _Fc_when_(condition): the types are those of calls for which it holds; else NULL */
    bool begins, ends, is_printf; /* as in struct fc__decl */
};

/* Expressions in annotations, evaluated in the caller: over parameters; on members, over members of the same struct. */
enum fc__expr_kind {
    FC__EXPR_CONSTANT, /* value */
    FC__EXPR_PARAM,    /* param: its value */
    FC__EXPR_DEREF,    /* param: what the parameter points at */
    FC__EXPR_ADD,
    FC__EXPR_SUB,
    FC__EXPR_MUL,
    FC__EXPR_DIV,
    FC__EXPR_MEMBER,       /* member: of the struct that the annotated member is in, or of one around that */
    FC__EXPR_ARROW,        /* left->member: left is PARAM, MEMBER or ARROW, a pointer to a struct */
    FC__EXPR_DOT,          /* left.member: left is MEMBER, ARROW or DOT, a struct or union */
    FC__EXPR_MEMBER_DEREF, /* *left: left is MEMBER, ARROW or DOT, a pointer to an integer */
    FC__EXPR_STRLEN,       /* strlen(left): left is PARAM, MEMBER, ARROW or DOT, a pointer to char */
    FC__EXPR_RESULT,       /* return: what the function returned; after the call only */
    FC__EXPR_EQ,
    FC__EXPR_NE,
    FC__EXPR_LT,
    FC__EXPR_LE,
    FC__EXPR_GT,
    FC__EXPR_GE,
    FC__EXPR_AND,
    FC__EXPR_OR,
    FC__EXPR_NOT, /* left */
    FC__EXPR_BIT_AND,
    FC__EXPR_CHOICE,       /* left ? right->left : right->right */
    FC__EXPR_ALTERNATIVES, /* the right side of a CHOICE */
    FC__EXPR_OUTER, /* in a callback's type. param, name: a parameter of the function that it is itself a parameter of */
};
struct fc__expr {
    enum fc__expr_kind kind;
    int64_t value;
    uint32_t param;  /* index into the function's parameters */
    uint32_t member; /* index into the members of `body` */
    const struct fc__body
        *body; /* MEMBER, ARROW, DOT: whose member it is. Complete when the expression is used, not earlier */
    const struct fc__expr *left, *right;
    const char *name; /* OUTER */
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
    FC__EXTENT_ELEMENTS, /* _reads_, _writes_, _updates_, _Field_size_: `capacity` elements */
    FC__EXTENT_BYTES,    /* _reads_bytes_ ... : `capacity` bytes */
    FC__EXTENT_STRING,   /* _In_z_, _Ret_z_, _Field_z_, _Null_terminated_: ended by a zero element */
    FC__EXTENT_LIST,     /* _NullNull_terminated_ on pointers: a list of pointers ended by a NULL one. On characters:
                          * strings one behind the other, ended by an empty one */
};
struct fc__annotation {
    enum fc__direction direction;
    enum fc__extent extent;
    bool is_optional; /* the _opt_ forms: NULL is allowed */
    bool is_opaque;   /* _Fc_opaque_: only one side looks through it; beside an extent: through what it points to */
    bool is_all;      /* _Out_writes_all_: every element is written */
    bool is_outptr;   /* _Outptr_: *p receives a pointer */
    bool is_result_optional; /* _Outptr_result_maybenull_: the pointer received may be NULL */
    bool is_result_string; /* _Outptr_result_z_, and elements of a list or array that are strings: _At_(*p, _Post_z_) */
    bool is_base;          /* _Fc_base_: only the declared base of a larger object is synchronised */
    bool is_local;         /* _Fc_local_: stays with the caller; the callee gets NULL, or 0 */
    bool is_bits;          /* _Fc_bits_: of a number that does not fit the low bits count */
    bool is_written;       /* _Fc_written_: what is in the member before the call means nothing */
    bool is_pinned;        /* _Fc_pinned_: the callee remembers the object by its address */
    bool is_path;          /* _Fc_path_ */
    bool is_utf8;          /* _Fc_utf8_: of wide characters there; the caller's are UTF-8 */
    bool is_fd;            /* _Fc_fd_: a descriptor, passed to the host */
    bool is_fd_given;      /* _Fc_fd_given_: and it is the other side's to close */
    bool is_callback_once; /* _Fc_callback_once_: called once, if at all */
    bool is_format;        /* _Printf_format_string_ */
    const char *conversions; /* _Fc_conversions_(qs, zp): those that are no printf's, each with the letter of one that
                              * takes the same; else NULL */
    const char *kept_until;  /* _Fc_kept_until_(fn): the function that ends its life; else NULL */
    const char *copy_of;     /* _Fc_copy_of_(p): what p points to is copied there; else NULL */
    const struct fc__type *seen_as;     /* _Fc_as_(T): the pointer is one to T; else NULL */
    const char *callback_until;         /* _Fc_callback_until_(fn); else NULL */
    const struct fc__type *sizeof_type; /* _Fc_sizeof_(T): the argument is sizeof(T) of the caller; else NULL */
    const struct fc__expr *replace_from, *replace_to; /* _Fc_replace_(a, b), constants; else NULL */
    const struct fc__expr
        *when; /* _Fc_union_(condition), on a member of a union: it is this one that counts; else NULL */
    const struct fc__expr *capacity; /* elements or bytes, by extent */
    const struct fc__expr *valid;    /* _to_ forms: how many are valid after the call; else NULL */
    const struct fc__expr
        *result_capacity; /* _Outptr_result_buffer_(n), _Outptr_result_bytebuffer_(n): behind *p; else NULL */
    bool result_counts_bytes;
    const struct fc__annotation *inner; /* _At_(*p, _In_reads_(n)): of the pointers that it points to; else NULL */
    const char *text;                   /* as written, for messages; NULL if none */
    uint32_t line, column;              /* 1-based place of the first annotation */
    bool is_terminated; /* _Out_writes_z_(n) ...: among the elements is a zero one, which ends what matters */
    bool is_bounded;    /* _In_reads_or_z_(n): up to a zero element, or all of them if there is none */
    bool is_reserved;   /* _Reserved_: 0 or NULL */
};

struct fc__member {
    const char *name; /* NULL: an unnamed bit-field, or a struct or union whose members are those of the outer one */
    const struct fc__type *type;
    bool is_bitfield;
    bool is_packed;           /* attribute packed, of the member alone */
    uint32_t width_bits;      /* bit-field; 0 only if unnamed */
    uint32_t alignment_bytes; /* what _Alignas, aligned(n) or __declspec(align(n)) asked for, 0 if nothing */
    struct fc__annotation annotation;
    uint32_t line, column; /* 1-based */
};

/* Whose rules for bit-fields a struct follows. */
enum fc__record_rules {
    FC__RECORD_OF_TARGET,
    FC__RECORD_GNU, /* attribute gcc_struct */
    FC__RECORD_MS,  /* attribute ms_struct */
};

/* A tag, or a body without one: shared by all types that name it, and filled in where the body stands, which may be
 * behind them. Complete, it does not change any more. */
struct fc__body {
    enum fc__type_kind kind; /* FC__TYPE_STRUCT, _UNION, _ENUM */
    const char *tag;         /* NULL if anonymous */
    uint32_t id;             /* 1, 2, ... in the unit */
    bool is_complete;        /* the body was seen; what is below says nothing before */
    bool is_packed;
    enum fc__record_rules rules;
    uint32_t alignment_bytes; /* what an attribute asked for, 0 if nothing */
    uint32_t pack_bytes;      /* the #pragma pack in force where the body ended, 0 if none */
    enum fc__scalar scalar;   /* enum: the type that holds its values. FC__SCALAR_INT as long as it has no body */
    const struct fc__member *members; /* struct and union, in source order */
    uint32_t member_count;
    uint32_t depth;              /* struct and union: one more than the deepest that lies within, at least 1 */
    const char *unknown;         /* why no target can lay it out, as a width without a value; NULL if none */
    const char *file;            /* of the tag or body, as in struct fc__decl */
    uint32_t line, column;       /* 1-based */
    const struct fc__body *next; /* in the order in which they were first named */
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
    struct fc__annotation result;      /* _Ret_z_ and the like */
    const struct fc__expr *success;    /* _Success_(condition): otherwise outputs mean nothing; else NULL */
    const struct fc__expr *fails_with; /* _Fc_fails_with_(constant); else NULL */
    const struct fc__decl *row_before; /* type->when: the one before it of this name that has one, too; else NULL */
    bool begins, ends;                 /* _Fc_begins_, _Fc_ends_: the life of its pinned arguments */
    bool is_printf;                    /* some parameter is _Printf_format_string_ */
    bool is_synced;                    /* variable: _Fc_sync_ stood before it */
    uint32_t line, column;
    const char *label; /* asm("symbol"): what it is called in the library, if not by its name; else NULL */
    const char *file;  /* the source name, or what a # 12 "file.h" marker said */
    bool is_static, is_inline;
    const struct fc__decl *next; /* in source order */
};

struct fc__typedef {
    const char *name;
    const struct fc__type *type; /* `spelling` is the name */
    bool is_replaceable;         /* known without a declaration, which a later text may have */
    const struct fc__typedef *next;
};

struct fc__enumerator {
    const char *name;
    int64_t value;
    bool is_unsigned, is_wide; /* all 64 bits of `value` count; it takes more than 32 */
    const struct fc__enumerator *next;
};

/* What could not be read, and was left out. */
struct fc__skipped {
    const char *why;  /* the error, with its place */
    const char *text; /* the declaration */
    const struct fc__skipped *next;
};

struct fc__unit {
    struct fc__arena arena; /* owns everything the unit points to */
    const char *source_name;
    const struct fc__decl *first, *last;
    const struct fc__body *bodies;
    const struct fc__typedef *typedefs;       /* in source order, each once */
    const struct fc__enumerator *enumerators; /* in source order */
    const struct fc__skipped *skipped;        /* the same */
    uint32_t body_count;                      /* ids given; declarations that were left out may have had some of them */
};

/* What a type takes up. */
struct fc__extent_of_type {
    uint64_t size_bytes;
    uint32_t alignment_bytes;           /* in a struct: _Alignof */
    uint32_t preferred_alignment_bytes; /* of a variable: __alignof__. System V i386 has 8 for double, and 4 above */
};

/* What constant expressions ask of a target: abi/layout.h has the tables' answers. Both return FC_OK, or with `err` set
 * FC_EUNSUPPORTED (the type is incomplete, or the target has none such) or FC_ENOMEM. */
struct fc__decl_target {
    void *context;
    int (*extent)(void *context, const struct fc__type *type, struct fc__extent_of_type *ret_extent,
                  struct fc__error *err);
    /* In bytes from the start of `body`; of a bit-field, to the byte that has its first bit. */
    int (*offset)(void *context, const struct fc__body *body, uint32_t member_index, uint64_t *ret_offset_bytes,
                  struct fc__error *err);
    /* A declaration that cannot be read is left out, as a header's may be: it is no error as long as its end can be
     * told. */
    bool may_skip;
    /* It is a text for Windows: Microsoft's members without a name, and the names that windows.h gives types. */
    bool is_windows;
    /* Microsoft's: an enumerator is an int, whatever its value, and so is its enum, unless it says another type. */
    bool enums_are_int;
    /* stdcall and fastcall mean C's own convention. */
    bool has_one_convention;
};

/* Reads declarations; a text without any is legal, and a final ';' may be missing. `source_name` is what messages call
 * the text ("prototype", a file name) and must outlive the unit; the text itself need not. On failure `ret_unit` is
 * untouched, nothing is left to free, and `err` holds FC_EPARSE, FC_EUNSUPPORTED or FC_ENOMEM with
 *     NAME:LINE:COLUMN: MESSAGE
 *     the source line
 *         ^
 * (FC_ENOMEM, and a text beyond FC__DECL_SOURCE_MAX: the name and the message only).
 * Grammar: C11 6.7 (declarations); annotations: Microsoft SAL 2, docs/annotations.md.
 * Without a target, sizeof and the like have no value; that is an error only where one is needed. */
int fc__decl_parse(const char *text, size_t len, const char *source_name, struct fc__unit *ret_unit,
                   struct fc__error *err);
/* The same for a text that is preprocessed for one target: sizes, and the width of long, are the target's. `target` and
 * its context need not outlive the call. */
int fc__decl_parse_for(const char *text, size_t len, const char *source_name, const struct fc__decl_target *target,
                       struct fc__unit *ret_unit, struct fc__error *err);
/* Reads a further text, where all that the unit has is in scope, and adds what it declares. It may repeat what the unit
 * has, to annotate it:
 * - a function: if the text annotates it, that is what is known of each declaration of it from now on, and nothing of
 *   what was said before. The new one is added too, and is `unit->last`. Without annotations it has those that there
 *   were;
 * - a typedef of a pointer to a function: the same, for everything that was declared with it. With _Fc_opaque_, a
 *   typedef of a pointer: for everything that was declared with it, except where const or another typedef stood in
 *   between;
 * - a struct or union with its body: it names members in any order, as many as it likes, each of its type; the
 *   annotations that it has go to these, in place of what they had. Nothing else of the body changes.
 * What is repeated with another type is an error, which says where the first stands.
 * On failure the unit is as it was. As long as the call lasts no other thread may read the unit. `source_name` must
 * outlive the unit; the text need not. Errors as above. */
int fc__decl_parse_more(struct fc__unit *unit, const char *text, size_t len, const char *source_name,
                        const struct fc__decl_target *target, struct fc__error *err);
/* The same, and then calls `then(data)`, while what was added can still be taken back: unless that returns FC_OK, the
 * unit is as it was, what was added is freed, and its result is returned. */
int fc__decl_parse_more_then(struct fc__unit *unit, const char *text, size_t len, const char *source_name,
                             const struct fc__decl_target *target, int (*then)(void *data), void *data,
                             struct fc__error *err);
void fc__decl_unit_done(struct fc__unit *unit);

/* The first declaration that was left out and has `name` in it; NULL if there is none. */
const struct fc__skipped *fc__decl_find_skipped(const struct fc__unit *unit, const char *name);

/* Why values of the type cannot be passed on any target, such as "vector types cannot be passed; ..."; NULL if
 * nothing here keeps them from it. Constant text. */
const char *fc__decl_refusal(const struct fc__type *type);

/* The type written as C, such as "const unsigned char *", into `buffer`; always NUL-terminated. Returns `buffer`. */
const char *fc__decl_type_text(const struct fc__type *type, char *buffer, size_t size);

#endif
