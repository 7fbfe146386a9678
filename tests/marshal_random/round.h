/* tests: one call of a generated function, as the test asks the generated driver for it (test_marshal_random.c). */
#ifndef FC_TESTS_MARSHAL_RANDOM_ROUND_H
#define FC_TESTS_MARSHAL_RANDOM_ROUND_H

#include <stddef.h>

struct fc_function;

struct round {
    unsigned long long seed;
    void *direct; /* the function itself; NULL: `function`, by one of the two below */
    struct fc_function *function;
    int (*call)(struct fc_function *function, void *ret_result, ...);
    int (*call_array)(struct fc_function *function, void *ret_result, size_t count, void *const *arguments);
    int rc;
};
struct driven {
    const char *name;
    void (*run)(struct round *round);
};

#endif
