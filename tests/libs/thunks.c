/* Functions that come out of the library, of every kind. */
#include "thunks.h"

#include <errno.h>
#include <string.h>

static int add(int a, int b) {
    return a + b;
}
static long long wide(long long a, signed char b, unsigned short c) {
    return a * b + c;
}
static float half(float a) {
    return a / 2;
}
static double many(double a, double b, double c, double d, double e, double f, double g, double h, double i, int j,
                   int k, int l, int m, int n, int o, int p) {
    return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p;
}
static long double precise(int a, long double b) {
    return a * b;
}
static bool is_odd(unsigned char a) {
    return (a & 1) != 0;
}
static struct small make_small(int a) {
    return (struct small){a, -a};
}
static struct mixed make_mixed(struct turned from) {
    return (struct mixed){from.b, from.a};
}
static struct turned make_turned(struct mixed from) {
    return (struct turned){from.b, from.a};
}
static struct doubles make_doubles(struct doubles a, struct doubles b) {
    return (struct doubles){a.a + b.a, a.b + b.b};
}
static struct large make_large(struct large from, int by) {
    from.a += by;
    from.b += by;
    from.text[0]++;
    return from;
}
static const char *name_of(int a) {
    return a == 1 ? "one" : "another";
}
static size_t copy_text(char *to, size_t size, const char *from) {
    size_t len = strlen(from);
    len = len < size ? len : size - 1;
    memcpy(to, from, len);
    to[len] = '\0';
    return len;
}
static void count_up(int *value) {
    ++*value;
}
static int fail_with(int number) {
    errno = number;
    return -1;
}
static int apply(int (*function)(int), int value) {
    return function(value);
}
static void end_it(void) {
    __builtin_trap();
}
static long shrink(long value) {
    return value;
}

static const struct table table = {add,        wide,        half,         many,       precise, is_odd,    make_small,
                                   make_mixed, make_turned, make_doubles, make_large, name_of, copy_text, count_up,
                                   fail_with,  apply,       end_it,       shrink,     NULL};
const struct table *functions(void) {
    return &table;
}
void functions_out(struct table *to) {
    *to = table;
}
typedef int add_function(int a, int b);
add_function *function_add(void) {
    return add;
}
int is_add(add_function *function) {
    return function == add;
}
void add_out(add_function **to) {
    *to = add;
}
