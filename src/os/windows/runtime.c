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
        set(has_numbers ? by_index(i) : first() + (size_t)i * STREAM_BYTES, NULL, _IONBF, 0);
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
typedef intptr_t handle_of_number(int number);

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

/* Of the kinds of information that Windows' own functions have no words for. */
enum { OBJECT_BASICS = 0, FILE_NUMBER = 6 };
typedef NTSTATUS NTAPI query_object(HANDLE object, int kind, void *data, ULONG size, ULONG *ret_size);
typedef NTSTATUS NTAPI query_file(HANDLE file, void *ret_status, void *data, ULONG size, int kind);

/* Wine asks the descriptor of this process that it has for the handle, which it then keeps until that is closed. */
static bool find_file(HANDLE handle, uint64_t *ret_file, ACCESS_MASK *ret_access) {
    const HMODULE system = GetModuleHandleW(L"ntdll.dll");
    struct {
        ULONG attributes;
        ACCESS_MASK access;
        ULONG others[12];
    } basics;
    uint64_t status[2];
    ULONG size;
    query_object *ask_object;
    query_file *ask_file;
    if (!find(system, "NtQueryObject", &ask_object) || !find(system, "NtQueryInformationFile", &ask_file) ||
        ask_object(handle, OBJECT_BASICS, &basics, sizeof basics, &size) < 0 ||
        ask_file(handle, status, ret_file, sizeof *ret_file, FILE_NUMBER) < 0) {
        return false;
    }
    *ret_access = basics.access;
    return true;
}

static int64_t position_of(HANDLE handle) {
    const LARGE_INTEGER nowhere = {.QuadPart = 0};
    LARGE_INTEGER position;
    return GetFileType(handle) == FILE_TYPE_DISK && SetFilePointerEx(handle, nowhere, &position, FILE_CURRENT)
               ? position.QuadPart
               : -1;
}

/* Older runtimes let everyone see their table: rows of 32, each entry beginning with its handle, and flags behind it.
 * How large an entry is differs; those of msvcrt.dll are the smaller ones. Newer runtimes tell nobody. */
static bool appends(void *library, int number, HANDLE handle) {
    static const size_t sizes[] = {sizeof(void *) == 4 ? 36 : 56, sizeof(void *) == 4 ? 64 : 88};
    enum { ROW = 32, APPENDS = 0x20 };
    unsigned char **rows;
    if (!find_in_runtime(library, "__pioinfo", &rows)) {
        return false;
    }
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const unsigned char *const entry = rows[number / ROW] + (size_t)(number % ROW) * sizes[i];
        if (memcmp(entry, &handle, sizeof handle) == 0) {
            return (entry[sizeof handle] & APPENDS) != 0;
        }
    }
    return false;
}

int fc__os_runtime_describe(void *library, int number, uint64_t *ret_file, struct fc__os_fd *ret_description) {
    handle_of_number *handle_of;
    ACCESS_MASK access;
    DWORD flags;
    if (!find_in_runtime(library, "_get_osfhandle", &handle_of)) {
        return -ENOTSUP;
    }
    const HANDLE handle = (HANDLE)handle_of(number);
    if ((intptr_t)handle < 0 || !GetHandleInformation(handle, &flags)) { /* -1 would be this process */
        return -EBADF;
    }
    if (!find_file(handle, ret_file, &access)) {
        return -ENOTSUP;
    }
    *ret_description = (struct fc__os_fd){.is_inherited = (flags & HANDLE_FLAG_INHERIT) != 0,
                                          .is_read = (access & FILE_READ_DATA) != 0,
                                          .is_written = (access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0,
                                          .appends = appends(library, number, handle),
                                          .position = position_of(handle)};
    return 0;
}

/* A runtime may end the process that closes a number which is not open, so the handle is asked. */
int fc__os_runtime_close(void *library, int number, int fd, int64_t *ret_position) {
    const HANDLE handle = fc__windows_handle(fd);
    DWORD flags;
    close_number *close_it;
    if ((fd >= 0 && !GetHandleInformation(handle, &flags)) || !find_in_runtime(library, "_close", &close_it)) {
        return -EBADF;
    }
    *ret_position = fd >= 0 ? position_of(handle) : -1;
    return close_it(number) == 0 ? 0 : -EBADF;
}
