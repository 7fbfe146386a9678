/* client: what a host's libraries print, where its session has a log: their standard output and error are one pipe, and
 * each line of it goes to the log. */
#include "client/client.h"

#include <stdio.h>
#include <unistd.h>

/* A library that never stops printing keeps the watching thread for so long at a time. */
enum { READ_BYTES = 1024, READS_MAX = 256 };

static void say_line(struct fc_session *session) {
    struct fc__prints *prints = &session->remote.prints;
    const size_t len = prints->len > 0 && prints->text[prints->len - 1] == '\r' ? prints->len - 1 : prints->len;
    fc__session_log(session, "a library prints: %.*s", (int)len, prints->text);
    prints->len = 0;
}

static void take(struct fc_session *session, const char *bytes, size_t len) {
    struct fc__prints *prints = &session->remote.prints;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n' || prints->len == sizeof prints->text) {
            say_line(session);
        }
        if (bytes[i] != '\n') {
            prints->text[prints->len++] = bytes[i] != '\0' ? bytes[i] : ' ';
        }
    }
}

enum fc__prints_left fc__prints_read(struct fc_session *session, bool is_over) {
    struct fc__prints *prints = &session->remote.prints;
    char bytes[READ_BYTES];
    ssize_t len = 1;
    if (atomic_exchange(&prints->is_read, true)) {
        return FC__PRINTS_SOME; /* by another thread, which may be about to leave */
    }
    for (unsigned i = 0; len > 0 && i < READS_MAX; i++) {
        len = prints->fd >= 0 ? read(prints->fd, bytes, sizeof bytes) : 0;
        take(session, bytes, len > 0 ? (size_t)len : 0);
    }
    if (is_over && prints->len > 0) {
        say_line(session);
    }
    atomic_store(&prints->is_read, false);
    return len == 0 ? FC__PRINTS_NONE : FC__PRINTS_SOME;
}

void fc__prints_set(struct fc__prints *prints, int fd) {
    while (atomic_exchange(&prints->is_read, true)) {
        fc__os_sleep_us(100);
    }
    fc__os_close(&prints->fd);
    prints->fd = fd;
    prints->len = 0;
    atomic_store(&prints->is_read, false);
}
