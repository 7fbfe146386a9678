/* abi: function types that the callee calls. */
#include "abi/plan.h"

#include <inttypes.h>
#include <stdlib.h>

/* True if the size looks through a parameter that is not taken over as a buffer: that is an address of the callee's. */
static bool looks_through_opaque(const struct fc__plan *plan, const struct fc__expr *size) {
    if (size == NULL) {
        return false;
    }
    if (size->kind == FC__EXPR_DEREF) {
        return plan->steps[size->param].kind != FC__STEP_BUFFER;
    }
    return looks_through_opaque(plan, size->left) || looks_through_opaque(plan, size->right);
}

/* What the callee passes to a function, and takes from it, has fewer forms than what it is passed. */
static int check_callback(const struct fc__plan *plan, struct fc__error *err) {
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        const char *why = step->kind == FC__STEP_FUNCTION ? "is a function pointer itself"
                          : step->kind == FC__STEP_BUFFER && step->value.kind != FC__VALUE_RAW
                              ? "points to elements that differ between the two sides"
                          : looks_through_opaque(plan, step->capacity) || looks_through_opaque(plan, step->valid)
                              ? "has a size behind a pointer that only the library looks through"
                              : NULL;
        if (why != NULL) {
            return fc__error_set(err, FC_EUNSUPPORTED, "parameter %" PRIu32 " of %s %s, which is not supported yet",
                                 i + 1, plan->name, why);
        }
    }
    return plan->result_string
               ? fc__error_set(err, FC_EUNSUPPORTED, "%s returns a string, which is not supported yet", plan->name)
               : FC_OK;
}

int fc__callback_new(const struct fc__type *type, const char *name, const struct fc__target *caller,
                     const struct fc__target *callee, struct fc__callback **ret_callback, struct fc__error *err) {
    struct fc__decl decl = {.kind = FC__DECL_FUNCTION, .name = name, .type = type};
    if (type->result != NULL) {
        decl.result = *type->result;
    }
    struct fc__callback *callback = calloc(1, sizeof *callback);
    if (callback == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    atomic_init(&callback->references, 1);
    int rc = fc__plan_of(&decl, caller, callee, &callback->there, err);
    rc = rc == FC_OK ? check_callback(callback->there, err) : rc;
    rc = rc == FC_OK ? fc__plan_of(&decl, callee, caller, &callback->here, err) : rc;
    if (rc != FC_OK) {
        fc__callback_drop(callback);
        return rc;
    }
    callback->there->points_back = false; /* the callee's arguments are no arguments of a call */
    *ret_callback = callback;
    return FC_OK;
}

struct fc__callback *fc__callback_keep(struct fc__callback *callback) {
    atomic_fetch_add(&callback->references, 1);
    return callback;
}

void fc__callback_drop(struct fc__callback *callback) {
    if (callback != NULL && atomic_fetch_sub(&callback->references, 1) == 1) {
        fc__plan_free(callback->there);
        fc__plan_free(callback->here);
        free(callback);
    }
}

static bool exprs_equal(const struct fc__expr *left, const struct fc__expr *right) {
    if (left == NULL || right == NULL) {
        return left == right;
    }
    return left->kind == right->kind && left->value == right->value && left->param == right->param &&
           exprs_equal(left->left, right->left) && exprs_equal(left->right, right->right);
}

static bool values_equal(const struct fc__value *left, const struct fc__value *right) {
    return left->kind == right->kind && left->caller_bytes == right->caller_bytes &&
           left->callee_bytes == right->callee_bytes && left->is_signed == right->is_signed &&
           left->is_size == right->is_size && left->is_bool == right->is_bool && left->is_float == right->is_float;
}

static bool steps_equal(const struct fc__step *left, const struct fc__step *right) {
    return left->kind == right->kind && left->reads == right->reads && left->writes == right->writes &&
           left->counts_bytes == right->counts_bytes && left->offset == right->offset &&
           values_equal(&left->value, &right->value) && exprs_equal(left->capacity, right->capacity) &&
           exprs_equal(left->valid, right->valid);
}

bool fc__callback_equals(const struct fc__callback *left, const struct fc__callback *right) {
    const struct fc__plan *a = left->there, *b = right->there;
    bool equal =
        a->callee == b->callee && a->info == b->info && a->count == b->count && values_equal(&a->result, &b->result);
    for (uint32_t i = 0; equal && i < a->count; i++) {
        equal = steps_equal(&a->steps[i], &b->steps[i]);
    }
    return equal;
}
