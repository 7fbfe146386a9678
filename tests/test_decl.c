/* What fc__decl_parse understands of C. Annotations: test_decl_annotations.c; what is refused, and in which words:
 * test_decl_errors.c. */
#include "harness.h"

#include "decl_text.h"

/* -- Scalars ------------------------------------------------------------------------------------------------------- */

TEST(decl_reads_every_combination_of_integer_words) {
    static const struct {
        const char *words;
        enum fc__scalar scalar;
    } rows[] = {
        {"_Bool", FC__SCALAR_BOOL},
        {"bool", FC__SCALAR_BOOL},
        {"char", FC__SCALAR_CHAR},
        {"signed char", FC__SCALAR_SCHAR},
        {"char signed", FC__SCALAR_SCHAR},
        {"__signed__ char", FC__SCALAR_SCHAR},
        {"unsigned char", FC__SCALAR_UCHAR},
        {"char unsigned", FC__SCALAR_UCHAR},
        {"short", FC__SCALAR_SHORT},
        {"short int", FC__SCALAR_SHORT},
        {"int short", FC__SCALAR_SHORT},
        {"signed short", FC__SCALAR_SHORT},
        {"int signed short", FC__SCALAR_SHORT},
        {"unsigned short", FC__SCALAR_USHORT},
        {"short int unsigned", FC__SCALAR_USHORT},
        {"int", FC__SCALAR_INT},
        {"signed", FC__SCALAR_INT},
        {"int signed", FC__SCALAR_INT},
        {"unsigned", FC__SCALAR_UINT},
        {"unsigned int", FC__SCALAR_UINT},
        {"int unsigned", FC__SCALAR_UINT},
        {"long", FC__SCALAR_LONG},
        {"long int", FC__SCALAR_LONG},
        {"int long", FC__SCALAR_LONG},
        {"signed long int", FC__SCALAR_LONG},
        {"unsigned long", FC__SCALAR_ULONG},
        {"long unsigned int", FC__SCALAR_ULONG},
        {"long long", FC__SCALAR_LLONG},
        {"long int long", FC__SCALAR_LLONG},
        {"long signed int long", FC__SCALAR_LLONG},
        {"unsigned long long", FC__SCALAR_ULLONG},
        {"long int unsigned long", FC__SCALAR_ULLONG},
        {"float", FC__SCALAR_FLOAT},
        {"double", FC__SCALAR_DOUBLE},
        {"long double", FC__SCALAR_LDOUBLE},
        {"double long", FC__SCALAR_LDOUBLE},
        {"const long volatile unsigned register", FC__SCALAR_ULONG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[100];
        snprintf(source, sizeof source, "void f(%s x)", rows[i].words);
        struct fc__unit unit = parse(source);
        const struct fc__type *type = unit.first->type->params[0].type;
        assert_int_equal(type->kind, FC__TYPE_SCALAR);
        assert_int_equal(type->scalar, rows[i].scalar);
        assert_string_equal(unit.first->type->params[0].name, "x");
        fc__decl_unit_done(&unit);
    }
}

TEST(decl_knows_the_standard_type_names) {
    static const struct {
        const char *name;
        enum fc__scalar scalar;
    } rows[] = {
        {"size_t", FC__SCALAR_SIZE},     {"ssize_t", FC__SCALAR_SSIZE},     {"ptrdiff_t", FC__SCALAR_PTRDIFF},
        {"intptr_t", FC__SCALAR_INTPTR}, {"uintptr_t", FC__SCALAR_UINTPTR}, {"int8_t", FC__SCALAR_I8},
        {"uint8_t", FC__SCALAR_U8},      {"int16_t", FC__SCALAR_I16},       {"uint16_t", FC__SCALAR_U16},
        {"int32_t", FC__SCALAR_I32},     {"uint32_t", FC__SCALAR_U32},      {"int64_t", FC__SCALAR_I64},
        {"uint64_t", FC__SCALAR_U64},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[100];
        snprintf(source, sizeof source, "%s f(const %s *)", rows[i].name, rows[i].name);
        struct fc__unit unit = parse(source);
        const struct fc__type *result = unit.first->type->to;
        const struct fc__type *pointee = unit.first->type->params[0].type->to;
        assert_int_equal(result->scalar, rows[i].scalar);
        assert_string_equal(result->spelling, rows[i].name);
        assert_false(result->is_const);
        assert_int_equal(pointee->scalar, rows[i].scalar);
        assert_true(pointee->is_const);
        fc__decl_unit_done(&unit);
    }
}

TEST(decl_keeps_the_identity_of_a_redeclared_standard_name) {
    struct fc__unit unit = parse("typedef unsigned long size_t; typedef int ssize_t; typedef unsigned int size_t;"
                                 "typedef size_t zsize; ssize_t f(size_t a, zsize b);");
    const struct fc__type *type = unit.first->type;
    assert_int_equal(type->to->scalar, FC__SCALAR_SSIZE);
    assert_int_equal(type->params[0].type->scalar, FC__SCALAR_SIZE);
    assert_string_equal(type->params[0].type->spelling, "size_t");
    assert_int_equal(type->params[1].type->scalar, FC__SCALAR_SIZE);
    assert_string_equal(type->params[1].type->spelling, "zsize");
    fc__decl_unit_done(&unit);
}

TEST(decl_takes_a_bool_of_the_texts_own_as_that_type) {
    struct fc__unit unit = parse("typedef int bool; bool f(void);");
    assert_int_equal(unit.first->type->to->scalar, FC__SCALAR_INT);
    assert_string_equal(unit.first->type->to->spelling, "bool");
    fc__decl_unit_done(&unit);
    unit = parse("typedef enum { false, true } bool; bool f(void);");
    assert_int_equal(unit.first->type->to->kind, FC__TYPE_ENUM);
    fc__decl_unit_done(&unit);
    unit = parse("typedef _Bool bool; bool f(void);");
    assert_int_equal(unit.first->type->to->scalar, FC__SCALAR_BOOL);
    fc__decl_unit_done(&unit);
}

TEST(decl_takes_names_that_are_refused_from_the_texts_own_typedef) {
    expect(
        "typedef long time_t; typedef int wchar_t; typedef long long off_t;"
        "time_t time(_Out_opt_ time_t *timer); off_t lseek(int, off_t, int); int iswalpha(wchar_t c)",
        "time: time_t (time_t *)\n  timer: out one optional\nlseek: off_t (int, off_t, int)\niswalpha: int (wchar_t)");
}

/* -- Declarators --------------------------------------------------------------------------------------------------- */

TEST(decl_reads_declarators_inside_out) {
    expect("int a; int *b; int **c; int d[3]; int *e[3]; int (*f)[3]; int (*g)(void); int *(*h[2])(int);"
           "int (*(*i)(void))[4]; int k[2][3]; int ((((l)))); char *const m; const char *const *volatile n;",
           "a: int\nb: int *\nc: int **\nd: int [3]\ne: int *[3]\nf: int (*)[3]\ng: int (*)(void)\n"
           "h: int *(*[2])(int)\ni: int (*(*)(void))[4]\nk: int [2][3]\nl: int\nm: char *const\n"
           "n: const char *const *");
}

TEST(decl_reads_several_declarators_of_one_declaration) {
    expect("extern int a, *b, c(void), (*d)(int), e[2];",
           "a: int\nb: int *\nc: int (void)\nd: int (*)(int)\ne: int [2]");
}

TEST(decl_adjusts_arrays_and_functions_in_parameters) {
    expect("typedef int row[8]; void f(int a[], char b[3], char c[static 4], int d[2][3], int e(void), row g,"
           "const row h, char *const k[], int l[const], int (m)(int), long n[*], int o[static const 2])",
           "f: void (int *, char *, char *, int (*)[3], int (*)(void), int *, const int *, char *const *, int *const, "
           "int (*)(int), long *, int *const)");
}

TEST(decl_notes_what_the_array_of_a_parameter_said) {
    struct fc__unit unit = parse("void f(int a[], char b[3], char c[static 4 * 2], int n, int d[n], int *e)");
    const struct fc__param *params = unit.first->type->params;
    assert_true(params[0].is_array);
    assert_int_equal(params[0].array_length, 0);
    assert_int_equal(params[1].array_length, 3);
    assert_false(params[1].is_static_array);
    assert_true(params[2].is_static_array);
    assert_int_equal(params[2].array_length, 8);
    assert_true(params[4].is_array);
    assert_int_equal(params[4].array_length, 0);
    assert_false(params[5].is_array);
    fc__decl_unit_done(&unit);
}

/* Where a row's length is no constant, its elements are what is known. */
TEST(decl_flattens_arrays_of_variable_length_in_parameters) {
    expect("void f(int n, int m, int a[n][n], const int b[static n][m + 1], double c[restrict static n][m],"
           "int (*d)[n], int (*const e)[n][3], int (*g[n])[n], int h[][n], int i[*][*], int j[3][n], int k[n][3],"
           "int [n][n], int (*)[n], int *l[n][n], int (**o)[n], int (*p)(int r, int q[r][n]), int s[n][3][4])",
           "f: void (int, int, int *, const int *, double *, int *, int *const, int **, int *, int *, int *, "
           "int (*)[3], int *, int *, int **, int **, int (*)(int, int *), int (*)[3][4])");
    expect("int rows; void (*g)(int, int [*][*]); int h(int a[rows][rows]);"
           "int (*i(int n, int a[n][n]))[3]; void j(struct s { int n; } *s, int a[s->n][s->n]);"
           "void k(int n, int a[n > 3 ? n : 3][n && rows]); int l(n, a) int n; int a[n][n]; { return 0; }",
           "rows: int\ng: void (*)(int, int *)\nh: int (int *)\ni: int (*(int, int *))[3]\n"
           "j: void (struct s *, int *)\nk: void (int, int *)\nl: int (int, int *)");
    expect("void f(int n, _In_reads_(n * n) const int a[n][n], _Out_writes_(2 * n) int (*b)[n])",
           "f: void (int, const int *, int *)\n  a: in elements (n * n)\n  b: out elements (2 * n)");
    expect("int rows; void f(int n, int a[n++], int b[n][--n], int c[static (n = 3)][2], int d[sizeof(int[n])], int e);"
           "void (*g)(int n, int [n += 2], int (*)[rows--]); int h(int rows[]);",
           "rows: int\nf: void (int, int *, int *, int (*)[2], int *, int)\ng: void (*)(int, int *, int *)\nh: int "
           "(int *)");
    struct fc__unit unit = parse("void f(int n, int a[static 3][n], int b[n][3])");
    assert_true(unit.first->type->params[1].is_array);
    assert_false(unit.first->type->params[1].is_static_array); /* of rows */
    assert_int_equal(unit.first->type->params[1].array_length, 0);
    assert_int_equal(unit.first->type->params[2].array_length, 0);
    fc__decl_unit_done(&unit);
}

TEST(decl_takes_thread_local_before_and_behind_linkage) {
    struct fc__unit unit = parse("_Thread_local extern int a; extern _Thread_local int b; _Thread_local static int c;"
                                 "static __thread int d; int _Thread_local typedef_; _Thread_local int const e;");
    const bool are_static[] = {false, false, true, true, false, false};
    size_t i = 0;
    for (const struct fc__decl *decl = unit.first; decl != NULL; decl = decl->next) {
        assert_int_equal(decl->is_static, are_static[i++]);
    }
    assert_int_equal(i, 6);
    fc__decl_unit_done(&unit);
}

TEST(decl_tells_no_parameters_from_variadic_ones) {
    struct fc__unit unit = parse("int a(void); int b(); int c(int, ...);");
    const struct fc__decl *decl = unit.first;
    assert_int_equal(decl->type->param_count, 0);
    assert_null(decl->type->params);
    decl = decl->next;
    assert_int_equal(decl->type->param_count, 0);
    assert_false(decl->type->is_variadic);
    decl = decl->next;
    assert_int_equal(decl->type->param_count, 1);
    assert_true(decl->type->is_variadic);
    fc__decl_unit_done(&unit);
}

/* As C23 has it, and clang's headers. */
TEST(decl_takes_variadic_functions_without_other_parameters) {
    expect("int f(...); void g(int (*h)(...)); int k(..., int a);",
           "f: int (...)\ng: void (int (*)(...))\nk: int (..., int)");
}

TEST(decl_takes_a_type_name_in_parentheses_as_a_parameter) {
    expect("typedef int T; void f(int (T)); void g(int (x)); void h(int (*)); void k(T (T)); void l(int ());",
           "f: void (int (*)(T))\ng: void (int)\nh: void (int *)\nk: void (T (*)(T))\nl: void (int (*)(void))");
}

TEST(decl_reads_functions_that_return_function_pointers) {
    expect("void (*signal(int sig, void (*func)(int)))(int)", "signal: void (*(int, void (*)(int)))(int)");
    expect("int (*(*pick(int n))(char))(long)", "pick: int (*(*(int))(char))(long)");
}

TEST(decl_reads_function_pointer_parameters) {
    struct fc__unit unit = parse("int walk(int (*visit)(const char *name, void *user), void *user)");
    const struct fc__type *type = unit.first->type->params[0].type;
    assert_int_equal(type->kind, FC__TYPE_POINTER);
    assert_int_equal(type->to->kind, FC__TYPE_FUNCTION);
    assert_int_equal(type->to->param_count, 2);
    assert_string_equal(type->to->params[1].name, "user");
    fc__decl_unit_done(&unit);
}

TEST(decl_declares_a_function_by_a_typedef_of_its_type) {
    expect("typedef int compare(const void *, const void *); compare by_name, *current; void sort(compare *, compare);",
           "by_name: compare\ncurrent: compare *\nsort: void (compare *, compare *)");
}

TEST(decl_reads_a_text_without_declarations) {
    expect("", "");
    expect(" \n\t;;; /* nothing */ // at all", "");
    expect("struct a; union b; enum c { C }; struct d { int x; }", "");
}

TEST(decl_needs_no_final_semicolon) {
    expect("int f(void)", "f: int (void)");
    expect("typedef int t; t f(void)", "f: t (void)");
    expect("int f(void) // comment", "f: int (void)");
}

/* -- What is skipped ----------------------------------------------------------------------------------------------- */

TEST(decl_skips_what_does_not_change_the_call) {
    expect(
        "extern __inline __attribute__((__gnu_inline__, nonnull(1))) int a(int *__restrict p) "
        "__asm__(\"a64\") __attribute__((pure)) __attribute__((format(printf, 1, 2)));"
        "static inline _Noreturn void b(void); __declspec(dllimport) int __cdecl c(void);"
        "__extension__ extern long long d(__const char *restrict, volatile int, register int x);"
        "int (__attribute__((cdecl)) *e)(void); _Alignas(16) int f; extern _Thread_local int g; __asm__(\".globl x\");"
        "_Static_assert(sizeof(int) == 4, \"int\"); int h __attribute__((aligned(8))) = { 1, (2), {3} }, i = 5;"
        "int __attribute__((x)) k(int a __attribute__((unused)), int __attribute__((unused)) b);",
        "a: int (int *)\nb: void (void)\nc: int (void)\nd: long long (const char *, int, int)\ne: int (*)(void)\n"
        "f: int\ng: int\nh: int\ni: int\nk: int (int, int)");
}

TEST(decl_skips_function_bodies) {
    expect("static inline int twice(int x) { return x * 2; } int after(void);"
           "void g(void) { char c = '}'; const char *s = \"}\\\"\"; if (1.5e+3 > 0x1p-2) { s[0]--; } /* } */ }"
           "int last(void)",
           "twice: int (int)\nafter: int (void)\ng: void (void)\nlast: int (void)");
}

TEST(decl_reads_definitions_of_the_old_style) {
    expect("int f(a, b, c, d, e) char a; float *b, c; unsigned short d[3], e; { return a; } int after(void);"
           "int none() { } void one(x) unsigned long x; { } unsigned *two(x, y) int (*x)(int); double y; { }",
           "f: int (int, float *, double, unsigned short *, int)\nafter: int (void)\nnone: int (void)\n"
           "one: void (unsigned long)\ntwo: unsigned int *(int (*)(int), double)");
}

TEST(decl_notes_labels) {
    struct fc__unit unit = parse("int a(void) __asm__(\"a\" \"64\") __attribute__((pure)); extern int b asm (\"c\"), d;"
                                 "int a(void);");
    assert_string_equal(unit.first->label, "a64");
    assert_string_equal(unit.first->next->label, "c");
    assert_null(unit.first->next->next->label);
    assert_string_equal(unit.last->label, "a64");
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_attributes_in_brackets) {
    expect("[[noreturn]] void a(void); [[nodiscard, gnu::pure]] int b [[deprecated(\"[[\")]] (int c [[maybe_unused]]);"
           "int d [[x]][3] [[y]], e; struct [[gnu::packed]] s { char c; [[x]] int i; } *f; enum { A [[x]] = 1, B };"
           "int g([[x]] int [[y]]);",
           "a: void (void)\nb: int (int)\nd: int [3]\ne: int\nf: struct s *\ng: int (int)");
    struct fc__unit unit = parse("struct [[gnu::packed]] s { char c; };");
    assert_true(unit.bodies->is_packed);
    fc__decl_unit_done(&unit);
}

TEST(decl_notes_static_and_inline) {
    struct fc__unit unit = parse("static inline int a(void) {} int b(void);");
    assert_true(unit.first->is_static);
    assert_true(unit.first->is_inline);
    assert_false(unit.last->is_static);
    assert_false(unit.last->is_inline);
    fc__decl_unit_done(&unit);
}

TEST(decl_skips_comments_and_joins_continued_lines) {
    expect("/* a */ in\\\nt f/* b */(/**/vo\\\r\nid/***/)// c \\\n still c\n;int/\\\n* d *\\\n/g(int\\\n);",
           "f: int (void)\ng: int (int)");
}

TEST(decl_tolerates_old_encodings_in_comments_only) {
    expect("/* \xA9 1997 */ int f(void); // \xE9\n int g(void)", "f: int (void)\ng: int (void)");
}

TEST(decl_skips_a_byte_order_mark) {
    expect("\xEF\xBB\xBFint f(void)", "f: int (void)");
}

TEST(decl_skips_pragmas) {
    expect("#pragma pack(push, 1)\n# pragma GCC visibility push(default)\nint f(void);\n#ident \"x\"\n#\nint g(void);",
           "f: int (void)\ng: int (void)");
}

/* -- Typedefs, tags, enums ----------------------------------------------------------------------------------------- */

TEST(decl_keeps_the_last_typedef_name) {
    struct fc__unit unit =
        parse("typedef unsigned char Byte; typedef Byte Bytef; Bytef f(const Byte *, Bytef const *);");
    const struct fc__type *type = unit.first->type;
    assert_string_equal(type->to->spelling, "Bytef");
    assert_int_equal(type->to->scalar, FC__SCALAR_UCHAR);
    assert_string_equal(type->params[0].type->to->spelling, "Byte");
    assert_true(type->params[0].type->to->is_const);
    assert_true(type->params[1].type->to->is_const);
    assert_false(type->to->is_const);
    fc__decl_unit_done(&unit);
}

TEST(decl_takes_const_of_a_pointer_typedef_as_of_the_pointer) {
    struct fc__unit unit = parse("typedef char *string; void f(const string);");
    const struct fc__type *type = unit.first->type->params[0].type;
    assert_true(type->is_const);
    assert_false(type->to->is_const);
    fc__decl_unit_done(&unit);
}

TEST(decl_takes_const_of_an_array_typedef_as_of_its_elements) {
    struct fc__unit unit = parse("typedef char digest[16]; extern const digest d;");
    assert_int_equal(unit.first->type->kind, FC__TYPE_ARRAY);
    assert_int_equal(unit.first->type->length, 16);
    assert_true(unit.first->type->to->is_const);
    fc__decl_unit_done(&unit);
}

TEST(decl_lets_a_parameter_hide_a_typedef) {
    expect("typedef int T; void f(long T, char U); T g(T); int h(int T, int (*k)(int T));",
           "f: void (long, char)\ng: T (T)\nh: int (int, int (*)(int))");
}

TEST(decl_lets_a_declaration_hide_a_standard_name) {
    expect("void f(int size_t, int bool); size_t g(void);", "f: void (int, int)\ng: size_t (void)");
}

TEST(decl_takes_a_repeated_typedef_of_the_same_type) {
    expect(
        "typedef struct s s; typedef struct s s; typedef int (*fn)(s *, char[]); typedef int (*fn)(struct s *, char *);"
        "fn f(void);",
        "f: fn (void)");
}

TEST(decl_takes_a_repeated_function) {
    expect("int f(int); int f(_In_ int x);", "f: int (int)\nf: int (int)");
}

TEST(decl_knows_incomplete_structs) {
    struct fc__unit unit =
        parse("struct sqlite3; typedef struct sqlite3_stmt sqlite3_stmt; union u;"
              "int f(struct sqlite3 *db, const sqlite3_stmt *statement, union u *u, struct other **o)");
    const struct fc__param *params = unit.first->type->params;
    assert_int_equal(params[0].type->to->kind, FC__TYPE_STRUCT);
    assert_string_equal(params[0].type->to->body->tag, "sqlite3");
    assert_false(params[0].type->to->body->is_complete);
    assert_string_equal(params[1].type->to->body->tag, "sqlite3_stmt");
    assert_string_equal(params[1].type->to->spelling, "sqlite3_stmt");
    assert_true(params[1].type->to->is_const);
    assert_int_equal(params[2].type->to->kind, FC__TYPE_UNION);
    assert_string_equal(params[3].type->to->to->body->tag, "other");
    fc__decl_unit_done(&unit);
}

TEST(decl_completes_a_struct_wherever_its_body_stands) {
    struct fc__unit unit = parse("typedef struct s S; void f(struct s *, const S *, S **); struct s { int x; };"
                                 "void g(S *, const struct s *);");
    const struct fc__type *f = unit.first->type;
    const struct fc__type *g = unit.last->type;
    assert_true(f->params[0].type->to->body->is_complete);
    assert_true(f->params[1].type->to->body->is_complete);
    assert_true(f->params[2].type->to->to->body->is_complete);
    assert_true(g->params[0].type->to->body->is_complete);
    assert_true(g->params[1].type->to->body->is_complete);
    assert_int_equal(f->params[0].type->to->body->id, g->params[1].type->to->body->id);
    assert_int_not_equal(f->params[0].type->to->body->id, 0);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_struct_bodies) {
    expect("typedef struct node { struct node *next, **back; unsigned flags : 3, : 0, more : 1 + 1; "
           "union { int i; double d; }; struct inner { char name[16]; } in[2]; int (*call)(struct node *);"
           "__extension__ long long x __attribute__((aligned(4))); const volatile int v; ; "
           "_Static_assert(1, \"\"); char tail[]; } node; struct inner f(const node *);"
           "struct __attribute__((packed)) p { char c; } __attribute__((aligned(1))); struct empty {}; struct _Odd_ { "
           "int _y_; };"
           "void g(struct p *, struct empty *, struct _Odd_ *)",
           "f: struct inner (const node *)\ng: void (struct p *, struct empty *, struct _Odd_ *)");
}

TEST(decl_tells_anonymous_structs_apart) {
    struct fc__unit unit = parse("typedef struct { int quot, rem; } div_t; struct { int x; } v; div_t div(int, int);");
    const struct fc__type *variable = unit.first->type;
    const struct fc__type *result = unit.last->type->to;
    assert_null(result->body->tag);
    assert_string_equal(result->spelling, "div_t");
    assert_true(result->body->is_complete);
    assert_int_not_equal(result->body->id, variable->body->id);
    fc__decl_unit_done(&unit);
}

TEST(decl_accepts_member_lengths_that_depend_on_the_target) {
    expect("typedef struct { unsigned long val[1024 / (8 * sizeof (unsigned long))]; char a[2][sizeof(int)];"
           "int bits : sizeof(int) * 8; } sigset_t; int sigemptyset(_Out_ sigset_t *set);",
           "sigemptyset: int (sigset_t *)\n  set: out one");
}

TEST(decl_knows_enumerators_as_constants) {
    expect(
        "enum color { RED, GREEN = 5, BLUE, LAST = BLUE + (GREEN << 2), MINUS = -3, };"
        "int a[RED + 1], b[GREEN], c[BLUE], d[LAST], e[-MINUS]; enum color f(enum color *, const enum color);",
        "a: int [1]\nb: int [5]\nc: int [6]\nd: int [26]\ne: int [3]\nf: enum color (enum color *, const enum color)");
}

TEST(decl_reads_enums_in_odd_places) {
    expect("struct s { enum { INNER = 7 } kind; }; int f(enum e { PARAM = 3 } x, int y[2][PARAM]); enum e g(void); int "
           "a[INNER];"
           "typedef enum { X __attribute__((deprecated)), Y __attribute__((x)) = 4 } xy; xy h(void);",
           "f: int (enum e, int (*)[3])\ng: enum e (void)\na: int [7]\nh: xy (void)");
}

TEST(decl_takes_enumerators_of_32_bits) {
    expect("enum a { A = 0xFFFFFFFFu, B = 0 }; enum b { C = -2147483647 - 1, D = 2147483647 }; int f(enum a, enum b)",
           "f: int (enum a, enum b)");
}

TEST(decl_gives_enums_the_type_that_holds_their_values) {
    static const struct {
        const char *body;
        enum fc__scalar scalar;
    } rows[] = {
        {"A", FC__SCALAR_UINT},
        {"A = -1, B", FC__SCALAR_INT},
        {"A = 0xFFFFFFFF", FC__SCALAR_UINT},
        {"A = 0x100000000", FC__SCALAR_ULLONG},
        {"A = 0xFFFFFFFF, B", FC__SCALAR_ULLONG},
        {"A = ~0ull", FC__SCALAR_ULLONG},
        {"A = 0x7FFFFFFFFFFFFFFF, B", FC__SCALAR_ULLONG},
        {"A = -1, B = 0xFFFFFFFF", FC__SCALAR_LLONG},
        {"A = -2147483649", FC__SCALAR_LLONG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[100];
        snprintf(source, sizeof source, "enum e { %s } x;", rows[i].body);
        struct fc__unit unit = parse(source);
        assert_int_equal(unit.first->type->body->scalar, rows[i].scalar);
        fc__decl_unit_done(&unit);
    }
    struct fc__unit unit = parse("enum __attribute__((packed)) e { A = 200 } x;");
    assert_int_equal(unit.first->type->body->scalar, FC__SCALAR_UCHAR);
    fc__decl_unit_done(&unit);
    static const enum fc__scalar fixed[] = {FC__SCALAR_UCHAR, FC__SCALAR_LLONG, FC__SCALAR_SHORT, FC__SCALAR_U16};
    unit = parse("enum a : unsigned char { A }; enum b : long long { B = -1 }; enum c : short; enum : uint16_t { D };"
                 "struct s { enum a x : 3; enum c : 2; };");
    const struct fc__body *body = unit.bodies;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++, body = body->next) {
        assert_int_equal(body->scalar, fixed[i]);
    }
    assert_int_equal(body->member_count, 2);
    fc__decl_unit_done(&unit);
    expect("enum e { A = 0x100000000 }; char a[A == 0x100000000 ? 1 : 2];", "a: char [1]");
}

/* -- Size ---------------------------------------------------------------------------------------------------------- */

TEST(decl_reads_large_texts) {
    enum { COUNT = 40000, LINE = 53 };
    size_t size = (size_t)COUNT * LINE + 1;
    size_t used = 0;
    char *source = malloc(size);
    assert_non_null(source);
    for (int i = 0; i < COUNT; i++) { /* all in one line, each of another name */
        used += (size_t)snprintf(source + used, size - used, "extern int function_%05d(const char *a, unsigned b);", i);
    }
    assert_int_equal(used, size - 1);
    struct fc__unit unit = parse(source);
    size_t count = 0;
    for (const struct fc__decl *decl = unit.first; decl != NULL; decl = decl->next) {
        count++;
    }
    assert_int_equal(count, COUNT);
    assert_string_equal(unit.last->name, "function_39999");
    assert_int_equal(unit.last->line, 1);
    assert_int_equal(unit.last->column, (COUNT - 1) * LINE + 12);
    fc__decl_unit_done(&unit);
    free(source);
}

TEST(decl_reads_up_to_its_limits) {
    static const struct {
        const char *before, *part;
        size_t count;
        const char *behind;
    } rows[] = {
        {"void f(", "int,", FC__DECL_PARAMS_MAX - 1, "int)"},
        {"int ", "*", FC__DECL_DEPTH_MAX, "x"},
        {"int ", "(", FC__DECL_DEPTH_MAX - 1, "x)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))"},
        {"void f(_In_reads_(1", "+1", FC__DECL_SIZE_TERMS_MAX / 2 - 1, ") char *p)"},
        {"int x[1", "+1", 100000, "]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *source = decl_repeat(rows[i].before, rows[i].part, rows[i].count, rows[i].behind);
        struct fc__unit unit = parse(source);
        fc__decl_unit_done(&unit);
        free(source);
    }
}

TEST(decl_skips_brackets_of_any_depth) {
    char *open = decl_repeat("int x = ", "(", 100000, "");
    char *source = decl_repeat(open, ")", 100000, "; int y;");
    expect(source, "x: int\ny: int");
    free(source);
    free(open);
}
