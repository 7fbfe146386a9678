#include "abi/object.h"

#include "abi/marshal.h"
#include "abi/value.h"

#include "base/checked.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

/* One conversion of data: from side `from` to the other. */
struct walk {
    struct fc__marshal *m;
    enum fc__side from, to;
    bool is_output; /* see struct fc__pointee */
    bool is_cut;    /* of a flexible array come as many elements as there is room for; otherwise more are an error */
    struct fc__spot spot;
    const unsigned char *end[2]; /* of what is converted, on either side */
};

static int convert(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                   const struct fc__scope *scope);

/* -- the list ------------------------------------------------------------------------------------------------------- */

void fc__objects_done(struct fc__objects *objects) {
    free(objects->list);
    free(objects->order[FC__HERE]);
    free(objects->order[FC__THERE]);
    *objects = (struct fc__objects){.list = NULL};
}

static uint64_t address_of(const struct fc__object *object, enum fc__side side) {
    return side == FC__HERE ? object->here : object->there;
}

static bool make_room(struct fc__objects *objects) {
    if (objects->count < objects->capacity) {
        return true;
    }
    const uint32_t capacity = objects->capacity != 0 ? objects->capacity * 2 : FIRST_CAPACITY;
    struct fc__object *list = realloc(objects->list, capacity * sizeof *list);
    objects->list = list != NULL ? list : objects->list;
    bool ok = list != NULL;
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        uint32_t *order = ok ? realloc(objects->order[side], capacity * sizeof *order) : NULL;
        objects->order[side] = order != NULL ? order : objects->order[side];
        ok = order != NULL;
    }
    objects->capacity = ok ? capacity : objects->capacity;
    return ok;
}

/* The place in a call's order of the first object that begins behind `address`. */
static uint32_t behind(const struct fc__objects *objects, uint32_t first, uint32_t end, enum fc__side side,
                       uint64_t address) {
    const uint32_t *order = objects->order[side];
    while (first < end) {
        const uint32_t middle = first + (end - first) / 2;
        if (address_of(&objects->list[order[middle]], side) <= address) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

static int add(struct fc__marshal *m, const struct fc__object *object) {
    struct fc__objects *objects = m->objects;
    if (!make_room(objects)) {
        return fc__error_set(m->err, FC_ENOMEM, "out of memory for what the arguments of %s point to", m->plan->name);
    }
    const uint32_t index = objects->count;
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        uint32_t *order = objects->order[side];
        const uint32_t at = behind(objects, m->first_object, index, side, address_of(object, side));
        memmove(&order[at + 1], &order[at], (index - at) * sizeof *order);
        order[at] = index;
    }
    objects->list[index] = *object;
    objects->count++;
    return FC_OK;
}

/* The object of this call that `address` lies in; with `or_end`, also one that ends there. */
static struct fc__object *find(const struct fc__marshal *m, enum fc__side side, uint64_t address, bool or_end) {
    const struct fc__objects *objects = m->objects;
    for (uint32_t at = behind(objects, m->first_object, objects->count, side, address); at > m->first_object; at--) {
        struct fc__object *object = &objects->list[objects->order[side][at - 1]];
        const uint64_t offset = address - address_of(object, side);
        if (offset < object->bytes[side] || offset == 0 || (or_end && offset == object->bytes[side])) {
            return object;
        }
        if (object->bytes[side] != 0) { /* the objects of one side do not overlap, but may be empty */
            return NULL;
        }
    }
    return NULL;
}

static bool offset_of(const struct fc__shape *shape, uint64_t count, enum fc__side side, uint64_t offset,
                      uint64_t *ret_offset) {
    const enum fc__side other = side == FC__HERE ? FC__THERE : FC__HERE;
    const uint64_t size = shape->size[side];
    uint64_t inner = 0;
    if (shape->is_plain || size == 0 || count <= 1) {
        return fc__shape_offset(shape, side, offset, ret_offset) || (*ret_offset = 0, false);
    }
    bool ok = fc__shape_offset(shape, side, offset % size, &inner);
    *ret_offset = offset / size * shape->size[other] + inner;
    return ok;
}

static bool offset_in(const struct fc__object *object, enum fc__side side, uint64_t offset, uint64_t *ret_offset) {
    return offset_of(object->shape, object->count, side, offset, ret_offset);
}

bool fc__lasting_maps(const struct fc__lasting *lasting, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                      uint64_t *ret_address) {
    const enum fc__side to = from == FC__HERE ? FC__THERE : FC__HERE;
    const uint64_t offset = address - (from == FC__HERE ? lasting->here : lasting->there);
    const uint64_t base = to == FC__HERE ? lasting->here : lasting->there;
    uint64_t start = 0, end = 0;
    if (offset > lasting->bytes[from] || !offset_of(lasting->shape, lasting->count, from, offset, &start)) {
        return false;
    }
    *ret_address = base + start;
    return bytes == NULL ||
           (bytes[from] <= lasting->bytes[from] - offset &&
            offset_of(lasting->shape, lasting->count, from, offset + bytes[from], &end) && end - start == bytes[to]);
}

bool fc__object_find(const struct fc__marshal *m, enum fc__side from, uint64_t address, uint64_t *ret_address) {
    const struct fc__object *object = find(m, from, address, true);
    uint64_t offset;
    if (object == NULL || !offset_in(object, from, address - address_of(object, from), &offset)) {
        return false;
    }
    *ret_address = address_of(object, from == FC__HERE ? FC__THERE : FC__HERE) + offset;
    return true;
}

bool fc__object_room(const struct fc__marshal *m, enum fc__side side, uint64_t address, uint64_t *ret_bytes) {
    const struct fc__object *object = find(m, side, address, false);
    if (object == NULL) {
        return false;
    }
    *ret_bytes = object->bytes[side] - (address - address_of(object, side));
    return true;
}

/* -- how large ------------------------------------------------------------------------------------------------------ */

static int too_large(const struct fc__marshal *m, uint32_t index) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_ENOMEM, "what %s of %s points to is larger than an address space",
                         fc__argument_text(m, index, what), m->plan->name);
}

static const struct fc__shape_field *flexible_field(const struct fc__shape *shape) {
    for (uint32_t i = shape->kind == FC__SHAPE_STRUCT ? shape->field_count : 0; i > 0; i--) {
        if (shape->fields[i - 1].is_flexible) {
            return &shape->fields[i - 1];
        }
    }
    return NULL;
}

static uint64_t text_elements(const unsigned char *text, uint64_t size) {
    uint64_t n = 0;
    if (size == 1) {
        return (uint64_t)strlen((const char *)text) + 1;
    }
    while (fc__value_load(text + n * size, (unsigned)size, false) != 0) { /* which may be aligned to nothing */
        n++;
    }
    return n + 1;
}

static bool is_zero_at(const struct fc__shape *shape, enum fc__side side, const unsigned char *data, uint64_t index) {
    const uint64_t size = shape->size[side];
    return fc__value_load(data + index * size, (unsigned)size, false) == 0;
}

/* Up to the NULL pointer; or strings one behind the other, up to the empty one. */
static uint64_t list_elements(const struct fc__shape *shape, enum fc__side side, const unsigned char *data) {
    const bool is_texts = shape->kind == FC__SHAPE_VALUE && shape->value.kind != FC__VALUE_POINTER;
    uint64_t n = 0;
    while (!is_zero_at(shape, side, data, n)) {
        n++;
        while (is_texts && !is_zero_at(shape, side, data, n)) {
            n++;
        }
        n += is_texts;
    }
    return n + 1;
}

static uint64_t bounded_elements(const struct fc__shape *shape, const unsigned char *data, uint64_t most) {
    for (uint64_t n = 0; shape->kind == FC__SHAPE_VALUE && n < most; n++) {
        if (is_zero_at(shape, FC__HERE, data, n)) {
            return n + 1;
        }
    }
    return most;
}

/* The elements of the caller's, and their bytes on both sides. */
static int measure(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                   const struct fc__scope *scope, uint64_t here, uint64_t *ret_count, uint64_t ret_bytes[2]) {
    const struct fc__shape *shape = pointee->shape;
    const unsigned char *data = (const unsigned char *)(uintptr_t)here;
    uint64_t count = 1;
    int rc = FC_OK;
    if (pointee->extent == FC__EXTENT_STRING) {
        count = text_elements(data, shape->size[FC__HERE]);
    } else if (pointee->extent == FC__EXTENT_LIST) {
        count = list_elements(shape, FC__HERE, data);
    } else {
        rc = fc__size_count(m, scope, pointee->capacity, index, NULL, &count);
        if (rc == FC_OK && pointee->is_bounded) {
            count = bounded_elements(shape, data, count);
        }
    }
    for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
        const uint64_t unit = pointee->extent == FC__EXTENT_BYTES ? 1 : shape->size[side];
        if (!fc__mul_u64(count, unit, &ret_bytes[side]) || ret_bytes[side] > UINTPTR_MAX / 2) {
            rc = too_large(m, index);
        }
    }
    const struct fc__shape_field *flexible = rc == FC_OK && count == 1 ? flexible_field(shape) : NULL;
    if (flexible != NULL && !pointee->is_output) {
        const struct fc__scope own = {.record = data, .key = shape->record};
        uint64_t more = 0;
        rc = fc__size_count(m, &own, flexible->count, index, flexible->name, &more);
        for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
            uint64_t end;
            if (!fc__mul_u64(more, flexible->shape->size[side], &end) ||
                !fc__add_u64(end, flexible->offset[side], &end) || end > UINTPTR_MAX / 2) {
                return too_large(m, index);
            }
            ret_bytes[side] = end > ret_bytes[side] ? end : ret_bytes[side];
        }
    }
    *ret_count = count;
    return rc;
}

/* -- from here to there --------------------------------------------------------------------------------------------- */

static int overlaps(const struct fc__marshal *m, uint32_t index) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EUNSUPPORTED,
                         "%s of %s leads to memory that another argument or member leads to as well, with other bounds "
                         "or as another type, so that it cannot be one object there",
                         fc__argument_text(m, index, what), m->plan->name);
}

/* Another pointer into what is there already. */
static int send_again(struct fc__marshal *m, uint32_t index, struct fc__object *object,
                      const struct fc__pointee *pointee, uint64_t here, const uint64_t bytes[2], uint64_t *ret_there) {
    uint64_t start, end;
    if (here - object->here + bytes[FC__HERE] > object->bytes[FC__HERE] ||
        !offset_in(object, FC__HERE, here - object->here, &start) ||
        !offset_in(object, FC__HERE, here - object->here + bytes[FC__HERE], &end) || end - start != bytes[FC__THERE]) {
        return overlaps(m, index);
    }
    if (pointee->reads && !pointee->is_output && (!object->reads || object->is_output)) {
        object->reads = true;
        object->is_output = false;
        object->is_filled = false;
    }
    object->writes = object->writes || pointee->writes;
    if (object->bytes[FC__HERE] != bytes[FC__HERE] || object->valid != pointee->valid) {
        object->valid = NULL;
        object->is_filled = object->is_filled && object->reads;
        object->reads = true; /* what is not written comes back as it went */
    }
    *ret_there = object->there + start;
    return FC_OK;
}

/* Memory behind a pointer that begins before what is known already, and reaches into it. */
static bool reaches_into_another(const struct fc__marshal *m, enum fc__side side, uint64_t address, uint64_t bytes) {
    const struct fc__objects *objects = m->objects;
    for (uint32_t next = behind(objects, m->first_object, objects->count, side, address); next < objects->count;
         next++) {
        const struct fc__object *object = &objects->list[objects->order[side][next]];
        if (object->bytes[side] != 0) { /* in an empty one there is nothing to share */
            return address_of(object, side) - address < bytes;
        }
    }
    return false;
}

static int place(struct fc__marshal *m, uint64_t alignment, struct fc__object *object) {
    enum { IN_LINE = 8, IN_SCRATCH = 16 }; /* what memory for them is aligned to */
    const uint64_t more = alignment > IN_SCRATCH ? alignment : 0;
    /* Another argument may turn out to lead to it, through which it is written to. */
    const bool is_written = object->writes || m->plan->may_meet;
    int rc = fc__marshal_place(m, object->bytes[FC__THERE] + more, is_written || alignment > IN_LINE, &object->there,
                               &object->local);
    if (rc == FC_OK && more != 0) {
        const uint64_t skipped = (alignment - object->there % alignment) % alignment;
        object->there += skipped;
        object->local += skipped;
    }
    return rc;
}

static int is_gone(const struct fc__marshal *m, uint32_t index) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EINVAL,
                         "%s of %s leads to the copy of an object that the library had in a host that died. It is gone "
                         "with that host; have the library make it anew",
                         fc__argument_text(m, index, what), m->plan->name);
}

/* What the caller has a copy of: the library is given its own, with what the caller changed in the copy. */
static int place_at_theirs(struct fc__marshal *m, const struct fc__lasting *known, struct fc__object *object) {
    int rc = FC_OK;
    object->there = known->mapped;
    object->local = (unsigned char *)(uintptr_t)object->there;
    object->is_lasting = true;
    object->pristine = known->pristine != NULL ? known->pristine + (object->here - known->here) : NULL;
    object->reads = object->reads && !object->is_output;
    object->is_output = false; /* what was not written is the library's, too */
    object->is_remote = !m->ops->is_shared(m->context, object->there, object->bytes[FC__THERE]);
    if (object->is_remote) {
        uint64_t there;
        rc = fc__marshal_place(m, object->bytes[FC__THERE], true, &there, &object->local);
    }
    return rc;
}

/* A place in the callee's memory: for this call, or for longer. */
static int place_lasting(struct fc__marshal *m, const struct fc__pointee *pointee, struct fc__object *object) {
    struct fc__lasting known;
    int rc = FC_OK;
    const bool is_known =
        m->ops->lasting != NULL && m->ops->lasting(m->context, FC__HERE, object->here, object->bytes, &known);
    const bool is_theirs = is_known && known.life == FC__LIFE_TAKEN; /* the library need not be told where it is */
    if (!is_theirs && (pointee->is_pinned || pointee->kept_until != NULL)) {
        rc = pointee->is_pinned ? m->ops->pin(m->context, object, m->plan->begins, &object->there)
                                : m->ops->keep(m->context, object, pointee->kept_until, &object->there);
        object->local = (unsigned char *)(uintptr_t)object->there;
        object->is_lasting = true;
        object->reads = object->reads || (pointee->is_pinned && !pointee->is_output);
        return rc;
    }
    if (!is_known || (known.is_gone && !is_theirs)) {
        return place(m, pointee->shape->alignment[FC__THERE], object);
    }
    return known.is_gone ? is_gone(m, object->index) : place_at_theirs(m, &known, object);
}

int fc__object_send(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                    const struct fc__scope *scope, uint64_t here, uint64_t *ret_there) {
    struct fc__object object = {.here = here,
                                .shape = pointee->shape,
                                .valid = pointee->valid,
                                .index = index,
                                .reads = pointee->reads,
                                .writes = pointee->writes,
                                .is_output = pointee->is_output,
                                .record = scope != NULL ? scope->record : NULL,
                                .record_key = scope != NULL ? scope->key : NULL};
    *ret_there = here;
    if (here == 0 || m->ops->is_native) {
        return FC_OK;
    }
    if (pointee->shape->is_plain && pointee->extent == FC__EXTENT_STRING && m->ops->is_shared(m->context, here, 1)) {
        *ret_there = here; /* and not measured: the callee may be writing to it */
        return FC_OK;
    }
    int rc = measure(m, index, pointee, scope, here, &object.count, object.bytes);
    if (rc != FC_OK) {
        return rc;
    }
    if (pointee->shape->is_plain && m->ops->is_shared(m->context, here, object.bytes[FC__HERE])) {
        *ret_there = here;
        return FC_OK;
    }
    struct fc__object *known = find(m, FC__HERE, here, false);
    if (known != NULL && (object.bytes[FC__HERE] != 0 ? known->bytes[FC__HERE] != 0 : known->here == here)) {
        return send_again(m, index, known, pointee, here, object.bytes, ret_there);
    }
    if (reaches_into_another(m, FC__HERE, here, object.bytes[FC__HERE])) {
        return overlaps(m, index);
    }
    rc = place_lasting(m, pointee, &object);
    rc = rc == FC_OK ? add(m, &object) : rc;
    *ret_there = object.there;
    return rc;
}

/* -- arguments that share memory ------------------------------------------------------------------------------------ */

static const struct fc__shape byte_shape = {
    .kind = FC__SHAPE_VALUE,
    .is_plain = true,
    .size = {1, 1},
    .alignment = {1, 1},
    .value = {.kind = FC__VALUE_RAW, .caller_bytes = 1, .callee_bytes = 1, .type_name = "byte"},
    .type_name = "byte",
};

/* The plain memory of an argument; 0 to 0 if it has none that can be joined with others'. */
struct range {
    uint64_t from, to;
};
static struct range plain_range(struct fc__marshal *m, uint32_t index) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__pointee *pointee = &step->pointee;
    const uint64_t here = m->slots[index];
    struct fc__error ignored, *const err = m->err;
    uint64_t count, bytes[2];
    if ((step->kind != FC__STEP_STRING && step->kind != FC__STEP_BUFFER && step->kind != FC__STEP_OBJECT) ||
        here == 0 || !pointee->shape->is_plain || pointee->is_pinned || pointee->kept_until != NULL ||
        m->ops->is_shared(m->context, here, 1)) {
        return (struct range){0, 0};
    }
    m->err = &ignored; /* it is told when the argument is sent */
    int rc = measure(m, index, pointee, NULL, here, &count, bytes);
    m->err = err;
    return rc == FC_OK ? (struct range){here, here + bytes[FC__HERE]} : (struct range){0, 0};
}

/* Everything that overlaps the range or what was added to it. True if it grew. */
static bool widen(const struct range *ranges, uint32_t count, struct range *inout) {
    bool again = true, is_wider = false;
    while (again) {
        again = false;
        for (uint32_t i = 0; i < count; i++) {
            const struct range *other = &ranges[i];
            if (other->from < inout->to && other->to > inout->from &&
                (other->from < inout->from || other->to > inout->to)) {
                inout->from = other->from < inout->from ? other->from : inout->from;
                inout->to = other->to > inout->to ? other->to : inout->to;
                again = is_wider = true;
            }
        }
    }
    return is_wider;
}

int fc__objects_join(struct fc__marshal *m) {
    struct range ranges[FC__FRAME_ARGUMENTS_MAX];
    for (uint32_t i = 0; i < m->plan->count; i++) {
        ranges[i] = plain_range(m, i);
    }
    for (uint32_t i = 0; i < m->plan->count; i++) {
        struct fc__object object = {.shape = &byte_shape, .index = i, .reads = true};
        struct range whole = ranges[i];
        if (whole.from == whole.to || find(m, FC__HERE, whole.from, false) != NULL ||
            !widen(ranges, m->plan->count, &whole)) {
            continue;
        }
        object.here = whole.from;
        object.count = object.bytes[FC__HERE] = object.bytes[FC__THERE] = whole.to - whole.from;
        int rc = place(m, m->plan->steps[i].pointee.shape->alignment[FC__THERE], &object);
        rc = rc == FC_OK ? add(m, &object) : rc;
        if (rc != FC_OK) {
            return rc;
        }
    }
    return FC_OK;
}

/* -- from there to here --------------------------------------------------------------------------------------------- */

/* Looks at one element of the callee's after the other: those of a page are fetched at once, since what comes behind it
 * need not be there. */
struct reader {
    uint64_t from, to; /* what `bytes` is a copy of */
    const unsigned char *bytes;
};
static int read_element(struct fc__marshal *m, struct reader *reader, uint64_t address, uint64_t size, bool *ret_zero) {
    enum { PAGE = 4096 };
    if (m->ops->is_shared(m->context, address, size)) {
        *ret_zero = fc__value_load((const void *)(uintptr_t)address, (unsigned)size, false) == 0;
        return FC_OK;
    }
    if (address < reader->from || address + size > reader->to) {
        void *copy = NULL;
        reader->from = address;
        reader->to = ((address + size - 1) / PAGE + 1) * PAGE;
        int rc = m->ops->fetch(m->context, address, reader->to - address, &copy);
        reader->bytes = copy;
        if (rc != FC_OK) {
            return rc;
        }
    }
    *ret_zero = fc__value_load(reader->bytes + (address - reader->from), (unsigned)size, false) == 0;
    return FC_OK;
}

/* How many elements there are up to the end, with it. */
static int count_theirs(struct fc__marshal *m, const struct fc__pointee *pointee, uint64_t there, uint64_t *ret_count) {
    const struct fc__shape *shape = pointee->shape;
    const uint64_t size = shape->size[FC__THERE];
    const bool is_texts =
        pointee->extent == FC__EXTENT_LIST && shape->kind == FC__SHAPE_VALUE && shape->value.kind != FC__VALUE_POINTER;
    struct reader reader = {.from = 1};
    bool is_zero = false, was_zero = is_texts; /* an empty list of texts is one zero */
    uint64_t n = 0;
    for (;;) {
        int rc = read_element(m, &reader, there + n * size, size, &is_zero);
        if (rc != FC_OK) {
            return rc;
        }
        n++;
        if (is_zero && (was_zero || !is_texts)) {
            *ret_count = n;
            return FC_OK;
        }
        was_zero = is_zero;
    }
}

/* An object of the caller's that the callee got earlier, or one of the callee's that the caller has a copy of. */
static int take_lasting(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                        const struct fc__scope *scope, struct fc__object *object, bool *ret_known) {
    struct fc__lasting known;
    (void)index, (void)scope, (void)pointee;
    if (m->ops->lasting == NULL || !m->ops->lasting(m->context, FC__THERE, object->there, NULL, &known) ||
        known.is_gone || known.life == FC__LIFE_TAKEN) {
        return FC_OK;
    }
    *ret_known = true;
    object->here = known.mapped;
    if (known.life == FC__LIFE_PINNED && object->there == known.there && m->is_upcall) {
        /* What the function sees of it, and changes. */
        object->shape = known.shape;
        object->count = known.count;
        memcpy(object->bytes, known.bytes, sizeof object->bytes);
        object->local = (unsigned char *)(uintptr_t)known.there;
        object->reads = object->writes = true;
        object->is_lasting = true;
        return add(m, object);
    }
    return FC_OK;
}

/* How many elements the callee's pointer leads to, going by the caller's values. */
static int measure_theirs(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                          const struct fc__scope *scope, struct fc__object *object) {
    object->is_ended = pointee->extent == FC__EXTENT_STRING || pointee->extent == FC__EXTENT_LIST;
    int rc = object->is_ended ? count_theirs(m, pointee, object->there, &object->count)
                              : fc__size_count(m, scope, pointee->capacity, index, NULL, &object->count);
    for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
        const uint64_t unit = pointee->extent == FC__EXTENT_BYTES ? 1 : object->shape->size[side];
        if (!fc__mul_u64(object->count, unit, &object->bytes[side]) || object->bytes[side] > UINTPTR_MAX / 2) {
            rc = too_large(m, index);
        }
    }
    return rc;
}

/* A pointer to or just behind one of the caller's own: that is what it was given. */
static bool take_back(const struct fc__marshal *m, uint64_t there, uint64_t *ret_here) {
    const struct fc__object *object = find(m, FC__THERE, there, true);
    return object != NULL && !object->is_theirs && fc__object_find(m, FC__THERE, there, ret_here);
}

/* Another pointer into what was taken already, if all that it leads to is there: adjacent ones are not one. */
static bool take_again(const struct fc__marshal *m, const struct fc__object *object, uint64_t *ret_here) {
    const struct fc__object *known = find(m, FC__THERE, object->there, false);
    uint64_t start;
    if (known == NULL || object->there - known->there + object->bytes[FC__THERE] > known->bytes[FC__THERE] ||
        !offset_in(known, FC__THERE, object->there - known->there, &start) ||
        start + object->bytes[FC__HERE] > known->bytes[FC__HERE]) {
        return false;
    }
    *ret_here = known->here + start;
    return true;
}

/* Two copies of the same bytes, and changes of one of them go back. */
static bool would_be_torn(const struct fc__marshal *m, const struct fc__object *object) {
    const uint64_t bytes = object->bytes[FC__THERE];
    return m->is_upcall && object->writes && bytes != 0 &&
           (find(m, FC__THERE, object->there, false) != NULL ||
            reaches_into_another(m, FC__THERE, object->there, bytes));
}

int fc__object_take(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                    const struct fc__scope *scope, uint64_t there, uint64_t *ret_here) {
    struct fc__object object = {.there = there,
                                .shape = pointee->shape,
                                .index = index,
                                .reads = !pointee->is_output,
                                .writes = pointee->writes,
                                .is_theirs = true};
    *ret_here = there;
    if (there == 0 || m->ops->is_native || take_back(m, there, ret_here)) {
        return FC_OK;
    }
    bool is_known = false;
    int known_rc = take_lasting(m, index, pointee, scope, &object, &is_known);
    if (is_known || known_rc != FC_OK) {
        *ret_here = object.here;
        return known_rc;
    }
    if (pointee->extent == FC__EXTENT_STRING && pointee->shape->size[FC__HERE] == 1) {
        const char *text = NULL;
        int rc = m->ops->text(m->context, there, &text);
        *ret_here = (uintptr_t)text;
        return rc;
    }
    int rc = measure_theirs(m, index, pointee, scope, &object);
    if (rc != FC_OK) {
        return rc;
    }
    if (take_again(m, &object, ret_here)) {
        return FC_OK;
    }
    if (would_be_torn(m, &object)) {
        return overlaps(m, index);
    }
    const bool is_shared = m->ops->is_shared(m->context, there, object.bytes[FC__THERE]);
    if (is_shared && object.shape->is_plain) {
        *ret_here = there;
        return FC_OK;
    }
    void *copy = (void *)(uintptr_t)there, *memory = NULL;
    object.is_fetched = !is_shared;
    /* First of all the callee has to have as many bytes as it says: the caller spends no memory on its word. */
    rc = is_shared ? FC_OK : m->ops->fetch(m->context, there, object.bytes[FC__THERE], &copy);
    object.local = copy;
    rc = rc == FC_OK ? m->ops->hold(m->context, there, object.bytes[FC__HERE], &memory) : rc;
    object.here = (uintptr_t)memory;
    if (rc == FC_OK && !m->is_upcall && m->ops->took != NULL && !object.is_ended) {
        rc = m->ops->took(m->context, &object, &object.pristine);
    }
    *ret_here = object.here;
    return rc == FC_OK ? add(m, &object) : rc;
}

/* -- values --------------------------------------------------------------------------------------------------------- */

static void store_changed(unsigned char *to, uint64_t value, unsigned bytes) {
    unsigned char fresh[8];
    memcpy(fresh, &value, sizeof fresh);
    if (memcmp(to, fresh, bytes) != 0) { /* what is not changed may be constant */
        memcpy(to, fresh, bytes);
    }
}

static void copy_changed(unsigned char *to, const unsigned char *from, uint64_t size) {
    if (memcmp(to, from, (size_t)size) != 0) {
        memcpy(to, from, (size_t)size);
    }
}

static int convert_number(struct walk *w, const struct fc__value *type, uint64_t value, uint64_t *ret_value) {
    return w->to == FC__THERE ? fc__value_to_callee(w->m, &w->spot, type, value, ret_value)
                              : fc__value_to_caller(w->m, &w->spot, type, value, ret_value);
}

static int convert_value(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to) {
    const struct fc__value *type = &shape->value;
    uint64_t value, converted = 0;
    if (type->kind == FC__VALUE_LONG_DOUBLE) {
        fc__value_long_double(from, shape->size[w->from], to, shape->size[w->to]);
        return FC_OK;
    }
    if (w->is_output && w->to == FC__THERE && type->exchange == NULL) {
        fc__value_placeholder(w->m, type, from, &converted);
        fc__marshal_store(to, converted, type->callee_bytes);
        return FC_OK;
    }
    value = fc__value_load(from, (unsigned)shape->size[w->from], type->is_signed);
    if (w->is_output && type->exchange == NULL && fc__value_placeholder(w->m, type, to, &converted) &&
        converted == value) {
        return FC_OK; /* not written */
    }
    int rc = convert_number(w, type, value, &converted);
    if (rc == FC_OK) {
        store_changed(to, converted, (unsigned)shape->size[w->to]);
    }
    return rc;
}

static struct fc__value pointer_value_of(const struct fc__marshal *m) {
    return (struct fc__value){.kind = FC__VALUE_POINTER,
                              .caller_bytes = m->plan->caller->pointer_bytes,
                              .callee_bytes = m->plan->callee->pointer_bytes,
                              .type_name = "pointer"};
}

static int convert_function(struct walk *w, const struct fc__shape *shape, uint64_t value, uint64_t *ret_value) {
    struct fc__marshal *m = w->m;
    if (w->to == FC__HERE) {
        return m->ops->function(m->context, shape->callback, value, ret_value);
    }
    if (shape->callback->refused != NULL) {
        char what[FC__SPOT_TEXT_MAX];
        return fc__error_set(m->err, FC_EUNSUPPORTED, "%s of %s can only be NULL: %s", fc__spot_text(m, &w->spot, what),
                             m->plan->name, shape->callback->refused);
    }
    return m->ops->callback(m->context, shape->callback, value, ret_value);
}

/* What the callee has of what the caller's pointer leads to. */
static bool lasting_there(struct fc__marshal *m, uint64_t here, uint64_t *ret_there) {
    struct fc__lasting known;
    bool is_known =
        m->ops->lasting != NULL && m->ops->lasting(m->context, FC__HERE, here, NULL, &known) && !known.is_gone;
    *ret_there = is_known ? known.mapped : 0;
    return is_known;
}

static int convert_pointer(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                           const struct fc__scope *scope) {
    struct fc__marshal *m = w->m;
    const struct fc__value type = pointer_value_of(m);
    const unsigned from_bytes = (unsigned)shape->size[w->from], to_bytes = (unsigned)shape->size[w->to];
    const uint64_t value = fc__value_load(from, from_bytes, false);
    uint64_t converted = 0;
    int rc = FC_OK;
    if (w->is_output && w->to == FC__THERE) {
        fc__value_placeholder(m, &type, from, &converted);
    } else if (w->is_output && fc__value_placeholder(m, &type, to, &converted) && converted == value) {
        return FC_OK; /* not written */
    } else if (value == 0) {
        converted = 0;
    } else if (shape->kind == FC__SHAPE_FUNCTION) {
        rc = convert_function(w, shape, value, &converted);
    } else if (w->to == FC__HERE) {
        rc = fc__object_take(m, w->spot.index, &shape->pointee, scope, value, &converted);
    } else if (!m->is_upcall) {
        rc = fc__object_send(m, w->spot.index, &shape->pointee, scope, value, &converted);
    } else if (!fc__object_find(m, FC__HERE, value, &converted) && !lasting_there(m, value, &converted)) {
        converted = value;
        if (!m->ops->is_shared(m->context, value, 1)) {
            char what[FC__SPOT_TEXT_MAX];
            rc = fc__error_set(m->err, FC_EUNSUPPORTED,
                               "%s of %s was made to point to memory of the caller, which the library cannot keep: "
                               "take that memory from fc_alloc or from the library",
                               fc__spot_text(m, &w->spot, what), m->plan->name);
        }
    }
    if (rc == FC_OK) {
        store_changed(to, converted, to_bytes);
    }
    return rc;
}

/* -- arrays, structs, unions ---------------------------------------------------------------------------------------- */

static bool is_zero(const unsigned char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* All elements, whichever do not fit; the error is the first one's. */
static int convert_elements(struct walk *w, const struct fc__shape *element, uint64_t count, const unsigned char *from,
                            unsigned char *to, const struct fc__scope *scope) {
    struct fc__error *const err = w->m->err, later;
    int first = FC_OK;
    if (element->is_plain) {
        copy_changed(to, from, count * element->size[FC__HERE]);
        return FC_OK;
    }
    for (uint64_t i = 0; i < count; i++) {
        int rc = convert(w, element, from + i * element->size[w->from], to + i * element->size[w->to], scope);
        if (rc != FC_OK && w->to == FC__THERE) {
            return rc;
        }
        if (rc != FC_OK && first == FC_OK) {
            first = rc;
            w->m->err = &later;
        }
    }
    w->m->err = err;
    return first;
}

static int convert_array(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                         const struct fc__scope *scope) {
    const uint64_t mine = shape->count[w->from], theirs = shape->count[w->to];
    const uint64_t both = mine < theirs ? mine : theirs;
    const uint64_t unit = shape->element->size[w->from];
    int rc = convert_elements(w, shape->element, both, from, to, scope);
    if (rc == FC_OK && mine > both && !is_zero(from + both * unit, (mine - both) * unit)) {
        char what[FC__SPOT_TEXT_MAX];
        rc = fc__error_set(w->m->err, FC_ERANGE,
                           "%s of %s is an array of %" PRIu64 " elements on one side and %" PRIu64
                           " on the other, and there is something in the rest",
                           fc__spot_text(w->m, &w->spot, what), w->m->plan->name, mine, theirs);
    }
    return rc;
}

static void store_bits(unsigned char *to, uint64_t value, unsigned bit_offset, unsigned bit_width) {
    for (unsigned i = 0; i < bit_width; i++) {
        const unsigned bit = bit_offset + i;
        const unsigned char mask = (unsigned char)(1u << bit % 8);
        const unsigned char byte = (unsigned char)((value >> i & 1) != 0 ? to[bit / 8] | mask : to[bit / 8] & ~mask);
        if (byte != to[bit / 8]) {
            to[bit / 8] = byte;
        }
    }
}

/* How many elements lie within what is converted, on both sides. */
static uint64_t room_for(const struct walk *w, const struct fc__shape *element, const unsigned char *from,
                         const unsigned char *to) {
    const uint64_t from_room = from < w->end[w->from] ? (uint64_t)(w->end[w->from] - from) : 0;
    const uint64_t to_room = to < w->end[w->to] ? (uint64_t)(w->end[w->to] - to) : 0;
    const uint64_t mine = element->size[w->from] != 0 ? from_room / element->size[w->from] : 0;
    const uint64_t theirs = element->size[w->to] != 0 ? to_room / element->size[w->to] : 0;
    return mine < theirs ? mine : theirs;
}

/* How many there are is what memory says now, which the callee may have changed since the object was measured. */
static int convert_flexible(struct walk *w, const struct fc__shape_field *field, const unsigned char *from,
                            unsigned char *to, const struct fc__scope *scope) {
    const uint64_t room = room_for(w, field->shape, from, to);
    uint64_t count = 0;
    int rc = fc__size_count(w->m, scope, field->count, w->spot.index, field->name, &count);
    if (rc == FC_OK && count > room && !w->is_cut) {
        char what[FC__SPOT_TEXT_MAX];
        rc = fc__error_set(w->m->err, FC_ERANGE, "%s of %s is said to have %" PRIu64 " elements, but has %" PRIu64,
                           fc__spot_text(w->m, &w->spot, what), w->m->plan->name, count, room);
    }
    return rc == FC_OK ? convert_elements(w, field->shape, count < room ? count : room, from, to, scope) : rc;
}

static int convert_field(struct walk *w, const struct fc__shape_field *field, const unsigned char *from,
                         unsigned char *to, const struct fc__scope *scope) {
    from += field->offset[w->from];
    to += field->offset[w->to];
    if (field->bit_width != 0) {
        store_bits(to, fc__value_load_bits(from, field->bit_offset[w->from], field->bit_width, false),
                   field->bit_offset[w->to], field->bit_width);
        return FC_OK;
    }
    return field->is_flexible ? convert_flexible(w, field, from, to, scope) : convert(w, field->shape, from, to, scope);
}

/* What depends on other members comes behind them: their values are then on the caller's side, too. */
static bool comes_late(const struct fc__shape_field *field) {
    return field->is_flexible || field->shape->kind == FC__SHAPE_UNION || field->shape->follows;
}

static int convert_struct(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                          const struct fc__scope *outer) {
    const struct fc__scope scope = {.record = w->from == FC__HERE ? from : to, .key = shape->record, .outer = outer};
    const char *const name = w->spot.field;
    int first = FC_OK;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < shape->field_count; i++) {
            const struct fc__shape_field *field = &shape->fields[i];
            if (field->is_local || comes_late(field) != (pass == 1) || (field->is_flexible && w->is_output)) {
                continue;
            }
            w->spot.field = field->name[0] != '\0' ? field->name : name;
            int rc = convert_field(w, field, from, to, &scope);
            if (rc != FC_OK && w->to == FC__THERE) {
                return rc;
            }
            first = first == FC_OK ? rc : first;
        }
    }
    w->spot.field = name;
    return first;
}

/* The member that counts, as its condition says. */
static int convert_union(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                         const struct fc__scope *outer) {
    const struct fc__scope scope = {.record = w->from == FC__HERE ? from : to, .key = shape->record, .outer = outer};
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        int64_t is_it = 0;
        int rc = field->when != NULL ? fc__size_value(w->m, &scope, field->when, &is_it) : FC_OK;
        if (rc != FC_OK) {
            return rc;
        }
        if (is_it != 0) {
            return field->is_local ? FC_OK : convert_field(w, field, from, to, &scope);
        }
    }
    return FC_OK;
}

static int convert(struct walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                   const struct fc__scope *scope) {
    if (shape->is_plain) {
        copy_changed(to, from, shape->size[FC__HERE]);
        return FC_OK;
    }
    switch (shape->kind) {
    case FC__SHAPE_VALUE:
        return convert_value(w, shape, from, to);
    case FC__SHAPE_POINTER:
    case FC__SHAPE_FUNCTION:
        return convert_pointer(w, shape, from, to, scope);
    case FC__SHAPE_ARRAY:
        return convert_array(w, shape, from, to, scope);
    case FC__SHAPE_STRUCT:
        return convert_struct(w, shape, from, to, scope);
    default:
        return convert_union(w, shape, from, to, scope);
    }
}

int fc__object_convert(struct fc__marshal *m, uint32_t index, enum fc__side to_side, const struct fc__shape *shape,
                       const unsigned char *from, unsigned char *to) {
    struct walk w = {.m = m,
                     .from = to_side == FC__HERE ? FC__THERE : FC__HERE,
                     .to = to_side,
                     .is_cut = true, /* as in C, where a struct is passed without it */
                     .spot = {.what = to_side == FC__HERE ? FC__SPOT_OUTPUT : FC__SPOT_ARGUMENT, .index = index}};
    w.end[w.from] = from + shape->size[w.from];
    w.end[w.to] = to + shape->size[w.to];
    if (m->ops->is_native) {
        memcpy(to, from, (size_t)shape->size[FC__HERE]);
        return FC_OK;
    }
    return convert(&w, shape, from, to, NULL);
}

/* -- filling -------------------------------------------------------------------------------------------------------- */

/* An object's elements from one side to the other. The list may move while they are converted. */
static int transfer(struct fc__marshal *m, const struct fc__object *object, enum fc__side to_side, uint64_t count) {
    struct walk w = {.m = m,
                     .from = to_side == FC__HERE ? FC__THERE : FC__HERE,
                     .to = to_side,
                     .is_output = object->is_output,
                     .spot = {.what = to_side == FC__HERE ? FC__SPOT_OUTPUT : FC__SPOT_ARGUMENT,
                              .index = object->index,
                              .is_inner = true}};
    const struct fc__scope scope = {.record = object->record, .key = object->record_key};
    unsigned char *const here = (unsigned char *)(uintptr_t)object->here;
    w.is_cut = to_side == FC__HERE && !object->is_theirs; /* functions that need more room report it so */
    w.end[FC__HERE] = here + object->bytes[FC__HERE];
    w.end[FC__THERE] = object->local + object->bytes[FC__THERE];
    if (object->shape->is_plain) { /* counted in bytes, perhaps */
        const uint64_t bytes = object->count != 0 ? object->bytes[FC__HERE] / object->count * count : 0;
        if (to_side == FC__HERE) {
            copy_changed(here, object->local, bytes);
        } else {
            memcpy(object->local, here, (size_t)bytes);
        }
        return FC_OK;
    }
    if (to_side == FC__THERE && !object->is_theirs && !object->is_lasting) {
        memset(object->local, 0, (size_t)object->bytes[FC__THERE]); /* what is between the members */
    }
    return to_side == FC__HERE ? convert_elements(&w, object->shape, count, object->local, here, &scope)
                               : convert_elements(&w, object->shape, count, here, object->local, &scope);
}

/* The library's own object, of which the caller has a copy: what the caller did not touch is left alone, since the
 * library may have changed it since. */
static int fill_theirs(struct fc__marshal *m, const struct fc__object *object) {
    const void *const here = (const void *)(uintptr_t)object->here;
    const uint64_t size = object->bytes[FC__THERE], local = (uintptr_t)object->local;
    if (object->pristine != NULL && memcmp(here, object->pristine, (size_t)object->bytes[FC__HERE]) == 0) {
        return FC_OK;
    }
    int rc = object->is_remote ? m->ops->copy(m->context, object->there, local, size) : FC_OK;
    rc = rc == FC_OK ? transfer(m, object, FC__THERE, object->count) : rc;
    rc = rc == FC_OK && object->is_remote ? m->ops->copy(m->context, local, object->there, size) : rc;
    if (rc == FC_OK && object->pristine != NULL) {
        memcpy(object->pristine, here, (size_t)object->bytes[FC__HERE]);
    }
    return rc;
}

static int fill(struct fc__marshal *m, const struct fc__object *object) {
    unsigned char *const here = (unsigned char *)(uintptr_t)object->here;
    if (!object->is_theirs) {
        return object->pristine != NULL || object->is_remote ? fill_theirs(m, object)
                                                             : transfer(m, object, FC__THERE, object->count);
    }
    int rc = transfer(m, object, FC__HERE, object->count);
    if (object->is_ended && object->count != 0) { /* whatever the host did meanwhile */
        memset(here + (object->count - 1) * object->shape->size[FC__HERE], 0, (size_t)object->shape->size[FC__HERE]);
    }
    if (object->pristine != NULL) {
        memcpy(object->pristine, here, (size_t)object->bytes[FC__HERE]);
    }
    return rc;
}

int fc__objects_fill(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    bool again = true;
    while (again) { /* what was filled may turn out to be read as well */
        again = false;
        for (uint32_t i = m->first_object; i < objects->count; i++) {
            struct fc__object *object = &objects->list[i];
            if (object->is_filled) {
                continue;
            }
            again = true;
            object->is_filled = true;
            const struct fc__object copy = *object;
            int rc = copy.reads ? fill(m, &copy) : FC_OK;
            if (rc != FC_OK) {
                return rc;
            }
        }
    }
    return FC_OK;
}

static int bring_back(struct fc__marshal *m, const struct fc__object *object, uint64_t count) {
    void *const here = (void *)(uintptr_t)object->here;
    int rc = object->is_remote
                 ? m->ops->copy(m->context, object->there, (uintptr_t)object->local, object->bytes[FC__THERE])
                 : FC_OK;
    rc = rc == FC_OK ? transfer(m, object, FC__HERE, count) : rc;
    if (object->pristine != NULL) {
        memcpy(object->pristine, here, (size_t)object->bytes[FC__HERE]);
    }
    return rc;
}

int fc__object_return(struct fc__marshal *m, const struct fc__lasting *lasting) {
    const struct fc__object object = {.here = lasting->here,
                                      .there = lasting->there,
                                      .bytes = {lasting->bytes[FC__HERE], lasting->bytes[FC__THERE]},
                                      .count = lasting->count,
                                      .shape = lasting->shape,
                                      .local = (unsigned char *)(uintptr_t)lasting->there};
    m->is_deep = true;
    m->first_object = m->objects->count;
    int rc = transfer(m, &object, FC__HERE, object.count);
    rc = rc == FC_OK ? fc__objects_fill(m) : rc;
    fc__marshal_forget(m);
    return rc;
}

int fc__objects_bring_back(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    struct fc__error *const err = m->err, later;
    int first = FC_OK;
    const uint32_t sent = objects->count;
    /* Objects of a length that the callee decides come last: the others hold those lengths. */
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            first = fc__marshal_judge(m, first);
        }
        for (uint32_t i = m->first_object; i < sent; i++) {
            const struct fc__object copy = objects->list[i];
            uint64_t count = copy.count;
            const bool is_late = copy.valid != NULL || (!copy.reads && !copy.is_lasting);
            if (!copy.writes || copy.is_theirs || is_late != (pass == 1) || (is_late && m->has_failed)) {
                continue;
            }
            const struct fc__scope scope = {.record = copy.record, .key = copy.record_key};
            int rc = fc__size_valid(m, &scope, copy.valid, copy.count, &count);
            rc = rc == FC_OK ? bring_back(m, &copy, count) : rc;
            if (rc != FC_OK && first == FC_OK) {
                first = rc;
                m->err = &later;
            }
        }
    }
    m->err = err;
    return first;
}

int fc__objects_give_back(struct fc__marshal *m) {
    struct fc__objects *objects = m->objects;
    for (uint32_t i = m->first_object; i < objects->count; i++) {
        const struct fc__object copy = objects->list[i];
        if (!copy.writes || !copy.is_theirs) {
            continue;
        }
        int rc = transfer(m, &copy, FC__THERE, copy.count);
        if (rc == FC_OK && copy.is_fetched) {
            rc = m->ops->give_back(m->context, copy.there, copy.bytes[FC__THERE], copy.local);
        }
        if (rc != FC_OK) {
            return rc;
        }
    }
    return FC_OK;
}
