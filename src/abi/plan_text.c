/* abi: a plan in words, for people. It says what marshal does with the plan, and so changes with it. */
#include "abi/payload.h"
#include "base/lines.h"

#include <inttypes.h>

static void line(struct fc__lines *lines, const char *label, const char *text) {
    fc__lines_begin(lines, label);
    fc__lines_put(lines, text);
    fc__lines_end(lines);
}

static void put_quoted(struct fc__lines *lines, const char *name) {
    fc__lines_put(lines, "`");
    fc__lines_put(lines, name);
    fc__lines_put(lines, "`");
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

static void put_count(struct fc__lines *lines, uint64_t count, const char *noun) {
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
        return 0;
    default:
        return 3;
    }
}

static void put_expr(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__size *expr, int least) {
    static const char *const operators[] = {
        [FC__EXPR_ADD] = " + ",    [FC__EXPR_SUB] = " - ", [FC__EXPR_MUL] = " * ",  [FC__EXPR_DIV] = " / ",
        [FC__EXPR_EQ] = " == ",    [FC__EXPR_NE] = " != ", [FC__EXPR_LT] = " < ",   [FC__EXPR_LE] = " <= ",
        [FC__EXPR_GT] = " > ",     [FC__EXPR_GE] = " >= ", [FC__EXPR_AND] = " && ", [FC__EXPR_OR] = " || ",
        [FC__EXPR_BIT_AND] = " & "};
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

static void put_size(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__size *expr) {
    fc__lines_put(lines, "`");
    put_expr(lines, plan, expr, 0);
    fc__lines_put(lines, "`");
}

/* -- values ------------------------------------------------------------------------------------------------------ */

static void put_widths(struct fc__lines *lines, const struct fc__value *value, bool is_result) {
    const unsigned here = value->caller_bytes, there = value->callee_bytes;
    if (here == there) {
        put_count(lines, here, "byte");
        fc__lines_put(lines, " on both sides");
    } else if (is_result) {
        put_count(lines, there, "byte");
        fc__lines_putf(lines, " there, %u here", here);
    } else {
        put_count(lines, here, "byte");
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

/* How a value of `from` bytes becomes one of `to` bytes: resize() and the ops `narrow` and `widen` of marshal. */
static void put_conversion(struct fc__lines *lines, const struct fc__value *value, unsigned from, unsigned to,
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

static void put_points_back(struct fc__lines *lines) {
    fc__lines_put(
        lines,
        "; one that points into what an argument points to, or just behind it, is that argument plus the offset");
}

/* -- where arguments travel -------------------------------------------------------------------------------------- */

static unsigned bytes_in_frame(const struct fc__plan *plan, const struct fc__step *step) {
    if (step->kind == FC__STEP_WHOLE && step->parts == 0) {
        return (unsigned)step->bytes[FC__THERE];
    }
    const bool is_wide = step->kind == FC__STEP_VALUE && step->value.callee_bytes == 8;
    return is_wide ? 8 : plan->callee->word_bytes;
}

static void put_place(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    static const char *const registers[] = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"};
    const uint32_t integers = FC__FRAME_INTEGERS(plan->info), vectors = FC__FRAME_VECTORS(plan->info);
    const uint32_t place = step->offset / 8, bytes = bytes_in_frame(plan, step);
    if (place < integers) {
        fc__lines_put(lines, registers[place]);
    } else if (place < integers + vectors) {
        fc__lines_putf(lines, "xmm%" PRIu32, place - integers);
    } else {
        const uint32_t word_bytes = plan->callee->word_bytes;
        const uint32_t first = (step->offset - (integers + vectors) * 8) / word_bytes;
        if (bytes > 2 * word_bytes) {
            fc__lines_putf(lines, "stack words %" PRIu32 " to %" PRIu32, first,
                           first + (bytes + word_bytes - 1) / word_bytes - 1);
        } else if (bytes > word_bytes) {
            fc__lines_putf(lines, "stack words %" PRIu32 " and %" PRIu32, first, first + 1);
        } else {
            fc__lines_putf(lines, "stack word %" PRIu32, first);
        }
    }
    if (step->offset >= FC__FRAME_LINE_BYTES) {
        fc__lines_put(lines, ", beyond the first cache line");
    } else if (step->offset + bytes > FC__FRAME_LINE_BYTES) {
        fc__lines_put(lines, ", across the end of the first cache line");
    } else {
        fc__lines_put(lines, ", in the first cache line");
    }
}

/* What the words leave of the first line for the first input behind them: fc__marshal_place(). */
static uint32_t room_in_line(const struct fc__plan *plan) {
    const uint32_t apart = plan->points_back;
    const uint32_t at = (plan->words_bytes + apart + 7) & ~7u;
    return at + apart < FC__FRAME_LINE_BYTES ? FC__FRAME_LINE_BYTES - apart - at : 0;
}

/* -- what arguments point to ------------------------------------------------------------------------------------- */

/* True if it may lie in the first line: the callee does not write to it, and what is known of its size fits. */
static bool may_lie_in_line(const struct fc__plan *plan, const struct fc__step *step) {
    if (plan->takes_functions) {
        return false;
    }
    const uint32_t room = room_in_line(plan);
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
        put_size(lines, plan, step->capacity);
        fc__lines_put(lines, step->counts_bytes || (value->caller_bytes == 1 && value->callee_bytes == 1)
                                 ? " bytes"
                                 : " elements");
    }
    if (step->counts_bytes || (step->capacity != NULL && value->caller_bytes == 1 && value->callee_bytes == 1)) {
        return;
    }
    fc__lines_put(lines, step->capacity == NULL ? ", " : " of ");
    put_widths(lines, value, false);
}

/* How each element changes on its way, where it may. */
static void explain_elements(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    const struct fc__value *value = &step->value;
    const bool points_back = value->kind == FC__VALUE_POINTER && step->writes && plan->points_back;
    if (step->reads && !step->is_output) {
        fc__lines_begin(lines, "going in");
        put_conversion(lines, value, value->caller_bytes, value->callee_bytes, "and nothing is sent");
        fc__lines_end(lines);
    }
    if (step->writes) {
        fc__lines_begin(lines, "coming out");
        put_conversion(lines, value, value->callee_bytes, value->caller_bytes, "after the call");
        if (points_back) {
            put_points_back(lines);
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
        put_size(lines, plan, step->valid);
        fc__lines_put(lines, step->counts_bytes || step->value.caller_bytes == 1 ? " bytes" : " elements");
        fc__lines_put(lines, step->valid->kind != FC__EXPR_CONSTANT ? ", as it is then," : "");
        fc__lines_put(lines, " are copied back, never more than there was room for");
    } else {
        fc__lines_put(lines, step->capacity != NULL ? "all of it is copied back" : "it is copied back");
    }
    fc__lines_end(lines);
}

static void explain_data(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
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
    line(lines, "fc_alloc",
         step->kind == FC__STEP_BUFFER && is_converted(&step->value)
             ? "copied out of such memory too, since the widths differ"
             : "not copied if it lies in such memory");
}

/* -- objects ------------------------------------------------------------------------------------------------------- */

static void put_sizes(struct fc__lines *lines, const struct fc__shape *shape) {
    if (shape->size[FC__HERE] == shape->size[FC__THERE]) {
        put_count(lines, shape->size[FC__HERE], "byte");
        fc__lines_put(lines, " on both sides");
    } else {
        put_count(lines, shape->size[FC__HERE], "byte");
        fc__lines_putf(lines, " here, %" PRIu64 " there", shape->size[FC__THERE]);
    }
}

static void put_pointee(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__pointee *pointee) {
    const struct fc__shape *shape = pointee->shape;
    if (pointee->extent == FC__EXTENT_STRING) {
        fc__lines_put(lines, "a string of ");
    } else if (pointee->extent == FC__EXTENT_LIST) {
        const bool is_texts = shape->kind == FC__SHAPE_VALUE && shape->value.kind != FC__VALUE_POINTER;
        fc__lines_put(lines, is_texts ? "strings one behind the other, up to an empty one, of "
                                      : "a list, ended by NULL, of ");
    } else if (pointee->capacity != NULL) {
        put_size(lines, plan, pointee->capacity);
        fc__lines_put(lines, pointee->extent == FC__EXTENT_BYTES ? " bytes of " : " elements of ");
    } else {
        fc__lines_put(lines, "one ");
    }
    put_quoted(lines, shape->type_name);
    fc__lines_put(lines, ", ");
    put_sizes(lines, shape);
}

static void explain_fields(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__shape *shape) {
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        fc__lines_begin(lines, field->name[0] != '\0' ? field->name : "(unnamed)");
        if (field->is_local) {
            fc__lines_put(lines, "stays with the caller; the callee finds 0");
        } else {
            fc__lines_putf(lines, "at %" PRIu64 " here, %" PRIu64 " there", field->offset[FC__HERE],
                           field->offset[FC__THERE]);
        }
        if (!field->is_local && field->shape->kind == FC__SHAPE_POINTER) {
            fc__lines_put(lines, ": points to ");
            put_pointee(lines, plan, &field->shape->pointee);
        }
        fc__lines_end(lines);
    }
}

static void explain_object(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    const struct fc__pointee *pointee = &step->pointee;
    fc__lines_begin(lines, "points to");
    put_pointee(lines, plan, pointee);
    fc__lines_end(lines);
    if (!pointee->shape->is_plain) {
        explain_fields(lines, plan, pointee->shape);
    }
    if (pointee->is_pinned) {
        line(lines, "life",
             plan->begins ? "begins here: the callee has it at one address, until a function with _Fc_ends_"
             : plan->ends ? "ends here; what its own pointers lead to is not passed"
                          : "the callee has it at one address, since a function with _Fc_begins_");
        line(lines, "before", "the callee's is brought up to date");
        line(lines, "after", "what was changed is copied back");
        return;
    }
    if (pointee->kept_until != NULL) {
        fc__lines_begin(lines, "life");
        fc__lines_putf(lines, "the callee keeps a copy until `%s`", pointee->kept_until);
        fc__lines_end(lines);
    }
    line(lines, "before",
         !pointee->reads           ? "nothing is copied; there is room for it in scratch"
         : pointee->is_output      ? "copied to scratch, so that what is not written stays as it was"
         : pointee->shape->follows ? "copied to scratch with all that its pointers lead to, each object once"
                                   : "copied to scratch, or to the first cache line if it fits");
    line(lines, "after", pointee->writes ? "what was changed is copied back" : "nothing is copied back");
    line(lines, "fc_alloc",
         pointee->shape->is_plain ? "not copied if it lies in such memory"
                                  : "copied out of such memory too, since the two sides differ");
}

/* -- the parts --------------------------------------------------------------------------------------------------- */

static const char *direction(const struct fc__step *step) {
    if (step->kind == FC__STEP_OBJECT && step->pointee.writes) {
        return step->pointee.is_output ? "out" : "in and out";
    }
    if (step->kind != FC__STEP_BUFFER || !step->writes) {
        return "in";
    }
    return step->is_output ? "out" : "in and out";
}

static void explain_argument(struct fc__lines *lines, const struct fc__plan *plan, uint32_t index) {
    const struct fc__step *step = &plan->steps[index];
    fc__lines_begin(lines, "");
    fc__lines_putf(lines, "argument %" PRIu32, index + 1);
    if (step->name[0] != '\0') {
        fc__lines_put(lines, " ");
        put_quoted(lines, step->name);
    }
    fc__lines_putf(lines, ", %s: ", direction(step));
    fc__lines_put(lines, plan->types[index]);
    fc__lines_end(lines);

    struct fc__value pointer = {.kind = FC__VALUE_POINTER,
                                .caller_bytes = plan->caller->pointer_bytes,
                                .callee_bytes = plan->callee->pointer_bytes};
    fc__lines_begin(lines, "width");
    if (step->kind == FC__STEP_WHOLE) {
        put_sizes(lines, step->shape);
    } else {
        put_widths(lines, step->kind == FC__STEP_VALUE ? &step->value : &pointer, false);
    }
    fc__lines_end(lines);

    fc__lines_begin(lines, "conversion");
    if (step->descriptor != FC__DESCRIPTOR_NONE) {
        fc__lines_put(lines, step->descriptor == FC__DESCRIPTOR_LENT
                                 ? "a descriptor: the callee has one of its own for the length of the call"
                                 : "a descriptor: the callee gets one of its own, and the caller's is closed");
    } else if (step->kind == FC__STEP_VALUE) {
        put_conversion(lines, &step->value, step->value.caller_bytes, step->value.callee_bytes, "and nothing is sent");
    } else if (step->kind == FC__STEP_WHOLE) {
        fc__lines_put(lines, step->shape->is_plain ? "as it is" : "member by member, as their types change");
    } else if (step->kind == FC__STEP_FUNCTION && step->callback->refused != NULL) {
        fc__lines_putf(lines, "only NULL can be passed, anything else is FC_EUNSUPPORTED: %s", step->callback->refused);
    } else if (step->kind == FC__STEP_FUNCTION) {
        fc__lines_put(lines, "a function of the callee takes its place, which calls the caller's; NULL stays NULL");
    } else {
        fc__lines_put(lines, "the address of the copy takes its place; NULL stays NULL");
    }
    fc__lines_end(lines);
    if (step->kind == FC__STEP_STRING || step->kind == FC__STEP_BUFFER) {
        explain_data(lines, plan, step);
    } else if (step->kind == FC__STEP_OBJECT) {
        explain_object(lines, plan, step);
    }
    fc__lines_begin(lines, "travels in");
    put_place(lines, plan, step);
    fc__lines_end(lines);
}

/* What follows the parameters of a function that takes a format. */
static void explain_rest(struct fc__lines *lines, const struct fc__plan *plan) {
    const char *name = plan->steps[plan->format_index].name;
    fc__lines_blank(lines);
    fc__lines_begin(lines, "");
    fc__lines_put(lines, plan->takes_list ? "then a va_list: " : "then what each call adds: ");
    fc__lines_putf(lines, "as argument %" PRIu32, plan->format_index + 1);
    if (name[0] != '\0') {
        fc__lines_put(lines, " ");
        put_quoted(lines, name);
    }
    fc__lines_put(lines, " says, in the manner of printf");
    fc__lines_end(lines);
    for (const char *pair = plan->conversions; pair != NULL && *pair != '\0'; pair += 2) {
        if (pair == plan->conversions) {
            fc__lines_begin(lines, "its own");
        }
        fc__lines_putf(lines, "%s`%%%c` takes what `%%%c` does", pair == plan->conversions ? "" : ", ", pair[0],
                       pair[1]);
    }
    if (plan->conversions != NULL && plan->conversions[0] != '\0') {
        fc__lines_end(lines);
    }
    line(lines, "conversion", "each as an argument of the type that its conversion takes; another one is FC_EINVAL");
    line(lines, "travels in",
         plan->takes_list ? "a list of the callee's, made for the call" : "the frame, behind the arguments above");
}

static void put_result_conversion(struct fc__lines *lines, const struct fc__plan *plan) {
    const struct fc__value *result = &plan->result;
    if (plan->result_whole) {
        fc__lines_put(lines, plan->result_shape->is_plain ? "as it is" : "member by member, as their types change");
    } else if (plan->result_function != NULL) {
        fc__lines_put(lines,
                      plan->result_function->is_callable
                          ? "a function of this side that calls the library's; one of this side's own is itself again"
                          : "a number that is the function again when it is passed back");
    } else if (plan->result_points) {
        fc__lines_put(lines, "points to ");
        put_pointee(lines, plan, &plan->result_pointee);
        fc__lines_put(lines, "; in place where both sides see it and it is the same on both, else copied to this side");
    } else if (plan->result_string) {
        fc__lines_put(lines,
                      "a string: in place if the library allocated it, until the library frees it; else copied to this "
                      "side, where it lives until the session is closed; NULL stays NULL");
    } else if (FC__FRAME_RESULT(plan->info) == FC__FRAME_RESULT_X87) {
        fc__lines_putf(lines, "rounded from the 80 bits of st0 to %u", result->caller_bytes * 8u);
    } else if (plan->result_descriptor != FC__DESCRIPTOR_NONE) {
        fc__lines_put(lines, plan->result_descriptor == FC__DESCRIPTOR_LENT
                                 ? "a descriptor: the caller has one of its own until the session is closed"
                                 : "a descriptor: the caller gets one of its own, and the callee's is closed");
    } else if (result->is_bool) {
        fc__lines_put(lines, "anything but 0 is true");
    } else {
        put_conversion(lines, result, result->callee_bytes, result->caller_bytes, "after the call");
    }
    if (result->kind == FC__VALUE_POINTER && plan->points_back) {
        put_points_back(lines);
    }
}

static void explain_result(struct fc__lines *lines, const struct fc__plan *plan) {
    const struct fc__value *result = &plan->result;
    fc__lines_begin(lines, "");
    fc__lines_put(lines, "result: ");
    fc__lines_put(lines, plan->types[plan->count]);
    fc__lines_end(lines);
    if (result->kind == FC__VALUE_VOID && !plan->result_whole) {
        return;
    }
    fc__lines_begin(lines, "width");
    if (plan->result_whole) {
        put_sizes(lines, plan->result_shape);
    } else {
        put_widths(lines, result, true);
    }
    fc__lines_end(lines);
    fc__lines_begin(lines, "conversion");
    put_result_conversion(lines, plan);
    fc__lines_end(lines);
    if (plan->result_string) {
        fc__lines_begin(lines, "after");
        fc__lines_putf(lines, "of a copy up to %u bytes come with the answer, more with a second request",
                       FC__FRAME_GATHER_BYTES - 1);
        fc__lines_end(lines);
    }
    if (plan->fails) {
        fc__lines_begin(lines, "failure");
        fc__lines_putf(lines, "%" PRId64 ", with errno EIO, if the call fails", plan->fails_with);
        fc__lines_end(lines);
    }
    const bool is_wide = plan->callee->word_bytes == 8;
    if (plan->result_whole && FC__FRAME_RESULT(plan->info) != FC__FRAME_RESULT_X87) {
        line(lines, "travels in",
             plan->result_hidden ? "scratch, where a first argument that the prototype does not show points"
                                 : "registers, in the first cache line");
        return;
    }
    switch (FC__FRAME_RESULT(plan->info)) {
    case FC__FRAME_RESULT_X87:
        line(lines, "travels in", "st0, in the first cache line");
        break;
    case FC__FRAME_RESULT_VECTOR:
        line(lines, "travels in", "xmm0, in the first cache line");
        break;
    default:
        line(lines, "travels in",
             is_wide                     ? "rax, in the first cache line"
             : result->callee_bytes == 8 ? "edx and eax, in the first cache line"
                                         : "eax, in the first cache line");
        break;
    }
}

static bool takes_line_for_data(const struct fc__plan *plan) {
    bool takes = false;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        takes = takes || ((step->kind == FC__STEP_STRING || step->kind == FC__STEP_BUFFER) && !step->writes);
    }
    return takes;
}

static void explain_frame(struct fc__lines *lines, const struct fc__plan *plan) {
    const uint32_t counts[] = {FC__FRAME_INTEGERS(plan->info), FC__FRAME_VECTORS(plan->info),
                               FC__FRAME_STACK(plan->info)};
    static const char *const nouns[] = {"integer register", "vector register", "stack word"};
    fc__lines_begin(lines, "frame");
    for (unsigned i = 0; i < 3; i++) {
        if (counts[i] != 0) {
            put_count(lines, counts[i], nouns[i]);
            fc__lines_put(lines, ", ");
        }
    }
    fc__lines_putf(lines, "%" PRIu32 " bytes", plan->words_bytes);
    if (plan->words_bytes > FC__FRAME_LINE_BYTES) {
        fc__lines_putf(lines, ", %u of them in the first cache line", FC__FRAME_LINE_BYTES);
    }
    if (takes_line_for_data(plan) && room_in_line(plan) != 0) {
        fc__lines_putf(lines, "; the first cache line has room for %" PRIu32 " more", room_in_line(plan));
    }
    fc__lines_end(lines);
}

/* Why a call does not take the short path. */
static void put_reason(struct fc__lines *lines, const struct fc__plan *plan) {
    for (uint32_t i = 0; !plan->is_scalar && i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        if (step->kind == FC__STEP_VALUE && step->value.exchange == NULL) {
            continue;
        }
        fc__lines_putf(lines, "argument %" PRIu32 " is %s", i + 1,
                       step->kind == FC__STEP_WHOLE   ? "no single value"
                       : step->kind == FC__STEP_VALUE ? "converted"
                                                      : "a pointer");
        return;
    }
    if (plan->descriptors != 0 || plan->result_descriptor != FC__DESCRIPTOR_NONE) {
        fc__lines_put(lines, "descriptors take a way of their own");
        return;
    }
    if (plan->words_bytes > FC__FRAME_LINE_BYTES) {
        fc__lines_put(lines, "the arguments do not fit the first cache line");
        return;
    }
    fc__lines_put(lines, plan->result_whole                       ? "the result is no single value"
                         : plan->result.kind == FC__VALUE_POINTER ? "the result is a pointer"
                         : plan->result.kind == FC__VALUE_FLOAT   ? "the result is a floating-point number"
                         : plan->result.is_bool                   ? "the result is made 0 or 1"
                                                                  : "the result is converted");
}

static void explain_way(struct fc__lines *lines, const struct fc__plan *plan) {
    if (!plan->is_short && !plan->is_nearly_short) {
        fc__lines_put(lines, "no: ");
        put_reason(lines, plan);
        return;
    }
    fc__lines_put(lines, "yes: every value goes straight into the first cache line");
    if (plan->payload != NULL) {
        fc__lines_putf(lines, ", and behind them what argument %" PRIu32 " points to, up to %u bytes",
                       plan->payload->index + 1, FC__FRAME_PAYLOAD_BYTES_MAX);
    }
}

static void explain_call(struct fc__lines *lines, const struct fc__plan *plan) {
    fc__lines_begin(lines, "");
    fc__lines_put(lines, plan->name);
    fc__lines_putf(lines, ": from %s (here) to %s (there)", plan->caller->name, plan->callee->name);
    fc__lines_end(lines);
    line(lines, "convention",
         plan->callee->convention == FC__CONVENTION_I386_CDECL
             ? "cdecl (System V i386): all arguments on the stack"
             : "System V x86-64: six integer and eight vector registers, then the stack");
    explain_frame(lines, plan);
    fc__lines_begin(lines, "short path");
    explain_way(lines, plan);
    fc__lines_end(lines);
    line(lines, "errno", "set here if the function sets it to something other than 0, else untouched");
}

size_t fc__plan_text(const struct fc__plan *plan, char *buffer, size_t size) {
    struct fc__lines lines;
    fc__lines_init(&lines, FC__PLAN_TEXT_COLUMNS, buffer, size);
    explain_call(&lines, plan);
    for (uint32_t i = 0; i < plan->count; i++) {
        fc__lines_blank(&lines);
        explain_argument(&lines, plan, i);
    }
    if (plan->is_format) {
        explain_rest(&lines, plan);
    }
    fc__lines_blank(&lines);
    explain_result(&lines, plan);
    return fc__lines_done(&lines);
}
