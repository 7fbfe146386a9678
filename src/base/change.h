/* base: what one side changed of what the other handed it. A function that leaves an argument alone does not write to it,
 * and somebody else may meanwhile; so of what goes there and back is kept how it was when it was handed over (`before`),
 * and only bytes that are others afterwards are copied back.
 * Runs in: both processes.  Threads: any; of `from`, which the other side may still write to, nothing is believed.
 * Does not: know types: who converts elements compares each of them as it came with what it was. */
#ifndef FC_BASE_CHANGE_H
#define FC_BASE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Copies those bytes of `from` that are not as they were in `before`. NULL: all, if any is not as in `to`, which may be
 * constant. */
void fc__change_copy(unsigned char *to, const unsigned char *from, const unsigned char *before, uint64_t size);

/* The same, and `before` is as `from` then, of which each byte is read once. */
void fc__change_take(unsigned char *to, const unsigned char *from, unsigned char *before, uint64_t size);

/* True if all bytes are as they were, and it is known how they were. */
static inline bool fc__change_is_none(const unsigned char *from, const unsigned char *before, uint64_t size) {
    return before != NULL && memcmp(from, before, (size_t)size) == 0;
}

/* What fc__change_copy does with a word, of which `bytes` (1, 2, 4 or 8) count; both are zero above them. */
static inline void fc__change_put(unsigned char *to, uint64_t word, uint64_t before, unsigned bytes) {
    const uint64_t ones = UINT64_C(0x0101010101010101) >> (64 - 8 * bytes);
    uint64_t changed = word ^ before;
    if (changed == 0) {
        return;
    }
    if (((changed - ones) & ~changed & ones << 7) == 0) { /* each of them is another: no byte is zero */
        memcpy(to, &word, bytes);
        return;
    }
    for (unsigned bit; changed != 0; changed &= ~(UINT64_C(0xff) << bit)) {
        bit = (unsigned)__builtin_ctzll(changed) & ~7u;
        to[bit / 8] = (unsigned char)(word >> bit);
    }
}

#endif
