/* cli: `farcall proxy LIBRARY --header FILE -o DIR`, a library of this bitness that stands for one of another. */
#include "proxy/proxy.h"

#include "cli/cli.h"
#include "cli/header.h"
#include "os/os.h"

#include <errno.h>
#include <farcall/farcall.h>
#include <farcall/image.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct request {
    struct cli_header header;
    const char *library, *folder, *caller, *group, *user;
    const char *soname; /* NULL: as the library has it */
    char folder_of_file[PATH_MAX];
    int is_strict, is_source_only, forgets_path;
    uint64_t deadline_ms;
};

static void print_help(void) {
    puts(
        "Usage: farcall proxy [OPTION...] LIBRARY --header FILE -o OUTPUT\n"
        "Make a library of this program's bitness with the exports of LIBRARY, which is of another: programs that use\n"
        "it call LIBRARY, in a host process, without knowing.\n"
        "\n"
        "Prints what becomes of each export, and writes the proxy's C source, its version script, and the proxy,\n"
        "which has the library's own name, or for foo.dll the name libfoo.so. The proxy finds its library as\n"
        "farcall/NAME beside itself, else where it is now; or as the environment variable FARCALL_LIBRARY_<NAME> "
        "says.\n"
        "\n"
        "Options:\n"
        "  -o, --output OUTPUT      the folder to write to, which is made if it is not there; or the proxy's own "
        "path,\n"
        "                           lib/libfoo.so\n" CLI_HEADER_HELP
        "      --strict             fail if a declared function cannot be bridged; with --used-by, if any that is "
        "used\n"
        "                           cannot\n"
        "      --used-by FILE       a program or library: say which exports it uses\n"
        "      --group NAME         proxies of one group share a host process, and so their libraries' state\n"
        "      --deadline MS        give up a call after so many milliseconds, and end its host; default: 0, never;\n"
        "                           the environment variable FARCALL_DEADLINE_MS_<NAME> says otherwise\n"
        "      --caller TARGET      what the proxy is for; default: the other bitness than LIBRARY's\n"
        "      --forget-path        do not remember where LIBRARY is\n"
        "      --source-only        write the source, and build nothing\n"
        "  -h, --help               print this and exit\n"
        "\n"
        "Example:\n"
        "  farcall proxy --preset zlib /usr/lib/i386-linux-gnu/libz.so.1 -o proxies\n"
        "  LD_LIBRARY_PATH=proxies python3 -c 'import zlib; print(zlib.crc32(b\"hello\"))'\n"
        "\n"
        "Exit status: 0 success, 1 failure, 2 wrong usage.");
}

/* -- what it is made from ------------------------------------------------------------------------------------------ */

struct texts {
    struct fc_proxy_text list[CLI_HEADER_FILES_MAX + 1];
    size_t count;
};

static void free_texts(struct texts *texts) {
    for (size_t i = 0; i < texts->count; i++) {
        if (texts->list[i].callee != texts->list[i].caller) {
            free((void *)texts->list[i].callee);
        }
        free((void *)texts->list[i].caller);
    }
}

static int read_texts(const struct request *request, const char *callee, struct texts *texts) {
    const struct cli_header *header = &request->header;
    int status = cli_header_check(header);
    if (status == CLI_OK && header->file_count > 0) {
        char *here = NULL, *there = NULL;
        status = cli_header_preprocess(header, request->caller, callee, &here);
        status = status == CLI_OK ? cli_header_preprocess(header, callee, callee, &there) : status;
        texts->list[texts->count++] = (struct fc_proxy_text){header->files[0], here, there};
    }
    for (unsigned i = 0; status == CLI_OK && i < header->sidecar_count; i++) {
        char *text = NULL;
        status = cli_header_sidecar(header, i, &text);
        texts->list[texts->count++] = (struct fc_proxy_text){header->sidecars[i], text, text};
    }
    return status;
}

/* What the library is for, and so what the proxy is. */
static int find_targets(struct request *request, const struct cli_file *library, const char **ret_callee) {
    int status = cli_file_target("proxy", request->library, library, ret_callee);
    if (status == CLI_OK && request->caller == NULL) {
        request->caller = strcmp(*ret_callee, "x86_64-linux") == 0 ? "i386-linux" : "x86_64-linux";
    }
    return status;
}

/* -- what comes out ------------------------------------------------------------------------------------------------ */

static int print_table(const struct fc__proxy *proxy) {
    char *text = NULL;
    size_t len = 0;
    struct fc__error err;
    FILE *memory = open_memstream(&text, &len);
    int rc = memory != NULL ? fc__proxy_write_table(proxy, memory, &err) : FC_ENOMEM;
    if (memory == NULL || fclose(memory) != 0 || rc != FC_OK) {
        cli_error("proxy: out of memory");
        free(text);
        return CLI_FAILED;
    }
    char *rest = text;
    for (char *line; rest != NULL && (line = strsep(&rest, "\n")) != NULL && (rest != NULL || *line != '\0');) {
        cli_print_text(stdout, line);
        putchar('\n');
    }
    free(text);
    return CLI_OK;
}

static int write_failed(const char *path) {
    cli_error("proxy: %s: %s", path, strerror(errno));
    return CLI_FAILED;
}

static int write_source(const struct fc__proxy *proxy, const char *path) {
    struct fc__error err;
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return write_failed(path);
    }
    int rc = fc__proxy_write_source(proxy, file, &err);
    return fclose(file) == 0 && rc == FC_OK ? CLI_OK : write_failed(path);
}

static int write_script(const struct fc__proxy *proxy, const char *path) {
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        return write_failed(path);
    }
    fc__proxy_write_script(proxy, file);
    return fclose(file) == 0 ? CLI_OK : write_failed(path);
}

/* In a folder above this program, that of its installation or of its build tree: false if there is none. */
static bool find_above(const char *name, bool (*is_it)(const char *path, const char *target), const char *target,
                       char path[PATH_MAX]) {
    char folder[PATH_MAX];
    if (fc__os_module_path((const void *)(uintptr_t)find_above, folder, sizeof folder) != 0) {
        return false;
    }
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        const int len = snprintf(path, PATH_MAX, "%s/%s", folder, name);
        if (len > 0 && len < PATH_MAX && access(path, R_OK) == 0 && is_it(path, target)) {
            return true;
        }
    }
    return false;
}

static bool is_any(const char *path, const char *target) {
    (void)path;
    (void)target;
    return true;
}

static bool is_for(const char *path, const char *target) {
    struct cli_file file;
    struct fc_image *image = NULL;
    if (cli_file_open(path, &file) != CLI_OK) {
        return false;
    }
    const char *its = fc_image_open(file.data, file.len_bytes, &image) == FC_OK ? fc_image_target(image) : NULL;
    const bool is_it = its != NULL && strcmp(its, target) == 0;
    fc_image_close(image);
    cli_file_close(&file);
    return is_it;
}

/* What the proxy is compiled and linked with. */
static int find_parts(const char *target, char header[PATH_MAX], char runtime[PATH_MAX]) {
    char other[64];
    snprintf(other, sizeof other, "lib/%s/libfarcall.so", target);
    if (!find_above("include/farcall/proxy.h", is_any, target, header)) {
        cli_error("proxy: there is no include/farcall/proxy.h in any folder above this program");
    } else if (!find_above(other, is_for, target, runtime) &&
               !find_above("lib/libfarcall.so", is_for, target, runtime)) {
        cli_error("proxy: there is no lib/libfarcall.so and no lib/%s/libfarcall.so for %s in any folder above this "
                  "program, and the proxy has to be linked with it; --source-only does without",
                  target, target);
    } else {
        return CLI_OK;
    }
    return CLI_FAILED;
}

/* libfarcall is looked for beside the proxy, in its farcall/, and then where it is now. */
static int build(const struct request *request, const struct fc__proxy *proxy, const char *source, const char *script) {
    char header[PATH_MAX], runtime[PATH_MAX], include[PATH_MAX + 8], output[PATH_MAX + 8], run_path[PATH_MAX + 64];
    char soname[PATH_MAX], script_option[PATH_MAX + 32];
    int status = find_parts(request->caller, header, runtime);
    if (status != CLI_OK) {
        return status;
    }
    const int include_len = (int)(strlen(header) - strlen("/farcall/proxy.h"));
    const int folder_len = (int)(strlen(runtime) - strlen("/libfarcall.so"));
    snprintf(include, sizeof include, "-I%.*s", include_len, header);
    snprintf(output, sizeof output, "%s/%s", request->folder, fc__proxy_name(proxy));
    snprintf(soname, sizeof soname, "-Wl,-soname,%s", fc__proxy_name(proxy));
    snprintf(run_path, sizeof run_path, "-Wl,-rpath,$ORIGIN:$ORIGIN/farcall:%.*s", folder_len, runtime);
    snprintf(script_option, sizeof script_option, "-Wl,--version-script,%s", script);
    const char *arguments[24] = {cli_compiler_flag(request->caller),
                                 source,
                                 "-o",
                                 output,
                                 "-shared",
                                 "-fPIC",
                                 "-O2",
                                 "-std=gnu11",
                                 "-fvisibility=hidden",
                                 "-fno-builtin",
                                 include,
                                 runtime,
                                 soname,
                                 run_path,
                                 "-Wl,-z,defs"};
    size_t count = 15;
    if (fc__proxy_has_versions(proxy)) {
        arguments[count++] = script_option;
    }
    return cli_compiler_run("proxy", "building a proxy", request->caller, arguments, NULL, NULL);
}

/* The two have one name, and the vendor's file may be the only one there is. */
static bool would_replace_library(const struct request *request, const char *name) {
    char output[PATH_MAX + 8];
    struct stat mine, its;
    snprintf(output, sizeof output, "%s/%s", request->folder, name);
    return !request->is_source_only && stat(output, &mine) == 0 && stat(request->library, &its) == 0 &&
           mine.st_dev == its.st_dev && mine.st_ino == its.st_ino;
}

static int write_all(const struct request *request, const struct fc__proxy *proxy) {
    char source[PATH_MAX], script[PATH_MAX];
    const char *name = fc__proxy_name(proxy);
    if ((size_t)snprintf(source, sizeof source, "%s/%s.c", request->folder, name) >= sizeof source ||
        (size_t)snprintf(script, sizeof script, "%s/%s.map", request->folder, name) >= sizeof script) {
        errno = ENAMETOOLONG;
        return write_failed(request->folder);
    }
    if (would_replace_library(request, name)) {
        cli_error("proxy: the proxy in %s would take the place of the library itself, %s; nothing was written. Give "
                  "another folder as --output",
                  request->folder, request->library);
        return CLI_FAILED;
    }
    if (mkdir(request->folder, 0777) != 0 && errno != EEXIST) {
        return write_failed(request->folder);
    }
    int status = write_source(proxy, source);
    status = status == CLI_OK && fc__proxy_has_versions(proxy) ? write_script(proxy, script) : status;
    return status == CLI_OK && !request->is_source_only ? build(request, proxy, source, script) : status;
}

/* -- the verb ------------------------------------------------------------------------------------------------------ */

/* What --strict was given for is not there. */
static int check_strictly(const struct request *request, const struct fc__proxy *proxy) {
    const size_t gaps = fc__proxy_gaps(proxy);
    if (request->user != NULL && fc__proxy_used(proxy) == 0) {
        cli_error(
            "proxy: %s uses no export of %s, and --strict was given; nothing was written. Give what is linked with "
            "it as --used-by, a library if that is what calls it; what a program loads by dlopen it does not name",
            request->user, request->library);
        return CLI_FAILED;
    }
    if (gaps > 0) {
        cli_error("proxy: %s: %zu %s not bridged, and --strict was given; nothing was written", request->library, gaps,
                  gaps == 1 ? "export is" : "exports are");
        return CLI_FAILED;
    }
    return CLI_OK;
}

static int make(const struct request *request, const struct fc__proxy_request *what) {
    struct fc__error err;
    struct fc__proxy *proxy = NULL;
    int rc = fc__proxy_new(what, &proxy, &err);
    if (rc != FC_OK) {
        cli_error("proxy: %s: %s", request->library, err.text);
        return cli_status_of(rc);
    }
    int status = print_table(proxy);
    status = status == CLI_OK && request->is_strict ? check_strictly(request, proxy) : status;
    status = status == CLI_OK && request->folder != NULL ? write_all(request, proxy) : status;
    fc__proxy_free(proxy);
    return status;
}

static int run_with(struct request *request, const struct cli_file *library, const struct cli_file *user) {
    struct texts texts = {.count = 0};
    const char *callee = NULL, *slash = strrchr(request->library, '/');
    int status = find_targets(request, library, &callee);
    status = status == CLI_OK ? read_texts(request, callee, &texts) : status;
    /* Not resolved: a later version of the library takes the place that a link has now. */
    char path[2 * PATH_MAX], here[PATH_MAX] = "";
    const bool is_relative = request->library[0] != '/' && getcwd(here, sizeof here) != NULL;
    snprintf(path, sizeof path, "%s%s%s", here, is_relative ? "/" : "", request->library);
    if (status == CLI_OK) {
        const struct fc__proxy_request what = {.library = library->data,
                                               .library_bytes = library->len_bytes,
                                               .name = slash != NULL ? slash + 1 : request->library,
                                               .soname = request->soname,
                                               .path = request->forgets_path ? NULL : path,
                                               .caller = request->caller,
                                               .group = request->group,
                                               .deadline_ms = (uint32_t)request->deadline_ms,
                                               .texts = texts.list,
                                               .text_count = texts.count,
                                               .user = request->user != NULL && user->data == NULL ? "" : user->data,
                                               .user_bytes = user->len_bytes};
        status = make(request, &what);
    }
    free_texts(&texts);
    return status;
}

static int run(struct request *request) {
    struct cli_file library = {0}, user = {0};
    int status = cli_file_open(request->library, &library);
    status = status == CLI_OK && request->user != NULL ? cli_file_open(request->user, &user) : status;
    status = status == CLI_OK ? run_with(request, &library, &user) : status;
    cli_file_close(&user);
    cli_file_close(&library);
    return status;
}

/* The targets that there is a libfarcall for: those of this system's compiler. */
static bool is_caller(const char *target) {
    return cli_compiler_flag(target) != NULL && !cli_compiler_is_foreign(target);
}

static int check(const struct request *request) {
    if (request->header.file_count + request->header.sidecar_count == 0) {
        return cli_usage_error("proxy", "nothing says what the library's functions are: give --header or --preset");
    }
    if (request->caller != NULL && !is_caller(request->caller)) {
        return cli_usage_error("proxy", "a proxy is for programs of i386-linux or x86_64-linux, not of '%s'",
                               request->caller);
    }
    if (request->folder == NULL && request->is_source_only) {
        return cli_usage_error("proxy", "--source-only is for --output");
    }
    if (request->group != NULL && request->group[0] == '\0') {
        return cli_usage_error("proxy", "a group needs a name");
    }
    return CLI_OK;
}

/* -o may name the proxy itself, "lib/libfoo.so", instead of the folder that it is to lie in. */
static void split_output(struct request *request) {
    struct stat status;
    const char *path = request->folder, *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : path, *ending = name != NULL ? strstr(name, ".so") : NULL;
    if (ending == NULL || (ending[3] != '\0' && ending[3] != '.') || strlen(path) >= sizeof request->folder_of_file ||
        (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        return;
    }
    const size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    memcpy(request->folder_of_file, len > 0 ? path : ".", len > 0 ? len : 2);
    request->folder = request->folder_of_file;
    request->soname = name;
}

static int read_options(int argc, char **argv, struct request *request) {
    enum { OUTPUT = CLI_LONG_OPTION + 1, USED_BY, GROUP, DEADLINE, CALLER, HELP };
    const struct option options[] = {CLI_FLAG("strict", &request->is_strict),
                                     CLI_FLAG("forget-path", &request->forgets_path),
                                     CLI_FLAG("source-only", &request->is_source_only),
                                     {"output", required_argument, NULL, OUTPUT},
                                     {"used-by", required_argument, NULL, USED_BY},
                                     {"group", required_argument, NULL, GROUP},
                                     {"deadline", required_argument, NULL, DEADLINE},
                                     {"caller", required_argument, NULL, CALLER},
                                     CLI_HEADER_OPTIONS{"help", no_argument, NULL, HELP},
                                     {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, ":o:I:D:h", options, NULL)) != -1) {
        switch (option) {
        case 0:
            break;
        case 'o':
        case OUTPUT:
            request->folder = optarg;
            break;
        case USED_BY:
            request->user = optarg;
            break;
        case GROUP:
            request->group = optarg;
            break;
        case DEADLINE:
            if (!cli_read_number(optarg, 0, UINT32_MAX, &request->deadline_ms)) {
                return cli_usage_error("proxy", "'%s' is no number of milliseconds", optarg);
            }
            break;
        case CALLER:
            request->caller = optarg;
            break;
        case 'h':
        case HELP:
            print_help();
            return -1;
        default:
            if (!cli_header_option(&request->header, option, optarg)) {
                return cli_bad_option("proxy", option, argv);
            }
            break;
        }
    }
    if (argc - optind != 1) {
        return argc == optind ? cli_usage_error("proxy", "no library given")
                              : cli_usage_error("proxy", "'%s' is one argument too many", argv[optind + 1]);
    }
    request->library = argv[optind];
    split_output(request);
    return check(request);
}

int cli_proxy(int argc, char **argv) {
    struct request request = {.header = {.verb = "proxy"}};
    int status = read_options(argc, argv, &request);
    return status == CLI_OK && request.library != NULL ? run(&request) : status < 0 ? CLI_OK : status;
}
