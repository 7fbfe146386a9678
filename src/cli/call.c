/* cli: `farcall call LIBRARY 'PROTOTYPE' [ARG...]`. */
#include "cli/cli.h"
#include "cli/header.h"
#include "cli/value.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request {
    struct fc_options *options;
    struct cli_header header;
    uint64_t repeat;
    const char *library, *prototype;
    int count; /* of arguments */
    char **arguments;
};

static void print_help(void) {
    puts("Usage: farcall call [OPTION...] LIBRARY 'PROTOTYPE' [ARG...]\n"
         "Call a function of a library of any bitness; print its result, then each output as 'name = value'.\n"
         "\n"
         "LIBRARY is a path, or a name for the system's loader to find; a name needs --target (or\n"
         "--backend direct), unless it is a .dll in this folder or one of --library-path.\n"
         "An ARG is a number, a string, a list such as 1,2,3, @FILE for a file's bytes, NULL, or _ for an output.\n"
         "\n"
         "Options:\n"
         "  -t, --target TARGET      the library's target, such as i386-linux ('farcall doctor' lists them)\n"
         "  -L, --library-path DIRS  folders to search for libraries first, separated by ':'\n"
         "  -b, --backend BACKEND    'process' (the default) calls in a host, 'direct' in this process if its bitness\n"
         "                           is the library's, 'auto' directly where that is possible\n"
         "  -d, --deadline MS        give up after so many milliseconds\n"
         "  -n, --repeat N           call N times; also print calls per second and how long they took\n" CLI_HEADER_HELP
         "  -h, --help               print this and exit\n"
         "\n"
         "Examples:\n"
         "  farcall call --target i386-linux libz.so.1 'const char *zlibVersion(void)'\n"
         "  farcall call --target i386-linux libz.so.1 \\\n"
         "      'unsigned long crc32(unsigned long crc, _In_reads_(len) const unsigned char *buf, unsigned len)' 0 "
         "hello 5\n"
         "\n"
         "Options stand before LIBRARY; what follows is taken as it is, -5 included.\n"
         "Exit status: 0 success, 1 failure, 2 wrong usage, 3 trouble with the host process.");
}

static int failed(int error) {
    cli_error("call: %s", fc_error_text());
    return cli_status_of(error);
}

/* -- timing -------------------------------------------------------------------------------------------------------- */

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void print_latencies(uint32_t *ns, uint64_t count, uint64_t total_ns) {
    static const struct {
        const char *name;
        double part;
    } marks[] = {{"min", 0}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};
    qsort(ns, (size_t)count, sizeof *ns, compare);
    printf("%" PRIu64 " calls in %.3f ms, %.0f calls per second\n", count, (double)total_ns / 1e6,
           (double)count * 1e9 / (double)(total_ns != 0 ? total_ns : 1));
    printf("latency in us:");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        uint64_t index = (uint64_t)(marks[i].part * (double)(count - 1));
        printf("%s %s %.2f", i == 0 ? "" : ",", marks[i].name, ns[index] / 1e3);
    }
    putchar('\n');
}

/* -- the call ------------------------------------------------------------------------------------------------------ */

static int repeat(struct fc_function *function, uint64_t times, void *result, size_t count, void *const *arguments) {
    if (times == 1) {
        int rc = fc_call_array(function, result, count, arguments);
        return rc == FC_OK ? CLI_OK : failed(rc);
    }
    uint32_t *ns = times <= SIZE_MAX / sizeof *ns ? malloc((size_t)times * sizeof *ns) : NULL;
    if (ns == NULL) {
        cli_error("call: no memory for the times of %" PRIu64 " calls", times);
        return CLI_FAILED;
    }
    const uint64_t start = now_ns();
    uint64_t last = start;
    int rc = FC_OK;
    for (uint64_t i = 0; i < times && rc == FC_OK; i++) {
        rc = fc_call_array(function, result, count, arguments);
        uint64_t now = now_ns();
        ns[i] = now - last < UINT32_MAX ? (uint32_t)(now - last) : UINT32_MAX;
        last = now;
    }
    int status = rc == FC_OK ? CLI_OK : failed(rc);
    if (status == CLI_OK) {
        print_latencies(ns, times, last - start);
    }
    free(ns);
    return status;
}

static void print_outputs(const struct fc_function *function, size_t count, void *const *arguments,
                          const struct cli_value *values) {
    for (size_t i = 0; i < count; i++) {
        if (!fc_parameter_is_output(function, i) || values[i].data == NULL) {
            continue;
        }
        /* The function may report more than there was room for, and change what the room was computed from. */
        uint64_t elements = values[i].room, valid;
        if (fc_parameter_valid(function, i, count, arguments, &valid) == FC_OK && valid < elements) {
            elements = valid;
        }
        const char *name = fc_parameter_name(function, i);
        if (name[0] != '\0') {
            printf("%s = ", name);
        } else {
            printf("argument %zu = ", i + 1);
        }
        bool is_array = fc_parameter_has_size(function, i) != 0;
        if (fc_parameter_is_utf8(function, i)) {
            cli_value_print_utf8(values[i].data, values[i].room);
        } else {
            cli_value_print(fc_element_class(function, i), fc_element_size(function, i), values[i].data, elements,
                            is_array);
        }
        putchar('\n');
    }
}

/* What has no form of writing here: structs, and what pointers to them lead to. */
static int check_classes(const struct fc_function *function, size_t count) {
    for (size_t i = 0; i <= count; i++) {
        const size_t index = i < count ? i : FC_RESULT;
        const enum fc_class class = fc_parameter_class(function, index);
        const bool is_wide = class == FC_CLASS_FLOAT && fc_parameter_size(function, index) > sizeof(double);
        if (class == FC_CLASS_STRUCT || is_wide || (class == FC_CLASS_OBJECT && index != FC_RESULT)) {
            cli_error("call: the %s of %s cannot be given on a command line: it is %s",
                      index == FC_RESULT ? "result" : "argument", fc_function_name(function),
                      is_wide                    ? "a long double"
                      : class == FC_CLASS_STRUCT ? "a struct or union"
                                                 : "a pointer to a struct or the like");
            return CLI_FAILED;
        }
    }
    return CLI_OK;
}

static int read_arguments(struct fc_function *function, const struct request *request, size_t count, void **arguments,
                          struct cli_value *values) {
    int status = CLI_OK;
    for (size_t i = 0; i < count && status == CLI_OK; i++) {
        arguments[i] = &values[i].storage;
        status = cli_value_read(function, i, request->arguments[i], &values[i]);
    }
    /* Single values first: the sizes of buffers may be read through them. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count && status == CLI_OK; i++) {
            if (fc_parameter_class(function, i) == FC_CLASS_BUFFER && fc_parameter_has_size(function, i) == pass) {
                status = cli_value_make_room(function, i, count, arguments, &values[i]);
            }
        }
    }
    return status;
}

static void print_results(const struct fc_function *function, const void *result, size_t count, void *const *arguments,
                          const struct cli_value *values) {
    const enum fc_class class = fc_parameter_class(function, FC_RESULT);
    const char *text = NULL;
    if (fc_parameter_is_utf8(function, FC_RESULT)) {
        memcpy(&text, result, sizeof text);
    }
    if (text != NULL) {
        cli_value_print_utf8(text, SIZE_MAX);
        putchar('\n');
    } else if (class != FC_CLASS_VOID) {
        cli_value_print(class, fc_parameter_size(function, FC_RESULT), result, 1, false);
        putchar('\n');
    }
    print_outputs(function, count, arguments, values);
}

static int call(struct fc_function *function, const struct request *request) {
    const size_t count = fc_function_parameter_count(function);
    if ((size_t)request->count != count) {
        cli_error("call: %s takes %zu argument%s, and %d %s given", fc_function_name(function), count,
                  count == 1 ? "" : "s", request->count, request->count == 1 ? "was" : "were");
        return CLI_USAGE;
    }
    int status = check_classes(function, count);
    if (status != CLI_OK) {
        return status;
    }
    struct cli_value *values = calloc(count + 1, sizeof *values);
    void **arguments = calloc(count + 1, sizeof *arguments);
    if (values != NULL && arguments != NULL) {
        status = read_arguments(function, request, count, arguments, values);
    } else {
        cli_error("call: out of memory");
        status = CLI_FAILED;
    }
    uint64_t result = 0;
    status = status == CLI_OK ? repeat(function, request->repeat, &result, count, arguments) : status;
    if (status == CLI_OK) {
        print_results(function, &result, count, arguments, values);
    }
    for (size_t i = 0; values != NULL && i < count; i++) {
        cli_value_done(&values[i]);
    }
    free(values);
    free(arguments);
    return status;
}

/* On a command line all text is UTF-8: so are the strings of Windows' functions. A header may have typedefs of its own
 * that these do not suit. */
static int see_wide(const char *target, struct fc_declarations **inout_declarations) {
    static const char *const names[] = {
        "typedef _Fc_utf8_ const unsigned short *LPCWSTR;", "typedef _Fc_utf8_ const unsigned short *PCWSTR;",
        "typedef _Fc_utf8_ unsigned short *LPWSTR;", "typedef _Fc_utf8_ unsigned short *PWSTR;"};
    if (strstr(target, "-windows") == NULL) {
        return FC_OK;
    }
    int rc = *inout_declarations == NULL ? fc_declarations_new(target, inout_declarations) : FC_OK;
    for (size_t i = 0; rc == FC_OK && i < sizeof names / sizeof *names; i++) {
        (void)fc_declarations_amend(*inout_declarations, "the command line", names[i]);
    }
    return rc;
}

static int run(const struct request *request) {
    struct fc_library *library;
    struct fc_function *function;
    struct fc_declarations *declarations;
    int rc = fc_open(request->library, request->options, &library);
    if (rc != FC_OK) {
        return failed(rc);
    }
    const char *target = fc_session_target(fc_library_session(library));
    int status = cli_header_read(&request->header, target, &declarations);
    if (status == CLI_OK) {
        rc = see_wide(target, &declarations);
        rc = rc == FC_OK ? fc_library_declare(library, declarations) : rc;
        fc_declarations_free(declarations);
        rc = rc == FC_OK ? fc_bind(library, request->prototype, &function) : rc;
        status = rc == FC_OK ? call(function, request) : failed(rc);
    }
    fflush(stdout); /* before what the library may still print at its end */
    fc_library_close(library);
    return status;
}

static int read_options(int argc, char **argv, struct request *request) {
    enum { TARGET = CLI_LONG_OPTION, LIBRARY_PATH, BACKEND, DEADLINE, REPEAT, HELP };
    static const struct option options[] = {{"target", required_argument, NULL, TARGET},
                                            {"library-path", required_argument, NULL, LIBRARY_PATH},
                                            {"backend", required_argument, NULL, BACKEND},
                                            {"deadline", required_argument, NULL, DEADLINE},
                                            {"repeat", required_argument, NULL, REPEAT},
                                            CLI_HEADER_OPTIONS{"help", no_argument, NULL, HELP},
                                            {NULL, 0, NULL, 0}};
    int option;
    uint64_t number;
    bool is_direct = false, has_deadline = false;
    while ((option = getopt_long(argc, argv, "+:t:L:b:d:n:I:D:h", options, NULL)) != -1) {
        switch (option) {
        case 't':
        case TARGET:
            if (fc_options_set_target(request->options, optarg) != FC_OK) {
                return cli_usage_error("call", "%s", fc_error_text());
            }
            break;
        case 'L':
        case LIBRARY_PATH:
            fc_options_set_library_path(request->options, optarg);
            break;
        case 'b':
        case BACKEND:
            if (fc_options_set_backend(request->options, optarg) != FC_OK) {
                return cli_usage_error("call", "%s", fc_error_text());
            }
            is_direct = strcmp(optarg, "direct") == 0;
            break;
        case 'd':
        case DEADLINE:
            if (!cli_read_number(optarg, 1, UINT32_MAX, &number)) {
                return cli_usage_error("call", "'%s' is no number of milliseconds", optarg);
            }
            fc_options_set_deadline_ms(request->options, (uint32_t)number);
            has_deadline = true;
            break;
        case 'n':
        case REPEAT:
            if (!cli_read_number(optarg, 1, UINT32_MAX, &request->repeat)) {
                return cli_usage_error("call", "'%s' is no number of calls", optarg);
            }
            break;
        case 'h':
        case HELP:
            print_help();
            return -1;
        default:
            if (!cli_header_option(&request->header, option, optarg)) {
                return cli_bad_option("call", option, argv);
            }
            break;
        }
    }
    if (is_direct && has_deadline) {
        return cli_usage_error("call", "a deadline ends the host, and --backend direct has none");
    }
    if (argc - optind < 2) {
        return cli_usage_error("call", argc == optind ? "no library and no prototype given" : "no prototype given");
    }
    request->library = argv[optind];
    request->prototype = argv[optind + 1];
    request->count = argc - optind - 2;
    request->arguments = argv + optind + 2;
    const int status = cli_check_given("call", "library's name", request->library);
    return status == CLI_OK ? cli_check_given("call", "prototype", request->prototype) : status;
}

int cli_call(int argc, char **argv) {
    struct request request = {.options = fc_options_new(), .header = {.verb = "call"}, .repeat = 1};
    if (request.options == NULL) {
        cli_error("call: out of memory");
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
