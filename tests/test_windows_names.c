/* Windows libraries: by which names functions are found, and structs by conventions that Linux does not have. */
#include "windows.h"

#include "sessions.h"

static struct fc_library *open_names(const char *target) {
    char own[32];
    snprintf(own, sizeof own, "%.*s", (int)strcspn(target, "-") + 8, target); /* without "-gnu" */
    return open_with(library_path(own, "names"), target, UINT32_MAX);
}

static int bind_error(struct fc_library *library, const char *prototype) {
    struct fc_function *function = NULL;
    return fc_bind(library, prototype, &function);
}

static unsigned call_two(struct fc_library *library, const char *prototype, unsigned a, unsigned b) {
    unsigned result = 0;
    assert_ok(fc_call(call_bind(library, prototype), &result, a, b));
    return result;
}

TEST(windows_functions_are_found_by_decorated_names) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_names(target);
        unsigned result = 0;
        assert_int_equal(call_two(library, "unsigned __stdcall Add(unsigned a, unsigned b)", 40, 2), 42);
        assert_int_equal(call_two(library, "unsigned __fastcall Sub(unsigned a, unsigned b)", 44, 2), 42);
        assert_int_equal(call_two(library, "unsigned __stdcall Multiply(unsigned a, unsigned b)", 21, 2), 42);
        assert_ok(fc_call(call_bind(library, "unsigned Negate(unsigned a)"), &result, 1u));
        assert_int_equal(result, UINT32_MAX);
        fc_library_close(library);
    }
}

TEST(windows_functions_are_found_by_labels_and_ordinals) {
    struct fc_library *library = open_names("i386-windows");
    assert_int_equal(call_two(library, "unsigned __fastcall f(unsigned a, unsigned b) __asm__(\"@Sub@8\")", 44, 2), 42);
    assert_int_equal(call_two(library, "unsigned __fastcall f(unsigned a, unsigned b) __asm__(\"#1\")", 44, 2), 42);
    assert_error(bind_error(library, "unsigned __fastcall f(unsigned a, unsigned b) __asm__(\"Sub\")"), FC_ESYMBOL,
                 "does not export `Sub`");
    assert_error(bind_error(library, "int f(void) __asm__(\"#4711\")"), FC_ESYMBOL, "#4711");
    fc_library_close(library);
}

TEST(windows_functions_with_other_arguments_are_not_called) {
    struct fc_library *library = open_names("i386-windows");
    assert_error(bind_error(library, "unsigned __stdcall Add(unsigned a)"), FC_ESYMBOL,
                 "it does export `Add@8`, which is __stdcall and takes 8 bytes of arguments. The prototype's takes 4");
    assert_error(bind_error(library, "unsigned Add(unsigned a, unsigned b)"), FC_ESYMBOL, "and is cdecl");
    assert_error(bind_error(library, "unsigned __stdcall Sub(unsigned a, unsigned b)"), FC_ESYMBOL,
                 "`@Sub@8`, which is __fastcall");
    fc_library_close(library);
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

struct point {
    int x, y;
};
struct large {
    int numbers[8];
};
#define STRUCTS "struct point { int x, y; }; struct large { int numbers[8]; }; struct single { float value; }; "

TEST(windows_methods_return_structs) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_names(target);
        struct point at = {40, 2}, moved = {0, 0};
        assert_ok(fc_call(call_bind(library, STRUCTS "struct point __thiscall moved(_In_ struct point *self, int by)"),
                          &moved, &at, 2));
        assert_int_equal(moved.x, 42);
        assert_int_equal(moved.y, 0);
        fc_library_close(library);
    }
}

static int visit(struct large large, float by, struct point at) {
    int total = 0;
    for (int i = 0; i < 8; i++) {
        total += large.numbers[i];
    }
    return (int)((float)total * by * 2) + at.x * 100 + at.y;
}

TEST(windows_structs_go_by_value_both_ways) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_names(target);
        struct large large = {{1, 2, 3, 4, 5, 6, 7, 8}};
        int total = 0;
        assert_ok(fc_call(call_bind(library, STRUCTS "int sum(struct large large, double scale)"), &total, large, 0.5));
        assert_int_equal(total, 18);
        assert_int_equal(large.numbers[7], 8);
        assert_ok(fc_call(call_bind(library, STRUCTS "typedef int (__stdcall *visitor)(struct large large, float by, "
                                                     "struct point at); "
                                                     "int sum_of_visits(visitor visit, int times)"),
                          &total, visit, 3));
        assert_int_equal(total, 28 + 29 + 30 + 99 + 198);
        fc_library_close(library);
    }
}

TEST(windows_libraries_of_mingw_have_their_own_rules) {
    static const char *const targets[] = {"i386-windows-gnu", "x86_64-windows-gnu"};
    for (unsigned i = 0; i < 2; i++) {
        struct fc_library *library = open_names(targets[i]);
        struct {
            float value;
        } half = {0}, number = {85};
        long double minus = 0;
        assert_ok(fc_call(call_bind(library, STRUCTS "struct single half(struct single number)"), &half, number));
        assert_true(half.value == 42.5f);
        assert_ok(fc_call(call_bind(library, "long double minus(long double number)"), &minus, 1.0L / 3));
        assert_true(minus == -1.0L / 3);
        fc_library_close(library);
    }
}
