/* Whole headers: read for both sides, annotated by a sidecar, bound by name. What of them cannot be read:
 * test_declarations_skipped.c. */
#include "call.h"

#include <pthread.h>

/* What a preprocessor prints of a vendor's header: another text for each width. The functions are those of
 * tests/libs. */
static const char *vendor_text(const char *target) {
    return strcmp(target, "i386-linux") == 0 ? "# 1 \"vendor.h\"\n"
                                               "typedef unsigned int size_t;\n"
                                               "typedef unsigned int sum_t;\n"
                                               "struct pair { int first; short kind; };\n"
                                               "static inline int twice(int a) { return a + a; }\n"
                                               "int calls_made(void);\n"
                                               "int Add(int a, int b);\n"
                                               "int sum_of(int a, int b) __asm__(\"\" \"Add\");\n"
                                               "# 40 \"vendor.h\"\n"
                                               "sum_t checksum(const void *data, size_t size);\n"
                                               "int narrow_only(void);\n"
                                             : "# 1 \"vendor.h\"\n"
                                               "typedef unsigned long size_t;\n"
                                               "typedef unsigned int sum_t;\n"
                                               "struct pair { short kind; long first; };\n"
                                               "static inline int twice(int a) { return a + a; }\n"
                                               "int calls_made(void);\n"
                                               "int Add(int a, int b);\n"
                                               "int sum_of(int a, int b) __asm__(\"\" \"Add\");\n"
                                               "# 40 \"vendor.h\"\n"
                                               "sum_t checksum(const void *data, size_t size);\n"
                                               "int wide_only(void);\n";
}
#define SIDECAR "unsigned checksum(_In_reads_bytes_(size) const void *data, size_t size);"

static struct fc_declarations *read_for(const char *target) {
    struct fc_declarations *declarations = NULL;
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, "vendor.i", vendor_text(HARNESS_OWN_TARGET), vendor_text(target)));
    return declarations;
}

static struct fc_library *open_declared(const char *target, const char *name, struct fc_declarations *declarations) {
    struct fc_library *library = call_open(target, name);
    assert_ok(fc_library_declare(library, declarations));
    return library;
}

#define TAKE_MIDDLE(more)                                                                                              \
    "struct three { int first; " more "long last; }; int take_middle(_Inout_ struct three *three);"

TEST(member_that_only_the_library_has_is_zero) {
    struct three {
        int first;
        long last;
    } three[2];
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = NULL;
        assert_ok(fc_declarations_new(target, &declarations));
        assert_ok(fc_declarations_read(declarations, "three.i", TAKE_MIDDLE(""), TAKE_MIDDLE("int middle; ")));
        struct fc_library *library = open_declared(target, "buffers", declarations);
        struct fc_function *take = NULL;
        assert_ok(fc_bind(library, "take_middle", &take));
        memset(three, 0x55, sizeof three); /* what is between the members is the library's middle */
        three[0].first = 7;
        for (int i = 0; i < 3; i++) {
            int middle = -1;
            three[0].last = i;
            assert_ok(fc_call(take, &middle, &three[0]));
            assert_int_equal(middle, 0);
            assert_int_equal(three[0].first, 7);
            assert_int_equal(three[0].last, i + 1);
        }
        fc_declarations_free(declarations);
        fc_library_close(library);
    }
}

TEST(function_is_bound_by_its_name_alone) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = read_for(target);
        struct fc_library *library = open_declared(target, "basic", declarations);
        fc_declarations_free(declarations); /* the library keeps it */
        struct fc_function *function = NULL;
        assert_ok(fc_bind(library, " Add\n", &function));
        assert_string_equal(fc_function_name(function), "Add");
        int sum = 0;
        assert_ok(fc_call(function, &sum, 20, 22));
        assert_int_equal(sum, 42);
        fc_library_close(library);
    }
}

TEST(function_is_found_by_the_symbol_of_its_label) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = read_for(target);
        struct fc_library *library = open_declared(target, "basic", declarations);
        struct fc_function *function = NULL;
        int sum = 0;
        assert_ok(fc_bind(library, "sum_of", &function));
        assert_string_equal(fc_function_name(function), "sum_of");
        assert_ok(fc_call(function, &sum, 20, 22));
        assert_int_equal(sum, 42);
        assert_ok(fc_declarations_amend(declarations, "side", "_Fc_fails_with_(-1) int sum_of(int a, int b);"));
        assert_ok(fc_bind(library, "sum_of", &function));
        assert_ok(fc_call(function, &sum, 1, 2));
        assert_int_equal(sum, 3);
        assert_ok(fc_call(call_bind(library, "int plus(int a, int b) asm(\"Add\")"), &sum, 3, 4));
        assert_int_equal(sum, 7);
        assert_error(fc_bind(library, "int plus(int a, int b) asm(\"Ad\" \"ding\")", &function), FC_ESYMBOL,
                     "does not export `Adding`");
        fc_library_close(library);
        fc_declarations_free(declarations);
    }
}

TEST(sidecar_annotates_what_the_header_left_open) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = read_for(target);
        struct fc_library *library = open_declared(target, "buffers", declarations);
        struct fc_function *function = NULL;
        assert_error(fc_bind(library, "checksum", &function), FC_EANNOTATION, "parameter `data` of checksum");
        assert_error_text("vendor.h:40: declared here");
        const int wrong = fc_declarations_amend(declarations, "side", "int checksum(_In_z_ const char *text);");
        assert_int_equal(wrong, FC_EPARSE);
        assert_error_text("side:1:");
        assert_error_text("vendor.h:40");
        assert_ok(fc_declarations_amend(declarations, "side", SIDECAR));
        assert_ok(fc_bind(library, "checksum", &function));
        unsigned sum = 0, again = 0;
        assert_ok(fc_call(function, &sum, "farcall", (size_t)7));
        assert_ok(fc_call(call_bind(library, SIDECAR), &again, "farcall", (size_t)7));
        assert_int_equal(sum, again);
        assert_int_not_equal(sum, 0);
        fc_library_close(library);
        fc_declarations_free(declarations);
    }
}

TEST(prototype_as_text_uses_what_is_declared_and_leaves_it_as_it_was) {
    struct fc_declarations *declarations = read_for(HARNESS_OWN_TARGET);
    struct fc_library *library = open_declared(HARNESS_OWN_TARGET, "buffers", declarations);
    struct fc_function *function = NULL;
    char text[4096];
    assert_ok(fc_bind(library, "sum_t checksum(_In_reads_bytes_(size) const void *data, size_t size)", &function));
    assert_error(fc_bind(library, "checksum", &function), FC_EANNOTATION, "checksum");
    assert_error(fc_bind(library, "struct other { int a; };", &function), FC_EPARSE,
                 "declares no function or variable");
    assert_ok(fc_declarations_explain(declarations, "int f(_Inout_ struct pair *pair)", text, sizeof text, NULL));
    assert_non_null(strstr(text, "`struct pair`"));
    assert_error(fc_bind(library, "f", &function), FC_EINVAL, "`f` is not declared");
    assert_error(fc_bind(library, "struct other *g(void)", &function), FC_ESYMBOL, "does not export `g`");
    assert_error(fc_bind(library, "int broken(", &function), FC_EPARSE, "prototype:1:");
    fc_library_close(library);
    fc_declarations_free(declarations);
}

TEST(members_are_paired_by_name) {
    struct fc_declarations *declarations = read_for(HARNESS_OTHER_TARGET);
    char text[4096];
    assert_ok(fc_declarations_explain(declarations, "int f(_Inout_ struct pair *pair)", text, sizeof text, NULL));
    const bool is_wide = sizeof(long) == 8;
    assert_non_null(strstr(text, is_wide ? "at 8 here, 0 there" : "at 0 here, 8 there")); /* first */
    assert_non_null(strstr(text, is_wide ? "at 0 here, 4 there" : "at 4 here, 0 there")); /* kind */
    fc_declarations_free(declarations);
}

TEST(what_one_side_lacks_is_refused) {
    struct fc_declarations *declarations = read_for(HARNESS_OTHER_TARGET);
    const char *const mine = sizeof(long) == 8 ? "wide_only" : "narrow_only";
    const char *const theirs = sizeof(long) == 8 ? "narrow_only" : "wide_only";
    char text[4096];
    assert_error(fc_declarations_explain(declarations, mine, text, sizeof text, NULL), FC_EUNSUPPORTED,
                 "is declared for " HARNESS_OWN_TARGET " (vendor.h:41), but not for " HARNESS_OTHER_TARGET);
    assert_error(fc_declarations_explain(declarations, theirs, text, sizeof text, NULL), FC_EUNSUPPORTED,
                 "is declared for " HARNESS_OTHER_TARGET " (vendor.h:41), but not for " HARNESS_OWN_TARGET);
    assert_error(fc_declarations_explain(declarations, "calls_mode", text, sizeof text, NULL), FC_EINVAL,
                 "did you mean 'calls_made'?");
    fc_declarations_free(declarations);
}

TEST(functions_can_be_listed) {
    struct fc_declarations *declarations = read_for(HARNESS_OTHER_TARGET);
    assert_ok(fc_declarations_amend(declarations, "more", "int Add(int a, int b); int later(void); int variable;"));
    const char *const names[] = {"twice", "calls_made", "sum_of", "checksum", "Add", "later", NULL};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *name = fc_declarations_function(declarations, i);
        assert_int_equal(name == NULL, names[i] == NULL);
        if (name != NULL && names[i] != NULL) {
            assert_string_equal(name, names[i]);
        }
    }
    assert_null(fc_declarations_function(declarations, SIZE_MAX));
    assert_null(fc_declarations_function(NULL, 0));
    fc_declarations_free(declarations);
}

TEST(text_that_is_refused_for_one_side_is_read_for_neither) {
    struct fc_declarations *declarations = read_for(HARNESS_OTHER_TARGET);
    char text[4096];
    assert_int_equal(fc_declarations_read(declarations, "second", "int f(int);", "int f(int;"), FC_EPARSE);
    assert_error_text("second:1:");
    assert_error_text("in the text for " HARNESS_OTHER_TARGET);
    assert_error(fc_declarations_explain(declarations, "f", text, sizeof text, NULL), FC_EINVAL, "not declared");
    assert_int_equal(fc_declarations_read(declarations, "third", "int f(int", "int f(int);"), FC_EPARSE);
    assert_error_text("in the text for " HARNESS_OWN_TARGET);
    assert_ok(fc_declarations_read(declarations, "fourth", "int f(int);", "int f(int);"));
    assert_ok(fc_declarations_explain(declarations, "f", text, sizeof text, NULL));
    struct fc_declarations *fresh = NULL;
    assert_ok(fc_declarations_new(HARNESS_OTHER_TARGET, &fresh));
    assert_error(fc_declarations_explain(fresh, "f", text, sizeof text, NULL), FC_EINVAL, "nothing was declared");
    assert_int_equal(fc_declarations_read(fresh, "first", "int f(int);", "int f(int;"), FC_EPARSE);
    assert_error(fc_declarations_explain(fresh, "f", text, sizeof text, NULL), FC_EINVAL, "nothing was declared");
    assert_ok(fc_declarations_explain(fresh, "struct s { int a; }; int f(_In_ struct s *s)", text, sizeof text, NULL));
    assert_ok(fc_declarations_explain(fresh, "int f(_In_ struct s *s)", text, sizeof text, NULL));
    assert_non_null(strstr(text, "opaque")); /* its body is forgotten */
    fc_declarations_free(fresh);
    fc_declarations_free(declarations);
}

/* -- what `...` passes --------------------------------------------------------------------------------------------- */

/* What a header says of tests/libs/variadic.c. */
#define VARIADIC_HEADER                                                                                                \
    "typedef __builtin_va_list va_list;\n"                                                                             \
    "struct pair { int a; double b; };\n"                                                                              \
    "double sum_of(const char *types, ...);\n"                                                                         \
    "int put_text(char *to, size_t size, const char *format, ...);\n"                                                  \
    "int put_list(char *to, size_t size, const char *format, va_list list);\n"                                         \
    "long long configure(int what, ...);\n"
#define VARIADIC_SIDECAR                                                                                               \
    "int put_text(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, ...);\n"        \
    "int put_list(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, va_list "       \
    "list);\n"

static struct fc_library *open_variadic(const char *target) {
    struct fc_declarations *declarations = NULL;
    struct fc_library *library = call_open(target, "variadic");
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, "variadic.h", VARIADIC_HEADER, VARIADIC_HEADER));
    assert_ok(fc_declarations_amend(declarations, "sidecar", VARIADIC_SIDECAR));
    assert_ok(fc_library_declare(library, declarations));
    fc_declarations_free(declarations);
    return library;
}

__attribute__((format(printf, 3, 4))) static int call_put_list(struct fc_function *put_list, char *text,
                                                               const char *format, ...) {
    va_list list;
    int result = -1;
    va_start(list, format);
    assert_ok(fc_call(put_list, &result, text, (size_t)100, format, list));
    va_end(list);
    return result;
}

TEST(format_functions_of_a_header_are_bound_by_name) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_variadic(target);
        struct fc_function *put_text = call_bind(library, "put_text"), *put_list = call_bind(library, "put_list");
        assert_ok(fc_library_declare(library, NULL)); /* what is bound does not need it any more */
        char text[100] = "";
        for (int i = 0; i < 3; i++) {
            int result = -1;
            assert_ok(fc_call(put_text, &result, text, sizeof text, "%d %s %.2f %ld", i, "of 3", 0.5, -7L));
            assert_int_equal(result, 14);
            assert_string_equal(text + 1, " of 3 0.50 -7");
            assert_int_equal(call_put_list(put_list, text, "<%lld, %s>", 1LL << 40, "list"), 21);
            assert_string_equal(text, "<1099511627776, list>");
        }
        assert_error(fc_call(put_text, NULL, text, sizeof text, "%y", 1), FC_EINVAL, "`%y`");
        fc_library_close(library);
    }
}

TEST(calls_of_a_variadic_function_are_written_out_with_the_types_of_its_header) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_variadic(target);
        struct fc_function *function = NULL;
        assert_error(fc_bind(library, "configure", &function), FC_EUNSUPPORTED,
                     "Write behind the `...` what a call passes there");
        struct fc_function *ints = call_bind(library, "long long configure(int what, ..., int, int)");
        struct fc_function *text = call_bind(library, "long long configure(int what, ..., _In_z_ const char *)");
        struct fc_function *nothing = call_bind(library, "long long configure(int what)");
        struct fc_function *sum =
            call_bind(library, "double sum_of(_In_z_ const char *types, ..., struct pair, _Out_ int *)");
        const struct pair {
            int a;
            double b;
        } pair = {3, 0.5};
        long long answer = 0;
        double total = 0;
        int out = 0;
        assert_ok(fc_call(ints, &answer, 1, 40, 2));
        assert_int_equal(answer, 42);
        assert_ok(fc_call(text, &answer, 2, "four"));
        assert_int_equal(answer, 4);
        assert_ok(fc_call(nothing, &answer, 4));
        assert_int_equal(answer, -1);
        assert_ok(fc_call(sum, &total, "Po", pair, &out));
        assert_true(total == 3.5);
        assert_int_equal(out, 77);
        assert_error(fc_bind(library, "int configure(int what, ..., int)", &function), FC_EPARSE, "variadic.h:6");
        assert_error(fc_bind(library, "long long configure(long what, ..., int)", &function), FC_EPARSE,
                     "variadic.h:6");
        assert_error(fc_bind(library, "int put_list(char *to, ...)", &function), FC_EPARSE, "variadic.h:5");
        fc_library_close(library);
    }
}

static struct fc_library *open_configure(const char *target, struct fc_declarations **ret_declarations,
                                         const char *sidecar) {
    struct fc_library *library = call_open(target, "variadic");
    assert_ok(fc_declarations_new(target, ret_declarations));
    assert_ok(fc_declarations_amend(*ret_declarations, "variadic.h", "long long configure(int what, ...);"));
    assert_ok(fc_declarations_amend(*ret_declarations, "sidecar", sidecar));
    assert_ok(fc_library_declare(library, *ret_declarations));
    return library;
}

/* A sidecar may have as many as it likes: one is picked by its types, and the last one by the name alone. */
TEST(sidecar_writes_calls_of_a_variadic_function_out) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = NULL;
        struct fc_library *library = open_configure(target, &declarations,
                                                    "long long configure(int what, ..., _Out_ long *value);"
                                                    "long long configure(int what, ..., const char *);"
                                                    "long long configure(int what, ..., int, int);");
        struct fc_function *ints = call_bind(library, "configure");
        struct fc_function *out = call_bind(library, "long long configure(int, ..., long *)"); /* the sidecar's words */
        long long answer = 0;
        long value = 0;
        assert_ok(fc_call(ints, &answer, 1, 40, 2));
        assert_int_equal(answer, 42);
        assert_ok(fc_call(out, &answer, 3, &value));
        assert_int_equal(value, 12345);
        fc_library_close(library);
        fc_declarations_free(declarations);
    }
}

TEST(sidecar_says_for_which_calls_a_row_is) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = NULL;
        struct fc_library *library =
            open_configure(target, &declarations,
                           "_Fc_when_(what == 1) long long configure(int what, ..., int, int);"
                           "_Fc_when_(what == 2) long long configure(int what, ..., _In_z_ const char *);"
                           "_Fc_when_(what == 7) long long configure(int what, ..., int, int);");
        struct fc_function *configure = call_bind(library, "configure");
        struct fc_function *text = call_bind(library, "long long configure(int, ..., const char *)");
        struct fc_function *again = call_bind(library, "configure");
        long long answer = 0;
        assert_ok(fc_call(configure, &answer, 1, 40, 2));
        assert_int_equal(answer, 42);
        assert_ok(fc_call(again, &answer, 7, 40, 2));
        assert_int_equal(answer, -1);
        assert_ok(fc_call(text, &answer, 2, "three")); /* alone, and without the condition */
        assert_int_equal(answer, 5);
        assert_ok(fc_call(text, &answer, 8, "three"));
        assert_int_equal(answer, -1);
        assert_error(
            fc_declarations_amend(declarations, "other", "_Fc_when_(what == 3) long long configure(long what);"),
            FC_EPARSE, "variadic.h:1");
        fc_library_close(library);
        fc_declarations_free(declarations);
    }
}

TEST(format_that_is_declared_otherwise_later_is_refused) {
    struct fc_declarations *declarations = NULL;
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "variadic");
    char text[100];
    assert_ok(fc_declarations_new(HARNESS_OWN_TARGET, &declarations));
    assert_ok(fc_declarations_amend(declarations, "sidecar", "typedef __builtin_va_list va_list;" VARIADIC_SIDECAR));
    assert_ok(fc_library_declare(library, declarations));
    struct fc_function *put_text = call_bind(library, "put_text");
    assert_ok(fc_call(put_text, NULL, text, sizeof text, "%d", 1));
    assert_ok(fc_declarations_amend(
        declarations, "other", "int put_text(_Out_writes_(size) char *to, size_t size, _In_z_ const char *, ...);"));
    assert_ok(fc_call(put_text, NULL, text, sizeof text, "%d", 2)); /* as it was found before */
    assert_error(fc_call(put_text, NULL, text, sizeof text, "%s", "2"), FC_EUNSUPPORTED, "Write behind the `...`");
    fc_library_close(library);
    fc_declarations_free(declarations);
}

TEST(variables_of_a_header_are_bound_by_name) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = NULL;
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *variable = NULL;
        assert_ok(fc_declarations_new(target, &declarations));
        assert_ok(fc_declarations_amend(declarations, "variables.h",
                                        "struct point { short x; long long y; long z; };"
                                        "extern struct point place; extern int counter; int get_counter(void);"));
        assert_ok(fc_library_declare(library, declarations));
        struct {
            short x;
            long long y;
            long z;
        } point;
        assert_ok(fc_variable_bind(library, "place", &variable));
        assert_int_equal(fc_variable_size(variable), sizeof point);
        assert_ok(fc_variable_read(variable, &point));
        assert_int_equal(point.x + point.y + point.z, 6);
        assert_ok(fc_variable_bind(library, "extern struct point places[2]", &variable)); /* with the header's types */
        assert_int_equal(fc_variable_size(variable), 2 * sizeof point);
        assert_error(fc_variable_bind(library, "get_counter", &variable), FC_EPARSE, "is not a variable's");
        assert_error(fc_variable_bind(library, "countr", &variable), FC_EINVAL, "did you mean 'counter'?");
        struct fc_function *function = NULL;
        assert_error(fc_bind(library, "counter", &function), FC_EPARSE, "is not a function's");
        fc_library_close(library);
        fc_declarations_free(declarations);
    }
}

/* -- what is wrong ------------------------------------------------------------------------------------------------- */

TEST(wrong_uses_are_errors) {
    struct fc_declarations *declarations = NULL;
    struct fc_function *function = NULL;
    assert_error(fc_declarations_new("vax-vms", &declarations), FC_ETARGET, "vax-vms");
    assert_error(fc_declarations_new(NULL, &declarations), FC_EINVAL, "target");
    assert_null(declarations);
    fc_declarations_free(NULL);
    assert_error(fc_declarations_read(NULL, "a", "", ""), FC_EINVAL, "text");
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "basic");
    assert_error(fc_bind(library, "Add", &function), FC_EINVAL, "`Add` is a name alone");
    declarations = read_for(HARNESS_OTHER_TARGET);
    assert_error(fc_library_declare(library, declarations), FC_ETARGET, HARNESS_OTHER_TARGET);
    assert_error(fc_library_declare(NULL, declarations), FC_EINVAL, "library");
    assert_error(fc_declarations_amend(declarations, "a", NULL), FC_EINVAL, "text");
    fc_declarations_free(declarations);
    assert_ok(fc_library_declare(library, NULL));
    fc_library_close(library);
}

/* -- many threads -------------------------------------------------------------------------------------------------- */

static void *bind_and_amend(void *argument) {
    struct fc_library *library = argument;
    for (unsigned round = 0; round < call_scaled(200); round++) {
        struct fc_function *function = NULL;
        int sum = 0;
        if (fc_bind(library, round % 2 == 0 ? "Add" : "int Add(int, int)", &function) != FC_OK ||
            fc_call(function, &sum, 3, (int)round) != FC_OK || sum != 3 + (int)round) {
            return (void *)fc_error_text();
        }
    }
    return NULL;
}

TEST(threads_bind_while_others_read) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct fc_declarations *declarations = read_for(HARNESS_OWN_TARGET);
    struct fc_library *library = open_declared(HARNESS_OWN_TARGET, "basic", declarations);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, bind_and_amend, library), 0);
    }
    for (int i = 0; i < 50; i++) {
        char text[64];
        snprintf(text, sizeof text, "int more_%d(int a);", i);
        assert_ok(fc_declarations_amend(declarations, "more", text));
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failure = NULL;
        pthread_join(threads[i], &failure);
        assert_null(failure);
    }
    fc_library_close(library);
    fc_declarations_free(declarations);
}
