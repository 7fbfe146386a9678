#include "made_images.h"

static void assert_pe_malformed(const struct made *made, const char *expected) {
    assert_malformed(made->bytes, PE_LEN, expected);
}

struct pe_case {
    bool is_wide;
    unsigned machine, characteristics, subsystem;
    const char *name;
    enum fc_kind kind;
    const char *target, *problem;
};

static const struct pe_case pe_cases[] = {
    {false, I386, 0, 2, "i386", FC_KIND_EXECUTABLE, "i386-windows", NULL},
    {false, I386, DLL, 3, "i386", FC_KIND_LIBRARY, "i386-windows", NULL},
    {true, AMD64, DLL, 2, "x86_64", FC_KIND_LIBRARY, "x86_64-windows", NULL},
    {true, AMD64, 0, 1, "x86_64", FC_KIND_EXECUTABLE, "x86_64-windows", NULL},
    {true, AMD64, 0, 10, "x86_64", FC_KIND_EXECUTABLE, NULL, "an EFI image"},
    {false, 0x1c4, 0, 9, "arm", FC_KIND_EXECUTABLE, NULL, "made for a system other than Windows"},
    {true, ARM64, DLL, 2, "aarch64", FC_KIND_LIBRARY, NULL, "farcall has no host for this machine"},
    {true, 0x0200, DLL, 2, "ia64", FC_KIND_LIBRARY, NULL, "farcall has no host for this machine"},
    {true, 0x1234, DLL, 2, "unknown", FC_KIND_LIBRARY, NULL, "farcall has no host for this machine"},
    {true, 0xfd1d, DLL, 3, "x86_64", FC_KIND_LIBRARY, NULL, "compiled for a system other than Windows"},
    {true, 0xd11d, DLL, 3, "aarch64", FC_KIND_LIBRARY, NULL, "compiled for a system other than Windows"},
};

TEST(image_names_pe_machines) {
    for (size_t i = 0; i < sizeof pe_cases / sizeof *pe_cases; i++) {
        const struct pe_case *want = &pe_cases[i];
        struct made made = make_pe(want->is_wide, want->machine, want->characteristics);
        put(&made, PE_OPTIONAL + 68, want->subsystem, 2);
        struct fc_image *image = open_bytes(made.bytes, PE_LEN);
        assert_int_equal(fc_image_format(image), FC_FORMAT_PE);
        assert_int_equal(fc_image_byte_order(image), FC_ORDER_LITTLE);
        assert_int_equal(fc_image_bits(image), want->is_wide ? 64 : 32);
        assert_string_equal(fc_image_machine(image), want->name);
        assert_int_equal(fc_image_machine_number(image), want->machine);
        assert_int_equal(fc_image_kind(image), want->kind);
        assert_text(fc_image_target(image), want->target);
        assert_text(fc_image_target_problem(image), want->problem);
        assert_false(fc_image_is_managed(image));
        assert_int_equal(fc_image_cli_flags(image), 0);
        fc_image_close(image);
    }
}

TEST(image_finds_no_target_for_a_pe_machine_of_the_other_bitness) {
    struct made made = make_pe(false, AMD64, 0);
    struct fc_image *image = open_bytes(made.bytes, PE_LEN);
    assert_int_equal(fc_image_bits(image), 32);
    assert_text(fc_image_target(image), NULL);
    assert_text(fc_image_target_problem(image), "a 32-bit header for a 64-bit machine, which Windows refuses");
    fc_image_close(image);
    made = make_pe(true, I386, 0);
    image = open_bytes(made.bytes, PE_LEN);
    assert_text(fc_image_target_problem(image), "a 64-bit header for a 32-bit machine, which Windows refuses");
    fc_image_close(image);
}

struct cli_case {
    bool is_wide;
    unsigned machine, characteristics, minor;
    uint32_t flags;
    bool is_neutral;
    const char *target;
};

static const struct cli_case cli_cases[] = {
    {false, I386, 0, 5, ILONLY, true, NULL},
    {false, I386, 0, 0, ILONLY, false, "i386-windows"}, /* an old header runs as 32-bit ... */
    {false, I386, DLL, 0, ILONLY, true, NULL},          /* ... but loads anywhere */
    {false, I386, 0, 5, ILONLY | REQUIRED, false, "i386-windows"},
    {false, I386, 0, 5, ILONLY | REQUIRED | PREFERRED, false, "i386-windows"},
    {false, I386, 0, 5, ILONLY | PREFERRED, true, NULL}, /* reserved, treated as neutral */
    {false, I386, DLL, 5, 0, false, "i386-windows"},     /* mixed */
    {true, AMD64, DLL, 5, ILONLY, false, "x86_64-windows"},
    {true, AMD64, DLL, 5, 0, false, "x86_64-windows"},
    {true, ARM64, DLL, 5, ILONLY, false, NULL},
};

TEST(image_reads_cli_header) {
    for (size_t i = 0; i < sizeof cli_cases / sizeof *cli_cases; i++) {
        const struct cli_case *want = &cli_cases[i];
        struct made made = make_pe(want->is_wide, want->machine, want->characteristics);
        add_cli(&made, want->minor, want->flags);
        struct fc_image *image = open_bytes(made.bytes, PE_LEN);
        assert_true(fc_image_is_managed(image));
        assert_int_equal(fc_image_cli_flags(image), want->flags);
        assert_int_equal(fc_image_cli_version(image), 0x20000 | want->minor);
        assert_int_equal(fc_image_is_neutral(image), want->is_neutral);
        assert_text(fc_image_target(image), want->target);
        fc_image_close(image);
    }
}

static bool is_managed(const struct made *made) {
    struct fc_image *image = open_bytes(made->bytes, PE_LEN);
    bool result = fc_image_is_managed(image);
    fc_image_close(image);
    return result;
}

TEST(image_finds_cli_header_where_the_loader_does) {
    struct made made = make_pe(false, I386, 0);
    size_t section = PE_OPTIONAL + 224;
    add_cli(&made, 5, ILONLY);
    struct made good = made;
    put(&made, section + 8, 0, 4); /* virtual size 0 means the raw size */
    assert_true(is_managed(&made));
    made = good;
    put(&made, section + 20, 0x4ff, 4); /* a raw pointer is rounded down to a sector */
    assert_true(is_managed(&made));
    made = good;
    put(&made, PE_OPTIONAL + 32, 0x200, 4); /* low alignment: RVAs are file offsets */
    put(&made, pe_directory(&made, 14), CLI, 4);
    assert_true(is_managed(&made));
    made = good;
    put(&made, pe_directory(&made, 14), 0x3b8, 4); /* in the headers */
    assert_true(is_managed(&made));
    made = good;
    put(&made, pe_directory(&made, 14), 0, 4);
    assert_false(is_managed(&made));
}

TEST(image_honours_cli_directory_beyond_the_count) {
    struct made made = make_pe(false, I386, 0);
    add_cli(&made, 5, ILONLY);
    put(&made, pe_directory(&made, 0) - 4, 2, 4);
    assert_true(is_managed(&made));
    put(&made, pe_directory(&made, 14), 0xdeadbeef, 4); /* some packer's bytes: no error, as no one looks */
    assert_false(is_managed(&made));
    made = make_pe(false, I386, 0);
    put(&made, pe_directory(&made, 0) - 4, 2, 4);
    put(&made, PE_HEADER + 20, 96 + 16, 2); /* the section table is where directory 14 would be */
    assert_false(is_managed(&made));
}

TEST(image_refuses_unreachable_cli_header) {
    struct made made = make_pe(true, AMD64, 0);
    add_cli(&made, 5, ILONLY);
    struct made good = made;
    put(&made, pe_directory(&made, 14) + 4, 71, 4); /* of which loaders see nothing */
    assert_false(is_managed(&made));
    made = good;
    put(&made, pe_directory(&made, 14), 0x11c0, 4); /* straddles the end of the section */
    assert_pe_malformed(&made,
                        "CLI header: the 72 bytes at RVA 0x11c0 (directory at offset 0x178) are not in the file");
    made = good;
    assert_malformed(made.bytes, CLI + 71, "CLI header: the 72 bytes at RVA 0x1008");
    put(&made, PE_HEADER + 6, 0, 2); /* no sections, so that the headers may be cut */
    put(&made, PE_HEADER + 20, 0, 2);
    assert_malformed(made.bytes, 0x178, "PE data directory 14 (CLI header): 8 bytes at offset 0x178");
}

TEST(image_refuses_bad_pe_headers) {
    struct made made = make_pe(false, I386, 0);
    struct made good = made;
    assert_malformed(made.bytes, 0x30, "DOS header: 64 bytes at offset 0x0, but the file ends at 0x30");
    assert_malformed(made.bytes, PE_HEADER, "PE signature: 4 bytes at offset 0x80, but the file ends at 0x80");
    assert_malformed(made.bytes, PE_HEADER + 23, "COFF header: 20 bytes at offset 0x84, but the file ends at 0x97");
    put(&made, PE_HEADER + 6, 0xffff, 2);
    assert_pe_malformed(&made, "PE section table: 65535 of 40 bytes at offset 0x178, but the file ends at 0x600");
    put(&made, PE_HEADER + 6, 0, 2);
    put(&made, PE_HEADER + 20, 0, 2);
    assert_malformed(made.bytes, PE_OPTIONAL + 1, "PE optional header: 2 bytes at offset 0x98");
    assert_malformed(made.bytes, PE_OPTIONAL + 95, "PE optional header: 96 bytes at offset 0x98");
    made = good;
    put(&made, PE_OPTIONAL, 0x107, 2);
    assert_pe_malformed(&made,
                        "PE optional header: magic 0x107 at offset 0x98 is neither PE32 (0x10b) nor PE32+ (0x20b)");
    made = good;
    put(&made, 0x3c, 0xfffffffe, 4);
    assert_pe_malformed(&made, "PE signature: 4 bytes at offset 0xfffffffe");
}

TEST(image_reads_pe_header_inside_dos_header) {
    struct made made = make_pe(false, I386, DLL);
    struct made tiny = {.bytes = "MZ"};
    memcpy(tiny.bytes + 4, made.bytes + PE_HEADER, 24 + 96);
    put(&tiny, 4 + 6, 0, 2);
    put(&tiny, 0x3c, 4, 4); /* which is the section alignment too */
    struct fc_image *image = open_bytes(tiny.bytes, 268);
    assert_int_equal(fc_image_format(image), FC_FORMAT_PE);
    assert_int_equal(fc_image_kind(image), FC_KIND_LIBRARY);
    fc_image_close(image);
}

/* Anywhere in the file will do, also where no linker puts it. */
TEST(image_reads_pe_header_at_odd_places) {
    static const uint32_t places[] = {0x81, 0x1000 - 24 - 224 - 40};
    struct made made = make_pe(false, I386, DLL);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct made moved = {.bytes = "MZ"};
        memcpy(moved.bytes + places[i], made.bytes + PE_HEADER, 24 + 224 + 40);
        put(&moved, 0x3c, places[i], 4);
        struct fc_image *image = open_bytes(moved.bytes, MADE_LEN);
        assert_int_equal(fc_image_kind(image), FC_KIND_LIBRARY);
        assert_int_equal(fc_image_checksum(image) > 0, true);
        fc_image_close(image);
        assert_malformed(moved.bytes, places[i] + 24 + 95, "PE ");
    }
}

TEST(image_reads_more_sections_than_old_windows) {
    struct made made = make_pe(false, I386, 0);
    add_cli(&made, 5, ILONLY);
    unsigned char *file = calloc(1, 0x10000);
    memcpy(file, made.bytes, MADE_LEN);
    for (unsigned i = 0; i < 1000; i++) { /* all alike */
        memcpy(file + PE_OPTIONAL + 224 + i * 40, made.bytes + PE_OPTIONAL + 224, 40);
        file[PE_OPTIONAL + 224 + i * 40 + 21] = 0xc0;
    }
    memcpy(file + 0xc000, made.bytes + 0x400, 0x200);
    file[PE_HEADER + 6] = 1000 & 0xff;
    file[PE_HEADER + 7] = 1000 >> 8;
    struct fc_image *image = open_bytes(file, 0x10000);
    assert_true(fc_image_is_managed(image));
    fc_image_close(image);
    free(file);
}

static void assert_dos_is(const struct made *made, enum fc_format format, enum fc_kind kind) {
    struct fc_image *image = open_bytes(made->bytes, PE_LEN);
    assert_int_equal(fc_image_format(image), format);
    assert_int_equal(fc_image_kind(image), kind);
    fc_image_close(image);
}

TEST(image_names_older_windows_and_dos_programs) {
    struct made made = {.bytes = "MZ"};
    assert_dos_is(&made, FC_FORMAT_DOS, FC_KIND_EXECUTABLE);
    put(&made, 0x3c, 0xffffff00, 4); /* an old program uses these bytes otherwise */
    assert_dos_is(&made, FC_FORMAT_DOS, FC_KIND_EXECUTABLE);
    put(&made, 0x18, 0x40, 2);
    put(&made, 0x3c, 0x80, 4);
    memcpy(made.bytes + 0x80, "NE", 2);
    assert_dos_is(&made, FC_FORMAT_NE, FC_KIND_EXECUTABLE);
    put(&made, 0x8c, 0x8000, 2);
    assert_dos_is(&made, FC_FORMAT_NE, FC_KIND_LIBRARY);
    memcpy(made.bytes + 0x80, "LE", 2);
    put(&made, 0x90, 0x20000, 4);
    assert_dos_is(&made, FC_FORMAT_LE, FC_KIND_LIBRARY);
    memcpy(made.bytes + 0x80, "LX", 2);
    put(&made, 0x90, 0, 4);
    assert_dos_is(&made, FC_FORMAT_LX, FC_KIND_EXECUTABLE);
    memcpy(made.bytes + 0x80, "PX", 2);
    assert_dos_is(&made, FC_FORMAT_DOS, FC_KIND_EXECUTABLE);
}
