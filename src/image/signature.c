/* image: signatures of methods and fields.
 * Source: ECMA-335 II.23.2. Recursion ends at a depth that no compiler reaches. */
#include "image/metadata.h"

enum { DEPTH_MAX = 32, GENERIC = 0x10, KIND = 0x0f, KIND_FIELD = 6, KIND_PROPERTY = 8, KIND_LOCALS = 7 };
enum { SENTINEL = 0x41 };
enum element {
    LAST_PRIMITIVE = 0x0e,
    PTR = 0x0f,
    BYREF = 0x10,
    VALUETYPE = 0x11,
    CLASS = 0x12,
    VAR = 0x13,
    ARRAY = 0x14,
    GENERICINST = 0x15,
    TYPEDBYREF = 0x16,
    I = 0x18,
    U = 0x19,
    FNPTR = 0x1b,
    OBJECT = 0x1c,
    SZARRAY = 0x1d,
    MVAR = 0x1e,
    CMOD_REQD = 0x1f,
    CMOD_OPT = 0x20,
    PINNED = 0x45,
};

struct reader {
    struct fc__bytes bytes; /* big-endian, as compressed numbers are */
    uint64_t at;
    bool is_broken, has_pointer;
};

static uint8_t next_byte(struct reader *reader) {
    if (!fc__bytes_has(&reader->bytes, reader->at, 1)) {
        reader->is_broken = true;
        return 0;
    }
    return reader->bytes.data[reader->at++];
}

static uint32_t next_number(struct reader *reader) {
    uint8_t first = fc__bytes_u8(&reader->bytes, reader->at);
    unsigned size = first < 0x80 ? 1 : first < 0xc0 ? 2 : 4;
    uint32_t mask = size == 1 ? 0x7f : size == 2 ? 0x3fff : 0x1fffffff;
    if (!fc__bytes_has(&reader->bytes, reader->at, size)) {
        reader->is_broken = true;
        return 0;
    }
    uint32_t number = (uint32_t)fc__bytes_number(&reader->bytes, reader->at, size) & mask;
    reader->at += size;
    return number;
}

static uint8_t skip_type(struct reader *reader, unsigned depth);

static void skip_types(struct reader *reader, uint32_t count, unsigned depth) {
    for (uint32_t i = 0; i < count && !reader->is_broken; i++) {
        skip_type(reader, depth);
    }
}

/* A method's signature inside a type. */
static void skip_method(struct reader *reader, unsigned depth) {
    if (next_byte(reader) & GENERIC) {
        next_number(reader);
    }
    uint32_t count = next_number(reader);
    skip_types(reader, count, depth); /* one more is the result */
    skip_type(reader, depth);
}

/* After the element type: rank, sizes, lower bounds. */
static void skip_shape(struct reader *reader) {
    next_number(reader);
    for (unsigned part = 0; part < 2; part++) {
        uint32_t count = next_number(reader);
        for (uint32_t i = 0; i < count && !reader->is_broken; i++) {
            next_number(reader);
        }
    }
}

/* The element type, of a type with modifiers the one behind them. */
static uint8_t skip_type(struct reader *reader, unsigned depth) {
    uint8_t element = next_byte(reader);
    while (element == CMOD_REQD || element == CMOD_OPT || element == PINNED || element == SENTINEL) {
        if (element == CMOD_REQD || element == CMOD_OPT) {
            next_number(reader);
        }
        element = next_byte(reader);
    }
    if (depth >= DEPTH_MAX) {
        reader->is_broken = true;
    }
    if (reader->is_broken || (element >= 1 && element <= LAST_PRIMITIVE)) {
        return element;
    }
    switch (element) {
    case PTR:
        reader->has_pointer = true;
        skip_type(reader, depth + 1);
        break;
    case BYREF:
    case SZARRAY:
        skip_type(reader, depth + 1);
        break;
    case VALUETYPE:
    case CLASS:
    case VAR:
    case MVAR:
        next_number(reader);
        break;
    case ARRAY:
        skip_type(reader, depth + 1);
        skip_shape(reader);
        break;
    case GENERICINST:
        next_byte(reader);
        next_number(reader);
        skip_types(reader, next_number(reader), depth + 1);
        break;
    case FNPTR:
        reader->has_pointer = true;
        skip_method(reader, depth + 1);
        break;
    case TYPEDBYREF:
    case I:
    case U:
    case OBJECT:
        break;
    default:
        reader->is_broken = true;
        break;
    }
    return element;
}

struct fc__signature fc__signature_read(const void *data, size_t len) {
    struct reader reader = {.bytes = {.data = data, .len = len, .is_big_endian = true}};
    struct fc__signature signature = {0};
    uint8_t kind = next_byte(&reader);
    bool has_params = (kind & KIND) != KIND_FIELD && (kind & KIND) != KIND_LOCALS;
    if (has_params && (kind & GENERIC) != 0) {
        next_number(&reader);
    }
    signature.param_count = has_params ? next_number(&reader) : 0;
    for (uint32_t i = 0; i <= signature.param_count && !reader.is_broken; i++) {
        uint8_t type = skip_type(&reader, 0);
        if (i <= FC__PARAMS_MAX) {
            signature.types[i] = type;
        }
    }
    signature.is_valid = !reader.is_broken;
    signature.has_pointer = reader.has_pointer && signature.is_valid;
    return signature;
}
