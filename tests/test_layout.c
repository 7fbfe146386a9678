/* Layouts: the rules one by one, and random structs beside what gcc (System V), clang (Microsoft) and mingw's gcc say. All headers
 * of the machine: test_layout_headers.c. */
#include "subject.h"

#include <stdlib.h>
#include <unistd.h>

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
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int is_64 = 0; is_64 < 2; is_64++) {
            char source[400];
            struct subject subject;
            snprintf(source, sizeof source,
                     "struct s { long a; union { int b; }; struct { char q[3], r; } in; } v;"
                     "extern int y[7], y[]; _Static_assert(sizeof(int) == 4, \"\"); int g(const char *, int n);"
                     "typedef __typeof__(sizeof(int)) size_kind; char x[%s];",
                     rows[i].expression);
            open_subject(&subject, is_64 ? "x86_64-linux" : "i386-linux", source);
            assert_int_equal(subject.unit.last->type->length, is_64 ? rows[i].bits_64 : rows[i].bits_32);
            close_subject(&subject);
        }
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

/* -- Random structs ------------------------------------------------------------------------------------------------ */

enum { STRUCTS = 1500, RANDOM_SOURCE_MAX = 1 << 20, TYPES_MAX = 12 };

struct random {
    char *text;
    size_t used;
    uint32_t state;
    unsigned types; /* of TYPES_MAX: Microsoft's compiler has no way to lower an alignment, the last one's */
};

__attribute__((format(printf, 2, 3))) static void put(struct random *r, const char *format, ...) {
    va_list list;
    va_start(list, format);
    r->used += (size_t)vsnprintf(r->text + r->used, RANDOM_SOURCE_MAX - r->used, format, list);
    va_end(list);
    assert_true(r->used < RANDOM_SOURCE_MAX);
}

/* 0 <= result < limit; the same numbers each time */
static unsigned draw(struct random *r, unsigned limit) {
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    return r->state % limit;
}

static void put_alignment(struct random *r, unsigned chance) {
    if (draw(r, chance) == 0) {
        put(r, " __attribute__((aligned(%u)))", 1u << draw(r, 6));
    }
}

static void put_bit_field(struct random *r, unsigned name) {
    static const struct {
        const char *text;
        unsigned bits;
    } types[] = {
        {"char", 8},       {"unsigned short", 16}, {"int", 32},    {"unsigned", 32},
        {"long long", 64}, {"_Bool", 1},           {"enum e", 32}, {"unsigned char", 8},
    };
    unsigned type = draw(r, sizeof types / sizeof types[0]);
    unsigned kind = draw(r, 8);
    if (kind == 0) {
        put(r, " %s : 0;", types[type].text);
    } else if (kind == 1) {
        put(r, " %s : %u;", types[type].text, 1 + draw(r, types[type].bits));
    } else {
        put(r, " %s m%u : %u%s", types[type].text, name, 1 + draw(r, types[type].bits),
            draw(r, 12) == 0 ? " __attribute__((packed))" : "");
        put_alignment(r, 16);
        put(r, ";");
    }
}

/* `before`: the struct's number; those before it may be members. */
static void put_member(struct random *r, unsigned name, unsigned before) {
    static const char *const types[] = {"char",   "short",       "int",    "long",     "long long",      "float",
                                        "double", "long double", "char *", "aligned8", "float _Complex", "half"};
    if (draw(r, 5) < 2) {
        put_bit_field(r, name);
        return;
    }
    if (before > 0 && draw(r, 8) == 0) {
        put(r, " struct s%u", draw(r, before));
    } else {
        put(r, " %s", types[draw(r, r->types)]);
    }
    put(r, " m%u", name);
    if (draw(r, 6) == 0) {
        put(r, "[%u]", draw(r, 4));
    }
    put(r, "%s", draw(r, 10) == 0 ? " __attribute__((packed))" : "");
    put_alignment(r, 12);
    put(r, ";");
}

static void put_struct(struct random *r, unsigned number) {
    unsigned count = 1 + draw(r, 7);
    unsigned pack = draw(r, 5) == 0 ? 1u << draw(r, 5) : 0;
    if (pack != 0) {
        put(r, "#pragma pack(push, %u)\n", pack);
    }
    put(r, "struct s%u {", number);
    bool is_union = draw(r, 6) == 0;
    put(r, "%s", is_union ? " union {" : "");
    for (unsigned i = 0; i < count; i++) {
        put_member(r, i, number);
    }
    put(r, "%s }%s", is_union ? " };" : "", draw(r, 6) == 0 ? " __attribute__((packed))" : "");
    put_alignment(r, 10);
    put(r, " x%u;\n%s", number, pack != 0 ? "#pragma pack(pop)\n" : "");
}

static void put_structs(struct random *r) {
    put(r, "enum e { E };\ntypedef long long aligned8 __attribute__((aligned(8)));\n"
           "typedef int half __attribute__((aligned(2)));\n");
    for (unsigned i = 0; i < STRUCTS; i++) {
        put_struct(r, i);
    }
}

/* The struct with the members of the union in it, if it is one. */
static void collect(const struct fc__body *body, const struct fc__layout *layout, struct fc__layouts *layouts,
                    const struct fc__body **ret_body, const struct fc__layout **ret_layout) {
    struct fc__error err;
    *ret_body = body;
    *ret_layout = layout;
    if (body->member_count == 1 && body->members[0].name == NULL && !body->members[0].is_bitfield) {
        *ret_body = body->members[0].type->body;
        assert_int_equal(fc__layout_of_body(layouts, *ret_body, ret_layout, &err), FC_OK);
    }
}

/* What the compiler is asked of a struct goes to `file`, what we say into `values`; returns how many. */
static size_t ask(FILE *file, bool has_bits, struct fc__layouts *layouts, const struct fc__decl *decl,
                  uint64_t *values) {
    const struct fc__layout *outer;
    const struct fc__layout *layout;
    const struct fc__body *body;
    struct fc__error err;
    const char *tag = decl->type->body->tag;
    size_t count = 2;
    if (fc__layout_of_body(layouts, decl->type->body, &outer, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    collect(decl->type->body, outer, layouts, &body, &layout);
    fprintf(file, "ASK(sizeof(struct %s)) ASK(_Alignof(struct %s))", tag, tag);
    values[0] = outer->size_bytes;
    values[1] = outer->alignment_bytes;
    for (uint32_t i = 0; i < body->member_count; i++) {
        const struct fc__member *member = &body->members[i];
        const struct fc__field *field = &layout->fields[i];
        if (member->name != NULL && !member->is_bitfield) {
            fprintf(file, " ASK(__builtin_offsetof(struct %s, %s))", tag, member->name);
            values[count++] = field->offset_bytes;
        } else if (member->name != NULL && has_bits) {
            fprintf(file, " BITS(%s, %s)", decl->name, member->name);
            values[count++] = field->offset_bytes * 8 + field->bit_offset;
        }
    }
    fprintf(file, "\n");
    return count;
}

/* Reads the answers and compares; each mismatch is shown with the struct. */
static unsigned compare(const char *path, const struct random *r, const uint64_t *values, const size_t *counts) {
    FILE *file = fopen(path, "r");
    unsigned mismatches = 0;
    size_t at = 0;
    assert_non_null(file);
    for (unsigned i = 0; i < STRUCTS; i++) {
        bool is_right = true;
        size_t first = at;
        for (size_t k = 0; k < counts[i]; k++, at++) {
            unsigned long value;
            if (fscanf(file, "%lu", &value) != 1) { /* NOLINT(cert-err34-c) */
                fail_msg("the compiler's answers end early");
            }
            if (is_right && value != values[at]) {
                char start[40];
                snprintf(start, sizeof start, "struct s%u {", i);
                const char *line = strstr(r->text, start);
                assert_non_null(line);
                printf("number %zu is %lu, not %llu: %.*s\n", at - first, value, (unsigned long long)values[at],
                       (int)strcspn(line, "\n"), line);
                is_right = false;
            }
        }
        mismatches += !is_right;
    }
    fclose(file);
    return mismatches;
}

/* `command` makes "answers" of "asked.c", in which ASK is called for each number and BITS for each bit-field. */
static void check_random(const char *target, bool has_bits, const char *prologue, const char *epilogue,
                         const char *command) {
    static uint64_t values[STRUCTS * 10];
    static size_t counts[STRUCTS];
    char directory[] = "/tmp/farcall-layout-XXXXXX";
    char path[100];
    char line[1000];
    struct subject subject;
    const bool can_lower = has_bits || strstr(target, "-gnu") != NULL;
    struct random r = {
        .text = calloc(1, RANDOM_SOURCE_MAX), .state = 20260101, .types = can_lower ? TYPES_MAX : TYPES_MAX - 1};
    assert_non_null(r.text);
    put_structs(&r);
    open_subject(&subject, target, r.text);
    if (mkdtemp(directory) == NULL) {
        fail_msg("no directory for what the compiler writes");
    }
    snprintf(path, sizeof path, "%s/asked.c", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n%s", r.text, prologue);
    size_t count = 0;
    unsigned number = 0;
    for (const struct fc__decl *decl = subject.unit.first; decl != NULL; decl = decl->next) {
        counts[number] = ask(file, has_bits, &subject.layouts, decl, values + count);
        count += counts[number++];
    }
    fprintf(file, "%s\n", epilogue);
    fclose(file);
    snprintf(line, sizeof line, "cd %s && %s", directory, command);
    int status = system(line); /* NOLINT(cert-env33-c): a compiler, on files of this test */
    snprintf(path, sizeof path, "%s/answers", directory);
    unsigned mismatches = status == 0 ? compare(path, &r, values, counts) : 0;
    snprintf(line, sizeof line, "rm -rf %s", directory);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
    close_subject(&subject);
    free(r.text);
    printf("%s: %d structs, %zu numbers, %u structs differ\n", target, (int)STRUCTS, count, mismatches);
    assert_int_equal(status, 0);
    assert_int_equal(mismatches, 0);
}

/* A program that is run: where a bit-field lies, only its bits say. */
static void check_gcc(const char *target, const char *flag) {
    char command[200];
    snprintf(command, sizeof command,
             "gcc %s -w -O0 -o asked asked.c 2>errors || { head errors; false; } && ./asked >answers", flag);
    check_random(
        target, true,
        "int printf(const char *, ...); void *memset(void *, int, __SIZE_TYPE__);\n"
        "static int first(const unsigned char *p) { int i = 0; while (!(p[i / 8] >> i % 8 & 1)) i++; return i; }\n"
        "#define ASK(n) printf(\"%lu\\n\", (unsigned long)(n));\n"
        "#define BITS(x, m) memset(&x, 0, sizeof x); x.m = -1; printf(\"%d\\n\", first((unsigned char *)&x));\n"
        "int main(void) {",
        "}", command);
}

TEST(layout_agrees_with_gcc_on_random_structs_for_i386) {
    check_gcc("i386-linux", "-m32");
}
TEST(layout_agrees_with_gcc_on_random_structs_for_x86_64) {
    check_gcc("x86_64-linux", "-m64");
}

/* The place of each bit-field of random structs beside clang's list of layouts, whose lines are
 *     OFFSET:FIRST-LAST |   type name
 * with two more blanks within a union that has no name. */
static void check_clang_bits(const char *target, const char *triple) {
    char directory[] = "/tmp/farcall-layout-XXXXXX";
    char line[1000];
    struct subject subject;
    struct random r = {.text = calloc(1, RANDOM_SOURCE_MAX), .state = 20260102, .types = TYPES_MAX - 1};
    unsigned count = 0;
    assert_non_null(r.text);
    put_structs(&r);
    open_subject(&subject, target, r.text);
    if (mkdtemp(directory) == NULL) {
        fail_msg("no directory for what the compiler writes");
    }
    snprintf(line, sizeof line, "%s/asked.c", directory);
    FILE *asked = fopen(line, "w");
    snprintf(line, sizeof line, "%s/expected", directory);
    FILE *expected = fopen(line, "w");
    assert_true(asked != NULL && expected != NULL);
    fputs(r.text, asked);
    for (const struct fc__decl *decl = subject.unit.first; decl != NULL; decl = decl->next) {
        const struct fc__layout *layout = NULL;
        const struct fc__body *body = NULL;
        struct fc__error err;
        assert_int_equal(fc__layout_of_body(&subject.layouts, decl->type->body, &layout, &err), FC_OK);
        collect(decl->type->body, layout, &subject.layouts, &body, &layout);
        for (uint32_t i = 0; i < body->member_count; i++) {
            if (body->members[i].is_bitfield && body->members[i].name != NULL) {
                fprintf(expected, "%s %s %llu\n", decl->type->body->tag, body->members[i].name,
                        (unsigned long long)layout->fields[i].offset_bytes * 8 + layout->fields[i].bit_offset);
                count++;
            }
        }
    }
    fclose(asked);
    fclose(expected);
    snprintf(
        line, sizeof line,
        "cd %s && clang --target=%s -w -S -o asked.s -Xclang -fdump-record-layouts asked.c | "
        "awk '/^ *0 \\| [a-z]/ { tag = $3 == \"struct\" ? $4 : \"\" } /\\|   [^ ]/ { inner = $3 == \"union\" && /::/ } "
        "/^ *[0-9]+:[0-9]+-[0-9]+ \\|   [^ ]/ || (inner && /^ *[0-9]+:[0-9]+-[0-9]+ \\|     [^ ]/) "
        "{ split($1, at, /[:-]/); if (tag != \"\" && $NF ~ /^m/) print tag, $NF, at[1] * 8 + at[2] }' | sort >answers; "
        "sort expected | diff - answers >differences; status=$?; head differences; exit $status",
        directory, triple);
    int status = system(line); /* NOLINT(cert-env33-c): a compiler, on files of this test */
    snprintf(line, sizeof line, "rm -rf %s", directory);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
    close_subject(&subject);
    free(r.text);
    printf("%s: %u bit-fields\n", target, count);
    assert_true(count > 0);
    assert_int_equal(status, 0);
}

/* clang knows Microsoft's rules; what it is asked comes back in its assembler text, one more than it is, so that none
 * is 0. */
static void check_clang(const char *target, const char *triple) {
    char command[400];
    if (system("command -v clang >/dev/null") != 0) { /* NOLINT(cert-env33-c) */
        skip_because("clang, whose layouts for Windows are compared, is not installed");
    }
    snprintf(
        command, sizeof command,
        "clang --target=%s -w -S -o asked.s asked.c 2>errors || { head errors; false; } && "
        "sed -n '/farcall_reference:/,$s/^\t\\.long\t\\([0-9]*\\).*/\\1/p' asked.s | awk '{ print $1 - 1 }' >answers",
        triple);
    check_clang_bits(target, triple);
    check_random(target, false, "#define ASK(n) (n) + 1,\nconst unsigned farcall_reference[] = {", "};", command);
}

TEST(layout_agrees_with_clang_on_random_structs_for_i386_windows) {
    check_clang("i386-windows", "i686-pc-windows-msvc");
}
TEST(layout_agrees_with_clang_on_random_structs_for_x86_64_windows) {
    check_clang("x86_64-windows", "x86_64-pc-windows-msvc");
}

/* gcc's own for Windows, which has Microsoft's bit-fields and its own alignments. */
static void check_mingw(const char *target, const char *compiler) {
    char command[400];
    snprintf(command, sizeof command, "command -v %s >/dev/null", compiler);
    if (system(command) != 0) { /* NOLINT(cert-env33-c) */
        skip_because("%s, whose layouts for Windows are compared, is not installed", compiler);
    }
    snprintf(
        command, sizeof command,
        "%s -w -S -o asked.s asked.c 2>errors || { head errors; false; } && "
        "sed -n '/farcall_reference:/,$s/^\t\\.long\t\\([0-9]*\\).*/\\1/p' asked.s | awk '{ print $1 - 1 }' >answers",
        compiler);
    check_random(target, false, "#define ASK(n) (n) + 1,\nconst unsigned farcall_reference[] = {", "};", command);
}

TEST(layout_agrees_with_mingw_on_random_structs_for_i386_windows) {
    check_mingw("i386-windows-gnu", "i686-w64-mingw32-gcc");
}
TEST(layout_agrees_with_mingw_on_random_structs_for_x86_64_windows) {
    check_mingw("x86_64-windows-gnu", "x86_64-w64-mingw32-gcc");
}
