/* tests: C made at random: structs, and what reads, changes and makes their values, for marshal_random.h. The text goes
 * into sections; what is generated uses tests/marshal_random. */
#ifndef FC_TESTS_MARSHAL_RANDOM_STRUCTS_H
#define FC_TESTS_MARSHAL_RANDOM_STRUCTS_H

#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECTION_MAX = 1 << 20, STRUCTS = 14, MEMBERS_MAX = 7, PARAMS_MAX = 6, FUNCTIONS = 40 };

enum section {
    TYPES, /* the header: structs */
    FUNCTIONS_DECLARED,
    BEFORE, /* of a struct or function: what its members or parameters count with */
    BODY,   /* of a struct */
    SEE,    /* statements of the struct or function at hand */
    CHANGE,
    COUNT, /* before BUILD: whatever a union holds, what its arms count with */
    BUILD,
    WALKS,  /* functions of structs */
    BUILDS, /* the same, of the driver only */
    LIBRARY,
    DRIVER,
    SECTIONS
};

struct random {
    char *text[SECTIONS];
    size_t used[SECTIONS];
    uint32_t state;
    unsigned structs;
};

__attribute__((format(printf, 3, 4))) static void put(struct random *r, enum section section, const char *format, ...) {
    va_list list;
    va_start(list, format);
    r->used[section] +=
        (size_t)vsnprintf(r->text[section] + r->used[section], SECTION_MAX - r->used[section], format, list);
    va_end(list);
    assert_true(r->used[section] < SECTION_MAX);
}

static inline void empty(struct random *r, enum section section) {
    r->text[section][0] = '\0';
    r->used[section] = 0;
}

/* 0 <= result < limit; the same numbers each time */
static inline unsigned draw(struct random *r, unsigned limit) {
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    return r->state % limit;
}
#define ONE_OF(r, list) ((list)[draw((r), sizeof(list) / sizeof(list)[0])])

/* -- types --------------------------------------------------------------------------------------------------------- */

/* As numbers.h names them, and as C does. */
static const struct number {
    const char *name, *type;
} numbers[] = {
    {"char", "char"},
    {"schar", "signed char"},
    {"uchar", "unsigned char"},
    {"short", "short"},
    {"ushort", "unsigned short"},
    {"int", "int"},
    {"unsigned", "unsigned"},
    {"long", "long"},
    {"long", "long"},
    {"ulong", "unsigned long"},
    {"llong", "long long"},
    {"ullong", "unsigned long long"},
    {"truth", "bool"},
    {"colour", "enum colour"},
    {"shade", "enum shade"},
    {"wchar_t", "wchar_t"},
    {"size_t", "size_t"},
    {"ptrdiff_t", "ptrdiff_t"},
    {"int64_t", "int64_t"},
    {"span_t", "span_t"},
    {"float", "float"},
    {"double", "double"},
    {"double", "double"},
    {"ldouble", "long double"},
};
static const char *const counts[] = {"int", "unsigned", "short", "unsigned char", "size_t", "long", "long long"};
static const struct number texts[] = {
    {"char", "char"}, {"char", "char"}, {"wchar_t", "wchar_t"}, {"ushort", "unsigned short"}};

/* What stands at one place of a struct: `at` reads it, `what` is its name for people. */
struct spot {
    char name[24], at[64], what[32];
};

/* A number, or a struct, of which pieces are made. */
struct element {
    char name[16], type[24];
    bool is_struct;
};
static inline struct element any_element(struct random *r, unsigned structs, unsigned chance_of_struct) {
    struct element element;
    element.is_struct = structs > 0 && draw(r, chance_of_struct) == 0;
    if (element.is_struct) {
        const unsigned number = draw(r, structs);
        snprintf(element.name, sizeof element.name, "s%u", number);
        snprintf(element.type, sizeof element.type, "struct s%u", number);
    } else {
        const struct number number = ONE_OF(r, numbers);
        snprintf(element.name, sizeof element.name, "%s", number.name);
        snprintf(element.type, sizeof element.type, "%s", number.type);
    }
    return element;
}

/* Statements for what lies at `at`, a number or a struct. `own`: an expression, whether it may be changed. */
static inline void put_element(struct random *r, const struct element *element, const char *at, const char *what,
                               const char *own) {
    if (element->is_struct) {
        put(r, SEE, "fold_%s(&%s, deep);", element->name, at);
        put(r, CHANGE, "change_%s((void *)&%s, %s);", element->name, at, own);
    } else {
        put(r, SEE, "see_%s(\"%s\", %s);", element->name, what, at);
        put(r, CHANGE, "if (%s) *(%s *)&%s = changed_%s(%s);", own, element->type, at, element->name, at);
    }
}

static inline void put_built(struct random *r, const struct element *element, const char *at) {
    if (element->is_struct) {
        put(r, BUILD, "build_%s(&%s);", element->name, at);
    } else {
        put(r, BUILD, "%s = any_%s();", at, element->name);
    }
}

static inline void put_loops(struct random *r, const char *index, const char *limit) {
    put(r, SEE, "for (unsigned %s = 0; %s < (unsigned)(%s); %s++) {", index, index, limit, index);
    put(r, CHANGE, "for (unsigned %s = 0; %s < (unsigned)(%s); %s++) {", index, index, limit, index);
    put(r, BUILD, "for (unsigned %s = 0; %s < (unsigned)(%s); %s++) {", index, index, limit, index);
}
static inline void put_loops_end(struct random *r) {
    put(r, SEE, "}");
    put(r, CHANGE, "}");
    put(r, BUILD, "}");
}

/* What `at`, a pointer to `count` elements, leads to. One to none may be any, and equal to another. */
static inline void put_behind(struct random *r, const struct element *element, const char *at, const char *what,
                              const char *count, bool is_const) {
    char inner[100];
    snprintf(inner, sizeof inner, "%s[i]", at);
    put(r, SEE, "if (see_pointer(\"%s\", %s, deep && %s)) for (unsigned i = 0; i < (unsigned)(%s); i++) {", what, at,
        count, count);
    put(r, CHANGE, "if (%s && meet(%s)) for (unsigned i = 0; i < (unsigned)(%s); i++) {", count, at, count);
    put_element(r, element, inner, what, is_const ? "0" : "1");
    put(r, SEE, "}");
    put(r, CHANGE, "}");
    put(r, BUILD, "*(void **)&%s = make_all_%s(%s);", at, element->name, count);
}

/* -- members and what they count with ------------------------------------------------------------------------------ */

/* Declares what the spot's size is, before it, and makes a random one. What the annotation says goes to `annotated`, and
 * the same for code to `count`. */
static inline void put_count(struct random *r, const struct spot *spot, unsigned most, char annotated[32],
                             char count[80]) {
    const char *type = ONE_OF(r, counts);
    put(r, BEFORE, " %s n_%s;", type, spot->name);
    put(r, COUNT, "p->n_%s = any_below(%u);", spot->name, most + 1);
    put(r, SEE, "see(\"n_%s\", (sum_t)p->n_%s);", spot->name, spot->name);
    switch (draw(r, 6)) {
    case 0:
        snprintf(annotated, 32, "n_%s * 2", spot->name);
        snprintf(count, 80, "p->n_%s * 2", spot->name);
        break;
    case 1:
        snprintf(annotated, 32, "n_%s + 1", spot->name);
        snprintf(count, 80, "p->n_%s + 1", spot->name);
        break;
    default:
        snprintf(annotated, 32, "n_%s", spot->name);
        snprintf(count, 80, "p->n_%s", spot->name);
    }
}

static inline void put_number(struct random *r, const struct spot *spot) {
    const struct number number = ONE_OF(r, numbers);
    put(r, BODY, " %s %s;", number.type, spot->name);
    put(r, SEE, "see_%s(\"%s\", %s);", number.name, spot->what, spot->at);
    put(r, CHANGE, "if (own) %s = changed_%s(%s);", spot->at, number.name, spot->at);
    put(r, BUILD, "%s = any_%s();", spot->at, number.name);
}

static inline void put_bit_field(struct random *r, const struct spot *spot) {
    static const struct {
        const char *type;
        unsigned bits;
    } types[] = {{"char", 8},       {"unsigned char", 8},      {"short", 16}, {"unsigned short", 16},
                 {"int", 32},       {"unsigned", 32},          {"long", 32},  {"unsigned long", 32},
                 {"long long", 64}, {"unsigned long long", 64}};
    const unsigned at = draw(r, sizeof types / sizeof types[0]);
    if (draw(r, 6) == 0) {
        put(r, BODY, " %s : %u;", types[at].type, draw(r, 2) == 0 ? 0 : 1 + draw(r, types[at].bits));
    }
    put(r, SEE, "see(\"%s\", (sum_t)%s);", spot->what, spot->at);
    if (draw(r, 6) == 0) {
        put(r, BODY, " bool %s : 1;", spot->name);
        put(r, CHANGE, "if (own) %s = !%s;", spot->at, spot->at);
        put(r, BUILD, "%s = any_below(2);", spot->at);
    } else if (draw(r, 6) == 0) {
        put(r, BODY, " enum shade %s : %u;", spot->name, 2 + draw(r, 4));
        put(r, CHANGE, "if (own) %s = (%s + 1u) %% 4;", spot->at, spot->at);
        put(r, BUILD, "%s = any_below(4);", spot->at);
    } else {
        put(r, BODY, " %s %s : %u;", types[at].type, spot->name,
            draw(r, 4) == 0 ? types[at].bits : 1 + draw(r, types[at].bits));
        put(r, CHANGE, "if (own) %s = (sum_t)%s * 5 + 3;", spot->at, spot->at);
        put(r, BUILD, "%s = any_bits();", spot->at);
    }
}

/* An array of one or two dimensions, or one struct. */
static inline void put_array(struct random *r, const struct spot *spot) {
    const struct element element = any_element(r, r->structs, 3);
    const unsigned rows = element.is_struct && draw(r, 2) == 0 ? 0 : 1 + draw(r, 3);
    const unsigned columns = rows != 0 && draw(r, 3) == 0 ? 1 + draw(r, 2) : 0;
    char at[80];
    snprintf(at, sizeof at, "%s%s%s", spot->at, rows != 0 ? "[i]" : "", columns != 0 ? "[k]" : "");
    put(r, BODY, " %s %s", element.type, spot->name);
    if (rows != 0) {
        put(r, BODY, "[%u]", rows);
        put_loops(r, "i", (const char[]){(char)('0' + rows), '\0'});
    }
    if (columns != 0) {
        put(r, BODY, "[%u]", columns);
        put_loops(r, "k", (const char[]){(char)('0' + columns), '\0'});
    }
    put(r, BODY, ";");
    put_element(r, &element, at, spot->what, "own");
    put_built(r, &element, at);
    for (unsigned i = 0; i < (rows != 0) + (columns != 0 ? 1u : 0u); i++) {
        put_loops_end(r);
    }
}

/* A pointer to a struct of any number, also of ones that come later. */
static inline void put_pointer(struct random *r, const struct spot *spot) {
    const unsigned number = draw(r, STRUCTS);
    const bool is_const = draw(r, 4) == 0;
    struct element element = {.is_struct = true};
    snprintf(element.name, sizeof element.name, "s%u", number);
    snprintf(element.type, sizeof element.type, "struct s%u", number);
    put(r, BODY, " _Field_size_opt_(1) %s%s *%s;", is_const ? "const " : "", element.type, spot->name);
    put_behind(r, &element, spot->at, spot->what, "1", is_const);
    if (draw(r, 3) == 0) { /* another object of the caller's, or none */
        put(r, CHANGE, "if (own) %s = may_link ? last_%s : NULL;", spot->at, element.name);
    }
}

static inline void put_counted(struct random *r, const struct spot *spot) {
    static const char *const words[] = {"_Field_size_", "_Field_size_", "_Field_size_opt_", "_Field_size_full_",
                                        "_Field_size_full_opt_"};
    const struct element element = any_element(r, STRUCTS, 4);
    const bool is_const = draw(r, 3) == 0;
    char annotated[32], count[80];
    put_count(r, spot, element.is_struct ? 2 : 5, annotated, count);
    put(r, BODY, " %s(%s) %s%s *%s;", ONE_OF(r, words), annotated, is_const ? "const " : "", element.type, spot->name);
    put_behind(r, &element, spot->at, spot->what, count, is_const);
}

static inline void put_bytes(struct random *r, const struct spot *spot) {
    static const char *const types[] = {"void", "unsigned char", "short", "double"};
    char annotated[32], count[80];
    put_count(r, spot, 20, annotated, count);
    put(r, BODY, " _Field_size_bytes_(%s) %s *%s;", annotated, ONE_OF(r, types), spot->name);
    put(r, SEE, "if (see_pointer(\"%s\", %s, deep && %s)) see_bytes(\"%s\", %s, %s);", spot->what, spot->at, count,
        spot->what, spot->at, count);
    put(r, CHANGE, "if (%s && meet(%s)) change_bytes(%s, %s);", count, spot->at, spot->at, count);
    put(r, BUILD, "*(void **)&%s = make_all_uchar(%s);", spot->at, count);
}

/* Room, of which a part means something; the library makes the part larger or smaller. */
static inline void put_part(struct random *r, const struct spot *spot) {
    const struct element element = any_element(r, r->structs, 5);
    const char *type = ONE_OF(r, counts), *name = spot->name;
    put(r, BEFORE, " %s r_%s, n_%s;", type, name, name);
    put(r, BODY, " %s(r_%s, n_%s) %s *%s;", draw(r, 2) == 0 ? "_Field_size_part_" : "_Field_size_part_opt_", name, name,
        element.type, name);
    put(r, BUILD, "p->r_%s = any_below(5); p->n_%s = any_below(p->r_%s + 1);", name, name, name);
    put(r, SEE, "see(\"r_%s\", p->r_%s); see(\"n_%s\", p->n_%s);", name, name, name, name);
    put(r, SEE, "if (see_pointer(\"%s\", %s, deep && p->r_%s)) for (unsigned i = 0; i < (unsigned)p->n_%s; i++) {",
        spot->what, spot->at, name, name);
    char at[80], number[80];
    snprintf(at, sizeof at, "%s[i]", spot->at);
    snprintf(number, sizeof number, "p->r_%s", name);
    /* A part that only becomes larger, or one that becomes smaller and is not written to: a function may be given the
     * object twice, and what it wrote behind the end need not come back. */
    put(r, CHANGE, "const unsigned had = p->n_%s;", name);
    if (draw(r, 3) == 0) {
        put(r, CHANGE, "if (own) p->n_%s = had / 2; for (unsigned i = 0; i < 0; i++) {", name);
    } else {
        put(r, CHANGE, "if (own && had < p->r_%s) p->n_%s = had + 1;", name, name);
        put(r, CHANGE, "if (p->r_%s && meet(%s)) for (unsigned i = 0; i < (unsigned)p->n_%s; i++) {", name, spot->at,
            name);
    }
    put(r, CHANGE, "if (i >= had) memset(&%s, 0, sizeof %s);", at, at);
    put_element(r, &element, at, spot->what, "1");
    put(r, SEE, "}");
    put(r, CHANGE, "}");
    put(r, BUILD, "%s = is_deep() ? NULL : OUTPUT(%s, %s, 0);", spot->at, element.name, number);
    put(r, BUILD, "if (%s == NULL) p->r_%s = p->n_%s = 0;", spot->at, name, name);
}

/* An array in the struct, of which the beginning is used. */
static inline void put_used(struct random *r, const struct spot *spot) {
    const struct element element = any_element(r, r->structs, 4);
    const char *type = ONE_OF(r, counts), *name = spot->name;
    char at[80], used[80];
    snprintf(at, sizeof at, "%s[i]", spot->at);
    snprintf(used, sizeof used, "p->n_%s", name);
    put(r, BEFORE, " %s n_%s;", type, name);
    put(r, BODY, " _Field_size_(n_%s) %s %s[4];", name, element.type, name);
    put(r, COUNT, "%s = any_below(5);", used);
    put(r, SEE, "see(\"n_%s\", %s);", name, used);
    put_loops(r, "i", used);
    put_element(r, &element, at, spot->what, "own");
    put_built(r, &element, at);
    put_loops_end(r);
}

static inline void put_text(struct random *r, const struct spot *spot) {
    const struct number text = ONE_OF(r, texts);
    const bool is_const = draw(r, 2) == 0;
    put(r, BODY, " _Field_z_ %s%s *%s;", is_const ? "const " : "", text.type, spot->name);
    put(r, SEE, "see_text_%s(\"%s\", %s, deep);", text.name, spot->what, spot->at);
    if (!is_const) {
        put(r, CHANGE, "if (meet(%s)) change_text_%s(%s);", spot->at, text.name, spot->at);
    }
    put(r, BUILD, "%s = make_text_%s();", spot->at, text.name);
}

/* Pointers in a row, in the struct or behind a pointer: to structs, buffers or strings. */
static inline void put_pointers(struct random *r, const struct spot *spot) {
    const bool is_inline = draw(r, 2) == 0;
    char annotated[32] = "3", count[80] = "3", at[80];
    struct element element = any_element(r, STRUCTS, 1);
    const unsigned kind = draw(r, 3);
    snprintf(at, sizeof at, "%s[i]", spot->at);
    if (!is_inline) {
        put_count(r, spot, 3, annotated, count);
    }
    if (kind == 1) {
        element = any_element(r, 0, 1);
    }
    char annotation[64] = "";
    const unsigned length = 1 + draw(r, 3);
    char elements[4];
    snprintf(elements, sizeof elements, "%u", kind == 1 ? length : 1);
    if (kind == 1) {
        snprintf(annotation, sizeof annotation, "_At_(*%s, _Field_size_(%u)) ", spot->name, length);
    } else if (kind == 2) {
        snprintf(annotation, sizeof annotation, is_inline ? "_Field_z_ " : "_At_(*%s, _Field_z_) ", spot->name);
        snprintf(element.type, sizeof element.type, "char");
    }
    if (!(is_inline && kind != 0)) {
        put(r, BODY, " _Field_size_(%s)", annotated);
    }
    put(r, BODY, " %s%s *%s%s%s;", annotation, element.type, is_inline ? "" : "*", spot->name, is_inline ? "[3]" : "");
    if (!is_inline) {
        put(r, SEE, "if (see_pointer(\"%s\", %s, deep && %s))", spot->what, spot->at, count);
        put(r, CHANGE, "if (%s && meet(%s))", count, spot->at);
        put(r, BUILD, "%s = is_deep() ? NULL : piece(sizeof *%s, %s, see_all_pointers); if (%s != NULL)", spot->at,
            spot->at, count, spot->at);
    }
    put(r, SEE, "for (unsigned k = 0; k < (unsigned)(%s); k++) {", count);
    put(r, CHANGE, "for (unsigned k = 0; k < (unsigned)(%s); k++) {", count);
    put(r, BUILD, "for (unsigned k = 0; k < (unsigned)(%s); k++) {", count);
    snprintf(at, sizeof at, "%s[k]", spot->at);
    if (kind == 2) {
        put(r, SEE, "see_text_char(\"%s\", %s, deep);", spot->what, at);
        put(r, CHANGE, "if (meet(%s)) change_text_char(%s);", at, at);
        put(r, BUILD, "%s = make_text_char();", at);
    } else {
        put_behind(r, &element, at, spot->what, elements, false);
    }
    put_loops_end(r);
}

static inline void put_handle(struct random *r, const struct spot *spot) {
    put(r, BODY, " _Fc_opaque_ void *%s;", spot->name);
    put(r, SEE, "see_handle(\"%s\", %s);", spot->what, spot->at);
    put(r, BUILD, "%s = any_handle();", spot->at);
}

static inline void put_member(struct random *r, const struct spot *spot);

/* The arms are any members; their counts stand before the union. */
static inline void put_union(struct random *r, const struct spot *spot) {
    const unsigned arms = 1 + draw(r, 4), first = draw(r, 3);
    const bool is_named = draw(r, 2) == 0;
    put(r, BEFORE, " %s k_%s;", draw(r, 2) == 0 ? "int" : "unsigned char", spot->name);
    put(r, BODY, " union {");
    put(r, SEE, "see(\"k_%s\", p->k_%s); switch (p->k_%s) {", spot->name, spot->name, spot->name);
    put(r, CHANGE, "switch (p->k_%s) {", spot->name);
    put(r, BUILD, "p->k_%s = any_below(%u); switch (p->k_%s) {", spot->name, arms + first, spot->name);
    const size_t before = r->used[BODY];
    for (unsigned i = 0; i < arms; i++) {
        struct spot arm;
        snprintf(arm.name, sizeof arm.name, "%.8s_%u", spot->name, i);
        snprintf(arm.at, sizeof arm.at, "p->%s%s%s", is_named ? spot->name : "", is_named ? "." : "", arm.name);
        snprintf(arm.what, sizeof arm.what, "%.20s_%u", spot->what, i);
        put(r, BODY, " _Fc_union_(k_%s == %u)", spot->name, i + first);
        put(r, SEE, "case %u: {", i + first);
        put(r, CHANGE, "case %u: {", i + first);
        put(r, BUILD, "case %u: {", i + first);
        put_member(r, &arm);
        put(r, SEE, "break; }");
        put(r, CHANGE, "break; }");
        put(r, BUILD, "break; }");
    }
    put(r, SEE, "}");
    put(r, BUILD, "}");
    put(r, CHANGE, "}");
    /* Another arm, of zeros. Not over structs: in them may be how much of a buffer comes back, which was changed. */
    if (draw(r, 2) == 0 && strstr(r->text[BODY] + before, "struct ") == NULL) {
        const unsigned arm = draw(r, arms);
        char at[48];
        snprintf(at, sizeof at, "p->%s%s%.8s_%u", is_named ? spot->name : "", is_named ? "." : "", spot->name, arm);
        put(r, CHANGE, "if (own && p->k_%s == %u) { p->k_%s = %u; memset(&%s, 0, sizeof %s); }", spot->name,
            first + draw(r, arms), spot->name, first + arm, at, at);
    }
    put(r, BODY, " }");
    if (is_named) {
        put(r, BODY, " %s", spot->name);
    }
    put(r, BODY, ";");
}

/* In a union only what is one declaration. */
static inline void put_member(struct random *r, const struct spot *spot) {
    static void (*const kinds[])(struct random *, const struct spot *) = {
        put_number,    put_number,    put_number, put_array,  put_array,    put_pointer, put_pointer, put_counted,
        put_counted,   put_bytes,     put_text,   put_handle, put_pointers, put_used, /* which may be in a union: */
        put_bit_field, put_bit_field, put_part,   put_union};
    unsigned kind = draw(r, sizeof kinds / sizeof kinds[0]);
    if (strchr(spot->name, '_') != NULL) {
        kind %= 14;
    }
    put(r, CHANGE, "{");
    kinds[kind](r, spot);
    put(r, CHANGE, "}");
}

/* A struct and the functions that walk it. */
static inline void put_struct(struct random *r) {
    const unsigned number = r->structs, members = 1 + draw(r, MEMBERS_MAX);
    const unsigned packing = draw(r, 10);
    for (enum section section = BEFORE; section <= BUILD; section++) {
        empty(r, section);
    }
    put(r, TYPES, "%sstruct s%u {", packing == 0 ? "#pragma pack(push, 2)\n" : "", number);
    for (unsigned i = 0; i < members; i++) {
        struct spot spot;
        snprintf(spot.name, sizeof spot.name, "m%u", i);
        snprintf(spot.at, sizeof spot.at, "p->m%u", i);
        snprintf(spot.what, sizeof spot.what, "s%u.m%u", number, i);
        put_member(r, &spot);
        put(r, TYPES, "%s%s", r->text[BEFORE], r->text[BODY]);
        empty(r, BEFORE);
        empty(r, BODY);
    }
    put(r, TYPES, " }%s%s;\n%s", packing == 1 ? " __attribute__((packed))" : "",
        draw(r, 12) == 0 ? " __attribute__((aligned(8)))" : "", packing == 0 ? "#pragma pack(pop)\n" : "");
    put(r, WALKS, "static void fold_s%u(const struct s%u *p, bool deep) { %s }\n", number, number, r->text[SEE]);
    put(r, WALKS, "static void change_s%u(struct s%u *p, bool own) { if (own && may_link) last_s%u = p; %s }\n", number,
        number, number, r->text[CHANGE]);
    put(r, BUILDS, "static void build_s%u(struct s%u *p) { %s%s }\n", number, number, r->text[COUNT], r->text[BUILD]);
    r->structs++;
}

#endif
