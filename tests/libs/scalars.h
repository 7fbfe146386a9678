/* The scalar types that a prototype can name: X(name, type). `name` is part of function names in basic.c and
 * buffers.c. */
#ifndef FC_TESTS_LIBS_SCALARS_H
#define FC_TESTS_LIBS_SCALARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCALARS_INTEGERS(X)                                                                                            \
    X(char, char)                                                                                                      \
    X(schar, signed char)                                                                                              \
    X(uchar, unsigned char)                                                                                            \
    X(short, short)                                                                                                    \
    X(ushort, unsigned short)                                                                                          \
    X(int, int)                                                                                                        \
    X(uint, unsigned int)                                                                                              \
    X(long, long)                                                                                                      \
    X(ulong, unsigned long)                                                                                            \
    X(llong, long long)                                                                                                \
    X(ullong, unsigned long long)                                                                                      \
    X(int8, int8_t)                                                                                                    \
    X(uint8, uint8_t)                                                                                                  \
    X(int16, int16_t)                                                                                                  \
    X(uint16, uint16_t)                                                                                                \
    X(int32, int32_t)                                                                                                  \
    X(uint32, uint32_t)                                                                                                \
    X(int64, int64_t)                                                                                                  \
    X(uint64, uint64_t)                                                                                                \
    X(size, size_t)                                                                                                    \
    X(ssize, ssize_t)                                                                                                  \
    X(ptrdiff, ptrdiff_t)                                                                                              \
    X(intptr, intptr_t)                                                                                                \
    X(uintptr, uintptr_t)

#define SCALARS_FLOATS(X)                                                                                              \
    X(float, float)                                                                                                    \
    X(double, double)

#endif
