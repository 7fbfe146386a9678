/* abi: executes one frame, System V i386 psABI, section 2.2 "Function Calling Sequence" (cdecl).
 *
 * void fc__frame_invoke(const void *line, uint32_t info, uint64_t results[4])
 *     words at line + 16; target at line + 8.
 */
#if defined(__i386__)
        .text
        .globl  fc__frame_invoke
        .hidden fc__frame_invoke
        .type   fc__frame_invoke, @function
        .p2align 4
fc__frame_invoke:
        .cfi_startproc
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
        andl    $0xfff, %ecx            /* stack words */
        leal    0(,%ecx,4), %eax
        subl    %eax, %esp
        andl    $-64, %esp              /* of the first argument word at the call: FC__PASSING_ALIGNMENT_MAX */
        testl   %ecx, %ecx
        jz      2f
1:      movl    12(%ebx,%ecx,4), %eax   /* word n - 1 lies at line + 16 + 4 (n - 1) */
        movl    %eax, -4(%esp,%ecx,4)
        decl    %ecx
        jnz     1b
2:      call    *8(%ebx)                /* which may pop the address of its result */
        movl    12(%ebp), %ecx
        movl    16(%ebp), %ebx          /* results */
        shrl    $20, %ecx
        andl    $15, %ecx
        cmpl    $2, %ecx
        je      3f
        movl    %eax, (%ebx)
        movl    %edx, 4(%ebx)
        jmp     4f
3:      subl    $16, %esp
        fstpt   (%esp)
        movl    (%esp), %eax
        movl    %eax, (%ebx)
        movl    4(%esp), %eax
        movl    %eax, 4(%ebx)
        movzwl  8(%esp), %eax
        movl    %eax, 8(%ebx)
        movl    $0, 12(%ebx)
4:      cld
        leal    -8(%ebp), %esp
        popl    %esi
        popl    %ebx
        popl    %ebp
        .cfi_def_cfa esp, 4
        ret
        .cfi_endproc
        .size   fc__frame_invoke, .-fc__frame_invoke
#endif
        .section .note.GNU-stack,"",@progbits
