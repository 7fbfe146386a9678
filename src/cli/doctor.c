/* cli: `farcall doctor`, one line a target: whether it works here, and if not, what mends it. */
#include "cli/cli.h"

#include <farcall/farcall.h>

#include <getopt.h>
#include <string.h>
#include <time.h>

enum { CALLS = 20000 };

static void print_help(void) {
    puts("Usage: farcall doctor\n"
         "Check which targets work on this machine: start the host of each, open its C library and call a function.\n"
         "For a target that does not work, say why and what to do.\n"
         "\n"
         "Options:\n"
         "  -h, --help  print this and exit\n"
         "\n"
         "Exit status: 0 if every target works, 1 if one does not, 2 wrong usage.");
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Calls abs() of the target's C library. */
static int call_abs(struct fc_library *library, double *ret_call_us) {
    struct fc_function *function;
    int result = 0;
    int rc = fc_bind(library, "int abs(int number)", &function);
    rc = rc == FC_OK ? fc_call(function, &result, -42) : rc;
    if (rc == FC_OK && result != 42) {
        return 0;
    }
    double start = now_us();
    for (int i = 0; i < CALLS && rc == FC_OK; i++) {
        rc = fc_call(function, &result, i);
    }
    *ret_call_us = (now_us() - start) / CALLS;
    return rc == FC_OK ? 1 : rc;
}

static int examine(const char *target) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library = NULL;
    double first_us = now_us(), call_us = 0;
    int rc = options != NULL ? fc_options_set_target(options, target) : FC_ENOMEM;
    rc = rc == FC_OK ? fc_open("libc.so.6", options, &library) : rc;
    first_us = now_us() - first_us;
    int outcome = rc == FC_OK ? call_abs(library, &call_us) : rc;
    if (outcome > 0) {
        printf("%-14s works: started in %.1f ms, %.2f us a call\n", target, first_us / 1e3, call_us);
    } else {
        printf("%-14s does not work\n", target);
        cli_error("doctor: %s: %s", target,
                  outcome == 0 ? "abs(-42) is not 42: this machine runs the host wrongly" : fc_error_text());
    }
    fc_library_close(library);
    fc_options_free(options);
    return outcome > 0 ? CLI_OK : CLI_FAILED;
}

int cli_doctor(int argc, char **argv) {
    enum { HELP = CLI_LONG_OPTION };
    static const struct option options[] = {{"help", no_argument, NULL, HELP}, {NULL, 0, NULL, 0}};
    int option = getopt_long(argc, argv, "+:h", options, NULL);
    if (option == 'h' || option == HELP) {
        print_help();
        return CLI_OK;
    }
    if (option != -1) {
        return cli_bad_option("doctor", option, argv);
    }
    if (optind < argc) {
        return cli_usage_error("doctor", "'%s' is one argument too many", argv[optind]);
    }
    int status = CLI_OK;
    const char *target;
    for (size_t i = 0; (target = fc_target_name(i)) != NULL; i++) {
        int one = examine(target);
        status = status == CLI_OK ? one : status;
    }
    return status;
}
