/* host: the thread that serves one channel. */
#include "host/host.h"

#include "abi/frame.h"
#include "host/heap.h"
#include "os/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local struct fc_wire_line *fc__host_line;
_Thread_local struct fc__wire_waiter *fc__host_waiter;

static void put_text(struct fc_wire_line *line, const char *text) {
    snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "%s", text != NULL ? text : "");
}

/* Puts the length of the string at `address` into *ret_len, and the string where the caller expects it.
 * Not inlined: GCC 12 then loses the bound. */
static __attribute__((noinline)) void gather(struct fc_wire_line *line, uint64_t address, uint64_t *ret_len) {
    const char *string = (const char *)(uintptr_t)address;
    if (fc__heap_holds(string)) {
        *ret_len = FC__FRAME_GATHER_IN_PLACE;
        return;
    }
    size_t len = string != NULL ? strlen(string) : 0;
    if (string != NULL) {
        memcpy((char *)line + FC__FRAME_GATHER_OFFSET, string,
               len < FC__FRAME_GATHER_BYTES ? len + 1 : FC__FRAME_GATHER_BYTES);
    }
    *ret_len = len;
}

/* The calls that the thread is in, the innermost first: where to go on if the caller's function jumps out of an
 * upcall. */
struct call_in_progress {
    void *registers[5];
    bool cannot_be_left; /* the system's loader is at work, and would stay locked */
    struct call_in_progress *outer;
};
static _Thread_local struct call_in_progress *calls;

/* The library's frames are abandoned as they are, which is what a longjmp over them would do. */
static __attribute__((noinline)) void invoke(const struct fc_wire_line *line, uint32_t info,
                                             uint64_t results[FC__FRAME_RESULTS]) {
    struct call_in_progress this_call = {.outer = calls};
    if (__builtin_setjmp(this_call.registers) == 0) {
        calls = &this_call;
        fc__frame_invoke(line, info, results);
    } else {
        __asm__ volatile("cld");
    }
    calls = calls->outer;
}

static inline void execute(const struct fc_wire_line *line, uint32_t info, uint64_t results[FC__FRAME_RESULTS]) {
    if (__builtin_expect(atomic_load_explicit(&fc__host.calls_back, memory_order_relaxed), 0)) {
        invoke(line, info, results);
    } else {
        fc__frame_invoke(line, info, results);
    }
}

enum {
    PAYLOAD_UNITS_MAX = FC__FRAME_PAYLOAD_BYTES_MAX / 8,
    WORDS_PER_UNIT = 8 / sizeof(uintptr_t),
    SLACK_UNITS = 16, /* fc__frame_invoke may read beyond the words */
};

/* Few units, mostly: a loop is done before memcpy has found its way. Volatile keeps the compiler from calling it. */
static inline void copy_units(volatile uint64_t *to, const uint64_t *from, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

/* What an argument points to came with the frame. The library works on a copy in this side's own memory, and the line
 * is written to when all is done: the caller looks at it meanwhile, and upcalls use it. */
static __attribute__((noinline)) void execute_with_payload(struct fc_wire_line *line, uint32_t info,
                                                           uint64_t results[FC__FRAME_RESULTS]) {
    struct {
        struct fc_wire_line line;
        uint64_t slack[SLACK_UNITS];
    } frame; /* not cleared */
    _Alignas(16) uint64_t payload[PAYLOAD_UNITS_MAX];
    const uint32_t plain = FC__FRAME_WITHOUT_PAYLOAD(info);
    const uint32_t words = FC__FRAME_INTEGERS(info) + FC__FRAME_VECTORS(info) + FC__FRAME_STACK(plain);
    const uint32_t first = (words + WORDS_PER_UNIT - 1) / WORDS_PER_UNIT;
    const uint32_t units = FC__FRAME_PAYLOAD_UNITS(info),
                   returned = (info & FC__FRAME_PAYLOAD_RETURNS) != 0 ? units : 0;
    fc__wire_claim_more(line, FC__FRAME_WORDS_OFFSET + (first + returned) * 8); /* where nobody looks: once is enough */
    frame.line.value = line->value;
    copy_units(frame.line.words, line->words, first);
    copy_units(payload, line->words + first, units);
    ((uintptr_t *)(void *)frame.line.words)[FC__FRAME_PAYLOAD_WORD(info)] = (uintptr_t)payload;
    execute(&frame.line, plain, results);
    fc__wire_claim(line);
    copy_units(line->words + first, payload, returned);
}

static void end_thread(void);

/* In a thread of the library's own there is no call: the caller's function has ended its thread, and so does this
 * one. */
static enum fc__wire_op unwind(struct fc_wire_line *line) {
    if (calls == NULL) {
        end_thread();
        fc__wire_pass(line, NULL, 0, FC__WIRE_OP_DONE);
        pthread_exit(NULL);
    }
    if (calls->cannot_be_left) {
        put_text(line, "a library is being opened or closed");
        return FC__WIRE_OP_FAILED;
    }
    __builtin_longjmp(calls->registers, 1);
}

static enum fc__wire_op call(struct fc_wire_line *line, int *thread_errno) {
    const uint32_t info = line->info;
    uint64_t results[FC__FRAME_RESULTS] = {0};
    *thread_errno = 0;
    if (__builtin_expect((info & FC__FRAME_PAYLOAD) != 0, 0)) {
        execute_with_payload(line, info, results);
    } else {
        execute(line, info, results);
    }
    if (__builtin_expect((info & FC__FRAME_GATHER_STRING) != 0, 0)) {
        gather(line, results[0], &results[1]);
    }
    if (__builtin_expect(FC__FRAME_RESULT(info) == FC__FRAME_RESULT_X87_PAIR, 0)) {
        line->words[1] = results[2];
        line->words[2] = results[3];
    }
    /* All at once: the caller looks at the line meanwhile, and takes it away from what writes to it slowly. */
    line->info = (uint32_t)*thread_errno;
    line->value = results[0];
    line->words[0] = results[1];
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op open_library(struct fc_wire_line *line) {
    char name[FC__WIRE_TEXT_BYTES]; /* upcalls of constructors may write over the one in the channel */
    snprintf(name, sizeof name, "%s", fc__wire_text(line));
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        put_text(line, dlerror());
        return FC__WIRE_OP_FAILED;
    }
    struct link_map *map = NULL;
    line->value = (uintptr_t)handle;
    put_text(line, dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "");
    return FC__WIRE_OP_DONE;
}

/* Some functions of this program stand in front of libc's (malloc, _exit), for libraries by the order of loading. For
 * the caller as well, who may ask a library for what it has from libc. */
static void *in_front(void *address, const char *name) {
    return address != NULL && address == dlsym(RTLD_NEXT, name) ? dlsym(RTLD_DEFAULT, name) : address;
}

static enum fc__wire_op find_symbol(struct fc_wire_line *line) {
    char name[FC__WIRE_TEXT_BYTES];
    snprintf(name, sizeof name, "%s", fc__wire_text(line));
    dlerror();
    void *address = dlsym((void *)(uintptr_t)line->value, name);
    const char *error = dlerror();
    address = error == NULL ? in_front(address, fc__wire_text(line)) : NULL;
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

/* Constructors, destructors and resolvers may call back too. */
static enum fc__wire_op in_loader(struct fc_wire_line *line, enum fc__wire_op (*act)(struct fc_wire_line *line)) {
    struct call_in_progress loading = {.cannot_be_left = true, .outer = calls};
    calls = &loading;
    enum fc__wire_op answer = act(line);
    calls = loading.outer;
    return answer;
}

static enum fc__wire_op read_memory(struct fc_wire_line *line) {
    memcpy((void *)(uintptr_t)line->words[0], (const void *)(uintptr_t)line->value, (size_t)line->words[1]);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op read_string(struct fc_wire_line *line) {
    uint64_t len;
    gather(line, line->value, &len);
    line->words[0] = len;
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op make_trampoline(struct fc_wire_line *line) {
    uint64_t address;
    int rc = fc__host_trampoline_new((uint32_t)line->value, (uint32_t)line->words[0], &address);
    if (rc != 0) {
        snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "the host cannot map its own text again: %s", strerror(-rc));
        return FC__WIRE_OP_FAILED;
    }
    line->value = address;
    atomic_store_explicit(&fc__host.calls_back, true, memory_order_relaxed);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op obey(struct fc_wire_line *line, uint32_t op) {
    switch (op) {
    case FC__WIRE_OP_HELLO:
    case FC__WIRE_OP_END:
        return FC__WIRE_OP_DONE;
    case FC__WIRE_OP_OPEN:
        return in_loader(line, open_library);
    case FC__WIRE_OP_SYMBOL:
        return in_loader(line, find_symbol);
    case FC__WIRE_OP_CLOSE:
        return in_loader(line, close_library);
    case FC__WIRE_OP_READ:
        return read_memory(line);
    case FC__WIRE_OP_STRING:
        return read_string(line);
    case FC__WIRE_OP_TRAMPOLINE:
        return make_trampoline(line);
    case FC__WIRE_OP_UNWIND:
        return unwind(line);
    default:
        put_text(line, "unknown operation");
        return FC__WIRE_OP_FAILED;
    }
}

/* Set in threads that serve, so that their end in the middle of it is seen. */
static pthread_key_t serving;

static void thread_was_ended(void *line) {
    (void)line;
    fc__host_report_end(FC__WIRE_END_THREAD);
}

void fc__host_serve_install(void) {
    pthread_key_create(&serving, thread_was_ended);
}

/* Does what the caller asks, first with this turn, until it ends the thread, or answers the upcall that the thread is
 * in. False if nobody is there any more to answer. */
static bool serve_until(struct fc_wire_line *line, uint32_t turn, enum fc__wire_op last) {
    struct fc__wire_waiter *const waiter = fc__host_waiter;
    int *const thread_errno = &errno; /* where it lies is asked once */
    for (;; turn = fc__wire_wait(line, FC__WIRE_HOST, waiter, 0)) {
        if ((turn & FC__WIRE_DEAD) != 0) {
            return false;
        }
        fc__wire_claim(line);
        const uint32_t op = FC__WIRE_OP(turn);
        if (op == FC__WIRE_OP_RETURN && last == FC__WIRE_OP_RETURN) {
            return true;
        }
        const enum fc__wire_op answer = op == FC__WIRE_OP_CALL ? call(line, thread_errno) : obey(line, op);
        if (__builtin_expect(fc__host.is_forked,
                             0)) { /* the library came back in both processes: one of them answers */
            syscall(SYS_exit_group, EXIT_SUCCESS);
        }
        if (!fc__wire_pass(line, waiter, 0, answer) || op == FC__WIRE_OP_END) {
            return false;
        }
    }
}

static void end_thread(void) {
    pthread_setspecific(serving, NULL);
    fc__host_line = NULL;
    fc__host_foreign_forget();
    fc__host_report_thread_end();
}

void fc__host_serve_begin(struct fc_wire_line *line, struct fc__wire_waiter *waiter) {
    fc__host_waiter = waiter;
    fc__host_line = line;
}

void fc__host_serve_end(void) {
    fc__host_line = NULL;
}

static void *serve(void *line) {
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, fc__host.header->spin_us, fc__host.header->quota_is_scarce != 0);
    waiter.may_move = true;
    fc__host_waiter = &waiter;
    fc__host_line = line;
    pthread_setspecific(serving, line);
    fc__host_report_thread_begin();
    serve_until(line, fc__wire_wait(line, FC__WIRE_HOST, &waiter, 0), FC__WIRE_OP_END);
    end_thread();
    return NULL;
}

void fc__host_serve_until_answer(struct fc_wire_line *line, uint32_t turn) {
    if (!serve_until(line, turn, FC__WIRE_OP_RETURN)) {
        end_thread(); /* the caller's thread ended in its function, or nobody serves it any more */
        pthread_exit(NULL);
    }
}

/* -- starting threads ---------------------------------------------------------------------------------------------- */

/* Channels without a thread. An answer may only be written when it is the host's turn, so they wait for that, or for a
 * thread after all. */
enum { WITHOUT_THREAD_MAX = 256 };
static struct fc_wire_line *without_thread[WITHOUT_THREAD_MAX];
static unsigned without_thread_count;

static int start_thread(struct fc_wire_line *line) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &attributes, serve, line);
    pthread_attr_destroy(&attributes);
    return error;
}

void fc__host_serve(struct fc_wire_line *line) {
    if (start_thread(line) != 0 && without_thread_count < WITHOUT_THREAD_MAX) {
        without_thread[without_thread_count++] = line;
    }
}

bool fc__host_serve_again(void) {
    unsigned kept = 0;
    for (unsigned i = 0; i < without_thread_count; i++) {
        struct fc_wire_line *line = without_thread[i];
        int error = start_thread(line);
        uint32_t turn = atomic_load_explicit(&line->turn, memory_order_acquire);
        if (error != 0 && fc__wire_is_mine(turn, FC__WIRE_HOST)) {
            snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "the host cannot create a thread: %s", strerror(error));
            fc__wire_pass(line, NULL, 0, FC__WIRE_OP_UNSERVED);
        } else if (error != 0) {
            without_thread[kept++] = line;
        }
    }
    without_thread_count = kept;
    return kept != 0;
}
