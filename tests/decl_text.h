/* tests: what fc__decl_parse read, as text. */
#ifndef FC_TESTS_DECL_TEXT_H
#define FC_TESTS_DECL_TEXT_H

#include "harness.h"

#include "decl/decl.h"

#include <stdlib.h>
#include <string.h>

enum { DECL_TEXT_MAX = 8000 };

struct decl_text {
    char bytes[DECL_TEXT_MAX];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static inline void add(struct decl_text *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    text->used += (size_t)vsnprintf(text->bytes + text->used, DECL_TEXT_MAX - text->used, format, list);
    va_end(list);
    assert_true(text->used < DECL_TEXT_MAX);
}

static inline const char *member_name(const struct fc__expr *expr) {
    const char *name = expr->body->members[expr->member].name;
    return name != NULL ? name : "<anonymous>";
}

/* `function`: whose parameters are named; NULL for expressions over members. */
static inline void add_expr(struct decl_text *text, const struct fc__expr *expr, const struct fc__type *function) {
    static const char *const operators[] = {
        [FC__EXPR_ADD] = "+",     [FC__EXPR_SUB] = "-",    [FC__EXPR_MUL] = "*",          [FC__EXPR_DIV] = "/",
        [FC__EXPR_EQ] = "==",     [FC__EXPR_NE] = "!=",    [FC__EXPR_LT] = "<",           [FC__EXPR_LE] = "<=",
        [FC__EXPR_GT] = ">",      [FC__EXPR_GE] = ">=",    [FC__EXPR_AND] = "&&",         [FC__EXPR_OR] = "||",
        [FC__EXPR_BIT_AND] = "&", [FC__EXPR_CHOICE] = "?", [FC__EXPR_ALTERNATIVES] = ":",
    };
    switch (expr->kind) {
    case FC__EXPR_CONSTANT:
        add(text, "%lld", (long long)expr->value);
        return;
    case FC__EXPR_PARAM:
        require(function != NULL);
        add(text, "%s", function->params[expr->param].name);
        return;
    case FC__EXPR_DEREF:
        require(function != NULL);
        add(text, "*%s", function->params[expr->param].name);
        return;
    case FC__EXPR_MEMBER:
        add(text, "%s:%s", expr->body->tag != NULL ? expr->body->tag : "", member_name(expr));
        return;
    case FC__EXPR_ARROW:
    case FC__EXPR_DOT:
        add_expr(text, expr->left, function);
        add(text, "%s%s", expr->kind == FC__EXPR_DOT ? "." : "->", member_name(expr));
        return;
    case FC__EXPR_MEMBER_DEREF:
        add(text, "*");
        add_expr(text, expr->left, function);
        return;
    case FC__EXPR_STRLEN:
        add(text, "strlen(");
        add_expr(text, expr->left, function);
        add(text, ")");
        return;
    case FC__EXPR_RESULT:
        add(text, "return");
        return;
    case FC__EXPR_OUTER:
        add(text, "outer:%s", expr->name);
        return;
    case FC__EXPR_NOT:
        add(text, "!");
        add_expr(text, expr->left, function);
        return;
    default:
        add(text, "(");
        add_expr(text, expr->left, function);
        add(text, " %s ", operators[expr->kind]);
        add_expr(text, expr->right, function);
        add(text, ")");
        return;
    }
}

static inline void add_labelled(struct decl_text *text, const char *label, const struct fc__expr *expr,
                                const struct fc__type *function) {
    if (expr != NULL) {
        add(text, " %s", label);
        add_expr(text, expr, function);
    }
}

static inline void add_annotation(struct decl_text *text, const char *name, const struct fc__annotation *annotation,
                                  const struct fc__type *function) {
    static const char *const directions[] = {"", " in", " out", " inout"};
    static const char *const extents[] = {"", " one", " elements", " bytes", " string", " list"};
    char type[200];
    if (annotation->text == NULL) {
        return;
    }
    add(text, "\n  %s:%s%s", name, directions[annotation->direction], extents[annotation->extent]);
    add_labelled(text, "", annotation->capacity, function);
    add_labelled(text, "then ", annotation->valid, function);
    add(text, "%s%s%s%s%s", annotation->is_optional ? " optional" : "", annotation->is_all ? " all" : "",
        annotation->is_outptr ? " outptr" : "", annotation->is_result_optional ? " result-optional" : "",
        annotation->is_opaque ? " opaque" : "");
    add(text, "%s%s%s%s%s", annotation->is_result_string ? " result-string" : "",
        annotation->is_terminated ? " terminated" : "", annotation->is_bounded ? " bounded" : "",
        annotation->is_reserved ? " reserved" : "", annotation->is_base ? " base" : "");
    add(text, "%s%s%s%s%s%s",
        annotation->is_local  ? " local"
        : annotation->is_bits ? " bits"
                              : "",
        annotation->is_pinned ? " pinned" : "", annotation->is_path ? " path" : "", annotation->is_fd ? " fd" : "",
        annotation->is_callback_once ? " callback-once" : "", annotation->is_format ? " format" : "");
    for (const struct fc__annotation *inner = annotation->inner; inner != NULL; inner = inner->inner) {
        add(text, " of:%s%s", directions[inner->direction], extents[inner->extent]);
        add_labelled(text, "", inner->capacity, function);
    }
    if (annotation->kept_until != NULL) {
        add(text, " kept-until %s", annotation->kept_until);
    }
    if (annotation->callback_until != NULL) {
        add(text, " callback-until %s", annotation->callback_until);
    }
    if (annotation->sizeof_type != NULL) {
        add(text, " sizeof %s", fc__decl_type_text(annotation->sizeof_type, type, sizeof type));
    }
    add_labelled(text, "replaces ", annotation->replace_from, function);
    add_labelled(text, "by ", annotation->replace_to, function);
    add_labelled(text, "when ", annotation->when, function);
    add_labelled(text, annotation->result_counts_bytes ? "behind bytes " : "behind elements ",
                 annotation->result_capacity, function);
}

static inline void add_decl(struct decl_text *text, const struct fc__decl *decl) {
    char type[2000];
    add(text, "%s%s: %s", text->used == 0 ? "" : "\n", decl->name, fc__decl_type_text(decl->type, type, sizeof type));
    assert_int_equal(decl->kind == FC__DECL_FUNCTION, decl->type->kind == FC__TYPE_FUNCTION);
    if (decl->kind == FC__DECL_FUNCTION) {
        add(text, "%s%s%s", decl->begins ? " begins" : "", decl->ends ? " ends" : "", decl->is_printf ? " printf" : "");
        add_labelled(text, "succeeds if ", decl->success, decl->type);
        add_labelled(text, "fails with ", decl->fails_with, decl->type);
        add_annotation(text, "result", &decl->result, decl->type);
        for (uint32_t i = 0; i < decl->type->param_count; i++) {
            const struct fc__param *param = &decl->type->params[i];
            add_annotation(text, param->name != NULL ? param->name : "?", &param->annotation, decl->type);
        }
    }
}

static inline struct fc__unit parse_bytes(const char *source, size_t len) {
    struct fc__unit unit;
    struct fc__error err;
    char *exact = malloc(len + (len == 0)); /* so that a read past the end is seen */
    assert_non_null(exact);
    memcpy(exact, source, len);
    err.text[0] = '\0';
    int error = fc__decl_parse(exact, len, "test", &unit, &err);
    free(exact);
    if (error != FC_OK) {
        fail_msg("%s", err.text);
    }
    return unit;
}

static inline struct fc__unit parse(const char *source) {
    return parse_bytes(source, strlen(source));
}

/* The members of every struct and union, as `tag: name: type`, with their annotations below. */
static inline void expect_members(const char *source, const char *expected) {
    static struct decl_text text;
    struct fc__unit unit = parse(source);
    char type[200];
    text.used = 0;
    text.bytes[0] = '\0';
    for (const struct fc__body *body = unit.bodies; body != NULL; body = body->next) {
        for (uint32_t i = 0; i < body->member_count && body->kind != FC__TYPE_ENUM; i++) {
            const struct fc__member *member = &body->members[i];
            if (member->annotation.text != NULL) {
                add(&text, "%s%s %s", text.used == 0 ? "" : "\n", body->tag != NULL ? body->tag : "-",
                    fc__decl_type_text(member->type, type, sizeof type));
                add_annotation(&text, member->name, &member->annotation, NULL);
            }
        }
    }
    assert_string_equal(text.bytes, expected);
    fc__decl_unit_done(&unit);
}

/* Every declaration as `name: type`, each annotated parameter on a line below it. */
static inline void expect_unit(const struct fc__unit *unit, const char *expected) {
    static struct decl_text text;
    text.used = 0;
    text.bytes[0] = '\0';
    for (const struct fc__decl *decl = unit->first; decl != NULL; decl = decl->next) {
        assert_true(decl->next != NULL || decl == unit->last);
        add_decl(&text, decl);
    }
    assert_string_equal(text.bytes, expected);
}

static inline void expect(const char *source, const char *expected) {
    struct fc__unit unit = parse(source);
    expect_unit(&unit, expected);
    fc__decl_unit_done(&unit);
}

/* `before`, `count` times `part`, `behind`; to be freed. */
static inline char *decl_repeat(const char *before, const char *part, size_t count, const char *behind) {
    size_t before_len = strlen(before);
    size_t part_len = strlen(part);
    size_t behind_len = strlen(behind);
    char *source = malloc(before_len + part_len * count + behind_len + 1);
    assert_non_null(source);
    memcpy(source, before, before_len);
    for (size_t i = 0; i < count; i++) {
        memcpy(source + before_len + i * part_len, part, part_len);
    }
    memcpy(source + before_len + count * part_len, behind, behind_len + 1);
    return source;
}

#endif
