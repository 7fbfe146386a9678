/* Calls allocate nothing once they have been made a first time: malloc and its family, and
 * mmap, are this program's. */
#include "allocations.h"
#include "libs/payloads.h"
#include "meter.h"

#include <errno.h>
#include <stdarg.h>

/* Kinds of calls; each is made of one library. */
enum { SCALARS, STRUCT, STRUCT_BY_ARRAY, TWO_WAYS, STRING, LONG_STRING, STRING_BACK, CALLBACK, KINDS };

static int on_call(int value) {
    return value + 1;
}

static const char *const prototypes[KINDS] = {
    [SCALARS] = "int calls_made(void)",
    [STRUCT] = MIXED "long mixed_change(_Inout_opt_ struct mixed *mixed)",
    [STRUCT_BY_ARRAY] = MIXED "long mixed_change(_Inout_opt_ struct mixed *mixed)",
    [TWO_WAYS] = MIXED "int mixed_calls_back(_Inout_ struct mixed *mixed)",
    [STRING] = "unsigned text_sum(_In_opt_z_ const char *text)",
    [LONG_STRING] = "unsigned text_sum(_In_opt_z_ const char *text)",
    [STRING_BACK] = "const char *text_made(int which)",
    [CALLBACK] = "void keep(int (*function)(int value))",
};

static void call(int kind, struct fc_function *function, const char *long_text) {
    static struct mixed mixed;
    struct mixed *const pointer = &mixed;
    void *const arguments[] = {(void *)&pointer};
    const char *text;
    long number;
    switch (kind) {
    case SCALARS:
        assert_ok(fc_call(function, &number));
        break;
    case STRUCT:
    case TWO_WAYS:
        assert_ok(fc_call(function, &number, &mixed));
        break;
    case STRUCT_BY_ARRAY:
        assert_ok(fc_call_array(function, &number, 1, arguments));
        break;
    case STRING:
        assert_ok(fc_call(function, &number, "short"));
        break;
    case LONG_STRING:
        assert_ok(fc_call(function, &number, long_text));
        break;
    case STRING_BACK:
        assert_ok(fc_call(function, &text, 1));
        assert_ok(fc_call(function, &text, 2));
        assert_string_equal(text, "static");
        break;
    default:
        assert_ok(fc_call(function, NULL, on_call));
        break;
    }
}

TEST(call_allocates_nothing_once_it_was_made) {
    enum { ROUNDS = 50 };
    static char long_text[30000];
    memset(long_text, 'x', sizeof long_text - 1);
    need_allocations();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *functions[KINDS];
        for (int kind = 0; kind < KINDS; kind++) {
            functions[kind] = call_bind(library, prototypes[kind]);
        }
        call(CALLBACK, functions[CALLBACK], long_text);
        const unsigned before_any = allocations;
        for (int kind = 0; kind < KINDS; kind++) {
            call(kind, functions[kind], long_text);
            call(kind, functions[kind], long_text);
            const unsigned before = allocations;
            for (int i = 0; i < ROUNDS; i++) {
                call(kind, functions[kind], long_text);
            }
            if (allocations != before) {
                fail_msg("%u allocations in %d calls of `%s`", allocations - before, ROUNDS, prototypes[kind]);
            }
        }
        void *volatile memory = malloc(1); /* they are counted at all */
        free(memory);
        assert_true(allocations > before_any);
        fc_library_close(library);
    }
}

/* -- calls that are marshalled ------------------------------------------------------------------------------------- */

struct pixel {
    long red;
    short green;
    struct pixel *next;
};
#define PIXEL "struct pixel { long red; short green; _Field_size_opt_(1) struct pixel *next; }; "

static int number;
static struct pixel pixels[3] = {{1, 2, &pixels[1]}, {3, 4, &pixels[2]}, {5, 6, NULL}};
static struct meter meter = {.limit = 1000000, .unit = "volts"};
static char buffer[20000], text[64];
static void *shelf;

static int on_two(int left, int right) {
    return left - right;
}
static int on_name(void *data, const char *name, int index) {
    return data == &number && (name == NULL || name[0] != '\0') && index >= 0;
}
static size_t on_read(void *data, char *bytes, size_t size) {
    bytes[0] = 1;
    return (*(int *)data)++ % 3 == 0 && size > 0;
}

static int call_callback(struct fc_function *function) {
    return fc_call(function, &number, on_two, 3, 2);
}
static int call_callback_by_array(struct fc_function *function) {
    int (*const pointer)(int, int) = on_two;
    int left = 3, right = 2;
    void *const arguments[] = {(void *)&pointer, &left, &right};
    return fc_call_array(function, &number, 3, arguments);
}
static int call_with_texts(struct fc_function *function) {
    return fc_call(function, NULL, on_name, &number);
}
static int call_with_output(struct fc_function *function) {
    long sum;
    return fc_call(function, &sum, on_read, &number);
}
static int call_with_list(struct fc_function *function) {
    long sum = 0;
    const int rc = fc_call(function, &sum, pixels);
    assert_int_equal(sum, rc == FC_OK ? 9 : 0);
    return rc;
}
static int call_changing(struct fc_function *function) {
    struct pixel pixel = {7, 8, NULL};
    return fc_call(function, NULL, &pixel, 2L);
}
static int call_with_outputs(struct fc_function *function) {
    unsigned long size = sizeof buffer;
    return fc_call(function, &number, buffer, &size, 1000UL);
}
static int call_with_buffers(struct fc_function *function) {
    static char from[sizeof buffer];
    return fc_call(function, NULL, buffer, from, sizeof from);
}
static int call_of_types(struct fc_function *function) {
    double sum;
    return fc_call(function, &sum, "oc", &number, on_call);
}
static int call_of_a_format(struct fc_function *function) {
    return fc_call(function, &number, text, sizeof text, "%d %s %.2f", 5, "five", 5.0);
}
static int pass_list(struct fc_function *function, ...) {
    va_list list;
    va_start(list, function);
    const int rc = fc_call(function, &number, text, sizeof text, "%d %s", list);
    va_end(list);
    return rc;
}
static int call_of_a_list(struct fc_function *function) {
    return pass_list(function, 7, "seven");
}
static int call_of_pinned(struct fc_function *function) {
    return fc_call(function, &number, &meter, 1L);
}
static int call_of_kept(struct fc_function *function) {
    return fc_call(function, &number, shelf, "is kept");
}
static int call_of_opaque(struct fc_function *function) {
    void *back = NULL;
    const int rc = fc_call(function, &back, text);
    assert_ptr_equal(back, text);
    return rc;
}

static const char *on_index(int index) {
    static char names[4][1000];
    memset(names[index % 4], 'a' + index, (size_t)index * 30);
    return names[index % 4];
}
struct packet {
    short type;
    int count;
    long values[];
};
static int on_search(int key, const char **ret_text) {
    *ret_text = key % 2 == 0 ? "even" : on_index(key);
    return key;
}
static void on_packet(struct packet *packet) {
    packet->values[packet->count - 1] ^= 1;
}
static int call_returning_texts(struct fc_function *function) {
    unsigned long long sum;
    return fc_call(function, &sum, on_index, 25);
}
static int call_giving_texts(struct fc_function *function) {
    unsigned long long sum;
    return fc_call(function, &sum, on_search, 25);
}
static int call_with_a_flexible_array(struct fc_function *function) {
    unsigned long long sum;
    return fc_call(function, &sum, on_packet, 20);
}

/* `before` is called once, with what the others need. */
static const struct marshalled {
    const char *library, *prototype;
    int (*call)(struct fc_function *function);
    const char *before;
} marshalled[] = {
    {"callbacks", "int apply(int (*function)(int left, int right), int left, int right)", call_callback, NULL},
    {"callbacks", "int apply(int (*function)(int left, int right), int left, int right)", call_callback_by_array, NULL},
    {"callbacks",
     "int each_name(int (*visit)(_Fc_opaque_ void *data, _In_z_ const char *name, int index), _Fc_opaque_ void *data)",
     call_with_texts, NULL},
    {"callbacks",
     "long read_with(size_t (*read)(_Fc_opaque_ void *data, _Out_writes_(size) char *buffer, size_t size), "
     "_Fc_opaque_ void *data)",
     call_with_output, NULL},
    {"lasting", PIXEL "long pixel_sum(_In_ const struct pixel *pixel)", call_with_list, NULL},
    {"lasting", PIXEL "void pixel_lighten(_Inout_ struct pixel *pixel, long by)", call_changing, NULL},
    {"buffers",
     "int get_bytes(_Out_writes_to_(*size, *size) unsigned char *data, _Inout_ unsigned long *size, "
     "unsigned long have)",
     call_with_outputs, NULL},
    {"buffers",
     "void copy(_Out_writes_bytes_all_(size) void *to, _In_reads_bytes_(size) const void *from, size_t size)",
     call_with_buffers, NULL},
    {"variadic", "double sum_of(_In_z_ const char *types, ..., _Out_ int *out, int (*function)(int))", call_of_types,
     NULL},
    {"variadic",
     "int put_text(_Out_writes_(size) char *to, size_t size, _Printf_format_string_ const char *format, ...)",
     call_of_a_format, NULL},
    {"variadic",
     "typedef __builtin_va_list va_list; int put_list(_Out_writes_(size) char *to, size_t size, "
     "_Printf_format_string_ const char *format, va_list list)",
     call_of_a_list, NULL},
    {"lasting", METER "int meter_add(_Fc_pinned_ _Inout_ struct meter *meter, long by)", call_of_pinned,
     METER "_Fc_begins_ int meter_begin(_Fc_pinned_ _Inout_ struct meter *meter)"},
    {"lasting", "int shelf_put(struct shelf *shelf, _In_z_ _Fc_kept_until_(shelf_drop) const char *text)", call_of_kept,
     "struct shelf *shelf_new(void)"},
    {"conformance_o2",
     "unsigned long long sum_texts_returned(_Ret_maybenull_z_ const char *(*name)(int index), int count)",
     call_returning_texts, NULL},
    {"conformance_o2",
     "unsigned long long look_up(int (*find)(int key, _Outptr_result_maybenull_z_ const char **text), int count)",
     call_giving_texts, NULL},
    {"conformance_o2",
     "struct packet { short type; int count; _Field_size_(count) long values[]; }; "
     "unsigned long long change_packet(void (*change)(_Inout_ struct packet *packet), int count)",
     call_with_a_flexible_array, NULL},
    {"pointers", "_Fc_opaque_ void *same(_Fc_opaque_ void *pointer)", call_of_opaque, NULL},
};

static void begin(struct fc_library *library, const struct marshalled *kind) {
    if (kind->call == call_of_pinned) {
        assert_ok(fc_call(call_bind(library, kind->before), &number, &meter));
    } else if (kind->before != NULL) {
        assert_ok(fc_call(call_bind(library, kind->before), &shelf));
    }
}

TEST(call_that_is_marshalled_allocates_nothing_once_it_was_made) {
    enum { ROUNDS = 30 };
    need_allocations();
    for (EACH_TARGET(target)) {
        for (size_t i = 0; i < sizeof marshalled / sizeof marshalled[0]; i++) {
            const struct marshalled *kind = &marshalled[i];
            if (call_is_direct() && kind->call == call_with_a_flexible_array) { /* the library allocates, here */
                continue;
            }
            struct fc_library *library = call_open(target, kind->library);
            struct fc_function *function = call_bind(library, kind->prototype);
            begin(library, kind);
            for (int warm = 0; warm < 3; warm++) {
                assert_ok(kind->call(function));
            }
            const unsigned before = allocations;
            errno = EDOM;
            for (int round = 0; round < ROUNDS; round++) {
                assert_ok(kind->call(function));
            }
            if (allocations != before || errno != EDOM) {
                fail_msg("%u allocations in %d calls of `%s`, and errno is %d", allocations - before, ROUNDS,
                         kind->prototype, errno);
            }
            fc_library_close(library);
        }
    }
}
