/* decl: struct, union and enum with their bodies, C11 6.7.2.1 to 6.7.2.3. */
#include "decl/parser.h"

#include <stdio.h>

bool fc__decl_read_static_assert(struct fc__parser *parser) {
    struct fc__constant constant;
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (parser->token.kind != '(') {
        return fc__decl_fail_found(parser, "'(' after '_Static_assert'");
    }
    struct fc__place place = parser->token.place;
    if (parser->target == NULL) {
        return fc__decl_skip_brackets(parser) && fc__decl_expect(parser, ';', "after '_Static_assert'");
    }
    if (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &constant)) {
        return false;
    }
    if (constant.unknown == NULL && constant.value == 0) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "this is asserted, and false");
    }
    while (parser->token.kind == ',' || parser->token.kind == FC__TOKEN_STRING) {
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
    return fc__decl_expect(parser, ')', "after what is asserted") &&
           fc__decl_expect(parser, ';', "after '_Static_assert'");
}

/* -- Enumerators --------------------------------------------------------------------------------------------------- */

/* Of the values of an enum. */
struct range {
    int64_t least;
    uint64_t most;
};

/* GNU C: the type of the enum is the first of these that holds all values, and with attribute packed also a smaller
 * one. */
static enum fc__scalar holder(const struct range *range, bool is_packed) {
    static const struct {
        int64_t least;
        uint64_t most;
        enum fc__scalar scalar;
        bool is_small;
    } rows[] = {
        {0, UINT8_MAX, FC__SCALAR_UCHAR, true},    {INT8_MIN, INT8_MAX, FC__SCALAR_SCHAR, true},
        {0, UINT16_MAX, FC__SCALAR_USHORT, true},  {INT16_MIN, INT16_MAX, FC__SCALAR_SHORT, true},
        {0, UINT32_MAX, FC__SCALAR_UINT, false},   {INT32_MIN, INT32_MAX, FC__SCALAR_INT, false},
        {0, UINT64_MAX, FC__SCALAR_ULLONG, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((is_packed || !rows[i].is_small) && range->least >= rows[i].least && range->most <= rows[i].most) {
            return rows[i].scalar;
        }
    }
    return FC__SCALAR_LLONG;
}

static bool read_enumerator(struct fc__parser *parser, struct fc__constant *next, struct range *range, bool is_int) {
    struct fc__token token = parser->token;
    if (!fc__decl_is_identifier(&token)) {
        return fc__decl_fail_found(parser, "the name of an enumerator");
    }
    struct fc__constant constant = *next;
    if (!fc__decl_advance(parser) || !fc__decl_skip_attributes(parser)) {
        return false;
    }
    if (parser->token.kind == '=') {
        if (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &constant) ||
            !fc__decl_require_constant(parser, &constant)) {
            return false;
        }
    } else if (constant.unknown != NULL) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &token.place, "%s", constant.unknown);
    }
    if (is_int) {
        constant = (struct fc__constant){.value = (int32_t)constant.value};
    }
    struct fc__symbol *symbol = fc__decl_declare(parser, FC__SYMBOL_ENUMERATOR, token.name, &token.place);
    if (symbol == NULL) {
        return false;
    }
    struct fc__enumerator *enumerator = fc__decl_keep(parser, sizeof *enumerator);
    const char *name = fc__decl_keep_name(parser, token.name);
    if (enumerator == NULL || name == NULL) {
        return false;
    }
    bool is_huge = constant.is_unsigned && constant.value < 0;
    bool is_negative = constant.value < 0 && !is_huge;
    symbol->value = constant.value;
    symbol->is_wide = is_huge || constant.value < INT32_MIN || constant.value > UINT32_MAX;
    symbol->is_unsigned = is_huge || (!symbol->is_wide && constant.value > INT32_MAX);
    *enumerator = (struct fc__enumerator){
        .name = name, .value = symbol->value, .is_unsigned = symbol->is_unsigned, .is_wide = symbol->is_wide};
    if (parser->scope == NULL) {
        *parser->next_enumerator = enumerator;
        parser->next_enumerator = &enumerator->next;
    }
    if (is_negative && constant.value < range->least) {
        range->least = constant.value;
    } else if (!is_negative && (uint64_t)constant.value > range->most) {
        range->most = (uint64_t)constant.value;
    }
    *next = (struct fc__constant){.value = (int64_t)((uint64_t)constant.value + 1),
                                  .is_unsigned = is_huge || constant.value == INT64_MAX};
    if (is_huge && next->value == 0) {
        next->unknown = "the value of this enumerator does not fit 64 bits";
    }
    return true;
}

static bool read_enumerators(struct fc__parser *parser, struct range *range, bool are_int) {
    struct fc__constant next = {.value = 0};
    do {
        if (!read_enumerator(parser, &next, range, are_int)) {
            return false;
        }
        if (parser->token.kind != ',') {
            break;
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    } while (parser->token.kind != '}');
    return parser->token.kind == '}' || fc__decl_fail_found(parser, "',' or '}' in the enum");
}

/* -- Members ------------------------------------------------------------------------------------------------------- */

struct entry {
    struct fc__member member;
    struct fc__place place;
    struct entry *next;
};

/* A body while it is read. */
struct reading {
    struct fc__parser *parser;
    struct fc__body *body;
    struct fc__open_body *open;
    struct entry *first, **next;
};

static bool add_member(struct reading *reading, const struct fc__member *member, const struct fc__place *place,
                       const struct fc__attributes *attributes) {
    struct fc__parser *parser = reading->parser;
    struct entry *entry = fc__decl_temporary(parser, sizeof *entry);
    if (entry == NULL) {
        return false;
    }
    if (reading->body->member_count == FC__DECL_MEMBERS_MAX) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "more than %d members", FC__DECL_MEMBERS_MAX);
    }
    entry->member = *member;
    entry->member.alignment_bytes = attributes->alignment_bytes;
    entry->member.is_packed = attributes->is_packed;
    entry->place = *place;
    entry->member.line = place->line;
    entry->member.column = place->column;
    if (attributes->alignment_unknown != NULL && reading->body->unknown == NULL) {
        reading->body->unknown = attributes->alignment_unknown;
    }
    *reading->next = entry;
    reading->next = &entry->next;
    reading->body->member_count++;
    return true;
}

/* From behind the ':'. Whether the width suits the type, only a target knows. */
static bool read_width(struct reading *reading, const struct fc__declarator *declarator, struct fc__member *member) {
    struct fc__parser *parser = reading->parser;
    struct fc__place place = parser->token.place;
    struct fc__constant width;
    char text[100];
    member->is_bitfield = true;
    if (!fc__decl_type_is_integer(member->type) &&
        !(member->type->kind == FC__TYPE_SCALAR && member->type->scalar <= FC__SCALAR_U128 &&
          member->type->scalar >= FC__SCALAR_I128)) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "a bit-field of type '%s'",
                             fc__decl_type_text(member->type, text, sizeof text));
    }
    if (!fc__decl_read_constant(parser, &width)) {
        return false;
    }
    if (width.unknown != NULL) {
        reading->body->unknown = reading->body->unknown != NULL ? reading->body->unknown : width.unknown;
        return true;
    }
    if (width.value < 0 || width.value > 128 || (width.value == 0 && declarator->name != NULL)) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place,
                             width.value == 0 ? "a bit-field of width 0 has no name"
                                              : "the width of a bit-field is at least 0, and at most that of its type");
    }
    member->width_bits = (uint32_t)width.value;
    return true;
}

/* Only a struct that lies within another one can name members of that. */
static void cut_off(struct reading *reading, const struct fc__type *type) {
    while (type->kind == FC__TYPE_ARRAY) {
        type = type->to;
    }
    for (struct fc__open_body *inner = reading->open->inner; inner != NULL && inner->is_new; inner = inner->next) {
        if (type->body != inner->body) {
            inner->outer = NULL;
        }
    }
}

/* What is said of the member, and of the function that it points to. */
static bool annotate(struct reading *reading, struct fc__annotated *annotated, const struct fc__declarator *declarator,
                     struct fc__member *member) {
    struct fc__parser *parser = reading->parser;
    char what[120];
    if (member->name == NULL) {
        return annotated->own.first == NULL ||
               fc__decl_fail(&parser->lexer, FC_EPARSE, &annotated->own.first->place,
                             "'%s' describes a member, and here is none", annotated->own.value.text);
    }
    snprintf(what, sizeof what, "the member '%.*s'", FC__NAME_ARGS(declarator->name));
    if (annotated->own.value.when != NULL && reading->body->kind != FC__TYPE_UNION) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &annotated->own.first->place,
                             "'%s' says when a member of a union counts, and '%.*s' is one of a struct",
                             annotated->own.value.text, FC__NAME_ARGS(declarator->name));
    }
    if (annotated->own.named != NULL && annotated->own.named != declarator->name) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &annotated->own.named_place,
                             "'_At_' stands before the member it is about, and '%.*s' is another name",
                             FC__NAME_ARGS(annotated->own.named));
    }
    member->type = fc__decl_settle_function(parser, annotated, FC__ANNOTATED_MEMBER, declarator->name, member->type);
    return member->type != NULL &&
           fc__decl_settle(parser, &annotated->own, FC__ANNOTATED_MEMBER, what, member->type, &member->annotation);
}

static bool read_member(struct reading *reading, struct fc__specifiers *specifiers) {
    struct fc__parser *parser = reading->parser;
    struct fc__declarator declarator = {.name = NULL, .place = parser->token.place};
    struct fc__member member = {.type = specifiers->type};
    if (parser->token.kind != ':') {
        if (!fc__decl_read_declarator(parser, specifiers->type, FC__NAMING_REQUIRED, FC__DECLARATOR_MEMBER,
                                      &declarator)) {
            return false;
        }
        member.type = declarator.type;
        member.name = fc__decl_keep_name(parser, declarator.name);
        if (member.name == NULL) {
            return false;
        }
        if (member.type->kind == FC__TYPE_FUNCTION || member.type->kind == FC__TYPE_VOID) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &declarator.place, "the member '%.*s' cannot be %s",
                                 FC__NAME_ARGS(declarator.name),
                                 member.type->kind == FC__TYPE_VOID ? "void" : "a function");
        }
    }
    if (parser->token.kind == ':' && (!fc__decl_advance(parser) || !read_width(reading, &declarator, &member))) {
        return false;
    }
    if (!fc__decl_read_attributes(parser, &declarator.attributes)) {
        return false;
    }
    fc__decl_join_attributes(&declarator.attributes, &specifiers->attributes);
    member.type = fc__decl_attributed_type(parser, member.type, &declarator.attributes);
    if (member.type == NULL) {
        return false;
    }
    cut_off(reading, member.type);
    return annotate(reading, &specifiers->annotated, &declarator, &member) &&
           add_member(reading, &member, &declarator.place, &declarator.attributes);
}

/* Microsoft C: what has a tag or is a typedef can be a member without a name, too. */
static bool is_nameless_record(const struct fc__parser *parser, const struct fc__type *type) {
    return parser->target != NULL && parser->target->is_windows &&
           (type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION) && type->body->is_complete;
}

static bool read_member_declaration(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__specifiers specifiers;
    struct fc__place place = parser->token.place;
    for (struct fc__open_body *inner = reading->open->inner; inner != NULL && inner->is_new; inner = inner->next) {
        inner->is_new = false;
    }
    if (parser->token.kind == ';') {
        return fc__decl_advance(parser);
    }
    if (fc__decl_word_kind(&parser->token) == FC__WORD_STATIC_ASSERT) {
        return fc__decl_read_static_assert(parser);
    }
    if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_MEMBER, &specifiers)) {
        return false;
    }
    fc__decl_join_pending(&reading->open->pending, &specifiers.annotated.own.pending);
    if (specifiers.storage != FC__WORD_NONE) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &specifiers.storage_place, "a member has no storage class");
    }
    if (parser->token.kind == ';' && (specifiers.is_tag || is_nameless_record(parser, specifiers.type))) {
        struct fc__member member = {.type = specifiers.type};
        bool is_member = (specifiers.type->kind != FC__TYPE_ENUM && specifiers.type->body->tag == NULL) ||
                         is_nameless_record(parser, specifiers.type);
        return annotate(reading, &specifiers.annotated, NULL, &member) &&
               (!is_member || add_member(reading, &member, &place, &specifiers.attributes)) && fc__decl_advance(parser);
    }
    while (read_member(reading, &specifiers)) {
        if (parser->token.kind != ',') {
            return fc__decl_expect(parser, ';', "after the member");
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
    return false;
}

/* Moves the members to the unit, and notes how deep they nest: a member that is a struct was complete before. */
static bool keep_members(struct reading *reading) {
    struct fc__body *body = reading->body;
    struct fc__member *members = fc__decl_keep(reading->parser, body->member_count * sizeof *members);
    struct fc__place *places = fc__decl_scratch(reading->parser, body->member_count * sizeof *places);
    uint32_t i = 0;
    if (members == NULL || places == NULL) {
        return false;
    }
    reading->open->places = places;
    body->depth = 1;
    for (const struct entry *entry = reading->first; entry != NULL; entry = entry->next) {
        const struct fc__type *type = entry->member.type;
        places[i] = entry->place;
        members[i++] = entry->member;
        while (type->kind == FC__TYPE_ARRAY) {
            type = type->to;
        }
        if (type->body == NULL || type->body->kind == FC__TYPE_ENUM) {
            continue;
        }
        if (!type->body->is_complete && body->unknown == NULL) {
            body->unknown = "a member has a type without a body before it";
        }
        if (type->body != body && type->body->depth >= body->depth) {
            body->depth = type->body->depth + 1;
        }
    }
    body->members = members;
    return body->depth <= FC__DECL_DEPTH_MAX ||
           fc__decl_fail(&reading->parser->lexer, FC_EPARSE, &reading->parser->token.place,
                         "structs and unions within each other of more than %d levels", FC__DECL_DEPTH_MAX);
}

/* `names`: whose members they are; `body`, unless it repeats that. */
static bool read_members(struct fc__parser *parser, struct fc__body *body, const struct fc__body *names) {
    struct reading reading = {.parser = parser, .body = body};
    struct fc__open_body *open = fc__decl_scratch(parser, sizeof *open);
    if (open == NULL) {
        return false;
    }
    *open = (struct fc__open_body){.outer = parser->open_body, .body = body, .names = names, .is_new = true};
    parser->open_body = reading.open = open;
    reading.next = &reading.first;
    while (parser->token.kind != '}') {
        if (parser->token.kind == FC__TOKEN_END) {
            return fc__decl_fail_found(parser, "a member or '}'");
        }
        if (!read_member_declaration(&reading)) {
            return false;
        }
    }
    body->pack_bytes = parser->token.pack_bytes;
    parser->open_body = open->outer;
    if (!keep_members(&reading) || (names != body && !fc__decl_amend_members(parser, open))) {
        return false;
    }
    if (open->outer == NULL) {
        parser->unsettled = open;
        return (parser->is_more && body->tag == NULL && names == body) || fc__decl_settle_body(parser);
    }
    open->next = open->outer->inner;
    open->outer->inner = open;
    return true;
}

/* -- Tags ---------------------------------------------------------------------------------------------------------- */

/* At the '{' of a body that there is already: to annotate its members. */
static bool repeat_body(struct fc__parser *parser, struct fc__body *body, struct fc__attributes *attributes) {
    struct fc__body *repeated = fc__decl_scratch(parser, sizeof *repeated);
    if (repeated == NULL) {
        return false;
    }
    *repeated = (struct fc__body){.kind = body->kind, .tag = body->tag, .id = body->id};
    parser->repetition++;
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser) || !read_members(parser, repeated, body) ||
        !fc__decl_advance(parser) || !fc__decl_read_attributes(parser, attributes)) {
        return false;
    }
    fc__decl_leave(parser);
    parser->repetition--;
    return true;
}

/* C23, and clang before it: `enum e : unsigned char { A };`. A bit-field's width begins with no type. */
static bool read_enum_type(struct fc__parser *parser, struct fc__tag *tag, bool *ret_is_fixed) {
    const struct fc__token *ahead = parser->token.kind == ':' ? fc__decl_peek(parser) : &parser->token;
    struct fc__specifiers specifiers;
    char text[100];
    *ret_is_fixed = false;
    if (ahead == NULL || parser->token.kind != ':' || !fc__decl_starts_type(ahead)) {
        return ahead != NULL;
    }
    struct fc__place place = ahead->place;
    if (!fc__decl_advance(parser) || !fc__decl_read_specifiers(parser, FC__ANNOTATED_NOTHING, &specifiers)) {
        return false;
    }
    if (specifiers.type->kind != FC__TYPE_SCALAR || !fc__decl_type_is_integer(specifiers.type)) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &place, "an enum of type '%s'",
                             fc__decl_type_text(specifiers.type, text, sizeof text));
    }
    *ret_is_fixed = true;
    if (!fc__decl_note_change(parser, tag->body, sizeof *tag->body)) {
        return false;
    }
    tag->body->scalar = specifiers.type->scalar;
    return true;
}

/* At the '{'. `attributes` are those that stood before it. */
static bool read_body(struct fc__parser *parser, struct fc__tag *tag, const struct fc__place *place, bool has_type,
                      struct fc__attributes *attributes) {
    struct fc__body *body = tag->body;
    struct range range = {0, 0};
    const bool is_int = !has_type && parser->target != NULL && parser->target->enums_are_int;
    if (parser->is_more && body->is_complete && body->kind != FC__TYPE_ENUM) {
        return repeat_body(parser, body, attributes);
    }
    if (tag->has_body) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s %.80s' already has a body",
                             fc__decl_tag_noun(body->kind), body->tag);
    }
    tag->has_body = true;
    if (!fc__decl_note_change(parser, body, offsetof(struct fc__body, next))) {
        return false;
    }
    if (!fc__decl_enter(parser) || !fc__decl_advance(parser) ||
        !(body->kind == FC__TYPE_ENUM ? read_enumerators(parser, &range, is_int) : read_members(parser, body, body)) ||
        !fc__decl_advance(parser) || !fc__decl_read_attributes(parser, attributes)) {
        return false;
    }
    fc__decl_leave(parser);
    body->is_packed = attributes->is_packed;
    body->rules = attributes->rules;
    body->alignment_bytes = attributes->alignment_bytes;
    body->unknown = body->unknown != NULL ? body->unknown : attributes->alignment_unknown;
    if (body->kind == FC__TYPE_ENUM && !has_type) {
        body->scalar = is_int ? FC__SCALAR_INT : holder(&range, body->is_packed);
    }
    body->is_complete = true;
    return true;
}

const struct fc__type *fc__decl_read_tag(struct fc__parser *parser, struct fc__attributes *attributes) {
    enum fc__word_kind word = fc__decl_word_kind(&parser->token);
    enum fc__type_kind kind = word == FC__WORD_STRUCT  ? FC__TYPE_STRUCT
                              : word == FC__WORD_UNION ? FC__TYPE_UNION
                                                       : FC__TYPE_ENUM;
    struct fc__attributes own = {.alignment_bytes = 0};
    if (!fc__decl_advance(parser) || !fc__decl_read_attributes(parser, &own)) {
        return NULL;
    }
    struct fc__token token = parser->token;
    struct fc__name *name = fc__decl_is_identifier(&token) ? token.name : NULL;
    if (name == NULL && token.kind != '{' && !(token.kind == ':' && kind == FC__TYPE_ENUM)) {
        fc__decl_fail_found(parser, "a tag or '{'");
        return NULL;
    }
    if (name != NULL && !fc__decl_advance(parser)) {
        return NULL;
    }
    struct fc__tag *tag = fc__decl_find_tag(parser, kind, name, &token.place);
    bool has_type = false;
    if (tag == NULL || (kind == FC__TYPE_ENUM && !read_enum_type(parser, tag, &has_type)) ||
        (parser->token.kind == '{' && !read_body(parser, tag, &token.place, has_type, &own))) {
        return NULL;
    }
    return fc__decl_read_attributes(parser, attributes) ? fc__decl_type_tag(parser, tag) : NULL;
}
