/* base: arithmetic that says when it overflows. True is success, as the result is only then valid. */
#ifndef FC_BASE_CHECKED_H
#define FC_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool fc__add_u64(uint64_t a, uint64_t b, uint64_t *ret_sum) {
    return !__builtin_add_overflow(a, b, ret_sum);
}
static inline bool fc__mul_u64(uint64_t a, uint64_t b, uint64_t *ret_product) {
    return !__builtin_mul_overflow(a, b, ret_product);
}
static inline bool fc__add_i64(int64_t a, int64_t b, int64_t *ret_sum) {
    return !__builtin_add_overflow(a, b, ret_sum);
}
static inline bool fc__sub_i64(int64_t a, int64_t b, int64_t *ret_difference) {
    return !__builtin_sub_overflow(a, b, ret_difference);
}
static inline bool fc__mul_i64(int64_t a, int64_t b, int64_t *ret_product) {
    return !__builtin_mul_overflow(a, b, ret_product);
}

/* True if [offset, offset + size) lies within a whole of `whole` bytes. */
static inline bool fc__range_within(uint64_t offset, uint64_t size, uint64_t whole) {
    return offset <= whole && size <= whole - offset;
}

#endif
