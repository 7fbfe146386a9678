#include "meanwhile.h"

#include "mix.h"

#include <stdlib.h>

static struct {
    void (*run)(void *data);
    void *data;
} meanwhile;

void set_meanwhile(void (*run)(void *data), void *data) {
    meanwhile.run = run;
    meanwhile.data = data;
}

static void run_meanwhile(void) {
    if (meanwhile.run != NULL) {
        meanwhile.run(meanwhile.data);
    }
}

/* -- buffers ------------------------------------------------------------------------------------------------------- */

#define STEP_EVERY_OTHER(values, count)                                                                                \
    do {                                                                                                               \
        run_meanwhile();                                                                                               \
        for (int i = 0; i < (count); i += 2) {                                                                         \
            (values)[i]++;                                                                                             \
        }                                                                                                              \
    } while (0)

int step_bytes(unsigned char *bytes, int count) {
    STEP_EVERY_OTHER(bytes, count);
    return count;
}
int step_ints(int *values, int count, int *steps) {
    STEP_EVERY_OTHER(values, count);
    *steps += count;
    return count;
}
int step_longs(long *values, int count) {
    STEP_EVERY_OTHER(values, count);
    return count;
}
void write_part(void *to, size_t size, size_t from, size_t part) {
    run_meanwhile();
    for (size_t i = from; i < size && i < from + part; i++) {
        ((unsigned char *)to)[i] = (unsigned char)(i * 3);
    }
}
void write_zeros(long *to, int count, int from, int part) {
    run_meanwhile();
    for (int i = from; i < count && i < from + part; i++) {
        to[i] = 0;
    }
}

/* -- scalars ------------------------------------------------------------------------------------------------------- */

void step_scalar(int which, unsigned char *a, short *b, int *c, long *d, double *e, size_t *f) {
    run_meanwhile();
    *a += which == 0;
    *b += which == 1;
    *c += which == 2;
    *d += which == 3;
    *e += which == 4;
    *f += which == 5;
}
int step_int(int *value, int by) {
    run_meanwhile();
    if (by != 0) {
        *value += by;
    }
    return by;
}
int step_long(long *value, int by) {
    run_meanwhile();
    if (by != 0) {
        *value += by;
    }
    return by;
}
int set_size(size_t *value, int is_set) {
    run_meanwhile();
    if (is_set) {
        *value = 0;
    }
    return is_set;
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

static void step_member(struct side *side, int which) {
    switch (which) {
    case 0:
        side->flag++;
        break;
    case 1:
        side->cancel++;
        break;
    case 2:
        side->narrow++;
        break;
    case 3:
        side->first++;
        break;
    case 4:
        side->second = -side->second;
        break;
    case 5:
        side->wide++;
        break;
    case 6:
        side->wider = -side->wider - 1;
        break;
    case 7:
        side->real += 0.5;
        break;
    case 8:
        side->low++;
        break;
    case 9:
        side->high++;
        break;
    default:
        break;
    }
}
void step_side(struct side *side, int which) {
    run_meanwhile();
    step_member(side, which);
}
void step_sides(struct side *sides, int count, int which) {
    run_meanwhile();
    for (int i = 0; i < count; i++) {
        step_member(&sides[i], (which + i) % (SIDE_MEMBERS + 1));
    }
}
void step_leading(struct leading *leading, int which) {
    run_meanwhile();
    switch (which) {
    case 0:
        leading->id++;
        break;
    case 1:
        leading->name = "another";
        break;
    case 2:
        leading->tag = NULL;
        break;
    case 3:
        leading->values = NULL;
        break;
    case 4:
        leading->values[0]++;
        break;
    default:
        step_member(&leading->side, which - 5);
        break;
    }
}

int pool_begin(struct pool *pool) {
    pool->total = 0;
    return 0;
}
void pool_step(struct pool *pool, int which) {
    run_meanwhile();
    pool->total++;
    pool->use(pool, which);
    step_member(&pool->side, which);
    pool->values[0]++;
}
int pool_end(struct pool *pool) {
    return pool->count;
}

/* -- what depends on others ---------------------------------------------------------------------------------------- */

void choose(struct choice *choice, int kind) {
    run_meanwhile();
    if (kind == choice->kind) {
        return;
    }
    choice->kind = kind;
    if (kind == 1) {
        choice->as.word = 0;
    } else if (kind == 2) {
        choice->as.text = NULL;
    } else {
        choice->as.wide[0] = choice->as.wide[1] = 0;
    }
}
void use_more(struct used *used, int by) {
    run_meanwhile();
    for (int i = 0; i < by; i++) {
        used->values[used->count++] = 0;
    }
}

/* -- the library's own --------------------------------------------------------------------------------------------- */

enum { LENT_BYTES = 3000, LENT_LONGS = 400 };
static struct lent {
    unsigned char bytes[LENT_BYTES];
    long longs[LENT_LONGS];
    struct side side;
} still, *lent = &still;

void end_lending(void) {
    if (lent != &still) {
        free(lent);
    }
    lent = &still;
}

static void begin_lending(int is_allocated) {
    end_lending();
    lent = is_allocated ? malloc(sizeof *lent) : &still;
    memset(lent, 0, sizeof *lent);
    for (int i = 0; i < LENT_BYTES; i++) {
        lent->bytes[i] = (unsigned char)(i * 7);
    }
    for (int i = 0; i < LENT_LONGS; i++) {
        lent->longs[i] = i * 1000 - 200000;
    }
    lent->side = (struct side){1, 2, -3, 4, -5, 6, -7, 8.5, 1, 100, 11};
}

int lend_bytes(void (*change)(unsigned char *bytes, int count), int count, int is_allocated) {
    begin_lending(is_allocated);
    change(lent->bytes, count);
    return count;
}
int lend_longs(void (*change)(long *values, int count), int count, int is_allocated) {
    begin_lending(is_allocated);
    if (change != NULL) {
        change(lent->longs, count);
    }
    return count;
}
int lend_side(void (*change)(struct side *side), int is_allocated) {
    begin_lending(is_allocated);
    change(&lent->side);
    return 0;
}
int lend_room(void (*fill)(unsigned char *room, int count), int count, int is_allocated) {
    begin_lending(is_allocated);
    fill(lent->bytes, count);
    return count;
}

void poke_byte(int index, int value) {
    lent->bytes[index] = (unsigned char)value;
}
void poke_long(int index, long value) {
    lent->longs[index] = value;
}
void poke_side(int which) {
    step_member(&lent->side, which);
}
unsigned long long sum_lent_bytes(int count) {
    return mix_bytes(0, lent->bytes, (size_t)count);
}
unsigned long long sum_lent_longs(int count) {
    unsigned long long sum = 0;
    for (int i = 0; i < count; i++) {
        sum = mix(sum, (unsigned long long)lent->longs[i]);
    }
    return sum;
}
unsigned long long sum_own_side(const struct side *side) {
    unsigned long long sum = mix(mix(mix(0, side->flag), side->cancel), (unsigned long long)side->narrow);
    sum = mix(mix(sum, (unsigned long long)side->first), (unsigned long long)side->second);
    sum = mix(mix(sum, (unsigned long long)side->wide), (unsigned long long)side->wider);
    return mix(mix(mix(mix_float(sum, side->real), side->low), side->high), side->size);
}
unsigned long long sum_lent_side(void) {
    return sum_own_side(&lent->side);
}
struct side *own_side(int seed) {
    static struct side own;
    own = (struct side){1, 2, -3, seed, -5, 6L * seed, -7, 8.5, 1, 100, 11};
    return &own;
}
