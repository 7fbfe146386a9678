/* host: what only the Linux host has. */
#ifndef FC_HOST_LINUX_SYSTEM_H
#define FC_HOST_LINUX_SYSTEM_H

/* main.c: a pidfd of the caller; -1 if there is none. */
extern int fc__host_caller_fd;

/* fork.c: what becomes of the host in processes that a library forks. */
void fc__host_fork_install(void);

#endif
