/* os: descriptors, which are handles here: of a caller that is a Unix program, opened by their numbers there. */
#include "os/windows/windows.h"

#include <errno.h>

/* Wine's own name for what the Unix system has; it is wineserver that opens it. */
int fc__os_unix_descriptor(int pid, int fd, bool is_read, bool is_written) {
    wchar_t path[64];
    swprintf(path, sizeof path / sizeof *path, L"\\\\?\\unix\\proc\\%d\\fd\\%d", pid, fd);
    const DWORD access = (is_read ? GENERIC_READ : 0u) | (is_written ? GENERIC_WRITE : 0u);
    const HANDLE handle = CreateFileW(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    return handle != INVALID_HANDLE_VALUE ? fc__windows_fd(handle) : fc__windows_errno(GetLastError());
}

void fc__os_close(int *fd) {
    if (*fd >= 0) {
        CloseHandle(fc__windows_handle(*fd));
    }
    *fd = -1;
}

int fc__os_control_receive(int control_fd, void *ret_message, size_t len, int *ret_fd, int timeout_ms) {
    (void)timeout_ms;
    for (size_t got = 0; got < len;) {
        DWORD more = 0;
        if (!ReadFile(fc__windows_handle(control_fd), (char *)ret_message + got, (DWORD)(len - got), &more, NULL)) {
            return fc__windows_errno(GetLastError());
        }
        if (more == 0) { /* how a Unix pipe ends */
            return -EPIPE;
        }
        got += more;
    }
    if (ret_fd != NULL) {
        *ret_fd = -1;
    }
    return 0;
}

int fc__os_control_send(int control_fd, const void *message, size_t len, int fd) {
    DWORD sent;
    if (fd >= 0) {
        return -ENOTSUP;
    }
    return WriteFile(fc__windows_handle(control_fd), message, (DWORD)len, &sent, NULL)
               ? 0
               : fc__windows_errno(GetLastError());
}

int fc__os_bell_ring(int fd) {
    DWORD sent;
    return WriteFile(fc__windows_handle(fd), "", 1, &sent, NULL) ? 0 : fc__windows_errno(GetLastError());
}

int fc__os_bell_wait(int fd, uint64_t deadline_ns) {
    char rings[64];
    DWORD len = 0;
    (void)deadline_ns; /* a host waits for as long as it takes */
    return ReadFile(fc__windows_handle(fd), rings, sizeof rings, &len, NULL) && len != 0 ? 0 : -EPIPE;
}
