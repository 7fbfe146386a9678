/* abi: what ELF and PE want said differently in assembly, and only there.
 *
 * In ELF, names are as in C and hidden. In PE, i386's have an underscore before them; and on x86_64 whoever unwinds
 * the stack there, be it for an exception that nobody handles, must know of each function that has a frame. */
/* clang-format off */
#ifndef FC_ABI_ASSEMBLY_H
#define FC_ABI_ASSEMBLY_H

#define FC__JOIN_EXPANDED(a, b) a##b
#define FC__JOIN(a, b) FC__JOIN_EXPANDED(a, b)
#define SYMBOL(name) FC__JOIN(__USER_LABEL_PREFIX__, name)

        .macro  VISIBLE name
        .globl  \name
#ifdef __ELF__
        .hidden \name
#endif
        .endm

        .macro  BEGIN name
        .text
        VISIBLE \name
        .p2align 4
#ifdef __ELF__
        .type   \name, @function
#endif
\name:
#if defined(__ELF__) || defined(__i386__)
        .cfi_startproc
#else
        .seh_proc \name
#endif
        .endm

        .macro  END name
#if defined(__ELF__) || defined(__i386__)
        .cfi_endproc
#else
        .seh_endproc
#endif
#ifdef __ELF__
        .size   \name, .-\name
#endif
        .endm

#ifdef __ELF__
        .section .note.GNU-stack,"",@progbits
#endif
#endif
