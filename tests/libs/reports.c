/* Functions that tell a function of the caller's what happened, as a format says. */
#include "reports.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef int report(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));
typedef int report_list(void *data, const char *format, va_list list);

/* `len` bytes of `text` at the very end of what can be read. */
static void *at_the_end(const void *text, size_t len) {
    const size_t page = 4096;
    unsigned char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + page, page, PROT_NONE) != 0) {
        abort();
    }
    return memcpy(memory + page - len, text, len);
}

static const struct report_texts *texts(void) {
    static struct report_texts all;
    static char lengthy[9001];
    if (all.unended == NULL) {
        memset(lengthy, 'q', sizeof lengthy - 1);
        all = (struct report_texts){.unended = at_the_end("abcd", 4),
                                    .at_the_end = at_the_end("xyz", 4),
                                    .allocated = strdup("from the heap"),
                                    .lengthy = lengthy,
                                    .wide_unended = at_the_end(L"uv", 2 * sizeof(wchar_t))};
    }
    return &all;
}

int report_row(report *to, void *data, int which) {
    const struct report_texts *const t = texts();
    switch (which) {
#define ROW(number, name, ...)                                                                                         \
    case number:                                                                                                       \
        return to(data, __VA_ARGS__);
        REPORT_ROWS(ROW, t)
#undef ROW
    default:
        return -1;
    }
}

static int list_of(report_list *to, void *data, int skipped, const char *format, ...) {
    va_list list;
    va_start(list, format);
    for (int i = 0; i < skipped; i++) {
        (void)va_arg(list, int);
    }
    const int result = to(data, format, list);
    va_end(list);
    return result;
}

int report_row_list(report_list *to, void *data, int which) {
    const struct report_texts *const t = texts();
    switch (which) {
#define ROW(number, name, ...)                                                                                         \
    case number:                                                                                                       \
        return list_of(to, data, 0, __VA_ARGS__);
        REPORT_ROWS(ROW, t)
#undef ROW
    default:
        return -1;
    }
}

/* A list of which so many ints were taken already. */
int report_rest(report_list *to, void *data, int skipped) {
    switch (skipped) {
    case 1:
        return list_of(to, data, 1, "%d %f %Lf %s", 1, 2, 3.5, 4.5L, "five");
    case 4:
        return list_of(to, data, 4, "%d %f %Lf %s", 1, 2, 3, 4, 2, 3.5, 4.5L, "five");
    case 5:
        return list_of(to, data, 5, "%d %f %Lf %s", 1, 2, 3, 4, 5, 2, 3.5, 4.5L, "five");
    default:
        return -1;
    }
}

/* What is passed in front of the format takes registers, and words of the stack. */
struct report_large {
    long numbers[4];
};
struct report_large report_among(struct report_large (*to)(char a, double b, struct report_large c, long long d,
                                                           float e, const char *format, ...)) {
    const struct report_large large = {{10, 20, 30, 40}};
    return to('a', 0.5, large, 5000000000LL, 0.25F, "%d %f %s", 7, 8.5, "nine");
}

/* How many numbers there are the function around it says. */
int report_sum(int (*to)(const int *numbers, const char *format, ...), int count, int start) {
    int numbers[16];
    for (int i = 0; i < count && i < 16; i++) {
        numbers[i] = start + i;
    }
    return to(numbers, "%d of %s", count, "these");
}

/* What there is nothing behind: the format, a string, or fewer arguments than the format says, at the end of the list. */
int report_astray(report *to, report_list *list, void *data, int which) {
    void *const nowhere = at_the_end("", 0);
    va_list none;
    memset(&none, 0, sizeof none);
    switch (which) {
    case 0:
        return to(data, nowhere);
    case 1:
        return to(data, "%d %s", 1, (const char *)nowhere);
    case 2:
        return to(data, "%.10s", (const char *)at_the_end("abc", 3));
    default:
#ifdef __i386__
        none = at_the_end("abc", 4);
#else
        none[0].gp_offset = 48;
        none[0].fp_offset = 176;
        none[0].overflow_arg_area = at_the_end("abcdefg", 8);
#endif
        return list(data, "%d%d", none);
    }
}

/* As it is given. */
int report_this(report *to, void *data, const char *format, int a, int b) {
    return to(data, format, a, b);
}
/* With one text: two characters of two bytes each, and one byte behind them, which is the last that can be read. */
int report_characters(report *to, void *data, const char *format) {
    static const char *text;
    text = text != NULL ? text : at_the_end("\xc3\xa4\xc3\xb6z", 5);
    return to(data, format, text);
}
/* Its own format, from the heap, which the function is also given as data. */
int report_own(report *to) {
    char *const format = strdup("%d and %d");
    const int result = format != NULL ? to(format, format, 1, 2) : -1;
    free(format);
    return result;
}
int report_long(report *to, void *data, long long number) {
    return to(data, "%ld", (long)number);
}
int report_error(report *to, void *data, int error) {
    errno = error;
    const int result = to(data, "%d: %m", error);
    return errno == error ? result : -1;
}

static struct {
    report *to;
    void *data;
} kept;
void report_keep(report *to, void *data) {
    kept.to = to;
    kept.data = data;
}
int report_kept(int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += kept.to(kept.data, "%d of %d: %s", i, count, "kept");
    }
    return sum;
}
static void *report_in_thread(void *count) {
    return (void *)(intptr_t)report_kept((int)(intptr_t)count);
}
int report_from_thread(int count) {
    pthread_t thread;
    void *sum = NULL;
    if (pthread_create(&thread, NULL, report_in_thread, (void *)(intptr_t)count) != 0) {
        return -1;
    }
    pthread_join(thread, &sum);
    return (int)(intptr_t)sum;
}
