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
