/* cli: what an audit found, as one HTML file that needs no other, for readers who know nothing of binaries. */
#include "cli/audit.h"

#include <inttypes.h>
#include <string.h>

/* Graphs of processes without conflicts. */
enum { QUIET_GRAPHS_MAX = 40 };

struct page {
    FILE *out;
    unsigned quiet_graphs, undrawn, remedies, names;
    enum fc_origin origin;
    bool is_broken;
};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>Audit</title>\n<style>\n"
    ":root{--ink:#1c2530;--soft:#5b6875;--line:#c5ced7;--bad:#c0271d;--badfill:#fdeae8;--doubt:#9a6200;"
    "--doubtfill:#fff3dc;--gone:#6b3fa0;--gonefill:#f3ecfb;--fill:#eef4fa;--page:#fff}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa7b4;--line:#46525e;--bad:#ff8d82;"
    "--badfill:#45201d;--doubt:#ffc562;--doubtfill:#3d2f12;--gone:#c9a6f5;--gonefill:#30234a;--fill:#222c36;--page:#"
    "151b21}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:1200px;margin:2em auto;"
    "padding:0 1em}\n"
    "h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em}code{font:13px ui-monospace,monospace;background:var(--fill);"
    "padding:2px 5px;border-radius:3px;word-break:break-all}\n"
    "article{border-left:5px solid var(--line);padding:.3em 1em;margin:1em 0}\n"
    "article.conflict{border-color:var(--bad);background:var(--badfill)}article.doubt{border-color:var(--doubt);"
    "background:var(--doubtfill)}article.missing{border-color:var(--gone);background:var(--gonefill)}\n"
    "article p{margin:.3em 0}.why{color:var(--soft)}b.conflict{color:var(--bad)}b.doubt{color:var(--doubt)}"
    "b.missing{color:var(--gone)}\n"
    ".graph{overflow:auto;border:1px solid var(--line);max-height:80vh}summary{cursor:pointer;padding:.3em 0}\n"
    "svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg text.words{font-size:11px;fill:var(--soft)}"
    "svg text.mark{fill:var(--bad);font-weight:bold}\n"
    "svg rect{fill:var(--fill);stroke:var(--line)}svg path{fill:none;stroke:var(--line);stroke-width:1.5}\n"
    "svg .program rect{stroke:var(--ink);stroke-width:2}svg .conflict rect{fill:var(--badfill);stroke:var(--bad);"
    "stroke-width:2}svg path.conflict{stroke:var(--bad);stroke-width:2.5}\n"
    "svg .doubt rect{fill:var(--doubtfill);stroke:var(--doubt)}svg path.doubt{stroke:var(--doubt)}"
    "svg .missing rect{fill:var(--gonefill);stroke:var(--gone);stroke-dasharray:5 3}"
    "svg path.missing{stroke:var(--gone);stroke-dasharray:5 3}\n"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:3px 8px;border-bottom:1px solid "
    "var(--line);"
    "vertical-align:top;word-break:break-word}\n"
    "</style>\n</head>\n<body>\n";

static const char introduction[] =
    "<h2>How to read this</h2>\n"
    "<p>A program runs as a 32-bit or as a 64-bit process, and a process can only load libraries (files of code that "
    "it "
    "shares with others) of its own kind. Which kind it becomes is decided by marks in the program's file and by the "
    "system. Libraries without code of either kind, of .NET, fit both. This page says for each program what kind of "
    "process it "
    "becomes, which libraries it loads, and which of these cannot be loaded.</p>\n"
    "<p>A <b class=\"conflict\">conflict</b> fails. A <b class=\"doubt\">doubt</b> may fail, or works only sometimes. "
    "What is <b class=\"missing\">missing</b> was not among the files and is not known to be a part of the system; the "
    "program may bring it from elsewhere, or do without.</p>\n";

/* -- Findings ----------------------------------------------------------------------------------------------------- */

static int put_remedy(void *user_data, enum fc_remedy remedy, const char *text, const char *command) {
    struct page *page = user_data;
    (void)remedy;
    fputs(page->remedies++ == 0 ? "<p>What helps, any one of these:</p>\n<ul>\n" : "", page->out);
    fputs("<li>", page->out);
    audit_put(page->out, text);
    if (command != NULL) {
        fputs("<br/><code>", page->out);
        audit_put(page->out, command);
        fputs("</code>", page->out);
    }
    fputs("</li>\n", page->out);
    return 0;
}

static int put_finding(void *user_data, const struct fc_audit_finding *finding) {
    struct page *page = user_data;
    const char *word = audit_severity_word(fc_audit_finding_severity(finding));
    uint32_t code = fc_audit_finding_code(finding);
    fprintf(page->out, "<article class=\"%s\">\n<p><b class=\"%s\">%s:</b> ", word, word, word);
    audit_put(page->out, fc_audit_finding_text(finding));
    audit_put_others(page->out, finding);
    if (fc_audit_finding_process_count(finding) > 1) {
        fprintf(page->out, " (In %u processes.)", fc_audit_finding_process_count(finding));
    }
    fputs("</p>\n", page->out);
    if (fc_audit_finding_reason(finding)[0] != '\0') {
        fputs("<p class=\"why\">", page->out);
        audit_put(page->out, fc_audit_finding_reason(finding));
        if (code != 0) {
            fprintf(page->out,
                    code > 0xffff ? " The code of the failure is 0x%" PRIX32 "."
                                  : " The code of the failure is %" PRIu32 ".",
                    code);
        }
        fputs("</p>\n", page->out);
    }
    page->remedies = 0;
    fc_audit_visit_remedies(finding, put_remedy, page);
    fputs(page->remedies > 0 ? "</ul>\n</article>\n" : "</article>\n", page->out);
    return 0;
}

/* -- Processes ---------------------------------------------------------------------------------------------------- */

static int put_name(void *user_data, const struct fc_audit_load *load) {
    struct page *page = user_data;
    const struct fc_audit_file *file = fc_audit_load_to(load);
    if (fc_audit_load_is_first(load) && fc_audit_file_origin(file) == page->origin) {
        if (page->names++ == 0) {
            fprintf(page->out, "<p class=\"why\">Not drawn, %s: ",
                    page->origin == FC_ORIGIN_SYSTEM            ? "of the system"
                    : page->origin == FC_ORIGIN_REDISTRIBUTABLE ? "of Microsoft's redistributable packages"
                    : page->origin == FC_ORIGIN_FRAMEWORK       ? "of the runtime"
                                                                : "installed on this machine");
        } else {
            fputs(", ", page->out);
        }
        audit_put(page->out, audit_short_name(fc_audit_file_path(file)));
    }
    return 0;
}

static void put_names(struct page *page, const struct fc_audit_process *process) {
    for (int origin = FC_ORIGIN_SYSTEM; origin <= FC_ORIGIN_INSTALLED; origin++) {
        page->origin = (enum fc_origin)origin;
        page->names = 0;
        fc_audit_visit_loads(process, put_name, page);
        fputs(page->names > 0 ? ".</p>\n" : "", page->out);
    }
}

static int put_process(void *user_data, const struct fc_audit_process *process) {
    struct page *page = user_data;
    enum fc_process kind = fc_audit_process_kind(process);
    enum fc_outcome outcome = fc_audit_process_outcome(process);
    bool is_quiet = outcome == FC_OUTCOME_WORKS;
    if (is_quiet && page->quiet_graphs++ >= QUIET_GRAPHS_MAX) {
        page->undrawn++;
        return 0;
    }
    fprintf(page->out, "<details%s><summary><b>", is_quiet && page->quiet_graphs > 3 ? "" : " open=\"\"");
    audit_put(page->out, fc_audit_process_program(process) != NULL ? fc_audit_process_name(process) : "A host");
    fputs("</b>: ", page->out);
    audit_put(page->out, kind == FC_PROCESS_NONE ? "does not start" : fc_process_title(kind));
    fprintf(page->out, " on %s", fc_system_title(fc_audit_process_system(process)));
    if (!is_quiet) {
        bool is_failing = outcome == FC_OUTCOME_FAILS;
        fprintf(page->out, ", <b class=\"%s\">with %ss</b>", is_failing ? "conflict" : "doubt",
                is_failing ? "conflict" : "doubt");
    }
    fputs("</summary>\n<p class=\"why\">", page->out);
    audit_put(page->out, fc_audit_process_reason(process));
    fputs("</p>\n<div class=\"graph\">\n", page->out);
    page->is_broken = !audit_print_svg(page->out, process) || page->is_broken;
    fputs("</div>\n", page->out);
    put_names(page, process);
    fputs("</details>\n", page->out);
    return 0;
}

static int put_row(void *user_data, const struct fc_audit_file *file) {
    struct page *page = user_data;
    if (fc_audit_file_origin(file) == FC_ORIGIN_TREE) {
        fputs("<tr><td>", page->out);
        audit_put(page->out, fc_audit_file_path(file));
        fputs("</td><td>", page->out);
        audit_put(page->out, fc_audit_file_words(file));
        fputs("</td></tr>\n", page->out);
    }
    return 0;
}

int audit_print_html(FILE *out, const struct audit_request *request, const struct fc_audit *audit) {
    struct page page = {.out = out};
    struct audit_sum sum = audit_count(audit);
    fputs(head, out);
    fputs("<h1>Audit of ", out);
    audit_put(out, request->folder);
    fprintf(out,
            "</h1>\n<p>%u program%s, %u binary file%s: <b class=\"conflict\">%u conflict%s</b>, "
            "<b class=\"doubt\">%u doubt%s</b>, <b class=\"missing\">%u missing</b>.</p>\n",
            sum.programs, audit_s(sum.programs), sum.files, audit_s(sum.files), sum.conflicts, audit_s(sum.conflicts),
            sum.doubts, audit_s(sum.doubts), sum.missing);
    fputs(introduction, out);
    fputs(sum.conflicts + sum.doubts + sum.missing > 0 ? "<h2>What was found</h2>\n" : "", out);
    fc_audit_visit_findings(audit, put_finding, &page);
    fputs("<h2>Processes and what they load</h2>\n", out);
    fc_audit_visit_processes(audit, put_process, &page);
    if (page.undrawn > 0) {
        fprintf(out, "<p>%u further processes without conflicts are not drawn.</p>\n", page.undrawn);
    }
    fputs("<h2>Files</h2>\n<table>\n<tr><th>File</th><th>Kind of code</th></tr>\n", out);
    fc_audit_visit_files(audit, put_row, &page);
    fputs("</table>\n</body>\n</html>\n", out);
    if (page.is_broken) {
        cli_error("audit: out of memory");
    }
    return page.is_broken ? CLI_FAILED : CLI_OK;
}
