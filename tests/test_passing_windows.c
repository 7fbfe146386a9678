/* How values are passed and returned on Windows: Microsoft's rules one by one, and structs of all kinds of members
 * beside what clang makes of them for its -msvc targets. */
#include "subject.h"

#include "abi/places.h"

#include <stdio.h>
#include <stdlib.h>

enum { SOURCE_MAX = 1 << 18 };

static const char *class_text(enum fc__class class) {
    return class == FC__CLASS_INTEGER ? "integer" : "vector";
}

static const char *argument_text(struct subject *subject, const struct fc__type *type, struct fc__error *err) {
    struct fc__passing passing;
    if (fc__passing_of_argument(&subject->layouts, type, &passing, err) != FC_OK) {
        return err->text;
    }
    return passing.kind == FC__PASSING_STACK       ? "stack"
           : passing.kind == FC__PASSING_REFERENCE ? "reference"
                                                   : class_text(passing.classes[0]);
}

static const char *result_text(struct subject *subject, const struct fc__type *type, struct fc__error *err) {
    struct fc__passing passing;
    if (fc__passing_of_result(&subject->layouts, type, &passing, err) != FC_OK) {
        return err->text;
    }
    return passing.kind == FC__PASSING_HIDDEN ? "hidden"
           : passing.kind == FC__PASSING_X87  ? "x87"
                                              : class_text(passing.classes[0]);
}

/* -- The rules one by one ------------------------------------------------------------------------------------------ */

struct row {
    const char *source, *argument, *result;
};

static void check_rows(const char *target, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct subject subject;
        struct fc__error err;
        open_subject(&subject, target, rows[i].source);
        const struct fc__type *type = subject.unit.last->type;
        assert_string_equal(argument_text(&subject, type, &err), rows[i].argument);
        assert_string_equal(result_text(&subject, type, &err), rows[i].result);
        close_subject(&subject);
    }
}

TEST(passing_follows_microsofts_rules_for_x86_64) {
    static const struct row rows[] = {
        {"char x;", "integer", "integer"},
        {"long long x;", "integer", "integer"},
        {"void *x;", "integer", "integer"},
        {"float x;", "vector", "vector"},
        {"long double x;", "vector", "vector"},
        {"struct { float a; } x;", "integer", "integer"},
        {"struct { char a[3]; } x;", "reference", "hidden"},
        {"struct { char a[8]; } x;", "integer", "integer"},
        {"struct { long long a, b; } x;", "reference", "hidden"},
        {"__int128 x;", "`__int128` cannot be passed by value: its target has no rule for it",
         "`__int128` cannot be passed by value: its target has no rule for it"},
        {"float _Complex x;", "integer", "integer"},
        {"double _Complex x;", "reference", "hidden"},
        {"long double _Complex x;", "reference", "hidden"},
    };
    check_rows("x86_64-windows", rows, sizeof rows / sizeof rows[0]);
}

TEST(passing_follows_microsofts_rules_for_i386) {
    static const struct row rows[] = {
        {"int x;", "stack", "integer"},
        {"long long x;", "stack", "integer"},
        {"float x;", "stack", "x87"},
        {"long double x;", "stack", "x87"},
        {"struct { float a; } x;", "stack", "integer"},
        {"struct { int a, b; } x;", "stack", "integer"},
        {"struct { char a[3]; } x;", "stack", "hidden"},
        {"struct { char a[12]; } x;", "stack", "hidden"},
        {"struct { double a; } x;", "stack", "integer"},
        {"float _Complex x;", "stack", "integer"},
        {"double _Complex x;", "stack", "hidden"},
        {"struct { _Alignas(8) int a; } x;",
         "`struct <anonymous>` cannot be passed by value: it asks for more alignment than the stack of a call has "
         "(Microsoft's error C2719)",
         "integer"},
    };
    check_rows("i386-windows", rows, sizeof rows / sizeof rows[0]);
}

/* Each argument as "r0" or "v0" (registers) or "s8" (bytes of stack), behind how many bytes the callee pops. */
static void expect_places(const char *target, const char *source, const char *expected) {
    struct subject subject;
    char text[400] = "";
    open_subject(&subject, target, source);
    const struct fc__type *type = subject.unit.last->type;
    const struct fc__calling *calling = fc__calling_find(subject.layouts.target, type->convention);
    assert_non_null(calling);
    struct fc__places places = fc__places_of(subject.layouts.target, calling);
    char *end = text;
    for (uint32_t i = 0; i < type->param_count; i++) {
        struct fc__passing passing;
        struct fc__place place;
        struct fc__error err;
        assert_int_equal(fc__passing_of_argument(&subject.layouts, type->params[i].type, &passing, &err), FC_OK);
        assert_true(fc__places_take(&places, &passing, &place));
        end += place.kind == FC__PASSING_STACK
                   ? sprintf(end, " s%u", place.at[0])
                   : sprintf(end, " %c%u", place.classes[0] == FC__CLASS_INTEGER ? 'r' : 'v', place.at[0]);
    }
    sprintf(end, " pops %u", calling->pops ? places.stack_bytes : 0);
    close_subject(&subject);
    assert_string_equal(text + 1, expected);
}

TEST(places_follow_the_conventions_of_windows) {
    expect_places("i386-windows", "void f(int, long long, char);", "s0 s4 s12 pops 0");
    expect_places("i386-windows", "void __stdcall f(int, long long, char);", "s0 s4 s12 pops 16");
    expect_places("i386-windows", "void __fastcall f(float, int, long long, char, void *);", "s0 r0 s4 r1 s12 pops 16");
    expect_places("i386-windows", "struct s { char a; }; void __fastcall f(struct s, short, struct s);",
                  "s0 r0 s4 pops 8");
    expect_places("i386-windows", "void __thiscall f(void *, int, int);", "r0 s0 s4 pops 8");
    expect_places("i386-windows", "void __register f(float, int, long long, char, void *, int);",
                  "s0 r0 s4 r1 r2 s12 pops 16");
    expect_places("i386-windows-gnu", "void __register f(long long, int, char, void *, double);",
                  "s0 r0 r1 r2 s8 pops 16");
    expect_places("x86_64-windows", "void f(int, double, char, float, long double, int);", "r0 v1 r2 v3 s0 s8 pops 0");
    expect_places("x86_64-windows", "struct s { char a[24]; }; void __stdcall f(double, struct s, int, int, struct s);",
                  "v0 r1 r2 r3 s0 pops 0");
}

TEST(conventions_that_are_not_known_have_no_row) {
    assert_null(fc__calling_find(fc__target_find("i386-windows"), "vectorcall"));
    assert_null(fc__calling_find(fc__target_find("i386-linux"), "regparm"));
}

/* -- Beside clang -------------------------------------------------------------------------------------------------- */

/* One and two members of each pair of types, some of them aligned, packed or in an array. */
static unsigned write_structs(char *source) {
    static const char *const types[] = {
        "char",           "short",          "int",         "long long", "float",
        "double",         "char *",         "long double", "_Bool",     "union { int i; float f; }",
        "float _Complex", "double _Complex"};
    enum { TYPES = sizeof types / sizeof types[0] };
    static const char *const shapes[] = {
        "struct { %s a; } x%u;\n",
        "struct { %s a; %s b; } x%u;\n",
        "struct __attribute__((packed)) { %s a; %s b; } x%u;\n",
        "union { %s a; %s b; } x%u;\n",
        "struct { struct { %s a; } a[2]; } x%u;\n",
        "struct { %s a[3]; } x%u;\n",
        "struct { _Alignas(8) %s a; } x%u;\n",
        "struct { struct { %s a; } a; _Alignas(16) char b; } x%u;\n",
        "struct { %s a; int b : 3; } x%u;\n",
    };
    unsigned count = 0;
    for (unsigned shape = 0; shape < sizeof shapes / sizeof shapes[0]; shape++) {
        const bool is_pair = shape >= 1 && shape <= 3;
        for (unsigned a = 0; a < TYPES; a++) {
            for (unsigned b = 0; b < (is_pair ? TYPES : 1u); b++) {
                source += is_pair ? sprintf(source, shapes[shape], types[a], types[b], count)
                                  : sprintf(source, shapes[shape], types[a], count);
                count++;
            }
        }
    }
    return count;
}

/* A line of clang's, which declares `result(void)` or `void argument(x)`, as one of our words. */
static const char *clangs_argument(const char *line, bool is_i386) {
    const bool is_pointer = strstr(line, "struct.") != NULL || strstr(line, "union.") != NULL;
    return is_i386 ? "stack" : is_pointer ? "reference" : "integer";
}
static const char *clangs_result(const char *line) {
    return strstr(line, "sret") != NULL ? "hidden" : "integer";
}

static unsigned count_differences(FILE *answers, struct subject *subject, bool is_i386, unsigned count) {
    char line[1000];
    unsigned differences = 0, seen = 0;
    while (fgets(line, sizeof line, answers) != NULL) {
        const char *name = strchr(line, '@');
        const bool is_result = name != NULL && name[1] == 'r';
        const unsigned number = name != NULL ? (unsigned)strtoul(name + 2, NULL, 10) : UINT32_MAX;
        const struct fc__decl *decl = subject->unit.first;
        struct fc__error err;
        for (unsigned i = 0; decl != NULL && i < number; i++) {
            decl = decl->next;
        }
        require(decl != NULL);
        const char *ours =
            is_result ? result_text(subject, decl->type, &err) : argument_text(subject, decl->type, &err);
        const char *clangs = is_result ? clangs_result(line) : clangs_argument(name, is_i386);
        const bool is_refused = strstr(ours, "C2719") != NULL; /* clang passes it all the same */
        if (!is_refused && strcmp(ours, clangs) != 0) {
            printf("%s is not %s: %s", ours, clangs, line);
            differences++;
        }
        seen++;
    }
    assert_int_equal(seen, 2 * count);
    return differences;
}

static void check_clang(const char *target, const char *triple, bool is_i386) {
    char directory[] = "/tmp/farcall-passing-XXXXXX";
    char line[1000];
    static char source[SOURCE_MAX];
    struct subject subject;
    if (system("command -v clang >/dev/null") != 0) { /* NOLINT(cert-env33-c) */
        skip_because("clang, whose rules for Windows are compared, is not installed");
    }
    const unsigned count = write_structs(source);
    open_subject(&subject, target, source);
    assert_non_null(mkdtemp(directory));
    snprintf(line, sizeof line, "%s/asked.c", directory);
    FILE *asked = fopen(line, "w");
    assert_non_null(asked);
    fprintf(asked, "%s", source);
    for (unsigned i = 0; i < count; i++) {
        fprintf(asked, "__typeof__(x%u) r%u(void); void a%u(__typeof__(x%u));\n", i, i, i, i);
    }
    fprintf(asked, "void use(void) {\n");
    for (unsigned i = 0; i < count; i++) {
        fprintf(asked, "r%u(); a%u(x%u);\n", i, i, i);
    }
    fprintf(asked, "}\n");
    fclose(asked);
    snprintf(line, sizeof line,
             "cd %s && clang --target=%s -w -O0 -S -emit-llvm -o all asked.c && grep -E '^declare.*@[ra][0-9]+\\(' all "
             ">answers",
             directory, triple);
    const int status = system(line); /* NOLINT(cert-env33-c): a compiler, on files of this test */
    snprintf(line, sizeof line, "%s/answers", directory);
    FILE *answers = fopen(line, "r");
    assert_non_null(answers);
    const unsigned differences = status == 0 ? count_differences(answers, &subject, is_i386, count) : 0;
    fclose(answers);
    snprintf(line, sizeof line, "rm -rf %s", directory);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
    close_subject(&subject);
    printf("%s: %u structs\n", target, count);
    assert_int_equal(status, 0);
    assert_int_equal(differences, 0);
}

TEST(passing_agrees_with_clang_for_i386_windows) {
    check_clang("i386-windows", "i686-pc-windows-msvc", true);
}
TEST(passing_agrees_with_clang_for_x86_64_windows) {
    check_clang("x86_64-windows", "x86_64-pc-windows-msvc", false);
}
