/* How values are passed and returned: random structs in frames of upcalls. A library that gcc compiled calls
 * trampolines, and this is the caller's side of the protocol, without its plans. */
#include "passing_random.h"

#include "client/client.h"

static void write_one(FILE *file, const struct fc__decl *decl) {
    write_calling(file, decl, "(*back)");
}

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
    fc__dispatch_prepare(channel->session, channel->generation);
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
    compile(flags, &subject, &r, write_one, directory);
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
