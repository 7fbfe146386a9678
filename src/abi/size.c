/* abi: the expressions of annotations, evaluated over the caller's values. */
#include "abi/marshal.h"
#include "abi/value.h"

#include "base/checked.h"

#include <inttypes.h>
#include <string.h>

struct evaluation {
    struct fc__marshal *m; /* NULL: there is none, and only members are read */
    const struct fc__scope *scope;
};

/* Conditions compare whatever 64 bits hold; a size has no more than 63. */
struct number {
    int64_t value;
    bool is_huge; /* beyond INT64_MAX, and `value` is its bits */
};

/* What a size reads, for messages. */
static const char *described(const struct evaluation *e, const struct fc__size *size, char *text) {
    return size->kind == FC__EXPR_PARAM || size->kind == FC__EXPR_DEREF ? fc__argument_text(e->m, size->param, text)
           : size->kind == FC__EXPR_MEMBER_DEREF                        ? size->left->name
           : size->name != NULL                                         ? size->name
                                                                        : "a number";
}

static int null_error(const struct evaluation *e, const struct fc__size *size) {
    char text[FC__SPOT_TEXT_MAX];
    return fc__error_set(e->m->err, FC_EINVAL, "%s of %s is NULL, but a size is read through it",
                         described(e, size, text), e->m->plan->name);
}

static struct number number_of(uint64_t value, bool is_signed) {
    return (struct number){.value = (int64_t)value, .is_huge = !is_signed && value > INT64_MAX};
}

static int huge_error(const struct evaluation *e, const struct fc__size *size, struct number number) {
    char text[FC__SPOT_TEXT_MAX];
    if (e->m == NULL) {
        return FC_ERANGE;
    }
    return fc__error_set(e->m->err, FC_ERANGE, "%s of %s, %" PRIu64 ", is too large for a size",
                         described(e, size, text), e->m->plan->name, (uint64_t)number.value);
}

uint64_t fc__value_load_bits(const unsigned char *from, unsigned bit_offset, unsigned bit_width, bool is_signed) {
    unsigned char bytes[16] = {0};
    uint64_t low, high;
    memcpy(bytes, from, (bit_offset + bit_width + 7) / 8);
    memcpy(&low, bytes, 8);
    memcpy(&high, bytes + 8, 8);
    uint64_t value = bit_offset == 0 ? low : low >> bit_offset | high << (64 - bit_offset);
    const unsigned unused = 64 - bit_width;
    return is_signed ? (uint64_t)((int64_t)(value << unused) >> unused) : value << unused >> unused;
}

/* A place that is the caller's own, whatever the callee wrote: an argument, what one points to, a member around it. */
static bool is_callers(const struct evaluation *e, const struct fc__size *size) {
    while (size->kind == FC__EXPR_DOT) {
        size = size->left;
    }
    return size->kind == FC__EXPR_MEMBER || size->kind == FC__EXPR_PARAM ||
           (!e->m->is_upcall && (size->kind == FC__EXPR_DEREF || size->left->kind == FC__EXPR_PARAM));
}

/* Others are behind pointers that may be the callee's word, and are looked at before they are looked through. */
static int check_place(const struct evaluation *e, const struct fc__size *size, const unsigned char *at,
                       uint64_t bytes) {
    struct fc__marshal *m = e->m;
    char text[FC__SPOT_TEXT_MAX];
    uint64_t room = 0;
    if (!m->is_answered || m->ops->is_native) {
        return FC_OK;
    }
    int rc = fc__object_settle(m, (uintptr_t)at);
    if (rc != FC_OK || is_callers(e, size) || (fc__object_room(m, FC__HERE, (uintptr_t)at, &room) && bytes <= room) ||
        m->ops->is_shared(m->context, (uintptr_t)at, bytes)) {
        return rc;
    }
    return fc__error_set(m->err, FC_EPROTO, "a size of %s is read through %s, which leads to nothing that is known",
                         m->plan->name, described(e, size, text));
}

/* The struct that a member is of. */
static const struct fc__scope *scope_of(const struct evaluation *e, const struct fc__size *size) {
    const struct fc__scope *scope = e->scope;
    while (scope != NULL && scope->key != size->record) {
        scope = scope->outer;
    }
    return scope;
}

/* The bytes of a member: of the struct around the annotated member, or of one that a pointer leads to. */
static int member_bytes(const struct evaluation *e, const struct fc__size *size, const unsigned char **ret_bytes);

static int pointer_value(const struct evaluation *e, const struct fc__size *size, const unsigned char **ret_pointer) {
    uint64_t pointer = 0;
    if (size->kind == FC__EXPR_PARAM) {
        pointer = e->m->slots[size->param];
    } else {
        const unsigned char *bytes;
        int rc = member_bytes(e, size, &bytes);
        rc = rc == FC_OK ? check_place(e, size, bytes, sizeof(void *)) : rc;
        if (rc != FC_OK) {
            return rc;
        }
        pointer = fc__value_load(bytes, sizeof(void *), false);
    }
    *ret_pointer = (const unsigned char *)(uintptr_t)pointer;
    return pointer != 0 ? FC_OK : null_error(e, size);
}

static int member_bytes(const struct evaluation *e, const struct fc__size *size, const unsigned char **ret_bytes) {
    const unsigned char *record = NULL;
    int rc = FC_OK;
    if (size->kind == FC__EXPR_ARROW) {
        rc = pointer_value(e, size->left, &record);
    } else if (size->kind == FC__EXPR_DOT) {
        rc = member_bytes(e, size->left, &record);
    } else if (size->kind == FC__EXPR_PARAM) { /* a struct itself: its slot has its address */
        record = (const unsigned char *)(uintptr_t)e->m->slots[size->param];
    } else {
        const struct fc__scope *scope = scope_of(e, size);
        if (scope == NULL) {
            return fc__error_set(e->m->err, FC_EUNSUPPORTED,
                                 "a size in %s names the member `%s` of a struct that is not around it",
                                 e->m->plan->name, size->name);
        }
        record = scope->record;
    }
    if (rc == FC_OK) {
        *ret_bytes = record + size->offset;
    }
    return rc;
}

static struct number loaded(const struct fc__size *size, const unsigned char *from) {
    return number_of(size->bit_width != 0
                         ? fc__value_load_bits(from, size->bit_offset, size->bit_width, size->is_signed)
                         : fc__value_load(from, size->bytes, size->is_signed),
                     size->is_signed);
}

static int load(const struct evaluation *e, const struct fc__size *size, const unsigned char *from,
                struct number *ret_number) {
    const uint64_t bytes = size->bit_width != 0 ? (size->bit_offset + size->bit_width + 7u) / 8 : size->bytes;
    int rc = check_place(e, size, from, bytes);
    if (rc == FC_OK) {
        *ret_number = loaded(size, from);
    }
    return rc;
}

/* A leaf where there is no call whose arguments could be read. */
static int member_leaf(const struct evaluation *e, const struct fc__size *size, struct number *ret_number) {
    const struct fc__size *member = size;
    uint64_t offset = size->offset;
    if (size->kind == FC__EXPR_CONSTANT) {
        ret_number->value = size->value;
        return FC_OK;
    }
    for (; member->kind == FC__EXPR_DOT; offset += member->offset) {
        member = member->left;
    }
    const struct fc__scope *scope = member->kind == FC__EXPR_MEMBER ? scope_of(e, member) : NULL;
    if (scope == NULL || scope->record == NULL) {
        return FC_EUNSUPPORTED;
    }
    *ret_number = loaded(size, scope->record + offset);
    return FC_OK;
}

/* Strings that were taken over have their NUL; others may have lost it, or the pointer may lead into something else. */
static uint64_t elements_before_zero(const char *text, uint64_t size, uint64_t room) {
    uint64_t n = 0;
    while (n < room && fc__value_load((const unsigned char *)text + n * size, (unsigned)size, false) != 0) {
        n++;
    }
    return n;
}

static int text_len(const struct evaluation *e, const struct fc__size *size, const char *text, int64_t *ret_value) {
    const struct fc__size *pointer = size->left;
    struct fc__marshal *m = e->m;
    uint64_t room = UINT64_MAX;
    int rc = m->is_answered ? fc__object_settle(m, (uintptr_t)text) : FC_OK;
    if (rc != FC_OK) {
        return rc;
    }
    if (m->is_answered && !m->is_deep && pointer->kind == FC__EXPR_PARAM &&
        m->plan->steps[pointer->param].kind == FC__STEP_BUFFER) {
        room = m->sent[pointer->param].count;
    } else if (m->is_answered) {
        room = fc__object_room(m, FC__HERE, (uintptr_t)text, &room) ? room / size->bytes : room;
    }
    const uint64_t len = size->bytes != 1  ? elements_before_zero(text, size->bytes, room)
                         : room < SIZE_MAX ? strnlen(text, (size_t)room)
                                           : strlen(text);
    if (len == room) {
        return fc__error_set(m->err, FC_EPROTO, "a size of %s is the length of a string that has no end",
                             m->plan->name);
    }
    *ret_value = (int64_t)len;
    return FC_OK;
}

static int leaf(const struct evaluation *e, const struct fc__size *size, struct number *ret_number) {
    struct fc__marshal *m = e->m;
    const unsigned char *at = NULL;
    int rc;
    *ret_number = (struct number){0};
    switch (size->kind) {
    case FC__EXPR_CONSTANT:
        ret_number->value = size->value;
        return FC_OK;
    case FC__EXPR_RESULT:
        ret_number->value = m->result;
        return FC_OK;
    case FC__EXPR_OUTER:
        ret_number->value = (int64_t)m->outers[size->param];
        return FC_OK;
    case FC__EXPR_PARAM:
        *ret_number = number_of(m->slots[size->param], m->plan->fetches[size->param].is_signed);
        return FC_OK;
    case FC__EXPR_DEREF:
        if (m->slots[size->param] == 0) {
            return null_error(e, size);
        }
        return load(e, size, (const unsigned char *)(uintptr_t)m->slots[size->param], ret_number);
    case FC__EXPR_MEMBER_DEREF:
        rc = pointer_value(e, size->left, &at);
        return rc == FC_OK ? load(e, size, at, ret_number) : rc;
    case FC__EXPR_STRLEN:
        rc = pointer_value(e, size->left, &at);
        return rc == FC_OK ? text_len(e, size, (const char *)at, &ret_number->value) : rc;
    default:
        rc = member_bytes(e, size, &at);
        return rc == FC_OK ? load(e, size, at, ret_number) : rc;
    }
}

/* Less than 0, 0 or more, as the left one is less than the right one, equal or more. */
static int order(struct number left, struct number right) {
    return left.is_huge != right.is_huge ? (left.is_huge ? 1 : -1)
                                         : (left.value > right.value) - (left.value < right.value);
}

static bool is_comparison(enum fc__expr_kind kind) {
    return kind == FC__EXPR_EQ || kind == FC__EXPR_NE || kind == FC__EXPR_LT || kind == FC__EXPR_LE ||
           kind == FC__EXPR_GT || kind == FC__EXPR_GE;
}

static bool compare(enum fc__expr_kind kind, int ordered) {
    switch (kind) {
    case FC__EXPR_EQ:
        return ordered == 0;
    case FC__EXPR_NE:
        return ordered != 0;
    case FC__EXPR_LT:
        return ordered < 0;
    case FC__EXPR_LE:
        return ordered <= 0;
    case FC__EXPR_GT:
        return ordered > 0;
    default:
        return ordered >= 0;
    }
}

static bool combine(enum fc__expr_kind kind, int64_t left, int64_t right, int64_t *ret_value) {
    switch (kind) {
    case FC__EXPR_ADD:
        return fc__add_i64(left, right, ret_value);
    case FC__EXPR_SUB:
        return fc__sub_i64(left, right, ret_value);
    case FC__EXPR_MUL:
        return fc__mul_i64(left, right, ret_value);
    case FC__EXPR_DIV:
        if (right == 0 || (left == INT64_MIN && right == -1)) {
            return false;
        }
        *ret_value = left / right;
        return true;
    case FC__EXPR_BIT_AND:
        *ret_value = left & right;
        return true;
    default:
        return false;
    }
}

static int evaluate(const struct evaluation *e, const struct fc__size *size, struct number *ret_number);

static int evaluate_size(const struct evaluation *e, const struct fc__size *size, int64_t *ret_value) {
    struct number number;
    int rc = evaluate(e, size, &number);
    if (rc == FC_OK) {
        *ret_value = number.value;
    }
    return rc == FC_OK && number.is_huge ? huge_error(e, size, number) : rc;
}

static int evaluate_condition(const struct evaluation *e, const struct fc__size *size, bool *ret_holds) {
    struct number number;
    int rc = evaluate(e, size, &number);
    *ret_holds = rc == FC_OK && number.value != 0;
    return rc;
}

static int evaluate_pair(const struct evaluation *e, const struct fc__size *size, struct number *ret_number) {
    struct number left, right;
    int rc = evaluate(e, size->left, &left);
    rc = rc == FC_OK ? evaluate(e, size->right, &right) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    if (is_comparison(size->kind)) {
        ret_number->value = compare(size->kind, order(left, right));
    } else if (size->kind != FC__EXPR_BIT_AND && (left.is_huge || right.is_huge)) {
        return left.is_huge ? huge_error(e, size->left, left) : huge_error(e, size->right, right);
    } else if (!combine(size->kind, left.value, right.value, &ret_number->value)) {
        return e->m == NULL ? FC_ERANGE
                            : fc__error_set(e->m->err, FC_ERANGE,
                                            "a size expression of %s overflows or divides by zero", e->m->plan->name);
    }
    ret_number->is_huge = ret_number->value < 0 && (left.is_huge || right.is_huge);
    return FC_OK;
}

static int evaluate(const struct evaluation *e, const struct fc__size *size, struct number *ret_number) {
    const bool is_not = size->kind == FC__EXPR_NOT, is_or = size->kind == FC__EXPR_OR;
    bool holds = false;
    *ret_number = (struct number){0};
    if (!is_not && size->right == NULL) {
        return e->m != NULL ? leaf(e, size, ret_number) : member_leaf(e, size, ret_number);
    }
    if (!is_not && !is_or && size->kind != FC__EXPR_AND && size->kind != FC__EXPR_CHOICE) {
        return evaluate_pair(e, size, ret_number);
    }
    int rc = evaluate_condition(e, size->left, &holds);
    if (rc == FC_OK && size->kind == FC__EXPR_CHOICE) {
        return evaluate(e, holds ? size->right->left : size->right->right, ret_number);
    }
    if (rc == FC_OK && !is_not && holds != is_or) {
        rc = evaluate_condition(e, size->right, &holds);
    }
    ret_number->value = is_not ? !holds : holds;
    return rc;
}

bool fc__size_of_members(const struct fc__scope *scope, const struct fc__size *size, int64_t *ret_value) {
    return evaluate_size(&(struct evaluation){.scope = scope}, size, ret_value) == FC_OK;
}

int fc__size_value(struct fc__marshal *m, const struct fc__scope *scope, const struct fc__size *size,
                   int64_t *ret_value) {
    return evaluate_size(&(struct evaluation){.m = m, .scope = scope}, size, ret_value);
}

int fc__size_count(struct fc__marshal *m, const struct fc__scope *scope, const struct fc__size *size, uint32_t index,
                   const char *name, uint64_t *ret_count) {
    int64_t count = 1;
    int rc = size != NULL ? fc__size_value(m, scope, size, &count) : FC_OK;
    if (rc == FC_OK && count < 0) {
        char text[FC__SPOT_TEXT_MAX];
        const struct fc__spot spot = {
            .what = FC__SPOT_ARGUMENT, .index = index, .element = UINT64_MAX, .is_inner = true, .field = name};
        rc = fc__error_set(m->err, FC_EINVAL, "the size of %s of %s is %" PRId64, fc__spot_text(m, &spot, text),
                           m->plan->name, count);
    }
    if (rc == FC_OK) {
        *ret_count = (uint64_t)count;
    }
    return rc;
}

int fc__marshal_capacity(struct fc__marshal *m, uint32_t index, uint64_t *ret_count) {
    return fc__size_count(m, NULL, m->plan->steps[index].capacity, index, NULL, ret_count);
}

int fc__size_valid(struct fc__marshal *m, const struct fc__scope *scope, const struct fc__size *size, uint64_t capacity,
                   uint64_t *ret_count) {
    int64_t valid = 0;
    if (size == NULL) {
        *ret_count = capacity;
        return FC_OK;
    }
    int rc = fc__size_value(m, scope, size, &valid);
    if (rc == FC_OK) {
        *ret_count = valid < 0 ? 0 : (uint64_t)valid < capacity ? (uint64_t)valid : capacity;
    }
    return rc;
}

/* The callee's word, so never more than the caller's own capacity. Functions that need more room report it so. */
int fc__marshal_valid(struct fc__marshal *m, uint32_t index, uint64_t capacity, uint64_t *ret_count) {
    return fc__size_valid(m, NULL, m->plan->steps[index].valid, capacity, ret_count);
}
