/* How a call is explained to people: the text of a plan, and the public function that gives it. */
#include "call.h"
#include "plans.h"

/* The whole text, to be freed. */
static char *text_of(const char *prototype, const char *caller, const char *callee) {
    struct fc__plan *plan = new_plan(prototype, fc__target_find(caller), fc__target_find(callee));
    size_t len = fc__plan_text(plan, NULL, 0);
    char *text = malloc(len + 1);
    assert_non_null(text);
    assert_int_equal(fc__plan_text(plan, text, len + 1), len);
    assert_int_equal(strlen(text), len);
    fc__plan_free(plan);
    return text;
}

/* Of a 64-bit caller. */
static void assert_says(const char *prototype, const char *callee, const char *wanted) {
    char *text = text_of(prototype, "x86_64-linux", callee);
    if (strstr(text, wanted) == NULL) {
        fail_msg("not in it: %s\n%s", wanted, text);
    }
    free(text);
}

TEST(explain_tells_what_each_row_adds) {
    const char *const put = "_Fc_when_(op > 1) int put(int op, ..., int value);"
                            "_Fc_when_(op == 0) int put(int op);"
                            "_Fc_when_(op == 1) int put(int op, ..., _In_z_ const char *name);";
    for (int i = 0; i < 2; i++) {
        const char *callee = i == 0 ? "i386-linux" : "x86_64-linux";
        assert_says(put, callee, "\nthen, if `op == 1`:\n");
        assert_says(put, callee, "\nthen, else if `op == 0`: nothing\n");
        assert_says(put, callee, "\nthen, else if `op > 1`:\n");
    }
}

TEST(explain_tells_what_a_format_adds) {
    const char *const put = "int put(int to, _Printf_format_string_ _Fc_conversions_(qs, zp) const char *format, ...)";
    for (int i = 0; i < 2; i++) {
        const char *callee = i == 0 ? "i386-linux" : "x86_64-linux";
        assert_says(put, callee, "\nthen what each call adds: as argument 2 `format` says, in the manner of printf\n");
        assert_says(put, callee, "\n  its own     `%q` takes what `%s` does, `%z` takes what `%p` does\n");
        assert_says("typedef __builtin_va_list va_list;"
                    "int put(_Printf_format_string_ const char *, va_list list)",
                    callee, "\nthen a va_list: as argument 1 says");
    }
}

TEST(explain_tells_what_a_format_adds_to_a_callback) {
    static const char log[] =
        "typedef __builtin_va_list va_list; void log_to("
        "void (*log)(_Fc_opaque_ void *data, _Printf_format_string_ _Fc_conversions_(qs) const char "
        "*format, ...), void (*log_list)(_Printf_format_string_ const char *format, va_list list))";
    for (int i = 0; i < 2; i++) {
        const char *callee = i == 0 ? "i386-linux" : "x86_64-linux";
        assert_says(log, callee,
                    " 1 byte on both\n              sides; copied to this side\n"
                    "  then        as argument 2 `format` says, in the manner of printf\n"
                    "  its own     `%q` takes what `%s` does\n"
                    "  conversion  each as an argument of the type that its conversion takes, strings and the format\n"
                    "              copied to this side; with another one it is not called, and the call fails\n");
        assert_says(log, callee, "\n  va_list     as argument 1 `format` says, in the manner of printf\n");
    }
}

TEST(explain_tells_how_functions_are_called_back) {
    static const char call[] =
        "struct s { long a; }; void on_end(void);"
        "int f(_Fc_callback_once_ long (*cb)(_Fc_opaque_ void *data, int n, _In_reads_(n) const int *row,"
        " _Inout_ struct s *s, size_t size, struct s whole, int (*inner)(double)),"
        " _Fc_callback_until_(on_end) _Bool (*end)(_In_z_ const char *), int (*odd)(int *))";
    static const char *const wanted[] = {
        "\nparameter `cb` of f, if the library calls it:\n"
        "  life        until it has been called, once for each time that it is passed\n"
        "  argument 1  `data`, in: void *, 4 bytes there, 8 here: opaque: extended; a token becomes the\n"
        "              pointer that it stands for\n"
        "  argument 2  `n`, in: int, 4 bytes on both sides: as it is\n"
        "  argument 3  `row`, in: const int *, points to `n` elements of `const int`, 4 bytes on both\n"
        "              sides; the caller's own if the call was given it, in place where both sides see\n"
        "              it, else copied to this side\n"
        "  argument 4  `s`, in and out: struct s *, points to one `struct s`, 8 bytes here, 4 there; the\n"
        "              caller's own if the call was given it, else copied to this side (up to 256 bytes:\n"
        "              with the upcall) with what its pointers lead to, and what the function changes is\n"
        "              copied back\n"
        "  argument 5  `size`, in: size_t, 4 bytes there, 8 here: zero-extended; the top page, as\n"
        "              (size_t)-1, stays the top page\n"
        "  argument 6  `whole`, in: struct s, 8 bytes here, 4 there: member by member, as their types\n"
        "              change\n"
        "  argument 7  `inner`, in: int (*)(double), a function of this side that calls the library's\n"
        "  result      long, 8 bytes here, 4 there: checked and cut: -2147483648 to 2147483647, else\n"
        "              FC_ERANGE, and the call fails\n",
        "\nparameter `end` of f, if the library calls it:\n"
        "  life        until `on_end`\n"
        "  argument 1  in: const char *, points to a string of `const char`, 1 byte on both sides; the\n"
        "              caller's own if the call was given it, in place where both sides see it, else\n"
        "              copied to this side (up to 256 bytes: with the upcall)\n"
        "  result      _Bool, 1 byte on both sides: anything but 0 is true\n",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_says(call, "i386-linux", wanted[i]);
    }
    char *text = text_of(call, "x86_64-linux", "i386-linux");
    assert_null(strstr(text, "`odd` of f, if")); /* its argument says why not */
    assert_null(strstr(text, "more functions"));
    free(text);
    assert_says("struct api { void (*go)(void); }; int f(_In_ const struct api *api)", "i386-linux",
                "\nmember `go` of `struct api`, if the library calls it:\n"
                "  life        until the session is closed\n"
                "  result      void\n");
    assert_says("const char *(*f(void))(int)", "i386-linux", "\nthe result of f, if the library calls it:\n");
}

TEST(explain_counts_functions_beyond_a_table_of_them) {
    char call[8000] = "struct api {";
    for (int i = 0; i < 70; i++) {
        char member[60];
        snprintf(member, sizeof member, "void (*f%d)(struct s%d *);", i, i);
        strcat(call, member);
    }
    strcat(call, "}; int f(_In_ const struct api *api)");
    assert_says(call, "i386-linux", "\nmember `f63` of `struct api`, if the library calls it:\n");
    assert_says(call, "i386-linux", "\nand 6 more functions that the library may call\n");
}

static void assert_says_of_variable(const char *declaration, const char *wanted) {
    struct fc_options *options = fc_options_new();
    char text[4000];
    assert_non_null(options);
    assert_int_equal(fc_options_set_target(options, "i386-linux"), FC_OK);
    assert_ok(fc_explain(NULL, options, declaration, text, sizeof text, NULL));
    if (strstr(text, wanted) == NULL) {
        fail_msg("not in it: %s\n%s", wanted, text);
    }
    fc_options_free(options);
}

TEST(explain_tells_what_a_variable_is) {
    assert_says_of_variable("int v", "v, a variable: from ");
    assert_says_of_variable("int v", "  type        int\n"
                                     "  width       4 bytes on both sides\n"
                                     "  conversion  as it is\n"
                                     "  reading     copied from the library's memory\n"
                                     "  writing     copied to the library's memory");
    assert_says_of_variable("extern const int v[3] __asm__(\"w\")", "  symbol      w\n"
                                                                    "  type        const int [3]\n"
                                                                    "  width       12 bytes on both sides\n");
    assert_says_of_variable("const int v", "  writing     FC_EINVAL: it is declared const\n");
    assert_says_of_variable("struct s { char c; short n; } v[2]", "  width       8 bytes on both sides\n");
    assert_says_of_variable("int (*v)(int n)", "\nv, if the library calls it:\n");
    if (sizeof(long) == 8) {
        assert_says_of_variable("long v",
                                "  coming out  sign-extended\n  going in    checked and cut: -2147483648 to ");
        assert_says_of_variable("struct s { long n; short m; } v[2]",
                                "  conversion  member by member, as their types change\n"
                                "  n           at 0 here, 0 there\n"
                                "  m           at 8 here, 4 there\n");
        assert_says_of_variable("const char *v", "  conversion  what it points to is copied to this side");
    }
}

TEST(explain_tells_how_texts_change) {
    for (int i = 0; i < 2; i++) {
        const char *callee = i == 0 ? "i386-windows" : "x86_64-windows";
        assert_says("int f(_In_z_ const wchar_t *text)", callee,
                    "a string of `const wchar_t`, 4 bytes here, 2 there: UTF-32 here, UTF-16 there\n");
        assert_says("int f(_Fc_path_ _Fc_utf8_ LPCWSTR path)", callee,
                    "a string of `const char`, 1 byte here, 2 there: UTF-8 here, UTF-16 there; a path,");
        assert_says("int f(_Fc_path_ LPCSTR path)", callee,
                    "a string of `const char`, 1 byte on both sides; a path, of this system here");
        assert_says("struct s { wchar_t name[8]; }; int f(_In_ const struct s *s)", callee,
                    "name        at 0 here, 0 there: UTF-32 here, UTF-16 there\n");
    }
    assert_says("int f(_Fc_path_ _Fc_utf8_ const wchar_t *path)", "i386-linux", "UTF-8 here, UTF-32 there\n");
}

TEST(explain_tells_how_integers_change_in_both_directions) {
    static const struct {
        const char *type, *cut, *extended;
    } rows[] = {
        {"long", "checked and cut: -2147483648 to 2147483647, else FC_ERANGE, ", "sign-extended\n"},
        {"unsigned long", "checked and cut: 0 to 4294967295, else FC_ERANGE, ", "zero-extended\n"},
        {"size_t", "checked and cut: 0 to 4294967295, or in the top page, as (size_t)-1 is, else\n",
         "zero-extended; the top page, as (size_t)-1, stays the top page\n"},
        {"ssize_t", "checked and cut: -2147483648 to 2147483647, else FC_ERANGE, ", "sign-extended\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char prototype[100], wanted[200];
        snprintf(prototype, sizeof prototype, "void f(%s value)", rows[i].type);
        char *text = text_of(prototype, "x86_64-linux", "i386-linux");
        snprintf(wanted, sizeof wanted, "8 bytes here, 4 there\n  conversion  %s", rows[i].cut);
        assert_non_null(strstr(text, wanted));
        free(text);
        text = text_of(prototype, "i386-linux", "x86_64-linux");
        snprintf(wanted, sizeof wanted, "4 bytes here, 8 there\n  conversion  %s", rows[i].extended);
        assert_non_null(strstr(text, wanted));
        free(text);
        snprintf(prototype, sizeof prototype, "%s f(void)", rows[i].type);
        text = text_of(prototype, "x86_64-linux", "i386-linux");
        snprintf(wanted, sizeof wanted, "4 bytes there, 8 here\n  conversion  %s", rows[i].extended);
        assert_non_null(strstr(text, wanted));
        free(text);
        text = text_of(prototype, "i386-linux", "x86_64-linux");
        snprintf(wanted, sizeof wanted, "8 bytes there, 4 here\n  conversion  %s", rows[i].cut);
        assert_non_null(strstr(text, wanted));
        free(text);
    }
}

TEST(explain_tells_where_arguments_travel) {
    const char *const many = "void f(int, int, int, int, int, int, int a, double, long long b, int c)";
    assert_says(many, "x86_64-linux",
                "6 integer registers, 1 vector register, 3 stack words, 80 bytes, 48 of them in the");
    assert_says(many, "x86_64-linux", "travels in  r9, in the first cache line\n");
    assert_says(many, "x86_64-linux", "travels in  xmm0, beyond the first cache line\n");
    assert_says(many, "x86_64-linux", "travels in  stack word 2, beyond the first cache line\n");
    assert_says("void f(int, double, double, double, double, double, double)", "i386-linux",
                "travels in  stack words 11 and 12, across the end of the first cache line\n");
    assert_says("void f(double, double, double, double, double, double, int)", "i386-linux",
                "travels in  stack word 12, beyond the first cache line\n");
    assert_says("long long f(void)", "i386-linux", "travels in  edx and eax, ");
    assert_says("void f(void)", "i386-linux", "  frame       0 bytes\n");
}

TEST(explain_tells_why_a_call_is_not_short) {
    static const struct {
        const char *prototype, *wanted;
    } rows[] = {
        {"int f(int, double, char)", "yes: "},
        {"void f(void)", "yes: "},
        {"void f(int, long)", "yes: "},
        {"void f(const char *)", "yes: "},
        {"void f(_Inout_ long *)", "yes: "},
        {"void f(const char *, const char *)", "no: argument 1 is a pointer\n"},
        {"struct s; void f(struct s *)", "yes: "},
        {"struct s; long f(struct s *, _In_z_ const char *, size_t)", "yes: "},
        {"void f(_Fc_replace_(1, 2) int)", "no: argument 1 is converted\n"},
        {"void f(double, double, double, double, double, double, int)",
         "no: the arguments do not fit the first cache line\n"},
        {"const char *f(void)", "yes: "},
        {"const char *f(const char *)", "no: argument 1 is a pointer\n"},
        {"struct s; struct s *f(void)", "no: the result is a pointer\n"},
        {"float f(void)", "no: the result is a floating-point number\n"},
        {"bool f(void)", "yes: "},
        {"long f(void)", "yes: "},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fc__plan *plan = new_plan(rows[i].prototype, x86_64_linux, i386_linux);
        assert_int_equal(plan->is_short || plan->is_nearly_short, rows[i].wanted[0] == 'y');
        fc__plan_free(plan);
        assert_says(rows[i].prototype, "i386-linux", rows[i].wanted);
    }
}

TEST(explain_writes_sizes_as_the_prototype_does) {
    static const struct {
        const char *size, *wanted;
    } rows[] = {
        {"n", "`n`"},
        {"*m", "`*m`"},
        {"16", "`16`"},
        {"n + 0x10 * 2", "`n + 16 * 2`"},
        {"(n + 1) * 2", "`(n + 1) * 2`"},
        {"n - (1 - n)", "`n - (1 - n)`"},
        {"n - 1 - n", "`n - 1 - n`"},
        {"n / (2 * *m)", "`n / (2 * *m)`"},
        {"((n))", "`n`"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char prototype[200], wanted[200];
        snprintf(prototype, sizeof prototype, "void f(_In_reads_bytes_(%s) const void *p, int n, _In_ int *m)",
                 rows[i].size);
        snprintf(wanted, sizeof wanted, "points to   %s bytes\n", rows[i].wanted);
        assert_says(prototype, "i386-linux", wanted);
    }
    assert_says("void f(_In_reads_(n) const double *p, int n)", "i386-linux",
                "points to   `n` elements of 8 bytes on both sides\n");
    assert_says("void f(_Inout_updates_(n) long *p, int n)", "i386-linux",
                "points to   `n` elements of 8 bytes here, 4 there\n");
}

TEST(explain_tells_what_is_copied) {
    assert_says("void f(_Out_writes_(n) int *p, int n)", "i386-linux",
                "before      copied to scratch, so that what is not written stays as it was\n"
                "  after       what was changed is copied back\n"
                "  fc_alloc    not copied if it lies in such memory\n");
    assert_says("void f(_Out_writes_all_(n) int *p, int n)", "i386-linux",
                "before      nothing is copied; there is room for it in scratch\n"
                "  after       all of it is copied back\n");
    assert_says("void f(_Inout_updates_to_(8, 4) int *p)", "i386-linux",
                "before      copied to scratch\n"
                "  after       the first `4` elements are copied back where they were changed, never more than\n"
                "              there was room for\n");
    assert_says("void f(_Out_writes_to_(8, 4) long *p)", "i386-linux",
                "before      nothing is copied; there is room for it in scratch\n"
                "  after       the first `4` elements are copied back, never more than there was room for\n"
                "  fc_alloc    copied out of such memory too, since the widths differ\n");
    assert_says("void f(_In_reads_(5) const double *p)", "i386-linux",
                "before      copied to the first cache line if there is room, else to scratch\n");
    assert_says("void f(_In_reads_(6) const double *p)", "i386-linux", "before      copied to scratch\n");
    assert_says("struct s; void f(_Outptr_ struct s **p)", "i386-linux",
                "points to   one pointer, 8 bytes here, 4 there\n");
    assert_says("void f(void (*callback)(void))", "i386-linux",
                "a function of the callee takes its place, which calls the caller's; NULL stays");
    assert_says("void f(void (*callback)(int, ...))", "i386-linux",
                "only NULL can be passed, anything else is FC_EUNSUPPORTED:");
}

/* Every line but those that one long word takes keeps within its columns, and nothing is lost. */
TEST(explain_keeps_lines_short) {
    char name[300], prototype[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(prototype, sizeof prototype, "void f(_In_reads_bytes_(%s + 1) const void *p, int %s)", name, name);
    char *text = text_of(prototype, "x86_64-linux", "i386-linux");
    unsigned found = 0, long_lines = 0;
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += strlen(name)) {
        found++;
    }
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        assert_true(end == text || end[-1] != ' ');
        long_lines += end - line > (ptrdiff_t)FC__PLAN_TEXT_COLUMNS;
    }
    assert_int_equal(found, 2);
    assert_int_equal(long_lines, 2);
    free(text);
}

TEST(explain_cuts_a_plan_where_the_buffer_ends) {
    find_targets();
    struct fc__plan *plan = new_plan("size_t strlen(const char *)", x86_64_linux, i386_linux);
    char whole[4096], cut[4096];
    size_t len = fc__plan_text(plan, whole, sizeof whole);
    assert_in_range(len, 100, sizeof whole - 1);
    for (size_t size = 1; size <= len; size++) {
        memset(cut, 'x', sizeof cut);
        assert_int_equal(fc__plan_text(plan, cut, size), len);
        assert_int_equal(strlen(cut), size - 1);
        assert_memory_equal(cut, whole, size - 1);
        assert_int_equal(cut[size], 'x');
    }
    fc__plan_free(plan);
}

/* -- the public function ------------------------------------------------------------------------------------------- */

#define PROTOTYPE "unsigned long f(unsigned long a, _In_reads_(n) const int *p, size_t n)"

static struct fc_options *options_of(const char *target) {
    struct fc_options *options = fc_options_new();
    assert_ok(fc_options_set_target(options, target));
    return options;
}

TEST(explain_fills_a_buffer_that_is_large_enough) {
    struct fc_options *options = options_of(HARNESS_OTHER_TARGET);
    size_t needed = 0, again = 0;
    assert_ok(fc_explain(NULL, options, PROTOTYPE, NULL, 0, &needed));
    assert_true(needed > 100);
    char *buffer = malloc(needed);
    assert_non_null(buffer);
    memset(buffer, 'x', needed);
    assert_ok(fc_explain(NULL, options, PROTOTYPE, buffer, 0, &again)); /* a size of 0 writes nothing */
    assert_int_equal(again, needed);
    assert_int_equal(buffer[0], 'x');
    again = 77;
    assert_error(fc_explain(NULL, options, PROTOTYPE, buffer, needed - 1, &again), FC_EINVAL, "the buffer has");
    assert_error(fc_explain(NULL, options, PROTOTYPE, buffer, 1, &again), FC_EINVAL, "the buffer has 1");
    assert_int_equal(again, 77);
    assert_int_equal(buffer[0], 'x');
    assert_ok(fc_explain(NULL, options, PROTOTYPE, buffer, needed, NULL));
    assert_int_equal(strlen(buffer), needed - 1);
    assert_int_equal(strncmp(buffer, "f: from " HARNESS_OWN_TARGET " (here) to " HARNESS_OTHER_TARGET " (there)\n", 45),
                     0);
    free(buffer);
    fc_options_free(options);
}

TEST(explain_takes_the_target_from_either) {
    struct fc_options *options = options_of(HARNESS_OTHER_TARGET), *wrong = options_of(HARNESS_OWN_TARGET);
    const char *library = harness_library(HARNESS_OTHER_TARGET, "basic");
    char text[4096], same[4096];
    size_t needed = 77;
    assert_ok(fc_explain(library, NULL, PROTOTYPE, text, sizeof text, NULL));
    assert_ok(fc_explain(library, options, PROTOTYPE, same, sizeof same, NULL));
    assert_string_equal(text, same);
    assert_ok(fc_explain("libbasic.so", options, PROTOTYPE, same, sizeof same, NULL));
    assert_string_equal(text, same);
    assert_error(fc_explain(library, wrong, PROTOTYPE, NULL, 0, &needed), FC_ETARGET, "is a library for");
    assert_error(fc_explain("libbasic.so", NULL, PROTOTYPE, NULL, 0, &needed), FC_ETARGET, "nothing says");
    assert_error(fc_explain(NULL, NULL, PROTOTYPE, NULL, 0, &needed), FC_ETARGET, "nothing says");
    struct fc_options *none = fc_options_new();
    assert_error(fc_explain(NULL, none, PROTOTYPE, NULL, 0, &needed), FC_ETARGET, "nothing says");
    assert_error(fc_explain("/nowhere.so", NULL, PROTOTYPE, NULL, 0, &needed), FC_ENOENT, "/nowhere.so");
    assert_int_equal(needed, 77);
    fc_options_free(none);
    fc_options_free(wrong);
    fc_options_free(options);
}

TEST(explain_refuses_what_cannot_be_called) {
    struct fc_options *options = options_of(HARNESS_OTHER_TARGET);
    char buffer[8] = "kept";
    size_t needed = 77;
    assert_error(fc_explain(NULL, options, NULL, buffer, sizeof buffer, &needed), FC_EINVAL, "needs a prototype");
    assert_error(fc_explain(NULL, options, PROTOTYPE, NULL, 10, &needed), FC_EINVAL, "needs a prototype");
    assert_error(fc_explain(NULL, options, "int f(itn)", NULL, 0, &needed), FC_EPARSE, "prototype:1:7: ");
    assert_error(fc_explain(NULL, options, "typedef int f", NULL, 0, &needed), FC_EPARSE, "not a function");
    assert_error(fc_explain(NULL, options, "", NULL, 0, &needed), FC_EPARSE, "not a function");
    assert_error(fc_explain(NULL, options, "int f(__int128)", NULL, 0, &needed), FC_EUNSUPPORTED, "__int128");
    assert_error(fc_explain(NULL, options, "int f(void *)", NULL, 0, &needed), FC_EANNOTATION, "_In_reads_bytes_");
    assert_int_equal(needed, 77);
    assert_string_equal(buffer, "kept");
    assert_ok(fc_explain(NULL, options, PROTOTYPE, NULL, 0, NULL));
    fc_options_free(options);
}
