/* image: the edits that change flags and version of a CLI header.
 * Source: ECMA-335 II.25.3.3; corhdr.h for the pair 32BITREQUIRED and 32BITPREFERRED. */
#include "image/pe.h"

#include <farcall/corflags.h>
#include <stdlib.h>

enum { CLI_MAJOR = 4, CLI_MINOR = 6, CLI_FLAGS = 16, EDITS_MAX = 4 };

struct edit {
    const char *name;
    uint64_t offset;
    unsigned len;
    uint32_t before, after;
};

struct fc_edits {
    struct edit list[EDITS_MAX];
    size_t count;
    uint32_t problems;
};

static void add_edit(const struct fc_image *image, struct fc_edits *edits, const char *name, uint64_t offset,
                     unsigned len, uint32_t after) {
    uint32_t before = (uint32_t)fc__bytes_number(&image->bytes, offset, len);
    if (before != after) {
        edits->list[edits->count++] = (struct edit){name, offset, len, before, after};
    }
}

/* What the bytes of an edit add to the sum that the checksum is made of. */
static uint64_t sum_of(uint64_t offset, unsigned len, uint32_t number) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < len; i++) {
        sum += (uint64_t)(number >> (8 * i) & 0xff) << ((offset + i) % 2 * 8);
    }
    return sum;
}

/* An image without a checksum stays without one. */
static void add_checksum(const struct fc_image *image, struct fc_edits *edits) {
    uint64_t field = image->pe.optional + FC__PE_CHECKSUM_AT;
    if (edits->count == 0 || fc__bytes_u32(&image->bytes, field) == 0) {
        return;
    }
    uint64_t sum = fc__pe_sum(image);
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->list[i];
        sum += sum_of(edit->offset, edit->len, edit->after) - sum_of(edit->offset, edit->len, edit->before);
    }
    add_edit(image, edits, "CheckSum", field, 4, fc__pe_checksum_of(sum, image->bytes.len));
}

static uint32_t problems_of(const struct fc_image *image, uint32_t flags, uint32_t cli_version) {
    bool is_required = flags & FC_CLI_32BIT_REQUIRED, is_preferred = flags & FC_CLI_32BIT_PREFERRED;
    bool is_il_only = flags & FC_CLI_IL_ONLY, was_il_only = image->pe.cli_flags & FC_CLI_IL_ONLY;
    uint32_t problems = 0;
    problems |= fc_image_has_strong_name(image) ? FC_EDIT_BREAKS_STRONG_NAME : 0u;
    problems |= fc_image_has_certificate(image) ? FC_EDIT_BREAKS_AUTHENTICODE : 0u;
    problems |= is_preferred && !is_required ? FC_EDIT_PREFERRED_ALONE : 0u;
    problems |= is_required && image->pe.is_wide ? FC_EDIT_WIDE_REQUIRED : 0u;
    problems |= is_il_only && !was_il_only ? FC_EDIT_NATIVE_IL_ONLY : 0u;
    problems |= is_preferred && image->kind == FC_KIND_LIBRARY ? FC_EDIT_PREFERRED_LIBRARY : 0u;
    problems |= is_il_only && (flags & FC_CLI_NATIVE_ENTRYPOINT) != 0 ? FC_EDIT_NATIVE_ENTRY : 0u;
    problems |=
        cli_version < FC_CLI_VERSION_2_5 && image->pe.cli_version >= FC_CLI_VERSION_2_5 ? FC_EDIT_OLD_HEADER : 0u;
    return problems;
}

int fc_edits_new(const struct fc_image *image, uint32_t set_flags, uint32_t clear_flags, uint32_t cli_version,
                 struct fc_edits **ret_edits) {
    struct fc__error *err = fc__error_here();
    if (image == NULL || ret_edits == NULL || !fc_image_is_managed(image)) {
        return fc__error_set(err, FC_EINVAL, "fc_edits_new: the image has no CLI header");
    }
    if ((set_flags & clear_flags) != 0) {
        return fc__error_set(err, FC_EINVAL,
                             "fc_edits_new: the flags 0x%" PRIx32 " are both to be set and to be cleared",
                             set_flags & clear_flags);
    }
    struct fc_edits *edits = calloc(1, sizeof *edits);
    if (edits == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for edits");
    }
    uint32_t flags = (image->pe.cli_flags & ~clear_flags) | set_flags;
    uint32_t version = cli_version != 0 ? cli_version : image->pe.cli_version;
    add_edit(image, edits, "MajorRuntimeVersion", image->pe.cli + CLI_MAJOR, 2, version >> 16);
    add_edit(image, edits, "MinorRuntimeVersion", image->pe.cli + CLI_MINOR, 2, version & 0xffff);
    add_edit(image, edits, "Flags", image->pe.cli + CLI_FLAGS, 4, flags);
    add_checksum(image, edits);
    edits->problems = edits->count > 0 ? problems_of(image, flags, version) : 0;
    *ret_edits = edits;
    return FC_OK;
}

void fc_edits_free(struct fc_edits *edits) {
    free(edits);
}

size_t fc_edits_count(const struct fc_edits *edits) {
    return edits->count;
}

const char *fc_edit_name(const struct fc_edits *edits, size_t index) {
    return edits->list[index].name;
}

uint64_t fc_edit_offset(const struct fc_edits *edits, size_t index) {
    return edits->list[index].offset;
}

unsigned fc_edit_len(const struct fc_edits *edits, size_t index) {
    return edits->list[index].len;
}

uint32_t fc_edit_before(const struct fc_edits *edits, size_t index) {
    return edits->list[index].before;
}

uint32_t fc_edit_after(const struct fc_edits *edits, size_t index) {
    return edits->list[index].after;
}

void fc_edits_apply(const struct fc_edits *edits, void *bytes) {
    for (size_t i = 0; i < edits->count; i++) {
        for (unsigned k = 0; k < edits->list[i].len; k++) {
            ((unsigned char *)bytes)[edits->list[i].offset + k] = (unsigned char)(edits->list[i].after >> (8 * k));
        }
    }
}

uint32_t fc_edits_problems(const struct fc_edits *edits) {
    return edits->problems;
}

const char *fc_edit_problem_text(enum fc_edit_problem problem) {
    switch (problem) {
#define TEXT_CASE(name, bit, text)                                                                                     \
    case name:                                                                                                         \
        return text;
        FC_EDIT_PROBLEMS(TEXT_CASE)
#undef TEXT_CASE
    default:
        return "?";
    }
}
