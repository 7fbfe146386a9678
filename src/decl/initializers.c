/* decl: what the values of variables say of their types, C11 6.7.9: how many elements an array has whose length is
 * missing, and what GNU C's __auto_type is. Of all else they say nothing. */
#include "decl/parser.h"

/* Where the braces of an array are, and how many elements there are up to it. */
struct count {
    struct fc__parser *parser;
    const struct fc__type *element;
    uint64_t next, most; /* the element that comes next; one more than the last */
    uint64_t scalars;    /* of the next element, that stand there without braces of its own */
    bool is_unknown;
};

bool fc__decl_skip_initializer(struct fc__parser *parser) {
    do {
        if (parser->token.kind == '(' || parser->token.kind == '[' || parser->token.kind == '{') {
            if (!fc__decl_skip_brackets(parser)) {
                return false;
            }
        } else if (!fc__decl_advance(parser)) {
            return false;
        }
    } while (parser->token.kind != ',' && parser->token.kind != ';' && parser->token.kind != '}' &&
             parser->token.kind != FC__TOKEN_END);
    return true;
}

static bool is_character(const struct fc__type *type) {
    return fc__decl_type_is_integer(type) && type->kind == FC__TYPE_SCALAR;
}

static bool is_aggregate(const struct fc__type *type) {
    return type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION || type->kind == FC__TYPE_ARRAY;
}

/* How many values without braces an element takes: C11 6.7.9p20. 0: nobody knows. */
static uint64_t scalars_of(const struct fc__type *type, unsigned depth) {
    enum { DEPTH_MAX = 16, MOST = 1 << 20 };
    uint64_t sum = 0;
    if (!is_aggregate(type)) {
        return 1;
    }
    if (depth == DEPTH_MAX) {
        return 0;
    }
    if (type->kind == FC__TYPE_ARRAY) {
        sum = type->length_kind == FC__LENGTH_KNOWN && type->length < MOST ? scalars_of(type->to, depth + 1) : 0;
        return sum < MOST ? sum * type->length : 0;
    }
    for (uint32_t i = 0; type->body->is_complete && i < type->body->member_count; i++) {
        const struct fc__member *member = &type->body->members[i];
        const uint64_t more = member->is_bitfield && member->name == NULL ? 0 : scalars_of(member->type, depth + 1);
        if ((more == 0 && !member->is_bitfield) || more > MOST) {
            return 0;
        }
        sum += more;
        if (type->kind == FC__TYPE_UNION && more != 0) {
            break;
        }
    }
    return sum < MOST ? sum : 0;
}

static void add_elements(struct count *count, uint64_t first, uint64_t elements) {
    count->scalars = 0;
    count->is_unknown = count->is_unknown || first > UINT32_MAX || elements > UINT32_MAX;
    count->next = first + elements;
    count->most = count->next > count->most ? count->next : count->most;
}

/* At `[n] =` or `[n ... m] =`; what is within the element, too, makes the rest hard to tell. */
static bool read_designator(struct count *count) {
    struct fc__parser *parser = count->parser;
    struct fc__constant first, last;
    if (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &first)) {
        return false;
    }
    last = first;
    if (parser->token.kind == FC__TOKEN_ELLIPSIS &&
        (!fc__decl_advance(parser) || !fc__decl_read_constant(parser, &last))) {
        return false;
    }
    count->is_unknown = count->is_unknown || first.unknown != NULL || last.unknown != NULL || first.value < 0 ||
                        last.value < first.value;
    if (!count->is_unknown) {
        add_elements(count, (uint64_t)last.value, 1);
    }
    return fc__decl_expect(parser, ']', "after the index") && fc__decl_skip_initializer(parser);
}

/* A value that is a whole element: in braces, a compound literal, a string, or one of a type without parts. */
static bool is_whole(struct count *count, bool *ret_whole) {
    struct fc__parser *parser = count->parser;
    const struct fc__token *ahead = fc__decl_peek(parser);
    const int kind = parser->token.kind;
    if (ahead == NULL) {
        return false;
    }
    const bool is_text = count->element->kind == FC__TYPE_ARRAY && is_character(count->element->to);
    /* What a name in parentheses stands for may be a struct: of such a value nobody knows how far it goes. */
    *ret_whole = !is_aggregate(count->element) || kind == '{' || (kind == FC__TOKEN_STRING && is_text);
    count->is_unknown =
        count->is_unknown ||
        (!*ret_whole && (kind == '(' || kind == FC__TOKEN_NAME || kind == FC__TOKEN_STRING || kind == '.'));
    return true;
}

static bool read_value(struct count *count) {
    bool whole;
    if (count->parser->token.kind == '[') {
        return read_designator(count);
    }
    if (!is_whole(count, &whole)) {
        return false;
    }
    if (whole) {
        add_elements(count, count->next, 1);
    } else if (count->scalars == 0) {
        add_elements(count, count->next, 1);
        count->scalars = scalars_of(count->element, 0);
        count->is_unknown = count->is_unknown || count->scalars == 0;
        count->scalars -= count->scalars != 0;
    } else {
        count->scalars--;
    }
    return fc__decl_skip_initializer(count->parser);
}

/* In braces. */
static bool read_list(struct count *count) {
    struct fc__parser *parser = count->parser;
    if (!fc__decl_advance(parser)) {
        return false;
    }
    while (parser->token.kind != '}') {
        if (!read_value(count) || (parser->token.kind == ',' && !fc__decl_advance(parser))) {
            return false;
        }
        if (parser->token.kind == FC__TOKEN_END || parser->token.kind == ';') {
            return fc__decl_fail_found(parser, "'}' after the values");
        }
    }
    return fc__decl_advance(parser);
}

/* A string, in braces, too. */
static bool read_text(struct count *count) {
    struct fc__parser *parser = count->parser;
    struct fc__constant text = {.value = 0};
    const bool is_braced = parser->token.kind == '{' || parser->token.kind == '(';
    const int end = parser->token.kind == '(' ? ')' : '}';
    if ((is_braced && !fc__decl_advance(parser)) || !fc__decl_read_string(parser, &text)) {
        return false;
    }
    if (is_braced && parser->token.kind == ',' && !fc__decl_advance(parser)) {
        return false;
    }
    count->most = text.type->length;
    return !is_braced || fc__decl_expect(parser, end, "after the string");
}

static bool read_elements(struct count *count) {
    struct fc__parser *parser = count->parser;
    const struct fc__token *ahead = fc__decl_peek(parser);
    const int kind = parser->token.kind;
    if (ahead == NULL) {
        return false;
    }
    if (is_character(count->element) &&
        (kind == FC__TOKEN_STRING || ((kind == '{' || kind == '(') && ahead->kind == FC__TOKEN_STRING))) {
        return read_text(count);
    }
    count->is_unknown = count->is_unknown || kind != '{';
    return kind == '{' ? read_list(count) : fc__decl_skip_initializer(parser);
}

bool fc__decl_read_array_value(struct fc__parser *parser, const struct fc__type *type, const struct fc__place *place,
                               const struct fc__type **ret_type) {
    struct fc__error *err = parser->lexer.err;
    struct count count = {.parser = parser, .element = type->to};
    struct fc__mark mark;
    *ret_type = type;
    fc__decl_mark(parser, &mark);
    const bool is_read = read_elements(&count);
    if (!is_read && err->code == FC_ENOMEM) {
        return false;
    }
    if (!is_read || (parser->token.kind != ',' && parser->token.kind != ';' && parser->token.kind != FC__TOKEN_END)) {
        fc__decl_read_from(parser, &mark);
        parser->depth = 0;
        return fc__decl_skip_initializer(parser);
    }
    if (!count.is_unknown) {
        struct fc__type known = *type;
        known.length_kind = FC__LENGTH_KNOWN;
        known.length = count.most;
        known.spelling = NULL; /* of a typedef without a length */
        *ret_type = fc__decl_type_derived(parser, &known, place);
    }
    return *ret_type != NULL;
}

const struct fc__type *fc__decl_read_auto_value(struct fc__parser *parser, const struct fc__place *place,
                                                bool is_const) {
    const struct fc__type *type = NULL;
    if (parser->token.kind != '=') {
        fc__decl_fail_found(parser, "'=' and a value, whose type '__auto_type' takes");
        return NULL;
    }
    if (!fc__decl_advance(parser) || !fc__decl_read_value_type(parser, &type)) {
        return NULL;
    }
    if (type == NULL || type->kind == FC__TYPE_VOID) {
        fc__decl_fail(&parser->lexer, FC_EUNSUPPORTED, place,
                      "the type of this value, which '__auto_type' takes, cannot be told");
        return NULL;
    }
    return is_const ? fc__decl_type_const(parser, type) : type;
}
