/* host: records how this process ends, for the caller's error text. Nothing here takes the loader's lock, which the
 * thread that failed may hold, or allocates. */
#include "host/host.h"
#include "host/windows/system.h"

#include "os/os.h"

#include <stdlib.h>
#include <windows.h>
#include <winternl.h>

enum { STACK_LEFT_BYTES = 64 * 1024 };

uint32_t fc__host_report_thread(void) {
    return GetCurrentThreadId();
}

/* The loader's own list, as it is: who changes it at this moment is stopped, or this thread. */
static void find_module(struct fc_wire_report *report) {
    MEMORY_BASIC_INFORMATION area;
    if (VirtualQuery((const void *)(uintptr_t)report->instruction, &area, sizeof area) == 0 || area.Type != MEM_IMAGE) {
        return;
    }
    LIST_ENTRY *const head = &NtCurrentTeb()->ProcessEnvironmentBlock->Ldr->InMemoryOrderModuleList;
    for (LIST_ENTRY *at = head->Flink; at != head; at = at->Flink) {
        const LDR_DATA_TABLE_ENTRY *module = CONTAINING_RECORD(at, LDR_DATA_TABLE_ENTRY, InMemoryOrderLinks);
        if (module->DllBase == area.AllocationBase) {
            const UNICODE_STRING *name = &module->FullDllName;
            const int units = name->Length / (int)sizeof *name->Buffer;
            const int kept = units < MAX_PATH ? units : MAX_PATH; /* the end of a longer one */
            char text[MAX_PATH * 3];
            const int len =
                WideCharToMultiByte(CP_UTF8, 0, name->Buffer + (units - kept), kept, text, sizeof text, NULL, NULL);
            const int cut = len > (int)FC__WIRE_MODULE_BYTES ? len - (int)FC__WIRE_MODULE_BYTES : 0;
            memcpy(report->module, text + cut, (size_t)(len - cut));
            report->module_offset = report->instruction - (uintptr_t)module->DllBase;
            return;
        }
    }
}

static _Noreturn void end_by_exception(const EXCEPTION_RECORD *record) {
    struct fc_wire_report *report = fc__host_report_begin();
    if (report != NULL) {
        const bool has_address = record->ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION ||
                                 record->ExceptionCode == (DWORD)STATUS_IN_PAGE_ERROR;
        report->code = (int32_t)record->ExceptionCode;
        report->fault_address = has_address && record->NumberParameters >= 2 ? record->ExceptionInformation[1] : 0;
        report->instruction = (uintptr_t)record->ExceptionAddress;
        find_module(report);
        fc__host_report_done(report, FC__WIRE_END_EXCEPTION);
    }
    fc__os_exit_now(EXIT_FAILURE);
}

/* As the system does where its heap is not what it should be: nobody may handle it. */
_Noreturn void fc__host_report_heap(void) {
    const EXCEPTION_RECORD record = {.ExceptionCode = (DWORD)STATUS_HEAP_CORRUPTION,
                                     .ExceptionAddress = __builtin_return_address(0)};
    end_by_exception(&record);
}

/* Nobody has handled it. */
static LONG WINAPI on_unhandled(EXCEPTION_POINTERS *exception) {
    end_by_exception(exception->ExceptionRecord);
}

enum { TEXT_BYTES = 1024 };

/* What OutputDebugString raises, for a debugger: here the caller's log. Not inlined, for the sake of a full stack. */
static __attribute__((noinline)) void say(const EXCEPTION_RECORD *record) {
    const DWORD last_error = GetLastError();
    wchar_t wide[TEXT_BYTES];
    char text[3 * TEXT_BYTES];
    const int count = (int)record->ExceptionInformation[0];
    const int most = count < TEXT_BYTES ? count : TEXT_BYTES - 1;
    const void *said = (const void *)record->ExceptionInformation[1];
    int len = most;
    if (record->ExceptionCode == (DWORD)DBG_PRINTEXCEPTION_WIDE_C) {
        memcpy(wide, said, (size_t)most * sizeof *wide);
    } else {
        len = MultiByteToWideChar(CP_ACP, 0, said, most, wide, TEXT_BYTES - 1);
    }
    wide[len] = 0;
    if (WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL) != 0) {
        fc__host_log(text);
    }
    SetLastError(last_error);
}

/* A stack that is full is reported at once: what else would look for a handler has no room. */
static LONG WINAPI on_any(EXCEPTION_POINTERS *exception) {
    switch (exception->ExceptionRecord->ExceptionCode) {
    case (DWORD)STATUS_STACK_OVERFLOW:
        end_by_exception(exception->ExceptionRecord);
    case (DWORD)DBG_PRINTEXCEPTION_C:
    case (DWORD)DBG_PRINTEXCEPTION_WIDE_C:
        say(exception->ExceptionRecord);
        return EXCEPTION_CONTINUE_EXECUTION;
    default:
        return EXCEPTION_CONTINUE_SEARCH;
    }
}

void fc__host_report_install(void) {
    static bool is_installed;
    SetUnhandledExceptionFilter(on_unhandled);
    if (!is_installed) {
        is_installed = true;
        SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
        AddVectoredExceptionHandler(1, on_any);
    }
}

void fc__host_report_thread_begin(void) {
    ULONG bytes = STACK_LEFT_BYTES;
    SetThreadStackGuarantee(&bytes);
}

void fc__host_report_thread_end(void) {}
