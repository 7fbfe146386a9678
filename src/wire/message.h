/* wire: what a session's two processes tell each other besides calls (docs/protocol.md is normative).
 * Runs in: both processes.  Threads: one writer per field.
 * Does not: carry anything on the call path. */
#ifndef FC_WIRE_MESSAGE_H
#define FC_WIRE_MESSAGE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define FC__WIRE_VERSION 1u
#define FC__WIRE_MAGIC 0x6c6c6163u /* "call" */

/* Descriptors that a host is started with; the real stderr follows them. */
enum {
    FC__WIRE_FD_CONTROL = 3,
    FC__WIRE_FD_MEMORY = 4,
    FC__WIRE_FD_CALLER = 5,
    FC__WIRE_FD_HEAP = 6,
    FC__WIRE_FD_STDERR = 7
};

/* Exit statuses of a host that cannot start; the caller knows them. */
enum { FC__WIRE_EXIT_USAGE = 120, FC__WIRE_EXIT_PLACE = 121, FC__WIRE_EXIT_VERSION = 122, FC__WIRE_EXIT_SYSTEM = 123 };

/* How a host ended, written by the host while it ends. */
enum fc__wire_end {
    FC__WIRE_END_UNKNOWN = 0,
    FC__WIRE_END_SIGNAL = 1,      /* code: the signal */
    FC__WIRE_END_EXIT = 2,        /* code: the status; the library called exit, _exit or quick_exit */
    FC__WIRE_END_THREAD = 3,      /* the library ended the thread that called it */
    FC__WIRE_END_DESCRIPTORS = 4, /* the library closed or replaced the control connection */
    FC__WIRE_END_NO_BELL = 5,     /* a thread that the library made called back, and the caller cannot be asked */
    FC__WIRE_END_EXCEPTION = 6,   /* code: the bits of Windows' exception code */
};
#define FC__WIRE_MODULE_BYTES 232u
struct fc_wire_report {
    uint32_t end;
    int32_t code;
    uint64_t line;          /* the channel whose thread it was, 0 if none */
    uint64_t fault_address; /* of SIGSEGV, SIGBUS, SIGILL, SIGFPE */
    uint64_t instruction;
    uint64_t module_offset;             /* of the instruction, from the module's first mapping */
    char module[FC__WIRE_MODULE_BYTES]; /* path, its end if it is longer; may lack a NUL */
};
_Static_assert(sizeof(struct fc_wire_report) == 272, "same at both widths");

/* Heaps of a session's dead hosts whose addresses are not used again. */
enum { FC__WIRE_DEAD_HEAPS = 4 };

/* The first page of a session's first memory. */
struct fc_wire_header {
    uint32_t magic;
    uint32_t version;
    uint32_t spin_us;         /* caller: the host's waiting policy */
    uint32_t quota_is_scarce; /* caller: the control group allows at most one CPU's time */
    uint64_t memory_base;     /* caller: where both sides map this memory */
    uint64_t memory_bytes;
    uint64_t token_base; /* caller: address space that the host reserves and never maps */
    uint64_t token_bytes;
    uint64_t
        heap_base; /* caller: where both sides map the memory of the host's malloc; the last page is no part of it */
    uint64_t heap_bytes;                 /* 0: there is none */
    _Atomic uint32_t dispatchers_wanted; /* host: how many it has asked for in all; in a line of its own */
    uint32_t reserved[15];
    struct fc_wire_report report; /* host */
    struct {
        uint64_t base, size_bytes;
    } dead_heaps[FC__WIRE_DEAD_HEAPS]; /* caller: address space that the host reserves and never maps; 0, 0: none */
};
_Static_assert(offsetof(struct fc_wire_header, dispatchers_wanted) == 64, "same at both widths");
_Static_assert(offsetof(struct fc_wire_header, report) == 128, "same at both widths");
_Static_assert(sizeof(struct fc_wire_header) == 464, "same at both widths");

/* The most dispatchers that a caller makes for one session: so many of the library's own threads call back at once,
 * others wait. */
#define FC__WIRE_DISPATCHERS_MAX 256u

/* Control messages, in both directions, of this one size. */
enum fc__wire_control_kind {
    FC__WIRE_CONTROL_CHANNEL = 1, /* caller: start a thread that serves the channel at address; no reply */
    FC__WIRE_CONTROL_MAP = 2,     /* caller, with a descriptor: map size bytes at address (0: where you like) */
    FC__WIRE_CONTROL_UNMAP = 3,   /* caller: end the mapping at address */
    FC__WIRE_CONTROL_EXIT = 4,    /* caller: run destructors and exit; no reply */
    FC__WIRE_CONTROL_BELL = 5,    /* caller, with a descriptor: to ask for dispatchers with; none: do not; no reply */
    FC__WIRE_CONTROL_DISPATCHER = 6, /* caller: at address is the channel of a new dispatcher; no reply */
    FC__WIRE_CONTROL_LEND =
        7, /* caller, with a descriptor: keep it; size_bytes 1: programs that you start have it too */
    FC__WIRE_CONTROL_FETCH = 8, /* caller: send the descriptor with the number address */
    FC__WIRE_CONTROL_CLOSE = 9, /* caller: close the descriptor with the number address */
    /* host: address, for MAP; for LEND the number; for FETCH with a descriptor, and size_bytes as for LEND */
    FC__WIRE_CONTROL_DONE = 32,
    FC__WIRE_CONTROL_FAILED = 33, /* host: status is a negative errno */
};
/* Of LEND to a Windows program, which opens the descriptor itself: how, in size_bytes; the position above. */
enum {
    FC__WIRE_LENT_INHERITED = 1,
    FC__WIRE_LENT_READ = 2,
    FC__WIRE_LENT_WRITTEN = 4,
    FC__WIRE_LENT_APPENDS = 8,
    FC__WIRE_LENT_HAS_POSITION = 16,
    FC__WIRE_LENT_POSITION_SHIFT = 8,
};
struct fc_wire_control {
    uint32_t kind;
    int32_t status;
    uint64_t address;
    uint64_t size_bytes;
};
_Static_assert(sizeof(struct fc_wire_control) == 24, "same at both widths");

#endif
