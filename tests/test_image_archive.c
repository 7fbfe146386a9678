/* Archives of ar and import libraries, made by hand; real ones are compared with nm and ar in image_oracles.sh. */
#include "made_images.h"

struct archive {
    unsigned char bytes[0x2000];
    size_t len;
};

static struct archive begin(const char *magic) {
    struct archive archive = {.len = strlen(magic)};
    memcpy(archive.bytes, magic, archive.len);
    return archive;
}

static void add(struct archive *archive, const char *name, const void *data, size_t len) {
    char header[61];
    snprintf(header, sizeof header, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", name, 0, 0, 0, 0644, len);
    memcpy(archive->bytes + archive->len, header, 60);
    memcpy(archive->bytes + archive->len + 60, data, len);
    archive->len += 60 + len;
    if (len % 2 != 0) {
        archive->bytes[archive->len++] = '\n';
    }
}

/* -- What a visit tells ------------------------------------------------------------------------------------------- */

static int note_member(void *user_data, const struct fc_member *member) {
    char *text = user_data;
    size_t len;
    const void *data = fc_member_data(member, &len);
    sprintf(text + strlen(text), "%s:%.*s;", fc_member_name(member), (int)len, data != NULL ? (const char *)data : "");
    return 0;
}

static void assert_members(const struct archive *archive, const char *expected) {
    char text[512] = "";
    struct fc_image *image = open_bytes(archive->bytes, archive->len);
    assert_int_equal(fc_image_visit_members(image, note_member, text), FC_OK);
    assert_string_equal(text, expected);
    fc_image_close(image);
}

static int note_import(void *user_data, const struct fc_import *import) {
    char *text = user_data;
    sprintf(text + strlen(text), "%s!", fc_import_library(import));
    if (fc_import_name(import) != NULL) {
        strcat(text, fc_import_name(import));
    } else {
        sprintf(text + strlen(text), "#%u", (unsigned)fc_import_ordinal(import));
    }
    strcat(text, ";");
    return 0;
}

static void assert_imports(const struct archive *archive, const char *expected) {
    char text[512] = "";
    struct fc_image *image = open_bytes(archive->bytes, archive->len);
    assert_int_equal(fc_image_visit_imports(image, note_import, text), FC_OK);
    assert_string_equal(text, expected);
    fc_image_close(image);
}

static void assert_broken(const struct archive *archive, const char *why) {
    char text[512] = "";
    struct fc_image *image = open_bytes(archive->bytes, archive->len);
    assert_int_equal(fc_image_visit_members(image, note_member, text), FC_EFORMAT);
    assert_non_null(strstr(fc_error_text(), why));
    assert_int_equal(fc_image_visit_imports(image, note_import, text), FC_EFORMAT);
    fc_image_close(image);
}

/* -- Members ------------------------------------------------------------------------------------------------------ */

TEST(archive_has_names_of_every_kind) {
    struct archive archive = begin("!<arch>\n");
    add(&archive, "/", "index", 5);
    add(&archive, "//", "a-long-name-of-gnu.o/\nlong-of-microsoft.obj\0", 44);
    add(&archive, "short.o/", "one", 3);
    add(&archive, "/0", "two", 3);
    add(&archive, "/22", "three", 5);
    add(&archive, "#1/8", "bsd.o\0\0\0four", 12);
    add(&archive, "#1/20", "__.SYMDEF SORTED\0\0\0\0index", 25);
    add(&archive, "old", "five", 4);
    add(&archive, "/999", "six", 3);
    assert_members(&archive,
                   "short.o:one;a-long-name-of-gnu.o:two;long-of-microsoft.obj:three;bsd.o:four;old:five;:six;");
    assert_imports(&archive, "");
}

TEST(archive_is_thin) {
    struct archive archive = begin("!<thin>\n");
    add(&archive, "//", "folder/one.o/\n", 14);
    add(&archive, "/0", "", 0);
    memcpy(archive.bytes + archive.len - 12, "12345678  ", 10); /* which lie in another file */
    assert_members(&archive, "folder/one.o:;");
}

TEST(archive_has_the_machine_of_its_first_object) {
    struct made made = make_elf(false, true, ET_REL, 8);
    struct archive archive = begin("!<arch>\n");
    add(&archive, "text/", "no object", 9);
    add(&archive, "one.o/", made.bytes, MADE_LEN);
    struct fc_image *image = open_bytes(archive.bytes, archive.len);
    assert_int_equal(fc_image_format(image), FC_FORMAT_AR);
    assert_int_equal(fc_image_bits(image), 32);
    assert_text(fc_image_machine(image), "mips");
    assert_int_equal(fc_image_byte_order(image), FC_ORDER_BIG);
    assert_null(fc_image_target(image));
    fc_image_close(image);
    archive = begin("!<arch>\n");
    image = open_bytes(archive.bytes, archive.len);
    assert_null(fc_image_machine(image));
    fc_image_close(image);
}

TEST(archive_that_is_broken) {
    struct archive whole = begin("!<arch>\n"), archive;
    add(&whole, "one/", "1", 1);
    archive = whole;
    add(&archive, "two/", "2", 1);
    archive.len -= 2;
    assert_broken(&archive, "has 1 bytes, past the end");
    archive.len -= 30;
    assert_broken(&archive, "is cut off");
    archive = whole;
    add(&archive, "two/", "2", 1);
    archive.bytes[whole.len + 58] = 'x';
    assert_broken(&archive, "there is no member header");
    archive = whole;
    add(&archive, "two/", "2", 1);
    memcpy(archive.bytes + whole.len + 48, "9999999999", 10);
    assert_broken(&archive, "9999999999 bytes, past the end");
    memcpy(archive.bytes + whole.len + 48, "-1        ", 10);
    assert_broken(&archive, "there is no member header");
}

TEST(archive_within_an_archive_is_a_member) {
    struct archive inner = begin("!<arch>\n"), outer = begin("!<arch>\n");
    add(&inner, "one/", "1", 1);
    add(&outer, "inner.a/", inner.bytes, inner.len);
    struct fc_image *image = open_bytes(outer.bytes, outer.len);
    assert_null(fc_image_machine(image)); /* it is not looked into */
    fc_image_close(image);
    assert_imports(&outer, "");
}

/* -- Import libraries of short objects ---------------------------------------------------------------------------- */

enum { BY_ORDINAL, BY_NAME, WITHOUT_PREFIX, UNDECORATED, EXPORT_AS };

/* `names` has symbol, library and, for EXPORT_AS, the export, each with its NUL. */
static void add_short(struct archive *archive, unsigned way, unsigned ordinal, const char *names, size_t len) {
    unsigned char object[256] = {0, 0, 0xff, 0xff, 0, 0, 0x4c, 0x01};
    object[12] = (unsigned char)len;
    object[16] = (unsigned char)ordinal;
    object[18] = (unsigned char)(way << 2);
    memcpy(object + 20, names, len);
    add(archive, "two.dll/", object, 20 + len);
}
#define SHORT(archive, way, ordinal, names) add_short((archive), (way), (ordinal), names, sizeof names)

TEST(import_library_of_short_objects) {
    struct archive archive = begin("!<arch>\n");
    SHORT(&archive, BY_NAME, 3, "_First@8\0two.dll");
    SHORT(&archive, WITHOUT_PREFIX, 3, "_First@8\0two.dll");
    SHORT(&archive, UNDECORATED, 3, "_First@8\0two.dll");
    SHORT(&archive, UNDECORATED, 3, "Plain\0two.dll");
    SHORT(&archive, BY_ORDINAL, 7, "_Third\0other.dll");
    SHORT(&archive, EXPORT_AS, 0, "symbol\0other.dll\0export");
    assert_imports(&archive,
                   "two.dll!_First@8;two.dll!First@8;two.dll!First;two.dll!Plain;other.dll!#7;other.dll!export;");
    struct fc_image *image = open_bytes(archive.bytes, archive.len);
    assert_text(fc_image_machine(image), "i386");
    fc_image_close(image);
    struct archive one = {.len = archive.len - 8 - 60}; /* an object by itself */
    memcpy(one.bytes, archive.bytes + 68, one.len);
    assert_imports(&one, "two.dll!_First@8;");
}

TEST(import_objects_that_are_broken) {
    static const struct {
        unsigned way;
        const char *names;
        size_t len;
    } cases[] = {
        {BY_NAME, "symbol", 6}, {BY_NAME, "symbol\0library", 14}, {EXPORT_AS, "symbol\0two.dll", 15}, {5, "a\0b", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct archive archive = begin("!<arch>\n");
        char text[512] = "";
        add_short(&archive, cases[i].way, 0, cases[i].names, cases[i].len);
        struct fc_image *image = open_bytes(archive.bytes, archive.len);
        assert_int_equal(fc_image_visit_imports(image, note_import, text), FC_EFORMAT);
        assert_string_equal(text, "");
        fc_image_close(image);
    }
}

/* -- Import libraries of long objects ----------------------------------------------------------------------------- */

/* A COFF object with one section, of which the first four bytes may be a hint, and one symbol of a long name. */
static void add_long(struct archive *archive, const char *section, const void *data, size_t len, const char *symbol) {
    struct made made = {.is_wide = false};
    size_t symbols = 60 + len;
    put(&made, 0, 0x14c, 2);
    put(&made, 2, 1, 2);
    put(&made, 8, symbols, 4);
    put(&made, 12, 1, 4);
    memcpy(made.bytes + 20, section, 8);
    put(&made, 20 + 16, len, 4);
    put(&made, 20 + 20, 60, 4);
    memcpy(made.bytes + 60, data, len);
    put(&made, symbols + 4, 4, 4);
    put(&made, symbols + 16, 2, 1);
    put(&made, symbols + 18, 4 + strlen(symbol) + 1, 4);
    strcpy((char *)made.bytes + symbols + 22, symbol);
    add(archive, "object.o/", made.bytes, symbols + 22 + strlen(symbol) + 1);
}

TEST(import_library_of_long_objects) {
    struct archive archive = begin("!<arch>\n");
    add_long(&archive, ".idata$7", "one.dll", 8, "__one_a_iname");
    add_long(&archive, ".idata$6", "\1\0First", 8, "__head_one_a");
    add_long(&archive, ".idata$5", "\7\0\0\200", 4, "__head_one_a");
    add_long(&archive, ".idata$6", "\1\0Second", 9, "__head_two_a"); /* the library comes later */
    add_long(&archive, ".idata$6", "\1\0Lost", 7, "__head_none");
    add_long(&archive, ".idata$6", "\1\0Third", 8, "__head_one_a");
    add_long(&archive, ".idata$5", "\7\0\0\0", 4, "__head_one_a"); /* neither name nor ordinal */
    add_long(&archive, ".idata$6", "\1\0cut", 5, "__head_one_a");
    add_long(&archive, ".text\0\0", "code", 4, "__head_one_a");
    add_long(&archive, ".idata$7", "two.dll", 8, "__two_a_iname");
    assert_imports(&archive, "one.dll!First;one.dll!#7;two.dll!Second;one.dll!Third;");
}
