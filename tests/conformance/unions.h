/* conformance: unions, with a selector and without. */
#ifndef CONFORMANCE_UNIONS_H
#define CONFORMANCE_UNIONS_H

#include "sal.h"

#include <stdbool.h>
#include <stddef.h>

/* Members that look alike on both sides need no selector. */
union plain {
    unsigned word;
    float real;
    unsigned char bytes[4];
};
unsigned long long sum_plain(_In_ const union plain *value, int which);
void set_plain(_Inout_ union plain *value, int which);
void bump_plain_array(_Inout_updates_(count) union plain *values, int count);

/* With a selector beside it. */
enum variant_kind { VARIANT_NONE, VARIANT_INT, VARIANT_LONG, VARIANT_DOUBLE, VARIANT_TEXT, VARIANT_INTS, VARIANT_PAIR };
struct variant {
    enum variant_kind kind;
    int count;
    union {
        _Fc_union_(kind == VARIANT_INT) int i;
        _Fc_union_(kind == VARIANT_LONG) long l;
        _Fc_union_(kind == VARIANT_DOUBLE) double d;
        _Fc_union_(kind == VARIANT_TEXT) _Field_z_ const char *text;
        _Fc_union_(kind == VARIANT_INTS) _Field_size_(count) int *ints;
        _Fc_union_(kind == VARIANT_PAIR) struct {
            short first;
            long second;
        } pair;
    } as;
};
unsigned long long sum_variant(_In_ const struct variant *value);
void bump_variant(_Inout_ struct variant *value);
void make_variant(_Out_ struct variant *value, enum variant_kind kind, int seed);
unsigned long long sum_variants(_In_reads_(count) const struct variant *values, int count);
void bump_variants(_Inout_updates_(count) struct variant *values, int count);

/* The selector has two bits, which are no sign. */
enum flag_kind { FLAG_NONE, FLAG_INT, FLAG_LONG, FLAG_TEXT };
struct flagged {
    enum flag_kind kind : 2;
    unsigned rest : 6;
    union {
        _Fc_union_(kind == FLAG_INT) int i;
        _Fc_union_(kind == FLAG_LONG) long l;
        _Fc_union_(kind == FLAG_TEXT) _Field_z_ const char *text;
    };
};
unsigned long long sum_flagged(_In_ const struct flagged *value);
void bump_flagged(_Inout_ struct flagged *value);

/* The selector may be any number of 64 bits, such as the last one, which ends lists. */
struct numbered {
    unsigned long long id;
    union {
        _Fc_union_(id > 1000 && id < 0x4000000000000000) long number;
        _Fc_union_(id >= 0x4000000000000000 && !(id & 1)) _Field_size_(1) int *place;
        _Fc_union_(id >= 0x4000000000000000 && id != 0x7fffffffffffffff && (id & 1)) _Field_z_ const char *text;
    };
};
unsigned long long sum_numbered(_In_reads_(count) const struct numbered *values, int count);

/* Unnamed, with the selector at the end. */
struct tagged {
    union {
        _Fc_union_(tag == 'l') long number;
        _Fc_union_(tag == 'd') double real;
        _Fc_union_(tag == 'p') _Fc_opaque_ void *handle;
    };
    char tag;
};
unsigned long long sum_tagged(_In_ const struct tagged *value);
void bump_tagged(_Inout_ struct tagged *value);
_Fc_opaque_ void *handle_of_tagged(_In_ const struct tagged *value);

/* A union in a union in a struct. */
struct shape {
    int kind;
    union {
        _Fc_union_(kind / 10 == 1) union {
            _Fc_union_(kind == 10) long radius;
            _Fc_union_(kind == 11) short radii[2];
        } round;
        _Fc_union_(kind / 10 == 2) struct {
            long width;
            double height;
        } box;
    } of;
};
unsigned long long sum_shape(_In_ const struct shape *shape);
void grow_shape(_Inout_ struct shape *shape);

/* Pointers into unions, of this struct or of another: to what the member that counts has in it. */
struct range {
    short low;
    long high, steps[2];
};
struct tie {
    long weight;
    _Field_size_opt_(1) long *to;
};
enum cell_kind { CELL_EMPTY, CELL_RANGES, CELL_TIES, CELL_NAME };
struct cell {
    _Field_size_opt_(1) struct range *range;
    _Field_size_opt_(2) long *steps;
    _Field_size_opt_(1) struct tie *tie;
    _Fc_opaque_ void *mark;
    _Field_z_ const char *text;
    enum cell_kind kind;
    union {
        _Fc_union_(kind == CELL_RANGES) struct {
            char first;
            struct range ranges[2];
        } plain;
        _Fc_union_(kind == CELL_TIES) struct {
            long first;
            struct tie ties[2];
        } tied;
        _Fc_union_(kind == CELL_NAME) struct {
            long length;
            char name[12];
        } named;
    } as;
};
unsigned long long sum_cell(_In_ const struct cell *cell);
void point_into_cell(_Inout_ struct cell *cell, _Inout_ struct cell *into, int which);
void turn_cell(_Inout_ struct cell *cell, enum cell_kind kind, int seed);
void make_cell(_Out_ struct cell *cell, enum cell_kind kind, int seed);
void point_beside(_Inout_ struct cell *cell, bool is_followed);
_Ret_opt_valid_ struct range *range_of_cell(_Inout_ struct cell *cell, int which);
_Ret_opt_valid_ struct tie *tie_of_cell(_Inout_ struct cell *cell, int which);
unsigned long long show_cell(int (*look)(_Inout_ struct cell *cell, _Inout_opt_ struct range *range,
                                         _Inout_opt_ struct tie *tie),
                             enum cell_kind kind, int seed);

#endif
