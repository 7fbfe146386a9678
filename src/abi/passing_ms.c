#include "abi/passing_ms.h"

/* Goes as a struct of its two parts. */
static bool is_complex(const struct fc__type *type) {
    enum fc__scalar part;
    return type->kind == FC__TYPE_SCALAR && fc__scalar_part(type->scalar, &part);
}

/* What Microsoft's compilers have no rule for, because they do not have it. */
static int check(const struct fc__target *target, const struct fc__type *type, struct fc__error *err) {
    const enum fc__scalar scalar = type->kind == FC__TYPE_SCALAR ? type->scalar : FC__SCALAR_INT;
    const bool is_float = fc__scalar_is_float(scalar);
    const bool is_known = scalar == FC__SCALAR_FLOAT || scalar == FC__SCALAR_DOUBLE || scalar == FC__SCALAR_LDOUBLE;
    const bool is_long_double = scalar == FC__SCALAR_LDOUBLE;
    if ((is_float && !is_known) || (target->bytes[scalar] > 8 && !is_long_double && !is_complex(type))) {
        return fc__passing_refuses(err, type, "its target has no rule for it");
    }
    return FC_OK;
}

/* Does it, or anything in it, ask for an alignment? Depth: FC__DECL_DEPTH_MAX. */
static bool asks_for_alignment(const struct fc__type *type) {
    if (type->kind == FC__TYPE_ARRAY) {
        return type->alignment_bytes != 0 || asks_for_alignment(type->to);
    }
    if (!fc__passing_is_aggregate(type)) {
        return type->alignment_bytes != 0;
    }
    for (uint32_t i = 0; i < type->body->member_count; i++) {
        const struct fc__member *member = &type->body->members[i];
        if (member->alignment_bytes != 0 || asks_for_alignment(member->type)) {
            return true;
        }
    }
    return type->body->alignment_bytes != 0;
}

static bool is_register_size(uint64_t bytes) {
    return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

static bool is_vector(const struct fc__type *type) {
    return type->kind == FC__TYPE_SCALAR && fc__scalar_is_float(type->scalar);
}

/* What GCC takes a value for, by which it chooses registers. */
enum mode { MODE_NONE, MODE_INTEGER, MODE_FLOAT, MODE_COMPLEX };

static enum mode mode_of(struct fc__layouts *layouts, const struct fc__type *type);

static enum mode mode_of_size(uint64_t bytes) {
    return is_register_size(bytes) ? MODE_INTEGER : MODE_NONE;
}

/* That of the member which is all of it, else that of an integer as large; none if a member has none. */
static enum mode mode_of_body(struct fc__layouts *layouts, const struct fc__type *type, uint64_t bytes) {
    const struct fc__layout *layout;
    struct fc__error ignored;
    enum mode mode = MODE_NONE;
    if (fc__layout_of_body(layouts, type->body, &layout, &ignored) != FC_OK) {
        return MODE_NONE;
    }
    for (uint32_t i = 0; i < layout->field_count; i++) {
        const struct fc__member *member = &type->body->members[i];
        struct fc__extent_of_type extent = {.size_bytes = 0};
        enum mode its = MODE_INTEGER;
        if (!member->is_bitfield) {
            its = mode_of(layouts, member->type);
            if (fc__layout_extent(layouts, member->type, &extent, &ignored) != FC_OK ||
                (its == MODE_NONE && extent.size_bytes != 0)) {
                return MODE_NONE;
            }
        }
        mode = extent.size_bytes == bytes && type->kind == FC__TYPE_STRUCT && mode == MODE_NONE ? its : mode;
    }
    return mode != MODE_NONE ? mode : mode_of_size(bytes);
}

/* Depth: FC__DECL_DEPTH_MAX. */
static enum mode mode_of(struct fc__layouts *layouts, const struct fc__type *type) {
    struct fc__extent_of_type extent;
    struct fc__error ignored;
    if (fc__layout_extent(layouts, type, &extent, &ignored) != FC_OK) {
        return MODE_NONE;
    }
    if (type->kind == FC__TYPE_ARRAY) {
        const enum mode element = mode_of(layouts, type->to);
        return element == MODE_NONE || type->length == 1 ? element : mode_of_size(extent.size_bytes);
    }
    return fc__passing_is_aggregate(type) ? mode_of_body(layouts, type, extent.size_bytes)
           : is_vector(type)              ? MODE_FLOAT
           : is_complex(type)             ? MODE_COMPLEX
                                          : MODE_INTEGER;
}

/* i386, GCC: how many registers are gone for an argument that it leaves on the stack. */
static uint8_t uses_up(struct fc__layouts *layouts, const struct fc__type *type, uint64_t bytes) {
    const uint64_t words = (bytes + 3) / 4;
    const enum mode mode = mode_of(layouts, type);
    return mode == MODE_FLOAT || mode == MODE_COMPLEX ? 0 : words < UINT8_MAX ? (uint8_t)words : UINT8_MAX;
}

int fc__passing_ms_argument(struct fc__layouts *layouts, const struct fc__type *type,
                            const struct fc__extent_of_type *extent, struct fc__passing *ret_passing,
                            struct fc__error *err) {
    const struct fc__target *target = layouts->target;
    const uint32_t word = target->word_bytes;
    int rc = check(target, type, err);
    if (rc != FC_OK) {
        return rc;
    }
    struct fc__passing passing = {
        .kind = FC__PASSING_STACK, .size_bytes = extent->size_bytes, .stack_alignment_bytes = word};
    if (target->convention == FC__CONVENTION_X86_64_MS) {
        passing.kind = is_register_size(extent->size_bytes) ? FC__PASSING_REGISTERS : FC__PASSING_REFERENCE;
        passing.classes[0] =
            is_vector(type) && passing.kind == FC__PASSING_REGISTERS ? FC__CLASS_VECTOR : FC__CLASS_INTEGER;
    } else if (fc__passing_is_aggregate(type) && extent->alignment_bytes > word && asks_for_alignment(type)) {
        return fc__passing_refuses(err, type,
                                   "it asks for more alignment than the stack of a call has (Microsoft's error C2719)");
    }
    if (passing.kind == FC__PASSING_REFERENCE) {
        passing.size_bytes = target->pointer_bytes;
    }
    if (target->is_gnu && target->convention == FC__CONVENTION_I386_MS) {
        passing.uses_up = uses_up(layouts, type, extent->size_bytes);
    }
    passing.is_small = !fc__passing_is_aggregate(type) && !is_vector(type) && extent->size_bytes <= word;
    *ret_passing = passing;
    return FC_OK;
}

int fc__passing_ms_result(struct fc__layouts *layouts, const struct fc__type *type,
                          const struct fc__extent_of_type *extent, struct fc__passing *ret_passing,
                          struct fc__error *err) {
    const bool is_i386 = layouts->target->convention == FC__CONVENTION_I386_MS;
    int rc = check(layouts->target, type, err);
    if (rc != FC_OK) {
        return rc;
    }
    struct fc__passing passing = {
        .kind = FC__PASSING_HIDDEN, .size_bytes = extent->size_bytes, .frame_result = FC__FRAME_RESULT_INTEGER};
    const bool is_gnu = layouts->target->is_gnu && is_i386;
    const enum mode mode = is_gnu ? mode_of(layouts, type) : is_vector(type) ? MODE_FLOAT : MODE_INTEGER;
    if (is_i386 && mode == MODE_FLOAT) {
        passing.kind = FC__PASSING_X87;
        passing.frame_result = FC__FRAME_RESULT_X87;
    } else if (mode != MODE_NONE && is_register_size(extent->size_bytes)) {
        passing.kind = FC__PASSING_REGISTERS;
        passing.classes[0] = mode == MODE_FLOAT ? FC__CLASS_VECTOR : FC__CLASS_INTEGER;
        passing.frame_result = mode == MODE_FLOAT ? FC__FRAME_RESULT_VECTOR : FC__FRAME_RESULT_INTEGER;
    }
    *ret_passing = passing;
    return FC_OK;
}
