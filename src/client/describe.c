/* client: what a function takes and returns, for programs that build calls at run time, and for people. */
#include "client/client.h"

#include <string.h>

const char *fc_target_name(size_t index) {
    const struct fc__target *target = index < UINT32_MAX ? fc__target_at((unsigned)index) : NULL;
    return target != NULL ? target->name : NULL;
}

const char *fc_function_name(const struct fc_function *function) {
    return function->plan->name;
}
size_t fc_function_parameter_count(const struct fc_function *function) {
    return function->plan->count;
}

static const struct fc__step *step_at(const struct fc_function *function, size_t index) {
    return index < function->plan->count ? &function->plan->steps[index] : NULL;
}

const char *fc_parameter_name(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return step != NULL ? step->name : "";
}

static enum fc_class class_of(const struct fc__value *value) {
    if (value->kind == FC__VALUE_VOID) {
        return FC_CLASS_VOID;
    }
    if (value->kind == FC__VALUE_POINTER) {
        return FC_CLASS_POINTER;
    }
    return value->is_float    ? FC_CLASS_FLOAT
           : value->is_bool   ? FC_CLASS_BOOL
           : value->is_char   ? FC_CLASS_CHAR
           : value->is_signed ? FC_CLASS_SIGNED
                              : FC_CLASS_UNSIGNED;
}

/* A text of the caller's chars that is another one there. */
static bool is_utf8(const struct fc__pointee *pointee) {
    return pointee->shape != NULL && pointee->shape->text != FC__TEXT_NONE && pointee->shape->size[FC__HERE] == 1;
}

static bool is_buffer(const struct fc__step *step) {
    return step != NULL && (step->kind == FC__STEP_BUFFER ||
                            (step->kind == FC__STEP_OBJECT && step->capacity != NULL && is_utf8(&step->pointee)));
}

static enum fc_class class_of_shape(const struct fc__shape *shape) {
    return shape->kind == FC__SHAPE_VALUE ? class_of(&shape->value) : FC_CLASS_STRUCT;
}

enum fc_class fc_parameter_class(const struct fc_function *function, size_t index) {
    const struct fc__plan *plan = function->plan;
    if (index == FC_RESULT && plan->result_whole) {
        return class_of_shape(plan->result_shape);
    }
    if (index == FC_RESULT && plan->result_points) {
        return is_utf8(&plan->result_pointee) ? FC_CLASS_STRING : FC_CLASS_OBJECT;
    }
    if (index == FC_RESULT && plan->result_function != NULL) {
        return FC_CLASS_CALLBACK;
    }
    if (index == FC_RESULT) {
        return function->plan->result_string ? FC_CLASS_STRING : class_of(&function->plan->result);
    }
    const struct fc__step *step = step_at(function, index);
    if (step == NULL) {
        return FC_CLASS_VOID;
    }
    switch (step->kind) {
    case FC__STEP_STRING:
        return FC_CLASS_STRING;
    case FC__STEP_BUFFER:
        return FC_CLASS_BUFFER;
    case FC__STEP_FUNCTION:
        return FC_CLASS_CALLBACK;
    case FC__STEP_OBJECT:
        return is_buffer(step) ? FC_CLASS_BUFFER
               : is_utf8(&step->pointee) && step->pointee.extent == FC__EXTENT_STRING && !step->pointee.writes
                   ? FC_CLASS_STRING
                   : FC_CLASS_OBJECT;
    case FC__STEP_WHOLE:
        return class_of_shape(step->shape);
    case FC__STEP_VALUE:
        break;
    }
    return class_of(&step->value);
}

size_t fc_parameter_size(const struct fc_function *function, size_t index) {
    const struct fc__plan *plan = function->plan;
    if (index == FC_RESULT) {
        return plan->result_whole ? (size_t)plan->result_shape->size[FC__HERE] : plan->result.caller_bytes;
    }
    if (index < plan->count && plan->steps[index].kind == FC__STEP_WHOLE) {
        return (size_t)plan->steps[index].bytes[FC__HERE];
    }
    return index < plan->count ? plan->fetches[index].bytes : 0;
}

enum fc_class fc_element_class(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return is_buffer(step) ? class_of(&step->value) : FC_CLASS_VOID;
}

size_t fc_element_size(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return is_buffer(step) ? step->value.caller_bytes : 0;
}

int fc_parameter_is_input(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return step != NULL && !(is_buffer(step) && step->is_output);
}

int fc_parameter_is_output(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return is_buffer(step) && step->writes;
}

int fc_parameter_has_size(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return is_buffer(step) && step->capacity != NULL;
}

int fc_parameter_is_utf8(const struct fc_function *function, size_t index) {
    const struct fc__step *step = step_at(function, index);
    return index == FC_RESULT ? function->plan->result_points && is_utf8(&function->plan->result_pointee)
                              : step != NULL && step->kind == FC__STEP_OBJECT && is_utf8(&step->pointee);
}

static int extent(const struct fc_function *function, size_t index, size_t count, void *const *arguments, bool is_after,
                  uint64_t *ret_elements) {
    struct fc__error *err = fc__error_here();
    const struct fc__step *step = step_at(function, index);
    if (!is_buffer(step) || count != function->plan->count) {
        return fc__error_set(err, FC_EINVAL, "%s has no buffer parameter %zu among %zu", function->plan->name, index,
                             count);
    }
    struct fc__marshal marshal;
    marshal.plan = function->plan;
    marshal.err = err;
    marshal.is_answered = marshal.is_deep = false; /* all that it reads is the caller's */
    fc__marshal_fetch_array(&marshal, arguments);
    uint64_t units = 0;
    /* After the call, what the capacity was read from may have changed: the caller of this knows what it was. */
    int rc = is_after && step->valid != NULL ? fc__marshal_valid(&marshal, (uint32_t)index, UINT64_MAX, &units)
                                             : fc__marshal_capacity(&marshal, (uint32_t)index, &units);
    if (rc == FC_OK) {
        const unsigned bytes = step->value.caller_bytes;
        *ret_elements = step->counts_bytes ? units / bytes + (units % bytes != 0) : units;
    }
    return rc;
}

int fc_parameter_capacity(const struct fc_function *function, size_t index, size_t count, void *const *arguments,
                          uint64_t *ret_elements) {
    return extent(function, index, count, arguments, false, ret_elements);
}

int fc_parameter_valid(const struct fc_function *function, size_t index, size_t count, void *const *arguments,
                       uint64_t *ret_elements) {
    return extent(function, index, count, arguments, true, ret_elements);
}

/* -- for people ---------------------------------------------------------------------------------------------------- */

/* The callee's target, without a host that could be asked. */
static int settle_target(const char *library, const struct fc_options *options, const struct fc__target **ret_target,
                         struct fc__error *err) {
    const struct fc__target *wanted =
        options != NULL && options->target != NULL ? fc__target_find(options->target) : NULL;
    const struct fc__target *found = wanted;
    if (library != NULL && strchr(library, '/') != NULL) {
        int rc = fc__explain_target(library, &found, err);
        if (rc != FC_OK) {
            return rc;
        }
    }
    if (found == NULL) {
        return fc__error_set(err, FC_ETARGET,
                             "nothing says which target is meant: set one in the options, such as \"i386-linux\", or "
                             "give the path of the library's file");
    }
    if (wanted != NULL && strcmp(found->host, wanted->host) != 0) {
        return fc__error_set(err, FC_ETARGET, "%s is a library for %s (%u bits), not for %s (%u bits)", library,
                             found->name, found->pointer_bytes * 8u, wanted->name, wanted->pointer_bytes * 8u);
    }
    *ret_target = wanted != NULL ? wanted : found;
    return FC_OK;
}

int fc__describe_plan(const struct fc__plan *plan, char *buffer, size_t size_bytes, size_t *ret_needed_bytes,
                      struct fc__error *err) {
    const size_t needed_bytes = fc__plan_text(plan, NULL, 0) + 1;
    if (size_bytes != 0 && size_bytes < needed_bytes) {
        return fc__error_set(err, FC_EINVAL, "the text on %s takes %zu bytes, and the buffer has %zu", plan->name,
                             needed_bytes, size_bytes);
    }
    if (size_bytes != 0) {
        fc__plan_text(plan, buffer, size_bytes);
    }
    if (ret_needed_bytes != NULL) {
        *ret_needed_bytes = needed_bytes;
    }
    return FC_OK;
}

int fc__describe_other(int rc, const struct fc__error *other, struct fc__error *err) {
    if (rc == FC_EPARSE) { /* no variable either */
        return err->code;
    }
    if (rc != FC_OK) {
        *err = *other;
    }
    return rc;
}

int fc_explain(const char *library, const struct fc_options *options, const char *prototype, char *buffer,
               size_t size_bytes, size_t *ret_needed_bytes) {
    struct fc__error *err = fc__error_here();
    if (prototype == NULL || (buffer == NULL && size_bytes != 0)) {
        return fc__error_set(err, FC_EINVAL, "fc_explain needs a prototype, and a buffer if it has a size");
    }
    const struct fc__target *callee = NULL;
    struct fc__plan *plan = NULL;
    struct fc__error other;
    int rc = settle_target(library, options, &callee, err);
    rc = rc == FC_OK ? fc__text_plan(callee, prototype, NULL, &plan, err) : rc;
    if (rc == FC_EPARSE) {
        rc = fc__describe_other(fc__text_plan(callee, prototype, fc__plan_variable, &plan, &other), &other, err);
    }
    if (rc == FC_OK) {
        rc = fc__describe_plan(plan, buffer, size_bytes, ret_needed_bytes, err);
    }
    fc__plan_free(plan);
    return rc;
}
