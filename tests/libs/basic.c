/* Small functions of every shape that a first call can have. */
#include "scalars.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int Add(int a, int b) {
    return a + b;
}
unsigned bits(void) {
    return (unsigned)sizeof(void *) * 8;
}
int process(void) {
    return (int)getpid();
}

/* -- single values ------------------------------------------------------------------------------------------------- */

static _Atomic int calls;
int calls_made(void) {
    return calls;
}

/* Each type there and back; what arrived, as the widest integer; and one made here of any 64 bits. */
#define INTEGER(name, type)                                                                                            \
    type echo_##name(type value) {                                                                                     \
        calls++;                                                                                                       \
        return value;                                                                                                  \
    }                                                                                                                  \
    long long seen_##name(type value) {                                                                                \
        calls++;                                                                                                       \
        return (long long)value;                                                                                       \
    }                                                                                                                  \
    type make_##name(long long value) {                                                                                \
        calls++;                                                                                                       \
        return (type)value;                                                                                            \
    }
SCALARS_INTEGERS(INTEGER)

bool echo_bool(bool value) {
    return value;
}
long long seen_bool(bool value) {
    return value;
}
bool make_bool(long long value) {
    return value != 0;
}

enum color { RED = -1, GREEN, BLUE = 1000000 };
enum color echo_enum(enum color value) {
    return value;
}

#define FLOATING(name, type, bits_type)                                                                                \
    type echo_##name(type value) {                                                                                     \
        return value;                                                                                                  \
    }                                                                                                                  \
    bits_type bits_of_##name(type value) {                                                                             \
        bits_type number;                                                                                              \
        memcpy(&number, &value, sizeof number);                                                                        \
        return number;                                                                                                 \
    }                                                                                                                  \
    type name##_of_bits(bits_type number) {                                                                            \
        type value;                                                                                                    \
        memcpy(&value, &number, sizeof value);                                                                         \
        return value;                                                                                                  \
    }
FLOATING(float, float, uint32_t)
FLOATING(double, double, uint64_t)

/* Declared by the tests with a narrower parameter: the whole word that carries it. */
unsigned raw_word(unsigned word) {
    return word;
}

void nothing(void) {
    calls++;
}

/* -- errno --------------------------------------------------------------------------------------------------------- */

/* Returns what errno was on entry. A negative value leaves it alone. */
int set_errno(int value) {
    int before = errno;
    if (value >= 0) {
        errno = value;
    }
    return before;
}

/* -- strings ------------------------------------------------------------------------------------------------------- */

long long length_of(const char *text) {
    return text != NULL ? (long long)strlen(text) : -1;
}

unsigned checksum_of(const char *text) {
    unsigned sum = 1;
    while (text != NULL && *text != '\0') {
        sum = sum * 31 + (unsigned char)*text++;
    }
    return sum;
}

/* Two at once: which is longer. */
int compare_lengths(const char *a, const char *b) {
    return (int)strlen(a) - (int)strlen(b);
}

const char *static_text(void) {
    return "a static string";
}
const char *empty_text(void) {
    return "";
}
const char *no_text(void) {
    return NULL;
}
const unsigned char *byte_text(void) {
    return (const unsigned char *)"\xc3\xa4\xff";
}
char *heap_text(int number) {
    char *text = malloc(32);
    snprintf(text, 32, "number %d", number);
    return text;
}

/* One buffer at one address, whose text changes with each call. */
const char *counting_text(int number) {
    static char text[64];
    snprintf(text, sizeof text, "%d", number);
    return text;
}

/* `length` letters, in a buffer that stays where it is up to 64 MiB. */
const char *long_text(unsigned length) {
    static char *text;
    if (text == NULL) {
        text = malloc((64u << 20) + 1);
    }
    for (unsigned i = 0; i < length; i++) {
        text[i] = (char)('a' + i % 26);
    }
    text[length] = '\0';
    return text;
}

/* A string that is an argument's: the callee's own copy of it. */
const char *same_text(const char *text) {
    return text;
}

/* -- what a callee may do to the machine --------------------------------------------------------------------------- */

/* Leaves nothing as it was that a function may change. */
int clobber(int value) {
#if defined(__x86_64__)
    __asm__ volatile(
        "movq $-1, %%rax\n movq %%rax, %%rcx\n movq %%rax, %%rdx\n movq %%rax, %%rsi\n movq %%rax, %%rdi\n"
        "movq %%rax, %%r8\n movq %%rax, %%r9\n movq %%rax, %%r10\n movq %%rax, %%r11\n"
        "pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm1, %%xmm1\n pcmpeqd %%xmm7, %%xmm7\n pcmpeqd %%xmm15, %%xmm15\n"
        :
        :
        : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm7", "xmm15", "cc", "memory");
#else
    __asm__ volatile("movl $-1, %%eax\n movl %%eax, %%ecx\n movl %%eax, %%edx\n"
                     :
                     :
                     : "eax", "ecx", "edx", "cc", "memory");
#endif
    return value;
}

/* Against the rules, but it happens. */
int leave_direction_flag_set(int value) {
    __asm__ volatile("std" : : : "cc");
    return value;
}
