/* tests: makes frames' calls, and catches those of trampolines, on Windows, without a caller and without plans.
 *     frames.exe CALLS ANSWERS
 * Linked with the assembly of src/abi, and with the functions that the test wrote. */
#include "frames.h"

#include "abi/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { PAGE = 4096, WORD_BYTES = sizeof(uintptr_t) };

/* The functions', which write their arguments to farcall_out and return what lies at farcall_in. */
extern unsigned char farcall_in[], farcall_out[];
extern void *const farcall_functions[];
extern void (*const farcall_callers[])(void *function, const unsigned char *in, unsigned char *out);
int _fltused; /* what Microsoft's compilers ask for, by this name */

static struct frames_call now;
static struct frames_answer answer;
static struct {
    uint64_t head, target;
    unsigned char words[sizeof now.words];
} frame;

static void set_word(unsigned char *words, unsigned at, const void *pointer) {
    const uintptr_t value = (uintptr_t)pointer;
    memcpy(words + at, &value, sizeof value);
}

static void *word(const unsigned char *words, unsigned at) {
    uintptr_t value;
    memcpy(&value, words + at, sizeof value);
    return (void *)value;
}

static void call(void) {
    memcpy(frame.words, now.words, sizeof frame.words);
    for (unsigned i = 0; i < now.pointer_count; i++) {
        set_word(frame.words, now.pointers[i].at, answer.memory + now.pointers[i].to);
    }
    memcpy(answer.memory, now.memory, sizeof answer.memory);
    memcpy(farcall_in, now.in, FRAMES_VALUE);
    frame.target = (uintptr_t)farcall_functions[now.function];
    fc__frame_invoke(&frame, now.info, answer.results);
    answer.result_in_memory = (uintptr_t)answer.results[0] - (uintptr_t)answer.memory;
    memcpy(answer.out, farcall_out, sizeof answer.out);
}

void fc__frame_caught(const struct fc__frame_slot *slot, struct fc__frame_registers *registers, const void *stack) {
    const unsigned integers = FC__FRAME_INTEGERS(slot->info) * WORD_BYTES,
                   rest = FC__FRAME_STACK(slot->info) * WORD_BYTES;
    memcpy(answer.words, registers->integers, integers);
    memcpy(answer.words + integers, stack, rest);
    for (unsigned i = 0; i < now.pointer_count; i++) {
        const void *from = word(answer.words, now.pointers[i].at);
        if (!IsBadReadPtr(from, now.pointers[i].bytes)) {
            memcpy(answer.memory + now.pointers[i].to, from, now.pointers[i].bytes);
        }
    }
    memcpy(registers->results, now.results, sizeof now.results);
    if (now.hidden_at != FRAMES_NONE) {
        void *hidden = word(answer.words, now.hidden_at);
        if (IsBadWritePtr(hidden, (UINT_PTR)now.results[1])) {
            return; /* it is something else, as will be seen */
        }
        memcpy(hidden, now.result, (size_t)now.results[1]);
        registers->results[0] = (uintptr_t)hidden;
    }
}

static void upcall(unsigned char *page) {
    struct fc__frame_slot *slot = (struct fc__frame_slot *)(page + PAGE);
    fc__frame_slot_set(slot, now.info);
    farcall_callers[now.function](page, now.in, answer.out);
}

int main(int argc, char **argv) {
    unsigned char *page = VirtualAlloc(NULL, 2 * PAGE, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD before;
    FILE *calls = argc == 3 ? fopen(argv[1], "rb") : NULL, *answers = argc == 3 ? fopen(argv[2], "wb") : NULL;
    if (page == NULL || calls == NULL || answers == NULL) {
        fprintf(stderr, "usage: frames.exe CALLS ANSWERS\n");
        return 1;
    }
    memcpy(page, fc__frame_trampolines, PAGE);
    VirtualProtect(page, PAGE, PAGE_EXECUTE_READ, &before);
    while (fread(&now, sizeof now, 1, calls) == 1) {
        memset(&answer, 0, sizeof answer);
        if (now.is_upcall) {
            upcall(page);
        } else {
            call();
        }
        if (fwrite(&answer, sizeof answer, 1, answers) != 1) {
            return 1;
        }
    }
    return fclose(answers) == 0 ? 0 : 1;
}
