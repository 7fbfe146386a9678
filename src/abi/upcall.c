/* abi: upcalls. */
#include "abi/upcall.h"

#include "abi/value.h"

#include <inttypes.h>

/* A frame of this process's own, as fc__frame_invoke takes it. */
struct native_frame {
    _Alignas(16) unsigned char bytes[FC__FRAME_WORDS_OFFSET + FC__FRAME_WORDS_BYTES_MAX + 64];
};

static uint64_t argument_of(const struct fc__plan *there, uint32_t index, const unsigned char *words) {
    const struct fc__step *step = &there->steps[index];
    const bool is_value = step->kind == FC__STEP_VALUE;
    return fc__value_load(words + step->offset, is_value ? step->value.callee_bytes : there->callee->pointer_bytes,
                          is_value && step->value.is_signed);
}

/* A buffer of the callee: in place if both sides see it there, else a copy. */
static int take_buffer(struct fc__upcall *u, uint32_t index, uint64_t address) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__step *step = &m->plan->steps[index];
    uint64_t count = 0, size = 0;
    m->slots[index] = m->sent[index].callee = 0;
    if (address == 0) {
        return FC_OK;
    }
    int rc = fc__marshal_capacity(m, index, &count);
    if (rc != FC_OK) {
        return rc;
    }
    if (__builtin_mul_overflow(count, step->counts_bytes ? 1u : step->value.caller_bytes, &size) ||
        size > UINTPTR_MAX) {
        char what[FC__SPOT_TEXT_MAX];
        return fc__error_set(m->err, FC_EINVAL, "%s of %s is larger than an address space",
                             fc__argument_text(m, index, what), m->plan->name);
    }
    m->slots[index] = address;
    if (m->ops->is_shared(m->context, address, size)) {
        return FC_OK;
    }
    void *copy = NULL;
    rc = u->ops->fetch(m->context, address, size, &copy);
    if (rc == FC_OK) {
        m->slots[index] = (uintptr_t)copy;
        m->sent[index].callee = address;
        m->sent[index].bytes = size;
    }
    return rc;
}

static bool needs_another(const struct fc__expr *size) {
    return size != NULL && (size->kind == FC__EXPR_DEREF || needs_another(size->left) || needs_another(size->right));
}

static int take_text(struct fc__upcall *u, uint32_t index, uint64_t address) {
    struct fc__marshal *m = &u->marshal;
    const char *text = NULL;
    int rc = address != 0 ? u->ops->text(m->context, address, &text) : FC_OK;
    m->slots[index] = (uintptr_t)text;
    return rc;
}

static int take_value(struct fc__upcall *u, uint32_t index, uint64_t value) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__step *step = &m->plan->steps[index];
    struct fc__spot spot = {.what = FC__SPOT_OUTPUT, .index = index};
    m->slots[index] = m->sent[index].callee = 0;
    if (step->kind == FC__STEP_STRING) {
        return take_text(u, index, value);
    }
    return step->kind == FC__STEP_VALUE ? fc__value_to_caller(m, &spot, &step->value, value, &m->slots[index]) : FC_OK;
}

/* The sizes of buffers are read from values, and some from other buffers. */
static int take_arguments(struct fc__upcall *u, const unsigned char *words) {
    const struct fc__plan *there = u->marshal.plan;
    int rc = FC_OK;
    for (uint32_t i = 0; rc == FC_OK && i < there->count; i++) {
        rc = take_value(u, i, argument_of(there, i, words));
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; rc == FC_OK && i < there->count; i++) {
            const struct fc__step *step = &there->steps[i];
            if (step->kind == FC__STEP_BUFFER && needs_another(step->capacity) == (pass == 1)) {
                rc = take_buffer(u, i, argument_of(there, i, words));
            }
        }
    }
    return rc;
}

static int give_buffers_back(struct fc__upcall *u) {
    struct fc__marshal *m = &u->marshal;
    int rc = FC_OK;
    for (uint32_t i = 0; rc == FC_OK && i < m->plan->count; i++) {
        if (m->sent[i].callee != 0 && m->plan->steps[i].writes) {
            rc = u->ops->give_back(m->context, m->sent[i].callee, m->sent[i].bytes, (void *)(uintptr_t)m->slots[i]);
        }
    }
    return rc;
}

static void put_native(const struct fc__plan *here, const uint64_t *slots, struct native_frame *frame) {
    for (uint32_t i = 0; i < here->count; i++) {
        const struct fc__step *step = &here->steps[i];
        const bool is_wide =
            here->callee->word_bytes == 8 || (step->kind == FC__STEP_VALUE && step->value.callee_bytes == 8);
        fc__marshal_store(frame->bytes + FC__FRAME_WORDS_OFFSET + step->offset, slots[i], is_wide ? 8 : 4);
    }
}

static long double from_x87(const uint64_t results[2]) {
    long double wide = 0; /* 64 bits of mantissa, then sign and exponent */
    memcpy(&wide, &results[0], 8);
    memcpy((unsigned char *)&wide + 8, &results[1], 2);
    return wide;
}

/* A float or double as the functions of a target return it, and back. */
static double read_float(uint32_t info, unsigned bytes, const uint64_t results[2]) {
    if (FC__FRAME_RESULT(info) == FC__FRAME_RESULT_X87) {
        return (double)from_x87(results);
    }
    if (bytes == 4) {
        float narrow;
        memcpy(&narrow, results, sizeof narrow);
        return narrow;
    }
    double number;
    memcpy(&number, results, sizeof number);
    return number;
}

static void write_float(uint32_t info, unsigned bytes, double number, struct fc__answer *ret_answer) {
    *ret_answer = (struct fc__answer){0};
    if (FC__FRAME_RESULT(info) == FC__FRAME_RESULT_X87) {
        const long double wide = number;
        memcpy(&ret_answer->value, &wide, 8);
        memcpy(&ret_answer->second, (const unsigned char *)&wide + 8, 2);
    } else if (bytes == 4) {
        const float narrow = (float)number;
        memcpy(&ret_answer->value, &narrow, sizeof narrow);
    } else {
        memcpy(&ret_answer->value, &number, sizeof number);
    }
}

static int give_result(struct fc__upcall *u, const uint64_t results[2], struct fc__answer *ret_answer) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__value *type = &m->plan->result;
    if (type->kind == FC__VALUE_VOID) {
        return FC_OK;
    }
    if (type->kind == FC__VALUE_FLOAT) {
        write_float(m->plan->info, type->callee_bytes, read_float(u->callback->here->info, type->caller_bytes, results),
                    ret_answer);
        return FC_OK;
    }
    const uint64_t value = fc__value_extend(results[0], type->caller_bytes, type->is_signed);
    struct fc__spot spot = {.what = FC__SPOT_RETURNED};
    return fc__value_to_callee(m, &spot, type, type->is_bool ? value != 0 : value, &ret_answer->value);
}

static int invoke(const struct fc__upcall *u, struct native_frame *frame, uint64_t results[2]) {
    memcpy(frame->bytes + FC__FRAME_TARGET_OFFSET, &u->function, sizeof u->function);
    u->ops->enter(u->marshal.context);
    fc__frame_invoke(frame->bytes, u->callback->here->info, results);
    return u->ops->leave(u->marshal.context);
}

/* Nothing but values that are the same on both sides, and a result that is. */
static bool is_plain(const struct fc__plan *there) {
    return there->is_scalar && (there->result.kind == FC__VALUE_VOID || there->result.kind == FC__VALUE_RAW) &&
           !there->result.is_bool;
}

/* The short way, without a marshal. */
static int run_plain(const struct fc__upcall *u, const unsigned char *words, struct fc__answer *ret_answer) {
    const struct fc__plan *there = u->callback->there, *here = u->callback->here;
    struct native_frame frame;
    uint64_t results[2];
    for (uint32_t i = 0; i < there->count; i++) {
        const struct fc__step *from = &there->steps[i], *to = &here->steps[i];
        const bool is_wide = here->callee->word_bytes == 8 || to->value.callee_bytes == 8;
        const uint64_t value = fc__value_load(words + from->offset, from->value.callee_bytes, from->value.is_signed);
        fc__marshal_store(frame.bytes + FC__FRAME_WORDS_OFFSET + to->offset, value, is_wide ? 8 : 4);
    }
    int rc = invoke(u, &frame, results);
    if (rc == FC_OK) {
        ret_answer->value = fc__value_extend(results[0], there->result.caller_bytes, there->result.is_signed);
    }
    return rc;
}

static int run(struct fc__upcall *u, const unsigned char *words, struct fc__answer *ret_answer) {
    struct native_frame frame;
    uint64_t results[2] = {0, 0};
    int rc = take_arguments(u, words);
    if (rc != FC_OK) {
        return rc;
    }
    put_native(u->callback->here, u->marshal.slots, &frame);
    rc = invoke(u, &frame, results);
    rc = rc == FC_OK ? give_buffers_back(u) : rc;
    return rc == FC_OK ? give_result(u, results, ret_answer) : rc;
}

int fc__upcall_run(struct fc__upcall *u, const unsigned char *words, struct fc__answer *ret_answer) {
    *ret_answer = (struct fc__answer){0};
    u->marshal.plan = u->callback->there;
    int rc = is_plain(u->callback->there) ? run_plain(u, words, ret_answer) : run(u, words, ret_answer);
    if (rc != FC_OK) {
        *ret_answer = (struct fc__answer){0};
    }
    return rc;
}
