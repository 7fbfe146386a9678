/* conformance: structs by pointer, in, out and both ways; every kind of member. */
#ifndef CONFORMANCE_STRUCTS_H
#define CONFORMANCE_STRUCTS_H

#include "sal.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct primitives {
    char c;
    double d;
    short s;
    long long ll;
    bool b;
    int i;
    float f;
    unsigned char uc;
    unsigned long long ull;
    unsigned short us;
};
unsigned long long sum_primitives(_In_ const struct primitives *value);
void fill_primitives(_Out_ struct primitives *value, int seed);
void bump_primitives(_Inout_ struct primitives *value);
unsigned long long sum_primitives_array(_In_reads_(count) const struct primitives *values, int count);
void fill_primitives_array(_Out_writes_all_(count) struct primitives *values, int count, int seed);
void bump_primitives_array(_Inout_updates_(count) struct primitives *values, int count);
int some_primitives(_Out_writes_to_(capacity, *count) struct primitives *values, int capacity, _Out_ int *count);
unsigned long long sum_primitives_if_any(_In_opt_ const struct primitives *value);

/* Types whose size is another on the other side. */
struct widths {
    char before;
    long l;
    unsigned long ul;
    size_t size;
    char between;
    ptrdiff_t difference;
    time_t time;
    long table[3];
    char after;
};
unsigned long long sum_widths(_In_ const struct widths *value);
void bump_widths(_Inout_ struct widths *value);
void fill_widths(_Out_ struct widths *value, int seed);
unsigned long long sum_widths_array(_In_reads_(count) const struct widths *values, size_t count);
void bump_widths_array(_Inout_updates_(count) struct widths *values, size_t count);
void set_wide_member(_Out_ struct widths *value, long long l);

/* Where 64-bit members stand. */
struct padded_before {
    int a;
    long long b;
};
struct padded_after {
    long long a;
    int b;
};
struct padded_array {
    char a;
    long long b[3];
    char c;
    double d[2];
};
struct aligned_8 {
    char a;
    alignas(8) long long b;
    int c;
};
struct aligned_whole {
    int a;
    char b;
} __attribute__((aligned(32)));
struct __attribute__((packed)) packed_tight {
    char a;
    int b;
    long long c;
    short d;
};
#pragma pack(push, 2)
struct packed_by_two {
    char a;
    int b;
    double c;
    char d;
};
#pragma pack(pop)
unsigned long long sum_padded(_In_ const struct padded_before *before, _In_ const struct padded_after *after,
                              _In_ const struct padded_array *array);
void bump_padded(_Inout_ struct padded_before *before, _Inout_ struct padded_after *after,
                 _Inout_ struct padded_array *array);
unsigned long long sum_padded_arrays(_In_reads_(count) const struct padded_before *before,
                                     _In_reads_(count) const struct padded_after *after, int count);
void bump_aligned(_Inout_ struct aligned_8 *value, _Inout_updates_(2) struct aligned_whole *wholes);
unsigned long long sum_packed(_In_ const struct packed_tight *tight, _In_ const struct packed_by_two *two);
void bump_packed(_Inout_ struct packed_tight *tight, _Inout_updates_(3) struct packed_by_two *twos);

/* Nested, and arrays within. */
struct point {
    int x, y;
};
struct segment {
    char kind;
    struct point from, to;
    long length;
};
struct drawing {
    short id;
    struct segment outline[2];
    struct {
        double scale;
        struct point origin;
    } view;
    int grid[2][3];
    char name[11];
    bool flags[5];
    long double precise;
};
unsigned long long sum_segment(_In_ const struct segment *segment);
void turn_segment(_Inout_ struct segment *segment);
unsigned long long sum_drawing(_In_ const struct drawing *drawing);
void bump_drawing(_Inout_ struct drawing *drawing);
void move_points(_Inout_updates_(count) struct point *points, int count, _In_ const struct point *by);
void mirror_point(_In_ const struct point *from, _Out_ struct point *to);

/* Bit-fields. */
struct bits {
    unsigned a : 3;
    signed b : 5;
    unsigned c : 24;
    unsigned : 0;
    unsigned char d : 1;
    unsigned long long e : 40;
    int : 3;
    short f : 9;
    bool g : 1;
    long h : 20;
};
unsigned long long sum_bits(_In_ const struct bits *bits);
void bump_bits(_Inout_ struct bits *bits);
struct bits_only {
    unsigned kind : 4, length : 12;
};
/* What only says where the next one begins, with another member there, or nothing. */
struct bits_between {
    long before;
    unsigned char a : 3;
    unsigned long : 0;
    short after;
    unsigned : 9, b : 6;
    unsigned long : 0;
};
void bump_bits_between(_Inout_updates_(count) struct bits_between *bits, int count);
void bump_bits_array(_Inout_updates_(count) struct bits_only *bits, int count);

/* Flexible arrays. */
struct packet {
    short type;
    int count;
    _Field_size_(count) long values[];
};
unsigned long long sum_packet(_In_ const struct packet *packet);
void bump_packet(_Inout_ struct packet *packet);
struct message {
    unsigned len;
    _Field_size_(len) char text[];
};
unsigned long long sum_message(_In_ const struct message *message);

/* Pointers to data in structs. */
struct vector {
    int count;
    _Field_size_(count) double *values;
};
double weigh_vector(_In_ const struct vector *vector);
void scale_vector(_Inout_ struct vector *vector, double by);
double weigh_vectors(_In_reads_(count) const struct vector *vectors, int count);
void scale_vectors(_Inout_updates_(count) struct vector *vectors, int count, double by);
struct picture {
    short width, height;
    _Field_size_bytes_(width *height * 2) unsigned short *pixels;
    _Field_size_opt_(1) const struct point *hot_spot;
    _Field_size_opt_(width) long *histogram;
};
unsigned long long sum_picture(_In_ const struct picture *picture);
void darken_picture(_Inout_ struct picture *picture);
struct scene {
    _Field_size_opt_(1) struct segment *first, *second;
    int count;
    _Field_size_(count) struct vector *vectors;
};
unsigned long long sum_scene(_In_ const struct scene *scene);
int bump_scene(_Inout_ struct scene *scene);
struct holder {
    int tag;
    _Fc_opaque_ void *user;
    _Fc_local_ int *private_data;
    int count;
};
_Fc_opaque_ void *user_of_holder(_In_ const struct holder *holder);
void swap_users(_Inout_ struct holder *a, _Inout_ struct holder *b);
int sees_private_data(_In_ const struct holder *holder);

/* Two structs that are one. */
int bump_twice(_Inout_ struct point *a, _Inout_ struct point *b);
int same_members(_In_ const struct scene *scene);

/* Arrays of pointers. */
unsigned long long sum_point_pointers(_In_reads_(count) const struct point *const *points, int count);
void bump_point_pointers(_In_reads_(count) struct point **points, int count);
unsigned long long sum_int_pointers(_In_reads_(count) _At_(*values, _In_) const int *const *values, int count);
long long sum_table(_In_reads_(rows) _At_(*table, _In_reads_(columns)) const long *const *table, int rows, int columns);
void bump_cube(_In_reads_(a) _At_(*cube, _In_reads_(b)) _At_(**cube, _Inout_updates_(c)) short ***cube, int a, int b,
               int c);
struct matrix {
    int rows, columns;
    _Field_size_(rows) _At_(*cells, _Field_size_(columns)) long **cells;
};
long long transpose_sum(_Inout_ struct matrix *matrix);

/* Enums and the like in structs. */
enum fruit { APPLE, PEAR, PLUM = 100 };
typedef enum { NEGATIVE = -1, POSITIVE = 1 } sign;
typedef int number;
typedef struct {
    number value;
    sign sign;
    enum fruit fruit;
    _Bool ripe;
    wchar_t initial;
} custom;
number weigh_custom(_In_ const custom *value);
void bump_custom(_Inout_ custom *value);

/* Members in another order, of another size, and missing on the other side. */
struct reordered {
#ifdef __i386__
    int a;
    short c;
    double b;
#else
    double b;
    int a;
    short c;
#endif
};
struct resized {
    char a;
#ifdef __i386__
    short b;
    int values[2];
#else
    int b;
    int values[2];
    _Fc_local_ int reserved;
#endif
    float c;
};
unsigned long long sum_reordered(_In_ const struct reordered *value);
void bump_reordered(_Inout_ struct reordered *value);
unsigned long long sum_resized(_In_ const struct resized *value);

/* Whose body the caller does not know, and one that it does, as a handle. */
struct unseen;
struct unseen *make_unseen(int value);
int look_into_unseen(struct unseen *unseen);
void drop_unseen(struct unseen *unseen);

/* Returned by pointer. */
_Ret_valid_ const struct point *constant_point(int index);
_Ret_opt_valid_ const struct segment *find_segment(int length);
_Ret_valid_ struct point *farther_of(_In_ struct point *a, _In_ struct point *b);

#endif
