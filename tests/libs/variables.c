/* Variables of every kind. */
#include <stddef.h>

int counter = 5;
long wide_number = 7;
size_t all_ones = (size_t)-1;
const int constant = 99;
float fractions[3] = {0.5f, 1.5f, 2.5f};
long double precise = 1.25L;
const char *const words[3] = {"one", "two", NULL};
const char *word = "first";
struct point {
    short x;
    long long y;
    long z;
} place = {1, 2, 3};
struct point places[2] = {{4, 5, 6}, {7, 8, 9}};
void *handle;
struct node {
    struct node *next;
    int value;
} * first_node;
int (*hook)(int value);

int get_counter(void) {
    return counter;
}
long get_z(void) {
    return place.z;
}
long long get_word_sum(void) {
    long long sum = 0;
    for (const char *at = word; *at != '\0'; at++) {
        sum += *at;
    }
    return sum;
}
void fill_handle(void) {
    handle = &counter;
}
int is_handle(const void *pointer) {
    return pointer == handle;
}
int call_hook(int value) {
    return hook != NULL ? hook(value) : -1;
}
int add_to(int *value, int by) {
    return *value += by;
}
void end_it(void) {
    __builtin_trap();
}
