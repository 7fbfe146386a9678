/* Finding Wine, and its private prefix: with installations made here, that hold the files by which one is known. */
#include "sessions.h"

#include "abi/target.h"
#include "client/wine.h"

#include <limits.h>
#include <sys/stat.h>

/* -- this program in the place of Wine's --------------------------------------------------------------------------- */

/* Fills a prefix, or says that it cannot. */
__attribute__((constructor)) static void be_wineboot(int argc, char **argv) {
    const char *fails = getenv("WINE_TEST_FAILS"), *prefix = getenv("WINEPREFIX");
    if (argc != 3 || strcmp(argv[1], "wineboot") != 0 || strcmp(argv[2], "--init") != 0) {
        return;
    }
    if (fails != NULL) {
        fprintf(stderr, "%s\n", fails);
        _exit(3);
    }
    if (getenv("DISPLAY") != NULL || mkdir(prefix, 0700) != 0 || chdir(prefix) != 0 || mkdir("drive_c", 0700) != 0 ||
        chdir("drive_c") != 0 || mkdir("windows", 0700) != 0 || chdir("windows") != 0 || mkdir("system32", 0700) != 0 ||
        chdir("system32") != 0) {
        _exit(4);
    }
    int fd = open("kernel32.dll", O_WRONLY | O_CREAT | O_EXCL, 0600);
    _exit(fd < 0);
}

/* -- a folder for each test ---------------------------------------------------------------------------------------- */

static char top[PATH_MAX / 4];

static const char *in_top(const char *name) {
    static char paths[8][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", top, name);
    return path;
}

static void put(const char *name, const char *bytes, size_t len, mode_t mode) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", in_top(name));
    for (char *slash = path + strlen(top); (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void put_loader(const char *name, int bits) {
    char ident[16] = "\177ELF";
    ident[4] = bits == 64 ? 2 : 1;
    put(name, ident, sizeof ident, 0755);
}

static void put_library(const char *name) {
    static const char bytes[] = "ELF\0wine-preloader\0wine-9.0-rc3 (Test)\0";
    put(name, bytes, sizeof bytes, 0644);
}

/* What upstream installs below `in`. */
static void put_classic(const char *in, bool narrow, bool wide) {
    char name[256];
    for (int i = 0; i < 2; i++) {
        const char *architecture = i == 0 ? "i386" : "x86_64";
        if (i == 0 ? narrow : wide) {
            snprintf(name, sizeof name, "%s/bin/%s", in, i == 0 ? "wine" : "wine64");
            put_loader(name, i == 0 ? 32 : 64);
            snprintf(name, sizeof name, "%s/lib/wine/%s-unix/ntdll.so", in, architecture);
            put_library(name);
            snprintf(name, sizeof name, "%s/lib/wine/%s-windows/ntdll.dll", in, architecture);
            put_library(name);
        }
    }
}

static void begin_top(void) {
    make_folder(top, sizeof top);
    put("cache/here", "", 0, 0644);
}

/* -- preparing ----------------------------------------------------------------------------------------------------- */

static char cache_variable[PATH_MAX + 32], loader_variable[PATH_MAX + 32], path_variable[PATH_MAX + 32];

/* An environment of these and what may be NULL. */
static const char *const *environment_of(const char *loader, const char *path, const char *more) {
    static const char *list[8];
    size_t count = 0;
    snprintf(cache_variable, sizeof cache_variable, "XDG_CACHE_HOME=%s", in_top("cache"));
    list[count++] = cache_variable;
    if (loader != NULL) {
        snprintf(loader_variable, sizeof loader_variable, "WINELOADER=%s", in_top(loader));
        list[count++] = loader_variable;
    }
    if (path != NULL) {
        snprintf(path_variable, sizeof path_variable, "PATH=/no/such:%s", in_top(path));
        list[count++] = path_variable;
    }
    if (more != NULL) {
        list[count++] = more;
    }
    list[count] = NULL;
    return list;
}

static const struct fc__target *target_of(int bits) {
    const struct fc__target *target = fc__target_find(bits == 64 ? "x86_64-windows" : "i386-windows");
    assert_non_null(target);
    return target;
}

static struct fc__error error;
static int try_prepare(int bits, const char *const *environment, struct fc__wine *ret_wine) {
    return fc__wine_prepare(target_of(bits), (char *const *)(uintptr_t)environment, ret_wine, &error);
}

static struct fc__wine prepared(int bits, const char *const *environment) {
    struct fc__wine wine = {0};
    if (try_prepare(bits, environment, &wine) != FC_OK) {
        fail_msg("%s", error.text);
    }
    return wine;
}

static void must_explain(int bits, const char *const *environment, const char *explained) {
    struct fc__wine wine;
    assert_int_equal(try_prepare(bits, environment, &wine), FC_ESTART);
    if (strstr(error.text, explained) == NULL) {
        fail_msg("not \"%s\": %s", explained, error.text);
    }
}

static const char *variable_of(const struct fc__wine *wine, const char *name) {
    const char *value = NULL;
    unsigned found = 0;
    for (char **one = wine->environment; *one != NULL; one++) {
        if (strncmp(*one, name, strlen(name)) == 0 && (*one)[strlen(name)] == '=') {
            value = *one + strlen(name) + 1;
            found++;
        }
    }
    assert_true(found <= 1);
    return value;
}

static void must_link(const struct fc__wine *wine, const char *name, const char *target) {
    char path[2 * PATH_MAX], now[PATH_MAX] = "";
    snprintf(path, sizeof path, "%s/%s", wine->prefix, name);
    ssize_t len = readlink(path, now, sizeof now - 1);
    if (target == NULL) {
        assert_int_equal(len, -1);
    } else {
        assert_string_equal(now, target);
    }
}

/* -- finding ------------------------------------------------------------------------------------------------------- */

TEST(wine_of_both_widths_shares_one_prefix) {
    begin_top();
    put_classic("w", true, true);
    struct fc__wine narrow = prepared(32, environment_of("w/bin/wine", NULL, NULL));
    assert_string_equal(narrow.loader, in_top("w/bin/wine"));
    struct fc__wine wide = prepared(64, environment_of("w/bin/wine", NULL, NULL));
    assert_string_equal(wide.loader, in_top("w/bin/wine64"));
    assert_string_equal(wide.version, "9.0-rc3");
    assert_string_equal(wide.prefix, narrow.prefix);
    assert_non_null(strstr(wide.prefix, in_top("cache/farcall/wine-9.0-rc3-")));
    must_link(&wide, "drive_c/windows/system32", in_top("w/lib/wine/x86_64-windows"));
    must_link(&wide, "drive_c/windows/syswow64", in_top("w/lib/wine/i386-windows"));
    must_link(&wide, "dosdevices/c:", "../drive_c");
    must_link(&wide, "dosdevices/z:", "/");
    fc__wine_done(&narrow);
    fc__wine_done(&wide);
    remove_folder(top);
}

TEST(wine_of_another_place_has_another_prefix) {
    begin_top();
    put_classic("a", true, true);
    put_classic("b", true, true);
    struct fc__wine a = prepared(32, environment_of(NULL, "a/bin", NULL));
    struct fc__wine b = prepared(32, environment_of(NULL, "b/bin", NULL));
    assert_string_equal(b.loader, in_top("b/bin/wine"));
    assert_string_not_equal(a.prefix, b.prefix);
    fc__wine_done(&a);
    fc__wine_done(&b);
    remove_folder(top);
}

TEST(wine_that_is_a_script_is_passed_over) {
    begin_top();
    put_classic("w", true, true);
    put("scripts/wine", "#!/bin/sh\nexec nothing\n", 23, 0755);
    char both[PATH_MAX];
    snprintf(both, sizeof both, "scripts:%s", in_top("w/bin"));
    struct fc__wine wine = prepared(32, environment_of(NULL, both, NULL));
    assert_string_equal(wine.loader, in_top("w/bin/wine"));
    fc__wine_done(&wine);
    remove_folder(top);
}

TEST(wine_of_debian_and_fedora) {
    begin_top();
    put_loader("debian/lib/wine/wine", 32);
    put_loader("debian/lib/wine/wine64", 64);
    put_library("debian/lib/i386-linux-gnu/wine/i386-unix/ntdll.so");
    put_library("debian/lib/i386-linux-gnu/wine/i386-windows/ntdll.dll");
    put_library("debian/lib/x86_64-linux-gnu/wine/x86_64-unix/ntdll.so");
    put_library("debian/lib/x86_64-linux-gnu/wine/x86_64-windows/ntdll.dll");
    put_loader("fedora/bin/wine32", 32);
    put_loader("fedora/bin/wine64", 64);
    put_library("fedora/lib/wine/i386-unix/ntdll.so");
    put_library("fedora/lib/wine/i386-windows/ntdll.dll");
    put_library("fedora/lib64/wine/x86_64-unix/ntdll.so");
    put_library("fedora/lib64/wine/x86_64-windows/ntdll.dll");
    struct fc__wine wine = prepared(64, environment_of(NULL, "debian/lib/wine", NULL));
    must_link(&wine, "drive_c/windows/system32", in_top("debian/lib/x86_64-linux-gnu/wine/x86_64-windows"));
    must_link(&wine, "drive_c/windows/syswow64", in_top("debian/lib/i386-linux-gnu/wine/i386-windows"));
    fc__wine_done(&wine);
    wine = prepared(32, environment_of(NULL, "fedora/bin", NULL));
    assert_string_equal(wine.loader, in_top("fedora/bin/wine32"));
    must_link(&wine, "drive_c/windows/system32", in_top("fedora/lib64/wine/x86_64-windows"));
    must_link(&wine, "drive_c/windows/syswow64", in_top("fedora/lib/wine/i386-windows"));
    fc__wine_done(&wine);
    remove_folder(top);
}

TEST(wine_of_one_program_for_both_widths) {
    begin_top();
    put_loader("w/bin/wine", 64);
    put_library("w/lib/wine/x86_64-unix/ntdll.so");
    put_library("w/lib/wine/x86_64-windows/ntdll.dll");
    put_library("w/lib/wine/i386-windows/ntdll.dll");
    for (int bits = 32; bits <= 64; bits += 32) {
        struct fc__wine wine = prepared(bits, environment_of("w/bin/wine", NULL, NULL));
        assert_string_equal(wine.loader, in_top("w/bin/wine"));
        must_link(&wine, "drive_c/windows/syswow64", in_top("w/lib/wine/i386-windows"));
        fc__wine_done(&wine);
    }
    remove_folder(top);
}

TEST(wine_of_32_bits_alone) {
    begin_top();
    put_classic("w", true, false);
    struct fc__wine wine = prepared(32, environment_of("w/bin/wine", NULL, NULL));
    must_link(&wine, "drive_c/windows/system32", in_top("w/lib/wine/i386-windows"));
    must_link(&wine, "drive_c/windows/syswow64", NULL);
    assert_string_equal(variable_of(&wine, "WINEARCH"), "win32");
    fc__wine_done(&wine);
    must_explain(64, environment_of("w/bin/wine", NULL, NULL), "runs 32-bit Windows programs only");
    must_explain(64, environment_of("w/bin/wine", NULL, NULL), "apt-get install wine64");
    remove_folder(top);
}

TEST(wine_that_is_missing_is_explained) {
    begin_top();
    put_classic("w", false, true);
    must_explain(32, environment_of("w/bin/wine64", NULL, NULL), "runs 64-bit Windows programs only");
    must_explain(32, environment_of("w/bin/wine64", NULL, NULL), "apt-get install wine32:i386");
    must_explain(32, environment_of("w/no/wine", NULL, NULL), "WINELOADER names none: ");
    put_loader("bare/bin/wine", 32); /* with none of its libraries */
    must_explain(32, environment_of("bare/bin/wine", NULL, NULL), "WINELOADER names none: ");
    remove_folder(top);
}

/* -- the environment ----------------------------------------------------------------------------------------------- */

TEST(wine_environment_is_the_caller_s_and_what_wine_needs) {
    begin_top();
    put_classic("w", true, true);
    struct fc__wine wine = prepared(32, environment_of("w/bin/wine", NULL, "LANG=C"));
    assert_string_equal(variable_of(&wine, "LANG"), "C");
    assert_string_equal(variable_of(&wine, "WINEPREFIX"), wine.prefix);
    assert_string_equal(variable_of(&wine, "WINEDEBUG"), "-all");
    assert_string_equal(variable_of(&wine, "WINEDLLOVERRIDES"), "winedbg.exe=d;mscoree=d;mshtml=d");
    assert_string_equal(variable_of(&wine, "WINEARCH"), "win64");
    assert_null(variable_of(&wine, "WINELOADER"));
    fc__wine_done(&wine);
    wine = prepared(32, environment_of("w/bin/wine", NULL, "WINEDLLOVERRIDES=foo=n"));
    assert_string_equal(variable_of(&wine, "WINEDLLOVERRIDES"), "foo=n;winedbg.exe=d;mscoree=d;mshtml=d");
    fc__wine_done(&wine);
    wine = prepared(32, environment_of("w/bin/wine", NULL, "WINEDEBUG=+relay"));
    assert_string_equal(variable_of(&wine, "WINEDEBUG"), "+relay");
    fc__wine_done(&wine);
    remove_folder(top);
}

/* -- the prefix ---------------------------------------------------------------------------------------------------- */

TEST(wine_prefix_of_the_caller_is_left_alone) {
    begin_top();
    put_classic("w", true, true);
    char own[PATH_MAX + 32];
    snprintf(own, sizeof own, "WINEPREFIX=%s", in_top("own"));
    must_explain(32, environment_of("w/bin/wine", NULL, own), "which is no prefix of Wine's");
    assert_int_equal(access(in_top("own"), F_OK), -1);
    put("own/dosdevices/nothing", "", 0, 0644);
    struct fc__wine wine = prepared(32, environment_of("w/bin/wine", NULL, own));
    assert_string_equal(wine.prefix, in_top("own"));
    assert_false(wine.is_private);
    assert_string_equal(variable_of(&wine, "WINEPREFIX"), in_top("own"));
    assert_string_equal(variable_of(&wine, "WINEDLLOVERRIDES"), "winedbg.exe=d");
    assert_int_equal(access(in_top("own/drive_c"), F_OK), -1);
    assert_int_equal(access(in_top("own/.update-timestamp"), F_OK), -1);
    assert_int_equal(access(in_top("cache/farcall"), F_OK), -1);
    fc__wine_done(&wine);
    remove_folder(top);
}

TEST(wine_prefix_that_is_full_is_preferred) {
    begin_top();
    put_classic("w", true, true);
    struct fc__wine wine = prepared(32, environment_of("w/bin/wine", NULL, NULL));
    assert_true(wine.is_private && !wine.is_full);
    char full[2 * PATH_MAX];
    snprintf(full, sizeof full, "%s-full", wine.prefix);
    assert_int_equal(mkdir(full, 0700), 0);
    fc__wine_done(&wine);
    wine = prepared(32, environment_of("w/bin/wine", NULL, NULL));
    assert_true(wine.is_private && wine.is_full);
    assert_string_equal(wine.prefix, full);
    fc__wine_done(&wine);
    remove_folder(top);
}

static ino_t inode_of(const struct fc__wine *wine, const char *name) {
    char path[2 * PATH_MAX];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", wine->prefix, name);
    assert_int_equal(lstat(path, &status), 0);
    return status.st_ino;
}

TEST(wine_prefix_is_made_once_and_mended) {
    begin_top();
    put_classic("w", true, true);
    const char *const *environment = environment_of("w/bin/wine", NULL, NULL);
    struct fc__wine wine = prepared(32, environment);
    const ino_t first = inode_of(&wine, "drive_c/windows/system32");
    const ino_t stamp = inode_of(&wine, ".update-timestamp");
    fc__wine_done(&wine);
    wine = prepared(64, environment);
    assert_int_equal(inode_of(&wine, "drive_c/windows/system32"), first);
    assert_int_equal(inode_of(&wine, ".update-timestamp"), stamp);
    /* A link to somewhere else, a time stamp with which Wine would fill it, and a part that is missing. */
    char path[2 * PATH_MAX], text[16] = "";
    snprintf(path, sizeof path, "%s/drive_c/windows/system32", wine.prefix);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/tmp", path), 0);
    snprintf(path, sizeof path, "%s/dosdevices/z:", wine.prefix);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/.update-timestamp", wine.prefix);
    assert_int_equal(truncate(path, 3), 0);
    fc__wine_done(&wine);
    wine = prepared(64, environment);
    must_link(&wine, "drive_c/windows/system32", in_top("w/lib/wine/x86_64-windows"));
    must_link(&wine, "dosdevices/z:", "/");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof text - 1), 8);
    assert_string_equal(text, "disable\n");
    close(fd);
    fc__wine_done(&wine);
    remove_folder(top);
}

/* As wineboot would leave it, or somebody with other plans. */
TEST(wine_prefix_with_something_in_its_place_is_made_again) {
    begin_top();
    put_classic("w", true, true);
    const char *const *environment = environment_of("w/bin/wine", NULL, NULL);
    struct fc__wine wine = prepared(32, environment);
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/drive_c/windows/system32", wine.prefix);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    fc__wine_done(&wine);
    wine = prepared(32, environment);
    must_link(&wine, "drive_c/windows/system32", in_top("w/lib/wine/x86_64-windows"));
    fc__wine_done(&wine);
    remove_folder(top);
}

static void prepare_in_child(void *argument, int pipe_fd) {
    const char *const *environment = argument;
    struct fc__wine wine;
    char byte;
    require(read(pipe_fd, &byte, 1) == 0); /* the signal for all at once */
    for (int i = 0; i < 20; i++) {
        if (try_prepare(32, environment, &wine) != FC_OK) {
            fprintf(stderr, "%s\n", error.text);
            abort();
        }
        char path[2 * PATH_MAX];
        snprintf(path, sizeof path, "%s/drive_c/windows/%s", wine.prefix, i % 2 == 0 ? "system32" : "syswow64");
        unlink(path); /* for one of them to mend */
        fc__wine_done(&wine);
    }
}

TEST(wine_prefix_is_made_by_many_at_once) {
    begin_top();
    put_classic("w", true, true);
    const char *const *environment = environment_of("w/bin/wine", NULL, NULL);
    pid_t children[8];
    int start[2];
    assert_int_equal(pipe2(start, O_CLOEXEC), 0);
    for (size_t i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            close(start[1]);
            prepare_in_child((void *)(uintptr_t)environment, start[0]);
            _exit(0);
        }
    }
    close(start[0]);
    close(start[1]);
    for (size_t i = 0; i < 8; i++) {
        must_succeed(children[i]);
    }
    struct fc__wine wine = prepared(32, environment);
    must_link(&wine, "drive_c/windows/system32", in_top("w/lib/wine/x86_64-windows"));
    fc__wine_done(&wine);
    remove_folder(top);
}

TEST(wine_prefix_that_cannot_be_made_is_explained) {
    begin_top();
    put_classic("w", true, true);
    put("cache/farcall", "a file", 6, 0644);
    must_explain(32, environment_of("w/bin/wine", NULL, NULL), "Not a directory");
    must_explain(32, environment_of("w/bin/wine", NULL, NULL), "Set XDG_CACHE_HOME");
    char loader[PATH_MAX + 32];
    snprintf(loader, sizeof loader, "WINELOADER=%s", in_top("w/bin/wine"));
    must_explain(32, (const char *[]){loader, NULL}, "set HOME, XDG_CACHE_HOME, or WINEPREFIX");
    remove_folder(top);
}

/* -- the full prefix ----------------------------------------------------------------------------------------------- */

static void put_this_program(const char *name) {
    static char bytes[65536];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(from >= 0);
    put(name, "", 0, 0755);
    int to = open(in_top(name), O_WRONLY | O_CLOEXEC);
    for (ssize_t len; (len = read(from, bytes, sizeof bytes)) > 0;) {
        assert_int_equal(write(to, bytes, (size_t)len), len);
    }
    close(from);
    close(to);
}

/* A Wine that fills prefixes: of this program's width, whatever its name says. */
static struct fc_options *filling(const char *more) {
    const bool wide = sizeof(void *) == 8;
    put_this_program("w/bin/wine");
    put_library(wide ? "w/lib/wine/x86_64-unix/ntdll.so" : "w/lib/wine/i386-unix/ntdll.so");
    put_library(wide ? "w/lib/wine/x86_64-windows/ntdll.dll" : "w/lib/wine/i386-windows/ntdll.dll");
    struct fc_options *options = fc_options_new();
    must(fc_options_set_target(options, wide ? "x86_64-windows" : "i386-windows"));
    must(fc_options_set_environment(options, environment_of("w/bin/wine", NULL, more)));
    return options;
}

static void must_describe(const struct fc_options *options, const char *part) {
    char text[PATH_MAX * 2];
    must(fc_wine_describe(options, text, sizeof text));
    if (strstr(text, part) == NULL) {
        fail_msg("not \"%s\": %s", part, text);
    }
}

TEST(wine_fills_a_prefix_when_asked) {
    begin_top();
    struct fc_options *options = filling("DISPLAY=:0");
    must_describe(options, "Wine 9.0-rc3 (");
    must_describe(options, "), thin prefix ");
    must(fc_wine_fill_prefix(options));
    must_describe(options, "), full prefix ");
    must(fc_wine_fill_prefix(options));
    fc_options_free(options);
    remove_folder(top);
}

TEST(wine_that_fills_no_prefix_is_explained) {
    begin_top();
    struct fc_options *options = filling("WINE_TEST_FAILS=no room on this device");
    must_fail(fc_wine_fill_prefix(options), FC_ESTART, "ended with exit status 3");
    must_fail(fc_wine_fill_prefix(options), FC_ESTART, "no room on this device");
    must_describe(options, "), thin prefix ");
    fc_options_free(options);
    char own[PATH_MAX + 32];
    put("own/dosdevices/nothing", "", 0, 0644);
    snprintf(own, sizeof own, "WINEPREFIX=%s", in_top("own"));
    options = filling(own);
    must_describe(options, "), the caller's prefix ");
    must_fail(fc_wine_fill_prefix(options), FC_EINVAL, "unset it for a private prefix");
    fc_options_free(options);
    remove_folder(top);
}

TEST(wine_that_was_ended_while_it_filled_a_prefix_begins_again) {
    begin_top();
    struct fc_options *options = filling(NULL);
    struct fc__wine wine = prepared(sizeof(void *) * 8, environment_of("w/bin/wine", NULL, NULL));
    char left[2 * PATH_MAX];
    snprintf(left, sizeof left, "%s-full.new/drive_c/windows/half", wine.prefix + strlen(top) + 1);
    put(left, "", 0, 0600);
    snprintf(left, sizeof left, "%s-full.new/root", wine.prefix);
    assert_int_equal(symlink(in_top("w"), left), 0); /* which must not be followed */
    fc__wine_done(&wine);
    must(fc_wine_fill_prefix(options));
    must_describe(options, "), full prefix ");
    assert_int_equal(access(in_top("w/bin/wine"), F_OK), 0);
    fc_options_free(options);
    remove_folder(top);
}

TEST(wine_describe_is_for_targets_of_windows) {
    struct fc_options *options = fc_options_new();
    char text[64] = "untouched";
    must(fc_options_set_target(options, HARNESS_OWN_TARGET));
    must_fail(fc_wine_describe(options, text, sizeof text), FC_EINVAL, "wants the target i386-windows");
    must_fail(fc_wine_describe(NULL, text, sizeof text), FC_EINVAL, "wants the target i386-windows");
    assert_string_equal(text, "untouched");
    fc_options_free(options);
}
