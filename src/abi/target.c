#include "abi/target.h"

#include <string.h>

/* Sizes. System V psABI i386 table 2.1 and x86-64 figure 3.1; Microsoft C, "Storage of Basic Types". Extended types as
 * GCC has them on these targets. */
#define SIZES(wchar_bytes, long_bytes, word_bytes, long_double_bytes, int128_bytes, va_list_bytes)                     \
    {                                                                                                                  \
        [FC__SCALAR_BOOL] = 1, [FC__SCALAR_CHAR] = 1, [FC__SCALAR_SCHAR] = 1, [FC__SCALAR_UCHAR] = 1,                  \
        [FC__SCALAR_SHORT] = 2, [FC__SCALAR_USHORT] = 2, [FC__SCALAR_INT] = 4, [FC__SCALAR_UINT] = 4,                  \
        [FC__SCALAR_LONG] = (long_bytes), [FC__SCALAR_ULONG] = (long_bytes), [FC__SCALAR_LLONG] = 8,                   \
        [FC__SCALAR_ULLONG] = 8, [FC__SCALAR_I8] = 1, [FC__SCALAR_U8] = 1, [FC__SCALAR_I16] = 2, [FC__SCALAR_U16] = 2, \
        [FC__SCALAR_I32] = 4, [FC__SCALAR_U32] = 4, [FC__SCALAR_I64] = 8, [FC__SCALAR_U64] = 8,                        \
        [FC__SCALAR_SIZE] = (word_bytes), [FC__SCALAR_SSIZE] = (word_bytes), [FC__SCALAR_PTRDIFF] = (word_bytes),      \
        [FC__SCALAR_INTPTR] = (word_bytes), [FC__SCALAR_UINTPTR] = (word_bytes), [FC__SCALAR_WCHAR] = (wchar_bytes),   \
        [FC__SCALAR_FLOAT] = 4, [FC__SCALAR_DOUBLE] = 8, [FC__SCALAR_LDOUBLE] = (long_double_bytes),                   \
        [FC__SCALAR_I128] = (int128_bytes), [FC__SCALAR_U128] = (int128_bytes), [FC__SCALAR_FLOAT16] = 2,              \
        [FC__SCALAR_FP16] = 2, [FC__SCALAR_BFLOAT16] = 2, [FC__SCALAR_FLOAT128] = 16, [FC__SCALAR_DECIMAL32] = 4,      \
        [FC__SCALAR_DECIMAL64] = 8, [FC__SCALAR_DECIMAL128] = 16, [FC__SCALAR_CFLOAT] = 8, [FC__SCALAR_CDOUBLE] = 16,  \
        [FC__SCALAR_CLDOUBLE] = 2 * (long_double_bytes), [FC__SCALAR_CFLOAT16] = 4, [FC__SCALAR_CFLOAT128] = 32,       \
        [FC__SCALAR_VA_LIST] = (va_list_bytes), [FC__SCALAR_MS_VA_LIST] = (word_bytes),                                \
        [FC__SCALAR_SYSV_VA_LIST] = (word_bytes) == 8 ? 24 : 0,                                                        \
    }

/* Alignments: `wide` is that of 64-bit integers and of double, where the two tables of System V i386 differ. */
#define ALIGNMENTS(wchar_bytes, long_bytes, word_bytes, long_double_bytes, wide, va_list_alignment)                    \
    {                                                                                                                  \
        [FC__SCALAR_BOOL] = 1, [FC__SCALAR_CHAR] = 1, [FC__SCALAR_SCHAR] = 1, [FC__SCALAR_UCHAR] = 1,                  \
        [FC__SCALAR_SHORT] = 2, [FC__SCALAR_USHORT] = 2, [FC__SCALAR_INT] = 4, [FC__SCALAR_UINT] = 4,                  \
        [FC__SCALAR_LONG] = (long_bytes), [FC__SCALAR_ULONG] = (long_bytes), [FC__SCALAR_LLONG] = (wide),              \
        [FC__SCALAR_ULLONG] = (wide), [FC__SCALAR_I8] = 1, [FC__SCALAR_U8] = 1, [FC__SCALAR_I16] = 2,                  \
        [FC__SCALAR_U16] = 2, [FC__SCALAR_I32] = 4, [FC__SCALAR_U32] = 4, [FC__SCALAR_I64] = (wide),                   \
        [FC__SCALAR_U64] = (wide), [FC__SCALAR_SIZE] = (word_bytes), [FC__SCALAR_SSIZE] = (word_bytes),                \
        [FC__SCALAR_PTRDIFF] = (word_bytes), [FC__SCALAR_INTPTR] = (word_bytes), [FC__SCALAR_UINTPTR] = (word_bytes),  \
        [FC__SCALAR_WCHAR] = (wchar_bytes), [FC__SCALAR_FLOAT] = 4, [FC__SCALAR_DOUBLE] = (wide),                      \
        [FC__SCALAR_LDOUBLE] = (long_double_bytes), [FC__SCALAR_I128] = 16, [FC__SCALAR_U128] = 16,                    \
        [FC__SCALAR_FLOAT16] = 2, [FC__SCALAR_FP16] = 2, [FC__SCALAR_BFLOAT16] = 2, [FC__SCALAR_FLOAT128] = 16,        \
        [FC__SCALAR_DECIMAL32] = 4, [FC__SCALAR_DECIMAL64] = 8, [FC__SCALAR_DECIMAL128] = 16, [FC__SCALAR_CFLOAT] = 4, \
        [FC__SCALAR_CDOUBLE] = (wide), [FC__SCALAR_CLDOUBLE] = (long_double_bytes), [FC__SCALAR_CFLOAT16] = 2,         \
        [FC__SCALAR_CFLOAT128] = 16, [FC__SCALAR_VA_LIST] = (va_list_alignment),                                       \
        [FC__SCALAR_MS_VA_LIST] = (word_bytes), [FC__SCALAR_SYSV_VA_LIST] = (word_bytes),                              \
    }

/* What Microsoft's targets and mingw's share. */
#define I386_WINDOWS                                                                                                   \
    .host = "i386-windows", .pointer_bytes = 4, .word_bytes = 4, .convention = FC__CONVENTION_I386_MS,                 \
    .is_windows = true, .char_is_signed = true, .records = FC__RECORD_MS
#define X86_64_WINDOWS                                                                                                 \
    .host = "x86_64-windows", .pointer_bytes = 8, .word_bytes = 8, .convention = FC__CONVENTION_X86_64_MS,             \
    .is_windows = true, .char_is_signed = true, .records = FC__RECORD_MS

static const struct fc__target targets[] = {
    {
        .name = "i386-linux",
        .host = "i386-linux",
        .pointer_bytes = 4,
        .word_bytes = 4,
        .convention = FC__CONVENTION_I386_CDECL,
        .char_is_signed = true,
        .bytes = SIZES(4, 4, 4, 12, 0, 4),
        .alignments = ALIGNMENTS(4, 4, 4, 4, 4, 4),
        .preferred_alignments = ALIGNMENTS(4, 4, 4, 4, 8, 4),
        .records = FC__RECORD_GNU,
    },
    {
        .name = "x86_64-linux",
        .host = "x86_64-linux",
        .pointer_bytes = 8,
        .word_bytes = 8,
        .convention = FC__CONVENTION_X86_64_SYSV,
        .char_is_signed = true,
        .bytes = SIZES(4, 8, 8, 16, 16, 24),
        .alignments = ALIGNMENTS(4, 8, 8, 16, 8, 8),
        .preferred_alignments = ALIGNMENTS(4, 8, 8, 16, 8, 8),
        .records = FC__RECORD_GNU,
    },
    {
        .name = "i386-windows",
        I386_WINDOWS,
        .bytes = SIZES(2, 4, 4, 8, 0, 4),
        .alignments = ALIGNMENTS(2, 4, 4, 8, 8, 4),
        .preferred_alignments = ALIGNMENTS(2, 4, 4, 8, 8, 4),
    },
    {
        .name = "x86_64-windows",
        X86_64_WINDOWS,
        .bytes = SIZES(2, 4, 8, 8, 16, 8),
        .alignments = ALIGNMENTS(2, 4, 8, 8, 8, 8),
        .preferred_alignments = ALIGNMENTS(2, 4, 8, 8, 8, 8),
    },
    {
        .name = "i386-windows-gnu",
        I386_WINDOWS,
        .is_gnu = true,
        .bytes = SIZES(2, 4, 4, 12, 0, 4),
        .alignments = ALIGNMENTS(2, 4, 4, 4, 8, 4),
        .preferred_alignments = ALIGNMENTS(2, 4, 4, 4, 8, 4),
    },
    {
        .name = "x86_64-windows-gnu",
        X86_64_WINDOWS,
        .is_gnu = true,
        .bytes = SIZES(2, 4, 8, 16, 16, 8),
        .alignments = ALIGNMENTS(2, 4, 8, 16, 8, 8),
        .preferred_alignments = ALIGNMENTS(2, 4, 8, 16, 8, 8),
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
    enum { SIGNED, UNSIGNED, PLAIN_CHAR, WIDE_CHAR, FLOATING, OTHER } kind;
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
    [FC__SCALAR_WCHAR] = {"wchar_t", WIDE_CHAR, false},
    [FC__SCALAR_FLOAT] = {"float", FLOATING, false},
    [FC__SCALAR_DOUBLE] = {"double", FLOATING, false},
    [FC__SCALAR_LDOUBLE] = {"long double", FLOATING, false},
    [FC__SCALAR_I128] = {"__int128", OTHER, false},
    [FC__SCALAR_U128] = {"unsigned __int128", OTHER, false},
    [FC__SCALAR_FLOAT16] = {"_Float16", OTHER, false},
    [FC__SCALAR_FP16] = {"__fp16", OTHER, false},
    [FC__SCALAR_BFLOAT16] = {"__bf16", OTHER, false},
    [FC__SCALAR_FLOAT128] = {"_Float128", OTHER, false},
    [FC__SCALAR_DECIMAL32] = {"_Decimal32", OTHER, false},
    [FC__SCALAR_DECIMAL64] = {"_Decimal64", OTHER, false},
    [FC__SCALAR_DECIMAL128] = {"_Decimal128", OTHER, false},
    [FC__SCALAR_CFLOAT] = {"float _Complex", OTHER, false},
    [FC__SCALAR_CDOUBLE] = {"double _Complex", OTHER, false},
    [FC__SCALAR_CLDOUBLE] = {"long double _Complex", OTHER, false},
    [FC__SCALAR_CFLOAT16] = {"_Float16 _Complex", OTHER, false},
    [FC__SCALAR_CFLOAT128] = {"_Float128 _Complex", OTHER, false},
    [FC__SCALAR_VA_LIST] = {"__builtin_va_list", OTHER, false},
    [FC__SCALAR_MS_VA_LIST] = {"__builtin_ms_va_list", OTHER, false},
    [FC__SCALAR_SYSV_VA_LIST] = {"__builtin_sysv_va_list", OTHER, false},
};

bool fc__scalar_is_signed(const struct fc__target *target, enum fc__scalar scalar) {
    return scalars[scalar].kind == SIGNED || (scalars[scalar].kind == PLAIN_CHAR && target->char_is_signed) ||
           (scalars[scalar].kind == WIDE_CHAR && !target->is_windows);
}
bool fc__scalar_is_float(enum fc__scalar scalar) {
    return scalars[scalar].kind == FLOATING;
}
bool fc__scalar_part(enum fc__scalar scalar, enum fc__scalar *ret_part) {
    *ret_part = scalar == FC__SCALAR_CFLOAT    ? FC__SCALAR_FLOAT
                : scalar == FC__SCALAR_CDOUBLE ? FC__SCALAR_DOUBLE
                                               : FC__SCALAR_LDOUBLE;
    return scalar == FC__SCALAR_CFLOAT || scalar == FC__SCALAR_CDOUBLE || scalar == FC__SCALAR_CLDOUBLE;
}
bool fc__scalar_is_size(enum fc__scalar scalar) {
    return scalars[scalar].is_size;
}
const char *fc__scalar_name(enum fc__scalar scalar) {
    return scalars[scalar].name;
}
