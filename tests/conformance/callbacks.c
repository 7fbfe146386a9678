#include "callbacks.h"

#include "mix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int call_int(int (*function)(int a, int b), int a, int b) {
    return function(b, a) ^ 1;
}
int call_if_any(int (*function)(int a, int b), int a) {
    return function != NULL ? function(a, a ^ 1) : -a;
}
void call_void(void (*function)(void), int times) {
    for (int i = 0; i < times; i++) {
        function();
    }
}
#define CALL_ONE(name, type)                                                                                           \
    type call_##name(type (*function)(type a), type a) {                                                               \
        return function(a);                                                                                            \
    }
CALL_ONE(char, signed char)
CALL_ONE(uchar, unsigned char)
CALL_ONE(short, short)
CALL_ONE(ushort, unsigned short)
CALL_ONE(long, long)
CALL_ONE(ulong, unsigned long)
CALL_ONE(long_long, long long)
CALL_ONE(ulong_long, unsigned long long)
CALL_ONE(size, size_t)
CALL_ONE(float, float)
CALL_ONE(double, double)
CALL_ONE(long_double, long double)
CALL_ONE(enum, enum answer)
bool call_bool(bool (*function)(bool a, bool b), bool a) {
    return !function(a, !a);
}
long call_nine_longs(long (*function)(long a, long b, long c, long d, long e, long f, long g, long h, long i), long a) {
    return function(a, a + 1, a + 2, -a, a + 4, a ^ 5, a + 6, a + 7, a + 8);
}
long long call_ten_long_longs(long long (*function)(long long a, long long b, long long c, long long d, long long e,
                                                    long long f, long long g, long long h, long long i, long long j),
                              long long a) {
    return function(a, a ^ 1, a ^ 2, a ^ 3, ~a, a ^ 5, a ^ 6, a ^ 7, a ^ 8, a ^ 9);
}
int call_eleven_ints(int (*function)(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k),
                     int a) {
    return function(a, a ^ 1, a ^ 2, a ^ 3, ~a, a ^ 5, a ^ 6, a ^ 7, a ^ 8, a ^ 9, a ^ 10);
}
double call_mixed(double (*function)(char a, double b, short c, float d, long long e, bool f, double g, unsigned h,
                                     float i, long j, double k),
                  int seed) {
    return function((char)(seed % 100), seed / 4.0, (short)seed, (float)(seed % 1024) / 8, seed * 1000003LL,
                    seed % 2 == 0, -seed / 2.0, (unsigned)seed * 3u, 0.5f, -(long)seed, 1e10);
}

int visit_all(visit_function *visit, void *user, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        int got = visit(user, i);
        if (got < 0) {
            return got;
        }
        sum += got;
    }
    return sum;
}
void *call_for_pointer(void *(*function)(void *user, int index), void *user, int index) {
    return function(user, index);
}

int each_word(const char *text, int (*visit)(void *user, const char *word, int at), void *user) {
    char word[40];
    int sum = 0;
    for (int at = 0; text[at] != '\0';) {
        size_t len = strcspn(text + at, " ");
        len = len < sizeof word - 1 ? len : sizeof word - 1;
        memcpy(word, text + at, len);
        word[len] = '\0';
        sum = sum * 3 + visit(user, word, at);
        at += (int)len;
        at += text[at] == ' ';
    }
    return sum;
}
int look_at_passage(int (*look)(const struct passage *passage), const char *text) {
    const struct passage passage = {text, text, text + (text[0] != '\0')};
    return look(&passage);
}
int length_by_callback(size_t (*length)(const char *text), const char *text) {
    return (int)(length(text) + 2 * length("of the library's own"));
}
unsigned long long sum_texts_returned(const char *(*name)(int index), int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        sum = mix_text(sum, name(i));
    }
    return sum;
}
/* What was returned first is still there. */
unsigned long long sum_texts_at_the_end(const char *(*name)(int index), int count) {
    const char *names[100];
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        names[i] = name(i);
    }
    for (int i = 0; i < count; i++) {
        sum = mix_text(sum, names[i]);
    }
    return sum;
}
unsigned long long sum_tickets(const struct ticket *(*next)(int index), int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        const struct ticket *ticket = next(i);
        if (ticket == NULL) {
            continue;
        }
        sum = mix_text(mix(sum, (unsigned short)ticket->id), ticket->text);
        sum = mix(mix(sum, (unsigned)ticket->weights[0]), (unsigned)ticket->weights[1]);
        for (int k = 0; k < ticket->id; k++) {
            sum = mix(sum, (unsigned)ticket->more[k]);
        }
    }
    return sum;
}
long long sum_rows(const long *(*row)(int index, int count), int rows, int count) {
    long long sum = 0;
    for (int i = 0; i < rows; i++) {
        const long *values = row(i, count);
        for (int k = 0; k < count; k++) {
            sum = sum * 3 + values[k];
        }
    }
    return sum;
}
int place_of_returned(const char *text, const char *(*choose)(const char *text, int from), int from) {
    const char *chosen = choose(text, from);
    const size_t at = (size_t)((uintptr_t)chosen - (uintptr_t)text);
    return chosen != NULL && at <= strlen(text) ? (int)at : -1;
}
int fold_bytes(int (*fold)(int sum, const void *data, size_t size), int chunks, int chunk_size) {
    unsigned char *chunk = malloc((size_t)chunk_size + 1);
    int sum = 0;
    for (int i = 0; i < chunks; i++) {
        for (int at = 0; at < chunk_size; at++) {
            chunk[at] = (unsigned char)(i * 7 + at);
        }
        sum = fold(sum, chunk, (size_t)chunk_size);
    }
    free(chunk);
    return sum;
}
int fill_by_callback(int (*fill)(char *buffer, int size), int size) {
    char *buffer = calloc(1, (size_t)size + 1);
    int used = fill(buffer, size);
    unsigned long long sum = mix_bytes(1, buffer, (size_t)used);
    free(buffer);
    return (int)sum;
}
double ask_for_number(int (*ask)(int index, double *number), int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        double number = -1;
        sum = sum * 2 + (ask(i, &number) != 0 ? number : 100);
    }
    return sum;
}
long bump_by_callback(void (*bump)(long *value, int *step), long value) {
    int step = 3;
    bump(&value, &step);
    bump(&value, &step);
    return value + step;
}
int line_up_longs(void (*fill)(long *values, int count), int count) {
    long *values = calloc((size_t)count + 1, sizeof *values);
    unsigned long long sum = 1;
    fill(values, count);
    for (int i = 0; i < count; i++) {
        sum = mix(sum, (unsigned long long)values[i]);
    }
    free(values);
    return (int)sum;
}
/* By insertion: libc's order of comparisons is its own affair. */
void sort_with(void *base, size_t count, size_t size, int (*compare)(const void *left, const void *right)) {
    char *bytes = base, kept[64];
    for (size_t i = 1; i < count; i++) {
        for (size_t at = i; at > 0 && compare(bytes + (at - 1) * size, bytes + at * size) > 0; at--) {
            memcpy(kept, bytes + at * size, size);
            memcpy(bytes + at * size, bytes + (at - 1) * size, size);
            memcpy(bytes + (at - 1) * size, kept, size);
        }
    }
}
void sort_ints_with(int *values, size_t count, int (*compare)(const int *left, const int *right)) {
    for (size_t i = 1; i < count; i++) {
        for (size_t at = i; at > 0 && compare(&values[at - 1], &values[at]) > 0; at--) {
            int kept = values[at];
            values[at] = values[at - 1];
            values[at - 1] = kept;
        }
    }
}

int send_event(int (*on_event)(const struct event *event), short type, long x) {
    struct event event = {type, type * 10000000000LL, {x, -x}, "event"};
    int first = on_event(&event);
    event.text[5] = '2';
    event.position[1] ^= 3;
    return first + 2 * on_event(&event);
}
int change_event(void (*change)(struct event *event), struct event *event) {
    change(event);
    event->position[0] ^= 0x100;
    change(event);
    return event->type;
}
int change_parcel(void (*change)(struct parcel *parcel), struct parcel *parcel) {
    const struct parcel before = *parcel;
    change(parcel);
    return (parcel->first == before.first) + 2 * (parcel->second == before.second) +
           4 * (parcel->third == before.third);
}
int make_event(int (*make)(struct event *event), int times) {
    unsigned long long sum = 1;
    for (int i = 0; i < times; i++) {
        struct event event;
        sum = mix(sum, (unsigned)make(&event));
        sum = mix(mix(sum, (unsigned short)event.type), (unsigned long long)event.time);
        sum = mix(mix(sum, (unsigned long long)event.position[0]), (unsigned long long)event.position[1]);
        sum = mix_bytes(sum, event.text, sizeof event.text);
    }
    return (int)sum;
}
struct vector_2 map_vector(struct vector_2 (*map)(struct vector_2 value, double by), struct vector_2 value) {
    struct vector_2 mapped = map(value, 2);
    return map((struct vector_2){mapped.y, mapped.x}, -0.5);
}
long long map_corners(long long (*map)(struct corners corners, char kind), int a) {
    return map((struct corners){a, a ^ 1, ~a}, 'k') + 1;
}
double integrate(const struct vector_2 *range, double (*at)(const struct vector_2 *point), int steps) {
    double sum = 0;
    for (int i = 0; i < steps; i++) {
        const struct vector_2 point = {range->x + i * 0.25, range->y};
        sum += at(&point);
    }
    return sum;
}

int run_handler(const struct handler *handler, int value) {
    return handler->handle == NULL ? -1 : handler->handle(handler->user, value + handler->id);
}
int run_handlers(const struct handler *handlers, int count, int value) {
    for (int i = 0; i < count; i++) {
        value = run_handler(&handlers[i], value);
    }
    return value;
}
long use_operations(const struct operations *operations, int mode) {
    char buffer[50];
    int handle = operations->open(mode);
    long got = operations->read(handle, buffer, sizeof buffer);
    long sum = (long)(mix_bytes(1, buffer, (size_t)got) & 0xffffff);
    operations->close(handle);
    return sum;
}
int apply_in_turn(unary_function *const *functions, int count, int value) {
    for (int i = 0; i < count; i++) {
        value = functions[i] == NULL ? value ^ 0x11 : functions[i](value);
    }
    return value;
}

static unary_function *handler;
void set_handler(unary_function *function) {
    handler = function;
}
int call_handler(int value) {
    return handler == NULL ? -1 : handler(value);
}
enum { LISTENERS_MAX = 8 };
static struct {
    void (*listener)(void *user, int value);
    void *user;
} listeners[LISTENERS_MAX];
static int listener_count;
int add_listener(void (*listener)(void *user, int value), void *user) {
    if (listener_count == LISTENERS_MAX) {
        return -1;
    }
    listeners[listener_count].listener = listener;
    listeners[listener_count].user = user;
    return ++listener_count;
}
int remove_listener(void (*listener)(void *user, int value), void *user) {
    for (int i = 0; i < listener_count; i++) {
        if (listeners[i].listener == listener && listeners[i].user == user) {
            listeners[i] = listeners[--listener_count];
            return listener_count;
        }
    }
    return -1;
}
int tell_listeners(int value) {
    for (int i = 0; i < listener_count; i++) {
        listeners[i].listener(listeners[i].user, value + i);
    }
    return listener_count;
}
int is_same_function(unary_function *a, unary_function *b) {
    return a == b;
}
int register_twice(unary_function *a, unary_function *b, int value) {
    static unary_function *first, *second;
    first = a;
    second = b;
    int sum = first(value);
    first = NULL; /* the second registration lives on */
    return sum ^ second(value + 1);
}

static int twice(int value) {
    return (int)((unsigned)value * 2);
}
static int opposite(int value) {
    return (int)-(unsigned)value;
}
unary_function *function_of_library(int index) {
    return index == 0 ? twice : index == 1 ? opposite : NULL;
}
int call_given(unary_function *function, int value) {
    return function == NULL ? 12345 : function(value) + 1;
}
unary_function *same_function_again(unary_function *function) {
    return function;
}
int call_back_with_function(int (*function)(unary_function *inner, int value), int value) {
    return function(twice, value) ^ function(opposite, value);
}

int descend(int (*deeper)(int level), int level) {
    return level == 0 ? 1 : deeper(level - 1) + level;
}
int nested_1(int (*f2)(int value), int value) {
    return f2(value + 1) * 3;
}
int nested_3(int (*f4)(int value), int value) {
    return f4(value + 3) * 5;
}
int cross_often(int (*function)(int index), int times) {
    unsigned sum = 0;
    for (int i = 0; i < times; i++) {
        sum = sum * 31 + (unsigned)function(i);
    }
    return (int)sum;
}
long long add_5000(long long (*function)(long long sum, int index)) {
    long long sum = 0;
    for (int i = 0; i < 5000; i++) {
        sum = function(sum, i);
    }
    return sum;
}

unsigned long long edit_lines(int (*edit)(char *text, struct line *line, char *constant)) {
    char text[] = "text of the library", more[] = "more of that";
    struct line line = {1, more, more, more, more + 5};
    const int result = edit(text, &line, (char *)(size_t) "not to be written to");
    return mix_text(mix_text(mix((unsigned long long)result, (unsigned)line.number), text), more);
}
unsigned long long edit_words(int (*edit)(const char *last, char *row, int size, const char *first,
                                          const char *second)) {
    char row[] = "first\0second\0without an end";
    const int result = edit("last", row, 20, row, row + 6);
    return mix_text(mix_text(mix((unsigned long long)result, 0), row), row + 6);
}

unsigned long long edit_banner(char *text, int from,
                               int (*edit)(const char *seen, char *text, const char *again, const char *rest,
                                           struct banner *banner)) {
    struct banner banner = {text, text, text + from};
    const int result = edit(text, text, text, text + from, &banner);
    return mix_text(mix(mix_text((unsigned long long)result, text), banner.text == text), banner.rest);
}
unsigned long long edit_banner_last(char *text, int from,
                                    int (*edit)(struct banner *banner, char *text, const char *rest)) {
    struct banner banner = {text + from, text, text};
    const int result = edit(&banner, text, text + from);
    return mix_text(mix(mix_text((unsigned long long)result, text), banner.text == text), banner.rest);
}

int errno_through(int (*function)(int value), int value) {
    errno = 0;
    int result = function(value);
    return result * 1000 + errno;
}
