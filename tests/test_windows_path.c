/* One file's names on both sides, with a prefix made of links: no Wine is needed. */
#include "sessions.h"

#include "client/windows.h"

#include <limits.h>
#include <sys/stat.h>

static char top[PATH_MAX], prefix[PATH_MAX];

static const char *in_top(const char *name) {
    static char paths[8][PATH_MAX];
    static unsigned used;
    char *path = paths[used++ % 8];
    require((size_t)snprintf(path, PATH_MAX, "%s/%s", top, name) < PATH_MAX);
    return path;
}

static void make_file(const char *name) {
    int fd = open(in_top(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    require(fd >= 0);
    close(fd);
}

/* top/prefix, whose c: is its own drive_c and whose d: is top/data; top/data/Some Folder/Library.dll. */
static void begin(void) {
    char made[64];
    make_folder(made, sizeof made);
    require(realpath(made, top) != NULL);
    memcpy(prefix, in_top("prefix"), sizeof prefix);
    static const char *const folders[] = {"prefix", "prefix/dosdevices", "prefix/drive_c", "prefix/drive_c/windows",
                                          "data",   "data/Some Folder",  "elsewhere"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        require(mkdir(in_top(folders[i]), 0700) == 0);
    }
    require(symlink("../drive_c", in_top("prefix/dosdevices/c:")) == 0);
    require(symlink(in_top("data"), in_top("prefix/dosdevices/d:")) == 0);
    make_file("data/Some Folder/Library.dll");
    make_file("data/Some Folder/library.DLL");
    make_file("prefix/drive_c/windows/system.dll");
    make_file("elsewhere/other.dll");
}

static void end(void) {
    char command[PATH_MAX + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    require(system(command) == 0);
}

static void must_be(const char *name, const char *windows_path) {
    char path[FC__WINDOWS_PATH_BYTES];
    assert_int_equal(fc__windows_path_from(prefix, in_top(name), path, sizeof path), 0);
    assert_string_equal(path, windows_path);
    assert_int_equal(fc__windows_path_to(prefix, windows_path, path, sizeof path), 0);
    assert_string_equal(path, in_top(name));
}

TEST(windows_path_is_that_of_the_nearest_drive) {
    char expected[PATH_MAX + 64], path[FC__WINDOWS_PATH_BYTES];
    begin();
    must_be("data/Some Folder/Library.dll", "D:\\Some Folder\\Library.dll");
    must_be("prefix/drive_c/windows/system.dll", "C:\\windows\\system.dll");
    snprintf(expected, sizeof expected, "\\\\?\\unix%s/elsewhere/other.dll", top);
    for (char *slash = expected; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\\';
    }
    must_be("elsewhere/other.dll", expected); /* below no drive */
    require(symlink("/", in_top("prefix/dosdevices/z:")) == 0);
    memmove(expected, "Z:", 2);
    memmove(expected + 2, expected + 8, strlen(expected + 8) + 1);
    must_be("elsewhere/other.dll", expected);
    must_be("data/Some Folder/Library.dll", "D:\\Some Folder\\Library.dll");
    assert_int_equal(fc__windows_path_from(prefix, in_top("data/none.dll"), path, sizeof path), -ENOENT);
    assert_int_equal(fc__windows_path_from(prefix, in_top("elsewhere/other.dll"), path, 10), -ENAMETOOLONG);
    end();
}

TEST(windows_path_is_found_in_any_case) {
    char path[FC__WINDOWS_PATH_BYTES];
    begin();
    assert_int_equal(fc__windows_path_to(prefix, "c:/WINDOWS\\System.DLL", path, sizeof path), 0);
    assert_string_equal(path, in_top("prefix/drive_c/windows/system.dll"));
    /* The very name before others. */
    assert_int_equal(fc__windows_path_to(prefix, "d:\\some folder\\library.DLL", path, sizeof path), 0);
    assert_string_equal(path, in_top("data/Some Folder/library.DLL"));
    assert_int_equal(fc__windows_path_to(prefix, "D:\\no such\\library.dll", path, sizeof path), -ENOENT);
    assert_int_equal(fc__windows_path_to(prefix, "E:\\library.dll", path, sizeof path), -ENOENT);
    assert_int_equal(fc__windows_path_to(prefix, "library.dll", path, sizeof path), -ENOENT);
    end();
}

TEST(windows_library_names_are_found_in_folders) {
    char found[PATH_MAX], folders[2 * PATH_MAX];
    begin();
    require(chdir(in_top("elsewhere")) == 0);
    assert_string_equal(fc__windows_library("OTHER.dll", NULL, found), in_top("elsewhere/other.dll"));
    assert_string_equal(fc__windows_library("./Other.Dll", NULL, found), in_top("elsewhere/other.dll"));
    require(unlink(in_top("data/Some Folder/library.DLL")) == 0);
    require(chdir(in_top("data")) == 0);
    assert_string_equal(fc__windows_library("some folder/LIBRARY.dll", NULL, found),
                        in_top("data/Some Folder/Library.dll"));
    assert_string_equal(fc__windows_library("system.dll", NULL, found), "system.dll");
    snprintf(folders, sizeof folders, "/no/such:%s:%s", in_top("prefix/drive_c/windows"), in_top("data"));
    assert_string_equal(fc__windows_library("System.dll", folders, found), in_top("prefix/drive_c/windows/system.dll"));
    assert_string_equal(fc__windows_library("libother.so", folders, found), "libother.so");
    assert_string_equal(fc__windows_library("other", NULL, found), "other");
    require(chdir("/") == 0);
    end();
}

/* -- paths of arguments -------------------------------------------------------------------------------------------- */

static void is_of(const char *folder, const char *path, const char *expected) {
    char found[FC__WINDOWS_PATH_BYTES];
    assert_int_equal(fc__windows_path_of(prefix, folder, path, found, sizeof found), 0);
    assert_string_equal(found, expected);
}
static void is_back(const char *path, const char *expected) {
    char found[FC__WINDOWS_PATH_BYTES];
    assert_int_equal(fc__windows_path_back(prefix, path, found, sizeof found), 0);
    assert_string_equal(found, expected);
}

TEST(windows_path_of_an_argument_need_not_be_a_files) {
    begin();
    is_of(NULL, in_top("data/none/new file.txt"), "D:\\none\\new file.txt");
    is_of(NULL, in_top("data/Some Folder/Library.dll"), "D:\\Some Folder\\Library.dll");
    is_of(NULL, in_top("data/Some Folder//./x"), "D:\\Some Folder\\x");
    is_of(NULL, in_top("data/Some Folder/../x"), "D:\\x");
    is_of(NULL, in_top("data/none/../x"), "D:\\x");
    is_of(NULL, in_top("data/"), "D:\\");
    is_of(in_top("data"), "x", "D:\\x");
    is_of(in_top("elsewhere"), "../data/x", "D:\\x");
    end();
}

TEST(windows_path_of_an_argument_follows_links_where_it_goes_up) {
    begin();
    require(symlink(in_top("data/Some Folder"), in_top("elsewhere/link")) == 0);
    is_of(NULL, in_top("elsewhere/link/../x"), "D:\\x");
    end();
}

TEST(windows_path_of_windows_stays) {
    static const char *const paths[] = {"C:\\a\\b", "c:/a", "C:", "\\\\server\\share\\x", "\\\\?\\C:\\x", "\\x"};
    begin();
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        is_of(NULL, paths[i], paths[i]);
    }
    char found[FC__WINDOWS_PATH_BYTES];
    assert_int_equal(fc__windows_path_of(prefix, NULL, "/tmp/a\\b", found, sizeof found), -EINVAL);
    assert_int_equal(fc__windows_path_of(prefix, NULL, in_top("data/x"), found, 3), -ENAMETOOLONG);
    end();
}

TEST(windows_path_of_names_that_windows_would_change_is_verbatim) {
    char expected[PATH_MAX + 64], path[PATH_MAX];
    static const char *const names[] = {"data/dot.", "data/space ", "data/folder./x"};
    begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(expected, sizeof expected, "\\\\?\\unix%s", in_top(names[i]));
        for (char *slash = expected; (slash = strchr(slash, '/')) != NULL;) {
            *slash = '\\';
        }
        is_of(NULL, in_top(names[i]), expected);
        is_back(expected, in_top(names[i]));
    }
    memset(path, 'x', sizeof path);
    const size_t used = strlen(in_top("data/"));
    memcpy(path, in_top("data/"), used);
    path[used + 250] = '\0';
    char found[FC__WINDOWS_PATH_BYTES];
    assert_int_equal(fc__windows_path_of(prefix, NULL, path, found, sizeof found), 0);
    assert_memory_equal(found, "\\\\?\\unix\\", 9);
    end();
}

TEST(windows_path_comes_back) {
    begin();
    is_back("D:\\Some Folder\\Library.dll", in_top("data/Some Folder/Library.dll"));
    is_back("d:/some folder/", in_top("data/Some Folder/"));
    is_back("D:\\some FOLDER\\New\\file", in_top("data/Some Folder/New/file"));
    is_back("\\\\?\\D:\\x", in_top("data/x"));
    is_back("C:\\WINDOWS\\SYSTEM.DLL", in_top("prefix/drive_c/windows/system.dll"));
    static const char *const others[] = {"Q:\\x", "\\\\server\\share", "name.txt", "D:relative", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        is_back(others[i], others[i]);
    }
    end();
}
