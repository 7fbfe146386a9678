/* host: what libraries that end the process call for it. */
#include "host/host.h"
#include "host/windows/fronts.h"

void WINAPI fc__host_exit_process(UINT status) {
    fc__host_report_exit(status);
    ExitProcess(status);
}

BOOL WINAPI fc__host_terminate_process(HANDLE process, UINT status) {
    if (process == GetCurrentProcess() || GetProcessId(process) == GetCurrentProcessId()) {
        fc__host_report_exit(status);
    }
    return TerminateProcess(process, status);
}
