/* How values are passed and returned: the psABI's rules one by one, and random structs in frames that functions compiled
 * by gcc are called with. */
#include "harness.h"

#include "abi/passing.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* -- Random types -------------------------------------------------------------------------------------------------- */

enum { FUNCTIONS = 1200, SOURCE_MAX = 4 << 20, PARAMS_MAX = 14, VALUE_MAX = 4096, BUFFER_MAX = 1 << 16 };

struct random {
    char *text;
    size_t used;
    uint32_t state;
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
    static const char *const types[] = {"char",        "short",  "int",    "long",   "float",  "float",
                                        "float",       "float",  "double", "double", "double", "aligned8",
                                        "long double", "char *", "half",   "wide",   "a16"};
    if (draw(r, 6) == 0) {
        put_bit_field(r, name);
        return;
    }
    unsigned type = draw(r, sizeof types / sizeof types[0] - (draw(r, 4) == 0 ? 0 : 5));
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
    static const char *const scalars[] = {"int", "int", "double", "double", "float", "long long", "void *"};
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

static void put_declarations(struct random *r) {
    put(r, "enum e { E };\ntypedef long long aligned8 __attribute__((aligned(8)));\n"
           "typedef int half __attribute__((aligned(2)));\ntypedef float a16 __attribute__((aligned(16)));\n");
    put(r, "typedef %s wide;\n", sizeof(void *) == 8 ? "__int128" : "long long");
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        const unsigned count = 1 + draw(r, PARAMS_MAX);
        put_struct(r, i);
        put(r, "struct s%u f%u(", i, i);
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
        const bool is_x87 = type->kind == FC__TYPE_SCALAR && type->scalar == FC__SCALAR_LDOUBLE;
        memset(mask + at, 0xff, is_x87 ? 10 : (size_t)extent.size_bytes);
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

static void fill(struct random *r, unsigned char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)draw(r, 256);
    }
}

/* No NaN: i386 loads floats to copy them, which changes some. */
static void fill_value(struct random *r, const struct fc__type *type, unsigned char *bytes, uint64_t size) {
    fill(r, bytes, size);
    if (type->kind == FC__TYPE_SCALAR && fc__scalar_is_float(type->scalar)) {
        bytes[size - 1] &= 0xbf;
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
    const uint64_t before = part * 8u;
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
            memcpy(frame->words + fc__places_offset(places, place, part), value + part * 8,
                   (size_t)part_bytes(passing, part));
        }
    }
}

static void get_result(const struct fc__passing *passing, const uint64_t results[2], const unsigned char *hidden,
                       unsigned char *value) {
    unsigned next = 0;
    if (passing->kind == FC__PASSING_HIDDEN) {
        memcpy(value, hidden, (size_t)passing->size_bytes);
    } else if (passing->kind == FC__PASSING_X87) {
        memcpy(value, results, 10);
    } else if (passing->kind == FC__PASSING_REGISTERS) {
        for (unsigned part = 0; part < 2; part++) {
            if (passing->classes[part] != FC__CLASS_NONE) {
                memcpy(value + part * 8, &results[next++], (size_t)part_bytes(passing, part));
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
    struct fc__places places = {.target = subject->layouts.target};
    const struct fc__passing pointer = fc__passing_of_pointer(places.target);
    struct frame frame;
    uint64_t results[2];
    const uintptr_t hidden_address = (uintptr_t)hidden;
    struct fc__extent_of_type extent;
    struct fc__error err;
    *ret_index = 0;
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
        fill_value(r, type->params[i].type, values[i], passings[i].size_bytes);
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

static void write_source(const char *path, struct subject *subject, const struct random *r) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\nunsigned char farcall_in[%d], farcall_out[%d];\n", r->text, (int)VALUE_MAX, (int)BUFFER_MAX);
    for (const struct fc__decl *decl = subject->unit.first; decl != NULL; decl = decl->next) {
        const struct fc__type *type = decl->type;
        char name[100];
        fprintf(file, "%s %s(", fc__decl_type_text(type->to, name, sizeof name), decl->name);
        for (uint32_t i = 0; i < type->param_count; i++) {
            fprintf(file, "%s%s p%u", i > 0 ? ", " : "", fc__decl_type_text(type->params[i].type, name, sizeof name),
                    i);
        }
        fprintf(file, ") { unsigned char *out = farcall_out;");
        for (uint32_t i = 0; i < type->param_count; i++) {
            fprintf(file, " __builtin_memcpy(out, &p%u, sizeof p%u); out += sizeof p%u;", i, i, i);
        }
        fprintf(file, " %s r; __builtin_memcpy(&r, farcall_in, sizeof r); return r; }\n",
                fc__decl_type_text(type->to, name, sizeof name));
    }
    fclose(file);
}

static void compile(const char *flags, struct subject *subject, const struct random *r, struct compiled *compiled) {
    char directory[] = "/tmp/farcall-passing-XXXXXX";
    char path[100];
    char command[500];
    if (mkdtemp(directory) == NULL) {
        fail_msg("no directory for what the compiler writes");
    }
    snprintf(path, sizeof path, "%s/called.c", directory);
    write_source(path, subject, r);
    snprintf(command, sizeof command, "cd %s && gcc -m%d %s -w -Wno-psabi -shared -fPIC -o called.so called.c",
             directory, (int)sizeof(void *) * 8, flags);
    int status = system(command); /* NOLINT(cert-env33-c): a compiler, on files of this test */
    snprintf(path, sizeof path, "%s/called.so", directory);
    compiled->library = status == 0 ? dlopen(path, RTLD_NOW) : NULL;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(status, 0);
    assert_non_null(compiled->library);
    compiled->in = dlsym(compiled->library, "farcall_in");
    compiled->out = dlsym(compiled->library, "farcall_out");
    assert_true(compiled->in != NULL && compiled->out != NULL);
}

/* The line of the source that begins so. */
static void show_line(const struct random *r, const char *start) {
    const char *line = strstr(r->text, start);
    assert_non_null(line);
    printf("    %.*s\n", (int)strcspn(line, "\n"), line);
}

static void show(const struct random *r, const struct fc__decl *decl, enum outcome outcome, uint32_t index) {
    char start[64], name[32];
    snprintf(start, sizeof start, "struct %s %s(", decl->type->to->body->tag, decl->name);
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

static void check_random(uint32_t seed, const char *flags) {
    struct random r = {.text = calloc(1, SOURCE_MAX), .state = seed};
    struct subject subject;
    struct compiled compiled;
    unsigned counts[TOO_LONG + 1] = {0};
    assert_non_null(r.text);
    put_declarations(&r);
    open_subject(&subject, HARNESS_OWN_TARGET, r.text);
    compile(flags, &subject, &r, &compiled);
    for (const struct fc__decl *decl = subject.unit.first; decl != NULL; decl = decl->next) {
        uint32_t index;
        enum outcome outcome = call(&subject, decl, &compiled, &r, &index);
        if ((outcome == ARGUMENT_DIFFERS || outcome == RESULT_DIFFERS) && counts[outcome] < 10) {
            show(&r, decl, outcome, index);
        }
        counts[outcome]++;
    }
    dlclose(compiled.library);
    close_subject(&subject);
    free(r.text);
    printf("%s %s: %u functions agree, %u arguments and %u results differ, %u frames too long\n", HARNESS_OWN_TARGET,
           flags, counts[AGREES], counts[ARGUMENT_DIFFERS], counts[RESULT_DIFFERS], counts[TOO_LONG]);
    assert_true(counts[AGREES] > FUNCTIONS / 2);
    assert_int_equal(counts[ARGUMENT_DIFFERS] + counts[RESULT_DIFFERS], 0);
}

TEST(passing_agrees_with_gcc_on_random_structs) {
    check_random(20260101, "-O0");
}
TEST(passing_agrees_with_gcc_on_random_structs_optimised) {
    check_random(20260102, "-O2");
}
