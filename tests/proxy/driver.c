#include "driver.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
const char *const drv_version = "DRV 3.1";
int drv_debug = 0;
const char *const drv_units[] = {"V", "A", "Ohm", NULL};
struct drv_device {
    char path[64];
    pthread_t t;
    int run;
    drv_data_cb cb;
    void *user;
    unsigned char *ring;
    size_t ring_len;
    drv_job *jobs;
    unsigned char store[256];
    size_t stored;
};
static drv_log_cb log_cb;
static void *log_user;
static void logm(int l, const char *m) {
    if (log_cb && l <= drv_debug + 1)
        log_cb(l, m, log_user);
}
drv_device *drv_open(const char *path, int flags) {
    (void)flags;
    drv_device *d = calloc(1, sizeof *d);
    strncpy(d->path, path, 63);
    logm(1, "open");
    return d;
}
void drv_close(drv_device *d) {
    logm(1, "close");
    free(d);
}
drv_status drv_get_info(drv_device *d, drv_info *i) {
    if (i->size != sizeof *i)
        return DRV_EIO;
    snprintf(i->name, 32, "%s", d->path);
    i->serial = 1234567;
    i->gain = 2.5;
    i->model = "X200";
    return DRV_OK;
}
drv_status drv_read(drv_device *d, void *buf, size_t *len) {
    size_t n = *len < d->stored ? *len : d->stored;
    memcpy(buf, d->store, n);
    *len = n;
    return DRV_OK;
}
drv_status drv_write(drv_device *d, const void *buf, size_t len) {
    if (len > 256)
        return DRV_ENOMEM;
    memcpy(d->store, buf, len);
    d->stored = len;
    if (d->ring)
        memcpy(d->ring, buf, len < d->ring_len ? len : d->ring_len);
    return DRV_OK;
}
static void *pump(void *p) {
    drv_device *d = p;
    int16_t s[16];
    for (int n = 0; n < 3 && d->run; n++) {
        for (int i = 0; i < 16; i++)
            s[i] = (int16_t)(n * 100 + i);
        d->cb(d, s, 16, d->user);
        usleep(1000);
    }
    return NULL;
}
drv_status drv_start(drv_device *d, drv_data_cb cb, void *user) {
    d->cb = cb;
    d->user = user;
    d->run = 1;
    return pthread_create(&d->t, NULL, pump, d) ? DRV_EIO : DRV_OK;
}
void drv_stop(drv_device *d) {
    pthread_join(d->t, NULL);
    d->run = 0;
}
void drv_set_log(drv_log_cb cb, void *user) {
    log_cb = cb;
    log_user = user;
}
char *drv_list(drv_device *d) {
    char *r = malloc(100);
    snprintf(r, 100, "list of %s", d->path);
    return r;
}
void drv_free(void *p) {
    free(p);
}
drv_status drv_submit(drv_device *d, drv_job *j) {
    j->next = d->jobs;
    d->jobs = j;
    j->status = DRV_EIO;
    return DRV_OK;
}
drv_status drv_wait(drv_device *d, drv_job **done) {
    drv_job *j = d->jobs;
    if (!j)
        return DRV_EIO;
    d->jobs = j->next;
    memset(j->buffer, 'j', j->length);
    j->done = j->length;
    j->status = DRV_OK;
    if (j->complete)
        j->complete(j, j->user);
    *done = j;
    return DRV_OK;
}
drv_status drv_set_buffer(drv_device *d, unsigned char *ring, size_t len) {
    d->ring = ring;
    d->ring_len = len;
    return DRV_OK;
}
struct full {
    struct drv_file pub;
    unsigned char buf[8];
    int total;
};
drv_file_t drv_fopen(drv_device *d, const char *name) {
    (void)d;
    struct full *f = calloc(1, sizeof *f);
    f->total = (int)strlen(name);
    return &f->pub;
}
int drv_getc_slow(drv_file_t p) {
    struct full *f = (struct full *)p;
    if (f->total <= 0)
        return -1;
    int n = f->total < 8 ? f->total : 8;
    for (int i = 0; i < n; i++)
        f->buf[i] = (unsigned char)('a' + p->pos + i);
    f->total -= n;
    p->next = f->buf;
    p->have = n;
    p->have--;
    p->pos++;
    return *p->next++;
}
void drv_fclose(drv_file_t f) {
    free(f);
}
int drv_printf(drv_device *d, const char *fmt, ...) {
    va_list l;
    va_start(l, fmt);
    int n = vsnprintf((char *)d->store, 256, fmt, l);
    va_end(l);
    d->stored = (size_t)n;
    return n;
}
int drv_ioctl(drv_device *d, int op, ...) {
    va_list l;
    va_start(l, op);
    int r = -1;
    (void)d;
    if (op == 1)
        r = va_arg(l, int) + 1;
    else if (op == 2) {
        double *p = va_arg(l, double *);
        *p *= 2;
        r = 0;
    } else if (op == 3) {
        const char *s = va_arg(l, const char *);
        r = (int)strlen(s);
    }
    va_end(l);
    return r;
}
int drv_progress(drv_job *job) {
    return (int)(job->length - job->done);
}
const char *drv_strerror(drv_status s) {
    return s == DRV_OK ? "ok" : s == DRV_EIO ? "i/o" : "memory";
}
drv_status drv_channels(drv_device *d, int **ids, size_t *count) {
    (void)d;
    *ids = malloc(3 * sizeof(int));
    for (int i = 0; i < 3; i++)
        (*ids)[i] = 10 + i;
    *count = 3;
    return DRV_OK;
}
struct drv_block {
    unsigned char bytes[4];
};
int drv_reader_init(drv_reader *r) {
    if (!r->source)
        return -1;
    r->blocks = calloc(1, sizeof *r->blocks);
    r->buffer.start = r->buffer.end = r->blocks->bytes;
    r->lines = 0;
    r->problem = NULL;
    return 0;
}
int drv_reader_next(drv_reader *r) {
    if (r->buffer.start == r->buffer.end) {
        r->buffer.start = r->blocks->bytes;
        r->buffer.end = r->buffer.start + r->source->read(r->source->user, r->buffer.start, sizeof r->blocks->bytes);
        if (r->buffer.start == r->buffer.end) {
            r->problem = "at its end";
            return -1;
        }
    }
    r->lines += *r->buffer.start == '\n';
    return *r->buffer.start++;
}
void drv_reader_done(drv_reader *r) {
    free(r->blocks);
    r->blocks = NULL;
}
void drv_get_free(void (**release)(void *memory)) {
    *release = drv_free;
}
