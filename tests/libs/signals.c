/* What a signal handler calls, and what it interrupts. Built for every target. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int add(int a, int b) {
    return a + b;
}
int length_of(const char *text) {
    return (int)strlen(text);
}
int length_of_format(const char *format, ...) {
    va_list list;
    va_start(list, format);
    const int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    return length;
}
unsigned long sum_of(const unsigned char *bytes, unsigned count) {
    unsigned long sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum += bytes[i];
    }
    return sum;
}
const char *greeting(void) {
    return "good day";
}
int wait_us(unsigned us) {
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000}, NULL);
    return (int)us;
}
int call_times(int (*function)(int index), int times) {
    int sum = 0;
    for (int i = 0; i < times; i++) {
        sum += function(i);
    }
    return sum;
}
static int (*kept)(int a);
void set_kept(int (*function)(int a)) {
    kept = function;
}
int call_kept(int a) {
    return kept(a);
}
void die(void) {
    abort();
}
