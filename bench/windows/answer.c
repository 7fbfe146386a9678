/* bench: a Windows program that does nothing but answer, as the floor of a host's start. */
#include <windows.h>

int main(void) {
    DWORD written;
    return WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "", 1, &written, NULL) ? 0 : 1;
}
