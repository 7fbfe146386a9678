/* Functions of the caller that the library keeps: one, another in its place, very many. */
#include "call.h"

#include "sessions.h"

static int add_one(int a) {
    return a + 1;
}
static int add_two(int a) {
    return a + 2;
}
TEST(callbacks_are_kept_by_the_library) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *set = call_bind(library, "void set_kept(int (*function)(int a))");
        struct fc_function *call_kept = call_bind(library, "int call_kept(int a)");
        struct fc_function *with = call_bind(library, "int call_kept_with(_In_z_ const char *text, int a)");
        int result = 0;
        assert_ok(fc_call(call_kept, &result, 1));
        assert_int_equal(result, -1);
        assert_ok(fc_call(set, NULL, add_one));
        assert_ok(fc_call(call_kept, &result, 41));
        assert_int_equal(result, 42);
        assert_ok(fc_call(with, &result, "beside it", 6));
        assert_int_equal(result, 7);
        assert_ok(fc_call(set, NULL, add_two));
        assert_ok(fc_call(call_kept, &result, 41));
        assert_int_equal(result, 43);
        assert_ok(fc_call(set, NULL, NULL));
        assert_ok(fc_call(call_kept, &result, 41));
        assert_int_equal(result, -1);
        fc_library_close(library);
    }
}

static void *call_before(void *function) {
    static const int first = 12, second = 34;
    int result = 0;
    require(fc_call(function, &result, &first, &second, 55) == FC_OK);
    return (void *)(intptr_t)result;
}

/* Another thread is in a call, whose data lies where upcalls would write, since there were none yet. */
static void keep_while_a_call_is_made(struct fc_library *library, int (*function)(int a)) {
    struct fc_function *is_waiting = call_bind(library, "int is_waiting(void)");
    struct fc_function *call =
        call_bind(library, "int call_once_kept(_In_ const int *first, _In_ const int *second, int a)");
    pthread_t thread = start_thread(call_before, call);
    void *result = NULL;
    for (int is = 0; !is;) {
        assert_ok(fc_call(is_waiting, &is));
    }
    assert_ok(fc_call(call_bind(library, "void set_kept(int (*function)(int a))"), NULL, function));
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_int_equal((intptr_t)result, 123456);
}

TEST(callbacks_kept_while_a_call_is_made_leave_its_arguments_alone) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        keep_while_a_call_is_made(library, add_one);
        fc_library_close(library);
    }
}

static struct fc_function *call_within;
static _Thread_local bool is_within;
static int add_one_and_call(int a) {
    int result = 0;
    if (!is_within) {
        is_within = true;
        require(fc_call(call_within, &result, "this text lies over all of the line", 1) == FC_OK);
        is_within = false;
        require(result == 2);
    }
    return a + 1;
}

TEST(callbacks_that_call_while_a_call_is_made_leave_its_arguments_alone) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        call_within = call_bind(library, "int call_kept_with(_In_z_ const char *text, int a)");
        keep_while_a_call_is_made(library, add_one_and_call);
        fc_library_close(library);
    }
}

TEST(callbacks_of_one_function_are_one_function) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *are_same = call_bind(library, "_Bool are_same(int (*first)(int a), int (*second)(int a))");
        bool same = false;
        assert_ok(fc_call(are_same, &same, add_one, add_two));
        assert_false(same);
        assert_ok(fc_call(are_same, &same, add_one, add_one));
        assert_true(same);
        struct fc_function *set = call_bind(library, "void set_kept(int (*function)(int a))");
        struct fc_function *is_kept = call_bind(library, "_Bool is_kept(int (*function)(int a))");
        assert_ok(fc_call(set, NULL, add_one));
        for (int i = 0; i < 3; i++) { /* in other calls, too */
            assert_ok(fc_call(is_kept, &same, add_two));
            assert_false(same);
            assert_ok(fc_call(is_kept, &same, add_one));
            assert_true(same);
        }
        fc_library_close(library);
    }
}

/* A hundred thousand functions of 16 bytes, each of which returns its own number. */
enum { NUMBERED = 100000, NUMBERED_BYTES = 16 };
__asm__(".pushsection .text\n"
        ".balign 16\n"
        ".local numbered_functions\n"
        "numbered_functions:\n"
        ".set number, 0\n"
        ".rept 100000\n"
        ".balign 16\n"
        "movl $number, %eax\n"
        "ret\n"
        ".set number, number + 1\n"
        ".endr\n"
        ".popsection\n");
extern const char numbered_functions[] __attribute__((visibility("hidden")));

TEST(callbacks_have_no_limit) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "callbacks");
        struct fc_function *set = call_bind(library, "void register_one(int (*function)(int a))");
        const size_t count = under_valgrind() ? 1000 : NUMBERED;
        for (size_t i = 0; i < count; i++) {
            assert_ok(fc_call(set, NULL, numbered_functions + i * NUMBERED_BYTES));
        }
        size_t right = 0;
        assert_ok(fc_call(call_bind(library, "size_t call_registered(void)"), &right));
        assert_int_equal(right, count);
        fc_library_close(library);
    }
}
