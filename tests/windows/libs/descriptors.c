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
