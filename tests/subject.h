/* A text of declarations and the layouts of one target, for tests of layouts and of passing. */
#ifndef FC_TESTS_SUBJECT_H
#define FC_TESTS_SUBJECT_H

#include "harness.h"

#include "abi/layout.h"

#include <string.h>

struct subject {
    struct fc__layouts layouts;
    struct fc__unit unit;
};

static inline void open_subject(struct subject *subject, const char *target, const char *source) {
    struct fc__error err;
    fc__layouts_init(&subject->layouts, fc__target_find(target));
    if (fc__layout_parse(&subject->layouts, source, strlen(source), "test", &subject->unit, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void close_subject(struct subject *subject) {
    fc__decl_unit_done(&subject->unit);
    fc__layouts_done(&subject->layouts);
}

#endif
