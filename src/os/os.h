/* os: what this program asks of its operating system; one contract, a folder per system, chosen by the build.
 * Runs in: both processes.  Threads: any, unless said.
 * Does not: know sessions, channels or calls.
 *
 * Functions return 0 or a negative errno value, unless said otherwise. Addresses and sizes are 64 bits wide at both
 * widths, so that the two sides of a session can speak of each other's. */
#ifndef FC_OS_OS_H
#define FC_OS_OS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FC__OS_PAGE_BYTES 4096u

/* What is done without a call: each system's own. */
#ifdef _WIN32
#include "os/windows/system.h"
#else
#include "os/linux/system.h"
#endif

/* -- time, CPUs, waiting (os/linux/wait.c) ------------------------------------------------------------------------- */

/* Monotonic time. */
uint64_t fc__os_now_ns(void);

/* How many CPUs the calling thread may run on by its affinity. One system call. */
unsigned fc__os_cpus_affine(void);

/* The CPU that this thread runs on, for now: a number from 0, or UINT_MAX where none is known. */
unsigned fc__os_cpu(void);

/* Moves the calling thread to another of the CPUs that it may run on, if there is one; what it may run on stays. */
void fc__os_leave_cpu(void);

/* How many CPUs' time the process's control group may use, rounded down but at least 1; UINT_MAX without a limit.
 * Reads files: not for hot paths. */
unsigned fc__os_cpus_quota(void);

/* For waits that are no wait for anything in particular. */
void fc__os_sleep_us(unsigned us);

/* Tells the processor that this is a spinning wait. */
static inline void fc__os_relax(void) {
    __builtin_ia32_pause();
}

/* Sleeps while *word == expected, until woken or until `deadline_ns` on fc__os_now_ns's clock (0: no deadline).
 * Works across processes on shared memory. May return early: check again. 0 after a sleep, -EAGAIN where the word was
 * another already, -ETIMEDOUT after the deadline. */
int fc__os_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns);

/* Wakes every thread that sleeps on the word; one of them. */
void fc__os_wake(_Atomic uint32_t *word);
void fc__os_wake_one(_Atomic uint32_t *word);

/* -- fences on all processors (os/linux/fence.c) ------------------------------------------------------------------- */

/* A process that takes part has memory fences of others executed by its running threads as well: two sides of which one
 * is fast and one is rare can leave all fences to the rare one. */
enum fc__os_fences {
    FC__OS_FENCES_SOON, /* it is not known yet: _begin has not come to its end */
    FC__OS_FENCES_NONE, /* the system has no such thing */
    FC__OS_FENCES_WORK,
};
/* Has the process take part. May take some milliseconds, unless it has one thread only. */
void fc__os_fences_begin(void);
/* In forked children, before _begin. */
void fc__os_fences_forget(void);
enum fc__os_fences fc__os_fences_state(void);
/* A fence in this thread and in all running threads of processes that take part; nothing where there is no such
 * thing. */
void fc__os_fence(void);

/* -- jumps (os/linux/escape.c) ------------------------------------------------------------------------------------- */

/* Has `act(data)` called when the thread leaves the calling function by longjmp or by its own end, until it is popped.
 * The escape lies in the calling function's frame, which FC__OS_ESCAPES keeps on the thread's own stack: addresses
 * there say what a jump leaves. */
#define FC__OS_ESCAPES __attribute__((no_sanitize_address))
struct fc__os_escape {
    _Alignas(8) unsigned char system[4 * sizeof(void *) + 8];
};
void fc__os_escape_push(struct fc__os_escape *escape, void (*act)(void *data), void *data);
void fc__os_escape_pop(struct fc__os_escape *escape);

/* -- shared memory (os/linux/memory.c) ----------------------------------------------------------------------------- */

/* New zeroed memory that can be mapped by several processes and never shrinks or grows (it is sealed). -EFBIG beyond
 * what a file of this process may have. */
int fc__os_memory_new(uint64_t size_bytes, int *ret_fd);

/* Maps the memory at exactly `base`, shared. -EEXIST if something is there. */
int fc__os_memory_map(int fd, uint64_t base, uint64_t size_bytes);

/* Maps it at an address of the system's choice below 4 GiB; -ENOMEM if there is none. `attempt` varies the place. */
int fc__os_memory_map_low(int fd, uint64_t size_bytes, unsigned attempt, uint64_t *ret_base);
/* The same below another limit. */
int fc__os_memory_map_below(uint64_t limit, int fd, uint64_t size_bytes, unsigned attempt, uint64_t *ret_base);

/* Keeps address space that nothing may ever be mapped at. -EEXIST if something is there. */
int fc__os_memory_reserve(uint64_t base, uint64_t size_bytes);

/* Replaces what is mapped there: by a private copy-on-write mapping of the memory, for forked children; by a shared
 * one. */
int fc__os_memory_privatise(int fd, uint64_t base, uint64_t size_bytes);
int fc__os_memory_replace(int fd, uint64_t base, uint64_t size_bytes);

/* Replaces it by private zeroed memory. */
int fc__os_memory_renew(uint64_t base, uint64_t size_bytes);

/* Replaces a page by one that reads as zero, whatever is written to the memory elsewhere, and cannot be written. */
int fc__os_memory_guard(uint64_t base);

/* Private zeroed memory at any address; NULL if there is none. */
void *fc__os_memory_private(uint64_t size_bytes);
/* Copies a part of the memory to where there are zeros. Pages never written take no room on either side. */
int fc__os_memory_copy(int fd, uint64_t offset, uint64_t size_bytes, void *to);
/* Moves whole pages of private memory to another place, where they replace what is mapped. */
int fc__os_memory_move(void *from, uint64_t base, uint64_t size_bytes);

/* Maps whole pages of text, of the running program or of a library in it, once more, and behind them `data_bytes` of
 * zeroed memory to write to. It stays for good. -ENOEXEC if `text` is in neither, or its file is not what it
 * was. */
int fc__os_memory_map_text(const void *text, uint64_t text_bytes, uint64_t data_bytes, unsigned char **ret_text);

/* Ends a mapping or a reservation. */
void fc__os_memory_unmap(uint64_t base, uint64_t size_bytes);

/* Gives the pages in [offset, offset + size) back to the system; they read as zero afterwards, on both sides. */
void fc__os_memory_discard(int fd, uint64_t offset, uint64_t size_bytes);

/* The same by address, in a process that maps it; of private memory without a file. No point where threads are
 * cancelled. */
int fc__os_memory_clear(uint64_t base, uint64_t size_bytes, bool is_private);

/* How far the memory was ever written to, in bytes from its beginning; pages given back at the end do not count. */
uint64_t fc__os_memory_end_of_data(int fd, uint64_t size_bytes);

/* Whether core dumps of this process contain what is mapped there. They would fill every hole of it. */
void fc__os_memory_dump(uint64_t base, uint64_t size_bytes, bool is_dumped);

/* Keeps the calling process, if it is a 64-bit one, from mapping anything above 4 GiB from now on. */
int fc__os_memory_stay_low(void);

/* -- files --------------------------------------------------------------------------------------------------------- */

/* Closes a descriptor and sets *fd to -1; a negative one is left alone. */
void fc__os_close(int *fd);

/* For every descriptor that is kept: a program that closed 0, 1 or 2 may open them again, and means them to stay
 * closed in what it starts. Moves `fd` off them; returns it, or -errno. Negative ones pass through. */
int fc__os_off_standard(int fd);

/* A whole regular file, read-only, mapped; ended with fc__os_file_unmap. -EISDIR, -EINVAL for what is no regular
 * file. */
int fc__os_file_map(const char *path, const void **ret_data, size_t *ret_len);
void fc__os_file_unmap(const void *data, size_t len);

/* True if the path names a file that this process may execute. */
bool fc__os_file_executable(const char *path);
bool fc__os_file_exists(const char *path);

/* The path of the module (program or shared library) that contains `address`, into `buffer`. */
int fc__os_module_path(const void *address, char *buffer, size_t size);

/* -- descriptors (os/linux/descriptor.c) --------------------------------------------------------------------------- */

/* 1 if programs that this process starts have it too, 0 if not; -EBADF. */
int fc__os_fd_is_inherited(int fd);
int fc__os_fd_set_inherited(int fd, bool is_inherited);
/* Makes `to` another one of what `from` is, in place of what it was. */
int fc__os_fd_replace(int from, int to);
/* How it is open, for another process to open it so. */
struct fc__os_fd {
    bool is_inherited, is_read, is_written, appends, is_socket;
    int64_t position; /* -1: it has none */
};
int fc__os_fd_describe(int fd, struct fc__os_fd *ret_description);
void fc__os_fd_seek(int fd, int64_t position);
/* On Windows, under Wine: another one of what the descriptor `fd` of a Unix process is. */
int fc__os_unix_descriptor(int pid, int fd, bool is_read, bool is_written);
/* On Windows: makes `fd` a descriptor of the C runtime that the library imports, whose number it returns; -ENOTSUP if it
 * imports none. */
int fc__os_runtime_lend(void *library, int fd, const struct fc__os_fd *how);
/* The other way round: how it is open, and as which file, by the Unix system's number. -EBADF; -ENOTSUP: that system has
 * no such file. */
int fc__os_runtime_describe(void *library, int number, uint64_t *ret_file, struct fc__os_fd *ret_description);
/* Closes that, or what is open under the number if `fd` is negative. *ret_position is -1 if it has none. -EBADF where
 * the library has closed it. */
int fc__os_runtime_close(void *library, int number, int fd, int64_t *ret_position);

/* -- libraries of this process (os/linux/library.c) ---------------------------------------------------------------- */

/* Loads a library as the system's loader finds it, every symbol resolved now, and none of its own for others to find.
 * NULL with the loader's words in `ret_why`. Runs the library's constructors; so does closing its destructors. */
void *fc__os_library_open(const char *name, char *ret_why, size_t size);
/* The same of what is loaded already under that name; NULL if nothing is. */
void *fc__os_library_loaded(const char *name);
void fc__os_library_close(void *library);
/* The library's file; "" if the loader has no path for it. */
void fc__os_library_path(void *library, char *ret_path, size_t size);
/* The address of what the library, or one that it needs (not on Windows), exports under the name, or on Windows under
 * the number after a '#'; 0 if there is nothing. */
uint64_t fc__os_library_symbol(void *library, const char *name);

/* -- paths (os/windows/path.c) ------------------------------------------------------------------------------------- */

/* A path of UTF-8 as this system's functions of `char` take it, or back (`is_narrow` false), in place. Names that their
 * characters do not hold become the short ones that the files have beside. False: it has no such form, or does not fit. */
bool fc__os_path_narrow(char *inout_path, size_t size, bool is_narrow);

/* -- processes (os/linux/spawn.c, process.c) ----------------------------------------------------------------------- */

enum { FC__OS_SPAWN_FDS_MAX = 8 };

struct fc__os_spawn {
    const char *path;               /* of the program */
    const char *const *arguments;   /* ended by NULL */
    const char *const *environment; /* ended by NULL */
    const char *working_directory;  /* NULL: share the caller's, with its umask */
    int fds[FC__OS_SPAWN_FDS_MAX];  /* fds[i] becomes descriptor 3 + i, -1 a closed one; everything above is closed */
    unsigned fd_count;
    int prints_fd; /* in the place of its standard output and of the real stderr; none if it is not above 0 */
    _Atomic uint32_t *died_word; /* shared memory: set to died_value and woken if the program ends before _settle */
    uint32_t died_value;
    int died_bell; /* rung, too; none if it is not above 0 */
};

/* A started program that is no waitable child of this process. */
struct fc__os_process {
    int pid;
    int pidfd;      /* readable once the process has ended; -1 on systems without */
    int middle_pid; /* the go-between that still holds its exit status; 0 once settled */
    int stderr_fd;  /* what the program wrote on descriptor 2 before it took the real one; -1 once settled */
    void *shared;   /* with the go-between */
};

/* Starts the program in a session and process group of its own, with signals at their defaults and none blocked. Its
 * descriptor 2 is a file read by fc__os_spawn_failed; the real stderr follows fds as descriptor 3 + fd_count.
 * -ENOENT and the like if it could not be executed. */
int fc__os_spawn(const struct fc__os_spawn *spawn, struct fc__os_process *ret_process);

/* The program is up: tells the go-between to go. What is left of it is *ret_middle, for fc__os_spawn_reap, which waits
 * for its end; that takes some tens of microseconds, and any thread can do it. */
struct fc__os_middle {
    int pid;
    void *shared;
};
void fc__os_spawn_settle(struct fc__os_process *process, struct fc__os_middle *ret_middle);
void fc__os_spawn_reap(struct fc__os_middle *middle);

/* The program did not come up: ends it, says how it ended (a wait status, or -1 if it had to be killed) and what it
 * wrote on stderr (NUL-terminated), and frees all of `process`. */
int fc__os_spawn_failed(struct fc__os_process *process, char *ret_stderr, size_t size);

/* Kills at once; nothing happens if it has ended. */
void fc__os_process_kill(const struct fc__os_process *process);

/* True once it has ended. Waits up to timeout_ms for that. */
bool fc__os_process_ended(const struct fc__os_process *process, int timeout_ms);

/* How an ended process ended: a wait status if the system tells one that is not the parent, else -1. */
int fc__os_process_status(const struct fc__os_process *process);

/* Frees the handle, not the process. */
void fc__os_process_done(struct fc__os_process *process);

/* A descriptor that becomes readable when the process ends; -ENOSYS before Linux 5.3 and under valgrind. */
int fc__os_process_watchable(int pid, int *ret_pidfd);

/* "SIGSEGV" and the like; "signal 99" into buffer for others. */
const char *fc__os_signal_name(int signal, char *buffer, size_t size);

/* -- control connection (os/linux/control.c) ----------------------------------------------------------------------- */

/* A pair of connected descriptors that keep message boundaries. */
int fc__os_control_pair(int *ret_mine, int *ret_theirs);

/* The same for a process of another kind, which opens them by their numbers in this one: two pipes. Messages are kept
 * whole as long as they are short, no descriptor goes with them, and sending never waits. */
int fc__os_control_pipes(int *ret_send, int *ret_receive);

/* Sends one message, with a descriptor if fd >= 0. Never raises SIGPIPE. */
int fc__os_control_send(int control_fd, const void *message, size_t len, int fd);

/* Receives one message of exactly `len` bytes within the timeout (-1: none). *ret_fd is -1 if none came.
 * -EPIPE: the other side is gone. -EPROTO: another length. -ETIMEDOUT. */
int fc__os_control_receive(int control_fd, void *ret_message, size_t len, int *ret_fd, int timeout_ms);

/* Sends without waiting for room, and takes nothing: async-signal-safe. -EAGAIN where there is no room. */
int fc__os_control_send_now(int control_fd, const void *message, size_t len);

/* -- bells (os/linux/bell.c) ------------------------------------------------------------------------------------------
 * Wakes the thread that
 * watches the other end. Nothing is ever read, so who rings can do no more than that. */

/* Two descriptors of one bell: one to watch, one for another process to ring. */
int fc__os_bell_new(int *ret_watched, int *ret_rung);
/* -EBADF and the like where it is no bell any more. Never waits for room: a bell that is full has rung. */
int fc__os_bell_ring(int fd);

/* A bell that processes of another kind can use, which open it by its number in this one: a pipe. The one descriptor is
 * for both, waiting and ringing. */
int fc__os_bell_new_pipe(int *ret_fd);
/* Sleeps at a pipe until it is rung, or until `deadline_ns` (fc__os_now_ns; 0: none). 0 when it is, or had been
 * already; -ETIMEDOUT after the deadline. */
int fc__os_bell_wait(int fd, uint64_t deadline_ns);
/* A pipe that is watched holds so much: takes what was rung. */
void fc__os_bell_clear(int fd);

/* -- threads of the library's own (os/linux/thread.c) -------------------------------------------------------------- */

/* Starts a thread in which no signal is handled. It is joined in one of two ways. */
int fc__os_thread_start(void *(*run)(void *argument), void *argument, size_t stack_bytes, uint64_t *ret_thread);
void fc__os_thread_join(uint64_t thread);
/* True if it has ended; it is joined then. Does not wait. */
bool fc__os_thread_joined(uint64_t thread);

/* -- threads of a host (os/linux/host_thread.c) -------------------------------------------------------------------- */

/* Starts one that nobody joins. */
int fc__os_thread_detached(void *(*run)(void *argument), void *argument);
/* Ends the calling thread. */
_Noreturn void fc__os_thread_exit(void);
/* True in the process's first one. */
bool fc__os_thread_is_first(void);
/* What must not be left half done: until the second, the thread is neither cancelled nor taken by a signal handler. */
struct fc__os_held {
    uint64_t signals;
    int cancelling;
};
void fc__os_thread_hold(struct fc__os_held *ret_held);
void fc__os_thread_release(const struct fc__os_held *held);
/* The process's signals are for other threads than the calling one, which is the first: one is there for nothing else.
 * Those of its own faults stay. And back. */
void fc__os_signals_begin_elsewhere(void);
void fc__os_signals_end_elsewhere(void);
/* In a thread that the first one has started: they are for it, too. */
void fc__os_signals_begin_here(void);

/* Has `act(data)` called when a thread ends, if that has set `data` for it; then it is NULL again. At most 2 in a
 * process. */
int fc__os_ending_new(void (*act)(void *data), unsigned *ret_ending);
void fc__os_ending_set(unsigned ending, void *data);

/* Zeros: nobody's. */
struct fc__os_lock {
    _Alignas(8) unsigned char system[40];
};
void fc__os_lock(struct fc__os_lock *lock);
void fc__os_unlock(struct fc__os_lock *lock);

/* Ends the process at once: nothing more of it runs. */
_Noreturn void fc__os_exit_now(int status);

/* A pipe: what is to be read (which never waits), and what another process writes to. Closed by execve. */
int fc__os_pipe(int ret_fds[2]);

/* -- watching processes (os/linux/watch.c) ------------------------------------------------------------------------- */

struct fc__os_watch;
/* One thread that calls `ended(key)` once for each watched process that ends, and `rang(key)` after each ringing of a
 * watched bell, or once after several. Keys are below 2^63. */
int fc__os_watch_new(void (*ended)(uint64_t key), void (*rang)(uint64_t key), struct fc__os_watch **ret_watch);
/* `hangup_fd`, a control connection to the process, serves where the process has no pidfd. */
int fc__os_watch_add(struct fc__os_watch *watch, const struct fc__os_process *process, int hangup_fd, uint64_t key);
/* After this returns `ended` may still be running for the key: callers look the key up under their own lock. */
void fc__os_watch_remove(struct fc__os_watch *watch, const struct fc__os_process *process, int hangup_fd);
int fc__os_watch_add_bell(struct fc__os_watch *watch, int bell_fd, uint64_t key);
/* Something was left to read: `rang` comes again, if it still is. */
void fc__os_watch_again(struct fc__os_watch *watch, int bell_fd, uint64_t key);
void fc__os_watch_remove_bell(struct fc__os_watch *watch, int bell_fd);
/* Has the thread reap what a start left behind. */
void fc__os_watch_reap(struct fc__os_watch *watch, const struct fc__os_middle *middle);
/* Ends the thread and waits for it; must not be called from it. */
void fc__os_watch_free(struct fc__os_watch *watch);
/* In a forked child, where the thread does not exist: frees the rest. */
void fc__os_watch_abandon(struct fc__os_watch *watch);

#endif
