/* image: what the readers of PE images share. See image.h for the rules.
 * Does not: follow anything twice. What a directory leads to is found by RVA, which a file may point anywhere, at
 * itself too; so every walk has a number of steps to spend, in proportion to the file's length (struct fc__steps). */
#ifndef FC_IMAGE_PE_H
#define FC_IMAGE_PE_H

#include "image/image.h"

enum { FC__PE_SECTION_SIZE = 40, FC__PE_NAME_MAX = 0x10000, FC__PE_CHECKSUM_AT = 64 /* in the optional header */ };
enum { FC__CLI_STRONG_NAME = 32 }; /* in the CLI header */
enum { FC__PE_I386 = 0x14c, FC__PE_ARMNT = 0x1c4, FC__PE_IA64 = 0x200, FC__PE_AMD64 = 0x8664, FC__PE_ARM64 = 0xaa64 };

/* Data directories. The address of CERTIFICATES is an offset in the file, not an RVA. */
enum fc__pe_directory {
    FC__PE_EXPORTS = 0,
    FC__PE_IMPORTS = 1,
    FC__PE_RESOURCES = 2,
    FC__PE_CERTIFICATES = 4,
    FC__PE_RELOCATIONS = 5,
    FC__PE_LOAD_CONFIG = 10,
    FC__PE_DELAY_IMPORTS = 13,
    FC__PE_CLI = 14,
};

/* A span of RVAs. */
struct fc__pe_span {
    uint32_t rva, size;
};

/* What a walk may still do. */
struct fc__steps {
    uint64_t left;
};

struct fc__steps fc__steps_for(const struct fc_image *image);

/* Spends `count` steps; false if there are not so many. */
static inline bool fc__steps_take(struct fc__steps *steps, uint64_t count) {
    bool has_enough = count <= steps->left;
    steps->left = has_enough ? steps->left - count : 0;
    return has_enough;
}

/* Says that the walk over `what` did not end within its steps. Returns FC_EFORMAT. */
int fc__steps_over(const char *what, struct fc__error *err);

/* The directory's span; false if the image has none. The span may lead anywhere. */
bool fc__pe_directory(const struct fc_image *image, enum fc__pe_directory index, struct fc__pe_span *ret_span);

/* How many bytes the file has from an RVA to the end of what is mapped with it, and at which offset they begin. */
uint64_t fc__pe_room(const struct fc_image *image, uint32_t rva, uint64_t *ret_offset);

/* The offset of `size` bytes at an RVA; false if the file does not have them. */
bool fc__pe_locate(const struct fc_image *image, uint32_t rva, uint32_t size, uint64_t *ret_offset);

/* The same, or FC_EFORMAT with `what` in its text, and with the steps that finding it takes. */
int fc__pe_find(const struct fc_image *image, const char *what, uint32_t rva, uint64_t size, struct fc__steps *steps,
                uint64_t *ret_offset, struct fc__error *err);

/* The string at an RVA, or FC_EFORMAT. */
int fc__pe_string(const struct fc_image *image, const char *what, uint32_t rva, struct fc__steps *steps,
                  const char **ret_text, struct fc__error *err);

/* pe_parts.c: the two halves of fc_image_checksum, so that it can be had for changed bytes. */
uint64_t fc__pe_sum(const struct fc_image *image);
uint32_t fc__pe_checksum_of(uint64_t sum, uint64_t len);

/* pe_exports.c */
int fc__pe_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data,
                         struct fc__error *err);

/* pe_relocations.c */
int fc__pe_visit_pointers(const struct fc_image *image, fc__image_pointer_visit_fn *visit, void *user_data,
                          struct fc__error *err);
bool fc__pe_is_constant(const struct fc_image *image, uint64_t address, uint64_t size);

/* pe_imports.c */
int fc__pe_visit_imports(const struct fc_image *image, fc_import_visit_fn *visit, void *user_data,
                         struct fc__error *err);

#endif
