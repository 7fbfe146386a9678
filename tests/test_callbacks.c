/* Functions of the caller that the library calls. */
#include "call.h"

#include "sessions.h"

#include <limits.h>

static int add_them(int left, int right) {
    return left + right;
}
static int is_even(int index) {
    return index % 2 == 0;
}
static int runs;
static void count_run(void) {
    runs++;
}

TEST(callbacks_take_and_return_ints) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *apply =
            call_bind(library, "int apply(int (*function)(int left, int right), int left, int right)");
        int result = 0;
        assert_ok(fc_call(apply, &result, add_them, 40, 2));
        assert_int_equal(result, 42);
        assert_ok(fc_call(apply, &result, add_them, INT_MIN, 0));
        assert_int_equal(result, INT_MIN);
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        assert_ok(fc_call(times, &result, is_even, 5000));
        assert_int_equal(result, 2500);
        runs = 0;
        assert_ok(fc_call(call_bind(library, "void run(void (*function)(void))"), NULL, count_run));
        assert_int_equal(runs, 1);
        fc_library_close(library);
    }
}

static int errno_found, errno_left;
static int exchange_errno(int value) {
    errno_found = errno;
    errno = errno_left;
    return value;
}
static int exchange_errno_of_text(const char *text) {
    return exchange_errno((int)strlen(text));
}

TEST(callbacks_find_the_errno_of_the_library_and_leave_theirs) {
    static const int values[] = {0, ENOENT, ERANGE, 4095, -1};
    enum { COUNT = sizeof values / sizeof *values };
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *after =
            call_bind(library, "int errno_after(int (*function)(int value), int before, int value)");
        struct fc_function *after_text =
            call_bind(library, "int errno_after_text(int (*function)(_In_z_ const char *text), int before)");
        for (int i = 0; i < COUNT * COUNT; i++) {
            const int before = values[i / COUNT];
            int result = -2;
            errno_left = values[i % COUNT];
            for (int is_text = 0; is_text < 2; is_text++) {
                errno = EXDEV;
                assert_ok(is_text ? fc_call(after_text, &result, exchange_errno_of_text, before)
                                  : fc_call(after, &result, exchange_errno, before, 7));
                assert_int_equal(errno_found, before);
                assert_int_equal(result, errno_left);
                assert_int_equal(errno, errno_left != 0 ? errno_left : EXDEV);
            }
        }
        fc_library_close(library);
    }
}

static double floats(double a, float b, int c, double d) {
    return a * (double)b + c - d;
}
static float half(float a) {
    return a / 2;
}
static long long mixed(signed char a, unsigned short b, long long c, double d, unsigned e, bool f, long g,
                       unsigned long long h, float i, size_t j, int k, double l, uint64_t m) {
    const bool right = a == -5 && b == 65535 && c == -123456789012345 && d == 2.5 && e == 4000000000u && f &&
                       g == -77 && h == 0xfedcba9876543210u && i == -0.25f && j == 123456 && k == -1 && l == 1e300 &&
                       m == 1;
    return right ? -9876543210 : 0;
}
static signed char small(unsigned char a, short b) {
    return (signed char)(a - b);
}
static bool negate(bool a) {
    return !a;
}
static long triple(long a) {
    return a * 3;
}

TEST(callbacks_take_and_return_every_scalar) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        double number = 0;
        assert_ok(
            fc_call(call_bind(library, "double apply_floats(double (*function)(double a, float b, int c, double d), "
                                       "double a, float b, int c, double d)"),
                    &number, floats, 1.5, 4.0, 100, 0.5));
        assert_true(number == 105.5);
        float narrow = 0;
        assert_ok(fc_call(call_bind(library, "float apply_float(float (*function)(float a), float a)"), &narrow, half,
                          (double)0.3f));
        assert_true(narrow == 0.3f / 2);
        long long wide = 0;
        assert_ok(fc_call(
            call_bind(
                library,
                "long long apply_mixed(long long (*function)(signed char a, unsigned short b, long long c, double d, "
                "unsigned e, _Bool f, long g, unsigned long long h, float i, size_t j, int k, double l, uint64_t m))"),
            &wide, mixed));
        assert_true(wide == -9876543210);
        signed char byte = 0;
        assert_ok(
            fc_call(call_bind(library, "signed char apply_small(signed char (*function)(unsigned char a, short b), "
                                       "unsigned char a, short b)"),
                    &byte, small, 200, 210));
        assert_int_equal(byte, -10);
        bool truth = true;
        assert_ok(
            fc_call(call_bind(library, "_Bool apply_bool(_Bool (*function)(_Bool a), _Bool a)"), &truth, negate, true));
        assert_false(truth);
        long result = 0;
        assert_ok(
            fc_call(call_bind(library, "long apply_long(long (*function)(long a), long a)"), &result, triple, -14L));
        assert_int_equal(result, -42);
        fc_library_close(library);
    }
}

static long exceed(long a) {
    (void)a;
    return LONG_MAX;
}

TEST(callbacks_that_return_what_does_not_fit_are_errors) {
    if (sizeof(long) == 4) {
        skip_because("every long of this caller fits every callee");
    }
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "callbacks");
    struct fc_function *apply = call_bind(library, "long apply_long(long (*function)(long a), long a)");
    long result = -1;
    must_fail(fc_call(apply, &result, exceed, 1L), FC_ERANGE, "returned from an upcall");
    assert_int_equal(result, -1);
    assert_ok(fc_call(apply, &result, triple, 5L));
    assert_int_equal(result, 15);
    /* The library saw 0, and what it wrote is there; what it returned is not. */
    int also = -1;
    result = -1;
    struct fc_function *twice =
        call_bind(library, "long apply_long_twice(long (*function)(long a), long a, _Out_ int *also)");
    must_fail(fc_call(twice, &result, exceed, 1L, &also), FC_ERANGE, "returned from an upcall");
    assert_int_equal(result, -1);
    assert_int_equal(also, 1);
    fc_library_close(library);
}

struct visits {
    int count;
    char names[4][16];
};
static int visit(void *data, const char *name, int index) {
    struct visits *visits = data;
    snprintf(visits->names[index], sizeof visits->names[index], "%s", name != NULL ? name : "(none)");
    visits->count++;
    return index * 10;
}
static int length_of(const char *text) {
    return (int)strlen(text);
}

TEST(callbacks_get_user_data_and_texts) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct visits visits = {0};
        int sum = 0;
        assert_ok(
            fc_call(call_bind(library, "int each_name(int (*visit)(_Fc_opaque_ void *data, _In_z_ const char *name, "
                                       "int index), _Fc_opaque_ void *data)"),
                    &sum, visit, &visits));
        assert_int_equal(sum, 60);
        assert_int_equal(visits.count, 4);
        assert_string_equal(visits.names[0], "first");
        assert_string_equal(visits.names[1], "");
        assert_string_equal(visits.names[2], "the third");
        assert_string_equal(visits.names[3], "(none)");
        struct fc_function *with_text =
            call_bind(library, "int with_text(int (*visit)(_In_z_ const char *text), unsigned length)");
        static const unsigned lengths[] = {0, 1, 2046, 2047, 2048, 2049, 60000, 70000, 3000000};
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            assert_ok(fc_call(with_text, &sum, length_of, lengths[i]));
            assert_int_equal(sum, lengths[i]);
        }
        fc_library_close(library);
    }
}

static int sum_of(const unsigned char *bytes, unsigned count) {
    int sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum += bytes[i];
    }
    return sum;
}
struct source {
    unsigned left;
};
static size_t read_some(void *data, char *buffer, size_t size) {
    struct source *source = data;
    size_t got = source->left < size ? source->left : size;
    memset(buffer, 3, got);
    source->left -= (unsigned)got;
    return got;
}
static void fill_buffer(void *buffer, unsigned *length) {
    memset(buffer, 7, *length / 2);
    *length /= 2;
}
static void increment(int *value) {
    ++*value;
}

TEST(callbacks_read_and_write_the_librarys_memory) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *with_bytes = call_bind(
            library,
            "int with_bytes(int (*sum)(_In_reads_(count) const unsigned char *bytes, unsigned count), unsigned count)");
        static const unsigned counts[] = {0, 1, 100, 61000, 65536, 1000000};
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            int sum = -1, expected = 0;
            for (unsigned at = 0; at < counts[i]; at++) {
                expected += (int)(at % 256);
            }
            assert_ok(fc_call(with_bytes, &sum, sum_of, counts[i]));
            assert_int_equal(sum, expected);
        }
        struct source source = {.left = 12345};
        long sum = 0;
        assert_ok(fc_call(call_bind(library, "long read_with(size_t (*read)(_Fc_opaque_ void *data, "
                                             "_Out_writes_(size) char *buffer, size_t size), _Fc_opaque_ void *data)"),
                          &sum, read_some, &source));
        assert_int_equal(sum, 3 * 12345);
        int filled = 0;
        assert_ok(fc_call(call_bind(library, "int fill_with(void (*fill)(_Out_writes_bytes_(*length) void *buffer, "
                                             "_Inout_ unsigned *length))"),
                          &filled, fill_buffer));
        assert_int_equal(filled, 50);
        struct fc_function *opaque =
            call_bind(library, "int fill_with(void (*fill)(_Out_writes_bytes_(*length) void *buffer, "
                               "_Fc_opaque_ unsigned *length))");
        must_fail(fc_call(opaque, &filled, fill_buffer), FC_EUNSUPPORTED, "can only be NULL");
        int value = 1;
        assert_ok(fc_call(
            call_bind(library, "void increment_with(void (*increment)(_Inout_ int *value), _Inout_ int *value)"), NULL,
            increment, &value));
        assert_int_equal(value, 2 + 42);
        fc_library_close(library);
    }
}

/* -- nested, and from many threads --------------------------------------------------------------------------------- */

/* What a function hands out is the caller's own, and read when the function has returned. */
struct pieces {
    const unsigned char *all;
    unsigned size, used, count;
};
static unsigned hand_out(void *data, const unsigned char **ret_piece, const char **ret_name) {
    struct pieces *pieces = data;
    const unsigned rest = pieces->size - pieces->used, size = rest < 700 ? rest : 700;
    *ret_piece = pieces->all + pieces->used;
    *ret_name = size == rest ? "the last" : NULL;
    pieces->used += size;
    pieces->count++;
    return size;
}

TEST(callbacks_hand_out_memory_of_the_caller) {
    unsigned char bytes[2500];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 13);
    }
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *gather =
            call_bind(library, "unsigned gather(unsigned (*next)(_Fc_opaque_ void *data, "
                               "_Outptr_result_bytebuffer_(return) const unsigned char **piece, "
                               "_Outptr_result_maybenull_z_ const char **name), _Fc_opaque_ void *data, unsigned size, "
                               "_Outptr_result_bytebuffer_(1) const unsigned char **last)");
        for (int i = 0; i < 3; i++) {
            struct pieces pieces = {.all = bytes, .size = sizeof bytes - (unsigned)i};
            const unsigned char *last = NULL;
            unsigned sum = 0, expected = 0;
            for (unsigned j = 0; j < pieces.size; j++) {
                expected += bytes[j] * (j + 1);
            }
            assert_ok(fc_call(gather, &sum, hand_out, &pieces, pieces.size, &last));
            assert_int_equal(sum, expected);
            assert_int_equal(pieces.count, 4);
            assert_ptr_equal(last, bytes + 2100); /* not the library's copy */
        }
        fc_library_close(library);
    }
}

static struct fc_function *nested_times, *nested_kept;
static int go_deeper(int depth) {
    int result = 0;
    if (depth > 0) {
        const char *text = "a text of the deeper call";
        require(fc_call(nested_kept, &result, text, depth - 1) == FC_OK);
    }
    return result + depth;
}

TEST(callbacks_nest_a_hundred_deep) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        int result = 0;
        assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, go_deeper));
        nested_kept = call_bind(library, "int call_kept_with(_In_z_ const char *text, int a)");
        assert_ok(fc_call(nested_kept, &result, "the outermost", 100));
        assert_int_equal(result, 5050);
        fc_library_close(library);
    }
}

static int call_it_too(int index) {
    int result = 0;
    require(fc_call(nested_times, &result, is_even, index) == FC_OK);
    return result;
}

TEST(callbacks_call_functions_that_call_back) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        int result = 0;
        nested_times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        assert_ok(fc_call(nested_times, &result, call_it_too, 10));
        assert_int_equal(result, 0 + 1 + 1 + 2 + 2 + 3 + 3 + 4 + 4 + 5);
        fc_library_close(library);
    }
}

static void *call_back_often(void *times) {
    for (int i = 0; i < 300; i++) {
        int result = 0;
        require(fc_call(times, &result, is_even, 20) == FC_OK && result == 10);
    }
    return NULL;
}

TEST(callbacks_come_to_the_thread_that_calls) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *times = call_bind(library, "int call_times(int (*function)(int index), int times)");
        pthread_t threads[8];
        for (int i = 0; i < 8; i++) {
            threads[i] = start_thread(call_back_often, times);
        }
        for (int i = 0; i < 8; i++) {
            join(threads[i]);
        }
        fc_library_close(library);
    }
}

/* -- real functions ------------------------------------------------------------------------------------------------ */

static int compare_ints(const void *left, const void *right) {
    int a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

TEST(callbacks_sort_with_the_other_libc) {
    need_host();
    struct fc_options *options = fc_options_new();
    must(fc_options_set_target(options, HARNESS_OTHER_TARGET));
    struct fc_library *libc;
    assert_ok(fc_open("libc.so.6", options, &libc));
    struct fc_function *sort =
        call_bind(libc, "void qsort(_Inout_updates_bytes_(n * size) void *base, size_t n, size_t size, "
                        "int (*compare)(_In_reads_bytes_(4) const void *left, _In_reads_bytes_(4) const void *right))");
    static int numbers[10000];
    unsigned random = 1;
    for (int i = 0; i < 10000; i++) {
        random = random * 1103515245u + 12345u;
        numbers[i] = (int)random;
    }
    assert_ok(fc_call(sort, NULL, numbers, (size_t)10000, sizeof numbers[0], compare_ints));
    for (int i = 1; i < 10000; i++) {
        assert_true(numbers[i - 1] <= numbers[i]);
    }
    fc_library_close(libc);
    fc_options_free(options);
}

struct document {
    struct fc_function *get_line;
    void *parser;
    int elements, depth, deepest;
    size_t text_bytes;
    unsigned long last_line;
};
static void begin_element(void *data, const char *name, void *attributes) {
    struct document *document = data;
    require(attributes != NULL && strcmp(name, document->depth == 0 ? "list" : "item") == 0);
    require(fc_call(document->get_line, &document->last_line, document->parser) == FC_OK);
    document->elements++;
    document->depth++;
    document->deepest = document->depth > document->deepest ? document->depth : document->deepest;
}
static void end_element(void *data, const char *name) {
    struct document *document = data;
    require(name[0] == 'l' || name[0] == 'i');
    document->depth--;
}
static void take_text(void *data, const char *text, int length) {
    struct document *document = data;
    require(length > 0 && strchr("v0123456789\n", text[0]) != NULL); /* in pieces of expat's choice */
    document->text_bytes += (size_t)length;
}

/* Real expat: handlers that it keeps, and that call it while it parses. */
TEST(callbacks_handle_what_expat_parses) {
    need_host();
    struct fc_options *options = fc_options_new();
    must(fc_options_set_target(options, HARNESS_OTHER_TARGET));
    struct fc_library *expat;
    assert_ok(fc_open("libexpat.so.1", options, &expat));
    enum { ITEMS = 5000 };
    char *text = malloc(ITEMS * 32 + 64);
    size_t used = (size_t)sprintf(text, "<list>\n");
    for (int i = 0; i < ITEMS; i++) {
        used += (size_t)sprintf(text + used, "<item id='%d'>v%06d</item>\n", i, i);
    }
    used += (size_t)sprintf(text + used, "</list>");

    struct document document = {0};
    assert_ok(fc_call(call_bind(expat, "struct XML_ParserStruct *XML_ParserCreate(const char *encoding)"),
                      &document.parser, NULL));
    document.get_line = call_bind(expat, "unsigned long XML_GetCurrentLineNumber(struct XML_ParserStruct *parser)");
    assert_ok(fc_call(call_bind(expat, "void XML_SetUserData(struct XML_ParserStruct *parser, _Fc_opaque_ void *data)"),
                      NULL, document.parser, &document));
    assert_ok(fc_call(
        call_bind(
            expat,
            "void XML_SetElementHandler(struct XML_ParserStruct *parser, "
            "void (*start)(_Fc_opaque_ void *data, _In_z_ const char *name, _Fc_opaque_ const char **attributes), "
            "void (*end)(_Fc_opaque_ void *data, _In_z_ const char *name))"),
        NULL, document.parser, begin_element, end_element));
    assert_ok(fc_call(call_bind(expat, "void XML_SetCharacterDataHandler(struct XML_ParserStruct *parser, "
                                       "void (*handler)(_Fc_opaque_ void *data, _In_reads_(length) const char *text, "
                                       "int length))"),
                      NULL, document.parser, take_text));
    struct fc_function *parse = call_bind(expat, "int XML_Parse(struct XML_ParserStruct *parser, _In_reads_(length) "
                                                 "const char *text, int length, int is_final)");
    for (size_t at = 0; at < used; at += 10000) {
        const size_t size = used - at < 10000 ? used - at : 10000;
        int status = 0;
        assert_ok(fc_call(parse, &status, document.parser, text + at, (int)size, at + size == used));
        assert_int_equal(status, 1);
    }
    assert_int_equal(document.elements, ITEMS + 1);
    assert_int_equal(document.depth, 0);
    assert_int_equal(document.deepest, 2);
    assert_int_equal(document.text_bytes, ITEMS * 8 + 1);
    assert_int_equal(document.last_line, ITEMS + 1);
    assert_ok(fc_call(call_bind(expat, "void XML_ParserFree(struct XML_ParserStruct *parser)"), NULL, document.parser));
    free(text);
    fc_library_close(expat);
    fc_options_free(options);
}
