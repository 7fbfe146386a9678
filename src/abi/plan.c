/* abi: from a declaration to a plan. */
#include "abi/plan_builder.h"

#include "abi/payload.h"

#include <inttypes.h>
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

static void put_short(struct fc__plan *plan) {
    for (uint32_t i = 0; i < plan->count; i++) {
        const bool is_payload = plan->payload != NULL && plan->payload->index == i;
        plan->puts[i] = (struct fc__put){
            .kind = (uint8_t)(is_payload ? FC__PUT_PAYLOAD
                                         : put_kind(&plan->steps[i], &plan->fetches[i], plan->callee->word_bytes)),
            .offset = (uint8_t)plan->steps[i].offset};
    }
}

static const char *copy_text(struct fc__plan *plan, const char *text) {
    return fc__arena_copy(&plan->arena, text, strlen(text));
}

static bool name_plan(struct fc__plan *plan, const char *name, const char *label) {
    plan->name = copy_text(plan, name);
    plan->symbol = label != NULL ? copy_text(plan, label) : plan->name;
    return plan->name != NULL && plan->symbol != NULL;
}

/* Of declarations that the plan outlives. */
static bool keep_texts(struct fc__plan *plan, const struct fc__type *function) {
    const uint32_t count = function->param_count;
    const char **types = fc__arena_alloc(&plan->arena, (count + 1) * sizeof *types);
    bool is_whole = types != NULL;
    for (uint32_t i = 0; is_whole && i <= count; i++) {
        char text[256];
        types[i] =
            copy_text(plan, fc__decl_type_text(i < count ? function->params[i].type : function->to, text, sizeof text));
        is_whole = types[i] != NULL;
    }
    plan->types = types;
    if (plan->is_format && plan->conversions != NULL) {
        plan->conversions = copy_text(plan, plan->conversions);
        is_whole = is_whole && plan->conversions != NULL;
    }
    return is_whole;
}

/* The arguments as they come and as they go. */
struct arguments {
    struct fc__step *steps;
    struct fc__fetched *fetches;
    struct fc__place places[FC__DECL_PARAMS_MAX + 1];
    struct fc__place hidden, list; /* pointers to the result and to what is in a list, if there are */
};

/* What each is, and which place it takes: the pointer to the result is the first, but behind a method's object. */
static int take_places(struct fc__builder *b, struct arguments *arguments) {
    struct fc__plan *plan = b->plan;
    const struct fc__type *result = b->types[FC__THERE]->to;
    const bool is_method = plan->calling->is_method && !plan->callee->is_gnu;
    const struct fc__passing pointer = fc__passing_of_pointer(plan->callee);
    int rc = result->kind != FC__TYPE_VOID
                 ? fc__passing_of_result(b->shapes->layouts[FC__THERE], result, &plan->result_passing_there, b->err)
                 : FC_OK;
    if (is_method && (result->kind == FC__TYPE_STRUCT || result->kind == FC__TYPE_UNION)) {
        plan->result_passing_there.kind = FC__PASSING_HIDDEN;
    }
    const bool is_hidden = plan->result_passing_there.kind == FC__PASSING_HIDDEN;
    b->places = fc__places_of(plan->callee, plan->calling);
    b->list = fc__places_without_registers(plan->callee);
    if (is_hidden && !is_method) {
        fc__places_take(&b->places, &pointer, &arguments->hidden);
    }
    for (uint32_t i = 0; rc == FC_OK && i < plan->count; i++) {
        rc = fc__builder_param(b, i, &arguments->steps[i], &arguments->fetches[i], &arguments->places[i]);
        if (i == 0 && is_hidden && is_method) {
            fc__places_take(&b->places, &pointer, &arguments->hidden);
        }
    }
    if (rc == FC_OK && plan->takes_list && !fc__places_take(&b->places, &pointer, &arguments->list)) {
        rc = fc__error_set(b->err, FC_EUNSUPPORTED, "the arguments of %s are too many", b->decl->name);
    }
    return rc;
}

/* What a format says may be in any register, and behind the stack words: a trampoline passes all of the one, and says
 * where the other are. */
static void leave_rest(struct fc__builder *b) {
    b->plan->rest = b->plan->takes_list ? b->list : b->places;
    if (!b->plan->takes_list) {
        fc__places_use_registers(&b->places);
    }
}

static bool add_stack_word(struct fc__plan *plan) {
    plan->stack_word = plan->words_bytes;
    plan->words_bytes += plan->callee->word_bytes;
    plan->trampoline_info |= FC__FRAME_TELLS_STACK;
    return plan->words_bytes <= FC__FRAME_WORDS_BYTES_MAX;
}

/* Where they lie in the frame, now that all are counted. */
static int lay_out(struct fc__builder *b, struct arguments *arguments) {
    struct fc__plan *plan = b->plan;
    if (b->is_upcall && plan->is_format) {
        leave_rest(b);
    }
    for (uint32_t i = 0; i < plan->count && i < b->first_listed; i++) {
        fc__step_place(&b->places, &arguments->places[i], &arguments->steps[i]);
    }
    if (plan->result_hidden) {
        plan->hidden_offset = fc__places_offset(&b->places, &arguments->hidden, 0);
    }
    plan->words_bytes = fc__places_bytes(&b->places);
    plan->arguments_bytes =
        plan->words_bytes - (b->places.skipped + (plan->result_hidden ? 1 : 0)) * plan->callee->word_bytes;
    return place_list(b, arguments->steps, arguments->places, &arguments->list);
}

/* What marshalling asks of the whole, answered once. */
static void find_ways(struct fc__plan *plan) {
    const struct fc__step *steps = plan->steps;
    plan->is_scalar =
        !plan->takes_list && !plan->is_deep && plan->descriptors == 0 && plan->result_descriptor == FC__DESCRIPTOR_NONE;
    for (uint32_t i = 0; i < plan->count; i++) {
        plan->is_scalar = plan->is_scalar && steps[i].kind == FC__STEP_VALUE &&
                          (steps[i].value.kind == FC__VALUE_RAW || steps[i].value.kind == FC__VALUE_FLOAT);
    }
    plan->points_back = has_data(steps, plan->count) && gives_pointers(plan, steps, plan->count);
    plan->may_alias = may_alias(steps, plan->count);
    plan->may_meet = may_meet(steps, plan->count);
    plan->handle = fc__builder_handle(steps, plan->count);
    plan->asks = asks(plan, steps);
    const bool fits = plan->is_scalar && plan->words_bytes <= FC__FRAME_LINE_BYTES;
    plan->is_short = fits && !plan->result_string && !plan->result.is_bool &&
                     (plan->result.kind == FC__VALUE_VOID || plan->result.kind == FC__VALUE_RAW);
    plan->is_nearly_short = fits && plan->result_string;
    if (plan->is_short || plan->is_nearly_short) {
        put_short(plan);
    }
}

static int build(struct fc__builder *b) {
    struct fc__plan *plan = b->plan;
    int rc = fc__builder_function(b);
    if (rc != FC_OK) {
        return rc;
    }
    const struct fc__type *here = b->types[FC__HERE];
    plan->count = here->param_count;
    plan->begins = here->begins;
    plan->ends = here->ends;
    struct arguments arguments = {.steps = fc__arena_alloc(&plan->arena, (plan->count + 1) * sizeof *arguments.steps),
                                  .fetches =
                                      fc__arena_alloc(&plan->arena, (plan->count + 1) * sizeof *arguments.fetches)};
    plan->steps = arguments.steps;
    plan->fetches = arguments.fetches;
    if (plan->steps == NULL || plan->fetches == NULL || !name_plan(plan, b->decl->name, b->label) ||
        !keep_texts(plan, here)) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    uint32_t result_class = 0, flags = 0;
    rc = take_places(b, &arguments);
    rc = rc == FC_OK ? fc__builder_result(b, &result_class, &flags) : rc;
    rc = rc == FC_OK ? fc__builder_failure(b) : rc;
    rc = rc == FC_OK ? fc__shape_size(b->shapes, b->decl->success, here, &plan->success, b->err) : rc;
    rc = rc == FC_OK ? fc__shape_size(b->shapes, here->when, here, &plan->when, b->err) : rc;
    rc = rc == FC_OK ? lay_out(b, &arguments) : rc;
    if (rc == FC_OK) {
        find_ways(plan);
        plan->info = fc__places_info(&b->places, result_class, flags);
        plan->trampoline_info = fc__places_trampoline_info(&b->places, plan->info & ~FC__FRAME_GATHER_STRING);
        if (b->is_upcall && plan->is_format && !plan->takes_list && !add_stack_word(plan)) {
            rc = fc__error_set(b->err, FC_EUNSUPPORTED, "the arguments of %s take more than %u bytes", b->decl->name,
                               FC__FRAME_WORDS_BYTES_MAX);
        }
    }
    return rc;
}

/* In its own arena. */
static struct fc__plan *plan_new(struct fc__shapes *shapes) {
    struct fc__arena arena = {0};
    struct fc__plan *plan = fc__arena_alloc(&arena, sizeof *plan);
    if (plan != NULL) {
        plan->arena = arena;
        plan->caller = shapes->layouts[FC__HERE]->target;
        plan->callee = shapes->layouts[FC__THERE]->target;
        plan->made_of = shapes;
    }
    return plan;
}

static int plan_of(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there, bool is_upcall,
                   const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    struct fc__plan *plan = plan_new(shapes);
    if (plan == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    struct fc__builder b = {.plan = plan,
                            .shapes = shapes,
                            .decl = here,
                            .label = there->label,
                            .types = {here->type, there->type},
                            .is_upcall = is_upcall,
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
    return plan_of(shapes, here, there, true, NULL, ret_plan, err);
}

int fc__plan_of_passing(struct fc__shapes *shapes, const struct fc__decl *here, const struct fc__decl *there,
                        const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    return plan_of(shapes, here, there, false, kinds, ret_plan, err);
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
    struct fc__plan *plan = plan_new(shapes);
    const struct fc__type *type = innermost(here->type);
    const bool is_pointer = type->kind == FC__TYPE_POINTER && type->to->kind != FC__TYPE_FUNCTION;
    const bool is_text = is_pointer && fc__shape_is_char(type->to) && type->to->is_const;
    const struct fc__annotation note = {.extent = is_text ? FC__EXTENT_STRING : FC__EXTENT_NONE,
                                        .is_opaque = is_pointer && !is_text};
    if (plan == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    plan->is_variable = true;
    plan->is_constant = type->is_const || here->type->is_const;
    plan->is_synced = here->is_synced;
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

int fc__plan_parse(const char *text, size_t len, const char *source_name, const struct fc__target *const targets[2],
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

void fc__plan_free(struct fc__plan *plan) {
    while (plan != NULL) {
        struct fc__plan *row = plan->rows != NULL ? plan->rows : plan->next_row;
        struct fc__shapes *shapes = plan->shapes;
        struct fc__arena arena = plan->arena; /* where the plan itself is */
        fc__arena_done(&arena);
        fc__shapes_drop(shapes);
        plan = row;
    }
}
