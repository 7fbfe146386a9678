/* abi: runs a plan over a frame: caller's values in, caller's values out.
 * Runs in: the caller.  Threads: one marshal belongs to one call.
 * Does not: wait, know channels (it is given memory), or believe a length that the callee produced. */
#ifndef FC_ABI_MARSHAL_H
#define FC_ABI_MARSHAL_H

#include "abi/object.h"
#include "abi/plan.h"

#include <stdarg.h>
#include <string.h>

struct fc__own;

/* What a call, or an upcall, needs of its session. `context` is fc__marshal.context. Each returns FC_OK or an error
 * that it has set. */
struct fc__marshal_ops {
    bool is_native; /* both sides are one target in one memory: what pointers lead to is where it is */
    /* `size` bytes of memory that both sides see at one address, for the length of the call, 16-byte aligned. */
    int (*grow)(void *context, uint64_t size, unsigned char **ret_memory);
    /* What memory is asked for next is for what `here` leads to, which the caller's function returned or, if `is_given`,
     * put behind a pointer: it stays beyond the upcall. NULL: it cannot. */
    void (*give)(void *context, uint64_t here, bool is_given);
    /* True if both sides see [address, address + size). */
    bool (*is_shared)(void *context, uint64_t address, uint64_t size);
    /* Opaque pointers on their way to the narrower side, and back (a token or a plain value). */
    int (*narrow)(void *context, uint64_t pointer, uint32_t *ret_narrow);
    int (*widen)(void *context, uint32_t narrow, uint64_t *ret_pointer);
    /* True for a pointer into what a host allocated that is there no more. May be NULL. */
    bool (*is_dead)(void *context, uint64_t pointer);
    /* True for a pointer into what the callee's malloc returned, which both sides see there. May be NULL. */
    bool (*is_allocated)(void *context, uint64_t pointer);
    /* What the session's book has for an opaque pointer: the address on the other side, else `address`. NULL:
     * nothing. */
    int (*stand_in)(void *context, enum fc__side from, uint64_t address, uint64_t *ret_address);
    /* The object that outlives calls in which [address, + bytes[from]) lies; false if there is none, or `bytes` do not
     * lie together on the other side. NULL: there are none. */
    bool (*lasting)(void *context, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                    struct fc__lasting *ret_lasting);
    /* Where the callee's object lies in what a call in flight has sent as a copy of the caller's own. NULL: in none. */
    bool (*own)(void *context, const struct fc__object *object, struct fc__own *ret_own);
    /* Memory of the callee for what it remembers by its address; ends it; and for what it keeps until a function. */
    int (*pin)(void *context, const struct fc__object *object, bool begins, uint64_t *ret_there);
    void (*unpin)(void *context, uint64_t here);
    int (*keep)(void *context, const struct fc__object *object, const char *until, uint64_t *ret_there);
    /* The function that was passed with what is kept was called with it. NULL: nothing is. */
    void (*let_go)(void *context, uint64_t there);
    /* `object->here` stands for the callee's object from now on. *ret_pristine: room for what it was. */
    int (*took)(void *context, const struct fc__object *object, unsigned char **ret_pristine);
    /* Has the callee copy `size` bytes, from or to memory that both sides see. */
    int (*copy)(void *context, uint64_t from, uint64_t to, uint64_t size);
    /* The same, but only of those bytes that are not as in `before`, which both sides see, too. */
    int (*merge)(void *context, uint64_t from, uint64_t before, uint64_t to, uint64_t size);
    /* Memory that both sides see, for the length of the upcall. False if there is none. */
    bool (*lend)(void *context, uint64_t size, unsigned char **ret_memory);
    /* A function of the callee that calls the caller's `function`. */
    int (*callback)(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_callee);
    /* The function of the caller that the callee's `function` calls, or one that calls the callee's. */
    int (*function)(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_caller);
    /* The caller's copy of a gathered string: `address` in the callee, `len` without its NUL. */
    int (*string)(void *context, uint64_t address, uint64_t len, const char **ret_string);
    /* A path of this side, in UTF-8, as side `to` has it. -errno. NULL: it is the same. */
    int (*path)(void *context, enum fc__side to, const char *path, char *ret_path, size_t size);
    /* The callee's path, in UTF-8, as its functions of `char` take it, or back, in place. *ret_has_form false: it cannot
     * be written so. NULL: none can but of ASCII. */
    int (*narrow_path)(void *context, enum fc__side to, char *inout_path, size_t size, bool *ret_has_form);
    /* The string at the callee's `address`: in place, or a copy. In an upcall for its length, else as a result's. */
    int (*text)(void *context, uint64_t address, const char **ret_string);
    /* A copy of `size` bytes at the callee's `address`, for the length of the call or upcall; for writing to as well,
     * and then given back. */
    int (*fetch)(void *context, uint64_t address, uint64_t size, void **ret_copy);
    int (*give_back)(void *context, uint64_t address, uint64_t size, void *copy);
    /* Memory of the caller that stands for the callee's at `address`: zeroed for the length of an upcall; if it
     * outlives that, and in calls, that of the last time, as long as a string result would be there. */
    int (*hold)(void *context, uint64_t address, uint64_t size, bool outlives, void **ret_memory);
};

/* What came back, copied out of the channel once. */
struct fc__answer {
    uint64_t value, second;
    uint64_t others[2]; /* of a pair of the x87: of st1 */
};

enum { FC__MARSHAL_PIECES = 14 };
struct fc__marshal {
    const struct fc__plan *plan;
    const struct fc__marshal_ops *ops;
    void *context;             /* given to the ops */
    void *owner;               /* for the ops' use */
    struct fc__passed *passed; /* what a format says; NULL: nothing. For who calls */
    struct fc__objects *objects;
    uint32_t first_object; /* of this call, among the channel's */
    bool is_deep;          /* the arguments are objects, not what `sent` says */
    bool is_answered;      /* among what expressions read may be the callee's word by now */
    bool is_upcall;        /* what the callee's pointers lead to comes first, and what is changed goes back */
    bool outlives;         /* upcall: what is found now is behind an object that outlives it */
    bool gives;            /* an upcall's function has returned: what it leads the callee to is passed */
    unsigned settling;     /* sizes that are being looked for, one because of another */
    bool has_failed;       /* going by _Success_: what comes out means nothing */
    void *kept;            /* for the ops' use: what was kept in this call */
    int64_t result;        /* for expressions with `return` */
    const uint64_t
        *outers; /* of an upcall, as the callback's outers have it: values of the call that passed the function */
    struct fc__error *err;
    uint64_t line;                        /* address of the channel, the same on both sides */
    unsigned char *scratch, *scratch_end; /* free memory behind the frame */
    bool keeps_off_line;                  /* nothing but the words goes there: upcalls use it before the call is over */
    /* The frame's words, with small inputs behind them as far as the first line goes, ready to be copied there. */
    uint32_t image_bytes;
    _Alignas(16) unsigned char image[FC__FRAME_WORDS_BYTES_MAX + 8];
    /* The caller's values, extended to 64 bits by their types; of structs and the like their address. */
    uint64_t slots[FC__FRAME_ARGUMENTS_MAX];
    _Alignas(16) unsigned char pieces[FC__MARSHAL_PIECES][16]; /* of structs that came in registers */
    uint64_t here_bytes[FC__FRAME_ARGUMENTS_MAX];              /* of buffers and strings, if two of them may meet */
    long double long_doubles[FC__FRAME_ARGUMENTS_MAX];
    uint64_t hidden;           /* where the callee writes a result too large for registers */
    struct {                   /* unless it is deep */
        uint64_t callee;       /* where the callee finds the buffer or string; 0: nowhere */
        uint64_t count;        /* elements, or bytes */
        uint64_t bytes;        /* there */
        unsigned char *before; /* these, as they went; NULL: not kept */
        bool in_place;
    } sent[FC__FRAME_ARGUMENTS_MAX];
    struct fc__error later; /* errors behind the first */
    bool may_join;          /* the call is not sent yet, or the function not called, and can begin anew: FC__JOIN */
    struct fc__joined {
        uint64_t from, to;  /* the caller's memory; in an upcall the callee's; 0 to 0: none */
        uint64_t alignment; /* that the callee's is to have */
    } joined;
};

/* Where there are several errors, the first counts. Who uses this puts `err` back when it is done. */
static inline void fc__marshal_note(struct fc__marshal *marshal, int rc, int *first) {
    if (rc != FC_OK && *first == FC_OK) {
        *first = rc;
        marshal->err = &marshal->later;
    }
}

/* Whether argument `index`, a FC__STEP_FUNCTION, is one: not NULL, or a number in its place, such as -1. */
static inline bool fc__marshal_is_function(const struct fc__marshal *marshal, uint32_t index) {
    const uint64_t top = marshal->plan->caller->pointer_bytes == 4 ? UINT32_MAX : UINT64_MAX;
    const struct fc__exchange *exchange = marshal->plan->steps[index].value.exchange;
    const uint64_t value = marshal->slots[index];
    return value != 0 && top - value >= 4096 && (exchange == NULL || value != exchange->here);
}

/* Reads the arguments into the slots. */
void fc__marshal_fetch_list(struct fc__marshal *marshal, va_list *list);
/* What a function that takes a va_list finds as its parameter, as a list of one's own. */
void fc__marshal_open_list(va_list *to, void *parameter);
/* Only those from `first` on. */
void fc__marshal_fetch_rest(struct fc__marshal *marshal, uint32_t first, va_list *list);
void fc__marshal_fetch_array(struct fc__marshal *marshal, void *const *arguments);

/* Memory for the callee to find `size` bytes in: the tail of the first line if only the caller writes them and they
 * fit (the line would bounce between the sides if the callee wrote to it while the caller looks at the turn), else
 * scratch. *ret_local is where to write them now. */
int fc__marshal_place(struct fc__marshal *marshal, uint64_t size, bool callee_writes, uint64_t *ret_callee,
                      unsigned char **ret_local);

/* A copy of bytes that the other side is handed and may write to, for as long as the call or upcall lasts: see
 * base/change.h. NULL if there is no memory for it: all of them are copied back then. */
unsigned char *fc__marshal_keep(struct fc__marshal *marshal, const unsigned char *bytes, uint64_t size);

/* How many elements (or bytes) buffer `index` has room for, and how many of them are valid after the call, going by the
 * slots. FC_EINVAL, FC_ERANGE. */
int fc__marshal_capacity(struct fc__marshal *marshal, uint32_t index, uint64_t *ret_count);
int fc__marshal_valid(struct fc__marshal *marshal, uint32_t index, uint64_t capacity, uint64_t *ret_count);

/* Sets has_failed, as _Success_ says, once everything that it may look at is back. Returns `first`, or its own
 * error. */
int fc__marshal_judge(struct fc__marshal *marshal, int first);

/* The same for any expression of an annotation; `size` NULL means 1, or all. `index`: of the argument that it is the
 * size of, for messages, or of what is behind it; then `name` is the member's, else NULL. */
int fc__size_value(struct fc__marshal *marshal, const struct fc__scope *scope, const struct fc__size *size,
                   int64_t *ret_value);
int fc__size_count(struct fc__marshal *marshal, const struct fc__scope *scope, const struct fc__size *size,
                   uint32_t index, const char *name, uint64_t *ret_count);
int fc__size_valid(struct fc__marshal *marshal, const struct fc__scope *scope, const struct fc__size *size,
                   uint64_t capacity, uint64_t *ret_count);

/* An int from an argument list as the parameter's type has it, extended to 64 bits. */
static inline uint64_t fc__marshal_int(const struct fc__fetched *fetch, int value) {
    if (fetch->bytes == 4) {
        return fetch->is_signed ? (uint64_t)(int64_t)value : (uint32_t)value;
    }
    if (fetch->bytes == 2) {
        return fetch->is_signed ? (uint64_t)(int64_t)(int16_t)value : (uint16_t)value;
    }
    return fetch->is_bool ? value != 0 : fetch->is_signed ? (uint64_t)(int64_t)(int8_t)value : (uint8_t)value;
}

/* The low `bytes` (0, 1, 2, 4 or 8) of a value. */
static inline void fc__marshal_store(void *to, uint64_t value, unsigned bytes) {
    switch (bytes) {
    case 1:
        memcpy(to, &value, 1);
        break;
    case 2:
        memcpy(to, &value, 2);
        break;
    case 4:
        memcpy(to, &value, 4);
        break;
    case 8:
        memcpy(to, &value, 8);
        break;
    default:
        break;
    }
}

/* Fills the image and the scratch. FC_ERANGE, FC_EINVAL, FC_ENOMEM: nothing was sent. */
int fc__marshal_send(struct fc__marshal *marshal);

/* Ends what fc__marshal_send began if there is nothing to receive. */
void fc__marshal_forget(struct fc__marshal *marshal);

/* Copies outputs back and converts the result into *ret_result (may be NULL). FC_ERANGE: the call was made. */
int fc__marshal_receive(struct fc__marshal *marshal, const struct fc__answer *answer, void *ret_result);

#endif
