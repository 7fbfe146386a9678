/* Argument lists of every shape: the callee's checksum of what arrived is the one computed here, for libraries built
 * with and without optimisation. */
#include "call.h"
#include "libs/shapes.h"

static const char *const builds[] = {"shapes", "shapes_o0"};
enum { BUILDS = 2 };

/* -- lists that were written down ---------------------------------------------------------------------------------- */

static double random_double(void) {
    return (double)(int64_t)call_random_length() / (1 << call_random() % 20);
}

/* A value of the type; `long` keeps to what every target's has. */
#define RANDOM(type)                                                                                                   \
    (type) _Generic((type)0, float                                                                                     \
                    : random_double(), double                                                                          \
                    : random_double(), long                                                                            \
                    : (int32_t)call_random_length(), default                                                           \
                    : (type)call_random_length())
#define DECLARE(n, type) type a##n = RANDOM(type)
#define VALUE(n, type) a##n
#define ADDRESS(n, type) &a##n

/* By an argument list and by an array. */
#define SHAPE(name, ...)                                                                                               \
    static void call_##name(struct fc_function *function) {                                                            \
        uint64_t sum = 0, result = 0;                                                                                  \
        SHAPES_FOR_EACH(DECLARE, SHAPES_SEMICOLON, __VA_ARGS__);                                                       \
        SHAPES_FOR_EACH(SHAPES_MIX, SHAPES_COMMA, __VA_ARGS__);                                                        \
        void *const arguments[] = {SHAPES_FOR_EACH(ADDRESS, SHAPES_COMMA, __VA_ARGS__)};                               \
        assert_ok(fc_call(function, &result, SHAPES_FOR_EACH(VALUE, SHAPES_COMMA, __VA_ARGS__)));                      \
        assert_int_equal(result, sum);                                                                                 \
        result = 0;                                                                                                    \
        assert_ok(fc_call_array(function, &result, sizeof arguments / sizeof arguments[0], arguments));                \
        assert_int_equal(result, sum);                                                                                 \
    }
#pragma GCC diagnostic ignored "-Wdouble-promotion"
SHAPES(SHAPE)
#undef SHAPE

#define SHAPE(name, ...) {"unsigned long long shape_" #name "(" #__VA_ARGS__ ")", call_##name},
static const struct {
    const char *prototype;
    void (*call)(struct fc_function *function);
} shapes[] = {SHAPES(SHAPE)};
enum { SHAPE_COUNT = sizeof shapes / sizeof shapes[0] };

static void call_shapes(const char *build) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, build);
        for (size_t i = 0; i < SHAPE_COUNT; i++) {
            struct fc_function *function = call_bind(library, shapes[i].prototype);
            for (int round = 0; round < 5; round++) {
                shapes[i].call(function);
            }
        }
        fc_library_close(library);
    }
}

TEST(call_passes_every_shape_to_an_optimised_library) {
    call_shapes(builds[0]);
}

TEST(call_passes_every_shape_to_an_unoptimised_library) {
    call_shapes(builds[1]);
}

/* -- lists made at random ------------------------------------------------------------------------------------------ */

enum { ARGUMENTS_MAX = 127 };

/* Binds and calls shape_any with a pattern, whose values are random. */
static void call_pattern(struct fc_library *library, const char *pattern) {
    static char prototype[4096];
    uint64_t values[ARGUMENTS_MAX] = {0};
    void *arguments[ARGUMENTS_MAX] = {&pattern};
    uint64_t sum = 0, result = 0;
    size_t count = strlen(pattern);
    size_t used =
        (size_t)snprintf(prototype, sizeof prototype, "unsigned long long shape_any(_In_z_ const char *pattern");
    for (size_t i = 0; i < count; i++) {
        const char *type = "double";
        double number = random_double();
        values[i] = call_random_length();
        switch (pattern[i]) {
        case 'i':
            type = "int";
            values[i] = (uint32_t)values[i];
            sum = shapes_mix(sum, (uint64_t)(int32_t)values[i]);
            break;
        case 'u':
            type = "unsigned";
            values[i] = (uint32_t)values[i];
            sum = shapes_mix(sum, values[i]);
            break;
        case 'n':
            type = "long";
            values[i] = (uint64_t)(int32_t)values[i];
            sum = shapes_mix(sum, values[i]);
            break;
        case 'L':
            type = "long long";
            sum = shapes_mix(sum, values[i]);
            break;
        default:
            memcpy(&values[i], &number, sizeof number);
            sum = shapes_mix(sum, values[i]);
        }
        arguments[i + 1] = &values[i];
        used += (size_t)snprintf(prototype + used, sizeof prototype - used, ", %s", type);
    }
    snprintf(prototype + used, sizeof prototype - used, ")");
    struct fc_function *function = call_bind(library, prototype);
    assert_int_equal(fc_function_parameter_count(function), count + 1);
    assert_ok(fc_call_array(function, &result, count + 1, arguments));
    if (result != sum) {
        fail_msg("wrong checksum for %s", prototype);
    }
}

static void repeat_pattern(char *pattern, const char *unit, size_t count) {
    for (size_t i = 0; i < count; i++) {
        pattern[i] = unit[i % strlen(unit)];
    }
    pattern[count] = '\0';
}

TEST(call_passes_any_number_of_arguments) {
    static const char *const units[] = {"i", "L", "d", "n", "id", "iL", "Ld", "diLn"};
    char pattern[ARGUMENTS_MAX + 1];
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "shapes");
        uint64_t none = 0;
        assert_ok(fc_call(call_bind(library, "unsigned long long shape_none(void)"), &none));
        assert_int_equal(none, 42);
        for (size_t count = 0; count < ARGUMENTS_MAX; count++) {
            size_t rounds = count < 24 ? sizeof units / sizeof units[0] : 1;
            for (size_t i = 0; i < rounds; i++) {
                repeat_pattern(pattern, units[count < 24 ? i : count % (sizeof units / sizeof units[0])], count);
                call_pattern(library, pattern);
            }
        }
        fc_library_close(library);
    }
}

TEST(call_passes_random_argument_lists) {
    static const char letters[] = "iuLnd";
    char pattern[ARGUMENTS_MAX + 1];
    for (EACH_TARGET(target)) {
        for (int build = 0; build < BUILDS; build++) {
            struct fc_library *library = call_open(target, builds[build]);
            for (unsigned round = 0; round < call_scaled(300); round++) {
                size_t count = (size_t)(call_random() % (round % 4 == 0 ? ARGUMENTS_MAX : 24));
                for (size_t i = 0; i < count; i++) {
                    pattern[i] = letters[call_random() % 5];
                }
                pattern[count] = '\0';
                call_pattern(library, pattern);
            }
            fc_library_close(library);
        }
    }
}

/* -- the most that there can be ------------------------------------------------------------------------------------ */

#define DECLARE_127(t, n) a##n = RANDOM(t)
#define VALUE_127(t, n) a##n
#define ADDRESS_127(t, n) &a##n

#define SHAPE_127(name, type)                                                                                          \
    static void call_127_##name(struct fc_function *function) {                                                        \
        uint64_t sum = 0, result = 0;                                                                                  \
        type SHAPES_127(DECLARE_127, type);                                                                            \
        SHAPES_127(SHAPES_127_MIX, type);                                                                              \
        void *const arguments[] = {SHAPES_127(ADDRESS_127, type)};                                                     \
        _Static_assert(sizeof arguments == 127 * sizeof arguments[0], "");                                             \
        assert_ok(fc_call(function, &result, SHAPES_127(VALUE_127, type)));                                            \
        assert_int_equal(result, sum);                                                                                 \
        result = 0;                                                                                                    \
        assert_ok(fc_call_array(function, &result, 127, arguments));                                                   \
        assert_int_equal(result, sum);                                                                                 \
    }
SHAPE_127(int, int)
SHAPE_127(long, long)
SHAPE_127(llong, long long)
SHAPE_127(float, float)
SHAPE_127(double, double)

TEST(call_passes_127_of_a_kind) {
    static const struct {
        const char *name, *type;
        void (*call)(struct fc_function *function);
    } rows[] = {{"int", "int", call_127_int},
                {"long", "long", call_127_long},
                {"llong", "long long", call_127_llong},
                {"float", "float", call_127_float},
                {"double", "double", call_127_double}};
    static char prototype[4096];
    for (EACH_TARGET(target)) {
        for (int build = 0; build < BUILDS; build++) {
            struct fc_library *library = call_open(target, builds[build]);
            for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
                size_t used =
                    (size_t)snprintf(prototype, sizeof prototype, "unsigned long long shape_127_%s(", rows[row].name);
                for (int i = 0; i < ARGUMENTS_MAX; i++) {
                    used += (size_t)snprintf(prototype + used, sizeof prototype - used, "%s%s", i == 0 ? "" : ", ",
                                             rows[row].type);
                }
                snprintf(prototype + used, sizeof prototype - used, ")");
                rows[row].call(call_bind(library, prototype));
            }
            fc_library_close(library);
        }
    }
}

/* -- the stack ----------------------------------------------------------------------------------------------------- */

/* At a call the stack is aligned to 16 bytes, below it the return address: i386 psABI 2.2.2, x86-64 psABI 3.2.2. */
#define SEVEN_INTEGERS_AND_NINE_FLOATS                                                                                 \
    "int, int, int, int, int, int, int, double, double, double, double, double, double, double, double, double"
TEST(call_aligns_the_stack) {
    static const char *const lists[] = {
        "void",
        "int",
        "int, int",
        "int, int, int",
        "int, int, int, int",
        "int, int, int, int, int",
        "double",
        "int, double",
        "long long, int",
        "int, int, int, int, int, int, int",
        "int, int, int, int, int, int, int, int",
        "int, int, int, int, int, int, int, int, int",
        "double, double, double, double, double, double, double, double, double",
        "double, double, double, double, double, double, double, double, double, double",
        SEVEN_INTEGERS_AND_NINE_FLOATS};
    uint64_t values[16] = {0};
    void *arguments[16];
    for (size_t i = 0; i < 16; i++) {
        arguments[i] = &values[i];
    }
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "shapes");
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
            char prototype[300];
            uint64_t stack = 0;
            /* Returned as a number of the callee's width: a pointer would be translated. */
            const char *type = call_pointer_bytes(target) == 4 ? "uint32_t" : "uint64_t";
            snprintf(prototype, sizeof prototype, "%s stack_on_entry(%s)", type, lists[i]);
            struct fc_function *function = call_bind(library, prototype);
            assert_ok(fc_call_array(function, &stack, fc_function_parameter_count(function), arguments));
            assert_int_equal((stack + call_pointer_bytes(target)) % 16, 0);
        }
        fc_library_close(library);
    }
}

TEST(call_lets_callees_use_aligned_instructions) {
    for (EACH_TARGET(target)) {
        for (int build = 0; build < BUILDS; build++) {
            struct fc_library *library = call_open(target, builds[build]);
            int rest = -1;
            assert_ok(fc_call(call_bind(library, "int aligned_0(void)"), &rest));
            assert_int_equal(rest, 0);
            assert_ok(fc_call(call_bind(library, "int aligned_1(int)"), &rest, 1));
            assert_int_equal(rest, 0);
            assert_ok(fc_call(call_bind(library, "int aligned_2(int, double)"), &rest, 1, 2.0));
            assert_int_equal(rest, 0);
            assert_ok(fc_call(call_bind(library, "int aligned_3(long long, int, float)"), &rest, 1LL, 2, 3.0));
            assert_int_equal(rest, 0);
            assert_ok(fc_call(call_bind(library, "int aligned_9(int, int, int, int, int, int, int, int, int)"), &rest,
                              1, 2, 3, 4, 5, 6, 7, 8, 9));
            assert_int_equal(rest, 0);
            assert_ok(fc_call(
                call_bind(
                    library,
                    "int aligned_10(double, double, double, double, double, double, double, double, double, double)"),
                &rest, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0));
            assert_int_equal(rest, 0);
            fc_library_close(library);
        }
    }
}
