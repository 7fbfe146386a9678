/* Calls with one pointer to something small, which goes with the frame. */
#include "call.h"
#include "libs/payloads.h"

#include <sys/mman.h>

#define CHANGE MIXED "long mixed_change(_Inout_opt_ struct mixed *mixed)"

static const struct mixed some = {-1, -2000, 300000, 4000000000u, 5.5f, -6.25, -70000, 200};

/* In callbacks too. */
static bool is_changed(const struct mixed *mixed) {
    return mixed->a == some.a + 1 && mixed->b == some.b + 1 && mixed->c == some.c + 1 && mixed->d == some.d + 1 &&
           mixed->e == some.e + 1 && mixed->f == some.f + 1 && mixed->g == some.g + 1 && mixed->h == some.h + 1;
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

TEST(payload_struct_goes_and_comes_back) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *change = call_bind(library, CHANGE);
        long sum = 0;
        for (int i = 0; i < 3; i++) {
            struct mixed mixed = some;
            mixed.d = 40;
            assert_ok(fc_call(change, &sum, &mixed));
            assert_int_equal(sum, -1 - 2000 + 300000 + 40 + 5 - 6 - 70000 + 200);
            mixed.d = some.d + 1;
            assert_true(is_changed(&mixed));
            mixed = some;
            void *const arguments[] = {&(struct mixed *){&mixed}};
            assert_ok(fc_call_array(change, NULL, 1, arguments));
            assert_true(is_changed(&mixed));
        }
        assert_ok(fc_call(change, &sum, NULL));
        assert_int_equal(sum, -1);
        fc_library_close(library);
    }
}

TEST(payload_lies_among_other_arguments) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        int result = 0;
        struct mixed mixed;
        memcpy(&mixed, &some, sizeof some); /* what is between the members, too */
        assert_ok(fc_call(
            call_bind(library, MIXED "int mixed_sum(int before, _In_ const struct mixed *mixed, double behind)"),
            &result, 5, &mixed, 6.5));
        assert_int_equal(result, 5 + some.c + some.g + 6);
        assert_memory_equal(&mixed, &some, sizeof some);
        assert_ok(fc_call(call_bind(library, MIXED "int among(int a, int b, int c, int d, _Inout_ struct mixed *mixed, "
                                                   "int e, int f, int g)"),
                          &result, 1, 2, 3, 4, &mixed, 5, 6, 7));
        assert_int_equal(result, some.b);
        assert_int_equal(mixed.c, 1 + 4 + 9 + 16 + 25 + 36 + 49);
        assert_int_equal(mixed.h, 1);
        assert_true(mixed.f == some.f);
        fc_library_close(library);
    }
}

TEST(payload_integers_change_their_width) {
    struct widths {
        long first;
        int among[3];
        size_t second;
        struct {
            unsigned long third;
            char text[5];
        } inner[2];
    };
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct widths widths = {-5, {1, -2, 30}, (size_t)-2, {{40, "abcd"}, {50, "efgh"}}};
        int sum = 0;
        assert_ok(
            fc_call(call_bind(library, "struct widths { long first; int among[3]; size_t second; struct { unsigned "
                                       "long third; char text[5]; } inner[2]; }; "
                                       "int widths_negate(_Inout_ struct widths *widths)"),
                    &sum, &widths));
        assert_int_equal(sum, 29);
        assert_int_equal(widths.first, 5);
        assert_int_equal(widths.among[2], -30);
        assert_true(widths.second == (size_t)-1);
        assert_int_equal(widths.inner[0].third, 42);
        assert_string_equal(widths.inner[0].text, "bbcd");
        assert_int_equal(widths.inner[1].third, 52);
        assert_string_equal(widths.inner[1].text, "ffgh");
        fc_library_close(library);
    }
}

TEST(payload_that_does_not_fit_is_an_error_before_the_call) {
    if (call_is_direct() || sizeof(long) != 8) {
        skip_because("a long fits everywhere");
    }
    struct fc_library *library = call_open("i386-linux", "payloads");
    struct mixed mixed = some;
    mixed.g = (long)INT64_C(0x123456789);
    struct mixed before;
    memcpy(&before, &mixed, sizeof before);
    assert_error(fc_call(call_bind(library, CHANGE), NULL, &mixed), FC_ERANGE,
                 "member `g` of argument `mixed` of mixed_change is 4886718345");
    assert_error_text("nothing was sent");
    assert_memory_equal(&mixed, &before, sizeof before);
    assert_int_equal(call_count(library), 0);
    mixed.g = 1;
    assert_ok(fc_call(call_bind(library, CHANGE), NULL, &mixed));
    assert_int_equal(mixed.g, 2);
    fc_library_close(library);
}

TEST(payload_that_comes_back_and_does_not_fit_is_an_error_behind_the_call) {
    if (call_is_direct() || sizeof(long) != 4) {
        skip_because("a long fits here");
    }
    struct fc_library *library = call_open("x86_64-linux", "payloads");
    struct mixed mixed = some;
    long value = 5;
    assert_error(fc_call(call_bind(library, "void largest_long(_Inout_ long *value)"), NULL, &value), FC_ERANGE,
                 "output `value` of largest_long is 4886718345");
    assert_error_text("the call was made");
    assert_int_equal(value, 5);
    mixed.g = 0x7fffffff;
    assert_error(fc_call(call_bind(library, CHANGE), NULL, &mixed), FC_ERANGE,
                 "member `g` of output `mixed` of mixed_change is 2147483648");
    assert_int_equal(mixed.h, some.h + 1); /* all that fits is there */
    fc_library_close(library);
}

TEST(payload_that_was_not_written_stays) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct mixed mixed;
        memcpy(&mixed, &some, sizeof some);
        long value = 123456;
        assert_ok(fc_call(call_bind(library, MIXED "void mixed_write_c(_Out_ struct mixed *mixed)"), NULL, &mixed));
        assert_int_equal(mixed.c, 77);
        mixed.c = some.c;
        assert_memory_equal(&mixed, &some, sizeof some);
        assert_ok(fc_call(call_bind(library, "void leave_long(_Out_ long *value)"), NULL, &value));
        assert_int_equal(value, 123456);
        fc_library_close(library);
    }
}

TEST(payload_that_is_not_changed_may_be_constant) {
    struct mixed *mixed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(mixed != MAP_FAILED);
    *mixed = some;
    mixed->c = 77;
    assert_int_equal(mprotect(mixed, 4096, PROT_READ), 0);
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *write_c = call_bind(library, MIXED "void mixed_write_c(_Inout_ struct mixed *mixed)");
        if (!call_is_direct()) {
            assert_ok(fc_call(write_c, NULL, mixed)); /* to what it was */
        }
        fc_library_close(library);
    }
    munmap(mixed, 4096);
}

#define TURN(size)                                                                                                     \
    do {                                                                                                               \
        struct {                                                                                                       \
            unsigned char bytes[size], behind;                                                                         \
        } block = {.behind = 0x5a};                                                                                    \
        unsigned sum = 0, expected = 0;                                                                                \
        for (unsigned i = 0; i < (size); i++) {                                                                        \
            block.bytes[i] = (unsigned char)(i * 7 + 3);                                                               \
            expected += block.bytes[i] * (i + 1);                                                                      \
        }                                                                                                              \
        struct fc_function *turn =                                                                                     \
            call_bind(library, "struct block" #size " { unsigned char bytes[" #size "]; }; unsigned block" #size       \
                               "_turn(_Inout_ struct block" #size " *block)");                                         \
        assert_ok(fc_call(turn, &sum, &block));                                                                        \
        assert_int_equal(sum, expected);                                                                               \
        assert_int_equal(block.behind, 0x5a);                                                                          \
        for (unsigned i = 0; i < (size); i++) {                                                                        \
            assert_int_equal(block.bytes[i], (unsigned char)(i * 7 + 3) ^ 0xff);                                       \
        }                                                                                                              \
    } while (0)

/* Around the ends of the line, of the next one, and of what goes this way. */
TEST(payload_of_any_size) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        TURN(1);
        TURN(7);
        TURN(8);
        TURN(40);
        TURN(41);
        TURN(104);
        TURN(105);
        TURN(511);
        TURN(512);
        TURN(513);
        TURN(2000);
        fc_library_close(library);
    }
}

TEST(payload_is_aligned_and_shared_memory_is_none) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_session *session = fc_library_session(library);
        long double number = 1;
        unsigned misaligned = 1, place = 0;
        if (strcmp(target, HARNESS_OWN_TARGET) == 0) {
            assert_ok(fc_call(call_bind(library, "unsigned alignment_of(_In_ const long double *number)"), &misaligned,
                              &number));
            assert_int_equal(misaligned, 0);
        }
        double *shared = fc_alloc(session, sizeof *shared);
        char *text = fc_alloc(session, 8);
        assert_true(shared != NULL && text != NULL);
        assert_ok(fc_call(call_bind(library, "unsigned place_of(_In_ const double *number)"), &place, shared));
        assert_int_equal(place, (unsigned)(uintptr_t)shared);
        assert_ok(fc_call(call_bind(library, "unsigned text_place(_In_z_ const char *text)"), &place, text));
        assert_int_equal(place, (unsigned)(uintptr_t)text);
        fc_free(session, shared);
        fc_free(session, text);
        fc_library_close(library);
    }
}

/* -- strings ------------------------------------------------------------------------------------------------------- */

static unsigned text_sum(const char *text) {
    unsigned sum = 0;
    for (; *text != '\0'; text++) {
        sum = sum * 31 + (unsigned char)*text;
    }
    return sum;
}

TEST(payload_string_of_any_length) {
    char text[700];
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *sum_of = call_bind(library, "unsigned text_sum(_In_opt_z_ const char *text)");
        unsigned sum = 1;
        for (size_t len = 0; len < sizeof text; len++) {
            memset(text, 'a' + (int)(len % 26), len);
            text[len] = '\0';
            assert_ok(fc_call(sum_of, &sum, text));
            assert_int_equal(sum, text_sum(text));
        }
        assert_ok(fc_call(sum_of, &sum, NULL));
        assert_int_equal(sum, 0);
        fc_library_close(library);
    }
}

TEST(payload_string_comes_from_wherever_it_is) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *made = call_bind(library, "const char *text_made(int which)");
        const char *text = "";
        for (int i = 0; i < 2; i++) {
            assert_ok(fc_call(made, &text, 0));
            assert_null(text);
            assert_ok(fc_call(made, &text, 1));
            assert_string_equal(text, "made");
            assert_ok(fc_call(made, &text, 2));
            assert_string_equal(text, "static");
            assert_ok(fc_call(made, NULL, 2));
        }
        fc_library_close(library);
    }
}

/* -- in upcalls ---------------------------------------------------------------------------------------------------- */

static struct fc_library *in_use;
static int depth;

static int on_call(int value) {
    struct mixed mixed = some;
    mixed.d = 40;
    require(fc_call(call_bind(in_use, CHANGE), NULL, &mixed) == FC_OK);
    mixed.d = some.d + 1;
    require(is_changed(&mixed));
    char text[500];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    unsigned sum = 0;
    assert_ok(fc_call(call_bind(in_use, "unsigned text_sum(_In_opt_z_ const char *text)"), &sum, text));
    require(sum == text_sum(text));
    if (depth++ < 3) {
        int same = 0;
        mixed.c = value + 1;
        assert_ok(fc_call(call_bind(in_use, MIXED "int mixed_calls_back(_Inout_ struct mixed *mixed)"), &same, &mixed));
        require(same == 1);
        require(mixed.h == 99);
    }
    return value + 1000;
}

TEST(payload_outlives_upcalls) {
    for (EACH_TARGET(target)) {
        in_use = call_open(target, "payloads");
        depth = 0;
        struct fc_function *calls_back = call_bind(in_use, MIXED "int mixed_calls_back(_Inout_ struct mixed *mixed)");
        assert_ok(fc_call(call_bind(in_use, "void keep(int (*function)(int value))"), NULL, on_call));
        for (int i = 0; i < 3; i++) {
            struct mixed mixed = some;
            int same = 0;
            assert_ok(fc_call(calls_back, &same, &mixed));
            assert_int_equal(same, 1);
            assert_int_equal(mixed.c, some.c + 1000);
            assert_int_equal(mixed.h, 99);
            assert_int_equal(mixed.g, some.g);
        }
        assert_int_equal(depth, 6);
        fc_library_close(in_use);
    }
}
