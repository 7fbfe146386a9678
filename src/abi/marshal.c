#include "abi/marshal.h"
#include "abi/value.h"

#include "base/checked.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- arguments ------------------------------------------------------------------------------------------------------ */

void fc__marshal_fetch_list(struct fc__marshal *m, va_list *list) {
    const struct fc__fetched *fetches = m->plan->fetches;
    for (uint32_t i = 0; i < m->plan->count; i++) {
        double number;
        float narrow;
        switch (fetches[i].kind) {
        case FC__FETCH_INT:
            m->slots[i] = fc__marshal_int(&fetches[i], va_arg(*list, int));
            break;
        case FC__FETCH_INT64:
            m->slots[i] = va_arg(*list, uint64_t);
            break;
        case FC__FETCH_POINTER:
            m->slots[i] = (uintptr_t)va_arg(*list, void *);
            break;
        case FC__FETCH_FLOAT:
            narrow = (float)va_arg(*list, double);
            m->slots[i] = fc__value_load(&narrow, sizeof narrow, false);
            break;
        case FC__FETCH_DOUBLE:
            number = va_arg(*list, double);
            m->slots[i] = fc__value_load(&number, sizeof number, false);
            break;
        }
    }
}

void fc__marshal_fetch_array(struct fc__marshal *m, void *const *arguments) {
    const struct fc__fetched *fetches = m->plan->fetches;
    for (uint32_t i = 0; i < m->plan->count; i++) {
        m->slots[i] = fc__value_load(arguments[i], fetches[i].bytes, fetches[i].is_signed);
    }
}

static int evaluate(struct fc__marshal *m, const struct fc__expr *expr, int64_t *ret_value) {
    if (expr->kind == FC__EXPR_CONSTANT) {
        *ret_value = expr->value;
        return FC_OK;
    }
    if (expr->kind == FC__EXPR_PARAM || expr->kind == FC__EXPR_DEREF) {
        const struct fc__fetched *fetch = &m->plan->fetches[expr->param];
        uint64_t value = m->slots[expr->param];
        char what[FC__SPOT_TEXT_MAX];
        bool is_signed = fetch->is_signed;
        if (expr->kind == FC__EXPR_DEREF) {
            if (value == 0) {
                return fc__error_set(m->err, FC_EINVAL, "%s of %s is NULL, but a size is read through it",
                                     fc__argument_text(m, expr->param, what), m->plan->name);
            }
            is_signed = fetch->pointee.is_signed;
            value = fc__value_load((const void *)(uintptr_t)value, fetch->pointee.caller_bytes, is_signed);
        }
        if (!is_signed && value > INT64_MAX) {
            return fc__error_set(m->err, FC_ERANGE, "%s of %s, %" PRIu64 ", is too large for a size",
                                 fc__argument_text(m, expr->param, what), m->plan->name, value);
        }
        *ret_value = (int64_t)value;
        return FC_OK;
    }
    int64_t left = 0, right = 0;
    int rc = evaluate(m, expr->left, &left);
    rc = rc == FC_OK ? evaluate(m, expr->right, &right) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    bool ok = expr->kind == FC__EXPR_ADD   ? fc__add_i64(left, right, ret_value)
              : expr->kind == FC__EXPR_SUB ? fc__sub_i64(left, right, ret_value)
              : expr->kind == FC__EXPR_MUL ? fc__mul_i64(left, right, ret_value)
                                           : right != 0 && !(left == INT64_MIN && right == -1);
    if (ok && expr->kind == FC__EXPR_DIV) {
        *ret_value = left / right;
    }
    return ok ? FC_OK
              : fc__error_set(m->err, FC_ERANGE, "a size expression of %s overflows or divides by zero", m->plan->name);
}

int fc__marshal_capacity(struct fc__marshal *m, uint32_t index, uint64_t *ret_count) {
    const struct fc__step *step = &m->plan->steps[index];
    int64_t count = 1;
    int rc = step->capacity != NULL ? evaluate(m, step->capacity, &count) : FC_OK;
    if (rc == FC_OK && count < 0) {
        char what[FC__SPOT_TEXT_MAX];
        rc = fc__error_set(m->err, FC_EINVAL, "the size of %s of %s is %" PRId64, fc__argument_text(m, index, what),
                           m->plan->name, count);
    }
    if (rc == FC_OK) {
        *ret_count = (uint64_t)count;
    }
    return rc;
}

/* The callee's word, so never more than the caller's own capacity. Functions that need more room report it so. */
int fc__marshal_valid(struct fc__marshal *m, uint32_t index, uint64_t capacity, uint64_t *ret_count) {
    const struct fc__step *step = &m->plan->steps[index];
    int64_t valid = 0;
    if (step->valid == NULL) {
        *ret_count = capacity;
        return FC_OK;
    }
    int rc = evaluate(m, step->valid, &valid);
    if (rc == FC_OK) {
        *ret_count = valid < 0 ? 0 : (uint64_t)valid < capacity ? (uint64_t)valid : capacity;
    }
    return rc;
}

/* Memory for the callee to find `size` bytes in: the tail of the first line if only the caller writes them and they
 * fit (the line would bounce between the sides if the callee wrote to it while the caller looks at the turn), else
 * scratch. *ret_local is where to write them now. */
static int place_data(struct fc__marshal *m, uint64_t size, bool callee_writes, uint64_t *ret_callee,
                      unsigned char **ret_local) {
    const unsigned apart = m->plan->points_back; /* the end of one must not be the beginning of another */
    uint32_t at = (m->image_bytes + apart + 7) & ~7u;
    if (!callee_writes && !m->keeps_off_line && size <= FC__FRAME_LINE_BYTES &&
        at + size + apart <= FC__FRAME_LINE_BYTES) {
        memset(m->image + m->image_bytes, 0, at - m->image_bytes); /* the gap is sent, too */
        *ret_callee = m->line + FC__FRAME_WORDS_OFFSET + at;
        *ret_local = m->image + at;
        m->image_bytes = at + (uint32_t)size;
        return FC_OK;
    }
    uint64_t rounded;
    if (!fc__add_u64(size, 15u + (apart != 0 || size == 0 ? 1u : 0u), &rounded)) {
        return fc__error_set(m->err, FC_ENOMEM, "a buffer of %s is too large", m->plan->name);
    }
    rounded &= ~UINT64_C(15);
    unsigned char *memory = m->scratch;
    if (rounded <= (uint64_t)(m->scratch_end - m->scratch)) {
        m->scratch += rounded;
    } else {
        int rc = m->ops->grow(m->context, rounded, &memory);
        if (rc != FC_OK) {
            return rc;
        }
    }
    *ret_callee = (uintptr_t)memory;
    *ret_local = memory;
    return FC_OK;
}

/* No system hands such an address out: it stands in outputs for any pointer that cannot go as it is. */
#define UNWRITTEN_POINTER UINT64_C(0x8000000000000f0c)

/* What goes into an element of an output. The caller's may be anything, and goes along only so that an element which
 * the callee does not write is known by it and keeps its value. False if it cannot: 0 goes then. */
static bool placeholder(struct fc__marshal *m, const struct fc__value *type, const unsigned char *from,
                        uint64_t *ret_value) {
    uint64_t value = fc__value_load(from, type->caller_bytes, type->is_signed), converted = value;
    bool fits = type->kind == FC__VALUE_INTEGER
                    ? fc__value_resize(type, value, type->caller_bytes, type->callee_bytes, &converted)
                    : fc__value_extend(value, type->callee_bytes, false) == value;
    if (!fits && type->kind == FC__VALUE_POINTER) {
        uint32_t narrow = 0;
        fits = m->ops->narrow(m->context, UNWRITTEN_POINTER, &narrow) == FC_OK;
        converted = narrow;
    }
    *ret_value = fits ? fc__value_extend(converted, type->callee_bytes, type->is_signed) : 0;
    return fits;
}

static int elements_to_callee(struct fc__marshal *m, uint32_t index, const unsigned char *from, unsigned char *to,
                              uint64_t count) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__value *type = &step->value;
    struct fc__spot spot = {.what = FC__SPOT_ARGUMENT, .index = index};
    for (; spot.element < count; spot.element++, from += type->caller_bytes, to += type->callee_bytes) {
        uint64_t converted = 0;
        if (step->is_output) {
            placeholder(m, type, from, &converted);
        } else {
            int rc = fc__value_to_callee(m, &spot, type, fc__value_load(from, type->caller_bytes, type->is_signed),
                                         &converted);
            if (rc != FC_OK) {
                return rc;
            }
        }
        fc__marshal_store(to, converted, type->callee_bytes);
    }
    return FC_OK;
}

static int send_buffer(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const struct fc__step *step = &m->plan->steps[index];
    const uint64_t address = m->slots[index];
    *ret_word = 0;
    m->sent[index].callee = 0;
    if (address == 0) {
        return FC_OK;
    }
    uint64_t count = 0;
    int rc = fc__marshal_capacity(m, index, &count);
    if (rc != FC_OK) {
        return rc;
    }
    const unsigned unit_here = step->counts_bytes ? 1 : step->value.caller_bytes;
    const unsigned unit_there = step->counts_bytes ? 1 : step->value.callee_bytes;
    uint64_t bytes_here, bytes_there;
    if (!fc__mul_u64(count, unit_here, &bytes_here) || bytes_here > UINTPTR_MAX ||
        !fc__mul_u64(count, unit_there, &bytes_there)) {
        char what[FC__SPOT_TEXT_MAX];
        return fc__error_set(m->err, FC_ENOMEM, "%s of %s is larger than an address space",
                             fc__argument_text(m, index, what), m->plan->name);
    }
    m->sent[index].count = count;
    m->sent[index].bytes = bytes_there;
    const bool converted = fc__value_is_converted(&step->value);
    m->sent[index].in_place = !converted && m->ops->is_shared(m->context, address, bytes_here);
    if (m->sent[index].in_place) {
        *ret_word = m->sent[index].callee = address;
        return FC_OK;
    }
    unsigned char *local = m->image; /* until it has a place */
    rc = place_data(m, bytes_there, step->writes, &m->sent[index].callee, &local);
    if (rc != FC_OK) {
        return rc;
    }
    *ret_word = m->sent[index].callee;
    if (!step->reads) {
        return FC_OK;
    }
    const unsigned char *from = (const unsigned char *)(uintptr_t)address;
    if (converted) {
        return elements_to_callee(m, index, from, local, count);
    }
    memcpy(local, from, (size_t)bytes_here);
    return FC_OK;
}

static int send_string(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const char *string = (const char *)(uintptr_t)m->slots[index];
    *ret_word = m->sent[index].callee = 0;
    if (string == NULL) {
        return FC_OK;
    }
    if (m->ops->is_shared(m->context, (uintptr_t)string, 1)) { /* and not measured: the callee may be writing to it */
        *ret_word = (uintptr_t)string;
        return FC_OK;
    }
    uint64_t size = (uint64_t)strlen(string) + 1;
    unsigned char *local = m->image; /* until it has a place */
    int rc = place_data(m, size, false, ret_word, &local);
    if (rc == FC_OK) {
        memcpy(local, string, (size_t)size);
        m->sent[index].callee = *ret_word;
        m->sent[index].bytes = size;
    }
    return rc;
}

static int send_function(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const struct fc__step *step = &m->plan->steps[index];
    *ret_word = m->sent[index].callee = 0;
    if (m->slots[index] == 0) {
        return FC_OK;
    }
    if (step->callback == NULL) {
        char what[FC__SPOT_TEXT_MAX];
        return fc__error_set(m->err, FC_EUNSUPPORTED, "%s of %s can only be NULL: %s",
                             fc__argument_text(m, index, what), m->plan->name, step->refused);
    }
    return m->ops->callback(m->context, step->callback, m->slots[index], ret_word);
}

static inline void put_word(struct fc__marshal *m, const struct fc__step *step, uint64_t word) {
    if (m->plan->callee->word_bytes == 8 || (step->kind == FC__STEP_VALUE && step->value.callee_bytes == 8)) {
        memcpy(m->image + step->offset, &word, 8);
    } else {
        uint32_t narrow = (uint32_t)word;
        memcpy(m->image + step->offset, &narrow, 4);
    }
}

int fc__marshal_send(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    m->image_bytes = plan->words_bytes;
    if (plan->is_scalar) {
        for (uint32_t i = 0; i < plan->count; i++) {
            put_word(m, &plan->steps[i], m->slots[i]);
        }
        return FC_OK;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        uint64_t word = 0;
        int rc = FC_OK;
        switch (step->kind) {
        case FC__STEP_VALUE:
            m->sent[i].callee = 0;
            rc = fc__value_to_callee(m, &(struct fc__spot){.what = FC__SPOT_ARGUMENT, .index = i}, &step->value,
                                     m->slots[i], &word);
            break;
        case FC__STEP_STRING:
            rc = send_string(m, i, &word);
            break;
        case FC__STEP_BUFFER:
            rc = send_buffer(m, i, &word);
            break;
        case FC__STEP_FUNCTION:
            rc = send_function(m, i, &word);
            break;
        }
        if (rc != FC_OK) {
            return rc;
        }
        put_word(m, step, word);
    }
    return FC_OK;
}

/* -- results ---------------------------------------------------------------------------------------------------------- */

/* All of them, whichever do not fit; the error is the first one's. */
static int elements_to_caller(struct fc__marshal *m, uint32_t index, const unsigned char *from, unsigned char *to,
                              uint64_t count) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__value *type = &step->value;
    struct fc__spot spot = {.what = FC__SPOT_OUTPUT, .index = index};
    struct fc__error *const err = m->err, later;
    int first = FC_OK;
    for (; spot.element < count; spot.element++, from += type->callee_bytes, to += type->caller_bytes) {
        uint64_t value = fc__value_load(from, type->callee_bytes, type->is_signed), converted = 0;
        if (step->is_output && step->reads && placeholder(m, type, to, &converted) && converted == value) {
            continue; /* not written */
        }
        int rc = fc__value_to_caller(m, &spot, type, value, &converted);
        if (rc == FC_OK) {
            fc__marshal_store(to, converted, type->caller_bytes);
        } else if (first == FC_OK) {
            first = rc;
            m->err = &later;
        }
    }
    m->err = err;
    return first;
}

static int receive_buffer(struct fc__marshal *m, uint32_t index) {
    const struct fc__step *step = &m->plan->steps[index];
    uint64_t count = m->sent[index].count;
    if (m->sent[index].callee == 0 || m->sent[index].in_place) {
        return FC_OK;
    }
    int rc = fc__marshal_valid(m, index, count, &count);
    if (rc != FC_OK) {
        return rc;
    }
    const unsigned char *from = (const unsigned char *)(uintptr_t)m->sent[index].callee;
    unsigned char *to = (unsigned char *)(uintptr_t)m->slots[index];
    if (fc__value_is_converted(&step->value) || (step->value.kind == FC__VALUE_POINTER && m->plan->points_back)) {
        return elements_to_caller(m, index, from, to, count);
    }
    memcpy(to, from, (size_t)(count * (step->counts_bytes ? 1u : step->value.caller_bytes)));
    return FC_OK;
}

static void store_float(const struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const unsigned bytes = m->plan->result.caller_bytes;
    if (FC__FRAME_RESULT(m->plan->info) != FC__FRAME_RESULT_X87) {
        memcpy(ret_result, &answer->value, bytes);
        return;
    }
    long double wide = 0; /* st0 as it is: 64 bits of mantissa, then sign and exponent */
    memcpy(&wide, &answer->value, 8);
    memcpy((unsigned char *)&wide + 8, &answer->second, 2);
    if (bytes == 4) {
        float narrow = (float)wide;
        memcpy(ret_result, &narrow, sizeof narrow);
    } else {
        double number = (double)wide;
        memcpy(ret_result, &number, sizeof number);
    }
}

static int receive_result(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__value *type = &m->plan->result;
    if (m->plan->result_string) {
        const char *string = NULL;
        const uint64_t address =
            fc__value_extend(answer->value, type->callee_bytes, false); /* above it may be anything */
        uint64_t inside;
        int rc = FC_OK;
        if (m->plan->points_back && fc__value_points_into_argument(m, address, &inside)) {
            string = (const char *)(uintptr_t)inside;
        } else if (address != 0) {
            rc = m->ops->string(m->context, address, answer->second, &string);
        }
        if (rc == FC_OK && ret_result != NULL) {
            memcpy(ret_result, &string, sizeof string);
        }
        return rc;
    }
    if (type->kind == FC__VALUE_VOID || ret_result == NULL) {
        return FC_OK;
    }
    if (type->kind == FC__VALUE_FLOAT) {
        store_float(m, answer, ret_result);
        return FC_OK;
    }
    uint64_t value = fc__value_extend(answer->value, type->callee_bytes, type->is_signed), converted = value;
    if (type->is_bool) {
        converted = value != 0;
    } else if (type->kind != FC__VALUE_RAW) {
        int rc = fc__value_to_caller(m, &(struct fc__spot){.what = FC__SPOT_RESULT}, type, value, &converted);
        if (rc != FC_OK) {
            return rc;
        }
    }
    fc__marshal_store(ret_result, converted, type->caller_bytes);
    return FC_OK;
}

int fc__marshal_receive(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__plan *plan = m->plan;
    int first = FC_OK;
    if (!plan->is_scalar) {
        /* Buffers of a length that the callee decides come last: the others hold those lengths. */
        for (int pass = 0; pass < 2; pass++) {
            for (uint32_t i = 0; i < plan->count; i++) {
                const struct fc__step *step = &plan->steps[i];
                if (step->kind == FC__STEP_BUFFER && step->writes && (step->valid == NULL) == (pass == 0)) {
                    int rc = receive_buffer(m, i);
                    first = first == FC_OK ? rc : first;
                }
            }
        }
    }
    int rc = receive_result(m, answer, ret_result);
    return first == FC_OK ? rc : first;
}
