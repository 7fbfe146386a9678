/* Layouts of random structs, beside what gcc (System V), clang (Microsoft) and mingw's gcc say. */
#include "subject.h"

#include <stdlib.h>
#include <unistd.h>

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

/* The structs, and an empty folder for what a compiler is asked about them. */
static void begin(struct random *r, const char *target, struct subject *subject, char *directory) {
    r->text = calloc(1, RANDOM_SOURCE_MAX);
    assert_non_null(r->text);
    put_structs(r);
    open_subject(subject, target, r->text);
    if (mkdtemp(directory) == NULL) {
        fail_msg("no directory for what the compiler writes");
    }
}

static void end(struct random *r, struct subject *subject, const char *directory) {
    char line[100];
    snprintf(line, sizeof line, "rm -rf %s", directory);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
    close_subject(subject);
    free(r->text);
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
    struct random r = {.state = 20260101, .types = can_lower ? TYPES_MAX : TYPES_MAX - 1};
    begin(&r, target, &subject, directory);
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
    end(&r, &subject, directory);
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
    struct random r = {.state = 20260102, .types = TYPES_MAX - 1};
    unsigned count = 0;
    begin(&r, target, &subject, directory);
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
    end(&r, &subject, directory);
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
