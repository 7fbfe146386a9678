/* host: who records how this process ends. Everything here is async-signal-safe, takes no lock and allocates nothing. */
#include "host/host.h"

#include <stdlib.h>

enum { OTHER_REPORT_MS = 1000 };

static _Atomic uint32_t reporter; /* the thread that writes it; 0: none yet */

/* Another thread is writing the report, and would be ended with this process before it has finished. */
static void wait_for_report(void) {
    for (int waited_ms = 0; waited_ms < OTHER_REPORT_MS && *(volatile uint32_t *)&fc__host.header->report.end == 0;
         waited_ms++) {
        fc__os_sleep_us(1000);
    }
}

struct fc_wire_report *fc__host_report_begin(void) {
    const uint32_t thread = fc__host_report_thread();
    uint32_t other = 0;
    if (thread == 0 || fc__host.header == NULL) {
        return NULL;
    }
    if (!atomic_compare_exchange_strong(&reporter, &other, thread)) {
        if (other != thread) {
            wait_for_report();
        }
        return NULL;
    }
    struct fc_wire_report *report = &fc__host.header->report;
    report->line = (uintptr_t)fc__host_line;
    return report;
}

void fc__host_report_done(struct fc_wire_report *report, enum fc__wire_end end) {
    atomic_thread_fence(memory_order_release);
    report->end = (uint32_t)end;
}

void fc__host_report_exit(uint32_t status) {
    struct fc_wire_report *report = fc__host_report_begin();
    if (report != NULL) {
        report->code = (int32_t)status;
        fc__host_report_done(report, FC__WIRE_END_EXIT);
    }
}

_Noreturn void fc__host_report_end(enum fc__wire_end end) {
    struct fc_wire_report *report = fc__host_report_begin();
    if (report != NULL) {
        fc__host_report_done(report, end);
    }
    fc__os_exit_now(EXIT_FAILURE);
}
