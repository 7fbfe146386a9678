/* os: shared memory, by the handle of a file that the caller maps too, and copies of this program's text. */
#include "os/windows/windows.h"

#include <errno.h>

int fc__windows_errno(DWORD error) {
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return -ENOENT;
    case ERROR_ACCESS_DENIED:
        return -EACCES;
    case ERROR_INVALID_HANDLE:
        return -EBADF;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
        return -ENOMEM;
    case ERROR_INVALID_ADDRESS: /* something is mapped there */
        return -EEXIST;
    case ERROR_BROKEN_PIPE:
    case ERROR_NO_DATA:
        return -EPIPE;
    default:
        return -EINVAL;
    }
}

static int map(int fd, void *place, uint64_t size_bytes, void **ret_memory) {
    const HANDLE section = CreateFileMappingW(fc__windows_handle(fd), NULL, PAGE_READWRITE, (DWORD)(size_bytes >> 32),
                                              (DWORD)size_bytes, NULL);
    if (section == NULL) {
        return fc__windows_errno(GetLastError());
    }
    void *memory = MapViewOfFileEx(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, (SIZE_T)size_bytes, place);
    const int rc = memory == NULL ? fc__windows_errno(GetLastError()) : 0;
    CloseHandle(section); /* the view keeps it */
    if (rc == 0) {
        *ret_memory = memory;
    }
    return rc;
}

int fc__os_memory_map(int fd, uint64_t base, uint64_t size_bytes) {
    void *memory;
    return map(fd, (void *)(uintptr_t)base, size_bytes, &memory);
}

/* From 64 KiB on in steps, where there are gaps: the system's own choice may lie high. */
int fc__os_memory_map_low(int fd, uint64_t size_bytes, unsigned attempt, uint64_t *ret_base) {
    MEMORY_BASIC_INFORMATION area;
    const uint64_t unit = 65536, limit = UINT64_C(1) << 31;
    (void)attempt;
    for (uint64_t at = unit; at < limit && VirtualQuery((void *)(uintptr_t)at, &area, sizeof area) != 0;) {
        const uint64_t end = (uint64_t)(uintptr_t)area.BaseAddress + area.RegionSize;
        const uint64_t base = (at + unit - 1) / unit * unit;
        void *memory;
        if (area.State == MEM_FREE && base < end && end - base >= size_bytes && base + size_bytes <= limit) {
            int rc = map(fd, (void *)(uintptr_t)base, size_bytes, &memory);
            if (rc != -EEXIST) {
                *ret_base = rc == 0 ? base : *ret_base;
                return rc;
            }
        }
        at = end;
    }
    return -ENOMEM;
}

int fc__os_memory_reserve(uint64_t base, uint64_t size_bytes) {
    return VirtualAlloc((void *)(uintptr_t)base, (SIZE_T)size_bytes, MEM_RESERVE, PAGE_NOACCESS) != NULL
               ? 0
               : fc__windows_errno(GetLastError());
}

void *fc__os_memory_private(uint64_t size_bytes) {
    return size_bytes <= SIZE_MAX ? VirtualAlloc(NULL, (SIZE_T)size_bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)
                                  : NULL;
}

/* A file's pages cannot be given back by who maps it. */
int fc__os_memory_clear(uint64_t base, uint64_t size_bytes, bool is_private) {
    (void)base;
    (void)size_bytes;
    (void)is_private;
    return -ENOTSUP;
}

void fc__os_memory_dump(uint64_t base, uint64_t size_bytes, bool is_dumped) {
    (void)base;
    (void)size_bytes;
    (void)is_dumped;
}

void fc__os_memory_unmap(uint64_t base, uint64_t size_bytes) {
    (void)size_bytes;
    void *const place = (void *)(uintptr_t)base;
    if (!UnmapViewOfFile(place)) {
        VirtualFree(place, 0, MEM_RELEASE);
    }
}

/* Nothing is writable and executable at any time. */
int fc__os_memory_map_text(const void *text, uint64_t text_bytes, uint64_t data_bytes, unsigned char **ret_text) {
    DWORD before;
    unsigned char *place =
        VirtualAlloc(NULL, (SIZE_T)(text_bytes + data_bytes), MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (place == NULL) {
        return fc__windows_errno(GetLastError());
    }
    memcpy(place, text, (size_t)text_bytes);
    if (!VirtualProtect(place, (SIZE_T)text_bytes, PAGE_EXECUTE_READ, &before)) {
        const int rc = fc__windows_errno(GetLastError());
        VirtualFree(place, 0, MEM_RELEASE);
        return rc;
    }
    FlushInstructionCache(GetCurrentProcess(), place, (SIZE_T)text_bytes);
    *ret_text = place;
    return 0;
}
