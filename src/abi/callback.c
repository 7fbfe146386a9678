/* abi: function types that the callee calls. */
#include "abi/format.h"
#include "abi/plan.h"
#include "abi/upcall.h"

#include "base/checked.h"

#include <inttypes.h>
#include <string.h>

/* True if the size looks through a parameter that is not taken over: that is an address of the callee's. */
static bool looks_through_opaque(const struct fc__plan *plan, const struct fc__size *size) {
    if (size == NULL) {
        return false;
    }
    const struct fc__size *pointer = size->kind == FC__EXPR_DEREF ? size : size->left;
    if ((size->kind == FC__EXPR_DEREF || size->kind == FC__EXPR_ARROW || size->kind == FC__EXPR_STRLEN) &&
        (size->kind == FC__EXPR_DEREF || pointer->kind == FC__EXPR_PARAM)) {
        return plan->steps[pointer->param].kind == FC__STEP_VALUE;
    }
    return looks_through_opaque(plan, size->left) || looks_through_opaque(plan, size->right);
}

/* What the callee passes to a function, and takes from it, has fewer forms than what it is passed. */
static int check_callback(const struct fc__plan *plan, struct fc__error *err) {
    if (plan->is_format && plan->steps[plan->format_index].kind != FC__STEP_STRING) {
        return fc__error_set(
            err, FC_EUNSUPPORTED,
            "the format of %s is no string of char, which is the only one that its arguments are found "
            "by. Write behind its `...` what the library passes, instead of _Printf_format_string_",
            plan->name);
    }
    if (plan->fails || plan->descriptors != 0 || plan->result_descriptor != 0) {
        return fc__error_set(err, FC_EUNSUPPORTED,
                             "%s is annotated with `%s`, which is for functions of the library: leave it out%s",
                             plan->name, plan->fails ? "_Fc_fails_with_" : "_Fc_fd_",
                             plan->fails ? "" : ", and the number goes as it is, the descriptor does not");
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        if (looks_through_opaque(plan, step->pointee.capacity) || looks_through_opaque(plan, step->pointee.valid)) {
            return fc__error_set(err, FC_EUNSUPPORTED,
                                 "parameter %" PRIu32 " of %s has a size behind a pointer that is opaque, or a handle. "
                                 "Say in its place how what it points to is passed (`_In_`, `_Inout_`)",
                                 i + 1, plan->name);
        }
    }
    return FC_OK;
}

/* Of its parameters; what a format says comes behind them. */
static int place_natively(struct fc__shapes *shapes, const struct fc__type *function, const struct fc__plan *there,
                          struct fc__native *native, struct fc__error *err) {
    const uint32_t count = there->is_format ? there->count : function->param_count;
    const struct fc__passing pointer = fc__passing_of_pointer(shapes->layouts[FC__HERE]->target);
    struct fc__layouts *const layouts = shapes->layouts[FC__HERE];
    struct fc__places places = fc__places_of(layouts->target, fc__calling_find(layouts->target, NULL));
    struct fc__place taken[FC__DECL_PARAMS_MAX + 1] = {0}, hidden = {0}, list = {0};
    struct fc__native_place *all = fc__arena_alloc(&shapes->arena, (count + 1) * sizeof *all);
    int rc = all != NULL ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
    if (rc == FC_OK && function->to->kind != FC__TYPE_VOID) {
        rc = fc__passing_of_result(layouts, function->to, &native->result, err);
    }
    if (rc == FC_OK && native->result.kind == FC__PASSING_HIDDEN) {
        fc__places_take(&places, &pointer, &hidden);
    }
    for (uint32_t i = 0; rc == FC_OK && i < count; i++) {
        struct fc__passing passing;
        rc = fc__passing_of_argument(layouts, function->params[i].type, &passing, err);
        if (rc == FC_OK && !fc__places_take(&places, &passing, &taken[i])) {
            rc = fc__error_set(err, FC_EUNSUPPORTED, "its arguments take more than %u bytes here",
                               FC__FRAME_WORDS_BYTES_MAX);
        }
        all[i].bytes = fc__native_bytes(layouts->target, &passing);
    }
    if (rc == FC_OK && there->takes_list && !fc__places_take(&places, &pointer, &list)) {
        rc = fc__error_set(err, FC_EUNSUPPORTED, "its arguments are too many");
    }
    if (rc != FC_OK) {
        return rc;
    }
    if (there->is_format) {
        native->rest = there->takes_list ? fc__places_without_registers(layouts->target) : places;
        native->list_word = there->takes_list ? fc__places_offset(&places, &list, 0) : 0;
    }
    if (there->is_format && !there->takes_list) {
        fc__places_use_registers(&places);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct fc__step step = {.parts = 0};
        fc__step_place(&places, &taken[i], &step);
        all[i].offset = step.offset;
        all[i].second_offset = step.second_offset;
        all[i].parts = step.parts;
    }
    native->places = all;
    native->hidden_offset = native->result.kind == FC__PASSING_HIDDEN ? fc__places_offset(&places, &hidden, 0) : 0;
    native->words_bytes = fc__places_bytes(&places);
    native->info = fc__places_info(&places, native->result.frame_result, native->result.frame_flags);
    native->info = fc__places_trampoline_info(&places, native->info);
    return FC_OK;
}

/* -- the short way ------------------------------------------------------------------------------------------------- */

static bool is_data(const struct fc__step *step) {
    return step->kind == FC__STEP_BUFFER || step->kind == FC__STEP_OBJECT || step->kind == FC__STEP_STRING;
}

static bool is_text(const struct fc__step *step) {
    return is_data(step) && step->pointee.extent == FC__EXTENT_STRING && step->pointee.shape->is_plain &&
           step->pointee.shape->size[FC__HERE] == 1;
}

/* Of what a pointer leads to: how many elements, as a constant, or the place of the outer that says so. False if that is
 * known in the upcall only. */
static bool counts_before(const struct fc__step *step, uint64_t *ret_count, uint8_t *ret_outer) {
    const struct fc__pointee *pointee = &step->pointee;
    const struct fc__size *capacity = pointee->capacity;
    const bool is_counted = pointee->extent == FC__EXTENT_ONE || pointee->extent == FC__EXTENT_ELEMENTS ||
                            pointee->extent == FC__EXTENT_BYTES;
    *ret_count = capacity != NULL && capacity->kind == FC__EXPR_CONSTANT ? (uint64_t)capacity->value : 1;
    *ret_outer = (uint8_t)(capacity != NULL && capacity->kind == FC__EXPR_OUTER ? capacity->param + 1 : 0);
    return is_data(step) && is_counted && *ret_count - 1 < UINT32_MAX &&
           (capacity == NULL || capacity->kind == FC__EXPR_CONSTANT || capacity->kind == FC__EXPR_OUTER);
}

static uint64_t unit_of(const struct fc__pointee *pointee, enum fc__side side) {
    return pointee->extent == FC__EXTENT_BYTES ? 1 : pointee->shape->size[side];
}

bool fc__callback_is_gathered(const struct fc__plan *there, const struct fc__step *step) {
    uint64_t count;
    uint8_t outer;
    return is_data(step) && !there->is_format && there->words_bytes <= FC__LIGHT_WORDS_BYTES_MAX &&
           !step->pointee.is_output && (is_text(step) ? !step->pointee.writes : counts_before(step, &count, &outer));
}

static uint16_t gathered_bytes(const struct fc__step *step, const uint64_t *outers) {
    uint64_t count, bytes;
    uint8_t outer;
    if (is_text(step)) {
        return FC__GATHER_TEXT;
    }
    counts_before(step, &count, &outer);
    const bool fits = fc__mul_u64(outer != 0 ? outers[outer - 1] : count, unit_of(&step->pointee, FC__THERE), &bytes) &&
                      bytes - 1 < FC__FRAME_GATHERED_BYTES;
    return (uint16_t)(fits ? bytes : FC__FRAME_GATHERED_BYTES + 1);
}

void fc__callback_gathers(const struct fc__callback *callback, const uint64_t *outers,
                          struct fc__gathered_places *ret_places) {
    const struct fc__plan *there = callback->there;
    uint32_t count = 0, at = (there->words_bytes + 7) & ~7u;
    const uint32_t end = at + FC__FRAME_GATHERED_BYTES;
    *ret_places = (struct fc__gathered_places){.end = end};
    for (unsigned texts = 0; texts < 2; texts++) {
        for (uint32_t i = 0; i < there->count && count < FC__GATHERS_MAX; i++) {
            const struct fc__step *step = &there->steps[i];
            if (!fc__callback_is_gathered(there, step) || is_text(step) != (texts == 1)) {
                continue;
            }
            const uint32_t bytes = gathered_bytes(step, outers);
            ret_places->gathers.each[count] = (struct fc__gather){
                .offset = step->offset,
                .size_bytes = (uint16_t)(texts == 1 || bytes <= end - at ? bytes : FC__FRAME_GATHERED_BYTES + 1)};
            ret_places->at[count++] = (uint16_t)at;
            at += texts == 0 && bytes <= end - at ? (bytes + 7) & ~7u : 0;
        }
    }
}

/* False if the pointer takes more than its bytes, and those that it leads to. */
static bool find_light_pointer(const struct fc__step *step, struct fc__light *light) {
    const struct fc__pointee *pointee = &step->pointee;
    uint64_t count, bytes;
    light->reads = !pointee->is_output;
    light->writes = pointee->writes;
    if (pointee->is_pinned) { /* and is remembered */
        return false;
    }
    if (is_text(step) && !pointee->writes) {
        light->kind = FC__LIGHT_TEXT;
        return true;
    }
    if (!counts_before(step, &count, &light->outer) || !pointee->shape->is_plain ||
        !fc__mul_u64(count, unit_of(pointee, FC__HERE), &bytes) || bytes - 1 >= UINT32_MAX) {
        return false;
    }
    light->kind = FC__LIGHT_DATA;
    light->bytes = (uint32_t)bytes;
    return true;
}

static int find_lights(struct fc__shapes *shapes, struct fc__callback *callback, struct fc__error *err) {
    const struct fc__plan *there = callback->there;
    struct fc__light *lights = fc__arena_alloc(&shapes->arena, (there->count + 1) * sizeof *lights);
    bool takes_numbers = true;
    bool is_light = !there->is_format && (there->result.kind == FC__VALUE_VOID || there->result.kind == FC__VALUE_RAW);
    uint8_t gathered = 0;
    if (lights == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    is_light = is_light && !there->result.is_bool && !there->result_whole &&
               callback->here.words_bytes <= FC__LIGHT_WORDS_BYTES_MAX;
    for (uint32_t i = 0; is_light && i < there->count; i++) {
        const struct fc__step *step = &there->steps[i];
        const struct fc__value *value = &step->value;
        const bool is_value = step->kind == FC__STEP_VALUE;
        const bool is_opaque = is_value && value->kind == FC__VALUE_POINTER;
        struct fc__light light = {.from = step->offset,
                                  .to = callback->here.places[i].offset,
                                  .from_bytes = is_value ? value->callee_bytes : there->callee->pointer_bytes,
                                  .is_signed = is_value && value->is_signed,
                                  .kind = is_opaque && value->caller_bytes > value->callee_bytes ? FC__LIGHT_TOKEN
                                                                                                 : FC__LIGHT_PLAIN};
        is_light = is_value ? value->kind == FC__VALUE_RAW || value->kind == FC__VALUE_FLOAT ||
                                  (is_opaque && value->caller_bytes >= value->callee_bytes)
                            : find_light_pointer(step, &light);
        takes_numbers = takes_numbers && is_value && !is_opaque;
        lights[i] = light;
    }
    for (unsigned texts = 0; is_light && texts < 2; texts++) { /* as above */
        for (uint32_t i = 0; i < there->count && gathered < FC__GATHERS_MAX; i++) {
            if (fc__callback_is_gathered(there, &there->steps[i]) && is_text(&there->steps[i]) == (texts == 1)) {
                lights[i].gathered = ++gathered;
            }
        }
    }
    callback->lights = is_light ? lights : NULL;
    callback->takes_numbers = is_light && takes_numbers;
    return FC_OK;
}

/* One argument of every kind that a format can say, as plans have them. */
static int list_kinds(struct fc__shapes *shapes, struct fc__callback *callback, const struct fc__decl *here,
                      const struct fc__decl *there, struct fc__error *err) {
    const size_t count = strlen(fc__format_kinds);
    struct fc__listed *listed = fc__arena_alloc(&shapes->arena, count * sizeof *listed);
    int rc = listed != NULL ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
    rc = rc == FC_OK ? fc__plan_of_passing(shapes, here, there, fc__format_kinds, &callback->listing, err) : rc;
    for (size_t i = 0; rc == FC_OK && i < count; i++) {
        const struct fc__type *type = fc__format_kind(fc__format_kinds[i])->type;
        listed[i].step = &callback->listing->steps[callback->there->count + i];
        for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
            rc = fc__passing_of_argument(shapes->layouts[side], type, &listed[i].passing[side], err);
        }
    }
    callback->listed = listed;
    return rc;
}

static int make_plans(struct fc__shapes *shapes, struct fc__callback *callback, const struct fc__type *here,
                      const struct fc__type *there, const char *what, struct fc__error *err) {
    struct fc__decl mine = {.kind = FC__DECL_FUNCTION, .name = what, .type = here};
    const struct fc__decl theirs = {.kind = FC__DECL_FUNCTION, .name = what, .type = there};
    if (here->result != NULL) {
        mine.result = *here->result;
    }
    const struct fc__outers around = shapes->outers;
    shapes->outers.count = 0;
    int rc = fc__plan_of(shapes, &mine, &theirs, &callback->there, err);
    callback->outers = shapes->outers;
    rc = rc == FC_OK ? place_natively(shapes, here, callback->there, &callback->here, err) : rc;
    rc = rc == FC_OK && callback->there->is_format ? list_kinds(shapes, callback, &mine, &theirs, err) : rc;
    shapes->outers = around;
    callback->is_callable = rc == FC_OK && !callback->there->is_format && callback->outers.count == 0;
    rc = rc == FC_OK ? check_callback(callback->there, err) : rc;
    return rc == FC_OK ? find_lights(shapes, callback, err) : rc;
}

static bool is_as_long(const struct fc__callback *callback, bool is_once, const char *until) {
    return callback->is_once == is_once &&
           (until == NULL || callback->until == NULL ? until == callback->until : strcmp(until, callback->until) == 0);
}

int fc__callback_of(struct fc__shapes *shapes, const struct fc__type *here, const struct fc__type *there,
                    const struct fc__annotation *note, const char *what, struct fc__callback **ret_callback,
                    struct fc__error *err) {
    const bool is_once = note != NULL && note->is_callback_once;
    const char *until = note != NULL ? note->callback_until : NULL;
    for (struct fc__callback *known = shapes->callbacks; known != NULL; known = known->next) {
        if (known->type == here && is_as_long(known, is_once, until)) {
            *ret_callback = known;
            return FC_OK;
        }
    }
    struct fc__callback *callback = fc__arena_alloc(&shapes->arena, sizeof *callback);
    struct fc__error why;
    if (callback == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    if (until != NULL && fc__shape_until(shapes, until, &until, err) != FC_OK) {
        return FC_ENOMEM;
    }
    *callback = (struct fc__callback){
        .shapes = shapes, .type = here, .next = shapes->callbacks, .is_once = is_once, .until = until};
    shapes->callbacks = callback; /* before its parameters, which may lead to this type again */
    *ret_callback = callback;
    int rc = make_plans(shapes, callback, here, there, what, &why);
    if (rc == FC_ENOMEM) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    if (rc != FC_OK) {
        callback->refused = fc__arena_copy(&shapes->arena, why.text, strlen(why.text));
    }
    return rc == FC_OK || callback->refused != NULL ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
}

void fc__callbacks_free(struct fc__callback *first) {
    for (struct fc__callback *callback = first; callback != NULL; callback = callback->next) {
        fc__plan_free(callback->there);
        fc__plan_free(callback->listing);
    }
}

static bool exprs_equal(const struct fc__size *left, const struct fc__size *right) {
    if (left == NULL || right == NULL) {
        return left == right;
    }
    return left->kind == right->kind && left->value == right->value && left->param == right->param &&
           left->offset == right->offset && left->bytes == right->bytes && left->record == right->record &&
           exprs_equal(left->left, right->left) && exprs_equal(left->right, right->right);
}

static bool values_equal(const struct fc__value *left, const struct fc__value *right) {
    return left->kind == right->kind && left->caller_bytes == right->caller_bytes &&
           left->callee_bytes == right->callee_bytes && left->is_signed == right->is_signed &&
           left->is_size == right->is_size && left->is_bool == right->is_bool && left->is_float == right->is_float;
}

static bool functions_equal(const struct fc__callback *left, const struct fc__callback *right) {
    return left == right || (left != NULL && right != NULL && left->there != NULL && right->there != NULL &&
                             fc__callback_equals(left, right));
}

static bool steps_equal(const struct fc__step *left, const struct fc__step *right) {
    return left->kind == right->kind && left->reads == right->reads && left->writes == right->writes &&
           left->counts_bytes == right->counts_bytes && left->offset == right->offset &&
           left->pointee.shape == right->pointee.shape && left->shape == right->shape &&
           functions_equal(left->callback, right->callback) && values_equal(&left->value, &right->value) &&
           exprs_equal(left->capacity, right->capacity) && exprs_equal(left->valid, right->valid);
}

static bool formats_equal(const struct fc__plan *left, const struct fc__plan *right) {
    const char *const none = "";
    return left->is_format == right->is_format && left->takes_list == right->takes_list &&
           left->format_index == right->format_index &&
           strcmp(left->conversions != NULL ? left->conversions : none,
                  right->conversions != NULL ? right->conversions : none) == 0;
}

bool fc__callback_equals(const struct fc__callback *left, const struct fc__callback *right) {
    const struct fc__plan *a = left->there, *b = right->there;
    bool equal = a->callee == b->callee && formats_equal(a, b) && a->trampoline_info == b->trampoline_info &&
                 a->count == b->count && left->outers.count == right->outers.count &&
                 values_equal(&a->result, &b->result) && a->result_shape == b->result_shape &&
                 functions_equal(a->result_function, b->result_function);
    for (uint32_t i = 0; equal && i < a->count; i++) {
        equal = steps_equal(&a->steps[i], &b->steps[i]);
    }
    return equal;
}
