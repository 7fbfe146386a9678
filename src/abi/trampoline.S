/* abi: a page of trampolines, mapped again and again with a page of data behind each copy: the host's, which the library
 * calls (src/host/upcall.c), and the caller's, which stand for functions of the library (src/client/thunk.c).
 *
 * Each takes 16 bytes, and finds its slot, 16 bytes of data, exactly one page behind itself: the entry below is the
 * address in it. What was passed is left where it is: the entry knows the convention.
 */
#define PAGE 4096

        .hidden fc__frame_caught

        .section .text.trampolines, "ax", @progbits
        .balign PAGE, 0xcc
        .globl  fc__frame_trampolines
        .hidden fc__frame_trampolines
fc__frame_trampolines:
        .rept   PAGE / 16
        .balign 16, 0xcc
#if defined(__x86_64__)
1:      leaq    1b + PAGE(%rip), %r11   /* the slot */
        jmp     *8(%r11)
#elif defined(__i386__)
        call    1f
1:      popl    %eax                    /* 5 bytes behind the trampoline */
        jmp     *(PAGE - 5 + 8)(%eax)
#endif
        .endr
        .balign PAGE, 0xcc

/* Calls  void fc__frame_caught(const struct fc__frame_slot *slot, struct fc__frame_registers *registers, const void *stack)
 * and gives back what that left in registers->results. Where they go is the entry's affair, not a question of each call:
 * there is one for each kind of result. */
#if defined(__x86_64__)
        .macro  ENTRY name, first, second, is_pair=0
        .text
        .globl  \name
        .hidden \name
        .type   \name, @function
        .p2align 4
\name:
        .cfi_startproc
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
        .cfi_endproc
        .size   \name, .-\name
        .endm

        ENTRY   fc__frame_entry, %rax, %rdx
        ENTRY   fc__frame_entry_vector, %xmm0, %xmm1
        ENTRY   fc__frame_entry_integer_vector, %rax, %xmm0
        ENTRY   fc__frame_entry_vector_integer, %xmm0, %rax
        ENTRY   fc__frame_entry_x87
        ENTRY   fc__frame_entry_x87_pair, is_pair=1
#elif defined(__i386__)
        .macro  ENTRY name, popped=0, is_x87=0
        .text
        .globl  \name
        .hidden \name
        .type   \name, @function
        .p2align 4
\name:
        .cfi_startproc
        pushl   %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset ebp, -8
        movl    %esp, %ebp
        .cfi_def_cfa_register ebp
        leal    (PAGE - 5)(%eax), %eax  /* the slot */
        subl    $168, %esp
        andl    $-16, %esp
        leal    16(%esp), %edx          /* registers */
        leal    8(%ebp), %ecx           /* the arguments */
        movl    %eax, (%esp)
        movl    %edx, 4(%esp)
        movl    %ecx, 8(%esp)
        call    fc__frame_caught
        .if \is_x87
        fldt    (16 + 112)(%esp)
        .else
        movl    (16 + 112)(%esp), %eax
        movl    (16 + 116)(%esp), %edx
        .endif
        leave
        .cfi_def_cfa esp, 4
        .if \popped
        ret     $\popped
        .else
        ret
        .endif
        .cfi_endproc
        .size   \name, .-\name
        .endm

        ENTRY   fc__frame_entry
        ENTRY   fc__frame_entry_x87, is_x87=1
        ENTRY   fc__frame_entry_pops, popped=4
#endif
        .section .note.GNU-stack,"",@progbits
