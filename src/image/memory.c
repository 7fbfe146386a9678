/* image: what is at an address, whatever the format. */
#include "image/elf.h"
#include "image/pe.h"

int fc__image_visit_pointers(const struct fc_image *image, fc__image_pointer_visit_fn *visit, void *user_data,
                             struct fc__error *err) {
    switch (image->format) {
    case FC_FORMAT_ELF:
        return fc__elf_visit_pointers(image, visit, user_data, err);
    case FC_FORMAT_PE:
        return fc__pe_visit_pointers(image, visit, user_data, err);
    default:
        return FC_OK;
    }
}

bool fc__image_locate(const struct fc_image *image, uint64_t address, uint64_t *ret_offset, uint64_t *ret_room) {
    switch (image->format) {
    case FC_FORMAT_ELF:
        return fc__elf_locate(image, address, ret_offset, ret_room);
    case FC_FORMAT_PE:
        *ret_room = address <= UINT32_MAX ? fc__pe_room(image, (uint32_t)address, ret_offset) : 0;
        return *ret_room > 0;
    default:
        return false;
    }
}

bool fc__image_is_constant(const struct fc_image *image, uint64_t address, uint64_t size) {
    return image->format == FC_FORMAT_ELF  ? fc__elf_is_constant(image, address, size)
           : image->format == FC_FORMAT_PE ? fc__pe_is_constant(image, address, size)
                                           : false;
}
