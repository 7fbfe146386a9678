/* host: what only the Windows host has. */
#ifndef FC_HOST_WINDOWS_SYSTEM_H
#define FC_HOST_WINDOWS_SYSTEM_H

#include <stdint.h>

/* main.c: the caller, whose descriptors are opened by their numbers there. */
extern int fc__host_caller_pid;

/* report.c: the library's heap is not what it should be. */
_Noreturn void fc__host_report_heap(void);

/* imports.c: sees to it that libraries call what this program has in front of some functions of the system: all that
 * are loaded, and each that will be. Called by main. */
void fc__host_imports_begin(void);
/* The same for all that are loaded now, the one that has been opened among them. */
void fc__host_imports_watch(const void *opened);
/* What the caller is given for one of the system's functions. */
uint64_t fc__host_imports_in_front(uint64_t function);

#endif
