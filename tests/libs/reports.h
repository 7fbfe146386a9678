/* What a library reports to a function of its caller's, and what the caller expects: the same rows are read by both.
 * Each has a number, what its name says, a format and its arguments, the same values at every width. */
#ifndef FC_TESTS_REPORTS_H
#define FC_TESTS_REPORTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wchar.h>

struct report_texts {
    const char *unended;    /* four bytes "abcd", behind which nothing can be read */
    const char *at_the_end; /* "xyz", of which the NUL is the last byte that can be read */
    const char *allocated;  /* by malloc: "from the heap" */
    const char *nothing;    /* NULL */
    const char *lengthy;    /* 9000 times 'q' */
    const wchar_t *wide_unended;
};

#define REPORT_ROWS(ROW, t)                                                                                            \
    ROW(0, nothing, "nothing else %%")                                                                                 \
    ROW(1, ints, "%d %i %u %o %x %X %c", -1, INT32_MIN, UINT32_MAX, 8u, 255u, 0xabcu, 'c')                             \
    ROW(2, short_ints, "%hhd %hd %hhu %hu", -3, -300, 200, 60000)                                                      \
    ROW(3, longs, "%ld %li %lu %lx", -5L, (long)INT32_MAX, 7UL, 0xffffUL)                                              \
    ROW(4, long_longs, "%lld %llu %llx", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, 0x123456789abcdefULL)   \
    ROW(5, sizes, "%jd %ju %zu %zd %td", (intmax_t)-7, (uintmax_t)8, (size_t)9, (ssize_t)-10, (ptrdiff_t)11)           \
    ROW(6, doubles, "%f %.3e %g %a %G", 1.5, -2.25e100, 1e-5, 3.0, 0.0)                                                \
    ROW(7, long_doubles, "%Lf %.18Lg", 1.25L, 3.5L)                                                                    \
    ROW(8, long_doubles_between, "%d %Lf %d %Lf %s", 1, 2.5L, 3, 4.5L, "between")                                      \
    ROW(9, strings, "%s|%10s|%-10s|%.2s|%.0s|", "one", "two", "three", "four", "five")                                 \
    ROW(10, unended, "%.4s|%.*s|%.3s|", (t)->unended, 3, (t)->unended, (t)->unended)                                   \
    ROW(11, at_the_end, "%s|%.100s|%.*s|%.*s|", (t)->at_the_end, (t)->at_the_end, 50, (t)->at_the_end, -1,             \
        (t)->at_the_end)                                                                                               \
    ROW(12, allocated, "%s %.4s", (t)->allocated, (t)->allocated)                                                      \
    ROW(13, without, "%s, %.6s, %p", (t)->nothing, (t)->nothing, (void *)(t)->nothing)                                 \
    ROW(14, wide, "%ls|%.2ls|%lc", L"wide", (t)->wide_unended, (wint_t)L'w')                                           \
    ROW(15, many, "%d%d%d%d%d%d%d%d%f%f%f%f%f%f%f%f%f%f%d%s", 1, 2, 3, 4, 5, 6, 7, 8, 1., 2., 3., 4., 5., 6., 7., 8.,  \
        9., 10., 9, "end")                                                                                             \
    ROW(16, flags, "%+d % d %05d %-5d| %#x %*d %*.*f", 1, 2, 3, 4, 5u, 7, 42, 9, 2, 1.125)                             \
    ROW(17, pointers, "%p %p", (void *)0x1234, (void *)0)                                                              \
    ROW(18, lengthy, "%s%s", (t)->lengthy, "!")                                                                        \
    ROW(19, bools_and_chars, "%c%c%c %d", 'a', 'b', 'c', 1 == 1)

enum { REPORT_ROW_COUNT = 20 };

#endif
