/* A program uses an SQLite of the other bitness: objects of the library (connections, statements) are opaque pointers
 * here, which the library gives out and takes back.
 *
 *     sqlite [DATABASE] */
#include <farcall/farcall.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if UINTPTR_MAX > UINT32_MAX
#define OTHER_TARGET "i386-linux"
#else
#define OTHER_TARGET "x86_64-linux"
#endif

enum { SQLITE_OK = 0, SQLITE_ROW = 100, SQLITE_DONE = 101, ROWS = 1000 };

struct sqlite3;
struct sqlite3_stmt;

static void check(int rc) {
    if (rc != FC_OK) {
        fprintf(stderr, "sqlite: %s\n", fc_error_text());
        exit(EXIT_FAILURE);
    }
}

static struct fc_function *bind(struct fc_library *library, const char *prototype) {
    struct fc_function *function;
    check(fc_bind(library, prototype, &function));
    return function;
}

static void expect(int is, int wanted, const char *what) {
    if (is != wanted) {
        fprintf(stderr, "sqlite: %s returned %d instead of %d\n", what, is, wanted);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : ":memory:";
    struct fc_options *options = fc_options_new();
    struct fc_library *library;
    check(options != NULL ? fc_options_set_target(options, OTHER_TARGET) : FC_ENOMEM);
    check(fc_open("libsqlite3.so.0", options, &library));
    fc_options_free(options);

    /* A pointer to an incomplete structure is opaque by itself. `void *` is not: it could point to anything. */
    struct fc_function *open = bind(library, "int sqlite3_open(const char *filename, _Outptr_ struct sqlite3 **db)");
    struct fc_function *exec =
        bind(library,
             "int sqlite3_exec(struct sqlite3 *db, const char *sql,"
             " int (*callback)(void *, int, char **, char **), _Fc_opaque_ void *data, _Fc_opaque_ char **message)");
    struct fc_function *prepare =
        bind(library, "int sqlite3_prepare_v2(struct sqlite3 *db, _In_z_ const char *sql, int bytes,"
                      " _Outptr_ struct sqlite3_stmt **statement, _Fc_opaque_ const char **tail)");
    struct fc_function *bind_int64 =
        bind(library, "int sqlite3_bind_int64(struct sqlite3_stmt *statement, int index, long long value)");
    struct fc_function *step = bind(library, "int sqlite3_step(struct sqlite3_stmt *statement)");
    struct fc_function *reset = bind(library, "int sqlite3_reset(struct sqlite3_stmt *statement)");
    struct fc_function *column_int64 =
        bind(library, "long long sqlite3_column_int64(struct sqlite3_stmt *statement, int column)");
    struct fc_function *column_text =
        bind(library, "_Ret_z_ const unsigned char *sqlite3_column_text(struct sqlite3_stmt *statement, int column)");
    struct fc_function *finalize = bind(library, "int sqlite3_finalize(struct sqlite3_stmt *statement)");
    struct fc_function *close_db = bind(library, "int sqlite3_close(struct sqlite3 *db)");
    struct fc_function *version = bind(library, "const char *sqlite3_libversion(void)");

    int rc;
    const char *text;
    struct sqlite3 *db;
    struct sqlite3_stmt *statement;
    check(fc_call(version, &text));
    printf("SQLite %s for %s, in process %d; this is process %d, of %d bits.\n", text, OTHER_TARGET,
           fc_session_host_pid(fc_library_session(library)), (int)getpid(), (int)sizeof(void *) * 8);
    check(fc_call(open, &rc, path, &db));
    expect(rc, SQLITE_OK, "sqlite3_open");
    check(fc_call(exec, &rc, db,
                  "DROP TABLE IF EXISTS numbers; CREATE TABLE numbers (n INTEGER, square INTEGER); BEGIN", NULL, NULL,
                  NULL));
    expect(rc, SQLITE_OK, "sqlite3_exec");

    check(fc_call(prepare, &rc, db, "INSERT INTO numbers VALUES (?1, ?1 * ?1)", -1, &statement, NULL));
    expect(rc, SQLITE_OK, "sqlite3_prepare_v2");
    for (int i = 1; i <= ROWS; i++) {
        check(fc_call(bind_int64, &rc, statement, 1, (long long)i));
        check(fc_call(step, &rc, statement));
        expect(rc, SQLITE_DONE, "sqlite3_step");
        check(fc_call(reset, &rc, statement));
    }
    check(fc_call(finalize, &rc, statement));
    check(fc_call(exec, &rc, db, "COMMIT", NULL, NULL, NULL));

    check(fc_call(prepare, &rc, db, "SELECT count(*), sum(square), 'from ' || min(n) || ' to ' || max(n) FROM numbers",
                  -1, &statement, NULL));
    check(fc_call(step, &rc, statement));
    expect(rc, SQLITE_ROW, "sqlite3_step");
    long long count, sum;
    check(fc_call(column_int64, &count, statement, 0));
    check(fc_call(column_int64, &sum, statement, 1));
    check(fc_call(column_text, &text, statement, 2));
    printf("%lld rows %s, the sum of squares is %lld.\n", count, text, sum);
    int is_right = count == ROWS && sum == (long long)ROWS * (ROWS + 1) * (2 * ROWS + 1) / 6 &&
                   strcmp(text, "from 1 to 1000") == 0;

    check(fc_call(finalize, &rc, statement));
    check(fc_call(close_db, &rc, db));
    expect(rc, SQLITE_OK, "sqlite3_close");
    fc_library_close(library);
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
