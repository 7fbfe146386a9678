/* abi: the frame, one call at the level of the machine, as it lies in a channel.
 * Runs in: both processes (the one header of abi that the host includes).
 * Does not: know types. docs/protocol.md, "Frames", is normative.
 *
 * Argument words follow each other from FC__FRAME_WORDS_OFFSET of the line and run on into the next lines:
 *   i386              4-byte words: those in registers, if the convention has such, then the stack words in order.
 *   x86_64            8-byte words: the integer registers used (rdi rsi rdx rcx r8 r9), the vector registers used (the
 *                     low half of xmm0...), then the stack words.
 *   x86_64 (Windows)  8-byte words: the registers used, each that of its position (rcx or xmm0, rdx or xmm1, r8 or xmm2,
 *                     r9 or xmm3), which count as integer registers, then the stack words.
 * The line's `info` says how many of each: */
#ifndef FC_ABI_FRAME_H
#define FC_ABI_FRAME_H

#include <stdint.h>

#define FC__FRAME_WORDS_OFFSET 16u /* bytes from the start of the line */
#define FC__FRAME_LINE_BYTES 48u   /* of the words lie in the channel's first line */
#define FC__FRAME_ARGUMENTS_MAX 127u
#define FC__FRAME_WORDS_BYTES_MAX 4080u

/* info of a call: stack words in bits 0-11, integer registers in 12-14, vector registers in 16-19, result class in
 * 20-23, flags in the others. */
#define FC__FRAME_STACK(info) ((info)&0xfffu)
#define FC__FRAME_INTEGERS(info) (((info) >> 12) & 0x7u)
#define FC__FRAME_VECTORS(info) (((info) >> 16) & 0xfu)
#define FC__FRAME_RESULT(info) (((info) >> 20) & 0xfu)
#define FC__FRAME_INFO(stack, integers, vectors, result, flags)                                                        \
    ((uint32_t)(stack) | (uint32_t)(integers) << 12 | (uint32_t)(vectors) << 16 | (uint32_t)(result) << 20 |           \
     (uint32_t)(flags))

/* Flag, i386: the registers are eax, edx, ecx (Delphi's); without it, ecx and edx. */
#define FC__FRAME_FROM_EAX (1u << 15)

/* Where the answer lies in the line: result 0 over the target address, the others over words 0, 1 and 2. */
enum fc__frame_result {
    FC__FRAME_RESULT_NONE = 0,
    FC__FRAME_RESULT_INTEGER = 1,        /* result 0: eax with edx above it, or rax; result 1: rdx */
    FC__FRAME_RESULT_X87 = 2,            /* result 0: the mantissa of st0; result 1: its sign and exponent (16 bits) */
    FC__FRAME_RESULT_VECTOR = 3,         /* result 0: xmm0, low half; result 1: xmm1, low half */
    FC__FRAME_RESULT_INTEGER_VECTOR = 4, /* x86_64. Result 0: rax; result 1: xmm0, low half */
    FC__FRAME_RESULT_VECTOR_INTEGER = 5, /* x86_64. Result 0: xmm0, low half; result 1: rax */
    FC__FRAME_RESULT_X87_PAIR = 6,       /* x86_64. Results 0 and 1 as above; results 2 and 3 are the same of st1 */
};
#define FC__FRAME_RESULTS 4 /* at most; but of a pair of the x87 there are two */

/* Flag: the result is the address of a string; if it is not 0, copy the string with its NUL to FC__FRAME_GATHER_OFFSET
 * of the channel, as far as FC__FRAME_GATHER_BYTES goes, and put its length without the NUL into result 1. */
#define FC__FRAME_GATHER_STRING (1u << 24)
#define FC__FRAME_GATHER_OFFSET 2048u
#define FC__FRAME_GATHER_BYTES 2048u
/* Instead of the length of a string that lies in the host's heap, where the caller sees it: nothing was copied. */
#define FC__FRAME_GATHER_IN_PLACE UINT32_MAX

/* Flag of a call: data lies on the line, or behind it, where an upcall's frame and its answer are written to: the host puts
 * back what was there. */
#define FC__FRAME_HAS_DATA (1u << 25)

/* What a trampoline needs to know besides; a call is the same without. i386: the callee pops the first stack word, the
 * address of its result, or all of them. x86_64 (Windows): which of the registers are vector registers, a bit each. */
#define FC__FRAME_POPS_POINTER (1u << 25)
#define FC__FRAME_POPS_STACK (1u << 31)
#define FC__FRAME_IN_VECTORS(positions) ((uint32_t)(positions) << 27)
/* Flag of a trampoline: behind the words goes the address of the first stack word, since there may be more of them. */
#define FC__FRAME_TELLS_STACK (1u << 24)

/* Flag of a trampoline: what some of its pointers lead to comes with the frame, as the list says that the trampoline was
 * made with. From the next multiple of 8 behind the words on each of the list has its place, which is as large as it is,
 * rounded up to a multiple of 8; but strings, which come last, only as they are there. The bits of `value` from 40 on say
 * which did come: not NULL, nor what lies in the host's heap, nor what does not fit. */
#define FC__FRAME_GATHERS (1u << 26)
#define FC__FRAME_GATHERED_BYTES 256u /* at most, behind the words */
#define FC__FRAME_GATHERED(value) ((uint32_t)((value) >> 40))
#define FC__FRAME_GATHERED_VALUE(id, which) ((uint64_t)(id) | (uint64_t)(which) << 40)
#define FC__GATHERS_MAX 4u
#define FC__GATHER_TEXT UINT16_MAX
struct fc__gather {
    uint16_t offset;     /* of the pointer, in the frame's words, bytes */
    uint16_t size_bytes; /* 0: there are no more; FC__GATHER_TEXT: up to a NUL */
};
struct fc__gathers {
    struct fc__gather each[FC__GATHERS_MAX];
};
_Static_assert(sizeof(struct fc__gathers) == 16, "of TRAMPOLINE, words 1 and 2");

/* Flag: behind the words, from the next multiple of 8 on, lies the payload, what one argument points to. The callee is
 * given a copy in memory of its own. Stack words are then in bits 0-3 alone; the payload's size is in 4-11, in units of
 * 8 bytes; which word is to point to it in 27-30; and bit 31 says that it goes back to where it was, with the
 * answer. */
#define FC__FRAME_PAYLOAD (1u << 26)
#define FC__FRAME_PAYLOAD_RETURNS (1u << 31)
#define FC__FRAME_PAYLOAD_BYTES_MAX 512u
#define FC__FRAME_PAYLOAD_INFO(word, returns)                                                                          \
    (FC__FRAME_PAYLOAD | (uint32_t)(word) << 27 | ((returns) ? FC__FRAME_PAYLOAD_RETURNS : 0u))
#define FC__FRAME_PAYLOAD_SIZE(units) ((uint32_t)(units) << 4)
#define FC__FRAME_PAYLOAD_UNITS(info) (((info) >> 4) & 0xffu)
#define FC__FRAME_PAYLOAD_WORD(info) (((info) >> 27) & 0xfu)
#define FC__FRAME_WITHOUT_PAYLOAD(info) ((info) & ~(FC__FRAME_PAYLOAD_SIZE(0xff) | FC__FRAME_PAYLOAD_INFO(0xf, 1)))

/* invoke_*.S: executes a frame of this process's own convention: the words at `line` + FC__FRAME_WORDS_OFFSET, the
 * function's address at `line` + 8. */
#define FC__FRAME_TARGET_OFFSET 8u
void fc__frame_invoke(const void *line, uint32_t info, uint64_t results[FC__FRAME_RESULTS]);

/* trampoline.S: functions of this process's own convention, in a page that is mapped as often as needed. Of each its
 * data, one page behind it; the assembly knows the offsets. */
struct fc__frame_slot {
    uint32_t id, info;
    uintptr_t entry;
#ifdef __i386__
    uint32_t popped_bytes;
#endif
};
_Static_assert(sizeof(struct fc__frame_slot) == 16, "the size of a trampoline");
extern const unsigned char fc__frame_trampolines[];

/* What a function may find in registers, and leaves there. i386: the integers are 4-byte words, one after the other. */
struct fc__frame_registers {
    uint64_t integers[6], vectors[8], results[FC__FRAME_RESULTS];
};
_Static_assert(sizeof(struct fc__frame_registers) == 144, "see trampoline.S");
/* Each program's own: somebody called a trampoline. `stack`: the first stack word. */
void fc__frame_caught(const struct fc__frame_slot *slot, struct fc__frame_registers *registers, const void *stack);

/* What a slot's entry may be, by where the result of its function goes. */
extern const uintptr_t fc__frame_entries[8];
static inline void fc__frame_slot_set(struct fc__frame_slot *slot, uint32_t info) {
    slot->info = info;
    slot->entry = fc__frame_entries[FC__FRAME_RESULT(info) & 7];
#ifdef __i386__
    const uint32_t popped =
        (info & FC__FRAME_POPS_STACK) != 0 ? FC__FRAME_STACK(info) : (info & FC__FRAME_POPS_POINTER) != 0;
    slot->popped_bytes = popped * 4;
#endif
}

#endif
