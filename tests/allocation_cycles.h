/* tests: what is done again and again, to see that it allocates nothing once it was done. */
#ifndef FC_TESTS_ALLOCATION_CYCLES_H
#define FC_TESTS_ALLOCATION_CYCLES_H

#include "allocations.h"

enum { CYCLE_FUNCTIONS_MAX = 5 };

struct cycle {
    const char *library;
    void (*run)(struct fc_function *const *functions);
    const char *prototypes[CYCLE_FUNCTIONS_MAX];
};

static inline UNUSED_HERE void cycle_bind(const struct cycle *cycle, struct fc_library *library,
                                          struct fc_function *ret_functions[CYCLE_FUNCTIONS_MAX]) {
    for (size_t i = 0; i < CYCLE_FUNCTIONS_MAX && cycle->prototypes[i] != NULL; i++) {
        ret_functions[i] = call_bind(library, cycle->prototypes[i]);
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
