/* client: calls whose arguments are what a format says, or the row whose condition holds. Rows have plans of their own;
 * of a format there is a plan for each row of kinds of arguments, made when it is first used. Then such a call is like
 * any other. */
#include "client/client.h"

#include "abi/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A program that makes formats up as it goes must not fill the memory with plans. Copies of strings up to so many bytes
 * together take none. */
enum { KEPT_MAX = 1000, ROOM_BYTES = 4096 };

struct fc__variant {
    struct fc__variant *next;
    struct fc__plan *plan;
    char kinds[];
};

/* What one call has beside its marshal. */
struct passed {
    struct fc_function *function;
    struct fc__marshal *marshal;
    struct fc__format format;
    struct fc__plan *made; /* for this call alone */
    void *texts;           /* copies of strings that have no end; each begins with the next one's address */
    size_t used;           /* of the room for them */
    _Alignas(16) unsigned char room[ROOM_BYTES];
};

void fc__variants_free(struct fc_function *function) {
    for (struct fc__variant *variant = function->variants; variant != NULL;) {
        struct fc__variant *next = variant->next;
        fc__plan_free(variant->plan);
        free(variant);
        variant = next;
    }
}

static const struct fc__plan *find(struct fc_function *function, const char *kinds) {
    const struct fc__variant *variant = atomic_load_explicit(&function->variants, memory_order_acquire);
    while (variant != NULL && strcmp(variant->kinds, kinds) != 0) {
        variant = variant->next;
    }
    return variant != NULL ? variant->plan : NULL;
}

/* Two threads may both make one: then one of them is never used again. */
static bool keep(struct fc_function *function, const char *kinds, struct fc__plan *plan) {
    const size_t len = strlen(kinds);
    struct fc__variant *variant =
        atomic_load(&function->variant_count) < KEPT_MAX ? malloc(sizeof *variant + len + 1) : NULL;
    if (variant == NULL) {
        return false;
    }
    memcpy(variant->kinds, kinds, len + 1);
    variant->plan = plan;
    variant->next = atomic_load_explicit(&function->variants, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&function->variants, &variant->next, variant, memory_order_release,
                                                  memory_order_relaxed)) {
    }
    atomic_fetch_add(&function->variant_count, 1);
    return true;
}

static int choose_row(struct fc__marshal *marshal) {
    const struct fc__plan *base = marshal->plan;
    marshal->is_answered = marshal->is_deep = false; /* all that conditions read is the caller's */
    for (const struct fc__plan *row = base->rows; row != NULL; row = row->next_row) {
        int64_t is_it = 0;
        marshal->plan = row;
        int rc = fc__size_value(marshal, NULL, row->when, &is_it);
        if (rc != FC_OK || is_it != 0) {
            return rc;
        }
    }
    return fc__error_set(marshal->err, FC_EINVAL,
                         "no declaration of %s is for these arguments: its _Fc_when_ conditions all fail. Declare what "
                         "such a call passes behind them",
                         base->name);
}

static void begin(struct passed *passed, struct fc_function *function, struct fc__marshal *marshal) {
    passed->function = function;
    passed->marshal = marshal;
    passed->format.count = passed->format.cut_count = 0;
    passed->made = NULL;
    passed->texts = NULL;
    passed->used = 0;
}

/* The marshal has fetched the parameters themselves, which say what follows: gives it the plan for that. */
static int choose_plan(struct passed *passed) {
    struct fc__marshal *marshal = passed->marshal;
    if (marshal->plan->rows != NULL) {
        return choose_row(marshal);
    }
    const struct fc__plan *base = passed->function->plan;
    const char *format = (const char *)(uintptr_t)marshal->slots[base->format_index];
    int rc = fc__format_read(format != NULL ? format : "", base->conversions, base->name, base->count,
                             FC__FORMAT_FOR_CALLEE, &passed->format, marshal->err);
    if (rc != FC_OK || (passed->format.count == 0 && !base->takes_list)) {
        return rc;
    }
    const struct fc__plan *plan = find(passed->function, passed->format.kinds);
    if (plan == NULL) {
        struct fc__plan *made = NULL;
        rc = fc__function_plan_passing(passed->function, passed->format.kinds, &made, marshal->err);
        if (rc != FC_OK) {
            return rc;
        }
        passed->made = keep(passed->function, passed->format.kinds, made) ? NULL : made;
        plan = made;
    }
    marshal->plan = plan;
    return FC_OK;
}

static unsigned char *text_new(struct passed *passed, size_t size) {
    if (size <= ROOM_BYTES - passed->used) {
        unsigned char *text = passed->room + passed->used;
        passed->used += (size + 15) & ~(size_t)15;
        return text;
    }
    void **text = malloc(16 + size);
    if (text == NULL) {
        return NULL;
    }
    *text = passed->texts;
    passed->texts = text;
    return (unsigned char *)text + 16;
}

/* With a precision, a string may have no end within it; what is sent must have one. */
static int end_texts(struct passed *passed) {
    struct fc__marshal *marshal = passed->marshal;
    for (uint32_t i = 0; i < passed->format.cut_count; i++) {
        const struct fc__format_cut *cut = &passed->format.cuts[i];
        const uint64_t slot = marshal->slots[cut->index];
        const int64_t limit = cut->is_passed ? (int64_t)marshal->slots[cut->index - 1] : (int64_t)cut->limit;
        const size_t unit = cut->is_wide ? sizeof(wchar_t) : 1;
        const void *text = (const void *)(uintptr_t)slot;
        if (slot == 0 || limit < 0 ||
            (cut->is_wide ? wcsnlen(text, (size_t)limit) : strnlen(text, (size_t)limit)) < (size_t)limit) {
            continue;
        }
        const size_t bytes = (size_t)limit * unit;
        unsigned char *copy =
            bytes / unit == (size_t)limit && bytes < PTRDIFF_MAX - 64 ? text_new(passed, bytes + unit) : NULL;
        if (copy == NULL) {
            return fc__error_set(marshal->err, FC_ENOMEM, "out of memory for a string of %s", marshal->plan->name);
        }
        memcpy(copy, text, bytes);
        memset(copy + bytes, 0, unit);
        marshal->slots[cut->index] = (uintptr_t)copy;
    }
    return FC_OK;
}

/* The rest of the arguments is fetched. */
static int finish(struct passed *passed, int rc, void *ret_result) {
    const int errno_before = errno;
    rc = rc == FC_OK ? end_texts(passed) : rc;
    if (rc == FC_OK) {
        errno = errno_before; /* malloc may have set it */
        rc = fc__function_call(passed->function, passed->marshal, ret_result);
    }
    const int errno_after = errno;
    while (passed->texts != NULL) {
        void *text = passed->texts;
        passed->texts = *(void **)text;
        free(text);
    }
    fc__plan_free(passed->made);
    errno = errno_after;
    return rc;
}

int fc__variadic_list(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, va_list *list) {
    struct passed passed; /* not cleared: its room is large */
    begin(&passed, function, marshal);
    fc__marshal_fetch_list(marshal, list);
    int rc = choose_plan(&passed);
    if (rc == FC_OK && function->plan->takes_list) {
        va_list inner;
        fc__marshal_open_list(&inner, va_arg(*list, void *));
        fc__marshal_fetch_rest(marshal, function->plan->count, &inner);
    } else if (rc == FC_OK) {
        fc__marshal_fetch_rest(marshal, function->plan->count, list);
    }
    return finish(&passed, rc, ret_result);
}

int fc__variadic_rest(struct fc_function *function, struct fc__marshal *marshal, void *ret_result,
                      void *const *arguments, va_list *rest) {
    struct passed passed; /* not cleared: its room is large */
    begin(&passed, function, marshal);
    fc__marshal_fetch_array(marshal, arguments);
    int rc = choose_plan(&passed);
    if (rc == FC_OK) {
        fc__marshal_fetch_rest(marshal, function->plan->count, rest);
    }
    return finish(&passed, rc, ret_result);
}

int fc__variadic_array(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, size_t count,
                       void *const *arguments) {
    struct passed passed; /* not cleared: its room is large */
    begin(&passed, function, marshal);
    const struct fc__plan *base = function->plan;
    if (count < base->count) {
        return fc__error_set(marshal->err, FC_EARGS, "%s takes at least %u argument%s, not %zu", base->name,
                             base->count, base->count == 1 ? "" : "s", count);
    }
    fc__marshal_fetch_array(marshal, arguments);
    int rc = choose_plan(&passed);
    const size_t expected = base->takes_list ? base->count + 1 : marshal->plan->count;
    if (rc == FC_OK && count != expected) {
        rc = fc__error_set(marshal->err, FC_EARGS, "%s takes %zu arguments by %s, not %zu", base->name, expected,
                           base->rows != NULL ? "these" : "this format", count);
    }
    if (rc == FC_OK && base->takes_list) {
        va_list inner;
        memcpy(&inner, arguments[base->count], sizeof inner);
        fc__marshal_fetch_rest(marshal, base->count, &inner);
    } else if (rc == FC_OK) {
        fc__marshal_fetch_array(marshal, arguments);
    }
    return finish(&passed, rc, ret_result);
}
