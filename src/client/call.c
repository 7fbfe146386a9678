/* client: fc_call, and its short way: calls that are all registers, with one payload or a string as the result at most.
 * All of such a call is in the line, and nothing of it is marshalled. */
#include "client/client.h"

#include "abi/payload.h"

#include <errno.h>
#include <string.h>

/* It did not get as far as the host: the long way does it, or says why not. */
enum { FC__AGAIN = 1 };

/* -- arguments ----------------------------------------------------------------------------------------------------- */

/* Returns the pointer to the payload; NULL if there is none. */
static inline unsigned char *put_short(const struct fc__plan *plan, unsigned char *words, va_list *list) {
    unsigned char *payload = NULL;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__put put = plan->puts[i];
        unsigned char *at = words + put.offset;
        uint64_t word;
        switch (put.kind) {
        case FC__PUT_INT4: {
            int value = va_arg(*list, int);
            memcpy(at, &value, sizeof value);
            continue;
        }
        case FC__PUT_FLOAT: {
            float value = (float)va_arg(*list, double);
            memcpy(at, &value, sizeof value);
            continue;
        }
        case FC__PUT_DOUBLE: {
            double value = va_arg(*list, double);
            memcpy(at, &value, sizeof value);
            continue;
        }
        case FC__PUT_PAYLOAD:
            payload = va_arg(*list, unsigned char *);
            continue;
        case FC__PUT_INT8_SIGNED:
            word = (uint64_t)va_arg(*list, int);
            break;
        case FC__PUT_INT8_UNSIGNED:
            word = (uint32_t)va_arg(*list, int);
            break;
        case FC__PUT_SMALL:
            word = fc__marshal_int(&plan->fetches[i], va_arg(*list, int));
            if (plan->callee->word_bytes == 4) {
                memcpy(at, &word, 4);
                continue;
            }
            break;
        default:
            word = va_arg(*list, uint64_t);
            break;
        }
        memcpy(at, &word, sizeof word);
    }
    return payload;
}

/* Returns the bytes of the payload; 0 if it is too long, or holds what does not fit. */
static inline uint32_t put_payload(const struct fc__payload *payload, const unsigned char *here,
                                   struct fc_wire_line *line) {
    unsigned char *const to = (unsigned char *)line->words + payload->offset;
    const uint32_t before = FC__FRAME_WORDS_OFFSET + payload->offset;
    if (payload->bytes != 0) {
        fc__wire_claim_more(line, before + payload->bytes);
        return fc__payload_send(payload, here, to) ? payload->bytes : 0;
    }
    const size_t len = strnlen((const char *)here, FC__FRAME_PAYLOAD_BYTES_MAX);
    if (len == FC__FRAME_PAYLOAD_BYTES_MAX) {
        return 0;
    }
    fc__wire_claim_more(line, before + (uint32_t)len);
    memcpy(to, here, len + 1);
    return (uint32_t)len + 1;
}

/* What the pointer of a call leads to is nothing, memory of both sides, or a payload. Returns what `info` says of it; 0
 * if the call is none of the short ones. */
static inline uint32_t put_pointer(const struct fc_function *function, const unsigned char *here,
                                   struct fc_wire_line *line) {
    const struct fc__plan *plan = function->plan;
    const struct fc__payload *payload = plan->payload;
    const uint64_t address = (uintptr_t)here, size = payload->bytes != 0 ? payload->bytes : 1;
    fc__marshal_store((unsigned char *)line->words + payload->word, address, plan->callee->word_bytes);
    if (address == 0 || (payload->is_plain && address <= UINT32_MAX &&
                         fc__window_contains(&function->session->window, address, size))) {
        return plan->info;
    }
    const uint32_t bytes = put_payload(payload, here, line);
    return bytes != 0 ? plan->info | payload->info | FC__FRAME_PAYLOAD_SIZE((bytes + 7) / 8) : 0;
}

/* -- results ------------------------------------------------------------------------------------------------------- */

/* Of a payload that holds what does not fit: all else, and the words for it. */
static __attribute__((noinline)) int take_what_fits(const struct fc_function *function, struct fc__channel *channel,
                                                    const unsigned char *from, unsigned char *here) {
    const struct fc__payload *payload = function->plan->payload;
    _Alignas(16) unsigned char copy[FC__FRAME_PAYLOAD_BYTES_MAX];
    struct fc__marshal marshal;
    memcpy(copy, from, payload->bytes);
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.context = &marshal;
    marshal.owner = channel;
    marshal.err = fc__error_here();
    marshal.is_deep = marshal.is_upcall = false;
    return fc__object_convert(&marshal, payload->index, FC__HERE, payload->shape, copy, here);
}

static int take_payload(const struct fc_function *function, struct fc__channel *channel, unsigned char *here) {
    const struct fc__payload *payload = function->plan->payload;
    const unsigned char *const from = (const unsigned char *)channel->line->words + payload->offset;
    fc__wire_claim_more(channel->line, FC__FRAME_WORDS_OFFSET + payload->offset + payload->bytes);
    return __builtin_expect(fc__payload_receive(payload, from, here), 1)
               ? FC_OK
               : take_what_fits(function, channel, from, here);
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
    return rc;
}

static int take_text(const struct fc_function *function, struct fc__channel *channel, const struct fc__answer *answer,
                     void *ret_result) {
    const uint64_t address = function->plan->callee->word_bytes == 4 ? (uint32_t)answer->value : answer->value;
    if (address != 0 &&
        (answer->second != FC__FRAME_GATHER_IN_PLACE || !fc__callee_heap_holds(&function->session->window, address))) {
        return fetch_text(function, channel, answer, ret_result);
    }
    if (ret_result != NULL) {
        const char *string = (const char *)(uintptr_t)address;
        memcpy(ret_result, &string, sizeof string);
    }
    return FC_OK;
}

/* -- calling ------------------------------------------------------------------------------------------------------- */

/* Arguments go straight into the line: between the claim and the pass is as little as possible, since the other side
 * looks at the line meanwhile and takes it back. `has_more`: a payload, or a string as the result. */
static inline __attribute__((always_inline)) int call_short(struct fc_function *function, void *ret_result,
                                                            va_list *list, const bool has_more) {
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
    unsigned char *const pointer = put_short(plan, (unsigned char *)line->words, list);
    const bool has_payload = has_more && plan->payload != NULL;
    const uint32_t info = has_payload ? put_pointer(function, pointer, line) : plan->info;
    if (has_payload && info == 0) {
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
        if (has_payload && (info & FC__FRAME_PAYLOAD_RETURNS) != 0) {
            rc = take_payload(function, channel, pointer);
        }
        if (has_more && plan->result_string) {
            rc = take_text(function, channel, &answer, ret_result);
        } else if (ret_result != NULL) {
            fc__marshal_store(ret_result, answer.value, plan->result.caller_bytes);
        }
        if (__builtin_expect(error != 0, 0)) {
            errno = error;
        }
        if (__builtin_expect(channel->upcall_failure != FC_OK, 0)) {
            const int failure = fc__channel_upcall_failure(channel, fc__error_here());
            rc = failure != FC_OK ? failure : rc;
        }
    } else if (rc == FC_EDIED && sent) {
        struct fc__marshal marshal;
        marshal.plan = plan;
        rc = fc__remote_death_error(function->session, channel, generation, &marshal, fc__error_here());
    } else if (!sent) {
        rc = FC__AGAIN;
    }
    fc__channel_leave(channel);
    return rc;
}

/* What outlives calls, if there is such, may be what an address stands for. */
static __attribute__((noinline)) int call_with_more(struct fc_function *function, void *ret_result, va_list *list) {
    const bool has_lasting = atomic_load_explicit(&function->session->book.lasting_count, memory_order_relaxed) != 0;
    return has_lasting ? FC__AGAIN : call_short(function, ret_result, list, true);
}

static __attribute__((noinline)) int call_list(struct fc_function *function, void *ret_result, va_list *list) {
    struct fc__marshal marshal; /* not cleared: large, and written as it is used */
    marshal.plan = function->plan;
    marshal.ops = &fc__function_ops;
    marshal.err = fc__error_here();
    if (marshal.plan->is_format) {
        return fc__variadic_list(function, &marshal, ret_result, list);
    }
    fc__marshal_fetch_list(&marshal, list);
    return fc__function_call(function, &marshal, ret_result);
}

int fc_call(struct fc_function *function, void *ret_result, ...) {
    va_list list;
    if (__builtin_expect(function == NULL, 0)) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "fc_call needs a function");
    }
    va_start(list, ret_result);
    const struct fc__plan *plan = function->plan;
    int rc = plan->is_short                              ? call_short(function, ret_result, &list, false)
             : plan->gives_text || plan->payload != NULL ? call_with_more(function, ret_result, &list)
                                                         : FC__AGAIN;
    va_end(list);
    if (__builtin_expect(rc == FC__AGAIN, 0)) {
        va_start(list, ret_result);
        rc = call_list(function, ret_result, &list);
        va_end(list);
    }
    if (__builtin_expect(rc != FC_OK, 0)) {
        fc__function_failed(function->plan, ret_result);
    }
    return rc;
}
