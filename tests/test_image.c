#include "made_images.h"

#include <sys/mman.h>
#include <unistd.h>

/* -- Bytes -------------------------------------------------------------------------------------------------------- */

struct bytes {
    unsigned char *data;
    size_t len;
};

/* The whole file, in memory of its exact size; skips the test if there is no such file. */
static struct bytes read_file(const char *path) {
    struct bytes bytes = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        skip_because("no %s", path);
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    bytes.len = (size_t)ftell(file);
    bytes.data = malloc(bytes.len);
    assert_non_null(bytes.data);
    rewind(file);
    assert_int_equal(fread(bytes.data, 1, bytes.len, file), bytes.len);
    fclose(file);
    return bytes;
}

/* -- Walking through everything, for its reads -------------------------------------------------------------------- */

static size_t read_text(const char *text) {
    return text != NULL ? strlen(text) : 0;
}

static int read_export(void *user_data, const struct fc_export *symbol) {
    size_t *total = user_data;
    *total += read_text(fc_export_name(symbol)) + read_text(fc_export_version(symbol));
    return 0;
}

/* Reads all that an image has to say. Whatever the bytes are, the result is FC_OK or FC_EFORMAT with a text. */
static void read_all(const void *data, size_t len) {
    struct fc_image *image;
    size_t total = 0, cursor = 0;
    int result = fc_image_open(data, len, &image);
    if (result != FC_OK) {
        assert_int_equal(result, FC_EFORMAT);
        assert_true(strlen(fc_error_text()) > 0);
        return;
    }
    total += read_text(fc_image_machine(image)) + read_text(fc_image_soname(image));
    total += read_text(fc_image_interpreter(image)) + read_text(fc_image_runpath(image));
    total += read_text(fc_image_rpath(image));
    assert_true((fc_image_target(image) == NULL) == (fc_image_target_problem(image) != NULL));
    for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;) {
        total += read_text(name);
    }
    result = fc_image_visit_exports(image, read_export, &total);
    assert_true(result == FC_OK || result == FC_EFORMAT ||
                (result == FC_EUNSUPPORTED && fc_image_format(image) == FC_FORMAT_PE));
    assert_true(total < (size_t)-1);
    fc_image_close(image);
}

/* -- What real files are ------------------------------------------------------------------------------------------ */

struct expected {
    const char *path;
    enum fc_format format;
    int bits;
    const char *machine;
    uint32_t machine_number;
    enum fc_kind kind;
    const char *target;
};

static void assert_file_is(const struct expected *expected) {
    struct bytes bytes = read_file(expected->path);
    struct fc_image *image = open_bytes(bytes.data, bytes.len);
    assert_int_equal(fc_image_format(image), expected->format);
    assert_int_equal(fc_image_bits(image), expected->bits);
    assert_text(fc_image_machine(image), expected->machine);
    assert_int_equal(fc_image_machine_number(image), expected->machine_number);
    assert_int_equal(fc_image_kind(image), expected->kind);
    assert_text(fc_image_target(image), expected->target);
    assert_false(fc_image_is_managed(image));
    fc_image_close(image);
    free(bytes.data);
}

#define FILE_TEST(name, ...)                                                                                           \
    TEST(name) {                                                                                                       \
        assert_file_is(&(struct expected){__VA_ARGS__});                                                               \
    }

FILE_TEST(image_reads_i386_library, "/usr/lib/i386-linux-gnu/libz.so.1", FC_FORMAT_ELF, 32, "i386", 3, FC_KIND_LIBRARY,
          "i386-linux")
FILE_TEST(image_reads_x86_64_library, "/usr/lib/x86_64-linux-gnu/libz.so.1", FC_FORMAT_ELF, 64, "x86_64", 62,
          FC_KIND_LIBRARY, "x86_64-linux")
FILE_TEST(image_reads_pie_executable, "/bin/true", FC_FORMAT_ELF, 64, "x86_64", 62, FC_KIND_EXECUTABLE, "x86_64-linux")
FILE_TEST(image_reads_loader_as_library, "/lib/ld-linux.so.2", FC_FORMAT_ELF, 32, "i386", 3, FC_KIND_LIBRARY,
          "i386-linux")
FILE_TEST(image_reads_libc_as_library_despite_interpreter, "/usr/lib/x86_64-linux-gnu/libc.so.6", FC_FORMAT_ELF, 64,
          "x86_64", 62, FC_KIND_LIBRARY, "x86_64-linux")
FILE_TEST(image_reads_x32_library_without_target, "/usr/libx32/libc.so.6", FC_FORMAT_ELF, 32, "x86_64", 62,
          FC_KIND_LIBRARY, NULL)
FILE_TEST(image_reads_i386_dll, "/usr/i686-w64-mingw32/lib/zlib1.dll", FC_FORMAT_PE, 32, "i386", 0x14c, FC_KIND_LIBRARY,
          "i386-windows")
FILE_TEST(image_reads_x86_64_dll, "/usr/x86_64-w64-mingw32/lib/zlib1.dll", FC_FORMAT_PE, 64, "x86_64", 0x8664,
          FC_KIND_LIBRARY, "x86_64-windows")
FILE_TEST(image_reads_object, "/usr/lib/x86_64-linux-gnu/crt1.o", FC_FORMAT_ELF, 64, "x86_64", 62, FC_KIND_OBJECT,
          "x86_64-linux")
FILE_TEST(image_reads_i386_object, "/usr/lib32/crt1.o", FC_FORMAT_ELF, 32, "i386", 3, FC_KIND_OBJECT, "i386-linux")
FILE_TEST(image_names_archive, "/usr/lib/x86_64-linux-gnu/libc.a", FC_FORMAT_AR, 64, "x86_64", 62, FC_KIND_ARCHIVE,
          NULL)
FILE_TEST(image_names_i386_archive, "/usr/lib32/libc.a", FC_FORMAT_AR, 32, "i386", 3, FC_KIND_ARCHIVE, NULL)
FILE_TEST(image_names_linker_script, "/usr/lib/x86_64-linux-gnu/libc.so", FC_FORMAT_LD_SCRIPT, 0, NULL, 0,
          FC_KIND_UNKNOWN, NULL)

TEST(image_lists_what_true_needs) {
    struct bytes bytes = read_file("/bin/true");
    struct fc_image *image = open_bytes(bytes.data, bytes.len);
    size_t cursor = 0;
    assert_string_equal(fc_image_interpreter(image), "/lib64/ld-linux-x86-64.so.2");
    assert_null(fc_image_soname(image));
    assert_string_equal(fc_image_needed_next(image, &cursor), "libc.so.6");
    assert_null(fc_image_needed_next(image, &cursor));
    assert_null(fc_image_needed_next(image, &cursor));
    fc_image_close(image);
    free(bytes.data);
}

struct zlib {
    unsigned functions, data;
    bool has_compress, has_version_symbol;
    char gzungetc_version[32];
};

static int on_zlib_export(void *user_data, const struct fc_export *symbol) {
    struct zlib *zlib = user_data;
    zlib->functions += fc_export_type(symbol) == FC_EXPORT_FUNCTION;
    zlib->data += fc_export_type(symbol) == FC_EXPORT_DATA;
    zlib->has_compress |= strcmp(fc_export_name(symbol), "compress") == 0 && fc_export_version(symbol) == NULL;
    zlib->has_version_symbol |= strncmp(fc_export_name(symbol), "ZLIB_", 5) == 0;
    if (strcmp(fc_export_name(symbol), "gzungetc") == 0) {
        snprintf(zlib->gzungetc_version, sizeof zlib->gzungetc_version, "%s", fc_export_version(symbol));
        assert_true(fc_export_is_default(symbol));
    }
    return 0;
}

static void check_zlib(const char *path) {
    struct bytes bytes = read_file(path);
    struct fc_image *image = open_bytes(bytes.data, bytes.len);
    struct zlib zlib = {0};
    assert_string_equal(fc_image_soname(image), "libz.so.1");
    assert_int_equal(fc_image_visit_exports(image, on_zlib_export, &zlib), FC_OK);
    assert_in_range(zlib.functions, 80, 120);
    assert_int_equal(zlib.data, 0);
    assert_true(zlib.has_compress);
    assert_false(zlib.has_version_symbol);
    assert_string_equal(zlib.gzungetc_version, "ZLIB_1.2.0.2");
    fc_image_close(image);
    free(bytes.data);
}

TEST(image_visits_exports_of_i386_library) {
    check_zlib("/usr/lib/i386-linux-gnu/libz.so.1");
}

TEST(image_visits_exports_of_x86_64_library) {
    check_zlib("/usr/lib/x86_64-linux-gnu/libz.so.1");
}

struct realpath_versions {
    unsigned defaults, olds;
};

static int on_libc_export(void *user_data, const struct fc_export *symbol) {
    struct realpath_versions *versions = user_data;
    if (strcmp(fc_export_name(symbol), "realpath") == 0) {
        assert_non_null(fc_export_version(symbol));
        versions->defaults += fc_export_is_default(symbol);
        versions->olds += !fc_export_is_default(symbol);
    }
    return 0;
}

TEST(image_tells_default_version_from_old_one) {
    struct bytes bytes = read_file("/usr/lib/x86_64-linux-gnu/libc.so.6");
    struct fc_image *image = open_bytes(bytes.data, bytes.len);
    struct realpath_versions versions = {0};
    assert_int_equal(fc_image_visit_exports(image, on_libc_export, &versions), FC_OK);
    assert_int_equal(versions.defaults, 1);
    assert_int_equal(versions.olds, 1);
    fc_image_close(image);
    free(bytes.data);
}

/* -- Names and arguments ------------------------------------------------------------------------------------------ */

TEST(image_open_refuses_null) {
    struct fc_image *image = NULL;
    assert_int_equal(fc_image_open(NULL, 1, &image), FC_EINVAL);
    assert_int_equal(fc_image_open("x", 1, NULL), FC_EINVAL);
    assert_null(image);
    fc_image_close(NULL);
}

TEST(image_names_formats_and_kinds) {
    assert_string_equal(fc_format_name(FC_FORMAT_ELF), "ELF");
    assert_string_equal(fc_format_name(FC_FORMAT_COFF), "COFF object");
    assert_string_equal(fc_format_name((enum fc_format)99), "?");
    assert_string_equal(fc_kind_name(FC_KIND_LIBRARY), "library");
    assert_string_equal(fc_kind_name((enum fc_kind)99), "?");
}

struct sample {
    const char *text;
    size_t len;
    enum fc_format format;
    enum fc_kind kind;
};

#define SAMPLE(text, format, kind)                                                                                     \
    { text, sizeof text - 1, format, kind }
#define ZEROS_8 "\0\0\0\0\0\0\0\0"

static const struct sample samples[] = {
    SAMPLE("", FC_FORMAT_EMPTY, FC_KIND_UNKNOWN),
    SAMPLE("\177", FC_FORMAT_UNKNOWN, FC_KIND_UNKNOWN),
    SAMPLE("\177EL", FC_FORMAT_UNKNOWN, FC_KIND_UNKNOWN),
    SAMPLE("just text", FC_FORMAT_UNKNOWN, FC_KIND_UNKNOWN),
    SAMPLE("MZ", FC_FORMAT_UNKNOWN, FC_KIND_UNKNOWN),
    SAMPLE("#!/bin/sh\n", FC_FORMAT_SCRIPT, FC_KIND_UNKNOWN),
    SAMPLE("/* GNU ld script\n*/", FC_FORMAT_LD_SCRIPT, FC_KIND_UNKNOWN),
    SAMPLE("!<arch>\n", FC_FORMAT_AR, FC_KIND_ARCHIVE),
    SAMPLE("!<thin>\n", FC_FORMAT_AR_THIN, FC_KIND_ARCHIVE),
    SAMPLE("\0asm\1\0\0\0", FC_FORMAT_WASM, FC_KIND_UNKNOWN),
    SAMPLE("WbIL", FC_FORMAT_WEBCIL, FC_KIND_LIBRARY),
    SAMPLE("BC\xc0\xde", FC_FORMAT_BITCODE, FC_KIND_OBJECT),
    SAMPLE("\xca\xfe\xba\xbe\0\0\0\2", FC_FORMAT_MACHO_FAT, FC_KIND_UNKNOWN),
    SAMPLE("\xca\xfe\xba\xbe\0\0\0\x3d", FC_FORMAT_JAVA, FC_KIND_UNKNOWN),
    SAMPLE("\0\0\xff\xff\0\0\x4c\1" ZEROS_8 "\0\0\0\0", FC_FORMAT_COFF_IMPORT, FC_KIND_OBJECT),
    SAMPLE("\0\0\xff\xff\2\0\x64\x86" ZEROS_8 "\0\0\0\0", FC_FORMAT_COFF, FC_KIND_OBJECT),
};

TEST(image_names_what_is_no_image) {
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct fc_image *image = open_bytes(samples[i].text, samples[i].len);
        assert_int_equal(fc_image_format(image), samples[i].format);
        assert_int_equal(fc_image_kind(image), samples[i].kind);
        assert_null(fc_image_target(image));
        assert_non_null(fc_image_target_problem(image));
        fc_image_close(image);
    }
    fc_image_close(open_bytes(NULL, 0));
}

TEST(image_names_macho) {
    static const unsigned char dylib[32] = {0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1, 0, 0, 0, 0, 6};
    static const unsigned char powerpc[28] = {0xfe, 0xed, 0xfa, 0xce, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 2};
    struct fc_image *image = open_bytes(dylib, sizeof dylib);
    assert_int_equal(fc_image_format(image), FC_FORMAT_MACHO);
    assert_int_equal(fc_image_bits(image), 64);
    assert_string_equal(fc_image_machine(image), "aarch64");
    assert_int_equal(fc_image_kind(image), FC_KIND_LIBRARY);
    fc_image_close(image);
    image = open_bytes(powerpc, sizeof powerpc);
    assert_int_equal(fc_image_bits(image), 32);
    assert_int_equal(fc_image_byte_order(image), FC_ORDER_BIG);
    assert_string_equal(fc_image_machine(image), "powerpc");
    assert_int_equal(fc_image_kind(image), FC_KIND_EXECUTABLE);
    fc_image_close(image);
}

TEST(image_names_coff_object_only_if_its_tables_fit) {
    unsigned char bytes[120] = {0x4c, 1, 1, 0, 0, 0, 0, 0, 60, 0, 0, 0, 3, 0, 0, 0};
    struct fc_image *image = open_bytes(bytes, sizeof bytes);
    assert_int_equal(fc_image_format(image), FC_FORMAT_COFF);
    assert_int_equal(fc_image_bits(image), 32);
    assert_string_equal(fc_image_machine(image), "i386");
    fc_image_close(image);
    image = open_bytes(bytes, 60 + 3 * 18 - 1);
    assert_int_equal(fc_image_format(image), FC_FORMAT_UNKNOWN);
    fc_image_close(image);
}

/* -- Truncated and changed files ---------------------------------------------------------------------------------- */

/* Memory that ends where an unreadable page begins, so that a read past the end stops any build, and a copy of the
 * exact size, for builds with a sanitizer. */
struct guarded {
    unsigned char *memory, *end;
    size_t len;
};

static struct guarded guard(size_t max) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (max + page - 1) / page * page;
    struct guarded guarded = {.len = room + page};
    guarded.memory = mmap(NULL, guarded.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(guarded.memory != MAP_FAILED);
    guarded.end = guarded.memory + room;
    assert_int_equal(mprotect(guarded.end, page, PROT_NONE), 0);
    return guarded;
}

static void read_all_truncated(const struct guarded *guarded, const unsigned char *data, size_t len) {
    if (len > 0) {
        memcpy(guarded->end - len, data, len);
    }
    read_all(guarded->end - len, len);
    unsigned char *exact = malloc(len > 0 ? len : 1);
    assert_non_null(exact);
    if (len > 0) {
        memcpy(exact, data, len);
    }
    read_all(exact, len);
    free(exact);
}

enum { EVERY_LENGTH_MAX = 4096, SOME_LENGTHS = 400 };

static void check_truncations(const char *path) {
    struct bytes bytes = read_file(path);
    struct guarded guarded = guard(bytes.len);
    for (size_t len = 0; len <= bytes.len && len <= EVERY_LENGTH_MAX; len++) {
        read_all_truncated(&guarded, bytes.data, len);
    }
    for (size_t i = 1; i <= SOME_LENGTHS; i++) {
        read_all_truncated(&guarded, bytes.data, bytes.len - bytes.len / SOME_LENGTHS / i * (i - 1));
        read_all_truncated(&guarded, bytes.data, bytes.len / SOME_LENGTHS * i);
    }
    munmap(guarded.memory, guarded.len);
    free(bytes.data);
}

TEST(image_survives_truncated_i386_library) {
    check_truncations("/usr/lib/i386-linux-gnu/libz.so.1");
}

TEST(image_survives_truncated_x86_64_library) {
    check_truncations("/usr/lib/x86_64-linux-gnu/libz.so.1");
}

TEST(image_survives_truncated_executable) {
    check_truncations("/bin/true");
}

TEST(image_survives_truncated_loader) {
    check_truncations("/lib/ld-linux.so.2");
}

TEST(image_survives_truncated_object) {
    check_truncations("/usr/lib/x86_64-linux-gnu/crt1.o");
}

TEST(image_survives_truncated_i386_dll) {
    check_truncations("/usr/i686-w64-mingw32/lib/zlib1.dll");
}

TEST(image_survives_truncated_x86_64_dll) {
    check_truncations("/usr/x86_64-w64-mingw32/lib/zlib1.dll");
}

/* Every byte of the first `len`, replaced by what lies at the edges of ranges. */
static void check_changes(const unsigned char *data, size_t file_len, size_t len) {
    static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct guarded guarded = guard(file_len);
    unsigned char *copy = guarded.end - file_len;
    memcpy(copy, data, file_len);
    for (size_t i = 0; i < len && i < file_len; i++) {
        for (size_t k = 0; k < sizeof values; k++) {
            copy[i] = values[k];
            read_all(copy, file_len);
        }
        copy[i] = data[i];
    }
    munmap(guarded.memory, guarded.len);
}

TEST(image_survives_changed_bytes) {
    struct made made = make_library();
    make_versions(&made, "MADE_1.0");
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "two", GLOBAL | OBJECT, 0, 1);
    put(&made, VERSYM + 2, 2, 2);
    check_changes(made.bytes, MADE_LEN, MADE_LEN);
    make_gnu_hash(&made, 1);
    check_changes(made.bytes, MADE_LEN, MADE_LEN);
    made = make_elf(false, true, ET_DYN, EM_386);
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    check_changes(made.bytes, MADE_LEN, MADE_LEN);
    made = make_pe(false, I386, DLL);
    add_cli(&made, 5, ILONLY);
    check_changes(made.bytes, PE_LEN, PE_LEN);
    made = make_pe(true, AMD64, 0);
    add_cli(&made, 5, ILONLY);
    check_changes(made.bytes, PE_LEN, PE_LEN);
}

TEST(image_survives_changed_header_of_real_library) {
    struct bytes bytes = read_file("/usr/lib/i386-linux-gnu/libz.so.1");
    check_changes(bytes.data, bytes.len, 1024);
    free(bytes.data);
}
