/* What the library tells of a bound function, for programs that build calls at run time. */
#include "call.h"

#define PROTOTYPE                                                                                                      \
    "struct thing; enum e { A }; "                                                                                     \
    "double sum_double(bool a, char b, signed char c, unsigned long d, enum e e, float f, const char *g, "             \
    "struct thing *h, int (*i)(void), _In_reads_(d) const short *j, _Out_ double *, "                                  \
    "_Inout_updates_bytes_(d) void *k, _Outptr_ struct thing **l)"

TEST(describe_tells_what_each_parameter_is) {
    static const struct {
        const char *name;
        enum fc_class class, element;
        size_t size, element_size;
        bool is_input, is_output, has_size;
    } rows[] = {
        {"a", FC_CLASS_BOOL, FC_CLASS_VOID, 1, 0, true, false, false},
        {"b", FC_CLASS_CHAR, FC_CLASS_VOID, 1, 0, true, false, false},
        {"c", FC_CLASS_SIGNED, FC_CLASS_VOID, 1, 0, true, false, false},
        {"d", FC_CLASS_UNSIGNED, FC_CLASS_VOID, sizeof(long), 0, true, false, false},
        {"e", FC_CLASS_UNSIGNED, FC_CLASS_VOID, sizeof(int), 0, true, false, false},
        {"f", FC_CLASS_FLOAT, FC_CLASS_VOID, sizeof(float), 0, true, false, false},
        {"g", FC_CLASS_STRING, FC_CLASS_VOID, sizeof(char *), 0, true, false, false},
        {"h", FC_CLASS_POINTER, FC_CLASS_VOID, sizeof(void *), 0, true, false, false},
        {"i", FC_CLASS_CALLBACK, FC_CLASS_VOID, sizeof(void *), 0, true, false, false},
        {"j", FC_CLASS_BUFFER, FC_CLASS_SIGNED, sizeof(void *), sizeof(short), true, false, true},
        {"", FC_CLASS_BUFFER, FC_CLASS_FLOAT, sizeof(void *), sizeof(double), false, true, false},
        {"k", FC_CLASS_BUFFER, FC_CLASS_UNSIGNED, sizeof(void *), 1, true, true, true},
        {"l", FC_CLASS_BUFFER, FC_CLASS_POINTER, sizeof(void *), sizeof(void *), false, true, false},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_function *function = call_bind(library, PROTOTYPE);
    assert_string_equal(fc_function_name(function), "sum_double");
    assert_int_equal(fc_function_parameter_count(function), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_string_equal(fc_parameter_name(function, i), rows[i].name);
        assert_int_equal(fc_parameter_class(function, i), rows[i].class);
        assert_int_equal(fc_parameter_size(function, i), rows[i].size);
        assert_int_equal(fc_element_class(function, i), rows[i].element);
        assert_int_equal(fc_element_size(function, i), rows[i].element_size);
        assert_int_equal(fc_parameter_is_input(function, i), rows[i].is_input);
        assert_int_equal(fc_parameter_is_output(function, i), rows[i].is_output);
        assert_int_equal(fc_parameter_has_size(function, i), rows[i].has_size);
    }
    assert_int_equal(fc_parameter_class(function, FC_RESULT), FC_CLASS_FLOAT);
    assert_int_equal(fc_parameter_size(function, FC_RESULT), sizeof(double));
    static const size_t beyond[] = {ROWS, 1000, FC_RESULT - 1};
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(fc_parameter_name(function, beyond[i]), "");
        assert_int_equal(fc_parameter_class(function, beyond[i]), FC_CLASS_VOID);
        assert_int_equal(fc_parameter_size(function, beyond[i]), 0);
        assert_int_equal(fc_parameter_is_input(function, beyond[i]), 0);
        assert_int_equal(fc_parameter_is_output(function, beyond[i]), 0);
    }
    fc_library_close(library);
}

TEST(describe_tells_what_each_result_is) {
    static const struct {
        const char *prototype;
        enum fc_class class;
        size_t size;
    } rows[] = {{"void nothing(void)", FC_CLASS_VOID, 0},
                {"const char *static_text(void)", FC_CLASS_STRING, sizeof(char *)},
                {"_Fc_opaque_ const char *static_text(void)", FC_CLASS_POINTER, sizeof(char *)},
                {"long make_long(long long value)", FC_CLASS_SIGNED, sizeof(long)},
                {"size_t make_size(long long value)", FC_CLASS_UNSIGNED, sizeof(size_t)},
                {"float echo_float(float value)", FC_CLASS_FLOAT, sizeof(float)},
                {"char echo_char(char value)", FC_CLASS_CHAR, 1},
                {"bool echo_bool(bool value)", FC_CLASS_BOOL, 1}};
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fc_function *function = call_bind(library, rows[i].prototype);
        assert_int_equal(fc_parameter_class(function, FC_RESULT), rows[i].class);
        assert_int_equal(fc_parameter_size(function, FC_RESULT), rows[i].size);
        assert_string_equal(fc_parameter_name(function, FC_RESULT), "");
    }
    fc_library_close(library);
}

/* What a program does that builds a call: asks for the room, calls, asks for what is valid, and takes the smaller. */
TEST(describe_tells_sizes_of_these_arguments) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_function *get = call_bind(library, "int get_bytes(_Out_writes_to_(*size, *size) unsigned char *data, "
                                                 "_Inout_ unsigned long *size, unsigned long have)");
    unsigned char bytes[8] = "", *data = NULL;
    unsigned long size = 8, have = 20, *size_pointer = &size;
    void *const arguments[] = {&data, &size_pointer, &have};
    uint64_t elements = 0;
    assert_ok(fc_parameter_capacity(get, 0, 3, arguments, &elements));
    assert_int_equal(elements, 8);
    assert_ok(fc_parameter_capacity(get, 1, 3, arguments, &elements));
    assert_int_equal(elements, 1);
    data = bytes;
    assert_ok(fc_call_array(get, NULL, 3, arguments));
    assert_ok(fc_parameter_valid(get, 0, 3, arguments, &elements));
    assert_int_equal(elements, 20); /* the library's word */
    have = 3;
    size = 8;
    assert_ok(fc_call_array(get, NULL, 3, arguments));
    assert_ok(fc_parameter_valid(get, 0, 3, arguments, &elements));
    assert_int_equal(elements, 3);
    assert_ok(fc_parameter_valid(get, 1, 3, arguments, &elements));
    assert_int_equal(elements, 1);
    /* Bytes of a wider element. */
    struct fc_function *sum =
        call_bind(library, "unsigned checksum(_In_reads_bytes_(size) const int *data, size_t size)");
    size_t byte_count = 9;
    void *const others[] = {&data, &byte_count};
    assert_ok(fc_parameter_capacity(sum, 0, 2, others, &elements));
    assert_int_equal(elements, 3);
    fc_library_close(library);
}

TEST(describe_refuses_sizes_that_make_no_sense) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_function *channels =
        call_bind(library, "unsigned channels(_In_reads_(n * 4) const unsigned char *bytes, int n)");
    unsigned char *data = NULL;
    int n = -1;
    void *const arguments[] = {&data, &n};
    uint64_t elements = 77;
    assert_error(fc_parameter_capacity(channels, 0, 2, arguments, &elements), FC_EINVAL, "is -4");
    assert_error(fc_parameter_capacity(channels, 1, 2, arguments, &elements), FC_EINVAL, "has no buffer parameter 1");
    assert_error(fc_parameter_capacity(channels, 5, 2, arguments, &elements), FC_EINVAL, "has no buffer parameter 5");
    assert_error(fc_parameter_capacity(channels, 0, 1, arguments, &elements), FC_EINVAL, "among 1");
    assert_error(fc_parameter_capacity(channels, FC_RESULT, 2, arguments, &elements), FC_EINVAL,
                 "has no buffer parameter");
    assert_int_equal(elements, 77);
    fc_library_close(library);
}

TEST(describe_lists_the_targets) {
    static const char *const names[] = {"i386-linux",     "x86_64-linux",     "i386-windows",
                                        "x86_64-windows", "i386-windows-gnu", "x86_64-windows-gnu"};
    const size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(fc_target_name(i), names[i]);
    }
    assert_null(fc_target_name(count));
    assert_null(fc_target_name((size_t)-1));
}
