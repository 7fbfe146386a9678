/* A vendor's driver with all that is hard in a proxy: the header as a vendor has it. */
#ifndef DRV_H
#define DRV_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define DRV_API __attribute__((visibility("default")))

typedef struct drv_device drv_device;
typedef enum { DRV_OK = 0, DRV_EIO = -1, DRV_ENOMEM = -2 } drv_status;

/* stream handle: the macro looks inside */
typedef struct drv_file {
    int have;
    const unsigned char *next;
    long pos;
} * drv_file_t;
#define drv_getc(f) ((f)->have ? (f)->have--, (f)->pos++, *((f)->next)++ : drv_getc_slow(f))

typedef struct {
    size_t size; /* set to sizeof(drv_info) */
    char name[32];
    long serial;
    double gain;
    const char *model;
} drv_info;

/* caller allocated job, the library keeps it until drv_wait */
typedef struct drv_job {
    void *buffer;
    size_t length;
    size_t done;
    drv_status status;
    void (*complete)(struct drv_job *job, void *user);
    void *user;
    struct drv_job *next; /* private to the library */
} drv_job;

/* The caller's, and the handle itself: it reads by the callback that the caller has put there, into blocks of its own. */
struct drv_source {
    int (*read)(void *user, unsigned char *to, size_t room);
    void *user;
};
typedef struct drv_reader {
    struct drv_source *source;
    const char *problem;
    struct drv_block *blocks; /* private */
    struct {
        unsigned char *start, *end;
    } buffer; /* private */
    long lines;
} drv_reader;

typedef void (*drv_data_cb)(drv_device *dev, const int16_t *samples, size_t count, void *user);
typedef void (*drv_log_cb)(int level, const char *message, void *user);

DRV_API drv_device *drv_open(const char *path, int flags);
DRV_API void drv_close(drv_device *dev);
DRV_API drv_status drv_get_info(drv_device *dev, drv_info *info);
DRV_API drv_status drv_read(drv_device *dev, void *buf, size_t *len);
DRV_API drv_status drv_write(drv_device *dev, const void *buf, size_t len);
DRV_API drv_status drv_start(drv_device *dev, drv_data_cb cb, void *user);
DRV_API void drv_stop(drv_device *dev);
DRV_API void drv_set_log(drv_log_cb cb, void *user);
DRV_API char *drv_list(drv_device *dev); /* free with drv_free */
DRV_API void drv_free(void *p);
DRV_API drv_status drv_submit(drv_device *dev, drv_job *job);
DRV_API drv_status drv_wait(drv_device *dev, drv_job **done);
DRV_API drv_status drv_set_buffer(drv_device *dev, unsigned char *ring, size_t len); /* kept until drv_close */
DRV_API drv_file_t drv_fopen(drv_device *dev, const char *name);
DRV_API int drv_getc_slow(drv_file_t f);
DRV_API void drv_fclose(drv_file_t f);
DRV_API int drv_printf(drv_device *dev, const char *fmt, ...);
DRV_API int drv_ioctl(drv_device *dev, int op, ...);
DRV_API const char *drv_strerror(drv_status s);
DRV_API drv_status drv_channels(drv_device *dev, int **ids, size_t *count); /* free with drv_free */
/* How far it is. The job must be one that was submitted, and that drv_wait has not handed back. */
DRV_API int drv_progress(drv_job *job);
DRV_API int drv_reader_init(drv_reader *reader); /* 0, or -1 without a source */
DRV_API int drv_reader_next(drv_reader *reader); /* a byte, or -1 */
DRV_API void drv_reader_done(drv_reader *reader);
DRV_API void drv_get_free(void (**release)(void *memory));
extern DRV_API const char *const drv_version;
extern DRV_API int drv_debug;
extern DRV_API const char *const drv_units[];
#ifdef __cplusplus
}
#endif
#endif
