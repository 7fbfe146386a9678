/* A Windows library whose host cannot end in an orderly way. */
#include <windows.h>

#include <stdint.h>

#define API __declspec(dllexport)

API int add(int a, int b) {
    return a + b;
}

/* Says that it is there, and never comes back. */
API void spin(int (*is_there)(void)) {
    is_there();
    for (volatile unsigned turns = 0;; turns++) {
    }
}

typedef LONG NTAPI lock_loader(ULONG flags, ULONG *ret_state, ULONG_PTR *ret_cookie);
static HANDLE held;
static DWORD WINAPI hold(void *argument) {
    ULONG_PTR cookie;
    lock_loader *lock = (lock_loader *)(uintptr_t)GetProcAddress(GetModuleHandleA("ntdll.dll"), "LdrLockLoaderLock");
    (void)argument;
    if (lock == NULL || lock(0, NULL, &cookie) != 0) {
        return 1;
    }
    SetEvent(held);
    Sleep(INFINITE);
    return 0;
}

/* A thread has the loader's lock from now on: no library is opened or closed, and ExitProcess does not return. */
API int hold_loader_lock(void) {
    held = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, hold, NULL, 0, NULL);
    HANDLE either[] = {held, thread};
    return WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0;
}

API void end_thread(int status) {
    ExitThread((DWORD)status);
}
