#include "abi/marshal.h"

#include "abi/list.h"
#include "abi/value.h"

#include "base/checked.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* -- arguments ----------------------------------------------------------------------------------------------------- */

int fc__marshal_place(struct fc__marshal *m, uint64_t size, bool callee_writes, uint64_t *ret_callee,
                      unsigned char **ret_local) {
    const unsigned apart = m->plan->points_back || m->is_deep; /* the end of one must not be the beginning of another */
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

static int elements_to_callee(struct fc__marshal *m, uint32_t index, const unsigned char *from, unsigned char *to,
                              uint64_t count) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__value *type = &step->value;
    struct fc__spot spot = {.what = FC__SPOT_ARGUMENT, .index = index};
    for (; spot.element < count; spot.element++, from += type->caller_bytes, to += type->callee_bytes) {
        uint64_t converted = 0;
        if (step->is_output) {
            fc__value_placeholder(m, type, from, &converted);
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

/* Two pointers to one object, or to parts of it: then it has to be one object there. */
enum { FC__MET = 1 };
static bool meets_another(struct fc__marshal *m, uint32_t index, uint64_t bytes) {
    m->here_bytes[index] = bytes;
    for (uint32_t i = 0; i < index; i++) {
        const struct fc__step *step = &m->plan->steps[i];
        const uint64_t from = m->slots[i], apart = m->slots[index] - from;
        if ((step->kind == FC__STEP_BUFFER || step->kind == FC__STEP_STRING) && from != 0 && m->sent[i].callee != 0 &&
            (apart < m->here_bytes[i] || from - m->slots[index] < bytes)) {
            return true;
        }
    }
    return false;
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
    if (m->plan->may_alias && meets_another(m, index, bytes_here)) {
        return FC__MET;
    }
    const bool converted = fc__value_is_converted(&step->value);
    m->sent[index].in_place = !converted && m->ops->is_shared(m->context, address, bytes_here);
    if (m->sent[index].in_place) {
        *ret_word = m->sent[index].callee = address;
        return FC_OK;
    }
    unsigned char *local = m->image; /* until it has a place */
    rc = fc__marshal_place(m, bytes_there, step->writes, &m->sent[index].callee, &local);
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
    if (m->plan->may_alias && meets_another(m, index, size)) {
        return FC__MET;
    }
    unsigned char *local = m->image; /* until it has a place */
    int rc = fc__marshal_place(m, size, false, ret_word, &local);
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
    if (!fc__marshal_is_function(m, index)) {
        const uint64_t number = m->slots[index], top = m->plan->caller->pointer_bytes == 4 ? UINT32_MAX : UINT64_MAX;
        const struct fc__exchange *exchange = step->value.exchange;
        *ret_word = exchange != NULL && number == exchange->here ? exchange->there
                    : number != 0                                ? number - top - 1 /* -1 and the like */
                                                                 : 0;
        return FC_OK;
    }
    if (step->callback->refused != NULL) {
        char what[FC__SPOT_TEXT_MAX];
        return fc__error_set(m->err, FC_EUNSUPPORTED, "%s of %s can only be NULL: %s",
                             fc__argument_text(m, index, what), m->plan->name, step->callback->refused);
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

static int send_value(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    m->sent[index].callee = 0;
    return fc__value_to_callee(m, &(struct fc__spot){.what = FC__SPOT_ARGUMENT, .index = index},
                               &m->plan->steps[index].value, m->slots[index], ret_word);
}

static int send_shallow(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        uint64_t word = 0;
        int rc = step->kind == FC__STEP_VALUE    ? send_value(m, i, &word)
                 : step->kind == FC__STEP_STRING ? send_string(m, i, &word)
                 : step->kind == FC__STEP_BUFFER ? send_buffer(m, i, &word)
                                                 : send_function(m, i, &word);
        if (rc != FC_OK) {
            return rc;
        }
        put_word(m, step, word);
    }
    return FC_OK;
}

/* Its bytes go to memory of the call's own, which the callee may write to. */
static int send_reference(struct fc__marshal *m, uint32_t index) {
    const struct fc__step *step = &m->plan->steps[index];
    uint64_t there = 0;
    unsigned char *local = NULL;
    int rc = fc__marshal_place(m, step->bytes[FC__THERE], true, &there, &local);
    if (rc == FC_OK) {
        memset(local, 0, (size_t)step->bytes[FC__THERE]);
        memcpy(m->image + step->offset, &there, m->plan->callee->pointer_bytes);
        rc = fc__object_convert(m, index, FC__THERE, step->shape, (const unsigned char *)(uintptr_t)m->slots[index],
                                local);
    }
    return rc;
}

/* A struct, union or long double itself: its bytes go where the callee's convention has them. */
static int send_whole(struct fc__marshal *m, uint32_t index) {
    const struct fc__step *step = &m->plan->steps[index];
    const uint64_t size = step->bytes[FC__THERE];
    _Alignas(16) unsigned char registers[16] = {0};
    unsigned char *to = step->parts != 0 ? registers : m->image + step->offset;
    if (step->parts == 0) {
        memset(to, 0, (size_t)((size + 7) & ~UINT64_C(7)));
    }
    int rc =
        fc__object_convert(m, index, FC__THERE, step->shape, (const unsigned char *)(uintptr_t)m->slots[index], to);
    if ((step->parts & 1) != 0) {
        memcpy(m->image + step->offset, registers, 8);
    }
    if ((step->parts & 2) != 0) {
        memcpy(m->image + step->second_offset, registers + 8, 8);
    }
    return rc;
}

/* A result that is too large for registers: the callee writes it to where its first argument points. */
static int send_hidden(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    unsigned char *local = NULL;
    int rc = fc__marshal_place(m, plan->result_passing_there.size_bytes + FC__PASSING_ALIGNMENT_MAX, true, &m->hidden,
                               &local);
    if (rc == FC_OK) {
        m->hidden = (m->hidden + FC__PASSING_ALIGNMENT_MAX - 1) & ~(uint64_t)(FC__PASSING_ALIGNMENT_MAX - 1);
        fc__marshal_store(m->image + plan->hidden_offset, m->hidden, plan->callee->word_bytes);
    }
    return rc;
}

static int send_objects(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    int rc = plan->result_hidden ? send_hidden(m) : FC_OK;
    rc = rc == FC_OK && m->joined.to != 0 ? fc__objects_begin_joined(m) : rc;
    for (uint32_t i = 0; rc == FC_OK && i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        uint64_t word = 0;
        if (step->kind == FC__STEP_WHOLE) {
            rc = step->is_reference ? send_reference(m, i) : send_whole(m, i);
            continue;
        }
        rc = step->kind == FC__STEP_VALUE      ? send_value(m, i, &word)
             : step->kind == FC__STEP_FUNCTION ? send_function(m, i, &word)
                                               : fc__object_send(m, i, &step->pointee, NULL, m->slots[i], &word);
        if (rc == FC_OK) {
            put_word(m, step, word);
        }
    }
    return rc == FC_OK ? fc__objects_fill(m) : rc;
}

static int send_deep(struct fc__marshal *m) {
    unsigned char *const scratch = m->scratch;
    int rc;
    m->is_deep = m->may_join = true;
    m->joined.from = m->joined.to = 0;
    do {
        m->scratch = scratch;
        m->image_bytes = m->plan->words_bytes;
        m->objects->count = m->first_object;
        m->objects->waiting_count = 0;
        rc = send_objects(m);
    } while (rc == FC__JOIN);
    m->may_join = false;
    return rc;
}

/* The arguments in a list go to memory of their own, where the callee may change what says how far it is. */
static int send_list(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    const uint32_t bytes = plan->words_bytes - plan->list_offset;
    const unsigned head = fc__list_head_bytes(plan->callee);
    uint64_t there;
    unsigned char *local;
    int rc = fc__marshal_place(m, head + bytes, true, &there, &local);
    if (rc != FC_OK) {
        return rc;
    }
    memcpy(local + head, m->image + plan->list_offset, bytes);
    fc__list_begin(plan->callee, there, local);
    fc__marshal_store(m->image + plan->list_word, there, plan->callee->pointer_bytes);
    return FC_OK;
}

static int send_whatever(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    m->image_bytes = plan->words_bytes;
    m->is_deep = m->is_upcall = m->is_answered = m->has_failed = m->outlives = m->gives = false;
    m->kept = NULL;
    m->result = 0;
    m->settling = 0;
    if (plan->is_scalar) {
        for (uint32_t i = 0; i < plan->count; i++) {
            put_word(m, &plan->steps[i], m->slots[i]);
        }
        return FC_OK;
    }
    unsigned char *const scratch = m->scratch;
    m->first_object = m->objects->count;
    int rc = plan->is_deep ? FC__MET : send_shallow(m);
    if (rc == FC__MET) {
        m->scratch = scratch;
        rc = send_deep(m);
        if (rc != FC_OK) {
            fc__marshal_forget(m);
        }
    }
    return rc;
}

int fc__marshal_send(struct fc__marshal *m) {
    int rc = send_whatever(m);
    if (rc == FC_OK && m->plan->takes_list) {
        rc = send_list(m);
        if (rc != FC_OK) {
            fc__marshal_forget(m);
        }
    }
    return rc;
}

void fc__marshal_forget(struct fc__marshal *m) {
    if (m->is_deep) {
        m->objects->count = m->first_object;
        m->is_deep = false;
    }
}

/* -- results ------------------------------------------------------------------------------------------------------- */

/* All of them, whichever do not fit; the error is the first one's. */
static int elements_to_caller(struct fc__marshal *m, uint32_t index, const unsigned char *from, unsigned char *to,
                              uint64_t count) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__value *type = &step->value;
    struct fc__spot spot = {.what = FC__SPOT_OUTPUT, .index = index};
    struct fc__error *const err = m->err;
    int first = FC_OK;
    for (; spot.element < count; spot.element++, from += type->callee_bytes, to += type->caller_bytes) {
        uint64_t value = fc__value_load(from, type->callee_bytes, type->is_signed), converted = 0;
        if (step->is_output && step->reads && fc__value_placeholder(m, type, to, &converted) && converted == value) {
            continue; /* not written */
        }
        int rc = fc__value_to_caller(m, &spot, type, value, &converted);
        if (rc == FC_OK) {
            fc__marshal_store(to, converted, type->caller_bytes);
        } else {
            fc__marshal_note(m, rc, &first);
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
    unsigned char wide[16]; /* st0 as it is: 64 bits of mantissa, then sign and exponent */
    memcpy(wide, &answer->value, 8);
    memcpy(wide + 8, &answer->second, 2);
    fc__value_long_double(wide, sizeof wide, ret_result, bytes);
}

/* A pointer that comes back as a result: into an argument, to memory of both sides, or to what is copied here. */
static int receive_pointer(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__plan *plan = m->plan;
    const uint64_t address = fc__value_extend(answer->value, plan->callee->pointer_bytes, false);
    uint64_t here = 0;
    int rc = fc__object_take(m, plan->count, &plan->result_pointee, NULL, address, &here);
    if (rc == FC_OK && ret_result != NULL) {
        fc__marshal_store(ret_result, here, plan->caller->pointer_bytes);
    }
    return rc;
}

static int receive_function(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__plan *plan = m->plan;
    const uint64_t address = fc__value_extend(answer->value, plan->callee->pointer_bytes, false);
    uint64_t here = 0;
    int rc = address != 0 && ret_result != NULL ? m->ops->function(m->context, plan->result_function, address, &here)
                                                : FC_OK;
    if (rc == FC_OK && ret_result != NULL) {
        fc__marshal_store(ret_result, here, plan->caller->pointer_bytes);
    }
    return rc;
}

/* A struct, union, long double or complex number. */
static int receive_whole(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__plan *plan = m->plan;
    const struct fc__passing *passing = &plan->result_passing_there;
    _Alignas(16) unsigned char bytes[32] = {0};
    const unsigned char *from = bytes;
    if (passing->kind == FC__PASSING_HIDDEN) {
        from = (const unsigned char *)(uintptr_t)m->hidden;
    } else if (passing->kind == FC__PASSING_REGISTERS && passing->classes[0] == FC__CLASS_NONE) {
        memcpy(bytes + 8, &answer->value, 8);
    } else {
        memcpy(bytes, &answer->value, 8);
        memcpy(bytes + 8, &answer->second, 8);
    }
    if (passing->kind == FC__PASSING_X87_PAIR) {
        memcpy(bytes + 16, answer->others, 16);
    } else if (passing->kind == FC__PASSING_X87 && passing->size_bytes <= 8) {
        fc__value_long_double(bytes, 16, bytes, passing->size_bytes);
    }
    return ret_result != NULL ? fc__object_convert(m, plan->count, FC__HERE, plan->result_shape, from, ret_result)
                              : FC_OK;
}

static int receive_result(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__value *type = &m->plan->result;
    if (m->plan->result_whole) {
        return receive_whole(m, answer, ret_result);
    }
    if (m->plan->result_points) {
        return receive_pointer(m, answer, ret_result);
    }
    if (m->plan->result_function != NULL) {
        return receive_function(m, answer, ret_result);
    }
    if (m->plan->result_string) {
        const char *string = NULL;
        const uint64_t address =
            fc__value_extend(answer->value, type->callee_bytes, false); /* above it may be anything */
        uint64_t inside;
        int rc = FC_OK;
        struct fc__lasting known;
        if ((m->plan->points_back || m->is_deep) && fc__value_points_into_argument(m, address, &inside)) {
            string = (const char *)(uintptr_t)inside;
        } else if (address != 0 && m->ops->lasting != NULL &&
                   m->ops->lasting(m->context, FC__THERE, address, NULL, &known) && known.life == FC__LIFE_KEPT) {
            string = (const char *)(uintptr_t)known.mapped;
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

int fc__marshal_judge(struct fc__marshal *m, int first) {
    const struct fc__size *success = m->plan->success;
    int64_t is_success = 1;
    int rc = success != NULL && first == FC_OK ? fc__size_value(m, NULL, success, &is_success) : FC_OK;
    m->has_failed = first == FC_OK && is_success == 0;
    return first == FC_OK ? rc : first;
}

/* Outputs; where the callee says that it failed, those of a length that it decides are not there. */
static int receive_outputs(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    struct fc__error *const err = m->err;
    int first = FC_OK;
    if (m->is_deep) {
        return fc__objects_bring_back(m);
    }
    /* Buffers of a length that the callee decides come last: the others hold those lengths. */
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            fc__marshal_note(m, fc__marshal_judge(m, first), &first);
        }
        for (uint32_t i = 0; i < plan->count; i++) {
            const struct fc__step *step = &plan->steps[i];
            const bool is_late = step->valid != NULL || !step->reads;
            if (step->kind == FC__STEP_BUFFER && step->writes && is_late == (pass == 1) &&
                !(is_late && m->has_failed)) {
                fc__marshal_note(m, receive_buffer(m, i), &first);
            }
        }
    }
    m->err = err;
    return first;
}

/* Of what was passed, and of what the function handed back. */
static void end_lives(struct fc__marshal *m) {
    const struct fc__plan *plan = m->plan;
    const bool is_over = (plan->ends && !m->has_failed) || (plan->begins && m->has_failed);
    for (uint32_t i = 0; is_over && m->ops->unpin != NULL && i < plan->count; i++) {
        const struct fc__pointee *pointee = &plan->steps[i].pointee;
        if (plan->steps[i].kind != FC__STEP_OBJECT || m->slots[i] == 0) {
            continue;
        }
        const struct fc__shape *inner = pointee->shape;
        if (pointee->is_pinned && (plan->ends || pointee->writes)) {
            m->ops->unpin(m->context, m->slots[i]);
        } else if (plan->ends && pointee->is_output && inner->kind == FC__SHAPE_POINTER && inner->pointee.is_pinned) {
            const void *at = (const void *)(uintptr_t)m->slots[i];
            const uint64_t here = fc__value_load(at, (unsigned)inner->size[FC__HERE], false);
            if (here != 0) {
                m->ops->unpin(m->context, here);
            }
        }
    }
}

int fc__marshal_receive(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
    const struct fc__plan *plan = m->plan;
    struct fc__error *const err = m->err;
    int first = FC_OK;
    m->is_answered = true;
    if (plan->result.kind == FC__VALUE_RAW || plan->result.kind == FC__VALUE_INTEGER ||
        plan->result.kind == FC__VALUE_POINTER) {
        m->result = (int64_t)fc__value_extend(answer->value, plan->result.callee_bytes, plan->result.is_signed);
    }
    if (!plan->is_scalar) {
        fc__marshal_note(m, receive_outputs(m), &first);
    }
    fc__marshal_note(m, receive_result(m, answer, ret_result), &first);
    if (m->is_deep) {
        fc__marshal_note(m, fc__objects_fill(m), &first); /* what was found behind the outputs and the result */
        fc__marshal_forget(m);
    }
    m->err = err;
    end_lives(m);
    return first;
}
