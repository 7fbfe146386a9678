#include "abi/target.h"

#include <string.h>

/* System V psABI i386 table 2.1 and x86-64 figure 3.1. */
#define SCALARS(long_bytes, size_bytes, long_double_bytes)                                                             \
    {                                                                                                                  \
        [FC__SCALAR_BOOL] = 1, [FC__SCALAR_CHAR] = 1, [FC__SCALAR_SCHAR] = 1, [FC__SCALAR_UCHAR] = 1,                  \
        [FC__SCALAR_SHORT] = 2, [FC__SCALAR_USHORT] = 2, [FC__SCALAR_INT] = 4, [FC__SCALAR_UINT] = 4,                  \
        [FC__SCALAR_LONG] = (long_bytes), [FC__SCALAR_ULONG] = (long_bytes), [FC__SCALAR_LLONG] = 8,                   \
        [FC__SCALAR_ULLONG] = 8, [FC__SCALAR_I8] = 1, [FC__SCALAR_U8] = 1, [FC__SCALAR_I16] = 2, [FC__SCALAR_U16] = 2, \
        [FC__SCALAR_I32] = 4, [FC__SCALAR_U32] = 4, [FC__SCALAR_I64] = 8, [FC__SCALAR_U64] = 8,                        \
        [FC__SCALAR_SIZE] = (size_bytes), [FC__SCALAR_SSIZE] = (size_bytes), [FC__SCALAR_PTRDIFF] = (size_bytes),      \
        [FC__SCALAR_INTPTR] = (size_bytes), [FC__SCALAR_UINTPTR] = (size_bytes), [FC__SCALAR_FLOAT] = 4,               \
        [FC__SCALAR_DOUBLE] = 8, [FC__SCALAR_LDOUBLE] = (long_double_bytes),                                           \
    }

static const struct fc__target targets[] = {
    {
        .name = "i386-linux",
        .pointer_bytes = 4,
        .word_bytes = 4,
        .convention = FC__CONVENTION_I386_CDECL,
        .char_is_signed = true,
        .bytes = SCALARS(4, 4, 12),
    },
    {
        .name = "x86_64-linux",
        .pointer_bytes = 8,
        .word_bytes = 8,
        .convention = FC__CONVENTION_X86_64_SYSV,
        .char_is_signed = true,
        .bytes = SCALARS(8, 8, 16),
    },
};
enum { TARGET_COUNT = sizeof targets / sizeof *targets };

const struct fc__target *fc__target_at(unsigned index) {
    return index < TARGET_COUNT ? &targets[index] : NULL;
}

const struct fc__target *fc__target_find(const char *name) {
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        if (strcmp(targets[i].name, name) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

const struct fc__target *fc__target_native(void) {
#if defined(__x86_64__)
    return &targets[1];
#elif defined(__i386__)
    return &targets[0];
#else
#error "no row for this processor"
#endif
}

static const struct {
    const char *name;
    enum { SIGNED, UNSIGNED, PLAIN_CHAR, FLOATING } kind;
    bool is_size;
} scalars[FC__SCALAR_COUNT] = {
    [FC__SCALAR_BOOL] = {"_Bool", UNSIGNED, false},
    [FC__SCALAR_CHAR] = {"char", PLAIN_CHAR, false},
    [FC__SCALAR_SCHAR] = {"signed char", SIGNED, false},
    [FC__SCALAR_UCHAR] = {"unsigned char", UNSIGNED, false},
    [FC__SCALAR_SHORT] = {"short", SIGNED, false},
    [FC__SCALAR_USHORT] = {"unsigned short", UNSIGNED, false},
    [FC__SCALAR_INT] = {"int", SIGNED, false},
    [FC__SCALAR_UINT] = {"unsigned int", UNSIGNED, false},
    [FC__SCALAR_LONG] = {"long", SIGNED, false},
    [FC__SCALAR_ULONG] = {"unsigned long", UNSIGNED, false},
    [FC__SCALAR_LLONG] = {"long long", SIGNED, false},
    [FC__SCALAR_ULLONG] = {"unsigned long long", UNSIGNED, false},
    [FC__SCALAR_I8] = {"int8_t", SIGNED, false},
    [FC__SCALAR_U8] = {"uint8_t", UNSIGNED, false},
    [FC__SCALAR_I16] = {"int16_t", SIGNED, false},
    [FC__SCALAR_U16] = {"uint16_t", UNSIGNED, false},
    [FC__SCALAR_I32] = {"int32_t", SIGNED, false},
    [FC__SCALAR_U32] = {"uint32_t", UNSIGNED, false},
    [FC__SCALAR_I64] = {"int64_t", SIGNED, false},
    [FC__SCALAR_U64] = {"uint64_t", UNSIGNED, false},
    [FC__SCALAR_SIZE] = {"size_t", UNSIGNED, true},
    [FC__SCALAR_SSIZE] = {"ssize_t", SIGNED, false},
    [FC__SCALAR_PTRDIFF] = {"ptrdiff_t", SIGNED, false},
    [FC__SCALAR_INTPTR] = {"intptr_t", SIGNED, false},
    [FC__SCALAR_UINTPTR] = {"uintptr_t", UNSIGNED, true},
    [FC__SCALAR_FLOAT] = {"float", FLOATING, false},
    [FC__SCALAR_DOUBLE] = {"double", FLOATING, false},
    [FC__SCALAR_LDOUBLE] = {"long double", FLOATING, false},
};

bool fc__scalar_is_signed(const struct fc__target *target, enum fc__scalar scalar) {
    return scalars[scalar].kind == SIGNED || (scalars[scalar].kind == PLAIN_CHAR && target->char_is_signed);
}
bool fc__scalar_is_float(enum fc__scalar scalar) {
    return scalars[scalar].kind == FLOATING;
}
bool fc__scalar_is_size(enum fc__scalar scalar) {
    return scalars[scalar].is_size;
}
const char *fc__scalar_name(enum fc__scalar scalar) {
    return scalars[scalar].name;
}
