/* A library whose constructor takes as long as its environment says: it opens the FIFO that SLOW_UNTIL names. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void take_time(void) {
    const char *path = getenv("SLOW_UNTIL");
    if (path != NULL) {
        int fd = open(path, O_RDONLY);
        close(fd);
    }
}

int ready(void) {
    return 1;
}
