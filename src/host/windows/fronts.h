/* host: functions that libraries call in place of the system's (imports.c). */
#ifndef FC_HOST_WINDOWS_FRONTS_H
#define FC_HOST_WINDOWS_FRONTS_H

#include <windows.h>

/* exits.c */
void WINAPI fc__host_exit_process(UINT status);
BOOL WINAPI fc__host_terminate_process(HANDLE process, UINT status);

/* heap.c. The first is for C runtimes, the second for others. */
void *WINAPI fc__host_heap_alloc_for_runtime(HANDLE heap, DWORD flags, SIZE_T size);
void *WINAPI fc__host_heap_alloc(HANDLE heap, DWORD flags, SIZE_T size);
void *WINAPI fc__host_heap_realloc(HANDLE heap, DWORD flags, void *memory, SIZE_T size);
BOOL WINAPI fc__host_heap_free(HANDLE heap, DWORD flags, void *memory);
SIZE_T WINAPI fc__host_heap_size(HANDLE heap, DWORD flags, const void *memory);
BOOL WINAPI fc__host_heap_validate(HANDLE heap, DWORD flags, const void *memory);

#endif
