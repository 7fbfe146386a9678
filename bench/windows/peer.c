/* bench: the floors' other process, as a Windows program.
 *   peer.exe           answers messages of two ints from its input with their sums, until there are no more
 *   peer.exe answer    writes one byte: the least that a started program can do */
#include <string.h>
#include <windows.h>

static BOOL answer_message(HANDLE in, HANDLE out) {
    int message[2], sum;
    DWORD len;
    if (!ReadFile(in, message, sizeof message, &len, NULL) || len != sizeof message) {
        return FALSE;
    }
    sum = message[0] + message[1];
    return WriteFile(out, &sum, sizeof sum, &len, NULL);
}

int main(int argc, char **argv) {
    const HANDLE in = GetStdHandle(STD_INPUT_HANDLE), out = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD written;
    if (argc == 2 && strcmp(argv[1], "answer") == 0) {
        return WriteFile(out, "", 1, &written, NULL) ? 0 : 1;
    }
    while (answer_message(in, out)) {
    }
    return 0;
}
