/* host: start, and the control connection. */
#include "host/host.h"
#include "host/linux/system.h"

#include "os/os.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int fc__host_caller_fd;

enum { THREAD_RETRY_MS = 5 };

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
    fc__host_caller_fd = caller_fd;
}

/* The caller's end, however it came: its pidfd, or the control connection where it executed another program. */
static _Noreturn void end_with_caller(void) {
    fc__os_exit_now(0);
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
    fc__host_obey(&message, fd);
}

int main(int argc, char **argv) {
    char *none[] = {argv[0], "", "", "", ""}, **arguments = argc >= 5 ? argv : none;
    const uint64_t caller_pid = fc__host_number(arguments[1], "caller=");
    const uint64_t base = fc__host_number(arguments[2], "memory=");
    const uint64_t size_bytes = fc__host_number(arguments[3], "bytes=");
    const uint64_t greeting = fc__host_number(arguments[4], "greeting=");
    fc__host_begin(FC__WIRE_FD_MEMORY, base, size_bytes);
    if (fc__host.header->heap_bytes != 0) {
        fc__host_begin_heap(FC__WIRE_FD_HEAP);
    }
    take_descriptors((int)caller_pid);
    fc__os_memory_stay_low();
    fc__os_fences_begin();
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what a library prints appears in the order of calls */
    fc__host_fork_install();
    fc__host_report_install();
    fc__host_serve_install();
    fc__host_foreign_install();
    fc__wire_pass((struct fc_wire_line *)(uintptr_t)greeting, NULL, 0,
                  FC__WIRE_OP_DONE); /* up; its thread comes next */
    for (;;) {
        struct pollfd watched[] = {{.fd = fc__host.control_fd, .events = POLLIN},
                                   {.fd = fc__host_caller_fd, .events = POLLIN}};
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
