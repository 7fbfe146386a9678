#include "image/pointers.h"

#include "base/list.h"

#include <stdlib.h>

static int add(void *data, const struct fc__image_pointer *pointer) {
    struct fc__image_pointers *pointers = data;
    struct fc__image_pointer *list =
        fc__list_room(pointers->list, pointers->count, &pointers->capacity, sizeof *pointers->list);
    if (list == NULL) {
        return FC_ENOMEM;
    }
    pointers->list = list;
    list[pointers->count++] = *pointer;
    return FC_OK;
}

static int by_place(const void *left, const void *right) {
    const struct fc__image_pointer *a = left, *b = right;
    return (a->place > b->place) - (a->place < b->place);
}

int fc__image_pointers_read(struct fc__image_pointers *pointers, const struct fc_image *image, struct fc__error *err) {
    int rc = fc__image_visit_pointers(image, add, pointers, err);
    if (rc == FC_ENOMEM) {
        return fc__error_set(err, rc, "out of memory");
    }
    if (rc == FC_OK && pointers->count > 0) {
        qsort(pointers->list, pointers->count, sizeof *pointers->list, by_place);
    }
    return rc;
}

void fc__image_pointers_done(struct fc__image_pointers *pointers) {
    free(pointers->list);
    *pointers = (struct fc__image_pointers){0};
}

const struct fc__image_pointer *fc__image_pointer_from(const struct fc__image_pointers *pointers, uint64_t place) {
    size_t first = 0, end = pointers->count;
    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        if (pointers->list[middle].place < place) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first < pointers->count ? &pointers->list[first] : NULL;
}

bool fc__image_hash(const struct fc_image *image, const struct fc__image_pointers *pointers, uint64_t address,
                    uint64_t size, uint64_t *ret_hash) {
    const struct fc__image_pointer *pointer = fc__image_pointer_from(pointers, address);
    const struct fc__image_pointer *end = pointers->list + pointers->count;
    const uint64_t word = (uint64_t)image->bits / 8;
    uint64_t offset = 0, room = 0, hash = FC__HASH_START;
    if (!fc__image_locate(image, address, &offset, &room) || room < size) {
        return false;
    }
    for (uint64_t i = 0; i < size;) {
        while (pointer != NULL && pointer != end && pointer->place < address + i) {
            pointer++;
        }
        const bool is_pointer = pointer != NULL && pointer != end && pointer->place == address + i;
        hash = fc__hash_add(hash, is_pointer ? 0x100u + pointer->is_own : image->bytes.data[offset + i]);
        i += is_pointer ? word : 1;
    }
    *ret_hash = hash;
    return true;
}
