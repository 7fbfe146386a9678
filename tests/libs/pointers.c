/* Functions that take and give pointers which only one side looks through. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

unsigned long long number_of(void *pointer) {
    return (uintptr_t)pointer;
}
void *pointer_of(unsigned long long number) {
    return (void *)(uintptr_t)number;
}
void *same(void *pointer) {
    return pointer;
}
void *plus(void *pointer, int offset) {
    return (char *)pointer + offset;
}
int are_equal(void *a, void *b) {
    return a == b;
}
const char *as_text(void) {
    return "only the library looks at this";
}
int is_text(const char *text) {
    return text == as_text();
}

/* User data, as libraries keep it for their callers. */
static void *kept[4096];
int keep(int slot, void *pointer) {
    kept[slot] = pointer;
    return slot;
}
void *kept_at(int slot) {
    return kept[slot];
}

/* A thing of the library's own. */
struct thing {
    int number;
    struct thing *next;
};
struct thing *thing_new(int number) {
    struct thing *thing = calloc(1, sizeof *thing);
    thing->number = number;
    return thing;
}
int thing_number(const struct thing *thing) {
    return thing != NULL ? thing->number : -1;
}
void thing_free(struct thing *thing) {
    free(thing);
}

/* SQLite's way: a result code, and the thing by the last parameter. */
int thing_open(int number, struct thing **ret_thing) {
    if (number < 0) {
        return 1; /* *ret_thing stays as it was */
    }
    *ret_thing = number == 0 ? NULL : thing_new(number);
    return 0;
}
/* Frees it and takes the caller's pointer away. */
void thing_close(struct thing **thing) {
    free(*thing);
    *thing = NULL;
}
/* Things made here: the first `made` of `count`. */
int things_make(struct thing **things, int count, int made) {
    for (int i = 0; i < count && i < made; i++) {
        things[i] = thing_new(i + 100);
    }
    return made;
}
int things_sum(struct thing *const *things, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += thing_number(things[i]);
    }
    return sum;
}

/* Pointers of the caller's, in an array. */
int pointers_keep(void **pointers, int count) {
    for (int i = 0; i < count; i++) {
        kept[i] = pointers[i];
    }
    return count;
}
void pointers_reverse(void **pointers, int count) {
    for (int i = 0; i < count / 2; i++) {
        void *other = pointers[count - 1 - i];
        pointers[count - 1 - i] = pointers[i];
        pointers[i] = other;
    }
}

/* Looks through what it was given, and so dies of a pointer that means nothing here. */
int look(const int *pointer) {
    return *pointer;
}

int has_callback(int (*callback)(int)) {
    return callback != NULL;
}

/* -- into an argument ---------------------------------------------------------------------------------------------- */

/* strchr, whose NUL is found too. */
char *find(const char *text, int character) {
    return strchr(text, character);
}

/* strtol's way: behind the digits. */
long parse(const char *text, char **end) {
    return strtol(text, end, 10);
}

/* fgets's way. */
char *fill(char *buffer, int size) {
    memset(buffer, 'f', (size_t)size - 1);
    buffer[size - 1] = '\0';
    return buffer;
}

long *largest(long *values, int count) {
    long *found = values;
    for (int i = 1; i < count; i++) {
        found = values[i] > *found ? values + i : found;
    }
    return found;
}

/* Just behind one of two, which is not the beginning of the other. */
const char *end_of(const char *a, int a_size, const char *b, int b_size, int which) {
    return which == 0 ? a + a_size : b + b_size;
}
