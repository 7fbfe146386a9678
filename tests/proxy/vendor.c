#include "vendor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char vendor_version[] = "2.5";
const short vendor_limits[3] = {-1, 0, 3000};
const struct vendor_step vendor_steps[] = {{1, 70000}, {2, -5}};
int vendor_counter = 4;
short vendor_counts[4];
char *vendor_place;
int vendor_unasked = 6;
int count_up(int by) {
    vendor_counter += by;
    vendor_counts[2] = (short)(vendor_counts[1] + by);
    return vendor_counter;
}
int hidden_number = 7;
static int was_constructed;
__attribute__((constructor)) static void construct(void) {
    was_constructed = 1;
}

int constructed(void) {
    return was_constructed;
}
int add(int left, int right) {
    return left + right;
}
int plus(int left, int right) __attribute__((alias("add")));
int also_plus(int left, int right) __attribute__((alias("add")));
long widest(long value) {
    return value + 1;
}
double half(double value) {
    return value / 2;
}
float quarter(float value) {
    return value / 4;
}
long double third(long double value) {
    return value / 3;
}
_Bool is_odd(unsigned char value) {
    return value & 1;
}
short narrow(signed char value, unsigned short other) {
    return (short)(value - other);
}
unsigned long long mixed(char a, long long b, float c, void *handle, double d) {
    return (unsigned long long)((double)a + (double)b + (double)c + d) + (handle != NULL);
}
struct small swap_small(struct small value) {
    return (struct small){(int)value.y, (float)value.x};
}
struct pair swap_pair(struct pair value) {
    return (struct pair){value.second, value.first};
}
struct twelve turn(struct twelve value, int by) {
    struct twelve turned;
    for (int i = 0; i < 3; i++) {
        turned.parts[i] = value.parts[(i + by) % 3];
    }
    return turned;
}
struct large turn_large(struct large value, int by) {
    struct large turned;
    for (int i = 0; i < 6; i++) {
        turned.values[i] = value.values[(i + by) % 6];
    }
    return turned;
}
const char *name_of(int number) {
    return number == 0 ? "zero" : number == 1 ? "one" : NULL;
}
size_t length(const char *text) {
    return strlen(text);
}
size_t fill(char *buffer, size_t size) {
    memset(buffer, 'f', size);
    return size;
}
int rate_oldest(void) {
    return 0;
}
int rate_old(void) {
    return 1;
}
int rate_new(void) {
    return 2;
}
__asm__(".symver rate_oldest, rate@VENDOR_0.9\n.symver rate_old, rate@VENDOR_1.0\n.symver rate_new, rate@@VENDOR_2.0");
int loose(void) {
    return 3;
}
void nothing(void) {}
int process(void) {
    return (int)getpid();
}
int each(int count, int (*visit)(int number)) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += visit(i);
    }
    return sum;
}
int crash(int really) {
    if (really) {
        raise(SIGKILL);
    }
    return 5;
}
int fails(int really) {
    return crash(really);
}
double fails_half(int really) {
    return crash(really) / 2.0;
}
struct large fails_large(int really) {
    return (struct large){{crash(really)}};
}
void fails_nothing(int really) {
    crash(really);
}
int *unclear(void *what) {
    return what;
}
int wait_here(int (*until)(void)) {
    while (!until()) {
        usleep(1000);
    }
    return 9;
}
int sleeps(int ms) {
    usleep((unsigned)ms * 1000);
    return ms;
}
int naps(int ms) {
    return sleeps(ms);
}
int vprint(char *to, size_t size, const char *format, va_list list) {
    return vsnprintf(to, size, format, list);
}
int print(char *to, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const int length = vsnprintf(to, size, format, list);
    va_end(list);
    return length;
}
void *make(int value) {
    int *made = malloc(sizeof *made);
    *made = value;
    return made;
}
int look(void *made) {
    return *(int *)made;
}
int count(void) {
    static int calls;
    return ++calls;
}
int undeclared(void) {
    return 11;
}
