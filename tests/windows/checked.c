/* What tests/windows/on_windows.c calls: a function of each convention, errors, and ends. */
#include <errno.h>
#include <stdlib.h>
#include <windows.h>

#define API __declspec(dllexport)

API int __cdecl by_cdecl(int a, char b, long long c, double d) {
    return a + 2 * b + (int)c + (int)(d * 8);
}
API int __stdcall by_stdcall(int a, char b, long long c, double d) {
    return a + 2 * b + (int)c + (int)(d * 8) + 1;
}
API int __attribute__((fastcall)) by_fastcall(int a, char b, long long c, double d) {
    return a + 2 * b + (int)c + (int)(d * 8) + 2;
}
API int __attribute__((thiscall)) by_thiscall(int a, char b, long long c, double d) {
    return a + 2 * b + (int)c + (int)(d * 8) + 3;
}
API int leave_errors(int number, int last) {
    errno = number;
    SetLastError((DWORD)last);
    return -1;
}
API int read_at(volatile int *address) {
    return *address;
}
API int end_with(int status) {
    exit(status);
}
