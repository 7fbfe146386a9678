/* tests: functions of tests/libs/own_threads.c, which makes threads that call back. */
#ifndef FC_TESTS_OWN_THREADS_H
#define FC_TESTS_OWN_THREADS_H

#include "call.h"

#include "sessions.h"

static const char UNUSED_HERE run_threads_prototype[] =
    "int run_threads(int (*visit)(int index, int round, int thread), int count, int rounds)";
static const char UNUSED_HERE run_in_step_prototype[] =
    "int run_in_step(int (*visit)(int index, int round, int thread), int count, int rounds)";
static const char UNUSED_HERE run_in_a_row_prototype[] =
    "int run_in_a_row(int (*visit)(int index, int round, int thread), int count)";
static const char UNUSED_HERE begin_ticking_prototype[] =
    "void begin_ticking(int (*function)(int number), unsigned us)";

static UNUSED_HERE int sum_of_all(int index, int round, int thread) {
    (void)thread;
    return index * 1000 + round;
}
static UNUSED_HERE int expected_sum(int count, int rounds) {
    return count * (count - 1) / 2 * 1000 * rounds + count * (rounds * (rounds - 1) / 2);
}

static UNUSED_HERE void wait_for_threads(unsigned count) {
    wait_for_threads_of(getpid(), count);
}

#endif
