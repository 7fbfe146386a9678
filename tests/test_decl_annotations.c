/* Annotations that fc__decl_parse understands. */
#include "harness.h"

#include "decl/annotations.h"
#include "decl_text.h"

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
        {"_Outptr_opt_result_maybenull_", "out one optional outptr result-optional"},
        {"_Outptr_result_nullonfailure_", "out one outptr result-optional"},
        {"_Outptr_opt_result_nullonfailure_", "out one optional outptr result-optional"},
        {"_Outptr_result_z_", "out one outptr result-string"},
        {"_Outptr_opt_result_z_", "out one optional outptr result-string"},
        {"_Outptr_result_maybenull_z_", "out one outptr result-optional result-string"},
        {"_Outptr_opt_result_maybenull_z_", "out one optional outptr result-optional result-string"},
        {"_Outptr_result_buffer_(n)", "out one outptr behind elements n"},
        {"_Outptr_opt_result_buffer_(*m)", "out one optional outptr behind elements *m"},
        {"_Outptr_result_buffer_maybenull_(n)", "out one outptr result-optional behind elements n"},
        {"_Outptr_opt_result_buffer_maybenull_(n)", "out one optional outptr result-optional behind elements n"},
        {"_Outptr_result_bytebuffer_(n)", "out one outptr behind bytes n"},
        {"_Outptr_opt_result_bytebuffer_(n)", "out one optional outptr behind bytes n"},
        {"_Outptr_result_bytebuffer_maybenull_(n)", "out one outptr result-optional behind bytes n"},
        {"_Outptr_opt_result_bytebuffer_maybenull_(n)", "out one optional outptr result-optional behind bytes n"},
        {"_COM_Outptr_", "out one outptr result-optional"},
        {"_COM_Outptr_opt_", "out one optional outptr result-optional"},
        {"_COM_Outptr_result_maybenull_", "out one outptr result-optional"},
        {"_COM_Outptr_opt_result_maybenull_", "out one optional outptr result-optional"},
        {"_Inout_updates_all_(n)", "inout elements n all"},
        {"_Inout_updates_all_opt_(n)", "inout elements n optional all"},
        {"_Inout_updates_bytes_all_(n)", "inout bytes n all"},
        {"_Inout_updates_bytes_all_opt_(n)", "inout bytes n optional all"},
        {"_In_ _NullNull_terminated_", "in list"},
        {"_NullNull_terminated_", "inout list"},
        {"_In_opt_ _NullNull_terminated_ _Deref_pre_z_", "in list optional result-string"},
        {"_Inout_ _Deref_prepost_z_", "inout one result-string"},
        {"_In_reads_(n) _At_(*p, _Pre_z_)", "in elements n result-string"},
        {"_In_reads_(n) _At_(*p, _Inout_updates_(*m))", "in elements n of: inout elements *m"},
        {"_Maybenull_ _In_", "in one optional"},
        {"_Notnull_ _Inout_", "inout one"},
        {"_Reserved_", "opaque reserved"},
        {"_Fc_pinned_ _Inout_", "inout one pinned"},
        {"_Fc_kept_until_(end) _In_reads_(n)", "in elements n kept-until end"},
        {"_Fc_local_", " local"},
        {"_Pre_valid_ _In_ _Post_valid_", "in one"},
        {"_Pre_satisfies_(n > 3) _In_", "in one"},
        {"_Fc_opaque_", "opaque"},
        {"_In_ _Fc_opaque_", "in one opaque"},
        {"_Fc_opaque_ _Outptr_", "out one outptr opaque"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        snprintf(source, sizeof source, "void f(%s char **p, int n, int *m)", rows[i].annotation);
        snprintf(expected, sizeof expected, "f: void (char **, int, int *)\n  p:%s%s", &" "[rows[i].expected[0] == ' '],
                 rows[i].expected);
        expect(source, expected);
    }
}

TEST(decl_reads_annotations_behind_any_number_of_stars) {
    expect("int f(_In_reads_(a) _At_(*p, _In_reads_(b)) _At_(**p, _In_reads_(a * b)) int ***p, int a, int b)",
           "f: int (int ***, int, int)\n  p: in elements a of: in elements b of: in elements (a * b)");
    expect("int f(_In_reads_(n) _At_(**p, _Pre_z_) _At_(*p, _In_) char ***p, int n)",
           "f: int (char ***, int)\n  p: in elements n of: in one");
}

TEST(decl_reads_annotations_of_strings) {
    static const struct {
        const char *annotation, *expected;
    } rows[] = {
        {"_In_reads_z_(n)", "in elements n terminated"},
        {"_In_reads_opt_z_(n)", "in elements n optional terminated"},
        {"_In_reads_or_z_(n)", "in elements n bounded"},
        {"_In_reads_or_z_opt_(n)", "in elements n optional bounded"},
        {"_Out_writes_z_(n)", "out elements n terminated"},
        {"_Out_writes_opt_z_(n)", "out elements n optional terminated"},
        {"_Inout_z_", "inout string"},
        {"_Inout_opt_z_", "inout string optional"},
        {"_Inout_updates_z_(n)", "inout elements n terminated"},
        {"_Inout_updates_opt_z_(n)", "inout elements n optional terminated"},
        {"_Null_terminated_", "inout string"},
        {"_In_ _Null_terminated_", "in string"},
        {"_In_opt_ _Null_terminated_", "in string optional"},
        {"_Inout_ _Null_terminated_", "inout string"},
        {"_Out_writes_(n) _Null_terminated_", "out elements n terminated"},
        {"_Post_z_ _Out_writes_bytes_(n)", "out bytes n terminated"},
        {"_In_z_ _Null_terminated_", "in string"},
        {"_Pre_z_", "in string"},
        {"_In_ _NullNull_terminated_", "in list"},
        {"_In_z_ _Printf_format_string_", "in string format"},
        {"_Printf_format_string_ _In_", "in string format"},
        {"_Printf_format_string_", "in string format"},
        {"_Fc_path_", "in string path"},
        {"_In_opt_z_ _Fc_path_", "in string optional path"},
        {"_Out_writes_(n) _Fc_path_", "out elements n path"},
        {"_In_z_ _Scanf_format_string_ _Printf_format_string_params_(2)", "in string"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        bool is_format = strstr(rows[i].expected, "format") != NULL;
        snprintf(source, sizeof source, "void f(%s char *p, int n)", rows[i].annotation);
        snprintf(expected, sizeof expected, "f: void (char *, int)%s\n  p: %s", is_format ? " printf" : "",
                 rows[i].expected);
        expect(source, expected);
    }
}

TEST(decl_reads_annotations_of_numbers_and_callbacks) {
    expect("struct s; void f(_Fc_sizeof_(struct s) int a, _Fc_replace_(-1, 2 + 3) long b, _Fc_fd_ int c,"
           "  _In_ _In_range_(0, 5) int d, _Reserved_ int e, _Fc_callback_until_(stop) void (*g)(int),"
           "  _Fc_callback_once_ int (*h)(int), _In_ _Fc_sizeof_(int) int k)",
           "f: void (int, long, int, int, int, void (*)(int), int (*)(int), int)\n  a: sizeof struct s\n"
           "  b: replaces -1 by 5\n  c: fd\n  e: reserved\n  g: callback-until stop\n  h: callback-once\n"
           "  k: sizeof int");
    expect("struct s { int x; }; void f(_Fc_base_ _Fc_pinned_ _In_ struct s *a)",
           "f: void (struct s *)\n  a: in one base pinned");
}

TEST(decl_reads_what_stands_before_functions) {
    expect(
        "_Fc_begins_ int a(void); _Fc_ends_ void b(void); _Fc_fails_with_(-1) _Fc_fd_ int c(void);"
        "_Fc_fails_with_(NULL) _Fc_path_ char *d(void); _Fc_fails_with_((void *)0) _Fc_opaque_ void *e(void);"
        "_Success_(return >= 0 && *n != -1) int f(_Out_ int *n); _Use_decl_annotations_ _Ret_range_(0, 5) int g(void);",
        "a: int (void) begins\nb: void (void) ends\nc: int (void) fails with -1\n  result: fd\n"
        "d: char *(void) fails with 0\n  result: string path\ne: void *(void) fails with 0\n  result: opaque\n"
        "f: int (int *) succeeds if ((return >= 0) && (*n != -1))\n  n: out one\ng: int (void)");
}

TEST(decl_reads_sizes_of_results) {
    expect("_Ret_reads_(n) int *a(int n); _Ret_writes_bytes_maybenull_(*n) void *b(_Out_ int *n);"
           "_Ret_writes_z_(4) char *c(void); _Ret_valid_ struct tm *d(void); _Ret_opt_valid_ struct tm *e(void);"
           "_Ret_notnull_ _Fc_opaque_ void *f(void); _Ret_maybenull_ char *g(void); _Ret_opt_z_ char *h(void);",
           "a: int *(int)\n  result: elements n\nb: void *(int *)\n  result: bytes *n optional\n  n: out one\n"
           "c: char *(void)\n  result: elements 4 terminated\nd: struct tm *(void)\n  result: one\n"
           "e: struct tm *(void)\n  result: one optional\nf: void *(void)\n  result: opaque\n"
           "g: char *(void)\n  result: optional\nh: char *(void)\n  result: string optional");
}

TEST(decl_reads_sizes_with_members) {
    expect("struct in { long *n; int k; }; struct s { int n; struct in a; struct { int deep; union { int deeper; }; };"
           "  const char *name; struct in *p; };"
           "void f(struct s *s, _In_reads_(s->n) char *a, _In_reads_(s->a.k + *s->p->n) char *b,"
           "       _In_reads_(s->deep * s->deeper) char *c, _In_reads_(strlen(s->name) + 1) char *d,"
           "       _Out_writes_to_(strlen(g), *s->p->n) char *e,"
           "       const char *g)",
           "f: void (struct s *, char *, char *, char *, char *, char *, const char *)\n  a: in elements s->n\n"
           "  b: in elements (s->a.k + *s->p->n)\n"
           "  c: in elements (s-><anonymous>.deep * s-><anonymous>.<anonymous>.deeper)\n"
           "  d: in elements (strlen(s->name) + 1)\n  e: out elements strlen(g) then *s->p->n");
    expect("long f(_Out_writes_to_(n, return) char *p, int n)",
           "f: long (char *, int)\n  p: out elements n then return");
}

TEST(decl_looks_into_structs_whose_bodies_follow) {
    struct fc__unit unit = parse("struct s; void f(struct s *s, _In_reads_(s->in.n) char *p);"
                                 "struct in { int k, n; }; struct s { int a; struct in in; };");
    const struct fc__expr *size = unit.first->type->params[1].annotation.capacity;
    assert_int_equal(size->kind, FC__EXPR_DOT);
    assert_int_equal(size->member, 1);
    assert_string_equal(size->body->tag, "in");
    assert_int_equal(size->left->kind, FC__EXPR_ARROW);
    assert_int_equal(size->left->member, 1);
    assert_string_equal(size->left->body->tag, "s");
    assert_int_equal(size->left->left->kind, FC__EXPR_PARAM);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_conditions) {
    static const struct {
        const char *condition, *expected;
    } rows[] = {
        {"return", "return"},
        {"!return", "!return"},
        {"return == NULL || n", "((return == 0) || n)"},
        {"return != (int)-1", "(return != -1)"},
        {"((long)(return)) >= 0", "(return >= 0)"},
        {"(n & 4) == 4 && !(*m < 3)", "(((n & 4) == 4) && !(*m < 3))"},
        {"n + 1 > 2 * *m", "((n + 1) > (2 * *m))"},
        {"n <= TRUE == false", "((n <= 1) == 0)"},
        {"return == 'A'", "(return == 65)"},
        {"(unsigned char)300 == n", "(44 == n)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        char expected[200];
        snprintf(source, sizeof source, "_Success_(%s) long f(int n, int *m)", rows[i].condition);
        snprintf(expected, sizeof expected, "f: long (int, int *) succeeds if %s", rows[i].expected);
        expect(source, expected);
    }
}

/* -- Members and function types ------------------------------------------------------------------------------------ */

TEST(decl_reads_annotations_of_members) {
    static const struct {
        const char *annotation, *expected;
    } rows[] = {
        {"_Field_size_(n)", " elements s:n"},
        {"_Field_size_opt_(n)", " elements s:n optional"},
        {"_Field_size_bytes_(n)", " bytes s:n"},
        {"_Field_size_bytes_opt_(n)", " bytes s:n optional"},
        {"_Field_size_full_(n)", " elements s:n all"},
        {"_Field_size_full_opt_(n)", " elements s:n optional all"},
        {"_Field_size_bytes_full_(n)", " bytes s:n all"},
        {"_Field_size_bytes_full_opt_(n)", " bytes s:n optional all"},
        {"_Field_size_part_(n, k)", " elements s:n then s:k"},
        {"_Field_size_part_opt_(n * 2, k)", " elements (s:n * 2) then s:k optional"},
        {"_Field_size_bytes_part_(n, *m)", " bytes s:n then *s:m"},
        {"_Field_size_bytes_part_opt_(n, k)", " bytes s:n then s:k optional"},
        {"_Field_z_", " string"},
        {"_Null_terminated_", " string"},
        {"_NullNull_terminated_ _Maybenull_", " list optional"},
        {"_Notnull_ _Field_size_(in.x + out->x)", " elements (s:in.x + s:out->x)"},
        {"_Fc_opaque_", " opaque"},
        {"_Fc_local_", " local"},
        {"_Fc_kept_until_(g) _Field_size_(3)", " elements 3 kept-until g"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[250];
        char expected[200];
        snprintf(source, sizeof source,
                 "struct in { int x; }; struct s { int n; %s char *p; int k, *m; struct in in, *out; };",
                 rows[i].annotation);
        snprintf(expected, sizeof expected, "s char *\n  p:%s", rows[i].expected);
        expect_members(source, expected);
    }
    expect_members("struct s { _Fc_sizeof_(struct s) int a; _Fc_replace_(1, 2) int b; _Field_range_(0, 4) int c;"
                   "  _Fc_callback_until_(g) void (*d)(void); _Fc_callback_once_ void (*e)(void);"
                   "  _Field_size_(a) char f[1]; _Field_z_ char name[8]; };",
                   "s int\n  a: sizeof struct s\ns int\n  b: replaces 1 by 2\ns void (*)(void)\n"
                   "  d: callback-until g\ns void (*)(void)\n  e: callback-once\ns char [1]\n  f: elements s:a\n"
                   "s char [8]\n  name: string");
}

TEST(decl_finds_members_in_and_around_structs_without_a_name) {
    expect_members("struct s { struct { int n; struct { int k; }; }; _Field_size_(n + k) char *p; };",
                   "s char *\n  p: elements (s:<anonymous>.n + s:<anonymous>.<anonymous>.k)");
    expect_members("struct s { int n; struct { _Field_size_(n) char *p; struct { _Field_size_(k) char *q; } a[2]; };"
                   "  int k; };",
                   "- char *\n  p: elements s:n\n- char *\n  q: elements s:k");
}

TEST(decl_reads_conditions_of_unions) {
    expect_members(
        "struct v { int kind; union { _Fc_union_(kind == 1) int a;"
        "  _Fc_union_(kind > size.x) _Field_size_(n) char *b; int kind_too; } u; int n; struct { int x; } size; };",
        "- int\n  a: when (v:kind == 1)\n"
        "- char *\n  b: elements v:n when (v:kind > v:size.x)");
    expect_members("struct v { union { _Fc_union_(kind) int a; _Fc_union_(!kind) int kind_b; }; int kind; };",
                   "- int\n  a: when v:kind\n- int\n  kind_b: when !v:kind");
}

TEST(decl_annotates_function_types_wherever_they_stand) {
    struct fc__unit unit =
        parse("typedef _Ret_z_ char *(*named)(int); typedef _Fc_fails_with_(3) int plain(int);"
              "struct s { _Fc_opaque_ void *(*make)(_In_z_ const char *name); _Ret_reads_(n) int *(*at[2])(int n); };"
              "named f(named a, _Ret_z_ char *(*b)(void), plain c, _Fc_opaque_ void (*d)(void));"
              "_Fc_begins_ _Ret_z_ char *(*variable)(void); plain function;");
    const struct fc__type *f = unit.first->type;
    const struct fc__body *body = unit.bodies;
    assert_int_equal(f->to->to->result->extent, FC__EXTENT_STRING);
    assert_null(f->result);
    assert_ptr_equal(f->params[0].type->to->result, f->to->to->result);
    assert_int_equal(f->params[1].type->to->result->extent, FC__EXTENT_STRING);
    assert_null(f->params[1].annotation.text);
    assert_int_equal(f->params[2].type->to->fails_with->value, 3);
    assert_true(f->params[3].annotation.is_opaque);
    assert_null(f->params[3].type->to->result);
    assert_true(body->members[0].type->to->result->is_opaque);
    assert_string_equal(body->members[0].type->to->result->text, "_Fc_opaque_");
    assert_false(body->members[0].annotation.is_opaque);
    assert_null(body->members[0].annotation.text);
    assert_int_equal(body->members[0].type->to->params[0].annotation.extent, FC__EXTENT_STRING);
    assert_int_equal(body->members[1].type->to->to->result->capacity->param, 0);
    assert_true(unit.first->next->type->to->begins);
    assert_int_equal(unit.first->next->type->to->result->extent, FC__EXTENT_STRING);
    assert_int_equal(unit.last->fails_with->value, 3);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_opaque_typedefs) {
    struct fc__unit unit = parse("typedef _Fc_opaque_ void *HANDLE; typedef HANDLE KEY; typedef void *other;"
                                 "KEY f(HANDLE a, const HANDLE b, HANDLE *c, other d);");
    const struct fc__type *f = unit.first->type;
    assert_true(f->to->is_opaque && f->params[0].type->is_opaque && f->params[1].type->is_opaque);
    assert_true(!f->params[2].type->is_opaque && f->params[2].type->to->is_opaque);
    assert_false(f->params[3].type->is_opaque);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_annotations_of_results) {
    expect(
        "_Ret_z_ const char *a(void); extern _Ret_maybenull_z_ char *b(void); _Fc_opaque_ void *c(void);"
        "_Check_return_ _Success_(return != 0 && (1)) _Ret_z_ char *d(void); static _Must_inspect_result_ int e(int);",
        "a: const char *(void)\n  result: string\nb: char *(void)\n  result: string optional\n"
        "c: void *(void)\n  result: opaque\nd: char *(void) succeeds if ((return != 0) && 1)\n  result: string\ne: int "
        "(int)");
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

TEST(decl_takes_opaque_beside_an_extent_of_the_pointers_pointed_to) {
    expect("void f(_In_reads_(n) _Fc_opaque_ void **a, int n, _Fc_opaque_ _Out_ void **b)",
           "f: void (void **, int, void **)\n  a: in elements n opaque\n  b: out one opaque");
    expect("typedef struct file FILE; void f(_In_ _Fc_opaque_ void *a, _Fc_opaque_ _Inout_opt_ FILE *b)",
           "f: void (void *, FILE *)\n  a: opaque\n  b: optional opaque");
}

TEST(decl_ignores_in_on_what_is_no_pointer) {
    expect("int f(_In_ int x, _In_opt_ size_t y, _In_ double)", "f: int (int, size_t, double)");
}

TEST(decl_keeps_annotations_as_written) {
    struct fc__unit unit = parse("void f(\n  _In_ /* x */ _Fc_opaque_ void *a,\n"
                                 "  _Out_writes_to_( n /* bytes */,// x\n\t *m ) char *b, int n, int *m)");
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

TEST(decl_attribute_format_is_an_annotation) {
    expect("typedef __builtin_va_list va_list;"
           "int a(const char *f, ...) __attribute__((format(printf, 1, 2)));"
           "__attribute__((__format__(gnu_printf, 2, 0))) int b(int n, char *f, va_list l);"
           "int c(const char *f, ...) __attribute__((format(scanf, 1, 2)));"
           "int d(const char *f, int n) __attribute__((format(printf, 1, 0)));"
           "int e(const char *f, ...) __attribute__((format(printf, 3, 4)));"
           "int g(const int *f, ...) __attribute__((cold, format(printf, 1, 2), nonnull(1)));"
           "[[gnu::format(printf, 1, 1 + 1)]] int h(const char *f, ...);"
           "int i(_In_z_ const char *f, ...) __attribute__((format(printf, 1, 2)));"
           "int a(const char *f, ...);",
           "a: int (const char *, ...) printf\nb: int (int, char *, va_list) printf\nc: int (const char *, ...)\n"
           "d: int (const char *, int)\ne: int (const char *, ...)\ng: int (const int *, ...)\n"
           "h: int (const char *, ...) printf\ni: int (const char *, ...) printf\n  f: in string format\n"
           "a: int (const char *, ...) printf");
}
