#include "abi/object_parts.h"
#include "abi/own.h"

#include "base/change.h"
#include "base/checked.h"

#include <string.h>

/* Looks at one element of the callee's after the other: those of a page are fetched at once, since what comes behind it
 * need not be there. */
struct reader {
    uint64_t from, len; /* what `bytes` is a copy of */
    const unsigned char *bytes;
};
static int read_element(struct fc__marshal *m, struct reader *reader, uint64_t address, const struct fc__shape *shape,
                        const unsigned char **ret_element) {
    enum { PAGE = 4096 };
    const uint64_t size = shape->size[FC__THERE];
    if (m->ops->is_shared(m->context, address, size)) {
        *ret_element = (const unsigned char *)(uintptr_t)address;
        return FC_OK;
    }
    if (reader->len < size || address - reader->from > reader->len - size) {
        void *copy = NULL;
        const uint64_t len = size + (PAGE - 1) - (address + size - 1) % PAGE;
        int rc = m->ops->fetch(m->context, address, len, &copy);
        if (rc != FC_OK) {
            return rc;
        }
        *reader = (struct reader){.from = address, .len = len, .bytes = copy};
    }
    *ret_element = reader->bytes + (address - reader->from);
    return FC_OK;
}

/* How many elements there are up to the end, with it; but no more than `most`. */
static int count_theirs(struct fc__marshal *m, struct reader *reader, const struct fc__pointee *pointee, uint64_t there,
                        uint64_t most, uint64_t *ret_count) {
    const struct fc__shape *shape = pointee->shape;
    const uint64_t size = shape->size[FC__THERE];
    const bool is_texts =
        pointee->extent == FC__EXTENT_LIST && shape->kind == FC__SHAPE_VALUE && shape->value.kind != FC__VALUE_POINTER;
    bool was_zero = is_texts; /* an empty list of texts is one zero */
    uint64_t n = 0;
    while (n < most) {
        const unsigned char *element;
        int rc = read_element(m, reader, there + n * size, shape, &element);
        if (rc != FC_OK) {
            return rc;
        }
        const bool is_zero = fc__element_is_zero(shape, FC__THERE, element);
        n++;
        if (is_zero && (was_zero || !is_texts)) {
            break;
        }
        was_zero = is_zero;
    }
    *ret_count = n;
    return FC_OK;
}

/* How many bytes so many characters of UTF-8 have, or those up to the end, with it; as the library skips them. */
static int count_characters(struct fc__marshal *m, struct reader *reader, const struct fc__shape *shape, uint64_t there,
                            uint64_t most, uint64_t *ret_count) {
    uint64_t n = 0, characters = 0;
    bool is_long = false; /* the one before: bytes that go on may follow */
    for (;; n++) {
        const unsigned char *element;
        int rc = characters < most || is_long ? read_element(m, reader, there + n, shape, &element) : FC_OK;
        if (rc != FC_OK) {
            return rc;
        }
        if (is_long && (*element & 0xc0) == 0x80) {
            continue;
        }
        if (characters == most) {
            break;
        }
        characters++;
        is_long = *element >= 0xc0;
        if (*element == 0) {
            n++;
            break;
        }
    }
    *ret_count = n;
    return FC_OK;
}

/* The function finds in its own memory what the callee wrote to that which it keeps of it. */
static int refresh(struct fc__marshal *m, const struct fc__pointee *pointee, const struct fc__scope *scope,
                   const struct fc__lasting *known, struct fc__object *object) {
    const uint64_t offset = object->there - known->there;
    int rc = fc__object_measure_theirs(m, object->index, pointee, scope, object);
    const uint64_t bytes = object->bytes[FC__THERE];
    if (rc == FC_OK && offset <= known->bytes[FC__THERE] && bytes <= known->bytes[FC__THERE] - offset) {
        fc__change_copy((unsigned char *)(uintptr_t)object->here, (const unsigned char *)(uintptr_t)object->there, NULL,
                        bytes);
    }
    return rc;
}

/* An object of the caller's that the callee got earlier, or one of the callee's that the caller has a copy of. */
static int take_lasting(struct fc__marshal *m, const struct fc__pointee *pointee, const struct fc__scope *scope,
                        struct fc__object *object, bool *ret_known) {
    struct fc__lasting known;
    if (m->ops->lasting == NULL || !m->ops->lasting(m->context, FC__THERE, object->there, NULL, &known) ||
        known.is_gone || (known.life == FC__LIFE_TAKEN && !(known.is_handle && object->there == known.there))) {
        return FC_OK;
    }
    if (known.life == FC__LIFE_TAKEN) { /* to be brought up to date */
        object->here = known.here;
        object->pristine = known.pristine;
        object->bytes[FC__HERE] = known.bytes[FC__HERE];
        return FC_OK;
    }
    const struct fc__object whole = {
        .here = known.here, .there = known.there, .count = known.count, .shape = known.shape};
    const uint64_t offset = object->there - known.there;
    if (object->shape->follows && fc__object_is_in_union(&whole, offset) &&
        !fc__object_begins(&whole, offset, object->shape)) {
        return FC_OK;
    }
    *ret_known = true;
    object->here = known.mapped;
    if (known.life == FC__LIFE_PINNED && object->there == known.there && (m->is_upcall || pointee->is_pinned)) {
        /* What the function sees of it, and changes; or what the library has made of it that hands it back. */
        object->shape = known.shape;
        object->count = known.count;
        memcpy(object->bytes, known.bytes, sizeof object->bytes);
        object->local = (unsigned char *)(uintptr_t)known.there;
        object->reads = true;
        object->writes = m->is_upcall;
        object->is_lasting = true;
        return fc__objects_add(m, object);
    }
    const bool is_written = known.life == FC__LIFE_KEPT && known.writes && known.shape->is_plain;
    return m->is_upcall && is_written && object->shape->is_plain ? refresh(m, pointee, scope, &known, object) : FC_OK;
}

/* How far a struct runs on behind its end is said by its own members: they are looked at first. */
static int measure_flexible(struct fc__marshal *m, struct fc__object *object) {
    const struct fc__shape *shape = object->shape;
    const uint64_t size = shape->size[FC__HERE];
    _Alignas(16) unsigned char few[512] = {0};
    void *theirs = (void *)(uintptr_t)object->there, *record = few;
    int rc = m->ops->is_shared(m->context, object->there, shape->size[FC__THERE])
                 ? FC_OK
                 : m->ops->fetch(m->context, object->there, shape->size[FC__THERE], &theirs);
    rc = rc == FC_OK && size > sizeof few ? m->ops->hold(m->context, 0, size, false, &record) : rc;
    rc = rc == FC_OK ? fc__convert_numbers(m, object->index, shape, theirs, record) : rc;
    return rc == FC_OK ? fc__object_add_flexible(m, object->index, shape, record, object->bytes) : rc;
}

/* How many elements the callee's pointer leads to, going by the caller's values. */
int fc__object_measure_theirs(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                              const struct fc__scope *scope, struct fc__object *object) {
    object->is_ended = pointee->extent == FC__EXTENT_STRING || pointee->extent == FC__EXTENT_LIST;
    struct reader reader = {0};
    int rc = object->is_ended ? count_theirs(m, &reader, pointee, object->there, UINT64_MAX, &object->count)
                              : fc__size_count(m, scope, pointee->capacity, index, NULL, &object->count);
    const bool is_text = object->shape->text != FC__TEXT_NONE;
    for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
        const uint64_t unit = pointee->extent == FC__EXTENT_BYTES ? 1 : object->shape->size[side];
        const uint64_t count =
            is_text && side == FC__HERE ? fc__object_text_units(object->shape, object->count) : object->count;
        if (!fc__mul_u64(count, unit, &object->bytes[side]) || object->bytes[side] > UINTPTR_MAX / 2) {
            rc = fc__object_too_large(m, index);
        }
    }
    return rc == FC_OK && object->count == 1 && fc__object_flexible(object->shape) != NULL ? measure_flexible(m, object)
                                                                                           : rc;
}

/* Whether a pointer to the end of what was sent is one into it. Just behind an object of the library's own, of which the
 * caller has a copy, another one may begin. */
static bool has_end(const struct fc__marshal *m, const struct fc__object *object) {
    struct fc__lasting known;
    return !object->is_lasting || m->ops->lasting == NULL ||
           !m->ops->lasting(m->context, FC__HERE, object->here, object->bytes, &known) ||
           known.life != FC__LIFE_TAKEN ||
           known.there + known.bytes[FC__THERE] > object->there + object->bytes[FC__THERE];
}

/* A pointer to or just behind one of the caller's own: that is what it was given. Bytes that the callee wrote are no
 * pointers of the caller's, whatever it says that they are. */
bool fc__object_take_back(const struct fc__marshal *m, const struct fc__shape *shape, uint64_t there,
                          uint64_t *ret_here) {
    const struct fc__object *object = fc__objects_at(m, FC__THERE, there, true);
    if (object == NULL || object->is_theirs) {
        return false;
    }
    const bool is_end = there - object->there == object->bytes[FC__THERE];
    const bool is_in_it =
        is_end ? has_end(m, object) : !shape->follows || fc__object_begins(object, there - object->there, shape);
    return is_in_it && fc__object_find(m, FC__THERE, there, ret_here);
}

/* Another pointer into what was taken already, if all that it leads to is there: adjacent ones are not one. */
static bool take_again(struct fc__marshal *m, const struct fc__object *object, uint64_t *ret_here) {
    struct fc__object *known = fc__objects_at(m, FC__THERE, object->there, false);
    uint64_t start;
    if (known != NULL && fc__object_is_in_union(known, object->there - known->there)) {
        if (fc__object_settle(m, known->here) != FC_OK) { /* which says what counts */
            return false;
        }
        known = fc__objects_at(m, FC__THERE, object->there, false);
    }
    if (known == NULL ||
        !((known->shape->is_plain && object->shape->is_plain) ||
          fc__object_begins(known, object->there - known->there, object->shape)) ||
        object->there - known->there + object->bytes[FC__THERE] > known->bytes[FC__THERE] ||
        !fc__object_offset(known, FC__THERE, object->there - known->there, &start) ||
        start + object->bytes[FC__HERE] > known->bytes[FC__HERE]) {
        return false;
    }
    if (m->is_upcall && object->writes && known->local == NULL) { /* a text, which so far was only read */
        void *copy = NULL;
        if (m->ops->fetch(m->context, known->there, known->bytes[FC__THERE], &copy) != FC_OK) {
            return false;
        }
        known->local = copy;
        known->is_fetched = known->reads = true;
    }
    known->writes = known->writes || object->writes;
    *ret_here = known->here + start;
    return true;
}

/* Whether a part of it was taken already. */
static bool is_shared_with_another(const struct fc__marshal *m, const struct fc__object *object) {
    const uint64_t bytes = object->bytes[FC__THERE];
    return bytes != 0 && (fc__objects_at(m, FC__THERE, object->there, false) != NULL ||
                          fc__object_reaches_another(m, FC__THERE, object->there, bytes));
}

/* A text in what this upcall has taken already, or the rest of one, is found there: equal pointers stay equal, and the
 * function may change it there. It ends in what was taken, and not where the host says so later. */
static bool take_text_again(struct fc__marshal *m, uint64_t there, uint64_t *ret_here) {
    const struct fc__object *known =
        m->is_upcall && m->objects->count != m->first_object ? fc__objects_at(m, FC__THERE, there, false) : NULL;
    if (known == NULL || !known->is_theirs || known->is_lasting || !known->shape->is_plain ||
        !(known->reads || known->is_filled)) {
        return false;
    }
    const uint64_t offset = there - known->there, bytes = known->bytes[FC__HERE], here = known->here;
    if (offset >= bytes || fc__object_settle(m, here) != FC_OK ||
        memchr((const unsigned char *)(uintptr_t)here + offset, 0, (size_t)(bytes - offset)) == NULL) {
        return false;
    }
    *ret_here = here + offset;
    return true;
}

/* A copy of a text, so that the pointer to it is known on its way back. */
static int note_text(struct fc__marshal *m, struct fc__object *object) {
    if (m->ops->is_shared(m->context, object->here, 1)) {
        return FC_OK;
    }
    object->count = (uint64_t)strlen((const char *)(uintptr_t)object->here) + 1;
    object->bytes[FC__HERE] = object->bytes[FC__THERE] = object->count;
    if (m->may_join && fc__object_reaches_another(m, FC__THERE, object->there, object->count)) {
        return fc__object_join_theirs(m, object);
    }
    object->reads = object->writes = false;
    object->is_filled = object->is_ended = true;
    return fc__objects_add(m, object);
}

struct fc__object fc__object_of_theirs(const struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                                       uint64_t there) {
    const struct fc__shape *shape = pointee->shape;
    return (struct fc__object){.there = there,
                               .shape = shape,
                               .index = index,
                               .reads = !pointee->is_output || (m->is_upcall && pointee->reads && shape->is_plain),
                               .writes = pointee->writes,
                               .outlives = !m->is_upcall || m->outlives || pointee->is_pinned,
                               .is_handle = pointee->is_pinned,
                               .is_theirs = true};
}

/* A part of what a call in flight has sent is the caller's own, which the function finds as the callee has made it. What
 * the callee was not to write to is as it was; where it is not, a copy of it is no part of the caller's. */
bool fc__object_find_own(struct fc__marshal *m, struct fc__object *object) {
    const void *theirs = (const void *)(uintptr_t)object->there;
    struct fc__own own;
    if (!m->is_upcall || object->here != 0 || object->outlives || m->ops->own == NULL ||
        !m->ops->own(m->context, object, &own) ||
        (!own.writes && object->shape->is_plain &&
         memcmp((const void *)(uintptr_t)own.here, theirs, (size_t)object->bytes[FC__THERE]) != 0)) {
        return false;
    }
    object->here = own.here;
    object->reads = object->reads && own.writes;
    object->is_filled = !object->reads;
    return true;
}

int fc__object_take_measured(struct fc__marshal *m, struct fc__object *object, uint64_t *ret_here) {
    const uint64_t there = object->there;
    if (take_again(m, object, ret_here)) {
        return FC_OK;
    }
    const bool is_own = fc__object_find_own(m, object);
    /* Two copies of the same bytes would be torn if changes of one of them go back. */
    const bool is_written = m->is_upcall && object->writes, meets = is_written && is_shared_with_another(m, object);
    const bool is_in_place =
        !is_own && object->shape->is_plain && m->ops->is_shared(m->context, there, object->bytes[FC__THERE]);
    if (meets && !(is_in_place && fc__object_meets_no_copy(m, object))) {
        return fc__object_join_theirs(m, object);
    }
    if (is_in_place) {
        *ret_here = there;
        return is_written && !meets && object->bytes[FC__THERE] != 0 ? fc__object_add_in_place(m, object) : FC_OK;
    }
    const bool is_shared = m->ops->is_shared(m->context, there, object->bytes[FC__THERE]);
    void *copy = (void *)(uintptr_t)there, *memory = NULL;
    object->is_fetched = !is_shared;
    /* First of all the callee has to have as many bytes as it says: the caller spends no memory on its word. */
    int rc = is_shared ? FC_OK : m->ops->fetch(m->context, there, object->bytes[FC__THERE], &copy);
    object->local = copy;
    if (object->here == 0) {
        rc = rc == FC_OK ? m->ops->hold(m->context, there, object->bytes[FC__HERE], object->outlives, &memory) : rc;
        object->here = (uintptr_t)memory;
    }
    const bool stands_for_it = !object->is_ended || object->shape->text != FC__TEXT_NONE;
    if (rc == FC_OK && object->outlives && m->ops->took != NULL && stands_for_it) {
        rc = m->ops->took(m->context, object, &object->pristine);
    }
    *ret_here = object->here;
    return rc == FC_OK ? fc__objects_add(m, object) : rc;
}

int fc__object_take_text(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee, uint64_t most,
                         bool is_characters, uint64_t there, uint64_t *ret_here) {
    const struct fc__shape *shape = pointee->shape;
    const uint64_t unit = shape->size[FC__THERE];
    struct reader reader = {0};
    uint64_t count = 0;
    void *theirs = (void *)(uintptr_t)there, *copy = NULL, *memory = NULL;
    *ret_here = 0;
    int rc = there == 0      ? FC_OK
             : is_characters ? count_characters(m, &reader, shape, there, most, &count)
                             : count_theirs(m, &reader, pointee, there, most, &count);
    const uint64_t bytes = count * unit;
    if (rc != FC_OK || there == 0) {
        return rc;
    }
    if (reader.from == there && bytes <= reader.len) {
        theirs = (void *)(uintptr_t)reader.bytes;
    } else if (!m->ops->is_shared(m->context, there, bytes)) {
        rc = m->ops->fetch(m->context, there, bytes, &theirs);
    }
    rc = rc == FC_OK ? m->ops->hold(m->context, 0, bytes + unit, false, &copy) : rc; /* a zero one behind them */
    if (rc == FC_OK) {
        memcpy(copy, theirs, (size_t)bytes);
    }
    if (rc != FC_OK || shape->text == FC__TEXT_NONE) {
        *ret_here = (uintptr_t)copy;
        return rc;
    }
    struct fc__object object = {.there = there, .local = copy, .shape = shape, .index = index, .reads = true};
    object.bytes[FC__THERE] = bytes + unit;
    object.bytes[FC__HERE] = fc__object_text_units(shape, count + 1) * shape->size[FC__HERE];
    rc = m->ops->hold(m->context, 0, object.bytes[FC__HERE], false, &memory);
    object.here = *ret_here = (uintptr_t)memory;
    const struct fc__walk walk = {
        .m = m, .from = FC__THERE, .to = FC__HERE, .spot = {.what = FC__SPOT_OUTPUT, .index = index}};
    return rc == FC_OK ? fc__object_text_transfer(&walk, &object, 0) : rc;
}

/* A text that is a part of the caller's own, with its end. */
static bool is_own_text(struct fc__marshal *m, const struct fc__pointee *pointee, const struct fc__object *text) {
    struct fc__object first = *text, all = *text;
    first.bytes[FC__HERE] = first.bytes[FC__THERE] = 1;
    return fc__object_find_own(m, &first) && fc__object_measure_theirs(m, text->index, pointee, NULL, &all) == FC_OK &&
           fc__object_find_own(m, &all);
}

int fc__object_take(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                    const struct fc__scope *scope, uint64_t there, uint64_t *ret_here) {
    struct fc__object object = fc__object_of_theirs(m, index, pointee, there);
    *ret_here = there;
    if (there == 0 || m->ops->is_native || fc__object_take_back(m, pointee->shape, there, ret_here)) {
        return FC_OK;
    }
    bool is_known = false;
    int known_rc = take_lasting(m, pointee, scope, &object, &is_known);
    if (is_known || known_rc != FC_OK) {
        *ret_here = object.here;
        return known_rc;
    }
    const bool is_written = m->is_upcall && pointee->writes;
    if (pointee->extent == FC__EXTENT_STRING && pointee->shape->is_plain && pointee->shape->size[FC__HERE] == 1 &&
        !is_written && !is_own_text(m, pointee, &object)) {
        const char *text = NULL;
        if (take_text_again(m, there, ret_here)) {
            return FC_OK;
        }
        int rc = m->ops->text(m->context, there, &text);
        *ret_here = object.here = (uintptr_t)text;
        return rc == FC_OK && m->is_upcall ? note_text(m, &object) : rc;
    }
    const uint64_t room = object.bytes[FC__HERE];
    int rc = fc__object_measure_theirs(m, index, pointee, scope, &object);
    if (rc != FC_OK) {
        return rc;
    }
    if (object.bytes[FC__HERE] > room) { /* larger than the copy that there is */
        object.here = 0;
        object.pristine = NULL;
    }
    return fc__object_take_measured(m, &object, ret_here);
}
