/* decl: a type written as C. */
#include "decl/decl.h"

#include <stdio.h>
#include <string.h>

/* Writes until the buffer is full, and then no more: types can share their parts so that their full text would not
 * end. */
struct writer {
    char *buffer;
    size_t size, used; /* used == size - 1: full */
    bool is_cut;
};

static void write_before(struct writer *writer, const struct fc__type *type);
static void write_behind(struct writer *writer, const struct fc__type *type);

static bool is_full(const struct writer *writer) {
    return writer->used + 1 >= writer->size;
}

static void put(struct writer *writer, const char *text) {
    for (; *text != '\0' && !is_full(writer); text++) {
        writer->buffer[writer->used++] = *text;
    }
    writer->is_cut |= *text != '\0';
    writer->buffer[writer->used] = '\0';
}

static const char *scalar_text(enum fc__scalar scalar) {
    static const char *const texts[FC__SCALAR_COUNT] = {
        [FC__SCALAR_BOOL] = "_Bool",
        [FC__SCALAR_CHAR] = "char",
        [FC__SCALAR_SCHAR] = "signed char",
        [FC__SCALAR_UCHAR] = "unsigned char",
        [FC__SCALAR_SHORT] = "short",
        [FC__SCALAR_USHORT] = "unsigned short",
        [FC__SCALAR_INT] = "int",
        [FC__SCALAR_UINT] = "unsigned int",
        [FC__SCALAR_LONG] = "long",
        [FC__SCALAR_ULONG] = "unsigned long",
        [FC__SCALAR_LLONG] = "long long",
        [FC__SCALAR_ULLONG] = "unsigned long long",
        [FC__SCALAR_I8] = "int8_t",
        [FC__SCALAR_U8] = "uint8_t",
        [FC__SCALAR_I16] = "int16_t",
        [FC__SCALAR_U16] = "uint16_t",
        [FC__SCALAR_I32] = "int32_t",
        [FC__SCALAR_U32] = "uint32_t",
        [FC__SCALAR_I64] = "int64_t",
        [FC__SCALAR_U64] = "uint64_t",
        [FC__SCALAR_SIZE] = "size_t",
        [FC__SCALAR_SSIZE] = "ssize_t",
        [FC__SCALAR_PTRDIFF] = "ptrdiff_t",
        [FC__SCALAR_INTPTR] = "intptr_t",
        [FC__SCALAR_UINTPTR] = "uintptr_t",
        [FC__SCALAR_WCHAR] = "wchar_t",
        [FC__SCALAR_FLOAT] = "float",
        [FC__SCALAR_DOUBLE] = "double",
        [FC__SCALAR_LDOUBLE] = "long double",
        [FC__SCALAR_I128] = "__int128",
        [FC__SCALAR_U128] = "unsigned __int128",
        [FC__SCALAR_FLOAT16] = "_Float16",
        [FC__SCALAR_FP16] = "__fp16",
        [FC__SCALAR_BFLOAT16] = "__bf16",
        [FC__SCALAR_FLOAT128] = "_Float128",
        [FC__SCALAR_DECIMAL32] = "_Decimal32",
        [FC__SCALAR_DECIMAL64] = "_Decimal64",
        [FC__SCALAR_DECIMAL128] = "_Decimal128",
        [FC__SCALAR_CFLOAT] = "float _Complex",
        [FC__SCALAR_CDOUBLE] = "double _Complex",
        [FC__SCALAR_CLDOUBLE] = "long double _Complex",
        [FC__SCALAR_CFLOAT16] = "_Float16 _Complex",
        [FC__SCALAR_CFLOAT128] = "_Float128 _Complex",
        [FC__SCALAR_VA_LIST] = "__builtin_va_list",
        [FC__SCALAR_MS_VA_LIST] = "__builtin_ms_va_list",
        [FC__SCALAR_SYSV_VA_LIST] = "__builtin_sysv_va_list",
    };
    return texts[scalar];
}

static void put_tag(struct writer *writer, const char *word, const struct fc__type *type) {
    put(writer, word);
    put(writer, " ");
    put(writer, type->body->tag != NULL ? type->body->tag : "<anonymous>");
}

/* True if the type is written behind the name: [3], (int). */
static bool is_suffixed(const struct fc__type *type) {
    return type->spelling == NULL && (type->kind == FC__TYPE_ARRAY || type->kind == FC__TYPE_FUNCTION);
}

static void write_pointer(struct writer *writer, const struct fc__type *type) {
    const struct fc__type *to = type->to;
    bool is_after_star = to->spelling == NULL && to->kind == FC__TYPE_POINTER && !to->is_const;
    write_before(writer, to);
    put(writer, is_after_star || is_suffixed(to) ? "" : " ");
    put(writer, is_suffixed(to) ? "(*" : "*");
    put(writer, type->is_const ? "const" : "");
    put(writer, type->is_atomic ? type->is_const ? " _Atomic" : "_Atomic" : "");
}

/* What stands before a declarator's name. */
static void write_before(struct writer *writer, const struct fc__type *type) {
    if (is_full(writer)) {
        writer->is_cut = true;
        return;
    }
    if (type->spelling == NULL && type->kind == FC__TYPE_POINTER) {
        write_pointer(writer, type);
        return;
    }
    if (type->spelling == NULL && type->kind == FC__TYPE_VECTOR) {
        char suffix[80];
        write_before(writer, type->to);
        snprintf(suffix, sizeof suffix, " __attribute__((vector_size(%llu)))", (unsigned long long)type->length);
        put(writer, suffix);
        return;
    }
    if (is_suffixed(type)) {
        bool is_after_star = type->to->spelling == NULL && type->to->kind == FC__TYPE_POINTER;
        write_before(writer, type->to);
        put(writer, is_after_star || is_suffixed(type->to) ? "" : " ");
        return;
    }
    put(writer, type->is_const ? "const " : "");
    put(writer, type->is_atomic ? "_Atomic " : "");
    if (type->spelling != NULL) {
        put(writer, type->spelling);
    } else if (type->kind == FC__TYPE_VOID) {
        put(writer, "void");
    } else if (type->kind == FC__TYPE_SCALAR) {
        put(writer, scalar_text(type->scalar));
    } else {
        put_tag(writer,
                type->kind == FC__TYPE_STRUCT  ? "struct"
                : type->kind == FC__TYPE_UNION ? "union"
                                               : "enum",
                type);
    }
}

static void write_parameters(struct writer *writer, const struct fc__type *type) {
    put(writer, "(");
    for (uint32_t i = 0; i < type->param_count && !is_full(writer); i++) {
        put(writer, i == 0 ? "" : ", ");
        put(writer, type->is_variadic && i == type->fixed_count ? "..., " : "");
        write_before(writer, type->params[i].type);
        write_behind(writer, type->params[i].type);
    }
    const bool is_last = type->is_variadic && type->fixed_count == type->param_count;
    put(writer, is_last ? (type->param_count == 0 ? "..." : ", ...") : type->param_count == 0 ? "void" : "");
    put(writer, ")");
}

static void write_behind(struct writer *writer, const struct fc__type *type) {
    char length[32] = "[]";
    if (type->spelling != NULL || type->to == NULL) {
        return;
    }
    if (is_full(writer)) {
        writer->is_cut = true;
        return;
    }
    switch (type->kind) {
    case FC__TYPE_POINTER:
        put(writer, is_suffixed(type->to) ? ")" : "");
        write_behind(writer, type->to);
        break;
    case FC__TYPE_ARRAY:
        if (type->length != 0) {
            snprintf(length, sizeof length, "[%llu]", (unsigned long long)type->length);
        }
        put(writer, length);
        write_behind(writer, type->to);
        break;
    case FC__TYPE_FUNCTION:
        write_parameters(writer, type);
        write_behind(writer, type->to);
        break;
    default:
        break;
    }
}

const char *fc__decl_type_text(const struct fc__type *type, char *buffer, size_t size) {
    struct writer writer = {.buffer = buffer, .size = size};
    if (size == 0) {
        return buffer;
    }
    buffer[0] = '\0';
    write_before(&writer, type);
    write_behind(&writer, type);
    if (writer.is_cut && size > 3) {
        memcpy(buffer + size - 4, "...", 4);
    }
    return buffer;
}
