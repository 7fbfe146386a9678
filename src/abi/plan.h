/* abi: a plan, a declaration compiled once for one pair of targets into the steps that fill a frame and read it back.
 * Runs in: the caller.  Threads: immutable once built; shared freely.
 * Does not: touch a channel (marshal runs plans over memory it is given), or know sessions. */
#ifndef FC_ABI_PLAN_H
#define FC_ABI_PLAN_H

#include "abi/frame.h"
#include "abi/target.h"

#include <stdatomic.h>

/* How one value changes between the sides. */
enum fc__value_kind {
    FC__VALUE_VOID,
    FC__VALUE_RAW,     /* the same bytes on both sides: integers of one width, floats */
    FC__VALUE_INTEGER, /* widths differ: extended, or checked and cut */
    FC__VALUE_POINTER, /* opaque: expanded, cut, or replaced by a token */
    FC__VALUE_FLOAT,   /* float or double; in frames and results only */
};
struct fc__value {
    enum fc__value_kind kind;
    uint8_t caller_bytes, callee_bytes;
    bool is_signed, is_size, is_bool, is_char, is_float;
    const char *type_name; /* for messages */
};

enum fc__step_kind {
    FC__STEP_VALUE,    /* the argument itself */
    FC__STEP_STRING,   /* const char *, copied with its NUL */
    FC__STEP_BUFFER,   /* pointer to `count` elements */
    FC__STEP_FUNCTION, /* pointer to a function of the caller, which the callee calls */
};
struct fc__step {
    enum fc__step_kind kind;
    bool reads, writes;     /* buffer: copied in, copied out */
    bool counts_bytes;      /* buffer: capacity and valid are bytes */
    bool is_output;         /* buffer: what goes in is only what must not be lost, and is never an error */
    struct fc__value value; /* value: the argument; buffer: one element */
    uint16_t offset;        /* in the frame's words, bytes */
    const struct fc__expr *capacity, *valid; /* buffer: NULL capacity is one element; NULL valid is all */
    const char *name;                        /* of the parameter */
    struct fc__callback *callback;           /* function: NULL if only NULL can be passed */
    const char *refused;                     /* function without callback: why */
};

/* How an argument is fetched from a C argument list or array: after promotion, by the caller's type. */
enum fc__fetch { FC__FETCH_INT, FC__FETCH_INT64, FC__FETCH_FLOAT, FC__FETCH_DOUBLE, FC__FETCH_POINTER };
struct fc__fetched {
    enum fc__fetch kind;
    uint8_t bytes; /* of the caller's type */
    bool is_signed, is_bool;
    struct fc__value pointee; /* pointers to one integer: for size expressions that read *p */
};

/* How one argument of a short call goes from the C argument list to its word. */
enum fc__put_kind {
    FC__PUT_INT4,          /* an int, as it is */
    FC__PUT_INT8_SIGNED,   /* an int, extended to a word of 8 bytes */
    FC__PUT_INT8_UNSIGNED, /* the same */
    FC__PUT_SMALL,         /* an int that is of a smaller type: see fetches */
    FC__PUT_8,             /* 8 bytes, as they are */
    FC__PUT_DOUBLE,
    FC__PUT_FLOAT,
};
struct fc__put {
    uint8_t kind;   /* enum fc__put_kind */
    uint8_t offset; /* in the frame's words, bytes */
};

struct fc__plan {
    struct fc__arena arena;
    const char *name; /* of the function */
    const struct fc__target *caller, *callee;
    uint32_t info; /* abi/frame.h */
    uint32_t words_bytes;
    uint32_t count;       /* parameters */
    bool is_scalar;       /* every step is a RAW value */
    bool is_short;        /* that, the result too, and all words lie in the line: marshalled by `puts` */
    bool takes_functions; /* some step is a function's */
    bool points_back;     /* pointers come out, and may point into what an argument points to */
    bool result_string;   /* the result is gathered */
    struct fc__value result;
    const struct fc__step *steps;
    const struct fc__fetched *fetches;
    struct fc__put puts[FC__FRAME_LINE_BYTES / 4];
    const char *const *types; /* as written, of each parameter and then of the result */
};

/* A function type of the caller's that the callee calls, as two plans. Shared by reference counting: trampolines may
 * outlive the function they were first passed to. */
struct fc__callback {
    _Atomic uint32_t references;
    struct fc__plan *there; /* from caller to callee: where the callee's arguments lie, how values change */
    struct fc__plan *here;  /* from callee to caller: where the caller's function expects them */
};
/* `name`: of the parameter, for messages. FC_EUNSUPPORTED, FC_EANNOTATION, FC_ENOMEM. */
int fc__callback_new(const struct fc__type *type, const char *name, const struct fc__target *caller,
                     const struct fc__target *callee, struct fc__callback **ret_callback, struct fc__error *err);
struct fc__callback *fc__callback_keep(struct fc__callback *callback);
void fc__callback_drop(struct fc__callback *callback); /* NULL: nothing */
/* True if upcalls through one could as well go through the other. */
bool fc__callback_equals(const struct fc__callback *left, const struct fc__callback *right);

/* Compiles the unit's last declaration, which must be a function; copies what it needs.
 * FC_EUNSUPPORTED, FC_EANNOTATION (naming the parameter and the annotations that would settle it), FC_ENOMEM. */
int fc__plan_new(const struct fc__unit *unit, const struct fc__target *caller, const struct fc__target *callee,
                 struct fc__plan **ret_plan, struct fc__error *err);
/* The same of one declaration, which is a function. */
int fc__plan_of(const struct fc__decl *decl, const struct fc__target *caller, const struct fc__target *callee,
                struct fc__plan **ret_plan, struct fc__error *err);
void fc__plan_free(struct fc__plan *plan);

/* plan_text.c: the plan in words, lines of at most FC__PLAN_TEXT_COLUMNS columns (names that are longer stand out), each
 * ended by a newline. Writes at most `size` bytes, of which the last is NUL, and returns how long the whole text is
 * without its NUL, so that a text was cut if that is not less than `size`. `buffer` may be NULL if `size` is 0. */
#define FC__PLAN_TEXT_COLUMNS 96u
size_t fc__plan_text(const struct fc__plan *plan, char *buffer, size_t size);

#endif
