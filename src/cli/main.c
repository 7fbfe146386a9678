/* cli: choosing the verb. */
#include "cli/cli.h"

#include <errno.h>
#include <farcall/farcall.h>
#include <getopt.h>
#include <libgen.h>
#include <stdbool.h>
#include <string.h>

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct verb verbs[] = {
    {"inspect", cli_inspect, "say what binary files are: bitness, machine, kind, target"},
    {"corflags", cli_corflags, "show or change what a managed image says of its bitness"},
    {"run", cli_run, "start a program as its loader would have"},
    {"call", cli_call, "call a function of a library of any bitness"},
    {"explain", cli_explain, "say how a call would be made: widths, conversions, copies, places"},
    {"proxy", cli_proxy, "make a library of this bitness that stands for one of another"},
    {"doctor", cli_doctor, "check that this installation works"},
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

static void print_help(void) {
    puts("Usage: farcall VERB [ARGUMENT...]\n"
         "Know, call and replace libraries of another bitness.\n"
         "\n"
         "Verbs:");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        printf("  %-10s %s\n", verbs[i].name, verbs[i].summary);
    }
    puts("\n"
         "Options:\n"
         "  -h, --help     print this and exit\n"
         "  -V, --version  print the version and exit\n"
         "\n"
         "'farcall VERB --help' tells more about a verb.\n"
         "Exit status: 0 success, 1 failure, 2 wrong usage, 3 trouble with the host process.");
}

/* -- The nearest verb --------------------------------------------------------------------------------------------- */

enum { NAME_MAX_LEN = 16 };

static unsigned min3(unsigned a, unsigned b, unsigned c) {
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's: insertions, deletions and replacements that lead from one name to the other. */
static unsigned distance(const char *from, const char *to) {
    unsigned row[NAME_MAX_LEN + 1];
    size_t len = strlen(to);
    for (unsigned k = 0; k <= len; k++) {
        row[k] = k;
    }
    for (unsigned i = 0; from[i] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 1; k <= len; k++) {
            unsigned above = row[k];
            row[k] = min3(above + 1, row[k - 1] + 1, diagonal + (from[i] != to[k - 1]));
            diagonal = above;
        }
    }
    return row[len];
}

static int unknown_verb(const char *name) {
    const struct verb *nearest = NULL;
    unsigned least = 3; /* further away it is another word, not a slip */
    for (size_t i = 0; i < VERB_COUNT && strlen(name) <= NAME_MAX_LEN; i++) {
        unsigned steps = distance(name, verbs[i].name);
        if (steps < least && steps < strlen(name)) {
            least = steps;
            nearest = &verbs[i];
        }
    }
    if (nearest != NULL) {
        return cli_usage_error(NULL, "unknown verb '%s'; did you mean '%s'?", name, nearest->name);
    }
    return cli_usage_error(NULL, "unknown verb '%s'", name);
}

static int run(int argc, char **argv) {
    enum { HELP = CLI_LONG_OPTION, VERSION };
    static const struct option options[] = {
        {"help", no_argument, NULL, HELP}, {"version", no_argument, NULL, VERSION}, {NULL, 0, NULL, 0}};
    int option = getopt_long(argc, argv, "+hV", options, NULL); /* '+': a verb's options are its own */
    switch (option) {
    case -1:
        break;
    case 'h':
    case HELP:
        print_help();
        return CLI_OK;
    case 'V':
    case VERSION:
        printf("farcall %s\n", fc_version());
        return CLI_OK;
    default:
        return cli_bad_option(NULL, option, argv);
    }
    if (optind >= argc) {
        return cli_usage_error(NULL, "no verb given");
    }
    int first = optind;
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[first], verbs[i].name) == 0) {
            optind = 0; /* start over */
            return verbs[i].run(argc - first, argv + first);
        }
    }
    return unknown_verb(argv[first]);
}

int main(int argc, char **argv) {
    opterr = 0; /* getopt's own messages have another form */
    bool is_corflags = argc > 0 && strcmp(basename(argv[0]), "corflags") == 0; /* its other name */
    int status = is_corflags ? cli_corflags(argc, argv) : argc > 0 ? run(argc, argv) : CLI_USAGE;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_error("standard output: %s", errno != 0 ? strerror(errno) : "cannot be written");
        status = status == CLI_OK ? CLI_FAILED : status;
    }
    return status;
}
