/* tests: what generated code of either side has in common: the caller's driver and the library (test_marshal_random.c).
 * What is seen goes into a list and a sum; an object that was met is not walked again. */
#ifndef FC_TESTS_MARSHAL_RANDOM_SIDE_H
#define FC_TESTS_MARSHAL_RANDOM_SIDE_H

#include "marshal_random/numbers.h"

#include <string.h>

typedef unsigned long long sum_t;

enum { SEEN_MAX = 16384, MET_MAX = 256 };

struct seen {
    const char *what;
    sum_t value;
};
static struct seen seen_list[SEEN_MAX];
static unsigned seen_count, met_count;
static sum_t seen_sum;
static const void *met_list[MET_MAX];
static bool sees_addresses; /* the driver, of its own memory */

static bool may_link; /* the library, while what it changes is the caller's */

static void begin_walk(void) {
    met_count = 0;
}
static void begin_seeing(void) {
    seen_count = 0;
    seen_sum = 0xcbf29ce484222325u;
    begin_walk();
}
static void see(const char *what, sum_t value) {
    seen_sum = (seen_sum ^ value) * 0x100000001b3u;
    seen_sum ^= seen_sum >> 29;
    if (seen_count < SEEN_MAX) {
        seen_list[seen_count++] = (struct seen){what, value};
    }
}

static bool is_new(const void *pointer, unsigned *ret_index) {
    for (*ret_index = 0; *ret_index < met_count; ++*ret_index) {
        if (met_list[*ret_index] == pointer) {
            return false;
        }
    }
    if (met_count < MET_MAX) {
        met_list[met_count++] = pointer;
    }
    return *ret_index < MET_MAX;
}
/* Whether to go on behind the pointer. */
static bool meet(const void *pointer) {
    unsigned index;
    return pointer != NULL && is_new(pointer, &index);
}
static bool see_pointer(const char *what, const void *pointer, bool deep) {
    unsigned index = 0;
    if (sees_addresses) {
        see(what, (uintptr_t)pointer);
    }
    if (pointer == NULL || !deep) {
        see(what, pointer != NULL);
        return false;
    }
    const bool goes_on = is_new(pointer, &index);
    see(what, 2 + index);
    return goes_on;
}

/* One that only the caller looks through. */
static void see_handle(const char *what, const void *handle) {
    see(what, sees_addresses ? (uintptr_t)handle : handle != NULL);
}

/* -- numbers ------------------------------------------------------------------------------------------------------- */

static sum_t bits_of_double(double value) {
    sum_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
#define INTEGER(name, type, any, changed)                                                                              \
    static void see_##name(const char *what, type value) {                                                             \
        see(what, (sum_t)value);                                                                                       \
    }                                                                                                                  \
    static type changed_##name(type value) {                                                                           \
        return (type)(changed);                                                                                        \
    }                                                                                                                  \
    NUMBERS(name, type)
#define REAL(name, type, any)                                                                                          \
    static void see_##name(const char *what, type value) {                                                             \
        see(what, bits_of_double((double)value));                                                                      \
    }                                                                                                                  \
    static type changed_##name(type value) {                                                                           \
        return value == 0 ? (type)1.5 : -value;                                                                        \
    }                                                                                                                  \
    NUMBERS(name, type)
#define NUMBERS(name, type)                                                                                            \
    static void see_all_##name(const void *data, unsigned count) {                                                     \
        for (unsigned i = 0; i < count; i++) {                                                                         \
            see_##name(#name " of a buffer", ((const type *)data)[i]);                                                 \
        }                                                                                                              \
    }
EACH_NUMBER(INTEGER, REAL)

static void see_bytes(const char *what, const void *data, sum_t count) {
    for (sum_t i = 0; i < count; i++) {
        see(what, ((const unsigned char *)data)[i]);
    }
}
static void change_bytes(void *data, sum_t count) {
    for (sum_t i = 0; i < count; i += 3) {
        ((unsigned char *)data)[i] ^= 0x55;
    }
}

/* -- strings ------------------------------------------------------------------------------------------------------- */

#define TEXT(name, type)                                                                                               \
    static void see_text_##name(const char *what, const type *text, bool deep) {                                       \
        if (see_pointer(what, text, deep)) {                                                                           \
            unsigned length = 0;                                                                                       \
            for (; text[length] != 0; length++) {                                                                      \
                see(what, (sum_t)text[length]);                                                                        \
            }                                                                                                          \
            see(what, length);                                                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    static void change_text_##name(type *text) {                                                                       \
        for (; text[0] != 0; text += text[1] != 0 ? 2 : 1) {                                                           \
            text[0] ^= 3; /* no text has 3, so none becomes 0 */                                                       \
        }                                                                                                              \
    }
TEXT(char, char)
TEXT(wchar_t, wchar_t)
TEXT(ushort, unsigned short)

#endif
