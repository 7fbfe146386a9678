#include "abi/passing.h"

#include "abi/passing_ms.h"

enum {
    EIGHTBYTES_MAX = 8,  /* what is larger than the largest vector lies in memory */
    PARTS_MAX = 1 << 16, /* of one type that are looked at: structs without bytes can hold any number of each other */
};

/* What GCC calls X86_64_..._CLASS. */
enum kind { NOTHING, INTEGER, VECTOR, VECTOR_UP, X87, X87_UP, X87_COMPLEX, MEMORY };

/* One type while it is looked at. */
struct look {
    struct fc__layouts *layouts;
    const struct fc__type *type; /* for messages */
    uint32_t parts;
    int rc; /* FC_OK as long as nothing went wrong */
    struct fc__error *err;
};

/* The eightbytes of a type or of a part of one. A count of 0: it lies in memory, or something went wrong. */
struct classes {
    uint32_t count;
    enum kind of[EIGHTBYTES_MAX];
};

int fc__passing_refuses(struct fc__error *err, const struct fc__type *type, const char *why) {
    char text[256];
    return fc__error_set(err, FC_EUNSUPPORTED, "`%s` cannot be passed by value: %s",
                         fc__decl_type_text(type, text, sizeof text), why);
}

static bool look_at_part(struct look *look) {
    if (look->rc == FC_OK && ++look->parts > PARTS_MAX) {
        look->rc = fc__passing_refuses(look->err, look->type, "it has too many parts");
    }
    return look->rc == FC_OK;
}

/* -- Classification: psABI x86-64, 3.2.3, "Classification" -------------------------------------------------------- */

static enum kind merge(enum kind a, enum kind b) {
    if (a == b || b == NOTHING) {
        return a;
    }
    if (a == NOTHING) {
        return b;
    }
    if (a == MEMORY || b == MEMORY) {
        return MEMORY;
    }
    if (a == INTEGER || b == INTEGER) {
        return INTEGER;
    }
    return a >= X87 || b >= X87 ? MEMORY : VECTOR;
}

/* What takes up `bytes` from `at_bits` on in eightbytes, the first of which it may share with what is before it. */
static uint64_t eightbytes(uint64_t at_bits, uint64_t bytes) {
    return (bytes + at_bits % 64 / 8 + 7) / 8;
}

/* A value without parts; it lies in memory where it is not aligned as its size asks for. */
static void classify_value(enum kind kind, uint64_t bytes, uint64_t alignment, uint64_t at_bits,
                           struct classes *classes) {
    classes->count = 0;
    if (at_bits % (alignment * 8) != 0 || bytes > EIGHTBYTES_MAX * UINT64_C(8)) {
        return;
    }
    const bool is_whole = kind == VECTOR && alignment == bytes; /* in one register, however long */
    classes->count = (uint32_t)eightbytes(at_bits, bytes);
    for (uint32_t i = 0; i < classes->count; i++) {
        classes->of[i] = i > 0 && kind == X87 ? X87_UP : i > 0 && is_whole ? VECTOR_UP : kind;
    }
}

static void classify_scalar(const struct look *look, enum fc__scalar scalar, uint64_t at_bits,
                            struct classes *classes) {
    const uint64_t bytes = look->layouts->target->bytes[scalar];
    switch (scalar) {
    case FC__SCALAR_FLOAT:
    case FC__SCALAR_DOUBLE:
    case FC__SCALAR_FLOAT16:
    case FC__SCALAR_FP16:
    case FC__SCALAR_BFLOAT16:
    case FC__SCALAR_FLOAT128:
    case FC__SCALAR_DECIMAL32:
    case FC__SCALAR_DECIMAL64:
    case FC__SCALAR_DECIMAL128:
        classify_value(VECTOR, bytes, bytes, at_bits, classes);
        break;
    case FC__SCALAR_CFLOAT:
    case FC__SCALAR_CDOUBLE:
    case FC__SCALAR_CFLOAT16:
        classify_value(VECTOR, bytes, bytes / 2, at_bits, classes);
        break;
    case FC__SCALAR_LDOUBLE:
        classify_value(X87, bytes, bytes, at_bits, classes);
        break;
    case FC__SCALAR_CLDOUBLE:
        classify_value(X87_COMPLEX, bytes, bytes / 2, at_bits, classes);
        break;
    case FC__SCALAR_CFLOAT128:
        classes->count = 0;
        break;
    case FC__SCALAR_VA_LIST:
    case FC__SCALAR_SYSV_VA_LIST:
        classify_value(INTEGER, bytes, 8, at_bits, classes);
        break;
    default:
        classify_value(INTEGER, bytes, bytes, at_bits, classes);
        break;
    }
}

static void classify(struct look *look, const struct fc__type *type, uint64_t at_bits, struct classes *classes);

/* An array is what its first element is, again and again: so says GCC, also where a later one is not aligned. */
static void classify_array(struct look *look, const struct fc__type *type, uint64_t at_bits, struct classes *classes) {
    struct classes element;
    classify(look, type->to, at_bits, &element);
    for (uint32_t i = 0; element.count != 0 && i < classes->count; i++) {
        classes->of[i] = element.of[i % element.count];
    }
    classes->count = element.count != 0 ? classes->count : 0;
}

/* False if the member makes its struct lie in memory. `at_bits`: the struct's, `field_bits`: the member's in it. */
static bool merge_member(struct look *look, const struct fc__type *type, uint64_t at_bits, uint64_t field_bits,
                         struct classes *classes) {
    struct classes member;
    classify(look, type, at_bits + field_bits, &member);
    const uint64_t first = (at_bits % 64 + field_bits) / 64;
    for (uint32_t i = 0; i < member.count && first + i < classes->count; i++) {
        classes->of[first + i] = merge(member.of[i], classes->of[first + i]);
    }
    return member.count != 0;
}

/* A bit-field is an integer, and never out of alignment; but where one is as wide as an integer, and aligned in its
 * struct, it is one to GCC like any other. */
static bool merge_bits(const struct fc__body *body, const struct fc__member *member, uint64_t at_bits,
                       uint64_t field_bits, struct classes *classes) {
    const uint64_t from = at_bits % 64 + field_bits, width = member->width_bits;
    const bool is_whole = width == 8 || width == 16 || width == 32 || width == 64;
    for (uint64_t i = from / 64; width != 0 && i < (from + width + 63) / 64 && i < classes->count; i++) {
        classes->of[i] = merge(INTEGER, classes->of[i]);
    }
    return !is_whole || body->is_packed || member->is_packed || field_bits % width != 0 || from % width == 0;
}

/* In a union, GCC takes it for an integer of as many bytes as it needs, also if that is none. */
static bool merge_bits_of_union(const struct fc__member *member, uint64_t at_bits, struct classes *classes) {
    uint64_t bits = 8;
    while (bits < member->width_bits) {
        bits *= 2;
    }
    classes->of[0] = classes->count > 0 ? merge(INTEGER, classes->of[0]) : NOTHING;
    return at_bits % bits == 0;
}

static void classify_members(struct look *look, const struct fc__body *body, uint64_t at_bits,
                             struct classes *classes) {
    const struct fc__layout *layout;
    look->rc = fc__layout_of_body(look->layouts, body, &layout, look->err);
    if (look->rc != FC_OK) {
        classes->count = 0;
        return;
    }
    for (uint32_t i = 0; i < body->member_count; i++) {
        const struct fc__member *member = &body->members[i];
        const struct fc__field *field = &layout->fields[i];
        const uint64_t field_bits = field->offset_bytes * 8 + field->bit_offset;
        const bool is_flexible =
            member->type->kind == FC__TYPE_ARRAY && member->type->length_kind == FC__LENGTH_MISSING;
        const bool is_placed = is_flexible            ? true
                               : !member->is_bitfield ? merge_member(look, member->type, at_bits, field_bits, classes)
                               : body->kind == FC__TYPE_UNION ? merge_bits_of_union(member, at_bits, classes)
                                                              : merge_bits(body, member, at_bits, field_bits, classes);
        if (!is_placed) {
            classes->count = 0;
            return;
        }
    }
}

/* psABI: "a post merger cleanup". */
static void clean_up(struct classes *classes) {
    enum kind *of = classes->of;
    bool is_memory = false, is_vector = of[0] == VECTOR;
    for (uint32_t i = 0; i < classes->count; i++) {
        is_vector = is_vector && (i == 0 || of[i] == VECTOR_UP);
        is_memory = is_memory || of[i] == MEMORY || (of[i] == X87_UP && (i == 0 || of[i - 1] != X87));
        if (of[i] == VECTOR_UP && (i == 0 || (of[i - 1] != VECTOR && of[i - 1] != VECTOR_UP))) {
            of[i] = VECTOR;
        }
    }
    if (is_memory || (classes->count > 2 && !is_vector)) {
        classes->count = 0;
    }
}

static void classify_parts(struct look *look, const struct fc__type *type, uint64_t at_bits, struct classes *classes) {
    struct fc__extent_of_type extent;
    *classes = (struct classes){.count = 0};
    look->rc = fc__layout_extent(look->layouts, type, &extent, look->err);
    if (look->rc != FC_OK || extent.size_bytes > EIGHTBYTES_MAX * UINT64_C(8)) {
        return;
    }
    classes->count = (uint32_t)eightbytes(at_bits, extent.size_bytes);
    if (classes->count == 0) { /* nothing is there */
        classes->count = 1;
    } else if (classes->count > EIGHTBYTES_MAX) {
        classes->count = 0;
    } else if (type->kind == FC__TYPE_ARRAY) {
        classify_array(look, type, at_bits, classes);
        clean_up(classes);
    } else {
        classify_members(look, type->body, at_bits, classes);
        clean_up(classes);
    }
}

/* Depth: FC__DECL_DEPTH_MAX. */
static void classify(struct look *look, const struct fc__type *type, uint64_t at_bits, struct classes *classes) {
    classes->count = 0;
    if (!look_at_part(look)) {
        return;
    }
    switch (type->kind) {
    case FC__TYPE_SCALAR:
        classify_scalar(look, type->scalar, at_bits, classes);
        break;
    case FC__TYPE_ENUM:
        classify_scalar(look, type->body->scalar, at_bits, classes);
        break;
    case FC__TYPE_POINTER:
        classify_value(INTEGER, 8, 8, at_bits, classes);
        break;
    case FC__TYPE_VECTOR:
        classify_value(VECTOR, type->length, type->length, at_bits, classes);
        break;
    default:
        classify_parts(look, type, at_bits, classes);
        break;
    }
}

/* -- Alignment on the stack ---------------------------------------------------------------------------------------- */

static uint32_t own_alignment(const struct fc__target *target, const struct fc__type *type) {
    switch (type->kind) {
    case FC__TYPE_SCALAR:
        return target->alignments[type->scalar];
    case FC__TYPE_ENUM:
        return target->alignments[type->body->scalar];
    case FC__TYPE_VECTOR:
        return (uint32_t)type->length;
    default:
        return target->pointer_bytes;
    }
}

/* x86-64: does it hold nothing, but perhaps bit-fields without a name? To GCC, it then takes up no stack, and is not
 * returned. */
static bool is_empty(struct look *look, const struct fc__type *type) {
    if (!look_at_part(look)) {
        return false;
    }
    if (type->kind == FC__TYPE_ARRAY) {
        return (type->length_kind == FC__LENGTH_KNOWN && type->length == 0) || is_empty(look, type->to);
    }
    if (!fc__passing_is_aggregate(type)) {
        return false;
    }
    for (uint32_t i = 0; i < type->body->member_count; i++) {
        const struct fc__member *member = &type->body->members[i];
        if (member->is_bitfield ? member->name != NULL : !is_empty(look, member->type)) {
            return false;
        }
    }
    return true;
}

/* i386: is there a value in it, other than a long double, whose type is aligned to 16 bytes or more? What is asked for
 * by a struct, or of a member, does not count. */
static bool has_aligned_value(struct look *look, const struct fc__type *type) {
    enum { ALIGNED = 16 };
    struct fc__extent_of_type extent;
    if (!look_at_part(look)) {
        return false;
    }
    if (type->kind == FC__TYPE_ARRAY) {
        return has_aligned_value(look, type->to);
    }
    if (!fc__passing_is_aggregate(type)) {
        const bool is_x87 = type->kind == FC__TYPE_SCALAR &&
                            (type->scalar == FC__SCALAR_LDOUBLE || type->scalar == FC__SCALAR_CLDOUBLE);
        const uint32_t alignment =
            type->alignment_bytes != 0 ? type->alignment_bytes : own_alignment(look->layouts->target, type);
        return !is_x87 && alignment >= ALIGNED;
    }
    look->rc = fc__layout_extent(look->layouts, type, &extent, look->err);
    if (look->rc != FC_OK || extent.alignment_bytes < ALIGNED) {
        return false;
    }
    for (uint32_t i = 0; i < type->body->member_count; i++) {
        if (has_aligned_value(look, type->body->members[i].type)) {
            return true;
        }
    }
    return false;
}

static uint32_t stack_alignment(struct look *look, const struct fc__type *type, uint32_t alignment) {
    const struct fc__target *target = look->layouts->target;
    if (target->convention == FC__CONVENTION_I386_CDECL && !has_aligned_value(look, type)) {
        return target->word_bytes;
    }
    return alignment > target->word_bytes ? alignment : target->word_bytes;
}

/* -- Arguments and results ----------------------------------------------------------------------------------------- */

static bool is_microsofts(const struct fc__target *target) {
    return target->convention == FC__CONVENTION_I386_MS || target->convention == FC__CONVENTION_X86_64_MS;
}

/* The type without what a typedef asked for; it says nothing here. */
static int measure(struct fc__layouts *layouts, const struct fc__type *type, struct fc__type *ret_plain,
                   struct fc__extent_of_type *ret_extent, struct fc__error *err) {
    *ret_plain = *type;
    ret_plain->alignment_bytes = 0;
    ret_plain->alignment_unknown = NULL;
    if (type->kind == FC__TYPE_VECTOR) {
        return fc__passing_refuses(err, type, fc__decl_refusal(type));
    }
    return fc__layout_extent(layouts, ret_plain, ret_extent, err);
}

/* What is found, if each of it fits into a word of a frame; refused if not. */
static int put_classes(const struct classes *found, const struct fc__type *type, struct fc__passing *passing,
                       struct fc__error *err) {
    for (uint32_t i = 0; i < found->count; i++) {
        if (found->of[i] == VECTOR_UP) {
            return fc__passing_refuses(err, type, "it takes a vector register as a whole");
        }
        passing->classes[i] = found->of[i] == INTEGER  ? FC__CLASS_INTEGER
                              : found->of[i] == VECTOR ? FC__CLASS_VECTOR
                                                       : FC__CLASS_NONE;
    }
    passing->kind = FC__PASSING_REGISTERS;
    return FC_OK;
}

static bool has_x87(const struct classes *found) {
    return found->count > 0 && (found->of[0] >= X87 || (found->count > 1 && found->of[1] >= X87));
}

static bool is_nothing(const struct classes *found) {
    return found->count > 0 && found->of[0] == NOTHING && (found->count == 1 || found->of[1] == NOTHING);
}

int fc__passing_of_argument(struct fc__layouts *layouts, const struct fc__type *type, struct fc__passing *ret_passing,
                            struct fc__error *err) {
    struct look look = {.layouts = layouts, .type = type, .err = err};
    struct fc__type plain;
    struct fc__extent_of_type extent;
    struct classes found = {.count = 0};
    int rc = measure(layouts, type, &plain, &extent, err);
    if (rc != FC_OK) {
        return rc;
    }
    if (is_microsofts(layouts->target)) {
        return fc__passing_ms_argument(layouts, &plain, &extent, ret_passing, err);
    }
    struct fc__passing passing = {.kind = FC__PASSING_STACK, .size_bytes = extent.size_bytes};
    passing.stack_alignment_bytes = stack_alignment(&look, &plain, extent.alignment_bytes);
    if (layouts->target->convention == FC__CONVENTION_X86_64_SYSV) {
        classify(&look, &plain, 0, &found);
        passing.size_bytes = extent.size_bytes != 0 && is_empty(&look, &plain) ? 0 : extent.size_bytes;
    }
    const bool is_float = plain.kind == FC__TYPE_SCALAR && fc__scalar_is_float(plain.scalar);
    passing.is_small =
        !fc__passing_is_aggregate(&plain) && !is_float && extent.size_bytes <= layouts->target->word_bytes;
    if (passing.size_bytes == 0) {
        passing.stack_alignment_bytes = layouts->target->word_bytes;
    }
    if (look.rc != FC_OK) {
        return look.rc;
    }
    if (passing.stack_alignment_bytes > FC__PASSING_ALIGNMENT_MAX) {
        return fc__passing_refuses(err, type, "it asks for more alignment than the stack of a call is given");
    }
    if (found.count > 0 && !has_x87(&found) && !is_nothing(&found)) {
        rc = put_classes(&found, type, &passing, err);
    }
    if (rc == FC_OK) {
        *ret_passing = passing;
    }
    return rc;
}

static void return_hidden(const struct fc__target *target, struct fc__passing *passing) {
    passing->kind = FC__PASSING_HIDDEN;
    passing->frame_result = FC__FRAME_RESULT_INTEGER;
    passing->frame_flags = target->convention == FC__CONVENTION_I386_CDECL ? FC__FRAME_POPS_POINTER : 0;
}

/* i386, 2.2.4: floats in st0, integers in eax and edx, all else through a pointer. */
static int return_i386(const struct fc__layouts *layouts, const struct fc__type *type, struct fc__passing *passing,
                       struct fc__error *err) {
    enum { IN_EAX_AND_EDX = 8 };
    const enum fc__scalar scalar = type->kind == FC__TYPE_SCALAR ? type->scalar : FC__SCALAR_INT;
    if (scalar == FC__SCALAR_FLOAT || scalar == FC__SCALAR_DOUBLE || scalar == FC__SCALAR_LDOUBLE) {
        passing->kind = FC__PASSING_X87;
        passing->frame_result = FC__FRAME_RESULT_X87;
        return FC_OK;
    }
    if (scalar == FC__SCALAR_FLOAT16 || scalar == FC__SCALAR_FP16 || scalar == FC__SCALAR_BFLOAT16 ||
        scalar == FC__SCALAR_CFLOAT16) {
        return fc__passing_refuses(err, type, "it is returned in a vector register");
    }
    if (fc__passing_is_aggregate(type) || passing->size_bytes > IN_EAX_AND_EDX) {
        return_hidden(layouts->target, passing);
        return FC_OK;
    }
    passing->kind = FC__PASSING_REGISTERS;
    passing->classes[0] = FC__CLASS_INTEGER;
    passing->frame_result = FC__FRAME_RESULT_INTEGER;
    return FC_OK;
}

static uint32_t result_in_registers(const enum fc__class classes[2]) {
    const enum fc__class first = classes[0] != FC__CLASS_NONE ? classes[0] : classes[1];
    const enum fc__class second = classes[0] != FC__CLASS_NONE ? classes[1] : FC__CLASS_NONE;
    if (second != FC__CLASS_NONE && second != first) {
        return first == FC__CLASS_INTEGER ? FC__FRAME_RESULT_INTEGER_VECTOR : FC__FRAME_RESULT_VECTOR_INTEGER;
    }
    return first == FC__CLASS_INTEGER ? FC__FRAME_RESULT_INTEGER : FC__FRAME_RESULT_VECTOR;
}

/* x86-64, 3.2.3, "Returning of Values". */
static int return_x86_64(struct look *look, const struct fc__type *type, struct fc__passing *passing) {
    struct classes found;
    classify(look, type, 0, &found);
    const bool is_nowhere = is_nothing(&found) || is_empty(look, type);
    if (look->rc != FC_OK) {
        return look->rc;
    }
    if (is_nowhere) {
        passing->kind = FC__PASSING_NOTHING;
        return FC_OK;
    }
    if (found.count == 0) {
        return_hidden(look->layouts->target, passing);
        return FC_OK;
    }
    if (found.count == 2 && found.of[0] == X87 && found.of[1] == X87_UP) {
        passing->kind = FC__PASSING_X87;
        passing->frame_result = FC__FRAME_RESULT_X87;
        return FC_OK;
    }
    if (has_x87(&found)) { /* there is nothing else with these classes */
        passing->kind = FC__PASSING_X87_PAIR;
        passing->frame_result = FC__FRAME_RESULT_X87_PAIR;
        return FC_OK;
    }
    int rc = put_classes(&found, look->type, passing, look->err);
    passing->frame_result = rc == FC_OK ? result_in_registers(passing->classes) : 0;
    return rc;
}

int fc__passing_of_result(struct fc__layouts *layouts, const struct fc__type *type, struct fc__passing *ret_passing,
                          struct fc__error *err) {
    struct look look = {.layouts = layouts, .type = type, .err = err};
    struct fc__type plain;
    struct fc__extent_of_type extent;
    struct fc__passing passing = {.kind = FC__PASSING_NOTHING};
    if (type->kind != FC__TYPE_VOID) {
        int rc = measure(layouts, type, &plain, &extent, err);
        if (rc != FC_OK) {
            return rc;
        }
        passing.size_bytes = extent.size_bytes;
        rc = is_microsofts(layouts->target) ? fc__passing_ms_result(layouts, &plain, &extent, &passing, err)
             : layouts->target->convention == FC__CONVENTION_I386_CDECL ? return_i386(layouts, &plain, &passing, err)
                                                                        : return_x86_64(&look, &plain, &passing);
        if (rc != FC_OK) {
            return rc;
        }
    }
    *ret_passing = passing;
    return FC_OK;
}
