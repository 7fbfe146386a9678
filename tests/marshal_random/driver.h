/* tests: the caller's side of generated code: memory with random values, and what is seen of it after a call
 * (test_marshal_random.c). A graph is built at the same addresses each time that it is built of the same seed. */
#ifndef FC_TESTS_MARSHAL_RANDOM_DRIVER_H
#define FC_TESTS_MARSHAL_RANDOM_DRIVER_H

#include "marshal_random/round.h"
#include "marshal_random/side.h"

#include <stdlib.h>

enum { ARENA_BYTES = 1 << 20, PIECES_MAX = 4096, GAP_BYTES = 32, GARBAGE = 0xa5 };

struct piece {
    unsigned char *at;
    unsigned bytes, count;
    void (*see_all)(const void *data, unsigned count); /* also its type */
    bool is_output;                                    /* nothing else points to it */
};
static _Alignas(64) unsigned char arena[ARENA_BYTES];
static struct piece pieces[PIECES_MAX];
static unsigned piece_count, arena_used, depth;
static sum_t random_state;

static sum_t any_number(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1du;
}
static unsigned any_below(unsigned limit) {
    return (unsigned)(any_number() >> 33) % limit;
}
/* 64 bits, of which often few are not equal to the first. */
static sum_t any_bits(void) {
    const sum_t number = any_number() >> any_below(64);
    return any_below(3) == 0 ? ~number : number;
}
#define ANY(name, type, any, ...)                                                                                      \
    static type any_##name(void) {                                                                                     \
        const sum_t bits = any_bits();                                                                                 \
        return (type)(any);                                                                                            \
    }
EACH_NUMBER(ANY, ANY)

static void begin_building(sum_t seed) {
    random_state = seed * 2654435761u + 0x9e3779b97f4a7c15u;
    memset(arena, GARBAGE, arena_used < ARENA_BYTES ? arena_used + GAP_BYTES : ARENA_BYTES);
    if (arena_used == 0) {
        memset(arena, GARBAGE, sizeof arena);
    }
    piece_count = depth = 0;
    arena_used = GAP_BYTES;
}

/* Garbage, between more of it. */
static void *piece(unsigned size, unsigned count, void (*see_all)(const void *, unsigned)) {
    const unsigned at = (arena_used + 63) / 64 * 64 + (any_below(2) == 0 ? 0 : 16);
    if (piece_count == PIECES_MAX || at + size * count + GAP_BYTES > ARENA_BYTES) {
        abort();
    }
    pieces[piece_count++] = (struct piece){arena + at, size * count, count, see_all, false};
    arena_used = at + size * count + GAP_BYTES;
    return arena + at;
}
/* For a function to write to: with values, or `is_garbage`. */
#define OUTPUT(name, count, is_garbage)                                                                                \
    ({                                                                                                                 \
        const unsigned count_ = (count);                                                                               \
        __typeof__(any_##name()) *output_ = piece(sizeof *output_, count_, see_all_##name);                            \
        pieces[piece_count - 1].is_output = true;                                                                      \
        for (unsigned i_ = 0; i_ < count_ && !(is_garbage); i_++) {                                                    \
            output_[i_] = any_##name();                                                                                \
        }                                                                                                              \
        output_;                                                                                                       \
    })
/* As many of the type as were made before, at times. */
static void *piece_again(unsigned count, void (*see_all)(const void *, unsigned), unsigned chance) {
    if (piece_count == 0 || any_below(chance) != 0) {
        return NULL;
    }
    const unsigned first = any_below(piece_count);
    for (unsigned i = 0; i < piece_count; i++) {
        const struct piece *old = &pieces[(first + i) % piece_count];
        if (old->see_all == see_all && old->count == count && !old->is_output) {
            return old->at;
        }
    }
    return NULL;
}
/* Enough is built: pointers are NULL from here on. */
static bool is_deep(void) {
    return depth > 3 || piece_count > 60;
}

static void see_all_pointers(const void *data, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        see("pointer of a list", (uintptr_t)((void *const *)data)[i]);
    }
}
#define BUFFER(name, type, ...)                                                                                        \
    static type *make_all_##name(unsigned count) {                                                                     \
        type *made = piece_again(count, see_all_##name, 5);                                                            \
        if (any_below(12) == 0) {                                                                                      \
            return NULL;                                                                                               \
        }                                                                                                              \
        if (made == NULL) {                                                                                            \
            made = piece(sizeof *made, count, see_all_##name);                                                         \
            for (unsigned i = 0; i < count; i++) {                                                                     \
                made[i] = any_##name();                                                                                \
            }                                                                                                          \
        }                                                                                                              \
        return made;                                                                                                   \
    }
EACH_NUMBER(BUFFER, BUFFER)

#define STRUCT(name)                                                                                                   \
    static struct name any_##name(void) {                                                                              \
        struct name value;                                                                                             \
        memset(&value, GARBAGE, sizeof value);                                                                         \
        build_##name(&value);                                                                                          \
        return value;                                                                                                  \
    }                                                                                                                  \
    static void see_all_##name(const void *data, unsigned count) {                                                     \
        for (unsigned i = 0; i < count; i++) {                                                                         \
            fold_##name((const struct name *)data + i, false);                                                         \
        }                                                                                                              \
    }                                                                                                                  \
    static struct name *make_all_##name(unsigned count) {                                                              \
        struct name *made = piece_again(count, see_all_##name, 4);                                                     \
        if (made == NULL && !is_deep() && any_below(9) != 0) {                                                         \
            made = piece(sizeof *made, count, see_all_##name);                                                         \
            depth++;                                                                                                   \
            for (unsigned i = 0; i < count; i++) {                                                                     \
                build_##name(&made[i]);                                                                                \
            }                                                                                                          \
            depth--;                                                                                                   \
        }                                                                                                              \
        return made;                                                                                                   \
    }

#define MAKE_TEXT(name, type)                                                                                          \
    static void see_all_text_##name(const void *data, unsigned count) {                                                \
        see_all_##name(data, count);                                                                                   \
    }                                                                                                                  \
    static type *make_text_##name(void) {                                                                              \
        const unsigned length = any_below(any_below(8) == 0 ? 100 : 8);                                                \
        type *text = any_below(9) == 0 ? NULL : piece_again(length + 1, see_all_text_##name, 5);                       \
        if (text != NULL && any_below(8) != 0) {                                                                       \
            unsigned i = 0;                                                                                            \
            while (i < length && text[i] != 0) {                                                                       \
                i++;                                                                                                   \
            }                                                                                                          \
            return i == length && text[i] == 0 ? text : NULL;                                                          \
        }                                                                                                              \
        if (any_below(8) == 0) {                                                                                       \
            return NULL;                                                                                               \
        }                                                                                                              \
        text = piece(sizeof *text, length + 1, see_all_text_##name);                                                   \
        for (unsigned i = 0; i < length; i++) {                                                                        \
            text[i] = (type)(' ' + any_below(sizeof *text == 1 ? 200 : 50000));                                        \
        }                                                                                                              \
        text[length] = 0;                                                                                              \
        return text;                                                                                                   \
    }
MAKE_TEXT(char, char)
MAKE_TEXT(wchar_t, wchar_t)
MAKE_TEXT(ushort, unsigned short)

/* An address that only this side looks through. */
static void *any_handle(void) {
    switch (any_below(4)) {
    case 0:
        return NULL;
    case 1:
        return (void *)(uintptr_t)any_below(100);
    default:
        return arena + any_below(4096);
    }
}

/* Every piece, and that what is between them is garbage still. */
static void see_pieces(void) {
    unsigned from = 0;
    for (unsigned i = 0; i <= piece_count; i++) {
        const unsigned to = i < piece_count ? (unsigned)(pieces[i].at - arena) : arena_used;
        for (; from < to; from++) {
            if (arena[from] != GARBAGE) {
                see("byte between the objects", from);
            }
        }
        if (i < piece_count) {
            see("object", i);
            pieces[i].see_all(pieces[i].at, pieces[i].count);
            from += pieces[i].bytes;
        }
    }
}

const struct seen *driver_seen(unsigned *ret_count) {
    *ret_count = seen_count;
    return seen_list;
}

#endif
