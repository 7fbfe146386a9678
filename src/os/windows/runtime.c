/* os: the C runtimes that libraries import, each with an errno and with streams of its own. */
#include "os/os.h"
#include "os/windows/windows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

typedef int *number_of_thread(void);
typedef void *stream_by_index(unsigned index);
typedef unsigned char *first_stream(void);
typedef int set_buffer(void *stream, char *buffer, int mode, size_t size);

_Atomic uint32_t fc__os_runtimes;
static number_of_thread *runtimes[FC__OS_RUNTIMES_MAX];

/* Offset of LastErrorValue in the thread's block, which has not changed since there is one. */
#ifdef __i386__
enum { LAST_ERROR_OFFSET = 0x34 };
#else
enum { LAST_ERROR_OFFSET = 0x68 };
#endif

void fc__os_errors_find(struct fc__os_errors *ret_errors) {
    const DWORD last = GetLastError(); /* a runtime that has not seen the thread yet makes room, with system calls */
    ret_errors->count = atomic_load_explicit(&fc__os_runtimes, memory_order_acquire);
    for (uint32_t i = 0; i < ret_errors->count; i++) {
        ret_errors->numbers[i] = runtimes[i]();
    }
    ret_errors->last = (volatile uint32_t *)(void *)((char *)NtCurrentTeb() + LAST_ERROR_OFFSET);
    SetLastError(last);
}

static bool find(HMODULE module, const char *name, void *ret_function) {
    const FARPROC found = module != NULL ? GetProcAddress(module, name) : NULL;
    memcpy(ret_function, &found, sizeof found);
    return found != NULL;
}

/* What a library prints appears when it prints it, also where that is no terminal. Newer runtimes give a stream by its
 * number, older ones have an array of them. */
static void show_prints(HMODULE module) {
    enum { STREAM_BYTES = sizeof(void *) == 4 ? 32 : 48 };
    stream_by_index *by_index;
    first_stream *first;
    set_buffer *set;
    const bool has_numbers = find(module, "__acrt_iob_func", &by_index);
    if (!find(module, "setvbuf", &set) || (!has_numbers && !find(module, "__iob_func", &first))) {
        return;
    }
    for (unsigned i = 1; i <= 2; i++) {
        set(has_numbers ? by_index(i) : first() + i * STREAM_BYTES, NULL, _IONBF, 0);
    }
}

static SRWLOCK lock;

static void learn_module(HMODULE module) {
    number_of_thread *runtime;
    const bool is_runtime = find(module, "_errno", &runtime);
    AcquireSRWLockExclusive(&lock);
    const uint32_t count = atomic_load(&fc__os_runtimes);
    bool is_known = !is_runtime || count == FC__OS_RUNTIMES_MAX;
    for (uint32_t i = 0; i < count; i++) {
        is_known = is_known || runtimes[i] == runtime;
    }
    if (!is_known) {
        HMODULE kept = module; /* for good: threads know where their numbers lie */
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (const wchar_t *)(uintptr_t)runtime, &kept);
        show_prints(kept); /* not what the library imports, which may stand for a part of it */
        runtimes[count] = runtime;
        atomic_store_explicit(&fc__os_runtimes, count + 1, memory_order_release);
    }
    ReleaseSRWLockExclusive(&lock);
}

void fc__os_errors_learn(void *library) {
    const char *name;
    learn_module(library);
    for (unsigned i = 0; (name = fc__windows_import(library, 0, i)) != NULL; i++) {
        learn_module(GetModuleHandleA(name));
    }
}

/* -- descriptors of a library's runtime ---------------------------------------------------------------------------- */

typedef int open_handle(intptr_t handle, int flags);
typedef int close_number(int number);

/* In the library itself or in one that it imports. */
static bool find_in_runtime(void *library, const char *name, void *ret_function) {
    const char *import;
    bool is_found = find(library, name, ret_function);
    for (unsigned i = 0; !is_found && (import = fc__windows_import(library, 0, i)) != NULL; i++) {
        is_found = find(GetModuleHandleA(import), name, ret_function);
    }
    return is_found;
}

int fc__os_runtime_lend(void *library, int fd, const struct fc__os_fd *how) {
    const HANDLE handle = fc__windows_handle(fd);
    const LARGE_INTEGER position = {.QuadPart = how->position};
    open_handle *open_number;
    if (!find_in_runtime(library, "_open_osfhandle", &open_number)) {
        return -ENOTSUP;
    }
    SetHandleInformation(handle, HANDLE_FLAG_INHERIT, how->is_inherited ? HANDLE_FLAG_INHERIT : 0);
    if (how->position >= 0 && !SetFilePointerEx(handle, position, NULL, FILE_BEGIN)) {
        return fc__windows_errno(GetLastError());
    }
    const int number = open_number((intptr_t)handle,
                                   _O_BINARY | (how->appends ? _O_APPEND : 0) | (how->is_inherited ? 0 : _O_NOINHERIT));
    return number >= 0 ? number : -EMFILE;
}

/* A runtime may end the process that closes a number which is not open, so the handle is asked. */
int fc__os_runtime_close(void *library, int number, int fd, int64_t *ret_position) {
    const HANDLE handle = fc__windows_handle(fd);
    const LARGE_INTEGER nowhere = {.QuadPart = 0};
    LARGE_INTEGER position;
    DWORD flags;
    close_number *close_it;
    if ((fd >= 0 && !GetHandleInformation(handle, &flags)) || !find_in_runtime(library, "_close", &close_it)) {
        return -EBADF;
    }
    const bool has_position =
        fd >= 0 && GetFileType(handle) == FILE_TYPE_DISK && SetFilePointerEx(handle, nowhere, &position, FILE_CURRENT);
    *ret_position = has_position ? position.QuadPart : -1;
    return close_it(number) == 0 ? 0 : -EBADF;
}
