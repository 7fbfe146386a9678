/* How values are passed and returned on Windows: random functions that clang made for Microsoft's targets and gcc for
 * mingw's, called with frames and calling trampolines, under Wine. */
#include "passing_random.h"

#include "windows/frames.h"

#include "abi/value.h"
#include "client/wine.h"

enum { CALLS = 200 };

/* -- Random functions ---------------------------------------------------------------------------------------------- */

static void put_windows_struct(struct random *r, unsigned number) {
    static const char *const types[] = {PASSING_TYPES, "long double",    "char *",          "_Bool",
                                        "long long",   "float _Complex", "double _Complex", "long double _Complex"};
    const unsigned count = 1 + draw(r, 2) + draw(r, 2);
    const bool is_union = draw(r, 6) == 0;
    put(r, "struct s%u {%s", number, is_union ? " union {" : "");
    for (unsigned i = 0; i < count; i++) {
        if (number > 0 && draw(r, 5) == 0) {
            put(r, " struct s%u m%u;", draw(r, number), i);
        } else if (draw(r, 8) == 0) {
            put(r, " int m%u : %u;", i, 1 + draw(r, 32));
        } else {
            put(r, " %s m%u", types[draw(r, sizeof types / sizeof types[0])], i);
            put(r, draw(r, 5) == 0 ? "[%u];" : ";", 1 + draw(r, 4));
        }
    }
    put(r, "%s }%s;\n", is_union ? " };" : "", draw(r, 8) == 0 ? " __attribute__((packed))" : "");
}

static const char *any_type(struct random *r, unsigned number, char text[32]) {
    static const char *const scalars[] = {
        "int",  "int",         "double",         "float",           "long long",           "void *",
        "char", "long double", "float _Complex", "double _Complex", "long double _Complex"};
    const unsigned count = sizeof scalars / sizeof scalars[0], which = draw(r, 2 * count);
    if (which < count) {
        return scalars[which];
    }
    snprintf(text, 32, "struct s%u", draw(r, 2) == 0 ? number : draw(r, number + 1));
    return text;
}

/* What all compilers are of one opinion about where registers are left. */
static const char *plain_type(struct random *r) {
    static const char *const types[] = {"int", "char", "unsigned short", "void *", "float", "double"};
    return types[draw(r, sizeof types / sizeof types[0])];
}

/* `registers`: that the convention has. Structs behind these alone, where clang and Microsoft differ; and with
 * thiscall, as no method, gcc and clang agree on results that are no structs. */
static void put_function(struct random *r, unsigned number, const char *convention, unsigned registers) {
    char text[32];
    const bool is_method = strcmp(convention, "thiscall") == 0;
    const unsigned count = 1 + draw(r, PARAMS_MAX);
    put(r, "%s __attribute__((%s)) f%u(", is_method ? plain_type(r) : any_type(r, number, text), convention, number);
    for (unsigned i = 0, small = 0; i < count; i++) {
        const char *type = small < registers ? plain_type(r) : any_type(r, number, text);
        small += strcmp(type, "float") != 0 && strcmp(type, "double") != 0;
        put(r, "%s%s p%u", i > 0 ? ", " : "", type, i);
    }
    put(r, ");\n");
}

static void put_functions(struct random *r) {
    for (unsigned i = 0; i < CALLS; i++) {
        put_windows_struct(r, i);
        const unsigned which = r->is_64 ? 0 : draw(r, 5);
        put_function(r, i,
                     which == 1   ? "stdcall"
                     : which == 2 ? "fastcall"
                     : which == 3 ? "thiscall"
                                  : "cdecl",
                     which == 2   ? 2
                     : which == 3 ? 1
                                  : 0);
    }
}

/* A function as those of test_passing_random.c, and one that calls back as those of test_passing_upcalls.c. */
static void write_function(FILE *file, const struct fc__decl *decl) {
    const struct fc__type *type = decl->type;
    const char *convention = type->convention != NULL ? type->convention : "cdecl";
    char name[64], text[100];
    snprintf(name, sizeof name, "__attribute__((%s)) %s", convention, decl->name);
    write_head(file, type, name);
    fprintf(file, " { unsigned char *out = farcall_out;");
    for (uint32_t i = 0; i < type->param_count; i++) {
        fprintf(file, " __builtin_memcpy(out, &p%u, sizeof p%u); out += sizeof p%u;", i, i, i);
    }
    fprintf(file, " %s r; __builtin_memcpy(&r, farcall_in, sizeof r); return r; }\n",
            fc__decl_type_text(type->to, text, sizeof text));
    snprintf(name, sizeof name, "(__attribute__((%s)) *back)", convention);
    write_calling(file, decl, name);
}

static void write_functions(const char *directory, const struct subject *subject, const struct random *r) {
    char path[100];
    snprintf(path, sizeof path, "%s/functions.c", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\nunsigned char farcall_in[%d], farcall_out[%d];\n", r->text, (int)FRAMES_VALUE,
            (int)FRAMES_VALUES);
    for (const struct fc__decl *decl = subject->unit.first; decl != NULL; decl = decl->next) {
        write_function(file, decl);
    }
    for (unsigned table = 0; table < 2; table++) {
        fprintf(file, table == 0 ? "void *const farcall_functions[] = {" : "void *const farcall_callers[] = {");
        for (const struct fc__decl *decl = subject->unit.first; decl != NULL; decl = decl->next) {
            fprintf(file, "%s%s, ", table == 0 ? "" : "c_", decl->name);
        }
        fprintf(file, "};\n");
    }
    fclose(file);
}

/* -- What is called with ------------------------------------------------------------------------------------------- */

struct call {
    const struct fc__decl *decl;
    struct fc__places places;
    struct fc__passing passings[PARAMS_MAX], returned;
    struct fc__place at[PARAMS_MAX], hidden_at;
    uint64_t sizes[PARAMS_MAX];
    unsigned char values[PARAMS_MAX][FRAMES_VALUE], result[FRAMES_VALUE];
    struct frames_call asked;
};

static uint64_t size_of(struct subject *subject, const struct fc__type *type) {
    struct fc__extent_of_type extent;
    struct fc__error err;
    assert_int_equal(fc__layout_extent(&subject->layouts, type, &extent, &err), FC_OK);
    return extent.size_bytes;
}

/* clang asks of each member, too, whether it has a register's size, where Microsoft asks of the whole only. */
static bool has_odd_part(struct subject *subject, const struct fc__type *type) {
    const uint64_t bytes = size_of(subject, type);
    if (type->kind == FC__TYPE_ARRAY) {
        return has_odd_part(subject, type->to) || (bytes & (bytes - 1)) != 0;
    }
    bool is_odd = (bytes & (bytes - 1)) != 0;
    const bool is_record = type->kind == FC__TYPE_STRUCT || type->kind == FC__TYPE_UNION;
    for (uint32_t i = 0; is_record && i < type->body->member_count; i++) {
        is_odd = is_odd || has_odd_part(subject, type->body->members[i].type);
    }
    return is_odd;
}

/* False if something is too large, or of two opinions. */
static bool place(struct subject *subject, struct call *call) {
    const struct fc__target *target = subject->layouts.target;
    const struct fc__type *type = call->decl->type;
    const struct fc__passing pointer = fc__passing_of_pointer(target);
    call->places = fc__places_of(target, fc__calling_find(target, type->convention));
    call->returned = result_of(subject, type->to);
    const bool is_clangs = !target->is_gnu && target->word_bytes == 4;
    bool fits = call->returned.size_bytes <= FRAMES_VALUE &&
                !(is_clangs && call->returned.kind == FC__PASSING_REGISTERS && has_odd_part(subject, type->to));
    if (call->returned.kind == FC__PASSING_HIDDEN) {
        fits = fits && fc__places_take(&call->places, &pointer, &call->hidden_at);
    }
    for (uint32_t i = 0; fits && i < type->param_count; i++) {
        call->sizes[i] = size_of(subject, type->params[i].type);
        call->passings[i] = argument_of(subject, type->params[i].type);
        fits = call->sizes[i] <= FRAMES_VALUE && fc__places_take(&call->places, &call->passings[i], &call->at[i]);
    }
    return fits;
}

static void add_pointer(struct call *call, const struct fc__place *at, unsigned number, uint64_t bytes) {
    struct frames_call *asked = &call->asked;
    asked->pointers[asked->pointer_count].at = (uint16_t)fc__places_offset(&call->places, at, 0);
    asked->pointers[asked->pointer_count].to = (uint16_t)(number * FRAMES_VALUE);
    asked->pointers[asked->pointer_count].bytes = (uint16_t)bytes;
    asked->pointer_count++;
}

static void prepare(struct random *r, struct call *call, bool is_upcall) {
    struct frames_call *asked = &call->asked;
    const struct fc__type *type = call->decl->type;
    const uint32_t count = type->param_count;
    asked->is_upcall = is_upcall;
    asked->info = fc__places_info(&call->places, call->returned.frame_result, call->returned.frame_flags);
    asked->info = is_upcall ? fc__places_trampoline_info(&call->places, asked->info) : asked->info;
    asked->hidden_at = FRAMES_NONE;
    fill(r, asked->words, sizeof asked->words); /* what is beside the values may be anything */
    unsigned char *in = asked->in;
    for (uint32_t i = 0; i < count; i++) {
        fill(r, call->values[i], call->sizes[i]);
        if (call->passings[i].kind == FC__PASSING_REFERENCE) {
            add_pointer(call, &call->at[i], i, call->sizes[i]);
            memcpy(asked->memory + i * (size_t)FRAMES_VALUE, call->values[i], FRAMES_VALUE);
        } else {
            put_argument(&call->places, &call->at[i], &call->passings[i], call->values[i], asked->words);
        }
        if (is_upcall) {
            memcpy(in, call->values[i], (size_t)call->sizes[i]);
            in += call->sizes[i];
        }
    }
    fill(r, call->result, call->returned.size_bytes);
    if (!is_upcall) {
        memcpy(asked->in, call->result, FRAMES_VALUE);
    } else if (call->returned.kind == FC__PASSING_X87) {
        unsigned char wide[16];
        fc__value_long_double(call->result, call->returned.size_bytes, wide, sizeof wide);
        memcpy(asked->results, wide, sizeof wide);
    } else {
        memcpy(asked->results, call->result, 8);
    }
    if (call->returned.kind == FC__PASSING_HIDDEN && is_upcall) {
        asked->hidden_at = fc__places_offset(&call->places, &call->hidden_at, 0);
        asked->results[1] = call->returned.size_bytes;
        memcpy(asked->result, call->result, FRAMES_VALUE);
    } else if (call->returned.kind == FC__PASSING_HIDDEN) {
        add_pointer(call, &call->hidden_at, count, call->returned.size_bytes);
    }
}

static bool result_agrees(struct subject *subject, const struct call *call, const struct frames_answer *answer) {
    const uint32_t hidden = call->decl->type->param_count * FRAMES_VALUE;
    unsigned char value[VALUE_MAX] = {0};
    if (call->asked.is_upcall) {
        memcpy(value, answer->out, FRAMES_VALUE);
    } else if (call->returned.kind == FC__PASSING_X87) {
        fc__value_long_double((const unsigned char *)answer->results, 16, value, call->returned.size_bytes);
    } else {
        get_result(&call->returned, answer->results, answer->memory + hidden, value);
    }
    const bool is_there = call->asked.is_upcall || call->returned.kind != FC__PASSING_HIDDEN ||
                          (uint32_t)answer->result_in_memory == hidden;
    return is_there && is_same(subject, call->decl->type->to, call->returned.size_bytes, value, call->result);
}

static enum outcome compare(struct subject *subject, const struct call *call, const struct frames_answer *answer,
                            uint32_t *ret_index) {
    const struct fc__type *type = call->decl->type;
    const unsigned char *out = answer->out;
    for (uint32_t i = 0; i < type->param_count; i++) {
        unsigned char value[FRAMES_VALUE] = {0};
        if (!call->asked.is_upcall) {
            memcpy(value, out, (size_t)call->sizes[i]);
            out += call->sizes[i];
        } else if (call->passings[i].kind == FC__PASSING_REFERENCE) {
            memcpy(value, answer->memory + i * (size_t)FRAMES_VALUE, FRAMES_VALUE);
        } else {
            get_argument(&call->places, &call->at[i], &call->passings[i], answer->words, value);
        }
        if (!is_same(subject, type->params[i].type, call->sizes[i], value, call->values[i])) {
            *ret_index = i;
            return ARGUMENT_DIFFERS;
        }
    }
    *ret_index = 0;
    return result_agrees(subject, call, answer) ? AGREES : RESULT_DIFFERS;
}

/* -- The programs -------------------------------------------------------------------------------------------------- */

static void need(const char *command) {
    char line[100];
    snprintf(line, sizeof line, "command -v %s >/dev/null", command);
    if (system(line) != 0) { /* NOLINT(cert-env33-c) */
        skip_because("%s, which makes programs for Windows, is not installed", command);
    }
}

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...) {
    char command[8192];
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a compiler and its programs, on files of this test */
}

static const char *machine_of(const struct random *r) {
    return r->is_64 ? "x86_64" : "i686";
}

static void build(const char *directory, const struct random *r, bool is_gnu, const char *flags) {
    const char *machine = machine_of(r), *source = getenv("FARCALL_TEST_SOURCE");
    if (is_gnu) {
        run("cd %s && %s-w64-mingw32-gcc %s -w -c functions.c", directory, machine, flags);
    } else {
        run("cd %s && clang --target=%s-pc-windows-msvc %s -w -c functions.c", directory, machine, flags);
    }
    run("cd %s && %s-w64-mingw32-gcc -O1 -Wall -Wextra -Werror -I'%s/../src' -o frames.exe '%s/windows/frames.c' "
        "functions.o '%s/../src/abi/'*.S",
        directory, machine, source, source, source);
}

/* Wine's server is ended, so that nothing of the prefix is in use when it goes. */
static void run_program(const char *directory, const struct random *r) {
    struct fc__wine wine;
    struct fc__error err;
    char cache[100];
    snprintf(cache, sizeof cache, "XDG_CACHE_HOME=%s", directory);
    char *environment[] = {cache, NULL};
    const char *target = r->is_64 ? "x86_64-windows" : "i386-windows";
    if (fc__wine_prepare(fc__target_find(target), environment, &wine, &err) != FC_OK) {
        discard(directory);
        skip_because("Windows programs cannot be started: %s", err.text);
    }
    run("cd %s && export WINEPREFIX='%s' WINEDEBUG=-all WINEDLLOVERRIDES=winedbg.exe=d; timeout -s KILL 60 '%s' "
        "frames.exe calls answers; status=$?; "
        "\"$(command -v wineserver || echo /usr/lib/wine/wineserver)\" -k; exit $status",
        directory, wine.prefix, wine.loader);
    fc__wine_done(&wine);
}

static FILE *open_file(const char *directory, const char *name, const char *mode) {
    char path[100];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    return file;
}

static unsigned write_calls(const char *directory, struct subject *subject, struct random *r, struct call *calls) {
    FILE *file = open_file(directory, "calls", "w");
    unsigned count = 0, number = 0;
    for (const struct fc__decl *decl = subject->unit.first; decl != NULL; decl = decl->next, number++) {
        for (unsigned is_upcall = 0; is_upcall < 2; is_upcall++) {
            struct call *call = &calls[count];
            memset(call, 0, sizeof *call);
            call->decl = decl;
            call->asked.function = number;
            if (place(subject, call)) {
                prepare(r, call, is_upcall != 0);
                assert_int_equal(fwrite(&call->asked, sizeof call->asked, 1, file), 1);
                count++;
            }
        }
    }
    fclose(file);
    return count;
}

static void check(uint32_t seed, const char *target, const char *flags) {
    const bool is_gnu = strstr(target, "-gnu") != NULL;
    struct random r = {.text = calloc(1, SOURCE_MAX), .state = seed, .is_64 = strncmp(target, "x86", 3) == 0};
    struct subject subject;
    struct frames_answer answer;
    struct call *calls = calloc(2 * (size_t)CALLS, sizeof *calls);
    char directory[] = "/tmp/farcall-frames-XXXXXX";
    unsigned counts[TOO_LONG + 1] = {0};
    require(r.text != NULL && calls != NULL);
    need_80_bits();
    need(is_gnu ? "gcc" : "clang");
    need("i686-w64-mingw32-gcc");
    need("x86_64-w64-mingw32-gcc");
    assert_non_null(mkdtemp(directory));
    put_functions(&r);
    open_subject(&subject, target, r.text);
    write_functions(directory, &subject, &r);
    build(directory, &r, is_gnu, flags);
    const unsigned count = write_calls(directory, &subject, &r, calls);
    run_program(directory, &r);
    FILE *answers = open_file(directory, "answers", "r");
    for (unsigned i = 0; i < count; i++) {
        uint32_t index = 0;
        assert_int_equal(fread(&answer, sizeof answer, 1, answers), 1);
        const enum outcome outcome = compare(&subject, &calls[i], &answer, &index);
        count_outcome(&r, calls[i].decl, outcome, index, counts);
    }
    fclose(answers);
    free(calls);
    discard(directory);
    end_random(&r, &subject, flags, CALLS, counts);
}

TEST(frames_agree_with_clang_for_i386_windows) {
    check(20260201, "i386-windows", "-O0");
}
TEST(frames_agree_with_clang_for_x86_64_windows) {
    check(20260202, "x86_64-windows", "-O1 -mno-stack-arg-probe");
}
TEST(frames_agree_with_mingw_for_i386_windows) {
    check(20260203, "i386-windows-gnu", "-O1");
}
TEST(frames_agree_with_mingw_for_x86_64_windows) {
    check(20260204, "x86_64-windows-gnu", "-O0");
}
