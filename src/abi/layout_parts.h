/* abi: the members of a struct or union while they are placed. Part of layout.c and layout_place.c. */
#ifndef FC_ABI_LAYOUT_PARTS_H
#define FC_ABI_LAYOUT_PARTS_H

#include "abi/layout.h"

/* What a type takes up, in the terms of both sets of rules. */
struct extent {
    uint64_t size_bytes;
    uint32_t alignment;          /* bytes, of a member */
    uint32_t preferred;          /* bytes, of a variable */
    uint32_t required_alignment; /* Microsoft: what was asked for explicitly, in it or in its parts; 0 if nothing */
};

/* A struct or union while its members are placed. */
struct placing {
    struct fc__layouts *layouts;
    const struct fc__body *body;
    struct fc__error *err;
    struct fc__field *fields;
    uint64_t at_bits;   /* behind the last member; of a union, the end of the largest */
    uint32_t alignment; /* bytes, of the whole so far */
    uint32_t required_alignment;
    /* Microsoft: the last member, if it was a bit-field of some width */
    uint64_t unit_bytes; /* of its type; 0: it was none */
    uint64_t free_bits;  /* left in its unit, which ends at at_bits */
};

/* By Microsoft's rules alone: mingw's gcc has their bit-fields, among members of its own. */
static inline bool fc__layout_is_microsofts(const struct fc__target *target) {
    return target->records == FC__RECORD_MS && !target->is_gnu;
}

static inline uint32_t fc__layout_larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* The next member, which is not wider than its type. */
void fc__layout_place(struct placing *p, const struct fc__member *member, const struct extent *extent,
                      struct fc__field *field);
/* The size of the whole, whose alignment is settled too. */
uint64_t fc__layout_finish(struct placing *p);

#endif
