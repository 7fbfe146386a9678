/* host: descriptors of the caller, a Unix program, which are opened by their numbers there. */
#include "host/host.h"
#include "host/windows/system.h"

#include "os/os.h"

#include <errno.h>

void fc__host_bells_open(uint64_t bells, struct fc__wire_waiter *waiter) {
    waiter->bell_wait = fc__os_unix_descriptor(fc__host_caller_pid, (int)(uint32_t)bells, true, false);
    waiter->bell_ring = fc__os_unix_descriptor(fc__host_caller_pid, (int)(uint32_t)(bells >> 32), false, true);
    if (waiter->bell_wait < 0 || waiter->bell_ring < 0) {
        fc__host_report_end(FC__WIRE_END_DESCRIPTORS);
    }
}

void fc__host_bells_close(struct fc__wire_waiter *waiter) {
    fc__os_close(&waiter->bell_wait);
    fc__os_close(&waiter->bell_ring);
}

int fc__host_descriptor(const struct fc_wire_control *message, int fd) {
    (void)fd;
    const bool is_memory = message->kind == FC__WIRE_CONTROL_MAP;
    return message->status < 0 ? message->status
                               : fc__os_unix_descriptor(fc__host_caller_pid, message->status, is_memory, true);
}

/* What the caller has open, opened again, becomes the library's runtime's. The answer is its number there, with the
 * handle above. */
static void lend(const struct fc_wire_control *message) {
    const uint64_t what = message->size_bytes;
    const struct fc__os_fd how = {
        .is_inherited = (what & FC__WIRE_LENT_INHERITED) != 0,
        .is_read = (what & FC__WIRE_LENT_READ) != 0,
        .is_written = (what & FC__WIRE_LENT_WRITTEN) != 0,
        .appends = (what & FC__WIRE_LENT_APPENDS) != 0,
        .position = (what & FC__WIRE_LENT_HAS_POSITION) != 0 ? (int64_t)(what >> FC__WIRE_LENT_POSITION_SHIFT) : -1};
    int fd = fc__os_unix_descriptor(fc__host_caller_pid, message->status, how.is_read, how.is_written);
    const int number = fd >= 0 ? fc__os_runtime_lend((void *)(uintptr_t)message->address, fd, &how) : fd;
    if (number < 0) {
        fc__os_close(&fd);
    }
    fc__host_answer(number < 0 ? number : 0, (uint32_t)number | (uint64_t)(uint32_t)fd << 32);
}

static void take_back(const struct fc_wire_control *message) {
    const int number = (int)(uint32_t)message->address, fd = (int)(uint32_t)(message->address >> 32);
    int64_t position = -1;
    const int rc = fc__os_runtime_close((void *)(uintptr_t)message->size_bytes, number, fd, &position);
    fc__host_answer(rc, (uint64_t)position);
}

/* What the library has open is a descriptor of this process, too, which it cannot send, nor say the number of. The
 * guardian finds it by what it is. */
static void describe(const struct fc_wire_control *message) {
    struct fc__os_fd how;
    struct fc_wire_control reply = {.kind = FC__WIRE_CONTROL_DONE};
    reply.status =
        fc__os_runtime_describe((void *)(uintptr_t)message->size_bytes, (int)message->address, &reply.address, &how);
    if (reply.status != 0) {
        reply.kind = FC__WIRE_CONTROL_FAILED;
    } else {
        reply.size_bytes = (how.is_inherited ? FC__WIRE_LENT_INHERITED : 0u) | (how.is_read ? FC__WIRE_LENT_READ : 0u) |
                           (how.is_written ? FC__WIRE_LENT_WRITTEN : 0u) | (how.appends ? FC__WIRE_LENT_APPENDS : 0u);
        reply.size_bytes |=
            how.position < 0 ? 0 : FC__WIRE_LENT_HAS_POSITION | (uint64_t)how.position << FC__WIRE_LENT_POSITION_SHIFT;
    }
    fc__os_control_send(fc__host.control_fd, &reply, sizeof reply, -1);
}

void fc__host_lent(const struct fc_wire_control *message, int fd) {
    (void)fd;
    if (message->kind == FC__WIRE_CONTROL_LEND) {
        lend(message);
    } else if (message->kind == FC__WIRE_CONTROL_CLOSE) {
        take_back(message);
    } else {
        describe(message);
    }
}
