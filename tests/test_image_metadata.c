#include "made_managed.h"

enum { METHODS = 2 };

/* A type `Native.Calls` with two P/Invoke methods; an assembly with a reference and two attributes. */
static struct made make_calls(void) {
    static const unsigned char int_of_handle[] = {0, 1, 0x08, 0x08}, plain[] = {0, 2, 0x08, 0x18, 0x0e};
    static const unsigned char ctor[] = {0x20, 0, 0x01}, key[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const char framework[] = "\1\0\x1c.NETFramework,Version=v4.7.2\0";
    struct made made = make_managed(false, 0, "v4.0.30319");
    put_row_count(&made, FC_TABLE_MODULE, 1);
    put_row_count(&made, FC_TABLE_TYPE_REF, 2);
    put_row_count(&made, FC_TABLE_TYPE_DEF, 2);
    put_row_count(&made, FC_TABLE_METHOD_DEF, METHODS);
    put_row_count(&made, FC_TABLE_PARAM, 2);
    put_row_count(&made, FC_TABLE_MEMBER_REF, 2);
    put_row_count(&made, FC_TABLE_CUSTOM_ATTRIBUTE, 2);
    put_row_count(&made, FC_TABLE_MODULE_REF, 1);
    put_row_count(&made, FC_TABLE_IMPL_MAP, METHODS);
    put_row_count(&made, FC_TABLE_ASSEMBLY, 1);
    put_row_count(&made, FC_TABLE_ASSEMBLY_REF, 1);
    struct made_rows rows = begin_rows(&made);
    put_cell(&rows, 0, 2), put_string(&rows, "calls.exe"), put_cell(&rows, 0, 6);
    put_cell(&rows, 6, 2), put_string(&rows, "TargetFrameworkAttribute"), put_string(&rows, "System");
    put_cell(&rows, 6, 2), put_string(&rows, "UnverifiableCodeAttribute"), put_string(&rows, "System");
    put_cell(&rows, 0, 4), put_string(&rows, "<Module>"), put_string(&rows, ""), put_cell(&rows, 0, 2);
    put_cell(&rows, 1, 2), put_cell(&rows, 1, 2);
    put_cell(&rows, 0, 4), put_string(&rows, "Calls"), put_string(&rows, "Native"), put_cell(&rows, 0, 2);
    put_cell(&rows, 1, 2), put_cell(&rows, 1, 2);
    put_cell(&rows, 0, 4), put_cell(&rows, 0x80, 2), put_cell(&rows, 0x2016, 2), put_string(&rows, "Show");
    put_blob(&rows, int_of_handle, sizeof int_of_handle), put_cell(&rows, 1, 2);
    put_cell(&rows, 0, 4), put_cell(&rows, 0x80, 2), put_cell(&rows, 0x2016, 2), put_string(&rows, "Send");
    put_blob(&rows, plain, sizeof plain), put_cell(&rows, 2, 2);
    put_cell(&rows, 0, 2), put_cell(&rows, 1, 2), put_string(&rows, "hWnd");
    put_cell(&rows, 0, 2), put_cell(&rows, 1, 2), put_string(&rows, "hDevice");
    put_cell(&rows, 1 << 3 | 1, 2), put_string(&rows, ".ctor"), put_blob(&rows, ctor, sizeof ctor);
    put_cell(&rows, 2 << 3 | 1, 2), put_string(&rows, ".ctor"), put_blob(&rows, ctor, sizeof ctor);
    put_cell(&rows, 1 << 5 | 7, 2), put_cell(&rows, 2 << 3 | 3, 2), put_cell(&rows, 0, 2);
    put_cell(&rows, 1 << 5 | 14, 2), put_cell(&rows, 1 << 3 | 3, 2), put_blob(&rows, framework, sizeof framework);
    put_string(&rows, "vendor.dll");
    put_cell(&rows, 0x100, 2), put_cell(&rows, 1 << 1 | 1, 2), put_string(&rows, "ShowIt"), put_cell(&rows, 1, 2);
    put_cell(&rows, 0x340, 2), put_cell(&rows, 2 << 1 | 1, 2), put_string(&rows, "Send"), put_cell(&rows, 1, 2);
    put_cell(&rows, 0x8004, 4), put_cell(&rows, 0x0004000300020001, 8), put_cell(&rows, 0, 4), put_cell(&rows, 0, 2);
    put_string(&rows, "calls"), put_string(&rows, "");
    put_cell(&rows, 0x0000000000000004, 8), put_cell(&rows, 0, 4), put_blob(&rows, key, sizeof key);
    put_string(&rows, "mscorlib"), put_string(&rows, "de"), put_cell(&rows, 0, 2);
    return made;
}

static int on_pinvoke(void *user_data, const struct fc_pinvoke *pinvoke) {
    char *text = user_data;
    const char *suspicion = fc_pinvoke_suspicion(pinvoke);
    sprintf(text + strlen(text), "%s!%s %s::%s %x %s;", fc_pinvoke_library(pinvoke), fc_pinvoke_entry(pinvoke),
            fc_pinvoke_type(pinvoke), fc_pinvoke_method(pinvoke), fc_pinvoke_flags(pinvoke),
            suspicion != NULL ? suspicion : "-");
    return 0;
}

static int on_reference(void *user_data, const struct fc_assembly *assembly) {
    size_t len;
    const unsigned char *key = fc_assembly_key(assembly, &len);
    char *text = user_data;
    sprintf(text, "%s %s %llx %zu %d", fc_assembly_name(assembly), fc_assembly_culture(assembly),
            (unsigned long long)fc_assembly_version(assembly), len, key != NULL ? key[7] : 0);
    return 7;
}

TEST(metadata_tells_what_an_assembly_is_and_calls) {
    struct made made = make_calls();
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_metadata *metadata = open_metadata(image);
    char text[256] = "";
    assert_string_equal(fc_metadata_version(metadata), "v4.0.30319");
    assert_string_equal(fc_metadata_framework(metadata), ".NETFramework,Version=v4.7.2");
    assert_string_equal(fc_assembly_name(fc_metadata_assembly(metadata)), "calls");
    assert_int_equal(fc_assembly_version(fc_metadata_assembly(metadata)), UINT64_C(0x0001000200030004));
    assert_int_equal(fc_metadata_visit_pinvokes(metadata, on_pinvoke, text), FC_OK);
    assert_string_equal(text,
                        "vendor.dll!ShowIt Native.Calls::Show 100 hWnd;vendor.dll!Send Native.Calls::Send 340 -;");
    assert_int_equal(fc_metadata_visit_references(metadata, on_reference, text), 7);
    assert_string_equal(text, "mscorlib de 4000000000000 8 8");
    assert_int_equal(fc_metadata_ties(metadata), FC_TIE_PINVOKE | FC_TIE_UNSAFE | FC_TIE_INT_FOR_POINTER);
    fc_metadata_close(metadata);
    fc_image_close(image);
}

TEST(metadata_tells_streams_and_tables) {
    struct made made = make_calls();
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_metadata *metadata = open_metadata(image);
    const char *name;
    uint32_t offset, len;
    assert_true(fc_metadata_stream(metadata, 1, &name, &offset, &len));
    assert_string_equal(name, "#Strings");
    assert_int_equal(offset, META_STRINGS - META);
    assert_int_equal(len, META_BLOBS - META_STRINGS);
    assert_false(fc_metadata_stream(metadata, 3, &name, &offset, &len));
    assert_int_equal(fc_metadata_rows(metadata, FC_TABLE_TYPE_REF), 2);
    assert_int_equal(fc_metadata_row_size(metadata, FC_TABLE_ASSEMBLY), 22);
    assert_int_equal(fc_metadata_row_size(metadata, FC_TABLE_EVENT), 0);
    assert_int_equal(fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, 2, 0), 0x340);
    assert_int_equal(fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, 3, 0), 0);
    assert_int_equal(fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, 0, 0), 0);
    assert_int_equal(fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, 2, 4), 0);
    assert_string_equal(fc_metadata_string(metadata, 0xfffffff), "");
    assert_null(fc_metadata_blob(metadata, 0xfffffff, &(size_t){0}));
    assert_int_equal(FC_TABLE_GENERIC_PARAM_CONSTRAINT, 0x2c);
    assert_string_equal(fc_table_name(FC_TABLE_GENERIC_PARAM_CONSTRAINT), "GenericParamConstraint");
    fc_metadata_close(metadata);
    fc_image_close(image);
}

/* One row in a table, and what the width of its neighbours makes of its size: ECMA-335 II.24.2.6. */
static const struct {
    unsigned table, big_table, rows, size, wide_size;
} width_cases[] = {
    {FC_TABLE_IMPL_MAP, FC_TABLE_METHOD_DEF, 0x8000, 8, 10},  /* MemberForwarded has one bit */
    {FC_TABLE_TYPE_REF, FC_TABLE_ASSEMBLY_REF, 0x4000, 6, 8}, /* ResolutionScope has two */
    {FC_TABLE_MEMBER_REF, FC_TABLE_MODULE_REF, 0x2000, 6, 8}, /* MemberRefParent has three */
    {FC_TABLE_CUSTOM_ATTRIBUTE, FC_TABLE_EVENT, 0x800, 6, 8}, /* HasCustomAttribute has five */
    {FC_TABLE_FIELD_RVA, FC_TABLE_FIELD, 0x10000, 6, 8},      /* an index into one table */
};

TEST(metadata_tables_have_the_widths_of_the_standard) {
    enum { LEN = 0x100000 };
    unsigned char *file = calloc(1, LEN);
    for (size_t i = 0; i < sizeof width_cases / sizeof *width_cases; i++) {
        for (unsigned is_wide = 0; is_wide < 2; is_wide++) {
            struct made made = make_managed(false, 0, "v4.0.30319");
            uint64_t valid = UINT64_C(1) << width_cases[i].table | UINT64_C(1) << width_cases[i].big_table;
            bool is_first = width_cases[i].table < width_cases[i].big_table;
            put(&made, META_TABLES + 8, valid, 8);
            put(&made, META_TABLES + (is_first ? 24 : 28), 1, 4);
            put(&made, META_TABLES + (is_first ? 28 : 24), width_cases[i].rows - 1 + is_wide, 4);
            put(&made, PE_OPTIONAL + 32, 0x200, 4); /* flat: all of the file is there */
            put(&made, pe_directory(&made, 14), CLI, 4);
            put(&made, CLI + 8, META, 4);
            memcpy(file, made.bytes, MADE_LEN);
            struct fc_image *image = open_bytes(file, LEN);
            struct fc_metadata *metadata = open_metadata(image);
            assert_int_equal(fc_metadata_row_size(metadata, (enum fc_table)width_cases[i].table),
                             is_wide ? width_cases[i].wide_size : width_cases[i].size);
            fc_metadata_close(metadata);
            fc_image_close(image);
        }
    }
    free(file);
}

TEST(metadata_heaps_may_be_wide) {
    struct made made = make_managed(false, 0, "v2.0.50727");
    put(&made, META_TABLES + 6, 0x47, 1); /* all three heaps, and a further number after the row counts */
    put_row_count(&made, FC_TABLE_MODULE, 1);
    put(&made, META_TABLES + 24 + 4 + 4 + 2, 1, 4);
    strcpy((char *)made.bytes + META_STRINGS + 1, "wide");
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_metadata *metadata = open_metadata(image);
    assert_int_equal(fc_metadata_row_size(metadata, FC_TABLE_MODULE), 18);
    assert_string_equal(fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_MODULE, 1, 1)), "wide");
    assert_null(fc_metadata_assembly(metadata));
    assert_null(fc_metadata_framework(metadata));
    fc_metadata_close(metadata);
    fc_image_close(image);
}

/* -- Ties --------------------------------------------------------------------------------------------------------- */

static uint32_t ties_of(const struct made *made) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct fc_metadata *metadata = open_metadata(image);
    uint32_t ties = fc_metadata_ties(metadata);
    fc_metadata_close(metadata);
    fc_image_close(image);
    return ties;
}

TEST(metadata_ties_of_the_cli_header) {
    struct made made = make_managed(false, 0, "v4.0.30319");
    assert_int_equal(ties_of(&made), 0);
    put(&made, CLI + 16, 0x10, 4);
    put(&made, CLI + 48, 0x1200, 4);
    assert_int_equal(ties_of(&made), FC_TIE_NATIVE_CODE | FC_TIE_NATIVE_ENTRY | FC_TIE_VTABLE_FIXUPS);
}

/* A field's signature, and whether a pointer is in it. */
static const struct {
    unsigned char blob[16];
    unsigned len;
    bool has_pointer;
} signature_cases[] = {
    {{6, 0x08}, 2, false},
    {{6, 0x0f, 0x01}, 3, true},                            /* void* */
    {{6, 0x1d, 0x0f, 0x08}, 4, true},                      /* int*[] */
    {{6, 0x15, 0x12, 0x09, 2, 0x08, 0x0f, 0x05}, 8, true}, /* Class<int, byte*>, as no language has it */
    {{6, 0x1b, 0, 1, 0x01, 0x08}, 6, true},                /* method void *(int) */
    {{6, 0x14, 0x08, 2, 1, 3, 0}, 7, false},               /* int[3,] */
    {{6, 0x20, 0x81, 0x0f, 0x12, 0x80, 0x0f}, 7, false},   /* a modifier's token holds the byte 0x0f */
    {{6, 0x0f}, 2, false},                                 /* cut */
    {{6, 0x0f, 0x3f}, 3, false},                           /* no such type */
    {{0x10, 1, 1, 0x1e, 0, 0x0f, 0x1e, 0}, 8, true},       /* a generic method: T (T*) */
};

TEST(metadata_reads_signatures) {
    for (size_t i = 0; i < sizeof signature_cases / sizeof *signature_cases; i++) {
        struct made made = make_managed(false, 0, "v4.0.30319");
        put_row_count(&made, FC_TABLE_FIELD, 1);
        struct made_rows rows = begin_rows(&made);
        put_cell(&rows, 0, 2), put_string(&rows, "f");
        put_blob(&rows, signature_cases[i].blob, signature_cases[i].len);
        assert_int_equal(ties_of(&made), signature_cases[i].has_pointer ? FC_TIE_POINTERS : 0);
    }
}

TEST(metadata_signatures_do_not_recurse_for_ever) {
    struct made made = make_managed(false, 0, "v4.0.30319");
    unsigned char deep[100] = {6};
    memset(deep + 1, 0x0f, sizeof deep - 2);
    deep[sizeof deep - 1] = 0x01;
    put_row_count(&made, FC_TABLE_FIELD, 1);
    struct made_rows rows = begin_rows(&made);
    put_cell(&rows, 0, 2), put_string(&rows, "f"), put_blob(&rows, deep, sizeof deep);
    assert_int_equal(ties_of(&made), 0);
}

TEST(metadata_finds_native_methods_com_and_tight_layouts) {
    static const unsigned char pointer[] = {6, 0x18}, number[] = {6, 0x08};
    struct made made = make_managed(false, 0, "v4.0.30319");
    put_row_count(&made, FC_TABLE_TYPE_DEF, 1);
    put_row_count(&made, FC_TABLE_FIELD, 2);
    put_row_count(&made, FC_TABLE_METHOD_DEF, 1);
    put_row_count(&made, FC_TABLE_FIELD_LAYOUT, 2);
    struct made_rows rows = begin_rows(&made);
    put_cell(&rows, 0x1010, 4), put_string(&rows, "S"), put_cell(&rows, 0, 4), put_cell(&rows, 1, 2);
    put_cell(&rows, 1, 2);
    put_cell(&rows, 0, 2), put_string(&rows, "p"), put_blob(&rows, pointer, 2);
    put_cell(&rows, 0, 2), put_string(&rows, "n"), put_blob(&rows, number, 2);
    put_cell(&rows, 0, 4), put_cell(&rows, 5, 2), put_cell(&rows, 0, 8);
    put_cell(&rows, 0, 4), put_cell(&rows, 1, 2);
    size_t second = rows.at;
    put_cell(&rows, 4, 4), put_cell(&rows, 2, 2);
    assert_int_equal(ties_of(&made), FC_TIE_NATIVE_METHODS | FC_TIE_COM | FC_TIE_LAYOUT);
    put(&made, second, 8, 4);
    assert_int_equal(ties_of(&made), FC_TIE_NATIVE_METHODS | FC_TIE_COM);
}

/* -- Malformed ---------------------------------------------------------------------------------------------------- */

static void assert_metadata_refused(const struct made *made, const char *expected) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct fc_metadata *metadata = NULL;
    assert_int_equal(fc_metadata_open(image, &metadata), FC_EFORMAT);
    assert_null(metadata);
    if (strstr(fc_error_text(), expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fc_error_text(), expected);
    }
    fc_image_close(image);
}

TEST(metadata_refuses_bad_roots) {
    struct made good = make_calls(), made = good;
    put(&made, CLI + 8, 0x5000, 4);
    assert_metadata_refused(&made, "CLI metadata: the 16 bytes at RVA 0x5000 are not in the file");
    made = good;
    put(&made, CLI + 8, META_RVA + 4, 4); /* the signature is looked for nowhere else */
    assert_metadata_refused(&made, "CLI metadata: no signature BSJB at offset 0x504");
    made = good;
    put(&made, META + 12, 0xffffffff, 4);
    assert_metadata_refused(&made, "CLI metadata: a version string of 4294967296 bytes");
    made = good;
    memset(made.bytes + META + 16, 'v', 12);
    assert_metadata_refused(&made, "CLI metadata: the version string at offset 0x510 has no end");
    made = good;
    put(&made, META_STREAMS - 2, 0xffff, 2);
    assert_metadata_refused(&made, "CLI metadata: 65535 streams, more than 256");
}

TEST(metadata_takes_an_unaligned_version_length) {
    struct made made = make_calls();
    put(&made, META + 12, 11, 4);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_metadata *metadata = open_metadata(image);
    assert_string_equal(fc_metadata_version(metadata), "v4.0.30319");
    fc_metadata_close(metadata);
    fc_image_close(image);
}

TEST(metadata_refuses_bad_streams) {
    struct made good = make_calls(), made = good;
    memset(made.bytes + META_STREAMS + 8, '#', 40); /* a name of more than 32 bytes */
    assert_metadata_refused(&made, "CLI metadata: the header of a stream at offset 0x520 goes past its end");
    made = good;
    put(&made, META_STREAMS + 4, 0xffff, 4);
    assert_metadata_refused(&made, "CLI metadata: #~ at offset 0x580 goes past its end, 0x1000");
    made = good;
    memcpy(made.bytes + META_STREAMS + 8, "#x", 2);
    assert_metadata_refused(&made, "CLI metadata: no stream of tables (#~)");
    memcpy(made.bytes + META_STREAMS + 8, "#-", 2); /* the other name of it */
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    fc_metadata_close(open_metadata(image));
    fc_image_close(image);
}

TEST(metadata_takes_the_first_of_streams_with_one_name) {
    struct made made = make_calls();
    size_t at = META_STREAMS + 12 + 20 + 16; /* behind #~, #Strings and #Blob */
    put(&made, META_STREAMS - 2, 4, 2);
    put_stream(&made, &at, META_BLOBS, 0x100, "#Strings");
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_metadata *metadata = open_metadata(image);
    assert_string_equal(fc_assembly_name(fc_metadata_assembly(metadata)), "calls");
    fc_metadata_close(metadata);
    fc_image_close(image);
}

TEST(metadata_refuses_bad_tables) {
    struct made good = make_calls(), made = good;
    put(&made, META_TABLES + 8 + 5, 0x20, 1);
    assert_metadata_refused(&made, "CLI metadata: tables that this program does not know (mask 0x20");
    made = good;
    put(&made, META_TABLES + 24, 0x1000000, 4);
    assert_metadata_refused(&made, "CLI metadata: table Module with 16777216 rows, more than tokens can number");
    made = good;
    put(&made, META_TABLES + 24 + 4, 0x10000, 4);
    assert_metadata_refused(&made, "CLI metadata: table TypeRef, 65536 rows of 8 bytes at offset");
}

TEST(metadata_is_for_managed_images) {
    struct made made = make_pe(false, I386, 0);
    struct fc_image *image = open_bytes(made.bytes, PE_LEN);
    struct fc_metadata *metadata = NULL;
    assert_int_equal(fc_metadata_open(image, &metadata), FC_EINVAL);
    assert_int_equal(fc_metadata_open(NULL, &metadata), FC_EINVAL);
    fc_metadata_close(NULL);
    fc_image_close(image);
}

/* -- Without metadata --------------------------------------------------------------------------------------------- */

TEST(image_names_precompiled_code) {
    static const struct {
        uint32_t signature;
        enum fc_precompiled precompiled;
    } cases[] = {{0x00525452, FC_PRECOMPILED_READYTORUN}, {0x0045474e, FC_PRECOMPILED_NGEN}, {0, FC_PRECOMPILED_NONE}};
    for (size_t i = 0; i < 3; i++) {
        struct made made = make_managed(true, DLL, "v4.0.30319");
        put(&made, CLI + 64, 0x1a00, 4);
        put(&made, 0xe00, cases[i].signature, 4);
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        assert_int_equal(fc_image_precompiled(image), cases[i].precompiled);
        fc_image_close(image);
    }
}

TEST(image_knows_apphosts_and_bundles) {
    static const unsigned char mark[] = {0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93,
                                         0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae,
                                         0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae};
    struct made made = make_pe(true, AMD64, 0);
    struct fc_image *image = open_bytes(made.bytes, PE_LEN);
    assert_int_equal(fc_image_apphost(image), FC_APPHOST_NONE);
    memcpy(made.bytes + 0x508, mark, sizeof mark);
    assert_int_equal(fc_image_apphost(image), FC_APPHOST_PLAIN);
    assert_int_equal(fc_image_bundle_files(image), 0);
    put(&made, 0x500, 0x580, 8);
    put(&made, 0x580, 6, 4);
    put(&made, 0x588, 94, 4);
    assert_int_equal(fc_image_apphost(image), FC_APPHOST_BUNDLE);
    assert_int_equal(fc_image_bundle_files(image), 94);
    put(&made, 0x500, UINT64_MAX - 8, 8);
    assert_int_equal(fc_image_apphost(image), FC_APPHOST_PLAIN);
    fc_image_close(image);
}
