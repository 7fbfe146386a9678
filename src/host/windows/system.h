/* host: what only the Windows host has. */
#ifndef FC_HOST_WINDOWS_SYSTEM_H
#define FC_HOST_WINDOWS_SYSTEM_H

#include <stdint.h>

/* main.c: the caller, whose descriptors are opened by their numbers there. */
extern int fc__host_caller_pid;

/* report.c: the library ends the process. */
void fc__host_report_exit(uint32_t status);

/* exits.c: sees to it that the libraries which are loaded cannot end the process unheard. */
void fc__host_exits_watch(void);
/* The function that the caller is given for one of the system's. */
uint64_t fc__host_exits_in_front(uint64_t function);

#endif
