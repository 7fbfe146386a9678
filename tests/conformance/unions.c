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
        sum = value->id > 1000 && value->id < far ? mix(sum, (unsigned long long)value->number)
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
