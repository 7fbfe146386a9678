/* cli: what an audit found, as a table and a list. */
#include "cli/audit.h"

#include <inttypes.h>
#include <string.h>

struct printer {
    FILE *out;
    bool is_verbose;
    int name_width, kind_width;
    unsigned count;
};

static void put_padded(FILE *out, const char *text, int width) {
    int len = (int)cli_print_text(out, text);
    fprintf(out, "%*s", (len < width ? width - len : 0) + 2, "");
}

static const char *kind_of(const struct fc_audit_process *process) {
    enum fc_process kind = fc_audit_process_kind(process);
    return kind == FC_PROCESS_NONE ? "does not start" : fc_process_title(kind);
}

static const char *name_of(const struct fc_audit_process *process) {
    return fc_audit_process_program(process) != NULL ? fc_audit_process_name(process) : "(host)";
}

static int measure(void *user_data, const struct fc_audit_process *process) {
    struct printer *printer = user_data;
    int name = (int)cli_print_text(NULL, name_of(process)), kind = (int)strlen(kind_of(process));
    printer->name_width = name > printer->name_width ? name : printer->name_width;
    printer->kind_width = kind > printer->kind_width ? kind : printer->kind_width;
    return 0;
}

static int count_first(void *user_data, const struct fc_audit_load *load) {
    struct printer *printer = user_data;
    printer->count += fc_audit_load_is_first(load) ? 1 : 0;
    return 0;
}

static int print_load(void *user_data, const struct fc_audit_load *load) {
    struct printer *printer = user_data;
    const struct fc_audit_file *from = fc_audit_load_from(load), *to = fc_audit_load_to(load);
    if (!fc_audit_load_is_first(load)) {
        return 0;
    }
    fputs("    ", printer->out);
    cli_print_text(printer->out, fc_audit_file_path(to));
    fprintf(printer->out, "  %s", fc_audit_file_words(to));
    if (fc_audit_load_outcome(load) != FC_OUTCOME_WORKS && fc_audit_file_origin(to) != FC_ORIGIN_MISSING) {
        fprintf(printer->out, "  %s", audit_outcome_word(fc_audit_load_outcome(load)));
    }
    if (from != NULL) {
        fprintf(printer->out, "  (%s of ", fc_need_name(fc_audit_load_need(load)));
        cli_print_text(printer->out, audit_short_name(fc_audit_file_path(from)));
        fputs(")", printer->out);
    }
    fputs("\n", printer->out);
    return 0;
}

static int print_process(void *user_data, const struct fc_audit_process *process) {
    struct printer *printer = user_data;
    printer->count = 0;
    fc_audit_visit_loads(process, count_first, printer);
    put_padded(printer->out, name_of(process), printer->name_width);
    put_padded(printer->out, kind_of(process), printer->kind_width);
    put_padded(printer->out, fc_system_name(fc_audit_process_system(process)), (int)sizeof "windows11-arm64" - 1);
    fprintf(printer->out, "%5u  %s\n", printer->count, audit_outcome_word(fc_audit_process_outcome(process)));
    if (printer->is_verbose) {
        fc_audit_visit_loads(process, print_load, printer);
    }
    return 0;
}

/* -- Findings ----------------------------------------------------------------------------------------------------- */

static int print_remedy(void *user_data, enum fc_remedy remedy, const char *text, const char *command) {
    struct printer *printer = user_data;
    (void)remedy;
    fprintf(printer->out, "  %s ", printer->count++ == 0 ? "mend:" : "or:  ");
    cli_print_text(printer->out, text);
    fputs("\n", printer->out);
    if (command != NULL) {
        fputs("          ", printer->out);
        cli_print_text(printer->out, command);
        fputs("\n", printer->out);
    }
    return 0;
}

static int print_finding(void *user_data, const struct fc_audit_finding *finding) {
    struct printer *printer = user_data;
    uint32_t code = fc_audit_finding_code(finding);
    unsigned processes = fc_audit_finding_process_count(finding);
    fprintf(printer->out, "\n%s: ", audit_severity_word(fc_audit_finding_severity(finding)));
    cli_print_text(printer->out, fc_audit_finding_text(finding));
    audit_put_others(printer->out, finding);
    if (processes > 1) {
        fprintf(printer->out, " (In %u processes.)", processes);
    }
    fputs("\n", printer->out);
    if (fc_audit_finding_reason(finding)[0] != '\0') {
        fputs("  why: ", printer->out);
        if (code != 0) {
            fprintf(printer->out, code > 0xffff ? "(0x%" PRIX32 ") " : "(%" PRIu32 ") ", code);
        }
        cli_print_text(printer->out, fc_audit_finding_reason(finding));
        fprintf(printer->out, " [%s]\n", fc_audit_finding_source(finding));
    }
    printer->count = 0;
    fc_audit_visit_remedies(finding, print_remedy, printer);
    return 0;
}

void audit_print_text(FILE *out, const struct audit_request *request, const struct fc_audit *audit) {
    struct printer printer = {.out = out, .is_verbose = request->is_verbose, .name_width = 7, .kind_width = 4};
    struct audit_sum sum = audit_count(audit);
    fc_audit_visit_processes(audit, measure, &printer);
    put_padded(out, "PROCESS", printer.name_width);
    put_padded(out, "KIND", printer.kind_width);
    put_padded(out, "SYSTEM", (int)sizeof "windows11-arm64" - 1);
    fputs("LOADS  RESULT\n", out);
    fc_audit_visit_processes(audit, print_process, &printer);
    fc_audit_visit_findings(audit, print_finding, &printer);
    fprintf(out, "\n%u program%s, %u binar%s: %u conflict%s, %u doubt%s, %u missing or unreadable\n", sum.programs,
            audit_s(sum.programs), sum.files, sum.files == 1 ? "y" : "ies", sum.conflicts, audit_s(sum.conflicts),
            sum.doubts, audit_s(sum.doubts), sum.missing);
}
