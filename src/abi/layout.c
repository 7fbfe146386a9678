#include "abi/layout_parts.h"

#include "base/checked.h"

#include <stdio.h>
#include <string.h>

struct fc__layout_slot {
    const struct fc__layout *layout; /* NULL: not computed yet */
    uint32_t required_alignment;     /* Microsoft: what #pragma pack does not lower */
    uint32_t earlier;                /* the id of the body that was laid out before it; 0: none was */
};

static bool measure(struct fc__layouts *layouts, const struct fc__type *type, struct extent *ret_extent,
                    struct fc__error *err);

static bool fail(struct fc__error *err, const struct fc__type *type, const char *why) {
    char text[256];
    fc__error_set(err, FC_EUNSUPPORTED, "`%s` has no known layout: %s", fc__decl_type_text(type, text, sizeof text),
                  why);
    return false;
}

static bool fail_member(struct placing *p, const struct fc__member *member, const char *why) {
    const struct fc__type type = {.kind = p->body->kind, .body = p->body};
    char text[400];
    snprintf(text, sizeof text, "the member '%.80s' in line %u %s", member->name != NULL ? member->name : "",
             (unsigned)member->line, why);
    return fail(p->err, &type, text);
}

/* -- Types --------------------------------------------------------------------------------------------------------- */

static bool measure_scalar(const struct fc__target *target, const struct fc__type *type, enum fc__scalar scalar,
                           struct extent *extent, struct fc__error *err) {
    extent->size_bytes = target->bytes[scalar];
    extent->alignment = target->alignments[scalar];
    extent->preferred = target->preferred_alignments[scalar];
    return extent->size_bytes != 0 || fail(err, type, "the target has no such type");
}

static bool measure_array(struct fc__layouts *layouts, const struct fc__type *type, struct extent *extent,
                          struct fc__error *err) {
    if (!measure(layouts, type->to, extent, err)) {
        return false;
    }
    if (type->length_kind == FC__LENGTH_VARIES) {
        return fail(err, type, "the length of the array is not a constant");
    }
    return (fc__mul_u64(extent->size_bytes, type->length, &extent->size_bytes) &&
            extent->size_bytes <= FC__LAYOUT_SIZE_MAX) ||
           fail(err, type, "it is too large");
}

static bool measure_vector(struct fc__layouts *layouts, const struct fc__type *type, struct extent *extent,
                           struct fc__error *err) {
    if (!measure(layouts, type->to, extent, err)) {
        return false;
    }
    if (type->length < extent->size_bytes) {
        return fail(err, type, "it is smaller than its element");
    }
    *extent = (struct extent){.size_bytes = type->length, .required_alignment = (uint32_t)type->length};
    extent->alignment = extent->preferred = (uint32_t)type->length;
    return true;
}

static bool measure_body(struct fc__layouts *layouts, const struct fc__type *type, struct extent *extent,
                         struct fc__error *err) {
    const struct fc__layout *layout;
    if (fc__layout_of_body(layouts, type->body, &layout, err) != FC_OK) {
        return false;
    }
    extent->size_bytes = layout->size_bytes;
    extent->alignment = extent->preferred = layout->alignment_bytes;
    extent->required_alignment =
        type->body->alignment_bytes != 0 ? layout->alignment_bytes : layouts->slots[type->body->id].required_alignment;
    return true;
}

/* The type as such, before what a typedef's attribute says. Depth: FC__DECL_DEPTH_MAX bounds each chain. */
static bool measure_plain(struct fc__layouts *layouts, const struct fc__type *type, struct extent *extent,
                          struct fc__error *err) {
    const struct fc__target *target = layouts->target;
    switch (type->kind) {
    case FC__TYPE_SCALAR:
        return measure_scalar(target, type, type->scalar, extent, err);
    case FC__TYPE_ENUM:
        if (type->body->unknown != NULL) {
            return fail(err, type, type->body->unknown);
        }
        return measure_scalar(target, type, type->body->scalar, extent, err);
    case FC__TYPE_POINTER:
        extent->size_bytes = target->pointer_bytes;
        extent->alignment = extent->preferred = target->pointer_bytes;
        return true;
    case FC__TYPE_ARRAY:
        return measure_array(layouts, type, extent, err);
    case FC__TYPE_VECTOR:
        return measure_vector(layouts, type, extent, err);
    case FC__TYPE_STRUCT:
    case FC__TYPE_UNION:
        return measure_body(layouts, type, extent, err);
    case FC__TYPE_VOID:
    case FC__TYPE_FUNCTION:
        break;
    }
    return fail(err, type, "it is no object");
}

static bool measure(struct fc__layouts *layouts, const struct fc__type *type, struct extent *ret_extent,
                    struct fc__error *err) {
    struct extent extent = {.size_bytes = 0};
    if (!measure_plain(layouts, type, &extent, err)) {
        return false;
    }
    bool is_power = (extent.size_bytes & (extent.size_bytes - 1)) == 0;
    if (type->is_atomic && extent.size_bytes <= 16 && is_power) { /* GCC: so that one instruction reaches all of it */
        extent.alignment = fc__layout_larger(extent.alignment, (uint32_t)extent.size_bytes);
        extent.preferred = fc__layout_larger(extent.preferred, extent.alignment);
    }
    if (type->alignment_unknown != NULL) {
        return fail(err, type, type->alignment_unknown);
    }
    if (type->alignment_bytes != 0) { /* GCC: in place of the type's own; Microsoft: never less */
        bool is_lowered = !fc__layout_is_microsofts(layouts->target);
        extent.required_alignment = fc__layout_larger(extent.required_alignment, type->alignment_bytes);
        extent.alignment =
            is_lowered ? type->alignment_bytes : fc__layout_larger(extent.alignment, type->alignment_bytes);
        extent.preferred = extent.alignment;
    }
    *ret_extent = extent;
    return true;
}

/* -- Bodies -------------------------------------------------------------------------------------------------------- */

static bool place_member(struct placing *p, uint32_t index) {
    const struct fc__member *member = &p->body->members[index];
    struct extent extent = {.size_bytes = 0};
    if (!measure(p->layouts, member->type, &extent, p->err)) {
        return false;
    }
    if (member->is_bitfield && member->width_bits > extent.size_bytes * 8) {
        return fail_member(p, member, "is wider than its type");
    }
    fc__layout_place(p, member, &extent, &p->fields[index]);
    /* each member adds at most FC__LAYOUT_SIZE_MAX, and what is aligned FC__DECL_ALIGNMENT_MAX, so bits never wrap */
    return p->at_bits / 8 <= FC__LAYOUT_SIZE_MAX || fail_member(p, member, "makes it too large");
}

static bool place(struct placing *p, struct fc__layout *layout) {
    p->alignment = 1;
    for (uint32_t i = 0; i < p->body->member_count; i++) {
        if (!place_member(p, i)) {
            return false;
        }
    }
    layout->size_bytes = fc__layout_finish(p);
    layout->alignment_bytes = p->alignment;
    layout->field_count = p->body->member_count;
    layout->fields = p->fields;
    return true;
}

static bool make_room(struct fc__layouts *layouts, uint32_t id) {
    if (id < layouts->slot_count) {
        return true;
    }
    uint32_t count = (id | 63) * 2;
    struct fc__layout_slot *slots = fc__arena_alloc(&layouts->arena, count * sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    if (layouts->slot_count > 0) {
        memcpy(slots, layouts->slots, layouts->slot_count * sizeof *slots);
    }
    layouts->slots = slots;
    layouts->slot_count = count;
    return true;
}

int fc__layout_of_body(struct fc__layouts *layouts, const struct fc__body *body, const struct fc__layout **ret_layout,
                       struct fc__error *err) {
    const struct fc__type type = {.kind = body->kind, .body = body};
    if (!body->is_complete || body->unknown != NULL) {
        fail(err, &type, body->is_complete ? body->unknown : "nothing here says what is in it");
        return FC_EUNSUPPORTED;
    }
    if (body->rules != FC__RECORD_OF_TARGET && body->rules != layouts->target->records) {
        fail(err, &type,
             body->rules == FC__RECORD_MS ? "attribute ms_struct is not supported on this target"
                                          : "attribute gcc_struct is not supported on this target");
        return FC_EUNSUPPORTED;
    }
    struct fc__layout *layout = NULL;
    struct fc__field *fields = NULL;
    if (make_room(layouts, body->id)) {
        if (layouts->slots[body->id].layout != NULL) {
            *ret_layout = layouts->slots[body->id].layout;
            return FC_OK;
        }
        layout = fc__arena_alloc(&layouts->arena, sizeof *layout);
        fields = fc__arena_alloc(&layouts->arena, body->member_count * sizeof *fields);
    }
    if (layout == NULL || fields == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    struct placing p = {.layouts = layouts, .body = body, .err = err, .fields = fields};
    if (!place(&p, layout)) {
        return err->code == FC_ENOMEM ? FC_ENOMEM : FC_EUNSUPPORTED;
    }
    layouts->slots[body->id] = (struct fc__layout_slot){
        .layout = layout, .required_alignment = p.required_alignment, .earlier = layouts->latest};
    layouts->latest = body->id;
    *ret_layout = layout;
    return FC_OK;
}

/* -- Outside ------------------------------------------------------------------------------------------------------- */

void fc__layouts_init(struct fc__layouts *layouts, const struct fc__target *target) {
    *layouts = (struct fc__layouts){.target = target, .is_windows = target->is_windows};
}

void fc__layouts_init_pair(struct fc__layouts *here, const struct fc__target *caller, struct fc__layouts *there,
                           const struct fc__target *callee) {
    fc__layouts_init(here, caller);
    fc__layouts_init(there, callee);
    here->is_windows = there->is_windows;
}

void fc__layouts_done(struct fc__layouts *layouts) {
    fc__arena_done(&layouts->arena);
    layouts->slots = NULL;
    layouts->slot_count = layouts->latest = 0;
}

int fc__layout_extent(struct fc__layouts *layouts, const struct fc__type *type, struct fc__extent_of_type *ret_extent,
                      struct fc__error *err) {
    struct extent extent = {.size_bytes = 0};
    if (!measure(layouts, type, &extent, err)) {
        return err->code == FC_ENOMEM ? FC_ENOMEM : FC_EUNSUPPORTED;
    }
    *ret_extent = (struct fc__extent_of_type){.size_bytes = extent.size_bytes,
                                              .alignment_bytes = extent.alignment,
                                              .preferred_alignment_bytes = extent.preferred};
    return FC_OK;
}

static int extent_for_decl(void *context, const struct fc__type *type, struct fc__extent_of_type *ret_extent,
                           struct fc__error *err) {
    if (type->kind == FC__TYPE_ARRAY && type->length_kind == FC__LENGTH_MISSING) {
        return fc__error_set(err, FC_EUNSUPPORTED, "the array has no length");
    }
    if (type->kind == FC__TYPE_VOID || type->kind == FC__TYPE_FUNCTION) { /* GNU C */
        *ret_extent = (struct fc__extent_of_type){1, 1, 1};
        return FC_OK;
    }
    return fc__layout_extent(context, type, ret_extent, err);
}

static int offset_for_decl(void *context, const struct fc__body *body, uint32_t member_index,
                           uint64_t *ret_offset_bytes, struct fc__error *err) {
    const struct fc__layout *layout;
    int code = fc__layout_of_body(context, body, &layout, err);
    if (code == FC_OK) {
        *ret_offset_bytes = layout->fields[member_index].offset_bytes;
    }
    return code;
}

static struct fc__decl_target target_for_decl(struct fc__layouts *layouts) {
    return (struct fc__decl_target){.context = layouts,
                                    .extent = extent_for_decl,
                                    .offset = offset_for_decl,
                                    .may_skip = layouts->may_skip,
                                    .enums_are_int = layouts->target->is_windows && !layouts->target->is_gnu,
                                    .has_one_convention = layouts->target->convention == FC__CONVENTION_X86_64_MS,
                                    .is_windows = layouts->is_windows};
}

int fc__layout_parse(struct fc__layouts *layouts, const char *text, size_t len, const char *source_name,
                     struct fc__unit *ret_unit, struct fc__error *err) {
    const struct fc__decl_target target = target_for_decl(layouts);
    return fc__decl_parse_for(text, len, source_name, &target, ret_unit, err);
}

int fc__layout_parse_more(struct fc__layouts *layouts, struct fc__unit *unit, const char *text, size_t len,
                          const char *source_name, struct fc__error *err) {
    return fc__layout_parse_more_then(layouts, unit, text, len, source_name, NULL, NULL, err);
}

/* The bodies that were laid out since then may be no more. */
static void forget(struct fc__layouts *layouts, const struct fc__layouts *before) {
    for (uint32_t id = layouts->latest, earlier; id != before->latest; id = earlier) {
        earlier = layouts->slots[id].earlier;
        if (id < before->slot_count) {
            before->slots[id].layout = NULL;
        }
    }
    fc__arena_release(&layouts->arena, &before->arena);
    layouts->slots = before->slots;
    layouts->slot_count = before->slot_count;
    layouts->latest = before->latest;
}

int fc__layout_parse_more_then(struct fc__layouts *layouts, struct fc__unit *unit, const char *text, size_t len,
                               const char *source_name, int (*then)(void *data), void *data, struct fc__error *err) {
    const struct fc__decl_target target = target_for_decl(layouts);
    struct fc__layouts before = *layouts;
    before.arena = fc__arena_mark(&layouts->arena);
    int code = fc__decl_parse_more_then(unit, text, len, source_name, &target, then, data, err);
    if (code != FC_OK) {
        forget(layouts, &before);
    }
    return code;
}
