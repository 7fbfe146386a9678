/* The layouts of every struct, union and typedef in the headers of this machine, beside what gcc says of them, and of
 * those of Windows, beside what mingw's says. A header that gcc does not compile alone is left out; every other must be
 * read. */
#include "harness.h"

#include "abi/layout.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_MAX = 1000, SHOWN_MAX = 20, EXPRESSIONS_MAX = 200000, PATH_PARTS_MAX = 400 };

/* -- Running gcc --------------------------------------------------------------------------------------------------- */

/* One header, for one target. */
struct run {
    const struct fc__target *target;
    const char *compiler;    /* with its options */
    bool leaves_out_vectors; /* typedefs with vector_size: those of gcc for Windows are aligned as nobody else's */
    char directory[40];
    unsigned headers, left_out, unread, records, typedefs, fields, bit_fields, mismatches;
};

static bool shell(const struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* In the run's directory. */
static bool shell(const struct run *run, const char *format, ...) {
    char command[COMMAND_MAX];
    int used = snprintf(command, sizeof command, "cd '%s' && ", run->directory);
    va_list list;
    va_start(list, format);
    vsnprintf(command + used, sizeof command - (size_t)used, format, list);
    va_end(list);
    return system(command) == 0; /* NOLINT(cert-env33-c): a compiler, on files of this test */
}

/* The header alone. */
static bool compiles(const struct run *run) {
    return shell(run, "%s -w -fsyntax-only header.c 2>/dev/null", run->compiler);
}

static char *read_file(const struct run *run, const char *name, size_t *ret_len) {
    char path[100];
    snprintf(path, sizeof path, "%s/%s", run->directory, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    text[size] = '\0';
    *ret_len = (size_t)size;
    return text;
}

/* -- What is compared ---------------------------------------------------------------------------------------------- */

/* What gcc is asked, as C, and what we say. */
struct questions {
    FILE *file; /* reference.c */
    char **texts;
    uint64_t *values;
    size_t count;
    unsigned failures; /* types without a layout */
    char failure[600]; /* why, of the last of them */
};

static void ask_value(struct questions *e, const char *text, uint64_t value) {
    assert_true(e->count < EXPRESSIONS_MAX);
    require(e->texts != NULL && e->values != NULL);
    e->texts[e->count] = strdup(text);
    e->values[e->count++] = value;
    fprintf(e->file, "%s + 1,\n", text); /* so that none is 0, which the assembler has other words for */
}

static const struct fc__body *body_of(const struct fc__type *type) {
    bool is_record = type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION;
    return is_record && type->body->is_complete ? type->body : NULL;
}

/* The members of `body`, which lies at `path` in `name`, and `at` bytes from its start. */
static void ask_members(struct run *run, struct fc__layouts *layouts, struct questions *e, const struct fc__body *body,
                        const char *name, const char *path, uint64_t at) {
    const struct fc__layout *layout;
    struct fc__error err;
    if (fc__layout_of_body(layouts, body, &layout, &err) != FC_OK) {
        fail_msg("%s%s: %s", name, path, err.text);
    }
    for (uint32_t i = 0; i < body->member_count; i++) {
        const struct fc__member *member = &body->members[i];
        const struct fc__body *inner = body_of(member->type);
        char inner_path[PATH_PARTS_MAX];
        uint64_t offset = at + layout->fields[i].offset_bytes;
        if (member->is_bitfield) {
            run->bit_fields++;
            continue;
        }
        snprintf(inner_path, sizeof inner_path, "%s%s%s", path, member->name != NULL && *path != '\0' ? "." : "",
                 member->name != NULL ? member->name : "");
        if (member->name != NULL) {
            char text[PATH_PARTS_MAX + 200];
            snprintf(text, sizeof text, "__builtin_offsetof(%s, %s)", name, inner_path);
            ask_value(e, text, offset);
            run->fields++;
        }
        if (inner != NULL && inner->tag == NULL && member->type->spelling == NULL) {
            ask_members(run, layouts, e, inner, name, inner_path, offset);
        }
    }
}

static void ask_type(struct run *run, struct fc__layouts *layouts, struct questions *e, const struct fc__type *type,
                     const char *name) {
    struct fc__extent_of_type extent;
    struct fc__error err;
    char text[300];
    if (fc__layout_extent(layouts, type, &extent, &err) != FC_OK) {
        snprintf(e->failure, sizeof e->failure, "%s: %.500s", name, err.text);
        e->failures++;
        return;
    }
    snprintf(text, sizeof text, "sizeof(%s)", name);
    ask_value(e, text, extent.size_bytes);
    snprintf(text, sizeof text, "_Alignof(%s)", name);
    ask_value(e, text, extent.alignment_bytes);
    snprintf(text, sizeof text, "__alignof__(%s)", name);
    ask_value(e, text, extent.preferred_alignment_bytes);
    if (body_of(type) != NULL) {
        ask_members(run, layouts, e, type->body, name, "", 0);
    }
}

static bool has_extent(const struct fc__type *type) {
    switch (type->kind) {
    case FC__TYPE_VOID:
    case FC__TYPE_FUNCTION:
        return false;
    case FC__TYPE_ARRAY:
        return type->length_kind != FC__LENGTH_MISSING && has_extent(type->to);
    case FC__TYPE_STRUCT:
    case FC__TYPE_UNION:
    case FC__TYPE_ENUM:
        return type->body->is_complete;
    default:
        return true;
    }
}

static void ask_unit(struct run *run, struct fc__layouts *layouts, const struct fc__unit *unit, struct questions *e) {
    char name[200];
    for (const struct fc__body *body = unit->bodies; body != NULL; body = body->next) {
        const struct fc__type type = {.kind = body->kind, .body = body};
        if (body->tag != NULL && body_of(&type) != NULL) {
            snprintf(name, sizeof name, "%s %s", body->kind == FC__TYPE_STRUCT ? "struct" : "union", body->tag);
            ask_type(run, layouts, e, &type, name);
            run->records++;
        }
    }
    for (const struct fc__typedef *entry = unit->typedefs; entry != NULL; entry = entry->next) {
        bool is_left_out = run->leaves_out_vectors && entry->type->kind == FC__TYPE_VECTOR;
        if (has_extent(entry->type) && !is_left_out) {
            ask_type(run, layouts, e, entry->type, entry->name);
            run->records += body_of(entry->type) != NULL && entry->type->body->tag == NULL;
            run->typedefs++;
        }
    }
}

/* Reads gcc's numbers from the assembler text, behind the label. */
static void compare(struct run *run, const char *header, const struct questions *e) {
    size_t len;
    char *text = read_file(run, "reference.s", &len);
    const char *at = strstr(text, "farcall_reference:\n");
    unsigned shown = 0;
    at = at != NULL ? strchr(at, '\n') : NULL; /* an array without elements has no numbers to read */
    for (size_t i = 0; i < e->count; i++) {
        unsigned long value;
        if (at == NULL || sscanf(at, "\n\t.long\t%lu", &value) != 1) {
            fail_msg("%s: the reference has no number %zu", header, i);
        }
        require(at != NULL);
        at = strchr(at + 1, '\n');
        if ((uint32_t)value != (uint32_t)(e->values[i] + 1)) {
            run->mismatches++;
            if (shown++ < SHOWN_MAX) {
                printf("%s: %s: %s is %lu, not %llu\n", header, run->target->name, e->texts[i], value - 1,
                       (unsigned long long)e->values[i]);
            }
        }
    }
    free(text);
}

/* What has the type of some typedef of the header. */
static void ask_variables(struct run *run, struct fc__layouts *layouts, const struct fc__unit *unit,
                          struct questions *e) {
    for (const struct fc__decl *decl = unit->first; decl != NULL; decl = decl->next) {
        ask_type(run, layouts, e, decl->type, decl->type->spelling);
        run->typedefs++;
    }
}

/* `ask`: ask_unit or ask_variables. */
static void check_unit(struct run *run, const char *header, struct fc__layouts *layouts, const struct fc__unit *unit,
                       void (*ask)(struct run *, struct fc__layouts *, const struct fc__unit *, struct questions *)) {
    struct questions e = {.texts = calloc(EXPRESSIONS_MAX, sizeof(char *)),
                          .values = calloc(EXPRESSIONS_MAX, sizeof(uint64_t))};
    char path[100];
    assert_true(e.texts != NULL && e.values != NULL);
    snprintf(path, sizeof path, "%s/reference.c", run->directory);
    e.file = fopen(path, "w");
    assert_non_null(e.file);
    fprintf(e.file, "#include \"header.i\"\n#pragma pack()\nconst unsigned farcall_reference[] = {\n");
    ask(run, layouts, unit, &e);
    fprintf(e.file, "};\n");
    fclose(e.file);
    if (!shell(run, "%s -w -S -o reference.s reference.c 2>errors", run->compiler)) {
        if (compiles(run)) {
            (void)shell(run, "head -20 errors");
            fail_msg("%s: what was made of it does not compile", header);
        }
        run->left_out++;
    } else {
        compare(run, header, &e);
        if (e.failures > 0) {
            printf("%s: %s: %s\n", header, run->target->name, e.failure);
            run->mismatches += e.failures;
        }
    }
    for (size_t i = 0; i < e.count; i++) {
        free(e.texts[i]);
    }
    free(e.texts);
    free(e.values);
}

/* header.c is written. `header` is what messages call it. */
static void check_written(struct run *run, const char *header) {
    run->headers++;
    if (!shell(run, "%s -w -E -o header.i header.c 2>/dev/null", run->compiler)) {
        run->left_out++;
        return;
    }
    size_t len;
    char *text = read_file(run, "header.i", &len);
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    fc__layouts_init(&layouts, run->target);
    if (fc__layout_parse(&layouts, text, len, header, &unit, &err) == FC_OK) {
        check_unit(run, header, &layouts, &unit, ask_unit);
        fc__decl_unit_done(&unit);
    } else if (compiles(run)) {
        printf("%s: %s: %s\n", header, run->target->name, err.text);
        run->unread++;
    } else {
        run->left_out++;
    }
    fc__layouts_done(&layouts);
    free(text);
}

/* -- Headers ------------------------------------------------------------------------------------------------------- */

static void open_run(struct run *run, const char *target, const char *compiler) {
    *run = (struct run){
        .target = fc__target_find(target), .compiler = compiler, .directory = "/tmp/farcall-layout-XXXXXX"};
    if (mkdtemp(run->directory) == NULL) {
        fail_msg("no directory for what gcc writes");
    }
}

static void check_header(struct run *run, const char *header) {
    assert_true(shell(run, "printf '#include <%%s>\\n' %s >header.c", header));
    check_written(run, header);
}

static void close_run(struct run *run) {
    assert_true(shell(run, "rm -rf -- \"$PWD\""));
    printf("%s: %u headers, of them %u left out (gcc does not compile them alone), %u not read; %u structs and unions, "
           "%u typedefs, %u members, %u bit-fields; %u mismatches\n",
           run->target->name, run->headers, run->left_out, run->unread, run->records, run->typedefs, run->fields,
           run->bit_fields, run->mismatches);
}

static void check_packages(const char *packages, const char *target, const char *pattern) {
    struct run run;
    bool is_32 = strcmp(target, "i386-linux") == 0;
    char command[COMMAND_MAX];
    char header[300];
    snprintf(command, sizeof command,
             "dpkg-query -L %s 2>/dev/null | sed -n 's,^/usr/include/,,p' | sed 's,^x86_64-linux-gnu/,,' |"
             " grep '\\.h$' | grep -E '%s' | grep -vE '(^|/)bits/' | sort -u",
             packages, pattern);
    open_run(&run, target, is_32 ? "gcc -m32 -D_GNU_SOURCE" : "gcc -m64 -D_GNU_SOURCE");
    FILE *list = popen(command, "r"); /* NOLINT(cert-env33-c) */
    assert_non_null(list);
    while (fgets(header, sizeof header, list) != NULL) {
        header[strcspn(header, "\n")] = '\0';
        check_header(&run, header);
    }
    pclose(list);
    close_run(&run);
    if (run.headers == 0) {
        skip_because("none of these packages is installed: %s", packages);
    }
    assert_int_equal(run.unread, 0);
    assert_int_equal(run.mismatches, 0);
}

TEST(layout_agrees_with_gcc_on_the_headers_of_libc_for_i386) {
    check_packages("libc6-dev libcrypt-dev", "i386-linux", ".");
}
TEST(layout_agrees_with_gcc_on_the_headers_of_libc_for_x86_64) {
    check_packages("libc6-dev libcrypt-dev", "x86_64-linux", ".");
}
TEST(layout_agrees_with_gcc_on_the_headers_of_linux_for_i386) {
    check_packages("linux-libc-dev", "i386-linux", ".");
}
TEST(layout_agrees_with_gcc_on_the_headers_of_linux_for_x86_64) {
    check_packages("linux-libc-dev", "x86_64-linux", ".");
}
TEST(layout_agrees_with_gcc_on_the_headers_of_libraries_for_i386) {
    check_packages("zlib1g-dev libsqlite3-dev libexpat1-dev libpng-dev", "i386-linux", ".");
}
TEST(layout_agrees_with_gcc_on_the_headers_of_libraries_for_x86_64) {
    check_packages("zlib1g-dev libsqlite3-dev libexpat1-dev libpng-dev", "x86_64-linux", ".");
}

static void open_windows_run(struct run *run, const char *target, const char *compiler) {
    if (system("command -v i686-w64-mingw32-gcc x86_64-w64-mingw32-gcc >/dev/null") != 0) { /* NOLINT(cert-env33-c) */
        skip_because("gcc of mingw, whose layouts are compared, is not installed");
    }
    open_run(run, target, compiler);
}

/* The whole of it together: a later header is not what it is alone. */
static void check_windows(const char *target, const char *compiler) {
    static const char *const headers[] = {"winsock2.h", "windows.h", "commctrl.h", "shlobj.h"};
    struct run run;
    open_windows_run(&run, target, compiler);
    run.leaves_out_vectors = true;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        assert_true(shell(&run, "printf '#include <%%s>\\n' %s >>header.c", headers[i]));
    }
    check_written(&run, "windows.h and more");
    close_run(&run);
    assert_int_equal(run.left_out, 0);
    assert_int_equal(run.unread, 0);
    assert_int_equal(run.mismatches, 0);
}

TEST(layout_agrees_with_mingw_on_the_headers_of_windows_for_i386) {
    check_windows("i386-windows", "i686-w64-mingw32-gcc -mlong-double-64");
}
TEST(layout_agrees_with_mingw_on_the_headers_of_windows_for_x86_64) {
    check_windows("x86_64-windows", "x86_64-w64-mingw32-gcc -mlong-double-64");
}

/* Those that are known without a header, beside the real ones. */
static const char names[] =
    "ATOM BOOL BOOLEAN BSTR BYTE CHAR CLSID COLORREF DATE DWORD DWORD32 DWORD64 DWORDLONG DWORD_PTR "
    "FARPROC FLOAT HANDLE HCURSOR HGDIOBJ HGLOBAL HLOCAL HMODULE HRESULT IID INT INT16 INT32 INT64 INT8 "
    "INT_PTR LANGID LARGE_INTEGER LCID LONG LONG32 LONG64 LONGLONG LONG_PTR LPARAM LPBOOL LPBYTE LPCSTR "
    "LPCVOID LPCWSTR LPDWORD LPFILETIME LPINT LPLONG LPPOINT LPRECT LPSTR LPSYSTEMTIME LPVOID LPWORD "
    "LPWSTR LRESULT MSG NTSTATUS OLECHAR PBOOL PBYTE PCHAR PDWORD PHANDLE PINT PLONG POINT PUINT PULONG "
    "PVOID PWORD RECT SCODE SHORT SIZE SIZE_T SOCKET SSIZE_T TIMERPROC UCHAR UINT UINT16 UINT32 UINT64 "
    "UINT8 UINT_PTR ULARGE_INTEGER ULONG ULONG32 ULONG64 ULONGLONG ULONG_PTR USHORT UUID VARIANT_BOOL "
    "VARTYPE WCHAR WNDENUMPROC WNDPROC WORD WPARAM ";

static void check_names(const char *target, const char *compiler) {
    struct run run;
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    char text[sizeof names * 3], *end = text;
    const char *at = names;
    for (unsigned i = 0; *at != '\0'; i++) {
        const int len = (int)strcspn(at, " ");
        end += sprintf(end, "%.*s x%u;", len, at, i);
        at += len + 1;
    }
    open_windows_run(&run, target, compiler);
    fc__layouts_init(&layouts, run.target);
    if (fc__layout_parse(&layouts, text, strlen(text), "names", &unit, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    assert_true(shell(&run,
                      "printf '#include <windows.h>\\n#include <winsock2.h>\\n' >header.c && %s -w -E -o header.i "
                      "header.c 2>/dev/null",
                      compiler));
    check_unit(&run, "the names of windows.h", &layouts, &unit, ask_variables);
    fc__decl_unit_done(&unit);
    fc__layouts_done(&layouts);
    close_run(&run);
    assert_int_equal(run.left_out, 0);
    assert_int_equal(run.mismatches, 0);
    assert_true(run.typedefs > 100 && run.fields > 20);
}

TEST(names_of_windows_are_what_mingw_has_them_for_i386) {
    check_names("i386-windows", "i686-w64-mingw32-gcc");
}
TEST(names_of_windows_are_what_mingw_has_them_for_x86_64) {
    check_names("x86_64-windows", "x86_64-w64-mingw32-gcc");
}
