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

static int take_whole(struct fc__upcall *u, uint32_t index, const unsigned char *words) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__step *step = &m->plan->steps[index];
    _Alignas(16) unsigned char registers[16];
    void *here = NULL;
    int rc = m->ops->hold(m->context, 0, step->bytes[FC__HERE], false, &here);
    m->slots[index] = (uintptr_t)here;
    if (rc == FC_OK && step->is_reference) {
        void *copy = NULL;
        rc = m->ops->fetch(m->context, fc__value_load(words + step->offset, m->plan->callee->pointer_bytes, false),
                           step->bytes[FC__THERE], &copy);
        return rc == FC_OK ? fc__object_convert(m, index, FC__HERE, step->shape, copy, here) : rc;
    }
    if ((step->parts & 1) != 0) {
        memcpy(registers, words + step->offset, 8);
    }
    if ((step->parts & 2) != 0) {
        memcpy(registers + 8, words + step->second_offset, 8);
    }
    return rc == FC_OK ? fc__object_convert(m, index, FC__HERE, step->shape,
                                            step->parts != 0 ? registers : words + step->offset, here)
                       : rc;
}

static bool needs_another(const struct fc__size *size) {
    return size != NULL && (size->kind == FC__EXPR_DEREF || size->kind == FC__EXPR_ARROW ||
                            size->kind == FC__EXPR_STRLEN || needs_another(size->left) || needs_another(size->right));
}

/* The sizes of what pointers lead to are read from values, and some from behind other pointers. */
static int take_arguments(struct fc__upcall *u, const unsigned char *words) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__plan *there = m->plan;
    int rc = FC_OK;
    for (uint32_t i = 0; rc == FC_OK && i < there->count; i++) {
        const struct fc__step *step = &there->steps[i];
        struct fc__spot spot = {.what = FC__SPOT_OUTPUT, .index = i};
        m->slots[i] = 0;
        rc = step->kind == FC__STEP_VALUE
                 ? fc__value_to_caller(m, &spot, &step->value, argument_of(there, i, words), &m->slots[i])
             : step->kind == FC__STEP_WHOLE ? take_whole(u, i, words)
             : fc__upcall_hears_text(u, i)  ? fc__upcall_take_text(u, i, argument_of(there, i, words))
                                            : FC_OK;
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; rc == FC_OK && i < there->count; i++) {
            const struct fc__step *step = &there->steps[i];
            if (step->kind == FC__STEP_FUNCTION) { /* by value */
                const uint64_t function = argument_of(there, i, words);
                rc = function != 0 && pass == 0 ? m->ops->function(m->context, step->callback, function, &m->slots[i])
                                                : rc;
            } else if (step->kind != FC__STEP_VALUE && step->kind != FC__STEP_WHOLE && !fc__upcall_hears_text(u, i) &&
                       needs_another(step->pointee.capacity) == (pass == 1)) {
                rc = fc__object_take(m, i, &step->pointee, NULL, argument_of(there, i, words), &m->slots[i]);
            }
        }
        rc = rc == FC_OK ? fc__objects_fill(m) : rc;
    }
    return rc;
}

/* Anew where pointers turn out to share memory: as often as more of it does, which the callee's memory says, and so not
 * for ever. */
static int take_all(struct fc__upcall *u, const unsigned char *words) {
    enum { TIMES = 8 };
    struct fc__marshal *m = &u->marshal;
    m->joined = (struct fc__joined){.from = 0};
    int rc = take_arguments(u, words);
    for (unsigned times = 0; rc == FC__JOIN; times++) {
        m->objects->count = m->first_object;
        m->objects->waiting_count = 0;
        m->may_join = times + 1 < TIMES;
        rc = fc__objects_begin_joined_theirs(m);
        rc = rc == FC_OK ? take_arguments(u, words) : rc;
    }
    return rc;
}

/* One argument of the caller's function, into the words of its frame, or of its list. */
static void put_argument(const struct fc__upcall *u, uint32_t index, unsigned char *words) {
    const struct fc__native_place *place = &u->callback->here.places[index];
    const struct fc__step *step = &u->callback->there->steps[index];
    const uint64_t slot = u->marshal.slots[index];
    if (step->kind != FC__STEP_WHOLE) {
        fc__marshal_store(words + place->offset, slot, place->bytes);
        return;
    }
    const unsigned char *from = (const unsigned char *)(uintptr_t)slot;
    const uint64_t size = step->bytes[FC__HERE];
    if (place->parts == 0) {
        memcpy(words + place->offset, from, (size_t)size);
    }
    for (unsigned part = 0; part < 2; part++) {
        if ((place->parts >> part & 1) != 0) {
            const uint64_t rest = size - part * UINT64_C(8);
            memcpy(words + (part == 0 ? place->offset : place->second_offset), from + part * (size_t)8,
                   rest < 8 ? (size_t)rest : 8);
        }
    }
}

static void put_native(const struct fc__upcall *u, struct native_frame *frame) {
    const struct fc__heard *heard = u->heard;
    unsigned char *const words = frame->bytes + FC__FRAME_WORDS_OFFSET;
    for (uint32_t i = 0; i < u->callback->there->count; i++) {
        put_argument(u, i, heard != NULL && heard->list != NULL && i >= heard->fixed ? heard->list : words);
    }
    if (heard != NULL && heard->list != NULL) {
        fc__marshal_store(words + u->callback->here.list_word, heard->list_address, sizeof(void *));
    }
}

static long double from_x87(const uint64_t results[FC__FRAME_RESULTS]) {
    long double wide = 0; /* 64 bits of mantissa, then sign and exponent */
    memcpy(&wide, &results[0], 8);
    memcpy((unsigned char *)&wide + 8, &results[1], 2);
    return wide;
}

/* A float or double as the functions of a target return it, and back. */
static double read_float(uint32_t info, unsigned bytes, const uint64_t results[FC__FRAME_RESULTS]) {
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

static int give_function(struct fc__marshal *m, uint64_t function, uint64_t *ret_there) {
    struct fc__callback *callback = m->plan->result_function;
    if (function == 0) {
        return FC_OK;
    }
    return callback->refused == NULL ? m->ops->callback(m->context, callback, function, ret_there)
                                     : fc__error_set(m->err, FC_EUNSUPPORTED, "the result of %s can only be NULL: %s",
                                                     m->plan->name, callback->refused);
}

/* A pointer to what the callee knows is that; what it does not know is copied to memory of its own. */
static int give_pointer(struct fc__upcall *u, uint64_t here, uint64_t *ret_there) {
    struct fc__marshal *m = &u->marshal;
    struct fc__lasting known;
    if (here == 0 || fc__object_find_any(m, FC__HERE, here, ret_there)) {
        return FC_OK;
    }
    if (m->ops->lasting != NULL && m->ops->lasting(m->context, FC__HERE, here, NULL, &known) && !known.is_gone) {
        *ret_there = known.mapped;
        return FC_OK;
    }
    return fc__object_give(m, m->plan->count, &m->plan->result_pointee, false, here, ret_there);
}

static int give_result(struct fc__upcall *u, const uint64_t results[FC__FRAME_RESULTS], struct fc__answer *ret_answer) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__value *type = &m->plan->result;
    if (type->kind == FC__VALUE_VOID) {
        return FC_OK;
    }
    if (type->kind == FC__VALUE_FLOAT) {
        write_float(m->plan->info, type->callee_bytes, read_float(u->callback->here.info, type->caller_bytes, results),
                    ret_answer);
        return FC_OK;
    }
    const uint64_t value = fc__value_extend(results[0], type->caller_bytes, type->is_signed);
    struct fc__spot spot = {.what = FC__SPOT_RETURNED};
    if (m->plan->result_function != NULL) {
        return give_function(m, value, &ret_answer->value);
    }
    if (m->plan->result_string || m->plan->result_points) {
        return give_pointer(u, value, &ret_answer->value);
    }
    return fc__value_to_callee(m, &spot, type, type->is_bool ? value != 0 : value, &ret_answer->value);
}

static int invoke(const struct fc__upcall *u, struct native_frame *frame, uint64_t results[FC__FRAME_RESULTS]) {
    memcpy(frame->bytes + FC__FRAME_TARGET_OFFSET, &u->function, sizeof u->function);
    u->ops->enter(u->marshal.context);
    fc__frame_invoke(frame->bytes, u->callback->here.info, results);
    return u->ops->leave(u->marshal.context);
}

/* What is in the frame beside the arguments, such as where the caller's function writes a result that is too large for
 * registers. */
static int prepare_frame(struct fc__upcall *u, struct native_frame *frame, void **ret_here) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__native *here = &u->callback->here;
    if (u->heard != NULL) { /* all registers are loaded */
        memset(frame->bytes + FC__FRAME_WORDS_OFFSET, 0, sizeof(struct fc__frame_registers));
    }
    if (!m->plan->result_whole) {
        return FC_OK;
    }
    int rc = m->ops->hold(m->context, 0, m->plan->result_shape->size[FC__HERE] + 16, false, ret_here);
    if (rc == FC_OK && here->result.kind == FC__PASSING_HIDDEN) {
        fc__marshal_store(frame->bytes + FC__FRAME_WORDS_OFFSET + here->hidden_offset, (uintptr_t)*ret_here,
                          sizeof(void *));
    }
    return rc;
}

/* A struct, union, long double or complex number that the caller's function returned. `words`: of the upcall's
 * frame. */
static int give_whole(struct fc__upcall *u, const unsigned char *words, const uint64_t results[FC__FRAME_RESULTS],
                      void *here, struct fc__answer *ret_answer) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__plan *plan = m->plan;
    const struct fc__native *native = &u->callback->here;
    _Alignas(16) unsigned char registers[32] = {0};
    if (native->result.kind == FC__PASSING_X87_PAIR) {
        memcpy(here, results, sizeof registers);
    } else if (native->result.kind == FC__PASSING_REGISTERS || native->result.kind == FC__PASSING_X87) {
        const bool is_high =
            native->result.kind == FC__PASSING_REGISTERS && native->result.classes[0] == FC__CLASS_NONE;
        memcpy((unsigned char *)here + (is_high ? 8 : 0), &results[0], 8);
        memcpy((unsigned char *)here + 8, is_high ? &results[0] : &results[1], 8);
    }
    if (plan->result_passing_there.kind != FC__PASSING_HIDDEN) {
        const bool is_high = plan->result_passing_there.kind == FC__PASSING_REGISTERS &&
                             plan->result_passing_there.classes[0] == FC__CLASS_NONE;
        int rc = fc__object_convert(m, plan->count, FC__THERE, plan->result_shape, here, registers);
        if (plan->result_passing_there.kind == FC__PASSING_X87 && plan->result_passing_there.size_bytes <= 8) {
            fc__value_long_double(registers, plan->result_passing_there.size_bytes, registers, 16);
        }
        memcpy(&ret_answer->value, registers + (is_high ? 8 : 0), 8);
        memcpy(&ret_answer->second, registers + 8, 8);
        memcpy(ret_answer->others, registers + 16, 16);
        return rc;
    }
    const uint64_t there = fc__value_load(words + plan->hidden_offset, plan->callee->pointer_bytes, false);
    const uint64_t size = plan->result_shape->size[FC__THERE];
    void *copy = (void *)(uintptr_t)there;
    const bool is_shared = m->ops->is_shared(m->context, there, size);
    int rc = is_shared ? FC_OK : m->ops->fetch(m->context, there, size, &copy);
    rc = rc == FC_OK ? fc__object_convert(m, plan->count, FC__THERE, plan->result_shape, here, copy) : rc;
    rc = rc == FC_OK && !is_shared ? m->ops->give_back(m->context, there, size, copy) : rc;
    ret_answer->value = there;
    return rc;
}

static int run(struct fc__upcall *u, const unsigned char *words, struct fc__answer *ret_answer) {
    struct fc__marshal *m = &u->marshal;
    struct native_frame frame;
    uint64_t results[FC__FRAME_RESULTS] = {0};
    void *whole = NULL;
    m->is_deep = m->is_upcall = m->is_answered = true;
    m->may_join = true;
    m->result = 0;
    m->outlives = m->has_failed = m->gives = false;
    m->settling = 0;
    m->first_object = m->objects->count;
    int rc = take_all(u, words);
    m->may_join = false;
    rc = rc == FC_OK ? prepare_frame(u, &frame, &whole) : rc;
    if (rc == FC_OK) {
        fc__objects_keep(m);
        put_native(u, &frame);
        rc = invoke(u, &frame, results);
    }
    const struct fc__value *result = &m->plan->result;
    if (result->kind == FC__VALUE_RAW || result->kind == FC__VALUE_INTEGER || result->kind == FC__VALUE_POINTER) {
        m->result = (int64_t)fc__value_extend(results[0], result->caller_bytes, result->is_signed);
    }
    rc = rc == FC_OK ? fc__marshal_judge(m, FC_OK) : rc;
    const bool ends = m->plan->ends && !m->has_failed;
    rc = rc == FC_OK ? fc__objects_give_back(m) : rc;
    rc = rc == FC_OK ? fc__objects_fill(m) : rc; /* what it gave for good */
    for (uint32_t i = 0; ends && i < m->plan->count; i++) {
        const struct fc__step *step = &m->plan->steps[i];
        if (step->kind == FC__STEP_OBJECT && step->pointee.is_pinned) {
            m->ops->unpin(m->context, m->slots[i]);
        } else if (step->kind == FC__STEP_VALUE && step->value.kind == FC__VALUE_POINTER && m->ops->let_go != NULL) {
            m->ops->let_go(m->context, argument_of(m->plan, i, words));
        }
    }
    if (rc == FC_OK) {
        rc = whole != NULL ? give_whole(u, words, results, whole, ret_answer) : give_result(u, results, ret_answer);
    }
    fc__marshal_forget(m);
    return rc;
}

int fc__upcall_run(struct fc__upcall *u, unsigned char *words, struct fc__answer *ret_answer) {
    const struct fc__callback *const callback = u->callback;
    *ret_answer = (struct fc__answer){0};
    u->marshal.plan = callback->there;
    u->heard = NULL;
    int rc = callback->there->is_format ? fc__upcall_hear(u, words) : FC_OK;
    rc = rc == FC_OK ? run(u, words, ret_answer) : rc;
    u->callback = callback;
    if (rc != FC_OK) {
        *ret_answer = (struct fc__answer){0};
    }
    return rc;
}
