/* abi: where the arguments of a call go, one after the other, by the convention of the function.
 * Runs in: the caller.  Threads: plain values; the rows are constant.
 * Does not: know how a value is passed by itself (passing). */
#ifndef FC_ABI_PLACES_H
#define FC_ABI_PLACES_H

#include "abi/passing.h"

/* A calling convention of a target. Of a variadic function C's own counts, whatever it is declared as. */
struct fc__calling {
    enum fc__convention of;
    const char *name;          /* the attribute's, as struct fc__type.convention; NULL: C's own */
    uint8_t integers, vectors; /* registers for arguments of these classes */
    uint8_t small;             /* registers for the first arguments that are small (fc__passing.is_small) */
    bool is_positional : 1;    /* the n-th argument has the n-th register of its class, or none */
    bool pops : 1;             /* the callee takes its arguments off the stack */
    bool is_leftward : 1;      /* Delphi's: the first argument on the stack is the highest, registers are eax, edx, ecx,
                                  and what is no number or pointer is passed as the address of one */
    bool is_method : 1;        /* of C++: every struct is returned where a pointer behind the first argument says */
    uint8_t home_bytes;        /* that the callee may use below the first stack word */
    char mark;                 /* before the name that a linker knows the function by, behind which `@` and the bytes of
                                  its arguments stand; 0: it has none such */
    const char *text;          /* for people */
    const char *registers[6];  /* of the class INTEGER, in order */
};
/* `name` NULL: C's own. NULL if nothing is known of such a convention on that target. */
const struct fc__calling *fc__calling_find(const struct fc__target *target, const char *name);

/* As an argument: the hidden pointer of a result that is FC__PASSING_HIDDEN, which comes before all others. */
struct fc__passing fc__passing_of_pointer(const struct fc__target *target);

/* What is given away. */
struct fc__places {
    const struct fc__target *target;
    const struct fc__calling *calling;
    uint32_t integers, vectors; /* registers; where they are positional, all are `integers` */
    uint32_t in_vectors;        /* and bit n says that the n-th is a vector register */
    uint32_t skipped;           /* of `integers`, those in which nothing is */
    uint32_t stack_bytes;       /* a multiple of a word */
};
/* Nothing is yet. */
struct fc__places fc__places_of(const struct fc__target *target, const struct fc__calling *calling);
/* Nothing but stack words is left; */
void fc__places_use_registers(struct fc__places *places);
/* what a va_list leads to. */
struct fc__places fc__places_without_registers(const struct fc__target *target);

/* Of one argument. */
struct fc__place {
    enum fc__passing_kind kind; /* FC__PASSING_REGISTERS or _STACK: not always what the passing says */
    enum fc__class classes[2];  /* registers: as in the passing */
    uint32_t at[2];             /* registers: their numbers, in their class. Stack: at[0], bytes from the first word,
                                   and at[1], where it ends; if is_leftward from the other end */
};

/* False if the frame gets longer than FC__FRAME_WORDS_BYTES_MAX; `places` is then as before. */
bool fc__places_take(struct fc__places *places, const struct fc__passing *argument, struct fc__place *ret_place);
/* Once all are taken: what they are in bytes, and the frame's info (frame.h) of a call, and of a trampoline. */
uint32_t fc__places_bytes(const struct fc__places *places);
uint32_t fc__places_info(const struct fc__places *places, uint32_t frame_result, uint32_t flags);
uint32_t fc__places_trampoline_info(const struct fc__places *places, uint32_t info);
/* And where bytes 0-7 (`part` 0) or 8-15 (1) of an argument in registers lie, or the whole of one on
 * the stack (0), in bytes from the start of the frame's words. Not for a part whose class is FC__CLASS_NONE. */
uint32_t fc__places_offset(const struct fc__places *places, const struct fc__place *place, unsigned part);

#endif
