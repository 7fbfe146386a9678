/* abi: single values on their way between the sides. */
#include "abi/value.h"

#include <inttypes.h>
#include <stdio.h>

/* "argument `count`", "element 3 of output `values`"; by its number where the prototype gives no name. */
const char *fc__spot_text(const struct fc__marshal *m, const struct fc__spot *spot, char *text) {
    const bool is_argument = spot->what == FC__SPOT_ARGUMENT || spot->what == FC__SPOT_OUTPUT;
    const struct fc__step *step = is_argument && spot->index < m->plan->count ? &m->plan->steps[spot->index] : NULL;
    const char *what = spot->what == FC__SPOT_OUTPUT ? "output" : "argument";
    int used = 0;
    if (spot->field != NULL) {
        used = snprintf(text, FC__SPOT_TEXT_MAX, "member `%.60s` of ", spot->field);
    }
    if (step == NULL) {
        snprintf(text + used, FC__SPOT_TEXT_MAX - (size_t)used, "%s",
                 m->plan->is_variable              ? "the value"
                 : spot->what == FC__SPOT_RETURNED ? "what the caller's function returned from an upcall"
                                                   : "the result");
        return text;
    }
    if (!spot->is_inner && step->kind == FC__STEP_BUFFER && step->capacity != NULL && spot->element != UINT64_MAX) {
        used = snprintf(text, FC__SPOT_TEXT_MAX, "element %" PRIu64 " of ", spot->element);
    }
    if (step->name[0] != '\0') {
        snprintf(text + used, FC__SPOT_TEXT_MAX - (size_t)used, "%s `%.*s`", what, FC__SPOT_NAME_SHOWN, step->name);
    } else {
        snprintf(text + used, FC__SPOT_TEXT_MAX - (size_t)used, "%s %" PRIu32, what, spot->index + 1);
    }
    return text;
}

const char *fc__argument_text(const struct fc__marshal *m, uint32_t index, char *text) {
    return fc__spot_text(m, &(struct fc__spot){.what = FC__SPOT_ARGUMENT, .index = index, .element = UINT64_MAX}, text);
}

const char *fc__spot_outcome(const struct fc__marshal *m, const struct fc__spot *spot) {
    return m->plan->is_variable              ? "nothing was changed"
           : spot->what == FC__SPOT_ARGUMENT ? "nothing was sent"
                                             : "the call was made";
}

static int does_not_fit(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        const char *number) {
    const bool to_callee = spot->what == FC__SPOT_ARGUMENT || spot->what == FC__SPOT_RETURNED;
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_ERANGE, "%s of %s is %s, which does not fit `%s`, %u bits wide in the %s (%s); %s",
                         fc__spot_text(m, spot, what), m->plan->name, number, type->type_name,
                         (to_callee ? type->callee_bytes : type->caller_bytes) * 8u, to_callee ? "callee" : "caller",
                         to_callee ? m->plan->callee->name : m->plan->caller->name, fc__spot_outcome(m, spot));
}

static int integer_does_not_fit(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                                uint64_t value) {
    char number[32];
    snprintf(number, sizeof number, type->is_signed ? "%" PRId64 : "%" PRIu64, value);
    return does_not_fit(m, spot, type, number);
}

/* Its address may be another thing's by now. */
static int is_gone(struct fc__marshal *m, const struct fc__spot *spot, uint64_t pointer) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EINVAL,
                         "%s of %s is 0x%" PRIx64 ", memory that the library allocated in a host that died. It is gone "
                         "with that host, and the present one must not be given it; have the library make it anew",
                         fc__spot_text(m, spot, what), m->plan->name, pointer);
}

static int wrong_size(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                      uint64_t value) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EINVAL, "%s of %s is %" PRIu64 ", but has to be %" PRIu64 ", as `%.100s` says",
                         fc__spot_text(m, spot, what), m->plan->name, value, type->exchange->here,
                         type->exchange->text);
}

static uint64_t low_bytes(uint64_t value, unsigned bytes) {
    return bytes < 8 ? value & ((UINT64_C(1) << bytes * 8) - 1) : value;
}

/* True if it was another number there, or is an error. */
static bool exchange_to_callee(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                               uint64_t value, uint64_t *ret_value, int *ret_rc) {
    const struct fc__exchange *exchange = type->exchange;
    *ret_rc = FC_OK;
    if (exchange->kind == FC__EXCHANGE_SIZEOF && value != exchange->here) {
        *ret_rc = wrong_size(m, spot, type, value);
        return true;
    }
    if (exchange->kind == FC__EXCHANGE_BITS) {
        *ret_value = low_bytes(value, type->callee_bytes);
        return type->callee_bytes < type->caller_bytes;
    }
    if (exchange->kind == FC__EXCHANGE_REPLACE && value != exchange->here) {
        return false;
    }
    *ret_value = exchange->there;
    return true;
}

/* A copy that a function of the caller's was given, which passes it on: it is the library's own. */
static uint64_t of_outer(const struct fc__marshal *m, uint64_t pointer) {
    for (uint32_t i = m->is_upcall ? m->objects->count : m->first_object; i > 0; i--) {
        const struct fc__object *object = &m->objects->list[i - 1];
        if (object->is_theirs && object->here == pointer && pointer != 0) {
            return object->there;
        }
    }
    return pointer;
}

/* What a function frees is the memory itself, whatever stands for an object that lay in it. */
static bool is_freed(const struct fc__marshal *m, const struct fc__spot *spot, uint64_t pointer) {
    return m->plan->ends && spot->what == FC__SPOT_ARGUMENT && !spot->is_inner && m->ops->is_allocated != NULL &&
           m->ops->is_allocated(m->context, pointer);
}

int fc__value_to_callee(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        uint64_t value, uint64_t *ret_value) {
    int rc = FC_OK;
    if (__builtin_expect(type->exchange != NULL, 0) && exchange_to_callee(m, spot, type, value, ret_value, &rc)) {
        return rc;
    }
    if (type->kind == FC__VALUE_POINTER && m->ops->stand_in != NULL && !is_freed(m, spot, value)) {
        value = of_outer(m, value);
        rc = m->ops->stand_in(m->context, FC__HERE, value, &value);
        if (rc != FC_OK) {
            return rc;
        }
    }
    if (type->kind == FC__VALUE_POINTER && m->ops->is_dead != NULL && m->ops->is_dead(m->context, value)) {
        return is_gone(m, spot, value);
    }
    if (type->kind == FC__VALUE_POINTER && type->caller_bytes != type->callee_bytes) {
        if (type->caller_bytes < type->callee_bytes) {
            return m->ops->widen(m->context, (uint32_t)value, ret_value);
        }
        uint32_t narrow = 0;
        rc = m->ops->narrow(m->context, value, &narrow);
        *ret_value = narrow;
        return rc;
    }
    if (type->kind == FC__VALUE_INTEGER &&
        !fc__value_resize(type, value, type->caller_bytes, type->callee_bytes, ret_value)) {
        return integer_does_not_fit(m, spot, type, value);
    }
    if (type->kind != FC__VALUE_INTEGER) {
        *ret_value = value;
    }
    return FC_OK;
}

/* A pointer to or just behind what an argument points to, as the caller has it: that argument plus the offset. No two
 * of them meet (fc__marshal_place). */
bool fc__value_points_into_argument(const struct fc__marshal *m, uint64_t pointer, uint64_t *ret_pointer) {
    if (m->is_deep) {
        return pointer != 0 && fc__object_find(m, FC__THERE, pointer, ret_pointer);
    }
    for (uint32_t i = 0; i < m->plan->count; i++) {
        const struct fc__step *step = &m->plan->steps[i];
        uint64_t offset = pointer - m->sent[i].callee;
        if (m->sent[i].callee == 0 || offset > m->sent[i].bytes) {
            continue;
        }
        if (step->kind == FC__STEP_BUFFER && fc__value_is_converted(&step->value)) {
            offset = offset / step->value.callee_bytes * step->value.caller_bytes;
        }
        *ret_pointer = m->slots[i] + offset;
        return true;
    }
    return false;
}

int fc__value_to_caller(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        uint64_t value, uint64_t *ret_value) {
    const struct fc__exchange *const exchange = type->exchange;
    if (__builtin_expect(exchange != NULL, 0) && exchange->kind == FC__EXCHANGE_BITS &&
        type->caller_bytes < type->callee_bytes) {
        *ret_value = low_bytes(value, type->caller_bytes);
        return FC_OK;
    }
    if (__builtin_expect(exchange != NULL, 0) &&
        (exchange->kind == FC__EXCHANGE_SIZEOF || exchange->kind == FC__EXCHANGE_REPLACE) && value == exchange->there) {
        *ret_value = exchange->here;
        return FC_OK;
    }
    if (type->kind == FC__VALUE_POINTER && (m->plan->points_back || m->is_deep) &&
        fc__value_points_into_argument(m, value, ret_value)) {
        return FC_OK;
    }
    if (type->kind == FC__VALUE_POINTER && m->ops->stand_in != NULL) {
        uint64_t here = value;
        int rc = m->ops->stand_in(m->context, FC__THERE, value, &here);
        if (rc != FC_OK || here != value) {
            *ret_value = here;
            return rc;
        }
    }
    if (type->kind == FC__VALUE_POINTER && type->caller_bytes != type->callee_bytes) {
        if (type->caller_bytes > type->callee_bytes) {
            return m->ops->widen(m->context, (uint32_t)value, ret_value);
        }
        uint32_t narrow = 0;
        int rc = m->ops->narrow(m->context, value, &narrow);
        *ret_value = narrow;
        return rc;
    }
    if (type->kind == FC__VALUE_INTEGER &&
        !fc__value_resize(type, value, type->callee_bytes, type->caller_bytes, ret_value)) {
        return integer_does_not_fit(m, spot, type, value);
    }
    if (type->kind != FC__VALUE_INTEGER) {
        *ret_value = value;
    }
    return FC_OK;
}

/* No system hands such an address out: it stands in outputs for any pointer that cannot go as it is. */
#define UNWRITTEN_POINTER UINT64_C(0x8000000000000f0c)

uint64_t fc__value_placeholder(struct fc__marshal *m, const struct fc__value *type, const unsigned char *from) {
    uint64_t value = fc__value_load(from, type->caller_bytes, type->is_signed), converted = value;
    bool fits = type->kind == FC__VALUE_INTEGER
                    ? fc__value_resize(type, value, type->caller_bytes, type->callee_bytes, &converted)
                    : fc__value_extend(value, type->callee_bytes, false) == value;
    if (!fits && type->kind == FC__VALUE_POINTER) {
        uint32_t narrow = 0;
        fits = m->ops->narrow(m->context, UNWRITTEN_POINTER, &narrow) == FC_OK;
        converted = narrow;
    }
    return fc__value_extend(fits ? converted : FC__VALUE_UNWRITTEN, type->callee_bytes, type->is_signed);
}

bool fc__value_is_unwritten(const struct fc__value *type, uint64_t value) {
    return type->kind == FC__VALUE_INTEGER &&
           value == fc__value_extend(FC__VALUE_UNWRITTEN, type->callee_bytes, type->is_signed);
}

bool fc__value_long_double(const unsigned char *from, uint64_t from_bytes, unsigned char *to, uint64_t to_bytes) {
    enum { SIGNIFICANT = 10 };
    if (from_bytes > 8 && to_bytes > 8) {
        memset(to + SIGNIFICANT, 0, (size_t)to_bytes - SIGNIFICANT);
        memcpy(to, from, SIGNIFICANT);
        return true;
    }
    long double wide = 0;
    float narrow;
    double number;
    if (from_bytes > 8) {
        memcpy(&wide, from, SIGNIFICANT);
        number = (double)wide;
        narrow = (float)wide;
        memcpy(to, to_bytes == sizeof narrow ? (void *)&narrow : (void *)&number, (size_t)to_bytes);
        return __builtin_isinf(wide) || !__builtin_isinf(number);
    }
    memcpy(from_bytes == sizeof narrow ? (void *)&narrow : (void *)&number, from, (size_t)from_bytes);
    wide = from_bytes == sizeof narrow ? (long double)narrow : (long double)number;
    memcpy(to, &wide, SIGNIFICANT);
    memset(to + SIGNIFICANT, 0, (size_t)to_bytes - SIGNIFICANT);
    return true;
}

int fc__value_too_large(struct fc__marshal *m, const struct fc__spot *spot, const struct fc__value *type,
                        const unsigned char *from) {
    char number[32];
    long double wide = 0;
    memcpy(&wide, from, 10);
    snprintf(number, sizeof number, "%Lg", wide);
    return does_not_fit(m, spot, type, number);
}
