/* os: threads of a host, and what is done when they end. */
#include "os/windows/windows.h"

#include <errno.h>
#include <stdlib.h>

struct start {
    void *(*run)(void *argument);
    void *argument;
};

static DWORD WINAPI begin(void *data) {
    const struct start start = *(struct start *)data;
    free(data);
    start.run(start.argument);
    return 0;
}

int fc__os_thread_detached(void *(*run)(void *argument), void *argument) {
    struct start *start = malloc(sizeof *start);
    if (start == NULL) {
        return -ENOMEM;
    }
    *start = (struct start){.run = run, .argument = argument};
    const HANDLE thread = CreateThread(NULL, 0, begin, start, 0, NULL);
    if (thread == NULL) {
        free(start);
        return fc__windows_errno(GetLastError());
    }
    CloseHandle(thread);
    return 0;
}

_Noreturn void fc__os_thread_exit(void) {
    ExitThread(0);
}

static DWORD first_thread;
bool fc__os_thread_is_first(void) {
    return GetCurrentThreadId() == first_thread;
}

/* Nobody cancels threads here, and there are no signals. */
void fc__os_thread_hold(struct fc__os_held *ret_held) {
    *ret_held = (struct fc__os_held){0};
}
void fc__os_thread_release(const struct fc__os_held *held) {
    (void)held;
}
void fc__os_signals_begin_elsewhere(void) {}
void fc__os_signals_end_elsewhere(void) {}
void fc__os_signals_begin_here(void) {}

/* -- endings ------------------------------------------------------------------------------------------------------- */

/* The system tells of a thread's end before libraries are told of it. */
enum { ENDINGS_MAX = 2 };
static void (*acts[ENDINGS_MAX])(void *data);
static unsigned ending_count;
static DWORD slot;
static _Thread_local void *datas[ENDINGS_MAX];

/* Of the system's loader, and in no header: the process ends, and with it the thread. */
BOOLEAN NTAPI RtlDllShutdownInProgress(void);

static void WINAPI thread_ends(void *unused) {
    (void)unused;
    for (unsigned i = 0; i < ending_count && !RtlDllShutdownInProgress(); i++) {
        void *data = datas[i];
        datas[i] = NULL;
        if (data != NULL) {
            acts[i](data);
        }
    }
}

int fc__os_ending_new(void (*act)(void *data), unsigned *ret_ending) {
    if (ending_count == 0) {
        first_thread = GetCurrentThreadId();
        slot = FlsAlloc(thread_ends);
    }
    if (ending_count == ENDINGS_MAX || slot == FLS_OUT_OF_INDEXES) {
        return -EAGAIN;
    }
    acts[ending_count] = act;
    *ret_ending = ending_count++;
    return 0;
}

void fc__os_ending_set(unsigned ending, void *data) {
    datas[ending] = data;
    FlsSetValue(slot, data != NULL ? &datas : FlsGetValue(slot));
}

/* -- locks --------------------------------------------------------------------------------------------------------- */

_Static_assert(sizeof(SRWLOCK) <= sizeof(struct fc__os_lock), "room for the system's; zeros initialise it");

void fc__os_lock(struct fc__os_lock *lock) {
    AcquireSRWLockExclusive((SRWLOCK *)(void *)lock->system);
}

void fc__os_unlock(struct fc__os_lock *lock) {
    ReleaseSRWLockExclusive((SRWLOCK *)(void *)lock->system);
}

/* Not ExitProcess, which waits for the loader's lock. */
_Noreturn void fc__os_exit_now(int status) {
    TerminateProcess(GetCurrentProcess(), (UINT)status);
    __builtin_unreachable();
}
