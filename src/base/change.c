#include "base/change.h"

enum { ROW = 4 }; /* words */

/* True if each byte is another. */
static inline bool are_others(const uint64_t words[ROW], const uint64_t before[ROW]) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t zeros = 0;
    for (unsigned i = 0; i < ROW; i++) {
        const uint64_t changed = words[i] ^ before[i];
        zeros |= (changed - ones) & ~changed;
    }
    return (zeros & ones << 7) == 0;
}

/* Mostly all of what was written to is another. */
static void copy_words(unsigned char *to, const unsigned char *from, const unsigned char *before, size_t size) {
    size_t at = 0;
    for (uint64_t words[ROW], were[ROW]; at + sizeof words <= size; at += sizeof words) {
        memcpy(words, from + at, sizeof words);
        memcpy(were, before + at, sizeof were);
        if (are_others(words, were)) {
            memcpy(to + at, words, sizeof words);
            continue;
        }
        for (unsigned i = 0; i < ROW; i++) {
            fc__change_put(to + at + i * sizeof words[0], words[i], were[i], sizeof words[0]);
        }
    }
    for (; at < size; at++) {
        fc__change_put(to + at, from[at], before[at], 1);
    }
}

void fc__change_take(unsigned char *to, const unsigned char *from, unsigned char *before, uint64_t size) {
    uint64_t at = 0;
    for (uint64_t word, was; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, from + at, sizeof word);
        memcpy(&was, before + at, sizeof was);
        fc__change_put(to + at, word, was, sizeof word);
        memcpy(before + at, &word, sizeof word);
    }
    for (unsigned char byte; at < size; at++) {
        byte = from[at];
        fc__change_put(to + at, byte, before[at], 1);
        before[at] = byte;
    }
}

void fc__change_copy(unsigned char *to, const unsigned char *from, const unsigned char *before, uint64_t size) {
    enum { PIECE = 512 }; /* as long as a comparison needs to be to be fast */
    if (before == NULL) {
        if (memcmp(to, from, (size_t)size) != 0) {
            memcpy(to, from, (size_t)size);
        }
        return;
    }
    for (uint64_t at = 0, bytes; at < size; at += bytes) {
        bytes = size - at < PIECE ? size - at : PIECE;
        if (memcmp(from + at, before + at, (size_t)bytes) != 0) {
            copy_words(to + at, from + at, before + at, (size_t)bytes);
        }
    }
}
