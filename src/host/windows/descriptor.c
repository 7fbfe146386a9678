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

/* A Unix program's descriptors are none of a Windows program's. */
void fc__host_lent(const struct fc_wire_control *message, int fd) {
    (void)message;
    (void)fd;
    fc__host_answer(-ENOTSUP, 0);
}
