/* Further texts of a unit: what fc__decl_parse_more finds in scope, adds, and annotates. */
#include "harness.h"

#include "abi/layout.h"
#include "decl_text.h"

static int parse_more(struct fc__unit *unit, const char *text, struct fc__error *err) {
    char *exact = malloc(strlen(text) + 1); /* the text need not outlive the call */
    assert_non_null(exact);
    memcpy(exact, text, strlen(text));
    int rc = fc__decl_parse_more(unit, exact, strlen(text), "sidecar", NULL, err);
    free(exact);
    return rc;
}

static struct fc__unit parse_both(const char *header, const char *sidecar) {
    struct fc__error err = {.code = 0};
    struct fc__unit unit = parse(header);
    if (parse_more(&unit, sidecar, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    return unit;
}

static void write_unit(struct decl_text *text, const struct fc__unit *unit) {
    char type[200];
    text->used = 0;
    text->bytes[0] = '\0';
    for (const struct fc__decl *decl = unit->first; decl != NULL; decl = decl->next) {
        add_decl(text, decl);
        assert_true(decl->next != NULL || decl == unit->last);
    }
    for (const struct fc__body *body = unit->bodies; body != NULL; body = body->next) {
        for (uint32_t i = 0; body->kind != FC__TYPE_ENUM && i < body->member_count; i++) {
            if (body->members[i].annotation.text != NULL) {
                add(text, "\n%s %s", body->tag != NULL ? body->tag : "-",
                    fc__decl_type_text(body->members[i].type, type, sizeof type));
                add_annotation(text, body->members[i].name, &body->members[i].annotation, NULL);
            }
        }
    }
}

static void expect_both(const char *header, const char *sidecar, const char *expected) {
    static struct decl_text text;
    struct fc__unit unit = parse_both(header, sidecar);
    write_unit(&text, &unit);
    assert_string_equal(text.bytes, expected);
    fc__decl_unit_done(&unit);
}

/* The sidecar is refused with this message, and the unit is as it was. */
static void refuse(const char *header, const char *sidecar, const char *message) {
    static struct decl_text before, after;
    struct fc__unit unit = parse(header);
    struct fc__error err = {.code = 0};
    write_unit(&before, &unit);
    assert_int_equal(parse_more(&unit, sidecar, &err), FC_EPARSE);
    err.text[strcspn(err.text, "\n")] = '\0';
    assert_string_equal(err.text, message);
    write_unit(&after, &unit);
    assert_string_equal(after.bytes, before.bytes);
    fc__decl_unit_done(&unit);
}

/* -- Scope --------------------------------------------------------------------------------------------------------- */

TEST(decl_reads_digraphs) {
    expect("struct s <% int x<:3:>; %>; int y<::> = <% 1, 2 %>, f(int a<:3:>); enum <% A, B %> e;",
           "y: int [2]\nf: int (int *)\ne: enum <anonymous>");
}

/* Written as they are, and by their numbers, they are the same. */
TEST(decl_reads_names_beyond_ascii) {
    expect("typedef int \\u00e9t\\U000000e9; \xC3\xA9t\xC3\xA9 caf\\u00E9(int a\\u0300, int x\\u4e16y);"
           "int caf\xC3\xA9(int, int); int na\\\n\xC3\xAFve;",
           "caf\xC3\xA9: \xC3\xA9t\xC3\xA9 (int, int)\ncaf\xC3\xA9: int (int, int)\nna\xC3\xAFve: int");
    expect("enum { \\u00c4 = 1, B = \xC3\x84 + 2 }; int x[B];", "x: int [3]");
}

TEST(more_finds_all_that_the_unit_has) {
    expect_both("typedef unsigned long ulong; struct s; enum { N = 3 }; typedef long time_t; struct t { char a[N]; };",
                "enum { M = N + 1 }; ulong f(struct s *s, time_t t, _In_reads_(M) char *p); struct s { struct t t; };"
                "int g(struct s s, _In_reads_(N * 2) char *p);",
                "f: ulong (struct s *, time_t, char *)\n  p: in elements 4\ng: int (struct s, char *)\n  p: in "
                "elements (3 * 2)");
}

TEST(more_reads_one_text_after_another) {
    struct fc__unit unit = parse_both("typedef int a; struct s;", "typedef a b; enum e { E = 5 };");
    struct fc__error err;
    assert_int_equal(parse_more(&unit, "struct s { b x[E]; }; b f(struct s s, enum e e);", &err), FC_OK);
    assert_int_equal(unit.bodies->member_count, 1);
    assert_int_equal(unit.bodies->members[0].type->length, 5);
    assert_string_equal(unit.last->name, "f");
    assert_string_equal(unit.last->file, "sidecar");
    assert_ptr_equal(unit.last->type->params[0].type->body, unit.bodies);
    fc__decl_unit_done(&unit);
}

TEST(more_says_where_it_is) {
    refuse("int x;", "int f(int y);\n nothing z;", "sidecar:2:2: unknown type name 'nothing'");
}

TEST(more_keeps_the_unit_when_it_fails) {
    refuse("struct s; typedef int (*cb)(char *p); int f(char *p, cb g); struct t { int n; char *p; };",
           "struct s { int a; }; int f(_In_z_ char *p, cb g); typedef int (*cb)(_In_z_ char *p); enum { E };"
           "struct t { _Field_size_(n) char *p; int n; }; typedef int later; struct u *v; oh no;",
           "sidecar:1:175: unknown type name 'oh'");
    struct fc__unit unit = parse("struct s; typedef int (*cb)(char *p); int f(cb g);");
    struct fc__error err;
    assert_int_equal(
        parse_more(&unit, "struct s { int a; }; typedef int (*cb)(_In_z_ char *p); typedef int x; ?", &err), FC_EPARSE);
    assert_false(unit.bodies->is_complete);
    assert_null(unit.bodies->next);
    assert_null(unit.typedefs->next);
    assert_null(unit.enumerators);
    assert_null(unit.first->type->params[0].type->to->params[0].annotation.text);
    assert_int_equal(parse_more(&unit, "struct s { int b, c; }; typedef int x;", &err), FC_OK);
    assert_int_equal(unit.bodies->member_count, 2);
    fc__decl_unit_done(&unit);
}

TEST(more_reads_for_a_target) {
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    const char *header = "struct s { long a; char b; };";
    const char *sidecar = "int f(_In_reads_(sizeof(struct s)) char *p);";
    fc__layouts_init(&layouts, fc__target_find("i386-linux"));
    assert_int_equal(fc__layout_parse(&layouts, header, strlen(header), "header", &unit, &err), FC_OK);
    const char *refused = "struct late { int a[8]; }; int g(_In_reads_(sizeof(struct late)) char *p); ?";
    assert_int_equal(fc__layout_parse_more(&layouts, &unit, refused, strlen(refused), "refused", &err), FC_EPARSE);
    assert_int_equal(fc__layout_parse_more(&layouts, &unit, sidecar, strlen(sidecar), "sidecar", &err), FC_OK);
    assert_int_equal(unit.last->type->params[0].annotation.capacity->value, 8);
    fc__decl_unit_done(&unit);
    fc__layouts_done(&layouts);
}

/* Of more bodies than there are slots for at first, one of them known to the header by its name. */
static void write_refused(char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "struct later { int a[4]; }; int x[sizeof(struct later)];");
    for (int i = 0; i < 300; i++) {
        used += (size_t)snprintf(text + used, size - used, "struct s%d { int a[8]; }; int x%d[sizeof(struct s%d)];", i,
                                 i, i);
    }
    snprintf(text + used, size - used, "?");
}

TEST(more_takes_nothing_when_it_fails) {
    static char refused[40000];
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    const struct fc__layout *before, *after;
    const char *header = "struct whole { long a; char b; }; struct later;";
    const char *sidecar = "struct later { char a; }; struct other { short a; };"
                          "int x[sizeof(struct later) * 10 + sizeof(struct other)];";
    write_refused(refused, sizeof refused);
    fc__layouts_init(&layouts, fc__target_find("i386-linux"));
    assert_int_equal(fc__layout_parse(&layouts, header, strlen(header), "header", &unit, &err), FC_OK);
    assert_int_equal(fc__layout_of_body(&layouts, unit.bodies, &before, &err), FC_OK);
    const struct fc__unit unit_before = unit;
    const struct fc__layouts layouts_before = layouts;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fc__layout_parse_more(&layouts, &unit, refused, strlen(refused), "refused", &err), FC_EPARSE);
        assert_memory_equal(&unit, &unit_before, sizeof unit);
        assert_memory_equal(&layouts, &layouts_before, sizeof layouts);
        assert_int_equal(fc__layout_of_body(&layouts, unit.bodies, &after, &err), FC_OK);
        assert_ptr_equal(after, before);
        assert_int_equal(fc__layout_of_body(&layouts, unit.bodies->next, &after, &err), FC_EUNSUPPORTED);
    }
    assert_int_equal(fc__layout_parse_more(&layouts, &unit, sidecar, strlen(sidecar), "sidecar", &err), FC_OK);
    assert_int_equal(unit.last->type->length, 12);
    fc__decl_unit_done(&unit);
    fc__layouts_done(&layouts);
}

/* -- Functions ----------------------------------------------------------------------------------------------------- */

TEST(more_annotates_functions) {
    expect_both("int read(int, void *, unsigned long); int other(void);",
                "int read(int fd, _Out_writes_bytes_to_(n, return) void *buffer, unsigned long n);",
                "read: int (int, void *, unsigned long)\n  buffer: out bytes n then return\nother: int (void)\n"
                "read: int (int, void *, unsigned long)\n  buffer: out bytes n then return");
    expect_both("char *name(const int a);",
                "_Success_(return != NULL) _Fc_fails_with_(NULL) _Ret_z_ char *name(int a);",
                "name: char *(const int) succeeds if (return != 0) fails with 0\n  result: string\n"
                "name: char *(const int) succeeds if (return != 0) fails with 0\n  result: string");
}

TEST(more_replaces_annotations) {
    expect_both("int f(_In_ int *a, _Out_ int *b); int g(_In_ int *a);",
                "int f(int *a, _Inout_ int *b); int g(int *a);",
                "f: int (int *, int *)\n  b: inout one\ng: int (int *)\n  a: in one\n"
                "f: int (int *, int *)\n  b: inout one\ng: int (int *)\n  a: in one");
}

TEST(more_annotates_callbacks_of_functions) {
    struct fc__unit unit =
        parse_both("void each(int (*visit)(void *, const char *), void *);",
                   "void each(int (*visit)(_Fc_opaque_ void *user, _In_z_ const char *name), _Fc_opaque_ void *user);");
    const struct fc__type *each = unit.first->type;
    assert_true(each->params[0].type->to->params[0].annotation.is_opaque);
    assert_int_equal(each->params[0].type->to->params[1].annotation.extent, FC__EXTENT_STRING);
    assert_true(each->params[1].annotation.is_opaque);
    fc__decl_unit_done(&unit);
}

TEST(more_keeps_conventions_that_are_not_repeated) {
    struct fc__unit unit = parse_both("int __stdcall f(int *p);", "int f(_In_ int *p);");
    assert_string_equal(unit.first->type->convention, "stdcall");
    assert_int_equal(unit.first->type->params[0].annotation.extent, FC__EXTENT_ONE);
    fc__decl_unit_done(&unit);
}

TEST(more_refuses_other_types) {
    refuse("\nint f(void *p, int n);", "int f(_In_reads_(n) char *p, int n);",
           "sidecar:1:5: 'f' is 'int (char *, int)' here, and 'int (void *, int)' in test:2");
    refuse("int f(int a);", "int f(int a, int b);",
           "sidecar:1:5: 'f' is 'int (int, int)' here, and 'int (int)' in test:1");
    refuse("extern int x;", "extern long x;", "sidecar:1:13: 'x' is 'long' here, and 'int' in test:1");
    refuse("int f(const char *p);", "int f(_In_z_ char *p);",
           "sidecar:1:5: 'f' is 'int (char *)' here, and 'int (const char *)' in test:1");
    refuse("typedef int t;", "typedef long t;", "sidecar:1:14: 't' is already a typedef of 'int', not of 'long'");
    refuse("typedef int t;", "int t(void);", "sidecar:1:5: 't' is already the name of a type");
}

TEST(decl_keeps_annotations_of_functions_that_are_repeated_without) {
    expect(
        "int f(_In_z_ const char *); int f(const char *p); int g(char *p, int n); int g(_In_reads_(n) char *q, int n);"
        "int h(_In_ int *a); int h(_Inout_ int *a);",
        "f: int (const char *)\n  ?: in string\nf: int (const char *)\n  ?: in string\n"
        "g: int (char *, int)\n  q: in elements n\ng: int (char *, int)\n  q: in elements n\n"
        "h: int (int *)\n  a: in one\nh: int (int *)\n  a: inout one");
}

/* -- Typedefs ------------------------------------------------------------------------------------------------------ */

TEST(more_annotates_typedefs_of_functions) {
    struct fc__unit unit = parse_both(
        "typedef int (*cb)(void *, char *, int); typedef cb same; typedef char *plain(int); struct s { cb m; plain *n; "
        "};"
        "void f(cb a, const cb b, same c);",
        "typedef int (*cb)(_Fc_opaque_ void *user, _In_reads_(n) char *p, int n); typedef _Ret_z_ char *plain(int);");
    const struct fc__type *f = unit.first->type;
    const struct fc__body *s = unit.bodies;
    for (uint32_t i = 0; i < 3; i++) {
        const struct fc__type *cb = f->params[i].type->to;
        assert_true(cb->params[0].annotation.is_opaque);
        assert_string_equal(cb->params[1].name, "p");
        assert_int_equal(cb->params[1].annotation.capacity->param, 2);
    }
    assert_true(s->members[0].type->to->params[0].annotation.is_opaque);
    assert_int_equal(s->members[1].type->to->result->extent, FC__EXTENT_STRING);
    fc__decl_unit_done(&unit);
}

TEST(more_makes_typedefs_opaque) {
    struct fc__unit unit =
        parse_both("typedef void *HANDLE; int f(HANDLE a, HANDLE *b, void *c);", "typedef _Fc_opaque_ void *HANDLE;");
    const struct fc__type *f = unit.first->type;
    assert_true(f->params[0].type->is_opaque && f->params[1].type->to->is_opaque);
    assert_false(f->params[2].type->is_opaque);
    fc__decl_unit_done(&unit);
}

/* -- Members ------------------------------------------------------------------------------------------------------- */

TEST(more_annotates_members) {
    expect_both("struct s { int a; char *text; unsigned n; int b : 3; int *values; };",
                "struct s { _Field_size_(n) int *values; unsigned n; _Field_z_ char *text; int b : 3; };",
                "\ns char *\n  text: string\ns int *\n  values: elements s:n");
    expect_both("struct s { int k, n; _Field_size_(3) char *p; _Field_z_ char *q; };",
                "struct s { _Field_size_(k * n) char *p; };",
                "\ns char *\n  p: elements (s:k * s:n)\ns char *\n  q: string");
}

TEST(more_annotates_members_of_typedefs_without_a_tag) {
    expect_both("typedef struct { int n; char *p; union { int a, b; } u; } T; typedef struct { int n; } other;",
                "typedef struct { union { _Fc_union_(n == 1) int b; } u; int n; _Field_size_(n) char *p; } T;"
                "typedef struct { int k; _Field_size_(k) int *q; } added;",
                "\n- char *\n  p: elements :n\n- int\n  b: when (:n == 1)\n- int *\n  q: elements :k");
    refuse("typedef struct { int n; char *p; } T;", "typedef struct { int m; } T;",
           "sidecar:1:22: 'struct <anonymous>' in test:1 has no member 'm'");
    refuse("typedef struct t { int n; } T;", "typedef struct { int n; } T;",
           "sidecar:1:27: 'T' is already a typedef of 'struct t', not of 'struct <anonymous>'");
}

TEST(more_annotates_members_of_inner_bodies) {
    expect_both(
        "struct v { int x; int kind; union { int a; char *b; struct { long y, z; } c; } u; struct { char *q; int m; };"
        "  struct in { char *r; } *in; };",
        "struct v { union { _Fc_union_(kind == 1) int a; _Fc_union_(kind == 2) _Field_size_(x) char *b;"
        "  struct { long z; } c; } u; int kind; struct { int m; _Field_size_(m) char *q; };"
        "  struct in { _Field_z_ char *r; } *in; };",
        "\n- int\n  a: when (v:kind == 1)\n- char *\n  b: elements v:x when (v:kind == 2)\n"
        "- char *\n  q: elements :m\nin char *\n  r: string");
}

TEST(more_annotates_callbacks_of_members) {
    struct fc__unit unit = parse_both("struct s { int a; void *(*make)(void *, int); void (*end)(void); };",
                                      "struct s { _Fc_opaque_ void *(*make)(_Fc_opaque_ void *user, int n); };");
    const struct fc__type *make = unit.bodies->members[1].type->to;
    assert_true(make->result->is_opaque && make->params[0].annotation.is_opaque);
    assert_string_equal(make->params[1].name, "n");
    assert_int_equal(unit.bodies->member_count, 3);
    assert_null(unit.bodies->next);
    fc__decl_unit_done(&unit);
}

TEST(more_refuses_members_that_are_not_there) {
    refuse("\nstruct s { int n; char *p; };", "struct s { int m; };",
           "sidecar:1:16: 'struct s' in test:2 has no member 'm'");
    refuse("struct s { int n;\n char *p; };", "struct s { void *p; };",
           "sidecar:1:18: 's.p' is 'void *' here, and 'char *' in test:2");
    refuse("struct s { int n : 3; };", "struct s { int n : 4; };",
           "sidecar:1:16: 's.n' is 'int' here, and 'int' in test:1");
    refuse("struct s { union { int a; } u; };", "struct s { union { int b; } u; };",
           "sidecar:1:24: 'union <anonymous>' in test:1 has no member 'b'");
    refuse("struct s { int n; char *p; };", "struct s { _Field_size_(m) char *p; };",
           "sidecar:1:25: 'struct s' has no member 'm'");
    refuse("enum e { A };", "enum e { A };", "sidecar:1:6: 'enum e' already has a body");
}

TEST(decl_learns_from_a_sidecar_which_variables_are_synchronised) {
    struct fc__unit unit =
        parse_both("extern int a; _Fc_sync_ extern int b; extern int c[2]; extern int *e;",
                   "extern int b; extern _Fc_sync_ int a, c[2]; int (*f)(void); _Fc_sync_ int (*d)(void);");
    const struct {
        const char *name;
        bool is_synced;
    } rows[] = {{"a", false}, {"b", true}, {"c", false}, {"e", false}, {"b", true},
                {"a", true},  {"c", true}, {"f", false}, {"d", true}};
    const struct fc__decl *decl = unit.first;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++, decl = decl->next) {
        assert_string_equal(decl->name, rows[i].name);
        assert_int_equal(decl->is_synced, rows[i].is_synced);
    }
    assert_null(decl);
    fc__decl_unit_done(&unit);
}
