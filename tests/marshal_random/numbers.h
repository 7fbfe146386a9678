/* tests: the numbers of generated structs and functions, and nothing but declarations: libfarcall reads this, too. */
#ifndef FC_TESTS_MARSHAL_RANDOM_NUMBERS_H
#define FC_TESTS_MARSHAL_RANDOM_NUMBERS_H

#include "conformance/sal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum colour { COLOUR_LOW = -3, COLOUR_NONE, COLOUR_HIGH = 70000 };
enum shade { SHADE_0, SHADE_1, SHADE_2, SHADE_3 };
typedef long span_t;

/* Name, type, a random value out of 64 random `bits`, and what a function makes of a `value`. Both fit the type of
 * either side. */
#define EACH_NUMBER(INTEGER, REAL)                                                                                     \
    INTEGER(char, char, bits, value * 5 + 3)                                                                           \
    INTEGER(schar, signed char, bits, value * 5 + 3)                                                                   \
    INTEGER(uchar, unsigned char, bits, value * 5 + 3)                                                                 \
    INTEGER(short, short, bits, value * 5 + 3)                                                                         \
    INTEGER(ushort, unsigned short, bits, value * 5 + 3)                                                               \
    INTEGER(int, int, bits, (unsigned)value * 5 + 3)                                                                   \
    INTEGER(unsigned, unsigned, bits, value * 5 + 3)                                                                   \
    INTEGER(long, long, (int)bits, (int)((unsigned)value * 5 + 3))                                                     \
    INTEGER(ulong, unsigned long, (unsigned)bits, (unsigned)value * 5 + 3)                                             \
    INTEGER(llong, long long, bits, (unsigned long long)value * 5 + 3)                                                 \
    INTEGER(ullong, unsigned long long, bits, value * 5 + 3)                                                           \
    INTEGER(truth, bool, bits % 2, !value)                                                                             \
    INTEGER(colour, enum colour, bits % 2 ? COLOUR_LOW : COLOUR_HIGH,                                                  \
            value == COLOUR_NONE ? COLOUR_HIGH : (value == COLOUR_LOW ? COLOUR_NONE : COLOUR_LOW))                     \
    INTEGER(shade, enum shade, bits % 4, (value + 1) % 4)                                                              \
    INTEGER(wchar_t, wchar_t, bits, (unsigned)value * 5 + 3)                                                           \
    INTEGER(size_t, size_t, bits & 0x7fffffff, (value * 5 + 3) & 0x7fffffff)                                           \
    INTEGER(ptrdiff_t, ptrdiff_t, (int)bits, (int)((unsigned)value * 5 + 3))                                           \
    INTEGER(int64_t, int64_t, bits, (unsigned long long)value * 5 + 3)                                                 \
    INTEGER(span_t, span_t, (int)bits, (int)((unsigned)value * 5 + 3))                                                 \
    REAL(float, float, (int)(bits % 4096) / 8.0f - 99)                                                                 \
    REAL(double, double, (int)bits / 8.0)                                                                              \
    REAL(ldouble, long double, (int)bits / 8.0L)

#endif
