/* cli: `farcall inspect FILE|DIR...`: one line a file. */
#include "cli/inspect.h"

#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Wide enough for every name of these columns; a machine of another name has at most 10 characters, 0xNNNNNNNN. */
enum { BITS_WIDTH = 4, MACHINE_WIDTH = 11, KIND_WIDTH = sizeof "managed executable" - 1 };

/* The files to look at, in order; those of a tree only if they are binaries. */
struct inspect_list {
    struct inspect_entry {
        char *path;
        bool is_from_tree;
    } * entries;
    size_t count, room;
};

static void print_help(void) {
    puts(
        "Usage: farcall inspect [OPTION...] FILE|DIR...\n"
        "Say what binary files are, one line a file; of folders, every binary in them.\n"
        "\n"
        "Options:\n"
        "  -v, --verbose      also what the file says about itself, dynamic linking and managed code\n"
        "      --exports      also the functions and data that it exports\n"
        "      --imports      also what it imports (PE, import libraries)\n"
        "      --members      also what is in an archive\n"
        "      --pinvoke      also the native functions that managed code calls\n"
        "      --metadata     also streams, tables and references of managed code\n"
        "      --for SYSTEM   also what becomes of it there: windows-x86, windows-x64, windows-ia64, windows10-arm64,\n"
        "                     windows11-arm64, wine, mono, dotnet, linux-i386, linux-x86_64, or all; again for more\n"
        "      --runtime V    with --for: this runtime is installed (v2.0.50727, 8.0.4); again for more\n"
        "      --enable64bit 0|1  with --for: this value is in the registry of Windows\n"
        "      --prefer-arm64 with --for: PreferredMachine in the registry of Windows 11 on ARM64 is ARM64\n"
        "      --json         everything, as JSON\n"
        "  -h, --help         print this and exit\n"
        "\n"
        "A target of '-' means that no host of farcall can load the file; -v says why.\n"
        "Exit status: 0 if every file was read, 1 if one was not, 2 wrong usage.");
}

/* -- One line a file ---------------------------------------------------------------------------------------------- */

static void print_padded(const char *text, int width) {
    int len = (int)cli_print_text(stdout, text);
    printf("%*s", (len < width ? width - len : 0) + 2, "");
}

static void print_heading(struct inspect_request *request) {
    if (request->printed > 0) {
        return;
    }
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

static void print_line(struct inspect_request *request, const char *path, const struct fc_image *image) {
    print_heading(request);
    print_padded(path, request->file_width);
    print_padded(fc_format_name(fc_image_format(image)), request->format_width);
    print_bits(image);
    print_machine(image);
    print_kind(image);
    puts(fc_image_target(image) != NULL ? fc_image_target(image) : "-");
}

/* -- Files -------------------------------------------------------------------------------------------------------- */

static bool has_system(const struct inspect_request *request) {
    bool has = false;
    for (unsigned i = 0; i < FC_SYSTEM_COUNT; i++) {
        has = has || request->for_system[i];
    }
    return has;
}

bool inspect_wants_story(const struct inspect_request *request) {
    return request->is_verbose || request->wants_exports || request->wants_imports || request->wants_pinvoke ||
           request->wants_metadata || request->wants_members || has_system(request);
}

/* Objects of one array, one after the other, so that a large tree needs no more memory than a file. */
static int print_json(struct inspect_request *request, const char *path, const struct fc_image *image) {
    int status = CLI_OK;
    json_t *object = inspect_to_json(request, path, image, &status);
    fputs(request->printed == 0 ? "[\n" : ",\n", stdout);
    if (object == NULL || json_dumpf(object, stdout, JSON_INDENT(2)) != 0) {
        cli_error("%s: out of memory", path);
        status = CLI_FAILED;
    }
    json_decref(object);
    return status;
}

/* What a tree holds beside binaries is no news. */
static bool is_binary(const struct fc_image *image) {
    switch (fc_image_format(image)) {
    case FC_FORMAT_UNKNOWN:
    case FC_FORMAT_EMPTY:
    case FC_FORMAT_SCRIPT:
    case FC_FORMAT_LD_SCRIPT:
        return false;
    default:
        return true;
    }
}

static int inspect_image(struct inspect_request *request, const struct inspect_entry *entry,
                         const struct fc_image *image) {
    int status = CLI_OK;
    if (entry->is_from_tree && !is_binary(image)) {
        return CLI_OK;
    }
    if (fc_image_format(image) == FC_FORMAT_EMPTY) {
        cli_error("%s: the file is empty", entry->path);
        return CLI_FAILED;
    }
    if (request->is_json) {
        status = print_json(request, entry->path, image);
    } else {
        print_line(request, entry->path, image);
        status = inspect_wants_story(request) ? inspect_print_story(request, entry->path, image) : CLI_OK;
    }
    request->printed++;
    return status;
}

static int inspect_file(struct inspect_request *request, const struct inspect_entry *entry) {
    struct cli_file file;
    struct fc_image *image;
    int status = cli_file_open(entry->path, &file);
    if (status != CLI_OK) {
        return status;
    }
    int result = fc_image_open(file.data, file.len_bytes, &image);
    if (result == FC_OK) {
        status = inspect_image(request, entry, image);
        fc_image_close(image);
    } else {
        cli_error("%s: %s", entry->path, fc_error_text());
        status = cli_status_of(result);
    }
    cli_file_close(&file);
    return status;
}

/* -- Folders ------------------------------------------------------------------------------------------------------ */

static bool add_path(struct inspect_list *list, const char *path, bool is_from_tree) {
    if (list->count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : 64;
        void *grown = realloc(list->entries, room * sizeof *list->entries);
        if (grown == NULL) {
            return false;
        }
        list->entries = grown;
        list->room = room;
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        return false;
    }
    list->entries[list->count++] = (struct inspect_entry){copy, is_from_tree};
    return true;
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Links are not followed, so that a tree ends. */
static int add_tree(struct inspect_list *list, const char *path) {
    FTS *tree = fts_open((char *[]){(char *)(uintptr_t)path, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    int status = tree != NULL ? CLI_OK : CLI_FAILED;
    for (FTSENT *entry; tree != NULL && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_F && !add_path(list, entry->fts_path, true)) {
            status = CLI_FAILED;
            break;
        }
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
            cli_error("%s: %s", entry->fts_path, strerror(entry->fts_errno));
            status = CLI_FAILED;
        }
    }
    if (tree != NULL) {
        fts_close(tree);
    }
    return status;
}

static int collect(struct inspect_list *list, int count, char *const *paths) {
    int status = CLI_OK;
    for (int i = 0; i < count; i++) {
        struct stat info;
        bool is_folder = stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode);
        int one = is_folder ? add_tree(list, paths[i]) : add_path(list, paths[i], false) ? CLI_OK : CLI_FAILED;
        status = one != CLI_OK ? one : status;
    }
    return status;
}

static void measure(struct inspect_request *request, const struct inspect_list *list) {
    request->file_width = sizeof "FILE" - 1;
    for (size_t i = 0; i < list->count; i++) {
        int width = (int)cli_print_text(NULL, list->entries[i].path);
        request->file_width = width > request->file_width ? width : request->file_width;
    }
#define FORMAT_WIDTH(name, text)                                                                                       \
    if ((int)sizeof text - 1 > request->format_width) {                                                                \
        request->format_width = (int)sizeof text - 1;                                                                  \
    }
    FC_FORMATS(FORMAT_WIDTH)
#undef FORMAT_WIDTH
}

static int inspect_all(struct inspect_request *request, int count, char *const *paths) {
    struct inspect_list list = {0};
    int status = collect(&list, count, paths);
    measure(request, &list);
    for (size_t i = 0; i < list.count; i++) {
        int one = inspect_file(request, &list.entries[i]);
        status = one != CLI_OK ? one : status;
        free(list.entries[i].path);
    }
    free(list.entries);
    if (request->is_json) {
        puts(request->printed == 0 ? "[]" : "\n]");
    }
    return status;
}

/* -- Options ------------------------------------------------------------------------------------------------------ */

static int add_system(struct inspect_request *request, const char *name) {
    const bool is_all = strcmp(name, "all") == 0;
    enum fc_system system = 0;
    if (!is_all && inspect_find_system("inspect", name, &system) != CLI_OK) {
        return CLI_USAGE;
    }
    for (unsigned i = 0; i < FC_SYSTEM_COUNT; i++) {
        request->for_system[i] = request->for_system[i] || is_all || i == system;
    }
    return CLI_OK;
}

int cli_inspect(int argc, char **argv) {
    enum { HELP = CLI_LONG_OPTION + 1, FOR, RUNTIME, ENABLE64BIT };
    struct inspect_request request = {0};
    const struct option options[] = {CLI_FLAG("verbose", &request.is_verbose),
                                     CLI_FLAG("exports", &request.wants_exports),
                                     CLI_FLAG("imports", &request.wants_imports),
                                     CLI_FLAG("pinvoke", &request.wants_pinvoke),
                                     CLI_FLAG("metadata", &request.wants_metadata),
                                     CLI_FLAG("members", &request.wants_members),
                                     CLI_FLAG("prefer-arm64", &request.prefers_arm64),
                                     CLI_FLAG("json", &request.is_json),
                                     {"for", required_argument, NULL, FOR},
                                     {"runtime", required_argument, NULL, RUNTIME},
                                     {"enable64bit", required_argument, NULL, ENABLE64BIT},
                                     {"help", no_argument, NULL, HELP},
                                     {NULL, 0, NULL, 0}};
    bool is_conditional = false;
    for (int option, status = CLI_OK; (option = getopt_long(argc, argv, ":hv", options, NULL)) != -1;) {
        switch (option) {
        case 0:
            break;
        case 'v':
            request.is_verbose = true;
            break;
        case FOR:
            status = add_system(&request, optarg);
            break;
        case RUNTIME:
            status = inspect_add_runtime("inspect", &request, optarg);
            break;
        case ENABLE64BIT:
            status = inspect_set_enable64bit("inspect", &request, optarg);
            break;
        case 'h':
        case HELP:
            print_help();
            return CLI_OK;
        default:
            status = cli_bad_option("inspect", option, argv);
        }
        if (status != CLI_OK) {
            return status;
        }
        is_conditional = is_conditional || option == RUNTIME || option == ENABLE64BIT;
    }
    if ((is_conditional || request.prefers_arm64) && !has_system(&request)) {
        return cli_usage_error("inspect", "--runtime, --enable64bit and --prefer-arm64 are for --for");
    }
    if (optind >= argc) {
        return cli_usage_error("inspect", "no file given");
    }
    return inspect_all(&request, argc - optind, argv + optind);
}
