/* A Windows library that meets its host in unusual ways: with handlers of its own, threads of its own, and ends of all
 * kinds. */
#include <windows.h>

#include <errno.h>
#include <process.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API __declspec(dllexport)

typedef int visitor(int index);

API int add(int a, int b) {
    return a + b;
}

/* -- exceptions ---------------------------------------------------------------------------------------------------- */

static LONG WINAPI swallow(EXCEPTION_POINTERS *exception) {
    (void)exception;
    return EXCEPTION_EXECUTE_HANDLER; /* and the process ends, without a word */
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
    (void)self;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        SetUnhandledExceptionFilter(swallow);
    }
    return TRUE;
}

/* Whether the system could read there: it tries, and handles the exception. */
API int is_readable(intptr_t address) {
    return !IsBadReadPtr((const void *)address, 1);
}

static LONG WINAPI skip(EXCEPTION_POINTERS *exception) {
    if (exception->ExceptionRecord->ExceptionCode != 0x1234) {
        return EXCEPTION_CONTINUE_SEARCH;
    }
    return EXCEPTION_CONTINUE_EXECUTION;
}
/* An exception that the library itself handles. */
API int handles_its_own(void) {
    void *handler = AddVectoredExceptionHandler(1, skip);
    RaiseException(0x1234, 0, 0, NULL);
    return RemoveVectoredExceptionHandler(handler) != 0;
}

#ifdef __i386__
static EXCEPTION_DISPOSITION pass_on(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher) {
    (void)record;
    (void)frame;
    (void)context;
    (void)dispatcher;
    return ExceptionContinueSearch;
}
#endif

/* With a handler in the chain that the function leaves behind if it is jumped out of. */
API int visit_guarded(visitor *visit, int index) {
#ifdef __i386__
    struct {
        void *next, *handler;
    } volatile here;
    void *before;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(before));
    here.next = before;
    here.handler = (void *)(uintptr_t)pass_on;
    __asm__ volatile("movl %0, %%fs:0" : : "r"(&here) : "memory");
    int result = visit(index);
    __asm__ volatile("movl %0, %%fs:0" : : "r"(before) : "memory");
    return result;
#else
    return visit(index);
#endif
}

static volatile char used;
API int writes_to(int address, int depth) {
    volatile char room[512];
    used = *(char *)memset((void *)room, 0x55, sizeof room); /* over what is left of frames that were jumped out of */
    if (depth > 0) {
        return writes_to(address, depth - 1) + room[0];
    }
    *(volatile int *)(intptr_t)address = 1;
    return 0;
}

API void aborts(int unused) {
    (void)unused;
    abort();
}
API void terminates(int status) {
    TerminateProcess(GetCurrentProcess(), (UINT)status);
}

/* -- threads ------------------------------------------------------------------------------------------------------- */

static void in_thread(unsigned __stdcall (*run)(void *data), void *data) {
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, run, data, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

static unsigned __stdcall crash(void *data) {
    return (unsigned)writes_to((int)(intptr_t)data, 0);
}
API void crashes_in_a_thread(int address) {
    in_thread(crash, (void *)(intptr_t)address);
}

static unsigned __stdcall visit_once(void *visit) {
    int index;
    memcpy(&index, &(int){7}, sizeof index);
    return (unsigned)((visitor *)(uintptr_t)visit)(index);
}
/* One after the other; each ends and gives back what it had. */
API void visit_in_many(visitor *visit, int count) {
    for (int i = 0; i < count; i++) {
        in_thread(visit_once, (void *)(uintptr_t)visit);
    }
}

API void ends_this_thread(int status) {
    ExitThread((DWORD)status);
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

/* What the caller's function finds in errno and leaves there, and GetLastError over it. */
API int visit_with_errors(visitor *visit, int error, unsigned long last_error, unsigned long *ret_last_error) {
    errno = error;
    SetLastError(last_error);
    visit(error);
    *ret_last_error = GetLastError();
    return errno;
}

enum { KEPT_MAX = 1024 };
static visitor *kept[KEPT_MAX];
API void keep(int slot, visitor *visit) {
    kept[slot] = visit;
}
API int call_kept(int count) {
    int total = 0;
    for (int i = 0; i < count; i++) {
        total += kept[i](i);
    }
    return total;
}

API int debugs(const char *text, int is_wide) {
    wchar_t wide[128];
    mbstowcs(wide, text, sizeof wide / sizeof *wide);
    if (is_wide) {
        OutputDebugStringW(wide);
    } else {
        OutputDebugStringA(text);
    }
    return (int)strlen(text);
}
static unsigned __stdcall debug(void *text) {
    OutputDebugStringA(text);
    return 0;
}
API int debugs_in_a_thread(visitor *visit, char *text) {
    in_thread(debug, text);
    return visit(1);
}

API int prints(const char *text) {
    fputs(text, stderr);
    return printf("%s", text);
}
