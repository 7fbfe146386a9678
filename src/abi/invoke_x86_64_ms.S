/* abi: executes one frame, Microsoft, "x64 calling convention".
 *
 * void fc__frame_invoke(const void *line, uint32_t info, uint64_t results[4])
 *     words at line + 16: those of rcx rdx r8 r9 and of xmm0-xmm3 alike, stack; target at line + 8.
 */
#include "abi/assembly.h"

#if defined(__x86_64__) && !defined(__ELF__)
        BEGIN   SYMBOL(fc__frame_invoke)
        pushq   %rbp
        .seh_pushreg %rbp
        pushq   %rbx
        .seh_pushreg %rbx
        pushq   %rsi
        .seh_pushreg %rsi
        movq    %rsp, %rbp
        .seh_setframe %rbp, 0
        .seh_endprologue
        movl    %edx, %ebx              /* info */
        movq    %r8, %rsi               /* results */
        movq    %rcx, %r10              /* line */
        movl    %edx, %ecx
        andl    $0xfff, %ecx            /* stack words; first, as rsp is 16-byte aligned here */
        jz      2f
        shrl    $12, %edx
        andl    $7, %edx                /* words in registers */
        leaq    16(%r10,%rdx,8), %rdx   /* stack words */
        leaq    0(,%rcx,8), %rax
        subq    %rax, %rsp
        andq    $-16, %rsp
1:      movq    -8(%rdx,%rcx,8), %rax
        movq    %rax, -8(%rsp,%rcx,8)
        decl    %ecx
        jnz     1b
2:      subq    $32, %rsp               /* the callee's, for what is in registers */
        movq    16(%r10), %rcx          /* reading past the words used stays within the channel */
        movq    24(%r10), %rdx
        movq    32(%r10), %r8
        movq    40(%r10), %r9
        movq    %rcx, %xmm0             /* which of the two it is, the callee knows; a variadic one looks at both */
        movq    %rdx, %xmm1
        movq    %r8, %xmm2
        movq    %r9, %xmm3
        call    *8(%r10)
        andl    $0xf00000, %ebx
        cmpl    $(3 << 20), %ebx
        je      3f
        movq    %rax, (%rsi)
        jmp     4f
3:      movq    %xmm0, (%rsi)
4:      cld
        leaq    0(%rbp), %rsp
        popq    %rsi
        popq    %rbx
        popq    %rbp
        ret
        END     SYMBOL(fc__frame_invoke)
#endif
