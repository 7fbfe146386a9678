/* cli: the graph of one process of an audit as SVG: a column for each step away from the program, lines to the right. */
#include "cli/audit.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 300, LABEL_MAX = 30, NODE_WIDTH = 230, NODE_HEIGHT = 38, COLUMN = 310, ROW = 50, MARGIN = 16 };

struct node {
    const struct fc_audit_file *file; /* NULL: the process */
    size_t parent;
    unsigned column, row;
    enum fc_outcome outcome;
    bool is_shown;
};

struct graph {
    FILE *out;
    struct node *nodes; /* the first is the process; then by steps away from it */
    size_t count, room, parent;
    unsigned *rows; /* used, by column */
    unsigned columns, shown;
    bool is_broken, is_cut;
};

/* -- Nodes -------------------------------------------------------------------------------------------------------- */

static bool add_node(struct graph *graph, struct node node) {
    if (graph->count == graph->room) {
        size_t room = graph->room > 0 ? graph->room * 2 : 64;
        struct node *grown = realloc(graph->nodes, room * sizeof *grown);
        if (grown == NULL) {
            graph->is_broken = true;
            return false;
        }
        graph->nodes = grown;
        graph->room = room;
    }
    graph->nodes[graph->count++] = node;
    return true;
}

/* What a process comes to for the first time, it comes to in the order of who needs it: so the search goes on where the
 * one before ended. */
static int take_load(void *user_data, const struct fc_audit_load *load) {
    struct graph *graph = user_data;
    const struct fc_audit_file *from = fc_audit_load_from(load);
    if (!fc_audit_load_is_first(load) || !audit_is_shown(fc_audit_load_to(load))) {
        return 0;
    }
    size_t parent = from == NULL ? 0 : graph->parent;
    while (from != NULL && parent < graph->count && graph->nodes[parent].file != from) {
        parent++;
    }
    parent = parent < graph->count ? parent : 0;
    graph->parent = parent > 0 ? parent : graph->parent;
    add_node(graph, (struct node){.file = fc_audit_load_to(load),
                                  .parent = parent,
                                  .column = graph->nodes[parent].column + 1,
                                  .outcome = fc_audit_load_outcome(load),
                                  .is_shown = true});
    return graph->is_broken ? 1 : 0;
}

/* Of many, only the ways to what is wrong. */
static void cut(struct graph *graph) {
    graph->is_cut = graph->count > NODES_MAX;
    for (size_t i = 0; i < graph->count && graph->is_cut; i++) {
        graph->nodes[i].is_shown = i == 0;
    }
    for (size_t i = 1; i < graph->count && graph->is_cut; i++) {
        for (size_t at = i; graph->nodes[i].outcome == FC_OUTCOME_FAILS && !graph->nodes[at].is_shown;
             at = graph->nodes[at].parent) {
            graph->nodes[at].is_shown = true;
        }
    }
}

static bool place(struct graph *graph) {
    for (size_t i = 0; i < graph->count; i++) {
        graph->columns = graph->nodes[i].column + 1 > graph->columns ? graph->nodes[i].column + 1 : graph->columns;
    }
    graph->rows = calloc(graph->columns, sizeof *graph->rows);
    for (size_t i = 0; graph->rows != NULL && i < graph->count; i++) {
        struct node *node = &graph->nodes[i];
        if (node->is_shown) {
            node->row = graph->rows[node->column]++;
            graph->shown++;
        }
    }
    return graph->rows != NULL;
}

static unsigned left_of(const struct node *node) {
    return MARGIN + node->column * COLUMN;
}

static unsigned middle_of(const struct node *node) {
    return MARGIN + node->row * ROW + NODE_HEIGHT / 2;
}

/* -- Drawing ------------------------------------------------------------------------------------------------------ */

static const char *class_of(const struct fc_audit_file *file, enum fc_outcome outcome) {
    if (file != NULL && fc_audit_file_origin(file) == FC_ORIGIN_MISSING) {
        return "missing";
    }
    return outcome == FC_OUTCOME_FAILS ? "conflict" : outcome == FC_OUTCOME_MAY_FAIL ? "doubt" : "works";
}

static struct node *find_node(const struct graph *graph, const struct fc_audit_file *file) {
    for (size_t i = 0; i < graph->count; i++) {
        if (graph->nodes[i].file == file && graph->nodes[i].is_shown) {
            return &graph->nodes[i];
        }
    }
    return NULL;
}

static int draw_line(void *user_data, const struct fc_audit_load *load) {
    struct graph *graph = user_data;
    if (!audit_is_shown(fc_audit_load_to(load))) {
        return 0;
    }
    const struct node *from = fc_audit_load_from(load) != NULL ? find_node(graph, fc_audit_load_from(load)) : NULL;
    const struct node *to = find_node(graph, fc_audit_load_to(load));
    from = from != NULL ? from : &graph->nodes[0];
    if (to == NULL || to == from) {
        return 0;
    }
    unsigned x = left_of(from) + NODE_WIDTH, y = middle_of(from), end_x = left_of(to), end_y = middle_of(to);
    unsigned bend = (COLUMN - NODE_WIDTH) * 2 / 3;
    fprintf(graph->out, "<path class=\"%s\" d=\"M%u %uC%u %u %d %u %u %u\"><title>",
            class_of(fc_audit_load_to(load), fc_audit_load_outcome(load)), x, y, x + bend, y, (int)end_x - (int)bend,
            end_y, end_x, end_y);
    audit_put(graph->out, fc_need_name(fc_audit_load_need(load)));
    fputs("</title></path>\n", graph->out);
    return 0;
}

static void draw_label(FILE *out, const char *text, unsigned x, unsigned y, const char *class) {
    fprintf(out, "<text x=\"%u\" y=\"%u\" class=\"%s\">", x, y, class);
    audit_put(out, text);
    fputs("</text>\n", out);
}

/* A long name keeps its end, where libraries differ. */
static void draw_name(FILE *out, const char *name, unsigned x, unsigned y) {
    char label[LABEL_MAX + sizeof "…"];
    size_t len = strlen(name);
    const char *end = len > LABEL_MAX ? name + len - LABEL_MAX + 1 : name;
    while ((*end & 0xc0) == 0x80) {
        end++; /* not into the middle of a letter */
    }
    snprintf(label, sizeof label, "%s%s", end != name ? "…" : "", end);
    draw_label(out, label, x, y, "name");
}

static void draw_node(const struct graph *graph, const struct node *node, const struct fc_audit_process *process) {
    const char *path = node->file != NULL ? fc_audit_file_path(node->file) : fc_audit_process_name(process);
    const char *words = node->file != NULL && node->column > 0 ? fc_audit_file_words(node->file)
                        : fc_audit_process_kind(process) == FC_PROCESS_NONE
                            ? "does not start"
                            : fc_process_title(fc_audit_process_kind(process));
    unsigned x = left_of(node), y = middle_of(node) - NODE_HEIGHT / 2;
    fprintf(graph->out, "<g class=\"node %s%s\"><title>", class_of(node->file, node->outcome),
            node->column == 0 ? " program" : "");
    audit_put(graph->out, path);
    fprintf(graph->out, "</title><rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", x, y, NODE_WIDTH,
            NODE_HEIGHT);
    draw_name(graph->out, audit_short_name(path), x + 10, y + 16);
    if (node->outcome == FC_OUTCOME_FAILS) {
        draw_label(graph->out, "✗", x + NODE_WIDTH - 20, y + 16, "mark"); /* not by colour only */
    }
    draw_label(graph->out, words, x + 10, y + 31, "words");
    fputs("</g>\n", graph->out);
}

static void draw(struct graph *graph, const struct fc_audit_process *process) {
    unsigned rows = 1;
    for (unsigned i = 0; i < graph->columns; i++) {
        rows = graph->rows[i] > rows ? graph->rows[i] : rows;
    }
    unsigned width = graph->columns * COLUMN - (COLUMN - NODE_WIDTH) + 2 * MARGIN, height = rows * ROW + 2 * MARGIN;
    if (graph->is_cut) {
        fprintf(graph->out, "<p>Of %zu files, only the ways to what fails are drawn: %u.</p>\n", graph->count,
                graph->shown);
    }
    fprintf(
        graph->out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" role=\"img\">\n",
        width, height, width, height);
    fc_audit_visit_loads(process, draw_line, graph);
    for (size_t i = 0; i < graph->count; i++) {
        if (graph->nodes[i].is_shown) {
            draw_node(graph, &graph->nodes[i], process);
        }
    }
    fputs("</svg>\n", graph->out);
}

bool audit_print_svg(FILE *out, const struct fc_audit_process *process) {
    struct graph graph = {.out = out};
    bool is_done =
        add_node(&graph, (struct node){.file = fc_audit_process_program(process),
                                       .outcome = fc_audit_process_kind(process) == FC_PROCESS_NONE ? FC_OUTCOME_FAILS
                                                                                                    : FC_OUTCOME_WORKS,
                                       .is_shown = true});
    if (is_done) {
        fc_audit_visit_loads(process, take_load, &graph);
        cut(&graph);
        is_done = !graph.is_broken && place(&graph);
    }
    if (is_done) {
        draw(&graph, process);
    }
    free(graph.nodes);
    free(graph.rows);
    return is_done;
}
