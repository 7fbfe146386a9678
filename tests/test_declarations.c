/* Whole headers: read for both sides, annotated by a sidecar, bound by name. */
#include "call.h"

#include <pthread.h>

/* What a preprocessor prints of a vendor's header: another text for each width. The functions are those of tests/libs. */
static const char *vendor_text(const char *target) {
    return strcmp(target, "i386-linux") == 0 ? "# 1 \"vendor.h\"\n"
                                               "typedef unsigned int size_t;\n"
                                               "typedef unsigned int sum_t;\n"
                                               "struct pair { int first; short kind; };\n"
                                               "static inline int twice(int a) { return a + a; }\n"
                                               "int calls_made(void);\n"
                                               "int Add(int a, int b);\n"
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
    assert_error(fc_bind(library, "struct other { int a; };", &function), FC_EPARSE, "declares no function");
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
    const char *const names[] = {"twice", "calls_made", "checksum", "Add", "later", NULL};
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

/* -- many threads ------------------------------------------------------------------------------------------------------- */

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
