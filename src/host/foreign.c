/* host: threads that the library made itself, and that call back. Each gets the channel of a dispatcher in the caller
 * and keeps it, until it ends, or until there can be no more and another thread needs it while this one does not. */
#include "host/host.h"

#include "os/os.h"

#include <stdlib.h>

enum {
    IDLE_MAX = 4,       /* channels that are kept for threads to come */
    RING_AGAIN_MS = 50, /* the caller may not have been able to make one */
    PATIENT_WAITS = 40, /* before another thread's is taken, though there could be one more */
    NO_BELL_YET = -1,
    NO_BELL_EVER = -2,
};

/* The channel of one dispatcher. `user` is 0 if it is nobody's, else the thread's number, twice, plus 1 while an upcall
 * is made. A thread that has a channel needs one exchange to use it; who takes it away holds the lock, and needs one
 * too. */
struct fc__host_foreign {
    _Atomic uint64_t user;
    struct fc_wire_line *line; /* NULL: a free slot */
    struct fc__wire_waiter waiter;
};
static struct fc__host_foreign channels[FC__WIRE_DISPATCHERS_MAX];

static struct fc__os_lock lock;
static _Atomic uint32_t changes; /* of what those that wait look for */
static unsigned ending;
static unsigned count;           /* of slots in use */
static _Atomic unsigned waiting; /* threads */
static int bell_fd = NO_BELL_YET;

static _Atomic uint64_t last_thread;
static _Thread_local uint64_t this_thread; /* from 1; never used again */
static _Thread_local struct fc__host_foreign *own;
static _Thread_local bool is_past; /* the thread ends: its destructors give the channel back each time */

static void tell_all_locked(void) {
    atomic_fetch_add(&changes, 1);
    fc__os_wake(&changes);
}
static void tell_one_locked(void) {
    atomic_fetch_add(&changes, 1);
    fc__os_wake_one(&changes);
}

static void wait_locked(void) {
    const uint32_t seen = atomic_load(&changes);
    fc__os_unlock(&lock);
    fc__os_wait(&changes, seen, fc__os_now_ns() + RING_AGAIN_MS * UINT64_C(1000000));
    fc__os_lock(&lock);
}

/* A signal handler may call back while the thread is in the middle of this. */
static void lock_held(struct fc__os_held *ret_held) {
    fc__os_thread_hold(ret_held);
    fc__os_lock(&lock);
}
static void unlock_held(const struct fc__os_held *held) {
    fc__os_unlock(&lock);
    fc__os_thread_release(held);
}

/* -- from the caller ----------------------------------------------------------------------------------------------- */

void fc__host_foreign_bell(int fd) {
    fc__os_signals_begin_elsewhere(); /* this thread is what a handler that calls back waits for */
    fc__os_lock(&lock);
    fc__os_close(&bell_fd);
    bell_fd = fd >= 0 ? fd : NO_BELL_EVER;
    tell_all_locked();
    fc__os_unlock(&lock);
}

void fc__host_foreign_await_bell(void) {
    struct fc__os_held held;
    lock_held(&held);
    for (unsigned waited = 0; bell_fd == NO_BELL_YET && waited < PATIENT_WAITS; waited++) {
        wait_locked();
    }
    unlock_held(&held);
}

void fc__host_foreign_add(struct fc_wire_line *line, uint64_t bells) {
    fc__os_lock(&lock);
    for (unsigned i = 0; i < FC__WIRE_DISPATCHERS_MAX; i++) {
        struct fc__host_foreign *slot = &channels[i];
        if (slot->line == NULL) {
            slot->line = line;
            fc__wire_waiter_init(&slot->waiter, fc__host.header->spin_us, fc__host.header->quota_is_scarce != 0);
            fc__host_bells_open(bells, &slot->waiter);
            count++;
            break;
        }
    }
    tell_all_locked();
    fc__os_unlock(&lock);
}

/* -- taking one ---------------------------------------------------------------------------------------------------- */

static bool claim(struct fc__host_foreign *slot, uint64_t from) {
    return atomic_compare_exchange_strong(&slot->user, &from, this_thread * 2 + 1);
}

/* One that is nobody's; with `any`, also one whose thread does not use it at this moment. */
static struct fc__host_foreign *find_locked(bool any) {
    for (int pass = 0; pass < (any ? 2 : 1); pass++) {
        for (unsigned i = 0; i < FC__WIRE_DISPATCHERS_MAX; i++) {
            struct fc__host_foreign *slot = &channels[i];
            const uint64_t user = atomic_load(&slot->user);
            if (slot->line != NULL && (pass == 0 ? user == 0 : user % 2 == 0) && claim(slot, user)) {
                return slot;
            }
        }
    }
    return NULL;
}

static void ring_locked(void) {
    if (bell_fd == NO_BELL_EVER) {
        fc__host_report_end(FC__WIRE_END_NO_BELL);
    }
    if (bell_fd >= 0 && fc__os_bell_ring(bell_fd) != 0) { /* the descriptor is no longer what it was */
        fc__host_report_end(FC__WIRE_END_DESCRIPTORS);
    }
}

/* The caller has closed the session, so that nobody answers any more: destructors run, and may wait for their threads.
 * The one that runs them ends the process. */
static _Noreturn void stop(void) {
    if (fc__os_thread_is_first()) {
        fc__os_exit_now(EXIT_SUCCESS);
    }
    fc__os_thread_exit();
}

static struct fc__host_foreign *take_locked(void) {
    struct fc__host_foreign *slot = find_locked(count == FC__WIRE_DISPATCHERS_MAX);
    if (slot != NULL && atomic_load(&waiting) == 0) {
        return slot;
    }
    /* Another one is needed, whoever of those that wait gets it. */
    atomic_fetch_add(&fc__host.header->dispatchers_wanted, 1);
    ring_locked();
    atomic_fetch_add(&waiting, 1);
    for (unsigned waited = 0; slot == NULL; waited++) {
        wait_locked();
        if (atomic_load(&fc__host.is_ending)) {
            fc__os_unlock(&lock);
            stop();
        }
        slot = find_locked(waited >= PATIENT_WAITS || count == FC__WIRE_DISPATCHERS_MAX);
        if (slot == NULL) {
            ring_locked();
        }
    }
    atomic_fetch_sub(&waiting, 1);
    return slot;
}

static bool is_in_use(const struct fc__host_foreign *slot) {
    return atomic_load(&slot->user) == this_thread * 2 + 1;
}

struct fc_wire_line *fc__host_foreign_begin(struct fc__wire_waiter **ret_waiter, struct fc__host_foreign **ret_outer) {
    if (atomic_load(&fc__host.is_ending)) {
        stop();
    }
    *ret_outer = own != NULL && is_in_use(own) ? own : NULL; /* a signal handler has interrupted an upcall */
    if (own == NULL || !claim(own, this_thread * 2)) {
        struct fc__os_held held;
        lock_held(&held);
        this_thread = this_thread != 0 ? this_thread : atomic_fetch_add(&last_thread, 1) + 1;
        if (own == NULL || !claim(own, this_thread * 2)) { /* a handler may have got one meanwhile */
            own = take_locked();
            fc__os_ending_set(ending, own);
        }
        unlock_held(&held);
    }
    *ret_waiter = &own->waiter;
    return own->line;
}

/* -- giving it back ------------------------------------------------------------------------------------------------ */

void fc__host_foreign_forget(void) {
    if (own != NULL && is_in_use(own)) {
        struct fc__os_held held;
        lock_held(&held);
        own->line = NULL;
        atomic_store(&own->user, 0);
        count--;
        own = NULL;
        fc__os_ending_set(ending, NULL);
        unlock_held(&held);
    }
}

/* Too many that are nobody's: their dispatchers end. */
static void trim_locked(void) {
    unsigned idle = 0;
    for (unsigned i = 0; i < FC__WIRE_DISPATCHERS_MAX; i++) {
        struct fc__host_foreign *slot = &channels[i];
        if (slot->line != NULL && atomic_load(&slot->user) == 0 && ++idle > IDLE_MAX) {
            struct fc_wire_line *line = slot->line;
            slot->line = NULL;
            count--;
            fc__wire_pass(line, &slot->waiter, 0, FC__WIRE_OP_LEAVE);
            fc__host_bells_close(&slot->waiter);
        }
    }
}

static void give_back(uint64_t from, struct fc__host_foreign *outer) {
    struct fc__host_foreign *mine = own;
    struct fc__os_held held;
    lock_held(&held);
    own = outer;
    if (atomic_compare_exchange_strong(&mine->user, &from, 0)) { /* else another thread has it by now */
        if (atomic_load(&waiting) == 0) {
            trim_locked();
        }
        tell_one_locked();
    }
    if (outer != NULL) {
        fc__os_ending_set(ending, outer);
    }
    unlock_held(&held);
}

/* Destructors of the library may call back after this. */
static void thread_ends(void *slot) {
    is_past = true;
    if (fc__host.is_forked || slot != own) {
        return;
    }
    if (is_in_use(own)) { /* in a call that the caller's function made */
        fc__host_report_end(FC__WIRE_END_THREAD);
    }
    give_back(this_thread * 2, NULL);
}

void fc__host_foreign_end(struct fc__host_foreign *outer) {
    if (is_past || outer != NULL) {
        give_back(this_thread * 2 + 1, outer);
        return;
    }
    atomic_store(&own->user, this_thread * 2);
    if (atomic_load(&waiting) != 0) {
        struct fc__os_held held;
        lock_held(&held);
        tell_one_locked();
        unlock_held(&held);
    }
}

void fc__host_foreign_forked(void) {
    fc__os_close(&bell_fd);
}

void fc__host_foreign_install(void) {
    fc__os_ending_new(thread_ends, &ending);
}
