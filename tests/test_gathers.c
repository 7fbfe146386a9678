/* What pointers of an upcall lead to comes with its frame: the host's side of it. A library calls a trampoline, and this
 * is the caller's side of the protocol, without its plans. */
#include "call.h"

#include "client/client.h"

static enum fc__wire_op ask(struct fc__channel *channel, enum fc__wire_op op) {
    assert_true(fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, op));
    const uint32_t turn = fc__wire_wait(channel->line, 0, &channel->waiter, 0);
    assert_int_equal(turn & FC__WIRE_DEAD, 0);
    return FC__WIRE_OP(turn);
}

/* A library that calls `on(text, pair, more, number)` twelve times, and the line between it and this. */
struct stage {
    struct fc_library *library;
    struct fc__channel *channel;
    struct fc_wire_line *line;
    unsigned word_bytes;
};

static struct stage stage_open(const char *target) {
    struct stage stage = {.word_bytes = strncmp(target, "x86_64", 6) == 0 ? 8 : 4};
    struct fc__error err;
    assert_ok(fc_open(harness_library(target, "conformance_o0"), NULL, &stage.library));
    assert_int_equal(fc__channel_enter(stage.library->session, &stage.channel, &err), FC_OK);
    stage.line = stage.channel->line;
    return stage;
}

static void stage_close(struct stage *stage) {
    fc__channel_leave(stage->channel);
    fc_library_close(stage->library);
}

static uint64_t word_of(const struct stage *stage, unsigned index) {
    uint64_t word = 0;
    memcpy(&word, (const unsigned char *)stage->line->words + (size_t)index * stage->word_bytes, stage->word_bytes);
    return word;
}

static void begin(struct stage *stage, const struct fc__gathers *gathers, uint64_t seed) {
    struct fc_wire_line *line = stage->line;
    const bool is_64 = stage->word_bytes == 8;
    line->value = stage->library->handle;
    snprintf(fc__wire_text(line), FC__WIRE_TEXT_BYTES, "own_plain_events");
    assert_int_equal(ask(stage->channel, FC__WIRE_OP_SYMBOL), FC__WIRE_OP_DONE);
    const uint64_t function = line->value;
    line->value = 12345;
    line->words[0] = FC__FRAME_INFO(is_64 ? 0 : 4, is_64 ? 4 : 0, 0, FC__FRAME_RESULT_INTEGER, FC__FRAME_GATHERS);
    memcpy(&line->words[1], gathers, sizeof *gathers);
    fc__dispatch_prepare(stage->channel->session, stage->channel->generation);
    assert_int_equal(ask(stage->channel, FC__WIRE_OP_TRAMPOLINE), FC__WIRE_OP_DONE);
    const uint64_t words[] = {line->value, seed};
    for (unsigned i = 0; i < 2; i++) {
        memcpy((unsigned char *)line->words + (size_t)i * stage->word_bytes, &words[i], stage->word_bytes);
    }
    line->value = function;
    line->info = FC__FRAME_INFO(is_64 ? 0 : 2, is_64 ? 2 : 0, 0, FC__FRAME_RESULT_NONE, 0);
    assert_int_equal(ask(stage->channel, FC__WIRE_OP_CALL), FC__WIRE_OP_UPCALL);
    assert_int_equal(line->value & UINT64_C(0xffffffffff), 12345);
}

/* Answers with `seed`, which the next one is made of. */
static void next(struct stage *stage, uint64_t seed) {
    stage->line->value = seed;
    stage->line->info = 0;
    assert_int_equal(ask(stage->channel, FC__WIRE_OP_RETURN), FC__WIRE_OP_UPCALL);
}

static void end(struct stage *stage) {
    for (enum fc__wire_op op = FC__WIRE_OP_UPCALL; op == FC__WIRE_OP_UPCALL;) {
        stage->line->value = 0;
        op = ask(stage->channel, FC__WIRE_OP_RETURN);
        assert_true(op == FC__WIRE_OP_UPCALL || op == FC__WIRE_OP_DONE);
    }
}

static const unsigned char *behind_words(const struct stage *stage) {
    return (const unsigned char *)stage->line->words + 4 * (size_t)stage->word_bytes;
}

/* The struct and the number in their places, and behind them the texts. */
static struct fc__gathers all_of(const struct stage *stage) {
    const unsigned word = stage->word_bytes;
    return (struct fc__gathers){{{(uint16_t)word, 8},
                                 {(uint16_t)(3 * word), 4},
                                 {0, FC__GATHER_TEXT},
                                 {(uint16_t)(2 * word), FC__GATHER_TEXT}}};
}

TEST(pointees_come_with_the_frame) {
    for (EACH_TARGET(target)) {
        struct stage stage = stage_open(target);
        const struct fc__gathers gathers = all_of(&stage);
        begin(&stage, &gathers, 0);
        const unsigned char *at = behind_words(&stage);
        /* Round 0: two empty texts, and NULL for the others, whose places stay free. */
        assert_int_equal(FC__FRAME_GATHERED(stage.line->value), 4 | 8);
        assert_int_equal(word_of(&stage, 1), 0);
        assert_int_equal(at[16], '\0');
        assert_int_equal(at[24], '\0');
        /* Round 1: what malloc returned is not copied where the caller sees it. */
        next(&stage, 50);
        assert_int_equal(FC__FRAME_GATHERED(stage.line->value), 2 | 8);
        int number;
        memcpy(&number, at + 8, sizeof number);
        assert_int_equal(number, 50);
        assert_string_equal((const char *)at + 16, "a");
        /* Round 2: a struct on the stack, and two texts, the second behind the first. */
        next(&stage, 0);
        struct {
            int first;
            short second, third;
        } pair;
        assert_int_equal(FC__FRAME_GATHERED(stage.line->value), 1 | 2 | 4 | 8);
        memcpy(&pair, at, sizeof pair);
        assert_int_equal(pair.first, -2);
        assert_int_equal(pair.third, 2);
        assert_string_equal((const char *)at + 16, "a text of some length");
        assert_string_equal((const char *)at + 16 + 24, "a text of some length");
        /* Round 4: a text of more than 200 bytes, which there is room for once. */
        next(&stage, 0);
        next(&stage, 0);
        assert_int_equal(FC__FRAME_GATHERED(stage.line->value), 2 | 4);
        assert_int_equal(strlen((const char *)at + 16), 204);
        end(&stage);
        stage_close(&stage);
    }
}

TEST(pointees_that_do_not_fit_stay_where_they_are) {
    for (EACH_TARGET(target)) {
        struct stage stage = stage_open(target);
        const struct fc__gathers gathers = {
            {{0, FC__GATHER_TEXT}, {(uint16_t)(3 * stage.word_bytes), 257}, {0, 0}, {0, 0}}};
        begin(&stage, &gathers, 0);
        next(&stage, 50);
        assert_int_equal(FC__FRAME_GATHERED(stage.line->value), 0); /* a text in the heap; and too much */
        next(&stage, 0);
        assert_int_equal(FC__FRAME_GATHERED(stage.line->value), 1);
        end(&stage);
        stage_close(&stage);
    }
}
