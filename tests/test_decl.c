/* What fc__decl_parse understands. What it refuses, and in which words, is in test_decl_errors.c. */
#include "harness.h"

#include "decl/decl.h"

#include <stdlib.h>
#include <string.h>

/* -- The unit as text ---------------------------------------------------------------------------------------------- */

enum { TEXT_MAX = 8000 };

struct text {
    char bytes[TEXT_MAX];
    size_t used;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    text->used += (size_t)vsnprintf(text->bytes + text->used, TEXT_MAX - text->used, format, list);
    va_end(list);
    assert_true(text->used < TEXT_MAX);
}

static void add_expr(struct text *text, const struct fc__expr *expr, const struct fc__type *function) {
    const char *name =
        expr->kind == FC__EXPR_PARAM || expr->kind == FC__EXPR_DEREF ? function->params[expr->param].name : NULL;
    switch (expr->kind) {
    case FC__EXPR_CONSTANT:
        add(text, "%lld", (long long)expr->value);
        return;
    case FC__EXPR_PARAM:
        add(text, "%s", name);
        return;
    case FC__EXPR_DEREF:
        add(text, "*%s", name);
        return;
    default:
        add(text, "(");
        add_expr(text, expr->left, function);
        add(text, " %c ", "+-*/"[expr->kind - FC__EXPR_ADD]);
        add_expr(text, expr->right, function);
        add(text, ")");
        return;
    }
}

static void add_annotation(struct text *text, const char *name, const struct fc__annotation *annotation,
                           const struct fc__type *function) {
    static const char *const directions[] = {"", " in", " out", " inout"};
    static const char *const extents[] = {"", " one", " elements", " bytes", " string"};
    if (annotation->text == NULL) {
        return;
    }
    add(text, "\n  %s:%s%s", name, directions[annotation->direction], extents[annotation->extent]);
    if (annotation->capacity != NULL) {
        add(text, " ");
        add_expr(text, annotation->capacity, function);
    }
    if (annotation->valid != NULL) {
        add(text, " then ");
        add_expr(text, annotation->valid, function);
    }
    add(text, "%s%s%s%s%s", annotation->is_optional ? " optional" : "", annotation->is_all ? " all" : "",
        annotation->is_outptr ? " outptr" : "", annotation->is_result_optional ? " result-optional" : "",
        annotation->is_opaque ? " opaque" : "");
}

static void add_decl(struct text *text, const struct fc__decl *decl) {
    char type[2000];
    add(text, "%s%s: %s", text->used == 0 ? "" : "\n", decl->name, fc__decl_type_text(decl->type, type, sizeof type));
    assert_int_equal(decl->kind == FC__DECL_FUNCTION, decl->type->kind == FC__TYPE_FUNCTION);
    if (decl->kind == FC__DECL_FUNCTION) {
        add_annotation(text, "result", &decl->result, decl->type);
        for (uint32_t i = 0; i < decl->type->param_count; i++) {
            const struct fc__param *param = &decl->type->params[i];
            add_annotation(text, param->name != NULL ? param->name : "?", &param->annotation, decl->type);
        }
    }
}

static struct fc__unit parse_bytes(const char *source, size_t len) {
    struct fc__unit unit;
    struct fc__error err;
    char *exact = malloc(len + (len == 0)); /* so that a read past the end is seen */
    assert_non_null(exact);
    memcpy(exact, source, len);
    err.text[0] = '\0';
    int error = fc__decl_parse(exact, len, "test", &unit, &err);
    free(exact);
    if (error != FC_OK) {
        fail_msg("%s", err.text);
    }
    return unit;
}

static struct fc__unit parse(const char *source) {
    return parse_bytes(source, strlen(source));
}

/* Every declaration as `name: type`, each annotated parameter on a line below it. */
static void expect(const char *source, const char *expected) {
    static struct text text;
    struct fc__unit unit = parse(source);
    text.used = 0;
    text.bytes[0] = '\0';
    for (const struct fc__decl *decl = unit.first; decl != NULL; decl = decl->next) {
        assert_true(decl->next != NULL || decl == unit.last);
        add_decl(&text, decl);
    }
    assert_string_equal(text.bytes, expected);
    fc__decl_unit_done(&unit);
}

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
    assert_string_equal(params[0].type->to->tag, "sqlite3");
    assert_false(params[0].type->to->is_complete);
    assert_string_equal(params[1].type->to->tag, "sqlite3_stmt");
    assert_string_equal(params[1].type->to->spelling, "sqlite3_stmt");
    assert_true(params[1].type->to->is_const);
    assert_int_equal(params[2].type->to->kind, FC__TYPE_UNION);
    assert_string_equal(params[3].type->to->to->tag, "other");
    fc__decl_unit_done(&unit);
}

TEST(decl_completes_a_struct_wherever_its_body_stands) {
    struct fc__unit unit = parse("typedef struct s S; void f(struct s *, const S *, S **); struct s { int x; };"
                                 "void g(S *, const struct s *);");
    const struct fc__type *f = unit.first->type;
    const struct fc__type *g = unit.last->type;
    assert_true(f->params[0].type->to->is_complete);
    assert_true(f->params[1].type->to->is_complete);
    assert_true(f->params[2].type->to->to->is_complete);
    assert_true(g->params[0].type->to->is_complete);
    assert_true(g->params[1].type->to->is_complete);
    assert_int_equal(f->params[0].type->to->tag_id, g->params[1].type->to->tag_id);
    assert_int_not_equal(f->params[0].type->to->tag_id, 0);
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
    assert_null(result->tag);
    assert_string_equal(result->spelling, "div_t");
    assert_true(result->is_complete);
    assert_int_not_equal(result->tag_id, variable->tag_id);
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
    expect("struct s { enum { INNER = 7 } kind; }; int f(enum e { PARAM = 3 } x); enum e g(void); int a[INNER + PARAM];"
           "typedef enum { X __attribute__((deprecated)), Y __attribute__((x)) = 4 } xy; xy h(void);",
           "f: int (enum e)\ng: enum e (void)\na: int [10]\nh: xy (void)");
}

TEST(decl_takes_enumerators_of_32_bits) {
    expect("enum a { A = 0xFFFFFFFFu, B = 0 }; enum b { C = -2147483647 - 1, D = 2147483647 }; int f(enum a, enum b)",
           "f: int (enum a, enum b)");
}

/* -- Constants ----------------------------------------------------------------------------------------------------- */

TEST(decl_evaluates_constant_expressions) {
    static const struct {
        const char *expression;
        uint64_t value;
    } rows[] = {
        {"1 + 2 * 3", 7},
        {"(1 + 2) * 3", 9},
        {"20 - 5 - 5", 10},
        {"100 / 10 / 2", 5},
        {"7 % 4 + 1", 4},
        {"1 << 4 >> 2", 4},
        {"0x1F & 0xF | 0x30 ^ 0x10", 47},
        {"~0 + 2", 1},
        {"-(-5)", 5},
        {"!0 + !7 + +3", 4},
        {"1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 == 1 && 1 != 2", 1},
        {"1 > 2 || 0 || 5", 1},
        {"0 ? 10 : 1 ? 20 : 30", 20},
        {"1 ? 2 : 1 / 0", 2},
        {"1 || 1 / 0", 1},
        {"(0 && 1 / 0) + 1", 1},
        {"010 + 0x10 + 0b11 + 10u + 10L + 10ull + 10LLU", 67},
        {"'A' + '\\n' + '\\0' + '\\x41' + '\\101' + '\\''", 244},
        {"'ab'", 24930},
        {"(u'A' == L'A') + (U'B' == u8'B')", 2},
        {"('\\377' == -1) + 1", 2},
        {"(unsigned char)300", 44},
        {"(signed char)200 + 100", 44},
        {"(short)0x18000 + 0x8001", 1},
        {"(_Bool)42", 1},
        {"(long long)1 << 40", (uint64_t)1 << 40},
        {"0xFFFFFFFF + 1 == 0", 1},
        {"0xFFFFFFFF + 1L == 0x100000000", 1},
        {"-1 < 0u ? 1 : 2", 2},
        {"-1 < 0l ? 1 : 2", 1},
        {"-7 / 2 == -3 && -7 % 2 == -1", 1},
        {"-8 >> 1 == -4", 1},
        {"-1 / 1u == 0xFFFFFFFF", 1},
        {"18446744073709551615u == -1ll", 1},
        {"(uint16_t)-1", 65535},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        snprintf(source, sizeof source, "char a[%s];", rows[i].expression);
        struct fc__unit unit = parse(source);
        assert_int_equal(unit.first->type->length, rows[i].value);
        fc__decl_unit_done(&unit);
    }
}

/* -- Annotations --------------------------------------------------------------------------------------------------- */

TEST(decl_reads_every_annotation_of_parameters) {
    static const struct {
        const char *annotation, *expected;
    } rows[] = {
        {"_In_", "in one"},
        {"_In_opt_", "in one optional"},
        {"_In_z_", "in string"},
        {"_In_opt_z_", "in string optional"},
        {"_In_reads_(n)", "in elements n"},
        {"_In_reads_opt_(n)", "in elements n optional"},
        {"_In_reads_bytes_(n)", "in bytes n"},
        {"_In_reads_bytes_opt_(n)", "in bytes n optional"},
        {"_Out_", "out one"},
        {"_Out_opt_", "out one optional"},
        {"_Out_writes_(n)", "out elements n"},
        {"_Out_writes_opt_(n)", "out elements n optional"},
        {"_Out_writes_bytes_(n)", "out bytes n"},
        {"_Out_writes_bytes_opt_(n)", "out bytes n optional"},
        {"_Out_writes_all_(n)", "out elements n all"},
        {"_Out_writes_all_opt_(n)", "out elements n optional all"},
        {"_Out_writes_bytes_all_(n)", "out bytes n all"},
        {"_Out_writes_bytes_all_opt_(n)", "out bytes n optional all"},
        {"_Out_writes_to_(n, *m)", "out elements n then *m"},
        {"_Out_writes_to_opt_(n, *m)", "out elements n then *m optional"},
        {"_Out_writes_bytes_to_(n, *m)", "out bytes n then *m"},
        {"_Out_writes_bytes_to_opt_(n, *m)", "out bytes n then *m optional"},
        {"_Inout_", "inout one"},
        {"_Inout_opt_", "inout one optional"},
        {"_Inout_updates_(n)", "inout elements n"},
        {"_Inout_updates_opt_(n)", "inout elements n optional"},
        {"_Inout_updates_bytes_(n)", "inout bytes n"},
        {"_Inout_updates_bytes_opt_(n)", "inout bytes n optional"},
        {"_Inout_updates_to_(n, *m)", "inout elements n then *m"},
        {"_Inout_updates_to_opt_(n, *m)", "inout elements n then *m optional"},
        {"_Inout_updates_bytes_to_(n, *m)", "inout bytes n then *m"},
        {"_Inout_updates_bytes_to_opt_(n, *m)", "inout bytes n then *m optional"},
        {"_Outptr_", "out one outptr"},
        {"_Outptr_opt_", "out one optional outptr"},
        {"_Outptr_result_maybenull_", "out one outptr result-optional"},
        {"_Fc_opaque_", "opaque"},
        {"_In_ _Fc_opaque_", "in one opaque"},
        {"_Fc_opaque_ _Outptr_", "out one outptr opaque"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        snprintf(source, sizeof source, "void f(%s char **p, int n, int *m)", rows[i].annotation);
        snprintf(expected, sizeof expected, "f: void (char **, int, int *)\n  p: %s", rows[i].expected);
        expect(source, expected);
    }
}

TEST(decl_reads_annotations_of_results) {
    expect(
        "_Ret_z_ const char *a(void); extern _Ret_maybenull_z_ char *b(void); _Fc_opaque_ void *c(void);"
        "_Check_return_ _Success_(return != 0 && (1)) _Ret_z_ char *d(void); static _Must_inspect_result_ int e(int);",
        "a: const char *(void)\n  result: string\nb: char *(void)\n  result: string optional\n"
        "c: void *(void)\n  result: opaque\nd: char *(void)\n  result: string\ne: int (int)");
}

TEST(decl_finds_annotations_behind_the_specifiers) {
    expect("void f(const char _In_z_ *s, int _Inout_ *x, void _In_ (*g)(int), char _In_reads_(2) *const p)",
           "f: void (const char *, int *, void (*)(int), char *const)\n  s: in string\n  x: inout one\n  g: in one\n"
           "  p: in elements 2");
}

TEST(decl_annotates_parameters_of_callbacks) {
    struct fc__unit unit = parse("void f(int (*cb)(_In_reads_(len) const char *text, int len), int len)");
    const struct fc__type *callback = unit.first->type->params[0].type->to;
    assert_int_equal(callback->params[0].annotation.extent, FC__EXTENT_ELEMENTS);
    assert_int_equal(callback->params[0].annotation.capacity->param, 1);
    fc__decl_unit_done(&unit);
}

TEST(decl_ignores_in_on_what_is_no_pointer) {
    expect("int f(_In_ int x, _In_opt_ size_t y, _In_ double)", "f: int (int, size_t, double)");
}

TEST(decl_keeps_annotations_as_written) {
    struct fc__unit unit = parse("void f(\n  _In_ /* x */ _Fc_opaque_ void *a,\n"
                                 "  _Out_writes_to_( n /* bytes */,\n\t *m ) char *b, int n, int *m)");
    const struct fc__annotation *first = &unit.first->type->params[0].annotation;
    const struct fc__annotation *second = &unit.first->type->params[1].annotation;
    assert_string_equal(first->text, "_In_ _Fc_opaque_");
    assert_int_equal(first->line, 2);
    assert_int_equal(first->column, 3);
    assert_string_equal(second->text, "_Out_writes_to_( n , *m )");
    assert_int_equal(second->line, 3);
    assert_null(unit.first->type->params[2].annotation.text);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_size_expressions) {
    static const struct {
        const char *size, *expected;
    } rows[] = {
        {"16", "16"},
        {"0x10", "16"},
        {"010u", "8"},
        {"16ULL", "16"},
        {"n", "n"},
        {"*m", "*m"},
        {"n * 2", "(n * 2)"},
        {"n**m", "(n * *m)"},
        {"n + 2 * k", "(n + (2 * k))"},
        {"(n + 2) * k", "((n + 2) * k)"},
        {"n - k - 1", "((n - k) - 1)"},
        {"n / 4 * k", "((n / 4) * k)"},
        {"((((n))))", "n"},
        {"(*m) + 1", "(*m + 1)"},
        {"MAX * k", "(20 * k)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        snprintf(source, sizeof source,
                 "enum { MAX = 20 }; void f(int n, _In_reads_(%s) const char *p, long *m, size_t k)", rows[i].size);
        snprintf(expected, sizeof expected, "f: void (int, const char *, long *, size_t)\n  p: in elements %s",
                 rows[i].expected);
        expect(source, expected);
    }
}

TEST(decl_finds_the_parameter_before_an_enumerator_of_its_name) {
    expect("enum { n = 5 }; void f(_In_reads_(n) char *p, int n); void g(_In_reads_(n) char *p);",
           "f: void (char *, int)\n  p: in elements n\ng: void (char *)\n  p: in elements 5");
}

/* -- Places -------------------------------------------------------------------------------------------------------- */

TEST(decl_notes_places) {
    struct fc__unit unit = parse("int a(int first,\n\tchar *second, long);\n\n  int *b;");
    const struct fc__decl *a = unit.first;
    const struct fc__decl *b = unit.last;
    assert_int_equal(a->line, 1);
    assert_int_equal(a->column, 5);
    assert_int_equal(a->type->params[0].column, 11);
    assert_int_equal(a->type->params[1].line, 2);
    assert_int_equal(a->type->params[1].column, 8);
    assert_int_equal(a->type->params[2].column, 16);
    assert_int_equal(b->line, 4);
    assert_int_equal(b->column, 8);
    assert_string_equal(b->file, "test");
    fc__decl_unit_done(&unit);
}

TEST(decl_counts_columns_in_characters) {
    struct fc__unit unit = parse("/* \xC3\xA9\xE2\x82\xAC */ int f(void);");
    assert_int_equal(unit.first->column, 14);
    fc__decl_unit_done(&unit);
}

TEST(decl_honours_line_markers) {
    struct fc__unit unit =
        parse("# 1 \"a.c\"\n# 1 \"/usr/include/\\\"odd\\\".h\" 1 3 4\n\nint a;\n# 7 \"a.c\" 2\nint b;\n"
              "#line 100\nint c;\n  # line 5 \"d.h\"\nint d;\n# 0 \"e.h\"\n\nint e;");
    static const struct {
        const char *file;
        uint32_t line;
    } rows[] = {{"/usr/include/\"odd\".h", 2}, {"a.c", 7}, {"a.c", 100}, {"d.h", 5}, {"e.h", 1}};
    const struct fc__decl *decl = unit.first;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++, decl = decl->next) {
        assert_string_equal(decl->file, rows[i].file);
        assert_int_equal(decl->line, rows[i].line);
    }
    fc__decl_unit_done(&unit);
}

TEST(decl_counts_lines_that_end_in_cr_lf) {
    struct fc__unit unit = parse("int a;\r\n/* x\r\n */\r\nint b;\r\n");
    assert_int_equal(unit.last->line, 4);
    assert_int_equal(unit.last->column, 5);
    fc__decl_unit_done(&unit);
}

/* -- Real prototypes ----------------------------------------------------------------------------------------------- */

TEST(decl_reads_libc_prototypes) {
    expect("void *memcpy(_Out_writes_bytes_all_(n) void *restrict dst, _In_reads_bytes_(n) const void *restrict src, "
           "size_t n);"
           "void qsort(_Inout_updates_bytes_(nmemb * size) void *base, size_t nmemb, size_t size,"
           "           int (*compar)(const void *, const void *));"
           "extern long int strtol (const char *__restrict __nptr, char **__restrict __endptr, int __base)"
           "     __attribute__ ((__nothrow__ , __leaf__)) __attribute__ ((__nonnull__ (1)));"
           "extern int snprintf (char *__restrict __s, size_t __maxlen, const char *__restrict __format, ...)"
           "     __attribute__ ((__nothrow__)) __attribute__ ((__format__ (__printf__, 3, 4)));"
           "ssize_t read(int fd, _Out_writes_bytes_(count) void *buf, size_t count);"
           "char *getenv(const char *name); double frexp(double x, _Out_ int *exp); void exit(int status);",
           "memcpy: void *(void *, const void *, size_t)\n  dst: out bytes n all\n  src: in bytes n\n"
           "qsort: void (void *, size_t, size_t, int (*)(const void *, const void *))\n"
           "  base: inout bytes (nmemb * size)\n"
           "strtol: long (const char *, char **, int)\n"
           "snprintf: int (char *, size_t, const char *, ...)\n"
           "read: ssize_t (int, void *, size_t)\n  buf: out bytes count\n"
           "getenv: char *(const char *)\nfrexp: double (double, int *)\n  exp: out one\nexit: void (int)");
}

TEST(decl_reads_zlib_prototypes) {
    expect(
        "typedef unsigned char Byte; typedef unsigned int uInt; typedef unsigned long uLong; typedef Byte Bytef;"
        "typedef uLong uLongf; typedef void *voidpf; typedef struct z_stream_s z_stream; typedef z_stream *z_streamp;"
        "typedef voidpf (*alloc_func) (voidpf opaque, uInt items, uInt size);"
        "extern int compress2 (_Out_writes_to_(*destLen, *destLen) Bytef *dest, _Inout_ uLongf *destLen,"
        "                      _In_reads_(sourceLen) const Bytef *source, uLong sourceLen, int level);"
        "extern uLong crc32 (uLong crc, _In_reads_opt_(len) const Bytef *buf, uInt len);"
        "extern const char * zlibVersion (void); extern int deflate (z_streamp strm, int flush);"
        "typedef struct gzFile_s *gzFile; extern gzFile gzopen (const char *, const char *);"
        "extern int gzread (gzFile file, _Out_writes_bytes_(len) void *buf, unsigned len);"
        "typedef unsigned (*in_func) (void *, unsigned char * *);"
        "extern int inflateBack (z_streamp strm, in_func in, void *in_desc, int (*out)(void *, unsigned char *, "
        "unsigned),"
        "                        void *out_desc); alloc_func which(void);",
        "compress2: int (Bytef *, uLongf *, const Bytef *, uLong, int)\n"
        "  dest: out elements *destLen then *destLen\n  destLen: inout one\n  source: in elements sourceLen\n"
        "crc32: uLong (uLong, const Bytef *, uInt)\n  buf: in elements len optional\n"
        "zlibVersion: const char *(void)\ndeflate: int (z_streamp, int)\n"
        "gzopen: gzFile (const char *, const char *)\ngzread: int (gzFile, void *, unsigned int)\n  buf: out bytes "
        "len\n"
        "inflateBack: int (z_streamp, in_func, void *, int (*)(void *, unsigned char *, unsigned int), void *)\n"
        "which: alloc_func (void)");
}

TEST(decl_reads_sqlite_prototypes) {
    expect(
        "typedef struct sqlite3 sqlite3; typedef struct sqlite3_stmt sqlite3_stmt; typedef long long int sqlite_int64;"
        "typedef sqlite_int64 sqlite3_int64; typedef struct sqlite3_value sqlite3_value;"
        "int sqlite3_open(const char *filename, _Outptr_ sqlite3 **ppDb);"
        "int sqlite3_prepare_v2(sqlite3 *db, _In_z_ const char *zSql, int nByte, _Outptr_result_maybenull_ "
        "sqlite3_stmt **ppStmt,"
        "                       _Outptr_opt_ const char **pzTail);"
        "int sqlite3_exec(sqlite3*, const char *sql, int (*callback)(void*,int,char**,char**), void *, char **errmsg);"
        "_Ret_maybenull_z_ const unsigned char *sqlite3_column_text(sqlite3_stmt*, int iCol);"
        "sqlite3_int64 sqlite3_last_insert_rowid(sqlite3*); void (*sqlite3_trace(sqlite3*, void(*xTrace)(void*,const "
        "char*)))(void);"
        "int sqlite3_bind_blob(sqlite3_stmt*, int, const void*, int n, void(*)(void*));"
        "char *sqlite3_mprintf(const char*,...);",
        "sqlite3_open: int (const char *, sqlite3 **)\n  ppDb: out one outptr\n"
        "sqlite3_prepare_v2: int (sqlite3 *, const char *, int, sqlite3_stmt **, const char **)\n  zSql: in string\n"
        "  ppStmt: out one outptr result-optional\n  pzTail: out one optional outptr\n"
        "sqlite3_exec: int (sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **)\n"
        "sqlite3_column_text: const unsigned char *(sqlite3_stmt *, int)\n  result: string optional\n"
        "sqlite3_last_insert_rowid: sqlite3_int64 (sqlite3 *)\n"
        "sqlite3_trace: void (*(sqlite3 *, void (*)(void *, const char *)))(void)\n"
        "sqlite3_bind_blob: int (sqlite3_stmt *, int, const void *, int, void (*)(void *))\n"
        "sqlite3_mprintf: char *(const char *, ...)");
}

TEST(decl_reads_the_readme_example) {
    expect("int compress(_Out_writes_to_(*destLen, *destLen) unsigned char *dest, _Inout_ unsigned long *destLen,\n"
           "             _In_reads_(sourceLen) const unsigned char *source, unsigned long sourceLen)",
           "compress: int (unsigned char *, unsigned long *, const unsigned char *, unsigned long)\n"
           "  dest: out elements *destLen then *destLen\n  destLen: inout one\n  source: in elements sourceLen");
}

/* -- Type text ----------------------------------------------------------------------------------------------------- */

TEST(decl_type_text_says_what_cannot_be_named) {
    expect("struct { int x; } a; const struct s *b; union u c[2]; enum { A } d; struct t { int x; } *const *e;",
           "a: struct <anonymous>\nb: const struct s *\nc: union u [2]\nd: enum <anonymous>\ne: struct t *const *");
}

TEST(decl_type_text_is_cut_to_its_buffer) {
    struct fc__unit unit = parse("unsigned long long (*f)(const unsigned char *)");
    char buffer[64];
    static const char full[] = "unsigned long long (*)(const unsigned char *)";
    assert_string_equal(fc__decl_type_text(unit.first->type, buffer, sizeof full), full);
    assert_string_equal(fc__decl_type_text(unit.first->type, buffer, sizeof full - 1),
                        "unsigned long long (*)(const unsigned cha...");
    assert_string_equal(fc__decl_type_text(unit.first->type, buffer, 11), "unsigne...");
    assert_string_equal(fc__decl_type_text(unit.first->type, buffer, 2), "u");
    assert_string_equal(fc__decl_type_text(unit.first->type, buffer, 1), "");
    buffer[0] = 'x';
    assert_ptr_equal(fc__decl_type_text(unit.first->type, buffer, 0), buffer);
    assert_int_equal(buffer[0], 'x');
    fc__decl_unit_done(&unit);
}

/* Each function takes two of the one before: written out, its type has 4^15 parts. */
TEST(decl_type_text_of_shared_parts_ends) {
    static char source[20000];
    static char buffer[4000];
    size_t used = (size_t)snprintf(source, sizeof source, "typedef void (*F0)(void);");
    for (int i = 1; i < 16; i++) {
        used += (size_t)snprintf(source + used, sizeof source - used,
                                 "void (*f%d)(int (*)(F%d), int (*)(F%d));"
                                 "typedef void (*F%d)(int (*)(F%d, F%d), int(*)(F%d, F%d));",
                                 i, i - 1, i - 1, i, i - 1, i - 1, i - 1, i - 1);
    }
    for (int twice = 0; twice < 2; twice++) { /* comparing a repeated typedef must end as well */
        used += (size_t)snprintf(source + used, sizeof source - used,
                                 "typedef void (*G)(int (*)(F14, F14), int(*)(F14, F14));");
    }
    struct fc__unit unit = parse(source);
    struct fc__type bare = *unit.last->type;
    bare.spelling = NULL;
    assert_non_null(fc__decl_type_text(&bare, buffer, sizeof buffer));
    fc__decl_unit_done(&unit);
}

/* -- Size ---------------------------------------------------------------------------------------------------------- */

static char *repeat(const char *part, size_t count, const char *before, const char *behind) {
    size_t len = strlen(part);
    char *source = malloc(strlen(before) + len * count + strlen(behind) + 1);
    assert_non_null(source);
    char *to = source + strlen(strcpy(source, before));
    for (size_t i = 0; i < count; i++, to += len) {
        memcpy(to, part, len);
    }
    strcpy(to, behind);
    return source;
}

TEST(decl_reads_large_texts) {
    char *source = repeat("extern int function(const char *a, unsigned b); ", 40000, "", "");
    struct fc__unit unit = parse(source);
    size_t count = 0;
    for (const struct fc__decl *decl = unit.first; decl != NULL; decl = decl->next) {
        count++;
    }
    assert_int_equal(count, 40000);
    assert_int_equal(unit.last->line, 1);
    assert_int_equal(unit.last->column, 39999 * 48 + 12);
    fc__decl_unit_done(&unit);
    free(source);
}

TEST(decl_reads_up_to_its_limits) {
    char *source = repeat("int,", FC__DECL_PARAMS_MAX - 1, "void f(", "int)");
    struct fc__unit unit = parse(source);
    assert_int_equal(unit.first->type->param_count, FC__DECL_PARAMS_MAX);
    fc__decl_unit_done(&unit);
    free(source);
    source = repeat("*", FC__DECL_DEPTH_MAX, "int ", "x");
    unit = parse(source);
    assert_int_equal(unit.first->type->depth, FC__DECL_DEPTH_MAX);
    fc__decl_unit_done(&unit);
    free(source);
    source = repeat("+1", FC__DECL_SIZE_TERMS_MAX / 2 - 1, "void f(_In_reads_(1", ") char *p)");
    unit = parse(source);
    fc__decl_unit_done(&unit);
    free(source);
    source = repeat("(", 100000, "int x = ", "");
    char *closed = repeat(")", 100000, source, ";"); /* what is skipped may nest as it likes */
    unit = parse(closed);
    fc__decl_unit_done(&unit);
    free(closed);
    free(source);
}
