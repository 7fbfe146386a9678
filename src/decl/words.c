/* decl: the words of the grammar, as data. Two underscores around or before a keyword are GNU spellings of it. */
#include "decl/lexer.h"

#include <string.h>

static const struct fc__word words[] = {
    {"typedef", FC__WORD_TYPEDEF, 0},
    {"extern", FC__WORD_EXTERN, 0},
    {"static", FC__WORD_STATIC, 0},
    {"auto", FC__WORD_AUTO, 0},
    {"register", FC__WORD_REGISTER, 0},
    {"_Thread_local", FC__WORD_THREAD, 0},
    {"__thread", FC__WORD_THREAD, 0},
    {"inline", FC__WORD_INLINE, 0},
    {"__inline", FC__WORD_INLINE, 0},
    {"__inline__", FC__WORD_INLINE, 0},
    {"_Noreturn", FC__WORD_NORETURN, 0},

    {"const", FC__WORD_CONST, 0},
    {"__const", FC__WORD_CONST, 0},
    {"__const__", FC__WORD_CONST, 0},
    {"volatile", FC__WORD_VOLATILE, 0},
    {"__volatile", FC__WORD_VOLATILE, 0},
    {"__volatile__", FC__WORD_VOLATILE, 0},
    {"restrict", FC__WORD_RESTRICT, 0},
    {"__restrict", FC__WORD_RESTRICT, 0},
    {"__restrict__", FC__WORD_RESTRICT, 0},
    {"_Nonnull", FC__WORD_RESTRICT, 0},
    {"_Nullable", FC__WORD_RESTRICT, 0},
    {"_Null_unspecified", FC__WORD_RESTRICT, 0},

    {"void", FC__WORD_VOID, 0},
    {"char", FC__WORD_CHAR, 0},
    {"short", FC__WORD_SHORT, 0},
    {"int", FC__WORD_INT, 0},
    {"long", FC__WORD_LONG, 0},
    {"signed", FC__WORD_SIGNED, 0},
    {"__signed", FC__WORD_SIGNED, 0},
    {"__signed__", FC__WORD_SIGNED, 0},
    {"unsigned", FC__WORD_UNSIGNED, 0},
    {"float", FC__WORD_FLOAT, 0},
    {"double", FC__WORD_DOUBLE, 0},
    {"_Bool", FC__WORD_BOOL, 0},
    {"struct", FC__WORD_STRUCT, 0},
    {"union", FC__WORD_UNION, 0},
    {"enum", FC__WORD_ENUM, 0},

    {"_Complex", FC__WORD_COMPLEX, 0},
    {"__complex", FC__WORD_COMPLEX, 0},
    {"__complex__", FC__WORD_COMPLEX, 0},
    {"__int128", FC__WORD_INT128, 0},
    {"_Float16", FC__WORD_FLOAT16, 0},
    {"__fp16", FC__WORD_FP16, 0},
    {"__bf16", FC__WORD_BFLOAT16, 0},
    {"_Float32", FC__WORD_FLOAT, 0},
    {"_Float32x", FC__WORD_DOUBLE, 0},
    {"_Float64", FC__WORD_DOUBLE, 0},
    {"_Float64x", FC__WORD_FLOAT64X, 0},
    {"__float80", FC__WORD_FLOAT64X, 0},
    {"_Float128", FC__WORD_FLOAT128, 0},
    {"__float128", FC__WORD_FLOAT128, 0},
    {"_Decimal32", FC__WORD_DECIMAL32, 0},
    {"_Decimal64", FC__WORD_DECIMAL64, 0},
    {"_Decimal128", FC__WORD_DECIMAL128, 0},
    {"typeof", FC__WORD_TYPEOF, 0},
    {"__typeof", FC__WORD_TYPEOF, 0},
    {"__typeof__", FC__WORD_TYPEOF, 0},
    {"__typeof_unqual", FC__WORD_TYPEOF, 0},
    {"__typeof_unqual__", FC__WORD_TYPEOF, 0},
    {"_Imaginary", FC__WORD_REFUSED, 0},
    {"_Atomic", FC__WORD_ATOMIC, 0},
    {"__auto_type", FC__WORD_AUTO_TYPE, 0},

    {"bool", FC__WORD_TYPE, FC__SCALAR_BOOL},
    {"size_t", FC__WORD_TYPE, FC__SCALAR_SIZE},
    {"ssize_t", FC__WORD_TYPE, FC__SCALAR_SSIZE},
    {"ptrdiff_t", FC__WORD_TYPE, FC__SCALAR_PTRDIFF},
    {"intptr_t", FC__WORD_TYPE, FC__SCALAR_INTPTR},
    {"uintptr_t", FC__WORD_TYPE, FC__SCALAR_UINTPTR},
    {"int8_t", FC__WORD_TYPE, FC__SCALAR_I8},
    {"uint8_t", FC__WORD_TYPE, FC__SCALAR_U8},
    {"int16_t", FC__WORD_TYPE, FC__SCALAR_I16},
    {"uint16_t", FC__WORD_TYPE, FC__SCALAR_U16},
    {"int32_t", FC__WORD_TYPE, FC__SCALAR_I32},
    {"uint32_t", FC__WORD_TYPE, FC__SCALAR_U32},
    {"int64_t", FC__WORD_TYPE, FC__SCALAR_I64},
    {"uint64_t", FC__WORD_TYPE, FC__SCALAR_U64},
    {"__int128_t", FC__WORD_TYPE, FC__SCALAR_I128},
    {"__uint128_t", FC__WORD_TYPE, FC__SCALAR_U128},
    {"__builtin_va_list", FC__WORD_TYPE, FC__SCALAR_VA_LIST},
    {"__builtin_ms_va_list", FC__WORD_TYPE, FC__SCALAR_MS_VA_LIST},
    {"__builtin_sysv_va_list", FC__WORD_TYPE, FC__SCALAR_SYSV_VA_LIST},
    {"wchar_t", FC__WORD_TYPE, FC__SCALAR_WCHAR},
    {"char16_t", FC__WORD_TYPE, FC__SCALAR_U16},
    {"char32_t", FC__WORD_TYPE, FC__SCALAR_U32},
    {"time_t", FC__WORD_TYPE_REFUSED, 0},
    {"off_t", FC__WORD_TYPE_REFUSED, 0},
    {"va_list", FC__WORD_TYPE_REFUSED, 0},

    {"__int8", FC__WORD_CHAR, 0},
    {"__int16", FC__WORD_SHORT, 0},
    {"__int32", FC__WORD_INT, 0},
    {"__int64", FC__WORD_INT64, 0},

    {"__extension__", FC__WORD_EXTENSION, 0},
    {"__attribute__", FC__WORD_ATTRIBUTE, 0},
    {"__attribute", FC__WORD_ATTRIBUTE, 0},
    {"__declspec", FC__WORD_DECLSPEC, 0},
    {"_declspec", FC__WORD_DECLSPEC, 0},
    {"__cdecl", FC__WORD_CONVENTION, 0},
    {"_cdecl", FC__WORD_CONVENTION, 0},
    {"__stdcall", FC__WORD_CONVENTION_OTHER, 0},
    {"_stdcall", FC__WORD_CONVENTION_OTHER, 0},
    {"__fastcall", FC__WORD_CONVENTION_OTHER, 0},
    {"__thiscall", FC__WORD_CONVENTION_OTHER, 0},
    {"__register", FC__WORD_CONVENTION_OTHER, 0}, /* Delphi's */
    {"__vectorcall", FC__WORD_CONVENTION_OTHER, 0},
    {"_Alignas", FC__WORD_ALIGNAS, 0},
    {"asm", FC__WORD_ASM, 0},
    {"__asm", FC__WORD_ASM, 0},
    {"__asm__", FC__WORD_ASM, 0},
    {"_Static_assert", FC__WORD_STATIC_ASSERT, 0},
    {"sizeof", FC__WORD_SIZEOF, 0},
    {"_Alignof", FC__WORD_ALIGNOF, 0},
    {"__alignof", FC__WORD_PREFERRED_ALIGNOF, 0},
    {"__alignof__", FC__WORD_PREFERRED_ALIGNOF, 0},
    {"__builtin_offsetof", FC__WORD_OFFSETOF, 0},
    {"_Generic", FC__WORD_GENERIC, 0},
    {"__builtin_types_compatible_p", FC__WORD_TYPES_COMPATIBLE, 0},

    {"break", FC__WORD_STATEMENT, 0},
    {"case", FC__WORD_STATEMENT, 0},
    {"continue", FC__WORD_STATEMENT, 0},
    {"default", FC__WORD_STATEMENT, 0},
    {"do", FC__WORD_STATEMENT, 0},
    {"else", FC__WORD_STATEMENT, 0},
    {"for", FC__WORD_STATEMENT, 0},
    {"goto", FC__WORD_STATEMENT, 0},
    {"if", FC__WORD_STATEMENT, 0},
    {"return", FC__WORD_STATEMENT, 0},
    {"switch", FC__WORD_STATEMENT, 0},
    {"while", FC__WORD_STATEMENT, 0},
};

enum { WORD_COUNT = sizeof words / sizeof words[0] };

/* Asked once for each different name of a text, so a plain search is fast enough. */
const struct fc__word *fc__decl_word(const char *text, size_t len) {
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].text[0] == text[0] && strlen(words[i].text) == len && memcmp(words[i].text, text, len) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

const struct fc__word *fc__decl_word_at(size_t index) {
    return index < WORD_COUNT ? &words[index] : NULL;
}
