/* abi: the function that a plan is of, as its declaration, its annotations and a call's format make it; refused if no
 * call can pass what it says. */
#include "abi/plan_builder.h"

#include "abi/format.h"

#include <inttypes.h>
#include <string.h>

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

static int check_convention(struct fc__builder *b, const struct fc__type *here, const struct fc__type *there) {
    const struct fc__plan *plan = b->plan;
    const char *name = there->convention != NULL ? there->convention : here->convention;
    if (here->convention != NULL && there->convention == NULL &&
        (plan->calling == NULL || is_other_convention(plan->callee, here->convention, plan->calling))) {
        return fc__error_set(b->err, FC_EUNSUPPORTED,
                             "%s has the calling convention `%s` for %s and C's for %s: declare it alike for both",
                             b->decl->name, name, plan->caller->name, plan->callee->name);
    }
    if (name == NULL || plan->calling != NULL) {
        return FC_OK;
    }
    if (strcmp(name, "register") == 0) {
        return fc__error_set(b->err, FC_EUNSUPPORTED,
                             "%s has the calling convention `%s`, which is one of 32-bit libraries: what Delphi makes "
                             "for 64 bits is declared without it",
                             b->decl->name, name);
    }
    return fc__error_set(b->err, FC_EUNSUPPORTED,
                         "%s has the calling convention `%s`, which farcall has no calls by in libraries for %s. If it "
                         "means nothing there, leave it out (of a header by -D, such as -D __stdcall=); else compile "
                         "C functions for %s that pass the calls on, and call those",
                         b->decl->name, name, plan->callee->name, plan->callee->name);
}

static int check_function(struct fc__builder *b) {
    const struct fc__type *here = b->types[FC__HERE], *there = b->types[FC__THERE];
    /* a variadic function is called as C is, whatever it says */
    b->plan->calling = fc__calling_find(b->plan->callee, there->is_variadic ? NULL : there->convention);
    int rc = check_convention(b, here, there);
    rc = rc == FC_OK ? check_leftward(b, there) : rc;
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

int fc__builder_function(struct fc__builder *b) {
    find_format(b);
    b->first_listed = UINT32_MAX;
    int rc = check_function(b);
    rc = rc == FC_OK && b->plan->is_format ? replace_passed(b) : rc;
    rc = rc == FC_OK ? see_params(b) : rc;
    return rc == FC_OK ? check_promoted(b, b->types[FC__HERE]) : rc;
}
