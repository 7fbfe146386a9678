/* bench: many threads calling at once, beside as many pairs of threads that always sleep on a futex. */
#include "bench.h"

#include "peer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SLICE_MS = 66 }; /* 15 of them: about a second */

/* Threads that do one op again and again while the gate is open. */
struct crew {
    struct bench_session *session; /* NULL: the floor's */
    struct bench_peer *peer;
    unsigned count;
    pthread_t threads[PEER_SLOTS];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned active;
    unsigned round; /* of opening the gate: a thread that comes late takes part all the same */
    bool is_ending;
    _Atomic bool is_open;
    _Atomic uint64_t calls;
};
struct member {
    struct crew *crew;
    unsigned index;
};

static void work(const struct member *member, struct peer_slot *slot) {
    struct crew *crew = member->crew;
    uint64_t calls = 0;
    while (atomic_load_explicit(&crew->is_open, memory_order_relaxed)) {
        if (slot != NULL) {
            bench_exchange_futex(slot);
        } else {
            bench_call_add(crew->session);
        }
        calls++;
    }
    atomic_fetch_add(&crew->calls, calls);
}

/* Not without limit: glibc before 2.41 can lose a wake-up where many wait on one condition (its bug 25847). */
static void wait_a_little(struct crew *crew) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
}

static void *run_member(void *argument) {
    struct member *member = argument;
    struct crew *crew = member->crew;
    struct peer_slot *slot = crew->peer != NULL ? bench_peer_slot(crew->peer, member->index) : NULL;
    if (slot == NULL) {
        bench_call_add(crew->session); /* the first call makes the thread's channel */
    }
    pthread_mutex_lock(&crew->lock);
    for (unsigned round = 0;; round++) {
        crew->active--;
        pthread_cond_broadcast(&crew->changed);
        while (crew->round == round && !crew->is_ending) {
            wait_a_little(crew);
        }
        if (crew->is_ending) {
            break;
        }
        pthread_mutex_unlock(&crew->lock);
        work(member, slot);
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
    free(member);
    return NULL;
}

static void wait_until_idle(struct crew *crew) {
    while (crew->active > 0) {
        wait_a_little(crew);
    }
}

static void crew_start(struct crew *crew, unsigned count, struct bench_session *session, struct bench_peer *peer) {
    *crew = (struct crew){.session = session, .peer = peer, .count = count, .active = count};
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    for (unsigned i = 0; i < count; i++) {
        struct member *member = bench_alloc(sizeof *member);
        *member = (struct member){.crew = crew, .index = i};
        if (peer != NULL) {
            bench_peer_enter(peer, i, PEER_FUTEX);
        }
        if (pthread_create(&crew->threads[i], NULL, run_member, member) != 0) {
            bench_die("cannot start %u threads", count);
        }
    }
    pthread_mutex_lock(&crew->lock);
    wait_until_idle(crew);
    pthread_mutex_unlock(&crew->lock);
}

static void crew_stop(struct crew *crew) {
    pthread_mutex_lock(&crew->lock);
    crew->is_ending = true;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    for (unsigned i = 0; i < crew->count; i++) {
        pthread_join(crew->threads[i], NULL);
        if (crew->peer != NULL) {
            bench_peer_leave(crew->peer, i);
        }
    }
    pthread_mutex_destroy(&crew->lock);
    pthread_cond_destroy(&crew->changed);
}

/* One slice: calls per second, and calls per second of CPU time that both sides used. */
static void slice(struct crew *crew, double *ret_per_second, double *ret_per_cpu_second) {
    const int other = crew->peer != NULL ? bench_peer_pid(crew->peer) : crew->session->host_pid;
    const uint64_t cpu_before = bench_process_cpu_ns() + bench_cpu_ns_of(other);
    const uint64_t before = bench_now_ns();
    pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->calls, 0);
    crew->active = crew->count;
    crew->round++;
    atomic_store(&crew->is_open, true);
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    bench_sleep_until(before + (uint64_t)(SLICE_MS * 1e6 * bench.scale));
    atomic_store(&crew->is_open, false);
    pthread_mutex_lock(&crew->lock);
    wait_until_idle(crew);
    pthread_mutex_unlock(&crew->lock);
    const double calls = (double)atomic_load(&crew->calls);
    const double cpu_ns = (double)(bench_process_cpu_ns() + bench_cpu_ns_of(other) - cpu_before);
    *ret_per_second = calls * 1e9 / (double)(bench_now_ns() - before);
    *ret_per_cpu_second = calls * 1e9 / cpu_ns;
}

static void compare_threads(unsigned count, const char *target) {
    struct bench_session session;
    struct crew floor, subject;
    bench_session_open(&session, BENCH_SPIN_DEFAULT);
    struct bench_peer *peer = bench_peer_start(count);
    crew_start(&floor, count, NULL, peer);
    crew_start(&subject, count, &session, NULL);
    enum { FLOOR_RATE, RATE, FLOOR_PER_CPU, PER_CPU, COLUMNS };
    double *columns[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = bench_alloc(bench.slices * sizeof *columns[i]);
    }
    for (int i = -1; i < (int)bench.slices; i++) { /* the first is to warm up */
        int at = i < 0 ? 0 : i;
        slice(&floor, &columns[FLOOR_RATE][at], &columns[FLOOR_PER_CPU][at]);
        slice(&subject, &columns[RATE][at], &columns[PER_CPU][at]);
    }
    char name[BENCH_NAME_BYTES];
    snprintf(name, sizeof name, "threads_%u", count);
    struct bench_pair rate = bench_pair_of(columns[FLOOR_RATE], columns[RATE], bench.slices);
    struct bench_pair per_cpu = bench_pair_of(columns[FLOOR_PER_CPU], columns[PER_CPU], bench.slices);
    bench_report(name, "calls", rate.value, "1/s", rate.floor, rate.ratio, "");
    bench_report(name, "calls_per_cpu_second", per_cpu.value, "1/s", per_cpu.floor, per_cpu.ratio, target);
    for (int i = 0; i < COLUMNS; i++) {
        free(columns[i]);
    }
    crew_stop(&subject);
    crew_stop(&floor);
    bench_peer_stop(peer);
    bench_session_close(&session);
}

void bench_group_threads(void) {
    static const unsigned counts[] = {1, 2, 4, 8, 32};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        compare_threads(counts[i], counts[i] > 2 ? ">= 1 x futex" : "");
    }
}
