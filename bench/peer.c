/* bench: the floors' other process.
 *   peer serve SLOTS   answers in the modes of peer.h, in one thread for each slot
 *   peer answer        writes one byte to descriptor 3: the least that a started program can do */
#include "peer.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct peer_shared *shared;

static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void serve_line(struct peer_line *line, const unsigned char *in, unsigned char *out, size_t bytes) {
    uint32_t last = 0;
    for (;;) {
        uint32_t sequence;
        while ((sequence = atomic_load_explicit(&line->sequence, memory_order_acquire)) == last) {
            __builtin_ia32_pause();
        }
        if (sequence == PEER_STOP) {
            return;
        }
        peer_pass(in, out, bytes);
        line->answer = line->left + line->right;
        last = sequence + 1;
        atomic_store_explicit(&line->sequence, last, memory_order_release);
    }
}

/* The line's sequence number before it goes to the caller; there is no context for the comparator. */
static struct peer_line *sorting;

static uint32_t await_caller(struct peer_line *line, uint32_t last) {
    uint32_t sequence;
    while ((sequence = atomic_load_explicit(&line->sequence, memory_order_acquire)) == last) {
        __builtin_ia32_pause();
    }
    return sequence;
}

static int compare_by_caller(const void *left, const void *right) {
    struct peer_line *line = sorting;
    const uint32_t next = atomic_load_explicit(&line->sequence, memory_order_relaxed) + 1;
    line->left = (int32_t)((const unsigned char *)left - shared->in);
    line->right = (int32_t)((const unsigned char *)right - shared->in);
    atomic_store_explicit(&line->sequence, next, memory_order_release);
    await_caller(line, next);
    return line->answer;
}

static void serve_sort(struct peer_line *line) {
    uint32_t last = 0;
    while (await_caller(line, last) != PEER_STOP) {
        sorting = line;
        qsort(shared->in, (size_t)line->left, sizeof(int), compare_by_caller);
        line->left = PEER_SORTED;
        last = atomic_load_explicit(&line->sequence, memory_order_relaxed) + 1;
        atomic_store_explicit(&line->sequence, last, memory_order_release);
    }
}

static void serve_futex(struct peer_line *line) {
    uint32_t last = 0;
    for (;;) {
        uint32_t sequence;
        while ((sequence = atomic_load_explicit(&line->sequence, memory_order_acquire)) == last) {
            sleep_on(&line->sequence, last);
        }
        if (sequence == PEER_STOP) {
            return;
        }
        line->answer = line->left + line->right;
        last = sequence + 1;
        atomic_store_explicit(&line->sequence, last, memory_order_release);
        wake(&line->sequence);
    }
}

static void serve_messages(int in, int out) {
    struct peer_message message;
    while (read(in, &message, sizeof message) == (ssize_t)sizeof message) {
        if (message.left == INT32_MIN && message.right == INT32_MIN) {
            return;
        }
        int32_t answer = message.left + message.right;
        if (write(out, &answer, sizeof answer) != (ssize_t)sizeof answer) {
            return;
        }
    }
}

static void *serve_slot(void *argument) {
    struct peer_slot *slot = argument;
    atomic_store(&slot->tid, (int32_t)syscall(SYS_gettid));
    wake((_Atomic uint32_t *)&slot->tid);
    for (;;) {
        uint32_t mode;
        while ((mode = atomic_load(&slot->mode)) == PEER_IDLE) {
            sleep_on(&slot->mode, PEER_IDLE);
        }
        switch (mode) {
        case PEER_LINE:
            serve_line(&slot->line, NULL, NULL, 0);
            break;
        case PEER_LINES:
            serve_line(&slot->line, slot->more, slot->more, sizeof slot->more);
            break;
        case PEER_PASS:
            serve_line(&slot->line, shared->in, shared->out, PEER_BLOCK_BYTES);
            break;
        case PEER_SORT:
            serve_sort(&slot->line);
            break;
        case PEER_FUTEX:
            serve_futex(&slot->line);
            break;
        case PEER_SOCKET:
            serve_messages(PEER_FD_SOCKET, PEER_FD_SOCKET);
            break;
        case PEER_PIPE:
            serve_messages(PEER_FD_PIPE_IN, PEER_FD_PIPE_OUT);
            break;
        default:
            exit(EXIT_FAILURE);
        }
        atomic_store(&slot->line.sequence, 0);
        atomic_store(&slot->mode, PEER_IDLE);
        wake(&slot->mode);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "answer") == 0) {
        return write(PEER_FD_MEMORY, "!", 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc != 3 || strcmp(argv[1], "serve") != 0) {
        fputs("peer: started by the benchmark, not by hand\n", stderr);
        return EXIT_FAILURE;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, PEER_FD_MEMORY, 0);
    if (shared == MAP_FAILED) {
        perror("peer: mmap");
        return EXIT_FAILURE;
    }
    unsigned long slots = strtoul(argv[2], NULL, 10);
    for (unsigned long i = 0; i < slots && i < PEER_SLOTS; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve_slot, &shared->slots[i]) != 0) {
            perror("peer: pthread_create");
            return EXIT_FAILURE;
        }
    }
    for (;;) {
        pause();
    }
}
