/* Loads the library that is its argument, again and again, and says how many hosts it has then. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    for (int i = 0; i < 3 && argc > 1; i++) {
        void *library = dlopen(argv[1], RTLD_NOW);
        int (*add)(int, int) = library != NULL ? (int (*)(int, int))dlsym(library, "add") : NULL;
        int (*process)(void) = library != NULL ? (int (*)(void))dlsym(library, "process") : NULL;
        if (process == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        const int host = process();
        printf("add %d ", add(i, 10));
        dlclose(library);
        char path[64];
        int waits = 0; /* it ends as a program does, soon */
        for (snprintf(path, sizeof path, "/proc/%d", host); access(path, F_OK) == 0 && waits < 500; waits++) {
            usleep(10000);
        }
        printf("%s\n", host == getpid() ? "here" : waits < 500 ? "gone" : "still there");
    }
    return 0;
}
