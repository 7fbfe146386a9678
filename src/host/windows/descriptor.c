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

/* What the library has open itself is no descriptor of a Unix program's. */
void fc__host_lent(const struct fc_wire_control *message, int fd) {
    (void)fd;
    if (message->kind == FC__WIRE_CONTROL_LEND) {
        lend(message);
    } else if (message->kind == FC__WIRE_CONTROL_CLOSE) {
        take_back(message);
    } else {
        fc__host_answer(-ENOTSUP, 0);
    }
}
