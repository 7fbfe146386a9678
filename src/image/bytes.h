/* image: numbers and strings out of a span of untrusted bytes.
 * Runs in: the caller.  Threads: any; nothing is written.
 * Does not: read outside the span, whatever it is asked. A number outside it is 0; a reader that must tell that from a
 * real 0 asks fc__bytes_has first. */
#ifndef FC_IMAGE_BYTES_H
#define FC_IMAGE_BYTES_H

#include "base/checked.h"

#include <stddef.h>
#include <string.h>

struct fc__bytes {
    const unsigned char *data;
    uint64_t len;
    bool is_big_endian;
};

/* True if `size` bytes at `offset` lie within the span. */
static inline bool fc__bytes_has(const struct fc__bytes *bytes, uint64_t offset, uint64_t size) {
    return fc__range_within(offset, size, bytes->len);
}

/* True if `count` entries of `size` bytes at `offset` lie within the span. */
static inline bool fc__bytes_has_table(const struct fc__bytes *bytes, uint64_t offset, uint64_t count, uint64_t size) {
    uint64_t total;
    return fc__mul_u64(count, size, &total) && fc__bytes_has(bytes, offset, total);
}

/* The unsigned number of `size` bytes, at most 8, at `offset`. */
static inline uint64_t fc__bytes_number(const struct fc__bytes *bytes, uint64_t offset, unsigned size) {
    if (!fc__bytes_has(bytes, offset, size)) {
        return 0;
    }
    const unsigned char *at = bytes->data + (size_t)offset;
    uint64_t number = 0;
    for (unsigned i = 0; i < size; i++) {
        number = number << 8 | at[bytes->is_big_endian ? i : size - 1 - i];
    }
    return number;
}

static inline uint8_t fc__bytes_u8(const struct fc__bytes *bytes, uint64_t offset) {
    return (uint8_t)fc__bytes_number(bytes, offset, 1);
}

static inline uint16_t fc__bytes_u16(const struct fc__bytes *bytes, uint64_t offset) {
    return (uint16_t)fc__bytes_number(bytes, offset, 2);
}

static inline uint32_t fc__bytes_u32(const struct fc__bytes *bytes, uint64_t offset) {
    return (uint32_t)fc__bytes_number(bytes, offset, 4);
}

static inline uint64_t fc__bytes_u64(const struct fc__bytes *bytes, uint64_t offset) {
    return fc__bytes_number(bytes, offset, 8);
}

/* True if the span has the `len` bytes of `magic` at `offset`. */
static inline bool fc__bytes_match(const struct fc__bytes *bytes, uint64_t offset, const char *magic, size_t len) {
    return fc__bytes_has(bytes, offset, len) && memcmp(bytes->data + (size_t)offset, magic, len) == 0;
}

/* The string at `offset`, if its NUL comes within `max` bytes and within the span; else NULL. */
static inline const char *fc__bytes_string(const struct fc__bytes *bytes, uint64_t offset, uint64_t max) {
    if (offset >= bytes->len) {
        return NULL;
    }
    uint64_t room = bytes->len - offset;
    const char *text = (const char *)bytes->data + (size_t)offset;
    return memchr(text, '\0', (size_t)(max < room ? max : room)) != NULL ? text : NULL;
}

#endif
