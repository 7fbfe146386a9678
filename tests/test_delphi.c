/* Functions of Delphi's convention, `__register`: called, and calling back, on Windows and on Linux. */
#include "sessions.h"
#include "windows.h"

static int visited[5];
static int visit(int a, int b, int c, int d, int e) {
    memcpy(visited, (int[]){a, b, c, d, e}, sizeof visited);
    return d * 10;
}

static void check(const char *path, const char *target) {
    struct fc_library *library = open_with(path, target, UINT32_MAX);
    double weight = 0;
    long long mixed = 0;
    int said = 0, length = 0;
    assert_ok(fc_call(call_bind(library, "double __register Weigh(int a, short b, signed char c, int d, long long e, "
                                         "double f, float g)"),
                      &weight, -3, -5, -7, 11, -(1LL << 40), 0.25, 1.5));
    assert_true(weight == -3 - 10 - 28 + 88 - 16 * (double)(1LL << 40) + 8 + 96);
    assert_ok(fc_call(call_bind(library, "long long __attribute__((register)) Mix(float x, long long y, unsigned char "
                                         "count, int step)"),
                      &mixed, 4.0, 1LL << 50, 200, -3));
    assert_true(mixed == (1LL << 50) - 600 + 4);
    assert_ok(
        fc_call(call_bind(library, "int Visit(int number, int (__register *visit)(int a, int b, int c, int d, int "
                                   "e))"),
                &said, 4, visit));
    assert_int_equal(said, 40);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(visited[i], i + 1);
    }
    assert_ok(fc_call(call_bind(library, "int __register Length(_In_z_ const char *text)"), &length, "far call"));
    assert_int_equal(length, 8);
    fc_library_close(library);
}

TEST(delphis_functions_are_called_and_call_back) {
    check(harness_library("i386-linux", "delphi"), "i386-linux");
}
TEST(delphis_functions_of_windows_are_called_and_call_back) {
    check(library_path("i386-windows", "delphi"), "i386-windows");
    check(library_path("i386-windows", "delphi"), "i386-windows-gnu");
}

TEST(delphis_convention_has_no_structs_by_value_and_is_none_of_64_bits) {
    struct fc_library *library = open_with(harness_library("i386-linux", "delphi"), "i386-linux", UINT32_MAX);
    struct fc_function *function = NULL;
    assert_error(fc_bind(library, "struct s { int a; }; int __register Length(struct s s)", &function), FC_EUNSUPPORTED,
                 "takes or returns a struct");
    assert_error(fc_bind(library, "struct s { int a; }; struct s __register Length(int a)", &function), FC_EUNSUPPORTED,
                 "_Out_ struct s *");
    fc_library_close(library);
    library = open_with(harness_library("x86_64-linux", "delphi"), "x86_64-linux", UINT32_MAX);
    assert_error(fc_bind(library, "int __register Length(int a)", &function), FC_EUNSUPPORTED,
                 "is one of 32-bit libraries");
    fc_library_close(library);
}
