/* abi: where the objects of a call lie, on either side. They are found in any order, and looked for at once: so they are
 * kept in sorted runs, whose lengths are the bits of the number of objects, the longest first. A new object is a run of
 * one, and runs of the same length are merged. */
#include "abi/object_parts.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

void fc__objects_done(struct fc__objects *objects) {
    free(objects->list);
    free(objects->order[FC__HERE]);
    free(objects->order[FC__THERE]);
    free(objects->spare);
    free(objects->waiting);
    *objects = (struct fc__objects){.list = NULL};
}

static void *resized(void *memory, size_t count, size_t unit, bool *inout_ok) {
    void *fresh = *inout_ok && count <= SIZE_MAX / unit ? realloc(memory, count * unit) : NULL;
    *inout_ok = fresh != NULL;
    return fresh != NULL ? fresh : memory;
}

static bool make_room(struct fc__objects *objects) {
    const uint32_t capacity = objects->capacity != 0 ? objects->capacity * 2 : FIRST_CAPACITY;
    bool ok = capacity > objects->capacity;
    if (objects->count < objects->capacity) {
        return true;
    }
    objects->list = resized(objects->list, capacity, sizeof *objects->list, &ok);
    objects->spare = resized(objects->spare, capacity, sizeof *objects->spare, &ok);
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        objects->order[side] = resized(objects->order[side], capacity, sizeof *objects->spare, &ok);
    }
    objects->capacity = ok ? capacity : objects->capacity;
    return ok;
}

/* Two runs, one behind the other and of the same length. What is at one address stays in the order in which it came. */
static void merge(struct fc__located *runs, uint32_t length, struct fc__located *spare) {
    uint32_t left = length, right = length, end = 2 * length;
    if (runs[length - 1].address <= runs[length].address) {
        return;
    }
    memcpy(spare, runs + length, length * sizeof *spare);
    while (right > 0) { /* from behind, into the room that the right one had */
        runs[--end] = left > 0 && runs[left - 1].address > spare[right - 1].address ? runs[--left] : spare[--right];
    }
}

int fc__objects_add(struct fc__marshal *m, const struct fc__object *object) {
    struct fc__objects *objects = m->objects;
    if (!make_room(objects)) {
        return fc__error_set(m->err, FC_ENOMEM, "out of memory for what the arguments of %s point to", m->plan->name);
    }
    const uint32_t index = objects->count, before = index - m->first_object;
    objects->list[index] = *object;
    objects->count++;
    objects->has_union = objects->has_union || object->shape->has_union;
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        struct fc__located *last = &objects->order[side][index];
        *last = (struct fc__located){.address = fc__object_address(object, side), .index = index};
        for (uint32_t length = 1; (before & length) != 0; length *= 2) {
            last -= length;
            merge(last, length, objects->spare);
        }
    }
    return FC_OK;
}

/* The first place of a run that is behind `address`. */
static uint32_t behind(const struct fc__located *run, uint32_t length, uint64_t address) {
    uint32_t first = 0;
    while (first < length) {
        const uint32_t middle = first + (length - first) / 2;
        if (run[middle].address <= address) {
            first = middle + 1;
        } else {
            length = middle;
        }
    }
    return first;
}

/* A run of a call; its length is 0 behind the last. */
struct run {
    const struct fc__located *places;
    uint32_t length, rest; /* of what lies behind it */
};
static struct run run_at(const struct fc__located *places, uint32_t count) {
    const uint32_t length = count != 0 ? UINT32_C(1) << (31 - __builtin_clz(count)) : 0;
    return (struct run){places, length, count - length};
}

static struct run next_run(const struct run *run) {
    return run_at(run->places + run->length, run->rest);
}

static struct run first_run(const struct fc__marshal *m, enum fc__side side) {
    const struct fc__objects *objects = m->objects;
    const uint32_t count = objects->count - m->first_object;
    return run_at(count != 0 ? objects->order[side] + m->first_object : NULL, count);
}

static bool is_behind(const struct fc__located *left, const struct fc__located *right) {
    return left->address > right->address || (left->address == right->address && left->index > right->index);
}

/* The object of this call that `address` lies in; with `or_end`, also one that ends there. The objects of one side do
 * not overlap, but may be empty. */
struct fc__object *fc__objects_at(const struct fc__marshal *m, enum fc__side side, uint64_t address, bool or_end) {
    struct fc__object *const list = m->objects->list;
    const struct fc__located *nearest = NULL;
    for (struct run run = first_run(m, side); run.length != 0; run = next_run(&run)) {
        uint32_t at = behind(run.places, run.length, address);
        while (at > 0 && run.places[at - 1].address != address && list[run.places[at - 1].index].bytes[side] == 0) {
            at--;
        }
        if (at > 0 && (nearest == NULL || is_behind(&run.places[at - 1], nearest))) {
            nearest = &run.places[at - 1];
        }
    }
    const uint64_t offset = nearest != NULL ? address - nearest->address : 0;
    const uint64_t bytes = nearest != NULL ? list[nearest->index].bytes[side] : 0;
    return nearest != NULL && (offset == 0 || offset < bytes || (or_end && offset == bytes)) ? &list[nearest->index]
                                                                                             : NULL;
}

/* Memory behind a pointer that begins before what is known already, and reaches into it. */
bool fc__object_reaches_another(const struct fc__marshal *m, enum fc__side side, uint64_t address, uint64_t bytes) {
    for (struct run run = first_run(m, side); run.length != 0; run = next_run(&run)) {
        for (uint32_t next = behind(run.places, run.length, address);
             next < run.length && run.places[next].address - address < bytes; next++) {
            if (m->objects->list[run.places[next].index].bytes[side] !=
                0) { /* in an empty one there is nothing to share */
                return true;
            }
        }
    }
    return false;
}
