/* host: descriptors that come with messages, and those that the caller lends to libraries. */
#include "host/host.h"

#include "os/os.h"

#include <errno.h>
#include <unistd.h>

/* Threads here sleep on the turn word itself. */
void fc__host_bells_open(uint64_t bells, struct fc__wire_waiter *waiter) {
    (void)bells;
    (void)waiter;
}
void fc__host_bells_close(struct fc__wire_waiter *waiter) {
    (void)waiter;
}

int fc__host_descriptor(const struct fc_wire_control *message, int fd) {
    (void)message;
    return fd;
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

void fc__host_lent(const struct fc_wire_control *message, int fd) {
    if (message->kind == FC__WIRE_CONTROL_LEND) {
        take_lent(fd, message->size_bytes != 0);
        return;
    }
    fc__os_close(&fd);
    if (message->kind == FC__WIRE_CONTROL_FETCH) {
        send_fetched((int)message->address);
    } else {
        const int rc = close((int)message->address) == 0 ? 0 : -errno;
        fc__host_answer(rc, 0);
    }
}
