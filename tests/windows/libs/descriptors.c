/* A Windows library that is given descriptors, of its C runtime. */
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <string.h>

#define API __declspec(dllexport)

API int write_text(int fd, const char *text) {
    const int written = write(fd, text, (unsigned)strlen(text));
    return written < 0 ? -errno : written;
}
API int read_some(int fd, char *bytes, int size) {
    const int got = read(fd, bytes, (unsigned)size);
    return got < 0 ? -errno : got;
}
API int write_and_close(int fd, const char *text) {
    const int written = write_text(fd, text);
    return close(fd) == 0 ? written : -errno;
}
API int number_of(int fd) {
    return fd;
}
API int same(int fd) {
    return fd;
}
API int open_nothing(void) {
    return open("NUL", O_RDONLY);
}
API int open_path(const char *path, int how) {
    return open(path, how | O_BINARY, 0600);
}
API int open_end_of_pipe(void) {
    int ends[2];
    if (_pipe(ends, 512, O_BINARY) != 0) {
        return -errno;
    }
    close(ends[1]);
    return ends[0];
}

/* One that stays open here. */
static int kept = -1;
API int keep_open(const char *path, int how) {
    kept = open_path(path, how);
    return kept;
}
API int kept_one(void) {
    return kept;
}
API int write_to_kept(const char *text) {
    return write_text(kept, text);
}
API int close_kept(void) {
    return close(kept);
}
