/* client: what a function takes and returns, for programs that build calls at run time. */
#include "client/client.h"

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

enum fc_class fc_parameter_class(const struct fc_function *function, size_t index) {
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
    case FC__STEP_VALUE:
        break;
    }
    return class_of(&step->value);
}

size_t fc_parameter_size(const struct fc_function *function, size_t index) {
    if (index == FC_RESULT) {
        return function->plan->result.caller_bytes;
    }
    return index < function->plan->count ? function->plan->fetches[index].bytes : 0;
}

static bool is_buffer(const struct fc__step *step) {
    return step != NULL && step->kind == FC__STEP_BUFFER;
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
