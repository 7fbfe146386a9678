#include "scalars.h"

#include "mix.h"

#include <complex.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define THRICE(name, type, wide)                                                                                       \
    type thrice_##name(type a, type b) {                                                                               \
        return (type)((wide)a * 3 + (wide)b);                                                                          \
    }
THRICE(int8, int8_t, unsigned)
THRICE(uint8, uint8_t, unsigned)
THRICE(int16, int16_t, unsigned)
THRICE(uint16, uint16_t, unsigned)
THRICE(int32, int32_t, uint32_t)
THRICE(uint32, uint32_t, uint32_t)
THRICE(int64, int64_t, uint64_t)
THRICE(uint64, uint64_t, uint64_t)

char next_letter(char letter) {
    return (char)(letter + 1);
}
bool is_one_of_two(bool a, bool b) {
    return a != b;
}

#define LESS(name, type)                                                                                               \
    type less_##name(type a, type b) {                                                                                 \
        return a - b;                                                                                                  \
    }
LESS(long, long)
LESS(ulong, unsigned long)
LESS(size, size_t)
LESS(ssize, ssize_t)
LESS(ptrdiff, ptrdiff_t)
LESS(intptr, intptr_t)
LESS(uintptr, uintptr_t)
LESS(time, time_t)
LESS(offset, off_t)

wchar_t next_wide(wchar_t letter) {
    return letter + 1;
}
size_t size_of_error(int error) {
    return (size_t)-error;
}
unsigned long checksum_long(unsigned bits) {
    return bits;
}
long long widen_long(long value) {
    return value;
}
long narrow_long(long long value) {
    return (long)value;
}
size_t narrow_size(unsigned long long value) {
    return (size_t)value;
}

#define SCALE(name, type)                                                                                              \
    type scale_##name(type value, type by) {                                                                           \
        return value * by + 1;                                                                                         \
    }                                                                                                                  \
    type negate_##name(type value) {                                                                                   \
        return -value;                                                                                                 \
    }
SCALE(float, float)
SCALE(double, double)
SCALE(long_double, long double)
bool find_long_double(int key, long double *value) {
    if (key % 2 != 0) {
        *value = key;
    }
    return key % 2 != 0;
}

double _Complex turn_complex(double _Complex value) {
    return CMPLX(-cimag(value), creal(value));
}
float _Complex turn_float_complex(float _Complex value) {
    return CMPLXF(-cimagf(value), crealf(value));
}
long double _Complex turn_long_complex(int before, long double _Complex value) {
    return CMPLXL(-cimagl(value), creall(value) + before);
}
double _Complex sum_waves(const struct waves *waves, int count, struct wave last) {
    double real = crealf(last.value) * last.phase, imaginary = cimagf(last.value);
    for (int i = 0; i < count; i++) {
        real += crealf(waves[i].low) + creal(waves[i].high) * 2 + (double)creall(waves[i].whole) + waves[i].name;
        imaginary += cimagf(waves[i].low) * 2 + cimag(waves[i].high) + (double)cimagl(waves[i].whole);
    }
    return CMPLX(real, imaginary);
}
struct wave turn_wave(struct wave wave) {
    wave.value = turn_float_complex(wave.value);
    wave.phase++;
    return wave;
}
void turn_each(double _Complex *values, int count, long double _Complex *product) {
    *product = CMPLXL(count, 0);
    for (int i = 0; i < count; i++) {
        values[i] = turn_complex(values[i]);
        *product = CMPLXL(creall(*product) + creal(values[i]), cimagl(*product) - cimag(values[i]));
    }
}
double _Complex map_complex(double _Complex (*map)(double _Complex value, float _Complex by), double _Complex value) {
    return map(map(value, CMPLXF(1, -2)), CMPLXF(0, 1));
}
long double _Complex map_long_complex(long double _Complex (*map)(long double _Complex value), float _Complex value) {
    return map(map(CMPLXL(crealf(value), cimagf(value))));
}
float _Complex map_float_complex(float _Complex (*map)(long double _Complex value), float _Complex value) {
    return map(CMPLXL(cimagf(value), crealf(value)));
}

enum colour next_colour(enum colour colour) {
    return colour == RED ? GREEN : colour == GREEN ? BLUE : RED;
}
enum small opposite_small(enum small small, int times) {
    return (enum small)(times % 2 != 0 ? -(int)small : (int)small);
}
enum wide step_wide(enum wide wide, char step) {
    return (enum wide)((long long)wide + step);
}
struct enums turn_enums(struct enums enums) {
    const struct enums turned = {enums.both[1], (enum wide)(0 - (long long)enums.wide), {enums.small, enums.both[0]}};
    return turned;
}
long long sum_enums(const enum wide *values, unsigned char count, enum small *small) {
    long long sum = (long long)*small;
    for (int i = 0; i < count; i++) {
        sum += (long long)values[i] * (i + 1);
    }
    *small = (enum small)(*small ^ 1);
    return sum;
}

enum level opposite_level(enum level level) {
    return (enum level)(-(int)level);
}

static unsigned calls;
unsigned without_arguments(void) {
    return 0xc0ffee01;
}
void count_a_call(void) {
    calls++;
}
unsigned counted_calls(void) {
    return calls;
}

unsigned long long ten_arguments(int a, unsigned char b, short c, long long d, float e, double f, bool g, unsigned h,
                                 signed char i, unsigned long long j) {
    unsigned long long sum = mix(mix(mix(mix(1, (unsigned)a), b), (unsigned short)c), (unsigned long long)d);
    sum = mix(mix_float(mix_float(sum, e), f), g);
    return mix(mix(mix(sum, h), (unsigned char)i), j);
}
long nine_longs(long a, long b, long c, long d, long e, long f, long g, long h, long i) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
}
long long ten_long_longs(long long a, long long b, long long c, long long d, long long e, long long f, long long g,
                         long long h, long long i, long long j) {
    const long long all[] = {a, b, c, d, e, f, g, h, i, j};
    unsigned long long sum = 1;
    for (int at = 0; at < 10; at++) {
        sum = mix(sum, (unsigned long long)all[at]);
    }
    return (long long)sum;
}
int eleven_ints(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k) {
    const int all[] = {a, b, c, d, e, f, g, h, i, j, k};
    unsigned long long sum = 1;
    for (int at = 0; at < 11; at++) {
        sum = mix(sum, (unsigned)all[at]);
    }
    return (int)sum;
}
double twelve_floats_and_doubles(float a, double b, float c, double d, float e, double f, float g, double h, float i,
                                 double j, float k, double l) {
    return (double)a + b * 2 + (double)c * 4 + d * 8 + (double)e * 16 + f * 32 + (double)g * 64 + h * 128 +
           (double)i * 256 + j * 512 + (double)k * 1024 + l * 2048;
}
unsigned long long odd_places_of_64_bits(int a, long long b, int c, unsigned long long d, char e, double f) {
    return mix_float(mix(mix(mix(mix(mix(3, (unsigned)a), (unsigned long long)b), (unsigned)c), d), (unsigned char)e),
                     f);
}
long double long_doubles_between(int a, long double b, int c, long double d, double e) {
    return (long double)a + b * 2 + (long double)c * 4 + d * 8 + (long double)e * 16;
}

int set_errno(int value) {
    errno = value;
    return -value;
}
int leave_errno(int value) {
    return value + 1;
}
int set_errno_by_name(int which) {
    static const int names[] = {EPERM,  ENOENT,    EAGAIN, ERANGE,     EDEADLK,  ENAMETOOLONG,
                                ENOSYS, ENOTEMPTY, EILSEQ, ECONNRESET, ETIMEDOUT};
    errno = names[which];
    return -which;
}

long long sum_variadic(int count, ...) {
    va_list list;
    unsigned long long sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum = mix(sum, (unsigned long long)va_arg(list, long long));
    }
    va_end(list);
    return (long long)sum;
}
double sum_variadic_doubles(int count, ...) {
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum = sum * 2 + va_arg(list, double);
    }
    va_end(list);
    return sum;
}
int format_into(char *buffer, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int len = vsnprintf(buffer, size, format, list);
    va_end(list);
    return len;
}

int a_function_with_quite_a_long_name_such_as_generators_make_from_the_names_of_namespaces_classes_methods_and_types_in_other_languages(
    int value) {
    return value ^ 0x5a5a5a5a;
}

int shared_counter = 41;
long shared_long = -12345;
double shared_table[4] = {0.5, 1.5, 2.5, 3.5};
const char *const shared_version = "conformance 1";
int bump_shared_counter(int by) {
    return shared_counter += by;
}
double sum_shared_table(void) {
    double sum = (double)shared_long;
    for (int i = 0; i < 4; i++) {
        sum += shared_table[i] * (1 << i);
    }
    return sum;
}
