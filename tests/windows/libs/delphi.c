/* Functions as Delphi and C++Builder compile them by default ("register", Borland's `__fastcall`), after their manual:
 * arguments of 4 bytes and less that are no reals in eax, edx and ecx, the others pushed from left to right, and taken
 * off by the function. No compiler here makes them, so each goes through a few instructions to one of C. */
#ifdef __i386__

#ifdef _WIN32
#define SYMBOL(name) "_" #name
#define EXPORTED(name) ".section .drectve\n .ascii \" -export:" #name "\"\n .text\n"
#else
#define SYMBOL(name) #name
#define EXPORTED(name) ".type " #name ", @function\n"
#endif
#define FUNCTION(name, text)                                                                                           \
    __asm__(".text\n" EXPORTED(name) ".globl " SYMBOL(name) "\n" SYMBOL(name) ":\n" text ".text\n")
#define PUSH(offset) "pushl " #offset "(%ebp)\n"
#define ENTER "pushl %ebp\n movl %esp, %ebp\n"

/* a eax, b edx, c ecx; on the stack d, e, f, g, of which g is the nearest. */
static double weigh(int a, short b, signed char c, int d, long long e, double f, float g) __asm__("weigh");
__attribute__((used)) static double weigh(int a, short b, signed char c, int d, long long e, double f, float g) {
    return a + 2 * b + 4 * c + 8 * d + 16 * (double)e + 32 * f + 64 * (double)g;
}
FUNCTION(Weigh, ENTER PUSH(8) PUSH(16) PUSH(12) PUSH(24) PUSH(20) PUSH(28) "pushl %ecx\n movsbl (%esp), %ecx\n"
                                                                           " movl %ecx, (%esp)\n movswl %dx, %edx\n"
                                                                           " pushl %edx\n pushl %eax\n call weigh\n"
                                                                           " leave\n ret $24\n");

/* x and y on the stack, though they come first; count eax, step edx. */
static long long mix(float x, long long y, unsigned char count, int step) __asm__("mix");
__attribute__((used)) static long long mix(float x, long long y, unsigned char count, int step) {
    return y + count * step + (long long)x;
}
FUNCTION(Mix, ENTER "pushl %edx\n movzbl %al, %eax\n pushl %eax\n" PUSH(12) PUSH(8) PUSH(16) "call mix\n leave\n"
                                                                                             " ret $12\n");

/* cdecl itself: visit(1, 2, 3, number, 5) with 1 to 3 in registers, and what it says; 0 if it left the stack wrong. */
FUNCTION(Visit, ENTER "pushl %esi\n movl %esp, %esi\n pushl 8(%ebp)\n pushl $5\n movl $1, %eax\n movl $2, %edx\n"
                      " movl $3, %ecx\n call *12(%ebp)\n cmpl %esp, %esi\n je 1f\n xorl %eax, %eax\n"
                      "1: movl %esi, %esp\n popl %esi\n popl %ebp\n ret\n");

/* The length of a text, in eax. */
FUNCTION(Length, "movl %eax, %edx\n xorl %eax, %eax\n1: cmpb $0, (%edx)\n je 2f\n incl %edx\n incl %eax\n jmp 1b\n"
                 "2: ret\n");

#else
__attribute__((visibility("default"))) int none_here;
#endif
