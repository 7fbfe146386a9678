/* tests: real libraries, bound through their real headers, as both targets' preprocessors see them, and their
 * sidecars. */
#ifndef FC_TESTS_REAL_H
#define FC_TESTS_REAL_H

#include "call.h"

#include <dlfcn.h>

enum { REAL_BOUND_MAX = 256 };

struct real {
    void *native; /* from dlopen: called directly; NULL: through farcall */
    struct fc_library *library;
    struct {
        const char *name;
        struct fc_function *function;
    } bound[REAL_BOUND_MAX];
    size_t bound_count;
};

#define EACH_REAL_TARGET(target) EACH_TARGET(target)

/* What `cc -E` prints of the header for the target; to be freed. */
static inline UNUSED_HERE char *real_preprocess(const char *target, const char *header, const char *flags) {
    char command[512];
    snprintf(command, sizeof command, "echo '#include <%s>' | cc -E -m%s %s -xc -", header,
             call_pointer_bytes(target) == 4 ? "32" : "64", flags);
    FILE *output = popen(command, "re"); /* NOLINT(cert-env33-c): a compiler, on a file of this test */
    require(output != NULL);
    char *text = call_read(output);
    assert_int_equal(pclose(output), 0);
    return text;
}

static inline UNUSED_HERE char *real_sidecar(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "../share/farcall/sidecars/%s", name);
    FILE *file = fopen(harness_source(path), "re");
    require(file != NULL);
    char *text = calloc(1, 1 << 20);
    require(text != NULL);
    require(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
    fclose(file);
    return text;
}

static inline UNUSED_HERE struct fc_declarations *real_declarations(const char *target, const char *header,
                                                                    const char *sidecar, const char *flags) {
    struct fc_declarations *declarations = NULL;
    char *here = real_preprocess(HARNESS_OWN_TARGET, header, flags), *there = real_preprocess(target, header, flags);
    char *notes = real_sidecar(sidecar);
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, header, here, there));
    assert_ok(fc_declarations_amend(declarations, sidecar, notes));
    free(here);
    free(there);
    free(notes);
    return declarations;
}

static inline UNUSED_HERE struct real *real_open(const char *target, const char *library, const char *header,
                                                 const char *sidecar, const char *flags) {
    struct real *lib = calloc(1, sizeof *lib);
    struct fc_options *options = fc_options_new();
    require(lib != NULL && options != NULL);
    assert_ok(fc_options_set_target(options, target));
    if (fc_open(library, options, &lib->library) != FC_OK) {
        fc_options_free(options);
        free(lib);
        skip_because("%s", fc_error_text());
    }
    fc_options_free(options);
    struct fc_declarations *declarations = real_declarations(target, header, sidecar, flags);
    assert_ok(fc_library_declare(lib->library, declarations));
    fc_declarations_free(declarations);
    return lib;
}

/* The library of this program's own bitness, in it. */
static inline UNUSED_HERE struct real *real_native(const char *library) {
    struct real *lib = calloc(1, sizeof *lib);
    require(lib != NULL);
    lib->native = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (lib->native == NULL) {
        free(lib);
        skip_because("%s", dlerror());
    }
    return lib;
}

static inline UNUSED_HERE void *real_symbol(const struct real *lib, const char *name) {
    void *symbol = dlsym(lib->native, name);
    require(symbol != NULL);
    return symbol;
}

static inline UNUSED_HERE void real_close(struct real *lib) {
    if (lib->native != NULL) {
        dlclose(lib->native);
    }
    fc_library_close(lib->library);
    free(lib);
}

static inline UNUSED_HERE struct fc_function *real_function(struct real *lib, const char *name) {
    for (size_t i = 0; i < lib->bound_count; i++) {
        if (strcmp(lib->bound[i].name, name) == 0) {
            return lib->bound[i].function;
        }
    }
    require(lib->bound_count < REAL_BOUND_MAX);
    struct fc_function *function = call_bind(lib->library, name);
    lib->bound[lib->bound_count].name = name;
    lib->bound[lib->bound_count++].function = function;
    return function;
}

/* A call of the function by its name. The header that this program is compiled with checks the arguments. */
#define REAL(lib, type, name, ...)                                                                                     \
    ({                                                                                                                 \
        type result_;                                                                                                  \
        if ((lib)->native != NULL) {                                                                                   \
            result_ = (type)((__typeof__(&name))real_symbol(lib, #name))(__VA_ARGS__);                                 \
        } else {                                                                                                       \
            assert_ok(fc_call(real_function(lib, #name), &result_ __VA_OPT__(, ) __VA_ARGS__));                        \
        }                                                                                                              \
        result_;                                                                                                       \
    })
#define REAL_VOID(lib, name, ...)                                                                                      \
    do {                                                                                                               \
        if ((lib)->native != NULL) {                                                                                   \
            ((__typeof__(&name))real_symbol(lib, #name))(__VA_ARGS__);                                                 \
        } else {                                                                                                       \
            assert_ok(fc_call(real_function(lib, #name), NULL __VA_OPT__(, ) __VA_ARGS__));                            \
        }                                                                                                              \
    } while (0)

#endif
