/* abi: single values on their way between the sides, with the rules on what fits.
 * Runs in: the caller.  Threads: as marshal.h.
 * Does not: know frames (marshal, upcall). */
#ifndef FC_ABI_VALUE_H
#define FC_ABI_VALUE_H

#include "abi/marshal.h"

#define FC__VALUE_TOP_PAGE (~UINT64_C(4095)) /* sizes from here on keep their distance to the end at every width */

static inline uint64_t fc__value_extend(uint64_t value, unsigned bytes, bool is_signed) {
    switch (bytes) {
    case 1:
        return is_signed ? (uint64_t)(int64_t)(int8_t)value : (uint8_t)value;
    case 2:
        return is_signed ? (uint64_t)(int64_t)(int16_t)value : (uint16_t)value;
    case 4:
        return is_signed ? (uint64_t)(int64_t)(int32_t)value : (uint32_t)value;
    default:
        return value;
    }
}

/* `bytes` (0 to 8) of memory, extended to 64 bits. */
static inline uint64_t fc__value_load(const void *from, unsigned bytes, bool is_signed) {
    uint64_t value = 0;
    memcpy(&value, from, bytes); /* little-endian, as all targets are */
    return fc__value_extend(value, bytes, is_signed);
}

/* An integer of `from` bytes, extended to 64 bits by its type, as one of `to` bytes. False if it does not fit. */
static inline bool fc__value_resize(const struct fc__value *type, uint64_t value, unsigned from, unsigned to,
                                    uint64_t *ret_value) {
    if (to >= from) {
        /* A narrow size in the top page, such as (size_t)-1, stays there. */
        bool top = type->is_size && from == 4 && value >= (uint32_t)FC__VALUE_TOP_PAGE;
        *ret_value = top ? value | UINT64_C(0xffffffff00000000) : value;
        return true;
    }
    *ret_value = value;
    return fc__value_extend(value, to, type->is_signed) == value || (type->is_size && value >= FC__VALUE_TOP_PAGE);
}

static inline bool fc__value_is_converted(const struct fc__value *type) {
    return type->kind != FC__VALUE_RAW && type->caller_bytes != type->callee_bytes;
}

/* Which value it is, for messages. */
struct fc__spot {
    enum { FC__SPOT_ARGUMENT, FC__SPOT_OUTPUT, FC__SPOT_RESULT, FC__SPOT_RETURNED } what;
    uint32_t index;
    uint64_t element;  /* of a buffer that has a size */
    bool is_inner;     /* behind the argument, or in it: */
    const char *field; /* in this member of a struct; NULL if in none */
};
enum { FC__SPOT_TEXT_MAX = 200, FC__SPOT_NAME_SHOWN = 100 };
const char *fc__spot_text(const struct fc__marshal *m, const struct fc__spot *spot, char *text);
/* What had become of the call by then. */
const char *fc__spot_outcome(const struct fc__marshal *m, const struct fc__spot *spot);
const char *fc__argument_text(const struct fc__marshal *m, uint32_t index, char *text);

/* A value extended to 64 bits, as the other side has it. FC_ERANGE, FC_ENOMEM. */
int fc__value_to_callee(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        uint64_t value, uint64_t *ret_value);
int fc__value_to_caller(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        uint64_t value, uint64_t *ret_value);
/* Bit-fields; what is beyond the width is zero, or the sign. */
uint64_t fc__value_load_bits(const unsigned char *from, unsigned bit_offset, unsigned bit_width, bool is_signed);
/* A long double as one side has it, in so many bytes, as the other has it: rounded to the nearest that there is. False
 * if it is too large for any, and no infinity; fc__value_too_large says so. */
bool fc__value_long_double(const unsigned char *from, uint64_t from_bytes, unsigned char *to, uint64_t to_bytes);
int fc__value_too_large(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        const unsigned char *from);
/* What goes into an element of an output. The caller's may be anything, and goes along only so that an element which
 * the callee does not write is known by it and keeps its value. In the place of what does not fit goes what hardly anyone
 * would write: */
#define FC__VALUE_UNWRITTEN UINT64_C(0x8f0c8f0c8f0cfffe)
uint64_t fc__value_placeholder(struct fc__marshal *m, const struct fc__value *type, const unsigned char *from);
/* Of an integer: that is what it is, as the callee has it. */
bool fc__value_is_unwritten(const struct fc__value *type, uint64_t value);
bool fc__value_points_into_argument(const struct fc__marshal *m, uint64_t pointer, uint64_t *ret_pointer);

#endif
