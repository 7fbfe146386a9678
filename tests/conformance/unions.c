#include "unions.h"

#include "mix.h"

unsigned long long sum_plain(const union plain *value, int which) {
    switch (which % 3) {
    case 0:
        return mix(1, value->word);
    case 1:
        return mix_float(2, value->real);
    default:
        return mix_bytes(3, value->bytes, 4);
    }
}
void set_plain(union plain *value, int which) {
    switch (which % 3) {
    case 0:
        value->word ^= 0x12345678;
        break;
    case 1:
        value->real = (float)which / 4;
        break;
    default:
        value->bytes[2] ^= 0x81;
    }
}
void bump_plain_array(union plain *values, int count) {
    for (int i = 0; i < count; i++) {
        set_plain(&values[i], i);
    }
}

unsigned long long sum_variant(const struct variant *value) {
    unsigned long long sum = mix(1, (unsigned)value->kind);
    switch (value->kind) {
    case VARIANT_INT:
        return mix(sum, (unsigned)value->as.i);
    case VARIANT_LONG:
        return mix(sum, (unsigned long long)value->as.l);
    case VARIANT_DOUBLE:
        return mix_float(sum, value->as.d);
    case VARIANT_TEXT:
        return mix_text(sum, value->as.text);
    case VARIANT_INTS:
        for (int i = 0; i < value->count; i++) {
            sum = mix(sum, (unsigned)value->as.ints[i]);
        }
        return sum;
    case VARIANT_PAIR:
        return mix(mix(sum, (unsigned short)value->as.pair.first), (unsigned long long)value->as.pair.second);
    default:
        return sum;
    }
}
void bump_variant(struct variant *value) {
    switch (value->kind) {
    case VARIANT_INT:
        value->as.i ^= 1;
        break;
    case VARIANT_LONG:
        value->as.l ^= 2;
        break;
    case VARIANT_DOUBLE:
        value->as.d *= 2;
        break;
    case VARIANT_INTS:
        for (int i = 0; i < value->count; i++) {
            value->as.ints[i] ^= i;
        }
        break;
    case VARIANT_PAIR:
        value->as.pair.first ^= 3;
        value->as.pair.second ^= 4;
        break;
    default:
        break;
    }
}
void make_variant(struct variant *value, enum variant_kind kind, int seed) {
    memset(value, 0, sizeof *value);
    value->kind = kind;
    switch (kind) {
    case VARIANT_INT:
        value->as.i = seed;
        break;
    case VARIANT_LONG:
        value->as.l = -(long)seed;
        break;
    case VARIANT_DOUBLE:
        value->as.d = seed / 4.0;
        break;
    case VARIANT_PAIR:
        value->as.pair.first = (short)seed;
        value->as.pair.second = seed / 3;
        break;
    default:
        value->kind = VARIANT_NONE;
    }
}
unsigned long long sum_variants(const struct variant *values, int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        sum = mix(sum, sum_variant(&values[i]));
    }
    return sum;
}
void bump_variants(struct variant *values, int count) {
    for (int i = 0; i < count; i++) {
        bump_variant(&values[i]);
    }
}

unsigned long long sum_flagged(const struct flagged *value) {
    const unsigned long long sum = mix(value->kind, value->rest);
    return value->kind == FLAG_INT    ? mix(sum, (unsigned)value->i)
           : value->kind == FLAG_LONG ? mix(sum, (unsigned long long)value->l)
           : value->kind == FLAG_TEXT ? mix_text(sum, value->text)
                                      : sum;
}
void bump_flagged(struct flagged *value) {
    if (value->kind == FLAG_INT) {
        value->i ^= 7;
    } else if (value->kind == FLAG_LONG) {
        value->kind = FLAG_INT;
        value->i = (int)value->l / 2;
    }
    value->rest = (value->rest * 2u) & 63;
}

unsigned long long sum_numbered(const struct numbered *values, int count) {
    const unsigned long long far = 0x4000000000000000, none = 0x7fffffffffffffff;
    unsigned long long sum = 3;
    for (int i = 0; i < count; i++) {
        const struct numbered *value = &values[i];
        sum = mix(sum, value->id);
        sum = value->id > 1000 && value->id < far    ? mix(sum, (unsigned long long)value->number)
              : value->id < far || value->id == none ? sum
              : value->id & 1                        ? mix_text(sum, value->text)
                                                     : mix(sum, (unsigned)*value->place);
    }
    return sum;
}

unsigned long long sum_tagged(const struct tagged *value) {
    unsigned long long sum = mix(1, (unsigned char)value->tag);
    return value->tag == 'l'   ? mix(sum, (unsigned long long)value->number)
           : value->tag == 'd' ? mix_float(sum, value->real)
                               : mix(sum, value->handle != NULL);
}
void bump_tagged(struct tagged *value) {
    if (value->tag == 'l') {
        value->number ^= 1;
    } else if (value->tag == 'd') {
        value->real = -value->real;
    } else {
        value->handle = NULL;
    }
}
void *handle_of_tagged(const struct tagged *value) {
    return value->tag == 'p' ? value->handle : NULL;
}

unsigned long long sum_shape(const struct shape *shape) {
    unsigned long long sum = mix(1, (unsigned)shape->kind);
    if (shape->kind == 10) {
        return mix(sum, (unsigned long long)shape->of.round.radius);
    }
    if (shape->kind == 11) {
        return mix(mix(sum, (unsigned short)shape->of.round.radii[0]), (unsigned short)shape->of.round.radii[1]);
    }
    return mix_float(mix(sum, (unsigned long long)shape->of.box.width), shape->of.box.height);
}
void grow_shape(struct shape *shape) {
    if (shape->kind == 10) {
        shape->of.round.radius += 1;
    } else if (shape->kind == 11) {
        shape->of.round.radii[0] ^= 1;
        shape->of.round.radii[1] ^= 2;
    } else {
        shape->of.box.width += 3;
        shape->of.box.height *= 2;
    }
}

static void point(struct cell *cell, struct cell *into, int which) {
    cell->range = NULL;
    cell->steps = NULL;
    cell->tie = NULL;
    cell->mark = NULL;
    cell->text = NULL;
    if (into->kind == CELL_RANGES) {
        cell->range = &into->as.plain.ranges[which % 2];
        cell->steps = which % 3 == 0 ? NULL : into->as.plain.ranges[which / 2 % 2].steps;
        cell->mark = &into->as.plain.ranges[1].high;
    } else if (into->kind == CELL_TIES) {
        cell->tie = &into->as.tied.ties[which % 2];
        cell->mark = &into->as.tied.ties[1];
    } else if (into->kind == CELL_NAME) {
        cell->text = into->as.named.name + which % 3;
        cell->mark = into->as.named.name;
    }
}
static void fill(struct cell *cell, enum cell_kind kind, int seed) {
    cell->kind = kind;
    memset(&cell->as, 0, sizeof cell->as);
    if (kind == CELL_RANGES) {
        cell->as.plain.first = (char)(seed % 100);
        for (int i = 0; i < 2; i++) {
            cell->as.plain.ranges[i] = (struct range){(short)(seed % 1000), seed + i, {seed / 2, i - seed}};
        }
    } else if (kind == CELL_TIES) {
        cell->as.tied.first = seed;
        cell->as.tied.ties[0] = (struct tie){seed / 3, NULL};
        cell->as.tied.ties[1] = (struct tie){seed / 5, &cell->as.tied.first};
    } else if (kind == CELL_NAME) {
        cell->as.named.length = 5;
        memcpy(cell->as.named.name, "celli", 6);
        cell->as.named.name[4] = (char)('a' + seed % 26);
    }
    point(cell, cell, seed);
}
static unsigned long long sum_range(const struct range *range) {
    const unsigned long long sum = mix((unsigned short)range->low, (unsigned long long)range->high);
    return mix(mix(sum, (unsigned long long)range->steps[0]), (unsigned long long)range->steps[1]);
}
static unsigned long long sum_tie(const struct tie *tie) {
    return mix((unsigned long long)tie->weight, tie->to != NULL ? (unsigned long long)*tie->to : 3);
}
/* With where its pointers lead, if that is into itself. */
static long place_in(const struct cell *cell, const void *at, const void *from, size_t size) {
    const char *const first = (const char *)cell, *const place = at;
    return place >= first && place < first + sizeof *cell ? (long)((place - (const char *)from) / (long)size) : -100;
}
unsigned long long sum_cell(const struct cell *cell) {
    unsigned long long sum = mix(1, (unsigned)cell->kind);
    for (int i = 0; i < 2 && cell->kind == CELL_RANGES; i++) {
        sum = mix(sum, sum_range(&cell->as.plain.ranges[i]));
    }
    for (int i = 0; i < 2 && cell->kind == CELL_TIES; i++) {
        sum = mix(sum, sum_tie(&cell->as.tied.ties[i]));
    }
    if (cell->range != NULL) {
        sum = mix(sum, sum_range(cell->range));
        sum = mix(sum, (unsigned long long)place_in(cell, cell->range, cell->as.plain.ranges, sizeof(struct range)));
    }
    if (cell->steps != NULL) {
        sum = mix(mix(sum, (unsigned long long)cell->steps[0]), (unsigned long long)cell->steps[1]);
    }
    if (cell->tie != NULL) {
        sum = mix(sum, sum_tie(cell->tie));
        sum = mix(sum, (unsigned long long)place_in(cell, cell->tie, cell->as.tied.ties, sizeof(struct tie)));
    }
    if (cell->text != NULL) {
        sum = mix(mix_text(sum, cell->text), (unsigned long long)place_in(cell, cell->text, cell->as.named.name, 1));
    }
    return sum;
}
void point_into_cell(struct cell *cell, struct cell *into, int which) {
    point(cell, into, which);
    if (cell->range != NULL) {
        cell->range->high ^= which;
    } else if (cell->tie != NULL) {
        cell->tie->weight ^= which;
    }
}
void turn_cell(struct cell *cell, enum cell_kind kind, int seed) {
    fill(cell, kind, seed);
}
void make_cell(struct cell *cell, enum cell_kind kind, int seed) {
    fill(cell, kind, seed);
}
/* To what is in none of the members that count. */
void point_beside(struct cell *cell, bool is_followed) {
    if (is_followed) {
        cell->tie = &cell->as.tied.ties[1];
    } else {
        cell->steps = cell->as.plain.ranges[1].steps;
    }
}
struct range *range_of_cell(struct cell *cell, int which) {
    return cell->kind == CELL_RANGES ? &cell->as.plain.ranges[which] : NULL;
}
struct tie *tie_of_cell(struct cell *cell, int which) {
    return cell->kind == CELL_TIES ? &cell->as.tied.ties[which] : NULL;
}
unsigned long long show_cell(int (*look)(struct cell *cell, struct range *range, struct tie *tie), enum cell_kind kind,
                             int seed) {
    struct cell cell;
    fill(&cell, kind, seed);
    const int seen = look(&cell, range_of_cell(&cell, 1), tie_of_cell(&cell, 1));
    return mix(sum_cell(&cell), (unsigned)seen);
}
