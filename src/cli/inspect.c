/* cli: `farcall inspect FILE...`, one line a file. */
#include "cli/cli.h"

#include <farcall/image.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

struct request {
    bool is_verbose, wants_exports;
    /* What was printed so far, and how wide. */
    bool has_heading;
    int file_width, format_width;
};

/* Wide enough for every name of these columns; a machine of another name has at most 10 characters, 0xNNNNNNNN. */
enum { BITS_WIDTH = 4, MACHINE_WIDTH = 11, KIND_WIDTH = sizeof "managed executable" - 1 };

static void print_help(void) {
    puts("Usage: farcall inspect [-v] [--exports] FILE...\n"
         "Say what binary files are, one line a file.\n"
         "\n"
         "Options:\n"
         "  -v, --verbose  also what the file says about dynamic linking and managed code\n"
         "      --exports  also the functions and data that it exports\n"
         "  -h, --help     print this and exit\n"
         "\n"
         "A target of '-' means that no host of farcall can load the file; -v says why.\n"
         "Exit status: 0 if every file was read, 1 if one was not, 2 wrong usage.");
}

/* -- One line a file ---------------------------------------------------------------------------------------------- */

static void print_padded(const char *text, int width) {
    int len = (int)cli_print_text(stdout, text);
    printf("%*s", (len < width ? width - len : 0) + 2, "");
}

static void print_heading(struct request *request) {
    if (request->has_heading) {
        return;
    }
    request->has_heading = true;
    print_padded("FILE", request->file_width);
    print_padded("FORMAT", request->format_width);
    print_padded("BITS", BITS_WIDTH);
    print_padded("MACHINE", MACHINE_WIDTH);
    print_padded("KIND", KIND_WIDTH);
    puts("TARGET");
}

static void print_bits(const struct fc_image *image) {
    char number[16];
    snprintf(number, sizeof number, "%d", fc_image_bits(image));
    const char *text = fc_image_is_neutral(image) ? "any" : fc_image_bits(image) != 0 ? number : "-";
    print_padded(text, BITS_WIDTH);
}

static void print_machine(const struct fc_image *image) {
    char number[16];
    const char *name = fc_image_machine(image);
    snprintf(number, sizeof number, "0x%" PRIx32, fc_image_machine_number(image));
    if (fc_image_is_neutral(image)) {
        name = "any";
    } else if (name == NULL) {
        name = "-";
    } else if (strcmp(name, "unknown") == 0) {
        name = number;
    }
    print_padded(name, MACHINE_WIDTH);
}

static void print_kind(const struct fc_image *image) {
    char text[64];
    enum fc_kind kind = fc_image_kind(image);
    snprintf(text, sizeof text, "%s%s", fc_image_is_managed(image) ? "managed " : "",
             kind == FC_KIND_UNKNOWN ? "-" : fc_kind_name(kind));
    print_padded(text, KIND_WIDTH);
}

static void print_line(struct request *request, const char *path, const struct fc_image *image) {
    print_heading(request);
    print_padded(path, request->file_width);
    print_padded(fc_format_name(fc_image_format(image)), request->format_width);
    print_bits(image);
    print_machine(image);
    print_kind(image);
    puts(fc_image_target(image) != NULL ? fc_image_target(image) : "-");
}

/* -- Details ------------------------------------------------------------------------------------------------------ */

static void print_detail(const char *label, const char *text) {
    if (text != NULL) {
        printf("    %-11s  ", label);
        cli_print_text(stdout, text);
        putchar('\n');
    }
}

static const char *managed_words(const struct fc_image *image) {
    uint32_t flags = fc_image_cli_flags(image);
    if ((flags & FC_CLI_IL_ONLY) == 0) {
        return "IL and native code";
    }
    if (fc_image_is_neutral(image)) {
        return "IL only, any bitness";
    }
    if ((flags & FC_CLI_32BIT_REQUIRED) == 0) {
        return "IL only"; /* its header's bitness; PE32 of an old version is 32-bit too */
    }
    return flags & FC_CLI_32BIT_PREFERRED ? "IL only, 32 bits preferred" : "IL only, 32 bits required";
}

static void print_managed(const struct fc_image *image) {
    uint32_t version = fc_image_cli_version(image);
    if (fc_image_is_managed(image)) {
        printf("    %-11s  %s (flags 0x%" PRIx32 ", CLI header %" PRIu32 ".%" PRIu32 ")\n", "managed",
               managed_words(image), fc_image_cli_flags(image), version >> 16, version & 0xffff);
    }
}

struct tally {
    bool is_listing;
    size_t functions, data, others;
};

static const char *type_word(enum fc_export_type type) {
    switch (type) {
    case FC_EXPORT_FUNCTION:
        return "function";
    case FC_EXPORT_DATA:
        return "data";
    case FC_EXPORT_TLS:
        return "thread data";
    default:
        return "label";
    }
}

/* The way of nm: two at-signs mark the version that a program linked today gets. */
static void print_export(const struct fc_export *symbol) {
    const char *name = fc_export_name(symbol), *forwarder = fc_export_forwarder(symbol);
    printf("    %-11s  ", forwarder != NULL ? "forwarder" : type_word(fc_export_type(symbol)));
    if (name == NULL) {
        printf("#%" PRIu32, fc_export_ordinal(symbol));
    } else {
        cli_print_text(stdout, name);
    }
    if (forwarder != NULL) {
        fputs(" -> ", stdout);
        cli_print_text(stdout, forwarder);
    }
    if (fc_export_stack_bytes(symbol) >= 0) {
        printf("  (%d bytes of arguments)", fc_export_stack_bytes(symbol));
    }
    if (fc_export_version(symbol) != NULL) {
        fputs(fc_export_is_default(symbol) ? "@@" : "@", stdout);
        cli_print_text(stdout, fc_export_version(symbol));
    }
    putchar('\n');
}

static int on_export(void *user_data, const struct fc_export *symbol) {
    struct tally *tally = user_data;
    enum fc_export_type type = fc_export_type(symbol);
    tally->functions += type == FC_EXPORT_FUNCTION;
    tally->data += type == FC_EXPORT_DATA || type == FC_EXPORT_TLS;
    tally->others += type == FC_EXPORT_OTHER;
    if (tally->is_listing) {
        print_export(symbol);
    }
    return 0;
}

static void print_tally(const struct tally *tally) {
    printf("    %-11s  %zu functions, %zu data", "exports", tally->functions, tally->data);
    if (tally->others > 0) {
        printf(", %zu without a type", tally->others);
    }
    putchar('\n');
}

static bool is_loadable(const struct fc_image *image) {
    enum fc_kind kind = fc_image_kind(image);
    return fc_image_format(image) <= FC_FORMAT_PE && (kind == FC_KIND_LIBRARY || kind == FC_KIND_EXECUTABLE);
}

static int print_exports(const struct request *request, const char *path, const struct fc_image *image) {
    struct tally tally = {0};
    int result = fc_image_visit_exports(image, on_export, &tally);
    if (result == FC_OK && request->is_verbose && is_loadable(image)) {
        print_tally(&tally);
    }
    if (result == FC_OK && request->wants_exports) {
        tally = (struct tally){.is_listing = true};
        result = fc_image_visit_exports(image, on_export, &tally);
    }
    if (result != FC_OK) {
        cli_error("%s: %s", path, fc_error_text());
    }
    return cli_status_of(result);
}

static void print_details(const struct fc_image *image) {
    print_detail("no target", fc_image_target_problem(image));
    print_detail("byte order", fc_image_byte_order(image) == FC_ORDER_BIG ? "big-endian" : NULL);
    print_managed(image);
    print_detail("soname", fc_image_soname(image));
    print_detail("interpreter", fc_image_interpreter(image));
    print_detail("rpath", fc_image_rpath(image));
    print_detail("runpath", fc_image_runpath(image));
    size_t cursor = 0;
    for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;) {
        print_detail("needed", name);
    }
}

/* -- Files -------------------------------------------------------------------------------------------------------- */

static int inspect_image(struct request *request, const char *path, const struct fc_image *image) {
    if (fc_image_format(image) == FC_FORMAT_EMPTY) {
        cli_error("%s: the file is empty", path);
        return CLI_FAILED;
    }
    print_line(request, path, image);
    if (request->is_verbose) {
        print_details(image);
    }
    return request->is_verbose || request->wants_exports ? print_exports(request, path, image) : CLI_OK;
}

static int inspect_file(struct request *request, const char *path) {
    struct cli_file file;
    struct fc_image *image;
    int status = cli_file_open(path, &file);
    if (status != CLI_OK) {
        return status;
    }
    int result = fc_image_open(file.data, file.len_bytes, &image);
    if (result == FC_OK) {
        status = inspect_image(request, path, image);
        fc_image_close(image);
    } else {
        cli_error("%s: %s", path, fc_error_text());
        status = cli_status_of(result);
    }
    cli_file_close(&file);
    return status;
}

static void measure(struct request *request, int count, char *const *paths) {
    request->file_width = sizeof "FILE" - 1;
    for (int i = 0; i < count; i++) {
        int width = (int)cli_print_text(NULL, paths[i]);
        request->file_width = width > request->file_width ? width : request->file_width;
    }
#define FORMAT_WIDTH(name, text)                                                                                       \
    if ((int)sizeof text - 1 > request->format_width) {                                                                \
        request->format_width = (int)sizeof text - 1;                                                                  \
    }
    FC_FORMATS(FORMAT_WIDTH)
#undef FORMAT_WIDTH
}

int cli_inspect(int argc, char **argv) {
    enum { HELP = CLI_LONG_OPTION, VERBOSE, EXPORTS };
    static const struct option options[] = {{"help", no_argument, NULL, HELP},
                                            {"verbose", no_argument, NULL, VERBOSE},
                                            {"exports", no_argument, NULL, EXPORTS},
                                            {NULL, 0, NULL, 0}};
    struct request request = {0};
    for (int option; (option = getopt_long(argc, argv, "hv", options, NULL)) != -1;) {
        switch (option) {
        case 'h':
        case HELP:
            print_help();
            return CLI_OK;
        case 'v':
        case VERBOSE:
            request.is_verbose = true;
            break;
        case EXPORTS:
            request.wants_exports = true;
            break;
        default:
            return cli_bad_option("inspect", option, argv);
        }
    }
    if (optind >= argc) {
        return cli_usage_error("inspect", "no file given");
    }
    measure(&request, argc - optind, argv + optind);
    int status = CLI_OK;
    for (int i = optind; i < argc; i++) {
        int one = inspect_file(&request, argv[i]);
        status = one != CLI_OK ? one : status;
    }
    return status;
}
