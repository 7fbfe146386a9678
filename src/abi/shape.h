/* abi: shapes, how data in memory changes between two targets, compiled from a type as each of the two sides has it.
 * Runs in: the caller.  Threads: immutable once built; shared freely.
 * Does not: touch data (object), or place arguments in frames (plan). */
#ifndef FC_ABI_SHAPE_H
#define FC_ABI_SHAPE_H

#include "abi/layout.h"
#include "abi/target.h"

#include <stdatomic.h>

/* How one value changes between the sides. */
enum fc__value_kind {
    FC__VALUE_VOID,
    FC__VALUE_RAW,         /* the same bytes on both sides: integers of one width, floats */
    FC__VALUE_INTEGER,     /* widths differ: extended, or checked and cut */
    FC__VALUE_POINTER,     /* opaque: expanded, cut, or replaced by a token */
    FC__VALUE_FLOAT,       /* float or double; in frames and results only */
    FC__VALUE_LONG_DOUBLE, /* 80 bits, in as many bytes as the side gives them */
};
/* A number that stands for another one on the other side. */
struct fc__exchange {
    enum {
        FC__EXCHANGE_SIZEOF,  /* the size of a type; nothing else is passed */
        FC__EXCHANGE_REPLACE, /* `here` is `there`; other numbers are themselves */
        FC__EXCHANGE_BITS,    /* of one that does not fit the low bits */
        FC__EXCHANGE_LOCAL,   /* stays with the caller: there it is 0 */
    } kind;
    uint64_t here, there; /* extended by the number's type */
    const char *text;     /* as annotated, for messages */
};
struct fc__value {
    enum fc__value_kind kind;
    uint8_t caller_bytes, callee_bytes;
    bool is_signed, is_size, is_bool, is_char, is_float;
    const struct fc__exchange *exchange; /* NULL: it is itself on both sides */
    const char *type_name;               /* for messages */
};

/* An expression of an annotation, in the caller's layout. */
struct fc__size {
    enum fc__expr_kind kind;
    int64_t value;
    uint32_t param; /* of OUTER its place among the callback's outers */
    /* MEMBER, ARROW, DOT: which bytes; MEMBER_DEREF, DEREF: the integer's */
    uint64_t offset;
    uint8_t bytes, bit_offset, bit_width;
    bool is_signed;
    const void *record; /* MEMBER: the body of the struct, as a key */
    const char *name;   /* of the member, or of the OUTER parameter */
    const struct fc__size *left, *right;
};

struct fc__shape;
struct fc__callback;

#define FC__OUTERS_MAX 4 /* parameters of the function around it that the sizes of a callback's type name */

/* What a pointer points to. */
struct fc__pointee {
    const struct fc__shape *shape; /* of one element */
    enum fc__extent extent;        /* never NONE */
    bool reads, writes;            /* copied in, copied out */
    bool
        is_output; /* what goes in is only what must not be lost: pointers in it are not followed, and nothing is an error */
    bool is_bounded;                         /* elements: up to a zero one, or all of them */
    bool is_pinned;                          /* the callee remembers where it is */
    uint32_t copy_of;                        /* 1 + the parameter whose object is copied there; 0: none is */
    uint32_t kept_by;                        /* kept: 1 + the parameter that is that function; 0: none is */
    const char *kept_until;                  /* the function until which the callee keeps the pointer; or NULL */
    const struct fc__size *capacity, *valid; /* NULL capacity: one; NULL valid: all */
};

enum fc__shape_kind {
    FC__SHAPE_VALUE,
    FC__SHAPE_POINTER,
    FC__SHAPE_FUNCTION,
    FC__SHAPE_ARRAY,
    FC__SHAPE_STRUCT,
    FC__SHAPE_UNION,
};

struct fc__shape_field {
    const char *name; /* "" if it has none */
    const struct fc__shape *shape;
    uint64_t offset[2];           /* of FC__HERE, FC__THERE */
    uint8_t bit_offset[2];        /* of a bit-field */
    uint8_t bit_width;            /* 0: no bit-field */
    uint8_t storage_bytes[2];     /* of a bit-field */
    bool is_local;                /* stays as it is on either side */
    bool is_output;               /* what is in it before the call means nothing */
    bool is_flexible;             /* an array of as many elements as `count` says, behind the struct's own size */
    const struct fc__size *when;  /* of a union's member: it is this one; NULL: never said */
    const struct fc__size *count; /* of an array in it: how many are used; NULL: all */
};

enum fc__side { FC__HERE, FC__THERE }; /* the caller's, the callee's */

/* Integers that are a text: their widths differ, and so UTF-8, UTF-16 or UTF-32 do, and how many there are. */
enum fc__text {
    FC__TEXT_NONE,
    FC__TEXT_ENDED, /* by a zero, or by the end of the room there is */
    FC__TEXT_LIST,  /* texts one behind the other, up to an empty one */
};

struct fc__shape {
    enum fc__shape_kind kind;
    bool is_plain;       /* the same bytes on both sides, and nothing else to do with them */
    bool has_more_there; /* a struct with members that the caller's has not */
    bool follows;        /* there are pointers in it that are followed, or functions */
    bool has_union;      /* or it is one, of which what lies where depends on which member counts */
    enum fc__text text;  /* value: a row of them is one; array: it is one */
    bool is_path;        /* text: and a path, which has another form on Windows; widths may be the same */
    uint64_t size[2];
    uint32_t alignment[2];
    struct fc__value value;
    struct fc__pointee pointee;
    struct fc__callback *callback; /* function */
    const struct fc__shape *element;
    uint64_t count[2]; /* array: elements, by side */
    const struct fc__shape_field *fields;
    uint32_t field_count;
    const void *record;    /* struct and union: its body here, as a key */
    const char *type_name; /* for messages */
};

/* All that was compiled from one text: shapes and function types refer to each other in circles, so they live and end
 * together. Shared by reference counting: trampolines may outlive the function they were first passed to. */
struct fc__shapes {
    _Atomic uint32_t references;
    struct fc__arena arena;
    struct fc__callback *callbacks;
    struct fc__shape_until { /* the functions that end the life of something */
        const char *name;
        struct fc__shape_until *next;
    } * untils;
    /* While they are built: */
    struct fc__outers {
        uint32_t count, params[FC__OUTERS_MAX];
    } outers;                       /* that the sizes of the callback's type which is being compiled name */
    struct fc__layouts *layouts[2]; /* of the caller's and the callee's types; their targets */
    struct fc__shape_memo *memo;
};
/* `here` and `there`: of two units that read the same declarations for the two targets, or of one unit. */
struct fc__shapes *fc__shapes_new(struct fc__layouts *here, struct fc__layouts *there); /* NULL: out of memory */
/* Nothing is added any more; what they were built from may go. */
void fc__shapes_built(struct fc__shapes *shapes);
struct fc__shapes *fc__shapes_keep(struct fc__shapes *shapes);
void fc__shapes_drop(struct fc__shapes *shapes); /* NULL: nothing */

/* How a value of a scalar, enum or opaque pointer type changes between the sides; false if it is none that can. */
bool fc__shape_value(const struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                     bool is_opaque, struct fc__value *ret_value);
/* What an annotation says of how a number differs between the sides goes into *inout_value, which is one's. Leaves it
 * as it is if it says nothing. FC_ENOMEM, FC_EUNSUPPORTED, and those of layouts. */
int fc__shape_exchange(struct fc__shapes *shapes, const char *what, const struct fc__annotation *here,
                       const struct fc__annotation *there, struct fc__value *inout_value, struct fc__error *err);
bool fc__shape_is_integer(const struct fc__type *type);
bool fc__shape_is_char(const struct fc__type *type);
bool fc__shape_is_complex(const struct fc__type *type);
bool fc__shape_is_record(const struct fc__type *type);
/* A pointer that nothing but its owner can look through. */
bool fc__shape_is_opaque_pointer(const struct fc__type *type);

/* A byte, of which nothing more is known. */
extern const struct fc__shape fc__shape_byte;

/* `note`: of the member or parameter that has the type; NULL if none. `what`: names it in messages.
 * FC_EUNSUPPORTED, FC_EANNOTATION, FC_ENOMEM. */
int fc__shape_of(struct fc__shapes *shapes, const char *what, const struct fc__type *here, const struct fc__type *there,
                 const struct fc__annotation *note, const struct fc__shape **ret_shape, struct fc__error *err);
/* What a pointer of that type points to, going by its annotation, which has an extent. `function`: whose parameters
 * sizes name, NULL in members. */
int fc__shape_pointee(struct fc__shapes *shapes, const char *what, const struct fc__type *here,
                      const struct fc__type *there, const struct fc__annotation *note, const struct fc__type *function,
                      struct fc__pointee *ret_pointee, struct fc__error *err);
/* Into *ret_size NULL for NULL. FC_ENOMEM, FC_EUNSUPPORTED. */
int fc__shape_size(struct fc__shapes *shapes, const struct fc__expr *expr, const struct fc__type *function,
                   const struct fc__size **ret_size, struct fc__error *err);

/* Notes the name of a function that ends something. FC_ENOMEM. */
int fc__shape_until(struct fc__shapes *shapes, const char *name, const char **ret_name, struct fc__error *err);
/* The type of a parameter, member or result, as _Fc_as_ and _Fc_utf8_ say; NULL: out of memory. `note` may be NULL. */
const struct fc__type *fc__shape_seen(struct fc__shapes *shapes, enum fc__side side, const struct fc__type *type,
                                      const struct fc__annotation *note);

/* Of these, `here` is the caller's element, whose members say which ones of its unions count; NULL: nobody does.
 * The offset on the other side of what lies `offset` bytes into one element on side `from`; false if it is within
 * something that differs between the sides, or in a member of a union that does not count. Where nobody says which
 * does, all members of it have to agree. */
bool fc__shape_offset(const struct fc__shape *shape, enum fc__side from, uint64_t offset, const unsigned char *here,
                      uint64_t *ret_offset);
/* True if `offset` bytes into one element on that side begins what has the shape `inner`. */
bool fc__shape_begins(const struct fc__shape *shape, enum fc__side side, uint64_t offset, const unsigned char *here,
                      const struct fc__shape *inner);
/* True if what lies there depends on which member of a union counts. */
bool fc__shape_is_in_union(const struct fc__shape *shape, enum fc__side side, uint64_t offset);

/* The struct that an annotated member is in, whose members its expressions name: the caller's memory. */
struct fc__scope {
    const unsigned char *record;
    const void *key; /* struct fc__shape.record */
    const struct fc__scope *outer;
};
/* An expression over nothing but constants and the members of the structs around; false: it is another, or has no
 * value. */
bool fc__size_of_members(const struct fc__scope *scope, const struct fc__size *size, int64_t *ret_value);

#endif
