/* decl: the known name nearest to an unknown one. */
#include "decl/suggest.h"

#include <stdio.h>
#include <string.h>

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), letter case aside. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    unsigned rows[3][FC__SUGGEST_NAME_MAX + 1];
    for (unsigned j = 0; j <= b_len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *above_that = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            char x = lower(a[i - 1]);
            char y = lower(b[j - 1]);
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2])) {
                row[j] = least(row[j], above_that[j - 2] + 1);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

void fc__decl_suggest_init(struct fc__suggestion *suggestion, const char *wanted, size_t wanted_len) {
    unsigned allowed = wanted_len < 6 ? 1 : wanted_len < 12 ? 2 : 3;
    *suggestion = (struct fc__suggestion){.wanted = wanted, .wanted_len = wanted_len, .best_distance = allowed + 1};
}

void fc__decl_suggest_offer(struct fc__suggestion *suggestion, const char *candidate, size_t len) {
    size_t wanted_len = suggestion->wanted_len;
    size_t gap = len > wanted_len ? len - wanted_len : wanted_len - len;
    if (len > FC__SUGGEST_NAME_MAX || wanted_len > FC__SUGGEST_NAME_MAX || gap >= suggestion->best_distance ||
        (len < 3 && gap > 0)) {
        return;
    }
    unsigned found = distance(suggestion->wanted, wanted_len, candidate, len);
    if (found < suggestion->best_distance && found < len) {
        suggestion->best = candidate;
        suggestion->best_len = len;
        suggestion->best_distance = found;
    }
}

const char *fc__decl_suggest_text(const struct fc__suggestion *suggestion, char buffer[FC__SUGGEST_TEXT_MAX]) {
    buffer[0] = '\0';
    if (suggestion->best != NULL) {
        snprintf(buffer, FC__SUGGEST_TEXT_MAX, "; did you mean '%.*s'?", (int)suggestion->best_len, suggestion->best);
    }
    return buffer;
}
