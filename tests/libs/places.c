/* Where things lie in the process that runs this library. */
#include <stdint.h>
#include <stdlib.h>

static int in_data = 1;

uintptr_t place_of_code(void) {
    return (uintptr_t)place_of_code;
}
uintptr_t place_of_data(void) {
    return (uintptr_t)&in_data;
}
uintptr_t place_of_stack(void) {
    return (uintptr_t)__builtin_frame_address(0);
}

/* A small and a large allocation come from different parts of an allocator. */
uintptr_t place_of_heap(size_t bytes) {
    static void *volatile kept;
    kept = malloc(bytes);
    uintptr_t place = (uintptr_t)kept;
    free(kept);
    return place;
}
