/* Functions for which a caller needs as much memory as it says. Built for every target. */
#include <stdlib.h>
#include <string.h>

/* Taken once: in a direct session it is the caller's malloc that is asked. */
static void *room_for(size_t bytes) {
    static void *room;
    static size_t room_bytes;
    if (bytes > room_bytes) {
        free(room);
        room = malloc(bytes);
        room_bytes = room != NULL ? bytes : 0;
    }
    return room;
}

/* -- structs that run on ------------------------------------------------------------------------------------------- */

struct report {
    int count;
    char title[2000];
    long lines[];
};
long with_report(long (*read)(struct report *report), int count) {
    struct report *report = room_for(sizeof *report + (size_t)count * sizeof report->lines[0]);
    if (report == NULL) {
        return -1;
    }
    memset(report->title, 't', sizeof report->title);
    report->count = count;
    for (int i = 0; i < count; i++) {
        report->lines[i] = i;
    }
    return read(report) + report->lines[count - 1];
}

/* The caller gets a copy of it. */
struct report *report_make(int count) {
    static struct {
        struct report report;
        long lines[100];
    } made;
    made.report.count = count;
    memset(made.report.title, 't', sizeof made.report.title);
    for (int i = 0; i < count; i++) {
        made.lines[i] = 10 * i;
    }
    return &made.report;
}

/* -- texts --------------------------------------------------------------------------------------------------------- */

/* Where the caller does not see it. */
long with_text(long (*read)(const char *text), long length) {
    static char text[4 << 20];
    if (length >= (long)sizeof text) {
        return -1;
    }
    memset(text, 'x', (size_t)length);
    text[length] = '\0';
    return read(text);
}

/* -- results ------------------------------------------------------------------------------------------------------- */

struct block {
    int numbers[20000];
};
struct block block_make(int seed) {
    struct block block;
    for (int i = 0; i < 20000; i++) {
        block.numbers[i] = seed + i;
    }
    return block;
}
int block_of(int seed, int (*next)(int seed)) {
    struct block block = block_make(seed);
    return block.numbers[19999] + next(seed);
}
