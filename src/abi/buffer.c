/* abi: buffers and strings that arguments point to, where each is by itself: no objects, no pointers in them that are
 * followed. */
#include "abi/marshal_parts.h"

#include "base/change.h"
#include "base/checked.h"

#include <string.h>

static int elements_to_callee(struct fc__marshal *m, uint32_t index, const unsigned char *from, unsigned char *to,
                              uint64_t count) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__value *type = &step->value;
    struct fc__spot spot = {.what = FC__SPOT_ARGUMENT, .index = index};
    for (; spot.element < count; spot.element++, from += type->caller_bytes, to += type->callee_bytes) {
        uint64_t converted = 0;
        if (step->is_output) {
            converted = fc__value_placeholder(m, type, from);
        } else {
            int rc = fc__value_to_callee(m, &spot, type, fc__value_load(from, type->caller_bytes, type->is_signed),
                                         &converted);
            if (rc != FC_OK) {
                return rc;
            }
        }
        fc__marshal_store(to, converted, type->callee_bytes);
    }
    return FC_OK;
}

/* Two pointers to one object, or to parts of it: then it has to be one object there. */
static bool meets_another(struct fc__marshal *m, uint32_t index, uint64_t bytes) {
    m->here_bytes[index] = bytes;
    for (uint32_t i = 0; i < index; i++) {
        const struct fc__step *step = &m->plan->steps[i];
        const uint64_t from = m->slots[i], apart = m->slots[index] - from;
        if ((step->kind == FC__STEP_BUFFER || step->kind == FC__STEP_STRING) && from != 0 && m->sent[i].callee != 0 &&
            (apart < m->here_bytes[i] || from - m->slots[index] < bytes)) {
            return true;
        }
    }
    return false;
}

/* What the callee reads goes to `local`, and if it may write to it as well, how it went is kept. */
static int fill(struct fc__marshal *m, uint32_t index, uint64_t bytes_here, unsigned char *local) {
    const struct fc__step *step = &m->plan->steps[index];
    const unsigned char *from = (const unsigned char *)(uintptr_t)m->slots[index];
    if (!step->reads) {
        return FC_OK;
    }
    if (fc__value_is_converted(&step->value)) {
        int rc = elements_to_callee(m, index, from, local, m->sent[index].count);
        if (rc != FC_OK) {
            return rc;
        }
    } else {
        memcpy(local, from, (size_t)bytes_here);
    }
    m->sent[index].before = step->writes ? fc__marshal_keep(m, local, m->sent[index].bytes) : NULL;
    return FC_OK;
}

int fc__buffer_send(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const struct fc__step *step = &m->plan->steps[index];
    const uint64_t address = m->slots[index];
    *ret_word = 0;
    m->sent[index].callee = 0;
    m->sent[index].before = NULL;
    if (address == 0) {
        return FC_OK;
    }
    uint64_t count = 0;
    int rc = fc__marshal_capacity(m, index, &count);
    if (rc != FC_OK) {
        return rc;
    }
    const unsigned unit_here = step->counts_bytes ? 1 : step->value.caller_bytes;
    const unsigned unit_there = step->counts_bytes ? 1 : step->value.callee_bytes;
    uint64_t bytes_here, bytes_there;
    if (!fc__mul_u64(count, unit_here, &bytes_here) || bytes_here > UINTPTR_MAX ||
        !fc__mul_u64(count, unit_there, &bytes_there)) {
        char what[FC__SPOT_TEXT_MAX];
        return fc__error_set(m->err, FC_ENOMEM, "%s of %s is larger than an address space",
                             fc__argument_text(m, index, what), m->plan->name);
    }
    m->sent[index].count = count;
    m->sent[index].bytes = bytes_there;
    if (m->plan->may_alias && meets_another(m, index, bytes_here)) {
        return FC__MET;
    }
    const bool converted = fc__value_is_converted(&step->value);
    m->sent[index].in_place = !converted && m->ops->is_shared(m->context, address, bytes_here);
    if (m->sent[index].in_place) {
        *ret_word = m->sent[index].callee = address;
        return FC_OK;
    }
    unsigned char *local = m->image; /* until it has a place */
    rc = fc__marshal_place(m, bytes_there, step->writes, &m->sent[index].callee, &local);
    *ret_word = m->sent[index].callee;
    return rc == FC_OK ? fill(m, index, bytes_here, local) : rc;
}

int fc__buffer_send_string(struct fc__marshal *m, uint32_t index, uint64_t *ret_word) {
    const char *string = (const char *)(uintptr_t)m->slots[index];
    *ret_word = m->sent[index].callee = 0;
    if (string == NULL) {
        return FC_OK;
    }
    if (m->ops->is_shared(m->context, (uintptr_t)string, 1)) { /* and not measured: the callee may be writing to it */
        *ret_word = (uintptr_t)string;
        return FC_OK;
    }
    uint64_t size = (uint64_t)strlen(string) + 1;
    if (m->plan->may_alias && meets_another(m, index, size)) {
        return FC__MET;
    }
    unsigned char *local = m->image; /* until it has a place */
    int rc = fc__marshal_place(m, size, false, ret_word, &local);
    if (rc == FC_OK) {
        memcpy(local, string, (size_t)size);
        m->sent[index].callee = *ret_word;
        m->sent[index].bytes = size;
    }
    return rc;
}

/* All of them, whichever do not fit; the error is the first one's. */
static int elements_to_caller(struct fc__marshal *m, uint32_t index, const unsigned char *from, unsigned char *to,
                              uint64_t count) {
    const struct fc__step *step = &m->plan->steps[index];
    const struct fc__value *type = &step->value;
    const unsigned char *before = m->sent[index].before;
    const bool is_output = step->is_output && step->reads && before == NULL;
    struct fc__spot spot = {.what = FC__SPOT_OUTPUT, .index = index};
    struct fc__error *const err = m->err;
    int first = FC_OK;
    for (; spot.element < count; spot.element++, from += type->callee_bytes, to += type->caller_bytes) {
        uint64_t value = fc__value_load(from, type->callee_bytes, type->is_signed), converted = 0;
        if (before != NULL ? value == fc__value_load(before + spot.element * type->callee_bytes, type->callee_bytes,
                                                     type->is_signed)
                           : is_output && fc__value_placeholder(m, type, to) == value) {
            continue; /* not written */
        }
        int rc = fc__value_to_caller(m, &spot, type, value, &converted);
        if (rc == FC_OK) {
            fc__marshal_store(to, converted, type->caller_bytes);
        } else {
            fc__marshal_note(m, rc, &first);
        }
    }
    m->err = err;
    return first;
}

int fc__buffer_receive(struct fc__marshal *m, uint32_t index) {
    const struct fc__step *step = &m->plan->steps[index];
    uint64_t count = m->sent[index].count;
    if (m->sent[index].callee == 0 || m->sent[index].in_place) {
        return FC_OK;
    }
    int rc = fc__marshal_valid(m, index, count, &count);
    if (rc != FC_OK) {
        return rc;
    }
    const unsigned char *from = (const unsigned char *)(uintptr_t)m->sent[index].callee;
    unsigned char *to = (unsigned char *)(uintptr_t)m->slots[index];
    const uint64_t bytes = count * (step->counts_bytes ? 1u : step->value.caller_bytes);
    if (fc__value_is_converted(&step->value) || (step->value.kind == FC__VALUE_POINTER && m->plan->points_back)) {
        return elements_to_caller(m, index, from, to, count);
    }
    if (m->sent[index].before != NULL) {
        fc__change_copy(to, from, m->sent[index].before, bytes);
    } else {
        memcpy(to, from, (size_t)bytes);
    }
    return FC_OK;
}
