/* conformance: what functions of the caller's are given and return, where it is more than numbers and strings. */
#ifndef CONFORMANCE_UPCALLS_H
#define CONFORMANCE_UPCALLS_H

#include "callbacks.h"
#include "lists.h"
#include "structs.h"
#include "unions.h"

#include <stdint.h>
#include <time.h>

/* Structs of every size by value, in and out. */
struct one_byte {
    unsigned char value;
};
struct three_shorts {
    short values[3];
};
struct long_and_short {
    long wide;
    short narrow;
};
struct longs_and_double {
    long values[5];
    double weight;
};
struct time_and_size {
    time_t time;
    size_t size;
};
struct of_long_double {
    long double value;
};
union int_or_float {
    int word;
    float real;
};
struct one_byte map_one_byte(struct one_byte (*map)(struct one_byte value), int seed);
struct three_shorts map_three_shorts(struct three_shorts (*map)(struct three_shorts value), int seed);
struct long_and_short map_long_and_short(struct long_and_short (*map)(struct long_and_short value), int seed);
struct longs_and_double map_longs_and_double(struct longs_and_double (*map)(int times, struct longs_and_double value),
                                             int seed);
struct time_and_size map_time_and_size(struct time_and_size (*map)(struct time_and_size value), int seed);
struct of_long_double map_of_long_double(struct of_long_double (*map)(struct of_long_double value), int seed);
union int_or_float map_int_or_float(union int_or_float (*map)(union int_or_float value, int is_real), int seed);
struct bits_only map_bits(struct bits_only (*map)(struct bits_only value), int seed);

/* A struct by value that leads on. */
struct named {
    long id;
    _Field_z_ const char *name;
    _Field_size_(2) const long *pair;
};
unsigned long long sum_named(struct named (*make)(struct named value), _In_z_ const char *name, long id);

/* Returned structs that lead to what the function was given, and to what it was not. */
struct quote {
    _Field_z_ const char *text;
    int count;
    _Field_size_(count) const long *values;
    _Field_size_opt_(1) const struct point *at;
};
unsigned long long sum_quotes(_Ret_opt_valid_ const struct quote *(*quote)(_In_z_ const char *text, int count,
                                                                           _In_reads_(count) const long *values,
                                                                           _In_ const struct point *at),
                              _In_z_ const char *text, int times);

/* Members of every kind, by pointer. */
unsigned long long change_bits(void (*change)(_Inout_ struct bits *bits), int seed);
unsigned long long change_packet(void (*change)(_Inout_ struct packet *packet), int count);
unsigned long long change_variants(void (*change)(_Inout_updates_(count) struct variant *values, int count), int seed);
unsigned long long ask_for_variant(void (*make)(_Out_ struct variant *value, int kind), int kind);
unsigned long long change_drawing(int (*change)(_Inout_ struct drawing *drawing), int seed);
unsigned long long change_events(int (*change)(_Inout_updates_(count) struct event *events, int count), int count);
unsigned long long show_scene(int (*look)(_In_ const struct scene *scene), int seed);

/* Lists and circles, arrays of pointers and of arrays. */
unsigned long long walk_nodes(int (*walk)(_Inout_opt_ struct node *first), int count);
int walk_ring(int (*walk)(_In_ const struct node *first), int count);
unsigned long long change_pointed(int (*change)(_In_reads_(count) struct point **points, int count), int count);
int show_grid(int (*look)(_In_reads_(6) const int grid[2][3]), int seed);
int change_two(int (*change)(_Inout_ struct point *a, _Inout_ struct point *b), int seed);

/* Lists of strings: counted, and ended by NULL. Strings of 16 bits. */
int show_row(int (*look)(_Fc_opaque_ void *user, int count, _In_reads_(count) _Deref_pre_z_ char **values,
                         _In_ _NullNull_terminated_ char **names),
             _Fc_opaque_ void *user, int count);
int show_utf16(_Ret_maybenull_z_ const uint16_t *(*look)(_In_z_ const uint16_t *text), int seed);

/* What comes out through pointers to pointers. */
unsigned long long look_up(int (*find)(int key, _Outptr_result_maybenull_z_ const char **text), int count);
unsigned long long ask_for_longs(void (*give)(_Out_ int *count, _Outptr_result_buffer_(*count) const long **values),
                                 int times);
unsigned long long look_up_tickets(int (*find)(int key, _Outptr_result_maybenull_ struct ticket **ticket), int count);
unsigned long long ask_for_point(int (*give)(int key, _Outptr_result_maybenull_ struct point **point), int count);

/* Functions that functions are given and return, alone and in tables. */
int choose_function(unary_function *(*choose)(int which), int value);
int show_operations(int (*use)(_In_ const struct operations *operations), int mode);
_Ret_valid_ const struct operations *operations_of_library(void);
int function_through_a_pointer(int index, _Out_ unary_function **function);

/* A function in a struct by value, which comes back. */
int run_handler_by_value(struct handler handler, int value);
struct handler same_handler(struct handler handler);

#endif
