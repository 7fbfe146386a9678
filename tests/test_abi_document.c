/* docs/abi.md says of types what the tables of targets do. */
#include "subject.h"

#include <stdlib.h>

static char *read_document(void) {
    enum { ROOM = 100000 };
    FILE *file = fopen(harness_source("../docs/abi.md"), "r");
    char *text = calloc(1, ROOM);
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, ROOM - 1, file) > 0);
    fclose(file);
    return text;
}

/* "size/alignment" of a type, or "none". */
static void expect_extent(const char *target, const char *type, const char *expected) {
    char source[100], text[50] = "none";
    struct subject subject;
    struct fc__extent_of_type extent;
    struct fc__error err;
    snprintf(source, sizeof source, "extern %s x;", type);
    open_subject(&subject, target, source);
    if (fc__layout_extent(&subject.layouts, subject.unit.last->type, &extent, &err) == FC_OK) {
        snprintf(text, sizeof text, "%u/%u", (unsigned)extent.size_bytes, (unsigned)extent.alignment_bytes);
    }
    close_subject(&subject);
    if (strcmp(text, expected) != 0) {
        fail_msg("docs/abi.md says of `%s` for %s %s, but it is %s", type, target, expected, text);
    }
}

/* | `type`, `type` | 1/1 | 2/2 | 4/4 | none |: the number of types. */
static int check_row(const char *row) {
    static const char *const targets[] = {"i386-linux", "x86_64-linux", "i386-windows", "x86_64-windows"};
    char types[500], cells[4][20];
    int count = 0;
    assert_int_equal(
        sscanf(row, "| %499[^|]| %19s | %19s | %19s | %19s |", types, cells[0], cells[1], cells[2], cells[3]), 5);
    for (const char *at = strchr(types, '`'); at != NULL; count++) {
        char type[50];
        int used = 0;
        assert_int_equal(sscanf(at, "`%49[^`]`%n", type, &used), 1);
        for (int i = 0; i < 4; i++) {
            expect_extent(targets[i], type, cells[i]);
        }
        at = strchr(at + used, '`');
    }
    return count;
}

TEST(abi_document_has_the_sizes_of_the_targets) {
    char *document = read_document();
    const char *row = strstr(document, "| type | i386-linux | x86_64-linux | i386-windows | x86_64-windows |\n");
    int count = 0;
    assert_non_null(row);
    row = strchr(strchr(row, '\n') + 1, '\n') + 1; /* behind the line of dashes */
    for (; *row == '|'; row = strchr(row, '\n') + 1) {
        count += check_row(row);
    }
    assert_in_range(count, 30, 60);
    free(document);
}
