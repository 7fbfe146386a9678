#include "abi/marshal.h"

#include "base/checked.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- single values ------------------------------------------------------------------------------------------------- */

#define TOP_PAGE (~UINT64_C(4095)) /* sizes from here on keep their distance to the end at every width */

static uint64_t extend(uint64_t value, unsigned bytes, bool is_signed) {
    switch (bytes) {
    case 1:
        return is_signed ? (uint64_t)(int64_t)(int8_t)value : (uint8_t)value;
    case 2:
        return is_signed ? (uint64_t)(int64_t)(int16_t)value : (uint16_t)value;
    case 4:
        return is_signed ? (uint64_t)(int64_t)(int32_t)value : (uint32_t)value;
    default:
        return value;
    }
}

static uint64_t load(const void *from, unsigned bytes, bool is_signed) {
    uint64_t value = 0;
    memcpy(&value, from, bytes); /* little-endian, as all targets are */
    return extend(value, bytes, is_signed);
}

static inline void store(void *to, uint64_t value, unsigned bytes) { fc__marshal_store(to, value, bytes); }

/* An integer of `from` bytes, extended to 64 bits by its type, as one of `to` bytes. False if it does not fit. */
static bool resize(const struct fc__value *type, uint64_t value, unsigned from, unsigned to, uint64_t *ret_value) {
    if (to >= from) {
        /* A narrow size in the top page, such as (size_t)-1, stays there. */
        bool top = type->is_size && from == 4 && value >= (uint32_t)TOP_PAGE;
        *ret_value = top ? value | UINT64_C(0xffffffff00000000) : value;
        return true;
    }
    *ret_value = value;
    return extend(value, to, type->is_signed) == value || (type->is_size && value >= TOP_PAGE);
}

static int does_not_fit(struct fc__marshal *m, const char *what, const char *name, const struct fc__value *type, uint64_t value, unsigned bytes,
                        const char *side, const char *consequence) {
    char number[32];
    snprintf(number, sizeof number, type->is_signed ? "%" PRId64 : "%" PRIu64, value);
    return fc__error_set(m->err, FC_ERANGE, "%s%s%s%s of %s is %s, which does not fit `%s`, %u bits wide in the %s (%s); %s", what,
                         name[0] != '\0' ? " `" : "", name, name[0] != '\0' ? "`" : "", m->plan->name, number, type->type_name, bytes * 8, side,
                         strcmp(side, "callee") == 0 ? m->plan->callee->name : m->plan->caller->name, consequence);
}

static int to_callee(struct fc__marshal *m, const char *name, const struct fc__value *type, uint64_t value, uint64_t *ret_value) {
    if (type->kind == FC__VALUE_POINTER && type->caller_bytes != type->callee_bytes) {
        if (type->caller_bytes < type->callee_bytes) {
            return m->ops->widen(m->context, (uint32_t)value, ret_value);
        }
        uint32_t narrow = 0;
        int rc = m->ops->narrow(m->context, value, &narrow);
        *ret_value = narrow;
        return rc;
    }
    if (type->kind == FC__VALUE_INTEGER && !resize(type, value, type->caller_bytes, type->callee_bytes, ret_value)) {
        return does_not_fit(m, "argument", name, type, value, type->callee_bytes, "callee", "nothing was sent");
    }
    if (type->kind != FC__VALUE_INTEGER) {
        *ret_value = value;
    }
    return FC_OK;
}

static int to_caller(struct fc__marshal *m, const char *what, const char *name, const struct fc__value *type, uint64_t value, uint64_t *ret_value) {
    if (type->kind == FC__VALUE_POINTER && type->caller_bytes != type->callee_bytes) {
        if (type->caller_bytes > type->callee_bytes) {
            return m->ops->widen(m->context, (uint32_t)value, ret_value);
        }
        uint32_t narrow = 0;
        int rc = m->ops->narrow(m->context, value, &narrow);
        *ret_value = narrow;
        return rc;
    }
    if (type->kind == FC__VALUE_INTEGER && !resize(type, value, type->callee_bytes, type->caller_bytes, ret_value)) {
        return does_not_fit(m, what, name, type, value, type->caller_bytes, "caller", "the call was made");
    }
    if (type->kind != FC__VALUE_INTEGER) {
        *ret_value = value;
    }
    return FC_OK;
}

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
            m->slots[i] = load(&narrow, sizeof narrow, false);
            break;
        case FC__FETCH_DOUBLE:
            number = va_arg(*list, double);
            m->slots[i] = load(&number, sizeof number, false);
            break;
        }
    }
}

void fc__marshal_fetch_array(struct fc__marshal *m, void *const *arguments) {
    const struct fc__fetched *fetches = m->plan->fetches;
    for (uint32_t i = 0; i < m->plan->count; i++) {
        m->slots[i] = load(arguments[i], fetches[i].bytes, fetches[i].is_signed);
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
        bool is_signed = fetch->is_signed;
        if (expr->kind == FC__EXPR_DEREF) {
            if (value == 0) {
                return fc__error_set(m->err, FC_EINVAL, "argument `%s` of %s is NULL, but a size is read through it", m->plan->steps[expr->param].name,
                                     m->plan->name);
            }
            is_signed = fetch->pointee.is_signed;
            value = load((const void *)(uintptr_t)value, fetch->pointee.caller_bytes, is_signed);
        }
        if (!is_signed && value > INT64_MAX) {
            return fc__error_set(m->err, FC_ERANGE, "argument `%s` of %s, %" PRIu64 ", is too large for a size", m->plan->steps[expr->param].name,
                                 m->plan->name, value);
        }
        *ret_value = (int64_t)value;
        return FC_OK;
    }
    int64_t left, right;
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
    return ok ? FC_OK : fc__error_set(m->err, FC_ERANGE, "a size expression of %s overflows or divides by zero", m->plan->name);
}

int fc__marshal_capacity(struct fc__marshal *m, uint32_t index, uint64_t *ret_count) {
    const struct fc__step *step = &m->plan->steps[index];
    int64_t count = 1;
    int rc = step->capacity != NULL ? evaluate(m, step->capacity, &count) : FC_OK;
    if (rc == FC_OK && count < 0) {
        rc = fc__error_set(m->err, FC_EINVAL, "the size of argument `%s` of %s is %" PRId64, step->name, m->plan->name, count);
    }
    if (rc == FC_OK) {
        *ret_count = (uint64_t)count;
    }
    return rc;
}

/* The callee's word, so never more than the caller's own capacity. Functions that need more room report it so. */
int fc__marshal_valid(struct fc__marshal *m, uint32_t index, uint64_t capacity, uint64_t *ret_count) {
    const struct fc__step *step = &m->plan->steps[index];
    int64_t valid;
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
static int place_data(struct fc__marshal *m, uint64_t size, bool callee_writes, uint64_t *ret_callee, unsigned char **ret_local) {
    uint32_t at = (m->image_bytes + 7) & ~7u;
    if (!callee_writes && size <= FC__FRAME_LINE_BYTES && at + size <= FC__FRAME_LINE_BYTES) {
        *ret_callee = m->line + FC__FRAME_WORDS_OFFSET + at;
        *ret_local = m->image + at;
        m->image_bytes = at + (uint32_t)size;
        return FC_OK;
    }
    uint64_t rounded;
    if (!fc__add_u64(size + (size == 0), 15, &rounded)) {
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

static int elements_to_callee(struct fc__marshal *m, const struct fc__step *step, const unsigned char *from, unsigned char *to, uint64_t count) {
    const struct fc__value *type = &step->value;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value = load(from + i * type->caller_bytes, type->caller_bytes, type->is_signed);
        uint64_t converted = 0;
        if (step->is_output) {
            /* What is there may be anything; it goes along only so that an unwritten element keeps its value. */
            bool fits = type->kind == FC__VALUE_INTEGER ? resize(type, value, type->caller_bytes, type->callee_bytes, &converted)
                                                        : extend(value, type->callee_bytes, false) == value;
            converted = !fits ? 0 : type->kind == FC__VALUE_INTEGER ? converted : value;
        } else {
            int rc = to_callee(m, step->name, type, value, &converted);
            if (rc != FC_OK) {
                return rc;
            }
        }
        store(to + i * type->callee_bytes, converted, type->callee_bytes);
    }
    return FC_OK;
}

static bool is_converted(const struct fc__value *type) { return type->kind != FC__VALUE_RAW && type->caller_bytes != type->callee_bytes; }

static int send_buffer(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const struct fc__step *step = &m->plan->steps[index];
    const uint64_t address = m->slots[index];
    *ret_word = 0;
    m->sent[index].callee = 0;
    if (address == 0) {
        return FC_OK;
    }
    uint64_t count;
    int rc = fc__marshal_capacity(m, index, &count);
    if (rc != FC_OK) {
        return rc;
    }
    const unsigned unit_here = step->counts_bytes ? 1 : step->value.caller_bytes;
    const unsigned unit_there = step->counts_bytes ? 1 : step->value.callee_bytes;
    uint64_t bytes_here, bytes_there;
    if (!fc__mul_u64(count, unit_here, &bytes_here) || bytes_here > UINTPTR_MAX || !fc__mul_u64(count, unit_there, &bytes_there)) {
        return fc__error_set(m->err, FC_ENOMEM, "argument `%s` of %s is larger than an address space", step->name, m->plan->name);
    }
    m->sent[index].count = count;
    const bool converted = is_converted(&step->value);
    m->sent[index].in_place = !converted && m->ops->is_shared(m->context, address, bytes_here);
    if (m->sent[index].in_place) {
        *ret_word = m->sent[index].callee = address;
        return FC_OK;
    }
    unsigned char *local;
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
        return elements_to_callee(m, step, from, local, count);
    }
    memcpy(local, from, (size_t)bytes_here);
    return FC_OK;
}

static int send_string(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const char *string = (const char *)(uintptr_t)m->slots[index];
    *ret_word = 0;
    if (string == NULL) {
        return FC_OK;
    }
    uint64_t size = (uint64_t)strlen(string) + 1;
    if (m->ops->is_shared(m->context, (uintptr_t)string, size)) {
        *ret_word = (uintptr_t)string;
        return FC_OK;
    }
    unsigned char *local;
    int rc = place_data(m, size, false, ret_word, &local);
    if (rc == FC_OK) {
        memcpy(local, string, (size_t)size);
    }
    return rc;
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
            rc = to_callee(m, step->name, &step->value, m->slots[i], &word);
            break;
        case FC__STEP_STRING:
            rc = send_string(m, i, &word);
            break;
        case FC__STEP_BUFFER:
            rc = send_buffer(m, i, &word);
            break;
        case FC__STEP_NULL_ONLY:
            if (m->slots[i] != 0) {
                rc = fc__error_set(m->err, FC_EUNSUPPORTED, "argument `%s` of %s is a function pointer; only NULL can be passed yet", step->name, plan->name);
            }
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
    const struct fc__value *type = &step->value;
    if (!is_converted(type)) {
        memcpy(to, from, (size_t)(count * (step->counts_bytes ? 1u : type->caller_bytes)));
        return FC_OK;
    }
    int first = FC_OK;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value = load(from + i * type->callee_bytes, type->callee_bytes, type->is_signed), converted = 0;
        rc = first == FC_OK ? to_caller(m, "output", step->name, type, value, &converted)
                 : resize(type, value, type->callee_bytes, type->caller_bytes, &converted) ? FC_OK
                                                                                           : first;
        if (rc == FC_OK) {
            store(to + i * type->caller_bytes, converted, type->caller_bytes);
        } else {
            first = rc;
        }
    }
    return first;
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
        int rc = answer->value != 0 ? m->ops->string(m->context, answer->value, answer->second, &string) : FC_OK;
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
    uint64_t value = extend(answer->value, type->callee_bytes, type->is_signed), converted = value;
    if (type->is_bool) {
        converted = value != 0;
    } else if (type->kind != FC__VALUE_RAW) {
        int rc = to_caller(m, "the result", "", type, value, &converted);
        if (rc != FC_OK) {
            return rc;
        }
    }
    store(ret_result, converted, type->caller_bytes);
    return FC_OK;
}

int fc__marshal_receive(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__plan *plan = m->plan;
    int first = FC_OK;
    if (!plan->is_scalar) {
        /* Single values first: the lengths of buffers are among them. */
        for (int pass = 0; pass < 2; pass++) {
            for (uint32_t i = 0; i < plan->count; i++) {
                const struct fc__step *step = &plan->steps[i];
                if (step->kind == FC__STEP_BUFFER && step->writes && (step->capacity == NULL) == (pass == 0)) {
                    int rc = receive_buffer(m, i);
                    first = first == FC_OK ? rc : first;
                }
            }
        }
    }
    int rc = receive_result(m, answer, ret_result);
    return first == FC_OK ? rc : first;
}
