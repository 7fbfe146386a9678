/* How values are passed and returned: the psABI's rules one by one. Random structs: test_passing_random.c. */
#include "passing.h"

/* -- The rules one by one ------------------------------------------------------------------------------------------ */

static const char *class_text(enum fc__class class) {
    return class == FC__CLASS_INTEGER ? "integer" : class == FC__CLASS_VECTOR ? "vector" : "none";
}

/* "integer", "none vector", "stack 24/8", "x87", "hidden", "hidden, popped", "nothing"; or why it is refused. */
static const char *passing_text(const struct fc__passing *passing, char text[FC__ERROR_TEXT_MAX]) {
    const bool is_popped = (passing->frame_flags & FC__FRAME_POPS_POINTER) != 0;
    switch (passing->kind) {
    case FC__PASSING_NOTHING:
        return "nothing";
    case FC__PASSING_X87:
        return "x87";
    case FC__PASSING_X87_PAIR:
        return "x87 twice";
    case FC__PASSING_HIDDEN:
        return is_popped ? "hidden, popped" : "hidden";
    case FC__PASSING_STACK:
        snprintf(text, FC__ERROR_TEXT_MAX, "stack %u/%u", (unsigned)passing->size_bytes,
                 passing->stack_alignment_bytes);
        return text;
    default:
        snprintf(text, FC__ERROR_TEXT_MAX, "%s%s%s", class_text(passing->classes[0]),
                 passing->classes[1] != FC__CLASS_NONE ? " " : "",
                 passing->classes[1] != FC__CLASS_NONE ? class_text(passing->classes[1]) : "");
        return text;
    }
}

#define VECTOR                                                                                                         \
    "`float __attribute__((vector_size(16)))` cannot be passed by value: vector types cannot be passed; declare "      \
    "their "                                                                                                           \
    "bytes where a pointer leads to them (`_Alignas(16) char x[16]`), and call a function of your own, which takes "   \
    "such "                                                                                                            \
    "a pointer, where they are values"

/* The type of the last variable. */
static void expect_passing(const char *target, const char *source, const char *argument, const char *result) {
    struct subject subject;
    struct fc__passing passing;
    struct fc__error err;
    char text[FC__ERROR_TEXT_MAX];
    open_subject(&subject, target, source);
    const struct fc__type *type = subject.unit.last->type;
    int rc = fc__passing_of_argument(&subject.layouts, type, &passing, &err);
    assert_string_equal(rc == FC_OK ? passing_text(&passing, text) : err.text, argument);
    rc = fc__passing_of_result(&subject.layouts, type, &passing, &err);
    assert_string_equal(rc == FC_OK ? passing_text(&passing, text) : err.text, result);
    close_subject(&subject);
}

TEST(passing_follows_the_psabi_of_x86_64) {
    static const struct {
        const char *source, *argument, *result;
    } rows[] = {
        {"int x;", "integer", "integer"},
        {"char *x;", "integer", "integer"},
        {"enum { A } x;", "integer", "integer"},
        {"float x;", "vector", "vector"},
        {"double x;", "vector", "vector"},
        {"long double x;", "stack 16/16", "x87"},
        {"__int128 x;", "integer integer", "integer integer"},
        {"float _Complex x;", "vector", "vector"},
        {"double _Complex x;", "vector vector", "vector vector"},
        {"long double _Complex x;", "stack 32/16", "x87 twice"},
        {"struct { long double _Complex a; } x;", "stack 32/16", "hidden"},
        {"struct { float _Complex a; float b; } x;", "vector vector", "vector vector"},
        {"struct { char a; } x;", "integer", "integer"},
        {"struct { int a; double b; } x;", "integer vector", "integer vector"},
        {"struct { double a; int b; } x;", "vector integer", "vector integer"},
        {"struct { float a, b, c; } x;", "vector vector", "vector vector"},
        {"struct { float a; int b; float c; } x;", "integer vector", "integer vector"},
        {"struct { double a[2]; } x;", "vector vector", "vector vector"},
        {"struct { char a[16]; } x;", "integer integer", "integer integer"},
        {"struct { char a[17]; } x;", "stack 17/8", "hidden"},
        {"struct { double a, b, c; } x;", "stack 24/8", "hidden"},
        {"union { double a; long b; } x;", "integer", "integer"},
        {"union { float a; double b[2]; } x;", "vector vector", "vector vector"},
        {"struct { long double a; } x;", "stack 16/16", "x87"},
        {"union { long double a; int b; } x;", "stack 16/16", "hidden"},
        {"union { long double a; long b[2]; } x;", "integer integer", "integer integer"},
        {"struct { long double a; char b; } x;", "stack 32/16", "hidden"},
        {"struct __attribute__((packed)) { char a; int b; } x;", "stack 5/8", "hidden"},
        {"struct __attribute__((packed)) { char a; char b[8]; } x;", "integer integer", "integer integer"},
        {"struct { int a : 3; long b : 40; double c; } x;", "integer vector", "integer vector"},
        {"struct { float a; int : 0; } x;", "vector", "vector"},
        {"struct { float a; double tail[]; } x;", "vector", "vector"},
        {"struct { _Alignas(16) char a; } x;", "integer", "integer"},
        {"struct { _Alignas(32) char a; } x;", "stack 32/32", "hidden"},
        {"struct { __int128 a; } x;", "integer integer", "integer integer"},
        {"struct { _Alignas(16) unsigned long low; unsigned long high; } x;", "integer integer", "integer integer"},
        {"struct { } x;", "stack 0/8", "nothing"},
        {"typedef struct { long a[4]; } t; typedef t u __attribute__((aligned(32))); u x;", "stack 32/8", "hidden"},
        {"struct { _Alignas(128) char a; } x;",
         "`struct <anonymous>` cannot be passed by value: it asks for more alignment than the stack of a call is given",
         "hidden"},
        {"float x __attribute__((vector_size(16)));", VECTOR, VECTOR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_passing("x86_64-linux", rows[i].source, rows[i].argument, rows[i].result);
    }
}

TEST(passing_follows_the_psabi_of_i386) {
    static const struct {
        const char *source, *argument, *result;
    } rows[] = {
        {"int x;", "stack 4/4", "integer"},
        {"long long x;", "stack 8/4", "integer"},
        {"float x;", "stack 4/4", "x87"},
        {"double x;", "stack 8/4", "x87"},
        {"long double x;", "stack 12/4", "x87"},
        {"float _Complex x;", "stack 8/4", "integer"},
        {"double _Complex x;", "stack 16/4", "hidden, popped"},
        {"long double _Complex x;", "stack 24/4", "hidden, popped"},
        {"struct { char a; } x;", "stack 1/4", "hidden, popped"},
        {"struct { int a; } x;", "stack 4/4", "hidden, popped"},
        {"struct { long double a; } x;", "stack 12/4", "hidden, popped"},
        {"union { int a; double b; } x;", "stack 8/4", "hidden, popped"},
        {"struct { _Alignas(16) int a; } x;", "stack 16/4", "hidden, popped"},
        {"typedef int t __attribute__((aligned(16))); struct { t a; } x;", "stack 16/16", "hidden, popped"},
        {"struct { } x;", "stack 0/4", "hidden, popped"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_passing("i386-linux", rows[i].source, rows[i].argument, rows[i].result);
    }
}

/* Each part of an argument as "r0" (integer register), "v0" (vector register) or "s8" (bytes of stack). */
static void expect_places(const char *target, const char *source, const char *expected) {
    struct subject subject;
    char text[400] = "";
    open_subject(&subject, target, source);
    struct fc__places places = places_of(&subject);
    const struct fc__type *type = subject.unit.last->type;
    for (uint32_t i = 0; i < type->param_count; i++) {
        struct fc__passing passing = argument_of(&subject, type->params[i].type);
        struct fc__place place;
        char *end = text + strlen(text);
        assert_true(fc__places_take(&places, &passing, &place));
        if (place.kind == FC__PASSING_STACK) {
            end += sprintf(end, " s%u", place.at[0]);
        }
        for (unsigned part = 0; part < 2; part++) {
            if (place.classes[part] != FC__CLASS_NONE) {
                end += sprintf(end, " %c%u", place.classes[part] == FC__CLASS_INTEGER ? 'r' : 'v', place.at[part]);
            }
        }
    }
    close_subject(&subject);
    assert_string_equal(text, expected);
}

TEST(places_are_given_whole_or_on_the_stack) {
    expect_places("x86_64-linux",
                  "struct s { long a, b; }; void f(long, long, long, long, long, struct s, long, struct s);",
                  " r0 r1 r2 r3 r4 s0 r5 s16");
    expect_places("x86_64-linux",
                  "struct s { double a; long b; }; void f(struct s, double, struct s, int, int, int, int, struct s, "
                  "double);",
                  " v0 r0 v1 v2 r1 r2 r3 r4 r5 s0 v3");
    expect_places("x86_64-linux", "void f(long double, int, long double, double);", " s0 r0 s16 v0");
    expect_places("x86_64-linux", "struct s { char a[17]; }; void f(struct s, long double, struct s);", " s0 s32 s48");
    expect_places("i386-linux", "struct s { char a[5]; }; void f(char, struct s, long double, struct s, int);",
                  " s0 s4 s12 s24 s32");
}

TEST(places_end_where_a_frame_does) {
    struct subject subject;
    struct fc__place place;
    open_subject(&subject, "i386-linux", "struct s { char a[4076]; }; void f(struct s, int);");
    const struct fc__type *type = subject.unit.last->type;
    const struct fc__passing large = argument_of(&subject, type->params[0].type);
    const struct fc__passing small = argument_of(&subject, type->params[1].type);
    struct fc__places places = places_of(&subject);
    assert_true(fc__places_take(&places, &large, &place));
    assert_true(fc__places_take(&places, &small, &place));
    assert_int_equal(places.stack_bytes, FC__FRAME_WORDS_BYTES_MAX);
    assert_false(fc__places_take(&places, &small, &place));
    assert_int_equal(places.stack_bytes, FC__FRAME_WORDS_BYTES_MAX);
    close_subject(&subject);
}

/* 2 to the 60th structs in each other, all of them without a byte. */
TEST(passing_refuses_more_parts_than_can_be_looked_at) {
    char source[6000];
    struct subject subject;
    struct fc__passing passing;
    struct fc__error err;
    size_t used = (size_t)snprintf(source, sizeof source, "struct s0 { };");
    for (int i = 1; i <= 60; i++) {
        used += (size_t)snprintf(source + used, sizeof source - used, "struct s%d { struct s%d a, b; };", i, i - 1);
    }
    snprintf(source + used, sizeof source - used, "struct { char a; struct s60 b; } x;");
    open_subject(&subject, "x86_64-linux", source);
    const struct fc__type *type = subject.unit.last->type;
    assert_int_equal(fc__passing_of_argument(&subject.layouts, type, &passing, &err), FC_EUNSUPPORTED);
    assert_non_null(strstr(err.text, "it has too many parts"));
    assert_int_equal(fc__passing_of_result(&subject.layouts, type, &passing, &err), FC_EUNSUPPORTED);
    close_subject(&subject);
}
