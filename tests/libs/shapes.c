/* Functions of many argument lists (shapes.h), built as they are and without optimisation (shapes_o0.c). */
#include "shapes.h"

#include <stdarg.h>
#include <stddef.h>

#define SHAPE(name, ...)                                                                                               \
    unsigned long long shape_##name(SHAPES_FOR_EACH(SHAPES_PARAMETER, SHAPES_COMMA, __VA_ARGS__)) {                    \
        uint64_t sum = 0;                                                                                              \
        SHAPES_FOR_EACH(SHAPES_MIX, SHAPES_COMMA, __VA_ARGS__);                                                        \
        return sum;                                                                                                    \
    }
SHAPES(SHAPE)

#define SHAPE_127(name, type)                                                                                          \
    unsigned long long shape_127_##name(SHAPES_127(SHAPES_127_PARAMETER, type)) {                                      \
        uint64_t sum = 0;                                                                                              \
        SHAPES_127(SHAPES_127_MIX, type);                                                                              \
        return sum;                                                                                                    \
    }
SHAPE_127(int, int)
SHAPE_127(long, long)
SHAPE_127(llong, long long)
SHAPE_127(float, float)
SHAPE_127(double, double)

unsigned long long shape_none(void) {
    return 42;
}

/* Any list of what a variadic function can take; declared by the tests with the parameters that `pattern` says. */
unsigned long long shape_any(const char *pattern, ...) {
    uint64_t sum = 0;
    va_list list;
    va_start(list, pattern);
    for (; *pattern != '\0'; pattern++) {
        switch (*pattern) {
        case 'i':
            sum = shapes_mix(sum, shapes_bits_of_integer(va_arg(list, int)));
            break;
        case 'u':
            sum = shapes_mix(sum, shapes_bits_of_integer(va_arg(list, unsigned)));
            break;
        case 'n':
            sum = shapes_mix(sum, shapes_bits_of_integer(va_arg(list, long)));
            break;
        case 'L':
            sum = shapes_mix(sum, shapes_bits_of_integer(va_arg(list, long long)));
            break;
        default:
            sum = shapes_mix(sum, shapes_bits_of_double(va_arg(list, double)));
        }
    }
    va_end(list);
    return sum;
}

/* -- the stack ----------------------------------------------------------------------------------------------------- */

/* The stack pointer on entry, whatever the parameters. */
__asm__(".text\n"
        ".globl stack_on_entry\n"
        ".type stack_on_entry, @function\n"
        "stack_on_entry:\n"
#if defined(__x86_64__)
        "movq %rsp, %rax\n"
#else
        "movl %esp, %eax\n"
        "xorl %edx, %edx\n"
#endif
        "ret\n"
        ".size stack_on_entry, .-stack_on_entry\n");

/* Stores and loads that fault at a misaligned address. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define ALIGNED(name, ...)                                                                                             \
    __attribute__((noinline, target("sse2"))) int aligned_##name(__VA_ARGS__) {                                        \
        _Alignas(16) volatile unsigned char local[32];                                                                 \
        __asm__ volatile("movaps %%xmm0, (%0)\n movaps (%0), %%xmm0\n movaps %%xmm0, 16(%0)"                           \
                         :                                                                                             \
                         : "r"(local)                                                                                  \
                         : "memory");                                                                                  \
        return (int)((uintptr_t)local % 16);                                                                           \
    }
ALIGNED(0, void)
ALIGNED(1, int a)
ALIGNED(2, int a, double b)
ALIGNED(3, long long a, int b, float c)
ALIGNED(9, int a, int b, int c, int d, int e, int f, int g, int h, int i)
ALIGNED(10, double a, double b, double c, double d, double e, double f, double g, double h, double i, double j)
