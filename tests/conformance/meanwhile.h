/* conformance: what both sides write to during one call, each to parts of it that the other leaves alone. */
#ifndef CONFORMANCE_MEANWHILE_H
#define CONFORMANCE_MEANWHILE_H

#include "sal.h"

#include <stddef.h>

/* Each of the functions below runs this before it writes to anything. */
void set_meanwhile(void (*run)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);

/* Buffers, of which every other element is written to. */
int step_bytes(_Inout_updates_(count) unsigned char *bytes, int count);
int step_ints(_Inout_updates_(count) int *values, int count, _Inout_ int *steps);
int step_longs(_Inout_updates_(count) long *values, int count);
void write_part(_Out_writes_bytes_(size) void *to, size_t size, size_t from, size_t part);
void write_zeros(_Out_writes_(count) long *to, int count, int from, int part);

/* Of several scalars one, or none. */
void step_scalar(int which, _Inout_ unsigned char *a, _Inout_ short *b, _Inout_ int *c, _Inout_ long *d,
                 _Inout_ double *e, _Inout_ size_t *f);
int step_int(_Inout_ int *value, int by);
int step_long(_Inout_ long *value, int by);
int set_size(_Out_ size_t *value, int is_set);

/* Of a struct one member, or none. */
struct side {
    unsigned char flag, cancel;
    short narrow;
    int first, second;
    long wide, wider;
    double real;
    unsigned low : 3, : 5, high : 7; /* in bytes of their own */
    unsigned long size;
};
enum { SIDE_MEMBERS = 10 };
void step_side(_Inout_ struct side *side, int which);
void step_sides(_Inout_updates_(count) struct side *sides, int count, int which);

/* The same of one that leads on. */
struct leading {
    long id;
    _Field_z_ const char *name;
    _Fc_opaque_ void *tag;
    int count;
    _Field_size_(count) long *values;
    struct side side;
};
void step_leading(_Inout_ struct leading *leading, int which);

/* What depends on another member: the library may say that something else counts, or more, and what that is zero. */
struct choice {
    int kind, spare;
    union {
        _Fc_union_(kind == 1) int word;
        _Fc_union_(kind == 2) _Field_z_ const char *text;
        _Fc_union_(kind == 3) long wide[2];
    } as;
};
void choose(_Inout_ struct choice *choice, int kind);
struct used {
    int count;
    long tail;
    _Field_size_(count) long values[8];
};
void use_more(_Inout_ struct used *used, int by);

/* The same of one that the library remembers, and hands to a function of the caller's in between. */
struct pool {
    long total, spare;
    int count;
    _Field_size_(count) long *values;
    void (*use)(_Inout_ _Fc_pinned_ struct pool *pool, int which);
    struct side side;
};
_Fc_begins_ int pool_begin(_Inout_ _Fc_pinned_ struct pool *pool);
void pool_step(_Inout_ _Fc_pinned_ struct pool *pool, int which);
_Fc_ends_ int pool_end(_Inout_ _Fc_pinned_ struct pool *pool);

/* The other way round: the library's own, which a function of the caller's may write to. */
int lend_bytes(void (*change)(_Inout_updates_(count) unsigned char *bytes, int count), int count, int is_allocated);
int lend_longs(void (*change)(_Inout_updates_(count) long *values, int count), int count, int is_allocated);
int lend_side(void (*change)(_Inout_ struct side *side), int is_allocated);
int lend_room(void (*fill)(_Out_writes_(count) unsigned char *room, int count), int count, int is_allocated);
/* One that the caller has for longer, and passes back. */
_Ret_valid_ struct side *own_side(int seed);
unsigned long long sum_own_side(_In_ const struct side *side);
/* What was lent last. */
void poke_byte(int index, int value);
void poke_long(int index, long value);
void poke_side(int which);
unsigned long long sum_lent_bytes(int count);
unsigned long long sum_lent_longs(int count);
unsigned long long sum_lent_side(void);
void end_lending(void);

#endif
