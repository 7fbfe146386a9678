/* conformance: numbers of every type as parameters and results. */
#ifndef CONFORMANCE_SCALARS_H
#define CONFORMANCE_SCALARS_H

#include "sal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Three times the first, and the second; wraps around. */
int8_t thrice_int8(int8_t a, int8_t b);
uint8_t thrice_uint8(uint8_t a, uint8_t b);
int16_t thrice_int16(int16_t a, int16_t b);
uint16_t thrice_uint16(uint16_t a, uint16_t b);
int32_t thrice_int32(int32_t a, int32_t b);
uint32_t thrice_uint32(uint32_t a, uint32_t b);
int64_t thrice_int64(int64_t a, int64_t b);
uint64_t thrice_uint64(uint64_t a, uint64_t b);
char next_letter(char letter);
bool is_one_of_two(bool a, bool b);

/* a - b, which the caller keeps within the type. */
long less_long(long a, long b);
unsigned long less_ulong(unsigned long a, unsigned long b);
size_t less_size(size_t a, size_t b);
ssize_t less_ssize(ssize_t a, ssize_t b);
ptrdiff_t less_ptrdiff(ptrdiff_t a, ptrdiff_t b);
intptr_t less_intptr(intptr_t a, intptr_t b);
uintptr_t less_uintptr(uintptr_t a, uintptr_t b);
time_t less_time(time_t a, time_t b);
off_t less_offset(off_t a, off_t b);
wchar_t next_wide(wchar_t letter);

/* Results that may be more than the other side's type holds. */
size_t size_of_error(int error);
unsigned long checksum_long(unsigned bits);
long long widen_long(long value);
long narrow_long(long long value);
size_t narrow_size(unsigned long long value);

float scale_float(float value, float by);
double scale_double(double value, double by);
long double scale_long_double(long double value, long double by);
float negate_float(float value);
double negate_double(double value);
long double negate_long_double(long double value);
bool find_long_double(int key, _Out_ long double *value); /* if the key is odd */
double _Complex turn_complex(double _Complex value);
float _Complex turn_float_complex(float _Complex value);
long double _Complex turn_long_complex(int before, long double _Complex value);
struct waves {
    char name;
    float _Complex low;
    double _Complex high;
    long double _Complex whole;
};
struct wave {
    float _Complex value;
    short phase;
};
double _Complex sum_waves(_In_reads_(count) const struct waves *waves, int count, struct wave last);
struct wave turn_wave(struct wave wave);
void turn_each(_Inout_updates_(count) double _Complex *values, int count, _Out_ long double _Complex *product);
double _Complex map_complex(double _Complex (*map)(double _Complex value, float _Complex by), double _Complex value);
long double _Complex map_long_complex(long double _Complex (*map)(long double _Complex value), float _Complex value);
float _Complex map_float_complex(float _Complex (*map)(long double _Complex value), float _Complex value);

enum colour { RED, GREEN = 5, BLUE = 0x7fffffff };
enum level { LEVEL_LOW = -7, LEVEL_NONE = 0, LEVEL_HIGH = 7 };
enum colour next_colour(enum colour colour);
enum level opposite_level(enum level level);

/* Of other sizes than int. */
enum small { SMALL_LOW = -100, SMALL_NONE, SMALL_HIGH = 100 } __attribute__((packed));
enum wide { WIDE_LOW = -5, WIDE_HIGH = 0x123456789a };
struct enums {
    enum small small;
    enum wide wide;
    enum small both[2];
};
enum small opposite_small(enum small small, int times);
enum wide step_wide(enum wide wide, char step);
struct enums turn_enums(struct enums enums);
long long sum_enums(_In_reads_(count) const enum wide *values, unsigned char count, _Inout_ enum small *small);

unsigned without_arguments(void);
void count_a_call(void);
unsigned counted_calls(void);
unsigned long long ten_arguments(int a, unsigned char b, short c, long long d, float e, double f, bool g, unsigned h,
                                 signed char i, unsigned long long j);
long nine_longs(long a, long b, long c, long d, long e, long f, long g, long h, long i);
long long ten_long_longs(long long a, long long b, long long c, long long d, long long e, long long f, long long g,
                         long long h, long long i, long long j);
int eleven_ints(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k);
double twelve_floats_and_doubles(float a, double b, float c, double d, float e, double f, float g, double h, float i,
                                 double j, float k, double l);
unsigned long long odd_places_of_64_bits(int a, long long b, int c, unsigned long long d, char e, double f);
long double long_doubles_between(int a, long double b, int c, long double d, double e);

/* errno */
int set_errno(int value);
int leave_errno(int value);
int set_errno_by_name(int which); /* one of 11 that both C libraries have, by numbers of their own */

/* As many more as it says. */
long long sum_variadic(int count, ...);
double sum_variadic_doubles(int count, ...);
int format_into(_Out_writes_(size) char *buffer, size_t size, _Printf_format_string_ const char *format, ...);

int a_function_with_quite_a_long_name_such_as_generators_make_from_the_names_of_namespaces_classes_methods_and_types_in_other_languages(
    int value);

/* Exported variables, and the functions that see the same. */
extern int shared_counter;
extern long shared_long;
extern double shared_table[4];
extern const char *const shared_version;
int bump_shared_counter(int by);
double sum_shared_table(void);

#endif
