/* conformance: functions of the caller's that are given pointers into what the call was given, or to what only the
 * library has. */
#ifndef CONFORMANCE_OWN_H
#define CONFORMANCE_OWN_H

#include "lists.h"

#include <stddef.h>

/* Into arrays. */
void own_sort(_Inout_updates_(count) int *numbers, unsigned count,
              int (*compare)(_In_ const int *left, _In_ const int *right));
void own_sort_bytes(_Inout_updates_bytes_(count *size) void *base, size_t count, size_t size,
                    int (*compare)(_In_reads_bytes_(size) const void *left, _In_reads_bytes_(size) const void *right));
int own_search(_In_ const int *key, _In_reads_(count) const int *table, unsigned count,
               int (*compare)(_In_ const int *key, _In_ const int *probe));
int own_merge(_In_reads_(left_count) const short *left, unsigned left_count, _Inout_updates_(right_count) short *right,
              unsigned right_count, int (*compare)(_In_ const short *left, _In_ const short *right));
struct own_pair {
    int first;
    short second, third;
};
unsigned long long own_visit(_Inout_updates_(count) struct own_pair *pairs, unsigned count,
                             void (*visit)(_Inout_ struct own_pair *pair, unsigned index));
unsigned long long own_visit_constant(_In_reads_(count) const struct own_pair *pairs, unsigned count,
                                      void (*visit)(_Inout_ struct own_pair *pair, unsigned index));
unsigned own_fill(_Out_writes_(count) int *numbers, unsigned count, void (*make)(_Out_ int *number, unsigned index));
struct own_wide {
    long wide;
    char name[5];
    double weight;
};
unsigned long long own_visit_wide(_Inout_updates_(count) struct own_wide *wides, unsigned count,
                                  void (*visit)(_Inout_ struct own_wide *wide, unsigned index));
long own_look_wide(_In_reads_(count) const struct own_wide *wides, unsigned count,
                   long (*look)(_In_ const struct own_wide *wide));
unsigned own_ends(_Inout_updates_(count) int *numbers, unsigned count,
                  void (*see)(_In_reads_(count) const int *first, unsigned count, _Inout_ int *last));

/* Into texts. */
unsigned own_words(_In_z_ const char *text, void (*word)(_In_z_ const char *rest, unsigned len));
unsigned own_split(_Inout_z_ char *text, void (*word)(_In_z_ const char *word));

/* Nodes of a list. */
long own_walk(_Inout_ struct node *list, int (*at)(_Inout_ struct node *node, int index));
long own_look(_In_ const struct node *list, int (*at)(_In_ const struct node *node));

/* What only the library has: on its stack, and among its constants. */
struct own_event {
    int code;
    long when;
    _Field_z_ const char *what;
};
void own_events(void (*on)(_In_opt_ const struct own_event *event, _In_opt_z_ const char *text,
                           _In_opt_ const int *number, _In_reads_(3) const short *shorts),
                int seed);
void own_plain_events(int (*on)(_In_opt_z_ const char *text, _In_opt_ const struct own_pair *pair,
                                _In_opt_z_ const char *more, _In_opt_ const int *number),
                      int seed);
void own_twice(void (*on)(_In_ const int *one, _In_ const int *other, _In_z_ const char *text, _In_z_ const char *rest),
               int seed);
void own_changes(void (*change)(_Inout_ int *number, _Inout_ struct own_pair *pair), int seed,
                 _Out_ long long *ret_sum);

#endif
