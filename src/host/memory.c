/* host: memories shared with the caller. */
#include "host/host.h"

#include "os/os.h"

#include <errno.h>

enum { MEMORIES_MAX = 256 };

struct memory {
    int fd;
    uint64_t base, size_bytes;
};
static struct memory memories[MEMORIES_MAX];
static struct fc__os_lock lock;

static struct memory *find_locked(uint64_t base) {
    for (unsigned i = 0; i < MEMORIES_MAX; i++) {
        if (memories[i].base == base) {
            return &memories[i];
        }
    }
    return NULL;
}

static int keep_locked(int fd, uint64_t base, uint64_t size_bytes) {
    struct memory *slot = find_locked(0);
    if (slot == NULL) {
        fc__os_memory_unmap(base, size_bytes);
        return -ENOMEM;
    }
    *slot = (struct memory){.fd = fd, .base = base, .size_bytes = size_bytes};
    return 0;
}

int fc__host_memory_add(int fd, uint64_t base, uint64_t size_bytes) {
    fc__os_lock(&lock);
    int rc = fc__os_memory_map(fd, base, size_bytes);
    rc = rc == 0 ? keep_locked(fd, base, size_bytes) : rc;
    fc__os_unlock(&lock);
    return rc;
}

int fc__host_memory_map(int fd, uint64_t size_bytes, uint64_t *inout_base) {
    if (*inout_base != 0) {
        return fc__host_memory_add(fd, *inout_base, size_bytes);
    }
    fc__os_lock(&lock);
    int rc = fc__os_memory_map_low(fd, size_bytes, 0, inout_base);
    rc = rc == 0 ? keep_locked(fd, *inout_base, size_bytes) : rc;
    fc__os_unlock(&lock);
    return rc;
}

int fc__host_memory_unmap(uint64_t base) {
    fc__os_lock(&lock);
    struct memory *memory = base != 0 ? find_locked(base) : NULL;
    if (memory != NULL) {
        fc__os_memory_unmap(memory->base, memory->size_bytes);
        fc__os_close(&memory->fd);
        memory->base = 0;
    }
    fc__os_unlock(&lock);
    return memory != NULL ? 0 : -ENOENT;
}

void fc__host_memory_hold(void) {
    fc__os_lock(&lock);
}

void fc__host_memory_release(void) {
    fc__os_unlock(&lock);
}

void fc__host_memory_each_held(int (*act)(int fd, uint64_t base, uint64_t size_bytes)) {
    for (unsigned i = 0; i < MEMORIES_MAX; i++) {
        if (memories[i].base != 0) {
            act(memories[i].fd, memories[i].base, memories[i].size_bytes);
        }
    }
}
