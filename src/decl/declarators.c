/* decl: declarators, C11 6.7.6. */
#include "decl/parser.h"

/* A declarator is read inside out: what is nearest to the name applies last to the base type. So each level yields its
 * pointers first, then its suffixes from right to left, then what is in its parentheses, and the list is applied in
 * that order: `*(*name[3])(int)` is pointer, function, pointer, array. */
struct modifier {
    enum fc__type_kind kind; /* FC__TYPE_POINTER, _ARRAY, _FUNCTION */
    struct fc__place place;
    bool is_const;              /* pointer, and array of a parameter */
    bool is_atomic;             /* pointer */
    bool is_static, has_length; /* array */
    struct fc__constant length; /* array, if has_length */
    struct fc__parameters parameters;
    struct modifier *next;
};

struct list {
    struct modifier *first, *last;
};

struct reading {
    struct fc__parser *parser;
    enum fc__naming naming;
    enum fc__declarator_use use;
    struct fc__declarator *result;
};

static bool read_level(struct reading *reading, struct list *ret_list);

static void append(struct list *list, struct modifier *modifier) {
    if (list->first == NULL) {
        list->first = modifier;
    } else {
        list->last->next = modifier;
    }
    list->last = modifier;
}

static void prepend(struct list *list, struct modifier *modifier) {
    modifier->next = list->first;
    list->first = modifier;
    if (list->last == NULL) {
        list->last = modifier;
    }
}

static void join(struct list *list, const struct list *more) {
    if (more->first != NULL) {
        append(list, more->first);
        list->last = more->last;
    }
}

static struct modifier *new_modifier(struct fc__parser *parser, enum fc__type_kind kind) {
    struct modifier *modifier = fc__decl_temporary(parser, sizeof *modifier);
    if (modifier != NULL) {
        modifier->kind = kind;
        modifier->place = parser->token.place;
    }
    return modifier;
}

static bool is_qualifier(enum fc__word_kind kind) {
    return kind == FC__WORD_CONST || kind == FC__WORD_VOLATILE || kind == FC__WORD_RESTRICT || kind == FC__WORD_ATOMIC;
}

/* -- Parts --------------------------------------------------------------------------------------------------------- */

static bool read_pointers(struct reading *reading, struct list *list) {
    struct fc__parser *parser = reading->parser;
    if (!fc__decl_read_attributes(parser, &reading->result->attributes)) {
        return false;
    }
    while (parser->token.kind == '*') {
        struct modifier *modifier = new_modifier(parser, FC__TYPE_POINTER);
        if (modifier == NULL || !fc__decl_advance(parser) ||
            !fc__decl_read_attributes(parser, &reading->result->attributes)) {
            return false;
        }
        for (enum fc__word_kind kind = fc__decl_word_kind(&parser->token); is_qualifier(kind);
             kind = fc__decl_word_kind(&parser->token)) {
            modifier->is_const |= kind == FC__WORD_CONST;
            modifier->is_atomic |= kind == FC__WORD_ATOMIC;
            if (!fc__decl_advance(parser) || !fc__decl_read_attributes(parser, &reading->result->attributes)) {
                return false;
            }
        }
        append(list, modifier);
    }
    return true;
}

struct seen {
    bool is_variable; /* one is named */
    bool is_odd;      /* what constant expressions have not, or cannot say of variables: n++, n = 3, sizeof(int[n]) */
    bool has_body;    /* of a struct, perhaps */
    int last_kind;
};

static bool see_length(struct fc__parser *parser, void *context, unsigned depth) {
    struct seen *seen = context;
    const struct fc__token *token = &parser->token;
    const enum fc__word_kind word = token->kind == FC__TOKEN_NAME ? fc__decl_word_kind(token) : FC__WORD_NONE;
    (void)depth;
    seen->is_odd |= token->kind == '=' || word == FC__WORD_SIZEOF ||
                    ((token->kind == '+' || token->kind == '-') && token->kind == seen->last_kind);
    seen->last_kind = token->kind;
    if (token->kind != FC__TOKEN_NAME) {
        return true;
    }
    const struct fc__symbol *symbol = token->name->symbol;
    const struct fc__token *ahead = fc__decl_peek(parser);
    if (ahead == NULL) {
        return false;
    }
    seen->is_variable |=
        symbol != NULL && (symbol->kind == FC__SYMBOL_PARAMETER || symbol->kind == FC__SYMBOL_ORDINARY);
    seen->has_body |= ahead->kind == '{' || word == FC__WORD_ATTRIBUTE || word == FC__WORD_DECLSPEC;
    return true;
}

/* The length of a parameter's array cannot be read, at whose '[' is `mark`. Where it says more of a variable than
 * constant expressions can, nobody needs its value; else the error stays. So it does with a struct's body in it, which
 * has been read by half. */
static bool skip_length(struct fc__parser *parser, const struct fc__mark *mark, struct fc__constant *ret_length) {
    struct seen seen = {.is_variable = false};
    struct fc__error *err = parser->lexer.err;
    const struct fc__error why = *err;
    if (why.code == FC_ENOMEM) {
        return false;
    }
    fc__decl_read_from(parser, mark);
    if (!fc__decl_watch_brackets(parser, see_length, &seen)) {
        return false;
    }
    if (!seen.is_variable || !seen.is_odd || seen.has_body) {
        *err = why;
        return false;
    }
    *ret_length = (struct fc__constant){.is_variable = true};
    fc__decl_make_unknown(ret_length, FC_EPARSE, &mark->token.place, "only a parameter can be so long");
    return true;
}

/* From the length to behind the ']', of the parameter whose '[' is at `mark`; NULL: it is no parameter. */
static bool read_length(struct fc__parser *parser, const struct fc__mark *mark, struct fc__constant *ret_length) {
    struct fc__scope *scope = parser->scope;
    struct fc__open_body *open_body = parser->open_body;
    const unsigned depth = parser->depth;
    if (fc__decl_read_constant(parser, ret_length) && fc__decl_expect(parser, ']', "after the length of the array")) {
        return true;
    }
    if (mark == NULL) {
        return false;
    }
    while (parser->scope != scope) {
        fc__decl_close_scope(parser);
    }
    parser->open_body = open_body;
    parser->depth = depth;
    return skip_length(parser, mark, ret_length);
}

/* [3] [] [*] [n], and in parameters [static 3] [const] */
static bool read_array(struct reading *reading, struct list *suffixes) {
    struct fc__parser *parser = reading->parser;
    struct modifier *modifier = new_modifier(parser, FC__TYPE_ARRAY);
    struct fc__mark mark;
    const bool is_parameter = reading->use == FC__DECLARATOR_PARAMETER;
    if (is_parameter) {
        fc__decl_mark(parser, &mark);
    }
    if (modifier == NULL || !fc__decl_advance(parser)) {
        return false;
    }
    for (enum fc__word_kind kind = fc__decl_word_kind(&parser->token); is_qualifier(kind) || kind == FC__WORD_STATIC;
         kind = fc__decl_word_kind(&parser->token)) {
        if (!is_parameter) {
            return fc__decl_fail_found(parser, "the length of the array");
        }
        modifier->is_const |= kind == FC__WORD_CONST;
        modifier->is_static |= kind == FC__WORD_STATIC;
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
    const struct fc__token *ahead = fc__decl_peek(parser);
    if (ahead == NULL) {
        return false;
    }
    modifier->has_length = parser->token.kind != ']';
    if (parser->token.kind == '*' && ahead->kind == ']') { /* some variable length */
        fc__decl_make_unknown(&modifier->length, FC_EPARSE, &parser->token.place, "only a parameter can be so long");
        modifier->length.is_variable = true;
        if (!fc__decl_advance(parser)) {
            return false;
        }
    } else if (modifier->has_length) {
        prepend(suffixes, modifier);
        return read_length(parser, is_parameter ? &mark : NULL, &modifier->length);
    }
    prepend(suffixes, modifier);
    return fc__decl_expect(parser, ']', "after the length of the array");
}

static bool read_function(struct reading *reading, struct list *suffixes) {
    struct fc__parser *parser = reading->parser;
    struct modifier *modifier = new_modifier(parser, FC__TYPE_FUNCTION);
    if (modifier == NULL || !fc__decl_advance(parser) || !fc__decl_read_parameters(parser, &modifier->parameters)) {
        return false;
    }
    prepend(suffixes, modifier);
    return true;
}

/* At '(': true if it encloses a declarator, not parameters. C11 6.7.6.3p11: a type's name in it is a parameter's. */
static bool is_nested(struct reading *reading, bool *ret_is_nested) {
    const struct fc__token *ahead = fc__decl_peek(reading->parser);
    if (ahead == NULL) {
        return false;
    }
    enum fc__word_kind kind = fc__decl_word_kind(ahead);
    bool is_attribute = kind == FC__WORD_ATTRIBUTE || kind == FC__WORD_DECLSPEC || kind == FC__WORD_CONVENTION ||
                        kind == FC__WORD_CONVENTION_OTHER || kind == FC__WORD_EXTENSION;
    *ret_is_nested = reading->naming == FC__NAMING_REQUIRED || is_attribute ||
                     !(ahead->kind == ')' || ahead->kind == FC__TOKEN_ELLIPSIS || fc__decl_starts_type(ahead) ||
                       fc__decl_is_annotation(ahead));
    return true;
}

static bool read_nested(struct reading *reading, struct list *inner) {
    struct fc__parser *parser = reading->parser;
    return fc__decl_advance(parser) && read_level(reading, inner) &&
           fc__decl_read_attributes(parser, &reading->result->attributes) &&
           fc__decl_expect(parser, ')', "after the declarator");
}

/* The name, or a declarator in parentheses, or nothing. */
static bool read_core(struct reading *reading, struct list *inner) {
    struct fc__parser *parser = reading->parser;
    struct fc__declarator *result = reading->result;
    if (fc__decl_is_annotation(&parser->token) &&
        (reading->use != FC__DECLARATOR_MEMBER || parser->token.name->annotation != NULL)) {
        return fc__decl_fail_misplaced(parser);
    }
    if (parser->token.kind == '(') {
        bool is_declarator;
        return is_nested(reading, &is_declarator) && (!is_declarator || read_nested(reading, inner));
    }
    result->place = parser->token.place;
    const bool is_float_name = reading->naming == FC__NAMING_REQUIRED && parser->token.kind == FC__TOKEN_NAME &&
                               fc__decl_is_float_name(parser->token.name);
    if ((fc__decl_is_identifier(&parser->token) || is_float_name) && reading->naming != FC__NAMING_FORBIDDEN) {
        result->name = parser->token.name;
        return fc__decl_advance(parser);
    }
    return reading->naming != FC__NAMING_REQUIRED || fc__decl_fail_found(parser, "a name");
}

static bool read_level(struct reading *reading, struct list *ret_list) {
    struct fc__parser *parser = reading->parser;
    struct list inner = {NULL, NULL};
    struct list suffixes = {NULL, NULL};
    *ret_list = inner;
    if (!fc__decl_enter(parser) || !read_pointers(reading, ret_list) || !read_core(reading, &inner)) {
        return false;
    }
    while (parser->token.kind == '[' || parser->token.kind == '(') {
        if (!fc__decl_read_attributes(parser, &reading->result->attributes)) { /* [[deprecated]] */
            return false;
        }
        if (parser->token.kind != '[' && parser->token.kind != '(') {
            break;
        }
        if (!(parser->token.kind == '[' ? read_array(reading, &suffixes) : read_function(reading, &suffixes))) {
            return false;
        }
    }
    join(ret_list, &suffixes);
    join(ret_list, &inner);
    fc__decl_leave(parser);
    return true;
}

/* -- Types --------------------------------------------------------------------------------------------------------- */

const struct fc__type *fc__decl_flatten(const struct fc__type *type) {
    const struct fc__type *element = type;
    bool varies = false;
    for (; element->kind == FC__TYPE_ARRAY; element = element->to) {
        varies |= element->length_kind == FC__LENGTH_VARIES;
    }
    return varies ? element : type;
}

static bool set_length(struct reading *reading, const struct modifier *modifier, struct fc__type *type) {
    struct fc__parser *parser = reading->parser;
    bool is_parameter =
        reading->use == FC__DECLARATOR_PARAMETER && (modifier->next == NULL || modifier->length.is_variable);
    if (!modifier->has_length) {
        return true;
    }
    if (modifier->length.unknown != NULL) { /* an adjusted parameter needs none, and a member need not be laid out */
        type->length_kind = FC__LENGTH_VARIES;
        return is_parameter || reading->use == FC__DECLARATOR_MEMBER ||
               fc__decl_require_constant(parser, &modifier->length);
    }
    if (modifier->length.value < 0 && !(modifier->length.is_unsigned && modifier->length.is_wide)) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &modifier->place, "the length of the array is negative");
    }
    type->length_kind = FC__LENGTH_KNOWN;
    type->length = (uint64_t)modifier->length.value;
    return true;
}

/* What only the outermost [] may say, or leave out. */
static bool check_array(struct fc__parser *parser, const struct modifier *modifier) {
    const struct modifier *outer = modifier->next;
    const char *what = NULL;
    if (outer != NULL && (modifier->is_static || modifier->is_const)) {
        what = "'static' and 'const' belong into the first [] of a parameter";
    } else if (outer != NULL && outer->kind == FC__TYPE_ARRAY && !modifier->has_length) {
        what = "only the first length of an array may be missing";
    }
    return what == NULL || fc__decl_fail(&parser->lexer, FC_EPARSE, &modifier->place, "%s", what);
}

static bool check_element(struct fc__parser *parser, const struct modifier *modifier, const struct fc__type *element) {
    const char *what = element->kind == FC__TYPE_VOID       ? "an array of void"
                       : element->kind == FC__TYPE_FUNCTION ? "an array of functions"
                                                            : NULL;
    return what == NULL || fc__decl_fail(&parser->lexer, FC_EPARSE, &modifier->place, "%s", what);
}

static bool check_result(struct fc__parser *parser, const struct modifier *modifier, const struct fc__type *result) {
    if (result->kind != FC__TYPE_ARRAY && result->kind != FC__TYPE_FUNCTION) {
        return true;
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &modifier->place, "a function cannot return %s",
                         result->kind == FC__TYPE_ARRAY ? "an array" : "a function");
}

static const struct fc__type *apply(struct reading *reading, const struct modifier *modifier,
                                    const struct fc__type *base) {
    struct fc__parser *parser = reading->parser;
    struct fc__type type = {.kind = modifier->kind, .to = base};
    switch (modifier->kind) {
    case FC__TYPE_POINTER:
        type.to = reading->use == FC__DECLARATOR_PARAMETER ? fc__decl_flatten(base) : base;
        type.is_const = modifier->is_const;
        type.is_atomic = modifier->is_atomic;
        break;
    case FC__TYPE_ARRAY:
        if (!check_element(parser, modifier, base) || !set_length(reading, modifier, &type)) {
            return NULL;
        }
        break;
    default:
        if (!check_result(parser, modifier, base) ||
            !fc__decl_check_named_result(parser, &modifier->parameters, base, &modifier->place)) {
            return NULL;
        }
        type.params = modifier->parameters.params;
        type.param_count = modifier->parameters.count;
        type.is_variadic = modifier->parameters.is_variadic;
        type.fixed_count = modifier->parameters.fixed_count;
        for (uint32_t i = 0; i < type.param_count; i++) {
            type.is_printf |= type.params[i].annotation.is_format;
        }
        break;
    }
    return fc__decl_type_derived(parser, &type, &modifier->place);
}

bool fc__decl_read_declarator(struct fc__parser *parser, const struct fc__type *base, enum fc__naming naming,
                              enum fc__declarator_use use, struct fc__declarator *ret_declarator) {
    struct reading reading = {.parser = parser, .naming = naming, .use = use, .result = ret_declarator};
    struct list list;
    *ret_declarator = (struct fc__declarator){.place = parser->token.place};
    if (!read_level(&reading, &list)) {
        return false;
    }
    const struct fc__type *type = base;
    for (const struct modifier *modifier = list.first; modifier != NULL; modifier = modifier->next) {
        if (modifier->kind == FC__TYPE_ARRAY && !check_array(parser, modifier)) {
            return false;
        }
        type = apply(&reading, modifier, type);
        if (type == NULL) {
            return false;
        }
    }
    if (list.last != NULL && list.last->kind == FC__TYPE_ARRAY) {
        ret_declarator->is_static_array = list.last->is_static;
        ret_declarator->is_const_array = list.last->is_const;
    }
    ret_declarator->type = type;
    return true;
}

bool fc__decl_read_type_name(struct fc__parser *parser, const struct fc__type **ret_type) {
    struct fc__specifiers specifiers;
    struct fc__declarator declarator;
    struct fc__open_body *open_body = parser->open_body;
    parser->open_body = NULL; /* a body in here lies in no other one */
    if (!fc__decl_read_specifiers(parser, FC__ANNOTATED_NOTHING, &specifiers) ||
        !fc__decl_read_declarator(parser, specifiers.type, FC__NAMING_FORBIDDEN, FC__DECLARATOR_OBJECT, &declarator)) {
        return false;
    }
    parser->open_body = open_body;
    *ret_type = declarator.type;
    return true;
}
