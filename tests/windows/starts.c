/* tests: how this Windows, or Wine, starts programs.
 *     starts.exe FILE...
 * prints one line for each: "64 FILE" or "32 FILE", the bitness of its process, or "fails CODE FILE". Each is created
 * suspended and ended before any of its code runs. Built for i386, so that it runs on every Windows:
 *     i686-w64-mingw32-gcc -o starts.exe starts.c */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <windows.h>

static BOOL is_wow64(HANDLE process) {
    BOOL is = FALSE;
    return IsWow64Process(process, &is) && is;
}

/* On a 64-bit system, what is not WOW64 has 64 bits, and this program is WOW64. */
static int bits_of(HANDLE process) {
    return is_wow64(GetCurrentProcess()) && !is_wow64(process) ? 64 : 32;
}

int main(int argc, char **argv) {
    _setmode(_fileno(stdout), _O_BINARY);
    for (int i = 1; i < argc; i++) {
        STARTUPINFOA startup = {.cb = sizeof startup};
        PROCESS_INFORMATION made;
        if (!CreateProcessA(argv[i], NULL, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &startup, &made)) {
            printf("fails %lu %s\n", GetLastError(), argv[i]);
            continue;
        }
        printf("%d %s\n", bits_of(made.hProcess), argv[i]);
        TerminateProcess(made.hProcess, 0);
        WaitForSingleObject(made.hProcess, INFINITE);
        CloseHandle(made.hThread);
        CloseHandle(made.hProcess);
    }
    return 0;
}
