#include "abi/object_parts.h"

#include "base/change.h"

#include <inttypes.h>
#include <string.h>

static int convert(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                   const struct fc__scope *scope);

/* -- values -------------------------------------------------------------------------------------------------------- */

/* What is not changed may be constant; of what is known, and is so still, somebody may have changed the copy. */
static void store(const struct fc__walk *w, unsigned char *to, const void *fresh, size_t bytes) {
    unsigned char *known = w->known != NULL ? w->known + (to - w->to_start) : NULL;
    if (known != NULL && memcmp(known, fresh, bytes) == 0) {
        return;
    }
    if (known != NULL) {
        memcpy(known, fresh, bytes);
    }
    if (memcmp(to, fresh, bytes) != 0) {
        memcpy(to, fresh, bytes);
    }
}

static void copy_plain(const struct fc__walk *w, const unsigned char *from, unsigned char *to, uint64_t bytes) {
    if (w->known != NULL) {
        fc__change_take(to, from, w->known + (to - w->to_start), bytes);
    } else {
        fc__change_copy(to, from, fc__walk_before(w, from), bytes);
    }
}

/* Whether `value`, read from there, is what it was. */
static bool is_left(const struct fc__walk *w, const unsigned char *from, uint64_t value, unsigned bytes,
                    bool is_signed) {
    const unsigned char *before = fc__walk_before(w, from);
    return before != NULL && value == fc__value_load(before, bytes, is_signed);
}

static int convert_number(struct fc__walk *w, const struct fc__value *type, uint64_t value, uint64_t *ret_value) {
    return w->to == FC__THERE ? fc__value_to_callee(w->m, &w->spot, type, value, ret_value)
                              : fc__value_to_caller(w->m, &w->spot, type, value, ret_value);
}

/* In an output is anything; what the callee did not write is known by it, and keeps its value. */
enum { SIGNIFICANT_BYTES = 10 };
static int convert_long_double(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                               unsigned char *to) {
    const uint64_t size = shape->size[w->from];
    unsigned char before[16];
    if (fc__change_is_none(from, fc__walk_before(w, from), size)) {
        return FC_OK;
    }
    if (w->is_output && w->to == FC__HERE) {
        fc__value_long_double(to, shape->size[w->to], before, size);
        if (memcmp(before, from, (size_t)size) == 0) {
            return FC_OK;
        }
    }
    unsigned char fresh[16];
    const bool fits = fc__value_long_double(from, size, fresh, shape->size[w->to]);
    store(w, to, fresh, (size_t)shape->size[w->to]);
    if (w->is_output && w->to == FC__THERE) {
        const uint64_t unwritten = FC__VALUE_UNWRITTEN;
        fc__value_long_double(to, shape->size[w->to], before, size);
        if (memcmp(before, from, size < SIGNIFICANT_BYTES ? (size_t)size : SIGNIFICANT_BYTES) != 0) {
            memcpy(to, &unwritten, sizeof unwritten);
        }
        return FC_OK;
    }
    return fits ? FC_OK : fc__value_too_large(w->m, &w->spot, &shape->value, from);
}

static int convert_value(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                         unsigned char *to) {
    const struct fc__value *type = &shape->value;
    uint64_t value, converted = 0;
    if (type->kind == FC__VALUE_LONG_DOUBLE) {
        return convert_long_double(w, shape, from, to);
    }
    if (w->is_output && w->to == FC__THERE && type->exchange == NULL) {
        fc__marshal_store(to, fc__value_placeholder(w->m, type, from), type->callee_bytes);
        return FC_OK;
    }
    value = fc__value_load(from, (unsigned)shape->size[w->from], type->is_signed);
    if (is_left(w, from, value, (unsigned)shape->size[w->from], type->is_signed)) {
        if (w->is_lasting && w->is_output && fc__value_is_unwritten(type, value)) { /* and is going to be read */
            store(w, to, &converted, (size_t)shape->size[w->to]);
        }
        return FC_OK;
    }
    if (type->kind == FC__VALUE_POINTER && fc__object_must_wait(w, value)) {
        return fc__object_wait(w, shape, NULL, value, to);
    }
    if (w->is_output && type->exchange == NULL && fc__value_placeholder(w->m, type, to) == value) {
        return FC_OK; /* not written */
    }
    int rc = convert_number(w, type, value, &converted);
    if (rc == FC_OK) {
        store(w, to, &converted, (size_t)shape->size[w->to]);
    }
    return rc;
}

static struct fc__value pointer_value_of(const struct fc__marshal *m) {
    return (struct fc__value){.kind = FC__VALUE_POINTER,
                              .caller_bytes = m->plan->caller->pointer_bytes,
                              .callee_bytes = m->plan->callee->pointer_bytes,
                              .type_name = "pointer"};
}

static int convert_function(struct fc__walk *w, const struct fc__shape *shape, uint64_t value, uint64_t *ret_value) {
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

/* What the caller's function leaves as it was given it is what the library had: kept memory, which many may keep, is
 * known by its address there alone. */
static bool stands_for(struct fc__marshal *m, uint64_t here, uint64_t there) {
    struct fc__lasting known;
    return there != 0 && m->ops->lasting != NULL && m->ops->lasting(m->context, FC__THERE, there, NULL, &known) &&
           !known.is_gone && known.mapped == here;
}

/* What a pointer that was left alone leads to need not be looked at again, and the other side's need not change. */
static bool leads_where_it_did(const struct fc__walk *w, const struct fc__shape *shape, uint64_t value, bool stays) {
    uint64_t here;
    if (stays || value == 0 || shape->kind == FC__SHAPE_FUNCTION) {
        return true;
    }
    return w->to == FC__HERE ? fc__object_take_back(w->m, shape->pointee.shape, value, &here)
                             : w->m->is_upcall && !shape->pointee.is_pinned;
}

static int convert_pointer(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                           unsigned char *to, const struct fc__scope *scope) {
    struct fc__marshal *m = w->m;
    const struct fc__value type = pointer_value_of(m);
    const unsigned from_bytes = (unsigned)shape->size[w->from], to_bytes = (unsigned)shape->size[w->to];
    const uint64_t value = fc__value_load(from, from_bytes, false);
    uint64_t converted = 0;
    int rc = FC_OK;
    const bool stays = w->is_output || (w->is_unfollowed && shape->kind == FC__SHAPE_POINTER);
    const bool is_passed_by = w->is_unfollowed && shape->kind == FC__SHAPE_POINTER && w->to == FC__THERE;
    const bool was_left = is_left(w, from, value, from_bytes, false);
    if (is_passed_by && stands_for(m, value, fc__value_load(to, to_bytes, false))) {
        return FC_OK;
    }
    if (was_left && leads_where_it_did(w, shape, value, stays)) {
        return FC_OK;
    }
    if (stays && w->to == FC__THERE) {
        converted = fc__value_placeholder(m, &type, from);
    } else if (stays && fc__value_placeholder(m, &type, to) == value) {
        return FC_OK; /* not written */
    } else if (value == 0) {
        converted = 0;
    } else if (shape->kind == FC__SHAPE_FUNCTION) {
        rc = convert_function(w, shape, value, &converted);
    } else if (fc__object_must_wait(w, value)) {
        return fc__object_wait(w, shape, scope, value, to);
    } else if (w->to == FC__HERE) {
        rc = fc__object_take(m, w->spot.index, &shape->pointee, scope, value, &converted);
    } else if (!m->is_upcall || shape->pointee.is_pinned) {
        rc = fc__object_send(m, w->spot.index, &shape->pointee, scope, value, &converted);
    } else if (stands_for(m, value, fc__value_load(to, to_bytes, false))) {
        return FC_OK;
    } else if (!fc__object_find(m, FC__HERE, value, &converted) && !lasting_there(m, value, &converted)) {
        /* Which may stay there for ever. */
        const bool is_member = scope != NULL && scope->record != NULL && !w->is_result;
        converted = value;
        if (!m->ops->is_shared(m->context, value, 1) && !is_member && m->ops->give != NULL) {
            rc = fc__object_give(m, w->spot.index, &shape->pointee, shape->pointee.shape->is_plain, value, &converted);
        } else if (!m->ops->is_shared(m->context, value, 1)) {
            char what[FC__SPOT_TEXT_MAX];
            rc = fc__error_set(m->err, FC_EUNSUPPORTED,
                               "%s of %s was made to point to memory of the caller, which the library cannot keep: "
                               "take that memory from fc_alloc or from the library",
                               fc__spot_text(m, &w->spot, what), m->plan->name);
        }
    }
    if (rc == FC_OK && was_left && w->to == FC__HERE && m->is_upcall &&
        converted != fc__value_load(to, to_bytes, false)) {
        memset(w->before + (from - w->start), 0, from_bytes); /* for now: the call around the upcall puts it back */
    }
    if (rc == FC_OK) {
        store(w, to, &converted, to_bytes);
    }
    return rc;
}

/* -- arrays, structs, unions --------------------------------------------------------------------------------------- */

bool fc__bytes_are_zero(const unsigned char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

bool fc__element_is_zero(const struct fc__shape *shape, enum fc__side side, const unsigned char *bytes) {
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        const unsigned char *at = bytes + field->offset[side];
        if (!field->is_local && !field->is_flexible &&
            !(field->bit_width != 0 ? fc__value_load_bits(at, field->bit_offset[side], field->bit_width, false) == 0
                                    : fc__element_is_zero(field->shape, side, at))) {
            return false;
        }
    }
    return shape->kind == FC__SHAPE_STRUCT || fc__bytes_are_zero(bytes, shape->size[side]);
}

/* All elements, whichever do not fit; the error is the first one's. */
int fc__convert_elements(struct fc__walk *w, const struct fc__shape *element, uint64_t count, const unsigned char *from,
                         unsigned char *to, const struct fc__scope *scope) {
    struct fc__error *const err = w->m->err;
    int first = FC_OK;
    if (element->is_plain) {
        copy_plain(w, from, to, count * element->size[FC__HERE]);
        return FC_OK;
    }
    for (uint64_t i = 0; i < count; i++) {
        int rc = convert(w, element, from + i * element->size[w->from], to + i * element->size[w->to], scope);
        if (rc != FC_OK && w->to == FC__THERE) {
            return rc;
        }
        fc__marshal_note(w->m, rc, &first);
    }
    w->m->err = err;
    return first;
}

static int convert_array(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                         unsigned char *to, const struct fc__scope *scope) {
    if (shape->text != FC__TEXT_NONE) {
        return fc__object_text_array(w, shape, from, to);
    }
    const uint64_t mine = shape->count[w->from], theirs = shape->count[w->to];
    const uint64_t both = mine < theirs ? mine : theirs;
    const uint64_t unit = shape->element->size[w->from];
    int rc = fc__convert_elements(w, shape->element, both, from, to, scope);
    if (rc == FC_OK && mine > both && !fc__bytes_are_zero(from + both * unit, (mine - both) * unit)) {
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

/* Whether an expression reads nothing but the structs around, as far as they are of the same object. */
static bool is_said_here(const struct fc__walk *w, const struct fc__scope *scope, const struct fc__size *size) {
    switch (size->kind) {
    case FC__EXPR_MEMBER:
        while (scope != NULL && scope != w->outer && scope->key != size->record) {
            scope = scope->outer;
        }
        return scope != NULL && scope != w->outer;
    case FC__EXPR_DEREF:
    case FC__EXPR_ARROW:
    case FC__EXPR_MEMBER_DEREF:
    case FC__EXPR_STRLEN:
    case FC__EXPR_RESULT:
        return false;
    default:
        return (size->left == NULL || is_said_here(w, scope, size->left)) &&
               (size->right == NULL || is_said_here(w, scope, size->right));
    }
}

/* How many elements went, or which member of a union, depended on other members: where these are others now, how it was
 * says nothing. `is_whole`: they are not. */
static unsigned char *before_of_field(const struct fc__walk *w, const struct fc__shape_field *field,
                                      const struct fc__scope *scope, bool is_whole) {
    const bool depends = field->count != NULL || field->shape->has_union;
    return !depends || (is_whole && (field->count == NULL || is_said_here(w, scope, field->count))) ? w->before : NULL;
}

/* How many elements lie within what is converted, on both sides. */
static uint64_t room_for(const struct fc__walk *w, const struct fc__shape *element, const unsigned char *from,
                         const unsigned char *to) {
    const uint64_t from_room = from < w->end[w->from] ? (uint64_t)(w->end[w->from] - from) : 0;
    const uint64_t to_room = to < w->end[w->to] ? (uint64_t)(w->end[w->to] - to) : 0;
    const uint64_t mine = element->size[w->from] != 0 ? from_room / element->size[w->from] : 0;
    const uint64_t theirs = element->size[w->to] != 0 ? to_room / element->size[w->to] : 0;
    return mine < theirs ? mine : theirs;
}

/* How many there are is what memory says now, which the callee may have changed since the object was measured. */
static int convert_flexible(struct fc__walk *w, const struct fc__shape_field *field, const unsigned char *from,
                            unsigned char *to, const struct fc__scope *scope) {
    const uint64_t room = room_for(w, field->shape, from, to);
    uint64_t count = 0;
    int rc = fc__size_count(w->m, scope, field->count, w->spot.index, field->name, &count);
    if (rc == FC_OK && count > room && !w->is_cut) {
        char what[FC__SPOT_TEXT_MAX];
        rc = fc__error_set(w->m->err, FC_ERANGE, "%s of %s is said to have %" PRIu64 " elements, but has %" PRIu64,
                           fc__spot_text(w->m, &w->spot, what), w->m->plan->name, count, room);
    }
    return rc == FC_OK ? fc__convert_elements(w, field->shape, count < room ? count : room, from, to, scope) : rc;
}

/* The elements that are used. What an output holds before the call says nothing of how many that will be. */
static int convert_used(struct fc__walk *w, const struct fc__shape_field *field, const unsigned char *from,
                        unsigned char *to, const struct fc__scope *scope) {
    const struct fc__shape *const array = field->shape;
    const uint64_t room = array->count[w->from] < array->count[w->to] ? array->count[w->from] : array->count[w->to];
    uint64_t count = room;
    int rc = w->is_output && w->to == FC__THERE
                 ? FC_OK
                 : fc__size_count(w->m, scope, field->count, w->spot.index, field->name, &count);
    if (rc == FC_OK && count > room && !w->is_output) {
        char what[FC__SPOT_TEXT_MAX];
        rc = fc__error_set(w->m->err, FC_ERANGE, "%s of %s is said to have %" PRIu64 " elements, but has %" PRIu64,
                           fc__spot_text(w->m, &w->spot, what), w->m->plan->name, count, room);
    }
    return rc == FC_OK ? fc__convert_elements(w, array->element, count < room ? count : room, from, to, scope) : rc;
}

static int convert_field(struct fc__walk *w, const struct fc__shape_field *field, const unsigned char *from,
                         unsigned char *to, const struct fc__scope *scope) {
    from += field->offset[w->from];
    to += field->offset[w->to];
    if (field->bit_width != 0) {
        const unsigned char *before = fc__walk_before(w, from);
        const unsigned at = field->bit_offset[w->from];
        const uint64_t bits = fc__value_load_bits(from, at, field->bit_width, false);
        unsigned char *known = w->known != NULL ? w->known + (to - w->to_start) : NULL;
        const unsigned at_there = field->bit_offset[w->to];
        if ((before != NULL && bits == fc__value_load_bits(before, at, field->bit_width, false)) ||
            (known != NULL && bits == fc__value_load_bits(known, at_there, field->bit_width, false))) {
            return FC_OK;
        }
        if (known != NULL) {
            store_bits(known, bits, at_there, field->bit_width);
        }
        store_bits(to, bits, at_there, field->bit_width);
        return FC_OK;
    }
    return field->is_flexible     ? convert_flexible(w, field, from, to, scope)
           : field->count != NULL ? convert_used(w, field, from, to, scope)
                                  : convert(w, field->shape, from, to, scope);
}

/* What depends on other members comes behind them: their values are then on the caller's side, too. Unions come last,
 * and with them what has one in it: which member counts may be said by one that came late. */
enum { TURNS = 3 };
static int turn_of(const struct fc__shape_field *field) {
    return field->shape->has_union ? 2 : field->count != NULL || field->shape->follows;
}

static int convert_struct(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                          unsigned char *to, const struct fc__scope *outer) {
    const struct fc__scope scope = {.record = w->from == FC__HERE ? from : to, .key = shape->record, .outer = outer};
    const char *const name = w->spot.field;
    unsigned char *const before = w->before;
    const bool is_whole = fc__change_is_none(from, fc__walk_before(w, from), shape->size[w->from]);
    struct fc__error *const err = w->m->err;
    int first = FC_OK;
    for (int turn = 0; turn < TURNS; turn++) {
        for (uint32_t i = 0; i < shape->field_count; i++) {
            const struct fc__shape_field *field = &shape->fields[i];
            if (field->is_local || turn_of(field) != turn || (field->is_flexible && w->is_output) ||
                (field->count != NULL && w->is_numbers)) {
                continue;
            }
            w->spot.field = field->name[0] != '\0' ? field->name : name;
            const bool is_output = w->is_output;
            w->is_output = is_output || field->is_output;
            w->before = before_of_field(w, field, &scope, is_whole);
            int rc = convert_field(w, field, from, to, &scope);
            w->before = before;
            w->is_output = is_output;
            if (rc != FC_OK && w->to == FC__THERE) {
                return rc;
            }
            fc__marshal_note(w->m, rc, &first);
        }
    }
    w->m->err = err;
    w->spot.field = name;
    return first;
}

/* The member that counts, as its condition says. */
static int convert_union(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                         unsigned char *to, const struct fc__scope *outer) {
    const struct fc__scope scope = {.record = w->from == FC__HERE ? from : to, .key = shape->record, .outer = outer};
    unsigned char *const before = w->before;
    bool is_whole = fc__change_is_none(from, fc__walk_before(w, from), shape->size[w->from]);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        int64_t is_it = 0;
        int rc = field->when != NULL ? fc__size_value(w->m, &scope, field->when, &is_it) : FC_OK;
        if (rc != FC_OK) {
            return rc;
        }
        is_whole = is_whole && (field->when == NULL || is_said_here(w, &scope, field->when));
        if (is_it != 0) { /* as what came before it is not */
            w->before = is_whole ? before : NULL;
            rc = field->is_local ? FC_OK : convert_field(w, field, from, to, &scope);
            w->before = before;
            return rc;
        }
    }
    return FC_OK;
}

static int convert(struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from, unsigned char *to,
                   const struct fc__scope *scope) {
    if (shape->is_plain) {
        copy_plain(w, from, to, shape->size[FC__HERE]);
        return FC_OK;
    }
    if (w->is_numbers &&
        (shape->kind == FC__SHAPE_UNION || shape->kind == FC__SHAPE_POINTER || shape->kind == FC__SHAPE_FUNCTION)) {
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

int fc__convert_numbers(struct fc__marshal *m, uint32_t index, const struct fc__shape *shape, const unsigned char *from,
                        unsigned char *to) {
    struct fc__walk w = {.m = m,
                         .from = FC__THERE,
                         .to = FC__HERE,
                         .is_numbers = true,
                         .spot = {.what = FC__SPOT_OUTPUT, .index = index, .is_inner = true}};
    return convert(&w, shape, from, to, NULL);
}

int fc__object_convert(struct fc__marshal *m, uint32_t index, enum fc__side to_side, const struct fc__shape *shape,
                       const unsigned char *from, unsigned char *to) {
    return fc__object_convert_changed(m, index, to_side, shape, from, NULL, to);
}

int fc__object_convert_changed(struct fc__marshal *m, uint32_t index, enum fc__side to_side,
                               const struct fc__shape *shape, const unsigned char *from, unsigned char *before,
                               unsigned char *to) {
    struct fc__walk w = {.m = m,
                         .start = from,
                         .before = before,
                         .from = to_side == FC__HERE ? FC__THERE : FC__HERE,
                         .to = to_side,
                         .is_cut = true, /* as in C, where a struct is passed without it */
                         .is_result = m->is_upcall && to_side == FC__THERE,
                         .spot = {.what = to_side == FC__HERE ? FC__SPOT_OUTPUT : FC__SPOT_ARGUMENT, .index = index}};
    w.end[w.from] = from + shape->size[w.from];
    w.end[w.to] = to + shape->size[w.to];
    if (m->ops->is_native) {
        memcpy(to, from, (size_t)shape->size[FC__HERE]);
        return FC_OK;
    }
    return convert(&w, shape, from, to, NULL);
}

/* -- filling ------------------------------------------------------------------------------------------------------- */

/* An object's elements from one side to the other. The list may move while they are converted. */
