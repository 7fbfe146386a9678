/* host: start, and the control connection. */
#include "host/heap.h"
#include "host/host.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct fc__host fc__host;

enum { THREAD_RETRY_MS = 5 };

/* Says on stderr, which the caller reads while the host starts, why it cannot. */
static _Noreturn void cannot_start(int status, const char *why) {
    dprintf(STDERR_FILENO, "farcall-host: %s\n", why);
    syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

static uint64_t number_argument(int argc, char **argv, int index, const char *name) {
    size_t len = strlen(name);
    if (index < argc && strncmp(argv[index], name, len) == 0) {
        char *end;
        errno = 0;
        uint64_t number = strtoull(argv[index] + len, &end, 0);
        if (errno == 0 && *end == '\0' && end != argv[index] + len) {
            return number;
        }
    }
    cannot_start(FC__WIRE_EXIT_USAGE, "this program is started by libfarcall, not by hand");
}

static void map_first_memory(uint64_t base, uint64_t size_bytes) {
    int rc = fc__host_memory_add(FC__WIRE_FD_MEMORY, base, size_bytes);
    if (rc == -EEXIST) {
        cannot_start(FC__WIRE_EXIT_PLACE, "the shared memory's place is taken");
    }
    if (rc != 0) {
        cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot map the shared memory");
    }
    struct fc_wire_header *header = (struct fc_wire_header *)(uintptr_t)base;
    if (header->magic != FC__WIRE_MAGIC || header->version != FC__WIRE_VERSION) {
        cannot_start(FC__WIRE_EXIT_VERSION, "this host and the calling library are of different versions");
    }
    if (fc__os_memory_reserve(header->token_base, header->token_bytes) != 0) {
        cannot_start(FC__WIRE_EXIT_PLACE, "the token range's place is taken");
    }
    fc__host.header = header;
}

static void map_heap(const struct fc_wire_header *header) {
    const uint64_t base = header->heap_base, size_bytes = header->heap_bytes;
    for (unsigned i = 0; i < FC__WIRE_DEAD_HEAPS; i++) {
        if (header->dead_heaps[i].size_bytes != 0 &&
            fc__os_memory_reserve(header->dead_heaps[i].base, header->dead_heaps[i].size_bytes) != 0) {
            cannot_start(FC__WIRE_EXIT_PLACE, "the place of an earlier host's heap is taken");
        }
    }
    if (size_bytes == 0) {
        return;
    }
    int rc = fc__os_memory_map(FC__WIRE_FD_HEAP, base, size_bytes);
    if (rc == -EEXIST || rc == -ENOMEM) { /* the next attempt is made with less */
        cannot_start(FC__WIRE_EXIT_PLACE, "there is no room for the heap");
    }
    if (rc != 0 || fc__host_heap_begin(FC__WIRE_FD_HEAP, base, size_bytes - FC__OS_PAGE_BYTES) != 0) {
        cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot map the heap");
    }
}

static void take_descriptors(int caller_pid) {
    /* Until here stderr was a file that the caller reads if the start fails; now the library gets the real one. */
    if (dup2(FC__WIRE_FD_STDERR, STDERR_FILENO) < 0) {
        close(STDERR_FILENO);
    }
    close(FC__WIRE_FD_STDERR);
    int caller_fd = FC__WIRE_FD_CALLER;
    if (fcntl(caller_fd, F_GETFD) < 0 && fc__os_process_watchable(caller_pid, &caller_fd) != 0) {
        caller_fd = -1; /* the end of the connection has to do */
    }
    for (int fd = FC__WIRE_FD_CONTROL; fd <= FC__WIRE_FD_HEAP; fd++) {
        fcntl(fd, F_SETFD, FD_CLOEXEC); /* programs that a library starts do not keep the session */
    }
    fc__host.control_fd = FC__WIRE_FD_CONTROL;
    fc__host.caller_fd = caller_fd;
}

/* A descriptor of the caller's becomes one of the library's. */
static void take_lent(int fd, bool is_inherited) {
    int rc = fd >= 0 ? fc__os_fd_set_inherited(fd, is_inherited) : -EMFILE;
    struct fc_wire_control reply = {
        .kind = rc == 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED, .status = rc, .address = (uint64_t)fd};
    if (rc != 0) {
        fc__os_close(&fd);
    }
    fc__os_control_send(fc__host.control_fd, &reply, sizeof reply, -1);
}

/* And the other way round. The caller has it closed when it has it. */
static void send_fetched(int fd) {
    const int inherited = fc__os_fd_is_inherited(fd);
    struct fc_wire_control reply = {.kind = inherited >= 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED,
                                    .status = inherited < 0 ? inherited : 0,
                                    .size_bytes = inherited > 0};
    fc__os_control_send(fc__host.control_fd, &reply, sizeof reply, inherited >= 0 ? fd : -1);
}

static void answer(uint32_t kind, int status, uint64_t address) {
    struct fc_wire_control reply = {.kind = kind, .status = status, .address = address};
    fc__os_control_send(fc__host.control_fd, &reply, sizeof reply, -1);
}

static void obey(const struct fc_wire_control *message, int fd) {
    int rc;
    uint64_t base = message->address;
    switch (message->kind) {
    case FC__WIRE_CONTROL_CHANNEL:
        fc__host_serve((struct fc_wire_line *)(uintptr_t)message->address);
        break;
    case FC__WIRE_CONTROL_MAP:
        rc = fc__host_memory_map(fd, message->size_bytes, &base);
        answer(rc == 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED, rc, base);
        fd = rc == 0 ? -1 : fd;
        break;
    case FC__WIRE_CONTROL_UNMAP:
        rc = fc__host_memory_unmap(base);
        answer(rc == 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED, rc, 0);
        break;
    case FC__WIRE_CONTROL_LEND:
        take_lent(fd, message->size_bytes != 0);
        fd = -1;
        break;
    case FC__WIRE_CONTROL_FETCH:
        send_fetched((int)message->address);
        break;
    case FC__WIRE_CONTROL_CLOSE:
        rc = close((int)message->address) == 0 ? 0 : -errno;
        answer(rc == 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED, rc, 0);
        break;
    case FC__WIRE_CONTROL_BELL:
        fc__host_foreign_bell(fd);
        fd = -1;
        break;
    case FC__WIRE_CONTROL_DISPATCHER:
        fc__host_foreign_add((struct fc_wire_line *)(uintptr_t)message->address);
        break;
    case FC__WIRE_CONTROL_EXIT:
        atomic_store(&fc__host.is_ending, true);
        exit(EXIT_SUCCESS); /* as a program ends: destructors, atexit, buffered output */
    default:
        answer(FC__WIRE_CONTROL_FAILED, -EPROTO, 0);
    }
    fc__os_close(&fd);
}

/* The caller's end, however it came: its pidfd, or the control connection where it executed another program. */
static _Noreturn void end_with_caller(void) {
    syscall(SYS_exit_group, 0);
    __builtin_unreachable();
}

static void receive(void) {
    struct fc_wire_control message;
    int fd = -1;
    int rc = fc__os_control_receive(fc__host.control_fd, &message, sizeof message, &fd, -1);
    if (rc == -EPIPE) {
        end_with_caller();
    }
    if (rc != 0) { /* the descriptor is no longer what it was */
        fc__host_report_end(FC__WIRE_END_DESCRIPTORS);
    }
    obey(&message, fd);
}

int main(int argc, char **argv) {
    uint64_t caller_pid = number_argument(argc, argv, 1, "caller=");
    uint64_t base = number_argument(argc, argv, 2, "memory=");
    uint64_t size_bytes = number_argument(argc, argv, 3, "bytes=");
    uint64_t greeting = number_argument(argc, argv, 4, "greeting=");
    map_first_memory(base, size_bytes);
    map_heap(fc__host.header);
    take_descriptors((int)caller_pid);
    fc__os_memory_stay_low();
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what a library prints appears in the order of calls */
    fc__host_memory_install();
    fc__host_report_install();
    fc__host_serve_install();
    fc__host_foreign_install();
    fc__wire_pass((struct fc_wire_line *)(uintptr_t)greeting, NULL, 0,
                  FC__WIRE_OP_DONE); /* up; its thread comes next */
    for (;;) {
        struct pollfd watched[] = {{.fd = fc__host.control_fd, .events = POLLIN},
                                   {.fd = fc__host.caller_fd, .events = POLLIN}};
        if (poll(watched, 2, fc__host_serve_again() ? THREAD_RETRY_MS : -1) < 0) {
            continue;
        }
        if (((watched[0].revents | watched[1].revents) & POLLNVAL) != 0) {
            fc__host_report_end(FC__WIRE_END_DESCRIPTORS);
        }
        if (watched[1].revents != 0) {
            end_with_caller();
        }
        if (watched[0].revents != 0) {
            receive();
        }
    }
}
