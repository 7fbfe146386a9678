/* Checksums that change when any value, or the order of two, does. */
#ifndef CONFORMANCE_MIX_H
#define CONFORMANCE_MIX_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline unsigned long long mix(unsigned long long sum, unsigned long long value) {
    sum = (sum ^ value) * 0x9e3779b97f4a7c15u;
    return sum ^ (sum >> 29);
}
static inline unsigned long long mix_float(unsigned long long sum, double value) {
    unsigned long long bits;
    memcpy(&bits, &value, sizeof bits);
    return mix(sum, value == 0 ? 0 : bits);
}
static inline unsigned long long mix_bytes(unsigned long long sum, const void *data, size_t size) {
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        sum = mix(sum, bytes[i]);
    }
    return mix(sum, size);
}
static inline unsigned long long mix_text(unsigned long long sum, const char *text) {
    return text == NULL ? mix(sum, 0xdead) : mix_bytes(sum, text, strlen(text));
}

#endif
