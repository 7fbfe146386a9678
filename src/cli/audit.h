/* cli: the parts of `farcall audit`: collecting files, and the forms that its result is shown in. */
#ifndef FC_CLI_AUDIT_H
#define FC_CLI_AUDIT_H

#include "cli/inspect.h"

#include <farcall/audit.h>

/* What the command line asks for. */
struct audit_request {
    struct inspect_request conditions;
    bool is_verbose, is_strict, is_json, is_dot;
    const char *html; /* a file */
    const char *folder;
    int status; /* what went wrong while files were read */
};

/* How many there are of each. */
struct audit_sum {
    unsigned programs, files, conflicts, doubts, missing;
};
struct audit_sum audit_count(const struct fc_audit *audit);
/* What makes a word plural, where there is not just one. */
static inline const char *audit_s(unsigned count) {
    return count == 1 ? "" : "s";
}

/* True for what is the application's own, or ought to be there: what graphs show. */
bool audit_is_shown(const struct fc_audit_file *file);
/* "CONFLICT", "doubt", "missing"; "ok", "may fail", "FAILS". Static storage. */
const char *audit_severity_word(enum fc_severity severity);
const char *audit_outcome_word(enum fc_outcome outcome);
/* Says how many files besides the first need what the finding is about. */
void audit_put_others(FILE *out, const struct fc_audit_finding *finding);
/* The last part of a path. */
const char *audit_short_name(const char *path);

/* audit_files.c: adds all files of the folder, and where this system has its libraries. */
int audit_collect(struct audit_request *request, struct fc_audit *audit);
struct fc_audit_files audit_files(struct audit_request *request);

/* audit_text.c, audit_json.c, audit_dot.c, audit_html.c: the result, on `out`. Return an exit status. */
void audit_print_text(FILE *out, const struct audit_request *request, const struct fc_audit *audit);
int audit_print_json(FILE *out, const struct audit_request *request, const struct fc_audit *audit);
int audit_print_dot(FILE *out, const struct fc_audit *audit);
int audit_print_html(FILE *out, const struct audit_request *request, const struct fc_audit *audit);

/* audit_svg.c: the graph of one process; false when out of memory. */
bool audit_print_svg(FILE *out, const struct fc_audit_process *process);
/* Text for HTML, XML and Graphviz's strings, with everything that is not to be seen as \xNN. */
void audit_put(FILE *out, const char *text);

#endif
