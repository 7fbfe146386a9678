/* image: which words of a PE image are pointers, going by its base relocations, and what does not change.
 * Source: Microsoft's "PE Format", ".reloc". */
#include "image/pe.h"

enum { BLOCK_HEADER = 8, TYPE_SHIFT = 12, OFFSET_MASK = 0xfff };
enum { BASED_HIGHLOW = 3, BASED_DIR64 = 10 };
enum { SECTION_VIRTUAL_SIZE = 8, SECTION_RVA = 12, SECTION_CHARACTERISTICS = 36 };
#define MEM_WRITE 0x80000000u

bool fc__pe_is_constant(const struct fc_image *image, uint64_t address, uint64_t size) {
    const struct fc__bytes *bytes = &image->bytes;
    for (unsigned i = 0; i < image->pe.section_count; i++) {
        const uint64_t section = image->pe.sections + (uint64_t)i * FC__PE_SECTION_SIZE;
        const uint64_t start = fc__bytes_u32(bytes, section + SECTION_RVA);
        if (address >= start &&
            fc__range_within(address - start, size, fc__bytes_u32(bytes, section + SECTION_VIRTUAL_SIZE))) {
            return (fc__bytes_u32(bytes, section + SECTION_CHARACTERISTICS) & MEM_WRITE) == 0;
        }
    }
    return false;
}

static int visit_entry(const struct fc_image *image, uint32_t page, uint32_t entry, fc__image_pointer_visit_fn *visit,
                       void *user_data) {
    const unsigned type = entry >> TYPE_SHIFT, size = type == BASED_DIR64 ? 8 : 4;
    struct fc__image_pointer pointer = {.place = (uint64_t)page + (entry & OFFSET_MASK)};
    uint64_t offset = 0;
    if ((type != BASED_HIGHLOW && type != BASED_DIR64) || pointer.place > UINT32_MAX ||
        !fc__pe_locate(image, (uint32_t)pointer.place, size, &offset)) {
        return FC_OK; /* padding, or code of other machines */
    }
    pointer.to = fc__bytes_number(&image->bytes, offset, size) - image->pe.image_base;
    pointer.is_own = pointer.to <= UINT32_MAX;
    return visit(user_data, &pointer);
}

int fc__pe_visit_pointers(const struct fc_image *image, fc__image_pointer_visit_fn *visit, void *user_data,
                          struct fc__error *err) {
    const char *const what = "PE base relocations";
    struct fc__pe_span span;
    struct fc__steps steps = fc__steps_for(image);
    uint64_t at = 0;
    int rc = FC_OK;
    if (!fc__pe_directory(image, FC__PE_RELOCATIONS, &span) || span.size == 0) {
        return FC_OK;
    }
    rc = fc__pe_find(image, what, span.rva, span.size, &steps, &at, err);
    for (const uint64_t end = at + span.size; rc == FC_OK && end - at >= BLOCK_HEADER;) {
        const uint32_t page = fc__bytes_u32(&image->bytes, at), size = fc__bytes_u32(&image->bytes, at + 4);
        if (size < BLOCK_HEADER || size > end - at) {
            return fc__error_set(err, FC_EFORMAT,
                                 "%s: a block of %" PRIu32 " bytes at offset 0x%" PRIx64 ", where %" PRIu64 " are left",
                                 what, size, at, end - at);
        }
        for (uint32_t i = BLOCK_HEADER; rc == FC_OK && i + 2 <= size; i += 2) {
            rc = visit_entry(image, page, fc__bytes_u16(&image->bytes, at + i), visit, user_data);
        }
        at += size;
    }
    return rc;
}
