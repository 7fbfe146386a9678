/* client: fc_call and fc_call_array, and their short way: calls that are all registers, with one payload or a string as
 * the result at most. All of such a call is in the line, and nothing of it is marshalled. */
#include "client/client.h"

#include "abi/payload.h"
#include "abi/value.h"

#include <errno.h>
#include <string.h>

/* It did not get as far as the host: the long way does it, or says why not. */
enum { FC__AGAIN = 1 };

/* -- arguments ----------------------------------------------------------------------------------------------------- */

/* Where arguments come from: a list, or an array of pointers to them. One is NULL, which the compiler knows. */
struct source {
    va_list *list;
    void *const *array;
};

static inline int next_int(struct source from, uint32_t index) {
    if (from.list != NULL) {
        return va_arg(*from.list, int);
    }
    int value;
    memcpy(&value, from.array[index], sizeof value);
    return value;
}

static inline uint64_t next_8(struct source from, uint32_t index) {
    if (from.list != NULL) {
        return va_arg(*from.list, uint64_t);
    }
    uint64_t value;
    memcpy(&value, from.array[index], sizeof value);
    return value;
}

static inline double next_double(struct source from, uint32_t index) {
    if (from.list != NULL) {
        return va_arg(*from.list, double);
    }
    double value;
    memcpy(&value, from.array[index], sizeof value);
    return value;
}

static inline float next_float(struct source from, uint32_t index) {
    if (from.list != NULL) {
        return (float)va_arg(*from.list, double);
    }
    float value;
    memcpy(&value, from.array[index], sizeof value);
    return value;
}

static inline unsigned char *next_pointer(struct source from, uint32_t index) {
    if (from.list != NULL) {
        return va_arg(*from.list, unsigned char *);
    }
    unsigned char *value;
    memcpy(&value, from.array[index], sizeof value);
    return value;
}

static inline int next_small(struct source from, uint32_t index, unsigned bytes) {
    return from.list != NULL ? va_arg(*from.list, int)
                             : (int)fc__value_load(from.array[index], bytes == 2 ? 2 : 1, false);
}

/* An opaque pointer that means the same on both sides, or an integer that fits there. What else it may be takes longer
 * to find out. */
static __attribute__((noinline)) bool check(const struct fc_function *function, const struct fc__channel *channel,
                                            uint32_t index, uint64_t *value) {
    const struct fc__value *type = &function->plan->steps[index].value;
    const struct fc_session *session = function->session;
    *value = fc__value_extend(*value, type->caller_bytes, type->is_signed);
    if (type->kind == FC__VALUE_INTEGER) {
        return fc__value_resize(type, *value, type->caller_bytes, type->callee_bytes, value);
    }
    return channel->objects.count == 0 && !fc__callee_heap_is_dead(&session->window, *value) &&
           (type->caller_bytes == type->callee_bytes || !fc__book_needs_lock(session, *value));
}

/* False if something takes the long way. *ret_payload: the pointer to the payload, if there is one. */
static inline __attribute__((always_inline)) bool put_short(const struct fc_function *function,
                                                            const struct fc__channel *channel, unsigned char *words,
                                                            struct source from, unsigned char **ret_payload) {
    const struct fc__plan *plan = function->plan;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__put put = plan->puts[i];
        unsigned char *at = words + put.offset;
        uint64_t word;
        switch (put.kind) {
        case FC__PUT_INT4: {
            int value = next_int(from, i);
            memcpy(at, &value, sizeof value);
            continue;
        }
        case FC__PUT_FLOAT: {
            float value = next_float(from, i);
            memcpy(at, &value, sizeof value);
            continue;
        }
        case FC__PUT_DOUBLE: {
            double value = next_double(from, i);
            memcpy(at, &value, sizeof value);
            continue;
        }
        case FC__PUT_PAYLOAD:
            *ret_payload = next_pointer(from, i);
            continue;
        case FC__PUT_INT8_SIGNED:
            word = (uint64_t)next_int(from, i);
            break;
        case FC__PUT_INT8_UNSIGNED:
            word = (uint32_t)next_int(from, i);
            break;
        case FC__PUT_SMALL:
            word = fc__marshal_int(&plan->fetches[i], next_small(from, i, plan->fetches[i].bytes));
            if (plan->callee->word_bytes == 4) {
                memcpy(at, &word, 4);
                continue;
            }
            break;
        case FC__PUT_CHECKED:
            word = plan->fetches[i].bytes == 8 ? next_8(from, i) : (uint32_t)next_int(from, i);
            if (!check(function, channel, i, &word)) {
                return false;
            }
            if (plan->callee->word_bytes == 4) {
                memcpy(at, &word, 4);
                continue;
            }
            break;
        default:
            word = next_8(from, i);
            break;
        }
        memcpy(at, &word, sizeof word);
    }
    return true;
}

/* Returns the bytes of the payload; 0 if it is too long, or holds what does not fit. */
static inline uint32_t put_payload(const struct fc__payload *payload, const struct fc__wire_waiter *waiter,
                                   const unsigned char *here, struct fc_wire_line *line, unsigned char *ret_kept) {
    unsigned char *const to = (unsigned char *)line->words + payload->offset;
    const uint32_t before = FC__FRAME_WORDS_OFFSET + payload->offset;
    if (payload->bytes != 0) {
        fc__wire_claim_more(line, before + payload->bytes);
        fc__payload_keep(payload, here, ret_kept);
        const bool is_sent = fc__payload_send(payload, ret_kept, to);
        fc__wire_release_more(line, waiter, before + payload->bytes);
        return is_sent ? payload->bytes : 0;
    }
    const uint32_t bytes = (uint32_t)strnlen((const char *)here, FC__FRAME_PAYLOAD_BYTES_MAX) + 1;
    if (bytes > FC__FRAME_PAYLOAD_BYTES_MAX) {
        return 0;
    }
    fc__wire_claim_more(line, before + bytes);
    fc__payload_send_text(here, bytes, to);
    fc__wire_release_more(line, waiter, before + bytes);
    return bytes;
}

/* What the pointer of a call leads to is nothing, memory of both sides, or a payload. Returns what `info` says of it; 0
 * if the call is none of the short ones. */
static inline uint32_t put_pointer(const struct fc_function *function, const struct fc__wire_waiter *waiter,
                                   const unsigned char *here, struct fc_wire_line *line, unsigned char *ret_kept) {
    const struct fc__plan *plan = function->plan;
    const struct fc__payload *payload = plan->payload;
    const uint64_t address = (uintptr_t)here, size = payload->bytes != 0 ? payload->bytes : 1;
    fc__marshal_store((unsigned char *)line->words + payload->word, address, plan->callee->word_bytes);
    if (address == 0 || (payload->is_plain && address <= UINT32_MAX &&
                         fc__window_contains(&function->session->window, address, size))) {
        return plan->info;
    }
    const uint32_t bytes = put_payload(payload, waiter, here, line, ret_kept);
    return bytes != 0 ? plan->info | payload->info | FC__FRAME_PAYLOAD_SIZE((bytes + 7) / 8) : 0;
}

/* -- results ------------------------------------------------------------------------------------------------------- */

/* Of a payload that holds what does not fit: all else, and the words for it. */
static __attribute__((noinline)) int take_what_fits(const struct fc_function *function, struct fc__channel *channel,
                                                    const unsigned char *from, const unsigned char *kept,
                                                    unsigned char *here) {
    const struct fc__payload *payload = function->plan->payload;
    _Alignas(16) unsigned char copy[FC__FRAME_PAYLOAD_BYTES_MAX], sent[FC__FRAME_PAYLOAD_BYTES_MAX + 8];
    struct fc__marshal marshal;
    memcpy(copy, from, payload->bytes);
    fc__payload_send(payload, kept, sent);
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.context = &marshal;
    marshal.owner = channel;
    marshal.err = fc__error_here();
    marshal.is_deep = marshal.is_upcall = false;
    return fc__object_convert_changed(&marshal, payload->index, FC__HERE, payload->shape, copy, sent, here);
}

static int take_payload(const struct fc_function *function, struct fc__channel *channel, const unsigned char *kept,
                        unsigned char *here) {
    const struct fc__payload *payload = function->plan->payload;
    const unsigned char *const from = (const unsigned char *)channel->line->words + payload->offset;
    fc__wire_claim_more(channel->line, FC__FRAME_WORDS_OFFSET + payload->offset + payload->bytes);
    return __builtin_expect(fc__payload_receive(payload, from, kept, here), 1)
               ? FC_OK
               : take_what_fits(function, channel, from, kept, here);
}

/* A string that is not where the caller sees it. */
static __attribute__((noinline)) int fetch_text(const struct fc_function *function, struct fc__channel *channel,
                                                const struct fc__answer *answer, void *ret_result) {
    struct fc__crossing crossing;
    struct fc__marshal marshal;
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.context = &marshal;
    marshal.owner = channel;
    marshal.objects = &channel->objects;
    marshal.err = fc__error_here();
    marshal.is_deep = marshal.is_upcall = marshal.has_failed = false;
    fc__channel_cross_begin(channel, &crossing);
    int rc = fc__marshal_receive(&marshal, answer, ret_result);
    fc__channel_cross_end(channel);
    channel->line->words[0] = answer->second;
    return rc;
}

static inline int take_text(const struct fc_function *function, struct fc__channel *channel,
                            const struct fc__answer *answer, void *ret_result) {
    const uint64_t address = function->plan->callee->word_bytes == 4 ? (uint32_t)answer->value : answer->value;
    const bool is_here = (uint32_t)answer->second == FC__FRAME_GATHER_IN_PLACE &&
                         fc__callee_heap_holds(&function->session->window, address);
    if (__builtin_expect(!is_here, 0) && address != 0) {
        return fetch_text(function, channel, answer, ret_result);
    }
    if (ret_result != NULL) {
        fc__marshal_store(ret_result, address, sizeof(char *));
    }
    return FC_OK;
}

/* What becomes wider fits. */
static __attribute__((noinline)) void take_value(const struct fc__value *type, uint64_t value, void *ret_result) {
    uint64_t converted = fc__value_extend(value, type->callee_bytes, type->is_signed);
    fc__value_resize(type, converted, type->callee_bytes, type->caller_bytes, &converted);
    fc__marshal_store(ret_result, type->is_bool ? converted != 0 : converted, type->caller_bytes);
}

/* -- calling ------------------------------------------------------------------------------------------------------- */

int fc__call_died(const struct fc_function *function, const struct fc__channel *channel, uint32_t generation) {
    struct fc__marshal marshal;
    marshal.plan = function->plan;
    return fc__remote_death_error(function->session, channel, generation, &marshal, fc__error_here());
}

/* Arguments go straight into the line: between the claim and the pass is as little as possible, since the other side
 * looks at the line meanwhile and takes it back. `has_more`: see is_nearly_short. */
static inline __attribute__((always_inline)) int call_short(struct fc_function *function, void *ret_result,
                                                            struct source from, const bool has_more) {
    const struct fc__plan *plan = function->plan;
    const struct fc__recent recent = fc__recent_read(&fc__channel_recent);
    struct fc__channel *channel = recent.channel;
    if (recent.session_id != function->session_id || atomic_load_explicit(&channel->is_busy, memory_order_relaxed)) {
        return FC__AGAIN;
    }
    struct fc_wire_line *line = channel->line;
    fc__wire_claim(line);
    atomic_store_explicit(&channel->is_busy, true, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst); /* a signal handler that calls sees that first */
    if (atomic_load_explicit(&function->short_generation, memory_order_acquire) != channel->generation) {
        atomic_store_explicit(&channel->is_busy, false, memory_order_relaxed);
        return FC__AGAIN;
    }
    unsigned char *pointer = NULL;
    _Alignas(16) unsigned char kept[FC__PAYLOAD_BYTES_HERE_MAX]; /* not cleared: only what is written is read */
    const bool is_put = put_short(function, channel, (unsigned char *)line->words, from, &pointer);
    const bool has_payload = has_more && plan->payload != NULL;
    const uint32_t info =
        is_put && has_payload ? put_pointer(function, &channel->waiter, pointer, line, kept) : plan->info;
    if (has_more && (!is_put || (has_payload && info == 0))) {
        atomic_store_explicit(&channel->is_busy, false, memory_order_relaxed);
        return FC__AGAIN;
    }
    line->info = info;
    line->value = atomic_load_explicit(&function->address, memory_order_relaxed);
    const uint32_t generation = channel->generation;
    bool sent;
    int rc = fc__channel_transact(channel, FC__WIRE_OP_CALL, &sent, NULL);
    if (__builtin_expect(rc == FC_OK, 1)) {
        const struct fc__answer answer = {.value = line->value, .second = has_more ? line->words[0] : 0};
        const int error = (int)line->info;
        const int failure = __builtin_expect(channel->upcall_failure != FC_OK, 0)
                                ? fc__channel_upcall_failure(channel, fc__error_here())
                                : FC_OK;
        if (has_payload && (info & FC__FRAME_PAYLOAD_RETURNS) != 0) {
            rc = take_payload(function, channel, kept, pointer);
        }
        if (__builtin_expect(failure != FC_OK, 0)) {
            rc = failure; /* what the library made of it is no result */
        } else if (has_more && plan->result_string) {
            rc = take_text(function, channel, &answer, ret_result);
        } else if (has_more && ret_result != NULL && (plan->result.kind == FC__VALUE_INTEGER || plan->result.is_bool)) {
            take_value(&plan->result, answer.value, ret_result);
        } else if (ret_result != NULL) {
            fc__marshal_store(ret_result, answer.value, plan->result.caller_bytes);
        }
        if (__builtin_expect(error != 0, 0)) {
            errno = fc__channel_errno(channel, error, false);
        }
    } else if (rc == FC_EDIED && sent) {
        rc = fc__call_died(function, channel, generation);
    } else if (!sent) {
        rc = FC__AGAIN;
    }
    if (__builtin_expect(rc != FC_OK, 0) && rc != FC__AGAIN) {
        const struct fc__failing failing = fc__failing_of(plan);
        fc__failing_store(&failing, ret_result);
    }
    fc__channel_leave(channel);
    return rc;
}

/* What outlives calls, if there is such, may be what an address stands for. */
static bool has_lasting(const struct fc_function *function) {
    return atomic_load_explicit(&function->session->book.lasting_count, memory_order_relaxed) != 0;
}

static __attribute__((noinline, nonnull(3))) int call_with_more(struct fc_function *function, void *ret_result,
                                                                va_list *list) {
    return has_lasting(function) ? FC__AGAIN : call_short(function, ret_result, (struct source){.list = list}, true);
}

static __attribute__((noinline)) int call_array_with_more(struct fc_function *function, void *ret_result,
                                                          void *const *array) {
    return has_lasting(function) ? FC__AGAIN : call_short(function, ret_result, (struct source){.array = array}, true);
}

static __attribute__((noinline)) int call_list(struct fc_function *function, void *ret_result, va_list *list) {
    struct fc__marshal marshal; /* not cleared: large, and written as it is used */
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.passed = NULL;
    marshal.err = fc__error_here();
    const struct fc__failing failing = fc__failing_of(marshal.plan);
    int rc;
    if (marshal.plan->is_open) {
        rc = fc__variadic_list(function, &marshal, ret_result, list);
    } else {
        fc__marshal_fetch_list(&marshal, list);
        rc = fc__function_call(function, &marshal, ret_result);
    }
    if (rc != FC_OK) {
        fc__failing_store(&failing, ret_result);
    }
    return rc;
}

int fc_call(struct fc_function *function, void *ret_result, ...) {
    va_list list;
    if (__builtin_expect(function == NULL, 0)) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "fc_call needs a function");
    }
    va_start(list, ret_result);
    const struct fc__plan *plan = function->plan;
    int rc = plan->is_short          ? call_short(function, ret_result, (struct source){.list = &list}, false)
             : plan->is_nearly_short ? call_with_more(function, ret_result, &list)
                                     : FC__AGAIN;
    va_end(list);
    if (__builtin_expect(rc == FC__AGAIN, 0)) {
        va_start(list, ret_result);
        rc = call_list(function, ret_result, &list);
        va_end(list);
    }
    return rc;
}

static int cross_array(struct fc_function *function, void *ret_result, size_t count, void *const *arguments,
                       struct fc__error *err) {
    if (count != function->plan->count && !function->plan->is_open) {
        return fc__error_set(err, FC_EARGS, "%s takes %u argument%s, not %zu", function->plan->name,
                             function->plan->count, function->plan->count == 1 ? "" : "s", count);
    }
    struct fc__marshal marshal;
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.passed = NULL;
    marshal.err = err;
    if (marshal.plan->is_open) {
        return fc__variadic_array(function, &marshal, ret_result, count, arguments);
    }
    fc__marshal_fetch_array(&marshal, arguments);
    return fc__function_call(function, &marshal, ret_result);
}

static __attribute__((noinline)) int call_array(struct fc_function *function, void *ret_result, size_t count,
                                                void *const *arguments, struct fc__error *err) {
    const struct fc__failing failing = fc__failing_of(function->plan);
    int rc = cross_array(function, ret_result, count, arguments, err);
    if (rc != FC_OK) {
        fc__failing_store(&failing, ret_result);
    }
    return rc;
}

int fc_call_array(struct fc_function *function, void *ret_result, size_t count, void *const *arguments) {
    struct fc__error *err = fc__error_here();
    if (__builtin_expect(function == NULL || (count != 0 && arguments == NULL), 0)) {
        return fc__error_set(err, FC_EINVAL, "fc_call_array needs a function, and as many arguments as it says");
    }
    static void *const none[1];
    const struct fc__plan *plan = function->plan;
    void *const *const array = count != 0 ? arguments : none;
    int rc = count != plan->count    ? FC__AGAIN
             : plan->is_short        ? call_short(function, ret_result, (struct source){.array = array}, false)
             : plan->is_nearly_short ? call_array_with_more(function, ret_result, array)
                                     : FC__AGAIN;
    if (__builtin_expect(rc == FC__AGAIN, 0)) {
        rc = call_array(function, ret_result, count, arguments, err);
    }
    return rc;
}
