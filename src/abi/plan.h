/* abi: a plan, a declaration compiled once for one pair of targets into the steps that fill a frame and read it back.
 * Runs in: the caller.  Threads: immutable once built; shared freely.
 * Does not: touch a channel (marshal runs plans over memory it is given), or know sessions. */
#ifndef FC_ABI_PLAN_H
#define FC_ABI_PLAN_H

#include "abi/places.h"
#include "abi/shape.h"

enum fc__step_kind {
    FC__STEP_VALUE,    /* the argument itself */
    FC__STEP_STRING,   /* const char *, copied with its NUL */
    FC__STEP_BUFFER,   /* pointer to `count` elements */
    FC__STEP_FUNCTION, /* pointer to a function of the caller, which the callee calls */
    FC__STEP_OBJECT,   /* pointer to anything else */
    FC__STEP_WHOLE,    /* a struct, union, long double or complex number itself */
};
/* A number that is a descriptor. */
enum fc__descriptor {
    FC__DESCRIPTOR_NONE,
    FC__DESCRIPTOR_LENT,  /* for the length of the call; of a result: the callee's own */
    FC__DESCRIPTOR_GIVEN, /* it is the other side's to close */
};
enum { FC__DESCRIPTORS_MAX = 8 }; /* arguments of one call */

struct fc__step {
    enum fc__step_kind kind;
    bool reads, writes;     /* buffer: copied in, copied out */
    bool counts_bytes;      /* buffer: capacity and valid are bytes */
    bool is_output;         /* buffer: what goes in is only what must not be lost, and is never an error */
    struct fc__value value; /* value: the argument; buffer: one element */
    uint16_t offset;        /* in the frame's words, bytes */
    uint16_t second_offset; /* whole in two registers: that of bytes 8-15 */
    bool is_vector;         /* in a vector register */
    uint8_t descriptor;     /* value: enum fc__descriptor */
    uint8_t parts;          /* whole in registers: bit 0 and 1, which of its two parts are in one; 0: on the stack */
    bool is_reference;      /* whole: the address of a copy goes there instead */
    const struct fc__size *capacity, *valid; /* buffer: NULL capacity is one element; NULL valid is all */
    const char *name;                        /* of the parameter */
    struct fc__callback *callback;           /* function */
    struct fc__pointee pointee;              /* string, buffer, object */
    const struct fc__shape *shape;           /* whole */
    uint64_t bytes[2];                       /* whole: on either side */
};

/* How an argument is fetched from a C argument list or array: after promotion, by the caller's type. */
enum fc__fetch {
    FC__FETCH_INT,
    FC__FETCH_INT64,
    FC__FETCH_FLOAT,
    FC__FETCH_DOUBLE,
    FC__FETCH_POINTER,
    FC__FETCH_LONG_DOUBLE,
    FC__FETCH_WHOLE, /* a struct, union or complex number: `passing` */
};
struct fc__fetched {
    enum fc__fetch kind;
    uint8_t bytes; /* of the caller's type */
    bool is_signed, is_bool;
    struct fc__passing passing; /* on the caller's side */
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
    FC__PUT_PAYLOAD, /* the pointer to the payload */
    FC__PUT_CHECKED, /* an integer that changes its width, or an opaque pointer: what does not fit goes the long way */
};
struct fc__put {
    uint8_t kind;   /* enum fc__put_kind */
    uint8_t offset; /* in the frame's words, bytes */
};

struct fc__payload; /* abi/payload.h */
struct fc__plan {
    struct fc__arena arena;
    const char *name;   /* of the function */
    const char *symbol; /* what it is called in the library */
    const struct fc__target *caller, *callee;
    const struct fc__calling *calling; /* the callee's, of this function */
    uint32_t info, trampoline_info;    /* abi/frame.h */
    uint32_t words_bytes;
    uint32_t arguments_bytes;  /* without the hidden one: what decorated names count */
    uint32_t count;            /* parameters */
    bool is_scalar;            /* every step is a RAW value */
    bool is_short;             /* that, the result too, and all words lie in the line: marshalled by `puts` */
    bool takes_functions;      /* some step is a function's */
    bool points_back;          /* pointers come out, and may point into what an argument points to */
    bool result_string;        /* the result is gathered */
    bool is_deep;              /* arguments are taken as objects: abi/object.h */
    bool asks;                 /* there may be further requests, so data keeps off where these write */
    bool may_alias;            /* two pointers, of which the callee writes through one */
    bool may_meet;             /* two pointers to one object, perhaps, and the callee writes through one */
    bool begins, ends;         /* the life of pinned objects */
    bool fails;                /* _Fc_fails_with_: the caller finds `fails_with` as the result of a call that failed */
    int64_t fails_with;        /* its bytes; of a struct and void 0 */
    uint8_t descriptors;       /* arguments that are such */
    uint8_t result_descriptor; /* enum fc__descriptor */
    uint32_t handle;           /* the parameter that says whose the kept objects are: UINT32_MAX if none does */
    bool is_variable;          /* no function's: `result_shape` is all there is */
    bool is_constant;          /* variable */
    bool is_synced;            /* variable: _Fc_sync_ */
    bool is_open;              /* each call says what follows the parameters: `is_format`, or one of `rows` */
    bool is_format;            /* what follows the parameters is what the string `format_index` says */
    bool takes_list;           /* and in a va_list; with `is_format`, that is one parameter more */
    uint32_t format_index;
    const char
        *conversions; /* is_format: letters of the library's own, each with one that takes the same; NULL: none */
    uint32_t
        list_offset;    /* takes_list: in the frame's words, of the arguments in the list, behind what the call takes */
    uint32_t list_word; /* takes_list: in the frame's words, the list itself */
    /* is_format, of a function of the caller's: what the callee passes beside the parameters is found when it calls. */
    struct fc__places rest; /* where that goes: behind the parameters, or in the list */
    uint32_t stack_word;    /* unless takes_list: in the frame's words, the address of the first stack word */
    bool result_hidden;     /* the result is written to where a first argument points */
    bool result_whole;      /* the result is a struct, union, long double or complex number */
    bool result_points;     /* the result is a pointer to what `result_pointee` says */
    struct fc__value result;
    struct fc__passing result_passing_here, result_passing_there; /* whole */
    uint32_t hidden_offset;                                       /* in the frame's words, bytes */
    const struct fc__shape *result_shape;                         /* whole */
    struct fc__pointee result_pointee;
    struct fc__callback *result_function; /* the result is a pointer to a function; else NULL */
    const struct fc__size *success;       /* NULL: never said */
    struct fc__shapes *shapes;            /* which end with the plan; NULL if they are a function type's */
    struct fc__shapes *made_of;           /* those that it refers to */
    const struct fc__step *steps;
    const struct fc__fetched *fetches;
    /* Of short calls, and of those that are but for one thing: */
    struct fc__put puts[FC__FRAME_LINE_BYTES / 4];
    bool is_nearly_short; /* short but for a payload, a string as the result, or values that are not sent as they are */
    const struct fc__payload *payload; /* one argument points to this; NULL: none does, or there is more to it */
    struct fc__plan *rows;             /* is_open: of which the first whose `when` holds is the call's; else NULL */
    struct fc__plan *next_row;         /* with as many parameters at least, of which the first are the same */
    const struct fc__size *when;       /* of a row, over the parameters that all have; else NULL */
    const char *const *types;          /* as written, of each parameter and then of the result */
};

/* The frame of a function of this process's own. */
struct fc__native {
    uint32_t info, words_bytes;
    uint32_t hidden_offset;
    struct fc__passing result;
    struct fc__native_place {
        uint16_t offset, second_offset; /* as in struct fc__step */
        uint8_t parts;
        uint8_t bytes; /* that a plain value takes there */
    } const *places;
    struct fc__places rest; /* of a function whose arguments a format says: as in struct fc__plan */
    uint32_t list_word;
};

/* Of a value. */
static inline uint8_t fc__native_bytes(const struct fc__target *target, const struct fc__passing *passing) {
    return passing->size_bytes > target->word_bytes ? 8 : target->word_bytes;
}

/* What a format can say is passed: one argument of that kind, which has no place yet. */
struct fc__listed {
    const struct fc__step *step;
    struct fc__passing passing[2]; /* on either side */
};

/* How one argument of an upcall goes from the callee's frame to the caller's where that takes nothing but its bytes. */
enum fc__light_kind {
    FC__LIGHT_PLAIN,
    FC__LIGHT_TOKEN, /* an opaque pointer of a narrower callee, which may be a stand-in */
    FC__LIGHT_DATA,  /* a pointer to bytes that are the same on both sides */
    FC__LIGHT_TEXT,  /* to a string that is not written to */
};
struct fc__light {
    uint16_t from, to; /* in the frames' words, bytes */
    uint8_t from_bytes;
    bool is_signed;
    uint8_t kind;       /* enum fc__light_kind */
    bool reads, writes; /* what a pointer leads to */
    uint8_t outer;      /* 1 + the outer that is the number of elements; 0: none is */
    uint8_t gathered;   /* 1 + its place among those that come with the frame; 0: it does not */
    uint32_t bytes;     /* of what a pointer leads to, or of an element of that */
};

/* A function type of the caller's that the callee calls, as two plans. Lives as long as its shapes. */
struct fc__callback {
    struct fc__shapes *shapes;
    struct fc__plan *there;         /* where the callee's arguments lie, how values change */
    struct fc__native here;         /* where the caller's function expects them */
    const struct fc__light *lights; /* NULL: arguments or the result need more */
    bool takes_numbers;             /* and nothing else: all of those are plain */
    struct fc__plan *listing; /* of calls that pass one argument of every kind; NULL: no format says what is passed */
    const struct fc__listed *listed; /* those, by the places of their letters in fc__format_kinds */
    const char *refused;             /* why only NULL can be passed; NULL if a function can be */
    const struct fc__type *type;     /* while shapes are built */
    bool is_callable;                /* both are there, so the caller can call a function of the callee's */
    bool is_once;                    /* what is passed is called once */
    const char *until;               /* and the function until which the callee may call it; or NULL */
    struct fc__outers outers;        /* what its sizes name of the function around it */
    struct fc__callback *next;
};
/* `note`: of what has the type; NULL if none. `what`: names it in messages. FC_ENOMEM; a type that cannot be called
 * back is no error, see `refused`. */
int fc__callback_of(struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                    const struct fc__annotation *note, const char *what, struct fc__callback **ret_callback,
                    struct fc__error *err);
void fc__callbacks_free(struct fc__callback *first);
/* Whether what a parameter leads to comes with the frames of upcalls, as far as there is room. */
bool fc__callback_is_gathered(const struct fc__plan *there, const struct fc__step *step);
/* What comes with the frames of upcalls, and where in the frame's words: of texts where the first one begins. */
struct fc__gathered_places {
    struct fc__gathers gathers;
    uint16_t at[FC__GATHERS_MAX];
    uint32_t end;
};
void fc__callback_gathers(const struct fc__callback *callback, const uint64_t *outers,
                          struct fc__gathered_places *ret_places);
/* True if upcalls through one could as well go through the other. */
bool fc__callback_equals(const struct fc__callback *left, const struct fc__callback *right);

/* plan.c. Compiles the last declaration of a text, which must be a function; copies what it needs. The text is read
 * once for each target, the caller's and the callee's. `kinds`: NULL; or for calls that pass those kinds of arguments
 * (format.h) behind the parameters of a function whose plan `is_format`; or fc__plan_variable, for a variable: a pointer
 * whose type does not say what it points to is opaque. FC_EPARSE, FC_EUNSUPPORTED, FC_EANNOTATION (naming the parameter
 * and the annotations that would settle it), FC_ENOMEM. */
extern const char fc__plan_variable[];
int fc__plan_parse(const char *text, size_t len, const char *source_name, const struct fc__target *const targets[2],
                   const char *kinds, struct fc__plan **ret_plan, struct fc__error *err);
/* The same of one function of the caller's, as both targets have it. */
int fc__plan_of(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there,
                struct fc__plan **ret_plan, struct fc__error *err);
/* The same with shapes of its own, which end with the plan, and `kinds` as above. FC_EPARSE if it is something else, or
 * NULL. */
int fc__plan_of_pair(struct fc__layouts *here, struct fc__layouts *there, const struct fc__decl *const decls[2],
                     const char *kinds, struct fc__plan **ret_plan, struct fc__error *err);
/* The same, of this declaration alone: its condition, if it has one, is the plan's `when`. */
int fc__plan_of_one(struct fc__layouts *here, struct fc__layouts *there, const struct fc__decl *const decls[2],
                    const char *kinds, struct fc__plan **ret_plan, struct fc__error *err);
/* And of one of the callee's. */
int fc__plan_of_passing(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there,
                        const char *kinds, struct fc__plan **ret_plan, struct fc__error *err);
void fc__plan_free(struct fc__plan *plan);
/* Once all places are taken: where in the frame's words the argument lies. */
void fc__step_place(const struct fc__places *places, const struct fc__place *place, struct fc__step *step);

/* plan_names.c: the names by which a library may export the function, in the order in which they are tried; NULL past
 * the last. `name`: room for one that is made. */
enum { FC__PLAN_NAME_MAX = 1024 };
const char *fc__plan_export(const struct fc__plan *plan, unsigned index, char name[FC__PLAN_NAME_MAX]);

/* plan_text.c: the plan in words, lines of at most FC__PLAN_TEXT_COLUMNS columns (names that are longer stand out),
 * each ended by a newline. Writes at most `size` bytes, of which the last is NUL, and returns how long the whole text
 * is without its NUL, so that a text was cut if that is not less than `size`. `buffer` may be NULL if `size` is 0. */
#define FC__PLAN_TEXT_COLUMNS 96u
size_t fc__plan_text(const struct fc__plan *plan, char *buffer, size_t size);

#endif
