/* os: what the files of this folder share. */
#ifndef FC_OS_WINDOWS_WINDOWS_H
#define FC_OS_WINDOWS_WINDOWS_H

#include "os/os.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

/* A descriptor is a handle here: those of the system have no more than 32 bits. */
static inline HANDLE fc__windows_handle(int fd) {
    return (HANDLE)(intptr_t)fd;
}
static inline int fc__windows_fd(HANDLE handle) {
    return handle == INVALID_HANDLE_VALUE || handle == NULL ? -1 : (int)(intptr_t)handle;
}

/* A negative errno value for what the system said. */
int fc__windows_errno(DWORD error);

/* image.c: the name of the library that an image imports as number `index`; NULL behind the last one. `len`: of the
 * file; 0: the image is loaded. */
const char *fc__windows_import(const void *data, size_t len, unsigned index);

/* missing.c: of a library that could not be loaded because something was not found, the name of what it was; false if
 * that cannot be told. */
bool fc__windows_missing(const wchar_t *path, char *ret_name, size_t size);

void fc__windows_wide(const char *text, wchar_t *ret_wide, size_t count);
void fc__windows_utf8(const wchar_t *wide, char *ret_text, size_t size);

#endif
