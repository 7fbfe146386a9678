/* Variadic functions, with what they are passed in their hands, in a list, and as a format says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
    int a;
    double b;
};

/* `types`: i int, l long, q long long, d double, D long double, s string, P struct pair, o int * out, c callback. */
double sum_of(const char *types, ...) {
    double sum = 0;
    va_list list;
    va_start(list, types);
    for (; *types != '\0'; types++) {
        switch (*types) {
        case 'i':
            sum += va_arg(list, int);
            break;
        case 'l':
            sum += (double)va_arg(list, long);
            break;
        case 'q':
            sum += (double)va_arg(list, long long);
            break;
        case 'd':
            sum += va_arg(list, double);
            break;
        case 'D':
            sum += (double)va_arg(list, long double);
            break;
        case 's':
            sum += (double)strlen(va_arg(list, const char *));
            break;
        case 'P': {
            struct pair pair = va_arg(list, struct pair);
            sum += pair.a + pair.b;
            break;
        }
        case 'o':
            *va_arg(list, int *) = 77;
            break;
        case 'c':
            sum += va_arg(list, int (*)(int))(5);
            break;
        default:
            abort();
        }
    }
    va_end(list);
    return sum;
}

double tell(double (*told)(const char *types, ...), int a) {
    return told("idqDs", a, 0.5, 5000000000LL, 0.25L, "five") * 2;
}

static int calls;
int calls_made(void) {
    return calls;
}

int put_text(char *to, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int used = vsnprintf(to, size, format, list);
    va_end(list);
    calls++;
    return used;
}

int put_list(char *to, size_t size, const char *format, va_list list) {
    calls++;
    return vsnprintf(to, size, format, list);
}

/* %q is a string in quotes, %z a pointer's address that is 0 or not, %d an int; nothing else. */
char *make_text(const char *format, ...) {
    char *text = calloc(1, 1000), *to = text;
    va_list list;
    va_start(list, format);
    for (; text != NULL && *format != '\0'; format++) {
        if (*format != '%') {
            *to++ = *format;
        } else if (*++format == 'q') {
            to += sprintf(to, "'%s'", va_arg(list, const char *));
        } else if (*format == 'z') {
            to += sprintf(to, "%d", va_arg(list, void *) != NULL);
        } else {
            to += sprintf(to, "%d", va_arg(list, int));
        }
    }
    va_end(list);
    return text;
}

/* As sqlite3_config and ioctl do it: what is passed depends on the first. */
long long configure(int what, ...) {
    long long answer = -1;
    va_list list;
    va_start(list, what);
    if (what == 1) {
        answer = va_arg(list, int) + va_arg(list, int);
    } else if (what == 2) {
        answer = (long long)strlen(va_arg(list, const char *));
    } else if (what == 3) {
        *va_arg(list, long *) = 12345;
        answer = 0;
    }
    va_end(list);
    return answer;
}
