/* Errors as a user meets them: the code, the words that matter, outputs left alone, and nothing left behind. */
#include "call.h"

#include "sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>

/* -- a folder for each test ---------------------------------------------------------------------------------------- */

static char folder[64];

static const char *in_folder(const char *name) {
    static char paths[4][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

static const char *make_file(const char *name, const void *data, size_t size, int mode) {
    const char *path = in_folder(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
    return path;
}

static const char *make_script(const char *name, const char *lines) {
    return make_file(name, lines, strlen(lines), 0755);
}

/* The first `size` bytes of a test library, or all. */
static const char *make_copy(const char *name, const char *target, const char *library, size_t size) {
    static char data[1 << 20];
    int fd = open(harness_library(target, library), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t len = read(fd, data, sizeof data);
    assert_true(len > 0 && (size_t)len < sizeof data);
    close(fd);
    return make_file(name, data, size < (size_t)len ? size : (size_t)len, 0755);
}

/* -- what must be refused ------------------------------------------------------------------------------------------ */

static struct fc_library *const untouched = (struct fc_library *)(uintptr_t)0x1234;

#define assert_open_fails(path, options, code, words)                                                                  \
    do {                                                                                                               \
        struct fc_library *library_here = untouched;                                                                   \
        assert_error(fc_open((path), (options), &library_here), (code), (words));                                      \
        assert_ptr_equal(library_here, untouched);                                                                     \
    } while (0)

static struct fc_options *options_for(const char *target) {
    struct fc_options *options = fc_options_new();
    assert_non_null(options);
    assert_ok(fc_options_set_target(options, target));
    return options;
}

/* -- files --------------------------------------------------------------------------------------------------------- */

TEST(error_explains_the_wrong_bitness) {
    for (EACH_TARGET(target)) {
        const char *wrong = strcmp(target, "i386-linux") == 0 ? "x86_64-linux" : "i386-linux";
        struct fc_options *options = options_for(target);
        struct fc_session *session;
        struct fc_library *library = untouched;
        assert_ok(fc_session_open(options, &session));
        assert_error(fc_library_open(session, harness_library(wrong, "basic"), &library), FC_ETARGET, "libbasic.so");
        assert_ptr_equal(library, untouched);
        assert_error_text("is a library for");
        assert_error_text("i386-linux (32 bits)");
        assert_error_text("x86_64-linux (64 bits)");
        assert_error_text("Open it in a session whose target is");
        fc_session_close(session);
        assert_open_fails(harness_library(wrong, "basic"), options, FC_ETARGET, wrong);
        fc_options_free(options);
    }
}

TEST(error_explains_files_that_are_no_libraries) {
    make_folder(folder, sizeof folder);
    assert_open_fails(in_folder("missing.so"), NULL, FC_ENOENT, "missing.so: No such file or directory");
    assert_open_fails(folder, NULL, FC_EFORMAT, "Is a directory");
    assert_open_fails(make_script("text.so", "not a library\n"), NULL, FC_EFORMAT,
                      "text.so is no library that can be loaded: not a binary");
    assert_open_fails(make_script("script.so", "#!/bin/sh\n"), NULL, FC_EFORMAT, "script");
    assert_open_fails(make_file("empty.so", "", 0, 0644), NULL, FC_EFORMAT,
                      "empty.so is no library that can be loaded: empty file");
    assert_open_fails("/proc/self/exe", NULL, FC_EFORMAT, "is no library: ELF executable");
    assert_open_fails("/dev/zero", NULL, FC_EFORMAT, "not a regular file");
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    assert_open_fails(in_folder("fifo"), NULL, FC_EFORMAT, "not a regular file");
    assert_int_equal(symlink("loop", in_folder("loop")), 0);
    assert_open_fails(in_folder("loop"), NULL, FC_ENOENT, strerror(ELOOP));
    assert_open_fails(in_folder("text.so/below"), NULL, FC_ENOENT, "Not a directory");
    if (geteuid() != 0) {
        assert_open_fails(make_file("secret.so", "x", 1, 0), NULL, FC_ENOENT, "Permission denied");
    }
    remove_folder(folder);
}

TEST(error_explains_libraries_that_lost_their_end) {
    static const size_t sizes[] = {5, 20, 52, 64, 100, 500, 4096, 8192};
    make_folder(folder, sizeof folder);
    for (EACH_TARGET(target)) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            assert_open_fails(make_copy("cut.so", target, "basic", sizes[i]), NULL, FC_EFORMAT, "cut.so: ELF");
        }
        struct fc_library *library; /* and whole, under any name */
        assert_ok(fc_open(make_copy("whole", target, "basic", SIZE_MAX), NULL, &library));
        fc_library_close(library);
    }
    remove_folder(folder);
}

TEST(error_explains_libraries_of_no_target_here) {
    static const char managed[] = "/usr/lib/mono/4.5/mscorlib.dll";
    if (access(managed, R_OK) != 0) {
        skip_because("Mono's libraries are not installed");
    }
    assert_open_fails(managed, NULL, FC_ETARGET, "mscorlib.dll is for i386 (PE, 32 bits, managed code");
    assert_error_text("for which there is no host");
}

/* -- the loader ---------------------------------------------------------------------------------------------------- */

TEST(error_names_a_missing_dependency) {
    make_folder(folder, sizeof folder);
    for (EACH_TARGET(target)) {
        const char *path = make_copy("libneeds_gone.so", target, "needs_gone", SIZE_MAX);
        assert_open_fails(path, NULL, FC_EDEPENDENCY, "libneeds_gone.so needs libgone.so");
        assert_error_text(target);
        assert_error_text("library path");
        struct fc_options *options = options_for(target);
        assert_ok(fc_options_set_library_path(options, folder));
        assert_open_fails("libneeds_gone.so", options, FC_EDEPENDENCY, "libgone.so");
        assert_open_fails(path, options, FC_EDEPENDENCY, "libgone.so");
        /* Mended as the text says. */
        make_copy("libgone.so", target, "gone", SIZE_MAX);
        struct fc_library *library;
        assert_ok(fc_open("libneeds_gone.so", options, &library));
        int result = 0;
        assert_ok(fc_call(call_bind(library, "int needs_gone(void)"), &result));
        assert_int_equal(result, 1);
        fc_library_close(library);
        assert_int_equal(unlink(in_folder("libgone.so")), 0);
        fc_options_free(options);
    }
    remove_folder(folder);
}

TEST(error_names_a_library_that_the_loader_does_not_find) {
    for (EACH_TARGET(target)) {
        struct fc_options *options = options_for(target);
        assert_open_fails("libnowhere.so.9", options, FC_ENOENT, "finds no library libnowhere.so.9");
        assert_error_text(target);
        assert_error_text(call_pointer_bytes(target) == 4 ? ":i386" : "Install it for this target");
        fc_options_free(options);
    }
}

TEST(error_passes_on_what_else_the_loader_says) {
    for (EACH_TARGET(target)) {
        assert_open_fails(harness_library(target, "undefined"), NULL, FC_ELOAD, "undefined symbol: defined_nowhere");
        assert_error_text("libundefined.so");
    }
}

/* -- declarations -------------------------------------------------------------------------------------------------- */

static struct fc_function *const unbound = (struct fc_function *)(uintptr_t)0x1234;

#define assert_bind_fails(library, prototype, code, words)                                                             \
    do {                                                                                                               \
        struct fc_function *function_here = unbound;                                                                   \
        assert_error(fc_bind((library), (prototype), &function_here), (code), (words));                                \
        assert_ptr_equal(function_here, unbound);                                                                      \
    } while (0)

TEST(error_names_the_nearest_symbols) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "basic");
        assert_bind_fails(library, "int add(int a, int b)", FC_ESYMBOL, "libbasic.so does not export `add`");
        assert_error_text("the nearest names that it does export are `Add`");
        assert_bind_fails(library, "int calls_mode(void)", FC_ESYMBOL, "`calls_made`");
        assert_bind_fails(library, "int echo_itn(int value)", FC_ESYMBOL, "`echo_int`");
        assert_bind_fails(library, "int cal1s_made(void)", FC_ESYMBOL, "`calls_made`");
        assert_bind_fails(library, "int zzzzzzzzzz(void)", FC_ESYMBOL, "does not export `zzzzzzzzzz`");
        assert_null(strstr(fc_error_text(), "nearest"));
        fc_library_close(library);
    }
    /* A library found by name is looked at where the loader found it. */
    struct fc_options *options = options_for(HARNESS_OTHER_TARGET);
    struct fc_library *library;
    assert_ok(fc_open("libc.so.6", options, &library));
    assert_bind_fails(library, "int strlenn(void)", FC_ESYMBOL, "`strlen`");
    fc_library_close(library);
    fc_options_free(options);
}

TEST(error_points_at_what_does_not_parse) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    assert_bind_fails(library, "int Add(int a, itn b)", FC_EPARSE, "prototype:1:16: ");
    assert_error_text("\nint Add(int a, itn b)\n               ^");
    assert_bind_fails(library, "typedef int number;\nnumber Add(number a,\n           numbr b)", FC_EPARSE,
                      "prototype:3:12: ");
    assert_error_text("\n           numbr b)\n           ^");
    assert_bind_fails(library, "", FC_EPARSE, "");
    assert_bind_fails(library, "int Add(int a, int b) {", FC_EPARSE, "prototype:1:");
    assert_bind_fails(library, "int", FC_EINVAL, "int");
    assert_bind_fails(library, "int Add(_In_reads_(m) const int *a, int n)", FC_EPARSE,
                      "names 'm', which is no parameter");
    assert_bind_fails(library, "\xff\xfe(", FC_EPARSE, "prototype:1:1");
    fc_library_close(library);
}

TEST(error_says_which_type_cannot_be_passed_and_what_is_not_said) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    assert_bind_fails(library, "int Add(__int128 a, int b)", FC_EUNSUPPORTED,
                      "parameter `a` of Add has the type `__int128`");
    assert_bind_fails(library, "int Add(const char *format, ...)", FC_EUNSUPPORTED, "Add is variadic");
    assert_bind_fails(library, "int Add(void *a, int b)", FC_EANNOTATION, "parameter `a` of Add is `void *`");
    assert_error_text("_In_reads_bytes_(n)");
    assert_error_text("_Fc_opaque_");
    assert_bind_fails(library, "int Add(const char *a, int b)", FC_EANNOTATION, "_In_z_ if it ends with a NUL");
    assert_bind_fails(library, "char *static_text(void)", FC_EANNOTATION, "_Ret_z_ if it is a string");
    fc_library_close(library);
}

/* -- calls --------------------------------------------------------------------------------------------------------- */

TEST(error_counts_arguments) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    struct fc_function *add = call_bind(library, "int Add(int a, int b)");
    int one = 1, result = 7;
    void *const arguments[] = {&one, &one, &one};
    assert_error(fc_call_array(add, &result, 3, arguments), FC_EARGS, "Add takes 2 arguments, not 3");
    assert_error(fc_call_array(add, &result, 1, arguments), FC_EARGS, "Add takes 2 arguments, not 1");
    assert_error(fc_call_array(add, &result, 0, NULL), FC_EARGS, "Add takes 2 arguments, not 0");
    assert_error(fc_call_array(call_bind(library, "int echo_int(int)"), &result, 0, NULL), FC_EARGS,
                 "echo_int takes 1 argument, not 0");
    assert_int_equal(result, 7);
    assert_ok(fc_call_array(add, &result, 2, arguments));
    assert_int_equal(result, 2);
    assert_ok(fc_call_array(call_bind(library, "void nothing(void)"), NULL, 0, NULL));
    fc_library_close(library);
}

TEST(error_names_what_is_out_of_range) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
#if LONG_MAX > INT32_MAX
    long result = 7;
    assert_error(fc_call(call_bind(library, "long echo_long(long value)"), &result, 1L << 40), FC_ERANGE,
                 "argument `value` of echo_long is 1099511627776");
    assert_error_text("`long`, 32 bits wide in the callee (i386-linux)");
#else
    long result = 7;
    assert_error(fc_call(call_bind(library, "long make_long(long long value)"), &result, 1LL << 40), FC_ERANGE,
                 "the result of make_long is 1099511627776");
    assert_error_text("`long`, 32 bits wide in the caller (i386-linux)");
#endif
    assert_int_equal(result, 7);
    fc_library_close(library);
}

TEST(error_tells_how_a_host_died) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "pointers");
        struct fc_function *look = call_bind(library, "int look(_Fc_opaque_ const int *pointer)");
        struct fc_function *are_equal = call_bind(library, "int are_equal(_Fc_opaque_ void *a, _Fc_opaque_ void *b)");
        int result = 7, first = fc_session_host_pid(fc_library_session(library));
        assert_error(fc_call(look, &result, (void *)(uintptr_t)0x10), FC_EDIED,
                     "died in the call of `look`: SIGSEGV at address 0x10");
        assert_error_text("libpointers.so");
        assert_error_text(target);
        assert_error_text("The next call starts a fresh host.");
        assert_int_equal(result, 7);
        assert_ok(fc_call(are_equal, &result, NULL, NULL));
        assert_int_equal(result, 1);
        assert_int_not_equal(fc_session_host_pid(fc_library_session(library)), first);
        fc_library_close(library);
    }
}

/* Whichever way the call went, errno is not the library's to change unless the callee did. */
TEST(error_leaves_errno_alone) {
    struct fc_options *options = options_for(HARNESS_OTHER_TARGET);
    struct fc_library *library, *hasty;
    assert_ok(fc_open("libc.so.6", options, &library));
    assert_ok(fc_options_set_deadline_ms(options, 50));
    assert_ok(fc_open("libc.so.6", options, &hasty));
    struct fc_function *abort_there = call_bind(library, "void abort(void)");
    struct fc_function *pause_there = call_bind(hasty, "int pause(void)");
    struct fc_function *length_of = call_bind(library, "size_t strlen(const char *text)");
    for (int round = 0; round < 3; round++) {
        size_t length = 0;
        errno = EDOM;
        assert_error(fc_call(pause_there, NULL), FC_ETIMEDOUT, "no answer within 50 ms");
        assert_int_equal(errno, EDOM);
        assert_error(fc_call(abort_there, NULL), FC_EDIED, "SIGABRT");
        assert_int_equal(errno, EDOM);
        assert_ok(fc_call(length_of, &length, "fresh")); /* starts a host */
        assert_int_equal(errno, EDOM);
        assert_int_equal(length, 5);
    }
    fc_library_close(library);
    fc_library_close(hasty);
    fc_options_free(options);
}

/* -- hosts that do not start --------------------------------------------------------------------------------------- */

static void check_host(const char *host, const char *words) {
    struct fc_options *options = options_for(HARNESS_OTHER_TARGET);
    struct fc_session *session = (struct fc_session *)(uintptr_t)0x1234;
    assert_ok(fc_options_set_host_path(options, host));
    assert_error(fc_session_open(options, &session), FC_ESTART, words);
    assert_error_text(host);
    assert_ptr_equal(session, (void *)(uintptr_t)0x1234);
    assert_open_fails(harness_library(HARNESS_OTHER_TARGET, "basic"), options, FC_ESTART, words);
    assert_int_equal(call_mappings("memfd:farcall"), 0);
    fc_options_free(options);
}

TEST(error_tells_why_a_host_did_not_start) {
    make_folder(folder, sizeof folder);
    check_host(in_folder("nowhere"), "No such file or directory");
    check_host(folder, "Permission denied");
    check_host(make_file("plain", "#!/bin/sh\n", 10, 0644), "Permission denied");
    if (!call_under_valgrind()) { /* which does not come back from an execve that fails late */
        check_host(make_script("interpreter", "#!/nowhere/sh\n"), "No such file or directory");
        check_host(make_file("garbage", "\1\2\3\4", 4, 0755), "Exec format error");
    }
    check_host(make_script("silent", "#!/bin/sh\nexit 0\n"), "did not start: it ended with exit status 0");
    check_host(make_script("loud", "#!/bin/sh\necho first >&2\necho second line >&2\nexit 7\n"),
               "it ended with exit status 7. It printed:\nfirst\nsecond line");
    check_host(make_script("killed", "#!/bin/sh\necho last words >&2\nkill -KILL $$\n"),
               "it was killed by SIGKILL. It printed:\nlast words");
    check_host(make_script("chatty", "#!/bin/sh\nyes 'much to say' | head -c 100000 >&2\nexit 3\n"),
               "exit status 3. It printed:\nmuch to say\nmuch to say");
    check_host("/bin/true", "exit status 0");
    remove_folder(folder);
}

/* -- what is missing, unknown or nothing --------------------------------------------------------------------------- */

TEST(error_asks_for_a_target) {
    struct fc_session *session = NULL;
    struct fc_options *options = fc_options_new();
    assert_error(fc_session_open(NULL, &session), FC_ETARGET, "fc_options_set_target");
    assert_error(fc_session_open(options, &session), FC_ETARGET, "fc_options_set_target");
    assert_null(session);
    assert_open_fails("libz.so.1", NULL, FC_ETARGET, "libz.so.1 is a name, not a path");
    assert_open_fails("libz.so.1", options, FC_ETARGET,
                      "set a target (fc_options_set_target, --target), or give the file's path");
    static const char *const unknown[] = {"", "i386", "sparc-linux", "I386-LINUX", "i386-linux ", "x86_64-linux-gnu"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_error(fc_options_set_target(options, unknown[i]), FC_EINVAL, "there is no target `");
        assert_error_text("i386-linux, x86_64-linux");
    }
    assert_int_equal(fc_options_set_spin_us(options, 1000001), FC_EINVAL);
    assert_ok(fc_options_set_target(options, NULL)); /* takes it back */
    fc_options_free(options);
}

TEST(error_refuses_null) {
    struct fc_library *library = NULL, *opened = untouched;
    struct fc_function *function = unbound;
    assert_open_fails(NULL, NULL, FC_EINVAL, "fc_open needs the name of a library");
    assert_open_fails("", NULL, FC_EINVAL, "fc_open needs the name of a library");
    library = call_open(HARNESS_OTHER_TARGET, "basic");
    struct fc_session *session = fc_library_session(library);
    assert_error(fc_library_open(NULL, "libz.so.1", &opened), FC_EINVAL, "fc_library_open needs a session and a name");
    assert_error(fc_library_open(session, NULL, &opened), FC_EINVAL, "fc_library_open needs a session and a name");
    assert_error(fc_library_open(session, "", &opened), FC_EINVAL, "fc_library_open needs a session and a name");
    assert_ptr_equal(opened, untouched);
    assert_error(fc_bind(NULL, "int f(void)", &function), FC_EINVAL, "fc_bind needs a library and a prototype");
    assert_error(fc_bind(library, NULL, &function), FC_EINVAL, "fc_bind needs a library and a prototype");
    assert_ptr_equal(function, unbound);
    assert_null(fc_alloc(NULL, 16));
    assert_error_text("fc_alloc needs a session");
    assert_int_equal(fc_free(NULL, NULL), FC_OK);
    assert_error(fc_free(NULL, &library), FC_EINVAL, "fc_free");
    assert_ok(fc_free(session, NULL));
    fc_library_close(library);
    fc_library_close(NULL);
    fc_session_close(NULL);
    fc_options_free(NULL);
}

static char *repeated(char byte, size_t count) {
    char *text = malloc(count + 1);
    assert_non_null(text);
    memset(text, byte, count);
    text[count] = '\0';
    return text;
}

TEST(error_bears_very_long_names) {
    static const size_t lengths[] = {100, 255, 300, 1000, 4000, 5000, 9000, 100000};
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "basic");
    struct fc_options *options = options_for(HARNESS_OTHER_TARGET);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *name = repeated('n', lengths[i]), *text = malloc(2 * lengths[i] + 200);
        /* of a file */
        snprintf(text, 2 * lengths[i] + 200, "/tmp/%s", name);
        assert_open_fails(text, NULL, FC_ENOENT, "/tmp/nnnn");
        assert_error_text(lengths[i] <= 255 ? "No such file or directory" : "File name too long");
        /* of a library to be found */
        struct fc_library *opened = untouched;
        int result = fc_open(name, options, &opened);
        assert_int_equal(result, lengths[i] < 8192 ? FC_ENOENT : FC_EINVAL);
        assert_error_text(lengths[i] < 8192 ? "finds no library nnn" : "is too long");
        /* of a function */
        snprintf(text, 2 * lengths[i] + 200, "int %s(void)", name);
        struct fc_function *function = unbound;
        result = fc_bind(library, text, &function);
        assert_int_equal(result, lengths[i] < 8192 ? FC_ESYMBOL : FC_EINVAL);
        assert_error_text(lengths[i] < 4000 ? name : lengths[i] < 8192 ? "nnn" : "is too long");
        /* of a parameter, a type, and what is no type */
        snprintf(text, 2 * lengths[i] + 200, "int Add(void *%s)", name);
        assert_bind_fails(library, text, FC_EANNOTATION, "nnn` of Add is `void *`");
        snprintf(text, 2 * lengths[i] + 200, "struct %s { int a; }; int Add(struct n%s *a)", name, name + 1);
        assert_bind_fails(library, text, FC_EANNOTATION, "parameter `a` of Add is `struct nnn");
        snprintf(text, 2 * lengths[i] + 200, "int Add(%s a)", name);
        assert_bind_fails(library, text, FC_EPARSE, "prototype:1:9: ");
        free(name);
        free(text);
    }
    fc_options_free(options);
    fc_library_close(library);
}

/* -- nothing is left ----------------------------------------------------------------------------------------------- */

TEST(error_leaves_no_mappings) {
    make_folder(folder, sizeof folder);
    struct fc_options *no_host = options_for(HARNESS_OTHER_TARGET), *options = options_for(HARNESS_OTHER_TARGET);
    assert_ok(fc_options_set_host_path(no_host, make_script("host", "#!/bin/sh\nexit 1\n")));
    make_copy("libneeds_gone.so", HARNESS_OTHER_TARGET, "needs_gone", SIZE_MAX);
    make_copy("cut.so", HARNESS_OTHER_TARGET, "basic", 5000);
    unsigned before = 0;
    for (int round = 0; round < 8; round++) {
        struct fc_library *library;
        assert_int_equal(fc_open(in_folder("cut.so"), NULL, &library), FC_EFORMAT);
        assert_int_equal(fc_open(in_folder("libneeds_gone.so"), NULL, &library), FC_EDEPENDENCY);
        assert_int_equal(fc_open("libnowhere.so", options, &library), FC_ENOENT);
        assert_int_equal(fc_open("libc.so.6", no_host, &library), FC_ESTART);
        assert_int_equal(fc_open(harness_library(HARNESS_OWN_TARGET, "basic"), options, &library), FC_ETARGET);
        library = call_open(HARNESS_OTHER_TARGET, "pointers");
        assert_bind_fails(library, "int nowhere(void)", FC_ESYMBOL, "nowhere");
        assert_bind_fails(library, "int look(const int *)", FC_EANNOTATION, "look");
        assert_int_equal(fc_call(call_bind(library, "int look(_Fc_opaque_ const int *pointer)"), NULL, NULL), FC_EDIED);
        fc_library_close(library);
        assert_int_equal(call_mappings("memfd:"), 0);
        before = round == 3 ? call_mappings(NULL) : before;
    }
    if (!call_is_slow()) { /* whose own memory comes and goes */
        assert_true(call_mappings(NULL) <= before + 1);
    }
    fc_options_free(options);
    fc_options_free(no_host);
    remove_folder(folder);
}

/* -- _Fc_fails_with_ ----------------------------------------------------------------------------------------------- */

TEST(call_that_fails_has_the_result_that_its_declaration_says) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct fc_function *array = call_bind(library, "_Fc_fails_with_(-7) int same_number(int fd)");
        struct fc_function *format = call_bind(
            library, "_Fc_fails_with_(-8) int write_text(int fd, _Printf_format_string_ const char *text, ...)");
        int result = 1;
        errno = 0;
        assert_ok(fc_call(array, &result, 5));
        assert_int_equal(result, 5);
        assert_int_equal(errno, 0);
        assert_error(fc_call_array(array, &result, 0, NULL), FC_EARGS, "takes 1 argument");
        assert_int_equal(result, -7);
        assert_int_equal(errno, EIO);
        errno = 0;
        assert_error(fc_call_array(array, NULL, 0, NULL), FC_EARGS, "takes 1 argument");
        assert_int_equal(errno, EIO);
        assert_error(fc_call(format, &result, 1, "%y"), FC_EINVAL, "`%y`");
        assert_int_equal(result, -8);
        fc_library_close(library);
    }
}

TEST(call_whose_host_dies_has_results_that_are_no_integers) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        double wide = 1;
        float narrow = 1;
        struct {
            double a;
            int b[5];
        } whole = {.a = 1, .b = {1, 1, 1, 1, 1}};
        assert_error(fc_call(call_bind(library, "_Fc_fails_with_(-3) double die(int)"), &wide, 0), FC_EDIED, "exit(7)");
        assert_true(wide == -3.0);
        assert_error(fc_call(call_bind(library, "_Fc_fails_with_(-3) float die(int)"), &narrow, 0), FC_EDIED,
                     "exit(7)");
        assert_true(narrow == -3.0F);
        assert_error(
            fc_call(call_bind(library, "struct s { double a; int b[5]; }; _Fc_fails_with_(0) struct s die(int)"),
                    &whole, 0),
            FC_EDIED, "exit(7)");
        assert_true(whole.a == 0.0 && whole.b[4] == 0);
        errno = 0;
        assert_error(fc_call(call_bind(library, "_Fc_fails_with_(0) void die(int)"), NULL, 0), FC_EDIED, "exit(7)");
        assert_int_equal(errno, EIO);
        fc_library_close(library);
    }
}

TEST(call_whose_host_dies_has_the_result_that_its_declaration_says) {
    need_host();
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "descriptors");
        struct {
            const char *prototype;
            int bytes;
        } const rows[] = {
            {"_Fc_fails_with_(-2) int die(int fd)", 4},
            {"_Fc_fails_with_(-2) signed char die(int fd)", 1},
            {"_Fc_fails_with_(-2) unsigned short die(int)", 2},
            {"_Fc_fails_with_(-2) long long die(_Fc_fd_ int fd)", 8},
            {"struct s; _Fc_fails_with_(-2) struct s *die(int)", (int)sizeof(void *)},
            {"_Fc_fails_with_(-2) const char *die(int)", (int)sizeof(void *)},
            {"int die(int fd)", 0},
        };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            unsigned char result[8], expected[8];
            memset(result, 0x55, sizeof result);
            memset(expected, 0x55, sizeof expected);
            const long long failure = -2;
            memcpy(expected, &failure, (size_t)rows[i].bytes);
            errno = 0;
            assert_error(fc_call(call_bind(library, rows[i].prototype), result, 0), FC_EDIED, "exit(7)");
            assert_memory_equal(result, expected, sizeof result);
            assert_true(errno == EIO || rows[i].bytes == 0);
        }
        fc_library_close(library);
    }
}
