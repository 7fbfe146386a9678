/* Functions with one pointer to something small. Built for every target. */
#include "payloads.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int calls;
int calls_made(void) {
    return calls;
}

long mixed_change(struct mixed *mixed) {
    calls++;
    if (mixed == NULL) {
        return -1;
    }
    const long sum =
        mixed->a + mixed->b + mixed->c + (long)mixed->d + (long)mixed->e + (long)mixed->f + mixed->g + mixed->h;
    mixed->a++, mixed->b++, mixed->c++, mixed->d++, mixed->e++, mixed->f++, mixed->g++, mixed->h++;
    return sum;
}
int mixed_sum(int before, const struct mixed *mixed, double behind) {
    return before + mixed->c + (int)mixed->g + (int)behind;
}
void mixed_write_c(struct mixed *mixed) {
    mixed->c = 77;
}
int among(int a, int b, int c, int d, struct mixed *mixed, int e, int f, int g) {
    mixed->c = a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g;
    mixed->h = (unsigned char)a;
    return mixed->b;
}

struct widths {
    long first;
    int among[3];
    size_t second;
    struct {
        unsigned long third;
        char text[5];
    } inner[2];
};
int widths_negate(struct widths *widths) {
    int sum = 0;
    widths->first = -widths->first;
    for (int i = 0; i < 3; i++) {
        sum += widths->among[i];
        widths->among[i] = -widths->among[i];
    }
    widths->second++;
    for (int i = 0; i < 2; i++) {
        widths->inner[i].third += 2;
        widths->inner[i].text[0]++;
    }
    return sum;
}
void largest_long(long *value) {
    *value = sizeof(long) == 8 ? INT64_C(0x123456789) : INT32_C(0x12345678);
}
void leave_long(long *value) {
    (void)value;
}

#define BLOCK(size)                                                                                                    \
    struct block##size {                                                                                               \
        unsigned char bytes[size];                                                                                     \
    };                                                                                                                 \
    unsigned block##size##_turn(struct block##size *block) {                                                           \
        unsigned sum = 0;                                                                                              \
        for (unsigned i = 0; i < size; i++) {                                                                          \
            sum += block->bytes[i] * (i + 1);                                                                          \
            block->bytes[i] ^= 0xff;                                                                                   \
        }                                                                                                              \
        return sum;                                                                                                    \
    }
BLOCK(1)
BLOCK(7)
BLOCK(8)
BLOCK(40)
BLOCK(41)
BLOCK(104)
BLOCK(105)
BLOCK(511)
BLOCK(512)
BLOCK(513)
BLOCK(2000)

unsigned text_sum(const char *text) {
    unsigned sum = 0;
    for (unsigned i = 0; text != NULL && text[i] != '\0'; i++) {
        sum = sum * 31 + (unsigned char)text[i];
    }
    return sum;
}
unsigned text_place(const char *text) {
    return (unsigned)(uintptr_t)text;
}
unsigned alignment_of(const long double *number) {
    return (unsigned)((uintptr_t)number % 16);
}
unsigned place_of(const double *number) {
    return (unsigned)(uintptr_t)number;
}

const char *text_made(int which) {
    static char *made;
    if (made == NULL) {
        made = strdup("made");
    }
    return which == 0 ? NULL : which == 1 ? made : "static";
}

/* A struct in hand while the caller's function runs. */
static int (*kept)(int value);
void keep(int (*function)(int value)) {
    kept = function;
}
int mixed_calls_back(struct mixed *mixed) {
    const struct mixed before = *mixed;
    mixed->c = kept(mixed->c);
    const int same = memcmp(&before.d, &mixed->d, sizeof before - offsetof(struct mixed, d)) == 0;
    mixed->h = 99;
    return same;
}
