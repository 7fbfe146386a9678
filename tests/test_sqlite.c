/* SQLite of the other bitness, and of this one in a host, through its real header and the sidecar; beside the library
 * called directly where results are to be the same. */
#include "real.h"

#include <sqlite3.h>

static struct real *open_sqlite(const char *target) {
    return real_open(target, "libsqlite3.so.0", "sqlite3.h", "sqlite3.h", "");
}

static sqlite3 *open_memory(struct real *lib) {
    sqlite3 *db = NULL;
    assert_int_equal(REAL(lib, int, sqlite3_open, ":memory:", &db), SQLITE_OK);
    assert_non_null(db);
    return db;
}

static void run(struct real *lib, sqlite3 *db, const char *sql) {
    char *message = NULL;
    int rc = REAL(lib, int, sqlite3_exec, db, sql, NULL, NULL, &message);
    if (rc != SQLITE_OK) {
        print_error("%s: %s\n", sql, message);
    }
    assert_int_equal(rc, SQLITE_OK);
    assert_null(message);
}

static sqlite3_stmt *prepare(struct real *lib, sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    assert_int_equal(REAL(lib, int, sqlite3_prepare_v2, db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_non_null(statement);
    return statement;
}

static void end(struct real *lib, sqlite3 *db) {
    assert_int_equal(REAL(lib, int, sqlite3_close, db), SQLITE_OK);
    real_close(lib);
}

/* The one number that a query gives. */
static long long number_of(struct real *lib, sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = prepare(lib, db, sql);
    assert_int_equal(REAL(lib, int, sqlite3_step, statement), SQLITE_ROW);
    long long number = REAL(lib, sqlite3_int64, sqlite3_column_int64, statement, 0);
    assert_int_equal(REAL(lib, int, sqlite3_finalize, statement), SQLITE_OK);
    return number;
}

TEST(statements_are_prepared_and_stepped_through) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_sqlite(target);
        assert_string_equal(REAL(lib, const char *, sqlite3_libversion), SQLITE_VERSION);
        sqlite3 *db = open_memory(lib);
        run(lib, db, "create table t(id integer primary key, name text, weight real, data blob)");
        const char *sql = "insert into t(id, name, weight, data) values(?, ?, ?, ?); select 1", *tail = NULL;
        sqlite3_stmt *insert = NULL;
        assert_int_equal(REAL(lib, int, sqlite3_prepare_v2, db, sql, -1, &insert, &tail), SQLITE_OK);
        assert_ptr_equal(tail, strchr(sql, ';') + 1); /* a pointer into what the caller passed */
        for (int i = 0; i < 500; i++) {
            char name[32];
            unsigned char blob[256];
            snprintf(name, sizeof name, "name %d", i);
            memset(blob, i, sizeof blob);
            assert_int_equal(REAL(lib, int, sqlite3_bind_int64, insert, 1, (sqlite3_int64)i << 33), SQLITE_OK);
            /* SQLITE_STATIC would have it read this buffer later: it gets SQLITE_TRANSIENT */
            assert_int_equal(
                REAL(lib, int, sqlite3_bind_text, insert, 2, name, -1, i % 2 == 0 ? SQLITE_STATIC : SQLITE_TRANSIENT),
                SQLITE_OK);
            assert_int_equal(REAL(lib, int, sqlite3_bind_double, insert, 3, i / 8.0), SQLITE_OK);
            assert_int_equal(REAL(lib, int, sqlite3_bind_blob, insert, 4, (const void *)blob, i % 256, SQLITE_STATIC),
                             SQLITE_OK);
            memset(name, '!', sizeof name - 1);
            memset(blob, '!', sizeof blob);
            assert_int_equal(REAL(lib, int, sqlite3_step, insert), SQLITE_DONE);
            assert_int_equal(REAL(lib, int, sqlite3_reset, insert), SQLITE_OK);
        }
        REAL(lib, int, sqlite3_finalize, insert);
        sqlite3_stmt *select = prepare(lib, db, "select id, name, weight, data, null from t order by id");
        assert_int_equal(REAL(lib, int, sqlite3_column_count, select), 5);
        assert_string_equal(REAL(lib, const char *, sqlite3_column_name, select, 1), "name");
        int rows = 0;
        for (; REAL(lib, int, sqlite3_step, select) == SQLITE_ROW; rows++) {
            char name[32];
            snprintf(name, sizeof name, "name %d", rows);
            assert_true(REAL(lib, sqlite3_int64, sqlite3_column_int64, select, 0) == (sqlite3_int64)rows << 33);
            assert_string_equal((const char *)REAL(lib, const unsigned char *, sqlite3_column_text, select, 1), name);
            assert_true(REAL(lib, double, sqlite3_column_double, select, 2) == rows / 8.0);
            const int bytes = REAL(lib, int, sqlite3_column_bytes, select, 3);
            assert_int_equal(bytes, rows % 256);
            const unsigned char *data = REAL(lib, const void *, sqlite3_column_blob, select, 3);
            for (int i = 0; i < bytes; i++) { /* the library's own memory, read in place */
                assert_int_equal(data[i], rows % 256);
            }
            assert_int_equal(REAL(lib, int, sqlite3_column_type, select, 4), SQLITE_NULL);
            assert_null(REAL(lib, const unsigned char *, sqlite3_column_text, select, 4));
        }
        assert_int_equal(rows, 500);
        REAL(lib, int, sqlite3_finalize, select);
        end(lib, db);
    }
}

TEST(blobs_are_read_and_written_in_pieces) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_sqlite(target);
        sqlite3 *db = open_memory(lib);
        run(lib, db, "create table b(data blob); insert into b values(zeroblob(100000))");
        sqlite3_blob *blob = NULL;
        assert_int_equal(REAL(lib, int, sqlite3_blob_open, db, "main", "b", "data", (sqlite3_int64)1, 1, &blob),
                         SQLITE_OK);
        const int size = REAL(lib, int, sqlite3_blob_bytes, blob);
        assert_int_equal(size, 100000);
        unsigned char in[1000], out[1000];
        for (int at = 0; at < size; at += 1000) {
            memset(in, at / 1000, sizeof in);
            assert_int_equal(REAL(lib, int, sqlite3_blob_write, blob, (const void *)in, 1000, at), SQLITE_OK);
        }
        for (int at = 0; at < size; at += 1000) {
            assert_int_equal(REAL(lib, int, sqlite3_blob_read, blob, (void *)out, 1000, at), SQLITE_OK);
            assert_int_equal(out[0], at / 1000);
            assert_int_equal(out[999], at / 1000);
        }
        assert_int_equal(REAL(lib, int, sqlite3_blob_read, blob, (void *)out, 1000, size), SQLITE_ERROR);
        assert_int_equal(REAL(lib, int, sqlite3_blob_close, blob), SQLITE_OK);
        end(lib, db);
    }
}

TEST(errors_have_the_librarys_words) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_sqlite(target);
        sqlite3 *db = open_memory(lib);
        char *message = NULL;
        assert_int_equal(REAL(lib, int, sqlite3_exec, db, "selct 1", NULL, NULL, &message), SQLITE_ERROR);
        assert_string_equal(message, "near \"selct\": syntax error");
        REAL_VOID(lib, sqlite3_free, (void *)message); /* by the library's own function */
        assert_string_equal(REAL(lib, const char *, sqlite3_errmsg, db), "near \"selct\": syntax error");
        run(lib, db, "create table u(x unique); insert into u values(1)");
        assert_int_equal(REAL(lib, int, sqlite3_exec, db, "insert into u values(1)", NULL, NULL, &message),
                         SQLITE_CONSTRAINT);
        assert_string_equal(message, "UNIQUE constraint failed: u.x");
        REAL_VOID(lib, sqlite3_free, (void *)message);
        assert_int_equal(REAL(lib, int, sqlite3_extended_errcode, db), SQLITE_CONSTRAINT_UNIQUE);
        end(lib, db);
    }
}

/* -- functions of the caller --------------------------------------------------------------------------------------- */

struct rows {
    int count, columns;
    char text[4096];
};

static int keep_row(void *data, int count, char **values, char **names) {
    struct rows *rows = data;
    for (int i = 0; i < count; i++) {
        const size_t used = strlen(rows->text);
        snprintf(rows->text + used, sizeof rows->text - used, "%s=%s;", names[i], values[i] != NULL ? values[i] : "-");
    }
    rows->count++;
    rows->columns = count;
    return rows->count == 3; /* no more */
}

TEST(exec_calls_back_with_every_row) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_sqlite(target);
        sqlite3 *db = open_memory(lib);
        struct rows rows = {0};
        run(lib, db, "create table t(a, b); insert into t values(1, 'one'), (2, null), (3, 'three'), (4, 'four')");
        assert_int_equal(
            REAL(lib, int, sqlite3_exec, db, "select a, b from t order by a", keep_row, (void *)&rows, NULL),
            SQLITE_ABORT);
        assert_int_equal(rows.count, 3);
        assert_int_equal(rows.columns, 2);
        assert_string_equal(rows.text, "a=1;b=one;a=2;b=-;a=3;b=three;");
        end(lib, db);
    }
}

static struct real *in_use; /* what the functions below call */

/* half(x): user data is the divisor. */
static void half(sqlite3_context *context, int count, sqlite3_value **values) {
    const int *divisor = REAL(in_use, void *, sqlite3_user_data, context);
    if (count != 1 || REAL(in_use, int, sqlite3_value_type, values[0]) != SQLITE_INTEGER) {
        REAL_VOID(in_use, sqlite3_result_error, context, "half takes a number", -1);
        return;
    }
    REAL_VOID(in_use, sqlite3_result_int64, context,
              REAL(in_use, sqlite3_int64, sqlite3_value_int64, values[0]) / *divisor);
}

static void shout(sqlite3_context *context, int count, sqlite3_value **values) {
    char text[64];
    snprintf(text, sizeof text, "%s!",
             (const char *)REAL(in_use, const unsigned char *, sqlite3_value_text, values[count - 1]));
    REAL_VOID(in_use, sqlite3_result_text, context, (const char *)text, -1, SQLITE_STATIC);
    memset(text, '?', sizeof text);
}

/* product(x): its state is memory that the library gives it. */
static void product_step(sqlite3_context *context, int count, sqlite3_value **values) {
    long long *state = REAL(in_use, void *, sqlite3_aggregate_context, context, 8);
    const long long value = REAL(in_use, sqlite3_int64, sqlite3_value_int64, values[0]);
    *state = (*state == 0 ? 1 : *state) * value * count;
}
static void product_end(sqlite3_context *context) {
    const long long *state = REAL(in_use, void *, sqlite3_aggregate_context, context, 0);
    REAL_VOID(in_use, sqlite3_result_int64, context, (sqlite3_int64)(state != NULL ? *state : 0));
}

static int destroyed;
static void destroy(void *data) {
    destroyed += *(int *)data;
}

TEST(functions_and_aggregates_are_the_callers) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = in_use = open_sqlite(target);
        sqlite3 *db = open_memory(lib);
        int divisor = 2;
        destroyed = 0;
        assert_int_equal(REAL(lib, int, sqlite3_create_function_v2, db, "half", 1, SQLITE_UTF8, (void *)&divisor, half,
                              NULL, NULL, destroy),
                         SQLITE_OK);
        assert_int_equal(REAL(lib, int, sqlite3_create_function, db, "shout", -1, SQLITE_UTF8, NULL, shout, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(REAL(lib, int, sqlite3_create_function, db, "product", 1, SQLITE_UTF8, NULL, NULL,
                              product_step, product_end),
                         SQLITE_OK);
        assert_true(number_of(lib, db, "select half(84)") == 42);
        run(lib, db, "create table n(x); insert into n values(2), (3), (7), (11)");
        assert_true(number_of(lib, db, "select product(x) from n") == 462);
        assert_true(number_of(lib, db, "select product(x) from n where x > 99") == 0);
        sqlite3_stmt *statement = prepare(lib, db, "select shout('a', 'hello')");
        assert_int_equal(REAL(lib, int, sqlite3_step, statement), SQLITE_ROW);
        assert_string_equal((const char *)REAL(lib, const unsigned char *, sqlite3_column_text, statement, 0),
                            "hello!");
        REAL(lib, int, sqlite3_finalize, statement);
        statement = prepare(lib, db, "select half('x')");
        assert_int_equal(REAL(lib, int, sqlite3_step, statement), SQLITE_ERROR);
        assert_string_equal(REAL(lib, const char *, sqlite3_errmsg, db), "half takes a number");
        REAL(lib, int, sqlite3_finalize, statement);
        assert_int_equal(destroyed, 0);
        assert_int_equal(REAL(lib, int, sqlite3_close, db), SQLITE_OK);
        assert_int_equal(destroyed, divisor);
        real_close(lib);
    }
}

/* Backwards, from the last letter. The texts have no end but their length. */
static int backwards(void *data, int left_size, const void *left, int right_size, const void *right) {
    const char *a = left, *b = right;
    ++*(int *)data;
    while (left_size > 0 && right_size > 0) {
        const int difference = a[--left_size] - b[--right_size];
        if (difference != 0) {
            return difference;
        }
    }
    return left_size - right_size;
}

TEST(collation_is_the_callers) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_sqlite(target);
        sqlite3 *db = open_memory(lib);
        int comparisons = 0;
        struct rows rows = {.count = 10};
        assert_int_equal(
            REAL(lib, int, sqlite3_create_collation, db, "backwards", SQLITE_UTF8, (void *)&comparisons, backwards),
            SQLITE_OK);
        run(lib, db, "create table w(word); insert into w values('abc'), ('zza'), ('mmb'), ('ab')");
        assert_int_equal(REAL(lib, int, sqlite3_exec, db, "select word from w order by word collate backwards",
                              keep_row, (void *)&rows, NULL),
                         SQLITE_OK);
        assert_string_equal(rows.text, "word=zza;word=ab;word=mmb;word=abc;");
        assert_true(comparisons >= 3);
        end(lib, db);
    }
}

static void note_update(void *data, int action, char const *database, char const *table, sqlite3_int64 row) {
    char *text = data;
    snprintf(text + strlen(text), 64, "%d %s.%s %lld;", action, database, table, (long long)row);
}

TEST(hook_is_called_with_every_change) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_sqlite(target);
        sqlite3 *db = open_memory(lib);
        char notes[512] = "";
        assert_null(REAL(lib, void *, sqlite3_update_hook, db, note_update, (void *)notes));
        run(lib, db, "create table t(a); insert into t values(1); update t set a = 2; delete from t where a = 2");
        assert_string_equal(notes, "18 main.t 1;23 main.t 1;9 main.t 1;");
        assert_ptr_equal(REAL(lib, void *, sqlite3_update_hook, db, NULL, NULL), notes);
        end(lib, db);
    }
}
