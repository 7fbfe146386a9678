/* decl: the operands of constant expressions, C11 6.5.1 to 6.5.4: what has a type before it has a value. */
#include "decl/parser.h"

#include <string.h>

void fc__decl_make_unknown(struct fc__constant *constant, int code, const struct fc__place *place, const char *why) {
    if (constant->unknown == NULL) {
        constant->unknown = why;
        constant->unknown_code = code;
        constant->unknown_place = *place;
    }
}

/* What `type` is becomes all that is known of the operand. */
static void make_typed(struct fc__constant *constant, const struct fc__type *type, enum fc__address address,
                       const struct fc__place *place) {
    fc__decl_make_unknown(constant, FC_EPARSE, place, "a constant of this type has no use here");
    constant->type = type;
    constant->address = address;
}

/* C11 6.3.2.1p3 */
bool fc__decl_is_known_pointer(const struct fc__constant *constant) {
    return constant->address == FC__ADDRESS_VALUE ||
           (constant->address == FC__ADDRESS_OF_OBJECT && constant->type->kind == FC__TYPE_ARRAY);
}

/* Only that there is no value. */
static void make_nothing(struct fc__constant *constant, const struct fc__place *place) {
    fc__decl_make_unknown(constant, FC_EPARSE, place, "this is not a constant");
    constant->type = NULL;
    constant->address = FC__ADDRESS_NONE;
}

/* The target's words on why it does not know, which outlive `err`. */
static bool take_reason(struct fc__parser *parser, const struct fc__error *err, struct fc__constant *constant,
                        const struct fc__place *place) {
    const char *why = fc__arena_copy(&parser->unit->arena, err->text, strlen(err->text));
    if (err->code == FC_ENOMEM || why == NULL) {
        return fc__decl_fail_memory(&parser->lexer);
    }
    fc__decl_make_unknown(constant, err->code, place, why);
    return true;
}

/* -- Members ------------------------------------------------------------------------------------------------------- */

struct found {
    const struct fc__member *member; /* NULL: there is none of that name */
    uint64_t offset_bytes;
    bool has_offset;
};

/* Also within members without a name; they nest no deeper than bodies may. A struct has no members within its own
 * body. */
static bool find_member(struct fc__parser *parser, const struct fc__body *body, const struct fc__name *name,
                        struct found *found, struct fc__constant *constant, const struct fc__place *place) {
    for (uint32_t i = 0; body->is_complete && i < body->member_count && found->member == NULL; i++) {
        const struct fc__member *member = &body->members[i];
        bool is_nameless = member->name == NULL && member->type->body != NULL && !member->is_bitfield;
        if (member->name != NULL && strlen(member->name) == name->len &&
            memcmp(member->name, name->text, name->len) == 0) {
            found->member = member;
        } else if (is_nameless && !find_member(parser, member->type->body, name, found, constant, place)) {
            return false;
        }
        if (found->member != NULL && found->has_offset) {
            struct fc__error err;
            uint64_t offset_bytes;
            found->has_offset = parser->target != NULL;
            if (parser->target != NULL &&
                parser->target->offset(parser->target->context, body, i, &offset_bytes, &err) != FC_OK) {
                found->has_offset = false;
                return take_reason(parser, &err, constant, place);
            }
            found->offset_bytes += found->has_offset ? offset_bytes : 0;
        }
    }
    return true;
}

/* At the name of a member of what the operand is. */
static bool read_member(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    const struct fc__type *type = constant->type;
    struct found found = {.has_offset = constant->address == FC__ADDRESS_OF_OBJECT};
    if (!fc__decl_is_identifier(&parser->token)) {
        return fc__decl_fail_found(parser, "the name of a member");
    }
    if (type != NULL && (type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION)) {
        if (!find_member(parser, type->body, parser->token.name, &found, constant, &place)) {
            return false;
        }
        if (found.member == NULL) {
            return fc__decl_fail(
                &parser->lexer, FC_EPARSE, &place, "'%s %.80s' has no member '%.*s'", fc__decl_tag_noun(type->kind),
                type->body->tag != NULL ? type->body->tag : "<anonymous>", FC__NAME_ARGS(parser->token.name));
        }
        make_typed(constant, found.member->type, found.has_offset ? FC__ADDRESS_OF_OBJECT : FC__ADDRESS_NONE, &place);
        constant->value = (int64_t)((uint64_t)constant->value + found.offset_bytes);
    } else {
        make_nothing(constant, &place);
    }
    return fc__decl_advance(parser);
}

/* -- Postfix operators --------------------------------------------------------------------------------------------- */

static const struct fc__type *pointee(const struct fc__type *type) {
    return type != NULL && (type->kind == FC__TYPE_POINTER || type->kind == FC__TYPE_ARRAY) ? type->to : NULL;
}

static bool read_index(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__constant index;
    struct fc__place place = parser->token.place;
    const struct fc__type *element = pointee(constant->type);
    if (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &index) ||
        !fc__decl_expect(parser, ']', "after the index")) {
        return false;
    }
    if (element == NULL) {
        make_nothing(constant, &place);
        return true;
    }
    struct fc__extent_of_type extent = {.size_bytes = 0};
    struct fc__error err;
    bool has_address =
        element != NULL && fc__decl_is_known_pointer(constant) && index.unknown == NULL && parser->target != NULL;
    if (has_address && parser->target->extent(parser->target->context, element, &extent, &err) != FC_OK) {
        has_address = false;
        if (!take_reason(parser, &err, constant, &place)) {
            return false;
        }
    }
    make_typed(constant, element, has_address ? FC__ADDRESS_OF_OBJECT : FC__ADDRESS_NONE, &place);
    constant->value = (int64_t)((uint64_t)constant->value + extent.size_bytes * (uint64_t)index.value);
    return true;
}

static bool read_call(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    const struct fc__type *type = constant->type;
    const struct fc__type *function = type != NULL && type->kind == FC__TYPE_POINTER ? type->to : type;
    if (!fc__decl_skip_brackets(parser)) {
        return false;
    }
    make_nothing(constant, &place);
    if (function != NULL && function->kind == FC__TYPE_FUNCTION) {
        make_typed(constant, function->to, FC__ADDRESS_NONE, &place);
    }
    return true;
}

bool fc__decl_read_postfix(struct fc__parser *parser, struct fc__constant *constant) {
    for (;;) {
        struct fc__place place = parser->token.place;
        switch (parser->token.kind) {
        case '.':
            if (!fc__decl_advance(parser) || !read_member(parser, constant)) {
                return false;
            }
            break;
        case FC__TOKEN_ARROW:
            if (!fc__decl_apply_indirection(parser, false, &place, constant) || !fc__decl_advance(parser) ||
                !read_member(parser, constant)) {
                return false;
            }
            break;
        case '[':
            if (!read_index(parser, constant)) {
                return false;
            }
            break;
        case '(':
            if (!read_call(parser, constant)) {
                return false;
            }
            break;
        default:
            return true;
        }
    }
}

bool fc__decl_apply_indirection(struct fc__parser *parser, bool is_address, const struct fc__place *place,
                                struct fc__constant *constant) {
    const struct fc__type *type = constant->type;
    if (is_address && type != NULL) {
        struct fc__type pointer = {.kind = FC__TYPE_POINTER, .to = type};
        type = fc__decl_type_derived(parser, &pointer, place);
        if (type == NULL) {
            return false;
        }
        make_typed(constant, type, constant->address == FC__ADDRESS_OF_OBJECT ? FC__ADDRESS_VALUE : FC__ADDRESS_NONE,
                   place);
    } else if (!is_address && pointee(type) != NULL) {
        make_typed(constant, pointee(type),
                   fc__decl_is_known_pointer(constant) ? FC__ADDRESS_OF_OBJECT : FC__ADDRESS_NONE, place);
    } else {
        make_nothing(constant, place);
    }
    return true;
}

const struct fc__type *fc__decl_character_type(struct fc__parser *parser, char prefix) {
    static const char wide[] = "wchar_t";
    const struct fc__name *name;
    switch (prefix) {
    case 'L': /* what the text says that it is, if it does: gcc and clang are not of one opinion */
        name = fc__decl_intern(&parser->lexer, wide, sizeof wide - 1);
        if (name == NULL) {
            return NULL;
        }
        return name->symbol != NULL && name->symbol->kind == FC__SYMBOL_TYPEDEF &&
                       name->symbol->type->kind == FC__TYPE_SCALAR
                   ? name->symbol->type
                   : fc__decl_type_scalar(parser, FC__SCALAR_WCHAR);
    case 'u':
        return fc__decl_type_scalar(parser, FC__SCALAR_U16);
    case 'U':
        return fc__decl_type_scalar(parser, FC__SCALAR_U32);
    default:
        return fc__decl_type_scalar(parser, FC__SCALAR_CHAR);
    }
}

bool fc__decl_read_string(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    struct fc__type array = {.kind = FC__TYPE_ARRAY, .length_kind = FC__LENGTH_KNOWN};
    uint64_t bytes = 1, characters = 1, units = 1;
    char prefix = '\0';
    fc__decl_make_unknown(constant, FC_EPARSE, &place, "an integer is expected, not a string");
    while (parser->token.kind == FC__TOKEN_STRING) {
        bytes += parser->token.value;
        characters += parser->token.characters;
        units += parser->token.characters + parser->token.long_characters;
        prefix = parser->token.prefix != '\0' ? parser->token.prefix : prefix;
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
    bool is_narrow = prefix == 'u' || (prefix == 'L' && parser->lexer.is_windows);
    array.length = prefix == '\0' ? bytes : is_narrow ? units : characters;
    array.to = fc__decl_character_type(parser, prefix);
    const struct fc__type *type = array.to != NULL ? fc__decl_type_derived(parser, &array, &place) : NULL;
    if (type != NULL) {
        make_typed(constant, type, FC__ADDRESS_NONE, &place);
    }
    return type != NULL;
}

bool fc__decl_read_literal(struct fc__parser *parser, const struct fc__type *type, struct fc__constant *constant) {
    struct fc__place place = parser->token.place;
    make_typed(constant, type, FC__ADDRESS_NONE, &place);
    return fc__decl_skip_brackets(parser) && fc__decl_read_postfix(parser, constant);
}

/* -- sizeof and the like ------------------------------------------------------------------------------------------- */

/* What the operand in hand is: a type in parentheses, or an expression. NULL in *ret_type: nobody knows. */
static bool read_operand_type(struct fc__parser *parser, const struct fc__type **ret_type) {
    struct fc__constant operand;
    const struct fc__token *ahead = parser->token.kind == '(' ? fc__decl_peek(parser) : &parser->token;
    if (ahead == NULL) {
        return false;
    }
    if (parser->token.kind == '(' && fc__decl_starts_type(ahead) && fc__decl_word_kind(ahead) != FC__WORD_EXTENSION) {
        if (!fc__decl_advance(parser) || !fc__decl_read_type_name(parser, ret_type) ||
            !fc__decl_expect(parser, ')', "after the type")) {
            return false;
        }
        operand = (struct fc__constant){.value = 0};
        return parser->token.kind != '{' ||
               (fc__decl_read_literal(parser, *ret_type, &operand) && fc__decl_type_of(parser, &operand, ret_type));
    }
    return fc__decl_read_unary(parser, &operand) && fc__decl_type_of(parser, &operand, ret_type);
}

/* From behind __builtin_offsetof: (type, member.member[2]) */
static bool read_offsetof(struct fc__parser *parser, struct fc__constant *constant) {
    struct fc__constant operand = {.value = 0};
    struct fc__place place = parser->token.place;
    const struct fc__type *type;
    if (!fc__decl_expect(parser, '(', "after 'offsetof'") || !fc__decl_read_type_name(parser, &type) ||
        !fc__decl_expect(parser, ',', "after the type")) {
        return false;
    }
    make_typed(&operand, type, FC__ADDRESS_OF_OBJECT, &place);
    if (!read_member(parser, &operand) || !fc__decl_read_postfix(parser, &operand) ||
        !fc__decl_expect(parser, ')', "after the member")) {
        return false;
    }
    if (operand.address == FC__ADDRESS_OF_OBJECT) {
        constant->value = operand.value;
    } else {
        fc__decl_make_unknown(constant, operand.unknown_code, &place, operand.unknown);
    }
    return true;
}

static bool measure(struct fc__parser *parser, enum fc__word_kind word, const struct fc__type *type,
                    const struct fc__place *place, struct fc__constant *constant) {
    struct fc__extent_of_type extent;
    struct fc__error err;
    if (type == NULL) {
        make_nothing(constant, place);
        return true;
    }
    if (parser->target->extent(parser->target->context, type, &extent, &err) != FC_OK) {
        return take_reason(parser, &err, constant, place);
    }
    constant->value = word == FC__WORD_SIZEOF    ? (int64_t)extent.size_bytes
                      : word == FC__WORD_ALIGNOF ? extent.alignment_bytes
                                                 : extent.preferred_alignment_bytes;
    return true;
}

bool fc__decl_read_measure(struct fc__parser *parser, enum fc__word_kind word, const struct fc__place *place,
                           struct fc__constant *constant) {
    const struct fc__type *type = NULL;
    struct fc__constant operand;
    bool is_read;
    constant->is_unsigned = true;
    constant->is_wide = true;
    if (parser->target == NULL) {
        fc__decl_make_unknown(constant, FC_EUNSUPPORTED, place,
                              "this depends on the target, and is not supported here");
        is_read = parser->token.kind == '(' ? fc__decl_skip_brackets(parser) : fc__decl_read_unary(parser, &operand);
    } else if (word == FC__WORD_OFFSETOF) {
        is_read = read_offsetof(parser, constant);
    } else {
        is_read = read_operand_type(parser, &type) && measure(parser, word, type, place, constant);
    }
    if (is_read && parser->target != NULL) { /* size_t */
        struct fc__extent_of_type size = {.size_bytes = 8};
        struct fc__error err;
        const struct fc__type *size_type = fc__decl_type_scalar(parser, FC__SCALAR_SIZE);
        if (size_type == NULL) {
            return false;
        }
        (void)parser->target->extent(parser->target->context, size_type, &size, &err);
        constant->is_wide = size.size_bytes == 8;
        constant->longs = fc__decl_longs(parser, FC__SCALAR_SIZE);
    }
    return is_read;
}

const struct fc__type *fc__decl_read_typeof(struct fc__parser *parser) {
    const struct fc__type *type = NULL;
    struct fc__place place = parser->token.place;
    if (parser->token.kind != '(') {
        fc__decl_fail_found(parser, "'(' after 'typeof'");
        return NULL;
    }
    if (!fc__decl_enter(parser) || !read_operand_type(parser, &type)) {
        return NULL;
    }
    fc__decl_leave(parser);
    if (type == NULL) {
        fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, &place, "'typeof' of this is not supported");
    }
    return type;
}
