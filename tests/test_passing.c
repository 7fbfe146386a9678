/* How values are passed and returned: the psABI's rules one by one; random structs in frames that functions compiled by
 * gcc are called with; and the same in frames of upcalls, by which such functions call back. */
#include "call.h"

#include "abi/places.h"
#include "client/client.h"

#include <dlfcn.h>

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

static struct fc__passing argument_of(struct subject *subject, const struct fc__type *type) {
    struct fc__passing passing;
    struct fc__error err;
    if (fc__passing_of_argument(&subject->layouts, type, &passing, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    return passing;
}

static struct fc__passing result_of(struct subject *subject, const struct fc__type *type) {
    struct fc__passing passing;
    struct fc__error err;
    if (fc__passing_of_result(&subject->layouts, type, &passing, &err) != FC_OK) {
        fail_msg("%s", err.text);
    }
    return passing;
}

static struct fc__places places_of(const struct subject *subject) {
    const struct fc__target *target = subject->layouts.target;
    return fc__places_of(target, fc__calling_find(target, NULL));
}

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
        {"struct { } x;", "stack 0/8", "nothing"},
        {"typedef struct { long a[4]; } t; typedef t u __attribute__((aligned(32))); u x;", "stack 32/8", "hidden"},
        {"struct { _Alignas(128) char a; } x;",
         "`struct <anonymous>` cannot be passed by value: it asks for more alignment than the stack of a call is given",
         "hidden"},
        {"float x __attribute__((vector_size(16)));",
         "`float __attribute__((vector_size(16)))` cannot be passed by value: vector types cannot be passed yet",
         "`float __attribute__((vector_size(16)))` cannot be passed by value: vector types cannot be passed yet"},
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
static unsigned draw(struct random *r, unsigned limit) {
    r->state ^= r->state << 13;
    r->state ^= r->state >> 17;
    r->state ^= r->state << 5;
    return r->state % limit;
}

static void put_alignment(struct random *r, unsigned chance, unsigned powers) {
    if (draw(r, chance) == 0) {
        put(r, " __attribute__((aligned(%u)))", 1u << draw(r, powers));
    }
}

static void put_bit_field(struct random *r, unsigned name) {
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

/* `before`: the struct's number; those before it may be members. Mostly small, so that registers are in question. */
static void put_member(struct random *r, unsigned name, unsigned before) {
    static const char *const types[] = {"char",
                                        "short",
                                        "int",
                                        "long",
                                        "float",
                                        "float",
                                        "float",
                                        "float",
                                        "double",
                                        "double",
                                        "double",
                                        "aligned8",
                                        "float _Complex",
                                        "double _Complex",
                                        "long double",
                                        "char *",
                                        "half",
                                        "wide",
                                        "a16",
                                        "long double _Complex"};
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

static void put_struct(struct random *r, unsigned number) {
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

static void put_param(struct random *r, unsigned number) {
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

static void put_result(struct random *r, unsigned number) {
    static const char *const scalars[] = {"long double",     "long long",           "int", "void *", "float _Complex",
                                          "double _Complex", "long double _Complex"};
    if (draw(r, 6) == 0) {
        put(r, "%s", scalars[draw(r, sizeof scalars / sizeof scalars[0])]);
    } else {
        put(r, "struct s%u", number);
    }
}

static void put_declarations(struct random *r, unsigned functions) {
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
static void mark(struct subject *subject, const struct fc__type *type, uint64_t at, unsigned char *mask) {
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
        const bool is_x87 = is_pair || (type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_LDOUBLE);
        memset(mask + at, 0xff, is_x87 ? 10 : (size_t)extent.size_bytes);
        if (is_pair) {
            memset(mask + at + extent.size_bytes / 2, 0xff, 10);
        }
    }
}

static bool is_same(struct subject *subject, const struct fc__type *type, uint64_t size, const unsigned char *left,
                    const unsigned char *right) {
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
static void fill(struct random *r, unsigned char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)draw(r, 256) & 0xbf;
    }
}

/* -- Calls --------------------------------------------------------------------------------------------------------- */

/* What the compiled functions share with us: each writes its arguments one behind the other to `farcall_out`, and
 * returns what lies at `farcall_in`. */
struct compiled {
    void *library;
    unsigned char *in, *out;
};

struct frame {
    uint64_t head, target;
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 128];
};

static uint64_t part_bytes(const struct fc__passing *passing, unsigned part) {
    const uint64_t before = part * UINT64_C(8);
    const uint64_t left = passing->size_bytes > before ? passing->size_bytes - before : 0;
    return left < 8 ? left : 8;
}

static void put_argument(const struct fc__places *places, const struct fc__place *place,
                         const struct fc__passing *passing, const unsigned char *value, struct frame *frame) {
    if (place->kind == FC__PASSING_STACK) {
        memcpy(frame->words + fc__places_offset(places, place, 0), value, (size_t)passing->size_bytes);
        return;
    }
    for (unsigned part = 0; part < 2; part++) {
        if (place->classes[part] != FC__CLASS_NONE) {
            memcpy(frame->words + fc__places_offset(places, place, part), value + part * (size_t)8,
                   (size_t)part_bytes(passing, part));
        }
    }
}

static void get_result(const struct fc__passing *passing, const uint64_t results[FC__FRAME_RESULTS],
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

enum outcome { AGREES, ARGUMENT_DIFFERS, RESULT_DIFFERS, TOO_LONG };

/* Calls a function with random values in all its parameters. Where arguments go wrong, *ret_index says which first. */
static enum outcome call(struct subject *subject, const struct fc__decl *decl, const struct compiled *compiled,
                         struct random *r, uint32_t *ret_index) {
    static _Alignas(64) unsigned char values[PARAMS_MAX + 1][VALUE_MAX], hidden[VALUE_MAX], result[VALUE_MAX];
    const struct fc__type *type = decl->type;
    struct fc__passing passings[PARAMS_MAX], returned = result_of(subject, type->to);
    struct fc__place at[PARAMS_MAX], hidden_at;
    struct fc__places places = places_of(subject);
    const struct fc__passing pointer = fc__passing_of_pointer(places.target);
    struct frame frame;
    uint64_t results[FC__FRAME_RESULTS];
    const uintptr_t hidden_address = (uintptr_t)hidden;
    struct fc__extent_of_type extent;
    struct fc__error err;
    *ret_index = 0;
    if (returned.size_bytes > VALUE_MAX) {
        return TOO_LONG;
    }
    fill(r, frame.words, sizeof frame.words); /* what is beside the values may be anything */
    fill(r, compiled->in, returned.size_bytes);
    if (returned.kind == FC__PASSING_HIDDEN) {
        assert_true(fc__places_take(&places, &pointer, &hidden_at));
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        passings[i] = argument_of(subject, type->params[i].type);
        if (!fc__places_take(&places, &passings[i], &at[i])) {
            return TOO_LONG;
        }
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        fill(r, values[i], passings[i].size_bytes);
        put_argument(&places, &at[i], &passings[i], values[i], &frame);
    }
    if (returned.kind == FC__PASSING_HIDDEN) {
        put_argument(&places, &hidden_at, &pointer, (const unsigned char *)&hidden_address, &frame);
    }
    frame.target = (uintptr_t)dlsym(compiled->library, decl->name);
    assert_true(frame.target != 0);
    fc__frame_invoke(&frame,
                     FC__FRAME_INFO(places.stack_bytes / places.target->word_bytes, places.integers, places.vectors,
                                    returned.frame_result, returned.frame_flags),
                     results);
    const unsigned char *out = compiled->out;
    for (uint32_t i = 0; i < type->param_count; i++) {
        if (!is_same(subject, type->params[i].type, passings[i].size_bytes, out, values[i])) {
            *ret_index = i;
            return ARGUMENT_DIFFERS;
        }
        assert_int_equal(fc__layout_extent(&subject->layouts, type->params[i].type, &extent, &err), FC_OK);
        out += extent.size_bytes;
    }
    if (returned.kind == FC__PASSING_HIDDEN && (uintptr_t)results[0] != hidden_address) {
        return RESULT_DIFFERS;
    }
    get_result(&returned, results, hidden, result);
    return is_same(subject, type->to, returned.size_bytes, result, compiled->in) ? AGREES : RESULT_DIFFERS;
}

/* -- The compiler -------------------------------------------------------------------------------------------------- */

/* The function's head, `name` in the place of its own. */
static void write_head(FILE *file, const struct fc__type *type, const char *name) {
    char text[100];
    fprintf(file, "%s %s(", fc__decl_type_text(type->to, text, sizeof text), name);
    for (uint32_t i = 0; i < type->param_count; i++) {
        fprintf(file, "%s%s p%u", i > 0 ? ", " : "", fc__decl_type_text(type->params[i].type, text, sizeof text), i);
    }
    fprintf(file, ")");
}

/* A function that is called. */
static void write_called(FILE *file, const struct fc__decl *decl) {
    char text[100];
    write_head(file, decl->type, decl->name);
    fprintf(file, " { unsigned char *out = farcall_out;");
    for (uint32_t i = 0; i < decl->type->param_count; i++) {
        fprintf(file, " __builtin_memcpy(out, &p%u, sizeof p%u); out += sizeof p%u;", i, i, i);
    }
    fprintf(file, " %s r; __builtin_memcpy(&r, farcall_in, sizeof r); return r; }\n",
            fc__decl_type_text(decl->type->to, text, sizeof text));
}

/* A function that calls back: a function like the declared one, with what lies at `in`; what it returns goes to `out`. */
static void write_calling(FILE *file, const struct fc__decl *decl) {
    const struct fc__type *type = decl->type;
    char text[100];
    fprintf(file, "void c_%s(", decl->name);
    write_head(file, type, "(*back)");
    fprintf(file, ", unsigned char *in, unsigned char *out) {");
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

static void write_source(const char *path, const struct subject *subject, const struct random *r,
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
static void compile(const char *flags, const struct subject *subject, const struct random *r,
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

static void discard(const char *directory) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static void load(const char *directory, struct compiled *compiled) {
    char path[100];
    snprintf(path, sizeof path, "%s/called.so", directory);
    compiled->library = dlopen(path, RTLD_NOW);
    assert_non_null(compiled->library);
    compiled->in = dlsym(compiled->library, "farcall_in");
    compiled->out = dlsym(compiled->library, "farcall_out");
    assert_true(compiled->in != NULL && compiled->out != NULL);
}

/* The line of the source that has this in it. */
static void show_line(const struct random *r, const char *part) {
    const char *line = strstr(r->text, part);
    assert_non_null(line);
    while (line > r->text && line[-1] != '\n') {
        line--;
    }
    printf("    %.*s\n", (int)strcspn(line, "\n"), line);
}

static void show(const struct random *r, const struct fc__decl *decl, enum outcome outcome, uint32_t index) {
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

static void start_random(struct random *r, uint32_t seed, const char *target, unsigned functions,
                         struct subject *subject) {
    *r = (struct random){.text = calloc(1, SOURCE_MAX), .state = seed, .is_64 = call_pointer_bytes(target) == 8};
    assert_non_null(r->text);
    put_declarations(r, functions);
    open_subject(subject, target, r->text);
}

static void count_outcome(const struct random *r, const struct fc__decl *decl, enum outcome outcome, uint32_t index,
                          unsigned counts[TOO_LONG + 1]) {
    if ((outcome == ARGUMENT_DIFFERS || outcome == RESULT_DIFFERS) && counts[outcome] < 10) {
        show(r, decl, outcome, index);
    }
    counts[outcome]++;
}

static void end_random(struct random *r, struct subject *subject, const char *what, unsigned functions,
                       const unsigned counts[TOO_LONG + 1]) {
    printf("%s, %s: %u functions agree, %u arguments and %u results differ, %u too long\n",
           subject->layouts.target->name, what, counts[AGREES], counts[ARGUMENT_DIFFERS], counts[RESULT_DIFFERS],
           counts[TOO_LONG]);
    close_subject(subject);
    free(r->text);
    assert_true(counts[AGREES] > functions / 2);
    assert_int_equal(counts[ARGUMENT_DIFFERS] + counts[RESULT_DIFFERS], 0);
}

static void check_random(uint32_t seed, const char *flags) {
    struct random r;
    struct subject subject;
    struct compiled compiled;
    char directory[40];
    unsigned counts[TOO_LONG + 1] = {0};
    start_random(&r, seed, HARNESS_OWN_TARGET, FUNCTIONS, &subject);
    compile(flags, &subject, &r, write_called, directory);
    load(directory, &compiled);
    discard(directory);
    for (const struct fc__decl *decl = subject.unit.first; decl != NULL; decl = decl->next) {
        uint32_t index;
        const enum outcome outcome = call(&subject, decl, &compiled, &r, &index);
        count_outcome(&r, decl, outcome, index, counts);
    }
    dlclose(compiled.library);
    end_random(&r, &subject, flags, FUNCTIONS, counts);
}

/* Of a long double, whose bytes are compared. */
static void need_80_bits(void) {
    if (call_under_valgrind()) {
        skip_because("valgrind computes with 64 bits of a long double; the other builds run this");
    }
}

TEST(passing_agrees_with_gcc_on_random_structs) {
    need_80_bits();
    check_random(20260101, "-O0");
}
TEST(passing_agrees_with_gcc_on_random_structs_optimised) {
    need_80_bits();
    check_random(20260102, "-O2");
}

/* -- Upcalls: a library calls trampolines, and this is the caller's side of the protocol, without its plans ------- */

enum { IN_OFFSET = 8192, OUT_OFFSET = 16384, RESULT_OFFSET = 24576 }; /* in the channel, which both sides see */

static enum fc__wire_op ask(struct fc__channel *channel, enum fc__wire_op op) {
    assert_true(fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, op));
    const uint32_t turn = fc__wire_wait(channel->line, 0, &channel->waiter, 0);
    assert_int_equal(turn & FC__WIRE_DEAD, 0);
    return FC__WIRE_OP(turn);
}

static uint64_t find(struct fc__channel *channel, const struct fc_library *library, const char *name) {
    channel->line->value = library->handle;
    snprintf(fc__wire_text(channel->line), FC__WIRE_TEXT_BYTES, "c_%s", name);
    assert_int_equal(ask(channel, FC__WIRE_OP_SYMBOL), FC__WIRE_OP_DONE);
    return channel->line->value;
}

/* Calls `function`(trampoline, in, out), which is the host's turn until it calls back. */
static void begin_call(struct fc__channel *channel, bool is_64, uint64_t function, uint64_t trampoline) {
    struct fc_wire_line *line = channel->line;
    const uint64_t base = (uintptr_t)line;
    const uint64_t words[] = {trampoline, base + IN_OFFSET, base + OUT_OFFSET};
    for (unsigned i = 0; i < 3; i++) {
        memcpy((unsigned char *)line->words + i * (size_t)(is_64 ? 8 : 4), &words[i], is_64 ? 8 : 4);
    }
    line->value = function;
    line->info = FC__FRAME_INFO(is_64 ? 0 : 3, is_64 ? 3 : 0, 0, FC__FRAME_RESULT_NONE, 0);
    assert_int_equal(ask(channel, FC__WIRE_OP_CALL), FC__WIRE_OP_UPCALL);
}

/* Answers an upcall with what lies in the channel at RESULT_OFFSET. */
static void end_call(struct fc__channel *channel, const struct fc__passing *returned, uint64_t hidden) {
    struct fc_wire_line *line = channel->line;
    const unsigned char *value = (const unsigned char *)line + RESULT_OFFSET;
    uint64_t results[FC__FRAME_RESULTS] = {0};
    unsigned next = 0;
    if (returned->kind == FC__PASSING_HIDDEN) {
        line->value = (uintptr_t)value;
        line->words[0] = hidden;
        line->words[1] = returned->size_bytes;
        assert_int_equal(ask(channel, FC__WIRE_OP_READ), FC__WIRE_OP_DONE);
        results[0] = hidden;
    } else if (returned->kind == FC__PASSING_X87) {
        memcpy(results, value, 10);
    } else if (returned->kind == FC__PASSING_X87_PAIR) {
        memcpy(results, value, 32);
    }
    for (unsigned part = 0; returned->kind == FC__PASSING_REGISTERS && part < 2; part++) {
        if (returned->classes[part] != FC__CLASS_NONE) {
            memcpy(&results[next++], value + part * (size_t)8, (size_t)part_bytes(returned, part));
        }
    }
    line->value = results[0];
    memcpy(line->words, &results[1], 24);
    assert_int_equal(ask(channel, FC__WIRE_OP_RETURN), FC__WIRE_OP_DONE);
}

static void get_argument(const struct fc__places *places, const struct fc__place *place,
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

static enum outcome upcall(struct subject *subject, const struct fc__decl *decl, const struct fc_library *library,
                           struct fc__channel *channel, struct random *r, uint32_t *ret_index) {
    struct fc_wire_line *line = channel->line;
    unsigned char *base = (unsigned char *)line, *in = base + IN_OFFSET;
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX], value[VALUE_MAX];
    const struct fc__type *type = decl->type;
    struct fc__passing passings[PARAMS_MAX], returned = result_of(subject, type->to);
    struct fc__place at[PARAMS_MAX], hidden_at = {.kind = FC__PASSING_NOTHING};
    struct fc__places places = places_of(subject);
    const struct fc__passing pointer = fc__passing_of_pointer(places.target);
    uint64_t hidden = 0;
    enum outcome outcome = AGREES;
    bool fits = returned.size_bytes <= VALUE_MAX;
    *ret_index = 0;
    if (returned.kind == FC__PASSING_HIDDEN) {
        fits = fits && fc__places_take(&places, &pointer, &hidden_at);
    }
    for (uint32_t i = 0; fits && i < type->param_count; i++) {
        passings[i] = argument_of(subject, type->params[i].type);
        fits = fc__places_take(&places, &passings[i], &at[i]);
    }
    if (!fits) {
        return TOO_LONG;
    }
    const uint64_t function = find(channel, library, decl->name);
    line->value = draw(r, 1000000);
    const uint64_t number = line->value;
    line->words[0] = FC__FRAME_INFO(places.stack_bytes / places.target->word_bytes, places.integers, places.vectors,
                                    returned.frame_result, returned.frame_flags);
    assert_int_equal(ask(channel, FC__WIRE_OP_TRAMPOLINE), FC__WIRE_OP_DONE);
    fill(r, in, RESULT_OFFSET - IN_OFFSET);
    begin_call(channel, r->is_64, function, line->value);
    assert_int_equal(line->value, number);
    memcpy(words, line->words, sizeof words);
    for (uint32_t i = 0; outcome == AGREES && i < type->param_count; i++) {
        struct fc__extent_of_type extent;
        struct fc__error err;
        get_argument(&places, &at[i], &passings[i], words, value);
        assert_int_equal(fc__layout_extent(&subject->layouts, type->params[i].type, &extent, &err), FC_OK);
        if (!is_same(subject, type->params[i].type, passings[i].size_bytes, in, value)) {
            *ret_index = i;
            outcome = ARGUMENT_DIFFERS;
        }
        in += extent.size_bytes;
    }
    if (returned.kind == FC__PASSING_HIDDEN) {
        get_argument(&places, &hidden_at, &pointer, words, (unsigned char *)&hidden);
    }
    fill(r, base + RESULT_OFFSET, returned.size_bytes);
    end_call(channel, &returned, hidden);
    return outcome == AGREES &&
                   !is_same(subject, type->to, returned.size_bytes, base + OUT_OFFSET, base + RESULT_OFFSET)
               ? RESULT_DIFFERS
               : outcome;
}

static void check_random_upcalls(const char *target, uint32_t seed, const char *flags) {
    struct random r;
    struct subject subject;
    struct fc_library *library = NULL;
    struct fc__channel *channel = NULL;
    struct fc__error err;
    char directory[40], path[100], what[40];
    unsigned counts[TOO_LONG + 1] = {0};
    start_random(&r, seed, target, UPCALLS, &subject);
    compile(flags, &subject, &r, write_calling, directory);
    snprintf(path, sizeof path, "%s/called.so", directory);
    assert_ok(fc_open(path, NULL, &library));
    discard(directory);
    assert_int_equal(fc__channel_enter(library->session, &channel, &err), FC_OK);
    for (const struct fc__decl *decl = subject.unit.first; decl != NULL; decl = decl->next) {
        uint32_t index;
        const enum outcome outcome = upcall(&subject, decl, library, channel, &r, &index);
        count_outcome(&r, decl, outcome, index, counts);
    }
    fc__channel_leave(channel);
    fc_library_close(library);
    snprintf(what, sizeof what, "upcalls %s", flags);
    end_random(&r, &subject, what, UPCALLS, counts);
}

TEST(trampolines_pass_random_structs) {
    need_80_bits();
    check_random_upcalls(HARNESS_OTHER_TARGET, 20260103, "-O1");
    check_random_upcalls(HARNESS_OWN_TARGET, 20260104, "-O0");
}
