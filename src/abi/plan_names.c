/* abi: the names by which a library may export a function (Microsoft, "Decorated names"). */
#include "abi/plan.h"

#include <inttypes.h>
#include <stdio.h>

const char *fc__plan_export(const struct fc__plan *plan, unsigned index, char name[FC__PLAN_NAME_MAX]) {
    const struct fc__calling *calling = plan->calling;
    const bool has_label = plan->symbol != plan->name; /* which is meant as it is */
    if (index == 0) {
        return plan->symbol;
    }
    if (plan->is_variable || has_label || calling->of != FC__CONVENTION_I386_MS) {
        return NULL;
    }
    int len = FC__PLAN_NAME_MAX;
    if (index == 1 && calling->mark != '\0') { /* Microsoft's compilers, and Microsoft's and GCC's fastcall */
        len = snprintf(name, FC__PLAN_NAME_MAX, "%c%s@%" PRIu32, calling->mark, plan->symbol, plan->arguments_bytes);
    } else if (index == 1 && !calling->pops) { /* Borland's cdecl */
        len = snprintf(name, FC__PLAN_NAME_MAX, "_%s", plan->symbol);
    } else if (index == 2 && calling->mark == '_') { /* GCC's stdcall */
        len = snprintf(name, FC__PLAN_NAME_MAX, "%s@%" PRIu32, plan->symbol, plan->arguments_bytes);
    }
    return len < FC__PLAN_NAME_MAX ? name : NULL;
}
