#include "made_images.h"

static void assert_made_malformed(const struct made *made, const char *expected) {
    assert_malformed(made->bytes, MADE_LEN, expected);
}

static enum fc_kind kind_of(const struct made *made) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    enum fc_kind kind = fc_image_kind(image);
    fc_image_close(image);
    return kind;
}

/* -- ELF: machines and kinds -------------------------------------------------------------------------------------- */

struct elf_case {
    bool is_wide, is_big;
    unsigned machine, osabi;
    const char *name, *target, *problem;
};

static const struct elf_case elf_cases[] = {
    {false, false, EM_386, 0, "i386", "i386-linux", NULL},
    {true, false, EM_X86_64, 0, "x86_64", "x86_64-linux", NULL},
    {true, false, EM_X86_64, 3, "x86_64", "x86_64-linux", NULL},
    {true, false, EM_X86_64, 9, "x86_64", NULL, "made for a system other than Linux"},
    {false, false, EM_X86_64, 0, "x86_64", NULL, "the x32 ABI"},
    {true, false, EM_386, 0, "i386", NULL, "64-bit headers for a 32-bit machine"},
    {false, true, EM_386, 0, "i386", NULL, "big-endian data for a little-endian machine"},
    {true, false, EM_AARCH64, 0, "aarch64", NULL, "farcall has no host for this machine"},
    {false, false, EM_RISCV, 0, "riscv32", NULL, "farcall has no host for this machine"},
    {true, false, EM_RISCV, 0, "riscv64", NULL, "farcall has no host for this machine"},
    {true, true, 22, 0, "s390x", NULL, "farcall has no host for this machine"},
    {true, false, 0xbeef, 0, "unknown", NULL, "farcall has no host for this machine"},
};

TEST(image_names_elf_machines) {
    for (size_t i = 0; i < sizeof elf_cases / sizeof *elf_cases; i++) {
        const struct elf_case *want = &elf_cases[i];
        struct made made = make_elf(want->is_wide, want->is_big, ET_DYN, want->machine);
        made.bytes[7] = (unsigned char)want->osabi;
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        assert_int_equal(fc_image_bits(image), want->is_wide ? 64 : 32);
        assert_int_equal(fc_image_byte_order(image), want->is_big ? FC_ORDER_BIG : FC_ORDER_LITTLE);
        assert_string_equal(fc_image_machine(image), want->name);
        assert_int_equal(fc_image_machine_number(image), want->machine);
        assert_text(fc_image_target(image), want->target);
        assert_text(fc_image_target_problem(image), want->problem);
        fc_image_close(image);
    }
}

TEST(image_tells_elf_kinds_apart) {
    struct made made = make_elf(true, false, ET_EXEC, EM_X86_64);
    assert_int_equal(kind_of(&made), FC_KIND_EXECUTABLE);
    made = make_elf(true, false, ET_REL, EM_X86_64);
    assert_int_equal(kind_of(&made), FC_KIND_OBJECT);
    made = make_elf(true, false, ET_CORE, EM_X86_64);
    assert_int_equal(kind_of(&made), FC_KIND_CORE);
    made = make_elf(true, false, 0xfe00, EM_X86_64);
    assert_int_equal(kind_of(&made), FC_KIND_UNKNOWN);
}

TEST(image_tells_pie_from_library) {
    struct made made = make_library();
    assert_int_equal(kind_of(&made), FC_KIND_LIBRARY);
    add_entry(&made, DT_FLAGS_1, DF_1_PIE); /* static-pie: neither interpreter nor name */
    assert_int_equal(kind_of(&made), FC_KIND_EXECUTABLE);

    made = make_library();
    memcpy(made.bytes + INTERPRETER, "/lib/ld.so", 11);
    add_segment(&made, PT_INTERP, INTERPRETER, 11);
    assert_int_equal(kind_of(&made), FC_KIND_EXECUTABLE);
    add_entry(&made, DT_SONAME, add_string(&made, "libmade.so")); /* as libc.so.6 has both */
    assert_int_equal(kind_of(&made), FC_KIND_LIBRARY);
    add_entry(&made, DT_FLAGS_1, DF_1_PIE);
    assert_int_equal(kind_of(&made), FC_KIND_EXECUTABLE);
}

TEST(image_knows_debug_files_by_code_without_bytes) {
    struct made made = make_library();
    put_word(&made, 32, 40, SECTIONS);
    put_half(&made, 46, 58, 64);
    put_half(&made, 48, 60, 1);
    put(&made, SECTIONS + 4, 8, 4);               /* SHT_NOBITS */
    put(&made, SECTIONS + 8, 6, 8);               /* SHF_ALLOC | SHF_EXECINSTR */
    put_word(&made, 0, SEGMENTS + 32, 0x1000000); /* the segment's bytes stayed in the original */
    assert_int_equal(kind_of(&made), FC_KIND_DEBUG);
    put(&made, SECTIONS + 8, 7, 8); /* and SHF_WRITE */
    assert_made_malformed(&made, "ELF segment 0 (load): 0x1000000 bytes at offset 0x0, but the file ends at 0x1000");
}

TEST(image_reads_dynamic_strings) {
    for (unsigned i = 0; i < 4; i++) {
        struct made made = make_elf(i & 1, i & 2, ET_DYN, EM_X86_64);
        add_entry(&made, DT_NEEDED, add_string(&made, "libfirst.so"));
        add_entry(&made, DT_SONAME, add_string(&made, "libmade.so"));
        add_entry(&made, DT_RPATH, add_string(&made, "/old"));
        add_entry(&made, DT_RUNPATH, add_string(&made, "$ORIGIN"));
        add_entry(&made, DT_NEEDED, add_string(&made, "libsecond.so"));
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        size_t cursor = 0;
        assert_string_equal(fc_image_soname(image), "libmade.so");
        assert_string_equal(fc_image_rpath(image), "/old");
        assert_string_equal(fc_image_runpath(image), "$ORIGIN");
        assert_string_equal(fc_image_needed_next(image, &cursor), "libfirst.so");
        assert_string_equal(fc_image_needed_next(image, &cursor), "libsecond.so");
        assert_null(fc_image_needed_next(image, &cursor));
        cursor = (size_t)-1;
        assert_null(fc_image_needed_next(image, &cursor));
        fc_image_close(image);
    }
}

TEST(image_reads_segment_count_from_section_0) {
    struct made made = make_library();
    add_entry(&made, DT_SONAME, add_string(&made, "libmade.so"));
    put_half(&made, 44, 56, 0xffff); /* PN_XNUM */
    put_word(&made, 32, 40, SECTIONS);
    put(&made, SECTIONS + 44, 2, 4);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    assert_string_equal(fc_image_soname(image), "libmade.so");
    fc_image_close(image);
    put_word(&made, 32, 40, MADE_LEN - 8);
    assert_made_malformed(&made, "ELF section header 0: 64 bytes at offset 0xff8, but the file ends at 0x1000");
}

/* -- ELF: exports ------------------------------------------------------------------------------------------------- */

enum { LIST_MAX = 512 };

static int list_export(void *user_data, const struct fc_export *symbol) {
    static const char letters[] = "OFDT";
    char *list = user_data;
    size_t len = strlen(list);
    const char *version = fc_export_version(symbol);
    snprintf(list + len, LIST_MAX - len, "%c:%s%s%s ", letters[fc_export_type(symbol)], fc_export_name(symbol),
             fc_export_is_default(symbol) ? "" : "(old)", version != NULL ? version : "");
    return 0;
}

static void assert_exports(const struct made *made, int result, const char *expected) {
    char list[LIST_MAX] = "";
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    assert_int_equal(fc_image_visit_exports(image, list_export, list), result);
    assert_string_equal(list, expected);
    fc_image_close(image);
}

static void assert_exports_malformed(const struct made *made, const char *expected) {
    char list[LIST_MAX] = "";
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    assert_int_equal(fc_image_visit_exports(image, list_export, list), FC_EFORMAT);
    if (strstr(fc_error_text(), expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fc_error_text(), expected);
    }
    fc_image_close(image);
}

TEST(image_exports_what_the_dynamic_linker_finds) {
    for (unsigned i = 0; i < 4; i++) {
        struct made made = make_elf(i & 1, i & 2, ET_DYN, EM_X86_64);
        add_symbol(&made, "function", GLOBAL | FUNC, 0, 1);
        add_symbol(&made, "weak", WEAK | FUNC, 0, 1);
        add_symbol(&made, "resolved", GLOBAL | IFUNC, 0, 1);
        add_symbol(&made, "object", GLOBAL | OBJECT, 0, 1);
        add_symbol(&made, "unique", 0xa0 | OBJECT, 0, 1);
        add_symbol(&made, "protected", GLOBAL | FUNC, 3, 1);
        add_symbol(&made, "tls", GLOBAL | TLS, 0, 1);
        add_symbol(&made, "label", GLOBAL, 0, 0xfff1);
        add_symbol(&made, "undefined", GLOBAL | FUNC, 0, 0);
        add_symbol(&made, "local", LOCAL | FUNC, 0, 1);
        add_symbol(&made, "hidden", GLOBAL | FUNC, 2, 1);
        add_symbol(&made, "", GLOBAL | FUNC, 0, 1);
        assert_exports(&made, FC_OK, "F:function F:weak F:resolved D:object D:unique F:protected T:tls O:label ");
    }
}

static int stop_at_second(void *user_data, const struct fc_export *symbol) {
    int *seen = user_data;
    (void)symbol;
    return ++*seen == 2 ? 42 : 0;
}

TEST(image_visit_stops_when_the_visitor_says_so) {
    struct made made = make_library();
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "two", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "three", GLOBAL | FUNC, 0, 1);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    int seen = 0;
    assert_int_equal(fc_image_visit_exports(image, stop_at_second, &seen), 42);
    assert_int_equal(seen, 2);
    fc_image_close(image);
}

TEST(image_without_hash_table_exports_nothing) {
    struct made made = make_library();
    add_symbol(&made, "function", GLOBAL | FUNC, 0, 1);
    add_entry(&made, DT_HASH, 0);
    assert_exports(&made, FC_OK, "");
}

TEST(image_counts_symbols_by_gnu_hash) {
    struct made made = make_library();
    add_symbol(&made, "undefined", GLOBAL | FUNC, 0, 0);
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "two", GLOBAL | OBJECT, 0, 1);
    make_gnu_hash(&made, 2);
    assert_exports(&made, FC_OK, "F:one D:two ");
    put(&made, HASH + 24, 0, 4); /* the bucket is empty */
    assert_exports(&made, FC_OK, "");
}

TEST(image_refuses_gnu_hash_that_leaves_its_segment) {
    struct made made = make_library();
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    make_gnu_hash(&made, 1);
    struct made good = made;
    put(&made, HASH, 0xffffffff, 4);
    assert_exports_malformed(&made, "DT_GNU_HASH: 0x400000014 bytes at offset 0x700");
    made = good;
    put(&made, HASH + 8, 0xffffffff, 4);
    assert_exports_malformed(&made, "DT_GNU_HASH: 0x80000000c bytes at offset 0x700");
    made = good;
    put(&made, HASH + 24, 0xffffffff, 4);
    assert_exports_malformed(&made, "DT_GNU_HASH: ");
    made = good;
    memset(made.bytes + HASH + 28, 0, MADE_LEN - HASH - 28); /* a chain without an end */
    assert_exports_malformed(&made, "DT_GNU_HASH: ");
    made = good;
    add_entry(&made, DT_GNU_HASH, MADE_ADDRESS + MADE_LEN - 8);
    assert_exports_malformed(&made, "DT_GNU_HASH: 0x10 bytes at offset 0xff8, but the segment ends after 0x8");
    made = good;
    add_entry(&made, DT_GNU_HASH, 5);
    assert_exports_malformed(&made, "DT_GNU_HASH: address 0x5 lies in no segment");
}

TEST(image_refuses_symbols_outside_their_segment) {
    struct made made = make_library();
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    struct made good = made;
    put(&made, HASH + 4, 0xffffffff, 4);
    assert_exports_malformed(&made, "DT_SYMTAB: 4294967295 symbols of 24 bytes at offset 0x500");
    made = good;
    put(&made, SYMBOLS + 24, 0x100, 4);
    assert_exports_malformed(&made, "symbol 1 at offset 0x518 has a name 0x100 outside the string table");
    made = good;
    add_entry(&made, DT_SYMTAB, 7);
    assert_exports_malformed(&made, "DT_SYMTAB: address 0x7 lies in no segment");
    made = good;
    add_entry(&made, DT_HASH, MADE_ADDRESS + MADE_LEN - 4);
    assert_exports_malformed(&made, "DT_HASH: 0x8 bytes at offset 0xffc");
}

TEST(image_refuses_symbols_of_another_size) {
    struct made made = make_library();
    add_entry(&made, DT_SYMENT, 16);
    assert_made_malformed(&made, "DT_SYMENT: symbols of 16 bytes, not 24");
}

TEST(image_reads_symbol_versions) {
    struct made made = make_library();
    make_versions(&made, "MADE_1.0");
    add_symbol(&made, "MADE_1.0", GLOBAL | OBJECT, 0, 0xfff1);
    add_symbol(&made, "current", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "old", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "plain", GLOBAL | FUNC, 0, 1);
    add_symbol(&made, "copied", GLOBAL | OBJECT, 0, 1);
    add_symbol(&made, "foreign", GLOBAL | OBJECT, 0, 1);
    put(&made, VERSYM + 2, 2, 2);
    put(&made, VERSYM + 4, 2, 2);
    put(&made, VERSYM + 6, 0x8002, 2);
    put(&made, VERSYM + 8, 1, 2);
    put(&made, VERSYM + 10, 0, 2);
    put(&made, VERSYM + 12, 9, 2); /* defined by no one here */
    assert_exports(&made, FC_OK, "F:currentMADE_1.0 F:old(old)MADE_1.0 F:plain D:copied D:foreign ");
}

TEST(image_refuses_versions_outside_their_segment) {
    struct made made = make_library();
    add_symbol(&made, "one", GLOBAL | FUNC, 0, 1);
    make_versions(&made, "MADE_1.0");
    struct made good = made;
    assert_exports(&made, FC_OK, "F:one ");
    put(&made, VERDEF + 16, 0xfffffff0, 4);
    assert_exports_malformed(&made, "DT_VERDEF: ");
    made = good;
    put(&made, VERDEF + 12, 0xfffffff0, 4);
    assert_exports_malformed(&made, "DT_VERDEF: ");
    made = good;
    put(&made, VERDEF + 48, 0x100, 4);
    assert_exports_malformed(&made, "DT_VERDEF: version at offset 0x91c has a name 0x100 outside the string table");
    made = good;
    add_entry(&made, DT_VERDEFNUM, 0x8000);
    assert_exports_malformed(&made, "DT_VERDEFNUM: 32768 version definitions");
    made = good;
    add_entry(&made, DT_VERSYM, MADE_ADDRESS + MADE_LEN - 2);
    assert_exports_malformed(&made, "DT_VERSYM: 0x4 bytes at offset 0xffe, but the segment ends after 0x2");
    made = good;
    add_entry(&made, DT_VERDEF, 1);
    assert_exports_malformed(&made, "DT_VERDEF: address 0x1 lies in no segment");
}

/* -- ELF: malformed ----------------------------------------------------------------------------------------------- */

TEST(image_refuses_bad_elf_identification) {
    struct made made = make_library();
    made.bytes[4] = 3;
    assert_made_malformed(&made, "ELF class 3 at offset 0x4");
    made = make_library();
    made.bytes[5] = 0;
    assert_made_malformed(&made, "ELF byte order 0 at offset 0x5");
    made = make_library();
    made.bytes[6] = 0;
    assert_made_malformed(&made, "ELF version 0 at offset 0x6");
    made = make_library();
    put(&made, 20, 2, 4);
    assert_made_malformed(&made, "ELF version 2 at offset 0x14");
    made = make_library();
    assert_malformed(made.bytes, 4, "ELF identification: 16 bytes at offset 0x0, but the file ends at 0x4");
    assert_malformed(made.bytes, 63, "ELF header: 64 bytes at offset 0x0, but the file ends at 0x3f");
}

TEST(image_refuses_tables_past_the_end) {
    struct made made = make_library();
    put_word(&made, 28, 32, MADE_LEN - 56);
    assert_made_malformed(&made, "ELF program headers: 2 of 56 bytes at offset 0xfc8, but the file ends at 0x1000");
    put_word(&made, 28, 32, (uint64_t)-1);
    assert_made_malformed(&made, "ELF program headers");
    made = make_library();
    put_half(&made, 42, 54, 57);
    assert_made_malformed(&made, "ELF program header size 57 at offset 0x36 is not 56");
    made = make_elf(false, false, ET_REL, EM_386);
    put_word(&made, 32, 40, MADE_LEN - 40);
    put_half(&made, 46, 58, 40);
    put_half(&made, 48, 60, 2);
    assert_made_malformed(&made, "ELF section headers: 2 of 40 bytes at offset 0xfd8, but the file ends at 0x1000");
    put_half(&made, 46, 58, 41);
    assert_made_malformed(&made, "ELF section header size 41 at offset 0x2e is not 40");
}

TEST(image_does_without_section_headers_where_the_loader_does) {
    struct made made = make_library();
    put_word(&made, 32, 40, (uint64_t)-1);
    put_half(&made, 46, 58, 64);
    put_half(&made, 48, 60, 30);
    assert_int_equal(kind_of(&made), FC_KIND_LIBRARY);
}

TEST(image_refuses_segments_past_the_end) {
    struct made made = make_library();
    add_segment(&made, PT_LOAD, 0xf00, 0x101);
    assert_made_malformed(&made, "ELF segment 2 (load): 0x101 bytes at offset 0xf00, but the file ends at 0x1000");
    made = make_library();
    add_segment(&made, PT_DYNAMIC, (uint64_t)-16, 32);
    assert_made_malformed(&made, "ELF segment 2 (dynamic): 0x20 bytes at offset 0xfffffffffffffff0");
    made = make_library();
    add_segment(&made, PT_INTERP, MADE_LEN, 1);
    assert_made_malformed(&made, "ELF segment 2 (interpreter)");
    made = make_library();
    memset(made.bytes + INTERPRETER, 'x', 8);
    add_segment(&made, PT_INTERP, INTERPRETER, 8);
    assert_made_malformed(&made, "PT_INTERP: the 0x8 bytes at offset 0xa00 do not end in a NUL");
}

TEST(image_refuses_strings_outside_their_table) {
    struct made made = make_library();
    add_entry(&made, DT_STRTAB, 3);
    assert_made_malformed(&made, "DT_STRTAB: address 0x3 lies in no segment (dynamic section at offset 0x200)");
    made = make_library();
    add_entry(&made, DT_STRSZ, MADE_LEN);
    assert_made_malformed(&made, "DT_STRSZ: 0x1000 bytes of strings at offset 0x400, but the segment ends after 0xc00");
    made = make_library();
    add_entry(&made, DT_SONAME, 0x100);
    assert_made_malformed(&made, "DT_SONAME: string 0x100 is outside the string table, 0x100 bytes at offset 0x400");
    made = make_library();
    add_entry(&made, DT_NEEDED, (uint64_t)-1);
    assert_made_malformed(&made, "DT_NEEDED: string 0xffffffffffffffff is outside the string table");
    made = make_library();
    add_entry(&made, DT_RUNPATH, 0xfe);
    memset(made.bytes + STRINGS + 0xf0, 'x', 0x10); /* the last string has no end */
    assert_made_malformed(&made, "DT_RUNPATH: string 0xfe is outside the string table, 0xf0 bytes");
}
