/* host: the process that loads libraries of its own bitness and runs frames for its caller.
 *   linux/, windows/  main, and what each system has of its own; the build chooses one of them
 * Runs in: the host only.  Threads: main serves the control connection; one thread serves each channel.
 * Does not: know types, parse, or allocate on the call path. */
#ifndef FC_HOST_HOST_H
#define FC_HOST_HOST_H

#include "os/os.h"
#include "wire/channel.h"
#include "wire/message.h"

#include <stdatomic.h>
#include <stdbool.h>

/* The whole state of a host. Set up by main before any other thread, except for the memories. */
struct fc__host {
    struct fc_wire_header *header;
    int control_fd;
    _Atomic bool calls_back; /* there are trampolines: calls may have to be unwound */
    _Atomic bool is_ending;  /* the caller has closed the session: only destructors run */
    bool is_forked;          /* this is a process that a library forked: nobody's host */
};
extern struct fc__host fc__host;

/* 8 bytes that were just written in two pieces: who reads them in one, as compilers like to on i386, waits until both
 * have reached the cache. Volatile keeps them from that. */
typedef uintptr_t __attribute__((may_alias)) fc__host_word;
static inline void fc__host_copy_8(uint64_t *to, const uint64_t *from) {
    volatile fc__host_word *const words = (volatile fc__host_word *)to;
    words[0] = ((const fc__host_word *)from)[0];
    if (sizeof *words < sizeof *to) {
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): half of what was stored whole */
        words[1] = ((const fc__host_word *)from)[1];
    }
}
/* The same for what is made of two pieces, which compilers like to put together in a vector first. */
static inline void fc__host_store_8(uint64_t *to, uint64_t value) {
    volatile fc__host_word *const words = (volatile fc__host_word *)to;
    words[0] = (fc__host_word)value;
    if (sizeof *words < sizeof *to) {
        words[1] = (fc__host_word)(value >> 32);
    }
}

/* What a thread is doing, for crash reports. */
extern _Thread_local struct fc_wire_line *fc__host_line;
/* It runs the library's code: the line is the host's, and holds nothing that is still needed. Signal handlers, which may
 * call back, find it otherwise where the host's own code was interrupted. */
extern _Thread_local volatile bool fc__host_in_library;
static inline void fc__host_enter_library(bool is_in_library) {
    atomic_signal_fence(memory_order_seq_cst);
    fc__host_in_library = is_in_library;
    atomic_signal_fence(memory_order_seq_cst);
}
/* The call that it is in has data there: see FC__FRAME_HAS_DATA. */
extern _Thread_local bool fc__host_has_data;
/* How it waits for its turn. */
extern _Thread_local struct fc__wire_waiter *fc__host_waiter;
/* Where its errors lie, which is asked once. */
extern _Thread_local struct fc__os_errors fc__host_errors;

/* control.c: what `argument` says behind its name; a host that is started in another way says so and ends. */
uint64_t fc__host_number(const char *argument, const char *name);
/* Maps the session's first memory, and keeps what must stay unmapped. */
void fc__host_begin(int fd, uint64_t base, uint64_t size_bytes);
/* Maps the libraries' heap, as the session's first memory describes it. */
void fc__host_begin_heap(int fd);
/* Says on stderr, which the caller reads while the host starts, why it cannot. */
_Noreturn void fc__host_cannot_start(int status, const char *why);
/* Does what a message says; the descriptor that came with it, or -1, is the host's then. */
void fc__host_obey(const struct fc_wire_control *message, int fd);
/* Answers a request with DONE, or where `status` is not 0 with FAILED. */
void fc__host_answer(int status, uint64_t address);

/* Each system's descriptor.c. How a thread sleeps and wakes its caller, as the message about its channel says; nothing
 * on systems where processes can sleep on the same word. */
void fc__host_bells_open(uint64_t bells, struct fc__wire_waiter *waiter);
void fc__host_bells_close(struct fc__wire_waiter *waiter);
/* The descriptor that a message is about; -1 or another negative value if there is none. `fd`: what came with it. */
int fc__host_descriptor(const struct fc_wire_control *message, int fd);
/* LEND, FETCH and CLOSE, with their answers. */
void fc__host_lent(const struct fc_wire_control *message, int fd);

/* Each system's library.c. A library's handle, and where it was found in `ret_text`; 0, and there why not. */
uint64_t fc__host_library_open(const char *name, char *ret_text, size_t size);
/* The address of what it exports; 0, and why not. */
uint64_t fc__host_library_symbol(uint64_t library, const char *name, char *ret_why, size_t size);
bool fc__host_library_close(uint64_t library, char *ret_why, size_t size);

/* serve.c: starts a thread that serves a channel; where there can be none, answers on the channel itself. Called by
 * main. */
void fc__host_serve(struct fc_wire_line *line, uint64_t bells);
/* Once more for the channels that have neither yet. True while there are any: to be called again soon. */
bool fc__host_serve_again(void);
void fc__host_serve_install(void);

/* In an upcall: serves what the caller asks, first with this turn, until its answer is there. */
void fc__host_serve_until_answer(struct fc_wire_line *line, uint32_t turn);

/* Makes the calling thread one that uses the channel for an upcall, and undoes that. */
struct fc__host_interrupted {
    struct fc_wire_line *line;
    struct fc__wire_waiter *waiter;
    void *calls;
};
struct fc__host_interrupted fc__host_serve_begin(struct fc_wire_line *line, struct fc__wire_waiter *waiter);
void fc__host_serve_end(const struct fc__host_interrupted *before);

/* foreign.c: threads that the library made. What the caller sends: a bell (negative: there will be none), the channels
 * of dispatchers. */
void fc__host_foreign_install(void);
void fc__host_foreign_bell(int fd);
void fc__host_foreign_add(struct fc_wire_line *line, uint64_t bells);
/* Waits until the first has come: from then on signal handlers may call back. */
void fc__host_foreign_await_bell(void);
/* The calling thread's, for one upcall; waits until there is one. *ret_outer: the one of the upcall that a signal handler
 * has interrupted, if any. */
struct fc__host_foreign;
struct fc_wire_line *fc__host_foreign_begin(struct fc__wire_waiter **ret_waiter, struct fc__host_foreign **ret_outer);
void fc__host_foreign_end(struct fc__host_foreign *outer);
/* The dispatcher of the calling thread, which is in an upcall, is there no more. Nothing in a thread without one. */
void fc__host_foreign_forget(void);
/* In a process that a library forked. */
void fc__host_foreign_forked(void);

/* upcall.c: a trampoline, a function of the host that calls the caller's function `id` with a frame of the shape `info`
 * (abi/trampoline.S). `gathers`: with FC__FRAME_GATHERS. */
struct fc__gathers;
int fc__host_trampoline_new(uint32_t id, uint32_t info, const struct fc__gathers *gathers, uint64_t *ret_address);

/* Words of the library for the caller's log; nothing where the caller cannot be asked. */
void fc__host_log(const char *text);

/* report.c: how this process ends, for the caller's error text. The report to be filled; NULL if it is not the calling
 * thread's to write. */
struct fc_wire_report *fc__host_report_begin(void);
void fc__host_report_done(struct fc_wire_report *report, enum fc__wire_end end);
/* The process is ending by itself, with that status. */
void fc__host_report_exit(uint32_t status);
/* Ends the process at once and says why. */
_Noreturn void fc__host_report_end(enum fc__wire_end end);

/* Each system's report.c: notices that this process ends. */
void fc__host_report_install(void);
/* A number of the calling thread; 0 if what it does ends no host. */
uint32_t fc__host_report_thread(void);
/* Gives the calling thread a stack for its signal handlers. */
void fc__host_report_thread_begin(void);
void fc__host_report_thread_end(void);

/* memory.c: memories shared with the caller. */
int fc__host_memory_add(int fd, uint64_t base, uint64_t size_bytes);
int fc__host_memory_map(int fd, uint64_t size_bytes, uint64_t *inout_base);
int fc__host_memory_unmap(uint64_t base);
/* Keeps the memories from changing; does something to each meanwhile. */
void fc__host_memory_hold(void);
void fc__host_memory_release(void);
void fc__host_memory_each_held(int (*act)(int fd, uint64_t base, uint64_t size_bytes));

#endif
