/* A library that lives on its heap, for tests of the heap that the caller sees. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char *copied(const char *text) {
    return strdup(text);
}
char *printed(int number, const char *text) {
    char *line = NULL;
    return asprintf(&line, "%d %s", number, text) >= 0 ? line : NULL;
}
char *first_line(const char *path) {
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    if (file != NULL && getline(&line, &size, file) < 0) {
        free(line);
        line = NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    return line;
}

unsigned byte_at(const void *memory, unsigned offset) {
    return ((const unsigned char *)memory)[offset];
}
unsigned long long address_of(const void *memory, int size) {
    (void)size;
    return (uintptr_t)memory;
}
unsigned sum(const void *memory, unsigned size) {
    unsigned total = 0;
    for (unsigned i = 0; i < size; i++) {
        total += ((const unsigned char *)memory)[i];
    }
    return total;
}
void *filled(unsigned size, int byte) {
    void *memory = malloc(size);
    return memory != NULL ? memset(memory, byte, size) : NULL;
}
/* A string without an end, in the last bytes before `end`. */
char *endless(unsigned long long end, unsigned bytes) {
    return memset((char *)(uintptr_t)end - bytes, 'x', bytes);
}
/* Mistakes that the compiler must not see. */
static void (*volatile unchecked_free)(void *memory) = free;
static void *(*volatile unchecked_realloc)(void *memory, size_t size) = realloc;
void twice_freed(void) {
    char *memory = strdup("once");
    unchecked_free(memory);
    unchecked_free(memory);
}
void freed_inside(void) {
    char *memory = malloc(100);
    unchecked_free(memory + 16);
}

/* The text lies on the heap while `see` looks at it. */
int shown(const char *text, int (*see)(const char *text, unsigned long long address)) {
    char *copy = strdup(text);
    int answer = see(copy, (uintptr_t)copy);
    free(copy);
    return answer;
}

/* -- the whole family, checked against each other's blocks --------------------------------------------------------- */

enum { SLOTS = 200 };
struct slot {
    unsigned char *memory;
    size_t size;
    unsigned char seed;
};
static pthread_mutex_t swap_lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot swapped[32]; /* blocks go from thread to thread */

static uint32_t next(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Both ends, so that neighbours which overlap are seen. */
static void mark(struct slot *slot) {
    for (size_t i = 0; i < slot->size; i = i == 31 && slot->size > 64 ? slot->size - 32 : i + 1) {
        slot->memory[i] = (unsigned char)(slot->seed + i);
    }
}
static int is_whole(const struct slot *slot, size_t size) {
    for (size_t i = 0; i < size; i = i == 31 && slot->size > 64 ? slot->size - 32 : i + 1) {
        if (slot->memory[i] != (unsigned char)(slot->seed + i)) {
            return 0;
        }
    }
    return 1;
}

static size_t any_size(uint32_t *state) {
    const uint32_t kind = next(state) % 100;
    return kind == 0 ? next(state) % 1000000 : kind < 5 ? next(state) % 40000 : next(state) % 700;
}

static int fill(struct slot *slot, uint32_t *state) {
    const size_t size = any_size(state), align = (size_t)sizeof(void *) << next(state) % 11;
    void *memory = NULL;
    switch (next(state) % 8) {
    case 0:
        memory = calloc(1, size);
        for (size_t i = 0; memory != NULL && i < size; i++) {
            if (((unsigned char *)memory)[i] != 0) {
                return 0;
            }
        }
        break;
    case 1:
        if (posix_memalign(&memory, align, size) != 0 || (uintptr_t)memory % align != 0) {
            return 0;
        }
        break;
    case 2:
        memory = aligned_alloc(align, size);
        if ((uintptr_t)memory % align != 0) {
            return 0;
        }
        break;
    default:
        memory = malloc(size);
        if ((uintptr_t)memory % 16 != 0) {
            return 0;
        }
    }
    *slot = (struct slot){.memory = memory, .size = size, .seed = (unsigned char)next(state)};
    if (memory == NULL || malloc_usable_size(memory) < size) {
        return 0;
    }
    mark(slot);
    return 1;
}

static int resize(struct slot *slot, uint32_t *state) {
    const size_t size = any_size(state) + 1;
    unsigned char *memory = realloc(slot->memory, size);
    if (memory == NULL) {
        return 0;
    }
    for (size_t i = 0; i < 32 && i < size && i < slot->size; i++) {
        if (memory[i] != (unsigned char)(slot->seed + i)) {
            return 0;
        }
    }
    slot->memory = memory;
    slot->size = size;
    mark(slot);
    return 1;
}

static void swap(struct slot *slot, uint32_t *state) {
    struct slot *other = &swapped[next(state) % 32], mine = *slot;
    pthread_mutex_lock(&swap_lock);
    *slot = *other;
    *other = mine;
    pthread_mutex_unlock(&swap_lock);
}

struct work {
    uint32_t state;
    unsigned rounds;
    int ok;
};

static void *churn_one(void *argument) {
    struct work *work = argument;
    struct slot slots[SLOTS];
    memset(slots, 0, sizeof slots);
    work->ok = 1;
    for (unsigned i = 0; i < work->rounds && work->ok; i++) {
        struct slot *slot = &slots[next(&work->state) % SLOTS];
        if (slot->memory == NULL) {
            work->ok = fill(slot, &work->state);
            continue;
        }
        work->ok = is_whole(slot, slot->size);
        switch (next(&work->state) % 6) {
        case 0:
            work->ok = work->ok && resize(slot, &work->state);
            break;
        case 1:
            swap(slot, &work->state);
            break;
        default:
            free(slot->memory);
            slot->memory = NULL;
        }
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        free(slots[i].memory);
    }
    return NULL;
}

/* 1 if every block was whole. */
int churn(unsigned threads, unsigned rounds) {
    pthread_t ids[16];
    struct work works[16];
    int ok = 1;
    for (unsigned i = 0; i < threads; i++) {
        works[i] = (struct work){.state = 7919 * (i + 1), .rounds = rounds};
        ok = pthread_create(&ids[i], NULL, churn_one, &works[i]) == 0 && ok;
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        ok = ok && works[i].ok;
    }
    for (unsigned i = 0; i < 32; i++) {
        ok = ok && (swapped[i].memory == NULL || is_whole(&swapped[i], swapped[i].size));
        free(swapped[i].memory);
        swapped[i].memory = NULL;
    }
    return ok;
}

/* Blocks that come and go, in a few sizes, from several threads. */
static void *busy(void *count) {
    for (unsigned i = 0; i < *(unsigned *)count / 16; i++) {
        void *blocks[16];
        for (unsigned k = 0; k < 16; k++) {
            blocks[k] = malloc(8u << k % 8);
        }
        for (unsigned k = 0; k < 16; k++) {
            free(blocks[k]);
        }
    }
    return NULL;
}
int busily(unsigned threads, unsigned count) {
    pthread_t ids[16];
    for (unsigned i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, busy, &count) != 0) {
            return 0;
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
    }
    return 1;
}

/* -- limits -------------------------------------------------------------------------------------------------------- */

/* ENOMEM is the answer to what no system has. */
int too_much(void) {
    int right = 0;
    void *memory;
    volatile size_t most = SIZE_MAX;
    errno = 0;
    right += malloc(most / 2 + 1) == NULL && errno == ENOMEM;
    errno = 0;
    right += calloc(most / 2, 3) == NULL && errno == ENOMEM;
    errno = 0;
    right += reallocarray(NULL, most / 2, 3) == NULL && errno == ENOMEM;
    right += posix_memalign(&memory, 64, most - 100) == ENOMEM;
    right += posix_memalign(&memory, 24, 10) == EINVAL;
    errno = 0;
    memory = malloc(10);
    right += unchecked_realloc(memory, most / 2 + 1) == NULL && errno == ENOMEM;
    free(memory);
    /* In pages, more than 32 bits can count: 16 TiB and two pages. */
    right += malloc(sizeof most > 4 ? (most >> 20) + 8193 : most / 2 + 1) == NULL;
    right += posix_memalign(&memory, sizeof most > 4 ? (most >> 20) + 1 : most / 2 + 1, 64) == ENOMEM;
    return right;
}

/* -- a library that forks ------------------------------------------------------------------------------------------ */

enum { KEPT_BYTES = 1 << 20 };

static int child_sees(unsigned char *kept, const char *text, int go) {
    char one;
    if (read(go, &one, 1) != 1) {
        return 1;
    }
    for (unsigned i = 0; i < KEPT_BYTES; i++) {
        if (kept[i] != 1) {
            return 2;
        }
    }
    if (strcmp(text, "before the fork") != 0) {
        return 3;
    }
    memset(kept, 3, KEPT_BYTES);
    free(kept);
    for (int i = 0; i < 100; i++) { /* fresh memory is zero here as well */
        unsigned char *fresh = calloc(1, 300000);
        for (unsigned k = 0; fresh != NULL && k < 300000; k++) {
            if (fresh[k] != 0) {
                return 4;
            }
        }
        if (fresh == NULL) {
            return 5;
        }
        memset(fresh, 9, 300000);
        if (i % 2 == 0) {
            free(fresh);
        }
    }
    return churn(1, 2000) ? 0 : 6;
}

/* 0 if parent and child keep their heaps apart; the child's answer, or 100 and more from the parent. */
int forked(void) {
    int ends[2], status = 0;
    unsigned char *kept = malloc(KEPT_BYTES);
    char *text = strdup("before the fork");
    if (kept == NULL || text == NULL || pipe(ends) != 0) {
        return 100;
    }
    memset(kept, 1, KEPT_BYTES);
    pid_t child = fork();
    if (child == 0) {
        _exit(child_sees(kept, text, ends[0]));
    }
    memset(kept, 2, KEPT_BYTES);
    strcpy(text, "after");
    void *more = filled(20u << 20, 7);
    if (child < 0 || write(ends[1], "", 1) != 1 || waitpid(child, &status, 0) != child) {
        return 101;
    }
    close(ends[0]);
    close(ends[1]);
    const int is_own = sum(kept, KEPT_BYTES) == 2u * KEPT_BYTES && strcmp(text, "after") == 0 &&
                       sum(more, 20u << 20) == 7u * (20u << 20);
    free(more);
    free(kept);
    free(text);
    return !WIFEXITED(status) ? 102 : WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : is_own ? 0 : 103;
}
