#include "abi/object_parts.h"

#include "base/checked.h"

#include <string.h>

int fc__object_too_large(const struct fc__marshal *m, uint32_t index) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_ENOMEM, "what %s of %s points to is larger than an address space",
                         fc__argument_text(m, index, what), m->plan->name);
}

const struct fc__shape_field *fc__object_flexible(const struct fc__shape *shape) {
    for (uint32_t i = shape->kind == FC__SHAPE_STRUCT ? shape->field_count : 0; i > 0; i--) {
        if (shape->fields[i - 1].is_flexible) {
            return &shape->fields[i - 1];
        }
    }
    return NULL;
}

static uint64_t text_elements(const unsigned char *text, const struct fc__shape *shape) {
    const uint64_t size = shape->size[FC__HERE];
    uint64_t n = 0;
    if (size == 1) {
        return (uint64_t)strlen((const char *)text) + 1;
    }
    while (!fc__element_is_zero(shape, FC__HERE, text + n * size)) { /* which may be aligned to nothing */
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

int fc__object_add_flexible(struct fc__marshal *m, uint32_t index, const struct fc__shape *shape,
                            const unsigned char *record, uint64_t inout_bytes[2]) {
    const struct fc__shape_field *flexible = fc__object_flexible(shape);
    const struct fc__scope own = {.record = record, .key = shape->record};
    uint64_t more = 0;
    int rc = flexible != NULL ? fc__size_count(m, &own, flexible->count, index, flexible->name, &more) : FC_OK;
    for (enum fc__side side = FC__HERE; flexible != NULL && rc == FC_OK && side <= FC__THERE; side++) {
        uint64_t end;
        if (!fc__mul_u64(more, flexible->shape->size[side], &end) || !fc__add_u64(end, flexible->offset[side], &end) ||
            end > UINTPTR_MAX / 2) {
            return fc__object_too_large(m, index);
        }
        inout_bytes[side] = end > inout_bytes[side] ? end : inout_bytes[side];
    }
    return rc;
}

/* The elements of the caller's, and their bytes on both sides. */
static int measure(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                   const struct fc__scope *scope, uint64_t here, uint64_t *ret_count, uint64_t ret_bytes[2]) {
    const struct fc__shape *shape = pointee->shape;
    const unsigned char *data = (const unsigned char *)(uintptr_t)here;
    uint64_t count = 1, capacity;
    int rc = FC_OK;
    if (pointee->extent == FC__EXTENT_STRING) {
        count = text_elements(data, shape);
    } else if (pointee->extent == FC__EXTENT_LIST) {
        count = list_elements(shape, FC__HERE, data);
    } else {
        rc = fc__size_count(m, scope, pointee->capacity, index, NULL, &count);
    }
    capacity = count;
    if (rc == FC_OK && pointee->is_bounded) {
        count = bounded_elements(shape, data, count);
    }
    if (rc == FC_OK && shape->text != FC__TEXT_NONE) {
        *ret_count = count;
        return fc__object_text_measure(m, index, pointee, data, count, capacity, ret_bytes);
    }
    for (enum fc__side side = FC__HERE; rc == FC_OK && side <= FC__THERE; side++) {
        const uint64_t unit = pointee->extent == FC__EXTENT_BYTES ? 1 : shape->size[side];
        if (!fc__mul_u64(count, unit, &ret_bytes[side]) || ret_bytes[side] > UINTPTR_MAX / 2) {
            rc = fc__object_too_large(m, index);
        }
    }
    if (rc == FC_OK && count == 1 && !pointee->is_output) {
        rc = fc__object_add_flexible(m, index, shape, data, ret_bytes);
    }
    *ret_count = count;
    return rc;
}

/* -- from here to there -------------------------------------------------------------------------------------------- */

int fc__object_overlaps(const struct fc__marshal *m, uint32_t index) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EUNSUPPORTED,
                         "%s of %s leads to memory that another argument or member leads to as well, with other bounds "
                         "or as another type, so that it cannot be one object there",
                         fc__argument_text(m, index, what), m->plan->name);
}

/* How memory that partly is another object's, with `bytes` on this side, becomes one object with it: the call is sent
 * anew, beginning with that. */
static int join(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee, uint64_t here,
                uint64_t bytes) {
    struct fc__joined whole = {here, here + bytes, pointee->shape->alignment[FC__THERE]};
    bool is_plain = m->may_join && pointee->shape->is_plain && !pointee->is_pinned && pointee->kept_until == NULL;
    for (uint32_t i = m->first_object; is_plain && i < m->objects->count; i++) {
        const struct fc__object *other = &m->objects->list[i];
        const uint64_t end = other->here + other->bytes[FC__HERE];
        if (other->here < whole.to && end > whole.from) {
            is_plain = other->shape->is_plain && !other->is_lasting && !other->is_theirs;
            whole.from = other->here < whole.from ? other->here : whole.from;
            whole.to = end > whole.to ? end : whole.to;
            const uint64_t alignment = other->shape->alignment[FC__THERE];
            whole.alignment = whole.alignment > alignment ? whole.alignment : alignment;
        }
    }
    /* One such piece is as many as there may be. */
    const uint64_t had = m->joined.to - m->joined.from;
    if (!is_plain || (had != 0 && (whole.from > m->joined.from || whole.to < m->joined.to)) ||
        whole.to - whole.from == had) {
        return fc__object_overlaps(m, index);
    }
    m->joined = whole;
    return FC__JOIN;
}

static bool begins_at(const struct fc__object *object, const struct fc__shape *shape, uint64_t offset) {
    const uint64_t size = object->shape->size[FC__HERE];
    const uint64_t index = object->count > 1 && size != 0 ? offset / size : 0;
    return fc__shape_begins(object->shape, FC__HERE, offset - index * size,
                            (const unsigned char *)(uintptr_t)(object->here + index * size), shape);
}

/* Elements of a shape, the first and the last of which begin there: what comes behind them may be farther away on one
 * side. */
static bool is_a_part(const struct fc__object *object, const struct fc__shape *shape, uint64_t offset, uint64_t start,
                      const uint64_t bytes[2]) {
    const uint64_t size = shape->size[FC__HERE], count = size != 0 ? bytes[FC__HERE] / size : 0;
    uint64_t last;
    return count != 0 && shape->text == FC__TEXT_NONE && object->shape->text == FC__TEXT_NONE &&
           bytes[FC__HERE] == count * size && bytes[FC__THERE] == count * shape->size[FC__THERE] &&
           begins_at(object, shape, offset) && begins_at(object, shape, offset + (count - 1) * size) &&
           fc__object_offset(object, FC__HERE, offset + (count - 1) * size, &last) &&
           last - start == (count - 1) * shape->size[FC__THERE];
}

/* Another pointer into what is there already. */
static int send_again(struct fc__marshal *m, uint32_t index, struct fc__object *object,
                      const struct fc__pointee *pointee, uint64_t here, const uint64_t bytes[2], uint64_t *ret_there) {
    const uint64_t offset = here - object->here;
    uint64_t start, end;
    if (offset + bytes[FC__HERE] > object->bytes[FC__HERE] || !fc__object_offset(object, FC__HERE, offset, &start) ||
        !(is_a_part(object, pointee->shape, offset, start, bytes) ||
          (fc__object_offset(object, FC__HERE, offset + bytes[FC__HERE], &end) && end - start == bytes[FC__THERE]))) {
        return join(m, index, pointee, here, bytes[FC__HERE]);
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

int fc__object_place(struct fc__marshal *m, uint64_t alignment, struct fc__object *object) {
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

int fc__object_is_gone(const struct fc__marshal *m, uint32_t index) {
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
    bool is_known =
        m->ops->lasting != NULL && m->ops->lasting(m->context, FC__HERE, object->here, object->bytes, &known);
    is_known = is_known && (pointee->shape->text == FC__TEXT_NONE || known.life != FC__LIFE_TAKEN); /* it is read */
    const bool is_theirs = is_known && known.life == FC__LIFE_TAKEN; /* the library need not be told where it is */
    const bool is_kept =
        pointee->kept_until != NULL && (pointee->kept_by == 0 || fc__marshal_is_function(m, pointee->kept_by - 1));
    if (!is_theirs && (pointee->is_pinned || is_kept)) {
        object->is_given = is_kept && pointee->kept_by != 0;
        const bool begins = (m->plan->begins && pointee->writes) || m->is_upcall; /* what a function gives is new */
        rc = pointee->is_pinned ? m->ops->pin(m->context, object, begins, &object->there)
                                : m->ops->keep(m->context, object, pointee->kept_until, &object->there);
        object->local = (unsigned char *)(uintptr_t)object->there;
        object->is_lasting = true;
        if (pointee->is_pinned && !(pointee->is_output && m->plan->begins)) {
            object->is_unfollowed = pointee->is_output || m->plan->ends || (m->plan->begins && !pointee->writes);
            object->reads = true;
            object->is_output = false;
        }
        return rc;
    }
    if (!is_known || (known.is_gone && !is_theirs)) {
        return fc__object_place(m, pointee->shape->alignment[FC__THERE], object);
    }
    return known.is_gone ? fc__object_is_gone(m, object->index) : place_at_theirs(m, &known, object);
}

/* What an upcall's function was given, or the call that it came from, is the callee's own there. */
static bool is_theirs_already(const struct fc__marshal *m, uint64_t here, uint64_t *ret_there) {
    const struct fc__object *known = fc__objects_at(m, FC__HERE, here, true);
    return (known == NULL || known->is_theirs) && fc__object_find_any(m, FC__HERE, here, ret_there);
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
                                .copied_from = pointee->copy_of != 0 ? m->slots[pointee->copy_of - 1] : 0,
                                .record = scope != NULL ? scope->record : NULL,
                                .record_key = scope != NULL ? scope->key : NULL};
    *ret_there = here;
    if (here == 0 || m->ops->is_native || (m->gives && is_theirs_already(m, here, ret_there))) {
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
    struct fc__object *known = fc__objects_at(m, FC__HERE, here, false);
    if (known != NULL && (object.bytes[FC__HERE] != 0 ? known->bytes[FC__HERE] != 0 : known->here == here)) {
        return send_again(m, index, known, pointee, here, object.bytes, ret_there);
    }
    if (fc__object_reaches_another(m, FC__HERE, here, object.bytes[FC__HERE])) {
        return join(m, index, pointee, here, object.bytes[FC__HERE]);
    }
    rc = place_lasting(m, pointee, &object);
    rc = rc == FC_OK ? fc__objects_add(m, &object) : rc;
    *ret_there = object.there;
    return rc;
}

int fc__object_give(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee, bool comes_back,
                    uint64_t here, uint64_t *ret_there) {
    struct fc__pointee given = *pointee;
    given.reads = true;
    given.writes = given.is_output = false;
    if (m->ops->give != NULL) {
        m->ops->give(m->context, here, comes_back);
    }
    m->is_upcall = m->is_answered = false; /* it is the caller that passes something */
    m->gives = m->keeps_off_line = true;
    m->scratch = m->scratch_end = NULL;
    int rc = fc__object_send(m, index, &given, NULL, here, ret_there);
    rc = rc == FC_OK ? fc__objects_fill(m) : rc; /* now, into this one's memory */
    m->is_upcall = m->is_answered = true;
    m->gives = false;
    return rc;
}

int fc__objects_begin_joined(struct fc__marshal *m) {
    const uint64_t bytes = m->joined.to - m->joined.from;
    struct fc__object object = {
        .here = m->joined.from, .count = bytes, .bytes = {bytes, bytes}, .shape = &fc__shape_byte, .reads = true};
    int rc = fc__object_place(m, m->joined.alignment, &object);
    return rc == FC_OK ? fc__objects_add(m, &object) : rc;
}
