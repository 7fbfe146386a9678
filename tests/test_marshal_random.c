/* Marshalling of whatever C can declare: generated structs and functions with random values, called directly and through
 * farcall; what either side sees must be equal. CONTRIBUTING.md says how other seeds are run. */
#include "marshal_random.h"

#include "marshal_random/round.h"

#include <dlfcn.h>

enum { ROUNDS = 30, FAILURES_SHOWN = 5 };

struct seen {
    const char *what;
    unsigned long long value;
};

struct subject {
    struct random random;
    uint32_t seed;
    const char *flags;
    char folder[40];
    void *driver, *direct;
    const struct driven *functions;
    const struct seen *(*seen)(unsigned *ret_count);
    unsigned called, failed;
};

/* -- making the code ----------------------------------------------------------------------------------------------- */

static FILE *create(const struct subject *s, const char *name) {
    char path[100];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *file = fopen(path, "w");
    require(file != NULL);
    return file;
}

static void write_code(const struct subject *s) {
    char *const *text = s->random.text;
    FILE *file = create(s, "called.h");
    fprintf(file, "#include \"marshal_random/numbers.h\"\ntypedef unsigned long long sum_t;\n%s%s", text[TYPES],
            text[FUNCTIONS_DECLARED]);
    fclose(file);
    file = create(s, "library.c");
    fprintf(file,
            "#include \"marshal_random/side.h\"\n#include \"called.h\"\n%s%s"
            "unsigned library_seen(void) { return seen_count; }\n"
            "const char *library_what(unsigned i) { return seen_list[i].what; }\n"
            "sum_t library_value(unsigned i) { return seen_list[i].value; }\n",
            text[WALKS], text[LIBRARY]);
    fclose(file);
    file = create(s, "driver.c");
    fprintf(file, "#include \"marshal_random/driver.h\"\n#include \"called.h\"\n%s%s%s", text[WALKS], text[BUILDS],
            text[DRIVER]);
    fclose(file);
}

static void compile(const struct subject *s, const char *format, unsigned bits) {
    char command[1000];
    size_t used = (size_t)snprintf(command, sizeof command, "cd %s && ", s->folder);
    used += (size_t)snprintf(command + used, sizeof command - used, format, bits, bits);
    snprintf(command + used, sizeof command - used, " -m%u -I. -I'%s' %s 2>errors || { head errors; false; }", bits,
             harness_source("."), bits == 32 ? "-msse2 -mfpmath=sse" : "");
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a compiler, on files of this test */
}

static void make(struct subject *s) {
    const unsigned own = call_pointer_bytes(HARNESS_OWN_TARGET) * 8;
    char format[200];
    strcpy(s->folder, "/tmp/farcall-marshal-XXXXXX");
    require(mkdtemp(s->folder) != NULL);
    s->random.state = s->seed * 2654435761u | 1;
    for (unsigned i = 0; i < SECTIONS; i++) {
        s->random.text[i] = calloc(1, SECTION_MAX);
        require(s->random.text[i] != NULL);
    }
    put_all(&s->random);
    write_code(s);
    snprintf(format, sizeof format, "gcc %s -w -Wno-psabi -shared -fPIC -o library%%u.so library.c", s->flags);
    for (unsigned bits = 32; bits <= 64; bits += 32) {
        compile(s, format, bits);
        compile(s, "gcc -E -P -DFARCALL_ANNOTATIONS -o called%u.i called.h", bits);
    }
    compile(s, "gcc -g -O1 -fno-strict-aliasing -w -Wno-psabi -shared -fPIC -o driver.so driver.c", own);
}

static void *load(const struct subject *s, const char *format, unsigned bits) {
    char path[100];
    size_t used = (size_t)snprintf(path, sizeof path, "%s/", s->folder);
    snprintf(path + used, sizeof path - used, format, bits);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fail_msg("%s", dlerror());
    }
    return library;
}

static void discard(struct subject *s) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", s->folder);
    if (getenv("FARCALL_TEST_KEEP") != NULL) {
        printf("  kept: %s\n", s->folder);
    } else {
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    }
    for (unsigned i = 0; i < SECTIONS; i++) {
        free(s->random.text[i]);
    }
}

/* -- what is said of a failure ------------------------------------------------------------------------------------- */

/* The line of the text that has this in it. */
static void show_line(const char *text, const char *part) {
    const char *line = strstr(text, part);
    while (line != NULL && line > text && line[-1] != '\n') {
        line--;
    }
    if (line != NULL) {
        printf("    %.*s\n", (int)strcspn(line, "\n"), line);
    }
}

static bool say(struct subject *s, unsigned index, const char *where, unsigned long long seed) {
    char part[32];
    if (s->failed++ >= FAILURES_SHOWN) {
        return false;
    }
    printf("  seed %u, %s, f%u, %s, round %llu:\n", s->seed, s->flags, index, where, seed);
    snprintf(part, sizeof part, " f%u(", index);
    show_line(s->random.text[FUNCTIONS_DECLARED], part);
    return true;
}

static void show_struct(const struct subject *s, const char *what) {
    char part[32];
    snprintf(part, sizeof part, "struct %.*s {", (int)strcspn(what, "."), what);
    show_line(s->random.text[TYPES], part);
}

/* -- the calls ----------------------------------------------------------------------------------------------------- */

struct sight {
    struct seen *list;
    unsigned count;
};
static struct sight look(const struct subject *s) {
    struct sight sight;
    const struct seen *list = s->seen(&sight.count);
    sight.list = malloc(sizeof *list * (sight.count + 1));
    require(sight.list != NULL);
    memcpy(sight.list, list, sizeof *list * sight.count);
    return sight;
}

/* What the two libraries themselves saw differently, where that is why. */
static void show_libraries(const struct subject *s, struct fc_library *library) {
    unsigned (*const count)(void) = (unsigned (*)(void))dlsym(s->direct, "library_seen");
    const char *(*const what)(unsigned) = (const char *(*)(unsigned))dlsym(s->direct, "library_what");
    unsigned long long (*const value)(unsigned) = (unsigned long long (*)(unsigned))dlsym(s->direct, "library_value");
    struct fc_function *value_there = call_bind(library, "unsigned long long library_value(unsigned i)");
    for (unsigned i = 0; i < count(); i++) {
        unsigned long long there = 0;
        assert_ok(fc_call(value_there, &there, i));
        if (there != value(i)) {
            printf("    the library saw %s (%u) as 0x%llx, not 0x%llx\n", what(i), i, there, value(i));
            show_struct(s, what(i));
            break;
        }
    }
}

static void compare(struct subject *s, unsigned index, const struct round *round, const char *where,
                    struct fc_library *library, const struct sight *expected) {
    unsigned count;
    const struct seen *list = s->seen(&count);
    if (round->rc != FC_OK) {
        if (say(s, index, where, round->seed)) {
            printf("    %s: %s\n", fc_strerror(round->rc), fc_error_text());
        }
        return;
    }
    for (unsigned i = 0; i < count || i < expected->count; i++) {
        if (i < count && i < expected->count && list[i].value == expected->list[i].value) {
            continue;
        }
        if (say(s, index, where, round->seed)) {
            const struct seen *here = i < expected->count ? &expected->list[i] : &(struct seen){"the end", 0};
            printf("    %s (%u of %u) is 0x%llx, not 0x%llx\n", here->what, i, expected->count,
                   i < count ? list[i].value : 0, here->value);
            show_struct(s, here->what);
            for (unsigned k = 0; getenv("FARCALL_TEST_KEEP") != NULL && k <= i && k < expected->count; k++) {
                printf("      %u: %s 0x%llx\n", k, expected->list[k].what, expected->list[k].value);
            }
            show_libraries(s, library);
        }
        return;
    }
}

static void declare(const struct subject *s, struct fc_library *library, const char *target) {
    struct fc_declarations *declarations = NULL;
    char *text[2];
    const char *const targets[2] = {HARNESS_OWN_TARGET, target};
    for (unsigned i = 0; i < 2; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/called%u.i", s->folder, call_pointer_bytes(targets[i]) * 8);
        FILE *file = fopen(path, "r");
        require(file != NULL);
        text[i] = call_read(file);
        fclose(file);
    }
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, "called.h", text[0], text[1]));
    const char *skipped = fc_declarations_skipped(declarations, 0);
    if (skipped != NULL) {
        fail_msg("seed %u: %s", s->seed, skipped);
    }
    assert_ok(fc_library_declare(library, declarations));
    fc_declarations_free(declarations);
    free(text[0]);
    free(text[1]);
}

static void run_through(struct subject *s, const char *target, const char *backend) {
    struct fc_library *library = NULL;
    struct fc_options *options = fc_options_new();
    char path[100], where[64];
    snprintf(path, sizeof path, "%s/library%u.so", s->folder, call_pointer_bytes(target) * 8);
    snprintf(where, sizeof where, "%s %s", target, backend);
    assert_ok(fc_options_set_backend(options, backend));
    assert_ok(fc_open(path, options, &library));
    fc_options_free(options);
    declare(s, library, target);
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        struct round round = {.direct = NULL};
        const struct driven *driven = &s->functions[i];
        if (fc_bind(library, driven->name, &round.function) != FC_OK) {
            if (say(s, i, where, 0)) {
                printf("    fc_bind: %s\n", fc_error_text());
            }
            continue;
        }
        for (round.seed = 1; round.seed <= call_scaled(ROUNDS); round.seed++) {
            struct round direct = {.seed = round.seed, .direct = dlsym(s->direct, driven->name)};
            require(direct.direct != NULL);
            driven->run(&direct);
            struct sight expected = look(s);
            round.call = round.seed % 2 == 0 ? fc_call : NULL;
            round.call_array = fc_call_array;
            driven->run(&round);
            const unsigned failed = s->failed;
            compare(s, i, &round, where, library, &expected);
            free(expected.list);
            s->called++;
            if (s->failed != failed) {
                break;
            }
        }
    }
    fc_library_close(library);
}

static unsigned failures_of(uint32_t seed, const char *flags) {
    struct subject s = {.seed = seed, .flags = flags};
    make(&s);
    s.driver = load(&s, "driver.so", 0);
    s.direct = load(&s, "library%u.so", call_pointer_bytes(HARNESS_OWN_TARGET) * 8);
    s.functions = dlsym(s.driver, "driver_functions");
    s.seen = (const struct seen *(*)(unsigned *))dlsym(s.driver, "driver_seen");
    require(s.functions != NULL && s.seen != NULL);
    run_through(&s, HARNESS_OTHER_TARGET, "process");
    run_through(&s, HARNESS_OWN_TARGET, "process");
    run_through(&s, HARNESS_OWN_TARGET, "direct");
    printf("seed %u, %s: %u functions, %u calls, %u functions failed\n", seed, flags, (unsigned)FUNCTIONS, s.called,
           s.failed);
    fflush(stdout);
    discard(&s);
    dlclose(s.direct);
    dlclose(s.driver);
    return s.failed;
}

static uint32_t number_of(const char *variable, uint32_t otherwise) {
    const char *text = getenv(variable);
    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

TEST(marshalling_of_random_structs_agrees_with_direct_calls) {
    const uint32_t seed = number_of("FARCALL_TEST_SEED", 1);
    unsigned failures = 0;
    for (uint32_t i = 0; i < number_of("FARCALL_TEST_SEEDS", 2); i++) {
        failures += failures_of(seed + i, (seed + i) % 2 == 0 ? "-O0" : "-O2");
    }
    assert_int_equal(failures, 0);
}
