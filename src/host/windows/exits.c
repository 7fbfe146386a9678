/* host: libraries that end the process, one way or another, come by here: what they import for it is replaced, in the
 * tables by which they call it. */
#include "host/host.h"
#include "host/windows/system.h"

#include "os/os.h"

#include <string.h>
#include <windows.h>
#include <winternl.h>

static void(WINAPI *system_exit)(UINT status);
static BOOL(WINAPI *system_terminate)(HANDLE process, UINT status);

static void WINAPI exit_process(UINT status) {
    fc__host_report_exit(status);
    system_exit(status);
}

static BOOL WINAPI terminate_process(HANDLE process, UINT status) {
    if (process == GetCurrentProcess() || GetProcessId(process) == GetCurrentProcessId()) {
        fc__host_report_exit(status);
    }
    return system_terminate(process, status);
}

static void replace(void **slot, void *by) {
    DWORD before, ignored;
    if (VirtualProtect((void *)slot, sizeof *slot, PAGE_READWRITE, &before)) {
        *slot = by;
        VirtualProtect((void *)slot, sizeof *slot, before, &ignored);
    }
}

/* What a library is to call in place of a function; the function itself, mostly. */
static void *in_front(void *function) {
    void *exit_function, *terminate_function;
    void(WINAPI * own_exit)(UINT) = exit_process;
    BOOL(WINAPI * own_terminate)(HANDLE, UINT) = terminate_process;
    memcpy(&exit_function, &system_exit, sizeof exit_function);
    memcpy(&terminate_function, &system_terminate, sizeof terminate_function);
    if (function == exit_function) {
        memcpy(&function, &own_exit, sizeof function);
    } else if (function == terminate_function) {
        memcpy(&function, &own_terminate, sizeof function);
    }
    return function;
}

uint64_t fc__host_exits_in_front(uint64_t function) {
    return (uintptr_t)in_front((void *)(uintptr_t)function);
}

static void watch_slot(void **slot) {
    void *function = in_front(*slot);
    if (function != *slot) {
        replace(slot, function);
    }
}

static void watch_module(unsigned char *base) {
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    if (imports->VirtualAddress == 0) {
        return;
    }
    for (const IMAGE_IMPORT_DESCRIPTOR *entry = (const void *)(base + imports->VirtualAddress); entry->Name != 0;
         entry++) {
        for (void **slot = (void **)(void *)(base + entry->FirstThunk); entry->FirstThunk != 0 && *slot != NULL;
             slot++) {
            watch_slot(slot);
        }
    }
}

static void find(const char *name, void *ret_function) {
    const FARPROC found = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), name);
    memcpy(ret_function, &found, sizeof found);
}

/* Not this program itself, nor what these functions are made of. */
static bool is_watched(const LDR_DATA_TABLE_ENTRY *module) {
    const wchar_t *const own[] = {L"ntdll.dll", L"kernel32.dll", L"kernelbase.dll"};
    bool is_own = module->DllBase == (void *)GetModuleHandleW(NULL) || module->DllBase == NULL;
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++) {
        is_own = is_own || module->DllBase == (void *)GetModuleHandleW(own[i]);
    }
    return !is_own;
}

/* Of the system's loader, and in no header: nothing is loaded or unloaded between the two. */
NTSTATUS NTAPI LdrLockLoaderLock(ULONG flags, ULONG *ret_state, ULONG_PTR *ret_cookie);
NTSTATUS NTAPI LdrUnlockLoaderLock(ULONG flags, ULONG_PTR cookie);

void fc__host_exits_watch(void) {
    ULONG_PTR cookie = 0;
    find("ExitProcess", &system_exit);
    find("TerminateProcess", &system_terminate);
    LdrLockLoaderLock(0, NULL, &cookie);
    LIST_ENTRY *const head = &NtCurrentTeb()->ProcessEnvironmentBlock->Ldr->InMemoryOrderModuleList;
    for (LIST_ENTRY *at = head->Flink; at != head; at = at->Flink) {
        const LDR_DATA_TABLE_ENTRY *module = CONTAINING_RECORD(at, LDR_DATA_TABLE_ENTRY, InMemoryOrderLinks);
        if (is_watched(module)) {
            watch_module(module->DllBase);
        }
    }
    LdrUnlockLoaderLock(0, cookie);
}
