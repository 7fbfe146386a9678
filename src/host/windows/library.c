/* host: the system's loader. */
#include "host/host.h"
#include "host/windows/system.h"

#include "os/os.h"

#include <stdio.h>

uint64_t fc__host_library_open(const char *name, char *ret_text, size_t size) {
    void *library = fc__os_library_open(name, ret_text, size);
    if (library != NULL) {
        fc__os_library_path(library, ret_text, size);
        fc__os_errors_learn(library);
        fc__host_imports_watch(library);
        fc__host_report_install(); /* a runtime that began with it may have put its own handler in place of this one */
    }
    return (uintptr_t)library;
}

uint64_t fc__host_library_symbol(uint64_t library, const char *name, char *ret_why, size_t size) {
    const uint64_t address = fc__os_library_symbol((void *)(uintptr_t)library, name);
    if (address == 0) {
        snprintf(ret_why, size, "the library exports no %s", name);
    }
    return fc__host_imports_in_front(address);
}

bool fc__host_library_close(uint64_t library, char *ret_why, size_t size) {
    (void)ret_why;
    (void)size;
    fc__os_library_close((void *)(uintptr_t)library);
    return true;
}
