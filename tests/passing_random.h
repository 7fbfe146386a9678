/* Random types, functions that take and return them, and the compiler that makes a library of those. */
#ifndef FC_TESTS_PASSING_RANDOM_H
#define FC_TESTS_PASSING_RANDOM_H

#include "call.h"
#include "passing.h"

#include "abi/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* -- Random types -------------------------------------------------------------------------------------------------- */

enum { FUNCTIONS = 600, UPCALLS = 200, SOURCE_MAX = 4 << 20, PARAMS_MAX = 14, VALUE_MAX = 4096, BUFFER_MAX = 1 << 16 };

struct random {
    char *text;
    size_t used;
    uint32_t state;
    bool is_64;
};

__attribute__((format(printf, 2, 3))) static void put(struct random *r, const char *format, ...) {
    va_list list;
    va_start(list, format);
    r->used += (size_t)vsnprintf(r->text + r->used, SOURCE_MAX - r->used, format, list);
    va_end(list);
    assert_true(r->used < SOURCE_MAX);
}

/* 0 <= result < limit; the same numbers each time */
static inline unsigned draw(struct random *r, unsigned limit) {
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    return r->state % limit;
}

static inline void put_alignment(struct random *r, unsigned chance, unsigned powers) {
    if (draw(r, chance) == 0) {
        put(r, " __attribute__((aligned(%u)))", 1u << draw(r, powers));
    }
}

static inline void put_bit_field(struct random *r, unsigned name) {
    static const struct {
        const char *text;
        unsigned bits;
    } types[] = {
        {"char", 8}, {"unsigned short", 16}, {"int", 32}, {"long long", 64}, {"enum e", 32}, {"_Bool", 1},
    };
    unsigned type = draw(r, sizeof types / sizeof types[0]);
    unsigned width = draw(r, 3) == 0 ? types[type].bits : 1 + draw(r, types[type].bits);
    switch (draw(r, 8)) {
    case 0:
        put(r, " %s : 0;", types[type].text);
        break;
    case 1:
        put(r, " %s : %u;", types[type].text, width);
        break;
    default:
        put(r, " %s m%u : %u;", types[type].text, name, width);
        break;
    }
}

/* Of members: those that can share a register, many times. */
#define PASSING_TYPES "char", "short", "int", "long", "float", "float", "float", "float", "double", "double"

/* `before`: the struct's number; those before it may be members. Mostly small, so that registers are in question. */
static inline void put_member(struct random *r, unsigned name, unsigned before) {
    static const char *const types[] = {
        PASSING_TYPES, "double", "aligned8", "float _Complex",      "double _Complex", "long double", "char *",
        "half",        "wide",   "a16",      "long double _Complex"};
    if (draw(r, 6) == 0) {
        put_bit_field(r, name);
        return;
    }
    unsigned type = draw(r, sizeof types / sizeof types[0] - (draw(r, 4) == 0 ? 0 : 6));
    bool is_struct = before > 0 && draw(r, 4) == 0;
    if (is_struct) {
        put(r, " struct s%u", draw(r, before));
    } else {
        put(r, " %s", types[type]);
    }
    put(r, " m%u", name);
    if (draw(r, 4) == 0 && (is_struct || strcmp(types[type], "a16") != 0)) {
        put(r, "[%u]", draw(r, 5));
    }
    put(r, "%s", draw(r, 16) == 0 ? " __attribute__((packed))" : "");
    put_alignment(r, 20, 5);
    put(r, ";");
}

static inline void put_struct(struct random *r, unsigned number) {
    unsigned count = draw(r, 24) == 0 ? 0 : 1 + draw(r, 3) + draw(r, 2);
    bool is_union = draw(r, 5) == 0;
    put(r, "struct s%u {%s", number, is_union ? " union {" : "");
    for (unsigned i = 0; i < count; i++) {
        put_member(r, i, number);
    }
    put(r, "%s", is_union ? " };" : "");
    if (draw(r, 20) == 0) {
        put(r, " float n; %s tail[];", draw(r, 2) == 0 ? "char" : "double");
    }
    put(r, " }%s", draw(r, 8) == 0 ? " __attribute__((packed))" : "");
    put_alignment(r, 16, 7);
    put(r, ";\n");
}

static inline void put_param(struct random *r, unsigned number) {
    static const char *const scalars[] = {
        "int",       "int",    "double",         "double",          "float",
        "long long", "void *", "float _Complex", "double _Complex", "long double _Complex"};
    switch (draw(r, 16)) {
    case 0:
        put(r, "long double");
        break;
    case 1:
    case 2:
    case 3:
    case 4:
        put(r, "struct s%u", number);
        break;
    case 5:
    case 6:
    case 7:
        put(r, "struct s%u", draw(r, number + 1));
        break;
    default:
        put(r, "%s", scalars[draw(r, sizeof scalars / sizeof scalars[0])]);
    }
}

static inline void put_result(struct random *r, unsigned number) {
    static const char *const scalars[] = {"long double",     "long long",           "int", "void *", "float _Complex",
                                          "double _Complex", "long double _Complex"};
    if (draw(r, 6) == 0) {
        put(r, "%s", scalars[draw(r, sizeof scalars / sizeof scalars[0])]);
    } else {
        put(r, "struct s%u", number);
    }
}

static inline void put_declarations(struct random *r, unsigned functions) {
    put(r, "enum e { E };\ntypedef long long aligned8 __attribute__((aligned(8)));\n"
           "typedef int half __attribute__((aligned(2)));\ntypedef float a16 __attribute__((aligned(16)));\n");
    put(r, "typedef %s wide;\n", r->is_64 ? "__int128" : "long long");
    for (unsigned i = 0; i < functions; i++) {
        const unsigned count = 1 + draw(r, PARAMS_MAX);
        put_struct(r, i);
        put_result(r, i);
        put(r, " f%u(", i);
        for (unsigned k = 0; k < count; k++) {
            put(r, "%s", k > 0 ? ", " : "");
            put_param(r, i);
            put(r, " p%u", k);
        }
        put(r, ");\n");
    }
}

/* -- Values -------------------------------------------------------------------------------------------------------- */

/* Sets the bits of `mask` that say something in a value of the type; what is between them need not arrive. */
static inline void mark(struct subject *subject, const struct fc__type *type, uint64_t at, unsigned char *mask) {
    const struct fc__layout *layout;
    struct fc__extent_of_type extent;
    struct fc__error err;
    if (type->kind == FC__TYPE_ARRAY) {
        assert_int_equal(fc__layout_extent(&subject->layouts, type->to, &extent, &err), FC_OK);
        for (uint64_t i = 0; i < type->length; i++) {
            mark(subject, type->to, at + i * extent.size_bytes, mask);
        }
    } else if (type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION) {
        assert_int_equal(fc__layout_of_body(&subject->layouts, type->body, &layout, &err), FC_OK);
        for (uint32_t i = 0; i < layout->field_count; i++) {
            const struct fc__member *member = &type->body->members[i];
            const struct fc__field *field = &layout->fields[i];
            const uint64_t first = (at + field->offset_bytes) * 8 + field->bit_offset;
            for (uint64_t bit = first; member->name != NULL && bit < first + field->bit_width; bit++) {
                mask[bit / 8] |= (unsigned char)(1u << bit % 8);
            }
            if (!member->is_bitfield) {
                mark(subject, member->type, at + field->offset_bytes, mask);
            }
        }
    } else {
        assert_int_equal(fc__layout_extent(&subject->layouts, type, &extent, &err), FC_OK);
        const bool is_pair = type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_CLDOUBLE;
        const bool is_long = is_pair || (type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_LDOUBLE);
        const size_t part_bytes = (size_t)extent.size_bytes / (is_pair ? 2 : 1);
        const size_t said_bytes = is_long && part_bytes > 10 ? 10 : part_bytes;
        memset(mask + at, 0xff, said_bytes);
        memset(mask + at + extent.size_bytes - part_bytes, 0xff, said_bytes);
    }
}

static inline bool is_same(struct subject *subject, const struct fc__type *type, uint64_t size,
                           const unsigned char *left, const unsigned char *right) {
    unsigned char mask[VALUE_MAX] = {0};
    mark(subject, type, 0, mask);
    for (uint64_t i = 0; i < size; i++) {
        if (((left[i] ^ right[i]) & mask[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* Floats of such bytes are no NaNs: to copy a float may mean to load it, which changes some of them. */
static inline void fill(struct random *r, unsigned char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)draw(r, 256) & 0xbf;
    }
}

static inline uint64_t part_bytes(const struct fc__passing *passing, unsigned part) {
    const uint64_t before = part * UINT64_C(8);
    const uint64_t left = passing->size_bytes > before ? passing->size_bytes - before : 0;
    return left < 8 ? left : 8;
}

/* -- Frames -------------------------------------------------------------------------------------------------------- */

static inline void put_argument(const struct fc__places *places, const struct fc__place *place,
                                const struct fc__passing *passing, const unsigned char *value, unsigned char *words) {
    if (place->kind == FC__PASSING_STACK) {
        memcpy(words + fc__places_offset(places, place, 0), value, (size_t)passing->size_bytes);
        return;
    }
    for (unsigned part = 0; part < 2; part++) {
        if (place->classes[part] != FC__CLASS_NONE) {
            memcpy(words + fc__places_offset(places, place, part), value + part * (size_t)8,
                   (size_t)part_bytes(passing, part));
        }
    }
}

static inline void get_result(const struct fc__passing *passing, const uint64_t results[FC__FRAME_RESULTS],
                              const unsigned char *hidden, unsigned char *value) {
    unsigned next = 0;
    if (passing->kind == FC__PASSING_HIDDEN) {
        memcpy(value, hidden, (size_t)passing->size_bytes);
    } else if (passing->kind == FC__PASSING_X87) {
        memcpy(value, results, 10);
    } else if (passing->kind == FC__PASSING_X87_PAIR) {
        memcpy(value, results, 32);
    } else if (passing->kind == FC__PASSING_REGISTERS) {
        for (unsigned part = 0; part < 2; part++) {
            if (passing->classes[part] != FC__CLASS_NONE) {
                memcpy(value + part * (size_t)8, &results[next++], (size_t)part_bytes(passing, part));
            }
        }
    }
}

static inline void get_argument(const struct fc__places *places, const struct fc__place *place,
                                const struct fc__passing *passing, const unsigned char *words, unsigned char *value) {
    if (place->kind == FC__PASSING_STACK) {
        memcpy(value, words + fc__places_offset(places, place, 0), (size_t)passing->size_bytes);
        return;
    }
    for (unsigned part = 0; part < 2; part++) {
        if (place->classes[part] != FC__CLASS_NONE) {
            memcpy(value + part * (size_t)8, words + fc__places_offset(places, place, part),
                   (size_t)part_bytes(passing, part));
        }
    }
}

enum outcome { AGREES, ARGUMENT_DIFFERS, RESULT_DIFFERS, TOO_LONG };

/* -- The compiler -------------------------------------------------------------------------------------------------- */

/* The function's head, `name` in the place of its own. */
static inline void write_head(FILE *file, const struct fc__type *type, const char *name) {
    char text[100];
    fprintf(file, "%s %s(", fc__decl_type_text(type->to, text, sizeof text), name);
    for (uint32_t i = 0; i < type->param_count; i++) {
        fprintf(file, "%s%s p%u", i > 0 ? ", " : "", fc__decl_type_text(type->params[i].type, text, sizeof text), i);
    }
    fprintf(file, ")");
}

/* A function that calls back: a function like the declared one, with what lies at `in`; what it returns goes to
 * `out`. `back` declares a pointer of that name, as `(*back)` does. */
static inline void write_calling(FILE *file, const struct fc__decl *decl, const char *back) {
    const struct fc__type *type = decl->type;
    char text[100];
    fprintf(file, "void c_%s(", decl->name);
    write_head(file, type, back);
    fprintf(file, ", const unsigned char *in, unsigned char *out) {");
    for (uint32_t i = 0; i < type->param_count; i++) {
        fprintf(file, " %s p%u; __builtin_memcpy(&p%u, in, sizeof p%u); in += sizeof p%u;",
                fc__decl_type_text(type->params[i].type, text, sizeof text), i, i, i, i);
    }
    fprintf(file, " %s r = back(", fc__decl_type_text(type->to, text, sizeof text));
    for (uint32_t i = 0; i < type->param_count; i++) {
        fprintf(file, "%sp%u", i > 0 ? ", " : "", i);
    }
    fprintf(file, "); __builtin_memcpy(out, &r, sizeof r); }\n");
}

static inline void write_source(const char *path, const struct subject *subject, const struct random *r,
                                void (*write_function)(FILE *, const struct fc__decl *)) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\nunsigned char farcall_in[%d], farcall_out[%d];\n", r->text, (int)VALUE_MAX, (int)BUFFER_MAX);
    for (const struct fc__decl *decl = subject->unit.first; decl != NULL; decl = decl->next) {
        write_function(file, decl);
    }
    fclose(file);
}

/* The folder of the library that is made, "called.so". */
static inline void compile(const char *flags, const struct subject *subject, const struct random *r,
                           void (*write_function)(FILE *, const struct fc__decl *), char directory[40]) {
    char path[100];
    char command[500];
    strcpy(directory, "/tmp/farcall-passing-XXXXXX");
    if (mkdtemp(directory) == NULL) {
        fail_msg("no directory for what the compiler writes");
    }
    snprintf(path, sizeof path, "%s/called.c", directory);
    write_source(path, subject, r, write_function);
    snprintf(
        command, sizeof command,
        "cd %s && gcc -m%d %s -w -Wno-psabi -shared -fPIC -o called.so called.c 2>errors || { head errors; false; }",
        directory, r->is_64 ? 64 : 32, flags);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a compiler, on files of this test */
}

static inline void discard(const char *directory) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

/* The line of the source that has this in it. */
static inline void show_line(const struct random *r, const char *part) {
    const char *line = strstr(r->text, part);
    assert_non_null(line);
    while (line > r->text && line[-1] != '\n') {
        line--;
    }
    printf("    %.*s\n", (int)strcspn(line, "\n"), line);
}

static inline void show(const struct random *r, const struct fc__decl *decl, enum outcome outcome, uint32_t index) {
    char start[64], name[32];
    snprintf(start, sizeof start, " %s(", decl->name);
    printf("%s %u differs:\n", outcome == ARGUMENT_DIFFERS ? "argument" : "result", index);
    show_line(r, start);
    for (uint32_t i = 0; i <= index; i++) {
        const struct fc__type *type = outcome == ARGUMENT_DIFFERS ? decl->type->params[i].type : decl->type->to;
        if (type->kind == FC__TYPE_STRUCT) {
            snprintf(name, sizeof name, "struct %s {", type->body->tag);
            show_line(r, name);
        }
    }
}

static inline void start_random(struct random *r, uint32_t seed, const char *target, unsigned functions,
                                struct subject *subject) {
    *r = (struct random){.text = calloc(1, SOURCE_MAX), .state = seed, .is_64 = call_pointer_bytes(target) == 8};
    assert_non_null(r->text);
    put_declarations(r, functions);
    open_subject(subject, target, r->text);
}

static inline void count_outcome(const struct random *r, const struct fc__decl *decl, enum outcome outcome,
                                 uint32_t index, unsigned counts[TOO_LONG + 1]) {
    if ((outcome == ARGUMENT_DIFFERS || outcome == RESULT_DIFFERS) && counts[outcome] < 10) {
        show(r, decl, outcome, index);
    }
    counts[outcome]++;
}

static inline void end_random(struct random *r, struct subject *subject, const char *what, unsigned functions,
                              const unsigned counts[TOO_LONG + 1]) {
    printf("%s, %s: %u functions agree, %u arguments and %u results differ, %u too long\n",
           subject->layouts.target->name, what, counts[AGREES], counts[ARGUMENT_DIFFERS], counts[RESULT_DIFFERS],
           counts[TOO_LONG]);
    close_subject(subject);
    free(r->text);
    assert_true(counts[AGREES] > functions / 2);
    assert_int_equal(counts[ARGUMENT_DIFFERS] + counts[RESULT_DIFFERS], 0);
}

/* Of a long double, whose bytes are compared. */
static inline void need_80_bits(void) {
    if (call_under_valgrind()) {
        skip_because("valgrind computes with 64 bits of a long double; the other builds run this");
    }
}

#endif
