/* How the types of a subject are passed. */
#ifndef FC_TESTS_PASSING_H
#define FC_TESTS_PASSING_H

#include "subject.h"

#include "abi/places.h"

static inline struct fc__passing argument_of(struct subject *subject, const struct fc__type *type) {
    struct fc__passing passing;
    struct fc__error err;
    if (fc__passing_of_argument(&subject->layouts, type, &passing, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    return passing;
}

static inline struct fc__passing result_of(struct subject *subject, const struct fc__type *type) {
    struct fc__passing passing;
    struct fc__error err;
    if (fc__passing_of_result(&subject->layouts, type, &passing, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    return passing;
}

static inline struct fc__places places_of(const struct subject *subject) {
    const struct fc__target *target = subject->layouts.target;
    return fc__places_of(target, fc__calling_find(target, NULL));
}

#endif
