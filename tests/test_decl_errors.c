/* What fc__decl_parse refuses, and the whole text of each error. Annotations: test_decl_errors_annotations.c. */
#include "decl_refuse.h"

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
           {"[1] int f(void)", 1, "expected a type, found '['"},
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
           {"char a[_Generic 1];", 17, "expected '(' after '_Generic', found '1'"},
           {"struct s { int x; int y }", 25, "expected ';' after the member, found '}'"},
           {"enum e { };", 10, "expected the name of an enumerator, found '}'"},
           {"enum e { A B };", 12, "expected ',' or '}' in the enum, found 'B'"},
           {"enum e { int };", 10, "expected the name of an enumerator, found 'int'"},
           {"enum e { A = };", 14, "expected an expression, found '}'"},
           {"int x[;", 7, "expected an expression, found ';'"},
           {"void f(int n, int x[n n]);", 23, "expected ']' after the length of the array, found 'n'"},
           {"void f(int n, int x[n +]);", 24, "expected an expression, found ']'"},
           {"void f(int n, int x[sizeof 3 3]);", 30, "expected ']' after the length of the array, found '3'"},
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
           {"int x[*];", 7, "only a parameter can be so long"}, {"int n; int x[n];", 14, "this is not a constant"},
           {"_Thread_local typedef int x;", 15, "a second storage class: 'typedef'"},
           {"_Thread_local auto int x;", 15, "a second storage class: 'auto'"},
           {"int x[static 3];", 7, "expected the length of the array, found 'static'"},
           {"void f(int a[3][static 3]);", 16, "'static' and 'const' belong into the first [] of a parameter"});
}

TEST(decl_refuses_impossible_parameters) {
    REFUSE(FC_EPARSE, {"void f(void, int)", 8, "a parameter cannot be void"},
           {"void f(void x)", 8, "a parameter cannot be void"}, {"void f(int, void)", 13, "a parameter cannot be void"},
           {"void f(const void)", 8, "a parameter cannot be void"},
           {"void f(int x, int x)", 19, "'x' is already the name of a parameter"},
           {"int f(int, ... int)", 16, "expected ')' or ',' after '...', found 'int'"},
           {"int f(int, ..., int, ...)", 22, "there is a '...' already"},
           {"int f(int, ..., )", 17, "expected a type, found ')'"});
}

TEST(decl_refuses_old_style_parameters_without_types) {
    REFUSE(FC_EPARSE, {"int f(a, b) int a; { }", 10, "'b' has no type, and is none that is known"},
           {"int f(a, b);", 7, "'a' has no type, and is none that is known"},
           {"int f(a) { }", 7, "'a' has no type, and is none that is known"},
           {"int f(int a, b);", 14, "'b' has no type, and is none that is known"},
           {"int f(a) int a, b; { }", 17, "this is none of the parameters"},
           {"int f(a) int a, a; { }", 17, "'a' is already the name of a parameter"},
           {"int f(a) void a; { }", 15, "a parameter cannot be void"},
           {"int f(a) int *; { }", 15, "this is none of the parameters"},
           {"int f(a) int a { }", 16, "expected ';' after the parameter, found '{'"},
           {"int f(a) int a;", 16, "expected a type, found the end of the text"});
}

TEST(decl_refuses_labels_that_are_no_names) {
    REFUSE(FC_EPARSE, {"int f(void) asm(1);", 17, "expected the name of a symbol, found '1'"},
           {"int f(void) asm(\"a\", \"b\");", 20, "expected ')' after the name of a symbol, found ','"});
    REFUSE(FC_EUNSUPPORTED,
           {"int f(void) asm(\"a\\n\");", 17, "the name of a symbol is a plain string of at most 500 bytes"},
           {"int f(void) asm(L\"a\");", 17, "the name of a symbol is a plain string of at most 500 bytes"});
}

TEST(decl_refuses_enums_of_other_types_than_integers) {
    REFUSE(FC_EPARSE, {"enum e : float { A };", 10, "an enum of type 'float'"},
           {"enum e : int * { A };", 16, "expected a name, found '{'"});
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
           {"int x[(int)2.9999999999999999];", 12, "an integer is expected, not a floating constant"},
           {"int x[(int)0x1p99];", 12, "an integer is expected, not a floating constant"},
           {"int x[(long)1e30];", 13, "an integer is expected, not a floating constant"},
           {"int x[1/0];", 8, "a division by zero"}, {"int x[5 % 0];", 9, "a division by zero"},
           {"int x[1 << 40];", 9, "shifted by a negative number of bits, or by too many"},
           {"int x[1 << -1];", 9, "shifted by a negative number of bits, or by too many"},
           {"enum e { A = B };", 14, "this is not a constant"},
           {"int x[int];", 7, "expected an expression, found 'int'"},
           {"int x[n ? 1 : 2];", 7, "this is not a constant"},
           {"void f(int n, int a[n][m]);", 24, "this is not a constant"},
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

TEST(decl_refuses_formats_without_numbers) {
    REFUSE(FC_EPARSE,
           {"int f(const char *, ...) __attribute__((format(1, 1, 2)));", 48,
            "expected the name of a function in attribute 'format', found '1'"},
           {"int f(const char *, ...) __attribute__((format(printf)));", 54,
            "expected ',' in attribute 'format', found ')'"},
           {"int f(const char *, ...) __attribute__((format(printf, 1, 2, 3)));", 60,
            "expected ')' after the numbers of attribute 'format', found ','"});
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
           {"int x[((struct s { int a; } *)0)->b];", 35, "'struct s' has no member 'b'"},
           {"struct s { int a; int x[((struct s *)0)->a]; };", 42, "'struct s' has no member 'a'"});
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
           {"va_list f(void)", 1, "the type 'va_list' is not supported unless the text has a typedef of it"},
           {"void f(time_t *t)", 8, "the type 'time_t' is not supported unless the text has a typedef of it"},
           {"off_t lseek(int fd, off_t o, int whence)", 1,
            "the type 'off_t' is not supported unless the text has a typedef of it"},
           {"int vprintf(const char *format, va_list ap)", 33,
            "the type 'va_list' is not supported unless the text has a typedef of it"});
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
           {"int \\u00b6;", 5, "the character '\\' (U+005C) has no meaning here"},
           {"int \\u0300x;", 5, "the character '\\' (U+005C) has no meaning here"},
           {"int \\u00e;", 5, "the character '\\' (U+005C) has no meaning here"},
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
