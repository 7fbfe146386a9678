/* decl: what is declared again: annotations that a later declaration gives to an earlier one. */
#include "decl/parser.h"

#include <stdio.h>
#include <string.h>

/* -- What may be undone -------------------------------------------------------------------------------------------- */

bool fc__decl_note_change(struct fc__parser *parser, const void *at, size_t size_bytes) {
    if (!parser->is_more && (parser->target == NULL || !parser->target->may_skip)) {
        return true; /* a unit that is not read to its end is given up */
    }
    struct fc__change *change = fc__decl_scratch(parser, sizeof *change + size_bytes);
    if (change == NULL) {
        return false;
    }
    *change = (struct fc__change){.at = (void *)at, .size_bytes = size_bytes, .earlier = parser->last_change};
    memcpy(change->bytes, at, size_bytes);
    parser->last_change = change;
    return true;
}

void fc__decl_undo_changes(struct fc__parser *parser, struct fc__change *until) {
    for (; parser->last_change != until; parser->last_change = parser->last_change->earlier) {
        memcpy(parser->last_change->at, parser->last_change->bytes, parser->last_change->size_bytes);
    }
}

/* -- Comparing ----------------------------------------------------------------------------------------------------- */

/* Types can share their parts so that a walk of all of them would not end; `budget` bounds it. */
static bool annotates(const struct fc__type *type, unsigned *budget) {
    if (*budget == 0) {
        return false;
    }
    --*budget;
    if (type->is_opaque || type->is_utf8 || type->result != NULL || type->success != NULL || type->fails_with != NULL ||
        type->begins || type->ends) {
        return true;
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        if (type->params[i].annotation.text != NULL || annotates(type->params[i].type, budget)) {
            return true;
        }
    }
    return type->to != NULL && annotates(type->to, budget);
}

static bool is_annotated(const struct fc__type *type) {
    unsigned budget = 1000;
    return annotates(type, &budget);
}

/* C11 6.2.7 and 6.7.6.3p15: what a parameter's own const says is no matter of the type. A calling convention need not
 * be repeated. */
static bool are_compatible(const struct fc__type *was, const struct fc__type *is, bool is_parameter, unsigned *budget) {
    if (was == is || *budget == 0) {
        return true;
    }
    --*budget;
    bool is_sized = was->length_kind == FC__LENGTH_KNOWN && is->length_kind == FC__LENGTH_KNOWN;
    if (was->kind != is->kind || was->is_atomic != is->is_atomic || (was->is_const != is->is_const && !is_parameter) ||
        was->scalar != is->scalar || was->body != is->body ||
        ((was->kind != FC__TYPE_ARRAY || is_sized) && was->length != is->length) ||
        was->param_count != is->param_count || was->is_variadic != is->is_variadic ||
        was->fixed_count != is->fixed_count || (is->convention != NULL && was->convention != is->convention)) {
        return false;
    }
    for (uint32_t i = 0; i < was->param_count; i++) {
        if (!are_compatible(was->params[i].type, is->params[i].type, true, budget)) {
            return false;
        }
    }
    return was->to == NULL || are_compatible(was->to, is->to, false, budget);
}

bool fc__decl_types_compatible(const struct fc__type *was, const struct fc__type *is) {
    unsigned budget = 10000;
    return are_compatible(was, is, false, &budget);
}

static bool fail_incompatible(struct fc__parser *parser, const char *name, const struct fc__type *was, const char *file,
                              uint32_t line, const struct fc__type *is, const struct fc__place *place) {
    char was_text[200];
    char is_text[200];
    return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%.80s' is '%s' here, and '%s' in %.200s:%u", name,
                         fc__decl_type_text(is, is_text, sizeof is_text),
                         fc__decl_type_text(was, was_text, sizeof was_text), file, (unsigned)line);
}

/* -- Types --------------------------------------------------------------------------------------------------------- */

static const struct fc__type *amended(struct fc__parser *parser, const struct fc__type *was, const struct fc__type *is,
                                      const struct fc__place *place);

static bool amend_parameters(struct fc__parser *parser, struct fc__type *function, const struct fc__type *is,
                             const struct fc__place *place) {
    struct fc__param *params = fc__decl_keep(parser, function->param_count * sizeof *params);
    if (params == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < function->param_count; i++) {
        params[i] = function->params[i];
        params[i].name = is->params[i].name != NULL ? is->params[i].name : params[i].name;
        const bool is_format = params[i].annotation.is_format && params[i].annotation.text == NULL; /* by attribute */
        params[i].annotation = is->params[i].annotation;
        if (is_format) {
            fc__decl_take_format(&params[i].annotation);
        }
        params[i].type = amended(parser, params[i].type, is->params[i].type, place);
        if (params[i].type == NULL) {
            return false;
        }
    }
    function->params = params;
    return true;
}

/* The type `was` with the annotations of `is`, which is compatible; `was` itself if there are none. */
static const struct fc__type *amended(struct fc__parser *parser, const struct fc__type *was, const struct fc__type *is,
                                      const struct fc__place *place) {
    struct fc__type copy = *was;
    if (was == is || was->to == NULL || !is_annotated(is)) {
        return was;
    }
    copy.to = amended(parser, was->to, is->to, place);
    if (copy.to == NULL) {
        return NULL;
    }
    copy.is_opaque |= is->is_opaque;
    copy.is_utf8 |= is->is_utf8;
    if (was->kind == FC__TYPE_FUNCTION) {
        copy.result = is->result;
        copy.success = is->success;
        copy.fails_with = is->fails_with;
        copy.when = is->when;
        copy.begins = is->begins;
        copy.ends = is->ends;
        copy.is_printf |= is->is_printf;
        if (was->param_count > 0 && !amend_parameters(parser, &copy, is, place)) {
            return NULL;
        }
    }
    return fc__decl_type_derived(parser, &copy, place);
}

bool fc__decl_amend_typedef(struct fc__parser *parser, const struct fc__type *was, const struct fc__type *is,
                            const struct fc__place *place) {
    if (!is_annotated(is) || (!parser->is_more && is_annotated(was))) {
        return true;
    }
    /* in place: what was declared with the typedef has this part of it */
    if (was->kind == FC__TYPE_POINTER && (is->is_opaque || is->is_utf8)) {
        if (!fc__decl_note_change(parser, was, sizeof *was)) {
            return false;
        }
        ((struct fc__type *)was)->is_opaque |= is->is_opaque;
        ((struct fc__type *)was)->is_utf8 |= is->is_utf8;
    }
    while (was->kind == FC__TYPE_POINTER || was->kind == FC__TYPE_ARRAY) {
        was = was->to;
        is = is->to;
    }
    if (was == is || was->kind != FC__TYPE_FUNCTION) {
        return true;
    }
    const struct fc__type *type = amended(parser, was, is, place);
    if (type == NULL || !fc__decl_note_change(parser, was, sizeof *was)) {
        return false;
    }
    *(struct fc__type *)was = *type;
    return true;
}

/* -- Functions ----------------------------------------------------------------------------------------------------- */

void fc__decl_set_function(struct fc__decl *decl, const struct fc__type *type) {
    decl->type = type;
    decl->result = type->result != NULL ? *type->result : (struct fc__annotation){.direction = FC__DIRECTION_NONE};
    decl->success = type->success;
    decl->fails_with = type->fails_with;
    decl->begins = type->begins;
    decl->ends = type->ends;
    decl->is_printf = type->is_printf;
}

/* The first declaration of that name, which there is. */
static const struct fc__decl *find_first(const struct fc__parser *parser, const char *name) {
    const struct fc__decl *decl = parser->unit->first;
    while (decl->name != name) {
        decl = decl->next;
    }
    return decl;
}

static uint32_t fixed_count(const struct fc__type *function) {
    return function->is_variadic ? function->fixed_count : function->param_count;
}

/* A further text may write out what one call of a variadic function passes, or leave its `...` out if that is
 * nothing. */
static bool is_form(const struct fc__type *was, const struct fc__type *is) {
    unsigned budget = 10000;
    const bool is_function = was->kind == FC__TYPE_FUNCTION && is->kind == FC__TYPE_FUNCTION;
    if (!is_function || (!was->is_variadic && was->when == NULL) || fixed_count(was) != fixed_count(is) ||
        (is->convention != NULL && was->convention != is->convention) ||
        !are_compatible(was->to, is->to, false, &budget)) {
        return false;
    }
    for (uint32_t i = 0; i < fixed_count(was); i++) {
        if (!are_compatible(was->params[i].type, is->params[i].type, true, &budget)) {
            return false;
        }
    }
    return true;
}

const struct fc__decl *fc__decl_last_row(const struct fc__parser *parser, const char *name) {
    const struct fc__decl *row = NULL;
    for (const struct fc__decl *decl = parser->unit->first; decl != NULL; decl = decl->next) {
        row = decl->name == name && decl->type->when != NULL ? decl : row;
    }
    return row;
}

/* Of what was said for calls of one kind, without the condition. */
static const struct fc__type *unconditional(struct fc__parser *parser, const struct fc__type *type,
                                            const struct fc__place *place) {
    struct fc__type copy = *type;
    copy.when = NULL;
    return type->when == NULL ? type : fc__decl_type_derived(parser, &copy, place);
}

/* The type that the name was declared with before and that `is` repeats; NULL if there is none. */
static const struct fc__type *find_repeated(const struct fc__decl *first, const struct fc__type *is) {
    for (const struct fc__decl *decl = first; decl != NULL; decl = decl->next) {
        if (decl->name == first->name && fc__decl_types_compatible(decl->type, is)) {
            return decl->type;
        }
    }
    return NULL;
}

const struct fc__type *fc__decl_amend_function(struct fc__parser *parser, const char *name, const struct fc__type *was,
                                               const struct fc__type *is, const struct fc__place *place) {
    bool is_told = is_annotated(is);
    if (is->when != NULL) { /* a row of its own, which amends nothing */
        const struct fc__decl *first = find_first(parser, name);
        if (is_form(first->type, is)) {
            return is;
        }
        fail_incompatible(parser, name, first->type, first->file, first->line, is, place);
        return NULL;
    }
    if (!fc__decl_types_compatible(was, is)) {
        if (!parser->is_more) {
            return is;
        }
        const struct fc__decl *first = find_first(parser, name);
        was = find_repeated(first, is);
        if (was == NULL && is_form(first->type, is)) {
            return is;
        }
        if (was == NULL) {
            fail_incompatible(parser, name, first->type, first->file, first->line, is, place);
            return NULL;
        }
    }
    if (was->kind != FC__TYPE_FUNCTION) {
        return is;
    }
    if (!is_told) {
        return is_annotated(was) || was->is_printf ? unconditional(parser, was, place) : is;
    }
    if (!parser->is_more && is_annotated(was)) {
        return is;
    }
    for (const struct fc__decl *decl = find_first(parser, name); decl != NULL; decl = decl->next) {
        if (decl->name == name && decl->type->when == NULL && fc__decl_types_compatible(decl->type, is)) {
            const struct fc__type *type = amended(parser, decl->type, is, place);
            if (type == NULL || !fc__decl_note_change(parser, decl, offsetof(struct fc__decl, next))) {
                return NULL;
            }
            fc__decl_set_function((struct fc__decl *)decl, type);
        }
    }
    return amended(parser, was, is, place);
}

/* -- Members ------------------------------------------------------------------------------------------------------- */

static struct fc__open_body *find_inner(const struct fc__open_body *open, const struct fc__body *body) {
    for (struct fc__open_body *inner = open->inner; inner != NULL; inner = inner->next) {
        if (inner->body == body) {
            return inner;
        }
    }
    return NULL;
}

static bool is_anonymous(const struct fc__member *member) {
    return member->name == NULL && !member->is_bitfield &&
           (member->type->kind == FC__TYPE_STRUCT || member->type->kind == FC__TYPE_UNION);
}

/* The member of that name, also within members without one; NULL if there is none. They nest no deeper than bodies
 * may. */
static const struct fc__member *find_named(const struct fc__body *body, const char *name) {
    for (uint32_t i = 0; i < body->member_count; i++) {
        const struct fc__member *member = &body->members[i];
        if (member->name != NULL && strcmp(member->name, name) == 0) {
            return member;
        }
        member = is_anonymous(member) ? find_named(member->type->body, name) : NULL;
        if (member != NULL) {
            return member;
        }
    }
    return NULL;
}

/* The member without a name that has one of those in `body`; NULL if there is none. */
static const struct fc__member *find_unnamed(const struct fc__body *in, const struct fc__body *body) {
    for (uint32_t i = 0; i < in->member_count; i++) {
        for (uint32_t k = 0; is_anonymous(&in->members[i]) && k < body->member_count; k++) {
            const char *name = body->members[k].name;
            if (in->members[i].type->kind == body->kind && name != NULL &&
                find_named(in->members[i].type->body, name) != NULL) {
                return &in->members[i];
            }
        }
    }
    return NULL;
}

/* A body within the one that is repeated. *ret_is_one: the types are such bodies, perhaps in arrays or behind
 * pointers. */
static bool amend_inner(struct fc__parser *parser, const struct fc__open_body *open, const struct fc__type *was,
                        const struct fc__type *is, bool *ret_is_one) {
    while (was->kind == is->kind && (was->kind == FC__TYPE_ARRAY || was->kind == FC__TYPE_POINTER)) {
        was = was->to;
        is = is->to;
    }
    struct fc__open_body *inner = is->body == NULL ? NULL : find_inner(open, is->body);
    *ret_is_one = inner != NULL && (inner->names == is->body || inner->names == was->body) && was->kind == is->kind &&
                  was->body->tag == NULL && was->body->is_complete;
    if (!*ret_is_one || inner->names == was->body) {
        return true;
    }
    inner->names = was->body;
    return fc__decl_amend_members(parser, inner);
}

static bool amend_member(struct fc__parser *parser, const struct fc__open_body *open, const struct fc__member *is,
                         const struct fc__place *place) {
    const struct fc__member *was =
        is->name != NULL ? find_named(open->names, is->name) : find_unnamed(open->names, is->type->body);
    const char *tag = open->names->tag != NULL ? open->names->tag : "<anonymous>";
    bool is_inner;
    if (was == NULL) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s %.80s' in %.200s:%u has no member '%.80s'",
                             fc__decl_tag_noun(open->names->kind), tag, open->names->file, (unsigned)open->names->line,
                             is->name != NULL ? is->name : "<anonymous>");
    }
    if (!amend_inner(parser, open, was->type, is->type, &is_inner)) {
        return false;
    }
    bool is_same_width = was->is_bitfield == is->is_bitfield && was->width_bits == is->width_bits;
    if (!is_inner && (!is_same_width || !fc__decl_types_compatible(was->type, is->type))) {
        char what[200];
        snprintf(what, sizeof what, "%.80s.%.80s", tag, is->name != NULL ? is->name : "<anonymous>");
        return fail_incompatible(parser, what, was->type, open->names->file, was->line, is->type, place);
    }
    const struct fc__type *type = is_inner ? was->type : amended(parser, was->type, is->type, place);
    if (type == NULL || !fc__decl_note_change(parser, was, sizeof *was)) {
        return false;
    }
    ((struct fc__member *)was)->type = type;
    if (is->annotation.text != NULL) {
        ((struct fc__member *)was)->annotation = is->annotation;
    }
    return true;
}

bool fc__decl_amend_members(struct fc__parser *parser, struct fc__open_body *open) {
    for (uint32_t i = 0; i < open->body->member_count; i++) {
        const struct fc__member *is = &open->body->members[i];
        if ((is->name != NULL || is_anonymous(is)) && !amend_member(parser, open, is, &open->places[i])) {
            return false;
        }
    }
    return true;
}

bool fc__decl_settle_body(struct fc__parser *parser) {
    const struct fc__open_body *open = parser->unsettled;
    parser->unsettled = NULL;
    return open == NULL || fc__decl_resolve_members(parser, open);
}

/* Takes a body, and those in it that have no tag, out of the unit. */
static void unlink_body(struct fc__parser *parser, const struct fc__open_body *open) {
    for (const struct fc__body **at = &parser->unit->bodies; *at != NULL; at = (const struct fc__body **)&(*at)->next) {
        if (*at == open->body && open->body->tag == NULL) {
            if (parser->next_body == &open->body->next) {
                parser->next_body = at;
            }
            *at = open->body->next;
            break;
        }
    }
    for (const struct fc__open_body *inner = open->inner; inner != NULL; inner = inner->next) {
        unlink_body(parser, inner);
    }
}

bool fc__decl_is_repeatable(const struct fc__parser *parser, const struct fc__type *was) {
    return was->kind == parser->unsettled->body->kind && was->body->tag == NULL && was->body->is_complete;
}

bool fc__decl_amend_record(struct fc__parser *parser, const struct fc__type *was) {
    struct fc__open_body *open = parser->unsettled;
    open->names = was->body;
    unlink_body(parser, open);
    return fc__decl_amend_members(parser, open) && fc__decl_settle_body(parser);
}
