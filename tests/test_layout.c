/* Layouts: the rules one by one. Random structs: test_layout_random.c; all headers of the machine:
 * test_layout_headers.c. */
#include "subject.h"

/* -- One struct ---------------------------------------------------------------------------------------------------- */

/* The layout of the last variable's type as "size/alignment: offset offset.bit:width ...". */
static const char *layout_text(struct subject *subject) {
    static char text[2000];
    const struct fc__body *body = subject->unit.last->type->body;
    const struct fc__layout *layout;
    struct fc__error err;
    if (fc__layout_of_body(&subject->layouts, body, &layout, &err) != FC_OK) {
        return strcpy(text, err.text);
    }
    int used = snprintf(text, sizeof text, "%llu/%u:", (unsigned long long)layout->size_bytes, layout->alignment_bytes);
    for (uint32_t i = 0; i < layout->field_count; i++) {
        const struct fc__field *field = &layout->fields[i];
        used += snprintf(text + used, sizeof text - (size_t)used, " %llu", (unsigned long long)field->offset_bytes);
        if (body->members[i].is_bitfield) {
            used += snprintf(text + used, sizeof text - (size_t)used, ".%u:%u", field->bit_offset, field->bit_width);
        }
    }
    return text;
}

static void expect_layout(const char *target, const char *source, const char *expected) {
    struct subject subject;
    open_subject(&subject, target, source);
    assert_string_equal(layout_text(&subject), expected);
    close_subject(&subject);
}

/* A struct, and its layout for the four targets in the order of their table. */
struct row {
    const char *source;
    const char *i386_linux, *x86_64_linux, *i386_windows, *x86_64_windows;
};

static void expect_rows(const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        expect_layout("i386-linux", rows[i].source, rows[i].i386_linux);
        expect_layout("x86_64-linux", rows[i].source, rows[i].x86_64_linux);
        expect_layout("i386-windows", rows[i].source, rows[i].i386_windows);
        expect_layout("x86_64-windows", rows[i].source, rows[i].x86_64_windows);
    }
}

#define LAYOUTS(...)                                                                                                   \
    do {                                                                                                               \
        static const struct row rows[] = {__VA_ARGS__};                                                                \
        expect_rows(rows, sizeof rows / sizeof rows[0]);                                                               \
    } while (0)

TEST(layout_places_scalars) {
    LAYOUTS({"struct { char a; double b; char c; long long d; long double e; } x;", "36/4: 0 4 12 16 24",
             "48/16: 0 8 16 24 32", "40/8: 0 8 16 24 32", "40/8: 0 8 16 24 32"},
            {"struct { char a; long b; void *c; short d; } x;", "16/4: 0 4 8 12", "32/8: 0 8 16 24", "16/4: 0 4 8 12",
             "24/8: 0 4 8 16"},
            {"struct { char a; float _Complex b; double _Complex c; __builtin_va_list d; } x;", "32/4: 0 4 12 28",
             "56/8: 0 4 16 32", "40/8: 0 4 16 32", "40/8: 0 4 16 32"});
}

TEST(layout_places_atomic_members) {
    LAYOUTS(
        {"struct s { char a; _Atomic long long b; char c; _Atomic(short) d; char e; struct { char x[4]; } _Atomic f;"
         "  int *_Atomic g; char h; _Atomic double k; } v",
         "48/8: 0 8 16 18 20 24 28 32 40", "56/8: 0 8 16 18 20 24 32 40 48", "48/8: 0 8 16 18 20 24 28 32 40",
         "56/8: 0 8 16 18 20 24 32 40 48"});
}

TEST(layout_places_arrays_and_flexible_members) {
    LAYOUTS(
        {"struct { char a; int b[3]; char c[0]; } x;", "16/4: 0 4 16", "16/4: 0 4 16", "16/4: 0 4 16", "16/4: 0 4 16"},
        {"struct { int a; char b; double tail[]; } x;", "8/4: 0 4 8", "8/8: 0 4 8", "8/8: 0 4 8", "8/8: 0 4 8"});
}

TEST(layout_places_unions_and_anonymous_members) {
    LAYOUTS({"struct { char a; union { short b; struct { char c; double d; }; }; char e; } x;", "20/4: 0 4 16",
             "32/8: 0 8 24", "32/8: 0 8 24", "32/8: 0 8 24"},
            {"union { char a[5]; short b; } x;", "6/2: 0 0", "6/2: 0 0", "6/2: 0 0", "6/2: 0 0"},
            {"struct { } x;", "0/1:", "0/1:", "4/1:", "4/1:"});
}

TEST(layout_has_microsofts_members_without_names) {
    LAYOUTS({"struct { struct t { int a; }; char b; } x;", "1/1: 0", "1/1: 0", "8/4: 0 4", "8/4: 0 4"});
    static const char source[] = "typedef union { int a; } u; struct t { short a; }; "
                                 "struct { char a; u; struct t; struct later; char n[sizeof(\"://\")]; } x;";
    expect_layout("i386-windows", source, "16/4: 0 4 8 10");
    expect_layout("x86_64-windows", source, "16/4: 0 4 8 10");
}

TEST(layout_packs) {
    LAYOUTS({"struct __attribute__((packed)) { char a; double b; short c; } x;", "11/1: 0 1 9", "11/1: 0 1 9",
             "11/1: 0 1 9", "11/1: 0 1 9"},
            {"struct { char a; int b __attribute__((packed)); int c; } x;", "12/4: 0 1 8", "12/4: 0 1 8", "12/4: 0 1 8",
             "12/4: 0 1 8"},
            {"#pragma pack(push, 2)\nstruct { char a; int b; double c; } x;\n#pragma pack(pop)", "14/2: 0 2 6",
             "14/2: 0 2 6", "14/2: 0 2 6", "14/2: 0 2 6"},
            {"#pragma pack(1)\nstruct { char a; _Alignas(8) int b; } x;", "5/1: 0 1", "5/1: 0 1", "16/8: 0 8",
             "16/8: 0 8"});
}

TEST(layout_aligns) {
    LAYOUTS({"struct { char a; _Alignas(16) char b; char c; } x;", "32/16: 0 16 17", "32/16: 0 16 17", "32/16: 0 16 17",
             "32/16: 0 16 17"},
            {"struct { char a; _Alignas(double) char b; } x;", "8/4: 0 4", "16/8: 0 8", "16/8: 0 8", "16/8: 0 8"},
            {"struct { char a; } __attribute__((aligned(8))) x;", "8/8: 0", "8/8: 0", "8/8: 0", "8/8: 0"},
            {"struct __declspec(align(8)) { char a; } x;", "8/8: 0", "8/8: 0", "8/8: 0", "8/8: 0"},
            {"typedef unsigned long long u64 __attribute__((aligned(8))); struct { char a; u64 b; } x;", "16/8: 0 8",
             "16/8: 0 8", "16/8: 0 8", "16/8: 0 8"},
            {"typedef int half __attribute__((aligned(2))); struct { char a; half b; } x;", "6/2: 0 2", "6/2: 0 2",
             "8/4: 0 4", "8/4: 0 4"},
            {"struct { char a; float v __attribute__((vector_size(16))); } x;", "32/16: 0 16", "32/16: 0 16",
             "32/16: 0 16", "32/16: 0 16"});
}

TEST(layout_places_bit_fields) {
    LAYOUTS({"struct { unsigned a : 3, b : 30, c : 2; } x;", "8/4: 0.0:3 4.0:30 7.6:2", "8/4: 0.0:3 4.0:30 7.6:2",
             "8/4: 0.0:3 4.0:30 7.6:2", "8/4: 0.0:3 4.0:30 7.6:2"},
            {"struct { char a : 3; int b : 4; char c : 2; } x;", "4/4: 0.0:3 0.3:4 1.0:2", "4/4: 0.0:3 0.3:4 1.0:2",
             "12/4: 0.0:3 4.0:4 8.0:2", "12/4: 0.0:3 4.0:4 8.0:2"},
            {"struct { char a : 3; int : 0; char b; } x;", "5/1: 0.0:3 4.0:0 4", "5/1: 0.0:3 4.0:0 4",
             "8/4: 0.0:3 4.0:0 4", "8/4: 0.0:3 4.0:0 4"},
            {"struct { char a; int : 5; char b; } x;", "3/1: 0 1.0:5 2", "3/1: 0 1.0:5 2", "12/4: 0 4.0:5 8",
             "12/4: 0 4.0:5 8"},
            {"struct { char a; long long b : 40; } x;", "8/4: 0 1.0:40", "8/8: 0 1.0:40", "16/8: 0 8.0:40",
             "16/8: 0 8.0:40"},
            {"struct { int a : 20; long long b : 40; } x;", "8/4: 0.0:20 2.4:40", "8/8: 0.0:20 2.4:40",
             "16/8: 0.0:20 8.0:40", "16/8: 0.0:20 8.0:40"},
            {"struct __attribute__((packed)) { int a : 20; int b : 20; } x;", "5/1: 0.0:20 2.4:20",
             "5/1: 0.0:20 2.4:20", "8/1: 0.0:20 4.0:20", "8/1: 0.0:20 4.0:20"},
            {"#pragma pack(1)\nstruct { int a : 20; int b : 20; } x;", "5/1: 0.0:20 2.4:20", "5/1: 0.0:20 2.4:20",
             "8/1: 0.0:20 4.0:20", "8/1: 0.0:20 4.0:20"},
            {"union { int a : 3; char b : 7; } x;", "4/4: 0.0:3 0.0:7", "4/4: 0.0:3 0.0:7", "4/1: 0.0:3 0.0:7",
             "4/1: 0.0:3 0.0:7"},
            {"struct { int : 0; char a; } x;", "1/1: 0.0:0 0", "1/1: 0.0:0 0", "1/1: 0.0:0 0", "1/1: 0.0:0 0"});
}

TEST(layout_knows_enums) {
    LAYOUTS({"struct { char a; enum { A } b; enum { B = 1ll << 40 } c; char d; } x;", "20/4: 0 4 8 16",
             "24/8: 0 4 8 16", "16/4: 0 4 8 12", "16/4: 0 4 8 12"},
            {"struct { char a; enum __attribute__((packed)) { A } b; enum : short { B } c; } x;", "4/2: 0 1 2",
             "4/2: 0 1 2", "12/4: 0 4 8", "12/4: 0 4 8"},
            {"enum { A = 0x123456789a, B }; struct { char a[B == 0x3456789b ? 1 : 2], b; } x;", "3/1: 0 2", "3/1: 0 2",
             "2/1: 0 1", "2/1: 0 1"});
}

TEST(layout_of_a_struct_that_points_to_itself) {
    LAYOUTS({"typedef struct list list; struct list { list *next; struct list *(*walk)(list *); char a; } x;",
             "12/4: 0 4 8", "24/8: 0 8 16", "12/4: 0 4 8", "24/8: 0 8 16"});
}

TEST(layout_says_what_has_none) {
    static const struct {
        const char *source, *text;
    } rows[] = {
        {"extern struct s x;", "`struct s` has no known layout: nothing here says what is in it"},
        {"struct t; struct s { struct t a; } x;",
         "`struct s` has no known layout: a member has a type without a body before it"},
        {"struct s { struct s a[2]; } x;",
         "`struct s` has no known layout: a member has a type without a body before it"},
        {"struct s { int a[n]; } x;", "`int []` has no known layout: the length of the array is not a constant"},
        {"struct t { struct t *a; }; struct s { char b[(long)&((struct t *)0)->a->a]; } x;",
         "`char []` has no known layout: the length of the array is not a constant"},
        {"typedef int t __attribute__((aligned(n))); struct s { t a; } x;",
         "`t` has no known layout: this is not a constant"},
        {"struct s { int a : n; } x;", "`struct s` has no known layout: this is not a constant"},
        {"struct s { int a : 33; } x;",
         "`struct s` has no known layout: the member 'a' in line 1 is wider than its type"},
        {"struct s { int a; } __attribute__((ms_struct)) x;",
         "`struct s` has no known layout: attribute ms_struct is not supported on this target"},
        {"struct s { __int128 a; } x;", "`__int128` has no known layout: the target has no such type"},
        {"struct s { char a[1ll << 32][1ll << 32]; } x;",
         "`char [4294967296][4294967296]` has no known layout: it is too large"},
        {"struct s { char a[1ll << 57][2], b; } x;",
         "`struct s` has no known layout: the member 'b' in line 1 makes it too large"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_layout("i386-linux", rows[i].source, rows[i].text);
    }
}

TEST(layout_is_computed_once) {
    struct subject subject;
    const struct fc__layout *first;
    const struct fc__layout *second;
    struct fc__error err;
    open_subject(&subject, "i386-linux", "struct s { int a; } x;");
    assert_int_equal(fc__layout_of_body(&subject.layouts, subject.unit.bodies, &first, &err), FC_OK);
    assert_int_equal(fc__layout_of_body(&subject.layouts, subject.unit.bodies, &second, &err), FC_OK);
    assert_ptr_equal(first, second);
    close_subject(&subject);
}

TEST(layout_stands_structs_as_deep_as_declarations_may) {
    char source[8000];
    struct subject subject;
    struct fc__error err;
    size_t used = (size_t)snprintf(source, sizeof source, "struct s1 { char a; };");
    for (int i = 2; i <= FC__DECL_DEPTH_MAX; i++) {
        used +=
            (size_t)snprintf(source + used, sizeof source - used, "struct s%d { struct s%d b[1]; char a; };", i, i - 1);
    }
    snprintf(source + used, sizeof source - used, "struct s%d x;", FC__DECL_DEPTH_MAX);
    open_subject(&subject, "x86_64-linux", source);
    assert_non_null(strstr(layout_text(&subject), "64/1: 0 63"));
    close_subject(&subject);
    used += (size_t)snprintf(source + used, sizeof source - used, "struct y { struct s%d b; };", FC__DECL_DEPTH_MAX);
    fc__layouts_init(&subject.layouts, fc__target_find("i386-linux"));
    assert_int_equal(fc__layout_parse(&subject.layouts, source, used, "test", &subject.unit, &err), FC_EPARSE);
    assert_non_null(strstr(err.text, "structs and unions within each other of more than 64 levels"));
    fc__layouts_done(&subject.layouts);
}

/* -- Constants of a target ----------------------------------------------------------------------------------------- */

TEST(layout_gives_constants_to_declarations) {
    static const struct {
        const char *expression;
        unsigned bits_32, bits_64;
    } rows[] = {
        {"sizeof(long) + sizeof(void *)", 8, 16},
        {"_Alignof(double)", 4, 8},
        {"__alignof__(double)", 8, 8},
        {"sizeof(struct s)", 12, 16},
        {"__builtin_offsetof(struct s, b)", 4, 8},
        {"__builtin_offsetof(struct s, in.q[2])", 10, 14},
        {"(unsigned long)&((struct s *)0)->in.q[1]", 9, 13},
        {"sizeof(((struct s *)0)->in)", 4, 4},
        {"sizeof y / sizeof *y", 7, 7},
        {"(unsigned long)&((struct s *)16)->in.q[1]", 25, 29},
        {"(unsigned long)((struct s *)0)->in.q", 8, 12},
        {"sizeof v.in.q / sizeof v.in.q[0]", 3, 3},
        {"sizeof(int[3])", 12, 12},
        {"sizeof 1ll + sizeof(1)", 12, 12},
        {"~0ul == 0xFFFFFFFF ? 1 : 2", 1, 2},
        {"(unsigned long)-1 > 0xFFFFFFFFull ? 2 : 1", 1, 2},
        {"1024 / (8 * sizeof(unsigned long))", 32, 16},
        {"sizeof(0ul + 0)", 4, 8},
        {"sizeof(\"a\\n\\\"\" \"\u00e9\")", 6, 6},
        {"sizeof(L\"ab\" \"\u00e9\") + sizeof(u\"\\U0001F600\") + sizeof(U\"\")", 26, 26},
        {"sizeof \"ab\"", 3, 3},
        {"sizeof(((struct s *)0)->in.q[0])", 1, 1},
        {"sizeof(((struct s){0}).in) + sizeof((struct s){0}.in.q)", 7, 7},
        {"sizeof (struct s){ {1}, .in = {{2}} }.a", 4, 8},
        {"sizeof((struct s *)0)->in", 4, 4},
        {"sizeof((char)1) + sizeof((char)1 + 0)", 5, 5},
        {"sizeof(1.) + sizeof(1.f)", 12, 12},
        {"_Generic(1, int: 1, default: 2)", 1, 1},
        {"_Generic(1ul + 1, unsigned: 1, unsigned long: 2, unsigned long long: 3)", 2, 2},
        {"_Generic(0x100000000, long: 1, long long: 2)", 2, 1},
        {"_Generic((short)1, default: 3, short: 1, int: 2)", 1, 1},
        {"_Generic(sizeof(int), unsigned: 1, unsigned long: 2)", 1, 2},
        {"_Generic((size_kind)0, unsigned: 1, unsigned long: 2, default: 3)", 1, 2},
        {"_Generic(v, struct s: 4, default: 5)", 4, 4},
        {"_Generic(v.in.q, const char *: 1, char *: 2, char[3]: 3)", 2, 2},
        {"_Generic(&v.a, long *: 1, int *: 2)", 1, 1},
        {"_Generic(y, int[7]: 1, int *: _Generic(1.f, float: 6, default: 7), default: 2)", 6, 6},
        {"_Generic(g, int (*)(const char *, int): 1, default: 2)", 1, 1},
        {"1 || _Generic(nobody, int: 1, default: 2)", 1, 1},
        {"1 + __builtin_types_compatible_p(long, int)", 1, 1},
        {"1 + __builtin_types_compatible_p(__typeof__(((struct s *)0)->in.q), char[])", 2, 2},
        {"1 + __builtin_types_compatible_p(const int, int)", 2, 2},
        {"1 + __builtin_types_compatible_p(const int *, int *)", 1, 1},
        {"1 + !__builtin_types_compatible_p(int[3], int[4])", 2, 2},
        {"_Generic(L\"a\", int *: 1, long *: 2)", 2, 1},
        {"_Generic(L'a', int: 1, long: 2)", 2, 1},
        {"_Generic(u\"a\", unsigned short *: 1, default: 2)", 1, 1},
        {"_Generic(U\"a\"[0], unsigned: 1, default: 2)", 1, 1},
        {"_Generic(u'a', unsigned short: 1, default: 2)", 1, 1},
        {"_Generic(u'a' + 1, unsigned short: 1, int: 2)", 2, 2},
        {"_Generic(\"abc\"[1], char: 1, default: 2)", 1, 1},
        {"_Generic((enum k)0, unsigned: 1, default: 2)", 1, 1},
        {"1 + !__builtin_types_compatible_p(enum k, enum m)", 2, 2},
        {"1 + __builtin_types_compatible_p(enum k *, unsigned *)", 2, 2},
        {"1 + __builtin_types_compatible_p(const enum k *, unsigned *)", 1, 1},
        {"_Generic(4294967296l, long: 1, long long: 2)", 2, 1},
        {"_Generic(0x100000000ul, unsigned long: 1, unsigned long long: 2)", 2, 1},
        {"_Generic(8l + 4294967296, long: 1, long long: 2)", 2, 1},
        {"(5 ?: 3) + (0 ?: 1)", 6, 6},
        {"__extension__ (__extension__ 2 + 1) + sizeof(__extension__ 'a')", 7, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int is_64 = 0; is_64 < 2; is_64++) {
            char source[400];
            struct subject subject;
            snprintf(source, sizeof source,
                     "struct s { long a; union { int b; }; struct { char q[3], r; } in; } v;"
                     "extern int y[7], y[]; _Static_assert(sizeof(int) == 4, \"\"); int g(const char *, int n);"
                     "typedef __typeof__(sizeof(int)) size_kind; enum k { K }; enum m { M }; char x[%s];",
                     rows[i].expression);
            open_subject(&subject, is_64 ? "x86_64-linux" : "i386-linux", source);
            assert_int_equal(subject.unit.last->type->length, is_64 ? rows[i].bits_64 : rows[i].bits_32);
            close_subject(&subject);
        }
    }
}

/* Who preprocessed the text knows best what wchar_t is in it: clang has another one than gcc on i386. */
TEST(layout_takes_wide_characters_as_the_text_has_them) {
    static const struct {
        const char *target, *text;
        unsigned length;
    } rows[] = {
        {"i386-linux", "typedef int wchar_t; char x[_Generic(L\"a\", int *: 1, long *: 2)];", 1},
        {"i386-linux", "typedef long wchar_t; char x[_Generic(L'a', int: 1, long: 2)];", 2},
        {"i386-windows", "char x[_Generic(L\"a\", unsigned short *: 1, default: 2)];", 1},
        {"i386-windows", "char x[(wchar_t)-1];", 65535},
        {"x86_64-windows", "char x[_Generic(*L\"a\", unsigned short: 1, default: 2)];", 1},
        {"x86_64-linux", "char x[(wchar_t)-1 < 0 ? 1 : 2];", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct subject subject;
        open_subject(&subject, rows[i].target, rows[i].text);
        assert_int_equal(subject.unit.last->type->length, rows[i].length);
        close_subject(&subject);
    }
}

/* As the macros for container_of and ARRAY_SIZE have it, in a body too. */
TEST(layout_checks_what_is_asserted_of_types) {
    static const struct {
        const char *asserted;
        bool is_true;
    } rows[] = {
        {"_Generic(((struct a *)0)->n, unsigned short: 1, default: 0)", true},
        {"_Generic(((struct a *)0)->n, short: 1, default: 0)", false},
        {"_Generic(((struct a *)0)->p, char *: 1, const char *: 2) == 2", true},
        {"__builtin_types_compatible_p(__typeof__(((struct a *)0)->n), unsigned short)", true},
        {"!__builtin_types_compatible_p(struct a, struct b)", true},
        {"__builtin_types_compatible_p(struct a *, struct b *)", false},
        {"sizeof(((struct a *)0)->list) / sizeof(((struct a *)0)->list[0]) == 5", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[500];
        struct fc__layouts layouts;
        struct fc__unit unit;
        struct fc__error err;
        snprintf(source, sizeof source,
                 "struct a { unsigned short n; const char *p; int list[5]; };"
                 "struct b { char before; _Static_assert(%s, \"that\"); char behind; };",
                 rows[i].asserted);
        fc__layouts_init(&layouts, fc__target_find("x86_64-linux"));
        int rc = fc__layout_parse(&layouts, source, strlen(source), "test", &unit, &err);
        if (rc != (rows[i].is_true ? FC_OK : FC_EPARSE)) {
            fail_msg("%s: %s", rows[i].asserted, rc != FC_OK ? err.text : "is accepted");
        }
        if (rc == FC_OK) {
            fc__decl_unit_done(&unit);
        } else {
            assert_non_null(strstr(err.text, "this is asserted, and false"));
        }
        fc__layouts_done(&layouts);
    }
}

TEST(layout_refuses_what_is_asserted_and_false) {
    static const char source[] = "_Static_assert(sizeof(long) == 8, \"long\");";
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    fc__layouts_init(&layouts, fc__target_find("i386-linux"));
    assert_int_equal(fc__layout_parse(&layouts, source, strlen(source), "test", &unit, &err), FC_EPARSE);
    assert_non_null(strstr(err.text, "test:1:15: this is asserted, and false"));
    fc__layouts_done(&layouts);
}

/* A declaration that is left out because a name of windows.h is met too deep in it leaves nothing behind. */
TEST(layout_leaves_out_names_of_windows_that_are_too_deep) {
    unsigned skipped = 0;
    for (int depth = 1; depth < FC__DECL_DEPTH_MAX; depth++) {
        char source[2000];
        struct fc__layouts layouts;
        struct fc__unit unit;
        struct fc__error err;
        size_t used = (size_t)snprintf(source, sizeof source, "void f(int p");
        for (int i = 0; i < depth; i++) {
            used += (size_t)snprintf(source + used, sizeof source - used, ", int (*g)(int p");
        }
        used += (size_t)snprintf(source + used, sizeof source - used, ", WNDPROC w, MSG m");
        for (int i = 0; i <= depth; i++) {
            used += (size_t)snprintf(source + used, sizeof source - used, ")");
        }
        used += (size_t)snprintf(source + used, sizeof source - used, "; MSG p, q;");
        fc__layouts_init(&layouts, fc__target_find("i386-windows"));
        layouts.may_skip = true;
        if (fc__layout_parse(&layouts, source, used, "test", &unit, &err) != FC_OK) {
            fail_msg("%d: %s", depth, err.text);
        }
        const struct fc__layout *layout;
        assert_string_equal(unit.last->name, "q");
        assert_int_equal(fc__layout_of_body(&layouts, unit.last->type->body, &layout, &err), FC_OK);
        assert_int_equal(layout->size_bytes, 28);
        skipped += unit.skipped != NULL;
        fc__decl_unit_done(&unit);
        fc__layouts_done(&layouts);
    }
    assert_true(skipped > 0 && skipped < FC__DECL_DEPTH_MAX - 1);
}
