/* abi: functions of which the first arguments say what follows (_Fc_when_): a plan for what all calls pass, and one for
 * each row of types. */
#include "abi/plan.h"

/* What all rows have: the parameters before the `...`. */
static int plan_of_common(struct fc__layouts *here, struct fc__layouts *there, const struct fc__decl *const decls[2],
                          struct fc__plan **ret_plan, struct fc__error *err) {
    struct fc__decl copies[2] = {*decls[FC__HERE], *decls[FC__THERE]};
    struct fc__type types[2] = {*decls[FC__HERE]->type, *decls[FC__THERE]->type};
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        types[side].param_count = types[side].is_variadic ? types[side].fixed_count : types[side].param_count;
        types[side].is_variadic = false;
        types[side].when = types[side].success = copies[side].success = NULL;
        copies[side].type = &types[side];
    }
    const struct fc__decl *const common[2] = {&copies[FC__HERE], &copies[FC__THERE]};
    int rc = fc__plan_of_one(here, there, common, NULL, ret_plan, err);
    if (rc == FC_OK) {
        (*ret_plan)->is_open = true;
        (*ret_plan)->is_short = (*ret_plan)->is_nearly_short = false;
        (*ret_plan)->payload = NULL;
    }
    return rc;
}

static int plan_of_rows(struct fc__layouts *here, struct fc__layouts *there, const struct fc__decl *const decls[2],
                        struct fc__plan **ret_plan, struct fc__error *err) {
    const struct fc__decl *row[2] = {decls[FC__HERE], decls[FC__THERE]};
    struct fc__plan *plan = NULL;
    int rc = plan_of_common(here, there, decls, &plan, err);
    for (struct fc__plan **link = rc == FC_OK ? &plan->rows : NULL; rc == FC_OK && row[FC__HERE] != NULL;) {
        rc = row[FC__THERE] != NULL
                 ? fc__plan_of_one(here, there, row, NULL, link, err)
                 : fc__error_set(err, FC_EUNSUPPORTED, "%s has more rows with _Fc_when_ for %s than for %s", plan->name,
                                 here->target->name, there->target->name);
        link = rc == FC_OK ? &(*link)->next_row : link;
        row[FC__HERE] = row[FC__HERE]->row_before;
        row[FC__THERE] = rc == FC_OK ? row[FC__THERE]->row_before : NULL;
    }
    if (rc != FC_OK) {
        fc__plan_free(plan);
        return rc;
    }
    *ret_plan = plan;
    return FC_OK;
}

int fc__plan_of_pair(struct fc__layouts *here, struct fc__layouts *there, const struct fc__decl *const decls[2],
                     const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    const bool has_rows = decls[FC__HERE] != NULL && decls[FC__HERE]->type->when != NULL;
    return has_rows && decls[FC__THERE] != NULL && kinds != fc__plan_variable
               ? plan_of_rows(here, there, decls, ret_plan, err)
               : fc__plan_of_one(here, there, decls, kinds, ret_plan, err);
}
