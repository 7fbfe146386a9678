/* abi: executes one frame, i386: System V psABI, section 2.2 "Function Calling Sequence" (cdecl), and Microsoft,
 * "Argument Passing and Naming Conventions".
 *
 * void fc__frame_invoke(const void *line, uint32_t info, uint64_t results[4])
 *     words at line + 16: registers, stack; target at line + 8.
 */
#include "abi/assembly.h"

#if defined(__i386__)
        BEGIN   SYMBOL(fc__frame_invoke)
        pushl   %ebp
        .cfi_def_cfa_offset 8
        .cfi_offset ebp, -8
        movl    %esp, %ebp
        .cfi_def_cfa_register ebp
        pushl   %ebx
        .cfi_offset ebx, -12
        pushl   %esi
        .cfi_offset esi, -16
        movl    8(%ebp), %ebx           /* line */
        movl    12(%ebp), %ecx
        movl    %ecx, %esi
        shrl    $12, %esi
        andl    $7, %esi                /* words in registers */
        leal    16(%ebx,%esi,4), %esi   /* stack words */
        andl    $0xfff, %ecx
        leal    0(,%ecx,4), %eax
        subl    %eax, %esp
        andl    $-64, %esp              /* of the first argument word at the call: FC__PASSING_ALIGNMENT_MAX */
        testl   %ecx, %ecx
        jz      2f
1:      movl    -4(%esi,%ecx,4), %eax
        movl    %eax, -4(%esp,%ecx,4)
        decl    %ecx
        jnz     1b
2:      movl    16(%ebx), %ecx          /* where nothing is in registers, it does not matter what they hold */
        movl    20(%ebx), %edx
        testl   $0x8000, 12(%ebp)
        jz      3f
        movl    %ecx, %eax              /* Delphi's: eax, edx, ecx */
        movl    24(%ebx), %ecx
3:      call    *8(%ebx)                /* which may pop some of its arguments, or all */
        movl    12(%ebp), %ecx
        movl    16(%ebp), %ebx          /* results */
        shrl    $20, %ecx
        andl    $15, %ecx
        cmpl    $2, %ecx
        je      4f
        movl    %eax, (%ebx)
        movl    %edx, 4(%ebx)
        jmp     5f
4:      subl    $16, %esp
        fstpt   (%esp)
        movl    (%esp), %eax
        movl    %eax, (%ebx)
        movl    4(%esp), %eax
        movl    %eax, 4(%ebx)
        movzwl  8(%esp), %eax
        movl    %eax, 8(%ebx)
        movl    $0, 12(%ebx)
5:      cld
        leal    -8(%ebp), %esp
        popl    %esi
        popl    %ebx
        popl    %ebp
        .cfi_def_cfa esp, 4
        ret
        END     SYMBOL(fc__frame_invoke)
#endif
