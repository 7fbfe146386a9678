/* Functions that read and write what their pointers point to. */
#include "scalars.h"

#include <stdlib.h>
#include <string.h>

static _Atomic int calls;
int calls_made(void) {
    return calls;
}

/* For each type of element:
 *     sum      reads `count` elements
 *     iota     writes 0, 1, 2 ... to the first `written` of a buffer of `count`
 *     fill     writes all of `count`
 *     twice    doubles `count` elements in place
 *     some     has `*length` elements to give, writes as many as fit into `capacity`, and leaves `*length` as it is:
 *              the number that there would be
 *     bump     adds 1 to one value
 *     last     the value at the end, of one that is read through its size */
#define BUFFERS(name, type, wide)                                                                                      \
    wide sum_##name(const type *values, size_t count) {                                                                \
        wide sum = 0;                                                                                                  \
        calls++;                                                                                                       \
        for (size_t i = 0; i < count; i++) {                                                                           \
            sum += (wide)values[i];                                                                                    \
        }                                                                                                              \
        return sum;                                                                                                    \
    }                                                                                                                  \
    void iota_##name(type *values, int count, int written) {                                                           \
        for (int i = 0; i < written && i < count; i++) {                                                               \
            values[i] = (type)i;                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    void fill_##name(type *values, int count, type value) {                                                            \
        for (int i = 0; i < count; i++) {                                                                              \
            values[i] = value;                                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    void twice_##name(type *values, int count) {                                                                       \
        for (int i = 0; i < count; i++) {                                                                              \
            values[i] = (type)(values[i] + values[i]);                                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    int some_##name(type *values, int capacity, int *length) {                                                         \
        for (int i = 0; i < capacity && i < *length; i++) {                                                            \
            values[i] = (type)(i + 1);                                                                                 \
        }                                                                                                              \
        return *length;                                                                                                \
    }                                                                                                                  \
    type bump_##name(type *value) {                                                                                    \
        calls++;                                                                                                       \
        *value = (type)(*value + 1);                                                                                   \
        return *value;                                                                                                 \
    }                                                                                                                  \
    void set_##name(type *value, long long to) {                                                                       \
        *value = (type)to;                                                                                             \
    }
#define INTEGERS(name, type) BUFFERS(name, type, long long)
#define FLOATS(name, type) BUFFERS(name, type, double)
SCALARS_INTEGERS(INTEGERS)
SCALARS_FLOATS(FLOATS)

/* -- bytes --------------------------------------------------------------------------------------------------------- */

unsigned checksum(const void *data, size_t size) {
    const unsigned char *bytes = data;
    unsigned sum = 1;
    calls++;
    for (size_t i = 0; i < size; i++) {
        sum = sum * 31 + bytes[i];
    }
    return sum;
}

/* Whether a buffer was NULL, and its first byte if not. */
int first_byte(const unsigned char *data, int size) {
    return data == NULL ? -1 : size > 0 ? data[0] : -2;
}

void add_one(unsigned char *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        data[i]++;
    }
}

/* Looks at a few bytes only: for buffers that are large enough to make the copies the only cost. */
unsigned first_and_last(const unsigned char *data, unsigned long long size) {
    return data[0] * 256u + data[size - 1];
}
void mark_ends(unsigned char *data, unsigned long long size) {
    data[0] ^= 0xff;
    data[size - 1] ^= 0xff;
}

void copy(void *to, const void *from, size_t size) {
    memcpy(to, from, size);
}

/* As vendors do: `*size` is the room on entry and what was needed on return; 0 if it was enough. */
int get_bytes(unsigned char *data, unsigned long *size, unsigned long have) {
    unsigned long room = *size;
    for (unsigned long i = 0; i < room && i < have; i++) {
        data[i] = (unsigned char)(i + 1);
    }
    *size = have;
    return have > room;
}

/* The length is reported as any signed number. */
int report(unsigned char *data, int capacity, int *length, int reported) {
    for (int i = 0; i < capacity; i++) {
        data[i] = 'w';
    }
    *length = reported;
    return reported;
}

/* A picture of w times h pixels, four bytes each: sizes that are products. */
unsigned pixels(const unsigned *picture, int w, int h) {
    unsigned sum = 0;
    for (int i = 0; i < w * h; i++) {
        sum += picture[i];
    }
    return sum;
}
unsigned channels(const unsigned char *bytes, int n) {
    return checksum(bytes, (size_t)n * 4);
}
unsigned halves(const unsigned char *bytes, int n, int d) {
    return checksum(bytes, (size_t)(n / d));
}
unsigned between(const unsigned char *bytes, int begin, int end) {
    return checksum(bytes, (size_t)(end - begin + 1));
}
unsigned through(const unsigned char *bytes, const int *length) {
    return checksum(bytes, (size_t)*length);
}

/* Where the callee finds a buffer. */
unsigned long long address_of(const void *data, size_t size) {
    (void)size;
    return (uintptr_t)data;
}
unsigned long long address_of_output(void *data, size_t size) {
    memset(data, 0x5a, size);
    return (uintptr_t)data;
}
unsigned misaligned(const void *a, int n, const void *b, int m) {
    (void)n, (void)m;
    return (unsigned)(((uintptr_t)a | (uintptr_t)b) % 8);
}

/* Several at once, to and fro: c = a + b, and how many of each were seen. */
int add_vectors(const double *a, const double *b, double *c, size_t count, size_t *seen) {
    for (size_t i = 0; i < count; i++) {
        c[i] = a[i] + b[i];
    }
    *seen = count;
    return 7;
}

/* What is in the middle, which its callers may not know of, as it came. */
struct three {
    int first, middle;
    long last;
};
int take_middle(struct three *three) {
    const int middle = three->middle;
    three->middle = three->first;
    three->last++;
    return middle;
}
