/* conformance: arrays of numbers in, out and both ways. */
#ifndef CONFORMANCE_BUFFERS_H
#define CONFORMANCE_BUFFERS_H

#include "sal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In. */
unsigned long long sum_bytes(_In_reads_bytes_opt_(size) const void *data, size_t size);
unsigned long long sum_shorts(_In_reads_(count) const short *values, int count);
unsigned long long sum_ints(_In_reads_(count) const int *values, int count);
unsigned long long sum_longs(_In_reads_(count) const long *values, int count);
unsigned long long sum_long_longs(_In_reads_(count) const long long *values, int count);
unsigned long long sum_sizes(_In_reads_(count) const size_t *values, size_t count);
unsigned long long sum_bools(_In_reads_(count) const bool *values, int count);
double sum_floats(_In_reads_(count) const float *values, int count);
double sum_doubles(_In_reads_(count) const double *values, int count);
long double sum_long_doubles(_In_reads_(count) const long double *values, int count);
unsigned long long sum_optional(_In_reads_opt_(count) const int *values, int count);
unsigned long long sum_wide_letters(_In_reads_(count) const wchar_t *values, int count);

/* Arrays of arrays, flat and nested, and sizes that are computed. */
long long weigh_matrix(_In_reads_(rows) const int (*matrix)[4], int rows);
long long weigh_cube(_In_reads_(2) const short cube[2][3][4]);
void transpose(_In_reads_(3) const long from[3][2], _Out_writes_all_(2) long to[2][3]);
double weigh_flat_matrix(_In_reads_(rows *columns) const double *matrix, int rows, int columns);
unsigned long long sum_window(_In_reads_((last - first + 1) * 2) const unsigned *pairs, int first, int last);
unsigned long long sum_records(_In_reads_bytes_(size *count) const void *records, size_t size, size_t count);

/* Out. */
void fill_squares(_Out_writes_all_(count) long long *squares, int count);
void fill_some(_Out_writes_(count) int *values, int count, int written);
int primes_below(int limit, _Out_writes_to_(capacity, *count) int *primes, int capacity, _Out_ int *count);
int set_with_length(_Out_writes_bytes_to_(*len, *len) void *buffer, _Inout_ unsigned *len);
void fill_longs(_Out_writes_all_(count) long *values, int count, long first);
void fill_sizes(_Out_writes_all_(count) size_t *values, size_t count);
void fill_bools(_Out_writes_all_(count) bool *values, int count, int modulus);
void fill_long_doubles(_Out_writes_all_(count) long double *values, int count);
void large_pattern(_Out_writes_bytes_all_(size) void *data, size_t size, unsigned seed);

/* Both. */
void bubble_sort(_Inout_updates_(count) int *values, int count);
void smooth(_Inout_updates_(width *height) float *image, int width, int height);
void negate_doubles(_Inout_updates_(count) double *values, int count);
void negate_longs(_Inout_updates_(count) long *values, int count);
void invert_bytes(_Inout_updates_bytes_(size) void *data, size_t size);
int remove_negative(_Inout_updates_to_(*count, *count) int *values, _Inout_ int *count);

/* Single values by reference. */
void bump_each(_Inout_ char *a, _Inout_ short *b, _Inout_ int *c, _Inout_ long *d, _Inout_ long long *e,
               _Inout_ float *f, _Inout_ double *g, _Inout_ size_t *h, _Inout_ bool *i);
int divide(int dividend, int divisor, _Out_ int *quotient, _Out_ int *remainder);
double split_number(double value, _Out_ double *fraction);
void swap_ints(_Inout_ int *a, _Inout_ int *b);
int outputs_if_wanted(int value, _Out_opt_ int *twice, _Out_opt_ long *square, _Out_opt_ double *half);
bool toggle(_Inout_opt_ bool *flag);

/* Two pointers to one thing, or to parts of it. */
int add_and_compare(_Inout_ int *a, _Inout_ int *b);
void shift_bytes(_Inout_updates_bytes_(size) unsigned char *to, _In_reads_bytes_(size) const unsigned char *from,
                 size_t size);
struct shift {
    _Field_size_bytes_(size) unsigned char *to;
    _Field_size_bytes_(size) const unsigned char *from;
    size_t size;
};
void shift_bytes_of(_Inout_ struct shift *shift);
long long write_through_both(_Inout_updates_(count) long long *a, _Inout_updates_(count) long long *b, int count);

/* Many of them in one call. */
unsigned long long ten_mixed_arrays(int a, _In_reads_opt_(a) const short *b, unsigned char c,
                                    _In_reads_opt_(c) const double *d, _In_z_ const char *e,
                                    _Inout_updates_(a) long long *f, float g,
                                    _In_reads_bytes_opt_(h) const void *h_data, unsigned h, _Out_ unsigned *written);

/* Leaves the values alone, which the function may write to. */
struct led_to {
    int count;
    _Field_size_(count) int *values;
};
int visit_beside(_Inout_ struct led_to *to, int (*visit)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);

/* Changes the signs of those values whose bit is set, and nothing else. */
enum { SIGNED_DOUBLES = 4, SIGNED_FLOATS = 10 };
struct signed_values {
    unsigned which;
    _Field_size_(SIGNED_DOUBLES) double *doubles;
    _Field_size_(SIGNED_FLOATS) float *floats;
};
void negate_some(_Inout_updates_(count) struct signed_values *rows, int count);

#endif
