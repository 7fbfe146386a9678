/* abi: what a plan does with each parameter. The rules on pointers (docs/annotations.md) are all here: what has a
 * default, what is refused. */
#include "abi/plan_builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int fc__builder_refuses(struct fc__builder *b, const char *what, const struct fc__type *type, const char *why) {
    char text[256];
    const char *refusal = fc__decl_refusal(type->kind == FC__TYPE_POINTER ? type->to : type);
    return fc__error_set(b->err, FC_EUNSUPPORTED, "%s of %s has the type `%s`: %s", what, b->decl->name,
                         fc__decl_type_text(type, text, sizeof text), refusal != NULL ? refusal : why);
}

bool fc__builder_value(struct fc__builder *b, const struct fc__type *here, const struct fc__type *there, bool is_opaque,
                       struct fc__value *ret_value) {
    return fc__shape_value(b->shapes, here, there, is_opaque, ret_value) && ret_value->kind != FC__VALUE_LONG_DOUBLE;
}

static const char *param_text(struct fc__builder *b, const struct fc__param *param, uint32_t index, char *buffer,
                              size_t size) {
    (void)b;
    if (param->name != NULL) {
        snprintf(buffer, size, "parameter `%.100s`", param->name);
    } else {
        snprintf(buffer, size, "parameter %u", index + 1);
    }
    return buffer;
}

/* What could be written before a pointer to what can be passed. */
static void offer_buffers(struct fc__builder *b, const struct fc__param *param) {
    const struct fc__type *to = param->type->to;
    const bool is_void = to->kind == FC__TYPE_VOID;
    const bool is_byte = to->kind == FC__TYPE_SCALAR && b->plan->caller->bytes[to->scalar] == 1;
    const char *bytes = is_void ? "bytes_" : "";
    char n[24] = "n";
    if (param->array_length != 0) {
        snprintf(n, sizeof n, "%" PRIu64, param->array_length);
    }
    if (to->is_const) {
        fc__error_add(b->err, ". Write before it _In_reads_%s(%s) if %s %s are read%s%s", bytes, n, n,
                      is_void ? "bytes" : "elements", is_void ? "" : ", _In_ if it is one value",
                      is_byte ? ", _In_z_ if it ends with a NUL" : "");
    } else {
        fc__error_add(b->err,
                      ". Write before it _In_reads_%s(%s), _Out_writes_%s(%s), _Inout_updates_%s(%s) or "
                      "_Out_writes_%sto_(capacity, *length)%s%s",
                      bytes, n, bytes, n, bytes, n, bytes, is_void ? "" : "; _In_, _Out_ or _Inout_ if it is one value",
                      is_byte ? "; _In_z_ if it ends with a NUL and is only read" : "");
    }
}

/* Names the annotations that would settle it, and only those that can be obeyed. */
static int needs_annotation(struct fc__builder *b, const struct fc__param *param, const char *what) {
    const struct fc__type *to = param->type->to;
    const struct fc__annotation *note = &param->annotation;
    struct fc__value element;
    char text[256];
    fc__error_set(b->err, FC_EANNOTATION, "%s of %s is `%s`, which does not say what it points to", what, b->decl->name,
                  fc__decl_type_text(param->type, text, sizeof text));
    if (to->kind == FC__TYPE_VOID && note->direction != FC__DIRECTION_NONE) {
        fc__error_add(b->err, ": `%.100s` gives no number of bytes", note->text);
    }
    const char *opaque = "; or _Fc_opaque_ if only one side ever looks through it. See docs/annotations.md.";
    if (fc__shape_is_char(to) && to->is_const) {
        fc__error_add(b->err, "; an integer follows it, which may be its length. Write before it _In_z_ if it ends "
                              "with a NUL, _In_reads_(n) if n "
                              "elements are read");
    } else if (to->kind == FC__TYPE_VOID || to->kind == FC__TYPE_ARRAY || fc__shape_is_record(to) ||
               fc__builder_value(b, to, to, false, &element)) {
        offer_buffers(b, param);
    } else if (to->kind == FC__TYPE_POINTER) {
        fc__error_add(b->err,
                      ". Write before it %s_In_reads_(n) if n pointers are read, _NullNull_terminated_ if NULL "
                      "ends them",
                      to->is_const ? "" : "_Outptr_ if a pointer comes out of it, ");
    } else {
        const char *refusal = fc__decl_refusal(to);
        fc__error_add(b->err, ": %s", refusal != NULL ? refusal : "its contents cannot be passed");
        opaque = ". Write before it _Fc_opaque_ if only one side ever looks through it. See docs/annotations.md.";
    }
    fc__error_add(b->err, "%s", opaque);
    return FC_EANNOTATION;
}

/* An annotation that asks to look into what cannot be looked into. */
static int unsupported_contents(struct fc__builder *b, const struct fc__param *param, const char *what) {
    const struct fc__type *to = param->type->to;
    char why[256];
    if (to->kind == FC__TYPE_POINTER) {
        return fc__builder_refuses(b, what, param->type,
                                   "nothing says what the pointers that it points to lead to. Write before it, too, "
                                   "_At_(*p, _In_reads_(n)) or "
                                   "the like, p being its name; _Fc_opaque_ if they are opaque");
    }
    if ((to->kind == FC__TYPE_STRUCT || to->kind == FC__TYPE_UNION) && !to->body->is_complete) {
        snprintf(why, sizeof why, "nothing here says what is in it; without `%.100s` it is opaque, a handle",
                 param->annotation.text);
        return fc__builder_refuses(b, what, param->type, why);
    }
    return fc__builder_refuses(b, what, param->type, "the other target has another kind of type there");
}

static bool integer_follows(const struct fc__type *function, uint32_t index) {
    for (uint32_t i = index + 1; i < function->param_count; i++) {
        if (fc__shape_is_integer(function->params[i].type)) {
            return true;
        }
    }
    return false;
}

/* A type that cannot be called back is no reason to refuse the function: NULL can be passed, and what else is tried is
 * told why not. */
static int function_step(struct fc__builder *b, uint32_t index, const char *what, struct fc__step *step) {
    char name[320];
    snprintf(name, sizeof name, "%s of %.100s", what, b->decl->name);
    step->kind = FC__STEP_FUNCTION;
    b->plan->takes_functions = true;
    fc__builder_value(b, b->types[FC__HERE]->params[index].type, b->types[FC__THERE]->params[index].type, true,
                      &step->value);
    int rc = fc__callback_of(b->shapes, b->types[FC__HERE]->params[index].type->to,
                             b->types[FC__THERE]->params[index].type->to, &b->types[FC__HERE]->params[index].annotation,
                             name, &step->callback, b->err);
    const struct fc__plan *plan = rc == FC_OK ? step->callback->there : NULL;
    /* What such a function returns may be what is passed here: objects are found again. */
    b->plan->is_deep = b->plan->is_deep || (plan != NULL && (plan->result_string || plan->result_points));
    return rc;
}

/* What it points to is more than a row of values: structs, pointers, wide characters. */
static int object_step(struct fc__builder *b, uint32_t index, const char *what, struct fc__step *step) {
    const struct fc__param *param = &b->types[FC__HERE]->params[index];
    char text[320];
    snprintf(text, sizeof text, "%s of %.100s", what, b->decl->name);
    if (param->type->to->is_const && param->annotation.direction != FC__DIRECTION_IN &&
        param->annotation.direction != FC__DIRECTION_NONE) {
        return fc__error_set(b->err, FC_EANNOTATION, "%s of %s is annotated as written, but points to const", what,
                             b->decl->name);
    }
    step->kind = FC__STEP_OBJECT;
    b->plan->is_deep = true;
    return fc__shape_pointee(b->shapes, text, param->type, b->types[FC__THERE]->params[index].type, &param->annotation,
                             b->types[FC__HERE], &step->pointee, b->err);
}

/* The same as an object, for calls in which others are, or two pointers lead to one. */
static int also_as_object(struct fc__builder *b, uint32_t index, const char *what, struct fc__step *step) {
    const struct fc__param *param = &b->types[FC__HERE]->params[index];
    struct fc__annotation note = param->annotation;
    if (step->kind == FC__STEP_STRING) {
        note.extent = FC__EXTENT_STRING;
        note.direction = FC__DIRECTION_IN;
    }
    return fc__shape_pointee(b->shapes, what, param->type, b->types[FC__THERE]->params[index].type, &note,
                             b->types[FC__HERE], &step->pointee, b->err);
}

/* A pointer to a pointer whose target is known, or to a struct: not to a row of values. */
static bool leads_on(const struct fc__type *to, const struct fc__annotation *note) {
    if (fc__shape_is_record(to)) {
        return to->body->is_complete;
    }
    if (to->kind == FC__TYPE_ARRAY || fc__shape_is_complex(to) ||
        (to->kind == FC__TYPE_SCALAR && to->scalar == FC__SCALAR_LDOUBLE)) {
        return true;
    }
    if (to->kind != FC__TYPE_POINTER || note->is_opaque || fc__shape_is_opaque_pointer(to)) {
        return false;
    }
    const bool is_text = fc__shape_is_char(to->to);
    return note->inner != NULL || note->is_result_string || note->result_capacity != NULL ||
           note->extent == FC__EXTENT_LIST || (!note->is_outptr && is_text && to->to->is_const) ||
           to->to->kind == FC__TYPE_FUNCTION || (fc__shape_is_record(to->to) && to->to->body->is_complete);
}

bool fc__builder_is_byte(const struct fc__builder *b, const struct fc__type *type) {
    return type->kind == FC__TYPE_SCALAR && b->plan->caller->bytes[type->scalar] == 1;
}

static int buffer_step(struct fc__builder *b, uint32_t index, const char *what, struct fc__step *step) {
    const struct fc__param *param = &b->types[FC__HERE]->params[index];
    const struct fc__annotation *note = &param->annotation;
    const struct fc__type *to = param->type->to, *there = b->types[FC__THERE]->params[index].type->to;
    step->kind = FC__STEP_BUFFER;
    step->counts_bytes = note->extent == FC__EXTENT_BYTES;
    if (to->kind == FC__TYPE_VOID) {
        if (note->extent != FC__EXTENT_ELEMENTS && note->extent != FC__EXTENT_BYTES) {
            return needs_annotation(b, param, what);
        }
        step->value =
            (struct fc__value){.kind = FC__VALUE_RAW, .caller_bytes = 1, .callee_bytes = 1, .type_name = "byte"};
    } else if (!fc__builder_value(b, to, there, note->is_opaque || note->is_outptr, &step->value)) {
        return unsupported_contents(b, param, what);
    }
    if (step->value.kind == FC__VALUE_FLOAT) {
        step->value.kind = FC__VALUE_RAW;
    }
    if (step->counts_bytes && step->value.kind != FC__VALUE_RAW) {
        return fc__builder_refuses(b, what, param->type,
                                   "its elements have different sizes on the two sides, so count elements, not bytes");
    }
    step->writes = note->direction != FC__DIRECTION_IN;
    /* What the function does not write must stay as it was, so outputs go in as well, unless all that comes back is
     * known to be written. */
    step->reads = note->direction != FC__DIRECTION_OUT || (!note->is_all && note->valid == NULL);
    step->is_output = note->direction == FC__DIRECTION_OUT;
    if (to->is_const && step->writes) {
        return fc__error_set(b->err, FC_EANNOTATION, "%s of %s is annotated as written, but points to const", what,
                             b->decl->name);
    }
    int rc = also_as_object(b, index, what, step);
    step->capacity = step->pointee.capacity;
    step->valid = step->pointee.valid;
    return rc;
}

static int pointer_step(struct fc__builder *b, uint32_t index, const char *what, struct fc__step *step) {
    const struct fc__type *function = b->types[FC__HERE];
    const struct fc__param *param = &function->params[index];
    const struct fc__annotation *note = &param->annotation;
    const struct fc__type *to = param->type->to, *there = b->types[FC__THERE]->params[index].type;
    const bool is_handle = fc__shape_is_opaque_pointer(param->type) && note->extent != FC__EXTENT_ELEMENTS &&
                           note->extent != FC__EXTENT_BYTES; /* whatever `_In_` and the like say */
    if ((note->is_opaque && note->direction == FC__DIRECTION_NONE) || is_handle) {
        step->kind = FC__STEP_VALUE;
        fc__builder_value(b, param->type, there, true, &step->value);
        return FC_OK;
    }
    if (to->kind == FC__TYPE_FUNCTION) {
        return function_step(b, index, what, step);
    }
    if (note->extent == FC__EXTENT_STRING && (!fc__builder_is_byte(b, to) || note->direction != FC__DIRECTION_IN)) {
        return object_step(b, index, what, step);
    }
    const bool is_default_string = note->direction == FC__DIRECTION_NONE && note->extent == FC__EXTENT_NONE &&
                                   fc__shape_is_char(to) && to->is_const && !integer_follows(function, index);
    if (note->extent == FC__EXTENT_STRING || is_default_string) {
        step->kind = FC__STEP_STRING;
        return also_as_object(b, index, what, step);
    }
    if (note->direction == FC__DIRECTION_NONE && note->extent == FC__EXTENT_NONE) {
        return needs_annotation(b, param, what);
    }
    return leads_on(to, note) ? object_step(b, index, what, step) : buffer_step(b, index, what, step);
}

/* The parameter that `_Fc_copy_of_` names: of the same type, and remembered by the callee as this one is. */
static int copied_step(struct fc__builder *b, const struct fc__param *param, const char *what, struct fc__step *step) {
    const struct fc__type *function = b->types[FC__HERE];
    for (uint32_t i = 0; param->annotation.copy_of != NULL && i < function->param_count; i++) {
        const struct fc__param *from = &function->params[i];
        if (from->name != NULL && strcmp(from->name, param->annotation.copy_of) == 0 && from != param &&
            from->type->kind == FC__TYPE_POINTER && from->type->to->body != NULL &&
            from->type->to->body == param->type->to->body && from->annotation.is_pinned &&
            param->annotation.is_pinned) {
            step->pointee.copy_of = i + 1;
        }
    }
    return param->annotation.copy_of == NULL || step->pointee.copy_of != 0
               ? FC_OK
               : fc__error_set(b->err, FC_EUNSUPPORTED,
                               "%s of %s is annotated with `%.100s`, which takes two parameters with _Fc_pinned_ that "
                               "point to one struct",
                               what, b->decl->name, param->annotation.text);
}

/* Kept until a function that is a parameter: it is called with what was kept. */
static void kept_step(const struct fc__builder *b, const struct fc__annotation *note, struct fc__step *step) {
    const struct fc__type *function = b->types[FC__HERE];
    for (uint32_t i = 0; note->kept_until != NULL && i < function->param_count; i++) {
        const struct fc__param *param = &function->params[i];
        if (param->name != NULL && strcmp(param->name, note->kept_until) == 0 &&
            param->type->kind == FC__TYPE_POINTER && param->type->to->kind == FC__TYPE_FUNCTION) {
            step->pointee.kept_by = i + 1;
        }
    }
}

/* What outlives the call, and what is measured, is an object. */
static int lasting_step(struct fc__builder *b, const struct fc__annotation *note, const char *what,
                        struct fc__step *step) {
    const bool is_lasting = note->is_pinned || note->kept_until != NULL;
    const struct fc__shape *shape = step->pointee.shape;
    const bool is_measured =
        note->is_bounded || note->extent == FC__EXTENT_LIST || (shape != NULL && shape->text != FC__TEXT_NONE);
    if (!is_lasting && !is_measured) {
        return FC_OK;
    }
    if (step->kind != FC__STEP_STRING && step->kind != FC__STEP_BUFFER && step->kind != FC__STEP_OBJECT) {
        return is_lasting
                   ? fc__error_set(b->err, FC_EUNSUPPORTED,
                                   "%s of %s is annotated with `%.100s`, but nothing here says what it points to", what,
                                   b->decl->name, note->text)
                   : FC_OK;
    }
    step->kind = FC__STEP_OBJECT;
    b->plan->is_deep = true;
    return FC_OK;
}

/* Whose the objects are that the callee keeps: the first argument that is a handle, or a pinned object. */
uint32_t fc__builder_handle(const struct fc__step *steps, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if ((steps[i].kind == FC__STEP_VALUE && steps[i].value.kind == FC__VALUE_POINTER) ||
            (steps[i].kind == FC__STEP_OBJECT && steps[i].pointee.is_pinned)) {
            return i;
        }
    }
    return UINT32_MAX;
}

static int descriptor_step(struct fc__builder *b, const struct fc__annotation *note, struct fc__step *step) {
    if (!note->is_fd || step->kind != FC__STEP_VALUE) {
        return FC_OK;
    }
    step->descriptor = note->is_fd_given ? FC__DESCRIPTOR_GIVEN : FC__DESCRIPTOR_LENT;
    b->plan->descriptors++;
    return b->plan->descriptors <= FC__DESCRIPTORS_MAX
               ? FC_OK
               : fc__error_set(b->err, FC_EUNSUPPORTED, "%s takes more than %d descriptors", b->decl->name,
                               FC__DESCRIPTORS_MAX);
}

/* Where the argument lies in the frame is known when all are counted. */
int fc__builder_param(struct fc__builder *b, uint32_t index, struct fc__step *step, struct fc__fetched *fetch,
                      struct fc__place *ret_place) {
    const struct fc__param *param = &b->types[FC__HERE]->params[index];
    const struct fc__type *type = param->type, *there = b->types[FC__THERE]->params[index].type;
    struct fc__passing passing;
    char what[128];
    param_text(b, param, index, what, sizeof what);
    step->name = param->name != NULL ? fc__arena_copy(&b->plan->arena, param->name, strlen(param->name)) : "";
    if (step->name == NULL) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    const struct fc__annotation *note = &param->annotation;
    int rc;
    if (type->kind == FC__TYPE_POINTER && there->kind == FC__TYPE_POINTER) {
        if (note->is_local) {
            step->kind = FC__STEP_VALUE;
            rc = fc__builder_value(b, type, there, true, &step->value) ? FC_OK : FC_EUNSUPPORTED;
        } else {
            rc = pointer_step(b, index, what, step);
            rc = rc == FC_OK ? lasting_step(b, note, what, step) : rc;
            rc = rc == FC_OK ? copied_step(b, param, what, step) : rc;
            kept_step(b, note, step);
        }
        fetch->kind = FC__FETCH_POINTER;
        fetch->bytes = b->plan->caller->pointer_bytes;
    } else if (fc__builder_value(b, type, there, false, &step->value)) {
        step->kind = FC__STEP_VALUE;
        fetch->bytes = step->value.caller_bytes;
        fetch->is_signed = step->value.is_signed;
        fetch->is_bool = step->value.is_bool;
        fetch->kind = step->value.kind == FC__VALUE_FLOAT ? (fetch->bytes == 4 ? FC__FETCH_FLOAT : FC__FETCH_DOUBLE)
                      : fetch->bytes > 4                  ? FC__FETCH_INT64
                                                          : FC__FETCH_INT;
        rc = FC_OK;
    } else {
        char text[320];
        snprintf(text, sizeof text, "%s of %.100s", what, b->decl->name);
        step->kind = FC__STEP_WHOLE;
        b->plan->is_deep = true;
        rc = fc__shape_of(b->shapes, text, type, there, NULL, &step->shape, b->err);
        rc = rc == FC_OK ? fc__passing_of_argument(b->shapes->layouts[FC__HERE], type, &fetch->passing, b->err) : rc;
        fetch->kind =
            type->kind == FC__TYPE_SCALAR && !fc__shape_is_complex(type) ? FC__FETCH_LONG_DOUBLE : FC__FETCH_WHOLE;
        for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
            step->bytes[side] = step->shape->size[side];
        }
    }
    if (rc == FC_OK && (note->is_local || note->sizeof_type != NULL || note->replace_from != NULL || note->is_bits)) {
        char text[320];
        snprintf(text, sizeof text, "%s of %.100s", what, b->decl->name);
        rc = fc__shape_exchange(b->shapes, text, note, &b->types[FC__THERE]->params[index].annotation, &step->value,
                                b->err);
    }
    rc = rc == FC_OK ? descriptor_step(b, note, step) : rc;
    rc = rc == FC_OK ? fc__passing_of_argument(b->shapes->layouts[FC__THERE], there, &passing, b->err) : rc;
    step->is_reference = rc == FC_OK && passing.kind == FC__PASSING_REFERENCE;
    struct fc__places *places = index >= b->first_listed ? &b->list : &b->places;
    if (rc == FC_OK && !fc__places_take(places, &passing, ret_place)) {
        rc = fc__error_set(b->err, FC_EUNSUPPORTED, "the arguments of %s take more than %u bytes", b->decl->name,
                           FC__FRAME_WORDS_BYTES_MAX);
    }
    return rc;
}
