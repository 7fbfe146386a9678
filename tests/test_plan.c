/* Plans: where arguments go, which calls are short, and what is refused. */
#include "plans.h"

/* -- where arguments go -------------------------------------------------------------------------------------------- */

struct place_row {
    const char *prototype;
    uint32_t stack, integers, vectors; /* stack words, registers */
    enum fc__frame_result result;
    uint16_t offsets[18];
};

static void check_places(const struct fc__target *callee, const struct place_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct place_row *row = &rows[i];
        for (unsigned side = 0; side < 2; side++) { /* the caller's target changes nothing about the callee's frame */
            struct fc__plan *plan = new_plan(row->prototype, side == 0 ? i386_linux : x86_64_linux, callee);
            uint32_t flags = plan->result_string ? FC__FRAME_GATHER_STRING : 0;
            assert_int_equal(plan->info, FC__FRAME_INFO(row->stack, row->integers, row->vectors, row->result, flags));
            assert_int_equal(FC__FRAME_STACK(plan->info), row->stack);
            assert_int_equal(FC__FRAME_INTEGERS(plan->info), row->integers);
            assert_int_equal(FC__FRAME_VECTORS(plan->info), row->vectors);
            assert_int_equal(FC__FRAME_RESULT(plan->info), row->result);
            assert_int_equal(plan->words_bytes, row->stack * callee->word_bytes + (row->integers + row->vectors) * 8);
            for (uint32_t at = 0; at < plan->count; at++) {
                assert_int_equal(plan->steps[at].offset, row->offsets[at]);
            }
            fc__plan_free(plan);
        }
    }
}

TEST(plan_places_arguments_on_the_i386_stack) {
    static const struct place_row rows[] = {
        {"void f(void)", 0, 0, 0, FC__FRAME_RESULT_NONE, {0}},
        {"int f(int a)", 1, 0, 0, FC__FRAME_RESULT_INTEGER, {0}},
        {"long long f(int, long long, int)", 4, 0, 0, FC__FRAME_RESULT_INTEGER, {0, 4, 12}},
        {"float f(signed char, short, bool, float, double)", 6, 0, 0, FC__FRAME_RESULT_X87, {0, 4, 8, 12, 16}},
        {"double f(double, long, size_t, double)", 6, 0, 0, FC__FRAME_RESULT_X87, {0, 8, 12, 16}},
        {"const char *f(const char *)", 1, 0, 0, FC__FRAME_RESULT_INTEGER, {0}},
        {"struct s; struct s *f(struct s *, _Out_ int *)", 2, 0, 0, FC__FRAME_RESULT_INTEGER, {0, 4}},
        {"void f(uint64_t, uint8_t, uint64_t)", 5, 0, 0, FC__FRAME_RESULT_NONE, {0, 8, 12}},
    };
    find_targets();
    check_places(i386_linux, rows, sizeof rows / sizeof rows[0]);
}

TEST(plan_places_arguments_in_x86_64_registers) {
    static const struct place_row rows[] = {
        {"void f(void)", 0, 0, 0, FC__FRAME_RESULT_NONE, {0}},
        {"int f(int a)", 0, 1, 0, FC__FRAME_RESULT_INTEGER, {0}},
        {"float f(float)", 0, 0, 1, FC__FRAME_RESULT_VECTOR, {0}},
        {"double f(int, double, long, float)", 0, 2, 2, FC__FRAME_RESULT_VECTOR, {0, 16, 8, 24}},
        {"int f(int, int, int, int, int, int)", 0, 6, 0, FC__FRAME_RESULT_INTEGER, {0, 8, 16, 24, 32, 40}},
        {"int f(int, int, int, int, int, int, signed char, long long)",
         2,
         6,
         0,
         FC__FRAME_RESULT_INTEGER,
         {0, 8, 16, 24, 32, 40, 48, 56}},
        {"void f(double, double, double, double, double, double, double, double, float, int, double)",
         2,
         1,
         8,
         FC__FRAME_RESULT_NONE,
         {8, 16, 24, 32, 40, 48, 56, 64, 72, 0, 80}},
        {"void f(int, int, int, int, int, int, int, double, int, const char *)",
         3,
         6,
         1,
         FC__FRAME_RESULT_NONE,
         {0, 8, 16, 24, 32, 40, 56, 48, 64, 72}},
        {"const char *f(_In_reads_(n) const int *p, size_t n)", 0, 2, 0, FC__FRAME_RESULT_INTEGER, {0, 8}},
    };
    find_targets();
    check_places(x86_64_linux, rows, sizeof rows / sizeof rows[0]);
}

static void write_list(char *text, size_t size, const char *type, unsigned count) {
    size_t used = (size_t)snprintf(text, size, "void f(%s", type);
    for (unsigned i = 1; i < count; i++) {
        used += (size_t)snprintf(text + used, size - used, ", %s", type);
    }
    snprintf(text + used, size - used, ")");
}

TEST(plan_holds_127_arguments) {
    static char text[4096];
    find_targets();
    write_list(text, sizeof text, "double", 127);
    struct fc__plan *plan = new_plan(text, x86_64_linux, i386_linux);
    assert_int_equal(FC__FRAME_STACK(plan->info), 254);
    assert_int_equal(plan->words_bytes, 127 * 8);
    assert_int_equal(plan->steps[126].offset, 126 * 8);
    fc__plan_free(plan);
    plan = new_plan(text, i386_linux, x86_64_linux);
    assert_int_equal(FC__FRAME_STACK(plan->info), 119);
    assert_int_equal(FC__FRAME_VECTORS(plan->info), 8);
    assert_int_equal(plan->steps[126].offset, 126 * 8);
    fc__plan_free(plan);
    struct fc__error err;
    write_list(text, sizeof text, "int", 128);
    assert_int_equal(plan_of(text, x86_64_linux, i386_linux, &plan, &err), FC_EPARSE);
}

TEST(plan_takes_the_short_way_where_nothing_is_converted) {
    static const struct {
        const char *prototype;
        bool in_pair, alone; /* between two widths, between equal ones */
    } rows[] = {{"int f(int, double, long long, bool)", true, true},
                {"void f(void)", true, true},
                {"int f(long)", false, true},
                {"int f(size_t, int)", false, true},
                {"int f(const char *)", false, false},
                {"struct s; int f(struct s *)", false, false},
                {"long f(int)", true, true},
                {"int f(_Out_ int *)", false, false}};
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct fc__target *pairs[4][2] = {{i386_linux, x86_64_linux},
                                                {x86_64_linux, i386_linux},
                                                {i386_linux, i386_linux},
                                                {x86_64_linux, x86_64_linux}};
        for (int pair = 0; pair < 4; pair++) {
            struct fc__plan *plan = new_plan(rows[i].prototype, pairs[pair][0], pairs[pair][1]);
            assert_int_equal(plan->is_scalar, pair < 2 ? rows[i].in_pair : rows[i].alone);
            fc__plan_free(plan);
        }
    }
}

/* -- what is refused ----------------------------------------------------------------------------------------------- */

#define SEE "See docs/annotations.md."
#define OPAQUE "; or _Fc_opaque_ if only one side ever looks through it. " SEE
#define ONLY_OPAQUE " Write before it _Fc_opaque_ if only one side ever looks through it. " SEE
#define WRITTEN(n)                                                                                                     \
    "Write before it _In_reads_(" n "), _Out_writes_(" n "), _Inout_updates_(" n                                       \
    ") or _Out_writes_to_(capacity, *length); "                                                                        \
    "_In_, _Out_ or _Inout_ if it is one value"

TEST(plan_refuses_annotations_that_it_does_not_obey) {
    static const struct {
        const char *prototype, *text;
    } rows[] = {
        {"struct s; int f(_Fc_pinned_ struct s *p)",
         "parameter `p` of f is annotated with `_Fc_pinned_`, but nothing here says what it points to"},
        {"struct s; int f(_Fc_kept_until_(g) struct s *p)",
         "parameter `p` of f is annotated with `_Fc_kept_until_(g)`, but nothing here says what it points to"},
        {"struct s { int a; }; int f(_Fc_local_ struct s p)",
         "parameter `p` of f is annotated with `_Fc_local_`, which"},
        {"int f(_Fc_local_ double p)", "parameter `p` of f is annotated with `_Fc_local_`, which"},
        {"_Fc_fails_with_(4294967296) int f(void)", "f returns `int`, which cannot be the 4294967296"},
        {"_Fc_fails_with_(1) void f(void)", "f returns `void`, which cannot be the 1"},
        {"struct s { int a; }; _Fc_fails_with_(-1) struct s f(void)", "f returns `struct s`, which cannot be the -1"},
        {"_Fc_fails_with_(2) _Bool f(void)", "f returns `_Bool`, which cannot be the 2"},
        {"_Fc_fails_with_(-129) signed char f(void)", "f returns `signed char`, which cannot be the -129"},
        {"int f(_Fc_fd_ int a, _Fc_fd_ int b, _Fc_fd_ int c, _Fc_fd_ int d, _Fc_fd_ int e, _Fc_fd_ int f, _Fc_fd_ int "
         "g,"
         "_Fc_fd_ int h, _Fc_fd_ int i)",
         "f takes more than 8 descriptors"},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fc__plan *plan = NULL;
        struct fc__error err;
        int rc = plan_of(rows[i].prototype, x86_64_linux, i386_linux, &plan, &err);
        if (rc == FC_OK || strncmp(err.text, rows[i].text, strlen(rows[i].text)) != 0) {
            fail_msg("%s: %s", rows[i].prototype, rc == FC_OK ? "accepted" : err.text);
        }
    }
}

TEST(plan_has_numbers_that_are_others_on_the_other_side) {
    static const struct {
        const char *prototype;
        uint64_t here, there;
    } rows[] = {
        {"int f(_Fc_sizeof_(long) int p)", 8, 4},
        {"struct s { void *a; char b; }; int f(_Fc_sizeof_(struct s) size_t p)", 16, 8},
        {"int f(_Fc_replace_(6, -1) int p)", 6, UINT64_MAX},
        {"int f(_Fc_replace_(-1, 2) unsigned p)", UINT32_MAX, 2},
        {"int f(_Fc_replace_(-1, 0x1ff) unsigned char p)", 255, 255},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fc__plan *plan = new_plan(rows[i].prototype, x86_64_linux, i386_linux);
        const struct fc__exchange *exchange = plan->steps[0].value.exchange;
        assert_non_null(exchange);
        assert_int_equal(exchange->here, rows[i].here);
        assert_int_equal(exchange->there, rows[i].there);
        assert_false(plan->is_scalar || plan->is_short);
        fc__plan_free(plan);
    }
}

#define RETURNED                                                                                                       \
    "_Ret_reads_(n) if n elements come back, _Ret_valid_ or _Ret_opt_valid_ if one does, or _Fc_opaque_ if only the "  \
    "library looks through it. "

TEST(plan_refuses_pointers_that_say_nothing) {
    static const struct {
        const char *prototype, *text;
    } rows[] = {
        {"int f(void *p)", "parameter `p` of f is `void *`, which does not say what it points to. Write before it "
                           "_In_reads_bytes_(n), _Out_writes_bytes_(n), "
                           "_Inout_updates_bytes_(n) or _Out_writes_bytes_to_(capacity, *length)" OPAQUE},
        {"int f(const void *p)", "parameter `p` of f is `const void *`, which does not say what it points to. Write "
                                 "before it _In_reads_bytes_(n) if n bytes are read" OPAQUE},
        {"int f(_Out_ void *p)", "parameter `p` of f is `void *`, which does not say what it points to: `_Out_` gives "
                                 "no number of bytes. Write before it "
                                 "_In_reads_bytes_(n), _Out_writes_bytes_(n), _Inout_updates_bytes_(n) or "
                                 "_Out_writes_bytes_to_(capacity, *length)" OPAQUE},
        {"int f(char *p)", "parameter `p` of f is `char *`, which does not say what it points to. " WRITTEN(
                               "n") "; _In_z_ if it ends with a NUL and is only read" OPAQUE},
        {"int f(int a, unsigned short *)",
         "parameter 2 of f is `unsigned short *`, which does not say what it points to. " WRITTEN("n") OPAQUE},
        {"int f(float values[16])",
         "parameter `values` of f is `float *`, which does not say what it points to. " WRITTEN("16") OPAQUE},
        {"enum e { A }; int f(enum e *p)",
         "parameter `p` of f is `enum e *`, which does not say what it points to. " WRITTEN("n") OPAQUE},
        {"int f(const double *p)", "parameter `p` of f is `const double *`, which does not say what it points to. "
                                   "Write before it _In_reads_(n) if n elements are "
                                   "read, _In_ if it is one value" OPAQUE},
        {"int f(const unsigned char *p)",
         "parameter `p` of f is `const unsigned char *`, which does not say what it points to. Write before it "
         "_In_reads_(n) if n "
         "elements are read, _In_ if it is one value, _In_z_ if it ends with a NUL" OPAQUE},
        {"int f(const char *text, int length)",
         "parameter `text` of f is `const char *`, which does not say what it points to; an integer follows it, which "
         "may be its length. Write before it _In_z_ if "
         "it ends with a NUL, _In_reads_(n) if n elements are read" OPAQUE},
        {"struct s; int f(struct s **p)",
         "parameter `p` of f is `struct s **`, which does not say what it points to. " WRITTEN("n") OPAQUE},
        {"int f(char **p)", "parameter `p` of f is `char **`, which does not say what it points to. Write before it "
                            "_Outptr_ if a pointer comes out of it, _In_reads_(n) if n pointers are read, "
                            "_NullNull_terminated_ if NULL ends them" OPAQUE},
        {"int f(const char *const *p)",
         "parameter `p` of f is `const char *const *`, which does not say what it points to. Write before it "
         "_In_reads_(n) if n pointers are read, _NullNull_terminated_ if NULL ends them" OPAQUE},
        {"int f(struct s { int a; } *p)",
         "parameter `p` of f is `struct s *`, which does not say what it points to. " WRITTEN("n") OPAQUE},
        {"int f(int p[][3])",
         "parameter `p` of f is `int (*)[3]`, which does not say what it points to. " WRITTEN("n") OPAQUE},
        {"char *f(void)", "f returns `char *`, which does not say what it points to. Write before the declaration "
                          "_Ret_z_ if it is a string, " RETURNED SEE},
        {"const unsigned char *f(void)", "f returns `const unsigned char *`, which does not say what it points to. "
                                         "Write before the declaration _Ret_z_ if it is a string, " RETURNED SEE},
        {"void *f(void)", "f returns `void *`, which does not say what it points to. Write before the declaration "
                          "_Ret_reads_bytes_(n) if n bytes come back, or _Fc_opaque_ if only the library looks through "
                          "it. " SEE},
        {"struct s { int a; } *f(void)", "f returns `struct s *`, which does not say what it points to. Write before "
                                         "the declaration " RETURNED SEE},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int pair = 0; pair < 4; pair++) {
            struct fc__plan *plan = NULL;
            struct fc__error err = {0};
            assert_int_equal(plan_of(rows[i].prototype, pair < 2 ? i386_linux : x86_64_linux,
                                     pair % 2 == 0 ? i386_linux : x86_64_linux, &plan, &err),
                             FC_EANNOTATION);
            assert_string_equal(err.text, rows[i].text);
            assert_null(plan);
        }
    }
}

/* What each of the offers would have been. */
TEST(plan_accepts_what_it_asks_for) {
    static const char *const prototypes[] = {"int f(_In_reads_bytes_(n) void *p, int n)",
                                             "int f(_Out_writes_bytes_(n) void *p, int n)",
                                             "int f(_Inout_updates_bytes_(n) void *p, int n)",
                                             "int f(_Out_writes_bytes_to_(n, *m) void *p, int n, _Out_ int *m)",
                                             "int f(_Fc_opaque_ void *p)",
                                             "int f(_In_z_ char *p)",
                                             "int f(_In_ char *p)",
                                             "int f(_Out_ unsigned short *p)",
                                             "int f(_Inout_updates_(16) float values[16])",
                                             "enum e { A }; int f(_Out_ enum e *p)",
                                             "int f(_In_z_ const unsigned char *p)",
                                             "int f(_In_z_ const char *text, int length)",
                                             "int f(_In_reads_(length) const char *text, int length)",
                                             "struct s; int f(_Outptr_ struct s **p)",
                                             "struct s; int f(_In_reads_(n) struct s **p, int n)",
                                             "int f(_Outptr_ char **p)",
                                             "int f(_Fc_opaque_ const char *const *p)",
                                             "int f(_Fc_opaque_ struct s { int a; } *p)",
                                             "_Ret_z_ char *f(void)",
                                             "_Fc_opaque_ struct s { int a; } *f(void)",
                                             "int f(const char *text)",
                                             "int f(int length, const char *text, double x)",
                                             "int f(const char *from, const char *to)",
                                             "struct s; struct s *f(struct s *p, const struct s *q)",
                                             "int f(int (*callback)(void *))"};
    find_targets();
    for (size_t i = 0; i < sizeof prototypes / sizeof prototypes[0]; i++) {
        for (int pair = 0; pair < 4; pair++) {
            fc__plan_free(new_plan(prototypes[i], pair < 2 ? i386_linux : x86_64_linux,
                                   pair % 2 == 0 ? i386_linux : x86_64_linux));
        }
    }
}

#define INSTEAD                                                                                                        \
    " cannot be passed; declare their bytes where a pointer leads to them (`_Alignas(16) char x[16]`), and call a "    \
    "function of your own, which takes such a pointer, where they are values"

TEST(plan_refuses_types_that_cannot_be_passed) {
    static const struct {
        const char *prototype;
        int code;
        const char *text;
    } rows[] = {
        {"int f(__int128 x)", FC_EUNSUPPORTED,
         "parameter `x` of f has the type `__int128`: 128-bit integers cannot be passed; declare "
         "what goes the same way on Linux, `struct { _Alignas(16) uint64_t low; uint64_t high; }`"},
        {"int f(_In_ const struct s { __fp16 half; } *x)", FC_EUNSUPPORTED,
         "member `half` of `struct s` has the type `__fp16`: floating types other than float, double and long "
         "double" INSTEAD},
        {"int f(__bf16 x)", FC_EUNSUPPORTED,
         "parameter `x` of f has the type `__bf16`: floating types other than float, double and long double" INSTEAD},
        {"_Float128 _Complex f(void)", FC_EUNSUPPORTED,
         "the result of f has the type `_Float128 _Complex`: complex types of other parts than float, double and long "
         "double" INSTEAD},
        {"typedef __builtin_va_list va_list; int f(va_list ap)", FC_EUNSUPPORTED,
         "parameter `ap` of f has the type `va_list`: only _Printf_format_string_ says what is in a va_list, and "
         "only behind the other parameters"},
        {"int f(const char *format, ...)", FC_EUNSUPPORTED,
         "f is variadic. Write behind the `...` what a call passes there, such as `..., int, _In_z_ const char *`; or "
         "leave it out if that is nothing. Calls that pass other types are bound beside this one. "
         "_Fc_when_(condition) before such a row says for which calls it is, and _Printf_format_string_ that a format "
         "decides"},
        {"int f(_In_reads_(3) char **p)", FC_EUNSUPPORTED,
         "parameter `p` of f has the type `char **`: nothing says what the pointers that it points to lead to. Write "
         "before it, too, _At_(*p, _In_reads_(n)) or the like, p being its name; _Fc_opaque_ if they are opaque"},
        {"int x", FC_EPARSE, "the declaration of x is not a function's"},
        {"", FC_EPARSE, "the declaration is not a function's"},
        {"typedef int f(int)", FC_EPARSE, "the declaration is not a function's"},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int pair = 0; pair < 4; pair++) {
            struct fc__plan *plan = NULL;
            struct fc__error err = {0};
            assert_int_equal(plan_of(rows[i].prototype, pair < 2 ? i386_linux : x86_64_linux,
                                     pair % 2 == 0 ? i386_linux : x86_64_linux, &plan, &err),
                             rows[i].code);
            assert_string_equal(err.text, rows[i].text);
        }
    }
}

TEST(plan_refuses_calling_conventions_that_the_target_has_not) {
    static const struct {
        const char *prototype, *name;
    } rows[] = {
        {"int __attribute__((stdcall)) f(void)", "stdcall"},
        {"int __stdcall f(void)", "stdcall"},
        {"int f(int) __attribute__((pure, __regparm__(3)));", "regparm"},
        {"typedef int (__fastcall fast)(int); fast f;", "fastcall"},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int pair = 0; pair < 4; pair++) {
            const struct fc__target *callee = pair % 2 == 0 ? i386_linux : x86_64_linux;
            struct fc__plan *plan = NULL;
            struct fc__error err = {0};
            char text[FC__ERROR_TEXT_MAX];
            snprintf(text, sizeof text,
                     "f has the calling convention `%s`, which farcall has no calls by in libraries for %s. If it "
                     "means nothing there, leave it out (of a header by -D, such as -D __stdcall=); else compile C "
                     "functions for %s that pass the calls on, and call those",
                     rows[i].name, callee->name, callee->name);
            assert_int_equal(plan_of(rows[i].prototype, pair < 2 ? i386_linux : x86_64_linux, callee, &plan, &err),
                             FC_EUNSUPPORTED);
            assert_string_equal(err.text, text);
        }
    }
}

/* NULL can be passed: the reason stays with the type. */
TEST(plan_keeps_why_functions_cannot_be_passed) {
    static const struct {
        const char *prototype, *text;
    } rows[] = {
        {"int f(int (*p)(_Printf_format_string_ const wchar_t *format, ...))",
         "the format of parameter `p` of f is no string of char, which is the only one that its arguments are found "
         "by. "
         "Write behind its `...` what the library passes, instead of _Printf_format_string_"},
        {"int f(int (*p)(const char *format, ...))",
         "parameter `p` of f is variadic. Write behind the `...` what a call passes there, such as `..., int, _In_z_ "
         "const char *`; or leave it out if that is nothing. Calls that pass other types are bound beside this one. "
         "_Fc_when_(condition) before such a row says for which calls it is, and _Printf_format_string_ that a format "
         "decides"},
        {"typedef _Fc_fails_with_(-1) int callback(void); int f(callback *p)",
         "parameter `p` of f is annotated with `_Fc_fails_with_`, which is for functions of the library: leave it out"},
        {"int f(int (*p)(_Fc_fd_ int fd))",
         "parameter `p` of f is annotated with `_Fc_fd_`, which is for functions of the library: leave it out, and the "
         "number goes as it is, the descriptor does not"},
        {"int f(int (*p)(_Fc_opaque_ int *n, _In_reads_(*n) int *b))",
         "parameter 2 of parameter `p` of f has a size behind a pointer that is opaque, or a handle. Say in its place "
         "how what it points to is passed (`_In_`, `_Inout_`)"},
    };
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fc__plan *plan = new_plan(rows[i].prototype, x86_64_linux, i386_linux);
        assert_string_equal(plan->steps[0].callback->refused, rows[i].text);
        fc__plan_free(plan);
    }
}

/* Nobody here knows what lies behind a pointer to an incomplete structure, whatever the annotation says of it. */
TEST(plan_takes_annotated_pointers_to_incomplete_structures_as_opaque) {
    static const char *const prototypes[] = {"struct s; int f(_In_ struct s *p)",
                                             "struct s; int f(_Inout_ struct s *p)", "struct s; int f(struct s *p)"};
    find_targets();
    for (size_t i = 0; i < sizeof prototypes / sizeof prototypes[0]; i++) {
        struct fc__plan *plan = new_plan(prototypes[i], x86_64_linux, i386_linux);
        assert_int_equal(plan->steps[0].kind, FC__STEP_VALUE);
        assert_int_equal(plan->steps[0].value.kind, FC__VALUE_POINTER);
        fc__plan_free(plan);
    }
}

/* Bytes of what has other widths on the two sides: refused there, and legal where they are equal. */
TEST(plan_refuses_bytes_of_what_changes_its_size) {
    static const char prototype[] = "int f(_In_reads_bytes_(n) const long *p, int n)";
    struct fc__plan *plan = NULL;
    struct fc__error err = {0};
    find_targets();
    assert_int_equal(plan_of(prototype, x86_64_linux, i386_linux, &plan, &err), FC_EUNSUPPORTED);
    assert_string_equal(err.text, "parameter `p` of f has the type `const long *`: its elements have different sizes "
                                  "on the two sides, so count elements, not bytes");
    assert_int_equal(plan_of(prototype, i386_linux, x86_64_linux, &plan, &err), FC_EUNSUPPORTED);
    fc__plan_free(new_plan(prototype, i386_linux, i386_linux));
    fc__plan_free(new_plan(prototype, x86_64_linux, x86_64_linux));
}

TEST(plan_knows_what_a_function_returns_that_cannot_be_called) {
    struct fc__plan *plan = NULL;
    struct fc__error err;
    find_targets();
    assert_int_equal(plan_of("_Fc_fails_with_(-7) int f(void)", x86_64_linux, i386_linux, &plan, &err), FC_OK);
    assert_true(plan->fails);
    assert_int_equal(plan->fails_with, -7);
    fc__plan_free(plan);
    assert_int_equal(plan_of("int f(void)", x86_64_linux, i386_linux, &plan, &err), FC_OK);
    assert_false(plan->fails);
    fc__plan_free(plan);
}
