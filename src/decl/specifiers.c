/* decl: declaration specifiers, C11 6.7.1 to 6.7.4. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

/* The words of a type such as "unsigned long long" are counted, each in two bits of its own, so that their order does
 * not matter. Every part of a legal combination is legal, so the first word that makes an illegal one is wrong. */
enum {
    VOID = 1 << 0,
    BOOL = 1 << 2,
    CHAR = 1 << 4,
    SHORT = 1 << 6,
    INT = 1 << 8,
    LONG = 1 << 10,
    FLOAT = 1 << 12,
    DOUBLE = 1 << 14,
    SIGNED = 1 << 16,
    UNSIGNED = 1 << 18,
    COMPLEX = 1 << 20,
    INT128 = 1 << 22,
    FLOAT16 = 1 << 24,
    FLOAT128 = 1 << 26,
    DECIMAL = 1 << 28, /* 1, 2 or 3 of them: 32, 64 or 128 bits */
    HALF = 1 << 30,    /* __fp16; with FLOAT16 __bf16 */
};

static const struct {
    int count;
    enum fc__scalar scalar;
} combinations[] = {
    {BOOL, FC__SCALAR_BOOL},
    {CHAR, FC__SCALAR_CHAR},
    {SIGNED + CHAR, FC__SCALAR_SCHAR},
    {UNSIGNED + CHAR, FC__SCALAR_UCHAR},
    {SHORT, FC__SCALAR_SHORT},
    {SHORT + INT, FC__SCALAR_SHORT},
    {SIGNED + SHORT, FC__SCALAR_SHORT},
    {SIGNED + SHORT + INT, FC__SCALAR_SHORT},
    {UNSIGNED + SHORT, FC__SCALAR_USHORT},
    {UNSIGNED + SHORT + INT, FC__SCALAR_USHORT},
    {INT, FC__SCALAR_INT},
    {SIGNED, FC__SCALAR_INT},
    {SIGNED + INT, FC__SCALAR_INT},
    {UNSIGNED, FC__SCALAR_UINT},
    {UNSIGNED + INT, FC__SCALAR_UINT},
    {LONG, FC__SCALAR_LONG},
    {LONG + INT, FC__SCALAR_LONG},
    {SIGNED + LONG, FC__SCALAR_LONG},
    {SIGNED + LONG + INT, FC__SCALAR_LONG},
    {UNSIGNED + LONG, FC__SCALAR_ULONG},
    {UNSIGNED + LONG + INT, FC__SCALAR_ULONG},
    {LONG + LONG, FC__SCALAR_LLONG},
    {LONG + LONG + INT, FC__SCALAR_LLONG},
    {SIGNED + LONG + LONG, FC__SCALAR_LLONG},
    {SIGNED + LONG + LONG + INT, FC__SCALAR_LLONG},
    {UNSIGNED + LONG + LONG, FC__SCALAR_ULLONG},
    {UNSIGNED + LONG + LONG + INT, FC__SCALAR_ULLONG},
    {FLOAT, FC__SCALAR_FLOAT},
    {DOUBLE, FC__SCALAR_DOUBLE},
    {LONG + DOUBLE, FC__SCALAR_LDOUBLE},
    {INT128, FC__SCALAR_I128},
    {SIGNED + INT128, FC__SCALAR_I128},
    {UNSIGNED + INT128, FC__SCALAR_U128},
    {FLOAT16, FC__SCALAR_FLOAT16},
    {HALF, FC__SCALAR_FP16},
    {HALF + FLOAT16, FC__SCALAR_BFLOAT16},
    {FLOAT128, FC__SCALAR_FLOAT128},
    {DECIMAL, FC__SCALAR_DECIMAL32},
    {DECIMAL + DECIMAL, FC__SCALAR_DECIMAL64},
    {DECIMAL + DECIMAL + DECIMAL, FC__SCALAR_DECIMAL128},
    {COMPLEX, FC__SCALAR_CDOUBLE}, /* GNU C: double is meant */
    {COMPLEX + FLOAT, FC__SCALAR_CFLOAT},
    {COMPLEX + DOUBLE, FC__SCALAR_CDOUBLE},
    {COMPLEX + LONG, FC__SCALAR_CLDOUBLE}, /* and double behind it */
    {COMPLEX + LONG + DOUBLE, FC__SCALAR_CLDOUBLE},
    {COMPLEX + FLOAT16, FC__SCALAR_CFLOAT16},
    {COMPLEX + FLOAT128, FC__SCALAR_CFLOAT128},
};

enum { MOST_WORDS = 4 }; /* unsigned long long int */

struct reading {
    struct fc__parser *parser;
    struct fc__specifiers *result;
    enum fc__annotated_what what;
    int count;              /* of the words, see above */
    enum fc__scalar scalar; /* what they make */
    const struct fc__name *words[MOST_WORDS];
    unsigned word_count;
    const struct fc__type *type; /* a typedef's, or of struct, union, enum */
    struct fc__place atomic_place;
    bool is_const, is_atomic, has_qualifier;
};

static int word_bit(enum fc__word_kind kind) {
    switch (kind) {
    case FC__WORD_VOID:
        return VOID;
    case FC__WORD_BOOL:
        return BOOL;
    case FC__WORD_CHAR:
        return CHAR;
    case FC__WORD_SHORT:
        return SHORT;
    case FC__WORD_INT:
        return INT;
    case FC__WORD_LONG:
        return LONG;
    case FC__WORD_FLOAT:
        return FLOAT;
    case FC__WORD_DOUBLE:
        return DOUBLE;
    case FC__WORD_SIGNED:
        return SIGNED;
    case FC__WORD_UNSIGNED:
        return UNSIGNED;
    case FC__WORD_COMPLEX:
        return COMPLEX;
    case FC__WORD_INT128:
        return INT128;
    case FC__WORD_INT64:
        return LONG + LONG;
    case FC__WORD_FLOAT16:
        return FLOAT16;
    case FC__WORD_FP16:
        return HALF;
    case FC__WORD_BFLOAT16:
        return HALF + FLOAT16;
    case FC__WORD_FLOAT64X:
        return LONG + DOUBLE;
    case FC__WORD_FLOAT128:
        return FLOAT128;
    case FC__WORD_DECIMAL32:
        return DECIMAL;
    case FC__WORD_DECIMAL64:
        return DECIMAL + DECIMAL;
    case FC__WORD_DECIMAL128:
        return DECIMAL + DECIMAL + DECIMAL;
    default:
        return 0;
    }
}

static bool has_type(const struct reading *reading) {
    return reading->count != 0 || reading->type != NULL;
}

/* At a word that does not go with those before it. */
static bool fail_combination(const struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    char text[200] = "";
    size_t used = 0;
    if (reading->result->is_tag) { /* most often a ';' is missing behind the body */
        return fc__decl_fail_found(parser, "a name or ';'");
    }
    for (unsigned i = 0; i < reading->word_count && used < sizeof text; i++) {
        int size =
            snprintf(text + used, sizeof text - used, "%s%.*s", i == 0 ? "" : " ", FC__NAME_ARGS(reading->words[i]));
        used += size > 0 ? (size_t)size : 0;
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%.*s' cannot be combined with '%s'",
                         FC__NAME_ARGS(parser->token.name), text);
}

static void note_word(struct reading *reading, const struct fc__name *name) {
    if (reading->word_count < MOST_WORDS) {
        reading->words[reading->word_count++] = name;
    }
}

static bool add_word(struct reading *reading, int bit) {
    int count = reading->count + bit;
    bool is_legal = reading->type == NULL && count == VOID;
    for (size_t i = 0; i < sizeof combinations / sizeof combinations[0] && reading->type == NULL && !is_legal; i++) {
        if (combinations[i].count == count) {
            reading->scalar = combinations[i].scalar;
            is_legal = true;
        }
    }
    if (!is_legal) {
        return fail_combination(reading);
    }
    reading->count = count;
    note_word(reading, reading->parser->token.name);
    return fc__decl_advance(reading->parser);
}

static bool is_linkage(enum fc__word_kind kind) {
    return kind == FC__WORD_EXTERN || kind == FC__WORD_STATIC;
}

static bool add_storage(struct reading *reading, enum fc__word_kind kind) {
    struct fc__parser *parser = reading->parser;
    struct fc__specifiers *result = reading->result;
    /* _Thread_local may stand before or behind extern and static, which then say the rest */
    bool is_behind = kind == FC__WORD_THREAD && is_linkage(result->storage);
    bool is_before = result->storage == FC__WORD_THREAD && is_linkage(kind);
    if (result->storage != FC__WORD_NONE && !is_behind && !is_before) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "a second storage class: '%.*s'",
                             FC__NAME_ARGS(parser->token.name));
    }
    if (!is_behind) {
        result->storage = kind;
        result->storage_place = parser->token.place;
    }
    return fc__decl_advance(parser);
}

static bool add_tag(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    if (has_type(reading)) {
        return fail_combination(reading);
    }
    reading->type = fc__decl_read_tag(parser, &reading->result->attributes);
    reading->result->is_tag = true;
    return reading->type != NULL;
}

/* Until its value is read, it is an int. */
static bool add_auto_type(struct reading *reading) {
    if (has_type(reading)) {
        return fail_combination(reading);
    }
    note_word(reading, reading->parser->token.name);
    if (reading->what != FC__ANNOTATED_DECLARATION) {
        return fc__decl_fail(&reading->parser->lexer, FC_EPARSE, &reading->parser->token.place,
                             "'__auto_type' is the type of a variable with a value");
    }
    reading->result->is_auto = true;
    reading->type = fc__decl_type_scalar(reading->parser, FC__SCALAR_INT);
    return reading->type != NULL && fc__decl_advance(reading->parser);
}

static bool add_typeof(struct reading *reading) {
    if (has_type(reading)) {
        return fail_combination(reading);
    }
    note_word(reading, reading->parser->token.name);
    reading->type = fc__decl_advance(reading->parser) ? fc__decl_read_typeof(reading->parser) : NULL;
    return reading->type != NULL;
}

/* _Atomic(type), or the qualifier, C11 6.7.2.4. */
static bool add_atomic(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__token *ahead = fc__decl_peek(parser);
    struct fc__place place = parser->token.place;
    const struct fc__type *type;
    if (ahead == NULL) {
        return false;
    }
    if (ahead->kind != '(' || has_type(reading)) { /* behind the type, a parenthesis begins the declarator */
        reading->is_atomic = reading->has_qualifier = true;
        reading->atomic_place = place;
        return fc__decl_advance(parser);
    }
    note_word(reading, parser->token.name);
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser) || !fc__decl_advance(parser) ||
        !fc__decl_read_type_name(parser, &type) || !fc__decl_expect(parser, ')', "after the type")) {
        return false;
    }
    fc__decl_leave(parser);
    reading->type = fc__decl_type_atomic(parser, type, &place);
    return reading->type != NULL;
}

static bool add_known_type(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__name *name = parser->token.name;
    if (name->symbol == NULL && name->windows != NULL && !fc__decl_declare_windows_name(parser, name)) {
        return false;
    }
    if (name->symbol != NULL) {
        reading->type = name->symbol->type;
    } else if (name->word->kind == FC__WORD_TYPE) {
        const char *spelling = fc__decl_keep_name(parser, name);
        const struct fc__type *plain = fc__decl_type_scalar(parser, name->word->scalar);
        if (spelling == NULL || plain == NULL) {
            return false;
        }
        reading->type = fc__decl_type_named(parser, plain, spelling);
    } else {
        return fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &parser->token.place,
                             "the type '%.*s' is not supported unless the text has a typedef of it",
                             FC__NAME_ARGS(name));
    }
    note_word(reading, name);
    return reading->type != NULL && fc__decl_advance(parser);
}

/* A name where a type should be. With `foo(` or `foo;` it may as well be the declarator whose type is missing. */
static bool fail_no_type(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__token *token = &parser->token;
    if (token->kind == FC__TOKEN_STRING && reading->result->storage == FC__WORD_EXTERN) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &token->place, "'extern \"C\"' is C++: C is expected");
    }
    if (fc__decl_is_annotation(token)) {
        return fc__decl_read_annotation(parser, reading->what, &reading->result->annotated);
    }
    if (token->kind != FC__TOKEN_NAME || fc__decl_word_kind(token) != FC__WORD_NONE) {
        return fc__decl_fail_found(parser, "a type");
    }
    const struct fc__token *ahead = fc__decl_peek(parser);
    if (ahead == NULL) {
        return false;
    }
    bool is_type = ahead->kind == FC__TOKEN_NAME || ahead->kind == '*' || reading->what != FC__ANNOTATED_DECLARATION;
    if (is_type && !(reading->has_qualifier && ahead->kind != FC__TOKEN_NAME && ahead->kind != '*')) {
        return fc__decl_fail_unknown_type(parser, token);
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &token->place, "a type is missing before '%.*s'",
                         FC__NAME_ARGS(token->name));
}

/* A second name of a type is the declarator, unless the text goes on as if it were not. */
static bool check_second_type(struct reading *reading, bool *ret_is_declarator) {
    const struct fc__token *ahead = fc__decl_peek(reading->parser);
    if (ahead == NULL) {
        return false;
    }
    bool is_name = ahead->kind == FC__TOKEN_NAME && fc__decl_word_kind(ahead) == FC__WORD_NONE;
    *ret_is_declarator = !(is_name || ahead->kind == '*');
    return *ret_is_declarator || fail_combination(reading);
}

static bool add_annotation(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__annotation_word *word = parser->token.name->annotation;
    if (!fc__decl_read_annotation(parser, reading->what, &reading->result->annotated)) {
        return false;
    }
    /* behind the type, a parenthesis begins the declarator */
    return has_type(reading) || parser->token.kind != '(' || word->arguments != FC__ARGUMENTS_NONE ||
           fc__decl_fail_argument_count(parser, word);
}

/* An unknown word of that form is a mistaken annotation, unless it can be the name of a type or a member. */
static bool is_annotation(const struct reading *reading) {
    const struct fc__token *token = &reading->parser->token;
    if (!fc__decl_is_annotation(token) || token->name->annotation != NULL) {
        return fc__decl_is_annotation(token);
    }
    return reading->what != FC__ANNOTATED_NOTHING && !fc__decl_is_known_type(token) &&
           !(reading->what == FC__ANNOTATED_MEMBER && has_type(reading));
}

/* `typedef float _Float32;`: the word is what is declared. */
static bool is_float_typedef(const struct reading *reading, bool *ret_is_it) {
    const struct fc__token *token = &reading->parser->token;
    const struct fc__token *ahead = NULL;
    *ret_is_it = false;
    if (reading->result->storage != FC__WORD_TYPEDEF || !has_type(reading) || !fc__decl_is_float_name(token->name)) {
        return true;
    }
    ahead = fc__decl_peek(reading->parser);
    *ret_is_it = ahead != NULL && (ahead->kind == ';' || ahead->kind == ',');
    return ahead != NULL;
}

/* Uses one specifier; *ret_is_done if there is none. */
static bool read_one(struct reading *reading, bool *ret_is_done) {
    struct fc__parser *parser = reading->parser;
    enum fc__word_kind kind = fc__decl_word_kind(&parser->token);
    int bit = word_bit(kind);
    if (bit != 0 && (!is_float_typedef(reading, ret_is_done) || *ret_is_done)) {
        return *ret_is_done;
    }
    if (bit != 0) {
        return add_word(reading, bit);
    }
    switch (kind) {
    case FC__WORD_TYPEDEF:
    case FC__WORD_EXTERN:
    case FC__WORD_STATIC:
    case FC__WORD_AUTO:
    case FC__WORD_REGISTER:
    case FC__WORD_THREAD:
        return add_storage(reading, kind);
    case FC__WORD_INLINE:
        reading->result->is_inline = true;
        return fc__decl_advance(parser);
    case FC__WORD_CONST:
        reading->is_const = reading->has_qualifier = true;
        return fc__decl_advance(parser);
    case FC__WORD_VOLATILE:
    case FC__WORD_RESTRICT:
        reading->has_qualifier = true;
        return fc__decl_advance(parser);
    case FC__WORD_NORETURN:
        return fc__decl_advance(parser);
    case FC__WORD_STRUCT:
    case FC__WORD_UNION:
    case FC__WORD_ENUM:
        return add_tag(reading);
    case FC__WORD_TYPEOF:
        return add_typeof(reading);
    case FC__WORD_AUTO_TYPE:
        return add_auto_type(reading);
    case FC__WORD_ATOMIC:
        return add_atomic(reading);
    case FC__WORD_REFUSED:
        return fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &parser->token.place, "the type '%.*s' is not supported",
                             FC__NAME_ARGS(parser->token.name));
    case FC__WORD_EXTENSION:
    case FC__WORD_ATTRIBUTE:
    case FC__WORD_DECLSPEC:
    case FC__WORD_ALIGNAS:
    case FC__WORD_CONVENTION:
    case FC__WORD_CONVENTION_OTHER:
        return fc__decl_read_attributes(parser, &reading->result->attributes);
    default:
        break;
    }
    if (parser->token.kind == '[') {
        const struct fc__token *ahead = fc__decl_peek(parser);
        if (ahead == NULL || ahead->kind == '[') {
            return ahead != NULL && fc__decl_read_attributes(parser, &reading->result->attributes);
        }
    }
    if (is_annotation(reading)) {
        return add_annotation(reading);
    }
    *ret_is_done = true;
    if (!fc__decl_is_known_type(&parser->token)) {
        return has_type(reading) || fail_no_type(reading);
    }
    if (has_type(reading)) {
        return check_second_type(reading, ret_is_done);
    }
    *ret_is_done = false;
    return add_known_type(reading);
}

bool fc__decl_read_specifiers(struct fc__parser *parser, enum fc__annotated_what what,
                              struct fc__specifiers *ret_specifiers) {
    struct reading reading = {.parser = parser, .result = ret_specifiers, .what = what};
    *ret_specifiers = (struct fc__specifiers){.storage = FC__WORD_NONE};
    for (bool is_done = false; !is_done;) {
        if (!read_one(&reading, &is_done)) {
            return false;
        }
    }
    const struct fc__type *type = reading.type;
    if (type == NULL) {
        type = reading.count == VOID ? fc__decl_type_void(parser) : fc__decl_type_scalar(parser, reading.scalar);
    }
    if (type != NULL && reading.is_atomic) {
        type = fc__decl_type_atomic(parser, type, &reading.atomic_place);
    }
    if (type != NULL && reading.is_const) {
        type = fc__decl_type_const(parser, type);
    }
    if (type != NULL) {
        type = fc__decl_attributed_type(parser, type, &ret_specifiers->attributes);
    }
    ret_specifiers->type = type;
    return type != NULL;
}
