/* decl: annotations where they stand: reading, combining, and whether they suit the type. */
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

static bool check_use(struct fc__parser *parser, enum fc__annotated_what what, const struct fc__annotation_word *word) {
    const char *wants = word->use == FC__ANNOTATION_PARAMETER ? "a parameter" : "a function";
    bool is_right = (what == FC__ANNOTATED_PARAMETER &&
                     (word->use == FC__ANNOTATION_PARAMETER || word->use == FC__ANNOTATION_EITHER)) ||
                    (what == FC__ANNOTATED_FUNCTION && word->use != FC__ANNOTATION_PARAMETER);
    if (word->use == FC__ANNOTATION_EITHER) {
        wants = "a parameter or a function";
    }
    return is_right ||
           fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' belongs before %s", word->text, wants);
}

/* -- Reading ------------------------------------------------------------------------------------------------------- */

bool fc__decl_fail_argument_count(struct fc__parser *parser, const struct fc__annotation_word *word) {
    static const char *const counts[] = {"no argument", "one argument, a size",
                                         "two arguments: a size, and the size after the call"};
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &parser->token.place, "'%s' takes %s", word->text,
                         counts[word->argument_count]);
}

static bool read_sizes(struct fc__parser *parser, const struct fc__annotation_word *word,
                       struct fc__annotation *annotation) {
    if (parser->token.kind != '(') {
        return fc__decl_fail_argument_count(parser, word);
    }
    if (!fc__decl_advance(parser)) {
        return false;
    }
    if (parser->token.kind == ')') {
        return fc__decl_fail_argument_count(parser, word);
    }
    annotation->capacity = fc__decl_read_size(parser, word, true);
    if (annotation->capacity == NULL) {
        return false;
    }
    if (word->argument_count == 2) {
        if (parser->token.kind == ')') {
            return fc__decl_fail_argument_count(parser, word);
        }
        if (!fc__decl_expect(parser, ',', "after the size")) {
            return false;
        }
        annotation->valid = fc__decl_read_size(parser, word, false);
        if (annotation->valid == NULL) {
            return false;
        }
    }
    if (parser->token.kind == ',') {
        return fc__decl_fail_argument_count(parser, word);
    }
    return fc__decl_expect(parser, ')', "after the size");
}

static bool combine(struct fc__parser *parser, struct fc__annotated *annotated,
                    const struct fc__annotation_word *word) {
    const struct fc__place *place = &parser->token.place;
    bool is_opaque = (word->flags & FC__ANNOTATION_OPAQUE) != 0;
    const struct fc__annotation_word *same = is_opaque ? annotated->opaque_word : annotated->extent_word;
    if (same == word) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s' is given twice", word->text);
    }
    if (same != NULL) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s' contradicts '%s' before it", word->text,
                             same->text);
    }
    if (is_opaque) {
        annotated->opaque_word = word;
        annotated->opaque_place = *place;
    } else {
        annotated->extent_word = word;
        annotated->extent_place = *place;
    }
    if (annotated->opaque_word != NULL && annotated->extent_word != NULL &&
        annotated->extent_word->extent == FC__EXTENT_STRING) {
        const char *other = is_opaque ? annotated->extent_word->text : annotated->opaque_word->text;
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s' contradicts '%s' before it", word->text, other);
    }
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

static void set(struct fc__annotation *annotation, const struct fc__annotation_word *word,
                const struct fc__place *place) {
    if (word->extent != FC__EXTENT_NONE) {
        annotation->direction = word->direction;
        annotation->extent = word->extent;
    }
    annotation->is_optional |= (word->flags & FC__ANNOTATION_OPTIONAL) != 0;
    annotation->is_opaque |= (word->flags & FC__ANNOTATION_OPAQUE) != 0;
    annotation->is_all |= (word->flags & FC__ANNOTATION_ALL) != 0;
    annotation->is_outptr |= (word->flags & FC__ANNOTATION_OUTPTR) != 0;
    annotation->is_result_optional |= (word->flags & FC__ANNOTATION_RESULT_OPTIONAL) != 0;
    if (annotation->line == 0) {
        annotation->line = place->line;
        annotation->column = place->column;
    }
}

bool fc__decl_read_annotation(struct fc__parser *parser, enum fc__annotated_what what,
                              struct fc__annotated *annotated) {
    const struct fc__annotation_word *word = parser->token.name->annotation;
    struct fc__place place = parser->token.place;
    if (word == NULL) {
        return fail_unknown(parser);
    }
    if (!check_use(parser, what, word)) {
        return false;
    }
    if (word->use == FC__ANNOTATION_IGNORED) {
        if (!fc__decl_advance(parser)) {
            return false;
        }
        if (word->argument_count == 0) {
            return true;
        }
        return parser->token.kind == '(' ? fc__decl_skip_brackets(parser)
                                         : fc__decl_fail_found(parser, "'(' after '_Success_'");
    }
    if (!combine(parser, annotated, word) || !fc__decl_advance(parser)) {
        return false;
    }
    if (word->argument_count > 0 && !read_sizes(parser, word, &annotated->value)) {
        return false;
    }
    set(&annotated->value, word, &place);
    return append_text(parser, &annotated->value, place.offset, parser->used_to);
}

/* -- Checking ------------------------------------------------------------------------------------------------------ */

/* What keeps the annotation from suiting the type; NULL if nothing does. */
static const char *objection(const struct fc__annotation_word *word, const struct fc__type *type) {
    bool is_many = word->extent == FC__EXTENT_ELEMENTS;
    if (type->kind != FC__TYPE_POINTER) {
        return "needs a pointer";
    }
    const struct fc__type *to = type->to;
    if (to->kind == FC__TYPE_FUNCTION) {
        bool is_harmless = word->direction == FC__DIRECTION_IN && word->extent == FC__EXTENT_ONE;
        return is_harmless ? NULL : "cannot describe a pointer to a function";
    }
    if ((word->flags & FC__ANNOTATION_OUTPTR) != 0 && to->kind != FC__TYPE_POINTER) {
        return "needs a pointer to a pointer";
    }
    if ((word->direction == FC__DIRECTION_OUT || word->direction == FC__DIRECTION_INOUT) && to->is_const) {
        return "needs a pointer to what is not const";
    }
    if (is_many && to->kind == FC__TYPE_VOID) {
        return "counts elements, and void has no size: use the form with '_bytes_'";
    }
    if (word->extent == FC__EXTENT_STRING && to->kind != FC__TYPE_POINTER && !fc__decl_type_is_integer(to)) {
        return "needs a pointer to characters";
    }
    return NULL;
}

/* Beside another annotation, `_Fc_opaque_` speaks of the pointers that the parameter points to. Where it points to
 * none, `_In_ _Fc_opaque_` says no more than `_Fc_opaque_`. */
static const char *settle_opaque(struct fc__annotated *annotated, const struct fc__type *type) {
    struct fc__annotation *value = &annotated->value;
    if (type->kind != FC__TYPE_POINTER) {
        return "needs a pointer";
    }
    if (annotated->extent_word == NULL || type->to->kind == FC__TYPE_POINTER) {
        return NULL;
    }
    if (value->extent != FC__EXTENT_ONE || value->direction == FC__DIRECTION_OUT) {
        return "beside another annotation needs a pointer to pointers";
    }
    value->direction = FC__DIRECTION_NONE;
    value->extent = FC__EXTENT_NONE;
    return NULL;
}

bool fc__decl_check_annotations(struct fc__parser *parser, struct fc__annotated *annotated, const char *what,
                                const struct fc__type *type) {
    char text[100];
    const char *why = NULL;
    const struct fc__annotation_word *word = annotated->extent_word;
    const struct fc__place *place = &annotated->extent_place;
    bool is_plain_in = word != NULL && word->direction == FC__DIRECTION_IN && word->extent == FC__EXTENT_ONE;
    if (word != NULL && !(is_plain_in && type->kind != FC__TYPE_POINTER)) {
        why = objection(word, type);
    }
    if (why == NULL && annotated->opaque_word != NULL) {
        word = annotated->opaque_word;
        place = &annotated->opaque_place;
        why = settle_opaque(annotated, type);
    }
    return why == NULL || fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s' %s; %s is '%s'", word->text, why, what,
                                        fc__decl_type_text(type, text, sizeof text));
}
