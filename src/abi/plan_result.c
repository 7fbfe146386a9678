#include "abi/plan_builder.h"

#include <stdio.h>
#include <string.h>

static int result_needs_annotation(struct fc__builder *b, const struct fc__type *type) {
    const bool is_text = fc__builder_is_byte(b, type->to), is_void = type->to->kind == FC__TYPE_VOID;
    char text[256];
    return fc__error_set(b->err, FC_EANNOTATION,
                         "%s returns `%s`, which does not say what it points to. Write before the declaration "
                         "%s%s(n) if n %s come back, %sor _Fc_opaque_ if only the library looks through it. See "
                         "docs/annotations.md.",
                         b->decl->name, fc__decl_type_text(type, text, sizeof text),
                         is_text ? "_Ret_z_ if it is a string, " : "", is_void ? "_Ret_reads_bytes_" : "_Ret_reads_",
                         is_void ? "bytes" : "elements", is_void ? "" : "_Ret_valid_ or _Ret_opt_valid_ if one does, ");
}

static void returns_pointer(struct fc__builder *b, uint32_t *ret_class) {
    b->plan->result = (struct fc__value){.kind = FC__VALUE_POINTER,
                                         .caller_bytes = b->plan->caller->pointer_bytes,
                                         .callee_bytes = b->plan->callee->pointer_bytes,
                                         .type_name = "pointer"};
    *ret_class = FC__FRAME_RESULT_INTEGER;
}

static int result_pointer(struct fc__builder *b, const struct fc__type *type, uint32_t *ret_class,
                          uint32_t *ret_flags) {
    struct fc__plan *plan = b->plan;
    const struct fc__annotation *note = &b->decl->result;
    const bool is_default_string = note->extent == FC__EXTENT_NONE && fc__shape_is_char(type->to) && type->to->is_const;
    returns_pointer(b, ret_class);
    if (type->to->kind == FC__TYPE_FUNCTION) {
        char name[320];
        snprintf(name, sizeof name, "the result of %.100s", b->decl->name);
        return fc__callback_of(b->shapes, type->to, b->types[FC__THERE]->to->to, NULL, name, &plan->result_function,
                               b->err);
    }
    struct fc__annotation as_read = *note;
    as_read.direction = FC__DIRECTION_IN;
    if (note->extent == FC__EXTENT_NONE && !is_default_string) {
        return result_needs_annotation(b, type);
    }
    as_read.extent = is_default_string ? FC__EXTENT_STRING : note->extent;
    int rc = fc__shape_pointee(b->shapes, "the result", type, b->types[FC__THERE]->to, &as_read, b->types[FC__HERE],
                               &plan->result_pointee, b->err);
    const struct fc__shape *shape = plan->result_pointee.shape;
    if (rc == FC_OK && as_read.extent == FC__EXTENT_STRING && shape->is_plain && shape->size[FC__HERE] == 1) {
        plan->result_string = true; /* a callback's is sent, as an argument is */
        *ret_flags = FC__FRAME_GATHER_STRING;
    } else {
        plan->result_points = true;
        plan->is_deep = true;
    }
    return rc;
}

int fc__builder_result_whole(struct fc__builder *b, const struct fc__type *type, uint32_t *ret_class,
                             uint32_t *ret_flags) {
    struct fc__plan *plan = b->plan;
    int rc = fc__shape_of(b->shapes, "the result", type, b->types[FC__THERE]->to, NULL, &plan->result_shape, b->err);
    rc = rc == FC_OK ? fc__passing_of_result(b->shapes->layouts[FC__HERE], type, &plan->result_passing_here, b->err)
                     : rc;
    if (rc == FC_OK) {
        plan->result_whole = true;
        plan->is_deep = true;
        plan->result_hidden = plan->result_passing_there.kind == FC__PASSING_HIDDEN;
        *ret_class = plan->result_passing_there.frame_result;
        *ret_flags = plan->result_passing_there.frame_flags;
    }
    return rc;
}

int fc__builder_result(struct fc__builder *b, uint32_t *ret_class, uint32_t *ret_flags) {
    struct fc__plan *plan = b->plan;
    const struct fc__type *type = b->types[FC__HERE]->to, *there = b->types[FC__THERE]->to;
    const struct fc__annotation *note = &b->decl->result;
    *ret_class = FC__FRAME_RESULT_NONE;
    if (type->kind == FC__TYPE_VOID) {
        return FC_OK;
    }
    if (type->kind == FC__TYPE_POINTER && there->kind == FC__TYPE_POINTER && !note->is_opaque &&
        !fc__shape_is_opaque_pointer(type)) {
        return result_pointer(b, type, ret_class, ret_flags);
    }
    if (!fc__builder_value(b, type, there, note->is_opaque, &plan->result)) {
        const char *refusal = fc__decl_refusal(type);
        if (refusal != NULL) {
            return fc__builder_refuses(b, "the result", type, refusal);
        }
        return fc__builder_result_whole(b, type, ret_class, ret_flags);
    }
    if (note->is_fd) {
        plan->result_descriptor = note->is_fd_given ? FC__DESCRIPTOR_GIVEN : FC__DESCRIPTOR_LENT;
    }
    *ret_class =
        plan->result.kind == FC__VALUE_FLOAT ? plan->result_passing_there.frame_result : FC__FRAME_RESULT_INTEGER;
    return FC_OK;
}

/* The bytes of a number, as C converts the constant to the type of the result; of anything else only 0. */
static bool failure_value(const struct fc__plan *plan, int64_t value, int64_t *ret_value) {
    *ret_value = value;
    if (plan->result_whole || plan->result.kind == FC__VALUE_VOID) {
        return value == 0;
    }
    const unsigned bits = plan->result.caller_bytes * 8;
    if (plan->result.kind == FC__VALUE_FLOAT) {
        const double wide = (double)value;
        const float narrow = (float)value;
        *ret_value = 0;
        memcpy(ret_value, bits == 32 ? (const void *)&narrow : (const void *)&wide, bits / 8);
        return true;
    }
    const int64_t least = bits < 64 ? -(INT64_C(1) << (bits - 1)) : INT64_MIN;
    const int64_t most = plan->result.is_bool ? 1 : bits < 64 ? (INT64_C(1) << bits) - 1 : INT64_MAX;
    return value >= (plan->result.is_bool ? 0 : least) && value <= most;
}

int fc__builder_failure(struct fc__builder *b) {
    struct fc__plan *plan = b->plan;
    const struct fc__expr *expr = b->types[FC__HERE]->fails_with;
    if (expr == NULL) {
        return FC_OK;
    }
    if (!failure_value(plan, expr->value, &plan->fails_with)) {
        char text[256];
        return fc__error_set(b->err, FC_EUNSUPPORTED,
                             "%s returns `%s`, which cannot be the %lld that `_Fc_fails_with_` says", b->decl->name,
                             fc__decl_type_text(b->types[FC__HERE]->to, text, sizeof text), (long long)expr->value);
    }
    plan->fails = true;
    return FC_OK;
}
