/* abi: a plan in words, for people. It says what marshal does with the plan, and so changes with it. */
#include "abi/plan_text.h"

#include "abi/payload.h"

#include <inttypes.h>
#include <string.h>

/* -- where arguments travel -------------------------------------------------------------------------------------- */

static unsigned bytes_in_frame(const struct fc__plan *plan, const struct fc__step *step) {
    if (step->kind == FC__STEP_WHOLE && step->parts == 0 && !step->is_reference) {
        return (unsigned)step->bytes[FC__THERE];
    }
    const bool is_wide = step->kind == FC__STEP_VALUE && step->value.callee_bytes == 8;
    return is_wide ? 8 : plan->callee->word_bytes;
}

static void put_place(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step) {
    const uint32_t integers = FC__FRAME_INTEGERS(plan->info), vectors = FC__FRAME_VECTORS(plan->info);
    const uint32_t word_bytes = plan->callee->word_bytes;
    const uint32_t place = step->offset / word_bytes, bytes = bytes_in_frame(plan, step);
    if (step->is_vector && plan->calling->is_positional) {
        fc__lines_putf(lines, "xmm%" PRIu32, place);
    } else if (place < integers) {
        fc__lines_put(lines, plan->calling->registers[place]);
    } else if (place < integers + vectors) {
        fc__lines_putf(lines, "xmm%" PRIu32, place - integers);
    } else {
        const uint32_t first = place - (integers + vectors);
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

uint32_t fc__text_room_in_line(const struct fc__plan *plan) {
    const uint32_t apart = plan->points_back;
    const uint32_t at = (plan->words_bytes + apart + 7) & ~7u;
    return at + apart < FC__FRAME_LINE_BYTES ? FC__FRAME_LINE_BYTES - apart - at : 0;
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
        fc__text_quoted(lines, step->name);
    }
    fc__lines_putf(lines, ", %s: ", direction(step));
    fc__lines_put(lines, plan->types[index]);
    fc__lines_end(lines);

    struct fc__value pointer = {.kind = FC__VALUE_POINTER,
                                .caller_bytes = plan->caller->pointer_bytes,
                                .callee_bytes = plan->callee->pointer_bytes};
    fc__lines_begin(lines, "width");
    if (step->kind == FC__STEP_WHOLE) {
        fc__text_sizes(lines, step->shape);
    } else {
        fc__text_widths(lines, step->kind == FC__STEP_VALUE ? &step->value : &pointer, false);
    }
    fc__lines_end(lines);

    fc__lines_begin(lines, "conversion");
    if (step->descriptor != FC__DESCRIPTOR_NONE) {
        fc__lines_put(lines, step->descriptor == FC__DESCRIPTOR_LENT
                                 ? "a descriptor: the callee has one of its own for the length of the call"
                                 : "a descriptor: the callee gets one of its own, and the caller's is closed");
    } else if (step->kind == FC__STEP_VALUE) {
        fc__text_conversion(lines, &step->value, step->value.caller_bytes, step->value.callee_bytes,
                            "and nothing is sent");
    } else if (step->kind == FC__STEP_WHOLE) {
        fc__lines_put(lines, step->shape->is_plain ? "as it is" : "member by member, as their types change");
    } else if (step->kind == FC__STEP_FUNCTION && step->callback->refused != NULL) {
        fc__lines_put(lines, "only NULL can be passed, anything else is FC_EUNSUPPORTED: ");
        fc__lines_put(lines, step->callback->refused);
    } else if (step->kind == FC__STEP_FUNCTION) {
        fc__lines_put(lines, "a function of the callee takes its place, which calls the caller's; NULL stays NULL");
    } else {
        fc__lines_put(lines, "the address of the copy takes its place; NULL stays NULL");
    }
    fc__lines_end(lines);
    if (step->kind == FC__STEP_STRING || step->kind == FC__STEP_BUFFER) {
        fc__text_data(lines, plan, step);
    } else if (step->kind == FC__STEP_OBJECT) {
        fc__text_object(lines, plan, step);
    }
    fc__lines_begin(lines, "travels in");
    fc__lines_put(lines, step->is_reference ? "scratch, its address in " : "");
    put_place(lines, plan, step);
    fc__lines_end(lines);
}

void fc__text_format(struct fc__lines *lines, const struct fc__plan *plan) {
    const char *name = plan->steps[plan->format_index].name;
    fc__lines_putf(lines, "as argument %" PRIu32, plan->format_index + 1);
    if (name[0] != '\0') {
        fc__lines_put(lines, " ");
        fc__text_quoted(lines, name);
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
}

/* What follows the parameters of a function that takes a format. */
static void explain_rest(struct fc__lines *lines, const struct fc__plan *plan) {
    fc__lines_blank(lines);
    fc__lines_begin(lines, "");
    fc__lines_put(lines, plan->takes_list ? "then a va_list: " : "then what each call adds: ");
    fc__text_format(lines, plan);
    fc__text_line(lines, "conversion",
                  "each as an argument of the type that its conversion takes; another one is FC_EINVAL");
    fc__text_line(lines, "travels in",
                  plan->takes_list ? "a list of the callee's, made for the call"
                                   : "the frame, behind the arguments above");
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
        fc__text_pointee(lines, plan, &plan->result_pointee);
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
        fc__text_conversion(lines, result, result->callee_bytes, result->caller_bytes, "after the call");
    }
    if (result->kind == FC__VALUE_POINTER && plan->points_back) {
        fc__text_points_back(lines);
    }
}

static void put_failure(struct fc__lines *lines, const struct fc__plan *plan) {
    double wide;
    float narrow;
    memcpy(&wide, &plan->fails_with, sizeof wide);
    memcpy(&narrow, &plan->fails_with, sizeof narrow);
    if (plan->result.kind == FC__VALUE_FLOAT) {
        fc__lines_putf(lines, "%g", plan->result.caller_bytes == 4 ? (double)narrow : wide);
    } else if (plan->result_whole) {
        fc__lines_put(lines, "zeros");
    } else if (plan->result.kind == FC__VALUE_VOID) {
        fc__lines_put(lines, "nothing");
    } else {
        fc__lines_putf(lines, "%" PRId64, plan->fails_with);
    }
    fc__lines_put(lines, ", with errno EIO, if the call fails");
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
        fc__text_sizes(lines, plan->result_shape);
    } else {
        fc__text_widths(lines, result, true);
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
        put_failure(lines, plan);
        fc__lines_end(lines);
    }
    const bool is_wide = plan->callee->word_bytes == 8;
    if (plan->result_whole && FC__FRAME_RESULT(plan->info) != FC__FRAME_RESULT_X87) {
        fc__text_line(lines, "travels in",
                      !plan->result_hidden ? "registers, in the first cache line"
                      : !plan->calling->is_method || plan->callee->is_gnu
                          ? "scratch, where a first argument that the prototype does not show points"
                          : "scratch, where a second argument that the prototype does not show points");
        return;
    }
    switch (FC__FRAME_RESULT(plan->info)) {
    case FC__FRAME_RESULT_X87:
        fc__text_line(lines, "travels in", "st0, in the first cache line");
        break;
    case FC__FRAME_RESULT_VECTOR:
        fc__text_line(lines, "travels in", "xmm0, in the first cache line");
        break;
    default:
        fc__text_line(lines, "travels in",
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
    const char *const nouns[] = {plan->calling->is_positional ? "register" : "integer register", "vector register",
                                 "stack word"};
    fc__lines_begin(lines, "frame");
    for (unsigned i = 0; i < 3; i++) {
        if (counts[i] != 0) {
            fc__text_count(lines, counts[i], nouns[i]);
            fc__lines_put(lines, ", ");
        }
    }
    fc__lines_putf(lines, "%" PRIu32 " bytes", plan->words_bytes);
    if (plan->words_bytes > FC__FRAME_LINE_BYTES) {
        fc__lines_putf(lines, ", %u of them in the first cache line", FC__FRAME_LINE_BYTES);
    }
    if (takes_line_for_data(plan) && fc__text_room_in_line(plan) != 0) {
        fc__lines_putf(lines, "; the first cache line has room for %" PRIu32 " more", fc__text_room_in_line(plan));
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

/* What a linker knows the function by, and what it takes off the stack: Microsoft, "Decorated names". */
static void explain_popped(struct fc__lines *lines, const struct fc__plan *plan) {
    const uint32_t popped = FC__FRAME_STACK(plan->info) * plan->callee->word_bytes;
    if (!plan->calling->pops) {
        return;
    }
    fc__lines_begin(lines, "pops");
    fc__lines_putf(lines, "%" PRIu32 " bytes of arguments, itself", popped);
    fc__lines_end(lines);
    char made[FC__PLAN_NAME_MAX];
    const char *decorated = fc__plan_export(plan, 1, made);
    if (decorated != NULL) {
        fc__lines_begin(lines, "decorated");
        fc__text_quoted(lines, decorated);
        fc__lines_end(lines);
    }
}

static void explain_call(struct fc__lines *lines, const struct fc__plan *plan) {
    fc__lines_begin(lines, "");
    fc__lines_put(lines, plan->name);
    fc__lines_putf(lines, ": from %s (here) to %s (there)", plan->caller->name, plan->callee->name);
    fc__lines_end(lines);
    fc__text_line(lines, "convention", plan->calling->text);
    explain_popped(lines, plan);
    if (plan->symbol != plan->name) {
        fc__text_line(lines, "symbol", plan->symbol);
    }
    explain_frame(lines, plan);
    fc__lines_begin(lines, "short path");
    explain_way(lines, plan);
    fc__lines_end(lines);
    fc__text_line(lines, "errno", "set here if the function sets it to something other than 0, else untouched");
}

static void explain_row(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__plan *row) {
    fc__lines_blank(lines);
    fc__lines_begin(lines, "");
    fc__lines_putf(lines, "then, %sif ", row == plan->rows ? "" : "else ");
    fc__text_size(lines, row, row->when);
    fc__lines_put(lines, row->count == plan->count ? ": nothing" : ":");
    fc__lines_end(lines);
    for (uint32_t i = plan->count; i < row->count; i++) {
        fc__lines_blank(lines);
        explain_argument(lines, row, i);
    }
}

static const char *variable_conversion(const struct fc__shape *shape) {
    const struct fc__shape *element = shape;
    while (element->kind == FC__SHAPE_ARRAY) {
        element = element->element;
    }
    return shape->is_plain                       ? "as it is"
           : element->kind == FC__SHAPE_POINTER  ? "what it points to is copied to this side, and found again"
           : element->kind == FC__SHAPE_FUNCTION ? "a function of the other side has one of this side in its place"
           : element->kind == FC__SHAPE_VALUE    ? NULL
                                                 : "member by member, as their types change";
}

static void explain_variable(struct fc__lines *lines, const struct fc__plan *plan) {
    const struct fc__shape *shape = plan->result_shape;
    fc__lines_begin(lines, "");
    fc__lines_put(lines, plan->name);
    fc__lines_putf(lines, ", a variable: from %s (here) to %s (there)", plan->caller->name, plan->callee->name);
    fc__lines_end(lines);
    if (plan->symbol != plan->name) {
        fc__text_line(lines, "symbol", plan->symbol);
    }
    fc__text_line(lines, "type", shape->type_name);
    fc__lines_begin(lines, "width");
    fc__text_sizes(lines, shape);
    fc__lines_end(lines);
    const char *conversion = variable_conversion(shape);
    const struct fc__shape *element = shape;
    while (element->kind == FC__SHAPE_ARRAY) {
        element = element->element;
    }
    const struct fc__value *value = &element->value;
    fc__lines_begin(lines, conversion != NULL ? "conversion" : "coming out");
    if (conversion != NULL) {
        fc__lines_put(lines, conversion);
    } else {
        fc__text_conversion(lines, value, value->callee_bytes, value->caller_bytes, "and nothing was changed");
        fc__lines_end(lines);
        fc__lines_begin(lines, "going in");
        fc__text_conversion(lines, value, value->caller_bytes, value->callee_bytes, "and nothing was changed");
    }
    fc__lines_end(lines);
    if (!element->is_plain) {
        fc__text_fields(lines, plan, element);
    }
    fc__text_line(lines, "reading", "copied from the library's memory");
    fc__text_line(lines, "writing",
                  plan->is_constant ? "FC_EINVAL: it is declared const"
                                    : "copied to the library's memory; what lies between members "
                                      "stays");
    fc__text_line(lines, "address", "the library's own, which only it looks through where the two sides differ");
    if (plan->is_synced) {
        fc__text_line(lines, "proxy", "brought up to date around the calls of a proxy");
    }
}

size_t fc__plan_text(const struct fc__plan *plan, char *buffer, size_t size) {
    struct fc__lines lines;
    fc__lines_init(&lines, FC__PLAN_TEXT_COLUMNS, buffer, size);
    if (plan->is_variable) {
        explain_variable(&lines, plan);
        fc__text_callbacks(&lines, plan);
        return fc__lines_done(&lines);
    }
    explain_call(&lines, plan);
    for (uint32_t i = 0; i < plan->count; i++) {
        fc__lines_blank(&lines);
        explain_argument(&lines, plan, i);
    }
    if (plan->is_format) {
        explain_rest(&lines, plan);
    }
    for (const struct fc__plan *row = plan->rows; row != NULL; row = row->next_row) {
        explain_row(&lines, plan, row);
    }
    fc__lines_blank(&lines);
    explain_result(&lines, plan);
    fc__text_callbacks(&lines, plan);
    for (const struct fc__plan *row = plan->rows; row != NULL; row = row->next_row) {
        fc__text_callbacks(&lines, row);
    }
    return fc__lines_done(&lines);
}
