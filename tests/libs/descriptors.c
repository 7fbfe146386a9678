/* Descriptors: used, kept, closed and returned. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int write_text(int fd, const char *text) {
    return (int)write(fd, text, strlen(text));
}
int same_number(int fd) {
    return fd;
}
int is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}
int is_inherited(int fd) {
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
}
int add_three(int a, int b, int c, long long *numbers) {
    numbers[0] = a;
    numbers[1] = b;
    numbers[2] = c;
    return 3;
}
int count_open(void) {
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static int kept = -1;
/* 0, and nothing is kept, if it may not be. */
int keep(int fd, int may) {
    kept = may ? fd : kept;
    return may;
}
int write_kept(const char *text) {
    return write_text(kept, text);
}
int get_kept(void) {
    return kept;
}
int close_kept(void) {
    int fd = kept;
    kept = -1;
    return close(fd);
}

/* The reading end; a text waits in it. */
int open_text(const char *text, int is_inherited) {
    int ends[2];
    if (text[0] == '\0') {
        errno = ENOENT;
        return -1;
    }
    if (pipe2(ends, is_inherited ? 0 : O_CLOEXEC) != 0) {
        return -1;
    }
    write_text(ends[1], text);
    close(ends[1]);
    return ends[0];
}
int replace_kept(const char *text) {
    int fd = open_text(text, 0);
    if (kept >= 0) {
        dup2(fd, kept);
        close(fd);
    } else {
        kept = fd;
    }
    return kept;
}
int return_no_descriptor(void) {
    return 200;
}
void die(int fd) {
    (void)fd;
    _exit(7);
}
