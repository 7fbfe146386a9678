/* fuzz: any bytes as declarations. What is read is walked to its last leaf; what is refused has an error of the form
 * that decl.h promises. The same for two targets, with all layouts. */
#include "abi/layout.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* Members may lie in structs without a name, which are then in the expression too. */
enum { EXPR_DEPTH_MAX = FC__DECL_SIZE_TERMS_MAX * (FC__DECL_DEPTH_MAX + 1) };

/* `function`: NULL for expressions over members. */
static void walk_expr(const struct fc__expr *expr, const struct fc__type *function, unsigned depth) {
    require(depth < EXPR_DEPTH_MAX);
    switch (expr->kind) {
    case FC__EXPR_CONSTANT:
    case FC__EXPR_RESULT:
        break;
    case FC__EXPR_OUTER:
        require(expr->name != NULL && function != NULL);
        break;
    case FC__EXPR_PARAM:
    case FC__EXPR_DEREF:
        require(expr->param < function->param_count && function->params[expr->param].name != NULL);
        require(expr->kind == FC__EXPR_PARAM || function->params[expr->param].type->kind == FC__TYPE_POINTER);
        break;
    case FC__EXPR_MEMBER:
    case FC__EXPR_ARROW:
    case FC__EXPR_DOT:
        require(expr->body->is_complete && expr->member < expr->body->member_count);
        require((expr->left == NULL) == (expr->kind == FC__EXPR_MEMBER));
        if (expr->left != NULL) {
            walk_expr(expr->left, function, depth + 1);
        }
        break;
    case FC__EXPR_MEMBER_DEREF:
    case FC__EXPR_STRLEN:
    case FC__EXPR_NOT:
        walk_expr(expr->left, function, depth + 1);
        break;
    default:
        walk_expr(expr->left, function, depth + 1);
        walk_expr(expr->right, function, depth + 1);
        break;
    }
}

static void walk_annotation(const struct fc__annotation *annotation, const struct fc__type *type,
                            const struct fc__type *function) {
    const struct fc__expr *const exprs[] = {annotation->capacity,     annotation->valid,
                                            annotation->when,         annotation->result_capacity,
                                            annotation->replace_from, annotation->replace_to};
    bool is_counted = annotation->extent == FC__EXTENT_ELEMENTS || annotation->extent == FC__EXTENT_BYTES;
    bool is_pointer = type->kind == FC__TYPE_POINTER || type->kind == FC__TYPE_ARRAY;
    require((annotation->text != NULL) == (annotation->line != 0));
    require(annotation->extent == FC__EXTENT_NONE || (is_pointer && annotation->text != NULL));
    require(annotation->direction == FC__DIRECTION_NONE || annotation->extent != FC__EXTENT_NONE);
    require(!annotation->is_opaque || type->kind == FC__TYPE_POINTER || is_counted);
    require(is_counted == (annotation->capacity != NULL) && (is_counted || annotation->valid == NULL));
    require(!annotation->is_outptr || type->to->kind == FC__TYPE_POINTER);
    for (size_t i = 0; i < sizeof exprs / sizeof exprs[0]; i++) {
        if (exprs[i] != NULL) {
            walk_expr(exprs[i], function, 0);
        }
    }
}

/* `budget` bounds the walk: types can share their parts so that it would not end. */
static void walk_type(const struct fc__type *type, unsigned *budget) {
    if (*budget == 0) {
        return;
    }
    --*budget;
    bool is_derived = type->kind == FC__TYPE_POINTER || type->kind == FC__TYPE_ARRAY ||
                      type->kind == FC__TYPE_FUNCTION || type->kind == FC__TYPE_VECTOR;
    bool is_tagged = type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION || type->kind == FC__TYPE_ENUM;
    require(is_derived == (type->to != NULL) && is_derived == (type->depth > 0));
    require(is_tagged == (type->body != NULL) && (!is_tagged || type->body->kind == type->kind));
    require(type->scalar < FC__SCALAR_COUNT && type->depth <= FC__DECL_DEPTH_MAX);
    require(type->param_count <= FC__DECL_PARAMS_MAX && (type->param_count == 0) == (type->params == NULL));
    if (type->to != NULL) {
        require(type->to->depth < type->depth);
        walk_type(type->to, budget);
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        const struct fc__param *param = &type->params[i];
        require(param->type->depth < type->depth && param->line > 0 && param->column > 0);
        require(param->type->kind != FC__TYPE_ARRAY && param->type->kind != FC__TYPE_FUNCTION &&
                param->type->kind != FC__TYPE_VOID);
        walk_annotation(&param->annotation, param->type, type);
        walk_type(param->type, budget);
    }
    if (type->result != NULL) {
        walk_annotation(type->result, type->to, type);
    }
    if (type->success != NULL) {
        walk_expr(type->success, type, 0);
    }
    if (type->when != NULL) {
        walk_expr(type->when, type, 0);
    }
}

static void walk_members(const struct fc__body *body) {
    for (uint32_t i = 0; i < body->member_count; i++) {
        unsigned budget = 1000;
        walk_annotation(&body->members[i].annotation, body->members[i].type, NULL);
        walk_type(body->members[i].type, &budget);
    }
}

static void walk_unit(const struct fc__unit *unit) {
    const struct fc__decl *last = NULL;
    for (const struct fc__decl *decl = unit->first; decl != NULL; decl = decl->next) {
        char text[300];
        unsigned budget = 1000;
        last = decl;
        require(decl->name[0] != '\0' && decl->file != NULL);
        require((decl->kind == FC__DECL_FUNCTION) == (decl->type->kind == FC__TYPE_FUNCTION));
        walk_type(decl->type, &budget);
        if (decl->kind == FC__DECL_FUNCTION) {
            walk_annotation(&decl->result, decl->type->to, decl->type);
        }
        require(strlen(fc__decl_type_text(decl->type, text, sizeof text)) < sizeof text);
    }
    require(last == unit->last);
    for (const struct fc__body *body = unit->bodies; body != NULL; body = body->next) {
        walk_members(body);
    }
}

/* NAME:LINE:COLUMN: MESSAGE, the source line, blanks and a caret */
static void check_error(const struct fc__error *err) {
    const char *line = strchr(err->text, '\n');
    const char *caret = line != NULL ? strrchr(err->text, '\n') : NULL;
    require(err->code == FC_EPARSE || err->code == FC_EUNSUPPORTED);
    require(strlen(err->text) < FC__ERROR_TEXT_MAX - 1);
    require(line != NULL && caret > line && strstr(err->text, ": ") < line);
    require(memchr(line + 1, '\n', (size_t)(caret - line - 1)) == NULL);
    require(strcmp(caret + 1 + strspn(caret + 1, " \t"), "^") == 0);
}

static void walk_body(const struct fc__body *body, const struct fc__layout *layout) {
    require((layout->alignment_bytes & (layout->alignment_bytes - 1)) == 0 && layout->alignment_bytes > 0);
    require(layout->field_count == body->member_count);
    for (uint32_t i = 0; i < layout->field_count; i++) {
        const struct fc__field *field = &layout->fields[i];
        require(field->bit_offset < 8 && field->bit_width <= 128);
        require(field->offset_bytes <= layout->size_bytes);
    }
}

static void lay_out_bodies(struct fc__layouts *layouts, const struct fc__unit *unit) {
    const struct fc__layout *layout;
    struct fc__error err;
    for (const struct fc__body *body = unit->bodies; body != NULL; body = body->next) {
        if (body->kind != FC__TYPE_ENUM && fc__layout_of_body(layouts, body, &layout, &err) == FC_OK) {
            walk_body(body, layout);
        }
    }
}

/* The same for a target, and every layout in it. */
static void lay_out(const uint8_t *data, size_t size, const char *target, bool may_skip) {
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    fc__layouts_init(&layouts, fc__target_find(target));
    layouts.may_skip = may_skip;
    if (fc__layout_parse(&layouts, (const char *)data, size, "fuzz", &unit, &err) == FC_OK) {
        walk_unit(&unit);
        lay_out_bodies(&layouts, &unit);
        for (const struct fc__typedef *entry = unit.typedefs; entry != NULL; entry = entry->next) {
            struct fc__extent_of_type extent;
            (void)fc__layout_extent(&layouts, entry->type, &extent, &err);
        }
        fc__decl_unit_done(&unit);
    } else {
        check_error(&err);
    }
    fc__layouts_done(&layouts);
}

/* What stands behind a line "%%" is a further text of the unit. Refused, it leaves a unit that is whole. */
static void read_more(const uint8_t *data, size_t size, const char *target, bool may_skip) {
    static const char line[] = "\n%%\n";
    const uint8_t *cut = memmem(data, size, line, sizeof line - 1);
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    if (cut == NULL) {
        return;
    }
    const uint8_t *more = cut + sizeof line - 1;
    size_t more_size = size - (size_t)(more - data);
    fc__layouts_init(&layouts, fc__target_find(target));
    layouts.may_skip = may_skip;
    if (fc__layout_parse(&layouts, (const char *)data, (size_t)(cut - data), "fuzz", &unit, &err) == FC_OK) {
        for (int i = 0; i < 2; i++) {
            if (fc__layout_parse_more(&layouts, &unit, (const char *)more, more_size, "more", &err) != FC_OK) {
                check_error(&err);
            }
            walk_unit(&unit);
            lay_out_bodies(&layouts, &unit);
        }
        fc__decl_unit_done(&unit);
    }
    fc__layouts_done(&layouts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fc__unit unit;
    struct fc__error err;
    if (fc__decl_parse((const char *)data, size, "fuzz", &unit, &err) == FC_OK) {
        walk_unit(&unit);
        fc__decl_unit_done(&unit);
    } else {
        check_error(&err);
    }
    lay_out(data, size, "i386-linux", false);
    lay_out(data, size, "x86_64-windows", false);
    lay_out(data, size, "x86_64-linux", true);
    read_more(data, size, "i386-linux", false);
    read_more(data, size, "i386-windows", true);
    return 0;
}
