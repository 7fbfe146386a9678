/* tests: points and segments with random values, for cases of structs. */
#ifndef FC_TESTS_CONFORMANCE_POINTS_H
#define FC_TESTS_CONFORMANCE_POINTS_H

#include "conformance/run.h"
#include "conformance/structs.h"

static UNUSED_HERE struct point any_point(void) {
    const int x = any_int();
    return (struct point){x, any_int()};
}
static UNUSED_HERE struct segment any_segment(void) {
    struct segment segment = {.kind = ANY(char)};
    segment.from = any_point();
    segment.to = any_point();
    segment.length = any_int();
    return segment;
}
static UNUSED_HERE void see_segment(const struct segment *segment) {
    SEE(segment->kind);
    SEE(segment->from.x);
    SEE(segment->from.y);
    SEE(segment->to.x);
    SEE(segment->to.y);
    SEE(segment->length);
}

#endif
