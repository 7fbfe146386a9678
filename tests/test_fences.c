/* Both sides pass turns by plain stores once they answer each other at once, in every process that calls. */
#include "sessions.h"

#include "client/client.h"

#include <signal.h>

enum { BATCH = 1000 };
#define LIMIT_NS UINT64_C(90000000000) /* for a machine whose CPUs are all taken by others */

static void need_fences(void) {
    fc__os_fences_begin();
    if (fc__os_fences_state() != FC__OS_FENCES_WORK) {
        skip_because("this system has no fences on all processors");
    }
    if (fc__os_cpus_affine() < 2 || fc__os_cpus_quota() < 2) {
        skip_because("with one CPU nothing spins");
    }
    fc__os_fences_forget(); /* the session finds out for itself */
}

/* Calls until the host has promised its fence, and this side believes it. */
static bool comes_to_trust(struct fc_library *library) {
    const uint64_t until_ns = now_ns() + LIMIT_NS;
    struct fc_function *add = bind(library, "int add(int a, int b)");
    do {
        for (int i = 0; i < BATCH; i++) {
            int sum = 0;
            must(fc_call(add, &sum, i, 1));
            require(sum == i + 1);
            if (fc__channel_recent.channel->waiter.trusts != 0) {
                return true;
            }
        }
    } while (now_ns() < until_ns);
    return false;
}

TEST(fences_are_believed_by_who_is_answered_at_once) {
    need_fences();
    struct fc_library *library = open_other("process", NULL);
    assert_true(comes_to_trust(library));
    fc_library_close(library);
}

/* What the dead host promised is void; the next one promises anew. */
TEST(fences_of_a_dead_host_are_forgotten) {
    need_fences();
    struct fc_library *library = open_other("process", NULL);
    assert_true(comes_to_trust(library));
    for (int i = 0; i < 3; i++) {
        int sum = 0;
        require(kill(host_pid(library), SIGKILL) == 0);
        while (fc_call(bind(library, "int add(int a, int b)"), &sum, 1, 2) != FC_OK) {
        }
        assert_true(comes_to_trust(library));
    }
    fc_library_close(library);
}

TEST(fences_begin_anew_in_a_forked_child) {
    need_threads_after_fork();
    need_fences();
    struct fc_library *library = open_other("process", NULL);
    assert_true(comes_to_trust(library));
    fflush(NULL);
    const pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        _exit(comes_to_trust(library) ? 0 : 1);
    }
    must_succeed(child);
    fc_library_close(library);
}
