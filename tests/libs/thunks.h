/* tests: what libthunks and its callers both know. */
#ifndef FC_TESTS_LIBS_THUNKS_H
#define FC_TESTS_LIBS_THUNKS_H

#include <stdbool.h>
#include <stddef.h>

struct small {
    int a, b;
};
struct mixed {
    double a;
    int b;
};
struct turned {
    int a;
    double b;
};
struct doubles {
    double a, b;
};
struct large {
    long a;
    double b;
    char text[20];
};
struct table {
    int (*add)(int a, int b);
    long long (*wide)(long long a, signed char b, unsigned short c);
    float (*half)(float a);
    double (*many)(double a, double b, double c, double d, double e, double f, double g, double h, double i, int j,
                   int k, int l, int m, int n, int o, int p);
    long double (*precise)(int a, long double b);
    bool (*is_odd)(unsigned char a);
    struct small (*make_small)(int a);
    struct mixed (*make_mixed)(struct turned from);
    struct turned (*make_turned)(struct mixed from);
    struct doubles (*make_doubles)(struct doubles a, struct doubles b);
    struct large (*make_large)(struct large from, int by);
    const char *(*name_of)(int a);
    size_t (*copy_text)(char *to, size_t size, const char *from);
    void (*count_up)(int *value);
    int (*fail_with)(int number);
    int (*apply)(int (*function)(int), int value);
    void (*end_it)(void);
    long (*shrink)(long value);
    void *none;
};

#endif
