/* cli: what an audit found, as JSON. Memory as in inspect_json.c: a lack of it is seen once, at the end. */
#include "cli/audit.h"

struct writer {
    json_t *list;
    bool is_broken;
};

static void set(struct writer *writer, json_t *object, const char *key, json_t *value) {
    writer->is_broken = json_object_set_new(object, key, value) != 0 || writer->is_broken;
}

static void set_text(struct writer *writer, json_t *object, const char *key, const char *text) {
    if (text != NULL && text[0] != '\0') {
        set(writer, object, key, inspect_json_text(text));
    }
}

static void set_number(struct writer *writer, json_t *object, const char *key, uint64_t number) {
    set(writer, object, key, json_integer((json_int_t)number));
}

static void set_path(struct writer *writer, json_t *object, const char *key, const struct fc_audit_file *file) {
    set_text(writer, object, key, file != NULL ? fc_audit_file_path(file) : NULL);
}

/* A new object at the end of the list. */
static json_t *append(struct writer *writer) {
    json_t *object = json_object();
    writer->is_broken = json_array_append_new(writer->list, object) != 0 || writer->is_broken;
    return object;
}

/* A list under `key`, which visits fill; the list before is returned. */
static json_t *begin_list(struct writer *writer, json_t *object, const char *key) {
    json_t *before = writer->list;
    writer->list = json_array();
    set(writer, object, key, writer->list);
    return before;
}

static int on_load(void *user_data, const struct fc_audit_load *load) {
    struct writer *writer = user_data;
    json_t *object = append(writer);
    set_path(writer, object, "from", fc_audit_load_from(load));
    set_path(writer, object, "to", fc_audit_load_to(load));
    set_text(writer, object, "need", fc_need_name(fc_audit_load_need(load)));
    set_text(writer, object, "origin", fc_origin_name(fc_audit_file_origin(fc_audit_load_to(load))));
    set_text(writer, object, "outcome", audit_outcome_word(fc_audit_load_outcome(load)));
    return 0;
}

static int on_process(void *user_data, const struct fc_audit_process *process) {
    struct writer *writer = user_data;
    json_t *object = append(writer);
    enum fc_process kind = fc_audit_process_kind(process);
    set_text(writer, object, "name", fc_audit_process_name(process));
    set_path(writer, object, "program", fc_audit_process_program(process));
    set_text(writer, object, "system", fc_system_name(fc_audit_process_system(process)));
    if (kind != FC_PROCESS_NONE) {
        set_text(writer, object, "process", fc_process_title(kind));
        set_text(writer, object, "machine", fc_process_machine(kind));
        set_number(writer, object, "bits", (uint64_t)fc_process_bits(kind));
    }
    set_text(writer, object, "runtime_version", fc_audit_process_runtime(process));
    set_text(writer, object, "reason", fc_audit_process_reason(process));
    set_text(writer, object, "outcome", audit_outcome_word(fc_audit_process_outcome(process)));
    json_t *before = begin_list(writer, object, "loads");
    fc_audit_visit_loads(process, on_load, writer);
    writer->list = before;
    return 0;
}

static int on_file(void *user_data, const struct fc_audit_file *file) {
    struct writer *writer = user_data;
    json_t *object = append(writer);
    set_path(writer, object, "file", file);
    set_text(writer, object, "origin", fc_origin_name(fc_audit_file_origin(file)));
    set_text(writer, object, "kind", fc_audit_file_words(file));
    if (fc_audit_file_bits(file) != 0) {
        set_number(writer, object, "bits", (uint64_t)fc_audit_file_bits(file));
        set_text(writer, object, "machine", fc_audit_file_machine(file));
    }
    set(writer, object, "reached", json_boolean(fc_audit_file_is_reached(file)));
    return 0;
}

static int on_remedy(void *user_data, enum fc_remedy remedy, const char *text, const char *command) {
    struct writer *writer = user_data;
    json_t *object = append(writer);
    set_text(writer, object, "remedy", fc_remedy_name(remedy));
    set_text(writer, object, "text", text);
    set_text(writer, object, "command", command);
    return 0;
}

static int on_needer(void *user_data, const struct fc_audit_file *file) {
    struct writer *writer = user_data;
    writer->is_broken =
        json_array_append_new(writer->list, inspect_json_text(fc_audit_file_path(file))) != 0 || writer->is_broken;
    return 0;
}

static int on_finding(void *user_data, const struct fc_audit_finding *finding) {
    struct writer *writer = user_data;
    const struct fc_audit_process *process = fc_audit_finding_process(finding);
    json_t *object = append(writer);
    set_text(writer, object, "severity", audit_severity_word(fc_audit_finding_severity(finding)));
    set_text(writer, object, "kind", fc_finding_name(fc_audit_finding_kind(finding)));
    set_path(writer, object, "file", fc_audit_finding_file(finding));
    set_text(writer, object, "process", process != NULL ? fc_audit_process_name(process) : NULL);
    set_number(writer, object, "processes", fc_audit_finding_process_count(finding));
    set_text(writer, object, "text", fc_audit_finding_text(finding));
    set_text(writer, object, "reason", fc_audit_finding_reason(finding));
    set_text(writer, object, "source", fc_audit_finding_source(finding));
    if (fc_audit_finding_code(finding) != 0) {
        set_number(writer, object, "code", fc_audit_finding_code(finding));
    }
    json_t *before = begin_list(writer, object, "needed_by");
    fc_audit_visit_needed_by(finding, on_needer, writer);
    begin_list(writer, object, "remedies");
    fc_audit_visit_remedies(finding, on_remedy, writer);
    writer->list = before;
    return 0;
}

int audit_print_json(FILE *out, const struct audit_request *request, const struct fc_audit *audit) {
    struct writer writer = {0};
    struct audit_sum sum = audit_count(audit);
    json_t *root = json_object();
    set_text(&writer, root, "folder", request->folder);
    set_number(&writer, root, "programs", sum.programs);
    set_number(&writer, root, "binaries", sum.files);
    set_number(&writer, root, "conflicts", sum.conflicts);
    set_number(&writer, root, "doubts", sum.doubts);
    set_number(&writer, root, "missing", sum.missing);
    begin_list(&writer, root, "findings");
    fc_audit_visit_findings(audit, on_finding, &writer);
    begin_list(&writer, root, "processes");
    fc_audit_visit_processes(audit, on_process, &writer);
    begin_list(&writer, root, "files");
    fc_audit_visit_files(audit, on_file, &writer);
    bool is_written = !writer.is_broken && json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(root);
    if (!is_written) {
        cli_error("audit: out of memory");
    }
    return is_written ? CLI_OK : CLI_FAILED;
}
