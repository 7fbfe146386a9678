/* base: arrays that grow by one element after the other. */
#ifndef FC_BASE_LIST_H
#define FC_BASE_LIST_H

#include <stddef.h>
#include <stdlib.h>

/* `list`, or its larger copy, with room behind `count` elements; NULL when out of memory, and it is as it was. */
static inline void *fc__list_room(void *list, size_t count, size_t *capacity, size_t element_bytes) {
    if (count < *capacity) {
        return list;
    }
    const size_t larger = *capacity * 2 + 64;
    void *room = realloc(list, larger * element_bytes);
    *capacity = room != NULL ? larger : *capacity;
    return room;
}

#endif
