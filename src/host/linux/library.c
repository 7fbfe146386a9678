/* host: the system's loader. */
#include "host/host.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

static void put(char *to, size_t size, const char *text) {
    snprintf(to, size, "%s", text != NULL ? text : "");
}

uint64_t fc__host_library_open(const char *name, char *ret_text, size_t size) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        put(ret_text, size, dlerror());
        return 0;
    }
    struct link_map *map = NULL;
    put(ret_text, size, dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "");
    return (uintptr_t)handle;
}

/* Some functions of this program stand in front of libc's (malloc, _exit), for libraries by the order of loading. For
 * the caller as well, who may ask a library for what it has from libc. */
static void *in_front(void *address, const char *name) {
    return address != NULL && address == dlsym(RTLD_NEXT, name) ? dlsym(RTLD_DEFAULT, name) : address;
}

uint64_t fc__host_library_symbol(uint64_t library, const char *name, char *ret_why, size_t size) {
    dlerror();
    void *address = dlsym((void *)(uintptr_t)library, name);
    const char *error = dlerror();
    address = error == NULL ? in_front(address, name) : NULL;
    if (address == NULL) {
        put(ret_why, size, error != NULL ? error : "the symbol's address is 0");
    }
    return (uintptr_t)address;
}

bool fc__host_library_close(uint64_t library, char *ret_why, size_t size) {
    if (dlclose((void *)(uintptr_t)library) != 0) {
        put(ret_why, size, dlerror());
        return false;
    }
    return true;
}
