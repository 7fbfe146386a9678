/* client: what libraries print, in sessions with a log. */
#include "said.h"
#include "windows.h"

enum { MANY = 20000 };

/* The C library of the target. */
static const struct {
    const char *target, *library, *write, *abort;
} systems[] = {
    {HARNESS_OTHER_TARGET, "libc.so.6", "long write(int, _In_z_ const char *, size_t)", "void abort(void)"},
    {HARNESS_OWN_TARGET, "libc.so.6", "long write(int, _In_z_ const char *, size_t)", "void abort(void)"},
    {"i386-windows", "msvcrt.dll", "int _write(int, _In_z_ const char *, unsigned)", "void abort(void)"},
    {"x86_64-windows", "msvcrt.dll", "int _write(int, _In_z_ const char *, unsigned)", "void abort(void)"},
};

static struct fc_library *open_with_log(unsigned system, struct said *said) {
    struct fc_library *library = NULL;
    struct fc_options *options = fc_options_new();
    *said = (struct said){.lock = PTHREAD_MUTEX_INITIALIZER};
    if (strstr(systems[system].target, "windows") != NULL) { /* skips where there is no Wine */
        fc_library_close(open_with(systems[system].library, systems[system].target, UINT32_MAX));
    }
    assert_ok(fc_options_set_backend(options, "process"));
    assert_ok(fc_options_set_target(options, systems[system].target));
    assert_ok(fc_options_set_log(options, note, said));
    assert_ok(fc_open(systems[system].library, options, &library));
    fc_options_free(options);
    return library;
}

static void print(unsigned system, struct fc_library *library, int fd, const char *text) {
    struct fc_function *write = call_bind(library, systems[system].write);
    if (strstr(systems[system].target, "windows") != NULL) {
        int written = 0;
        assert_ok(fc_call(write, &written, fd, text, (unsigned)strlen(text)));
        assert_int_equal(written, (int)strlen(text));
    } else {
        long written = 0;
        assert_ok(fc_call(write, &written, fd, text, strlen(text)));
        assert_int_equal(written, (long)strlen(text));
    }
}

static void lines(unsigned system) {
    struct said said;
    char longer[2601];
    struct fc_library *library = open_with_log(system, &said);
    print(system, library, 1, "the first\nand the se");
    expect_said(&said, "a library prints: the first\n");
    assert_false(has_said(&said, "and the se"));
    print(system, library, 1, "cond\n");
    expect_said(&said, "a library prints: and the second\n");
    print(system, library, 2, "an error\n\n");
    expect_said(&said, "a library prints: an error\na library prints: \n");
    memset(longer, '~', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    print(system, library, 1, longer);
    print(system, library, 1, "\n");
    expect_said(&said, "~~~~\na library prints: ~~~~");
    fc_library_close(library);
    assert_int_equal(count_of(&said, "~"), sizeof longer - 1);
    free(said.text);
}

/* What is still in the library's own buffers is written when the host ends, more than a pipe holds. */
static void last_words(unsigned system) {
    struct said said;
    struct fc_library *library = open_with_log(system, &said);
    struct fc_function *put = call_bind(library, "int puts(const char *text)");
    for (int i = 0; i < MANY; i++) {
        int result = -1;
        assert_ok(fc_call(put, &result, "one of many lines"));
        assert_true(result >= 0);
    }
    print(system, library, 2, "no end of a line");
    fc_library_close(library);
    assert_int_equal(count_of(&said, "a library prints: one of many lines\n"), MANY);
    assert_int_equal(count_of(&said, "no end of a line"), 1);
    assert_int_equal(count_of(&said, " ended\n"), 1);
    free(said.text);
}

static void death(unsigned system) {
    struct said said;
    struct fc_library *library = open_with_log(system, &said);
    print(system, library, 1, "why it ends");
    assert_error(fc_call(call_bind(library, systems[system].abort), NULL), FC_EDIED, "abort");
    expect_said(&said, " is gone: ");
    assert_true(is_said_before(&said, "a library prints: why it ends\n", " is gone: "));
    print(system, library, 1, "after it\n"); /* by a fresh host */
    expect_said(&said, "a library prints: after it\n");
    fc_library_close(library);
    free(said.text);
}

#define FOR_LINUX(test)                                                                                                \
    TEST(prints_of_##test) {                                                                                           \
        test(0);                                                                                                       \
        test(1);                                                                                                       \
    }
#define FOR_WINDOWS(test)                                                                                              \
    TEST(prints_of_##test##_under_windows) {                                                                           \
        test(2);                                                                                                       \
        test(3);                                                                                                       \
    }
FOR_LINUX(lines)
FOR_LINUX(last_words)
FOR_LINUX(death)
FOR_WINDOWS(lines)
FOR_WINDOWS(last_words)
FOR_WINDOWS(death)
