/* host: the process that loads libraries of its own bitness and runs frames for its caller.
 * Runs in: the host only.  Threads: main serves the control connection; one thread serves each channel.
 * Does not: know types, parse, or allocate on the call path. */
#ifndef FC_HOST_HOST_H
#define FC_HOST_HOST_H

#include "wire/channel.h"
#include "wire/message.h"

#include <stdatomic.h>
#include <stdbool.h>

/* The whole state of a host. Set up by main before any other thread, except for the memories. */
struct fc__host {
    struct fc_wire_header *header;
    int control_fd, caller_fd;
    _Atomic bool calls_back; /* there are trampolines: calls may have to be unwound */
    _Atomic bool is_ending;  /* the caller has closed the session: only destructors run */
    bool is_forked;          /* this is a process that a library forked: nobody's host */
};
extern struct fc__host fc__host;

/* What a thread is doing, for crash reports. */
extern _Thread_local struct fc_wire_line *fc__host_line;
/* How it waits for its turn. */
extern _Thread_local struct fc__wire_waiter *fc__host_waiter;

/* serve.c: starts a thread that serves a channel; where there can be none, answers on the channel itself. */
void fc__host_serve(struct fc_wire_line *line);
/* Once more for the channels that have neither yet. True while there are any: to be called again soon. */
bool fc__host_serve_again(void);
void fc__host_serve_install(void);

/* In an upcall: serves what the caller asks, first with this turn, until its answer is there. */
void fc__host_serve_until_answer(struct fc_wire_line *line, uint32_t turn);

/* Makes the calling thread one that uses the channel for an upcall, and undoes that. */
void fc__host_serve_begin(struct fc_wire_line *line, struct fc__wire_waiter *waiter);
void fc__host_serve_end(void);

/* foreign.c: threads that the library made. What the caller sends: a bell (negative: there will be none), the channels
 * of dispatchers. */
void fc__host_foreign_install(void);
void fc__host_foreign_bell(int fd);
void fc__host_foreign_add(struct fc_wire_line *line);
/* The calling thread's, for one upcall; waits until there is one. */
struct fc_wire_line *fc__host_foreign_begin(struct fc__wire_waiter **ret_waiter);
void fc__host_foreign_end(void);
/* The dispatcher of the calling thread, which is in an upcall, is there no more. Nothing in a thread without one. */
void fc__host_foreign_forget(void);

/* upcall.c: a trampoline, a function of the host that calls the caller's function `id` with a frame of the shape `info`
 * (abi/trampoline.S). */
int fc__host_trampoline_new(uint32_t id, uint32_t info, uint64_t *ret_address);

/* report.c: records how this process ends. */
void fc__host_report_install(void);
/* Ends the process at once and says why. */
_Noreturn void fc__host_report_end(enum fc__wire_end end);
/* Gives the calling thread a stack for its signal handlers. */
void fc__host_report_thread_begin(void);
void fc__host_report_thread_end(void);

/* memory.c: memories shared with the caller. */
int fc__host_memory_add(int fd, uint64_t base, uint64_t size_bytes);
int fc__host_memory_map(int fd, uint64_t size_bytes, uint64_t *inout_base);
int fc__host_memory_unmap(uint64_t base);
void fc__host_memory_install(void);

#endif
