/* tests: what the host for Windows libraries is made of, asked on this Windows, or Wine: starts, loads libraries, calls
 * functions of each convention, finds errno and GetLastError, and says how a library crashed or ended the process. It is
 * linked with all of the host but its main, and started beside farcall-host.exe and checked.dll. No caller is needed.
 *     on-windows.exe
 * prints a line for each, "ok" or "FAILED", and exits with how many failed. */
#include "host/host.h"
#include "host/windows/system.h"

#include "abi/frame.h"
#include "os/os.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

int fc__host_caller_pid; /* as in the host's main.c */

enum { WAIT_MS = 60000, ANY = -1 };
static const char memory_name[] = "Local\\farcall-on-windows-%lu";
static int failed;

static void say(int is_right, const char *what) {
    printf("%s  %s\n", is_right ? "ok    " : "FAILED", what);
    fflush(stdout);
    failed += !is_right;
}

static uint64_t symbol(const char *name) {
    static uint64_t library;
    char text[1000];
    library = library != 0 ? library : fc__host_library_open("checked.dll", text, sizeof text);
    if (library == 0) {
        printf("checked.dll: %s\n", text);
        return 0;
    }
    return fc__host_library_symbol(library, name, text, sizeof text);
}

/* -- Calls --------------------------------------------------------------------------------------------------------- */

/* A frame (docs/protocol.md), as a caller makes it. */
struct frame {
    uint32_t turn, info;
    uint64_t function;
    unsigned char words[256];
};

static uint64_t call(uint64_t function, uint32_t info, const void *words, size_t size) {
    struct frame frame = {.function = function};
    uint64_t results[FC__FRAME_RESULTS] = {0};
    memcpy(frame.words, words, size);
    fc__frame_invoke(&frame, info, results);
    return results[0];
}

/* f(3, 5, 7, 0.5): `in_registers` words of it go into registers. */
static int call_by(const char *name, unsigned in_registers) {
    const uint64_t function = symbol(name);
    const double real = 0.5;
#ifdef __i386__
    struct {
        int32_t a, b;
        int64_t c;
        double d;
    } words = {3, 5, 7, real};
    const uint32_t info = FC__FRAME_INFO(6 - in_registers, in_registers, 0, FC__FRAME_RESULT_INTEGER, 0);
#else
    uint64_t words[4] = {3, 5, 7};
    memcpy(&words[3], &real, sizeof real);
    const uint32_t info = FC__FRAME_INFO(0, 4, 0, FC__FRAME_RESULT_INTEGER, 0);
    (void)in_registers;
#endif
    return function != 0 ? (int)call(function, info, &words, sizeof words) : ANY;
}

static void check_calls(void) {
    say(call_by("by_cdecl", 0) == 24, "a function is called: cdecl");
    say(call_by("by_stdcall", 0) == 25, "a function is called: stdcall");
    say(call_by("by_fastcall", 2) == 26, "a function is called: fastcall");
    say(call_by("by_thiscall", 1) == 27, "a function is called: thiscall");
}

static void check_errors(void) {
    struct fc__os_errors errors = {.count = 0};
    const uint64_t function = symbol("leave_errors");
    fc__os_errors_find(&errors);
    fc__os_errors_clear(&errors);
    const uint32_t before = fc__os_errors_get(&errors);
#ifdef __i386__
    const uint32_t words[] = {ERANGE, ERROR_FILE_NOT_FOUND},
                   info = FC__FRAME_INFO(2, 0, 0, FC__FRAME_RESULT_INTEGER, 0);
#else
    const uint64_t words[] = {ERANGE, ERROR_FILE_NOT_FOUND};
    const uint32_t info = FC__FRAME_INFO(0, 2, 0, FC__FRAME_RESULT_INTEGER, 0);
#endif
    const int result = function != 0 ? (int)call(function, info, words, sizeof words) : 0;
    const uint32_t last = fc__os_errors_keep(&errors);
    say(result == -1 && before == 0 && fc__os_errors_get(&errors) == ERANGE,
        "errno of the library's C runtime is found");
    say(last == ERROR_FILE_NOT_FOUND, "GetLastError is found");
}

/* -- Processes of their own ---------------------------------------------------------------------------------------- */

/* The exit status of a program, -1 if it does not start or end. */
static int run(char *command) {
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION made;
    DWORD status = (DWORD)-1;
    if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &made)) {
        printf("%s: error %lu\n", command, GetLastError());
        return -1;
    }
    if (WaitForSingleObject(made.hProcess, WAIT_MS) == WAIT_OBJECT_0) {
        GetExitCodeProcess(made.hProcess, &status);
    }
    CloseHandle(made.hThread);
    CloseHandle(made.hProcess);
    return (int)status;
}

static void check_start(void) {
    char command[] = "farcall-host.exe by hand";
    say(run(command) == FC__WIRE_EXIT_USAGE, "the host starts, and says that it is not started by hand");
}

static const struct fc_wire_report *report_of(const char *what, struct fc_wire_header *header) {
    char self[MAX_PATH], command[MAX_PATH + 100];
    GetModuleFileNameA(NULL, self, sizeof self);
    memset(header, 0, sizeof *header);
    snprintf(command, sizeof command, "\"%s\" %s %lu", self, what, GetCurrentProcessId());
    run(command);
    return &header->report;
}

static void check_reports(void) {
    char name[64];
    snprintf(name, sizeof name, memory_name, GetCurrentProcessId());
    const HANDLE memory =
        CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(struct fc_wire_header), name);
    struct fc_wire_header *header = MapViewOfFile(memory, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    if (header == NULL) {
        say(0, "memory that two processes see");
        return;
    }
    const struct fc_wire_report *report = report_of("crash", header);
    say(report->end == FC__WIRE_END_EXCEPTION && report->code == (int32_t)STATUS_ACCESS_VIOLATION &&
            report->fault_address == 0x10 && report->module_offset != 0 &&
            strstr(report->module, "checked.dll") != NULL,
        "a crash is reported: code, address, module and offset");
    report = report_of("exit", header);
    say(report->end == FC__WIRE_END_EXIT && report->code == 7, "a library that calls exit is reported");
    UnmapViewOfFile(header);
    CloseHandle(memory);
}

/* In the process that is to end. */
static int end(const char *what, const char *parent) {
    char name[64];
    snprintf(name, sizeof name, memory_name, strtoul(parent, NULL, 10));
    const HANDLE memory = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, name);
    fc__host.header = MapViewOfFile(memory, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    if (fc__host.header == NULL) {
        return 1;
    }
    const bool is_crash = strcmp(what, "crash") == 0;
    const uint64_t word = is_crash ? 0x10 : 7;
    const uint32_t stack = sizeof(void *) == 4, registers = sizeof(void *) == 8;
    fc__host_report_install();
    fc__host_imports_begin();
    const uint64_t function = symbol(is_crash ? "read_at" : "end_with");
    if (function != 0) {
        call(function, FC__FRAME_INFO(stack, registers, 0, FC__FRAME_RESULT_INTEGER, 0), &word, sizeof word);
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc == 3) {
        return end(argv[1], argv[2]);
    }
    check_start();
    say(symbol("by_cdecl") != 0, "a library is loaded");
    check_calls();
    check_errors();
    check_reports();
    return failed;
}
