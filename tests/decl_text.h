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

static inline void add_expr(struct decl_text *text, const struct fc__expr *expr, const struct fc__type *function) {
    const char *name =
        expr->kind == FC__EXPR_PARAM || expr->kind == FC__EXPR_DEREF ? function->params[expr->param].name : NULL;
    switch (expr->kind) {
    case FC__EXPR_CONSTANT:
        add(text, "%lld", (long long)expr->value);
        return;
    case FC__EXPR_PARAM:
        add(text, "%s", name);
        return;
    case FC__EXPR_DEREF:
        add(text, "*%s", name);
        return;
    default:
        add(text, "(");
        add_expr(text, expr->left, function);
        add(text, " %c ", "+-*/"[expr->kind - FC__EXPR_ADD]);
        add_expr(text, expr->right, function);
        add(text, ")");
        return;
    }
}

static inline void add_annotation(struct decl_text *text, const char *name, const struct fc__annotation *annotation,
                                  const struct fc__type *function) {
    static const char *const directions[] = {"", " in", " out", " inout"};
    static const char *const extents[] = {"", " one", " elements", " bytes", " string"};
    if (annotation->text == NULL) {
        return;
    }
    add(text, "\n  %s:%s%s", name, directions[annotation->direction], extents[annotation->extent]);
    if (annotation->capacity != NULL) {
        add(text, " ");
        add_expr(text, annotation->capacity, function);
    }
    if (annotation->valid != NULL) {
        add(text, " then ");
        add_expr(text, annotation->valid, function);
    }
    add(text, "%s%s%s%s%s", annotation->is_optional ? " optional" : "", annotation->is_all ? " all" : "",
        annotation->is_outptr ? " outptr" : "", annotation->is_result_optional ? " result-optional" : "",
        annotation->is_opaque ? " opaque" : "");
}

static inline void add_decl(struct decl_text *text, const struct fc__decl *decl) {
    char type[2000];
    add(text, "%s%s: %s", text->used == 0 ? "" : "\n", decl->name, fc__decl_type_text(decl->type, type, sizeof type));
    assert_int_equal(decl->kind == FC__DECL_FUNCTION, decl->type->kind == FC__TYPE_FUNCTION);
    if (decl->kind == FC__DECL_FUNCTION) {
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

/* Every declaration as `name: type`, each annotated parameter on a line below it. */
static inline void expect(const char *source, const char *expected) {
    static struct decl_text text;
    struct fc__unit unit = parse(source);
    text.used = 0;
    text.bytes[0] = '\0';
    for (const struct fc__decl *decl = unit.first; decl != NULL; decl = decl->next) {
        assert_true(decl->next != NULL || decl == unit.last);
        add_decl(&text, decl);
    }
    assert_string_equal(text.bytes, expected);
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
