/* The corners of SQLite, over its real header and the sidecar: programs, each of which writes down what it sees, see what
 * they see of the library called directly. */
#include "notes.h"

#include <sqlite3.h>

static void compare(void (*program)(struct real *lib, sqlite3 *db)) {
    char expected[NOTES_BYTES] = "";
    for (EACH_REAL_TARGET(target)) {
        for (int is_native = expected[0] == '\0'; is_native >= 0; is_native--) {
            sqlite3 *db = NULL;
            in_use = is_native == 1 ? real_native("libsqlite3.so.0")
                                    : real_open(target, "libsqlite3.so.0", "sqlite3.h", "sqlite3.h", "");
            notes[0] = '\0';
            assert_int_equal(REAL(in_use, int, sqlite3_open, ":memory:", &db), SQLITE_OK);
            program(in_use, db);
            assert_int_equal(REAL(in_use, int, sqlite3_close, db), SQLITE_OK);
            if (is_native == 1) {
                memcpy(expected, notes, sizeof expected);
                assert_true(strlen(expected) > 20);
            }
            assert_string_equal(notes, expected);
            real_close(in_use);
        }
    }
}

static void run(struct real *lib, sqlite3 *db, const char *sql) {
    char *message = NULL;
    const int rc = REAL(lib, int, sqlite3_exec, db, sql, NULL, NULL, &message);
    note("%d %s; ", rc, message != NULL ? message : "-");
    REAL_VOID(lib, sqlite3_free, (void *)message);
}

static sqlite3_stmt *prepare(struct real *lib, sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    assert_int_equal(REAL(lib, int, sqlite3_prepare_v2, db, sql, -1, &statement, NULL), SQLITE_OK);
    return statement;
}

/* -- texts and blobs -------------------------------------------------------------------------------------------------------- */

static int let_go;
static void free_text(void *text) {
    let_go++;
    free(text);
}
static void free_own(void *text) {
    let_go += 100;
    REAL_VOID(in_use, sqlite3_free, text);
}
static char *copy_of(const char *text, size_t size) {
    char *copy = malloc(size);
    require(copy != NULL);
    return memcpy(copy, text, size);
}

/* Of any length that a program may say, with an end or without, and given away for good. */
static void texts(struct real *lib, sqlite3 *db) {
    static const unsigned short wide[] = {'w', 0xe9, 0x4e2d, 0, 'x', 0};
    sqlite3_stmt *statement = prepare(lib, db, "select ?1, length(?1), hex(?1), typeof(?1)");
    char *const without_end = copy_of("abcdef", 6);
    let_go = 0;
    for (int i = 0; i < 12; i++) {
        int rc = -1;
        switch (i) {
        case 0:
            rc = REAL(lib, int, sqlite3_bind_text, statement, 1, "with an end", -1, SQLITE_STATIC);
            break;
        case 1:
            rc = REAL(lib, int, sqlite3_bind_text, statement, 1, without_end, 6, SQLITE_TRANSIENT);
            break;
        case 2:
            rc = REAL(lib, int, sqlite3_bind_text, statement, 1, "a\0b", 3, SQLITE_TRANSIENT);
            break;
        case 3:
            rc = REAL(lib, int, sqlite3_bind_text, statement, 1, copy_of("given", 6), -1, free_text);
            break;
        case 4:
            rc = REAL(lib, int, sqlite3_bind_blob, statement, 1, (const void *)copy_of("b\0lob", 5), 5, free_text);
            break;
        case 5:
            rc = REAL(lib, int, sqlite3_bind_text, statement, 1, NULL, 5, free_text);
            break;
        case 6:
            rc = REAL(lib, int, sqlite3_bind_text16, statement, 1, (const void *)wide, -1, SQLITE_STATIC);
            break;
        case 7:
            rc = REAL(lib, int, sqlite3_bind_text16, statement, 1, (const void *)wide, 10, SQLITE_TRANSIENT);
            break;
        case 8:
            rc = REAL(lib, int, sqlite3_bind_text64, statement, 1, copy_of("sixty-four", 10), (sqlite3_uint64)10,
                      free_text, (unsigned char)SQLITE_UTF8);
            break;
        case 9: { /* the library's own memory, which goes back to it */
            char *text = REAL(lib, char *, sqlite3_mprintf, "%s %d", "made", 9);
            rc = REAL(lib, int, sqlite3_bind_text, statement, 1, text, -1, free_own);
            break;
        }
        case 10:
            rc = REAL(lib, int, sqlite3_bind_text, statement, 99, copy_of("no such place", 14), -1, free_text);
            break;
        default:
            rc = REAL(lib, int, sqlite3_bind_zeroblob, statement, 1, 3);
            break;
        }
        const int step = REAL(lib, int, sqlite3_step, statement);
        const char *text = (const char *)REAL(lib, const unsigned char *, sqlite3_column_text, statement, 0);
        note("%d: %d %d %s, %d, %s, %s; gone %d\n", i, rc, step, text != NULL ? text : "-",
             REAL(lib, int, sqlite3_column_int, statement, 1),
             (const char *)REAL(lib, const unsigned char *, sqlite3_column_text, statement, 2),
             (const char *)REAL(lib, const unsigned char *, sqlite3_column_text, statement, 3), let_go);
        REAL(lib, int, sqlite3_reset, statement);
    }
    REAL(lib, int, sqlite3_finalize, statement);
    note("gone %d\n", let_go);
    free(without_end);
}

TEST(sqlite_whole_texts_of_any_length_are_given_away) {
    compare(texts);
}

static void wide_texts(struct real *lib, sqlite3 *db) {
    static const unsigned short sql[] = {'s', 'e', 'l', 'e', 'c', 't', ' ', '?', '1', ';', ' ', 'x', 0};
    static const unsigned short name[] = {'b', 'y', '1', '6', 0};
    sqlite3_stmt *statement = NULL;
    const void *tail = NULL;
    note("complete %d ", REAL(lib, int, sqlite3_complete16, (const void *)sql));
    note("prepare %d ", REAL(lib, int, sqlite3_prepare16_v2, db, (const void *)sql, -1, &statement, &tail));
    note("tail %d ", (int)((const unsigned short *)tail - sql));
    REAL(lib, int, sqlite3_bind_text16, statement, 1, (const void *)name, -1, SQLITE_TRANSIENT);
    note("step %d ", REAL(lib, int, sqlite3_step, statement));
    const unsigned short *text = REAL(lib, const void *, sqlite3_column_text16, statement, 0);
    note("%c%c%c%c %d ", text[0], text[1], text[2], text[3], REAL(lib, int, sqlite3_column_bytes16, statement, 0));
    text = REAL(lib, const void *, sqlite3_column_name16, statement, 0);
    note("%c%c\n", text[0], text[1]);
    REAL(lib, int, sqlite3_finalize, statement);
    note("prepare %d ", REAL(lib, int, sqlite3_prepare16, db, (const void *)sql, 8, &statement, &tail));
    text = REAL(lib, const void *, sqlite3_errmsg16, db);
    for (int i = 0; text[i] != 0; i++) {
        note("%c", text[i]);
    }
    const char *narrow_tail = NULL;
    note(" prepare %d ", REAL(lib, int, sqlite3_prepare, db, "select 42 and no end", 9, &statement, &narrow_tail));
    note("tail %s step %d ", narrow_tail, REAL(lib, int, sqlite3_step, statement));
    note("%d\n", REAL(lib, int, sqlite3_column_int, statement, 0));
    REAL(lib, int, sqlite3_finalize, statement);
}

TEST(sqlite_whole_texts_of_sixteen_bits) {
    compare(wide_texts);
}

/* -- what the library makes ----------------------------------------------------------------------------------------------------- */

static char *format_list(struct real *lib, const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = REAL(lib, char *, sqlite3_vmprintf, format, list);
    va_end(list);
    return text;
}

static void made(struct real *lib, sqlite3 *db) {
    char **cells = NULL, *message = NULL, small[8];
    int rows = -1, columns = -1;
    run(lib, db, "create table t(a, b); insert into t values(1, 'one'), (2, null), (3, 'three')");
    note("table %d ", REAL(lib, int, sqlite3_get_table, db, "select a, b from t", &cells, &rows, &columns, &message));
    note("%d x %d: ", rows, columns);
    for (int i = 0; i < (rows + 1) * columns; i++) {
        note("%s ", cells[i] != NULL ? cells[i] : "-");
    }
    REAL_VOID(lib, sqlite3_free_table, cells);
    note("table %d ", REAL(lib, int, sqlite3_get_table, db, "select", &cells, &rows, &columns, &message));
    note("%s %d\n", message, cells == NULL);
    REAL_VOID(lib, sqlite3_free, (void *)message);
    char *text = format_list(lib, "%q|%Q|%w|%d|%.2f|%lld|%!.3s|%z", "it's", NULL, "a\"b", 7, 2.5, 1LL << 40, "cut off",
                             REAL(lib, char *, sqlite3_mprintf, "%s", "freed"));
    note("%s ", text);
    REAL_VOID(lib, sqlite3_free, (void *)text);
    /* With this flag a precision counts characters, and the text need not go on behind them but for a byte. */
    static const char of_two_bytes[13] = "\u00e4\u00f6\u00fc\u00c4\u00d6\u00dc",
                      unended[4] = {'\xc3', '\xa4', 'b', 'c'};
    text = format_list(lib, "%!.3s|%!.*q|%!.4s|%.3s", of_two_bytes, 5, of_two_bytes, "\u00df", unended + 1);
    note("%s ", text);
    REAL_VOID(lib, sqlite3_free, (void *)text);
    text = format_list(lib, "%!.2s", unended);
    note("%s ", text);
    REAL_VOID(lib, sqlite3_free, (void *)text);
    assert_ptr_equal(REAL(lib, char *, sqlite3_snprintf, (int)sizeof small, small, "%s", "too long for it"), small);
    sqlite3_str *string = REAL(lib, sqlite3_str *, sqlite3_str_new, db);
    REAL_VOID(lib, sqlite3_str_appendf, string, "%d-%s", 5, "five");
    text = REAL(lib, char *, sqlite3_str_finish, string);
    note("%s %s ", small, text);
    REAL_VOID(lib, sqlite3_free, (void *)text);
    const char *keyword = NULL;
    int size = 0;
    note("keyword %d ", REAL(lib, int, sqlite3_keyword_name, 3, &keyword, &size));
    note("%.*s\n", size, keyword);
    sqlite3_int64 bytes = 0;
    unsigned char *image = REAL(lib, unsigned char *, sqlite3_serialize, db, "main", &bytes, 0u);
    note("image %d %.15s ", (int)bytes, (const char *)image);
    unsigned char *const own = malloc((size_t)bytes);
    memcpy(own, image, (size_t)bytes);
    REAL_VOID(lib, sqlite3_free, (void *)image);
    sqlite3 *second = NULL;
    REAL(lib, int, sqlite3_open, ":memory:", &second);
    note("memory %d ", REAL(lib, int, sqlite3_deserialize, second, "main", own, bytes, bytes, 0u));
    note("table %d ",
         REAL(lib, int, sqlite3_get_table, second, "select b from t where a = 3", &cells, &rows, &columns, NULL));
    note("%s\n", cells[1]);
    REAL_VOID(lib, sqlite3_free_table, cells);
    run(lib, second, "update t set b = 'changed' where a = 3");
    note("closed %d\n", REAL(lib, int, sqlite3_close, second));
    note("written %d\n", memmem(own, (size_t)bytes, "changed", 7) != NULL); /* in the caller's memory */
    free(own);
}

TEST(sqlite_whole_what_the_library_makes) {
    compare(made);
}

/* -- hooks ------------------------------------------------------------------------------------------------------------------------ */

static int trace(unsigned kind, void *data, void *first, void *second) {
    note("%s %u ", (const char *)data, kind);
    if (kind == SQLITE_TRACE_STMT) {
        note("%s ", (const char *)second);
        char *sql = REAL(in_use, char *, sqlite3_expanded_sql, first);
        note("%s ", sql);
        REAL_VOID(in_use, sqlite3_free, (void *)sql);
    } else if (kind == SQLITE_TRACE_PROFILE) {
        note("%d ", *(const sqlite3_int64 *)second >= 0);
    }
    return 0;
}
static int authorize(void *data, int action, const char *a, const char *b, const char *c, const char *d) {
    note("%s %d %s %s %s %s\n", (const char *)data, action, a != NULL ? a : "-", b != NULL ? b : "-",
         c != NULL ? c : "-", d != NULL ? d : "-");
    return action == SQLITE_READ && b != NULL && strcmp(b, "hidden") == 0 ? SQLITE_IGNORE : SQLITE_OK;
}
static int commits;
static int on_commit(void *data) {
    note("commit of %s ", (const char *)data);
    return ++commits == 2;
}
static void on_rollback(void *data) {
    note("rollback of %s ", (const char *)data);
}
static int on_progress(void *data) {
    return --*(int *)data == 0;
}
static void need16(void *data, sqlite3 *db, int encoding, const void *name) {
    const unsigned short *text = name;
    note("%s %d %c%c %d\n", (const char *)data, db != NULL, text[0], text[1], encoding != 0);
}
static void on_pointer(sqlite3_context *context, int count, sqlite3_value **values) {
    int *number = REAL(in_use, void *, sqlite3_value_pointer, values[0], "number");
    note("pointer %d of %d, ", number != NULL ? (*number)++ : -1, count);
    const void *other = REAL(in_use, void *, sqlite3_value_pointer, values[0], "other");
    note("%d\n", other != NULL);
    REAL_VOID(in_use, sqlite3_result_text, context, strdup("given away"), -1, free_text);
}

static void hooks(struct real *lib, sqlite3 *db) {
    commits = let_go = 0;
    int number = 5, steps = 3;
    REAL(lib, int, sqlite3_trace_v2, db, (unsigned)(SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE | SQLITE_TRACE_ROW), trace,
         (void *)"trace");
    run(lib, db, "create table t(a, hidden); insert into t values(1, 2); select * from t");
    REAL(lib, int, sqlite3_trace_v2, db, 0u, NULL, NULL);
    REAL(lib, int, sqlite3_set_authorizer, db, authorize, (void *)"may");
    run(lib, db, "update t set a = hidden");
    REAL(lib, int, sqlite3_set_authorizer, db, NULL, NULL);
    assert_null(REAL(lib, void *, sqlite3_commit_hook, db, on_commit, (void *)"it"));
    assert_null(REAL(lib, void *, sqlite3_rollback_hook, db, on_rollback, (void *)"it"));
    run(lib, db, "insert into t values(3, 4)");
    run(lib, db, "insert into t values(5, 6)");
    REAL_VOID(lib, sqlite3_progress_handler, db, 100, on_progress, (void *)&steps);
    run(lib, db, "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n limit 1");
    REAL_VOID(lib, sqlite3_progress_handler, db, 0, NULL, NULL);
    REAL(lib, int, sqlite3_collation_needed16, db, (void *)"needs", need16);
    run(lib, db, "select a from t order by a collate xy");
    REAL(lib, int, sqlite3_create_function, db, "pointed", 1, SQLITE_UTF8, NULL, on_pointer, NULL, NULL);
    sqlite3_stmt *statement = prepare(lib, db, "select pointed(?)");
    char type[] = "number";
    note("pointer %d ", REAL(lib, int, sqlite3_bind_pointer, statement, 1, (void *)&number, type, NULL));
    note("step %d ", REAL(lib, int, sqlite3_step, statement));
    note("%s %d ", (const char *)REAL(lib, const unsigned char *, sqlite3_column_text, statement, 0), number);
    REAL(lib, int, sqlite3_finalize, statement);
    note("gone %d ", let_go);
    int value = -1;
    char *name = NULL;
    note("control %d ", REAL(lib, int, sqlite3_file_control, db, "main", SQLITE_FCNTL_VFSNAME, (void *)&name));
    note("%s ", name != NULL ? name : "-");
    REAL_VOID(lib, sqlite3_free, (void *)name);
    note("%d ", REAL(lib, int, sqlite3_file_control, db, "main", SQLITE_FCNTL_RESERVE_BYTES, (void *)&value));
    const sqlite3_vfs *vfs = REAL(lib, sqlite3_vfs *, sqlite3_vfs_find, NULL);
    note("%d vfs %s %d then %s; ", value, vfs->zName, vfs->mxPathname, vfs->pNext->zName);
    note("%d %d\n", REAL(lib, sqlite3_vfs *, sqlite3_vfs_find, vfs->zName) == vfs,
         REAL(lib, int, sqlite3_vfs_register, (sqlite3_vfs *)(uintptr_t)vfs, 1));
}

TEST(sqlite_whole_hooks_pointers_and_controls) {
    compare(hooks);
}

static void count_text(void *text) {
    (void)text;
    let_go++;
}

/* Memory that both sides see, in use here. */
static long shared_kib(void) {
    char line[200];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "re");
    require(status != NULL);
    while (fgets(line, sizeof line, status) != NULL) {
        sscanf(line, "RssShmem: %ld", &kib);
    }
    fclose(status);
    require(kib >= 0);
    return kib;
}

TEST(sqlite_whole_what_is_given_away_is_let_go) {
    enum { TIMES = 200, BYTES = 1 << 20 };
    struct real *lib = real_open(HARNESS_OTHER_TARGET, "libsqlite3.so.0", "sqlite3.h", "sqlite3.h", "");
    sqlite3 *db = NULL;
    char *const text = malloc(BYTES);
    memset(text, 'x', BYTES);
    assert_int_equal(REAL(lib, int, sqlite3_open, ":memory:", &db), SQLITE_OK);
    sqlite3_stmt *statement = prepare(lib, db, "select ?");
    let_go = 0;
    const long before = shared_kib();
    for (int i = 0; i < TIMES; i++) {
        assert_int_equal(REAL(lib, int, sqlite3_bind_text, statement, 1, text, BYTES, count_text), SQLITE_OK);
        assert_int_equal(let_go, i);
    }
    assert_true(shared_kib() - before < TIMES * (BYTES / 1024) / 4);
    REAL(lib, int, sqlite3_finalize, statement);
    assert_int_equal(let_go, TIMES);
    assert_int_equal(REAL(lib, int, sqlite3_close, db), SQLITE_OK);
    free(text);
    real_close(lib);
}
