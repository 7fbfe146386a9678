/* bench: work that programs have a library do, through its own interface: whether that is a proxy it does not know.
 *   workload zlib|sqlite3 LIBRARY AMOUNT
 * Prints how many nanoseconds it took. Amount: MiB that are compressed and expanded, in pieces of 64 KiB; rows that are
 * inserted and selected. */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if __has_include(<zlib.h>)
#include <zlib.h>
#endif
#if __has_include(<sqlite3.h>)
#include <sqlite3.h>
#endif

static void *library;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "workload: %s\n", what);
    exit(EXIT_FAILURE);
}

static void check(int ok, const char *what) {
    if (!ok) {
        die(what);
    }
}

static void *symbol(const char *name) {
    void *found = dlsym(library, name);
    check(found != NULL, name);
    return found;
}
#define FUNCTION(name) __typeof__(name) *const call_##name = (__typeof__(name) *)symbol(#name)

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#if __has_include(<zlib.h>)
enum { PIECE = 64 << 10 };

/* As texts are: words of a small vocabulary. */
static void fill(unsigned char *bytes, size_t size) {
    uint32_t state = 12345;
    for (size_t i = 0; i < size;) {
        state = state * 1664525u + 1013904223u;
        for (uint32_t word = state >> 22, n = 2 + word % 7; n > 0 && i < size; n--, word = word * 5 + 3) {
            bytes[i++] = (unsigned char)('a' + word % 26);
        }
        if (i < size) {
            bytes[i++] = ' ';
        }
    }
}

static uint64_t run_zlib(unsigned mebibytes) {
    FUNCTION(deflateInit_);
    FUNCTION(deflate);
    FUNCTION(deflateEnd);
    FUNCTION(inflateInit_);
    FUNCTION(inflate);
    FUNCTION(inflateEnd);
    FUNCTION(crc32);
    const size_t size = (size_t)mebibytes << 20;
    unsigned char *plain = malloc(size), *packed = malloc(size), *piece = malloc(PIECE);
    check(plain != NULL && packed != NULL && piece != NULL, "out of memory");
    fill(plain, size);
    memset(packed, 1, size);
    uLong wanted = call_crc32(0, Z_NULL, 0), got = wanted;
    for (size_t at = 0; at < size; at += PIECE) {
        wanted = call_crc32(wanted, plain + at, PIECE);
    }
    const uint64_t start = now_ns();
    z_stream stream = {.next_out = packed};
    check(call_deflateInit_(&stream, Z_DEFAULT_COMPRESSION, ZLIB_VERSION, sizeof stream) == Z_OK, "deflateInit");
    for (size_t at = 0; at < size; at += PIECE) {
        stream.next_in = plain + at;
        stream.avail_in = PIECE;
        do {
            stream.avail_out = PIECE;
            const int rc = call_deflate(&stream, at + PIECE == size ? Z_FINISH : Z_NO_FLUSH);
            check(rc == Z_OK || rc == Z_STREAM_END, "deflate");
        } while (stream.avail_out == 0);
    }
    const size_t packed_size = (size_t)stream.total_out;
    check(call_deflateEnd(&stream) == Z_OK, "deflateEnd");
    stream = (z_stream){.next_in = packed};
    check(call_inflateInit_(&stream, ZLIB_VERSION, sizeof stream) == Z_OK, "inflateInit");
    for (int rc = Z_OK; rc != Z_STREAM_END;) {
        const size_t rest = packed_size - (size_t)stream.total_in;
        stream.avail_in = rest < PIECE ? (uInt)rest : PIECE;
        do {
            stream.next_out = piece;
            stream.avail_out = PIECE;
            rc = call_inflate(&stream, Z_NO_FLUSH);
            check(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR, "inflate");
            got = call_crc32(got, piece, PIECE - stream.avail_out);
        } while (stream.avail_out == 0 && rc == Z_OK);
    }
    check(call_inflateEnd(&stream) == Z_OK, "inflateEnd");
    const uint64_t end = now_ns();
    check(got == wanted, "something else came out");
    return end - start;
}
#endif

#if __has_include(<sqlite3.h>)
static uint64_t run_sqlite(unsigned rows) {
    FUNCTION(sqlite3_open);
    FUNCTION(sqlite3_exec);
    FUNCTION(sqlite3_prepare_v2);
    FUNCTION(sqlite3_bind_int);
    FUNCTION(sqlite3_bind_text);
    FUNCTION(sqlite3_step);
    FUNCTION(sqlite3_reset);
    FUNCTION(sqlite3_column_int);
    FUNCTION(sqlite3_column_text);
    FUNCTION(sqlite3_finalize);
    FUNCTION(sqlite3_close);
    const uint64_t start = now_ns();
    sqlite3 *db;
    sqlite3_stmt *insert, *select;
    check(call_sqlite3_open(":memory:", &db) == SQLITE_OK, "sqlite3_open");
    check(call_sqlite3_exec(db, "create table t(id integer primary key, name text); begin", NULL, NULL, NULL) ==
              SQLITE_OK,
          "create");
    check(call_sqlite3_prepare_v2(db, "insert into t values(?, ?)", -1, &insert, NULL) == SQLITE_OK, "prepare");
    for (unsigned i = 0; i < rows; i++) {
        char name[32];
        snprintf(name, sizeof name, "the name of %u", i);
        check(call_sqlite3_bind_int(insert, 1, (int)i) == SQLITE_OK, "bind_int");
        check(call_sqlite3_bind_text(insert, 2, name, -1, SQLITE_TRANSIENT) == SQLITE_OK, "bind_text"); /* NOLINT */
        check(call_sqlite3_step(insert) == SQLITE_DONE, "insert");
        check(call_sqlite3_reset(insert) == SQLITE_OK, "reset");
    }
    check(call_sqlite3_exec(db, "commit", NULL, NULL, NULL) == SQLITE_OK, "commit");
    check(call_sqlite3_prepare_v2(db, "select id, name from t where id = ?", -1, &select, NULL) == SQLITE_OK,
          "prepare");
    for (unsigned i = 0; i < rows; i++) {
        char name[32];
        snprintf(name, sizeof name, "the name of %u", i);
        check(call_sqlite3_bind_int(select, 1, (int)i) == SQLITE_OK, "bind_int");
        check(call_sqlite3_step(select) == SQLITE_ROW, "select");
        check(call_sqlite3_column_int(select, 0) == (int)i, "id");
        check(strcmp((const char *)call_sqlite3_column_text(select, 1), name) == 0, "name");
        check(call_sqlite3_reset(select) == SQLITE_OK, "reset");
    }
    call_sqlite3_finalize(insert);
    call_sqlite3_finalize(select);
    check(call_sqlite3_close(db) == SQLITE_OK, "close");
    return now_ns() - start;
}
#endif

int main(int argc, char **argv) {
    check(argc == 4, "usage: workload zlib|sqlite3 LIBRARY AMOUNT");
    library = dlopen(argv[2], RTLD_NOW);
    check(library != NULL, argv[2]);
    const unsigned amount = (unsigned)strtoul(argv[3], NULL, 10);
    uint64_t ns = 0;
#if __has_include(<zlib.h>)
    ns = strcmp(argv[1], "zlib") == 0 ? run_zlib(amount) : ns;
#endif
#if __has_include(<sqlite3.h>)
    ns = strcmp(argv[1], "sqlite3") == 0 ? run_sqlite(amount) : ns;
#endif
    printf("%llu\n", (unsigned long long)ns);
    return EXIT_SUCCESS;
}
