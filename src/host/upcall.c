/* host: the library calls back into the caller. Trampolines are pages of this program's own text, each with two pages of
 * data behind it: as many as wanted, and no memory is ever writable and executable. */
#include "host/host.h"

#include "abi/frame.h"
#include "host/heap.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_PER_PAGE = FC__OS_PAGE_BYTES / sizeof(struct fc__frame_slot) };

static struct fc__os_lock lock;
static unsigned char *page;            /* trampolines, behind them their slots, and behind those what they gather */
static unsigned used = SLOTS_PER_PAGE; /* of them */

int fc__host_trampoline_new(uint32_t id, uint32_t info, const struct fc__gathers *gathers, uint64_t *ret_address) {
    int rc = 0;
    fc__os_lock(&lock);
    if (used == SLOTS_PER_PAGE) {
        unsigned char *fresh = NULL;
        rc = fc__os_memory_map_text(fc__frame_trampolines, FC__OS_PAGE_BYTES, 2 * (uint64_t)FC__OS_PAGE_BYTES, &fresh);
        if (rc == 0) {
            page = fresh;
            used = 0;
        }
    }
    if (rc == 0) {
        const size_t offset = used++ * sizeof(struct fc__frame_slot);
        struct fc__frame_slot *slot = (struct fc__frame_slot *)(page + FC__OS_PAGE_BYTES + offset);
        slot->id = id;
        memcpy(page + 2 * (size_t)FC__OS_PAGE_BYTES + offset, gathers, sizeof *gathers);
        fc__frame_slot_set(slot, info);
        *ret_address = (uintptr_t)(page + offset);
    }
    fc__os_unlock(&lock);
    return rc;
}

typedef fc__host_word word;

/* Few words, mostly: a loop is done before memcpy has found its way. Volatile keeps the compiler from calling it. */
static inline uint32_t copy(volatile word *to, const word *from, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
    return count;
}

/* What lies where a frame or its answer is going to. Returns how many words. */
static __attribute__((noinline)) uint32_t keep(word *kept, const word *words, uint32_t info) {
    enum { ANSWERED = (FC__FRAME_RESULTS - 1) * sizeof(uint64_t) / sizeof(word) };
    const uint32_t count = FC__FRAME_INTEGERS(info) + FC__FRAME_VECTORS(info) + FC__FRAME_STACK(info) +
                           ((info & FC__FRAME_TELLS_STACK) != 0);
    return copy(kept, words, count > ANSWERED ? count : ANSWERED);
}

/* -- what pointers lead to ----------------------------------------------------------------------------------------- */

typedef uint32_t __attribute__((may_alias, aligned(1))) number;

/* By words: with the vectors of memcpy, the line takes longer to come. */
static inline void copy_bytes(unsigned char *to, const unsigned char *from, uint32_t count) {
    for (; count >= 4; count -= 4, to += 4, from += 4) {
        *(volatile number *)to = *(const number *)from;
    }
    for (; count > 0; count--) {
        *(volatile unsigned char *)to++ = *from++;
    }
}

/* `room`: bytes. Returns how many it takes there; 0 if it does not fit. */
static __attribute__((noinline)) uint32_t gather_bytes(struct fc_wire_line *line, uint32_t at, uint32_t room,
                                                       const unsigned char *from, uint32_t size) {
    if (size == FC__GATHER_TEXT) {
        size = (uint32_t)strnlen((const char *)from, room) + 1;
    }
    if (size > room) {
        return 0;
    }
    fc__wire_claim_more(line, FC__FRAME_WORDS_OFFSET + at + size);
    copy_bytes((unsigned char *)line->words + at, from, size);
    fc__wire_release_more(line, fc__host_waiter, FC__FRAME_WORDS_OFFSET + at + size);
    return (size + 7) & ~7u;
}

/* Behind the frame's words; returns which came, a bit each. What lies in the heap the caller sees where it is. */
static inline uint32_t gather(struct fc_wire_line *line, const struct fc__frame_slot *slot, uint32_t words_bytes) {
    const struct fc__gather *gather = (const void *)((const char *)slot + FC__OS_PAGE_BYTES);
    const unsigned char *const words = (const unsigned char *)line->words;
    uint32_t at = (words_bytes + 7) & ~7u, which = 0;
    const uint32_t end = at + FC__FRAME_GATHERED_BYTES;
    for (uint32_t bit = 1; bit < 1u << FC__GATHERS_MAX && gather->size_bytes != 0; bit <<= 1, gather++) {
        const uint32_t size = gather->size_bytes;
        const unsigned char *const from = (const unsigned char *)*(const word *)(const void *)(words + gather->offset);
        const bool is_there = from != NULL && !fc__heap_holds(from);
        uint32_t taken = size <= FC__FRAME_GATHERED_BYTES ? (size + 7) & ~7u : 0;
        if (is_there && size == 4) { /* mostly: a number */
            *(volatile uint32_t *)(volatile void *)(words + at) = *(const number *)(const void *)from;
            which |= bit;
        } else if (is_there) {
            taken = gather_bytes(line, at, end - at, from, size);
            which |= taken != 0 ? bit : 0;
        }
        at += taken;
    }
    return which;
}

/* -- upcalls ------------------------------------------------------------------------------------------------------- */

/* Passes the upcall that lies in the line to the caller; its answer lies there then. */
static inline __attribute__((always_inline)) void ask_caller(struct fc_wire_line *line) {
    struct fc__wire_waiter *const waiter = fc__host_waiter;
    const uint32_t turn = __builtin_expect(fc__wire_pass(line, waiter, 0, FC__WIRE_OP_UPCALL), 1)
                              ? fc__wire_wait_for(line, FC__WIRE_HOST, waiter, 0, FC__WIRE_AWAITED_RETURN)
                              : FC__WIRE_DEAD;
    if (__builtin_expect(turn != (FC__WIRE_HOST | (uint32_t)FC__WIRE_OP_RETURN << 8), 0)) {
        fc__host_serve_until_answer(line, turn);
    }
}

/* In a thread that the library made, or in a signal handler that has interrupted the host's own code. */
struct foreign {
    struct fc__host_interrupted before;
    struct fc__host_foreign *outer;
};
static __attribute__((noinline)) struct fc_wire_line *begin_foreign(struct foreign *ret_foreign) {
    struct fc__wire_waiter *waiter;
    struct fc_wire_line *line = fc__host_foreign_begin(&waiter, &ret_foreign->outer);
    ret_foreign->before = fc__host_serve_begin(line, waiter);
    return line;
}

static __attribute__((noinline)) void end_foreign(const struct foreign *foreign) {
    fc__host_serve_end(&foreign->before);
    fc__host_foreign_end(foreign->outer);
}

void fc__host_log(const char *text) {
    if (atomic_load(&fc__host.is_ending) || (fc__host_line == NULL && !atomic_load(&fc__host.calls_back))) {
        return;
    }
    const bool is_foreign = fc__host_line == NULL;
    struct foreign foreign;
    struct fc_wire_line *const line = is_foreign ? begin_foreign(&foreign) : fc__host_line;
    word *const words = (word *)line->words;
    enum { COUNT = FC__FRAME_LINE_BYTES / sizeof(word) };
    for (size_t left = strlen(text) + 1; left != 0;) { /* with the NUL */
        word kept[COUNT], piece[COUNT] = {0};
        const size_t len = left < sizeof piece ? left : sizeof piece;
        memcpy(piece, text, len);
        text += len;
        left -= len;
        copy(kept, words, COUNT);
        copy(words, piece, COUNT);
        line->value = FC__WIRE_UPCALL_LOG;
        ask_caller(line);
        copy(words, kept, COUNT);
    }
    if (is_foreign) {
        end_foreign(&foreign);
    }
}

void fc__frame_caught(const struct fc__frame_slot *slot, struct fc__frame_registers *registers, const void *stack) {
    const uint32_t info = slot->info;
    word kept[FC__FRAME_WORDS_BYTES_MAX / sizeof(word)];
    struct fc__os_errors *const errors = &fc__host_errors;
    const bool is_foreign = __builtin_expect(!fc__host_in_library, 0), has_data = fc__host_has_data;
    struct foreign foreign;
    if (is_foreign) {
        fc__os_errors_find(errors);
    }
    const uint32_t error = fc__os_errors_get(errors); /* the caller's function finds it, and leaves another */
    const uint32_t kept_error = fc__os_errors_keep(errors);
    uint32_t count = 0;
    if (__builtin_expect(fc__host.is_forked, 0)) { /* nobody listens to a process that the library forked */
        fc__os_exit_now(EXIT_FAILURE);
    }
    struct fc_wire_line *const line = is_foreign ? begin_foreign(&foreign) : fc__host_line;
    word *const words = (word *)line->words;
    fc__host_enter_library(false);
    fc__wire_claim(line);
    const uint32_t kept_count = __builtin_expect(has_data && !is_foreign, 0) ? keep(kept, words, info) : 0;
    count += copy(words, (const word *)registers->integers, FC__FRAME_INTEGERS(info));
    count += copy(words + count, (const word *)registers->vectors, FC__FRAME_VECTORS(info));
    count += copy(words + count, stack, FC__FRAME_STACK(info));
    if (__builtin_expect((info & FC__FRAME_TELLS_STACK) != 0, 0)) {
        words[count++] = (word)(uintptr_t)stack;
    }
    const bool gathers = (info & FC__FRAME_GATHERS) != 0 && !(has_data && !is_foreign);
    const uint32_t gathered = gathers ? gather(line, slot, count * (uint32_t)sizeof(word)) : 0;
    line->info = error;
    fc__host_store_8(&line->value, FC__FRAME_GATHERED_VALUE(slot->id, gathered));
    ask_caller(line);
    fc__host_copy_8(&registers->results[0], &line->value);
    fc__host_copy_8(&registers->results[1], &line->words[0]);
    if (sizeof(word) == 8) { /* two of the x87 */
        registers->results[2] = line->words[1];
        registers->results[3] = line->words[2];
    }
    const uint32_t left_error = line->info;
    copy(words, kept, kept_count);
    fc__host_has_data = has_data;
    if (is_foreign) {
        end_foreign(&foreign);
    } else {
        fc__host_enter_library(true);
    }
    fc__os_errors_set(errors, error, left_error);
    fc__os_errors_restore(errors, kept_error);
}
