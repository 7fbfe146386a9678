/* abi: where the next member goes: the rules of GCC, of Microsoft, and of GCC on Windows. */
#include "abi/layout_parts.h"

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Up to the next multiple of a power of two; sizes are far from where this would overflow. */
static uint64_t round_up(uint64_t value, uint64_t unit) {
    return (value + unit - 1) & ~(unit - 1);
}

/* -- GCC on System V targets --------------------------------------------------------------------------------------- */

/* A bit-field may not lie across more units of its type's alignment than its type does; in a packed struct, or under
 * #pragma pack, it lies where the last one ended. */
static void place_gnu_bits(struct placing *p, const struct fc__member *member, const struct extent *extent,
                           struct fc__field *field) {
    bool is_union = p->body->kind == FC__TYPE_UNION;
    bool is_packed = p->body->is_packed || member->is_packed;
    uint32_t pack = p->body->pack_bytes;
    uint64_t at = is_union ? 0 : p->at_bits;
    uint64_t unit_bits = (uint64_t)extent->alignment * 8;
    uint32_t type_alignment = extent->alignment;
    uint32_t asked = pack != 0 ? smaller(member->alignment_bytes, pack) : member->alignment_bytes;
    if (member->alignment_bytes != 0) {
        at = round_up(at, (uint64_t)asked * 8);
    }
    if (member->width_bits == 0) { /* aligns what follows, packed or not, and the whole not at all */
        at = round_up(at, unit_bits);
    } else if (!is_packed && pack == 0) {
        uint64_t spanned = (at % unit_bits + member->width_bits + unit_bits - 1) / unit_bits;
        if (spanned > extent->size_bytes * 8 / unit_bits) {
            at = round_up(at, unit_bits);
        }
    }
    if (member->name != NULL) {
        type_alignment = pack != 0 ? smaller(type_alignment, pack) : is_packed ? 1 : type_alignment;
        p->alignment = fc__layout_larger(fc__layout_larger(p->alignment, type_alignment), asked);
    }
    field->offset_bytes = at / 8;
    field->bit_offset = (uint8_t)(at % 8);
    uint64_t end = at + member->width_bits;
    if (is_union) {
        end = round_up(end, 8);
    }
    p->at_bits = !is_union || end > p->at_bits ? end : p->at_bits;
}

static void place_gnu(struct placing *p, const struct fc__member *member, const struct extent *extent,
                      struct fc__field *field) {
    bool is_union = p->body->kind == FC__TYPE_UNION;
    bool is_packed = p->body->is_packed || member->is_packed;
    uint32_t pack = p->body->pack_bytes;
    uint32_t alignment = is_packed ? 1 : extent->alignment;
    if (member->alignment_bytes != 0) {
        alignment = is_packed ? member->alignment_bytes : fc__layout_larger(alignment, member->alignment_bytes);
    }
    if (pack != 0) {
        alignment = smaller(alignment, pack);
    }
    uint64_t at = is_union ? 0 : round_up(p->at_bits, (uint64_t)alignment * 8);
    p->alignment = fc__layout_larger(p->alignment, alignment);
    p->unit_bytes = p->free_bits = 0;
    field->offset_bytes = at / 8;
    uint64_t end = at + extent->size_bytes * 8;
    p->at_bits = !is_union || end > p->at_bits ? end : p->at_bits;
}

/* -- GCC on Windows: stor-layout.c, where targetm.ms_bitfield_layout_p ---------------------------------------------- */

/* What an `aligned` asks for counts where the last member did not end at such a place already. */
static uint64_t align_mingw(const struct placing *p, uint64_t at, uint32_t asked) {
    const uint64_t end = p->at_bits - p->free_bits;
    const uint64_t known = end & (~end + 1);
    return end != 0 && known < (uint64_t)asked * 8 ? round_up(at, (uint64_t)asked * 8) : at;
}

static void place_mingw_bits(struct placing *p, const struct fc__member *member, const struct extent *extent,
                             struct fc__field *field) {
    const bool is_union = p->body->kind == FC__TYPE_UNION, is_packed = p->body->is_packed || member->is_packed;
    const uint32_t pack = p->body->pack_bytes;
    const uint64_t bits = extent->size_bytes * 8, width = member->width_bits;
    const uint32_t own = pack != 0 ? smaller(extent->alignment, pack) : extent->alignment;
    const uint32_t asked = pack != 0 ? smaller(member->alignment_bytes, pack) : member->alignment_bytes;
    uint64_t at = is_union ? 0 : p->at_bits;
    if (width != 0 ? !is_packed : p->unit_bytes != 0) {
        p->alignment = fc__layout_larger(p->alignment, fc__layout_larger(own, asked));
    }
    if (is_union) {
        p->at_bits = round_up(width, 8) > p->at_bits ? round_up(width, 8) : p->at_bits;
    } else if (width != 0 && p->unit_bytes == extent->size_bytes && width <= p->free_bits) {
        at = p->at_bits - p->free_bits;
        p->free_bits -= width;
    } else {
        at = align_mingw(p, at, asked);
        if (width != 0 ? p->unit_bytes != extent->size_bytes
                       : p->unit_bytes != 0 && p->unit_bytes != extent->size_bytes) {
            at = round_up(at, is_packed ? 8 : (uint64_t)own * 8);
        }
        p->at_bits = width != 0 ? at + bits : at;
        p->free_bits = width != 0 ? bits - width : 0;
        p->unit_bytes = width != 0 ? extent->size_bytes : 0;
    }
    field->offset_bytes = at / 8;
    field->bit_offset = (uint8_t)(at % 8);
}

/* -- Microsoft ----------------------------------------------------------------------------------------------------- */

/* #pragma pack and packed lower alignments, but not those asked for explicitly. A #pragma pack beyond the width of a
 * register says nothing. */
static uint32_t ms_pack(const struct placing *p) {
    uint32_t pack = p->body->pack_bytes;
    return p->body->is_packed ? 1 : pack <= p->layouts->target->pointer_bytes ? pack : 0;
}

static uint32_t ms_alignment(struct placing *p, const struct fc__member *member, const struct extent *extent) {
    uint32_t required = fc__layout_larger(extent->required_alignment, member->alignment_bytes);
    uint32_t alignment = extent->alignment;
    if (ms_pack(p) != 0) {
        alignment = smaller(alignment, ms_pack(p));
    }
    if (member->is_packed) {
        alignment = 1;
    }
    if (!member->is_bitfield) { /* those of bit-fields do not last */
        p->required_alignment = fc__layout_larger(p->required_alignment, required);
    }
    return fc__layout_larger(alignment, required);
}

/* A bit-field goes into the unit of the one before it if their types are of one size and there is room; else it begins
 * a unit of its own. */
static void place_ms_bits(struct placing *p, const struct fc__member *member, const struct extent *extent,
                          struct fc__field *field) {
    bool is_union = p->body->kind == FC__TYPE_UNION;
    uint64_t bits = extent->size_bytes * 8;
    uint32_t alignment;
    uint64_t at = is_union ? 0 : p->at_bits;
    if (member->width_bits == 0 && p->unit_bytes == 0) { /* says nothing unless behind a bit-field */
        field->offset_bytes = at / 8;
        return;
    }
    if (member->width_bits != 0 && !is_union && p->unit_bytes == extent->size_bytes &&
        member->width_bits <= p->free_bits) {
        at = p->at_bits - p->free_bits;
        p->free_bits -= member->width_bits;
    } else {
        alignment = ms_alignment(p, member, extent);
        p->unit_bytes = member->width_bits != 0 ? extent->size_bytes : 0;
        if (is_union) {
            p->at_bits = bits > p->at_bits ? bits : p->at_bits;
        } else {
            at = round_up(at, (uint64_t)alignment * 8);
            p->at_bits = member->width_bits != 0 ? at + bits : at;
            p->free_bits = bits - member->width_bits;
            p->alignment = fc__layout_larger(p->alignment, alignment);
        }
    }
    field->offset_bytes = at / 8;
    field->bit_offset = (uint8_t)(at % 8);
}

static void place_ms(struct placing *p, const struct fc__member *member, const struct extent *extent,
                     struct fc__field *field) {
    bool is_union = p->body->kind == FC__TYPE_UNION;
    uint32_t alignment = ms_alignment(p, member, extent);
    uint64_t at = is_union ? 0 : round_up(p->at_bits, (uint64_t)alignment * 8);
    uint64_t end = at + extent->size_bytes * 8;
    p->unit_bytes = 0;
    p->alignment = fc__layout_larger(p->alignment, alignment);
    p->at_bits = !is_union || end > p->at_bits ? end : p->at_bits;
    field->offset_bytes = at / 8;
}

/* The size of the whole. A struct without anything in it has 4 bytes, or its alignment if that was asked for. */
static uint64_t finish_ms(struct placing *p) {
    enum { EMPTY_BYTES = 4 };
    bool is_64 = p->layouts->target->pointer_bytes == 8;
    uint32_t pack = ms_pack(p);
    uint64_t size = round_up(p->at_bits / 8, p->alignment);
    uint32_t required = fc__layout_larger(p->required_alignment, p->body->alignment_bytes);
    if (is_64 || required != 0) {
        required = fc__layout_larger(required, is_64 ? 1 : 0);
        p->alignment = fc__layout_larger(p->alignment, required);
        uint32_t rounding = pack != 0 ? smaller(p->alignment, pack) : p->alignment;
        size = round_up(size, fc__layout_larger(rounding, required));
    }
    p->required_alignment = required;
    if (size == 0) {
        size = required >= EMPTY_BYTES ? p->alignment : EMPTY_BYTES;
    }
    return size;
}

/* -- Any ----------------------------------------------------------------------------------------------------------- */

void fc__layout_place(struct placing *p, const struct fc__member *member, const struct extent *extent,
                      struct fc__field *field) {
    const struct fc__target *target = p->layouts->target;
    if (!member->is_bitfield) {
        (fc__layout_is_microsofts(target) ? place_ms : place_gnu)(p, member, extent, field);
        return;
    }
    (fc__layout_is_microsofts(target)   ? place_ms_bits
     : target->records == FC__RECORD_MS ? place_mingw_bits
                                        : place_gnu_bits)(p, member, extent, field);
    field->bit_width = (uint8_t)member->width_bits;
    field->storage_bytes = (uint8_t)((field->bit_offset + member->width_bits + 7) / 8);
}

uint64_t fc__layout_finish(struct placing *p) {
    if (fc__layout_is_microsofts(p->layouts->target)) {
        return finish_ms(p);
    }
    p->alignment = fc__layout_larger(p->alignment, p->body->alignment_bytes);
    return round_up(round_up(p->at_bits, 8) / 8, p->alignment);
}
