#include "abi/marshal_parts.h"

#include "abi/list.h"

#include "base/checked.h"

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

unsigned char *fc__marshal_keep(struct fc__marshal *m, const unsigned char *bytes, uint64_t size) {
    struct fc__error *const err = m->err;
    uint64_t there;
    void *memory = NULL;
    unsigned char *kept = NULL;
    m->err = &m->later;
    if (size != 0 && m->is_upcall && m->ops->hold(m->context, 0, size, false, &memory) == FC_OK) {
        kept = memory;
    } else if (size != 0 && !m->is_upcall && fc__marshal_place(m, size, true, &there, &kept) != FC_OK) {
        kept = NULL;
    }
    m->err = err;
    if (kept != NULL) {
        memcpy(kept, bytes, (size_t)size);
    }
    return kept;
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
                 : step->kind == FC__STEP_STRING ? fc__buffer_send_string(m, i, &word)
                 : step->kind == FC__STEP_BUFFER ? fc__buffer_send(m, i, &word)
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
    rc = rc == FC_OK ? fc__objects_fill(m) : rc;
    if (rc == FC_OK) {
        fc__objects_keep(m);
    }
    return rc;
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
                fc__marshal_note(m, fc__buffer_receive(m, i), &first);
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
    fc__marshal_note(m, fc__result_receive(m, answer, ret_result), &first);
    if (m->is_deep) {
        fc__marshal_note(m, fc__objects_fill(m), &first); /* what was found behind the outputs and the result */
        fc__marshal_forget(m);
    }
    m->err = err;
    end_lives(m);
    return first;
}
