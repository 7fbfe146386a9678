/* abi: a plan in words: the functions of the caller's that the callee calls. It says what upcall does with them, and so
 * changes with it. */
#include "abi/plan_text.h"

#include <inttypes.h>
#include <stdio.h>

/* More are counted only: tables of functions that lead to others. */
enum { SHOWN_MAX = 64 };

static void put_conversion(struct fc__lines *lines, const struct fc__value *value, unsigned from, unsigned to) {
    if (value->is_bool) {
        fc__lines_put(lines, "anything but 0 is true");
    } else if (value->kind == FC__VALUE_FLOAT) {
        fc__lines_put(lines, "as it is");
    } else {
        fc__text_conversion(lines, value, from, to, "and the call fails");
    }
}

static void put_whole(struct fc__lines *lines, const struct fc__shape *shape) {
    fc__text_sizes(lines, shape);
    fc__lines_put(lines, shape->is_plain ? ": as it is" : ": member by member, as their types change");
}

static void put_pointer(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step,
                        bool is_copied) {
    const struct fc__pointee *pointee = &step->pointee;
    const bool is_same = pointee->shape->is_plain;
    fc__lines_put(lines, "points to ");
    fc__text_pointee(lines, plan, pointee);
    if (is_copied) {
        fc__lines_put(lines, "; copied to this side");
        return;
    }
    fc__lines_put(lines, "; the caller's own if the call was given it, ");
    fc__lines_putf(lines, "%selse copied to this side", is_same ? "in place where both sides see it, " : "");
    if (fc__callback_is_gathered(plan, step)) {
        fc__lines_putf(lines, " (up to %u bytes: with the upcall)", FC__FRAME_GATHERED_BYTES);
    }
    if (!is_same) {
        fc__lines_put(lines, " with what its pointers lead to");
    }
    if (pointee->writes) {
        fc__lines_put(lines, ", and what the function changes is copied back");
    }
}

static void put_function(struct fc__lines *lines, const struct fc__callback *callback, bool is_result) {
    if (callback->refused != NULL) {
        fc__lines_put(lines, "only NULL can be passed: ");
        fc__lines_put(lines, callback->refused);
    } else if (is_result) {
        fc__lines_put(lines, "a function of the callee takes its place, which calls the caller's");
    } else {
        fc__lines_put(lines, callback->is_callable ? "a function of this side that calls the library's"
                                                   : "a number that is the function again when it is passed back");
    }
}

static const char *direction(const struct fc__step *step) {
    const bool is_data =
        step->kind == FC__STEP_STRING || step->kind == FC__STEP_BUFFER || step->kind == FC__STEP_OBJECT;
    return !is_data || !step->pointee.writes ? "in" : step->pointee.is_output ? "out" : "in and out";
}

static void explain_argument(struct fc__lines *lines, const struct fc__plan *there, uint32_t index) {
    const struct fc__step *step = &there->steps[index];
    const struct fc__value *value = &step->value;
    char label[32];
    snprintf(label, sizeof label, "argument %" PRIu32, index + 1);
    fc__lines_begin(lines, label);
    if (step->name[0] != '\0') {
        fc__text_quoted(lines, step->name);
        fc__lines_put(lines, ", ");
    }
    fc__lines_putf(lines, "%s: ", direction(step));
    fc__lines_put(lines, there->types[index]);
    fc__lines_put(lines, ", ");
    switch (step->kind) {
    case FC__STEP_VALUE:
        fc__text_widths(lines, value, true);
        fc__lines_put(lines, ": ");
        put_conversion(lines, value, value->callee_bytes, value->caller_bytes);
        break;
    case FC__STEP_WHOLE:
        put_whole(lines, step->shape);
        break;
    case FC__STEP_FUNCTION:
        put_function(lines, step->callback, false);
        break;
    default:
        put_pointer(lines, there, step, there->is_format && index == there->format_index);
        break;
    }
    fc__lines_end(lines);
}

static void explain_result(struct fc__lines *lines, const struct fc__plan *there) {
    const struct fc__value *value = &there->result;
    fc__lines_begin(lines, "result");
    fc__lines_put(lines, there->types[there->count]);
    if (there->result_whole) {
        fc__lines_put(lines, ", ");
        put_whole(lines, there->result_shape);
    } else if (there->result_function != NULL) {
        fc__lines_put(lines, ", ");
        put_function(lines, there->result_function, true);
    } else if (there->result_string || there->result_points) {
        fc__lines_put(lines, ", points to ");
        fc__text_pointee(lines, there, &there->result_pointee);
        fc__lines_put(lines, "; what the library does not see is copied to memory of its own");
    } else if (value->kind != FC__VALUE_VOID) {
        fc__lines_put(lines, ", ");
        fc__text_widths(lines, value, false);
        fc__lines_put(lines, ": ");
        put_conversion(lines, value, value->caller_bytes, value->callee_bytes);
    }
    fc__lines_end(lines);
}

static void explain_life(struct fc__lines *lines, const struct fc__callback *callback) {
    fc__lines_begin(lines, "life");
    if (callback->is_once) {
        fc__lines_put(lines, "until it has been called, once for each time that it is passed");
    } else if (callback->until != NULL) {
        fc__lines_put(lines, "until ");
        fc__text_quoted(lines, callback->until);
    } else {
        fc__lines_put(lines, "until the session is closed");
    }
    fc__lines_end(lines);
}

static void explain_callback(struct fc__lines *lines, const struct fc__callback *callback) {
    const struct fc__plan *there = callback->there;
    fc__lines_blank(lines);
    fc__lines_begin(lines, "");
    fc__lines_put(lines, there->name);
    fc__lines_put(lines, ", if the library calls it:");
    fc__lines_end(lines);
    explain_life(lines, callback);
    for (uint32_t i = 0; i < there->count; i++) {
        explain_argument(lines, there, i);
    }
    if (there->is_format) {
        fc__lines_begin(lines, there->takes_list ? "va_list" : "then");
        fc__text_format(lines, there);
        fc__text_line(
            lines, "conversion",
            "each as an argument of the type that its conversion takes, strings and the format copied to this "
            "side; with another one it is not called, and the call fails");
    }
    explain_result(lines, there);
}

/* Of those that were met while the plan was made, the latest comes first. */
void fc__text_callbacks(struct fc__lines *lines, const struct fc__plan *plan) {
    const struct fc__callback *const latest = plan->shapes != NULL ? plan->shapes->callbacks : NULL;
    uint32_t count = 0;
    for (const struct fc__callback *callback = latest; callback != NULL; callback = callback->next) {
        count += callback->refused == NULL && callback->there != NULL;
    }
    const uint32_t shown = count < SHOWN_MAX ? count : SHOWN_MAX;
    for (uint32_t i = 0; i < shown; i++) {
        const struct fc__callback *callback = latest;
        for (uint32_t at = count; callback != NULL; callback = callback->next) {
            at -= callback->refused == NULL && callback->there != NULL;
            if (at == i) {
                break;
            }
        }
        explain_callback(lines, callback);
    }
    if (count > shown) {
        fc__lines_blank(lines);
        fc__lines_begin(lines, "");
        fc__lines_putf(lines, "and %" PRIu32 " more functions that the library may call", count - shown);
        fc__lines_end(lines);
    }
}
