/* Exported variables: read, written, and their addresses. */
#include "call.h"

#include <limits.h>

static struct fc_variable *bind_variable(struct fc_library *library, const char *declaration) {
    struct fc_variable *variable = NULL;
    call_assert_ok(fc_variable_bind(library, declaration, &variable), declaration, __FILE__, __LINE__);
    return variable;
}

TEST(variables_of_plain_types) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *counter = bind_variable(library, "extern int counter;");
        int value = 0, seen = 0;
        assert_int_equal(fc_variable_size(counter), sizeof value);
        assert_ok(fc_variable_read(counter, &value));
        assert_int_equal(value, 5);
        value = -123;
        assert_ok(fc_variable_write(counter, &value));
        assert_ok(fc_call(call_bind(library, "int get_counter(void)"), &seen));
        assert_int_equal(seen, -123);
        size_t size = 0;
        assert_ok(fc_variable_read(bind_variable(library, "size_t all_ones"), &size));
        assert_true(size == (size_t)-1);
        long double precise = 0;
        assert_ok(fc_variable_read(bind_variable(library, "extern long double precise"), &precise));
        assert_true(precise == 1.25L);
        float fractions[3] = {0};
        struct fc_variable *table = bind_variable(library, "extern float fractions[3]");
        assert_int_equal(fc_variable_size(bind_variable(library, "float fractions[] = {1.5f, [2] = 0};")),
                         sizeof fractions);
        assert_int_equal(fc_variable_size(table), sizeof fractions);
        assert_ok(fc_variable_read(table, fractions));
        assert_true(fractions[0] == 0.5f && fractions[2] == 2.5f);
        fc_library_close(library);
    }
}

TEST(variables_of_other_widths_must_fit) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *wide = bind_variable(library, "extern long wide_number;");
        long value = 0;
        assert_ok(fc_variable_read(wide, &value));
        assert_int_equal(value, 7);
        value = LONG_MIN;
        if (sizeof(long) == 8 && strcmp(target, "i386-linux") == 0) {
            assert_error(fc_variable_write(wide, &value), FC_ERANGE,
                         "the value of wide_number is -9223372036854775808, which does not fit `long`");
            assert_ok(fc_variable_read(wide, &value));
            assert_int_equal(value, 7);
        } else {
            assert_ok(fc_variable_write(wide, &value));
            assert_ok(fc_variable_read(wide, &value));
            assert_true(value == LONG_MIN);
        }
        fc_library_close(library);
    }
}

#define POINT "struct point { short x; long long y; long z; };"
struct point {
    short x;
    long long y;
    long z;
};

TEST(variables_of_structs) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *place = bind_variable(library, POINT "extern struct point place;");
        struct point point = {0}, points[2];
        long z = 0;
        assert_ok(fc_variable_read(place, &point));
        assert_true(point.x == 1 && point.y == 2 && point.z == 3);
        point.z = -77;
        assert_ok(fc_variable_write(place, &point));
        assert_ok(fc_call(call_bind(library, "long get_z(void)"), &z));
        assert_int_equal(z, -77);
        assert_ok(fc_variable_read(bind_variable(library, POINT "extern struct point places[2];"), points));
        assert_true(points[0].y == 5 && points[1].z == 9);
        fc_library_close(library);
    }
}

TEST(variables_that_are_strings) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        const char *words[3] = {"", "", ""}, *word = NULL;
        assert_ok(fc_variable_read(bind_variable(library, "extern const char *const words[3];"), words));
        assert_string_equal(words[0], "one");
        assert_string_equal(words[1], "two");
        assert_null(words[2]);
        struct fc_variable *changing = bind_variable(library, "extern const char *word;");
        assert_ok(fc_variable_read(changing, &word));
        assert_string_equal(word, "first");
        char *mine = fc_alloc(fc_library_session(library), 10);
        assert_non_null(mine);
        strcpy(mine, "mine");
        word = mine;
        assert_ok(fc_variable_write(changing, &word));
        long long sum = 0;
        assert_ok(fc_call(call_bind(library, "long long get_word_sum(void)"), &sum));
        assert_int_equal(sum, 'm' + 'i' + 'n' + 'e');
        word = "of the caller's own";
        if (!call_is_direct()) { /* where it stays where it is */
            assert_error(fc_variable_write(changing, &word), FC_EUNSUPPORTED, "take that memory from fc_alloc");
        }
        fc_library_close(library);
    }
}

static int add_forty(int value) {
    return value + 40;
}
TEST(variables_that_are_functions) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *hook = bind_variable(library, "extern int (*hook)(int value);");
        struct fc_function *call_hook = call_bind(library, "int call_hook(int value)");
        int (*function)(int) = NULL;
        int result = 0;
        assert_ok(fc_variable_read(hook, &function));
        assert_true(function == NULL);
        assert_ok(fc_call(call_hook, &result, 2));
        assert_int_equal(result, -1);
        function = add_forty;
        assert_ok(fc_variable_write(hook, &function));
        assert_ok(fc_call(call_hook, &result, 2));
        assert_int_equal(result, 42);
        function = NULL;
        assert_ok(fc_variable_read(hook, &function));
        assert_true(function == add_forty);
        fc_library_close(library);
    }
}

TEST(variables_have_addresses_for_the_library) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *counter = bind_variable(library, "extern int counter;");
        void *address = NULL, *handle = NULL;
        int result = 0;
        assert_ok(fc_variable_address(counter, &address));
        assert_ok(fc_call(call_bind(library, "int add_to(_Fc_opaque_ int *value, int by)"), &result, address, 3));
        assert_int_equal(result, 8);
        assert_ok(fc_call(call_bind(library, "void fill_handle(void)"), NULL));
        assert_ok(fc_variable_read(bind_variable(library, "extern void *handle;"), &handle));
        assert_ptr_equal(handle, address);
        assert_ok(fc_call(call_bind(library, "int is_handle(_Fc_opaque_ const void *pointer)"), &result, handle));
        assert_int_equal(result, 1);
        void *nodes = &result;
        assert_ok(fc_variable_read(
            bind_variable(library, "struct node { struct node *next; int value; }; extern struct node *first_node;"),
            &nodes));
        assert_null(nodes);
        fc_library_close(library);
    }
}

TEST(variables_that_cannot_be_reached_say_why) {
    struct fc_library *library = call_open(HARNESS_OWN_TARGET, "variables");
    struct fc_variable *variable = NULL;
    const int value = 1;
    assert_error(fc_variable_bind(library, "int get_counter(void)", &variable), FC_EPARSE, "is not a variable's");
    assert_error(fc_variable_bind(library, "extern int countr;", &variable), FC_ESYMBOL, "does not export `countr`");
    assert_error(fc_variable_bind(library, "extern int fractions[];", &variable), FC_EUNSUPPORTED,
                 "an array without a length");
    assert_error(fc_variable_bind(library, "struct gone; extern struct gone counter;", &variable), FC_EUNSUPPORTED, "");
    assert_error(fc_variable_write(bind_variable(library, "extern const int constant;"), &value), FC_EINVAL,
                 "declared const");
    assert_error(fc_variable_read(NULL, NULL), FC_EINVAL, "fc_variable_read needs");
    assert_null(variable);
    fc_library_close(library);
}

TEST(variables_of_a_fresh_host_are_as_at_its_start) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        struct fc_variable *counter = bind_variable(library, "extern int counter;");
        int value = 50;
        assert_ok(fc_variable_write(counter, &value));
        assert_int_equal(fc_call(call_bind(library, "void end_it(void)"), NULL), FC_EDIED);
        assert_ok(fc_variable_read(counter, &value));
        assert_int_equal(value, 5);
        fc_library_close(library);
    }
}

static struct fc_variable *inner;
static int inner_seen;
static int read_in_a_callback(int value) {
    assert_ok(fc_variable_read(inner, &inner_seen));
    return value * 2;
}
TEST(variables_are_read_in_a_callback) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "variables");
        int (*function)(int) = read_in_a_callback;
        int result = 0;
        inner = bind_variable(library, "extern int counter;");
        assert_ok(fc_variable_write(bind_variable(library, "extern int (*hook)(int value);"), &function));
        assert_ok(fc_call(call_bind(library, "int call_hook(int value)"), &result, 21));
        assert_int_equal(result, 42);
        assert_int_equal(inner_seen, 5);
        fc_library_close(library);
    }
}
