/* decl: struct, union and enum with their bodies, C11 6.7.2.1 to 6.7.2.3. */
#include "decl/parser.h"

bool fc__decl_skip_static_assert(struct fc__parser *parser) {
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (parser->token.kind != '(') {
        return fc__decl_fail_found(parser, "'(' after '_Static_assert'");
    }
    return fc__decl_skip_brackets(parser) && fc__decl_expect(parser, ';', "after '_Static_assert'");
}

/* -- Enumerators --------------------------------------------------------------------------------------------------- */

/* An enum is passed as int, so all that its enumerators say must fit 32 bits of one signedness. */
struct range {
    bool has_negative, has_unsigned;
};

static bool check_enumerator(struct fc__parser *parser, const struct fc__constant *constant,
                             const struct fc__name *name, const struct fc__place *place, struct range *range) {
    bool is_huge = constant->is_unsigned && constant->value < 0;
    range->has_negative |= constant->value < 0;
    range->has_unsigned |= constant->value > INT32_MAX;
    if (is_huge || constant->value < INT32_MIN || constant->value > UINT32_MAX ||
        (range->has_negative && range->has_unsigned)) {
        return fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, place, "'%.*s' makes this enum wider than an int",
                             FC__NAME_ARGS(name));
    }
    return true;
}

static bool read_enumerator(struct fc__parser *parser, int64_t *next, struct range *range) {
    struct fc__token token = parser->token;
    if (!fc__decl_is_identifier(&token)) {
        return fc__decl_fail_found(parser, "the name of an enumerator");
    }
    struct fc__constant constant = {.value = *next};
    if (!fc__decl_advance(parser) || !fc__decl_skip_attributes(parser)) {
        return false;
    }
    if (parser->token.kind == '=') {
        if (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &constant) ||
            !fc__decl_require_constant(parser, &constant)) {
            return false;
        }
    }
    if (!check_enumerator(parser, &constant, token.name, &token.place, range)) {
        return false;
    }
    struct fc__symbol *symbol = fc__decl_declare(parser, FC__SYMBOL_ENUMERATOR, token.name, &token.place);
    if (symbol == NULL) {
        return false;
    }
    symbol->value = constant.value;
    *next = constant.value + 1;
    return true;
}

static bool read_enumerators(struct fc__parser *parser) {
    int64_t next = 0;
    struct range range = {false, false};
    do {
        if (!read_enumerator(parser, &next, &range)) {
            return false;
        }
        if (parser->token.kind != ',') {
            break;
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    } while (parser->token.kind != '}');
    if (parser->token.kind != '}') {
        return fc__decl_fail_found(parser, "',' or '}' in the enum");
    }
    return fc__decl_advance(parser);
}

/* -- Members ------------------------------------------------------------------------------------------------------- */

/* Members are read, so that what they declare is known and what is wrong with them is said; they are not kept. */
static bool read_member(struct fc__parser *parser, const struct fc__type *base) {
    struct fc__declarator declarator = {.name = NULL};
    struct fc__constant width;
    if (parser->token.kind != ':') {
        if (!fc__decl_read_declarator(parser, base, FC__NAMING_REQUIRED, FC__DECLARATOR_MEMBER, &declarator)) {
            return false;
        }
        if (declarator.type->kind == FC__TYPE_FUNCTION || declarator.type->kind == FC__TYPE_VOID) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &declarator.place, "the member '%.*s' cannot be %s",
                                 FC__NAME_ARGS(declarator.name),
                                 declarator.type->kind == FC__TYPE_VOID ? "void" : "a function");
        }
    }
    if (parser->token.kind == ':') {
        if (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &width)) {
            return false;
        }
    }
    return fc__decl_skip_attributes(parser);
}

static bool read_member_declaration(struct fc__parser *parser) {
    struct fc__specifiers specifiers;
    if (parser->token.kind == ';') {
        return fc__decl_advance(parser);
    }
    if (fc__decl_word_kind(&parser->token) == FC__WORD_STATIC_ASSERT) {
        return fc__decl_skip_static_assert(parser);
    }
    if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_NOTHING, &specifiers)) {
        return false;
    }
    if (specifiers.storage != FC__WORD_NONE) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &specifiers.storage_place, "a member has no storage class");
    }
    if (parser->token.kind == ';' && specifiers.is_tag) {
        return fc__decl_advance(parser);
    }
    while (read_member(parser, specifiers.type)) {
        if (parser->token.kind != ',') {
            return fc__decl_expect(parser, ';', "after the member");
        }
        if (!fc__decl_advance(parser) || !fc__decl_skip_attributes(parser)) {
            return false;
        }
    }
    return false;
}

static bool read_members(struct fc__parser *parser) {
    while (parser->token.kind != '}') {
        if (parser->token.kind == FC__TOKEN_END) {
            return fc__decl_fail_found(parser, "a member or '}'");
        }
        if (!read_member_declaration(parser)) {
            return false;
        }
    }
    return fc__decl_advance(parser);
}

/* -- Tags ---------------------------------------------------------------------------------------------------------- */

static bool read_body(struct fc__parser *parser, struct fc__tag *tag, const struct fc__place *place) {
    if (tag->has_body) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s %.80s' already has a body",
                             fc__decl_tag_noun(tag->kind), tag->text);
    }
    tag->has_body = true;
    bool is_read = fc__decl_enter(parser) && fc__decl_advance(parser) &&
                   (tag->kind == FC__TYPE_ENUM ? read_enumerators(parser) : read_members(parser));
    if (is_read) {
        fc__decl_leave(parser);
        fc__decl_complete_tag(tag);
    }
    return is_read;
}

const struct fc__type *fc__decl_read_tag(struct fc__parser *parser) {
    enum fc__word_kind word = fc__decl_word_kind(&parser->token);
    enum fc__type_kind kind = word == FC__WORD_STRUCT  ? FC__TYPE_STRUCT
                              : word == FC__WORD_UNION ? FC__TYPE_UNION
                                                       : FC__TYPE_ENUM;
    if (!fc__decl_advance(parser) || !fc__decl_skip_attributes(parser)) {
        return NULL;
    }
    struct fc__token token = parser->token;
    struct fc__name *name = fc__decl_is_identifier(&token) ? token.name : NULL;
    if (name == NULL && token.kind != '{') {
        fc__decl_fail_found(parser, "a tag or '{'");
        return NULL;
    }
    if (name != NULL && (!fc__decl_advance(parser) || !fc__decl_skip_attributes(parser))) {
        return NULL;
    }
    struct fc__tag *tag = fc__decl_find_tag(parser, kind, name, &token.place);
    if (tag == NULL || (parser->token.kind == '{' && !read_body(parser, tag, &token.place))) {
        return NULL;
    }
    return fc__decl_type_tag(parser, tag);
}
