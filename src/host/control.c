/* host: what a host does at its start and on the control connection, on every system. */
#include "host/heap.h"
#include "host/host.h"

#include "os/os.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fc__host fc__host;

_Noreturn void fc__host_cannot_start(int status, const char *why) {
    fprintf(stderr, "farcall-host: %s\n", why);
    fflush(stderr);
    fc__os_exit_now(status);
}

uint64_t fc__host_number(const char *argument, const char *name) {
    size_t len = strlen(name);
    if (strncmp(argument, name, len) == 0) {
        char *end;
        errno = 0;
        uint64_t number = strtoull(argument + len, &end, 0);
        if (errno == 0 && *end == '\0' && end != argument + len) {
            return number;
        }
    }
    fc__host_cannot_start(FC__WIRE_EXIT_USAGE,
                          "this program is started by a libfarcall of its own version, not by hand");
}

void fc__host_begin(int fd, uint64_t base, uint64_t size_bytes) {
    int rc = fc__host_memory_add(fd, base, size_bytes);
    if (rc == -EEXIST) {
        fc__host_cannot_start(FC__WIRE_EXIT_PLACE, "the shared memory's place is taken");
    }
    if (rc != 0) {
        fc__host_cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot map the shared memory");
    }
    struct fc_wire_header *header = (struct fc_wire_header *)(uintptr_t)base;
    if (header->magic != FC__WIRE_MAGIC || header->version != FC__WIRE_VERSION) {
        fc__host_cannot_start(FC__WIRE_EXIT_VERSION, "this host and the calling library are of different versions");
    }
    if (fc__os_memory_reserve(header->token_base, header->token_bytes) != 0) {
        fc__host_cannot_start(FC__WIRE_EXIT_PLACE, "the token range's place is taken");
    }
    for (unsigned i = 0; i < FC__WIRE_DEAD_HEAPS; i++) {
        if (header->dead_heaps[i].size_bytes != 0 &&
            fc__os_memory_reserve(header->dead_heaps[i].base, header->dead_heaps[i].size_bytes) != 0) {
            fc__host_cannot_start(FC__WIRE_EXIT_PLACE, "the place of an earlier host's heap is taken");
        }
    }
    fc__host.header = header;
}

void fc__host_begin_heap(int fd) {
    const uint64_t base = fc__host.header->heap_base, size_bytes = fc__host.header->heap_bytes;
    int rc = fc__os_memory_map(fd, base, size_bytes);
    if (rc == -EEXIST || rc == -ENOMEM) { /* the next attempt is made with less */
        fc__host_cannot_start(FC__WIRE_EXIT_PLACE, "there is no room for the heap");
    }
    if (rc != 0 || fc__host_heap_begin(fd, base, size_bytes - FC__OS_PAGE_BYTES) != 0) {
        fc__host_cannot_start(FC__WIRE_EXIT_SYSTEM, "cannot map the heap");
    }
}

void fc__host_answer(int status, uint64_t address) {
    struct fc_wire_control reply = {
        .kind = status == 0 ? FC__WIRE_CONTROL_DONE : FC__WIRE_CONTROL_FAILED, .status = status, .address = address};
    fc__os_control_send(fc__host.control_fd, &reply, sizeof reply, -1);
}

void fc__host_obey(const struct fc_wire_control *message, int fd) {
    int rc;
    uint64_t base = message->address;
    switch (message->kind) {
    case FC__WIRE_CONTROL_CHANNEL:
        fc__host_serve((struct fc_wire_line *)(uintptr_t)message->address, message->size_bytes);
        break;
    case FC__WIRE_CONTROL_MAP:
        fd = fc__host_descriptor(message, fd);
        rc = fc__host_memory_map(fd, message->size_bytes, &base);
        fc__host_answer(rc, base);
        fd = rc == 0 ? -1 : fd;
        break;
    case FC__WIRE_CONTROL_UNMAP:
        rc = fc__host_memory_unmap(base);
        fc__host_answer(rc, 0);
        break;
    case FC__WIRE_CONTROL_LEND:
    case FC__WIRE_CONTROL_FETCH:
    case FC__WIRE_CONTROL_CLOSE:
        fc__host_lent(message, fd);
        fd = -1;
        break;
    case FC__WIRE_CONTROL_BELL:
        fc__host_foreign_bell(fc__host_descriptor(message, fd));
        fd = -1;
        break;
    case FC__WIRE_CONTROL_DISPATCHER:
        fc__host_foreign_add((struct fc_wire_line *)(uintptr_t)message->address, message->size_bytes);
        break;
    case FC__WIRE_CONTROL_EXIT:
        atomic_store(&fc__host.is_ending, true);
        fc__os_signals_end_elsewhere();
        exit(EXIT_SUCCESS); /* as a program ends: destructors, atexit, buffered output */
    default:
        fc__host_answer(-EPROTO, 0);
    }
    fc__os_close(&fd);
}
