/* bench: a session with the test library. */
#include "bench.h"

#include <signal.h>
#include <stdio.h>

const char *bench_library_path(void) {
    static char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/../" BENCH_OTHER_TARGET "/libbenchlib.so", bench.folder);
    return path;
}

void bench_session_open(struct bench_session *session, int spin_us) {
    struct fc_options *options = fc_options_new();
    bench_check_errno(options != NULL, "fc_options_new");
    if (spin_us != BENCH_SPIN_DEFAULT) {
        bench_check(fc_options_set_spin_us(options, (uint32_t)spin_us), "fc_options_set_spin_us");
    }
    *session = (struct bench_session){.placement = BENCH_ANYWHERE};
    bench_check(fc_open(bench_library_path(), options, &session->library), "fc_open");
    fc_options_free(options);
    session->session = fc_library_session(session->library);
    session->host_pid = fc_session_host_pid(session->session);
    bench_check(fc_bind(session->library, "int Add(int left, int right)", &session->add), "fc_bind Add");
    bench_check(fc_bind(session->library,
                        "int add10(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j)",
                        &session->add10),
                "fc_bind add10");
    bench_check(fc_bind(session->library,
                        "void pass(_In_reads_(len) const unsigned char *in, _Out_writes_all_(len) unsigned char *out, "
                        "unsigned len)",
                        &session->pass),
                "fc_bind pass");
    bench_check(fc_bind(session->library, "int touch(_In_reads_(len) const unsigned char *bytes, unsigned len)",
                        &session->touch),
                "fc_bind touch");
}

void bench_session_close(struct bench_session *session) {
    fc_library_close(session->library);
}

void bench_session_rest(const struct bench_session *session) {
    bench_check_errno(kill(session->host_pid, SIGSTOP) == 0, "kill");
}

void bench_session_resume(const struct bench_session *session) {
    bench_check_errno(kill(session->host_pid, SIGCONT) == 0, "kill");
}

void bench_call_add(void *session) {
    struct bench_session *s = session;
    int sum = 0;
    int rc = fc_call(s->add, &sum, 3, 4);
    if (rc != FC_OK || sum != 7) {
        bench_die("Add: %s, %d", fc_strerror(rc), sum);
    }
}

void bench_call_add10(void *session) {
    struct bench_session *s = session;
    int sum = 0;
    int rc = fc_call(s->add10, &sum, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    if (rc != FC_OK || sum != 55) {
        bench_die("add10: %s, %d", fc_strerror(rc), sum);
    }
}

static void slice_begin(void *session) {
    struct bench_session *s = session;
    if (s->placement == BENCH_ANYWHERE) {
        return;
    }
    bench_pin_self(s->caller_cpu);
    bench_pin_process(s->host_pid, s->host_cpu);
    if (s->placement == BENCH_PLACED) {
        for (int i = 0; i < 10; i++) {
            bench_call_add(s);
        }
        bench_pin_process(s->host_pid, -1);
        bench_pin_self(-1);
    }
}

static void slice_end(void *session) {
    struct bench_session *s = session;
    if (s->placement == BENCH_PINNED) {
        bench_pin_self(-1);
    }
}

struct bench_op bench_add_op(struct bench_session *session) {
    return (struct bench_op){.run = bench_call_add, .begin = slice_begin, .end = slice_end, .context = session};
}
