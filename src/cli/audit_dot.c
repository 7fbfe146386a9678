/* cli: what an audit found, as a graph for Graphviz: programs and hosts, the application's files, what is missing. */
#include "cli/audit.h"

#include <search.h>
#include <stdlib.h>

void audit_put(FILE *out, const char *text) {
    char *plain = NULL;
    size_t len;
    FILE *memory = open_memstream(&plain, &len);
    if (memory == NULL) {
        return;
    }
    cli_print_text(memory, text);
    if (fclose(memory) != 0) {
        free(plain);
        return;
    }
    for (const char *at = plain; at != NULL && *at != '\0'; at++) {
        switch (*at) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\\':
            fputs("&#92;", out);
            break;
        default:
            fputc(*at, out);
        }
    }
    free(plain);
}

/* An edge, which many processes may have. */
struct edge {
    const void *from, *to;
    enum fc_need need;
    bool is_bad;
};

struct drawing {
    FILE *out;
    void *edges; /* of tsearch */
    const struct fc_audit_process *process;
    bool is_broken;
};

static int compare(const void *left, const void *right) {
    const struct edge *a = left, *b = right;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    if (a->to != b->to) {
        return a->to < b->to ? -1 : 1;
    }
    return a->need != b->need ? (a->need < b->need ? -1 : 1) : (int)a->is_bad - (int)b->is_bad;
}

static int draw_load(void *user_data, const struct fc_audit_load *load) {
    struct drawing *drawing = user_data;
    const void *from = fc_audit_load_from(load);
    struct edge *edge = malloc(sizeof *edge);
    if (!audit_is_shown(fc_audit_load_to(load)) || edge == NULL) {
        drawing->is_broken = drawing->is_broken || edge == NULL;
        free(edge);
        return 0;
    }
    *edge = (struct edge){from != NULL ? from : (const void *)drawing->process, fc_audit_load_to(load),
                          fc_audit_load_need(load), fc_audit_load_outcome(load) == FC_OUTCOME_FAILS};
    const void *const *known = tsearch(edge, &drawing->edges, compare);
    if (known == NULL || *known != edge) {
        drawing->is_broken = drawing->is_broken || known == NULL;
        free(edge); /* drawn before */
        return 0;
    }
    fprintf(drawing->out, "  \"%p\" -> \"%p\" [label=\"%s\"%s];\n", edge->from, edge->to, fc_need_name(edge->need),
            edge->is_bad                                         ? ", color=\"#c0271d\", penwidth=2"
            : fc_audit_load_outcome(load) == FC_OUTCOME_MAY_FAIL ? ", style=dashed"
                                                                 : "");
    return 0;
}

static int draw_process(void *user_data, const struct fc_audit_process *process) {
    struct drawing *drawing = user_data;
    const struct fc_audit_file *program = fc_audit_process_program(process);
    enum fc_process kind = fc_audit_process_kind(process);
    const void *node = program != NULL ? (const void *)program : (const void *)process;
    drawing->process = process;
    fprintf(drawing->out, "  \"%p\" [shape=box, style=bold, label=<<b>", node);
    audit_put(drawing->out, program != NULL ? fc_audit_process_name(process) : "host");
    fputs("</b><br/>", drawing->out);
    audit_put(drawing->out, kind == FC_PROCESS_NONE ? "does not start" : fc_process_title(kind));
    fprintf(drawing->out, ">%s];\n",
            fc_audit_process_outcome(process) == FC_OUTCOME_FAILS ? ", color=\"#c0271d\"" : "");
    fc_audit_visit_loads(process, draw_load, drawing);
    return 0;
}

static int draw_file(void *user_data, const struct fc_audit_file *file) {
    struct drawing *drawing = user_data;
    bool is_missing = fc_audit_file_origin(file) == FC_ORIGIN_MISSING;
    if (audit_is_shown(file)) {
        fprintf(drawing->out, "  \"%p\" [%slabel=<", (const void *)file, is_missing ? "style=dashed, " : "");
        audit_put(drawing->out, fc_audit_file_path(file));
        fputs("<br/>", drawing->out);
        audit_put(drawing->out, fc_audit_file_words(file));
        fputs(">];\n", drawing->out);
    }
    return 0;
}

int audit_print_dot(FILE *out, const struct fc_audit *audit) {
    struct drawing drawing = {.out = out};
    fputs("digraph audit {\n  rankdir=LR;\n  node [shape=ellipse, fontname=\"sans-serif\"];\n"
          "  edge [fontname=\"sans-serif\", fontsize=9];\n",
          out);
    fc_audit_visit_files(audit, draw_file, &drawing);
    fc_audit_visit_processes(audit, draw_process, &drawing);
    fputs("}\n", out);
    tdestroy(drawing.edges, free);
    if (drawing.is_broken) {
        cli_error("audit: out of memory");
    }
    return drawing.is_broken ? CLI_FAILED : CLI_OK;
}
