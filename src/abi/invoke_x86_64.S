/* abi: executes one frame, System V x86-64 psABI, section 3.2 "Function Calling Sequence".
 *
 * void fc__frame_invoke(const void *line, uint32_t info, uint64_t results[4])
 *     words at line + 16: integer registers, vector registers, stack; target at line + 8.
 */
#include "abi/assembly.h"

#if defined(__x86_64__) && defined(__ELF__)
        BEGIN   fc__frame_invoke
        testl   $0xef0fff, %esi
        jnz     7f
        pushq   %rbx                    /* mostly: integer registers, and a result there or none */
        .cfi_def_cfa_offset 16
        .cfi_offset rbx, -16
        movq    %rdx, %rbx              /* results */
        movq    %rdi, %r10              /* line */
        movq    16(%r10), %rdi          /* reading past the words used stays within the channel */
        movq    24(%r10), %rsi
        movq    32(%r10), %rdx
        movq    40(%r10), %rcx
        movq    48(%r10), %r8
        movq    56(%r10), %r9
        xorl    %eax, %eax
        call    *8(%r10)
        movq    %rax, (%rbx)
        movq    %rdx, 8(%rbx)
        cld
        popq    %rbx
        .cfi_def_cfa_offset 8
        .cfi_restore rbx
        ret
7:      pushq   %rbp                    /* everything else */
        .cfi_def_cfa_offset 16
        .cfi_offset rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        pushq   %rbx
        .cfi_offset rbx, -24
        pushq   %r12
        .cfi_offset r12, -32
        pushq   %r13
        .cfi_offset r13, -40
        subq    $8, %rsp                /* 16-byte aligned */
        movq    %rdx, %r13              /* results */
        movq    %rdi, %rbx              /* line */
        movl    %esi, %r12d             /* info */
        movl    %esi, %ecx
        andl    $0xfff, %ecx            /* stack words */
        movl    %esi, %r10d
        shrl    $12, %r10d
        andl    $15, %r10d              /* integer registers */
        movl    %esi, %eax
        shrl    $16, %eax
        andl    $15, %eax               /* vector registers; al, as a variadic function expects */
        leaq    16(%rbx,%r10,8), %r11   /* vector words */
        testl   %ecx, %ecx
        jz      2f
        leaq    0(,%rcx,8), %rdx
        subq    %rdx, %rsp
        andq    $-64, %rsp              /* FC__PASSING_ALIGNMENT_MAX */
        leaq    (%r11,%rax,8), %rdx     /* stack words */
1:      movq    -8(%rdx,%rcx,8), %rdi
        movq    %rdi, -8(%rsp,%rcx,8)
        decl    %ecx
        jnz     1b
2:      testl   %eax, %eax
        jz      3f
        movq    (%r11), %xmm0
        movq    8(%r11), %xmm1
        movq    16(%r11), %xmm2
        movq    24(%r11), %xmm3
        movq    32(%r11), %xmm4
        movq    40(%r11), %xmm5
        movq    48(%r11), %xmm6
        movq    56(%r11), %xmm7
3:      movq    16(%rbx), %rdi
        movq    24(%rbx), %rsi
        movq    32(%rbx), %rdx
        movq    40(%rbx), %rcx
        movq    48(%rbx), %r8
        movq    56(%rbx), %r9
        call    *8(%rbx)
        shrl    $20, %r12d
        andl    $15, %r12d
        cmpl    $2, %r12d
        jae     4f
        movq    %rax, (%r13)
        movq    %rdx, 8(%r13)
        jmp     6f
4:      ja      5f
        subq    $16, %rsp
        fstpt   (%rsp)
        movq    (%rsp), %rax
        movq    %rax, (%r13)
        movzwl  8(%rsp), %eax
        movq    %rax, 8(%r13)
        jmp     6f
7:      subq    $32, %rsp               /* 6: st0, st1 */
        fstpt   (%rsp)
        fstpt   16(%rsp)
        movq    (%rsp), %rax
        movq    %rax, (%r13)
        movzwl  8(%rsp), %eax
        movq    %rax, 8(%r13)
        movq    16(%rsp), %rax
        movq    %rax, 16(%r13)
        movzwl  24(%rsp), %eax
        movq    %rax, 24(%r13)
        jmp     6f
5:      cmpl    $6, %r12d
        je      7b
        movq    %xmm0, (%r13)
        movq    %xmm1, 8(%r13)
        cmpl    $4, %r12d
        jb      6f
        movq    %rax, 8(%r13)           /* 5: xmm0, rax */
        ja      6f
        movq    %rax, (%r13)            /* 4: rax, xmm0 */
        movq    %xmm0, 8(%r13)
6:      cld
        leaq    -24(%rbp), %rsp
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        .cfi_def_cfa rsp, 8
        ret
        END     fc__frame_invoke
#endif
