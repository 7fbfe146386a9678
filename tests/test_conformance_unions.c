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
    static const unsigned long long ids[] = {0,          1000,       1001, 1ULL << 62, (1ULL << 62) + 1,
                                             ~0ULL >> 1, 1ULL << 63, ~0ULL};
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

/* -- pointers into a union ----------------------------------------------------------------------------------------- */

static enum cell_kind any_cell_kind(void) {
    return (enum cell_kind)any_of(CELL_EMPTY, CELL_NAME);
}
static void any_cell(struct cell *cell, enum cell_kind kind) {
    memset(cell, 0, sizeof *cell);
    cell->kind = kind;
    if (kind == CELL_RANGES) {
        for (int i = 0; i < 2; i++) {
            cell->as.plain.ranges[i] = (struct range){ANY(short), any_int(), {any_int(), any_int()}};
        }
        cell->range = any_bool() ? &cell->as.plain.ranges[any_of(0, 1)] : NULL;
        cell->steps = any_bool() ? cell->as.plain.ranges[any_of(0, 1)].steps : NULL;
    } else if (kind == CELL_TIES) {
        cell->as.tied.first = any_int();
        for (int i = 0; i < 2; i++) {
            cell->as.tied.ties[i] = (struct tie){any_int(), any_bool() ? &cell->as.tied.first : NULL};
        }
        cell->tie = any_bool() ? &cell->as.tied.ties[any_of(0, 1)] : NULL;
    } else if (kind == CELL_NAME) {
        snprintf(cell->as.named.name, sizeof cell->as.named.name, "name %d", any_of(0, 99));
        cell->text = cell->as.named.name + any_of(0, 3);
    }
}
/* What a cell holds, and where its pointers lead. */
static void see_cell(const struct cell *cell, const struct cell *into) {
    SEE(cell->kind);
    SEE(cell->range != NULL ? cell->range - into->as.plain.ranges : -1);
    SEE(cell->steps != NULL ? cell->steps - into->as.plain.ranges[0].steps : -1);
    SEE(cell->tie != NULL ? cell->tie - into->as.tied.ties : -1);
    SEE(cell->text != NULL ? cell->text - into->as.named.name : -1);
    SEE(cell->mark == NULL ? -1 : (char *)cell->mark - (char *)into);
    for (int i = 0; i < 2 && cell->kind == CELL_RANGES; i++) {
        SEE(cell->as.plain.ranges[i].low);
        SEE(cell->as.plain.ranges[i].high);
        SEE_EACH(cell->as.plain.ranges[i].steps, 2);
    }
    for (int i = 0; i < 2 && cell->kind == CELL_TIES; i++) {
        SEE(cell->as.tied.ties[i].weight);
        SEE(cell->as.tied.ties[i].to == &cell->as.tied.first);
    }
    if (cell->kind == CELL_NAME) {
        SEE((const char *)cell->as.named.name);
    }
}

CASE(pointers_into_a_union_in) {
    struct cell cell;
    any_cell(&cell, any_cell_kind());
    SEE(CALL(sum_cell, (const struct cell *)&cell));
}

CASE(pointers_into_its_own_union_come_out) {
    struct cell cell;
    any_cell(&cell, any_cell_kind());
    CALL_VOID(point_into_cell, &cell, &cell, any_of(0, 11));
    see_cell(&cell, &cell);
}

CASE(pointers_into_another_structs_union_come_out) {
    struct cell cell, into;
    any_cell(&cell, any_cell_kind());
    any_cell(&into, any_cell_kind());
    CALL_VOID(point_into_cell, &cell, &into, any_of(0, 11));
    see_cell(&cell, &into);
    see_cell(&into, &into);
}

CASE(pointers_into_the_member_that_counts_by_then) {
    struct cell cell;
    any_cell(&cell, any_cell_kind());
    CALL_VOID(turn_cell, &cell, any_cell_kind(), any_of(0, 1000000));
    see_cell(&cell, &cell);
}

CASE(pointers_into_the_union_of_an_output) {
    struct cell cell;
    CALL_VOID(make_cell, &cell, any_cell_kind(), any_of(0, 1000000));
    see_cell(&cell, &cell);
}

CASE(pointers_into_a_member_that_does_not_count) {
    struct cell cell = {.kind = CELL_EMPTY};
    if (!is_to_windows()) { /* where the members of the union do not have it at one place */
        CALL_VOID(point_beside, &cell, (bool)false);
        SEE((char *)cell.steps - (char *)&cell);
    }
    CALL_FAILS(!way_now->is_direct, FC_EUNSUPPORTED, point_beside, &cell, (bool)true);
    SEE((char *)cell.steps - (char *)&cell);
}

CASE(pointer_into_a_union_is_returned) {
    struct cell cell;
    const int which = any_of(0, 1);
    any_cell(&cell, any_cell_kind());
    const struct range *const range = CALL(range_of_cell, &cell, which);
    const struct tie *const tie = CALL(tie_of_cell, &cell, which);
    SEE(range != NULL ? range - cell.as.plain.ranges : -1);
    SEE(tie != NULL ? tie - cell.as.tied.ties : -1);
}

static int look_at_cell(struct cell *cell, struct range *range, struct tie *tie) {
    see_cell(cell, cell);
    SEE(range == (cell->kind == CELL_RANGES ? &cell->as.plain.ranges[1] : NULL));
    SEE(tie == (cell->kind == CELL_TIES ? &cell->as.tied.ties[1] : NULL));
    if (range != NULL) {
        range->steps[1] ^= 77;
        cell->steps = range->steps;
        cell->range = cell->as.plain.ranges;
    }
    if (tie != NULL) {
        tie->weight ^= 5;
        tie->to = NULL;
    }
    return 3;
}
CASE(pointers_into_a_union_of_the_librarys) {
    SEE(CALL(show_cell, look_at_cell, any_cell_kind(), any_of(0, 1000000)));
}
