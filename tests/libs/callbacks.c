/* Functions that call back. Built for every target. */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int apply(int (*function)(int left, int right), int left, int right) {
    return function(left, right);
}
void run(void (*function)(void)) {
    function();
}
int call_times(int (*function)(int index), int times) {
    int sum = 0;
    for (int i = 0; i < times; i++) {
        sum += function(i);
    }
    return sum;
}
double apply_floats(double (*function)(double a, float b, int c, double d), double a, float b, int c, double d) {
    return function(a, b, c, d);
}
float apply_float(float (*function)(float a), float a) {
    return function(a);
}
typedef long long (*mixed_function)(signed char a, unsigned short b, long long c, double d, unsigned e, bool f, long g,
                                    unsigned long long h, float i, size_t j, int k, double l, uint64_t m);
long long apply_mixed(mixed_function function) {
    return function(-5, 65535, -123456789012345, 2.5, 4000000000u, true, -77, 0xfedcba9876543210u, -0.25f, 123456, -1,
                    1e300, 1);
}
signed char apply_small(signed char (*function)(unsigned char a, short b), unsigned char a, short b) {
    return function(a, b);
}
bool apply_bool(bool (*function)(bool a), bool a) {
    return function(a);
}
/* What the function returned, by two ways. */
long apply_long_twice(long (*function)(long a), long a, int *also) {
    long result = function(a);
    *also = (int)result + 1;
    return result;
}
long apply_long(long (*function)(long a), long a) {
    return function(a);
}
/* errno as the function leaves it. */
int errno_after(int (*function)(int value), int before, int value) {
    errno = before;
    return function(value) == value ? errno : -1;
}
int errno_after_text(int (*function)(const char *text), int before) {
    errno = before;
    return function("a text") == 6 ? errno : -1;
}

/* A user's data and texts that lie in the library. */
int each_name(int (*visit)(void *data, const char *name, int index), void *data) {
    static const char *const names[] = {"first", "", "the third"};
    int sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += visit(data, names[i], i);
    }
    return sum + visit(data, NULL, 3);
}
int with_text(int (*visit)(const char *text), unsigned length) {
    char *text = malloc(length + 1);
    memset(text, 'x', length);
    text[length] = '\0';
    int result = visit(text);
    free(text);
    return result;
}

/* Bytes in and out of the library's own memory. */
int with_bytes(int (*sum)(const unsigned char *bytes, unsigned count), unsigned count) {
    unsigned char *bytes = malloc(count + 1);
    for (unsigned i = 0; i < count; i++) {
        bytes[i] = (unsigned char)i;
    }
    int result = sum(bytes, count);
    free(bytes);
    return result;
}
long read_with(size_t (*read)(void *data, char *buffer, size_t size), void *data) {
    static char buffer[1000];
    long sum = 0;
    for (size_t got; (got = read(data, buffer, sizeof buffer)) > 0;) {
        for (size_t i = 0; i < got; i++) {
            sum += (unsigned char)buffer[i];
        }
    }
    return sum;
}
/* The bytes written; -1 if another is among them. */
int fill_with(void (*fill)(void *buffer, unsigned *length)) {
    unsigned char *buffer = malloc(100);
    unsigned length = 100;
    memset(buffer, 0, 100);
    fill(buffer, &length);
    int sum = (int)length;
    for (unsigned i = 0; i < length; i++) {
        sum = buffer[i] == 7 ? sum : -1;
    }
    free(buffer);
    return sum;
}
void increment_with(void (*increment)(int *value), int *value) {
    increment(value);
    int own = 41;
    increment(&own);
    *value += own;
}

/* Set once, called later. */
static int (*kept)(int a);
void set_kept(int (*function)(int a)) {
    kept = function;
}
bool is_kept(int (*function)(int a)) {
    return function == kept;
}
int call_kept(int a) {
    return kept != NULL ? kept(a) : -1;
}
/* Another argument lies beside it while the kept one runs. */
int call_kept_with(const char *text, int a) {
    char before[64];
    strncpy(before, text, sizeof before - 1);
    before[sizeof before - 1] = '\0';
    int result = call_kept(a);
    return strcmp(before, text) == 0 ? result : -1000;
}
/* What two pointers lead to may lie there, too, if nothing was kept yet when the call began. */
static int waiting;
int is_waiting(void) {
    return __atomic_load_n(&waiting, __ATOMIC_SEQ_CST);
}
int call_once_kept(const int *first, const int *second, int a) {
    __atomic_store_n(&waiting, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&kept, __ATOMIC_SEQ_CST) == NULL) {
        sched_yield();
    }
    const int result = call_kept(a);
    return *first * 10000 + *second * 100 + result;
}
/* What is called once, and what is called until it is taken away from its owner. */
struct owner {
    int (*function)(int a);
};
static int (*once)(int a);
void set_once(int (*function)(int a)) {
    once = function;
}
int call_once(int a) {
    int (*function)(int) = once;
    once = NULL;
    return function != NULL ? function(a) : -1;
}
struct owner *owner_new(void) {
    return calloc(1, sizeof(struct owner));
}
uintptr_t owner_set(struct owner *owner, int (*function)(int a)) {
    owner->function = function;
    return (uintptr_t)function;
}
int owner_call(struct owner *owner, int a) {
    return owner->function(a);
}
void owner_clear(struct owner *owner) {
    owner->function = NULL;
}
/* Where the bytes of both are added up. */
int compare_kept_bytes(const void *memory, unsigned size, int (*compare)(const void *left, const void *right)) {
    return compare(memory, (const char *)memory + size);
}
bool are_same(int (*first)(int a), int (*second)(int a)) {
    return first == second;
}

/* The pieces that the function hands out are read when all of them are there. */
unsigned gather(unsigned (*next)(void *data, const unsigned char **piece, const char **name), void *data, unsigned size,
                const unsigned char **last) {
    enum { PIECES_MAX = 16 };
    const unsigned char *pieces[PIECES_MAX];
    unsigned sizes[PIECES_MAX], count = 0, got = 0, sum = 0;
    const char *name = NULL;
    while (got < size && count < PIECES_MAX && name == NULL) {
        sizes[count] = next(data, &pieces[count], &name);
        got += sizes[count++];
    }
    for (unsigned i = 0, at = 0; i < count; i++) {
        for (unsigned j = 0; j < sizes[i]; j++) {
            sum += pieces[i][j] * ++at;
        }
    }
    *last = pieces[count - 1];
    return name != NULL && strcmp(name, "the last") == 0 ? sum : 0;
}

/* As many at once as are registered. */
static struct {
    int (**list)(int a);
    size_t count;
} registered;
void register_one(int (*function)(int a)) {
    registered.list = realloc(registered.list, (registered.count + 1) * sizeof *registered.list);
    registered.list[registered.count++] = function;
}
/* How many of them, called in turn, return their own number. */
size_t call_registered(void) {
    size_t right = 0;
    for (size_t i = 0; i < registered.count; i++) {
        right += registered.list[i](0) == (int)i;
    }
    return right;
}
