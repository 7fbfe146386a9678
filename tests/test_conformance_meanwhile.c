/* Conformance: what one side leaves alone is the other's to write to, also while a call is in flight. */
#define CONFORMANCE_TEST "meanwhile"
#include "conformance/cases.h"

#include "conformance/meanwhile.h"

/* What runs here in the middle of a call, as another thread might. */
struct meanwhile {
    void *to;
    int count, which;
};

#define RUN_MEANWHILE(run, ...)                                                                                        \
    struct meanwhile at_once_ = {__VA_ARGS__};                                                                         \
    CALL_VOID(set_meanwhile, run, (void *)&at_once_)

/* -- buffers ------------------------------------------------------------------------------------------------------- */

#define EVERY_OTHER(name, type)                                                                                        \
    static void write_##name(void *data) {                                                                             \
        const struct meanwhile *at_once = data;                                                                        \
        for (int i = 1; i < at_once->count; i += 2) {                                                                  \
            ((type *)at_once->to)[i] = (type)(at_once->which + i);                                                     \
        }                                                                                                              \
    }
EVERY_OTHER(bytes, unsigned char)
EVERY_OTHER(ints, int)
EVERY_OTHER(longs, long)

#define ANY_OF(type, count)                                                                                            \
    ({                                                                                                                 \
        type *array_ = SCRATCH(type, (count) + 1);                                                                     \
        for (int i_ = 0; i_ < (count); i_++) {                                                                         \
            array_[i_] = (type)any_of(-100000, 100000);                                                                \
        }                                                                                                              \
        array_;                                                                                                        \
    })

CASE(bytes_of_which_either_side_writes_every_other) {
    const int count = any_of(0, any_of(0, 3) == 0 ? 4000 : 40);
    unsigned char *const bytes = ANY_OF(unsigned char, count);
    RUN_MEANWHILE(write_bytes, bytes, count, any_of(0, 99));
    SEE(CALL(step_bytes, bytes, count));
    SEE_EACH(bytes, count);
}

CASE(ints_of_which_either_side_writes_every_other) {
    const int count = any_of(0, any_of(0, 3) == 0 ? 4000 : 40);
    int *const values = ANY_OF(int, count), steps = any_of(0, 9);
    RUN_MEANWHILE(write_ints, values, count, any_of(0, 99));
    SEE(CALL(step_ints, values, count, &steps));
    SEE_EACH(values, count);
    SEE(steps);
}

CASE(longs_of_which_either_side_writes_every_other) {
    const int count = any_of(0, any_of(0, 3) == 0 ? 4000 : 40);
    long *const values = ANY_OF(long, count);
    RUN_MEANWHILE(write_longs, values, count, any_of(0, 99));
    SEE(CALL(step_longs, values, count));
    SEE_EACH(values, count);
}

static void write_outside(void *data) {
    const struct meanwhile *at_once = data;
    unsigned char *const bytes = at_once->to;
    bytes[at_once->which] = 0xee;
}

CASE(output_of_which_a_part_is_written_there_and_a_byte_here) {
    const int size = any_of(2, 3000), from = any_of(0, size - 1), part = any_of(0, size - 1);
    unsigned char *const bytes = ANY_OF(unsigned char, size);
    const int here = from > 0 ? from - 1 : part < size ? size - 1 : 0;
    RUN_MEANWHILE(write_outside, bytes, size, here);
    if (here < from || here >= from + part) {
        CALL_VOID(write_part, (void *)bytes, (size_t)size, (size_t)from, (size_t)part);
    }
    SEE_EACH(bytes, size);
}

static void write_nothing(void *data) {
    (void)data;
}

/* What an output held before is anything, also what has no form there. */
CASE(zeros_in_an_output_are_told_from_what_is_not_written) {
    const int count = any_of(1, 60), from = any_of(0, count - 1), part = any_of(0, count);
    long *const values = SCRATCH(long, count);
    RUN_MEANWHILE(write_nothing, NULL, 0, 0);
    for (int i = 0; i < count; i++) {
        values[i] = any_bool() ? (long)any_bits() : (long)(any_bits() << 32);
    }
    CALL_VOID(write_zeros, values, count, from, part);
    SEE_EACH(values, count);
}

/* -- scalars ------------------------------------------------------------------------------------------------------- */

struct scalars {
    unsigned char a;
    short b;
    int c;
    long d;
    double e;
    size_t f;
};
static void step_others(void *data) {
    const struct meanwhile *at_once = data;
    struct scalars *const to = at_once->to;
    to->a += at_once->which == 0 ? 0 : 3;
    to->b += at_once->which == 1 ? 0 : 3;
    to->c += at_once->which == 2 ? 0 : 3;
    to->d += at_once->which == 3 ? 0 : 3;
    to->e += at_once->which == 4 ? 0 : 3;
    to->f += at_once->which == 5 ? 0 : 3;
}

CASE(scalars_of_which_one_is_written_there_and_the_others_here) {
    struct scalars all = {any_of(0, 99), any_of(-99, 99), any_int(), any_int(), any_double(), any_of(0, 999)};
    RUN_MEANWHILE(step_others, &all, 0, any_of(0, 6));
    CALL_VOID(step_scalar, at_once_.which, &all.a, &all.b, &all.c, &all.d, &all.e, &all.f);
    SEE(all.a);
    SEE(all.b);
    SEE(all.c);
    SEE(all.d);
    SEE(all.e);
    SEE(all.f);
}

static void set_int(void *data) {
    const struct meanwhile *at_once = data;
    if (at_once->which == 0) {
        *(int *)at_once->to = at_once->count;
    }
}
static void set_long(void *data) {
    const struct meanwhile *at_once = data;
    if (at_once->which == 0) {
        *(long *)at_once->to = at_once->count;
    }
}
static void set_a_size(void *data) {
    const struct meanwhile *at_once = data;
    if (at_once->which == 0) {
        *(size_t *)at_once->to = (size_t)at_once->count;
    }
}

CASE(only_scalar_is_written_there_or_here) {
    const int by = any_bool() ? any_of(1, 70000) : 0;
    int narrow = any_int();
    {
        RUN_MEANWHILE(set_int, &narrow, any_int(), by);
        SEE(CALL(step_int, &narrow, by));
        SEE(narrow);
    }
    long wide = any_int();
    {
        RUN_MEANWHILE(set_long, &wide, any_int(), by);
        SEE(CALL(step_long, &wide, by));
        SEE(wide);
    }
    size_t size = any_bool() ? (size_t)any_of(0, 9) : (size_t)(any_bits() << 32);
    {
        RUN_MEANWHILE(set_a_size, &size, any_of(0, 99), by);
        SEE(CALL(set_size, &size, by != 0));
        SEE(size);
    }
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

static struct side any_side(void) {
    return (struct side){.flag = any_of(0, 99),
                         .cancel = any_of(0, 99),
                         .narrow = any_of(-999, 999),
                         .first = any_int(),
                         .second = any_int(),
                         .wide = any_int(),
                         .wider = any_int(),
                         .real = any_double(),
                         .low = any_of(0, 7),
                         .high = any_of(0, 127),
                         .size = any_of(0, 9999)};
}

static void see_side(const struct side *side) {
    SEE(side->flag);
    SEE(side->cancel);
    SEE(side->narrow);
    SEE(side->first);
    SEE(side->second);
    SEE(side->wide);
    SEE(side->wider);
    SEE(side->real);
    SEE(side->low);
    SEE(side->high);
    SEE(side->size);
}

/* All members but the one. */
static void write_members(struct side *side, int but) {
    const struct side was = *side;
    side->flag += but == 0 ? 0 : 5;
    side->cancel += but == 1 ? 0 : 5;
    side->narrow += but == 2 ? 0 : 5;
    side->first += but == 3 ? 0 : 5;
    side->second += but == 4 ? 0 : 5;
    side->wide += but == 5 ? 0 : 5;
    side->wider += but == 6 ? 0 : 5;
    side->real += but == 7 ? 0 : 5;
    side->low = but == 8 ? was.low : was.low + 3u;
    side->high = but == 9 ? was.high : was.high + 5u;
    side->size += 5;
}

static void write_sides(void *data) {
    const struct meanwhile *at_once = data;
    for (int i = 0; i < at_once->count; i++) {
        write_members((struct side *)at_once->to + i, (at_once->which + i) % (SIDE_MEMBERS + 1));
    }
}

CASE(struct_of_which_one_member_is_written_there_and_the_others_here) {
    struct side side = any_side();
    RUN_MEANWHILE(write_sides, &side, 1, any_of(0, SIDE_MEMBERS));
    CALL_VOID(step_side, &side, at_once_.which);
    see_side(&side);
}

CASE(structs_in_an_array_of_which_either_side_writes_some_members) {
    struct side sides[12];
    const int count = any_of(0, 12);
    for (int i = 0; i < count; i++) {
        sides[i] = any_side();
    }
    RUN_MEANWHILE(write_sides, sides, count, any_of(0, SIDE_MEMBERS));
    CALL_VOID(step_sides, sides, count, at_once_.which);
    for (int i = 0; i < count; i++) {
        see_side(&sides[i]);
    }
}

static long other_values[1] = {77};
static void write_leading(void *data) {
    const struct meanwhile *at_once = data;
    struct leading *const to = at_once->to;
    to->id += at_once->which == 0 ? 0 : 9;
    to->name = at_once->which == 1 ? to->name : "from here";
    to->tag = at_once->which == 2 ? to->tag : (void *)to;
    if (at_once->which != 3 && at_once->which != 4) {
        to->values = other_values;
    } else if (to->count > 1) {
        to->values[1] = 42;
    }
    write_members(&to->side, at_once->which - 5);
}

CASE(struct_that_leads_on_of_which_either_side_writes_some_members) {
    const int which = any_of(0, 5 + SIDE_MEMBERS), count = any_of(1, 9);
    long *const values = ANY_OF(long, count);
    struct leading leading = {any_int(), "before", &leading.side, count, values, any_side()};
    RUN_MEANWHILE(write_leading, &leading, 1, which);
    CALL_VOID(step_leading, &leading, which);
    SEE(leading.id);
    SEE(leading.name);
    SEE(leading.tag == NULL ? 0 : leading.tag == &leading ? 1 : 2);
    SEE(leading.values == NULL ? 0 : leading.values == other_values ? 1 : leading.values == values ? 2 : 3);
    SEE_EACH(values, count);
    see_side(&leading.side);
}

static void write_pool(void *data) {
    const struct meanwhile *at_once = data;
    struct pool *const pool = at_once->to;
    pool->spare = at_once->count;
    write_members(&pool->side, at_once->which);
    pool->values[1] = at_once->count;
}
static void use_pool(struct pool *pool, int which) {
    SEE(pool->total);
    SEE(pool->spare);
    see_side(&pool->side);
    if (which % 2 == 0) {
        pool->spare -= which;
        pool->total += 10;
    }
}

CASE(struct_that_is_remembered_of_which_either_side_writes_some_members) {
    long values[3] = {any_int(), any_int(), any_int()};
    struct pool pool = {any_int(), any_int(), 3, values, use_pool, any_side()};
    RUN_MEANWHILE(write_pool, &pool, any_int(), any_of(0, SIDE_MEMBERS));
    SEE(CALL(pool_begin, &pool));
    for (int i = any_of(1, 3); i > 0; i--) {
        CALL_VOID(pool_step, &pool, at_once_.which);
        SEE(pool.total);
        SEE(pool.spare);
        SEE_EACH(values, 3);
        see_side(&pool.side);
    }
    SEE(CALL(pool_end, &pool));
}

/* -- what depends on others ---------------------------------------------------------------------------------------- */

static void write_choice(void *data) {
    const struct meanwhile *at_once = data;
    struct choice *const to = at_once->to;
    to->spare = at_once->count;
    if (at_once->which == to->kind && to->kind == 1) {
        to->as.word = 12;
    } else if (at_once->which == to->kind && to->kind == 2) {
        to->as.text = "mine";
    } else if (at_once->which == to->kind) {
        to->as.wide[1] = 34;
    }
}

CASE(union_whose_member_is_another_one_then_or_is_written_here) {
    struct choice choice;
    const int kind = any_of(1, 3);
    memset(&choice, any_of(1, 255), sizeof choice);
    choice.kind = any_of(1, 3);
    if (choice.kind == 1) {
        choice.as.word = any_of(0, 1);
    } else if (choice.kind == 2) {
        choice.as.text = any_bool() ? NULL : "text";
    } else {
        choice.as.wide[0] = any_of(0, 1);
        choice.as.wide[1] = any_of(0, 1);
    }
    RUN_MEANWHILE(write_choice, &choice, any_int(), kind);
    CALL_VOID(choose, &choice, kind);
    SEE(choice.kind);
    SEE(choice.spare);
    if (kind == 1) {
        SEE(choice.as.word);
    } else if (kind == 2) {
        SEE(choice.as.text);
    } else {
        SEE(choice.as.wide[0]);
        SEE(choice.as.wide[1]);
    }
}

static void write_used(void *data) {
    const struct meanwhile *at_once = data;
    struct used *const to = at_once->to;
    to->tail = at_once->which;
}

CASE(elements_that_count_only_then) {
    struct used used;
    memset(&used, any_of(1, 255), sizeof used);
    used.count = any_of(0, 4);
    used.tail = any_int();
    for (int i = 0; i < used.count; i++) {
        used.values[i] = any_int();
    }
    RUN_MEANWHILE(write_used, &used, 0, any_int());
    CALL_VOID(use_more, &used, any_of(0, 4));
    SEE(used.count);
    SEE(used.tail);
    SEE_EACH(used.values, used.count);
}

/* -- the library's own --------------------------------------------------------------------------------------------- */

/* What the library changes while the function runs, here by a call from it, stays unless the function writes to it. */
static int poked;
static void change_bytes(unsigned char *bytes, int count) {
    CALL_VOID(poke_byte, poked, 0xab);
    for (int i = 0; i < count; i += 3) {
        bytes[i] = i == poked ? bytes[i] : (unsigned char)~bytes[i];
    }
}
CASE(bytes_of_the_library_that_it_and_a_callback_write_to) {
    const int count = any_of(1, any_of(0, 1) == 0 ? 3000 : 30), is_allocated = any_bool();
    poked = any_of(0, count - 1);
    SEE(CALL(lend_bytes, change_bytes, count, is_allocated));
    SEE(CALL(sum_lent_bytes, 3000));
    CALL_VOID(end_lending);
}

static void change_longs(long *values, int count) {
    CALL_VOID(poke_long, poked, 123456L);
    for (int i = 0; i < count; i += 3) {
        values[i] = i == poked ? values[i] : 3 - values[i];
    }
}
CASE(longs_of_the_library_that_it_and_a_callback_write_to) {
    const int count = any_of(1, any_of(0, 1) == 0 ? 400 : 10), is_allocated = any_bool();
    poked = any_of(0, count - 1);
    SEE(CALL(lend_longs, change_longs, count, is_allocated));
    SEE(CALL(sum_lent_longs, 400));
    CALL_VOID(end_lending);
}

static void change_side(struct side *side) {
    CALL_VOID(poke_side, poked);
    write_members(side, poked);
}
CASE(struct_of_the_library_that_it_and_a_callback_write_to) {
    const int is_allocated = any_bool();
    poked = any_of(0, SIDE_MEMBERS);
    SEE(CALL(lend_side, change_side, is_allocated));
    SEE(CALL(sum_lent_side));
    CALL_VOID(end_lending);
}

CASE(struct_of_the_library_that_both_write_to_in_a_call) {
    const int seed = any_of(-999, 999), which = any_of(0, SIDE_MEMBERS);
    struct side *const own = CALL(own_side, seed);
    see_side(own);
    RUN_MEANWHILE(write_sides, own, 1, which);
    for (int i = 0; i < 2; i++) {
        CALL_VOID(step_side, own, which);
        see_side(own);
    }
    SEE(CALL(sum_own_side, (const struct side *)own));
    own->narrow = 77;
    SEE(CALL(sum_own_side, (const struct side *)own));
}

static void fill_a_part(unsigned char *room, int count) {
    for (int i = count / 4; i < count / 2; i++) {
        room[i] = (unsigned char)(i % 5);
    }
}
CASE(room_of_the_library_that_a_callback_fills_in_part) {
    const int count = any_of(1, 3000), is_allocated = any_bool();
    SEE(CALL(lend_room, fill_a_part, count, is_allocated));
    SEE(CALL(sum_lent_bytes, 3000));
    CALL_VOID(end_lending);
}
