/* abi: runs a callback's plans over the frame of an upcall: the callee's arguments in, the caller's function's result
 * out.
 * Runs in: the caller.  Threads: one upcall belongs to one thread.
 * Does not: wait, know channels, or believe a length or an address that the callee produced. */
#ifndef FC_ABI_UPCALL_H
#define FC_ABI_UPCALL_H

#include "abi/value.h"

/* What an upcall needs of its session beyond marshalling. `context` is that of the marshal. */
struct fc__upcall_ops {
    /* Just before and just after the caller's function runs; not after one that leaves by a jump. */
    void (*enter)(void *context);
    int (*leave)(void *context);
};

struct fc__upcall {
    struct fc__marshal marshal; /* plan, ops, context and err set by the session */
    const struct fc__upcall_ops *ops;
    const struct fc__callback *callback;
    uint64_t function;       /* the caller's */
    struct fc__heard *heard; /* what a format says is passed; NULL: none does. Set by fc__upcall_run */
};

/* `words`: the frame's, copied out of the channel, FC__FRAME_WORDS_BYTES_MAX bytes, to which what a format says is passed
 * is added. *ret_answer: the function's result for the callee. An argument or a result that does not fit is an error;
 * the function is then not called, or its result is 0. */
int fc__upcall_run(struct fc__upcall *upcall, unsigned char *words, struct fc__answer *ret_answer);

/* upcall_format.c: of one upcall whose arguments a format says, what that comes to. */
struct fc__heard {
    struct fc__callback callback; /* with all that is passed, on both sides */
    struct fc__plan plan;
    uint32_t fixed;     /* parameters, in front of what the format says */
    const char *format; /* a copy, the one that the function gets; NULL: it is NULL */
    const struct fc__format_cut *cuts;
    uint32_t cut_count;
    unsigned char *list; /* the function takes a va_list: where its arguments go; NULL: it takes them themselves */
    uint64_t list_address;
};
/* Reads the format, and adds what it says to the words and the plans. FC_EINVAL, FC_EUNSUPPORTED, and those of the ops. */
int fc__upcall_hear(struct fc__upcall *upcall, unsigned char *words);
/* Whether the argument is the format, or a text that the format says is passed; and such a one, of which the callee has
 * the pointer `there`. */
bool fc__upcall_hears_text(const struct fc__upcall *upcall, uint32_t index);
int fc__upcall_take_text(struct fc__upcall *upcall, uint32_t index, uint64_t there);

/* The short way, for callbacks that have lights: bytes go from frame to frame. */
#define FC__LIGHT_WORDS_BYTES_MAX 128u
struct fc__light_frame {
    _Alignas(16) unsigned char bytes[FC__FRAME_WORDS_OFFSET + FC__LIGHT_WORDS_BYTES_MAX + 64]; /* as native frames */
};

/* What the callee's pointers are to the caller's function. */
struct fc__light_sight {
    /* Of a pointer to data, which is not NULL. False if it takes the long way. */
    bool (*find)(void *context, const struct fc__light *light, uint64_t *inout_pointer);
    bool (*is_itself)(const void *context, uint64_t pointer); /* it stands for no other */
    void *context;
};

/* Copies the bytes of one argument once, since the words may lie in shared memory. */
static inline uint64_t fc__upcall_light_load(const struct fc__light *light, const unsigned char *words) {
    if (light->from_bytes == 4) { /* mostly */
        uint32_t narrow;
        memcpy(&narrow, words + light->from, sizeof narrow);
        return light->is_signed ? (uint64_t)(int64_t)(int32_t)narrow : narrow;
    }
    return fc__value_load(words + light->from, light->from_bytes, light->is_signed);
}

/* Words of four bytes: the next one is written over what is too much. */
static inline void fc__upcall_light_store(struct fc__light_frame *frame, const struct fc__light *light,
                                          uint64_t value) {
    memcpy(frame->bytes + FC__FRAME_WORDS_OFFSET + light->to, &value, sizeof value);
}

/* Fills the frame of the caller's function from the callee's words. False if some argument takes more after all. */
static inline __attribute__((always_inline)) bool fc__upcall_light(const struct fc__callback *callback,
                                                                   const unsigned char *words,
                                                                   struct fc__light_frame *ret_frame,
                                                                   const struct fc__light_sight sight) {
    for (const struct fc__light *light = callback->lights, *end = light + callback->there->count; light < end;
         light++) {
        uint64_t value = fc__upcall_light_load(light, words);
        if (light->kind >= FC__LIGHT_DATA ? value != 0 && !sight.find(sight.context, light, &value)
                                          : light->kind == FC__LIGHT_TOKEN && !sight.is_itself(sight.context, value)) {
            return false;
        }
        fc__upcall_light_store(ret_frame, light, value);
    }
    return true;
}

/* The same where all of them are numbers. */
static inline void fc__upcall_numbers(const struct fc__callback *callback, const unsigned char *words,
                                      struct fc__light_frame *ret_frame) {
    for (const struct fc__light *light = callback->lights, *end = light + callback->there->count; light < end;
         light++) {
        fc__upcall_light_store(ret_frame, light, fc__upcall_light_load(light, words));
    }
}

#endif
