/* bench: the library that is called. */
#include "benchlib.h"

#include "../peer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int Add(int left, int right);
EXPORT int add10(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j);
EXPORT int process(void);
EXPORT void pass(const unsigned char *in, unsigned char *out, unsigned len);
EXPORT int touch(const unsigned char *bytes, unsigned len);
EXPORT unsigned busy(unsigned us);
EXPORT void keep(int (*function)(int value));
EXPORT int call_kept(int value);
EXPORT int change(struct mixed *mixed);
EXPORT int change_record(struct record *record);
EXPORT int measure(const char *text);
EXPORT const char *made_text(void);
EXPORT void sort(int *numbers, unsigned count, int (*compare)(const void *left, const void *right));

int Add(int left, int right) {
    return left + right;
}

int process(void) {
    return getpid();
}

int add10(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) {
    return a + b + c + d + e + f + g + h + i + j;
}

/* One pass over the bytes. */
void pass(const unsigned char *in, unsigned char *out, unsigned len) {
    peer_pass(in, out, len);
}

/* Reads two bytes, however many there are. */
int touch(const unsigned char *bytes, unsigned len) {
    return bytes[0] + bytes[len - 1];
}

/* Computes for as long as it is told. */
unsigned busy(unsigned us) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long long end = now.tv_sec * 1000000000LL + now.tv_nsec + us * 1000LL;
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec * 1000000000LL + now.tv_nsec < end);
    return us;
}

/* One call back into the caller. */
static int (*kept)(int value);
void keep(int (*function)(int value)) {
    kept = function;
}
int call_kept(int value) {
    return kept(value);
}

void sort(int *numbers, unsigned count, int (*compare)(const void *left, const void *right)) {
    qsort(numbers, count, sizeof *numbers, compare);
}

/* Reads all members and changes one, in no more time than that takes. */
int change(struct mixed *mixed) {
    mixed->g += (mixed->a > 0) & (mixed->b > 0) & (mixed->d > 0) & (mixed->e > 0) & (mixed->f > 0) & (mixed->h > 0);
    return mixed->c;
}

/* The same. */
int change_record(struct record *record) {
    int sum = 0;
    for (int i = 0; i < 16; i++) {
        sum += record->values[i];
    }
    record->id += (record->weights[0] > 0) & (record->weights[1] > 0) & (record->name[0] == 0);
    return sum;
}

int measure(const char *text) {
    return (int)strlen(text);
}

/* Memory of the library's own. */
const char *made_text(void) {
    static char *text;
    if (text == NULL) {
        text = strdup("a text that the library made");
    }
    return text;
}
