/* client: calls whose arguments are what a format says, or the row whose condition holds. Rows have plans of their own;
 * of a format there is a plan for each row of kinds of arguments, made when it is first used. Then such a call is like
 * any other. */
#include "client/client.h"

#include "abi/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A program that makes formats up as it goes must not fill the memory with plans: of more kinds than these, each call
 * makes its own. Copies of strings up to so many bytes together are on the stack, also in signal handlers. */
enum { KEPT_MAX = 1000, BUCKETS = 64, ROOM_BYTES = 4096 };

struct fc__variant {
    struct fc__variant *next;
    struct fc__plan *plan;
    char kinds[];
};
struct fc__variants {
    _Atomic uint32_t count;
    struct fc__variant *_Atomic buckets[BUCKETS];
};

/* What one call has beside its marshal. */
struct fc__passed {
    struct fc_function *function;
    struct fc__marshal *marshal;
    struct fc__format format;
    struct fc__plan *made;                   /* for this call alone */
    uint64_t texts[FC__FRAME_ARGUMENTS_MAX]; /* the caller's, of each cut: slots have the copies */
    size_t used;                             /* of the room for copies of strings that have no end */
    _Alignas(16) unsigned char room[ROOM_BYTES];
};

struct fc__variants *fc__variants_new(void) {
    return calloc(1, sizeof(struct fc__variants));
}

void fc__variants_free(struct fc__variants *variants) {
    for (unsigned i = 0; variants != NULL && i < BUCKETS; i++) {
        for (struct fc__variant *variant = variants->buckets[i]; variant != NULL;) {
            struct fc__variant *next = variant->next;
            fc__plan_free(variant->plan);
            free(variant);
            variant = next;
        }
    }
    free(variants);
}

static struct fc__variant *_Atomic *bucket_of(struct fc_function *function, const char *kinds) {
    uint32_t hash = 0;
    for (; *kinds != '\0'; kinds++) {
        hash = hash * 31 + (unsigned char)*kinds;
    }
    return &function->variants->buckets[(hash ^ hash >> 16) % BUCKETS];
}

static const struct fc__plan *find(struct fc_function *function, const char *kinds) {
    const struct fc__variant *variant = atomic_load_explicit(bucket_of(function, kinds), memory_order_acquire);
    while (variant != NULL && strcmp(variant->kinds, kinds) != 0) {
        variant = variant->next;
    }
    return variant != NULL ? variant->plan : NULL;
}

/* Two threads may both make one: then one of them is never used again. */
static bool keep(struct fc_function *function, const char *kinds, struct fc__plan *plan) {
    const size_t len = strlen(kinds);
    struct fc__variant *variant =
        atomic_load(&function->variants->count) < KEPT_MAX ? malloc(sizeof *variant + len + 1) : NULL;
    if (variant == NULL) {
        return false;
    }
    struct fc__variant *_Atomic *bucket = bucket_of(function, kinds);
    memcpy(variant->kinds, kinds, len + 1);
    variant->plan = plan;
    variant->next = atomic_load_explicit(bucket, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(bucket, &variant->next, variant, memory_order_release,
                                                  memory_order_relaxed)) {
    }
    atomic_fetch_add(&function->variants->count, 1);
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

static void begin(struct fc__passed *passed, struct fc_function *function, struct fc__marshal *marshal) {
    passed->function = function;
    passed->marshal = marshal;
    passed->format.count = passed->format.cut_count = 0;
    passed->made = NULL;
    marshal->passed = passed;
}

/* The marshal has fetched the parameters themselves, which say what follows: gives it the plan for that. */
static int choose_plan(struct fc__passed *passed) {
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

/* Characters of UTF-8 as the library skips them. */
static uint64_t skip_characters(const unsigned char *text, uint64_t most, size_t *ret_bytes) {
    uint64_t count = 0;
    size_t at = 0;
    for (; count < most && text[at] != '\0'; count++) {
        const bool is_long = text[at++] >= 0xc0;
        while (is_long && (text[at] & 0xc0) == 0x80) {
            at++;
        }
    }
    *ret_bytes = at;
    return count;
}

/* Whether there is no end in what is read of it, which are *ret_bytes. */
static bool is_unended(const struct fc__format_cut *cut, const void *text, uint64_t limit, size_t *ret_bytes) {
    if (cut->is_characters) {
        return skip_characters(text, limit, ret_bytes) == limit;
    }
    *ret_bytes = (size_t)limit * (cut->is_wide ? sizeof(wchar_t) : 1);
    return (cut->is_wide ? wcsnlen(text, (size_t)limit) : strnlen(text, (size_t)limit)) == limit;
}

static unsigned char *text_new(struct fc__passed *passed, struct fc__channel *channel, size_t size) {
    if (size > ROOM_BYTES - passed->used) {
        return fc__channel_private(channel, size);
    }
    unsigned char *text = passed->room + passed->used;
    passed->used += (size + 15) & ~(size_t)15;
    return text;
}

/* With a precision, a string may have no end within it; what is sent must have one. */
int fc__variadic_end_texts(struct fc__passed *passed, struct fc__channel *channel) {
    struct fc__marshal *marshal = passed->marshal;
    passed->used = 0;
    for (uint32_t i = 0; i < passed->format.cut_count; i++) {
        const struct fc__format_cut *cut = &passed->format.cuts[i];
        const void *const text = (const void *)(uintptr_t)passed->texts[i];
        const size_t unit = cut->is_wide ? sizeof(wchar_t) : 1;
        const int64_t limit = cut->is_passed ? (int64_t)marshal->slots[cut->index - 1] : (int64_t)cut->limit;
        size_t bytes;
        if (text == NULL || limit < 0 || !is_unended(cut, text, (uint64_t)limit, &bytes)) {
            continue;
        }
        unsigned char *copy = text_new(passed, channel, bytes + unit);
        if (copy == NULL) {
            return channel->is_spare
                       ? fc__error_set(marshal->err, FC_EBUSY,
                                       "this thread is already in a call of this session (a signal handler?), and in "
                                       "that state strings without an end can have %d bytes in all, which those of "
                                       "%s exceed",
                                       ROOM_BYTES, marshal->plan->name)
                       : fc__error_set(marshal->err, FC_ENOMEM, "out of memory for a string of %s of %zu bytes",
                                       marshal->plan->name, bytes);
        }
        memcpy(copy, text, bytes);
        memset(copy + bytes, 0, unit);
        marshal->slots[cut->index] = (uintptr_t)copy;
    }
    return FC_OK;
}

/* The rest of the arguments is fetched. */
static int finish(struct fc__passed *passed, int rc, void *ret_result) {
    for (uint32_t i = 0; rc == FC_OK && i < passed->format.cut_count; i++) {
        passed->texts[i] = passed->marshal->slots[passed->format.cuts[i].index];
    }
    if (rc == FC_OK) {
        rc = fc__function_call(passed->function, passed->marshal, ret_result);
    }
    const int errno_after = errno;
    fc__plan_free(passed->made);
    errno = errno_after;
    return rc;
}

int fc__variadic_list(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, va_list *list) {
    struct fc__passed passed; /* not cleared: its room is large */
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
    struct fc__passed passed; /* not cleared: its room is large */
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
    struct fc__passed passed; /* not cleared: its room is large */
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
