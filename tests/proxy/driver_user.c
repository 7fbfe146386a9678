/* Uses all of a vendor's driver. With an argument: also a job that is over, which a proxy refuses. */
#include "driver.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int calls, sum;
static void on_data(drv_device *d, const int16_t *s, size_t n, void *user) {
    calls++;
    for (size_t i = 0; i < n; i++)
        sum += s[i];
    *(int *)user += (int)n;
    (void)d;
}
static void on_log(int l, const char *m, void *u) {
    printf("log %d %s %s\n", l, m, (char *)u);
}
static void on_done(drv_job *j, void *u) {
    printf("complete %zu %.3s %s\n", j->done, (char *)j->buffer, (char *)u);
}
static int read_text(void *user, unsigned char *to, size_t room) {
    const char **text = user;
    size_t n = strlen(*text) < room ? strlen(*text) : room;
    memcpy(to, *text, n);
    *text += n;
    return (int)n;
}
/* Twice with the same reader, which is ended once too often. */
static void use_reader(void) {
    const char *text;
    struct drv_source source = {read_text, &text};
    drv_reader reader = {.source = NULL};
    printf("reader %d", drv_reader_init(&reader));
    reader.source = &source;
    for (int i = 0; i < 2; i++) {
        int c, sum = 0;
        text = i == 0 ? "one\ntwo\nthree" : "four\n";
        printf(" %d", drv_reader_init(&reader));
        while ((c = drv_reader_next(&reader)) >= 0)
            sum += c;
        printf(" %d %ld %s %d", sum, reader.lines, reader.problem, reader.source == &source);
        drv_reader_done(&reader);
    }
    drv_reader_done(&reader);
    puts("");
}
int main(int argc, char **argv) {
    drv_set_log(on_log, "LOG");
    printf("%s debug %d", drv_version, drv_debug);
    for (int i = 0; drv_units[i]; i++)
        printf(" %s", drv_units[i]);
    puts("");
    drv_device *d = drv_open("/dev/acme0", 0);
    drv_info info = {.size = sizeof info};
    printf("info %d ", drv_get_info(d, &info));
    printf("%s %ld %g %s\n", info.name, info.serial, info.gain, info.model);
    unsigned char ring[8] = "-------";
    drv_set_buffer(d, ring, 8);
    drv_write(d, "hello world", 12);
    printf("ring %.8s\n", ring);
    char buf[64];
    size_t len = sizeof buf;
    drv_read(d, buf, &len);
    printf("read %zu %s\n", len, buf);
    int total = 0;
    drv_start(d, on_data, &total);
    drv_stop(d);
    printf("data %d %d %d\n", calls, sum, total);
    char *l = drv_list(d);
    printf("%s\n", l);
    void (*release)(void *memory);
    drv_get_free(&release);
    release(l);
    use_reader();
    int *ids;
    size_t n;
    drv_channels(d, &ids, &n);
    printf("ids %d %d %zu\n", ids[0], ids[2], n);
    drv_free(ids);
    char jb[10] = "";
    drv_job job = {.buffer = jb, .length = 9, .complete = on_done, .user = "U"}, *done = NULL;
    char jb2[10] = "";
    drv_job job2 = {.buffer = jb2, .length = 5};
    drv_submit(d, &job2);
    drv_submit(d, &job);
    printf("progress %d\n", drv_progress(&job2));
    drv_wait(d, &done);
    printf("job %d %zu %.9s %d\n", done == &job, done->done, jb, job.status);
    drv_wait(d, &done);
    printf("job %d %zu %.9s\n", done == &job2, job2.done, jb2);
    drv_file_t f = drv_fopen(d, "eleven char");
    int c;
    while ((c = drv_getc(f)) >= 0)
        putchar(c);
    printf(" %ld\n", f->pos);
    drv_fclose(f);
    printf("%d\n", drv_printf(d, "%d %s %ld", 5, "five", 55L));
    len = sizeof buf;
    drv_read(d, buf, &len);
    printf("%.*s\n", (int)len, buf);
    double v = 4;
    printf("%d %d %g %d\n", drv_ioctl(d, 1, 5), drv_ioctl(d, 2, &v), v, drv_ioctl(d, 3, "abc"));
    if (argc > 1)
        printf("%s: over %d\n", argv[1], drv_progress(&job));
    drv_debug = 3;
    printf("%s\n", drv_strerror(DRV_EIO));
    drv_close(d);
}
