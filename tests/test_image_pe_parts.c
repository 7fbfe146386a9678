#include "made_images.h"

/* The one section of a made image, longer: what is put at an RVA lies here in the file. */
enum { RVA = 0x1000, ROOM = 0xc00 };

static size_t at(uint32_t rva) {
    return rva - RVA + 0x400;
}

static struct made make_roomy(bool is_wide) {
    struct made made = make_pe(is_wide, is_wide ? AMD64 : I386, DLL);
    size_t section = PE_OPTIONAL + (is_wide ? 240u : 224u);
    memcpy(made.bytes + section, ".text", 5);
    put(&made, section + 8, ROOM, 4);
    put(&made, section + 16, ROOM, 4);
    put(&made, section + 36, 0x60000020, 4);
    return made;
}

static void set_directory(struct made *made, unsigned index, uint32_t rva, uint32_t size) {
    put(made, pe_directory(made, index), rva, 4);
    put(made, pe_directory(made, index) + 4, size, 4);
}

static void put_text(struct made *made, uint32_t rva, const char *text) {
    strcpy((char *)made->bytes + at(rva), text);
}

/* What visits saw, one word after the other. */
struct seen {
    char text[4096];
    int stop_after;
};

static int see(struct seen *seen, const char *format, ...) {
    va_list list;
    size_t len = strlen(seen->text);
    va_start(list, format);
    vsnprintf(seen->text + len, sizeof seen->text - len, format, list);
    va_end(list);
    return --seen->stop_after == 0;
}

/* -- Exports ------------------------------------------------------------------------------------------------------ */

static int on_export(void *user_data, const struct fc_export *symbol) {
    const char *name = fc_export_name(symbol), *forwarder = fc_export_forwarder(symbol);
    return see(user_data, "%s#%u%s%s%s(%d) ", name != NULL ? name : "", fc_export_ordinal(symbol),
               fc_export_type(symbol) == FC_EXPORT_FUNCTION ? "f" : "", forwarder != NULL ? "=" : "",
               forwarder != NULL ? forwarder : "", fc_export_stack_bytes(symbol));
}

/* Five functions from ordinal 10 on: two named, one a forwarder, one empty, one without a name. */
static struct made make_exports(void) {
    struct made made = make_roomy(false);
    set_directory(&made, 0, 0x1000, 0x100);
    put(&made, at(0x1000) + 16, 10, 4);
    put(&made, at(0x1000) + 20, 5, 4);
    put(&made, at(0x1000) + 24, 3, 4);
    put(&made, at(0x1000) + 28, 0x1040, 4);
    put(&made, at(0x1000) + 32, 0x1060, 4);
    put(&made, at(0x1000) + 36, 0x1070, 4);
    put(&made, at(0x1040), 0x1200, 4);
    put(&made, at(0x1044), 0x1210, 4);
    put(&made, at(0x1048), 0x1080, 4); /* within the directory: a forwarder */
    put(&made, at(0x1050), 0x1220, 4);
    put(&made, at(0x1060), 0x1090, 4);
    put(&made, at(0x1064), 0x10a0, 4);
    put(&made, at(0x1068), 0x10b0, 4);
    put(&made, at(0x1070), 1, 2);
    put(&made, at(0x1072), 0, 2);
    put(&made, at(0x1074), 2, 2);
    put_text(&made, 0x1080, "NTDLL.#7");
    put_text(&made, 0x1090, "_Add@8");
    put_text(&made, 0x10a0, "Plain");
    put_text(&made, 0x10b0, "There");
    return made;
}

TEST(image_visits_pe_exports) {
    struct made made = make_exports();
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct seen seen = {.text = ""};
    assert_int_equal(fc_image_visit_exports(image, on_export, &seen), FC_OK);
    assert_string_equal(seen.text, "_Add@8#11f(8) Plain#10f(-1) There#12=NTDLL.#7(-1) #14f(-1) ");
    seen = (struct seen){.stop_after = 2};
    assert_int_equal(fc_image_visit_exports(image, on_export, &seen), 1);
    assert_string_equal(seen.text, "_Add@8#11f(8) Plain#10f(-1) ");
    fc_image_close(image);
}

static const struct {
    const char *name;
    int bytes;
} stack_cases[] = {
    {"@Fast@12", 12}, {"Vector@@16", 16}, {"Bare@0", 0}, {"_Odd@7", -1},      {"?f@@YAHH@Z", -1},
    {"Name@", -1},    {"Name@8x", -1},    {"@8", -1},    {"_Huge@99999", -1}, {"Name@-8", -1},
};

TEST(image_reads_stack_sizes_out_of_names) {
    for (size_t i = 0; i < sizeof stack_cases / sizeof *stack_cases; i++) {
        struct made made = make_exports();
        put(&made, at(0x1000) + 24, 1, 4);
        put_text(&made, 0x1090, stack_cases[i].name);
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        struct seen seen = {.stop_after = 1};
        char expected[64];
        snprintf(expected, sizeof expected, "%s#11f(%d) ", stack_cases[i].name, stack_cases[i].bytes);
        assert_int_equal(fc_image_visit_exports(image, on_export, &seen), 1);
        assert_string_equal(seen.text, expected);
        fc_image_close(image);
    }
}

static void assert_exports_refused(const struct made *made, const char *expected) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct seen seen = {.text = ""};
    assert_int_equal(fc_image_visit_exports(image, on_export, &seen), FC_EFORMAT);
    if (strstr(fc_error_text(), expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fc_error_text(), expected);
    }
    fc_image_close(image);
}

TEST(image_refuses_bad_pe_exports) {
    struct made good = make_exports(), made = good;
    set_directory(&made, 0, 0x1be0, 40);
    assert_exports_refused(&made, "PE export directory: the 40 bytes at RVA 0x1be0 are not in the file");
    made = good;
    put(&made, at(0x1000) + 20, 0x40000000, 4);
    assert_exports_refused(&made, "PE export addresses: the 4294967296 bytes at RVA 0x1040 are not in the file");
    made = good;
    put(&made, at(0x1000) + 24, 0xffffffff, 4);
    assert_exports_refused(&made, "PE export names: the 17179869180 bytes");
    made = good;
    put(&made, at(0x1072), 5, 2);
    assert_exports_refused(&made, "PE export name 1 belongs to function 5 of 5");
    made = good;
    put(&made, at(0x1060), 0x1bff, 4);
    made.bytes[at(0x1bff)] = 'x';
    assert_exports_refused(&made, "PE export name: the string at RVA 0x1bff has no end within 1 bytes");
}

/* -- Imports ------------------------------------------------------------------------------------------------------ */

static int on_import(void *user_data, const struct fc_import *import) {
    return see(user_data, "%s%s!%s#%u ", fc_import_is_delayed(import) ? "later " : "", fc_import_library(import),
               fc_import_name(import) != NULL ? fc_import_name(import) : "", fc_import_ordinal(import));
}

/* One library with a name and an ordinal; one that is loaded later, in a table of addresses (old) or RVAs. */
static struct made make_imports(bool is_wide, bool has_rvas) {
    struct made made = make_roomy(is_wide);
    unsigned size = is_wide ? 8 : 4;
    uint32_t base = has_rvas ? 0 : 0x400000;
    put(&made, PE_OPTIONAL + (is_wide ? 24 : 28), 0x400000, size);
    set_directory(&made, 1, 0x1000, 40);
    put(&made, at(0x1000), 0x1100, 4);
    put(&made, at(0x1000) + 12, 0x1200, 4);
    put(&made, at(0x1000) + 16, 0x1180, 4);
    put(&made, at(0x1100), 0x1220, size);
    put(&made, at(0x1100) + size, (UINT64_C(1) << (size * 8 - 1)) | 42, size);
    put_text(&made, 0x1200, "first.dll");
    put_text(&made, 0x1222, "Call");
    set_directory(&made, 13, 0x1300, 64);
    put(&made, at(0x1300), has_rvas, 4);
    put(&made, at(0x1300) + 4, base + 0x1240, 4);
    put(&made, at(0x1300) + 16, base + 0x1140, 4);
    put(&made, at(0x1140), 0x1260, size);
    put_text(&made, 0x1240, "second.dll");
    put_text(&made, 0x1262, "Late");
    return made;
}

TEST(image_visits_pe_imports) {
    for (unsigned i = 0; i < 4; i++) {
        struct made made = make_imports(i & 1, i & 2 || i & 1);
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        struct seen seen = {.text = ""};
        assert_int_equal(fc_image_visit_imports(image, on_import, &seen), FC_OK);
        assert_string_equal(seen.text, "first.dll!Call#0 first.dll!#42 later second.dll!Late#0 ");
        fc_image_close(image);
    }
}

static void assert_imports_refused(const struct made *made, const char *expected) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct seen seen = {.text = ""};
    assert_int_equal(fc_image_visit_imports(image, on_import, &seen), FC_EFORMAT);
    if (strstr(fc_error_text(), expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fc_error_text(), expected);
    }
    fc_image_close(image);
}

/* Every library's entry leads to the same long table: the walk must not multiply. */
TEST(image_refuses_pe_imports_that_overlap) {
    struct made made = make_roomy(false);
    set_directory(&made, 1, 0x1000, 0);
    for (uint32_t rva = 0x1000; rva < 0x1800; rva += 20) {
        put(&made, at(rva), 0x1900, 4);
        put(&made, at(rva) + 12, 0x1800, 4);
        put(&made, at(rva) + 16, 0x1900, 4);
    }
    memset(made.bytes + at(0x1818), 'n', 0xd0); /* a name of 208 bytes for each */
    put_text(&made, 0x1800, "a.dll");
    for (uint32_t rva = 0x1900; rva < 0x1bf0; rva += 4) {
        put(&made, at(rva), 0x1816, 4);
    }
    assert_imports_refused(&made, "far more of them than the file has room for");
}

TEST(image_refuses_bad_pe_imports) {
    struct made good = make_imports(false, true), made = good;
    set_directory(&made, 1, 0xfffffff0, 20);
    assert_imports_refused(&made, "PE import directory: the 20 bytes at RVA 0xfffffff0 are not in the file");
    made = good;
    put(&made, at(0x1000) + 12, 0x7000, 4);
    assert_imports_refused(&made, "PE import of a library: the 1 bytes at RVA 0x7000");
    made = good;
    put(&made, at(0x1000), 0x1bfc, 4);
    put(&made, at(0x1bfc), 0x1220, 4);
    assert_imports_refused(&made, "PE import names: the 4 bytes at RVA 0x1c00");
}

/* -- Headers, sections, checksum, certificate --------------------------------------------------------------------- */

static int on_section(void *user_data, const struct fc_section *section) {
    return see(user_data, "%s %x+%x at %x+%x %x ", fc_section_name(section), fc_section_rva(section),
               fc_section_virtual_size(section), fc_section_offset(section), fc_section_raw_size(section),
               fc_section_characteristics(section));
}

static uint64_t number_of(const struct fc_image *image, enum fc_pe_number number) {
    uint64_t value = 0;
    assert_true(fc_image_pe_number(image, number, &value));
    return value;
}

TEST(image_reads_pe_numbers_and_sections) {
    struct made made = make_roomy(true);
    put(&made, PE_OPTIONAL + 24, 0x123456789, 8);
    put(&made, PE_OPTIONAL + 48, 6, 2);
    put(&made, PE_OPTIONAL + 50, 1, 2);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct seen seen = {.text = ""};
    assert_int_equal(fc_image_visit_sections(image, on_section, &seen), FC_OK);
    assert_string_equal(seen.text, ".text 1000+c00 at 400+c00 60000020 ");
    assert_int_equal(number_of(image, FC_PE_IMAGE_BASE), 0x123456789);
    assert_int_equal(number_of(image, FC_PE_SUBSYSTEM_MAJOR) * 10 + number_of(image, FC_PE_SUBSYSTEM_MINOR), 61);
    assert_int_equal(number_of(image, FC_PE_CHARACTERISTICS), DLL | 2);
    assert_int_equal(number_of(image, FC_PE_SECTION_ALIGNMENT), 0x1000);
    assert_int_equal(number_of(image, FC_PE_DIRECTORY_COUNT), 16);
    assert_string_equal(fc_pe_number_name(FC_PE_DIRECTORY_COUNT), "NumberOfRvaAndSizes");
    fc_image_close(image);
}

TEST(image_computes_pe_checksums) {
    struct made made = make_roomy(false);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    uint32_t sum = fc_image_checksum(image);
    fc_image_close(image);
    put(&made, PE_OPTIONAL + 64, sum, 4); /* the field is not part of the sum */
    image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_image_checksum(image), sum);
    assert_int_equal(number_of(image, FC_PE_CHECKSUM), sum);
    fc_image_close(image);
    made.bytes[0x500]++;
    image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_image_checksum(image), sum + 1);
    fc_image_close(image);
}

TEST(image_notices_certificates_that_are_there) {
    struct made made = make_roomy(false);
    set_directory(&made, 4, 0xf00, 0x100); /* an offset, not an RVA */
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    assert_true(fc_image_has_certificate(image));
    fc_image_close(image);
    set_directory(&made, 4, 0xf00, 0x101);
    image = open_bytes(made.bytes, MADE_LEN);
    assert_false(fc_image_has_certificate(image));
    fc_image_close(image);
}

/* -- Load configuration ------------------------------------------------------------------------------------------- */

static const struct {
    bool is_wide;
    unsigned machine;
    uint32_t size; /* that the load configuration says it has */
    enum fc_hybrid hybrid;
    const char *name;
} hybrid_cases[] = {
    {false, I386, 0x80, FC_HYBRID_CHPE, "CHPE"},       {false, I386, 0x7c, FC_HYBRID_NONE, ""},
    {true, AMD64, 0xd0, FC_HYBRID_ARM64EC, "Arm64EC"}, {true, AMD64, 0xc8, FC_HYBRID_NONE, ""},
    {true, ARM64, 0x140, FC_HYBRID_ARM64X, "Arm64X"},  {true, 0x200, 0xd0, FC_HYBRID_NONE, ""},
};

TEST(image_names_hybrids) {
    for (size_t i = 0; i < sizeof hybrid_cases / sizeof *hybrid_cases; i++) {
        struct made made = make_roomy(hybrid_cases[i].is_wide);
        put(&made, PE_HEADER + 4, hybrid_cases[i].machine, 2);
        set_directory(&made, 10, 0x1400, hybrid_cases[i].size);
        put(&made, at(0x1400), hybrid_cases[i].size, 4);
        put(&made, at(0x1400) + (hybrid_cases[i].is_wide ? 0xc8 : 0x7c), 0x401000, 4);
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        assert_int_equal(fc_image_hybrid(image), hybrid_cases[i].hybrid);
        assert_string_equal(fc_hybrid_name(fc_image_hybrid(image)), hybrid_cases[i].name);
        fc_image_close(image);
    }
}

/* -- Resources ---------------------------------------------------------------------------------------------------- */

static int on_resource(void *user_data, const struct fc_resource *resource) {
    size_t len;
    const char *data = fc_resource_data(resource, &len);
    return see(user_data, "%u/%u/%u:%.*s ", fc_resource_type(resource), fc_resource_id(resource),
               fc_resource_language(resource), (int)len, data);
}

/* A directory with one entry. */
static void put_branch(struct made *made, uint32_t offset, uint32_t id, uint32_t next) {
    put(made, at(0x1400 + offset) + 14, 1, 2);
    put(made, at(0x1400 + offset) + 16, id, 4);
    put(made, at(0x1400 + offset) + 20, next, 4);
}

static struct made make_resources(uint32_t type, uint32_t len) {
    struct made made = make_roomy(false);
    set_directory(&made, 2, 0x1400, 0x200);
    put_branch(&made, 0, type, 0x80000020);
    put_branch(&made, 0x20, 1, 0x80000040);
    put_branch(&made, 0x40, 0x409, 0x60);
    put(&made, at(0x1460), 0x1500, 4);
    put(&made, at(0x1464), len, 4);
    return made;
}

TEST(image_finds_manifests) {
    struct made made = make_resources(24, 11);
    put_text(&made, 0x1500, "<assembly/>");
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct seen seen = {.text = ""};
    size_t len = 0;
    assert_int_equal(fc_image_visit_resources(image, on_resource, &seen), FC_OK);
    assert_string_equal(seen.text, "24/1/1033:<assembly/> ");
    assert_memory_equal(fc_image_manifest(image, &len), "<assembly/>", 11);
    assert_int_equal(len, 11);
    assert_int_equal(fc_image_file_version(image), 0);
    fc_image_close(image);
}

TEST(image_reads_file_versions) {
    struct made made = make_resources(16, 92);
    put(&made, at(0x1500) + 40, 0xfeef04bd, 4);
    put(&made, at(0x1500) + 48, 0x00010002, 4);
    put(&made, at(0x1500) + 52, 0x00030004, 4);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_image_file_version(image), UINT64_C(0x0001000200030004));
    put(&made, at(0x1464), 52, 4); /* cut */
    assert_int_equal(fc_image_file_version(image), UINT64_C(0x0001000200000000));
    fc_image_close(image);
}

static void assert_resources_refused(const struct made *made, const char *expected) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct seen seen = {.text = ""};
    assert_int_equal(fc_image_visit_resources(image, on_resource, &seen), FC_EFORMAT);
    if (strstr(fc_error_text(), expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fc_error_text(), expected);
    }
    fc_image_close(image);
}

TEST(image_refuses_resources_in_a_circle) {
    struct made made = make_resources(24, 11);
    put(&made, at(0x1440) + 20, 0x80000000, 4); /* the last level leads to the first */
    assert_resources_refused(&made, "deeper than type, name and language");
    made = make_resources(24, 0x10000);
    assert_resources_refused(&made, "PE resource: the 65536 bytes at RVA 0x1500");
    made = make_resources(24, 11);
    put(&made, at(0x1400) + 14, 0xffff, 2); /* more entries than the section has */
    assert_resources_refused(&made, "PE resource");
}

/* -- Traps of the headers ----------------------------------------------------------------------------------------- */

TEST(image_finds_its_way_through_odd_sections) {
    struct made made = make_exports();
    size_t section = PE_OPTIONAL + 224;
    struct seen seen = {.text = ""};
    memmove(made.bytes + section + 40, made.bytes + section, 40); /* an empty one before it, at the same RVA */
    put(&made, PE_HEADER + 6, 2, 2);
    put(&made, section + 16, 0, 4);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_image_visit_exports(image, on_export, &seen), FC_OK);
    fc_image_close(image);
    put(&made, section + 16, 0xffffffff, 4); /* a size past the end of the file: what is there is there */
    put(&made, section + 8, 0, 4);
    image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_image_visit_exports(image, on_export, &seen), FC_OK);
    fc_image_close(image);
    put(&made, section + 20, 0xfffffe00, 4); /* and one that begins there is passed over */
    image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_image_visit_exports(image, on_export, &seen), FC_OK);
    fc_image_close(image);
}
