/* abi: what functions return, as the caller has it. */
#include "abi/marshal_parts.h"

#include <string.h>

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

int fc__result_receive(struct fc__marshal *m, const struct fc__answer *answer, void *ret_result) {
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
