/* image: what the readers of ELF share. Layouts are those of <elf.h>, written down here so that they are the same on
 * every platform that farcall is built for. */
#ifndef FC_IMAGE_ELF_H
#define FC_IMAGE_ELF_H

#include "image/image.h"

/* Where a field stands in its structure, and its bytes, in ELFCLASS32 and in ELFCLASS64. */
struct fc__elf_field {
    uint8_t offset, size, wide_offset, wide_size;
};

static inline uint64_t fc__elf_get(const struct fc_image *image, uint64_t base, struct fc__elf_field field) {
    bool is_wide = image->elf.is_wide;
    uint64_t offset;
    if (!fc__add_u64(base, is_wide ? field.wide_offset : field.offset, &offset)) {
        return 0;
    }
    return fc__bytes_number(&image->bytes, offset, is_wide ? field.wide_size : field.size);
}

static inline unsigned fc__elf_symbol_size(const struct fc_image *image) {
    return image->elf.is_wide ? 24 : 16;
}

/* The file offset of a virtual address, and how many bytes of the file its segment has from there; false if no segment
 * has it. */
bool fc__elf_locate(const struct fc_image *image, uint64_t address, uint64_t *ret_offset, uint64_t *ret_room);

/* elf_relocations.c */

/* Not those of the tables that calls go through. None of machines that there is no host for. FC_EFORMAT. */
int fc__elf_visit_pointers(const struct fc_image *image, fc__image_pointer_visit_fn *visit, void *user_data,
                           struct fc__error *err);

bool fc__elf_is_constant(const struct fc_image *image, uint64_t address, uint64_t size);

/* The string at `index` of DT_STRTAB; NULL if it is not within. */
const char *fc__elf_string(const struct fc_image *image, uint64_t index);

#endif
