/* Declarations of a header that cannot be read: left out, and listed. */
#include "call.h"

/* Blocks are no C. */
#define ODD_HEADER                                                                                                     \
    "# 1 \"odd.h\"\n"                                                                                                  \
    "int with_block(int (^block)(int)), calls_made(void);\n"                                                           \
    "struct odd { struct { int (^inner)(int); } part; int a; };\n"                                                     \
    "int use_odd(struct odd *odd);\n"                                                                                  \
    "typedef struct { int (^function)(int); } holder, *holders;\n"                                                     \
    "static inline int with_body(int (^block)(int)) { return block(1); }\n"                                            \
    "int calls_made(void);\n"                                                                                          \
    "#pragma pack(push, 1)\n"                                                                                          \
    "int broken(holder \n"                                                                                             \
    "           *h);\n"                                                                                                \
    "#pragma pack(pop)\n"                                                                                              \
    "enum colour { RED, GREEN = 1 +, BLUE };\n"                                                                        \
    "struct good { char a; long b; };\n"                                                                               \
    "int size_good(_In_reads_bytes_(sizeof(struct good)) void *p);\n"                                                  \
    "int Add(int a, int b);\n"

TEST(declaration_that_cannot_be_read_is_left_out) {
    for (EACH_TARGET(target)) {
        struct fc_declarations *declarations = NULL;
        struct fc_library *library = call_open(target, "basic");
        struct fc_function *function = NULL;
        assert_ok(fc_declarations_new(target, &declarations));
        assert_ok(fc_declarations_amend(declarations, "first", "struct unfinished; int first(void);"));
        assert_error(fc_bind(library, "none", &function), FC_EINVAL, "no declarations");
        assert_ok(fc_declarations_read(declarations, "odd.i", ODD_HEADER, ODD_HEADER));
        assert_error_text("no declarations"); /* it was no error */
        assert_ok(fc_library_declare(library, declarations));
        int sum = 0;
        assert_ok(fc_call(call_bind(library, "Add"), &sum, 20, 22));
        assert_int_equal(sum, 42);
        call_bind(library, "calls_made");
        assert_error(fc_bind(library, "with_block", &function), FC_EINVAL,
                     "`with_block` is not declared in first; a declaration that has it in it could not be read:\n"
                     "odd.h:1:21: ");
        assert_error_text("int with_block(int (^block)(int)), calls_made(void);\n");
        assert_error(fc_bind(library, "with_body", &function), FC_EINVAL, "odd.h:5:");
        assert_error(fc_bind(library, "broken", &function), FC_EINVAL, "unknown type name 'holder'");
        assert_error(fc_bind(library, "with", &function), FC_EINVAL,
                     "`with` is not declared in first"); /* part of a word */
        assert_error(fc_bind(library, "use_odd", &function), FC_EANNOTATION, "parameter `odd` of use_odd");
        assert_error(fc_bind(library, "int use_odd(_In_ struct odd *odd)", &function), FC_EUNSUPPORTED,
                     "its declaration could not be read");
        assert_error(
            fc_bind(library, "struct more { struct odd odd; }; int use_more(_In_ struct more *more)", &function),
            FC_EUNSUPPORTED, "its declaration could not be read");
        const char *const places[] = {
            "odd.h:1:21: ", "odd.h:2:28: ", "odd.h:4:23: ", "odd.h:5:34: ", "odd.h:8:12: ", "odd.h:11:31: "};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            const char *why = fc_declarations_skipped(declarations, i);
            assert_non_null(why);
            assert_int_equal(strncmp(why, places[i], strlen(places[i])), 0);
        }
        assert_null(fc_declarations_skipped(declarations, sizeof places / sizeof places[0]));
        fc_library_close(library);
        fc_declarations_free(declarations);
    }
    assert_null(fc_declarations_skipped(NULL, 0));
}

/* Their sizes may name members that were left out, and nobody knows how wide the enum is. */
TEST(what_lies_within_a_struct_that_is_left_out_is_left_out) {
    static const char text[] = "struct outer { int n; enum wide { WIDE = 0x100000000 } w;\n"
                               "  struct inner { int m; _Field_size_(n) int *to; } in; block b; };\n"
                               "enum odd_values { ODD = 1 +, EVEN }; struct behind { int a; };\n";
    for (int is_further = 0; is_further < 2; is_further++) {
        for (EACH_TARGET(target)) {
            struct fc_declarations *declarations = NULL;
            struct fc_library *library = call_open(target, "basic");
            struct fc_function *function = NULL;
            assert_ok(fc_declarations_new(target, &declarations));
            if (is_further) {
                assert_ok(fc_declarations_read(declarations, "first", "int first(void);", "int first(void);"));
            }
            assert_ok(fc_declarations_read(declarations, "outer.i", text, text));
            assert_ok(fc_library_declare(library, declarations));
            const char *const uses[] = {"int Add(_In_ struct inner *)", "int Add(_In_ struct outer *)",
                                        "int Add(enum wide)", "int Add(enum odd_values)"};
            for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
                assert_error(fc_bind(library, uses[i], &function), FC_EUNSUPPORTED,
                             "its declaration could not be read");
            }
            assert_error(fc_bind(library, "int Add(_In_ struct outer *, struct behind)", &function), FC_EUNSUPPORTED,
                         "`struct outer`");
            assert_ok(fc_bind(library, "int Add(_Inout_ struct behind *)", &function));
            assert_error(fc_bind(library, "int Add(struct behind *)", &function), FC_EANNOTATION, "");
            fc_library_close(library);
            fc_declarations_free(declarations);
        }
    }
}

TEST(declarations_behind_one_that_is_left_out_are_found) {
    static const char first[] = "int f(const int *);";
    static const char text[] = "int f(_In_ const int *), g(int), h(block); int k(int);";
    struct fc_declarations *declarations = NULL;
    char explained[4096];
    assert_ok(fc_declarations_new(HARNESS_OTHER_TARGET, &declarations));
    assert_ok(fc_declarations_read(declarations, "first", first, first));
    assert_ok(fc_declarations_read(declarations, "text", text, text));
    assert_ok(fc_declarations_explain(declarations, "g", explained, sizeof explained, NULL));
    assert_ok(fc_declarations_explain(declarations, "k", explained, sizeof explained, NULL));
    fc_declarations_free(declarations);
}

TEST(declaration_that_one_side_cannot_read_is_left_out_there) {
    struct fc_declarations *declarations = NULL;
    char text[4096];
    assert_ok(fc_declarations_new(HARNESS_OTHER_TARGET, &declarations));
    assert_ok(fc_declarations_read(declarations, "odd.i",
                                   "int mine(int); int both(int (^)(int)); int theirs(int (^)(int));",
                                   "int mine(int (^)(int)); int both(int (^)(int)); int theirs(int);"));
    assert_error(fc_declarations_explain(declarations, "mine", text, sizeof text, NULL), FC_EUNSUPPORTED,
                 "but not for " HARNESS_OTHER_TARGET
                 "; a declaration that has it in it could not be read:\nodd.i:1:15: ");
    assert_error(fc_declarations_explain(declarations, "theirs", text, sizeof text, NULL), FC_EUNSUPPORTED,
                 "but not for " HARNESS_OWN_TARGET
                 "; a declaration that has it in it could not be read:\nodd.i:1:56: ");
    assert_non_null(fc_declarations_skipped(declarations, 3));
    assert_null(fc_declarations_skipped(declarations, 4));
    fc_declarations_free(declarations);
}

TEST(text_that_has_no_end_of_a_declaration_is_refused) {
    static const char *const texts[] = {"int f(int (^; int g(int);", "struct s { int (^a)(int); ; int g(int);",
                                        "int f(int (^)(int)",        "} int g(int);",
                                        "int f(^)] ; int g(int);",   "int f ^"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (int is_further = 0; is_further < 2; is_further++) {
            struct fc_declarations *declarations = NULL;
            char text[4096];
            assert_ok(fc_declarations_new(HARNESS_OTHER_TARGET, &declarations));
            if (is_further) {
                assert_ok(fc_declarations_read(declarations, "odd.i", ODD_HEADER, ODD_HEADER));
            }
            assert_error(fc_declarations_read(declarations, "broken", texts[i], texts[i]), FC_EPARSE, "broken:1:");
            assert_int_equal(fc_declarations_read(declarations, "broken", "int h(int (^)(int));", texts[i]), FC_EPARSE);
            assert_error(fc_declarations_explain(declarations, "g", text, sizeof text, NULL), FC_EINVAL, "");
            assert_int_equal(fc_declarations_skipped(declarations, 5) != NULL, is_further);
            assert_null(fc_declarations_skipped(declarations, 6)); /* h was taken back */
            fc_declarations_free(declarations);
        }
    }
}

/* What a person writes by hand is to be right. */
TEST(nothing_is_left_out_of_a_sidecar) {
    struct fc_declarations *declarations = NULL;
    assert_ok(fc_declarations_new(HARNESS_OTHER_TARGET, &declarations));
    assert_error(fc_declarations_amend(declarations, "side", "int f(int (^)(int)); int g(int);"), FC_EPARSE,
                 "side:1:12: ");
    assert_ok(fc_declarations_read(declarations, "odd.i", ODD_HEADER, ODD_HEADER));
    assert_error(fc_declarations_amend(declarations, "side", "int f(int (^)(int)); int g(int);"), FC_EPARSE,
                 "side:1:12: ");
    assert_null(fc_declarations_skipped(declarations, 6));
    fc_declarations_free(declarations);
}
