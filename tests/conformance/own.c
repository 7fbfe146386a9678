#include "own.h"

#include "mix.h"

#include <stdlib.h>

/* -- arrays -------------------------------------------------------------------------------------------------------- */

void own_sort(int *numbers, unsigned count, int (*compare)(const int *left, const int *right)) {
    for (unsigned i = 1; i < count; i++) {
        for (unsigned at = i; at > 0 && compare(&numbers[at - 1], &numbers[at]) > 0; at--) {
            const int number = numbers[at];
            numbers[at] = numbers[at - 1];
            numbers[at - 1] = number;
        }
    }
}
void own_sort_bytes(void *base, size_t count, size_t size, int (*compare)(const void *left, const void *right)) {
    unsigned char *const bytes = base;
    for (size_t i = 1; i < count; i++) {
        for (size_t at = i; at > 0 && compare(bytes + (at - 1) * size, bytes + at * size) > 0; at--) {
            for (size_t b = 0; b < size; b++) {
                const unsigned char byte = bytes[at * size + b];
                bytes[at * size + b] = bytes[(at - 1) * size + b];
                bytes[(at - 1) * size + b] = byte;
            }
        }
    }
}
int own_search(const int *key, const int *table, unsigned count, int (*compare)(const int *key, const int *probe)) {
    unsigned from = 0;
    for (unsigned to = count; from < to;) {
        const unsigned middle = from + (to - from) / 2;
        const int order = compare(key, &table[middle]);
        if (order == 0) {
            return (int)middle;
        }
        from = order > 0 ? middle + 1 : from;
        to = order > 0 ? to : middle;
    }
    return -1 - (int)from;
}
int own_merge(const short *left, unsigned left_count, short *right, unsigned right_count,
              int (*compare)(const short *left, const short *right)) {
    int sum = 0;
    for (unsigned i = 0; i < left_count; i++) {
        for (unsigned k = 0; k < right_count; k++) {
            sum = sum * 31 + compare(&left[i], &right[k]);
            right[k] ^= (short)i;
        }
    }
    return sum;
}
static unsigned long long mix_pair(unsigned long long sum, const struct own_pair *pair) {
    return mix(mix(mix(sum, (unsigned)pair->first), (unsigned short)pair->second), (unsigned short)pair->third);
}
unsigned long long own_visit(struct own_pair *pairs, unsigned count,
                             void (*visit)(struct own_pair *pair, unsigned index)) {
    unsigned long long sum = 0;
    for (unsigned i = 0; i < count; i++) {
        pairs[i].third ^= (short)i;
        visit(&pairs[i], i);
        sum = mix_pair(sum, &pairs[i]);
        pairs[i].first ^= 1;
    }
    return sum;
}
unsigned long long own_visit_constant(const struct own_pair *pairs, unsigned count,
                                      void (*visit)(struct own_pair *pair, unsigned index)) {
    unsigned long long sum = 0;
    for (unsigned i = 0; i < count; i++) {
        visit((struct own_pair *)(uintptr_t)&pairs[i], i);
        sum = mix_pair(sum, &pairs[i]);
    }
    return sum;
}
unsigned own_fill(int *numbers, unsigned count, void (*make)(int *number, unsigned index)) {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++) {
        make(&numbers[i], i);
        sum = sum * 31 + (unsigned)numbers[i];
    }
    return sum;
}
unsigned long long own_visit_wide(struct own_wide *wides, unsigned count,
                                  void (*visit)(struct own_wide *wide, unsigned index)) {
    unsigned long long sum = 0;
    for (unsigned i = 0; i < count; i++) {
        wides[i].wide = -wides[i].wide / 2;
        visit(&wides[i], i);
        sum =
            mix_float(mix_text(mix(sum, (unsigned long long)(long long)wides[i].wide), wides[i].name), wides[i].weight);
        wides[i].weight += 1;
    }
    return sum;
}
long own_look_wide(const struct own_wide *wides, unsigned count, long (*look)(const struct own_wide *wide)) {
    long sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum = sum / 2 + look(&wides[i]) / 2;
    }
    return sum;
}
unsigned own_ends(int *numbers, unsigned count, void (*see)(const int *first, unsigned count, int *last)) {
    unsigned sum = 0;
    for (unsigned n = 1; n <= count; n++) {
        numbers[n - 1] += (int)n;
        see(numbers, n, &numbers[n - 1]);
        sum = sum * 31 + (unsigned)numbers[n - 1];
    }
    return sum;
}

/* -- texts --------------------------------------------------------------------------------------------------------- */

unsigned own_words(const char *text, void (*word)(const char *rest, unsigned len)) {
    unsigned count = 0;
    for (const char *at = text; *at != '\0';) {
        const size_t len = strcspn(at, " ");
        word(at, (unsigned)len);
        at += len + strspn(at + len, " ");
        count++;
    }
    return count;
}
unsigned own_split(char *text, void (*word)(const char *word)) {
    unsigned count = 0;
    for (char *at = text; *at != '\0'; count++) {
        char *const end = at + strcspn(at, " ");
        const char after = *end;
        *end = '\0';
        word(at);
        at = after != '\0' ? end + 1 : end;
    }
    return count;
}

/* -- lists --------------------------------------------------------------------------------------------------------- */

long own_walk(struct node *list, int (*at)(struct node *node, int index)) {
    long sum = 0;
    int index = 0;
    for (struct node *node = list; node != NULL; node = node->next, index++) {
        node->value = node->value / 2 + index;
        sum = sum / 2 + at(node, index);
        sum = sum / 2 + node->value / 2;
    }
    return sum;
}
long own_look(const struct node *list, int (*at)(const struct node *node)) {
    long sum = 0;
    for (const struct node *node = list; node != NULL; node = node->next) {
        sum = sum / 2 + at(node);
    }
    return sum;
}

/* -- the library's own --------------------------------------------------------------------------------------------- */

static char long_text[400];
static const char *text_of(int seed) {
    static const char *const texts[] = {"", "a", "a text of some length", NULL};
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[200 + seed % 64] = '\0';
    return seed % 5 == 4 ? long_text : texts[seed % 5];
}

void own_events(void (*on)(const struct own_event *event, const char *text, const int *number, const short *shorts),
                int seed) {
    static const int constant = 77;
    for (int i = 0; i < 6; i++) {
        const struct own_event event = {seed + i, -(long)seed - i, text_of(seed + i)};
        const short shorts[3] = {(short)i, (short)seed, -1};
        const int number = seed ^ i;
        on(i == 3 ? NULL : &event, text_of(seed / 5 + i), i == 1 ? NULL : i == 2 ? &constant : &number, shorts);
    }
}
void own_plain_events(int (*on)(const char *text, const struct own_pair *pair, const char *more, const int *number),
                      int seed) {
    for (int i = 0; i < 12; i++) {
        struct own_pair *const allocated = malloc(sizeof *allocated);
        const struct own_pair pair = {seed - i, (short)seed, (short)i};
        char *const copy = strdup("allocated");
        *allocated = (struct own_pair){seed + i, 1, 2};
        const int number = on(i % 5 == 1 ? copy : text_of(seed / 25 + i),
                              i % 4 == 0   ? NULL
                              : i % 4 == 1 ? allocated
                                           : &pair,
                              text_of(seed + i), i % 3 == 0 ? NULL : &seed);
        seed = number & 0xffff;
        free(allocated);
        free(copy);
    }
}
void own_twice(void (*on)(const int *one, const int *other, const char *text, const char *rest), int seed) {
    const int numbers[2] = {seed, ~seed};
    char text[] = "some text";
    on(numbers, numbers, text, text);
    on(numbers, numbers + 1, text, text + 5);
    on(numbers + 1, numbers, text + 5, text);
    on(&seed, numbers, "a constant", text_of(4));
}
void own_changes(void (*change)(int *number, struct own_pair *pair), int seed, long long *ret_sum) {
    *ret_sum = 0;
    for (int i = 0; i < 4; i++) {
        int number = seed + i;
        struct own_pair *const pair = malloc(sizeof *pair);
        *pair = (struct own_pair){seed, (short)i, 3};
        change(&number, i % 2 == 0 ? pair : &(struct own_pair){number, 9, 8});
        *ret_sum = *ret_sum * 31 + number + pair->second;
        free(pair);
    }
}
