/* decl: whether annotations suit the type, and what they come to. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

static bool is_list(const struct fc__type *type) {
    return type->kind == FC__TYPE_POINTER || type->kind == FC__TYPE_ARRAY;
}

const struct fc__type *fc__decl_function_of(const struct fc__type *type) {
    while (is_list(type)) {
        type = type->to;
    }
    return type->kind == FC__TYPE_FUNCTION ? type : NULL;
}

static const struct fc__annotation_word *find_word(const struct fc__said *said, enum fc__annotation_subject subject) {
    for (const struct fc__annotation_use *use = said->first; use != NULL; use = use->next) {
        if (use->word->subject == subject) {
            return use->word;
        }
    }
    return NULL;
}

/* -- Objections ---------------------------------------------------------------------------------------------------- */

/* The functions below return what keeps the word from suiting the type; NULL if nothing does. */

static const char *pointer_objection(const struct fc__annotation_word *word, const struct fc__type *to) {
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
    if (word->extent == FC__EXTENT_ELEMENTS && to->kind == FC__TYPE_VOID) {
        return "counts elements, and void has no size: use the form with '_bytes_'";
    }
    bool needs_characters =
        word->extent == FC__EXTENT_STRING || (word->flags & (FC__ANNOTATION_TERMINATED | FC__ANNOTATION_BOUNDED)) != 0;
    const bool is_ended = word->extent == FC__EXTENT_STRING && to->kind == FC__TYPE_STRUCT;
    if (needs_characters && to->kind != FC__TYPE_POINTER && !fc__decl_type_is_integer(to) && !is_ended) {
        return "needs a pointer to characters";
    }
    return NULL;
}

static bool is_plain_in(const struct fc__annotation_word *word) {
    return word->direction == FC__DIRECTION_IN && word->extent == FC__EXTENT_ONE;
}

static const char *extent_objection(const struct fc__annotation_word *word, const struct fc__type *type) {
    bool is_member = (word->uses & FC__ANNOTATES_MEMBER) != 0;
    if (type->kind != FC__TYPE_POINTER && !(is_member && type->kind == FC__TYPE_ARRAY)) {
        return is_plain_in(word) ? NULL : is_member ? "needs a pointer or an array" : "needs a pointer";
    }
    const char *why = pointer_objection(word, type->to);
    if (why == NULL && (word->flags & FC__ANNOTATION_RESULT_STRING) != 0 && !fc__decl_type_is_integer(type->to->to)) {
        return "needs a pointer to a pointer to characters";
    }
    if (why == NULL && word->arguments == FC__ARGUMENTS_OUTER_SIZE && type->to->to->kind == FC__TYPE_VOID &&
        (word->flags & FC__ANNOTATION_RESULT_BYTES) == 0) {
        return "counts elements, and void has no size: use the form with '_bytebuffer_'";
    }
    return why;
}

static const char *end_objection(const struct fc__said *said, const struct fc__annotation_word *word,
                                 const struct fc__type *type) {
    const struct fc__annotation_word *extent = find_word(said, FC__SUBJECT_EXTENT);
    bool is_one = extent == NULL || extent->extent == FC__EXTENT_ONE;
    if (!is_list(type) || !(fc__decl_type_is_integer(type->to) || type->to->kind == FC__TYPE_POINTER)) {
        return (word->flags & FC__ANNOTATION_LIST) != 0 ? "needs a pointer to pointers, or to characters"
                                                        : "needs a pointer to characters";
    }
    if ((word->flags & FC__ANNOTATION_LIST) != 0 && !is_one) {
        return "ends what has no size, and one is given";
    }
    bool is_written =
        extent != NULL ? extent->direction == FC__DIRECTION_OUT : (word->flags & FC__ANNOTATION_AT_END) != 0;
    return is_one && is_written ? "does not say how much room there is: use '_Out_writes_z_(n)'" : NULL;
}

/* Beside another annotation, `_Fc_opaque_` speaks of the pointers that the parameter points to. Where it points to
 * none, `_In_ _Fc_opaque_` says no more than `_Fc_opaque_`. */
static const char *opaque_objection(const struct fc__said *said, const struct fc__type *type) {
    const struct fc__annotation_word *extent = find_word(said, FC__SUBJECT_EXTENT);
    while (type->kind == FC__TYPE_ARRAY && type->to->kind == FC__TYPE_ARRAY) {
        type = type->to;
    }
    const bool is_array = type->kind == FC__TYPE_ARRAY && (extent != NULL || type->to->kind == FC__TYPE_POINTER);
    if (type->kind != FC__TYPE_POINTER && !is_array) {
        return "needs a pointer";
    }
    if (extent == NULL || type->to->kind == FC__TYPE_POINTER) {
        return NULL;
    }
    bool is_harmless = extent->extent == FC__EXTENT_ONE && extent->direction != FC__DIRECTION_OUT &&
                       (extent->uses & FC__ANNOTATES_PARAMETER) != 0;
    return is_harmless ? NULL : "beside another annotation needs a pointer to pointers";
}

static bool is_string(const struct fc__type *type) {
    return is_list(type) && fc__decl_type_is_integer(type->to);
}

/* At the end of any number of stars. */
static bool leads_to_string(const struct fc__type *type) {
    while (type->kind == FC__TYPE_POINTER && type->to->kind == FC__TYPE_POINTER) {
        type = type->to;
    }
    return type->kind == FC__TYPE_POINTER && is_string(type);
}

/* Down to what stands behind the last star. */
static const char *inner_objection(const struct fc__annotation *note, const struct fc__type *type) {
    const struct fc__annotation *inner = note->inner;
    if (note->is_result_string) {
        return is_list(type) && is_string(type->to) ? NULL : "needs a pointer to a pointer to characters";
    }
    if (!is_list(type) || type->to->kind != FC__TYPE_POINTER) {
        return "needs a pointer to a pointer";
    }
    const struct fc__annotation_word word = {
        .direction = inner->direction,
        .extent = inner->extent,
        .flags = inner->is_terminated || inner->is_bounded ? FC__ANNOTATION_TERMINATED : 0};
    const char *why = inner->extent != FC__EXTENT_NONE ? pointer_objection(&word, type->to->to) : NULL;
    const bool goes_on = inner->inner != NULL || inner->is_result_string;
    return why == NULL && goes_on ? inner_objection(inner, type->to) : why;
}

static const char *objection(const struct fc__said *said, const struct fc__annotation_word *word,
                             const struct fc__type *type) {
    bool is_pointer = type->kind == FC__TYPE_POINTER;
    bool is_function = is_pointer && type->to->kind == FC__TYPE_FUNCTION;
    switch (word->subject) {
    case FC__SUBJECT_EXTENT:
        return extent_objection(word, type);
    case FC__SUBJECT_END:
        return end_objection(said, word, type);
    case FC__SUBJECT_INNER:
        return inner_objection(&said->value, type);
    case FC__SUBJECT_ABSENCE:
        return is_pointer ? NULL : "needs a pointer";
    case FC__SUBJECT_OPAQUE:
        return opaque_objection(said, type);
    case FC__SUBJECT_RESERVED:
        return is_pointer || fc__decl_type_is_integer(type) ? NULL : "needs a pointer or an integer";
    case FC__SUBJECT_PINNED:
    case FC__SUBJECT_KEPT:
    case FC__SUBJECT_COPY:
    case FC__SUBJECT_VIEW:
        return is_pointer && !is_function ? NULL : "needs a pointer to data";
    case FC__SUBJECT_BASE:
        return is_pointer && type->to->kind == FC__TYPE_STRUCT ? NULL : "needs a pointer to a struct";
    case FC__SUBJECT_REPLACE:
        return fc__decl_type_is_integer(type) || is_function ||
                       (is_pointer && find_word(said, FC__SUBJECT_OPAQUE) != NULL)
                   ? NULL
                   : "needs an integer, an opaque pointer or a pointer to a function";
    case FC__SUBJECT_SIZEOF:
    case FC__SUBJECT_BITS:
    case FC__SUBJECT_FD:
        return fc__decl_type_is_integer(type) ? NULL : "needs an integer";
    case FC__SUBJECT_PATH:
        return leads_to_string(type) ? NULL : "needs a pointer to characters";
    case FC__SUBJECT_FORMAT:
    case FC__SUBJECT_CONVERSIONS:
        return is_pointer && is_string(type) ? NULL : "needs a pointer to characters";
    case FC__SUBJECT_UTF8:
        return leads_to_string(type) ? NULL : "needs a pointer to wide characters";
    case FC__SUBJECT_CALLBACK:
        return is_function ? NULL : "needs a pointer to a function";
    default: /* of the function */
        return NULL;
    }
}

/* -- What they come to --------------------------------------------------------------------------------------------- */

static void settle_end(const struct fc__said *said, const struct fc__type *type, bool is_member,
                       struct fc__annotation *value) {
    const struct fc__annotation_word *word = find_word(said, FC__SUBJECT_END);
    bool is_one = value->extent == FC__EXTENT_NONE || value->extent == FC__EXTENT_ONE;
    if (word == NULL) {
        return;
    }
    if (!is_one) {
        value->is_terminated |= value->extent != FC__EXTENT_STRING;
        return;
    }
    value->extent = (word->flags & FC__ANNOTATION_LIST) != 0 ? FC__EXTENT_LIST : FC__EXTENT_STRING;
    if (value->direction == FC__DIRECTION_NONE && !is_member) {
        bool is_read =
            type->to->is_const || find_word(said, FC__SUBJECT_EXTENT) != NULL || strcmp(word->text, "_Pre_z_") == 0;
        value->direction = is_read ? FC__DIRECTION_IN : FC__DIRECTION_INOUT;
    }
}

/* A format, a path and UTF-8 are strings. */
static void settle_string(const struct fc__type *type, struct fc__annotation *value) {
    bool is_one = value->extent == FC__EXTENT_NONE || value->extent == FC__EXTENT_ONE;
    const bool is_text = (value->is_utf8 || value->is_path) && is_string(type);
    if ((value->is_format || is_text) && is_one && value->direction != FC__DIRECTION_OUT) {
        value->extent = FC__EXTENT_STRING;
        value->direction = value->direction == FC__DIRECTION_NONE ? FC__DIRECTION_IN : value->direction;
    }
}

bool fc__decl_settle(struct fc__parser *parser, const struct fc__said *said, enum fc__annotated_what kind,
                     const char *what, const struct fc__type *type, struct fc__annotation *ret_annotation) {
    char text[100];
    struct fc__annotation value = said->value;
    struct fc__type seen, seen_to;
    if (value.seen_as != NULL && type->kind == FC__TYPE_POINTER) { /* what is said is said of that */
        seen_to = *value.seen_as;
        seen_to.is_const |= type->to->is_const;
        seen = *type;
        seen.to = &seen_to;
        type = &seen;
    }
    for (const struct fc__annotation_use *use = said->first; use != NULL; use = use->next) {
        const char *why = objection(said, use->word, type);
        if (why != NULL) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &use->place, "'%s' %s; %s is '%s'", use->word->text, why,
                                 what, fc__decl_type_text(type, text, sizeof text));
        }
    }
    bool is_pointer = is_list(type);
    bool is_plain_opaque = value.is_opaque && is_pointer && type->to->kind != FC__TYPE_POINTER;
    if (!is_pointer || is_plain_opaque) {
        value.direction = FC__DIRECTION_NONE;
        value.extent = FC__EXTENT_NONE;
        value.is_optional = is_pointer && value.is_optional;
    }
    settle_end(said, type, kind == FC__ANNOTATED_MEMBER, &value);
    if (kind != FC__ANNOTATED_DECLARATION) {
        settle_string(type, &value);
    } else if ((value.is_path || value.is_utf8) && value.extent == FC__EXTENT_NONE) {
        value.extent = FC__EXTENT_STRING;
    }
    value.is_opaque |= value.is_reserved && is_pointer && value.extent == FC__EXTENT_NONE;
    /* `_In_` before what is no pointer means nothing */
    bool is_nothing = !is_pointer && said->first != NULL && said->first->next == NULL &&
                      said->first->word->subject == FC__SUBJECT_EXTENT;
    *ret_annotation =
        is_nothing || said->first == NULL ? (struct fc__annotation){.direction = FC__DIRECTION_NONE} : value;
    return true;
}

/* -- Functions ----------------------------------------------------------------------------------------------------- */

static bool says_anything(const struct fc__annotated *annotated) {
    return annotated->function.first != NULL;
}

/* A word such as `_Fc_opaque_` stands before a function pointer as it does before a function: it speaks of the result,
 * unless that is no pointer. */
static bool share_out(struct fc__parser *parser, struct fc__annotated *annotated, const struct fc__type *function) {
    struct fc__annotation_use **next = &annotated->own.first;
    struct fc__annotation_use *kept = NULL;
    while (*next != NULL) {
        struct fc__annotation_use *use = *next;
        const enum fc__annotation_subject subject = use->word->subject;
        bool is_of_any = subject == FC__SUBJECT_OPAQUE || subject == FC__SUBJECT_PINNED || subject == FC__SUBJECT_VIEW;
        bool is_of_result =
            (use->word->uses & FC__ANNOTATES_RESULT) != 0 && (!is_of_any || function->to->kind == FC__TYPE_POINTER);
        if (!is_of_result) {
            kept = use;
            next = &use->next;
            continue;
        }
        *next = use->next;
        use->next = annotated->function.first;
        annotated->function.first = use;
        fc__decl_say(&annotated->function, use->word, &use->place);
        annotated->own.value.is_opaque &= subject != FC__SUBJECT_OPAQUE;
        annotated->own.value.is_pinned &= subject != FC__SUBJECT_PINNED;
        if (subject == FC__SUBJECT_VIEW) {
            annotated->function.value.seen_as = annotated->own.value.seen_as;
            annotated->own.value.seen_as = NULL;
        }
        annotated->own.value.is_fd &= subject != FC__SUBJECT_FD;
        annotated->own.value.is_fd_given &= subject != FC__SUBJECT_FD;
        annotated->own.value.is_path &= subject != FC__SUBJECT_PATH;
        annotated->own.value.is_utf8 &= subject != FC__SUBJECT_UTF8;
        if (annotated->function.value.text == NULL) {
            annotated->function.value.text =
                fc__arena_copy(&parser->unit->arena, use->word->text, strlen(use->word->text));
            if (annotated->function.value.text == NULL) {
                return fc__decl_fail_memory(&parser->lexer);
            }
        }
    }
    annotated->own.last = kept;
    return true;
}

static bool names_result(const struct fc__expr *expr) {
    return expr != NULL && (expr->kind == FC__EXPR_RESULT || names_result(expr->left) || names_result(expr->right));
}

static bool names_behind(const struct fc__expr *expr, uint32_t count) {
    const bool names_one = expr != NULL && (expr->kind == FC__EXPR_PARAM || expr->kind == FC__EXPR_DEREF);
    return expr != NULL &&
           ((names_one && expr->param >= count) || names_behind(expr->left, count) || names_behind(expr->right, count));
}

/* What is passed behind the `...` is fetched once it is known what that is. */
static bool check_when(struct fc__parser *parser, const struct fc__annotated *annotated, const struct fc__type *type) {
    const struct fc__annotation_use *use = annotated->function.first;
    while (use->word->subject != FC__SUBJECT_WHEN) {
        use = use->next;
    }
    if (type->kind != FC__TYPE_FUNCTION) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &use->place, "'%s' belongs before a function itself",
                             use->word->text);
    }
    if (names_result(annotated->when) ||
        names_behind(annotated->when, type->is_variadic ? type->fixed_count : type->param_count)) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &use->place, "'%s' can name only parameters before the `...`",
                             use->word->text);
    }
    return true;
}

/* A copy of the function that `type` is or points to, of which this is said. */
static const struct fc__type *described(struct fc__parser *parser, const struct fc__type *type,
                                        const struct fc__annotated *annotated, const struct fc__annotation *result) {
    struct fc__type copy = *type;
    struct fc__place place = parser->token.place;
    if (annotated->when != NULL && !check_when(parser, annotated, type)) {
        return NULL;
    }
    if (type->kind != FC__TYPE_FUNCTION) {
        copy.to = described(parser, type->to, annotated, result);
        return copy.to == NULL ? NULL : fc__decl_type_derived(parser, &copy, &place);
    }
    copy.result = result != NULL ? result : copy.result;
    copy.success = annotated->success != NULL ? annotated->success : copy.success;
    copy.fails_with = annotated->fails_with != NULL ? annotated->fails_with : copy.fails_with;
    copy.when = annotated->when;
    copy.begins |= annotated->begins;
    copy.ends |= annotated->ends;
    return fc__decl_type_derived(parser, &copy, &place);
}

bool fc__decl_check_named_result(struct fc__parser *parser, const struct fc__parameters *parameters,
                                 const struct fc__type *result, const struct fc__place *place) {
    char text[100];
    for (uint32_t i = 0; i < parameters->count; i++) {
        const struct fc__annotation *annotation = &parameters->params[i].annotation;
        if ((names_result(annotation->valid) || names_result(annotation->result_capacity)) &&
            !fc__decl_type_is_integer(result)) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, place,
                                 "'%s' names what the function returns, and that is '%s'", annotation->text,
                                 fc__decl_type_text(result, text, sizeof text));
        }
    }
    return true;
}

/* What the condition of success needs of the result. */
static bool check_outcome(struct fc__parser *parser, const struct fc__annotated *annotated, const char *what,
                          const struct fc__type *result) {
    for (const struct fc__annotation_use *use = annotated->function.first; use != NULL; use = use->next) {
        bool is_number = fc__decl_type_is_integer(result) || result->kind == FC__TYPE_POINTER;
        char text[100];
        bool is_named = use->word->subject == FC__SUBJECT_SUCCESS && names_result(annotated->success);
        if (is_named && !is_number) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &use->place,
                                 "'%s' needs an integer or a pointer; %s is '%s'", use->word->text, what,
                                 fc__decl_type_text(result, text, sizeof text));
        }
    }
    return true;
}

static bool has_result_words(const struct fc__said *said) {
    for (const struct fc__annotation_use *use = said->first; use != NULL; use = use->next) {
        if ((use->word->uses & FC__ANNOTATES_RESULT) != 0) {
            return true;
        }
    }
    return false;
}

const struct fc__type *fc__decl_settle_function(struct fc__parser *parser, struct fc__annotated *annotated,
                                                enum fc__annotated_what kind, const struct fc__name *name,
                                                const struct fc__type *type) {
    const struct fc__type *function = fc__decl_function_of(type);
    struct fc__annotation *result = NULL;
    char what[120] = "the result";
    if (function != NULL && kind != FC__ANNOTATED_DECLARATION && !share_out(parser, annotated, function)) {
        return NULL;
    }
    if (!says_anything(annotated)) {
        return type;
    }
    const struct fc__annotation_use *first = annotated->function.first;
    if (function == NULL) {
        if (kind == FC__ANNOTATED_DECLARATION) {
            fc__decl_fail(&parser->lexer, FC_EPARSE, &first->place,
                          "'%s' describes the result of a function, and '%.*s' is none", annotated->function.value.text,
                          FC__NAME_ARGS(name));
        } else {
            fc__decl_fail(&parser->lexer, FC_EPARSE, &first->place, "'%s' belongs before a function",
                          first->word->text);
        }
        return NULL;
    }
    if (name != NULL) {
        snprintf(what, sizeof what, "the result of '%.*s'", FC__NAME_ARGS(name));
    }
    if (annotated->function.pending.is_used) {
        fc__decl_fail(&parser->lexer, FC_EPARSE, &first->place,
                      "'%s' names parameters, and stands before two functions: declare each by itself",
                      annotated->function.value.text);
        return NULL;
    }
    annotated->function.pending.is_used = annotated->function.pending.first != NULL;
    if (!check_outcome(parser, annotated, what, function->to) ||
        !fc__decl_resolve_sizes(parser, &annotated->function.pending, function->params, function->param_count, NULL)) {
        return NULL;
    }
    if (has_result_words(&annotated->function)) {
        result = fc__decl_keep(parser, sizeof *result);
        if (result == NULL ||
            !fc__decl_settle(parser, &annotated->function, FC__ANNOTATED_DECLARATION, what, function->to, result)) {
            return NULL;
        }
    }
    return described(parser, type, annotated, result);
}

const struct fc__type *fc__decl_settle_typedef(struct fc__parser *parser, struct fc__annotated *annotated,
                                               const struct fc__name *name, const struct fc__type *type) {
    const struct fc__said *said = &annotated->function;
    const bool is_alone = said->first != NULL && said->first->next == NULL && type->kind == FC__TYPE_POINTER &&
                          fc__decl_function_of(type) == NULL;
    struct fc__type annotated_type = *type;
    annotated_type.is_opaque |= is_alone && said->first->word->subject == FC__SUBJECT_OPAQUE;
    annotated_type.is_utf8 |= is_alone && said->first->word->subject == FC__SUBJECT_UTF8 && leads_to_string(type);
    if (annotated_type.is_opaque == type->is_opaque && annotated_type.is_utf8 == type->is_utf8) {
        return fc__decl_settle_function(parser, annotated, FC__ANNOTATED_DECLARATION, name, type);
    }
    return fc__decl_type_derived(parser, &annotated_type, &said->first->place);
}

bool fc__decl_check_variable(struct fc__parser *parser, const struct fc__annotated *annotated, bool is_typedef,
                             const struct fc__name *name, const struct fc__type *type) {
    const struct fc__annotation_use *use = annotated->own.first;
    bool is_fixed = is_typedef || type->kind == FC__TYPE_FUNCTION || type->is_const;
    for (; type->kind == FC__TYPE_ARRAY; type = type->to) {
        is_fixed |= type->to->is_const;
    }
    return use == NULL || !is_fixed ||
           fc__decl_fail(&parser->lexer, FC_EPARSE, &use->place,
                         "'%s' belongs before a variable that may change, and '%.*s' is none", use->word->text,
                         FC__NAME_ARGS(name));
}
