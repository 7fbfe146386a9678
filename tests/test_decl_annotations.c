/* Annotations that fc__decl_parse understands, and prototypes of well-known libraries with them. */
#include "harness.h"

#include "decl/annotations.h"
#include "decl_text.h"

/* -- Annotations --------------------------------------------------------------------------------------------------- */

TEST(decl_reads_every_annotation_of_parameters) {
    static const struct {
        const char *annotation, *expected;
    } rows[] = {
        {"_In_", "in one"},
        {"_In_opt_", "in one optional"},
        {"_In_z_", "in string"},
        {"_In_opt_z_", "in string optional"},
        {"_In_reads_(n)", "in elements n"},
        {"_In_reads_opt_(n)", "in elements n optional"},
        {"_In_reads_bytes_(n)", "in bytes n"},
        {"_In_reads_bytes_opt_(n)", "in bytes n optional"},
        {"_Out_", "out one"},
        {"_Out_opt_", "out one optional"},
        {"_Out_writes_(n)", "out elements n"},
        {"_Out_writes_opt_(n)", "out elements n optional"},
        {"_Out_writes_bytes_(n)", "out bytes n"},
        {"_Out_writes_bytes_opt_(n)", "out bytes n optional"},
        {"_Out_writes_all_(n)", "out elements n all"},
        {"_Out_writes_all_opt_(n)", "out elements n optional all"},
        {"_Out_writes_bytes_all_(n)", "out bytes n all"},
        {"_Out_writes_bytes_all_opt_(n)", "out bytes n optional all"},
        {"_Out_writes_to_(n, *m)", "out elements n then *m"},
        {"_Out_writes_to_opt_(n, *m)", "out elements n then *m optional"},
        {"_Out_writes_bytes_to_(n, *m)", "out bytes n then *m"},
        {"_Out_writes_bytes_to_opt_(n, *m)", "out bytes n then *m optional"},
        {"_Inout_", "inout one"},
        {"_Inout_opt_", "inout one optional"},
        {"_Inout_updates_(n)", "inout elements n"},
        {"_Inout_updates_opt_(n)", "inout elements n optional"},
        {"_Inout_updates_bytes_(n)", "inout bytes n"},
        {"_Inout_updates_bytes_opt_(n)", "inout bytes n optional"},
        {"_Inout_updates_to_(n, *m)", "inout elements n then *m"},
        {"_Inout_updates_to_opt_(n, *m)", "inout elements n then *m optional"},
        {"_Inout_updates_bytes_to_(n, *m)", "inout bytes n then *m"},
        {"_Inout_updates_bytes_to_opt_(n, *m)", "inout bytes n then *m optional"},
        {"_Outptr_", "out one outptr"},
        {"_Outptr_opt_", "out one optional outptr"},
        {"_Outptr_result_maybenull_", "out one outptr result-optional"},
        {"_Fc_opaque_", "opaque"},
        {"_In_ _Fc_opaque_", "in one opaque"},
        {"_Fc_opaque_ _Outptr_", "out one outptr opaque"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        snprintf(source, sizeof source, "void f(%s char **p, int n, int *m)", rows[i].annotation);
        snprintf(expected, sizeof expected, "f: void (char **, int, int *)\n  p: %s", rows[i].expected);
        expect(source, expected);
    }
}

TEST(decl_reads_annotations_of_results) {
    expect(
        "_Ret_z_ const char *a(void); extern _Ret_maybenull_z_ char *b(void); _Fc_opaque_ void *c(void);"
        "_Check_return_ _Success_(return != 0 && (1)) _Ret_z_ char *d(void); static _Must_inspect_result_ int e(int);",
        "a: const char *(void)\n  result: string\nb: char *(void)\n  result: string optional\n"
        "c: void *(void)\n  result: opaque\nd: char *(void)\n  result: string\ne: int (int)");
}

TEST(decl_finds_annotations_behind_the_specifiers) {
    expect("void f(const char _In_z_ *s, int _Inout_ *x, void _In_ (*g)(int), char _In_reads_(2) *const p)",
           "f: void (const char *, int *, void (*)(int), char *const)\n  s: in string\n  x: inout one\n  g: in one\n"
           "  p: in elements 2");
}

TEST(decl_annotates_parameters_of_callbacks) {
    struct fc__unit unit = parse("void f(int (*cb)(_In_reads_(len) const char *text, int len), int len)");
    const struct fc__type *callback = unit.first->type->params[0].type->to;
    assert_int_equal(callback->params[0].annotation.extent, FC__EXTENT_ELEMENTS);
    assert_int_equal(callback->params[0].annotation.capacity->param, 1);
    fc__decl_unit_done(&unit);
}

TEST(decl_takes_opaque_beside_an_extent_of_the_pointers_pointed_to) {
    expect("void f(_In_reads_(n) _Fc_opaque_ void **a, int n, _Fc_opaque_ _Out_ void **b)",
           "f: void (void **, int, void **)\n  a: in elements n opaque\n  b: out one opaque");
    expect("typedef struct file FILE; void f(_In_ _Fc_opaque_ void *a, _Fc_opaque_ _Inout_opt_ FILE *b)",
           "f: void (void *, FILE *)\n  a: opaque\n  b: optional opaque");
}

TEST(decl_ignores_in_on_what_is_no_pointer) {
    expect("int f(_In_ int x, _In_opt_ size_t y, _In_ double)", "f: int (int, size_t, double)");
}

TEST(decl_keeps_annotations_as_written) {
    struct fc__unit unit = parse("void f(\n  _In_ /* x */ _Fc_opaque_ void *a,\n"
                                 "  _Out_writes_to_( n /* bytes */,// x\n\t *m ) char *b, int n, int *m)");
    const struct fc__annotation *first = &unit.first->type->params[0].annotation;
    const struct fc__annotation *second = &unit.first->type->params[1].annotation;
    assert_string_equal(first->text, "_In_ _Fc_opaque_");
    assert_int_equal(first->line, 2);
    assert_int_equal(first->column, 3);
    assert_string_equal(second->text, "_Out_writes_to_( n , *m )");
    assert_int_equal(second->line, 3);
    assert_null(unit.first->type->params[2].annotation.text);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_size_expressions) {
    static const struct {
        const char *size, *expected;
    } rows[] = {
        {"16", "16"},
        {"0x10", "16"},
        {"010u", "8"},
        {"16ULL", "16"},
        {"n", "n"},
        {"*m", "*m"},
        {"n * 2", "(n * 2)"},
        {"n**m", "(n * *m)"},
        {"n + 2 * k", "(n + (2 * k))"},
        {"(n + 2) * k", "((n + 2) * k)"},
        {"n - k - 1", "((n - k) - 1)"},
        {"n / 4 * k", "((n / 4) * k)"},
        {"((((n))))", "n"},
        {"(*m) + 1", "(*m + 1)"},
        {"MAX * k", "(20 * k)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        snprintf(source, sizeof source,
                 "enum { MAX = 20 }; void f(int n, _In_reads_(%s) const char *p, long *m, size_t k)", rows[i].size);
        snprintf(expected, sizeof expected, "f: void (int, const char *, long *, size_t)\n  p: in elements %s",
                 rows[i].expected);
        expect(source, expected);
    }
}

TEST(decl_finds_the_parameter_before_an_enumerator_of_its_name) {
    expect("enum { n = 5 }; void f(_In_reads_(n) char *p, int n); void g(_In_reads_(n) char *p);",
           "f: void (char *, int)\n  p: in elements n\ng: void (char *)\n  p: in elements 5");
}

/* -- Real prototypes ----------------------------------------------------------------------------------------------- */

TEST(decl_reads_libc_prototypes) {
    expect("void *memcpy(_Out_writes_bytes_all_(n) void *restrict dst, _In_reads_bytes_(n) const void *restrict src, "
           "size_t n);"
           "void qsort(_Inout_updates_bytes_(nmemb * size) void *base, size_t nmemb, size_t size,"
           "           int (*compar)(const void *, const void *));"
           "extern long int strtol (const char *__restrict __nptr, char **__restrict __endptr, int __base)"
           "     __attribute__ ((__nothrow__ , __leaf__)) __attribute__ ((__nonnull__ (1)));"
           "extern int snprintf (char *__restrict __s, size_t __maxlen, const char *__restrict __format, ...)"
           "     __attribute__ ((__nothrow__)) __attribute__ ((__format__ (__printf__, 3, 4)));"
           "ssize_t read(int fd, _Out_writes_bytes_(count) void *buf, size_t count);"
           "char *getenv(const char *name); double frexp(double x, _Out_ int *exp); void exit(int status);",
           "memcpy: void *(void *, const void *, size_t)\n  dst: out bytes n all\n  src: in bytes n\n"
           "qsort: void (void *, size_t, size_t, int (*)(const void *, const void *))\n"
           "  base: inout bytes (nmemb * size)\n"
           "strtol: long (const char *, char **, int)\n"
           "snprintf: int (char *, size_t, const char *, ...)\n"
           "read: ssize_t (int, void *, size_t)\n  buf: out bytes count\n"
           "getenv: char *(const char *)\nfrexp: double (double, int *)\n  exp: out one\nexit: void (int)");
}

TEST(decl_reads_zlib_prototypes) {
    expect(
        "typedef unsigned char Byte; typedef unsigned int uInt; typedef unsigned long uLong; typedef Byte Bytef;"
        "typedef uLong uLongf; typedef void *voidpf; typedef struct z_stream_s z_stream; typedef z_stream *z_streamp;"
        "typedef voidpf (*alloc_func) (voidpf opaque, uInt items, uInt size);"
        "extern int compress2 (_Out_writes_to_(*destLen, *destLen) Bytef *dest, _Inout_ uLongf *destLen,"
        "                      _In_reads_(sourceLen) const Bytef *source, uLong sourceLen, int level);"
        "extern uLong crc32 (uLong crc, _In_reads_opt_(len) const Bytef *buf, uInt len);"
        "extern const char * zlibVersion (void); extern int deflate (z_streamp strm, int flush);"
        "typedef struct gzFile_s *gzFile; extern gzFile gzopen (const char *, const char *);"
        "extern int gzread (gzFile file, _Out_writes_bytes_(len) void *buf, unsigned len);"
        "typedef unsigned (*in_func) (void *, unsigned char * *);"
        "extern int inflateBack (z_streamp strm, in_func in, void *in_desc, int (*out)(void *, unsigned char *, "
        "unsigned),"
        "                        void *out_desc); alloc_func which(void);",
        "compress2: int (Bytef *, uLongf *, const Bytef *, uLong, int)\n"
        "  dest: out elements *destLen then *destLen\n  destLen: inout one\n  source: in elements sourceLen\n"
        "crc32: uLong (uLong, const Bytef *, uInt)\n  buf: in elements len optional\n"
        "zlibVersion: const char *(void)\ndeflate: int (z_streamp, int)\n"
        "gzopen: gzFile (const char *, const char *)\ngzread: int (gzFile, void *, unsigned int)\n  buf: out bytes "
        "len\n"
        "inflateBack: int (z_streamp, in_func, void *, int (*)(void *, unsigned char *, unsigned int), void *)\n"
        "which: alloc_func (void)");
}

TEST(decl_reads_sqlite_prototypes) {
    expect(
        "typedef struct sqlite3 sqlite3; typedef struct sqlite3_stmt sqlite3_stmt; typedef long long int sqlite_int64;"
        "typedef sqlite_int64 sqlite3_int64; typedef struct sqlite3_value sqlite3_value;"
        "int sqlite3_open(const char *filename, _Outptr_ sqlite3 **ppDb);"
        "int sqlite3_prepare_v2(sqlite3 *db, _In_z_ const char *zSql, int nByte, _Outptr_result_maybenull_ "
        "sqlite3_stmt **ppStmt,"
        "                       _Outptr_opt_ const char **pzTail);"
        "int sqlite3_exec(sqlite3*, const char *sql, int (*callback)(void*,int,char**,char**), void *, char **errmsg);"
        "_Ret_maybenull_z_ const unsigned char *sqlite3_column_text(sqlite3_stmt*, int iCol);"
        "sqlite3_int64 sqlite3_last_insert_rowid(sqlite3*); void (*sqlite3_trace(sqlite3*, void(*xTrace)(void*,const "
        "char*)))(void);"
        "int sqlite3_bind_blob(sqlite3_stmt*, int, const void*, int n, void(*)(void*));"
        "char *sqlite3_mprintf(const char*,...);",
        "sqlite3_open: int (const char *, sqlite3 **)\n  ppDb: out one outptr\n"
        "sqlite3_prepare_v2: int (sqlite3 *, const char *, int, sqlite3_stmt **, const char **)\n  zSql: in string\n"
        "  ppStmt: out one outptr result-optional\n  pzTail: out one optional outptr\n"
        "sqlite3_exec: int (sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **)\n"
        "sqlite3_column_text: const unsigned char *(sqlite3_stmt *, int)\n  result: string optional\n"
        "sqlite3_last_insert_rowid: sqlite3_int64 (sqlite3 *)\n"
        "sqlite3_trace: void (*(sqlite3 *, void (*)(void *, const char *)))(void)\n"
        "sqlite3_bind_blob: int (sqlite3_stmt *, int, const void *, int, void (*)(void *))\n"
        "sqlite3_mprintf: char *(const char *, ...)");
}

TEST(decl_reads_the_readme_example) {
    expect("int compress(_Out_writes_to_(*destLen, *destLen) unsigned char *dest, _Inout_ unsigned long *destLen,\n"
           "             _In_reads_(sourceLen) const unsigned char *source, unsigned long sourceLen)",
           "compress: int (unsigned char *, unsigned long *, const unsigned char *, unsigned long)\n"
           "  dest: out elements *destLen then *destLen\n  destLen: inout one\n  source: in elements sourceLen");
}

/* -- The manual ---------------------------------------------------------------------------------------------------- */

static char *read_manual(void) {
    FILE *file = fopen(harness_source("../docs/annotations.md"), "r");
    char *text = calloc(1, 100000);
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 99999, file) > 0);
    fclose(file);
    return text;
}

TEST(decl_has_every_annotation_in_its_manual) {
    char *manual = read_manual();
    const struct fc__annotation_word *word;
    for (size_t i = 0; (word = fc__decl_annotation_word_at(i)) != NULL; i++) {
        char quoted[80];
        snprintf(quoted, sizeof quoted, "`%s", word->text);
        const char *place = strstr(manual, quoted);
        while (place != NULL && strchr("`(", place[strlen(quoted)]) == NULL) {
            place = strstr(place + 1, quoted);
        }
        if (place == NULL) {
            fail_msg("docs/annotations.md does not explain %s", word->text);
        }
    }
    free(manual);
}

TEST(decl_reads_the_examples_of_its_manual) {
    char *manual = read_manual();
    int count = 0;
    for (char *begin = strstr(manual, "```c\n"); begin != NULL; count++) {
        begin += 5;
        char *end = strstr(begin, "```");
        assert_non_null(end);
        struct fc__unit unit = parse_bytes(begin, (size_t)(end - begin));
        assert_non_null(unit.first);
        fc__decl_unit_done(&unit);
        begin = strstr(end + 3, "```c\n");
    }
    assert_in_range(count, 5, 20);
    free(manual);
}
