/* Loads the library that is its argument, again and again, and says whether its host has gone then. With two, whether
 * they share one. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef int function(void);

static function *find(void *library, const char *name) {
    function *found = library != NULL ? (function *)dlsym(library, name) : NULL;
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        _exit(1);
    }
    return found;
}

static int wait_for_end(int process) {
    char path[64];
    int waits = 0; /* it ends as a program does, soon */
    for (snprintf(path, sizeof path, "/proc/%d", process); access(path, F_OK) == 0 && waits < 500; waits++) {
        usleep(10000);
    }
    return waits < 500;
}

static void load_again(const char *path) {
    for (int i = 0; i < 3; i++) {
        void *library = dlopen(path, RTLD_NOW);
        const int host = find(library, "process")();
        printf("count %d ", find(library, "count")());
        dlclose(library);
        printf("%s\n", host == getpid() ? "here" : wait_for_end(host) ? "gone" : "still there");
    }
}

static void load_both(const char *first_path, const char *second_path) {
    void *first = dlopen(first_path, RTLD_NOW), *second = dlopen(second_path, RTLD_NOW);
    const int here = find(first, "count")(), there = find(second, "count")();
    const int is_same = find(first, "process")() == find(second, "process")();
    dlclose(first); /* the other goes on */
    printf("%d %d %s host", here, there, is_same ? "same" : "other");
    printf(" %d\n", find(second, "count")());
    dlclose(second);
}

int main(int argc, char **argv) {
    if (argc == 3) {
        load_both(argv[1], argv[2]);
    } else if (argc == 2) {
        load_again(argv[1]);
    }
    return argc < 2;
}
