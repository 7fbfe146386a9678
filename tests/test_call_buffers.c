/* What pointers point to: elements of every type, in, out and both. */
#include "call.h"
#include "libs/scalars.h"

#include <limits.h>

/* -- every type of element ----------------------------------------------------------------------------------------- */

enum { COUNT_MAX = 600, KEEP = 77, GUARD = 99 };

static struct fc_function *bind_for(struct fc_library *library, const char *format, const char *type,
                                    const char *name) {
    char prototype[256];
    snprintf(prototype, sizeof prototype, format, type, name);
    return call_bind(library, prototype);
}

/* How many elements: all up to what a first line holds, and beyond. */
static const int counts[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 23, 24, 25, 47, 48, 49, 100, 512, COUNT_MAX};

#define CHECKS(name, type, wide, wide_text)                                                                            \
    static void check_##name(struct fc_library *library) {                                                             \
        struct fc_function *sum = bind_for(                                                                            \
            library, wide_text " sum_%2$s(_In_reads_(count) const %1$s *values, size_t count)", #type, #name);         \
        struct fc_function *iota = bind_for(                                                                           \
            library, "void iota_%2$s(_Out_writes_(count) %1$s *values, int count, int written)", #type, #name);        \
        struct fc_function *fill = bind_for(                                                                           \
            library, "void fill_%2$s(_Out_writes_all_(count) %1$s *values, int count, %1$s value)", #type, #name);     \
        struct fc_function *twice =                                                                                    \
            bind_for(library, "void twice_%2$s(_Inout_updates_(count) %1$s *values, int count)", #type, #name);        \
        struct fc_function *some = bind_for(                                                                           \
            library,                                                                                                   \
            "int some_%2$s(_Out_writes_to_(capacity, *length) %1$s *values, int capacity, _Inout_ int *length)",       \
            #type, #name);                                                                                             \
        struct fc_function *bump = bind_for(library, "%1$s bump_%2$s(_Inout_ %1$s *value)", #type, #name);             \
        struct fc_function *set = bind_for(library, "void set_%2$s(_Out_ %1$s *value, long long to)", #type, #name);   \
        for (size_t round = 0; round < sizeof counts / sizeof counts[0]; round++) {                                    \
            const int count = counts[round];                                                                           \
            type values[COUNT_MAX + 1], twins[COUNT_MAX + 1];                                                          \
            wide total = 0, result = -1;                                                                               \
            for (int i = 0; i <= count; i++) {                                                                         \
                values[i] = (type)(i == count ? GUARD : i % 50);                                                       \
                total += i == count ? 0 : i % 50;                                                                      \
            }                                                                                                          \
            assert_ok(fc_call(sum, &result, values, (size_t)count));                                                   \
            assert_true(result == total);                                                                              \
                                                                                                                       \
            memcpy(twins, values, sizeof twins);                                                                       \
            assert_ok(fc_call(twice, NULL, twins, count));                                                             \
            for (int i = 0; i <= count; i++) {                                                                         \
                assert_true(twins[i] == (i == count ? GUARD : values[i] * 2));                                         \
            }                                                                                                          \
            assert_ok(fc_call(fill, NULL, twins, count, (type)5));                                                     \
            for (int i = 0; i <= count; i++) {                                                                         \
                assert_true(twins[i] == (i == count ? GUARD : 5));                                                     \
            }                                                                                                          \
            /* What is not written stays; what is written beyond the room does not come back. */                       \
            for (int written = -1; written <= count + 1; written += count / 2 + 1) {                                   \
                for (int i = 0; i <= count; i++) {                                                                     \
                    twins[i] = (type)(i == count ? GUARD : KEEP);                                                      \
                }                                                                                                      \
                assert_ok(fc_call(iota, NULL, twins, count, written));                                                 \
                for (int i = 0; i <= count; i++) {                                                                     \
                    assert_true(twins[i] == (i == count ? GUARD : i < written ? (type)i : KEEP));                      \
                }                                                                                                      \
                for (int i = 0; i < count; i++) {                                                                      \
                    twins[i] = (type)KEEP;                                                                             \
                }                                                                                                      \
                int length = written, returned = -5;                                                                   \
                assert_ok(fc_call(some, &returned, twins, count, &length));                                            \
                assert_int_equal(length, written);                                                                     \
                assert_int_equal(returned, written);                                                                   \
                for (int i = 0; i <= count; i++) {                                                                     \
                    assert_true(twins[i] == (i == count ? GUARD : i < written ? (type)(i + 1) : KEEP));                \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        type values[3] = {(type)GUARD, (type)41, (type)GUARD}, returned = 0;                                           \
        assert_ok(fc_call(bump, &returned, &values[1]));                                                               \
        assert_true(returned == 42 && values[1] == 42);                                                                \
        memset(&values[1], 0xfe, sizeof values[1]); /* what lies in an output before the call is not looked at */      \
        assert_ok(fc_call(set, NULL, &values[1], 43LL));                                                               \
        assert_true(values[0] == GUARD && values[1] == 43 && values[2] == GUARD);                                      \
    }
#define INTEGER_CHECKS(name, type) CHECKS(name, type, long long, "long long")
#define FLOAT_CHECKS(name, type) CHECKS(name, type, double, "double")
#pragma GCC diagnostic ignored "-Wfloat-equal"
SCALARS_INTEGERS(INTEGER_CHECKS)
SCALARS_FLOATS(FLOAT_CHECKS)

#define CHECK_ROW(name, type) check_##name,
static void (*const checks[])(struct fc_library *) = {SCALARS_INTEGERS(CHECK_ROW) SCALARS_FLOATS(CHECK_ROW)};
enum { CHECK_COUNT = sizeof checks / sizeof checks[0] };

TEST(call_passes_buffers_of_every_type_to_the_other_bitness) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        checks[i](library);
    }
    fc_library_close(library);
}

TEST(call_passes_buffers_of_every_type_to_its_own_bitness) {
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "buffers");
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        checks[i](library);
    }
    fc_library_close(library);
}

/* -- ranges of elements -------------------------------------------------------------------------------------------- */

/* The same numbers as arguments of their own: longs shrink on one way, and grow on the other. */
TEST(call_checks_the_range_of_elements) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_function *sum =
        call_bind(library, "long long sum_long(_In_reads_(count) const long *values, size_t count)");
    struct fc_function *bump = call_bind(library, "long bump_long(_Inout_ long *value)");
    struct fc_function *set = call_bind(library, "void set_long(_Out_ long *value, long long to)");
    const int calls = call_count(library);
    long long result = -1;
#if LONG_MAX > INT32_MAX
    long values[] = {1, -2, INT32_MAX, INT32_MIN, 5};
    assert_ok(fc_call(sum, &result, values, (size_t)5));
    assert_int_equal(result, 3);
    values[3] = INT32_MIN - 1L;
    assert_error(fc_call(sum, &result, values, (size_t)5), FC_ERANGE, "argument `values` of sum_long");
    assert_error_text("-2147483649");
    assert_error_text("element 3");
    assert_error_text("nothing was sent");
    assert_int_equal(result, 3);
    values[0] = 1L << 31;
    assert_error(fc_call(bump, NULL, values), FC_ERANGE, "argument `value` of bump_long");
    assert_int_equal(values[0], 1L << 31);
    assert_int_equal(call_count(library), calls + 1);
    assert_ok(fc_call(set, NULL, values, (long long)INT32_MIN));
    assert_true(values[0] == INT32_MIN);
#else
    long value = 17, returned = 5;
    assert_ok(fc_call(sum, &result, &value, (size_t)1));
    assert_int_equal(result, 17);
    assert_error(fc_call(set, NULL, &value, 1LL << 40), FC_ERANGE, "output `value` of set_long is 1099511627776");
    assert_error_text("the call was made");
    assert_int_equal(value, 17);
    value = LONG_MAX;
    assert_error(fc_call(bump, &returned, &value), FC_ERANGE, "2147483648");
    assert_int_equal(value, LONG_MAX);
    assert_int_equal(call_count(library), calls + 2);
#endif
    fc_library_close(library);
}

/* One bad element does not keep the others from coming back. */
TEST(call_returns_the_elements_that_fit) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_function *twice = call_bind(library, "void twice_long(_Inout_updates_(count) long *values, int count)");
    long values[] = {1, INT32_MAX, 3};
#if LONG_MAX > INT32_MAX
    assert_ok(fc_call(twice, NULL, values, 3));
    assert_true(values[1] == -2); /* the callee's own overflow */
#else
    assert_error(fc_call(twice, NULL, values, 3), FC_ERANGE, "output `values` of twice_long");
    assert_error_text("element 1");
    assert_true(values[1] == INT32_MAX);
#endif
    assert_true(values[0] == 2 && values[2] == 6);
    fc_library_close(library);
}

TEST(call_keeps_sizes_of_the_top_page_in_buffers) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    size_t size = 0;
    assert_ok(fc_call(call_bind(library, "void set_size(_Out_ size_t *value, long long to)"), NULL, &size, -1LL));
    assert_true(size == (size_t)-1);
    size = (size_t)-10;
    assert_ok(fc_call(call_bind(library, "size_t bump_size(_Inout_ size_t *value)"), NULL, &size));
    assert_true(size == (size_t)-9);
    unsigned long check = 1;
    assert_ok(fc_call(call_bind(library, "void set_ulong(_Out_ unsigned long *value, long long to)"), NULL, &check,
                      0xffffffffLL));
    assert_true(check == 0xffffffffUL);
    fc_library_close(library);
}

/* -- bytes --------------------------------------------------------------------------------------------------------- */

TEST(call_passes_bytes_of_any_type) {
    static const int numbers[] = {1, -2, 3000000, 4, 5};
    static const double fractions[] = {1.5, -2.25, 1e300};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        unsigned sum = 0;
        assert_ok(fc_call(call_bind(library, "unsigned checksum(_In_reads_bytes_(size) const void *data, size_t size)"),
                          &sum, numbers, sizeof numbers));
        assert_int_equal(sum, call_checksum(numbers, sizeof numbers));
        assert_ok(fc_call(call_bind(library, "unsigned checksum(_In_reads_bytes_(size) const int *data, size_t size)"),
                          &sum, numbers, sizeof numbers));
        assert_int_equal(sum, call_checksum(numbers, sizeof numbers));
        assert_ok(
            fc_call(call_bind(library, "unsigned checksum(_In_reads_bytes_(size) const double *data, size_t size)"),
                    &sum, fractions, sizeof fractions));
        assert_int_equal(sum, call_checksum(fractions, sizeof fractions));
        assert_ok(fc_call(call_bind(library, "unsigned checksum(_In_reads_bytes_(size) const int *data, size_t size)"),
                          &sum, numbers, (size_t)7));
        assert_int_equal(sum, call_checksum(numbers, 7));
        char text[] = "abc";
        assert_ok(fc_call(call_bind(library, "void add_one(_Inout_updates_bytes_(size) void *data, size_t size)"), NULL,
                          text, (size_t)2));
        assert_string_equal(text, "bcc");
        char from[100] = "from here", to[100] = "";
        assert_ok(fc_call(
            call_bind(
                library,
                "void copy(_Out_writes_bytes_(size) void *to, _In_reads_bytes_(size) const void *from, size_t size)"),
            NULL, to, from, sizeof from));
        assert_string_equal(to, "from here");
        fc_library_close(library);
    }
}

/* Vendors' way of saying how much room is needed. */
TEST(call_returns_as_much_as_the_callee_says_and_the_caller_has_room_for) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *get = call_bind(library, "int get_bytes(_Out_writes_to_(*size, *size) unsigned char *data, "
                                                     "_Inout_ unsigned long *size, unsigned long have)");
        unsigned char data[12];
        for (unsigned long have = 0; have < 20; have++) {
            unsigned long size = 10;
            int too_small = -1;
            memset(data, 0xee, sizeof data);
            assert_ok(fc_call(get, &too_small, data, &size, have));
            assert_int_equal(size, have);
            assert_int_equal(too_small, have > 10);
            for (size_t i = 0; i < sizeof data; i++) {
                assert_int_equal(data[i], i < have && i < 10 ? i + 1 : 0xee);
            }
        }
        fc_library_close(library);
    }
}

TEST(call_never_believes_a_length_beyond_the_room) {
    need_host();
    static const int reports[] = {0, 1, 9, 10, 11, 1000, INT_MAX, -1, INT_MIN};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *report = call_bind(library, "int report(_Out_writes_to_(capacity, *length) unsigned char "
                                                        "*data, int capacity, _Out_ int *length, int reported)");
        for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
            unsigned char data[12];
            int length = 555;
            memset(data, 0xee, sizeof data);
            assert_ok(fc_call(report, NULL, data, 10, &length, reports[i]));
            assert_int_equal(length, reports[i]);
            int valid = reports[i] < 0 ? 0 : reports[i] < 10 ? reports[i] : 10;
            for (int at = 0; at < 12; at++) {
                assert_int_equal(data[at], at < valid ? 'w' : 0xee);
            }
        }
        fc_library_close(library);
    }
}

/* The length may be declared as an array of one, behind or before the buffer. */
TEST(call_reads_lengths_from_arrays_of_one) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *report =
            call_bind(library, "int report(_Out_writes_to_(capacity, *length) unsigned char *data, int capacity, "
                               "_Out_writes_(1) int *length, int reported)");
        unsigned char data[4] = "....";
        int length = 0;
        assert_ok(fc_call(report, NULL, data, 4, &length, 2));
        assert_int_equal(length, 2);
        assert_memory_equal(data, "ww..", 4);
        fc_library_close(library);
    }
}

/* -- NULL, nothing, and sizes -------------------------------------------------------------------------------------- */

TEST(call_passes_null_buffers) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *first =
            call_bind(library, "int first_byte(_In_reads_(size) const unsigned char *data, int size)");
        struct fc_function *optional =
            call_bind(library, "int first_byte(_In_reads_opt_(size) const unsigned char *data, int size)");
        struct fc_function *output =
            call_bind(library, "int first_byte(_Out_writes_(size) unsigned char *data, int size)");
        int result = 5;
        assert_ok(fc_call(first, &result, NULL, 10));
        assert_int_equal(result, -1);
        assert_ok(fc_call(optional, &result, NULL, 0));
        assert_int_equal(result, -1);
        assert_ok(fc_call(output, &result, NULL, 1000000));
        assert_int_equal(result, -1);
        unsigned char byte = 200;
        assert_ok(fc_call(first, &result, &byte, 0)); /* of no length, and yet not NULL */
        assert_int_equal(result, -2);
        assert_ok(fc_call(output, &result, &byte, 0));
        assert_int_equal(result, -2);
        assert_ok(fc_call(first, &result, &byte, 1));
        assert_int_equal(result, 200);
        fc_library_close(library);
    }
}

TEST(call_computes_sizes) {
    unsigned bytes[64];
    for (unsigned i = 0; i < 64; i++) {
        bytes[i] = i * 0x01020305;
    }
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        unsigned sum = 0, wanted = 0;
        for (int i = 0; i < 5 * 7; i++) {
            wanted += bytes[i];
        }
        assert_ok(
            fc_call(call_bind(library, "unsigned pixels(_In_reads_(w * h) const unsigned *picture, int w, int h)"),
                    &sum, bytes, 5, 7));
        assert_int_equal(sum, wanted);
        assert_ok(fc_call(call_bind(library, "unsigned channels(_In_reads_(n * 4) const unsigned char *bytes, int n)"),
                          &sum, bytes, 9));
        assert_int_equal(sum, call_checksum(bytes, 36));
        assert_ok(
            fc_call(call_bind(library, "unsigned halves(_In_reads_(n / d) const unsigned char *bytes, int n, int d)"),
                    &sum, bytes, 37, 5));
        assert_int_equal(sum, call_checksum(bytes, 7));
        assert_ok(fc_call(
            call_bind(library,
                      "unsigned between(_In_reads_(end - begin + 1) const unsigned char *bytes, int begin, int end)"),
            &sum, bytes, -3, 20));
        assert_int_equal(sum, call_checksum(bytes, 24));
        int length = 60;
        assert_ok(fc_call(
            call_bind(library,
                      "unsigned through(_In_reads_(*length) const unsigned char *bytes, _In_ const int *length)"),
            &sum, bytes, &length));
        assert_int_equal(sum, call_checksum(bytes, 60));
        fc_library_close(library);
    }
}

TEST(call_refuses_sizes_that_make_no_sense) {
    unsigned char bytes[16] = {0};
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    const int calls = call_count(library);
    unsigned sum = 11;
    struct fc_function *function =
        call_bind(library, "unsigned channels(_In_reads_(n * 4) const unsigned char *bytes, int n)");
    assert_error(fc_call(function, &sum, bytes, -2), FC_EINVAL, "the size of argument `bytes` of channels is -8");
    function = call_bind(library, "unsigned halves(_In_reads_(n / d) const unsigned char *bytes, int n, int d)");
    assert_error(fc_call(function, &sum, bytes, 10, 0), FC_ERANGE, "divides by zero");
    function =
        call_bind(library, "unsigned halves(_In_reads_(n * d) const unsigned char *bytes, long long n, long long d)");
    assert_error(fc_call(function, &sum, bytes, 1LL << 62, 2LL), FC_ERANGE, "overflows");
    function =
        call_bind(library, "unsigned halves(_In_reads_(n + d) const unsigned char *bytes, long long n, long long d)");
    assert_error(fc_call(function, &sum, bytes, INT64_MAX, 1LL), FC_ERANGE, "overflows");
    function =
        call_bind(library, "unsigned halves(_In_reads_(n / d) const unsigned char *bytes, long long n, long long d)");
    assert_error(fc_call(function, &sum, bytes, INT64_MIN, -1LL), FC_ERANGE, "overflows");
    function = call_bind(library, "unsigned checksum(_In_reads_bytes_(size) const void *data, size_t size)");
    assert_error(fc_call(function, &sum, bytes, (size_t)-1), sizeof(size_t) == 8 ? FC_ERANGE : FC_ENOMEM, "");
    function = call_bind(library, "unsigned checksum(_In_reads_(size) const double *data, uint64_t size)");
    assert_error(fc_call(function, &sum, bytes, UINT64_C(1) << 62), FC_ENOMEM, "argument `data` of checksum");
    assert_error(fc_call(function, &sum, bytes, UINT64_MAX), FC_ERANGE, "argument `size` of checksum");
    function =
        call_bind(library, "unsigned through(_In_reads_(*length) const unsigned char *bytes, _In_ const int *length)");
    assert_error(fc_call(function, &sum, bytes, NULL), FC_EINVAL, "argument `length` of through is NULL");
    assert_int_equal(sum, 11);
    assert_int_equal(call_count(library), calls);
    fc_library_close(library);
}

/* -- where they lie ------------------------------------------------------------------------------------------------ */

TEST(call_aligns_buffers) {
    static const char zeros[100];
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *function = call_bind(
            library,
            "unsigned misaligned(_In_reads_bytes_(n) const void *a, int n, _In_reads_bytes_(m) const void *b, int m)");
        for (int n = 0; n < 60; n++) {
            for (int m = 0; m < 60; m += 7) {
                unsigned rest = 9;
                assert_ok(fc_call(function, &rest, zeros, n, zeros, m));
                assert_int_equal(rest, 0);
            }
        }
        fc_library_close(library);
    }
}

TEST(call_passes_several_buffers_at_once) {
    enum { COUNT = 1000 };
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *add =
            call_bind(library, "int add_vectors(_In_reads_(count) const double *a, _In_reads_(count) const double *b, "
                               "_Out_writes_all_(count) double *c, "
                               "size_t count, _Out_ size_t *seen)");
        static double a[COUNT], b[COUNT], c[COUNT + 1];
        for (int i = 0; i < COUNT; i++) {
            a[i] = i * 3.0; /* sums that are exact at any precision */
            b[i] = i * 1e10;
        }
        for (size_t count = 0; count <= COUNT; count += 1 + count / 2) {
            size_t seen = 12345;
            int result = 0;
            c[count] = GUARD;
            assert_ok(fc_call(add, &result, a, b, c, count, &seen));
            assert_int_equal(result, 7);
            assert_int_equal(seen, count);
            for (size_t i = 0; i < count; i++) {
                assert_true(c[i] == a[i] + b[i]);
            }
            assert_true(c[count] == GUARD);
        }
        /* One buffer in two places: the callee gets two copies, and the output is what comes back. */
        size_t seen = 0;
        assert_ok(fc_call(add, NULL, a, a, a, (size_t)10, &seen));
        assert_true(a[9] == 54);
        fc_library_close(library);
    }
}
