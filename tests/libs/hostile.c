/* What a broken or malicious library can do to its caller: everything that memory and descriptors allow.
 * It knows the protocol (docs/protocol.md) and includes its headers. */
#include "wire/channel.h"
#include "wire/message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int add(int a, int b) {
    return a + b;
}
int process_id(void) {
    return (int)getpid();
}
int length_of(const char *text) {
    return (int)strlen(text);
}
const char *greeting(void) {
    return "good day";
}

/* -- crashes ------------------------------------------------------------------------------------------------------- */

int crash_null(void) {
    int *volatile nowhere = NULL;
    return *nowhere;
}

int crash_divide(void) {
    volatile int many = 100, zero = 0;
    return many / zero;
}

int crash_illegal(void) {
    __asm__ volatile("ud2");
    return 0;
}

static int deeper(int depth, volatile char *above) {
    volatile char block[4096];
    block[0] = above[0];
    return depth == INT_MAX ? 0 : deeper(depth + 1, block) + block[0];
}
int crash_overflow(void) {
    char first = 0;
    return deeper(0, &first);
}

int crash_abort(void) {
    abort();
}

int crash_nowhere(void) {
    int (*volatile function)(void) = (int (*)(void))0x1000;
    return function();
}

/* Looks through its second argument. */
int look_through(int before, void *thing, int after) {
    return before + *(volatile char *)thing + after;
}
int look_through_second(void *first, void *second) {
    return (first != NULL) + *(volatile char *)second;
}

static void *crash_soon(void *argument) {
    usleep(2000);
    crash_null();
    return argument;
}
/* A thread of the library's own crashes, while this one waits. */
int crash_own_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, crash_soon, NULL) == 0) {
        pthread_join(thread, NULL);
    }
    return 0;
}

static pthread_barrier_t together;
static void *crash_together(void *argument) {
    pthread_barrier_wait(&together);
    crash_null();
    return argument;
}
/* Several threads at once. */
int crash_many(int count) {
    pthread_barrier_init(&together, NULL, (unsigned)count + 1);
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, crash_together, NULL);
    }
    pthread_barrier_wait(&together);
    return crash_null();
}

static _Atomic int sleepers;
int sleep_for_ever(void) {
    atomic_fetch_add(&sleepers, 1);
    for (;;) {
        pause();
    }
}

int count_sleepers(void) {
    return atomic_load(&sleepers);
}

int stop_process(void) {
    return kill(getpid(), SIGSTOP);
}

static void do_nothing(int number) {
    (void)number;
}
/* The library takes SIGTERM for itself: the host is none the wiser. */
int take_signals(void) {
    return signal(SIGTERM, do_nothing) == SIG_ERR || signal(SIGSEGV, SIG_DFL) == SIG_ERR;
}

/* -- the shared memory --------------------------------------------------------------------------------------------- */

struct range {
    uintptr_t base, end;
};
enum { RANGES_MAX = 64 };

/* Every mapping of the session's memory in this process. */
static int find_ranges(struct range *ranges) {
    char line[4608];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL && count < RANGES_MAX) {
        unsigned long base, end;
        if (strstr(line, "memfd:farcall") != NULL && strstr(line, "rw-s") != NULL &&
            sscanf(line, "%lx-%lx", &base, &end) == 2) {
            ranges[count++] = (struct range){base, end};
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return count;
}

/* The channel on which `function` is being called just now. */
static struct fc_wire_line *find_line(const void *function) {
    struct range ranges[RANGES_MAX];
    int count = find_ranges(ranges);
    for (int i = 0; i < count; i++) {
        for (uintptr_t at = ranges[i].base; at < ranges[i].end; at += FC__WIRE_LINE_BYTES) {
            struct fc_wire_line *line = (struct fc_wire_line *)at;
            uint32_t turn = atomic_load(&line->turn);
            if ((turn & FC__WIRE_HOST) != 0 && FC__WIRE_OP(turn) == FC__WIRE_OP_CALL &&
                line->value == (uintptr_t)function) {
                return line;
            }
        }
    }
    return NULL;
}

static void pass(struct fc_wire_line *line, uint32_t turn) {
    atomic_exchange(&line->turn, turn);
    syscall(SYS_futex, &line->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Writes a turn word of its own and does not come back, so that nothing corrects it. */
int answer_turn(unsigned turn) {
    struct fc_wire_line *line = find_line((const void *)answer_turn);
    if (line == NULL) {
        return -1;
    }
    pass(line, turn);
    return sleep_for_ever();
}

/* A correct answer, followed at once by another. */
int answer_twice(int value) {
    struct fc_wire_line *line = find_line((const void *)answer_twice);
    if (line == NULL) {
        return -1;
    }
    line->value = (uint64_t)value;
    line->info = 0;
    pass(line, (uint32_t)FC__WIRE_OP_DONE << 8);
    return value;
}

/* A string of which it says what it likes. `address_kind`: 0 NULL, 1 a string, 2 nonsense. */
const char *answer_string(unsigned long long len, int address_kind) {
    struct fc_wire_line *line = find_line((const void *)answer_string);
    if (line == NULL) {
        return "no line";
    }
    line->value = address_kind == 0 ? 0 : address_kind == 1 ? (uintptr_t) "a string" : UINT64_C(0xdeadbeefcafe0000);
    line->words[0] = len;
    line->info = 0;
    memset((char *)line + 2048, 'x', 2048);
    pass(line, (uint32_t)FC__WIRE_OP_DONE << 8);
    sleep_for_ever();
    return NULL;
}

/* A failure whose text never ends. */
int answer_endless_text(void) {
    struct fc_wire_line *line = find_line((const void *)answer_endless_text);
    if (line == NULL) {
        return -1;
    }
    memset(line + 1, 'y', FC__WIRE_CHANNEL_BYTES - sizeof *line);
    pass(line, (uint32_t)FC__WIRE_OP_FAILED << 8);
    return sleep_for_ever();
}

/* Gives absurd lengths through its arguments, and a result beyond every range. */
long absurd_lengths(unsigned char *buffer, unsigned long capacity, unsigned long *len) {
    memset(buffer, 0x11, capacity);
    *len = ULONG_MAX;
    return LONG_MIN;
}

/* For as long as it runs, the turn word changes all the time but never becomes the caller's. */
static void *keep_changing(void *argument) {
    struct fc_wire_line *line = argument;
    for (uint32_t i = 1;; i++) {
        atomic_store(&line->turn, FC__WIRE_HOST | i << 8);
    }
    return NULL;
}
int change_turn_for_ever(void) {
    struct fc_wire_line *line = find_line((const void *)change_turn_for_ever);
    pthread_t thread;
    if (line == NULL || pthread_create(&thread, NULL, keep_changing, line) != 0) {
        return -1;
    }
    return sleep_for_ever();
}

/* Marks every channel dead. */
int declare_dead(void) {
    struct range ranges[RANGES_MAX];
    struct fc_wire_line *mine = find_line((const void *)declare_dead);
    if (mine == NULL || find_ranges(ranges) == 0) {
        return -1;
    }
    atomic_fetch_or(fc__wire_marks(mine), FC__WIRE_DEAD);
    atomic_fetch_or(&mine->turn, FC__WIRE_DEAD);
    syscall(SYS_futex, &mine->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    return 0;
}

static uint32_t next(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static _Atomic int scribbling;
static unsigned scribble_pause_us;
static void *scribble(void *argument) {
    uint32_t state = (uint32_t)(uintptr_t)argument | 1;
    struct range ranges[RANGES_MAX];
    int count = 0;
    for (unsigned round = 0; scribbling; round++) {
        if (round % 64 == 0) {
            count = find_ranges(ranges);
        }
        for (int i = 0; i < count; i++) {
            /* Half of it where channels and header lie: the first 2 MiB. */
            size_t size = (size_t)(ranges[i].end - ranges[i].base), near = size < (2u << 20) ? size : 2u << 20;
            for (int burst = 0; burst < 256; burst++) {
                uint32_t where = next(&state), what = next(&state);
                size_t offset = (burst % 2 == 0 ? where % near : where % size) & ~(size_t)3;
                *(volatile uint32_t *)(ranges[i].base + offset) = what;
            }
            /* The lines themselves, which random bytes hit too seldom. */
            size_t line = 4096 + next(&state) % 16 * (FC__WIRE_CHANNEL_BYTES + 4096) + next(&state) % 32 * 128;
            *(volatile uint32_t *)(ranges[i].base + line + next(&state) % 16 * 4) = next(&state);
        }
        if (scribble_pause_us != 0) {
            usleep(scribble_pause_us);
        }
    }
    return NULL;
}
/* Random bytes all over the shared memory, from now on. */
int scribble_begin(int seed, int pause_us) {
    pthread_t thread;
    scribbling = 1;
    scribble_pause_us = (unsigned)pause_us;
    return pthread_create(&thread, NULL, scribble, (void *)(uintptr_t)(unsigned)seed);
}

/* Takes the NULs out of the shared memory behind `at`. */
int fill_without_nul(char *at) {
    struct range ranges[RANGES_MAX];
    int count = find_ranges(ranges);
    for (int i = 0; i < count; i++) {
        if ((uintptr_t)at >= ranges[i].base && (uintptr_t)at < ranges[i].end) {
            memset(at, 'z', (size_t)(ranges[i].end - (uintptr_t)at));
            return 1;
        }
    }
    return 0;
}

int destroy_header(void) {
    struct range ranges[RANGES_MAX];
    if (find_ranges(ranges) == 0) {
        return -1;
    }
    memset((void *)ranges[0].base, 0xa5, sizeof(struct fc_wire_header));
    return 0;
}

int unmap_window(void) {
    struct range ranges[RANGES_MAX];
    int count = find_ranges(ranges);
    for (int i = 0; i < count; i++) {
        munmap((void *)ranges[i].base, (size_t)(ranges[i].end - ranges[i].base));
    }
    return count;
}

int protect_window(void) {
    struct range ranges[RANGES_MAX];
    int count = find_ranges(ranges);
    for (int i = 0; i < count; i++) {
        mprotect((void *)ranges[i].base, (size_t)(ranges[i].end - ranges[i].base), PROT_NONE);
    }
    return count;
}

/* Each returns 0 or the errno. */
int truncate_window(void) {
    return ftruncate(FC__WIRE_FD_MEMORY, 0) == 0 ? 0 : errno;
}
int extend_window(void) {
    return ftruncate(FC__WIRE_FD_MEMORY, 1 << 30) == 0 ? 0 : errno;
}
int seal_window(void) {
    return fcntl(FC__WIRE_FD_MEMORY, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0 ? 0 : errno;
}
int punch_window(void) {
    struct stat status;
    if (fstat(FC__WIRE_FD_MEMORY, &status) != 0) {
        return errno;
    }
    return fallocate(FC__WIRE_FD_MEMORY, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, status.st_size) == 0 ? 0
                                                                                                             : errno;
}

/* -- the control connection ---------------------------------------------------------------------------------------- */

/* Messages that nobody asked for. */
int flood_control(int count) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_DONE, .address = UINT64_C(0x123456789000), .status = 7};
    int sent = 0;
    for (int i = 0; i < count; i++) {
        sent += write(FC__WIRE_FD_CONTROL, &message, i % 3 == 0 ? sizeof message : 5) > 0;
    }
    return sent;
}
int close_control(void) {
    return close(FC__WIRE_FD_CONTROL);
}

/* The library's own file takes the place of the connection. */
int replace_control(void) {
    int fd = open("/dev/null", O_RDWR);
    int rc = dup2(fd, FC__WIRE_FD_CONTROL) >= 0 ? 0 : errno;
    close(fd);
    return rc;
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

int tell(int (*hear)(const char *text)) {
    char text[4000];
    memset(text, 'q', sizeof text);
    text[sizeof text - 1] = '\0';
    return hear("four") == 4 && hear(text) == (int)sizeof text - 1;
}

/* Calls back with a frame of its own making: all that a trampoline gathers is said to have come, for pointers to nowhere,
 * to NULL, into the line, and just behind. What is behind the words has an end, or none. */
int lie_about_gathers(int (*hear)(const char *text, const int *number, const char *more), int where, int has_end) {
    struct fc_wire_line *line = find_line((const void *)lie_about_gathers);
    if (line == NULL) {
        return -1;
    }
    const uintptr_t places[] = {0x10, 0, (uintptr_t)line + 20, (uintptr_t)line + FC__WIRE_CHANNEL_BYTES};
    const uint32_t id = *(const uint32_t *)((uintptr_t)hear + 4096); /* the trampoline's slot */
    uintptr_t *const words = (uintptr_t *)line->words;
    memset(line->words, 'x', 600);
    for (int i = 0; i < 3; i++) {
        words[i] = places[where] + (where == 1 ? 0 : (uintptr_t)i * 100);
    }
    if (has_end) {
        memset((unsigned char *)line->words + 40, 0, 560);
    }
    line->value = id | UINT64_C(0xffffff) << 40;
    line->info = 0;
    for (uint32_t op = FC__WIRE_OP_UPCALL;; op = FC__WIRE_OP_FAILED) {
        pass(line, op << 8);
        uint32_t turn;
        while (((turn = atomic_load(&line->turn)) & (FC__WIRE_HOST | FC__WIRE_DEAD)) == 0) {
            usleep(10);
        }
        if ((turn & FC__WIRE_DEAD) != 0 || FC__WIRE_OP(turn) == FC__WIRE_OP_RETURN) {
            return (int)line->value;
        }
        memset(line + 1, 'z', 100);
    }
}

/* Asks for dispatchers without need, with every bell there is. Returns how many there are. */
int demand_dispatchers(unsigned count) {
    struct range ranges[RANGES_MAX];
    const uint64_t one = 1;
    int bells = 0;
    struct fc_wire_header *header = NULL;
    for (unsigned i = 0, ranges_count = (unsigned)find_ranges(ranges); header == NULL && i < ranges_count; i++) {
        header = (struct fc_wire_header *)ranges[i].base;
        header = header->magic == FC__WIRE_MAGIC ? header : NULL; /* else it is the heap */
    }
    if (header == NULL) {
        return -1;
    }
    atomic_store(&header->dispatchers_wanted, count);
    for (int fd = 3; fd < 64; fd++) {
        char path[64], what[64] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (readlink(path, what, sizeof what - 1) > 0 && strcmp(what, "anon_inode:[eventfd]") == 0) {
            bells += write(fd, &one, sizeof one) == sizeof one;
        }
    }
    return bells;
}
