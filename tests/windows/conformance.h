/* tests: what the conformance library (tests/conformance) wants of a C library, and mingw's headers do not have:
 * included before each of its files for Windows. */
#ifndef FC_TESTS_WINDOWS_CONFORMANCE_H
#define FC_TESTS_WINDOWS_CONFORMANCE_H

#define O_CLOEXEC 0
#define CMPLX(real, imaginary) __builtin_complex((double)(real), (double)(imaginary))
#define CMPLXF(real, imaginary) __builtin_complex((float)(real), (float)(imaginary))
#define CMPLXL(real, imaginary) __builtin_complex((long double)(real), (long double)(imaginary))

#endif
