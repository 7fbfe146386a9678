/* host: start, and the control connection. */
#include "host/host.h"
#include "host/windows/system.h"

#include "os/os.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fc__host_caller_pid;

enum { ARGUMENTS = 9, THREAD_RETRY_US = 5000 };

/* "name=first,second" */
static uint64_t pair_argument(const char *argument, const char *name) {
    char first[32];
    const char *comma = strchr(argument, ',');
    const size_t len = comma != NULL ? (size_t)(comma - argument) : 0;
    if (len < sizeof first) {
        memcpy(first, argument, len);
        first[len] = '\0';
    }
    const uint64_t low = fc__host_number(len < sizeof first ? first : "", name);
    return low | fc__host_number(comma, ",") << 32;
}

static int open_descriptor(uint64_t number, bool is_read, bool is_written) {
    const int fd = fc__os_unix_descriptor(fc__host_caller_pid, (int)(uint32_t)number, is_read, is_written);
    if (fd < 0) {
        fc__host_cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot open the caller's descriptors");
    }
    return fd;
}

static void say_hello(struct fc_wire_line *line, uint64_t bells) {
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, 0, false);
    fc__host_bells_open(bells, &waiter);
    fc__wire_pass(line, &waiter, 0, FC__WIRE_OP_DONE); /* up; its thread comes next */
    fc__host_bells_close(&waiter);
}

static _Noreturn void serve_control(int receive_fd) {
    for (;;) {
        struct fc_wire_control message;
        const int rc = fc__os_control_receive(receive_fd, &message, sizeof message, NULL, -1);
        if (rc == -EPIPE) { /* the caller's end */
            fc__os_exit_now(0);
        }
        if (rc != 0) {
            fc__host_report_end(FC__WIRE_END_DESCRIPTORS);
        }
        fc__host_obey(&message, -1);
        while (fc__host_serve_again()) {
            fc__os_sleep_us(THREAD_RETRY_US);
        }
    }
}

int main(int argc, char **argv) {
    char *none[ARGUMENTS] = {"", "", "", "", "", "", "", "", ""}, **arguments = argc == ARGUMENTS ? argv : none;
    fc__host_report_install();
    fc__host_caller_pid = (int)fc__host_number(arguments[1], "caller=");
    const uint64_t base = fc__host_number(arguments[2], "memory=");
    const uint64_t size_bytes = fc__host_number(arguments[3], "bytes=");
    const uint64_t greeting = fc__host_number(arguments[4], "greeting=");
    const uint64_t control = pair_argument(arguments[5], "control=");
    const int receive_fd = open_descriptor(control, true, false);
    fc__host.control_fd = open_descriptor(control >> 32, false, true);
    fc__host_begin(open_descriptor(fc__host_number(arguments[6], "shared="), true, true), base, size_bytes);
    const uint64_t heap = fc__host_number(arguments[8], "heap=");
    if (fc__host.header->heap_bytes != 0) {
        fc__host_begin_heap(open_descriptor(heap, true, true));
    }
    fc__host_imports_begin();
    fc__host_serve_install();
    fc__host_foreign_install();
    say_hello((struct fc_wire_line *)(uintptr_t)greeting, pair_argument(arguments[7], "bells="));
    serve_control(receive_fd);
}
