/* os: libraries of this process, by the system's loader. */
#include "os/os.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

enum { MODE = RTLD_NOW | RTLD_LOCAL };

void *fc__os_library_open(const char *name, char *ret_why, size_t size) {
    void *library = dlopen(name, MODE);
    if (library == NULL) {
        const char *why = dlerror();
        snprintf(ret_why, size, "%s", why != NULL ? why : "");
    }
    return library;
}

void *fc__os_library_loaded(const char *name) {
    return dlopen(name, MODE | RTLD_NOLOAD);
}

void fc__os_library_close(void *library) {
    dlclose(library);
}

void fc__os_library_path(void *library, char *ret_path, size_t size) {
    struct link_map *map = NULL;
    snprintf(ret_path, size, "%s", dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "");
}

uint64_t fc__os_library_symbol(void *library, const char *name) {
    return (uintptr_t)dlsym(library, name);
}

/* There is one form. */
bool fc__os_path_narrow(char *inout_path, size_t size, bool is_narrow) {
    (void)inout_path;
    (void)size;
    (void)is_narrow;
    return true;
}
