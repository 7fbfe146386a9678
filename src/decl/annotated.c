/* decl: annotations where they stand. */
#include "decl/parser.h"
#include "decl/suggest.h"

#include <stdio.h>
#include <string.h>

bool fc__decl_is_annotation(const struct fc__token *token) {
    return token->kind == FC__TOKEN_NAME && token->name->is_annotation;
}

static bool fail_unknown(struct fc__parser *parser) {
    const struct fc__name *name = parser->token.name;
    const struct fc__annotation_word *word;
    struct fc__suggestion suggestion;
    char text[FC__SUGGEST_TEXT_MAX];
    fc__decl_suggest_init(&suggestion, name->text, name->len);
    for (size_t i = 0; (word = fc__decl_annotation_word_at(i)) != NULL; i++) {
        fc__decl_suggest_offer(&suggestion, word->text, strlen(word->text));
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "unknown annotation '%.*s'%s",
                         FC__NAME_ARGS(name), fc__decl_suggest_text(&suggestion, text));
}

bool fc__decl_fail_misplaced(struct fc__parser *parser) {
    if (parser->token.name->annotation == NULL) {
        return fail_unknown(parser);
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' must stand before the type, not in it",
                         parser->token.name->annotation->text);
}

/* Words that stand before a function pointer may speak of what it points to. */
static unsigned allowed_uses(enum fc__annotated_what what) {
    switch (what) {
    case FC__ANNOTATED_PARAMETER:
        return FC__ANNOTATES_PARAMETER | FC__ANNOTATES_RESULT | FC__ANNOTATES_FUNCTION;
    case FC__ANNOTATED_MEMBER:
        return FC__ANNOTATES_MEMBER | FC__ANNOTATES_RESULT | FC__ANNOTATES_FUNCTION;
    case FC__ANNOTATED_DECLARATION:
        return FC__ANNOTATES_RESULT | FC__ANNOTATES_FUNCTION | FC__ANNOTATES_TYPEDEF | FC__ANNOTATES_VARIABLE;
    default:
        return 0;
    }
}

static bool check_use(struct fc__parser *parser, enum fc__annotated_what what, const struct fc__annotation_word *word) {
    static const struct {
        unsigned uses;
        const char *text;
    } rows[] = {{FC__ANNOTATES_PARAMETER, "a parameter"},
                {FC__ANNOTATES_MEMBER, "a member"},
                {FC__ANNOTATES_RESULT | FC__ANNOTATES_FUNCTION, "a function"},
                {FC__ANNOTATES_TYPEDEF, "a typedef"},
                {FC__ANNOTATES_VARIABLE, "a variable"}};
    char text[80] = "";
    size_t used = 0;
    if ((word->uses & allowed_uses(what)) != 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((word->uses & rows[i].uses) != 0) {
            int size = snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " or " : "", rows[i].text);
            used += size > 0 ? (size_t)size : 0;
        }
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' belongs before %s", word->text, text);
}

/* -- Arguments ----------------------------------------------------------------------------------------------------- */

bool fc__decl_fail_argument_count(struct fc__parser *parser, const struct fc__annotation_word *word) {
    static const char *const counts[] = {
        [FC__ARGUMENTS_NONE] = "no argument",
        [FC__ARGUMENTS_SIZE] = "one argument, a size",
        [FC__ARGUMENTS_SIZES] = "two arguments: a size, and the size after the call",
        [FC__ARGUMENTS_OUTER_SIZE] = "one argument, a size",
        [FC__ARGUMENTS_CONDITION] = "one argument, a condition",
        [FC__ARGUMENTS_FUNCTION] = "one argument, the name of a function",
        [FC__ARGUMENTS_TYPE] = "one argument, a type",
        [FC__ARGUMENTS_CONSTANT] = "one argument, a constant",
        [FC__ARGUMENTS_CONSTANTS] = "two arguments, both constants",
        [FC__ARGUMENTS_INNER] = "two arguments: '*' with the name of the parameter, and an annotation",
        [FC__ARGUMENTS_LETTERS] = "pairs of letters",
        [FC__ARGUMENTS_SKIPPED] = "arguments",
    };
    const char *count = counts[word->arguments];
    if (word->arguments == FC__ARGUMENTS_SIZES && (word->uses & FC__ANNOTATES_MEMBER) != 0) {
        count = "two arguments: a size, and how much of it is used";
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' takes %s", word->text, count);
}

/* What is being read. */
struct reading {
    struct fc__parser *parser;
    const struct fc__annotation_word *word;
    struct fc__annotated *annotated;
    struct fc__said *said; /* the part of it that the word belongs to */
    bool of_member;
};

static bool read_arguments(struct reading *reading);

static const struct fc__expr *read_size(struct reading *reading, bool is_capacity) {
    struct fc__size_place place = {.annotation = reading->word,
                                   .is_capacity = is_capacity && (reading->word->flags & FC__ANNOTATION_AFTER) == 0,
                                   .of_member = reading->of_member,
                                   .pending = &reading->said->pending};
    return fc__decl_read_size(reading->parser, &place);
}

static bool read_comma(struct reading *reading, const char *where) {
    struct fc__parser *parser = reading->parser;
    return parser->token.kind == ')' ? fc__decl_fail_argument_count(parser, reading->word)
                                     : fc__decl_expect(parser, ',', where);
}

static bool read_constants(struct reading *reading) {
    struct fc__annotation *value = &reading->said->value;
    value->replace_from = fc__decl_read_constant_expr(reading->parser);
    if (value->replace_from == NULL || !read_comma(reading, "after the constant")) {
        return false;
    }
    value->replace_to = fc__decl_read_constant_expr(reading->parser);
    return value->replace_to != NULL;
}

static bool read_function_name(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__annotation *value = &reading->said->value;
    if (!fc__decl_is_identifier(&parser->token)) {
        return fc__decl_fail_found(parser, reading->word->subject == FC__SUBJECT_COPY ? "the name of a parameter"
                                                                                      : "the name of a function");
    }
    const char *name = fc__decl_keep_name(parser, parser->token.name);
    if (reading->word->subject == FC__SUBJECT_KEPT) {
        value->kept_until = name;
    } else if (reading->word->subject == FC__SUBJECT_COPY) {
        value->copy_of = name;
    } else {
        value->callback_until = name;
    }
    return name != NULL && fc__decl_advance(parser);
}

static bool read_condition(struct reading *reading) {
    const struct fc__expr *condition = read_size(reading, false);
    if (reading->word->subject == FC__SUBJECT_UNION) {
        reading->said->value.when = condition;
    } else if (reading->word->subject == FC__SUBJECT_WHEN) {
        reading->annotated->when = condition;
    } else {
        reading->annotated->success = condition;
    }
    return condition != NULL;
}

/* What is said of what stands behind so many stars. */
static struct fc__annotation *inner_at(struct reading *reading, unsigned stars) {
    struct fc__annotation *at = &reading->said->value;
    for (; stars > 1 && at != NULL; stars--) {
        if (at->inner == NULL) {
            at->inner = fc__decl_keep(reading->parser, sizeof *at->inner);
        }
        at = (struct fc__annotation *)at->inner;
    }
    return at;
}

/* _In_reads_(n) and the like, of the pointers that `outer` leads to. */
static bool read_inner_extent(struct reading *reading, struct fc__annotation *outer) {
    struct fc__parser *parser = reading->parser;
    struct fc__said said = {.value = {.direction = FC__DIRECTION_NONE}};
    struct reading inner = *reading;
    const struct fc__place place = parser->token.place;
    inner.word = parser->token.name->annotation;
    inner.said = &said;
    struct fc__annotation *kept = fc__decl_keep(parser, sizeof *kept);
    if (kept == NULL || !fc__decl_advance(parser) || !read_arguments(&inner)) {
        return false;
    }
    fc__decl_say(&said, inner.word, &place);
    *kept = said.value;
    if (outer->inner != NULL) { /* what stands behind more stars came first */
        kept->inner = outer->inner->inner;
        kept->is_result_string = outer->inner->is_result_string;
    }
    outer->inner = kept;
    fc__decl_join_pending(&reading->said->pending, &said.pending);
    return true;
}

/* *name, and what is said of that: how it ends, or how much there is. */
static bool read_inner(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    unsigned stars = 0;
    do {
        if (!fc__decl_expect(parser, '*', "and the name of the parameter")) {
            return false;
        }
    } while (++stars < FC__DECL_DEPTH_MAX && parser->token.kind == '*');
    if (!fc__decl_is_identifier(&parser->token)) {
        return fc__decl_fail_found(parser, "the name of the parameter");
    }
    reading->said->named = parser->token.name;
    reading->said->named_place = parser->token.place;
    if (!fc__decl_advance(parser) || !read_comma(reading, "after the name")) {
        return false;
    }
    struct fc__annotation *outer = inner_at(reading, stars);
    const struct fc__annotation_word *word =
        parser->token.kind == FC__TOKEN_NAME ? parser->token.name->annotation : NULL;
    const bool is_end = word != NULL && word->subject == FC__SUBJECT_END && (word->flags & FC__ANNOTATION_LIST) == 0;
    const bool is_extent = word != NULL && word->subject == FC__SUBJECT_EXTENT &&
                           (word->flags & (FC__ANNOTATION_OUTPTR | FC__ANNOTATION_AFTER)) == 0;
    if (outer == NULL) {
        return false;
    }
    if (!is_end && !is_extent) {
        return fc__decl_fail_found(parser, "an annotation such as '_In_reads_(n)' or '_Null_terminated_'");
    }
    if (outer->is_result_string || (outer->inner != NULL && outer->inner->extent != FC__EXTENT_NONE)) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' contradicts '_At_' before it",
                             word->text);
    }
    if (is_extent && word->extent != FC__EXTENT_STRING) {
        return read_inner_extent(reading, outer);
    }
    outer->is_result_string = true;
    return fc__decl_advance(parser);
}

/* qs, zp: conversions of a format, each with one of printf's that takes the same. */
static bool read_letters(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    char letters[2 * 52 + 1];
    size_t used = 0;
    for (;;) {
        if (!fc__decl_is_identifier(&parser->token) || parser->token.name->len != 2 || used + 2 >= sizeof letters) {
            return fc__decl_fail_found(parser, "a letter, and behind it the one of printf that takes the same");
        }
        memcpy(letters + used, parser->token.name->text, 2);
        used += 2;
        if (!fc__decl_advance(parser)) {
            return false;
        }
        if (parser->token.kind != ',') {
            break;
        }
        if (!fc__decl_advance(parser)) {
            return false;
        }
    }
    letters[used] = '\0';
    char *kept = fc__decl_keep(parser, used + 1);
    if (kept == NULL) {
        return false;
    }
    memcpy(kept, letters, used + 1);
    reading->said->value.conversions = kept;
    return true;
}

/* What stands in the parentheses. */
static bool read_inside(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    struct fc__annotation *value = &reading->said->value;
    switch (reading->word->arguments) {
    case FC__ARGUMENTS_SIZE:
        value->capacity = read_size(reading, true);
        return value->capacity != NULL;
    case FC__ARGUMENTS_SIZES:
        value->capacity = read_size(reading, true);
        if (value->capacity == NULL || !read_comma(reading, "after the size")) {
            return false;
        }
        value->valid = read_size(reading, false);
        return value->valid != NULL;
    case FC__ARGUMENTS_OUTER_SIZE:
        value->result_capacity = read_size(reading, false);
        return value->result_capacity != NULL;
    case FC__ARGUMENTS_CONDITION:
        return read_condition(reading);
    case FC__ARGUMENTS_FUNCTION:
        return read_function_name(reading);
    case FC__ARGUMENTS_TYPE:
        return fc__decl_starts_type(&parser->token)
                   ? fc__decl_read_type_name(parser, reading->word->subject == FC__SUBJECT_VIEW ? &value->seen_as
                                                                                                : &value->sizeof_type)
                   : fc__decl_fail_found(parser, "a type");
    case FC__ARGUMENTS_CONSTANT:
        reading->annotated->fails_with = fc__decl_read_constant_expr(parser);
        return reading->annotated->fails_with != NULL;
    case FC__ARGUMENTS_CONSTANTS:
        return read_constants(reading);
    case FC__ARGUMENTS_INNER:
        return read_inner(reading);
    case FC__ARGUMENTS_LETTERS:
        return read_letters(reading);
    default:
        return true;
    }
}

static bool read_arguments(struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__annotation_word *word = reading->word;
    const char *where = word->arguments == FC__ARGUMENTS_CONDITION  ? "after the condition"
                        : word->arguments > FC__ARGUMENTS_CONDITION ? "after the argument"
                                                                    : "after the size";
    if (word->arguments == FC__ARGUMENTS_NONE) {
        return true;
    }
    if (parser->token.kind != '(') {
        return fc__decl_fail_argument_count(parser, word);
    }
    if (word->arguments == FC__ARGUMENTS_SKIPPED) {
        return fc__decl_skip_brackets(parser);
    }
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (parser->token.kind == ')') {
        return fc__decl_fail_argument_count(parser, word);
    }
    if (!read_inside(reading)) {
        return false;
    }
    return parser->token.kind == ',' ? fc__decl_fail_argument_count(parser, word) : fc__decl_expect(parser, ')', where);
}

/* -- Words --------------------------------------------------------------------------------------------------------- */

/* Words that contradict each other although they speak of different things. */
static bool are_contrary(const struct fc__annotation_word *a, const struct fc__annotation_word *b) {
    static const struct {
        enum fc__annotation_subject a, b;
    } rows[] = {
        {FC__SUBJECT_OPAQUE, FC__SUBJECT_END},     {FC__SUBJECT_OPAQUE, FC__SUBJECT_LOCAL},
        {FC__SUBJECT_OPAQUE, FC__SUBJECT_PINNED},  {FC__SUBJECT_OPAQUE, FC__SUBJECT_KEPT},
        {FC__SUBJECT_OPAQUE, FC__SUBJECT_BASE},    {FC__SUBJECT_OPAQUE, FC__SUBJECT_FORMAT},
        {FC__SUBJECT_OPAQUE, FC__SUBJECT_PATH},    {FC__SUBJECT_PINNED, FC__SUBJECT_KEPT},
        {FC__SUBJECT_LOCAL, FC__SUBJECT_KEPT},     {FC__SUBJECT_LOCAL, FC__SUBJECT_PINNED},
        {FC__SUBJECT_LOCAL, FC__SUBJECT_SIZEOF},   {FC__SUBJECT_LOCAL, FC__SUBJECT_REPLACE},
        {FC__SUBJECT_LOCAL, FC__SUBJECT_CALLBACK}, {FC__SUBJECT_SIZEOF, FC__SUBJECT_REPLACE},
        {FC__SUBJECT_LOCAL, FC__SUBJECT_WRITTEN},  {FC__SUBJECT_WRITTEN, FC__SUBJECT_SIZEOF},
        {FC__SUBJECT_LOCAL, FC__SUBJECT_FD},       {FC__SUBJECT_SIZEOF, FC__SUBJECT_FD},
        {FC__SUBJECT_LOCAL, FC__SUBJECT_BITS},     {FC__SUBJECT_SIZEOF, FC__SUBJECT_BITS},
        {FC__SUBJECT_REPLACE, FC__SUBJECT_BITS},   {FC__SUBJECT_FD, FC__SUBJECT_BITS},
        {FC__SUBJECT_OPAQUE, FC__SUBJECT_UTF8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((a->subject == rows[i].a && b->subject == rows[i].b) ||
            (a->subject == rows[i].b && b->subject == rows[i].a)) {
            return true;
        }
    }
    const struct fc__annotation_word *extent = a->subject == FC__SUBJECT_EXTENT ? a : b;
    const struct fc__annotation_word *other = a->subject == FC__SUBJECT_EXTENT ? b : a;
    return (extent->extent == FC__EXTENT_STRING && other->subject == FC__SUBJECT_OPAQUE) ||
           (other->subject == FC__SUBJECT_ABSENCE && (other->flags & FC__ANNOTATION_NOT_NULL) != 0 &&
            (extent->flags & FC__ANNOTATION_OPTIONAL) != 0);
}

static bool check_contradiction(const struct reading *reading) {
    struct fc__parser *parser = reading->parser;
    const struct fc__annotation_word *word = reading->word;
    for (const struct fc__annotation_use *use = reading->said->first; use != NULL; use = use->next) {
        if (use->word == word && word->arguments == FC__ARGUMENTS_INNER) {
            continue; /* of what stands behind other stars */
        }
        if (use->word == word) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' is given twice", word->text);
        }
        if (use->word->subject == word->subject || are_contrary(use->word, word)) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' contradicts '%s' before it",
                                 word->text, use->word->text);
        }
    }
    return true;
}

static bool note_use(const struct reading *reading, const struct fc__place *place) {
    struct fc__annotation_use *use = fc__decl_scratch(reading->parser, sizeof *use);
    struct fc__said *said = reading->said;
    if (use == NULL) {
        return false;
    }
    *use = (struct fc__annotation_use){.word = reading->word, .place = *place};
    if (said->first == NULL) {
        said->first = use;
    } else {
        said->last->next = use;
    }
    said->last = use;
    return true;
}

/* Copies without comments, and with one blank for any number. Returns behind the copy. */
static char *copy_tidy(char *to, const char *text, const char *end) {
    while (text < end) {
        const char *before = text;
        while (text < end && (strchr(" \t\r\n\v\f\\", *text) != NULL || *text == '/')) {
            if (*text != '/') {
                text++;
            } else if (text + 1 < end && text[1] == '*') {
                for (text += 2; text[0] != '*' || text[1] != '/'; text++) {
                }
                text += 2;
            } else if (text + 1 < end && text[1] == '/') {
                text = memchr(text, '\n', (size_t)(end - text));
            } else {
                break;
            }
        }
        if (text > before) {
            *to++ = ' ';
        }
        if (text < end) {
            *to++ = *text++;
        }
    }
    return to;
}

/* Appends the annotation as it was written. */
static bool append_text(struct fc__parser *parser, struct fc__annotation *annotation, uint32_t begin, uint32_t end) {
    size_t before = annotation->text == NULL ? 0 : strlen(annotation->text) + 1;
    char *text = fc__decl_keep(parser, before + (end - begin) + 1);
    if (text == NULL) {
        return false;
    }
    if (before > 0) {
        memcpy(text, annotation->text, before - 1);
        text[before - 1] = ' ';
    }
    copy_tidy(text + before, parser->lexer.text + begin, parser->lexer.text + end);
    annotation->text = text;
    return true;
}

void fc__decl_say(struct fc__said *said, const struct fc__annotation_word *word, const struct fc__place *place) {
    struct fc__annotation *value = &said->value;
    unsigned flags = word->flags;
    if (word->subject == FC__SUBJECT_EXTENT) {
        value->direction = word->direction;
        value->extent = word->extent;
    }
    value->is_optional |= (flags & FC__ANNOTATION_OPTIONAL) != 0;
    value->is_all |= (flags & FC__ANNOTATION_ALL) != 0;
    value->is_outptr |= (flags & FC__ANNOTATION_OUTPTR) != 0;
    value->is_result_optional |= (flags & FC__ANNOTATION_RESULT_OPTIONAL) != 0;
    value->is_result_string |= (flags & FC__ANNOTATION_RESULT_STRING) != 0;
    value->result_counts_bytes |= (flags & FC__ANNOTATION_RESULT_BYTES) != 0;
    value->is_terminated |= (flags & FC__ANNOTATION_TERMINATED) != 0;
    value->is_bounded |= (flags & FC__ANNOTATION_BOUNDED) != 0;
    value->is_callback_once |= (flags & FC__ANNOTATION_ONCE) != 0;
    value->is_opaque |= word->subject == FC__SUBJECT_OPAQUE;
    value->is_reserved |= word->subject == FC__SUBJECT_RESERVED;
    value->is_pinned |= word->subject == FC__SUBJECT_PINNED;
    value->is_base |= word->subject == FC__SUBJECT_BASE;
    value->is_local |= word->subject == FC__SUBJECT_LOCAL;
    value->is_bits |= word->subject == FC__SUBJECT_BITS;
    value->is_written |= word->subject == FC__SUBJECT_WRITTEN;
    value->is_fd |= word->subject == FC__SUBJECT_FD;
    value->is_fd_given |= (flags & FC__ANNOTATION_GIVEN) != 0;
    value->is_path |= word->subject == FC__SUBJECT_PATH;
    value->is_utf8 |= word->subject == FC__SUBJECT_UTF8;
    value->is_format |= word->subject == FC__SUBJECT_FORMAT;
    if (value->line == 0) {
        value->line = place->line;
        value->column = place->column;
    }
}

static void say_life(struct fc__annotated *annotated, const struct fc__annotation_word *word) {
    bool is_begin = (word->flags & FC__ANNOTATION_BEGINS) != 0;
    if (word->subject == FC__SUBJECT_LIFE) {
        annotated->begins |= is_begin;
        annotated->ends |= !is_begin;
    }
}

bool fc__decl_read_annotation(struct fc__parser *parser, enum fc__annotated_what what,
                              struct fc__annotated *annotated) {
    const struct fc__annotation_word *word = parser->token.name->annotation;
    struct fc__place place = parser->token.place;
    if (word == NULL) {
        return fail_unknown(parser);
    }
    unsigned own = what == FC__ANNOTATED_PARAMETER     ? FC__ANNOTATES_PARAMETER
                   : what == FC__ANNOTATED_MEMBER      ? FC__ANNOTATES_MEMBER
                   : what == FC__ANNOTATED_DECLARATION ? FC__ANNOTATES_VARIABLE
                                                       : 0;
    bool is_own = (word->uses & own) != 0;
    struct reading reading = {.parser = parser,
                              .word = word,
                              .annotated = annotated,
                              .said = is_own ? &annotated->own : &annotated->function,
                              .of_member = is_own && what == FC__ANNOTATED_MEMBER};
    if (!check_use(parser, what, word)) {
        return false;
    }
    if (word->subject == FC__SUBJECT_NOTHING) {
        return fc__decl_advance(parser) && read_arguments(&reading);
    }
    if (!check_contradiction(&reading) || !note_use(&reading, &place) || !fc__decl_advance(parser) ||
        !read_arguments(&reading)) {
        return false;
    }
    fc__decl_say(reading.said, word, &place);
    say_life(annotated, word);
    return append_text(parser, &reading.said->value, place.offset, parser->used_to);
}
