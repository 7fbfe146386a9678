/* host: the tables by which libraries call what they import of the system. Where this program has a function that is to
 * be called instead, it is put there: no code is changed. */
#include "host/host.h"
#include "host/windows/fronts.h"
#include "host/windows/system.h"

#include <string.h>
#include <winternl.h>

/* Whose table it is. */
enum kind {
    CORE = 1,    /* what the system's heap, loader and processes are made of */
    SYSTEM = 2,  /* others of Windows' own */
    RUNTIME = 4, /* C runtimes */
    LIBRARY = 8, /* those that are called; and what BSTRs and COM's memory are made by */
};

static FARPROC WINAPI get_proc_address(HMODULE module, const char *name);

/* Memory of this program's heap may be freed by whoever gets hold of it, so all know of it; but few get any. */
static const struct row {
    const char *name;
    uintptr_t by;
    unsigned kinds;
} rows[] = {
    {"ExitProcess", (uintptr_t)fc__host_exit_process, SYSTEM | RUNTIME | LIBRARY},
    {"TerminateProcess", (uintptr_t)fc__host_terminate_process, SYSTEM | RUNTIME | LIBRARY},
    {"GetProcAddress", (uintptr_t)get_proc_address, LIBRARY},
    {"HeapAlloc", (uintptr_t)fc__host_heap_alloc_for_runtime, RUNTIME},
    {"RtlAllocateHeap", (uintptr_t)fc__host_heap_alloc_for_runtime, RUNTIME},
    {"HeapAlloc", (uintptr_t)fc__host_heap_alloc, LIBRARY},
    {"RtlAllocateHeap", (uintptr_t)fc__host_heap_alloc, LIBRARY},
    {"HeapReAlloc", (uintptr_t)fc__host_heap_realloc, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"RtlReAllocateHeap", (uintptr_t)fc__host_heap_realloc, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"HeapFree", (uintptr_t)fc__host_heap_free, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"RtlFreeHeap", (uintptr_t)fc__host_heap_free, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"HeapSize", (uintptr_t)fc__host_heap_size, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"RtlSizeHeap", (uintptr_t)fc__host_heap_size, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"HeapValidate", (uintptr_t)fc__host_heap_validate, CORE | SYSTEM | RUNTIME | LIBRARY},
    {"RtlValidateHeap", (uintptr_t)fc__host_heap_validate, CORE | SYSTEM | RUNTIME | LIBRARY},
};
enum { ROWS = sizeof rows / sizeof *rows, CORES = 3 };

/* The functions by address, since they are imported by several names, from several libraries. */
static struct front {
    uintptr_t function;
    const struct row *row;
} fronts[ROWS * CORES];
static unsigned front_count;
static const void *cores[CORES];

static uintptr_t in_front(uintptr_t function, unsigned kind) {
    for (unsigned i = 0; i < front_count; i++) {
        if (fronts[i].function == function && (fronts[i].row->kinds & kind) != 0) {
            return fronts[i].row->by;
        }
    }
    return function;
}

uint64_t fc__host_imports_in_front(uint64_t function) {
    return in_front((uintptr_t)function, LIBRARY);
}

/* Libraries that import nothing of the system's, packed ones and what is bound when it is first called come here. */
static FARPROC WINAPI get_proc_address(HMODULE module, const char *name) {
    FARPROC found = GetProcAddress(module, name);
    uintptr_t function;
    memcpy(&function, &found, sizeof function);
    function = in_front(function, LIBRARY);
    memcpy(&found, &function, sizeof found);
    return found;
}

static void watch_slot(uintptr_t *slot, unsigned kind) {
    DWORD before, ignored;
    const uintptr_t by = in_front(*slot, kind);
    if (by != *slot && VirtualProtect(slot, sizeof *slot, PAGE_READWRITE, &before)) {
        *slot = by;
        VirtualProtect(slot, sizeof *slot, before, &ignored);
    }
}

static void watch_module(unsigned char *base, unsigned kind) {
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    if (headers->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR_MAGIC || imports->VirtualAddress == 0) {
        return; /* nothing but .NET code may be of the other bitness */
    }
    for (const IMAGE_IMPORT_DESCRIPTOR *entry = (const void *)(base + imports->VirtualAddress); entry->Name != 0;
         entry++) {
        for (uintptr_t *slot = (uintptr_t *)(void *)(base + entry->FirstThunk); entry->FirstThunk != 0 && *slot != 0;
             slot++) {
            watch_slot(slot, kind);
        }
    }
}

/* -- which modules ------------------------------------------------------------------------------------------------- */

static bool begins_with(const UNICODE_STRING *text, const wchar_t *with) {
    const size_t len = wcslen(with);
    return text->Length / sizeof *with >= len && _wcsnicmp(text->Buffer, with, len) == 0;
}

static bool is_in_windows(const UNICODE_STRING *path) {
    wchar_t folder[MAX_PATH];
    const UINT len = GetSystemWindowsDirectoryW(folder, MAX_PATH - 1);
    return len != 0 && len < MAX_PATH - 1 && begins_with(path, folder) && path->Length / sizeof *folder > len &&
           path->Buffer[len] == L'\\';
}

static unsigned kind_of(const void *base, const UNICODE_STRING *path, const UNICODE_STRING *name) {
    static const wchar_t *const runtimes[] = {L"msvcr", L"ucrtbase", L"crtdll."}, *const allocators[] = {L"oleaut32.",
                                                                                                         L"ole32.",
                                                                                                         L"combase."};
    for (unsigned i = 0; i < CORES; i++) {
        if (base == cores[i]) {
            return CORE;
        }
    }
    for (unsigned i = 0; i < sizeof runtimes / sizeof *runtimes; i++) {
        if (begins_with(name, runtimes[i])) {
            return RUNTIME;
        }
        if (begins_with(name, allocators[i])) {
            return LIBRARY;
        }
    }
    return is_in_windows(path) ? SYSTEM : LIBRARY;
}

/* Of the system's loader, and in no header. */
NTSTATUS NTAPI LdrLockLoaderLock(ULONG flags, ULONG *ret_state, ULONG_PTR *ret_cookie);
NTSTATUS NTAPI LdrUnlockLoaderLock(ULONG flags, ULONG_PTR cookie);
struct notice {
    ULONG flags;
    const UNICODE_STRING *path, *name;
    void *base;
    ULONG size;
};
NTSTATUS NTAPI LdrRegisterDllNotification(ULONG flags,
                                          void(CALLBACK *act)(ULONG reason, const struct notice *notice, void *data),
                                          void *data, void **ret_cookie);

/* The last part of the path. */
static UNICODE_STRING name_of(const UNICODE_STRING *path) {
    USHORT at = (USHORT)(path->Length / sizeof *path->Buffer);
    while (at > 0 && path->Buffer[at - 1] != L'\\') {
        at--;
    }
    return (UNICODE_STRING){.Length = (USHORT)(path->Length - at * sizeof *path->Buffer), .Buffer = path->Buffer + at};
}

void fc__host_imports_watch(const void *opened) {
    ULONG_PTR cookie = 0;
    LdrLockLoaderLock(0, NULL, &cookie); /* nothing is loaded or unloaded meanwhile */
    LIST_ENTRY *const head = &NtCurrentTeb()->ProcessEnvironmentBlock->Ldr->InMemoryOrderModuleList;
    for (LIST_ENTRY *at = head->Flink; at != head; at = at->Flink) {
        const LDR_DATA_TABLE_ENTRY *module = CONTAINING_RECORD(at, LDR_DATA_TABLE_ENTRY, InMemoryOrderLinks);
        if (module->DllBase != NULL && module->DllBase != (void *)GetModuleHandleW(NULL)) {
            const UNICODE_STRING name = name_of(&module->FullDllName);
            const unsigned kind = kind_of(module->DllBase, &module->FullDllName, &name);
            watch_module(module->DllBase, kind == SYSTEM && module->DllBase == opened ? LIBRARY : kind);
        }
    }
    LdrUnlockLoaderLock(0, cookie);
}

/* The loader has it now, and calls it next. (Where it tells of it earlier than that, before it knows what is imported,
 * there is nothing to see yet.) */
static void CALLBACK on_loaded(ULONG reason, const struct notice *notice, void *data) {
    (void)data;
    if (reason == 1) {
        watch_module(notice->base, kind_of(notice->base, notice->path, notice->name));
    }
}

void fc__host_imports_begin(void) {
    static const wchar_t *const names[CORES] = {L"ntdll.dll", L"kernelbase.dll", L"kernel32.dll"};
    void *cookie;
    for (unsigned i = 0; i < CORES; i++) {
        const HMODULE core = GetModuleHandleW(names[i]);
        cores[i] = core;
        for (unsigned row = 0; core != NULL && row < ROWS; row++) {
            const FARPROC found = GetProcAddress(core, rows[row].name);
            struct front front = {.row = &rows[row]};
            memcpy(&front.function, &found, sizeof found);
            if (front.function != 0 && in_front(front.function, front.row->kinds) == front.function) {
                fronts[front_count++] = front;
            }
        }
    }
    LdrRegisterDllNotification(0, on_loaded, NULL, &cookie);
    fc__host_imports_watch(NULL);
}
