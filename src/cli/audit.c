/* cli: `farcall audit DIR`: what an application loads, what of it cannot be loaded, and how to mend it. */
#include "cli/audit.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static void print_help(void) {
    puts("Usage: farcall audit [OPTION...] DIR\n"
         "Say of every program below DIR in what kind of process it runs, what it loads, what of that cannot be "
         "loaded,\n"
         "and how to mend it.\n"
         "\n"
         "Options:\n"
         "      --for SYSTEM    the system that it is for, as in 'farcall inspect --help'; default: as each program is "
         "made\n"
         "                      for, Windows on x64 or ARM64, or Linux on x86-64\n"
         "      --host 32|64|iis  what loads the libraries that no program here does: a process of this bitness, or a\n"
         "                      worker process of IIS, as for a web role\n"
         "      --windows V     the version of Windows, as 6.1; default 10.0\n"
         "      --runtime V     this runtime is installed (v2.0.50727, 8.0.4); again for more\n"
         "      --enable64bit 0|1  this value is in the registry of Windows\n"
         "      --strict        doubts and missing libraries count as conflicts\n"
         "  -v, --verbose       also every library that each process reaches\n"
         "      --json          everything, as JSON\n"
         "      --dot           the graph, for Graphviz\n"
         "      --html FILE     also write a report with the graph drawn, for a browser\n"
         "  -h, --help          print this and exit\n"
         "\n"
         "Exit status: 0 no conflicts, 1 a file could not be read, 2 wrong usage, 4 conflicts.");
}

/* -- What all forms need ------------------------------------------------------------------------------------------- */

static int count_process(void *user_data, const struct fc_audit_process *process) {
    struct audit_sum *sum = user_data;
    sum->programs += fc_audit_process_program(process) != NULL ? 1 : 0;
    return 0;
}

static int count_file(void *user_data, const struct fc_audit_file *file) {
    struct audit_sum *sum = user_data;
    sum->files += fc_audit_file_origin(file) == FC_ORIGIN_TREE ? 1 : 0;
    return 0;
}

static int count_finding(void *user_data, const struct fc_audit_finding *finding) {
    struct audit_sum *sum = user_data;
    enum fc_severity severity = fc_audit_finding_severity(finding);
    sum->conflicts += severity == FC_SEVERITY_CONFLICT ? 1 : 0;
    sum->doubts += severity == FC_SEVERITY_DOUBT ? 1 : 0;
    sum->missing += severity == FC_SEVERITY_MISSING ? 1 : 0;
    return 0;
}

struct audit_sum audit_count(const struct fc_audit *audit) {
    struct audit_sum sum = {0};
    fc_audit_visit_processes(audit, count_process, &sum);
    fc_audit_visit_files(audit, count_file, &sum);
    fc_audit_visit_findings(audit, count_finding, &sum);
    return sum;
}

bool audit_is_shown(const struct fc_audit_file *file) {
    enum fc_origin origin = fc_audit_file_origin(file);
    return origin == FC_ORIGIN_TREE || origin == FC_ORIGIN_MISSING;
}

const char *audit_severity_word(enum fc_severity severity) {
    static const char *const words[] = {"conflict", "doubt", "missing"};
    return words[severity];
}

const char *audit_outcome_word(enum fc_outcome outcome) {
    static const char *const words[] = {"works", "fails", "may fail"};
    return words[outcome];
}

static int count_needer(void *user_data, const struct fc_audit_file *file) {
    (void)file;
    ++*(unsigned *)user_data;
    return 0;
}

void audit_put_others(FILE *out, const struct fc_audit_finding *finding) {
    unsigned count = 0;
    fc_audit_visit_needed_by(finding, count_needer, &count);
    if (count == 2) {
        fputs(" So does one other file.", out);
    } else if (count > 2) {
        fprintf(out, " So do %u other files.", count - 1);
    }
}

const char *audit_short_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* -- Running ------------------------------------------------------------------------------------------------------ */

static int write_html(const struct audit_request *request, const struct fc_audit *audit) {
    FILE *out = fopen(request->html, "we");
    int status = out != NULL ? audit_print_html(out, request, audit) : CLI_FAILED;
    if (out == NULL || fclose(out) != 0) {
        cli_error("audit: %s: %s", request->html, strerror(errno));
        return CLI_FAILED;
    }
    return status;
}

static int show(const struct audit_request *request, const struct fc_audit *audit) {
    int status = CLI_OK;
    if (request->is_json) {
        status = audit_print_json(stdout, request, audit);
    } else if (request->is_dot) {
        status = audit_print_dot(stdout, audit);
    } else {
        audit_print_text(stdout, request, audit);
    }
    return status == CLI_OK && request->html != NULL ? write_html(request, audit) : status;
}

static int verdict(const struct audit_request *request, const struct fc_audit *audit) {
    struct audit_sum sum = audit_count(audit);
    unsigned bad = sum.conflicts + (request->is_strict ? sum.doubts + sum.missing : 0);
    if (bad > 0) {
        cli_error("audit: %s: %u %s", request->folder, bad, bad == 1 ? "conflict" : "conflicts");
    }
    return bad > 0 ? CLI_CONFLICTS : request->status;
}

static int run(struct audit_request *request, struct fc_audit *audit) {
    int status = audit_collect(request, audit);
    if (status != CLI_OK) {
        return status;
    }
    int result = fc_audit_run(audit);
    if (result != FC_OK) {
        cli_error("audit: %s: %s", request->folder, fc_error_text());
        return cli_status_of(result);
    }
    status = show(request, audit);
    return status == CLI_OK ? verdict(request, audit) : status;
}

/* -- Options ------------------------------------------------------------------------------------------------------ */

/* "6.1" as major * 65536 + minor; false if it is no version. */
static bool parse_version(const char *text, uint32_t *ret_version) {
    char *end;
    unsigned long major = strtoul(text, &end, 10), minor = 0;
    if (*end == '.') {
        minor = strtoul(end + 1, &end, 10);
    }
    *ret_version = (uint32_t)(major << 16 | minor);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && major <= 0xffff && minor <= 0xffff;
}

static const struct option audit_options[] = {{"help", no_argument, NULL, 'h'},
                                              {"verbose", no_argument, NULL, 'v'},
                                              {"for", required_argument, NULL, 'f'},
                                              {"host", required_argument, NULL, 'o'},
                                              {"windows", required_argument, NULL, 'w'},
                                              {"runtime", required_argument, NULL, 'r'},
                                              {"enable64bit", required_argument, NULL, 'e'},
                                              {"strict", no_argument, NULL, 's'},
                                              {"json", no_argument, NULL, 'j'},
                                              {"dot", no_argument, NULL, 'd'},
                                              {"html", required_argument, NULL, 'H'},
                                              {NULL, 0, NULL, 0}};

/* CLI_OK, or the status of a usage error. */
static int take_option(struct audit_request *request, struct fc_audit *audit, int option, const char *argument) {
    static const char *const hosts[] = {[FC_HOST_32] = "32", [FC_HOST_64] = "64", [FC_HOST_IIS] = "iis"};
    enum fc_system system;
    uint32_t version;
    int status = CLI_OK;
    switch (option) {
    case 'f':
        status = inspect_find_system("audit", argument, &system);
        if (status == CLI_OK) {
            fc_audit_set_system(audit, system);
        }
        break;
    case 'o':
        for (int i = FC_HOST_32; i <= FC_HOST_IIS; i++) {
            if (strcmp(argument, hosts[i]) == 0) {
                fc_audit_set_host(audit, (enum fc_host)i);
                return CLI_OK;
            }
        }
        return cli_usage_error("audit", "--host is 32, 64 or iis, not '%s'", argument);
    case 'w':
        if (!parse_version(argument, &version)) {
            return cli_usage_error("audit", "--windows is a version such as 6.1, not '%s'", argument);
        }
        fc_audit_set_windows_version(audit, version);
        break;
    case 'r':
        status = inspect_add_runtime("audit", &request->conditions, argument);
        break;
    case 'e':
        status = inspect_set_enable64bit("audit", &request->conditions, argument);
        break;
    default:
        break;
    }
    request->is_verbose = request->is_verbose || option == 'v';
    request->is_strict = request->is_strict || option == 's';
    request->is_json = request->is_json || option == 'j';
    request->is_dot = request->is_dot || option == 'd';
    request->html = option == 'H' ? argument : request->html;
    return status;
}

static int run_with_options(struct audit_request *request, struct fc_audit *audit, int argc, char **argv) {
    struct option options[sizeof audit_options / sizeof *audit_options];
    memcpy(options, audit_options, sizeof options);
    for (size_t i = 0; options[i].name != NULL; i++) {
        options[i].val += CLI_LONG_OPTION; /* as cli_bad_option tells them from letters */
    }
    for (int option; (option = getopt_long(argc, argv, ":hv", options, NULL)) != -1;) {
        int letter = option >= CLI_LONG_OPTION ? option - CLI_LONG_OPTION : option;
        if (option == '?' || option == ':') {
            return cli_bad_option("audit", option, argv);
        }
        if (letter == 'h') {
            print_help();
            return CLI_OK;
        }
        int status = take_option(request, audit, letter, optarg);
        if (status != CLI_OK) {
            return status;
        }
    }
    if (optind + 1 != argc) {
        return cli_usage_error("audit", optind >= argc ? "no folder given" : "more than one folder given");
    }
    if (request->is_json && request->is_dot) {
        return cli_usage_error("audit", "--json and --dot are two forms of one output");
    }
    request->folder = argv[optind];
    const int status = cli_check_given("audit", "folder's name", request->folder);
    return status == CLI_OK ? run(request, audit) : status;
}

int cli_audit(int argc, char **argv) {
    struct audit_request request = {0};
    struct fc_audit_files files = audit_files(&request);
    struct fc_audit *audit;
    int result = fc_audit_new(&files, &audit);
    if (result != FC_OK) {
        cli_error("audit: %s", fc_error_text());
        return cli_status_of(result);
    }
    int status = run_with_options(&request, audit, argc, argv);
    fc_audit_free(audit);
    return status;
}
