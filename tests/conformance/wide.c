#include "wide.h"

#include "mix.h"

#include <stdlib.h>

static size_t units_of(const wchar_t *text) {
    size_t units = 0;
    while (text[units] != 0) {
        units++;
    }
    return units;
}
/* The character at *at; moves behind it. */
static uint32_t next_of(const wchar_t **at) {
    uint32_t letter = (uint32_t) * (*at)++;
    if (sizeof **at == 2 && letter >> 10 == 0x36 && (uint32_t) * *at >> 10 == 0x37) {
        letter = 0x10000 + ((letter & 0x3ff) << 10 | ((uint32_t) * (*at)++ & 0x3ff));
    }
    return letter;
}
static unsigned long long mix_wide(unsigned long long sum, const wchar_t *text) {
    if (text == NULL) {
        return mix(sum, 0xdead);
    }
    size_t len = 0;
    for (; *text != 0; len++) {
        sum = mix(sum, next_of(&text));
    }
    return mix(sum, len);
}
static wchar_t upper_of(wchar_t letter) {
    return (wchar_t)(letter >= L'a' && letter <= L'z' ? letter - L'a' + L'A' : letter);
}

unsigned long long sum_wide(const wchar_t *text) {
    return mix_wide(1, text);
}
unsigned long long sum_bounded_wide(const wchar_t *text, size_t most) {
    unsigned long long sum = 3;
    const wchar_t *const end = text + most;
    while (text < end && *text != 0) {
        sum = mix(sum, next_of(&text));
    }
    return sum;
}
/* Says how many characters there are. */
int copy_wide_upper(const wchar_t *text, wchar_t *upper, size_t size) {
    int count = 0;
    size_t i = 0;
    for (; i + 1 < size && text[i] != 0; i++) {
        upper[i] = upper_of(text[i]);
    }
    if (size > 0) {
        upper[i] = 0;
    }
    for (const wchar_t *at = upper; size > 0 && *at != 0; count++) {
        next_of(&at);
    }
    return count;
}
void upper_wide(wchar_t *text) {
    for (; *text != 0; text++) {
        *text = upper_of(*text);
    }
}
int append_wide(wchar_t *text, size_t size, const wchar_t *more) {
    const size_t len = units_of(text), more_len = units_of(more);
    if (len + more_len >= size) {
        return 0;
    }
    memcpy(text + len, more, (more_len + 1) * sizeof *text);
    return 1;
}

static const wchar_t *const constants[] = {L"null", L"", L"Gr\u00f6\u00dfe", L"\U0001f600 \u65e5"};
const wchar_t *constant_wide(int index) {
    return constants[index];
}
wchar_t *wide_of(int number) {
    static const wchar_t digits[] = L"0123456789";
    wchar_t *text = malloc(40 * sizeof *text), *at = text;
    memcpy(text, L"\U0001f4a9-", sizeof L"\U0001f4a9-");
    at += units_of(text);
    for (unsigned rest = (unsigned)number; rest != 0; rest /= 10) {
        *at++ = digits[rest % 10];
    }
    *at = 0;
    return text;
}
unsigned long long free_wide(wchar_t *text) {
    const unsigned long long sum = mix_wide(2, text);
    free(text);
    return sum;
}
const wchar_t *find_wide(const wchar_t *text, wchar_t letter) {
    while (*text != 0 && *text != letter) {
        text++;
    }
    return *text != 0 ? text : NULL;
}
int name_of_wide(int index, const wchar_t **name) {
    *name = constants[index];
    return index + 1;
}

unsigned long long sum_wide_list(const wchar_t *const *texts, int count) {
    unsigned long long sum = 7;
    for (int i = 0; i < count; i++) {
        sum = mix_wide(sum, texts[i]);
    }
    return sum;
}
unsigned long long sum_wide_null_ended_list(const wchar_t *const *texts) {
    unsigned long long sum = 8;
    for (; *texts != NULL; texts++) {
        sum = mix_wide(sum, *texts);
    }
    return sum;
}
unsigned long long sum_wide_block(const wchar_t *block) {
    unsigned long long sum = 9;
    for (; *block != 0; block += units_of(block) + 1) {
        sum = mix_wide(sum, block);
    }
    return sum;
}

unsigned long long sum_wide_label(const struct wide_label *label) {
    return mix_wide(mix(mix_wide(1, label->text), (unsigned short)label->number), label->more);
}
void fill_wide_label(struct wide_label *label, int index) {
    memcpy(label->text, constants[index], (units_of(constants[index]) + 1) * sizeof *label->text);
    label->number = (short)(label->number + 1);
}
struct wide_label wide_label_of(struct wide_label label, int index) {
    fill_wide_label(&label, index);
    label.more = constants[3 - index];
    return label;
}

int each_wide_word(const wchar_t *text, int (*visit)(void *, const wchar_t *), void *user) {
    wchar_t word[64];
    int sum = 0;
    while (*text != 0) {
        size_t len = 0;
        for (; *text != 0 && *text != L' ' && len < 63; text++) {
            word[len++] = *text;
        }
        word[len] = 0;
        sum = sum * 3 + visit(user, word);
        text += *text == L' ';
    }
    return sum;
}
unsigned long long ask_wide(int (*name)(void *, wchar_t *, int), void *user) {
    wchar_t buffer[50] = {L'?'};
    const int result = name(user, buffer, 50);
    return mix(mix_wide(4, buffer), (unsigned long long)result);
}
unsigned long long ask_wide_result(const wchar_t *(*name)(void *), void *user) {
    return mix_wide(mix_wide(5, name(user)), name(user));
}
