/* cli: `farcall run APP [ARGUMENT...]`: starts a program as its loader would have, wherever it is from.
 * The program takes this process's place, so that its exit status, its signals and its terminal are its own. */
#include "cli/inspect.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ways to start a program: the rules that are asked, the commands that start it, best first, and where they come from. */
struct way {
    const char *name;
    enum fc_system system;
    const char *commands[4]; /* of the 64-bit loader */
    const char *commands32[4];
    const char *package;
};

enum { DIRECT, WINE, MONO, DOTNET };
static const struct way ways[] = {
    [DIRECT] = {"direct", FC_SYSTEM_LINUX_X86_64, {NULL}, {NULL}, NULL},
    [WINE] = {"wine",
              FC_SYSTEM_WINE,
              {"wine64", "/usr/lib/wine/wine64", "wine", NULL},
              {"/usr/lib/wine/wine", "wine", NULL},
              "wine, with wine32:i386 for 32-bit programs"},
    [MONO] = {"mono", FC_SYSTEM_MONO, {"mono", NULL}, {"mono", NULL}, "mono-runtime"},
    [DOTNET] = {"dotnet", FC_SYSTEM_DOTNET, {"dotnet", NULL}, {"dotnet", NULL}, "the .NET runtime of Microsoft"},
};
enum { WAY_COUNT = sizeof ways / sizeof *ways };

struct run_request {
    bool is_explaining;
    const struct way *way; /* NULL: as the file says */
    const char *path;
};

static void print_help(void) {
    puts("Usage: farcall run [--explain] [--with WAY] APP [ARGUMENT...]\n"
         "Start a program as its loader would have: ELF directly, Windows programs by Wine, managed ones by Mono or "
         ".NET.\n"
         "\n"
         "Options:\n"
         "      --explain   first say on stderr what runs it, in what kind of process, and why\n"
         "      --with WAY  direct, wine, mono or dotnet, instead of what the file says\n"
         "  -h, --help      print this and exit\n"
         "\n"
         "Exit status: that of the program; 1 if it could not be started, 2 wrong usage.");
}

/* -- Which way ---------------------------------------------------------------------------------------------------- */

/* The path of a command, as execvp would find it; NULL if there is none. */
static char *find_command(const char *name) {
    const char *path = getenv("PATH"), *next;
    char *found = NULL;
    if (strchr(name, '/') != NULL) {
        return access(name, X_OK) == 0 ? strdup(name) : NULL;
    }
    for (const char *folder = path != NULL ? path : "/usr/bin:/bin"; folder != NULL; folder = next) {
        const char *colon = strchr(folder, ':');
        int len = colon != NULL ? (int)(colon - folder) : (int)strlen(folder);
        next = colon != NULL ? colon + 1 : NULL;
        if (len > 0 && asprintf(&found, "%.*s/%s", len, folder, name) >= 0) {
            if (access(found, X_OK) == 0) {
                return found;
            }
            free(found);
        }
    }
    return NULL;
}

static char *find_loader(const struct way *way, bool is_32) {
    const char *const *commands = is_32 ? way->commands32 : way->commands;
    char *found = NULL;
    for (size_t i = 0; found == NULL && commands[i] != NULL; i++) {
        found = find_command(commands[i]);
    }
    return found;
}

/* .NET's own files beside a program tell it from one of the .NET Framework, which Mono runs, or Wine if there is no
 * Mono. */
static const struct way *way_of(const char *path, const struct fc_image *image) {
    if (fc_image_format(image) != FC_FORMAT_PE) {
        return &ways[DIRECT];
    }
    if (!fc_image_is_managed(image)) {
        return &ways[WINE];
    }
    if (inspect_has_runtimeconfig(path)) {
        return &ways[DOTNET];
    }
    char *mono = find_loader(&ways[MONO], false);
    const struct way *way = mono != NULL ? &ways[MONO] : &ways[WINE];
    free(mono);
    return way;
}

/* -- Starting ----------------------------------------------------------------------------------------------------- */

static void explain(const struct way *way, const char *loader, const struct fc_verdict *verdict) {
    const struct fc_opinion *os = fc_verdict_os(verdict), *clr = fc_verdict_clr(verdict);
    const char *runtime = fc_verdict_runtime(verdict);
    cli_error("run: %s%s, in %s%s%s", loader != NULL ? "by " : "directly", loader != NULL ? loader : "",
              fc_process_title(fc_verdict_process(verdict)), runtime != NULL ? ", runtime " : "",
              runtime != NULL ? runtime : "");
    cli_error("run: %s: %s", fc_system_title(way->system), fc_opinion_reason(os));
    if (clr != NULL) {
        cli_error("run: runtime: %s", fc_opinion_reason(clr));
    }
}

/* Never returns if it succeeds. */
static int execute(const char *loader, const char *path, int argc, char **argv) {
    char **list = calloc((size_t)argc + 3, sizeof *list);
    char *real = realpath(path, NULL); /* a name without a slash is looked for in PATH otherwise */
    if (list == NULL || real == NULL) {
        cli_error("run: %s: %s", path, strerror(errno));
    } else {
        int count = 0;
        if (loader != NULL) {
            list[count++] = (char *)(uintptr_t)loader;
        }
        list[count++] = real;
        for (int i = 0; i < argc; i++) {
            list[count++] = argv[i];
        }
        fflush(stdout);
        execv(list[0], list);
        cli_error("run: %s: %s", list[0], strerror(errno));
    }
    free(list);
    free(real);
    return CLI_FAILED;
}

static int refuse(const char *path, const struct fc_opinion *opinion) {
    cli_error("run: %s: %s", path, fc_opinion_reason(opinion));
    return CLI_FAILED;
}

static int start(const struct run_request *request, const struct way *way, const struct fc_verdict *verdict, int argc,
                 char **argv) {
    const struct fc_opinion *os = fc_verdict_os(verdict), *clr = fc_verdict_clr(verdict);
    if (fc_opinion_outcome(os) == FC_OUTCOME_FAILS) {
        return refuse(request->path, os);
    }
    if (clr != NULL && fc_opinion_outcome(clr) == FC_OUTCOME_FAILS && way != &ways[WINE]) {
        return refuse(request->path, clr); /* Wine has a runtime of its own, for all versions */
    }
    char *loader = way != &ways[DIRECT] ? find_loader(way, fc_process_bits(fc_verdict_process(verdict)) == 32) : NULL;
    if (way != &ways[DIRECT] && loader == NULL) {
        cli_error("run: %s: %s is needed, and not installed (%s)", request->path, way->name, way->package);
        return CLI_FAILED;
    }
    if (request->is_explaining) {
        explain(way, loader, verdict);
    }
    int status = execute(loader, request->path, argc, argv);
    free(loader);
    return status;
}

/* A managed library that Mono or .NET is asked to run is a program to them; .NET's programs are libraries. */
static int run_image(const struct run_request *request, const struct fc_image *image, int argc, char **argv) {
    const struct way *way = request->way != NULL ? request->way : way_of(request->path, image);
    struct fc_verdict *verdict;
    struct inspect_request conditions = {0};
    int result = inspect_start(&conditions, way->system, request->path, image, &verdict);
    if (result != FC_OK) {
        cli_error("run: %s: %s", request->path, fc_error_text());
        return cli_status_of(result);
    }
    int status = start(request, way, verdict, argc, argv);
    fc_verdict_free(verdict);
    return status;
}

static int run_file(const struct run_request *request, int argc, char **argv) {
    struct cli_file file;
    struct fc_image *image;
    int status = cli_file_open(request->path, &file);
    if (status != CLI_OK) {
        return status;
    }
    int result = fc_image_open(file.data, file.len_bytes, &image);
    if (result == FC_OK) {
        status = run_image(request, image, argc, argv);
        fc_image_close(image);
    } else {
        cli_error("run: %s: %s", request->path, fc_error_text());
        status = cli_status_of(result);
    }
    cli_file_close(&file);
    return status;
}

int cli_run(int argc, char **argv) {
    enum { HELP = CLI_LONG_OPTION, EXPLAIN, WITH };
    static const struct option options[] = {{"help", no_argument, NULL, HELP},
                                            {"explain", no_argument, NULL, EXPLAIN},
                                            {"with", required_argument, NULL, WITH},
                                            {NULL, 0, NULL, 0}};
    struct run_request request = {0};
    for (int option; (option = getopt_long(argc, argv, "+:h", options, NULL)) != -1;) {
        switch (option) {
        case 'h':
        case HELP:
            print_help();
            return CLI_OK;
        case EXPLAIN:
            request.is_explaining = true;
            break;
        case WITH:
            for (size_t i = 0; i < WAY_COUNT; i++) {
                request.way = strcmp(optarg, ways[i].name) == 0 ? &ways[i] : request.way;
            }
            if (request.way == NULL) {
                return cli_usage_error("run", "unknown way '%s'; there are direct, wine, mono and dotnet", optarg);
            }
            break;
        default:
            return cli_bad_option("run", option, argv);
        }
    }
    if (optind >= argc) {
        return cli_usage_error("run", "no program given");
    }
    request.path = argv[optind];
    return run_file(&request, argc - optind - 1, argv + optind + 1);
}
