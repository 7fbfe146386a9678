/* Knows nothing of proxies, and prints what its library does. With the name of a part it does only that. */
#include "vendor.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int undeclared(void);

static int early;
/* Before main, and perhaps before constructors of the library. */
__attribute__((constructor)) static void begin(int argc, char **argv) {
    if (argc < 2 || strncmp(argv[1], "first", 5) != 0) {
        early = add(20, 22);
    }
}

static int twice(int number) {
    return 2 * add(number, 0);
}

static void formats(const char *format, ...) {
    char text[64];
    va_list list;
    va_start(list, format);
    const int length = vprint(text, sizeof text, format, list);
    va_end(list);
    printf("%d %s\n", length, text);
    const int more = print(text, sizeof text, "%d %.3s|%5.2f", 7, "longer", 1.25);
    printf("%d %s\n", more, text);
    printf("%d", print(text, sizeof text, "none"));
    printf(" %s\n", text);
}

static void values(void) {
    int here = 0;
    printf("add %d plus %d early %d same %d\n", add(2, 3), plus(4, 5), early, &add == &plus);
    printf("widest %ld %ld\n", widest(41), widest(-2));
    printf("half %g quarter %g third %Lg\n", half(5), quarter(5), third(6));
    printf("odd %d %d narrow %d\n", is_odd(7), is_odd(8), narrow(-100, 1000));
    printf("mixed %llu %llu\n", mixed('a', 5000000000, 1.5F, &here, 2.5), mixed('a', 1, 1.5F, NULL, 2.5));
    struct small small = swap_small((struct small){3, 4});
    struct pair pair = swap_pair((struct pair){1.5, 2.5});
    struct twelve twelve = turn((struct twelve){{1, 2, 3}}, 1);
    struct large large = turn_large((struct large){{1, 2, 3, 4, 5, -6}}, 2);
    printf("small %d %g pair %g %g twelve %d %d %d\n", small.x, (double)small.y, pair.first, pair.second,
           twelve.parts[0], twelve.parts[1], twelve.parts[2]);
    for (int i = 0; i < 6; i++) {
        printf("%ld ", large.values[i]);
    }
    const char *none = name_of(2);
    printf("\nname %s %s %s\n", name_of(0), name_of(1), none != NULL ? none : "-");
    char buffer[8] = "";
    printf("length %zu fill %zu %.7s\n", length("hello"), fill(buffer, 7), buffer);
    printf("loose %d rate %d constructed %d each %d\n", loose(), rate(), constructed(), each(5, twice));
    nothing();
    printf("version %s limits %d %d %d\n", vendor_version, vendor_limits[0], vendor_limits[1], vendor_limits[2]);
    printf("steps %d %d\n", vendor_steps[0].to, vendor_steps[1].from);
    formats("%s %d %ld %g %c", "text", -5, 1234567890L, 2.5, 'c');
}

/* The program and the library change the same variables. */
static void variables(void) {
    printf("begins %d %d", vendor_counter, vendor_counts[2]);
    printf(" counted %d", count_up(3));
    printf(" %d %d", vendor_counter, vendor_counts[2]);
    vendor_counter = 100;
    vendor_counts[1] = 20;
    printf(" and %d", count_up(5));
    printf(" %d %d %d\n", vendor_counter, vendor_counts[1], vendor_counts[2]);
}

static void forks(void) {
    const int before = add(1, 1);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        printf("child %d %d\n", before, add(30, 3));
        exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("parent %d status %d\n", add(40, 4), status);
}

static void *caller(void *data) {
    long sum = 0;
    for (int i = 0; i < 1000; i++) {
        sum += add(i, 1);
    }
    *(long *)data = sum;
    return NULL;
}

static void threads(void) {
    pthread_t many[8];
    long sums[8];
    for (int i = 0; i < 8; i++) {
        pthread_create(&many[i], NULL, caller, &sums[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(many[i], NULL);
        printf("%ld ", sums[i]);
    }
    putchar('\n');
}

static volatile int handled;
static void handler(int signal) {
    (void)signal;
    const int before = errno;
    handled = plus(50, 5) + loose();
    errno = before;
}

static int interrupted(void) {
    raise(SIGUSR1);
    return 1;
}

/* In the middle of a call, and between two. */
static void signals(void) {
    signal(SIGUSR1, handler);
    add(1, 1);
    raise(SIGUSR1);
    printf("between %d\n", handled);
    handled = 0;
    const int waited = wait_here(interrupted);
    printf("in a call %d %d\n", waited, handled);
}

/* Nothing of the library was called before. */
static void first_in_handler(void) {
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    printf("first %d then %d\n", handled, add(1, 1));
}

enum { MANY = 24 };
static pthread_barrier_t all_here;
static struct first { int number, sum, process; } firsts[MANY];

static void *first_call(void *data) {
    struct first *first = data;
    pthread_barrier_wait(&all_here);
    first->sum = add(first->number, 1);
    first->process = process();
    return NULL;
}

/* The first calls of all are simultaneous: one of them opens the library. */
static void firsts_at_once(void) {
    pthread_t many[MANY];
    pthread_barrier_init(&all_here, NULL, MANY);
    for (int i = 0; i < MANY; i++) {
        firsts[i].number = i;
        pthread_create(&many[i], NULL, first_call, &firsts[i]);
    }
    int same = 0;
    for (int i = 0; i < MANY; i++) {
        pthread_join(many[i], NULL);
        printf("%d ", firsts[i].sum);
        same += firsts[i].process == firsts[0].process;
    }
    printf("in one host %d, count %d\n", same, count());
}

/* Longer than the deadline, then not. */
static void deadline(void) {
    const int before = process();
    errno = 0;
    const int napped = naps(60000), error = errno;
    printf("%d %d then %d", napped, error == ETIMEDOUT, naps(1));
    printf(" in another host %d\n", process() != before);
}

static int never(void) {
    for (;;) {
        pause();
    }
}

static void *waits(void *unused) {
    (void)unused;
    wait_here(never);
    return NULL;
}

/* The process ends although a thread is in the library for ever. */
static void leaves(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, waits, NULL);
    usleep(100000);
    puts("leaving");
    exit(3);
}

static int main_argument(const char *part) {
    if (strcmp(part, "values") == 0) {
        values();
    } else if (strcmp(part, "variables") == 0) {
        variables();
    } else if (strcmp(part, "forks") == 0) {
        forks();
    } else if (strcmp(part, "threads") == 0) {
        threads();
    } else if (strcmp(part, "signals") == 0) {
        signals();
    } else if (strcmp(part, "leaves") == 0) {
        leaves();
    } else if (strcmp(part, "first-in-handler") == 0) {
        first_in_handler();
    } else if (strcmp(part, "firsts-at-once") == 0) {
        firsts_at_once();
    } else if (strcmp(part, "deadline") == 0) {
        deadline();
    } else if (strcmp(part, "sleeps") == 0) {
        printf("%d\n", sleeps(60000));
    } else if (strcmp(part, "waits") == 0) {
        printf("waited %d\n", sleeps(1500));
    } else if (strcmp(part, "crash") == 0) {
        printf("%d\n", crash(1));
    } else if (strcmp(part, "fails") == 0) {
        errno = 0;
        const int failed = fails(1), error = errno;
        printf("%d %d %d\n", failed, error == EIO, fails(0));
        printf("%g %g", fails_half(1), fails_half(0));
        const struct large zeros = fails_large(1), large = fails_large(0);
        printf(" %ld %ld", zeros.values[0], large.values[0]);
        errno = 0;
        fails_nothing(1);
        printf(" %d\n", errno == EIO);
    } else if (strcmp(part, "refused") == 0) {
        printf("%p\n", (void *)unclear(&early));
    } else if (strcmp(part, "undeclared") == 0) {
        printf("%d\n", undeclared());
    } else if (strcmp(part, "first-of-none") == 0) {
        puts("nothing called");
    } else if (strcmp(part, "range") == 0) {
        printf("%ld\n", widest((long)5000000000 + 1));
    } else {
        return 2;
    }
    return 0;
}

int main(int argc, char **argv) {
    return argc > 1 ? main_argument(argv[1]) : 2;
}
