#include "texts.h"

#include "mix.h"

#include <stdio.h>
#include <stdlib.h>

static char upper_of(char letter) {
    return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}
unsigned long long sum_text(const char *text) {
    return mix_text(1, text);
}
int count_letter(const char *text, char letter) {
    int count = 0;
    for (; *text != '\0'; text++) {
        count += *text == letter;
    }
    return count;
}
int compare_texts(const char *left, const char *right) {
    int order = strcmp(left, right);
    return order < 0 ? -1 : order > 0;
}
unsigned long long sum_five_texts(const char *a, const char *b, const char *c, const char *d, const char *e) {
    return mix_text(mix_text(mix_text(mix_text(mix_text(1, a), b), c), d), e);
}
unsigned long long sum_counted_text(const char *text, size_t len) {
    return text == NULL ? 7 : mix_bytes(1, text, len);
}
unsigned long long sum_unsigned_text(const unsigned char *text) {
    return mix_text(2, (const char *)text);
}

void reverse_text(char *text, size_t size) {
    size_t len = strnlen(text, size);
    for (size_t i = 0; i < len / 2; i++) {
        char kept = text[i];
        text[i] = text[len - 1 - i];
        text[len - 1 - i] = kept;
    }
}
int copy_upper(const char *text, char *upper, size_t size) {
    size_t i = 0;
    for (; i + 1 < size && text[i] != '\0'; i++) {
        upper[i] = upper_of(text[i]);
    }
    if (size > 0) {
        upper[i] = '\0';
    }
    return (int)i;
}
size_t join_texts(const char *left, const char *right, char *both, size_t size) {
    size_t used = 0;
    for (; used + 1 < size && *left != '\0'; left++) {
        both[used++] = *left;
    }
    for (; used + 1 < size && *right != '\0'; right++) {
        both[used++] = *right;
    }
    both[used] = '\0';
    return used;
}
void replace_letter(char *text, int *len, char from, char to) {
    int kept = 0;
    for (int i = 0; i < *len; i++) {
        if (text[i] != from) {
            text[kept++] = text[i];
        } else if (to != '\0') {
            text[kept++] = to;
        }
    }
    *len = kept;
}
void fill_fixed_text(char text[16], int seed) {
    memset(text, '.', 16);
    snprintf(text, 16, "seed %d", seed % 100000);
}
int swap_two_texts(char *left, int left_size, char *right, int right_size) {
    int both = left_size < right_size ? left_size : right_size;
    for (int i = 0; i < both; i++) {
        char kept = left[i];
        left[i] = right[i];
        right[i] = kept;
    }
    return both;
}

const char *constant_text(int index) {
    static const char *const texts[] = {"zero", "", "two words",
                                        "Gr\xc3\xb6\xc3\x9f"
                                        "e",
                                        "\xe6\x97\xa5\xe6\x9c\xac"};
    return texts[index];
}
const char *find_in_table(const char *key) {
    static const char *const table[][2] = {{"one", "eins"}, {"two", "zwei"}, {"three", "drei"}, {"none", ""}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i][0], key) == 0) {
            return table[i][1];
        }
    }
    return NULL;
}
const char *static_text_of(int number) {
    static char text[32];
    snprintf(text, sizeof text, "<%d>", number);
    return text;
}
char *same_text_again(char *text) {
    return text;
}
const char *find_letter(const char *text, int letter) {
    return strchr(text, letter);
}
long parse_number(const char *text, const char **end) {
    char *stop;
    long value = strtol(text, &stop, 10);
    *end = stop;
    return value;
}
const char *end_of_text(const char *text) {
    return text + strlen(text);
}

static const char *const months[] = {"January", "February", "March"};
int name_of_month(int month, const char **name) {
    *name = month >= 1 && month <= 3 ? months[month - 1] : NULL;
    return *name != NULL ? (int)strlen(*name) : -1;
}
int next_word(const char **word, int after) {
    static char words[4][20];
    if (after >= 3) {
        *word = NULL;
        return 0;
    }
    snprintf(words[after], sizeof words[after], "word%d", after);
    *word = words[after];
    return 1;
}

unsigned long long sum_utf16(const uint16_t *text) {
    unsigned long long sum = 5;
    for (size_t i = 0; text != NULL && text[i] != 0; i++) {
        sum = mix(sum, text[i]);
    }
    return mix(sum, text == NULL);
}
/* Of texts whose code points all have two bytes at most. */
size_t utf16_of_utf8(const char *text, uint16_t *units, size_t size) {
    const unsigned char *at = (const unsigned char *)text;
    size_t used = 0;
    while (*at != 0 && used + 1 < size) {
        if (*at < 0x80) {
            units[used++] = *at++;
        } else {
            units[used++] = (uint16_t)((at[0] & 0x1f) << 6 | (at[1] & 0x3f));
            at += 2;
        }
    }
    units[used] = 0;
    return used;
}

unsigned long long sum_null_ended_list(const char *const *texts) {
    unsigned long long sum = texts == NULL;
    for (int i = 0; texts != NULL && texts[i] != NULL; i++) {
        sum = mix_text(sum, texts[i]);
    }
    return sum;
}
unsigned long long sum_counted_list(const char *const *texts, int count) {
    unsigned long long sum = 3;
    for (int i = 0; i < count; i++) {
        sum = mix_text(sum, texts[i]);
    }
    return sum;
}
int longest_of_list(char **texts) {
    int longest = -1;
    for (int i = 0; texts[i] != NULL; i++) {
        longest = longest < 0 || strlen(texts[i]) > strlen(texts[longest]) ? i : longest;
    }
    return longest;
}
unsigned long long sum_block_of_texts(const char *block, size_t size) {
    unsigned long long sum = 9;
    for (size_t at = 0; at < size && block[at] != '\0'; at += strlen(block + at) + 1) {
        sum = mix_text(sum, block + at);
    }
    return sum;
}
/* Sorts the pointers: what comes back are those that went in, in another order. */
int sort_list(const char **texts, int count) {
    int moves = 0;
    for (int i = 1; i < count; i++) {
        for (int at = i; at > 0 && strcmp(texts[at - 1], texts[at]) > 0; at--, moves++) {
            const char *kept = texts[at];
            texts[at] = texts[at - 1];
            texts[at - 1] = kept;
        }
    }
    return moves;
}

unsigned long long sum_label(const struct label *label) {
    return mix_text(mix_text(mix(1, (unsigned)label->number), label->text), label->unit);
}
void fill_label_unit(struct label *label, int seed) {
    label->number = label->text != NULL ? (int)strlen(label->text) + seed : seed;
    memset(label->unit, 0, sizeof label->unit);
    snprintf(label->unit, sizeof label->unit, "u%d", seed % 1000);
}
unsigned long long sum_menu(const struct menu *menu) {
    return mix(sum_counted_list(menu->titles, menu->count), sum_null_ended_list(menu->groups));
}
