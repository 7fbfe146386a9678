/* bench: calls with a little more than numbers: a struct, a string, a string that comes back. */
#include "bench.h"

#include "lib/benchlib.h"
#include "peer.h"

#include <stdio.h>
#include <string.h>

#define RECORD "struct record { long id; int values[16]; double weights[2]; char name[8]; }; "
#define TEXT "a string of 24 bytes ..."

struct payload {
    struct fc_function *function;
    struct mixed mixed;
    struct record record;
    struct bench_op add; /* brings both sides to their CPUs */
};

static void call_struct(void *context) {
    struct payload *payload = context;
    int result = 0;
    const long before = payload->mixed.g;
    int rc = fc_call(payload->function, &result, &payload->mixed);
    if (rc != FC_OK || result != payload->mixed.c || payload->mixed.g != before + 1) {
        bench_die("change: %s, %d", fc_strerror(rc), result);
    }
    payload->mixed.g = before;
}

static void call_record(void *context) {
    struct payload *payload = context;
    int result = 0;
    const long before = payload->record.id;
    int rc = fc_call(payload->function, &result, &payload->record);
    if (rc != FC_OK || result != 16 || payload->record.id != before + 1) {
        bench_die("change_record: %s, %d", fc_strerror(rc), result);
    }
    payload->record.id = before;
}

static void call_text(void *context) {
    const struct payload *payload = context;
    int result = 0;
    int rc = fc_call(payload->function, &result, TEXT);
    if (rc != FC_OK || result != sizeof TEXT - 1) {
        bench_die("measure: %s, %d", fc_strerror(rc), result);
    }
}

static void call_for_text(void *context) {
    const struct payload *payload = context;
    const char *text = NULL;
    int rc = fc_call(payload->function, &text);
    if (rc != FC_OK || text == NULL || text[0] != 'a') {
        bench_die("made_text: %s", fc_strerror(rc));
    }
}

static void compare(struct bench_session *session, const char *name, const char *prototype, void (*run)(void *context),
                    const char *aim) {
    struct payload payload = {.mixed = {1, 2, 3, 4, 5, 6, 7, 8}};
    bench_check(fc_bind(session->library, prototype, &payload.function), prototype);
    const struct bench_op floor = bench_add_op(session), subject = {.run = run, .context = &payload};
    bench_report_pair(name, "time", bench_compare(&floor, &subject, 40), "ns", aim);
}

static void place(void *context) {
    const struct payload *payload = context;
    payload->add.begin(payload->add.context);
}

/* What the line does not hold. */
static void compare_larger(struct bench_session *session) {
    struct payload payload = {.record = {.weights = {1, 2}}, .add = bench_add_op(session)};
    unsigned char in[64] = {0}, out[64];
    struct bench_peer *peer = bench_peer_start(1);
    struct bench_floor lines = {
        .peer = peer, .mode = PEER_LINES, .caller_cpu = bench.cpus[0], .peer_cpu = bench.cpus[1], .in = in, .out = out};
    for (int i = 0; i < 16; i++) {
        payload.record.values[i] = 1;
    }
    bench_check(fc_bind(session->library, RECORD "int change_record(_Inout_ struct record *record)", &payload.function),
                "change_record");
    const struct bench_op floor = bench_floor_op(&lines);
    const struct bench_op subject = {.run = call_record, .begin = place, .context = &payload};
    bench_report_pair("larger_struct_in_and_out", "time", bench_compare(&floor, &subject, 40), "ns",
                      "<= 1.3 x line and one more");
    bench_peer_stop(peer);
}

void bench_group_payloads(void) {
    if (!bench_has_two_cpus()) {
        fputs("bench: payloads need two CPUs: left out\n", stderr);
        return;
    }
    struct bench_session session;
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    session.placement = BENCH_PLACED;
    session.caller_cpu = bench.cpus[0];
    session.host_cpu = bench.cpus[1];
    compare(&session, "struct_in_and_out", MIXED "int change(_Inout_ struct mixed *mixed)", call_struct,
            "<= 1.4 x Add");
    compare(&session, "string_in", "int measure(_In_z_ const char *text)", call_text, "<= 1.4 x Add");
    compare(&session, "string_out_in_place", "const char *made_text(void)", call_for_text, "<= 1.15 x Add");
    compare_larger(&session);
    bench_session_close(&session);
}
