/* Conformance: unions, with a selector and without. */
#define CONFORMANCE_TEST "unions"
#include "conformance/cases.h"

#include "conformance/unions.h"

CASE(union_without_a_selector) {
    union plain value = {.word = (unsigned)any_bits()};
    const int which = any_of(0, 100);
    if (which % 3 == 1) {
        value.real = any_float();
    }
    SEE(CALL(sum_plain, (const union plain *)&value, which));
    CALL_VOID(set_plain, &value, which);
    SEE(value.word);
}

/* To Microsoft's compilers a bit-field of an enum has a sign: one of two bits holds no FLAG_LONG, as their library sees
 * it. */
CASE(union_whose_selector_is_a_bit_field) {
    const int most = is_to_msvc() ? FLAG_INT : FLAG_TEXT;
    struct flagged value = {.kind = (enum flag_kind)(any_of(0, most) & 3), .rest = (unsigned)any_of(0, 63) & 63};
    if (value.kind == FLAG_INT) {
        value.i = any_int();
    } else if (value.kind == FLAG_LONG) {
        value.l = any_int();
    } else if (value.kind == FLAG_TEXT) {
        value.text = any_text(20);
    }
    SEE(CALL(sum_flagged, (const struct flagged *)&value));
    CALL_VOID(bump_flagged, &value);
    SEE(value.kind);
    SEE(value.rest);
    SEE(value.kind == FLAG_INT ? value.i : 0);
}

CASE(union_whose_selector_has_64_bits) {
    static const unsigned long long ids[] = {0, 1000, 1001, 1ULL << 62, (1ULL << 62) + 1, ~0ULL >> 1, 1ULL << 63, ~0ULL};
    struct numbered values[20];
    const int count = any_of(0, 20);
    for (int i = 0; i < count; i++) {
        const unsigned long long id = ids[any_of(0, 7)];
        values[i] = (struct numbered){.id = id};
        if (id < 1ULL << 62) {
            values[i].number = any_int();
        } else if (id & 1) {
            values[i].text = any_text(20);
        } else {
            values[i].place = SCRATCH(int, 1);
            *values[i].place = any_int();
        }
    }
    SEE(CALL(sum_numbered, (const struct numbered *)values, count));
}

CASE(array_of_unions) {
    union plain values[10];
    const int count = any_of(0, 10);
    for (int i = 0; i < count; i++) {
        values[i].word = (unsigned)any_bits();
    }
    CALL_VOID(bump_plain_array, values, count);
    for (int i = 0; i < count; i++) {
        SEE(values[i].word);
    }
}

/* -- with a selector ----------------------------------------------------------------------------------------------- */

static struct variant any_variant(enum variant_kind kind) {
    struct variant value = {.kind = kind, .count = any_of(0, 9)};
    switch (kind) {
    case VARIANT_INT:
        value.as.i = any_int();
        break;
    case VARIANT_LONG:
        value.as.l = any_int();
        break;
    case VARIANT_DOUBLE:
        value.as.d = any_double();
        break;
    case VARIANT_TEXT:
        value.as.text = any_text(30);
        break;
    case VARIANT_INTS:
        value.as.ints = SCRATCH(int, value.count + 1);
        for (int i = 0; i < value.count; i++) {
            value.as.ints[i] = any_int();
        }
        break;
    case VARIANT_PAIR:
        value.as.pair.first = ANY(short);
        value.as.pair.second = any_int();
        break;
    default:
        break;
    }
    return value;
}
static void see_variant(const struct variant *value) {
    SEE(value->kind);
    switch (value->kind) {
    case VARIANT_INT:
        SEE(value->as.i);
        break;
    case VARIANT_LONG:
        SEE(value->as.l);
        break;
    case VARIANT_DOUBLE:
        SEE(value->as.d);
        break;
    case VARIANT_TEXT:
        SEE(value->as.text);
        break;
    case VARIANT_INTS:
        SEE_EACH(value->as.ints, value->count);
        break;
    case VARIANT_PAIR:
        SEE(value->as.pair.first);
        SEE(value->as.pair.second);
        break;
    default:
        break;
    }
}
static enum variant_kind any_kind(void) {
    return (enum variant_kind)any_of(VARIANT_NONE, VARIANT_PAIR);
}

CASE(union_with_a_selector_in) {
    const struct variant value = any_variant(any_kind());
    SEE(CALL(sum_variant, &value));
}

CASE(union_with_a_selector_in_and_out) {
    struct variant value = any_variant(any_kind());
    CALL_VOID(bump_variant, &value);
    see_variant(&value);
}

CASE(union_whose_selector_comes_out) {
    struct variant value = any_variant(VARIANT_LONG);
    CALL_VOID(make_variant, &value, any_kind(), any_of(0, 1000000));
    see_variant(&value);
}

CASE(array_of_unions_with_selectors) {
    struct variant values[12];
    const int count = any_of(0, 12);
    for (int i = 0; i < count; i++) {
        values[i] = any_variant(any_kind());
    }
    SEE(CALL(sum_variants, (const struct variant *)values, count));
    CALL_VOID(bump_variants, values, count);
    for (int i = 0; i < count; i++) {
        see_variant(&values[i]);
    }
}

CASE(unnamed_union_with_its_selector_behind_it) {
    struct tagged value = {.tag = "ldp"[any_of(0, 2)]};
    if (value.tag == 'l') {
        value.number = any_int();
    } else if (value.tag == 'd') {
        value.real = any_double();
    } else {
        value.handle = &value;
    }
    SEE(CALL(sum_tagged, (const struct tagged *)&value));
    SEE(CALL(handle_of_tagged, (const struct tagged *)&value) == &value);
    CALL_VOID(bump_tagged, &value);
    SEE(value.tag);
    if (value.tag == 'l') {
        SEE(value.number);
    } else if (value.tag == 'd') {
        SEE(value.real);
    } else {
        SEE(value.handle == NULL);
    }
}

CASE(union_in_a_union) {
    struct shape shape = {.kind = 10 + any_of(0, 2)};
    if (shape.kind == 10) {
        shape.of.round.radius = any_int();
    } else if (shape.kind == 11) {
        shape.of.round.radii[0] = ANY(short);
        shape.of.round.radii[1] = ANY(short);
    } else {
        shape.kind = 20;
        shape.of.box.width = any_int();
        shape.of.box.height = any_double();
    }
    SEE(CALL(sum_shape, (const struct shape *)&shape));
    CALL_VOID(grow_shape, &shape);
    if (shape.kind == 10) {
        SEE(shape.of.round.radius);
    } else if (shape.kind == 11) {
        SEE_EACH(shape.of.round.radii, 2);
    } else {
        SEE(shape.of.box.width);
        SEE(shape.of.box.height);
    }
}
