/* bench: what a floor's two processes share. A floor is the least that an exchange between two processes costs by some
 * means, written in plain C without this project's library.
 * Runs in: the benchmark and its peer, a program of the other width.  Threads: one of each side for each slot. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PEER_SLOTS 32u
#define PEER_BLOCK_BYTES (1u << 20)
#define PEER_STOP UINT32_MAX /* a sequence number that ends a mode */

/* How a slot's thread of the peer answers. PEER_IDLE: it sleeps on `mode`. */
enum peer_mode {
    PEER_IDLE,
    PEER_LINE,   /* both sides look at the line without pause; it alone changes hands */
    PEER_FUTEX,  /* both sides sleep on the line */
    PEER_LINES,  /* as PEER_LINE, with one line more each way, all of it read and written */
    PEER_PASS,   /* as PEER_LINE, with one pass over the block for each exchange */
    PEER_SOCKET, /* messages over a socket pair */
    PEER_PIPE,   /* messages over two pipes */
    PEER_SORT,   /* sorts ints of the block `in`; for each comparison, the line goes to the caller and back */
};

struct peer_line {
    _Atomic uint32_t sequence; /* odd: asked; even: answered */
    int32_t left, right, answer;
    uint32_t unused[12];
};
_Static_assert(sizeof(struct peer_line) == 64, "one cache line");

struct peer_slot {
    _Alignas(64) struct peer_line line;
    _Atomic uint32_t mode;
    _Atomic int32_t tid;
    uint32_t unused[14];
    unsigned char more[64]; /* of PEER_LINES */
};
_Static_assert(sizeof(struct peer_slot) == 192, "the same at both widths");

struct peer_shared {
    struct peer_slot slots[PEER_SLOTS];
    _Alignas(4096) unsigned char in[PEER_BLOCK_BYTES];
    unsigned char out[PEER_BLOCK_BYTES];
};

/* PEER_SORT. The caller asks with the number of ints in `left`; the peer's turns ask with the places of two of them, or
 * say with PEER_SORTED that there is no more to ask. */
#define PEER_SORTED (-1)

struct peer_message {
    int32_t left, right; /* both INT32_MIN: ends the mode */
};

/* Descriptors that the peer is started with. */
enum { PEER_FD_MEMORY = 3, PEER_FD_SOCKET = 4, PEER_FD_PIPE_IN = 5, PEER_FD_PIPE_OUT = 6, PEER_FDS = 4 };

/* The one pass over a block that floor and test library both make: every byte read once and written once. */
typedef unsigned char peer_vector __attribute__((vector_size(16)));

static inline void peer_pass(const unsigned char *in, unsigned char *out, size_t len) {
    size_t i = 0;
    for (; i + sizeof(peer_vector) <= len; i += sizeof(peer_vector)) {
        peer_vector vector;
        memcpy(&vector, in + i, sizeof vector);
        vector += 1;
        memcpy(out + i, &vector, sizeof vector);
    }
    for (; i < len; i++) {
        out[i] = (unsigned char)(in[i] + 1);
    }
}

#endif
