/* os: the C runtimes that libraries import, each with an errno of its own. */
#include "os/os.h"
#include "os/windows/windows.h"

typedef int *number_of_thread(void);

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

static SRWLOCK lock;

static void learn_module(HMODULE module) {
    const FARPROC found = module != NULL ? GetProcAddress(module, "_errno") : NULL;
    number_of_thread *runtime;
    memcpy(&runtime, &found, sizeof runtime);
    AcquireSRWLockExclusive(&lock);
    const uint32_t count = atomic_load(&fc__os_runtimes);
    bool is_known = found == NULL || count == FC__OS_RUNTIMES_MAX;
    for (uint32_t i = 0; i < count; i++) {
        is_known = is_known || runtimes[i] == runtime;
    }
    if (!is_known) {
        HMODULE kept; /* for good: threads know where their numbers lie */
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (const wchar_t *)(uintptr_t)found, &kept);
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
