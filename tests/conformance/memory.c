#include "memory.h"

#include "mix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void make_doubles(int count, double **values) {
    *values = malloc(sizeof **values * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        (*values)[i] = i * 1.25 - count;
    }
}
void make_longs(int *count, long **values) {
    *count += 1;
    *values = malloc(sizeof **values * (size_t)(*count + 1));
    for (int i = 0; i < *count; i++) {
        (*values)[i] = (i - 1) * 1000003L;
    }
}
void free_memory(void *memory) {
    free(memory);
}
void make_series(struct series *series, int count) {
    series->count = count;
    make_doubles(count, &series->values);
}
void drop_series(struct series *series) {
    free(series->values);
    series->values = NULL;
    series->count = 0;
}
void make_entry(int seed, struct entry **entry) {
    *entry = malloc(sizeof **entry);
    (*entry)->key = seed * 3L;
    make_text(seed, &(*entry)->name);
}
void drop_entry(struct entry *entry) {
    free(entry->name);
    free(entry);
}
int make_text(int seed, char **text) {
    *text = malloc(40);
    return snprintf(*text, 40, "text %d", seed);
}
char *duplicate_text(const char *text) {
    return strdup(text);
}
int duplicate_bytes(const void *data, int size, unsigned char **copy) {
    *copy = malloc((size_t)size + 1);
    memcpy(*copy, data, (size_t)size);
    return size;
}
int make_table(void **table, int rows) {
    if (rows == 0) {
        *table = NULL;
        return 0;
    }
    int *cells = malloc(sizeof *cells * (size_t)rows);
    for (int i = 0; i < rows; i++) {
        cells[i] = i * i - rows;
    }
    *table = cells;
    return rows;
}
int row_of_table(const void *table, int row) {
    return ((const int *)table)[row];
}

struct counter {
    int value, calls;
};
struct counter *counter_new(int start) {
    struct counter *counter = malloc(sizeof *counter);
    counter->value = start;
    counter->calls = 0;
    return counter;
}
int counter_next(struct counter *counter) {
    counter->calls++;
    return counter->value++;
}
int counter_create(struct counter **counter, int start) {
    *counter = counter_new(start);
    return 0;
}
void counter_free(struct counter *counter) {
    free(counter);
}
struct counter *counter_busier(struct counter *a, struct counter *b) {
    return b->calls > a->calls ? b : a;
}

static void *slots[8];
void keep_pointer(void *pointer, int slot) {
    slots[slot] = pointer;
}
void *kept_pointer(int slot) {
    return slots[slot];
}
int exchange_pointer(void **pointer) {
    static void *last;
    void *kept = last;
    last = *pointer;
    *pointer = kept;
    return kept == last;
}
int is_kept_pointer(const void *pointer, int slot) {
    return slots[slot] == pointer;
}

static const unsigned char *reader_data;
static size_t reader_size, reader_at;
void reader_begin(const void *data, size_t size) {
    reader_data = data;
    reader_size = size;
    reader_at = 0;
}
int reader_next(void) {
    return reader_at < reader_size ? reader_data[reader_at++] : -1;
}
int reader_end(void) {
    reader_data = NULL;
    return (int)reader_at;
}

struct writer {
    unsigned char *buffer;
    size_t size, used;
};
struct writer *writer_begin(void *buffer, size_t size) {
    struct writer *writer = malloc(sizeof *writer);
    *writer = (struct writer){buffer, size, 0};
    return writer;
}
int writer_put(struct writer *writer, int byte) {
    if (writer->used == writer->size) {
        return -1;
    }
    unsigned char before = writer->buffer[writer->used];
    writer->buffer[writer->used++] = (unsigned char)byte;
    return before;
}
int writer_end(struct writer *writer) {
    int used = (int)writer->used;
    free(writer);
    return used;
}

struct box {
    size_t size;
    unsigned char data[];
};
struct box *box_new(size_t size) {
    struct box *box = calloc(1, sizeof *box + size);
    box->size = size;
    return box;
}
size_t box_size(struct box *box) {
    return box->size;
}
void box_store(struct box *box, size_t at, const void *data, size_t size) {
    if (at <= box->size && size <= box->size - at) {
        memcpy(box->data + at, data, size);
    }
}
size_t box_load(struct box *box, size_t at, void *data, size_t size) {
    size_t rest = at < box->size ? box->size - at : 0;
    size = size < rest ? size : rest;
    memcpy(data, box->data + at, size);
    return size;
}
void box_free(struct box *box) {
    free(box);
}

struct stream_state {
    struct stream *stream; /* it must be passed at the address at which it began */
    unsigned char key;
};
int stream_begin(struct stream *stream) {
    stream->state = malloc(sizeof *stream->state);
    stream->state->stream = stream;
    stream->state->key = 0x5a;
    stream->total_in = stream->total_out = 0;
    return 0;
}
int stream_run(struct stream *stream) {
    if (stream->state == NULL || stream->state->stream != stream) {
        return -2;
    }
    int done = 0;
    while (stream->available_in > 0 && stream->available_out > 0) {
        stream->state->key = (unsigned char)(stream->state->key * 5 + 1);
        *stream->next_out++ = (unsigned char)(*stream->next_in++ ^ stream->state->key);
        stream->available_in--;
        stream->available_out--;
        stream->total_in++;
        stream->total_out++;
        done++;
    }
    return done;
}
int stream_end(struct stream *stream) {
    if (stream->state == NULL || stream->state->stream != stream) {
        return -2;
    }
    free(stream->state);
    stream->state = NULL;
    return 0;
}

struct image *image_new(int width, int height) {
    if (width <= 0 || height <= 0) {
        return NULL;
    }
    struct image *image = malloc(sizeof *image);
    *image = (struct image){width, height, (width + 3) / 4 * 4, NULL};
    image->pixels = calloc((size_t)image->stride, (size_t)height);
    return image;
}
void image_fill(struct image *image, int seed) {
    for (int i = 0; i < image->stride * image->height; i++) {
        image->pixels[i] = (unsigned char)(seed + i * 3);
    }
}
int image_row(const struct image *image, int row, unsigned char *pixels, int size) {
    int used = size < image->width ? size : image->width;
    memcpy(pixels, image->pixels + row * image->stride, (size_t)used);
    return used;
}
void image_free(struct image *image) {
    free(image->pixels);
    free(image);
}

const struct status *current_status(long value) {
    static struct status status;
    status.calls++;
    status.last = value;
    snprintf(status.text, sizeof status.text, "call %d", status.calls % 100000);
    return &status;
}
const long *current_quartet(long first) {
    static long quartet[4];
    for (int i = 0; i < 4; i++) {
        quartet[i] = first - i;
    }
    return quartet;
}

int write_to(int fd, const void *data, int size) {
    return (int)write(fd, data, (size_t)size);
}
int open_file(const char *path, int flags) {
    return open(path, flags | O_CLOEXEC);
}
int write_and_close(int fd, const void *data, int size) {
    const int written = write_to(fd, data, size);
    close(fd);
    return written;
}

int measure(const char *text, size_t *bytes, int *words, long *lines) {
    int given = 0, word_count = 0;
    long line_count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        word_count += *at != ' ' && (at == text || at[-1] == ' ');
        line_count -= *at == 'e'; /* no lines here: something that is negative */
    }
    if (bytes != NULL) {
        *bytes = strlen(text);
        given++;
    }
    if (words != NULL) {
        *words = word_count;
        given++;
    }
    if (lines != NULL) {
        *lines = line_count;
        given++;
    }
    return given;
}
int succeed_or_not(int value, int *result, const char **text) {
    if (value % 2 != 0) {
        return -1; /* the outputs are left as they were */
    }
    *result = value / 2;
    *text = value % 4 == 0 ? "even more" : NULL;
    return 0;
}
