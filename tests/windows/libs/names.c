/* What linkers call functions, and what conventions make of structs. Built with the names that the compiler gives. */
#ifdef __i386__
#define DECORATED(name) _##name
#else
#define DECORATED(name) name
#endif
#define EXPORT __declspec(dllexport)

struct point {
    int x, y;
};
struct large {
    int numbers[8];
};
struct single {
    float value;
};

EXPORT unsigned __stdcall Add(unsigned a, unsigned b) { /* `Add@8` */
    return a + b;
}

EXPORT unsigned __fastcall Sub(unsigned a, unsigned b) { /* `@Sub@8` */
    return a - b;
}

EXPORT unsigned __stdcall DECORATED(Multiply)(unsigned a, unsigned b) { /* `_Multiply@8` */
    return a * b;
}

EXPORT unsigned DECORATED(Negate)(unsigned a) { /* `_Negate` */
    return -a;
}

/* As Microsoft's compiler makes of `point point_at::moved(int by)`. */
EXPORT struct point *__thiscall moved(struct point *self, struct point *result, int by) {
    result->x = self->x + by;
    result->y = self->y - by;
    return result;
}

EXPORT int sum(struct large large, double scale) {
    int total = 0;
    for (int i = 0; i < 8; i++) {
        total += large.numbers[i];
        large.numbers[i] = 0; /* its own copy */
    }
    return (int)(total * scale);
}

EXPORT int sum_of_visits(int(__stdcall *visit)(struct large large, float by, struct point at), int times) {
    int total = 0;
    for (int i = 0; i < times; i++) {
        const struct large large = {{i, 1, 2, 3, 4, 5, 6, 7}};
        total += visit(large, 0.5f, (struct point){i, -i});
    }
    return total;
}

EXPORT struct single half(struct single number) {
    return (struct single){number.value / 2};
}

/* Threads on Windows compute with 53 bits, but a sign changes none of the 64. */
EXPORT long double minus(long double number) {
    return -number;
}
