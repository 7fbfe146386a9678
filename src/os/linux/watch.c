/* os: one thread that sleeps until a watched process ends. */
#include "os/os.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { STACK_BYTES = 128 * 1024, MIDDLES_MAX = 16 };
#define KEY_ERRAND UINT64_MAX
#define KEY_BELL (UINT64_C(1) << 63)

struct fc__os_watch {
    int epoll_fd;
    int errand_fd; /* an eventfd: there is something to reap, or the thread is to stop */
    uint64_t thread;
    void (*ended)(uint64_t key);
    void (*rang)(uint64_t key);
    pthread_mutex_t lock;
    bool is_stopping;
    unsigned count;
    struct fc__os_middle middles[MIDDLES_MAX];
};

/* True if the thread is to stop. */
static bool run_errands(struct fc__os_watch *watch) {
    uint64_t ignored;
    while (read(watch->errand_fd, &ignored, sizeof ignored) < 0 && errno == EINTR) {
    }
    pthread_mutex_lock(&watch->lock);
    for (; watch->count > 0; watch->count--) {
        fc__os_spawn_reap(&watch->middles[watch->count - 1]);
    }
    bool is_stopping = watch->is_stopping;
    pthread_mutex_unlock(&watch->lock);
    return is_stopping;
}

static void *run(void *argument) {
    struct fc__os_watch *watch = argument;
    fc__os_fences_begin(); /* here, where nobody waits for it */
    for (;;) {
        struct epoll_event event;
        int count = epoll_wait(watch->epoll_fd, &event, 1, -1);
        if (count != 1) {
            continue;
        }
        if (event.data.u64 == KEY_ERRAND) {
            if (run_errands(watch)) {
                return NULL;
            }
        } else if ((event.data.u64 & KEY_BELL) != 0) {
            watch->rang(event.data.u64 & ~KEY_BELL);
        } else {
            watch->ended(event.data.u64); /* EPOLLONESHOT: once each */
        }
    }
}

void fc__os_watch_abandon(struct fc__os_watch *watch) {
    pthread_mutex_destroy(&watch->lock);
    fc__os_close(&watch->epoll_fd);
    fc__os_close(&watch->errand_fd);
    free(watch);
}

int fc__os_watch_new(void (*ended)(uint64_t key), void (*rang)(uint64_t key), struct fc__os_watch **ret_watch) {
    struct fc__os_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return -ENOMEM;
    }
    watch->ended = ended;
    watch->rang = rang;
    pthread_mutex_init(&watch->lock, NULL);
    watch->epoll_fd = fc__os_off_standard(epoll_create1(EPOLL_CLOEXEC));
    watch->errand_fd = fc__os_off_standard(eventfd(0, EFD_CLOEXEC));
    struct epoll_event errand = {.events = EPOLLIN, .data.u64 = KEY_ERRAND};
    int rc = 0;
    if (watch->epoll_fd < 0 || watch->errand_fd < 0 ||
        epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watch->errand_fd, &errand) != 0) {
        rc = -errno;
    } else {
        rc = fc__os_thread_start(run, watch, STACK_BYTES, &watch->thread);
    }
    if (rc != 0) {
        fc__os_watch_abandon(watch);
        return rc;
    }
    *ret_watch = watch;
    return 0;
}

int fc__os_watch_add(struct fc__os_watch *watch, const struct fc__os_process *process, int hangup_fd, uint64_t key) {
    bool has_pidfd = process->pidfd >= 0;
    /* A hang-up is always reported; nothing else of the connection is asked for. */
    struct epoll_event event = {.events = EPOLLONESHOT | (has_pidfd ? (uint32_t)EPOLLIN : 0u), .data.u64 = key};
    return epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, has_pidfd ? process->pidfd : hangup_fd, &event) == 0 ? 0 : -errno;
}

void fc__os_watch_remove(struct fc__os_watch *watch, const struct fc__os_process *process, int hangup_fd) {
    epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, process->pidfd >= 0 ? process->pidfd : hangup_fd, NULL);
}

int fc__os_watch_add_bell(struct fc__os_watch *watch, int bell_fd, uint64_t key) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = key | KEY_BELL};
    return epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, bell_fd, &event) == 0 ? 0 : -errno;
}

void fc__os_watch_again(struct fc__os_watch *watch, int bell_fd, uint64_t key) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = key | KEY_BELL};
    epoll_ctl(watch->epoll_fd, EPOLL_CTL_MOD, bell_fd, &event);
}

void fc__os_watch_remove_bell(struct fc__os_watch *watch, int bell_fd) {
    epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, bell_fd, NULL);
}

static void send_errand(struct fc__os_watch *watch) {
    uint64_t one = 1;
    while (write(watch->errand_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

void fc__os_watch_reap(struct fc__os_watch *watch, const struct fc__os_middle *middle) {
    struct fc__os_middle mine = *middle;
    pthread_mutex_lock(&watch->lock);
    bool has_room = watch->count < MIDDLES_MAX;
    if (has_room) {
        watch->middles[watch->count++] = mine;
    }
    pthread_mutex_unlock(&watch->lock);
    if (has_room) {
        send_errand(watch);
    } else {
        fc__os_spawn_reap(&mine);
    }
}

void fc__os_watch_free(struct fc__os_watch *watch) {
    pthread_mutex_lock(&watch->lock);
    watch->is_stopping = true;
    pthread_mutex_unlock(&watch->lock);
    send_errand(watch);
    fc__os_thread_join(watch->thread);
    fc__os_watch_abandon(watch);
}
