/* client: where in its first page the line of a channel lies. Each line of memory has a slice of the last-level cache,
 * which all that goes from one processor to another asks: an exchange by a line whose slice is near takes up to a
 * quarter less time than by one whose slice is far (docs/performance.md). Which slice a line has no program can know; but
 * how long it takes to look at a line that has just been sent there can be measured. */
#include "client/client.h"

enum {
    CANDIDATES = FC__CHANNEL_PLACES_BYTES / (2 * FC__WIRE_LINE_BYTES), /* processors fetch lines in pairs */
    ROUNDS = 3,
    PAUSES = 4, /* until it has arrived there */
    CLEARLY = 16,
};

/* Where lines cannot be sent, all of them take the same. */
static uint64_t ticks_to(volatile uint32_t *line) {
    *line = 0;
    fc__wire_release((const void *)(uintptr_t)line);
    for (int i = 0; i < PAUSES; i++) {
        __builtin_ia32_pause();
    }
    __builtin_ia32_lfence();
    const uint64_t start = __builtin_ia32_rdtsc();
    (void)*line;
    __builtin_ia32_lfence();
    return __builtin_ia32_rdtsc() - start;
}

uint32_t fc__channel_nearest(unsigned char *places) {
    uint64_t ticks[CANDIDATES];
    uint32_t best = 0;
    for (int round = 0; round < ROUNDS; round++) { /* the shortest time counts: others have an interrupt in them, say */
        for (uint32_t i = 0; i < CANDIDATES; i++) {
            const uint64_t took = ticks_to((uint32_t *)(void *)(places + (size_t)i * 2 * FC__WIRE_LINE_BYTES));
            ticks[i] = round == 0 || took < ticks[i] ? took : ticks[i];
        }
    }
    for (uint32_t i = 1; i < CANDIDATES; i++) {
        best = ticks[i] < ticks[best] ? i : best;
    }
    return ticks[best] < ticks[0] - ticks[0] / CLEARLY ? best * 2 * FC__WIRE_LINE_BYTES : 0;
}
