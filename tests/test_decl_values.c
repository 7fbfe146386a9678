/* What the values of variables say of their types. */
#include "harness.h"

#include "abi/layout.h"
#include "decl_refuse.h"
#include "decl_text.h"

static void expect_for(const char *target, const char *source, const char *expected) {
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    fc__layouts_init(&layouts, fc__target_find(target));
    if (fc__layout_parse(&layouts, source, strlen(source), "test", &unit, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    expect_unit(&unit, expected);
    fc__decl_unit_done(&unit);
    fc__layouts_done(&layouts);
}

TEST(values_say_how_many_elements_an_array_has) {
    expect("static const int a[] = {1, 2, 3}; int b[] = {1, 2,}, c, d[] = {{1}, 2}; const char *e[] = {\"x\", \"y\" "
           "\"z\"};"
           "int f[] = {[4] = 1}, g[] = {[1] = 1, 2, [0] = 3}, h[] = {[2 ... 5] = 1, 7}; int i[][2] = {{1, 2}, {3}};"
           "int j[] = {f(1, 2), (3, 4), (int){5}}; void (*k[])(int) = {0, (void (*)(int))1}; int l[2] = {1};",
           "a: const int [3]\nb: int [2]\nc: int\nd: int [2]\ne: const char *[2]\nf: int [5]\ng: int [3]\nh: int [7]\n"
           "i: int [2][2]\nj: int [3]\nk: void (*[2])(int)\nl: int [2]");
}

TEST(values_of_texts_have_an_end) {
    expect("char a[] = \"abc\", b[] = {\"ab\" \"c\"}, c[] = (\"\"), d[] = {'a', 0}; const char e[][4] = {\"a\", \"b\"};"
           "wchar_t f[] = L\"ab\"; unsigned char g[] = {\"\\0\",}; char *h = \"abc\"; char i[] = \"a\\x41z\";",
           "a: char [4]\nb: char [4]\nc: char [1]\nd: char [2]\ne: const char [2][4]\nf: wchar_t [3]\n"
           "g: unsigned char [2]\nh: char *\ni: char [4]");
}

TEST(values_without_braces_fill_structs) {
    expect(
        "struct s { int a, b[2]; char c : 3; }; struct s a[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}; struct s b[] = {{1}, {2}};"
        "int c[][2] = {1, 2, 3}; union u { int a; long b[4]; } d[] = {1, 2}; struct s e[] = {1, 2, 3, 4, {5}};"
        "struct s f[] = {[1].a = 2, [1].b = {1}, [0].a = 1};",
        "a: struct s [3]\nb: struct s [2]\nc: int [2][2]\nd: union u [2]\ne: struct s [2]\nf: struct s [2]");
}

TEST(values_that_nobody_can_count_leave_the_length_open) {
    expect("struct s { int a, b; } v; int w; struct s a[] = {v, v}; int b[] = {[w] = 1}; int c[] = w;"
           "int d[] = {[-1] = 1}; struct s e[] = {[0].a = 1, w, 3}; int f[] = {[1 +] = 2};",
           "v: struct s\nw: int\na: struct s []\nb: int []\nc: int []\nd: int []\ne: struct s []\nf: int []");
}

TEST(lengths_of_values_count_where_sizes_do) {
    expect_for(
        "x86_64-linux",
        "extern int a[]; int a[] = {1, 2, 3}; char b[sizeof a / sizeof a[0]]; static const char c[] = \"text\";"
        "typedef int row[]; row d = {1, 2}; row e = {1}; enum { N = sizeof c }; char f[N]; int g[] = {sizeof d};",
        "a: int []\na: int [3]\nb: char [3]\nc: const char [5]\nd: int [2]\ne: int [1]\nf: char [5]\ng: int [1]");
}

TEST(auto_type_is_that_of_the_value) {
    expect_for(
        "x86_64-linux",
        "static const __auto_type a = 5; __auto_type b = 5ul; const __auto_type c = \"x\"; __auto_type d = (char)1;"
        "__auto_type e = 1.5f, f = 2.0; struct s { int m[3]; } v; __auto_type g = &v; __auto_type h = v.m;"
        "int i(char); __auto_type j = i; __auto_type k = sizeof v;",
        "a: const int\nb: unsigned long\nc: char *const\nd: char\ne: float\nf: double\nv: struct s\ng: struct s *\n"
        "h: int *\ni: int (char)\nj: int (*)(char)\nk: unsigned long");
}

TEST(auto_type_without_a_type_is_refused) {
    REFUSE(FC_EPARSE, {"__auto_type a;", 14, "expected '=' and a value, whose type '__auto_type' takes, found ';'"},
           {"__auto_type *a = 0;", 14, "'__auto_type' is the whole type of a name"},
           {"int f(__auto_type a);", 7, "'__auto_type' is the type of a variable with a value"},
           {"__auto_type int a = 1;", 13, "'int' cannot be combined with '__auto_type'"});
    REFUSE(FC_EUNSUPPORTED,
           {"__auto_type a = unknown(1);", 13, "the type of this value, which '__auto_type' takes, cannot be told"});
}
