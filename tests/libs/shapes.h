/* Argument lists of many shapes, for the library that is called and for the test that calls it.
 *     SHAPE(name, type, ...) is the function `unsigned long long name(type, ...)`, which returns a checksum of its
 * arguments. The lists are those where calling conventions differ: integers and floats in any order, more of each than
 * there are registers, 8-byte values at odd places of a 4-byte stack, narrow types. */
#ifndef FC_TESTS_LIBS_SHAPES_H
#define FC_TESTS_LIBS_SHAPES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SHAPES(SHAPE)                                                                                                  \
    SHAPE(i, int)                                                                                                      \
    SHAPE(ii, int, int)                                                                                                \
    SHAPE(i6, int, int, int, int, int, int)                                                                            \
    SHAPE(i7, int, int, int, int, int, int, int)                                                                       \
    SHAPE(i8, int, int, int, int, int, int, int, int)                                                                  \
    SHAPE(i24, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int,     \
          int, int, int, int)                                                                                          \
    SHAPE(L, long long)                                                                                                \
    SHAPE(iL, int, long long)                                                                                          \
    SHAPE(Li, long long, int)                                                                                          \
    SHAPE(iLiL, int, long long, int, long long)                                                                        \
    SHAPE(L7, long long, long long, long long, long long, long long, long long, long long)                             \
    SHAPE(f, float)                                                                                                    \
    SHAPE(d, double)                                                                                                   \
    SHAPE(fd, float, double)                                                                                           \
    SHAPE(df, double, float)                                                                                           \
    SHAPE(f8, float, float, float, float, float, float, float, float)                                                  \
    SHAPE(f9, float, float, float, float, float, float, float, float, float)                                           \
    SHAPE(d8, double, double, double, double, double, double, double, double)                                          \
    SHAPE(d9, double, double, double, double, double, double, double, double, double)                                  \
    SHAPE(d10, double, double, double, double, double, double, double, double, double, double)                         \
    SHAPE(fd12, float, double, float, double, float, double, float, double, float, double, float, double)              \
    SHAPE(id, int, double)                                                                                             \
    SHAPE(di, double, int)                                                                                             \
    SHAPE(idid, int, double, int, double)                                                                              \
    SHAPE(iLfd, int, long long, float, double)                                                                         \
    SHAPE(dfLi, double, float, long long, int)                                                                         \
    SHAPE(i7d, int, int, int, int, int, int, int, double)                                                              \
    SHAPE(d9i, double, double, double, double, double, double, double, double, double, int)                            \
    SHAPE(i6d8, int, int, int, int, int, int, double, double, double, double, double, double, double, double)          \
    SHAPE(d8i6, double, double, double, double, double, double, double, double, int, int, int, int, int, int)          \
    SHAPE(i7d9, int, int, int, int, int, int, int, double, double, double, double, double, double, double, double,     \
          double)                                                                                                      \
    SHAPE(d9i7, double, double, double, double, double, double, double, double, double, int, int, int, int, int, int,  \
          int)                                                                                                         \
    SHAPE(id10, int, double, int, double, int, double, int, double, int, double, int, double, int, double, int,        \
          double, int, double, int, double)                                                                            \
    SHAPE(Lf10, long long, float, long long, float, long long, float, long long, float, long long, float, long long,   \
          float, long long, float, long long, float, long long, float, long long, float)                               \
    SHAPE(b, bool)                                                                                                     \
    SHAPE(c, signed char)                                                                                              \
    SHAPE(C, unsigned char)                                                                                            \
    SHAPE(s, short)                                                                                                    \
    SHAPE(S, unsigned short)                                                                                           \
    SHAPE(bcCsS, bool, signed char, unsigned char, short, unsigned short)                                              \
    SHAPE(cdcd, signed char, double, signed char, double)                                                              \
    SHAPE(cLsL, signed char, long long, short, long long)                                                              \
    SHAPE(CfSfbfcfsf, unsigned char, float, unsigned short, float, bool, float, signed char, float, short, float)      \
    SHAPE(narrow12, bool, unsigned char, short, bool, signed char, unsigned short, bool, unsigned char, short,         \
          signed char, unsigned short, bool)                                                                           \
    SHAPE(n, long)                                                                                                     \
    SHAPE(in, int, long)                                                                                               \
    SHAPE(nLn, long, long long, long)                                                                                  \
    SHAPE(n8, long, long, long, long, long, long, long, long)                                                          \
    SHAPE(dn8, double, long, double, long, double, long, double, long, double, long, double, long, double, long,       \
          double, long)                                                                                                \
    SHAPE(u, unsigned)                                                                                                 \
    SHAPE(uUdf, unsigned, unsigned long long, double, float)                                                           \
    SHAPE(mixed24a, int, double, long long, float, short, double, unsigned char, long, float, int, double, bool,       \
          unsigned, float, long long, double, signed char, double, int, float, long, double, unsigned short, int)      \
    SHAPE(mixed24b, float, float, int, long long, double, double, short, float, double, int, int, float, long, double, \
          unsigned char, double, float, long long, int, double, bool, float, double, long long)                        \
    SHAPE(mixed24c, long long, double, float, float, double, bool, double, float, double, double, float, double, int,  \
          short, long, long long, unsigned, int, float, signed char, double, long long, unsigned short, float)         \
    SHAPE(mixed17, double, int, float, long long, double, int, float, long long, double, int, float, long long,        \
          double, int, float, long long, double)

/* FOR_EACH(M, SEPARATOR, types...): M(24, first type) SEPARATOR() M(23, second type) ... M(1, last type). */
#define SHAPES_1(M, S, a) M(1, a)
#define SHAPES_2(M, S, a, ...) M(2, a) S() SHAPES_1(M, S, __VA_ARGS__)
#define SHAPES_3(M, S, a, ...) M(3, a) S() SHAPES_2(M, S, __VA_ARGS__)
#define SHAPES_4(M, S, a, ...) M(4, a) S() SHAPES_3(M, S, __VA_ARGS__)
#define SHAPES_5(M, S, a, ...) M(5, a) S() SHAPES_4(M, S, __VA_ARGS__)
#define SHAPES_6(M, S, a, ...) M(6, a) S() SHAPES_5(M, S, __VA_ARGS__)
#define SHAPES_7(M, S, a, ...) M(7, a) S() SHAPES_6(M, S, __VA_ARGS__)
#define SHAPES_8(M, S, a, ...) M(8, a) S() SHAPES_7(M, S, __VA_ARGS__)
#define SHAPES_9(M, S, a, ...) M(9, a) S() SHAPES_8(M, S, __VA_ARGS__)
#define SHAPES_10(M, S, a, ...) M(10, a) S() SHAPES_9(M, S, __VA_ARGS__)
#define SHAPES_11(M, S, a, ...) M(11, a) S() SHAPES_10(M, S, __VA_ARGS__)
#define SHAPES_12(M, S, a, ...) M(12, a) S() SHAPES_11(M, S, __VA_ARGS__)
#define SHAPES_13(M, S, a, ...) M(13, a) S() SHAPES_12(M, S, __VA_ARGS__)
#define SHAPES_14(M, S, a, ...) M(14, a) S() SHAPES_13(M, S, __VA_ARGS__)
#define SHAPES_15(M, S, a, ...) M(15, a) S() SHAPES_14(M, S, __VA_ARGS__)
#define SHAPES_16(M, S, a, ...) M(16, a) S() SHAPES_15(M, S, __VA_ARGS__)
#define SHAPES_17(M, S, a, ...) M(17, a) S() SHAPES_16(M, S, __VA_ARGS__)
#define SHAPES_18(M, S, a, ...) M(18, a) S() SHAPES_17(M, S, __VA_ARGS__)
#define SHAPES_19(M, S, a, ...) M(19, a) S() SHAPES_18(M, S, __VA_ARGS__)
#define SHAPES_20(M, S, a, ...) M(20, a) S() SHAPES_19(M, S, __VA_ARGS__)
#define SHAPES_21(M, S, a, ...) M(21, a) S() SHAPES_20(M, S, __VA_ARGS__)
#define SHAPES_22(M, S, a, ...) M(22, a) S() SHAPES_21(M, S, __VA_ARGS__)
#define SHAPES_23(M, S, a, ...) M(23, a) S() SHAPES_22(M, S, __VA_ARGS__)
#define SHAPES_24(M, S, a, ...) M(24, a) S() SHAPES_23(M, S, __VA_ARGS__)
#define SHAPES_AT_25(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, ...) y
#define SHAPES_COUNT(...)                                                                                              \
    SHAPES_AT_25(__VA_ARGS__, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define SHAPES_JOIN_(a, b) a##b
#define SHAPES_JOIN(a, b) SHAPES_JOIN_(a, b)
#define SHAPES_FOR_EACH(M, S, ...) SHAPES_JOIN(SHAPES_, SHAPES_COUNT(__VA_ARGS__))(M, S, __VA_ARGS__)

#define SHAPES_COMMA() ,
#define SHAPES_SEMICOLON() ;
#define SHAPES_PARAMETER(n, type) type a##n

/* -- the checksum -------------------------------------------------------------------------------------------------- */

/* Any change of a value, a width, a sign or an order changes it. */
static inline uint64_t shapes_mix(uint64_t sum, uint64_t value) {
    sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29;
}
static inline uint64_t shapes_bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static inline uint64_t shapes_bits_of_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static inline uint64_t shapes_bits_of_integer(long long value) {
    return (uint64_t)value;
}
static inline uint64_t shapes_bits_of_unsigned(unsigned long long value) {
    return value;
}
#define SHAPES_BITS(value)                                                                                             \
    _Generic((value), float                                                                                            \
             : shapes_bits_of_float, double                                                                            \
             : shapes_bits_of_double, unsigned                                                                         \
             : shapes_bits_of_unsigned, unsigned long long                                                             \
             : shapes_bits_of_unsigned, default                                                                        \
             : shapes_bits_of_integer)(value)
#define SHAPES_MIX(n, type) sum = shapes_mix(sum, SHAPES_BITS(a##n))

/* -- 127 of a kind, the most that a function can have: a100 and so on ---------------------------------------------- */

#define SHAPES_TEN(M, t, d)                                                                                            \
    M(t, d##0), M(t, d##1), M(t, d##2), M(t, d##3), M(t, d##4), M(t, d##5), M(t, d##6), M(t, d##7), M(t, d##8),        \
        M(t, d##9)
#define SHAPES_127(M, t)                                                                                               \
    SHAPES_TEN(M, t, 10), SHAPES_TEN(M, t, 11), SHAPES_TEN(M, t, 12), SHAPES_TEN(M, t, 13), SHAPES_TEN(M, t, 14),      \
        SHAPES_TEN(M, t, 15), SHAPES_TEN(M, t, 16), SHAPES_TEN(M, t, 17), SHAPES_TEN(M, t, 18), SHAPES_TEN(M, t, 19),  \
        SHAPES_TEN(M, t, 20), SHAPES_TEN(M, t, 21), M(t, 220), M(t, 221), M(t, 222), M(t, 223), M(t, 224), M(t, 225),  \
        M(t, 226)
#define SHAPES_127_PARAMETER(t, n) t a##n
#define SHAPES_127_MIX(t, n) sum = shapes_mix(sum, SHAPES_BITS(a##n))

#endif
