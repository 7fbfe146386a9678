/* A library whose constructor takes as long as its environment says: it makes a file beside the FIFO that SLOW_UNTIL
 * names, and opens the FIFO. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void take_time(void) {
    const char *path = getenv("SLOW_UNTIL");
    if (path != NULL) {
        char begun[4200];
        snprintf(begun, sizeof begun, "%s.begun", path);
        close(open(begun, O_WRONLY | O_CREAT, 0600));
        close(open(path, O_RDONLY));
    }
}

int ready(void) {
    return 1;
}
