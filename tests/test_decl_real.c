/* Annotations that others wrote: in prototypes of real headers, and in the manual, which has every one. */
#include "harness.h"

#include "decl/annotations.h"
#include "decl_text.h"

#include <ctype.h>

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
           "snprintf: int (char *, size_t, const char *, ...) printf\n"
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

TEST(decl_reads_windows_prototypes) {
    expect(
        "typedef unsigned long DWORD; typedef int BOOL; typedef long HRESULT; typedef char CHAR; typedef CHAR *LPSTR;"
        "typedef const CHAR *LPCSTR; typedef _Fc_opaque_ void *HANDLE; typedef HANDLE *PHANDLE; typedef void *LPVOID;"
        "typedef unsigned short WCHAR; typedef const WCHAR *LPCWSTR; typedef struct _GUID { DWORD a; } GUID;"
        "typedef struct _OVERLAPPED { DWORD Internal; } OVERLAPPED, *LPOVERLAPPED; typedef struct IUnknown IUnknown;"
        "__declspec(dllimport) _Success_(return) _Must_inspect_result_ BOOL __stdcall ReadFile(_In_ HANDLE hFile,"
        "  _Out_writes_bytes_to_opt_(nNumberOfBytesToRead, *lpNumberOfBytesRead) LPVOID lpBuffer,"
        "  _In_ DWORD nNumberOfBytesToRead, _Out_opt_ DWORD *lpNumberOfBytesRead, _Inout_opt_ LPOVERLAPPED "
        "lpOverlapped);"
        "_Success_(return != 0 && return < nBufferLength) DWORD __stdcall GetCurrentDirectoryA(_In_ DWORD "
        "nBufferLength,"
        "  _Out_writes_to_opt_(nBufferLength, return + 1) LPSTR lpBuffer);"
        "_Check_return_ HRESULT __stdcall CoCreateInstance(_In_ const GUID *rclsid, _In_opt_ IUnknown *pUnkOuter,"
        "  _In_ DWORD dwClsContext, _COM_Outptr_ LPVOID *ppv);"
        "_Ret_maybenull_ _Fc_opaque_ HANDLE __stdcall CreateThread(_In_opt_ OVERLAPPED *attributes,"
        "  DWORD (__stdcall *start)(_Fc_opaque_ LPVOID parameter), _In_opt_ _Fc_opaque_ LPVOID parameter, _Reserved_ "
        "DWORD flags);"
        "_Ret_range_(<=, 3) int __stdcall lstrcmpW(_In_ _Null_terminated_ LPCWSTR a, _In_z_ LPCWSTR b);",
        "ReadFile: BOOL (HANDLE, LPVOID, DWORD, DWORD *, LPOVERLAPPED) succeeds if return\n"
        "  hFile: in one\n"
        "  lpBuffer: out bytes nNumberOfBytesToRead then *lpNumberOfBytesRead optional\n"
        "  lpNumberOfBytesRead: out one optional\n  lpOverlapped: inout one optional\n"
        "GetCurrentDirectoryA: DWORD (DWORD, LPSTR) succeeds if ((return != 0) && (return < nBufferLength))\n"
        "  lpBuffer: out elements nBufferLength then (return + 1) optional\n"
        "CoCreateInstance: HRESULT (const GUID *, IUnknown *, DWORD, LPVOID *)\n  rclsid: in one\n"
        "  pUnkOuter: in one optional\n  ppv: out one outptr result-optional\n"
        "CreateThread: HANDLE (OVERLAPPED *, DWORD (*)(LPVOID), LPVOID, DWORD)\n  result: optional opaque\n"
        "  attributes: in one optional\n  parameter: optional opaque\n  flags: reserved\n"
        "lstrcmpW: int (LPCWSTR, LPCWSTR)\n  a: in string\n  b: in string");
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

/* In an example, as a whole word. */
static bool has_example(const char *manual, const char *word) {
    for (const char *begin = strstr(manual, "```c\n"); begin != NULL;) {
        const char *const end = strstr(begin + 3, "```");
        for (const char *at = strstr(begin, word); at != NULL && at < end; at = strstr(at + 1, word)) {
            const char behind = at[strlen(word)];
            if (at[-1] != '_' && behind != '_' && !isalnum((unsigned char)behind)) {
                return true;
            }
        }
        begin = strstr(end + 3, "```c\n");
    }
    return false;
}

TEST(decl_has_an_example_of_every_annotation_in_its_manual) {
    char *manual = read_manual();
    const struct fc__annotation_word *word;
    for (size_t i = 0; (word = fc__decl_annotation_word_at(i)) != NULL; i++) {
        if (!has_example(manual, word->text)) {
            fail_msg("docs/annotations.md has no example of %s", word->text);
        }
    }
    free(manual);
}

TEST(decl_knows_every_annotation_that_its_manual_names) {
    char *manual = read_manual();
    for (char *at = strstr(manual, "_"); at != NULL; at = strstr(at, "_")) {
        size_t len = strspn(at, "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
        bool is_begin = at == manual || !isalnum((unsigned char)at[-1]);
        bool has_form = len >= 4 && isupper((unsigned char)at[1]) && at[len - 1] == '_';
        bool is_example = len == 5 && memcmp(at, "_Xxx_", 5) == 0;
        bool is_beginning = len == 4 && memcmp(at, "_Fc_", 4) == 0;
        if (is_begin && has_form && !is_example && !is_beginning && fc__decl_annotation_word(at, len) == NULL) {
            fail_msg("docs/annotations.md names %.*s, which is unknown", (int)len, at);
        }
        at += len;
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
        assert_true(unit.first != NULL || unit.bodies != NULL);
        fc__decl_unit_done(&unit);
        begin = strstr(end + 3, "```c\n");
    }
    assert_in_range(count, 10, 40);
    free(manual);
}
