/* conformance: functions of the caller's that the library calls. */
#ifndef CONFORMANCE_CALLBACKS_H
#define CONFORMANCE_CALLBACKS_H

#include "sal.h"

#include <stdbool.h>
#include <stddef.h>

/* Plain values of every type, and many of them. */
int call_int(int (*function)(int a, int b), int a, int b);
int call_if_any(int (*function)(int a, int b), int a);
void call_void(void (*function)(void), int times);
signed char call_char(signed char (*function)(signed char a), signed char a);
unsigned char call_uchar(unsigned char (*function)(unsigned char a), unsigned char a);
short call_short(short (*function)(short a), short a);
unsigned short call_ushort(unsigned short (*function)(unsigned short a), unsigned short a);
bool call_bool(bool (*function)(bool a, bool b), bool a);
long call_long(long (*function)(long a), long a);
unsigned long call_ulong(unsigned long (*function)(unsigned long a), unsigned long a);
long long call_long_long(long long (*function)(long long a), long long a);
unsigned long long call_ulong_long(unsigned long long (*function)(unsigned long long a), unsigned long long a);
size_t call_size(size_t (*function)(size_t a), size_t a);
float call_float(float (*function)(float a), float a);
double call_double(double (*function)(double a), double a);
long double call_long_double(long double (*function)(long double a), long double a);
enum answer { NO, YES = 40, MAYBE = -2 };
enum answer call_enum(enum answer (*function)(enum answer a), enum answer a);
long call_nine_longs(long (*function)(long a, long b, long c, long d, long e, long f, long g, long h, long i), long a);
long long call_ten_long_longs(long long (*function)(long long a, long long b, long long c, long long d, long long e,
                                                    long long f, long long g, long long h, long long i, long long j),
                              long long a);
int call_eleven_ints(int (*function)(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k),
                     int a);
double call_mixed(double (*function)(char a, double b, short c, float d, long long e, bool f, double g, unsigned h,
                                     float i, long j, double k),
                  int seed);

/* User data. */
typedef int visit_function(_Fc_opaque_ void *user, int index);
int visit_all(visit_function *visit, _Fc_opaque_ void *user, int count);
_Fc_opaque_ void *call_for_pointer(_Fc_opaque_ void *(*function)(_Fc_opaque_ void *user, int index),
                                   _Fc_opaque_ void *user, int index);

/* Strings, buffers, outputs. */
int each_word(_In_z_ const char *text, int (*visit)(_Fc_opaque_ void *user, _In_z_ const char *word, int at),
              _Fc_opaque_ void *user);
/* Two pointers to one text, and one into it. */
struct passage {
    _Field_z_ const char *whole, *again, *rest;
};
int look_at_passage(int (*look)(_In_ const struct passage *passage), _In_z_ const char *text);
int length_by_callback(size_t (*length)(_In_opt_z_ const char *text), _In_opt_z_ const char *text);
unsigned long long sum_texts_returned(_Ret_maybenull_z_ const char *(*name)(int index), int count);
unsigned long long sum_texts_at_the_end(_Ret_z_ const char *(*name)(int index), int count);
struct ticket {
    short id;
    _Field_z_ const char *text;
    long weights[2];
    _Field_size_(id) const long *more;
};
unsigned long long sum_tickets(_Ret_opt_valid_ const struct ticket *(*next)(int index), int count);
long long sum_rows(_Ret_reads_(count) const long *(*row)(int index, int count), int rows, int count);
/* Where in `text` what they return is; -1 if nowhere. */
int place_of_returned(_In_z_ const char *text, _Ret_opt_z_ const char *(*choose)(_In_z_ const char *text, int from),
                      int from);
int fold_bytes(int (*fold)(int sum, _In_reads_bytes_(size) const void *data, size_t size), int chunks, int chunk_size);
int fill_by_callback(int (*fill)(_Out_writes_to_(size, return ) char *buffer, int size), int size);
double ask_for_number(int (*ask)(int index, _Out_ double *number), int count);
long bump_by_callback(void (*bump)(_Inout_ long *value, _Inout_ int *step), long value);
int line_up_longs(void (*fill)(_Out_writes_all_(count) long *values, int count), int count);
void sort_with(_Inout_updates_bytes_(count *size) void *base, size_t count, size_t size,
               int (*compare)(_In_reads_bytes_(size) const void *left, _In_reads_bytes_(size) const void *right));
void sort_ints_with(_Inout_updates_(count) int *values, size_t count,
                    int (*compare)(_In_ const int *left, _In_ const int *right));

/* Structs. */
struct event {
    short type;
    long long time;
    long position[2];
    char text[9];
};
int send_event(int (*on_event)(_In_ const struct event *event), short type, long x);
int change_event(void (*change)(_Inout_ struct event *event), _Inout_ struct event *event);
/* Buffers of which some are empty, and are still what they were when the function is done. */
struct parcel {
    short count, more;
    _Field_size_(count) long *first;
    _Field_size_(more) long *second;
    _Field_size_(count) long *third;
};
int change_parcel(void (*change)(_Inout_ struct parcel *parcel), _Inout_ struct parcel *parcel);
int make_event(int (*make)(_Out_ struct event *event), int times);
struct vector_2 {
    double x, y;
};
struct vector_2 map_vector(struct vector_2 (*map)(struct vector_2 value, double by), struct vector_2 value);
struct corners {
    int a, b, c;
};
long long map_corners(long long (*map)(struct corners corners, char kind), int a);
double integrate(_In_ const struct vector_2 *range, double (*at)(_In_ const struct vector_2 *point), int steps);

/* In structs and arrays. */
struct handler {
    int id;
    int (*handle)(_Fc_opaque_ void *user, int value);
    _Fc_opaque_ void *user;
};
int run_handler(_In_ const struct handler *handler, int value);
int run_handlers(_In_reads_(count) const struct handler *handlers, int count, int value);
struct operations {
    int (*open)(int mode);
    long (*read)(int handle, _Out_writes_to_(size, return ) char *buffer, long size);
    void (*close)(int handle);
};
long use_operations(_In_ const struct operations *operations, int mode);
typedef int unary_function(int value);
int apply_in_turn(_In_reads_(count) unary_function *const *functions, int count, int value);

/* Kept, and called later. */
void set_handler(unary_function *function);
int call_handler(int value);
int add_listener(void (*listener)(_Fc_opaque_ void *user, int value), _Fc_opaque_ void *user);
int remove_listener(void (*listener)(_Fc_opaque_ void *user, int value), _Fc_opaque_ void *user);
int tell_listeners(int value);
int is_same_function(unary_function *a, unary_function *b);
int register_twice(unary_function *a, unary_function *b, int value);

/* Functions that come out, and go back in. */
unary_function *function_of_library(int index);
int call_given(unary_function *function, int value);
unary_function *same_function_again(unary_function *function);
int call_back_with_function(int (*function)(unary_function *inner, int value), int value);

/* Nested, and often. */
int descend(int (*deeper)(int level), int level);
int nested_1(int (*f2)(int value), int value);
int nested_3(int (*f4)(int value), int value);
int cross_often(int (*function)(int index), int times);
long long add_5000(long long (*function)(long long sum, int index));

/* Strings of the library's own stack, which the function changes, and some that it leaves. */
struct line {
    int number;
    _Field_z_ const char *seen; /* the same text */
    _Field_z_ char *text;
    _Field_z_ const char *seen_again, *rest; /* the same, and its end */
};
unsigned long long edit_lines(int (*edit)(_Inout_z_ char *text, _Inout_ struct line *line, _Inout_z_ char *constant));
unsigned long long edit_words(int (*edit)(_In_z_ const char *last, _Inout_updates_(size) char *row, int size,
                                          _In_z_ const char *first, _In_z_ const char *second));

/* One text of the caller's, which the function may change through some of the pointers to it. */
struct banner {
    _Field_z_ const char *seen;
    _Field_z_ char *text;
    _Field_z_ const char *rest;
};
unsigned long long edit_banner(_Inout_z_ char *text, int from,
                               int (*edit)(_In_z_ const char *seen, _Inout_z_ char *text, _In_z_ const char *again,
                                           _In_z_ const char *rest, _Inout_ struct banner *banner));
unsigned long long edit_banner_last(_Inout_z_ char *text, int from,
                                    int (*edit)(_Inout_ struct banner *banner, _Inout_z_ char *text,
                                                _In_z_ const char *rest));

/* errno, through both. */
int errno_through(int (*function)(int value), int value);

#endif
