/* decl: what the names in sizes and conditions are: parameters of the function, or members of the struct. */
#include "decl/parser.h"
#include "decl/suggest.h"

#include <stdio.h>
#include <string.h>

void fc__decl_join_pending(struct fc__pending *to, const struct fc__pending *from) {
    if (from->first == NULL) {
        return;
    }
    if (to->first == NULL) {
        to->first = from->first;
    } else {
        to->last->next = from->first;
    }
    to->last = from->last;
}

static bool is_name(const struct fc__name *name, const char *text) {
    return text != NULL && strlen(text) == name->len && memcmp(text, name->text, name->len) == 0;
}

/* -- Types --------------------------------------------------------------------------------------------------------- */

/* Whether the end of the path is what its place needs. `name` is the last one of it. */
static bool check_type(struct fc__parser *parser, const struct fc__pending_name *pending, const struct fc__name *name,
                       const struct fc__place *place, const struct fc__type *type) {
    static const char *const wants[] = {"an integer", "a pointer to an integer", "a string"};
    bool is_pointer = type->kind == FC__TYPE_POINTER || (type->kind == FC__TYPE_ARRAY && pending->want != 0);
    bool is_pointer_to_integer = is_pointer && fc__decl_type_is_integer(type->to);
    bool is_right = pending->want == FC__WANT_INTEGER              ? fc__decl_type_is_integer(type)
                    : pending->want == FC__WANT_POINTER_TO_INTEGER ? is_pointer_to_integer
                                                                   : is_pointer && fc__decl_type_is_integer(type->to);
    char text[100];
    char hint[120] = "";
    if (is_right) {
        return true;
    }
    if (pending->want == FC__WANT_POINTER_TO_INTEGER && fc__decl_type_is_integer(type) && pending->hops == NULL) {
        snprintf(hint, sizeof hint, ": write '%.*s'", FC__NAME_ARGS(name));
    } else if (pending->want == FC__WANT_INTEGER && is_pointer_to_integer && pending->hops == NULL) {
        snprintf(hint, sizeof hint, ": write '*%.*s'", FC__NAME_ARGS(name));
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "the size needs %s, and '%.*s' is '%s'%s",
                         wants[pending->want], FC__NAME_ARGS(name), fc__decl_type_text(type, text, sizeof text), hint);
}

/* -- Members ------------------------------------------------------------------------------------------------------- */

static bool has_members(const struct fc__type *type) {
    return type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION;
}

/* The member of that name, also within members without one: `expr` becomes it, with what is around it to the left.
 * They nest no deeper than bodies may. */
static bool find_member(struct fc__parser *parser, const struct fc__body *body, const struct fc__name *name,
                        struct fc__expr *expr, const struct fc__type **ret_type) {
    for (uint32_t i = 0; i < body->member_count; i++) {
        const struct fc__member *member = &body->members[i];
        const struct fc__type *found = NULL;
        struct fc__expr inner = {.kind = FC__EXPR_DOT};
        if (is_name(name, member->name)) {
            expr->body = body;
            expr->member = i;
            *ret_type = member->type;
            return true;
        }
        if (member->name != NULL || member->is_bitfield || !has_members(member->type)) {
            continue;
        }
        if (!find_member(parser, member->type->body, name, &inner, &found)) {
            return false;
        }
        if (found == NULL) {
            continue;
        }
        struct fc__expr *outer = fc__decl_keep(parser, sizeof *outer);
        if (outer == NULL) {
            return false;
        }
        *outer = *expr;
        outer->body = body;
        outer->member = i;
        struct fc__expr *lowest = &inner; /* what was found may itself be within others */
        while (lowest->left != NULL) {
            lowest = (struct fc__expr *)lowest->left;
        }
        lowest->left = outer;
        *expr = inner;
        *ret_type = found;
        return true;
    }
    return true;
}

static bool fail_member(struct fc__parser *parser, const struct fc__body *body, const struct fc__name *name,
                        const struct fc__place *place) {
    struct fc__suggestion suggestion;
    char text[FC__SUGGEST_TEXT_MAX];
    fc__decl_suggest_init(&suggestion, name->text, name->len);
    for (uint32_t i = 0; i < body->member_count; i++) {
        if (body->members[i].name != NULL) {
            fc__decl_suggest_offer(&suggestion, body->members[i].name, strlen(body->members[i].name));
        }
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, place, "'%s %.80s' has no member '%.*s'%s",
                         fc__decl_tag_noun(body->kind), body->tag != NULL ? body->tag : "<anonymous>",
                         FC__NAME_ARGS(name), fc__decl_suggest_text(&suggestion, text));
}

static bool postpone(struct fc__parser *parser, const struct fc__pending_name *pending,
                     const struct fc__pending_hop *hop, const struct fc__type *type) {
    struct fc__late_name *late = fc__decl_scratch(parser, sizeof *late);
    if (late != NULL) {
        *late = (struct fc__late_name){pending, hop, type, parser->late_names};
        parser->late_names = late;
    }
    return late != NULL;
}

/* The members behind a name of type `type`, from `hop` on. The body of a struct may stand behind the function that
 * looks into it. */
static bool resolve_hops(struct fc__parser *parser, const struct fc__pending_name *pending,
                         const struct fc__pending_hop *hop, const struct fc__type *type, bool is_late) {
    const struct fc__name *name = pending->name;
    const struct fc__place *place = &pending->place;
    for (; hop != NULL; hop = hop->next) {
        bool is_arrow = hop->expr->kind == FC__EXPR_ARROW;
        const struct fc__type *record = is_arrow && type->kind == FC__TYPE_POINTER ? type->to : type;
        char text[100];
        if (!has_members(record) || is_arrow != (type->kind == FC__TYPE_POINTER)) {
            return fc__decl_fail(&parser->lexer, FC_EPARSE, &hop->place, "'%s' needs %s before it, and '%.*s' is '%s'",
                                 is_arrow ? "->" : ".", is_arrow ? "a pointer to a struct" : "a struct",
                                 FC__NAME_ARGS(name), fc__decl_type_text(type, text, sizeof text));
        }
        if (!record->body->is_complete) {
            return is_late ? fc__decl_fail(&parser->lexer, FC_EPARSE, &hop->place,
                                           "'%s' has no body here, so that it has no known members",
                                           fc__decl_type_text(record, text, sizeof text))
                           : postpone(parser, pending, hop, type);
        }
        const struct fc__type *found = NULL;
        if (!find_member(parser, record->body, hop->name, hop->expr, &found)) {
            return false;
        }
        if (found == NULL) {
            return fail_member(parser, record->body, hop->name, &hop->place);
        }
        type = found;
        name = hop->name;
        place = &hop->place;
    }
    return check_type(parser, pending, name, place, type);
}

bool fc__decl_resolve_late(struct fc__parser *parser) {
    for (const struct fc__late_name *late = parser->late_names; late != NULL; late = late->next) {
        if (!resolve_hops(parser, late->pending, late->hop, late->type, true)) {
            return false;
        }
    }
    parser->late_names = NULL;
    return true;
}

/* -- Names --------------------------------------------------------------------------------------------------------- */

/* What conditions say that no text has to declare. */
static bool is_usual_constant(const struct fc__name *name, int64_t *ret_value) {
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {{"NULL", 0}, {"true", 1}, {"false", 0}, {"TRUE", 1}, {"FALSE", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && name->symbol == NULL; i++) {
        if (is_name(name, rows[i].text)) {
            *ret_value = rows[i].value;
            return true;
        }
    }
    return false;
}

/* True if the name is a constant; the expression has then become one. */
static bool resolve_constant(const struct fc__pending_name *pending) {
    const struct fc__symbol *symbol = pending->name->symbol;
    struct fc__expr *expr = pending->expr;
    int64_t value;
    if (pending->want != FC__WANT_INTEGER || pending->hops != NULL) {
        return false;
    }
    if (symbol != NULL && symbol->kind == FC__SYMBOL_ENUMERATOR) {
        value = symbol->value;
    } else if (!is_usual_constant(pending->name, &value)) {
        return false;
    }
    expr->kind = FC__EXPR_CONSTANT;
    expr->value = value;
    return true;
}

static bool fail_parameter(struct fc__parser *parser, const struct fc__pending_name *pending,
                           const struct fc__param *params, uint32_t count) {
    struct fc__suggestion suggestion;
    char text[FC__SUGGEST_TEXT_MAX];
    fc__decl_suggest_init(&suggestion, pending->name->text, pending->name->len);
    for (uint32_t i = 0; i < count; i++) {
        if (params[i].name != NULL) {
            fc__decl_suggest_offer(&suggestion, params[i].name, strlen(params[i].name));
        }
    }
    return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place, "'%s' names '%.*s', which is no parameter%s",
                         pending->annotation->text, FC__NAME_ARGS(pending->name),
                         fc__decl_suggest_text(&suggestion, text));
}

/* Of the function around the callback that has the size: by value, as it is when the callback is passed. */
static bool resolve_outer(struct fc__parser *parser, const struct fc__pending_name *pending,
                          const struct fc__param *param) {
    if (pending->want != FC__WANT_INTEGER || pending->hops != NULL) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place,
                             "'%.*s' is a parameter of the function around this one, and can only be named by itself",
                             FC__NAME_ARGS(pending->name));
    }
    pending->expr->kind = FC__EXPR_OUTER;
    pending->expr->name = param->name;
    return true;
}

/* `around`: where a name waits that none of the parameters has; NULL if that is an error. */
static bool resolve_parameter(struct fc__parser *parser, struct fc__pending_name *pending,
                              const struct fc__param *params, uint32_t count, struct fc__pending *around) {
    uint32_t index = 0;
    while (index < count && !is_name(pending->name, params[index].name)) {
        index++;
    }
    if (index == count && around != NULL && !pending->is_outer && !resolve_constant(pending)) {
        pending->is_outer = true;
        pending->next = NULL;
        fc__decl_join_pending(around, &(struct fc__pending){.first = pending, .last = pending});
        return true;
    }
    if (index == count) {
        return pending->expr->kind == FC__EXPR_CONSTANT || resolve_constant(pending) ||
               fail_parameter(parser, pending, params, count);
    }
    pending->expr->param = index;
    if (pending->is_outer && !resolve_outer(parser, pending, &params[index])) {
        return false;
    }
    const struct fc__type *const seen_as = params[index].annotation.seen_as;
    struct fc__type seen = *params[index].type;
    seen.to = seen_as != NULL ? seen_as : seen.to;
    if (!resolve_hops(parser, pending, pending->hops, pending->hops == NULL ? &seen : params[index].type, false)) {
        return false;
    }
    bool is_through = pending->want != FC__WANT_INTEGER || pending->hops != NULL;
    if (is_through && pending->is_capacity && params[index].annotation.direction == FC__DIRECTION_OUT) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place,
                             "the size is read before the call, and '%.*s' is '_Out_': make it '_Inout_'",
                             FC__NAME_ARGS(pending->name));
    }
    return true;
}

bool fc__decl_resolve_sizes(struct fc__parser *parser, const struct fc__pending *pending,
                            const struct fc__param *params, uint32_t count, struct fc__pending *around) {
    for (struct fc__pending_name *name = pending->first, *next; name != NULL; name = next) {
        next = name->next;
        if (!resolve_parameter(parser, name, params, count, around)) {
            return false;
        }
    }
    return true;
}

/* Among the members of the body, then of those around it. What decides which member of a union counts is never in the
 * union itself. */
static bool resolve_in_body(struct fc__parser *parser, const struct fc__pending_name *pending,
                            const struct fc__open_body *open) {
    bool is_of_union = pending->annotation->subject == FC__SUBJECT_UNION;
    const struct fc__body *nearest = is_of_union && open->outer != NULL ? open->outer->names : open->names;
    for (const struct fc__open_body *at = is_of_union ? open->outer : open; at != NULL; at = at->outer) {
        const struct fc__type *type = NULL;
        if (!find_member(parser, at->names, pending->name, pending->expr, &type)) {
            return false;
        }
        if (type != NULL) {
            return resolve_hops(parser, pending, pending->hops, type, false);
        }
    }
    if (resolve_constant(pending)) {
        return true;
    }
    if (is_of_union && open->outer == NULL) {
        return fc__decl_fail(&parser->lexer, FC_EPARSE, &pending->place,
                             "'%s' names a member of the struct around the union, and there is none",
                             pending->annotation->text);
    }
    return fail_member(parser, nearest, pending->name, &pending->place);
}

bool fc__decl_resolve_members(struct fc__parser *parser, const struct fc__open_body *open) {
    for (const struct fc__pending_name *name = open->pending.first; name != NULL; name = name->next) {
        if (!resolve_in_body(parser, name, open)) {
            return false;
        }
    }
    for (const struct fc__open_body *inner = open->inner; inner != NULL; inner = inner->next) {
        if (!fc__decl_resolve_members(parser, inner)) {
            return false;
        }
    }
    return true;
}
