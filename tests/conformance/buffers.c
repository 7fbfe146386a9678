#include "buffers.h"

#include "mix.h"

unsigned long long sum_bytes(const void *data, size_t size) {
    return data == NULL ? mix(77, size) : mix_bytes(1, data, size);
}
#define SUM(name, type, count_type)                                                                                    \
    unsigned long long sum_##name(const type *values, count_type count) {                                              \
        unsigned long long sum = 1;                                                                                    \
        for (count_type i = 0; i < count; i++) {                                                                       \
            sum = mix(sum, (unsigned long long)(long long)values[i]);                                                  \
        }                                                                                                              \
        return sum;                                                                                                    \
    }
SUM(shorts, short, int)
SUM(ints, int, int)
SUM(longs, long, int)
SUM(long_longs, long long, int)
SUM(sizes, size_t, size_t)
SUM(bools, bool, int)
SUM(wide_letters, wchar_t, int)
#define SUM_FLOATS(name, type, result)                                                                                 \
    result sum_##name(const type *values, int count) {                                                                 \
        result sum = 0;                                                                                                \
        for (int i = 0; i < count; i++) {                                                                              \
            sum += (result)values[i] * (result)(i + 1);                                                                \
        }                                                                                                              \
        return sum;                                                                                                    \
    }
SUM_FLOATS(floats, float, double)
SUM_FLOATS(doubles, double, double)
SUM_FLOATS(long_doubles, long double, long double)
unsigned long long sum_optional(const int *values, int count) {
    return values == NULL ? mix(2, (unsigned)count) : sum_ints(values, count);
}

long long weigh_matrix(const int (*matrix)[4], int rows) {
    long long sum = 0;
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < 4; column++) {
            sum += (long long)matrix[row][column] * (row * 10 + column + 1);
        }
    }
    return sum;
}
long long weigh_cube(const short cube[2][3][4]) {
    long long sum = 0;
    for (int at = 0; at < 24; at++) {
        sum += cube[at / 12][at / 4 % 3][at % 4] * (at + 1);
    }
    return sum;
}
void transpose(const long from[3][2], long to[2][3]) {
    for (int at = 0; at < 6; at++) {
        to[at % 2][at / 2] = from[at / 2][at % 2];
    }
}
double weigh_flat_matrix(const double *matrix, int rows, int columns) {
    return sum_doubles(matrix, rows * columns);
}
unsigned long long sum_window(const unsigned *pairs, int first, int last) {
    unsigned long long sum = 1;
    for (int i = 0; i < (last - first + 1) * 2; i++) {
        sum = mix(sum, pairs[i]);
    }
    return sum;
}
unsigned long long sum_records(const void *records, size_t size, size_t count) {
    unsigned long long sum = 1;
    for (size_t i = 0; i < count; i++) {
        sum = mix_bytes(sum, (const char *)records + i * size, size);
    }
    return sum;
}

void fill_squares(long long *squares, int count) {
    for (int i = 0; i < count; i++) {
        squares[i] = (long long)i * i * 1000003;
    }
}
void fill_some(int *values, int count, int written) {
    for (int i = 0; i < count && i < written; i++) {
        values[i] = i * 7;
    }
}
int primes_below(int limit, int *primes, int capacity, int *count) {
    int found = 0;
    for (int number = 2; number < limit; number++) {
        int divisor = 2;
        while (divisor * divisor <= number && number % divisor != 0) {
            divisor++;
        }
        if (divisor * divisor > number) {
            if (found < capacity) {
                primes[found] = number;
            }
            found++;
        }
    }
    *count = found < capacity ? found : capacity;
    return found;
}
int set_with_length(void *buffer, unsigned *len) {
    unsigned char *bytes = buffer;
    unsigned used = *len / 2;
    for (unsigned i = 0; i < used; i++) {
        bytes[i] = (unsigned char)(i * 3 + *len);
    }
    *len = used;
    return (int)used;
}
void fill_longs(long *values, int count, long first) {
    for (int i = 0; i < count; i++) {
        values[i] = first - i;
    }
}
void fill_sizes(size_t *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        values[i] = i % 3 == 0 ? (size_t)-1 - i % 100 : i * 100;
    }
}
void fill_bools(bool *values, int count, int modulus) {
    for (int i = 0; i < count; i++) {
        values[i] = i % modulus == 0;
    }
}
void fill_long_doubles(long double *values, int count) {
    for (int i = 0; i < count; i++) {
        values[i] = 1 / (long double)(1 << i % 30) - (long double)i;
    }
}
void large_pattern(void *data, size_t size, unsigned seed) {
    unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1103515245u + 12345u;
        bytes[i] = (unsigned char)(seed >> 16);
    }
}

void bubble_sort(int *values, int count) {
    for (int end = count - 1; end > 0; end--) {
        for (int i = 0; i < end; i++) {
            if (values[i] > values[i + 1]) {
                swap_ints(&values[i], &values[i + 1]);
            }
        }
    }
}
void smooth(float *image, int width, int height) {
    for (int y = 0; y < height; y++) {
        for (int x = 1; x < width; x++) {
            image[y * width + x] = (image[y * width + x] + image[y * width + x - 1]) / 2;
        }
    }
}
void negate_doubles(double *values, int count) {
    for (int i = 0; i < count; i++) {
        values[i] = -values[i];
    }
}
void negate_longs(long *values, int count) {
    for (int i = 0; i < count; i++) {
        values[i] = -values[i];
    }
}
void invert_bytes(void *data, size_t size) {
    unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)~bytes[i];
    }
}
int remove_negative(int *values, int *count) {
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        if (values[i] >= 0) {
            values[kept++] = values[i];
        }
    }
    int removed = *count - kept;
    *count = kept;
    return removed;
}

void bump_each(char *a, short *b, int *c, long *d, long long *e, float *f, double *g, size_t *h, bool *i) {
    *a = (char)(*a + 1);
    *b = (short)(*b + 2);
    *c ^= 3;
    *d -= 4;
    *e ^= 5;
    *f *= 2;
    *g *= -2;
    *h += 6;
    *i = !*i;
}
int divide(int dividend, int divisor, int *quotient, int *remainder) {
    if (divisor == 0) {
        *quotient = *remainder = 0;
        return -1;
    }
    *quotient = (int)((long long)dividend / divisor);
    *remainder = (int)((long long)dividend % divisor);
    return 0;
}
double split_number(double value, double *fraction) {
    double whole = (double)(long long)value;
    *fraction = value - whole;
    return whole;
}
void swap_ints(int *a, int *b) {
    int kept = *a;
    *a = *b;
    *b = kept;
}
int outputs_if_wanted(int value, int *twice, long *square, double *half) {
    int given = 0;
    if (twice != NULL) {
        *twice = value * 2;
        given |= 1;
    }
    if (square != NULL) {
        *square = (long)value * value;
        given |= 2;
    }
    if (half != NULL) {
        *half = value / 2.0;
        given |= 4;
    }
    return given;
}
bool toggle(bool *flag) {
    return flag != NULL && (*flag = !*flag);
}

/* Returns 1 if a and b are one object. */
int add_and_compare(int *a, int *b) {
    *a += 1;
    *b += 10;
    return a == b;
}
void shift_bytes(unsigned char *to, const unsigned char *from, size_t size) {
    memmove(to, from, size);
}
void shift_bytes_of(struct shift *shift) {
    memmove(shift->to, shift->from, shift->size);
}
/* What is written through one must be seen through the other. */
long long write_through_both(long long *a, long long *b, int count) {
    long long seen = 0;
    for (int i = 0; i < count; i++) {
        a[i] += i;
        seen += b[i] * (i + 1);
        b[i] -= 3;
        seen -= a[i];
    }
    return seen;
}

unsigned long long ten_mixed_arrays(int a, const short *b, unsigned char c, const double *d, const char *e,
                                    long long *f, float g, const void *h_data, unsigned h, unsigned *written) {
    unsigned long long sum = mix_text(mix_float(mix(1, c), g), e);
    *written = 0;
    for (int i = 0; b != NULL && i < a; i++) {
        sum = mix(sum, (unsigned short)b[i]);
    }
    for (int i = 0; d != NULL && i < c; i++) {
        sum = mix_float(sum, d[i]);
    }
    for (int i = 0; i < a; i++) {
        sum = mix(sum, (unsigned long long)f[i]);
        f[i] = ~f[i];
        ++*written;
    }
    return mix(sum, h_data == NULL ? h + 3 : sum_bytes(h_data, h));
}

int visit_beside(struct led_to *to, int (*visit)(void *data), void *data) {
    return to->values[0] + visit(data) + to->values[to->count - 1];
}

void negate_some(struct signed_values *rows, int count) {
    for (struct signed_values *row = rows; row < rows + count; row++) {
        for (unsigned i = 0; i < SIGNED_DOUBLES; i++) {
            row->doubles[i] = row->which >> i & 1 ? -row->doubles[i] : row->doubles[i];
        }
        for (unsigned i = 0; i < SIGNED_FLOATS; i++) {
            row->floats[i] = row->which >> i & 1 ? -row->floats[i] : row->floats[i];
        }
    }
}
