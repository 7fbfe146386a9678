/* cli: `farcall explain [LIBRARY] 'PROTOTYPE'`, how a call would be made. No host is started. */
#include "cli/cli.h"
#include "cli/header.h"

#include <farcall/farcall.h>

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct request {
    struct fc_options *options;
    struct cli_header header;
    const char *target;              /* NULL: not given */
    const char *library, *prototype; /* library: NULL if none is given */
    bool lists_skipped;              /* instead of explaining a prototype */
};

static void print_help(void) {
    puts("Usage: farcall explain [OPTION...] [LIBRARY] 'PROTOTYPE'\n"
         "       farcall explain --header FILE --skipped [OPTION...] [LIBRARY]\n"
         "Say how a call of the function would be made: what each argument and the result are on both sides, how they\n"
         "are converted, what is copied when, and where all of it travels; the same of functions that the library "
         "calls back,\n"
         "and of a variable what reading and writing it does. Nothing is called, and no host started.\n"
         "\n"
         "LIBRARY is the path of a file, which says what the target is; without one, or with a name, --target does.\n"
         "\n"
         "Options:\n"
         "  -t, --target TARGET      the library's target, such as i386-linux ('farcall doctor' lists "
         "them)\n" CLI_HEADER_HELP
         "      --skipped            instead of a prototype: list what in the headers could not be read, and why\n"
         "  -h, --help               print this and exit\n"
         "\n"
         "Example:\n"
         "  farcall explain --target i386-linux \\\n"
         "      'unsigned long crc32(unsigned long crc, _In_reads_(len) const unsigned char *buf, unsigned len)'\n"
         "\n"
         "Exit status: 0 success, 1 failure, 2 wrong usage.");
}

static int failed(int error) {
    cli_error("explain: %s", fc_error_text());
    return cli_status_of(error);
}

/* Names in a prototype may hold what a terminal obeys. */
static void print_lines(char *text) {
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        cli_print_text(stdout, line);
        putchar('\n');
    }
}

static int explain(const struct request *request, struct fc_declarations *declarations, char *buffer, size_t size_bytes,
                   size_t *ret_needed_bytes) {
    return declarations != NULL
               ? fc_declarations_explain(declarations, request->prototype, buffer, size_bytes, ret_needed_bytes)
               : fc_explain(request->library, request->options, request->prototype, buffer, size_bytes,
                            ret_needed_bytes);
}

static int explain_all(const struct request *request, struct fc_declarations *declarations) {
    size_t needed_bytes;
    int rc = explain(request, declarations, NULL, 0, &needed_bytes);
    if (rc != FC_OK) {
        return failed(rc);
    }
    char *text = malloc(needed_bytes);
    if (text == NULL) {
        cli_error("explain: out of memory");
        return CLI_FAILED;
    }
    rc = explain(request, declarations, text, needed_bytes, NULL);
    if (rc == FC_OK) {
        print_lines(text);
    }
    free(text);
    return rc == FC_OK ? CLI_OK : failed(rc);
}

static int list_skipped(struct fc_declarations *declarations) {
    const char *why;
    for (size_t i = 0; (why = fc_declarations_skipped(declarations, i)) != NULL; i++) {
        char *text = NULL;
        if (asprintf(&text, "%s\n", why) < 0) {
            cli_error("explain: out of memory");
            return CLI_FAILED;
        }
        print_lines(text);
        free(text);
    }
    return CLI_OK;
}

static int target_of_file(const char *path, const char **ret_target) {
    struct cli_file file;
    int status = cli_file_open(path, &file);
    if (status == CLI_OK) {
        status = cli_file_target("explain", path, &file, ret_target);
        cli_file_close(&file);
    }
    return status;
}

static int run(const struct request *request) {
    struct fc_declarations *declarations = NULL;
    const char *target = request->target;
    int status = CLI_OK;
    if (target == NULL && request->header.file_count + request->header.sidecar_count > 0) {
        status = target_of_file(request->library, &target);
    }
    status = status == CLI_OK ? cli_header_read(&request->header, target, &declarations) : status;
    if (status == CLI_OK) {
        status = request->lists_skipped ? list_skipped(declarations) : explain_all(request, declarations);
    }
    fc_declarations_free(declarations);
    return status;
}

/* For what nothing else settles. */
static int check_target(const struct request *request) {
    if (request->target != NULL || (request->library != NULL && strchr(request->library, '/') != NULL)) {
        return CLI_OK;
    }
    if (request->library != NULL) {
        return cli_usage_error("explain",
                               "%s is a name, not a path, so nothing says which target is meant: give --target, such "
                               "as --target %s, or the file's path",
                               request->library, fc_target_name(0));
    }
    return cli_usage_error("explain",
                           "nothing says which target is meant: give --target, such as --target %s, or the path of "
                           "the library before the prototype",
                           fc_target_name(0));
}

static int read_options(int argc, char **argv, struct request *request) {
    enum { TARGET = CLI_LONG_OPTION, SKIPPED, HELP };
    static const struct option options[] = {{"target", required_argument, NULL, TARGET},
                                            {"skipped", no_argument, NULL, SKIPPED},
                                            CLI_HEADER_OPTIONS{"help", no_argument, NULL, HELP},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "+:t:I:D:h", options, NULL)) != -1) {
        switch (option) {
        case 't':
        case TARGET:
            if (fc_options_set_target(request->options, optarg) != FC_OK) {
                return cli_usage_error("explain", "%s", fc_error_text());
            }
            request->target = optarg;
            break;
        case SKIPPED:
            request->lists_skipped = true;
            break;
        case 'h':
        case HELP:
            print_help();
            return -1;
        default:
            if (!cli_header_option(&request->header, option, optarg)) {
                return cli_bad_option("explain", option, argv);
            }
            break;
        }
    }
    const int count = argc - optind + request->lists_skipped;
    if (request->lists_skipped && request->header.file_count == 0) {
        return cli_usage_error("explain", "--skipped is for --header");
    }
    if (count < 1) {
        return cli_usage_error("explain", "no prototype given");
    }
    if (count > 2) {
        return cli_usage_error("explain", "'%s' is one argument too many; the prototype is one argument of the shell",
                               argv[optind + 2 - request->lists_skipped]);
    }
    request->library = count == 2 ? argv[optind] : NULL;
    request->prototype = request->lists_skipped ? NULL : argv[argc - 1];
    int status = request->library != NULL ? cli_check_given("explain", "library's name", request->library) : CLI_OK;
    if (status == CLI_OK && request->prototype != NULL) {
        status = cli_check_given("explain", "prototype", request->prototype);
    }
    return status == CLI_OK ? check_target(request) : status;
}

int cli_explain(int argc, char **argv) {
    struct request request = {.options = fc_options_new(), .header = {.verb = "explain"}};
    if (request.options == NULL) {
        cli_error("explain: out of memory");
        return CLI_FAILED;
    }
    int status = read_options(argc, argv, &request);
    if (status == CLI_OK) {
        status = run(&request);
    } else if (status < 0) {
        status = CLI_OK;
    }
    fc_options_free(request.options);
    return status;
}
