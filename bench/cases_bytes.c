/* bench: calls that move bytes. */
#include "bench.h"

#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

struct blocks {
    struct bench_session *session;
    unsigned char *in, *out;
};

static void call_pass(void *context) {
    struct blocks *blocks = context;
    int rc = fc_call(blocks->session->pass, NULL, blocks->in, blocks->out, PEER_BLOCK_BYTES);
    if (rc != FC_OK) {
        bench_die("pass: %s", fc_strerror(rc));
    }
}

/* Both sides on CPUs of their own, as the floor's. */
static void place(void *context) {
    const struct blocks *blocks = context;
    const struct bench_op add = bench_add_op(blocks->session);
    add.begin(add.context);
}

static void check_pass(struct blocks *blocks) {
    for (unsigned i = 0; i < PEER_BLOCK_BYTES; i++) {
        blocks->in[i] = (unsigned char)(i * 7);
    }
    memset(blocks->out, 0, PEER_BLOCK_BYTES);
    call_pass(blocks);
    for (unsigned i = 0; i < PEER_BLOCK_BYTES; i++) {
        if (blocks->out[i] != (unsigned char)(i * 7 + 1)) {
            bench_die("pass: byte %u is %u", i, blocks->out[i]);
        }
    }
}

static void compare_block(struct bench_session *session) {
    struct blocks blocks = {
        .session = session, .in = bench_alloc(PEER_BLOCK_BYTES), .out = bench_alloc(PEER_BLOCK_BYTES)};
    check_pass(&blocks);
    struct bench_peer *peer = bench_peer_start(1);
    struct bench_floor raw = {.peer = peer,
                              .mode = PEER_PASS,
                              .caller_cpu = bench.cpus[0],
                              .peer_cpu = bench.cpus[1],
                              .in = blocks.in,
                              .out = blocks.out};
    const struct bench_op floor = bench_floor_op(&raw);
    const struct bench_op subject = {.run = call_pass, .begin = place, .context = &blocks};
    bench_report_pair("call_1MiB_in_and_out", "time", bench_compare(&floor, &subject, 60), "us", "<= 1.15 x raw");
    bench_peer_stop(peer);
    free(blocks.in);
    free(blocks.out);
}

/* -- memory that both sides see ------------------------------------------------------------------------------------ */

struct shared_block {
    struct bench_session *session;
    unsigned char *memory;
    unsigned len;
};

static void call_touch(void *context) {
    struct shared_block *block = context;
    int sum = 0;
    int rc = fc_call(block->session->touch, &sum, block->memory, block->len);
    if (rc != FC_OK || sum != 3) {
        bench_die("touch: %s, %d", fc_strerror(rc), sum);
    }
}

static void compare_shared(struct bench_session *session, const char *name, unsigned len) {
    struct shared_block block = {.session = session, .len = len, .memory = fc_alloc(session->session, len)};
    if (block.memory == NULL) {
        bench_die("fc_alloc: %s", fc_error_text());
    }
    block.memory[0] = 1;
    block.memory[len - 1] = 2;
    const struct bench_op floor = {.run = bench_call_add, .context = session};
    const struct bench_op subject = {.run = call_touch, .context = &block};
    struct bench_pair pair = bench_compare(&floor, &subject, 20);
    bench_report(name, "beyond_add", pair.difference / 1e3, "us", pair.floor / 1e3, NAN, "< 1 us");
    fc_free(session->session, block.memory);
}

void bench_group_bytes(void) {
    if (!bench_has_two_cpus()) {
        fputs("bench: call_1MiB_in_and_out needs two CPUs: left out\n", stderr);
        return;
    }
    struct bench_session session;
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    session.placement = BENCH_PLACED;
    session.caller_cpu = bench.cpus[0];
    session.host_cpu = bench.cpus[1];
    compare_block(&session);
    compare_shared(&session, "fc_alloc_4KiB", 4u << 10);
    compare_shared(&session, "fc_alloc_1MiB", 1u << 20);
    compare_shared(&session, "fc_alloc_64MiB", 64u << 20);
    bench_session_close(&session);
}
