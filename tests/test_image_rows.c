/* Writes the executables of the policy's table as files, for tests that start them: into the folder that
 * FARCALL_TEST_ROWS names, one called `NAME.exe` for each row. */
#include "start_rows.h"

#include <ctype.h>
#include <unistd.h>

static void write_row(const char *folder, size_t row) {
    struct made made = make_shape(&start_rows[row].shape, 0);
    char path[4096];
    size_t at = (size_t)snprintf(path, sizeof path, "%s/", folder);
    for (const char *name = start_rows[row].name; *name != '\0' && at < sizeof path - 8; name++) {
        path[at++] = (char)(isalnum((unsigned char)*name) || *name == '.' ? *name : '-');
    }
    strcpy(path + at, ".exe");
    FILE *file = fopen(path, "wxe"); /* no row hides another */
    assert_non_null(file);
    assert_int_equal(fwrite(made.bytes, 1, MADE_LEN, file), MADE_LEN);
    assert_int_equal(fclose(file), 0);
    if (getenv("FARCALL_TEST_ROWS") == NULL) {
        unlink(path);
    }
}

TEST(rows_are_written) {
    const char *folder = getenv("FARCALL_TEST_ROWS");
    char own[] = "/tmp/farcall-rows-XXXXXX";
    if (folder == NULL) {
        assert_non_null(mkdtemp(own));
    }
    for (size_t row = 0; row < sizeof start_rows / sizeof *start_rows; row++) {
        write_row(folder != NULL ? folder : own, row);
    }
    if (folder == NULL) {
        rmdir(own);
    }
}
