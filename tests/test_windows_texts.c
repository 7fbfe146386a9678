/* Strings of UTF-8 and of wchar_t for functions of Windows that take UTF-16, and paths of this system for those that
 * take Windows'. */
#include "sessions.h"
#include "windows.h"

#include <sys/stat.h>
#include <wchar.h>

#define SMILE "\xf0\x9f\x98\x80"
#define HALF "\xed\xa0\xbd" /* of a surrogate pair, as three bytes */

static struct fc_library *open_kernel(const char *target) {
    return open_with("kernel32.dll", target, UINT32_MAX);
}

static const char length_text[] = "int __stdcall lstrlenW(_Fc_utf8_ LPCWSTR text)";
static const char copy_text[] = "_Fc_opaque_ LPWSTR __stdcall lstrcpynW(_Out_writes_z_(size) _Fc_utf8_ LPWSTR to, "
                                "_Fc_utf8_ LPCWSTR from, int size)";

TEST(windows_texts_utf8_goes_in) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        struct fc_function *length = call_bind(library, length_text);
        int units = -1;
        assert_ok(fc_call(length, &units, "a\xc3\xa9\xe6\x97\xa5" SMILE));
        assert_int_equal(units, 5);
        assert_ok(fc_call(length, &units, HALF));
        assert_int_equal(units, 1);
        assert_ok(fc_call(length, &units, ""));
        assert_int_equal(units, 0);
        assert_ok(fc_call(length, &units, NULL));
        assert_int_equal(units, 0);
        assert_int_equal(fc_parameter_class(length, 0), FC_CLASS_STRING);
        assert_true(fc_parameter_is_utf8(length, 0));
        fc_library_close(library);
    }
}

/* %ls takes a string of wchar_t, which has 16 bits there. */
TEST(windows_texts_wide_ones_of_a_format) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_with("msvcrt.dll", target, UINT32_MAX);
        struct fc_function *put = call_bind(
            library,
            "int _snprintf(_Out_writes_(n) char *to, size_t n, _Printf_format_string_ const char *format, ...)");
        char to[100] = "";
        int length = 0;
        assert_ok(fc_call(put, &length, to, sizeof to, "%ls and %.3ls, %lc", L"wide", L"wider", (wint_t)L'w'));
        assert_string_equal(to, "wide and wid, w");
        assert_int_equal(length, 15);
        fc_library_close(library);
    }
}

TEST(windows_texts_what_is_not_utf8_is_refused_with_its_place) {
    static const struct {
        const char *text, *where;
    } rows[] = {{"ab\xff", "byte 2, 0xff"},      {"\x80", "byte 0, 0x80"},
                {"a\xc3", "byte 1, 0xc3"},       {"a\xc0\xaf", "byte 1, 0xc0"},
                {"\xe2\x82", "byte 0, 0xe2"},    {"a" SMILE "\xf4\x90\x80\x80", "byte 5, 0xf4"},
                {"\xe0\x9f\xbf", "byte 0, 0xe0"}};
    struct fc_library *library = open_kernel("i386-windows");
    struct fc_function *length = call_bind(library, length_text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int units = -1;
        assert_int_equal(fc_call(length, &units, rows[i].text), FC_EINVAL);
        assert_int_equal(units, -1);
        assert_non_null(strstr(fc_error_text(), "argument `text` of lstrlenW is not UTF-8"));
        assert_non_null(strstr(fc_error_text(), rows[i].where));
    }
    fc_library_close(library);
}

TEST(windows_texts_utf8_comes_out) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        struct fc_function *copy = call_bind(library, copy_text);
        char text[12] = "###########";
        void *at = NULL;
        assert_ok(fc_call(copy, &at, text, "a" SMILE HALF "b", 10));
        assert_memory_equal(text, "a" SMILE HALF "b\0#", 11);
        /* Ten units there are more bytes here. */
        assert_int_equal(fc_call(copy, &at, text, "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5", 10), FC_ERANGE);
        assert_non_null(strstr(fc_error_text(), "output `to` of lstrcpynW does not fit"));
        assert_memory_equal(text, "a" SMILE HALF "b\0#", 11);
        assert_int_equal(fc_parameter_class(copy, 0), FC_CLASS_BUFFER);
        assert_int_equal(fc_element_size(copy, 0), 1);
        fc_library_close(library);
    }
}

TEST(windows_texts_utf8_is_returned) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        const char *line = NULL, *again = NULL;
        struct fc_function *command = call_bind(library, "_Ret_z_ _Fc_utf8_ LPWSTR __stdcall GetCommandLineW(void)");
        assert_ok(fc_call(command, &line));
        assert_ok(fc_call(command, &again));
        assert_non_null(strstr(line, "farcall-host.exe"));
        assert_ptr_equal(line, again);
        int units = 0;
        assert_ok(fc_call(call_bind(library, length_text), &units, line));
        assert_int_equal(units, strlen(line));
        fc_library_close(library);
    }
}

TEST(windows_texts_a_typedef_says_it_of_all) {
    struct fc_library *library = open_kernel("x86_64-windows");
    struct fc_function *compare = call_bind(library, "typedef _Fc_utf8_ const unsigned short *LPCWSTR;"
                                                     "int __stdcall lstrcmpW(LPCWSTR left, LPCWSTR right)");
    int order = 5;
    assert_ok(fc_call(compare, &order, SMILE, SMILE));
    assert_int_equal(order, 0);
    assert_ok(fc_call(compare, &order, "b", "a"));
    assert_int_equal(order, 1);
    fc_library_close(library);
}

TEST(windows_texts_strings_of_wchar_t_need_no_header) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        wchar_t text[20];
        int units = 0;
        void *at = NULL;
        assert_ok(
            fc_call(call_bind(library, "int __stdcall lstrlenW(_In_z_ const wchar_t *text)"), &units, L"a\U0001f600"));
        assert_int_equal(units, 3);
        wmemset(text, L'#', 20);
        assert_ok(
            fc_call(call_bind(library, "_Fc_opaque_ wchar_t *__stdcall lstrcpynW(_Out_writes_z_(size) wchar_t *to, "
                                       "_In_z_ const wchar_t *from, int size)"),
                    &at, text, L"a\U0001f600b", 20));
        assert_memory_equal(text, L"a\U0001f600b\0#", 5 * sizeof *text);
        fc_library_close(library);
    }
}

static char formats[256];
static int see_format(const char *format) {
    strncat(formats, format, sizeof formats - strlen(formats) - 2);
    strcat(formats, "|");
    return 1;
}
TEST(windows_texts_callbacks_are_given_utf8) {
    enum { ENGLISH = 0x409, LONG_DATES = 2 };
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        int ok = 0;
        formats[0] = '\0';
        assert_ok(fc_call(call_bind(library, "BOOL __stdcall EnumDateFormatsW(int (__stdcall *each)(_Fc_utf8_ LPWSTR "
                                             "format), DWORD locale, DWORD flags)"),
                          &ok, see_format, ENGLISH, LONG_DATES));
        assert_int_equal(ok, 1);
        assert_non_null(strstr(formats, "dddd, MMMM d"));
        fc_library_close(library);
    }
}

/* What is counted would have another count there. */
TEST(windows_texts_counted_utf8_goes_only_out) {
    static const struct {
        const char *prototype;
        int error;
        const char *why;
    } rows[] = {
        {"int f(_In_reads_(n) _Fc_utf8_ LPCWSTR text, int n)", FC_EUNSUPPORTED, "another number of units"},
        {"int f(_Inout_updates_(n) _Fc_utf8_ LPWSTR text, int n)", FC_EUNSUPPORTED, "another number of units"},
        {"int f(_In_reads_(n) _Fc_path_ LPCSTR path, int n)", FC_EUNSUPPORTED, "another number of units"},
        {"int f(_Fc_utf8_ int n)", FC_EPARSE, "'_Fc_utf8_' needs a pointer to wide characters"},
        {"int f(_Fc_utf8_ _Fc_opaque_ LPCWSTR text)", FC_EPARSE, "_Fc_utf8_"},
        {"int f(_In_reads_z_(n) _Fc_utf8_ LPCWSTR text, int n)", FC_OK, NULL},
        {"int f(_Out_writes_(n) _Fc_utf8_ LPWSTR text, int n)", FC_OK, NULL},
        {"int f(_In_reads_(n) const wchar_t *letters, int n)", FC_OK, NULL},
    };
    struct fc_options *options = fc_options_new();
    char text[8192];
    size_t needed;
    require(options != NULL);
    assert_ok(fc_options_set_target(options, "x86_64-windows"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(fc_explain(NULL, options, rows[i].prototype, text, sizeof text, &needed), rows[i].error);
        assert_true(rows[i].why == NULL || strstr(fc_error_text(), rows[i].why) != NULL);
    }
    fc_options_free(options);
}

/* A library for Windows and one caller's header: WIN32_FIND_DATAW with names of UTF-8. */
TEST(windows_texts_arrays_in_structs_are_utf8) {
    static const char here[] = "struct found { unsigned attributes; unsigned times[6], size[2], reserved[2];"
                               "               char name[1040], short_name[14]; };"
                               "typedef void *HANDLE;"
                               "_Fc_opaque_ HANDLE __stdcall FindFirstFileW(_Fc_path_ _In_z_ const char *name,"
                               "                                            _Out_ struct found *found);"
                               "int __stdcall FindClose(_Fc_opaque_ HANDLE search);";
    static const char there[] = "typedef unsigned short WCHAR;"
                                "struct found { unsigned attributes; unsigned times[6], size[2], reserved[2];"
                                "               WCHAR name[260], short_name[14]; };"
                                "typedef void *HANDLE;"
                                "HANDLE __stdcall FindFirstFileW(const WCHAR *name, struct found *found);"
                                "int __stdcall FindClose(HANDLE search);";
    char folder[64], path[128];
    struct {
        unsigned attributes, times[6], size[2], reserved[2];
        char name[1040], short_name[14];
    } found;
    make_folder(folder, sizeof folder);
    snprintf(path, sizeof path,
             "%s/Gr\xc3\xb6\xc3\x9f"
             "e " SMILE,
             folder);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    require(fd >= 0 && write(fd, "12345", 5) == 5);
    close(fd);
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        struct fc_declarations *declarations = NULL;
        struct fc_function *find = NULL, *end = NULL;
        void *search = NULL;
        int ok = 0;
        assert_ok(fc_declarations_new(target, &declarations));
        assert_ok(fc_declarations_read(declarations, "found.h", here, there));
        assert_ok(fc_library_declare(library, declarations));
        fc_declarations_free(declarations);
        assert_ok(fc_bind(library, "FindFirstFileW", &find));
        assert_ok(fc_bind(library, "FindClose", &end));
        memset(&found, '#', sizeof found);
        assert_ok(fc_call(find, &search, path, &found));
        assert_string_equal(found.name, strrchr(path, '/') + 1);
        assert_int_equal(found.size[1], 5);
        assert_ok(fc_call(end, &ok, search));
        assert_int_equal(ok, 1);
        fc_library_close(library);
    }
    unlink(path);
    rmdir(folder);
}

/* -- paths --------------------------------------------------------------------------------------------------------- */

static const char open_wide[] =
    "_Fc_opaque_ HANDLE __stdcall CreateFileW(_Fc_path_ _Fc_utf8_ LPCWSTR name, DWORD access,"
    "DWORD share, _Fc_opaque_ LPVOID security, DWORD how, DWORD flags, HANDLE as)";
static const char open_narrow[] = "_Fc_opaque_ HANDLE __stdcall CreateFileA(_Fc_path_ LPCSTR name, DWORD access,"
                                  "DWORD share, _Fc_opaque_ LPVOID security, DWORD how, DWORD flags, HANDLE as)";
static const char read_text[] = "BOOL __stdcall ReadFile(HANDLE file, _Out_writes_bytes_to_(size, *done) LPVOID to, "
                                "DWORD size, _Out_ LPDWORD done, _Fc_opaque_ LPVOID overlapped)";
enum { TO_READ = (int)0x80000000, TO_WRITE = 0x40000000, EXISTING = 3, NEW = 2 };

static void must_hold(struct fc_library *library, const char *open_as, const char *path, const char *text) {
    void *file = NULL;
    char bytes[64] = "";
    unsigned done = 0;
    int ok = 0;
    assert_ok(fc_call(call_bind(library, open_as), &file, path, TO_READ, 1, NULL, EXISTING, 0, NULL));
    assert_true(file != (void *)-1 && file != NULL);
    assert_ok(fc_call(call_bind(library, read_text), &ok, file, bytes, (unsigned)sizeof bytes - 1, &done, NULL));
    assert_int_equal(ok, 1);
    assert_string_equal(bytes, text);
    assert_ok(fc_call(call_bind(library, "BOOL __stdcall CloseHandle(HANDLE object)"), &ok, file));
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    require(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

TEST(windows_texts_files_are_opened_by_their_paths_here) {
    char folder[64], narrow[128], wide[128], dotted[128];
    make_folder(folder, sizeof folder);
    snprintf(narrow, sizeof narrow, "%s/narrow file", folder);
    snprintf(wide, sizeof wide,
             "%s/Gr\xc3\xb6\xc3\x9f"
             "e " SMILE,
             folder);
    snprintf(dotted, sizeof dotted, "%s/ends in a dot.", folder);
    write_file(narrow, "by its path");
    write_file(wide, "by its name in UTF-16");
    write_file(dotted, "and so it is called");
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        must_hold(library, open_wide, narrow, "by its path");
        must_hold(library, open_narrow, narrow, "by its path");
        must_hold(library, open_wide, wide, "by its name in UTF-16");
        must_hold(library, open_wide, dotted, "and so it is called");
        /* From this folder on, also when it is another one by now. */
        char before[PATH_MAX];
        require(getcwd(before, sizeof before) != NULL && chdir(folder) == 0);
        must_hold(library, open_wide, "narrow file", "by its path");
        must_hold(library, open_narrow, "./narrow file", "by its path");
        must_hold(library, open_wide, strrchr(wide, '/') + 1, "by its name in UTF-16");
        require(chdir("/") == 0);
        must_hold(library, open_narrow, narrow + 1, "by its path");
        require(chdir(before) == 0);
        void *file = NULL;
        assert_int_equal(
            fc_call(call_bind(library, open_wide), &file, "/tmp/back\\slash", TO_READ, 1, NULL, EXISTING, 0, NULL),
            FC_EINVAL);
        assert_non_null(strstr(fc_error_text(), "backslash"));
        fc_library_close(library);
    }
    unlink(narrow);
    unlink(wide);
    unlink(dotted);
    rmdir(folder);
}

TEST(windows_texts_a_file_is_made_where_there_was_none) {
    char folder[64], path[128];
    make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/\xe6\x97\xa5", folder);
    struct fc_library *library = open_kernel("i386-windows");
    void *file = NULL;
    int ok = 0;
    assert_ok(fc_call(call_bind(library, open_wide), &file, path, TO_WRITE, 0, NULL, NEW, 0, NULL));
    assert_true(file != (void *)-1 && file != NULL);
    assert_ok(fc_call(call_bind(library, "BOOL __stdcall CloseHandle(HANDLE object)"), &ok, file));
    assert_int_equal(access(path, F_OK), 0);
    fc_library_close(library);
    unlink(path);
    rmdir(folder);
}

static const char full_narrow_text[] = "DWORD __stdcall GetFullPathNameA(_Fc_path_ LPCSTR name, DWORD size, "
                                       "_Out_writes_z_(size) _Fc_path_ LPSTR to, _Outptr_opt_ LPSTR *part)";

/* In the code page, which has the letters of Western languages here, or by its short name. */
TEST(windows_texts_files_of_any_name_are_opened_by_char) {
    char folder[64], western[128], other[128], fresh[160], fresh_other[160], found[PATH_MAX];
    make_folder(folder, sizeof folder);
    snprintf(western, sizeof western, "%s/Gr\xc3\xb6\xc3\x9f\x65 \xe2\x82\xac", folder);
    snprintf(other, sizeof other, "%s/\xe6\x97\xa5 " SMILE, folder);
    snprintf(fresh, sizeof fresh, "%s/Gr\xc3\xb6\xc3\x9f\x65", other);
    snprintf(fresh_other, sizeof fresh_other, "%s/\xe6\x97\xa5", other);
    write_file(western, "by its name");
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        struct fc_function *full = call_bind(library, full_narrow_text),
                           *length = call_bind(library, "int __stdcall lstrlenA(_Fc_path_ LPCSTR text)"),
                           *open_it = call_bind(library, open_narrow);
        void *file = NULL;
        int ok = 0;
        unsigned units = 0;
        must_hold(library, open_narrow, western, "by its name");
        assert_ok(fc_call(length, &ok, western));
        assert_int_equal(ok, strlen("Z:") + strlen(folder) + strlen("/Gr\xf6\xdf\x65 \x80"));
        /* A folder, and in it a file that is not there yet; and its name comes back. */
        require(mkdir(other, 0700) == 0);
        assert_ok(fc_call(open_it, &file, fresh, TO_WRITE, 0, NULL, NEW, 0, NULL));
        assert_ok(fc_call(call_bind(library, "BOOL __stdcall CloseHandle(HANDLE object)"), &ok, file));
        assert_int_equal(access(fresh, F_OK), 0);
        assert_ok(fc_call(full, &units, fresh, (unsigned)sizeof found, found, NULL));
        assert_string_equal(found, fresh);
        assert_ok(fc_call(full, &units, western, (unsigned)sizeof found, found, NULL));
        assert_string_equal(found, western);
        /* What is not there has no other name. */
        assert_int_equal(fc_call(open_it, &file, fresh_other, TO_WRITE, 0, NULL, NEW, 0, NULL), FC_ERANGE);
        assert_non_null(strstr(fc_error_text(), "whose characters the code page of Windows has not"));
        write_file(fresh_other, "by a short name");
        must_hold(library, open_narrow, fresh_other, "by a short name");
        /* What is said beside it arrives, too. */
        assert_ok(fc_call(call_bind(library, "BOOL __stdcall CopyFileA(_Fc_path_ LPCSTR from, _Fc_path_ LPCSTR to, "
                                             "int must_be_new)"),
                          &ok, fresh_other, fresh, 0));
        assert_int_equal(ok, 1);
        must_hold(library, open_wide, fresh, "by a short name");
        unlink(fresh);
        unlink(fresh_other);
        rmdir(other);
        fc_library_close(library);
    }
    unlink(western);
    rmdir(folder);
}

static const char full_text[] = "DWORD __stdcall GetFullPathNameW(_Fc_path_ _Fc_utf8_ LPCWSTR name, DWORD size, "
                                "_Out_writes_z_(size) _Fc_path_ _Fc_utf8_ LPWSTR to, _Outptr_opt_ LPWSTR *part)";

TEST(windows_texts_paths_come_back) {
    char folder[64], path[128], found[PATH_MAX];
    make_folder(folder, sizeof folder);
    snprintf(path, sizeof path,
             "%s/Gr\xc3\xb6\xc3\x9f"
             "e " SMILE,
             folder);
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_kernel(target);
        struct fc_function *full = call_bind(library, full_text);
        unsigned units = 0;
        assert_ok(fc_call(full, &units, path, (unsigned)sizeof found, found, NULL));
        assert_string_equal(found, path);
        assert_int_equal(units, strlen(path) - 2 - 2 + 2); /* two letters of two bytes, one of four, and "Z:" */
        assert_ok(fc_call(full, &units, "C:\\no\\..\\Nothing.txt", (unsigned)sizeof found, found, NULL));
        assert_non_null(strstr(found, "/drive_c/Nothing.txt"));
        assert_ok(fc_call(full, &units, "\\\\server\\share\\file", (unsigned)sizeof found, found, NULL));
        assert_string_equal(found, "\\\\server\\share\\file");
        /* What was not written stays. */
        memset(found, '#', 8);
        assert_ok(fc_call(full, &units, path, 3u, found, NULL));
        assert_true(units > 3);
        assert_memory_equal(found, "########", 8);
        /* In the code page. */
        assert_ok(fc_call(call_bind(library, "DWORD __stdcall GetWindowsDirectoryA(_Out_writes_to_(size, return + 1) "
                                             "_Fc_path_ LPSTR to, DWORD size)"),
                          &units, found, (unsigned)sizeof found));
        assert_int_equal(units, strlen("C:\\windows"));
        assert_non_null(strstr(found, "/drive_c/windows"));
        assert_int_equal(access(found, F_OK), 0);
        fc_library_close(library);
    }
    rmdir(folder);
}

/* Between two Linuxes a path is what it is. */
TEST(windows_texts_a_path_means_nothing_here) {
    struct fc_library *library = open_with("libc.so.6", "i386-linux", UINT32_MAX);
    size_t len = 0;
    assert_ok(fc_call(call_bind(library, "size_t strlen(_Fc_path_ const char *s)"), &len, "C:\\x\\y"));
    assert_int_equal(len, 6);
    fc_library_close(library);
}
