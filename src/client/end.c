/* client: how a host ended, in words. */
#include "client/client.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

void fc__end_describe_status(int status, char *text, size_t size) {
    char name[32];
    if (status >= 0 && WIFSIGNALED(status)) {
        snprintf(text, size, "it was killed by %s", fc__os_signal_name(WTERMSIG(status), name, sizeof name));
    } else if (status >= 0) {
        snprintf(text, size, "it ended with exit status %d", WEXITSTATUS(status));
    } else {
        snprintf(text, size,
                 "it was killed by SIGKILL (by someone, or for want of memory), or by a signal whose handler the "
                 "library had replaced");
    }
}

/* Windows' and Microsoft's numbers (ntstatus.h), and those of C++ exceptions: of Microsoft's compiler and of GCC. */
static const struct {
    uint32_t code;
    const char *name;
} exceptions[] = {
    {0xc0000005, "STATUS_ACCESS_VIOLATION"},
    {0xc0000006, "STATUS_IN_PAGE_ERROR"},
    {0xc0000008, "STATUS_INVALID_HANDLE"},
    {0xc0000017, "STATUS_NO_MEMORY"},
    {0xc000001d, "STATUS_ILLEGAL_INSTRUCTION"},
    {0xc0000025, "STATUS_NONCONTINUABLE_EXCEPTION"},
    {0xc0000026, "STATUS_INVALID_DISPOSITION"},
    {0xc000008c, "STATUS_ARRAY_BOUNDS_EXCEEDED"},
    {0xc000008d, "STATUS_FLOAT_DENORMAL_OPERAND"},
    {0xc000008e, "STATUS_FLOAT_DIVIDE_BY_ZERO"},
    {0xc000008f, "STATUS_FLOAT_INEXACT_RESULT"},
    {0xc0000090, "STATUS_FLOAT_INVALID_OPERATION"},
    {0xc0000091, "STATUS_FLOAT_OVERFLOW"},
    {0xc0000092, "STATUS_FLOAT_STACK_CHECK"},
    {0xc0000093, "STATUS_FLOAT_UNDERFLOW"},
    {0xc0000094, "STATUS_INTEGER_DIVIDE_BY_ZERO"},
    {0xc0000095, "STATUS_INTEGER_OVERFLOW"},
    {0xc0000096, "STATUS_PRIVILEGED_INSTRUCTION"},
    {0xc00000fd, "STATUS_STACK_OVERFLOW"},
    {0xc0000135, "STATUS_DLL_NOT_FOUND"},
    {0xc0000139, "STATUS_ENTRYPOINT_NOT_FOUND"},
    {0xc0000142, "STATUS_DLL_INIT_FAILED"},
    {0xc0000374, "STATUS_HEAP_CORRUPTION"},
    {0xc0000409, "STATUS_STACK_BUFFER_OVERRUN"},
    {0xc0000417, "STATUS_INVALID_CRUNTIME_PARAMETER"},
    {0xc0000420, "STATUS_ASSERTION_FAILURE"},
    {0x80000002, "STATUS_DATATYPE_MISALIGNMENT"},
    {0x80000003, "STATUS_BREAKPOINT"},
    {0x80000004, "STATUS_SINGLE_STEP"},
    {0x80000100, "EXCEPTION_WINE_STUB (a function that this Wine does not have)"},
    {0xe06d7363, "an uncaught C++ exception"},
    {0x20474343, "an uncaught C++ exception"},
    {0xe0434352, "an uncaught .NET exception"},
    {0xc06d007e, "a delay-loaded library was not found"},
    {0xc06d007f, "a function of a delay-loaded library was not found"},
};

static const char *exception_name(uint32_t code, char *buffer, size_t size) {
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (exceptions[i].code == code) {
            return exceptions[i].name;
        }
    }
    snprintf(buffer, size, "exception 0x%08" PRIx32, code);
    return buffer;
}

/* A fault says where it happened, and mostly what it was about. */
static void describe_fault(const struct fc_wire_report *report, const char *name, bool has_address, char *text,
                           size_t size) {
    int used = snprintf(text, size, "%s", name);
    if (report->fault_address != 0 || has_address) {
        used += snprintf(text + used, size - (size_t)used, " at address 0x%" PRIx64, report->fault_address);
    }
    if (report->module[0] != '\0') {
        snprintf(text + used, size - (size_t)used, ", in %.*s+0x%" PRIx64, (int)sizeof report->module, report->module,
                 report->module_offset);
    } else {
        snprintf(text + used, size - (size_t)used, ", executing 0x%" PRIx64 ", which is in no module",
                 report->instruction);
    }
}

void fc__end_describe(const struct fc_wire_report *report, int status, const struct fc__target *callee, char *text,
                      size_t size) {
    char name[48];
    switch (report->end) {
    case FC__WIRE_END_SIGNAL:
        describe_fault(report, fc__os_signal_name(report->code, name, sizeof name),
                       report->code == SIGSEGV || report->code == SIGBUS, text, size);
        return;
    case FC__WIRE_END_EXCEPTION:
        describe_fault(report, exception_name((uint32_t)report->code, name, sizeof name),
                       (uint32_t)report->code == 0xc0000005 || (uint32_t)report->code == 0xc0000006, text, size);
        return;
    case FC__WIRE_END_EXIT:
        snprintf(text, size, "the library called %s(%d)", callee->is_windows ? "exit or ExitProcess" : "exit",
                 (int)report->code);
        return;
    case FC__WIRE_END_THREAD:
        snprintf(text, size, "the library ended the thread that called it (%s)",
                 callee->is_windows ? "ExitThread" : "pthread_exit");
        return;
    case FC__WIRE_END_NO_BELL:
        snprintf(text, size,
                 "a thread that the library made called back, and there were no descriptors left to tell the caller");
        return;
    case FC__WIRE_END_DESCRIPTORS:
        snprintf(text, size, "the library closed the host's descriptors");
        return;
    default:
        fc__end_describe_status(status, text, size);
        return;
    }
}
