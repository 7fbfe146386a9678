/* host: the thread that serves one channel. */
#include "host/host.h"

#include "abi/frame.h"
#include "os/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

_Thread_local struct fc_wire_line *fc__host_line;

static void put_text(struct fc_wire_line *line, const char *text) {
    snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "%s", text != NULL ? text : "");
}

static enum fc__wire_op call(struct fc_wire_line *line) {
    const uint32_t info = line->info;
    errno = 0;
    fc__host_invoke(line, info);
    line->info = (uint32_t)errno;
    if ((info & FC__FRAME_GATHER_STRING) != 0) {
        const char *string = (const char *)(uintptr_t)line->value;
        size_t len = string != NULL ? strlen(string) : 0;
        if (string != NULL) {
            memcpy((char *)line + FC__FRAME_GATHER_OFFSET, string, len < FC__FRAME_GATHER_BYTES ? len + 1 : FC__FRAME_GATHER_BYTES);
        }
        line->words[0] = len;
    }
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op open_library(struct fc_wire_line *line) {
    void *handle = dlopen(fc__wire_text(line), RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        put_text(line, dlerror());
        return FC__WIRE_OP_FAILED;
    }
    struct link_map *map = NULL;
    line->value = (uintptr_t)handle;
    put_text(line, dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "");
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op find_symbol(struct fc_wire_line *line) {
    dlerror();
    void *address = dlsym((void *)(uintptr_t)line->value, fc__wire_text(line));
    const char *error = dlerror();
    if (error != NULL || address == NULL) {
        put_text(line, error != NULL ? error : "the symbol's address is 0");
        return FC__WIRE_OP_FAILED;
    }
    line->value = (uintptr_t)address;
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op close_library(struct fc_wire_line *line) {
    if (dlclose((void *)(uintptr_t)line->value) != 0) {
        put_text(line, dlerror());
        return FC__WIRE_OP_FAILED;
    }
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op read_memory(struct fc_wire_line *line) {
    memcpy((void *)(uintptr_t)line->words[0], (const void *)(uintptr_t)line->value, (size_t)line->words[1]);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op obey(struct fc_wire_line *line, uint32_t op) {
    switch (op) {
    case FC__WIRE_OP_CALL:
        return call(line);
    case FC__WIRE_OP_HELLO:
    case FC__WIRE_OP_END:
        return FC__WIRE_OP_DONE;
    case FC__WIRE_OP_OPEN:
        return open_library(line);
    case FC__WIRE_OP_SYMBOL:
        return find_symbol(line);
    case FC__WIRE_OP_CLOSE:
        return close_library(line);
    case FC__WIRE_OP_READ:
        return read_memory(line);
    default:
        put_text(line, "unknown operation");
        return FC__WIRE_OP_FAILED;
    }
}

static void *serve(void *argument) {
    struct fc_wire_line *line = argument;
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, fc__host.header->spin_us, fc__host.header->quota_is_scarce != 0);
    fc__host_line = line;
    fc__host_report_thread_begin();
    for (;;) {
        uint32_t turn = fc__wire_wait(line, FC__WIRE_HOST, &waiter, 0);
        if ((turn & FC__WIRE_DEAD) != 0) {
            break;
        }
        uint32_t op = FC__WIRE_OP(turn);
        if (!fc__wire_pass(line, 0, obey(line, op)) || op == FC__WIRE_OP_END) {
            break;
        }
    }
    fc__host_line = NULL;
    fc__host_report_thread_end();
    return NULL;
}

void fc__host_serve(struct fc_wire_line *line) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &attributes, serve, line);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "the host cannot create a thread: %s", strerror(error));
        fc__wire_pass(line, 0, FC__WIRE_OP_UNSERVED);
    }
}
