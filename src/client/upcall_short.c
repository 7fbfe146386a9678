/* client: the short way of an upcall: its arguments are bytes, which go straight from the line to the function's frame. */
#include "client/upcall.h"

#include "abi/upcall.h"
#include "base/change.h"

#include <string.h>

enum { WRITTEN_MAX = 4, WRITTEN_BYTES_MAX = 64 };

/* An upcall whose arguments are bytes: they go straight from the line to the function's frame. */
struct light {
    struct fc__channel *channel;
    const struct fc__callback_entry *entry;
    uint32_t which;       /* came with the frame */
    struct fc__own *owns; /* where pointers into what a call has sent led the last time */
    unsigned written_count;
    struct written { /* what the function may write to here, how it finds it, and where the callee has it */
        uint64_t there, here, bytes;
        unsigned char before[WRITTEN_BYTES_MAX];
    } written[WRITTEN_MAX];
    uint32_t copied_count, copied_bytes;
    struct copied { /* what only came with the frame */
        uint64_t there, bytes;
    } copied[FC__GATHERS_MAX];
    _Alignas(16) unsigned char copies[FC__FRAME_GATHERED_BYTES + 16 * FC__GATHERS_MAX];
};

/* The caller's own becomes as the callee has it; false if it may not. */
static inline bool bring(const struct fc__own *own, uint64_t offset, const unsigned char *from, uint64_t bytes) {
    unsigned char *const to = (unsigned char *)(uintptr_t)(own->here + offset);
    if (!own->writes) {
        return memcmp(to, from, (size_t)bytes) == 0;
    }
    if (bytes == 4) { /* mostly: to ask whether it is another takes longer */
        memcpy(to, from, 4);
    } else if (memcmp(to, from, (size_t)bytes) != 0) {
        memcpy(to, from, (size_t)bytes);
    }
    return true;
}

/* The caller's own memory, of which the callee has a copy, as far as the pointer leads. What the callee has changed though
 * it was not to stays where it is. */
static inline bool find_own(struct light *l, const struct fc__light *light, const struct fc__own *own, uint64_t bytes,
                            const unsigned char *from, uint64_t *inout_pointer) {
    const uint64_t there = *inout_pointer, offset = there - own->there, here = own->here + offset;
    if (light->reads && !bring(own, offset, from, bytes)) {
        return true;
    }
    unsigned char *const last = (unsigned char *)(uintptr_t)(here + bytes - 1);
    if (light->kind == FC__LIGHT_TEXT && *last != '\0') { /* the host has changed it meanwhile */
        if (!own->writes) {
            return false;
        }
        *last = '\0';
    }
    if (light->writes) {
        struct written *written = &l->written[l->written_count];
        if (l->written_count == WRITTEN_MAX || bytes > WRITTEN_BYTES_MAX) {
            return false;
        }
        written->there = there;
        written->here = here;
        written->bytes = bytes;
        memcpy(written->before, (const void *)(uintptr_t)here, (size_t)bytes);
        l->written_count++;
    }
    *inout_pointer = here;
    return true;
}

static bool channel_own(const struct fc__channel *channel, uint64_t there, struct fc__own *ret_own) {
    for (const struct fc__crossing *crossing = channel->crossing; crossing != NULL; crossing = crossing->outer) {
        if (crossing->marshal != NULL && fc__own_find(crossing->marshal, there, ret_own)) {
            return true;
        }
    }
    return false;
}

/* Memory of the library's own that only it sees: a copy, for as long as the function runs. Two pointers into the same
 * take the long way. */
static bool find_copy(struct light *l, const struct fc__light *light, uint64_t bytes, const unsigned char *from,
                      uint64_t *inout_pointer) {
    const uint64_t there = *inout_pointer;
    if (bytes > sizeof l->copies - l->copied_bytes) { /* whatever a text was when it was measured first */
        return false;
    }
    for (uint32_t i = 0; i < l->copied_count; i++) {
        const struct copied *other = &l->copied[i];
        if (there - other->there < other->bytes || other->there - there < bytes) {
            return false;
        }
    }
    unsigned char *copy = l->copies + l->copied_bytes;
    memcpy(copy, from, (size_t)bytes);
    if (light->kind == FC__LIGHT_TEXT) { /* whatever the host has made of it meanwhile */
        copy[bytes - 1] = '\0';
    }
    l->copied[l->copied_count++] = (struct copied){.there = there, .bytes = bytes};
    l->copied_bytes += ((uint32_t)bytes + 15) & ~15u;
    *inout_pointer = (uintptr_t)copy;
    return true;
}

static __attribute__((noinline)) bool find_anywhere(struct light *l, const struct fc__light *light, uint64_t bytes,
                                                    uint64_t *inout_pointer) {
    const struct fc__window *window = &l->channel->session->window;
    const uint64_t there = *inout_pointer;
    const bool is_text = light->kind == FC__LIGHT_TEXT;
    const uint32_t index = light->gathered - 1u;
    uint32_t gathered_bytes = 0;
    if (is_text && fc__callee_heap_holds(window, there)) {
        return true;
    }
    const unsigned char *gathered =
        light->gathered != 0 ? fc__upcall_gathered(l->channel, l->entry, l->which, index, &gathered_bytes) : NULL;
    bytes = is_text ? gathered_bytes : bytes;
    if (bytes == 0 || (gathered != NULL && gathered_bytes != bytes)) {
        return false;
    }
    if (fc__window_contains(window, there, bytes)) {
        struct fc__own own;
        if (!fc__callee_heap_holds(window, there) && channel_own(l->channel, there, &own) &&
            bytes <= own.bytes - (there - own.there)) {
            l->owns[light->gathered % FC__UPCALL_OWNS] = own;
            return find_own(l, light, &own, bytes, gathered != NULL ? gathered : (void *)(uintptr_t)there,
                            inout_pointer);
        }
        if (!is_text) {
            return true;
        }
    }
    return gathered != NULL && !light->writes && find_copy(l, light, bytes, gathered, inout_pointer);
}

static inline __attribute__((always_inline)) bool light_find(void *context, const struct fc__light *light,
                                                             uint64_t *inout_pointer) {
    struct light *l = context;
    const struct fc__own *own = &l->owns[light->gathered % FC__UPCALL_OWNS];
    const uint64_t offset = *inout_pointer - own->there;
    uint64_t bytes = light->bytes;
    if (light->outer != 0 && __builtin_mul_overflow(bytes, l->entry->outers[light->outer - 1], &bytes)) {
        return false;
    }
    if (light->kind != FC__LIGHT_DATA || offset >= own->bytes || bytes > own->bytes - offset) {
        return find_anywhere(l, light, bytes, inout_pointer);
    }
    uint32_t gathered_bytes;
    const unsigned char *gathered = light->gathered != 0 ? fc__upcall_gathered(l->channel, l->entry, l->which,
                                                                               light->gathered - 1u, &gathered_bytes)
                                                         : NULL;
    return find_own(l, light, own, bytes, gathered != NULL ? gathered : (void *)(uintptr_t)*inout_pointer,
                    inout_pointer);
}

/* A pointer that stands for no other, and does not lie in the top page: nothing of it changes. */
static bool light_is_itself(const void *context, uint64_t pointer) {
    const struct light *l = context;
    const struct fc__window *window = &l->channel->session->window;
    return pointer < UINT32_C(0xfffff000) && pointer - window->token_base >= window->token_bytes;
}

/* What the function has changed. */
static void bring_back(const struct light *l) {
    for (unsigned i = 0; i < l->written_count; i++) {
        const struct written *written = &l->written[i];
        fc__change_copy((unsigned char *)(uintptr_t)written->there, (const unsigned char *)(uintptr_t)written->here,
                        written->before, written->bytes);
    }
}

/* The caller's function runs, and its answer goes into the line. */
static inline __attribute__((always_inline)) int
run_function(struct fc__channel *channel, const struct fc__callback_entry *entry, struct fc__light_frame *frame) {
    const struct fc__callback *callback = entry->callback;
    struct fc_wire_line *const line = channel->line;
    const uint32_t generation = channel->generation;
    const uint64_t function = atomic_load_explicit(&entry->function, memory_order_relaxed);
    uint64_t results[FC__FRAME_RESULTS];
    if (__builtin_expect(function == 0, 0)) { /* let go meanwhile, in another thread */
        return FC_EPROTO;
    }
    memcpy(frame->bytes + FC__FRAME_TARGET_OFFSET, &function, sizeof function);
    int errno_before;
    const uint64_t entered_ns = fc__upcall_enter(channel, (int)line->info, &errno_before);
    fc__frame_invoke(frame->bytes, callback->here.info, results);
    const int error = fc__upcall_leave(channel, entered_ns, errno_before);
    if (__builtin_expect(channel->generation != generation, 0)) {
        return FC_EDIED;
    }
    const struct fc__value *type = &callback->there->result;
    line->info = (uint32_t)error;
    line->value = type->kind != FC__VALUE_VOID ? fc__value_extend(results[0], type->caller_bytes, type->is_signed) : 0;
    line->words[0] = 0;
    return FC_OK;
}

int fc__upcall_run_numbers(struct fc__channel *channel, const struct fc__callback_entry *entry) {
    struct fc__light_frame frame; /* not cleared: only what is written is read */
    fc__upcall_numbers(entry->callback, (const unsigned char *)channel->line->words, &frame);
    return run_function(channel, entry, &frame);
}

int fc__upcall_run_short(struct fc__channel *channel, const struct fc__callback_entry *entry, uint32_t which,
                         struct fc__own *owns) {
    struct light l; /* not cleared: only what is written is read */
    struct fc__light_frame frame;
    l.channel = channel;
    l.entry = entry;
    l.which = which;
    l.owns = owns;
    l.written_count = 0;
    l.copied_count = l.copied_bytes = 0;
    const struct fc__light_sight sight = {.find = light_find, .is_itself = light_is_itself, .context = &l};
    if (!fc__upcall_light(entry->callback, (const unsigned char *)channel->line->words, &frame, sight)) {
        return FC__UPCALL_LONG;
    }
    const int rc = run_function(channel, entry, &frame);
    if (__builtin_expect(l.written_count != 0, 0) && rc == FC_OK) {
        bring_back(&l);
    }
    return rc;
}
