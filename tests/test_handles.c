/* What only the library looks into, through the real headers of the C library: streams and folders of the other libc
 * are handles here, whatever their structs look like. */
#include "real.h"

#include "sessions.h"

#include <sys/stat.h>

/* stdio.h has the body of what FILE is; a pointer to it is a handle all the same. */
static const char file_notes[] = "FILE *fopen(_Fc_path_ _In_z_ const char *path, _In_z_ const char *mode);"
                                 "int fputs(_In_z_ const char *text, _Inout_ FILE *file);"
                                 "_Fc_opaque_ char *fgets(_Out_writes_z_(n) char *text, int n, FILE *file);";
static const char folder_notes[] = "_Ret_opt_valid_ struct dirent *readdir(DIR *folder);";

/* The C library of the target, declared as its headers have it. */
static struct fc_library *open_libc(const char *target, const char *header, const char *notes) {
    struct fc_options *options = fc_options_new();
    struct fc_declarations *declarations = NULL;
    struct fc_library *library = NULL;
    static const char flags[] =
        "-D_FILE_OFFSET_BITS=64"; /* as this program is compiled: file systems have such numbers */
    char *here = real_preprocess(HARNESS_OWN_TARGET, header, flags), *there = real_preprocess(target, header, flags);
    assert_ok(fc_options_set_target(options, target));
    assert_ok(fc_open("libc.so.6", options, &library));
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, header, here, there));
    if (notes != NULL) {
        assert_ok(fc_declarations_amend(declarations, "notes", notes));
    }
    assert_ok(fc_library_declare(library, declarations));
    fc_declarations_free(declarations);
    fc_options_free(options);
    free(here);
    free(there);
    return library;
}

TEST(handles_of_files_are_the_other_libcs_own) {
    char folder[64], path[128], line[32];
    make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/file", folder);
    for (EACH_TARGET(target)) {
        struct fc_library *libc = open_libc(target, "stdio.h", file_notes);
        struct fc_function *close_file = call_bind(libc, "fclose"), *put = call_bind(libc, "fputs");
        FILE *files[2] = {NULL, NULL};
        int rc = -1;
        long at = -1;
        assert_ok(fc_call(call_bind(libc, "fopen"), &files[0], path, "w+"));
        assert_ok(fc_call(call_bind(libc, "fopen"), &files[1], "/nowhere/at/all", "r"));
        assert_int_equal(errno, ENOENT);
        assert_non_null(files[0]);
        assert_null(files[1]);
        assert_ok(fc_call(put, &rc, "the first line\nthe second\n", files[0]));
        assert_true(rc >= 0);
        assert_ok(fc_call(call_bind(libc, "ftell"), &at, files[0]));
        assert_int_equal(at, 26);
        assert_ok(fc_call(call_bind(libc, "fseek"), &rc, files[0], 4l, SEEK_SET));
        const char *got = NULL;
        assert_ok(fc_call(call_bind(libc, "fgets"), &got, line, (int)sizeof line, files[0]));
        assert_ptr_equal(got, line);
        assert_string_equal(line, "first line\n");
        assert_ok(fc_call(close_file, &rc, files[0]));
        assert_int_equal(rc, 0);
        /* One of a host that died is refused, not another's that lies there by now. */
        assert_ok(fc_call(call_bind(libc, "fopen"), &files[0], path, "r"));
        kill_host(libc);
        assert_error(fc_call(close_file, &rc, files[0]), FC_EINVAL, "a host that died");
        fc_library_close(libc);
    }
    remove_folder(folder);
}

/* What a stream is made of does not cross, whoever says so. */
TEST(handles_of_files_are_nothing_else) {
    struct fc_library *libc = open_libc(HARNESS_OTHER_TARGET, "stdio.h", NULL);
    static const char *const texts[] = {"fclose", "int fclose(_In_ FILE *file)", "int fclose(_Inout_ FILE *file)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(fc_parameter_class(call_bind(libc, texts[i]), 0), FC_CLASS_POINTER);
    }
    assert_int_equal(fc_parameter_class(call_bind(libc, "tmpfile"), FC_RESULT), FC_CLASS_POINTER);
    fc_library_close(libc);
}

TEST(handles_of_folders_are_the_other_libcs_own) {
    static const char *const names[] = {"one", "another", "a name with spaces"};
    enum { NAMES = sizeof names / sizeof names[0] };
    char folder[64], path[128];
    make_folder(folder, sizeof folder);
    for (int i = 0; i < NAMES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (EACH_TARGET(target)) {
        struct fc_library *libc = open_libc(target, "dirent.h", folder_notes);
        struct fc_function *next = call_bind(libc, "readdir");
        DIR *handle = NULL;
        unsigned seen = 0, count = 0;
        int rc = -1;
        assert_ok(fc_call(call_bind(libc, "opendir"), &handle, folder));
        assert_non_null(handle);
        for (;;) {
            const struct dirent *entry = NULL; /* of other widths there */
            assert_ok(fc_call(next, &entry, handle));
            if (entry == NULL) {
                break;
            }
            count++;
            for (unsigned i = 0; i < NAMES; i++) {
                seen |= (unsigned)(strcmp(entry->d_name, names[i]) == 0 && entry->d_type == DT_DIR) << i;
            }
        }
        assert_int_equal(count, NAMES + 2);
        assert_int_equal(seen, (1u << NAMES) - 1);
        assert_ok(fc_call(call_bind(libc, "closedir"), &rc, handle));
        assert_int_equal(rc, 0);
        fc_library_close(libc);
    }
    remove_folder(folder);
}
