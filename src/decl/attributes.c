/* decl: attributes, __declspec and _Alignas where they stand, and what they say of layouts.
 * Source: "Common Type Attributes" and "Common Variable Attributes" of the GCC manual; Microsoft C, align. */
#include "decl/parser.h"

#include <string.h>

/* The modes of attribute mode, with the scalar of each for signed and unsigned integers. */
struct fc__mode {
    const char *text;
    enum fc__scalar scalar, unsigned_scalar;
};

static const struct fc__mode modes[] = {
    {"QI", FC__SCALAR_SCHAR, FC__SCALAR_UCHAR},
    {"byte", FC__SCALAR_SCHAR, FC__SCALAR_UCHAR},
    {"HI", FC__SCALAR_SHORT, FC__SCALAR_USHORT},
    {"SI", FC__SCALAR_INT, FC__SCALAR_UINT},
    {"DI", FC__SCALAR_LLONG, FC__SCALAR_ULLONG},
    {"TI", FC__SCALAR_I128, FC__SCALAR_U128},
    {"word", FC__SCALAR_INTPTR, FC__SCALAR_UINTPTR},
    {"pointer", FC__SCALAR_INTPTR, FC__SCALAR_UINTPTR},
    {"unwind_word", FC__SCALAR_INTPTR, FC__SCALAR_UINTPTR},
    {"libgcc_cmp_return", FC__SCALAR_INTPTR, FC__SCALAR_UINTPTR},
    {"libgcc_shift_count", FC__SCALAR_INTPTR, FC__SCALAR_UINTPTR},
    {"HF", FC__SCALAR_FLOAT16, FC__SCALAR_FLOAT16},
    {"HC", FC__SCALAR_CFLOAT16, FC__SCALAR_CFLOAT16},
    {"SF", FC__SCALAR_FLOAT, FC__SCALAR_FLOAT},
    {"DF", FC__SCALAR_DOUBLE, FC__SCALAR_DOUBLE},
    {"XF", FC__SCALAR_LDOUBLE, FC__SCALAR_LDOUBLE},
    {"TF", FC__SCALAR_FLOAT128, FC__SCALAR_FLOAT128},
    {"SC", FC__SCALAR_CFLOAT, FC__SCALAR_CFLOAT},
    {"DC", FC__SCALAR_CDOUBLE, FC__SCALAR_CDOUBLE},
    {"XC", FC__SCALAR_CLDOUBLE, FC__SCALAR_CLDOUBLE},
    {"TC", FC__SCALAR_CFLOAT128, FC__SCALAR_CFLOAT128},
};

enum { BIGGEST_ALIGNMENT = 16 }; /* what `aligned` without a number means on x86: __BIGGEST_ALIGNMENT__ without AVX */

/* True if the name is `text`, or that with two underscores on either side. */
static bool is_called(const struct fc__name *name, const char *text) {
    const char *at = name->text;
    size_t len = name->len;
    if (len > 4 && memcmp(at, "__", 2) == 0 && memcmp(at + len - 2, "__", 2) == 0) {
        at += 2;
        len -= 4;
    }
    return strlen(text) == len && memcmp(text, at, len) == 0;
}

/* -- Alignment ----------------------------------------------------------------------------------------------------- */

static bool add_alignment(struct fc__parser *parser, const struct fc__constant *constant, const struct fc__place *place,
                          struct fc__attributes *attributes) {
    uint64_t bytes = (uint64_t)constant->value;
    if (constant->unknown != NULL) {
        attributes->alignment_unknown = constant->unknown;
        return true;
    }
    if (bytes > FC__DECL_ALIGNMENT_MAX || (bytes & (bytes - 1)) != 0) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "an alignment is a power of two, up to %u",
                             FC__DECL_ALIGNMENT_MAX);
    }
    if (bytes > attributes->alignment_bytes) { /* 0 asks for nothing, C11 6.7.5p6 */
        attributes->alignment_bytes = (uint32_t)bytes;
    }
    return true;
}

/* At `aligned`, `vector_size` or `align`, whose parentheses follow: to the ')'. */
static bool read_number(struct fc__parser *parser, struct fc__constant *ret_constant) {
    if (!fc__decl_advance(parser) || !fc__decl_advance(parser) || !fc__decl_read_constant(parser, ret_constant)) {
        return false;
    }
    return parser->token.kind == ')' || fc__decl_fail_found(parser, "')' after the number of an attribute");
}

static bool read_aligned(struct fc__parser *parser, bool has_number, struct fc__attributes *attributes) {
    struct fc__place place = parser->token.place;
    struct fc__constant constant = {.value = BIGGEST_ALIGNMENT};
    return (!has_number || read_number(parser, &constant)) && add_alignment(parser, &constant, &place, attributes);
}

/* _Alignas (type) and _Alignas (number), from the '(' on. */
static bool read_alignas(struct fc__parser *parser, struct fc__attributes *attributes) {
    struct fc__place place = parser->token.place;
    struct fc__constant constant;
    const struct fc__token *ahead = fc__decl_peek(parser);
    if (ahead == NULL) {
        return false;
    }
    if (fc__decl_starts_type(ahead)) {
        constant = (struct fc__constant){.value = 0};
        return fc__decl_read_measure(parser, FC__WORD_ALIGNOF, &place, &constant) &&
               add_alignment(parser, &constant, &place, attributes);
    }
    return fc__decl_advance(parser) && fc__decl_read_constant(parser, &constant) &&
           add_alignment(parser, &constant, &place, attributes) && fc__decl_expect(parser, ')', "after the alignment");
}

/* -- Types --------------------------------------------------------------------------------------------------------- */

static bool read_vector(struct fc__parser *parser, struct fc__attributes *attributes) {
    struct fc__constant constant;
    struct fc__place place = parser->token.place;
    if (!read_number(parser, &constant) || !fc__decl_require_constant(parser, &constant)) {
        return false;
    }
    uint64_t bytes = (uint64_t)constant.value;
    if (bytes == 0 || bytes > FC__DECL_ALIGNMENT_MAX || (bytes & (bytes - 1)) != 0) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "the size of a vector is a power of two, up to %u",
                             FC__DECL_ALIGNMENT_MAX);
    }
    attributes->vector_bytes = bytes;
    attributes->type_place = place;
    return true;
}

static bool read_mode(struct fc__parser *parser, struct fc__attributes *attributes) {
    attributes->type_place = parser->token.place;
    if (!fc__decl_advance(parser) || !fc__decl_advance(parser)) {
        return false;
    }
    for (size_t i = 0; i < sizeof modes / sizeof modes[0] && parser->token.kind == FC__TOKEN_NAME; i++) {
        if (is_called(parser->token.name, modes[i].text)) {
            attributes->mode = &modes[i];
            return fc__decl_advance(parser) &&
                   (parser->token.kind == ')' || fc__decl_fail_found(parser, "')' after the mode"));
        }
    }
    return fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &parser->token.place, "this mode is not supported");
}

/* format(printf, 2, 3): whose it is like, the number of the format, and of the first argument that it speaks of. */
static bool read_format(struct fc__parser *parser, struct fc__attributes *attributes) {
    struct fc__constant format, first;
    if (!fc__decl_advance(parser) || !fc__decl_advance(parser)) {
        return false;
    }
    const struct fc__name *name = parser->token.kind == FC__TOKEN_NAME ? parser->token.name : NULL;
    const bool is_printf =
        name != NULL && (is_called(name, "printf") || is_called(name, "gnu_printf") || is_called(name, "ms_printf"));
    if (name == NULL) {
        return fc__decl_fail_found(parser, "the name of a function in attribute 'format'");
    }
    if (!fc__decl_advance(parser) || !fc__decl_expect(parser, ',', "in attribute 'format'") ||
        !fc__decl_read_constant(parser, &format) || !fc__decl_expect(parser, ',', "in attribute 'format'") ||
        !fc__decl_read_constant(parser, &first)) {
        return false;
    }
    if (is_printf && format.unknown == NULL && format.value > 0 && format.value <= FC__DECL_PARAMS_MAX) {
        attributes->format = (uint32_t)format.value;
    }
    return parser->token.kind == ')' || fc__decl_fail_found(parser, "')' after the numbers of attribute 'format'");
}

/* A copy of the function that `type` is or points to, called so. */
static const struct fc__type *called_type(struct fc__parser *parser, const struct fc__type *type, const char *text) {
    struct fc__type copy = *type;
    struct fc__place place = parser->token.place;
    if (type->kind == FC__TYPE_POINTER && type->to->kind == FC__TYPE_FUNCTION) {
        copy.to = called_type(parser, type->to, text);
        return copy.to == NULL ? NULL : fc__decl_type_derived(parser, &copy, &place);
    }
    copy.convention = text;
    return type->kind == FC__TYPE_FUNCTION ? fc__decl_type_derived(parser, &copy, &place) : type;
}

const struct fc__type *fc__decl_attributed_type(struct fc__parser *parser, const struct fc__type *type,
                                                const struct fc__attributes *attributes) {
    if (attributes->mode != NULL) {
        bool is_right =
            type->kind == FC__TYPE_SCALAR &&
            (fc__decl_type_is_integer(type) == (attributes->mode->scalar != attributes->mode->unsigned_scalar));
        if (!is_right) {
            char text[100];
            fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &attributes->type_place,
                          "attribute 'mode' with '%s' does not suit '%s'", attributes->mode->text,
                          fc__decl_type_text(type, text, sizeof text));
            return NULL;
        }
        type =
            fc__decl_type_scalar(parser, fc__decl_scalar_is_unsigned(type->scalar) ? attributes->mode->unsigned_scalar
                                                                                   : attributes->mode->scalar);
    }
    if (attributes->vector_bytes != 0 && type != NULL) {
        struct fc__type vector = {.kind = FC__TYPE_VECTOR, .to = type, .length = attributes->vector_bytes};
        if (type->kind != FC__TYPE_SCALAR) {
            char text[100];
            fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &attributes->type_place, "a vector of '%s' is not supported",
                          fc__decl_type_text(type, text, sizeof text));
            return NULL;
        }
        type = fc__decl_type_derived(parser, &vector, &attributes->type_place);
    }
    if (attributes->convention != NULL && type != NULL) {
        type = called_type(parser, type, attributes->convention);
    }
    if (attributes->format != 0 && type != NULL) {
        type = fc__decl_formatted_type(parser, type, attributes->format);
    }
    return type;
}

/* -- Reading ------------------------------------------------------------------------------------------------------- */

/* The calling conventions other than C's; NULL if it is none of them. The text is the same for each spelling. */
static const char *convention(const struct fc__name *name) {
    static const char *const texts[] = {"stdcall", "fastcall", "thiscall",   "register",  "regparm",
                                        "ms_abi",  "sysv_abi", "vectorcall", "sseregparm"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t len = strlen(texts[i]);
        if (is_called(name, texts[i]) || (name->len > len && name->len <= len + 2 && name->text[0] == '_' &&
                                          memcmp(name->text + name->len - len, texts[i], len) == 0)) {
            return texts[i];
        }
    }
    return NULL;
}

static void see_convention(const struct fc__parser *parser, const struct fc__name *name,
                           struct fc__attributes *attributes) {
    const char *const text = convention(name);
    const bool is_plain = text != NULL && parser->target != NULL && parser->target->has_one_convention &&
                          (strcmp(text, "stdcall") == 0 || strcmp(text, "fastcall") == 0);
    if (text != NULL && !is_plain) {
        attributes->convention = text;
    }
}

/* A word of __attribute__((...)). */
static bool watch_attribute(struct fc__parser *parser, void *context, unsigned depth) {
    struct fc__attributes *attributes = context;
    const struct fc__name *name = parser->token.name;
    if (depth != 2 || parser->token.kind != FC__TOKEN_NAME) {
        return true;
    }
    const struct fc__token *ahead = fc__decl_peek(parser);
    if (ahead == NULL) {
        return false;
    }
    bool has_arguments = ahead->kind == '(';
    if (is_called(name, "packed")) {
        attributes->is_packed = true;
    } else if (is_called(name, "aligned")) {
        return read_aligned(parser, has_arguments, attributes);
    } else if (is_called(name, "gcc_struct")) {
        attributes->rules = FC__RECORD_GNU;
    } else if (is_called(name, "ms_struct")) {
        attributes->rules = FC__RECORD_MS;
    } else if (is_called(name, "vector_size") && has_arguments) {
        return read_vector(parser, attributes);
    } else if (is_called(name, "mode") && has_arguments) {
        return read_mode(parser, attributes);
    } else if (is_called(name, "format") && has_arguments) {
        return read_format(parser, attributes);
    }
    see_convention(parser, name, attributes);
    return true;
}

/* A word of __declspec(...). */
static bool watch_declspec(struct fc__parser *parser, void *context, unsigned depth) {
    if (depth != 1 || parser->token.kind != FC__TOKEN_NAME || !is_called(parser->token.name, "align")) {
        return true;
    }
    const struct fc__token *ahead = fc__decl_peek(parser);
    return ahead != NULL && (ahead->kind != '(' || read_aligned(parser, true, context));
}

static bool read_one(struct fc__parser *parser, enum fc__word_kind kind, struct fc__attributes *attributes) {
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (kind == FC__WORD_CONVENTION || kind == FC__WORD_CONVENTION_OTHER || kind == FC__WORD_EXTENSION) {
        return true;
    }
    if (parser->token.kind != '(') {
        return fc__decl_fail_found(parser, "'(' after an attribute's word");
    }
    return kind == FC__WORD_ALIGNAS
               ? read_alignas(parser, attributes)
               : fc__decl_watch_brackets(parser, kind == FC__WORD_ATTRIBUTE ? watch_attribute : watch_declspec,
                                         attributes);
}

/* [[gnu::packed]], as C23 has them: their words are those of __attribute__((packed)). */
static bool read_bracketed(struct fc__parser *parser, struct fc__attributes *attributes, bool *ret_is_one) {
    const struct fc__token *ahead = parser->token.kind == '[' ? fc__decl_peek(parser) : &parser->token;
    *ret_is_one = ahead != NULL && parser->token.kind == '[' && ahead->kind == '[';
    return ahead != NULL && (!*ret_is_one || fc__decl_watch_brackets(parser, watch_attribute, attributes));
}

bool fc__decl_read_attributes(struct fc__parser *parser, struct fc__attributes *attributes) {
    for (;;) {
        bool is_bracketed;
        if (!read_bracketed(parser, attributes, &is_bracketed)) {
            return false;
        }
        if (is_bracketed) {
            continue;
        }
        enum fc__word_kind kind = fc__decl_word_kind(&parser->token);
        if (kind == FC__WORD_CONVENTION_OTHER) {
            const char *text = parser->token.name->word->text;
            see_convention(parser, &(struct fc__name){.text = text, .len = (uint32_t)strlen(text)}, attributes);
        } else if (kind != FC__WORD_ATTRIBUTE && kind != FC__WORD_DECLSPEC && kind != FC__WORD_ALIGNAS &&
                   kind != FC__WORD_CONVENTION && kind != FC__WORD_EXTENSION) {
            return true;
        }
        /* an alignment may be an expression with attributes in it */
        if (!fc__decl_enter(parser) || !read_one(parser, kind, attributes)) {
            return false;
        }
        fc__decl_leave(parser);
    }
}

bool fc__decl_skip_attributes(struct fc__parser *parser) {
    struct fc__attributes unused = {.alignment_bytes = 0};
    return fc__decl_read_attributes(parser, &unused);
}

void fc__decl_join_attributes(struct fc__attributes *to, const struct fc__attributes *from) {
    if (from->alignment_bytes > to->alignment_bytes) {
        to->alignment_bytes = from->alignment_bytes;
    }
    if (to->alignment_unknown == NULL) {
        to->alignment_unknown = from->alignment_unknown;
    }
    if (to->convention == NULL) {
        to->convention = from->convention;
    }
    to->format = to->format != 0 ? to->format : from->format;
    to->is_packed |= from->is_packed;
}
