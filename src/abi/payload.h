/* abi: the payload of a short call: what the one pointer among its arguments leads to, moved straight between the
 * caller's memory and the frame, which carries it behind the words (frame.h).
 * Runs in: the caller.  Threads: immutable once built; shared freely.
 * Does not: follow pointers, count elements, or explain what does not fit (marshal and object do that, more slowly). */
#ifndef FC_ABI_PAYLOAD_H
#define FC_ABI_PAYLOAD_H

#include "abi/plan.h"

#include <string.h>

/* Some bytes of the payload, from one side's place to the other's. */
struct fc__move {
    enum fc__move_kind {
        FC__MOVE_8, /* as many times 8 bytes as `count` says, as they are */
        FC__MOVE_4,
        FC__MOVE_2,
        FC__MOVE_1,
        FC__MOVE_NARROWED, /* an integer of 8 bytes here and 4 there */
        FC__MOVE_WIDENED,  /* the other way round */
    } kind;
    uint16_t at[2]; /* offsets */
    uint16_t count;
    const struct fc__value *value; /* of an integer that changes its width */
};

struct fc__payload {
    uint32_t index;  /* of the argument */
    uint32_t word;   /* where the pointer itself lies: in the frame's words, bytes */
    uint32_t offset; /* of the payload: behind the words, bytes */
    uint32_t info;   /* abi/frame.h; the size comes to it */
    uint32_t bytes;  /* there; 0: a string, as long as it is */
    bool is_output;  /* see struct fc__pointee */
    bool is_plain;   /* stays where it is if both sides see it */
    bool has_gaps;   /* the moves leave some of it out */
    const struct fc__shape *shape;
    const struct fc__move *moves;
    uint32_t move_count;
};

/* Finds the payload that calls of a plan carry, if there is one. False if there is more to them than that, and than
 * values that change their width. */
bool fc__payload_find(struct fc__plan *plan);

/* A copy of the caller's memory that nobody else writes to: what goes, and is known by it afterwards. In few pieces, such
 * as words can be read of again at once: the other side waits. */
#define FC__PAYLOAD_BYTES_HERE_MAX (2 * FC__FRAME_PAYLOAD_BYTES_MAX)
static inline void fc__payload_keep(const struct fc__payload *payload, const unsigned char *here,
                                    unsigned char *ret_kept) {
    enum { PIECE = 16, HALF = 8 };
    const uint32_t size = (uint32_t)payload->shape->size[FC__HERE];
    uint32_t at = 0;
    for (; size - at >= PIECE; at += PIECE) {
        memcpy(ret_kept + at, here + at, PIECE);
    }
    if (size - at >= HALF) {
        memcpy(ret_kept + at, here + at, HALF);
        at += HALF;
    }
    for (; at < size; at++) {
        ret_kept[at] = ((const volatile unsigned char *)here)[at]; /* volatile: no call of memcpy */
    }
}

/* From what was kept, or back into the caller's memory `here` as far as it is not that. False if a value does not fit. A
 * text has so many bytes with its NUL. */
bool fc__payload_send(const struct fc__payload *payload, const unsigned char *kept, unsigned char *there);
void fc__payload_send_text(const unsigned char *here, uint32_t bytes, unsigned char *there);
bool fc__payload_receive(const struct fc__payload *payload, const unsigned char *there, const unsigned char *kept,
                         unsigned char *here);

#endif
