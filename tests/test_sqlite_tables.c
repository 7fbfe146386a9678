/* Virtual tables of the caller, in SQLite of the other bitness, and of this one in a host, through its real header and the
 * sidecar: the objects are the caller's, and the library has shadows of them. What a program sees is what it sees of the
 * library called directly. */
#include "notes.h"

#include <sqlite3.h>

enum { ROWS_MAX = 100 };

/* -- a table of numbers and their names ------------------------------------------------------------------------------------- */

struct table {
    sqlite3_vtab base;
    int id; /* behind what the library knows of it */
    long long numbers[ROWS_MAX];
    char names[ROWS_MAX][16];
    int count;
};
struct cursor {
    sqlite3_vtab_cursor base;
    int at, end;
    long long least;
};
static int tables, cursors; /* that there are */

static int connect(sqlite3 *db, void *data, int argc, const char *const *argv, sqlite3_vtab **ret_table, char **error) {
    note("connect %s: %s %s %s %s\n", (const char *)data, argv[0], argv[1], argv[2], argc > 3 ? argv[3] : "-");
    if (argc > 3 && strcmp(argv[3], "wrong") == 0) {
        *error = REAL(in_use, char *, sqlite3_mprintf, "no %s for %Q", "table", argv[2]);
        return SQLITE_ERROR;
    }
    struct table *table = calloc(1, sizeof *table);
    require(table != NULL);
    table->id = ++tables;
    *ret_table = &table->base;
    return REAL(in_use, int, sqlite3_declare_vtab, db, "create table x(number, name, least hidden)");
}
static int disconnect(sqlite3_vtab *base) {
    struct table *table = (struct table *)(void *)base;
    note("end of table %d with %d\n", table->id, table->count);
    tables--;
    free(table);
    return SQLITE_OK;
}
static int best(sqlite3_vtab *base, sqlite3_index_info *info) {
    int used = 0;
    note("best of %d:", ((struct table *)(void *)base)->id);
    for (int i = 0; i < info->nConstraint; i++) {
        note(" %d %d %d", info->aConstraint[i].iColumn, info->aConstraint[i].op, info->aConstraint[i].usable);
        if (info->aConstraint[i].iColumn == 0 && info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_GE &&
            info->aConstraint[i].usable) {
            sqlite3_value *value = NULL;
            const char *collation = REAL(in_use, const char *, sqlite3_vtab_collation, info, i);
            const int rc = REAL(in_use, int, sqlite3_vtab_rhs_value, info, i, &value);
            note(" (%s, %d: %d)", collation, rc, value != NULL ? REAL(in_use, int, sqlite3_value_int, value) : -1);
            info->aConstraintUsage[i].argvIndex = ++used;
            info->aConstraintUsage[i].omit = 1;
        }
    }
    for (int i = 0; i < info->nOrderBy; i++) {
        note(" by %d %d", info->aOrderBy[i].iColumn, info->aOrderBy[i].desc);
    }
    note(" distinct %d used %llx\n", REAL(in_use, int, sqlite3_vtab_distinct, info), (unsigned long long)info->colUsed);
    info->idxNum = 40 + used;
    info->idxStr = REAL(in_use, char *, sqlite3_mprintf, "from %d", used);
    info->needToFreeIdxStr = 1;
    info->estimatedCost = 10.0 - used;
    info->estimatedRows = 7;
    return SQLITE_OK;
}
/* Cursors lie in SQLite's own memory, and tables in the caller's. */
static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor) {
    struct cursor *cursor = REAL(in_use, struct cursor *, sqlite3_malloc, (int)sizeof *cursor);
    require(cursor != NULL);
    memset(cursor, 0x5a, sizeof *cursor); /* all but what the table sets is noise */
    cursor->end = ((struct table *)(void *)base)->count;
    cursors++;
    *ret_cursor = &cursor->base;
    return SQLITE_OK;
}
static int close_cursor(sqlite3_vtab_cursor *base) {
    cursors--;
    REAL_VOID(in_use, sqlite3_free, base);
    return SQLITE_OK;
}
static void skip_small(struct cursor *cursor) {
    const struct table *table = (struct table *)(void *)cursor->base.pVtab; /* which the library has set */
    while (cursor->at < cursor->end && table->numbers[cursor->at] < cursor->least) {
        cursor->at++;
    }
}
static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc, sqlite3_value **argv) {
    struct cursor *cursor = (struct cursor *)(void *)base;
    note("filter %d %s with %d of %d\n", number, text, argc, ((struct table *)(void *)base->pVtab)->id);
    cursor->at = 0;
    cursor->least = argc > 0 ? REAL(in_use, sqlite3_int64, sqlite3_value_int64, argv[0]) : -1000;
    skip_small(cursor);
    return SQLITE_OK;
}
static int next(sqlite3_vtab_cursor *base) {
    struct cursor *cursor = (struct cursor *)(void *)base;
    cursor->at++;
    skip_small(cursor);
    return SQLITE_OK;
}
static int is_end(sqlite3_vtab_cursor *base) {
    const struct cursor *cursor = (struct cursor *)(void *)base;
    return cursor->at >= cursor->end;
}
static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index) {
    const struct cursor *cursor = (struct cursor *)(void *)base;
    const struct table *table = (struct table *)(void *)base->pVtab;
    if (index == 0) {
        REAL_VOID(in_use, sqlite3_result_int64, context, (sqlite3_int64)table->numbers[cursor->at]);
    } else if (index == 1) {
        REAL_VOID(in_use, sqlite3_result_text, context, table->names[cursor->at], -1, SQLITE_STATIC);
    }
    return SQLITE_OK;
}
static int row_of(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_row) {
    *ret_row = ((struct cursor *)(void *)base)->at;
    return SQLITE_OK;
}
static int update(sqlite3_vtab *base, int argc, sqlite3_value **argv, sqlite3_int64 *ret_row) {
    struct table *table = (struct table *)(void *)base;
    const int type = REAL(in_use, int, sqlite3_value_type, argv[0]);
    note("update %d %d at %d\n", argc, type, type == SQLITE_NULL ? -1 : REAL(in_use, int, sqlite3_value_int, argv[0]));
    if (argc == 1 || table->count == ROWS_MAX) {
        REAL_VOID(in_use, sqlite3_free, (void *)table->base.zErrMsg);
        table->base.zErrMsg = REAL(in_use, char *, sqlite3_mprintf, "table %d is for %s only", table->id, "adding");
        return SQLITE_READONLY;
    }
    const int at = type == SQLITE_NULL ? table->count++ : REAL(in_use, int, sqlite3_value_int, argv[0]);
    table->numbers[at] = REAL(in_use, sqlite3_int64, sqlite3_value_int64, argv[2]);
    const unsigned char *name = REAL(in_use, const unsigned char *, sqlite3_value_text, argv[3]);
    snprintf(table->names[at], sizeof table->names[at], "%s", (const char *)name);
    *ret_row = at;
    return SQLITE_OK;
}
static int begin(sqlite3_vtab *base) {
    note("begin %d\n", ((struct table *)(void *)base)->id);
    return SQLITE_OK;
}
static int commit(sqlite3_vtab *base) {
    note("commit %d\n", ((struct table *)(void *)base)->id);
    return SQLITE_OK;
}
static int roll_back(sqlite3_vtab *base) {
    struct table *table = (struct table *)(void *)base;
    note("rollback %d\n", table->id);
    table->count = 0;
    return SQLITE_OK;
}
static void twice(sqlite3_context *context, int count, sqlite3_value **values) {
    note("%s of %d ", (const char *)REAL(in_use, void *, sqlite3_user_data, context), count);
    REAL_VOID(in_use, sqlite3_result_int64, context, 2 * REAL(in_use, sqlite3_int64, sqlite3_value_int64, values[0]));
}
static int find(sqlite3_vtab *base, int count, const char *name,
                void (**ret_function)(sqlite3_context *, int, sqlite3_value **), void **ret_data) {
    if (strcmp(name, "twice") != 0) {
        return 0;
    }
    note("find %s/%d for %d\n", name, count, ((struct table *)(void *)base)->id);
    *ret_function = twice;
    *ret_data = "twice";
    return 1;
}
static int rename_table(sqlite3_vtab *base, const char *name) {
    note("rename %d %s\n", ((struct table *)(void *)base)->id, name);
    return SQLITE_OK;
}
static const sqlite3_module module = {.iVersion = 3,
                                      .xCreate = connect,
                                      .xConnect = connect,
                                      .xBestIndex = best,
                                      .xDisconnect = disconnect,
                                      .xDestroy = disconnect,
                                      .xOpen = open_cursor,
                                      .xClose = close_cursor,
                                      .xFilter = filter,
                                      .xNext = next,
                                      .xEof = is_end,
                                      .xColumn = column,
                                      .xRowid = row_of,
                                      .xUpdate = update,
                                      .xBegin = begin,
                                      .xCommit = commit,
                                      .xRollback = roll_back,
                                      .xFindFunction = find,
                                      .xRename = rename_table};

/* -- a program ---------------------------------------------------------------------------------------------------------------- */

static int show_row(void *data, int count, char **values, char **names) {
    (void)data;
    for (int i = 0; i < count; i++) {
        note("%s=%s ", names[i], values[i] != NULL ? values[i] : "-");
    }
    note("\n");
    return 0;
}
static void run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    const int rc = REAL(in_use, int, sqlite3_exec, db, sql, show_row, NULL, &message);
    note("%s: %d %s\n", sql, rc, message != NULL ? message : "-");
    REAL_VOID(in_use, sqlite3_free, (void *)message);
}
static void forget_module(void *data) {
    note("end of %s\n", (const char *)data);
}

static void program(void) {
    sqlite3 *db = NULL;
    assert_int_equal(REAL(in_use, int, sqlite3_open, ":memory:", &db), SQLITE_OK);
    note("module %d\n",
         REAL(in_use, int, sqlite3_create_module_v2, db, "numbers", &module, (void *)"module", forget_module));
    run(db, "create table plain(n); insert into plain values(3), (7)");
    run(db, "create virtual table bad using numbers(wrong)");
    run(db, "create virtual table a using numbers(first)");
    run(db, "create virtual table b using numbers");
    run(db, "begin; insert into a values(5, 'five'), (-3, 'minus three'), (1234567890123, 'many'); commit");
    run(db, "insert into b select n, n || 'th' from plain");
    run(db, "select rowid, number, name from a order by number desc");
    run(db, "select name from a where number >= 0 and name <> 'x'");
    run(db, "explain query plan select * from a where number >= 4");
    run(db, "select a.name, b.name from a join b on b.number >= a.number");
    run(db, "select twice(number) from b");
    run(db, "update a set name = 'other' where number = 5; delete from a");
    run(db, "begin; insert into b values(1, 'one'); rollback; select count(*) from b");
    run(db, "alter table b rename to c; select * from a, c; drop table c");
    run(db, "insert into a values(1, 'x'), (2, 'y')");
    sqlite3_stmt *statement = NULL; /* two cursors of one table at once, and no end of one */
    assert_int_equal(
        REAL(in_use, int, sqlite3_prepare_v2, db, "select x.name, y.name from a x, a y", -1, &statement, NULL),
        SQLITE_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(REAL(in_use, int, sqlite3_step, statement), SQLITE_ROW);
        note("%s %s; ", (const char *)REAL(in_use, const unsigned char *, sqlite3_column_text, statement, 0),
             (const char *)REAL(in_use, const unsigned char *, sqlite3_column_text, statement, 1));
    }
    assert_int_equal(cursors, 2);
    assert_int_equal(REAL(in_use, int, sqlite3_finalize, statement), SQLITE_OK);
    const char *kept[] = {"others", NULL};
    note("drop %d\n", REAL(in_use, int, sqlite3_drop_modules, db, kept));
    assert_int_equal(REAL(in_use, int, sqlite3_close, db), SQLITE_OK);
    assert_int_equal(tables, 0);
    assert_int_equal(cursors, 0);
}

TEST(sqlite_virtual_tables_are_the_callers_objects) {
    char expected[NOTES_BYTES];
    in_use = real_native("libsqlite3.so.0");
    notes[0] = '\0';
    program();
    real_close(in_use);
    memcpy(expected, notes, sizeof expected);
    assert_non_null(strstr(expected, "adding"));
    for (EACH_REAL_TARGET(target)) {
        in_use = real_open(target, "libsqlite3.so.0", "sqlite3.h", "sqlite3.h", "");
        for (int i = 0; i < 3; i++) { /* where the objects of the time before were */
            notes[0] = '\0';
            program();
            assert_string_equal(notes, expected);
        }
        real_close(in_use);
    }
}
