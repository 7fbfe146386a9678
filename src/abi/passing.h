/* abi: how a value of any type is passed and returned, for one target: in which registers, on the stack, or elsewhere.
 * Runs in: the caller.  Threads: a fc__layouts belongs to one thread; what is answered here is a plain value.
 * Does not: convert values (marshal), or decide what may be passed (plan).
 *
 * Rules: System V psABI i386, 2.2, and x86-64, 3.2.3; where they leave questions open as GCC answers them (i386.cc,
 * classify_argument and ix86_function_arg_boundary). An i386 struct is returned through a pointer that the callee pops.
 * Limits: nothing is aligned beyond FC__PASSING_ALIGNMENT_MAX; vector types and 128-bit floats have no place in a
 * frame. */
#ifndef FC_ABI_PASSING_H
#define FC_ABI_PASSING_H

#include "abi/frame.h"
#include "abi/layout.h"

#define FC__PASSING_ALIGNMENT_MAX 64u /* bytes: what fc__frame_invoke gives the first stack word */

enum fc__passing_kind {
    FC__PASSING_NOTHING,   /* result: there is none: void, or a struct with nothing in it */
    FC__PASSING_REGISTERS, /* `classes` says which; of an argument only if enough are left for all of it */
    FC__PASSING_STACK,     /* argument: copied to the stack words; may have size 0 */
    FC__PASSING_REFERENCE, /* argument: the address of a copy that the caller makes, in the place of a pointer */
    FC__PASSING_X87,       /* result: st0 */
    FC__PASSING_X87_PAIR,  /* result: st0 and st1 */
    FC__PASSING_HIDDEN,    /* result: written to where a first argument that the source does not show points; that
                              pointer is returned in eax or rax */
};

/* Of 8 bytes of a value in registers. A value of up to 8 bytes has one, its other class is NONE. */
enum fc__class {
    FC__CLASS_NONE, /* nothing but padding: in no register */
    FC__CLASS_INTEGER,
    FC__CLASS_VECTOR, /* the low half of a vector register */
};

struct fc__passing {
    enum fc__passing_kind kind;
    enum fc__class classes[2];      /* registers: of bytes 0-7 and 8-15. The last register may have less than 8 bytes */
    uint64_t size_bytes;            /* sizeof; 10 bytes of a long double say something. Of an argument 0 if nothing
                                       is in it, though it takes the register that it is given */
    uint32_t stack_alignment_bytes; /* argument, if it goes to the stack: from the first stack word on */
    bool is_small;                  /* argument on the stack: one for whose like a convention may have registers */
    uint8_t uses_up;                /* and how many of those it takes from what follows where it gets none */
    uint32_t frame_result;          /* result: enum fc__frame_result. Those of the classes that are not NONE are in
                                       results 0 and 1, in order */
    uint32_t frame_flags;           /* result: 0 or FC__FRAME_POPS_POINTER */
};

/* `type` as the declared type of a parameter (arrays and functions being pointers already) and of a result. Alignment
 * that a typedef asks for does not count. Errors: those of fc__layout_extent; FC_EUNSUPPORTED (what
 * the limits above say). */
int fc__passing_of_argument(struct fc__layouts *layouts, const struct fc__type *type, struct fc__passing *ret_passing,
                            struct fc__error *err);
int fc__passing_of_result(struct fc__layouts *layouts, const struct fc__type *type, struct fc__passing *ret_passing,
                          struct fc__error *err);

#endif
