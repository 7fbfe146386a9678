/* How values are passed and returned: random structs in frames that functions compiled by gcc are called with. */
#include "passing_random.h"

#include "abi/frame.h"

#include <dlfcn.h>

/* -- The functions ------------------------------------------------------------------------------------------------- */

/* What the compiled functions share with us: each writes its arguments one behind the other to `farcall_out`, and
 * returns what lies at `farcall_in`. */
struct compiled {
    void *library;
    unsigned char *in, *out;
};

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

static void load(const char *directory, struct compiled *compiled) {
    char path[100];
    snprintf(path, sizeof path, "%s/called.so", directory);
    compiled->library = dlopen(path, RTLD_NOW);
    assert_non_null(compiled->library);
    compiled->in = dlsym(compiled->library, "farcall_in");
    compiled->out = dlsym(compiled->library, "farcall_out");
    assert_true(compiled->in != NULL && compiled->out != NULL);
}

/* -- Calls --------------------------------------------------------------------------------------------------------- */

struct frame {
    uint64_t head, target;
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 128];
};

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
    const uint64_t hidden_address[2] = {(uintptr_t)hidden}; /* as large as an argument gets */
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
        put_argument(&places, &at[i], &passings[i], values[i], frame.words);
    }
    if (returned.kind == FC__PASSING_HIDDEN) {
        put_argument(&places, &hidden_at, &pointer, (const unsigned char *)hidden_address, frame.words);
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
    if (returned.kind == FC__PASSING_HIDDEN && (uintptr_t)results[0] != hidden_address[0]) {
        return RESULT_DIFFERS;
    }
    get_result(&returned, results, hidden, result);
    return is_same(subject, type->to, returned.size_bytes, result, compiled->in) ? AGREES : RESULT_DIFFERS;
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

TEST(passing_agrees_with_gcc_on_random_structs) {
    need_80_bits();
    check_random(20260101, "-O0");
}
TEST(passing_agrees_with_gcc_on_random_structs_optimised) {
    need_80_bits();
    check_random(20260102, "-O2");
}
