/* What fc__decl_parse refuses, and the whole text of each error. */
#include "harness.h"

#include "decl_text.h"

static void refuse_bytes(const char *source, size_t len, int code, const char *text) {
    struct fc__unit unit;
    struct fc__error err;
    char *exact = malloc(len + (len == 0)); /* so that a read past the end is seen */
    assert_non_null(exact);
    memcpy(exact, source, len);
    memset(&unit, 0x55, sizeof unit);
    struct fc__unit untouched = unit;
    int error = fc__decl_parse(exact, len, "test", &unit, &err);
    free(exact);
    assert_int_not_equal(error, FC_OK);
    assert_string_equal(err.text, text);
    assert_int_equal(error, code);
    assert_int_equal(err.code, code);
    assert_memory_equal(&unit, &untouched, sizeof unit);
}

static void refuse(const char *source, int code, const char *text) {
    refuse_bytes(source, strlen(source), code, text);
}

/* One line of source, the column of the error, and its message. */
struct row {
    const char *source;
    unsigned column;
    const char *message;
};

static void refuse_rows(const struct row *rows, size_t count, int code) {
    for (size_t i = 0; i < count; i++) {
        char text[1000];
        snprintf(text, sizeof text, "test:1:%u: %s\n%s\n%*s^", rows[i].column, rows[i].message, rows[i].source,
                 (int)rows[i].column - 1, "");
        refuse(rows[i].source, code, text);
    }
}

#define REFUSE(code, ...)                                                                                              \
    do {                                                                                                               \
        static const struct row rows[] = {__VA_ARGS__};                                                                \
        refuse_rows(rows, sizeof rows / sizeof rows[0], code);                                                         \
    } while (0)

/* The first line of the error; the text is long. */
static void refuse_long(const char *before, const char *part, size_t count, const char *behind, const char *line) {
    struct fc__unit unit;
    struct fc__error err;
    char *source = decl_repeat(before, part, count, behind);
    assert_int_equal(fc__decl_parse(source, strlen(source), "test", &unit, &err), FC_EPARSE);
    free(source);
    assert_non_null(strchr(err.text, '\n'));
    *strchr(err.text, '\n') = '\0';
    assert_string_equal(err.text, line);
}

/* -- C ------------------------------------------------------------------------------------------------------------- */

TEST(decl_names_unknown_types_and_the_nearest_known) {
    REFUSE(FC_EPARSE, {"int f(uint16 x)", 7, "unknown type name 'uint16'; did you mean 'uint16_t'?"},
           {"foo_t f(void)", 1, "unknown type name 'foo_t'"},
           {"void f(usigned int x)", 8, "unknown type name 'usigned'; did you mean 'signed'?"},
           {"void f(uint x)", 8, "unknown type name 'uint'; did you mean 'unsigned int'?"},
           {"struct z_stream; int f(z_stream *s)", 24, "unknown type name 'z_stream'; did you mean 'struct z_stream'?"},
           {"typedef int myint; int f(myimt x)", 26, "unknown type name 'myimt'; did you mean 'myint'?"},
           {"SIZE_T f(void)", 1, "unknown type name 'SIZE_T'; did you mean 'size_t'?"},
           {"DLLEXPORT int f(void)", 1, "unknown type name 'DLLEXPORT'"},
           {"struct s { foo x; };", 12, "unknown type name 'foo'"}, {"const foo *x;", 7, "unknown type name 'foo'"});
}

TEST(decl_says_where_a_type_is_missing) {
    REFUSE(FC_EPARSE, {"f(int);", 1, "a type is missing before 'f'"}, {"const x;", 7, "a type is missing before 'x'"},
           {"static x = 5;", 8, "a type is missing before 'x'"},
           {"main(argc, argv) char **argv; { }", 1, "a type is missing before 'main'"},
           {"return 5;", 1, "expected a type, found 'return'"}, {"\"hello\"", 1, "expected a type, found a string"},
           {"[[nodiscard]] int f(void)", 1, "expected a type, found '['"},
           {"extern \"C\" int f(void);", 8, "'extern \"C\"' is C++: C is expected"});
}

TEST(decl_refuses_illegal_combinations_of_words) {
    REFUSE(FC_EPARSE, {"short double f(void)", 7, "'double' cannot be combined with 'short'"},
           {"long long long f(void)", 11, "'long' cannot be combined with 'long long'"},
           {"unsigned float f(void)", 10, "'float' cannot be combined with 'unsigned'"},
           {"int int f(void)", 5, "'int' cannot be combined with 'int'"},
           {"void void f(void)", 6, "'void' cannot be combined with 'void'"},
           {"void f(char int x)", 13, "'int' cannot be combined with 'char'"},
           {"long char x;", 6, "'char' cannot be combined with 'long'"},
           {"unsigned size_t x;", 10, "'size_t' cannot be combined with 'unsigned'"},
           {"size_t int x;", 8, "'int' cannot be combined with 'size_t'"},
           {"unsigned uint8_t *p", 10, "'uint8_t' cannot be combined with 'unsigned'"},
           {"struct s int x;", 10, "expected a name or ';', found 'int'"},
           {"int struct s;", 5, "'struct' cannot be combined with 'int'"},
           {"signed unsigned x;", 8, "'unsigned' cannot be combined with 'signed'"},
           {"long long double x;", 11, "'double' cannot be combined with 'long long'"},
           {"_Bool int x;", 7, "'int' cannot be combined with '_Bool'"},
           {"struct s { int x; } struct t;", 21, "expected a name or ';', found 'struct'"});
}

TEST(decl_refuses_misplaced_storage_classes) {
    REFUSE(FC_EPARSE, {"static extern int x;", 8, "a second storage class: 'extern'"},
           {"typedef static int x;", 9, "a second storage class: 'static'"},
           {"void f(static int x)", 8, "a parameter has no storage class but 'register'"},
           {"void f(typedef int x)", 8, "a parameter has no storage class but 'register'"},
           {"struct s { static int x; };", 12, "a member has no storage class"});
}

TEST(decl_says_what_it_expected_and_what_it_found) {
    REFUSE(FC_EPARSE, {"int f(int x", 12, "expected ',' or ')' after the parameter, found the end of the text"},
           {"int f(int x; int y)", 12, "expected ',' or ')' after the parameter, found ';'"},
           {"int f(int x int y)", 13, "expected ',' or ')' after the parameter, found 'int'"},
           {"int f(int x,)", 13, "expected a type, found ')'"}, {"int f(,)", 7, "expected a type, found ','"},
           {"int f)(void)", 6, "expected ',' or ';' after the declaration of 'f', found ')'"},
           {"int f(void) int g(void)", 13, "expected ',' or ';' after the declaration of 'f', found 'int'"},
           {"int f(void)) ;", 12, "expected ',' or ';' after the declaration of 'f', found ')'"},
           {"int (x;", 7, "expected ')' after the declarator, found ';'"},
           {"int (*)(void);", 7, "expected a name, found ')'"}, {"int;", 4, "expected a name, found ';'"},
           {"int *;", 6, "expected a name, found ';'"}, {"int x,", 7, "expected a name, found the end of the text"},
           {"int f(int &x);", 11, "expected ',' or ')' after the parameter, found '&'"},
           {"int f(int return)", 11, "expected ',' or ')' after the parameter, found 'return'"},
           {"int x : 3;", 7, "expected ',' or ';' after the declaration of 'x', found ':'"},
           {"int f(int x) = 5", 14, "expected ',' or ';' after the declaration of 'f', found '='"},
           {"struct;", 7, "expected a tag or '{', found ';'"}, {"struct 5;", 8, "expected a tag or '{', found '5'"},
           {"struct s { int x", 17, "expected ';' after the member, found the end of the text"},
           {"struct s { int x;", 18, "expected a member or '}', found the end of the text"},
           {"_Static_assert 1;", 16, "expected '(' after '_Static_assert', found '1'"},
           {"struct s { int x; int y }", 25, "expected ';' after the member, found '}'"},
           {"enum e { };", 10, "expected the name of an enumerator, found '}'"},
           {"enum e { A B };", 12, "expected ',' or '}' in the enum, found 'B'"},
           {"enum e { int };", 10, "expected the name of an enumerator, found 'int'"},
           {"enum e { A = };", 14, "expected an expression, found '}'"},
           {"int x[;", 7, "expected an expression, found ';'"},
           {"int x[3", 8, "expected ']' after the length of the array, found the end of the text"},
           {"int x __attribute__ y", 21, "expected '(' after an attribute's word, found 'y'"},
           {"int f(void) asm \"x\";", 17, "expected '(' after 'asm', found a string"},
           {"typedef int f(void) { }", 21, "expected ',' or ';' after the declaration of 'f', found '{'"},
           {"typedef int;", 12, "expected a name, found ';'"});
}

TEST(decl_names_the_bracket_that_is_not_closed) {
    REFUSE(FC_EPARSE,
           {"int x __attribute__((unused", 28,
            "expected ')' to close the bracket in line 1, column 21, found the end of the text"},
           {"int x __attribute__((a(]));", 24, "expected ')' to close the bracket in line 1, column 23, found ']'"},
           {"int f(void) { ( }", 17, "expected ')' to close the bracket in line 1, column 15, found '}'"},
           {"int f(void) { if (x) { }", 25,
            "expected '}' to close the bracket in line 1, column 13, found the end of the text"});
}

TEST(decl_refuses_impossible_types) {
    REFUSE(FC_EPARSE, {"void x;", 6, "the variable 'x' cannot be void"}, {"void x[3];", 7, "an array of void"},
           {"int x[3](void);", 6, "an array of functions"}, {"int f(void)[3];", 6, "a function cannot return an array"},
           {"int f(void)(void);", 6, "a function cannot return a function"},
           {"struct s { int f(void); };", 16, "the member 'f' cannot be a function"},
           {"struct s { void x; };", 17, "the member 'x' cannot be void"},
           {"int x[2][];", 9, "only the first length of an array may be missing"},
           {"int x[-1];", 6, "the length of the array is negative"},
           {"int x[static 3];", 7, "expected the length of the array, found 'static'"},
           {"void f(int a[3][static 3]);", 16, "'static' and 'const' belong into the first [] of a parameter"});
}

TEST(decl_refuses_impossible_parameters) {
    REFUSE(FC_EPARSE, {"void f(void, int)", 8, "a parameter cannot be void"},
           {"void f(void x)", 8, "a parameter cannot be void"}, {"void f(int, void)", 13, "a parameter cannot be void"},
           {"void f(const void)", 8, "a parameter cannot be void"},
           {"void f(int x, int x)", 19, "'x' is already the name of a parameter"},
           {"int f(...)", 7, "'...' needs a parameter before it"},
           {"int f(int, ... int)", 16, "expected ')' or ',' after '...', found 'int'"},
           {"int f(int, ..., int, ...)", 22, "there is a '...' already"},
           {"int f(int, ..., )", 17, "expected a type, found ')'"});
}

TEST(decl_refuses_old_style_parameters) {
    REFUSE(FC_EPARSE,
           {"int f(a, b) int a; char *b;", 7,
            "'a' has no type: a K&R parameter list is not supported, write the types into it"},
           {"int f(a, b);", 7, "'a' has no type: a K&R parameter list is not supported, write the types into it"},
           {"int f(a) { }", 7, "'a' has no type: a K&R parameter list is not supported, write the types into it"},
           {"int f(size, count) unsigned size, count; { }", 7,
            "'size' has no type: a K&R parameter list is not supported, write the types into it"});
}

TEST(decl_refuses_contradicting_declarations) {
    REFUSE(FC_EPARSE, {"typedef int t; typedef long t;", 29, "'t' is already a typedef of 'int', not of 'long'"},
           {"typedef int t; int t(void);", 20, "'t' is already the name of a type"},
           {"int f(void); typedef int f;", 26, "'f' is already the name of a function or variable"},
           {"enum e { A }; int A(void);", 19, "'A' is already the name of an enumerator"},
           {"enum e { A, A };", 13, "'A' is already the name of an enumerator"},
           {"enum e { A }; enum g { A };", 24, "'A' is already the name of an enumerator"},
           {"struct s { int x; }; struct s { int y; };", 29, "'struct s' already has a body"},
           {"struct s { struct s { int x; } y; };", 19, "'struct s' already has a body"},
           {"enum e { A }; enum e { B };", 20, "'enum e' already has a body"},
           {"struct s; union s;", 17, "'union s' was first declared as 'struct s'"},
           {"typedef float size_t;", 15, "'size_t' must be an unsigned integer, not 'float'"},
           {"typedef int size_t;", 13, "'size_t' must be an unsigned integer, not 'int'"},
           {"typedef char *uint8_t;", 15, "'uint8_t' must be an unsigned integer, not 'char *'"},
           {"typedef unsigned ssize_t;", 18, "'ssize_t' must be a signed integer, not 'unsigned int'"});
}

TEST(decl_refuses_expressions_without_a_value) {
    REFUSE(FC_EPARSE, {"int x[n];", 7, "this is not a constant"},
           {"int x[1.5];", 7, "an integer is expected, not a floating constant"},
           {"int x[1/0];", 8, "a division by zero"}, {"int x[5 % 0];", 9, "a division by zero"},
           {"int x[1 << 40];", 9, "shifted by a negative number of bits, or by too many"},
           {"int x[1 << -1];", 9, "shifted by a negative number of bits, or by too many"},
           {"enum e { A = B };", 14, "this is not a constant"},
           {"int x[int];", 7, "expected an expression, found 'int'"},
           {"int x[n ? 1 : 2];", 7, "this is not a constant"},
           {"void f(int n, int a[n][n]);", 24, "this is not a constant"},
           {"int x[(char *)0];", 7, "a constant of this type has no use here"});
}

TEST(decl_refuses_bad_literals) {
    REFUSE(FC_EPARSE, {"int 5x;", 5, "'5x' is not a number"}, {"int x[0x];", 7, "'0x' is not a number"},
           {"int x[089];", 7, "'089' is not a number"}, {"int x[5lul];", 7, "'5lul' is not a number"},
           {"int x[5lL];", 7, "'5lL' is not a number"},
           {"int x[99999999999999999999];", 7, "the number '99999999999999999999' does not fit 64 bits"},
           {"int x['];", 7, "the closing ' is missing"}, {"int x[''];", 7, "an empty character constant"},
           {"int f(void) { \"x", 15, "the closing \" is missing"});
}

TEST(decl_refuses_what_depends_on_the_target) {
    REFUSE(FC_EUNSUPPORTED, {"int x[sizeof(long)];", 7, "this depends on the target, and is not supported here"},
           {"enum e { A = sizeof(int) };", 14, "this depends on the target, and is not supported here"},
           {"int x[1 + _Alignof(double)];", 11, "this depends on the target, and is not supported here"},
           {"typedef char c[sizeof(void *)];", 16, "this depends on the target, and is not supported here"});
}

TEST(decl_refuses_enumerators_beyond_64_bits) {
    REFUSE(FC_EPARSE, {"enum e { A = ~0ull, B };", 21, "the value of this enumerator does not fit 64 bits"});
}

TEST(decl_refuses_types_it_does_not_understand) {
    REFUSE(FC_EUNSUPPORTED, {"_Imaginary int x", 1, "the type '_Imaginary' is not supported"},
           {"typeof(f()) x", 7, "'typeof' of this is not supported"},
           {"typedef int word __attribute__((__mode__(__V4SI__)));", 42, "this mode is not supported"},
           {"typedef float word __attribute__((mode(SI)));", 35, "attribute 'mode' with 'SI' does not suit 'float'"},
           {"typedef char *v __attribute__((vector_size(16)));", 32, "a vector of 'char *' is not supported"});
}

TEST(decl_refuses_impossible_members) {
    REFUSE(FC_EPARSE, {"struct s { float f : 3; };", 22, "a bit-field of type 'float'"},
           {"struct s { int f : 0; };", 20, "a bit-field of width 0 has no name"},
           {"struct s { int f : -1; };", 20, "the width of a bit-field is at least 0, and at most that of its type"},
           {"struct s { int f; } __attribute__((aligned(3)));", 36, "an alignment is a power of two, up to 268435456"},
           {"struct s { _Alignas(24) int f; };", 20, "an alignment is a power of two, up to 268435456"},
           {"int x[((struct s { int a; } *)0)->b];", 35, "'struct s' has no member 'b'"});
}

TEST(decl_refuses_bad_pack_pragmas) {
    static const char message[] =
        "'#pragma pack' takes (), (n), (push), (push, n), (pop) or a name beside them; n is 1, "
        "2, 4, 8 or 16";
    REFUSE(FC_EPARSE, {"#pragma pack 1", 14, message}, {"#pragma pack(3)", 15, message},
           {"#pragma pack(push, 1, 2)", 24, message}, {"#pragma pack(twice)", 19, message},
           {"#pragma pack(1", 15, message});
    refuse_long("", "#pragma pack(push)\n", FC__DECL_PACKS_MAX + 1, "",
                "test:65:18: more than 64 nested '#pragma pack(push)'");
}

TEST(decl_refuses_standard_types_it_does_not_know_yet) {
    REFUSE(FC_EUNSUPPORTED,
           {"wchar_t f(void)", 1, "the type 'wchar_t' is not supported unless the text has a typedef of it"},
           {"void f(time_t *t)", 8, "the type 'time_t' is not supported unless the text has a typedef of it"},
           {"off_t lseek(int fd, off_t o, int whence)", 1,
            "the type 'off_t' is not supported unless the text has a typedef of it"},
           {"int vprintf(const char *format, va_list ap)", 33,
            "the type 'va_list' is not supported unless the text has a typedef of it"});
}

/* -- Annotations --------------------------------------------------------------------------------------------------- */

TEST(decl_refuses_unknown_annotations) {
    REFUSE(FC_EPARSE,
           {"int f(_In_read_(n) char *p, int n)", 7, "unknown annotation '_In_read_'; did you mean '_In_reads_'?"},
           {"int f(_Foo_bar_baz_ char *p)", 7, "unknown annotation '_Foo_bar_baz_'"},
           {"int f(_IN_ int *x)", 7, "unknown annotation '_IN_'; did you mean '_In_'?"},
           {"int f(_Inout_updates_byte_(n) char *p, int n)", 7,
            "unknown annotation '_Inout_updates_byte_'; did you mean '_Inout_updates_bytes_'?"},
           {"int f(char *_Im_z_ p)", 13, "unknown annotation '_Im_z_'; did you mean '_In_z_'?"},
           {"struct s { _Field_sise_(n) char *p; };", 12,
            "unknown annotation '_Field_sise_'; did you mean '_Field_size_'?"},
           {"int _Check_retrun_ f(void)", 5, "unknown annotation '_Check_retrun_'; did you mean '_Check_return_'?"});
}

TEST(decl_refuses_contradicting_annotations) {
    REFUSE(FC_EPARSE, {"int f(_In_ _Out_ int *p)", 12, "'_Out_' contradicts '_In_' before it"},
           {"int f(_In_ _In_ int *p)", 12, "'_In_' is given twice"},
           {"int f(_In_z_ _In_ char *p)", 14, "'_In_' contradicts '_In_z_' before it"},
           {"int f(_In_z_ _Fc_opaque_ char *p)", 14, "'_Fc_opaque_' contradicts '_In_z_' before it"},
           {"int f(_In_z_ _Fc_opaque_ char *q)", 14, "'_Fc_opaque_' contradicts '_In_z_' before it"},
           {"int f(_Out_ int _Inout_ *p)", 17, "'_Inout_' contradicts '_Out_' before it"},
           {"_Ret_z_ _Ret_maybenull_z_ char *f(void)", 9, "'_Ret_maybenull_z_' contradicts '_Ret_z_' before it"},
           {"_Ret_z_ _Fc_opaque_ char *f(void)", 9, "'_Fc_opaque_' contradicts '_Ret_z_' before it"});
}

TEST(decl_counts_the_arguments_of_annotations) {
    REFUSE(FC_EPARSE, {"int f(_In_reads_ char *p)", 18, "'_In_reads_' takes one argument, a size"},
           {"int f(_In_reads_() char *p)", 18, "'_In_reads_' takes one argument, a size"},
           {"int f(_In_reads_(1, 2) char *p)", 19, "'_In_reads_' takes one argument, a size"},
           {"int f(_In_(1) char *p)", 11, "'_In_' takes no argument"},
           {"int f(_Out_writes_to_(1) char *p)", 24,
            "'_Out_writes_to_' takes two arguments: a size, and the size after the call"},
           {"int f(_Out_writes_to_(1, 2, 3) char *p)", 27,
            "'_Out_writes_to_' takes two arguments: a size, and the size after the call"},
           {"_Success_ int f(void)", 11, "'_Success_' takes one argument, a condition"});
}

TEST(decl_refuses_misplaced_annotations) {
    REFUSE(FC_EPARSE, {"int f(_Ret_z_ char *p)", 7, "'_Ret_z_' belongs before a function"},
           {"int f(_Success_(1) int p)", 7, "'_Success_' belongs before a function"},
           {"_In_ int f(void)", 1, "'_In_' belongs before a parameter"},
           {"int f(char *_In_z_ p)", 13, "'_In_z_' must stand before the type, not in it"},
           {"struct s { _In_ int x; };", 12, "'_In_' belongs before a parameter"},
           {"_Ret_z_ char *x", 1, "'_Ret_z_' describes the result of a function, and 'x' is none"},
           {"_Ret_z_ typedef char *x", 1, "'_Ret_z_' describes the result of a function, and 'x' is none"},
           {"_Fc_opaque_ void *x", 1, "'_Fc_opaque_' describes the result of a function, and 'x' is none"},
           {"int x[(_In_ int)5];", 13, "expected ')' after the expression, found 'int'"});
}

TEST(decl_refuses_annotations_that_do_not_suit_the_type) {
    REFUSE(
        FC_EPARSE, {"int f(_Out_ int p)", 7, "'_Out_' needs a pointer; parameter 'p' is 'int'"},
        {"int f(_In_reads_(3) long)", 7, "'_In_reads_' needs a pointer; parameter 1 is 'long'"},
        {"int f(_In_z_ char c)", 7, "'_In_z_' needs a pointer; parameter 'c' is 'char'"},
        {"int f(_Out_ _Fc_opaque_ void *p)", 13,
         "'_Fc_opaque_' beside another annotation needs a pointer to pointers; parameter 'p' is 'void *'"},
        {"int f(_Fc_opaque_ _In_reads_(3) char *p)", 7,
         "'_Fc_opaque_' beside another annotation needs a pointer to pointers; parameter 'p' is 'char *'"},
        {"int f(_Fc_opaque_ int p)", 7, "'_Fc_opaque_' needs a pointer; parameter 'p' is 'int'"},
        {"int f(_Out_ const int *p)", 7,
         "'_Out_' needs a pointer to what is not const; parameter 'p' is 'const int *'"},
        {"int f(_Inout_ const int *p)", 7,
         "'_Inout_' needs a pointer to what is not const; parameter 'p' is 'const int *'"},
        {"int f(_Out_writes_(2) const char p[2])", 7,
         "'_Out_writes_' needs a pointer to what is not const; parameter 'p' is 'const char *'"},
        {"int f(_Outptr_ int *p)", 7, "'_Outptr_' needs a pointer to a pointer; parameter 'p' is 'int *'"},
        {"int f(_In_z_ void *p)", 7, "'_In_z_' needs a pointer to characters; parameter 'p' is 'void *'"},
        {"int f(_In_z_ double *p)", 7, "'_In_z_' needs a pointer to characters; parameter 'p' is 'double *'"},
        {"int f(_In_reads_(n) void *p, int n)", 7,
         "'_In_reads_' counts elements, and void has no size: use the form with '_bytes_'; parameter 'p' is 'void *'"},
        {"int f(_Out_ int (*cb)(void))", 7,
         "'_Out_' cannot describe a pointer to a function; parameter 'cb' is 'int (*)(void)'"},
        {"_Ret_z_ int f(void)", 1, "'_Ret_z_' needs a pointer; the result of 'f' is 'int'"},
        {"_Fc_opaque_ int f(void)", 1, "'_Fc_opaque_' needs a pointer; the result of 'f' is 'int'"});
}

TEST(decl_refuses_sizes_that_name_no_parameter) {
    REFUSE(FC_EPARSE, {"int f(_In_reads_(n) char *p)", 18, "'_In_reads_' names 'n', which is no parameter"},
           {"int f(_In_reads_(lenght) char *p, int length)", 18,
            "'_In_reads_' names 'lenght', which is no parameter; did you mean 'length'?"},
           {"int f(_In_reads_(*n) char *p, int m)", 19, "'_In_reads_' names 'n', which is no parameter"},
           {"int f(int n, int (*g)(int (*h)(_In_reads_(n) char *p)))", 43,
            "'_In_reads_' names 'n', which is no parameter"},
           {"int f(int *n, int (*g)(_In_reads_(*n) char *p))", 36,
            "'n' is a parameter of the function around this one, and can only be named by itself"},
           {"int f(double n, int (*g)(_In_reads_(n) char *p))", 37, "the size needs an integer, and 'n' is 'double'"},
           {"int f(int n, struct s { int (*g)(_In_reads_(n) char *p); } *s)", 45,
            "'_In_reads_' names 'n', which is no parameter"},
           {"typedef int g(_In_reads_(n) char *p); int f(int n, g *p)", 26,
            "'_In_reads_' names 'n', which is no parameter"},
           {"typedef int n; int f(_In_reads_(n) char *p)", 33, "'_In_reads_' names 'n', which is no parameter"},
           {"int f(_In_reads_(n) char *p, int (*g)(int n))", 18, "'_In_reads_' names 'n', which is no parameter"});
}

TEST(decl_refuses_sizes_of_the_wrong_type) {
    REFUSE(
        FC_EPARSE,
        {"int f(_In_reads_(n) char *p, int *n)", 18, "the size needs an integer, and 'n' is 'int *': write '*n'"},
        {"int f(_In_reads_(*n) char *p, int n)", 19,
         "the size needs a pointer to an integer, and 'n' is 'int': write 'n'"},
        {"int f(_In_reads_(*n) char *p, void *n)", 19, "the size needs a pointer to an integer, and 'n' is 'void *'"},
        {"int f(_In_reads_(n) char *p, double n)", 18, "the size needs an integer, and 'n' is 'double'"},
        {"int f(_In_reads_(p) char *p)", 18, "the size needs an integer, and 'p' is 'char *': write '*p'"},
        {"int f(_In_reads_(n) char *p, double *n)", 18, "the size needs an integer, and 'n' is 'double *'"},
        {"int f(_In_reads_(*n) char *p, double *n)", 19,
         "the size needs a pointer to an integer, and 'n' is 'double *'"});
}

TEST(decl_refuses_sizes_read_before_they_are_written) {
    REFUSE(FC_EPARSE,
           {"int f(_Out_writes_(*n) char *p, _Out_ int *n)", 21,
            "the size is read before the call, and 'n' is '_Out_': make it '_Inout_'"},
           {"int f(_Out_writes_to_(*n, *n) char *p, _Out_ int *n)", 24,
            "the size is read before the call, and 'n' is '_Out_': make it '_Inout_'"});
}

TEST(decl_refuses_bad_size_expressions) {
    REFUSE(
        FC_EPARSE,
        {"int f(_In_reads_(n /) char *p, int n)", 21, "expected a number or the name of a parameter, found ')'"},
        {"int f(_In_reads_(n / 0) char *p, int n)", 22, "a division by zero"},
        {"int f(_In_reads_(-1) char *p, int n)", 18, "expected a number or the name of a parameter, found '-'"},
        {"int f(_In_reads_(n n) char *p, int n)", 20, "expected ')' after the size, found 'n'"},
        {"int f(_In_reads_(n + 1.5) char *p, int n)", 22, "expected a number or the name of a parameter, found '1.5'"},
        {"int f(_In_reads_((n) char *p, int n)", 22, "expected ')' after the size, found 'char'"},
        {"int f(_In_reads_(*5) char *p)", 19, "expected the name of a parameter after '*', found '5'"},
        {"int f(_In_reads_(int) char *p)", 18, "expected a number or the name of a parameter, found 'int'"},
        {"int f(_In_reads_(18446744073709551615) char *p)", 18, "the size is too large"},
        {"int f(_In_reads_(n % 2) char *p, int n)", 20, "expected ')' after the size, found '%'"});
}

TEST(decl_refuses_atomic_types_that_c_has_not) {
    REFUSE(FC_EPARSE, {"_Atomic(int[3]) x", 1, "'int [3]' cannot be atomic"},
           {"typedef int f(void); _Atomic f x", 22, "'f' cannot be atomic"},
           {"_Atomic(int x", 13, "expected ')' after the type, found 'x'"},
           {"int _Atomic(x) y", 16, "expected ',' or ';' after the declaration of 'x', found 'y'"});
}

TEST(decl_refuses_what_contradicts_an_annotation) {
    REFUSE(
        FC_EPARSE, {"int f(_Notnull_ _In_opt_ int *p)", 17, "'_In_opt_' contradicts '_Notnull_' before it"},
        {"int f(_Notnull_ _Maybenull_ int *p)", 17, "'_Maybenull_' contradicts '_Notnull_' before it"},
        {"int f(_Null_terminated_ _Post_z_ char *p)", 25, "'_Post_z_' contradicts '_Null_terminated_' before it"},
        {"int f(_Fc_pinned_ _Fc_opaque_ void *p)", 19, "'_Fc_opaque_' contradicts '_Fc_pinned_' before it"},
        {"int f(_Fc_callback_once_ _Fc_callback_until_(g) void (*h)(void))", 26,
         "'_Fc_callback_until_' contradicts '_Fc_callback_once_' before it"},
        {"_Fc_begins_ _Fc_ends_ int f(void)", 13, "'_Fc_ends_' contradicts '_Fc_begins_' before it"},
        {"struct s { _Fc_local_ _Fc_opaque_ void *p; };", 23, "'_Fc_opaque_' contradicts '_Fc_local_' before it"},
        {"int f(_Fc_local_ _Fc_bits_ int p)", 18, "'_Fc_bits_' contradicts '_Fc_local_' before it"},
        {"int f(_Fc_sizeof_(int) _Fc_replace_(1, 2) int p)", 24, "'_Fc_replace_' contradicts '_Fc_sizeof_' before it"},
        {"int f(_In_reads_(3) _NullNull_terminated_ char **p)", 21,
         "'_NullNull_terminated_' ends what has no size, and one is given; parameter 'p' is 'char **'"},
        {"int f(_Post_z_ char *p)", 7,
         "'_Post_z_' does not say how much room there is: use '_Out_writes_z_(n)'; parameter 'p' is 'char *'"},
        {"int f(_Out_ _Null_terminated_ char *p)", 13,
         "'_Null_terminated_' does not say how much room there is: use '_Out_writes_z_(n)'; parameter 'p' is "
         "'char *'"});
}

TEST(decl_refuses_annotations_that_do_not_suit_what_they_stand_before) {
    REFUSE(FC_EPARSE, {"int f(_Fc_sizeof_(int) int *p)", 7, "'_Fc_sizeof_' needs an integer; parameter 'p' is 'int *'"},
           {"int f(_Fc_fd_ double p)", 7, "'_Fc_fd_' needs an integer; parameter 'p' is 'double'"},
           {"int f(_Fc_path_ int p)", 7, "'_Fc_path_' needs a pointer to characters; parameter 'p' is 'int'"},
           {"int f(_Fc_base_ int *p)", 7, "'_Fc_base_' needs a pointer to a struct; parameter 'p' is 'int *'"},
           {"int f(_Fc_pinned_ void (*p)(void))", 7,
            "'_Fc_pinned_' needs a pointer to data; parameter 'p' is 'void (*)(void)'"},
           {"int f(_Fc_callback_once_ int *p)", 7,
            "'_Fc_callback_once_' needs a pointer to a function; parameter 'p' is 'int *'"},
           {"int f(_Reserved_ double p)", 7, "'_Reserved_' needs a pointer or an integer; parameter 'p' is 'double'"},
           {"int f(_Outptr_result_z_ int ***p)", 7,
            "'_Outptr_result_z_' needs a pointer to a pointer to characters; parameter 'p' is 'int ***'"},
           {"int f(_Outptr_result_buffer_(3) void **p)", 7,
            "'_Outptr_result_buffer_' counts elements, and void has no size: use the form with '_bytebuffer_'; "
            "parameter 'p' is 'void **'"},
           {"struct s { _Field_size_(3) int p; };", 12,
            "'_Field_size_' needs a pointer or an array; the member 'p' is 'int'"},
           {"struct s { _Field_z_ double *p; };", 12,
            "'_Field_z_' needs a pointer to characters; the member 'p' is 'double *'"},
           {"int f(_Field_size_(3) int *p)", 7, "'_Field_size_' belongs before a member"},
           {"struct s { _Outptr_ int **p; };", 12, "'_Outptr_' belongs before a parameter"},
           {"struct s { char *_Field_z_ p; };", 18, "'_Field_z_' must stand before the type, not in it"},
           {"struct s { _Fc_local_ int : 3; };", 12, "'_Fc_local_' describes a member, and here is none"},
           {"struct s { _Ret_z_ char *p; };", 12, "'_Ret_z_' belongs before a function"},
           {"typedef _Fc_local_ int x", 9, "'_Fc_local_' belongs before a parameter or a member"},
           {"typedef _Fc_opaque_ int x", 9, "'_Fc_opaque_' describes the result of a function, and 'x' is none"},
           {"_Fc_fails_with_(1) void f(void)", 1,
            "'_Fc_fails_with_' needs an integer or a pointer; the result of 'f' is 'void'"},
           {"_Success_(return) double f(void)", 1,
            "'_Success_' needs an integer or a pointer; the result of 'f' is 'double'"},
           {"void f(_Out_writes_to_(3, return) char *p)", 7,
            "'_Out_writes_to_(3, return)' names what the function returns, and that is 'void'"},
           {"_Ret_reads_(n) char *f(int n), *g(int k, int n)", 1,
            "'_Ret_reads_(n)' names parameters, and stands before two functions: declare each by itself"});
}

TEST(decl_refuses_arguments_of_other_kinds) {
    REFUSE(FC_EPARSE,
           {"int f(_Fc_kept_until_ int *p)", 23, "'_Fc_kept_until_' takes one argument, the name of a function"},
           {"int f(_Fc_kept_until_(3) int *p)", 23, "expected the name of a function, found '3'"},
           {"int f(_Fc_sizeof_(x) int p)", 19, "expected a type, found 'x'"},
           {"int f(_Fc_replace_(1) int p)", 21, "'_Fc_replace_' takes two arguments, both constants"},
           {"int f(_Fc_replace_(1, 2, 3) int p)", 24, "'_Fc_replace_' takes two arguments, both constants"},
           {"int f(_Fc_replace_(1, p) int p)", 23, "this is not a constant"},
           {"_Fc_fails_with_() int f(void)", 17, "'_Fc_fails_with_' takes one argument, a constant"},
           {"struct s { _Field_size_part_(3) int *p; };", 31,
            "'_Field_size_part_' takes two arguments: a size, and how much of it is used"},
           {"int f(_In_ _At_(p, _Pre_z_) char **p)", 17, "expected '*' and the name of the parameter, found 'p'"},
           {"int f(_In_ _At_(*q, _Pre_z_) char **p)", 18,
            "'_At_' stands before the parameter it is about, and 'q' is another name"},
           {"int f(_In_ _At_(*p, _Outptr_) char ***p)", 21,
            "expected an annotation such as '_In_reads_(n)' or '_Null_terminated_', found '_Outptr_'"},
           {"int f(_In_ _At_(*p, _In_) char *p)", 12, "'_At_' needs a pointer to a pointer; parameter 'p' is 'char *'"},
           {"int f(_In_ _At_(*p, _Inout_) char const **p)", 12,
            "'_At_' needs a pointer to what is not const; parameter 'p' is 'const char **'"},
           {"int f(_In_ _At_(*p, _In_) _At_(*p, _Pre_z_) char **p)", 36, "'_Pre_z_' contradicts '_At_' before it"},
           {"struct s { _Field_size_(3) _At_(*q, _In_) int **p; };", 34,
            "'_At_' stands before the member it is about, and 'q' is another name"},
           {"int f(_In_ _At_(*p) char **p)", 19,
            "'_At_' takes two arguments: '*' with the name of the parameter, and an annotation"},
           {"struct s { int k; _Fc_union_(k) int p; };", 19,
            "'_Fc_union_(k)' says when a member of a union counts, and 'p' is one of a struct"},
           {"struct s { _Field_range_ int p; };", 26, "'_Field_range_' takes arguments"},
           {"_Success_(return,) int f(void)", 17, "'_Success_' takes one argument, a condition"});
}

TEST(decl_refuses_members_that_sizes_cannot_name) {
    REFUSE(
        FC_EPARSE,
        {"struct s { _Field_size_(lenght) char *p; int length; };", 25,
         "'struct s' has no member 'lenght'; did you mean 'length'?"},
        {"struct s { _Field_size_(n) char *p; int *n; };", 25,
         "the size needs an integer, and 'n' is 'int *': write '*n'"},
        {"struct s { int n; struct { _Field_size_(n) char *p; } *q; };", 41, "'struct <anonymous>' has no member 'n'"},
        {"struct s { int n; void (*f)(struct { _Field_size_(n) char *p; } *q); };", 51,
         "'struct <anonymous>' has no member 'n'"},
        {"union u { _Fc_union_(n) char *p; int n; };", 22,
         "'_Fc_union_' names a member of the struct around the union, and there is none"},
        {"struct s { union { _Fc_union_(n) int a; int n; } u; };", 31, "'struct s' has no member 'n'"},
        {"struct s { _Field_size_(return) char *p; };", 25, "a member knows no 'return'"},
        {"int f(_In_reads_(return) char *p)", 18, "the size is read before the call, and 'return' is known after it"},
        {"_Ret_reads_(return) char *f(void)", 13, "this describes what is returned, and cannot name it"},
        {"struct t { int a; }; int f(struct t *s, _In_reads_(s->b) char *p)", 55, "'struct t' has no member 'b'"},
        {"struct t { int a; }; int f(struct t *s, _In_reads_(s.a) char *p)", 54,
         "'.' needs a struct before it, and 's' is 'struct t *'"},
        {"int f(int s, _In_reads_(s->a) char *p)", 28, "'->' needs a pointer to a struct before it, and 's' is 'int'"},
        {"struct t; int f(struct t *s, _In_reads_(s->b) char *p)", 44,
         "'struct t' has no body here, so that it has no known members"},
        {"struct t { int *a; }; int f(struct t *s, _In_reads_(s->a) char *p)", 56,
         "the size needs an integer, and 'a' is 'int *'"},
        {"int f(int n, _In_reads_(strlen(n)) char *p)", 32, "the size needs a string, and 'n' is 'int'"},
        {"struct t { int a; }; int f(_Out_ struct t *s, _In_reads_(s->a) char *p)", 58,
         "the size is read before the call, and 's' is '_Out_': make it '_Inout_'"},
        {"int f(_In_reads_((double)n) char *p, int n)", 19, "a cast in a size is one to an integer"});
}

TEST(decl_refuses_sizes_it_cannot_evaluate) {
    REFUSE(FC_EUNSUPPORTED,
           {"int f(_In_reads_(sizeof(int)) char *p)", 18, "this depends on the target, and is not supported here"});
}

/* -- The text ------------------------------------------------------------------------------------------------------ */

TEST(decl_refuses_unpreprocessed_text) {
    REFUSE(FC_EPARSE, {"#include <stdio.h>", 1, "'#include': the text must be preprocessed first, as by 'cc -E'"},
           {"# define X 5", 1, "'#define': the text must be preprocessed first, as by 'cc -E'"},
           {"  #if 1", 3, "'#if': the text must be preprocessed first, as by 'cc -E'"},
           {"int x; # 5", 8, "the character '#' (U+0023) has no meaning here"});
}

TEST(decl_refuses_bad_line_markers) {
    REFUSE(FC_EPARSE, {"# 99999999999 \"x\"", 12, "the line number of this line marker is too large"},
           {"#line x", 7, "a line number is expected in this line marker"},
           {"# 5 \"abc", 9, "the closing \" of the file name is missing"});
}

TEST(decl_refuses_characters_that_c_does_not_have) {
    REFUSE(FC_EPARSE, {"int @x;", 5, "the character '@' (U+0040) has no meaning here"},
           {"int `x;", 5, "the character '`' (U+0060) has no meaning here"},
           {"int \\x;", 5, "the character '\\' (U+005C) has no meaning here"});
    refuse("int \xE2\x80\x9Cx\xE2\x80\x9D", FC_EPARSE,
           "test:1:5: the character '\xE2\x80\x9C' (U+201C) has no meaning here\nint \xE2\x80\x9Cx\xE2\x80\x9D\n    ^");
    refuse("int\x01 x", FC_EPARSE, "test:1:4: the control character 0x01 has no meaning in C\nint? x\n   ^");
}

TEST(decl_refuses_what_is_not_utf8) {
    refuse("int caf\xE9(void)", FC_EPARSE, "test:1:8: the byte 0xE9 is not UTF-8\nint caf?(void)\n       ^");
    refuse("char x[] = \"\xC3(\"", FC_EPARSE,
           "test:1:13: the byte 0xC3 is not UTF-8\nchar x[] = \"?(\"\n            ^");
    refuse("\xC0\x80", FC_EPARSE, "test:1:1: the byte 0xC0 is not UTF-8\n??\n^");
    refuse("\xED\xA0\x80", FC_EPARSE, "test:1:1: the byte 0xED is not UTF-8\n???\n^");
    refuse("\xF5", FC_EPARSE, "test:1:1: the byte 0xF5 is not UTF-8\n?\n^");
    refuse("\xE2\x82", FC_EPARSE, "test:1:1: the byte 0xE2 is not UTF-8\n??\n^");
    refuse_bytes("\xFF\xFEi\0n\0t\0", 8, FC_EPARSE, "test:1:1: the text is UTF-16; UTF-8 is expected\n??i?n?t?\n^");
}

TEST(decl_refuses_nul_bytes_wherever_they_stand) {
    static const struct {
        const char *source;
        size_t len;
        const char *shown;
        unsigned column;
    } rows[] = {
        {"int\0f(void)", 11, "int?f(void)", 4},
        {"int f(void);\0", 13, "int f(void);?", 13},
        {"/* \0 */ int x;", 14, "/* ? */ int x;", 4},
        {"// \0", 4, "// ?", 4},
        {"#pragma \0", 9, "#pragma ?", 9},
        {"char *x = \"\0\"", 13, "char *x = \"?\"", 12},
        {"int x['\\\0']", 11, "int x['\\?']", 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "test:1:%u: the text contains a NUL byte\n%s\n%*s^", rows[i].column, rows[i].shown,
                 (int)rows[i].column - 1, "");
        refuse_bytes(rows[i].source, rows[i].len, FC_EPARSE, text);
    }
}

TEST(decl_refuses_comments_that_do_not_end) {
    refuse("int x;\n /* a\n * b", FC_EPARSE, "test:2:2: this comment does not end\n /* a\n ^");
    refuse("int x; /*/", FC_EPARSE, "test:1:8: this comment does not end\nint x; /*/\n       ^");
}

/* -- How it is shown ----------------------------------------------------------------------------------------------- */

TEST(decl_error_puts_the_caret_below_tabs) {
    refuse("int a;\n\tint\tf(foo *x);", FC_EPARSE, "test:2:8: unknown type name 'foo'\n\tint\tf(foo *x);\n\t   \t  ^");
}

TEST(decl_error_counts_characters_not_bytes) {
    refuse("/* \xC3\xA9\xE2\x82\xAC */ foo *x;", FC_EPARSE,
           "test:1:10: unknown type name 'foo'\n/* \xC3\xA9\xE2\x82\xAC */ foo *x;\n         ^");
}

TEST(decl_error_names_the_place_that_line_markers_say) {
    refuse("# 1 \"a.c\"\n# 120 \"/usr/include/x.h\" 1 3\nint a;\nint f(foo x);\n", FC_EPARSE,
           "/usr/include/x.h:121:7: unknown type name 'foo'\nint f(foo x);\n      ^");
    refuse("#line 7\nfoo x;", FC_EPARSE, "test:7:1: unknown type name 'foo'\nfoo x;\n^");
}

TEST(decl_error_at_the_end_stands_behind_the_last_token) {
    refuse("int f(int x\n\n  // nothing more\n", FC_EPARSE,
           "test:1:12: expected ',' or ')' after the parameter, found the end of the text\nint f(int x\n           ^");
}

TEST(decl_error_drops_the_carriage_return_of_a_line) {
    refuse("int a;\r\nfoo x;\r\n", FC_EPARSE, "test:2:1: unknown type name 'foo'\nfoo x;\n^");
}

TEST(decl_error_drops_the_byte_order_mark) {
    refuse("\xEF\xBB\xBF"
           "foo x;",
           FC_EPARSE, "test:1:1: unknown type name 'foo'\nfoo x;\n^");
}

TEST(decl_error_in_a_continued_line_shows_its_own_part) {
    refuse("int f(int x, \\\n      foo y)", FC_EPARSE, "test:2:7: unknown type name 'foo'\n      foo y)\n      ^");
}

TEST(decl_error_shows_a_window_of_a_long_line) {
    char *before = decl_repeat("", "int a; ", 25, "");
    char *source = decl_repeat(before, "int a; ", 25, "");
    char text[600];
    memcpy(source + 175, "bad *x;", 7);
    snprintf(text, sizeof text, "test:1:176: unknown type name 'bad'\n...%.100s...\n%*s^", source + 175 - 60, 63, "");
    refuse(source, FC_EPARSE, text);
    free(source);
    free(before);
}

TEST(decl_error_shows_the_begin_of_a_long_line) {
    char *source = decl_repeat("foo x; ", "int a; ", 30, "");
    char text[600];
    snprintf(text, sizeof text, "test:1:1: unknown type name 'foo'\n%.100s...\n^", source);
    refuse(source, FC_EPARSE, text);
    free(source);
}

TEST(decl_error_shows_the_end_of_a_long_line) {
    char *source = decl_repeat("", "int a; ", 30, "foo x;");
    char text[600];
    snprintf(text, sizeof text, "test:1:211: unknown type name 'foo'\n...%s\n%*s^", source + strlen(source) - 100, 97,
             "");
    refuse(source, FC_EPARSE, text);
    free(source);
}

TEST(decl_error_bounds_what_it_shows_in_bytes) {
    char *source = decl_repeat("/* ", "\xA9", 2000, " */ foo *x;"); /* each continues a character, and begins none */
    struct fc__unit unit;
    struct fc__error err;
    assert_int_equal(fc__decl_parse(source, strlen(source), "test", &unit, &err), FC_EPARSE);
    assert_in_range(strlen(err.text), 400, 1000);
    assert_non_null(strstr(err.text, "?? */ foo *x;\n"));
    free(source);
}

TEST(decl_error_cuts_long_names) {
    char source[600];
    char text[600];
    char name[301];
    memset(name, 'n', 300);
    name[300] = '\0';
    snprintf(source, sizeof source, "%s x;", name);
    snprintf(text, sizeof text, "test:1:1: unknown type name '%.80s'\n%.100s...\n^", name, name);
    refuse(source, FC_EPARSE, text);
}

/* -- Limits -------------------------------------------------------------------------------------------------------- */

TEST(decl_refuses_what_nests_too_deep) {
    refuse_long("int ", "(", 100000, "x", "test:1:69: nested deeper than 64 levels");
    refuse_long("int x[", "(", 100000, "1", "test:1:70: nested deeper than 64 levels");
    refuse_long("int x[", "-", 100000, "1", "test:1:69: nested deeper than 64 levels");
    refuse_long("int x[", "(int)", 100000, "1", "test:1:316: nested deeper than 64 levels");
    refuse_long("int x[", "sizeof ", 100000, "1", "test:1:441: nested deeper than 64 levels");
    refuse_long("int x[", "1 ? 1 : ", 100000, "1", "test:1:507: nested deeper than 64 levels");
    refuse_long("", "struct {", 100000, "", "test:1:520: nested deeper than 64 levels");
    refuse_long("void f(", "int (*)(", 100000, "", "test:1:260: nested deeper than 64 levels");
    refuse_long("void f(_In_reads_(", "(", 100000, "1", "test:1:81: nested deeper than 64 levels");
}

TEST(decl_refuses_types_of_too_many_levels) {
    refuse_long("int ", "*", FC__DECL_DEPTH_MAX + 1, "x", "test:1:69: a type of more than 64 levels");
    refuse_long("int x", "[1]", FC__DECL_DEPTH_MAX + 1, "", "test:1:6: a type of more than 64 levels");
    refuse_long("int *(*(*(*(", "*", 30, "f",
                "test:1:44: expected ')' after the declarator, found the end of the text");
}

TEST(decl_refuses_chains_of_typedefs_of_too_many_levels) {
    char source[4000];
    struct fc__unit unit;
    struct fc__error err;
    size_t used = (size_t)snprintf(source, sizeof source, "typedef int t0;");
    for (int i = 0; i <= FC__DECL_DEPTH_MAX; i++) {
        used += (size_t)snprintf(source + used, sizeof source - used, "\ntypedef t%d *t%d;", i, i + 1);
    }
    assert_int_equal(fc__decl_parse(source, used, "test", &unit, &err), FC_EPARSE);
    assert_string_equal(err.text, "test:66:13: a type of more than 64 levels\ntypedef t64 *t65;\n            ^");
}

TEST(decl_refuses_too_many_parameters) {
    refuse_long("void f(", "int,", FC__DECL_PARAMS_MAX, "int)", "test:1:516: more than 127 parameters");
}

TEST(decl_refuses_sizes_of_too_many_terms) {
    refuse_long("void f(_In_reads_(1", "+1", 100000, ") char *p)",
                "test:1:84: a size of more than 64 numbers, names and operators");
}

TEST(decl_refuses_texts_beyond_its_limit) {
    struct fc__unit unit;
    struct fc__error err;
    char *source = malloc((size_t)FC__DECL_SOURCE_MAX + 1);
    assert_non_null(source);
    memset(source, ' ', (size_t)FC__DECL_SOURCE_MAX + 1);
    assert_int_equal(fc__decl_parse(source, FC__DECL_SOURCE_MAX, "test", &unit, &err), FC_OK);
    fc__decl_unit_done(&unit);
    assert_int_equal(fc__decl_parse(source, (size_t)FC__DECL_SOURCE_MAX + 1, "test", &unit, &err), FC_EPARSE);
    assert_string_equal(err.text, "test: a text of more than 16777216 bytes");
    free(source);
}
