/* abi: from a declaration to a plan. The rules on pointers (docs/annotations.md) are all here: what has a default, what is refused. */
#include "abi/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct fc__plan *plan;
    const struct fc__decl *decl;
    struct fc__error *err;
    uint32_t stack, integers, vectors; /* bytes of stack words; registers */
    bool is_out_of_memory;
};

static bool is_integer(const struct fc__type *type) {
    return (type->kind == FC__TYPE_ENUM || (type->kind == FC__TYPE_SCALAR && !fc__scalar_is_float(type->scalar))) &&
           fc__decl_refusal(type) == NULL;
}

static bool is_char(const struct fc__type *type) {
    return type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_CHAR;
}

/* A pointer that nothing but its owner can look through. */
static bool is_opaque_pointer(const struct fc__type *type) {
    return type->kind == FC__TYPE_POINTER &&
           (type->is_opaque ||
            ((type->to->kind == FC__TYPE_STRUCT || type->to->kind == FC__TYPE_UNION) && !type->to->body->is_complete));
}

static int unsupported(struct builder *b, const char *what, const struct fc__type *type, const char *why) {
    char text[256];
    const char *refusal = fc__decl_refusal(type->kind == FC__TYPE_POINTER ? type->to : type);
    return fc__error_set(b->err, FC_EUNSUPPORTED, "%s of %s has the type `%s`: %s", what, b->decl->name,
                         fc__decl_type_text(type, text, sizeof text), refusal != NULL ? refusal : why);
}

static bool is_beyond_arithmetic(const struct fc__expr *expr) {
    return expr != NULL &&
           (expr->kind > FC__EXPR_DIV || is_beyond_arithmetic(expr->left) || is_beyond_arithmetic(expr->right));
}

/* What annotations can say and nothing here obeys yet: refused, so that nobody relies on it. */
static int check_words(struct builder *b, const struct fc__annotation *note, const struct fc__type *type,
                       bool is_result, const char *what) {
    const bool is_counted = note->extent == FC__EXTENT_ELEMENTS || note->extent == FC__EXTENT_BYTES;
    const struct {
        bool is_said;
        const char *asks;
    } rows[] = {
        {note->extent == FC__EXTENT_LIST, "a list that ends by itself"},
        {note->extent == FC__EXTENT_STRING && note->direction == FC__DIRECTION_INOUT, "a string that is changed"},
        {note->is_result_string, "strings behind pointers"},
        {note->result_capacity != NULL, "a buffer behind a pointer that comes out"},
        {note->is_bounded, "a string that may end without a NUL"},
        {note->is_pinned, "an object that keeps its address"},
        {note->is_base, "the base of a larger object"},
        {note->is_local, "an argument that stays with the caller"},
        {note->kept_until != NULL, "an object that the library keeps"},
        {note->sizeof_type != NULL, "a size that is another one on the other side"},
        {note->replace_from != NULL, "a value that is another one on the other side"},
        {note->is_path, "a path"},
        {note->is_fd, "a descriptor"},
        {note->callback_until != NULL || note->is_callback_once, "the life of a callback"},
        {is_result && (is_counted || (note->extent == FC__EXTENT_ONE && !is_opaque_pointer(type))),
         "what lies behind a result"},
        {is_beyond_arithmetic(note->capacity) || is_beyond_arithmetic(note->valid),
         "a size with members, strings, results or conditions in it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].is_said) {
            return fc__error_set(b->err, FC_EUNSUPPORTED,
                                 "%s of %s is annotated with `%.100s`: %s is not supported yet", what, b->decl->name,
                                 note->text, rows[i].asks);
        }
    }
    return FC_OK;
}

/* The same of what stands before the function. */
static int check_function_words(struct builder *b, const struct fc__type *function) {
    const char *word = function->begins               ? "_Fc_begins_"
                       : function->ends               ? "_Fc_ends_"
                       : function->fails_with != NULL ? "_Fc_fails_with_"
                                                      : NULL;
    if (word != NULL) {
        return fc__error_set(b->err, FC_EUNSUPPORTED, "%s is annotated with `%s`, which is not supported yet",
                             b->decl->name, word);
    }
    return check_words(b, &b->decl->result, function->to, true, "the result");
}

/* How a value of a scalar, enum or opaque pointer type changes between the sides. */
static bool describe_value(struct builder *b, const struct fc__type *type, bool is_opaque,
                           struct fc__value *ret_value) {
    const struct fc__target *caller = b->plan->caller, *callee = b->plan->callee;
    struct fc__value value = {0};
    if (type->kind == FC__TYPE_POINTER && (is_opaque || is_opaque_pointer(type))) {
        value.kind = FC__VALUE_POINTER;
        value.caller_bytes = caller->pointer_bytes;
        value.callee_bytes = callee->pointer_bytes;
        value.type_name = "pointer";
    } else if ((type->kind == FC__TYPE_ENUM || (type->kind == FC__TYPE_SCALAR && type->scalar != FC__SCALAR_LDOUBLE)) &&
               fc__decl_refusal(type) == NULL) {
        enum fc__scalar scalar = type->kind == FC__TYPE_ENUM ? FC__SCALAR_INT : type->scalar;
        value.caller_bytes = caller->bytes[scalar];
        value.callee_bytes = callee->bytes[scalar];
        value.is_signed = fc__scalar_is_signed(caller, scalar);
        value.is_size = fc__scalar_is_size(scalar);
        value.is_bool = scalar == FC__SCALAR_BOOL;
        value.is_char = scalar == FC__SCALAR_CHAR;
        value.is_float = fc__scalar_is_float(scalar);
        value.type_name = fc__scalar_name(scalar);
        value.kind = fc__scalar_is_float(scalar)                ? FC__VALUE_FLOAT
                     : value.caller_bytes == value.callee_bytes ? FC__VALUE_RAW
                                                                : FC__VALUE_INTEGER;
    } else {
        return false;
    }
    *ret_value = value;
    return true;
}

/* Gives the argument its place in the frame. The order of a frame's words is integer registers, vector registers,
 * stack (abi/frame.h), so places beyond the first kind are known only when all are counted: `where` says which. */
enum place { PLACE_INTEGER, PLACE_VECTOR, PLACE_STACK };
static uint16_t take_place(struct builder *b, bool is_float, uint32_t bytes, enum place *ret_place) {
    uint32_t place;
    if (b->plan->callee->convention == FC__CONVENTION_X86_64_SYSV && !is_float && b->integers < 6) {
        *ret_place = PLACE_INTEGER;
        place = b->integers++ * 8;
    } else if (b->plan->callee->convention == FC__CONVENTION_X86_64_SYSV && is_float && b->vectors < 8) {
        *ret_place = PLACE_VECTOR;
        place = b->vectors++ * 8;
    } else {
        uint32_t word = b->plan->callee->word_bytes;
        *ret_place = PLACE_STACK;
        place = b->stack;
        b->stack += (bytes + word - 1) / word * word;
    }
    return (uint16_t)place;
}

static const struct fc__expr *copy_expr(struct builder *b, const struct fc__expr *expr) {
    if (expr == NULL) {
        return NULL;
    }
    struct fc__expr *copy = fc__arena_alloc(&b->plan->arena, sizeof *copy);
    if (copy != NULL) {
        *copy = *expr;
        copy->left = copy_expr(b, expr->left);
        copy->right = copy_expr(b, expr->right);
    } else {
        b->is_out_of_memory = true; /* a missing size means another thing */
    }
    return copy;
}

static const char *param_text(struct builder *b, const struct fc__param *param, uint32_t index, char *buffer,
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
static void offer_buffers(struct builder *b, const struct fc__param *param) {
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
static int needs_annotation(struct builder *b, const struct fc__param *param, const char *what) {
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
    if (is_char(to) && to->is_const) {
        fc__error_add(b->err, "; an integer follows it, which may be its length. Write before it _In_z_ if it ends "
                              "with a NUL, _In_reads_(n) if n "
                              "elements are read");
    } else if (to->kind == FC__TYPE_VOID || describe_value(b, to, false, &element)) {
        offer_buffers(b, param);
    } else if (to->kind == FC__TYPE_POINTER && !to->is_const) {
        fc__error_add(b->err, ". Write before it _Outptr_ if a pointer comes out of it");
    } else {
        fc__error_add(b->err, ". `%s` cannot be passed by its contents yet", fc__decl_type_text(to, text, sizeof text));
        opaque = ". Write before it _Fc_opaque_ if only one side ever looks through it. See docs/annotations.md.";
    }
    fc__error_add(b->err, "%s", opaque);
    return FC_EANNOTATION;
}

/* An annotation that asks to look into what cannot be looked into. */
static int unsupported_contents(struct builder *b, const struct fc__param *param, const char *what) {
    const struct fc__type *to = param->type->to;
    char why[256];
    if (to->kind == FC__TYPE_POINTER) {
        return unsupported(
            b, what, param->type,
            "a pointer to a pointer can be passed only where the inner one is opaque: write _Fc_opaque_ or _Outptr_");
    }
    if ((to->kind == FC__TYPE_STRUCT || to->kind == FC__TYPE_UNION) && !to->body->is_complete) {
        snprintf(why, sizeof why, "nothing here says what is in it; without `%.100s` it is opaque, a handle",
                 param->annotation.text);
        return unsupported(b, what, param->type, why);
    }
    return unsupported(b, what, param->type, "what it points to cannot be passed yet");
}

static bool integer_follows(const struct fc__type *function, uint32_t index) {
    for (uint32_t i = index + 1; i < function->param_count; i++) {
        if (is_integer(function->params[i].type)) {
            return true;
        }
    }
    return false;
}

/* A type that cannot be called back is no reason to refuse the function: NULL can be passed, and what else is tried is
 * told why not. */
static int function_step(struct builder *b, const struct fc__type *type, const char *what, struct fc__step *step) {
    struct fc__error why;
    char name[320];
    snprintf(name, sizeof name, "%s of %.100s", what, b->decl->name);
    step->kind = FC__STEP_FUNCTION;
    int rc = fc__callback_new(type, name, b->plan->caller, b->plan->callee, &step->callback, &why);
    if (rc == FC_ENOMEM) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    b->plan->takes_functions = true;
    if (rc != FC_OK) {
        step->refused = fc__arena_copy(&b->plan->arena, why.text, strlen(why.text));
        b->is_out_of_memory = b->is_out_of_memory || step->refused == NULL;
    }
    return FC_OK;
}

static int pointer_step(struct builder *b, const struct fc__type *function, uint32_t index, const char *what,
                        struct fc__step *step) {
    const struct fc__param *param = &function->params[index];
    const struct fc__annotation *note = &param->annotation;
    const struct fc__type *to = param->type->to;
    if (note->is_opaque && note->direction == FC__DIRECTION_NONE) {
        step->kind = FC__STEP_VALUE;
        describe_value(b, param->type, true, &step->value);
        return FC_OK;
    }
    if (is_opaque_pointer(param->type) && note->extent != FC__EXTENT_ELEMENTS && note->extent != FC__EXTENT_BYTES) {
        step->kind = FC__STEP_VALUE; /* whatever `_In_` and the like say: nobody here knows what lies there */
        describe_value(b, param->type, true, &step->value);
        return FC_OK;
    }
    if (to->kind == FC__TYPE_FUNCTION) {
        return function_step(b, to, what, step);
    }
    if (note->extent == FC__EXTENT_STRING) {
        if (to->kind != FC__TYPE_SCALAR || b->plan->caller->bytes[to->scalar] != 1) {
            return unsupported(b, what, param->type, "only strings of `char` can be passed as _In_z_");
        }
        step->kind = FC__STEP_STRING;
        return FC_OK;
    }
    if (note->direction == FC__DIRECTION_NONE && note->extent == FC__EXTENT_NONE) {
        if (is_char(to) && to->is_const && !integer_follows(function, index)) {
            step->kind = FC__STEP_STRING;
            return FC_OK;
        }
        return needs_annotation(b, param, what);
    }
    step->kind = FC__STEP_BUFFER;
    step->counts_bytes = note->extent == FC__EXTENT_BYTES;
    if (to->kind == FC__TYPE_VOID) {
        if (note->extent != FC__EXTENT_ELEMENTS && note->extent != FC__EXTENT_BYTES) {
            return needs_annotation(b, param, what);
        }
        step->value =
            (struct fc__value){.kind = FC__VALUE_RAW, .caller_bytes = 1, .callee_bytes = 1, .type_name = "byte"};
    } else if (!describe_value(b, to, note->is_opaque || note->is_outptr, &step->value)) {
        return unsupported_contents(b, param, what);
    }
    if (step->value.kind == FC__VALUE_FLOAT) {
        step->value.kind = FC__VALUE_RAW;
    }
    if (step->counts_bytes && step->value.kind != FC__VALUE_RAW) {
        return unsupported(b, what, param->type,
                           "its elements have different sizes on the two sides, so count elements, not bytes");
    }
    step->writes = note->direction != FC__DIRECTION_IN;
    /* What the function does not write must stay as it was, so outputs go in as well, unless all that comes back is
     * known to be written. */
    step->reads = note->direction != FC__DIRECTION_OUT || (!note->is_all && note->valid == NULL);
    step->is_output = note->direction == FC__DIRECTION_OUT;
    step->capacity = copy_expr(b, note->capacity);
    step->valid = copy_expr(b, note->valid);
    if (to->is_const && step->writes) {
        return fc__error_set(b->err, FC_EANNOTATION, "%s of %s is annotated as written, but points to const", what,
                             b->decl->name);
    }
    return FC_OK;
}

static int param_step(struct builder *b, const struct fc__type *function, uint32_t index, struct fc__step *step,
                      struct fc__fetched *fetch, enum place *ret_place) {
    const struct fc__param *param = &function->params[index];
    const struct fc__type *type = param->type;
    char what[128];
    param_text(b, param, index, what, sizeof what);
    if (check_words(b, &param->annotation, type, false, what) != FC_OK) {
        return FC_EUNSUPPORTED;
    }
    step->name = param->name != NULL ? fc__arena_copy(&b->plan->arena, param->name, strlen(param->name)) : "";
    if (step->name == NULL) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    if (type->kind == FC__TYPE_POINTER) {
        int rc = pointer_step(b, function, index, what, step);
        if (rc != FC_OK) {
            return rc;
        }
        fetch->kind = FC__FETCH_POINTER;
        fetch->bytes = b->plan->caller->pointer_bytes;
        if (is_integer(type->to)) {
            describe_value(b, type->to, false, &fetch->pointee);
        }
        step->offset = take_place(b, false, b->plan->callee->pointer_bytes, ret_place);
        return FC_OK;
    }
    step->kind = FC__STEP_VALUE;
    if (!describe_value(b, type, false, &step->value)) {
        return unsupported(b, what, type, "values of this type cannot be passed yet");
    }
    bool is_float = step->value.kind == FC__VALUE_FLOAT;
    fetch->bytes = step->value.caller_bytes;
    fetch->is_signed = step->value.is_signed;
    fetch->is_bool = step->value.is_bool;
    fetch->kind = is_float           ? (fetch->bytes == 4 ? FC__FETCH_FLOAT : FC__FETCH_DOUBLE)
                  : fetch->bytes > 4 ? FC__FETCH_INT64
                                     : FC__FETCH_INT;
    step->offset = take_place(b, is_float, step->value.callee_bytes, ret_place);
    return FC_OK;
}

static int result_value(struct builder *b, const struct fc__type *type, uint32_t *ret_class, uint32_t *ret_flags) {
    struct fc__plan *plan = b->plan;
    const struct fc__annotation *note = &b->decl->result;
    *ret_class = FC__FRAME_RESULT_NONE;
    if (type->kind == FC__TYPE_VOID) {
        return FC_OK;
    }
    if (type->kind == FC__TYPE_POINTER && !note->is_opaque && !is_opaque_pointer(type)) {
        bool is_text = type->to->kind == FC__TYPE_SCALAR && plan->caller->bytes[type->to->scalar] == 1;
        if (note->extent != FC__EXTENT_STRING && !(is_char(type->to) && type->to->is_const)) {
            char text[256];
            return fc__error_set(b->err, FC_EANNOTATION,
                                 "%s returns `%s`, which does not say what it points to. Write before the declaration "
                                 "%s_Fc_opaque_ if only the "
                                 "library looks through it. See docs/annotations.md.",
                                 b->decl->name, fc__decl_type_text(type, text, sizeof text),
                                 is_text ? "_Ret_z_ if it is a string, or " : "");
        }
        if (!is_text) {
            return unsupported(b, "the result", type, "only strings of `char` can be returned");
        }
        plan->result_string = true;
        plan->result = (struct fc__value){.kind = FC__VALUE_POINTER,
                                          .caller_bytes = plan->caller->pointer_bytes,
                                          .callee_bytes = plan->callee->pointer_bytes};
        *ret_class = FC__FRAME_RESULT_INTEGER;
        *ret_flags = FC__FRAME_GATHER_STRING;
        return FC_OK;
    }
    if (!describe_value(b, type, note->is_opaque, &plan->result)) {
        return unsupported(b, "the result", type, "values of this type cannot be returned yet");
    }
    if (plan->result.kind != FC__VALUE_FLOAT) {
        *ret_class = FC__FRAME_RESULT_INTEGER;
    } else {
        *ret_class =
            plan->callee->convention == FC__CONVENTION_I386_CDECL ? FC__FRAME_RESULT_X87 : FC__FRAME_RESULT_VECTOR;
    }
    return FC_OK;
}

/* What the prototype calls the types of the parameters and, behind them, of the result. */
static const char *const *copy_types(struct builder *b, const struct fc__type *function) {
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
        if (steps[i].kind == FC__STEP_STRING || steps[i].kind == FC__STEP_BUFFER) {
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

static enum fc__put_kind put_kind(const struct fc__fetched *fetch, uint32_t word_bytes) {
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

static int build(struct builder *b, const struct fc__type *function) {
    struct fc__plan *plan = b->plan;
    const uint32_t count = function->param_count;
    if (function->convention != NULL) {
        return fc__error_set(b->err, FC_EUNSUPPORTED, "%s has the calling convention `%s`, which is not supported yet",
                             b->decl->name, function->convention);
    }
    if (function->is_variadic) {
        return fc__error_set(b->err, FC_EUNSUPPORTED, "%s is variadic (`...`), which cannot be called yet",
                             b->decl->name);
    }
    if (check_function_words(b, function) != FC_OK) {
        return FC_EUNSUPPORTED;
    }
    struct fc__step *steps = fc__arena_alloc(&plan->arena, (count + 1) * sizeof *steps);
    struct fc__fetched *fetches = fc__arena_alloc(&plan->arena, (count + 1) * sizeof *fetches);
    plan->name = fc__arena_copy(&plan->arena, b->decl->name, strlen(b->decl->name));
    if (steps == NULL || fetches == NULL || plan->name == NULL) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    plan->steps = steps; /* so that what they hold is freed, however this ends */
    plan->count = count;
    enum place places[FC__DECL_PARAMS_MAX + 1] = {0};
    plan->is_scalar = true;
    for (uint32_t i = 0; i < count; i++) {
        int rc = param_step(b, function, i, &steps[i], &fetches[i], &places[i]);
        if (rc != FC_OK) {
            return rc;
        }
        plan->is_scalar = plan->is_scalar && steps[i].kind == FC__STEP_VALUE &&
                          (steps[i].value.kind == FC__VALUE_RAW || steps[i].value.kind == FC__VALUE_FLOAT);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t before = places[i] == PLACE_STACK    ? b->integers + b->vectors
                          : places[i] == PLACE_VECTOR ? b->integers
                                                      : 0;
        steps[i].offset = (uint16_t)(steps[i].offset + before * 8);
    }
    uint32_t result_class = 0, flags = 0;
    int rc = result_value(b, function->to, &result_class, &flags);
    if (rc != FC_OK) {
        return rc;
    }
    plan->types = copy_types(b, function);
    if (b->is_out_of_memory) {
        return fc__error_set(b->err, FC_ENOMEM, "out of memory");
    }
    plan->points_back = has_data(steps, count) && gives_pointers(plan, steps, count);
    plan->fetches = fetches;
    plan->words_bytes = (b->integers + b->vectors) * 8 + b->stack;
    plan->is_short = plan->is_scalar && !plan->result_string && plan->words_bytes <= FC__FRAME_LINE_BYTES &&
                     (plan->result.kind == FC__VALUE_VOID || plan->result.kind == FC__VALUE_RAW) &&
                     !plan->result.is_bool;
    for (uint32_t i = 0; plan->is_short && i < count; i++) {
        plan->puts[i] = (struct fc__put){.kind = (uint8_t)put_kind(&fetches[i], plan->callee->word_bytes),
                                         .offset = (uint8_t)steps[i].offset};
    }
    plan->info = FC__FRAME_INFO(b->stack / plan->callee->word_bytes, b->integers, b->vectors, result_class, flags);
    return FC_OK;
}

int fc__plan_of(const struct fc__decl *decl, const struct fc__target *caller, const struct fc__target *callee,
                struct fc__plan **ret_plan, struct fc__error *err) {
    struct fc__plan *plan = calloc(1, sizeof *plan);
    if (plan == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    plan->caller = caller;
    plan->callee = callee;
    struct builder b = {.plan = plan, .decl = decl, .err = err};
    int rc = build(&b, decl->type);
    if (rc != FC_OK) {
        fc__plan_free(plan);
        return rc;
    }
    *ret_plan = plan;
    return FC_OK;
}

int fc__plan_new(const struct fc__unit *unit, const struct fc__target *caller, const struct fc__target *callee,
                 struct fc__plan **ret_plan, struct fc__error *err) {
    const struct fc__decl *decl = unit->last;
    if (decl == NULL || decl->kind != FC__DECL_FUNCTION || decl->type->kind != FC__TYPE_FUNCTION) {
        return fc__error_set(err, FC_EPARSE, "the declaration%s%s is not a function's",
                             decl != NULL && decl->name != NULL ? " of " : "",
                             decl != NULL && decl->name != NULL ? decl->name : "");
    }
    return fc__plan_of(decl, caller, callee, ret_plan, err);
}

void fc__plan_free(struct fc__plan *plan) {
    if (plan != NULL) {
        for (uint32_t i = 0; plan->steps != NULL && i < plan->count; i++) {
            fc__callback_drop(plan->steps[i].callback);
        }
        fc__arena_done(&plan->arena);
        free(plan);
    }
}
