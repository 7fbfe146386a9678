/* host: the thread that serves one channel. */
#include "host/host.h"

#include "abi/frame.h"
#include "base/change.h"
#include "host/heap.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Thread_local struct fc_wire_line *fc__host_line;
_Thread_local bool fc__host_has_data;
_Thread_local struct fc__wire_waiter *fc__host_waiter;
_Thread_local struct fc__os_errors fc__host_errors;
_Thread_local volatile bool fc__host_in_library;

static void put_text(struct fc_wire_line *line, const char *text) {
    snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "%s", text != NULL ? text : "");
}

/* Not inlined: GCC 12 then loses the bound. */
static __attribute__((noinline)) size_t gather_string(struct fc_wire_line *line, const char *string) {
    const size_t len = strlen(string);
    memcpy((char *)line + FC__FRAME_GATHER_OFFSET, string,
           len < FC__FRAME_GATHER_BYTES ? len + 1 : FC__FRAME_GATHER_BYTES);
    return len;
}

/* Returns the length of the string at `address`, and puts it where the caller expects it, unless it is there already. */
static inline uint64_t gather(struct fc_wire_line *line, uint64_t address) {
    const char *string = (const char *)(uintptr_t)address;
    return fc__heap_holds(string) ? FC__FRAME_GATHER_IN_PLACE : string != NULL ? gather_string(line, string) : 0;
}

/* The calls that the thread is in, the innermost first: where to go on if the caller's function jumps out of an
 * upcall. */
struct call_in_progress {
    void *registers[5], *frames;
    bool cannot_be_left; /* the system's loader is at work, and would stay locked */
    struct call_in_progress *outer;
};
static _Thread_local struct call_in_progress *calls;

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

/* `info`: without a payload. */
static inline uint32_t frame_units(uint32_t info) {
    const uint32_t words = FC__FRAME_INTEGERS(info) + FC__FRAME_VECTORS(info) + FC__FRAME_STACK(info);
    return (words + WORDS_PER_UNIT - 1) / WORDS_PER_UNIT;
}

static inline void run(const struct fc_wire_line *line, uint32_t info, uint64_t results[FC__FRAME_RESULTS]) {
    fc__host_enter_library(true);
    fc__frame_invoke(line, info, results);
    fc__host_enter_library(false);
}

/* A signal handler that calls back writes to the line, before the last of the frame may have been read. */
static __attribute__((noinline)) void run_copy(const struct fc_wire_line *line, uint32_t info,
                                               uint64_t results[FC__FRAME_RESULTS]) {
    const uint32_t units = frame_units(info);
    unsigned char room[sizeof(uint64_t) * (2 + units + SLACK_UNITS) + 16];
    uint64_t *const frame = (uint64_t *)(void *)(((uintptr_t)room + 15) & ~(uintptr_t)15);
    copy_units(frame + FC__FRAME_TARGET_OFFSET / 8, &line->value, 1);
    copy_units(frame + FC__FRAME_WORDS_OFFSET / 8, line->words, units);
    run((const struct fc_wire_line *)(void *)frame, info, results);
}

/* The library's frames are abandoned as they are, which is what a longjmp over them would do. */
static __attribute__((noinline)) void invoke(const struct fc_wire_line *line, uint32_t info,
                                             uint64_t results[FC__FRAME_RESULTS]) {
    struct call_in_progress this_call = {.frames = fc__os_frames_here(), .outer = calls};
    if (__builtin_setjmp(this_call.registers) == 0) {
        calls = &this_call;
        run_copy(line, info, results);
    } else {
        __asm__ volatile("cld");
        fc__os_frames_back(calls->frames);
        fc__host_enter_library(false);
    }
    calls = calls->outer;
}

static inline void execute(const struct fc_wire_line *line, uint32_t info, uint64_t results[FC__FRAME_RESULTS]) {
    if (__builtin_expect(atomic_load_explicit(&fc__host.calls_back, memory_order_relaxed), 0)) {
        invoke(line, info, results);
    } else {
        run(line, info, results);
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
    const uint32_t first = frame_units(plain);
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
    fc__host_waiter->wrote_much = returned != 0;
    fc__wire_release_more(line, fc__host_waiter, FC__FRAME_WORDS_OFFSET + (first + returned) * 8);
}

static void end_thread(void);

static _Thread_local bool is_server; /* of a channel, for as long as the thread lives */

/* In a thread of the library's own there is no call: the caller's function has ended its thread, and so does this
 * one. */
static enum fc__wire_op unwind(struct fc_wire_line *line) {
    if (calls == NULL && is_server) { /* interrupted by a signal handler, which cannot be left */
        fc__host_report_end(FC__WIRE_END_THREAD);
    }
    if (calls == NULL) {
        struct fc__wire_waiter last = *fc__host_waiter; /* the dispatcher's is given up */
        end_thread();
        fc__wire_pass(line, &last, 0, FC__WIRE_OP_DONE);
        fc__host_bells_close(&last);
        fc__os_thread_exit();
    }
    if (calls->cannot_be_left) {
        put_text(line, "a library is being opened or closed");
        return FC__WIRE_OP_FAILED;
    }
    __builtin_longjmp(calls->registers, 1);
}

static enum fc__wire_op call(struct fc_wire_line *line, struct fc__os_errors *errors) {
    const uint32_t info = line->info;
    uint64_t results[FC__FRAME_RESULTS];
    results[0] = results[1] = results[2] = results[3] = 0; /* one by one: GCC makes a loop of all at once */
    fc__os_errors_clear(errors);
    fc__host_has_data = (info & FC__FRAME_HAS_DATA) != 0;
    if (__builtin_expect((info & FC__FRAME_PAYLOAD) != 0, 0)) {
        execute_with_payload(line, info, results);
    } else {
        execute(line, info, results);
    }
    if (__builtin_expect((info & FC__FRAME_GATHER_STRING) != 0, 0)) {
        results[1] = gather(line, results[0]);
    }
    results[1] = fc__os_errors_beside(errors, results[1]);
    if (__builtin_expect(FC__FRAME_RESULT(info) == FC__FRAME_RESULT_X87_PAIR, 0)) {
        line->words[1] = results[2];
        line->words[2] = results[3];
    }
    /* All at once: the caller looks at the line meanwhile, and takes it away from what writes to it slowly. */
    line->info = fc__os_errors_get(errors);
    fc__host_copy_8(&line->value, &results[0]);
    fc__host_copy_8(&line->words[0], &results[1]);
    return FC__WIRE_OP_DONE;
}

/* What is asked of the system's loader, and its answer: upcalls of constructors, and of signal handlers, write over the
 * line meanwhile. */
struct loading {
    uint64_t value;
    char name[FC__WIRE_TEXT_BYTES], text[FC__WIRE_TEXT_BYTES];
};

static bool open_library(struct loading *loading) {
    loading->value = fc__host_library_open(loading->name, loading->text, sizeof loading->text);
    return loading->value != 0;
}

static bool find_symbol(struct loading *loading) {
    loading->value = fc__host_library_symbol(loading->value, loading->name, loading->text, sizeof loading->text);
    return loading->value != 0;
}

static bool close_library(struct loading *loading) {
    return fc__host_library_close(loading->value, loading->text, sizeof loading->text);
}

/* Constructors, destructors and resolvers may call back too. */
static enum fc__wire_op in_loader(struct fc_wire_line *line, bool (*act)(struct loading *loading)) {
    struct call_in_progress this_call = {.cannot_be_left = true, .outer = calls};
    struct loading loading; /* not cleared: large */
    loading.value = line->value;
    snprintf(loading.name, sizeof loading.name, "%.*s", (int)sizeof loading.name - 1, fc__wire_text(line));
    loading.text[0] = '\0';
    calls = &this_call;
    fc__host_enter_library(true);
    const bool is_done = act(&loading);
    fc__host_enter_library(false);
    calls = this_call.outer;
    line->value = loading.value;
    put_text(line, loading.text);
    return is_done ? FC__WIRE_OP_DONE : FC__WIRE_OP_FAILED;
}

static enum fc__wire_op read_memory(struct fc_wire_line *line) {
    memcpy((void *)(uintptr_t)line->words[0], (const void *)(uintptr_t)line->value, (size_t)line->words[1]);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op merge_memory(struct fc_wire_line *line) {
    fc__change_copy((unsigned char *)(uintptr_t)line->words[0], (const unsigned char *)(uintptr_t)line->value,
                    (const unsigned char *)(uintptr_t)line->words[2], line->words[1]);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op read_string(struct fc_wire_line *line) {
    line->words[0] = gather(line, line->value);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op make_trampoline(struct fc_wire_line *line) {
    struct fc__gathers gathers;
    uint64_t address;
    memcpy(&gathers, &line->words[1], sizeof gathers);
    fc__host_foreign_await_bell();
    int rc = fc__host_trampoline_new((uint32_t)line->value, (uint32_t)line->words[0], &gathers, &address);
    if (rc != 0) {
        snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "the host cannot map its own text again: %s", strerror(-rc));
        return FC__WIRE_OP_FAILED;
    }
    line->value = address;
    atomic_store_explicit(&fc__host.calls_back, true, memory_order_relaxed);
    return FC__WIRE_OP_DONE;
}

static enum fc__wire_op convert_path(struct fc_wire_line *line) {
    line->value = fc__os_path_narrow(fc__wire_text(line), FC__WIRE_TEXT_BYTES, line->value != 0);
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
    case FC__WIRE_OP_MERGE:
        return merge_memory(line);
    case FC__WIRE_OP_STRING:
        return read_string(line);
    case FC__WIRE_OP_TRAMPOLINE:
        return make_trampoline(line);
    case FC__WIRE_OP_PATH:
        return convert_path(line);
    case FC__WIRE_OP_UNWIND:
        return unwind(line);
    default:
        put_text(line, "unknown operation");
        return FC__WIRE_OP_FAILED;
    }
}

/* Set in threads that serve, so that their end in the middle of it is seen. */
static unsigned serving;

static void thread_was_ended(void *line) {
    (void)line;
    fc__host_report_end(FC__WIRE_END_THREAD);
}

void fc__host_serve_install(void) {
    fc__os_ending_new(thread_was_ended, &serving);
}

/* Does what the caller asks, first with this turn, until it ends the thread, or answers the upcall that the thread is
 * in. False if nobody is there any more to answer. */
static bool serve_until(struct fc_wire_line *line, uint32_t turn, enum fc__wire_op last) {
    struct fc__wire_waiter *const waiter = fc__host_waiter;
    struct fc__os_errors *const errors = &fc__host_errors;
    for (;; turn = fc__wire_wait(line, FC__WIRE_HOST, waiter, 0)) {
        if ((turn & FC__WIRE_DEAD) != 0) {
            return false;
        }
        const uint32_t op = FC__WIRE_OP(turn);
        if (op == FC__WIRE_OP_RETURN && last == FC__WIRE_OP_RETURN) {
            return true;
        }
        const enum fc__wire_op answer = op == FC__WIRE_OP_CALL ? call(line, errors) : obey(line, op);
        if (__builtin_expect(fc__host.is_forked,
                             0)) { /* the library came back in both processes: one of them answers */
            fc__os_exit_now(EXIT_SUCCESS);
        }
        if (!fc__wire_pass(line, waiter, 0, answer) || op == FC__WIRE_OP_END) {
            return false;
        }
        waiter->wrote_much = false;
    }
}

static void end_thread(void) {
    fc__os_ending_set(serving, NULL);
    fc__host_line = NULL;
    fc__host_foreign_forget();
    fc__host_report_thread_end();
}

struct fc__host_interrupted fc__host_serve_begin(struct fc_wire_line *line, struct fc__wire_waiter *waiter) {
    const struct fc__host_interrupted before = {fc__host_line, fc__host_waiter, calls};
    calls = NULL;
    fc__host_waiter = waiter;
    fc__host_line = line;
    return before;
}

void fc__host_serve_end(const struct fc__host_interrupted *before) {
    fc__host_line = before->line;
    fc__host_waiter = before->waiter;
    calls = before->calls;
}

/* A thread that is wanted. */
struct start {
    struct fc_wire_line *line; /* NULL: free */
    uint64_t bells;
    _Atomic bool is_begun; /* the thread takes it from here, and sets it free */
};

static void *serve(void *data) {
    struct start *start = data;
    struct fc_wire_line *const line = start->line;
    struct fc__wire_waiter waiter;
    fc__wire_waiter_init(&waiter, fc__host.header->spin_us, fc__host.header->quota_is_scarce != 0);
    fc__host_bells_open(start->bells, &waiter);
    start->line = NULL;
    atomic_store(&start->is_begun, false);
    waiter.may_move = true;
    is_server = true;
    fc__os_signals_begin_here();
    fc__host_waiter = &waiter;
    fc__host_line = line;
    fc__os_errors_find(&fc__host_errors);
    fc__os_ending_set(serving, line);
    fc__host_report_thread_begin();
    serve_until(line, fc__wire_wait(line, FC__WIRE_HOST, &waiter, 0), FC__WIRE_OP_END);
    end_thread();
    fc__host_bells_close(&waiter);
    return NULL;
}

void fc__host_serve_until_answer(struct fc_wire_line *line, uint32_t turn) {
    if (!serve_until(line, turn, FC__WIRE_OP_RETURN)) {
        fc__host_bells_close(fc__host_waiter);
        end_thread(); /* the caller's thread ended in its function, or nobody serves it any more */
        fc__os_thread_exit();
    }
}

/* -- starting threads ---------------------------------------------------------------------------------------------- */

/* Threads that begin, and channels that have none yet. An answer may only be written when it is the host's turn, so
 * they wait for that, or for a thread after all. Main's; `is_begun` ones are their threads'. */
enum { STARTS_MAX = 256, ROOM_AGAIN_US = 1000 };
static struct start starts[STARTS_MAX];

static int begin(struct start *start) {
    atomic_store(&start->is_begun, true);
    const int rc = fc__os_thread_detached(serve, start);
    if (rc != 0) {
        atomic_store(&start->is_begun, false);
    }
    return rc;
}

static struct start *free_start(void) {
    for (unsigned i = 0; i < STARTS_MAX; i++) {
        if (!atomic_load(&starts[i].is_begun) && starts[i].line == NULL) {
            return &starts[i];
        }
    }
    return NULL;
}

void fc__host_serve(struct fc_wire_line *line, uint64_t bells) {
    struct start *start;
    while ((start = free_start()) == NULL) {
        fc__host_serve_again();
        fc__os_sleep_us(ROOM_AGAIN_US);
    }
    start->line = line;
    start->bells = bells;
    begin(start);
}

bool fc__host_serve_again(void) {
    bool is_kept = false;
    for (unsigned i = 0; i < STARTS_MAX; i++) {
        struct start *start = &starts[i];
        if (atomic_load(&start->is_begun) || start->line == NULL) {
            continue;
        }
        struct fc_wire_line *line = start->line;
        const int rc = begin(start);
        uint32_t turn = atomic_load_explicit(&line->turn, memory_order_acquire);
        if (rc != 0 && fc__wire_is_mine(turn, FC__WIRE_HOST)) {
            struct fc__wire_waiter waiter;
            fc__wire_waiter_init(&waiter, 0, false);
            fc__host_bells_open(start->bells, &waiter);
            snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "the host cannot create a thread: %s", strerror(-rc));
            fc__wire_pass(line, &waiter, 0, FC__WIRE_OP_UNSERVED);
            fc__host_bells_close(&waiter);
            start->line = NULL;
        } else if (rc != 0) {
            is_kept = true;
        }
    }
    return is_kept;
}
