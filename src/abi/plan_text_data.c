/* abi: a plan in words: values, and what pointers lead to. It says what marshal does with them, and so changes with
 * it. */
#include "abi/plan_text.h"
#include "base/unicode.h"

#include <inttypes.h>

void fc__text_line(struct fc__lines *lines, const char *label, const char *text) {
    fc__lines_begin(lines, label);
    fc__lines_put(lines, text);
    fc__lines_end(lines);
}

void fc__text_quoted(struct fc__lines *lines, const char *name) {
    fc__lines_put(lines, "`");
    fc__lines_put(lines, name);
    fc__lines_put(lines, "`");
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

void fc__text_count(struct fc__lines *lines, uint64_t count, const char *noun) {
    fc__lines_putf(lines, "%" PRIu64 " %s%s", count, noun, plural(count));
}

/* -- size expressions -------------------------------------------------------------------------------------------- */

static int precedence(const struct fc__size *expr) {
    switch (expr->kind) {
    case FC__EXPR_ADD:
    case FC__EXPR_SUB:
        return 1;
    case FC__EXPR_MUL:
    case FC__EXPR_DIV:
        return 2;
    case FC__EXPR_EQ:
    case FC__EXPR_NE:
    case FC__EXPR_LT:
    case FC__EXPR_LE:
    case FC__EXPR_GT:
    case FC__EXPR_GE:
    case FC__EXPR_AND:
    case FC__EXPR_OR:
    case FC__EXPR_BIT_AND:
    case FC__EXPR_ALTERNATIVES:
        return 0;
    case FC__EXPR_CHOICE:
        return -1;
    default:
        return 3;
    }
}

static void put_expr(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__size *expr, int least) {
    static const char *const operators[] = {
        [FC__EXPR_ADD] = " + ",     [FC__EXPR_SUB] = " - ",    [FC__EXPR_MUL] = " * ",         [FC__EXPR_DIV] = " / ",
        [FC__EXPR_EQ] = " == ",     [FC__EXPR_NE] = " != ",    [FC__EXPR_LT] = " < ",          [FC__EXPR_LE] = " <= ",
        [FC__EXPR_GT] = " > ",      [FC__EXPR_GE] = " >= ",    [FC__EXPR_AND] = " && ",        [FC__EXPR_OR] = " || ",
        [FC__EXPR_BIT_AND] = " & ", [FC__EXPR_CHOICE] = " ? ", [FC__EXPR_ALTERNATIVES] = " : "};
    const int own = precedence(expr);
    fc__lines_put(lines, own < least ? "(" : "");
    switch (expr->kind) {
    case FC__EXPR_CONSTANT:
        fc__lines_putf(lines, "%" PRId64, expr->value);
        break;
    case FC__EXPR_PARAM:
    case FC__EXPR_DEREF:
        fc__lines_put(lines, expr->kind == FC__EXPR_DEREF ? "*" : "");
        fc__lines_put(lines, plan->steps[expr->param].name);
        break;
    case FC__EXPR_MEMBER:
    case FC__EXPR_OUTER:
        fc__lines_put(lines, expr->name);
        break;
    case FC__EXPR_ARROW:
    case FC__EXPR_DOT:
        put_expr(lines, plan, expr->left, 3);
        fc__lines_put(lines, expr->kind == FC__EXPR_ARROW ? "->" : ".");
        fc__lines_put(lines, expr->name);
        break;
    case FC__EXPR_MEMBER_DEREF:
    case FC__EXPR_NOT:
        fc__lines_put(lines, expr->kind == FC__EXPR_NOT ? "!" : "*");
        put_expr(lines, plan, expr->left, 3);
        break;
    case FC__EXPR_STRLEN:
        fc__lines_put(lines, "strlen(");
        put_expr(lines, plan, expr->left, 0);
        fc__lines_put(lines, ")");
        break;
    case FC__EXPR_RESULT:
        fc__lines_put(lines, "return");
        break;
    default:
        put_expr(lines, plan, expr->left, own);
        fc__lines_put(lines, operators[expr->kind]);
        put_expr(lines, plan, expr->right, own + 1);
        break;
    }
    fc__lines_put(lines, own < least ? ")" : "");
}

void fc__text_size(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__size *expr) {
    fc__lines_put(lines, "`");
    put_expr(lines, plan, expr, 0);
    fc__lines_put(lines, "`");
}

/* -- values ------------------------------------------------------------------------------------------------------ */

void fc__text_widths(struct fc__lines *lines, const struct fc__value *value, bool is_result) {
    const unsigned here = value->caller_bytes, there = value->callee_bytes;
    if (here == there) {
        fc__text_count(lines, here, "byte");
        fc__lines_put(lines, " on both sides");
    } else if (is_result) {
        fc__text_count(lines, there, "byte");
        fc__lines_putf(lines, " there, %u here", here);
    } else {
        fc__text_count(lines, here, "byte");
        fc__lines_putf(lines, " here, %u there", there);
    }
}

static void put_range(struct fc__lines *lines, const struct fc__value *value, unsigned to_bytes,
                      const char *otherwise) {
    const uint64_t most = to_bytes == 1 ? UINT8_MAX : to_bytes == 2 ? UINT16_MAX : UINT32_MAX; /* cut from more */
    fc__lines_put(lines, "checked and cut: ");
    if (value->is_signed) {
        fc__lines_putf(lines, "-%" PRIu64 " to %" PRIu64, most / 2 + 1, most / 2);
    } else {
        fc__lines_putf(lines, "0 to %" PRIu64, most);
    }
    fc__lines_put(lines, value->is_size ? ", or in the top page, as (size_t)-1 is" : "");
    fc__lines_putf(lines, ", else FC_ERANGE, %s", otherwise);
}

void fc__text_conversion(struct fc__lines *lines, const struct fc__value *value, unsigned from, unsigned to,
                         const char *otherwise) {
    const struct fc__exchange *exchange = value->exchange;
    if (exchange != NULL && exchange->kind == FC__EXCHANGE_LOCAL) {
        fc__lines_put(lines, "stays with the caller; the callee finds 0");
        return;
    }
    if (exchange != NULL && exchange->kind == FC__EXCHANGE_SIZEOF) {
        fc__lines_putf(lines, "has to be %" PRIu64 " here, and is %" PRIu64 " there", exchange->here, exchange->there);
        return;
    }
    if (exchange != NULL && exchange->kind == FC__EXCHANGE_BITS) {
        fc__lines_put(lines, from > to ? "cut: its low bits" : value->is_signed ? "sign-extended" : "zero-extended");
        return;
    }
    if (exchange != NULL) {
        fc__lines_putf(lines, "%" PRId64 " becomes %" PRId64 "; other numbers: ", (int64_t)exchange->here,
                       (int64_t)exchange->there);
    }
    if (value->kind == FC__VALUE_POINTER) {
        fc__lines_put(lines, from == to ? "opaque: as it is"
                             : from > to
                                 ? "opaque: its low word where that restores it, else a token that stands for it"
                                 : "opaque: extended; a token becomes the pointer that it stands for");
    } else if (from == to) {
        fc__lines_put(lines, "as it is");
    } else if (from > to) {
        put_range(lines, value, to, otherwise);
    } else {
        fc__lines_put(lines, value->is_signed ? "sign-extended" : "zero-extended");
        fc__lines_put(lines, value->is_size ? "; the top page, as (size_t)-1, stays the top page" : "");
    }
}

static bool is_converted(const struct fc__value *value) {
    return value->kind != FC__VALUE_RAW && value->caller_bytes != value->callee_bytes;
}

void fc__text_points_back(struct fc__lines *lines) {
    fc__lines_put(
        lines,
        "; one that points into what an argument points to, or just behind it, is that argument plus the offset");
}

/* -- what arguments point to ------------------------------------------------------------------------------------- */

/* True if it may lie in the first line: the callee does not write to it, and what is known of its size fits. */
static bool may_lie_in_line(const struct fc__plan *plan, const struct fc__step *step) {
    if (plan->takes_functions) {
        return false;
    }
    const uint32_t room = fc__text_room_in_line(plan);
    if (step->writes || room == 0 || step->kind == FC__STEP_STRING) {
        return !step->writes && room != 0;
    }
    uint64_t units = step->capacity == NULL ? 1 : 0; /* at least */
    if (step->capacity != NULL && step->capacity->kind == FC__EXPR_CONSTANT && step->capacity->value > 0) {
        units = (uint64_t)step->capacity->value;
    }
    return units <= room / (step->counts_bytes ? 1u : step->value.callee_bytes);
}

static void put_copy_place(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    fc__lines_put(lines,
                  may_lie_in_line(plan, step) ? "the first cache line if there is room, else to scratch" : "scratch");
}

static void put_extent(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    const struct fc__value *value = &step->value;
    if (step->capacity == NULL) {
        fc__lines_put(lines, value->kind == FC__VALUE_POINTER ? "one pointer" : "one value");
    } else {
        fc__text_size(lines, plan, step->capacity);
        fc__lines_put(lines, step->counts_bytes || (value->caller_bytes == 1 && value->callee_bytes == 1)
                                 ? " bytes"
                                 : " elements");
    }
    if (step->counts_bytes || (step->capacity != NULL && value->caller_bytes == 1 && value->callee_bytes == 1)) {
        return;
    }
    fc__lines_put(lines, step->capacity == NULL ? ", " : " of ");
    fc__text_widths(lines, value, false);
}

/* How each element changes on its way, where it may. */
static void explain_elements(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    const struct fc__value *value = &step->value;
    const bool points_back = value->kind == FC__VALUE_POINTER && step->writes && plan->points_back;
    if (step->reads && !step->is_output) {
        fc__lines_begin(lines, "going in");
        fc__text_conversion(lines, value, value->caller_bytes, value->callee_bytes, "and nothing is sent");
        fc__lines_end(lines);
    }
    if (step->writes) {
        fc__lines_begin(lines, "coming out");
        fc__text_conversion(lines, value, value->callee_bytes, value->caller_bytes, "after the call");
        if (points_back) {
            fc__text_points_back(lines);
        }
        fc__lines_end(lines);
    }
}

static void explain_before(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    fc__lines_begin(lines, "before");
    if (step->kind == FC__STEP_STRING) {
        fc__lines_put(lines, "copied with its NUL to ");
    } else {
        fc__lines_put(lines, step->reads ? "copied to " : "nothing is copied; there is room for it in ");
    }
    put_copy_place(lines, plan, step);
    fc__lines_put(lines, step->reads && step->is_output ? ", so that what is not written stays as it was" : "");
    fc__lines_end(lines);
}

static void explain_after(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    fc__lines_begin(lines, "after");
    if (!step->writes) {
        fc__lines_put(lines, "nothing is copied back");
    } else if (step->valid != NULL) {
        fc__lines_put(lines, "the first ");
        fc__text_size(lines, plan, step->valid);
        fc__lines_put(lines, step->counts_bytes || step->value.caller_bytes == 1 ? " bytes" : " elements");
        fc__lines_put(lines, step->valid->kind != FC__EXPR_CONSTANT ? ", as it is then," : "");
        fc__lines_put(lines, step->reads ? " are copied back where they were changed" : " are copied back");
        fc__lines_put(lines, ", never more than there was room for");
    } else if (step->reads) {
        fc__lines_put(lines, "what was changed is copied back");
    } else {
        fc__lines_put(lines, step->capacity != NULL ? "all of it is copied back" : "it is copied back");
    }
    fc__lines_end(lines);
}

void fc__text_data(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    fc__lines_begin(lines, "points to");
    if (step->kind == FC__STEP_STRING) {
        fc__lines_put(lines, "a string");
    } else {
        put_extent(lines, plan, step);
    }
    fc__lines_end(lines);
    if (step->kind == FC__STEP_BUFFER && step->value.kind != FC__VALUE_RAW) {
        explain_elements(lines, plan, step);
    }
    explain_before(lines, plan, step);
    explain_after(lines, plan, step);
    fc__text_line(lines, "fc_alloc",
                  step->kind == FC__STEP_BUFFER && is_converted(&step->value)
                      ? "copied out of such memory too, since the widths differ"
                      : "not copied if it lies in such memory");
}

/* -- objects ------------------------------------------------------------------------------------------------------- */

void fc__text_sizes(struct fc__lines *lines, const struct fc__shape *shape) {
    if (shape->size[FC__HERE] == shape->size[FC__THERE]) {
        fc__text_count(lines, shape->size[FC__HERE], "byte");
        fc__lines_put(lines, " on both sides");
    } else {
        fc__text_count(lines, shape->size[FC__HERE], "byte");
        fc__lines_putf(lines, " here, %" PRIu64 " there", shape->size[FC__THERE]);
    }
}

/* How a text changes. */
static void put_text(struct fc__lines *lines, const struct fc__shape *shape) {
    if (shape->size[FC__HERE] != shape->size[FC__THERE]) {
        fc__lines_putf(lines, ": %s here, %s there", fc__unicode_name((unsigned)shape->size[FC__HERE]),
                       fc__unicode_name((unsigned)shape->size[FC__THERE]));
    }
    fc__lines_put(lines, shape->is_path ? "; a path, of this system here, of Windows there" : "");
}

void fc__text_pointee(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__pointee *pointee) {
    const struct fc__shape *shape = pointee->shape;
    if (pointee->extent == FC__EXTENT_STRING) {
        fc__lines_put(lines, "a string of ");
    } else if (pointee->extent == FC__EXTENT_LIST) {
        const bool is_texts = shape->kind == FC__SHAPE_VALUE && shape->value.kind != FC__VALUE_POINTER;
        fc__lines_put(lines, is_texts ? "strings one behind the other, up to an empty one, of "
                                      : "a list, ended by NULL, of ");
    } else if (pointee->capacity != NULL) {
        fc__text_size(lines, plan, pointee->capacity);
        fc__lines_put(lines, pointee->extent == FC__EXTENT_BYTES ? " bytes of " : " elements of ");
    } else {
        fc__lines_put(lines, "one ");
    }
    fc__text_quoted(lines, shape->type_name);
    fc__lines_put(lines, ", ");
    fc__text_sizes(lines, shape);
    if (shape->text != FC__TEXT_NONE) {
        put_text(lines, shape);
    }
}

void fc__text_fields(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__shape *shape) {
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        fc__lines_begin(lines, field->name[0] != '\0' ? field->name : "(unnamed)");
        if (field->is_local) {
            fc__lines_put(lines, "stays with the caller; the callee finds 0");
        } else {
            fc__lines_putf(lines, "at %" PRIu64 " here, %" PRIu64 " there", field->offset[FC__HERE],
                           field->offset[FC__THERE]);
        }
        if (!field->is_local && field->shape->text != FC__TEXT_NONE) {
            put_text(lines, field->shape->element);
        }
        if (!field->is_local && field->shape->kind == FC__SHAPE_POINTER) {
            fc__lines_put(lines, ": points to ");
            fc__text_pointee(lines, plan, &field->shape->pointee);
        }
        fc__lines_end(lines);
    }
}

void fc__text_object(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    const struct fc__pointee *pointee = &step->pointee;
    fc__lines_begin(lines, "points to");
    fc__text_pointee(lines, plan, pointee);
    fc__lines_end(lines);
    if (!pointee->shape->is_plain) {
        fc__text_fields(lines, plan, pointee->shape);
    }
    if (pointee->is_pinned) {
        fc__text_line(lines, "life",
                      plan->begins ? "begins here: the callee has it at one address, until a function with _Fc_ends_"
                      : plan->ends ? "ends here; what its own pointers lead to is not passed"
                                   : "the callee has it at one address, since a function with _Fc_begins_");
        fc__text_line(lines, "before", "the callee's is brought up to date");
        fc__text_line(lines, "after", "what was changed is copied back");
        return;
    }
    if (pointee->kept_until != NULL) {
        fc__lines_begin(lines, "life");
        fc__lines_putf(lines, "the callee keeps a copy until `%s`", pointee->kept_until);
        fc__lines_end(lines);
    }
    fc__text_line(lines, "before",
                  !pointee->reads           ? "nothing is copied; there is room for it in scratch"
                  : pointee->is_output      ? "copied to scratch, so that what is not written stays as it was"
                  : pointee->shape->follows ? "copied to scratch with all that its pointers lead to, each object once"
                                            : "copied to scratch, or to the first cache line if it fits");
    fc__text_line(lines, "after", pointee->writes ? "what was changed is copied back" : "nothing is copied back");
    fc__text_line(lines, "fc_alloc",
                  pointee->shape->is_plain ? "not copied if it lies in such memory"
                                           : "copied out of such memory too, since the two sides differ");
}
