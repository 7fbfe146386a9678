/* cli: `farcall doctor`, one line a target: whether it works here, and if not, what mends it. */
#include "cli/cli.h"

#include <farcall/farcall.h>

#include <getopt.h>
#include <string.h>
#include <time.h>

enum { CALLS = 20000, WINE_BYTES = 8192 };

/* What each target has: a function for which (-42, 1, -1) makes 42. */
static const struct trial {
    const char *system, *library, *prototype;
} trials[] = {
    {"-linux", "libc.so.6", "int abs(int number)"},
    {"-windows", "kernel32.dll", "int __stdcall MulDiv(int number, int numerator, int denominator)"},
};

static void print_help(void) {
    puts("Usage: farcall doctor [TARGET...]\n"
         "   or: farcall doctor --make-prefix=full\n"
         "Check which targets work on this machine: start the host of each, open a library of its system and call a\n"
         "function. For a target that does not work, say why and what to do.\n"
         "\n"
         "Options:\n"
         "      --make-prefix=full  have Wine fill a prefix of farcall's own, for libraries that need registered COM\n"
         "                          classes; takes half a minute and 1.3 GB\n"
         "  -h, --help              print this and exit\n"
         "\n"
         "Exit status: 0 if every target works, 1 if one does not, 2 wrong usage.");
}

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static const struct trial *trial_of(const char *target) {
    size_t i = 0;
    while (i < sizeof trials / sizeof *trials - 1 && strstr(target, trials[i].system) == NULL) {
        i++;
    }
    return &trials[i];
}

static int call_function(struct fc_library *library, const char *prototype, double *ret_call_us) {
    struct fc_function *function;
    int result = 0;
    int rc = fc_bind(library, prototype, &function);
    rc = rc == FC_OK ? fc_call(function, &result, -42, 1, -1) : rc;
    if (rc == FC_OK && result != 42) {
        return 0;
    }
    double start = now_us();
    for (int i = 0; i < CALLS && rc == FC_OK; i++) {
        rc = fc_call(function, &result, i, 1, -1);
    }
    *ret_call_us = (now_us() - start) / CALLS;
    return rc == FC_OK ? 1 : rc;
}

static void print_works(const struct fc_options *options, const char *target, double first_us, double call_us) {
    char wine[WINE_BYTES];
    printf("%-18s works: started in %.1f ms, %.2f us a call", target, first_us / 1e3, call_us);
    if (fc_wine_describe(options, wine, sizeof wine) == FC_OK) {
        printf("; ");
        cli_print_text(stdout, wine);
    }
    putchar('\n');
}

static int examine(const char *target) {
    const struct trial *trial = trial_of(target);
    struct fc_options *options = fc_options_new();
    struct fc_library *library = NULL;
    double first_us = now_us(), call_us = 0;
    int rc = options != NULL ? fc_options_set_target(options, target) : FC_ENOMEM;
    rc = rc == FC_OK ? fc_open(trial->library, options, &library) : rc;
    first_us = now_us() - first_us;
    int outcome = rc == FC_OK ? call_function(library, trial->prototype, &call_us) : rc;
    if (outcome > 0) {
        print_works(options, target, first_us, call_us);
    } else {
        printf("%-18s does not work\n", target);
        cli_error("doctor: %s: %s", target,
                  outcome == 0 ? "its arithmetic is wrong: this machine runs the host wrongly" : fc_error_text());
    }
    fc_library_close(library);
    fc_options_free(options);
    return outcome > 0 ? CLI_OK : CLI_FAILED;
}

static int check_target(const char *name) {
    struct fc_options *options = fc_options_new();
    int rc = options != NULL ? fc_options_set_target(options, name) : FC_ENOMEM;
    fc_options_free(options);
    return rc == FC_OK ? CLI_OK : cli_usage_error("doctor", "%s", fc_error_text());
}

static int make_prefix(const char *kind) {
    if (strcmp(kind, "full") != 0) {
        return cli_usage_error("doctor", "a prefix can be made 'full', not '%s': a thin one is made where it is needed",
                               kind);
    }
    if (fc_wine_fill_prefix(NULL) != FC_OK) {
        cli_error("doctor: %s", fc_error_text());
        return CLI_FAILED;
    }
    return CLI_OK;
}

static int examine_all(char *const *targets, int count) {
    int status = CLI_OK;
    const char *target;
    for (int i = 0; i < count; i++) {
        if (check_target(targets[i]) != CLI_OK) {
            return CLI_USAGE;
        }
    }
    for (size_t i = 0; (target = count > 0 ? targets[i] : fc_target_name(i)) != NULL; i++) {
        const int one = examine(target);
        status = status == CLI_OK ? one : status;
    }
    return status;
}

int cli_doctor(int argc, char **argv) {
    enum { HELP = CLI_LONG_OPTION, MAKE_PREFIX };
    static const struct option options[] = {
        {"help", no_argument, NULL, HELP}, {"make-prefix", required_argument, NULL, MAKE_PREFIX}, {NULL, 0, NULL, 0}};
    const char *prefix = NULL;
    for (int option; (option = getopt_long(argc, argv, "+:h", options, NULL)) != -1;) {
        switch (option) {
        case 'h':
        case HELP:
            print_help();
            return CLI_OK;
        case MAKE_PREFIX:
            prefix = optarg;
            break;
        default:
            return cli_bad_option("doctor", option, argv);
        }
    }
    if (prefix != NULL && optind < argc) {
        return cli_usage_error("doctor", "'%s' is one argument too many beside --make-prefix", argv[optind]);
    }
    return prefix != NULL ? make_prefix(prefix) : examine_all(argv + optind, argc - optind);
}
