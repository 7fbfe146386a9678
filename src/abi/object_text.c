/* abi: texts whose units have other widths on the two sides: UTF-8, UTF-16 and UTF-32, and paths. One side's need not
 * have as many units as the other's, so they are converted as a whole. */
#include "abi/object_parts.h"

#include "base/change.h"
#include "base/checked.h"
#include "base/unicode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct transcoding {
    const unsigned char *from;
    unsigned char *to; /* NULL: units are only counted */
    unsigned from_bytes, to_bytes;
    uint64_t count, room; /* of units */
    enum fc__text text;   /* where it ends; FC__TEXT_NONE: after `count` units */
    uint64_t at, made;    /* units so far */
    bool is_ended;        /* by what ends it, which is the last unit made */
    enum { STOPPED_NOWHERE, STOPPED_BY_BYTES, STOPPED_BY_NUMBER, STOPPED_BY_ROOM } stopped;
};

/* What is the same already is not written: it may be constant. */
static void put_unit(unsigned char *to, unsigned unit_bytes, uint64_t index, uint32_t unit) {
    if (fc__unicode_unit(to, unit_bytes, index) != unit) {
        memcpy(to + index * unit_bytes, &unit, unit_bytes);
    }
}

static void transcode(struct transcoding *t) {
    bool was_zero = true; /* a list without texts is one zero */
    t->at = t->made = 0;
    t->is_ended = false;
    t->stopped = STOPPED_NOWHERE;
    while (t->at < t->count && !t->is_ended) {
        uint64_t next = t->at;
        uint32_t character, units[FC__UNICODE_UNITS_MAX];
        if (!fc__unicode_get(t->from, t->from_bytes, t->count, &next, &character)) {
            t->stopped = STOPPED_BY_BYTES;
            return;
        }
        const unsigned made = fc__unicode_put(character, t->to_bytes, units);
        if (made == 0 || made > t->room - t->made) {
            t->stopped = made == 0 ? STOPPED_BY_NUMBER : STOPPED_BY_ROOM;
            return;
        }
        for (unsigned i = 0; t->to != NULL && i < made; i++) {
            put_unit(t->to, t->to_bytes, t->made + i, units[i]);
        }
        t->at = next;
        t->made += made;
        t->is_ended = character == 0 && (t->text == FC__TEXT_ENDED || (t->text == FC__TEXT_LIST && was_zero));
        was_zero = character == 0;
    }
}

static int cannot(struct fc__marshal *m, const struct fc__spot *spot, const struct transcoding *t) {
    char what[FC__SPOT_TEXT_MAX];
    const char *const name = fc__spot_text(m, spot, what), *const outcome = fc__spot_outcome(m, spot);
    const uint32_t unit = t->stopped != STOPPED_BY_ROOM ? fc__unicode_unit(t->from, t->from_bytes, t->at) : 0;
    switch (t->stopped) {
    case STOPPED_BY_BYTES:
        return fc__error_set(m->err, FC_EINVAL,
                             "%s of %s is not UTF-8: no character begins at byte %" PRIu64 ", 0x%02" PRIx32 "; %s",
                             name, m->plan->name, t->at, unit, outcome);
    case STOPPED_BY_NUMBER:
        return fc__error_set(m->err, FC_ERANGE,
                             "%s of %s has 0x%" PRIx32 " at place %" PRIu64
                             ", which is no character and has no %s: the "
                             "last one is 0x10ffff; %s",
                             name, m->plan->name, unit, t->at, fc__unicode_name(t->to_bytes), outcome);
    default:
        return fc__error_set(m->err, FC_ERANGE,
                             "%s of %s does not fit: there is room for %" PRIu64 " units of %s, and the text has more; "
                             "%s",
                             name, m->plan->name, t->room, fc__unicode_name(t->to_bytes), outcome);
    }
}

/* -- paths --------------------------------------------------------------------------------------------------------- */

enum { PATH_UNITS = 4096 + 64 }; /* as many as any has, with what Windows puts before it */

/* What an output for a path holds until something is written: no path begins so. */
static uint32_t unwritten(unsigned unit_bytes) {
    return unit_bytes == 1 ? UINT8_MAX : UINT16_MAX;
}

static bool is_ascii(const char *text) {
    while (*text != '\0' && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == '\0';
}

static int has_no_form(struct fc__marshal *m, const struct fc__spot *spot, const char *path) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(
        m->err, FC_ERANGE,
        "%s of %s is the path '%.200s', whose characters the code page of Windows has not, and no file "
        "with a short name is there. Call the function whose name ends in W, with _Fc_utf8_; %s",
        fc__spot_text(m, spot, what), m->plan->name, path, fc__spot_outcome(m, spot));
}

/* The strings of char that Windows' functions take are in a code page, which only the host knows; all have ASCII. What
 * has a tilde may have a longer name. */
static int narrow_path(struct fc__marshal *m, const struct fc__spot *spot, enum fc__side to, char *inout_path,
                       size_t size) {
    bool has_form = false;
    if (is_ascii(inout_path) && (to == FC__THERE || strchr(inout_path, '~') == NULL)) {
        return FC_OK;
    }
    int rc = m->ops->narrow_path != NULL ? m->ops->narrow_path(m->context, to, inout_path, size, &has_form) : FC_OK;
    return rc == FC_OK && !has_form ? has_no_form(m, spot, inout_path) : rc;
}

static int no_such_path(struct fc__marshal *m, const struct fc__spot *spot, const char *path, int rc) {
    char what[FC__SPOT_TEXT_MAX];
    return fc__error_set(m->err, FC_EINVAL,
                         "%s of %s is the path '%.200s', which has no form on the other side: %s; %s",
                         fc__spot_text(m, spot, what), m->plan->name, path,
                         rc == -EINVAL ? "it has a backslash in a name" : strerror(-rc), fc__spot_outcome(m, spot));
}

static int put_path(struct fc__marshal *m, const struct fc__spot *spot, const struct transcoding *t, const char *path,
                    unsigned char *to) {
    struct transcoding put = {.from = (const unsigned char *)path,
                              .from_bytes = 1,
                              .to_bytes = t->to_bytes,
                              .count = strlen(path) + 1,
                              .room = t->room,
                              .text = FC__TEXT_ENDED};
    const bool is_bytes = put.to_bytes == 1; /* in a code page there, any here */
    if (!is_bytes) {
        transcode(&put);
    } else if (put.count > put.room) {
        put.stopped = STOPPED_BY_ROOM;
    }
    if (put.stopped != STOPPED_NOWHERE) {
        return cannot(m, spot, &put);
    }
    for (uint64_t i = 0; is_bytes && i < put.count; i++) {
        put_unit(to, 1, i, put.from[i]);
    }
    put.to = to;
    if (!is_bytes) {
        transcode(&put);
    }
    return FC_OK;
}

/* From `t` by way of UTF-8 to `to`. */
static int transfer_path(const struct fc__walk *w, const struct fc__object *object, const struct transcoding *t,
                         unsigned char *to) {
    struct fc__marshal *m = w->m;
    char path[PATH_UNITS], converted[PATH_UNITS];
    const bool to_there = w->to == FC__THERE;
    const uint32_t mark = unwritten(to_there ? t->to_bytes : t->from_bytes);
    if (w->is_output && to_there) {
        put_unit(to, t->to_bytes, 0, t->room > 1 ? mark : 0);
        return FC_OK;
    }
    if (w->is_output && object->reads && t->count > 1 && fc__unicode_unit(t->from, t->from_bytes, 0) == mark) {
        return FC_OK;
    }
    struct transcoding read = *t;
    read.to = (unsigned char *)path;
    read.to_bytes = 1;
    read.room = sizeof path - 1;
    if (read.from_bytes == 1) { /* which need not be UTF-8 there, and is looked at below */
        read.count = strnlen((const char *)t->from, t->count < sizeof path ? (size_t)t->count : sizeof path);
        memcpy(path, t->from, read.count < sizeof path ? (size_t)read.count : sizeof path);
        read.made = read.count;
        read.stopped = read.count < sizeof path ? STOPPED_NOWHERE : STOPPED_BY_ROOM;
    } else {
        transcode(&read);
    }
    if (read.stopped != STOPPED_NOWHERE) {
        return cannot(m, &w->spot, &read);
    }
    path[read.made] = '\0';
    int rc = !to_there && t->from_bytes == 1 ? narrow_path(m, &w->spot, w->to, path, sizeof path) : FC_OK;
    if (rc != FC_OK) {
        return rc;
    }
    if (m->ops->path != NULL && path[0] != '\0') {
        rc = m->ops->path(m->context, w->to, path, converted, sizeof converted);
    } else {
        memcpy(converted, path, strlen(path) + 1);
    }
    if (rc != 0) {
        return no_such_path(m, &w->spot, path, rc);
    }
    rc = to_there && t->to_bytes == 1 ? narrow_path(m, &w->spot, w->to, converted, sizeof converted) : FC_OK;
    return rc == FC_OK ? put_path(m, &w->spot, t, converted, to) : rc;
}

/* -- objects ------------------------------------------------------------------------------------------------------- */

int fc__object_text_measure(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                            const unsigned char *data, uint64_t count, uint64_t capacity, uint64_t ret_bytes[2]) {
    const struct fc__shape *shape = pointee->shape;
    const bool is_whole = pointee->extent == FC__EXTENT_STRING || pointee->extent == FC__EXTENT_LIST;
    struct transcoding t = {.from = data,
                            .from_bytes = (unsigned)shape->size[FC__HERE],
                            .to_bytes = (unsigned)shape->size[FC__THERE],
                            .count = count,
                            .room = UINT64_MAX};
    uint64_t units = capacity;
    if (shape->is_path && !pointee->is_output) {
        units = capacity > PATH_UNITS ? capacity : PATH_UNITS;
    } else if (is_whole || pointee->is_bounded) {
        const struct fc__spot spot = {.what = FC__SPOT_ARGUMENT, .index = index, .is_inner = true};
        transcode(&t);
        if (t.stopped != STOPPED_NOWHERE) {
            return cannot(m, &spot, &t);
        }
        units = is_whole || t.made < capacity ? t.made + !is_whole : capacity;
    }
    return fc__mul_u64(count, shape->size[FC__HERE], &ret_bytes[FC__HERE]) &&
                   fc__mul_u64(units, shape->size[FC__THERE], &ret_bytes[FC__THERE]) &&
                   ret_bytes[FC__HERE] <= UINTPTR_MAX / 2 && ret_bytes[FC__THERE] <= UINTPTR_MAX / 2
               ? FC_OK
               : fc__object_too_large(m, index);
}

uint64_t fc__object_text_units(const struct fc__shape *shape, uint64_t there) {
    const uint64_t most = shape->size[FC__HERE] == 1 && shape->size[FC__THERE] != 1 ? 3 : 1; /* of 4 there are two */
    uint64_t units;
    if (!fc__mul_u64(there, most, &units)) {
        return UINT64_MAX;
    }
    return shape->is_path && units < PATH_UNITS ? PATH_UNITS : units;
}

int fc__object_text_transfer(const struct fc__walk *w, const struct fc__object *object, uint64_t valid) {
    const struct fc__shape *shape = object->shape;
    unsigned char *const here = (unsigned char *)(uintptr_t)object->here;
    const bool to_there = w->to == FC__THERE;
    struct transcoding t = {.from = to_there ? here : object->local,
                            .from_bytes = (unsigned)shape->size[w->from],
                            .to_bytes = (unsigned)shape->size[w->to],
                            .count = object->bytes[w->from] / shape->size[w->from],
                            .room = object->bytes[w->to] / shape->size[w->to],
                            .text = shape->text};
    if (fc__change_is_none(t.from, w->before, object->bytes[w->from])) {
        return FC_OK;
    }
    t.count = !to_there && object->valid != NULL && valid < t.count ? valid : t.count;
    if (shape->is_path) {
        return transfer_path(w, object, &t, to_there ? object->local : here);
    }
    transcode(&t);
    if (t.stopped != STOPPED_NOWHERE && !(w->is_output && to_there)) { /* an output may hold anything until then */
        return cannot(w->m, &w->spot, &t);
    }
    t.to = to_there ? object->local : here;
    transcode(&t);
    if (!t.is_ended && t.made < t.room) {
        put_unit(t.to, t.to_bytes, t.made, 0);
    }
    return FC_OK;
}

bool fc__object_text_offset(const struct fc__object *object, enum fc__side side, uint64_t offset,
                            uint64_t *ret_offset) {
    const enum fc__side other = side == FC__HERE ? FC__THERE : FC__HERE;
    const uint64_t *const size = object->shape->size;
    const uint64_t units = offset / size[side];
    struct transcoding t = {.from = object->local,
                            .from_bytes = (unsigned)size[FC__THERE],
                            .to_bytes = (unsigned)size[FC__HERE],
                            .count = side == FC__THERE ? units : object->bytes[FC__THERE] / size[FC__THERE],
                            .room = side == FC__HERE ? units : object->bytes[FC__HERE] / size[FC__HERE]};
    *ret_offset = 0;
    if (offset == 0 || offset == object->bytes[side]) {
        *ret_offset = offset == 0 ? 0 : object->bytes[other];
        return true;
    }
    if (object->local == NULL || object->shape->is_path) {
        return false;
    }
    transcode(&t);
    *ret_offset = side == FC__THERE ? t.made * size[FC__HERE] : t.at * size[FC__THERE];
    return side == FC__THERE ? t.stopped == STOPPED_NOWHERE : t.made == units;
}

/* -- arrays in structs --------------------------------------------------------------------------------------------- */

/* What stands behind the end of the text may be numbers, or nothing at all: each keeps its place, and is 0 where it
 * does not fit. What was not written stays as it was. */
static void convert_rest(const struct fc__walk *w, const struct transcoding *t) {
    const uint32_t most = t->to_bytes == 1 ? UINT8_MAX : t->to_bytes == 2 ? UINT16_MAX : UINT32_MAX;
    const uint32_t most_back = t->from_bytes == 1 ? UINT8_MAX : t->from_bytes == 2 ? UINT16_MAX : UINT32_MAX;
    for (uint64_t i = t->made; i < t->room; i++) {
        const uint32_t is = i >= t->at && i < t->count ? fc__unicode_unit(t->from, t->from_bytes, i) : 0;
        const uint32_t was = fc__unicode_unit(t->to, t->to_bytes, i);
        if (w->to == FC__THERE || is != (was <= most_back ? was : 0)) {
            put_unit(t->to, t->to_bytes, i, is <= most ? is : 0);
        }
    }
}

int fc__object_text_array(const struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                          unsigned char *to) {
    struct transcoding t = {.from = from,
                            .from_bytes = (unsigned)shape->element->size[w->from],
                            .to_bytes = (unsigned)shape->element->size[w->to],
                            .count = shape->count[w->from],
                            .room = shape->count[w->to],
                            .text = FC__TEXT_ENDED};
    if (fc__change_is_none(from, fc__walk_before(w, from), shape->size[w->from])) {
        return FC_OK;
    }
    transcode(&t);
    if (t.stopped != STOPPED_NOWHERE && !(w->is_output && w->to == FC__THERE)) {
        return cannot(w->m, &w->spot, &t);
    }
    t.to = to;
    transcode(&t);
    convert_rest(w, &t);
    if (w->known != NULL) {
        memcpy(w->known + (to - w->to_start), to, (size_t)shape->size[w->to]);
    }
    return FC_OK;
}
