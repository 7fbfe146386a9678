/* host: a page of trampolines, mapped again and again with a page of data behind each copy (src/host/upcall.c).
 *
 * Each takes 16 bytes, and finds its slot, 16 bytes of data, exactly one page behind itself: the entry below is the
 * address in it. What the library passed is left where it is: the entry knows the convention.
 */
#define PAGE 4096

        .section .text.trampolines, "ax", @progbits
        .balign PAGE, 0xcc
        .globl  fc__host_trampolines
        .hidden fc__host_trampolines
fc__host_trampolines:
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

        .text
        .globl  fc__host_upcall_entry
        .hidden fc__host_upcall_entry
        .type   fc__host_upcall_entry, @function
        .p2align 4
/* Calls  uint32_t fc__host_upcall(const struct fc__host_slot *slot, struct fc__host_registers *registers,
 *                                 const void *stack)
 * which returns the result's class, and gives back what it left in registers->results. */
fc__host_upcall_entry:
        .cfi_startproc
#if defined(__x86_64__)
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        subq    $128, %rsp
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
        call    fc__host_upcall
        movq    112(%rsp), %rax
        movq    120(%rsp), %rdx
        movq    112(%rsp), %xmm0
        movq    120(%rsp), %xmm1
        leave
        .cfi_def_cfa rsp, 8
        ret
#elif defined(__i386__)
        pushl   %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset ebp, -8
        movl    %esp, %ebp
        .cfi_def_cfa_register ebp
        leal    (PAGE - 5)(%eax), %eax  /* the slot */
        subl    $152, %esp
        andl    $-16, %esp
        leal    16(%esp), %edx          /* registers */
        leal    8(%ebp), %ecx           /* the library's arguments */
        movl    %eax, (%esp)
        movl    %edx, 4(%esp)
        movl    %ecx, 8(%esp)
        call    fc__host_upcall
        cmpl    $2, %eax
        je      1f
        movl    (16 + 112)(%esp), %eax
        movl    (16 + 116)(%esp), %edx
        jmp     2f
1:      fldt    (16 + 112)(%esp)
2:      leave
        .cfi_def_cfa esp, 4
        ret
#endif
        .cfi_endproc
        .size   fc__host_upcall_entry, .-fc__host_upcall_entry
        .section .note.GNU-stack,"",@progbits
