/* Frames filled and answers read by plans, without a host: each bit of them. */
#include "plans.h"

#include <sys/mman.h>

/* -- frames -------------------------------------------------------------------------------------------------------- */

/* A session for one call: tokens count up from 0x70000000, memory that grows is refused. */
struct desk {
    struct fc__objects objects;
    struct fc__plan *plan;
    struct fc__error err;
    struct fc__marshal marshal;
    unsigned char *low; /* memory below 4 GiB, which callers of 32 bits can point to */
    uint64_t shared, shared_bytes;
    uint64_t tokens[8];
    uint32_t token_count;
};
enum { LOW_BYTES = 65536, SCRATCH_OFFSET = 32768, LINE = 0x20000000, TOKENS = 0x70000000 };

static int desk_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    struct fc__marshal *marshal = context;
    (void)ret_memory;
    return fc__error_set(marshal->err, FC_ENOMEM, "no %llu bytes more", (unsigned long long)size);
}

static bool desk_is_shared(void *context, uint64_t address, uint64_t size) {
    const struct desk *desk = ((struct fc__marshal *)context)->owner;
    return address >= desk->shared && address + size <= desk->shared + desk->shared_bytes;
}

static int desk_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    struct desk *desk = ((struct fc__marshal *)context)->owner;
    if (pointer <= UINT32_MAX) {
        *ret_narrow = (uint32_t)pointer;
        return FC_OK;
    }
    desk->tokens[desk->token_count] = pointer;
    *ret_narrow = TOKENS + desk->token_count++;
    return FC_OK;
}

static int desk_widen(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    const struct desk *desk = ((struct fc__marshal *)context)->owner;
    *ret_pointer = narrow - TOKENS < desk->token_count ? desk->tokens[narrow - TOKENS] : narrow;
    return FC_OK;
}

static int desk_string(void *context, uint64_t address, uint64_t len, const char **ret_string) {
    static char text[64];
    (void)context;
    snprintf(text, sizeof text, "%llu bytes at 0x%llx", (unsigned long long)len, (unsigned long long)address);
    *ret_string = text;
    return FC_OK;
}

static const struct fc__marshal_ops desk_ops = {
    .grow = desk_grow, .is_shared = desk_is_shared, .narrow = desk_narrow, .widen = desk_widen, .string = desk_string};

static void desk_init(struct desk *desk, const char *prototype, const struct fc__target *caller,
                      const struct fc__target *callee) {
    static unsigned char *low;
#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif
    if (low == NULL) {
        low = mmap(NULL, LOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        assert_true(low != MAP_FAILED && (uintptr_t)low + LOW_BYTES <= UINT32_MAX);
    }
    memset(desk, 0, sizeof *desk);
    memset(low, 0xcc, LOW_BYTES);
    desk->plan = new_plan(prototype, caller, callee);
    desk->low = low;
    desk->marshal.plan = desk->plan;
    desk->marshal.ops = &desk_ops;
    desk->marshal.context = &desk->marshal;
    desk->marshal.owner = desk;
    desk->marshal.objects = &desk->objects;
    desk->marshal.err = &desk->err;
    desk->marshal.line = LINE;
    desk->marshal.scratch = low + SCRATCH_OFFSET;
    desk->marshal.scratch_end = low + LOW_BYTES;
    memset(desk->marshal.image, 0xaa, sizeof desk->marshal.image);
}

static void desk_done(struct desk *desk) {
    fc__objects_done(&desk->objects);
    fc__plan_free(desk->plan);
}

/* Arguments as fc_call_array gets them. */
static int send_array(struct desk *desk, size_t count, const uint64_t *values) {
    void *arguments[16];
    uint64_t storage[16];
    for (size_t i = 0; i < count; i++) {
        storage[i] = values[i];
        arguments[i] = &storage[i];
    }
    assert_int_equal(count, desk->plan->count);
    fc__marshal_fetch_array(&desk->marshal, arguments);
    return fc__marshal_send(&desk->marshal);
}

static void fetch_list(struct fc__marshal *marshal, ...) {
    va_list list;
    va_start(list, marshal);
    fc__marshal_fetch_list(marshal, &list);
    va_end(list);
}

static void assert_image(const struct desk *desk, const char *hex) {
    char text[2 * 64 + 1] = "";
    for (uint32_t i = 0; i < desk->marshal.image_bytes && i < 64; i++) {
        snprintf(text + (size_t)2 * i, 3, "%02x", desk->marshal.image[i]);
    }
    assert_string_equal(text, hex);
}

static void assert_sent(const char *prototype, const struct fc__target *caller, const struct fc__target *callee,
                        size_t count, const uint64_t *values, const char *hex) {
    struct desk desk;
    desk_init(&desk, prototype, caller, callee);
    assert_int_equal(send_array(&desk, count, values), FC_OK);
    assert_image(&desk, hex);
    desk_done(&desk);
}

#define MIXED "int f(signed char a, unsigned short b, bool c, int d, unsigned e, long long g)"
static const uint64_t mixed[] = {0xfe, 0xfffe, 1, 0xfffffffd, 0xfffffffc, UINT64_C(0x0123456789abcdef)};

TEST(marshal_extends_scalars_to_words) {
    find_targets();
    for (int side = 0; side < 2; side++) {
        const struct fc__target *caller = side == 0 ? i386_linux : x86_64_linux;
        assert_sent(MIXED, caller, i386_linux, 6, mixed,
                    "feffffff"
                    "feff0000"
                    "01000000"
                    "fdffffff"
                    "fcffffff"
                    "efcdab8967452301");
        assert_sent(MIXED, caller, x86_64_linux, 6, mixed,
                    "feffffffffffffff"
                    "feff000000000000"
                    "0100000000000000"
                    "fdffffffffffffff"
                    "fcffffff00000000"
                    "efcdab8967452301");
    }
}

TEST(marshal_puts_floats_in_their_words) {
    static const uint64_t values[] = {0x3fc00000, UINT64_C(0xc000000000000000), 7, 0xbf800000};
    static const char prototype[] = "void f(float a, double b, int c, float d)";
    struct desk desk;
    find_targets();
    for (int side = 0; side < 2; side++) {
        const struct fc__target *caller = side == 0 ? i386_linux : x86_64_linux;
        assert_sent(prototype, caller, i386_linux, 4, values,
                    "0000c03f"
                    "00000000000000c0"
                    "07000000"
                    "000080bf");
        assert_sent(prototype, caller, x86_64_linux, 4, values,
                    "0700000000000000"
                    "0000c03f00000000"
                    "00000000000000c0"
                    "000080bf00000000");
        /* The same from an argument list, where a float is a double. */
        desk_init(&desk, prototype, fc__target_native(), x86_64_linux);
        fetch_list(&desk.marshal, 1.5, -2.0, 7, -1.0);
        assert_int_equal(fc__marshal_send(&desk.marshal), FC_OK);
        assert_image(&desk, "0700000000000000"
                            "0000c03f00000000"
                            "00000000000000c0"
                            "000080bf00000000");
        desk_done(&desk);
    }
}

TEST(marshal_changes_the_width_of_longs_and_sizes) {
    static const char prototype[] = "void f(long a, unsigned long b, size_t c, ssize_t d)";
    struct desk desk;
    find_targets();
    assert_sent(prototype, i386_linux, x86_64_linux, 4,
                (const uint64_t[]){0xfffffffe, 0xfffffffe, 0xfffffffe, 0xffffffff},
                "feffffffffffffff"
                "feffffff00000000"
                "feffffffffffffff"
                "ffffffffffffffff");
    assert_sent(prototype, x86_64_linux, i386_linux, 4,
                (const uint64_t[]){(uint64_t)-2, 0xfffffffe, (uint64_t)-2, (uint64_t)-1},
                "feffffff"
                "feffffff"
                "feffffff"
                "ffffffff");
    desk_init(&desk, prototype, x86_64_linux, x86_64_linux);
    assert_int_equal(
        send_array(&desk, 4, (const uint64_t[]){UINT64_C(1) << 40, (uint64_t)-2, (uint64_t)-2, (uint64_t)-1}), FC_OK);
    desk_done(&desk);
}

TEST(marshal_says_what_does_not_fit) {
    static const struct {
        const char *prototype;
        uint64_t value;
        const char *text;
    } rows[] = {
        {"void f(long count)", UINT64_C(0x80000000),
         "argument `count` of f is 2147483648, which does not fit `long`, 32 bits wide in the callee (i386-linux); "
         "nothing was sent"},
        {"void f(long)", (uint64_t)INT64_MIN,
         "argument 1 of f is -9223372036854775808, which does not fit `long`, 32 bits wide in the callee (i386-linux); "
         "nothing was sent"},
        {"void f(unsigned long n)", UINT64_MAX,
         "argument `n` of f is 18446744073709551615, which does not fit `unsigned long`, 32 bits wide in the callee "
         "(i386-linux); nothing was sent"},
        {"void f(size_t n)", UINT64_C(0x100000000),
         "argument `n` of f is 4294967296, which does not fit `size_t`, 32 bits wide in the callee (i386-linux); "
         "nothing was sent"},
        {"void f(size_t n)", UINT64_MAX - 4096,
         "argument `n` of f is 18446744073709547519, which does not fit `size_t`, 32 bits wide in the callee "
         "(i386-linux); nothing was sent"},
        {"void f(ssize_t n)", (uint64_t)INT32_MIN - 1,
         "argument `n` of f is -2147483649, which does not fit `ssize_t`, 32 bits wide in the callee (i386-linux); "
         "nothing was sent"},
    };
    struct desk desk;
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        desk_init(&desk, rows[i].prototype, x86_64_linux, i386_linux);
        assert_int_equal(send_array(&desk, 1, &rows[i].value), FC_ERANGE);
        assert_string_equal(desk.err.text, rows[i].text);
        desk_done(&desk);
    }
}

TEST(marshal_replaces_high_pointers) {
    static const char prototype[] = "struct s; void f(struct s *a, _Fc_opaque_ void *b)";
    find_targets();
    assert_sent(prototype, x86_64_linux, i386_linux, 2, (const uint64_t[]){UINT64_C(0x7fff12345678), 0x1000},
                "00000070"
                "00100000");
    assert_sent(prototype, i386_linux, x86_64_linux, 2, (const uint64_t[]){0x80000010, 0},
                "1000008000000000"
                "0000000000000000");
}

/* -- what pointers point to ---------------------------------------------------------------------------------------- */

TEST(marshal_puts_short_inputs_behind_the_words) {
    struct desk desk;
    find_targets();
    for (int side = 0; side < 2; side++) {
        const struct fc__target *caller = side == 0 ? i386_linux : x86_64_linux;
        desk_init(&desk, "void f(const char *text)", caller, i386_linux);
        memcpy(desk.low, "hello", 6);
        assert_int_equal(send_array(&desk, 1, (const uint64_t[]){(uintptr_t)desk.low}), FC_OK);
        assert_image(&desk, "18000020"
                            "00000000"
                            "68656c6c6f00"); /* at the line + 16 + 8 */
        desk_done(&desk);
        desk_init(&desk, "void f(_In_reads_(n) const unsigned char *a, int n, _In_ const int *b)", caller,
                  x86_64_linux);
        memcpy(desk.low, "\x01\x02\x03\x04\x05", 5);
        assert_int_equal(send_array(&desk, 3, (const uint64_t[]){(uintptr_t)desk.low, 3, (uintptr_t)desk.low}), FC_OK);
        assert_image(&desk, "2800002000000000"
                            "0300000000000000"
                            "3000002000000000"
                            "010203"
                            "0000000000"
                            "01020304");
        desk_done(&desk);
    }
}

TEST(marshal_puts_the_rest_into_scratch) {
    struct desk desk;
    find_targets();
    for (int side = 0; side < 2; side++) {
        const struct fc__target *caller = side == 0 ? i386_linux : x86_64_linux;
        /* Too long for the line; written by the callee; of no length, but not NULL; NULL. */
        desk_init(
            &desk,
            "void f(_In_reads_(40) const char *a, _Out_ int *b, _Out_writes_(n) char *c, int n, _In_ const int *d)",
            caller, i386_linux);
        memset(desk.low, 7, 204);
        assert_int_equal(send_array(&desk, 5,
                                    (const uint64_t[]){(uintptr_t)desk.low, (uintptr_t)desk.low + 100,
                                                       (uintptr_t)desk.low + 200, 0, 0}),
                         FC_OK);
        uint32_t words[5], scratch = (uint32_t)(uintptr_t)desk.low + SCRATCH_OFFSET;
        memcpy(words, desk.marshal.image, sizeof words);
        assert_int_equal(words[0], scratch);
        assert_int_equal(words[1], scratch + 48);
        assert_int_equal(words[2], scratch + 80); /* in between is kept how the one before went */
        assert_int_equal(words[4], 0);
        assert_memory_equal(desk.low + SCRATCH_OFFSET, desk.low, 40);
        assert_memory_equal(desk.low + SCRATCH_OFFSET + 48, "\7\7\7\7",
                            4); /* it goes along, so that it may stay unwritten */
        assert_int_equal(desk.marshal.image_bytes, 20);
        desk_done(&desk);
        /* Known to be written: nothing goes in. */
        desk_init(&desk, "void f(_Out_writes_all_(4) char *a, _Out_writes_to_(4, *n) char *b, _Inout_ int *n)", caller,
                  i386_linux);
        memset(desk.low, 7, 40);
        assert_int_equal(
            send_array(&desk, 3,
                       (const uint64_t[]){(uintptr_t)desk.low, (uintptr_t)desk.low + 16, (uintptr_t)desk.low + 32}),
            FC_OK);
        assert_int_equal(desk.low[SCRATCH_OFFSET], 0xcc);
        assert_int_equal(desk.low[SCRATCH_OFFSET + 16], 0xcc);
        assert_int_equal(desk.low[SCRATCH_OFFSET + 32], 7);
        desk_done(&desk);
    }
}

TEST(marshal_leaves_shared_memory_where_it_is) {
    struct desk desk;
    find_targets();
    for (int side = 0; side < 2; side++) {
        const struct fc__target *caller = side == 0 ? i386_linux : x86_64_linux,
                                *callee = side == 0 ? x86_64_linux : i386_linux;
        desk_init(&desk, "void f(_Inout_updates_(4) int *a, const char *b, _In_reads_(2) const long *c)", caller,
                  callee);
        desk.shared = (uintptr_t)desk.low;
        desk.shared_bytes = 64;
        memset(desk.low, 0, 64);
        assert_int_equal(send_array(&desk, 3, (const uint64_t[]){desk.shared + 48, desk.shared + 63, desk.shared}),
                         FC_OK);
        uint64_t words[3] = {0};
        for (size_t i = 0; i < 3; i++) {
            memcpy(&words[i], desk.marshal.image + i * callee->word_bytes, callee->word_bytes);
        }
        assert_int_equal(words[0], desk.shared + 48);
        assert_int_equal(words[1], desk.shared + 63);
        assert_int_not_equal(words[2], desk.shared); /* other widths: converted */
        desk_done(&desk);
    }
}

TEST(marshal_converts_elements) {
    struct desk desk;
    find_targets();
    static const char prototype[] = "void f(_Inout_updates_(3) long *values)";
    desk_init(&desk, prototype, x86_64_linux, i386_linux);
    int64_t wide[] = {1, -2, INT32_MAX};
    memcpy(desk.low, wide, sizeof wide);
    assert_int_equal(send_array(&desk, 1, (const uint64_t[]){(uintptr_t)desk.low}), FC_OK);
    int32_t narrow[3];
    memcpy(narrow, desk.low + SCRATCH_OFFSET, sizeof narrow);
    assert_true(narrow[0] == 1 && narrow[1] == -2 && narrow[2] == INT32_MAX);
    narrow[0] = -5;
    memcpy(desk.low + SCRATCH_OFFSET, narrow, sizeof narrow);
    assert_int_equal(fc__marshal_receive(&desk.marshal, &(struct fc__answer){0}, NULL), FC_OK);
    memcpy(wide, desk.low, sizeof wide);
    assert_true(wide[0] == -5 && wide[1] == -2 && wide[2] == INT32_MAX);
    desk_done(&desk);

    desk_init(&desk, prototype, i386_linux, x86_64_linux);
    memcpy(desk.low, narrow, sizeof narrow);
    assert_int_equal(send_array(&desk, 1, (const uint64_t[]){(uintptr_t)desk.low}), FC_OK);
    memcpy(wide, desk.low + SCRATCH_OFFSET, sizeof wide);
    assert_true(wide[0] == -5 && wide[1] == -2 && wide[2] == INT32_MAX);
    wide[0] = 7;
    wide[1] = INT64_C(1) << 33;
    wide[2] = 9;
    memcpy(desk.low + SCRATCH_OFFSET, wide, sizeof wide);
    assert_int_equal(fc__marshal_receive(&desk.marshal, &(struct fc__answer){0}, NULL), FC_ERANGE);
    assert_string_equal(desk.err.text, "element 1 of output `values` of f is 8589934592, which does not fit `long`, 32 "
                                       "bits wide in the caller (i386-linux); the call was made");
    memcpy(narrow, desk.low, sizeof narrow);
    assert_true(narrow[0] == 7 && narrow[1] == -2 && narrow[2] == 9);
    desk_done(&desk);
}

/* -- answers ------------------------------------------------------------------------------------------------------- */

struct answer_row {
    const char *prototype;
    uint64_t value, second;
    uint64_t wanted; /* in the bytes of the caller's type, above them 0x55 */
    int result;
};

static void check_answers(const struct fc__target *caller, const struct fc__target *callee,
                          const struct answer_row *rows, size_t count) {
    struct desk desk;
    for (size_t i = 0; i < count; i++) {
        desk_init(&desk, rows[i].prototype, caller, callee);
        uint64_t result;
        memset(&result, 0x55, sizeof result);
        assert_int_equal(fc__marshal_receive(&desk.marshal,
                                             &(struct fc__answer){.value = rows[i].value, .second = rows[i].second},
                                             &result),
                         rows[i].result);
        assert_int_equal(result, rows[i].wanted);
        assert_int_equal(fc__marshal_receive(&desk.marshal,
                                             &(struct fc__answer){.value = rows[i].value, .second = rows[i].second},
                                             NULL),
                         FC_OK);
        desk_done(&desk);
    }
}

#define JUNK UINT64_C(0xdeadbeef00000000)
#define FIVES UINT64_C(0x5555555555555555)

/* Above a narrow result there may be anything: i386 psABI 2.2.3, x86-64 psABI 3.2.3. */
TEST(marshal_reads_results_of_i386) {
    static const struct answer_row rows[] = {
        {"int f(void)", JUNK | 0xfffffffe, 0, UINT64_C(0x55555555fffffffe), FC_OK},
        {"signed char f(void)", JUNK | 0x123456fe, 0, UINT64_C(0x55555555555555fe), FC_OK},
        {"unsigned short f(void)", JUNK | 0x1234fffe, 0, UINT64_C(0x555555555555fffe), FC_OK},
        {"bool f(void)", JUNK | 0xabcd01, 0, UINT64_C(0x5555555555555501), FC_OK},
        {"bool f(void)", JUNK | 0xabcd00, 0, UINT64_C(0x5555555555555500), FC_OK},
        {"long long f(void)", UINT64_C(0x8000000012345678), 0, UINT64_C(0x8000000012345678), FC_OK},
        {"long f(void)", JUNK | 0xfffffffe, 0, (uint64_t)-2, FC_OK},
        {"unsigned long f(void)", JUNK | 0xfffffffe, 0, 0xfffffffe, FC_OK},
        {"size_t f(void)", JUNK | 0xffffffff, 0, UINT64_MAX, FC_OK},
        {"size_t f(void)", JUNK | 0xffffefff, 0, 0xffffefff, FC_OK},
        {"struct s; struct s *f(void)", JUNK | 0x1234, 0, 0x1234, FC_OK},
        {"void f(void)", JUNK, 0, FIVES, FC_OK},
        {"double f(void)", UINT64_C(0xc000000000000000), 0xc000, UINT64_C(0xc008000000000000),
         FC_OK}, /* -3.0 of 80 bits */
        {"float f(void)", UINT64_C(0x8000000000000000), 0x3ffe, UINT64_C(0x555555553f000000), FC_OK},
        {"double f(void)", UINT64_C(0x8000000000000000), 0x7fff, UINT64_C(0x7ff0000000000000), FC_OK},
        {"double f(void)", UINT64_C(0xc000000000000000), 0x7fff, UINT64_C(0x7ff8000000000000), FC_OK},
        {"double f(void)", 0, 0x8000, UINT64_C(0x8000000000000000), FC_OK},
    };
    find_targets();
    check_answers(x86_64_linux, i386_linux, rows, sizeof rows / sizeof rows[0]);
}

TEST(marshal_reads_results_of_x86_64) {
    static const struct answer_row rows[] = {
        {"int f(void)", JUNK | 0xfffffffe, 0, UINT64_C(0x55555555fffffffe), FC_OK},
        {"long f(void)", (uint64_t)-2, 0, UINT64_C(0x55555555fffffffe), FC_OK},
        {"long f(void)", UINT64_C(0x80000000), 0, FIVES, FC_ERANGE},
        {"unsigned long f(void)", UINT64_C(0xffffffff), 0, UINT64_C(0x55555555ffffffff), FC_OK},
        {"unsigned long f(void)", UINT64_MAX, 0, FIVES, FC_ERANGE},
        {"size_t f(void)", UINT64_MAX, 0, UINT64_C(0x55555555ffffffff), FC_OK},
        {"size_t f(void)", UINT64_MAX - 4096, 0, FIVES, FC_ERANGE},
        {"struct s; struct s *f(void)", UINT64_C(0x7fff00000000), 0, UINT64_C(0x5555555570000000), FC_OK},
        {"float f(void)", JUNK | 0x3f000000, 1, UINT64_C(0x555555553f000000), FC_OK},
        {"double f(void)", UINT64_C(0x7ff4000000000001), 1, UINT64_C(0x7ff4000000000001),
         FC_OK}, /* a signalling NaN stays one */
        {"bool f(void)", JUNK | 0x100, 0, UINT64_C(0x5555555555555500), FC_OK},
    };
    find_targets();
    check_answers(i386_linux, x86_64_linux, rows, sizeof rows / sizeof rows[0]);
}

TEST(marshal_reads_strings) {
    struct desk desk;
    find_targets();
    for (int side = 0; side < 2; side++) {
        const char *text = "unchanged";
        desk_init(&desk, "const char *f(void)", fc__target_native(), side == 0 ? i386_linux : x86_64_linux);
        uint64_t junk = side == 0 ? JUNK : 0; /* edx */
        assert_int_equal(
            fc__marshal_receive(&desk.marshal, &(struct fc__answer){.value = junk | 0x1234, .second = 5}, &text),
            FC_OK);
        assert_string_equal(text, "5 bytes at 0x1234");
        assert_int_equal(fc__marshal_receive(&desk.marshal, &(struct fc__answer){.value = junk, .second = 0}, &text),
                         FC_OK);
        assert_null(text);
        desk_done(&desk);
    }
}

/* -- sizes --------------------------------------------------------------------------------------------------------- */

TEST(marshal_evaluates_sizes) {
    static const struct {
        const char *prototype;
        uint64_t a, b, count;
    } rows[] = {{"void f(_In_reads_(a) const char *p, int a, int b)", 5, 0, 5},
                {"void f(_In_reads_(a * 4) const char *p, int a, int b)", 5, 0, 20},
                {"void f(_In_reads_(a * b + 1) const char *p, unsigned char a, short b)", 200, 100, 20001},
                {"void f(_In_reads_((a + b) * 2 - 3) const char *p, long a, int b)", 5, 6, 19},
                {"void f(_In_reads_(a - b) const char *p, int a, int b)", 5, 0xfffffffb, 10},
                {"void f(_In_reads_(a / b) const char *p, int a, int b)", 7, 2, 3},
                {"void f(_In_reads_(16) const char *p, int a, int b)", 0, 0, 16},
                {"enum { N = 3 }; void f(_In_reads_(N * a) const char *p, size_t a, int b)", 4, 0, 12}};
    struct desk desk;
    find_targets();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        desk_init(&desk, rows[i].prototype, x86_64_linux, i386_linux);
        uint64_t count = 0, arguments[] = {0, rows[i].a, rows[i].b};
        fc__marshal_fetch_array(&desk.marshal, (void *const[]){&arguments[0], &arguments[1], &arguments[2]});
        assert_int_equal(fc__marshal_capacity(&desk.marshal, 0, &count), FC_OK);
        assert_int_equal(count, rows[i].count);
        desk_done(&desk);
    }
}
