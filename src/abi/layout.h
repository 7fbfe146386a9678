/* abi: where the members of structs and unions lie, for one target.
 * Runs in: the caller.  Threads: a fc__layouts belongs to one thread; what it has answered is constant.
 * Does not: decide what can be passed, or how (plan).
 *
 * Rules: System V psABI i386 and x86-64, 3.1.2 (aggregates, bit-fields), where they leave questions open as GCC answers
 * them (stor-layout.c); Microsoft C, "Storage and Alignment of Structures" and "Bit Fields".
 * Limits: those of decl bound how deep types nest; sizes and offsets are refused beyond FC__LAYOUT_SIZE_MAX. */
#ifndef FC_ABI_LAYOUT_H
#define FC_ABI_LAYOUT_H

#include "abi/target.h"

#define FC__LAYOUT_SIZE_MAX ((uint64_t)1 << 58) /* bytes, of any type: so that bits can be counted too */

/* One for each member of the body, in the same order. */
struct fc__field {
    uint64_t offset_bytes; /* from the start of the struct; of a bit-field, the byte that has its first bit */
    uint8_t bit_offset;    /* of a bit-field: 0 is the least significant bit of that byte */
    uint8_t bit_width;     /* of a bit-field; 0 for others and for `: 0` */
    uint8_t storage_bytes; /* of a bit-field: from that byte on, those that have bits of it */
};

struct fc__layout {
    uint64_t size_bytes;
    uint32_t alignment_bytes;
    uint32_t field_count;
    const struct fc__field *fields;
};

struct fc__layout_slot;

/* The layouts of the types of one unit, each computed once. */
struct fc__layouts {
    const struct fc__target *target;
    struct fc__arena arena;
    struct fc__layout_slot *slots; /* by id of the body */
    uint32_t slot_count;
    uint32_t latest;           /* the id of the body that was laid out last; 0: none was */
    bool may_skip, is_windows; /* of what is read for it: struct fc__decl_target */
};

/* Nothing is allocated yet. */
void fc__layouts_init(struct fc__layouts *layouts, const struct fc__target *target);
/* Those of a caller and of a callee: what is declared for a library of Windows is, on both sides. */
void fc__layouts_init_pair(struct fc__layouts *here, const struct fc__target *caller, struct fc__layouts *there,
                           const struct fc__target *callee);
void fc__layouts_done(struct fc__layouts *layouts);

/* Size and alignments of any complete type; of an array without a length the size is 0, as that of a flexible member.
 * Errors: FC_EUNSUPPORTED (no body, a function or void, a length or width without a value, ms_struct or gcc_struct
 * where they are not the target's rules, a type that the target does not have, too large), FC_ENOMEM. */
int fc__layout_extent(struct fc__layouts *layouts, const struct fc__type *type, struct fc__extent_of_type *ret_extent,
                      struct fc__error *err);
/* The layout of a struct or union, which lives as long as `layouts`, but ends with a text that is taken back. Errors as
 * above. */
int fc__layout_of_body(struct fc__layouts *layouts, const struct fc__body *body, const struct fc__layout **ret_layout,
                       struct fc__error *err);

/* fc__decl_parse_for with the target of `layouts`, which then is for the types of this unit, and of no other. */
int fc__layout_parse(struct fc__layouts *layouts, const char *text, size_t len, const char *source_name,
                     struct fc__unit *ret_unit, struct fc__error *err);
/* fc__decl_parse_more with it, into the same unit. */
int fc__layout_parse_more(struct fc__layouts *layouts, struct fc__unit *unit, const char *text, size_t len,
                          const char *source_name, struct fc__error *err);
/* fc__decl_parse_more_then with it. */
int fc__layout_parse_more_then(struct fc__layouts *layouts, struct fc__unit *unit, const char *text, size_t len,
                               const char *source_name, int (*then)(void *data), void *data, struct fc__error *err);

#endif
