/* bench: the floors, in plain C between this process and one of the other width. */
#include "bench.h"

#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct bench_peer {
    struct peer_shared *shared;
    int pid;
    int socket_fd, pipe_in, pipe_out;
    unsigned modes[PEER_SLOTS];
};

/* -- the peer ------------------------------------------------------------------------------------------------------ */

static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static const char *peer_path(void) {
    static char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/../" BENCH_OTHER_TARGET "/peer", bench.folder);
    return path;
}

/* In the child: gives the descriptors their numbers, and executes. */
static void become_peer(const int fds[PEER_FDS], char *const argv[]) {
    int high[PEER_FDS] = {0};
    for (int i = 0; i < PEER_FDS; i++) {
        high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 64);
    }
    for (int i = 0; i < PEER_FDS; i++) {
        dup2(high[i], PEER_FD_MEMORY + i);
    }
    execv(argv[0], argv);
    perror(argv[0]);
    _exit(127);
}

struct bench_peer *bench_peer_start(unsigned slots) {
    struct bench_peer *peer = bench_alloc(sizeof *peer);
    int memory = memfd_create("bench", MFD_CLOEXEC), sockets[2] = {-1, -1}, to[2] = {-1, -1}, from[2] = {-1, -1};
    bench_check_errno(memory >= 0 && ftruncate(memory, sizeof *peer->shared) == 0, "memfd_create");
    bench_check_errno(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    bench_check_errno(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe2");
    peer->shared = mmap(NULL, sizeof *peer->shared, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    bench_check_errno(peer->shared != MAP_FAILED, "mmap");
    char count[16];
    snprintf(count, sizeof count, "%u", slots);
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s", peer_path());
    char *argv[] = {path, (char[]){"serve"}, count, NULL};
    const int fds[PEER_FDS] = {memory, sockets[1], to[0], from[1]};
    peer->pid = fork();
    bench_check_errno(peer->pid >= 0, "fork");
    if (peer->pid == 0) {
        become_peer(fds, argv);
    }
    for (int i = 0; i < PEER_FDS; i++) {
        close(fds[i]);
    }
    peer->socket_fd = sockets[0];
    peer->pipe_out = to[1];
    peer->pipe_in = from[0];
    for (unsigned i = 0; i < slots; i++) {
        while (atomic_load(&peer->shared->slots[i].tid) == 0) {
            bench_sleep_until(bench_now_ns() + 100000);
            if (waitpid(peer->pid, NULL, WNOHANG) != 0) {
                bench_die("%s did not start", path);
            }
        }
    }
    return peer;
}

void bench_peer_stop(struct bench_peer *peer) {
    kill(peer->pid, SIGKILL);
    waitpid(peer->pid, NULL, 0);
    munmap(peer->shared, sizeof *peer->shared);
    close(peer->socket_fd);
    close(peer->pipe_in);
    close(peer->pipe_out);
    free(peer);
}

int bench_peer_pid(const struct bench_peer *peer) {
    return peer->pid;
}

struct peer_slot *bench_peer_slot(struct bench_peer *peer, unsigned index) {
    return &peer->shared->slots[index];
}

void bench_peer_enter(struct bench_peer *peer, unsigned index, unsigned mode) {
    struct peer_slot *slot = &peer->shared->slots[index];
    peer->modes[index] = mode;
    atomic_store(&slot->mode, mode);
    wake(&slot->mode);
}

void bench_peer_leave(struct bench_peer *peer, unsigned index) {
    struct peer_slot *slot = &peer->shared->slots[index];
    const unsigned mode = peer->modes[index];
    if (mode == PEER_SOCKET || mode == PEER_PIPE) {
        const struct peer_message stop = {.left = INT32_MIN, .right = INT32_MIN};
        bench_check_errno(write(mode == PEER_SOCKET ? peer->socket_fd : peer->pipe_out, &stop, sizeof stop) ==
                              (ssize_t)sizeof stop,
                          "write");
    } else {
        atomic_store(&slot->line.sequence, PEER_STOP);
        wake(&slot->line.sequence);
    }
    for (uint32_t now; (now = atomic_load(&slot->mode)) != PEER_IDLE;) {
        sleep_on(&slot->mode, now);
    }
}

/* -- exchanges ----------------------------------------------------------------------------------------------------- */

static void expect(const struct peer_line *line) {
    if (line->answer != 7) {
        bench_die("the peer answered %d", line->answer);
    }
}

void bench_exchange_line(struct peer_slot *slot) {
    struct peer_line *line = &slot->line;
    const uint32_t asked = atomic_load_explicit(&line->sequence, memory_order_relaxed) + 1;
    line->left = 3;
    line->right = 4;
    atomic_store_explicit(&line->sequence, asked, memory_order_release);
    while (atomic_load_explicit(&line->sequence, memory_order_acquire) == asked) {
        __builtin_ia32_pause();
    }
    expect(line);
}

void bench_exchange_futex(struct peer_slot *slot) {
    struct peer_line *line = &slot->line;
    const uint32_t asked = atomic_load_explicit(&line->sequence, memory_order_relaxed) + 1;
    line->left = 3;
    line->right = 4;
    atomic_store_explicit(&line->sequence, asked, memory_order_release);
    wake(&line->sequence);
    while (atomic_load_explicit(&line->sequence, memory_order_acquire) == asked) {
        sleep_on(&line->sequence, asked);
    }
    expect(line);
}

void bench_exchange_sort(struct bench_peer *peer, int *numbers, size_t count,
                         int (*compare)(const void *left, const void *right)) {
    struct peer_shared *shared = peer->shared;
    struct peer_line *line = &shared->slots[0].line;
    uint32_t last = atomic_load_explicit(&line->sequence, memory_order_relaxed) + 1;
    memcpy(shared->in, numbers, count * sizeof *numbers);
    line->left = (int32_t)count;
    for (;;) {
        atomic_store_explicit(&line->sequence, last, memory_order_release);
        while (atomic_load_explicit(&line->sequence, memory_order_acquire) == last) {
            __builtin_ia32_pause();
        }
        last += 2;
        if (line->left == PEER_SORTED) {
            break;
        }
        line->answer = compare(shared->in + line->left, shared->in + line->right);
    }
    memcpy(numbers, shared->in, count * sizeof *numbers);
}

void bench_exchange_message(int out, int in) {
    const struct peer_message message = {.left = 3, .right = 4};
    int32_t answer = 0;
    if (write(out, &message, sizeof message) != (ssize_t)sizeof message ||
        read(in, &answer, sizeof answer) != (ssize_t)sizeof answer || answer != 7) {
        bench_die("an exchange of messages failed");
    }
}

/* -- floors as ops ------------------------------------------------------------------------------------------------- */

static void floor_begin(void *context) {
    struct bench_floor *floor = context;
    bench_pin_self(floor->caller_cpu);
    bench_pin_process(floor->peer->pid, floor->peer_cpu);
    bench_peer_enter(floor->peer, 0, floor->mode);
}

static void floor_end(void *context) {
    struct bench_floor *floor = context;
    bench_peer_leave(floor->peer, 0);
    bench_pin_self(-1);
}

static void run_line(void *context) {
    struct bench_floor *floor = context;
    bench_exchange_line(&floor->peer->shared->slots[0]);
}

static void run_futex(void *context) {
    struct bench_floor *floor = context;
    bench_exchange_futex(&floor->peer->shared->slots[0]);
}

static void run_lines(void *context) {
    struct bench_floor *floor = context;
    struct peer_slot *slot = &floor->peer->shared->slots[0];
    memcpy(slot->more, floor->in, sizeof slot->more);
    bench_exchange_line(slot);
    memcpy(floor->out, slot->more, sizeof slot->more);
}

static void run_pass(void *context) {
    struct bench_floor *floor = context;
    struct peer_shared *shared = floor->peer->shared;
    memcpy(shared->in, floor->in, PEER_BLOCK_BYTES);
    bench_exchange_line(&shared->slots[0]);
    memcpy(floor->out, shared->out, PEER_BLOCK_BYTES);
}

static void run_socket(void *context) {
    struct bench_floor *floor = context;
    bench_exchange_message(floor->peer->socket_fd, floor->peer->socket_fd);
}

static void run_pipe(void *context) {
    struct bench_floor *floor = context;
    bench_exchange_message(floor->peer->pipe_out, floor->peer->pipe_in);
}

struct bench_op bench_floor_op(struct bench_floor *floor) {
    static void (*const runs[])(void *) = {
        [PEER_LINE] = run_line,     [PEER_FUTEX] = run_futex, [PEER_LINES] = run_lines, [PEER_PASS] = run_pass,
        [PEER_SOCKET] = run_socket, [PEER_PIPE] = run_pipe,   [PEER_SORT] = NULL /* see bench_exchange_sort */};
    return (struct bench_op){.run = runs[floor->mode], .begin = floor_begin, .end = floor_end, .context = floor};
}

double bench_exec_once_ns(void) {
    char path[PATH_MAX + 64], byte = 0;
    snprintf(path, sizeof path, "%s", peer_path());
    char *argv[] = {path, (char[]){"answer"}, NULL};
    int ends[2];
    const uint64_t start = bench_now_ns();
    bench_check_errno(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
    const int pid = fork();
    bench_check_errno(pid >= 0, "fork");
    if (pid == 0) {
        const int fds[PEER_FDS] = {ends[1], ends[1], ends[1], ends[1]};
        become_peer(fds, argv);
    }
    close(ends[1]);
    const ssize_t len = read(ends[0], &byte, 1);
    const uint64_t end = bench_now_ns();
    close(ends[0]);
    waitpid(pid, NULL, 0);
    if (len != 1) {
        bench_die("%s did not answer", path);
    }
    return (double)(end - start);
}
