/* proxy: what became of each export, as a table. */
#include "proxy/exports.h"

#include <stdlib.h>
#include <string.h>

static const char *state_text(const struct fc__proxy_export *export) {
    switch (export->state) {
    case FC__PROXY_BRIDGED:
        return "bridged";
    case FC__PROXY_REFUSED:
        return "refused";
    default:
        return "not declared";
    }
}

static void write_row(const struct fc__proxy *proxy, const struct fc__proxy_export *export, FILE *out) {
    const struct fc_export *symbol = &export->symbol;
    fprintf(out, "%-12s  %s%s%s%s%s", state_text(export),
            proxy->request.user == NULL ? ""
            : export->is_used           ? "used  "
                                        : "      ",
            symbol->name,
            symbol->version == NULL ? ""
            : export->is_old        ? "@"
                                    : "@@",
            symbol->version != NULL ? symbol->version : "", export->is_data ? " (variable)" : "");
    if (export->same_as != NULL && strcmp(export->same_as->symbol.name, symbol->name) != 0) {
        fprintf(out, " (the same as %s)", export->same_as->symbol.name);
    }
    fputc('\n', out);
    for (const char *line = export->state == FC__PROXY_REFUSED ? export->why : ""; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        fprintf(out, "              %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static int by_state_and_name(const void *left, const void *right) {
    const struct fc__proxy_export *a = *(const struct fc__proxy_export *const *)left;
    const struct fc__proxy_export *b = *(const struct fc__proxy_export *const *)right;
    return a->state != b->state ? (a->state > b->state) - (a->state < b->state)
                                : strcmp(a->symbol.name, b->symbol.name);
}

int fc__proxy_write_table(const struct fc__proxy *proxy, FILE *out, struct fc__error *err) {
    size_t counts[FC__PROXY_UNDECLARED + 1] = {0};
    const struct fc__proxy_export **rows = calloc(proxy->count + 1, sizeof(const struct fc__proxy_export *));
    if (rows == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < proxy->count; i++) {
        rows[i] = &proxy->exports[i];
    }
    qsort(rows, proxy->count, sizeof(const struct fc__proxy_export *), by_state_and_name);
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = rows[i];
        write_row(proxy, export, out);
        counts[export->state]++;
    }
    fprintf(out, "%s: %zu export%s: %zu bridged, %zu refused, %zu not declared\n", fc__proxy_name(proxy), proxy->count,
            proxy->count == 1 ? "" : "s", counts[FC__PROXY_BRIDGED], counts[FC__PROXY_REFUSED],
            counts[FC__PROXY_UNDECLARED]);
    const size_t used = fc__proxy_used(proxy);
    if (proxy->request.user != NULL && used == 0) {
        fputs("none of them is used: the program imports no name of this library\n", out);
    } else if (proxy->request.user != NULL) {
        fprintf(out, "%zu of them are used, %zu of these not bridged\n", used, fc__proxy_gaps(proxy));
    }
    free(rows);
    return FC_OK;
}
