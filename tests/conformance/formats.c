#include "formats.h"

int tell_integers(teller *tell, void *user, int a, unsigned b, long c, long long d, size_t e) {
    return tell(user, "%d %u", a, b) + tell(user, "%ld|%-12li|%lx", c, -c, (unsigned long)c & 0xffff) +
           tell(user, "%lld %llu %d %zu", d, (unsigned long long)d, a, e) +
           tell(user, "%i %ld %lld %zu %x %ld %lld %zu %u", a, c, d, e, b, c, d, e, b);
}

int tell_small(teller *tell, void *user, signed char a, unsigned short b, bool c, char d) {
    return tell(user, "%hhd %hu %d %c %hhx", a, b, c, d, (unsigned char)a);
}

int tell_reals(teller *tell, void *user, double a, float b, long double c, int width, int precision) {
    return tell(user, "%f %.2f", a, (double)b) + tell(user, "%*.*f|%-*g|", width, precision, a, width, (double)b) +
           tell(user, "%Lf %d %.3Lf %f", c, width, c + 1, a) +
           tell(user, "%g%g%g%g%g%g%g%g%g%Lg%g", a, a + 1, a + 2, a + 3, a + 4, a + 5, a + 6, a + 7, a + 8, c, a + 9);
}

int tell_texts(teller *tell, void *user, const char *text, int most) {
    return tell(user, "%s and %s", text, "its own") + tell(user, "%.*s|%5s|%-30s|", most, text, text, text);
}

int tell_unended(teller *tell, void *user, const char *text, int size) {
    return tell(user, "%.*s%d", size, text, size);
}

int tell_wide(teller *tell, void *user, const wchar_t *text, int most) {
    return tell(user, "%ls|%.*ls|%.3ls|%lc", text, most, text, text, (wint_t)text[0]) + tell(user, "%ls", (wchar_t *)0);
}

int tell_pointers(teller *tell, void *user, const void *pointer) {
    return tell(user, "%p %p", (void *)pointer, user);
}

int tell_many(teller *tell, void *user, int seed) {
    const long long wide = (long long)seed * 1000003;
    const double real = seed / 4.0;
    return tell(user, "%d %f %lld %s %d %f %lld %s %d %f %lld %s %d %f %lld %s %d %f %lld %s %d %f %lld %s %c", seed,
                real, wide, "a", seed + 1, real + 1, wide + 1, "b", seed + 2, real + 2, wide + 2, "c", seed + 3,
                real + 3, wide + 3, "d", seed + 4, real + 4, wide + 4, "e", seed + 5, real + 5, wide + 5, "f", 'g');
}

int tell_nothing(teller *tell, void *user) {
    return tell(user, "nothing%%") + tell(user, "");
}

static long pass_list(list_teller *tell, double before, void *user, int skipped, const char *format, ...) {
    va_list list;
    va_start(list, format);
    for (int i = 0; i < skipped; i++) {
        (void)va_arg(list, int);
    }
    const long sum = tell(before, user, format, list);
    va_end(list);
    return sum;
}

long tell_list(list_teller *tell, void *user, int skipped, int a, double b, long c, long double d, const char *e) {
    static const char format[] = "%d %f %ld %.2Lf %s %.3s";
    switch (skipped) {
    case 0:
        return pass_list(tell, b, user, 0, format, a, b, c, d, e, e);
    case 1:
        return pass_list(tell, b, user, 1, format, 1, a, b, c, d, e, e);
    case 2:
        return pass_list(tell, b, user, 2, format, 1, 2, a, b, c, d, e, e);
    default:
        return pass_list(tell, b, user, 5, format, 1, 2, 3, 4, 5, a, b, c, d, e, e);
    }
}

static long pass_twice(list_teller *tell, void *user, const char *format, ...) {
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    const long sum = tell(0.5, user, format, list) + tell(1.5, user, format, again);
    va_end(again);
    va_end(list);
    return sum;
}
long tell_list_twice(list_teller *tell, void *user, long long value) {
    return pass_twice(tell, user, "%lld, %f and %s", value, (double)(value % 1000), "end");
}

int tell_members(const struct told *told, int value, const char *text) {
    return told->tell(told->user, "%d: %s", value, text) +
           (int)pass_list(told->tell_list, value, told->user, 0, "%s: %d", text, value);
}

static teller *kept;
static void *kept_user;
void keep_teller(teller *tell, void *user) {
    kept = tell;
    kept_user = user;
}
int tell_kept(int times) {
    int sum = 0;
    for (int i = 0; i < times; i++) {
        sum += kept(kept_user, "%d/%d", i, times);
    }
    return sum;
}

int tell_own(int (*tell)(void *user, const char *format, ...), void *user, const char *text, int number) {
    return tell(user, "%q%w%s", text, number, "!");
}
