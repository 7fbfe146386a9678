/* abi: from a declaration to a plan. The rules on pointers (docs/annotations.md) are all here: what has a default, what
 * is refused. */
#include "abi/plan_builder.h"

#include "abi/format.h"
#include "abi/payload.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void fc__step_place(const struct fc__places *places, const struct fc__place *place, struct fc__step *step) {
    if (place->kind == FC__PASSING_STACK) {
        step->offset = (uint16_t)fc__places_offset(places, place, 0);
        return;
    }
    for (unsigned part = 0; part < 2; part++) {
        if (place->classes[part] != FC__CLASS_NONE) {
            step->is_vector = step->is_vector || place->classes[part] == FC__CLASS_VECTOR;
            uint16_t offset = (uint16_t)fc__places_offset(places, place, part);
            step->parts |= (uint8_t)(1u << part);
            *(part == 0 ? &step->offset : &step->second_offset) = offset;
        }
    }
}

static const char *const *copy_types(struct fc__builder *b, const struct fc__type *function) {
    const uint32_t count = function->param_count;
    const char **types = fc__arena_alloc(&b->plan->arena, (count + 1) * sizeof *types);
    for (uint32_t i = 0; types != NULL && i <= count; i++) {
        char text[256];
        fc__decl_type_text(i < count ? function->params[i].type : function->to, text, sizeof text);
        types[i] = fc__arena_copy(&b->plan->arena, text, strlen(text));
        b->is_out_of_memory = b->is_out_of_memory || types[i] == NULL;
    }
    b->is_out_of_memory = b->is_out_of_memory || types == NULL;
    return types;
}

static bool has_data(const struct fc__step *steps, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i].kind == FC__STEP_STRING || steps[i].kind == FC__STEP_BUFFER || steps[i].kind == FC__STEP_OBJECT) {
            return true;
        }
    }
    return false;
}

static bool gives_pointers(const struct fc__plan *plan, const struct fc__step *steps, uint32_t count) {
    bool gives = plan->result.kind == FC__VALUE_POINTER;
    for (uint32_t i = 0; i < count; i++) {
        gives =
            gives || (steps[i].kind == FC__STEP_BUFFER && steps[i].writes && steps[i].value.kind == FC__VALUE_POINTER);
    }
    return gives;
}

static enum fc__put_kind put_kind(const struct fc__step *step, const struct fc__fetched *fetch, uint32_t word_bytes) {
    if (step->value.kind == FC__VALUE_INTEGER || step->value.kind == FC__VALUE_POINTER) {
        return FC__PUT_CHECKED;
    }
    if (fetch->kind == FC__FETCH_DOUBLE) {
        return FC__PUT_DOUBLE;
    }
    if (fetch->kind == FC__FETCH_FLOAT) {
        return FC__PUT_FLOAT;
    }
    if (fetch->bytes == 8) {
        return FC__PUT_8;
    }
    if (fetch->bytes < 4) {
        return FC__PUT_SMALL;
    }
    return word_bytes == 4 ? FC__PUT_INT4 : fetch->is_signed ? FC__PUT_INT8_SIGNED : FC__PUT_INT8_UNSIGNED;
}

static bool may_alias(const struct fc__step *steps, uint32_t count) {
    uint32_t pointers = 0, written = 0;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_buffer = steps[i].kind == FC__STEP_BUFFER;
        pointers += is_buffer || steps[i].kind == FC__STEP_STRING;
        written += is_buffer && steps[i].writes;
    }
    return pointers > 1 && written > 0;
}

static bool may_meet(const struct fc__step *steps, uint32_t count) {
    bool meets = may_alias(steps, count), is_written = false;
    uint32_t pointers = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct fc__shape *shape = steps[i].kind == FC__STEP_WHOLE ? steps[i].shape : steps[i].pointee.shape;
        pointers += steps[i].pointee.shape != NULL;
        is_written = is_written || (steps[i].pointee.shape != NULL && steps[i].pointee.writes);
        meets = meets || (shape != NULL && shape->follows);
    }
    return meets || (pointers > 1 && is_written);
}

/* Whether the host may be asked for what lies behind pointers, or how a path is written there. */
static bool shape_asks(const struct fc__shape *shape) {
    return shape->follows || (shape->is_path && shape->size[FC__THERE] == 1);
}
static bool asks(const struct fc__plan *plan, const struct fc__step *steps) {
    bool asks = plan->result_points || (plan->result_whole && shape_asks(plan->result_shape));
    for (uint32_t i = 0; i < plan->count; i++) {
        asks = asks || (steps[i].kind == FC__STEP_OBJECT && shape_asks(steps[i].pointee.shape));
    }
    return asks;
}

/* -- what stands in the place of `...` ----------------------------------------------------------------------------- */

static bool is_list(const struct fc__type *type) {
    return type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_VA_LIST;
}

/* Its arguments are what a format says, behind it or in a list. */
static void find_format(struct fc__builder *b) {
    const struct fc__type *here = b->types[FC__HERE];
    struct fc__plan *plan = b->plan;
    const uint32_t count = here->param_count;
    plan->takes_list = count > 0 && is_list(here->params[count - 1].type);
    plan->is_format = plan->is_open = false;
    for (uint32_t i = 0; i < count && (plan->takes_list || (here->is_variadic && here->fixed_count == count)); i++) {
        if (here->params[i].annotation.is_format) {
            plan->is_format = plan->is_open = true;
            plan->format_index = i;
            plan->conversions = here->params[i].annotation.conversions;
        }
    }
    plan->takes_list = plan->takes_list && plan->is_format;
}

/* The types with `passed` behind their parameters, of which a list is none any more. */
static int replace_passed(struct fc__builder *b) {
    const size_t more = b->passed != NULL ? strlen(b->passed) : 0;
    const uint32_t fixed = b->types[FC__HERE]->param_count - (b->plan->takes_list ? 1 : 0);
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        struct fc__type *type = fc__arena_alloc(&b->shapes->arena, sizeof *type);
        struct fc__param *params = fc__arena_alloc(&b->shapes->arena, (fixed + more + 1) * sizeof *params);
        if (type == NULL || params == NULL) {
            return fc__error_set(b->err, FC_ENOMEM, "out of memory");
        }
        if (b->types[side]->param_count < fixed) {
            return FC_OK; /* which is refused */
        }
        memcpy(params, b->types[side]->params, fixed * sizeof *params);
        for (size_t i = 0; i < more; i++) {
            const struct fc__param *passed = fc__format_kind(b->passed[i]);
            if (passed == NULL || fixed + i >= FC__DECL_PARAMS_MAX) {
                return fc__error_set(b->err, FC_EUNSUPPORTED, "a call of %s has more than %d arguments", b->decl->name,
                                     FC__DECL_PARAMS_MAX);
            }
            params[fixed + i] = *passed;
        }
        *type = *b->types[side];
        type->params = params;
        type->param_count = fixed + (uint32_t)more;
        type->fixed_count = fixed;
        b->types[side] = type;
    }
    b->first_listed = b->plan->takes_list ? fixed : UINT32_MAX;
    return FC_OK;
}

/* The parameters and the result as _Fc_as_ and _Fc_utf8_ say. */
static int see_params(struct fc__builder *b) {
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        const uint32_t count = b->types[side]->param_count;
        struct fc__type *type = fc__arena_alloc(&b->shapes->arena, sizeof *type);
        struct fc__param *params = fc__arena_alloc(&b->shapes->arena, (count + 1) * sizeof *params);
        if (type == NULL || params == NULL) {
            return fc__error_set(b->err, FC_ENOMEM, "out of memory");
        }
        *type = *b->types[side];
        type->to = fc__shape_seen(b->shapes, side, type->to, type->result);
        bool is_lost = type->to == NULL;
        for (uint32_t i = 0; i < count; i++) {
            params[i] = type->params[i];
            params[i].type = fc__shape_seen(b->shapes, side, params[i].type, &params[i].annotation);
            is_lost = is_lost || params[i].type == NULL;
        }
        if (is_lost) {
            return fc__error_set(b->err, FC_ENOMEM, "out of memory");
        }
        type->params = params;
        b->types[side] = type;
    }
    return FC_OK;
}

/* C11 6.5.2.2p7: `...` promotes what is passed. */
static int check_promoted(struct fc__builder *b, const struct fc__type *function) {
    for (uint32_t i = function->fixed_count; function->is_variadic && i < function->param_count; i++) {
        const struct fc__type *type = function->params[i].type;
        const bool is_float = type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_FLOAT;
        char text[256];
        if (is_float ||
            (fc__shape_is_integer(type) && type->kind == FC__TYPE_SCALAR && b->plan->caller->bytes[type->scalar] < 4)) {
            return fc__error_set(
                b->err, FC_EUNSUPPORTED,
                "parameter %" PRIu32 " of %s, behind the `...`, has the type `%s`, which C passes there "
                "as %s: write that",
                i + 1, b->decl->name, fc__decl_type_text(type, text, sizeof text), is_float ? "double" : "int");
        }
    }
    return FC_OK;
}

/* Behind the words of the call, aligned as the list's own are: they go to memory of their own with those. */
static int place_list(struct fc__builder *b, struct fc__step *steps, const struct fc__place *places,
                      const struct fc__place *list) {
    struct fc__plan *plan = b->plan;
    if (!plan->takes_list) {
        return FC_OK;
    }
    plan->list_word = fc__places_offset(&b->places, list, 0);
    plan->list_offset = (plan->words_bytes + 15) & ~15u;
    for (uint32_t i = b->first_listed; i < plan->count; i++) {
        steps[i].parts = 0;
        steps[i].offset = (uint16_t)(plan->list_offset + places[i].at[0]);
    }
    plan->words_bytes = plan->list_offset + b->list.stack_bytes;
    return plan->words_bytes <= FC__FRAME_WORDS_BYTES_MAX
               ? FC_OK
               : fc__error_set(b->err, FC_EUNSUPPORTED, "the arguments of %s take more than %u bytes", b->decl->name,
                               FC__FRAME_WORDS_BYTES_MAX);
}

static bool is_record(const struct fc__type *type) {
    return fc__shape_is_record(type) || fc__shape_is_complex(type);
}

/* Delphi passes records as their addresses, but for some small ones, and takes that of a result as the last argument. */
static int check_leftward(struct fc__builder *b, const struct fc__type *there) {
    bool has_record = is_record(there->to);
    for (uint32_t i = 0; i < there->param_count; i++) {
        has_record = has_record || is_record(there->params[i].type);
    }
    return !b->plan->calling->is_leftward || !has_record
               ? FC_OK
               : fc__error_set(
                     b->err, FC_EUNSUPPORTED,
                     "%s takes or returns a struct, which __register does not do by value. Write what Delphi "
                     "passes: a pointer to it (`_In_ const struct s *`), and for a result one more parameter, "
                     "the last (`_Out_ struct s *`)",
                     b->decl->name);
}

/* A word of the caller's text that the callee's has not. */
static bool is_other_convention(const struct fc__target *callee, const char *name, const struct fc__calling *calling) {
    const struct fc__calling *named = fc__calling_find(callee, name);
    return named == NULL || named->pops != calling->pops || named->small != calling->small ||
           named->is_method != calling->is_method;
}

static int check_function(struct fc__builder *b) {
    const struct fc__type *here = b->types[FC__HERE], *there = b->types[FC__THERE];
    /* a variadic function is called as C is, whatever it says */
    b->plan->calling = fc__calling_find(b->plan->callee, there->is_variadic ? NULL : there->convention);
    if (b->plan->calling == NULL || (here->convention != NULL && there->convention == NULL &&
                                     is_other_convention(b->plan->callee, here->convention, b->plan->calling))) {
        const char *name = there->convention != NULL ? there->convention : here->convention;
        const bool is_narrow = strcmp(name, "register") == 0;
        return fc__error_set(
            b->err, FC_EUNSUPPORTED, "%s has the calling convention `%s`, which %s", b->decl->name, name,
            is_narrow ? "is one of 32-bit libraries: what Delphi makes for 64 bits is declared without it"
                      : "is not supported yet");
    }
    int rc = check_leftward(b, there);
    if (rc != FC_OK) {
        return rc;
    }
    if (here->is_variadic && here->fixed_count == here->param_count && !b->plan->is_format) {
        return fc__error_set(
            b->err, FC_EUNSUPPORTED,
            "%s is variadic. Write behind the `...` what a call passes there, such as `..., int, "
            "_In_z_ const char *`; or leave it out if that is nothing. Calls that pass other types are "
            "bound beside this one. _Fc_when_(condition) before such a row says for which calls it is, and "
            "_Printf_format_string_ that a format decides",
            b->decl->name);
    }
    if (here->param_count != there->param_count) {
        return fc__error_set(b->err, FC_EUNSUPPORTED, "%s has %u parameters for %s, and %u for %s", b->decl->name,
                             here->param_count, b->plan->caller->name, there->param_count, b->plan->callee->name);
    }
    return FC_OK;
}

static void put_short(struct fc__plan *plan) {
    for (uint32_t i = 0; i < plan->count; i++) {
        const bool is_payload = plan->payload != NULL && plan->payload->index == i;
        plan->puts[i] = (struct fc__put){
            .kind = (uint8_t)(is_payload ? FC__PUT_PAYLOAD
                                         : put_kind(&plan->steps[i], &plan->fetches[i], plan->callee->word_bytes)),
            .offset = (uint8_t)plan->steps[i].offset};
    }
}

static bool name_plan(struct fc__plan *plan, const char *name, const char *label) {
    plan->name = fc__arena_copy(&plan->arena, name, strlen(name));
    plan->symbol = label != NULL ? fc__arena_copy(&plan->arena, label, strlen(label)) : plan->name;
    return plan->name != NULL && plan->symbol != NULL;
}

static int build(struct fc__builder *b) {
    struct fc__plan *plan = b->plan;
    find_format(b);
    b->first_listed = UINT32_MAX;
    int rc = check_function(b);
    rc = rc == FC_OK && plan->is_format ? replace_passed(b) : rc;
    rc = rc == FC_OK ? see_params(b) : rc;
    rc = rc == FC_OK ? check_promoted(b, b->types[FC__HERE]) : rc;
    const uint32_t count = b->types[FC__HERE]->param_count;
    if (rc != FC_OK) {
        return rc;
    }
    struct fc__step *steps = fc__arena_alloc(&plan->arena, (count + 1) * sizeof *steps);
    struct fc__fetched *fetches = fc__arena_alloc(&plan->arena, (count + 1) * sizeof *fetches);
    if (steps == NULL || fetches == NULL || !name_plan(plan, b->decl->name, b->label)) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    plan->steps = steps;
    plan->count = count;
    struct fc__place places[FC__DECL_PARAMS_MAX + 1] = {0}, hidden = {0}, list = {0};
    const struct fc__type *result_there = b->types[FC__THERE]->to;
    b->places = fc__places_of(plan->callee, plan->calling);
    b->list = fc__places_without_registers(plan->callee);
    rc = result_there->kind != FC__TYPE_VOID
             ? fc__passing_of_result(b->shapes->layouts[FC__THERE], result_there, &plan->result_passing_there, b->err)
             : FC_OK;
    const bool is_method = plan->calling->is_method && !plan->callee->is_gnu;
    if (is_method && (result_there->kind == FC__TYPE_STRUCT || result_there->kind == FC__TYPE_UNION)) {
        plan->result_passing_there.kind = FC__PASSING_HIDDEN;
    }
    const struct fc__passing pointer = fc__passing_of_pointer(plan->callee);
    const bool is_hidden = rc == FC_OK && plan->result_passing_there.kind == FC__PASSING_HIDDEN;
    if (is_hidden && !is_method) {
        fc__places_take(&b->places, &pointer, &hidden);
    }
    plan->is_scalar = true;
    for (uint32_t i = 0; rc == FC_OK && i < count; i++) {
        rc = fc__builder_param(b, i, &steps[i], &fetches[i], &places[i]);
        if (i == 0 && is_hidden && is_method) {
            fc__places_take(&b->places, &pointer, &hidden);
        }
        plan->is_scalar = plan->is_scalar && steps[i].kind == FC__STEP_VALUE &&
                          (steps[i].value.kind == FC__VALUE_RAW || steps[i].value.kind == FC__VALUE_FLOAT);
    }
    if (rc == FC_OK && plan->takes_list) {
        plan->is_scalar = false;
        rc = fc__places_take(&b->places, &pointer, &list)
                 ? FC_OK
                 : fc__error_set(b->err, FC_EUNSUPPORTED, "the arguments of %s are too many", b->decl->name);
    }
    uint32_t result_class = 0, flags = 0;
    rc = rc == FC_OK ? fc__builder_result(b, &result_class, &flags) : rc;
    rc = rc == FC_OK ? fc__builder_failure(b) : rc;
    rc = rc == FC_OK ? fc__shape_size(b->shapes, b->decl->success, b->types[FC__HERE], &plan->success, b->err) : rc;
    rc =
        rc == FC_OK ? fc__shape_size(b->shapes, b->types[FC__HERE]->when, b->types[FC__HERE], &plan->when, b->err) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    for (uint32_t i = 0; i < count && i < b->first_listed; i++) {
        fc__step_place(&b->places, &places[i], &steps[i]);
    }
    if (plan->is_format && plan->conversions != NULL) {
        plan->conversions = fc__arena_copy(&plan->arena, plan->conversions, strlen(plan->conversions));
        b->is_out_of_memory = b->is_out_of_memory || plan->conversions == NULL;
    }
    if (plan->result_hidden) {
        plan->hidden_offset = fc__places_offset(&b->places, &hidden, 0);
    }
    plan->types = copy_types(b, b->types[FC__HERE]);
    if (b->is_out_of_memory) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    plan->is_scalar =
        plan->is_scalar && !plan->is_deep && plan->descriptors == 0 && plan->result_descriptor == FC__DESCRIPTOR_NONE;
    plan->points_back = has_data(steps, count) && gives_pointers(plan, steps, count);
    plan->may_alias = may_alias(steps, count);
    plan->may_meet = may_meet(steps, count);
    plan->handle = fc__builder_handle(steps, count);
    plan->begins = b->types[FC__HERE]->begins;
    plan->ends = b->types[FC__HERE]->ends;
    plan->asks = asks(plan, steps);
    plan->fetches = fetches;
    plan->words_bytes = fc__places_bytes(&b->places);
    plan->arguments_bytes = plan->words_bytes - (b->places.skipped + (is_hidden ? 1 : 0)) * plan->callee->word_bytes;
    rc = place_list(b, steps, places, &list);
    if (rc != FC_OK) {
        return rc;
    }
    const bool fits = plan->is_scalar && plan->words_bytes <= FC__FRAME_LINE_BYTES;
    plan->is_short = fits && !plan->result_string && !plan->result.is_bool &&
                     (plan->result.kind == FC__VALUE_VOID || plan->result.kind == FC__VALUE_RAW);
    plan->is_nearly_short = fits && plan->result_string;
    if (plan->is_short || plan->is_nearly_short) {
        put_short(plan);
    }
    plan->info = fc__places_info(&b->places, result_class, flags);
    plan->trampoline_info = fc__places_trampoline_info(&b->places, plan->info);
    return FC_OK;
}

int fc__plan_of_passing(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there,
                        const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    struct fc__plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    plan->caller = shapes->layouts[FC__HERE]->target;
    plan->callee = shapes->layouts[FC__THERE]->target;
    plan->made_of = shapes;
    struct fc__builder b = {.plan = plan,
                            .shapes = shapes,
                            .decl = here,
                            .label = there->label,
                            .types = {here->type, there->type},
                            .passed = kinds,
                            .err = err};
    int rc = build(&b);
    if (rc != FC_OK) {
        fc__plan_free(plan);
        return rc;
    }
    *ret_plan = plan;
    return FC_OK;
}

int fc__plan_of(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there,
                struct fc__plan **ret_plan, struct fc__error *err) {
    return fc__plan_of_passing(shapes, here, there, NULL, ret_plan, err);
}

/* -- variables ----------------------------------------------------------------------------------------------------- */

const char fc__plan_variable[] = "";

static const struct fc__type *innermost(const struct fc__type *type) {
    while (type->kind == FC__TYPE_ARRAY) {
        type = type->to;
    }
    return type;
}

static int plan_of_variable(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there,
                            struct fc__plan **ret_plan, struct fc__error *err) {
    struct fc__plan *plan = calloc(1, sizeof *plan);
    const struct fc__type *type = innermost(here->type);
    const bool is_pointer = type->kind == FC__TYPE_POINTER && type->to->kind != FC__TYPE_FUNCTION;
    const bool is_text = is_pointer && fc__shape_is_char(type->to) && type->to->is_const;
    const struct fc__annotation note = {.extent = is_text ? FC__EXTENT_STRING : FC__EXTENT_NONE,
                                        .is_opaque = is_pointer && !is_text};
    if (plan == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    plan->caller = shapes->layouts[FC__HERE]->target;
    plan->callee = shapes->layouts[FC__THERE]->target;
    plan->is_variable = true;
    plan->made_of = shapes;
    plan->is_constant = type->is_const || here->type->is_const;
    int rc = name_plan(plan, here->name, there->label) ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
    rc = rc == FC_OK ? fc__shape_of(shapes, plan->name, here->type, there->type, &note, &plan->result_shape, err) : rc;
    if (rc != FC_OK) {
        fc__plan_free(plan);
        return rc;
    }
    *ret_plan = plan;
    return FC_OK;
}

int fc__plan_of_one(struct fc__layouts *here, struct fc__layouts *there, const struct fc__decl *const decls[2],
                    const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        const struct fc__decl *decl = decls[side];
        const bool is_function = decl != NULL && decl->type->kind == FC__TYPE_FUNCTION;
        if (decl == NULL || is_function == (kinds == fc__plan_variable)) {
            return fc__error_set(err, FC_EPARSE, "the declaration%s%s is not a %s's",
                                 decl != NULL && decl->name != NULL ? " of " : "",
                                 decl != NULL && decl->name != NULL ? decl->name : "",
                                 kinds == fc__plan_variable ? "variable" : "function");
        }
    }
    struct fc__shapes *shapes = fc__shapes_new(here, there);
    if (shapes == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    int rc = kinds == fc__plan_variable
                 ? plan_of_variable(shapes, decls[FC__HERE], decls[FC__THERE], ret_plan, err)
                 : fc__plan_of_passing(shapes, decls[FC__HERE], decls[FC__THERE], kinds, ret_plan, err);
    fc__shapes_built(shapes);
    if (rc == FC_OK) {
        struct fc__plan *plan = *ret_plan;
        plan->shapes = shapes;
        if (!plan->is_variable && !plan->is_short && fc__payload_find(plan)) { /* now that its shapes are whole */
            plan->is_nearly_short = true;
            put_short(plan);
        }
    } else {
        fc__shapes_drop(shapes);
    }
    return rc;
}

int fc__plan_parse_for(const char *text, size_t len, const char *source_name, const struct fc__target *const targets[2],
                       const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    struct fc__layouts layouts[2];
    struct fc__unit units[2];
    int parsed = 0, rc = FC_OK;
    fc__layouts_init_pair(&layouts[FC__HERE], targets[FC__HERE], &layouts[FC__THERE], targets[FC__THERE]);
    for (; parsed < 2 && rc == FC_OK; parsed++) {
        rc = fc__layout_parse(&layouts[parsed], text, len, source_name, &units[parsed], err);
        if (rc != FC_OK) {
            fc__layouts_done(&layouts[parsed]);
            break;
        }
    }
    if (rc == FC_OK) {
        const struct fc__decl *const decls[2] = {units[FC__HERE].last, units[FC__THERE].last};
        rc = fc__plan_of_pair(&layouts[FC__HERE], &layouts[FC__THERE], decls, kinds, ret_plan, err);
    }
    for (int i = 0; i < parsed; i++) {
        fc__layouts_done(&layouts[i]);
        fc__decl_unit_done(&units[i]);
    }
    return rc;
}

int fc__plan_parse(const char *text, size_t len, const char *source_name, const struct fc__target *caller,
                   const struct fc__target *callee, struct fc__plan **ret_plan, struct fc__error *err) {
    const struct fc__target *const targets[2] = {caller, callee};
    return fc__plan_parse_for(text, len, source_name, targets, NULL, ret_plan, err);
}

void fc__plan_free(struct fc__plan *plan) {
    while (plan != NULL) {
        struct fc__plan *row = plan->rows != NULL ? plan->rows : plan->next_row;
        struct fc__shapes *shapes = plan->shapes;
        fc__arena_done(&plan->arena);
        free(plan);
        fc__shapes_drop(shapes);
        plan = row;
    }
}
