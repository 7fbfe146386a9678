/* abi: a page of trampolines, mapped again and again with data behind each copy: the host's, which the library
 * calls (src/host/upcall.c), and the caller's, which stand for functions of the library (src/client/thunk.c).
 *
 * Each takes 16 bytes, and finds its slot, 16 bytes of data, exactly one page behind itself: the entry below is the
 * address in it. What was passed is left where it is: the entry knows the convention.
 */
#include "abi/assembly.h"

#define PAGE 4096

#ifdef __ELF__
        .section .text.trampolines, "ax", @progbits
#else
        .section .text$trampolines, "xr"
#endif
        .balign PAGE, 0xcc
        VISIBLE SYMBOL(fc__frame_trampolines)
SYMBOL(fc__frame_trampolines):
        .rept   PAGE / 16
        .balign 16, 0xcc
#if defined(__x86_64__)
1:      leaq    1b + PAGE(%rip), %r11   /* the slot */
        jmp     *8(%r11)
#elif defined(__i386__)
        pushl   %eax                    /* an argument, perhaps */
        call    1f
1:      popl    %eax                    /* 6 bytes behind the trampoline */
        jmp     *(PAGE - 6 + 8)(%eax)
#endif
        .endr
        .balign PAGE, 0xcc

/* Calls  void fc__frame_caught(const struct fc__frame_slot *slot, struct fc__frame_registers *registers, const void *stack)
 * and gives back what that left in registers->results. Where they go is the entry's affair, not a question of each call:
 * there is one for each kind of result. */
#if defined(__x86_64__) && defined(__ELF__)
        .hidden fc__frame_caught
        .macro  ENTRY name, first, second, is_pair=0
        BEGIN   \name
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        subq    $144, %rsp
        movq    %rdi, (%rsp)
        movq    %rsi, 8(%rsp)
        movq    %rdx, 16(%rsp)
        movq    %rcx, 24(%rsp)
        movq    %r8, 32(%rsp)
        movq    %r9, 40(%rsp)
        movq    %xmm0, 48(%rsp)
        movq    %xmm1, 56(%rsp)
        movq    %xmm2, 64(%rsp)
        movq    %xmm3, 72(%rsp)
        movq    %xmm4, 80(%rsp)
        movq    %xmm5, 88(%rsp)
        movq    %xmm6, 96(%rsp)
        movq    %xmm7, 104(%rsp)
        movq    %r11, %rdi
        movq    %rsp, %rsi
        leaq    16(%rbp), %rdx
        call    fc__frame_caught
        .ifnb \first
        movq    112(%rsp), \first
        movq    120(%rsp), \second
        .else
        .if \is_pair
        fldt    128(%rsp)
        .endif
        fldt    112(%rsp)
        .endif
        leave
        .cfi_def_cfa rsp, 8
        ret
        END     \name
        .endm

        ENTRY   fc__frame_entry, %rax, %rdx
        ENTRY   fc__frame_entry_vector, %xmm0, %xmm1
        ENTRY   fc__frame_entry_integer_vector, %rax, %xmm0
        ENTRY   fc__frame_entry_vector_integer, %xmm0, %rax
        ENTRY   fc__frame_entry_x87
        ENTRY   fc__frame_entry_x87_pair, is_pair=1
#elif defined(__x86_64__)
/* Each of the first four words is in a register of one kind or the other: bits 27-30 of the slot's info know which. They
 * go where their function has room for them, in front of the stack words. */
        .macro  TAKE number, integer, vector
        movq    \integer, 32 + 8 * \number(%rsp)
        testl   $(1 << (27 + \number)), 4(%r11)
        jz      1f
        movq    \vector, 32 + 8 * \number(%rsp)
1:
        .endm

        .macro  ENTRY name, result
        BEGIN   \name
        subq    $184, %rsp              /* 32 bytes for whom it calls, the registers, and what aligns it */
        .seh_stackalloc 184
        .seh_endprologue
        TAKE    0, %rcx, %xmm0
        TAKE    1, %rdx, %xmm1
        TAKE    2, %r8, %xmm2
        TAKE    3, %r9, %xmm3
        movq    %r11, %rcx
        leaq    32(%rsp), %rdx
        leaq    224(%rsp), %r8          /* behind the return address and the room for what is in registers */
        call    fc__frame_caught
        movq    144(%rsp), \result
        addq    $184, %rsp
        ret
        END     \name
        .endm

        ENTRY   fc__frame_entry, %rax
        ENTRY   fc__frame_entry_vector, %xmm0
#elif defined(__i386__)
#ifdef __ELF__
        .hidden fc__frame_caught
#endif
        .macro  ENTRY name, is_x87=0
        BEGIN   \name
        .cfi_def_cfa_offset 8           /* the trampoline pushed eax */
        pushl   %ebp
        .cfi_def_cfa_offset 12
        .cfi_offset ebp, -12
        movl    %esp, %ebp
        .cfi_def_cfa_register ebp
        leal    (PAGE - 6)(%eax), %eax  /* the slot */
        subl    $168, %esp
        andl    $-16, %esp
        movl    %edx, 20(%esp)
        movl    %ecx, 24(%esp)
        testl   $0x8000, 4(%eax)
        jz      1f
        movl    4(%ebp), %ecx           /* Delphi's: eax, edx, ecx */
1:      movl    %ecx, 16(%esp)
        leal    16(%esp), %edx          /* registers */
        leal    12(%ebp), %ecx          /* the arguments on the stack */
        movl    %eax, 160(%esp)
        movl    %eax, (%esp)
        movl    %edx, 4(%esp)
        movl    %ecx, 8(%esp)
        call    SYMBOL(fc__frame_caught)
        movl    160(%esp), %ecx         /* the slot */
        movl    12(%ecx), %ecx          /* bytes to pop */
        .if \is_x87
        fldt    (16 + 112)(%esp)
        .else
        movl    (16 + 112)(%esp), %eax
        movl    (16 + 116)(%esp), %edx
        .endif
        leal    8(%ebp,%ecx), %ecx      /* the return address goes there, in front of what is not popped */
        pushl   8(%ebp)
        popl    (%ecx)
        movl    (%ebp), %ebp
        .cfi_restore ebp
        .cfi_def_cfa ecx, 4
        movl    %ecx, %esp
        .cfi_def_cfa esp, 4
        ret
        END     \name
        .endm

        ENTRY   fc__frame_entry
        ENTRY   fc__frame_entry_x87, is_x87=1
#endif

/* Which of them, by the result's class. */
#ifdef __ELF__
        .section .data.rel.ro, "aw", @progbits
#else
        .section .rdata, "dr"
#endif
        .balign 8
        VISIBLE SYMBOL(fc__frame_entries)
SYMBOL(fc__frame_entries):
#if defined(__x86_64__) && defined(__ELF__)
        .quad   fc__frame_entry, fc__frame_entry, fc__frame_entry_x87, fc__frame_entry_vector, fc__frame_entry_integer_vector, fc__frame_entry_vector_integer, fc__frame_entry_x87_pair, 0
#elif defined(__x86_64__)
        .quad   fc__frame_entry, fc__frame_entry, 0, fc__frame_entry_vector, 0, 0, 0, 0
#elif defined(__i386__)
        .long   fc__frame_entry, fc__frame_entry, fc__frame_entry_x87, 0, 0, 0, 0, 0
#endif
