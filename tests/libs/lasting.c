/* tests: a library that remembers: objects by their address, buffers and strings until told, and its own structs. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* -- what the host has --------------------------------------------------------------------------------------------- */

/* How much memory is mapped, where its heap ends, and which block is the next: together one number. */
unsigned long long host_memory(void) {
    static char text[1 << 20];
    unsigned long long sum = 0;
    ssize_t len = 0, more;
    const int fd = open("/proc/self/maps", O_RDONLY);
    while (fd >= 0 && (more = read(fd, text + len, sizeof text - (size_t)len)) > 0) {
        len += more;
    }
    close(fd);
    for (ssize_t i = 0; i < len; i++) {
        sum = sum * 31 + (unsigned char)text[i];
    }
    void *const blocks[] = {malloc(32), malloc(64), malloc(256)};
    for (int i = 0; i < 3; i++) {
        sum = sum * 31 + (uintptr_t)blocks[i];
        free(blocks[i]);
    }
    return sum * 31 + (uintptr_t)sbrk(0);
}

/* -- what is larger ------------------------------------------------------------------------------------------------ */

struct base {
    int kind;
    long count;
};
long base_count(struct base *base, int by) {
    base->count += by;
    return base->kind * 1000 + base->count;
}

/* -- what is kept -------------------------------------------------------------------------------------------------- */

struct shelf {
    const char *texts[8];
    int count;
    long *numbers;
    int number_count;
};
struct shelf *shelf_new(void) {
    return calloc(1, sizeof(struct shelf));
}
int shelf_put(struct shelf *shelf, const char *text) {
    if (shelf->count == 8) {
        return -1;
    }
    shelf->texts[shelf->count++] = text;
    return shelf->count;
}
const char *shelf_text(struct shelf *shelf, int index) {
    return shelf->texts[index];
}
int shelf_length(struct shelf *shelf, int index) {
    return (int)strlen(shelf->texts[index]);
}
int shelf_numbers(struct shelf *shelf, long *numbers, int count) {
    shelf->numbers = numbers;
    shelf->number_count = count;
    return count;
}
int shelf_add(struct shelf *shelf, int by) {
    for (int i = 0; i < shelf->number_count; i++) {
        shelf->numbers[i] += by;
    }
    return shelf->number_count;
}
int shelf_change(struct shelf *shelf, int index, int by) {
    shelf->numbers[index] += by;
    return index;
}
struct label {
    long id;
    const char *name;
};
int shelf_label(struct shelf *shelf, const struct label *label) {
    shelf->texts[shelf->count++] = label->name;
    return (int)label->id;
}
int shelf_drop(struct shelf *shelf) {
    int count = shelf->count;
    free(shelf);
    return count;
}

/* The length of the one before, which is kept until this returns. */
static const char *title = "";
int set_title(const char *text) {
    const int before = (int)strlen(title);
    title = text != NULL ? text : "";
    return before;
}
int title_length(void) {
    return (int)strlen(title);
}

/* -- what is remembered by its address ----------------------------------------------------------------------------- */

struct meter {
    long value, limit;
    void (*reached)(struct meter *meter);
    void *user;
    const char *unit;
};
static struct meter *remembered;
int meter_begin(struct meter *meter) {
    remembered = meter;
    meter->value = 0;
    return 0;
}
int meter_add(struct meter *meter, long by) {
    if (meter != remembered) {
        return -1;
    }
    meter->value += by;
    if (meter->value >= meter->limit && meter->reached != NULL) {
        meter->reached(meter);
    }
    return meter->value >= meter->limit;
}
/* Nobody passes it here. */
int meter_of_the_library(long by) {
    return meter_add(remembered, by);
}
int meter_is(const void *meter) {
    return meter == remembered;
}
struct board {
    struct meter *meter;
    int reads;
};
int board_add(struct board *board, long by) {
    board->reads++;
    return meter_add(board->meter, by);
}
int meter_end(struct meter *meter) {
    int same = meter == remembered;
    remembered = NULL;
    return same;
}

/* -- the library's own --------------------------------------------------------------------------------------------- */

struct pixel {
    long red;
    short green;
    struct pixel *next;
};
struct pixel *pixel_new(long red, struct pixel *next) {
    struct pixel *pixel = malloc(sizeof *pixel);
    *pixel = (struct pixel){red, (short)-red, next};
    return pixel;
}
long pixel_sum(const struct pixel *pixel) {
    long sum = 0;
    for (; pixel != NULL; pixel = pixel->next) {
        sum += pixel->red;
    }
    return sum;
}
void pixel_lighten(struct pixel *pixel, long by) {
    pixel->red += by;
}
void pixel_lighten_hidden(struct pixel *pixel, long by) {
    pixel->red += by;
}
void pixel_free(struct pixel *pixel) {
    free(pixel);
}
struct pixel *pixel_static(void) {
    static struct pixel pixel = {7, 8, NULL};
    return &pixel;
}
long pixel_static_red(void) {
    return pixel_static()->red;
}

/* -- lists and wide strings of the library's ----------------------------------------------------------------------- */

struct host {
    long number;
    const char *const *constant;
    char **allocated;
    const char *block;
};
const struct host *host_of(long number) {
    static const char *const constant[] = {"one", "two", "three", NULL};
    struct host *host = malloc(sizeof *host);
    *host = (struct host){number, constant, calloc(3, sizeof(char *)), "alpha\0beta\0gamma\0"};
    host->allocated[0] = strdup("first");
    host->allocated[1] = strdup("second");
    return host;
}
const wchar_t *wide_name(int is_allocated) {
    return is_allocated ? wcsdup(L"allocated \x20ac") : L"constant \x20ac";
}
int count_names(const char *block) {
    int count = 0;
    for (; *block != '\0'; block += strlen(block) + 1) {
        count++;
    }
    return count;
}
int length_of(const char *text, int most) {
    return (int)strnlen(text, (size_t)most);
}

/* -- numbers that differ ------------------------------------------------------------------------------------------- */

struct options {
    size_t size;
    long level;
    void *user;
};
int check_options(struct options *options) {
    if (options->size != sizeof *options || options->user != NULL) {
        return -1;
    }
    options->user = options;
    return (int)options->level;
}
int check_size(size_t size) {
    return size == sizeof(struct options);
}
int category(int category) {
    return category;
}
int sees(const void *pointer, int number) {
    return (pointer != NULL) * 2 + (number != 0);
}

/* -- what fails ---------------------------------------------------------------------------------------------------- */

int fill(int how_many, long *numbers, int room, int *used) {
    *used = how_many; /* even if it fails, when that is how many there would have been */
    if (how_many > room) {
        return -1;
    }
    for (int i = 0; i < how_many; i++) {
        numbers[i] = i + 1;
    }
    return 0;
}
