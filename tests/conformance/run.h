/* tests: one run of a case: its random values, and what it sees. Part of cases.h. */
#ifndef FC_TESTS_CONFORMANCE_RUN_H
#define FC_TESTS_CONFORMANCE_RUN_H

#include "call.h"

#include <wchar.h>

/* Values are squeezed into types on purpose. */
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wfloat-equal"

/* -- one run of a case --------------------------------------------------------------------------------------------- */

enum { SEEN_MAX = 16384, BOUND_MAX = 24, SCRATCH_BYTES = 4 << 20 };

struct seen {
    const char *what;
    uint64_t value;
};
struct bound {
    const char *name;
    struct fc_function *function;
};
struct run {
    char name[64];
    void *direct;               /* from dlopen; NULL: through farcall */
    struct fc_library *library; /* NULL: direct */
    const char *target;
    struct bound bound[BOUND_MAX];
    size_t bound_count;
    uint64_t random;
    struct seen seen[SEEN_MAX];
    size_t seen_count;
    bool by_array; /* with fc_call_array */
    bool has_failed;
    char failure[2048];
    jmp_buf out;
    size_t scratch_used;
    _Alignas(16) char scratch[SCRATCH_BYTES];
};
static struct run *now; /* the one that runs */

/* The run cannot go on: what it said is its failure. */
_Noreturn static UNUSED_HERE void give_up(const char *what, const char *why) {
    snprintf(now->failure, sizeof now->failure, "%s: %s", what, why);
    now->has_failed = true;
    longjmp(now->out, 1);
}

/* Memory until the end of the round, filled with 0xa5. */
static UNUSED_HERE void *scratch(size_t size) {
    size = (size + 15) / 16 * 16;
    require(size <= SCRATCH_BYTES - now->scratch_used);
    void *memory = now->scratch + now->scratch_used;
    now->scratch_used += size;
    return memset(memory, 0xa5, size);
}
#define SCRATCH(type, count) ((type *)scratch(sizeof(type) * (size_t)(count)))

/* -- random values: such as each side's type can hold -------------------------------------------------------------- */

static UNUSED_HERE uint64_t any_bits(void) {
    now->random ^= now->random >> 12;
    now->random ^= now->random << 25;
    now->random ^= now->random >> 27;
    return now->random * UINT64_C(0x2545f4914f6cdd1d);
}
/* low <= value <= high */
static UNUSED_HERE int any_of(int low, int high) {
    return (int)(low + (int64_t)(any_bits() % (uint64_t)((int64_t)high - low + 1)));
}
/* 30 bits and a sign: may be negated, doubled or given to a long. Of any length. */
static UNUSED_HERE int any_int(void) {
    const uint64_t bits = any_bits();
    const int value = (int)(bits >> 34) >> (bits & 31);
    return (bits >> 5) % 2 == 0 ? value : -value;
}
/* Eighths, whose sums and products are exact. */
static UNUSED_HERE double any_double(void) {
    return any_of(-(1 << 20), 1 << 20) / 8.0;
}
static UNUSED_HERE float any_float(void) {
    return (float)any_of(-(1 << 10), 1 << 10) / 8;
}
static UNUSED_HERE bool any_bool(void) {
    return any_bits() >> 63 != 0;
}
#define ANY(type)                                                                                                      \
    ((type) _Generic((type)0, float                                                                                    \
                     : any_float(), double                                                                             \
                     : any_double(), long double                                                                       \
                     : any_double(), bool                                                                              \
                     : any_bool(), long                                                                                \
                     : any_int(), unsigned long                                                                        \
                     : any_bits() >> 33, int                                                                           \
                     : any_int(), unsigned                                                                             \
                     : any_bits() >> 33, default                                                                       \
                     : any_bits()))
/* Gives the object a random value of its type. */
#define RANDOM(object) ((object) = ANY(__typeof__(object)))

/* Letters, no more than `max`; of any length. */
static UNUSED_HERE char *any_text(int max) {
    const int len = any_of(0, any_of(0, max));
    char *text = scratch((size_t)len + 1);
    for (int i = 0; i < len; i++) {
        text[i] = "abcdefghij klmnopqrstuvwxyzABCDE,.\xc3"[any_of(0, 34)];
    }
    text[len] = '\0';
    return text;
}

/* -- what is seen -------------------------------------------------------------------------------------------------- */

static UNUSED_HERE void see(const char *what, uint64_t value) {
    if (now->seen_count == SEEN_MAX) {
        give_up(what, "more is seen than there is room for");
    }
    now->seen[now->seen_count++] = (struct seen){what, value};
}
static UNUSED_HERE void see_integer(const char *what, unsigned long long value) {
    see(what, value);
}
static UNUSED_HERE void see_double(const char *what, double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    see(what, value != value ? UINT64_C(0x7ff8000000000000) : bits);
}
static UNUSED_HERE void see_long_double(const char *what, long double value) {
    unsigned char bytes[sizeof value] = {0};
    uint64_t mantissa = 0;
    uint16_t exponent = 0;
    memcpy(bytes, &value, sizeof value);
    memcpy(&mantissa, bytes, 8);
    memcpy(&exponent, bytes + 8, 2);
    see(what, value != value ? 1 : mantissa);
    see(what, value != value ? 1 : exponent);
}
static UNUSED_HERE void see_bytes(const char *what, const void *data, size_t size) {
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        sum = (sum ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
    }
    see(what, size);
    see(what, sum);
}
static UNUSED_HERE void see_text(const char *what, const char *text) {
    see(what, text != NULL);
    if (text != NULL) {
        see_bytes(what, text, strlen(text));
    }
}
static UNUSED_HERE void see_wide(const char *what, const wchar_t *text) {
    see(what, text != NULL);
    if (text != NULL) {
        see_bytes(what, text, wcslen(text) * sizeof *text);
    }
}
#define SEE(value)                                                                                                     \
    _Generic((value), float                                                                                            \
             : see_double, double                                                                                      \
             : see_double, long double                                                                                 \
             : see_long_double, char *                                                                                 \
             : see_text, const char *                                                                                  \
             : see_text, wchar_t *                                                                                     \
             : see_wide, const wchar_t *                                                                               \
             : see_wide, default                                                                                       \
             : see_integer)(#value, (value))
#define SEE_BYTES(data, size) see_bytes(#data, (data), (size))
/* Each of an array's elements. */
#define SEE_EACH(array, count)                                                                                         \
    do {                                                                                                               \
        for (size_t each_ = 0; each_ < (size_t)(count); each_++) {                                                     \
            SEE((array)[each_]);                                                                                       \
        }                                                                                                              \
    } while (0)

#endif
