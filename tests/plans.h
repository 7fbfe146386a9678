/* Plans of a declaration, for tests. */
#ifndef FC_TESTS_PLANS_H
#define FC_TESTS_PLANS_H

#include "harness.h"

#include "abi/marshal.h"

#include <string.h>

static const struct fc__target *i386_linux, *x86_64_linux;

static inline void find_targets(void) {
    i386_linux = fc__target_find("i386-linux");
    x86_64_linux = fc__target_find("x86_64-linux");
    assert_true(i386_linux != NULL && x86_64_linux != NULL);
}

static inline int plan_of(const char *text, const struct fc__target *caller, const struct fc__target *callee,
                          struct fc__plan **ret_plan, struct fc__error *err) {
    const struct fc__target *const targets[2] = {caller, callee};
    return fc__plan_parse(text, strlen(text), "prototype", targets, NULL, ret_plan, err);
}

static inline struct fc__plan *new_plan(const char *text, const struct fc__target *caller,
                                        const struct fc__target *callee) {
    struct fc__plan *plan = NULL;
    struct fc__error err = {0};
    if (plan_of(text, caller, callee, &plan, &err) != FC_OK) {
        fail_msg("%s: %s", text, err.text);
    }
    return plan;
}

#endif
