/* What fc__decl_parse notes of what it reads: members, constants, places, and the text of types. */
#include "harness.h"

#include "decl_text.h"

/* -- Members ------------------------------------------------------------------------------------------------------- */

TEST(decl_keeps_members) {
    struct fc__unit unit = parse("struct s {\n  const char *name, c;\n  unsigned a : 3, : 0;\n  union { int i; };\n"
                                 "  _Alignas(8) short d __attribute__((packed));\n  double tail[]; } x;");
    const struct fc__body *body = unit.first->type->body;
    static const struct {
        const char *name, *type;
        bool is_bitfield, is_packed;
        uint32_t width, alignment, line, column;
    } rows[] = {
        {"name", "const char *", false, false, 0, 0, 2, 15},   {"c", "const char", false, false, 0, 0, 2, 21},
        {"a", "unsigned int", true, false, 3, 0, 3, 12},       {NULL, "unsigned int", true, false, 0, 0, 3, 19},
        {NULL, "union <anonymous>", false, false, 0, 0, 4, 3}, {"d", "short", false, true, 0, 8, 5, 21},
        {"tail", "double []", false, false, 0, 0, 6, 10},
    };
    assert_int_equal(body->member_count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct fc__member *member = &body->members[i];
        char text[100];
        assert_int_equal(member->name == NULL, rows[i].name == NULL);
        if (member->name != NULL) {
            assert_string_equal(member->name, rows[i].name);
        }
        assert_string_equal(fc__decl_type_text(member->type, text, sizeof text), rows[i].type);
        assert_int_equal(member->is_bitfield, rows[i].is_bitfield);
        assert_int_equal(member->is_packed, rows[i].is_packed);
        assert_int_equal(member->width_bits, rows[i].width);
        assert_int_equal(member->alignment_bytes, rows[i].alignment);
        assert_int_equal(member->line, rows[i].line);
        assert_int_equal(member->column, rows[i].column);
    }
    fc__decl_unit_done(&unit);
}

TEST(decl_notes_the_pack_pragma_in_force) {
    struct fc__unit unit =
        parse("#pragma pack(push, 2)\nstruct a { int x; };\n#pragma pack(1)\nstruct b { int x; };\n"
              "#pragma pack(push, here, 4)\n#pragma pack(push)\n#pragma pack(8)\n"
              "struct c { int x;\n#pragma pack(16)\n};\n#pragma pack(pop, here)\nstruct d { int x; };\n"
              "#pragma pack(pop)\nstruct e { int x; };\n#pragma pack(pop)\n#pragma pack(2)\n"
              "#pragma pack()\nstruct f { int x; }\n;");
    static const uint32_t packs[] = {2, 1, 16, 1, 0, 0};
    size_t i = 0;
    for (const struct fc__body *body = unit.bodies; body != NULL; body = body->next) {
        assert_int_equal(body->pack_bytes, packs[i++]);
    }
    assert_int_equal(i, sizeof packs / sizeof packs[0]);
    fc__decl_unit_done(&unit);
}

TEST(decl_notes_attributes_of_structs_and_typedefs) {
    struct fc__unit unit =
        parse("struct __attribute__((packed)) a { int x; }; struct b { int x; } __attribute__((packed, aligned(4)));"
              "struct c { int x; } __attribute__((__ms_struct__)) *p; struct __declspec(align(32)) d { int x; };"
              "typedef struct { int x; } __attribute__((aligned)) e; typedef int f __attribute__((aligned(2)));"
              "typedef int g __attribute__((__mode__(__DI__))); typedef unsigned __attribute__((mode(word))) h;"
              "typedef float v __attribute__((vector_size(16))); struct i { int x; } q __attribute__((packed));");
    const struct fc__body *body = unit.bodies;
    assert_true(body->is_packed);
    body = body->next;
    assert_true(body->is_packed);
    assert_int_equal(body->alignment_bytes, 4);
    body = body->next;
    assert_false(body->is_packed);
    assert_int_equal(body->rules, FC__RECORD_MS);
    body = body->next;
    assert_int_equal(body->alignment_bytes, 32);
    body = body->next;
    assert_int_equal(body->alignment_bytes, 16);
    assert_false(body->next->is_packed);
    const struct fc__typedef *type = unit.typedefs->next;
    assert_string_equal(type->name, "f");
    assert_int_equal(type->type->alignment_bytes, 2);
    type = type->next;
    assert_int_equal(type->type->scalar, FC__SCALAR_LLONG);
    type = type->next;
    assert_int_equal(type->type->scalar, FC__SCALAR_UINTPTR);
    type = type->next;
    assert_int_equal(type->type->kind, FC__TYPE_VECTOR);
    assert_int_equal(type->type->length, 16);
    fc__decl_unit_done(&unit);
}

TEST(decl_knows_types_that_cannot_be_passed) {
    expect("typedef __builtin_va_list va_list; int vprintf(const char *format, va_list ap);"
           "double _Complex a; _Complex float b; long double _Complex c; __int128 d; unsigned __int128 e; __float128 f;"
           "_Float32 g; _Float64x h; _Float128 _Complex i; __uint128_t j; _Decimal64 k; _Float64 _Complex l;"
           "float m __attribute__((vector_size(8))); __fp16 n; __bf16 o; const _Float16 p;",
           "vprintf: int (const char *, va_list)\na: double _Complex\nb: float _Complex\nc: long double _Complex\n"
           "d: __int128\ne: unsigned __int128\nf: _Float128\ng: float\nh: long double\ni: _Float128 _Complex\n"
           "j: __uint128_t\nk: _Decimal64\nl: double _Complex\nm: float __attribute__((vector_size(8)))\n"
           "n: __fp16\no: __bf16\np: const _Float16");
}

/* As the C library has them for clang. */
TEST(decl_takes_typedefs_of_floating_types_that_gcc_has) {
    expect("typedef float _Float32; typedef double _Float32x, number; typedef float _Float32;"
           "_Float32 f(_Float32x a, number b); struct s { _Float32 *m[2]; } x; _Float64 y;"
           "_Float128 g(_Float128, _Float64x h); int k(_Float32);",
           "f: _Float32 (_Float32x, number)\nx: struct s\ny: double\n"
           "g: _Float128 (_Float128, long double)\nk: int (_Float32)");
}

TEST(decl_reads_the_modes_and_lists_of_compilers_own_headers) {
    expect("typedef unsigned word __attribute__((__mode__(__unwind_word__))); word a;"
           "int b __attribute__((mode(libgcc_cmp_return))); float c __attribute__((mode(HF)));"
           "typedef __builtin_ms_va_list ms; __builtin_sysv_va_list d; void f(ms list);",
           "a: word\nb: intptr_t\nc: _Float16\nd: __builtin_sysv_va_list\nf: void (ms)");
}

TEST(decl_notes_calling_conventions) {
    struct fc__unit unit =
        parse("int (__attribute__((__stdcall__)) *a)(int); void b(int (__fastcall *c)(void)); int d(void);");
    assert_string_equal(unit.first->type->to->convention, "stdcall");
    const struct fc__type *b = unit.first->next->type;
    assert_null(b->convention);
    assert_string_equal(b->params[0].type->to->convention, "fastcall");
    assert_null(unit.last->type->convention);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_atomic_types) {
    expect("_Atomic int a; int _Atomic b; _Atomic(int *) c; int *_Atomic d; const _Atomic(unsigned) e;"
           "typedef struct { _Atomic(long) n; } s; void f(_Atomic int *p, s *q); _Atomic s g; int *const _Atomic h;",
           "a: _Atomic int\nb: _Atomic int\nc: int *_Atomic\nd: int *_Atomic\ne: const _Atomic unsigned int\n"
           "f: void (_Atomic int *, s *)\ng: _Atomic s\nh: int *const _Atomic");
    struct fc__unit unit = parse("_Atomic int a; const int b;");
    assert_non_null(fc__decl_refusal(unit.first->type));
    assert_null(fc__decl_refusal(unit.last->type));
    assert_false(unit.last->type->is_atomic);
    fc__decl_unit_done(&unit);
}

TEST(decl_reads_typeof) {
    expect("struct s { long m[4]; } v; typeof(int *) a; __typeof__(v.m) b; typeof(&v) c; typeof(v.m[1]) d;"
           "typeof(((struct s *)0)->m) e; typeof(1u) f; int g(char); typeof(g(1)) h; typeof(*c) k;",
           "v: struct s\na: int *\nb: long [4]\nc: struct s *\nd: long\ne: long [4]\nf: unsigned int\ng: int (char)\n"
           "h: int\nk: struct s");
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
        {"L'\xC3\xA9' + (u'\\u20ac' == 0x20ac) + (U'\\xffffffff' > 0) + (L'\\xffffffff' < 0)", 0xE9 + 3},
        {"(int)0x1.8p3 + (int)0x.8p1 + (int)0xFFp-4 + (int)0X1P+10f", 12 + 1 + 15 + 1024},
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
        {"0xfeedu >> 4", 0xfee},
        {"(-2147483647 - 1) / -1 == -2147483647 - 1", 1},
        {"(-2147483647 - 1) % -1 + 1", 1},
        {"(int)2.9 + (unsigned char)1e2f", 102},
        {"(long)12.5e3 + (int)1250e-2L + (int)0.00e9", 12512},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[200];
        snprintf(source, sizeof source, "char a[%s];", rows[i].expression);
        struct fc__unit unit = parse(source);
        assert_int_equal(unit.first->type->length, rows[i].value);
        fc__decl_unit_done(&unit);
    }
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
        parse("# 1 \"a.c\"\n# 1 \"/usr/\xC3\xA9\xFF/\\\"odd\\\".h\" 1 3 4\n\nint a;\n# 7 \"a.c\" 2\nint b;\n"
              "#line 100\nint c;\n  # line 5 \"d.h\"\nint d;\n# 0 \"e.h\"\nint e;");
    static const struct {
        const char *file;
        uint32_t line;
    } rows[] = {{"/usr/\xC3\xA9?/\"odd\".h", 2}, {"a.c", 7}, {"a.c", 100}, {"d.h", 5}, {"e.h", 1}};
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
