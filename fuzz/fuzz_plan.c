/* fuzz: any bytes as a prototype, and as the declaration of a variable, compiled for each pair of targets. What is
 * compiled is consistent and can be told in words; what is refused has an error. */
#include "abi/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* Sizes are what the two layouts say, so inner parts lie within outer ones on both sides. */
static void check_shape(const struct fc__shape *shape, unsigned depth) {
    require(shape->type_name != NULL && depth <= 2 * FC__DECL_DEPTH_MAX);
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        require(!shape->is_plain || shape->size[side] == shape->size[FC__HERE]);
        if (shape->kind == FC__SHAPE_ARRAY) {
            require(shape->size[side] == shape->count[side] * shape->element->size[side]);
        }
        for (uint32_t i = 0; i < shape->field_count; i++) {
            const struct fc__shape_field *field = &shape->fields[i];
            require(field->name != NULL && (field->is_local || field->shape != NULL));
            require(field->is_local || field->is_flexible || field->bit_width != 0 ||
                    field->offset[side] + field->shape->size[side] <= shape->size[side]);
        }
    }
    if (shape->kind == FC__SHAPE_ARRAY) {
        check_shape(shape->element, depth + 1);
    }
    for (uint32_t i = 0; i < shape->field_count; i++) {
        if (!shape->fields[i].is_local) {
            check_shape(shape->fields[i].shape, depth + 1);
        }
    }
}

static void check_plan(const struct fc__plan *plan) {
    require(plan->count <= FC__FRAME_ARGUMENTS_MAX && plan->words_bytes <= FC__FRAME_WORDS_BYTES_MAX);
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        const bool is_pointer =
            step->kind == FC__STEP_STRING || step->kind == FC__STEP_BUFFER || step->kind == FC__STEP_OBJECT;
        require(step->name != NULL && step->offset <= plan->words_bytes);
        require(!is_pointer || step->pointee.shape != NULL);
        require((step->kind == FC__STEP_FUNCTION) == (step->callback != NULL));
        if (is_pointer) {
            check_shape(step->pointee.shape, 0);
        } else if (step->kind == FC__STEP_WHOLE) {
            check_shape(step->shape, 0);
        } else if (step->kind == FC__STEP_FUNCTION && step->callback->refused == NULL) {
            require(step->callback->there != NULL && step->callback->here.places != NULL);
        }
    }
}

static void tell(const struct fc__plan *plan) {
    char some[64];
    const size_t len = fc__plan_text(plan, NULL, 0);
    char *all = malloc(len + 1);
    require(len > 0 && all != NULL);
    require(fc__plan_text(plan, all, len + 1) == len && strlen(all) == len);
    require(fc__plan_text(plan, some, sizeof some) == len);
    require(strlen(some) == (len < sizeof some ? len : sizeof some - 1) && strncmp(all, some, strlen(some)) == 0);
    free(all);
}

static void compile(const uint8_t *data, size_t size, const struct fc__target *const sides[2], const char *kinds) {
    struct fc__plan *plan = NULL;
    struct fc__error err = {.code = FC_OK};
    int rc = fc__plan_parse((const char *)data, size, "fuzz", sides, kinds, &plan, &err);
    if (rc == FC_OK) {
        require(plan->is_variable == (kinds == fc__plan_variable));
        if (plan->is_variable) {
            check_shape(plan->result_shape, 0);
        } else {
            check_plan(plan);
        }
        tell(plan);
        fc__plan_free(plan);
    } else {
        require(plan == NULL && err.code == rc && err.text[0] != '\0');
        require(rc == FC_EPARSE || rc == FC_EUNSUPPORTED || rc == FC_EANNOTATION);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct fc__target *const targets[] = {fc__target_find("i386-linux"), fc__target_find("x86_64-linux")};
    for (unsigned pair = 0; pair < 4; pair++) {
        const struct fc__target *const sides[2] = {targets[pair & 1], targets[pair >> 1]};
        compile(data, size, sides, NULL);
        compile(data, size, sides, fc__plan_variable);
    }
    return 0;
}
