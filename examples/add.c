/* The smallest use: a program calls Add in a library of the other bitness, and sees what a call costs.
 *
 *     add LIBRARY [A B]
 *
 * LIBRARY is libnativelibrary.so (libs/nativelibrary.c) of any bitness; its file says which. */
#include <farcall/farcall.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Times are those of the fastest batch, in which nothing else took the CPUs. */
enum { BATCHES = 20, CALLS = 2500, ROUND_TRIPS = 200 };

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double least(double a, double b) {
    return a < b ? a : b;
}

/* What the same addition costs when a process at the other end of two pipes does it. */
static double pipe_round_trip_us(void) {
    int there[2], back[2];
    uint32_t numbers[2] = {40, 2}, sum = 0;
    if (pipe(there) != 0 || pipe(back) != 0) {
        return 0;
    }
    pid_t child = fork();
    if (child == 0) {
        close(there[1]);
        close(back[0]);
        while (read(there[0], numbers, sizeof numbers) == sizeof numbers) {
            sum = numbers[0] + numbers[1];
            if (write(back[1], &sum, sizeof sum) != sizeof sum) {
                break;
            }
        }
        _exit(0);
    }
    close(there[0]);
    close(back[1]);
    double each_us = 1e9;
    for (int batch = 0; batch < BATCHES; batch++) {
        double start = now_us();
        for (int i = 0; i < ROUND_TRIPS; i++) {
            if (write(there[1], numbers, sizeof numbers) != sizeof numbers ||
                read(back[0], &sum, sizeof sum) != sizeof sum) {
                return 0;
            }
        }
        each_us = least(each_us, (now_us() - start) / ROUND_TRIPS);
    }
    close(there[1]);
    close(back[0]);
    waitpid(child, NULL, 0);
    return each_us;
}

static int failed(void) {
    fprintf(stderr, "add: %s\n", fc_error_text());
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: %s LIBRARY [A B]\n", argv[0]);
        return 2;
    }
    uint32_t a = argc == 4 ? (uint32_t)strtoul(argv[2], NULL, 0) : 40;
    uint32_t b = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 0) : 2;

    /* One call starts a host of the library's bitness and opens the library in it. */
    struct fc_library *library;
    if (fc_open(argv[1], NULL, &library) != FC_OK) {
        return failed();
    }
    /* A function is bound once, from its prototype, and called as often as you like. */
    struct fc_function *add, *bitness;
    if (fc_bind(library, "uint32_t Add(uint32_t a, uint32_t b)", &add) != FC_OK ||
        fc_bind(library, "int bitness(void)", &bitness) != FC_OK) {
        return failed();
    }
    int bits;
    uint32_t sum;
    if (fc_call(bitness, &bits) != FC_OK || fc_call(add, &sum, a, b) != FC_OK) {
        return failed();
    }
    printf("This program has %d bits and is process %d. The library has %d bits and is in process %d.\n",
           (int)sizeof(void *) * 8, (int)getpid(), bits, fc_session_host_pid(fc_library_session(library)));
    printf("Add(%" PRIu32 ", %" PRIu32 ") = %" PRIu32 "\n", a, b, sum);

    uint32_t total = 0, expected = 0;
    double each_us = 1e9;
    for (int batch = 0; batch < BATCHES; batch++) {
        double start = now_us();
        for (uint32_t i = 0; i < CALLS; i++) {
            if (fc_call(add, &total, total, i) != FC_OK) {
                return failed();
            }
            expected += i;
        }
        each_us = least(each_us, (now_us() - start) / CALLS);
    }
    fc_library_close(library); /* ends the host, too */

    double pipe_us = pipe_round_trip_us();
    printf("A call takes %.2f us. A round trip over a pipe takes %.2f us, %.3g times as long.\n", each_us, pipe_us,
           pipe_us / each_us);
    if (sum != a + b || total != expected || bits == 0) {
        fprintf(stderr, "add: wrong sum: %" PRIu32 " instead of %" PRIu32 "\n", total, expected);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
