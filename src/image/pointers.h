/* image: the words of an image that its loader makes pointers of, by place. Allocates for each that the file has. */
#ifndef FC_IMAGE_POINTERS_H
#define FC_IMAGE_POINTERS_H

#include "image/image.h"

struct fc__image_pointers {
    struct fc__image_pointer *list;
    size_t count, capacity;
};

/* Zero it first, and have fc__image_pointers_done at the end in any case. FC_EFORMAT, FC_ENOMEM. */
int fc__image_pointers_read(struct fc__image_pointers *pointers, const struct fc_image *image, struct fc__error *err);
void fc__image_pointers_done(struct fc__image_pointers *pointers);

/* The first at `place` or behind it; NULL if there is none. */
const struct fc__image_pointer *fc__image_pointer_from(const struct fc__image_pointers *pointers, uint64_t place);

/* Of `size` bytes at an address, where pointers only count as such: what they are differs from build to build. False: the
 * file does not have them. */
bool fc__image_hash(const struct fc_image *image, const struct fc__image_pointers *pointers, uint64_t address,
                    uint64_t size, uint64_t *ret_hash);

#endif
