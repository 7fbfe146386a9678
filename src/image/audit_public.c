/* image: what an audit found, for its reader. */
#include "image/audit.h"

#define NAME(name, text) text,
#define NAMES(function, type, table)                                                                                   \
    const char *function(type number) {                                                                                \
        static const char *const names[] = {table(NAME)};                                                              \
        return (size_t)number < sizeof names / sizeof *names ? names[number] : "?";                                    \
    }
NAMES(fc_origin_name, enum fc_origin, FC_ORIGINS)
NAMES(fc_need_name, enum fc_need, FC_NEEDS)
NAMES(fc_finding_name, enum fc_finding, FC_FINDINGS)
NAMES(fc_remedy_name, enum fc_remedy, FC_REMEDIES)

/* -- Files -------------------------------------------------------------------------------------------------------- */

const char *fc_audit_file_path(const struct fc_audit_file *file) {
    return file->path;
}

enum fc_origin fc_audit_file_origin(const struct fc_audit_file *file) {
    return file->origin;
}

int fc_audit_file_bits(const struct fc_audit_file *file) {
    return file->bits;
}

const char *fc_audit_file_machine(const struct fc_audit_file *file) {
    return file->machine;
}

const char *fc_audit_file_words(const struct fc_audit_file *file) {
    return file->words != NULL ? file->words : fc_origin_name(file->origin);
}

bool fc_audit_file_is_reached(const struct fc_audit_file *file) {
    return file->is_reached;
}

int fc_audit_visit_files(const struct fc_audit *audit, fc_audit_file_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (const struct fc_audit_file *file = audit->first; file != NULL && result == FC_OK; file = file->next) {
        if (file->is_binary || file->origin != FC_ORIGIN_TREE) {
            result = visit(user_data, file);
        }
    }
    return result;
}

/* -- Processes ---------------------------------------------------------------------------------------------------- */

const struct fc_audit_file *fc_audit_process_program(const struct fc_audit_process *process) {
    return process->program;
}

const char *fc_audit_process_name(const struct fc_audit_process *process) {
    return process->name;
}

enum fc_process fc_audit_process_kind(const struct fc_audit_process *process) {
    return process->kind;
}

enum fc_system fc_audit_process_system(const struct fc_audit_process *process) {
    return process->system;
}

const char *fc_audit_process_reason(const struct fc_audit_process *process) {
    return process->reason;
}

const char *fc_audit_process_runtime(const struct fc_audit_process *process) {
    return process->runtime;
}

enum fc_outcome fc_audit_process_outcome(const struct fc_audit_process *process) {
    return process->outcome;
}

int fc_audit_visit_processes(const struct fc_audit *audit, fc_audit_process_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (const struct fc_audit_process *at = audit->processes; at != NULL && result == FC_OK; at = at->next) {
        result = visit(user_data, at);
    }
    return result;
}

/* -- Loads -------------------------------------------------------------------------------------------------------- */

const struct fc_audit_file *fc_audit_load_from(const struct fc_audit_load *load) {
    return load->from;
}

const struct fc_audit_file *fc_audit_load_to(const struct fc_audit_load *load) {
    return load->to;
}

enum fc_need fc_audit_load_need(const struct fc_audit_load *load) {
    return load->way;
}

enum fc_outcome fc_audit_load_outcome(const struct fc_audit_load *load) {
    return load->outcome;
}

bool fc_audit_load_is_first(const struct fc_audit_load *load) {
    return load->is_first;
}

int fc_audit_visit_loads(const struct fc_audit_process *process, fc_audit_load_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (const struct fc_audit_load *load = process->loads; load != NULL && result == FC_OK; load = load->next) {
        result = visit(user_data, load);
    }
    return result;
}

/* -- Findings ----------------------------------------------------------------------------------------------------- */

enum fc_finding fc_audit_finding_kind(const struct fc_audit_finding *finding) {
    return finding->kind;
}

enum fc_severity fc_audit_finding_severity(const struct fc_audit_finding *finding) {
    return finding->severity;
}

const struct fc_audit_file *fc_audit_finding_file(const struct fc_audit_finding *finding) {
    return finding->file;
}

int fc_audit_visit_needed_by(const struct fc_audit_finding *finding, fc_audit_file_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (const struct fc__needer *at = finding->needers; at != NULL && result == FC_OK; at = at->next) {
        result = visit(user_data, at->file);
    }
    return result;
}

const struct fc_audit_process *fc_audit_finding_process(const struct fc_audit_finding *finding) {
    return finding->process;
}

unsigned fc_audit_finding_process_count(const struct fc_audit_finding *finding) {
    return finding->process_count;
}

const char *fc_audit_finding_text(const struct fc_audit_finding *finding) {
    return finding->text;
}

const char *fc_audit_finding_reason(const struct fc_audit_finding *finding) {
    return finding->reason;
}

const char *fc_audit_finding_source(const struct fc_audit_finding *finding) {
    return finding->source;
}

uint32_t fc_audit_finding_code(const struct fc_audit_finding *finding) {
    return finding->code;
}

int fc_audit_visit_findings(const struct fc_audit *audit, fc_audit_finding_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (int severity = FC_SEVERITY_CONFLICT; severity <= FC_SEVERITY_MISSING; severity++) {
        for (const struct fc_audit_finding *at = audit->findings; at != NULL && result == FC_OK; at = at->next) {
            result = (int)at->severity == severity ? visit(user_data, at) : FC_OK;
        }
    }
    return result;
}

int fc_audit_visit_remedies(const struct fc_audit_finding *finding, fc_audit_remedy_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (const struct fc__remedy *at = finding->remedies; at != NULL && result == FC_OK; at = at->next) {
        result = visit(user_data, at->kind, at->text, at->command);
    }
    return result;
}
