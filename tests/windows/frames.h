/* What tests/test_passing_windows_frames.c has a Windows program (frames.c) do, and what that answers: files of these,
 * one for each call. */
#ifndef FC_TESTS_WINDOWS_FRAMES_H
#define FC_TESTS_WINDOWS_FRAMES_H

#include <stdint.h>

enum { FRAMES_POINTERS = 16, FRAMES_VALUE = 1024, FRAMES_VALUES = 15 * FRAMES_VALUE, FRAMES_NONE = 0xffff };

struct frames_call {
    uint32_t function; /* its number */
    uint32_t is_upcall;
    uint32_t info; /* of its frame; an upcall's as a trampoline has it */
    uint32_t words_bytes;
    uint32_t pointer_count;
    struct {
        uint16_t at, to, bytes; /* the word at `at` is the address of `bytes` bytes at `to` in `memory` */
    } pointers[FRAMES_POINTERS];
    uint32_t hidden_at;                 /* an upcall's: the word that says where the result goes, or FRAMES_NONE */
    uint64_t results[4];                /* an upcall's */
    unsigned char in[FRAMES_VALUES];    /* what a function returns; what a function that calls back passes */
    unsigned char result[FRAMES_VALUE]; /* an upcall's that is hidden */
    unsigned char memory[FRAMES_VALUES + FRAMES_VALUE];
    unsigned char words[4096 + 128];
};

struct frames_answer {
    uint64_t results[4];
    uint64_t result_in_memory; /* result 0, from the start of `memory` on */
    unsigned char out[FRAMES_VALUES];
    unsigned char memory[FRAMES_VALUES + FRAMES_VALUE];
    unsigned char words[4096 + 128];
};

#endif
