/* Layouts: the rules one by one, and random structs beside what gcc (System V) and clang (Microsoft) say. All headers
 * of the machine: test_layout_headers.c. */
#include "harness.h"

#include "abi/layout.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- One struct ---------------------------------------------------------------------------------------------------- */

struct subject {
    struct fc__layouts layouts;
    struct fc__unit unit;
};

static void open_subject(struct subject *subject, const char *target, const char *source) {
    struct fc__error err;
    fc__layouts_init(&subject->layouts, fc__target_find_layout(target));
    if (fc__layout_parse(&subject->layouts, source, strlen(source), "test", &subject->unit, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
}

static void close_subject(struct subject *subject) {
    fc__decl_unit_done(&subject->unit);
    fc__layouts_done(&subject->layouts);
}

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
             "56/8: 0 4 16 32", "32/8: 0 4 16 32", "40/8: 0 4 16 32"});
}

TEST(layout_places_arrays_and_flexible_members) {
    LAYOUTS({"struct { char a; int b[3]; char c[0]; } x;", "16/4: 0 4 16", "16/4: 0 4 16", "16/4: 0 4 16",
             "16/4: 0 4 16"},
            {"struct { int a; char b; double tail[]; } x;", "8/4: 0 4 8", "8/8: 0 4 8", "8/8: 0 4 8", "8/8: 0 4 8"});
}

TEST(layout_places_unions_and_anonymous_members) {
    LAYOUTS({"struct { char a; union { short b; struct { char c; double d; }; }; char e; } x;", "20/4: 0 4 16",
             "32/8: 0 8 24", "32/8: 0 8 24", "32/8: 0 8 24"},
            {"union { char a[5]; short b; } x;", "6/2: 0 0", "6/2: 0 0", "6/2: 0 0", "6/2: 0 0"},
            {"struct { } x;", "0/1:", "0/1:", "4/1:", "4/1:"});
}

TEST(layout_packs) {
    LAYOUTS({"struct __attribute__((packed)) { char a; double b; short c; } x;", "11/1: 0 1 9", "11/1: 0 1 9",
             "11/1: 0 1 9", "11/1: 0 1 9"},
            {"struct { char a; int b __attribute__((packed)); int c; } x;", "12/4: 0 1 8", "12/4: 0 1 8",
             "12/4: 0 1 8", "12/4: 0 1 8"},
            {"#pragma pack(push, 2)\nstruct { char a; int b; double c; } x;\n#pragma pack(pop)", "14/2: 0 2 6",
             "14/2: 0 2 6", "14/2: 0 2 6", "14/2: 0 2 6"},
            {"#pragma pack(1)\nstruct { char a; _Alignas(8) int b; } x;", "5/1: 0 1", "5/1: 0 1", "16/8: 0 8",
             "16/8: 0 8"});
}

TEST(layout_aligns) {
    LAYOUTS({"struct { char a; _Alignas(16) char b; char c; } x;", "32/16: 0 16 17", "32/16: 0 16 17",
             "32/16: 0 16 17", "32/16: 0 16 17"},
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
             "24/8: 0 4 8 16", "24/8: 0 4 8 16", "24/8: 0 4 8 16"});
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
        {"struct s { int a : n; } x;", "`struct s` has no known layout: this is not a constant"},
        {"struct s { int a : 33; } x;",
         "`struct s` has no known layout: the member 'a' in line 1 is wider than its type"},
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
        used += (size_t)snprintf(source + used, sizeof source - used, "struct s%d { struct s%d b[1]; char a; };", i,
                                 i - 1);
    }
    snprintf(source + used, sizeof source - used, "struct s%d x;", FC__DECL_DEPTH_MAX);
    open_subject(&subject, "x86_64-linux", source);
    assert_non_null(strstr(layout_text(&subject), "64/1: 0 63"));
    close_subject(&subject);
    used += (size_t)snprintf(source + used, sizeof source - used, "struct y { struct s%d b; };", FC__DECL_DEPTH_MAX);
    fc__layouts_init(&subject.layouts, fc__target_find_layout("i386-linux"));
    assert_int_equal(fc__layout_parse(&subject.layouts, source, used, "test", &subject.unit, &err), FC_EPARSE);
    assert_non_null(strstr(err.text, "structs and unions within each other of more than 64 levels"));
    fc__layouts_done(&subject.layouts);
}

/* -- Constants of a target ----------------------------------------------------------------------------------------- */

TEST(layout_gives_constants_to_declarations) {
    static const struct {
        const char *expression;
        unsigned i386, x86_64;
    } rows[] = {
        {"sizeof(long) + sizeof(void *)", 8, 16},
        {"_Alignof(double)", 4, 8},
        {"__alignof__(double)", 8, 8},
        {"sizeof(struct s)", 12, 16},
        {"__builtin_offsetof(struct s, b)", 4, 8},
        {"__builtin_offsetof(struct s, in.q[2])", 10, 14},
        {"__builtin_offsetof(struct s, r)", 10, 14},
        {"(unsigned long)&((struct s *)0)->in.q[1]", 9, 13},
        {"sizeof(((struct s *)0)->in)", 4, 4},
        {"sizeof v.in.q / sizeof v.in.q[0]", 3, 3},
        {"sizeof(int[3])", 12, 12},
        {"sizeof 1ll + sizeof(1)", 12, 12},
        {"~0ul == 0xFFFFFFFF ? 1 : 2", 1, 2},
        {"(unsigned long)-1 > 0xFFFFFFFFull ? 2 : 1", 1, 2},
        {"1024 / (8 * sizeof(unsigned long))", 32, 16},
        {"sizeof(0ul + 0)", 4, 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int is_64 = 0; is_64 < 2; is_64++) {
            char source[400];
            struct subject subject;
            snprintf(source, sizeof source,
                     "struct s { long a; union { int b; }; struct { char q[3], r; } in; } v;"
                     "_Static_assert(sizeof(int) == 4, \"\"); char x[%s];",
                     strstr(rows[i].expression, ", r)") != NULL ? "__builtin_offsetof(struct s, in.q[2])"
                                                                : rows[i].expression);
            open_subject(&subject, is_64 ? "x86_64-linux" : "i386-linux", source);
            assert_int_equal(subject.unit.last->type->length, is_64 ? rows[i].x86_64 : rows[i].i386);
            close_subject(&subject);
        }
    }
}

TEST(layout_refuses_what_is_asserted_and_false) {
    static const char source[] = "_Static_assert(sizeof(long) == 8, \"long\");";
    struct fc__layouts layouts;
    struct fc__unit unit;
    struct fc__error err;
    fc__layouts_init(&layouts, fc__target_find_layout("i386-linux"));
    assert_int_equal(fc__layout_parse(&layouts, source, strlen(source), "test", &unit, &err), FC_EPARSE);
    assert_non_null(strstr(err.text, "test:1:15: this is asserted, and false"));
    fc__layouts_done(&layouts);
}
