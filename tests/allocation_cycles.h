/* tests: what is done again and again, to see that it allocates nothing once it was done. */
#ifndef FC_TESTS_ALLOCATION_CYCLES_H
#define FC_TESTS_ALLOCATION_CYCLES_H

#include "allocations.h"

#include <stdarg.h>

enum { CYCLE_FUNCTIONS_MAX = 5 };

struct cycle {
    const char *library;
    void (*run)(struct fc_function *const *functions);
    const char *prototypes[CYCLE_FUNCTIONS_MAX]; /* or a name, and behind it the header that declares it */
};

/* A call of a function that takes a buffer, its size, a format and a va_list. */
static inline UNUSED_HERE int cycle_pass_list(struct fc_function *function, int *ret_result, const char *format, ...) {
    va_list list;
    char to[100];
    va_start(list, format);
    const int rc = fc_call(function, ret_result, to, sizeof to, format, list);
    va_end(list);
    return rc;
}

static inline UNUSED_HERE void cycle_declare(struct fc_library *library, const char *header) {
    struct fc_declarations *declarations = NULL;
    assert_ok(fc_declarations_new(fc_session_target(fc_library_session(library)), &declarations));
    assert_ok(fc_declarations_read(declarations, "header.i", header, header));
    assert_ok(fc_library_declare(library, declarations));
    fc_declarations_free(declarations);
}

static inline UNUSED_HERE void cycle_bind(const struct cycle *cycle, struct fc_library *library,
                                          struct fc_function *ret_functions[CYCLE_FUNCTIONS_MAX]) {
    unsigned bound = 0;
    for (size_t i = 0; i < CYCLE_FUNCTIONS_MAX && cycle->prototypes[i] != NULL; i++) {
        const char *const prototype = cycle->prototypes[i];
        if (strchr(prototype, '(') == NULL) {
            cycle_declare(library, cycle->prototypes[++i]);
        }
        ret_functions[bound++] = call_bind(library, prototype);
    }
}

/* How many of them allocate in the rounds after the first ones. */
static inline UNUSED_HERE unsigned cycles_that_allocate(const struct cycle *cycles, size_t count, int warm,
                                                        int rounds) {
    unsigned failures = 0;
    for (EACH_TARGET(target)) {
        for (size_t i = 0; i < count; i++) {
            const struct cycle *cycle = &cycles[i];
            struct fc_library *library = call_open(target, cycle->library);
            struct fc_function *functions[CYCLE_FUNCTIONS_MAX] = {NULL};
            cycle_bind(cycle, library, functions);
            for (int round = 0; round < warm; round++) {
                cycle->run(functions);
            }
            const unsigned before = allocations;
            for (int round = 0; round < rounds; round++) {
                cycle->run(functions);
            }
            if (allocations != before) {
                print_error("%u allocations in %d rounds of `%s` (%s)\n", allocations - before, rounds,
                            cycle->prototypes[0], target);
                failures++;
            }
            fc_library_close(library);
        }
    }
    return failures;
}

#endif
