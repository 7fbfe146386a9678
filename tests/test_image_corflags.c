#include "made_managed.h"

#include <farcall/corflags.h>

static struct made make_program(uint32_t flags, unsigned minor, bool has_checksum) {
    struct made made = make_managed(false, 0, "v2.0.50727");
    put(&made, CLI + 6, minor, 2);
    put(&made, CLI + 16, flags, 4);
    if (has_checksum) {
        struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
        put(&made, PE_OPTIONAL + 64, fc_image_checksum(image), 4);
        fc_image_close(image);
    }
    return made;
}

static struct fc_edits *edit(const struct made *made, uint32_t set, uint32_t clear, uint32_t version) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct fc_edits *edits = NULL;
    assert_int_equal(fc_edits_new(image, set, clear, version, &edits), FC_OK);
    fc_image_close(image);
    return edits;
}

TEST(corflags_edits_flags_in_place) {
    struct made made = make_program(ILONLY, 5, false);
    struct fc_edits *edits = edit(&made, FC_CLI_32BIT_REQUIRED, FC_CLI_32BIT_PREFERRED, 0);
    assert_int_equal(fc_edits_count(edits), 1);
    assert_string_equal(fc_edit_name(edits, 0), "Flags");
    assert_int_equal(fc_edit_offset(edits, 0), CLI + 16);
    assert_int_equal(fc_edit_len(edits, 0), 4);
    assert_int_equal(fc_edit_before(edits, 0), 1);
    assert_int_equal(fc_edit_after(edits, 0), 3);
    assert_int_equal(fc_edits_problems(edits), 0);
    fc_edits_free(edits);
    edits = edit(&made, ILONLY, 0, FC_CLI_VERSION_2_5);
    assert_int_equal(fc_edits_count(edits), 0); /* nothing changes */
    fc_edits_free(edits);
}

TEST(corflags_keeps_checksums_right) {
    struct made made = make_program(ILONLY, 0, true);
    struct fc_edits *edits = edit(&made, FC_CLI_32BIT_REQUIRED | FC_CLI_32BIT_PREFERRED, 0, FC_CLI_VERSION_2_5);
    uint64_t stored;
    assert_int_equal(fc_edits_count(edits), 3); /* minor version, flags, checksum */
    fc_edits_apply(edits, made.bytes);
    fc_edits_free(edits);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    assert_true(fc_image_pe_number(image, FC_PE_CHECKSUM, &stored));
    assert_int_equal(stored, fc_image_checksum(image));
    assert_int_equal(fc_image_cli_flags(image), ILONLY | REQUIRED | PREFERRED);
    assert_int_equal(fc_image_cli_version(image), 0x20005);
    fc_image_close(image);
}

static uint32_t problems(const struct made *made, uint32_t set, uint32_t clear, uint32_t version) {
    struct fc_edits *edits = edit(made, set, clear, version);
    uint32_t mask = fc_edits_problems(edits);
    fc_edits_free(edits);
    return mask;
}

TEST(corflags_says_what_speaks_against_it) {
    struct made made = make_program(ILONLY, 5, false);
    assert_int_equal(problems(&made, PREFERRED, 0, 0), FC_EDIT_PREFERRED_ALONE);
    assert_int_equal(problems(&made, 0, 0, FC_CLI_VERSION_2_0), FC_EDIT_OLD_HEADER);
    put(&made, CLI + 32, 0x1a00, 4);
    assert_int_equal(problems(&made, REQUIRED, 0, 0), FC_EDIT_BREAKS_STRONG_NAME);
    assert_int_equal(problems(&made, ILONLY, 0, 0), 0); /* without an edit nothing breaks */
    put(&made, CLI + 32, 0, 4);
    put(&made, pe_directory(&made, 4), 0xf00, 4);
    put(&made, pe_directory(&made, 4) + 4, 0x40, 4);
    assert_int_equal(problems(&made, REQUIRED, 0, 0), FC_EDIT_BREAKS_AUTHENTICODE);
    made = make_program(0x10, 5, false);
    assert_int_equal(problems(&made, ILONLY, 0, 0), FC_EDIT_NATIVE_IL_ONLY | FC_EDIT_NATIVE_ENTRY);
    made = make_managed(true, DLL, "v4.0.30319");
    assert_int_equal(problems(&made, REQUIRED | PREFERRED, 0, 0), FC_EDIT_WIDE_REQUIRED | FC_EDIT_PREFERRED_LIBRARY);
    assert_string_equal(fc_edit_problem_text((enum fc_edit_problem)0x8000), "?");
}

TEST(corflags_refuses_what_it_cannot_edit) {
    struct made made = make_pe(false, I386, 0);
    struct fc_image *image = open_bytes(made.bytes, PE_LEN);
    struct fc_edits *edits = NULL;
    assert_int_equal(fc_edits_new(image, 1, 0, 0, &edits), FC_EINVAL);
    fc_image_close(image);
    made = make_program(ILONLY, 5, false);
    image = open_bytes(made.bytes, MADE_LEN);
    assert_int_equal(fc_edits_new(image, 2, 2, 0, &edits), FC_EINVAL);
    assert_null(edits);
    fc_edits_free(NULL);
    fc_image_close(image);
}
