/* A library as a vendor might leave it behind: one bitness, one function, no source. (Here is its source after all.) */
#include <stdint.h>

uint32_t Add(uint32_t a, uint32_t b) {
    return a + b;
}

/* How a program can see where the library runs. */
int bitness(void) {
    return (int)sizeof(void *) * 8;
}
